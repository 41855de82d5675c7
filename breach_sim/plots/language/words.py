"""Words that several figures share: numbers and labels in a sentence, and which attacks were simulated."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from breach_sim.analysis.subjects import assumed, attacks_left_out
from breach_sim.formatting.digits import earned, human, significant
from breach_sim.formatting.display import in_sentence
from breach_sim.formatting.errors import quantile_error
from breach_sim.plots.ticks import compact
from breach_sim.results.impact import Impact
from breach_sim.whatif.comparison import Comparison

_LOW = 0.01
"""Share below which no whole percent is right."""
_TINY, _SMALL = 0.001, 0.095
"""Shares between which a decimal is shown."""


def about(value: float, digits: int = 2) -> str:
    """Return a number as words say it, to two digits.

    Parameters
    ----------
    value
        Any number.
    digits
        Significant digits. [1, inf)

    Returns
    -------
    Such as "150,000" or "4.8 million".

    Examples
    --------
    >>> about(154_321), about(4_812_000)
    ('150,000', '4.8 million')
    """
    return human(significant(float(value), digits))


def brief(value: float, digits: int = 2) -> str:
    """Return a number for a narrow column.

    Parameters
    ----------
    value
        Number, 0 or more.
    digits
        Significant digits. [1, inf)

    Returns
    -------
    Such as "350M", "97k" or "-" for 0.

    Examples
    --------
    >>> brief(351_200_000), brief(97_130), brief(8.12), brief(0)
    ('350M', '97k', '8', '-')
    """
    return compact(round(significant(float(value), digits))) if value else "-"


def per_cent(share: float) -> str:
    """Return a share in whole percent.

    Parameters
    ----------
    share
        Share. [0, 1]

    Returns
    -------
    Such as "63 %", or "<1 %" for a share that is not 0.

    Examples
    --------
    >>> per_cent(0.634), per_cent(0.001), per_cent(0.999)
    ('63 %', '<1 %', '>99 %')
    """
    if 0 < share < _LOW:
        return "<1 %"
    if 1 - _LOW / 2 <= share < 1:
        return ">99 %"
    return f"{100 * share:.0f} %"


def fine(share: float) -> str:
    """Return a share in percent, with a decimal where it is small.

    Parameters
    ----------
    share
        Share. [0, 1]

    Returns
    -------
    Such as "63 %", "1.8 %" or "<0.1 %" for a share that is not 0.

    Examples
    --------
    >>> fine(0.634), fine(0.0175), fine(0.0004), fine(0.0)
    ('63 %', '1.8 %', '<0.1 %', '0 %')
    """
    if 0 < share < _TINY:
        return "<0.1 %"
    return f"{100 * share:.1f} %" if _TINY <= share < _SMALL else per_cent(share)


def harmed(impact: Impact, worst: str) -> str:
    """Return how many people a run harms, as the finding of its funnel.

    Parameters
    ----------
    impact
        A run.
    worst
        Label of the attack with the most victims.

    Returns
    -------
    A sentence without its full stop.
    """
    people = about(float(np.median(impact.people)))
    whole = about(impact.scenario.accounts)
    if people == "0":
        return f"In at least half of the runs none of {whole} accounts is harmed"
    return f"Of {whole} accounts about {people} are harmed, most by {in_sentence(worst)}"


def victims_by_attack(impact: Impact) -> Mapping[str, str]:
    """Return the median victims of each attack in words.

    Parameters
    ----------
    impact
        A run.

    Returns
    -------
    By name of the attack, to the digits earned.
    """
    samples = zip(impact.attacks.names, impact.per_attack("victims"), strict=True)
    return {
        name: human(earned(float(np.median(sample)), quantile_error(sample, 0.5, impact.scramble)))
        for name, sample in samples
    }


def whose(impact: Impact) -> str:
    """Return whose loss or victims a run counts, for an axis.

    Parameters
    ----------
    impact
        A run.

    Returns
    -------
    "all victims", or "victims of 4 attacks".
    """
    if not attacks_left_out(impact):
        return "all victims"
    labels = [in_sentence(attack.label) for attack in impact.attacks.attacks]
    return f"victims of {len(labels)} attacks" if len(labels) > 1 else f"victims of {labels[0]}"


def made_by(comparison: Comparison) -> str:
    """Return how a comparison of mitigations was computed, for the foot of a figure.

    Parameters
    ----------
    comparison
        Result of ``compare``.

    Returns
    -------
    Seed, number of points, and how many of the numbers behind it are assumed.
    """
    behind = assumed(comparison.parameters())
    return f"seed {comparison.seed}, {comparison.replicates:,} points; {behind}"
