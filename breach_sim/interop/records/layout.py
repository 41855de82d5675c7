"""Which columns of a table are read, and as which fields: as the user says, or by the headings.

Not here: the words of the headings (``catalog/data/formats/headings.toml``), and values of the columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from breach_sim import catalog
from breach_sim.catalog.words.headings import Heading
from breach_sim.formatting.messages import shown, unknown
from breach_sim.formatting.strangers import brief, visible
from breach_sim.inputs.fields import FIELD_NAMES, check_field
from breach_sim.inputs.left_out import LeftOut

MASK_COLUMN = "leaked_fields"
"""Column that is taken for a mask when neither columns nor a mask are named."""
_DIGITS = 5
"""Digits of a heading from which on it is taken for a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What is read of a table.

    Parameters
    ----------
    alone
        Fields that a value of the column reveals, by name of the column.
    together
        Columns by part of a field that needs a value in each part, by name of the field.
    mask
        Column with the leaked fields as bits; None if columns are read.
    left_out
        Columns that are not read.
    by_heading
        Field by column, of columns whose names are not those of fields and that nobody named.
    """

    alone: Mapping[str, tuple[str, ...]]
    together: Mapping[str, Mapping[str, tuple[str, ...]]]
    mask: str | None = None
    left_out: tuple[LeftOut, ...] = ()
    by_heading: Mapping[str, str]

    def fields_of(self) -> dict[str, frozenset[str]]:
        """Return the fields by column, of every column that is read.

        Returns
        -------
        Names of fields by name of the column.
        """
        found = {name: frozenset(fields) for name, fields in self.alone.items()}
        for field, parts in self.together.items():
            for name in (name for columns in parts.values() for name in columns):
                found[name] = found.get(name, frozenset()) | {field}
        return found


def layout_of(
    schema: Iterable[str],
    columns: Mapping[str, str | Iterable[str]] | None,
    mask: str | None,
    others: Iterable[str | None],
    place: str,
) -> Layout:
    """Return what is read of a table.

    Parameters
    ----------
    schema
        Names of its columns.
    columns
        Fields by column, as the user says; None to go by the headings.
    mask
        Column of a mask, or None.
    others
        Columns with another use, such as the segment.
    place
        The table, for messages.

    Returns
    -------
    The layout.

    Raises
    ------
    ValueError
        If a column or field is unknown, both columns and a mask are given, or no heading is that of a field.
    TypeError
        If a column or field is no text.
    """
    names = list(schema)
    if columns is not None and mask is not None:
        raise ValueError(
            f"columns are given and mask={mask!r} too; one of them may say what a row holds: leave one out"
        )
    if mask is None and columns is None and MASK_COLUMN in names:
        mask = MASK_COLUMN
    if mask is not None:
        return Layout(alone={}, together={}, mask=column_of(mask, names, "mask"), by_heading={})
    if columns is None:
        return _by_headings(names, {name for name in others if name}, place)
    if not isinstance(columns, Mapping) or not columns:
        raise ValueError(
            f"columns is {shown(columns)}; map names of columns to fields, as in "
            'columns={"phone": "phone_number"}'
        )
    for name, own in columns.items():
        several = [own] if isinstance(own, str) else list(own) if isinstance(own, Iterable) else [own]
        if not isinstance(name, str) or not all(isinstance(field, str) for field in several):
            raise TypeError(
                f"columns[{shown(name)}] is {shown(own)}; it must be the name of a field, or several"
            )
    alone = {column_of(name, names, "columns"): _fields(name, own) for name, own in columns.items()}
    rest = [name for name in names if name not in alone and name not in set(others)]
    return Layout(
        alone=alone,
        together={},
        left_out=_sorted(_column(name, "not named in columns") for name in rest),
        by_heading={},
    )


def column_of(name: str, schema: Iterable[str], place: str) -> str:
    """Return the name of a column if the table has it.

    Parameters
    ----------
    name
        Name to check.
    schema
        Names of the columns.
    place
        Argument in which it was given, for the message.

    Returns
    -------
    The name itself.

    Raises
    ------
    ValueError
        If there is no such column. The message suggests the nearest one.
    """
    names = list(schema)
    if name not in names:
        raise ValueError(unknown("column", name, names, f"{place}; the table has no such column"))
    return name


def read_columns(text: str) -> dict[str, tuple[str, ...]]:
    """Parse the fields that columns reveal from one line of text.

    Parameters
    ----------
    text
        ``COLUMN=FIELD`` pairs separated by commas; several fields of a column are joined by ``+``.

    Returns
    -------
    ``columns`` for :func:`expose_records`.

    Raises
    ------
    ValueError
        If a pair has no ``=``, a column is repeated, or a field is unknown.

    Examples
    --------
    >>> read_columns("msisdn=phone_number,dl=drivers_license_number+date_of_birth")["msisdn"]
    ('phone_number',)
    """
    columns: dict[str, tuple[str, ...]] = {}
    for pair in text.split(","):
        column, sign, fields = (part.strip() for part in pair.partition("="))
        if not sign or not column or not fields:
            raise ValueError(f"--columns holds {shown(pair)}; write COLUMN=FIELD, as in phone=phone_number")
        if column in columns:
            raise ValueError(f"--columns names column {shown(column)} twice; join its fields with +")
        place = f"--columns {brief(pair.strip())} (the column stands first: COLUMN=FIELD)"
        columns[column] = tuple(check_field(name.strip(), place) for name in fields.split("+"))
    return columns


def _fields(column: str, fields: str | Iterable[str]) -> tuple[str, ...]:
    names = (fields,) if isinstance(fields, str) else tuple(fields)
    if not names:
        raise ValueError(f"columns[{column!r}] names no field; name one, or leave the column out")
    return tuple(check_field(name, f"columns[{column!r}]") for name in names)


def _by_headings(names: list[str], others: set[str], place: str) -> Layout:
    """Read the columns whose headings mean one field, and account for the others."""
    alone: dict[str, tuple[str, ...]] = {}
    parts: dict[str, dict[str, tuple[str, ...]]] = {}
    doubtful: dict[str, Heading | None] = {}
    for name in names:
        heading = catalog.read_heading(name)
        if heading and heading.role == "alone":
            alone[name] = heading.fields
        elif heading and heading.role == "together":
            own = parts.setdefault(heading.fields[0], {})
            own[heading.part] = (*own.get(heading.part, ()), name)
        else:
            doubtful[name] = heading
    needed = catalog.load_headings().parts
    together = {field: own for field, own in parts.items() if set(own) == set(needed[field])}
    left = [
        _column(name, f"{part} alone is no {field}")
        for field, own in parts.items()
        if field not in together
        for part, columns in own.items()
        for name in columns
        if name not in others
    ]
    read = {field for fields in (*alone.values(), tuple(together)) for field in fields}
    left += [
        _column(name, _why(heading))
        for name, heading in doubtful.items()
        # What belongs to a field that is read is no loss.
        if name not in others and not (heading and heading.role == "beside" and heading.fields[0] in read)
    ]
    if not alone and not together:
        near = {part.name: part.nearest for part in left if part.nearest}
        hint = ", ".join(f"{shown(name)} may be {field}" for name, field in list(near.items())[:4])
        # A file without headings has values in their place, which are nobody's business.
        values = any("@" in name or sum(map(str.isdigit, name)) >= _DIGITS for name in names)
        listed = f"{len(names)} columns, the first line seems to hold values" if values else shown(names)
        hint = "" if values else hint
        raise ValueError(
            f"no column of {place} bears the name of a field: {listed}; say what they hold, "
            'as in columns={"phone": "phone_number"}' + (f". Nearest: {hint}" if hint else "")
        )
    shared = [(name, fields[0]) for name, fields in alone.items()]
    shared += [(n, field) for field, own in together.items() for columns in own.values() for n in columns]
    by_heading = {name: field for name, field in shared if name not in FIELD_NAMES}
    return Layout(alone=alone, together=together, left_out=_sorted(left), by_heading=by_heading)


def _why(heading: Heading | None) -> str:
    if heading is None:
        return "no heading of a field"
    if heading.role == "ambiguous":
        return f"may be {' or '.join(heading.fields)}: say which in columns"
    if heading.role == "beside":
        return f"belongs to {heading.fields[0]} and is not enough by itself"
    return heading.reason


def _column(name: str, reason: str) -> LeftOut:
    return LeftOut(kind="column", name=visible(name), reason=reason, nearest=catalog.nearest_field(name))


def _sorted(parts: Iterable[LeftOut]) -> tuple[LeftOut, ...]:
    """Put columns first that may be fields: a sentence names only the first ones."""
    return tuple(sorted(parts, key=lambda part: not part.nearest))
