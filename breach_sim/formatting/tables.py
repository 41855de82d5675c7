"""Tables of samples: quantiles, medians with intervals, and notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.digits import earned, human
from breach_sim.formatting.errors import mean_error, quantile_error

if TYPE_CHECKING:
    import pandas as pd

LEVELS = (0.05, 0.50, 0.95)
STATISTICS = ("p5", "p50", "p95", "mean")
"""Statistics given of every uncertain number, in this order."""


def summary(sample: NDArray[Any], expected: NDArray[Any] | None = None) -> dict[str, float]:
    """Return quantiles and mean of a sample.

    Parameters
    ----------
    sample
        Draws. Shape (R,).
    expected
        Expectations given the parameters, of which the mean is taken; shape (R,). None for a sample without
        luck, or one whose expectation has no closed form: the mean is then that of the draws.

    Returns
    -------
    ``p5``, ``p50``, ``p95`` and ``mean``.
    """
    p5, p50, p95 = (float(q) for q in np.quantile(sample, LEVELS))
    return {
        "p5": p5,
        "p50": p50,
        "p95": p95,
        "mean": float(np.mean(sample if expected is None else expected)),
    }


def standard_errors(
    sample: NDArray[Any], expected: NDArray[Any] | None = None, scramble: NDArray[np.int64] | None = None
) -> dict[str, float]:
    """Return the standard errors of what :func:`summary` gives.

    Parameters
    ----------
    sample, expected
        As for :func:`summary`.
    scramble
        Number of the scramble of each replicate, shape (R,); None for plain draws.

    Returns
    -------
    ``se_p5``, ``se_p50``, ``se_p95`` and ``se_mean``, in the unit of the sample. Infinite for one replicate.
    """
    values = np.asarray(sample, dtype=np.float64)
    levels = zip(STATISTICS, LEVELS, strict=False)
    errors = {f"se_{name}": quantile_error(values, level, scramble) for name, level in levels}
    return errors | {"se_mean": mean_error(values if expected is None else expected, scramble)}


def spread(sample: NDArray[Any], scramble: NDArray[np.int64] | None = None) -> str:
    """Return median and 90 % interval as text, each rounded to its own sampling error.

    Parameters
    ----------
    sample
        Draws. Shape (R,).
    scramble
        Number of the scramble of each replicate, shape (R,); None for plain draws.

    Returns
    -------
    Text such as ``"129,000 (29,000 to 640,000)"``; a single number if all draws are equal.
    """
    values = np.asarray(sample, dtype=np.float64)
    if np.ptp(values) == 0:
        return human(float(values[0]))
    low, middle, high = (
        earned(float(q), quantile_error(values, level, scramble, float(q)))
        for q, level in zip(np.quantile(values, LEVELS), LEVELS, strict=True)
    )
    median = human(middle)
    # Each figure is rounded by its own error, so that an end may land on the wrong side of the median.
    below, above = human(min(low, middle)), human(max(middle, high))
    return median if below == median == above else f"{median} ({below} to {above})"


def with_notes(frame: pd.DataFrame, notes: tuple[str, ...]) -> pd.DataFrame:
    """Return a table of text that shows notes below itself.

    Parameters
    ----------
    frame
        Table of text.
    notes
        Cautions, kept in ``attrs["notes"]``.

    Returns
    -------
    A table with the same cells. In a notebook an interval stands below its number.
    """
    from breach_sim.formatting.noted import NotedTable

    noted = NotedTable(frame)
    noted.attrs["notes"] = notes
    return noted


Row = tuple[Any, Mapping[str, Any]]


def table(
    rows: Sequence[Row], notes: tuple[str, ...], *, total: bool = False, index: str | None = None
) -> pd.DataFrame:
    """Build a table from labeled rows. Labels may be repeated.

    Parameters
    ----------
    rows
        Label, and values by column.
    notes
        Cautions, kept in ``attrs["notes"]``.
    total
        Whether to add a last row "total" with the sums of the others.
    index
        What the labels denote: name of the index.

    Returns
    -------
    One row per label, in order. Missing values are 0 if there is a total.
    """
    import pandas as pd

    frame = pd.DataFrame([dict(values) for _, values in rows], index=[label for label, _ in rows])
    if total:
        frame = frame.fillna(0.0)
        frame = pd.concat([frame, pd.DataFrame([frame.sum(axis=0)], index=["total"])])
    frame.index.name = index
    frame.attrs["notes"] = notes
    return frame


def two_level(
    rows: Sequence[Row], words: Sequence[str], notes: tuple[str, ...], *, index: str | None = None
) -> pd.DataFrame:
    """Build a table of samples by row and word, with four statistics each.

    Parameters
    ----------
    rows
        Label, and by word a sample, or a pair of sample and expectations as for :func:`summary`. Shape (R,)
        each.
    words
        Order of the columns. A word that a row lacks gives missing values.
    notes
        Cautions, kept in ``attrs["notes"]``.
    index
        What the labels denote: name of the index.

    Returns
    -------
    One row per label; columns (word, "p5" | "p50" | "p95" | "mean").
    """
    import pandas as pd

    columns = pd.MultiIndex.from_product([words, STATISTICS], names=["word", "statistic"])
    missing = [np.nan] * len(STATISTICS)
    values = [
        [value for word in words for value in (_of(row[word]).values() if word in row else missing)]
        for _, row in rows
    ]
    frame = pd.DataFrame(values, index=[label for label, _ in rows], columns=columns)
    frame.index.name = index
    frame.attrs["notes"] = notes
    return frame


def _of(cell: NDArray[Any] | tuple[NDArray[Any], NDArray[Any]]) -> dict[str, float]:
    """Statistics of a sample, or of a pair of sample and expectations."""
    return summary(*cell) if isinstance(cell, tuple) else summary(cell)
