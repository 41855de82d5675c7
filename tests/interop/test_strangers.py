"""Laws of files from outside: none of them stops, fills or speaks through the program that reads it."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import breach_sim as bs
from breach_sim.apps.explorer.controls import Control
from breach_sim.apps.explorer.readings import taken
from breach_sim.catalog.amounts.outcomes import read_amounts
from breach_sim.catalog.scenarios import scenario_from
from breach_sim.formatting import strangers
from breach_sim.formatting.messages import LONGEST_MESSAGE, unknown
from breach_sim.formatting.strangers import too_much
from breach_sim.inputs import scenario as scenarios
from breach_sim.inputs.scenario import Scenario
from breach_sim.interop import scenario_file, workbooks
from breach_sim.interop.records import exposing
from breach_sim.interop.scenario_file import to_toml
from breach_sim.interop.sheet import table as tables
from breach_sim.interop.workbooks import check_workbook

READERS: dict[str, tuple[str, Callable[[Any], object]]] = {
    "scenario": (".toml", bs.load_scenario),
    "overrides": (".toml", lambda path: bs.with_overrides("tmobile-2021-stated", path)),
    "hibp": (".json", bs.from_hibp),
    "veris": (".json", bs.from_veris),
    "table": (".csv", bs.from_table),
    "workbook": (".xlsx", bs.from_table),
    "register": (".csv", bs.from_register),
    "outcomes": (".csv", read_amounts),
    "records": (".parquet", bs.expose_records),
    "look-ups": (".toml", lambda path: bs.requires("any", elsewhere=path)),
}
MINE = '{start}\n[segments.all]\naccounts = 1000\nleaks = [{{ fields = ["ssn"], coverage = 1.0 }}]\n'
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData>{}'
)


def workbook(rows: str, after: str = "") -> bytes:
    """Return the bytes of a zip file with one sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", SHEET.format(rows, f"{after}</worksheet>"))
    return out.getvalue()


@pytest.mark.parametrize("reader", READERS)
def test_no_reader_waits_for_a_pipe_or_reads_a_device(reader: str, tmp_path: Path) -> None:
    """A pipe that nobody writes to, and a device without an end, are refused by name at every reader."""
    ending, read = READERS[reader]
    pipe, device = tmp_path / f"pipe{ending}", tmp_path / f"device{ending}"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    with pytest.raises(ValueError, match=r"pipe.* is a pipe and no ordinary file; write") as refusal:
        read(pipe)
    assert pipe.name in str(refusal.value)
    with pytest.raises(ValueError, match=r"device.* is a device and no ordinary file; write"):
        read(device)


@pytest.mark.parametrize(
    "text",
    [
        "a." * 100_000 + "a = 1",
        "[" + " . ".join(['"é"'] * 50) + "]",
        'x = [ """a"b""", {' + "a." * 50 + "a = 1} ]",
        "'a\\' = 1\nb" + ".'b'" * 50 + " = 1",
        "[a.b]\n" * 300_001,
        "a = 1\n" * 300_001,
    ],
    ids=["long", "quoted", "after a text", "after a backslash", "many tables", "many keys"],
)
def test_what_a_reader_of_toml_keeps_is_limited(text: str, tmp_path: Path) -> None:
    """A small file of one long dotted name, and too many names, took gigabytes; both are refused."""
    path = tmp_path / "deep.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"deep\.toml: the (name '.*' has|file has) .*(suffice|shorten)"):
        bs.load_scenario(path)


@pytest.mark.parametrize("text", ['a = "{}"', "# {}", "a = '''\n{}\n'''", "a = '{}'"])
def test_dots_in_texts_are_no_names(text: str) -> None:
    """What stands in a text or a comment is not counted."""
    assert "" == too_much(text.format("a." * 400_000) + "\nb.c = 1.5\n")


def test_the_writer_has_the_limits_of_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scenario whose file could not be read again is not written."""
    found = scenario_from(MINE.format(start='name = "x"'), "mine.toml")
    monkeypatch.setattr(strangers, "MOST_NAMES", 3)
    with pytest.raises(ValueError, match=r"scenario 'x': the file has \d+ dots and equality signs"):
        to_toml(found)


def test_the_values_of_a_json_file_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of countless empty lists is refused before they are made."""
    monkeypatch.setattr("breach_sim.interop.files.MOST_VALUES", 100)
    path = tmp_path / "many.json"
    path.write_text("[" + "[]," * 100 + "[]]", encoding="utf-8")
    for read in (bs.from_hibp, bs.from_veris):
        with pytest.raises(
            ValueError, match=r"many\.json has 202 values or more; at most 100 are read: split"
        ):
            read(path)


@pytest.mark.parametrize("reader", ["hibp", "veris", "table", "register", "outcomes"])
def test_a_cell_of_countless_letters_is_a_sentence(reader: str, tmp_path: Path) -> None:
    """A cell longer than the reader of CSV takes is refused with the file, at every reader of tables."""
    path = tmp_path / "long.csv"
    path.write_text(
        f"Name,PwnCount,attribute.x,segment,accounts\n{'x' * 200_000},5,5,5,5\n", encoding="utf-8"
    )
    with pytest.raises(ValueError, match=r"long\.csv.* (is no CSV|not valid CSV): field larger than"):
        READERS[reader][1](path)


def test_segments_of_records_hold_nothing_that_a_terminal_obeys(tmp_path: Path) -> None:
    """A value of the column of segments is printed by `expose`, so its control characters are escaped."""
    path = tmp_path / "rows.csv"
    path.write_text('ssn,kind\n123-45-6789,"a\x1b]0;x\x07b"\n', encoding="utf-8")
    found = bs.expose_records(path, segment="kind")
    assert r"a\x1b]0;x\x07b" == found.scenario.segments[0].name.partition("/")[0]


def test_a_table_of_countless_columns_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """100,000 columns took the engine gigabytes and minutes; the file, the number and the limit are named."""
    path = tmp_path / "wide.csv"
    path.write_text(",".join(map(str, range(6_000))), encoding="utf-8")
    with pytest.raises(ValueError, match=r"wide\.csv has 6,000 columns; at most 5,000 are read: leave out"):
        bs.expose_records(path)


def test_a_place_without_a_name_is_given_back() -> None:
    """A folder that was given as "." stands in the refusal, although its last part is empty."""
    with pytest.raises(ValueError, match=r"^\.: this is a directory"):
        read_amounts(".")


@pytest.mark.parametrize("reader", READERS)
def test_a_name_that_no_file_can_have_is_refused_in_brief(reader: str, tmp_path: Path) -> None:
    """A zero sign, and a path of 100,000 letters, give one sentence that is short."""
    ending, read = READERS[reader]
    for name in (f"zero\x00sign{ending}", f"{'n' * 100_000}{ending}"):
        with pytest.raises(ValueError, match=r"check the path|no such file; give") as refusal:
            read(tmp_path / name)
        assert len(str(refusal.value)) < 400
        assert "\x00" not in str(refusal.value)


def test_a_hyphen_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """``-`` reads what is piped in, once, and a table may come that way too."""
    for text, read in (
        (MINE.format(start='name = "piped"'), lambda: bs.load_scenario("-").accounts),
        ("segment,accounts,ssn\nall,1000,0.5\n", lambda: bs.from_table("-").scenario.accounts),
    ):
        strangers.standard_input.cache_clear()
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        assert 1000 == read()
        assert 1000 == read()
    strangers.standard_input.cache_clear()


@pytest.mark.parametrize(
    ("rows", "after", "said"),
    [
        ('<row r="999999999999"><c r="A999999999999"><v>1</v></c></row>', "", "at A999999999999|at 9999"),
        ('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "", "has a cell far away"),
        ("<row r='9'><c r='ZZZZ9'/></row>", "", "at ZZZZ9"),
        ('<row r="9"><c r="A&#57;9"/></row>', "", "has a cell far away"),
        ("<row><c><v>1</v></c></row>" * 1001, "", "more than 1,000 cells"),
        ("", '<mergeCells><mergeCell ref="A1:ZZ20000"/></mergeCells>', "more than 1,000 cells"),
        ('<row r="1"><c r="B1"/></row>' + '<row r="2"><c r="ZZ2"/></row>', "", ""),
    ],
)
def test_a_small_workbook_does_not_become_a_large_one(
    rows: str, after: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Far cells, many cells and wide merged ranges are refused before the workbook is opened."""
    monkeypatch.setattr(workbooks, "MOST_CELLS", 1_000)
    if not said:
        check_workbook(workbook(rows, after), "x.xlsx")
        return
    with pytest.raises(ValueError, match=said) as refusal:
        check_workbook(workbook(rows, after), "x.xlsx")
    assert str(refusal.value).startswith("x.xlsx has a ")


def test_a_workbook_says_its_size_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sum of the parts that the directory states has a limit, however small the file."""
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 1_000)
    with pytest.raises(ValueError, match=r"x\.xlsx unpacks to 6,\d\d\d bytes; at most 1,000 are read"):
        check_workbook(workbook("<row/>" * 1_000), "x.xlsx")


@pytest.mark.parametrize(
    "start", ['label = "a\\u001b]0;b"', 'notes = ["\\u0085"]', '[source."\\u0007"]\ntitle = "x"']
)
def test_no_text_of_a_file_is_obeyed_by_a_terminal(start: str) -> None:
    """A control character anywhere in a scenario file is refused with its place and its code."""
    with pytest.raises(ValueError, match=r"holds the control character U\+00(1B|85|07), .*; take it out"):
        scenario_from(f'name = "x"\n{MINE.format(start=start)}', "mine.toml")


def test_a_text_that_turns_letters_around_is_warned_of() -> None:
    """U+202E is kept, and every result carries a warning."""
    turned = 'name = "x"\nlabel = "a\\u202eb"'
    found = scenario_from(MINE.format(start=turned), "mine.toml")
    assert "U+202E" in found.all_notes[-1]
    assert () == scenario_from(MINE.format(start='name = "x"'), "mine.toml").all_notes


LONG = "n" * 3000
NUMBER = '[estimates.{}]\nkind = "fixed"\nvalue = {}\nunit = "share"\nstatus = "assumed"\nnote = "x"\n'
LEAK = "[segments.{}]\naccounts = 9\nleaks = [{{ fields = [{}], coverage = {} }}]\n"


@pytest.mark.parametrize(
    "text",
    [
        LEAK.format(LONG, '"ssn"', 1).replace("9", "-9"),
        LEAK.format(LONG, '"snn"', 1),
        LEAK.format("all", '"ssn"' + ', "ssn"' * 300, 1),
        LEAK.format("all", '"ssn"', '"x"') + "".join(NUMBER.format(f"number_{n}", 0.1) for n in range(99)),
        LEAK.format("all", '"ssn"', 1) + NUMBER.format(LONG, 9),
        LEAK.format("all", '"ssn"', 1) + f'[source.{LONG}]\ntitle = "x"\ngrade = "Z"\nverified = "seen"',
        LEAK.format("all", '"ssn"', 1)
        + '[dossier]\nbreach = "x"\nstanding = "claimed"\ncountries = ["US"'
        + ', "US"' * 300
        + "]",
    ],
)
def test_a_refusal_does_not_grow_with_the_file(text: str) -> None:
    """Long names, long lists and words repeated 300 times are refused on a few lines that say what to do."""
    with pytest.raises(ValueError, match=r"^mine\.toml") as refused:
        scenario_from(f'name = "m"\n{text}', "mine.toml")
    assert 60 < len(str(refused.value)) <= LONGEST_MESSAGE
    assert re.search(r"; |Known: ", str(refused.value))


def test_what_cannot_be_read_again_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer refuses a control character, and a file above the limit of the reader."""
    monkeypatch.setattr(scenario_file, "MAX_BYTES", 1_000)
    breach = scenario_from(MINE.format(start='name = "x"'), "mine.toml")
    for notes, said in ((("a\x1bb",), "U\\+001B"), (("a" * 1_000,), "at most 1,000 are read")):
        with pytest.raises(ValueError, match=said):
            to_toml(Scenario(name="x", segments=breach.segments, notes=notes))


def test_segments_have_one_limit_for_every_way_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table and a file with more segments than are possible are refused with number and remedy."""
    assert scenarios.MAX_SEGMENTS == tables.MAX_SEGMENTS == exposing.MOST_SEGMENTS == 1_000
    monkeypatch.setattr(scenarios, "MAX_SEGMENTS", 10)
    monkeypatch.setattr(tables, "MAX_SEGMENTS", 10)
    table = tmp_path / "table.csv"
    table.write_text("segment,accounts,ssn\n" + "".join(f"s{n},{n + 7},0.{n + 1}\n" for n in range(11)))
    with pytest.raises(ValueError, match=r"table\.csv has 11 rows.*at most 10 are possible: put those"):
        bs.from_table(table)
    text = 'name = "x"\n' + "".join(f"[segments.s{n}]\naccounts = 1\nleaks = []\n" for n in range(11))
    with pytest.raises(ValueError, match="11 segments; at most 10"):
        scenario_from(text, "mine.toml")


def test_a_long_unknown_name_is_compared_by_its_beginning() -> None:
    """A name of a million letters gives the sentence that its first eighty give, and at once."""
    near = unknown("scenario", "tmobile-2021-stated" + "x" * 61, ["tmobile-2021-stated", "other"], "x")
    assert (
        near.partition(" in x")[2]
        == unknown(
            "scenario", "tmobile-2021-stated" + "x" * 10**6, ["tmobile-2021-stated", "other"], "x"
        ).partition(" in x")[2]
    )


def test_a_date_out_of_range_in_records_is_a_sentence(tmp_path: Path) -> None:
    """A day beyond every calendar in a column of segments names the file and what to do."""
    from pyarrow import parquet

    path = tmp_path / "far.parquet"
    parquet.write_table(pa.table({"ssn": ["900-00-0001"], "when": pa.array([2**30], pa.date32())}), path)
    with pytest.raises(ValueError, match=r"far\.parquet cannot be read.*out of range.*; correct it"):
        bs.expose_records(path, segment="when")
    with pytest.raises(TypeError, match="kinds is 5; it must be a kind"):
        bs.expose_records(pa.table({"ssn": ["900-00-0001"], "k": ["a"]}), segment="k", kinds=5)  # type: ignore[arg-type]


def test_refusals_of_imports_name_the_file_and_the_entry(tmp_path: Path) -> None:
    """An entry alone in its file is refused with the file, the entry, the value and the remedy."""
    path = tmp_path / "one.json"
    path.write_text('{"Name": "Shop", "PwnCount": -1, "DataClasses": ["Names"]}')
    with pytest.raises(ValueError, match=r"one\.json, Shop: PwnCount is -1; it must"):
        bs.from_hibp(path)


def test_a_column_with_a_control_character_is_named_in_what_can_be_written(tmp_path: Path) -> None:
    """The name of a column that is not read stands escaped in the scenario and in its file."""
    path = tmp_path / "records.csv"
    path.write_text("ssn,a\x1b[2J\n900-00-0001,x\n", encoding="utf-8")
    found = bs.expose_records(path, {"ssn": "ssn"}).scenario
    assert r"a\x1b[2J" == found.left_out[0].name
    assert r"a\\x1b[2J" in to_toml(found)


def test_a_table_of_people_is_refused_before_it_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Far more rows than segments are possible are refused at once, with the command that counts them."""
    monkeypatch.setattr(tables, "MAX_SEGMENTS", 10)
    monkeypatch.setattr(tables, "heading_row", None)
    people = pa.table({"segment": [f"s{n}" for n in range(51)], "accounts": [1] * 51})
    with pytest.raises(ValueError, match=r"the table has 52 rows.*breach-sim expose counts rows of people"):
        bs.from_table(people)


def test_names_that_a_table_brings_are_shown_and_not_obeyed() -> None:
    """Known names in a message come from files at times."""
    assert r"Known: a\x1b[2J." in unknown("column", "x", ["a\x1b[2J"], "columns")


def test_a_number_of_a_thousand_digits_in_the_panel_is_a_sentence() -> None:
    """A whole number that no float holds is refused by its control."""
    control = Control(name="d", kind="number", label="from day", value=1.0, high=3650.0, unit="days")
    with pytest.raises(ValueError, match=r"from day is 1000.*, which is no number; give a number from"):
        taken(control, 10**4000)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("tick", 'the control "driver\'s license number" is nan; it must be true or false'),
        ("choice", 'unknown choice nan in the control "driver\'s license number". Known: held, posted.'),
    ],
)
def test_a_control_is_named_as_one(kind: str, sentence: str) -> None:
    """A refusal of the panel says which control it is about, whatever its label."""
    control = Control(
        name="d",
        kind=kind,
        label="driver's license number",
        value=True,
        options=(("", "as stated"), ("held", "held"), ("posted", "posted")),
    )
    with pytest.raises(ValueError, match=re.escape(sentence)):
        taken(control, float("nan"))


@pytest.mark.parametrize(
    ("name", "content"), [("a.jsonl", '{"ssn": 1}\n{"ssn": '), ("a.parquet", "no Parquet at all")]
)
def test_records_that_cannot_be_read_say_what_to_do(name: str, content: str, tmp_path: Path) -> None:
    """What a library says about a damaged file is followed by the remedy."""
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=r"cannot be read as .*; correct it, or write it again as"):
        bs.expose_records(tmp_path / name)


HUGE = f"1{'0' * 400}"


@pytest.mark.parametrize(
    "text",
    [
        f'[attack.x]\nneeds = ["ssn"]\nattempts = [0.001, {HUGE}, {HUGE}]\nreason = "r"',
        f'[attack.x]\nneeds = ["ssn"]\nattempts = {{ mean = 0.1, sd = {HUGE} }}\nreason = "r"',
        f'[firm.settlement]\nscale = {HUGE}\nreason = "r"',
        f'["attacks.new_account_fraud.attempts"]\nscale = {HUGE}\nreason = "r"',
        f'currency = "EUR"\nrate = {HUGE}\n[firm.settlement]\nscale = 2\nreason = "r"',
        'currency = "EUR"\nmonth = "2024-06"\n[firm.settlement]\nquantiles = { "0.05" = 1, "0.5" = 2, '
        f'"0.95" = {HUGE} }}\nunit = "EUR/person"\nreason = "r"',
    ],
)
def test_a_number_that_no_float_holds_is_a_sentence(text: str, tmp_path: Path) -> None:
    """A whole number of 401 digits among one's own numbers is refused before anything is computed with it."""
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"is a whole number of 1329 bits; it must be a finite number"):
        bs.with_overrides("tmobile-2021-stated", tmp_path / "own.toml")


def test_a_segment_with_a_control_character_can_be_written(tmp_path: Path) -> None:
    """Names of segments come from the records, and are escaped like the names of columns."""
    path = tmp_path / "records.csv"
    path.write_text("ssn,kind\n900-00-0001,a\x1b[2J\n", encoding="utf-8")
    found = bs.expose_records(path, {"ssn": "ssn"}, segment="kind").scenario
    assert [r"a\x1b[2J/0x40"] == [segment.name for segment in found.segments]
    assert r"a\\x1b[2J" in to_toml(found)


def test_a_remedy_does_not_repeat_a_long_heading(tmp_path: Path) -> None:
    """The heading of an unknown column stands once in its refusal if it is long."""
    (tmp_path / "a.csv").write_text(f"segment,accounts,date_of_{'9' * 400}\na,5,1\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"name it: columns=\{NAME: FIELD\}") as refused:
        bs.from_table(tmp_path / "a.csv")
    assert len(str(refused.value)) <= LONGEST_MESSAGE


@pytest.mark.parametrize("value", ['"many"', "1.5", "true", "[]", "-5", "{ a = 1 }"])
def test_customers_that_are_no_whole_number_are_refused_in_a_sentence(value: str) -> None:
    """An attribute that may be missing is checked like one that may not."""
    with pytest.raises(ValueError, match=r"customers .*is .*; it must be a whole number"):
        scenario_from(MINE.format(start=f'name = "x"\ncustomers = {value}'), "mine.toml")
