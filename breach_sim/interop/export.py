"""Write tables as CSV, xlsx or Parquet files, atomically.

Text that a spreadsheet would read as a formula gets a leading apostrophe in CSV and is stored as text in
xlsx. Cautions about the scenario are exported too: as a second sheet in xlsx, as metadata in Parquet
(``attrs`` when pandas reads it back), and as NAME.csv.notes.txt beside a CSV file.

Not here: figures and the summary (``report``), records (``interop.records``).
"""

from __future__ import annotations

import errno
import io
import math
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from breach_sim.formatting.extras import require
from breach_sim.formatting.messages import unknown
from breach_sim.formatting.strangers import NotOrdinaryError, brief, check_name, exists, raw_of

if TYPE_CHECKING:
    import pandas as pd

FORMATS = (".csv", ".xlsx", ".parquet")
"""Endings of the files that can be written."""
RISKY = ("=", "+", "-", "@", "\t", "\r")
"""First signs of a text that a spreadsheet takes for a formula."""
MOST_LETTERS = 32_767
"""Longest text of a cell in xlsx."""
NOTES_ENDING = ".notes.txt"
"""Ending, after that of a CSV file, of the file beside it that holds its notes."""
MADE_BY = "breach_sim"
"""Who made a workbook, in its properties."""
_PAGE = (b"Content-Security-Policy", b"breach_sim")
_MARKS: Mapping[str, tuple[bytes, ...]] = {
    ".html": _PAGE,
    ".htm": _PAGE,
    ".md": (b"breach-sim explain finds it",),
    ".ipynb": (b"nbformat", b"breach_sim"),
    ".json": (b'"breach_sim',),
    ".jsonld": (b"urn:breach-sim:",),
    ".pdf": (b"%PDF", b"% breach_sim"),
    ".xlsx": (MADE_BY.encode(),),
    ".parquet": (b"PAR1", b"PANDAS_ATTRS"),
}
"""What stands in every file of a kind that this package writes."""
MOST_SEARCHED = 1_000_000_000
"""Largest file that is searched for the mark, in bytes: more than this package writes but as CSV."""
NO_NOTES = ("no cautions",)
"""What stands where a table has no notes."""
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
"""Signs that XML, and with it xlsx, cannot hold."""


def export(frame: pd.DataFrame, path: str | Path) -> Path:
    """Write a table as CSV, xlsx or Parquet, according to the file extension.

    Parameters
    ----------
    frame
        Any table of this package; ``attrs["notes"]`` are its cautions.
    path
        File to write. An existing file is replaced.

    Returns
    -------
    The path.

    Raises
    ------
    ValueError
        If the extension is not supported.
    OSError
        If the location cannot be written. No partial file is left.
    """
    target = Path(path)
    writers: dict[str, Callable[[pd.DataFrame, Path], None]] = {
        ".csv": _csv,
        ".xlsx": _xlsx,
        ".parquet": _parquet,
    }
    ending = target.suffix.lower()
    if ending not in writers:
        raise ValueError(unknown("ending", ending or str(path), FORMATS, "the file to write"))
    target.parent.mkdir(parents=True, exist_ok=True)
    flat = _flat(frame)
    put(target, partial(writers[ending], flat))
    if ending == ".csv":
        lines = "".join(f"{' '.join(note.split())}\n" for note in flat.attrs["notes"] or NO_NOTES)
        beside = target.with_name(f"{target.name}{NOTES_ENDING}")
        put(beside, lambda aside: aside.write_text(lines, encoding="utf-8", newline="\n"))
    return target


def check_ending(path: Path, place: str, endings: tuple[str, ...] = FORMATS) -> None:
    """Refuse a file of another format before anything is computed.

    Parameters
    ----------
    path
        File to write.
    place
        Option that gave it, for the message.
    endings
        Endings that can be written.

    Raises
    ------
    ValueError
        If the ending is none of them, or the file cannot be put there: see :func:`check_target`.
    """
    check_name(path)
    if path.is_dir():
        raise ValueError(
            f"{place} is {brief(path)!r}, a folder; name a file in it that ends in {endings[0]}, or "
            "choose a place elsewhere"
        )
    if path.suffix.lower() not in endings:
        raise ValueError(unknown("ending", path.suffix or str(path), endings, place))
    check_target(path, place)


def check_target(path: Path, place: str) -> None:
    """Refuse a place whose file would be lost, before anything is computed.

    Parameters
    ----------
    path
        File to write.
    place
        Option that gave it, for the message.

    Raises
    ------
    ValueError
        If a file stands there that this package did not write, such as the input itself, or a link leads
        nowhere, or the place lies below a file.
    PermissionError
        If the folder cannot be written.
    """
    named = brief(path)
    check_name(path)
    if path.is_symlink() and not exists(path):
        raise ValueError(f"{place} is {named}, a link to nothing; name a file")
    for above in path.parents:
        if above.is_symlink() and not exists(above):
            raise ValueError(f"{place} is {named}, below {brief(above)}, a link to nothing; name a folder")
    for above in Path(os.path.realpath(path)).parents:  # resolve() fails at a link to itself
        if above.is_file():
            raise ValueError(
                f"{named} lies below the file {brief(above)}; choose a place: name a file in a folder"
            )
    beside = path.with_name(f"{path.name}{NOTES_ENDING}")
    if path.suffix.lower() == ".csv" and exists(beside) and not exists(path):
        raise ValueError(f"{brief(beside)} has no table beside it, and would be lost; remove it first")
    if exists(path) and not is_ours(path):
        raise ValueError(
            f"{place} is {named}, a file that this program did not write, and it would be lost; name another "
            "file, or remove that one first"
        )
    check_writable(path)


def check_writable(path: Path) -> None:
    """Refuse a place in a folder that cannot be written, before anything is computed.

    Parameters
    ----------
    path
        File or folder to write.

    Raises
    ------
    PermissionError
        With the folder: the nearest one above that exists.
    """
    above = next((one for one in path.parents if exists(one)), path.parent)
    if exists(above) and not os.access(above, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(above))


def is_ours(path: Path) -> bool:
    """Return whether a file was written by this package, and may be replaced.

    Parameters
    ----------
    path
        Existing file.

    Returns
    -------
    True for an empty file, for a table beside which its notes stand, and for a file with the mark of its
    kind. A page, notebook or table that was changed since is still one of ours.
    """
    ending = path.suffix.lower()
    try:
        size = path.stat().st_size
        raw = raw_of(path, 1 if ending == ".csv" or size > MOST_SEARCHED else None)
    except (NotOrdinaryError, OSError):
        return False
    if not raw:
        return True
    if ending == ".csv":
        return path.with_name(f"{path.name}{NOTES_ENDING}").is_file()
    if size > MOST_SEARCHED:
        return False
    if ending == ".xlsx":
        raw = _properties(raw)
    return all(mark in raw for mark in _MARKS.get(ending, (b"\x00never",)))


def _properties(raw: bytes) -> bytes:
    """What a workbook says of who made it; nothing of a file that is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as book, book.open("docProps/core.xml") as part:
            return part.read(10_000)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError, zlib.error, OSError):
        return b""


def export_text(text: str, path: Path) -> Path:
    """Write a text as UTF-8, atomically.

    Parameters
    ----------
    text
        The text.
    path
        File to write. An existing file is replaced; folders above it are made.

    Returns
    -------
    The path.

    Raises
    ------
    OSError
        If the location cannot be written. No partial file is left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    put(path, lambda aside: aside.write_text(text, encoding="utf-8", newline="\n"))
    return path


def export_folder(tables: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write tables into a new folder; either all files or none.

    Parameters
    ----------
    tables
        Table by name of its file.
    folder
        Folder, which does not exist or is empty.

    Returns
    -------
    The paths.

    Raises
    ------
    ValueError
        If an ending is not supported.
    OSError
        If the location cannot be written, or holds files. Nothing is written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, frame in tables.items():
            export(frame, aside / name)
        aside.chmod(0o755)
        aside.replace(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return [folder / name for name in tables]


def put(target: Path, write: Callable[[Path], object]) -> None:
    """Write a file atomically: to a temporary file first, then rename it.

    Parameters
    ----------
    target
        File. A link is followed, so that the file that it names is replaced and the link stays.
    write
        Function that writes the file to a given path.

    Raises
    ------
    OSError
        If the location cannot be written. An existing file is unchanged.
    """
    target = _followed(target)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent)
    except OSError as error:  # it names the temporary file, which nobody has asked for
        raise OSError(error.errno, error.strerror, str(target)) from None
    os.close(handle)
    aside = Path(name)
    try:
        write(aside)
        aside.chmod(0o644)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def _followed(path: Path) -> Path:
    """The file that a link leads to; any other path as it is."""
    if not path.is_symlink():
        return path
    real = Path(os.path.realpath(path))
    if real.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return real


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table with its index as columns and a single heading row."""
    flat = frame.copy()
    headings: list[Any] = list(frame.columns)
    flat.columns = [
        " ".join(map(str, name)).strip() if isinstance(name, tuple) else str(name) for name in headings
    ]
    names = [str(name) if name is not None else "row" for name in flat.index.names]
    names = [f"{name} (row)" if name in flat.columns else name for name in names]
    flat = flat.reset_index(names=names if len(names) > 1 else names[0])
    flat.attrs = {"notes": tuple(frame.attrs.get("notes", ()))}
    return flat


def _safe(value: Any) -> Any:
    """Text that no spreadsheet takes for a formula; a carriage return, which CSV leaves bare, ends no row."""
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if value.startswith(RISKY) else text


def safe(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table without text that a spreadsheet would read as a formula.

    Parameters
    ----------
    frame
        Any table.

    Returns
    -------
    The same table. Text of cells, headings and the index that starts like a formula gets a leading
    apostrophe.
    """
    return frame.map(_safe).rename(columns=_safe, index=_safe)


def _csv(frame: pd.DataFrame, path: Path) -> None:
    safe(frame).to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def _parquet(frame: pd.DataFrame, path: Path) -> None:
    require("Parquet files", "files", "pyarrow")
    plain = frame.copy()
    plain.attrs = {"notes": list(frame.attrs["notes"])}
    plain.to_parquet(path, index=False)


def _xlsx(frame: pd.DataFrame, path: Path) -> None:
    require("Excel files", "files", "openpyxl")
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise RuntimeError("a new workbook has no sheet")
    book.properties.creator = MADE_BY
    sheet.title = "table"
    sheet.append([_sheet_value(name) for name in frame.columns])
    for row in frame.itertuples(index=False, name=None):
        sheet.append([_sheet_value(value) for value in row])
    for column in sheet.iter_cols():
        for cell in column:
            if isinstance(cell.value, str):
                cell.data_type = "s"
        longest = max(len(str(cell.value or "")) for cell in column)
        sheet.column_dimensions[str(column[0].column_letter)].width = min(60, longest + 2)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(vertical="top")
    sheet.freeze_panes = "B2"
    notes = book.create_sheet("notes")
    for note in frame.attrs["notes"] or NO_NOTES:
        notes.append([_sheet_value(note)])
        notes.cell(row=notes.max_row, column=1).data_type = "s"
    book.save(path)


def _sheet_value(value: Any) -> Any:
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, str):
        return _UNFIT.sub("", plain)[:MOST_LETTERS]
    if isinstance(plain, float) and not math.isfinite(plain):
        return str(plain)
    return plain
