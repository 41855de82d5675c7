"""The first page of the report: the answer, why it is as high or low as it is, and the contents.

Nothing is computed here that another module does not already give.

Not here: the other chapters (``results``, ``decisions``, ``checks``, ``appendix``).
"""

from __future__ import annotations

import numpy as np

from breach_sim import api, plots
from breach_sim.analysis.influence import Deciding, deciding
from breach_sim.apps.reporting.chapters.parts import ROWS, draw, in_words
from breach_sim.apps.reporting.html import APPENDIX, Piece, contents, heading, joined, paragraph
from breach_sim.catalog.faces.labels import label_of_parameter
from breach_sim.formatting.digits import human, percent, significant
from breach_sim.formatting.display import in_sentence
from breach_sim.formatting.tables import spread
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.results.impact import Impact

ENOUGH = 100
"""Replicates below which the ends of intervals are not to be relied on."""
LITTLE = 0.005
"""Share of luck in the variance below which the rest is called nearly all."""
EVEN = 0.5
"""Chance from which on a way of getting out is the likely one."""
FAR = 1.5
"""Ratio of mean losses from which on the way of getting out says why the loss is low or high."""
CONTENTS = (
    "From accounts to victims",
    "Who pays",
    "What it costs the firm",
    "How sure is that?",
    "What can still be done",
    "What should have been done",
    "By other people's yardsticks",
    "Compared with the outcome",
    "What leaked",
    f"{APPENDIX} A: all numbers behind the answer",
    f"{APPENDIX} B: sources",
    f"{APPENDIX} C: how to run this again",
)
"""Headings of the chapters, in their order."""


def answer(impact: Impact) -> Piece:
    """The answer in one paragraph, what decides it, its cautions, and the contents.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    Title, victims, loss with its interval, the largest harm, how sure that is; the assumption that decides
    most; a figure of the largest harms.
    """
    people, loss = (spread(sample, impact.scramble) for sample in (impact.people, impact.loss))
    words = (
        f"Over {impact.horizon_years:g} years this breach makes victims of {people} people "
        f"and costs them and others {loss} USD. These are medians, and in brackets the ranges that "
        f"hold nine of ten outcomes. {_largest(impact)} {_sure(impact)}"
    )
    exposed = "all" if impact.exposed == impact.scenario.accounts else f"{impact.exposed:,}"
    size = (
        f"{impact.scenario.accounts:,} accounts, {exposed} of them exposed. breach_sim {impact.version}, "
        f"{impact.replicates:,} replicates, seed {impact.seed}."
    )
    why = why_line(impact)
    parts = [
        paragraph("Report of a breach", "kind"),
        heading(" ".join(impact.scenario.title.split()), 1),
        paragraph(words, "answer"),
        *([paragraph(why, "why")] if why else []),
        *([draw(lambda: plots.funnel(impact, most=ROWS))] if impact.people.any() else []),
        *(
            paragraph(f"Caution. {in_words(note)}", "caution")
            for note in (*impact.notes, *_quick_run(impact))
        ),
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
            share = (
                f", {percent(means.max() / means.sum())} of the expected loss" if word == "loss_usd" else ""
            )
            harm = in_sentence(impact.attacks.attacks[largest].label)
            return f"The largest harm is {harm}: {victims} victims{share}."
    return "No attack of the catalog does harm with what leaked here; that is no proof of safety."


def _sure(impact: Impact) -> str:
    """How sure: width of the interval, what makes it, how much is assumed."""
    statuses = [estimate.status for estimate in impact.parameters()]
    rests = f"{statuses.count('assumed')} of the {len(statuses)} numbers behind it are assumed"
    low, high = np.quantile(impact.loss, (0.05, 0.95))
    if not low:
        return f"How sure: {rests}; do not quote a figure without them."
    luck = float(impact.error_budget()["luck_share"]["loss_usd"])
    widely = f"the high end of the loss is {float(f'{high / low:.2g}'):g} times its low end"
    ignorance = "nearly all" if luck < LITTLE else percent(1 - luck)
    why = f"; {ignorance} of that spread is lack of knowledge, not luck" if np.isfinite(luck) else ""
    return f"How sure: {widely}{why}; {rests}."


def why_line(impact: Impact) -> str:
    """Sentences that say why the loss is as high or low as it is.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    The assumption that decides most, and what the loss is at either end of it; "" where none does.
    """
    found = deciding(impact)
    if found is None:
        return ""
    label = label_of_parameter(found.estimate.name, impact.scenario, impact.attacks)
    return _way_line(found, label) if found.way else _number_line(found, label)


def _way_line(found: Deciding, label: str) -> str:
    """How the data got out decides."""
    chance = found.estimate.central
    likely, other = (found.high_usd, found.low_usd) if chance >= EVEN else (found.low_usd, found.high_usd)
    word = "low" if likely < other else "high"
    far = max(likely, other) > FAR * min(likely, other)
    opening = f"Why it is this {word}" if far else "What decides how high it is"
    whose = "as you say" if found.estimate.status == "user" else "an assumption"
    return (
        f"{opening}: the {label} is put at {percent(chance)}, {whose}. Where they were, the mean "
        f"loss is {_usd(found.high_usd)} USD; where they were not, it is {_usd(found.low_usd)} USD."
    )


def _number_line(found: Deciding, label: str) -> str:
    """A number decides."""
    whose = "a number of yours" if found.estimate.status == "user" else "an assumption"
    about = "about this breach" if found.is_own else "about an attack"
    return (
        f'What decides how high it is: {whose} {about}, "{label}", {_range(found.estimate)}. In the fifth of '
        f"the runs with its lowest values the mean loss is {_usd(found.low_usd)} USD, in the fifth with its "
        f"highest {_usd(found.high_usd)} USD."
    )


def _range(estimate: Estimate) -> str:
    """Ends and most likely value of an uncertain number."""
    low, likely, high = estimate.low, estimate.mode, estimate.high
    if low is None or high is None:
        ends = estimate.implied()
        low, likely, high = ends["p5"], ends["p50"], ends["p95"]
    low_text, high_text = _number(low, estimate.unit), _number(high, estimate.unit)
    ends_text = f"from {low_text} to {high_text}"
    unit = "" if estimate.unit in {"share", "ratio"} else f" {estimate.unit}"
    return f"{ends_text}{unit}" + (
        "" if likely is None else f", most likely {_number(likely, estimate.unit)}"
    )


def _number(value: float, unit: str) -> str:
    return percent(value) if unit == "share" else human(significant(float(value), 2))


def _usd(value: float) -> str:
    return human(significant(float(value), 2))
