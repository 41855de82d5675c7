"""Laws of how passwords were held: sentences are read with their negations and their subjects."""

from __future__ import annotations

import pytest
from support.imports import entry

import breach_sim as bs
from breach_sim.catalog.words.meanings import ASSUMED, MAPPED
from breach_sim.interop.hibp.storage import CLEAR, HASH, SLOW, WEAK
from breach_sim.interop.imported import ImportRow


def row_of(said: str) -> ImportRow:
    """Return the row of the account about passwords."""
    imported = bs.from_hibp(entry("Email addresses", "Passwords", Description=said))
    (row,) = [row for row in imported.rows if row.word == "Passwords"]
    return row


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ("Passwords stored as bcrypt hashes leaked.", {SLOW}),
        ("It exposed scrypt hashes.", {SLOW}),
        ("Passwords were protected with Argon2id.", {SLOW}),
        ("PBKDF2 password hashes.", {SLOW}),
        ("Email addresses and salted MD5 hashes.", {HASH}),
        ("Email addresses and salted hashes.", {HASH}),
        ("Passwords were stored as md5crypt.", {HASH}),
        ("Passwords were stored with SHA512crypt.", {SLOW}),
        ("Usernames and SHA-512 hashes.", {HASH}),
        ("Passwords were hashed with SHA-256 and a unique salt.", {HASH}),
        ("Names and cryptographically stored passwords.", {HASH}),
        ("Encrypted passwords.", {HASH}),
        ("Names and unsalted SHA-1 hashes.", {WEAK}),
        ("Passwords leaked. They were unsalted MD5.", {WEAK}),
        ("Passwords were stored as MD5 without a salt.", {WEAK}),
        ("SHA-1 password hashes that were not salted.", {WEAK}),
        ("NTLM hashes of staff.", {WEAK}),
        ("Passwords stored as MD5 hashes.", {WEAK}),
        ("Plain text passwords.", {CLEAR}),
        ("The vBulletin forum lost plain text passwords.", {CLEAR}),
        ("Passwords leaked. They were stored in clear text.", {CLEAR}),
        ("Both PINs and passwords stored in plain text.", {CLEAR}),
        ("Passwords were not hashed.", {CLEAR}),
        ("Unencrypted passwords of members.", {CLEAR}),
        ("Passwords for 3M addresses were in plaintext.", {CLEAR}),
        ("Some were salted SHA-256 password hashes, the remainder MD5 with no salt.", {HASH, WEAK}),
        ("Passwords as SHA1 hashes without salt, most of which were quickly cracked.", {WEAK, CLEAR}),
        ("Passwords were stored as SHA1 hashes without salt and many were cracked.", {WEAK, CLEAR}),
    ],
)
def test_a_sentence_says_how_passwords_were_held(said: str, fields: set[str]) -> None:
    """Slow, fast and unsalted hashes and clear text are kept apart, also without the word password."""
    row = row_of(said)
    assert (MAPPED, fields) == (row.state, set(row.fields))
    assert "as the entry says" in row.reason


@pytest.mark.parametrize(
    "said",
    [
        "MD5 hashes of email addresses leaked.",
        "Security questions and answers were stored in plain text.",
        "A password hint in plain text.",
        "Pincodes stored in plain text.",
        "The database was left open without a password.",
    ],
)
def test_what_is_no_password_says_nothing_of_passwords(said: str) -> None:
    """Hashes of addresses, hints, answers and open databases leave both ways possible."""
    row = row_of(said)
    assert (ASSUMED, {HASH, CLEAR}) == (row.state, set(row.fields))


@pytest.mark.parametrize(
    "said", ["Passwords were not exposed.", "No passwords leaked.", "It did not include cards or passwords."]
)
def test_passwords_that_are_denied_are_doubtful(said: str) -> None:
    """The class and the description disagree: the share is small and wide, and the account says why."""
    imported = bs.from_hibp(entry("Email addresses", "Passwords", Description=said))
    leak = next(leak for leak in imported.scenario.segments[0].leaks if HASH in leak.fields)
    assert (0.0005, 0.02) == (leak.coverage.low, leak.coverage.mode)
    assert "no passwords leaked" in row_of(said).reason


def test_not_in_clear_is_hashed() -> None:
    """A denial of clear text says that a hash leaked, but not which."""
    assert (HASH,) == row_of("Passwords were never stored in plain text.").fields
    assert (SLOW,) == row_of("Passwords were not in plain text but bcrypt hashes.").fields


def test_a_stronger_hash_harms_fewer_people() -> None:
    """Clear text harms most people, then unsalted, unknown and slow hashes: each storage its own number."""
    means = []
    for said in (
        "plain text passwords",
        "unsalted MD5 password hashes",
        "hashed passwords",
        "bcrypt passwords",
    ):
        scenario = bs.from_hibp(
            entry("Email addresses", "Passwords", Description=said, PwnCount=10**6)
        ).scenario
        impact = bs.simulate(scenario, replicates=256, seed=1, elsewhere=None)
        means.append(
            float(impact.per_attack("victims")[impact.attacks.names.index("credential_stuffing")].mean())
        )
    assert means[0] > means[1] > 1.5 * means[2] > 1.5 * 2 * means[3]
