"""Read external JSON, CSV and xlsx files in any encoding, and write folders of text files atomically.

Encodings are recognized by their byte order mark or by the zero bytes of UTF-16. Other text that is not
UTF-8 is read as Windows Latin-1, with a remark.

Not here: the meaning of the contents.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from breach_sim.formatting.extras import require
from breach_sim.formatting.messages import shown, unknown
from breach_sim.formatting.strangers import (
    STANDARD_INPUT,
    NotOrdinaryError,
    brief,
    check_name,
    raw_of,
    refuse,
)
from breach_sim.interop.export import put
from breach_sim.interop.workbooks import check_workbook

MOST_BYTES = 400_000_000
"""Largest JSON file read, in bytes."""
MOST_VALUES = 10_000_000
"""Most values of a JSON file, by its commas and brackets: 100 MB of empty lists would take gigabytes."""
LONGEST_LINE = 2_000_000
"""Bytes of the first line of a CSV file whose columns are counted."""
MOST_SHEET_BYTES = 50_000_000
"""Largest CSV or xlsx file read, in bytes."""
SHEETS = (".csv", ".tsv", ".txt", ".xlsx")
"""Endings of tables that can be read."""
LATIN = "not UTF-8; read as Windows Latin-1, so check the accents"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f]")


def read_json(path: str | Path) -> tuple[Any, str]:
    """Read a JSON file.

    Parameters
    ----------
    path
        File.

    Returns
    -------
    The value; and a remark about the encoding, "" for none.

    Raises
    ------
    ValueError
        If it cannot be read, is not JSON, is too large, or is nested too deeply.
    """
    text, remark = decoded(contents_of(path))
    return json_of(text, str(path)), remark


def json_of(text: str, place: str) -> Any:
    """Read the text of a JSON document.

    Parameters
    ----------
    text
        The text.
    place
        Name of the file, for messages.

    Returns
    -------
    The value.

    Raises
    ------
    ValueError
        If it is not JSON, is nested too deeply, or has too many values.
    """
    check_values(text, place)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno} ({shown(text[error.pos : error.pos + 20])})"
        raise ValueError(f"{place} is not JSON: {error.msg} at {where}; save the file as JSON") from None
    except RecursionError:
        raise ValueError(f"{place} is nested too deeply; files of this kind have a few levels") from None
    except ValueError:
        raise ValueError(
            f"{place} holds a number of thousands of digits; write one that can be meant"
        ) from None


def check_values(text: str, place: str) -> None:
    """Refuse JSON of so many values that they would take gigabytes, before they are made.

    Parameters
    ----------
    text
        A document, or several in lines.
    place
        Name of the file, for messages.

    Raises
    ------
    ValueError
        If its commas and brackets are more than 10,000,000.
    """
    values = sum(map(text.count, ",[{"))
    if values > MOST_VALUES:
        raise ValueError(f"{place} has {values:,} values or more; at most {MOST_VALUES:,} are read: split it")


def contents_of(path: str | Path, most: int = MOST_BYTES) -> bytes:
    """Read a file as it is.

    Parameters
    ----------
    path
        File.
    most
        Largest size that is read, in bytes.

    Returns
    -------
    Its bytes.

    Raises
    ------
    ValueError
        If it cannot be read, or is too large.
    """
    name = brief(path)
    check_name(path)
    try:
        raw = raw_of(Path(path), most + 1)
    except NotOrdinaryError as error:
        raise ValueError(f"{name} {error}") from None
    except OSError as error:
        raise ValueError(f"{name} cannot be read: {error.strerror or error}; check the path") from None
    if len(raw) > most:
        raise ValueError(f"{name} has more than {most:,} bytes; split it")
    return raw


def contents_of_stranger(path: str | Path, most: int, place: str) -> bytes:
    """Read a file that a stranger made, if it is an ordinary one.

    Parameters
    ----------
    path
        File.
    most
        Largest size that is read, in bytes.
    place
        Name of the file, for messages.

    Returns
    -------
    Its bytes. A link is not followed, and a pipe or device is not waited for.

    Raises
    ------
    ValueError
        If it is no ordinary file, cannot be read, or is too large.
    """
    if Path(path).is_symlink():
        raise ValueError(f"{place} is a link to another file; ask for the file itself")
    # A pipe that nobody writes to would stop the program when it is opened, so it is opened without waiting.
    flags = (
        os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    try:
        with os.fdopen(os.open(path, flags), "rb") as stream:
            refuse(os.fstat(stream.fileno()).st_mode)
            raw = stream.read(most + 1)
    except NotOrdinaryError:
        raise ValueError(f"{place} is no ordinary file; ask for the file itself") from None
    except OSError as error:
        raise ValueError(f"{place} cannot be read: {error.strerror or error}; check the path") from None
    if len(raw) > most:
        raise ValueError(f"{place} has more than {most:,} bytes; clear its figures and save it again")
    return raw


def decoded(raw: bytes) -> tuple[str, str]:
    """Decode bytes of an unknown encoding.

    Parameters
    ----------
    raw
        Contents of a text file.

    Returns
    -------
    The text; and a remark about the encoding, "" for none.
    """
    marks = (
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    )
    encoding = next((name for mark, name in marks if raw.startswith(mark)), "")
    encoding = encoding or (json.detect_encoding(raw) if b"\x00" in raw[:4] else "utf-8")
    try:
        return raw.decode(encoding), "" if encoding.startswith("utf-8") else f"read as {encoding.upper()}"
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace"), LATIN


def delimiter(text: str) -> str:
    """Return the delimiter of the columns of a table.

    Parameters
    ----------
    text
        Text of the table.

    Returns
    -------
    The most frequent candidate in the first line.
    """
    first = text.lstrip("\ufeff\r\n").split("\n", 1)[0]
    return max(",;\t|", key=first.count)


def files_of(folder: str | Path) -> list[Path]:
    """Return the files of a folder and its subfolders.

    Parameters
    ----------
    folder
        Folder to search.

    Returns
    -------
    Sorted paths, without hidden files and without files in hidden folders.
    """
    place = Path(folder)
    return sorted(
        path
        for path in place.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(place).parts)
    )


def sheet_bytes(path: Path) -> tuple[bytes, str]:
    """Read the bytes of a table.

    Parameters
    ----------
    path
        CSV or xlsx file; ``-`` is standard input.

    Returns
    -------
    The bytes; and ".xlsx" for a workbook whose parts are of a size that can be read, else another ending.

    Raises
    ------
    ValueError
        If it has another ending, cannot be read, or is too large.
    """
    piped = str(path) == STANDARD_INPUT
    ending = path.suffix.lower()
    if ending not in SHEETS and not piped:
        named = brief(path)
        raise ValueError(
            unknown("ending", path.suffix or path.name, SHEETS, f"{named}; save the table as CSV or xlsx")
        )
    raw = contents_of(path, MOST_SHEET_BYTES)
    if piped:
        ending = ".xlsx" if raw.startswith(b"PK") else ".csv"
    if ending == ".xlsx":
        check_workbook(raw, brief(path))
    return raw, ending


def read_sheet(path: str | Path) -> tuple[list[list[Any]], str]:
    """Read the rows of a CSV file, or of the first sheet of an xlsx file.

    Parameters
    ----------
    path
        File.

    Returns
    -------
    Rows of cells, with the heading first and without blank rows; and a remark about the encoding.

    Raises
    ------
    ValueError
        If it cannot be read, has another extension, is not a table, or contains a formula without a value.
    """
    place = Path(path)
    raw, ending = sheet_bytes(place)
    remark = ""
    if ending == ".xlsx":
        rows = _xlsx(place, raw)
    else:
        text, remark = decoded(raw)
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text)))
        except csv.Error as error:
            raise ValueError(f"{place} is no CSV: {error}; save it as CSV again") from None
    kept = [row for row in rows if any(cell is not None and str(cell).strip() for cell in row)]
    if not kept:
        raise ValueError(f"{place} holds no row; the first names the columns, such as segment, accounts, ssn")
    return kept, remark


def write_folder(folder: str | Path, texts: Mapping[str, str]) -> list[Path]:
    """Write texts as files of a folder; either all files or none.

    Parameters
    ----------
    folder
        Folder to write to; created if it does not exist.
    texts
        Text by file name.

    Returns
    -------
    The paths.

    Raises
    ------
    ValueError
        If one of the files exists already. Nothing is written.
    OSError
        If the location cannot be written.
    """
    place = Path(folder)
    if place.exists() and not place.is_dir():
        raise ValueError(f"{place} is a file; name a folder for the scenarios")
    old = [name for name in texts if (place / name).exists()]
    if old:
        raise ValueError(f"{place / old[0]} exists already; choose another folder, nothing was written")
    made = not place.exists()
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        for name, text in texts.items():
            (aside / name).write_text(text, encoding="utf-8", newline="\n")
        if made:
            aside.chmod(0o755)
            aside.replace(place)
        else:
            for name in texts:
                put(place / name, (aside / name).replace)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return [place / name for name in texts]


def wide_encoding(path: str | Path) -> str:
    """Return the encoding of a text file whose letters have two bytes or four, by its first bytes.

    Parameters
    ----------
    path
        File.

    Returns
    -------
    "utf-16" or "utf-32"; "" for other encodings, and for a file that cannot be opened.
    """
    try:
        with Path(path).open("rb") as stream:
            raw = stream.read(4)
    except OSError:
        return ""
    if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    return "utf-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in raw else ""


def columns_of(path: str | Path) -> int:
    """Count the columns of a CSV file by the delimiters of its first line.

    Parameters
    ----------
    path
        File.

    Returns
    -------
    A number that is not too small; 0 for a file that cannot be opened.
    """
    try:
        with Path(path).open("rb") as stream:
            first = stream.readline(LONGEST_LINE)
    except OSError:
        return 0
    return max(map(first.count, (b",", b";", b"\t", b"|"))) + 1


def _xlsx(path: Path, raw: bytes) -> list[list[Any]]:
    require("Excel files", "files", "openpyxl")
    from openpyxl import load_workbook

    try:
        with_values, with_formulas = (
            load_workbook(io.BytesIO(raw), read_only=True, data_only=values) for values in (True, False)
        )
        rows = list(zip(_cells(with_values), _cells(with_formulas), strict=True))
    except Exception as error:  # noqa: BLE001 - the library has no error of its own for a broken file
        cause = " ".join(_CONTROL.sub(" ", str(error)).split())[:80]
        raise ValueError(
            f"{path} is no xlsx file: {type(error).__name__}: {cause}; save it as xlsx or CSV again"
        ) from None
    for number, (values, formulas) in enumerate(rows, start=1):
        for column, (value, formula) in enumerate(zip(values, formulas, strict=True), start=1):
            if value is None and isinstance(formula, str) and formula.startswith("="):
                raise ValueError(
                    f"{path}, row {number}, column {column} is {shown(formula)}, a formula without a value; "
                    "open the file in a spreadsheet and save it, or write the number"
                )
    return [list(values) for values, _ in rows]


def _cells(book: Any) -> Iterator[tuple[Any, ...]]:
    sheet = book.worksheets[0]
    sheet.reset_dimensions()
    return iter(list(sheet.iter_rows(values_only=True)))
