#!/usr/bin/env python3
"""Writes Samples/*.jpg and, beside each, channel 0 as Pillow (libjpeg-turbo) decodes it, as a gray PNG.

Needs Pillow, NumPy, and libjpeg-turbo's cjpeg and jpegtran. All pictures are made here. Run it again only to add samples: another
libjpeg-turbo may code the same picture in other bytes, and decodes them alike.
"""
import io
import pathlib
import subprocess

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).parent / "Samples"
SCRIPTS = {
    "three-scans": "0;\n1;\n2;\n",
    "two-scans": "0,1;\n2;\n",
    "cr-first": "2;\n0;\n1;\n",
    "spectral": "0,1,2: 0-0, 0, 0;\n0: 1-5, 0, 0;\n2: 1-63, 0, 0;\n1: 1-63, 0, 0;\n0: 6-63, 0, 0;\n",
    "approximation": "0,1,2: 0-0, 0, 3;\n0: 1-63, 0, 3;\n1: 1-63, 0, 2;\n2: 1-20, 0, 3;\n2: 21-63, 0, 1;\n0: 1-63, 3, 2;\n0,1,2: 0-0, 3, 2;\n"
                     "2: 1-20, 3, 2;\n2: 1-20, 2, 1;\n0: 1-63, 2, 1;\n1: 1-63, 2, 1;\n0,1,2: 0-0, 2, 1;\n2: 1-63, 1, 0;\n0: 1-63, 1, 0;\n"
                     "1: 1-63, 1, 0;\n0: 0-0, 1, 0;\n1: 0-0, 1, 0;\n2: 0-0, 1, 0;\n",
}


def picture(width, height, seed, noise=40):
    """Smooth gradients, hard edges in all three channels, and noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    channels = [128 + 120 * np.sin(x / (5 + c * 3) + c) * np.cos(y / (7 - c) + seed) for c in range(3)]
    image = np.stack(channels, axis=-1) + rng.normal(0, noise, (height, width, 3))
    image[height // 3:height // 2, width // 4:width // 2] = (255, 0, 0)
    image[height // 2:height * 2 // 3, width // 2:width * 3 // 4] = (0, 255, 255)
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def cjpeg(pixels, *options, scans=None):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PPM")
    options = list(options)
    if scans is not None:
        path = HERE / "scans.tmp"
        path.write_text(SCRIPTS[scans])
        options += ["-scans", str(path)]
    coded = subprocess.run(["cjpeg", *options], input=buffer.getvalue(), stdout=subprocess.PIPE, check=True).stdout
    (HERE / "scans.tmp").unlink(missing_ok=True)
    return coded


def jpegtran(coded, *options):
    return subprocess.run(["jpegtran", *options], input=coded, stdout=subprocess.PIPE, check=True).stdout


def without_app0(coded):
    assert coded[2:4] == b"\xff\xe0"
    return coded[:2] + coded[4 + int.from_bytes(coded[4:6], "big"):]


def with_segment(coded, marker, content):
    return coded[:2] + bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content + coded[2:]


def with_component_ids(coded, ids):
    """Names the components anew, in the frame header and in an only scan's header."""
    coded = bytearray(coded)
    at = 2
    while coded[at + 1] != 0xDA:
        if coded[at + 1] in (0xC0, 0xC1, 0xC2):
            for i, name in enumerate(ids):
                coded[at + 10 + 3 * i] = name
        at += 2 + int.from_bytes(coded[at + 2:at + 4], "big")
    for i, name in enumerate(ids):
        coded[at + 5 + 2 * i] = name
    return bytes(coded)


def samples():
    for size in [(1, 1), (7, 9), (8, 8), (16, 16), (17, 19), (61, 47)]:
        yield f"gray-{size[0]}x{size[1]}", cjpeg(picture(*size, 1), "-grayscale", "-quality", "90")
    yield "gray-sampling-2x2", cjpeg(picture(33, 21, 2), "-grayscale", "-sample", "2x2")
    yield "gray-progressive", cjpeg(picture(61, 47, 3), "-grayscale", "-progressive", "-quality", "95")
    yield "gray-restarts", cjpeg(picture(61, 47, 4), "-grayscale", "-restart", "2B")
    yield "gray-quality-100", cjpeg(picture(61, 47, 5, 90), "-grayscale", "-quality", "100")
    yield "gray-quality-1", cjpeg(picture(61, 47, 6, 90), "-grayscale", "-quality", "1")

    samplings = {"444": "1x1", "422": "2x1", "420": "2x2", "440": "1x2", "411": "4x1", "410": "4x2", "441": "1x4", "3x2-luma": "3x2"}
    for name, sampling in samplings.items():
        for size in [(1, 1), (2, 2), (3, 5), (5, 3), (6, 4), (17, 19), (70, 45)]:
            yield f"color-{name}-{size[0]}x{size[1]}", cjpeg(picture(*size, 7), "-sample", sampling, "-quality", "88")
        yield f"color-{name}-progressive", cjpeg(picture(53, 37, 8), "-sample", sampling, "-progressive")
        yield f"color-{name}-restarts", cjpeg(picture(53, 37, 9), "-sample", sampling, "-restart", "1B")
    for name, sampling in {"luma-halved": "1x1,2x2,2x2", "luma-halved-cr-across": "1x1,2x2,1x2", "luma-halved-cr-down": "1x1,2x2,2x1",
                           "luma-flat": "2x1,2x2,1x2", "cb-large": "1x1,2x2,1x1", "cr-large": "1x1,1x1,2x2"}.items():
        yield f"color-{name}", cjpeg(picture(53, 37, 10), "-sample", sampling)
        yield f"color-{name}-progressive", cjpeg(picture(53, 37, 10), "-sample", sampling, "-progressive")
    for name in SCRIPTS:
        for sampling in ["1x1", "2x2"]:
            yield f"scans-{name}-{sampling}", cjpeg(picture(59, 43, 11), "-sample", sampling, "-quality", "92", scans=name)
    yield "scans-three-restarts", cjpeg(picture(59, 43, 12), "-sample", "2x2", "-restart", "3B", scans="three-scans")
    yield "scans-approximation-restarts", cjpeg(picture(59, 43, 12), "-sample", "2x1", "-restart", "3B", scans="approximation")
    yield "progressive-flat", cjpeg(np.full((200, 200, 3), (200, 60, 90), np.uint8), "-progressive")
    yield "progressive-quality-100", cjpeg(picture(90, 70, 13, 90), "-progressive", "-quality", "100", "-sample", "1x1")
    yield "color-optimized", cjpeg(picture(70, 45, 14), "-optimize")
    yield "color-quality-100", cjpeg(picture(70, 45, 15, 90), "-quality", "100", "-sample", "1x1")
    yield "color-quality-1", cjpeg(picture(70, 45, 16, 90), "-quality", "1")
    yield "color-wide", cjpeg(picture(301, 18, 17), "-quality", "50")
    yield "color-from-progressive", jpegtran(cjpeg(picture(53, 37, 18), "-progressive"), "-optimize")
    yield "color-rotated-422", jpegtran(cjpeg(picture(64, 48, 19), "-sample", "2x1"), "-rotate", "90")

    yield "rgb", cjpeg(picture(53, 37, 20), "-rgb")
    yield "rgb-progressive", cjpeg(picture(53, 37, 20), "-rgb", "-progressive")
    yield "rgb-red-large", cjpeg(picture(53, 37, 20), "-rgb", "-sample", "2x2,1x1,1x1")
    yield "rgb-red-halved", cjpeg(picture(53, 37, 20), "-rgb", "-sample", "1x1,2x2,2x2")
    color = cjpeg(picture(53, 37, 21), "-sample", "2x2")
    bare = without_app0(color)
    adobe = b"Adobe\0\x64\0\0\0\0"
    yield "exif-alone", with_segment(bare, 0xE1, b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0")
    yield "no-application-segment", bare
    yield "adobe-ycbcr", with_segment(bare, 0xEE, adobe + b"\1")
    yield "adobe-rgb", with_segment(bare, 0xEE, adobe + b"\0")
    yield "adobe-unknown-transform", with_segment(bare, 0xEE, adobe + b"\7")
    yield "adobe-rgb-but-jfif", with_segment(color, 0xEE, adobe + b"\0")
    yield "names-rgb", with_component_ids(bare, b"RGB")
    yield "names-rgb-but-jfif", with_component_ids(color, b"RGB")
    yield "names-unknown", with_component_ids(bare, b"\0\1\2")
    tables = HERE / "tables.tmp"
    tables.write_text("\n".join(" ".join(str(min(32767, 3 + 40 * i)) for i in range(64)) for _ in range(2)))
    yield "sixteen-bit-tables", cjpeg(picture(53, 37, 22), "-qtables", str(tables), "-qslots", "0,1")
    tables.unlink()
    buffer = io.BytesIO()
    Image.fromarray(picture(53, 37, 23)).convert("CMYK").save(buffer, "JPEG", quality=95)
    yield "cmyk", buffer.getvalue()


for old in HERE.glob("*.*g"):
    old.unlink()
for name, coded in samples():
    (HERE / f"{name}.jpg").write_bytes(coded)
    image = Image.open(io.BytesIO(coded))
    channel = np.asarray(image) if image.mode == "L" else np.asarray(image.convert("RGB"))[..., 0]
    Image.fromarray(channel).save(HERE / f"{name}.png", optimize=True)
