"""Laws of the layout of a table: what is no segment is left out by name, what is not certain is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl.chart import BarChart, Reference
from support.command_line import refused, say
from support.sheets import accounts, passed, shares, text_table, workbook

import breach_sim as bs
from breach_sim.interop.sheet import from_table

HEAD = "segment,accounts,ssn"
ROWS: list[list[Any]] = [["segment", "accounts", "ssn"], ["web", 700, 0.5], ["shop", 300, 0.5]]


def table(folder: Path, *lines: str) -> Path:
    """Write two segments and further lines."""
    return text_table(folder, HEAD, "web,700,0.5", "shop,300,0.5", *lines)


# totals --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["Total", "TOTAL:", "Grand total", "Sum", "Summe", "Gesamt", "Total (all customers)", "Total général",
     "Totale", "Suma", "Итого", "合計", "Subtotal", "Zwischensumme", "Total A+B", "All segments", ""],
)  # fmt: skip
def test_a_total_is_left_out_by_name_with_its_number(tmp_path: Path, name: str) -> None:
    """A row with a word for a total, or without a name, that has the sum of the others is no segment."""
    found = bs.from_table(table(tmp_path, f"{name},1000,0.5"))
    assert {"web": 700, "shop": 300} == accounts(found)
    assert [("row", name or "row 4", 1000)] == passed(found)
    assert [note for note in found.scenario.all_notes if "1,000" in note]


def test_totals_stand_anywhere(tmp_path: Path) -> None:
    """Subtotals of groups, a total above its rows, and one whose number is rounded are left out."""
    lines = ["A,70,1", "B,30,1", "Subtotal,100,1", "C,5,0", "D,6,0", "Subtotal C and D,11,0", "Total,111,"]
    found = bs.from_table(text_table(tmp_path, HEAD, *lines))
    assert {"A": 70, "B": 30, "C": 5, "D": 6} == accounts(found)
    found = bs.from_table(text_table(tmp_path, HEAD, "Total,1000,", "A,700,1", "B,299,1"))
    assert {"A": 700, "B": 299} == accounts(found)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("new,1000,0.5", "'new' has as many accounts as the rows above together"),
        ("new,1000,", "'new' has as many accounts"),
        ("Total,1100,0.5", "has 1,100 accounts, the other rows 1,000"),
        ("of which young,200,0.5", "segments must not overlap"),
    ],
)
def test_what_may_be_a_total_is_refused(tmp_path: Path, line: str, message: str) -> None:
    """A sum under another name, a total that disagrees, and a part of a row are named with the remedy."""
    with pytest.raises(ValueError, match=r"t.csv, row 4: ") as refusal:
        bs.from_table(table(tmp_path, line))
    assert message in str(refusal.value)


def test_the_user_says_what_a_total_is(tmp_path: Path) -> None:
    """With totals=False it is a segment, with totals=True it is left out; so on the command line."""
    path = table(tmp_path, "new,1000,0.5")
    assert 2000 == bs.from_table(path, totals=False).scenario.accounts
    assert 1000 == bs.from_table(path, totals=True).scenario.accounts
    assert "2,000 accounts" in say("import", "table", path, "--no-totals").out
    assert "1,000 accounts" in say("import", "table", path, "--totals").out
    refused(say("import", "table", path), "--no-totals")


def test_a_sum_with_other_shares_is_a_segment(tmp_path: Path) -> None:
    """A row whose shares are not the mean of those above is no total; a lone total is a segment."""
    assert 3 == len(accounts(bs.from_table(table(tmp_path, "new,1000,0.1"))))
    assert {"Total": 50} == accounts(bs.from_table(text_table(tmp_path, HEAD, "Total,50,0.5")))


# rows ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["new,50,0,25", "new,50,1,see below"])
def test_a_row_longer_than_the_heading_is_refused(tmp_path: Path, line: str) -> None:
    """The row and the cell are named; a decimal comma without quotes makes such rows."""
    with pytest.raises(ValueError, match=r"row 4 is longer than the heading: .* decimal comma in quotes"):
        bs.from_table(table(tmp_path, line))


def test_titles_and_notes_are_left_out_by_name(tmp_path: Path) -> None:
    """Lines above the heading and one below the table are no rows; a segment without accounts is refused."""
    lines = ["Breach of the shop", "", HEAD, "web,700,0.5", "Source: letter of May,,"]
    found = bs.from_table(text_table(tmp_path, *lines))
    assert {"web": 700} == accounts(found)
    assert ["Breach of the shop", "Source: letter of May"] == [name for _, name, _ in passed(found)]
    with pytest.raises(ValueError, match=r"row 2, column 'accounts' is blank"):
        bs.from_table(text_table(tmp_path, HEAD, "Online", "web,700,0.5"))


def test_columns_are_divided_as_the_heading_says(tmp_path: Path) -> None:
    """Tabs, bars and a line sep= work, also under a title with commas."""
    for sign in ";\t|":
        lines = [line.replace(",", sign) for line in (HEAD, "web,700,0.5")]
        path = text_table(tmp_path, "A title, with commas, and more, of them", *lines)
        assert {"web": 700} == accounts(bs.from_table(path))
    path = text_table(tmp_path, "sep=;", "segment;accounts;ssn", "web;700;0,5", name="T.CSV")
    assert {"web": 0.5} == shares(bs.from_table(path), "ssn")


# columns -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("segment", "number", "field"),
    [("Segment", "ACCOUNTS", "S.S.N."), ("Customer group", "No. of accounts", "Social Security Number"),
     ("Kundengruppe", "Anzahl Konten", "ssn share"), ("Name", "Customers", "% ssn"),
     ("Type", "Records", "SSNs")],
)  # fmt: skip
def test_headings_match_without_case_punctuation_and_by_synonym(
    segment: str, number: str, field: str
) -> None:
    """Names of segments, accounts and fields have usual words, in several languages."""
    heading = [segment, number, "Social security no" if field == "SSNs" else field]
    found = bs.from_table(pd.DataFrame([["web", 700, "50 %"]], columns=heading))
    assert ({"web": 700}, {"web": 0.5}) == (accounts(found), shares(found, "ssn"))


def test_columns_that_are_no_field_are_left_out_by_name() -> None:
    """A number of the source, a column asked away and one without a heading are recorded in the scenario."""
    frame = pd.DataFrame(
        [[7, "web", 700, 0.5, "x", None]], columns=["id", "segment", "accounts", "ssn", "z", ""]
    )
    found = bs.from_table(frame, ignore="z")
    assert [("column", "id", None), ("column", "z", None)] == passed(found)
    assert "'id'" in " ".join(bs.simulate(found.scenario, replicates=2, seed=1).notes)


def test_a_column_is_what_the_user_says() -> None:
    """columns= names an unknown heading; one that may mean two fields is refused with both."""
    frame = pd.DataFrame({"accounts": [5], "password": [0.5], "Sozialkennzeichen": [0.25]})
    with pytest.raises(ValueError, match="password_plain or password_hash"):
        bs.from_table(frame)
    said = {"Password": "password_hash", "Sozialkennzeichen": "ssn"}
    assert {"row 2": 0.25} == shares(bs.from_table(frame, columns=said), "ssn")
    with pytest.raises(ValueError, match=r"unknown field 'snn' in columns.*did you mean 'ssn'"):
        bs.from_table(frame, columns=said | {"Sozialkennzeichen": "snn"})


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("Name of Covered Entity,State,Individuals Affected,Type of Breach", "import register"),
        ("DateAware,Name,Id,WashingtoniansAffected,DateSubmitted", "import register"),
        ("Date Made Public,Company,City,State,Type of breach,Type of organization,Total Records", "register"),
        ("Organization Name,Date(s) of Breach,Reported Date", "list of breach notices of California"),
        ("Name,Title,BreachDate,PwnCount,DataClasses", "import hibp"),
        ("segment,accounts,field,share", "one column for each field"),
        ("Customer group,Number of customers,Data class,%", "one column for each field"),
    ],
)
def test_a_table_that_is_no_table_of_segments_is_refused_by_what_it_is(
    tmp_path: Path, heading: str, words: str
) -> None:
    """A list of breaches, and a table with one row a field, get a remedy of their own."""
    path = text_table(tmp_path, heading, ",".join(["5"] * (heading.count(",") + 1)))
    with pytest.raises(ValueError, match=words) as refusal:
        bs.from_table(path)
    assert "did you mean" not in str(refusal.value)


# workbooks -----------------------------------------------------------------------------------------------


def test_a_merged_share_holds_for_all_its_cells(tmp_path: Path) -> None:
    """Over rows and over columns; the account says so."""
    rows: list[list[Any]] = [
        ["segment", "accounts", "ssn", "imei"],
        ["web", 7, 0.5, None],
        ["shop", 3, None, 1],
        ["new", 2, 0.25, None],
    ]

    def merge(sheet: Any) -> None:
        sheet.merge_cells("C2:C3")
        sheet.merge_cells("C4:D4")

    found = bs.from_table(workbook(tmp_path / "a.xlsx", rows, change=merge))
    assert {"web": 0.5, "shop": 0.5, "new": 0.25} == shares(found, "ssn")
    assert {"web": 0.0, "shop": 1.0, "new": 0.25} == shares(found, "imei")
    assert [row.word for row in found.rows if "merged" in row.reason] == ["shop: ssn", "new: imei"]


@pytest.mark.parametrize("area", ["B2:B3", "B2:C2", "A2:A3", "B1:C1"])
def test_other_merged_cells_are_refused_with_the_word(tmp_path: Path, area: str) -> None:
    """Accounts, names and headings that are merged cannot be shared out."""
    path = workbook(tmp_path / "a.xlsx", ROWS, change=lambda sheet: sheet.merge_cells(area))
    with pytest.raises(ValueError, match=r"row \d.*merged"):
        bs.from_table(path)


def test_a_heading_of_two_rows_is_read(tmp_path: Path) -> None:
    """A group title merged over the fields is left out; cells merged down into the heading are part of it."""
    rows: list[list[Any]] = [
        ["segment", "accounts", "leaked", None],
        [None, None, "ssn", "imei"],
        ["web", 700, 0.5, 1],
    ]

    def merge(sheet: Any) -> None:
        for area in ("A1:A2", "B1:B2", "C1:D1"):
            sheet.merge_cells(area)

    found = bs.from_table(workbook(tmp_path / "a.xlsx", rows, change=merge))
    assert ({"web": 700}, [("row", "leaked", None)]) == (accounts(found), passed(found))


def test_hidden_rows_and_columns_are_left_out_and_named(tmp_path: Path) -> None:
    """What a sheet does not show is not read, unless asked; the run says how many accounts that are."""
    rows: list[list[Any]] = [[*row, 1] for row in ROWS]
    rows[0][3] = "imei"

    def hide(sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["D"].hidden = True
        sheet.auto_filter.ref = "A1:D3"

    path = workbook(tmp_path / "a.xlsx", rows, change=hide)
    found = bs.from_table(path)
    assert {"web": 700} == accounts(found)
    assert [("column", "imei", None), ("row", "shop", 300)] == passed(found)
    assert [part.nearest for part in found.scenario.left_out] == ["imei", ""]
    assert 1000 == bs.from_table(path, hidden=True).scenario.accounts
    assert "1,000 accounts" in say("import", "table", path, "--hidden").out


def test_a_total_that_counts_hidden_rows_is_refused(tmp_path: Path) -> None:
    """The total disagrees with the rows that are shown, and the message says why."""

    def hide(sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = True

    path = workbook(tmp_path / "a.xlsx", [*ROWS, ["Total", 1000, 0.5]], change=hide)
    with pytest.raises(ValueError, match="without hidden rows"):
        bs.from_table(path)


def _cover_and_chart(book: Any) -> None:
    book.create_sheet("Cover", 0)["A1"] = "Report of May"
    book.create_sheet("Empty")
    secret = book.create_sheet("Secret")
    for row in ROWS:
        secret.append(row)
    secret.sheet_state = "hidden"
    chart = BarChart()
    chart.add_data(Reference(book["Data"], min_col=2, min_row=1, max_row=3), titles_from_data=True)
    book.create_chartsheet("Chart", 0).add_chart(chart)


def test_the_sheet_with_the_table_is_found_and_the_others_are_named(tmp_path: Path) -> None:
    """A cover, a chart and a hidden sheet are left out by name; an empty one holds nothing."""
    path = workbook(tmp_path / "a.xlsx", ROWS, more=_cover_and_chart)
    found = bs.from_table(path)
    assert {"web": 700, "shop": 300} == accounts(found)
    assert {"Cover", "Secret", "Chart"} == {name for _, name, _ in passed(found)}
    assert "sheet 'Data'" in [row.word for row in found.rows]
    assert 1000 == bs.from_table(path, sheet="secret").scenario.accounts
    with pytest.raises(ValueError, match=r"unknown sheet 'Date'.*did you mean 'Data'"):
        bs.from_table(path, sheet="Date")


def test_two_tables_of_segments_are_not_chosen_from(tmp_path: Path) -> None:
    """Which sheet is meant is asked, with both names."""

    def second(book: Any) -> None:
        for row in ROWS:
            (book["More"] if "More" in book.sheetnames else book.create_sheet("More")).append(row)

    path = workbook(tmp_path / "a.xlsx", ROWS, more=second)
    with pytest.raises(ValueError, match=r"sheets 'Data' and 'More' each hold"):
        bs.from_table(path)
    assert "1,000 accounts" in say("import", "table", path, "--sheet", "More").out


@pytest.mark.parametrize("cell", ["=1/4", "#DIV/0!"])
def test_a_formula_without_a_value_matters_where_it_is_read(tmp_path: Path, cell: str) -> None:
    """It is refused in a share, and not on another sheet or in a column that is left out."""
    rows: list[list[Any]] = [[*row, cell] for row in ROWS]
    rows[0][3] = "remark"
    path = workbook(tmp_path / "a.xlsx", rows)
    assert 1000 == bs.from_table(path, ignore=["remark"]).scenario.accounts
    rows[0][3] = "imei"
    with pytest.raises(ValueError, match=r"row 2, column 4 is "):
        bs.from_table(workbook(tmp_path / "a.xlsx", rows))


# what the scenario says ----------------------------------------------------------------------------------


def test_blocks_dates_countries_and_label_may_be_given(tmp_path: Path) -> None:
    """The command writes them into the scenario file, as the function gives them."""
    path = text_table(tmp_path, f"{HEAD},Date of birth", "web,700,0.5,0.5")
    words = [
        "--block",
        "SSN,date_of_birth",
        "--day-zero",
        "2024-05-01",
        "--countries",
        "DE,AT",
        "--label",
        "Shop",
    ]
    assert 0 == say("import", "table", path, *words, "--out", tmp_path / "out").code
    written = bs.load_scenario(str(tmp_path / "out" / "t.toml"))
    made = from_table(
        path,
        blocks=[["ssn", "date_of_birth"]],
        day_zero="2024-05-01",
        countries=["DE", "AT"],
        label="Shop",
    )
    assert written == made.scenario
    assert [("ssn", "date_of_birth")] == [leak.fields for leak in written.segments[0].leaks]
    assert ("Shop", "2024-05-01", ("DE", "AT")) == (
        written.title, written.day_zero, written.dossier.countries
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--block", "ssn,dob"), "unknown field 'dob'"),
        (("--countries", "Germany"), "two capital letters"),
        (("--day-zero", "1.5.2024"), "YYYY-MM-DD"),
        (("--column", "ssn"), "HEADING=FIELD"),
        (("--sheet", "More"), "unknown sheet"),
    ],
)
def test_bad_words_for_a_table_are_refused(tmp_path: Path, words: tuple[str, ...], part: str) -> None:
    """Exit code 2 and one sentence with the remedy."""
    refused(say("import", "table", table(tmp_path), *words), part)


def test_the_options_of_a_table_are_for_tables(tmp_path: Path) -> None:
    """An option that another format has no use for is named as it is typed."""
    path = tmp_path / "a.json"
    path.write_text("[]", encoding="utf-8")
    refused(say("import", "hibp", path, "--block", "ssn,imei"), "--block is for 'import table'")
    refused(say("import", "hibp", path, "--no-totals"), "--totals is for 'import table'")


def test_shares_of_the_user_are_given_and_not_cited(tmp_path: Path) -> None:
    """A share of the user's own table or file has the status user, 1 included; the catalog's have not."""
    path = text_table(tmp_path, HEAD, "web,700,1", "shop,300,0.5")
    own = bs.simulate(bs.from_table(path).scenario, replicates=2, seed=1)
    named = own.sources()
    assert {"user"} == set(named[named.index.str.startswith("segments.")]["status"])
    assert "2 from the user" in repr(own)
    text = '[source.letter]\ntitle = "Letter"\ngrade = "A"\nverified = "verified"\n'
    text += '[segments.web]\naccounts = 700\nsources = ["letter"]\n'
    text += '[[segments.web.leaks]]\nfields = ["ssn"]\ncoverage = 1.0\n'
    (tmp_path / "own.toml").write_text(f'name = "own"\n{text}', encoding="utf-8")
    coverage = bs.load_scenario(str(tmp_path / "own.toml")).segments[0].leaks[0].coverage
    assert ("user", ("letter",), "") == (coverage.status, coverage.sources, coverage.note)
    assert "from the user" not in repr(bs.simulate("tmobile-2021-stated", replicates=2, seed=1))
