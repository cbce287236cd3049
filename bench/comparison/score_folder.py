#!/usr/bin/python3
"""The peer: the same X-rays through scikit-image and PyTorch, as a researcher's script would score a folder.

  apt-get install python3-skimage python3-torch python3-pydicom python3-gdcm dcmtk
  /usr/bin/python3 score_folder.py CHECKPOINT FOLDER [--workers N]
  /usr/bin/python3 score_folder.py CHECKPOINT --time BATCH THREADS
  /usr/bin/python3 score_folder.py --to-dicom FOLDER OUTPUT

CHECKPOINT is a state dict of a one-channel DenseNet-121 with 18 logits (torch.save of a dict). Prints one JSON line: images, seconds from
the first image to the last score with interpreter, libraries and weights already loaded, images a second, seconds by stage summed over images, processor
seconds without starting up, peak resident memory of all processes. With --scores, the scores on standard error, to hold against 'severity predict'.
DICOM files are read by pydicom, compressed ones through GDCM. --to-dicom writes a folder's pictures as DICOM in JPEG Lossless (selection value 1),
which is what archives hold most; dcmtk's dcmcjpeg compresses.
"""
import argparse
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import time

import numpy
import pydicom
import skimage.io
import skimage.transform
import torch
import torch.nn.functional as F

LUNG_OPACITY = 16
SIDE = 224


def read(path):
    """The red channel, and the value of full white; of DICOM as torchxrayvision's read_xray_dcm has it."""
    if not path.lower().endswith('.dcm'):
        picture = skimage.io.imread(path)
        red = picture if picture.ndim == 2 else picture[..., 0]
        return red, numpy.iinfo(red.dtype).max
    data = pydicom.dcmread(path)
    white = 2 ** data.BitsStored - 1
    return white - data.pixel_array if data.PhotometricInterpretation == 'MONOCHROME1' else data.pixel_array, white


def network_input(path):
    """Decode; red channel; -1024..1024; central square; anti-aliased resize."""
    began = time.perf_counter()
    red, white = read(path)
    decoded = time.perf_counter()
    scaled = (red.astype(numpy.float32) / white * 2 - 1) * 1024
    side = min(scaled.shape)
    top, left = scaled.shape[0] // 2 - side // 2, scaled.shape[1] // 2 - side // 2
    square = scaled[top:top + side, left:left + side]
    small = skimage.transform.resize(square[None], (1, SIDE, SIDE), mode='constant', preserve_range=True).astype(numpy.float32)
    return torch.from_numpy(small)[None], decoded - began, time.perf_counter() - decoded


class DenseNet121:
    """The network run straight from its state dict: every step is one line of the paper (arXiv 1608.06993)."""

    def __init__(self, checkpoint):
        state = torch.load(checkpoint, map_location='cpu')
        self.state = {name: value.float() for name, value in state.items() if torch.is_tensor(value)}
        self.layers = [sum(f'features.denseblock{block}.denselayer{i}.conv1.weight' in self.state for i in range(1, 100)) for block in range(1, 5)]

    def norm_relu(self, x, name):
        mean, variance, weight, bias = (self.state[f'{name}.{part}'] for part in ('running_mean', 'running_var', 'weight', 'bias'))
        return F.relu_(F.batch_norm(x, mean, variance, weight, bias, eps=1e-5))

    def conv(self, x, name, **how):
        return F.conv2d(x, self.state[f'{name}.weight'], **how)

    def logits(self, x):
        x = F.max_pool2d(self.norm_relu(self.conv(x, 'features.conv0', stride=2, padding=3), 'features.norm0'), 3, 2, 1)
        for block, layers in enumerate(self.layers, 1):
            for i in range(1, layers + 1):
                layer = f'features.denseblock{block}.denselayer{i}'
                y = self.conv(self.norm_relu(x, f'{layer}.norm1'), f'{layer}.conv1')
                x = torch.cat([x, self.conv(self.norm_relu(y, f'{layer}.norm2'), f'{layer}.conv2', padding=1)], 1)
            if block < len(self.layers):
                step = f'features.transition{block}'
                x = F.avg_pool2d(self.conv(self.norm_relu(x, f'{step}.norm'), f'{step}.conv'), 2)
        pooled = self.norm_relu(x, 'features.norm5').mean((2, 3))
        return F.linear(pooled, self.state['classifier.weight'], self.state['classifier.bias'])


def start(checkpoint, ready):
    global network
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    network = DenseNet121(checkpoint)
    network.logits(torch.zeros(1, 1, SIDE, SIDE))
    skimage.transform.resize(numpy.zeros((1, 300, 300), numpy.float32), (1, SIDE, SIDE))
    ready.wait()


def score(path):
    processor = time.process_time()
    tensor, decode, preprocess = network_input(path)
    began = time.perf_counter()
    z = float(network.logits(tensor)[0, LUNG_OPACITY])
    infer = time.perf_counter() - began
    extent = min(max(0.8705248236656189 * z + 3.4137437, 0), 8)
    opacity = min(max(0.5484423041343689 * z + 2.5535977, 0), 6)
    return path, extent, opacity, decode, preprocess, infer, time.process_time() - processor


def time_network(checkpoint, batch, threads):
    """Prints PyTorch's version, then for each line read the milliseconds of one run of the network."""
    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    network, images = DenseNet121(checkpoint), torch.rand(batch, 1, SIDE, SIDE) * 2048 - 1024
    print(torch.__version__, flush=True)
    for _ in sys.stdin:
        began = time.perf_counter()
        network.logits(images)
        print(1000 * (time.perf_counter() - began), flush=True)


def to_dicom(folder, output):
    """Each picture's red channel, 8 bits, as a digital X-ray image."""
    for name in sorted(os.listdir(folder)):
        if not name.lower().endswith(('.jpg', '.jpeg', '.png')):
            continue
        red, _ = read(os.path.join(folder, name))
        meta = pydicom.dataset.FileMetaDataset()
        meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = '1.2.840.10008.5.1.4.1.1.1.1', pydicom.uid.ExplicitVRLittleEndian
        meta.MediaStorageSOPInstanceUID = pydicom.uid.generate_uid()
        data = pydicom.dataset.FileDataset('', {}, file_meta=meta, preamble=b'\0' * 128)
        data.is_little_endian, data.is_implicit_VR = True, False
        data.SOPClassUID, data.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
        data.StudyInstanceUID = data.SeriesInstanceUID = pydicom.uid.generate_uid()
        data.Modality, data.BodyPartExamined, data.PhotometricInterpretation, data.SamplesPerPixel = 'DX', 'CHEST', 'MONOCHROME2', 1
        data.Rows, data.Columns = red.shape
        data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
        data.PixelData = red.tobytes() + b'\0' * (red.size % 2)
        path = os.path.join(output, os.path.splitext(name)[0] + '.dcm')
        data.save_as(path + '.raw', write_like_original=False)
        subprocess.run(['dcmcjpeg', '+e1', path + '.raw', path], check=True)
        os.remove(path + '.raw')


def main(args):
    arguments = argparse.ArgumentParser()
    arguments.add_argument('checkpoint')
    arguments.add_argument('folder')
    arguments.add_argument('--workers', type=int, default=1)
    arguments.add_argument('--scores', action='store_true')
    options = arguments.parse_args(args)
    paths = sorted(os.path.join(options.folder, name) for name in os.listdir(options.folder) if name.lower().endswith(('.jpg', '.jpeg', '.png', '.dcm')))
    ready = multiprocessing.Barrier(options.workers + 1)
    with multiprocessing.Pool(options.workers, start, (options.checkpoint, ready)) as pool:
        ready.wait()
        began = time.perf_counter()
        rows = list(pool.imap(score, paths))
        seconds = time.perf_counter() - began
        pool.close()
        pool.join()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + options.workers * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    if options.scores:
        for path, extent, opacity, *_ in rows:
            print(f'{path},{extent:.4f},{opacity:.4f}', file=sys.stderr)
    decode, preprocess, infer, processor = (round(sum(row[i] for row in rows), 2) for i in (3, 4, 5, 6))
    print(json.dumps({'images': len(rows), 'workers': options.workers, 'seconds': round(seconds, 2), 'images_per_second': round(len(rows) / seconds, 2),
                      'decode_s': decode, 'preprocess_s': preprocess, 'infer_s': infer, 'cpu_s': processor, 'peak_mib': memory // 1024}))


if __name__ == '__main__':
    if sys.argv[1:2] == ['--to-dicom']:
        to_dicom(*sys.argv[2:])
    elif sys.argv[2:3] == ['--time']:
        time_network(sys.argv[1], *map(int, sys.argv[3:]))
    else:
        main(sys.argv[1:])
