"""Draw one value of each parameter per replicate, and record which parameters were used.

A parameter is drawn by inverse distribution function of one uniform number per replicate, which its name
addresses. *Sobol* numbers are coordinates of points that are spread evenly (``points``): the dimension of a
parameter is the place of its name in a stored order (``order``). *Plain* ones are independent, from the
stream ``("parameter", its name)``; a name without a dimension has plain ones, too. With posterior rows, the
numbers of the parameters in them are those of one row, which one more coordinate picks: they move together.
Repeated calls give the same draws. Drawing one more parameter does not change the others.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.draws.points import coordinates, dimension_of, scramble_of
from breach_sim.engine.draws.streams import check_seed, uniforms
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.links import correlated, mixing
from breach_sim.inputs.numbers.overrides import Overrides
from breach_sim.inputs.numbers.posterior import ROW, Posterior
from breach_sim.inputs.numbers.rules import UNITS

REPLICATES = 8_192
"""Default number of replicates: 8 x 1,024 points."""
FEWER_REPLICATES = 2_048
"""Default where the answer is a mean, of one person or of each of up to 2**20 bundles: 8 x 256 points."""
SAMPLINGS = ("sobol", "plain")
"""Ways of drawing the uniform numbers of parameters; the first is the default."""
FEW = 1_024
"""Replicates up to which draws are kept from one run to the next: many small breaches share most of them."""


@lru_cache(maxsize=1024)
def _drawn(estimate: Estimate, seed: int, replicates: int, sampling: str) -> Array:
    """Draw a parameter. Depends only on the arguments, so it is cached. Shape (R,), read-only."""
    draws = estimate.ppf(_chances(estimate.name, seed, replicates, sampling))
    draws.flags.writeable = False
    return draws


def _chances(name: str, seed: int, replicates: int, sampling: str) -> Array:
    """Uniform numbers of a parameter or of a table of kinds. Shape (R,)."""
    dimension = dimension_of(name) if sampling == "sobol" else None
    if dimension is None:
        return uniforms(seed, "parameter", name, size=replicates)
    return coordinates(seed, dimension, replicates)


def check_sampling(sampling: str) -> str:
    """Return the way of drawing parameters if there is one of this name.

    Parameters
    ----------
    sampling
        ``"sobol"`` or ``"plain"``.

    Returns
    -------
    The same.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if sampling not in SAMPLINGS:
        raise ValueError(unknown("sampling", str(sampling), SAMPLINGS, "the ways to draw parameters"))
    return sampling


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
    sampling
        ``"sobol"``: replicate r is point r // 8 of scramble r mod 8; ``"plain"``: independent replicates.
    posterior
        Rows that replace the uniform numbers of the parameters in them; None draws every prior. ``chances``
        of a name, or of the row, go before it.

    Raises
    ------
    ValueError
        If the seed or the sampling is not valid.
    """

    def __init__(
        self,
        seed: int,
        replicates: int,
        overrides: Mapping[str, float | Array] | None = None,
        chances: Mapping[str, Array] | None = None,
        *,
        sampling: str = SAMPLINGS[0],
        posterior: Posterior | None = None,
    ) -> None:
        self.seed = check_seed(seed)
        self.replicates = replicates
        self.posterior = posterior
        self.sampling = check_sampling(sampling)
        self._overrides = dict(overrides or {})
        self._chances = dict(chances or {})
        self._draws: dict[str, Array] = {}
        self._used: dict[str, Estimate] = {}
        self._whole: tuple[Parameters, slice] | None = None
        self._hard = False
        self._linked: Overrides | None = None
        self._mixing: Array | None = None

    def link(self, overrides: Overrides) -> Parameters:
        """Take over what a user says that parameters have in common; a second time changes nothing.

        Parameters
        ----------
        overrides
            With common factors and correlations; their parameters must not have been drawn.

        Returns
        -------
        These parameters.
        """
        if self._linked is None and (overrides.factors or overrides.correlations):
            self._linked = overrides
            self._mixing = mixing(overrides.correlations) if overrides.correlations else None
            if self._whole is not None:
                self._whole[0].link(overrides)
        return self

    def _factored(self, estimate: Estimate, draws: Array) -> Array:
        """Draws times the common factors that a user put on a parameter, inside the range of its unit."""
        factors = () if self._linked is None else self._linked.factors
        own = [factor.estimate for factor in factors if estimate.name in factor.parameters]
        for factor in own:
            draws = draws * self(factor)
        return np.minimum(draws, UNITS[estimate.unit]) if own else draws

    def _mixed(self, name: str) -> Array | None:
        """Uniform numbers of a parameter that a user correlated with others; None for all others."""
        if self._linked is None or self._mixing is None:
            return None
        names = correlated(self._linked.correlations)
        if name not in names:
            return None
        from scipy.special import ndtr, ndtri

        row = self._mixing[names.index(name)]
        scores = [weight * ndtri(self._own_chance(n)) for n, weight in zip(names, row, strict=True) if weight]
        return np.asarray(np.clip(ndtr(np.sum(scores, axis=0)), 2.0**-54, 1 - 2.0**-53))

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
        part = Parameters(
            self.seed,
            len(range(self.replicates)[rows]),
            sampling=self.sampling,
            posterior=self.posterior,
        )
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
            elif self._is_plain(name):
                draws = self._factored(estimate, _drawn(shape, self.seed, self.replicates, self.sampling))
            else:
                draws = self._factored(estimate, shape.ppf(self.chance(name)))
            draws.flags.writeable = False
            self._draws[name] = draws
        return self._draws[name]

    def certain(self, estimate: Estimate) -> float | None:
        """Return the number that a parameter has in every replicate, whatever its name.

        Parameters
        ----------
        estimate
            A parameter.

        Returns
        -------
        The number; None if it is uncertain, or set by its name in these draws.
        """
        if self._whole is not None:
            return self._whole[0].certain(estimate)
        known = estimate.is_certain and estimate.name not in self._overrides
        return float(estimate.central) if known else None

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
        mixed = self._mixed(name)
        return self._own_chance(name) if mixed is None else mixed

    def _own_chance(self, name: str) -> Array:
        """Uniform numbers of a parameter before any correlation."""
        if name in self._chances:
            return self._chances[name]
        if self.posterior is not None and name in self.posterior:
            return self.posterior.at(name, self.chance(ROW))
        return _chances(name, self.seed, self.replicates, self.sampling)

    def _is_plain(self, name: str) -> bool:
        """Whether the draws depend on nothing but the name, so that other runs can use them."""
        return (
            self.replicates <= FEW and not self._chances and not self._fitted(name) and self._mixing is None
        )

    def _fitted(self, name: str) -> bool:
        """Whether the posterior rows hold a parameter."""
        return self.posterior is not None and name in self.posterior

    @property
    def scramble(self) -> NDArray[np.int64] | None:
        """Number of the scramble of each replicate, shape (R,) [0, 8); None with plain draws."""
        if self.sampling == "plain":
            return None
        if self._whole is not None and self._whole[0].scramble is not None:
            return self._whole[0].scramble[self._whole[1]]
        return scramble_of(self.replicates)

    @property
    def used(self) -> tuple[Estimate, ...]:
        """Parameters drawn so far, in the order of first use."""
        return tuple(self._used.values())


class JoinedParameters(Parameters):
    """Draws of several worlds, one behind the other, as those of one run.

    One law then holds several readings of the parameters: its replicates are those of the first world, then
    those of the second, and so on. What the worlds share, such as the sets of known routes, is found once.

    Parameters
    ----------
    worlds
        At least one. Each has its own replicates, overrides and posterior rows.
    """

    def __init__(self, worlds: Sequence[Parameters]) -> None:
        super().__init__(worlds[0].seed, sum(world.replicates for world in worlds))
        self._worlds = tuple(worlds)

    def link(self, overrides: Overrides) -> Parameters:
        """Take over in all worlds what a user says that parameters have in common."""
        for world in self._worlds:
            world.link(overrides)
        return self

    def __call__(self, estimate: Estimate) -> Array:
        """Return the draws of one parameter in all worlds. Shape (R,), read-only."""
        name = estimate.name
        known = self._used.setdefault(name, estimate)
        if known is not estimate and known != estimate:
            raise ValueError(f"two different parameters are named {name!r}; names must differ")
        if name not in self._draws:
            draws = np.concatenate([world(estimate) for world in self._worlds])
            draws.flags.writeable = False
            self._draws[name] = draws
        return self._draws[name]

    def certain(self, estimate: Estimate) -> float | None:
        """Return the number that a parameter has in all worlds; None if there is no such number."""
        numbers = {world.certain(estimate) for world in self._worlds}
        return numbers.pop() if len(numbers) == 1 else None

    def choose(self, name: str, shares: Sequence[Estimate]) -> NDArray[np.int64]:
        """Draw one of several kinds per replicate, in all worlds. Shape (R,)."""
        return np.concatenate([world.choose(name, shares) for world in self._worlds])

    def chance(self, name: str) -> Array:
        """Return the uniform numbers behind the draws of one parameter, in all worlds. Shape (R,). (0, 1)."""
        return np.concatenate([world.chance(name) for world in self._worlds])
