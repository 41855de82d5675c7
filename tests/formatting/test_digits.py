"""Laws of printing: no more digits than the sampling error leaves."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_sim.formatting.digits import earned, human, out_of

LAW = settings(derandomize=True, deadline=None, database=None, max_examples=100)
VALUES = st.floats(1e-6, 1e14) | st.floats(-1e14, -1e-6)
ERRORS = st.floats(1e-9, 1e14)


@pytest.mark.parametrize(
    ("expected", "value", "error"),
    [
        (123000.0, 123456.0, 700.0),
        (123500.0, 123456.0, 10.0),
        (123500.0, 123456.0, 1e-9),
        (47_800_000.0, 47_800_000.0, 0.0),
        (100000.0, 123456.0, 30_000.0),
        (100000.0, 123456.0, math.inf),
        (1.0, 1.0, 100.0),
        (0.0, 0.0, 5.0),
        (-123000.0, -123456.0, 700.0),
    ],
)
def test_earned_keeps_what_the_error_leaves(expected: float, value: float, error: float) -> None:
    """A value is rounded to the first power of ten not below its error, and to four digits at most."""
    assert expected == earned(value, error)


@given(value=VALUES, error=ERRORS)
@LAW
def test_earned_shows_no_digit_below_its_error(value: float, error: float) -> None:
    """Unless only one digit is left, the printed value is a multiple of a power of ten at least its error."""
    shown = earned(value, error)
    unit = 10.0 ** math.ceil(math.log10(error))
    one_digit = shown == round(shown, -math.floor(math.log10(abs(shown))))
    assert one_digit or math.isclose(shown / unit, round(shown / unit), rel_tol=1e-9)


@given(value=VALUES, error=ERRORS)
@LAW
def test_earned_moves_by_at_most_half_a_unit_and_never_to_nothing(value: float, error: float) -> None:
    """Rounding moves a value by at most half a unit of its last digit, and never to zero or past it."""
    shown = earned(value, error)
    unit = max(10.0 ** math.ceil(math.log10(error)), 10.0 ** (math.floor(math.log10(abs(value))) - 3))
    assert abs(shown - value) <= unit / 2 * (1 + 1e-9)
    assert shown != 0
    assert math.copysign(1, value) == math.copysign(1, shown)


@given(value=VALUES, error=ERRORS)
@LAW
def test_earned_twice_is_earned_once(value: float, error: float) -> None:
    """Rounding what is already rounded changes nothing, and the sign plays no part."""
    once = earned(value, error)
    assert once == pytest.approx(earned(once, error), rel=1e-12)
    assert -once == earned(-value, error)


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_what_is_not_finite_stays(value: float) -> None:
    """An infinite value is handed through."""
    assert value == earned(value, 1.0)


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("0", 0.0),
        ("7", 7.0),
        ("0.123", 0.1234),
        ("12.3", 12.34),
        ("123", 123.4),
        ("123,000", 123000.0),
        ("1 million", 1e6),
        ("47.8 million", 47.8e6),
        ("54.62 million", 54_617_000.0),
        ("1.26 billion", 1.26e9),
        ("-123,000", -123000.0),
        ("-1.5 million", -1.5e6),
    ],
)
def test_human_takes_in_at_once(expected: str, value: float) -> None:
    """Numbers below a million carry separators, larger ones the word."""
    assert expected == human(value)


@given(VALUES)
@LAW
def test_human_is_true_to_three_digits(value: float) -> None:
    """Read back, the text is the value within half a unit of its third digit."""
    words = {"million": 1e6, "billion": 1e9}
    number, _, word = human(value).partition(" ")
    assert value == pytest.approx(float(number.replace(",", "")) * words.get(word, 1.0), rel=0.00501)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "nobody"),
        (1.0, "everybody"),
        (0.7, "7 in 10"),
        (0.675, "7 in 10"),
        (0.15, "15 in 100"),
        (0.999, "99 in 100"),
        (0.03, "3 in 100"),
        (0.0105, "1 in 100"),
        (0.0025, "1 in 400"),
        (0.0005, "1 in 2,000"),
    ],
)
def test_a_share_is_said_as_people_out_of_so_many(share: float, words: str) -> None:
    """A share is said out of ten where that is near, else out of a hundred, else as one in so many."""
    assert words == out_of(share)
