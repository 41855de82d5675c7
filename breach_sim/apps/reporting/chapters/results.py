"""Chapters of the report with results: the answer, the funnel, the ledgers, the uncertainty.

Each function takes a result and returns a piece of the page; the notebook that ``breach-sim report`` runs
calls them one after the other. Nothing is computed here that another module does not already give.

Not here: the firm and mitigations (``decisions``), markup and escaping (``html``), and running the notebook
(``report_file``).
"""

from __future__ import annotations

import numpy as np

from breach_sim import api, plots
from breach_sim.apps.reporting import summary
from breach_sim.apps.reporting.chapters.parts import caution_line, figure_with_table
from breach_sim.apps.reporting.html import (
    Piece,
    contents,
    folded,
    heading,
    joined,
    paragraph,
    table,
)
from breach_sim.formatting.tables import spread
from breach_sim.results.impact import Impact
from breach_sim.results.parts import PARTS

ENOUGH = 100
"""Replicates below which the ends of intervals are not to be relied on."""
LITTLE = 0.005
"""Share of luck in the variance below which the rest is called nearly all."""
CONTENTS = (
    "From accounts to victims",
    "Who pays",
    "What it costs the firm",
    "How sure is that?",
    "What can still be done",
    "What should have been done",
    "By other people's yardsticks",
    "Held against what came of it",
    "What this rests on",
    "What leaked, and how to run this again",
)
"""Headings of the chapters, in their order."""


def answer(impact: Impact) -> Piece:
    """The answer in one paragraph, its cautions, and the contents.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    Title, victims, loss with its interval, the largest harm, how sure that is.
    """
    people, loss = (spread(sample, impact.scramble) for sample in (impact.people, impact.loss))
    words = (
        f"Over {impact.horizon_years:g} years this breach makes victims of {people} people "
        f"and costs them and others {loss} USD: the median, and in brackets the range that "
        f"holds nine of ten outcomes. {_largest(impact)} {_sure(impact)}"
    )
    exposed = "all" if impact.exposed == impact.scenario.accounts else f"{impact.exposed:,}"
    size = (
        f"{impact.scenario.accounts:,} accounts, {exposed} of them exposed. breach_sim {impact.version}, "
        f"{impact.replicates:,} replicates, seed {impact.seed}."
    )
    parts = [
        paragraph("Report of a breach", "kind"),
        heading(" ".join(impact.scenario.title.split()), 1),
        paragraph(words, "answer"),
        *(
            paragraph(f"Caution. {' '.join(note.split())}", "caution")
            for note in (*impact.notes, *_quick_run(impact))
        ),
        paragraph(summary.excess_line(impact)),
        paragraph(size, "small"),
        contents(CONTENTS),
    ]
    return joined(parts)


def _quick_run(impact: Impact) -> list[str]:
    """What a reader of a quick run must know."""
    if impact.replicates >= ENOUGH:
        return []
    return [
        f"Only {impact.replicates:,} replicates were run: do not rely on any interval here, and run it again "
        f"with {api.REPLICATES:,}."
    ]


def _largest(impact: Impact) -> str:
    """Sentence that names the largest harm: by expected loss, else by victims."""
    for word in ("loss_usd", "victims"):
        means = np.array([impact.expected(word, name).mean() for name in impact.attacks.names])
        if means.any():
            largest = int(np.argmax(means))
            victims = spread(impact.per_attack("victims")[largest], impact.scramble)
            share = f", {means.max() / means.sum():.0%} of the expected loss" if word == "loss_usd" else ""
            return f"The largest harm is {impact.attacks.attacks[largest].label}: {victims} victims{share}."
    return "No attack of the catalogue does harm with what leaked here; that is no proof of safety."


def _sure(impact: Impact) -> str:
    """How sure: width of the interval, what makes it, how much is assumed."""
    statuses = [estimate.status for estimate in impact.parameters()]
    rests = f"{statuses.count('assumed')} of the {len(statuses)} numbers behind it are assumed"
    low, high = np.quantile(impact.loss, (0.05, 0.95))
    if not low:
        return f"How sure: {rests}; do not quote a figure without them."
    luck = float(impact.error_budget()["luck_share"]["loss_usd"])
    widely = f"the high end of the loss is {float(f'{high / low:.2g}'):g} times its low end"
    ignorance = "nearly all" if luck < LITTLE else f"{1 - luck:.0%}"
    why = f"; {ignorance} of that spread is lack of knowledge, not luck" if np.isfinite(luck) else ""
    return f"How sure: {widely}{why}; {rests}."


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
    behind = table(rows, "Accounts by attack, and loss: median (90 % interval)", under=caution_line(impact))
    reading = (
        "Grey: accounts for which the leaked fields suffice. Blue: attempts. Orange: victims. Far to the "
        "left on a logarithmic scale means many powers of ten fewer: a stolen record is an opportunity, and "
        "few are used. The last row of the table counts people once, however often they are hit."
    )
    lines = [paragraph(line, "small") for line in summary.anchor_lines(impact)]
    split = _parts(impact) if impact.searches else []
    return joined([figure_with_table(lambda: plots.funnel(impact), reading, behind), *split, *lines])


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
        folded(title, table(rows.map(lambda share: f"{share:.0%}"), title, under=under)),
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
    frame.index = frame.index.map(lambda pair: (pair[0], str(pair[1]).replace("_", " ")))
    frame.index.names = ["ledger", "line"]
    behind = table(frame, "Both ledgers by line", under=caution_line(impact))
    borne = impact.bearers()
    borne = borne.loc[borne["all"] > 0, (borne != 0).any()]
    borne.columns = [str(name).replace("_", " ") for name in borne.columns]
    reading = (
        "Above, the loss of the victims by who bears it in the end; below, what the breach costs the firm. "
        "The two are never added: part of what the firm pays makes good what victims lost."
    )
    by_attack = table(
        borne, "Mean loss by attack and bearer [USD]", under="Means, which sum; medians do not."
    )
    return joined(
        [
            *(paragraph(line) for line in summary.ledger_lines(impact)),
            figure_with_table(lambda: plots.ledgers(impact), reading, behind),
            folded("Who bears the loss of which attack", by_attack),
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
    behind = table(frame, "Loss exceeded with a chance [USD]", under=caution_line(impact))
    reading = (
        "Two bands. The pale one around the line is what more replicates would remove. The dashed line has "
        "the luck of single victims averaged out: where it lies on the curve, all the width is not knowing, "
        "which neither replicates nor a larger breach would remove."
    )
    budget = impact.error_budget().loc[["people", "loss_usd"]]
    parts = budget[["mean", "sd_ignorance", "sd_structure", "sd_luck", "se_monte_carlo"]]
    parts.index = pd.Index(["people harmed", "loss [USD]"])
    parts.columns = ["mean", "ignorance (sd)", "structure (sd)", "luck (sd)", "sampling error of the mean"]
    return joined(
        [
            figure_with_table(lambda: plots.exceedance(impact), reading, behind),
            table(parts, "What makes the spread: standard deviations"),
            paragraph(summary.disagreement_line(impact)),
        ]
    )
