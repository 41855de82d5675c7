"""The page of a harm league: what it says, a picture of the first places, and a table that can be sorted.

The page is whole: nothing on it is fetched, and a policy in its head forbids the browser to try. It runs the
one script inside it, known by its hash. Without scripts the table stands in the order of the league.

Not here: the league (``analysis.leagues``), the style of all pages (``templates/page.css``), and the writing
of files (``report_file``).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

import numpy as np
from markupsafe import Markup

from breach_sim import plots
from breach_sim.analysis.leagues.standings import MEASURES, STABLE, League
from breach_sim.apps.reporting.html import POLICY, figure, table
from breach_sim.catalog import label_of_field, label_of_parameter
from breach_sim.formatting.digits import human, percent, significant
from breach_sim.formatting.display import plural
from breach_sim.formatting.html import templates
from breach_sim.inputs.scenario import Scenario

DRAWN = 30
"""Breaches in the picture."""
PLACES = {"rank_p5": "rank, 5 %", "rank_p95": "rank, 95 %", "place_by_accounts": "place by accounts"}
"""Headings of the table behind the picture, in words."""
NUMBER = "n"
"""Class of a column of numbers."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """Cell of the table: the value it is sorted by, what is shown, and a line below."""

    value: str
    text: str
    below: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class _Heading:
    """Heading of a column, and its class."""

    words: str
    kind: str = ""


def league_page(league: League) -> str:
    """Write the page of a league.

    Parameters
    ----------
    league
        Result of ``league(...)``.

    Returns
    -------
    HTML that asks nobody for anything. The same league gives the same page on one machine.
    """
    script = _script()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    policy = f"{POLICY}; script-src 'sha256-{digest}'"
    title = f"Harm league of {plural(len(league.names), 'breach', 'breaches')}"
    body = _macros().league(
        _facts(league, title),
        Markup(_picture(league)),  # noqa: S704 - pieces are escaped when they are made
        _headings(league),
        _rows(league),
        f"{plural(len(league.names), 'breach', 'breaches')} by {MEASURES[league.by]}",
        league.notes,
        Markup(_readings(league)),  # noqa: S704 - as above
        _how(league),
        Markup(script),  # noqa: S704 - a file of the package
    )
    return str(_macros().page(title, policy, body))


def _macros() -> Any:
    return templates("breach_sim.apps.reporting", "league.html.j2")


@lru_cache(maxsize=1)
def _script() -> str:
    return "\n" + str(_macros().script()).strip() + "\n"


def _unit(league: League) -> str:
    return "USD" if league.by == "loss_usd" else "people"


def _amount(value: float) -> str:
    """An expected amount to two digits, in words."""
    return human(significant(float(value), 2))


def _facts(league: League, title: str) -> dict[str, Any]:
    """Title, answer and sentences at the head of the page."""
    frame = league.table()
    first, worst = frame.iloc[0], league.scenarios[0]
    answer = (
        f"{worst.title} comes first, with {_amount(first['expected'])} {_unit(league)} expected over "
        f"{league.horizon_years:g} years; its rank lies between {first['rank_p5']} and {first['rank_p95']} "
        "in 90 % of the draws."
    )
    sentences = []
    if league.tau is not None and league.tau_interval is not None:
        low, high = league.tau_interval
        sentences.append(
            f"Size is not harm: Kendall's tau of this order with the order by number of accounts is "
            f"{league.tau:.2f} ({low:.2f} to {high:.2f}); 1 would be the same order, 0 none."
        )
    if league.draws.readings:
        steady = len(league.draws.readings) - len(league.unstable)
        sentences.append(
            f"{steady} of {len(league.draws.readings)} readings of the evidence give the same order, with a "
            f"tau of at least {STABLE:g}"
            + (f"; not: {', '.join(league.unstable)}." if league.unstable else ".")
        )
    sentences.append(
        "Places say what a model expects of the fields that leaked. They do not say what happened to anyone, "
        "and not who is to blame."
    )
    return {"title": title, "answer": answer, "sentences": sentences}


def _picture(league: League) -> str:
    """The first places with their intervals, and the table behind them."""
    frame = league.table().head(DRAWN)[["place", "rank_p5", "rank_p95", "place_by_accounts"]]
    frame = frame.rename(index=_titles(league), columns=PLACES)
    behind = table(frame, "Places, and the ranks between which 90 % of the draws lie")
    with plots.closing():
        drawn = plots.places(league, most=DRAWN)
        reading = (
            "Read the bars, not the dots: of two breaches whose bars overlap, either may be the worse one. A "
            "ring far to the right of its dot is a small breach that does much harm."
        )
        return figure(drawn, reading, behind).html


def _titles(league: League) -> dict[str, str]:
    """Titles of the breaches by their names."""
    return {one.name: " ".join(one.title.split()) for one in league.scenarios}


def _headings(league: League) -> list[_Heading]:
    harm = "Expected loss [USD]" if league.by == "loss_usd" else "Expected people harmed"
    return [
        _Heading("Place", NUMBER),
        _Heading("Breach"),
        _Heading(harm, NUMBER),
        _Heading("90 % of its ranks", NUMBER),
        _Heading("Worse than the next", NUMBER),
        _Heading("Accounts", NUMBER),
        _Heading("Place by accounts", NUMBER),
        _Heading("Most harm through"),
        _Heading("Rank hangs on"),
    ]


def _rows(league: League) -> list[list[_Cell]]:
    """Cells of the table, breach by breach."""
    frame = league.table()
    return [
        _row(row, scenario) for (_, row), scenario in zip(frame.iterrows(), league.scenarios, strict=True)
    ]


def _row(row: Any, scenario: Scenario) -> list[_Cell]:
    """Cells of one breach."""
    title, day = scenario.title, scenario.day_zero
    worse = row["worse_than_next"]
    attack = f"{row['attack']}, {percent(row['share'])}" if row["attack"] else "no attack"
    fields = ", ".join(label_of_field(name) for name in row["fields"].split(", ") if name)
    owner, _, own = row["parameter"].rpartition(": ")
    words = label_of_parameter(own, scenario) if own else ""
    parameter = f"{words} (of this breach)" if owner else words
    return [
        _Cell(str(row["place"]), str(row["place"]), kind=NUMBER),
        _Cell(title, title, day),
        _Cell(
            repr(float(row["expected"])),
            _amount(row["expected"]),
            f"{_amount(row['p5'])} to {_amount(row['p95'])}",
            NUMBER,
        ),
        _Cell(str(row["rank_p95"] - row["rank_p5"]), f"{row['rank_p5']} to {row['rank_p95']}", kind=NUMBER),
        _Cell(
            "" if np.isnan(worse) else repr(float(worse)),
            "" if np.isnan(worse) else percent(worse),
            kind=NUMBER,
        ),
        _Cell(str(row["accounts"]), f"{row['accounts']:,}", kind=NUMBER),
        _Cell(str(row["place_by_accounts"]), str(row["place_by_accounts"]), kind=NUMBER),
        _Cell(attack, attack, fields),
        _Cell(parameter, parameter),
    ]


def _readings(league: League) -> str:
    """The table of readings, or a sentence where none was asked for."""
    if not league.draws.readings:
        return "<p>No other reading of the evidence was asked for.</p>"
    frame = league.readings.rename(
        columns={"what": "what it takes otherwise", "movers": "places that differ most"}
    )
    titles = _titles(league)
    longest = sorted(titles, key=len, reverse=True)
    frame["places that differ most"] = [
        reduce(lambda text, name: text.replace(name, titles[name]), longest, movers)
        for movers in frame["places that differ most"]
    ]
    frame["stable"] = ["yes" if stable else "no" for stable in frame["stable"]]
    under = (
        f"Tau is Kendall's, with the order of the league on the same {league.draws.few:,} points; an order "
        f"counts as the same from {STABLE:g} on."
    )
    return table(
        frame.rename(columns={"stable": "same order"}), "The order under other readings", under=under
    ).html


def _how(league: League) -> list[str]:
    """How the places were made, for a reader who wants to make them again."""
    draws = league.draws
    harm = "loss" if league.by == "loss_usd" else "number of people harmed"
    fitted = "fitted to national counts" if draws.posterior is not None else "drawn from their priors"
    return [
        f"Each breach has its expected {harm} given the parameters at {draws.replicates:,} shared points "
        f"(seed {draws.seed}; parameters {fitted}). The place is that of the mean; a rank is one more than "
        "the number of breaches that are worse at a point.",
        "Attempts, success and losses are the same for all breaches at a point. How many accounts lost a "
        "field, where that is not known, is drawn for each breach by itself. Breaches of one calendar year "
        "share the national capacity of crews.",
        "The rank hangs on the uncertain number that goes with it most closely over the points; none is "
        "named where chance alone could explain the closest one.",
    ]
