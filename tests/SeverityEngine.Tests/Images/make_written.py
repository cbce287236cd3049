#!/usr/bin/python3
"""Makes Written/: the pictures of ImageWriterTests as Pillow writes them. Debian: apt-get install python3-pil python3-numpy."""
import pathlib

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 61, 45
folder = pathlib.Path(__file__).parent / "Written"
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
# Smooth, with edges, within range: the same formulas stand in the test.
gray = (x * 3 + y * y // 16 + (x // 8 + y // 8) % 2 * 20) % 256
gray16 = (x * 1021 + y * 517 + x * y) % 65536
smooth = [x * 4, y * 5, 255 - (x + y) * 2]

Image.fromarray(gray.astype(np.uint8)).save(folder / "gray.png")
Image.fromarray(gray16.astype(np.uint16)).save(folder / "gray16.png")
Image.fromarray(np.stack(smooth, -1).astype(np.uint8)).save(folder / "rgb.png")
Image.fromarray(smooth[0].astype(np.uint8)).save(folder / "gray.jpg", quality=95)
Image.fromarray(np.stack(smooth, -1).astype(np.uint8)).save(folder / "rgb.jpg", quality=95, subsampling=0)
