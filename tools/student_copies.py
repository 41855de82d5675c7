"""Make the students' copies of the lessons from the key notebooks: ``python run.py lessons``.

A lesson has one source, the key in ``notebooks/lessons``: solved, run, and checked by the tests like every
notebook. A copy has no outputs, a stub in place of every solution (between ``### BEGIN SOLUTION`` and
``### END SOLUTION``, the marks of nbgrader), and the setting ``SEED`` for the student's own number. Beside
each lesson stands its 10-minute cut: the cells with the tag ``cut``. They go to ``out/lessons``, outside git.

``--paper`` writes slides and handouts instead (class_pages.py).
``--check`` writes nothing: it makes the copies, runs them unsolved and solved, with several seeds, and says
what is wrong.
"""

import ast
import contextlib
import io
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).resolve().parents[1]
LESSONS = ROOT / "notebooks" / "lessons"
TARGET = ROOT / "out" / "lessons"
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
STUB = "answer = ...  # your answer"
CHECK, KEEPING = ", answer, seed=SEED)", ", answer, seed=SEED, keep=True)"
"""End of a check in a key, and in a copy: there the answer is stored for `breach-sim lessons grade`."""
SEEDS = (1, 2, 3)
Node = dict[str, Any]


def main(words: list[str]) -> int:
    """Write the copies, or check them; return the exit status."""
    if words[:1] == ["--paper"]:
        import class_pages

        return class_pages.main(words[1:])
    if words not in ([], ["--check"]):
        known = "`lessons` takes nothing, --check, or --paper (slides and handouts)"
        print(f"unknown word {words[0]!r}: {known}", file=sys.stderr)
        return 2
    keys = {path.stem: nbformat.read(path, as_version=4) for path in sorted(LESSONS.glob("*.ipynb"))}
    return checked(keys) if words else written(keys)


def written(keys: dict[str, Node]) -> int:
    """Write each copy aside, then put it in place."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for stem, key in keys.items():
        for name, copy in ((stem, student(key)), (f"{stem}_10_minutes", student(key, cut=True))):
            path = TARGET / f"{name}.ipynb"
            aside = path.with_suffix(".part")
            aside.write_text(nbformat.writes(copy).rstrip("\n") + "\n", encoding="utf-8", newline="\n")
            aside.replace(path)
            print(f"{path.relative_to(ROOT)}: {len(copy['cells'])} cells")
    return 0


def checked(keys: dict[str, Node]) -> int:
    """Run all copies unsolved, and all keys with several seeds; print what is wrong."""
    os.environ["MPLBACKEND"] = "Agg"
    wrong: list[str] = []
    for stem, key in keys.items():
        start = time.monotonic()
        found = [f"{stem}: {trouble}" for trouble in troubles(key)]
        print(f"{stem}: {time.monotonic() - start:.1f} s, {'as it should be' if not found else 'WRONG'}")
        wrong += found
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


def troubles(key: Node) -> Iterator[str]:
    """Yield what is wrong with a lesson: something that raises, or a verdict that should be another."""
    for cut in (False, True):
        states = verdicts(run(student(key, cut=cut)))
        if set(states.values()) != {"open"}:
            yield f"unsolved{' cut' if cut else ''}: {states}"
    for seed in SEEDS:
        for how, lesson in (("solved", key), ("with the reference answers", filled(student(key)))):
            states = verdicts(run(exercises(lesson), seed))
            if set(states.values()) != {"right"}:
                yield f"{how}, seed {seed}: {states}"


def student(key: Node, *, cut: bool = False) -> Node:
    """Return the student's copy of a lesson: no outputs, no solutions; or only its cut."""
    cells = []
    for number, cell in enumerate(key["cells"]):
        if cut and "cut" not in cell["metadata"].get("tags", []):
            continue
        copied = nbformat.from_dict(dict(cell))
        copied["id"], copied["metadata"] = f"cell-{number:02d}", nbformat.from_dict({})
        if copied["cell_type"] == "code":
            copied["source"] = without_solution(copied["source"]).replace(CHECK, KEEPING)
            copied["outputs"], copied["execution_count"] = [], None
        cells.append(copied)
    copy: Node = nbformat.v4.new_notebook(cells=cells, metadata=nbformat.from_dict(key["metadata"]))
    nbformat.validate(copy)
    return copy


def without_solution(source: str) -> str:
    """Return a cell with a stub in place of its solution; refuse marks that do not match."""
    lines: list[str] = []
    inside = False
    for line in source.split("\n"):
        mark = line.strip()
        if mark in {BEGIN, END}:
            if inside is (mark == BEGIN):
                raise ValueError(f"{mark!r} stands where it cannot: marks come in pairs, begin then end")
            inside = mark == BEGIN
            if inside:
                lines.append(re.sub(r"\S.*", "", line) + STUB)
        elif not inside:
            lines.append(line)
    if inside:
        raise ValueError(f"{BEGIN!r} without {END!r}")
    return "\n".join(lines)


def filled(copy: Node) -> Node:
    """Return a student's copy with the reference answer of every exercise put in for the stub."""
    cells = [nbformat.from_dict(dict(cell)) for cell in copy["cells"]]
    for cell in cells:
        asked = re.search(r'check\("(\d\.\d)"', cell["source"])
        if asked:
            answer = f'answer = bs.teaching.key("{asked.group(1)}", seed=SEED)'
            cell["source"] = cell["source"].replace(STUB, answer)
    return {"cells": cells}


def exercises(notebook: Node) -> Node:
    """Return the first code cell and those of the exercises: they need no other cell."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    own = [cell for cell in code[1:] if re.search(r"\b(?:data|check)\(", cell["source"])]
    return {"cells": [code[0], *own]}


def run(notebook: Node, seed: int | None = None) -> str:
    """Run the code cells in one namespace, as a kernel would, and return what they print.

    Parameters
    ----------
    notebook
        A lesson, in whatever form.
    seed
        A number to put in for ``SEED``, or None to leave it.

    Returns
    -------
    All that was printed. An expression at the end of a cell is worked out and not shown.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                source = cell["source"]
                if seed is not None:
                    source = re.sub(r"^SEED = \d+", f"SEED = {seed}", source, flags=re.MULTILINE)
                exec(compile(ast.parse(source), "<cell>", "exec"), names)  # noqa: S102 - our own notebooks
    return said.getvalue()


def verdicts(said: str) -> dict[str, str]:
    """Return the verdict on each exercise out of what was printed: "open", "right", "not yet" or "cannot"."""
    return dict(re.findall(r"^(\d\.\d) (open|right|not yet|cannot)\b", said, re.MULTILINE))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
