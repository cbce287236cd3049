"""Writes a DenseNet-121 of numbers that come from no file, as a safetensors checkpoint: what test.sh scores where no real one is at hand.

Usage: make_densenet.py OUT.safetensors

The numbers are those of States.Numbered in SeverityEngine.Models.Tests, whose network is held against PyTorch there: 32-bit integers, so
that every language makes the same, of a size that keeps the network's values near 1 to 100.
"""

import json
import struct
import sys

import numpy as np

GROWTH, BOTTLENECK, BLOCKS = 32, 4, (6, 12, 24, 16)


def parameters():
    """The names and shapes of PyTorch's DenseNet-121 for one channel, in its order."""

    def norm(name, channels):
        return [(f"{name}.{part}", (channels,)) for part in ("weight", "bias", "running_mean", "running_var")]

    channels = 64
    found = [("features.conv0.weight", (channels, 1, 7, 7)), *norm("features.norm0", channels)]
    for b, layers in enumerate(BLOCKS, 1):
        for n in range(1, layers + 1):
            layer = f"features.denseblock{b}.denselayer{n}"
            found += norm(f"{layer}.norm1", channels)
            found.append((f"{layer}.conv1.weight", (GROWTH * BOTTLENECK, channels, 1, 1)))
            found += norm(f"{layer}.norm2", GROWTH * BOTTLENECK)
            found.append((f"{layer}.conv2.weight", (GROWTH, GROWTH * BOTTLENECK, 3, 3)))
            channels += GROWTH
        if b < len(BLOCKS):
            found += norm(f"features.transition{b}.norm", channels)
            found.append((f"features.transition{b}.conv.weight", (channels // 2, channels, 1, 1)))
            channels //= 2
    return [*found, *norm("features.norm5", channels), ("classifier.weight", (18, channels)), ("classifier.bias", (18,))]


def numbers(count, seed):
    """Numbers between -1 and 1, exact in float32."""
    values = (np.arange(1, count + 1, dtype=np.uint64) * 2654435761 + seed * 2246822519 & 0xFFFFFFFF).astype(np.uint32)
    values ^= values >> np.uint32(15)
    values *= np.uint32(2654435769)
    values ^= values >> np.uint32(13)
    return ((values >> np.uint32(8)) / (1 << 23) - 1).astype("<f4")


def scaled(name, shape, values):
    if name.endswith("running_var"):
        return np.abs(values) + np.float32(0.5)
    if len(shape) == 4 and shape[1] < 512 and shape[2:] == (1, 1):
        return values * np.float32(0.125)
    if len(shape) == 4 or name == "classifier.weight":
        return values * np.float32(0.0625)
    if "norm" in name and name.endswith("weight"):
        return values + np.float32(0.75)
    return values


def main():
    header, data, at = {}, [], 0
    for seed, (name, shape) in enumerate(parameters()):
        block = scaled(name, shape, numbers(int(np.prod(shape)), seed)).tobytes()
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + len(block)]}
        data.append(block)
        at += len(block)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(sys.argv[1], "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(data))


main()
