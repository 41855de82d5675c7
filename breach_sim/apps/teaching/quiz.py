"""Five questions with choices, one for each mistake that the lessons were made for.

A question is an exercise of the lessons put into words. Its numbers, its key, its wrong choices and what is
said about each come from the exercise, so that a misconception is described in one place.

Not here: the page on which the questions stand (``apps.page.play``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from breach_sim.apps.teaching.checking import EXERCISES, data
from breach_sim.apps.teaching.exercise import Data
from breach_sim.apps.teaching.toy import D, K, N, P, S
from breach_sim.catalog import label_of_field
from breach_sim.formatting.digits import percent, significant

DIGITS = 3
"""Digits of a choice."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One answer to choose.

    Parameters
    ----------
    text
        The answer, with its unit.
    right
        Whether it is the key.
    idea
        Name of the mistake that leads to it; "" for the key.
    message
        What there is to say about it.
    """

    text: str
    right: bool
    idea: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question, and its choices from the smallest to the largest.

    Parameters
    ----------
    exercise
        Name of the exercise that it was made of, such as "2.3".
    title, text
        The question in a few words, and whole.
    choices
        One of them is right.
    """

    exercise: str
    title: str
    text: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class _Words:
    """How an exercise is asked in words, and how an answer is written."""

    title: str
    ask: Callable[[Data], str]
    write: Callable[[float], str]


def _count(value: float) -> str:
    return f"{significant(value, DIGITS):,.0f}"


def _dollars(value: float) -> str:
    return f"{_count(value)} US dollars"


def _people(value: float) -> str:
    return f"{_count(value)} people"


def _attempts(value: float) -> str:
    return f"{_count(value)} attempts"


def _share(value: float) -> str:
    return percent(value, DIGITS)


def _letter(own: Data) -> str:
    hit, others = percent(own["hit_of_notified"]), percent(own["hit_of_others"])
    return (
        f"{own['notified']:,} people get a letter. Within a year {hit} of them are hit by fraud. Of people "
        f"without a letter, who are alike in all else, {others} are hit. How many were hit because of the "
        "breach?"
    )


def _block(own: Data) -> str:
    both, name = percent(own[f"{S} and {D} together"]), percent(own[N])
    return (
        f"{label_of_field(S)} and {label_of_field(D)} are in one file: {both} of all people lost both, and "
        f"nobody lost only one. The {label_of_field(N)} leaked independently, for {name}. Which share lost "
        "all three?"
    )


def _ways(own: Data) -> str:
    shares = ", ".join(f"{label_of_field(name)} for {percent(own[name])}" for name in (P, K, N, S))
    return (
        f"An attack needs {label_of_field(P)} and {label_of_field(K)}, or else {label_of_field(P)}, "
        f"{label_of_field(N)} and {label_of_field(S)}. These leaked independently of each other: {shares}. "
        "For which share of the accounts is at least one of the two ways open?"
    )


def _breach(own: Data) -> str:
    accounts = sum(row["accounts"] for row in own["cohorts"])
    all_three = sum(row["accounts"] for row in own["cohorts"] if row["lost_all_three"])
    hit = percent(own["probability"])
    return (
        f"A breach exposes {accounts / 1e6:.0f} million accounts. Name, birth date and SSN together were "
        f"lost by {all_three / 1e6:.0f} million of them. Of these, {hit} become victims of an attack that "
        f"needs all three, and a victim loses {own['loss_usd']:,} US dollars. Which loss is to be expected?"
    )


def _locks(own: Data) -> str:
    return (
        f"Without a lock {own['successes']:,} attempts would succeed. A first lock stops "
        f"{percent(own['first_stops'])} of what reaches it. A second lock, independent of the first, stops "
        f"{percent(own['second_stops'])} of what reaches it. How many attempts get past both?"
    )


_WORDS = {
    "1.3": _Words(title="What does the letter mean?", ask=_letter, write=_people),
    "2.2": _Words(title="Fields that leak together", ask=_block, write=_share),
    "2.3": _Words(title="Two ways in", ask=_ways, write=_share),
    "3.1": _Words(title="What does the breach cost?", ask=_breach, write=_dollars),
    "4.1": _Words(title="Two locks", ask=_locks, write=_attempts),
}


def quiz(seed: int) -> tuple[Question, ...]:
    """Return the five questions with the numbers of a seed.

    Parameters
    ----------
    seed
        As in the lessons: the same seed gives the same numbers. [0, 2**63)

    Returns
    -------
    One question for each of the five mistakes, in the order of the lessons.

    Raises
    ------
    ValueError
        If the seed is no whole number in range.

    Examples
    --------
    >>> [question.exercise for question in quiz(1)]
    ['1.3', '2.2', '2.3', '3.1', '4.1']
    """
    return tuple(_question(name, words, seed) for name, words in _WORDS.items())


def _question(name: str, words: _Words, seed: int) -> Question:
    exercise, own = EXERCISES[name], data(name, seed=seed)
    found = [(float(exercise.solve(own)), "", exercise.right)]
    found += [(float(idea.value(own)), idea.name, idea.message) for idea in exercise.ideas]
    choices = tuple(
        Choice(text=words.write(value), right=not idea, idea=idea, message=message)
        for value, idea, message in sorted(found)
    )
    return Question(exercise=name, title=words.title, text=words.ask(own), choices=choices)
