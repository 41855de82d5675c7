"""Laws of containers: every container gives the same scenarios, and other formats are refused by name."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.imports import incident, part

import breach_sim as bs

BASE = "attribute.confidentiality."


def example(number: int = 1) -> dict[str, Any]:
    """Return an invented incident."""
    data = [part("Medical", 100 * number), {"variety": "Internal"}]
    return incident(data, data_total=100 * number, data_victim=["Patient"], state=["Stored"]) | {
        "incident_id": f"I-{number}",
        "security_incident": "Confirmed",
        "victim": {"victim_id": f"Clinic {number}", "country": ["US"], "industry": "622110"},
        "timeline": {"incident": {"year": 2019, "month": 5, "day": number}},
    }


def flat(number: int = 1) -> dict[str, Any]:
    """Return the same incident as a row with dotted columns."""
    return {
        "incident_id": f"I-{number}",
        "schema_version": "1.3.7",
        "security_incident.Confirmed": "TRUE",
        "security_incident.Near miss": "FALSE",
        f"{BASE}data.variety.Medical": "TRUE",
        f"{BASE}data.variety.Internal": "TRUE",
        f"{BASE}data.variety.Payment": "FALSE",
        f"{BASE}data.amount.Medical": str(100 * number),
        f"{BASE}data.amount.Payment": "0",
        f"{BASE}data_total": str(100 * number),
        f"{BASE}data_disclosure.Yes": "TRUE",
        f"{BASE}data_victim.Patient": "TRUE",
        f"{BASE}data_victim.Customer": "FALSE",
        f"{BASE}state.Stored": "TRUE",
        "victim.victim_id": f"Clinic {number}",
        "victim.country.US": "TRUE",
        "victim.country.GB": "FALSE",
        "victim.industry": "622110",
        "timeline.incident.year": "2019",
        "timeline.incident.month": "5",
        "timeline.incident.day": str(number),
        "action.malware.variety.Backdoor": "FALSE",
    }


def table(rows: list[dict[str, Any]], delimiter: str = ",") -> bytes:
    """Return a CSV of rows with the same columns."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def packed(files: dict[str, bytes]) -> bytes:
    """Return a zip of files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in files.items():
            archive.writestr(name, contents)
    return stream.getvalue()


def lines(numbers: tuple[int, ...] = (1, 2)) -> bytes:
    """Return incidents as JSON Lines."""
    return "\n".join(json.dumps(example(number)) for number in numbers).encode()


JOINED = json.dumps([example(1), example(2)]).encode()
ROWS = table([flat(1), flat(2)])
SEPARATE = packed({f"{n}.JSON": json.dumps(example(n)).encode() for n in (1, 2)} | {"__MACOSX/x": b"junk"})
CONTAINERS: dict[str, bytes] = {
    "joined.json": JOINED,
    "UPPER.JSON": JOINED,
    "by_id.json": json.dumps({"I-1": example(1), "I-2": example(2)}).encode(),
    "under_a_key.json": json.dumps({"incidents": [example(1), example(2)]}).encode(),
    "lines.jsonl": lines(),
    "lines.ndjson": lines(),
    "lines.json": lines(),
    "vcdb.csv": ROWS,
    "semicolons.csv": table([flat(1), flat(2)], ";"),
    "bom.csv": b"\xef\xbb\xbf" + ROWS,
    "tabs.tsv": table([flat(1), flat(2)], "\t"),
    "vcdb.csv.zip": packed({"vcdb.csv": ROWS}),
    "vcdb.json.zip": packed({"joined/vcdb.json": JOINED}),
    "separate.zip": SEPARATE,
    "no_ending": packed({"vcdb.json": JOINED}),
    "lines.jsonl.gz": gzip.compress(lines()),
    "vcdb.csv.gz": gzip.compress(ROWS),
    "utf16.json": JOINED.decode().encode("utf-16"),
}


@pytest.mark.parametrize("name", list(CONTAINERS))
def test_every_container_gives_the_same_scenarios(name: str, tmp_path: Path) -> None:
    """Two incidents come out of every container as they do from a list in Python."""
    (tmp_path / name).write_bytes(CONTAINERS[name])
    found = bs.from_veris(tmp_path / name)
    wanted = bs.from_veris([example(1), example(2)])
    assert [breach.name for breach in wanted] == [breach.name for breach in found]
    for one, two in zip(found, wanted, strict=True):
        assert (one.segments, one.day_zero, one.dossier) == (two.segments, two.day_zero, two.dossier)
    assert {} == found.refused


@pytest.mark.parametrize(
    "cells",
    [
        {f"{BASE}data": "[{'variety': 'Medical', 'amount': 100}]"},
        {f"{BASE}data": '[{"variety": "Medical", "amount": 100}]'},
        {f"{BASE}data.0.variety": "Medical", f"{BASE}data.0.amount": "100"},
        {
            "attribute__confidentiality__data__0__variety": "Medical",
            "attribute__confidentiality__data__0__amount": "1e+02",
        },
        {
            "attribute/confidentiality/data/variety/Medical": "true",
            "attribute/confidentiality/data_total": "100.0",
        },
        {f"{BASE}data.variety.Medical": "1", f"{BASE}data.amount.Medical": "100"},
        {f"{BASE}data.variety": "Medical", f"{BASE}data_total": "100"},
        {f"{BASE}data.variety.medical": "yes", f"{BASE}data_total": "100", "empty": "NA"},
    ],
)
def test_flattened_incidents_of_several_tools_are_read(cells: dict[str, str], tmp_path: Path) -> None:
    """VCDB's own columns, numbered ones, other separators, and a list as text in one cell mean the same."""
    (tmp_path / "flat.csv").write_bytes(table([{"incident_id": "I-1"} | cells]))
    breach = bs.from_veris(tmp_path / "flat.csv").scenario
    assert 100 == breach.accounts
    assert "medical_record" in breach.segments[0].fields


@pytest.mark.parametrize(
    ("name", "contents", "said"),
    [
        ("vcdb.xlsx", b"PK\x03\x04 .. [Content_Types].xml ..", "spreadsheet"),
        ("vcdb.xls", b"\xd0\xcf\x11\xe0rest", "spreadsheet"),
        ("vcdb.parquet", b"PAR1rest", "Parquet"),
        ("vcdb.rda", b"anything", "file of R"),
        ("vcdb.yaml", b"a: 1", "YAML"),
        ("vcdb.7z", b"7z\xbc\xaf\x27\x1crest", "7z archive"),
        ("vcdb.json.xz", b"\xfd7zXZ\x00rest", "xz"),
        ("page.json", b"<!doctype html><title>429</title>", "web page"),
        ("vcdb.xml", b"<incidents/>", "XML"),
        ("vcdb.zip", b"PK\x03\x04broken", "damaged zip"),
        ("vcdb.json.gz", b"\x1f\x8bbroken", "damaged gzip"),
        ("empty.zip", packed({"readme.txt": b"none"}), "zip without incidents"),
        ("other.csv", b"name,people\nA,5\n", "dotted columns"),
        ("heading.csv", ROWS.split(b"\n", 1)[0], "a heading and no incident"),
    ],
)
def test_other_formats_are_refused_by_name(name: str, contents: bytes, said: str, tmp_path: Path) -> None:
    """What is no container of incidents is refused with what it is, its name, and no bytes of it."""
    (tmp_path / name).write_bytes(contents)
    with pytest.raises(ValueError, match=said) as refusal:
        bs.from_veris(tmp_path / name)
    assert name in str(refusal.value)
    assert "\\x" not in str(refusal.value)


def test_files_of_a_folder_that_are_not_read_are_named(tmp_path: Path) -> None:
    """Capitals are read; other files travel as left out, with the reason and what to do."""
    (tmp_path / "A.JSON").write_bytes(json.dumps(example(1)).encode())
    (tmp_path / "b.csv").write_bytes(table([flat(2)]))
    (tmp_path / "c.parquet").write_bytes(b"PAR1")
    (tmp_path / "notes.md").write_bytes(b"# notes")
    (tmp_path / ".hidden").write_bytes(b"x")
    imported = bs.from_veris(tmp_path)
    assert {"veris-i-1", "veris-i-2"} == {breach.name for breach in imported}
    for breach in imported:
        assert ["c.parquet", "notes.md"] == [left.name for left in breach.left_out if left.kind == "file"]
    assert {"c.parquet", "notes.md"} <= {row.word for row in imported.rows}
    assert "Parquet" in next(row.reason for row in imported.rows if row.word == "c.parquet")


def test_a_broken_line_is_refused_and_the_others_load(tmp_path: Path) -> None:
    """Of JSON Lines with a damaged line the others load, and the line is named by its number."""
    (tmp_path / "lines.jsonl").write_bytes(lines() + b"\n{broken")
    imported = bs.from_veris(tmp_path / "lines.jsonl")
    assert 2 == len(imported)
    assert any("line 3" in reason for reason in imported.refused.values())


def test_a_row_that_is_too_long_is_refused(tmp_path: Path) -> None:
    """A row with more cells than the heading is refused by its number and never shifted."""
    (tmp_path / "vcdb.csv").write_bytes(ROWS + b"a," * 40 + b"b\n")
    imported = bs.from_veris(tmp_path / "vcdb.csv")
    assert 2 == len(imported)
    assert any("row 4" in place for place in imported.refused)


def test_columns_about_data_that_are_not_read_are_named(tmp_path: Path) -> None:
    """A column below attribute.confidentiality without a meaning here is left out by its name."""
    (tmp_path / "vcdb.csv").write_bytes(table([flat(1) | {f"{BASE}partner_data.Yes": "TRUE"}]))
    (left,) = bs.from_veris(tmp_path / "vcdb.csv").scenario.left_out
    assert ("column", f"{BASE}partner_data.Yes") == (left.kind, left.name)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.sampled_from(sorted(CONTAINERS)), st.data())
def test_a_mutated_file_gives_scenarios_or_a_sentence(name: str, data: st.DataObject) -> None:
    """Bytes that are cut, doubled or changed anywhere give scenarios, or one sentence; nothing else."""
    contents = bytearray(CONTAINERS[name])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(contents) - 1))
        match data.draw(st.sampled_from(["change", "cut", "double", "end"])):
            case "change":
                contents[place] = data.draw(st.integers(0, 255))
            case "cut":
                del contents[place : place + 9]
            case "double":
                contents[place:place] = contents[place : place + 30]
            case _:
                del contents[max(place, 1) :]
        contents = contents or bytearray(b"x")
    _check(name, bytes(contents))


def _check(name: str, contents: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(contents)
        try:
            imported = bs.from_veris(path)
        except ValueError as error:
            message = str(error)
            assert message
            assert "\n" not in message
            return
    assert all(breach.accounts >= 1 for breach in imported)
