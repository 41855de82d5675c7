"""Laws of the written result: which files there are, what stands in them, and what is never lost."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import warnings
from pathlib import Path
from typing import Any

import matplotlib.image as mpimg
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from support.readability import prose_faults

from breach_sim import api, plots
from breach_sim.apps.reporting import folder as results_folder
from breach_sim.apps.reporting import summary
from breach_sim.apps.terminal import tables as terminal
from breach_sim.formatting.tables import STATISTICS
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment
from breach_sim.results.impact import Impact
from breach_sim.results.parts import PARTS
from breach_sim.results.replicates import WORDS

STATED = "tmobile-2021-stated"
TABLES = {
    "funnel": 1 + len(WORDS), "quantiles": 1 + 2 * len(STATISTICS), "exceedance": 6, "error_budget": 7,
    "capacity": 6, "sources": 9, "convergence": 8, "hours": 5, "timeline": 12, "lorenz": 6,
}  # fmt: skip
"""Columns of the flat tables, the names of the rows included."""


@pytest.fixture(scope="module")
def impact() -> Impact:
    """A run of the stated breach."""
    return api.simulate(STATED, replicates=200, seed=3)


@pytest.fixture(scope="module")
def small() -> Impact:
    """A run that is written quickly, where a test is about places and not about numbers."""
    return api.simulate("home-depot-2014", replicates=5, seed=3, elsewhere=None)


@pytest.fixture(scope="module")
def written(impact: Impact, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[int], list[int]]:
    """The run written out with figures, while another figure is open; open figures before and after."""
    place = tmp_path_factory.mktemp("written") / "out"
    mine = plt.figure()
    before = plt.get_fignums()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results_folder.write(impact, place, api.load_sources())
    after = plt.get_fignums()
    plt.close(mine)
    return place, before, after


@pytest.fixture
def folder(written: tuple[Path, list[int], list[int]]) -> Path:
    """The folder of results."""
    return written[0]


@pytest.fixture(scope="module")
def page(impact: Impact) -> str:
    """The summary page."""
    return summary.summary_page(impact, api.load_sources())


@pytest.fixture
def sketched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the figures, where a test is not about them."""
    monkeypatch.setattr(results_folder, "_write_figures", lambda *_: None)


def section(page: str, head: str) -> list[str]:
    """Return the lines under a heading."""
    return page.partition(f"\n## {head}\n\n")[2].partition("\n\n")[0].splitlines()


def own(text: str, tmp_path: Path) -> Impact:
    """Return a small run of a scenario file."""
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return api.simulate(file, replicates=5, seed=1)


LEAKS = '[[segments.{}.leaks]]\nfields = ["full_name", "phone_number"]\ncoverage = 1.0\n'
SEGMENT = "[segments.{}]\nlabel = {!r}\naccounts = {}\n" + LEAKS


# the summary page ----------------------------------------------------------------------------------------


def test_the_page_begins_with_the_answer_and_its_cautions(page: str, impact: Impact) -> None:
    """Title, accounts, the answer and every note stand before any table."""
    head = page.partition("\n| attack")[0]
    assert head.startswith(f"# {impact.scenario.title}\n\n54,617,000 accounts, 54,617,000 of them exposed. ")
    assert list(impact.notes) == re.findall(r"^- \*\*Note\.\*\* (.*)$", head, re.MULTILINE)
    assert "Do not quote a number without the assumptions below." in head
    assert page.endswith(f"seed 3, 200 replicates, inputs {impact.input_hash[:16]}.\n")


def test_the_page_tells_assumptions_before_citations(page: str, impact: Impact) -> None:
    """Assumed, derived and cited numbers stand in this order, each number once, in its own section."""
    heads = re.findall(r"^## (.*)$", page, re.MULTILINE)
    assert ["Assumptions first", "Derived", "Cited", "Sources"] == heads
    for head, status in (("Assumptions first", "assumed"), ("Derived", "derived"), ("Cited", "cited")):
        listed = [re.match(r"- `([^`]+)` ", line) for line in section(page, head)]
        names = [e.name for e in impact.parameters() if e.status == status]
        assert sorted(names) == [match[1] for match in listed if match]
        assert len(names) == len(listed)


def test_every_assumption_gives_its_reason(page: str, impact: Impact) -> None:
    """The line of an assumption holds its note."""
    lines = "\n".join(section(page, "Assumptions first")).replace("\\", "")  # Markdown escapes
    assert [] == [e.name for e in impact.parameters() if e.status == "assumed" and e.note not in lines]


def test_every_used_source_stands_once(page: str, impact: Impact) -> None:
    """The section of sources names every source of numbers, segments and scenario once, in order."""
    used = {source for estimate in impact.parameters() for source in estimate.sources}
    used |= {source for segment in impact.scenario.segments for source in segment.sources}
    used |= set(impact.scenario.sources)
    assert sorted(used) == [line[3 : line.index("]")] for line in section(page, "Sources")]


def test_sources_of_ones_own_stand_on_the_page(tmp_path: Path) -> None:
    """A source defined in the scenario file is listed with its title and grade, like any other."""
    text = '[source.notice]\ntitle = "The notice"\ngrade = "A"\nverified = "seen"\n'
    text += SEGMENT.format("a", "a", 1000, "a").replace("accounts", 'sources = ["notice"]\naccounts')
    impact = own(f'name = "x"\n{text}', tmp_path)
    assert [] != [
        line
        for line in section(summary.summary_page(impact, api.load_sources()), "Sources")
        if line.startswith("- [notice] The notice.")
    ]


def test_sources_of_the_scenario_stand_on_the_page(page: str, impact: Impact) -> None:
    """What the scenario as a whole rests on is listed too."""
    assert [] == [name for name in impact.scenario.sources if f"\n- [{name}] " not in page]


def test_the_page_has_a_row_for_every_attack(page: str, impact: Impact) -> None:
    """The table has one row an attack, in order, each with four cells."""
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert [a.label for a in impact.attacks.attacks] == [row.split("|")[1].strip() for row in rows[1:]]
    assert {5} == {row.count("|") for row in rows}


@pytest.mark.parametrize(
    ("label", "note"), [("One\n## Two", "plain"), ("plain", "first\n\n## Assumptions first\n\nnone")]
)
def test_no_text_of_the_user_makes_a_heading(tmp_path: Path, label: str, note: str) -> None:
    """Label and notes are text: the page has its own headings and no others."""
    head = f'name = "x"\nlabel = {json.dumps(label)}\nnotes = [{json.dumps(note)}]\n'
    impact = own(head + SEGMENT.format("a", "a", 1000, "a"), tmp_path)
    heads = re.findall(r"^## (.*)$", summary.summary_page(impact, api.load_sources()), re.MULTILINE)
    assert ["Assumptions first", "Derived", "Cited", "Given by the user", "Sources"] == heads


def test_a_breach_that_leaks_nothing_has_a_page() -> None:
    """Zero exposed, zero victims, zero dollars: the page says so, and no complaints are named."""
    nothing = Scenario(name="nil", segments=(Segment(name="a", accounts=1000, leaks=()),))
    impact = api.simulate(nothing, replicates=10, seed=1)
    page = summary.summary_page(impact, api.load_sources())
    assert "1,000 accounts, 0 of them exposed. " in page
    assert "makes victims of 0 people and costs them and others 0 USD" in page
    assert [] == [line for line in summary.reported_lines(impact) if " 0 complaints" not in line]


def test_complaints_are_told_of_attacks_that_have_a_rate(impact: Impact) -> None:
    """One sentence for each attack with routes and a reporting rate, with both chances in percent."""
    labels = [a.label for a in impact.attacks.attacks if a.reporting is not None and a.routes]
    lines = summary.reported_lines(impact)
    assert labels == [line.split(":")[0] for line in lines]
    assert [2] * len(lines) == [len(re.findall(r"\b\d+%", line)) for line in lines]


# tables of text ------------------------------------------------------------------------------------------


def test_a_text_table_is_aligned() -> None:
    """Names stand flush left, cells flush right, columns two blanks apart, no blanks at the end."""
    frame = pd.DataFrame({"a": ["1", "22,000"], "victims": ["3 (1 to 5)", ""]}, index=["x", "longer name"])
    assert [
        "                  a     victims",
        "x                 1  3 (1 to 5)",
        "longer name  22,000",
    ] == terminal.text_table(frame).splitlines()


def test_the_funnel_is_aligned(impact: Impact) -> None:
    """In the funnel every full line ends in the same column."""
    table = impact.funnel().iloc[: len(impact.attacks.attacks) + 1].drop(columns="parts", errors="ignore")
    lines = terminal.text_table(table).splitlines()
    assert {len(lines[0])} == {len(line) for line in lines}
    assert len(impact.attacks.attacks) + 2 == len(lines)
    assert [*WORDS] == lines[0].split()


# files ---------------------------------------------------------------------------------------------------


def test_the_list_of_files_is_complete(folder: Path, impact: Impact) -> None:
    """Sixteen tables, seven figures, document, notes and page; `write` returns just these paths."""
    tables = {*TABLES, "funnel_numbers", "by_segment", "excess", "bearers", "ledgers", "parts"}
    expected = (
        {f"{t}.csv" for t in tables}
        | {f"{f}.png" for f in results_folder.FIGURES}
        | {"impact.json", "notes.txt", "summary.md"}
    )
    assert sorted(expected) == sorted(path.name for path in folder.iterdir())
    assert [folder.name] == [path.name for path in folder.parent.iterdir()]
    text = (folder / "summary.md").read_text(encoding="utf-8")
    assert summary.summary_page(impact, api.load_sources()) == text


def test_the_document_is_that_of_the_library(folder: Path, impact: Impact) -> None:
    """impact.json holds what `to_json` gives."""
    assert impact.to_json() + "\n" == (folder / "impact.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TABLES)
def test_flat_tables_have_their_columns(folder: Path, impact: Impact, name: str) -> None:
    """A flat table is read by pandas with its columns and without an unnamed row; look-ups add one."""
    table = pd.read_csv(folder / f"{name}.csv")
    assert TABLES[name] + (name == "funnel" and impact.searches) == table.shape[1]
    assert len(table) > 0
    assert table.iloc[:, 0].notna().all()


def test_tables_have_their_rows(folder: Path, impact: Impact) -> None:
    """Rows: attacks, segments and totals, capacities, measures and numbers, none missing."""
    attacks = len(impact.attacks.attacks)
    rows = {p.stem: len(pd.read_csv(p, index_col=0)) for p in folder.glob("*.csv")}
    wanted = {
        "funnel": attacks + 1,
        "quantiles": 2 + 2 * attacks,
        "by_segment": len(impact.scenario.segments) + 1,
        "error_budget": attacks + 2,
        "bearers": attacks + 1,
        "capacity": sum(1 for a in impact.attacks.attacks if a.capacity is not None),
        "convergence": len(impact.convergence()),
        "sources": len(impact.parameters()),
        "exceedance": len(impact.exceedance()),
    }
    assert wanted == {name: rows[name] for name in wanted}


@pytest.mark.parametrize(
    ("name", "words"),
    [("funnel_numbers", WORDS), ("excess", ("gross", "excess", "never_otherwise", "background"))],
)
def test_two_level_tables_are_read_back(
    folder: Path, impact: Impact, name: str, words: tuple[str, ...]
) -> None:
    """Tables of two header lines come back from the file as they were, to the last digit."""
    table: Any = pd.read_csv(folder / f"{name}.csv", header=[0, 1], index_col=0)
    whole = impact.funnel(numbers=True) if name == "funnel_numbers" else impact.excess()
    more = [(part, "mean") for part in PARTS] if name == "funnel_numbers" and impact.searches else []
    columns = [(word, statistic) for word in words for statistic in STATISTICS]
    assert [*columns, *more] == table.columns.tolist()
    assert whole.index.tolist() == table.index.tolist()
    np.testing.assert_array_equal(whole.to_numpy(), table.to_numpy())


def test_the_total_of_the_segments_is_the_whole(folder: Path, impact: Impact) -> None:
    """by_segment.csv has a row for each segment; its last row is their sum, the whole breach."""
    table = pd.read_csv(folder / "by_segment.csv", index_col=0)
    assert [*(s.title for s in impact.scenario.segments), "total"] == table.index.tolist()
    np.testing.assert_allclose(table.iloc[:-1].sum().to_numpy(), table.loc["total"].to_numpy(), rtol=1e-12)
    assert impact.scenario.accounts == table.loc["total", "accounts"]


@pytest.mark.parametrize("labels", [("the same", "the same"), ("first", "total")])
def test_segments_of_one_label_are_kept_apart(tmp_path: Path, labels: tuple[str, str]) -> None:
    """Two segments are two rows and add up to the total, whatever their labels."""
    first, second = (SEGMENT.format(n, label, 1000, n) for n, label in zip("ab", labels, strict=True))
    table = own('name = "x"\n' + first + second, tmp_path).by_segment()
    assert (3, 2000) == (len(table), table["accounts"].iloc[-1])


@pytest.mark.parametrize("name", results_folder.FIGURES)
def test_figures_open_and_are_not_blank(folder: Path, name: str) -> None:
    """Each figure is a PNG of some size that shows something, and says in words what."""
    image = mpimg.imread(folder / f"{name}.png")
    assert min(image.shape[:2]) > 200
    assert image[..., :3].std() > 0.02
    assert len(np.unique((image[..., :3] @ [1, 256, 65536] * 255).astype(int))) > 20
    assert b"Description" in (folder / f"{name}.png").read_bytes()


def test_text_files_end_their_lines_with_a_line_feed(folder: Path) -> None:
    """Text is UTF-8 with line feeds on every system, and ends with one."""
    for path in folder.iterdir():
        if path.suffix != ".png":
            raw = path.read_bytes()
            assert b"\r" not in raw, path.name
            assert raw.endswith(b"\n"), path.name
            raw.decode("utf-8")


# places --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("sketched")
def test_write_returns_the_files_in_order(small: Impact, tmp_path: Path) -> None:
    """`write` makes missing folders above and returns the paths it wrote, sorted."""
    files = results_folder.write(small, tmp_path / "a" / "b", api.load_sources())
    assert sorted((tmp_path / "a" / "b").iterdir()) == files
    assert [] == [file for file in files if not file.is_file()]


def test_check_folder_lets_pass_what_may_be_written(tmp_path: Path) -> None:
    """A missing folder and an empty one may be written; a file and a foreign folder not."""
    results_folder.check_folder(tmp_path / "missing")
    results_folder.check_folder(tmp_path)
    (tmp_path / "thesis.txt").write_text("years", encoding="utf-8")
    with pytest.raises(
        ValueError, match=r"holds files that are no result of breach_sim.*; give another or an empty"
    ):
        results_folder.check_folder(tmp_path)
    with pytest.raises(ValueError, match=r"thesis\.txt is a file; give a folder for the results"):
        results_folder.check_folder(tmp_path / "thesis.txt")


@pytest.mark.usefixtures("sketched")
def test_nothing_foreign_is_deleted(small: Impact, tmp_path: Path) -> None:
    """What somebody put beside a result survives the next run into that folder, which may refuse."""
    results_folder.write(small, tmp_path / "out", api.load_sources())
    thesis = tmp_path / "out" / "thesis.txt"
    thesis.write_text("years of work", encoding="utf-8")
    try:
        results_folder.write(small, tmp_path / "out", api.load_sources())
    except ValueError as error:
        assert "thesis.txt" in str(error)  # noqa: PT017 - to refuse is one of two right answers
    assert thesis.exists()


@pytest.mark.usefixtures("sketched")
@pytest.mark.parametrize("name", [".", ""])
def test_a_result_in_the_current_folder_is_never_lost(
    small: Impact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """From inside the folder of results, --out . replaces the result or refuses; it never deletes it."""
    results_folder.write(small, tmp_path / "out", api.load_sources())
    before = sorted(path.name for path in (tmp_path / "out").iterdir())
    monkeypatch.chdir(tmp_path / "out")
    with contextlib.suppress(ValueError, OSError):
        results_folder.write(small, name, api.load_sources())
    assert before == sorted(path.name for path in (tmp_path / "out").iterdir())


@pytest.mark.usefixtures("sketched")
def test_a_link_to_a_folder_is_a_folder(small: Impact, tmp_path: Path) -> None:
    """A link to an earlier result is written through, or refused by the check before the run."""
    results_folder.write(small, tmp_path / "out", api.load_sources())
    link = tmp_path / "link"
    try:
        link.symlink_to(tmp_path / "out", target_is_directory=True)
    except (OSError, NotImplementedError):
        pytest.skip("no links on this system")
    try:
        results_folder.check_folder(link)
    except ValueError:
        return
    assert "impact.json" in {path.name for path in results_folder.write(small, link, api.load_sources())}


@pytest.mark.usefixtures("sketched")
def test_an_earlier_result_survives_until_the_new_one_is_there(
    small: Impact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the last step fails, an earlier result is still whole."""
    results_folder.write(small, tmp_path / "out", api.load_sources())
    kept = tmp_path / "kept"
    shutil.copytree(tmp_path / "out", kept)

    def fail(*_: object) -> None:
        raise PermissionError(13, "in use", "out")

    monkeypatch.setattr(Path, "replace", fail)
    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(PermissionError, match="in use"):
        results_folder.write(small, tmp_path / "out", api.load_sources())
    assert {p.name: p.read_bytes() for p in kept.iterdir()} == {
        p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()
    }


@pytest.mark.usefixtures("sketched")
@pytest.mark.parametrize("stop", [OSError(13, "in use", "out"), KeyboardInterrupt()], ids=["error", "Ctrl-C"])
def test_no_moment_is_a_moment_of_loss(
    small: Impact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException
) -> None:
    """Whatever stops the swap, and wherever, some folder still holds the earlier or the new result."""
    results_folder.write(small, tmp_path / "out", api.load_sources())
    move, moved = Path.rename, iter([True])

    def once(self: Path, target: Path) -> Path:
        if next(moved, False):
            return move(self, target)
        raise stop

    monkeypatch.setattr(Path, "rename", once)
    with pytest.raises(type(stop)):
        results_folder.write(small, tmp_path / "out", api.load_sources())
    assert [] != list(tmp_path.rglob("impact.json"))


@pytest.mark.usefixtures("sketched")
def test_the_current_folder_stays_the_current_folder(
    small: Impact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After --out . one stands in a folder that exists and holds the files, or it is refused."""
    monkeypatch.chdir(tmp_path)
    try:
        files = results_folder.write(small, ".", api.load_sources())
    except ValueError:
        return
    assert "impact.json" in {file.name for file in files}
    assert [] == [file for file in files if not file.exists()]


def test_no_figure_is_left_open(written: tuple[Path, list[int], list[int]]) -> None:
    """Writing closes every figure that it opens, and no others."""
    _, before, after = written
    assert before == after


def test_no_figure_is_left_open_by_a_failure(
    small: Impact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure while drawing closes the figures that were drawn already, and leaves no folder."""

    def fail(*_: object) -> None:
        raise ValueError("no such color")

    monkeypatch.setitem(plots.OF_IMPACT, "leak_matrix", fail)
    before = plt.get_fignums()
    with pytest.raises(ValueError, match="no such color"):
        results_folder.write(small, tmp_path / "out", api.load_sources())
    left = [number for number in plt.get_fignums() if number not in before]
    for number in left:
        plt.close(number)
    assert [] == list(tmp_path.iterdir())
    assert [] == left


def test_no_text_of_a_table_is_a_formula_to_a_spreadsheet(tmp_path: Path) -> None:
    """A segment named as a formula stands in every table of a result behind an apostrophe."""
    leak = api.load_scenario(STATED).segments[0].leaks
    segments = (
        Segment(name="=1+1", kind="postpaid", accounts=1_000, leaks=leak),
        Segment(name="b", kind="postpaid", accounts=1_000, leaks=leak),
    )
    run = api.simulate(Scenario(name="risky", segments=segments), replicates=20, seed=1)
    results_folder._write_tables(run, tmp_path, api.load_sources())
    texts = [path.read_text(encoding="utf-8") for path in tmp_path.glob("*.csv")]
    assert any("'=1+1" in text for text in texts)
    assert not any(re.search(r"(?:^|[,\"\n])=1\+1", text) for text in texts)


def test_the_summary_reads_like_a_page(page: str) -> None:
    """Above the list of numbers no sentence of the summary is long, and no word is private or British."""
    own = page.partition("## Assumptions first")[0].replace("; ", "\n\n")
    assert [] == prose_faults("summary", own)
