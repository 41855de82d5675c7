"""What a report says, chapter by chapter: the answer first, assumptions before citations, inputs last.

Each function takes a result and gives a piece of the page; the notebook that ``breach-sim report`` runs calls
them one after the other. Nothing is worked out here that another module does not already tell.

Not here: markup and escaping (``page``), and running the notebook (``publish``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from breach_sim import plots
from breach_sim.apps.reporting import sentences as report
from breach_sim.apps.reporting.html import (
    Piece,
    anchor,
    escaped,
    figure,
    folded,
    heading,
    listed,
    paragraph,
    table,
)
from breach_sim.formatting.tables import spread
from breach_sim.results.impact import Impact
from breach_sim.whatif.averted import Averted
from breach_sim.whatif.comparison import Comparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STANDARD = (
    "drop-ssn", "retention-5-years", "dwell-30-days", "codes-by-app", "passkeys", "pin-reset-day-1",
    "sim-lock", "sim-lock-opt-in", "credit-freeze", "credit-freeze-for-all", "tax-pin-for-all", "monitoring",
    "notice",
)  # fmt: skip
"""Mitigations that every report compares; those that touch nothing in a breach are named below the table."""
ENOUGH = 100
"""Replicates below which the ends of intervals are not to be relied on."""
LITTLE = 0.005
"""Share of luck in the variance below which the rest is told as nearly all."""
CONTENTS = (
    "From accounts to victims", "Who pays", "How sure is that?", "What would have helped?",
    "By other people's yardsticks", "Held against what came of it", "What this rests on",
    "What leaked, and how to run this again",
)  # fmt: skip
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
    words = (
        f"Over {impact.horizon_years:g} years this breach makes victims of {spread(impact.people)} people "
        f"and costs them and others {spread(impact.loss)} USD: the median, and in brackets the range that "
        f"holds nine of ten outcomes. {_largest(impact)} {_sure(impact)}"
    )
    exposed = "all" if impact.exposed == impact.scenario.accounts else f"{impact.exposed:,}"
    size = (
        f"{impact.scenario.accounts:,} accounts, {exposed} of them exposed. breach_sim {impact.version}, "
        f"{impact.replicates:,} replicates, seed {impact.seed}."
    )
    rows = [f'<a href="#{anchor(name)}">{escaped(name)}</a>' for name in CONTENTS]
    contents = "<strong>In this report</strong><ol>" + "".join(f"<li>{row}</li>" for row in rows) + "</ol>"
    parts = [
        paragraph("Report of a breach", "kind"),
        heading(" ".join(impact.scenario.title.split()), 1),
        paragraph(words, "answer"),
        *(
            paragraph(f"Caution. {' '.join(note.split())}", "caution")
            for note in (*impact.notes, *_few(impact))
        ),
        paragraph(report.excess_line(impact)),
        paragraph(size, "small"),
        Piece(f'<nav aria-label="Contents">{contents}</nav>', ""),
    ]
    return _together(parts)


def _few(impact: Impact) -> list[str]:
    """What a reader of a quick run must know."""
    if impact.replicates >= ENOUGH:
        return []
    return [
        f"Only {impact.replicates:,} replicates were run: do not rely on any interval here, and run it again "
        "with 10,000."
    ]


def _together(parts: Iterable[Piece]) -> Piece:
    whole = Piece("", "")
    for part in parts:
        whole += part
    return whole


def _largest(impact: Impact) -> str:
    """Sentence that names the largest harm: by expected loss, else by victims."""
    for word in ("loss_usd", "victims"):
        means = impact.per_attack(word).mean(axis=1) if impact.attacks.attacks else np.zeros(0)
        if means.any():
            own = impact.attacks.attacks[int(np.argmax(means))]
            at = impact.attacks.names.index(own.name)
            victims = spread(impact.per_attack("victims")[at])
            told = f"The largest harm is {own.label}: {victims} victims"
            share = f", {means.max() / means.sum():.0%} of the expected loss" if word == "loss_usd" else ""
            return f"{told}{share}."
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
    why = f"; {ignorance} of that spread is ignorance, not luck" if np.isfinite(luck) else ""
    return f"How sure: {widely}{why}; {rests}."


def _shown(draw: Callable[[], Axes], reading: str, behind: Piece) -> Piece:
    """A figure with its table; nothing stays open."""
    with plots.closing():
        return figure(draw(), reading, behind)


def _cautioned(impact: Impact) -> str:
    """Line below a table where there are cautions."""
    count = len(impact.notes)
    if not count:
        return ""
    return f"The {'caution' if count == 1 else f'{count} cautions'} under the answer hold here too."


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
    behind = table(rows, "Accounts by attack, and loss: median (90 % interval)", under=_cautioned(impact))
    reading = (
        "Grey: accounts for which the leaked fields suffice. Blue: attempts. Orange: victims. Far to the "
        "left on a logarithmic scale means many powers of ten fewer: a stolen record is an opportunity, and "
        "few are used. The last row of the table counts people once, however often they are hit."
    )
    lines = [paragraph(line, "small") for line in report.anchor_lines(impact)]
    return _together([_shown(lambda: plots.funnel(impact), reading, behind), *lines])


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
    behind = table(frame, "Both ledgers by line", under=_cautioned(impact))
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
    return _together([
        *(paragraph(line) for line in report.ledger_lines(impact)),
        _shown(lambda: plots.ledgers(impact), reading, behind),
        folded("Who bears the loss of which attack", by_attack),
    ])  # fmt: skip


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

    found = impact.exceedance()
    frame = pd.DataFrame(
        {
            "loss": found["var_usd"],
            "band, low": found["band_low_usd"],
            "band, high": found["band_high_usd"],
            "luck averaged out": found["ignorance_usd"],
            "mean beyond": found["tvar_usd"],
        }
    )
    frame.index = pd.Index([f"{chance:.1%}" for chance in found.index], name="chance of more")
    behind = table(frame, "Loss exceeded with a chance [USD]", under=_cautioned(impact))
    reading = (
        "Two bands. The pale one around the line is what more replicates would remove. The dashed line has "
        "the luck of single victims averaged out: where it lies on the curve, all the width is ignorance, "
        "which neither replicates nor a larger breach would remove."
    )
    budget = impact.error_budget().loc[["people", "loss_usd"]]
    parts = budget[["mean", "sd_ignorance", "sd_luck", "se_monte_carlo"]]
    parts.index = pd.Index(["people harmed", "loss [USD]"])
    parts.columns = ["mean", "ignorance (sd)", "luck (sd)", "sampling error of the mean"]
    return _together([
        _shown(lambda: plots.exceedance(impact), reading, behind),
        table(parts, "What makes the spread: standard deviations"),
        paragraph(report.disagreement_line(impact)),
    ])  # fmt: skip


def helped(found: Comparison) -> Piece:
    """What would have helped: what each mitigation averts and costs.

    Parameters
    ----------
    found
        Result of ``compare``.

    Returns
    -------
    Figure with its table, and the mitigations that touch nothing here.
    """
    import pandas as pd

    whole = float(found.base.total("loss").mean())
    alone, together = found.averted[: len(found.mitigations)], found.averted[len(found.mitigations) :]
    useful = sorted((own for own in alone if own.loss.any()), key=lambda own: -float(own.loss.mean()))
    rows = [*useful, *together] if useful else []
    frame = pd.DataFrame(
        [_helped_row(own, whole) for own in rows], index=[own.label for own in rows], columns=[*HELPED]
    )
    status = found.sources()["status"]
    under = (
        f"{found.replicates:,} replicates on shared draws. Of the {len(status)} numbers behind effects and "
        f"prices {int((status == 'assumed').sum())} are assumed."
    )
    behind = table(
        frame, "Averted and paid: median (90 % interval), expected given what is not known", under=under
    )
    idle = [own for own in alone if not own.loss.any()]
    lines = [f"<strong>{escaped(own.label)}</strong> averts nothing here{_why(own)}." for own in idle]
    reading = (
        "Blue: loss averted. Orange cross: cost. A remedy is worth its price where the cross stands well to "
        "the left of the bar. Benefits do not add, as two remedies may stop the same attack: the last row of "
        "the table has all of them together."
    )
    shown = _shown(lambda: plots.mitigations(found), reading, behind) if useful else paragraph(HELPLESS)
    return _together(
        [shown, *([folded(f"What averts nothing here ({len(idle)})", listed(lines))] if idle else [])]
    )


HELPED = (
    "loss averted [USD]", "of the loss", "people spared", "cost [USD]", "worth its cost in",
)  # fmt: skip
"""Columns of the table of mitigations."""
HELPLESS = "None of the mitigations that a report compares averts any loss of this breach."


def _helped_row(own: Averted, whole: float) -> list[str]:
    share = float(own.loss.mean()) / whole if whole else 0.0
    worth = float(np.mean(own.loss > own.cost))
    return [spread(own.loss), _percent(share), spread(own.people), spread(own.cost), f"{worth:.0%} of runs"]


def _percent(share: float) -> str:
    """Share to two digits."""
    return f"{float(f'{share * 100:.2g}'):g} %"


def _why(own: Averted) -> str:
    return f": {own.why_not}" if own.why_not else ""
