"""Laws of the shares of evidence: nothing that moves the loss is left out; what is stored is up to date."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from breach_sim import api
from breach_sim.analysis.evidence_shares import (
    CALIBRATED,
    JUDGMENT,
    STATUSES,
    WORDS,
    EvidenceShare,
    evidence_shares,
    grouped,
    inputs_hash,
    on_evidence,
    share_rows,
    stored_shares,
)
from breach_sim.analysis.sensitivities.indices import uncertain
from breach_sim.catalog import load_sources
from breach_sim.inputs.numbers.estimates import Source
from breach_sim.results.impact import Impact

STORED = {own.scenario: own for own in stored_shares()}
FOUR = ("tmobile-2021-stated", "tmobile-2021-class", "equifax-2017", "att-73m-2024-confirmed")
BASE = 256


@cache
def tool() -> ModuleType:
    """tools/evidence_shares.py."""
    path = Path(__file__).resolve().parents[2] / "tools" / "evidence_shares.py"
    spec = importlib.util.spec_from_file_location("tool_of_evidence_shares", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def run(attack: str = "smishing") -> Impact:
    """Return one attack of the first case, which has few parameters."""
    return api.simulate("tmobile-2021-stated", attack, replicates=64, seed=1)


def sources_of(impact: Impact) -> dict[str, Source]:
    """Return the sources of the catalog and of the scenario."""
    return dict(impact.scenario.with_own_sources(load_sources()))


def test_every_uncertain_parameter_is_in_one_group() -> None:
    """The groups share out all parameters that move the loss, each once, the best evidence first."""
    impact = run()
    groups = grouped(impact, sources_of(impact))
    names = [name for own in groups.values() for name in own]
    assert sorted(uncertain(impact)) == sorted(names)
    order = [(STATUSES.index(status), WORDS.index(word)) for status, word in groups]
    assert sorted(order) == order


def test_a_number_is_as_good_as_its_weakest_source() -> None:
    """One source that was recalled, or that is a judgment, decides the word of the number."""
    impact = run()
    plain = sources_of(impact)
    groups = grouped(impact, plain)
    number = next(e for e in impact.parameters() if e.name == "attacks.smishing.success")
    word = max(
        (JUDGMENT if s == "analyst-judgment" else plain[s].verified for s in number.sources), key=WORDS.index
    )
    assert number.name in groups[number.status, word]
    weak = {name: Source(id=name, title="t", grade="C", verified="recalled") for name in plain}
    assert {"recalled", JUDGMENT} >= {word for _, word in grouped(impact, weak)}
    assert {JUDGMENT} == {word for _, word in grouped(impact, {})}


def test_shares_add_up_and_repeat() -> None:
    """Shares lie in [0, 1], add up to 1, and are the same for the same seed."""
    impact = run()
    shares = evidence_shares(impact, sources_of(impact), base=BASE)
    assert sum(own.share for own in shares) == pytest.approx(1.0)
    assert all(0 <= own.share <= 1 for own in shares)
    assert len(uncertain(impact)) == sum(own.parameters for own in shares)
    assert shares == evidence_shares(impact, sources_of(impact), base=BASE)


def test_calibrated_numbers_are_a_group_of_their_own() -> None:
    """Names that were fitted leave their group; with all of them fitted the whole loss rests on evidence."""
    impact = run()
    names = uncertain(impact)
    shares = evidence_shares(impact, sources_of(impact), ("attacks.smishing.success",), base=BASE)
    assert (CALIBRATED, "", 1) == (shares[0].status, shares[0].verified, shares[0].parameters)
    assert shares[0].share > 0
    assert on_evidence(shares) >= shares[0].share
    whole = evidence_shares(impact, sources_of(impact), names, base=BASE)
    assert [(CALIBRATED, 1.0)] == [(own.status, own.share) for own in whole]
    assert 1.0 == on_evidence(whole)


def test_a_share_of_a_single_parameter_is_its_total_order() -> None:
    """With one parameter in a group, its share is its total order over the sum, within 3 standard errors."""
    impact = run()
    name = "attacks.smishing.success"
    shares = evidence_shares(impact, sources_of(impact), (name,), base=2_048)
    frame = api.sensitivity(impact, base=2_048, keep=100)
    # The half-width of a 95 % interval is 1.96 standard errors.
    whole = sum(own.share for own in shares[1:]) / shares[0].share * frame.loc[name, "total"]
    expected = frame.loc[name, "total"] / (whole + frame.loc[name, "total"])
    error = np.hypot(shares[0].error, frame.loc[name, "total_95"]) / 1.96
    assert shares[0].share == pytest.approx(expected, abs=3 * error)


def test_on_evidence_counts_what_has_a_publication() -> None:
    """Cited, derived and calibrated numbers count; assumed ones and derived from judgment do not."""
    kinds = [
        (CALIBRATED, ""),
        ("cited", "verified"),
        ("derived", "seen"),
        ("derived", JUDGMENT),
        ("assumed", "seen"),
    ]
    shares = [
        EvidenceShare(status=status, verified=word, parameters=1, share=0.2, error=0.0)
        for status, word in kinds
    ]
    assert [True, True, True, False, False] == [own.on_evidence for own in shares]
    assert on_evidence(shares) == pytest.approx(0.6)


def test_the_hash_changes_with_a_number_and_with_a_source() -> None:
    """Another word for a source, another fitted name or another scenario is another hash; a rerun is not."""
    impact = run()
    own = inputs_hash(impact, sources_of(impact))
    assert own == inputs_hash(impact, sources_of(impact))
    assert own != inputs_hash(impact, {})
    assert own != inputs_hash(impact, sources_of(impact), uncertain(impact)[:1])
    assert own != inputs_hash(run("sim_swap"), sources_of(impact))


def test_four_scenarios_are_stored_with_the_share_before() -> None:
    """The table has a row for each of the four, with all groups, the share on evidence and the old one."""
    assert FOUR == tuple(STORED)
    head, *rows = share_rows(stored_shares())
    assert ("scenario", "on evidence", "before") == (head[0], *head[-2:])
    assert list(FOUR) == [row[0] for row in rows]
    for own in STORED.values():
        assert sum(share.share for share in own.shares) == pytest.approx(1.0, abs=1e-3)
        assert 0 < own.before < 1


@pytest.mark.parametrize("scenario", FOUR)
def test_what_is_stored_comes_from_the_numbers_in_use(scenario: str) -> None:
    """The stored hash is that of the catalog; `python run.py evidence` makes the file again."""
    assert STORED[scenario].inputs == tool().hash_of(scenario)


@pytest.mark.slow
def test_a_stored_scenario_can_be_made_again() -> None:
    """The tool gives the stored shares again, to the digits that are stored. Seed 1."""
    again = tool().shares_of(FOUR[0])
    assert [(own.status, own.verified, own.parameters) for own in STORED[FOUR[0]].shares] == [
        (own.status, own.verified, own.parameters) for own in again
    ]
    assert [own.share for own in STORED[FOUR[0]].shares] == pytest.approx(
        [own.share for own in again], abs=1e-3
    )
