"""Laws of the look-ups in the catalogue: which fields, which numbers, and what the reader refuses."""

from __future__ import annotations

import copy
import re
import tomllib
from importlib import resources
from typing import Any

import pytest

from breach_sim.catalog import CatalogError, load_attacks, load_look_ups, load_sources
from breach_sim.catalog.look_ups import EASY, FILE, read_look_ups
from breach_sim.inputs.numbers.estimates import Estimate, estimates_in

DATA = resources.files("breach_sim") / "catalog" / "data"
TABLES = tomllib.loads((DATA / FILE).read_text(encoding="utf-8"))
KNOWN = load_look_ups()
NUMBERS = {e.name: e for e in (*(each.share for each in KNOWN.by_field.values()), KNOWN.easy_to_find)}
MOST_POSSIBLE = 12
"""Look-ups that can succeed: each doubles the states in which a person can be."""
SECRETS = (
    "account_pin",
    "auth_token",
    "background_investigation",
    "card_cvv",
    "imei_history",
    "medical_record",
    "private_messages",
    "sim_ki",
    "sms_content",
)


def odds(share: float) -> float:
    """Return the odds of a share."""
    return share / (1 - share)


# What the package holds ------------------------------------------------------------------------------


def test_every_field_of_a_route_has_a_look_up() -> None:
    """Whether a field can be looked up is said for every field of a route, and for what leads to one."""
    needed = {name for attack in load_attacks().attacks for route in attack.routes for name in route.fields}
    leading = {name for each in KNOWN.possible for needs in each.given for name in needs}
    missing, extra = sorted((needed | leading) - set(KNOWN)), sorted(set(KNOWN) - needed - leading)
    assert [] == missing, f"say in breach_sim/catalog/data/{FILE} whether these can be found elsewhere"
    assert [] == extra, f"no route and no look-up needs these: delete them in breach_sim/catalog/data/{FILE}"


def test_few_look_ups_can_succeed() -> None:
    """At most twelve look-ups have a share above 0, among them the birth date and the SSN."""
    possible = {each.field for each in KNOWN.possible}
    assert {"full_name", "date_of_birth", "ssn"} <= possible
    assert len(possible) <= MOST_POSSIBLE


@pytest.mark.parametrize("name", SECRETS)
def test_a_live_secret_is_never_found(name: str) -> None:
    """What exists only with the firm, or is a live secret, has a share of 0, with the reason."""
    assert KNOWN[name].never_found
    assert KNOWN[name].share.note


def test_what_is_known_of_nobody_leads_nowhere() -> None:
    """No set holds a field that is itself never found: how much such a field gives away is not known."""
    for each in KNOWN.possible:
        for needs in each.given:
            assert not any(KNOWN[name].never_found for name in needs), each


def test_names_and_addresses_are_listed() -> None:
    """A search without any record can start from directories, and from no number of the state."""
    listed = {each.field for each in KNOWN.possible if each.directory}
    assert {"full_name", "postal_address", "phone_number", "email_address"} == listed


def test_us_numbers_exist_in_the_us_only() -> None:
    """People of other countries have no SSN and no US licence, so that nobody finds theirs."""
    gone = set(KNOWN) - set(KNOWN.in_countries({"DE"}))
    assert {"ssn", "ssn_last4", "drivers_license_number"} == gone
    assert KNOWN is KNOWN.in_countries({"US"})


def test_every_share_is_sourced_and_assumed() -> None:
    """No study measured a look-up: each number is a share, assumed, with sources and a reason."""
    sources = load_sources()
    assert list(NUMBERS) == [f"elsewhere.{name}" for name in (*KNOWN, EASY)]
    for name, estimate in NUMBERS.items():
        assert (estimate.unit, estimate.status) == ("share", "assumed"), name
        assert set(estimate.sources) <= set(sources), name
        assert len(estimate.note) > len("a live secret"), name


def test_shares_are_wide() -> None:
    """A share spans a factor of two or more, and four or more in its odds, with reasons for both ends."""
    for name, estimate in NUMBERS.items():
        if not estimate.is_certain:
            assert estimate.low, name
            assert estimate.high, name
            assert estimate.high / estimate.low >= 1.9, name
            assert odds(estimate.high) / odds(estimate.low) >= 4, name
            assert estimate.for_low, name
            assert estimate.for_high, name


def test_reasons_cite_their_sources() -> None:
    """Every id in brackets within a reason is among the sources of the number."""
    found = 0
    for name, estimate in NUMBERS.items():
        for text in (estimate.note, estimate.for_low, estimate.for_high):
            cited = {part for group in re.findall(r"\[([^]]+)\]", text) for part in group.split(", ")}
            assert cited <= set(estimate.sources), name
            found += len(cited)
    assert found > 20


def test_every_source_of_a_look_up_is_used() -> None:
    """No row of sources/look_ups.toml stands there without a number that cites it."""
    rows = tomllib.loads((DATA / "sources" / "look_ups.toml").read_text(encoding="utf-8"))
    assert set(rows) - {"place"} <= {source for e in NUMBERS.values() for source in e.sources}


def test_recalled_sources_are_called_so() -> None:
    """A row that was read has an address, and one that was not has none."""
    rows = tomllib.loads((DATA / "sources" / "look_ups.toml").read_text(encoding="utf-8"))
    for name, row in rows.items():
        if name != "place":
            assert (row["verified"] == "seen") == ("url" in row), name


def test_look_ups_hold_no_number_that_the_list_lacks() -> None:
    """The estimates inside the object are those of the look-ups and the one that ties them."""
    assert list(NUMBERS.values()) == list(estimates_in(KNOWN))


# What is refused -------------------------------------------------------------------------------------


def read(**tables: Any) -> dict[str, Estimate]:
    """Read the package's tables with some of them replaced, or left out if None; return the shares."""
    changed = {n: t for n, t in (copy.deepcopy(TABLES) | tables).items() if t is not None}
    return {name: each.share for name, each in read_look_ups(changed, load_sources()).by_field.items()}


def table(**rest: Any) -> dict[str, Any]:
    """Return the table of the birth date with some keys replaced."""
    whole: dict[str, Any] = copy.deepcopy(TABLES["date_of_birth"])
    return whole | rest


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"easy_to_find": None}, r"elsewhere\.toml: key 'easy_to_find' is missing"),
        ({"date_of_brith": table()}, r"unknown field 'date_of_brith' .*did you mean 'date_of_birth'"),
        ({"date_of_birth": 0.5}, r"elsewhere\.toml, elsewhere\.date_of_birth: the value is 0\.5; .*a table"),
        ({"date_of_birth": table(giveh=[])}, r"unknown key 'giveh' in elsewhere\.date_of_birth.*'given'"),
        ({"date_of_birth": {"given": []}}, r"elsewhere\.date_of_birth: key 'share' is missing"),
        ({"date_of_birth": table(given="full_name")}, r"given is 'full_name'; it must be a list"),
        ({"date_of_birth": table(given=["full_name"])}, r"given holds 'full_name'; .*a list of sets"),
        ({"date_of_birth": table(given=[[1]])}, r"given holds 1; it must be a list of texts"),
        ({"date_of_birth": table(given=[["snn"]])}, r"unknown field 'snn' .*did you mean 'ssn'"),
        ({"date_of_birth": table(given=[["date_of_birth"]])}, r"may not hold the field itself: remove it"),
        ({"date_of_birth": table(directory="yes")}, r"directory is 'yes'; it must be true or false"),
        ({"date_of_birth": table(countries=["usa"])}, r"country 'usa' .*two capital letters"),
        (
            {"easy_to_find": TABLES["ssn"]["share"] | {"unit": "ratio"}},
            r"elsewhere\.easy_to_find is in 'ratio'",
        ),
        (
            {"date_of_birth": table(share=TABLES["ssn"]["share"] | {"high": 1.5})},
            r"elsewhere\.toml, elsewhere\.date_of_birth: .*high is 1\.5; in share .*at most 1",
        ),
        (
            {"date_of_birth": table(share=TABLES["ssn"]["share"] | {"sources": ["npd-27m"]})},
            r"unknown source 'npd-27m' .*did you mean 'npd-272m'",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tables: dict[str, Any], words: str) -> None:
    """File, key, value, rule and remedy stand in every refusal."""
    with pytest.raises(CatalogError, match=words) as caught:
        read(**tables)
    assert caught.value.file == FILE


def test_a_field_given_twice_is_no_toml() -> None:
    """Two tables of one name are refused by TOML itself."""
    text = (DATA / FILE).read_text(encoding="utf-8")
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads(f"{text}\n[ssn]\ngiven = []\n")


def test_reading_leaves_the_tables_as_they_were() -> None:
    """The reader changes none of the tables that it is given, and reads the same numbers twice."""
    tables = copy.deepcopy(TABLES)
    assert read_look_ups(tables, load_sources()) == KNOWN
    assert tables == TABLES
