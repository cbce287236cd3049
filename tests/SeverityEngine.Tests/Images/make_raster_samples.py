#!/usr/bin/python3
"""Makes Samples/raster: BMP, GIF, TGA and PSD in their usual forms, with the channel 0 that Pillow reads from each.

Pillow writes all but the PSDs, which are put together here. Needs python3-numpy and python3-pil.
"""
import struct
from pathlib import Path

import numpy as np
from PIL import Image

OUT = Path(__file__).parent / "Samples" / "raster"
WIDTH, HEIGHT = 29, 23


def keep(name, expected=None):
    path = OUT / name
    if expected is None:
        image = Image.open(path)
        expected = np.asarray(image.convert("L" if image.mode in ("1", "L") else "RGB"))
        expected = expected if expected.ndim == 2 else expected[:, :, 0]
    np.save(path.with_suffix(path.suffix + ".npy"), np.ascontiguousarray(expected))


def psd(name, planes, depth, compressed):
    channels, height, width = planes.shape
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, channels, height, width, depth, 3) + struct.pack(">III", 0, 0, 0)
    rows = [row.astype(">u2" if depth == 16 else np.uint8).tobytes() for plane in planes for row in plane]
    if compressed:
        packed = [packbits(row) for row in rows]
        body = struct.pack(">H", 1) + b"".join(struct.pack(">H", len(p)) for p in packed) + b"".join(packed)
    else:
        body = struct.pack(">H", 0) + b"".join(rows)
    (OUT / name).write_bytes(head + body)
    if depth == 8:
        assert np.array_equal(np.asarray(Image.open(OUT / name).convert("RGB"))[:, :, 0], planes[0])
    keep(name, planes[0].astype(np.uint16 if depth == 16 else np.uint8))


def packbits(row):
    out, i = b"", 0
    while i < len(row):
        run = 1
        while run < 128 and i + run < len(row) and row[i + run] == row[i]:
            run += 1
        if run > 1:
            out += struct.pack("b", 1 - run) + row[i:i + 1]
            i += run
        else:
            end = i + 1
            while end < len(row) and end - i < 128 and (end + 1 >= len(row) or row[end] != row[end + 1]):
                end += 1
            out += struct.pack("b", end - i - 1) + row[i:end]
            i = end
    return out


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(23)
    rgb = rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    rgb[:, WIDTH // 2:] = rgb[:, WIDTH // 2:WIDTH // 2 + 1]  # runs
    gray, alpha = rgb[:, :, 1], rng.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8)
    images = {
        "gray": Image.fromarray(gray), "rgb": Image.fromarray(rgb), "bilevel": Image.fromarray(gray).convert("1"),
        "palette": Image.fromarray(rgb).quantize(200), "rgba": Image.fromarray(np.dstack([rgb, alpha])),
    }
    for name in ("gray", "rgb", "bilevel", "palette"):
        images[name].save(OUT / f"{name}.bmp")
        keep(f"{name}.bmp")
    for name in ("gray", "rgb", "palette", "rgba"):
        for suffix, compression in (("", None), ("-runs", "tga_rle")):
            images[name].save(OUT / f"{name}{suffix}.tga", compression=compression)
            keep(f"{name}{suffix}.tga")
    for name in ("gray", "palette"):
        for interlace in (0, 1):
            suffix = "-interlaced" if interlace else ""
            images[name].save(OUT / f"{name}{suffix}.gif", interlace=interlace)
            keep(f"{name}{suffix}.gif")
    planes = rgb.transpose(2, 0, 1)
    wide = rng.integers(0, 65536, (3, HEIGHT, WIDTH))
    psd("rgb.psd", planes, 8, False)
    psd("rgb-runs.psd", planes, 8, True)
    psd("rgb-16.psd", wide, 16, False)


main()
