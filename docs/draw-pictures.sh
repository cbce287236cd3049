#!/usr/bin/env bash
# Draws the README's pictures from a phantom: the X-ray, and where the model looked. Usage: docs/draw-pictures.sh, after ./build.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
severity=../dist/severity
rm -f xray.jpg saliency.png
"$severity" phantom xray.jpg --seed 4 --extent 4.5 --size 448
"$severity" predict xray.jpg --saliency saliency.png
