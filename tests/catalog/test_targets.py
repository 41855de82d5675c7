"""Targets and posterior rows as files: typed twice, checked, and refused where they do not belong."""

from __future__ import annotations

import dataclasses
import io
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.command_line import say

from breach_sim import catalog
from breach_sim.catalog import CatalogError
from breach_sim.catalog.evidence import calibration
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.targets import Study

QC = Path(__file__).parents[1] / "qc" / "calibration.toml"
TYPED: dict[str, Any] = tomllib.loads(QC.read_text(encoding="utf-8"))
TARGETS = catalog.load_targets()
DATA = Path(catalog.__file__).parent / "data" / "evidence"


def reporting(estimate: Estimate) -> list[float | None]:
    """Return the numbers of a reporting rate of its own; nothing for a survey or a rate of the model."""
    own = estimate.name.startswith("calibration.") and not estimate.is_certain
    return [estimate.low, estimate.mode, estimate.high] if own else []


def numbers(study: Study) -> list[float | int | None]:
    """Return the numbers of a study in the order of the second entry."""
    seen = [study.value] if study.value is not None else [study.shown, study.breaches]
    return [study.days, *seen, study.discrepancy, *reporting(study.reporting)]


def test_every_number_was_typed_twice() -> None:
    """Counts, discrepancies, rates, share and studies are those of the second entry; none is missing."""
    counts = {
        c.name: {str(count.year): [count.value, *reporting(count.reporting)] for count in c.counts}
        for c in TARGETS.ceilings
    }
    assert counts == {
        name: own for name, own in TYPED.items() if name not in {"discrepancy", "studies", "share"}
    }
    assert [TARGETS.share.low, TARGETS.share.mode, TARGETS.share.high] == TYPED["share"]
    assert {c.name: c.discrepancy for c in TARGETS.ceilings} == TYPED["discrepancy"]
    assert {study.name: numbers(study) for study in TARGETS.studies} == TYPED["studies"]


def test_a_number_that_differs_is_seen() -> None:
    """The comparison is of every number: a count that is one higher is not the typed one."""
    first = TARGETS.ceilings[0].counts[0]
    assert dataclasses.replace(first, value=first.value + 1).value != TYPED["any"]["2014"][0]


def test_every_source_of_the_targets_is_cited() -> None:
    """Sources of the file are used in it, and are not sources of the catalog as well."""
    parts = [*(count for c in TARGETS.ceilings for count in c.counts), *TARGETS.studies]
    cited = {source for part in parts for source in (*part.sources, *part.reporting.sources)}
    own = set(catalog.target_sources())
    assert own <= cited
    assert not own & set(catalog.load_sources())


def test_one_scenario_stands_for_each_breach() -> None:
    """No breach is run twice, and every one concerns people in the United States."""
    breaches = [catalog.load_scenario(member.scenario).dossier for member in TARGETS.members]
    assert len({own.breach for own in breaches}) == len(breaches)
    assert all("US" in own.countries for own in breaches)
    every = {
        own.breach
        for name in catalog.scenario_names()
        if (own := (scenario := catalog.load_scenario(name)).dossier).countries[:1] == ("US",)
        and (scenario.day_zero or "2014")[:4] in {str(year) for year in range(2013, 2025)}
    }
    assert every == {own.breach for own in breaches}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('attacks = ["card_not_present_fraud"]', 'attacks = ["card_fraud"]', "unknown attack 'card_fraud'"),
        ("discrepancy = 0.4", "discrepancy = 0", "discrepancy is 0"),
        ("years = [2022]", "years = [2021]", "two counts stand for 2021"),
        ("value = 1611", "value = 0", "a count is a number above 0"),
        ("shown = 1\n", "shown = 25\n", "cannot be more than all"),
        ('segments = ["us"]', 'segments = ["usa"]', "unknown segment 'usa'"),
        ("\nat_most = true", '\nat_most = "yes"', "must be true or false"),
        ('sources = ["gao07-24"]', 'sources = ["gao"]', "unknown source 'gao'"),
    ],
)
def test_a_wrong_target_is_refused(old: str, new: str, said: str, tmp_path: Path) -> None:
    """The reader names file, key and rule."""
    text = (DATA / "targets.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "targets.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogError, match=said) as error:
        catalog.read_targets(path, "targets.toml")
    assert str(error.value).startswith("targets.toml, ")


# --------------------------------------------------------------------------------------- rows


def stored(**parts: Any) -> bytes:
    """Return a file of posterior rows."""
    usual: dict[str, Any] = {
        "names": np.array(["attacks.sim_swap.success"]),
        "levels": np.zeros((3, 1), dtype=np.uint16),
        "digest": np.array("a" * 64),
    }
    out = io.BytesIO()
    np.savez_compressed(out, **{k: v for k, v in {**usual, **parts}.items() if v is not None})
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"nothing", "is no file of posterior rows"),
        (b"", "is no file of posterior rows"),
        (stored(levels=None), "is no file of posterior rows"),
        (stored(digest=np.array("b" * 64)), r"digest is bbbbbbbbbbbb\.\.\., .* have aaaaaaaaaaaa"),
        (stored(levels=np.zeros((3, 2), dtype=np.uint16)), "one column of uint16 for each name"),
        (stored(levels=np.zeros((3, 1))), "one column of uint16 for each name"),
        (stored(names=np.array(["a", "a"]), levels=np.zeros((3, 2), dtype=np.uint16)), "'a' twice"),
    ],
)
def test_rows_that_do_not_belong_are_refused(content: bytes, said: str, tmp_path: Path) -> None:
    """A damaged file, other data and a wrong shape are refused with the file; other data with the remedy."""
    path = tmp_path / "victims.npz"
    path.write_bytes(content)
    with pytest.raises(CatalogError, match=said) as error:
        catalog.read_posterior(path, "victims.npz", "a" * 64)
    assert str(error.value).startswith("victims.npz")
    if "digest" in said:
        assert "python run.py calibrate" in str(error.value)
        assert "--priors" in str(error.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """Without the file the message names it and the remedy."""
    with pytest.raises(CatalogError, match=r"cannot be read: .*--priors"):
        catalog.read_posterior(tmp_path / "none.npz", "none.npz", "a" * 64)


def test_another_prior_ends_a_run_with_status_2(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a prior was changed after the fit a run ends with 2 and says so; on the priors it goes on."""
    monkeypatch.setattr(calibration, "VERSION", "another")
    calibration.load_posterior.cache_clear()
    try:
        refused = say("run", "tmobile-2021-stated", "--replicates", "20", "--json")
        assert refused.code == 2
        assert "digest is" in refused.err
        assert "--priors" in refused.err
        assert say("run", "tmobile-2021-stated", "--replicates", "20", "--json", "--priors").code == 0
    finally:
        calibration.load_posterior.cache_clear()


def test_the_digest_is_that_of_what_victims_depend_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another number of a rate gives another digest; another loss, or another note, does not."""
    before, graph = catalog.victims_digest(), catalog.load_attacks()

    def with_attack(**changes: Any) -> str:
        first = dataclasses.replace(graph.attacks[0], **changes)
        other = dataclasses.replace(graph, attacks=(first, *graph.attacks[1:]))
        monkeypatch.setattr(calibration, "load_attacks", lambda: other)
        return catalog.victims_digest()

    own = graph.attacks[0]
    assert own.capacity is not None
    assert with_attack(capacity=dataclasses.replace(own.capacity, mode=30_000.0)) != before
    assert with_attack(capacity=dataclasses.replace(own.capacity, note="other")) == before
    assert with_attack(severity=own.severity.held_at(5.0)) == before


def test_the_shipped_rows_belong_to_the_shipped_data() -> None:
    """The rows of the package are those of its targets and priors: 4,000 of them, of catalog parameters."""
    posterior = catalog.load_posterior()
    assert len(posterior) == 4_000
    assert posterior.digest == catalog.victims_digest()
    assert set(posterior.names) <= set(catalog_names())


def catalog_names() -> list[str]:
    """Return the names of all numbers of the attacks."""
    from breach_sim.inputs.numbers.estimates import estimates_in

    return [estimate.name for estimate in estimates_in(catalog.load_attacks())]
