"""launch.py - the mpirun that belongs to the MPI of a build, programs under it, and what their runs have in common."""
import json
import os
import shutil
import signal
import subprocess
import time

# Debian's names first, under which both can be installed.
LAUNCHERS = {'ompi-c': (['mpirun.openmpi', 'mpirun'], ['--oversubscribe', '--allow-run-as-root', '--bind-to', 'none']),
             'mpich': (['mpirun.mpich', 'mpirun'], [])}

# Time limits are multiplied by it: a program under valgrind takes long.
PATIENCE = float(os.environ.get('SWALE_PATIENCE', '1'))

# $RANK is known to the shell; "$@" is the program and its arguments.
SHELL = 'RANK=${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-0}}; '


def find(package):
    """The words before `-n RANKS PROGRAM`, or [] where there is no such mpirun."""
    names, options = LAUNCHERS.get(package, (['mpirun'], []))
    for name in names:
        if shutil.which(name):
            return [name] + options
    return []


def environment():
    """Of mpirun. Open MPI leaves memory behind in modules that it unloads, so that a sanitizer cannot say whose it is:
    leaks are not looked for here; what a test takes from its own allocator is counted."""
    return dict(os.environ, OMPI_MCA_btl_vader_single_copy_mechanism='none',
                ASAN_OPTIONS=os.environ.get('ASAN_OPTIONS', '') + ':detect_leaks=0')


class Broken(Exception):
    """What a case found wrong."""


def expect(good, what):
    if not good:
        raise Broken(what)


class Ranks:
    """Programs under mpirun, in a new folder."""

    def __init__(self, words, program, folder):
        self.words, self.program, self.folder = words, os.path.abspath(program), folder

    def command(self, ranks, arguments, shell='exec "$@"'):
        program = ['/bin/sh', '-c', SHELL + shell, 'sh', self.program] + arguments
        return (self.words + ['-n', str(ranks)] if ranks else []) + program

    def start(self, ranks, arguments, shell='exec "$@"'):
        return subprocess.Popen(self.command(ranks, arguments, shell), cwd=self.folder, env=environment(),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                start_new_session=True)

    def run(self, ranks, arguments, shell='exec "$@"', limit=100):
        process = self.start(ranks, arguments, shell)
        return self.end(process, limit)

    def end(self, process, limit=100):
        """Exit status, standard output, standard error."""
        try:
            out, error = process.communicate(timeout=limit * PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, error = process.communicate()
            raise Broken(f'ran longer than {limit * PATIENCE} s: {out}{error}') from None
        return process.returncode, out, error

    def read(self, *path):
        with open(os.path.join(self.folder, *path), 'rb') as stream:
            return stream.read()

    def wait_for(self, process, *path, lines=1):
        """Until the file has so many lines."""
        until = time.monotonic() + 60 * PATIENCE
        while time.monotonic() < until and process.poll() is None:
            if os.path.exists(os.path.join(self.folder, *path)) and self.read(*path).count(b'\n') >= lines:
                return
            time.sleep(0.05)
        raise Broken(f'{os.path.join(*path)} did not get {lines} lines: {self.end(process, 1)}')


def records(text):
    """The records of a log.jsonl, without what depends on time and workers."""
    varies = {'seconds', 'threads', 'ranks', 'bytes', 'exchanges', 'agreements', 'run'}
    return [{key: value for key, value in json.loads(line).items() if key not in varies} for line in text.splitlines()]
