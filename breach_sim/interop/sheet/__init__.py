"""Import a spreadsheet or data frame of segments as a scenario.

``grids`` (cells of a file or frame), ``layout`` (which sheet, heading and columns), ``shares`` (the share in
a cell), ``rows`` (rows, without totals and notes), ``table`` (the scenario).
"""

from breach_sim.interop.sheet.table import FORMAT, OPTIONS, from_table

__all__ = ["FORMAT", "OPTIONS", "from_table"]
