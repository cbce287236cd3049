"""Makes the small checkpoints in Samples/ and what PyTorch and numpy themselves read from them.

Run in this folder with PyTorch 1.13 and numpy 1.24:

    python3 make_samples.py                     Samples/*.pt, *.pkl, pickles.tsv, expected.json
    python3 make_samples.py REFERENCE_FOLDER    Samples/reference.json, from the large files in REFERENCE_FOLDER/checkpoints

A tensor's expectation is its name, its shape, and the first 16 hex digits of the SHA-256 of its values as float32, little-endian, C order.
"""
import hashlib
import json
import os
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict

import numpy as np
import torch
import torch.nn as nn

SAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'Samples')


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, 3, (2, 1), bias=False)
        self.norm = nn.BatchNorm2d(3)
        self.downsample = None
        self.register_buffer('absent', None)
        self.register_buffer('scratch', torch.ones(2), persistent=False)


class Net(nn.Module):
    """A child before a parameter, a removed child, tied weights, a buffer that is not saved, a child used twice."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(OrderedDict([('block1', Block(1)), ('relu', nn.ReLU()), ('block2', Block(3))]))
        self.first = nn.Linear(4, 5)
        self.tied = nn.Linear(4, 5)
        self.tied.weight = self.first.weight
        self.again = self.features.block1
        self.scale = nn.Parameter(torch.randn(()))
        self.register_buffer('op_threshs', None)
        self.register_buffer('mean', torch.randn(3).double())
        self.add_module('removed', None)
        with torch.no_grad():
            for tensor in self.state_dict().values():
                tensor.copy_(torch.randn(tensor.shape) * 9)  # no two alike, so that none can be taken for another


def install():
    """Gives the classes a module of their own, and every class a one-line source, so that the files hold no library's code."""
    models = types.ModuleType('samples.models')
    sys.modules['samples'], sys.modules['samples.models'] = types.ModuleType('samples'), models
    for cls in (Block, Net):
        cls.__module__ = 'samples.models'
        setattr(models, cls.__name__, cls)
    torch.serialization.get_source_lines_and_file = lambda cls: ([f'class {cls.__name__}: ...\n'], 1, cls.__module__.split('.')[-1] + '.py')


def kinds():
    """Every storage type and every way of looking into one."""
    torch.manual_seed(5)
    base = torch.randn(6, 4)
    state = OrderedDict()
    for name, dtype in (('half', torch.float16), ('bfloat16', torch.bfloat16), ('float', torch.float32), ('double', torch.float64),
                        ('char', torch.int8), ('byte', torch.uint8), ('short', torch.int16), ('int', torch.int32),
                        ('long', torch.int64), ('bool', torch.bool)):
        values = torch.randn(3, 5) * 50
        state['type.' + name] = (values.abs() if dtype == torch.uint8 else values > 0 if dtype == torch.bool else values).to(dtype)
    state['type.extreme'] = torch.tensor([float('nan'), float('inf'), -float('inf'), 0.0, -0.0, 1e-42, 3.4e38])
    state['type.half_extreme'] = torch.tensor([float('inf'), 6e-8, 65504.0, -0.0]).half()
    state['type.long_extreme'] = torch.tensor([2 ** 63 - 1, -2 ** 63, 2 ** 24 + 1])
    state['view.base'] = base
    state['view.row'] = base[2]
    state['view.column'] = base[:, 1]
    state['view.transposed'] = base.t()
    state['view.step'] = base[1::2, ::3]
    state['view.expanded'] = base[:1].expand(3, 4)
    state['view.last'] = base[5, 3]
    state['view.permuted'] = torch.randn(2, 3, 4, 5).permute(3, 0, 2, 1)[1:, :, ::2]
    state['view.channels_last'] = torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last)
    state['shape.scalar'] = torch.tensor(7)
    state['shape.empty'] = torch.empty(0)
    state['shape.empty_rows'] = torch.empty(3, 0, 2)
    state['shape.ones'] = torch.randn(1, 1, 3, 1)
    state['parameter'] = nn.Parameter(torch.randn(2, 2))
    return state


def entry(name, tensor):
    values = np.ascontiguousarray(tensor.detach().to(torch.float32).numpy() if isinstance(tensor, torch.Tensor) else tensor.astype('<f4'))
    return [name, list(tensor.shape), hashlib.sha256(values.tobytes()).hexdigest()[:16]]


def tensors(state):
    return [entry(name, tensor) for name, tensor in state.items()]


def write(name, value, expected, **options):
    torch.save(value, os.path.join(SAMPLES, name), **options)
    read = torch.load(os.path.join(SAMPLES, name))
    if isinstance(read, dict):
        read = read.get('state_dict', read.get('model', read))
    module = read if isinstance(read, nn.Module) else None
    state = module.state_dict() if module else read
    if all(key.startswith('module.') for key in state):
        state = {key[len('module.'):]: value for key, value in state.items()}
    expected[name] = dict(form=('Zip' if options.get('_use_new_zipfile_serialization', True) else 'Legacy') + ('Module' if module else 'StateDict'),
                          module=f'{type(module).__module__}.{type(module).__name__}' if module else None, tensors=tensors(state))


def heads(expected):
    rng = np.random.default_rng(5)
    for name, protocol, dtype, order in (('p0-f4', 0, '<f4', 'C'), ('p1-f8', 1, '<f8', 'F'), ('p2-f4-fortran', 2, '<f4', 'F'),
                                         ('p2-f8-big', 2, '>f8', 'C'), ('p3-f4', 3, '<f4', 'C'), ('p3-f2', 3, '<f2', 'F'),
                                         ('p4-f4-big-fortran', 4, '>f4', 'F'), ('p5-f8', 5, '<f8', 'C'), ('p5-f4-fortran', 5, '<f4', 'F')):
        arrays = [np.asarray(rng.standard_normal(shape), dtype=dtype, order=order) for shape in ((4, 3), (3, 2), (3,), (2,))]
        path = os.path.join(SAMPLES, f'head-{name}.pkl')
        with open(path, 'wb') as f:
            pickle.dump((arrays[:2], arrays[2:]), f, protocol=protocol)
        expected[os.path.basename(path)] = dict(tensors=head_tensors(path))


def head_tensors(path):
    with open(path, 'rb') as f:
        coefficients, intercepts = pickle.load(f)
    return [entry(f'{kind}.{i}', array) for kind, arrays in (('coefficients', coefficients), ('intercepts', intercepts))
            for i, array in enumerate(arrays)]


def render(value):
    """A value as PickleReaderTests writes it."""
    if value is None or isinstance(value, (bool, int)):
        return str(value)
    if isinstance(value, float):
        return struct.pack('>d', value).hex()
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, (bytes, bytearray)):
        return 'bytes ' + value.hex()
    if isinstance(value, (set, frozenset)):
        return 'set ' + ' '.join(sorted(map(render, value)))
    if isinstance(value, dict):
        return '{' + ', '.join(f'{render(k)}: {render(v)}' for k, v in value.items()) + '}'
    brackets = '()' if isinstance(value, tuple) else '[]'
    return brackets[0] + ', '.join(map(render, value)) + brackets[1]


def pickles():
    """Plain values in every protocol: each row is the protocol, the pickle and what it says."""
    shared = ['shared']
    values = [
        None, True, False, 0, 1, -1, 255, 256, 65535, 65536, 2 ** 31 - 1, -2 ** 31, 2 ** 31, 2 ** 63 - 1, -2 ** 63, 2 ** 63, -2 ** 63 - 1, 2 ** 200,
        -2 ** 2000, 0.1, -0.0, 1e300, 5e-324, float('inf'), float('-inf'), float('nan'), '', 'plain', 'caf\u00e9 \u2713 \U0001f600',
        'two\nlines \\ back\\u0041slash', 'x' * 300, b'', bytes(range(256)), b'y' * 300, bytearray(b'buffer\xff'), (), (1,), (1, 2), (1, 2, 3),
        (1, 2, 3, 4), [], [1, [2, [3]]], [None] * 1001, {}, {'a': 1, 2: ('b', None)}, set(), {1, 'two', 3.0},
        frozenset([4, 'five']), OrderedDict([('z', 1), ('a', [2])]), [shared, shared, {'k': shared}]]
    with open(os.path.join(SAMPLES, 'pickles.tsv'), 'w') as f:
        for value in values:
            for protocol in range(6):
                print(protocol, pickle.dumps(value, protocol).hex(), render(value), sep='\t', file=f)


def big_endian():
    """What PyTorch writes on a machine whose high byte comes first: the same archive, storages swapped."""
    state = OrderedDict(float=torch.randn(3, 2), short=torch.tensor([1, -2, 300], dtype=torch.int16), double=torch.randn(2).double())
    path = os.path.join(SAMPLES, 'big-endian-zip.pt')
    torch.save(state, path)
    with zipfile.ZipFile(path) as f:
        entries = {name: f.read(name) for name in f.namelist()}
    for key, value in enumerate(state.values()):
        entries[f'big-endian-zip/data/{key}'] = value.numpy().byteswap().tobytes()
    entries['big-endian-zip/byteorder'] = b'big'
    with zipfile.ZipFile(path, 'w') as f:
        for name, content in entries.items():
            f.writestr(zipfile.ZipInfo(name), content)
    return dict(form='ZipStateDict', module=None, tensors=tensors(state))


def record(name, expected):
    # One tensor a line, so that a change can be read.
    rows = []
    for file, facts in expected.items():
        head = ''.join(f'"{key}": {json.dumps(value)}, ' for key, value in facts.items() if key != 'tensors')
        body = ',\n'.join('  ' + json.dumps(row, separators=(',', ':')) for row in facts['tensors'])
        rows.append(f'"{file}": {{{head}"tensors": [\n{body}]}}')
    with open(os.path.join(SAMPLES, name), 'w') as f:
        f.write('{\n' + ',\n'.join(rows) + '\n}\n')


def make_samples():
    install()
    os.makedirs(SAMPLES, exist_ok=True)
    torch.manual_seed(7)
    expected = {}
    old = dict(_use_new_zipfile_serialization=False)
    write('module-legacy.pt', Net(), expected, **old)
    write('module-zip.pt', Net(), expected)
    write('module-legacy-p4.pt', Net(), expected, pickle_protocol=4, **old)
    write('kinds-legacy.pt', kinds(), expected, **old)
    write('kinds-zip.pt', kinds(), expected)
    write('kinds-zip-p5.pt', kinds(), expected, pickle_protocol=5)
    parallel = OrderedDict(('module.' + key, value) for key, value in Net().state_dict().items())
    write('nested-legacy.pt', dict(epoch=3, best=np.float64(0.5), state_dict=parallel, when={1, 2}), expected, **old)
    write('nested-zip.pt', dict(epoch=3, model=Net(), name='run', rate=0.25, big=2 ** 70), expected)
    expected['big-endian-zip.pt'] = big_endian()
    heads(expected)
    pickles()
    record('expected.json', expected)

    # What is refused, with its reason.
    quantized = OrderedDict(weight=torch.quantize_per_tensor(torch.randn(3), 0.1, 0, torch.qint8))
    torch.save(quantized, os.path.join(SAMPLES, 'refuse-quantized.pt'))
    torch.save(OrderedDict(weight=torch.zeros(2, dtype=torch.complex64)), os.path.join(SAMPLES, 'refuse-complex.pt'))
    torch.jit.save(torch.jit.script(nn.Linear(2, 1)), os.path.join(SAMPLES, 'refuse-torchscript.pt'))
    torch.save(dict(epoch=3), os.path.join(SAMPLES, 'refuse-no-tensors.pt'))


def make_reference(folder):
    folder = os.path.join(folder, 'checkpoints')
    expected = {}
    for name in ('standin-statedict-zip.pt', 'trained-weak-statedict-zip.pt'):
        expected[name] = dict(tensors=tensors(torch.load(os.path.join(folder, name))))
    for name in ('mlp_geo.pkl', 'mlp_opa.pkl'):
        expected[name] = dict(tensors=head_tensors(os.path.join(folder, name)))
    record('reference.json', expected)


if __name__ == '__main__':
    make_reference(sys.argv[1]) if len(sys.argv) > 1 else make_samples()
