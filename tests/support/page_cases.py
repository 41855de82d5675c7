"""Ticks of a page, what its JavaScript answers to them, and what the engine answers.

Used by tests/apps/page (in Node, where there is one) and by tools/drive_pages.py (in Chromium).
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import util
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from breach_sim.apps.page.world import world_of
from breach_sim.engine.expected_harm import ExpectedHarm
from breach_sim.engine.law import Law
from breach_sim.engine.time import cut_days
from breach_sim.inputs.changes import Drop
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.mitigations import Mitigation, together
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact

TEMPLATES = Path(__file__).resolve().parents[2] / "breach_sim" / "apps" / "page" / "templates"
WORDS = ("people", "loss", "hours", "lossLuck", "peopleLuck")
"""What is compared, replicate by replicate, besides the victims of each attack."""
MOST_ANSWERS = 25
"""Answers of one table of the engine, which keeps what it has computed: more would fill the memory."""
ASKED = """
const asked = (world, cases) => cases.map(([off, doing, day]) => {
  const total = world.evaluate(new Set(off), new Set(doing), day);
  const found = { victims: total.victims.map((own) => Array.from(own)) };
  for (const word of WORDS) found[word] = Array.from(total[word]);
  return found;
});
"""
"""A function of the page's world and of cases, in JavaScript."""


@dataclass(frozen=True)
class Case:
    """What a reader ticked: fields left out, measures by number, and the day on which these start."""

    off: tuple[str, ...] = ()
    doing: tuple[int, ...] = ()
    day: int = 0


def all_fields(fields: Sequence[str]) -> list[Case]:
    """Every set of fields left out."""
    return [Case(off) for size in range(len(fields) + 1) for off in combinations(fields, size)]


def at_random(
    fields: Sequence[str], measures: int, count: int, seed: int, days: Sequence[int] = (0, 7, 30, 90, 365)
) -> list[Case]:
    """Some sets of fields and measures."""
    draw = random.Random(seed)
    return [
        Case(
            tuple(name for name in fields if draw.random() < 0.35),
            tuple(number for number in range(measures) if draw.random() < 0.2),
            draw.choice(days),
        )
        for _ in range(count)
    ]


def columns(impact: Impact) -> list[str]:
    """Fields that a reader of the page can leave out."""
    lost = {name for segment in impact.scenario.segments for name in segment.fields}
    return [name for name in world_of(impact, [])["fields"] if name in lost & set(impact.law.known.fields)]


def numbered(cases: Sequence[Case], law: dict[str, Any]) -> list[list[Any]]:
    """Cases as the JavaScript takes them."""
    return [[[law["fields"].index(name) for name in case.off], list(case.doing), case.day] for case in cases]


class Engine:
    """What the engine answers: expectations given the parameters, and victims by attack."""

    def __init__(self, impact: Impact, measures: Sequence[Mitigation]) -> None:
        self.impact, self.measures = impact, measures
        self._tables: dict[tuple[float, ...], ExpectedHarm] = {}
        self._answers = 0

    def answer(self, case: Case, *, victims: bool = True) -> dict[str, Any]:
        """Answer to one case, shape (R,) each. Victims come from the law from which counts are drawn."""
        impact = self.impact
        left_out = Mitigation(name="left-out", label="Left out", changes=(Drop(fields=case.off),))
        chosen = [left_out] if case.off else []
        for number in case.doing:
            own = self.measures[number]
            chosen.append(own if own.day is None else own.on_day(max(case.day, own.earliest_day or 0)))
        scenario, graph = together(chosen, impact.scenario, impact.attacks)
        cuts = tuple(sorted({day for day in cut_days(scenario, graph) if np.isfinite(day)}))
        self._answers += 1
        if self._answers % MOST_ANSWERS == 0:
            self._tables.clear()
        if cuts not in self._tables:
            self._tables[cuts] = ExpectedHarm(impact.law, impact.factors, cuts)
        table = self._tables[cuts]
        harm = table.harm(scenario, graph)
        found = {
            "people": harm.total("people"),
            "loss": harm.total("loss"),
            "hours": harm.total("hours"),
            "lossLuck": harm.luck(),
            "peopleLuck": (harm.accounts * harm.people * (1 - harm.people)).sum(axis=0),
        }
        return found | ({"victims": self._victims(scenario, graph, table.law)} if victims else {})

    def _victims(self, scenario: Scenario, graph: AttackGraph, like: Law) -> list[Any]:
        parameters, size = like.parameters, self.impact.replicates
        law = Law(scenario, graph, parameters, like.horizon_years, like.scales, cuts=like.cuts)
        laws, none = law.segment_laws(), np.zeros(1)
        return [
            sum(law.accounts(own) * laws[own.name].victim.get(attack.name, none) for own in scenario.segments)
            * np.ones(size)
            for attack in graph.attacks
            if attack.routes
        ]


def difference(page: dict[str, Any], engine: dict[str, Any]) -> float:
    """Largest relative difference of what the engine answered; the absolute one of what is below 1e-6."""
    pairs = [(page[word], engine[word]) for word in engine if word != "victims"]
    if "victims" in engine:
        pairs += list(zip(page["victims"], engine["victims"], strict=True))
    return max(float(np.max(np.abs(np.asarray(a) - b) / np.maximum(np.abs(b), 1e-6))) for a, b in pairs)


def node() -> str | None:
    """Path of a Node: the machine's, or the one that comes with Playwright; None without either."""
    found = shutil.which("node")
    package = util.find_spec("playwright")
    if found is None and package is not None and package.origin is not None:
        own = Path(package.origin).parent / "driver" / "node"
        found = str(own) if own.is_file() else None
    return found


def in_node(script: str, folder: Path, **data: Any) -> Any:
    """What a script prints as JSON, with the page's scripts loaded and data by name."""
    path = node()
    assert path is not None
    (folder / "data.json").write_text(json.dumps(data), encoding="utf-8")
    load = [f"require({json.dumps(str(TEMPLATES / name))});" for name in ("engine.js", "numbers.js")]
    head = [
        *load,
        "const { World, drawn, quantiles, ndtr, human, odds } = globalThis.breachSim;",
        f"const data = JSON.parse(require('fs').readFileSync({json.dumps(str(folder / 'data.json'))}));",
        f"const WORDS = {json.dumps(WORDS)};",
        ASKED,
    ]
    text = "\n".join([*head, f"process.stdout.write(JSON.stringify((() => {{ {script} }})()));"])
    (folder / "script.js").write_text(text, encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - our own script
        [path, str(folder / "script.js")], capture_output=True, text=True, check=True, timeout=600
    )
    return json.loads(done.stdout)
