"""Which numbers of a notebook do its stored outputs hold? ``python run.py mutation NOTEBOOK...``.

A stored output is worth what it notices. Here the numbers in code cells are changed one at a time, a tenth
up or the next whole number, and the notebook is run in a kernel of its own until a text differs from the one
stored. A number is *held* if one does, or if a cell fails. If all texts stay as they are the number is
*silent*: somebody may change it, and no comparison notices. The remedy is a table of what the number decides.

Before that the notebook is run as it is. Cells that already differ then are named and not compared. Texts are
what a strict comparison sees: streams, and values as HTML or plain text. Pictures are left out.
The notebooks need not be of this project: :func:`held_numbers` asks for nothing but a path.
"""

from __future__ import annotations

import argparse
import ast
import copy
import random
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

FACTOR = 1.1
COMMAND = re.compile(r"^(\s*)[%!?].*$", re.MULTILINE)
"""A line that only IPython reads."""
ADDRESSES = re.compile(r"0x[0-9a-fA-F]{6,}")
FIGURE = re.compile(r"^(<Figure|<Axes|\[?<matplotlib)")
"""A figure in words, which says nothing of its numbers."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a code cell, and what takes its place.

    Parameters
    ----------
    cell
        Number of the code cell, from 0.
    line, start, end
        Line of the cell from 1, and columns. [bytes]
    old, new
        The number as it is written, and the other.
    """

    cell: int
    line: int
    start: int
    end: int
    old: str
    new: str

    def __str__(self) -> str:
        return f"cell {self.cell}, line {self.line}: {self.old} -> {self.new}"


@dataclass(frozen=True, slots=True)
class Held:
    """What was found of a notebook.

    Parameters
    ----------
    differ
        Code cells whose text differs from the stored one without any change.
    unread
        Code cells without a stored text: nothing in them can notice a change.
    noticed
        Changed numbers, each with the cell that noticed.
    silent
        Changed numbers that no text notices.
    """

    differ: tuple[int, ...]
    unread: tuple[int, ...]
    noticed: tuple[tuple[Number, str], ...]
    silent: tuple[Number, ...]


def held_numbers(
    path: Path, *, sample: int = 20, seed: int = 1, timeout: float = 120.0, kernel: str = "python3"
) -> Held:
    """Change numbers of a notebook one at a time and see whether a stored text notices.

    Parameters
    ----------
    path
        The notebook, with its outputs. It is not written to; cells run in its folder.
    sample
        How many numbers are changed, drawn without repetition; all if there are fewer.
    seed
        Seed of the sample.
    timeout
        Most seconds of a cell; one that takes longer has noticed.
    kernel
        Name of the kernel.

    Returns
    -------
    Cells that are of no use for a comparison, and numbers that are held or silent.

    Raises
    ------
    ValueError
        If the notebook cannot be read or has no code cell.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:
        raise ValueError(f"{path} is no notebook: {error}") from error
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if not cells:
        raise ValueError(f"{path} has no code cell; there is no number to change")
    stored = [texts(cell.outputs) for cell in cells]
    runs = Runner(notebook, path.parent, timeout, kernel)
    differ = tuple(number for number, seen in enumerate(runs.texts({})) if seen != stored[number])
    unread = tuple(number for number, own in enumerate(stored) if not own)
    numbers = list(numbers_of([cell.source for cell in cells]))
    numbers = random.Random(seed).sample(numbers, min(sample, len(numbers)))
    noticed, silent = [], []
    for number in sorted(numbers, key=lambda one: (one.cell, one.line, one.start)):
        where = ""
        sources = {number.cell: changed(cells[number.cell].source, number)}
        for place, seen in enumerate(runs.texts(sources)):
            if place not in differ and seen != stored[place]:
                where = f"cell {place} fails" if seen == [FAILED] else f"cell {place} differs"
                break
        if where:
            noticed.append((number, where))
        else:
            silent.append(number)
    return Held(differ, unread, tuple(noticed), tuple(silent))


FAILED = "this cell fails"


class Runner:
    """A notebook that is run again and again, each time in a new kernel.

    Parameters
    ----------
    notebook
        The notebook.
    folder
        Where its cells run.
    timeout, kernel
        As for :func:`held_numbers`.
    """

    def __init__(self, notebook: Any, folder: Path, timeout: float, kernel: str) -> None:
        self._notebook = notebook
        self._options: dict[str, Any] = {
            "timeout": timeout, "kernel_name": kernel, "record_timing": False,
            "resources": {"metadata": {"path": str(folder)}},
        }  # fmt: skip

    def texts(self, sources: Mapping[int, str]) -> Iterator[list[str]]:
        """Yield the texts of each code cell in turn, some with another source; the first failure ends it."""
        notebook = copy.deepcopy(self._notebook)
        client = NotebookClient(notebook, **self._options)
        with client.setup_kernel():
            number = -1
            for place, cell in enumerate(notebook.cells):
                if cell.cell_type != "code":
                    continue
                number += 1
                cell.source = sources.get(number, cell.source)
                cell.outputs = []
                try:
                    client.execute_cell(cell, place)
                except (CellExecutionError, CellTimeoutError, DeadKernelError):
                    yield [FAILED]
                    return
                yield texts(cell.outputs)


def texts(outputs: Sequence[Any]) -> list[str]:
    """Texts of some outputs, without addresses in memory and without figures in words.

    Parameters
    ----------
    outputs
        Outputs of a cell, as the format of notebooks has them.

    Returns
    -------
    The text of each stream, and each value as HTML where it has one, else as plain text.
    """
    streams: dict[str, str] = {}
    values = []
    for output in outputs:
        if output["output_type"] == "stream":
            # Standard error holds warnings with paths of the machine.
            if output["name"] == "stdout":
                streams["stdout"] = streams.get("stdout", "") + output["text"]
        elif output["output_type"] == "error":
            values.append(f"{output['ename']}: {output['evalue']}")
        else:
            data = output["data"]
            values.append(data.get("text/html") or data.get("text/plain") or data.get("text/latex") or "")
    cleaned = [ADDRESSES.sub("0xADDR", text).strip() for text in (*streams.values(), *values)]
    return [text for text in cleaned if text and not FIGURE.match(text)]


def numbers_of(sources: Sequence[str]) -> Iterator[Number]:
    """Yield the numbers of code cells, but not those of a cell that is no plain Python.

    Parameters
    ----------
    sources
        Text of each code cell. Lines for IPython alone are passed over.

    Yields
    ------
    Each number with its replacement: a tenth more, and of a whole number below 10 the next one.
    """
    for cell, source in enumerate(sources):
        try:
            tree = ast.parse(COMMAND.sub(r"\1pass", source))
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, (int, float)):
                continue
            if isinstance(node.value, bool):
                continue
            if node.lineno == node.end_lineno and node.end_col_offset is not None:
                line = source.splitlines()[node.lineno - 1].encode()
                old = line[node.col_offset : node.end_col_offset].decode()
                yield Number(cell, node.lineno, node.col_offset, node.end_col_offset, old, _more(node.value))


def _more(value: float) -> str:
    if isinstance(value, int):
        return str(value + max(1, abs(value) // 10))
    return repr(value * FACTOR if value else 0.1)


def changed(source: str, number: Number) -> str:
    """Return the text of a cell with one number changed."""
    lines = source.splitlines(keepends=True)
    line = lines[number.line - 1].encode()
    lines[number.line - 1] = (line[: number.start] + number.new.encode() + line[number.end :]).decode()
    return "".join(lines)


def main(words: Sequence[str] | None = None) -> int:
    """Report on some notebooks; the exit status is 1 if a number is silent or a cell differs as it is."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    options.add_argument("notebooks", nargs="+", type=Path, help="notebooks with their outputs")
    options.add_argument("--sample", type=int, default=20, help="numbers to change in each (20)")
    options.add_argument("--seed", type=int, default=1, help="seed of the sample (1)")
    options.add_argument("--timeout", type=float, default=120.0, help="most seconds of a cell (120)")
    options.add_argument("--kernel", default="python3", help="name of the kernel (python3)")
    given = options.parse_args(words)
    status = 0
    for path in given.notebooks:
        begin = time.monotonic()
        try:
            found = held_numbers(
                path, sample=given.sample, seed=given.seed, timeout=given.timeout, kernel=given.kernel
            )
        except ValueError as error:
            print(f"{error}", file=sys.stderr)
            return 2
        status = max(status, printed(path, found, time.monotonic() - begin))
    return status


def printed(path: Path, found: Held, seconds: float) -> int:
    """Print what was found of a notebook; 1 if anything needs a remedy."""
    tried = len(found.noticed) + len(found.silent)
    print(f"{path.name}: {len(found.noticed)} of {tried} changed numbers are held, {seconds:.0f} s")
    if found.differ:
        print(f"  differ without a change: cells {', '.join(map(str, found.differ))}")
    if found.unread:
        print(f"  no text is stored: cells {', '.join(map(str, found.unread))}")
    for number in found.silent:
        print(f"  silent: {number}")
    return int(bool(found.silent or found.differ))


if __name__ == "__main__":
    sys.exit(main())
