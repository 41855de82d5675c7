"""The handsets of the lines of a block: a table of its own, as it was a database of its own.

The quantity is a record batch: a line, a handset, the first and the last day it was seen in the line. The
handsets of a line stand in the order of time; the first was not there before the line or the record was
opened (2004), each follows the day after the one before, and the last is the present one, which the
subscribers name too.

Place in the corridor: over `blocks`; read by `engine`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .blocks import facts_of, imei_text, marks
from .columns import LINE_ID, schema_of
from .permutation import Words
from .record import device_start
from .text import Rows
from .world import World

if TYPE_CHECKING:
    import pyarrow as pa


def devices_block(world: World, rows: Words) -> pa.RecordBatch:
    """Handsets of some lines.

    Parameters
    ----------
    world
        The population.
    rows
        Row numbers of the subscribers in rising order. Shape (n,).

    Returns
    -------
    pyarrow.RecordBatch
        One to eight rows for each line whose `imei_history` leaked.
    """
    import pyarrow as pa

    lost = world.cells.holders("imei_history").take(world.cells.seats(rows).cell) > 0
    lines = facts_of(world, rows.take(np.flatnonzero(lost)))
    first, last, count, days = lines.handsets
    line = np.repeat(np.arange(len(lines.row)), count)
    number = np.arange(len(line)) - (np.cumsum(count) - count).take(line)
    each = facts_of(world, lines.row.take(line))
    start = device_start(each, first.take(line), last.take(line), days.take(line), number)
    end = last.take(line)
    follows = np.flatnonzero(line[1:] == line[:-1])
    end[follows] = start[follows + 1] - 1
    everyone = Rows(np.ones(len(line), dtype=bool))
    arrays = [
        everyone.array(pa.int64(), each.row.astype(np.int64) + LINE_ID),
        imei_text(everyone, each.imei(count.take(line) - 1 - number)),
        everyone.array(pa.date32(), start.astype(np.int32)),
        everyone.array(pa.date32(), end.astype(np.int32)),
        marks(len(line)),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema_of("devices", {}))
