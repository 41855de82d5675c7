"""The lessons: key, students' copies and notes agree, and a copy gives nothing away."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from breach_sim.apps import teaching

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks" / "lessons"
KEYS = {path.stem: nbformat.read(path, as_version=4) for path in sorted(FOLDER.glob("*.ipynb"))}
each_lesson = pytest.mark.parametrize("stem", KEYS, ids=lambda stem: stem[:8])
MARKS = re.compile(r"### (?:BEGIN|END) SOLUTION")


def load() -> Any:
    """Return tools/student_copies.py, which is a script and no package."""
    path = ROOT / "tools" / "student_copies.py"
    spec = importlib.util.spec_from_file_location("student_copies", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


copies = load()


def number(stem: str) -> str:
    """Return the number of a lesson."""
    return stem.split("_")[1]


def prose(notebook: Any) -> str:
    """Return the text of a notebook."""
    return "\n\n".join(cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown")


def minutes(text: str) -> tuple[int, int]:
    """Return the minutes of a timing table: of the lesson, and of its cut."""
    rows = re.findall(r"^\| [^|]+ \| (\d+) \| (\d*) *\|$", text, re.MULTILINE)
    return sum(int(a) for a, _ in rows), sum(int(b or 0) for _, b in rows)


def test_there_are_four_lessons() -> None:
    """Four lessons, numbered, each with its notes."""
    assert [number(stem) for stem in KEYS] == ["1", "2", "3", "4"]
    assert {path.name for path in FOLDER.glob("*.md")} == {f"notes_{n}.md" for n in range(1, 5)}


@each_lesson
def test_a_lesson_says_what_it_is_for(stem: str) -> None:
    """Objective, misconception, fifty minutes, and ten for the cut; the title asks."""
    first = KEYS[stem]["cells"][0]["source"]
    assert first.splitlines()[0].endswith("?")
    assert "**Objective.**" in first
    assert "**The misconception it corrects.**" in first
    assert minutes(prose(KEYS[stem])) == (50, 10)


@each_lesson
def test_a_lesson_has_all_its_exercises_once_and_in_order(stem: str) -> None:
    """Each exercise has a heading, data, and one check behind a solution; the stored verdict is "right"."""
    own = [name for name in teaching.EXERCISES if name.startswith(number(stem))]
    code = [cell for cell in KEYS[stem]["cells"] if cell["cell_type"] == "code"]
    checked = [cell for cell in code if "check(" in cell["source"]]
    assert re.findall(r"^### Exercise (\d\.\d)", prose(KEYS[stem]), re.MULTILINE) == own
    assert [re.findall(r'check\("(\d\.\d)", answer, seed=SEED\)', c["source"]) for c in checked] == [
        [name] for name in own
    ]
    assert [n for c in code for n in re.findall(r'data\("(\d\.\d)", seed=SEED\)', c["source"])] == own
    assert all(len(MARKS.findall(cell["source"])) == 2 for cell in checked)
    said = "".join(o.get("text", "") for cell in checked for o in cell["outputs"])
    assert copies.verdicts(said) == dict.fromkeys(own, "right")


@each_lesson
def test_figures_are_put_into_words(stem: str) -> None:
    """Each cell with a figure shows its alternative text as a caption too."""
    cells = KEYS[stem]["cells"]
    drawn = [
        i for i, c in enumerate(cells) if any("image/png" in o.get("data", {}) for o in c.get("outputs", []))
    ]
    assert drawn
    shown = [[o.get("data", {}).get("text/html", "") for o in cells[i]["outputs"]] for i in drawn]
    assert all(any("breach-sim-caption" in "".join(html) for html in own) for own in shown)


@each_lesson
def test_the_cut_is_marked_for_the_eye_too(stem: str) -> None:
    """A star stands in the headings of the cut, and in no other; the cut has an exercise or more."""
    for cell in KEYS[stem]["cells"]:
        cut = "cut" in cell["metadata"].get("tags", [])
        headings = [line for line in cell["source"].splitlines() if re.match("##+ [1E]", line)]
        if cell["cell_type"] == "markdown" and headings and number(stem):
            assert all(("★" in line) == cut for line in headings), headings
    assert 'check("' in "".join(cell["source"] for cell in copies.student(KEYS[stem], cut=True)["cells"])


@each_lesson
def test_a_copy_gives_nothing_away(stem: str) -> None:
    """No solution, mark, output, count or tag is left in a student's copy, and nothing else is lost."""
    key, copy = KEYS[stem], copies.student(KEYS[stem])
    source = [cell["source"] for cell in copy["cells"]]
    solved = [line for cell in key["cells"] for line in solution(cell["source"])]
    lines = {line.strip() for text in source for line in text.splitlines()}
    assert [line for line in solved if line.strip() in lines] == []
    assert not any(MARKS.search(text) for text in source)
    assert all(not cell.get("outputs") and not cell.get("execution_count") for cell in copy["cells"])
    assert all(not cell["metadata"] for cell in copy["cells"])
    for own, theirs in zip(key["cells"], copy["cells"], strict=True):
        kept = [line for line in own["source"].splitlines() if line not in solution(own["source"])]
        kept = [line for line in kept if line.strip() and not MARKS.search(line)]
        left = [line for line in theirs["source"].splitlines() if line.strip()]
        left = [line.replace(copies.KEEPING, copies.CHECK) for line in left]
        assert [line for line in left if line.strip() != copies.STUB] == kept


def solution(source: str) -> list[str]:
    """Return the lines between the marks."""
    if "### BEGIN SOLUTION" not in source:
        return []
    inner = source.split("### BEGIN SOLUTION\n")[1].split("### END SOLUTION", maxsplit=1)[0]
    return [line for line in inner.splitlines() if line.strip()]


@each_lesson
def test_unsolved_copies_run_and_solved_ones_are_right(stem: str) -> None:
    """Copy and cut run unsolved; key and filled copy are right with other seeds; each exercise by itself."""
    assert list(copies.troubles(KEYS[stem])) == []


def test_a_wrong_lesson_is_seen() -> None:
    """A solution that fits one seed only, and a copy that raises, are reported."""
    key = next(iter(KEYS.values()))
    planted = nbformat.from_dict({"cells": [dict(cell) for cell in copies.exercises(key)["cells"]]})
    for cell in planted["cells"]:
        if 'check("1.3"' in cell["source"]:
            cell["source"] = f'answer = {teaching.key("1.3", seed=1)}\ncheck("1.3", answer, seed=SEED)'
    assert copies.verdicts(copies.run(planted, 1))["1.3"] == "right"
    assert copies.verdicts(copies.run(planted, 2))["1.3"] == "not yet"


@pytest.mark.parametrize(
    "source",
    [
        "### BEGIN SOLUTION\nx = 1",
        "x = 1\n### END SOLUTION",
        "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION",
    ],
)
def test_marks_come_in_pairs(source: str) -> None:
    """A mark without its partner is refused: nothing half stripped is handed out."""
    with pytest.raises(ValueError, match="SOLUTION"):
        copies.without_solution(source)


def test_a_stub_keeps_its_indent() -> None:
    """A solution inside a block is replaced at its depth."""
    source = "if True:\n    ### BEGIN SOLUTION\n    x = 1\n    ### END SOLUTION\n    y = 2"
    assert copies.without_solution(source) == f"if True:\n    {copies.STUB}\n    y = 2"


def test_copies_are_written_and_unknown_words_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Eight files, the same bytes every time; another word ends with status 2 and writes nothing."""
    monkeypatch.setattr(copies, "TARGET", tmp_path / "lessons")
    monkeypatch.setattr(copies, "ROOT", tmp_path)
    assert copies.main(["--chekc"]) == 2
    assert not (tmp_path / "lessons").exists()
    assert copies.main([]) == 0
    first = {path.name: path.read_bytes() for path in (tmp_path / "lessons").iterdir()}
    assert copies.main([]) == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "lessons").iterdir()} == first
    assert len(first) == 8
    assert "10_minutes" in capsys.readouterr().out


@pytest.mark.parametrize("lesson", ["1", "2", "3", "4"])
def test_notes_speak_of_every_mistake(lesson: str) -> None:
    """An instructor's notes have the times, a plan for the cut, and each usual mistake by its name."""
    text = (FOLDER / f"notes_{lesson}.md").read_text(encoding="utf-8")
    assert minutes(text) == (50, 10)
    for exercise in teaching.EXERCISES.values():
        if exercise.name.startswith(lesson):
            assert f"**{exercise.name}**" in text
            named = text.lower()
            assert [i.name for i in exercise.ideas if f"*{i.name}*".lower() not in named] == []
