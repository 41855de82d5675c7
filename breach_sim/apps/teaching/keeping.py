"""What ``check`` stores of an answer: a record in the output of the cell, beside the sentence it prints.

A record holds the exercise, the seed and the answer as plain JSON. It holds no verdict, for nobody could
rely on one: the file is the student's. Marks are computed from the answer again (``teaching.marks``).
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

from breach_sim.apps.teaching.exercise import Exercise, Unreadable, Value

MIME = "application/vnd.breach-sim.answer+json"
"""Kind of output that holds a record."""
FORMAT = 1
"""Version of the record."""


def answer_record(exercise: Exercise, answer: Any, seed: int) -> dict[str, Any]:
    """What is stored of an answer.

    Parameters
    ----------
    exercise
        The exercise.
    answer
        Anything.
    seed
        Seed of the data. [0, 2**63)

    Returns
    -------
    Plain values; empty if there is no answer yet. Numbers have twelve digits, so that machines whose last
    digits differ store the same. An answer that cannot be read is stored as null.

    Examples
    --------
    >>> from breach_sim.apps.teaching import EXERCISES
    >>> answer_record(EXERCISES["2.1"], 0.1 + 0.2, 17)
    {'format': 1, 'exercise': '2.1', 'seed': 17, 'answer': 0.3}
    """
    if answer is None or answer is ...:
        return {}
    try:
        plain = _plain(exercise.read(answer))
    except Unreadable:
        plain = None
    return {"format": FORMAT, "exercise": exercise.name, "seed": seed, "answer": plain}


def _plain(value: Value) -> Any:
    if isinstance(value, float):
        return float(f"{value:.12g}")
    return sorted(entry if isinstance(entry, str) else sorted(entry) for entry in value)


def show(record: Mapping[str, Any]) -> None:
    """Put a record into the output of the running cell; do nothing outside a notebook.

    Parameters
    ----------
    record
        As :func:`answer_record` gives it. An empty one is not shown.
    """
    # The kernel puts this name among the builtins. Asking for it, and not for the package, keeps the
    # package out of scripts that use no notebook.
    asked = getattr(builtins, "get_ipython", None)
    shell = asked() if asked else None
    if record and shell is not None:
        answer = "no answer that can be read" if record["answer"] is None else record["answer"]
        text = f"Kept for your teacher: {record['exercise']}, seed {record['seed']}, {answer}"
        shell.display_pub.publish({MIME: dict(record), "text/plain": text})
