"""Workbooks and text tables for tests, and what an import made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl

import breach_sim as bs


def _as_it_is(_: Any) -> None:
    """Change nothing."""


def workbook(
    path: Path,
    rows: Sequence[Sequence[Any]],
    *,
    change: Callable[[Any], None] = _as_it_is,
    more: Callable[[Any], None] = _as_it_is,
) -> Path:
    """Write rows as the first sheet of a workbook, change the sheet, and add others."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Data"
    for row in rows:
        sheet.append(list(row))
    change(sheet)
    more(book)
    book.save(path)
    return path


def text_table(folder: Path, *lines: str, name: str = "t.csv") -> Path:
    """Write lines as a file."""
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def accounts(imported: bs.Import) -> dict[str, int]:
    """Return the accounts of each segment by name."""
    return {segment.name: segment.accounts for segment in imported.scenario.segments}


def shares(imported: bs.Import, field: str) -> dict[str, float]:
    """Return the central share of each segment that lost a field, by name of the segment."""
    return {
        segment.name: next((leak.coverage.central for leak in segment.leaks if field in leak.fields), 0.0)
        for segment in imported.scenario.segments
    }


def passed(imported: bs.Import) -> list[tuple[str, str, int | None]]:
    """Return kind, name and accounts of everything that was not read."""
    return [(part.kind, part.name, part.count) for part in imported.scenario.left_out]
