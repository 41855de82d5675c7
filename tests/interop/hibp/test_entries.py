"""Laws of files and lists of entries: copies are loaded once, other containers read, unknown words travel."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.imports import ENTRIES, entry

import breach_sim as bs
from breach_sim.catalog import load_dictionary, read_scenario
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.interop.scenario_file import to_toml

CLASSES = sorted({name for own in ENTRIES for name in own["DataClasses"]})


@pytest.mark.parametrize(
    "copy",
    [
        entry("Names"),
        entry("Names", Name="SHOP"),
        entry("Names", PwnCount=1001),
        entry("Names", BreachDate="2020-02-04"),
    ],
)
def test_an_entry_that_stands_there_twice_is_loaded_once(copy: dict[str, object]) -> None:
    """A copy, and a later version with another date or count, is one breach; the account says so."""
    imported = bs.from_hibp([entry("Names"), copy])
    assert ["hibp-shop"] == [breach.name for breach in imported]
    assert any("stands 2 times" in row.reason for row in imported.rows)


def test_of_two_versions_the_one_last_modified_is_loaded() -> None:
    """Lists of two dates give the newer entry, and the scenario says what was left out."""
    old = entry("Names", ModifiedDate="2020-03-01T00:00:00Z")
    new = entry("Names", "Phone numbers", PwnCount=1200, ModifiedDate="2021-03-01T00:00:00Z")
    for both in ([old, new], [new, old]):
        scenario = bs.from_hibp(both).scenario
        assert 1200 == scenario.accounts
        assert ["entry"] == [part.kind for part in scenario.left_out]


def test_one_title_domain_date_and_count_is_one_breach() -> None:
    """Entries under two names are one where title, domain, date and count agree; else they are two."""
    one = entry("Names", Name="ShopA", Title="Shop", Domain="shop.example")
    other = one | {"Name": "ShopB"}
    assert 1 == len(bs.from_hibp([one, other]))
    assert 2 == len(bs.from_hibp([one, other | {"PwnCount": 5000}]))


def test_lines_and_tables_are_read_like_a_document(tmp_path: Path) -> None:
    """One entry a line, with any ending, and a table with its columns give the same scenarios."""
    own = [entry("Names", "Phone numbers"), entry("Genders", Name="Other")]
    lines = "\n".join(json.dumps(one) for one in own)
    (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "b.JSON").write_text(lines, encoding="utf-8")
    (tmp_path / "c.json").write_text(json.dumps(own), encoding="utf-8")
    rows = [["Name", "PwnCount", "BreachDate", "DataClasses"]]
    rows += [
        [str(one[key]) for key in rows[0][:3]] + ['"' + ", ".join(one["DataClasses"]) + '"'] for one in own
    ]
    (tmp_path / "d.csv").write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    expected = [(b.name, b.accounts, b.segments[0].fields) for b in bs.from_hibp(own)]
    for name in ("a.jsonl", "b.JSON", "c.json", "d.csv"):
        read = bs.from_hibp(tmp_path / name)
        assert expected == [(b.name, b.accounts, b.segments[0].fields) for b in read], name


def test_a_line_that_is_broken_is_refused_by_itself(tmp_path: Path) -> None:
    """The other lines load; a file without any object is refused with what to give."""
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(entry("Names")) + '\n{"Name": "Half', encoding="utf-8")
    imported = bs.from_hibp(path)
    assert (1, 1) == (len(imported), len(imported.refused))
    path.write_text("no\njson\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"no JSON object .* give an entry with Name"):
        bs.from_hibp(path)


def test_a_table_of_something_else_is_refused_with_the_remedy(tmp_path: Path) -> None:
    """A domain search or another table names the missing columns and the other command."""
    path = tmp_path / "search.csv"
    path.write_text("Email,Breach\na@shop.example,Shop\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"without the columns PwnCount and DataClasses.*import table"):
        bs.from_hibp(path)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("Health records", "medical_record"),
        ("Medical conditions", "medical_record"),
        ("Diagnoses", "medical_record"),
        ("National insurance numbers", "national_id_number"),
        ("Medicare numbers", "health_insurance_id"),
        ("Seed phrases", "crypto_wallet"),
        ("Voice prints", "biometric_fingerprint"),
        ("Email adresses", "email_address"),
        ("Quantum keys", ""),
    ],
)
def test_an_unknown_class_travels_with_the_nearest_field(name: str, nearest: str) -> None:
    """What was not read is in the scenario, its file and its notes, with the field nearest in meaning."""
    imported = bs.from_hibp(entry("Email addresses", "Names", name))
    (part,) = imported.scenario.left_out
    assert ("data class", name, nearest) == (part.kind, part.name, part.nearest)
    assert name in to_toml(imported.scenario)
    assert f"Not read: 1 data class '{name}'" in imported.scenario.all_notes[-1]


@pytest.mark.parametrize(
    ("old", "fields"),
    [
        ("drivers-licenses", ("drivers_license_number",)),
        ("mothers-maiden-names", ("mothers_maiden_name",)),
        ("family-members-names", ("family_members",)),
        ("Sexual preferences", ("sexual_orientation",)),
        ("User agent details", ("device_info",)),
        ("vehicle-identification-numbers-vins", ("vehicle_id",)),
    ],
)
def test_slugs_and_older_names_are_known(old: str, fields: tuple[str, ...]) -> None:
    """Slugs without signs, and names that the format no longer uses, are read as the class."""
    scenario = bs.from_hibp(entry("Email addresses", old)).scenario
    assert ("email_address", *fields) == tuple(
        sorted(scenario.segments[0].fields, key=lambda f: f != "email_address")
    )
    assert () == scenario.left_out


def test_older_names_that_carry_no_attack_are_known_too() -> None:
    """Years of birth and family plans are said to carry no attack, not left out."""
    scenario = bs.from_hibp(entry("Names", "Years of birth", "Family plans")).scenario
    assert (("full_name",), ()) == (scenario.segments[0].fields, scenario.left_out)


def test_every_hint_is_a_field_and_no_word_is_a_hint_only() -> None:
    """The fields of hints exist, and no class of the format needs one."""
    words = load_dictionary("hibp")
    assert set(words.near) <= set(FIELD_NAMES)
    assert all(words.get(name) is not None for name in words.older)


def test_a_wallet_address_opens_nothing_and_a_phrase_nearly_all() -> None:
    """Addresses lead to no theft; phrases to more theft than encrypted keys."""
    victims = []
    for name in ("Cryptocurrency wallet addresses", "Encrypted keys", "Mnemonic phrases"):
        scenario = bs.from_hibp(entry("Email addresses", name, PwnCount=10**6)).scenario
        impact = bs.simulate(scenario, replicates=256, seed=1)
        names = impact.attacks.names
        own = (
            impact.per_attack("victims")[names.index("crypto_wallet_theft")]
            if "crypto_wallet_theft" in names
            else 0
        )
        victims.append(float(np.mean(own)))
    assert victims[0] == 0 < 1.2 * victims[1] < victims[2]


def test_many_entries_take_moments() -> None:
    """Nine hundred entries take less than a second of an idle processor, and here at most three."""
    many = [one | {"Name": f"Shop {i}", "PwnCount": 1000 + i} for i in range(9) for one in ENTRIES][:900]
    bs.from_hibp(many[:5])
    start = time.process_time()
    bs.from_hibp(many)
    assert time.process_time() - start < 3


WORDS = [
    "no",
    "not",
    "passwords",
    "plain",
    "text",
    "bcrypt",
    "MD5",
    "salted",
    "without",
    "salt",
    "61%",
    "of",
    "members",
    "half",
    "a",
    "million",
    "SSNs",
    "small",
    "number",
    "some",
    "most",
    "20M",
    "users",
    "also",
    "included",
    "dates",
    "of",
    "birth",
    "the",
    "Swedish",
    "forum",
    "in",
    "Iceland",
    "combo",
    "list",
    ";",
    "(",
    ")",
    ",",
    ".",
]
VALUES = st.none() | st.booleans() | st.integers(-1, 2) | st.sampled_from(["yes", "No", "maybe", "", [], {}])


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    said=st.lists(st.sampled_from(WORDS), max_size=60),
    classes=st.lists(st.sampled_from(CLASSES), min_size=1, max_size=6),
    flags=st.dictionaries(
        st.sampled_from(["IsVerified", "IsSensitive", "IsSpamList", "is_stealer_log", "new"]), VALUES
    ),
)
def test_any_description_gives_a_scenario_that_reads_back(
    said: list[str],
    classes: list[str],
    flags: dict[str, object],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Whatever words and flags stand there, the scenario is valid, and its file gives it back."""
    try:
        own = entry("Email addresses", *classes, Description=" ".join(said), **flags)
        scenario = bs.from_hibp(own).scenario
    except ValueError as error:
        pytest.fail(str(error))
    path = tmp_path_factory.mktemp("mine") / "mine.toml"
    path.write_text(to_toml(scenario), encoding="utf-8")
    assert scenario == read_scenario(path, "mine.toml")
    assert all(len(note) <= 330 for note in scenario.notes)
