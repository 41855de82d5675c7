"""Laws of importing Have I Been Pwned: every class read, every doubt named, nothing dropped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.imports import ENTRIES, SAMPLE, SIGNS, attackable, entry, inert, reachable

import breach_sim as bs
from breach_sim import catalog
from breach_sim.catalog.words.meanings import ASSUMED, MAPPED, NO_COUNTERPART, NOTHING, STATES
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.interop.leaks import INERT

CLASSES = sorted({name for entry in ENTRIES for name in entry["DataClasses"]})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | SIGNS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["Name", "PwnCount", "DataClasses", "BreachDate", "Description", "x"]), inner
        )
    ),
    max_leaves=12,
)


def test_the_fixture_and_the_dictionary_name_the_same_162_classes() -> None:
    """Every class in use is in the dictionary once, and the dictionary has no other."""
    assert 162 == len(CLASSES)
    assert CLASSES == sorted(catalog.load_dictionary("hibp").words)


def test_every_class_is_mapped_assumed_or_said_to_carry_no_attack() -> None:
    """No class is left without a state; where it is not simply a field, a reason stands."""
    for name, word in catalog.load_dictionary("hibp").words.items():
        reading = word.read()
        assert reading.state in (MAPPED, ASSUMED, NOTHING), name
        assert bool(reading.fields or reading.perhaps) == (reading.state != NOTHING), name
        assert reading.state == MAPPED or len(reading.reason) > 10, name


def test_every_field_of_the_vocabulary_is_in_one_block() -> None:
    """No field that a word may mean is lost for want of a block."""
    held = [field for block in catalog.load_field_groups().values() for field in block.fields]
    assert sorted(FIELD_NAMES) == sorted(held)


def test_a_sure_block_is_never_smaller_than_a_possible_one() -> None:
    """At every quantile the share of a field that is named is at least that of one that may be meant."""
    u = np.linspace(0.0005, 0.9995, 999)
    for name, block in catalog.load_field_groups().items():
        assert np.all(block.sure.ppf(u) >= block.perhaps.ppf(u)), name
        assert block.sure.name == block.perhaps.name


def test_the_account_has_a_row_for_every_class_of_every_entry() -> None:
    """Nothing that the file says of the data is dropped in silence."""
    imported = bs.from_hibp(SAMPLE)
    accounted = {(row.entry, row.word) for row in imported.rows}
    assert len(ENTRIES) == len(imported)
    for breach, own in zip(imported, ENTRIES, strict=True):
        assert breach.accounts == own["PwnCount"]
        assert {(breach.name, name) for name in own["DataClasses"]} <= accounted
    assert set(imported.counts()) == {*STATES, "refused"}


def test_an_entry_that_enables_nothing_says_so() -> None:
    """Where no attack can start the account says so, with the version of the catalog."""
    imported = bs.from_hibp(SAMPLE)
    silent = inert(imported)
    assert bs.__version__ in INERT
    for breach in imported:
        assert (breach.name in silent) == (not reachable(breach)), breach.name


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ("It held passwords stored as bcrypt hashes.", ["password_hash_slow"]),
        ("Passwords were unsalted MD5.", ["password_hash_weak"]),
        ("Names and plain text passwords leaked.", ["password_plain"]),
        ("Some passwords in plain text, others as SHA-1 hashes.", ["password_plain", "password_hash_weak"]),
        ("<em>Encrypted</em> passwords with a password hint in plain text.", ["password_hash"]),
        ("The key was in plain text. Passwords were salted SHA-256.", ["password_hash"]),
    ],
)
def test_how_passwords_were_stored_is_read_from_the_description(said: str, fields: list[str]) -> None:
    """Hashed and clear are kept apart where a sentence about passwords does so."""
    imported = bs.from_hibp(entry("Passwords", Description=said))
    (row,) = [row for row in imported.rows if row.word == "Passwords"]
    assert (MAPPED, sorted(fields)) == (row.state, sorted(row.fields))
    assert "as the entry says" in row.reason


def test_passwords_of_which_nothing_is_said_may_be_either() -> None:
    """Without a word in the description both are possible, assumed and wide; neither is guessed."""
    imported = bs.from_hibp(entry("Passwords", Description="A forum was broken into."))
    leaks = {leak.fields: leak.coverage for leak in imported.scenario.segments[0].leaks}
    assert {("password_hash",), ("password_plain",)} == set(leaks)
    for share in leaks.values():
        low, high = share.ppf(np.array([0.05, 0.95]))
        assert "assumed" == share.status
        assert high - low > 0.3
    assert [ASSUMED] == [row.state for row in imported.rows if row.word == "Passwords"]


def test_stealer_logs_hold_clear_passwords() -> None:
    """The flag of the entry tells what its class does not."""
    imported = bs.from_hibp(entry("Passwords", IsStealerLog=True))
    assert ("password_plain",) == imported.scenario.segments[0].fields
    assert any("Stealer logs" in note for note in imported.scenario.notes)


def test_only_the_counted_address_is_certain() -> None:
    """Accounts are counted by e-mail address; every other coverage is an assumption that is wide."""
    (segment,) = bs.from_hibp(entry("Email addresses", "Names", "Phone numbers")).scenario.segments
    certain, *others = sorted(segment.leaks, key=lambda leak: not leak.coverage.is_certain)
    assert (("email_address",), 1.0, "derived") == (
        certain.fields,
        certain.coverage.central,
        certain.coverage.status,
    )
    assert 2 == len(others)
    assert all(leak.coverage.status == "assumed" and not leak.coverage.is_certain for leak in others)


def test_an_unknown_class_is_named_kept_and_reported() -> None:
    """A class nobody knows does not stop the import; the account gives the nearest known name."""
    imported = bs.from_hibp(entry("Email adresses", "Names", "Quantum keys"))
    rows = {row.word: row for row in imported.rows}
    assert NO_COUNTERPART == rows["Email adresses"].state == rows["Quantum keys"].state
    assert "did you mean 'Email addresses'?" in rows["Email adresses"].reason


def test_old_spellings_of_classes_are_known() -> None:
    """Hyphens and case do not matter: email-addresses is Email addresses."""
    (segment,) = bs.from_hibp(entry("email-addresses", "IP ADDRESSES")).scenario.segments
    assert ("email_address", "ip_address") == segment.fields


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.lists(st.sampled_from(CLASSES), min_size=1, max_size=8), st.sampled_from(CLASSES))
def test_one_more_class_never_gives_fewer_attackable_accounts(classes: list[str], more: str) -> None:
    """For no attack does the number of accounts that it could reach fall when one more class leaked."""
    try:
        before = bs.from_hibp(entry(*classes)).scenario
    except ValueError:
        return
    after = bs.from_hibp(entry(*classes, more)).scenario
    assert np.all(attackable(after) >= attackable(before) - 2**13 * 1e-9 - 1)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(JSON)
def test_anything_is_read_or_refused(value: Any) -> None:
    """Whatever JSON holds gives scenarios with accounts and fields, or a ValueError; nothing else."""
    try:
        imported = bs.from_hibp(value)
    except ValueError as error:
        message = str(error)
        assert len(message) < 600
        return
    assert imported.scenarios
    assert all(breach.accounts >= 1 and breach.segments[0].fields for breach in imported)


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"PwnCount": None}, "PwnCount is None"),
        ({"PwnCount": -5}, "PwnCount is -5"),
        ({"PwnCount": 0}, "PwnCount is 0"),
        ({"PwnCount": "many"}, "PwnCount is 'many'"),
        ({"PwnCount": float("nan")}, "PwnCount is nan"),
        ({"PwnCount": float("inf")}, "PwnCount is inf"),
        ({"PwnCount": 10**400}, "PwnCount is 1000"),
        ({"PwnCount": True}, "PwnCount is True"),
        ({"DataClasses": None}, "DataClasses is None"),
        ({"DataClasses": []}, "DataClasses is []"),
        ({"DataClasses": {"a": 1}}, "DataClasses is {"),
        ({"DataClasses": ["Astrological signs"]}, "none of its data classes carries an attack"),
    ],
)
def test_a_bad_entry_is_refused_by_name(own: dict[str, Any], message: str) -> None:
    """The message names the entry and the value, alone and among others."""
    bad = entry("Names") | {"Name": "Bad"} | own
    with pytest.raises(ValueError, match=r"^Bad: ") as refusal:
        bs.from_hibp(bad)
    assert message in str(refusal.value)
    imported = bs.from_hibp([entry("Names"), bad])
    assert ({"Bad": str(refusal.value)}, 1) == (dict(imported.refused), len(imported))
    assert "refused" in imported.account()["state"].tolist()


@pytest.mark.parametrize(
    "value", [[], {}, {"a": 1}, 5, None, "no such file.json", [1, 2], [[entry("Names")]]]
)
def test_json_of_something_else_is_refused(value: Any) -> None:
    """What is no entry, no list of entries and no file is a ValueError."""
    with pytest.raises(ValueError, match=r"."):
        bs.from_hibp(value)


def test_amounts_in_text_are_read_and_told() -> None:
    """A count in quotes is a count, and the account says that it was text."""
    imported = bs.from_hibp(entry("Names", PwnCount="1,234,567"))
    assert 1_234_567 == imported.scenario.accounts
    assert [ASSUMED] == [row.state for row in imported.rows if row.word == "PwnCount"]


def test_entries_of_one_name_stay_apart() -> None:
    """Breaches of one name with other dates and counts become scenarios with different names."""
    later = {"PwnCount": 2000, "BreachDate": "2022-02-03"}
    latest = {"PwnCount": 3000, "BreachDate": "2024-02-03", "Name": "SHOP"}
    imported = bs.from_hibp([entry("Names"), entry("Genders", **later), entry("Names", **latest)])
    assert ["hibp-shop", "hibp-shop-2", "hibp-shop-3"] == [breach.name for breach in imported]
    assert imported["hibp-shop-2"].segments[0].fields == ("gender",)
    with pytest.raises(ValueError, match="3 scenarios"):
        _ = imported.scenario
    with pytest.raises(ValueError, match="did you mean 'hibp-shop'"):
        _ = imported["hibp-shp"]


def test_html_is_escaped() -> None:
    """A name with tags is text in a notebook."""
    imported = bs.from_hibp([entry("<script>alert(1)</script>", "Names"), {"Name": "<b>bad</b>"}])
    shown = imported._repr_html_()
    assert "<script>" not in shown
    assert "<b>" not in shown
    assert "&lt;script&gt;" in shown


def test_surrogates_and_control_signs_leave_no_trace() -> None:
    """Half signs and control signs in names and titles do not reach the scenario."""
    breach = bs.from_hibp(entry("Names", Name="A\ud800\x00B\x1b[31m", Title="\udfff")).scenario
    text = breach.name + breach.label + breach.own_sources[0].title
    assert text.isprintable()
    text.encode("utf-8")


def test_a_full_dump_goes_through(pytestconfig: pytest.Config) -> None:
    """Every entry of ``--dump breaches.json`` loads or is refused by name, and none is silently zero."""
    paths = [path for path in pytestconfig.getoption("dump") if Path(path).is_file()]
    for path in paths or [str(SAMPLE)]:
        imported = bs.from_hibp(path)
        assert imported.scenarios
        silent = inert(imported)
        for breach in imported:
            assert breach.segments[0].fields
            assert (breach.name in silent) == (not reachable(breach)), breach.name
