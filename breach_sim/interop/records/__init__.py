"""Count the exposure of existing records: which fields are present in each row, without loading the rows.

``exposing`` is the way through: files become a table (``opening``), headings become fields (``layout``),
values become "holds something" (``values``, ``nested``, ``placeholders``), columns in doubt are refused
(``asking``), and the rest is counted by one query (``counting``).

Not here: whether the values are true, whose they are, or how many people the rows represent.
"""

from breach_sim.interop.records.counting import MOST_CELLS
from breach_sim.interop.records.exposing import MOST_SEGMENTS, UNKNOWN, expose_records
from breach_sim.interop.records.layout import MASK_COLUMN, read_columns

__all__ = ["MASK_COLUMN", "MOST_CELLS", "MOST_SEGMENTS", "UNKNOWN", "expose_records", "read_columns"]
