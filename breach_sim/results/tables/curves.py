"""Exceedance curve of a sample of money: value at risk, tail value at risk, the sampling band, and appetite.

Not here: whose money it is (``uncertainty`` for the loss, ``money`` for the firm).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.errors import T_95, rank_error
from breach_sim.formatting.messages import shown
from breach_sim.inputs.numbers.quantiles import NORMAL_95

if TYPE_CHECKING:
    import pandas as pd

CHANCES = (0.9, 0.75, 0.5, 0.25, 0.1, 0.05, 0.025, 0.01, 0.005)
"""Probabilities of the exceedance curve unless others are asked for."""


def curve(
    sample: Array, probabilities: Iterable[float] | None, scramble: NDArray[np.int64] | None
) -> pd.DataFrame:
    """Exceedance curve of a sample.

    Parameters
    ----------
    sample
        One value a replicate. Shape (R,). [USD]
    probabilities
        Chances of exceeding; :data:`CHANCES` if None. (0, 1)
    scramble
        Number of the scramble of each replicate, shape (R,); None for plain draws.

    Returns
    -------
    One row a probability, falling: var_usd, tvar_usd, band_low_usd, band_high_usd. [USD]

    Raises
    ------
    ValueError
        If a probability is not strictly between 0 and 1.
    """
    import pandas as pd

    return pd.DataFrame(curve_rows(sample, probabilities, scramble)).set_index("probability")


def curve_rows(
    sample: Array, probabilities: Iterable[float] | None, scramble: NDArray[np.int64] | None
) -> list[dict[str, float]]:
    """Rows of an exceedance curve, as plain numbers.

    Parameters
    ----------
    sample, probabilities, scramble
        As for :func:`curve`.

    Returns
    -------
    By probability, falling: probability, var_usd, tvar_usd, band_low_usd, band_high_usd. [USD]

    Raises
    ------
    ValueError
        If a probability is not strictly between 0 and 1.
    """
    chances = CHANCES if probabilities is None else tuple(probabilities)
    for chance in chances:
        if not 0 < chance < 1:
            raise ValueError(f"probability is {chance!r}; it must lie strictly between 0 and 1")
    ordered = np.sort(sample)
    # Mean of everything from each order statistic upward, by one cumulated sum from the top.
    tail = np.cumsum(ordered[::-1])[::-1] / np.arange(len(ordered), 0, -1)
    width = NORMAL_95 if scramble is None else T_95
    rows = []
    for chance in sorted(set(chances), reverse=True):
        # Unbounded for a single replicate: the band is then all there is.
        ranks = min(width * rank_error(sample, 1.0 - chance, scramble), len(ordered))
        rows.append({"probability": chance, **_exceeded(ordered, tail, chance, ranks)})
    return rows


def checked_appetite(appetite: Mapping[float, float]) -> dict[float, float]:
    """Check a risk appetite.

    Parameters
    ----------
    appetite
        Largest acceptable amount by the chance of exceeding it. (0, 1), [0, inf) [USD]

    Returns
    -------
    The same, the largest chance first.

    Raises
    ------
    ValueError
        If it is empty, a chance or an amount is out of range, or a rarer amount is smaller.
    """
    if not appetite:
        raise ValueError("the appetite is empty; give amounts by chance, such as {0.05: 100e6}")
    for chance, usd in appetite.items():
        if isinstance(chance, bool) or not 0 < chance < 1:
            raise ValueError(
                f"chance {shown(chance)} of the appetite is no probability; it must lie strictly between 0 "
                "and 1"
            )
        if isinstance(usd, bool) or not 0 <= usd < np.inf:
            raise ValueError(
                f"the appetite at chance {chance:g} is {shown(usd)} USD; give an amount from 0 on"
            )
    ordered = dict(sorted(appetite.items(), reverse=True))
    for (chance, usd), (rarer, more) in pairwise(ordered.items()):
        if more < usd:
            raise ValueError(
                f"the appetite accepts {usd:,.0f} USD at chance {chance:g} and only {more:,.0f} USD at "
                f"chance {rarer:g}; a rarer amount must not be smaller: raise it or lower the other"
            )
    return ordered


def within_appetite(
    sample: Array, appetite: Mapping[float, float], scramble: NDArray[np.int64] | None
) -> pd.DataFrame:
    """Hold a sample of money against a risk appetite.

    Parameters
    ----------
    sample
        One value a replicate. Shape (R,). [USD]
    appetite
        Largest acceptable amount by the chance of exceeding it. (0, 1), [0, inf) [USD]
    scramble
        Number of the scramble of each replicate, shape (R,); None for plain draws.

    Returns
    -------
    One row a chance, falling: appetite_usd, model_usd (exceeded with that chance), chance_of_exceeding (the
    appetite), and inside (whether the model's amount is no more than the appetite). [USD], [share]

    Raises
    ------
    ValueError
        As for :func:`checked_appetite`.
    """
    ordered = checked_appetite(appetite)
    frame = curve(sample, ordered, scramble)[["var_usd"]].rename(columns={"var_usd": "model_usd"})
    frame.index.name = "chance"
    amounts = list(ordered.values())
    frame.insert(0, "appetite_usd", amounts)
    frame["chance_of_exceeding"] = [float(np.mean(sample > usd)) for usd in amounts]
    frame["inside"] = frame["model_usd"] <= frame["appetite_usd"]
    return frame


def level_of(chance: float) -> float:
    """Return the level of the quantile that is exceeded with a probability.

    Parameters
    ----------
    chance
        Of exceeding it. (0, 1)

    Returns
    -------
    [0, 1]. Without the last bits of 1 - 0.95, so that it is the level of the other tables.
    """
    return round(1 - chance, 12)


def _exceeded(ordered: Array, tail: Array, chance: float, ranks: float) -> dict[str, float]:
    """Row of the curve from sorted values and means beyond each; ``ranks`` is half the band's width."""
    # The value at risk is the quantile that every other table prints (``formatting.tables.summary``).
    last, at = len(ordered) - 1, (len(ordered) - 1) * (1 - chance)
    # 1e-9 keeps n (1 - chance) from being lifted to the next whole number by rounding.
    beyond = min(last, int(np.ceil(len(ordered) * (1 - chance) - 1e-9)))
    lower, upper = max(0, int(np.floor(at - ranks))), min(last, int(np.ceil(at + ranks)))
    return {
        "var_usd": float(np.quantile(ordered, level_of(chance))),
        "tvar_usd": float(tail[beyond]),
        "band_low_usd": float(ordered[lower]),
        "band_high_usd": float(ordered[upper]),
    }
