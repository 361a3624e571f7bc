"""The network of docs/try/cnn.jsh in PyTorch: the same layers, batches, learning rates and number of images, one line of output.

    python bench/peers/torch_cnn.py FOLDER          MNIST's four files
"""

import gzip
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

FOLDER, BATCH, RATE, EPOCHS = sys.argv[1], 50, 2e-3, 2


def images(part):
    data = gzip.open(f"{FOLDER}/{part}-images-idx3-ubyte.gz").read()
    return np.frombuffer(data, np.uint8, offset=16).reshape(-1, 1, 28, 28)


def labels(part):
    return np.frombuffer(gzip.open(f"{FOLDER}/{part}-labels-idx1-ubyte.gz").read(), np.uint8, offset=8)


def batch(x, y, at, n):
    return torch.from_numpy(x[at : at + n] / np.float32(255)), torch.from_numpy(y[at : at + n].astype(np.int64))


torch.manual_seed(1)
net = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1),
    nn.MaxPool2d(2),
    nn.ReLU(),
    nn.Conv2d(16, 32, 3, padding=1),
    nn.MaxPool2d(2),
    nn.ReLU(),
    nn.Dropout(0.25),
    nn.Conv2d(32, 10, 7),
    nn.Flatten(),
)
if "channels_last" in sys.argv:
    net = net.to(memory_format=torch.channels_last)
optimizer = torch.optim.Adam(net.parameters(), RATE)
x, y = images("train"), labels("train")
shown = EPOCHS * len(x)
start = time.perf_counter()
for at in range(0, shown, BATCH):
    optimizer.param_groups[0]["lr"] = RATE * (shown - at) / shown
    inputs, wanted = batch(x, y, at % len(x), BATCH)
    loss = F.cross_entropy(net(inputs), wanted)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    loss.item()  # as ours, which stops at a loss that is no number
seconds = time.perf_counter() - start

net.eval()
x, y = images("t10k"), labels("t10k")
with torch.no_grad():
    right = sum((net(i).argmax(1) == w).sum().item() for i, w in (batch(x, y, at, 100) for at in range(0, len(x), 100)))
print(f"{right} of {len(x)} after {seconds} s, torch {torch.__version__}, {torch.get_num_threads()} threads")
