#!/usr/bin/env python3
"""What PyTorch's copy of memory and its bf16 product of large random matrices reach on this device: one line of JSON.

  torch_ceiling.py [--device cpu|cuda] [--rehearse]

--rehearse takes sizes for which the times mean nothing. Random values, because a GPU runs faster on zeros.
"""
import argparse
import json
import time

import torch

TRIES = 5  # the best counts: a ceiling is what was reached


def best(device, op, count):
    """Seconds of one of count calls that are waited for together."""
    seconds = []
    for _ in range(TRIES + 1):  # the first warms up
        began = time.perf_counter()
        for _ in range(count):
            op()
        if device == "cuda":
            torch.cuda.synchronize()
        seconds.append((time.perf_counter() - began) / count)
    return min(seconds[1:])


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--device", choices=["cpu", "cuda"], default="cuda")
    ap.add_argument("--rehearse", action="store_true")
    a = ap.parse_args()
    numbers, n, count = (1 << 16, 128, 1) if a.rehearse else (1 << 30, 8192, 10)
    torch.manual_seed(1)
    x = torch.randn(numbers, device=a.device)
    y = torch.empty_like(x)
    copy = 2 * 4 * numbers / best(a.device, lambda: y.copy_(x), count)
    del x, y
    p, q = (torch.randn(n, n, device=a.device, dtype=torch.bfloat16) for _ in range(2))
    out = torch.empty_like(p)
    product = 2 * n**3 / best(a.device, lambda: torch.mm(p, q, out=out), count)
    print(json.dumps({"kind": "ceiling", "by": f"torch {torch.__version__}", "precision": "bf16", "copy_gb_s": copy / 1e9,
                      "product_tflop_s": product / 1e12}))


if __name__ == "__main__":
    main()
