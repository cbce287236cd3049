#!/usr/bin/env bash
# Rows a second and memory as archives grow: ./build.sh first, then bench/growth.sh FOLDER [COUNT...]. FOLDER takes the archives, some 3 GB
# for a million images. With MODEL=densenet.onnx in the environment that model scores, in place of the built-in one.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$1
shift
severity=$here/dist/severity
mkdir -p "$folder/drawn"
"$severity" phantom "$folder/drawn/{seed}.jpg" --count 64 --size 128 --extent 4
printf '%9s %7s %9s %9s %9s\n' images threads seconds 'a second' 'KB'
for count in "${@:-1000}"; do
  archive=$folder/$count.tar
  [ -e "$archive" ] || python3 - "$folder/drawn" "$archive" "$count" <<'PYTHON'
import io, pathlib, sys, tarfile
images = [path.read_bytes() for path in sorted(pathlib.Path(sys.argv[1]).iterdir())]
with tarfile.open(sys.argv[2], "w") as archive:
    for i in range(int(sys.argv[3])):
        member = tarfile.TarInfo(f"{i // 1000:04}/{i:07}.jpg")
        member.size = len(images[i % len(images)])
        archive.addfile(member, io.BytesIO(images[i % len(images)]))
PYTHON
  for threads in 1 2; do
    rows=$folder/rows.jsonl
    rm -f "$rows"
    /usr/bin/time -f '%e %M' -o "$folder/time" \
      "$severity" predict "$archive" -o "$rows" --threads "$threads" ${MODEL:+--model "$MODEL"} --quiet
    read -r seconds memory <"$folder/time"
    [ "$(wc -l <"$rows")" = "$count" ] || { echo "$count images, $(wc -l <"$rows") rows" >&2; exit 1; }
    printf '%9d %7d %9s %9.1f %9d\n' "$count" "$threads" "$seconds" "$(awk "BEGIN { print $count / $seconds }")" "$memory"
  done
done
