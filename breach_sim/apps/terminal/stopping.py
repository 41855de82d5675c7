"""Ending a command by Ctrl-C or SIGTERM: soon, in good order, with what is left behind said.

Not here: what a command takes away when it is stopped, which whoever made it does (``population.dataset``).
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

AGAIN = 2.0
"""Seconds after which a signal is heard again: libraries may swallow it, as while they are loaded."""
_DEFAULTS: dict[int, Any] = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}


class Stopped(BaseException):
    """A command was stopped by a signal.

    Parameters
    ----------
    number
        Number of the signal.
    left
        What is left behind, and how to go on.
    """

    def __init__(self, number: int, left: str) -> None:
        super().__init__(number, left)
        self.number, self.left = number, left

    @property
    def status(self) -> int:
        """Exit status, as a shell gives it: 128 and the number of the signal."""
        return 128 + self.number


@contextmanager
def stopping() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end what is done here, where nobody else has a use for them.

    Raises
    ------
    Stopped
        In place of whatever came of the signal: a library that is stopped while it is loaded may raise
        anything.
    """
    heard: list[int] = []

    def end(number: int, _frame: object) -> None:
        if number in _DEFAULTS:
            heard.append(number)
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, AGAIN)
        raise KeyboardInterrupt

    before = _taken(end)
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        if not heard and isinstance(error, Exception):
            raise
        raise Stopped(heard[0] if heard else signal.SIGINT, _left(error)) from error
    finally:
        if before:
            if hasattr(signal, "setitimer"):
                signal.setitimer(signal.ITIMER_REAL, 0)
            for number, handler in before.items():
                signal.signal(number, handler)


def _taken(end: Any) -> dict[int, Any]:
    """Take the signals that have their default handlers, and return these."""
    before = {number: signal.getsignal(number) for number in _DEFAULTS}
    free = [number for number, handler in before.items() if handler is _DEFAULTS[number]]
    taken: dict[int, Any] = {}
    with suppress(ValueError):  # outside of the main thread
        for number in free:
            taken[number] = signal.signal(number, end)
        if free and hasattr(signal, "SIGALRM"):
            taken[signal.SIGALRM] = signal.signal(signal.SIGALRM, end)
    return taken


def _left(error: BaseException) -> str:
    notes = [note for note in getattr(error, "__notes__", ()) if isinstance(note, str)]
    return "; ".join(notes) or "no file is left half written: start the command again"


def open_outputs() -> None:
    """Make sure that whatever is printed ends no command, whose files may stand already.

    A process that was started without standard output, or error, gets one that leads nowhere. A sign that an
    output cannot encode, such as a byte of a name of a file that is not UTF-8, is printed as its code.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - to the end
        elif getattr(stream, "errors", None) == "strict" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def leave_closed_pipe() -> None:
    """End with the status of a process whose reader has left; what was not read goes nowhere.

    Raises
    ------
    SystemExit
        With the status 141: 128 and the number of SIGPIPE.
    """
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(141)
