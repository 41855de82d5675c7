"""The corrections of the victims' rates: the numbers before, and the page that says what each moves."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from breach_sim.catalog import attacks_for, load_attacks, load_scenario, load_sources

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """tools/corrections.py."""
    spec = importlib.util.spec_from_file_location("corrections", ROOT / "tools" / "corrections.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_undone_is_the_catalog(tool: ModuleType) -> None:
    """With every correction applied, the tool runs the catalog as it is, breach by breach."""
    graph = tool.graph_of(tool.undone(tool.present(), ()))
    assert graph == load_attacks()
    assert tool.enabled(graph, "equifax-2017") == attacks_for(load_scenario("equifax-2017"))


def test_every_correction_alone_makes_a_graph(tool: ModuleType) -> None:
    """Each correction changes what it names and leaves all other numbers as they are."""
    now = {e.name: e for e in load_attacks().estimates()}
    for correction in tool.stored()["correction"]:
        graph = tool.graph_of(tool.undone(tool.present(), [correction["name"]]))
        before = {e.name: e for e in graph.estimates()}
        changed = {name for name in now | before if before.get(name) != now.get(name)}
        named = {move["parameter"] for move in correction.get("moves", [])}
        own = {name for name in changed if any(name.startswith(part) for part in named)}
        # A rate of an attack is an estimate of its file; its routes have it under the same name.
        assert changed == own, correction["name"]
        assert bool(named) == bool(changed), correction["name"]


def test_the_page_has_the_numbers_in_use(tool: ModuleType) -> None:
    """docs/corrections.md has the row of every correction with the present numbers; else make it again."""
    page = (ROOT / "docs" / "corrections.md").read_text(encoding="utf-8")
    assert tool.stored()["head"].format(replicates=tool.REPLICATES).strip() in page
    for correction in tool.stored()["correction"]:
        assert tool.line(tool.row_of(correction, tool.present())) in page, "python tools/corrections.py"
        assert set(correction["sources"]) <= set(load_sources())


def test_a_moved_number_is_seen(tool: ModuleType) -> None:
    """A number that moves after its correction leaves the page out of date."""
    page = (ROOT / "docs" / "corrections.md").read_text(encoding="utf-8")
    files = tool.present()
    files["traits.toml"]["reuses_password"]["share"]["mode"] = 0.45
    assert tool.line(tool.row_of(tool.stored()["correction"][0], files)) not in page
