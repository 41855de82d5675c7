"""Chapters of the report with results: the funnel, the ledgers, the uncertainty, and what leaked.

Each function takes a result and returns a piece of the page; the notebook that ``breach-sim report`` runs
calls them one after the other. Nothing is computed here that another module does not already give.

Not here: the first page (``front``), the firm and mitigations (``decisions``), markup (``html``), and running
the notebook (``report_file``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from breach_sim import plots
from breach_sim.analysis.influence import assumptions as ranked
from breach_sim.apps.reporting import summary
from breach_sim.apps.reporting.chapters.parts import ROWS, caution_line, figure_with_table, in_words
from breach_sim.apps.reporting.html import (
    Piece,
    folded,
    joined,
    paragraph,
    table,
)
from breach_sim.catalog.faces.labels import label_of_field, label_of_line, label_of_parameter
from breach_sim.formatting.digits import percent
from breach_sim.results.impact import Impact
from breach_sim.results.parts import PARTS
from breach_sim.results.tables.funnel import ranked as ranked_attacks

if TYPE_CHECKING:
    from collections.abc import Iterable

FEW = 10
"""Replicates below which assumptions cannot be ranked."""
MOST = 12
"""Assumptions shown without unfolding."""


def funnel(impact: Impact) -> Piece:
    """From accounts to victims, attack by attack.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    Figure with its table, and what is to be known about single rows.
    """
    whole = impact.funnel()
    rows = whole.loc[whole.index != "note", ["attackable", "attempted", "victims", "loss_usd"]]
    rows.columns = ["attackable", "attempted", "victims", "loss [USD]"]
    rows.index.name = "attack"
    behind = table(rows, "Accounts by attack, and loss: median (90 % interval)", under=caution_line(impact))
    reading = (
        "Ring: accounts for which the leaked fields suffice. Stroke: attempts. Dot and bar: victims. Far to "
        "the left on a logarithmic scale means many powers of ten fewer: a stolen record is an opportunity, "
        "and few are used. The last row of the table counts people once, however often they are hit."
    )
    lines = [paragraph(line, "small") for line in summary.anchor_lines(impact)]
    split = _parts(impact) if impact.searches else []
    excess = paragraph(summary.excess_line(impact))
    if len(ranked_attacks(impact)) > ROWS:
        shown = figure_with_table(lambda: plots.funnel(impact), reading, behind)
    else:  # the figure of the first page shows them all
        shown = folded("The table behind the figure of the first page", behind)
    return joined([shown, excess, *split, *lines])


def _parts(impact: Impact) -> list[Piece]:
    """Who made the victims: what leaked, what is looked up, or both."""
    frame = impact.parts()
    rows = frame[[(part, "share") for part in PARTS]].dropna()
    if not len(rows):
        return []
    rows.columns = ["by the leak alone", "together", "replaceable"]
    under = (
        "By the leak alone: the leaked fields suffice. Together: a leaked field and one that is looked up. "
        "Replaceable: the attack was possible without this breach. Shares of the means."
    )
    title = "Victims by what made the attack possible"
    return [
        *(paragraph(line) for line in summary.parts_lines(impact)),
        folded(title, table(rows.map(percent), title, under=under), later=True),
    ]


def ledgers(impact: Impact) -> Piece:
    """Who pays: the victims' side and the firm's, apart.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    Sentences, figure with its table, and who bears what by attack.
    """
    frame = impact.ledgers()[["p5", "p50", "p95", "unit"]]
    frame = frame[~((frame["p95"] == 0) & (frame["unit"] == "USD"))]
    frame.columns = ["5 %", "median", "95 %", "unit"]
    frame.index = frame.index.map(lambda pair: (pair[0], label_of_line(str(pair[1]))))
    frame.index.names = ["ledger", "line"]
    behind = table(frame, "Both ledgers by line", under=caution_line(impact))
    borne = impact.bearers()
    borne = borne.loc[borne["all"] > 0, (borne != 0).any()]
    borne.columns = [label_of_line(str(name)) for name in borne.columns]
    reading = (
        "Above, the loss of the victims by who bears it in the end; below, what the breach costs the firm. "
        "The two are never added: part of what the firm pays makes good what victims lost."
    )
    by_attack = table(
        borne, "Mean loss by attack and bearer [USD]", under="Means, which sum; medians do not."
    )
    return joined(
        [
            *(paragraph(in_words(line)) for line in summary.ledger_lines(impact)),
            figure_with_table(lambda: plots.ledgers(impact), reading, behind),
            folded("Who bears the loss of which attack", by_attack, later=True),
        ]
    )


def uncertainty(impact: Impact) -> Piece:
    """How sure: the chance of more, with the band of sampling and with luck averaged out.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    Figure with its table, the error budget, and the largest disagreement of the evidence.
    """
    import pandas as pd

    curve = impact.exceedance()
    frame = pd.DataFrame(
        {
            "loss": curve["var_usd"],
            "band, low": curve["band_low_usd"],
            "band, high": curve["band_high_usd"],
            "luck averaged out": curve["ignorance_usd"],
            "mean beyond": curve["tvar_usd"],
        }
    )
    frame.index = pd.Index([f"{chance:.1%}" for chance in curve.index], name="chance of more")
    behind = table(frame, "Loss exceeded with a given chance [USD]", under=caution_line(impact))
    reading = (
        "Shaded: nine runs in ten. The sampling error, which more replicates would remove, and a dashed "
        "curve without the luck of single victims are drawn where they leave the curve. Elsewhere, "
        "all of the width is lack of knowledge, which neither replicates nor more accounts would remove."
    )
    budget = impact.error_budget().loc[["people", "loss_usd"]]
    parts = budget[["mean", "sd_ignorance", "sd_structure", "sd_luck", "se_monte_carlo"]]
    parts.index = pd.Index(["people harmed", "loss [USD]"], name="measure")
    parts.columns = ["mean", "ignorance (sd)", "structure (sd)", "luck (sd)", "sampling error of the mean"]
    return joined(
        [
            figure_with_table(lambda: plots.exceedance(impact), reading, behind),
            table(parts, "What makes the spread: standard deviations"),
            paragraph(in_words(summary.disagreement_line(impact))),
            *_moving(impact),
        ]
    )


def _moving(impact: Impact) -> Iterable[Piece]:
    """The numbers with the largest effect; nothing where they cannot be ranked."""
    import pandas as pd

    if impact.replicates < FEW:
        return
    top = ranked(impact).head(MOST)
    cells = [
        (f"{row['effect']:+.2f} on {row['on']}", row["status"], f"{row['numbers']} {row['unit']}")
        for _, row in top.iterrows()
    ]
    labels = [label_of_parameter(name, impact.scenario, impact.attacks) for name in top.index]
    frame = pd.DataFrame(cells, index=labels, columns=["effect", "status", "low / likely / high"])
    frame.index.name = "number"
    under = (
        "Effect: rank correlation with the expected loss, from -1 to +1. To doubt the answer, "
        "begin with the first row; Appendix A has the reason for each number."
    )
    yield table(frame, f"The {len(top)} numbers that move the answer most", under=under)


def leaked(impact: Impact) -> Piece:
    """What leaked for whom.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    Figure with its table.
    """
    import pandas as pd

    rows = [
        (segment.title, segment.accounts, fields, percent(leak.coverage.central))
        for segment in impact.scenario.segments
        for leak in segment.leaks
        for fields in [", ".join(label_of_field(name) for name in leak.fields)]
    ]
    frame = pd.DataFrame(rows, columns=["group", "accounts", "fields", "share of its accounts"])
    behind = table(frame.set_index("group"), "What leaked for whom; shares at their most likely value")
    reading = (
        "One row per group of accounts, one column per field; darker is a larger share of its accounts. A "
        "white cell means that the field did not leak for that group."
    )
    return figure_with_table(lambda: plots.leak_matrix(impact.scenario), reading, behind)
