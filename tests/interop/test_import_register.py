"""Laws of importing official lists: recognized by headings, a breach a row, nothing guessed, nothing lost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.command_line import refused, say, tree
from support.imports import attackable
from support.mutated import CLEARINGHOUSE, HHS, MASSACHUSETTS, WASHINGTON

import breach_sim as bs
from breach_sim import catalog
from breach_sim.catalog import read_scenario
from breach_sim.catalog.words.meanings import ASSUMED, MAPPED, NO_COUNTERPART, NOTHING
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.segment import Segment
from breach_sim.interop.leaks import INERT, cautions, leaks
from breach_sim.interop.registers import register_kind
from breach_sim.interop.scenario_file import to_toml

STATE = ("Organization Name", "Date Reported", "Number of Washingtonians Affected", "Information Compromised")


def written(folder: Path, text: str, name: str = "list.csv") -> Path:
    """Return a file with a text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def rows(*cells: Sequence[Any], heading: Sequence[str] = STATE) -> pd.DataFrame:
    """Return a list with a heading."""
    return pd.DataFrame([list(row) for row in cells], columns=list(heading), dtype=object)


def named(imported: bs.Import, word: str) -> tuple[str, tuple[str, ...]]:
    """Return state and fields of a word of the account."""
    row = next(row for row in imported.rows if row.word == word)
    return row.state, row.fields


def all_fields(scenario: bs.Scenario) -> set[str]:
    """Return every field that may have leaked."""
    return {name for segment in scenario.segments for name in segment.fields}


def noted(scenario: bs.Scenario, *parts: str) -> bool:
    """Return whether the notes of a scenario hold all parts."""
    text = " ".join(scenario.all_notes)
    return all(part in text for part in parts)


# The dictionary ----------------------------------------------------------------------------------------


def test_every_word_is_read_or_said_to_say_nothing() -> None:
    """Each word of the dictionary means fields, may mean them, or has a reason for meaning none."""
    for name, word in catalog.load_dictionary("register").words.items():
        reading = word.read()
        assert reading.state in (MAPPED, ASSUMED, NOTHING, NO_COUNTERPART), name
        assert bool(reading.fields or reading.perhaps) == (reading.state in (MAPPED, ASSUMED)), name
        assert reading.state == MAPPED or len(reading.reason) > 10, name
        assert {*reading.fields, *reading.perhaps} <= set(FIELD_NAMES), name


@pytest.mark.parametrize(
    ("word", "fields"),
    [
        ("Social Security Number Information", {"ssn"}),
        ("Driver's License or Washington ID Card Number", {"drivers_license_number"}),
        ("Health Insurance Policy or ID Number", {"health_insurance_id"}),
        ("Full Date of Birth", {"date_of_birth"}),
        ("patients' medical records", {"medical_record"}),
        (
            "Government-issued ID number (e.g. passport, state ID card)",
            {"passport_number", "national_id_number"},
        ),
        ("Financial Information (e.g. account number, credit or debit card number)", {"bank_account_number"}),
        ("copies of W-2 forms", {"tax_id", "income"}),
        ("SSN (last four digits)", {"ssn_last4"}),
        ("the last 4 digits of a credit card", {"partial_payment_card"}),
        ('["Name", "DOB"]', {"full_name", "date_of_birth"}),
        ("Names and/or Social Security numbers", {"full_name", "ssn"}),
    ],
)
def test_words_of_the_breach_laws_are_read(word: str, fields: set[str]) -> None:
    """However cased, bracketed, shortened or joined, a word of a list means what it means."""
    scenario = bs.from_register(rows(["Firm", "1/2/2023", 700, word])).scenario
    assert fields <= all_fields(scenario)


@pytest.mark.parametrize(
    "text",
    [
        "Name; no Social Security numbers",
        "Name; Social Security numbers were not involved",
        "Name; all, but not including SSN",
        "Name; data without SSNs",
    ],
)
def test_a_denied_kind_is_not_read_as_leaked(text: str) -> None:
    """What the list says was not there is not there, and the account says so."""
    imported = bs.from_register(rows(["Firm", "1/2/2023", 700, "Address; " + text]))
    assert {"full_name", "postal_address"} == all_fields(imported.scenario)
    assert "was not there" in " ".join(row.reason for row in imported.rows)


@pytest.mark.parametrize(
    ("text", "there", "absent"),
    [
        (
            "The ePHI on the tapes included names, birthdates and lab results, but there were "
            "no SSNs, bank accounts, addresses, or other ePHI on them.",
            {"full_name", "date_of_birth", "medical_record"},
            {"bank_account_number", "ssn", "postal_address"},
        ),
        ("The information did not include SSNs or birth dates.", set(), {"ssn", "date_of_birth"}),
        (
            "The information included names.The CE improved safeguards, including new passwords.",
            {"full_name"},
            set(),
        ),
        (
            "The data contained names, passport numbers and, in some cases, photos. The firm retrained "
            "staff, including credentials for access to records.",
            {"full_name", "passport_number", "photo"},
            {"username"},
        ),
        ("Credit cards were not taken. Its records were stolen by a nurse.", set(), {"payment_card_number"}),
    ],
)
def test_descriptions_are_read_as_lists_of_what_was_there(
    text: str, there: set[str], absent: set[str]
) -> None:
    """Of sentences only what follows "included" counts, up to a "no"; remedies are no data."""
    heading = ["Name of Covered Entity", "Individuals Affected", "Covered Entity Type", "Web Description"]
    table = rows(["Clinic", 900, "Healthcare Provider", text], heading=[*heading[:3], "Web Description"])
    fields = all_fields(bs.from_register(table).scenario)
    assert there <= fields
    assert not absent & fields
    assert not {"password_plain", "password_hash"} & fields


@pytest.mark.parametrize(
    "text", ["Name; possibly SSN", "Name; SSN in some cases", "Name; for some patients SSN"]
)
def test_what_some_people_lost_is_perhaps(text: str) -> None:
    """A kind that the list names for some people only has the wider share of what may be meant."""
    sure = bs.from_register(rows(["Firm", "1/2/2023", 700, "Name; SSN"])).scenario
    hedged = bs.from_register(rows(["Firm", "1/2/2023", 700, text])).scenario

    def share(scenario: bs.Scenario) -> float:
        leaks = scenario.segments[0].leaks
        return float(next(leak.coverage.central for leak in leaks if "ssn" in leak.fields))

    assert 0 < share(hedged) < share(sure)


def test_an_unknown_kind_travels_with_the_scenario() -> None:
    """A word that no dictionary has is in the account and in the notes, with the nearest known one."""
    imported = bs.from_register(rows(["Firm", "1/2/2023", 700, "Name; Pasport numbrs; shoe sizes"]))
    parts = {part.name: part for part in imported.scenario.left_out}
    assert {"Pasport numbrs", "shoe sizes"} == set(parts)
    assert parts["Pasport numbrs"].nearest == "Passport number"
    assert noted(imported.scenario, "Not read", "shoe sizes")


# The lists ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headings", "title"),
    [
        (HHS.split("\n", 1)[0].split(","), "HHS"),
        (["individuals_affected", "STATE", "name of covered entity", "type of breach"], "HHS"),
        (["Name", "DateSubmitted", "WashingtoniansAffected"], "Washington"),
        (MASSACHUSETTS.split("\n", 1)[0].split(","), "Massachusetts"),
        (
            ["Entity or Individual Name", "Number of Texans Affected", "Date Published at OAG Website"],
            "Texas",
        ),
        (["Entity Name", "Total number of Maine residents affected", "Date Breach Discovered"], "Maine"),
        (["BUSINESS NAME", "START OF BREACH", "DATE REPORTED", "MONTANANS AFFECTED"], "Montana"),
        (["Matter: Name", "Notific Sent", "Breach Occ", "IN Affected", "Total Affected"], "Indiana"),
        (
            ["Reporting Organization Name", "Number of VT Residents Affected", "Date Reported to AGO"],
            "Vermont",
        ),
        (["Date Notified", "Case Number", "Breached Entity Name", "Hawaii Residents Impacted"], "Hawaii"),
        (["Case Title", "Date Received", "No. of MD Residents", "Information Breached"], "Maryland"),
        (["Organization", "Reported", "Dates of Breach", "Number Affected"], "Oregon"),
        (["Company Name", "Date of Notice", "Number of North Dakotans Affected"], "North Dakota"),
        (CLEARINGHOUSE.split("\n", 1)[0].split("|"), "Privacy Rights Clearinghouse"),
        (["Date Made Public", "Company", "Type of breach", "Total Records"], "Privacy Rights Clearinghouse"),
        (["Firm", "Incident Date", "People Affected", "Data Types"], "publisher is not known"),
        (["Organization Name", "Date(s) of Breach  (if known)", "Reported Date"], "California"),
        (["Name", "BreachDate", "PwnCount", "DataClasses"], "Have I Been Pwned"),
    ],
)
def test_a_list_is_known_by_its_headings(headings: list[str], title: str) -> None:
    """In any case and order, headings say which list a table is."""
    assert title in register_kind(headings)
    assert register_kind([heading.upper() for heading in reversed(headings)]) == register_kind(headings)


@pytest.mark.parametrize(
    "headings",
    [
        ["segment", "accounts", "ssn", "email_address"],
        ["name", "ssn", "date of birth", "address"],
        ["field", "share"],
        [],
        ["", None],
        ["patient_id", "first", "last", "birthdate"],
    ],
)
def test_a_table_of_segments_or_persons_is_no_list(headings: list[Any]) -> None:
    """A table of segments, and records of persons, are not taken for a list of breaches."""
    assert register_kind(headings) == ""
    if headings:
        with pytest.raises(ValueError, match="no list of breaches that is known"):
            bs.from_register(pd.DataFrame([["x"] * len(headings)], columns=headings))


def test_the_portal_of_the_hhs(tmp_path: Path) -> None:
    """A breach of health information holds medical records; what the portal does not say is wide."""
    imported = bs.from_register(written(tmp_path, HHS))
    clinic, plan = imported.scenarios
    assert (clinic.accounts, clinic.day_zero, clinic.dossier.countries) == (1203, "2019-10-20", ("US",))
    assert {"full_name", "medical_record", "ssn"} <= all_fields(clinic)
    assert noted(clinic, "assumed", "wide", "HHS", "upper bound")
    assert "bank_account_number" in all_fields(plan) - all_fields(clinic)
    assert named(imported, "Social Security numbers") == (MAPPED, ("ssn",))
    assert attackable(clinic).sum() > 0
    assert list(imported.refused) == ["row 3: Plan Two"]
    assert "not yet counted" in imported.refused["row 3: Plan Two"]


def test_the_export_that_names_a_column_after_its_page() -> None:
    """The portal writes a name of its program in place of two headings; the columns are known by place."""
    heading = ["javax.faces.component.UIPanel@1", *HHS.split("\n", 1)[0].split(",")[1:-1], "javax.faces.x@2"]
    cells = ["Clinic", "TX", "Healthcare Provider", 900, "1/2/2020", "Loss", "Laptop", "No", "text"]
    imported = bs.from_register(rows(cells, heading=heading))
    assert imported.scenario.label == "Clinic"
    assert named(imported, "javax.faces.component.UIPanel@1")[0] == ASSUMED


def test_one_row_for_each_kind_of_data_is_one_breach(tmp_path: Path) -> None:
    """Rows of Washington with one identifier are one breach with all their kinds of data."""
    imported = bs.from_register(written(tmp_path, WASHINGTON))
    assert [scenario.accounts for scenario in imported] == [2000, 700]
    second = imported.scenarios[1]
    assert {"full_name", "medical_record"} <= all_fields(second)
    assert noted(second, "residents of Washington only", "read as one breach")


def test_one_breach_published_by_two_states_is_one(tmp_path: Path) -> None:
    """Privacy Rights Clearinghouse repeats a breach for each source; people count once, kinds add up."""
    first, clinic = bs.from_register(written(tmp_path, CLEARINGHOUSE))
    assert first.accounts == 12000
    assert {"full_name", "ssn", "bank_account_number"} == all_fields(first)
    assert "medical_record" in all_fields(clinic)
    assert not [part for part in clinic.left_out if part.name == "UNKN"]


def test_answers_of_yes_and_no(tmp_path: Path) -> None:
    """A column that answers yes names a kind of data; no does not; another answer is left out by name."""
    text = MASSACHUSETTS.replace("400,,No,Yes", "400,,perhaps,Yes")
    first, second = bs.from_register(written(tmp_path, text))
    assert {"full_name", "ssn", "medical_record"} == all_fields(first)
    assert {"full_name", "payment_card_number"} == all_fields(second)
    assert [part.name for part in second.left_out] == ["Medical Records Breached"]


def test_answers_of_no_limit_what_the_law_presupposes(tmp_path: Path) -> None:
    """Where every column answers no, a notice presupposes only numbers that no column denies."""
    text = MASSACHUSETTS.replace("40,Yes,Yes,", "40,No,,No")
    fields = all_fields(bs.from_register(written(tmp_path, text)).scenarios[0])
    assert {"full_name", "drivers_license_number"} <= fields
    assert not {"ssn", "medical_record", "payment_card_number"} & fields


def test_a_list_without_kinds_presupposes_what_the_law_does() -> None:
    """Where a state names no kind of data, a notice by law is read: a name with one number, wide."""
    heading = ["Matter: Name", "Notific Sent", "Breach Occ", "IN Affected", "Total Affected"]
    imported = bs.from_register(rows(["Corn", "1/2/2024", "12/1/2023", 30, "4,000"], heading=heading))
    scenario = imported.scenario
    assert (scenario.accounts, scenario.day_zero) == (4000, "2023-12-01")
    assert {"full_name", "ssn", "drivers_license_number"} <= all_fields(scenario)
    assert noted(scenario, "breach laws", "30 are residents of Indiana")


def test_a_list_of_nobody_known_needs_kinds_of_data() -> None:
    """Without publisher and without kinds of data nothing is presupposed: the list is refused."""
    heading = ["Firm", "Incident Date", "People Affected"]
    with pytest.raises(ValueError, match="without a column for the kinds of data"):
        bs.from_register(rows(["Shop", "1/2/2020", 900], heading=heading))
    scenario = bs.from_register(
        rows(["Shop", "1/2/2020", 900, "Email addresses; Passwords"], heading=[*heading, "Data Types"])
    ).scenario
    assert noted(scenario, "which country", "all people or those of one state")


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        (
            ["Organization Name", "Date(s) of Breach (if known)", "Reported Date"],
            "neither the number of people",
        ),
        (["Name", "BreachDate", "PwnCount", "DataClasses"], "import hibp"),
        (["incident_id", "schema_version", "victim.victim_id"], "import veris"),
        (["BI Reference", "Year", "Data Subject Type", "No. Data Subjects Affected"], "ranges of people"),
        (["Mois", "Causes", "Nombre de personnes impact\u00e9es"], "ranges of people"),
        (["Name of Covered Entity", "State", "Covered Entity Type", "Type of Breach"], "no list of breaches"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_by_name(heading: list[str], words: str) -> None:
    """A list without people, or of another format, is refused by what it is, with the remedy."""
    with pytest.raises(ValueError, match=words):
        bs.from_register(rows(["x"] * len(heading), heading=heading))


# People ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "number", "words"),
    [
        ("1,203", 1203, ""),
        (1203.0, 1203, ""),
        ("approximately 5,000 residents", 5000, "approximate"),
        ("5,000+", 5000, "lower bound"),
        ("up to 900", 900, "upper bound"),
        ("1.5 million", 1_500_000, "in words"),
        ("~ 12,345 (estimated)", 12345, "approximate"),
    ],
)
def test_numbers_of_people_in_words(cell: Any, number: int, words: str) -> None:
    """A number with a word around it is read, and the word is said."""
    scenario = bs.from_register(rows(["Firm", "1/2/2023", cell, "SSN"])).scenario
    assert scenario.accounts == number
    assert noted(scenario, words)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        None,
        "Unknown",
        "N/A",
        "TBD",
        0,
        -5,
        "1,000 - 4,999",
        "1 to 9",
        "12.5",
        "1.200",
        "several",
        "1e400",
    ],
)
def test_people_that_are_not_known_are_never_guessed(cell: Any) -> None:
    """A row without one number of people is refused with its row; the others load, and accounts= is taken."""
    table = rows(["Firm", "1/2/2023", cell, "SSN"], ["Other", "1/2/2023", 10, "SSN"])
    imported = bs.from_register(table)
    assert [scenario.label for scenario in imported] == ["Other"]
    reason = imported.refused["row 2: Firm"]
    assert "never guessed" in reason
    assert "--accounts" in reason
    assert bs.from_register(table, accounts=77).scenarios[0].accounts == 77


@pytest.mark.parametrize("number", [500, 501])
def test_interim_numbers_of_the_portal(number: int) -> None:
    """500 and 501 stand for "at least 500" on the portal, and are people on a list of a state."""
    heading = ["Name of Covered Entity", "Individuals Affected", "Covered Entity Type", "Type of Breach"]
    with pytest.raises(ValueError, match="not yet counted"):
        bs.from_register(rows(["Clinic", number, "Healthcare Provider", "Loss"], heading=heading))
    meant = rows(["Clinic", f"{number} individuals in total", "Healthcare Provider", "Loss"], heading=heading)
    assert bs.from_register(meant).scenario.accounts == number
    assert bs.from_register(rows(["Firm", "1/2/2023", number, "SSN"])).scenario.accounts == number


def test_numbers_are_held_against_each_other_and_against_mankind() -> None:
    """Fewer people in all than in one state, and more people than live, are refused; a country is a note."""
    heading = ["Entity Name", "Total Affected", "Maine residents affected", "Information Acquired"]
    table = rows(
        ["A", 20, 1733, "SSN"], ["B", 49_000_000_000, 5, "SSN"], ["C", 400_000_000, 5, "SSN"], heading=heading
    )
    imported = bs.from_register(table)
    assert [scenario.label for scenario in imported] == ["C"]
    assert noted(imported.scenario, "more than the country has")
    assert "fewer than 1,733 residents" in imported.refused["row 2: A"]
    assert "mankind" in imported.refused["row 3: B"]


# Rows --------------------------------------------------------------------------------------------------


def test_totals_are_no_breach_and_equal_rows_count_once() -> None:
    """A row of totals is refused by name; the second of two equal rows is left out of the first."""
    imported = bs.from_register(
        rows(
            ["Firm", "1/2/2023", 700, "SSN"],
            ["FIRM", "01/02/2023", "700", "ssn"],
            ["Firm", "1/2/2023", 800, "SSN"],
            ["Grand Total", None, 2200, None],
        )
    )
    assert [scenario.accounts for scenario in imported] == [700, 800]
    assert [part.kind for part in imported.scenarios[0].left_out] == ["row"]
    assert list(imported.refused) == ["row 5: Grand Total"]


def test_notices_of_one_firm_and_date_are_said_to_look_alike() -> None:
    """Two notices with the same firm and date of the breach load, and both say not to add them."""
    heading = ["Entity Name", "Date of Breach", "Total Affected", "Information Type"]
    imported = bs.from_register(
        rows(["Firm", "1/2/2023", 700, "SSN"], ["Firm", "1/2/2023", 900, "SSN"], heading=heading)
    )
    assert all(noted(scenario, "Do not add") for scenario in imported)
    assert len({scenario.name for scenario in imported}) == 2


def test_columns_that_nothing_is_known_about_travel() -> None:
    """An unknown column is in the account and with each row that fills it; known ones are not."""
    heading = [*STATE, "Mood of the lawyer", "Year"]
    table = rows(
        ["A", "1/2/2023", 7, "SSN", "calm", 2023], ["B", "1/2/2023", 8, "SSN", None, 2023], heading=heading
    )
    first, second = bs.from_register(table)
    assert [part.name for part in first.left_out] == ["Mood of the lawyer"]
    assert second.left_out == ()
    assert named(bs.from_register(table), "Year")[0] == NOTHING


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("08/18/2021", "2021-08-18"),
        ("2021-08-18T00:00:00.000", "2021-08-18"),
        ("2021 Aug 18 12:00:00 AM", "2021-08-18"),
        ("18-Aug-21", "2021-08-18"),
        ("August 18, 2021", "2021-08-18"),
        ("08/20/2021, 08/18/2021", "2021-08-18"),
        (pd.Timestamp("2021-08-18"), "2021-08-18"),
        ("18/08/2021", ""),
        ("UNKN", ""),
        ("2021-02-30", ""),
    ],
)
def test_dates_of_every_list(cell: Any, day: str) -> None:
    """Dates are read as each list writes them, the month first; what is none leaves no calendar."""
    imported = bs.from_register(rows(["Firm", cell, 700, "SSN"]))
    assert imported.scenario.day_zero == day
    assert [row for row in imported.rows if "day of sale" in row.reason or "no calendar" in row.reason]


# Files and doors ---------------------------------------------------------------------------------------


def test_every_kind_of_file_gives_the_same(tmp_path: Path) -> None:
    """CSV, xlsx with a title above the heading, JSON with small keys, and a frame say the same."""
    frame = rows(["Firm", "1/2/2023", 700, "Name; SSN"])
    frame.to_csv(tmp_path / "a.csv", index=False)
    titled = pd.DataFrame([["Notices of 2023", None, None, None], list(STATE), *frame.to_numpy().tolist()])
    titled.to_excel(tmp_path / "a.xlsx", index=False, header=False)
    small = frame.rename(columns=lambda name: name.lower().replace(" ", "_"))
    small.to_json(tmp_path / "a.json", orient="records")
    sources = [frame, tmp_path / "a.csv", tmp_path / "a.xlsx", tmp_path / "a.json", small.to_dict("records")]
    found = [bs.from_register(source).scenario for source in sources]
    assert {(s.accounts, s.day_zero, s.segments[0].leaks) for s in found} == {
        (700, "2023-01-02", found[0].segments[0].leaks)
    }


def test_a_scenario_of_a_list_reads_back(tmp_path: Path) -> None:
    """Dossier, sources, notes and what was left out survive the scenario file; runs repeat the notes."""
    for text in (HHS, WASHINGTON, CLEARINGHOUSE, MASSACHUSETTS):
        for scenario in bs.from_register(written(tmp_path, text)):
            path = written(tmp_path, to_toml(scenario), "again.toml")
            assert read_scenario(path, path.name) == scenario
    assert set(scenario.all_notes) <= set(bs.simulate(scenario, replicates=8, seed=1).notes)


def test_the_command_reads_a_list_and_writes_scenarios(tmp_path: Path) -> None:
    """breach-sim import register writes a file for each breach, names the list, and refuses in one line."""
    path = written(tmp_path, HHS)
    said = say("import", "register", path, "--out", tmp_path / "out")
    assert said.code in (0, None)
    assert "breach portal of the HHS" in said.out
    assert "not yet counted" in said.out
    assert set(tree(tmp_path / "out")) == {"hhs-clinic-one-2019.toml", "hhs-plan-three-2023.toml"}
    refused(say("import", "register", written(tmp_path, "segment,accounts\na,1\n")), "import table")
    refused(say("import", "register", written(tmp_path, "<html><body>\n")), "web page")


@pytest.mark.parametrize("source", [None, 5, [], {}, [1], [[]], {"data": []}, "nowhere.csv", [{"a": 1}, 2]])
def test_anything_else_is_refused(source: Any) -> None:
    """What is no list is refused in a sentence."""
    with pytest.raises(ValueError, match=r"[a-z]{3}"):
        bs.from_register(source)


def test_what_look_ups_complete_is_not_called_harmless() -> None:
    """Name and SSN open attacks through look-ups: the account does not say that no attack can start."""
    assert cautions([Segment(name="all", accounts=10, leaks=leaks(["full_name", "ssn"], ["ssn"]))]) == ()
    assert cautions([Segment(name="all", accounts=10, leaks=leaks(["photo"], ["photo"]))]) == (INERT,)
