"""Laws of the report: what stands where on the page, what it never asks for, and how it refuses.

The notebook is run once, for a scenario file with hostile names; what is about the page is asked of that run.
"""

from __future__ import annotations

import base64
import html
import json
import os
import re
import shlex
import shutil
import sys
import time
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import worlds
from support.command_line import refused, say, tree
from support.readability import page_text, prose_faults

from breach_sim import api, catalog, plots
from breach_sim.apps.reporting import chapters, report_file
from breach_sim.apps.reporting import html as page
from breach_sim.formatting.digits import human, significant
from breach_sim.formatting.tables import spread
from breach_sim.inputs.firm.insurance import Layer, Program
from breach_sim.results.impact import Impact

FILE = 'a"; x#$(b) {seed}.toml'
HOSTILE = """
name = "<script>alert(1)</script>"
label = "=1+1 <img src=x onerror=alert(2)> & $x$ </script>"
notes = ["<b>note</b> </script><script>alert(3)</script>"]
sources = ["own-one"]
[source.own-one]
title = "<i>title</i>"
publisher = "p"
year = "2024"
url = "javascript:alert(4)"
grade = "C"
verified = "seen"
[segments.one]
accounts = 1_000_000
label = "<script>seg</script>"
[[segments.one.leaks]]
fields = ["ssn", "full_name", "date_of_birth"]
coverage = 1.0
"""
REPLICATES = 40
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "main", "nav", "h1", "h2", "h3", "p", "a", "ul", "ol",
    "li", "strong", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption",
    "img", "details", "summary", "pre", "code", "script", "wbr", "span",
}  # fmt: skip
"""Elements that a page may have."""


class Page(HTMLParser):
    """Elements of a page: tags with their attributes, in order, and the text of scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.data: list[str] = []
        self._in = ""
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._in = tag

    def handle_endtag(self, tag: str) -> None:
        """Forget the tag that ends."""
        self._in = "" if tag == self._in else self._in

    def handle_data(self, data: str) -> None:
        """Keep the text of scripts apart from that of the page."""
        (self.data if self._in == "script" else self.words).append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of every element of a kind."""
        return [attrs for name, attrs in self.tags if name == tag]


PATIENCE = 3_000
"""Tenths of a second that a process waits for another one's report."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the scenario and the notebook that the command wrote, run once for all processes."""
    base = tmp_path_factory.getbasetemp()
    here = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "report"
    done = here.with_name("report.done")
    try:
        here.mkdir()
    except FileExistsError:
        # Another process runs the notebook; its result is the same.
        for _ in range(PATIENCE):
            if done.exists():
                return here
            time.sleep(0.1)
        raise
    (here / FILE).write_text(HOSTILE, encoding="utf-8")
    target = here / "new" / "report.ipynb"
    words = ("--replicates", REPLICATES, "--seed", 3, "--years", 2)
    said = say("report", here / FILE, "--out", target, *words)
    assert (0, "") == (said.code, said.err)
    assert str(target) in said.out
    assert {FILE, "new", "new/report.ipynb"} == set(tree(here))
    done.touch()
    return here


@pytest.fixture(scope="module")
def notebook(folder: Path) -> Any:
    """The executed notebook."""
    return nbformat.read(folder / "new" / "report.ipynb", as_version=4)


@pytest.fixture
def run_before(monkeypatch: pytest.MonkeyPatch, notebook: Any) -> None:
    """Take the notebook that was run in place of running it again."""
    monkeypatch.setattr(report_file, "_executed", lambda *_, **__: notebook)


@pytest.fixture(scope="module")
def text(notebook: Any) -> str:
    """The page."""
    return report_file.as_page(notebook, "Report of <b>it</b>")


@pytest.fixture(scope="module")
def impact() -> Impact:
    """A run of a breach with outcomes."""
    return api.simulate("tmobile-2021-stated", replicates=REPLICATES, seed=1)


@pytest.fixture(scope="module")
def silent() -> Impact:
    """A run of a breach in which nothing leaked."""
    return api.simulate(worlds.scenario([worlds.segment("s", 1000, [])]), replicates=2, seed=1)


# The notebook ---------------------------------------------------------------------------------------------


def test_every_cell_ran(notebook: Any) -> None:
    """Code cells count 1 to n, none failed, and each but the parameters shows one piece of the page."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    shown = [cell.outputs for cell in cells if not {"parameters", "injected-parameters"} & {*tags(cell)}]
    assert [1] * len(shown) == [len(outputs) for outputs in shown]
    assert all("text/html" in output.data for outputs in shown for output in outputs)


def tags(cell: Any) -> list[str]:
    """Return the tags of a cell."""
    return list(cell.metadata.get("tags", []))


def test_the_parameters_are_those_asked_for(notebook: Any) -> None:
    """The injected cell holds seed, replicates, horizon and the file's own name, without its folder."""
    (cell,) = [cell for cell in notebook.cells if "injected-parameters" in tags(cell)]
    found: dict[str, Any] = {}
    exec(cell.source, found)  # noqa: S102 - the cell is what is tested
    asked = {"scenario": FILE, "seed": 3, "replicates": REPLICATES, "horizon_years": 2}
    assert asked == {name: found[name] for name in asked}


def test_the_notebook_says_nothing_of_the_machine(folder: Path, notebook: Any) -> None:
    """No times, no paths, no warnings: the same run gives the same bytes."""
    assert {"kernelspec", "language_info"} == set(notebook.metadata)
    assert [] == [c.id for c in notebook.cells if set(c.metadata) - {"tags"}]
    whole = (folder / "new" / "report.ipynb").read_text(encoding="utf-8")
    assert str(folder.parent) not in whole
    # Marks of the page, and the address of a source.
    known = r"breach-sim-(inputs|note)\b|t-mobile-data-breach-sim-attacks"
    assert "breach-sim-" not in re.sub(known, "", whole)
    assert "stderr" not in whole


# The page -------------------------------------------------------------------------------------------------


def test_the_page_asks_for_nothing(text: str) -> None:
    """No script, style sheet, picture or font is fetched: pictures are inside, a policy forbids more."""
    found = Page(text)
    assert [] == found.all("link") + found.all("iframe") + found.all("object")
    assert all(own["src"].startswith("data:image/svg+xml;base64,") for own in found.all("img"))
    assert [{"type": "application/json", "id": chapters.INPUTS}] == found.all("script")
    assert not re.search(r"url\(|@import", text[: text.index("</style>")])
    (policy,) = (own["content"] for own in found.all("meta") if "http-equiv" in own)
    assert policy.startswith("default-src 'none'; img-src data:;")
    asking = {"src", "srcset", "data", "action", "background", "poster"}
    assert [] == [tag for tag, own in found.tags if tag != "img" and asking & set(own)]


def test_names_are_words(text: str) -> None:
    """Whatever a scenario calls itself, its groups, notes and sources stands there as text, not as markup."""
    found = Page(text)
    assert ALLOWED >= {tag for tag, _ in found.tags}
    assert [] == [own for _, own in found.tags if any(name.startswith("on") for name in own)]
    assert [] == [own["href"] for own in found.all("a") if not re.match(r"#|https?://", own["href"])]
    words = "".join(found.words)
    for name in ("<script>seg</script>", "=1+1 <img src=x onerror=alert(2)> & $x$ </script>", "<i>title</i>"):
        assert name in words
    assert "Report of <b>it</b>" in words


def test_the_answer_stands_first_and_assumptions_before_sources(text: str) -> None:
    """Title, answer and cautions, then the chapters in their order; sources after what is assumed."""
    answer, first = text.index('class="answer"'), text.index("<h2")
    assert text.index("<h1") < answer < text.index('class="caution"') < first
    heads = [re.sub("<.*?>", "", head) for head in re.findall(r"<h2.*?>(.*?)</h2>", text)]
    assert list(chapters.CONTENTS) == [head.replace("&#x27;", "'").replace("&#39;", "'") for head in heads]
    assert answer < text.index("<figure>") < text.index("<nav") < first
    assert text.index("Assumed: judgment") < text.index("Cited: as published") < text.index("Sources (")


def test_the_contents_lead_somewhere(text: str) -> None:
    """Every link inside the page has its place."""
    found = Page(text)
    ids = {own["id"] for _, own in found.tags if "id" in own}
    inside = [own["href"][1:] for own in found.all("a") if own["href"].startswith("#")]
    assert len(chapters.CONTENTS) == len(inside)
    assert [] == [name for name in inside if name not in ids]


def test_every_figure_has_words_and_its_table(text: str) -> None:
    """Each figure has an alternative text; all but that of the first page have a caption and their table."""
    every = re.findall(
        r'<figure>.*?<img alt="([^"]+)" src="[^"]+"\s*/?></div>(.*?)</figure>\s*(.{70})', text, re.DOTALL
    )
    assert text.count("<figure>") == len(every) == 8
    first, *others = every
    assert (first[1], "<details" in first[2]) == ("", False)
    for _, caption, after in others:
        assert "<figcaption>" in caption
        assert after.startswith('<details class="later"><summary>The table behind this figure')


def test_every_column_has_a_heading(text: str) -> None:
    """No table has a column without a heading, which a reader who hears the page would miss."""
    heads = re.findall(r"<th[^>]*scope=\"col\"[^>]*>(.*?)</th>", text)
    assert len(heads) > 20
    assert "" not in [head.strip() for head in heads]


def test_figures_are_drawings_whose_names_do_not_change(text: str, impact: Impact) -> None:
    """A figure is one SVG element that asks for nothing, and the same figure gives the same letters."""
    for own in Page(text).all("img"):
        drawing = base64.b64decode(own["src"].partition(",")[2]).decode("utf-8")
        assert drawing.startswith("<svg ")
        assert not re.search(r"<script|href=.(?!#|data:image/png;)|url\((?!#)", drawing)
    once, again = (chapters.leaked(impact).html for _ in range(2))
    assert once == again


def test_on_paper_everything_stands_open_and_tables_of_figures_at_the_end(text: str, notebook: Any) -> None:
    """On paper nothing is folded; what stood below figures is a part of its own, which the contents name."""
    paper = report_file.as_page(notebook, "t", on_paper=True)
    assert not re.search(r'<details(?! open>)|class="later"', paper)
    heads = [re.sub("<.*?>", "", head) for head in re.findall(r"<h2.*?>(.*?)</h2>", paper)]
    assert heads[-1] == page.TABLES
    assert len(heads) == len(chapters.CONTENTS) + 1 == paper.count('<span class="words">')
    assert paper.index('class="first"') < paper.index(page.TABLES, paper.index("</nav>"))
    last = paper.rindex("<h2")
    assert text.count("<table>") == paper.count("<table>")
    assert text.count('class="later"') <= paper.count("<table>", last) + paper.count("<ul>", last)


def test_the_contents_get_the_numbers_of_pages(text: str) -> None:
    """A number stands beside the entry of its heading, and an entry without one stays empty."""
    numbered = page.with_pages(text, {"who-pays": 3, "what-leaked": 12})
    shown = re.findall(
        r'<a href="#([^"]+)"><span class="words">[^<]*</span><span class="page">(\d+)', numbered
    )
    assert shown == [("who-pays", "3"), ("what-leaked", "12")]
    assert page.with_pages(numbered, {"who-pays": 4}) == numbered
    assert page.with_pages(text, {}) == text


def test_no_name_of_code_stands_in_the_chapters(notebook: Any) -> None:
    """No word that a reader meets has an underscore, but in the command, the file and the sources."""
    whole = report_file.as_page(notebook, "t")
    whole = re.sub(r"<(pre|script|style|ol class)\b.*?</(pre|script|style|ol)>", "", whole, flags=re.DOTALL)
    words = re.findall(r"\w*[a-z0-9]_[a-z0-9]\w*", html.unescape(re.sub("<[^>]*>", " ", whole)))
    assert {"breach_sim"} == set(words)


def test_the_inputs_in_the_page_give_the_same_run(text: str, folder: Path, tmp_path: Path) -> None:
    """The JSON of the page alone gives the file, the command, and a run with the same hash and figures."""
    (found,) = (json.loads(own) for own in Page(text).data)
    assert (folder / FILE).read_text(encoding="utf-8") == found["scenario_toml"]
    words = shlex.split(found["command"])
    assert ["breach-sim", "report", FILE] == words[:3]
    again = tmp_path / words[2]
    again.write_text(found["scenario_toml"], encoding="utf-8")
    options = dict(zip(words[3::2], words[4::2], strict=True))
    run = api.simulate(
        again, seed=int(options["--seed"]), replicates=int(options["--replicates"]),
        horizon_years=float(options["--years"]),
    )  # fmt: skip
    assert found["input_hash"] == run.input_hash
    assert found["answer"] == json.loads(run.to_json())
    assert found["input_hash"] in "".join(Page(text).words)


@pytest.mark.usefixtures("run_before")
def test_the_ending_decides_what_is_written(folder: Path, tmp_path: Path) -> None:
    """A page for .html, a notebook for .ipynb; --to says the same, and decides where there is no ending."""
    for name, to in (
        ("a.html", ()),
        ("b", ("--to", "html")),
        ("c.htm", ("--to", "html")),
        ("d.ipynb", ("--to", "notebook")),
    ):
        assert say("report", folder / FILE, "--out", tmp_path / name, *to).code == 0
        begins = (tmp_path / name).read_text(encoding="utf-8")[:20]
        assert begins.startswith("{" if name.endswith("ipynb") else "<!DOCTYPE html>")
    assert {"a.html", "b", "c.htm", "d.ipynb"} == set(tree(tmp_path))


# Refusals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("tmobile-2021-sated",), ["scenario", "tmobile-2021-stated"]),
        (("stated", "--replicates", 0), ["replicates", "0"]),
        (("stated", "--seed", -1), ["seed", "-1"]),
        (("stated", "--years", 0), ["0", "horizon"]),
        (("stated", "--to", "docx"), ["docx", "--to", "html"]),
        (("stated", "--to", "notebook"), ["r.html", "r.ipynb"]),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_bad_input_is_refused_before_anything_runs(
    words: tuple[object, ...], parts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Value, rule and remedy, exit code 2, and what stood there still stands."""
    monkeypatch.setattr(report_file, "_executed", lambda *_, **__: pytest.fail("it ran"))
    (tmp_path / "r.html").write_text("before", encoding="utf-8")
    refused(say("report", *words, "--out", tmp_path / "r.html"), *parts)
    assert {"r.html": b"before"} == tree(tmp_path)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """A folder as target, and a target below a file, are refused."""
    refused(say("report", "stated", "--out", tmp_path), "is a folder", "report.html")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    refused(say("report", "stated", "--out", tmp_path / "file" / "r.html"), "below the file")


def test_missing_packages_are_named_with_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without papermill a report is refused with the extra's name, and nothing is made."""
    monkeypatch.setitem(sys.modules, "papermill", None)
    refused(
        say("report", "stated", "--out", tmp_path / "new" / "r.html"),
        "need papermill, which is not installed: pip install 'breach-sim[report]'",
    )
    assert {} == tree(tmp_path)


def test_a_pdf_needs_a_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a browser a PDF is refused with what to do instead, before anything runs."""
    monkeypatch.setattr(report_file, "_executed", lambda *_, **__: pytest.fail("it ran"))
    monkeypatch.setattr(report_file.shutil, "which", lambda _: None)
    refused(say("report", "stated", "--out", tmp_path / "r.pdf"), "browser", "install Chromium", "--to html")
    assert {} == tree(tmp_path)


@pytest.mark.usefixtures("run_before")
def test_a_browser_that_prints_nothing_leaves_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser that fails is named, and the old file stays."""
    before = b"%PDF-1.4 % breach_sim"
    (tmp_path / "r.pdf").write_bytes(before)
    monkeypatch.setattr(report_file, "find_browser", lambda: shutil.which("false") or "false")
    refused(say("report", folder / FILE, "--out", tmp_path / "r.pdf"), "printed nothing", "--to html")
    assert {"r.pdf": before} == tree(tmp_path)


@pytest.mark.usefixtures("run_before")
@pytest.mark.slow
@pytest.mark.skipif(not any(map(shutil.which, report_file.BROWSERS)), reason="no browser that prints")
def test_a_browser_prints_the_page(folder: Path, tmp_path: Path) -> None:
    """The PDF has answer and reason on page 1, and contents with the numbers of its pages."""
    from pypdf import PdfReader

    assert say("report", folder / FILE, "--out", tmp_path / "r.pdf").code == 0
    assert {"r.pdf"} == set(tree(tmp_path))
    reader = PdfReader(tmp_path / "r.pdf")
    texts = (unicodedata.normalize("NFKC", one.extract_text()) for one in reader.pages)  # no ligatures
    pages = [re.sub(r"\s+", " ", text) for text in texts]
    assert "Over 2 years this breach makes victims" in pages[0]
    assert "decides how high it is" in pages[0]
    front = " ".join(pages[:2])
    for name in (*chapters.CONTENTS, page.TABLES):
        number = int(re.search(rf"{re.escape(name)} (\d+)", front)[1])  # type: ignore[index]
        assert name in pages[number - 1], name
    appendix = next(
        number for number, words in enumerate(pages) if "Appendix A: all numbers" in words and number > 1
    )
    assert appendix <= 12, "pages before the appendix"
    assert all(words.endswith(f"{number} / {len(pages)}") or f"{number} / {len(pages)}" in words
               for number, words in enumerate(pages, 1))  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(not any(map(shutil.which, report_file.BROWSERS)), reason="no browser that prints")
@pytest.mark.parametrize("name", ["tmobile-2021-stated", "equifax-2017"])
def test_a_printed_report_has_few_pages_before_its_appendix(name: str, tmp_path: Path) -> None:
    """Of a large breach at most twelve pages come before the appendix; the first has answer and contents."""
    from pypdf import PdfReader

    assert say("report", name, "--replicates", 200, "--out", tmp_path / "r.pdf").code == 0
    reader = PdfReader(tmp_path / "r.pdf")
    first = unicodedata.normalize("NFKC", reader.pages[0].extract_text())
    assert "this breach makes victims of" in first
    assert re.search("Why it is this low|What decides how high it is", first)
    begins = re.search(r"Appendix A: all numbers behind the answer\s+(\d+)", first)
    assert begins is not None
    assert int(begins[1]) <= 13


def _contrast(one: str, other: str) -> float:
    """Return the contrast of two colors as WCAG defines it: from 1 to 21."""
    lights = []
    for color in (one, other):
        digits = color.lstrip("#")
        digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    low, high = sorted(lights)
    return (high + 0.05) / (low + 0.05)


def test_every_text_can_be_read_on_every_ground_light_dark_and_on_paper(text: str) -> None:
    """Text and links have a contrast of at least 4.5 to 1 on page, boxes and cautions, in each style."""
    sets = [
        dict(re.findall(r"--(\w+): (#[0-9a-f]+)", block))
        for block in re.findall(r":root \{(.*?)\}", text[: text.index("</style>")], re.DOTALL)
    ]
    assert len(sets) == 3
    assert "@media (prefers-color-scheme: dark)" in text
    assert sets[2] == sets[0], "paper is light, whatever the screen is"
    for colors in sets:
        for words in ("ink", "soft", "blue", "orange"):
            for ground in ("paper", "pale", "warm"):
                assert _contrast(colors[words], colors[ground]) >= 4.5, (words, ground, colors)


# What is asked for beside the run --------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Parameters of the notebook, which is not run."""
    found: list[dict[str, Any]] = []

    def stop(_: object, parameters: dict[str, Any], **__: object) -> None:
        found.append(parameters)
        raise ValueError("not run")

    monkeypatch.setattr(report_file, "_executed", stop)
    return found


BESIDE = (
    "--can-start-on", "20", "--retention", "1e7", "--limit", "1e8", "--coinsurance", "0.1", "--sublimit",
    "fine=5e6", "--aggregate", "2e8", "--appetite", "0.05=2e9", "--appetite", "0.5=1e8",
)  # fmt: skip


def test_insurance_appetite_and_day_reach_the_notebook_and_the_command(
    asked: list[dict[str, Any]], tmp_path: Path
) -> None:
    """The options of `firm` are taken as plain data, and the command on the page asks for the same again."""
    say("report", "stated", *BESIDE, "--out", tmp_path / "r.html")
    (first,) = asked
    program = chapters.program_of(first["program"])
    assert program == Program(
        layers=(Layer(name="insurance", retention=1e7, limit=1e8, coinsurance=0.1, sublimits={"fine": 5e6}),),
        aggregate=2e8,
    )
    assert chapters.appetite_of(first["appetite"]) == {0.5: 1e8, 0.05: 2e9}
    again = chapters.command("stated", **first)
    say(*shlex.split(again)[1:-1], tmp_path / "r.html")
    assert asked[1] == first


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--retention", "5e7", "--limit", "1e7"), "raise it or lower the retention"),
        (("--coinsurance", "0.2"), "give --retention or --limit too"),
        (("--appetite", "5=1e6"), "strictly between 0 and 1"),
        (("--can-start-on", "-1"), "give days after the sale"),
    ],
)
def test_what_no_insurance_or_appetite_can_be_is_refused(
    asked: list[dict[str, Any]], words: tuple[str, ...], part: str, tmp_path: Path
) -> None:
    """An insurance, appetite or day that cannot be ends with code 2, and nothing runs or is written."""
    refused(say("report", "stated", *words, "--out", tmp_path / "r.html"), part)
    assert ([], {}) == (asked, tree(tmp_path))


def test_an_insurance_survives_as_plain_data() -> None:
    """Layers with and without limit, lines and sublimits come back as they were, also through JSON."""
    layers = (
        Layer(name="first", retention=1e6, limit=1e7, lines=("fine", "notice")),
        Layer(name="second", limit=5e6, coinsurance=0.2, lines=("redress",), sublimits={"redress": 1e6}),
    )
    for whole in (Program(layers=layers, aggregate=1e8), Program(layers=layers[:1])):
        plain = json.loads(json.dumps(chapters.plain_program(whole)))
        assert chapters.program_of(plain) == whole
    assert chapters.program_of(None) is None


# The chapters ---------------------------------------------------------------------------------------------


def test_the_answer_is_the_run(impact: Impact) -> None:
    """People and loss with intervals, the largest harm and the share of assumptions are the run's own."""
    text = chapters.answer(impact).text
    assert spread(impact.people) in text
    assert spread(impact.loss) in text
    means = impact.per_attack("loss_usd").mean(axis=1)
    assert impact.attacks.attacks[int(np.argmax(means))].label in text
    assumed = [own for own in impact.parameters() if own.status == "assumed"]
    assert f"{len(assumed)} of the {len(impact.parameters())} numbers behind it are assumed" in text
    assert all(note in text for note in impact.notes)
    assert f"Only {REPLICATES} replicates" in text
    assert chapters.why_line(impact) in text


def test_the_first_page_says_why() -> None:
    """Equifax is low because the thief is taken to have kept the data; elsewhere a number decides."""
    held = api.simulate("equifax-2017", replicates=512, seed=1)
    said, loss = chapters.why_line(held), held.expected_loss()
    kept = held.law.release.kind == list(held.scenario.release).index("held")
    assert said.startswith(
        "Why it is this low: the chance that the data were kept by the thief is put at 90 %"
    )
    for part in (loss[kept], loss[~kept]):
        assert human(significant(float(part.mean()), 2)) in said
    stated = chapters.why_line(api.simulate("tmobile-2021-stated", replicates=512, seed=1))
    assert stated.startswith("What decides how high it is: an assumption about this breach")
    assert "SSN" in stated
    assert "%" in stated


def test_outcomes_of_the_breach_are_shown_with_every_miss(impact: Impact) -> None:
    """A breach of the library with outcomes shows one row a comparison; a file of the same name does not."""
    shown = chapters.backtest(impact)
    own = [amount for amount in catalog.load_amounts() if amount.breach == "tmobile-2021"]
    from breach_sim.analysis.backtesting.predictions import backtest

    rows = backtest(own, seed=1).rows
    assert sum(row.verdict == "miss" for row in rows) == shown.html.count("<td>miss</td>")
    assert sum(bool(row.verdict) for row in rows) == shown.html.count('<th scope="row">') >= 3
    for row in rows:
        assert row.verdict or row.note in html.unescape(shown.html), row.amount.kind
    other = api.simulate(impact.scenario.scaled(10_000), replicates=2, seed=1)
    assert "It was fitted to" in chapters.backtest(other).text
    assert "<table>" not in chapters.backtest(other).html


def test_nothing_leaked_is_said_in_words(silent: Impact) -> None:
    """Every chapter has something to say about a breach in which nothing leaked."""
    for chapter in (
        "answer", "funnel", "ledgers", "uncertainty", "yardsticks", "backtest", "leaked", "numbers",
        "sources",
    ):  # fmt: skip
        assert getattr(chapters, chapter)(silent).html
    assert chapters.why_line(silent) == ""
    assert "no proof of safety" in chapters.answer(silent).text
    found = api.compare(silent.scenario, "notice", "drop-ssn", replicates=2, seed=1)
    assert chapters.NOTHING_AVERTED in chapters.mitigations(found).text


def test_the_standard_mitigations_exist() -> None:
    """Each mitigation that a report compares is one of the catalog."""
    assert len(set(chapters.STANDARD)) == len([catalog.load_mitigation(name) for name in chapters.STANDARD])


def test_the_command_to_repeat_survives_a_shell() -> None:
    """Whatever a file is called, the shell takes it as one word that is no option."""
    for name in (FILE, "-rf.toml", "a b'c.toml", "$(x).toml"):
        words = shlex.split(chapters.command(name, seed=1, replicates=2, horizon_years=5))
        assert words[2].removeprefix("./") == name
        assert not words[2].startswith("-")


# Pieces ---------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.text())
def test_no_text_becomes_markup(words: str) -> None:
    """Any text in a paragraph, a heading, a cell or an attribute stays text, and the data stay data."""
    frame = pd.DataFrame({words: [words]}, index=[words])
    pieces = [
        page.paragraph(words), page.heading(words, 2), page.table(frame, words),
        page.folded(words, page.paragraph(words)), page.data({"x": words}, "id"),
    ]  # fmt: skip
    found = Page("".join(piece.html for piece in pieces))
    assert ALLOWED >= {tag for tag, _ in found.tags}
    known = {"class", "tabindex", "role", "aria-label", "scope", "type", "id"}
    assert known >= {name for _, own in found.tags for name in own}
    assert {"x": words} == json.loads("".join(found.data))


def test_cells_are_rounded_and_empty_where_nothing_is_known() -> None:
    """Floats have three digits, whole numbers separators, NaN is empty, infinity a word."""
    frame = pd.DataFrame({"a": [1234567.0, np.nan, np.inf], "b": [1234567, 2, 3]}, index=list("xyz"))
    cells = re.findall(r"<td.*?>(.*?)</td>", page.table(frame, "t").html)
    assert ["1.23 million", "1,234,567", "", "2", "endless", "3"] == cells


def test_a_source_without_an_address_of_the_web_is_no_link() -> None:
    """Only http and https become links."""
    assert page.link("https://example.org/a?b=1&c").startswith('<a href="https://example.org/a?b=1&amp;c"')
    assert [] == [
        bad for bad in ("javascript:x", "data:x", "", 'https://x"y', "https://a b") if "<a" in page.link(bad)
    ]


def test_a_figure_leaves_nothing_open(impact: Impact) -> None:
    """Figures of the page are closed when it has them, those of others stay."""
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    assert "data:image/svg" in chapters.leaked(impact).html
    assert before == plt.get_fignums()


def test_the_template_is_named_after_its_chapters() -> None:
    """The notebook that the package brings has the chapters as headings, and no output."""
    template = nbformat.reads(catalog.report_template(), as_version=4)
    nbformat.validate(template)
    assert list(chapters.CONTENTS) == list(headings(template))
    assert [] == [cell for cell in template.cells if cell.cell_type == "code" and cell.outputs]


def headings(notebook: Any) -> Iterator[str]:
    """Yield the headings of the second level."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield from re.findall(r"^## (.+)$", cell.source, re.MULTILINE)


def test_the_text_of_a_scenario_is_its_file(tmp_path: Path) -> None:
    """A name gives its whole name and the library's file, a path the file's name and its text."""
    name, text = catalog.scenario_text("stated")
    assert "tmobile-2021-stated" == name
    assert 'name = "tmobile-2021-stated"' in text
    (tmp_path / "mine").write_text("\ufeff" + HOSTILE, encoding="utf-8")
    assert ("mine.toml", HOSTILE) == catalog.scenario_text(tmp_path / "mine")
    with pytest.raises(ValueError, match="no such file"):
        catalog.scenario_text(tmp_path / "none.toml")


def test_a_figure_needs_axes_of_a_figure() -> None:
    """Axes that were taken out of their figure are refused."""
    ax = plots.funnel(api.simulate("stated", replicates=2, seed=1))
    with plots.closing():
        ax.remove()
        with pytest.raises(ValueError, match="belong to no figure"):
            page.figure(ax, "r", page.paragraph("x"))


APPENDIX = '<h2 id="appendix-a'


def test_the_report_reads_like_a_page(text: str) -> None:
    """Up to its appendices no sentence is long, and none is private or British but in the data."""
    own = page_text(text, until=APPENDIX).replace("to be held against", "to compare with")
    assert len(own) > 10_000
    assert [] == prose_faults("report", own)
