"""Laws of the tools that ask whether tests, outputs and environments notice a change."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
mutants: Any = importlib.import_module("mutants")
mutated_code: Any = importlib.import_module("mutated_code")
held: Any = importlib.import_module("held_numbers")
one_answer: Any = importlib.import_module("one_answer")

CODE = '''"""Words 1."""
LIMIT = 3
def found(x: int, y: float = 0.5) -> bool:
    """Say 7 of them."""
    if x < LIMIT and not y:
        raise ValueError(f"{x + 1} is below 4")
    return max(x, 2) == min(-x, 1)
'''


def test_mutants_change_what_decides_and_nothing_that_speaks(tmp_path: Path) -> None:
    """Operators, numbers, branches and statements are changed; docstrings and messages are not."""
    (tmp_path / "m.py").write_text(CODE, encoding="utf-8")
    found = mutated_code.mutants_of(tmp_path, "m.py")
    changes = {f"{one.old} -> {one.new}" for one in found}
    assert {"3 -> 4", "0.5 -> 1.0", "x < LIMIT -> (x <= LIMIT)", "not y -> (y)"} <= changes
    assert {"x < LIMIT and not y -> (x < LIMIT or not y)", "max(x, 2) -> (min(x, 2))"} <= changes
    assert not any("Words" in one.old or one.old in {"int", "7", "x + 1"} for one in found)
    assert len({one.key for one in found}) == len(found)
    for one in found:
        compile(one.applied(CODE.encode()), "m.py", "exec")


def test_a_sample_belongs_to_its_seed() -> None:
    """The same seed gives the same mutants, another seed gives others, all of them of the core."""
    first, again, other = (mutants.sampled(40, seed, "permutation") for seed in (1, 1, 2))
    assert first == again != other
    assert {one.file for one in first} == {"breach_sim/population/draws/permutation.py"}


def test_every_module_of_the_core_is_there_and_every_reason_belongs_to_a_mutant() -> None:
    """Listed modules exist, and no explained mutant has gone from the code."""
    files = [f"breach_sim/{file}" for own in mutants.CORE.values() for file in own]
    assert [] == [file for file in files if not (ROOT / file).is_file()]
    explained = mutants.explained()
    for key in explained:
        file, rest = key.split("::", 1)
        old = rest.split(": ", 1)[1].split(" -> ")[0]
        assert old in " ".join((ROOT / file).read_text(encoding="utf-8").split()), key
    assert all(len(reason) > 20 for reason in explained.values())


def test_numbers_of_cells_are_found_and_changed_in_place() -> None:
    """A whole number becomes the next or a tenth more; lines for IPython alone and broken cells are left."""
    sources = ["%matplotlib inline\nx = 3 + 250", "a = 0.5 # é 1", "!ls 4", "if"]
    numbers = list(held.numbers_of(sources))
    assert [(n.cell, n.line, n.old, n.new) for n in numbers] == [
        (0, 2, "3", "4"), (0, 2, "250", "275"), (1, 1, "0.5", "0.55"),
    ]  # fmt: skip
    assert held.changed(sources[0], numbers[1]) == "%matplotlib inline\nx = 3 + 275"


def test_only_texts_are_compared() -> None:
    """Streams and tables count; warnings, pictures, figures in words and addresses do not."""
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "1 "},
        {"output_type": "stream", "name": "stderr", "text": "a warning"},
        {"output_type": "display_data", "data": {"image/png": "x", "text/plain": "<Figure size 1x1>"}},
        {"output_type": "execute_result", "data": {"text/plain": "<f at 0x7f0000000001>", "text/html": ""}},
    ]
    assert held.texts(outputs) == ["1", "<f at 0xADDR>"]


def test_a_file_that_is_no_notebook_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another file, and a notebook without code, end with status 2 and a sentence."""
    (tmp_path / "a.ipynb").write_text("{}", encoding="utf-8")
    empty = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "b.ipynb").write_text(json.dumps(empty), encoding="utf-8")
    assert held.main([str(tmp_path / "a.ipynb")]) == 2
    assert held.main([str(tmp_path / "b.ipynb")]) == 2
    assert "has no code cell" in capsys.readouterr().err


def test_answers_are_compared_value_by_value() -> None:
    """Counts and texts exactly, other numbers to 1e-12, versions not at all, rows where Faker is the same."""
    document = {"n": 3, "x": 1.0, "made_with": {"numpy": "2"}, "rows": ["a", {"y": None}]}
    first = {"versions": {"faker": "1"}, "documents": document, "rows": {"en": "00"}}
    other = json.loads(json.dumps(first))
    other["documents"] |= {"x": 1.0 + 1e-13, "made_with": {"numpy": "3"}}
    assert [] == list(one_answer.differences(first, other))
    other["documents"] |= {"n": 4, "x": 1.0 + 1e-11}
    other["rows"]["en"] = "01"
    assert len(list(one_answer.differences(first, other))) == 3
    other["versions"]["faker"] = "2"
    assert len(list(one_answer.differences(first, other))) == 2
