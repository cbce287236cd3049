"""Expected blurs and pictures, made by SciPy, Pillow and matplotlib from formulas that the tests repeat.

Run with Debian's python3-matplotlib, python3-scipy and python3-pil: /usr/bin/python3 make_saliency_goldens.py
"""
import os

import numpy as np
from matplotlib import cm
from PIL import Image
from scipy import ndimage

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'Goldens')


def field(size, a, b):
    """Waves from -1 to 1 over a square, as SaliencyFormula.Field."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float64)
    return np.sin(a * x / size + 0.3) * np.cos(b * y / size - 0.2)


def scaled(values):
    return (values - values.min()) / (values.max() - values.min())


def gray_of(values):
    return np.repeat((np.minimum((scaled(values) * 256).astype(int), 255) / 255.0)[..., None], 3, 2)


def viridis(values):
    return cm.get_cmap('viridis')(values)[..., :3]


def save(name, rgb):
    Image.fromarray(np.round(rgb * 255).astype(np.uint8)).save(os.path.join(HERE, name))


def main():
    os.makedirs(HERE, exist_ok=True)
    for size in (7, 41):
        # A spike at a corner and an edge beside waves: the edges must be replicated.
        values = field(size, 9, 5) ** 2
        values[0, size - 1] += 20
        values[size // 2, 0] += 10
        blurred = ndimage.gaussian_filter(values, 5, mode='nearest', truncate=3.5)
        np.save(os.path.join(HERE, f'blur-{size}.npy'), blurred.astype(np.float32))
    save('network-96.png', 0.5 * viridis(scaled(field(96, 8, 6))) + 0.5 * gray_of(field(96, 3, 2)))

    # The map over a whole image: 16 bits, wider than high, so that there are columns on both sides that the network does not see.
    saliency, height, width = field(24, 8, 6), 90, 121
    y, x = np.mgrid[0:height, 0:width]
    rgb = gray_of((500 + 30 * x + 17 * y).astype(np.float64))
    enlarged = np.asarray(Image.fromarray(saliency.astype(np.float32)).resize((height, height), Image.BILINEAR), np.float64)
    # The colors run over the map's own range, of which the enlarged one may have a little less.
    place = np.clip((enlarged - saliency.min()) / (saliency.max() - saliency.min()), 0, 1)
    left = width // 2 - height // 2
    rgb[:, left:left + height] = 0.5 * viridis(place) + 0.5 * rgb[:, left:left + height]
    save('original-121x90.png', rgb)


if __name__ == '__main__':
    main()
