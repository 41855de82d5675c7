"""A portfolio on one page: what each breach costs, what drives the sum and the tail, years and appetite.

Not here: the numbers (``results.side_by_side``, ``results.tables.yearly``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from breach_sim import plots
from breach_sim.apps.reporting.chapters.parts import figure_with_table, in_words
from breach_sim.apps.reporting.html import Piece, document, heading, joined, listed, paragraph, table
from breach_sim.formatting.digits import human, percent, significant
from breach_sim.formatting.display import plural
from breach_sim.formatting.tables import STATISTICS, spread
from breach_sim.results.side_by_side import Portfolio
from breach_sim.results.tables.curves import within_appetite

if TYPE_CHECKING:
    import pandas as pd

WORDS = {"loss_usd": "Loss of victims and others", "firm_cost_usd": "Cost of the firms"}
"""Whose money it is, by the word for it."""
READING = (
    "The curve is the chance of more than an amount, with its sampling band. Diamonds and steps, where there "
    "are any: the amounts that are accepted. The appetite is kept where the curve lies to the left of them."
)
"""What to see in the figure."""
NAMED = {
    "p5": "5 %",
    "p50": "median",
    "p95": "95 %",
    "p_any": "chance of any",
    "tail_share": "share of the worst 1 %",
    "mean_usd": "mean",
    "var_usd": "exceeded",
    "tvar_usd": "mean beyond it",
    "band_low_usd": "sampling band, low",
    "band_high_usd": "high",
}
"""Headings of columns, in words."""


def portfolio_page(
    portfolio: Portfolio, appetite: Mapping[float, float] | None = None, of: str = "loss_usd"
) -> str:
    """Write the page of a portfolio.

    Parameters
    ----------
    portfolio
        Result of ``portfolio``.
    appetite
        Largest acceptable amount by the chance of exceeding it; None for none. [USD]
    of
        "loss_usd" or "firm_cost_usd", for the years.

    Returns
    -------
    HTML that asks nobody for anything. The same portfolio gives the same page.

    Raises
    ------
    ValueError
        If the appetite is out of range, or a breach has no ledger of a firm where that is asked for.
    """
    title = f"Portfolio of {plural(len(portfolio.impacts), 'breach', 'breaches')}"
    pieces = [heading(title, 1), paragraph(_answer(portfolio, appetite, of), "answer")]
    if portfolio.frequencies:
        pieces += _years(portfolio, appetite, of)
    pieces += [
        heading("If each of them happens once", 2),
        table(_named(portfolio, _measure(portfolio, "people")), "Accounts harmed"),
        table(_named(portfolio, _measure(portfolio, "loss_usd")), "Loss of victims and others [USD]"),
        table(
            _named(portfolio, _ranks(portfolio)), "What drives the mean, and the worst 1 % of the sum [USD]"
        ),
        heading("Loss of all together", 2),
        _sum_curve(portfolio, None if portfolio.frequencies else appetite),
    ]
    if appetite is not None and not portfolio.frequencies:
        pieces += _held_against(appetite_of(portfolio, appetite, of))
    pieces += [heading("Cautions", 2), listed([_in_titles(portfolio, note) for note in portfolio.notes])]
    first = portfolio.impacts[0]
    made = (
        f"breach_sim {first.version}, seed {portfolio.seed}, {plural(portfolio.replicates, 'replicate')}, "
        f"{first.horizon_years:g} years."
    )
    return document(joined([*pieces, paragraph(made, "small")]).html, title)


def appetite_of(portfolio: Portfolio, appetite: Mapping[float, float], of: str = "loss_usd") -> pd.DataFrame:
    """Hold a portfolio against a risk appetite: a year where there are frequencies, otherwise the sum.

    Parameters
    ----------
    portfolio
        Result of ``portfolio``.
    appetite
        Largest acceptable amount by the chance of exceeding it. [USD]
    of
        "loss_usd" or "firm_cost_usd".

    Returns
    -------
    One row a chance, falling: appetite_usd, model_usd, chance_of_exceeding, inside. [USD], [share]

    Raises
    ------
    ValueError
        If the appetite is out of range, or firms are asked for and there are no frequencies.
    """
    if portfolio.frequencies:
        return portfolio.years(of).appetite(appetite)
    if of != "loss_usd":
        raise ValueError(f"{of} is drawn for years; give frequencies as well, or take loss_usd")
    return within_appetite(portfolio.loss, appetite, portfolio.scramble)


def _answer(portfolio: Portfolio, appetite: Mapping[float, float] | None, of: str) -> str:
    """The result in a sentence or two."""
    if not portfolio.frequencies:
        text = f"If each breach happens once, victims and others lose {spread(portfolio.loss)} USD in all"
        text += ": the median, and the range of nine in ten outcomes."
    else:
        years = portfolio.years(of)
        never = float((years.events.sum(axis=0) == 0).mean())
        worst = float(years.exceedance([0.05])["var_usd"].iloc[0])
        text = (
            f"{WORDS[of]}: {_two(float(years.total.mean()))} USD in a mean year. In {percent(never)} of the "
            f"years nothing happens; one year in twenty costs more than {_two(worst)} USD."
        )
    if appetite is None:
        return text
    held = appetite_of(portfolio, appetite, of)
    kept, every = int(held["inside"].sum()), plural(len(held), "chance")
    return f"{text} The appetite is kept at {kept} of {every}."


def _years(portfolio: Portfolio, appetite: Mapping[float, float] | None, of: str) -> list[Piece]:
    years = portfolio.years(of)
    pieces = [
        heading("A year", 2),
        paragraph(years.notes[0]),
        table(
            _named(portfolio, years.table().rename(columns=NAMED)),
            f"{WORDS[of]} in a year [USD], by breach; frequency is breaches in a year",
        ),
        figure_with_table(
            lambda: plots.portfolio_exceedance(portfolio, appetite=appetite, of=of),
            READING,
            table(
                _readable(years.exceedance()), f"{WORDS[of]}: exceeded in a year with each probability [USD]"
            ),
        ),
    ]
    return pieces + ([] if appetite is None else _held_against(appetite_of(portfolio, appetite, of)))


def _sum_curve(portfolio: Portfolio, appetite: Mapping[float, float] | None) -> Piece:
    """The curve of the sum, each breach once: a table where the figure of a year stands above it."""
    behind = table(_readable(portfolio.exceedance()), "Loss exceeded with each probability [USD]")
    if portfolio.frequencies:
        return behind
    return figure_with_table(
        lambda: plots.portfolio_exceedance(portfolio, appetite=appetite), READING, behind
    )


def _titles(portfolio: Portfolio) -> dict[str, str]:
    """Titles of the breaches by their names, the longest name first."""
    titles = {impact.scenario.name: " ".join(impact.scenario.title.split()) for impact in portfolio.impacts}
    return dict(sorted(titles.items(), key=lambda pair: -len(pair[0])))


def _named(portfolio: Portfolio, frame: pd.DataFrame) -> pd.DataFrame:
    """A table with the titles of the breaches in place of their names."""
    return frame.rename(index=_titles(portfolio))


def _in_titles(portfolio: Portfolio, note: str) -> str:
    """A caution with titles in place of names."""
    for name, title in _titles(portfolio).items():
        note = note.replace(name, title)
    return in_words(note)


def _held_against(frame: pd.DataFrame) -> list[Piece]:
    shown: Any = frame.copy()
    shown["inside"] = ["yes" if inside else "no" for inside in frame["inside"]]
    shown.index = [percent(float(chance), 3) for chance in frame.index]
    shown.index.name = "chance"
    return [
        heading("Against the appetite", 2),
        table(
            shown.rename(
                columns={
                    "appetite_usd": "acceptable [USD]",
                    "model_usd": "exceeded with that chance [USD]",
                    "chance_of_exceeding": "chance of exceeding the acceptable",
                }
            ),
            "Acceptable amounts, and what the model gives",
        ),
    ]


def _ranks(portfolio: Portfolio) -> pd.DataFrame:
    ranks = portfolio.ranks()[["mean_usd", "share", "tvar_usd", "tail_share"]]
    return ranks.rename(columns=NAMED | {"tvar_usd": "mean in the worst 1 %"})


def _measure(portfolio: Portfolio, word: str) -> pd.DataFrame:
    """Quantiles and mean of one measure, by breach and in all."""
    frame = portfolio.table()
    return (
        frame[[f"{word}_{each}" for each in STATISTICS]]
        .set_axis(list(STATISTICS), axis=1)
        .rename(columns=NAMED)
    )


def _readable(frame: pd.DataFrame) -> pd.DataFrame:
    """A curve with its probabilities as percentages, and its columns in words."""
    shown = frame.drop(columns="ignorance_usd", errors="ignore").rename(columns=NAMED)
    shown.index = [percent(float(chance), 3) for chance in frame.index]
    shown.index.name = "probability"
    return shown


def _two(value: float) -> str:
    return human(significant(value, 2))
