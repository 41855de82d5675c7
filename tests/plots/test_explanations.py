"""Laws of the figures that explain a result: their titles say what their tables say, and can be read."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from support.figure_laws import broken_laws, shown
from support.sampled import some

from breach_sim import api, plots
from breach_sim.catalog import load_posterior, load_sources
from breach_sim.catalog.faces.labels import label_of_field, label_of_line
from breach_sim.inputs.numbers.estimates import estimates_in
from breach_sim.inputs.numbers.posterior import quantile
from breach_sim.plots.language.header import provenance
from breach_sim.plots.language.words import about
from breach_sim.results.impact import Impact

WRONG = ("leave_one_out", "alone")
"""Columns of an attribution that are no split of the loss."""


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Treat every warning as an error, and close what a test has drawn."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    plt.close("all")


def texts(ax: Axes) -> list[str]:
    """Return the texts inside the axes."""
    return [text.get_text() for text in ax.texts]


def alternative(ax: Axes) -> str:
    """Return the alternative text of a figure."""
    return str(plots.figure_of(ax).get_label())


# Several breaches ----------------------------------------------------------------------------------------


def split(*means: float, together: float) -> pd.DataFrame:
    """Return a split of a harm between breaches of the catalog, as ``split_by_breach`` gives it."""
    names = ["equifax-2017", "experian-2015", "opm-2015"][: len(means)]
    rows = dict(zip([*names, "total", "only together"], [*means, sum(means), together], strict=True))
    frame = pd.DataFrame({"mean": pd.Series(rows)})
    for name, factor in (("p5", 0.2), ("p50", 0.8), ("p95", 2.5)):
        frame[name] = frame["mean"] * factor
    frame["share"] = frame["mean"] / (sum(means) or 1)
    return frame


def test_what_a_breach_adds_is_what_the_table_says() -> None:
    """Title, bars and numbers are those of the table; the part that needs both is hatched and hollow."""
    table = split(3e9, 0.9e9, together=6e7)
    ax = plots.together(table)
    assert plots.title_of(ax).startswith(
        "77 % of the loss comes from Equifax 2017; 1.5 % needs both breaches\nExpected loss: 3.9 billion USD"
    )
    patches: list[Any] = list(ax.patches)
    bars = [bar.get_width() for bar in patches]
    assert bars == [3e9, 0.9e9, 6e7]
    assert [bool(bar.get_hatch()) for bar in ax.patches] == [False, False, True]
    assert {"3B", "900M", "60M", "77 %", "23 %", "1.5 %", "600M to 7.5B"} <= set(texts(ax))
    assert alternative(ax).startswith("77 % of the loss comes from Equifax 2017")
    assert broken_laws(ax) == {}


@pytest.mark.parametrize(
    ("together", "words"), [(0.0, "almost nothing needs two or more breaches"), (2e8, "20 % needs two or")]
)
def test_three_breaches_need_two_or_more(together: float, words: str) -> None:
    """Of three breaches the last row is what two or more enable; a part near 0 is called almost nothing."""
    ax = plots.together(split(5e8, 3e8, 2e8, together=together))
    assert words in plots.title_of(ax)
    assert broken_laws(ax) == {}


def test_people_are_not_dollars() -> None:
    """A split of people says people in title and axis, and has another color than one of money."""
    table = split(5e5, 2e5, together=1e4)
    money = plots.together(table)
    table.attrs["of"] = "people"
    people = plots.together(table)
    assert "of the people harmed" in plots.title_of(people)
    assert "USD" not in plots.title_of(people) + people.get_xlabel()
    assert people.patches[0].get_facecolor() != money.patches[0].get_facecolor()


def test_no_harm_and_other_tables_are_said() -> None:
    """Breaches without harm give words; a table without the two last rows is refused by its rows."""
    ax = plots.together(split(0.0, 0.0, together=0.0))
    assert "nothing is lost" in texts(ax)
    with pytest.raises(ValueError, match=re.escape("split_by_breach(impact)")):
        plots.together(pd.DataFrame({"share": [1.0]}, index=["a"]))


# Fields, numbers and steps -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stated() -> Impact:
    """Return a small run."""
    return api.simulate("tmobile-2021-stated", replicates=64, seed=1)


def test_the_title_of_an_attribution_names_the_largest_fields(stated: Impact) -> None:
    """Fields and shares of the title are the first rows; breach, seed and assumed numbers stand around."""
    table: Any = api.attribution(stated)
    ax = plots.attribution(table)
    first, second = (label_of_field(name) for name in table.index[:2])
    share = [f"{100 * x:.0f} %" for x in table["share"].iloc[:2]]
    title = plots.title_of(ax)
    expected = f"{first} carries {share[0]} of the expected loss, {second} {share[1]}"
    assert title.startswith(expected[:1].upper() + expected[1:])
    assert stated.scenario.title in title
    sums = [f"{100 * float(table[name].sum()) / table['mean']['total']:.0f} %" for name in WRONG]
    assert all(value in alternative(ax) for value in sums)
    assert provenance(table.attrs["made"]) in [text.get_text() for text in shown(ax)]


@pytest.mark.parametrize("of", ["loss_usd", "people"])
def test_a_tornado_names_numbers_and_where_they_are_from(stated: Impact, of: str) -> None:
    """The title gives the widest row with its label; each row has its ends, and its source or 'assumed'."""
    table: Any = api.tornado(stated, of=of)
    ax = plots.tornado(table, most=8)
    words = [text.get_text() for text in ax.texts]
    low, high = sorted(table.iloc[0][["at_p5", "at_p95"]])
    assert f"{about(low)} to {about(high)}" in plots.title_of(ax)
    assert f"{len(table) - 8} with smaller effects left out" in plots.title_of(ax)
    assert words.count("assumed") == (table["status"].head(8) == "assumed").sum()
    derived = table.index[:8][table["status"].head(8) == "derived"]
    assert len(derived) > 0
    publishers = [load_sources()[table.attrs["sources"][name][0]].publisher for name in derived]
    assert all(any(word.split(" + ")[0] in name for word in words) for name in publishers)
    assert broken_laws(ax) == {}


def test_nothing_uncertain_is_said() -> None:
    """A tornado without a swing gives words in place of bars."""
    table = pd.DataFrame({"at_p5": [1.0], "at_p95": [1.0], "swing": [0.0], "status": ["cited"]}, index=["a"])
    table.attrs |= {"of": "loss_usd", "middle": 1.0}
    assert "nothing that is uncertain moves it" in texts(plots.tornado(table))


@pytest.mark.parametrize("pair", some([("claimed", "stated"), ("stated", "claimed"), ("stated", "class")]))
def test_a_waterfall_says_how_much_and_by_what(pair: tuple[str, str]) -> None:
    """The title compares the two losses and names the largest step in words, with its sign."""
    table: Any = api.waterfall(*pair, replicates=20)
    ax = plots.waterfall(table)
    title, below = plots.title_of(ax).split("\n")
    before, after = table["mean"].iloc[0], table["mean"].iloc[-1]
    assert f"{about(after)} USD and not {about(before)}" in title
    assert ("less" in title) == (after < before)
    moves = table["mean"].iloc[1:-1]
    largest = moves.loc[moves.abs().idxmax()]
    assert title.endswith(f"({'+' if largest > 0 else '-'}{about(abs(largest))} USD)")
    assert below.startswith(f"From {table.index[0][3:]} to {table.index[-1][3:]}")
    assert broken_laws(ax) == {}


# The fit, and the money ----------------------------------------------------------------------------------


def test_prior_and_posterior_are_those_of_the_fit() -> None:
    """Filled bars and dots stand at the quantiles after the fit, over the median before; hollow before."""
    names = ["attacks.sim_swap.attempts", "attacks.new_account_fraud.attempts"]
    ax = plots.prior_posterior(names)
    posterior, priors = load_posterior(), {own.name: own for own in estimates_in(api.load_attacks())}
    bars: list[Any] = list(ax.patches)
    dots: list[Any] = [line for line in ax.lines if line.get_marker() == "o"]
    for n, name in enumerate(names):
        before = priors[name].ppf(np.array((0.05, 0.5, 0.95)))
        levels = [quantile(posterior, name, level) for level in (0.05, 0.5, 0.95)]
        after = priors[name].ppf(np.array(levels)) / before[1]
        hollow, filled = bars[2 * n], bars[2 * n + 1]
        assert hollow.get_width() == pytest.approx((before[2] - before[0]) / before[1])
        assert hollow.get_facecolor()[3] == 0
        assert filled.get_x() == pytest.approx(after[0])
        assert float(dots[n].get_xdata()[0]) == pytest.approx(after[1])
    assert "narrows by a factor of" in plots.title_of(ax)
    assert broken_laws(ax) == {}
    assert broken_laws(plots.prior_posterior()) == {}
    with pytest.raises(ValueError, match=r"attacks\.sim_swap\.attempts"):
        plots.prior_posterior(["attacks.sim_swap.attempt"])


def test_the_title_of_the_ledgers_names_their_largest_lines(stated: Impact) -> None:
    """The largest bearer and the largest cost of the firm are named with their medians; no sum is."""
    ax = plots.ledgers(stated)
    table: Any = stated.ledgers()["p50"].drop(index="hours", level="ledger")
    for ledger in ("victims", "firm"):
        own = table[ledger].drop(index="all")
        assert label_of_line(own.idxmax()) in plots.title_of(ax)
        assert f"({about(own.max())} USD)" in plots.title_of(ax)
    assert {label.get_text() for label in ax.get_yticklabels()} <= {
        label_of_line(line) for _, line in table.index
    }
    assert broken_laws(ax) == {}


def test_the_title_of_a_lorenz_curve_is_its_last_step(stated: Impact) -> None:
    """The group that is harmed most has the shares of the table's last row, and Gini stands below."""
    ax = plots.lorenz(stated)
    table: Any = stated.lorenz()
    accounts, loss = (table[name].diff().iloc[-1] for name in ("share_of_accounts", "share_of_loss"))
    title = plots.title_of(ax)
    assert title.startswith(f"{100 * accounts:.0f} % of the accounts bear {100 * loss:.0f} % of the loss")
    assert f"Gini index {table.attrs['gini']:.2f}" in title
    assert broken_laws(ax) == {}


def test_the_titles_of_the_firm_are_its_tables(stated: Impact) -> None:
    """Median and worst twentieth are those of the curve; half of the sum is paid by the quarter named."""
    answer = api.cost_to_firm(stated)
    ax = plots.firm_exceedance(answer)
    table: Any = answer.exceedance((0.5, 0.05))["var_usd"]
    title = plots.title_of(ax)
    assert f"more than {about(table[0.5])} USD, 1 in 20 more than {about(table[0.05])}" in title
    assert stated.scenario.title in title
    assert broken_laws(ax) == {}
    cash = plots.firm_cash(answer)
    paid = answer.cash_by_quarter()["paid"]
    quarter = int(re.search(r"by quarter (\d+)", plots.title_of(cash))[1])  # type: ignore[index] # is there
    assert paid[quarter] >= paid.iloc[-1] / 2
    assert all(paid[paid.index < quarter] < paid.iloc[-1] / 2)
    assert broken_laws(cash) == {}


def test_the_title_of_the_map_counts_half() -> None:
    """The states of the title hold half of the rows, and one fewer does not."""
    rows = pd.DataFrame({"state": ["CA"] * 30 + ["TX"] * 25 + ["NY"] * 25 + ["WY"] * 20})
    ax = plots.states(rows)
    assert plots.title_of(ax).startswith("Half of the synthetic subscribers live in CA and TX\n")
    assert broken_laws(ax) == {}
    one = plots.states(rows[rows["state"] == "WY"])
    assert plots.title_of(one).startswith("100 % of the synthetic subscribers live in WY")
