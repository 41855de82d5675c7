"""Cells: how many accounts of each segment lost which set of fields.

A *cell* is a segment and a set of leaked fields with the number of accounts that it holds. A scenario of
any size is a few dozen cells, so the cost of everything above does not depend on the number of accounts.
With uncertain coverages the cells of a segment have a weight per replicate (:func:`mask_weights`); with
central coverages they are whole numbers (:func:`expose`).

Within a cell accounts are exchangeable. Differences between people become a segment, a trait or an
estimate, never a hidden loop.

Place in the corridor: above ``scenario`` and ``parameters``; a stranger to ``attacks``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from breach_sim import fields as vocabulary
from breach_sim.estimates import Estimate
from breach_sim.scenario import MAX_BLOCKS as MOST_BLOCKS
from breach_sim.scenario import Leak, Scenario, Segment, apportion

Array = NDArray[np.float64]
Draw = Callable[[Estimate], Array]
MAX_BLOCKS = 12
"""Most partly leaked blocks per segment that attacks may read: 2**12 masks."""
_SCALE = 10**12


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """Cells of a scenario at central coverages.

    Parameters
    ----------
    scenario
        Where the cells come from.
    segments
        Index of the segment of each cell. Shape (C,).
    masks
        Leaked fields of each cell. Shape (C,). [bit set]
    accounts
        Accounts in each cell, whole numbers; they sum to the segment. Shape (C,).
    """

    scenario: Scenario
    segments: NDArray[np.int64]
    masks: NDArray[np.uint64]
    accounts: NDArray[np.int64]

    def holding(self, bits: int) -> int:
        """Accounts that lost all fields of a set.

        Parameters
        ----------
        bits
            Set of fields. [bit set]

        Returns
        -------
        Whole number.
        """
        wanted = np.uint64(bits)
        return int(self.accounts[(self.masks & wanted) == wanted].sum())

    def holding_any(self, sets: Iterable[int]) -> int:
        """Accounts that lost all fields of at least one of some sets.

        Parameters
        ----------
        sets
            Sets of fields. [bit set]

        Returns
        -------
        Whole number.
        """
        found = np.zeros(len(self.masks), dtype=bool)
        for bits in sets:
            found |= (self.masks & np.uint64(bits)) == np.uint64(bits)
        return int(self.accounts[found].sum())

    def touching(self, bits: int) -> int:
        """Accounts that lost at least one field of a set.

        Parameters
        ----------
        bits
            Set of fields. [bit set]

        Returns
        -------
        Whole number.
        """
        return int(self.accounts[(self.masks & np.uint64(bits)) != 0].sum())


def expose(scenario: Scenario) -> Exposure:
    """Cells of a scenario, every coverage at its central value.

    Parameters
    ----------
    scenario
        What leaked for whom.

    Returns
    -------
    Cells; those without accounts are left out. Accounts are shared out by largest remainder.

    Raises
    ------
    ValueError
        If a segment has more partly leaked blocks than a scenario may have.
    """
    rows = []
    for index, segment in enumerate(scenario.segments):
        weights = mask_weights(segment, None, lambda coverage: np.array([coverage.central]), most=MOST_BLOCKS)
        shares = dict(sorted(weights.items()))
        parts = [round(float(weight[0]) * _SCALE) for weight in shares.values()]
        counts = apportion(parts, segment.accounts)
        rows += [(index, bits, count) for bits, count in zip(shares, counts, strict=True) if count]
    columns = list(zip(*rows, strict=True))
    return Exposure(
        scenario=scenario,
        segments=np.array(columns[0], dtype=np.int64),
        masks=np.array(columns[1], dtype=np.uint64),
        accounts=np.array(columns[2], dtype=np.int64),
    )


def mask_weights(
    segment: Segment, relevant: Iterable[str] | None, draw: Draw, most: int = MAX_BLOCKS
) -> dict[int, Array]:
    """Weight of each set of leaked fields in a segment, per replicate.

    Parameters
    ----------
    segment
        Blocks and coverages.
    relevant
        Fields to tell apart; all if None. Blocks without such a field do not split cells.
    draw
        Gives the draws of a coverage. Shape (R,). [share]
    most
        Most blocks that may be neither wholly leaked nor wholly kept.

    Returns
    -------
    From mask to weight. Shape (R,) each; they sum to 1 in every replicate.

    Raises
    ------
    ValueError
        If more blocks than that are neither wholly leaked nor wholly kept.

    Notes
    -----
    Withheld fields are taken out of the masks of their share of the accounts, after the blocks.
    """
    wanted = None if relevant is None else set(relevant)
    sure, partial = 0, []
    for leak in segment.leaks:
        bits = vocabulary.mask(name for name in leak.fields if wanted is None or name in wanted)
        if not bits:
            continue
        if leak.coverage.is_certain and leak.coverage.central in (0.0, 1.0):
            sure |= bits if leak.coverage.central else 0
        else:
            partial.append((bits, draw(leak.coverage)))
    if len(partial) > most:
        raise ValueError(
            f"segments.{segment.name} has {len(partial)} partly leaked blocks that attacks read; at most "
            f"{most} are possible: put fields that leak together into one block"
        )
    weights: dict[int, Array] = {sure: np.ones(1)}
    for bits, share in partial:
        grown = {mask: weight * (1 - share) for mask, weight in weights.items()}
        grown |= {mask | bits: weight * share for mask, weight in weights.items()}
        weights = grown
    for withheld in segment.withheld:
        weights = _without(weights, withheld.bits, withheld.drawn(draw))
    return weights


def _without(weights: dict[int, Array], bits: int, share: Array) -> dict[int, Array]:
    """Weights after a share of the accounts of every mask lost some fields of it."""
    left: dict[int, Array] = {}
    for mask, weight in weights.items():
        parts = [(mask, weight)] if not mask & bits else [(mask, weight * (1 - share))]
        parts += [(mask & ~bits, weight * share)] if mask & bits else []
        for kept, part in parts:
            left[kept] = left[kept] + part if kept in left else part
    return left


def exposed_share(segment: Segment, draw: Draw) -> Array:
    """Share of a segment's accounts that lost any field at all, per replicate.

    Parameters
    ----------
    segment
        Blocks and coverages.
    draw
        Gives the draws of a coverage. Shape (R,). [share]

    Returns
    -------
    Shape (R,), or (1,) where no coverage is uncertain. [share]
    """
    shares: dict[int, Array] = {0: np.ones(1)}
    for withheld in segment.withheld:
        share = withheld.drawn(draw)
        now = {bits: weight * (1 - share) for bits, weight in shares.items()}
        for bits, weight in shares.items():
            taken = bits | withheld.bits
            now[taken] = now[taken] + weight * share if taken in now else weight * share
        shares = now
    total = np.zeros(1)
    for bits, weight in shares.items():
        spared = np.ones(1)
        for leak in segment.leaks:
            if vocabulary.mask(leak.fields) & ~bits:
                spared = spared * (1 - _coverage(leak, draw))
        total = total + weight * (1 - spared)
    return total


def _coverage(leak: Leak, draw: Draw) -> Array:
    return np.array([leak.coverage.central]) if leak.coverage.is_certain else draw(leak.coverage)
