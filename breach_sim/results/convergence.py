"""As many replicates as an answer needs: simulate, look at the error, double, and say if it never suffices.

The error is the relative standard error of the mean loss, ``rel_se``. Draws are by name, so that a longer
run begins with the parameters of the shorter one; each size is a run of its own, and the last one is the
answer. Where the most replicates allowed do not suffice the impact is handed back with a note that says so.

Not here: the table of one run's error at fewer replicates (``Impact.convergence``).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

import numpy as np

from breach_sim.formatting.messages import shown
from breach_sim.results.impact import Impact

FIRST = 1_024
"""Replicates of the first run."""
MOST = 131_072
"""Most replicates tried unless another limit is given."""
_GOAL = re.compile(r"\s*rel_se\s*<\s*([0-9]*\.?[0-9]+(?:e-?[0-9]+)?)\s*(%?)\s*")


def goal(until: str) -> float:
    """Relative standard error that is asked for.

    Parameters
    ----------
    until
        For example ``"rel_se<1%"`` or ``"rel_se<0.01"``.

    Returns
    -------
    A share, above 0 and below 1.

    Raises
    ------
    ValueError
        If the text is another, or the goal is out of range.
    """
    parts = _GOAL.fullmatch(until) if isinstance(until, str) else None
    if parts is None:
        raise ValueError(
            f'until is {shown(until)}; write the relative standard error to reach, such as "rel_se<1%"'
        )
    wanted = float(parts[1]) / (100.0 if parts[2] else 1.0)
    if not 0.0 < wanted < 1.0:
        raise ValueError(
            f'until is {shown(until)}; the error must lie between 0 and 100 %, as in "rel_se<1%"'
        )
    return wanted


def relative_error(impact: Impact) -> float:
    """Standard error of the mean loss over the mean loss.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    A share; 0 where nothing is lost, infinite for one replicate.
    """
    mean = float(impact.loss.mean())
    if mean == 0.0:
        return 0.0
    if impact.replicates == 1:
        return np.inf
    return float(impact.loss.std(ddof=1) / np.sqrt(impact.replicates)) / mean


def simulate_until(run: Callable[[int], Impact], until: str, most: int = MOST) -> Impact:
    """Impact with as many replicates as a goal needs.

    Parameters
    ----------
    run
        Makes the impact of a number of replicates.
    until
        The goal, see :func:`goal`.
    most
        Most replicates to try. [1, inf)

    Returns
    -------
    The first impact whose error lies below the goal; else that of ``most`` replicates, with a note that
    it has not converged, the error reached and the replicates that would be needed.

    Notes
    -----
    Stopping by the error seen favours runs that happened to look calm; the doubling keeps that small.
    """
    wanted = goal(until)
    replicates = min(FIRST, most)
    while True:
        impact = run(replicates)
        error = relative_error(impact)
        if error < wanted:
            return impact
        if replicates == most:
            break
        replicates = min(2 * replicates, most)
    need = most * (error / wanted) ** 2
    needed = f"about {need:,.0f} would be needed" if np.isfinite(need) else "more are needed"
    note = (
        f"Not converged: the mean loss has a relative standard error of {error:.2%} after {most:,} "
        f"replicates, asked for was less than {wanted:.2%}; {needed}."
    )
    return dataclasses.replace(impact, cautions=(note,))
