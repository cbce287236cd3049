#!/bin/sh
# What both machines are asked, the emulated arm64 one and this one: compare.py holds the answers against each other. Runs in the folder of
# inputs that test.sh makes, under any POSIX shell (the emulated machine has busybox's).
# Usage: checks.sh SEVERITY OUT some|more [C_EXAMPLE]
severity=$1 out=$2 extent=$3 example=${4:-}
mkdir -p "$out"

# Runs a command and keeps what it printed and its exit code; prints one line of it.
check() {
  name=$1
  shift
  began=$(cut -d. -f1 /proc/uptime)
  "$@" >"$out/$name.out" 2>"$out/$name.err" </dev/null
  status=$?
  echo "$status" >"$out/$name.status"
  echo "@ ran $name: exit code $status, $(($(cut -d. -f1 /proc/uptime) - began)) s"
}

# A prediction takes some ten seconds under emulation: what is asked is chosen for that.
check version "$severity" version

# A batch, and the same that was stopped behind its third row and goes on.
check batch "$severity" predict batch -q -o "$out/rows.jsonl"
head -n 3 "$out/rows.jsonl" >"$out/resumed.jsonl"
check resume "$severity" predict batch -q -o "$out/resumed.jsonl" --resume

check densenet "$severity" predict --model densenet.onnx --format jsonl batch/severe.png
check densenet-int8 "$severity" predict --model densenet-int8.onnx --format jsonl batch/severe.png
[ ! -d real ] || check real "$severity" predict --format jsonl real
check saliency "$severity" predict --format jsonl --saliency "$out/saliency.png" --saliency-raw "$out/saliency.npy" batch/severe.png
[ -z "$example" ] || check c-example "$example" batch/moderate.jpg
[ "$extent" = some ] || check pictures "$severity" predict --format jsonl pictures
