"""The core alone, and each extra alone: what `python run.py core` tries in environments made for it.

Only the core's dependencies and pytest are needed. Where an extra is missing, its tests ask for the sentence
that names it; where it is installed, they ask for what it promises.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from faker import Faker
from support.command_line import refused, say
from support.figure_inputs import FIGURES, SCENARIO, drawings

import breach_sim as bs
from breach_sim import plots
from breach_sim.apps.teaching import EXERCISES, check, data, judge, key
from breach_sim.formatting.extras import EXTRAS, MissingExtraError, installed, require
from breach_sim.interop.export import export
from breach_sim.population import Population
from breach_sim.population.dataset import write
from breach_sim.population.dataset.workers import cluster_client
from breach_sim.population.provider import SubscriberProvider

ROOT = Path(__file__).resolve().parents[1]
core = pytest.mark.core


@pytest.fixture(scope="module")
def impact() -> bs.Impact:
    """A small run."""
    return bs.simulate(SCENARIO, replicates=40, seed=1)


@pytest.fixture
def people() -> Population:
    """Subscribers of the same breach."""
    return Population(bs.load_scenario(SCENARIO), 1)


# What the core does --------------------------------------------------------------------------------------


@core
def test_every_public_name_loads() -> None:
    """Every public name of the package can be asked for."""
    assert [name for name in bs.__all__ if getattr(bs, name) is None] == []


@core
def test_faker_gives_subscribers() -> None:
    """``fake.subscriber()`` gives a whole record, marked as synthetic; one seed, one person."""
    records = []
    for _ in range(2):
        fake = Faker()
        fake.add_provider(SubscriberProvider)
        fake.seed_instance(7)
        records.append(fake.subscriber())
    assert records[0] == records[1]
    assert records[0]["synthetic"] is True
    assert records[0]["ssn"]


@core
def test_a_frame_of_a_thousand_subscribers(people: Population) -> None:
    """A frame of a thousand rows has the records, dates as dates and numbers as numbers."""
    frame = people.sample(1_000)
    assert len(frame) == 1_000
    assert frame["synthetic"].all()
    kinds = [str(frame[name].dtype) for name in ("person_id", "leaked_fields", "opened_on", "synthetic")]
    assert kinds == ["int64", "uint64", "datetime64[ms]", "bool"]
    row = int(frame.index[3])
    for name, value in people[row].items():
        shown: Any = frame.loc[row, name]
        stored = pd.Timestamp(value) if isinstance(value, date) else value
        assert pd.isna(shown) if value is None else shown == stored


@core
def test_a_run_and_its_questions(impact: bs.Impact) -> None:
    """A run, its sensitivity, a comparison, one person, a card, and the drafts of forms are answered."""
    assert len(impact.quantiles())
    assert len(bs.sensitivity(impact, base=64)) > 1
    assert len(bs.compare(impact, bs.mitigation_names()[0]).table())
    assert bs.follow(SCENARIO, 5, impact=impact).sentences()
    assert bs.card(impact).to_html()
    assert bs.forms(impact)


@core
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_drawn(impact: bs.Impact, name: str, tmp_path: Path) -> None:
    """Every figure of the register is drawn, and written as PNG."""
    path = tmp_path / "figure.png"
    plots.save(drawings(impact)[name](), path)
    plt.close("all")
    assert path.read_bytes().startswith(b"\x89PNG")


@core
def test_one_core_needs_no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """On one core, as in a browser, no thread is started, and the numbers are the same."""
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    monkeypatch.setattr(threading.Thread, "start", lambda _self: pytest.fail("a thread was started"))
    alone = bs.simulate(SCENARIO, replicates=4_200, seed=1)
    timeline = alone.timeline()
    monkeypatch.undo()
    again = bs.simulate(SCENARIO, replicates=4_200, seed=1)
    pd.testing.assert_frame_equal(again.timeline(), timeline)


@core
@pytest.mark.parametrize("exercise", EXERCISES)
def test_exercises_are_checked(exercise: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each exercise gives data, finds its key right, and says something about a wrong answer."""
    assert data(exercise, seed=3) is not None
    assert judge(exercise, key(exercise, seed=3), seed=3).state == "right"
    check(exercise, None, seed=3)
    assert capsys.readouterr().out


@core
@pytest.mark.parametrize(
    ("words", "suffix"),
    [
        (("run", SCENARIO, "--replicates", 20), ""),
        (("card", SCENARIO, "--replicates", 20), "card.html"),
        (("page", SCENARIO), "page.html"),
        (("generate", SCENARIO, "--rows", 1000, "--sink", "count"), None),
        (("validate", SCENARIO), None),
    ],
)
def test_commands_of_the_core(words: tuple[Any, ...], suffix: str | None, tmp_path: Path) -> None:
    """Commands that need no extra succeed, and write what they were asked for."""
    place = () if suffix is None else ("--out", tmp_path / "made" / suffix)
    said = say(*words, *place)
    assert (said.code, said.err if words[0] != "generate" else "") == (0, "")
    assert suffix is None or any(tmp_path.rglob("*"))


# What the extras do, and what is said without them -------------------------------------------------------


def promised_people(folder: Path) -> None:
    """A block, a digest, and files from all cores."""
    few = Population(bs.load_scenario(SCENARIO), 1, rows=1_000)
    assert few.block(0).num_rows == 1_000
    assert len(write(few, sink="hash").digest) == 64
    assert sum(few.to_parquet(folder / "people").rows.values()) == 1_000


def promised_files(folder: Path) -> None:
    """Rows counted from a frame and from files; Excel and Parquet written and read."""
    rows = pd.DataFrame({"ssn": ["900-00-0001", None], "phone": ["212-055-0100", "212-055-0101"]})
    columns = {"ssn": "ssn", "phone": "phone_number"}
    rows.to_csv(folder / "rows.csv", index=False)
    rows.to_parquet(folder / "rows.parquet")
    for table in (rows, folder / "rows.csv", folder / "rows.parquet"):
        assert bs.expose_records(table, columns).accounts.sum() == 2
    table = bs.tornado(bs.simulate(SCENARIO, replicates=20, seed=1)).reset_index()
    assert len(pd.read_excel(export(table, folder / "table.xlsx"))) == len(table)
    assert len(pd.read_parquet(export(table, folder / "table.parquet"))) == len(table)


def promised_report(folder: Path) -> None:
    """A page made of the notebook of a report."""
    assert "<html" in bs.report(SCENARIO, folder / "report.html", replicates=20).read_text("utf-8")


def promised_explore(_folder: Path) -> None:
    """A panel with its controls."""
    assert "text/plain" in str(bs.explore(SCENARIO, replicates=20)._repr_mimebundle_())


def promised_dask(_folder: Path) -> None:
    """A digest from a cluster equals that of this machine."""
    from distributed import LocalCluster

    few = Population(bs.load_scenario(SCENARIO), 1, rows=1_000)
    with LocalCluster(n_workers=1, processes=False, dashboard_address=":0") as cluster:
        client = cluster_client(cluster.scheduler_address)
        assert write(few, sink="hash", client=client).digest == write(few, sink="hash").digest
        client.close()


PROMISES: dict[str, Callable[[Path], None]] = {
    "people": promised_people,
    "files": promised_files,
    "report": promised_report,
    "explore": promised_explore,
    "dask": promised_dask,
}
ASKED: dict[str, tuple[Callable[[Path], Any], ...]] = {
    "people": (
        lambda _: Population(bs.load_scenario(SCENARIO), 1).block(0),
        lambda _: Population(bs.load_scenario(SCENARIO), 1).schema(),
        lambda _: Population(bs.load_scenario(SCENARIO), 1).head(200_000),
        lambda folder: Population(bs.load_scenario(SCENARIO), 1, rows=9).to_csv(folder / "people"),
    ),
    "files": (
        lambda _: bs.expose_records(pd.DataFrame({"ssn": ["900-00-0001"]}), {"ssn": "ssn"}),
        lambda folder: export(pd.DataFrame({"a": [1]}), folder / "a.xlsx"),
        lambda folder: export(pd.DataFrame({"a": [1]}), folder / "a.parquet"),
        lambda folder: bs.from_table(_bytes(folder / "a.xlsx", b"PK\x03\x04")),
    ),
    "report": (lambda folder: bs.report(SCENARIO, folder / "r.html", replicates=5),),
    "explore": (lambda _: bs.explore(SCENARIO, replicates=5),),
    "dask": (lambda _: cluster_client("tcp://127.0.0.1:9"),),
}
CASES = [(extra, number) for extra, asked in ASKED.items() for number in range(len(asked))]


def _bytes(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def has(extra: str) -> bool:
    """Return whether all modules of an extra are installed."""
    return all(installed(name) for name in EXTRAS[extra])


def test_every_extra_is_tried() -> None:
    """Each extra has a promise and a call that is refused without it."""
    assert set(PROMISES) == set(ASKED) == set(EXTRAS)


@core
@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_does_what_it_promises(extra: str, tmp_path: Path) -> None:
    """What is installed works, with nothing but the core beside it."""
    if not has(extra):
        pytest.skip(f"the extra {extra} is not installed")
    PROMISES[extra](tmp_path)


@core
@pytest.mark.parametrize(("extra", "number"), CASES)
def test_what_is_missing_names_its_extra(extra: str, number: int, tmp_path: Path) -> None:
    """Whoever calls what is not installed reads one sentence with the extra, and nothing is written."""
    if any(installed(name) for name in EXTRAS[extra]):
        pytest.skip(f"the extra {extra} is installed, at least in part")
    before = {"a.xlsx"}
    with pytest.raises(MissingExtraError) as caught:
        ASKED[extra][number](tmp_path)
    said = str(caught.value)
    start, command = r"[^.]+ need [\w, ]+, which (is|are) not installed", f"pip install 'breach-sim[{extra}]'"
    assert re.fullmatch(f"{start}: {re.escape(command)}", said)
    assert {path.name for path in tmp_path.rglob("*")} <= before


@core
def test_the_command_line_refuses_with_the_same_sentence(tmp_path: Path) -> None:
    """Without an extra a command ends with exit code 2 and the sentence, and writes nothing."""
    asked = {
        "people": ("generate", SCENARIO, "--rows", 9, "--sink", "csv", "--out", tmp_path / "people"),
        "files": ("expose", _bytes(tmp_path / "rows.csv", b"ssn\n900-00-0001\n")),
        "report": ("report", SCENARIO, "--replicates", 5, "--out", tmp_path / "r.html"),
        "dask": ("generate", SCENARIO, "--rows", 9, "--sink", "hash", "--scheduler", "tcp://x:1"),
    }
    for extra, words in asked.items():
        if not any(installed(name) for name in EXTRAS[extra]):
            refused(say(*words), f"pip install 'breach-sim[{extra}]'")
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


# In the environment of all tests ---------------------------------------------------------------------------


@pytest.mark.slow
def test_the_core_needs_no_extra() -> None:
    """With the packages of every extra hidden, all tests marked core pass in a process of their own."""
    words = ["-p", "support.without_extras", "-p", "no:cacheprovider", "-m", "core", "-q"]
    # The two figures of the backtest take as long as all the others.
    words += ["-k", "not percentiles and not scoreboard", "-o"]
    command = [sys.executable, "-m", "pytest", *words, "addopts=--import-mode=importlib", str(Path(__file__))]
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    done = subprocess.run(  # noqa: S603 - fixed words
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": paths, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "HIDE_EXTRAS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert f"{len(CASES)} skipped" not in done.stdout


def test_frames_with_and_without_arrow_are_equal(people: Population, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame made record by record equals the frame from blocks: values, types, nulls, index."""
    pytest.importorskip("pyarrow")
    from_blocks = people.sample(300)
    monkeypatch.setattr("breach_sim.population.population.installed", lambda _name: False)
    pd.testing.assert_frame_equal(from_blocks, people.sample(300))
    pd.testing.assert_frame_equal(people.head(0), people[0:0])


def test_several_missing_modules_stand_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is missing is named at once, and what is there is not."""
    monkeypatch.setitem(sys.modules, "duckdb", None)
    monkeypatch.setitem(sys.modules, "narwhals", None)
    with pytest.raises(MissingExtraError, match="need duckdb and narwhals, which are not installed"):
        require("files of rows", "files")
