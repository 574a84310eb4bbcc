#!/usr/bin/python3
"""read_model.py MODEL.safetensors - the tensors of a model, and its outputs, with NumPy alone."""
import json
import sys

import numpy as np


def read(path):
    """A safetensors file: 8 bytes, the size of the header; the header, JSON; the numbers, 32-bit floats."""
    with open(path, 'rb') as file:
        size = int.from_bytes(file.read(8), 'little')
        header, data = json.loads(file.read(size)), file.read()
    words = header.pop('__metadata__')
    return {name: np.frombuffer(data[slice(*entry['data_offsets'])], '<f4').reshape(entry['shape'])
            for name, entry in header.items()}, words


def outputs(model, inputs):
    """Of a relu network: a row per row of inputs."""
    h = (inputs - model['standardize.shift']) * model['standardize.scale']
    last = sum(name.endswith('.weight') for name in model) - 1
    for layer in range(last + 1):
        h = h @ model[f'layers.{layer}.weight'].T + model[f'layers.{layer}.bias']
        h = np.maximum(h, 0) if layer < last else h
    return h


if __name__ == '__main__':
    tensors, about = read(sys.argv[1])
    print(about)
    for key, tensor in tensors.items():
        print(key, tensor.shape)
