"""Laws of the synthetic subscribers: impossible, consistent, reproducible."""

from __future__ import annotations

import csv
import hashlib
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import faker
import pandas as pd
import phonenumbers
import pyarrow as pa
import pytest
from faker import Faker
from stdnum import imei as stdnum_imei
from stdnum import imsi as stdnum_imsi
from stdnum import luhn
from stdnum.us import itin as stdnum_itin
from stdnum.us import ssn as stdnum_ssn
from support import worlds
from support.crowds import everything

from breach_sim import expose, load_scenario
from breach_sim.population import (
    Population,
    SubscriberProvider,
    is_synthetic,
    require_synthetic_batch,
    sample,
)
from breach_sim.population.provider import everyone
from breach_sim.population.values import guard, identifiers
from breach_sim.population.values.columns import COLUMN_FIELDS
from breach_sim.population.values.guard import IDENTIFIER_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1].parent
CSV_PATH = ROOT / "synthetic_data" / "subscribers_1000.csv"
CARD_PATH = ROOT / "synthetic_data" / "DATA_CARD.md"
FORMATS_PATH = Path(__file__).resolve().parents[1] / "data" / "dl_formats_us.csv"
N_RECORDS = 2_000

BUILDERS: dict[str, Callable[[int], str]] = {
    "ssn": identifiers.ssn,
    "drivers_license_number": identifiers.drivers_license_number,
    "phone_number": identifiers.phone_number,
    "email_address": identifiers.email_address,
    "imsi": identifiers.imsi,
    "imei": identifiers.imei,
    "iccid": identifiers.iccid,
}


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    """Everything about 2,000 subscribers of every kind, with their handsets."""
    people = Population(everything(), 7)
    rows = range(90_000_000, 90_000_000 + N_RECORDS)
    return [people[row] | {"devices": [d["imei"] for d in people.devices(row)]} for row in rows]


@pytest.fixture
def fake() -> Faker:
    """A US Faker with the provider, seeded."""
    made = Faker("en_US")
    made.add_provider(SubscriberProvider)
    made.seed_instance(11)
    return made


@pytest.fixture(scope="module")
def licence_formats() -> dict[str, re.Pattern[str]]:
    """License number formats of 50 states and DC."""
    with FORMATS_PATH.open(encoding="utf-8", newline="") as lines:
        return {row["state"]: re.compile(row["regex"]) for row in csv.DictReader(lines)}


# Impossible -----------------------------------------------------------------


@pytest.mark.parametrize("field", BUILDERS)
def test_every_index_gives_a_synthetic_value_of_its_own(field: str) -> None:
    """Distinct places of a space, ends included, give distinct synthetic values."""
    space = identifiers.SPACES[field]
    places = {0, 1, space - 2, space - 1} | {permuted_place(field, i) for i in range(3_000)}
    values = {BUILDERS[field](place) for place in places}
    assert len(values) == len(places)
    assert all(is_synthetic(field, value) for value in values)


def test_every_identifier_of_every_record_is_synthetic(records: list[dict[str, Any]]) -> None:
    """No identifier of 2,000 records lies outside its never-assignable space."""
    for record in records:
        assert record["synthetic"] is True
        for column, field in IDENTIFIER_COLUMNS.items():
            assert is_synthetic(field, record[column]), (column, record[column])


def test_strict_ssns_are_counted_by_the_rule() -> None:
    """The rule for nine-digit SSNs admits exactly as many as the builder has places."""
    admitted = sum(
        9_999 * is_synthetic("ssn", f"{area:03d}-{group:02d}-0001")
        + is_synthetic("ssn", f"{area:03d}-{group:02d}-0000")
        for area in range(1000)
        for group in range(100)
    )
    assert admitted == identifiers.SSN_STRICT_SPACE == 45_068_902


def test_strict_ssns_meet_without_overlap() -> None:
    """Around each border of the SSN blocks the values differ and stay in the set."""
    borders = [0, 34_000_000, 36_000_000, 44_980_000, 45_068_902]
    places = [p for b in borders for p in range(max(b - 200, 0), b + 200)]
    values = [identifiers.ssn(place) for place in places]
    assert len(set(values)) == len(places)
    assert all(is_synthetic("ssn", value) for value in values)
    assert [v[0].isalpha() for v in values] == [p >= 45_068_902 for p in places]


def test_ssns_pass_for_no_taxpayer_number(records: list[dict[str, Any]]) -> None:
    """An independent validator takes no SSN for an SSN, nor for an ITIN."""
    values = [record["ssn"] for record in records]
    values += [identifiers.ssn(p) for p in range(0, identifiers.SSN_STRICT_SPACE, 4_999)]
    values.append(identifiers.ssn(identifiers.SSN_STRICT_SPACE))
    assert not any(stdnum_ssn.is_valid(value) for value in values)
    assert not any(stdnum_itin.is_valid(value) for value in values)


def test_spaces_begin_as_the_rule_says() -> None:
    """Each identifier begins with the digits that make it impossible, written out here."""
    assert identifiers.imsi(0) == "001010000000000"
    assert identifiers.imei(0)[:-1] == "00990000000000"
    assert identifiers.iccid(0)[:-1] == "890000000000000000"
    assert identifiers.drivers_license_number(0) == "ZZ00000000"
    assert {identifiers.email_address(i).split("@")[1] for i in range(9)} == {
        "example.com",
        "example.net",
        "example.org",
    }


def test_free_groups_avoid_every_published_list() -> None:
    """The 34 free groups of 9XX are those the published lists leave."""
    expected = {0, *range(11, 17), *range(20, 28), *range(30, 37), *range(40, 49), 67, 68, 69}
    assert set(identifiers.FREE_GROUPS) == expected
    taken = identifiers.ITIN_GROUPS | identifiers.ATIN_GROUPS | identifiers.IRSN_GROUPS
    assert not any(is_synthetic("ssn", f"950-{group:02d}-0000") for group in taken)


def test_device_and_card_numbers_pass_luhn(records: list[dict[str, Any]]) -> None:
    """IMEI, past IMEIs and ICCID end in the Luhn digit an independent library asks for."""
    for record in records:
        for value in record["devices"]:
            assert stdnum_imei.is_valid(value)
        assert luhn.is_valid(record["iccid"])


def test_line_identity_is_of_a_test_network(records: list[dict[str, Any]]) -> None:
    """An independent library places every IMSI in a test network."""
    assert {stdnum_imsi.info(record["imsi"])["country"] for record in records} == {"Test networks"}


def test_no_phone_number_can_ring(records: list[dict[str, Any]]) -> None:
    """An independent library calls every phone number invalid, written either way."""
    for record in records:
        parsed = phonenumbers.parse(record["phone_number"], "US")
        assert not phonenumbers.is_valid_number(parsed)
        international = phonenumbers.parse("+1" + record["phone_number"].replace("-", ""))
        assert not phonenumbers.is_valid_number(international)


def test_licences_have_no_states_format(
    records: list[dict[str, Any]], licence_formats: dict[str, re.Pattern[str]]
) -> None:
    """No license number has the format of any of the 51 jurisdictions."""
    assert len(licence_formats) == 51
    assert licence_formats["CA"].match("A1234567")  # the formats do match something
    for record in records:
        number = record["drivers_license_number"]
        assert not [s for s, pattern in licence_formats.items() if pattern.match(number)]
        assert record["dl_state"] not in licence_formats


REAL_LOOKING = [
    ("ssn", "123-45-6789"),
    ("ssn", "078-05-1120"),
    ("ssn", "900-70-1234"),  # ITIN
    ("ssn", "999-93-0001"),  # ATIN
    ("ssn", "950-10-0001"),  # IRSN
    ("ssn", "900-50-0000"),  # serial 0000 does not free an ITIN group
    ("ssn", "000000000"),  # bare digits may equal an employer's number
    ("ssn", "A1-234-5678"),
    ("ssn", "a12-34-5678"),
    ("ssn", "900-00-0000\n"),
    ("ssn", "\u0669\u0660\u0660-\u0660\u0660-\u0660\u0660\u0660\u0660"),  # digits of another script
    ("imsi", "310260123456789"),
    ("imsi", "1010123456789"),  # leading zeros lost
    ("imsi", "0010112345678901"),
    ("imei", "356938035643809"),
    ("imei", "490154203237518"),
    ("imei", "000000000000000"),
    ("imei", "009900000000423"),  # wrong check digit
    ("imei_history", "009900000000424;356938035643809"),
    ("imei_history", ";".join(["009900000000424"] * 4)),
    ("imei_history", ""),
    ("iccid", "890126012345678901" + identifiers.luhn_digit("890126012345678901")),
    ("iccid", "890100000000000000" + identifiers.luhn_digit("890100000000000000")),
    ("iccid", "8900000000000000426"),  # wrong check digit
    ("phone_number", "206-555-1234"),
    ("phone_number", "206-555-0100"),
    ("phone_number", "200-055-1234"),  # no area code
    ("phone_number", "800-055-1234"),  # not geographic
    ("phone_number", "2060551234"),
    ("drivers_license_number", "A1234567"),
    ("drivers_license_number", "ZZ1234567890"),  # Washington's form
    ("drivers_license_number", "123456789"),
    ("email_address", "ann.lee@gmail.com"),
    ("email_address", "ann.lee@example.com.evil.org"),
    ("email_address", "ann.lee@notexample.com"),
    ("email_address", "ann.lee@examplescom"),
    ("email_address", "@example.com"),
    ("imsi", 1010000000042),
    ("ssn", None),
]


@pytest.mark.parametrize(("field", "value"), REAL_LOOKING)
def test_what_could_be_real_is_refused(field: str, value: object) -> None:
    """A value of a real structure, or not exactly of ours, is not synthetic."""
    assert is_synthetic(field, value) is False


def batch_of(**columns: list[Any]) -> pa.RecordBatch:
    """Return a small batch with its mark."""
    rows = len(next(iter(columns.values())))
    return pa.RecordBatch.from_pydict(columns | {"synthetic": [True] * rows})


@pytest.mark.parametrize("column", IDENTIFIER_COLUMNS)
def test_the_guard_of_batches_judges_as_the_guard_of_values(column: str) -> None:
    """A batch is refused at the first value, and only there, that could be real; nulls pass."""
    field = IDENTIFIER_COLUMNS[column]
    good = [BUILDERS[field](permuted_place(field, i)) for i in range(50)]
    require_synthetic_batch(batch_of(**{column: [*good, None]}))
    require_synthetic_batch(batch_of(**{column: pa.array(good).dictionary_encode()}))
    texts = [v for f, v in REAL_LOOKING if f == field and isinstance(v, str)]
    assert texts
    for value in texts:
        batch = batch_of(**{column: [None, *good, value, good[0]]})
        message = rf"{column} .* in row 1,051 of block 3 lies outside .* nobody; nothing is written"
        with pytest.raises(ValueError, match=message) as caught:
            require_synthetic_batch(batch, "block 3", first_row=1000)
        assert repr(value) in str(caught.value)
        require_synthetic_batch(batch.slice(0, 51))
        with pytest.raises(ValueError, match=rf"{column} .* in row 1 of"):
            require_synthetic_batch(batch.slice(50))


def permuted_place(field: str, number: int) -> int:
    """Return a place somewhere in the space of an identifier."""
    space = identifiers.SPACES[field]
    return (number * 7_777_777_777_777 + 12_345) % space


def test_the_guard_of_batches_admits_every_strict_ssn_and_no_other() -> None:
    """Over all areas and groups, with and without a serial, both guards agree."""
    for serial in ("0001", "0000"):
        values = [f"{area:03d}-{group:02d}-{serial}" for area in range(0, 1000, 3) for group in range(100)]
        values += [
            f"{area:03d}-{group:02d}-{serial}" for area in (666, 899, 900, 950) for group in range(100)
        ]
        refused = [value for value in values if not is_synthetic("ssn", value)]
        admitted = [value for value in values if is_synthetic("ssn", value)]
        require_synthetic_batch(batch_of(ssn=admitted))
        for value in refused[::211]:
            with pytest.raises(ValueError, match="ssn"):
                require_synthetic_batch(batch_of(ssn=[admitted[0], value]))


@pytest.mark.parametrize("field", sorted(set(IDENTIFIER_COLUMNS.values()) - {"email_address"}))
def test_both_guards_agree_on_every_changed_letter(field: str) -> None:
    """With a letter of an identifier changed, beyond ASCII too, a batch passes if the value alone does."""
    good = BUILDERS[field](identifiers.SPACES[field] // 3)
    for place in range(len(good)):
        for letter in "0123456789-AZaz@/: \x7fé":
            value = good[:place] + letter + good[place + 1 :]
            bad = guard.first_real(field, pa.array([None, good, value, None, good]))
            assert bad == (None if is_synthetic(field, value) else 2), value


def test_every_block_passes_the_guard() -> None:
    """Blocks of both tables pass, and one changed identifier is found in each column."""
    people = Population(everything(), 3)
    for table in ("subscribers", "devices"):
        block = people.block(77, table)
        require_synthetic_batch(block)
        for column in set(IDENTIFIER_COLUMNS) & set(block.schema.names):
            values = block.column(column).to_pylist()
            values[60_001] = values[60_001][:-1] + ("0" if values[60_001][-1] != "0" else "x")
            if column in {"imei", "iccid", "email"}:
                place = block.schema.get_field_index(column)
                changed = block.set_column(place, column, pa.array(values))
                with pytest.raises(ValueError, match=rf"{column} .* row 60,001 of"):
                    require_synthetic_batch(changed)


def test_a_batch_without_its_mark_is_refused() -> None:
    """A batch that does not say synthetic everywhere does not pass the guard."""
    batch = batch_of(imsi=[identifiers.imsi(0)] * 3)
    with pytest.raises(ValueError, match="column 'synthetic' of the batch is missing; it must be true"):
        require_synthetic_batch(batch.drop_columns("synthetic"))
    for marks in ([True, False, True], [True, None, True]):
        changed = batch.set_column(1, "synthetic", pa.array(marks))
        with pytest.raises(ValueError, match="is not true everywhere"):
            require_synthetic_batch(changed)


def test_a_sample_that_could_be_real_is_never_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """When an identifier goes wrong the sample is refused and no file appears."""
    monkeypatch.setattr(identifiers, "IMSI_PREFIX", "31026")
    monkeypatch.setattr(guard, "_JUDGES", {**guard._JUDGES, "imsi": ("00101##########", guard._fits)})
    with pytest.raises(ValueError, match=r"imsi '31026.* of the sample"):
        sample.write_sample(tmp_path, rows=50)
    assert list(tmp_path.iterdir()) == []


def test_type_codes_and_area_codes_are_many(records: list[dict[str, Any]]) -> None:
    """Two thousand handsets have over a hundred type codes, their lines over fifty area codes."""
    assert len({record["imei"][:8] for record in records}) > 100
    assert len({record["phone_number"][:3] for record in records}) > 50


# Errors ---------------------------------------------------------------------


@pytest.mark.parametrize("field", BUILDERS)
@pytest.mark.parametrize("offset", ["below", "above"])
def test_an_index_outside_the_space_is_refused(field: str, offset: str) -> None:
    """An index outside the space is refused with value, rule and remedy."""
    space = identifiers.SPACES[field]
    index = -1 if offset == "below" else space
    message = rf"index {index:,} of {field}\(index\) lies outside \[0, {space:,}\).*permute"
    with pytest.raises(ValueError, match=message):
        BUILDERS[field](index)


@pytest.mark.parametrize("index", [1.0, True, "1", None])
def test_an_index_that_is_no_whole_number_is_refused(index: Any) -> None:
    """An index of another type is refused with its type and the remedy."""
    with pytest.raises(TypeError, match=r"of imsi\(index\) is a \w+; .* pass an int"):
        identifiers.imsi(index)


def test_an_unknown_field_is_refused_with_the_nearest_name(fake: Faker) -> None:
    """A misspelt field is refused with the nearest known name, wherever it stands."""
    with pytest.raises(ValueError, match=r"unknown field 'email' in is_synthetic.*'email_address'"):
        is_synthetic("email", "a@example.com")
    with pytest.raises(ValueError, match="cannot be tested"):
        is_synthetic("full_name", "Ann Lee")
    with pytest.raises(ValueError, match=r"unknown field 'drivers_license' in subscriber.*_number"):
        fake.subscriber(leaked=["drivers_license"])


def test_malformed_fields_are_refused(fake: Faker) -> None:
    """Leaked fields are a collection in which each name stands once."""
    with pytest.raises(TypeError, match=r"is the text 'ssn'; .* pass \['ssn'\]"):
        fake.subscriber(leaked="ssn")
    with pytest.raises(ValueError, match=r"field 'ssn' stands 2 times"):
        fake.subscriber(leaked=["ssn", "ssn"])


# One at a time ----------------------------------------------------------------


def test_faker_seed_governs(fake: Faker) -> None:
    """Faker's seed decides every method of the provider."""
    methods = (
        "subscriber",
        "imsi",
        "imei",
        "iccid",
        "subscriber_ssn",
        "drivers_license_number",
        "subscriber_phone_number",
        "account_pin",
    )
    runs = []
    for seed in (5, 5, 6):
        fake.seed_instance(seed)
        runs.append([getattr(fake, name)() for name in methods])
    assert runs[0] == runs[1] != runs[2]


def test_single_identifiers_are_synthetic(fake: Faker) -> None:
    """What the provider draws one at a time lies in the same spaces."""
    for _ in range(300):
        assert is_synthetic("imsi", fake.imsi())
        assert is_synthetic("imei", fake.imei())
        assert is_synthetic("iccid", fake.iccid())
        assert is_synthetic("ssn", fake.subscriber_ssn())
        assert is_synthetic("drivers_license_number", fake.drivers_license_number())
        assert is_synthetic("phone_number", fake.subscriber_phone_number())
        assert re.fullmatch("[0-9]{4,6}", fake.account_pin())


def test_the_provider_gives_the_records_of_a_population(fake: Faker) -> None:
    """A numbered subscriber is the row of the population, the provider's own or another."""
    people = Population(load_scenario("tmobile-2021-stated"), 3)
    for number in (0, 77, 54_616_999):
        assert fake.subscriber(number, of=people) == people[number]
        assert fake.subscriber(number) == everyone()[number]
    assert fake.subscriber()["person_id"] != fake.subscriber()["person_id"]
    assert len(everyone()) == 100_000_000
    with pytest.raises(IndexError, match="row 54,617,000 of"):
        fake.subscriber(54_617_000, of=people)


def test_what_leaks_does_not_change_the_person(fake: Faker) -> None:
    """A shown value is the same whatever else is shown; all else is null."""
    shown = {"ssn", "postal_address"}
    for number in range(40):
        full, some = fake.subscriber(number), fake.subscriber(number, leaked=shown)
        for column, value in some.items():
            if column == "leaked_fields":
                assert value != full[column]
            else:
                field = COLUMN_FIELDS.get(column)
                assert value == (full[column] if field is None or field in shown else None)


# The committed sample -------------------------------------------------------


def test_the_cohorts_are_those_of_the_catalog() -> None:
    """The sample's cohorts have the cells of the scenario of the same name, each field leaked for all."""
    own, theirs = expose(sample.stated()), expose(worlds.all_leaked(load_scenario("tmobile-2021-stated")))
    assert own.masks.tolist() == theirs.masks.tolist()
    assert own.accounts.tolist() == theirs.accounts.tolist()
    assert [s.name for s in own.scenario.segments] == [s.name for s in theirs.scenario.segments]
    assert [s.kind for s in own.scenario.segments] == [s.kind for s in theirs.scenario.segments]
    assert own.scenario.day_zero == theirs.scenario.day_zero


def test_the_sample_is_remade_byte_for_byte(tmp_path: Path) -> None:
    """The named command, seed and versions give the three committed files."""
    digest = sample.write_sample(tmp_path)
    card = CARD_PATH.read_text(encoding="utf-8")
    assert f"Faker {faker.VERSION}" in card, "the sample was made with another Faker"
    assert f"PyArrow {pa.__version__}" in card, "the sample was made with another PyArrow"
    for name in (sample.CSV, sample.PARQUET, sample.CARD):
        assert (tmp_path / name).read_bytes() == (CSV_PATH.parent / name).read_bytes()
    assert digest == hashlib.sha256(CSV_PATH.read_bytes()).hexdigest()
    assert digest in card
    assert hashlib.sha256((tmp_path / sample.PARQUET).read_bytes()).hexdigest() in card
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([sample.CSV, sample.PARQUET, sample.CARD])


def test_the_sample_reads_as_stated() -> None:
    """Both files hold the stated cohorts and the same values, nulls only where nothing leaked."""
    content = CSV_PATH.read_bytes()
    assert b"\r" not in content
    assert content.endswith(b"\n")
    table = pd.read_csv(CSV_PATH, dtype=str)
    assert table["segment"].value_counts().to_dict() == {
        "applicants": 732,
        "postpaid_ssn": 143,
        "postpaid": 97,
        "prepaid": 16,
        "former": 12,
    }
    assert set(table["synthetic"]) == {"True"}
    for segment, (_, _, fields) in sample.COHORTS.items():
        rows = table[table["segment"] == segment]
        for column in set(table.columns) & set(COLUMN_FIELDS):
            assert rows[column].notna().eq(COLUMN_FIELDS[column] in fields).all()
    for column in set(IDENTIFIER_COLUMNS) & set(table.columns):
        values = table[column].dropna()
        assert values.is_unique
        assert all(is_synthetic(IDENTIFIER_COLUMNS[column], value) for value in values)
    parquet = pd.read_parquet(CSV_PATH.with_name(sample.PARQUET))
    assert parquet.dtypes["line_id"] == "int64"
    assert parquet["ssn"].fillna("").tolist() == table["ssn"].fillna("").tolist()
    born = [str(day) if isinstance(day, date) else "" for day in parquet["date_of_birth"]]
    assert born == table["date_of_birth"].fillna("").tolist()


def test_the_card_names_every_column() -> None:
    """The data card explains each column of the file and the field it belongs to."""
    card = CARD_PATH.read_text(encoding="utf-8")
    with CSV_PATH.open(encoding="utf-8", newline="") as lines:
        header = next(csv.reader(lines))
    for column in header:
        field = COLUMN_FIELDS.get(column, "-")
        assert re.search(rf"^\| `{column}` \| {field} \|", card, re.MULTILINE), column


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is written whole or not at all; a missing folder is named."""
    path = tmp_path / sample.CSV
    path.write_text("old", encoding="utf-8")

    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError):  # noqa: PT011
        sample.write_sample(tmp_path, rows=50)
    assert path.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == [sample.CSV]
    with pytest.raises(FileNotFoundError, match="does not exist; make it first"):
        sample.write_sample(tmp_path / "none", rows=50)
