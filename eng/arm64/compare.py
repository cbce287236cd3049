"""Holds what the emulated arm64 machine answered against what this one did, and prints a line for each check.

Usage: compare.py GUEST HOST some|more      folders that checks.sh made; GUEST holds the results of a test program too

Ends with exit code 1 where a check fails. Networks sum float32 in another order on each processor, so raw scores may differ by SCORES; what
goes before them (files, dimensions, warnings, verdicts, which pictures have a score) may not differ at all.
"""

import json
import re
import struct
import sys
import zlib
from pathlib import Path

import numpy as np

# Of float32 sums: the seventh digit. The text of the samples, four decimals, must be equal to the letter.
SCORES = 2e-5
# Of a network of 120 layers, with Winograd's algorithm, that is not trained to be smooth.
NETWORK = 2e-4
# Integers are summed exactly, but a value beside a rounding boundary can fall on either side of it, and goes on through 120 layers.
INT8 = 0.02
# A saliency map against its own largest value; and a level of its picture of 256.
MAP, LEVEL = 1e-3, 1

failures = 0


def report(name, fault=""):
    global failures
    failures += fault != ""
    print(f"  {'FAILED ' if fault else 'ok     '} {name}{': ' if fault else ''}{fault}")


def largest_difference(a, b, path=""):
    """Of all numbers of two values of JSON; text and structure must be the same."""
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        return max((largest_difference(a[k], b[k], f"{path}.{k}") for k in a), default=0)
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return max((largest_difference(x, y, f"{path}[{i}]") for i, (x, y) in enumerate(zip(a, b))), default=0)
    if type(a) in (int, float) and type(b) in (int, float):
        return abs(a - b)
    if a == b:
        return 0
    raise ValueError(f"{path.lstrip('.')} is {a!r}, not {b!r}")


def rows(path):
    found = [json.loads(line) for line in path.read_text().splitlines()]
    for row in found:
        row.pop("timings_ms", None)
        row.pop("saliency", None)  # where the pictures were written
    return found


def same_rows(name, a, b, tolerance):
    try:
        left, right = rows(a), rows(b)
        if not right:
            report(name, f"{b} has no rows")
            return
        difference = largest_difference(left, right)
    except (OSError, ValueError) as e:
        report(name, str(e))
        return
    scored = sum("geographic_extent_raw" in row for row in right)
    far = difference > tolerance
    report(f"{name}: {len(right)} rows, {scored} of them scores, largest difference {difference:.2g}",
           f"beyond {tolerance:g}" if far else "")


def picture(path):
    """The samples of a PNG file of 8 bits, without interlacing."""
    data, at, packed = path.read_bytes(), 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, bits, color, _, _, interlaced = struct.unpack(">IIBBBBB", body)
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    if bits != 8 or interlaced:
        raise ValueError(f"{path}: {bits} bits, interlaced {interlaced}")
    step = {0: 1, 2: 3, 4: 2, 6: 4}[color]
    stride, raw = width * step, zlib.decompress(packed)
    above, lines = [0] * stride, []
    for y in range(height):
        start = y * (stride + 1)
        kind, line = raw[start], list(raw[start + 1 : start + 1 + stride])
        for i in range(stride):
            left, up, corner = (line[i - step], above[i], above[i - step]) if i >= step else (0, above[i], 0)
            if kind == 1:
                line[i] += left
            elif kind == 2:
                line[i] += up
            elif kind == 3:
                line[i] += (left + up) // 2
            elif kind == 4:
                p = left + up - corner
                line[i] += min((left, up, corner), key=lambda v: abs(p - v))
            line[i] &= 255
        lines.append(line)
        above = line
    return np.array(lines, dtype=np.int32)


def same_map(name, a, b):
    left, right = np.load(a), np.load(b)
    largest = np.abs(right).max()
    if left.shape != right.shape or not largest > 0:
        report(name, f"shapes {left.shape} and {right.shape}, largest value {largest}")
        return
    difference = np.abs(left - right).max() / largest
    report(f"{name}: {left.shape[0]} x {left.shape[1]}, largest difference {difference:.2g} of the largest value",
           f"beyond {MAP:g}" if not difference <= MAP else "")


def same_picture(name, a, b):
    if a.read_bytes() == b.read_bytes():
        report(f"{name}: the same bytes")
        return
    left, right = picture(a), picture(b)
    if left.shape != right.shape:
        report(name, f"shapes {left.shape} and {right.shape}")
        return
    difference = np.abs(left - right)
    report(f"{name}: {np.count_nonzero(difference)} of {left.size} samples differ, by {difference.max()} at most",
           f"beyond {LEVEL}" if difference.max() > LEVEL else "")


def main():
    guest, host, more = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "more"
    for status in sorted(guest.glob("*.status")):
        name = status.stem
        wanted = (host / status.name).read_text() if (host / status.name).exists() else "0\n"
        if status.read_text() != wanted:
            report(name, f"exit code {status.read_text().strip()}, not {wanted.strip()}: {(guest / f'{name}.err').read_text().strip()}")

    version = (guest / "version.out").read_text()
    elsewhere = re.sub("instruction.*\n", "instruction sets: NEON\n", (host / "version.out").read_text())
    report("version: NEON, and the rest as here", "" if version == elsewhere else version)
    same_rows("batch", guest / "rows.jsonl", host / "rows.jsonl", SCORES)
    printed = [[f"{row[name]:.4f}" for row in rows(path / "rows.jsonl") for name in ("geographic_extent", "opacity") if name in row]
               for path in (guest, host)]
    same = printed[0] == printed[1] and len(printed[0]) == 6
    report(f"scores of the samples, all digits of the text: {' '.join(printed[0])}", "" if same else f"not {' '.join(printed[1])}")
    same_rows("batch, stopped and resumed there", guest / "resumed.jsonl", guest / "rows.jsonl", 0)
    same_rows("densenet", guest / "densenet.out", host / "densenet.out", NETWORK)
    same_rows("densenet in 8-bit integers", guest / "densenet-int8.out", host / "densenet-int8.out", INT8)
    if (host / "real.out").exists():
        same_rows("real X-ray", guest / "real.out", host / "real.out", SCORES)
    else:
        print("  skipped real X-ray: no reference data")
    scores = [float(v) for v in re.findall(r"(?:extent|opacity) (\S+) of", (guest / "c-example.out").read_text())]
    row = next((row for row in rows(guest / "rows.jsonl") if row["file"] == "batch/moderate.jpg"), {})
    wanted = [row.get("geographic_extent"), row.get("opacity")]
    report("C example: the command's scores in all digits", "" if scores == wanted else f"{scores}, not {wanted}")
    same_rows("saliency: score", guest / "saliency.out", host / "saliency.out", SCORES)
    same_map("saliency map", guest / "saliency.npy", host / "saliency.npy")
    same_picture("saliency picture", guest / "saliency.png", host / "saliency.png")
    if more:
        same_rows("pictures of other kinds", guest / "pictures.out", host / "pictures.out", SCORES)
    programs = sorted(guest.glob("*.tests-status"))
    if not programs and "quick" not in sys.argv[4:]:
        report("tests of vectorized code", "not run")
    for status in programs:
        output = (guest / f"{status.stem}.tests").read_text()
        summary = re.search(r"Total: (\d+), Errors: (\d+), Failed: (\d+), Skipped: (\d+)", output)
        passed = summary and status.read_text().strip() == "0" and summary[2] == summary[3] == "0" and int(summary[1]) > int(summary[4])
        report(f"{status.stem}: {summary[0] if summary else 'no summary'}", "" if passed else output[-4000:])
    sys.exit(1 if failures else 0)


main()
