"""Laws of `breach-sim export` and of `run --samples`: what is written is what Python gives, whole or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.command_line import quick, refused, say, tree

from breach_sim import api
from breach_sim.analysis.other_scores.fair import Fair
from breach_sim.results.impact import Impact

STATED = "tmobile-2021-stated"
SMALL = ("--replicates", 20)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def impact() -> Impact:
    """Return what the commands compute."""
    return api.simulate(STATED, replicates=20, seed=1)


def test_a_bundle_is_written_as_python_gives_it(impact: Impact) -> None:
    """The file of --format stix is the text of to_stix, byte for byte."""
    assert say("export", STATED, "--format", "stix", "--out", "in/a.json", *SMALL).code == 0
    assert Path("in/a.json").read_text(encoding="utf-8") == impact.to_stix() + "\n"


def test_tables_are_written_as_python_gives_them(impact: Impact) -> None:
    """Samples, the tidy table and the inputs of FAIR are read back from Parquet to the last bit."""
    fair: Any = Fair(impact=impact, frequency=0.1).inputs()
    wanted = {"samples": impact.samples(), "tidy": impact.tidy(), "fair": fair}
    for name, frame in wanted.items():
        words = ["--frequency", 0.1] if name == "fair" else []
        said = say("export", STATED, "--format", name, "--out", f"{name}.parquet", *SMALL, *words)
        assert said.out == f"{name}.parquet written\n"
        back = pd.read_parquet(f"{name}.parquet").set_index(frame.index.name)
        pd.testing.assert_frame_equal(back, frame, check_exact=True, check_index_type=False)
    assert fair.loc["loss_event_frequency", ["p5", "mean", "sd"]].tolist() == [0.1, 0.1, 0.0]
    assert fair.loc["loss_magnitude", "mean"] == pytest.approx(
        sum(cost.mean() for cost in impact.firm_lines.values())
    )
    happened = Fair(impact=impact).inputs()
    assert happened.loc["loss_event_frequency", "p50"] == 1.0


def test_loss_tables_are_one_folder(impact: Impact, place: Path) -> None:
    """Ledgers and recoveries have event, period and summary tables; a folder with files is not touched."""
    assert say("export", STATED, "--format", "ord", "--out", "losses", *SMALL).code == 0
    parts = ("selt", "splt", "summary-info")
    wanted = {f"losses/{a}_{b}.parquet" for a in ("firm", "recovery", "victims") for b in parts}
    assert set(tree(place)) == {"losses", *wanted}
    back = pd.read_parquet("losses/firm_selt.parquet")
    assert back["Loss"].tolist() == impact.event_losses("firm")["Loss"].tolist()
    assert {str(back[name].dtype) for name in ("EventId", "SummaryId", "SampleId")} == {"int32"}
    refused(
        say("export", STATED, "--format", "ord", "--out", "losses", *SMALL),
        "--out losses exists and is no empty folder; name another folder",
    )


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--format", "stix", "--out", "a.jsn"), "unknown ending '.jsn' in --out of --format stix"),
        (("--format", "fair", "--out", "a.json"), "Known: .csv, .xlsx, .parquet"),
        (("--format", "tidy", "--out", "."), "a folder; name a file in it"),
        (("--format", "tidy", "--out", "a.csv", "--frequency", 1), "only fair has a frequency"),
        (("--format", "fair", "--out", "a.csv", "--frequency", -1), "frequency is -1"),
        (("--format", "oasis", "--out", "a"), "'oasis'"),
    ],
)
def test_a_wrong_place_or_format_is_refused(words: tuple[object, ...], part: str, place: Path) -> None:
    """Value, place, rule and remedy; exit code 2, and nothing is written."""
    refused(say("export", STATED, *words, *SMALL), part)
    assert not tree(place)


def test_run_writes_its_draws(place: Path) -> None:
    """--samples writes a row a replicate beside the document, and refuses other endings before the run."""
    said = quick(STATED, "--samples", "draws.parquet", "--json")
    assert json.loads(said.out)["people"]["p50"] == pd.read_parquet("draws.parquet")["people"].median()
    assert "20 draws in draws.csv, one a row" in quick(STATED, "--samples", "draws.csv").out
    before = tree(place)
    refused(quick(STATED, "--samples", "draws.json"), "unknown ending '.json' in --samples")
    assert tree(place) == before


def test_commands_that_print_numbers_have_a_document() -> None:
    """`validate --json` gives accounts and fields of each segment."""
    found = json.loads(say("validate", STATED, "--json").out)
    assert found["accounts"] == sum(one["accounts"] for one in found["segments"]) == 54_617_000


def test_a_shell_can_complete() -> None:
    """The help offers to install completion, and to show it."""
    said = say("--help").out
    assert "--install-completion" in said
    assert "--show-completion" in said
