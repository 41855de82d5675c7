"""Laws of stated shares: a number or a word of the description becomes the coverage of what it is about."""

from __future__ import annotations

import pytest
from support.imports import entry

import breach_sim as bs
from breach_sim.interop.hibp.shares import stated_shares


def share_of(field: str, said: str, accounts: int = 1_000_000) -> tuple[float, bool]:
    """Return the most likely share of a field and whether it comes from a number; -1 if none is stated."""
    found = [part for part in stated_shares(said, accounts) if field in part.fields]
    return (found[0].share[1], found[0].derived) if found else (-1.0, False)


@pytest.mark.parametrize(
    ("said", "field", "share"),
    [
        ("Names leaked, and Social Security numbers for 61% of members.", "ssn", 0.61),
        ("For about 12 per cent of customers, passport numbers were held.", "passport_number", 0.12),
        ("30% of records also included dates of birth.", "date_of_birth", 0.3),
        ("200k of the accounts also had phone numbers.", "phone_number", 0.2),
        ("Half a million of the accounts also contained dates of birth.", "date_of_birth", 0.5),
        ("It held 9.5k driver's license numbers.", "drivers_license_number", 0.0095),
        ("There were 162 staff records with names and plain text passcodes.", "account_pin", 0.000162),
        ("SSNs were present for 12% of customers.", "ssn", 0.12),
        ("It has names (100%), phone numbers (38%) and dates of birth (12%).", "phone_number", 0.38),
        ("10-40 % of the records had passport numbers.", "passport_number", 0.2),
        ("Up to 10% of users had payment cards on file.", "payment_card_number", 0.05),
        ("More than 80% of records included a home address.", "postal_address", 0.82),
        ("Dates of birth for 0.4M users and names leaked.", "date_of_birth", 0.4),
    ],
)
def test_a_number_is_a_share(said: str, field: str, share: float) -> None:
    """Per cent and counts of accounts become shares of what they stand beside."""
    found, derived = share_of(field, said)
    assert (pytest.approx(share) == found, derived) == (True, True)


@pytest.mark.parametrize(
    ("said", "field", "share"),
    [
        (
            "A small number of records also included passwords stored as bcrypt hashes.",
            "password_hash_slow",
            0.01,
        ),
        ("In some cases, passport numbers were exposed.", "passport_number", 0.15),
        ("With many records also containing names and phone numbers.", "phone_number", 0.5),
        ("Most records contained genders.", "gender", 0.75),
        ("About a third had phone numbers.", "phone_number", 0.333),
        ("Half of the accounts had postal addresses.", "postal_address", 0.5),
        ("One in ten had a passport number.", "passport_number", 0.1),
        ("Names and, for a handful of users, social security numbers.", "ssn", 0.01),
    ],
)
def test_a_word_is_a_wide_share(said: str, field: str, share: float) -> None:
    """Words for shares become wide, assumed ones."""
    found, derived = share_of(field, said)
    assert (pytest.approx(share) == found, derived) == (True, False)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("Passwords were SHA-256 password hashes.", "password_hash"),
        ("The most recent data was dated May 2020 and included names.", "full_name"),
        ("Some time during 2020 names leaked.", "full_name"),
        ("Only a small number of accounts included email addresses and passwords.", "password_plain"),
        ("59% of people reused their passwords.", "password_plain"),
        ("It had 1M unique addresses, names and phone numbers.", "phone_number"),
        ("A subset of a larger 40 million account breach with phone numbers.", "phone_number"),
        ("Names for 61% of members.", "ssn"),
    ],
)
def test_other_numbers_are_no_shares(said: str, field: str) -> None:
    """Numbers of algorithms, dates, other bases and other verbs state no share of a field."""
    assert (-1, False) == share_of(field, said)


def test_a_count_of_nearly_all_accounts_is_no_part_of_them() -> None:
    """Half a million of 530,000 accounts are the accounts; of ten million they are a twentieth."""
    said = "Over half a million usernames and passwords leaked."
    assert (-1, False) == share_of("password_plain", said, 530_000)
    assert (0.05, True) == share_of("password_plain", said, 10_000_000)


def test_a_quantity_ends_where_the_next_begins() -> None:
    """Most and a small number of one sentence each have their own fields."""
    said = "Most passwords were bcrypt hashes with a small number in plain text."
    assert (0.75, 0.01) == (share_of("password_hash_slow", said)[0], share_of("password_plain", said)[0])


def test_a_stated_share_becomes_the_coverage() -> None:
    """The coverage is that of the text with its words as the reason; without a text it is the wide one."""
    said = "It held names, and social security numbers for 61% of members."
    with_text = bs.from_hibp(entry("Names", "Social security numbers", Description=said)).scenario.segments[0]
    leak = next(leak for leak in with_text.leaks if leak.fields == ("ssn",))
    assert (0.61, "derived") == (leak.coverage.mode, leak.coverage.status)
    assert "social security numbers for 61%" in leak.coverage.note
    without = bs.from_hibp(entry("Names", "Social security numbers")).scenario.segments[0]
    assert "assumed" == next(leak for leak in without.leaks if leak.fields == ("ssn",)).coverage.status


@pytest.mark.parametrize(
    ("classes", "said", "field"),
    [
        (["Social security numbers"], "Names and encrypted social security numbers leaked.", "ssn"),
        (["Passport numbers"], "Tokenized passport numbers leaked.", "passport_number"),
        (["Phone numbers"], "Phone numbers were not exposed.", "phone_number"),
        (["Credit cards"], "The firm says that no credit card numbers were taken.", "payment_card_number"),
    ],
)
def test_what_is_locked_or_denied_has_a_small_share(classes: list[str], said: str, field: str) -> None:
    """A class that the description denies, or says to have been encrypted, leaked for few accounts."""
    (segment,) = bs.from_hibp(entry("Names", *classes, Description=said)).scenario.segments
    share = next(leak.coverage for leak in segment.leaks if field in leak.fields)
    assert share.mode is not None
    assert share.mode <= 0.1


def test_name_birth_date_and_number_stand_on_one_form() -> None:
    """With a number of identity, name and birth date are one leak, so that a victim has all of them."""
    classes = ("Names", "Dates of birth", "Social security numbers")
    (segment,) = bs.from_hibp(entry(*classes)).scenario.segments
    leaks = {leak.fields: leak.coverage for leak in segment.leaks}
    assert {("full_name", "date_of_birth"), ("ssn",)} == set(leaks)
    assert 0.9 == leaks["full_name", "date_of_birth"].mode
    (apart,) = bs.from_hibp(entry(*classes[:2])).scenario.segments
    assert 2 == len(apart.leaks)
