"""Slides and printable handouts of the lessons: ``python run.py lessons --paper [--seed N | --roster FILE]``.

Both are made from the key notebooks, which are the only source of a lesson. Slides hold texts, figures and
tables of a lesson, without code and without solutions. A handout is one sheet for each student: the leak
matrix of the lesson's breach, and the exercises with the student's own numbers and answers to choose. Each
file stands alone and loads nothing.

Not here: the students' copies (student_copies.py) and the book (book.py).
"""

import argparse
import csv
import html
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

import breach_sim as bs
from breach_sim.apps import teaching
from breach_sim.apps.teaching.checking import offered
from breach_sim.catalog.faces.labels import label_of_field
from breach_sim.formatting.digits import human
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.plots.language.words import per_cent

ROOT = Path(__file__).resolve().parents[1]
LESSONS = ROOT / "notebooks" / "lessons"
TARGET = ROOT / "out" / "lessons"
EXERCISE = re.compile(r"^### Exercise (\d\.\d)( ★)?: (.+)$", re.MULTILINE)
NAME = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b|\b(?:ssn|imei|imsi|usd)\b")
MOST_STUDENTS = 500
Node = dict[str, Any]
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)


@dataclass
class Slide:
    """What is on a slide: the part of the lesson, words, what a cell showed, and whether it is a task."""

    part: str = ""
    words: Markup = field(default_factory=Markup)
    shown: Markup = field(default_factory=Markup)
    task: bool = False


@dataclass(frozen=True)
class Task:
    """An exercise on paper."""

    name: str
    title: str
    prompt: Markup
    given: list[str]
    choices: list[dict[str, str]]


def main(words: list[str]) -> int:
    """Write slides and handouts; return the exit status."""
    reader = argparse.ArgumentParser(prog="python run.py lessons --paper", description="slides and handouts")
    reader.add_argument("--out", type=Path, default=TARGET, metavar="DIR", help="folder (out/lessons)")
    who = reader.add_mutually_exclusive_group()
    who.add_argument("--seed", type=int, default=1, help="number of the handout (1)")
    who.add_argument(
        "--roster", type=Path, metavar="FILE.csv", help="columns student and seed: a sheet for each"
    )
    given = reader.parse_args(words)
    try:
        students = [("", given.seed)] if given.roster is None else read_students(given.roster)
        pages = made(students)
    except (ValueError, OSError) as error:
        print(f"lessons --paper: {error}", file=sys.stderr)
        return 2
    given.out.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (given.out / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{given.out / name}: {len(text) / 1e3:.0f} kB")
    return 0


def read_students(roster: Path) -> list[tuple[str, int]]:
    """Return names and seeds of a roster, as ``breach-sim lessons seeds`` writes it."""
    with roster.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if not rows or not {"student", "seed"} <= set(rows[0]):
        raise ValueError(
            f"{roster} needs the columns student and seed; `breach-sim lessons seeds` makes them"
        )
    if len(rows) > MOST_STUDENTS:
        raise ValueError(
            f"{roster} has {len(rows)} students; at most {MOST_STUDENTS} sheets are made at once"
        )
    bad = [row for row in rows if not re.fullmatch(r"\d{1,18}", (row["seed"] or "").strip())]
    if bad:
        raise ValueError(
            f"seed {bad[0]['seed']!r} of {bad[0]['student']!r} in {roster} is no whole number from 0 up"
        )
    return [(row["student"], int(row["seed"])) for row in rows]


def made(students: list[tuple[str, int]]) -> dict[str, str]:
    """Return all pages by their file name."""
    pages: dict[str, str] = {}
    for path in sorted(LESSONS.glob("lesson_*.ipynb")):
        number = path.stem.split("_")[1]
        lesson = nbformat.read(path, as_version=4)
        title = lesson["cells"][0]["source"].split("\n")[0].removeprefix("# ")
        deck = TEMPLATES.get_template("slides.html.j2").render(title=title, slides=slides(lesson["cells"]))
        tasks = {name: asked(lesson["cells"], name) for name in teaching.EXERCISES if name[0] == number}
        sheets = [
            {"name": name, "seed": seed, "tasks": [on_paper(task, seed) for task in tasks.values()]}
            for name, seed in students
        ]
        sheet = TEMPLATES.get_template("handout.html.j2").render(
            title=title, sheets=sheets, matrix=matrix(scenario_of(lesson["cells"])), foot=foot()
        )
        pages |= {f"lesson_{number}_slides.html": deck, f"lesson_{number}_handout.html": sheet}
    return pages


# Slides ---------------------------------------------------------------------------------------------------


def slides(cells: list[Node]) -> list[Slide]:
    """Return the slides of a lesson: a text with what the next cell showed, and each further output alone."""
    deck: list[Slide] = []
    part = ""
    for cell in cells:
        if cell["cell_type"] == "code":
            shown = shown_by(cell)
            if shown and deck and not deck[-1].shown and deck[-1].words:
                deck[-1].shown = shown
            elif shown:
                deck.append(Slide(part=part, shown=shown))
            continue
        for text in re.split(r"(?m)^(?=#{2,3} )", cell["source"]):
            if re.match(r"(?:Run the next cell|\s*$)", text):
                continue
            heading = re.match(r"## (.+)", text)
            part = heading[1].removesuffix(" ★") if heading else part
            body = re.sub(r"^## .+\n*", "", text)
            body = re.split(r"(?m)^\| part \|", body)[0]  # the plan is for the teacher
            if not body.strip():
                continue
            deck.append(Slide(part=part, words=as_html(body), task=bool(EXERCISE.match(text))))
    return deck


def shown_by(cell: Node) -> Markup:
    """Return figures, tables and printed text of a cell; verdicts on answers are none of them."""
    if "check(" in cell["source"]:
        return Markup()
    parts = []
    for output in cell["outputs"]:
        data = output.get("data", {})
        if "image/png" in data:
            alt = html.escape(output["metadata"].get("image/png", {}).get("alt", ""))
            parts.append(f'<img alt="{alt}" src="data:image/png;base64,{data["image/png"].strip()}">')
        elif "text/html" in data and "breach-sim-caption" not in data["text/html"]:
            table = re.sub(r"<style.*?</style>", "", data["text/html"], flags=re.DOTALL)
            parts.append(f'<div class="table" tabindex="0" role="region" aria-label="table">{table}</div>')
        elif output["output_type"] == "stream":
            parts.append(f"<pre>{html.escape(output['text'])}</pre>")
    return Markup("\n".join(parts))  # noqa: S704 - outputs of our own notebooks, texts escaped above


def as_html(text: str) -> Markup:
    """Return Markdown as HTML; folded hints stay folded."""
    return Markup(MarkdownIt("commonmark").enable("table").render(text))  # noqa: S704 - our own notebooks


# Handouts -------------------------------------------------------------------------------------------------


def asked(cells: list[Node], name: str) -> tuple[str, str, Markup]:
    """Return name, title and question of an exercise, as its lesson has them."""
    for cell in cells:
        heading = next((h for h in EXERCISE.finditer(cell["source"]) if h[1] == name), None)
        if heading is None or cell["cell_type"] != "markdown":
            continue
        after = re.split(r"<details>|\n## ", cell["source"][heading.end() :])[0].strip()
        before = re.split(r"^## .+$", cell["source"][: heading.start()], flags=re.MULTILINE)[-1].strip()
        question = re.sub(r"\s*Answer with a list of[^.]*\.", "", after or before)
        return name, heading[3], as_html(re.sub(r"`(\w+)`", lambda m: f"*{plain(m[1])}*", question))
    raise ValueError(f"no lesson has a heading '### Exercise {name}: ...'")


def on_paper(task: tuple[str, str, Markup], seed: int) -> Task:
    """Return an exercise with the numbers and choices of one student."""
    name, title, prompt = task
    choices = [{"letter": one.letter, "text": plain(one.text)} for one in offered(name, seed=seed)]
    return Task(name, title, prompt, given_lines(teaching.data(name, seed=seed)), choices)


def plain(text: str) -> str:
    """Return a text with labels in place of code names."""

    def label(match: re.Match[str]) -> str:
        name = match.group()
        if name in FIELD_NAMES:
            return label_of_field(name, short=True)
        verb, _, rest = name.partition("_")
        if rest in FIELD_NAMES:  # "protect_ssn"
            return f"{verb} {label_of_field(rest, short=True)}"
        return NAME.sub(label, name.replace("_", " ")) if "_" in name else name.upper()

    return NAME.sub(label, text)


def given_lines(data: dict[str, Any]) -> list[str]:
    """Return the data of an exercise in words: single values in one line, each table in its own."""
    single = [
        f"{plain(k)} {number(v)}" for k, v in data.items() if not isinstance(v, (dict, list)) and k != "row"
    ]
    lines = ["; ".join(single)] if single else []
    for key, value in data.items():
        if key == "routes":
            ways = {
                name: " or ".join(f"({' and '.join(map(plain, way))})" for way in routes)
                for name, routes in value.items()
            }
            lines += [f"{plain(name)} needs {text}" for name, text in ways.items()]
        elif isinstance(value, dict):
            pairs = [f"{plain(k)}: {number(v)}" for k, v in value.items()]
            lines.append(f"{plain(key)}. {'; '.join(pairs)}")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            lines += ["; ".join(f"{plain(k)} {number(v)}" for k, v in row.items()) for row in value]
        elif isinstance(value, list):
            lines.append(f"{plain(key)}: {', '.join(number(v) for v in value)}")
    return lines


def number(value: Any) -> str:
    """Return a value as it stands on paper."""
    if value is None:
        return "not taken"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(value) if isinstance(value, str) else f"{value:,.10g}"


def scenario_of(cells: list[Node]) -> str:
    """Return the breach that a lesson speaks of: the first that its code names."""
    code = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "code")
    named: list[str] = re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)*-20\d\d[a-z-]*)"', code)
    return named[0]


def matrix(name: str) -> dict[str, Any]:
    """Return the leak matrix of a breach as a table: shares of each segment that lost each field."""
    scenario = bs.load_scenario(name)
    leaked = {one for segment in scenario.segments for one in segment.fields}
    fields = [one for one in FIELD_NAMES if one in leaked]
    rows = []
    for segment in scenario.segments:
        shares: dict[str, float] = {}
        for leak in segment.leaks:
            for one in leak.fields:
                shares[one] = 1 - (1 - shares.get(one, 0.0)) * (1 - leak.coverage.central)
        texts = ["" if one not in shares else share_text(shares[one]) for one in fields]
        rows.append({"name": f"{segment.title}, {human(segment.accounts)}", "shares": texts})
    caption = f"What leaked: {scenario.title}. Share of each group's accounts that lost a field."
    return {"fields": [label_of_field(one, short=True) for one in fields], "rows": rows, "caption": caption}


def share_text(share: float) -> str:
    """Return a share in a cell: "all" for all."""
    return "all" if share == 1 else per_cent(share)


def foot() -> str:
    """Return the last line of a sheet."""
    return (
        "All people in it are made up. You may leave the lesson without a reason. "
        f'breach_sim {bs.__version__}; a letter is checked by check("2.3", "b", seed=SEED).'
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
