#!/usr/bin/python3
"""Makes Samples/png: a PNG of every color type, depth and interlace method, with the channel 0 that a reader must find.

The files are put together here from random samples with nothing but zlib, every row with another filter, so that the expectation is what
was put in; Pillow, where it reads a file's form without loss, must agree. Needs python3-numpy and python3-pil.
"""
import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

OUT = Path(__file__).parent / "Samples" / "png"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
NAMES = {0: "gray", 2: "rgb", 3: "palette", 4: "gray-alpha", 6: "rgba"}
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def filtered(kind, row, above, step):
    out = bytearray([kind])
    for i, value in enumerate(row):
        a = row[i - step] if i >= step else 0
        b = above[i]
        c = above[i - step] if i >= step else 0
        out.append((value - (0, a, b, (a + b) >> 1, paeth(a, b, c))[kind]) & 255)
    return bytes(out)


def packed(samples, depth):
    """Rows of samples as bytes."""
    rows = []
    for row in samples.reshape(samples.shape[0], -1):
        if depth == 16:
            rows.append(row.astype(">u2").tobytes())
        elif depth == 8:
            rows.append(row.astype(np.uint8).tobytes())
        else:
            bits = np.unpackbits(row.astype(np.uint8)[:, None], axis=1)[:, 8 - depth:]
            rows.append(np.packbits(bits.reshape(-1)).tobytes())
    return rows


def image_data(samples, depth, interlaced):
    height, width, channels = samples.shape
    step = max(1, channels * depth // 8)
    data, kind = b"", 0
    for x, y, dx, dy in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        part = samples[y::dy, x::dx]
        if part.size == 0:
            continue
        above = None
        for row in packed(part, depth):
            data += filtered(kind % 5, row, above or bytes(len(row)), step)
            above, kind = row, kind + 1
    return data


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def make(rng, color, depth, interlaced, width, height):
    samples = rng.integers(0, 1 << depth, (height, width, CHANNELS[color]), dtype=np.int64)
    # Smooth in part, so that filters have something to predict.
    samples[: height // 2] = samples[:1, :, :]
    palette = rng.integers(0, 256, (1 << depth, 3), dtype=np.uint8) if color == 3 else None
    expected = samples[:, :, 0]
    if palette is not None:
        expected = palette[expected, 0]
    elif depth < 8:
        expected = expected * 255 // ((1 << depth) - 1)
    expected = expected.astype(np.uint16 if depth == 16 else np.uint8)

    compressed = zlib.compress(image_data(samples, depth, interlaced), 9)
    cut = max(1, len(compressed) // 3)
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced))
    file += chunk(b"tEXt", b"Comment\0made for a test")
    if palette is not None:
        file += chunk(b"PLTE", palette.tobytes())
    for start in range(0, len(compressed), cut):
        file += chunk(b"IDAT", compressed[start:start + cut])
    file += chunk(b"IEND", b"")

    image = Image.open(io.BytesIO(file))
    if depth == 16 and color != 0:
        pass  # Pillow keeps 8 of the 16 bits
    elif depth == 16:
        assert np.array_equal(np.asarray(image), expected)
    else:
        mode = "RGB" if color == 3 or depth < 8 else image.mode
        read = np.asarray(image.convert(mode))
        assert np.array_equal(read if read.ndim == 2 else read[:, :, 0], expected), (color, depth, interlaced)
    name = f"{NAMES[color]}-{depth}{'-interlaced' if interlaced else ''}-{width}x{height}"
    (OUT / f"{name}.png").write_bytes(file)
    np.save(OUT / f"{name}.npy", expected)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(15948)
    for color, depths in DEPTHS.items():
        for depth in depths:
            for interlaced in (0, 1):
                make(rng, color, depth, interlaced, 37, 21)
    for width, height in ((1, 1), (2, 3), (3, 1), (5, 9), (1, 8), (67, 1)):
        for interlaced in (0, 1):
            make(rng, 0, 8, interlaced, width, height)
            make(rng, 3, 1, interlaced, width, height)
            make(rng, 6, 16, interlaced, width, height)


main()
