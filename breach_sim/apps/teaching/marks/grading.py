"""What the answers of a class are worth, judged again from the seed of each student.

Nothing that a notebook says about itself counts: neither a verdict nor a seed. An answer is withheld, and
the student named, where the teacher has to look first.

Not here: reading the files (``notebooks``), the tables (``sheets``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal, get_args

from breach_sim.apps.teaching.checking import EXERCISES, judge
from breach_sim.apps.teaching.marks.notebooks import HandIn, Kept
from breach_sim.apps.teaching.marks.roster import Student
from breach_sim.formatting.messages import shown, unknown

State = Literal[
    "right", "mistake", "not yet", "cannot be read", "open", "not handed in", "not stored", "another seed",
    "key called", "edited",
]  # fmt: skip
STATES: tuple[State, ...] = get_args(State)
"""All states, in the order in which they are listed; points of the last four are withheld."""
_SAID = {"right": "right", "idea": "not yet", "not yet": "not yet", "unreadable": "cannot"}


@dataclass(frozen=True)
class Mark:
    """What an answer is worth.

    Parameters
    ----------
    state
        One of :data:`State`.
    points
        Points. [0, weight of the exercise]
    idea
        Name of the usual mistake, or "".
    """

    state: State
    points: float = 0.0
    idea: str = ""


@dataclass(frozen=True)
class Paper:
    """All that a student handed in, with its marks.

    Parameters
    ----------
    student
        The student.
    files
        Notebooks, relative to the folder.
    marks
        By exercise.
    remarks
        What the teacher should know, one sentence each.
    """

    student: Student
    files: tuple[str, ...]
    marks: Mapping[str, Mark]
    remarks: tuple[str, ...]

    @property
    def total(self) -> float:
        """Sum of the points."""
        return sum(mark.points for mark in self.marks.values())


def counted(asked: str | None, hand_ins: Sequence[Sequence[HandIn]]) -> tuple[str, ...]:
    """Exercises that count.

    Parameters
    ----------
    asked
        Lessons and exercises separated by commas, such as "2" or "2.1,2.3"; None for those that more than
        half of the students who handed in have a cell for.
    hand_ins
        Notebooks of each student.

    Returns
    -------
    Names in the order of the lessons.

    Raises
    ------
    ValueError
        If a name is unknown, or there is none.
    """
    if asked is not None:
        words = [word.strip() for word in asked.split(",") if word.strip()]
        lessons = {name.partition(".")[0] for name in EXERCISES}
        for word in words:
            if word not in EXERCISES and word not in lessons:
                raise ValueError(unknown("exercise", word, [*sorted(lessons), *EXERCISES], "--exercises"))
        found = [name for name in EXERCISES if name in words or name.partition(".")[0] in words]
    else:
        present = [own for own in hand_ins if own]
        times = Counter(name for own in present for name in frozenset().union(*(one.asked for one in own)))
        found = [name for name in EXERCISES if 2 * times[name] > len(present)]
    if not found:
        raise ValueError(
            "no exercise is in the hand-ins of more than half of the class; name what counts, such as "
            "--exercises 2"
        )
    return tuple(found)


def graded(
    student: Student,
    hand_ins: Sequence[HandIn],
    exercises: Sequence[str],
    others: Mapping[int, str],
    *,
    mistake: float = 0.5,
    weights: Mapping[str, float] | None = None,
) -> Paper:
    """Mark what a student handed in.

    Parameters
    ----------
    student
        From the roster.
    hand_ins
        The student's notebooks; of two with the same exercise the last one counts.
    exercises
        Those that count.
    others
        Students by seed.
    mistake
        Share of the points for a usual mistake. [0, 1]
    weights
        Points of an exercise; 1 where none are given.

    Returns
    -------
    The marks.
    """
    marks, remarks = {}, []
    for name in exercises:
        own = [one for one in hand_ins if name in one.asked]
        if len(own) > 1:
            remarks.append(f"{name} is in {len(own)} files; the last one counts: {shown(str(own[-1].path))}")
        weight = (weights or {}).get(name, 1.0)
        marks[name] = _mark(name, own[-1], student, weight, mistake) if own else Mark("not handed in")
    seeds = {kept.seed for one in hand_ins for kept in one.kept.values()} - {student.seed}
    remarks += [_other_seed(seed, student, others) for seed in sorted(seeds, key=str)]
    for state, what in (
        ("key called", "the code asks for the key"),
        ("edited", "the stored answer and the printed sentence do not belong together"),
        ("not stored", "an answer was checked, and none is stored; open it, or use --run"),
    ):
        names = [name for name, mark in marks.items() if mark.state == state]
        remarks += [f"{', '.join(names)}: {what}"] if names else []
    return Paper(student, tuple(_readable(one.path) for one in hand_ins), marks, tuple(remarks))


def _readable(path: PurePath) -> str:
    """A path that students chose, without signs that a file or a screen cannot hold."""
    return "".join(sign if sign.isprintable() else "?" for sign in path.as_posix())


def _other_seed(seed: int | None, student: Student, others: Mapping[int, str]) -> str:
    whose = f", that of {shown(others[seed])}" if seed is not None and seed in others else ""
    return f"answers are for seed {seed}{whose}, in place of {student.seed}"


def _mark(name: str, hand_in: HandIn, student: Student, weight: float, mistake: float) -> Mark:
    kept = hand_in.kept.get(name)
    if name in hand_in.keys:
        return Mark("key called")
    if kept is None:
        return Mark("open" if hand_in.verdicts.get(name, "open") == "open" else "not stored")
    if kept.seed != student.seed:
        return Mark("another seed")
    return _judged(name, kept, student.seed, weight, mistake)


def _judged(name: str, kept: Kept, seed: int, weight: float, mistake: float) -> Mark:
    # A stored null stands for an answer that could not be read, so anything unreadable judges it again.
    verdict = judge(name, "unreadable" if kept.answer is None else kept.answer, seed)
    if kept.said is not None and _SAID.get(verdict.state) != kept.said:
        return Mark("edited")
    if verdict.state == "right":
        return Mark("right", weight)
    if verdict.state == "idea":
        return Mark("mistake", weight * mistake, verdict.idea)
    return Mark("cannot be read" if verdict.state == "unreadable" else "not yet")
