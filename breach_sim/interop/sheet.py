"""Import a spreadsheet as a scenario: one row per segment, one column per field, a share in each cell.

Columns are ``segment`` (optional), ``accounts``, ``kind`` (optional), and one per field. A field column has
the name of the field, or of a Have I Been Pwned data class that means one field. A share is a number in
[0, 1] or a percentage with a percent sign. Blank means "not leaked"; "unknown" gives a wide estimate. The
import report lists every value that was interpreted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from breach_sim import catalog
from breach_sim.catalog.words import ASSUMED, MAPPED, NO_COUNTERPART
from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs.fields import FIELD_DESCRIPTIONS, FIELD_NAMES
from breach_sim.inputs.numbers.estimates import USER, Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import KINDS, Leak, Segment
from breach_sim.interop.amounts import clean, count, share, slug
from breach_sim.interop.files import read_sheet
from breach_sim.interop.imported import Import, ImportRow, inert_rows
from breach_sim.interop.leaks import cautions

FORMAT = "table"
RESERVED = ("segment", "accounts", "kind")
"""Columns that are no field."""
INDEPENDENT = "Partly leaked fields are taken as independent of each other unless they stand in one block."


def from_table(
    source: Any,
    *,
    name: str | None = None,
    per_cent: bool = False,
    blocks: Sequence[Iterable[str]] = (),
    ignore: Iterable[str] = (),
) -> Import:
    """Import a scenario from a spreadsheet: segment, accounts, and one column of shares per field.

    Parameters
    ----------
    source
        A CSV or xlsx file (its first sheet), or a pandas DataFrame.
    name
        Name of the scenario; if None, the name of the file.
    per_cent
        Whether numbers without a unit are percentages. If False, 25 is refused and "25 %" is 0.25.
    blocks
        Fields that leak together; their shares must be equal in every row. Other fields are independent.
    ignore
        Columns to ignore; the import report lists them.

    Returns
    -------
    One scenario, with a report on every column.

    Raises
    ------
    ValueError
        With file, row and column, if a column is unknown, missing or repeated, a share is above 1 or not a
        number, or a count is not a whole number.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"segment": ["all"], "accounts": [1000], "ssn": ["25 %"]})
    >>> from_table(rows).scenario.segments[0].leaks[0].coverage.central
    0.25
    """
    if isinstance(source, (str, Path)):
        place = str(source)
        (heading, *rows), encoding = read_sheet(source)
    elif hasattr(source, "columns") and hasattr(source, "itertuples"):
        place, encoding = "the table", ""
        heading, rows = list(source.columns), [list(row) for row in source.itertuples(index=False, name=None)]
    else:
        raise ValueError(f"{shown(source)} is no table; give a CSV or xlsx file, or a pandas DataFrame")
    entry = slug(clean(name) or (Path(place).stem if place != "the table" else "table"))
    columns, account = _columns(heading, tuple(ignore), place, entry)
    together = _blocks(blocks, [field for _, field in columns if field not in RESERVED], place)
    if not rows:
        raise ValueError(f"{place} has a heading and no row; give a row for each segment")
    if encoding:
        account.append(ImportRow(entry=entry, word="encoding", fields=(), state=ASSUMED, reason=encoding))
    segments = []
    for number, cells in enumerate(rows, start=2):
        row = dict(
            zip([field for _, field in columns], (_plain(_at(cells, i)) for i, _ in columns), strict=True)
        )
        segments.append(_segment(row, number, f"{place}, row {number}", together, per_cent, account, entry))
    _check_names(segments, place)
    notes = (
        [INDEPENDENT]
        if any(len([k for k in s.leaks if k.coverage.central < 1]) > 1 for s in segments)
        else []
    )
    breach = Scenario(
        name=entry,
        segments=tuple(segments),
        label=clean(name, entry),
        notes=tuple(notes),
        sources=(USER,),
    )
    account += inert_rows(cautions(segments), entry)
    return Import(format=FORMAT, scenarios=(breach,), rows=tuple(account))


def _at(cells: Sequence[Any], index: int) -> Any:
    return cells[index] if index < len(cells) else None


def _plain(value: Any) -> Any:
    """Convert a NumPy value to a Python value."""
    return value.item() if hasattr(value, "item") else value


def _check_names(segments: Sequence[Segment], place: str) -> None:
    seen: dict[str, int] = {}
    for number, segment in enumerate(segments, start=2):
        if segment.name in seen:
            raise ValueError(
                f"{place}, row {number}: segment {segment.name!r} stands in row {seen[segment.name]} "
                "too; names must differ"
            )
        seen[segment.name] = number


def _columns(
    heading: Sequence[Any], ignore: tuple[str, ...], place: str, entry: str
) -> tuple[list[tuple[int, str]], list[ImportRow]]:
    """Position and meaning of the columns, and their account."""
    found: dict[str, int] = {}
    account = []
    for index, title in enumerate(heading):
        head = clean(title)
        if head in ignore or not head:
            why = "left out as asked" if head else "a column without a heading"
            account.append(
                ImportRow(
                    entry=entry,
                    word=head or f"column {index + 1}",
                    fields=(),
                    state=NO_COUNTERPART,
                    reason=why,
                )
            )
            continue
        field, how = _meaning(head, place)
        if field in found:
            raise ValueError(
                f"{place}: columns {found[field] + 1} and {index + 1} both mean {field!r}; keep one"
            )
        found[field] = index
        fields = () if field in RESERVED else (field,)
        account.append(ImportRow(entry=entry, word=head, fields=fields, state=MAPPED, reason=how))
    if "accounts" not in found:
        titles = ", ".join(shown(clean(head)) for head in heading[:8])
        raise ValueError(
            f"{place} has no column 'accounts' (its columns: {titles}); there must be a column 'accounts' "
            "with the size of each segment"
        )
    if not set(found) - set(RESERVED):
        raise ValueError(
            f"{place} has no column of a field; add one, such as ssn or email_address, with shares"
        )
    return [(index, field) for field, index in found.items()], account


def _meaning(head: str, place: str) -> tuple[str, str]:
    """Return the field or reserved name that a heading denotes, and how it was found."""
    plain = "_".join(head.lower().replace("-", " ").replace("_", " ").split())
    if plain in RESERVED or plain in FIELD_NAMES:
        return plain, ""
    word = catalog.load_dictionary("hibp").get(head)
    reading = word.read() if word else None
    if word and reading and reading.state == MAPPED and len(reading.fields) == 1:
        return reading.fields[0], f"data class {word.name!r} of Have I Been Pwned"
    answer = unknown("column", head, (*RESERVED, *FIELD_NAMES), place, FIELD_DESCRIPTIONS)
    raise ValueError(f"{answer} If it is no field, leave it out: ignore=[{head!r}] (--ignore)")


def _blocks(blocks: Sequence[Iterable[str]], fields: Sequence[str], place: str) -> list[tuple[str, ...]]:
    together = [tuple(block) for block in blocks]
    for name in (name for block in together for name in block):
        if name not in fields:
            raise ValueError(unknown("field", name, fields, f"blocks; {place} has no such column"))
    if len({name for block in together for name in block}) != sum(map(len, together)) or () in together:
        raise ValueError("blocks names a field twice, or no field; a field leaks in one block")
    return together


def _segment(
    row: dict[str, Any],
    number: int,
    place: str,
    blocks: Sequence[tuple[str, ...]],
    per_cent: bool,
    account: list[ImportRow],
    entry: str,
) -> Segment:
    """Return the segment of one row, and report every value that needed interpretation."""
    name = clean(str(row["segment"]) if row.get("segment") is not None else "", f"row {number}")
    accounts, remark = count(row["accounts"])
    if accounts is None:
        raise ValueError(
            f"{place}, column 'accounts': {shown(row['accounts'])}; it must be a whole number from 1 to "
            "10**13"
        )
    if remark and not str(row["accounts"]).strip().isdigit():
        account.append(
            ImportRow(entry=entry, word=f"{name}: accounts", fields=(), state=ASSUMED, reason=remark)
        )
    kind = clean(row.get("kind"), "customer").lower()
    if kind not in KINDS:
        raise ValueError(unknown("kind of segment", kind, KINDS, f"{place}, column 'kind'"))
    shares: dict[str, float | None] = {}
    for field in (field for field in row if field not in RESERVED):
        try:
            shares[field], remark = share(row[field], per_cent=per_cent)
        except ValueError as error:
            raise ValueError(f"{place}, column {field!r}: {error}") from None
        if remark:
            state = ASSUMED if shares[field] is None or remark.startswith("blank") else MAPPED
            account.append(
                ImportRow(entry=entry, word=f"{name}: {field}", fields=(field,), state=state, reason=remark)
            )
    return Segment(
        name=name, accounts=accounts, leaks=_leaks(shares, blocks, name, place), kind=kind, sources=(USER,)
    )


def _leaks(
    shares: dict[str, float | None], blocks: Sequence[tuple[str, ...]], segment: str, place: str
) -> tuple[Leak, ...]:
    """Return the leaks of a row: fully leaked fields together, blocks as given, other fields one by one."""
    for block in blocks:
        if len({shares[name] for name in block}) > 1:
            each = ", ".join(f"{name} {shares[name]}" for name in block)
            raise ValueError(
                f"{place}: the fields of block {block} have different shares ({each}); give them one"
            )
    blocked = {name for block in blocks for name in block}
    whole = tuple(name for name, part in shares.items() if part == 1 and name not in blocked)
    groups = [*([whole] if whole else []), *blocks]
    groups += [(name,) for name in shares if name not in blocked and name not in whole]
    found: list[Leak] = []
    for group in groups:
        part = shares[group[0]]
        if part == 0:
            continue
        found.append(
            Leak(
                fields=group,
                coverage=_coverage(group[0], part, f"segments.{segment}.leaks[{len(found)}].coverage"),
            )
        )
    return tuple(found)


def _coverage(field: str, part: float | None, name: str) -> Estimate:
    """Coverage of a cell: as given, or in doubt."""
    if part is not None:
        return Estimate.fixed(name, part, "share")
    return next(group.perhaps for group in catalog.load_field_groups().values() if field in group.fields)
