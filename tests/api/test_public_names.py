"""Laws of the public names: one list of them, each a thing and not a module, enough to write one's own."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import pkgutil
import subprocess
import sys
import tomllib
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

import breach_sim as bs
from breach_sim.catalog import mitigation_names

STUB = Path(bs.__file__).with_suffix(".pyi")
ROOMS = {"plots", "teaching"}
"""Public names that are folders of functions."""
fixed = bs.Estimate.fixed


def in_stub() -> list[str]:
    """Return the names that the stub hands out, as type checkers see them."""
    nodes = ast.walk(ast.parse(STUB.read_text(encoding="utf-8")))
    return [alias.asname or "" for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names]


def modules() -> Iterator[str]:
    """Yield the name of every module and folder of the package."""
    found = pkgutil.walk_packages(bs.__path__, "breach_sim.")
    yield from (module.name for module in found if not module.name.endswith("__main__"))


def handed_out(folder: str) -> set[str]:
    """Return the functions and classes that a folder hands out, by its own list of names."""
    package = importlib.import_module(folder)
    names = set(getattr(package, "__all__", ()))
    return {name for name in names if not isinstance(getattr(package, name), types.ModuleType)}


# One list ----------------------------------------------------------------------------------------------


def test_the_stub_is_the_list_of_public_names() -> None:
    """`__all__`, `dir()` and the stub hold the same names, each once, and no name is another in the stub."""
    assert sorted(in_stub()) == sorted(bs.__all__) == sorted(dir(bs))
    assert len(set(bs.__all__)) == len(bs.__all__)
    nodes = ast.walk(ast.parse(STUB.read_text(encoding="utf-8")))
    aliases = [alias for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert all(alias.name == alias.asname for alias in aliases)


def test_every_name_can_be_loaded_at_once() -> None:
    """With EAGER_IMPORT=1 every name of the stub is loaded when the package is, and all are there."""
    code = "import breach_sim as bs\nprint(set(bs.__all__) - set(vars(bs)))"
    env = os.environ | {"EAGER_IMPORT": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)  # noqa: S603
    assert "set()\n" == done.stdout, done.stderr


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    """A slip of the keyboard is answered with the name that was meant; else it says where all names are."""
    with pytest.raises(AttributeError, match=r"did you mean 'simulate'\?$"):
        _ = bs.simulat
    with pytest.raises(AttributeError, match=r"'qqqq'; it has \d+ names, which dir\(breach_sim\) lists$"):
        _ = bs.qqqq


def test_the_stub_is_part_of_what_is_installed() -> None:
    """The stub stands in the package data, without which a wheel would have no public name."""
    project = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    shipped = tomllib.loads(project)["tool"]["setuptools"]["package-data"]["breach_sim"]
    assert {"**/*.pyi", "py.typed"} <= set(shipped)


# Functions and modules ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(set(bs.__all__) - ROOMS))
def test_a_public_name_is_a_function_or_class_that_shows_its_arguments(name: str) -> None:
    """No public name but the folders of functions is a module, and a function has named arguments."""
    thing = getattr(bs, name)
    assert not isinstance(thing, types.ModuleType)
    if not inspect.isclass(thing):
        assert inspect.isfunction(inspect.unwrap(thing))
        assert inspect.getdoc(thing)
        assert {"args", "options", "kwargs"}.isdisjoint(inspect.signature(thing).parameters)


def test_no_module_is_named_as_a_public_function() -> None:
    """No module has the name of a public function, be it of the package or of the folder it stands in."""
    functions = set(bs.__all__) - ROOMS
    clashes = []
    for name in modules():
        folder, _, own = name.rpartition(".")
        if own in functions or (folder != "breach_sim" and own in handed_out(folder)):
            clashes.append(name)
    assert [] == clashes


def test_a_module_named_as_a_function_would_be_found() -> None:
    """What a folder hands out is seen: figures, and the questions of the analysis."""
    assert {"scoreboard", "funnel"} <= handed_out("breach_sim.plots")
    assert {"explain", "waterfall"} <= handed_out("breach_sim.analysis")


def test_no_module_is_a_class_of_its_own() -> None:
    """A module is a plain module: none is made to be called."""
    odd = [name for name in modules() if type(importlib.import_module(name)) is not types.ModuleType]
    assert [] == odd


def test_a_seed_is_one_unless_given() -> None:
    """Every public function that takes a seed has the same default, so that answers can be put together."""
    functions = [thing for name in bs.__all__ if inspect.isfunction(thing := getattr(bs, name))]
    seeds = {
        f.__name__: own.default for f in functions if (own := inspect.signature(f).parameters.get("seed"))
    }
    assert {"simulate", "subscribers", "compare", "diff", "backtest", "report"} <= set(seeds)
    assert {1} == set(seeds.values())


def test_replicates_are_those_of_the_table() -> None:
    """The default replicates are those that the table of the API names, verb by verb."""
    table = {
        8_192: ("compare", "delay_cost", "diff", "waterfall", "report", "explore"),
        2_048: ("follow", "best_bundle"),
        500: ("yardsticks",),
    }
    for number, names in table.items():
        for name in names:
            assert number == inspect.signature(getattr(bs, name)).parameters["replicates"].default, name
    assert 8_192 == bs.simulate("stated", "smishing").replicates


# One's own ---------------------------------------------------------------------------------------------


def sim_farm() -> bs.Attack:
    """Return an attack written with public names alone."""
    route = bs.Route(
        name="line", fields=("phone_number",), traits=("prepaid",),
        attempts=fixed("tries", 0.02, "attempts/account-year"), success=fixed("wins", 0.1, "victims/attempt"),
    )  # fmt: skip
    return bs.Attack(
        name="sim_farm", label="SIM farm", routes=(route,), clocks=("line",),
        onset=bs.Onset(name="slow", label="slow", median=fixed("median", 90, "days"),
                       sigma=fixed("sigma", 1, "log-days")),
        regimes=(bs.Regime(until="2030-01-01", factor=fixed("now", 1, "ratio")),
                 bs.Regime(until="", factor=fixed("later", 0.5, "ratio"))),
        severity=fixed("loss", 200, "USD/victim"), severity_sigma=fixed("spread", 0.5, "log-USD"),
        hours=fixed("hours", 3, "hours/victim"), background=fixed("else", 0, "probability/year"),
        bearers={"person": fixed("share", 1, "share")},
    )  # fmt: skip


def test_an_attack_and_a_mitigation_of_ones_own_need_public_names_only() -> None:
    """An attack, its graph, a breach and three mitigations are made of `bs.` names, run and compared."""
    rates = {"default": fixed("rate", 0.01, "1/month")}
    graph = bs.AttackGraph(
        attacks=(sim_farm(),), people_background=fixed("any", 0.01, "probability/year"),
        traits={"prepaid": bs.Trait(name="prepaid", label="prepaid", share=fixed("prepaid", 0.4, "share"))},
        clocks={"line": bs.Clock(name="line", label="line given up", fields=("phone_number",), rates=rates)},
    )  # fmt: skip
    leak = bs.Leak(fields=("phone_number",), coverage=fixed("coverage", 0.5, "share"))
    breach = bs.Scenario(
        name="own", day_zero="2026-01-01", segments=(bs.Segment(name="all", accounts=10**6, leaks=(leak,)),)
    )
    dropped = bs.Mitigation(
        name="no-numbers", label="no numbers kept", changes=(bs.Drop(fields=("phone_number",)),)
    )
    alert = bs.Protect(
        attacks=("sim_farm",), uptake=fixed("use", 0.5, "share"), effect=fixed("by", 1, "share")
    )
    alerts = bs.Mitigation(
        name="alerts", label="alerts", changes=(alert,), cost=bs.Cost(fixed=fixed("price", 1e4, "USD")), day=0
    )
    renewed = bs.Mitigation(
        name="new-numbers", label="new numbers", changes=(bs.Reset(fields=("phone_number",)),), day=0
    )
    comparison = bs.compare(breach, dropped, alerts, renewed, attacks=graph, replicates=20)
    assert isinstance(comparison, bs.Comparison)
    base = float(comparison.base.total("loss").mean())
    averted = {own.name: float(own.loss.mean()) for own in comparison.averted}
    assert base > 0
    assert base == pytest.approx(averted["no-numbers"]) == pytest.approx(averted["new-numbers"])
    assert 0.4 * base < averted["alerts"] < 0.6 * base
    assert {"no-numbers", "alerts", "new-numbers"}.isdisjoint(mitigation_names())


def test_the_file_of_types_runs_nothing() -> None:
    """tests/typing/api.py is for the type checker: what stands outside its function calls nothing."""
    tree = ast.parse((Path(__file__).parents[1] / "typing" / "api.py").read_text(encoding="utf-8"))
    assert ["public_types"] == [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    outside = [node for node in tree.body if not isinstance(node, ast.FunctionDef)]
    assert not any(isinstance(inner, ast.Call) for node in outside for inner in ast.walk(node))
