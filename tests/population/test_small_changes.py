"""Laws of the population that a small change of the code could break unnoticed (`tools/mutants.py`)."""

from __future__ import annotations

import numpy as np

from breach_sim.population.values import identifiers
from breach_sim.population.values.guard import _fits, _mails


def test_letters_beyond_ascii_fit_no_template() -> None:
    """A text that would fit without the highest bit of a letter does not fit, and its neighbor does."""
    good = np.frombuffer(b"123456789", np.uint8)
    bad = good.copy()
    bad[4] |= 0x80
    assert [True, False, True] == _fits(np.concatenate([good, bad, good]), "#########").tolist()


def test_the_lists_of_the_tax_office_are_as_published() -> None:
    """ITIN groups are 50 to 65, 70 to 88, 90 to 92 and 94 to 99; 34 groups of 100 belong to nobody."""
    published = {*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)}
    assert published == identifiers.ITIN_GROUPS
    assert len(identifiers.FREE_GROUPS) == 34


def test_an_address_has_one_sign_at_the_reserved_domain() -> None:
    """A second @ is refused wherever it stands, and the addresses beside it are not."""
    texts = ["abcdef@example.com", "a@bcde@example.org", "abcdefg@example.net", "@@abc@example.com"]
    letters = np.frombuffer("".join(texts).encode(), np.uint8)
    lengths = np.array([len(text) for text in texts], dtype=np.int32)
    assert [True, False, True, False] == _mails(lengths, letters).tolist()


def test_spaces_of_identifiers_are_as_stated() -> None:
    """How many different numbers each identifier has; a larger space would leave its format."""
    numbers = {"drivers_license_number": 10**8, "phone_number": 359 * 2_000_000, "email_address": 3 * 10**8}
    numbers |= {"imsi": 10**10, "imei": 10**10, "iccid": 10**14, "ssn": 45_068_902 + 26 * 10**8}
    assert numbers == dict(identifiers.SPACES)
