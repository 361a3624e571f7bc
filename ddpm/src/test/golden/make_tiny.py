#!/usr/bin/env python3
"""Writes src/test/resources/tiny: a complete set of reference vectors in the format of golden/README.md, computed by
PyTorch with a few thousand parameters, so that a clone of this repository can test all of `ddpm verify` against PyTorch.

  make_tiny.py [OUT_DIR]        needs torch and numpy; the committed files are from torch 2.13, CPU, one thread

It has what a set may hold beside the minimum: a further schedule, further steps, cases with other suffixes and numbers of
extents, an RGB network whose groups are one channel wide,
so that some gradients are zero in exact arithmetic. Results are computed in float64 from exact float32 inputs and rounded once, except the schedule and
the time embedding, which the reference computes in float32. The networks are written from the description of the format
and torch.nn alone.
"""
import json
import math
import os
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

SEED = 20261123
FORMULA_SEED = 0xF00D_0000_0000_0007  # above 2^63: the formula is unsigned
SMALL = dict(im_channels=3, im_size=6, down_channels=[8, 8], mid_channels=[8, 8], down_sample=[True],
             time_emb_dim=8, num_down_layers=1, num_mid_layers=1, num_up_layers=1, num_heads=4)
FULL = dict(im_channels=1, im_size=8, down_channels=[8, 16, 8], mid_channels=[8, 8, 16], down_sample=[False, True],
            time_emb_dim=16, num_down_layers=2, num_mid_layers=1, num_up_layers=1, num_heads=4)
DTYPES = {"float64": "F64", "float32": "F32", "int64": "I64"}


# ---- files
def save(path, tensors):
    header, blobs, at = {"__metadata__": {"source": "make_tiny.py"}}, [], 0
    for name, t in tensors.items():
        a = t.detach().cpu().numpy()
        raw = np.ascontiguousarray(a).tobytes()
        header[name] = {"dtype": DTYPES[a.dtype.name], "shape": list(a.shape), "data_offsets": [at, at + len(raw)]}
        blobs.append(raw)
        at += len(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def single(t):
    return t.detach().to(torch.float32)


def normal(*shape):
    """float64 with values that are exact in float32"""
    return torch.randn(shape, dtype=torch.float32).double()


# ---- scheduler
def schedule(steps, first, last):
    """(tables in float32 as the reference computes them, the same in float64)"""
    tables = []
    for dtype in (torch.float32, torch.float64):
        betas = torch.linspace(first, last, steps, dtype=dtype)
        alphas = 1 - betas
        acum = torch.cumprod(alphas, 0)
        tables.append(dict(betas=betas, alphas=alphas, alphas_cumprod=acum, sqrt_alphas_cumprod=acum.sqrt(),
                           sqrt_one_minus_alphas_cumprod=(1 - acum).sqrt()))
    return tables


def reverse_step(s, t, xt, eps, z):
    """The reference's step in float32: sigma, mean, prev, x0_pred."""
    x0 = ((xt - s["sqrt_one_minus_alphas_cumprod"][t] * eps) / s["alphas_cumprod"][t].sqrt()).clamp(-1, 1)
    mean = (xt - s["betas"][t] * eps / s["sqrt_one_minus_alphas_cumprod"][t]) / s["alphas"][t].sqrt()
    sigma = torch.zeros(())
    if t > 0:
        sigma = ((1 - s["alphas_cumprod"][t - 1]) / (1 - s["alphas_cumprod"][t]) * s["betas"][t]).sqrt()
    return dict(sigma=sigma, mean=mean, prev=mean + sigma * z, x0_pred=x0)


def scheduler_tensors():
    out = {}
    for prefix, steps, first, last, ts in (("", 1000, 1e-4, 0.02, (0, 1, 500, 999)), ("lin40/", 40, 1e-3, 0.3, (0, 17, 39))):
        s, s64 = schedule(steps, first, last)
        for name in s:
            out[prefix + name] = s[name]
            out[prefix + name + "_f64"] = s64[name]
        x0, noise = torch.rand(4, 3, 3, 2) * 2 - 1, torch.randn(4, 3, 3, 2)
        t = torch.tensor([0, steps - 1, 1, steps // 2])
        pick = lambda name: s[name][t][:, None, None, None]
        out.update({prefix + "add_noise/x0": x0, prefix + "add_noise/noise": noise, prefix + "add_noise/t": t,
                    prefix + "add_noise/xt": pick("sqrt_alphas_cumprod") * x0 + pick("sqrt_one_minus_alphas_cumprod") * noise})
        for n in ts:
            xt, eps, z = torch.randn(2, 1, 3, 4), torch.randn(2, 1, 3, 4), torch.randn(2, 1, 3, 4)
            if n == 0:
                z = torch.zeros_like(z)
            at = f"{prefix}step/t{n}/"
            out.update({at + "xt": xt, at + "noise_pred": eps, at + "z": z})
            out.update({at + k: v for k, v in reverse_step(s, n, xt, eps, z).items()})
    return out


# ---- time embedding
def embedding(t, dim, dtype=torch.float32):
    factor = 10000 ** (torch.arange(dim // 2, dtype=dtype) / (dim // 2))
    angle = t[:, None].to(dtype) / factor
    return torch.cat((angle.sin(), angle.cos()), 1)


def time_tensors():
    t = torch.tensor([0, 1, 7, 100, 999])
    out = {"t": t}
    for d in (6, 64):
        out.update({f"emb_{d}": embedding(t, d), f"emb_{d}_f64": embedding(t, d, torch.float64)})
    return out


# ---- operations
def op_case(out, name, inputs, f, no_gradient=()):
    leaves = {k: v.clone().requires_grad_(True) for k, v in inputs.items()}
    y = f(*leaves.values())
    extra = {}
    if isinstance(y, tuple):
        y, extra = y
    dy = normal(*y.shape)
    grads = torch.autograd.grad(y, list(leaves.values()), dy)
    tensors = {**inputs, "dy": dy, "y": y, **extra, **{"d" + k: g for k, g in zip(leaves, grads)}}
    out.update({f"{name}/{k}": single(v) for k, v in tensors.items()})


def mha_case(out, name, n, length, width):
    m = nn.MultiheadAttention(width, 4, batch_first=True).double()

    def f(x, in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias):
        y, w = torch.func.functional_call(m, {
            "in_proj_weight": in_proj_weight, "in_proj_bias": in_proj_bias,
            "out_proj.weight": out_proj_weight, "out_proj.bias": out_proj_bias}, (x, x, x))
        return y, {"attn_weights_mean": w}
    op_case(out, name, dict(x=normal(n, length, width), in_proj_weight=normal(3 * width, width) * 0.5, in_proj_bias=normal(3 * width) * 0.5,
                            out_proj_weight=normal(width, width) * 0.5, out_proj_bias=normal(width)), f)


def op_tensors():
    out = {}
    conv = lambda stride, padding: lambda x, w, b: F.conv2d(x, w, b, stride, padding)
    group_norm = lambda x, w, b: F.group_norm(x, 8, w, b, 1e-5)
    op_case(out, "conv3x3_d", dict(x=normal(2, 3, 4, 3), w=normal(5, 3, 3, 3), b=normal(5)), conv(1, 1))
    op_case(out, "conv1x1_d", dict(x=normal(1, 4, 2, 3), w=normal(3, 4, 1, 1), b=normal(3)), conv(1, 0))
    op_case(out, "conv4x4s2_d", dict(x=normal(2, 2, 6, 4), w=normal(3, 2, 4, 4), b=normal(3)), conv(2, 1))
    op_case(out, "convt4x4s2_d", dict(x=normal(2, 3, 2, 3), w=normal(3, 2, 4, 4), b=normal(2)),
            lambda x, w, b: F.conv_transpose2d(x, w, b, 2, 1))
    op_case(out, "group_norm_d", dict(x=normal(2, 8, 3, 2), w=normal(8), b=normal(8)), group_norm)
    op_case(out, "group_norm_3d", dict(x=normal(2, 16, 5), w=normal(16), b=normal(16)), group_norm)
    op_case(out, "silu", dict(x=torch.tensor([-100, -30, -1, -0.0, 0, 1, 30, 100, 0.5], dtype=torch.float64)), F.silu)
    op_case(out, "silu_d", dict(x=normal(2, 3, 2, 2)), F.silu)
    op_case(out, "linear_d", dict(x=normal(3, 4), w=normal(5, 4), b=normal(5)), F.linear)
    op_case(out, "linear_4d", dict(x=normal(2, 3, 2, 4), w=normal(3, 4), b=normal(3)), F.linear)
    mha_case(out, "mha_d", 2, 5, 8)
    mha_case(out, "mha_e", 1, 3, 16)
    op_case(out, "softmax_d", dict(x=normal(2, 3, 5)), lambda x: torch.softmax(x, -1))
    op_case(out, "softmax_1d", dict(x=normal(7) * 3), lambda x: torch.softmax(x, -1))
    op_case(out, "mse_loss_d", dict(x=normal(2, 3), target=normal(2, 3)), lambda x, target: F.mse_loss(x, target))
    op_case(out, "concat", dict(a=normal(2, 3, 2, 3), b=normal(2, 1, 2, 3)), lambda a, b: torch.cat((a, b), 1))
    op_case(out, "concat_3d", dict(a=normal(2, 3, 4), b=normal(2, 2, 4)), lambda a, b: torch.cat((a, b), 1))
    return out


# ---- networks
def conv_unit(a, b):
    return nn.Sequential(nn.GroupNorm(8, a), nn.SiLU(), nn.Conv2d(a, b, 3, padding=1))


class Block(nn.Module):
    """Residual and attention units, registered in the order of the reference's state_dict."""

    def __init__(self, a, b, temb, residuals, attentions):
        super().__init__()
        ins = [a] + [b] * (residuals - 1)
        self.resnet_conv_first = nn.ModuleList(conv_unit(i, b) for i in ins)
        self.t_emb_layers = nn.ModuleList(nn.Sequential(nn.SiLU(), nn.Linear(temb, b)) for _ in ins)
        self.resnet_conv_second = nn.ModuleList(conv_unit(b, b) for _ in ins)
        self.attention_norms = nn.ModuleList(nn.GroupNorm(8, b) for _ in range(attentions))
        self.attentions = nn.ModuleList(nn.MultiheadAttention(b, 4, batch_first=True) for _ in range(attentions))
        self.residual_input_conv = nn.ModuleList(nn.Conv2d(i, b, 1) for i in ins)

    def unit(self, i, x, emb):
        h = self.resnet_conv_first[i](x) + self.t_emb_layers[i](emb)[:, :, None, None]
        return self.resnet_conv_second[i](h) + self.residual_input_conv[i](x)

    def attend(self, i, x):
        tokens = self.attention_norms[i](x).flatten(2).transpose(1, 2)
        return x + self.attentions[i](tokens, tokens, tokens)[0].transpose(1, 2).reshape(x.shape)


class Down(Block):
    def __init__(self, a, b, temb, layers, half):
        super().__init__(a, b, temb, layers, layers)
        self.down_sample_conv = nn.Conv2d(b, b, 4, 2, 1) if half else nn.Identity()

    def forward(self, x, emb):
        for i in range(len(self.attentions)):
            x = self.attend(i, self.unit(i, x, emb))
        return self.down_sample_conv(x)


class Mid(Block):
    def forward(self, x, emb):
        x = self.unit(0, x, emb)
        for i in range(len(self.attentions)):
            x = self.unit(i + 1, self.attend(i, x), emb)
        return x


class Up(Block):
    def __init__(self, a, b, temb, layers, double):
        super().__init__(2 * a, b, temb, layers, layers)
        self.up_sample_conv = nn.ConvTranspose2d(a, a, 4, 2, 1) if double else nn.Identity()

    def forward(self, x, skip, emb):
        x = torch.cat((self.up_sample_conv(x), skip), 1)
        for i in range(len(self.attentions)):
            x = self.attend(i, self.unit(i, x, emb))
        return x


class UNet(nn.Module):
    def __init__(self, c):
        super().__init__()
        down, mid, temb = c["down_channels"], c["mid_channels"], c["time_emb_dim"]
        levels = range(len(down) - 1)
        self.temb = temb
        self.t_proj = nn.Sequential(nn.Linear(temb, temb), nn.SiLU(), nn.Linear(temb, temb))
        self.conv_in = nn.Conv2d(c["im_channels"], down[0], 3, padding=1)
        self.downs = nn.ModuleList(Down(down[i], down[i + 1], temb, c["num_down_layers"], c["down_sample"][i]) for i in levels)
        self.mids = nn.ModuleList(Mid(a, b, temb, c["num_mid_layers"] + 1, c["num_mid_layers"]) for a, b in zip(mid, mid[1:]))
        self.ups = nn.ModuleList(Up(down[i], down[i - 1] if i else 16, temb, c["num_up_layers"], c["down_sample"][i]) for i in reversed(levels))
        self.norm_out = nn.GroupNorm(8, 16)
        self.conv_out = nn.Conv2d(16, c["im_channels"], 3, padding=1)

    def forward(self, x, t):
        emb = self.t_proj(embedding(t, self.temb).double())
        x = self.conv_in(x)
        skips = []
        for d in self.downs:
            skips.append(x)
            x = d(x, emb)
        for m in self.mids:
            x = m(x, emb)
        for u in self.ups:
            x = u(x, skips.pop(), emb)
        return self.conv_out(F.silu(self.norm_out(x)))


def images(c, n):
    return normal(n, c["im_channels"], c["im_size"], c["im_size"])


def chain(net, c, steps=6):
    """The last steps of sampling: the network in float64, the reference's float32 in between."""
    s, _ = schedule(1000, 1e-4, 0.02)
    x, z = single(images(c, 2)), single(torch.stack([images(c, 2) for _ in range(steps)]))
    xs = [x]
    for t in reversed(range(steps)):
        with torch.no_grad():
            eps = single(net(x.double(), torch.tensor([t, t])))
        x = reverse_step(s, t, x, eps, z[t])["prev"]
        xs.append(x)
    return {"chain/z": z, "chain/x": torch.stack(xs)}


def write_small(folder):
    net = UNet(SMALL)
    with torch.no_grad():
        for p in net.parameters():
            if p.dim() == 1:
                p.add_(0.1 * torch.randn_like(p))
    net.double()
    weights = lambda: {k: single(v) for k, v in net.state_dict().items()}
    at = lambda what: os.path.join(folder, f"unet_small_{what}")
    with open(at("config.json"), "w") as f:
        json.dump(SMALL, f, indent=1)
        f.write("\n")
    save(at("weights.safetensors"), weights())
    x, target, t = images(SMALL, 2).requires_grad_(True), images(SMALL, 2), torch.tensor([3, 871])
    acts = {}
    hooks = [m.register_forward_hook(lambda m, i, y, n=n: acts.update({"act/" + n: single(y)})) for n, m in net.named_modules()
             if n in ("conv_in", "t_proj", "norm_out") or n.count(".") == 1 and n.split(".")[0] in ("downs", "mids", "ups")]
    output = net(x, t)
    for h in hooks:
        h.remove()
    loss = F.mse_loss(output, target)
    loss.backward()
    save(at("grads.safetensors"), {k: single(p.grad) for k, p in net.named_parameters()})
    io = dict(x=single(x), t=t, target=single(target), t_emb=embedding(t, SMALL["time_emb_dim"]), output=single(output),
              loss=single(loss), dx=single(x.grad))
    last = chain(net, SMALL)
    adam, losses = torch.optim.Adam(net.parameters(), lr=1e-4), []
    for step in range(11):
        adam.zero_grad()
        loss = F.mse_loss(net(x.detach(), t), target)
        losses.append(loss.item())
        if step in (1, 2, 10):
            save(at(f"adam{step}.safetensors"), weights())
        loss.backward()
        adam.step()
    io.update(losses=torch.tensor(losses, dtype=torch.float64), **acts, **last)
    save(at("io.safetensors"), io)
    return io, sum(p.numel() for p in net.parameters())


def formula(k, shape):
    """u of tensor k: SplitMix64 in unsigned 64-bit arithmetic"""
    i = np.arange(math.prod(shape), dtype=np.uint64)
    with np.errstate(over="ignore"):
        z = np.uint64(FORMULA_SEED) + (np.uint64(k << 32) + i + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return torch.from_numpy(((z >> np.uint64(40)).astype(np.float64) * 2.0 ** -23 - 1).reshape(shape))


def formula_value(k, name, shape):
    u = formula(k, shape)
    if len(shape) > 1:
        u = u * (1 / math.sqrt(math.prod(shape[1:])))
    else:
        u = 1 + 0.1 * u if name.endswith(".weight") else 0.05 * u
    return u.float().double()


def write_full(folder):
    net = UNet(FULL).double()
    state = net.state_dict()
    net.load_state_dict({n: formula_value(k, n, tuple(state[n].shape)) for k, n in enumerate(sorted(state))})
    shape = (2, FULL["im_channels"], FULL["im_size"], FULL["im_size"])
    x, target, t = formula(1000000, shape), formula(1000001, shape), torch.tensor([10, 700])
    y = net(x, t)
    loss = F.mse_loss(y, target)
    loss.backward()
    count = sum(p.numel() for p in net.parameters())
    shown = {n: net.state_dict()[n].flatten()[:4].tolist() for n in ("conv_in.bias", "conv_in.weight", "norm_out.weight")}
    dump = lambda what, o: json.dump(o, open(os.path.join(folder, f"unet_full_{what}.json"), "w"), separators=(",", ":"))
    dump("params", {"config": FULL, "num_parameters": count, "num_tensors": len(state),
                    "parameters": [{"name": n, "shape": list(v.shape)} for n, v in state.items()]})
    dump("formula", {
        "config": FULL, "num_parameters": count, "seed": FORMULA_SEED, "x_shape": shape, "t": t.tolist(), "spot_values": shown,
        "x_first8": x.flatten()[:8].tolist(), "target_first8": target.flatten()[:8].tolist(),
        "output": {"sum": y.sum().item(), "mean_abs": y.abs().mean().item(), "mean": y.mean().item(), "std": y.std(unbiased=False).item(),
                   "min": y.min().item(), "max": y.max().item(), "first32": y.flatten()[:32].tolist(),
                   "sum_per_image": y.sum((1, 2, 3)).tolist()},
        "mse_loss_against_target": loss.item(), "grad_l2": {n: p.grad.norm().item() for n, p in net.named_parameters()}})
    save(os.path.join(folder, "unet_full_output.safetensors"), dict(x=single(x), t=t, target=single(target), output=single(y)))
    return count


README = """# Tiny reference vectors

A complete set in the format of ../golden/README.md, written by src/test/golden/make_tiny.py with torch {torch}. unet_small
has {small:,} parameters, unet_full {full:,}; the configurations are in the .json files, the seed of unet_full's formula is {seed}.
"""


def write_readme(folder, files, **facts):
    names = {"float32": "F32", "float64": "F64", "int64": "I64"}
    with open(os.path.join(folder, "README.md"), "w") as f:
        f.write(README.format(torch=torch.__version__, seed=FORMULA_SEED, **facts))
        for file, tensors in files.items():
            f.write(f"\n## {file}.safetensors\n\n| tensor | dtype | shape |\n| --- | --- | --- |\n")
            for n, t in tensors.items():
                f.write(f"| `{n}` | {names[str(t.dtype).split('.')[1]]} | {list(t.shape)} |\n")


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "..", "resources", "tiny")
    os.makedirs(folder, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    files = dict(scheduler=scheduler_tensors(), time_embedding=time_tensors(), ops=op_tensors())
    for name, tensors in files.items():
        save(os.path.join(folder, name + ".safetensors"), tensors)
    io, small = write_small(folder)
    write_readme(folder, {**files, "unet_small_io": io}, small=small, full=write_full(folder))


if __name__ == "__main__":
    main()
