"""Laws of the vocabulary of leaked fields."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_sim.inputs import fields

LAW = settings(derandomize=True, deadline=None, database=None, max_examples=100)
SUBSETS = st.sets(st.sampled_from(fields.FIELD_NAMES))
FROZEN = "c712385b01f9f1d2e1e9fca07d5481d252ff7fd6342d2786d79bd04b6e1ddd63"
"""SHA-256 over the names up to the last stored one, one a line: stored masks depend on it."""
LAST = "background_investigation"
"""Last field when the order was frozen; later ones are appended behind it."""


def test_the_order_of_the_stored_fields_is_frozen() -> None:
    """Stored names and their order never change, because masks of them are stored in data sets."""
    stored = fields.FIELD_NAMES[: fields.FIELD_NAMES.index(LAST) + 1]
    digest = hashlib.sha256("\n".join(stored).encode()).hexdigest()
    assert digest == FROZEN, f"breach_sim/inputs/fields.py: a new field stands behind {LAST!r}, never before"


def test_names_are_names() -> None:
    """Names are unique lower-case identifiers in the order of the fields, each with a description."""
    assert tuple(field.name for field in fields.FIELDS) == fields.FIELD_NAMES
    assert len(set(fields.FIELD_NAMES)) == len(fields.FIELDS)
    assert all(name.isidentifier() and name == name.lower() for name in fields.FIELD_NAMES)
    assert all(field.description.strip() for field in fields.FIELDS)


@pytest.mark.parametrize(
    ("bit", "name"),
    [
        (0, "full_name"),
        (1, "date_of_birth"),
        (6, "ssn"),
        (13, "phone_number"),
        (19, "account_pin"),
        (21, "imsi"),
        (56, "background_investigation"),
    ],
)
def test_bits_stay_where_they_are(bit: int, name: str) -> None:
    """Each field has the bit of its place in the list."""
    assert 1 << bit == fields.mask([name])


@given(SUBSETS)
@LAW
def test_masks_round_trip(names: set[str]) -> None:
    """A set of names becomes a mask and back, in the order of the bits."""
    back = fields.names(fields.mask(names))
    assert names == set(back)
    assert back == tuple(name for name in fields.FIELD_NAMES if name in names)


@given(SUBSETS, SUBSETS)
@LAW
def test_the_mask_of_a_union_is_the_union_of_masks(one: set[str], other: set[str]) -> None:
    """Masks turn union and intersection into bit operations; order and repetition play no part."""
    assert fields.mask(one | other) == fields.mask(one) | fields.mask(other)
    assert fields.mask(one & other) == fields.mask(one) & fields.mask(other)
    assert fields.mask([*one, *sorted(one, reverse=True)]) == fields.mask(one)


def test_the_ends_of_the_range() -> None:
    """The empty set is mask 0 and all fields are a one for each."""
    assert (fields.mask([]), fields.names(0)) == (0, ())
    assert fields.names(2 ** len(fields.FIELDS) - 1) == fields.FIELD_NAMES


@pytest.mark.parametrize("bits", [-1, 1 << len(fields.FIELDS), (1 << 64) - 1])
def test_a_bit_of_no_field_is_refused(bits: int) -> None:
    """A mask with a bit outside the vocabulary is refused with its value and the rule."""
    count = len(fields.FIELDS)
    with pytest.raises(
        ValueError, match=rf"mask {bits:#x} has a bit outside the vocabulary of {count} fields"
    ):
        fields.names(bits)


@pytest.mark.parametrize(
    ("typo", "near"),
    [
        ("snn", "ssn"),
        ("drivers_licence_number", "drivers_license_number"),
        ("emial_address", "email_address"),
        ("SSN", None),
        ("", None),
    ],
)
def test_an_unknown_field_is_answered_with_the_nearest(typo: str, near: str | None) -> None:
    """An unknown name is refused with value, place and, where there is one, the nearest name."""
    with pytest.raises(ValueError, match=rf"unknown field '{typo}' in my-file, leaks") as caught:
        fields.check_field(typo, "my-file, leaks")
    assert near is None or f"did you mean {near!r}?" in str(caught.value)
    with pytest.raises(ValueError, match=f"unknown field '{typo}'"):
        fields.mask(["ssn", typo])


@pytest.mark.parametrize(
    ("typo", "near"), [("social_security", "ssn"), ("phone", "phone_number"), ("birth_date", "date_of_birth")]
)
def test_a_plain_word_is_answered_with_its_field(typo: str, near: str) -> None:
    """The everyday name of a field is answered with the field, as design section 8 shows for one."""
    with pytest.raises(ValueError, match=f"did you mean '{near}'"):
        fields.check_field(typo, "x")


def test_check_field_hands_the_name_back() -> None:
    """A known name is handed through."""
    assert tuple(fields.check_field(name, "x") for name in fields.FIELD_NAMES) == fields.FIELD_NAMES
