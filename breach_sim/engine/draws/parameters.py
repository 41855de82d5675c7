"""Draw one value of each parameter per replicate, and record which parameters were used.

A parameter is drawn by inverse distribution function from the stream ``("parameter", its name)``. Repeated
calls give the same draws. Drawing one more parameter does not change the others.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.draws.streams import check_seed, uniforms
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.numbers.estimates import Estimate

FEW = 1_000
"""Replicates up to which draws are kept from one run to the next: many small breaches share most of them."""


@lru_cache(maxsize=1024)
def _drawn(estimate: Estimate, seed: int, replicates: int) -> Array:
    """Draw a parameter. Depends only on the arguments, so it is cached. Shape (R,), read-only."""
    draws = estimate.ppf(uniforms(seed, "parameter", estimate.name, size=replicates))
    draws.flags.writeable = False
    return draws


class Parameters:
    """Draws of the parameters of one run.

    Parameters
    ----------
    seed
        Whole number. [0, 2**63)
    replicates
        Number of draws of each parameter, R. [1, inf)
    overrides
        Values that replace the draws of named parameters, each a number or an array of shape (R,).
    chances
        Uniform numbers that replace those of named streams, tables of kinds included. Shape (R,). (0, 1)
    """

    def __init__(
        self,
        seed: int,
        replicates: int,
        overrides: Mapping[str, float | Array] | None = None,
        chances: Mapping[str, Array] | None = None,
    ) -> None:
        self.seed = check_seed(seed)
        self.replicates = replicates
        self._overrides = dict(overrides or {})
        self._chances = dict(chances or {})
        self._draws: dict[str, Array] = {}
        self._used: dict[str, Estimate] = {}
        self._whole: tuple[Parameters, slice] | None = None
        self._hard = False

    def part(self, rows: slice) -> Parameters:
        """Return the same draws for some of the replicates.

        Parameters
        ----------
        rows
            Which replicates, from start to stop.

        Returns
        -------
        Parameters with one replicate per row.
        """
        part = Parameters(self.seed, len(range(self.replicates)[rows]))
        part._whole = (self, rows)
        return part

    def hardened(self) -> Parameters:
        """Return the draws that the same uniform numbers give where low and high are hard ends.

        Returns
        -------
        Parameters with nothing drawn yet. Common drivers are left out of the graph instead.
        """
        hard: Parameters = copy.copy(self)
        hard._draws, hard._used, hard._hard = {}, {}, True
        if self._whole is not None:
            hard._whole = (self._whole[0].hardened(), self._whole[1])
        return hard

    def __call__(self, estimate: Estimate) -> Array:
        """Return the draws of one parameter.

        Parameters
        ----------
        estimate
            The parameter; its name names the stream.

        Returns
        -------
        Shape (R,), read-only, in the unit of the estimate.

        Raises
        ------
        ValueError
            If a different parameter of the same name was drawn before.
        """
        name = estimate.name
        known = self._used.setdefault(name, estimate)
        if known is not estimate and known != estimate:
            raise ValueError(f"two different parameters are named {name!r}; names must differ")
        if name not in self._draws:
            shape = estimate.hardened() if self._hard else estimate
            if self._whole is not None:
                draws = self._whole[0](estimate)[self._whole[1]]
            elif name in self._overrides:
                draws = np.full(self.replicates, self._overrides[name])
            elif estimate.is_certain:
                draws = np.full(self.replicates, estimate.central)
            elif self.replicates <= FEW and not self._chances:
                draws = _drawn(shape, self.seed, self.replicates)
            else:
                draws = shape.ppf(self.chance(name))
            draws.flags.writeable = False
            self._draws[name] = draws
        return self._draws[name]

    def choose(self, name: str, shares: Sequence[Estimate]) -> NDArray[np.int64]:
        """Draw one of several kinds per replicate.

        Parameters
        ----------
        name
            Name of the table, which names the stream.
        shares
            Probability of each kind, in order; they sum to 1. [share]

        Returns
        -------
        Number of the kind: the first whose cumulated probability exceeds the uniform number. Shape (R,).
        """
        if self._whole is not None:
            return self._whole[0].choose(name, shares)[self._whole[1]]
        edges = np.cumsum([self(share)[0] for share in shares])
        edges[-1] = 1.0
        return np.searchsorted(edges, self.chance(name), side="right").astype(np.int64)

    def chance(self, name: str) -> Array:
        """Return the uniform numbers behind the draws of one parameter or table.

        Parameters
        ----------
        name
            Its name.

        Returns
        -------
        Shape (R,). (0, 1)
        """
        if self._whole is not None:
            return self._whole[0].chance(name)[self._whole[1]]
        if name in self._chances:
            return self._chances[name]
        return uniforms(self.seed, "parameter", name, size=self.replicates)

    @property
    def used(self) -> tuple[Estimate, ...]:
        """Parameters drawn so far, in the order of first use."""
        return tuple(self._used.values())
