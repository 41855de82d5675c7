"""What a notebook gave in a browser, beside what is stored: text by text, and documents number by number."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import nbformat

BREACHES = ("tmobile-2021-stated", "equifax-2017", "att-snowflake-2024")
"""Breaches whose document must be the same in a browser and outside."""
SEED = 1
NEAR = 1e-12
"""Largest relative difference of two numbers that are no counts."""
OF_THE_MACHINE = frozenset({"version", "versions", "numpy", "python"})
"""Keys that say with what a document was made."""
TEXTS = ("text/plain", "text/html", "text/markdown")
BEGIN, END = "=== begin ", "=== end"


@dataclass(frozen=True, slots=True)
class Difference:
    """A text that is another in the browser: the number of its cell, its kind, and what differs first."""

    cell: int
    kind: str
    where: str


def compared(stored: dict[str, Any], ran: dict[str, Any]) -> tuple[int, int, list[Difference]]:
    """Compare every stored text output strictly.

    Returns
    -------
    How many are equal, how many are stored, and the differences. Besides, a text that is not stored, and
    another number of figures, are differences.
    """
    equal = texts = 0
    different = []
    for number, (want, have) in enumerate(zip(stored["cells"], ran["cells"], strict=True)):
        if want["cell_type"] != "code":
            continue
        wanted, there = list(texts_of(want)), list(texts_of(have))
        texts += len(wanted)
        for kind, text in wanted:
            # Each kind in its order: one text too many does not make all that follow it different.
            got = next((one for one in there if one[0] == kind), (kind, ""))
            if got in there:
                there.remove(got)
            equal += got[1] == text
            if got[1] != text:
                different.append(Difference(number, kind, first_difference(text, got[1])))
        for kind, text in there:
            different.append(Difference(number, kind, f"is not stored: {text[:200]!r}"))
        figures = [
            sum("image/png" in one.get("data", {}) for one in cell["outputs"]) for cell in (want, have)
        ]
        if figures[0] != figures[1]:
            different.append(Difference(number, "figures", f"{figures[0]} stored, {figures[1]} here"))
    return equal, texts, different


def texts_of(cell: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the texts of a cell's outputs with their kinds."""
    for one in cell.get("outputs", []):
        if one["output_type"] == "stream":
            yield one["name"], "".join(one["text"])
        for kind in TEXTS:
            if kind in one.get("data", {}):
                yield kind, "".join(one["data"][kind])


def first_difference(want: str, have: str) -> str:
    """The first line that differs in two texts."""
    wanted, there = want.split("\n"), have.split("\n")
    for one, other in zip([*wanted, ""], [*there, ""], strict=False):
        if one != other:
            return f"{one[:160]!r} is stored, {other[:160]!r} here"
    return f"{len(wanted)} lines stored, {len(there)} here"


def errors(notebook: dict[str, Any]) -> list[str]:
    """A sentence for each cell that raised an error."""
    return [
        f"cell {number} raised {one['ename']}: {one['evalue'][:300]}"
        for number, cell in enumerate(notebook["cells"])
        for one in cell.get("outputs", [])
        if one["output_type"] == "error"
    ]


def question() -> dict[str, Any]:
    """A notebook that prints the documents."""
    cells = [nbformat.v4.new_code_cell("import breach_sim as bs")]
    for name in BREACHES:
        said = f'print("{BEGIN}{name}")\nprint(bs.simulate("{name}", seed={SEED}).to_json())\nprint("{END}")'
        cells.append(nbformat.v4.new_code_cell(said))
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made: dict[str, Any] = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec})
    return made


def documents(notebook: dict[str, Any]) -> dict[str, Any]:
    """The documents that a notebook printed, by breach."""
    found = {}
    for cell in notebook["cells"]:
        text = "".join("".join(one.get("text", "")) for one in cell.get("outputs", []))
        if text.startswith(BEGIN) and text.rstrip().endswith(END):
            name, _, rest = text.removeprefix(BEGIN).partition("\n")
            found[name] = json.loads(rest.rstrip().removesuffix(END))
    return found


def disagreements(there: dict[str, Any]) -> list[str]:
    """Sentences on documents that are not those of the Python outside."""
    import breach_sim as bs

    wrong = []
    worst = numbers = 0.0
    for name in BREACHES:
        if name not in there:
            wrong.append(f"{name}: no document came out")
            continue
        here = json.loads(bs.simulate(name, seed=SEED).to_json())
        for place, one, other in pairs(here, there[name], name):
            if type(one) is float and type(other) is float:
                numbers += 1
                apart = 0.0 if one == other else abs(one - other) / max(abs(one), abs(other))
                worst = max(worst, apart if math.isfinite(apart) else math.inf)
                wrong += [f"{place} is {other}, and {one} outside"] if apart > NEAR else []
            elif one != other:
                wrong.append(f"{place} is {other!r}, and {one!r} outside")
    print(f"live: {len(there)} documents, {numbers:.0f} floats, largest relative difference {worst:.2g}")
    return wrong


def pairs(one: Any, other: Any, place: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield the values of two documents that stand at the same place; those of the machine are left out."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other} - OF_THE_MACHINE):
            yield from pairs(one.get(key), other.get(key), f"{place}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (first, second) in enumerate(zip(one, other, strict=True)):
            yield from pairs(first, second, f"{place}[{number}]")
    else:
        yield place, one, other
