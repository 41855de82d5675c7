"""What an exercise is, and how an answer is read: a number, a set of names, or a set of such sets.

An answer comes from a beginner's notebook and may be anything. Reading it gives a plain value that can be
compared, or a sentence that says what is wrong with its form.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from breach_sim.engine.draws.streams import uniforms
from breach_sim.formatting.messages import unknown

Data = Mapping[str, Any]
Value = float | frozenset[str] | frozenset[frozenset[str]]
Kind = Literal["number", "share", "names", "sets"]
State = Literal["right", "idea", "not yet", "open", "unreadable"]
CLOSE = 0.005
"""How far a number may be from the key, relative to it: an answer rounded to three digits passes."""
APART = 4 * CLOSE
"""How far key and mistakes are at least from each other, relative to the larger."""
_MOST_NAMES = 1_000
_PER_CENT = 100


class Unreadable(ValueError):  # noqa: N818 - no failure of the program: it says what form was expected
    """An answer of another form than the one asked for; the message says which."""


@dataclass(frozen=True, kw_only=True)
class Idea:
    """A usual mistake: the answer it leads to, and what to say about it.

    Parameters
    ----------
    name
        A few words that name the mistake.
    value
        From the data of the exercise to the answer that this mistake gives.
    message
        What is printed; holds no number of the data.
    """

    name: str
    value: Callable[[Data], Any]
    message: str


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """A question with data of one's own, its key, and its usual mistakes.

    Parameters
    ----------
    name
        Lesson and number, such as "2.3".
    expected
        Form and unit of the answer, in a few words.
    kind
        "number", "share" (in [0, 1]), "names" (fields or others), "sets" (several sets of names).
    make
        From draws to data, plain Python values.
    solve
        From data to the key.
    right
        What is printed for the right answer.
    hint
        What is printed for an answer that is neither right nor a usual mistake.
    ideas
        The usual mistakes.
    known
        Names that may stand in the answer; of "names" and "sets".
    """

    name: str
    expected: str
    kind: Kind
    make: Callable[[Draws], dict[str, Any]]
    solve: Callable[[Data], Any]
    right: str
    hint: str
    ideas: tuple[Idea, ...]
    known: tuple[str, ...] = ()

    def read(self, answer: Any) -> Value:
        """An answer as a plain value.

        Parameters
        ----------
        answer
            Anything.

        Returns
        -------
        A number, a set of names, or a set of sets.

        Raises
        ------
        Unreadable
            If it has another form.
        """
        if self.kind in {"number", "share"}:
            return read_number(answer)
        if self.kind == "names":
            return read_names(answer, self.known)
        return frozenset(read_names(one, self.known) for one in listed(answer))

    def same(self, a: Value, b: Value, slack: float = CLOSE) -> bool:
        """Whether two answers are one: numbers within a relative distance, sets exactly.

        Parameters
        ----------
        a, b
            Values that were read.
        slack
            Relative distance. [0, 1)

        Returns
        -------
        True or False.
        """
        if isinstance(a, float) and isinstance(b, float):
            return math.isclose(a, b, rel_tol=slack, abs_tol=1e-9)
        return a == b

    def apart(self, data: Data) -> bool:
        """Whether key and mistakes differ on these data.

        Parameters
        ----------
        data
            Data of the exercise.

        Returns
        -------
        True if no two of them are nearer than :data:`APART`.
        """
        values = [self.read(found(data)) for found in (self.solve, *(idea.value for idea in self.ideas))]
        pairs = ((a, b) for i, a in enumerate(values) for b in values[:i])
        return not any(self.same(a, b, APART) for a, b in pairs)


@dataclass(frozen=True)
class Verdict:
    """What there is to say about an answer.

    Parameters
    ----------
    state
        "right", "idea" (a usual mistake), "not yet", "open" (nothing answered), "unreadable".
    message
        What is printed.
    idea
        Name of the mistake, or "".
    """

    state: State
    message: str
    idea: str = ""


class Draws:
    """Random choices for the data of one exercise, by the student's seed.

    Parameters
    ----------
    seed
        Whole number. [0, 2**63)
    *name
        Name of the stream.
    """

    def __init__(self, seed: int, *name: str) -> None:
        self._numbers = iter(uniforms(seed, "teaching", *name, size=64).tolist())

    def pick(self, options: Sequence[Any]) -> Any:
        """One of some options, each as likely.

        Parameters
        ----------
        options
            At least one.

        Returns
        -------
        One of them.
        """
        return options[int(next(self._numbers) * len(options))]

    def shuffled(self, options: Iterable[Any]) -> list[Any]:
        """The options in a random order.

        Parameters
        ----------
        options
            Any number.

        Returns
        -------
        All of them.
        """
        left, order = list(options), []
        while left:
            order.append(left.pop(int(next(self._numbers) * len(left))))
        return order


def read_number(answer: Any) -> float:
    """A number of Python or NumPy as a float.

    Parameters
    ----------
    answer
        Anything.

    Returns
    -------
    Finite.

    Raises
    ------
    Unreadable
        If it is no finite number.
    """
    if isinstance(answer, np.ndarray) and answer.ndim == 0:
        answer = answer.item()
    if isinstance(answer, (bool, np.bool_)):
        raise Unreadable("True or False is no number here")
    if isinstance(answer, str):
        raise Unreadable("this is text; leave the quotation marks out")
    if not isinstance(answer, (int, float, Fraction, Decimal, np.integer, np.floating)):
        raise Unreadable(f"this is of type {type(answer).__name__}; take the one number out of it")
    try:
        number = float(answer)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Unreadable("this is no finite number: something was divided by zero, or is missing")
    return number


def listed(answer: Any) -> list[Any]:
    """What a list, set, tuple, array or column holds.

    Parameters
    ----------
    answer
        Anything.

    Returns
    -------
    Its entries.

    Raises
    ------
    Unreadable
        If it is nothing of that kind, or holds a thousand entries or more.
    """
    if isinstance(answer, str):
        raise Unreadable('one text is no list; put names in brackets, like ["ssn", "imei"]')
    plain = answer.tolist() if hasattr(answer, "tolist") else answer
    if not isinstance(plain, (list, tuple, set, frozenset, dict)):
        raise Unreadable(f"this is of type {type(answer).__name__}; make it a list")
    if len(plain) >= _MOST_NAMES:
        raise Unreadable("this list is far too long")
    return list(plain)


def read_names(answer: Any, known: Sequence[str]) -> frozenset[str]:
    """A set of known names; capitals and blanks do not matter.

    Parameters
    ----------
    answer
        Anything.
    known
        All names that may occur.

    Returns
    -------
    The names.

    Raises
    ------
    Unreadable
        If it is no list of known names.
    """
    found = set()
    for entry in listed(answer):
        if not isinstance(entry, str):
            raise Unreadable(
                f"one entry is of type {type(entry).__name__}, and not a name in quotation marks"
            )
        name = entry.strip().lower().replace(" ", "_")
        if name not in known:
            raise Unreadable(unknown("name", entry, known, "the answer"))
        found.add(name)
    return frozenset(found)


def in_per_cent(answer: Value, key: Value) -> bool:
    """Whether a share was given in percent.

    Parameters
    ----------
    answer, key
        Values that were read.

    Returns
    -------
    True if the answer is a hundred times the key.
    """
    both = isinstance(answer, float) and isinstance(key, float)
    return both and math.isclose(answer, _PER_CENT * key, rel_tol=CLOSE)  # type: ignore[arg-type, operator]
