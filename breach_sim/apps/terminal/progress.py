"""Progress on standard error of a terminal: nothing for what takes less than a second, nothing elsewhere.

Not here: the bar of ``breach-sim generate``, which counts rows (``cli.population``).
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

AFTER = 1.0
"""Seconds after which progress is shown."""
_EVERY = 0.2


@contextmanager
def working(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal that something is under way, and for how long.

    Parameters
    ----------
    what
        What is done: "Running the model".

    Yields
    ------
    Takes note of how many of how many parts are done; need not be called. The line vanishes at the end.
    """
    if not sys.stderr.isatty():
        yield _nothing
        return
    state = _State(what)
    thread = threading.Thread(target=state.show, daemon=True)
    thread.start()
    try:
        yield state.note
    finally:
        state.over.set()
        thread.join()


def _nothing(_done: int, _whole: int) -> None:
    """Show nothing."""


class _State:
    """What the thread that draws and the one that works both see."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.over = threading.Event()
        self.parts: tuple[int, int] | None = None

    def note(self, done: int, whole: int) -> None:
        """Take note of parts that are done."""
        self.parts = done, whole

    def show(self) -> None:
        """Draw after a second, until it is over."""
        if self.over.wait(AFTER):
            return
        bar = _bar()
        task = bar.add_task(self.what, total=None)
        bar.start()
        try:
            while not self.over.wait(_EVERY):
                if self.parts is not None:
                    bar.update(task, completed=self.parts[0], total=self.parts[1])
                bar.refresh()
        finally:
            bar.stop()


def _bar() -> Any:
    """A line of Rich that is gone at the end; it leaves standard output alone."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn()
    quiet = {"transient": True, "auto_refresh": False, "redirect_stdout": False, "redirect_stderr": False}
    return Progress(*columns, console=Console(stderr=True), **quiet)  # type: ignore[arg-type]
