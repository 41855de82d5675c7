"""Laws of the graphic language: titles state findings, words can be read, nothing has a wrong name."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text
from support.figure_laws import box_of, broken_laws, contrast, shown
from support.sampled import some

from breach_sim import api, plots
from breach_sim.formatting.digits import earned
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment
from breach_sim.plots import colors
from breach_sim.plots.language.header import provenance
from breach_sim.results.impact import Impact
from breach_sim.results.tables.funnel import ranked

FIGURES: dict[str, Callable[..., Axes]] = {
    "funnel": plots.funnel,
    "exceedance": plots.exceedance,
    "quantile_dots": plots.quantile_dots,
    "people": lambda run, **more: plots.quantile_dots(run, of="people", **more),
    "leak_matrix": lambda run, **more: plots.leak_matrix(run.scenario, **more),
    "recipes": plots.recipes,
    "chain": plots.chain,
    "timeline": plots.timeline,
    "attack_graph": lambda run, **more: plots.attack_graph(run.attacks, run.scenario, **more),
}
"""Figures of a run in the language, each a function of the run."""
SCENARIOS = (
    "tmobile-2021-stated",
    "equifax-2017",
    "everyone-lost-everything",
    "opm-2015",
    "att-snowflake-2024",
)
THEFTS = ("bank_code_interception", "crypto_code_interception", "online_account_code", "online_account_reset")


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Treat every warning as an error, and close what a test has drawn."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    plt.close("all")


@pytest.fixture(scope="module")
def runs() -> dict[str, Impact]:
    """A small run of each scenario, one of a selection of attacks, and one that leaks nothing."""
    nothing = Scenario(name="nil", label="Nothing", segments=(Segment(name="a", accounts=1000, leaks=()),))
    found = {name: api.simulate(name, replicates=128, seed=1) for name in SCENARIOS}
    found["thefts"] = api.simulate(SCENARIOS[0], list(THEFTS), replicates=128, seed=1)
    return found | {"nil": api.simulate(nothing, replicates=128, seed=1)}


@pytest.mark.parametrize("scenario", some([*SCENARIOS, "thefts", "nil"]))
@pytest.mark.parametrize("name", FIGURES)
def test_words_of_a_figure_can_be_read(runs: dict[str, Impact], scenario: str, name: str) -> None:
    """No text leaves the canvas or its box, covers another, is small, pale, or a name of a table."""
    assert broken_laws(FIGURES[name](runs[scenario])) == {}


@pytest.mark.parametrize("name", FIGURES)
def test_a_title_states_what_its_table_says(runs: dict[str, Impact], name: str) -> None:
    """The title is a sentence; the alternative text begins with it; the second line names the breach."""
    run = runs["tmobile-2021-stated"]
    ax = FIGURES[name](run)
    sentence, below = plots.title_of(ax).split("\n", 1)
    assert len(sentence.split()) > 5
    assert not sentence.endswith(".")
    assert str(plots.figure_of(ax).get_label()).startswith(sentence)
    assert run.scenario.title in below
    written = {text.get_gid(): " ".join(text.get_text().split()) for text in shown(ax) if text.get_gid()}
    assert written["finding"] == sentence
    assert written["subtitle"] == below


def number(text: str) -> float:
    """Return a number written like "4.8 million"."""
    figure, _, unit = text.replace(",", "").partition(" ")
    return float(figure) * {"million": 1e6, "billion": 1e9}.get(unit.split(" ")[0] if unit else "", 1)


def test_the_findings_are_those_of_the_tables(runs: dict[str, Impact]) -> None:
    """Numbers in titles are those of the run's tables, to their two digits."""
    run = runs["tmobile-2021-stated"]
    amount = r"([\d.,]+(?: million| billion)?)"
    found = re.search(rf"Of {amount} accounts about {amount} are harmed", plots.title_of(plots.funnel(run)))
    assert found is not None
    assert number(found[1]) == pytest.approx(run.scenario.accounts, rel=0.05)
    assert number(found[2]) == pytest.approx(float(np.median(run.people)), rel=0.05)
    words = plots.title_of(plots.exceedance(run))
    found = re.search(rf"lose more than {amount} USD, 1 in 20 more than {amount}", words)
    assert found is not None
    table = run.exceedance((0.5, 0.05))["var_usd"]
    assert number(found[1]) == pytest.approx(table[0.5], rel=0.3)
    assert number(found[2]) == pytest.approx(table[0.05], rel=0.5)
    share = re.match(
        r"(\d+) % of the victims are harmed within the first year", plots.title_of(plots.timeline(run))
    )
    assert share is not None
    months = run.timeline()
    first = months["victims_mean"][months["end_day"] <= 365.5].sum() / months["victims_mean"].sum()
    assert int(share[1]) == round(100 * float(first))
    largest = max(segment.accounts for segment in run.scenario.segments)
    assert plots.title_of(plots.leak_matrix(run.scenario)).startswith(
        f"{100 * largest / run.scenario.accounts:.0f} % of the accounts"
    )


@pytest.mark.parametrize("name", [name for name in FIGURES if name not in {"leak_matrix", "attack_graph"}])
def test_a_selection_of_attacks_is_named(runs: dict[str, Impact], name: str) -> None:
    """Where a part of the attacks was simulated, title and alternative text say so; of all, neither does."""
    part, whole = (FIGURES[name](runs[key]) for key in ("thefts", "tmobile-2021-stated"))
    few = len(runs["thefts"].attacks.names)
    assert f"{few} attacks only" in plots.title_of(part)
    assert f"{few} attacks only" in str(plots.figure_of(part).get_label())
    assert "only:" not in plots.title_of(whole)
    assert "only:" not in str(plots.figure_of(whole).get_label())


def test_an_axis_says_whose_loss_it_shows(runs: dict[str, Impact]) -> None:
    """The axis of the loss of a selection names it, and not all victims."""
    for draw in (plots.exceedance, plots.quantile_dots):
        label = draw(runs["thefts"]).get_xlabel()
        assert f"victims of {len(runs['thefts'].attacks.names)} attacks" in label
        assert "all victims" not in label
        assert "all victims" in draw(runs["tmobile-2021-stated"]).get_xlabel()


def test_no_two_quantities_share_a_title_or_an_alternative_text(runs: dict[str, Impact]) -> None:
    """Figures of different quantities or different runs have different titles and alternative texts."""
    drawn = {
        (name, key): draw(runs[key])
        for name, draw in FIGURES.items()
        for key in ("tmobile-2021-stated", "thefts")
        if name not in {"leak_matrix", "attack_graph"} or key != "thefts"
    }
    titles = [plots.title_of(ax) for ax in drawn.values()]
    words = [str(plots.figure_of(ax).get_label()) for ax in drawn.values()]
    assert len(set(titles)) == len(titles)
    assert len(set(words)) == len(words)


def test_a_footer_says_where_the_numbers_are_from(runs: dict[str, Impact]) -> None:
    """Version, seed, points and assumed numbers stand at the foot; ``footer=False`` drops them."""
    run = runs["equifax-2017"]
    assumed = sum(estimate.status == "assumed" for estimate in run.parameters())
    words = f"breach_sim {run.version}, seed 1, 128 points; {assumed} of {len(run.parameters())} numbers"
    assert provenance(run).startswith(words)
    for name, draw in FIGURES.items():
        with_, without = draw(run), draw(run, footer=False)
        feet = [
            [text for text in plots.figure_of(ax).findobj(Text) if text.get_gid() == "footer"]  # type: ignore[attr-defined]
            for ax in (with_, without)
        ]
        assert [text.get_text().startswith("breach_sim") for text in feet[0]] == [True], name
        assert feet[1] == [], name
        high, low = (plots.figure_of(ax).get_figheight() for ax in (with_, without))
        assert high > low, name


def test_a_cropped_picture_keeps_title_and_footer(runs: dict[str, Impact]) -> None:
    """Notebooks crop a picture to what is drawn; title and footer are within."""
    ax = plots.exceedance(runs["equifax-2017"])
    figure: Any = plots.figure_of(ax)
    texts = [text for text in shown(ax) if text.get_gid() in {"finding", "subtitle", "footer"}]
    assert len(texts) == 3
    left, low, right, high = (edge * figure.dpi for edge in figure.get_tightbbox().extents)
    for text in texts:
        box = box_of(text)
        assert left - 1 <= box[0] < box[2] <= right + 1
        assert low - 1 <= box[1] < box[3] <= high + 1


def test_a_footer_covers_no_drawing() -> None:
    """A figure without a constrained layout is refused a footer, with the remedy; one of the style is not."""
    _, plain = plt.subplots()
    with pytest.raises(ValueError, match=r"make it inside bs\.plots\.style"):
        plots.footer(plain)
    with plots.style():
        _, ax = plt.subplots()
    plots.finding(ax, "Two is more than one", "a toy")
    plots.footer(ax, "a toy")
    assert broken_laws(ax) == {}


def test_a_readers_figure_keeps_its_size_and_other_panels(runs: dict[str, Impact]) -> None:
    """Drawn among other panels, a figure titles its own axes, and its words join those of the others."""
    run = runs["tmobile-2021-stated"]
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
    plots.exceedance(run, left)
    plots.quantile_dots(run, right, of="people")
    assert tuple(figure.get_size_inches()) == (12, 5)
    assert all(ax.get_title(loc="left") for ax in (left, right))
    label = str(figure.get_label())
    assert "Exceedance curve" in label
    assert "equally likely outcomes" in label


@pytest.mark.parametrize("name", some(["funnel", "recipes"]))
def test_a_file_is_the_same_every_time(runs: dict[str, Impact], tmp_path: Path, name: str) -> None:
    """The same figure gives the same bytes, as SVG and as PNG, without a date; another ending is refused."""
    run = runs["tmobile-2021-stated"]
    for ending in ("svg", "png"):
        files = [tmp_path / f"{number}.{ending}" for number in range(2)]
        for file in files:
            plots.save(FIGURES[name](run), file)
        assert files[0].read_bytes() == files[1].read_bytes()
    drawing = (tmp_path / "0.svg").read_text(encoding="utf-8")
    assert "<dc:date>" not in drawing
    with pytest.raises(ValueError, match=r"as \.png or \.svg"):
        plots.save(FIGURES[name](run), tmp_path / "x.pdf")


def test_a_drawing_for_a_page_has_a_label_and_own_identifiers(runs: dict[str, Impact]) -> None:
    """Inline SVG carries the alternative text as label, and every identifier begins with the prefix."""
    ax = plots.exceedance(runs["equifax-2017"])
    drawing = plots.as_svg(ax, "loss")
    assert drawing == plots.as_svg(plots.exceedance(runs["equifax-2017"]), "loss")
    assert drawing.startswith('<svg role="img" aria-label="Half of the runs')
    names = re.findall(r'\bid="([^"]*)"', drawing)
    assert names
    assert all(name.startswith("loss-") for name in names)
    used = set(re.findall(r'(?:href="#|url\(#)([^")]*)', drawing))
    assert used <= set(names)
    assert "metadata" not in drawing


def test_icons_count_the_odds(runs: dict[str, Impact]) -> None:
    """As many dots are dark as the odds say, as many ringed as the action spares; the title counts them."""
    person = api.follow("tmobile-2021-stated", 130, impact=runs["tmobile-2021-stated"])
    action = api.load_mitigation("credit-freeze")
    ax = plots.icons(person, action=action, name="Row 130")
    lines: list[Any] = list(ax.lines)
    every, harmed, ringed = (line.get_xdata() for line in lines)
    odds, acted = person.odds().iloc[-1], person.actions([action]).iloc[0]
    assert len(every) == 1200
    assert len(harmed) == round(float(odds["horizon"]) * 1200)
    assert len(ringed) == len(harmed) - round(float(acted["after"]) * 1200)
    points = list(zip(*(map(float, axis) for axis in lines[1].get_data()), strict=True))
    assert len(set(points)) == len(points)
    assert plots.title_of(ax).startswith(
        f"Of 1,200 people who lost what Row 130 lost, {len(harmed)} are harmed"
    )
    assert broken_laws(ax) == {}
    with pytest.raises(ValueError, match="from 100 to 4,800"):
        plots.icons(person, dots=10)
    with pytest.raises(ValueError, match="nothing that a person can do"):
        plots.icons(person, action=api.load_mitigation("drop-ssn"))


def test_twenty_dots_are_the_quantiles(runs: dict[str, Impact]) -> None:
    """The dots are twenty, ordered as the quantiles of the sample, in columns that hold them."""
    run = runs["equifax-2017"]
    ax = plots.quantile_dots(run)
    dots: list[Any] = [line for line in ax.lines if line.get_marker() == "o"]
    assert len(dots) == 20
    places = sorted(float(dot.get_xdata()[0]) for dot in dots)
    quantiles = np.quantile(run.loss, (np.arange(20) + 0.5) / 20)
    low, high = ax.get_xlim()
    step = np.log(high / low) / 14
    assert np.abs(np.log(np.array(places) / quantiles)).max() <= step / 2 + 1e-9
    with pytest.raises(ValueError, match="'loss' or 'people'"):
        plots.quantile_dots(run, of="hours")


def test_the_matrix_shows_accounts_as_height(runs: dict[str, Impact]) -> None:
    """Rows of large segments are as high as they have accounts; the words are the shares of the scenario."""
    scenario = runs["tmobile-2021-stated"].scenario
    ax = plots.leak_matrix(scenario)
    cells: list[Any] = list(ax.patches)
    heights = {round(cell.get_height() + 0.02, 6) for cell in cells}
    whole = sum(segment.accounts for segment in scenario.segments)
    largest = max(segment.accounts for segment in scenario.segments)
    assert max(heights) == pytest.approx(2.6 * largest / whole, abs=1e-6)
    words = [text.get_text() for text in ax.texts]
    assert {"all", "63 %", "80 %"} <= set(words)
    assert words.count("63 %") == 4


def test_recipes_are_the_open_routes(runs: dict[str, Impact]) -> None:
    """Each row of dots is a smallest open set of leaked fields; every attack that one opens has a row."""
    run = runs["tmobile-2021-stated"]
    ax = plots.recipes(run)
    words = [text.get_text() for text in ax.texts]
    leaked = {name for segment in run.scenario.segments for name in segment.fields}
    own = [a for a in run.attacks.attacks if any(set(r.fields) <= leaked and r.fields for r in a.routes)]
    assert [a.label for a in own if a.label not in words] == []
    assert "SIM swap" in words
    assert words.count("or") == 4
    assert "30.1M" in words
    bare = plots.recipes(run.scenario)
    assert "victims\n(median)" not in [text.get_text() for text in bare.texts]
    assert broken_laws(bare) == {}


def test_a_chain_leads_from_the_number_over_the_mailbox_to_the_exchange(runs: dict[str, Impact]) -> None:
    """Arrows go from swaps to the number, to the mailbox, and on to exchange accounts."""
    words = str(plots.figure_of(plots.chain(runs["tmobile-2021-stated"])).get_label())
    assert "SIM swap and port-out give control of the phone number" in words
    assert "mailbox takeover by reset code gives control of the mailbox, which opens crypto exchange" in words
    bare = plots.chain(api.load_attacks())
    assert broken_laws(bare) == {}


def test_rows_of_a_funnel_are_sorted(runs: dict[str, Impact]) -> None:
    """Rows fall by the median that was asked for; the first rows are those of the whole."""
    run = runs["tmobile-2021-stated"]
    rows = ranked(run)
    printed = [earned(row.victims[1], row.errors[0]) for row in rows]
    assert printed == sorted(printed, reverse=True)
    printed = [earned(row.loss[1], row.errors[1]) for row in ranked(run, by="loss")]
    assert printed == sorted(printed, reverse=True)
    few = plots.funnel(run, most=5)
    assert [label.get_text() for label in few.get_yticklabels()] == [row.label for row in rows[:5]]
    assert f"{len(rows) - 5} smaller attacks left out" in plots.title_of(few)
    with pytest.raises(ValueError, match="'victims' or 'loss'"):
        ranked(run, by="hours")


def test_colors_of_text_can_be_read() -> None:
    """Every color meant for text has a contrast of at least 4.5 to 1 on white."""
    from matplotlib.colors import to_rgb

    names = [name for name in vars(colors) if name.endswith("_TEXT")]
    names += ["INK", "DIM", "VICTIMS", "ATTEMPTS", "ATTACKABLE", "FIRM", "MITIGATION", "BLUE"]
    white = (1.0, 1.0, 1.0)
    assert {
        n: contrast(to_rgb(vars(colors)[n]), white)
        for n in names
        if contrast(to_rgb(vars(colors)[n]), white) < 4.5
    } == {}
