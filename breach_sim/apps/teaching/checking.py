"""Data of an exercise, its key, and the verdict on an answer."""

from __future__ import annotations

import contextlib
import copy
import functools
import textwrap
from typing import Any

from breach_sim.apps.teaching import and_or, harm, people, remedies
from breach_sim.apps.teaching.choosing import Choice, choices_of, chosen
from breach_sim.apps.teaching.exercise import Draws, Exercise, Unreadable, Verdict, in_per_cent
from breach_sim.apps.teaching.keeping import answer_record, show
from breach_sim.engine.draws.streams import check_seed
from breach_sim.formatting.messages import unknown

EXERCISES: dict[str, Exercise] = {
    exercise.name: exercise for room in (people, and_or, harm, remedies) for exercise in room.EXERCISES
}
"""All exercises by name, in the order of the lessons."""
_TRIES = 200
_WIDTH = 100


def check(exercise: str, answer: Any = None, *, seed: Any = None, keep: bool = False) -> None:
    """Print what there is to say about an answer. Never raises.

    Parameters
    ----------
    exercise
        Name, such as "2.3".
    answer
        Anything; None or ``...`` as long as there is none. One letter is a choice of :func:`choices`.
    seed
        The seed of the data.
    keep
        Whether the answer is stored in the output of the cell, for ``breach-sim lessons grade``. Has an
        effect in a notebook only.

    Notes
    -----
    Prints one of the fixed sentences of the exercise. It holds no number of the data and not the key. What
    is kept is the answer and the seed, and no verdict.

    Examples
    --------
    >>> check("2.1", seed=1)
    2.1 open. Expected: a share, a number from 0 to 1.
    """
    try:
        text = judge(exercise, answer, seed).message
    except (Exception, SystemExit):  # noqa: BLE001 - whatever an answer does, a notebook goes on
        text = "this answer cannot be read: it raised an error when it was looked at. Give a plain value."
    print(textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False))  # noqa: T201 - its task
    if keep:
        with contextlib.suppress(Exception):  # as above: a notebook goes on
            asked, own = EXERCISES[str(exercise)], check_seed(seed)
            show(answer_record(asked, _taken(asked, answer, own), own))


def judge(exercise: str, answer: Any, seed: Any) -> Verdict:
    """The verdict on an answer, without printing it.

    Parameters
    ----------
    exercise, answer, seed
        As for :func:`check`.

    Returns
    -------
    State, message, and the name of the mistake if it is a usual one.
    """
    name = str(exercise)
    if name not in EXERCISES:
        return Verdict("unreadable", unknown("exercise", name, EXERCISES, "check"))
    asked = EXERCISES[name]
    try:
        check_seed(seed)
    except ValueError:
        rule = "the seed must be a whole number from 0 up: check(..., seed=SEED) with your own SEED."
        return Verdict("unreadable", f"{name} cannot be checked: {rule}")
    expected = f"Expected: {asked.expected}."
    if answer is None or answer is ...:
        return Verdict("open", f"{name} open. {expected}")
    try:
        value = asked.read(chosen(asked, answer, _data(name, int(seed)), int(seed)))
    except Unreadable as trouble:
        return Verdict("unreadable", f"{name} cannot be read: {str(trouble).rstrip('.')}. {expected}")
    return _compared(asked, value, int(seed))


def _taken(exercise: Exercise, answer: Any, seed: int) -> Any:
    """An answer as it is stored: the value of a letter, and a letter too many as it is."""
    try:
        return chosen(exercise, answer, _data(exercise.name, seed), seed)
    except Unreadable:
        return answer


def choices(exercise: str, *, seed: int) -> None:
    """Print answers to choose from: ``check`` takes the letter.

    Parameters
    ----------
    exercise, seed
        As for :func:`data`.

    Raises
    ------
    ValueError
        As for :func:`data`.

    Notes
    -----
    They are the right answer and the usual mistakes. Their order depends on the seed.

    Examples
    --------
    >>> choices("2.1", seed=1)
    2.1: the answer is a share, a number from 0 to 1
      a  0.15
      b  0.8
      c  0.65
      d  0.3
    >>> check("2.1", "a", seed=1)
    2.1 right. AND of two independent fields is the product: smaller than either share.
    """
    asked = EXERCISES[_known(exercise)]
    lines = [f"{asked.name}: the answer is {asked.expected}"]
    for one in offered(exercise, seed=seed):
        line = f"  {one.letter}  {one.text}"
        lines.append(textwrap.fill(line, _WIDTH, subsequent_indent=" " * 5, break_long_words=False))
    print("\n".join(lines))  # noqa: T201 - its task


def offered(exercise: str, *, seed: int) -> tuple[Choice, ...]:
    """The choices that :func:`choices` prints.

    Parameters
    ----------
    exercise, seed
        As for :func:`data`.

    Returns
    -------
    At least three, each with letter, text and value.

    Raises
    ------
    ValueError
        As for :func:`data`.
    """
    return choices_of(EXERCISES[_known(exercise)], _data(str(exercise), check_seed(seed)), seed)


def _compared(exercise: Exercise, value: Any, seed: int) -> Verdict:
    """Verdict on a value that was read."""
    given = _data(exercise.name, seed)
    right = exercise.read(exercise.solve(given))
    if exercise.same(value, right):
        return Verdict("right", f"{exercise.name} right. {exercise.right}")
    for idea in exercise.ideas:
        if exercise.same(value, exercise.read(idea.value(given))):
            return Verdict("idea", f"{exercise.name} not yet. {idea.message}", idea.name)
    if exercise.kind == "share" and in_per_cent(value, right):
        message = "The right number, but in percent: a share lies between 0 and 1."
        return Verdict("idea", f"{exercise.name} not yet. {message}", "percent")
    message = f"Neither right nor a usual mistake. {exercise.hint} Expected: {exercise.expected}."
    return Verdict("not yet", f"{exercise.name} not yet. {message}")


def data(exercise: str, *, seed: int) -> dict[str, Any]:
    """Data of an exercise for one student.

    Parameters
    ----------
    exercise
        Name, such as "2.3".
    seed
        The student's own whole number. [0, 2**63)

    Returns
    -------
    Plain values by name; the same for the same seed. Right answer and usual mistakes differ.

    Raises
    ------
    ValueError
        If there is no such exercise, or the seed is no whole number in range.

    Examples
    --------
    >>> sorted(data("1.5", seed=1))
    ['attempts', 'success']
    """
    return copy.deepcopy(_data(_known(exercise), check_seed(seed)))


def key(exercise: str, *, seed: int) -> Any:
    """The right answer, recomputed from the data of a seed.

    Parameters
    ----------
    exercise, seed
        As for :func:`data`.

    Returns
    -------
    A number, a set of names, or a list of sets.

    Raises
    ------
    ValueError
        As for :func:`data`.

    Examples
    --------
    >>> given = data("2.1", seed=1)
    >>> bool(abs(key("2.1", seed=1) - given["phone_number"] * given["account_pin"]) < 1e-9)
    True
    """
    return EXERCISES[_known(exercise)].solve(data(exercise, seed=seed))


def _known(exercise: str) -> str:
    if str(exercise) not in EXERCISES:
        raise ValueError(unknown("exercise", str(exercise), EXERCISES, "teaching"))
    return str(exercise)


@functools.lru_cache(maxsize=4096)
def _data(name: str, seed: int) -> dict[str, Any]:
    """The first data drawn on which key and mistakes differ."""
    exercise = EXERCISES[name]
    for attempt in range(_TRIES):
        made = exercise.make(Draws(seed, name, str(attempt)))
        if exercise.apart(made):
            return made
    raise ValueError(f"exercise {name} has no data for seed {seed}: take another seed, such as seed=1")
