"""Proof that printed errors are honest: over many seeds they are the spread of what is printed.

Not here: fast laws of the estimators (``tests/formatting/test_errors.py``) and of the expectations
(``test_expectations.py``).
"""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from breach_sim import api
from breach_sim.catalog import attacks_for, load_scenario
from breach_sim.formatting.tables import STATISTICS
from breach_sim.inputs.scenario import Scenario

pytestmark = [pytest.mark.slow, pytest.mark.errors]

BATCH, BATCHES = 60, 4
"""Seeds of one spread, and how many spreads are pooled.

The spread over 60 seeds has a standard error of 1 / sqrt(2 x 59) = 9 % for normal figures, so that one of 24
right figures in ten sets of seeds would miss 25 % by chance. Each figure is held to 25 % by the spread over
240 seeds, whose standard error is 4.6 %; the four spreads over 60 seeds are printed beside it.
"""
REPLICATES = 1_024
"""Replicates of a run: a whole number for eight scrambles, 128 points each, a power of two."""
SIZES = (2_000, 100_000, 100_000_000)
WITHIN = 0.25
ONE_NUMBER = 0.13
"""Accounts by which an error may exceed a spread: where a quantile is the same whole number in nearly all
runs its spread is below a quarter of an account, and no single run can know that it is so small."""


def scaled(size: int) -> Scenario:
    """Return the stated cohorts with another number of accounts."""
    base = load_scenario("tmobile-2021-stated")
    factor = size / base.accounts
    segments = [dataclasses.replace(s, accounts=max(1, round(s.accounts * factor))) for s in base.segments]
    return dataclasses.replace(base, segments=tuple(segments))


def printed(size: int) -> Iterator[dict[tuple[str, str], tuple[float, float]]]:
    """Yield, seed by seed, every printed figure and its error."""
    breach = scaled(size)
    graph = attacks_for(breach)
    for seed in range(BATCH * BATCHES):
        rows = api.simulate(breach, graph, replicates=REPLICATES, seed=seed).quantiles()
        yield {
            (measure, statistic): (
                float(rows.loc[measure, statistic]),
                float(rows.loc[measure, f"se_{statistic}"]),
            )
            for measure in ("people", "loss_usd")
            for statistic in STATISTICS
        }


@pytest.mark.parametrize("size", SIZES)
def test_the_printed_error_is_the_spread_over_seeds(size: int) -> None:
    """Mean, p5, p50 and p95 of people and loss spread over seeds by their mean printed error, within 25 %."""
    found = list(printed(size))
    missed = []
    lines = ["", f"{size:,} accounts, {REPLICATES:,} replicates, {len(found)} seeds"]
    lines += [f"{'figure':<16}{'value':>12}{'spread':>12}{'error':>12}{'ratio':>7}  of {BATCH} seeds each"]
    for measure, statistic in found[0]:
        values, errors = (np.array([run[measure, statistic][part] for run in found]) for part in (0, 1))
        spread, error = values.std(ddof=1), errors.mean()
        apart = zip(np.split(values, BATCHES), np.split(errors, BATCHES), strict=True)
        batches = " ".join(f"{_ratio(e.mean(), v.std(ddof=1)):.2f}" for v, e in apart)
        name, ratio = f"{measure}.{statistic}", _ratio(error, spread)
        lines += [f"{name:<16}{values.mean():>12,.4g}{spread:>12,.3g}{error:>12,.3g}{ratio:>7.2f}  {batches}"]
        allowed = WITHIN * spread + (ONE_NUMBER if measure == "people" and error > spread else 0.0)
        if abs(error - spread) > allowed:
            missed.append(f"{name}: {ratio:.2f}")
    sys.stdout.write("\n".join([*lines, ""]))
    assert [] == missed


def _ratio(error: float, spread: float) -> float:
    """Return error over spread; no number where nothing spreads."""
    return error / spread if spread else math.nan
