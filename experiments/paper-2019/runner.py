"""runner.py - runs the program, some runs at a time, each on one thread; a run that is there already is not repeated."""
import concurrent.futures
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time


class Failed(Exception):
    """A run that ended with an error; the message says which and how."""


def records(folder):
    """The records of a run's log, or [] if the run has not come to its end."""
    try:
        with open(os.path.join(folder, 'log.jsonl'), encoding='utf-8') as stream:
            found = [json.loads(line) for line in stream]
    except (OSError, ValueError):
        return []
    return found if found and found[-1].get('event') == 'final' else []


class Runner:
    """Trains and evaluates below the folder `out`."""

    def __init__(self, program, out, workers):
        self.program, self.out, self.workers = program, out, workers
        self.began, self.earlier = time.monotonic(), 0.0
        self.clock = os.path.join(out, 'minutes')
        if os.path.exists(self.clock):
            with open(self.clock, encoding='utf-8') as stream:
                self.earlier = float(stream.read())

    def train(self, name, options):
        """The records and the folder of one run; `name` is for people, the options decide what it is."""
        key = hashlib.sha256(' '.join(options).encode()).hexdigest()[:10]
        folder = os.path.join(self.out, 'runs', f'{name}-{key}')
        if not records(folder):
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(os.path.dirname(folder), exist_ok=True)
            self._call([self.program, 'train', *options, '--threads=1', f'--out={folder}'],
                       accept=lambda: records(folder))  # a run that diverges has an end, too
        return records(folder), folder

    def evaluate(self, folder, options):
        """What `swale evaluate` finds out about the model of a run, which it keeps in the folder."""
        kept = os.path.join(folder, 'evaluation.json')
        if not os.path.exists(kept):
            self._call([self.program, 'evaluate', folder, *options, '--threads=1'])
        with open(kept, encoding='utf-8') as stream:
            return json.load(stream)

    def minutes(self):
        """Of this call and of those before, which it goes on from."""
        return self.earlier + (time.monotonic() - self.began) / 60

    def keep_minutes(self):
        with open(self.clock, 'w', encoding='utf-8') as stream:
            stream.write(f'{self.minutes():.2f}\n')

    def together(self, title, calls):
        """The results of the calls, in their order; as many at a time as there are workers."""
        calls = list(calls)
        planned, done = len(calls), 0
        with concurrent.futures.ThreadPoolExecutor(self.workers) as pool:
            futures = [pool.submit(call) for call in calls]
            try:
                for _ in concurrent.futures.as_completed(futures):
                    done += 1
                    print(f'\r{title}: {done} of {planned} runs; {self.minutes():.1f} minutes in all ', end='',
                          file=sys.stderr, flush=True)
                return [future.result() for future in futures]
            finally:
                pool.shutdown(cancel_futures=True)
                print(file=sys.stderr)

    @staticmethod
    def _call(command, accept=lambda: False):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0 and not accept():
            raise Failed(f'{" ".join(command)}\n  ended with {done.returncode}: {done.stderr.strip()}')
        return done.stdout
