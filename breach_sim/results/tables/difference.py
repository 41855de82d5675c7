"""Two impacts side by side on shared draws: what differs, by how much, and how sure.

Both impacts must come from the same seed, number of replicates and horizon. Parameters are drawn by name,
so replicate r of one and replicate r of the other are the same world with another breach (or another
measure): the difference is taken replicate by replicate and is far less noisy than two separate runs.

The luck of single accounts is not shared: it is small for counts and stays in the interval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.tables import Row, summary, table
from breach_sim.results.expectations import expected
from breach_sim.results.replicates import Replicates

if TYPE_CHECKING:
    import pandas as pd


def diff(a: Replicates, b: Replicates) -> pd.DataFrame:
    """Difference of two impacts, measure by measure: :func:`breach_sim.api.questions.diff` of impacts only.

    Impacts with another seed, number of replicates, horizon, sampling or calibration raise ValueError:
    nothing is simulated here.
    """
    check_shared_draws(a, b)
    frame = table([_row(name, x, y) for name, (x, y) in _measures(a, b).items()], (*a.notes, *b.notes))
    frame.index.name = f"{a.scenario.name} (a), {b.scenario.name} (b)"
    return frame


def check_shared_draws(a: Replicates, b: Replicates) -> None:
    """Refuse two impacts that were not drawn alike.

    Parameters
    ----------
    a, b
        Impacts to be compared replicate by replicate.

    Raises
    ------
    ValueError
        If seed, replicates, horizon, sampling or calibration differ.
    """
    # Rows of another country lack the parameters that are its own; which fit they are from is in the digest.
    rows = [None if impact.posterior is None else impact.posterior.digest for impact in (a, b)]
    if rows[0] != rows[1]:
        a_side, b_side = ("on the priors" if row is None else f"rows {row[:12]}" for row in rows)
        raise ValueError(
            f"the impacts differ in calibration: {a_side} and {b_side}; draws are shared only with the same "
            "one: simulate both alike"
        )
    for part in ("seed", "replicates", "horizon_years", "sampling"):
        first, second = getattr(a, part), getattr(b, part)
        if first != second:
            raise ValueError(
                f"the impacts differ in {part}: {first!r} and {second!r}; draws are shared only with the "
                "same seed, replicates, horizon, sampling and calibration: simulate both alike"
            )


_Both = tuple[NDArray[Any], Array]
"""Draws and expectations of one measure of one impact. Shape (R,) each."""


def _measures(a: Replicates, b: Replicates) -> dict[str, tuple[_Both, _Both]]:
    """Draws and expectations of both impacts by name of the measure."""
    shared = [name for name in a.attacks.names if name in b.attacks.names]
    measures: dict[str, tuple[_Both, _Both]] = {
        "people": ((a.people, expected(a, "people")), (b.people, expected(b, "people"))),
        "loss_usd": ((a.loss, expected(a, "loss_usd")), (b.loss, expected(b, "loss_usd"))),
    }
    for word in ("attackable", "victims", "loss_usd"):
        ours = dict(zip(a.attacks.names, a.per_attack(word), strict=True))
        theirs = dict(zip(b.attacks.names, b.per_attack(word), strict=True))
        for name in shared:
            pair = (ours[name], expected(a, word, name)), (theirs[name], expected(b, word, name))
            measures[f"{name}.{word}"] = pair
    return measures


def _row(name: str, a: _Both, b: _Both) -> Row:
    (x, expected_x), (y, expected_y) = a, b
    first, second = float(np.mean(expected_x)), float(np.mean(expected_y))
    return name, {
        "a_p50": float(np.median(x)),
        "b_p50": float(np.median(y)),
        **summary(y - x, expected_y - expected_x),
        "ratio_of_means": second / first if first else np.nan,
        "p_b_larger": float(np.mean(y > x)),
    }
