"""Laws of the synthetic subscribers: impossible, consistent, reproducible."""

from __future__ import annotations

import csv
import hashlib
import math
import re
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import faker
import pandas as pd
import phonenumbers
import pytest
from faker import Faker
from faker.providers.address.en_US import Provider as UsAddress
from faker.providers.person.en_US import Provider as UsPerson
from phonenumbers import geocoder
from stdnum import imei as stdnum_imei
from stdnum import imsi as stdnum_imsi
from stdnum import luhn
from stdnum.us import itin as stdnum_itin
from stdnum.us import ssn as stdnum_ssn

from breach_sim.population import (
    SubscriberProvider,
    identifiers,
    is_synthetic,
    provider,
    sample,
    sample_records,
)
from breach_sim.population.geography import AREA_CODES, STATE_OF_AREA_CODE
from breach_sim.population.permutation import permuted, stream_key
from breach_sim.population.provider import COLUMN_FIELDS, FIELDS, REFERENCE_DATE, birthday
from breach_sim.population.records import MAX_ROWS, require_synthetic, shared_out

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
CSV_PATH = ROOT / "synthetic_data" / "subscribers_1000.csv"
CARD_PATH = ROOT / "synthetic_data" / "DATA_CARD.md"
FORMATS_PATH = Path(__file__).resolve().parent / "data" / "dl_formats_us.csv"
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
    """Everything about 2,000 subscribers, half of them prepaid."""
    return sample_records([("postpaid", FIELDS, 1), ("prepaid", FIELDS, 1)], N_RECORDS, seed=7)


@pytest.fixture
def fake() -> Faker:
    """A US Faker with the provider, seeded."""
    made = Faker("en_US")
    made.add_provider(SubscriberProvider)
    made.seed_instance(11)
    return made


@pytest.fixture(scope="module")
def licence_formats() -> dict[str, re.Pattern[str]]:
    """Licence number formats of 50 states and DC."""
    with FORMATS_PATH.open(encoding="utf-8", newline="") as lines:
        return {row["state"]: re.compile(row["regex"]) for row in csv.DictReader(lines)}


# Impossible -----------------------------------------------------------------


@pytest.mark.parametrize("field", BUILDERS)
def test_every_index_gives_a_synthetic_value_of_its_own(field: str) -> None:
    """Distinct places of a space, ends included, give distinct synthetic values."""
    space = identifiers.SPACES[field]
    places = {0, 1, space - 2, space - 1} | {permuted(i, space, key=5) for i in range(3_000)}
    values = {BUILDERS[field](place) for place in places}
    assert len(values) == len(places)
    assert all(is_synthetic(field, value) for value in values)


def test_every_identifier_of_every_record_is_synthetic(records: list[dict[str, Any]]) -> None:
    """No identifier of 2,000 records lies outside its never-assignable space."""
    for record in records:
        assert record["synthetic"] is True
        for field in identifiers.TESTED_FIELDS:
            assert is_synthetic(field, record[field]), (field, record[field])


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
        for value in [record["imei"], *record["imei_history"].split(";")]:
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
    """No licence number has the format of any of the 51 jurisdictions."""
    assert len(licence_formats) == 51
    assert licence_formats["CA"].match("A1234567")  # the formats do match something
    for record in records:
        number = record["drivers_license_number"]
        assert not [s for s, pattern in licence_formats.items() if pattern.match(number)]
        assert record["drivers_license_state"] not in licence_formats


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


def test_a_record_that_could_be_real_is_never_returned(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """When a builder goes wrong the sample is refused and no file appears."""
    monkeypatch.setattr(identifiers, "imsi", lambda _index: "310260123456789")
    with pytest.raises(ValueError, match=r"imsi '310260123456789' of row 0 .* nobody; nothing"):
        sample_records([("a", ["imsi"], 1)], 1, seed=1)
    with pytest.raises(ValueError, match="can belong to nobody"):
        sample.write_sample(tmp_path / "s.csv", cells=[("a", ["imsi"], 1)], rows=1)
    assert list(tmp_path.iterdir()) == []


def test_a_record_without_its_mark_is_refused() -> None:
    """A record that does not say synthetic=True does not pass the guard."""
    with pytest.raises(ValueError, match="'synthetic' of row 3 is None; it must be True"):
        require_synthetic({"ssn": None}, "row 3")


# Errors ---------------------------------------------------------------------


@pytest.mark.parametrize("field", BUILDERS)
@pytest.mark.parametrize("offset", ["below", "above"])
def test_an_index_outside_the_space_is_refused(field: str, offset: str) -> None:
    """An index outside the space is refused with value, rule and remedy."""
    space = identifiers.SPACES[field]
    index = -1 if offset == "below" else space
    told = rf"index {index:,} of {field}\(index\) lies outside \[0, {space:,}\).*permute"
    with pytest.raises(ValueError, match=told):
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
    with pytest.raises(ValueError, match=r"unknown field 'imsi_' in cells\[1\] \('b'\); .*'imsi'"):
        sample_records([("a", ["imsi"], 1), ("b", ["imsi_"], 1)], 2, seed=1)


def test_malformed_fields_are_refused(fake: Faker) -> None:
    """Leaked fields are a collection in which each name stands once."""
    with pytest.raises(TypeError, match=r"is the text 'ssn'; .* pass \['ssn'\]"):
        fake.subscriber(leaked="ssn")
    with pytest.raises(ValueError, match=r"field 'ssn' stands 2 times"):
        fake.subscriber(leaked=["ssn", "ssn"])


def test_impossible_samples_are_refused() -> None:
    """Shares are positive, and each cell and each row can be served."""
    for share in (0, -1, math.nan, math.inf):
        with pytest.raises(ValueError, match=r"share .* of cells\[0\] is not a positive number"):
            sample_records([("a", ["ssn"], share)], 5, seed=1)
    for cells, rows in (([], 5), ([1.0, 1.0], 1), ([1.0], MAX_ROWS + 1)):
        with pytest.raises(ValueError, match=rf"rows is {rows:,} for {len(cells)} cells"):
            shared_out(cells, rows)


def test_another_locale_is_refused() -> None:
    """A Faker without US states cannot make a subscriber, and says what to do."""
    german = Faker("de_DE")
    german.add_provider(SubscriberProvider)
    assert is_synthetic("imei", german.imei())
    with pytest.raises(ValueError, match=r"no US addresses.*Faker\('en_US'\)"):
        german.subscriber()


# Reproducible ---------------------------------------------------------------


def test_same_seed_same_records_another_seed_others() -> None:
    """The seed alone decides: the same gives equal records, another gives others."""
    cells = [("a", FIELDS, 2), ("b", ["ssn"], 1)]
    first = sample_records(cells, 60, seed=3)
    assert first == sample_records(cells, 60, seed=3)
    other = sample_records(cells, 60, seed=4)
    assert not {r["ssn"] for r in first} & {r["ssn"] for r in other}


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
        assert set(fake.subscriber()) == {"segment", "synthetic", *COLUMN_FIELDS}


def test_a_longer_sample_begins_with_the_same_people() -> None:
    """Person and identifiers depend on the seed and the row number only."""
    short = sample_records([("a", FIELDS, 1)], 20, seed=3)
    long = sample_records([("a", FIELDS, 1)], 50, seed=3)
    assert long[:20] == short


def test_what_leaks_does_not_change_the_person() -> None:
    """A leaked value is the same whatever else leaked."""
    whole = sample_records([("a", FIELDS, 1)], 40, seed=9)
    part = sample_records([("a", ["ssn", "postal_address"], 1)], 40, seed=9)
    for full, some in zip(whole, part, strict=True):
        assert some == {c: full[c] if some[c] is not None else None for c in some}


def test_the_segment_changes_only_the_plan() -> None:
    """The same person in another segment differs in the segment and the plan only."""
    one = sample_records([("postpaid", FIELDS, 1)], 40, seed=9)
    two = sample_records([("prepaid", FIELDS, 1)], 40, seed=9)
    for first, second in zip(one, two, strict=True):
        changed = {column for column in first if first[column] != second[column]}
        assert changed == {"segment", "service_plan"}


def test_identifiers_are_unique(records: list[dict[str, Any]]) -> None:
    """No two rows share an identifier, past handsets included."""
    for field in BUILDERS:
        if field != "imei":
            assert len({record[field] for record in records}) == N_RECORDS
    devices = [d for r in records for d in [r["imei"], *r["imei_history"].split(";")]]
    assert len(set(devices)) == len(devices) > 2 * N_RECORDS


@pytest.mark.parametrize("size", [1, 2, 3, 10, 99, 100, 101, 4_096, 10_007])
def test_permutation_is_a_bijection(size: int) -> None:
    """The permutation reaches every place exactly once, differently for another key."""
    images = [permuted(i, size, stream_key(1, "a")) for i in range(size)]
    assert sorted(images) == list(range(size))
    if size > 9:
        assert images != [permuted(i, size, stream_key(2, "a")) for i in range(size)]
    with pytest.raises(ValueError, match=rf"index {size} .* outside \[0, {size}\)"):
        permuted(size, size, 1)


def test_permutation_spreads_neighbours() -> None:
    """Successive rows fall evenly over ten tenths of a space (chi-square, 9 degrees)."""
    space = identifiers.PHONE_SPACE
    counts = Counter(permuted(i, space, key=3) * 10 // space for i in range(10_000))
    assert sum((counts[tenth] - 1_000) ** 2 / 1_000 for tenth in range(10)) < 27.9  # p = 0.001


# What leaked ----------------------------------------------------------------


def test_null_if_and_only_if_not_leaked() -> None:
    """A column is null exactly when its field did not leak in the row's cell."""
    fields_of = {segment: fields for segment, fields, _ in sample.COHORTS}
    for record in sample_records(sample.COHORTS, 300, seed=2):
        for column, field in COLUMN_FIELDS.items():
            leaked = field in fields_of[str(record["segment"])]
            assert (record[column] is not None) == leaked
            assert record[column] != ""


def test_rows_follow_the_shares() -> None:
    """Rows add up, stand within one of their share, and no cell goes without."""
    assert shared_out([7.8, 5.3, 40, 0.667, 0.85], 1000) == [143, 97, 732, 12, 16]
    assert shared_out([1, 1, 1], 4) == [2, 1, 1]
    assert shared_out([1e9, 1, 1], 3) == [1, 1, 1]
    assert shared_out([1e9, 1, 1], 10) == [8, 1, 1]
    shares = [3.0, 2.2, 1.9, 0.4]
    for rows in range(12, 200):
        counts = shared_out(shares, rows)
        assert sum(counts) == rows
        assert all(
            abs(count - rows * share / sum(shares)) < 1 for count, share in zip(counts, shares, strict=True)
        )


def test_cells_are_mixed() -> None:
    """The cells are mixed over the rows: both halves hold about as many of each."""
    made = sample_records([("a", ["imsi"], 1), ("b", ["imsi"], 1)], 400, seed=1)
    n_first = [record["segment"] for record in made[:200]].count("a")
    assert abs(n_first - 100) < 4 * math.sqrt(200 * 0.25 * 200 / 399)  # 4 standard errors


# Consistent -----------------------------------------------------------------


def test_people_are_adults_when_the_account_opens(records: list[dict[str, Any]]) -> None:
    """Nobody opened an account before 18, nor after the reference date."""
    for record in records:
        eighteen = birthday(record["date_of_birth"], 18)
        assert eighteen <= record["account_opened_on"] <= REFERENCE_DATE
        assert record["date_of_birth"] > date(1931, 8, 1)
    assert birthday(date(2000, 2, 29), 18) == date(2018, 3, 1)


def test_sex_agrees_with_the_first_name(records: list[dict[str, Any]]) -> None:
    """The first name stands in Faker's pool for the stated sex, and both sexes occur."""
    pools = {"F": UsPerson.first_names_female, "M": UsPerson.first_names_male}
    assert all(record["first_name"] in pools[record["sex"]] for record in records)
    share = sum(record["sex"] == "F" for record in records) / N_RECORDS
    assert abs(share - 0.5) < 4 * math.sqrt(0.25 / N_RECORDS)  # 4 standard errors


def test_state_area_code_and_zip_agree(records: list[dict[str, Any]]) -> None:
    """The area code serves the state, and the ZIP code lies in the state's range."""
    for record in records:
        state, zip_code = record["state"], record["zip_code"]
        assert STATE_OF_AREA_CODE[record["phone_number"][:3]] == state
        low, high = UsAddress.states_postcode[state]
        assert re.fullmatch("[0-9]{5}", zip_code)
        assert low <= int(zip_code) <= high
    assert len({record["state"] for record in records}) > 45


def test_zip_prefixes_belong_to_one_state() -> None:
    """No three-digit ZIP prefix serves two of the states, so agreement means something."""
    prefixes = Counter(
        prefix
        for state in set(STATE_OF_AREA_CODE.values())
        for prefix in range(
            UsAddress.states_postcode[state][0] // 100,
            UsAddress.states_postcode[state][1] // 100 + 1,
        )
    )
    assert max(prefixes.values()) == 1


def test_area_codes_agree_with_an_independent_table(
    licence_formats: dict[str, re.Pattern[str]],
) -> None:
    """Every area code lies in the state where an offline geocoder places it."""
    with FORMATS_PATH.open(encoding="utf-8", newline="") as lines:
        names = {row["name"]: row["state"] for row in csv.DictReader(lines)}
    names |= {"Washington State": "WA", "Washington D.C.": "DC"}
    for code, state in STATE_OF_AREA_CODE.items():
        number = phonenumbers.parse(f"+1{code}2341234")
        assert phonenumbers.region_code_for_number(number) == "US"
        place = geocoder.description_for_valid_number(number, "en").rsplit(", ", 1)[-1]
        assert names.get(place, place) == state, code
    assert set(STATE_OF_AREA_CODE.values()) == set(licence_formats)
    assert len(AREA_CODES) == 359
    assert identifiers.PHONE_SPACE == 718_000_000


def test_mail_comes_from_the_name_in_the_stated_share(records: list[dict[str, Any]]) -> None:
    """The stated share of addresses begins with the person's name, the rest with 'user'."""
    named = 0
    for record in records:
        words = record["email_address"].rsplit(".", 2)[0]
        assert words in (f"{record['first_name']}.{record['last_name']}".lower(), "user")
        named += words != "user"
    share = provider.EMAIL_FROM_NAME_SHARE
    assert abs(named / N_RECORDS - share) < 4 * math.sqrt(share * (1 - share) / N_RECORDS)


def test_plan_agrees_with_the_segment(records: list[dict[str, Any]]) -> None:
    """Prepaid customers have prepaid plans and nobody else has."""
    for record in records:
        prepaid = record["segment"] == "prepaid"
        assert (record["service_plan"] in provider.PREPAID_PLANS) == prepaid


def test_past_handsets_are_one_to_three_others(records: list[dict[str, Any]]) -> None:
    """A history has one to three past handsets, the present one not among them."""
    lengths: Counter[int] = Counter()
    for record in records:
        past = record["imei_history"].split(";")
        assert record["imei"] not in past
        lengths[len(past)] += 1
    assert set(lengths) == {1, 2, 3}


def test_pins_follow_the_stated_law(fake: Faker) -> None:
    """Popular PINs come as often as stated, to four standard errors; all have 4 to 6 digits."""
    n_pins = 20_000
    pins = [fake.account_pin() for _ in range(n_pins)]
    assert all(re.fullmatch("[0-9]{4,6}", pin) for pin in pins)
    counts = Counter(pins)
    kinds, four = provider.PIN_KIND_SHARES, provider.PIN_LENGTH_SHARES[4]
    assert sum(kinds.values()) == pytest.approx(1)
    assert sum(provider.PIN_LENGTH_SHARES.values()) == pytest.approx(1)
    chance = kinds["uniform"] * 1e-4
    for pin, kind in (("1234", "ascending"), ("1111", "ones"), ("0000", "zeros")):
        expected = four * (kinds[kind] + chance)
        error = math.sqrt(expected * (1 - expected) / n_pins)
        assert abs(counts[pin] / n_pins - expected) < 4 * error
    expected = four * (kinds["birth_year"] + 60 * chance)
    years = sum(counts[str(year)] for year in provider.PIN_BIRTH_YEARS)
    assert abs(years / n_pins - expected) < 4 * math.sqrt(expected * (1 - expected) / n_pins)
    assert len(counts) > n_pins / 3


# The committed sample -------------------------------------------------------


def test_the_sample_is_remade_byte_for_byte(tmp_path: Path) -> None:
    """The named command, seed and Faker version give the committed file."""
    digest = sample.write_sample(tmp_path / "again.csv")
    card = CARD_PATH.read_text(encoding="utf-8")
    assert f"Faker {faker.VERSION}" in card, "the sample was made with another Faker"
    assert (tmp_path / "again.csv").read_bytes() == CSV_PATH.read_bytes()
    assert digest == hashlib.sha256(CSV_PATH.read_bytes()).hexdigest()
    assert digest in card
    assert [p.name for p in tmp_path.iterdir()] == ["again.csv"]


def test_the_sample_reads_as_stated() -> None:
    """Read as text the file has the stated cohorts, nulls only where nothing leaked."""
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
    for segment, fields, _ in sample.COHORTS:
        rows = table[table["segment"] == segment]
        for column in table.columns.drop(["segment", "synthetic"]):
            assert rows[column].notna().eq(COLUMN_FIELDS[column] in fields).all()
    for field in set(BUILDERS) & set(table.columns):
        values = table[field].dropna()
        assert values.is_unique
        assert all(is_synthetic(field, value) for value in values)


def test_the_card_names_every_column() -> None:
    """The data card explains each column of the file and the field it belongs to."""
    card = CARD_PATH.read_text(encoding="utf-8")
    with CSV_PATH.open(encoding="utf-8", newline="") as lines:
        header = next(csv.reader(lines))
    for column in header:
        field = COLUMN_FIELDS.get(column, "-")
        assert re.search(rf"^\| `{column}` \| `?{field}`? \|", card, re.MULTILINE), column


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sample is written whole or not at all; a missing folder is named."""
    path = tmp_path / "s.csv"
    path.write_text("old", encoding="utf-8")

    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError):  # noqa: PT011
        sample.write_sample(path, rows=5)
    assert path.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["s.csv"]
    with pytest.raises(FileNotFoundError, match="does not exist; make it first"):
        sample.write_sample(tmp_path / "none" / "s.csv", rows=5)


def test_the_guard_needs_no_faker() -> None:
    """Importing the package and judging a value does not load Faker."""
    code = (
        "import sys; from breach_sim.population import is_synthetic; "
        "assert is_synthetic('imsi', '001010000000042'); assert 'faker' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)  # noqa: S603
