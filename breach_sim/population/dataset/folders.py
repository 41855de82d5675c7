"""What a folder holds already: a data set, a run that was stopped, damaged files, or something else.

A finished data set says in ``manifest.json`` which files it has; a run that was stopped left its plan and a
note about each whole file in ``.partial``. Nothing is believed of a file before its bytes were hashed.

Not here: writing (`writer`), and who may write (`claim`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from breach_sim.formatting.messages import shown
from breach_sim.population.dataset.places import ASIDE, Local, Remote, place_at
from breach_sim.population.dataset.source import Source
from breach_sim.population.dataset.workers import Progress, Report, Workers, cores
from breach_sim.population.values.columns import TABLES

MANIFEST: Final = "manifest.json"
PLAN: Final = f"{ASIDE}/plan.json"
_NAME: Final = re.compile(r"[a-z_]{1,40}/part-\d{5,9}\.[a-z]{1,10}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_SOME: Final = 3  # names in a message


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Data set that is asked for.

    Parameters
    ----------
    population
        Where the rows are from.
    place
        Folder.
    tables
        Names of tables.
    layout
        How rows are split into files.
    """

    population: Source
    place: Local | Remote
    tables: Sequence[str]
    layout: Mapping[str, Any]

    def header(self, table: str) -> dict[str, Any]:
        """Return everything that determines the rows of a table, as read back from JSON.

        Parameters
        ----------
        table
            Name of a table, known or not.

        Returns
        -------
        dict
            Empty for a table that is not known.
        """
        header = self.population.header(table) if table in TABLES else {}
        plain: dict[str, Any] = json.loads(json.dumps(dict(header)))
        return plain


@dataclass(frozen=True, slots=True)
class Checked:
    """What the hash of a file came to.

    Parameters
    ----------
    name
        Path of the file below the root.
    blocks
        Blocks of the file.
    state
        "whole", "missing" or "damaged".
    """

    name: str
    blocks: int
    state: str
    rows: int = 0


@dataclass(frozen=True, kw_only=True)
class Verified:
    """Data set of which every byte was compared with its manifest.

    Parameters
    ----------
    path
        Folder or address.
    rows
        Rows by table.
    files
        Number of files.
    size
        Bytes of all files.
    """

    path: str
    rows: Mapping[str, int]
    files: int
    size: int


def look(wanted: Wanted, *, resume: bool) -> Mapping[str, Any]:
    """Return the manifest of a folder that can be written into.

    Parameters
    ----------
    wanted
        What is asked for.
    resume
        Whether an earlier run may be continued.

    Returns
    -------
    mapping
        Empty if there is none.

    Raises
    ------
    ValueError
        If the folder holds anything else, or files that cannot be read.
    """
    place = wanted.place
    try:
        names = [name for name in place.names() if name != ASIDE]
    except NotADirectoryError:
        raise ValueError(f"{place} is a file; give a folder") from None
    manifest, begun = read_manifest(place), read_plan(place)
    if not manifest and not begun and names:
        raise ValueError(f"{place} holds {shown(names[0])} and no data set of ours; give an empty folder")
    done = {table: entry["header"] for table, entry in manifest.get("tables", {}).items()}
    for table, header in (done | begun.get("headers", {})).items():
        _refuse_other(wanted, table, header)
    for found in filter(None, (manifest, begun)):
        _refuse_layout(wanted, found)
    if begun and set(begun["headers"]) != set(wanted.tables):
        raise ValueError(
            f"{place} holds a run of {', '.join(begun['headers'])} that was stopped, and "
            f"{', '.join(wanted.tables)} is asked for; go on with the same tables, or give an empty folder"
        )
    if not resume and (begun or set(wanted.tables) & set(done)):
        state = "an unfinished run of this data set" if begun else "this data set already"
        raise ValueError(f"{place} holds {state}; go on with resume, or give an empty folder")
    return manifest


def read_manifest(place: Local | Remote) -> dict[str, Any]:
    """Return the manifest of a folder.

    Parameters
    ----------
    place
        Folder.

    Returns
    -------
    dict
        Empty if there is none.

    Raises
    ------
    ValueError
        If it is damaged, or of another program.
    """
    found = place.read(MANIFEST)
    if found is None:
        return {}
    if not isinstance(found, dict) or not _is_tables(found.get("tables")):
        raise ValueError(_other_shape(place, MANIFEST, "'tables' with a header and files for each table"))
    return found


def read_plan(place: Local | Remote) -> dict[str, Any]:
    """Return the plan of a run that was stopped; as for :func:`read_manifest`.

    Parameters
    ----------
    place
        Folder.

    Returns
    -------
    dict
        Empty if there is none.
    """
    found = place.read(PLAN)
    if found is None:
        return {}
    headers = found.get("headers") if isinstance(found, dict) else None
    if not isinstance(headers, dict) or not all(isinstance(header, dict) for header in headers.values()):
        raise ValueError(_other_shape(place, PLAN, "'headers' with one header for each table"))
    return dict(found)


def is_record(found: object, name: str = "") -> bool:
    """Say whether something read from JSON is the record of a file.

    Parameters
    ----------
    found
        What was read.
    name
        Name that the record must have; any if empty.

    Returns
    -------
    Whether name, blocks, rows, bytes and SHA-256 are there and can be true.
    """
    return (
        isinstance(found, dict)
        and isinstance(found.get("name"), str)
        and (found["name"] == name if name else _NAME.fullmatch(found["name"]) is not None)
        and all(_is_count(found.get(key)) for key in ("first_block", "blocks", "rows", "bytes"))
        and isinstance(found.get("sha256"), str)
        and _SHA256.fullmatch(found["sha256"]) is not None
    )


def check_files(place: Local | Remote, records: Sequence[Mapping[str, Any]], pool: Workers) -> list[Checked]:
    """Hash files and compare them with their records.

    Parameters
    ----------
    place
        Folder.
    records
        As `is_record` wants them.
    pool
        Workers, of which the threads hash; they report blocks and no rows.

    Returns
    -------
    list of Checked
        In the order of the records.
    """
    return pool.map(_check_file, [(place, record) for record in records], here=True) if records else []


def _check_file(piece: tuple[Local | Remote, Mapping[str, Any]], report: Report) -> Checked:
    place, record = piece
    name, blocks = record["name"], record["blocks"]
    size = place.size(name)
    same = size == record["bytes"] and place.digest(name) == record["sha256"]
    for _ in range(blocks):
        report(0)
    return Checked(name, blocks, "whole" if same else "missing" if size is None else "damaged")


def verify(path: Any, *, workers: int | None = None, progress: Progress | None = None) -> Verified:
    """Compare every byte of a data set with its manifest.

    Parameters
    ----------
    path
        Folder, or an fsspec address.
    workers
        Number of threads; one per core if None. At least 1
    progress
        As for `write`; the rows are 0.

    Returns
    -------
    Verified
        What is there, all of it as the manifest says.

    Raises
    ------
    ValueError
        If there is no finished data set, or a file is missing, damaged, or not named by the manifest.
    """
    place = place_at(path)
    try:
        names = place.names()
    except NotADirectoryError:
        raise ValueError(f"{place} is a file; give the folder of a data set") from None
    manifest = read_manifest(place)
    if not manifest:
        raise ValueError(f"{place} {_instead(names)}")
    tables: Mapping[str, Any] = manifest["tables"]
    records = [record for entry in tables.values() for record in entry["files"]]
    pool = Workers(number=workers or cores(), progress=progress)
    pool.expect(sum(record["blocks"] for record in records))
    wrong = [
        f"{found.name} ({found.state})"
        for found in check_files(place, records, pool)
        if found.state != "whole"
    ]
    known = {record["name"] for record in records}
    there = {f"{table}/{name}" for table in tables for name in place.names(table)}
    wrong += [f"{name} (not of the data set)" for name in sorted(there - known)]
    if wrong:
        more = f" and {len(wrong) - _SOME} more" if len(wrong) > _SOME else ""
        raise ValueError(
            f"{place}: {len(wrong)} of {len(known | there)} files are not what {MANIFEST} says: "
            f"{', '.join(wrong[:_SOME])}{more}; the generate that made them, with resume, makes those of the "
            "data set again"
        )
    rows = {table: entry["rows"] for table, entry in tables.items()}
    return Verified(path=str(place), rows=rows, files=len(records), size=sum(r["bytes"] for r in records))


def _instead(names: Sequence[str]) -> str:
    if ASIDE in names:
        return "holds a run that was stopped; finish it with resume, then verify it"
    if names:
        return f"holds {shown(names[0])} and no {MANIFEST}; give the folder of a data set"
    return "is empty, or is not there; give the folder of a data set"


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_tables(found: object) -> bool:
    """Say whether the tables of a manifest have what they need."""
    return isinstance(found, dict) and all(
        isinstance(entry, dict)
        and isinstance(entry.get("header"), dict)
        and _is_count(entry.get("rows"))
        and isinstance(entry.get("files"), list)
        and all(
            is_record(record) and PurePosixPath(record["name"]).parent.name == table
            for record in entry["files"]
        )
        for table, entry in found.items()
    )


def _other_shape(place: Local | Remote, name: str, what: str) -> str:
    return (
        f"{place}/{name} is not of this program, or damaged: it must hold {what}; "
        "give an empty folder, or delete this one, and generate again"
    )


def _refuse_other(wanted: Wanted, table: str, found: Mapping[str, Any]) -> None:
    """Reject a folder with a table that was generated from other inputs."""
    own = wanted.header(table)
    differing = [key for key in {**found, **own} if found.get(key) != own.get(key)]
    if differing:
        raise ValueError(
            f"{wanted.place} holds another data set: {_about(found)}, while {_about(own)} is asked for (they "
            f"differ in {', '.join(differing[:4])}); nothing was changed: give an empty folder"
        )


def _refuse_layout(wanted: Wanted, found: Mapping[str, Any]) -> None:
    """Reject a folder whose files have another format or size."""
    for key, own in wanted.layout.items():
        if found.get(key) != own:
            raise ValueError(
                f"{wanted.place} holds this data set with {key} {shown(found.get(key))}, and {own!r} is "
                f"asked for; ask for {shown(found.get(key))}, or give an empty folder"
            )


def _about(header: Mapping[str, Any]) -> str:
    rows = header.get("rows")
    number = f"{rows:,}" if _is_count(rows) else shown(rows)
    scenario = header.get("scenario")
    title = scenario if isinstance(scenario, str) and scenario.isprintable() else shown(scenario)
    return f"seed {shown(header.get('seed'))} of {title}, {number} rows"
