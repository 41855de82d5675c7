"""Slides and handouts: made from the lessons, whole, free of solutions, and one sheet for each student."""

from __future__ import annotations

import importlib.util
import re
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from breach_sim.apps import teaching
from breach_sim.inputs.fields import FIELD_NAMES

ROOT = Path(__file__).resolve().parents[2]
STUDENTS = [("Ada <b>Example</b>", 17), ("Bo Example", 3)]


@cache
def tool() -> ModuleType:
    """Return tools/class_pages.py as a module."""
    spec = importlib.util.spec_from_file_location("class_pages", ROOT / "tools" / "class_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["class_pages"] = module
    spec.loader.exec_module(module)
    return module


@cache
def pages() -> dict[str, str]:
    """Return all pages for two students."""
    made: dict[str, str] = tool().made(STUDENTS)
    return made


def handouts() -> dict[str, str]:
    """Return the handouts by lesson."""
    return {name[7]: text for name, text in pages().items() if "handout" in name}


def visible(page: str) -> str:
    """Return what a reader sees of a page."""
    return re.sub(r"<[^>]*>", " ", page.partition("<main>")[2].partition("<script>")[0])


def test_each_lesson_has_slides_and_a_handout_that_load_nothing() -> None:
    """Two files a lesson; none names an address of another machine or another file."""
    assert {f"lesson_{n}_{kind}.html" for n in "1234" for kind in ("slides", "handout")} == set(pages())
    for text in pages().values():
        assert re.findall(r"(?:src|href)=\"(?!data:image/png;base64,)", text) == []
        assert not re.search(r"https?://|@import|url\(", text)


def test_a_student_has_one_sheet_with_every_exercise_of_the_lesson() -> None:
    """Each sheet has the student's name, number, all exercises and their choices, and no name is markup."""
    for lesson, text in handouts().items():
        sheets = text.split("<article>")[1:]
        assert len(STUDENTS) == len(sheets)
        for sheet, (name, seed) in zip(sheets, STUDENTS, strict=True):
            assert name.replace("<", "&lt;").replace(">", "&gt;") in sheet
            assert f"Number (SEED): {seed}" in sheet
            for exercise in teaching.EXERCISES:
                if exercise[0] == lesson:
                    assert f"<h2>{exercise} " in sheet
            own = [teaching.checking.offered(e, seed=seed) for e in teaching.EXERCISES if e[0] == lesson]
            assert sheet.count('class="letter"') == sum(map(len, own))


def test_paper_says_labels() -> None:
    """No code name of a field or of data is on a handout."""
    for text in handouts().values():
        words = set(re.findall(r"[a-z]+(?:_[a-z]+)+", visible(text))) - {"breach_sim"}
        assert words == set()
        assert not {"ssn", "imei", "imsi"} & set(re.findall(r"\w+", visible(text)))
    assert "phone no." in visible(handouts()["2"])
    assert "full_name" in FIELD_NAMES


def test_slides_hold_figures_with_words_and_no_solutions() -> None:
    """Every picture has a text in its place; neither code nor verdicts nor the teacher's plan are shown."""
    for name, text in pages().items():
        if "slides" not in name:
            continue
        pictures = re.findall(r'<img alt="([^"]*)"', text)
        assert all(len(alt) > 40 for alt in pictures)
        assert len(pictures) == text.count("<img")
        seen = visible(text)
        assert not re.search(r"SOLUTION|check\(|in the 10-minute cut|\d\.\d right\.", seen)
        assert text.count("<section") > 10


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("name,number\nA,1\n", "needs the columns student and seed"),
        ("student,seed\nA,x\n", "seed 'x' of 'A'"),
        ("student,seed\n", "needs the columns"),
        ("student,seed\n" + "A,1\n" * 501, "at most 500 sheets"),
    ],
)
def test_a_wrong_roster_is_refused(
    rows: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A roster without its columns, with a wrong seed, or too long gives a sentence, and writes nothing."""
    roster = tmp_path / "seeds.csv"
    roster.write_text(rows, encoding="utf-8")
    out = tmp_path / "out"
    assert 2 == tool().main(["--roster", str(roster), "--out", str(out)])
    assert words in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.slow
def test_a_handout_is_one_sheet_and_a_slide_one_page(tmp_path: Path) -> None:
    """On A4 and on Letter, for ten seeds, a handout takes one page; a printed deck has a page a slide."""
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")
    sys.path.insert(0, str(ROOT / "tools"))
    import browsing

    if not browsing.found():
        pytest.skip("there is no Chromium here")
    made = {
        f"{seed}-{name}": text for seed in range(1, 11) for name, text in tool().made([("", seed)]).items()
    }
    with browsing.browser() as browser:
        tab = browser.new_page()
        for name, text in made.items():
            if "slides" in name and not name.startswith("1-"):
                continue
            (tmp_path / name).write_text(text, encoding="utf-8")
            tab.goto((tmp_path / name).as_uri())
            for paper in ("A4", "Letter"):
                printed = tmp_path / "printed.pdf"
                tab.pdf(path=printed, format=paper, prefer_css_page_size="slides" in name)
                want = text.count("<section") if "slides" in name else 1
                assert want == len(pypdf.PdfReader(printed).pages), (name, paper)
