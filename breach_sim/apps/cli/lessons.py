"""The command ``breach-sim lessons``: seeds for a class, and the marks of what it hands in."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from breach_sim.apps.cli.options import Json, numbers_by
from breach_sim.apps.terminal.place import fitted
from breach_sim.formatting.display import plural
from breach_sim.formatting.messages import shown
from breach_sim.interop.export import check_ending, export

_MOST_LISTED = 12
Verb = Annotated[
    Literal["grade", "seeds"], typer.Argument(help="'grade' marks hand-ins; 'seeds' makes a roster.")
]
Place = Annotated[
    Path, typer.Argument(help="grade: folder of the hand-ins. seeds: CSV file of the class.", metavar="PLACE")
]


Roster = Annotated[
    Path | None, typer.Option(help="Columns student and seed, others are kept.", metavar="FILE.csv")
]
Salt = Annotated[
    Path | None,
    typer.Option(help="File with a text that no student knows; seeds follow from it.", metavar="FILE"),
]
Points = Annotated[
    list[str] | None,
    typer.Option(help="Points of an exercise, as in 2.3=2; default 1; repeatable.", metavar="EXERCISE=N"),
]
Counted = Annotated[
    str | None, typer.Option(help="What counts, as in 2 or 2.1,2.3; default: what most have.")
]
Canvas = Annotated[
    Path | None, typer.Option(help="A second file, for the gradebook of Canvas.", metavar="FILE.csv")
]
Run = Annotated[
    bool, typer.Option("--run", help="Run notebooks, in a process with limits. Read the guide first.")
]


def lessons(
    verb: Verb,
    place: Place,
    out: Annotated[Path, typer.Option(help="File for the marks, or for the roster.", metavar="FILE.csv")],
    roster: Roster = None,
    salt: Salt = None,
    run: Run = False,
    exercises: Counted = None,
    points: Points = None,
    mistake: Annotated[float, typer.Option(help="Share of the points for a usual mistake.")] = 0.5,
    canvas: Canvas = None,
    title: Annotated[str, typer.Option(help="Name of the assignment in Canvas.")] = "breach_sim lesson",
    as_json: Json = False,
) -> None:
    """Make seeds for a class, and mark the notebooks that it hands in.

    Example: breach-sim lessons grade hand-ins --roster seeds.csv --out marks.csv

    Answers are read as data and judged again from the seed of the roster. No
    code of a student runs without --run. The guide is docs/how-to/grade-a-class.md.
    """
    for path, option in ((out, "--out"), (canvas, "--canvas")):
        if path is not None:
            check_ending(path, option, (".csv", ".xlsx"))
    if canvas is not None and os.path.realpath(canvas) == os.path.realpath(out):
        raise ValueError(f"--out and --canvas both name {out}; give each a file of its own")
    if verb == "seeds":
        given = {"--roster": roster, "--canvas": canvas, "--exercises": exercises, "--points": points}
        _seeds(
            place, salt, out, [name for name, one in given.items() if one] + ["--run"] * run, as_json=as_json
        )
        return
    if roster is None:
        raise ValueError(
            "lessons grade needs --roster FILE.csv with the columns student and seed; "
            "breach-sim lessons seeds makes one"
        )
    rules = {"exercises": exercises, "mistake": mistake, "run": run}
    weights = numbers_by(points, "--points", "2.3=2", str, float)
    _grade(
        place,
        roster,
        salt,
        rules | {"weights": weights},
        {"out": out, "canvas": canvas, "title": title},
        as_json,
    )


def _seeds(place: Path, salt: Path | None, out: Path, wrong: list[str], *, as_json: bool) -> None:
    from breach_sim.apps.teaching.marks.roster import read_roster, read_salt
    from breach_sim.apps.teaching.marks.sheets import roster_table

    if wrong:
        raise ValueError(f"lessons seeds takes no {wrong[0]}; it belongs to lessons grade")
    if salt is None:
        raise ValueError("lessons seeds needs --salt FILE, a text file of yours that no student knows")
    students = read_roster(place, read_salt(salt))
    written = export(roster_table(students), out)
    if as_json:
        typer.echo(json.dumps({one.name: one.seed for one in students}, indent=2))
        return
    typer.echo(
        fitted(f"{plural(len(students), 'student')} in {written}; give each the number in column seed.")
    )


def _grade(
    place: Path,
    roster: Path,
    salt: Path | None,
    rules: dict[str, Any],
    out: dict[str, Any],
    as_json: bool,
) -> None:
    from breach_sim.apps.teaching.marks.roster import read_roster, read_salt
    from breach_sim.apps.teaching.marks.sheets import canvas_table, marks_table, summary
    from breach_sim.apps.teaching.marks.whole_class import Rules, class_marks

    secret = None if salt is None else read_salt(salt)
    how = Rules(**rules, salt=secret)
    students = read_roster(roster, secret)
    found = class_marks(place, students, how)
    for_canvas = (
        None if out["canvas"] is None else canvas_table(found, out["title"])
    )  # refused before writing
    written = [export(marks_table(found), out["out"])]
    if for_canvas is not None:
        written.append(export(for_canvas, out["canvas"]))
    about = summary(found)
    typer.echo(json.dumps(about, indent=2) if as_json else fitted(_as_text(about, written)))


def _as_text(about: dict[str, Any], written: list[Path]) -> str:
    """What a teacher reads after marking."""
    lines = [
        f"{plural(about['students'], 'student')}, {about['handed_in']} handed in. Mean of "
        f"all: {about['mean_points']:.2f} of {about['points_possible']:g} points.",
        "",
        "Answers by exercise",
    ]
    for name, states in about["exercises"].items():
        counts = [
            plural(times, "usual mistake") if state == "mistake" else f"{times} {state}"
            for state, times in states.items()
        ]
        lines.append(f"  {name}  {', '.join(counts)}")
    lines += ["", "What the class got wrong"]
    for one in about["mistakes"][:_MOST_LISTED]:
        lines.append(
            f"  {one['exercise']} {one['mistake']}: {plural(one['students'], 'student')}. {one['what']}"
        )
    more = len(about["mistakes"]) - _MOST_LISTED
    if more > 0:
        lines.append(f"  {plural(more, 'rarer mistake')} in {written[0]}")
    if not about["mistakes"]:
        lines.append("  no usual mistake")
    if about["look_at"]:
        lines += ["", "Look at these yourself"]
        lines += [f"  {shown(name)}: {'; '.join(said)}" for name, said in about["look_at"].items()]
    for title, key in (
        ("Nothing from", "nothing_from"),
        ("Files of nobody in the roster", "files_of_nobody"),
    ):
        if about[key]:
            lines += ["", f"{title}: {', '.join(map(str, about[key]))}"]
    lines += ["", *about["notes"], "Written: " + ", ".join(str(path) for path in written)]
    return "\n".join(lines)
