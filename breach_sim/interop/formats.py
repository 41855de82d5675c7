"""The formats that can be imported: name, reader and options of each.

To add a format, write a module beside this one, add a row here, and export its reader in ``api`` if users
should call it directly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from breach_sim.formatting.messages import unknown
from breach_sim.interop import registers, sheet
from breach_sim.interop.hibp.entries import from_hibp
from breach_sim.interop.hibp.entry import FORMAT as HIBP
from breach_sim.interop.imported import Import
from breach_sim.interop.veris.contents import FORMAT as VERIS
from breach_sim.interop.veris.reading import from_veris


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFormat:
    """External format that can be imported.

    Parameters
    ----------
    read
        Reader: takes a file, or another source of this format, and returns an import.
    options
        Keyword arguments of the reader that the command line offers.
    """

    read: Callable[..., Import]
    options: tuple[str, ...] = ()


FORMATS: Mapping[str, ImportFormat] = {
    HIBP: ImportFormat(read=from_hibp, options=("countries",)),
    VERIS: ImportFormat(read=from_veris, options=("accounts", "countries")),
    sheet.FORMAT: ImportFormat(read=sheet.from_table, options=sheet.OPTIONS),
    registers.FORMAT: ImportFormat(read=registers.from_register, options=("accounts",)),
}
"""Formats that can be imported, by name."""


_FLAGS = {"blocks": "block", "columns": "column"}
"""Names on the command line of options that are lists."""
_CHOICES = ("totals",)
"""Options whose False differs from their absence."""


def read_format(name: str, source: Any, options: Mapping[str, Any], place: str) -> Import:
    """Import a source in one of the known formats.

    Parameters
    ----------
    name
        Key of :data:`FORMATS`.
    source
        Source that the reader accepts.
    options
        Values by name of the option. None, False and empty lists are ignored.
    place
        Where the name was given, for the error message.

    Returns
    -------
    The import.

    Raises
    ------
    ValueError
        If the format is unknown, an option belongs to another format, or the source cannot be read.
    """
    if name not in FORMATS:
        raise ValueError(unknown("format", name, FORMATS, place))
    given = {
        option: value
        for option, value in options.items()
        if value is not None and value != [] and (value is not False or option in _CHOICES)
    }
    for option in given:
        if option not in FORMATS[name].options:
            owner = next((other for other, form in FORMATS.items() if option in form.options), "no format")
            flag = f"--{_FLAGS.get(option, option).replace('_', '-')}"
            raise ValueError(f"{flag} is for 'import {owner}', not 'import {name}'; leave it out")
    return FORMATS[name].read(source, **given)
