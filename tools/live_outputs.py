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
SEED, REPLICATES = 1, 1_024
"""Of the documents: the default number of replicates would take minutes in a browser."""
NEAR = 1e-12
"""Largest difference of two numbers that are no counts, against the largest number of their row."""
OF_THE_MACHINE = frozenset({"version", "versions", "numpy", "python", "made_with"})
"""Keys that say with what a document was made."""
ERRORS = "standard_errors"
ROW = {"p5", "p50", "p95", "mean"}
"""Keys of one figure: its quantiles and its mean."""
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
        run = f'bs.simulate("{name}", replicates={REPLICATES}, seed={SEED})'
        said = f'print("{BEGIN}{name}")\nprint({run}.to_json())\nprint("{END}")'
        cells.append(nbformat.v4.new_code_cell(said))
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    about = {"kernelspec": spec, "language_info": {"name": "python"}}  # else the page asks for a kernel
    made: dict[str, Any] = nbformat.v4.new_notebook(cells=cells, metadata=about)
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
    worst = numbers = alone = 0.0
    for name in BREACHES:
        if name not in there:
            wrong.append(f"{name}: no document came out")
            continue
        here = json.loads(bs.simulate(name, replicates=REPLICATES, seed=SEED).to_json())
        for place, one, other, row in pairs(here, there[name], name, here):
            if type(one) is float and type(other) is float:
                numbers += 1
                # An error is the root of a variance, which is a difference of sums: the variance is compared.
                power = 2 if f".{ERRORS}." in place else 1
                first, second = one**power, other**power
                largest_of = max(abs(first), abs(second), row**power)
                apart = 0.0 if one == other else abs(first - second) / largest_of
                worst = max(worst, apart if math.isfinite(apart) else math.inf)
                if power == 1 and one != other:
                    alone = max(alone, abs(one - other) / max(abs(one), abs(other)))
                wrong += [f"{place} is {other}, and {one} outside"] if apart > NEAR else []
            elif one != other:
                wrong.append(f"{place} is {other!r}, and {one!r} outside")
    print(
        f"live: {len(there)} documents, {numbers:.0f} floats, largest difference {worst:.2g} of a row, "
        f"{alone:.2g} of a number alone that is no error"
    )
    return wrong


def pairs(one: Any, other: Any, place: str, about: Any) -> Iterator[tuple[str, Any, Any, float]]:
    """Yield the values of two documents that stand at the same place, and the largest number of their row.

    A row is what stands together, such as the quantiles and the mean of one figure. The row of a standard
    error is that of the figure whose error it is: the error of a constant is nothing but rounding. Values
    that say with what a document was made are left out. `about` is the first document, or a part of it.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other} - OF_THE_MACHINE):
            inside = about if key == ERRORS else part(about, key)
            first, second = one.get(key), other.get(key)
            if isinstance(first, dict | list):
                yield from pairs(first, second, f"{place}.{key}", inside)
            else:
                yield f"{place}.{key}", first, second, max(largest(one), largest(about))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (first, second) in enumerate(zip(one, other, strict=True)):
            yield from pairs(first, second, f"{place}[{number}]", part(about, number))
    else:
        yield place, one, other, 0.0


def part(document: Any, key: Any) -> Any:
    """A part of a document, or None where it has no such part."""
    if isinstance(document, dict):
        return document.get(key)
    return document[key] if isinstance(document, list) and key < len(document) else None


def largest(row: Any) -> float:
    """The largest number of a row; 0 if it has none. The outermost row is of all kinds of numbers."""
    if not isinstance(row, dict) or not row.keys() <= ROW | {"month", "day"}:
        return 0.0
    return max((abs(value) for key, value in row.items() if key in ROW), default=0.0)
