"""Count the accounts of each segment that lost each set of fields.

A *cell* is a segment, a set of leaked fields, and the number of accounts that lost exactly this set. A
scenario of any size has a few dozen cells, so the cost of a run does not depend on the number of accounts.
With uncertain coverages the cells of a segment have a weight per replicate (:func:`mask_weights`). With
central coverages they are whole numbers (:func:`expose`).

Cells may also be counted from records (:func:`counted`, called by ``interop.records``). Any exposure can be
turned into a scenario whose segments are its cells (:func:`scenario_of_cells`). Exact counts are then
simulated exactly, without coverages and without assuming that fields leak independently.

Accounts of a cell are exchangeable. Model differences between people as segments, traits or estimates.
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
from breach_sim.inputs.numbers.estimates import USER, Estimate
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
    """Cells of a scenario at central coverages, or counted from records.

    Parameters
    ----------
    scenario
        Scenario of the cells. For counted cells, the scenario whose segments are the cells.
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
        """Segment of each cell; for counted cells, the segment named in the records. Shape (C,)."""
        named = (self.scenario.segments[i].name for i in self.segments)
        return tuple(
            name.removesuffix(_suffix(mask)) for name, mask in zip(named, self.masks.tolist(), strict=True)
        )

    def table(self) -> pd.DataFrame:
        """Return the cells as a table.

        Returns
        -------
        One row per cell: segment, kind, fields (names joined by commas), accounts.
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
        """Return the cells as one JSON document.

        Returns
        -------
        Name, accounts, the cells with segment, kind, fields and accounts, notes, and what was not read.
        """
        rows = self.table().to_dict("records")
        cells = [
            row | {"fields": list(vocabulary.names(m))}
            for row, m in zip(rows, self.masks.tolist(), strict=True)
        ]
        whole = {"name": self.scenario.name, "accounts": int(self.accounts.sum()), "cells": cells}
        whole |= {
            "notes": list(self.scenario.all_notes),
            "left_out": [dataclasses.asdict(part) for part in self.scenario.left_out],
        }
        return json.dumps(whole, indent=2)

    def holding(self, bits: int) -> int:
        """Return the number of accounts that lost all fields of a set.

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
        """Return the number of accounts that lost all fields of at least one of the sets.

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
        """Return the number of accounts that lost at least one field of a set.

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
    """Return the cells of a scenario, with every coverage at its central value.

    Parameters
    ----------
    scenario
        What leaked for whom.

    Returns
    -------
    Non-empty cells. Accounts are apportioned by largest remainder.

    Raises
    ------
    ValueError
        If a segment has more partly leaked blocks than allowed.
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
    """Build an exposure from counted cells.

    Parameters
    ----------
    cells
        Number of accounts, at least 1, by segment and leaked fields [bit set].
    kinds
        Kind of every segment.
    name
        Name of the resulting scenario.
    notes
        Cautions for every table of results.

    Returns
    -------
    Cells in the order of segments, then masks. Each cell is a segment of the exposure's own scenario in which
    every field of the mask leaked with certainty, so ``expose(exposure.scenario)`` gives the same cells.

    Raises
    ------
    ValueError
        If there is no cell, a mask has an unknown bit, or a number or a kind is invalid.
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
    """Turn an exposure into a scenario with one segment per cell, its fields leaked with certainty.

    Parameters
    ----------
    exposure
        Cells of a scenario, or counted ones.
    alike
        Cells of one segment with equal values are merged, unless something leaked in one and nothing in the
        other. ``attacks.open_fields`` gives values that merge what no attack can distinguish. Shape (C,).
        [bit set]

    Returns
    -------
    Kinds, events, notes and sources are those of the exposure's scenario. A cell is named after its segment
    and mask, so its random draws do not depend on the other cells. Merged cells keep the fields that they
    have in common, and a note says so.
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
    """Return the weight of each set of leaked fields in a segment, per replicate.

    Parameters
    ----------
    segment
        Blocks and coverages.
    relevant
        Fields to distinguish; all if None. Blocks without such a field do not split cells.
    draw
        Gives the draws of a coverage. Shape (R,). [share]
    most
        Maximum number of partly leaked blocks (coverage neither 0 nor 1).

    Returns
    -------
    Weight by mask. Shape (R,) each; the weights sum to 1 in every replicate.

    Raises
    ------
    ValueError
        If the segment has more partly leaked blocks than ``most``.

    Notes
    -----
    After the blocks, withheld fields are removed from the masks of their share of the accounts. In a cell of
    several breaches, what a breach withheld is removed from what leaked in that breach.
    """
    weights: dict[int, Array] = {0: np.ones(1)}
    for own in mask_weights_by_breach(segment, relevant, draw, most).values():
        weights = _joined(weights, own)
    for withheld in segment.withheld:
        if not withheld.breach:
            weights = _without(weights, withheld.bits, withheld.drawn(draw))
    return weights


def mask_weights_by_breach(
    segment: Segment, relevant: Iterable[str] | None, draw: Draw, most: int = MAX_BLOCKS
) -> dict[str, dict[int, Array]]:
    """Return the weight of each set of fields that leaked in each breach of a cell.

    Parameters
    ----------
    segment, relevant, draw, most
        As for :func:`mask_weights`.

    Returns
    -------
    By breach ("" in a segment that is no cell of several breaches), the weight by mask. Breaches are
    independent. What is withheld without a breach is not removed. Shape (R,) or (1,) each.

    Raises
    ------
    ValueError
        If the segment has more partly leaked blocks than ``most``.
    """
    wanted = None if relevant is None else set(relevant)
    blocks: dict[str, list[tuple[int, Array]]] = {leak.breach: [] for leak in segment.leaks}
    sure = dict.fromkeys(blocks, 0)
    for leak in segment.leaks:
        bits = vocabulary.mask(name for name in leak.fields if wanted is None or name in wanted)
        if not bits:
            continue
        if leak.coverage.is_certain and leak.coverage.central in (0.0, 1.0):
            sure[leak.breach] |= bits if leak.coverage.central else 0
        else:
            blocks[leak.breach].append((bits, draw(leak.coverage)))
    count = sum(map(len, blocks.values()))
    if count > most:
        raise ValueError(
            f"segments.{segment.name} has {count} partly leaked blocks that attacks read; at most "
            f"{most} are possible: put fields that leak together into one block"
        )
    found = {}
    for breach, partial in blocks.items():
        weights: dict[int, Array] = {sure[breach]: np.ones(1)}
        for bits, share in partial:
            # Blocks are independent given the segment, so each block splits every mask in two.
            weights = _joined(weights, {0: 1 - share, bits: share})
        for withheld in segment.withheld:
            if withheld.breach and withheld.breach == breach:
                weights = _without(weights, withheld.bits, withheld.drawn(draw))
        found[breach] = weights
    return found


def _joined(one: Mapping[int, Array], other: Mapping[int, Array]) -> dict[int, Array]:
    """Weights of the union of two independent sets of fields."""
    joined: dict[int, Array] = {}
    for bits, share in other.items():
        for mask, weight in one.items():
            part = weight * share
            joined[mask | bits] = joined[mask | bits] + part if mask | bits in joined else part
    return joined


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
    """Return the share of a segment's accounts that lost any field, per replicate.

    Parameters
    ----------
    segment
        Blocks and coverages.
    draw
        Gives the draws of a coverage. Shape (R,). [share]

    Returns
    -------
    Shape (R,), or (1,) if no coverage is uncertain. [share]
    """
    # By the fields taken from each breach; a segment of one breach has one entry, of the name "".
    breaches = tuple(dict.fromkeys(leak.breach for leak in segment.leaks))
    shares: dict[tuple[int, ...], Array] = {(0,) * len(breaches): np.ones(1)}
    for withheld in segment.withheld:
        share = withheld.drawn(draw)
        off = [withheld.bits if withheld.breach in {"", breach} else 0 for breach in breaches]
        now = {bits: weight * (1 - share) for bits, weight in shares.items()}
        for bits, weight in shares.items():
            taken = tuple(old | new for old, new in zip(bits, off, strict=True))
            now[taken] = now[taken] + weight * share if taken in now else weight * share
        shares = now
    total = np.zeros(1)
    for bits, weight in shares.items():
        spared = np.ones(1)
        for leak in segment.leaks:
            if vocabulary.mask(leak.fields) & ~bits[breaches.index(leak.breach)]:
                spared = spared * (1 - _coverage(leak, draw))
        total = total + weight * (1 - spared)
    return total


def _coverage(leak: Leak, draw: Draw) -> Array:
    return np.array([leak.coverage.central]) if leak.coverage.is_certain else draw(leak.coverage)
