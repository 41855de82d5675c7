"""Laws of the synthetic people: consistent with themselves, drawn from Faker's weights, unique."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter, OrderedDict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import phonenumbers
import pyarrow as pa
import pytest
from faker.providers.address.de_DE import Provider as GermanAddress
from faker.providers.address.en_US import Provider as UsAddress
from faker.providers.person.de_DE import Provider as GermanPerson
from faker.providers.person.en_US import Provider as UsPerson
from phonenumbers import geocoder
from scipy import stats
from support.crowds import EVERY_FIELD, TRAITS, everything

from breach_sim import load_scenario
from breach_sim.population import Population
from breach_sim.population.blocks import attributes_of
from breach_sim.population.cells import MAX_LINES
from breach_sim.population.draws.chance import Choice
from breach_sim.population.laws import EMAIL_FROM_NAME_SHARE, FAMILY_NAME_SHARE, MAX_DEVICES, PREPAID_PLANS
from breach_sim.population.values import identifiers
from breach_sim.population.values.geography import AREA_CODES, STATE_OF_AREA_CODE
from breach_sim.population.values.locales import LOCALES, Pieces, mail_name, pools
from breach_sim.population.world import PHONE_GROUPS, PIN_KIND_SHARES, PIN_LENGTH_SHARES, birthday

FORMATS_PATH = Path(__file__).resolve().parents[1] / "data" / "dl_formats_us.csv"
REFERENCE = date(2021, 8, 11)
PEOPLE = Population(everything(), 7, traits=TRAITS)
N = 65_536


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """One block of everything."""
    return PEOPLE[5 * N : 6 * N]


@pytest.fixture(scope="module")
def devices() -> pd.DataFrame:
    """The handsets of that block."""
    made: pd.DataFrame = pa.table(PEOPLE.block(5, "devices")).to_pandas(date_as_object=False)
    return made


def flat(elements: Any) -> dict[str, float]:
    """Return a pool of Faker as probabilities by its own rule: weights of an OrderedDict, else alike."""
    pairs = elements.items() if isinstance(elements, OrderedDict) else [(text, 1) for text in elements]
    result: Counter[str] = Counter()
    for text, weight in pairs:
        result[text] += weight
    total = sum(result.values())
    return {text: weight / total for text, weight in result.items()}


def shares(choice: Choice, names: tuple[str, ...], which: int = 0) -> dict[str, float]:
    """Return what a compiled table holds, by text."""
    return {names[outcome]: share for outcome, share in choice.probabilities(which).items()}


def close(found: dict[str, float], expected: dict[str, float]) -> bool:
    """Whether two laws agree to within the last bit of a word."""
    return set(found) == set(expected) and all(abs(found[k] - expected[k]) < 2.0**-30 for k in expected)


# Faker's weights ------------------------------------------------------------------


@pytest.mark.parametrize(("locale", "person"), [("en_US", UsPerson), ("de_DE", GermanPerson)])
def test_name_tables_are_fakers_weights(locale: str, person: Any) -> None:
    """First names by sex and last names have exactly Faker's weights, in each locale."""
    own = pools(locale)
    assert close(shares(own.first, own.first_names, 0), flat(person.first_names_female))
    assert close(shares(own.first, own.first_names, 1), flat(person.first_names_male))
    assert close(shares(own.last, own.last_names), flat(person.last_names))
    letters: Counter[str] = Counter()
    for name, share in flat(person.first_names_female).items():
        letters[mail_name(name)[0]] += share
    assert close(shares(own.initial, tuple("abcdefghijklmnopqrstuvwxyz"), 0), dict(letters))


def ways(pieces: Pieces) -> list[tuple[float, list[dict[str, float]]]]:
    """Return each alternative of a compiled text: its share and the law of every piece."""
    return [
        (share, [shares(slot, pieces.pool, way) for slot in pieces.slots])
        for way, share in pieces.alternative.probabilities().items()
    ]


def test_street_tables_are_fakers_templates() -> None:
    """Streets have Faker's templates with Faker's weights: numbers, names, suffixes and flats."""
    made = ways(pools("en_US").street)
    assert len(made) == 3 * 2 * (1 + 2)
    plain = [(share, pieces) for share, pieces in made if pieces[-1] == {"": 1.0}]
    assert sum(share for share, _ in plain) == pytest.approx(0.5, abs=1e-9)
    suffixes, firsts, lasts = (
        flat(e) for e in (UsAddress.street_suffixes, UsPerson.first_names, UsPerson.last_names)
    )
    n_first = 0
    for share, (*numbers, name, suffix, flat_number) in made:
        bare = {text.rstrip(): p for text, p in name.items()}
        by_first = close(bare, firsts)
        n_first += by_first
        assert by_first or close(bare, lasts)
        assert close({text.rstrip(): p for text, p in suffix.items()}, suffixes)
        assert re.fullmatch("[0-9]{3,5} ", "".join(next(iter(chunk)) for chunk in numbers))
        assert math.prod(map(len, numbers)) in {10**3, 10**4, 10**5}
        assert len(flat_number) in {1, 1000}
        expected = 1 / 3 / 2 / 2 / (1 if len(flat_number) == 1 else 2)
        assert share == pytest.approx(expected, abs=1e-9)
    assert n_first == 9


def test_city_tables_are_fakers_templates() -> None:
    """Cities have Faker's four templates alike, its prefixes, names and suffixes with their weights."""
    made = ways(pools("en_US").city)
    assert [share for share, _ in made] == pytest.approx([0.25] * 4, abs=1e-9)
    prefixes = {f"{text} ": share for text, share in flat(UsAddress.city_prefixes).items()}
    suffixes, firsts, lasts = (
        flat(e) for e in (UsAddress.city_suffixes, UsPerson.first_names, UsPerson.last_names)
    )
    assert all(map(close, made[0][1], (prefixes, firsts, suffixes)))
    assert all(map(close, made[1][1], (prefixes, firsts, {"": 1.0})))
    assert all(map(close, made[2][1], (firsts, suffixes, {"": 1.0})))
    assert all(map(close, made[3][1], (lasts, suffixes, {"": 1.0})))
    german = ways(pools("de_DE").city)
    assert [len(pieces) for _, pieces in german] == [1]
    assert close(german[0][1][0], flat(GermanAddress.cities))


def chi_square(found: Counter[Any], law: dict[Any, float], n: int) -> float:
    """Return the p-value of counts under a law, rare classes pooled."""
    common = {k: p for k, p in law.items() if p * n >= 20}
    rare = max(1 - sum(common.values()), 0)
    observed, expected = [found[k] for k in common], [p * n for p in common.values()]
    if rare * n >= 20:
        observed.append(n - sum(observed))
        expected.append(rare * n)
    scaled = np.array(expected) * sum(observed) / sum(expected)
    return float(stats.chisquare(observed, scaled).pvalue)


def test_output_follows_fakers_weights() -> None:
    """Two million names, suffixes of cities and letters fit Faker's weights (chi-square, p > 0.001)."""
    rows = np.arange(2_000_000, dtype=np.uint32)
    attributes = attributes_of(PEOPLE.world, rows)
    own = PEOPLE.world.pools
    for sex, elements in enumerate((UsPerson.first_names_female, UsPerson.first_names_male)):
        drawn = np.bincount(attributes.first_name[attributes.sex == sex], minlength=len(own.first_names))
        found = Counter(dict(zip(own.first_names, drawn.tolist(), strict=True)))
        assert chi_square(found, flat(elements), int(drawn.sum())) > 0.001
    alone = attributes.last_name[attributes.slot == 0]
    found = Counter(dict(zip(own.last_names, np.bincount(alone, minlength=1000).tolist(), strict=True)))
    assert chi_square(found, flat(UsPerson.last_names), len(alone)) > 0.001
    first, *_ = attributes.pieces("city")
    law: Counter[int] = Counter()
    for way, share in own.city.alternative.probabilities().items():
        for outcome, part in own.city.slots[0].probabilities(way).items():
            law[outcome] += share * part
    assert chi_square(Counter(first.tolist()), dict(law), len(first)) > 0.001


# One person -----------------------------------------------------------------------


def test_sex_agrees_with_the_first_name(frame: pd.DataFrame) -> None:
    """The first name stands in Faker's pool for the stated sex, and the sexes are even."""
    for sex, own in (("F", UsPerson.first_names_female), ("M", UsPerson.first_names_male)):
        assert frame.loc[frame["sex"] == sex, "first_name"].isin(list(own)).all()
    assert abs((frame["sex"] == "F").mean() - 0.5) < 4 * math.sqrt(0.25 / N)


def test_people_are_adults_when_their_line_is_opened(frame: pd.DataFrame) -> None:
    """Nobody opened a line before 18, before the account, or after day zero; nobody is over 90."""
    holders = frame.groupby("account_id")["opened_on"].transform("first")
    complete = frame["account_id"] - 2 * 10**9 >= 5 * N
    assert (frame["opened_on"] >= holders)[complete].all()
    assert frame["opened_on"].max() <= pd.Timestamp(REFERENCE)
    assert frame["opened_on"].min() >= pd.Timestamp(1994, 1, 1)
    assert frame["date_of_birth"].min() > pd.Timestamp(1931, 8, 1)
    for born, opened in zip(frame["date_of_birth"][:5000], frame["opened_on"][:5000], strict=True):
        assert birthday(born.date(), 18) <= opened.date()
    assert birthday(date(2000, 2, 29), 18) == date(2018, 3, 1)


def test_ages_are_triangular(frame: pd.DataFrame) -> None:
    """Ages follow the triangle on 18 to 90 with its mode at 35 (Kolmogorov-Smirnov, p > 0.001)."""
    ages = (pd.Timestamp(REFERENCE) - frame["date_of_birth"]).dt.days / 365.25
    law = stats.triang(c=17 / 72, loc=18, scale=72)
    assert stats.kstest(ages[::4], law.cdf).pvalue > 0.001


def test_state_area_code_and_zip_agree(frame: pd.DataFrame) -> None:
    """The area code serves the state, and the ZIP code lies in the state's range."""
    assert (frame["phone_number"].str[:3].map(STATE_OF_AREA_CODE) == frame["state"]).all()
    low = frame["state"].map(lambda state: UsAddress.states_postcode[state][0])
    high = frame["state"].map(lambda state: UsAddress.states_postcode[state][1])
    zips = frame["zip_code"]
    assert zips.str.fullmatch("[0-9]{5}").all()
    assert zips.astype(int).between(low, high).all()
    assert frame["state"].nunique() == 51


def test_zip_prefixes_belong_to_one_state() -> None:
    """No three-digit ZIP prefix serves two of the states, so agreement means something."""
    ranges = [UsAddress.states_postcode[state] for state in set(STATE_OF_AREA_CODE.values())]
    prefixes = Counter(prefix for low, high in ranges for prefix in range(low // 100, high // 100 + 1))
    assert max(prefixes.values()) == 1


def test_area_codes_agree_with_an_independent_table() -> None:
    """Every area code lies in the state where an offline geocoder places it."""
    with FORMATS_PATH.open(encoding="utf-8", newline="") as lines:
        names = {row["name"]: row["state"] for row in csv.DictReader(lines)}
    states = set(names.values())
    names |= {"Washington State": "WA", "Washington D.C.": "DC"}
    for code, state in STATE_OF_AREA_CODE.items():
        number = phonenumbers.parse(f"+1{code}2341234")
        assert phonenumbers.region_code_for_number(number) == "US"
        place = geocoder.description_for_valid_number(number, "en").rsplit(", ", 1)[-1]
        assert names.get(place, place) == state, code
    assert set(STATE_OF_AREA_CODE.values()) == states
    assert len(AREA_CODES) == 359
    assert identifiers.PHONE_SPACE == 718_000_000


def test_mail_comes_from_the_name_in_the_stated_share(frame: pd.DataFrame) -> None:
    """The stated share of addresses begins with the person's name, the rest with 'user'."""
    words = frame["email"].str.replace(r"\.[0-9]{8}@example\.(?:com|net|org)$", "", regex=True)
    names = frame["first_name"].map(mail_name) + "." + frame["last_name"].map(mail_name)
    named = words != "user"
    assert (words == names)[named].all()
    share = EMAIL_FROM_NAME_SHARE
    assert abs(named.mean() - share) < 4 * math.sqrt(share * (1 - share) / N)


def test_plan_agrees_with_the_contract(frame: pd.DataFrame) -> None:
    """Prepaid accounts have prepaid plans and no others have; only former ones are closed, after opening."""
    prepaid = frame["account_type"] == "prepaid"
    assert (frame["service_plan"].isin(PREPAID_PLANS) == prepaid).all()
    assert (frame["closed_on"].notna() == (frame["account_type"] == "former")).all()
    closed = frame[frame["closed_on"].notna()]
    assert (closed["closed_on"] >= closed["opened_on"]).all()
    assert closed["closed_on"].max() <= pd.Timestamp(REFERENCE)


def test_traits_come_in_their_shares(frame: pd.DataFrame) -> None:
    """Each trait has its share and is independent of the next (four standard errors)."""
    both = TRAITS["banks_online"] * TRAITS["holds_crypto"]
    for share, found in (
        *((share, frame[name].mean()) for name, share in TRAITS.items()),
        (both, (frame["banks_online"] & frame["holds_crypto"]).mean()),
    ):
        assert abs(found - share) < 4 * math.sqrt(share * (1 - share) / N)


def test_pins_follow_the_stated_law(frame: pd.DataFrame) -> None:
    """Popular PINs come as often as stated, to four standard errors; all have 4 to 6 digits."""
    first = frame.drop_duplicates("account_id")
    pins, n = first["account_pin"], len(first)
    assert pins.str.fullmatch("[0-9]{4,6}").all()
    counts = Counter(pins)
    assert sum(PIN_KIND_SHARES.values()) == pytest.approx(1)
    assert sum(PIN_LENGTH_SHARES.values()) == pytest.approx(1)
    chance = PIN_KIND_SHARES["uniform"]
    texts = {"ascending": "123456", "ones": "111111", "zeros": "000000"}
    for kind, text in texts.items():
        for length, share in PIN_LENGTH_SHARES.items():
            drawn = chance + (PIN_KIND_SHARES["birth_year"] if length > 4 else 0)
            expected = share * (PIN_KIND_SHARES[kind] + drawn / 10**length)
            error = math.sqrt(expected * (1 - expected) / n)
            assert abs(counts[text[:length]] / n - expected) < 4 * error
    years = (pins == first["date_of_birth"].dt.year.astype(str)).mean()
    expected = PIN_LENGTH_SHARES[4] * (PIN_KIND_SHARES["birth_year"] + chance / 10**4)
    assert abs(years - expected) < 4 * math.sqrt(expected * (1 - expected) / n)


# Families and handsets ------------------------------------------------------------


def test_lines_of_a_family_share_account_pin_and_address(frame: pd.DataFrame) -> None:
    """An account has one PIN, address, area code and contract, and one to six lines, each its own person."""
    shared = ["account_pin", "street_address", "city", "state", "zip_code", "account_type", "segment"]
    groups = frame.groupby("account_id")
    first = groups[shared].transform("first")
    assert (frame[shared] == first).all().all()
    codes = frame["phone_number"].str[:3]
    assert (codes == codes.groupby(frame["account_id"]).transform("first")).all()
    whole = groups.size()[1:-1]
    assert set(whole) == set(range(1, MAX_LINES + 1))
    types = groups["account_type"].first()[1:-1]
    assert (whole[types.isin(["prepaid", "prospect", "postpaid"])] == 1).all()
    assert (whole[types == "postpaid_family"] > 1).all()
    assert frame["person_id"].is_unique
    assert frame["line_id"].is_unique
    members = frame[
        (frame["account_id"] - 10**9 != frame["person_id"]) & (frame["account_id"] - 2 * 10**9 >= 5 * N)
    ]
    holder = members["account_id"].map(frame.set_index("person_id")["last_name"].rename(lambda i: i + 10**9))
    same = (members["last_name"] == holder).mean()
    alike = sum(share**2 for share in flat(UsPerson.last_names).values())
    expected = FAMILY_NAME_SHARE + (1 - FAMILY_NAME_SHARE) * alike
    assert abs(same - expected) < 4 * math.sqrt(expected * (1 - expected) / len(members))


def test_handsets_stand_in_the_order_of_time(frame: pd.DataFrame, devices: pd.DataFrame) -> None:
    """The handsets of a line follow each other from its opening, 2004 at the earliest, to the present one."""
    lines = devices.groupby("line_id", sort=False)
    assert (lines.size().index == frame["line_id"]).all()
    assert set(lines.size()) == set(range(1, MAX_DEVICES + 1))
    follows = devices["line_id"].eq(devices["line_id"].shift())
    day = timedelta(days=1)
    assert (devices["first_seen"] - devices["last_seen"].shift() == day)[follows].all()
    assert (devices["first_seen"] <= devices["last_seen"]).all()
    first, last = lines["first_seen"].first(), lines["last_seen"].last()
    opened = frame.set_index("line_id")["opened_on"]
    assert (first == opened.clip(lower=pd.Timestamp(2004, 1, 1))).all()
    ends = frame.set_index("line_id")["closed_on"].fillna(pd.Timestamp(REFERENCE))
    assert (last == ends).all()
    assert (lines["imei"].last() == frame.set_index("line_id")["imei"]).all()
    assert devices["imei"].is_unique
    assert devices["first_seen"].min() == pd.Timestamp(2004, 1, 1)


def test_handsets_of_one_line_are_those_of_the_block(devices: pd.DataFrame) -> None:
    """`devices(row)` gives the rows of the table for that line."""
    own = devices[devices["line_id"] < 3 * 10**9 + 5 * N + 60]
    by_line = dict(iter(own.groupby("line_id")))
    for row in range(5 * N, 5 * N + 60):
        for one, (_, many) in zip(PEOPLE.devices(row), by_line[3 * 10**9 + row].iterrows(), strict=True):
            assert one["imei"] == many["imei"]
            assert one["first_seen"] == many["first_seen"].date()
            assert one["last_seen"] == many["last_seen"].date()


# Unique ---------------------------------------------------------------------------


def test_identifiers_are_distinct_over_three_million_rows() -> None:
    """No index of SSN, license, phone, IMSI, IMEI, ICCID or e-mail comes twice, rows taken from far apart."""
    rows = np.concatenate([np.arange(s, s + 1_000_000, dtype=np.uint32) for s in (0, 49_000_003, 98_999_999)])
    attributes = attributes_of(PEOPLE.world, rows)
    code, exchange, line = (part.astype(np.int64) for part in attributes.phone)
    indices: dict[str, Any] = {"ssn": attributes.ssn, "phone": (code * 200 + exchange) * 10_000 + line}
    left, right = attributes.licence
    indices["licence"] = left.astype(np.int64) * 10_000 + right
    groups = {
        "imsi": attributes.imsi,
        "imei": attributes.imei(),
        "iccid": attributes.iccid,
        "email": attributes.email[1:],
    }
    for name, (top, left, right) in groups.items():
        indices[name] = (top.astype(np.int64) * 10_000 + left) * 10_000 + right
    spaces = identifiers.SPACES
    for name, values in indices.items():
        rising = np.sort(values)
        assert (rising[1:] > rising[:-1]).all(), name
        assert rising[0] >= 0
    assert indices["ssn"].max() < spaces["ssn"]
    assert indices["phone"].max() < spaces["phone_number"]
    assert indices["imsi"].max() < spaces["imsi"]
    assert PHONE_GROUPS * MAX_LINES <= spaces["phone_number"]


def test_strict_ssns_suffice_where_the_holders_fit() -> None:
    """With 30 of 100 million holding an SSN all are nine digits; with all holding one, 55 in 100 are not."""
    few = Population(load_scenario("tmobile-2021-claimed"), 1)[:20_000]["ssn"].dropna()
    assert len(few) > 4000
    assert few.str.fullmatch("[0-9]{3}-[0-9]{2}-[0-9]{4}").all()
    assert few.is_unique
    lettered = PEOPLE[:20_000]["ssn"].str.fullmatch("[A-Z][0-9]{2}-[0-9]{2}-[0-9]{4}").mean()
    expected = 1 - identifiers.SSN_STRICT_SPACE / len(PEOPLE)
    assert abs(lettered - expected) < 4 * math.sqrt(expected * (1 - expected) / 20_000)


# A second locale ------------------------------------------------------------------


def test_a_locale_is_data() -> None:
    """German people have German names, streets, cities and states, and the US identifiers."""
    assert set(LOCALES) == {"en_US", "de_DE"}, "a new locale needs a test of its people beside this one"
    frame = Population(everything(), 7, rows=8_000, locale="de_DE").head(8_000)
    assert frame["city"].isin(list(GermanAddress.cities)).all()
    assert frame["state"].isin(list(GermanAddress.states)).all()
    assert frame["last_name"].isin(list(GermanPerson.last_names)).all()
    women = frame.loc[frame["sex"] == "F", "first_name"]
    assert women.isin(list(GermanPerson.first_names_female)).all()
    assert frame["street_address"].str.contains("straße").any()
    assert frame["zip_code"].str.fullmatch("[0-9]{5}").all()
    assert frame["email"].str.fullmatch(r"[a-z]+(\.[a-z]+)?\.[0-9]{8}@example\.(com|net|org)").all()
    assert frame["phone_number"].str[:3].isin(AREA_CODES).all()
    assert frame[[c for c in frame.columns if c not in {"closed_on", *TRAITS}]].notna().all().all()


def test_every_field_of_the_crowd_has_a_column() -> None:
    """The crowd of these tests loses every field that a column or the handsets show."""
    assert len(EVERY_FIELD) == 14
