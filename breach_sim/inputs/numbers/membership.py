"""Who is in which of several breaches: the universe of their persons, and the accounts of one cell.

A *universe* holds the persons whom several breaches concern, with the sizes of the breaches and the overlap
of every pair. The accounts of a cell follow from it, and are uncertain where an overlap is.

Not here: the table of memberships (``overlaps``), and how cells are made (``catalog.unions``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.digits import human
from breach_sim.formatting.display import Displayable
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.overlaps import bounds, independent, membership_table

Draw = Callable[[Estimate], Array]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Universe(Displayable):
    """Persons whom several breaches concern.

    Parameters
    ----------
    persons
        How many, U. At least the accounts of the largest breach. [persons]
    breaches
        Names of the breaches, in alphabetical order. k of them.
    sizes
        Accounts of each.
    overlaps
        One entry for each pair, in the order of ``pairs``: the share of the smaller breach that is in the
        larger one too, or None where the two are independent. [share]
    """

    persons: float
    breaches: tuple[str, ...]
    sizes: tuple[int, ...]
    overlaps: tuple[Estimate | None, ...]

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Return the pairs of breaches, as places in ``breaches``."""
        return combinations(range(len(self.breaches)), 2)

    def bounds(self, pair: tuple[int, int]) -> tuple[float, float]:
        """Return the Fréchet bounds of the overlap of a pair; see :func:`overlaps.bounds`.

        Parameters
        ----------
        pair
            Places of the two breaches.

        Returns
        -------
        Lowest and highest overlap. [0, 1]
        """
        return bounds(self.sizes[pair[0]], self.sizes[pair[1]], self.persons)

    def independent(self, pair: tuple[int, int]) -> float:
        """Return the overlap of a pair if the two are independent.

        Parameters
        ----------
        pair
            Places of the two breaches.

        Returns
        -------
        Share of the smaller breach. [0, 1]
        """
        return independent(self.sizes[pair[0]], self.sizes[pair[1]], self.persons)

    def shares(self, draw: Draw) -> Array:
        """Return the share of the persons who are in exactly the breaches of every set.

        Parameters
        ----------
        draw
            Gives the draws of an overlap. Shape (R,) or (1,).

        Returns
        -------
        Row T is the set of breaches whose bits are set in T. Shape (2**k, R), or (2**k, 1) if no overlap is
        uncertain.

        Raises
        ------
        ValueError
            If no table has these overlaps.
        """
        given = {
            pair: draw(overlap)[:1] if overlap.is_certain else draw(overlap)
            for pair, overlap in zip(self.pairs(), self.overlaps, strict=True)
            if overlap is not None
        }
        return membership_table(self.sizes, self.persons, given)

    def in_any(self, draw: Draw) -> Array:
        """Return the persons who are in at least one of the breaches.

        Parameters
        ----------
        draw
            As for :meth:`shares`.

        Returns
        -------
        Shape (R,) or (1,). [persons]
        """
        return np.asarray(self.persons * (1.0 - self.shares(draw)[0]))

    def bounds_of_any(self) -> tuple[float, float]:
        """Return how few and how many persons can be in at least one of the breaches, whatever overlaps.

        Returns
        -------
        The largest breach; the sum of all, at most the universe. [persons]
        """
        return float(max(self.sizes)), float(min(self.persons, sum(self.sizes)))

    def summary(self) -> str:
        """Persons, and the breaches with their sizes."""
        named = ", ".join(f"{b} {human(n)}" for b, n in zip(self.breaches, self.sizes, strict=True))
        return f"{human(self.persons)} persons; {named}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Membership(Displayable):
    """Which persons of a universe a cell holds, and how many.

    Parameters
    ----------
    universe
        Persons and breaches.
    inside
        Breaches of the cell, a bit for each place in ``universe.breaches``. [bit set]
    share
        Share of the persons of these breaches, and of no others, who are in the segments of the cell. (0, 1]
    """

    universe: Universe
    inside: int
    share: float

    @property
    def breaches(self) -> tuple[str, ...]:
        """Names of the breaches of the cell."""
        return tuple(name for i, name in enumerate(self.universe.breaches) if self.inside >> i & 1)

    def accounts(self, shares: Array) -> Array:
        """Return the accounts of the cell.

        Parameters
        ----------
        shares
            What :meth:`Universe.shares` returned. Shape (2**k, R) or (2**k, 1).

        Returns
        -------
        Shape (R,) or (1,); no whole numbers. [accounts]
        """
        # Equation (27): persons, the share in exactly these breaches, the share of the segments.
        return np.asarray(self.universe.persons * shares[self.inside] * self.share)

    def summary(self) -> str:
        """Breaches of the cell, and its share of the persons in exactly these."""
        return f"in {' and '.join(self.breaches)} only; {self.share:.3g} of them"


def central(estimate: Estimate) -> Array:
    """Return the central value of an estimate, as draws of one replicate.

    Parameters
    ----------
    estimate
        Any.

    Returns
    -------
    Shape (1,).
    """
    return np.array([estimate.central])
