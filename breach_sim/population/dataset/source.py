"""Protocol that the writer of data sets requires of a population.

Not here: the population itself (`population.Population` satisfies the protocol).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa


class Source(Protocol):
    """Source of blocks of rows in one or more tables, generated on demand."""

    @property
    def n_blocks(self) -> int:
        """Number of blocks; the last may be short."""

    def schema(self, table: str) -> pa.Schema:
        """Return the Arrow schema of a table.

        Parameters
        ----------
        table
            Name of the table.

        Returns
        -------
        pyarrow.Schema
            The same for every block.
        """

    def header(self, table: str) -> Mapping[str, Any]:
        """Return everything that determines the rows of a table.

        Parameters
        ----------
        table
            Name of the table.

        Returns
        -------
        mapping
            Plain JSON values.
        """

    def block(self, number: int, table: str) -> pa.RecordBatch:
        """Return one block of a table.

        Parameters
        ----------
        number
            Number of the block. [0, n_blocks)
        table
            Name of the table.

        Returns
        -------
        pyarrow.RecordBatch
            With the schema of the table.
        """

    def counts(self) -> list[tuple[str, int, int]]:
        """Return the number of rows of every cell.

        Returns
        -------
        list of tuple
            Segment, mask of leaked fields [bit set], rows.
        """

    def block_counts(self, number: int) -> Any:
        """Return the number of rows of every cell in one block.

        Parameters
        ----------
        number
            Number of the block. [0, n_blocks)

        Returns
        -------
        array
            One number per cell, in the order of `counts`.
        """
