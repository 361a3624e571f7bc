#!/usr/bin/env python3
"""Writes src/test/resources/dit/tiny.safetensors: a small transformer of image patches, DiT of Peebles & Xie 2023 with adaLN-Zero,
computed by PyTorch, with its weights, input, output, loss and gradients.

  make_dit.py [OUT_FILE]        needs torch and numpy; the committed file is from torch 2.13, CPU, one thread

Written from the paper and from torch.nn.functional alone; the names are those of the state_dict of facebookresearch/DiT. Weights are
random, those that DiT begins with zeros too, so that every gradient has something to say. Results are computed in float64 from
float32 inputs and rounded once.
"""
import json
import math
import os
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

SEED = 20261130
CHANNELS, OUT, CLASSES = 3, 6, 5
HEIGHT, WIDTH, PATCH = 8, 6, 2      # not square: rows and columns of patches must not be mixed up
D, DEPTH, HEADS, HIDDEN = 16, 2, 2, 64
WAVES = 256                         # of the embedding of t
EPS = 1e-6


def positions(rows, columns):
    """[1, rows * columns, D]: the first half of D tells the column, the second the row"""
    def waves(p, count):
        angles = np.outer(p, 1.0 / 10000 ** (np.arange(count // 2) / (count / 2)))
        return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    row, column = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    table = np.concatenate([waves(column.ravel(), D // 2), waves(row.ravel(), D // 2)], axis=1)
    return torch.tensor(table[None])


def weights():
    g = torch.Generator().manual_seed(SEED)

    def normal(*shape):
        scale = 1 / math.sqrt(math.prod(shape[1:])) if len(shape) > 1 else 0.1
        return (torch.randn(shape, generator=g) * scale).float().double().requires_grad_()

    w = {"x_embedder.proj.weight": normal(D, CHANNELS, PATCH, PATCH), "x_embedder.proj.bias": normal(D),
         "t_embedder.mlp.0.weight": normal(D, WAVES), "t_embedder.mlp.0.bias": normal(D),
         "t_embedder.mlp.2.weight": normal(D, D), "t_embedder.mlp.2.bias": normal(D),
         "y_embedder.embedding_table.weight": normal(CLASSES, D)}
    for i in range(DEPTH):
        for name, rows, columns in (("attn.qkv", 3 * D, D), ("attn.proj", D, D), ("mlp.fc1", HIDDEN, D), ("mlp.fc2", D, HIDDEN),
                                    ("adaLN_modulation.1", 6 * D, D)):
            w[f"blocks.{i}.{name}.weight"] = normal(rows, columns)
            w[f"blocks.{i}.{name}.bias"] = normal(rows)
    w["final_layer.linear.weight"] = normal(PATCH * PATCH * OUT, D)
    w["final_layer.linear.bias"] = normal(PATCH * PATCH * OUT)
    w["final_layer.adaLN_modulation.1.weight"] = normal(2 * D, D)
    w["final_layer.adaLN_modulation.1.bias"] = normal(2 * D)
    return w


def forward(w, x, t, labels):
    def linear(name, v):
        return F.linear(v, w[name + ".weight"], w[name + ".bias"])

    def norm(v, shift, scale):
        return F.layer_norm(v, (D,), eps=EPS) * (1 + scale[:, None]) + shift[:, None]

    n, rows, columns = x.shape[0], HEIGHT // PATCH, WIDTH // PATCH
    angles = t[:, None] * torch.exp(-math.log(10000) * torch.arange(WAVES // 2).double() / (WAVES // 2))[None]
    c = torch.cat([torch.cos(angles), torch.sin(angles)], 1)
    c = linear("t_embedder.mlp.2", F.silu(linear("t_embedder.mlp.0", c)))
    known = (labels >= 0).double()[:, None]                 # no label adds nothing
    c = F.silu(c + w["y_embedder.embedding_table.weight"][labels.clamp(min=0)] * known)
    h = F.conv2d(x, w["x_embedder.proj.weight"], w["x_embedder.proj.bias"], stride=PATCH).flatten(2).transpose(1, 2)
    h = h + positions(rows, columns)
    for i in range(DEPTH):
        of = f"blocks.{i}."
        shift1, scale1, gate1, shift2, scale2, gate2 = linear(of + "adaLN_modulation.1", c).chunk(6, 1)
        qkv = linear(of + "attn.qkv", norm(h, shift1, scale1)).reshape(n, rows * columns, 3, HEADS, D // HEADS)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, rows * columns, D)
        h = h + gate1[:, None] * linear(of + "attn.proj", a)
        m = F.gelu(linear(of + "mlp.fc1", norm(h, shift2, scale2)), approximate="tanh")
        h = h + gate2[:, None] * linear(of + "mlp.fc2", m)
    shift, scale = linear("final_layer.adaLN_modulation.1", c).chunk(2, 1)
    y = linear("final_layer.linear", norm(h, shift, scale)).reshape(n, rows, columns, PATCH, PATCH, OUT)
    return torch.einsum("nhwijc->nchiwj", y).reshape(n, OUT, HEIGHT, WIDTH)


def save(path, tensors):
    header, blobs, at = {"__metadata__": {"source": "make_dit.py"}}, [], 0
    for name, t in tensors.items():
        a = t.detach().numpy()
        a = a.astype(np.int64) if a.dtype.kind == "i" else a.astype(np.float32)
        raw = np.ascontiguousarray(a).tobytes()
        header[name] = {"dtype": {"f": "F32", "i": "I64"}[a.dtype.kind], "shape": list(a.shape),
                        "data_offsets": [at, at + len(raw)]}
        blobs.append(raw)
        at += len(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def main():
    torch.set_num_threads(1)
    here = os.path.dirname(os.path.abspath(__file__))
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "../resources/dit/tiny.safetensors")
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    w = weights()
    g = torch.Generator().manual_seed(SEED + 1)
    x = torch.randn((3, CHANNELS, HEIGHT, WIDTH), generator=g).double().requires_grad_()
    target = torch.randn((3, OUT, HEIGHT, WIDTH), generator=g).double()
    t = torch.tensor([0.0, 437.0, 999.0]).double()
    labels = torch.tensor([4, -1, 0])
    y = forward(w, x, t, labels)
    loss = ((y - target) ** 2).mean()
    loss.backward()
    tensors = {"x": x, "t": t, "labels": labels, "target": target, "output": y, "loss": loss.reshape(1), "dx": x.grad,
               "pos_embed": positions(HEIGHT // PATCH, WIDTH // PATCH)}
    tensors.update({"weight." + name: v for name, v in w.items()})
    tensors.update({"gradient." + name: v.grad for name, v in w.items()})
    save(path, tensors)
    print(f"{path}: {sum(v.numel() for v in w.values()):,} parameters, loss {loss.item():.9f}")


if __name__ == "__main__":
    main()
