"""Answers to choose from, for who does not write Python: the right one and the usual mistakes, by letter.

The order follows from the student's seed, so that a neighbor's letter helps nobody.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Any

from breach_sim.apps.teaching.exercise import Data, Draws, Exercise, Unreadable, Value

_WHOLE = 1_000
_DIGITS = 3
_MOST_SETS, _SHOWN = 9, 4
"""Sets of fields that a choice lists, and how many of a longer list are shown."""


@dataclass(frozen=True)
class Choice:
    """An answer to choose.

    Parameters
    ----------
    letter
        "a", "b" and so on.
    text
        The answer as a student reads it. Numbers have three digits.
    value
        The answer itself, as ``check`` takes it.
    """

    letter: str
    text: str
    value: Any


def choices_of(exercise: Exercise, given: Data, seed: int) -> tuple[Choice, ...]:
    """The answers to choose from.

    Parameters
    ----------
    exercise
        The exercise.
    given
        Its data for this seed.
    seed
        The student's own whole number. [0, 2**63)

    Returns
    -------
    The key and each usual mistake once, in an order that depends on the seed.
    """
    values = [exercise.solve(given), *(idea.value(given) for idea in exercise.ideas)]
    texts: dict[str, Any] = {}
    for value in values:
        texts.setdefault(_text(exercise.read(value)), value)
    order = Draws(seed, exercise.name, "choices").shuffled(texts)
    return tuple(
        Choice(letter, text, texts[text]) for letter, text in zip(string.ascii_lowercase, order, strict=False)
    )


def chosen(exercise: Exercise, answer: Any, given: Data, seed: int) -> Any:
    """An answer, with the value in place of its letter.

    Parameters
    ----------
    exercise, given, seed
        As for :func:`choices_of`.
    answer
        Anything.

    Returns
    -------
    The value of the choice if the answer is one letter, else the answer itself.

    Raises
    ------
    Unreadable
        If it is a letter beyond the last choice.
    """
    if not isinstance(answer, str) or answer.strip().lower() not in set(string.ascii_lowercase):
        return answer
    offered = choices_of(exercise, given, seed)
    for choice in offered:
        if choice.letter == answer.strip().lower():
            return choice.value
    raise Unreadable(
        f"there is no choice '{answer.strip()[:1]}': the letters go from a to {offered[-1].letter}"
    )


def _text(value: Value) -> str:
    if isinstance(value, float):
        rounded = float(f"{value:.{_DIGITS}g}")
        return f"{rounded:,.0f}" if abs(rounded) >= _WHOLE else f"{rounded:g}"
    if all(isinstance(entry, str) for entry in value):
        return ", ".join(sorted(map(str, value))) or "none"
    sets = sorted(" + ".join(sorted(one)) for one in value)
    more = len(sets) - _SHOWN
    return "; ".join(sets) if len(sets) <= _MOST_SETS else f"{'; '.join(sets[:_SHOWN])}; and {more} more"
