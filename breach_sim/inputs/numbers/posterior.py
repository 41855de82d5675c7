"""Posterior rows: joint draws of parameters that were fitted to data, as levels of their priors.

A *level* is the uniform number at which the inverse distribution function of a parameter's prior gives its
value. A row holds the levels of all fitted parameters of one draw, so that what they have in common is kept.
One uniform number per replicate picks the row (docs/model.md, 10.4).

Not here: the file (``catalog.evidence.calibration``), the fit (``analysis.nation``), and when a run takes
a level in place of a parameter's own uniform number (``engine.draws``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

ROW = "posterior.victims"
"""Name of the uniform number that picks the row, and of its dimension."""
STEPS = 1 << 16
"""Steps of a stored level: level k is the middle of the k-th of 65,536 cells of the unit interval."""


@dataclass(frozen=True, eq=False, repr=False)
class Posterior:
    """Rows of levels, in an order in which neighbors cause about the same harm.

    Parameters
    ----------
    names
        Names of the parameters, each once.
    levels
        Number of the cell of each level. Shape (rows, len(names)), 16 bits each. [0, 65,535]
    digest
        SHA-256 of the targets, the priors and the version of the fit, 64 hexadecimal digits.

    Raises
    ------
    ValueError
        If a name comes twice, there is no row, or the levels are not one column of 16 bits for each name.

    Examples
    --------
    >>> half = Posterior(("attacks.sim_swap.success",), np.full((4, 1), 32_767, dtype=np.uint16), "0" * 64)
    >>> half.at("attacks.sim_swap.success", np.array([0.1, 0.9])).round(4)
    array([0.5, 0.5])
    """

    names: tuple[str, ...]
    levels: NDArray[np.uint16]
    digest: str

    def __post_init__(self) -> None:
        if len(set(self.names)) != len(self.names):
            twice = next(name for name in self.names if self.names.count(name) > 1)
            raise ValueError(f"posterior rows name {twice!r} twice; each parameter has one column")
        shape = self.levels.shape
        if self.levels.dtype != np.uint16 or len(shape) != 2 or not shape[0] or shape[1] != len(self.names):  # noqa: PLR2004 - rows and columns
            raise ValueError(
                f"posterior rows have shape {shape} of {self.levels.dtype} for {len(self.names)} names; they "
                "must have at least one row, and one column of uint16 for each name"
            )
        self.levels.flags.writeable = False

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}

    def __contains__(self, name: object) -> bool:
        """Whether a parameter has a column."""
        return name in self._columns

    def __repr__(self) -> str:
        return f"Posterior({len(self):,} rows of {len(self.names)} parameters, {self.digest[:12]})"

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.levels)

    def without(self, names: Collection[str]) -> Posterior:
        """Return the rows without the columns of some parameters, which then have their priors.

        Parameters
        ----------
        names
            Of parameters; those without a column are passed over.

        Returns
        -------
        The rows themselves if none of the parameters has a column.
        """
        kept = [place for place, name in enumerate(self.names) if name not in names]
        if len(kept) == len(self.names):
            return self
        return Posterior(tuple(self.names[place] for place in kept), self.levels[:, kept], self.digest)

    def at(self, name: str, chance: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the levels of one parameter in the rows that uniform numbers pick.

        Parameters
        ----------
        name
            Of a parameter with a column.
        chance
            Uniform numbers. Any shape. (0, 1)

        Returns
        -------
        Level in row floor(chance x rows). Same shape. (0, 1)
        """
        # Equation (40); a chance of almost 1 may round to the number of rows.
        row = np.minimum((np.asarray(chance) * len(self)).astype(np.int64), len(self) - 1)
        return np.asarray((self.levels[row, self._columns[name]] + 0.5) / STEPS)


def quantile(rows: Posterior | None, name: str, probability: float) -> float:
    """Return the level at which a parameter has a quantile of what is known of it.

    Parameters
    ----------
    rows
        Rows of fitted parameters; None where every parameter has its prior.
    name
        Of any parameter.
    probability
        [0, 1]

    Returns
    -------
    A level of the prior: the probability itself for a parameter without a column. [0, 1]
    """
    if rows is None or name not in rows:
        return probability
    levels = rows.at(name, (np.arange(len(rows)) + 0.5) / len(rows))
    return float(np.quantile(levels, probability))


def independent(rows: Posterior | None, names: Sequence[str]) -> tuple[str, ...]:
    """Return names that vary independently of each other.

    Parameters
    ----------
    rows
        Rows of fitted parameters; None where every parameter has its prior.
    names
        Of parameters.

    Returns
    -------
    The names, with one for the row in place of those that move together with it.
    """
    if rows is None or not any(name in rows for name in names):
        return tuple(names)
    return (*(name for name in names if name not in rows), ROW)
