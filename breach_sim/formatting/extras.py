"""Parts of the package that are installed on request, and the one sentence for whoever lacks them.

Not here: the versions (pyproject.toml).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

EXTRAS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "people": ("pyarrow", "loky"),
        "files": ("pyarrow", "duckdb", "narwhals", "openpyxl"),
        "report": ("papermill", "nbconvert", "ipykernel", "pypdf"),
        "explore": ("anywidget",),
        "dask": ("dask", "distributed", "fsspec"),
    }
)
"""Modules that each extra brings."""


class MissingExtraError(ModuleNotFoundError, ValueError):
    """Something was called that needs a package of an extra, and the package is not installed."""


def require(what: str, extra: str, *modules: str) -> None:
    """Refuse where a package of an extra is missing.

    Parameters
    ----------
    what
        What needs it, as the subject of a sentence, in the plural: "Parquet files".
    extra
        One of `EXTRAS`.
    *modules
        Modules that are needed; by default all of the extra.

    Raises
    ------
    MissingExtraError
        If one is not installed: one sentence with the extra and the command.

    Examples
    --------
    >>> missing_sentence("Excel files", "files", ["openpyxl"])
    "Excel files need openpyxl, which is not installed: pip install 'breach-sim[files]'"
    """
    missing = [name for name in modules or EXTRAS[extra] if not installed(name)]
    if missing:
        raise MissingExtraError(missing_sentence(what, extra, missing))


def missing_sentence(what: str, extra: str, missing: list[str]) -> str:
    """Return the sentence for whoever lacks an extra.

    Parameters
    ----------
    what
        What needs it, in the plural.
    extra
        One of `EXTRAS`.
    missing
        The modules that are not there.

    Returns
    -------
    One sentence without a full stop.
    """
    are = "are" if len(missing) > 1 else "is"
    names = " and ".join([", ".join(missing[:-1]), missing[-1]] if len(missing) > 1 else missing)
    return f"{what} need {names}, which {are} not installed: pip install 'breach-sim[{extra}]'"


def installed(name: str) -> bool:
    """Return whether a module can be imported; it is not imported here.

    Parameters
    ----------
    name
        Name of a module.

    Returns
    -------
    bool
    """
    return importlib.util.find_spec(name) is not None
