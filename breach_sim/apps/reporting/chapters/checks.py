"""Chapters of the report that check it: other scores, predictions, assumptions, inputs, the command."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from breach_sim import api, catalog, plots
from breach_sim.analysis.backtesting.predictions import backtest as held_against
from breach_sim.analysis.backtesting.scoreboard import ScoreRow
from breach_sim.analysis.backtesting.scoreboard import interval_text as interval
from breach_sim.analysis.influence import assumptions as ranked
from breach_sim.analysis.other_scores import board as _board
from breach_sim.analysis.other_scores.disagreement import Measured
from breach_sim.analysis.other_scores.tier import TIERS
from breach_sim.apps.reporting import summary
from breach_sim.apps.reporting.chapters.parts import figure_with_table
from breach_sim.apps.reporting.html import (
    Piece,
    code,
    data,
    folded,
    heading,
    joined,
    link,
    listed,
    paragraph,
    table,
)
from breach_sim.formatting.digits import earned, human, percent, significant
from breach_sim.formatting.tables import spread
from breach_sim.inputs.numbers.estimates import Source
from breach_sim.inputs.published import breach_of
from breach_sim.results.impact import Impact
from breach_sim.results.tables.money import breached, ledger_notes

if TYPE_CHECKING:
    import pandas as pd
COMPARED = api.FEWER_REPLICATES
"""Replicates of comparison and back-test, at most."""
RANKED = 300
"""Replicates behind the ranking among the breaches of the library, at most."""
FEW = 10
"""Replicates below which assumptions cannot be ranked."""
MOST = 12
"""Assumptions shown without unfolding."""
INPUTS = "breach-sim-inputs"
"""Id of the element of the page that holds everything needed to run it again."""
STATUSES = {
    "assumed": "Assumed: judgement, with its reason",
    "derived": "Derived: worked out from what was published",
    "cited": "Cited: as published",
    "user": "User: numbers of your own",
}


def yardsticks(impact: Impact) -> Piece:
    """The breach by ENISA, FAIR and tiers, and its place among the breaches of the library.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    Tables; a sentence where nothing leaked that a yardstick could measure.
    """
    import pandas as pd

    if not any(segment.fields for segment in impact.scenario.segments):
        return paragraph("Nothing leaked, so that no yardstick has anything to measure.")
    scores = _board.yardsticks(
        impact.scenario,
        attacks=None,
        firm=impact.firm,
        seed=impact.seed,
        replicates=min(RANKED, impact.replicates),
        horizon_years=impact.horizon_years,
        explain=1,
    )
    enisa, tiers = scores.enisa, scores.tiers
    reach = [f"{share:.0%} {tier}" for share, tier in zip(tiers.shares, TIERS, strict=True) if share]
    rows = {
        "ours: people harmed": spread(impact.people, impact.scramble),
        "ours: loss [USD]": spread(impact.loss, impact.scramble),
        "ENISA's severity (2013)": f"{enisa.score.se:.2f}, {enisa.score.band}; by other judgements "
        f"{enisa.low.se:.2f} ({enisa.low.band}) to {enisa.high.se:.2f} ({enisa.high.band})",
        "FAIR's loss magnitude, the firm's [USD]": "no rates of a firm"
        if impact.firm_cost is None
        else spread(impact.firm_cost, impact.scramble),
        "what an account's fields suffice for": ", ".join(reach),
    }
    beside = table(pd.DataFrame({"this breach": rows}), "The same breach by four yardsticks")
    ranking = pd.DataFrame(
        [_place(one) for one in scores.ranked],
        index=[_marked(one.scenario.name, impact) for one in scores.ranked],
        columns=["ENISA", "severity", "people, mean", "loss, mean [USD]"],
    )
    order = table(
        ranking,
        "By falling expected loss; the arrow marks this breach",
        under="A loss of 0: no attack of the catalogue costs money there, not that nobody is harmed.",
    )
    return joined(
        [
            beside,
            paragraph(
                "ENISA scores how bad a breach could be for one person, FAIR what it costs the firm, the "
                "tiers what the fields suffice for; only our own figures count people. ENISA and FAIR by "
                "transcriptions.",
                "small",
            ),
            paragraph(_divided(scores)),
            folded(f"Its place among {len(scores.ranked)} breaches", order),
        ]
    )


def _divided(scores: _board.Yardsticks) -> str:
    """Sentence that says where ENISA and the expected loss disagree, and what settles it."""
    others = len(scores.ranked) - 1
    if not scores.clashes:
        return f"ENISA and the expected loss do not disagree about this breach and any of {others} others."
    first = scores.clashes[0]
    high, low = first.one, first.other
    order = "above" if first.kind == "opposite" else "level with"
    losses = [human(significant(one.loss_usd, 2)) for one in (high, low)]
    settled = f" What settles it: {first.flips[0]}." if first.flips else ""
    return (
        f"ENISA and the expected loss disagree about this breach and {len(scores.clashes)} of {others} "
        f"others. The first: ENISA puts {high.scenario.name} ({high.enisa_se:.2f}) {order} "
        f"{low.scenario.name} ({low.enisa_se:.2f}); the mean losses are {losses[0]} and {losses[1]} "
        f"USD.{settled}"
    )


def _place(one: Measured) -> tuple[str, ...]:
    """Row of the ranking, to the digits earned."""
    people, loss = earned(one.people, one.people_error), earned(one.loss_usd, one.loss_error)
    return one.band, f"{one.enisa_se:.2f}", human(people), human(loss)


def _marked(name: str, impact: Impact) -> str:
    return f"→ {name}" if name == impact.scenario.name else name


def backtest(impact: Impact) -> Piece:
    """Predictions about this breach held against what was published, or the prediction that waits.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    Rows of the scoreboard about the breach, if it is one of the library with outcomes; else what the model
    of payments expects of a class settlement.
    """
    import pandas as pd

    breach = _breach_of_catalog(impact)
    outcomes = [amount for amount in catalog.load_amounts() if amount.breach == breach] if breach else []
    if not outcomes:
        return _expected(impact)
    board = held_against(outcomes, seed=impact.seed)
    held = [row for row in board.rows if row.verdict]
    frame = pd.DataFrame([_held(row) for row in held], columns=[*HELD]).set_index(HELD[0])
    silent = [row for row in board.rows if not row.verdict]
    lines = [f"{row.cells()[1]}, {row.cells()[4]}: {row.note}" for row in silent]
    verdicts = [row.verdict for row in held]
    hits, misses = verdicts.count("hit"), verdicts.count("miss")
    return joined(
        [
            paragraph(f"Of {len(verdicts)} comparisons {hits} hit and {misses} miss."),
            table(frame, "Predicted and published", under=HELD_OF),
            *([folded(f"Published, and not compared ({len(lines)})", listed(lines))] if lines else []),
        ]
    )


HELD = ("what", "people", "predicted (90 %) [USD]", "published [USD]", "percentile", "verdict", "note")
"""Columns of the comparisons."""
HELD_OF = (
    "Each payment predicted without any row of this breach; no miss is left out. All breaches: breach-sim "
    "backtest."
)


def _held(row: ScoreRow) -> tuple[str, ...]:
    _, kind, *rest = row.cells()
    return (kind.replace("_", " "), *rest, row.note)


def _breach_of_catalog(impact: Impact) -> str | None:
    """The breach, if the scenario is the catalog's own and not another of the same name."""
    name = impact.scenario.name
    listed_there = name in catalog.scenario_names() and catalog.load_scenario(name) == impact.scenario
    return breach_of(name) if listed_there else None


def _expected(impact: Impact) -> Piece:
    people, _ = impact.notified()
    if not people:
        return paragraph("Nothing leaked, so that there is nobody to be paid.")
    if not impact.firm_lines:
        return paragraph(*ledger_notes(impact) or ("There are no numbers of a firm.",))
    rows, case = catalog.load_payment_rows(), breached(impact.scenario).case
    paid = float(rows.chance_of_payment("settlement", case).mean())
    payment = interval(rows.quantiles("settlement", case, (0.05, 0.5, 0.95)).tolist())
    return paragraph(
        "No outcome of this breach is in the catalogue, so nothing can be held against it yet. What is "
        f"expected: a class settlement with a probability of {percent(paid)}, and if there is one, "
        f"{payment} USD of 2024, by the model of payments fitted to {rows.figures} published amounts, for "
        f"{case.summary()}."
    )


def assumptions(impact: Impact) -> Piece:
    """What the result rests on: assumptions first, then what was derived and cited, then the sources.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    The most influential numbers, and folded all numbers by status and all sources.
    """
    known = impact.scenario.with_own_sources(catalog.load_sources())
    frame = impact.sources(known)
    parts = [_moving(impact)] if impact.replicates >= FEW else []
    for status, words in STATUSES.items():
        rows = _numbered(frame[frame["status"] == status])
        if status == "user" and rows.empty:
            continue
        caption = f"{words} ({len(rows)})"
        parts.append(folded(caption, table(rows[["low / likely / high", "why", "sources"]], caption)))
    used = summary.used_sources(impact, known)
    lines = [_cited(source) for source in used]
    return joined([*parts, folded(f"Sources ({len(used)})", listed(lines))])


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers with their unit, the reason, and sources with their grades; labelled by their names."""
    rows = frame[["status"]].copy()
    rows.index.name = "number"
    rows["low / likely / high"] = frame["numbers"] + " " + frame["unit"]
    rows["why"] = frame["note"]
    rows["sources"] = frame["sources"] + " (" + frame["grades"].str.split().map(_grades) + ")"
    return rows


def _grades(grades: list[str]) -> str:
    return f"grade {', '.join(sorted(set(grades)))}" if grades else "no grade"


def _moving(impact: Impact) -> Piece:
    """The numbers with the largest effect."""
    top = ranked(impact).head(MOST)
    shown = _numbered(top)
    shown.insert(
        0, "effect", [f"{size:+.2f} on {on}" for size, on in zip(top["effect"], top["on"], strict=True)]
    )
    shown = shown[["effect", "status", "low / likely / high", "why"]]
    under = (
        "Effect: rank correlation with the expected loss, from -1 to +1. Whoever doubts the answer should "
        "begin with the first row."
    )
    return table(shown, f"The {len(top)} numbers that move the answer most", under=under)


def _cited(source: Source) -> str:
    line = Markup("[{0.id}] {0.title}. {0.publisher}, {0.year}. Grade {0.grade}, {0.verified}. {1}")
    return line.format(source, link(source.url))


def inputs(impact: Impact, scenario: str) -> Piece:
    """What leaked for whom, and everything needed to run the report again.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    scenario
        Name or file that it was made from.

    Returns
    -------
    Figure with its table, the command, version, seed and hash, the scenario's file as text, and all of it
    once more as JSON for a program.
    """
    import pandas as pd

    (_, text), listed_there = catalog.scenario_text(scenario), scenario in catalog.scenario_names()
    words = {"scenario": impact.scenario.name, "breach_sim": impact.version, "numpy": np.__version__}
    numbers: dict[str, Any] = {"seed": impact.seed, "replicates": impact.replicates}
    numbers |= {"horizon_years": impact.horizon_years, "sampling": impact.sampling}
    numbers |= {"calibrated": impact.posterior is not None}
    again = command(scenario, **numbers)
    rows = words | {"seed": str(impact.seed), "replicates": f"{impact.replicates:,}"}
    rows |= {"draws of parameters": impact.sampling}
    rows |= {"calibrated": "yes" if impact.posterior is not None else "no, on the priors"}
    rows |= {"horizon [years]": f"{impact.horizon_years:g}", "hash of all inputs": impact.input_hash}
    document = words | numbers | {"scenario_argument": scenario, "scenario_toml": text, "command": again}
    document |= {"input_hash": impact.input_hash, "answer": json.loads(impact.to_json())}
    first = "Run it again:" if listed_there else f"Save the file below as {scenario}, then run:"
    reading = (
        "One row a group of accounts, one column a field; darker is a larger share of its accounts. A white "
        "place says that the field did not leak for that group."
    )
    return joined(
        [
            figure_with_table(lambda: plots.leak_matrix(impact.scenario), reading, _leaked(impact)),
            heading("How to run this again", 3),
            paragraph(first),
            code(again),
            table(pd.DataFrame({"value": rows}), "Made with", under=SAME),
            folded("The scenario, whole", code(text)),
            data(document, INPUTS),
        ]
    )


SAME = (
    "The same inputs give the same hash and the same figures. All of this stands in the page a second time, "
    f"as JSON in the element with the id {INPUTS}."
)


def command(
    scenario: str,
    *,
    seed: int,
    replicates: int,
    horizon_years: float,
    sampling: str = "sobol",
    calibrated: bool = True,
) -> str:
    """The command that makes a report again.

    Parameters
    ----------
    scenario
        Name or file.
    seed, replicates, horizon_years, sampling, calibrated
        As for ``simulate``.

    Returns
    -------
    One line for a shell, whatever the name of the file.

    Examples
    --------
    >>> command("stated", seed=1, replicates=8_192, horizon_years=5)
    'breach-sim report stated --seed 1 --replicates 8192 --years 5 --out report.html'
    """
    name = f"./{scenario}" if scenario.startswith("-") else scenario
    words = ["breach-sim", "report", name, "--seed", str(seed), "--replicates", str(replicates)]
    words += ["--years", f"{horizon_years:g}"] + ["--sampling", sampling] * (sampling != "sobol")
    words += [] if calibrated else ["--priors"]
    return shlex.join([*words, "--out", "report.html"])


def _leaked(impact: Impact) -> Piece:
    """Table behind the matrix of leaked fields."""
    import pandas as pd

    rows = [
        (
            segment.title,
            segment.accounts,
            ", ".join(leak.fields).replace("_", " "),
            percent(leak.coverage.central),
        )
        for segment in impact.scenario.segments
        for leak in segment.leaks
    ]
    frame = pd.DataFrame(rows, columns=["group", "accounts", "fields", "share of its accounts"])
    return table(frame.set_index("group"), "What leaked for whom; shares at their most likely value")
