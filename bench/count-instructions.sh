#!/usr/bin/env bash
# Counts the instructions of decoding and preprocessing each sample (valgrind's callgrind: the same on every machine and under any load) and
# holds them to bench/instruction-counts.txt within 3 %. With --update it writes that file instead: after a change that is meant.
# Usage: bench/count-instructions.sh [--update]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
record=bench/instruction-counts.txt
samples=(tests/samples/moderate.jpg tests/samples/clear.png tests/samples/severe.png)
program=artifacts/instruction-count/SeverityEngine.InstructionCount
if [ "$(uname -sm)" != "Linux x86_64" ]; then
  echo "instruction counts are kept for x86-64 Linux" >&2
  exit 2
fi

# One instruction set whatever the build's own is: counts of others can't be compared.
dotnet publish bench/SeverityEngine.InstructionCount -c Release -r linux-x64 -p:IlcInstructionSet=x86-64-v3 -o artifacts/instruction-count --nologo -v quiet

# The heap limit keeps .NET from reserving more address space than valgrind has.
collect() {
  DOTNET_GCHeapHardLimit=0x10000000 valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" "$2" 2>&1 |
    sed -nE 's/.*Collected : ([0-9]+)$/\1/p'
}

status=0
counts=""
for sample in "${samples[@]}"; do
  # What three passes take more than one: start-up and first calls stay out.
  one=$(collect "$sample" 1)
  three=$(collect "$sample" 3)
  count=$(((three - one) / 2))
  counts+="$count $sample"$'\n'
  [ "${1:-}" = --update ] && continue
  before=$(awk -v sample="$sample" '$2 == sample { print $1 }' "$record")
  if [ -z "$before" ]; then
    echo "$sample: no count in $record; run bench/count-instructions.sh --update" >&2
    status=1
    continue
  fi
  change=$(awk -v now="$count" -v before="$before" 'BEGIN { printf "%+.2f", 100 * (now - before) / before }')
  echo "$sample: $count instructions, $change % from $before"
  if awk -v change="$change" 'BEGIN { exit !(change > 3 || change < -3) }'; then
    echo "$sample: beyond 3 %; find out why, or record it with bench/count-instructions.sh --update" >&2
    status=1
  fi
done
if [ "${1:-}" = --update ]; then
  printf '%s' "$counts" | tee "$record"
fi
exit $status
