"""The marks of a class: every file to its student, every student to a paper."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from breach_sim.apps.teaching.checking import EXERCISES, judge
from breach_sim.apps.teaching.marks.grading import Paper, counted, graded
from breach_sim.apps.teaching.marks.notebooks import HandIn, Kept, files_in, read_notebook
from breach_sim.apps.teaching.marks.roster import Student, owner, seed_from
from breach_sim.apps.teaching.marks.running import kept_out, run
from breach_sim.formatting.messages import shown


@dataclass(frozen=True)
class Rules:
    """How a class is marked.

    Parameters
    ----------
    exercises
        Lessons and exercises that count, such as "2" or "2.1,2.3"; None for those that most have.
    mistake
        Share of the points for a usual mistake. [0, 1]
    weights
        Points by exercise; 1 where none are given. [0, inf)
    run
        Whether notebooks are run.
    salt
        The teacher's, or None.
    """

    exercises: str | None = None
    mistake: float = 0.5
    weights: Mapping[str, float] | None = None
    run: bool = False
    salt: bytes | None = None

    def __post_init__(self) -> None:
        """Refuse shares and points that cannot be meant."""
        if not 0 <= self.mistake <= 1:
            raise ValueError(f"--mistake is {self.mistake:g}; it must be a share from 0 to 1")
        for name, points in (self.weights or {}).items():
            if name not in EXERCISES or not 0 <= points < float("inf"):
                raise ValueError(
                    f"--points is {shown(f'{name}={points:g}')}; write an exercise and "
                    "points from 0 up, as in 2.3=2"
                )


@dataclass(frozen=True)
class ClassMarks:
    """The marks of a class.

    Parameters
    ----------
    papers
        One for each student, in the order of the roster.
    exercises
        Those that count.
    points
        Most points of each.
    strangers
        Files that belong to nobody in the roster, or to several.
    notes
        What concerns the whole class.
    """

    papers: tuple[Paper, ...]
    exercises: tuple[str, ...]
    points: Mapping[str, float]
    strangers: tuple[str, ...]
    notes: tuple[str, ...]


def class_marks(folder: Path, students: Sequence[Student], rules: Rules | None = None) -> ClassMarks:
    """Mark the hand-ins of a class.

    Parameters
    ----------
    folder
        Folder of the notebooks, and of folders with them.
    students
        The roster.
    rules
        How; by default without running anything.

    Returns
    -------
    The marks.

    Raises
    ------
    ValueError
        If the folder cannot be read, or it is not clear what counts.
    """
    how = rules or Rules()
    own: dict[str, list[HandIn]] = defaultdict(list)
    troubles: dict[str, list[str]] = defaultdict(list)
    strangers = []
    for path in files_in(folder):
        relative = path.relative_to(folder)
        whose = owner(relative, students)
        if whose is None:
            strangers.append(shown(str(relative)))
            continue
        try:
            own[whose.name].append(read_notebook(path, folder))
        except ValueError as trouble:
            troubles[whose.name].append(str(trouble))
    exercises = counted(how.exercises, [own[one.name] for one in students])
    others = {one.seed: one.name for one in students}
    papers = []
    for one in students:
        hand_ins, remarks = (
            (own[one.name], []) if not how.run else _run(own[one.name], one, exercises, how.salt)
        )
        paper = graded(one, hand_ins, exercises, others, mistake=how.mistake, weights=how.weights)
        papers.append(
            dataclasses.replace(paper, remarks=(*troubles[one.name], *paper.remarks, *remarks)),
        )
    points = {name: (how.weights or {}).get(name, 1.0) for name in exercises}
    return ClassMarks(tuple(papers), exercises, points, tuple(strangers), _notes(own, exercises, how))


def _notes(own: Mapping[str, Sequence[HandIn]], exercises: Sequence[str], how: Rules) -> tuple[str, ...]:
    notes = []
    also = {name for found in own.values() for one in found for name in one.asked} - set(exercises)
    if also and how.exercises is None:
        notes.append(
            f"not counted, because fewer than half of the class have a cell for it: {', '.join(sorted(also))}"
            "; name what counts with --exercises"
        )
    if how.run:
        notes.append(kept_out())
    return tuple(notes)


def _run(
    hand_ins: Sequence[HandIn], student: Student, exercises: Sequence[str], salt: bytes | None
) -> tuple[list[HandIn], list[str]]:
    """Fill in answers that are not stored; with a salt, ask again with other numbers."""
    found, remarks = [], []
    for one in hand_ins:
        missing = [name for name in exercises if name in one.asked and name not in one.kept]
        answers = run(one, student.seed) if missing else {}
        filled = {name: Kept(student.seed, answers[name], None) for name in missing if name in answers}
        if filled:
            remarks.append(f"{', '.join(filled)}: not stored; answered when the notebook was run")
        found.append(dataclasses.replace(one, kept={**one.kept, **filled}))
    if salt is not None:
        seed = seed_from(salt, student.name, "other numbers")
        for one in found:
            right = [n for n in exercises if n in one.kept and _right(n, one.kept[n].answer, student.seed)]
            answers = run(one, seed) if right else {}
            typed = [name for name in right if not _right(name, answers.get(name), seed)]
            if typed:
                remarks.append(
                    f"{', '.join(typed)}: right, but the code does not give the right answer for "
                    "other numbers"
                )
    return found, remarks


def _right(name: str, answer: object, seed: int) -> bool:
    return answer is not None and judge(name, answer, seed).state == "right"
