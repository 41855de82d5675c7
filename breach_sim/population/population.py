"""A population of synthetic subscribers: rows and blocks on demand, and exact counts without rows.

`Population` is a virtual table of up to 10**9 rows. Every value is a pure function of scenario, seed, number
of rows, locale, traits and row number, so slices, blocks and workers agree. A block is 65,536 rows, fixed in
the format.

Not here: files (`dataset`), the attributes of a row (`laws`), the leaked fields (`inputs.scenario`).
"""

from __future__ import annotations

import hashlib
import operator
import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, overload

import numpy as np

from breach_sim.engine.draws.streams import check_seed
from breach_sim.formatting.extras import installed, require
from breach_sim.formatting.html import card
from breach_sim.formatting.messages import shown
from breach_sim.inputs.scenario import Scenario
from breach_sim.population.blocks import Block, devices_block
from breach_sim.population.checks import checked_count, checked_rows, checked_table, checked_traits
from breach_sim.population.draws.chance import Integers
from breach_sim.population.draws.permutation import Shuffle, Uint32Array
from breach_sim.population.record import Record, devices_of, frame_of, record_of
from breach_sim.population.values.columns import BLOCK_ROWS, FORMAT, columns_of, schema_of
from breach_sim.population.values.locales import check_locale
from breach_sim.population.world import World, check_spaces

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from breach_sim.population.dataset.writer import Written

ARROW: Final = "blocks of subscribers"
MOST_ROWS: Final = 100_000
"""Rows of a frame that is made record by record, where PyArrow is missing."""


class Population:
    """Synthetic subscribers of a breach, none of whom can exist.

    Parameters
    ----------
    scenario
        Leaked fields by segment, at central coverages.
    seed
        Chooses among populations. [0, 2**63)
    rows
        Number of subscribers; by default one per account of the scenario. [1, 10**9], and no more than the
        distinct values of any leaked identifier.
    locale
        Faker's locale for names, streets and cities: ``en_US`` or ``de_DE``.
    traits
        Share of people with each trait, by name. Each trait adds a Boolean column. [share]

    Raises
    ------
    ValueError
        If `rows`, `seed`, `locale` or a share is out of range, or a trait has the name of a column.
    TypeError
        If `rows` is not a whole number.

    Notes
    -----
    A value is present if and only if its field leaked for the row (`columns.SUBSCRIBERS` names the field of
    each column). The structural columns are always present: person_id, account_id, line_id, segment,
    account_type, the traits, leaked_fields, synthetic. Cells contain exactly the accounts of `expose`,
    apportioned to the rows by largest remainder.

    Examples
    --------
    >>> from breach_sim.catalog import load_scenario
    >>> people = Population(load_scenario("tmobile-2021-stated"), seed=1)
    >>> len(people), people[0]["synthetic"]
    (54617000, True)
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        rows: int | None = None,
        locale: str = "en_US",
        *,
        traits: Mapping[str, float] | None = None,
    ) -> None:
        self.scenario = scenario
        self.seed = check_seed(seed)
        self.rows = checked_rows(scenario.accounts if rows is None else rows)
        self.locale = check_locale(locale)
        self.traits: Mapping[str, float] = MappingProxyType(checked_traits(traits or {}))

    @cached_property
    def world(self) -> World:
        """Compiled population, built on first use. For internal use."""
        world = World(self.scenario, self.seed, self.rows, self.locale, self.traits)
        check_spaces(world)
        return world

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self.scenario, self.seed, self.rows, self.locale, dict(self.traits))

    def __repr__(self) -> str:
        name, seed, locale = self.scenario.name, self.seed, self.locale
        return f"Population({name!r}, seed={seed}, rows={self.rows:,}, locale={locale!r})"

    def _repr_html_(self) -> str:
        lines = [("scenario", self.scenario.name), ("seed", self.seed), ("rows", f"{self.rows:,}")]
        lines += [("locale", self.locale), ("traits", ", ".join(self.traits) or "none")]
        return card("Synthetic subscribers", lines, notes=["None of them can exist."])

    def __len__(self) -> int:
        return self.rows

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> pd.DataFrame: ...
    def __getitem__(self, index: int | slice) -> Record | pd.DataFrame:
        if isinstance(index, slice):
            picked = range(self.rows)[index]
            rising = picked if picked.step > 0 else picked[::-1]
            frame = self._frame(np.arange(rising.start, rising.stop, rising.step, dtype=np.uint32))
            return frame if picked.step > 0 else frame.iloc[::-1]
        return record_of(self.world, self.checked_row(index))

    def __iter__(self) -> Iterator[Record]:
        return (record_of(self.world, row) for row in range(self.rows))

    def devices(self, index: int) -> list[Record]:
        """Return the handsets of one line, oldest first.

        Parameters
        ----------
        index
            Row number; counted from the end if negative.

        Returns
        -------
        list of dict
            Rows of the table `devices`; empty if `imei_history` did not leak.

        Raises
        ------
        IndexError
            If the row does not exist.
        """
        row = self.checked_row(index)
        lost = self.world.cells.holders("imei_history")[self.world.cells.position(row).cell]
        return devices_of(self.world, row) if lost else []

    def head(self, n: int = 5) -> pd.DataFrame:
        """Return the first rows.

        Parameters
        ----------
        n
            Number of rows; all rows if there are fewer. [0, inf)

        Returns
        -------
        pandas.DataFrame
            Index: row numbers. Text and codes as text, dates as ``datetime64``, nulls as missing values.

        Raises
        ------
        ValueError
            If `n` is negative.
        """
        return self._frame(np.arange(min(checked_count(n, "head"), self.rows), dtype=np.uint32))

    def sample(self, n: int) -> pd.DataFrame:
        """Return rows selected by a seeded permutation, without repetition.

        Parameters
        ----------
        n
            Number of rows; all rows if there are fewer. [0, inf)

        Returns
        -------
        pandas.DataFrame
            Index: row numbers, in ascending order. A larger sample contains the smaller ones.

        Raises
        ------
        ValueError
            If `n` is negative.
        """
        numbers = np.arange(min(checked_count(n, "sample"), self.rows), dtype=np.uint32)
        return self._frame(np.sort(Shuffle(self.rows, self.seed, "sample").places(numbers)))

    # Blocks -----------------------------------------------------------------

    @property
    def n_blocks(self) -> int:
        """Number of blocks; the last may be short."""
        return -(-self.rows // BLOCK_ROWS)

    def schema(self, table: str = "subscribers") -> pa.Schema:
        """Return the Arrow schema of a table.

        Parameters
        ----------
        table
            One of `TABLES`.

        Returns
        -------
        pyarrow.Schema
            Text of few values is dictionary-encoded. Structural columns are not nullable.

        Raises
        ------
        ValueError
            If the table is unknown.
        """
        checked_table(table)
        require(ARROW, "people", "pyarrow")
        return schema_of(table, self.traits)

    def block(self, number: int, table: str = "subscribers") -> pa.RecordBatch:
        """Return one block of a table.

        Parameters
        ----------
        number
            Which. [0, n_blocks)
        table
            One of `TABLES`. A block of devices has those of the lines in that block of subscribers.

        Returns
        -------
        pyarrow.RecordBatch
            With `schema`.

        Raises
        ------
        ValueError
            If the table is unknown.
        IndexError
            If the block does not exist.
        """
        rows = self._rows_of(number)
        require(ARROW, "people", "pyarrow")
        if checked_table(table) == "devices":
            return devices_block(self.world, rows)
        return self._batch(rows)

    def blocks(self, table: str = "subscribers") -> Iterator[pa.RecordBatch]:
        """Yield all blocks of a table, in order.

        Parameters
        ----------
        table
            One of `TABLES`.

        Yields
        ------
        pyarrow.RecordBatch
            One at a time.

        Raises
        ------
        ValueError
            If the table is unknown.
        """
        checked_table(table)
        for number in range(self.n_blocks):
            yield self.block(number, table)

    def header(self, table: str = "subscribers") -> dict[str, Any]:
        """Return everything that determines the rows of a table; it is part of the digest.

        Parameters
        ----------
        table
            One of `TABLES`.

        Returns
        -------
        dict
            Plain JSON values: format, table, scenario and its hash, seed, rows, block_rows, locale,
            traits, columns with their types, hash of the compiled pools.

        Raises
        ------
        ValueError
            If the table is unknown.
        """
        cells = [[segment, leaked, count] for segment, leaked, count in self.counts()]
        kinds = [[s.name, s.kind] for s in self.scenario.segments]
        content = repr((self.scenario.name, self.scenario.day_zero, kinds, cells))
        columns = columns_of(checked_table(table), self.traits)
        return {
            "format": FORMAT,
            "table": table,
            "scenario": self.scenario.name,
            "scenario_sha256": hashlib.sha256(content.encode()).hexdigest(),
            "seed": self.seed,
            "rows": self.rows,
            "block_rows": BLOCK_ROWS,
            "locale": self.locale,
            "traits": dict(self.traits),
            "columns": [[column.name, column.kind] for column in columns],
            "pools_sha256": self.world.pools.digest,
        }

    # Counts -----------------------------------------------------------------

    def counts(self) -> list[tuple[str, int, int]]:
        """Return the number of rows of every cell, without generating rows.

        Returns
        -------
        list of tuple
            Segment, mask of leaked fields [bit set], rows. In the order of the cells.
        """
        cells = self.world.cells
        return [
            (cells.names[segment], leaked, count)
            for segment, leaked, count in zip(cells.segments.numbers, cells.masks, cells.counts, strict=True)
        ]

    def block_counts(self, number: int) -> Integers:
        """Return the number of rows of every cell in one block, without generating text.

        Parameters
        ----------
        number
            Which. [0, n_blocks)

        Returns
        -------
        array
            One number per cell, in the order of `counts`; the blocks sum to `counts`.

        Raises
        ------
        IndexError
            If the block does not exist.
        """
        return self.world.cells.counts_of(self._rows_of(number))

    # Inside -----------------------------------------------------------------

    def to_parquet(self, path: str | os.PathLike[str], **options: Any) -> Written:
        """Write the population as Parquet files, one folder per table.

        Parameters
        ----------
        path
            Folder, created if needed, or an fsspec address.
        **options
            ``tables``, ``workers``, ``resume``, ``client``, ``progress``: as `dataset.write` takes them.

        Returns
        -------
        Result of the run.

        Raises
        ------
        ValueError
            If an option is invalid, or the folder contains other files.
        OSError
            If the location cannot be written or is full.
        """
        from breach_sim.population.dataset.writer import write

        return write(self, path, sink="parquet", **options)

    def to_csv(self, path: str | os.PathLike[str], **options: Any) -> Written:
        """Write the population as CSV files, for small numbers of rows; as for :meth:`to_parquet`."""
        from breach_sim.population.dataset.writer import write

        return write(self, path, sink="csv", **options)

    @cached_property
    def _schema(self) -> pa.Schema:
        return self.schema()

    def _batch(self, rows: Uint32Array) -> pa.RecordBatch:
        import pyarrow as pa

        return pa.RecordBatch.from_arrays(Block(self.world, rows).arrays(), schema=self._schema)

    def _frame(self, rows: Uint32Array) -> pd.DataFrame:
        """Rows as a data frame: codes as text, dates as they are counted in pandas."""
        import pandas as pd

        if not installed("pyarrow"):
            if len(rows) > MOST_ROWS:
                require(f"frames of more than {MOST_ROWS:,} subscribers", "people", "pyarrow")
            return frame_of(self.world, rows.tolist())
        import pyarrow as pa

        table = pa.table(self._batch(rows))
        for place, field in enumerate(table.schema):
            if pa.types.is_dictionary(field.type):
                table = table.set_column(place, field.name, table.column(place).cast(pa.string()))
        frame: pd.DataFrame = table.to_pandas(date_as_object=False)
        frame.index = pd.Index(rows.astype(np.int64), name="row")
        return frame

    def _rows_of(self, number: int) -> Uint32Array:
        number = operator.index(number)
        if not 0 <= number < self.n_blocks:
            msg = f"block {number:,} of {self!r} does not exist; it has blocks 0 to {self.n_blocks - 1:,}."
            raise IndexError(msg)
        start = number * BLOCK_ROWS
        return np.arange(start, min(start + BLOCK_ROWS, self.rows), dtype=np.uint32)

    def checked_row(self, index: int) -> int:
        """Return a valid row number.

        Parameters
        ----------
        index
            Row number; counted from the end if negative.

        Returns
        -------
        int
            In [0, rows).

        Raises
        ------
        IndexError
            If the row does not exist.
        TypeError
            If it is not a whole number.
        """
        try:
            row = operator.index(index)
        except TypeError:
            msg = f"row {shown(index)} of {self!r} is no whole number; rows are numbered from 0."
            raise TypeError(msg) from None
        if not -self.rows <= row < self.rows:
            msg = f"row {row:,} of {self!r} does not exist; it has rows 0 to {self.rows - 1:,}."
            raise IndexError(msg)
        return row + self.rows if row < 0 else row


def _rebuilt(scenario: Scenario, seed: int, rows: int, locale: str, traits: dict[str, float]) -> Population:
    """Rebuild a population in another process; reuse the last one if it is equal, because it is compiled."""
    for known in _LAST:
        if known.__reduce__()[1] == (scenario, seed, rows, locale, traits):
            return known
    made = Population(scenario, seed, rows, locale, traits=traits)
    _LAST[:] = [made]
    return made


_LAST: Final[list[Population]] = []
