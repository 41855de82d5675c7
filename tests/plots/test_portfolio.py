"""Laws of the figure of a portfolio: the numbers of its table, its finding, and text that stays inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

import breach_sim as bs
from breach_sim import plots
from breach_sim.formatting.digits import human, significant
from breach_sim.results.side_by_side import Portfolio

NAMES = ("equifax-2017", "talktalk-2015-confirmed")


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Close what a test has drawn."""
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def once() -> Portfolio:
    """Two breaches, each once."""
    return bs.portfolio(NAMES, replicates=256)


@pytest.fixture(scope="module")
def often() -> Portfolio:
    """Two breaches with frequencies."""
    return bs.portfolio(NAMES, frequencies={NAMES[0]: 0.1, NAMES[1]: 1.5}, replicates=256)


def words(ax: Any) -> list[str]:
    """Return the labels beside the points."""
    return [text.get_text() for text in ax.texts if "%" in text.get_text()]


def test_the_curve_is_that_of_the_table(once: Portfolio, often: Portfolio) -> None:
    """Amounts and chances of the line are those of the exceedance table, of the sum or of a year."""
    for portfolio, table in (
        (once, once.exceedance((0.5, 0.05))),
        (often, often.years().exceedance((0.05,))),
    ):
        (line,) = [own for own in plots.portfolio_exceedance(portfolio).lines if len(own.get_xdata()) > 9]
        drawn = dict(zip(np.round(line.get_ydata(), 6), line.get_xdata(), strict=True))
        for chance, row in table.iterrows():
            assert drawn[round(float(chance) * 100, 6)] == pytest.approx(float(row["var_usd"]))
        plt.close("all")


@pytest.mark.parametrize(
    ("accepted", "begins"), [({0.2: 1e5, 0.05: 1e6}, "exceeded"), ({0.05: 1e15}, "kept")]
)
def test_the_title_holds_the_appetite_against_the_model(
    often: Portfolio, accepted: Mapping[float, float], begins: str
) -> None:
    """The finding names the chance at which the model comes off worst; each chance has its two amounts."""
    ax = plots.portfolio_exceedance(often, appetite=accepted, of="firm_cost_usd")
    held = often.years("firm_cost_usd").appetite(accepted)
    worst = (held["model_usd"] / held["appetite_usd"]).idxmax()
    title = plots.title_of(ax)
    assert title.startswith(f"The appetite is {begins} in a year")
    assert f"{worst * 100:g} %" in title
    assert human(significant(float(held.loc[worst, "model_usd"]), 2)) in title
    assert len(words(ax)) == len(accepted)
    assert all("accepted" in one for one in words(ax))


def test_all_text_stays_inside_and_is_large_enough(once: Portfolio, often: Portfolio) -> None:
    """No text leaves the canvas or is smaller than 8 points, with and without an appetite."""
    for portfolio, accepted in (
        (once, None),
        (once, {0.5: 1e9, 0.01: 1e11}),
        (often, {0.05: 1e9, 0.01: 2e10}),
    ):
        figure = plots.figure_of(plots.portfolio_exceedance(portfolio, appetite=accepted))
        figure.canvas.draw()
        wide, high = figure.canvas.get_width_height()
        for text in figure.findobj(plt.Text):
            if text.get_text().strip() and text.get_visible():
                box = text.get_window_extent()
                inside = box.x0 > -2 and box.y0 > -2 and box.x1 < wide + 2 and box.y1 < high + 2
                assert inside or not text.axes, text.get_text()
                assert text.get_fontsize() >= 8, text.get_text()
        plt.close("all")


def test_a_portfolio_that_loses_nothing_says_so() -> None:
    """Where nothing is lost the figure says it in words and draws no curve."""
    both = [
        bs.Scenario(name=name, segments=(bs.Segment(name="a", accounts=1000, leaks=()),))
        for name in ("x", "y")
    ]
    ax = plots.portfolio_exceedance(bs.portfolio(both, replicates=16))
    assert "Nothing is lost" in plots.figure_of(ax).get_label()
    assert not ax.lines


def test_money_without_a_ledger_is_refused(often: Portfolio) -> None:
    """An unknown word for the money of a year is refused with the known ones."""
    with pytest.raises(ValueError, match="loss_usd"):
        plots.portfolio_exceedance(often, of="los_usd")
