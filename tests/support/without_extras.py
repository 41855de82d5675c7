"""A plugin for pytest that hides the packages of every extra, with ``HIDE_EXTRAS=1`` in the environment.

Use: ``-p support.without_extras``.

It stands before the first import, because pandas asks once whether PyArrow is there.
"""

import os
import sys

HIDDEN = (
    "pyarrow", "loky", "duckdb", "narwhals", "openpyxl", "SALib", "papermill", "nbconvert", "ipykernel",
    "pypdf", "anywidget", "dask", "distributed", "fsspec", "IPython", "polars", "hypothesis", "nbformat",
)  # fmt: skip
"""Modules that whoever installed the core alone does not have."""

for name in HIDDEN if os.environ.get("HIDE_EXTRAS") else ():  # whoever only collects tests imports it too
    sys.modules[name] = None  # type: ignore[assignment]
