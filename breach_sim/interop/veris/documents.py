"""Find the incidents of a source: values, JSON, JSON Lines, CSV with dotted columns, zip, gzip, and folders.

Whatever is none of these is refused by its name, with the remedy. In a folder such files are left out and
named, and the others are read.

Not here: which incidents are the same (``identity``), and columns of a CSV (``flat``).
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from breach_sim.catalog.words.meanings import ASSUMED, NO_COUNTERPART
from breach_sim.formatting.messages import shown
from breach_sim.formatting.strangers import check_name
from breach_sim.inputs.left_out import LeftOut
from breach_sim.interop.files import (
    MOST_BYTES,
    check_values,
    contents_of,
    decoded,
    delimiter,
    files_of,
    json_of,
)
from breach_sim.interop.imported import entry_list
from breach_sim.interop.veris.flat import columns_of, incident_of, is_flat, unread_columns

LISTS = ("incidents", "data", "results")
"""Keys under which a file may hold its list of incidents."""
TEXTS = (".json", ".jsonl", ".ndjson", ".csv", ".tsv")
CONTAINERS = (".zip", ".gz")
REMEDY = (
    "VERIS incidents are read from JSON, JSON Lines, a CSV with dotted columns, or a zip or gzip of these"
)
_OTHERS: Mapping[str, str] = {
    ".xlsx": "a spreadsheet; save the sheet of incidents as CSV",
    ".xls": "a spreadsheet; save the sheet of incidents as CSV",
    ".parquet": "a Parquet file; write it as CSV or JSON Lines",
    ".feather": "a Feather file; write it as CSV or JSON Lines",
    ".rda": "a file of R; write the incidents with jsonlite::toJSON or write.csv",
    ".rdata": "a file of R; write the incidents with jsonlite::toJSON or write.csv",
    ".rds": "a file of R; write the incidents with jsonlite::toJSON or write.csv",
    ".dat": "a data file, probably of R; write the incidents as JSON or CSV",
    ".yaml": "YAML; convert it to JSON",
    ".yml": "YAML; convert it to JSON",
    ".xml": "XML; convert it to JSON",
    ".html": "a web page; download the file itself",
    ".pdf": "a PDF; look for the data themselves",
    ".htm": "a web page; download the file itself",
    ".7z": "a 7z archive; unpack it and name the folder",
    ".rar": "a rar archive; unpack it and name the folder",
    ".tar": "a tar archive; unpack it and name the folder",
    ".tgz": "a tar archive; unpack it and name the folder",
    ".xz": "compressed with xz; unpack it first",
    ".bz2": "compressed with bzip2; unpack it first",
    ".zst": "compressed with zstd; unpack it first",
}
"""Other formats by their ending: what they are, and what to do."""
_MAGIC: Mapping[bytes, str] = {
    b"PAR1": ".parquet",
    b"7z\xbc\xaf\x27\x1c": ".7z",
    b"Rar!": ".rar",
    b"\xfd7zXZ\x00": ".xz",
    b"BZh": ".bz2",
    b"\x28\xb5\x2f\xfd": ".zst",
    b"\xd0\xcf\x11\xe0": ".xls",
    b"%PDF": ".pdf",
}
"""First bytes of other formats, with their ending."""
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP = b"\x1f\x8b"
_MOST_FILES = 100_000
"""Most files of a zip."""
_HEAD = 4096
"""Bytes at the beginning of a file that say what it is."""
_DEEPEST = 2
"""Most containers in each other."""
_KEYS = ("attribute", "incident_id", "victim", "action")
"""Keys one of which an incident has."""


@dataclass
class Documents:
    """Incidents of a source, and what of the source is none.

    Parameters
    ----------
    place
        Name of the source.
    found
        Where each incident stands, and the incident.
    alone
        Whether the source is one incident.
    refused
        Files that should hold incidents and cannot be read, with the reason.
    skipped
        Files and columns that are not read.
    remarks
        Word, state and reason of remarks about the source.
    """

    place: str
    found: list[tuple[str, Any]] = field(default_factory=list)
    alone: bool = False
    refused: dict[str, str] = field(default_factory=dict)
    skipped: list[LeftOut] = field(default_factory=list)
    remarks: list[tuple[str, str, str]] = field(default_factory=list)

    def skip(self, kind: str, name: str, reason: str, place: str = "") -> None:
        """Name a file or a column that is not read."""
        self.skipped.append(LeftOut(kind=kind, name=name, reason=reason, place=place))
        self.remarks.append((name, NO_COUNTERPART, reason))


def documents_of(source: Any) -> Documents:
    """Return the incidents of a source.

    Parameters
    ----------
    source
        File, folder, incident, or list of incidents.

    Returns
    -------
    Its incidents; none of them has been looked at.

    Raises
    ------
    ValueError
        If it is in no known format, or holds nothing.
    """
    if not isinstance(source, (str, Path)):
        documents = Documents("the value given")
        documents.found, documents.alone = _named(source, documents.place, "")
        return documents
    check_name(source)
    documents = Documents(str(source))
    if Path(source).is_dir():
        for path in files_of(source):
            name = path.relative_to(source).as_posix()
            if _is_read(name):
                try:
                    found, _ = _incidents(contents_of(path), name, documents)
                except ValueError as error:
                    documents.refused[name] = str(error)
                    continue
                documents.found += found
            else:
                documents.skip("file", name, _what(_ending(name)) or f"a file of another kind; {REMEDY}")
        if not documents.found and not documents.refused:
            raise ValueError(f"{source} holds no file of incidents; {REMEDY}")
        return documents
    documents.found, documents.alone = _incidents(contents_of(source), str(source), documents)
    if documents.alone:
        documents.found = [(Path(source).name, incident) for _, incident in documents.found]
    return documents


def _is_read(name: str) -> bool:
    return _ending(name) in (*TEXTS, *CONTAINERS)


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _what(ending: str) -> str:
    """What a file of another format is, by its ending; "" if that is not known."""
    what = _OTHERS.get(ending, "")
    return f"{what}; {REMEDY}" if what else ""


def _other_format(raw: bytes, name: str) -> str:
    """What a file is that is none of ours, by its first bytes or its ending; "" for nothing of the kind."""
    ending = next((end for magic, end in _MAGIC.items() if raw.startswith(magic)), "")
    if raw.startswith(_ZIP) and b"[Content_Types].xml" in raw[:_HEAD]:
        ending = ".xlsx"
    if ending:
        return _what(ending)
    return "" if _is_read(name) or raw.startswith((*_ZIP, _GZIP)) else _what(_ending(name))


def _incidents(
    raw: bytes, name: str, documents: Documents, depth: int = 0
) -> tuple[list[tuple[str, Any]], bool]:
    """Incidents of a file, and whether it is one incident by itself."""
    what = _other_format(raw, name)
    if what:
        raise ValueError(f"{name} is {what}")
    if raw.startswith(_ZIP):
        return _zipped(raw, name, documents, depth), False
    if raw.startswith(_GZIP):
        if depth > _DEEPEST:
            raise ValueError(f"{name} is packed more than {_DEEPEST} times; unpack it")
        return _incidents(_unzipped(raw, name), name.removesuffix(".gz"), documents, depth + 1)
    text, remark = decoded(raw)
    if remark:
        documents.remarks.append((f"encoding of {name}", ASSUMED, remark))
    text = text.lstrip("\ufeff \r\n\t")
    ending, first = _ending(name), text[:1]
    if "\x00" in text[:_HEAD]:
        raise ValueError(f"{name} is a binary file of another format; {REMEDY}")
    if first == "<":
        raise ValueError(f"{name} is a web page or XML; download the file itself; {REMEDY}")
    if first not in ("[", "{") and (ending in (".csv", ".tsv") or is_flat(text.split("\n", 1)[0].split(","))):
        return _rows(text, name, documents), False
    if ending in (".jsonl", ".ndjson") or (first == "{" and _are_lines(text)):
        return _of_lines(text, name, documents)
    return _named(json_of(text, name), name, name)


def _are_lines(text: str) -> bool:
    """Whether a text holds one object a line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return len(lines) > 1 and all(line.startswith("{") and line.endswith("}") for line in lines)


def _of_lines(text: str, name: str, documents: Documents) -> tuple[list[tuple[str, Any]], bool]:
    """Incidents of a JSON Lines document; lines that are not JSON are refused one by one."""
    check_values(text, name)
    found: list[tuple[str, Any]] = []
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    for number, line in lines:
        place = f"{name} [{number}]"
        try:
            found.append((place, json_of(line, f"{name}, line {number}")))
        except ValueError as error:
            documents.refused[place] = str(error)
    if not found:
        first = next(iter(documents.refused.values()), "it is empty")
        raise ValueError(f"{name} holds no incident; the first line: {first}")
    return found, len(lines) == 1


def _is_incident(value: Any) -> bool:
    return isinstance(value, Mapping) and any(key in value for key in _KEYS)


def _named(value: Any, place: str, name: str) -> tuple[list[tuple[str, Any]], bool]:
    """Incidents of a value with their places, and whether it is a single one."""
    if _is_incident(value):
        return [(name, value)], True
    if isinstance(value, Mapping) and value and all(_is_incident(own) for own in value.values()):
        value = list(value.values())
    remedy = "an object with attribute, victim and timeline, or a list of them"
    incidents = entry_list(value, LISTS, place=place, noun="incident of VERIS", remedy=remedy)
    return [(f"{name} [{i}]" if name else "", each) for i, each in enumerate(incidents)], False


def _rows(text: str, name: str, documents: Documents) -> list[tuple[str, Any]]:
    """Incidents of a table."""
    try:
        rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter(text)))
    except csv.Error as error:
        raise ValueError(f"{name} is no CSV: {error}; save it as CSV again") from None
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    heading = rows[0] if rows else []
    if not is_flat(heading):
        raise ValueError(
            f"{name} has the columns {shown(heading)}; a table of incidents has dotted columns such as "
            "attribute.confidentiality.data.variety.Medical, as VCDB publishes it"
        )
    if len(rows) == 1:
        raise ValueError(f"{name} holds a heading and no incident; give at least one row")
    for column in unread_columns(heading):
        documents.skip("column", column, "says nothing that is read", name)
    columns = columns_of(heading)
    found: list[tuple[str, Any]] = []
    for number, row in enumerate(rows[1:], start=2):
        if len(row) > len(heading):
            documents.refused[f"{name}, row {number}"] = (
                f"{name}, row {number} has {len(row)} cells and the heading {len(heading)}; a cell with a "
                "comma needs quotes"
            )
            continue
        found.append((f"{name}, row {number}", incident_of(columns, row)))
    return found


def _unzipped(raw: bytes, name: str) -> bytes:
    """Contents of a gzip file."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
            found = stream.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{name} is a damaged gzip file ({error}); download it again") from None
    if len(found) > MOST_BYTES:
        raise ValueError(f"{name} unpacks to more than {MOST_BYTES:,} bytes; split it")
    return found


def _zipped(raw: bytes, name: str, documents: Documents, depth: int) -> list[tuple[str, Any]]:
    """Incidents of the files of a zip."""
    found: list[tuple[str, Any]] = []
    read = 0
    for inner, contents in _members(raw, name):
        place = f"{name}/{inner}"
        if not _is_read(inner) or depth:
            documents.skip("file", inner, _what(_ending(inner)) or f"a file of another kind; {REMEDY}", name)
            continue
        try:
            found += _incidents(contents, place, documents, depth + 1)[0]
            read += 1
        except ValueError as error:
            documents.refused[place] = str(error)
    if not found:
        first = next((why for place, why in documents.refused.items() if place.startswith(f"{name}/")), "")
        raise ValueError(f"{name} is a zip without incidents{f': {first}' if first else ''}; {REMEDY}")
    return found


def _members(raw: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files of a zip."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise ValueError(f"{name} is a damaged zip ({error}); download it again") from None
    with archive:
        members = [own for own in archive.infolist() if not own.is_dir() and not _hidden(own.filename)]
        if len(members) > _MOST_FILES or sum(own.file_size for own in members) > MOST_BYTES:
            limit = f"{_MOST_FILES:,} files or {MOST_BYTES:,} bytes"
            raise ValueError(f"{name} unpacks to more than {limit}; split it")
        for own in members:
            if own.flag_bits & 1:
                raise ValueError(f"{name} is encrypted; unpack it with its password and name the folder")
            try:
                yield own.filename, archive.read(own)
            except (
                zipfile.BadZipFile,
                NotImplementedError,
                RuntimeError,
                OSError,
                EOFError,
                zlib.error,
            ) as error:
                raise ValueError(f"{name} is a damaged zip ({error}); download it again") from None


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)
