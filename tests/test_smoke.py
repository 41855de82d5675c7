"""Every entry of the package once, quickly: what `python run.py lowest` tries with the oldest dependencies.

Only the package's own dependencies and pytest are needed. Figures are compared elsewhere; here they are made.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from support.command_line import say
from support.figure_inputs import FIGURES, SCENARIO, drawings

import breach_sim as bs
from breach_sim import plots
from breach_sim.apps.cli.main import app
from breach_sim.interop.export import FORMATS, export
from breach_sim.population import Population, digest_of, require_synthetic_batch
from breach_sim.population.dataset.workers import Workers
from breach_sim.results.impact import Impact

pytestmark = pytest.mark.smoke
COMMANDS = sorted(command.name or "" for command in app.registered_commands)


@pytest.fixture(scope="module")
def impact() -> Impact:
    """A small run."""
    return bs.simulate(SCENARIO, replicates=40, seed=1)


def test_every_public_name_loads() -> None:
    """Every public name of the package can be asked for."""
    assert [name for name in bs.__all__ if getattr(bs, name) is None] == []


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_drawn_and_saved(impact: Impact, name: str, tmp_path: Path) -> None:
    """Every figure can be made and written as PNG."""
    path = tmp_path / "figure.png"
    plots.save(drawings(impact)[name](), path)
    plt.close("all")
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    """``--help`` of every command prints its usage and succeeds."""
    said = say(command, "--help")
    assert (said.code, said.err) == (0, "")
    assert f"breach-sim {command}" in said.out


def test_a_scenario_is_run_from_the_command_line(tmp_path: Path) -> None:
    """``breach-sim run`` writes its folder."""
    said = say("run", SCENARIO, "--replicates", 20, "--out", tmp_path)
    assert (said.code, said.err) == (0, "")
    assert list(tmp_path.rglob("*.png")) != []


@pytest.mark.parametrize("sink", ["csv", "parquet"])
def test_a_population_is_written_and_read_again(sink: str, tmp_path: Path) -> None:
    """A thousand subscribers are generated, written, read by pandas, and counted as a breach."""
    path = tmp_path / "people"
    words = ("--rows", 1000, "--seed", 1, "--sink", sink, "--out", path)
    assert say("generate", "tmobile-2021-stated", *words).code == 0
    file = next(path.rglob(f"*.{sink}"))
    rows = pd.read_csv(file, dtype=str) if sink == "csv" else pd.read_parquet(file)
    assert len(rows) == 1000
    columns = {"ssn": "ssn", "phone_number": "phone_number", "first_name": "full_name"}
    for source in (rows,) if sink == "csv" else (rows, file):
        assert bs.expose_records(source, columns).accounts.sum() == 1000


def test_a_block_passes_the_guard_and_has_a_digest() -> None:
    """A block is made of every column, passes the guard, and is digested; a record is one of its rows."""
    people = Population(bs.load_scenario("everyone-lost-everything"), 1, rows=1000)
    for table in ("subscribers", "devices"):
        batch = people.block(0, table)
        require_synthetic_batch(batch)
        assert len(digest_of(batch)) == 32
    assert people[7]["ssn"] == people.head(8)["ssn"].iloc[7]


def made(piece: int, _report: object) -> SimpleNamespace:
    """Return what a piece of work comes to."""
    return SimpleNamespace(rows=piece, blocks=1)


def test_processes_share_the_work() -> None:
    """Two processes of this machine do four pieces, and the results come back in order."""
    results = Workers(number=2, processes=True).map(made, range(4))
    assert [result.rows for result in results] == [0, 1, 2, 3]


def test_the_doubt_is_shared_out(impact: Impact) -> None:
    """The analysis finds which parameter is behind the variance."""
    assert len(bs.sensitivity(impact, base=64)) > 1


@pytest.mark.parametrize("ending", FORMATS)
def test_a_table_is_exported_and_read_again(impact: Impact, ending: str, tmp_path: Path) -> None:
    """A table of results goes into a file of every format, and comes back with as many rows."""
    table = bs.tornado(impact).reset_index()
    path = export(table, tmp_path / f"table{ending}")
    readers: dict[str, Any] = {".csv": pd.read_csv, ".xlsx": pd.read_excel, ".parquet": pd.read_parquet}
    assert len(readers[ending](path)) == len(table)
