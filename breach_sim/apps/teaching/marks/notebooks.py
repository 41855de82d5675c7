"""Read the notebooks that students hand in, as data: nothing in them runs, is unpickled or is drawn.

A file may be anything: a link, a pipe, gigabytes, JSON of a million brackets, text that is no notebook. It
is read with limits, or refused with a sentence.

Not here: running a notebook (``running``), what an answer is worth (``grading``).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from breach_sim.apps.teaching.checking import EXERCISES
from breach_sim.apps.teaching.keeping import FORMAT, MIME
from breach_sim.apps.teaching.marks.sources import asks_for_keys
from breach_sim.formatting.messages import shown
from breach_sim.interop.files import contents_of_stranger, json_of

MOST_BYTES = 10_000_000
"""Largest notebook read, in bytes. The lessons have less than a million with all their figures."""
MOST_FILES = 20_000
"""Most files of a folder."""
MOST_CELLS = 2_000
MOST_CODE = 1_000_000
"""Most letters of code in a notebook."""
_ASKED = re.compile(r"""\bcheck\(\s*["'](\d\.\d)["']""")
_SAID = re.compile(r"^(\d\.\d) (open|right|not yet|cannot)\b", re.MULTILINE)
_MOST_NAMES, _LONGEST_NAME = 100, 100


@dataclass(frozen=True)
class Kept:
    """An answer as it was stored.

    Parameters
    ----------
    seed
        Seed under which it was checked; None if it is no whole number.
    answer
        Plain JSON; None if it could not be read.
    said
        First words of the sentence that was printed beside it, "" if none was; None if the answer comes from
        a run of the teacher's, which prints none.
    """

    seed: int | None
    answer: Any
    said: str | None


@dataclass(frozen=True)
class HandIn:
    """What a notebook says about the exercises.

    Parameters
    ----------
    path
        Where it is, relative to the folder.
    code
        Text of its code cells.
    asked
        Exercises for which it has a cell.
    kept
        Answers by exercise; the last one counts.
    verdicts
        First words of the sentence printed last, by exercise.
    keys
        Exercises whose key the code asks for.
    """

    path: Path
    code: tuple[str, ...] = ()
    asked: frozenset[str] = frozenset()
    kept: Mapping[str, Kept] = field(default_factory=dict)
    verdicts: Mapping[str, str] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()


def files_in(folder: Path) -> Iterator[Path]:
    """Go through the notebooks of a folder, without following links.

    Parameters
    ----------
    folder
        Where the hand-ins are.

    Yields
    ------
    Paths in a fixed order, links and pipes with the name of a notebook included. Files that are hidden, or in
    a hidden folder, are left out, as are the copies that Jupyter saves aside.

    Raises
    ------
    ValueError
        If it is no folder, or holds too many files.
    """
    if not folder.is_dir():
        raise ValueError(f"{shown(str(folder))} is no folder; name the one that holds the hand-ins")
    seen = 0
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        seen += len(files) + len(folders)
        if seen > MOST_FILES:
            raise ValueError(
                f"{shown(str(folder))} holds more than {MOST_FILES:,} files; name the one of the hand-ins"
            )
        yield from (Path(place, name) for name in sorted(files) if _is_notebook(name))


def _is_notebook(name: str) -> bool:
    return name.lower().endswith(".ipynb") and not name.startswith(".")


def read_notebook(path: Path, folder: Path) -> HandIn:
    """Read a notebook as data.

    Parameters
    ----------
    path
        File.
    folder
        Folder of the hand-ins.

    Returns
    -------
    What it says.

    Raises
    ------
    ValueError
        If it is no ordinary file, too large, not JSON, or no notebook.
    """
    name = shown(str(path.relative_to(folder)))
    raw = contents_of_stranger(path, MOST_BYTES, name)
    if not raw.strip():
        raise ValueError(f"{name} is empty; ask for it again")
    try:
        document = json_of(raw.decode("utf-8-sig"), name)
    except UnicodeDecodeError:
        raise ValueError(f"{name} is not UTF-8 text; open it in Jupyter and save it again") from None
    cells = document.get("cells") if isinstance(document, dict) else None
    if not isinstance(cells, list):
        raise ValueError(  # noqa: TRY004 - bad input is a ValueError, whatever its type
            f"{name} is no notebook of format 4; open it in Jupyter and save it again"
        )
    if len(cells) > MOST_CELLS:
        raise ValueError(f"{name} has {len(cells):,} cells; a lesson has fewer than {MOST_CELLS:,}")
    code = [c for c in cells if isinstance(c, dict) and c.get("cell_type") == "code"]
    sources = tuple(_text(cell.get("source")) for cell in code)
    if sum(map(len, sources)) > MOST_CODE:
        raise ValueError(f"{name} has more than {MOST_CODE:,} letters of code; ask for a shorter one")
    return _hand_in(path.relative_to(folder), code, sources)


def _hand_in(path: Path, code: list[dict[str, Any]], sources: tuple[str, ...]) -> HandIn:
    kept: dict[str, Kept] = {}
    verdicts: dict[str, str] = {}
    for cell in code:
        outputs = cell.get("outputs")
        outputs = [one for one in outputs if isinstance(one, dict)] if isinstance(outputs, list) else []
        printed = "\n".join(_text(o.get("text")) for o in outputs if o.get("name") == "stdout")
        said = {name: word for name, word in _SAID.findall(printed) if name in EXERCISES}
        verdicts |= said
        for name, record in _records(outputs):
            seed = record.get("seed")
            whole = isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed < 2**63
            kept[name] = Kept(seed if whole else None, plain_answer(record.get("answer")), said.get(name, ""))
    asked = {name for source in sources for name in _ASKED.findall(source) if name in EXERCISES}
    own = frozenset(asked | set(kept) | set(verdicts))
    return HandIn(path, sources, own, kept, verdicts, asks_for_keys(sources, own))


def _records(outputs: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Records of the outputs of a cell, by exercise."""
    for output in outputs:
        data = output.get("data")
        record = data.get(MIME) if isinstance(data, dict) else None
        if isinstance(record, dict) and record.get("format") == FORMAT:
            name = record.get("exercise")
            if isinstance(name, str) and name in EXERCISES:
                yield name, record


def plain_answer(answer: Any) -> Any:
    """Return an answer of a form and a size that ``check`` can have stored.

    Parameters
    ----------
    answer
        JSON of a stranger.

    Returns
    -------
    The same; None if it is anything else.
    """
    if isinstance(answer, (int, float)) and not isinstance(answer, bool):
        return answer
    if not isinstance(answer, list) or len(answer) > _MOST_NAMES:
        return None
    entries = [name for entry in answer for name in (entry if isinstance(entry, list) else [entry])]
    fits = all(isinstance(name, str) and len(name) <= _LONGEST_NAME for name in entries)
    return answer if fits and len(entries) <= _MOST_NAMES * _MOST_NAMES else None


def _text(source: Any) -> str:
    """Text of a cell, which may be stored as lines."""
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""
