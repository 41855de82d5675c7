"""Laws of the answer to an unknown name."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_sim.formatting.messages import (
    LONGEST_MESSAGE,
    named,
    readable,
    repeated,
    together,
    unknown,
)
from breach_sim.inputs.fields import FIELD_NAMES

LAW = settings(derandomize=True, deadline=None, database=None, max_examples=60)


def test_the_answer_holds_value_place_nearest_name_and_what_is_known() -> None:
    """The sentence names what was asked for, the value, the place, the nearest name and the known ones."""
    expected = "unknown field 'snn' in x.toml, leaks; did you mean 'ssn'? Known: ssn, imei."
    assert expected == unknown("field", "snn", ["ssn", "imei"], "x.toml, leaks")


def test_no_hint_is_better_than_a_far_one() -> None:
    """A name that resembles none gets no suggestion, but still the list of known names."""
    assert unknown("grade", "qqqq", ["A", "B", "C"], "x") == "unknown grade 'qqqq' in x. Known: A, B, C."


@pytest.mark.parametrize("name", [None, 5, 1.5, ("a",), ""])
def test_any_value_gets_an_answer(name: object) -> None:
    """A value that is no text at all is still answered, in its own spelling."""
    text = unknown("verb", name, ["run", "test"], "the command line")
    assert (f"unknown verb {name!r} in the command line", True) == (
        text[: text.index("the command line") + 16],
        text.endswith("Known: run, test."),
    )


def test_twelve_names_are_shown_and_the_rest_counted() -> None:
    """Of many known names the twelve nearest are shown in their own order and the others counted."""
    text = unknown("field", "snn", FIELD_NAMES, "x")
    listed, more = text[text.index("Known: ") + 7 :].rsplit(" and ", 1)
    shown = listed.split(", ")
    assert (12, f"{len(FIELD_NAMES) - 12} more.") == (len(shown), more)
    assert [name for name in FIELD_NAMES if name in shown] == shown
    assert "ssn" in shown


@given(name=st.sampled_from([n for n in FIELD_NAMES if len(n) > 4]), position=st.integers(0, 30))
@LAW
def test_one_dropped_letter_is_always_forgiven(name: str, position: int) -> None:
    """A field name with one letter dropped is answered with the name itself."""
    cut = position % len(name)
    typo = name[:cut] + name[cut + 1 :]
    if typo not in FIELD_NAMES:
        assert f"did you mean {name!r}?" in unknown("field", typo, FIELD_NAMES, "x")


@given(name=st.text(max_size=30), known=st.lists(st.text(min_size=1, max_size=8), max_size=20, unique=True))
@LAW
def test_the_hint_is_always_a_known_name(name: str, known: list[str]) -> None:
    """Whatever is suggested is one of the known names."""
    text = unknown("thing", name, known, "place")
    if "; did you mean " in text:
        assert any(f"; did you mean {other!r}? Known: " in text for other in known)


@given(known=st.lists(st.text(max_size=400), max_size=40))
@LAW
def test_a_list_of_names_is_short_and_counts_the_rest(known: list[str]) -> None:
    """At most twelve names and some 300 letters are listed, one at least, and the others are counted."""
    text = named(known)
    rest = int(found[1]) if (found := re.search(r" and (\d+) more$", text)) else 0
    assert max(0, len(known) - 12) <= rest < max(1, len(known))
    assert len(text) < 900
    assert len(unknown("field", "snn", known, "x")) < 1100


def test_several_problems_are_one_message() -> None:
    """Of many problems three are said and the others counted; what is repeated is named with its number."""
    assert "a is 1. b is 2. c is 3. There are 2 more of them." == together(
        ["a is 1.", "b is 2", "c is 3", "d", "e"]
    )
    assert "'b' 300 times, and 1 other more than once" == repeated(["a", *["b"] * 300, "c", "c"])


@given(text=st.text(alphabet="ab ;", max_size=3000))
@LAW
def test_a_long_message_keeps_its_start_and_its_end(text: str) -> None:
    """A message has at most 600 letters: the place stays at its start, and the remedy at its end."""
    short = readable(f"x.toml, key: {text}; write 1")
    assert len(short) <= LONGEST_MESSAGE
    assert (short[:13], short[-9:]) == ("x.toml, key: ", "; write 1")


def test_nothing_known_is_said_in_words() -> None:
    """Where no name would be right the answer says so, in place of an empty list."""
    assert "Known: ." not in unknown("capability", "number_control", [], "x")


def test_the_same_mistake_gives_the_same_sentence() -> None:
    """An error message does not depend on the hash seed of the interpreter."""
    code = (
        "from breach_sim.catalog.reader import Reader, load_sources\n"
        "try: Reader('f', load_sources()).cited({'sources': ['zzz']}, 'k')\n"
        "except ValueError as error: print(error)"
    )
    said = set()
    for seed in ("1", "2"):
        env = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        words = [sys.executable, "-c", code]
        said.add(subprocess.run(words, env=env, capture_output=True, text=True, check=True).stdout)  # noqa: S603
    assert len(said) == 1
