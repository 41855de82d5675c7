"""Cells: how many accounts of each segment lost which set of fields.

A *cell* is a segment and a set of leaked fields with the number of accounts that it holds. A scenario of
any size is a few dozen cells, so the cost of everything above does not depend on the number of accounts.
With uncertain coverages the cells of a segment have a weight per replicate (:func:`mask_weights`); with
central coverages they are whole numbers (:func:`expose`).

Cells may also be counted from records (:func:`counted`, called by ``interop.records``). Any exposure turns
into a scenario whose segments are its cells (:func:`scenario_of_cells`), so that what is known exactly is
simulated exactly: no coverage, no independence between fields.

Within a cell accounts are exchangeable. Differences between people become a segment, a trait or an
estimate, never a hidden loop.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting import html
from breach_sim.formatting.arrays import Array
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.estimates import USER, Estimate
from breach_sim.inputs.scenario import Scenario, apportion
from breach_sim.inputs.segment import MAX_BLOCKS as MOST_BLOCKS
from breach_sim.inputs.segment import Event, Leak, Segment

if TYPE_CHECKING:
    import pandas as pd

Draw = Callable[[Estimate], Array]
MAX_BLOCKS = 12
"""Most partly leaked blocks per segment that attacks may read: 2**12 masks."""
_SCALE = 10**12
_CENTRAL = "Cells at central coverages: the doubt about how many accounts lost which fields is left out."
_CERTAIN = Estimate.fixed("cells.coverage", 1.0, "share")
"""Coverage of every field in a cell: one number, however many cells there are."""
_SHOWN_ROWS = 60
"""Cells that a notebook shows."""
_SHOWN = 3
"""Fields of a cell that its label names before it counts the rest."""


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Exposure:
    """Cells: of a scenario at central coverages, or counted from records.

    Parameters
    ----------
    scenario
        Where the cells come from; of counted cells, the scenario whose segments they are.
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

    def __repr__(self) -> str:
        return (
            f"Exposure of {self.scenario.title}: {self.accounts.sum():,} accounts in {len(self.masks)} cells"
        )

    def _repr_html_(self) -> str:
        cells = self.table()
        rows = cells.head(_SHOWN_ROWS).itertuples(index=False, name=None)
        more = [f"and {len(cells) - _SHOWN_ROWS:,} cells more: .table()"] if len(cells) > _SHOWN_ROWS else []
        return html.table(rows, list(cells.columns), caption=repr(self), notes=more)

    @property
    def groups(self) -> tuple[str, ...]:
        """Segment of each cell; of counted cells, the one that stood in the records. Shape (C,)."""
        named = (self.scenario.segments[i].name for i in self.segments)
        return tuple(
            name.removesuffix(_suffix(mask)) for name, mask in zip(named, self.masks.tolist(), strict=True)
        )

    def table(self) -> pd.DataFrame:
        """The cells as a table.

        Returns
        -------
        One row a cell: segment, kind, fields (names joined by commas), accounts.
        """
        import pandas as pd

        columns = {
            "segment": self.groups,
            "kind": [self.scenario.segments[i].kind for i in self.segments],
            "fields": [", ".join(vocabulary.names(mask)) for mask in self.masks.tolist()],
            "accounts": self.accounts,
        }
        return pd.DataFrame(columns)

    def to_json(self) -> str:
        """The cells as one JSON document.

        Returns
        -------
        Name, accounts, and the cells with segment, kind, fields and accounts.
        """
        rows = self.table().to_dict("records")
        cells = [
            row | {"fields": list(vocabulary.names(m))}
            for row, m in zip(rows, self.masks.tolist(), strict=True)
        ]
        whole = {"name": self.scenario.name, "accounts": int(self.accounts.sum()), "cells": cells}
        return json.dumps(whole, indent=2)

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


def counted(
    cells: Mapping[tuple[str, int], int], kinds: Mapping[str, str], name: str, notes: Iterable[str] = ()
) -> Exposure:
    """Exposure of cells that somebody has counted.

    Parameters
    ----------
    cells
        From segment and leaked fields [bit set] to accounts, each at least 1.
    kinds
        Kind of every segment.
    name
        Name of the scenario that they make up.
    notes
        Cautions for every table of results.

    Returns
    -------
    Cells in the order of segments, then masks. Each is a segment of the exposure's own scenario, every field
    of its mask leaked for certain; so ``expose(exposure.scenario)`` gives the same cells.

    Raises
    ------
    ValueError
        If there is no cell, a mask has a bit of no field, or a number or a kind is none.
    """
    segments = []
    for group, bits in sorted(cells):
        cell = Segment(name=group, accounts=cells[group, bits], leaks=(), kind=kinds[group], sources=(USER,))
        segments.append(_as_cell(cell, bits, cells[group, bits], f"{group}: {_fields_text(bits)}"))
    scenario = Scenario(name=name, segments=tuple(segments), notes=tuple(notes))
    return Exposure(
        scenario=scenario,
        segments=np.arange(len(segments)),
        masks=np.array([bits for _, bits in sorted(cells)], dtype=np.uint64),
        accounts=np.array([segment.accounts for segment in segments], dtype=np.int64),
    )


def scenario_of_cells(exposure: Exposure, alike: NDArray[np.uint64] | None = None) -> Scenario:
    """Scenario whose segments are the cells of an exposure, their fields leaked for certain.

    Parameters
    ----------
    exposure
        Cells of a scenario, or counted ones.
    alike
        Cells of one segment with equal numbers here become one, if anything leaked in both or in neither
        (``attacks.open_fields`` gives what no attack can tell apart). Shape (C,). [bit set]

    Returns
    -------
    Kinds, events, notes and sources are those of the exposure's scenario. A cell is named after its segment
    and mask, so its luck does not depend on the other cells. Where cells became one, the fields that all
    have in common stand for each, and a note says so.
    """
    old = exposure.scenario
    named = {name for event in old.events for name in event.segments}
    found: dict[tuple[str, int, bool], list[int]] = {}
    keys = exposure.masks if alike is None else alike
    for cell, (group, key) in enumerate(zip(exposure.groups, keys.tolist(), strict=True)):
        own = old.segments[exposure.segments[cell]].name
        found.setdefault((own if own in named else group, key, bool(exposure.masks[cell])), []).append(cell)
    segments: list[Segment] = []
    heirs: dict[str, list[str]] = {name: [] for name in named}
    for (group, _, _), cells in found.items():
        parent = old.segments[exposure.segments[cells[0]]]
        segments.append(_merged(exposure, dataclasses.replace(parent, name=group), cells))
        heirs.get(group, []).append(segments[-1].name)
    doubt = any(not leak.coverage.is_certain for segment in old.segments for leak in segment.leaks)
    return dataclasses.replace(
        old,
        segments=tuple(segments),
        events=tuple(_handed_on(event, heirs) for event in old.events),
        notes=(*old.notes, *[_CENTRAL][: int(doubt)]),
    )


def _merged(exposure: Exposure, parent: Segment, cells: list[int]) -> Segment:
    """One segment for cells that nothing tells apart."""
    masks = exposure.masks[cells]
    bits = int(np.bitwise_and.reduce(masks)) or int(masks.min()) & -int(masks.min())
    accounts = int(exposure.accounts[cells].sum())
    if len(cells) == 1:
        return _as_cell(parent, bits, accounts, f"{_title(exposure, cells[0], parent)}: {_fields_text(bits)}")
    note = (
        f"{len(cells)} sets of leaked fields that no attack tells apart; {_fields_text(bits)} stands for all."
    )
    cell = dataclasses.replace(parent, note=" ".join(filter(None, (parent.note, note))))
    return _as_cell(
        cell, bits, accounts, f"{_title(exposure, cells[0], parent)}: {_fields_text(bits)} and others"
    )


def _title(exposure: Exposure, cell: int, parent: Segment) -> str:
    """Label of the segment that a cell belongs to."""
    counted_cell = exposure.scenario.segments[exposure.segments[cell]].name != parent.name
    return parent.name if counted_cell else parent.title


def _as_cell(parent: Segment, bits: int, accounts: int, label: str) -> Segment:
    """The part of a segment that lost exactly these fields."""
    name = parent.name + _suffix(bits)
    leaks = (Leak(fields=vocabulary.names(bits), coverage=_CERTAIN),) if bits else ()
    return dataclasses.replace(parent, name=name, accounts=accounts, leaks=leaks, label=label)


def _suffix(bits: int) -> str:
    return f"/{bits:#x}"


def _fields_text(bits: int) -> str:
    """A set of fields in a few words."""
    names = vocabulary.names(bits)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more or "nothing"


def _handed_on(event: Event, heirs: Mapping[str, list[str]]) -> Event:
    """The event for the cells of the segments that it touched."""
    return dataclasses.replace(event, segments=tuple(cell for name in event.segments for cell in heirs[name]))


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
        # Blocks are independent given the segment: every mask splits in two.
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
