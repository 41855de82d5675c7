"""Laws of the fuzzer: a sample of its inputs, and what it finds in a door that is broken on purpose."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import breach_sim as bs

ROOT = Path(__file__).resolve().parents[1]
FEW = 500
"""Inputs in every run of the tests, of all doors in turn."""
ALL = 20_000
"""Inputs of the slow run."""


@pytest.fixture(scope="module")
def doors() -> ModuleType:
    """The doors, as the program loads them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        import fuzz_doors

    return fuzz_doors


@pytest.fixture(scope="module")
def judge(doors: ModuleType) -> ModuleType:
    """The program, which asks the doors for their names."""
    assert doors.DOORS
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        import fuzz

    return fuzz


def test_five_hundred_inputs_end_in_an_answer_or_a_sentence(
    doors: ModuleType, judge: ModuleType, tmp_path: Path
) -> None:
    """No traceback, no sentence of several lines or over 600 letters; a refusal of a file names the file."""
    names = list(doors.DOORS)
    wrong = []
    for number in range(FEW):
        door, own = names[number % len(names)], number // len(names)
        folder = tmp_path / f"{number}"
        folder.mkdir()
        try:
            said = doors.opened(door, own, 7, folder)
        except Exception as fault:  # noqa: BLE001 - the law is that there is none
            wrong.append(f"{door} {own}: {type(fault).__name__}: {fault}"[:300])
            continue
        if said != doors.READ:
            found = judge.judged(door, said)
            lacking = [part for part in ("file", "whole", "short", "plain") if not found.get(part, True)]
            wrong += [f"{door} {own} lacks {lacking}: {said[:200]!r}"] if lacking else []
    assert [] == wrong


def test_the_same_number_gives_the_same_input(doors: ModuleType, tmp_path: Path) -> None:
    """An input is made again from its door, its number and the seed."""
    said = []
    for turn in "ab":
        folder = tmp_path / "same"
        folder.mkdir()
        said.append(doors.opened("hibp", 6, 7, folder))
        folder.rename(tmp_path / turn)
    assert said[0] == said[1]
    made = [sorted((tmp_path / turn).rglob("*")) for turn in "ab"]
    assert [path.read_bytes() for path in made[0]] == [path.read_bytes() for path in made[1]]


@pytest.mark.parametrize(
    "fault", [KeyError("x"), RecursionError("x"), UnicodeDecodeError("utf-8", b"", 0, 1, "x")]
)
def test_a_door_that_breaks_is_found(
    fault: Exception, doors: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that is no sentence of the package leaves the door as it is."""

    def broken(*_: object) -> str:
        raise fault

    monkeypatch.setitem(doors.DOORS, "hibp", broken)
    with pytest.raises(type(fault)):
        doors.opened("hibp", 0, 1, tmp_path)


def test_a_poor_sentence_is_found(judge: ModuleType) -> None:
    """The judge misses what a sentence does not say, and passes one that says all."""
    good = "input.toml, segments.a: accounts is -5; it must be a whole number from 1 to 10**13"
    assert all(judge.judged("scenario", good).values())
    assert {"file", "place", "value", "rule", "remedy"} <= {
        part for part, has in judge.judged("scenario", "oh").items() if not has
    }
    assert not judge.judged("scenario", "a\nb")["whole"]
    assert not judge.judged("scenario", f"{good}{' or more' * 100}")["short"]
    assert not judge.judged("scenario", "a\x1b[2J")["plain"]


@pytest.mark.parametrize(
    ("door", "said", "lacks"),
    [
        ("scenario", "segments.a: accounts is -5; it must be a whole number", "file"),
        ("scenario", "input.toml: -5; it must be above 0", "place"),
        ("table_csv", "input.csv: wrong number", "place"),
        ("command_line", "breach-sim: unknown word 'x'", "place"),
        ("explore", "it must be true or false", "place"),
        ("scenario", "input.toml, segments.a: accounts must be positive; correct it", "value"),
        ("explore", "this control must be true or false", "value"),
        ("scenario", "input.toml, segments.a: accounts is -5; change it", "rule"),
        ("records", "input.csv, column 'ssn': 'x' was found; change it", "rule"),
        ("command_line", "breach-sim: --seed is 'x'", "rule"),
        ("scenario", "input.toml, segments.a: accounts is -5 and no whole number", "remedy"),
        ("command_line", "breach-sim: --seed is 'x' and not a number", "remedy"),
    ],
)
def test_what_a_sentence_lacks_is_found(door: str, said: str, lacks: str, judge: ModuleType) -> None:
    """A sentence that lacks one part is no good one because it has the others."""
    assert not judge.judged(door, said)[lacks]


@pytest.mark.usefixtures("doors")
def test_what_the_fuzzer_changes_is_good_before(tmp_path: Path) -> None:
    """The scenario and the numbers without a change are read: otherwise every change is refused alike."""
    inputs = sys.modules["fuzz_inputs"]
    for name in ("SCENARIO", "OVERRIDES"):
        (tmp_path / f"{name}.toml").write_text(inputs.as_toml(getattr(inputs, name)), encoding="utf-8")
    assert "fuzzed" == bs.load_scenario(tmp_path / "SCENARIO.toml").name
    assert bs.with_overrides("tmobile-2021-stated", tmp_path / "OVERRIDES.toml").overrides.lines
    (tmp_path / "list.json").write_text(inputs.json.dumps(inputs.HIBP), encoding="utf-8")
    (tmp_path / "incidents.json").write_text(inputs.json.dumps(inputs.VERIS), encoding="utf-8")
    assert 2 == len(list(bs.from_hibp(tmp_path / "list.json")))
    assert 2 == len(list(bs.from_veris(tmp_path / "incidents.json")))
    for table, reader in [
        (inputs.TABLE, bs.from_table),
        *((one, bs.from_register) for one in inputs.REGISTERS),
    ]:
        (tmp_path / "table.csv").write_text(inputs.as_csv(table, random.Random(1)), encoding="utf-8")
        assert list(reader(tmp_path / "table.csv"))


@pytest.mark.usefixtures("doors")
def test_a_number_near_a_huge_one_is_made() -> None:
    """A whole number of 4,001 digits has a neighbor, whatever the factor."""
    near = sys.modules["fuzz_inputs"].near
    made = {near(10**4000, random.Random(seed)) for seed in range(40)}
    assert {0, -(10**4000), 2 * 10**4000} <= made


@pytest.mark.slow
def test_twenty_thousand_inputs_end_in_an_answer_or_a_sentence() -> None:
    """No input passes 10 s of processor time or 1 GB, and none ends in anything else."""
    command = [sys.executable, "tools/fuzz.py", "--inputs", str(ALL), "--seed", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert 0 == done.returncode, done.stdout[-3000:]
