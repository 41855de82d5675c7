"""Laws of how objects show themselves."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from breach_sim.formatting.display import Displayable, as_text, listed, plural, shortened


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Box(Displayable):
    """Something with a name, a size and boxes in it."""

    name: str
    size: float = 1.0
    shut: bool = False
    boxes: tuple[Box, ...] = ()


def test_a_repr_names_what_differs_from_the_default() -> None:
    """Fields that have their default say nothing; the name needs no label."""
    assert repr(Box(name="a")) == "<Box a>"
    assert repr(Box(name="a", size=2.5, shut=True)) == "<Box a; size 2.5; shut yes>"


def test_a_card_shows_the_parts() -> None:
    """A card has a line for every field that differs from its default, parts as their summaries."""
    page = Box(name="a", boxes=(Box(name="<b>"), Box(name="c", size=3)))._repr_html_()
    assert "&lt;b&gt;; c; size 3" in page
    assert "shut" not in page


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (7_800_000, "7,800,000"),
        (0.25, "0.25"),
        (("ssn", "imei"), "ssn, imei"),
        ((), ""),
        ({"a": 0.5, "b": 1}, "a: 0.5; b: 1"),
        ("text", "text"),
    ],
)
def test_a_value_as_text(value: object, text: str) -> None:
    """A value in a card reads as a person would write it."""
    assert as_text(value) == text


def test_lists_and_counts_read_as_sentences() -> None:
    """What is left out of a list is counted, and one thing has no plural."""
    assert listed(["a", "b", "c"], most=3) == "a, b, c"
    assert listed(["a", "b", "c"], most=1) == "a and 2 more"
    assert plural(0, "leak") == "0 leaks"
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abc..."
