"""Laws of files of records: folders, formats and partitions give the rows they hold, or a sentence."""

from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.command_line import refused, say
from support.records import cells

from breach_sim.interop.records import expose_records

ROWS = {"ssn": ["900-00-0004", None, "900-00-0001"], "email": ["a@x.org", "n/a", ""]}
CELLS = {
    ("records", frozenset({"ssn", "email_address"})): 1,
    ("records", frozenset()): 1,
    ("records", frozenset({"ssn"})): 1,
}
CSV = "ssn,email\n900-00-0004,a@x.org\n,n/a\n900-00-0001,\n"
LINES = "".join(
    json.dumps(dict(zip(ROWS, row, strict=True))) + "\n" for row in zip(*ROWS.values(), strict=True)
)


def part(folder: Path, name: str, **columns: list[object]) -> None:
    """Write a Parquet file."""
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), place)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", CSV),
        ("A.CSV", CSV),
        ("a.tsv", CSV.replace(",", "\t")),
        ("a.txt", CSV.replace(",", ";")),
        ("a.csv.gz", CSV),
        ("a.jsonl", LINES),
        ("a.ndjson", LINES),
        ("a.json", json.dumps([json.loads(line) for line in LINES.splitlines()])),
        ("a.JSONL.GZ", LINES),
        ("a b's [1].csv", CSV),
    ],
)
def test_files_of_text_are_read(name: str, text: str, tmp_path: Path) -> None:
    """CSV with any delimiter, JSON lines and JSON, packed or not, give the cells of their rows."""
    raw = text.encode()
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.lower().endswith(".gz") else raw)
    assert CELLS == cells(expose_records(tmp_path / name))
    assert CELLS == cells(expose_records(tmp_path))


@pytest.mark.parametrize("name", ["a.parq", "A.PARQUET", "a.pq"])
def test_parquet_by_any_ending(name: str, tmp_path: Path) -> None:
    """Other endings of Parquet and capitals are read, alone and in a folder beside the usual one."""
    part(tmp_path, name, **ROWS)
    assert CELLS == cells(expose_records(tmp_path / name))
    part(tmp_path, "b.parquet", **ROWS)
    assert {key: 2 * n for key, n in CELLS.items()} == cells(expose_records(tmp_path))


def test_digits_of_a_csv_keep_their_zeros(tmp_path: Path) -> None:
    """A column of digits is text, so 0000 of a pin is a value and a later text changes no earlier row."""
    (tmp_path / "a.csv").write_text("account_pin,full_name\n0000,Ann\n1234,Bo\n12,Cleo\n")
    assert 3 == expose_records(tmp_path / "a.csv").holding(1 << 19)


def test_a_csv_in_latin_letters_is_read_with_a_remark(tmp_path: Path) -> None:
    """Text that is not UTF-8 is read as Latin-1, and the notes say so."""
    (tmp_path / "a.csv").write_bytes("full_name,ssn\nJosé,900-00-0004\nZoë,900-00-0001\n".encode("latin-1"))
    found = expose_records(tmp_path / "a.csv")
    assert 2 == found.accounts.sum()
    assert "Latin-1" in " ".join(found.scenario.notes)


def test_a_csv_of_wide_letters_is_read(tmp_path: Path) -> None:
    """UTF-16, as some shells write it, is recognized by its first bytes."""
    (tmp_path / "a.csv").write_text(CSV, encoding="utf-16")
    assert CELLS == cells(expose_records(tmp_path / "a.csv"))


# Folders ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (
            {"ssn": ["900-00-0004", "900-00-0001"]},
            {"ssn": ["900-00-0002"], "phone_number": ["2125550100"]},
            {("ssn",): 2, ("phone_number", "ssn"): 1},
        ),
        (
            {"ssn": ["900-00-0004"], "phone_number": ["2125550100"]},
            {"ssn": ["900-00-0002", "900-00-0001"]},
            {("ssn",): 2, ("phone_number", "ssn"): 1},
        ),
        ({"ssn": pa.nulls(2)}, {"ssn": ["900-00-0002"]}, {(): 2, ("ssn",): 1}),
        ({"ssn": [900000004, 0]}, {"ssn": ["900-00-0002"]}, {(): 1, ("ssn",): 2}),
        ({"ssn": ["900-00-0002"]}, {"ssn": [900000004, 0]}, {(): 1, ("ssn",): 2}),
    ],
)
def test_files_with_different_columns_are_joined_by_name(
    one: dict[str, list[object]],
    other: dict[str, list[object]],
    wanted: dict[tuple[str, ...], int],
    tmp_path: Path,
) -> None:
    """A column of one file is not leaked in the others, columns of nothing and of other types are joined."""
    part(tmp_path, "part-0.parquet", **one)
    part(tmp_path, "part-1.parquet", **other)
    found = expose_records(tmp_path)
    assert wanted == {tuple(sorted(fields)): n for (_, fields), n in cells(found).items()}
    said = "Not every file has column 'phone_number' (in 1 of 2 files)" in " ".join(found.scenario.notes)
    assert said == ("phone_number" in {**one, **other})


def test_files_without_a_common_column_are_two_tables(tmp_path: Path) -> None:
    """Files that share no column are refused, with both names."""
    part(tmp_path, "people.parquet", ssn=["900-00-0004"])
    part(tmp_path, "sims.parquet", imsi=["310150123456789"])
    with pytest.raises(ValueError, match=r"people\.parquet and .*sims\.parquet have no column in common"):
        expose_records(tmp_path)


def test_files_of_another_format_are_left_out_by_name(tmp_path: Path) -> None:
    """A folder is read in one format; the rest is named, and hidden files are not."""
    part(tmp_path, "a.parquet", **ROWS)
    (tmp_path / "b.csv").write_text(CSV)
    (tmp_path / "_SUCCESS").write_text("")
    found = expose_records(tmp_path)
    assert CELLS == cells(found)
    assert [("file", "b.csv")] == [(p.kind, p.name) for p in found.scenario.left_out]


# Partitions ------------------------------------------------------------------------------------------------


def test_a_partition_can_be_the_segment(tmp_path: Path) -> None:
    """Folders KEY=VALUE are a column: of two levels, with a null, and with signs that a path escapes."""
    part(tmp_path, "kind=prepaid/year=2020/a.parquet", ssn=["900-00-0004", "900-00-0001"])
    part(tmp_path, "kind=postpaid/year=2021/a.parquet", ssn=["900-00-0002"])
    part(tmp_path, "kind=__HIVE_DEFAULT_PARTITION__/year=2021/a.parquet", ssn=[None])
    part(tmp_path, "kind=A%20%26%20B/year=2021/a.parquet", ssn=["900-00-0003"])
    found = expose_records(tmp_path, segment="kind")
    assert {
        ("prepaid", frozenset({"ssn"})): 2,
        ("postpaid", frozenset({"ssn"})): 1,
        ("unknown", frozenset()): 1,
        ("A & B", frozenset({"ssn"})): 1,
    } == cells(found)
    assert ["year"] == [part.name for part in found.scenario.left_out]
    years = {"2020": 2, "2021": 3}
    by_year = expose_records(tmp_path, segment="year")
    assert years == {g: sum(n for (group, _), n in cells(by_year).items() if group == g) for g in years}


def test_a_partition_can_be_a_field(tmp_path: Path) -> None:
    """A folder that names a field reveals it, except where it stands for nothing."""
    part(tmp_path, "carrier_name=A/a.parquet", ssn=["900-00-0004"])
    part(tmp_path, "carrier_name=__HIVE_DEFAULT_PARTITION__/a.parquet", ssn=["900-00-0001"])
    assert {
        ("records", frozenset({"ssn", "carrier_name"})): 1,
        ("records", frozenset({"ssn"})): 1,
    } == cells(expose_records(tmp_path))


def test_partitions_of_csv_and_files_added_later(tmp_path: Path) -> None:
    """Partitions of text files are columns too, and a later partition may have a column more."""
    for kind, text in {
        "prepaid": "ssn\n900-00-0004\n",
        "postpaid": "ssn,email\n900-00-0001,a@x.org\n",
    }.items():
        (tmp_path / f"kind={kind}").mkdir()
        (tmp_path / f"kind={kind}" / "a.csv").write_text(text)
    assert {
        ("prepaid", frozenset({"ssn"})): 1,
        ("postpaid", frozenset({"ssn", "email_address"})): 1,
    } == cells(expose_records(tmp_path, segment="kind"))


def test_partitions_that_differ_are_refused(tmp_path: Path) -> None:
    """A file beside folders of a partition has no value of it: refused with the key."""
    part(tmp_path, "kind=a/a.parquet", ssn=["900-00-0004"])
    part(tmp_path, "b.parquet", ssn=["900-00-0001"])
    with pytest.raises(ValueError, match=r"some files lie in folders of 'kind', others in those of no key"):
        expose_records(tmp_path)


# Refusals --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("log", "name"), [("_delta_log", "Delta"), (".hoodie", "Hudi"), ("metadata", "Iceberg")]
)
def test_tables_with_a_log_are_never_read_as_files(
    log: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files of a Delta, Iceberg or Hudi table hold deleted rows: refused by name without its library."""
    real, theirs = importlib.util.find_spec, {"deltalake", "pyiceberg", "hudi"}
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name in theirs else real(name))
    part(tmp_path, "lake/data/a.parquet", **ROWS)
    (tmp_path / "lake" / log).mkdir()
    (tmp_path / "lake" / log / "v1.metadata.json").write_text("{}")
    with pytest.raises(ValueError, match=rf"is a {name} table, and its files hold deleted rows"):
        expose_records(tmp_path / "lake")
    with pytest.raises(ValueError, match=rf"lake is a {name} table.*; give that folder"):
        expose_records(tmp_path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.xlsx", r"breach-sim import table"),
        ("a.zip", r"an unpacked copy"),
        ("a.orc", r"pyarrow\.orc"),
        ("a.docx", r"endings that are read: \.parquet"),
        ("a.parquet.gz", r"endings that are read"),
    ],
)
def test_other_files_are_refused_with_what_reads_them(name: str, message: str, tmp_path: Path) -> None:
    """An ending that is not read is named, with what reads it."""
    (tmp_path / name).write_bytes(b"PK")
    for place in (tmp_path / name, tmp_path):
        with pytest.raises(ValueError, match=message):
            expose_records(place)


@pytest.mark.parametrize("text", ["", "ssn\n", "{]", "\x00\x01"])
def test_broken_text_is_a_sentence(text: str, tmp_path: Path) -> None:
    """Files without a row or with broken rows are refused in a sentence of one line."""
    for name in ("a.csv", "a.jsonl"):
        (tmp_path / name).write_text(text)
        with pytest.raises(ValueError, match=r"a\.(csv|jsonl)") as caught:
            expose_records(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_a_file_without_headings_keeps_its_values(tmp_path: Path) -> None:
    """Where values stand in place of headings, the refusal does not show them."""
    (tmp_path / "a.csv").write_text("Ann Ash,900-00-0004,a@x.org\nBo Birch,900-00-0001,b@x.org\n")
    with pytest.raises(ValueError, match=r"3 columns, the first line seems to hold values") as caught:
        expose_records(tmp_path / "a.csv")
    assert "Ann" not in str(caught.value)


def test_a_row_that_is_too_long_is_named_without_its_values(tmp_path: Path) -> None:
    """A CSV whose rows differ in length is refused with the reason."""
    (tmp_path / "a.csv").write_text(CSV + "900-00-0009,b@x.org,surplus\n")
    with pytest.raises(
        ValueError, match=r"a\.csv cannot be read as CSV: not every row has as many columns"
    ) as caught:
        expose_records(tmp_path / "a.csv")
    assert "surplus" not in str(caught.value)


def test_a_text_beside_tables_is_left_out(tmp_path: Path) -> None:
    """README.txt beside CSV files is no table."""
    (tmp_path / "a.csv").write_text(CSV)
    (tmp_path / "README.txt").write_text("See a.csv.")
    found = expose_records(tmp_path)
    assert CELLS == cells(found)
    assert ["README.txt"] == [part.name for part in found.scenario.left_out]


# The command line ------------------------------------------------------------------------------------------


def test_the_command_says_what_was_not_read(tmp_path: Path) -> None:
    """`expose` prints columns left out with the nearest field, placeholders with counts, and duplicates."""
    (tmp_path / "mine.csv").write_text(
        "member,SSN,pasport_nr,pwd\na,900-00-0004,x,y\na,N/A,x,y\nb,n/a,z,y\nc,900-00-0001,,\n"
    )
    said = say("expose", tmp_path / "mine.csv", "--unique", "member")
    assert (0, "") == (said.code, said.err)
    assert "Not read: 2 columns" in said.out
    assert "'pasport_nr' (nearest: passport_number)" in said.out
    assert "SSN 2 ('N/A', 'n/a')" in said.out
    assert "3 accounts by column 'member', and 1 further rows" in said.out
    document = json.loads(say("expose", tmp_path / "mine.csv", "--json").out)
    assert {"member", "pasport_nr", "pwd"} == {part["name"] for part in document["left_out"]}
    run = say("expose", tmp_path / "mine.csv", "--run", "--replicates", 20)
    assert "Not read: 3 columns" in run.out


def test_the_command_refuses_what_is_in_doubt_and_takes_the_remedies(tmp_path: Path) -> None:
    """Flags end with code 2 and the option that reads them; each remedy of the message works as it says."""
    (tmp_path / "flags.csv").write_text("ssn,email\n1,Y\n0,N\n0,Y\n")
    refused(say("expose", tmp_path / "flags.csv"), "--as-flags")
    assert "1  flags: ssn, email_address" in say("expose", tmp_path / "flags.csv", "--as-flags").out
    values = say("expose", tmp_path / "flags.csv", "--as-values", "ssn,email", "--no-placeholders").out
    assert "3  flags: ssn, email_address" in values
    (tmp_path / "words.csv").write_text("ssn\ngone\n900-00-0004\n")
    assert "1  words: ssn" in say("expose", tmp_path / "words.csv", "--missing", "gone,lost").out
