#!/usr/bin/env bash
# Draws the README's picture from a phantom: the X-ray and, beside it, the saliency map. Usage: docs/draw-pictures.sh, after ./build.sh
# Seed 4 is typical of phantoms of this extent: see "Where the model looked" in numbers.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
severity=../dist/severity
rm -f xray.jpg panel.png
"$severity" phantom xray.jpg --seed 4 --extent 4.5 --size 448
"$severity" predict xray.jpg --saliency-panel panel.png --saliency-size original
