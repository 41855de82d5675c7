"""What the fuzzer feeds: a door is a way into the package, and each opens with the number of an input.

A door returns "read" or the sentence by which the input is refused. Any other error is a fault of the
package, and so is what a reader accepted and a writer or a run cannot take.

Not here: the inputs themselves (``fuzz_inputs``), and limits and reports (``fuzz``).
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import re
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fuzz_inputs import (
    HIBP,
    ODD_TEXTS,
    OUTCOMES,
    OVERRIDES,
    RECORDS,
    REGISTERS,
    SCENARIO,
    TABLE,
    VERIS,
    as_bytes,
    as_csv,
    as_json,
    as_toml,
    as_xlsx,
    changed,
    odd,
    rows_of,
    special,
)

READ = "read"
RUN_EACH = 20
"""One in so many scenarios that were read is also run."""
SPECIAL = 0.03
"""Share of inputs that are no ordinary file."""
BROKEN = 0.12
"""Share of files of which bytes are changed, too."""
Made = tuple[Path, str]


class FaultError(Exception):
    """What a door did that it may not do."""


def _file(folder: Path, ending: str, content: str | bytes, rng: random.Random) -> Path:
    """Write an input, or put something else in its place."""
    if rng.random() < SPECIAL:
        return special(folder, ending, rng)
    raw = content.encode("utf-8", "replace") if isinstance(content, str) else content
    if rng.random() < BROKEN:
        raw = as_bytes(raw, rng)
    path = folder / f"input{ending}"
    path.write_bytes(raw)
    return path


def _checked(scenario: Any, rng: random.Random) -> None:
    """What was read can be written and read again, and run."""
    from breach_sim.catalog.scenarios import scenario_from
    from breach_sim.interop.scenario_file import to_toml

    try:
        text = to_toml(scenario)
    except ValueError as refusal:
        if "half a sign" in str(refusal):
            return
        raise FaultError(f"read, and not to be written: {refusal}") from refusal
    try:
        again = scenario_from(text, "written.toml")
    except ValueError as refusal:
        raise FaultError(f"read and written, and not to be read again: {refusal}") from refusal
    if [(one.name, one.accounts) for one in again.segments] != [
        (one.name, one.accounts) for one in scenario.segments
    ]:
        raise FaultError("another scenario is read again")
    if rng.randrange(RUN_EACH) == 0 and len(scenario.segments) < 20:
        import breach_sim as bs

        with contextlib.suppress(ValueError):
            bs.simulate(scenario, replicates=16)


def scenario(rng: random.Random, folder: Path) -> str:
    """Read a scenario file."""
    import breach_sim as bs

    found = bs.load_scenario(_file(folder, ".toml", as_toml(_for_toml(changed(SCENARIO, rng))), rng))
    _checked(found, rng)
    return READ


def _for_toml(tree: Any) -> Any:
    """A tree without what TOML has no sign for: other keys than texts, whole numbers that cannot be printed."""
    if isinstance(tree, dict):
        return {str(key): _for_toml(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_for_toml(value) for value in tree]
    if isinstance(tree, int) and not isinstance(tree, bool) and tree.bit_length() > 14_000:
        return 10**4000
    return tree


def overrides(rng: random.Random, folder: Path) -> str:
    """Read a file of one's own numbers."""
    import breach_sim as bs

    path = _file(folder, ".toml", as_toml(_for_toml(changed(OVERRIDES, rng))), rng)
    _checked(bs.with_overrides("tmobile-2021-stated", path), rng)
    return READ


def _imported(found: Any, rng: random.Random) -> str:
    found.to_json()
    found.account()
    for one in list(found)[:3]:
        _checked(one, rng)
    return READ


def hibp(rng: random.Random, folder: Path) -> str:
    """Import a list of Have I Been Pwned."""
    import breach_sim as bs

    tree = changed(HIBP if rng.random() < 0.6 else HIBP[0], rng)
    return _imported(bs.from_hibp(_file(folder, ".json", as_json(tree, rng), rng)), rng)


def veris(rng: random.Random, folder: Path) -> str:
    """Import incidents of VERIS."""
    import breach_sim as bs

    tree = changed(VERIS if rng.random() < 0.6 else VERIS[0], rng)
    return _imported(bs.from_veris(_file(folder, ".json", as_json(tree, rng), rng)), rng)


def table_csv(rng: random.Random, folder: Path) -> str:
    """Import a table as CSV."""
    import breach_sim as bs

    path = _file(folder, rng.choice([".csv", ".tsv", ".txt"]), as_csv(rows_of(TABLE, rng), rng), rng)
    return _imported(bs.from_table(path), rng)


def table_xlsx(rng: random.Random, folder: Path) -> str:
    """Import a workbook."""
    import breach_sim as bs

    path = _file(folder, ".xlsx", as_xlsx(rows_of(TABLE, rng), rng), rng)
    return _imported(bs.from_table(path), rng)


def register(rng: random.Random, folder: Path) -> str:
    """Import an official list."""
    import breach_sim as bs

    rows = rows_of(rng.choice(REGISTERS), rng)
    if rng.random() < 0.2:
        path = _file(folder, ".xlsx", as_xlsx(rows, rng), rng)
    else:
        path = _file(folder, ".csv", as_csv(rows, rng), rng)
    return _imported(bs.from_register(path), rng)


def outcomes(rng: random.Random, folder: Path) -> str:
    """Read published amounts."""
    from breach_sim.catalog.amounts.outcomes import ignored_columns, read_amounts

    path = _file(folder, ".csv", as_csv(rows_of(OUTCOMES, rng), rng), rng)
    read_amounts(path)
    ignored_columns(path)
    return READ


def exposure(rng: random.Random, folder: Path) -> str:
    """Count the leaked fields of records in a file."""
    import breach_sim as bs

    rows = rows_of(RECORDS, rng)
    ending = rng.choice([".csv", ".jsonl", ".parquet"])
    path = _file(folder, ending, _records(rows, ending, rng), rng)
    columns = rng.choice(
        [None, None, {"ssn": "ssn"}, {"full_name": "full_name"}, {str(odd(rng)): "ssn"}, {"ssn": odd(rng)}]
    )
    given: dict[str, Any] = rng.choice([{}, {}, {"segment": "kind"}, {"segment": str(odd(rng))}, {"mask": "ssn"},
                                        {"kinds": odd(rng)}, {"unique": "ssn"}, {"missing": ["x"]}, {"as_flags": True}])  # fmt: skip
    try:
        found = bs.expose_records(path, columns, **given)
    except TypeError as wrong:  # arguments in Python of another type
        if "must be" not in str(wrong) and "cannot be read" not in str(wrong):
            raise
        return str(wrong)
    _checked(found.scenario, rng)
    return READ


def _records(rows: list[list[Any]], ending: str, rng: random.Random) -> str | bytes:
    """Records as text or Parquet, with values of other types at times."""
    if ending == ".csv":
        return as_csv(rows, rng)
    heads = [str(one) for one in rows[0]]
    if ending == ".jsonl":
        return as_json([dict(zip(heads, row, strict=False)) for row in rows[1:]], rng).replace("},", "}\n")
    import pyarrow as pa
    from pyarrow import parquet

    columns = {}
    for number, head in enumerate(heads):
        cells = [str(row[number]) if number < len(row) else None for row in rows[1:]]
        columns[head] = rng.choice([
            pa.array(cells),
            pa.array(cells),
            pa.array(cells),
            pa.array([number] * len(cells)),
            pa.array([2**30] * len(cells), pa.date32()),
            pa.array([-(2**62)] * len(cells), pa.timestamp("us")),
            pa.array([[1]] * len(cells)),
            pa.array([{"a": 1}] * len(cells)),
            pa.array([b"\xff\xfe"] * len(cells)),
            pa.array([None] * len(cells), pa.null()),
            pa.array([True] * len(cells)),
            pa.array([float("nan")] * len(cells)),
        ])  # fmt: skip
    out = io.BytesIO()
    parquet.write_table(pa.table(columns), out)
    return out.getvalue()


@cache
def _commands() -> Mapping[str, Any]:
    import typer.main

    from breach_sim.apps.cli import main as cli

    made = typer.main.get_command(cli.app)
    typer.main.get_command = lambda _: made  # made once: it takes longer than most commands
    return dict(made.commands)  # type: ignore[attr-defined]


SLOW = frozenset(
    {"report", "adviser", "generate", "league", "backtest", "seal", "score", "attribute", "page"}
)
"""Commands that compute for long; they get at least one option that they refuse."""


def command_line(rng: random.Random, folder: Path) -> str:
    """Run a command with good and odd words."""
    words = _words(rng, folder)
    case = {"trade": "telecom", "fields": ["ssn"], "circumstances": []}
    entry = as_json(changed([case], rng), rng).encode("utf-8", "replace")
    before = Path.cwd()
    os.chdir(folder)
    try:
        code, out, err = _say(words, entry)
    finally:
        os.chdir(before)
    if code == 70:
        kept = re.search(r"\S+breach-sim-fault-\S+\.txt", err)
        trace = Path(kept.group()).read_text() if kept else ""
        raise FaultError(f"{words!r:.400}: {err.strip()} {trace[-600:]}")
    if code == 2:
        if out.strip():
            raise FaultError(f"{words!r:.400}: refused, and printed {out[:100]!r}")
        lines = [line for line in err.splitlines() if line.startswith("breach-sim: ")]
        return lines[-1] if lines else err
    if code not in (0, 1, 130):
        raise FaultError(f"{words!r:.400}: exit code {code}: {err[:300]}")
    if re.search(r"[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]|\x1b[^\[]", out):
        raise FaultError(f"{words!r:.400}: control characters are printed")
    return READ


def _say(words: list[str], entry: bytes) -> tuple[Any, str, str]:
    from breach_sim.apps.cli import main as cli

    _commands()
    out, err, code = io.StringIO(), io.StringIO(), 0
    argv, sys.argv = sys.argv, ["breach-sim", *words]
    entered, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(entry))
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                cli.main()
            except SystemExit as stop:
                code = stop.code  # type: ignore[assignment]
    finally:
        sys.argv, sys.stdin = argv, entered
    return code, out.getvalue(), err.getvalue()


def _words(rng: random.Random, folder: Path) -> list[str]:
    """Words of a command line: a command, its arguments, and some of its options."""
    name = rng.choice(sorted(_commands()))
    command = _commands()[name]
    (folder / "mine.toml").write_text(as_toml(SCENARIO), encoding="utf-8")
    (folder / "odd.toml").write_text(as_toml(_for_toml(changed(SCENARIO, rng))), encoding="utf-8")
    (folder / "own.toml").write_text(as_toml(OVERRIDES), encoding="utf-8")
    (folder / "list.json").write_text(as_json(HIBP, rng), encoding="utf-8")
    words, options = [name], []
    for param in command.params:
        if param.param_type_name == "argument":
            words += [_word(param, rng) for _ in range(rng.choice([1, 1, 1, 2, 0]))]
        elif param.name != "help" and rng.random() < 2.5 / max(len(command.params), 3):
            option = rng.choice(param.opts)
            options += [option] if param.is_flag else [option, _word(param, rng)]
    if any("--replicates" in param.opts for param in command.params):
        options += ["--replicates", rng.choice(["16", "16", "16", "16", "0", "x", "-5", "1e9"])]
    if name in SLOW:
        options += rng.choice(
            [["--seed", "x"], ["--nonsense"], ["--out", str(folder)], ["--out", "mine.toml"]]
        )
    return words + options


def _word(param: Any, rng: random.Random) -> str:
    good = {
        "scenario": ["mine.toml", "mine.toml", "tmobile-2021-stated", "odd.toml"],
        "path": ["list.json", "mine.toml", "odd.toml"],
        "form": ["hibp", "veris", "table", "register"],
        "out": ["out.html", "out.csv", "outdir", "mine.toml", "out.json", "a/b/out.md", "own.toml"],
        "own": ["own.toml", "odd.toml"],
        "harm": ["sim_swap", "any"],
        "mitigations": ["credit-freeze", "drop-ssn"],
    }.get(param.name, [])
    odd_words = [text for text in ODD_TEXTS if "\x00" not in text and len(text) < 50_000]
    if good and rng.random() < 0.7:
        return rng.choice(good)
    if rng.random() < 0.3:
        return rng.choice(
            ["1", "2", "0.5", "mine.toml", "tmobile-2021-stated", "2024-03-01", "A=1", "US", "csv"]
        )
    return rng.choice(odd_words)


@cache
def _explorer() -> Any:
    import breach_sim as bs
    from breach_sim.apps.explorer.answering import Explorer

    name = "tmobile-2021-stated"
    return Explorer(bs.load_scenario(name), name, replicates=16, quick=16)


def explore(rng: random.Random, folder: Path) -> str:
    """Give values to the controls of the panel, by request, by address, or from Python."""
    from breach_sim.apps.explorer.addresses import read_address
    from breach_sim.apps.explorer.panel_inputs import PanelInputs

    del folder
    panel = _explorer()
    names = [*panel.controls, "nonsense"]
    values = {rng.choice(names): odd(rng) for _ in range(rng.choice([1, 1, 2, 4]))}
    way = rng.random()
    if way < 0.5:
        panel.result(values, settled=False)
        return READ
    if way < 0.75:
        address = "?" + "&".join(f"{name}={value}"[:2000] for name, value in values.items())
        _, problems = read_address(address, panel.controls)
        return rng.choice(problems) if problems else READ  # a page shows each by itself
    parts: dict[str, Any] = {
        "sizes": {"prepaid": odd(rng)},
        "leaked": {
            rng.choice(["prepaid", "x"]): rng.choice([odd(rng), frozenset({"ssn"}), [1], ["ssn", "ssn"]])
        },
        "days": {rng.choice([0, 1, "x", -1]): odd(rng)},
        "day_zero": odd(rng),
        "ssn": odd(rng),
        "uplift": odd(rng),
        "release": odd(rng),
        "mitigations": (odd(rng),),
        "horizon_years": odd(rng),
        "seed": odd(rng),
    }
    chosen = {name: parts[name] for name in rng.sample(sorted(parts), rng.choice([1, 1, 2]))}
    inputs = PanelInputs(scenario=panel.scenario, **chosen)
    try:
        inputs.breach()
        inputs.attacks()
    except TypeError as wrong:  # code that gives another type gets a sentence, too
        if "must be" not in str(wrong):
            raise
        return str(wrong)
    return READ


class _Raising:
    """An answer whose every look at it raises."""

    def __init__(self, error: type[BaseException]) -> None:
        self.error = error

    def __getattribute__(self, name: str) -> Any:
        if name in ("error", "__class__"):
            return object.__getattribute__(self, name)
        raise self.error(name)

    def __repr__(self) -> str:
        raise self.error("x")

    __float__ = __len__ = __iter__ = __eq__ = __bool__ = __hash__ = __str__ = __repr__  # type: ignore[assignment]


def lessons(rng: random.Random, folder: Path) -> str:
    """Give an answer to an exercise."""
    from breach_sim.apps import teaching

    del folder
    name = rng.choice([*teaching.EXERCISES, "9.9", odd(rng)])
    answer = rng.choice([
        odd(rng), odd(rng), {odd_key(rng): odd(rng)}, [odd(rng)] * 3, {"ssn", "full_name"}, [["ssn"], ["x"]],
        _Raising(ValueError), _Raising(RecursionError), _Raising(SystemExit), float, b"x", 1j, range(10**9),
    ])  # fmt: skip
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        teaching.check(name, answer, seed=rng.choice([1, 1, 7, odd(rng)]))
    said = out.getvalue()
    if not said.strip() or "Traceback" in said or len(said) > 1_000:
        raise FaultError(f"check({name!r:.60}, {type(answer).__name__}) prints {said[:100]!r}")
    return READ if re.match(r"[\d.]+ (right|correct)", said) else " ".join(said.split())


def odd_key(rng: random.Random) -> Any:
    """A key that a set or table can hold."""
    value = odd(rng)
    return value if isinstance(value, (str, int, float)) else "key"


@cache
def _hand_in() -> Any:
    from breach_sim.apps import teaching
    from breach_sim.apps.teaching.keeping import MIME, answer_record

    def cell(name: str) -> dict[str, Any]:
        record = answer_record(teaching.EXERCISES[name], 0.5, 7)
        kept = {"output_type": "display_data", "metadata": {}, "data": {MIME: record, "text/plain": "kept"}}
        return {
            "cell_type": "code",
            "id": f"c{name}",
            "metadata": {},
            "source": f'check("{name}", answer, seed=SEED, keep=True)',
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": "x"},
                *([kept] if record else []),
            ],
            "execution_count": 1,
        }

    first = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "source": "SEED = 7",
        "outputs": [],
        "execution_count": 1,
    }
    return {"cells": [first, cell("2.1"), cell("2.2")], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def notebooks(rng: random.Random, folder: Path) -> str:
    """Mark a notebook that a student handed in, without running it."""
    from breach_sim.apps.teaching.marks.roster import Student
    from breach_sim.apps.teaching.marks.whole_class import Rules, class_marks

    place = folder / "hand-ins"
    place.mkdir()
    made = _file(place, ".ipynb", as_json(changed(_hand_in(), rng), rng), rng)
    if len(made.name) < 200 and "\x00" not in made.name and made.is_file() and made.parent == place:
        made.rename(place / "ada.ipynb")
    found = class_marks(place, [Student("ada", 7, {"student": "ada"})], Rules(exercises="2.1,2.2"))
    remarks = [remark for paper in found.papers for remark in paper.remarks]
    return " ".join(remarks) or READ


DOORS: Mapping[str, Callable[[random.Random, Path], str]] = {
    "scenario": scenario,
    "overrides": overrides,
    "hibp": hibp,
    "veris": veris,
    "table_csv": table_csv,
    "table_xlsx": table_xlsx,
    "register": register,
    "outcomes": outcomes,
    "exposure": exposure,
    "command_line": command_line,
    "explore": explore,
    "lessons": lessons,
    "notebooks": notebooks,
}
"""Every door by its name."""
FILES = frozenset(DOORS) - {"command_line", "explore", "lessons", "notebooks"}
"""Doors whose refusals name a file."""


def opened(door: str, number: int, seed: int, folder: Path) -> str:
    """Open a door with an input; return READ or the sentence of the refusal, or raise."""
    rng = random.Random(f"{seed} {door} {number}")
    try:
        return DOORS[door](rng, folder)
    except ValueError as refusal:
        own = type(refusal) is ValueError or type(refusal).__module__.startswith("breach_sim")
        if not own:
            raise
        return str(refusal)
