"""Laws of sentences: what a sentence denies is not said, and what it says beside a denial is."""

from __future__ import annotations

import pytest

from breach_sim.formatting.sentences import MOST_TEXT, denied, found, plain_text, sentences


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("No passwords were taken.", "passwords"),
        ("Passwords were not exposed.", "Passwords"),
        ("The passwords weren't part of the dump.", "passwords"),
        ("This is not a combo list.", "combo list"),
        ("Names and phone numbers, but no passwords.", "passwords"),
        (
            "The file did not include sensitive data such as passwords, card numbers or tax numbers.",
            "tax numbers",
        ),
        ("Neither passwords nor cards leaked.", "cards"),
        ("None of the passwords were in plain text.", "plain text"),
        ("Addresses leaked (no customer passwords were exposed).", "passwords"),
        ("Passwords were never stored in plain text.", "plain text"),
        ("The firm says that passwords were unaffected.", "passwords"),
        ("It is unclear whether passwords were in plain text.", "plain text"),
    ],
)
def test_what_a_sentence_denies(sentence: str, words: str) -> None:
    """A negation reaches from its word to the end of its clause, and along a list of its verb."""
    start = sentence.index(words)
    assert denied(sentence, start, start + len(words))
    assert not list(found((words,), sentence))


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("Passwords as MD5 hashes with no salt, many of them now in plain text.", "plain text"),
        ("The breach was not discovered for years and included passwords in plain text.", "plain text"),
        ("Passwords were not stored in plain text but as bcrypt hashes.", "bcrypt"),
        ("The hash was not present on all accounts.", "hash"),
        ("Salted hashes which have not been cracked.", "hashes"),
        ("Hashes for users who did not use another log-in.", "Hashes"),
        ("The firm did not respond; passwords leaked.", "passwords"),
        ("Names, passwords and no card numbers.", "passwords"),
        ("Rather than plain text, bcrypt was used.", "bcrypt"),
        ("Not only names but passwords leaked.", "passwords"),
    ],
)
def test_what_a_sentence_says_beside_a_denial(sentence: str, words: str) -> None:
    """A negation of something else denies nothing."""
    start = sentence.index(words)
    assert not denied(sentence, start, start + len(words))


def test_a_description_becomes_plain_sentences() -> None:
    """Tags, entities and curly quotes go; a sentence does not end at U.S., e.g. or a number."""
    text = plain_text("<p>The U.S. firm\u2019s 1.2M&nbsp;users, e.g. in Ohio.</p> <em>All</em> leaked!")
    assert ["The U.S. firm's 1.2M users, e.g. in Ohio.", "All leaked!"] == sentences(text)
    assert len(plain_text("a" * (2 * MOST_TEXT))) == MOST_TEXT
