"""runs.py - what must be the same in two runs, however often one was broken off, and on how many workers it went on."""
import json
import os

# of a record: what depends on the time, on the workers, or on the name of the folder
FREE = ('seconds', 'threads', 'ranks', 'bytes', 'exchanges', 'agreements', 'run', 'directory')
FREE_OPTIONS = ('threads', 'out')


def records(folder, free=FREE):
    with open(os.path.join(folder, 'log.jsonl'), encoding='utf-8') as stream:
        lines = [json.loads(line) for line in stream]
    lines = [line for line in lines if line['event'] != 'resume']  # says only that it went on
    for options in (line['options'] for line in lines if 'options' in line):
        for name in FREE_OPTIONS:
            del options[name]
    return [{key: value for key, value in line.items() if key not in free} for line in lines]


def model(folder):
    with open(os.path.join(folder, 'model.safetensors'), 'rb') as stream:
        return stream.read()
