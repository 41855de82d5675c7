"""Marks as tables: one for a spreadsheet and Moodle, one for Canvas, and what the class got wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from breach_sim.apps.teaching.checking import EXERCISES
from breach_sim.apps.teaching.marks.grading import STATES
from breach_sim.apps.teaching.marks.roster import Student
from breach_sim.apps.teaching.marks.whole_class import ClassMarks

if TYPE_CHECKING:
    import pandas as pd

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
"""Columns of a gradebook of Canvas before the first assignment."""
_NEEDED = CANVAS[:2]


def ideas_of(exercises: Sequence[str]) -> list[tuple[str, str]]:
    """Usual mistakes of some exercises.

    Parameters
    ----------
    exercises
        Names.

    Returns
    -------
    Exercise and name of the mistake, in their order; "percent" for shares.
    """
    return [
        (name, idea)
        for name in exercises
        for idea in [
            *(one.name for one in EXERCISES[name].ideas),
            *(["percent"] if EXERCISES[name].kind == "share" else []),
        ]
    ]


def marks_table(marks: ClassMarks) -> pd.DataFrame:
    """All that is known, one row a student.

    Parameters
    ----------
    marks
        Of a class.

    Returns
    -------
    Columns of the roster; ``seed``; ``points`` and ``points possible``; for each exercise its points
    (``2.3``) and state (``2.3 state``); for each usual mistake 1 or 0 (``2.3 adding routes``); ``remarks``;
    ``files``.
    """
    import pandas as pd

    rows = []
    for paper in marks.papers:
        row: dict[str, Any] = {**paper.student.columns, "seed": paper.student.seed}
        row |= {"points": paper.total, "points possible": sum(marks.points.values())}
        for name, mark in paper.marks.items():
            row |= {name: mark.points, f"{name} state": mark.state}
        for name, idea in ideas_of(marks.exercises):
            row[f"{name} {idea}"] = int(paper.marks[name].idea == idea)
        rows.append(row | {"remarks": "; ".join(paper.remarks), "files": "; ".join(paper.files)})
    return _led_by(pd.DataFrame(rows))


def canvas_table(marks: ClassMarks, title: str) -> pd.DataFrame:
    """Marks for the gradebook of Canvas.

    Parameters
    ----------
    marks
        Of a class whose roster is a gradebook that Canvas exported, with a column ``seed`` added.
    title
        Of the assignment, with its number in brackets if it exists already.

    Returns
    -------
    Canvas's own columns and the total, below a row with the points that are possible.

    Raises
    ------
    ValueError
        If the roster has not the columns by which Canvas knows a student.
    """
    import pandas as pd

    heads = list(marks.papers[0].student.columns)
    lacking = [name for name in _NEEDED if name not in heads]
    if lacking:
        raise ValueError(
            f"--canvas needs the columns {', '.join(_NEEDED)} in the roster, and {', '.join(lacking)} is not "
            "there; export the gradebook from Canvas and add a column 'seed'"
        )
    own = [name for name in CANVAS if name in heads]
    head = {**dict.fromkeys(own, ""), "Student": "    Points Possible", title: sum(marks.points.values())}
    rows = [{name: p.student.columns[name] for name in own} | {title: p.total} for p in marks.papers]
    return _led_by(pd.DataFrame([head, *rows]))


def roster_table(students: Sequence[Student]) -> pd.DataFrame:
    """A roster with its seeds.

    Parameters
    ----------
    students
        Of a class.

    Returns
    -------
    The columns of the roster and ``seed``.
    """
    import pandas as pd

    return _led_by(pd.DataFrame([{**one.columns, "seed": one.seed} for one in students]))


def _led_by(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with its first column as the index: a file then has no column of row numbers."""
    return frame.set_index(frame.columns[0])


def summary(marks: ClassMarks) -> dict[str, Any]:
    """What the class got right and wrong.

    Parameters
    ----------
    marks
        Of a class.

    Returns
    -------
    Plain values: numbers of students, states by exercise, usual mistakes by how many made them (most first,
    with what to say about them), and students to look at.
    """
    states = {name: Counter(p.marks[name].state for p in marks.papers) for name in marks.exercises}
    made = Counter((n, p.marks[n].idea) for p in marks.papers for n in marks.exercises if p.marks[n].idea)
    said = {(name, one.name): one.message for name in marks.exercises for one in EXERCISES[name].ideas}
    per_cent = "The right number, but in percent: a share lies between 0 and 1."
    order = {pair: i for i, pair in enumerate(ideas_of(marks.exercises))}
    return {
        "students": len(marks.papers),
        "handed_in": sum(bool(p.files) for p in marks.papers),
        "points_possible": sum(marks.points.values()),
        "mean_points": sum(p.total for p in marks.papers) / len(marks.papers),
        "exercises": {n: {s: found[s] for s in STATES if found[s]} for n, found in states.items()},
        "mistakes": [
            {"exercise": name, "mistake": idea, "students": times, "what": said.get((name, idea), per_cent)}
            for (name, idea), times in sorted(made.items(), key=lambda one: (-one[1], order[one[0]]))
        ],
        "look_at": {p.student.name: list(p.remarks) for p in marks.papers if p.remarks},
        "nothing_from": [p.student.name for p in marks.papers if not p.files and not p.remarks],
        "files_of_nobody": list(marks.strangers),
        "notes": list(marks.notes),
    }
