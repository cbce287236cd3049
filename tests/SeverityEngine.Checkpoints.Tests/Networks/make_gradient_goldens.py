"""The gradient of a DenseNet-121's cidc extent with the parameters and the image of States.Numbered, by PyTorch's autograd in double precision.

Prints its norm and its products with 20 directions of the same numbers, as DenseNet121GradientTests holds them.
Run with Debian's python3-torch: /usr/bin/python3 make_gradient_goldens.py
"""
import numpy as np
import torch
import torch.nn.functional as F

BLOCKS, GROWTH, STEM = (6, 12, 24, 16), 32, 64


def numbers(count, seed):
    h = ((np.arange(1, count + 1, dtype=np.uint64) * 2654435761) + seed * 2246822519) & 0xffffffff
    h = h ^ (h >> 15)
    h = (h * 2654435769) & 0xffffffff
    h = h ^ (h >> 13)
    return (h >> 8).astype(np.float64) / (1 << 23) - 1


class State:
    """Parameters in the order of PyTorch's state dict, each with the numbers of its place."""

    def __init__(self):
        self.seed = 0

    def take(self, shape, kind):
        values = numbers(int(np.prod(shape)), self.seed).astype(np.float32)
        self.seed += 1
        f = np.float32
        if kind == 'variance':
            values = np.abs(values) + f(0.5)
        elif kind == 'scale':
            values = values + f(0.75)
        elif kind == 'conv' and len(shape) == 4 and shape[1] < 512 and shape[2:] == (1, 1):
            values = values * f(0.125)
        elif kind in ('conv', 'classifier'):
            values = values * f(0.0625)
        return torch.from_numpy(values.astype(np.float64).reshape(shape))

    def conv(self, *shape):
        return self.take(shape, 'conv')

    def norm(self, channels):
        return [self.take((channels,), kind) for kind in ('scale', 'shift', 'mean', 'variance')]


def norm_relu(x, norm):
    scale, shift, mean, variance = norm
    return F.relu(F.batch_norm(x, mean, variance, scale, shift, False, 0, 1e-5))


def extent(x):
    state = State()
    x = F.conv2d(x, state.conv(STEM, 1, 7, 7), stride=2, padding=3)
    x = F.max_pool2d(norm_relu(x, state.norm(STEM)), 3, 2, 1)
    for block, layers in enumerate(BLOCKS):
        for _ in range(layers):
            y = norm_relu(x, state.norm(x.shape[1]))
            y = F.conv2d(y, state.conv(4 * GROWTH, x.shape[1], 1, 1))
            y = norm_relu(y, state.norm(4 * GROWTH))
            x = torch.cat([x, F.conv2d(y, state.conv(GROWTH, 4 * GROWTH, 3, 3), padding=1)], 1)
        if block < len(BLOCKS) - 1:
            y = norm_relu(x, state.norm(x.shape[1]))
            x = F.avg_pool2d(F.conv2d(y, state.conv(x.shape[1] // 2, x.shape[1], 1, 1)), 2, 2)
    x = norm_relu(x, state.norm(x.shape[1])).mean((2, 3))
    logits = F.linear(x, state.take((18, x.shape[1]), 'classifier'), state.take((18,), 'bias'))
    return float(np.float32(0.8705248236656189)) * logits[:, 16] + float(np.float32(3.4137437))


def main():
    image = torch.from_numpy((numbers(224 * 224, 1000).astype(np.float32) * np.float32(1024)).astype(np.float64)).reshape(1, 1, 224, 224)
    image.requires_grad_()
    score = extent(image)
    gradient = torch.autograd.grad(score.sum(), image)[0].numpy().reshape(-1)
    print('score', repr(score.item()))
    print('norm', repr(float(np.linalg.norm(gradient))))
    for i in range(20):
        print(f'{float(gradient @ numbers(224 * 224, 2000 + i))!r},')


if __name__ == '__main__':
    main()
