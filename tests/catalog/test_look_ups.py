"""Laws of the look-ups in the catalog: which fields, which numbers, and what the reader refuses."""

from __future__ import annotations

import copy
import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

import breach_sim as bs
from breach_sim.catalog import CatalogError, load_attacks, load_look_ups, load_sources
from breach_sim.catalog.look_ups import EASY, FILE, look_ups_of, read_look_ups
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
    """People of other countries have no SSN and no US license, so that nobody finds theirs."""
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


# A file of one's own, and other doors ------------------------------------------------------------------

MINE = """
[easy_to_find]
kind = "fixed"
value = 0.5
unit = "share"
status = "assumed"
sources = ["user-input"]
note = "mine"

[date_of_birth]
given = [["full_name", "ssn"]]
[date_of_birth.share]
kind = "fixed"
value = 0.7
unit = "share"
status = "assumed"
sources = ["user-input"]
note = "mine"
"""


def written(folder: Path, text: str) -> Path:
    """Write a file and return its path."""
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_ones_own_stands_in_place_of_the_catalogs(tmp_path: Path) -> None:
    """Only the fields of the file can be looked up; path and text name the same file."""
    path = written(tmp_path, MINE)
    mine = look_ups_of(path)
    assert mine is not None
    assert ["date_of_birth"] == list(mine)
    assert pytest.approx(0.7) == mine["date_of_birth"].share.central
    assert mine == look_ups_of(str(path))
    answer = bs.requires("new_account_fraud", elsewhere=path)
    assert [["full_name", "ssn"]] == [row["fields"] for row in answer["with_look_ups"]]


def test_names_for_the_catalogs_look_ups_and_for_none() -> None:
    """By name: the look-ups of the catalog, or none; look-ups themselves are taken as they are."""
    assert KNOWN is look_ups_of("catalog") is look_ups_of(KNOWN)
    assert look_ups_of("none") is None
    assert look_ups_of(None) is None


@pytest.mark.parametrize("door", ["reader", "verb"])
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("value = 0.7", "value = 1.2", r"elsewhere\.date_of_birth: .*value is 1\.2; in share .*at most 1"),
        ("value = 0.5", "value = -0.1", r"elsewhere\.easy_to_find: .*value is -0\.1; in share .*at least 0"),
        ('"full_name", "ssn"', '"date_of_birth"', r"may not hold the field itself: remove it"),
        ('"full_name"', '"ful_name"', r"unknown field 'ful_name' .*did you mean 'full_name'"),
        (
            "[date_of_birth]",
            "[date_of_brith]",
            r"unknown field 'date_of_brith' .*did you mean 'date_of_birth'",
        ),
        ('"user-input"]\nnote', '"nobody"]\nnote', r"unknown source 'nobody'"),
        ("given", "provisional = true\ngiven", r"unknown key 'provisional' in elsewhere\.date_of_birth"),
        ("[easy_to_find]", "[easy]", r"key 'easy_to_find' is missing"),
        ("[easy_to_find]", "[easy_to_find", r"not valid TOML"),
    ],
)
def test_a_wrong_file_of_ones_own_is_refused(
    tmp_path: Path, old: str, new: str, words: str, door: str
) -> None:
    """Through the reader and through a verb alike: file, key, value, rule and remedy."""
    path = written(tmp_path, MINE.replace(old, new))
    with pytest.raises(CatalogError, match=words) as caught:
        look_ups_of(path) if door == "reader" else bs.requires("any", elsewhere=path)
    assert caught.value.file == str(path)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("catlog", r"unknown set of look-ups 'catlog' in elsewhere; did you mean 'catalog'"),
        ("", r"unknown set of look-ups '' in elsewhere"),
        (
            "nowhere.toml",
            r"nowhere\.toml: no such file; give the path of a file with one table for each field",
        ),
        ({"ssn": 0.5}, r"elsewhere is \{'ssn': 0\.5\}; give 'catalog', 'none', the path"),
        (0.5, r"elsewhere is 0\.5; give 'catalog'"),
    ],
)
def test_what_is_no_set_of_look_ups_is_refused(given: Any, words: str) -> None:
    """A wrong name, a missing file or another thing is refused with what may be given."""
    with pytest.raises(ValueError, match=words):
        look_ups_of(given)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """The path of a folder is refused."""
    folder = tmp_path / "folder.toml"
    folder.mkdir()
    with pytest.raises(CatalogError, match="this is a directory"):
        look_ups_of(folder)
