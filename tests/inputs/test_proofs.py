"""The logic of attacks has certificates, and an independent checker refuses those that are wrong."""

from __future__ import annotations

import copy
import importlib
import json
import shutil
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
pytest.importorskip("pysat", reason="python-sat is not installed; `run.py` installs it")
if shutil.which("node") is None:
    pytest.skip("Node.js is not on this machine; the checker needs it", allow_module_level=True)
sys.path.insert(0, str(TOOLS))
changed_rules: Any = importlib.import_module("changed_rules")
prove: Any = importlib.import_module("prove")

ASKED = ("bank_code_interception", "bank_account_debit")
"""Attacks of the quick test: a chain, and one by itself."""


def part_of(code: str, names: tuple[str, ...]) -> tuple[Any, dict[str, Any]]:
    """Return some attacks of a country with those they need, and their rules from the files."""
    graph = prove.graph_of(code).only(names)
    rules = prove.rules_of(code)
    rules["attacks"] = [own for own in rules["attacks"] if own["name"] in graph.names]
    return graph, rules


@pytest.fixture(scope="module")
def certificate() -> dict[str, Any]:
    """Certificate of the quick test."""
    return prove.certified(*part_of("US", ASKED))


def verdict(certificate: Mapping[str, Any], folder: Path) -> str:
    """Return what the checker says of a certificate."""
    path = folder / "certificate.json"
    path.write_text(json.dumps(certificate), encoding="utf-8")
    status, text = prove.checked(path)
    assert (status == 0) == text.endswith("all hold")
    return text


def test_the_checker_is_short() -> None:
    """The checker has at most 150 lines, so that it can be read."""
    assert len(prove.CHECKER.read_text(encoding="utf-8").splitlines()) <= 150


def _claim(certificate: dict[str, Any], harm: str) -> dict[str, Any]:
    return next(own for own in certificate["claims"] if own["harm"] == harm and own["with_look_ups"])


def _drop_literal(certificate: dict[str, Any]) -> None:
    certificate["rules"]["attacks"][0]["routes"][0]["fields"].pop()


def _drop_enabling(certificate: dict[str, Any]) -> None:
    _claim(certificate, "bank_code_interception")["enabling"].pop()


def _drop_protection(certificate: dict[str, Any]) -> None:
    _claim(certificate, "any")["protecting"].pop()


def _drop_atom(certificate: dict[str, Any]) -> None:
    certificate["points"][3]["least"].pop(0)


def _open_too_much(certificate: dict[str, Any]) -> None:
    point = next(own for own in certificate["points"] if 0 not in own["open"])
    point["open"].append(0)


def test_the_checker_refuses_a_wrong_certificate(certificate: dict[str, Any], tmp_path: Path) -> None:
    """What the package says holds; a changed rule, a missing set or atom, or a wrong answer is refuted."""
    assert "all hold" in verdict(certificate, tmp_path)
    for spoil in (_drop_literal, _drop_enabling, _drop_protection, _drop_atom, _open_too_much):
        wrong = copy.deepcopy(certificate)
        spoil(wrong)
        assert verdict(wrong, tmp_path).startswith("REFUTED: "), spoil


def test_a_set_that_the_package_misses_is_a_counterexample(monkeypatch: pytest.MonkeyPatch) -> None:
    """If an enabling set is left out, the prover names a leak that opens the attack."""
    right = prove.enabling_sets
    monkeypatch.setattr(prove, "enabling_sets", lambda graph, harm: right(graph, harm)[1:])
    with pytest.raises(prove.RefutedError, match=r"is open with leaked [a-z_]+.*no set of the package"):
        prove.certified(*part_of("US", ("bank_account_debit",)))


def test_every_literal_left_out_is_noticed(certificate: dict[str, Any]) -> None:
    """A rule with one literal less has a counterexample, is refused, or is known to mean the same."""
    graph, _ = part_of("US", ASKED)
    tried = list(changed_rules.every_change(graph, certificate, pool=()))
    ends = Counter(one.how for one in tried)
    assert ends["counterexample"] > 100
    # A port-out needs what a swap needs, and a search by name and number what one by number needs.
    same = {
        f"{one.of}, {one.change}" for one in tried if one.how == "same" and one.change.startswith("without")
    }
    assert same == {
        "port_out grants, without number_control",
        "look-up of postal_address by full_name and phone_number, without full_name",
    }


@pytest.mark.slow
@pytest.mark.parametrize("code", prove.COUNTRIES)
def test_all_attacks_of_a_country_are_proved(code: str, tmp_path: Path) -> None:
    """Every harm, every route and every look-up, with and without look-ups; all literals changed."""
    assert prove.main(["--country", code, "--out", str(tmp_path)]) == 0
