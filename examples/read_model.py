#!/usr/bin/python3
"""read_model.py MODEL.safetensors [TABLE.csv] - the tensors of a model, and what it predicts, with NumPy alone."""
import csv
import json
import math
import sys

import numpy as np

TYPES = {'F32': '<f4', 'F64': '<f8'}
ACTIVATIONS = {
    'identity': lambda u: u,
    'relu': lambda u: np.maximum(u, 0),
    'tanh': np.tanh,
    'sigmoid': lambda u: 0.5 * (1 + np.tanh(u / 2)),
    'gelu': lambda u: u * 0.5 * np.vectorize(math.erfc, otypes=[float])(-u / math.sqrt(2)),
    'sign': lambda u: np.where(u < 0, -1.0, 1.0),
}


def read(path):
    """A safetensors file: 8 bytes, the size of the header; the header, JSON; the numbers."""
    with open(path, 'rb') as file:
        size = int.from_bytes(file.read(8), 'little')
        header, data = json.loads(file.read(size)), file.read()
    words = header.pop('__metadata__')
    return {name: np.frombuffer(data[slice(*entry['data_offsets'])], TYPES[entry['dtype']]).reshape(entry['shape'])
            for name, entry in header.items()}, words


def raw_inputs(words, table):
    """Rows of a table (a dictionary: name of a column -> its fields as text) as numbers, one column per input."""
    inputs = []
    for column in json.loads(words['columns']):
        fields = table[column['name']]
        if 'values' in column:  # one input per value: 1 where it is
            known = {value: place for place, value in enumerate(column['values'])}
            one = np.eye(len(known))
            inputs.append(np.array([one[known[field]] for field in fields]).reshape(-1, len(known)))
        else:  # a missing number is filled, where the model knows with what
            fill = column.get('fill')
            numbers = [fill if field == '' and fill is not None else float(field) for field in fields]
            inputs.append(np.array(numbers).reshape(-1, 1))
    return np.hstack(inputs)


def outputs(model, words, raw):
    """What the network puts out, a row per row of raw inputs (numbers as they are in the data; bytes / 255 of images)."""
    if words['activation'] not in ACTIVATIONS:
        raise ValueError(f"this program does not know the activation {words['activation']}")
    activation = ACTIVATIONS[words['activation']]
    h = np.asarray(raw, 'f8')
    if 'standardize.shift' in model:  # in double, then rounded: so the network sees it
        h = (h - model['standardize.shift']) * model['standardize.scale']
    h = h.astype('f4').astype('f8')
    last = sum(name.endswith('.weight') for name in model) - 1
    for layer in range(last + 1):
        h = h @ model[f'layers.{layer}.weight'].T.astype('f8') + model[f'layers.{layer}.bias']
        h = activation(h) if layer < last else h
    return h


def probabilities(out):
    """Softmax of each row."""
    e = np.exp(out - out.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def numbers(model, out):
    """Of a regression: in the units of the data."""
    if 'standardize.target_shift' not in model:
        return out
    return out / model['standardize.target_scale'] + model['standardize.target_shift']


def predict(model, words, table):
    """Names of the classes, or numbers, one per row of the table."""
    out = outputs(model, words, raw_inputs(words, table))
    if 'classes' not in words:
        return numbers(model, out)[:, 0]
    return [json.loads(words['classes'])[place] for place in out.argmax(axis=1)]


if __name__ == '__main__':
    tensors, about = read(sys.argv[1])
    print(about)
    for key, tensor in tensors.items():
        print(key, tensor.shape)
    if len(sys.argv) > 2:
        with open(sys.argv[2], newline='', encoding='utf-8-sig') as file:
            rows = list(csv.DictReader(file))
        columns = {name: [row[name].strip() for row in rows] for name in rows[0]}
        print(*predict(tensors, about, columns), sep='\n')
