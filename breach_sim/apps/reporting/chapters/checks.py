"""Chapters of the report that check it: other scores, and predictions held against outcomes."""

from __future__ import annotations

from breach_sim import api, catalog
from breach_sim.analysis.backtesting.predictions import backtest as held_against
from breach_sim.analysis.backtesting.scoreboard import ScoreRow
from breach_sim.analysis.backtesting.scoreboard import interval_text as interval
from breach_sim.analysis.other_scores import board as _board
from breach_sim.analysis.other_scores.disagreement import Clash, Measured
from breach_sim.analysis.other_scores.tier import TIERS
from breach_sim.apps.reporting.chapters.parts import in_words
from breach_sim.apps.reporting.html import Piece, folded, joined, listed, paragraph, table
from breach_sim.catalog.faces.labels import label_of_field, label_of_line
from breach_sim.formatting.digits import earned, human, percent, significant
from breach_sim.formatting.tables import spread
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.published import breach_of
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.results.tables.money import breached, ledger_notes

COMPARED = api.FEWER_REPLICATES
"""Replicates of comparison and back-test, at most."""
RANKED = 300
"""Replicates behind the ranking among the breaches of the library, at most."""


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
        "ENISA's severity (2013)": f"{enisa.score.se:.2f}, {enisa.score.band}; by other judgments "
        f"{enisa.low.se:.2f} ({enisa.low.band}) to {enisa.high.se:.2f} ({enisa.high.band})",
        "FAIR's loss magnitude, the firm's [USD]": "no rates of a firm"
        if impact.firm_cost is None
        else spread(impact.firm_cost, impact.scramble),
        "what an account's fields suffice for": ", ".join(reach),
    }
    beside = table(
        pd.DataFrame({"this breach": rows}).rename_axis("yardstick"), "The same breach by four yardsticks"
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
            folded(f"Its place among {len(scores.ranked)} breaches", _order(scores, impact), later=True),
        ]
    )


def _order(scores: _board.Yardsticks, impact: Impact) -> Piece:
    """The breaches of the library and this one, by falling expected loss."""
    import pandas as pd

    ranking = pd.DataFrame(
        [_place(one) for one in scores.ranked],
        index=[_marked(one.scenario, impact) for one in scores.ranked],
        columns=["ENISA", "severity", "people, mean", "loss, mean [USD]"],
    )
    return table(
        ranking.rename_axis("breach"),
        "By falling expected loss; the arrow marks this breach",
        under="A loss of 0: no attack of the catalog costs money there, not that nobody is harmed.",
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
    settled = f" What settles it: {_in_words(first.flips[0], first)}." if first.flips else ""
    return (
        f"ENISA and the expected loss disagree about this breach and {len(scores.clashes)} of {others} "
        f"others. The first: ENISA puts {_title(high.scenario)} ({high.enisa_se:.2f}) {order} "
        f"{_title(low.scenario)} ({low.enisa_se:.2f}); the mean losses are {losses[0]} and {losses[1]} "
        f"USD.{settled}"
    )


def _place(one: Measured) -> tuple[str, ...]:
    """Row of the ranking, to the digits earned."""
    people, loss = earned(one.people, one.people_error), earned(one.loss_usd, one.loss_error)
    return one.band, f"{one.enisa_se:.2f}", human(people), human(loss)


def _marked(scenario: Scenario, impact: Impact) -> str:
    title = _title(scenario)
    return f"→ {title}" if scenario.name == impact.scenario.name else title


def _title(scenario: Scenario) -> str:
    return " ".join(scenario.title.split())


def _in_words(change: str, clash: Clash) -> str:
    """A counterfactual with the names of breaches and of a field in words."""
    for one in (clash.one.scenario, clash.other.scenario):
        change = change.replace(one.name, _title(one))
    first, space, rest = change.partition(" ")
    return f"{label_of_field(first)}{space}{rest}" if first in FIELD_NAMES else change


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
    omitted = f"Published, and not compared ({len(silent)})"
    lines = [f"{label_of_line(row.cells()[1])}, {row.cells()[4]}: {in_words(row.note)}" for row in silent]
    verdicts = [row.verdict for row in held]
    hits, misses = verdicts.count("hit"), verdicts.count("miss")
    return joined(
        [
            paragraph(f"Of {len(verdicts)} comparisons {hits} hit and {misses} miss."),
            table(frame, "Predicted and published", under=HELD_OF),
            *([folded(omitted, listed(lines), later=True)] if lines else []),
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
    return (label_of_line(kind), *rest, in_words(row.note))


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
        return paragraph(in_words(" ".join(ledger_notes(impact)) or "There are no numbers of a firm."))
    rows, case = catalog.load_payment_rows(), breached(impact.scenario).case
    paid = float(rows.chance_of_payment("settlement", case).mean())
    payment = interval(rows.quantiles("settlement", case, (0.05, 0.5, 0.95)).tolist())
    return paragraph(
        "No outcome of this breach is in the catalog, so nothing can be compared with it yet. What is "
        f"expected for {in_words(case.summary())}: a class settlement, with a probability of "
        f"{percent(paid)}. "
        f"If there is one, the model of payments gives {payment} USD of 2024. It was fitted to "
        f"{rows.figures} published amounts."
    )
