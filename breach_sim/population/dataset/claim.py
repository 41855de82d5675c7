"""Which run may write into a folder: one at a time, and no worker of an earlier one.

A run locks a file in ``.partial`` that says its number, process and machine. The system frees the lock when
the process ends, however it ends. A worker reads the number before it makes a file and before it names one.

Not here: the files themselves (`places`, `writer`).
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from breach_sim.population.dataset.places import ASIDE, Local, Remote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CLAIM: Final = f"{ASIDE}/run.json"
"""File that says which run writes."""


@contextlib.contextmanager
def claimed(place: Local | Remote) -> Iterator[str]:
    """Keep a folder for one run.

    Parameters
    ----------
    place
        Folder to write into; it is made if it is missing.

    Yields
    ------
    str
        Number of the run. [32 hexadecimal digits]

    Raises
    ------
    ValueError
        If another run writes there.
    OSError
        If nothing can be written there.

    Notes
    -----
    At an address there are no locks. Whoever claims it last goes on, and the other run stops at its next
    file; a run of this machine that lives is left alone.
    """
    run = os.urandom(16).hex()
    claim = {"run": run, "pid": os.getpid(), "host": platform.node()}
    text = json.dumps(claim).encode() + b"\n"
    if isinstance(place, Remote):
        refuse_busy(place)
        with place.new_file(CLAIM) as stream:
            stream.write(text)
        yield run
        return
    path = Path(place.root, CLAIM)
    held = _locked(place, path)
    try:
        held.truncate(0)
        held.write(text)
        held.flush()
    except OSError as error:
        held.close()
        raise OSError(f"{place}: {error.strerror}; nothing was written: make room there") from error
    try:
        yield run
    finally:
        if os.name == "nt":  # a file that is open cannot be removed there
            held.close()
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
            path.parent.rmdir()  # stays if there is anything else
        held.close()


def refuse_busy(place: Local | Remote) -> None:
    """Refuse a folder into which another run writes; nothing is changed.

    Parameters
    ----------
    place
        Folder.

    Raises
    ------
    ValueError
        If its run lives.
    """
    claim = _claim(place)
    if isinstance(place, Local):
        path = Path(place.root, CLAIM)
        if not path.is_file():
            return
        with path.open("rb") as stream:
            if _lock(stream):
                return
    elif claim.get("host") != platform.node() or not _lives(claim.get("pid")):
        return
    raise ValueError(_busy(place, claim))


def require_run(place: Local | Remote, run: str) -> None:
    """Stop a worker whose run is over.

    Parameters
    ----------
    place
        Folder.
    run
        Number of the run for which the worker works.

    Raises
    ------
    OSError
        If the folder belongs to another run, or to none.
    """
    if _claim(place).get("run") != run:
        raise OSError(f"{place} was removed, or another run writes into it; this run stops")


def _claim(place: Local | Remote) -> Mapping[str, Any]:
    """Return what the folder says of its run; empty if that is nothing, or is just being written."""
    try:
        found = place.read(CLAIM)
    except (ValueError, OSError):
        return {}
    return found if isinstance(found, dict) else {}


def _locked(place: Local, path: Path) -> IO[bytes]:
    """Return the open file of a folder's claim, with its lock held."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            held = path.open("a+b")
        except FileNotFoundError:  # the run before ended just now, and took its folder away
            continue
        ours, same = _lock(held), False
        with contextlib.suppress(FileNotFoundError):  # the run before took its file away in between
            same = os.path.samestat(os.fstat(held.fileno()), path.stat())
        if ours and same:
            return held
        held.close()
        if not ours:
            raise ValueError(_busy(place, _claim(place)))


def _lock(stream: IO[bytes]) -> bool:
    """Lock an open file until it is closed, and say whether nobody else had; where no locks are, nobody."""
    try:
        if os.name == "nt":
            import msvcrt

            stream.seek(1 << 30)  # others can still read what the file says
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
        else:
            import fcntl

            fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _lives(pid: object) -> bool:
    """Say whether another process of this machine has the number."""
    if os.name == "nt" or not isinstance(pid, int) or pid in {0, os.getpid()} or pid < 0:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def _busy(place: Local | Remote, claim: Mapping[str, Any]) -> str:
    who = f"process {claim['pid']} on {claim['host']}" if {"pid", "host"} <= set(claim) else "another process"
    return (
        f"{place} is being written by {who}; wait until it ends, or stop it and go on with resume, "
        "or give another folder"
    )
