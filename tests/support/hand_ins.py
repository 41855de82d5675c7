"""A class of thirty made-up hand-ins of lesson 2, with the marks that each should get."""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from breach_sim.apps import teaching
from breach_sim.apps.teaching.keeping import MIME, answer_record

LESSON = ("2.1", "2.2", "2.3", "2.4", "2.5", "2.6")
SHARES = ("2.1", "2.2", "2.3", "2.6")
Notebook = dict[str, Any]
Expected = tuple[str, float, str]
"""State, points, and name of the mistake."""
ALL_RIGHT: dict[str, Expected] = dict.fromkeys(LESSON, ("right", 1.0, ""))


def all_of(state: str) -> dict[str, Expected]:
    """Every exercise in one state without points."""
    return dict.fromkeys(LESSON, (state, 0.0, ""))


@dataclass(frozen=True)
class Made:
    """A student of the class: who, and what is expected."""

    name: str
    seed: int
    marks: dict[str, Expected]
    remark: str = ""


def cell(source: str, *outputs: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """Return a code cell."""
    return {
        "cell_type": "code",
        "id": f"c{abs(hash(source)) % 10**8}",
        "metadata": metadata,
        "source": source,
        "outputs": list(outputs),
        "execution_count": 1,
    }


def said(text: str) -> dict[str, Any]:
    """Return an output of text."""
    return {"output_type": "stream", "name": "stdout", "text": text + "\n"}


def kept(record: dict[str, Any]) -> dict[str, Any]:
    """Return an output with a record."""
    return {"output_type": "display_data", "metadata": {}, "data": {MIME: record, "text/plain": "kept"}}


def checked(name: str, answer: Any, seed: int, source: str = "") -> dict[str, Any]:
    """Return the cell of an exercise as it is after it ran."""
    code = f'{source or f"answer = {answer!r}"}\ncheck("{name}", answer, seed=SEED, keep=True)'
    outputs = [said(textwrap.fill(teaching.judge(name, answer, seed).message, 100))]
    record = answer_record(teaching.EXERCISES[name], answer, seed)
    return cell(code, *outputs, *([kept(record)] if record else []))


def notebook(seed: int, answers: Callable[[str], Any], marker: Path) -> Notebook:
    """Return a solved copy whose first cell does harm if it runs, and whose outputs do if they are shown."""
    harm = f"import breach_sim\nSEED = {seed}\nopen({str(marker)!r}, 'w').write('it ran')"
    page = {"text/html": f"<script>location='file://{marker}'</script>", "application/x-pickle": "gASVHw=="}
    shown = {"output_type": "display_data", "metadata": {}, "data": page}
    cells = [cell(harm, shown), *(checked(name, answers(name), seed) for name in LESSON)]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


class Room:
    """The folder of a class, filled student by student."""

    def __init__(self, folder: Path, marker: Path) -> None:
        self.folder, self.marker = folder, marker
        self.made: list[Made] = []

    def seed(self) -> int:
        """Seed of the next student."""
        return 1_000 + 7 * len(self.made)

    def right(self, name: str) -> Any:
        """The key of the next student."""
        return teaching.key(name, seed=self.seed())

    def solved(self, answers: Callable[[str], Any] | None = None, seed: int | None = None) -> Notebook:
        """A notebook of the next student; right if nothing else is asked."""
        own = self.seed() if seed is None else seed
        return notebook(own, answers or (lambda name: teaching.key(name, seed=own)), self.marker)

    def add(
        self,
        name: str,
        content: Notebook | bytes | Callable[[Path], object],
        marks: dict[str, Expected],
        remark: str = "",
    ) -> None:
        """Put the hand-in of the next student into the folder."""
        place = self.folder / f"{name}_lesson_2.ipynb"
        if callable(content):
            content(place)
        else:
            place.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        self.made.append(Made(name, self.seed(), marks, remark))


def thirty(folder: Path, marker: Path) -> list[Made]:
    """Fill a folder with the hand-ins of a class and return what is expected of each."""
    room = Room(folder, marker)
    answered(room)
    unanswered(room)
    no_notebooks(room)
    tampered(room)
    return room.made


def answered(room: Room) -> None:
    """Right, wrong in each listed way, in percent, otherwise wrong, unreadable, rounded: ten."""
    room.add("Ada Right", room.solved(), ALL_RIGHT)
    for number in range(5):
        ideas = {n: teaching.EXERCISES[n].ideas[number % len(teaching.EXERCISES[n].ideas)] for n in LESSON}
        given = {n: one.value(teaching.data(n, seed=room.seed())) for n, one in ideas.items()}
        marks: dict[str, Expected] = {n: ("mistake", 0.5, one.name) for n, one in ideas.items()}
        room.add(f"Mistaken {number}", room.solved(given.__getitem__), marks)
    room.add(
        "Per Cent",
        room.solved(lambda n: 100 * room.right(n) if n in SHARES else room.right(n)),
        ALL_RIGHT | dict.fromkeys(SHARES, ("mistake", 0.5, "percent")),
    )
    room.add(
        "Off Mark",
        room.solved(lambda n: 0.987654 if n in SHARES else [["ssn"]]),
        all_of("not yet"),
    )
    room.add("Text Only", room.solved(lambda _: "about half"), all_of("cannot be read"))
    room.add(
        "Round O'Three",
        room.solved(
            lambda n: float(f"{room.right(n):.3g}") if n in SHARES else [set(s) for s in room.right(n)]
        ),
        ALL_RIGHT,
    )


def unanswered(room: Room) -> None:
    """Untouched, never run, only one exercise, nan and a list, nothing kept: five."""
    room.add("Un Touched", room.solved(lambda _: ...), all_of("open"))
    bare = room.solved()
    for one in bare["cells"]:
        one["outputs"] = []
    room.add("Never Ran", bare, all_of("open"))
    first = room.solved()
    first["cells"] = first["cells"][:2]
    room.add("Only One", first, {**all_of("not handed in"), "2.1": ("right", 1.0, "")})
    room.add(
        "Nan Fields",
        room.solved(lambda n: float("nan") if n in SHARES else ["no field"]),
        all_of("cannot be read"),
    )
    unkept = room.solved()
    for one in unkept["cells"][1:]:
        one["outputs"] = one["outputs"][:1]
    room.add("Un Kept", unkept, all_of("not stored"), "none is stored")


def no_notebooks(room: Room) -> None:
    """Files that are no notebooks, or none that can be read: eight."""
    lost = all_of("not handed in")
    room.add("Emp Ty", b"", lost, "is empty")
    room.add("Bro Ken", json.dumps(room.solved()).encode()[:700], lost, "is not JSON")
    room.add("Lis Ted", b"[1, 2, 3]", lost, "no notebook of format 4")
    room.add("Old Format", json.dumps({"worksheets": [], "nbformat": 3}).encode(), lost, "format 4")
    room.add("Deep Well", b'{"cells": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", lost, "nested too deeply")
    room.add(
        "Hu Ge",
        lambda place: os.truncate(place, 0 * place.write_bytes(b"{") + 40_000_000),
        lost,
        "more than 10,000,000",
    )
    room.add("Pi Pe", os.mkfifo, lost, "no ordinary file")
    room.add(
        "Lin Ked", lambda place: place.symlink_to(room.folder / "Ada Right_lesson_2.ipynb"), lost, "is a link"
    )


def tampered(room: Room) -> None:
    """Claims, changed answers and sentences, odd records, keys, and files of others: seven."""
    boast = room.solved(lambda n: 0.987654 if n in SHARES else [["ssn"]])
    boast["metadata"] = {"breach_sim": {"points": 100, "state": "right"}}
    for one in boast["cells"]:
        one["metadata"] = {"state": "right", "points": 100, "nbgrader": {"score": 100}}
    room.add("Boas Ter", boast, all_of("not yet"))
    changed, right = room.solved(lambda n: 0.987654 if n in SHARES else [["ssn"]]), room.solved()
    for one, other in zip(changed["cells"][1:4], right["cells"][1:4], strict=True):
        one["outputs"][1] = other["outputs"][1]  # the answer is right, its sentence is not
    for one, other in zip(changed["cells"][4:], right["cells"][4:], strict=True):
        one["outputs"][0] = other["outputs"][0]  # the sentence is right, its answer is not
    room.add("Edi Tor", changed, all_of("edited"), "do not belong together")
    odd = room.solved()
    wild: list[Any] = [{"a": 1}, True, [["x" * 10**5]], [[[["ssn"]]]], 10**400, [0] * 10**5]
    for one, answer in zip(odd["cells"][1:], wild, strict=True):
        one["outputs"][1]["data"][MIME]["answer"] = answer
    room.add("Odd Fellow", odd, all_of("edited"), "do not belong together")
    caller = room.solved()
    caller["cells"][3] = checked(
        "2.3", room.right("2.3"), room.seed(), 'answer = bs.teaching.key("2.3", seed=SEED)'
    )
    room.add(
        "Key Caller", caller, {**ALL_RIGHT, "2.3": ("key called", 0.0, "")}, "2.3: the code asks for the key"
    )
    alias = room.solved()
    alias["cells"].insert(1, cell("from breach_sim.apps.teaching import check, key as lookup"))
    room.add("Ali As", alias, all_of("key called"), "asks for the key")
    room.add("Copy Cat", room.solved(seed=1_000), all_of("another seed"), "seed 1000, that of 'Ada Right'")
    room.add("For Got", room.solved(seed=1), all_of("another seed"), "seed 1, in place of")
