"""Laws of the figures: what a function returns, where it draws, and that a reader can read it."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.image as mpimg
import matplotlib.pyplot as plt
import pytest
from matplotlib.axes import Axes
from matplotlib.cbook import is_math_text
from matplotlib.text import Text
from support import figure_laws
from support.sampled import some

from breach_sim import api, plots
from breach_sim.catalog import label_of_field
from breach_sim.formatting.digits import earned
from breach_sim.formatting.errors import quantile_error
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment
from breach_sim.results.impact import Impact

SCENARIOS = ("everyone-lost-everything", "tmobile-2021-claimed", "tmobile-2021-stated")
Figures = dict[str, Callable[..., Axes]]


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Treat every warning as an error, and close what a test has drawn."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    plt.close("all")


@pytest.fixture(scope="module")
def impacts() -> dict[str, Impact]:
    """A run of every scenario, and of one that leaks nothing."""
    nothing = Scenario(name="nil", segments=(Segment(name="a", accounts=1000, leaks=()),))
    runs: dict[str, str | Scenario] = {name: name for name in SCENARIOS}
    return {
        name: api.simulate(run, replicates=300, seed=1) for name, run in (runs | {"nil": nothing}).items()
    }


def figures(impact: Impact) -> Figures:
    """Return every registered figure of a run, and the graph without a breach, as functions of the axes."""
    drawn: Figures = {
        name: lambda ax=None, draw=draw: draw(impact, ax) for name, draw in plots.OF_IMPACT.items()
    }
    return drawn | {"bare graph": lambda ax=None: plots.attack_graph(impact.attacks, None, ax)}


def words_of(ax: Axes) -> list[str]:
    """Return the texts that are drawn."""
    return [text.get_text() for text in figure_laws.shown(ax)]


def outside(ax: Axes, least: int = 1) -> list[str]:
    """Return the texts that leave the canvas, of at least so many."""
    texts = figure_laws.shown(ax)
    assert len(texts) >= least
    return figure_laws.outside(ax, texts)


NAMES = (*plots.OF_IMPACT, "bare graph")


def test_the_register_names_every_public_function() -> None:
    """Each public function but the tools is registered as a figure under its own name, and takes axes."""
    public = {name: getattr(plots, name) for name in dir(plots) if inspect.isfunction(getattr(plots, name))}
    figures = {
        name: function for name, function in public.items() if "ax" in inspect.signature(function).parameters
    }
    tools = {"as_svg", "closing", "describe", "figure_of", "finding", "footer", "save", "style", "title_of"}
    named = {*plots.OF_IMPACT, *plots.OF_TABLES}
    assert sorted(set(public) - tools - named) == [], "name these figures in plots/register.py"
    assert sorted(named - set(public)) == [], "plots/register.py names figures that plots does not have"
    assert set(plots.OF_IMPACT).isdisjoint(plots.OF_TABLES)
    for name in set(public) - tools:
        assert inspect.signature(figures[name]).parameters["ax"].default is None


def test_every_figure_is_handed_out() -> None:
    """A function of plots that takes axes stands in the stub, from which the room hands out its names."""
    folder = Path(plots.__file__).parent
    drawing = {
        node.name
        for path in folder.rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and "ax" in {arg.arg for arg in node.args.args}
        if not node.name.startswith("_") and path.parent.name != "language"
    }
    assert {"funnel", "scoreboard"} <= drawing
    assert sorted(drawing - set(dir(plots))) == [], "add these names to plots/__init__.pyi"


def test_the_register_draws_what_it_names(impacts: dict[str, Impact]) -> None:
    """A registered function is the public one of that name, or draws the same words from an impact."""
    run = impacts["tmobile-2021-stated"]
    assert [] == [name for name, draw in plots.OF_TABLES.items() if draw is not getattr(plots, name)]
    own = [name for name, draw in plots.OF_IMPACT.items() if draw is not getattr(plots, name)]
    assert own == ["leak_matrix", "attack_graph"]
    by_hand = (plots.leak_matrix(run.scenario), plots.attack_graph(run.attacks, run.scenario))
    for name, ax in zip(own, by_hand, strict=True):
        assert (
            plots.figure_of(ax).get_label() == plots.figure_of(plots.OF_IMPACT[name](run, None)).get_label()
        )


def test_colors_and_labels_cost_no_matplotlib() -> None:
    """Colors and labels of ticks are at hand without matplotlib; the first figure function loads it."""
    code = (
        "import sys; from breach_sim.plots import BLUE, colors, ticks; assert colors.BLUE == BLUE;"
        "assert ticks.compact(1e6) == '1M' and 'matplotlib' not in sys.modules;"
        "from breach_sim.plots import funnel; assert 'matplotlib' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own words


@pytest.mark.parametrize("name", NAMES)
def test_axes_come_back_of_a_labelled_figure(impacts: dict[str, Impact], name: str) -> None:
    """A figure function returns the axes of one new figure, which says in words what it shows."""
    before = plt.get_fignums()
    ax = figures(impacts["tmobile-2021-stated"])[name]()
    assert isinstance(ax, Axes)
    assert 1 == len(set(plt.get_fignums()) - set(before))
    words = str(plots.figure_of(ax).get_label())
    assert words.endswith(".")
    assert len(words) > 30


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_drawn_on_given_axes(impacts: dict[str, Impact], name: str) -> None:
    """On given axes nothing else is opened or touched, and those axes come back."""
    figure, (left, right) = plt.subplots(1, 2)
    before = plt.get_fignums()
    assert left is figures(impacts["tmobile-2021-stated"])[name](left)
    assert before == plt.get_fignums()
    assert left.has_data()
    assert not right.has_data()
    assert not right.texts
    assert figure.get_label()


@pytest.mark.parametrize("name", NAMES)
def test_the_house_style_stays_at_home(impacts: dict[str, Impact], name: str) -> None:
    """Drawing leaves the reader's own settings as they were."""
    before = dict(mpl.rcParams)
    figures(impacts["tmobile-2021-stated"])[name]()
    assert before == dict(mpl.rcParams)


@pytest.mark.parametrize("scenario", some(SCENARIOS))
def test_shown_axes_name_what_they_measure_and_its_unit(impacts: dict[str, Impact], scenario: str) -> None:
    """Measured axes have label and unit; the others show names, or are off; the title names the breach."""
    impact = impacts[scenario]
    axes = {name: draw() for name, draw in figures(impact).items()}
    assert "accounts" in axes["funnel"].get_xlabel()
    assert "[USD" in axes["exceedance"].get_xlabel()
    assert "5 years" in axes["exceedance"].get_xlabel()
    assert "[%]" in axes["exceedance"].get_ylabel()
    assert not axes["attack_graph"].axison
    assert "Share of accounts" in plots.title_of(axes["leak_matrix"])
    for name in plots.OF_IMPACT:
        assert impact.scenario.title in plots.title_of(axes[name]), name


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_funnel_shows_what_its_table_says(impacts: dict[str, Impact], scenario: str) -> None:
    """Every attack with attackable accounts has a row, the most victims first, with its medians as marks."""
    impact = impacts[scenario]
    ax = plots.funnel(impact)
    table: Any = impact.funnel(numbers=True)
    rows = [a for a in impact.attacks.attacks if table.loc[a.name, ("attackable", "p95")] > 0]
    samples = dict(zip(impact.attacks.names, impact.per_attack("victims"), strict=True))
    errors = {a.label: quantile_error(samples[a.name], 0.5, impact.scramble) for a in rows}
    harmed = {a.label: tuple(table.loc[a.name, ("victims", q)] for q in ("p50", "mean")) for a in rows}
    harmed = {label: (earned(own[0], errors[label]), *own) for label, own in harmed.items()}
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert sorted(harmed, key=lambda label: harmed[label], reverse=True) == labels
    named = {a.label: a.name for a in rows}
    marks: list[Any] = [line for line in ax.lines if line.get_marker() in {"o", "|"}]
    words = ("attackable", "attempted", "victims")
    medians = [max(float(table.loc[named[label], (word, "p50")]), 0.7) for label in labels for word in words]
    assert medians == [float(line.get_xdata()[0]) for line in marks]
    low, high = ax.get_xlim()
    assert low < min(medians)
    assert max(medians) < high


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_curve_falls_and_passes_through_its_points(impacts: dict[str, Impact], scenario: str) -> None:
    """The exceedance curve falls as the loss grows, and the marked points lie on it."""
    impact = impacts[scenario]
    ax = plots.exceedance(impact)
    lines: list[Any] = list(ax.lines)
    curve = next(line for line in lines if line.get_marker() in {"None", ""})
    loss, chance = (list(map(float, axis)) for axis in curve.get_data())
    assert sorted(loss) == loss
    assert sorted(chance, reverse=True) == chance
    points = [line for line in lines if line.get_marker() == "o"]
    marks = {float(y[0]): float(x[0]) for x, y in (line.get_data() for line in points)}
    table = impact.exceedance((0.5, 0.05))["var_usd"]
    assert {50.0: table[0.5], 5.0: table[0.05]} == pytest.approx(marks)


def test_the_matrix_names_every_share() -> None:
    """A cell says what share leaked: 'all' for all, percent for a part, nothing for none."""
    ax = plots.leak_matrix(api.load_scenario("tmobile-2021-stated"))
    scenario = api.load_scenario("tmobile-2021-stated")
    fields = {name for segment in scenario.segments for name in segment.fields}
    words = [text.get_text() for text in ax.texts]
    cells = [text for text in words if text == "all" or (text.endswith(" %") and "\n" not in text)]
    assert sum(len(s.fields) for s in scenario.segments) == len(cells)
    assert {"all", "63 %", "80 %"} == set(cells)
    assert len(words) == len(cells) + len(scenario.segments) + len(fields)


def test_the_graph_names_every_field_and_attack(impacts: dict[str, Impact]) -> None:
    """Every field that a route reads and every attack that the breach can open has its box."""
    impact = impacts["tmobile-2021-stated"]
    words = " ".join(" ".join(t.get_text().split()) for t in plots.attack_graph(impact.attacks).texts)
    attacks = [a for a in impact.attacks.attacks if a.routes]
    fields = {label_of_field(f, short=True) for a in attacks for r in a.routes for f in r.fields}
    assert [] == [name for name in sorted(fields | {a.label for a in attacks}) if name not in words]


@pytest.mark.parametrize("scenario", some(SCENARIOS, every=2))
@pytest.mark.parametrize("name", plots.OF_IMPACT)
def test_no_text_leaves_the_canvas(impacts: dict[str, Impact], scenario: str, name: str) -> None:
    """Every text that is drawn stands on the page."""
    assert [] == outside(figures(impacts[scenario])[name](), least=6)


def test_amounts_are_written_one_way() -> None:
    """Ticks of the money axis are all written like 1B, none as a power of ten."""
    impact = api.simulate("everyone-lost-everything", replicates=1000, seed=1)
    ticks = words_of(plots.exceedance(impact))
    assert [] == [text for text in ticks if "times" in text or "10^" in text]


@pytest.mark.parametrize(
    "name",
    [
        "funnel",
        "exceedance",
        "attack_graph",
        "leak_matrix",
    ],
)
def test_a_breach_that_leaks_nothing_is_drawn(impacts: dict[str, Impact], name: str) -> None:
    """Nothing leaked: there is still a figure, without a warning, that says so in words."""
    ax = figures(impacts["nil"])[name]()
    assert plots.figure_of(ax).get_label()
    assert [] == outside(ax)


ONE = ("sim_swap", "port_out", "new_account_fraud", "smishing")


@pytest.mark.parametrize("attack", ONE)
def test_a_graph_of_one_attack_is_drawn(attack: str) -> None:
    """A graph of a single attack is drawn whole, with and without a scenario, and so is its funnel."""
    impact = api.simulate("tmobile-2021-claimed", attack, replicates=50, seed=1)
    assert (attack,) == impact.attacks.names
    drawn = figures(impact)
    assert {} == {n: off for n in ("funnel", "attack_graph", "bare graph") if (off := outside(drawn[n]()))}


def test_a_graph_that_no_breach_opens_is_drawn() -> None:
    """Attacks that happen without the breach alone have no routes; their graph is empty, no error."""
    insider = api.load_attacks().only(["sim_swap_insider"])
    alone = AttackGraph(attacks=insider.attacks, people_background=insider.people_background)
    for scenario in (None, api.load_scenario("tmobile-2021-stated")):
        assert [] == outside(plots.attack_graph(alone, scenario))


@pytest.mark.parametrize("label", ["Costs $5 and $6 a head", "$x^$", r"$\frac$", "50% _all_ {x} \\ for $5"])
def test_a_label_is_text(label: str) -> None:
    """Dollars, braces and backslashes in a label are shown as they stand, never set as a formula."""
    scenario = api.load_scenario("tmobile-2021-stated")
    segments = (replace(scenario.segments[0], label=label), *scenario.segments[1:])
    ax = plots.leak_matrix(replace(scenario, label=label, segments=segments))
    texts = [ax.title, *ax.get_yticklabels(), *plots.figure_of(ax).findobj(Text)]
    assert any(label in text.get_text().replace(r"\$", "$") for text in texts if isinstance(text, Text))
    assert [] == [
        text.get_text()
        for text in texts
        if isinstance(text, Text) and text.get_parse_math() and is_math_text(text.get_text())
    ]


@pytest.mark.parametrize(("accounts", "replicates"), [(3, 100), (3_000, 100), (10**8, 1)])
@pytest.mark.parametrize("name", ["funnel", "exceedance"])
def test_small_breaches_and_runs_are_drawn(accounts: int, replicates: int, name: str) -> None:
    """Few accounts, losses of zero in most replicates, or one replicate: drawn whole, without a warning."""
    scenario = api.load_scenario("tmobile-2021-claimed").scaled(accounts)
    impact = api.simulate(scenario, replicates=replicates, seed=1)
    assert [] == outside(figures(impact)[name]())


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_bars_of_attribution_are_its_table(impacts: dict[str, Impact], scenario: str) -> None:
    """Every field that carries a loss has a bar of its Shapley value; what is no split has its own panel."""
    table: Any = api.attribution(impacts[scenario])
    ax = plots.attribution(table)
    rows = table.drop(index="total")
    rows = rows[rows["leave_one_out"] + rows["alone"] + rows["mean"] > 0]
    patches: list[Any] = list(ax.patches)
    assert [bar.get_width() for bar in patches] == pytest.approx(rows["mean"].tolist())
    assert sum(bar.get_width() for bar in patches) == pytest.approx(table.loc["total", "mean"])
    assert [label_of_field(n) for n in rows.index] == [t.get_text() for t in ax.get_yticklabels()]
    assert list(ax.lines) == []
    panel = plots.figure_of(ax).axes[1]
    lines: list[Any] = list(panel.lines)
    marks = {m: [float(x.get_xdata()[0]) for x in lines if x.get_marker() == m] for m in ("D", "o")}
    assert marks["D"] == pytest.approx(rows["leave_one_out"].tolist())
    assert marks["o"] == pytest.approx(rows["alone"].tolist())
    assert {line.get_markerfacecolor() for line in lines if line.get_marker() in {"D", "o"}} == {"white"}
    assert max(marks["D"]) < panel.get_xlim()[1]
    assert "[USD]" in ax.get_xlabel()
    assert figure_laws.broken_laws(ax) == {}


def test_attribution_on_given_axes(impacts: dict[str, Impact]) -> None:
    """On given axes nothing else is opened, those axes come back, and the figure says what it shows."""
    figure, (left, right) = plt.subplots(1, 2)
    before = plt.get_fignums()
    assert left is plots.attribution(api.attribution(impacts["tmobile-2021-stated"]), left)
    assert before == plt.get_fignums()
    assert not right.has_data()
    assert figure.axes == [left, right]
    assert "of the expected loss" in str(figure.get_label())


def test_attribution_of_nothing_says_so(impacts: dict[str, Impact]) -> None:
    """Where no field carries a loss there is a figure all the same, and it says so in words."""
    ax = plots.attribution(api.attribution(impacts["nil"]))
    assert "no field carries any loss" in words_of(ax)
    assert [] == outside(ax)


def test_attribution_by_segment_is_refused(impacts: dict[str, Impact]) -> None:
    """A table by segment and field is no table of this figure; the answer names the one that is."""
    table = api.attribution(impacts["tmobile-2021-stated"], by_segment=True)
    with pytest.raises(ValueError, match="without by_segment"):
        plots.attribution(table)
    assert [] == plt.get_fignums()


def test_save_writes_and_closes(impacts: dict[str, Impact], tmp_path: Path) -> None:
    """`save` writes the same bytes for the same figure and closes it; others stay open."""
    kept = plt.figure()
    for name in ("one.png", "two.png"):
        plots.save(plots.leak_matrix(impacts["tmobile-2021-stated"].scenario), tmp_path / name)
    assert [kept.number] == plt.get_fignums()
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    assert mpimg.imread(tmp_path / "one.png").std() > 0


def test_closing_closes_what_was_opened_inside() -> None:
    """On an error too, figures opened inside are closed, and those opened before stay."""

    def half() -> None:
        with plots.closing():
            plt.subplots()
            raise ValueError("half way")

    kept = plt.figure()
    with pytest.raises(ValueError, match="half way"):
        half()
    assert [kept.number] == plt.get_fignums()


def test_save_refuses_axes_without_a_figure(impacts: dict[str, Impact], tmp_path: Path) -> None:
    """Axes that were taken out of their figure cannot be saved, and the answer says why."""
    ax = plots.leak_matrix(impacts["tmobile-2021-stated"].scenario)
    ax.remove()
    with pytest.raises(ValueError, match="the axes belong to no figure"):
        plots.save(ax, tmp_path / "x.png")
    assert [] == list(tmp_path.iterdir())


# The firm's answer --------------------------------------------------------------------------------------


def test_the_firm_figures_show_their_tables(impacts: dict[str, Impact]) -> None:
    """The curve passes through its points and the appetite's; bars of the cash are means by quarter."""
    answer = api.cost_to_firm(impacts["tmobile-2021-stated"], appetite={0.5: 1e8, 0.05: 1e9})
    ax = plots.firm_exceedance(answer)
    lines: list[Any] = list(ax.lines)
    cost, chance = (list(map(float, axis)) for axis in lines[0].get_data())
    assert sorted(cost) == cost
    assert answer.exceedance((0.05,))["var_usd"][0.05] == cost[chance.index(5.0)]
    marks = next(line for line in lines if line.get_marker() == "D")
    assert [1e8, 1e9] == list(map(float, marks.get_xdata()))
    assert [] == outside(ax)
    cash = plots.firm_cash(answer)
    bars: list[Any] = list(cash.patches)
    assert [bar.get_height() for bar in bars] == pytest.approx(list(answer.cash_by_quarter()["mean"]))
    assert [] == outside(cash)


def test_the_appetite_is_drawn_over_the_curve(impacts: dict[str, Impact]) -> None:
    """On the curve of the loss the appetite stands as points, with how much of it is inside."""
    ax = plots.exceedance(impacts["tmobile-2021-stated"], appetite={0.5: 1e3, 0.05: 1e12})
    lines: list[Any] = list(ax.lines)
    marks = next(line for line in lines if line.get_marker() == "D")
    assert [1e3, 1e12] == list(map(float, marks.get_xdata()))
    assert "appetite: 1 of 2 inside" in words_of(ax)
    assert [] == outside(ax)
