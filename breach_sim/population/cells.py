"""Assign each row to a cell and an account, by position instead of by random draws.

For each row number, this module computes its segment, its cell (segment and set of leaked fields), its
*place* (a permutation of the rows in which every cell is one contiguous range) and its account. Eight
consecutive rows form a *tile*. The tiles are permuted and each belongs to one segment; inside a segment the
rows are permuted again and split into its cells. The cells are therefore matched exactly, the first rows are
always an unbiased sample of tiles, and the rank of a row among all holders of a field is arithmetic.

A tile of a postpaid or former segment is cut into accounts of one to six lines by one of sixteen patterns;
all others hold eight single accounts. Rows that fill no tile of their segment (fewer than eight a segment)
make mixed tiles of single accounts. The account of a row is known by the row of its first line.

Not modeled: accounts with lines in several segments; people with two accounts.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.exposure import expose
from breach_sim.inputs.fields import mask
from breach_sim.inputs.scenario import Scenario, apportion
from breach_sim.population.draws.chance import UNIT, ArrayOps, Integers, Lookup, ScalarOps, WordStream
from breach_sim.population.draws.permutation import Shuffle, Uint32Array

TILE: Final = 8
"""Rows of a tile."""

# Lines of the accounts of a tile; assumed: 2.3 lines an account, one in six of the lines alone.
_PATTERNS: Final = (
    (4, 2, 1, 1), (2, 2, 2, 1, 1), (1, 3, 4), (5, 2, 1), (6, 1, 1), (3, 2, 2, 1), (1, 1, 1, 1, 4), (2, 1, 5),
    (1, 2, 4, 1), (2, 6), (3, 3, 1, 1), (1, 1, 2, 2, 1, 1), (4, 4), (1, 2, 5), (2, 3, 2, 1), (1, 1, 3, 1, 2),
)  # fmt: skip
MAX_LINES: Final = 6
"""Lines of an account, at most."""

CONTRACTS: Final = ("postpaid", "postpaid_family", "prepaid", "former", "prospect")
"""What `account_type` says. Postpaid accounts of two lines and more are family plans."""
POSTPAID, FAMILY, PREPAID, FORMER, PROSPECT = range(5)
_CONTRACT_OF_KIND: Final = {"postpaid": POSTPAID, "prepaid": PREPAID, "former": FORMER, "prospect": PROSPECT}
PREPAID_SHARE: Final = 0.25
"""Assumed share of prepaid tiles where a segment says only "customer"."""

_WAYS: Final = (*_PATTERNS, *_PATTERNS, (1,) * TILE)
"""Patterns of postpaid tiles, of former ones, and the one of all others."""
_FIRST_FORMER: Final = len(_PATTERNS)
_SINGLE: Final = 2 * len(_PATTERNS)
_SLOTS: Final = Lookup([slot for way in _WAYS for lines in way for slot in range(lines)])
_FAMILIES: Final = Lookup(
    [
        int(lines > 1 and number < _FIRST_FORMER)
        for number, way in enumerate(_WAYS)
        for lines in way
        for _ in range(lines)
    ]
)
"""1 where the contract is that of a family plan."""
_FEW: Final = 8


@dataclass(frozen=True, slots=True)
class Positions:
    """Positions of rows: one number each, or arrays of n.

    Parameters
    ----------
    row
        Row number.
    cell
        Number of the cell.
    place
        Place of the row in the order of cells.
    contract
        Number in `CONTRACTS`.
    slot
        Number of the line in its account, starting at 0.
    """

    row: Any
    cell: Any
    place: Any
    contract: Any
    slot: Any


class Cells:
    """Cells of a scenario, laid out over rows.

    Parameters
    ----------
    scenario
        The leaked fields, at central coverages.
    seed
        Seed of the population.
    rows
        Number of rows, at least 1.
    """

    def __init__(self, scenario: Scenario, seed: int, rows: int) -> None:
        exposure = expose(scenario)
        counts = apportion([int(count) for count in exposure.accounts], rows)
        kept = [number for number, count in enumerate(counts) if count]
        self.rows = rows
        self.seed = seed
        self.segments = Lookup([int(exposure.segments[number]) for number in kept])
        self.masks = [int(exposure.masks[number]) for number in kept]
        self.counts = [counts[number] for number in kept]
        self.names = [segment.name for segment in scenario.segments]
        self.bounds = Lookup(np.cumsum(self.counts))
        self._kinds = Lookup([_CONTRACT_OF_KIND.get(segment.kind, -1) for segment in scenario.segments])
        self._holders: dict[str, Integers] = {}
        self._contract = WordStream.named(seed, "contract")
        self._pattern = WordStream.named(seed, "pattern")
        self._lay_tiles()

    def _lay_tiles(self) -> None:
        """Apportion the tiles to segments, and the remaining single rows."""
        sizes = [0] * len(self.names)
        for segment, count in zip(self.segments.numbers, self.counts, strict=True):
            sizes[segment] += count
        self._starts = Lookup([sum(sizes[:number]) for number in range(len(sizes))])
        self._sizes = sizes
        tiles = [size // TILE for size in sizes]
        self._tile_bounds = Lookup(list(accumulate(tiles)))
        self._tile_starts = Lookup([0, *accumulate(tiles)][:-1])
        self._whole_tiles = sum(tiles)
        self._left_bounds = np.cumsum([size % TILE for size in sizes]).tolist()
        self._n_tiles = self.rows // TILE
        self._order = Shuffle(max(self._n_tiles, 1), self.seed, "tiles")
        many = [segment for segment in set(self.segments.numbers) if self.segments.numbers.count(segment) > 1]
        self._mixed = {segment: Shuffle(sizes[segment], self.seed, f"cells/{segment}") for segment in many}
        self._own_bounds = {
            segment: [
                b for b, s in zip(self.bounds.numbers, self.segments.numbers, strict=True) if s == segment
            ][:-1]
            for segment in many
        }
        first = {segment: cell for cell, segment in reversed(list(enumerate(self.segments.numbers)))}
        self._first_cell = Lookup([first.get(segment, 0) for segment in range(len(sizes))])

    def holders(self, field: str) -> Integers:
        """Return whether the rows of each cell lost a field.

        Parameters
        ----------
        field
            Name in the vocabulary.

        Returns
        -------
        array of 0 and 1
            One a cell.
        """
        if field not in self._holders:
            bit = mask([field])
            self._holders[field] = np.array(
                [int(bool(leaked & bit)) for leaked in self.masks], dtype=np.int64
            )
        return self._holders[field]

    def n_holders(self, field: str) -> int:
        """Return the number of rows that lost a field.

        Parameters
        ----------
        field
            Name in the vocabulary.

        Returns
        -------
        int
            From 0 to all rows.
        """
        return int((self.holders(field) * np.array(self.counts)).sum())

    def rank_shifts(self, field: str) -> Lookup:
        """Return the shift from a place to its rank among the holders of a field.

        Parameters
        ----------
        field
            Name in the vocabulary.

        Returns
        -------
        Lookup
            One number per cell; valid only for cells that lost the field.
        """
        others = (1 - self.holders(field)) * np.array(self.counts)
        return Lookup(np.cumsum(others) - others)

    # One row ----------------------------------------------------------------

    def position(self, row: int) -> Positions:
        """Return the position of one row.

        Parameters
        ----------
        row
            In [0, rows).

        Returns
        -------
        Positions
            Position as whole numbers.
        """
        tile, position = divmod(row, TILE)
        turn = self._order.place(tile) if tile < self._n_tiles else tile
        if turn < self._whole_tiles:
            segment = bisect_right(self._tile_bounds.numbers, turn)
            rank = (turn - self._tile_starts.numbers[segment]) * TILE + position
        else:
            left = (turn - self._whole_tiles) * TILE + position
            segment = bisect_right(self._left_bounds, left)
            before = self._left_bounds[segment - 1] if segment else 0
            rank = self._sizes[segment] // TILE * TILE + left - before
        if segment in self._mixed:
            rank = self._mixed[segment].place(rank)
        place = self._starts.numbers[segment] + rank
        contract = self._contract_of(tile, segment)
        way = _SINGLE
        if contract in {POSTPAID, FORMER} and turn < self._whole_tiles:
            way = (ScalarOps.word(self._pattern, tile) >> 28) + (_FIRST_FORMER if contract == FORMER else 0)
        seat = way * TILE + position
        cell = bisect_right(self.bounds.numbers, place)
        contract += _FAMILIES.numbers[seat]
        return Positions(row, cell, place, contract, _SLOTS.numbers[seat])

    def _contract_of(self, tile: int, segment: int) -> int:
        kind = self._kinds.numbers[segment]
        if kind >= 0:
            return kind
        return PREPAID if ScalarOps.word(self._contract, tile) < _PREPAID_BELOW else POSTPAID

    # Many rows --------------------------------------------------------------

    def positions(self, rows: Uint32Array) -> Positions:
        """Return the positions of many rows; the same as `position` for each.

        Parameters
        ----------
        rows
            Row numbers in [0, rows); fastest in ascending order. Shape (n,).

        Returns
        -------
        Positions
            Positions as arrays of shape (n,).
        """
        tiles, spread = _tiles(rows)
        turns = self._turns(tiles)
        segments = self._segments_of(turns)
        contracts = self._contracts(tiles, segments)
        position = (rows & np.uint32(TILE - 1)).astype(np.int64)
        place, cell = self._placed(turns, segments, spread, position)
        contract = contracts.take(spread)
        cut = (contracts == POSTPAID) | (contracts == FORMER)
        if cut.any():
            ways = (ArrayOps.word(self._pattern, tiles) >> 28).astype(np.int64)
            ways += (contracts == FORMER) * _FIRST_FORMER
            seat = (ArrayOps.where(cut, ways, _SINGLE) * TILE).take(spread)
            seat += position
            slot = _SLOTS.array.take(seat)
            contract += _FAMILIES.array.take(seat)
        else:
            slot = np.zeros(len(rows), dtype=np.int64)
        positions = Positions(rows, cell, place, contract, slot)
        left = turns >= self._whole_tiles
        if left.any():
            self._place_leftovers(positions, left.take(spread))
        return positions

    def counts_of(self, rows: Uint32Array) -> Integers:
        """Count some rows by cell, without computing anything else.

        Parameters
        ----------
        rows
            Row numbers. Shape (n,).

        Returns
        -------
        array
            One number a cell.
        """
        tiles, spread = _tiles(rows)
        turns = self._turns(tiles)
        segments = self._segments_of(turns)
        left = turns >= self._whole_tiles
        if len(self._mixed) == 0 and not left.any():
            each = np.bincount(spread, minlength=len(tiles))
            cells = self._first_cell.array.take(segments)
            weighed = np.bincount(cells, weights=each, minlength=len(self.counts))
            return weighed.astype(np.int64)
        position = (rows & np.uint32(TILE - 1)).astype(np.int64)
        _, cell = self._placed(turns, segments, spread, position)
        for number in np.flatnonzero(left.take(spread)):
            cell[number] = self.position(int(rows[number])).cell
        return np.bincount(cell, minlength=len(self.counts))

    def _placed(
        self, turns: Integers, segments: Integers, spread: Integers, position: Integers
    ) -> tuple[Integers, Integers]:
        """Places and cells of rows; of rows in mixed tiles any."""
        starts = (turns - self._tile_starts.array.take(segments)) * TILE
        starts += self._starts.array.take(segments)
        place = starts.take(spread)
        place += position
        cell = self._first_cell.array.take(segments).take(spread)
        for segment, shuffle in self._mixed.items():
            whole = (segments == segment) & (turns < self._whole_tiles)
            own = np.flatnonzero(whole.take(spread))
            start = self._starts.numbers[segment]
            moved = shuffle.places((place.take(own) - start).astype(np.uint32)).astype(np.int64)
            moved += start
            place[own] = moved
            cell[own] = self._cells_of(moved, segment)
        return place, cell

    def _cells_of(self, place: Integers, segment: int) -> Integers:
        """Cells of places of one segment."""
        first = self._first_cell.numbers[segment]
        bounds = self._own_bounds[segment]
        if len(bounds) > _FEW:
            return first + np.searchsorted(bounds, place, side="right")
        cell = np.full(len(place), first, dtype=np.int64)
        for bound in bounds:
            cell += place >= bound
        return cell

    def _turns(self, tiles: Uint32Array) -> Integers:
        """Places of tiles; the last, if it is not whole, keeps its own."""
        turns = tiles.astype(np.int64)
        whole = tiles < self._n_tiles
        if whole.all():
            return self._order.places(tiles).astype(np.int64)
        turns[whole] = self._order.places(tiles[whole])
        return turns

    def _segments_of(self, turns: Integers) -> Integers:
        """Segments of tiles; for a mixed tile any."""
        bounds = self._tile_bounds.numbers
        if len(bounds) <= _FEW:
            segments = np.zeros(len(turns), dtype=np.int64)
            for bound in bounds[:-1]:
                segments += turns >= bound
            return segments
        return np.minimum(np.searchsorted(self._tile_bounds.array, turns, side="right"), len(bounds) - 1)

    def _contracts(self, tiles: Uint32Array, segments: Integers) -> Integers:
        kinds = self._kinds.array.take(segments)
        if (kinds >= 0).all():
            return kinds
        drawn = (ArrayOps.word(self._contract, tiles) < _PREPAID_BELOW) * PREPAID
        return ArrayOps.where(kinds < 0, drawn, kinds)  # type: ignore[no-any-return]

    def _place_leftovers(self, positions: Positions, left: NDArray[np.bool_]) -> None:
        """Seat the few rows of mixed tiles one by one."""
        for number in np.flatnonzero(left):
            one = self.position(int(positions.row[number]))
            positions.cell[number], positions.place[number] = one.cell, one.place
            positions.contract[number], positions.slot[number] = one.contract, one.slot


_PREPAID_BELOW: Final = round(PREPAID_SHARE * UNIT)


def _tiles(rows: Uint32Array) -> tuple[Uint32Array, Integers]:
    """Return the distinct tiles of ascending rows, or one tile per row; and each row's index in them."""
    tiles: Any = rows >> 3
    if len(rows) and int(rows[-1]) - int(rows[0]) == len(rows) - 1:
        first = tiles[0]
        spread = (tiles - first).astype(np.int64)
        distinct: Uint32Array = np.arange(first, int(tiles[-1]) + 1, dtype=np.uint32)
        return distinct, spread
    return tiles, np.arange(len(rows), dtype=np.int64)
