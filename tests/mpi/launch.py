"""launch.py - the mpirun that belongs to the MPI of a build, and programs under it."""
import os
import shutil

# Of one MPI several may be installed: Debian's names first. MPICH's has no wish to be asked twice.
LAUNCHERS = {'ompi-c': (['mpirun.openmpi', 'mpirun'], ['--oversubscribe', '--allow-run-as-root', '--bind-to', 'none']),
             'mpich': (['mpirun.mpich', 'mpirun'], [])}


def find(package):
    """The words before `-n RANKS PROGRAM`, or [] where there is no such mpirun."""
    names, options = LAUNCHERS.get(package, (['mpirun'], []))
    for name in names:
        if shutil.which(name):
            return [name] + options
    return []


def environment():
    """Of mpirun: every rank may have a home and a quiet stderr, in containers too."""
    return dict(os.environ, OMPI_MCA_rmaps_base_oversubscribe='1', OMPI_MCA_btl_vader_single_copy_mechanism='none')
