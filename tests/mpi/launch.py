"""launch.py - the mpirun that belongs to the MPI of a build, and programs under it."""
import os
import shutil

# Debian's names first, under which both can be installed.
LAUNCHERS = {'ompi-c': (['mpirun.openmpi', 'mpirun'], ['--oversubscribe', '--allow-run-as-root', '--bind-to', 'none']),
             'mpich': (['mpirun.mpich', 'mpirun'], [])}

# Time limits are multiplied by it: a program under valgrind takes long.
PATIENCE = float(os.environ.get('SWALE_PATIENCE', '1'))


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
