"""A population for the tests of data sets: small blocks at once, with faults on demand.

`Few` has the parts of `engine.Population` that the writer calls, and makes a block in a millisecond. Its rows
are a pure function of seed and number. `python populations.py FOLDER FILES MOMENT` writes one in a process of
its own that kills itself, as a power cut would, at the given moment of its work.
"""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

TABLES = ("subscribers", "devices")
ROWS = 40
"""Rows of a block."""
SUBSCRIBERS = pa.schema(
    [
        pa.field("person_id", pa.int64(), nullable=False),
        pa.field("segment", pa.dictionary(pa.int8(), pa.string()), nullable=False),
        pa.field("ssn", pa.string()),
        pa.field("date_of_birth", pa.date32()),
        pa.field("note", pa.string()),
        pa.field("leaked_fields", pa.uint64(), nullable=False),
        pa.field("synthetic", pa.bool_(), nullable=False),
    ]
)
DEVICES = pa.schema([pa.field("line_id", pa.int64()), pa.field("synthetic", pa.bool_())])


def tree(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file in a folder."""
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


@dataclass(frozen=True)
class Few:
    """A population of few rows.

    Parameters
    ----------
    n_blocks, seed
        Of the population.
    pause
        Seconds that a block takes beside its making.
    real_ssn_at
        Block in which an SSN could be somebody's.
    swells_at
        Block from which on a column of random text fills the disk faster.
    """

    n_blocks: int = 10
    seed: int = 1
    pause: float = 0.0
    real_ssn_at: int = -1
    swells_at: int = 10**9

    def __len__(self) -> int:
        return self.n_blocks * ROWS - 3

    def schema(self, table: str) -> pa.Schema:
        """Return the columns."""
        if table == "devices":
            return DEVICES
        return SUBSCRIBERS

    def header(self, table: str) -> dict[str, Any]:
        """Return what decides the rows."""
        columns = self.schema(table).names
        return {"format": 1, "table": table, "scenario": "few", "seed": self.seed, "rows": len(self)} | {
            "locale": "en_US",
            "columns": columns,
        }

    def _numbers(self, number: int) -> range:
        return range(number * ROWS, min((number + 1) * ROWS, len(self)))

    def block(self, number: int, table: str) -> pa.RecordBatch:
        """Return the rows of a block."""
        time.sleep(self.pause)
        rows = self._numbers(number)
        if table == "devices":
            lines = [row for row in rows for _ in range(row % 4)]
            return pa.RecordBatch.from_arrays(
                [pa.array(lines, pa.int64()), pa.array([True] * len(lines))], schema=DEVICES
            )
        dice = np.random.default_rng([self.seed, number])
        start = date(1980, 1, 1) + timedelta(days=self.seed)
        leaked = [row % 3 != 0 for row in rows]
        ssns = [f"900-00-{row % 10_000:04d}" if on else None for row, on in zip(rows, leaked, strict=True)]
        if number == self.real_ssn_at:
            ssns[7] = "123-45-6789"
        segments = pa.DictionaryArray.from_arrays(
            pa.array([row % 2 for row in rows], pa.int8()), pa.array(["a", "b"])
        )
        columns = [
            pa.array([1_000_000_000 + row for row in rows], pa.int64()),
            segments,
            pa.array(ssns, pa.string()),
            pa.array([start + timedelta(days=row) for row in rows], pa.date32()),
            pa.array([dice.bytes(500 if number >= self.swells_at else 2).hex() for _ in rows]),
            pa.array([65 if on else 1 for on in leaked], pa.uint64()),
            pa.array([True] * len(rows)),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema(table))

    def counts(self) -> list[tuple[str, int, int]]:
        """Return the cells with their rows."""
        total = sum((self.block_counts(i) for i in range(self.n_blocks)), np.zeros(4, dtype=np.int64))
        cells = [("a", 1), ("a", 65), ("b", 1), ("b", 65)]
        return [(*cell, int(n)) for cell, n in zip(cells, total, strict=True)]

    def block_counts(self, number: int) -> Any:
        """Return the rows of a block by cell."""
        rows = np.array(self._numbers(number))
        return np.bincount(rows % 2 * 2 + (rows % 3 != 0), minlength=4)


def _dying(moment: int) -> list[int]:
    """Let this process die before a call that makes a block, brings to disk or renames; count such calls."""
    calls: list[int] = []

    def watch(inner: Any) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            calls.append(1)
            if len(calls) == moment:
                os.kill(os.getpid(), signal.SIGKILL)
            return inner(*args, **options)

        return call

    os.fsync = watch(os.fsync)
    Path.replace = watch(Path.replace)  # type: ignore[method-assign]
    Few.block = watch(Few.block)  # type: ignore[method-assign]
    return calls


def main(folder: str, moment: int, workers: int, most_bytes: int) -> None:
    """Write a population; die at the moment if it comes, and let no file grow beyond some bytes."""
    from breach_sim.population.dataset.writer import write

    calls = _dying(moment)
    if most_bytes:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    few: Any = Few(swells_at=6 if most_bytes else 10**9)
    write(few, folder, tables=TABLES, blocks_per_file=2, workers=workers, resume=True)
    sys.stdout.write(f"done {len(calls)}\n")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
