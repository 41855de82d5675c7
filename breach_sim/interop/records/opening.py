"""Open files of records as one table of DuckDB: Parquet, CSV, JSON lines, and folders of them.

Folders named ``key=value`` are columns. Files with different columns are joined by name. A folder that a
table format keeps its log in (Delta, Iceberg, Hudi) is read through that log or not at all: its files hold
deleted rows as well.

Not here: what the columns mean.
"""

from __future__ import annotations

import glob
import importlib.util
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from breach_sim.formatting.extras import require
from breach_sim.formatting.messages import shown
from breach_sim.formatting.strangers import NotOrdinaryError, brief, check_name, exists, refuse, visible
from breach_sim.inputs.left_out import LeftOut
from breach_sim.interop.files import columns_of, wide_encoding

ENDINGS = {
    ".parquet": "Parquet", ".parq": "Parquet", ".pq": "Parquet",
    ".csv": "CSV", ".tsv": "CSV", ".psv": "CSV", ".txt": "CSV",
    ".jsonl": "JSON lines", ".ndjson": "JSON lines", ".json": "JSON lines",
}  # fmt: skip
"""Formats by ending; case does not matter, and .gz or .zst may follow those of text."""
PACKED = (".gz", ".zst")
MOST_COLUMNS = 5_000
"""Columns of a CSV file: the engine takes gigabytes and minutes to look at 100,000."""
ELSEWHERE = {
    ".xlsx": "breach-sim import table, or pandas.read_excel", ".xls": "pandas.read_excel",
    ".orc": "pyarrow.orc.read_table", ".feather": "polars.scan_ipc", ".arrow": "polars.scan_ipc",
    ".avro": "polars.read_avro", ".zip": "an unpacked copy", ".7z": "an unpacked copy",
    ".sqlite": "duckdb.connect().sql over sqlite_scan", ".db": "duckdb.connect(path).table(name)",
    ".duckdb": "duckdb.connect(path).table(name)", ".sas7bdat": "pandas.read_sas",
    ".dta": "pandas.read_stata",
    ".sav": "pandas.read_spss",
}  # fmt: skip
"""What reads other files, by ending."""
LOGS = {"_delta_log": "Delta", "metadata": "Iceberg", ".hoodie": "Hudi"}
_LIBRARY = {"Delta": "deltalake", "Iceberg": "pyiceberg"}
_HIDDEN = (".", "_")
_CAUSES = (
    "Expected Number of Columns",
    "Value with unterminated quote",
    "Invalid unicode",
    "Maximum line size",
)
_SMALL_BYTES, _SMALL_ROWS = 2_000_000, 20_000
_WINDOWS = 16
"""Files that a sample is taken from."""
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Files as one table.

    Parameters
    ----------
    relation
        Relation of DuckDB; an Arrow table of small files.
    format
        "Parquet", "CSV" or "JSON lines", for messages.
    left_out
        Files that were not read.
    notes
        What a reader of the counts must know about the files.
    starts
        Relation over some of the files, spread evenly; None if there is only one.
    """

    relation: Any
    format: str
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    starts: Any = None


def open_files(path: str | Path) -> Opened:
    """Open the files at a path as one table; only their columns are read.

    Parameters
    ----------
    path
        File, folder, or pattern with ``*``.

    Returns
    -------
    The table.

    Raises
    ------
    ValueError
        If there is no file that can be read, a file is broken, or a folder holds several tables.
    """
    require("files of rows", "files")
    import duckdb

    check_name(path)
    tables = _table_format(Path(path)) if "://" not in str(path) and str(path).strip() else None
    connection = duckdb.connect(config={"preserve_insertion_order": "false"})
    # Only if it is on: in a notebook without ipywidgets it is off, and to say so again is an error.
    if connection.sql("SELECT current_setting('enable_progress_bar')").fetchall() == [(True,)]:
        connection.execute("SET enable_progress_bar = false")
    if tables is not None:
        return _of_table_format(connection, *tables)
    files, left_out = _files(path)
    form = _form(files[0])
    hive = bool(_partition_keys(path, files))
    # Of packed text the first bytes say how it is packed.
    plain = [file for file in files if form == "CSV" and Path(file).suffix.lower() not in PACKED]
    wide = {wide_encoding(file) for file in plain} or {""}
    for file in plain:
        if (columns := columns_of(file)) > MOST_COLUMNS:
            raise ValueError(
                f"{brief(file)} has {columns:,} columns; at most {MOST_COLUMNS:,} are read: leave out those "
                "that hold no field"
            )
    if len(wide) > 1:
        raise ValueError(f"{path}: some files are in UTF-16 and others are not; save all of them as UTF-8")
    try:
        return _together(connection, path, files, form, hive=hive, encoding=wide.pop(), left_out=left_out)
    except _NotUnicodeError:
        return _together(connection, path, files, form, hive=hive, encoding="latin-1", left_out=left_out)


class _NotUnicodeError(Exception):
    """Text that is not UTF-8."""


def _together(
    connection: Any,
    path: str | Path,
    files: list[str],
    form: str,
    *,
    hive: bool,
    encoding: str,
    left_out: tuple[LeftOut, ...],
) -> Opened:
    """Files of one format as a table."""
    import duckdb

    notes = _check_tables(connection, path, files, form, encoding)
    if encoding == "latin-1":
        notes += ("The text is not UTF-8; it was read as Latin-1, so check the accents.",)
    try:
        relation = _read(connection, files, form, hive=hive, encoding=encoding)
        step = -(-len(files) // _WINDOWS)
        starts = _read(connection, files[::step], form, hive=hive, encoding=encoding) if step > 1 else None
        small = _small(relation, files)
    except duckdb.Error as error:
        if form == "CSV" and not encoding and "utf-8" in str(error).lower():
            raise _NotUnicodeError from None
        raise ValueError(_unreadable(path, form, error)) from None
    table = relation if small is None else small
    return Opened(relation=table, format=form, left_out=left_out, notes=notes, starts=starts)


def _small(relation: Any, files: list[str]) -> Any:
    """All rows of small files as an Arrow table, so that they are read once; None for others."""
    if sum(Path(file).stat().st_size for file in files) > _SMALL_BYTES:
        return None
    rows = relation.limit(_SMALL_ROWS + 1).to_arrow_table()
    return rows if rows.num_rows <= _SMALL_ROWS else None


def first_line(error: Exception) -> str:
    """Return the first line of an error of a library.

    Parameters
    ----------
    error
        The error.

    Returns
    -------
    Its first line, or the name of its class; of an error about CSV also the line that says why. Others hold
    values of the file.
    """
    first, *rest = str(error).strip().splitlines() or [type(error).__name__]
    why = next((line.strip() for line in rest if line.strip().startswith(_CAUSES)), "")
    return visible(f"{first}: {why}" if why else first)


def _unreadable(place: object, form: str, error: Exception) -> str:
    said = first_line(error).rstrip(".")
    return f"{place} cannot be read as {form}: {said}; correct it, or write it again as {form}"


def _read(connection: Any, files: list[str], form: str, *, hive: bool, encoding: str = "") -> Any:
    options = {"union_by_name": "true", "hive_partitioning": str(hive).lower()}
    if hive:
        options["hive_types_autocast"] = "false"
    function = {"Parquet": "read_parquet", "CSV": "read_csv", "JSON lines": "read_json"}[form]
    if form == "CSV":
        # As text: a column of digits keeps its zeros, and no file decides on the type of another's.
        # No line is skipped: DuckDB would take the rows before longer ones for a preamble.
        options |= {"all_varchar": "true", "header": "true", "skip": "0"}
        options |= {"encoding": _text(encoding)} if encoding else {}
    if form == "JSON lines":
        options |= {"sample_size": "-1", "format": "'auto'"}
    listed = ", ".join(f"{name} = {value}" for name, value in options.items())
    paths = ", ".join(_text(glob.escape(file)) for file in files)
    return connection.sql(f"SELECT * FROM {function}([{paths}], {listed})")  # noqa: S608 - quoted


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


# Which files ---------------------------------------------------------------------------------------------


def _files(path: str | Path) -> tuple[list[str], tuple[LeftOut, ...]]:
    """Files of one format at a path, and those that are not read."""
    text = str(path)
    if "://" in text:
        raise ValueError(
            f"{shown(text)} is an address; open it with an engine of yours that reads it, such as "
            "polars.scan_parquet(address), and give the table"
        )
    if not text.strip():
        raise ValueError("the path is empty; give a Parquet file, a folder of them ('.' for this one)")
    place = Path(path)
    if exists(place) and not place.is_dir():
        try:
            refuse(place.stat().st_mode)
        except NotOrdinaryError as error:
            raise ValueError(f"{brief(place)} {error}") from None
        if not _form(text):
            raise ValueError(f"{text} has the ending {_ending(text)!r}; {_remedy(text)}")
        return [text], ()
    found = place.rglob("*") if place.is_dir() else map(Path, glob.glob(text, recursive=True))  # noqa: PTH207 - an absolute pattern
    seen = sorted(
        str(file)
        for file in found
        if file.is_file() and not _is_hidden(file.relative_to(_above(place, file)))
    )
    forms = Counter(form for form in map(_form, seen) if form)
    if not forms:
        rule = (
            "the folder holds no .parquet file"
            if place.is_dir()
            else "there is no such file, folder or pattern"
        )
        other = next((f": {file} {_remedy(file)}" for file in seen), "")
        raise ValueError(
            f"{text}: {rule}; give a Parquet, CSV or JSON lines file, a folder of them, or a pattern such as "
            f"data/*.parquet{other}"
        )
    form = "Parquet" if "Parquet" in forms else forms.most_common(1)[0][0]
    # Beside tables, a text is a text.
    tables = [file for file in seen if _form(file) == form and _ending(file) != ".txt"]
    taken = tables or [file for file in seen if _form(file) == form]
    rest = [file for file in seen if file not in set(taken)]
    left_out = tuple(
        LeftOut(kind="file", name=visible(Path(file).name), reason=f"the folder is read as {form}")
        for file in rest
    )
    return taken, left_out


def _ending(file: str) -> str:
    """Ending of a file, that of packed text without what says how it is packed."""
    name = Path(file).name.lower()
    for packed in PACKED:
        name = name.removesuffix(packed)
    return Path(name).suffix


def _form(file: str) -> str:
    """Format of a file by its ending; "" if it is none that is read."""
    form = ENDINGS.get(_ending(file), "")
    packed = Path(file).suffix.lower() in PACKED
    return "" if packed and form == "Parquet" else form


def _remedy(file: str) -> str:
    other = ELSEWHERE.get(Path(file).suffix.lower())
    listed = ", ".join(ENDINGS)
    return f"is read by {other}: give that" if other else f"endings that are read: {listed}, with .gz or .zst"


def _above(place: Path, file: Path) -> Path:
    """Return the folder below which hidden names are not part of the data."""
    return place if place.is_dir() else file.parent


def _is_hidden(file: Path) -> bool:
    """Return whether a file or folder is hidden, by the convention of folder readers."""
    return any(part.startswith(_HIDDEN) for part in file.parts)


def _partition_keys(path: str | Path, files: Iterable[str]) -> tuple[str, ...]:
    """Names of the columns that folders stand for, refused unless all files have the same."""
    found = {tuple(part.partition("=")[0] for part in Path(file).parts[:-1] if "=" in part) for file in files}
    if len(found) > 1:
        one, other = sorted(found, key=len)[:: len(found) - 1]
        raise ValueError(
            f"{path}: some files lie in folders of {_keys(other)}, others in those of {_keys(one)}; a folder "
            "KEY=VALUE is a column, and all files must have it: give the folders one by one"
        )
    return next(iter(found), ())


def _keys(names: tuple[str, ...]) -> str:
    return ", ".join(map(repr, names)) or "no key"


def _check_tables(
    connection: Any, path: str | Path, files: list[str], form: str, encoding: str
) -> tuple[str, ...]:
    """Refuse several tables in one place, and say which columns only some files have."""
    columns = dict(_columns_of(connection, files, form, encoding))
    for file, names in columns.items():
        if form == "CSV" and len(names) == 1 and set(names[0]) & set(",;\t|"):
            raise ValueError(
                f"{file} cannot be read as CSV: not every row has as many columns as the first; put text "
                "with a delimiter in quotes, or give the rows their columns"
            )
    if len({frozenset(names) for names in columns.values()}) <= 1:
        return ()
    by_place: dict[tuple[str, ...], set[str]] = {}
    for file, names in columns.items():
        place = tuple(part for part in Path(file).parts[:-1] if "=" not in part)
        by_place.setdefault(place, set()).update(names)
    (first, own), *others = by_place.items()
    for place, found in others:
        if found != own:
            raise ValueError(
                f"{path} holds more than one table: of {Path(*first)} and {Path(*place)} only one has a "
                f"column {min(found ^ own)!r}; give the folder of one of them"
            )
    (file, start), *rest = columns.items()
    for other, names in rest:
        if not set(start) & set(names):
            raise ValueError(
                f"{path} holds more than one table: {file} and {other} have "
                "no column in common; give one of them"
            )
    count = Counter(name for names in columns.values() for name in names)
    partly = {name: number for name, number in count.items() if number < len(files)}
    listed = ", ".join(
        f"{name!r} (in {number:,} of {len(files):,} files)" for name, number in list(partly.items())[:_NAMED]
    )
    more = f" and {len(partly) - _NAMED:,} more" if len(partly) > _NAMED else ""
    return (f"Not every file has column {listed}{more}; where it is missing, it counts as not leaked.",)


def _columns_of(
    connection: Any, files: list[str], form: str, encoding: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Columns of each file."""
    import duckdb

    for file in files:
        try:
            yield file, tuple(_read(connection, [file], form, hive=False, encoding=encoding).columns)
        except duckdb.Error as error:
            if form == "CSV" and not encoding and "utf-8" in str(error).lower():
                raise _NotUnicodeError from None
            raise ValueError(_unreadable(file, form, error)) from None


# Tables with a log ---------------------------------------------------------------------------------------


def _table_format(place: Path) -> tuple[str, Path] | None:
    """Name of the table format of a folder, and the folder."""
    if not place.is_dir():
        return None
    for log, name in LOGS.items():
        for found in (place / log, *sorted(place.rglob(log))):
            if found.is_dir() and (name != "Iceberg" or any(found.glob("*.metadata.json"))):
                if found.parent != place:
                    raise ValueError(
                        f"{found.parent} is a {name} table, and its files hold deleted rows as well; give "
                        "that folder, not one above it"
                    )
                return name, place
    return None


def _of_table_format(connection: Any, name: str, place: Path) -> Opened:
    """Rows of a Delta or Iceberg table as of its newest version."""
    library = _LIBRARY.get(name, "")
    if not library or importlib.util.find_spec(library) is None:
        way = f"install {library}, or give" if library else "give"
        raise ValueError(
            f"{place} is a {name} table, and its files hold deleted rows as well; {way} a table that an "
            "engine of yours has read from it"
        )
    try:
        rows = _delta(place) if name == "Delta" else _iceberg(place)
    except Exception as error:  # noqa: BLE001 - each library has errors of its own
        raise ValueError(_unreadable(place, f"a {name} table", error)) from None
    return Opened(relation=connection.from_arrow(rows), format=f"a {name} table")


def _delta(place: Path) -> Any:
    from deltalake import DeltaTable

    return DeltaTable(place).to_pyarrow_dataset()


def _iceberg(place: Path) -> Any:
    from pyiceberg.table import StaticTable

    newest = max(
        (place / "metadata").glob("*.metadata.json"), key=lambda file: (file.stat().st_mtime, file.name)
    )
    return StaticTable.from_metadata(str(newest)).scan().to_arrow()
