#!/usr/bin/env bash
# Scores a folder of X-rays by a Slurm array and merges the rows.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: submit.sh IMAGES ROWS MERGED [TASKS]

  IMAGES  the folder of X-rays
  ROWS    a folder for the rows of each task; logs go there too
  MERGED  the file of all rows: .csv, .tsv or .jsonl
  TASKS   how many tasks share the images; 16 if it is not given

All machines must see these paths. SEVERITY names the program, if it is not "severity" on their PATH. Options of sbatch are taken
from the environment: SBATCH_PARTITION, SBATCH_ACCOUNT, SBATCH_TIMELIMIT and others.

The same command again goes on where the last one stopped; TASKS has to be the same then.
TEXT
}

if [ $# -lt 3 ] || [ $# -gt 4 ] || [ ! -d "$1" ] || [[ ! ${4:-16} =~ ^[1-9][0-9]*$ ]]; then
  usage >&2
  exit 2
fi
if [ -e "$3" ]; then
  echo "submit.sh: $3 is there already; move it away, or name another file" >&2
  exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$2"
# Values are handed over by the environment, where spaces and commas do no harm.
IMAGES=$(realpath "$1") ROWS=$(realpath "$2") MERGED=$(realpath "$3")
export IMAGES ROWS MERGED
tasks=${4:-16}

score=$(sbatch --parsable --export=ALL --array="0-$((tasks - 1))" --output="$ROWS/%a.log" \
  "$here/score.sbatch")
# Where several clusters are joined, the cluster's name stands behind the number.
score=${score%%;*}
# afterok: the merge starts when all tasks are done, and goes away if one has failed.
merge=$(sbatch --parsable --export=ALL --dependency="afterok:$score" --kill-on-invalid-dep=yes --output="$ROWS/merge.log" \
  "$here/merge.sbatch")
echo "score $score"
echo "merge ${merge%%;*}"
