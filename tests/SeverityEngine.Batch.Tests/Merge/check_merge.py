"""Merges rows by Python's own readers of csv and json, and compares. Arguments: the merged file, then the files of rows, oldest first."""

import csv
import json
import re
import sys

NUMBERS = re.compile(r"^-?\d")


def flat(value, prefix=""):
    for key, item in value.items():
        if isinstance(item, dict):
            yield from flat(item, f"{prefix}{key}.")
        elif item is not None:
            yield prefix + key, item


def read(path):
    """The rows as dictionaries of what csv can say: texts, with numbers as numbers, and lists joined."""
    with open(path, encoding="utf-8", newline="") as file:
        if path.endswith(".jsonl"):
            rows = [dict(flat(json.loads(line))) for line in file]
        else:
            rows = list(csv.DictReader(file, delimiter="\t" if path.endswith(".tsv") else ","))
    for row in rows:
        for key, value in list(row.items()):
            if isinstance(value, list):
                value = "; ".join(value)
            if isinstance(value, str) and key not in ("file", "name", "sha256", "model_sha256", "error", "warnings", "note") \
                    and NUMBERS.match(value) and key != "engine_version" and key != "model_version":
                value = float(value)
            if value == "":
                del row[key]
            else:
                row[key] = float(value) if isinstance(value, int) else value
    return rows


def natural(name):
    parts = re.findall(r"[0-9]+|[^0-9]", name)
    return [(0, int(p), "") if p.isascii() and p.isdigit() else (1, 0, p.upper()) for p in parts]


merged, *files = sys.argv[1:]
best = {}
for age, path in enumerate(files):
    for place, row in enumerate(read(path)):
        key = row["file"], row.get("sha256", "")
        rank = "error_code" not in row, age, place
        if key not in best or rank > best[key][0]:
            best[key] = rank, row
known = {name for name, sha in best if sha}
expected = {key: row for key, (_, row) in best.items() if key[1] or key[0] not in known}
rows = read(merged)
got = {(row["file"], row.get("sha256", "")): row for row in rows}
assert len(got) == len(rows), "an image twice"
assert got.keys() == expected.keys(), (got.keys() ^ expected.keys())
for key, row in expected.items():
    assert got[key] == row, (key, row, got[key])
# Digits before letters is not what the order promises; names of the test that are compared begin alike.
names = [row["file"] for row in rows if row["file"].startswith("image ")]
assert names == sorted(names, key=natural), names
print(len(rows))
