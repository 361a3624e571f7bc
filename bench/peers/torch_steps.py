#!/usr/bin/env python3
"""Wall time of training and sampling steps of ddpm's U-Net in PyTorch: one line of JSON.

  torch_steps.py --workload JSON --variant NAME [--device cpu|cuda] [--warmup 2] [--samples 3] [--sampling-samples 2]
                 [--began SECONDS] [--force]

JSON is what `java -cp bench/target/bench.jar ddpm.bench.StepTime --describe` prints. NAME is torch, then how the step runs,
its precision, and "cl" for channels_last: torch-fp32, torch-bf16-cl, torch-compile-fp32, torch-autotune-bf16-cl,
torch-graph-bf16. A training step draws noise and timesteps, makes x_t, runs forward, MSE, backward and a fused Adam; it
leaves out what ddpm's step does besides (gather and scale bytes, gradient norm, average of the weights). A sampling step
predicts the noise and draws x_{t-1}.
"""
import argparse
import contextlib
import json
import math
import resource
import time

import torch
from torch.nn import functional as F

from idle import Samples, Turn
from unet import UNet

COMPILED = {"compile": "default", "autotune": "max-autotune"}
T = 1000


class Variant:
    def __init__(self, name):
        parts = name.split("-")
        self.run = parts[1] if parts[1] in (*COMPILED, "graph") else "eager"
        rest = parts[1:] if self.run == "eager" else parts[2:]
        self.precision = rest[0]
        self.layout = torch.channels_last if rest[1:] == ["cl"] else torch.contiguous_format
        if parts[0] != "torch" or self.precision not in ("fp32", "tf32", "bf16") or rest[1:] not in ([], ["cl"]):
            raise SystemExit(f"torch_steps: no variant {name}")


class Steps:
    """The two kinds of steps, each on tensors made once."""

    def __init__(self, cfg, batch, device, variant):
        self.device, self.variant = device, variant
        torch.backends.cudnn.benchmark = True
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = variant.precision == "tf32"
        self.net = UNet(cfg).to(device, memory_format=variant.layout)
        self.predict = self.net
        if variant.run in COMPILED:
            self.predict = torch.compile(self.net, mode=COMPILED[variant.run])
        self.adam = torch.optim.Adam(self.net.parameters(), lr=1e-4, fused=True, capturable=variant.run == "graph")
        beta = torch.linspace(1e-4, 0.02, T, dtype=torch.float64)
        left = torch.cumprod(1 - beta, 0)
        before = torch.cat((torch.ones(1, dtype=torch.float64), left[:-1]))
        sigma = (beta * (1 - before) / (1 - left)).sqrt()
        from_x0, from_x = before.sqrt() * beta / (1 - left), (1 - beta).sqrt() * (1 - before) / (1 - left)
        numbers = (left.sqrt(), (1 - left).sqrt(), from_x0, from_x, sigma)
        self.signal, self.noise, self.from_x0, self.from_x, self.sigma = (n.float().to(device) for n in numbers)
        size = cfg["im_size"] if isinstance(cfg["im_size"], list) else [cfg["im_size"]] * 2
        if any(s % self.net.factor for s in size):
            raise SystemExit(f"torch_steps: images of {size} are not divisible by {self.net.factor}; this peer does not pad")
        shape = (batch, cfg["im_channels"], *size)
        self.images = (2 * torch.rand(shape, device=device) - 1).contiguous(memory_format=variant.layout)
        self.x = torch.randn(shape, device=device).contiguous(memory_format=variant.layout)
        self.t = torch.full((batch,), T - 1, device=device)
        self.loss = torch.zeros((), device=device)

    def autocast(self):
        bf16 = self.variant.precision == "bf16"
        return torch.autocast(self.device, dtype=torch.bfloat16) if bf16 else contextlib.nullcontext()

    def train(self):
        self.adam.zero_grad(set_to_none=True)
        t = torch.randint(0, T, self.t.shape, device=self.device)
        noise = torch.randn_like(self.images)
        xt = self.signal[t][:, None, None, None] * self.images + self.noise[t][:, None, None, None] * noise
        with self.autocast():
            predicted = self.predict(xt, t)
        loss = F.mse_loss(predicted.float(), noise)
        loss.backward()
        self.adam.step()
        self.loss.copy_(loss.detach())

    @torch.no_grad()
    def sample(self):
        with self.autocast():
            eps = self.predict(self.x, self.t).float()
        t = self.t[:1]
        x0 = ((self.x - self.noise[t] * eps) / self.signal[t]).clamp(-1, 1)
        self.x.copy_(self.from_x0[t] * x0 + self.from_x[t] * self.x + self.sigma[t] * torch.randn_like(self.x))
        self.t.sub_(1).clamp_(min=0)

    def wait(self):
        if self.device == "cuda":
            torch.cuda.synchronize()

    def captured(self, step):
        """The step as one CUDA graph."""
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                step()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        self.adam.zero_grad(set_to_none=True)
        with torch.cuda.graph(graph):
            step()
        return graph.replay

    def ready(self, step):
        return self.captured(step) if self.variant.run == "graph" else step

    def peak_mb(self):
        if self.device == "cuda":
            return torch.cuda.max_memory_reserved() // 1_000_000
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 1_000_000


def timed(steps, step, count):
    """Seconds of one of some calls, waited for once, as the samples are."""
    began = time.perf_counter()
    for _ in range(count):
        step()
    steps.wait()
    return (time.perf_counter() - began) / count


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--workload", required=True, type=json.loads)
    ap.add_argument("--variant", required=True)
    ap.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    ap.add_argument("--warmup", type=int, default=2)
    ap.add_argument("--samples", type=int, default=3)
    ap.add_argument("--sampling-samples", type=int, default=2)
    ap.add_argument("--began", type=float)
    ap.add_argument("--turn")
    ap.add_argument("--force", action="store_true")
    a = ap.parse_args()
    torch.manual_seed(1)
    steps = Steps(a.workload.pop("model"), a.workload["batch"], a.device, Variant(a.variant))
    turn = Turn(a.turn)
    every = a.force or a.device == "cuda"  # who else uses a GPU is told by nvidia-smi, which the scripts ask before and after
    training, sampling = Samples(a.samples, every, turn), Samples(a.sampling_samples, every, turn)

    train = steps.ready(steps.train)
    trial = timed(steps, train, 1)
    first = time.time() - a.began if a.began else None
    half = a.warmup // 2
    if half:
        if a.warmup - 1 > half:
            timed(steps, train, a.warmup - 1 - half)
        trial = timed(steps, train, half)
    turn.hand_back()
    training.take(train, steps.wait, trial)
    peak = steps.peak_mb()
    if not math.isfinite(steps.loss.item()):
        raise SystemExit(f"torch_steps: the loss is {steps.loss.item()}")
    if a.sampling_samples:
        turn.wait()
        sample = steps.ready(steps.sample)
        timed(steps, sample, max(1, half))
        trial = timed(steps, sample, max(1, half))
        turn.hand_back()
        sampling.take(sample, steps.wait, trial)
        if not steps.x.isfinite().all():
            raise SystemExit("torch_steps: an image is not finite")
    threads = f", {torch.get_num_threads()} threads" if a.device == "cpu" else ""
    print(json.dumps({
        "kind": "steps", "variant": a.variant, "version": f"torch {torch.__version__}{threads}", "device": a.device, **a.workload,
        "parameters": sum(p.numel() for p in steps.net.parameters()),
        "train_s": training.seconds, "sampling_s": sampling.seconds,
        "train_steps": training.steps, "sampling_steps": sampling.steps,
        "first_step_s": first, "peak_mb": peak,
        "others": max(training.others, sampling.others), "refused": training.refused + sampling.refused,
        "loss": steps.loss.item(),
    }))


if __name__ == "__main__":
    main()
