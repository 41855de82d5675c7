"""Laws of `breach_sim.report`: a page of a breach by name, object or impact, or a refusal."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

import breach_sim as bs
from breach_sim.apps.reporting import one_breach, report_file

STATED = "tmobile-2021-stated"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Put a notepad in place of the writer of pages: what it is asked for."""
    calls: list[dict[str, Any]] = []

    def write_report(scenario: str | Path | bs.Scenario, out: str | Path, **rest: Any) -> Path:
        calls.append({"given": scenario, "out": out} | rest)
        return Path(out)

    monkeypatch.setattr(one_breach, "write_report", write_report)
    return calls


def test_an_impact_brings_what_made_it(asked: list[dict[str, Any]]) -> None:
    """Of an impact the page has scenario, seed, replicates and horizon, whatever else is asked for."""
    impact = bs.simulate(STATED, replicates=7, seed=3, horizon_years=2)
    assert Path("x.html") == bs.report(impact, out="x.html", seed=9, replicates=5)
    (call,) = asked
    assert impact.scenario == call["given"]
    assert (3, 7, 2) == (call["seed"], call["replicates"], call["horizon_years"])


def test_a_scenario_of_ones_own_is_run_as_it_was_given(tmp_path: Path) -> None:
    """A scenario is written as a file that reads back as it was; one of the catalog goes by its name."""
    own = bs.load_scenario(STATED)
    segments = (dataclasses.replace(own.segments[0], accounts=5), *own.segments[1:])
    smaller = dataclasses.replace(own, segments=segments)
    assert (STATED, "") == report_file.written_down(own)
    name, text = report_file.written_down(smaller)
    assert f"{STATED}.toml" == name
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert smaller.segments == bs.load_scenario(tmp_path / name).segments


def test_names_and_files_go_on_as_they_are(asked: list[dict[str, Any]]) -> None:
    """A name is handed on as it is, and the file is report.html unless another is named."""
    assert Path("report.html") == bs.report("stated")
    assert ("stated", 1, 8_192) == (asked[0]["given"], asked[0]["seed"], asked[0]["replicates"])


@pytest.mark.parametrize(
    ("what", "options"),
    [("attacks", {"attacks": "smishing"}), ("firm rates", {"firm": "other"})],
)
def test_an_impact_that_the_page_would_not_show_is_refused(
    asked: list[dict[str, Any]], what: str, options: dict[str, Any]
) -> None:
    """An impact with attacks or rates of its own is refused with the remedy, and nothing is written."""
    if "firm" in options:
        firm = bs.load_firm()
        options = {"firm": dataclasses.replace(firm, letter=firm.electronic)}
    impact = bs.simulate(STATED, replicates=3, **options)
    with pytest.raises(ValueError, match=f"made with {what} of its own; .*give the scenario"):
        bs.report(impact)
    assert [] == asked
