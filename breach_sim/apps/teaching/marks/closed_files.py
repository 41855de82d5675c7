"""Close the files of the machine to the running process, where Linux offers it (Landlock, from 5.13 on).

The standard library has no call for it, so the kernel is asked by number. The numbers are the same on all
processors that Python is built for.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

_MAKE, _ADD, _RESTRICT = 444, 445, 446
_NO_NEW_PRIVILEGES = 38
_VERSION, _BENEATH = 1, 1
_READ = 0b1101
"""Run a file, read a file, list a folder."""
_OF_FILES = 0b100_0000_0000_0111
"""Rights that a single file can have: run, write, read, shorten."""
_RIGHTS = {1: 13, 2: 14}
_MOST_RIGHTS = 15


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled", ctypes.c_uint64),)


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The version that the kernel has.

    Returns
    -------
    1 or more; 0 if there is none, or this is no Linux.
    """
    try:
        return max(int(_kernel().syscall(_MAKE, None, 0, _VERSION)), 0)
    except (AttributeError, OSError, TypeError):
        return 0


def close_files(readable: Iterable[str], writable: Iterable[str]) -> bool:
    """Leave to this process, and to what it starts, only some files. It cannot be undone.

    Parameters
    ----------
    readable
        Files and folders that may be read.
    writable
        Files and folders in which everything may be done.

    Returns
    -------
    Whether it was done.
    """
    found = version()
    if not found:
        return False
    kernel, everything = _kernel(), (1 << _RIGHTS.get(found, _MOST_RIGHTS)) - 1
    ruleset = _Ruleset(everything)
    rules = kernel.syscall(_MAKE, ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0)
    for paths, rights in ((readable, _READ), (writable, everything)):
        for path in filter(Path.exists, map(Path, paths)):
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            own = rights if path.is_dir() else rights & _OF_FILES
            rule = _Beneath(own, place)
            kernel.syscall(_ADD, rules, _BENEATH, ctypes.byref(rule), 0)
            os.close(place)
    kernel.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return int(kernel.syscall(_RESTRICT, rules, 0)) == 0


def _kernel() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
