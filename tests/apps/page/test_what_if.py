"""The page that people share: its sums equal the engine's, and the file is whole."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr
from support.command_line import refused, say
from support.page_cases import (
    Case,
    Engine,
    all_fields,
    at_random,
    columns,
    difference,
    in_node,
    node,
    numbered,
)
from support.readability import page_text, prose_faults
from support.sampled import some

import breach_sim as bs
from breach_sim.apps.page.what_if import FEWER, LARGEST, MOST, REPLICATES, what_if, write_what_if
from breach_sim.apps.page.world import measures_of, world_of

needs_node = pytest.mark.skipif(
    node() is None, reason="no Node on this machine; run.py browser does the same"
)
SMALL, LARGE = "verizon-2017-claimed", "equifax-2017"
AGREE = 1e-9
ANSWERED = "return asked(new World(data.law), data.cases);"


@functools.cache
def _run(name: str, replicates: int) -> Any:
    impact = bs.simulate(name, replicates=replicates, seed=1)
    return impact, measures_of(impact, bs.load_mitigations())


@functools.cache
def _page(name: str = SMALL) -> str:
    return what_if(name, replicates=64)


def _inside(page: str, name: str) -> Any:
    """Data of an element of the page."""
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


@needs_node
def test_every_set_of_fields_of_a_small_breach_is_summed_as_the_engine_does(tmp_path: Path) -> None:
    """Whatever fields are left out of a small breach, the page's sums are those of the engine, to 1e-9."""
    impact, measures = _run(SMALL, 16)
    law = world_of(impact, measures)
    cases = all_fields(columns(impact))
    found = in_node(ANSWERED, tmp_path, law=law, cases=numbered(cases, law))
    engine = Engine(impact, measures)
    assert len(cases) >= 2**5
    assert max(difference(p, engine.answer(case)) for p, case in zip(found, cases, strict=True)) < AGREE


@needs_node
@pytest.mark.parametrize(
    "name", some([LARGE, "tmobile-2021-stated", "everyone-lost-everything", "optus-2022"], every=2)
)
def test_fields_and_measures_at_random_are_summed_as_the_engine_does(name: str, tmp_path: Path) -> None:
    """Fields, measures and days at random give the engine's sums to 1e-9, abroad and with resets too."""
    impact, measures = _run(name, 16)
    law = world_of(impact, measures)
    cases = at_random(columns(impact), len(measures), 16, seed=1)
    found = in_node(ANSWERED, tmp_path, law=law, cases=numbered(cases, law))
    engine = Engine(impact, measures)
    for page, case in zip(found, cases, strict=True):
        assert difference(page, engine.answer(case)) < AGREE, case


@pytest.mark.slow
@needs_node
def test_every_breach_of_the_catalog_is_summed_as_the_engine_does(tmp_path: Path) -> None:
    """As leaked, and with fields and measures at random, every breach of the catalog agrees to 1e-9."""
    for name in bs.scenario_names():
        impact, measures = _run(name, 8)
        law = world_of(impact, measures)
        cases = [Case(), *at_random(columns(impact), len(measures), 3, seed=5)]
        found = in_node(ANSWERED, tmp_path, law=law, cases=numbered(cases, law))
        engine = Engine(impact, measures)
        assert max(difference(p, engine.answer(case)) for p, case in zip(found, cases, strict=True)) < AGREE


@needs_node
def test_a_number_of_the_users_own_reaches_the_page(tmp_path: Path) -> None:
    """A page of a scenario with overrides sums what the engine sums with them."""
    file = tmp_path / "mine.toml"
    file.write_text(
        '["attacks.new_account_fraud.attempts"]\nscale = 2.0\nreason = "twice as many, for a test"\n',
        encoding="utf-8",
    )
    scenario = bs.with_overrides("tmobile-2021-stated", file)
    impact = bs.simulate(scenario, replicates=16, seed=1)
    law = world_of(impact, [])
    case = Case(("ssn",))
    (page,) = in_node(ANSWERED, tmp_path, law=law, cases=numbered([case], law))
    plain, _ = _run("tmobile-2021-stated", 16)
    assert difference(page, Engine(impact, []).answer(case)) < AGREE
    assert difference(page, Engine(plain, []).answer(case)) > 1e-3


@needs_node
@pytest.mark.parametrize("name", some(["tmobile-2021-stated", "equifax-2017", "tmobile-de-2006"]))
def test_the_ranges_with_luck_are_close_to_those_of_drawn_runs(name: str, tmp_path: Path) -> None:
    """The page approximates luck: its median and range are within 7 % of those of as many drawn runs."""
    page = what_if(name)
    law, words = _inside(page, "law"), _inside(page, "words")
    found = in_node(
        "const w = new World(data.law); const r = drawn(w.evaluate(), data.scores.map((s) => w.v(s)));"
        "return [r.people, r.loss].map((own) => quantiles(own, [0.05, 0.5, 0.95]));",
        tmp_path,
        law=law,
        scores=words["scores"],
    )
    whole = bs.simulate(name, replicates=words["replicates"], seed=1)
    for own, drawn in zip(found, (whole.people, whole.loss), strict=True):
        assert np.asarray(own) == pytest.approx(np.quantile(drawn, [0.05, 0.5, 0.95]), rel=0.07)


@needs_node
def test_few_victims_are_counted_and_not_smeared(tmp_path: Path) -> None:
    """Where few are harmed, the page's share of runs without a victim is that of drawn runs."""
    segment = bs.load_scenario("tmobile-2021-stated").segments[0]
    import dataclasses

    few = dataclasses.replace(
        bs.load_scenario("tmobile-2021-stated"),
        name="few",
        segments=(dataclasses.replace(segment, accounts=300),),
        events=(),
    )
    page = what_if(few)
    found = in_node(
        "const w = new World(data.law); const r = drawn(w.evaluate(), data.scores.map((s) => w.v(s)));"
        "return [Array.from(r.people), Array.from(r.loss)];",
        tmp_path,
        law=_inside(page, "law"),
        scores=_inside(page, "words")["scores"],
    )
    people, loss = map(np.asarray, found)
    whole = bs.simulate(few, seed=1)
    assert (people == 0).mean() == pytest.approx((whole.people == 0).mean(), abs=0.04)
    assert people.mean() == pytest.approx(whole.people.mean(), rel=0.1)
    assert np.array_equal(people == 0, loss == 0)
    assert loss.mean() == pytest.approx(whole.loss.mean(), rel=0.25)


@needs_node
def test_the_normal_distribution_function_is_scipys(tmp_path: Path) -> None:
    """The page's normal distribution function equals SciPy's to 1e-13 in both tails."""
    at = np.linspace(-12, 12, 4_001)
    found = np.asarray(in_node("return data.at.map(ndtr);", tmp_path, at=at.tolist()))
    assert np.max(np.abs(found / ndtr(at) - 1)) < 1e-13


@needs_node
def test_numbers_are_written_as_the_package_writes_them(tmp_path: Path) -> None:
    """The page writes a number with two digits as ``human`` does."""
    from breach_sim.formatting.digits import human, significant

    at = [0.0, 1.0, 7.4, 12.0, 99.5, 100.0, 846.0, 12_345.0, 999_999.0, 54_617_000.0, 1.26e9, 8.04e10]
    found = in_node("return data.at.map((v) => human(v));", tmp_path, at=at)
    assert found == [human(significant(value, 2)) for value in at]


def test_the_page_asks_nobody_and_runs_its_own_scripts_only() -> None:
    """A page names no address, and its policy lets in its own scripts, by hash, and nothing else."""
    page = _page()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    said = policy[1].replace("&#x27;", "'").replace("&#39;", "'")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert said.startswith("default-src 'none'; ")
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in said
    markup = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.findall(r"""(?:src|href|action)\s*=|url\(|@import""", markup)


def test_no_name_of_code_is_read_by_a_person() -> None:
    """What the page calls things are labels: no underscore, and no name with hyphens."""
    words = _inside(_page("tmobile-2021-stated"), "words")
    labels = [field[key] for field in words["fields"] for key in ("label", "head")]
    labels += [attack["label"] for attack in words["attacks"]]
    labels += [measure["label"] for measure in words["measures"]]
    for family in words["families"]:
        labels.append(family["family"])
        for attack in family["attacks"]:
            labels += [attack["label"], *(note for way in attack["ways"] for note in way["notes"])]
    codes = {*bs.load_attacks().names, *bs.mitigation_names()} - {"smishing", "extortion"}
    assert not [label for label in labels if "_" in label or label in codes]
    assert not any("carrier" in label.lower() for label in labels)


def test_every_way_in_is_a_row_and_none_needs_more_than_another() -> None:
    """The rows hold each attack's routes without those that need all that another needs, and more."""
    words = _inside(_page("tmobile-2021-stated"), "words")
    swap = next(
        attack
        for family in words["families"]
        for attack in family["attacks"]
        if attack["label"] == "SIM swap"
    )
    names = [{words["fields"][n]["name"] for n in way["fields"]} for way in swap["ways"]]
    assert {"phone_number", "account_pin"} in names
    assert not any(
        one < other
        for i, one in enumerate(names)
        for j, other in enumerate(names)
        if i != j and not swap["ways"][i]["notes"]
    )


@pytest.mark.parametrize("name", [SMALL, LARGE, "tmobile-2021-stated", "everyone-lost-everything"])
def test_a_page_fits(name: str) -> None:
    """A page of a breach of the catalog has at most two million bytes."""
    assert len(what_if(name).encode()) < LARGEST


@pytest.mark.parametrize(("name", "draws"), [("tmobile-2021-stated", REPLICATES), (LARGE, FEWER)])
def test_a_breach_with_many_blocks_has_fewer_draws(name: str, draws: int) -> None:
    """A page of many sets of known routes has half the draws, so that a tap answers as quickly."""
    assert _inside(what_if(name), "words")["replicates"] == draws


def test_the_same_seed_gives_the_same_page() -> None:
    """Two pages of the same arguments are equal, byte by byte."""
    assert what_if(SMALL, replicates=64) == _page()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["page", SMALL, "--out", "x.pdf"], "unknown ending"),
        (["page", "banana", "--out", "x.html"], "unknown scenario 'banana'"),
        (["page", SMALL, "--out", "x.html", "--replicates", str(MOST + 1)], f"at most {MOST}"),
    ],
)
def test_a_wrong_word_is_refused_and_nothing_is_written(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong ending, name or number gives exit code 2, a sentence, and no file."""
    monkeypatch.chdir(tmp_path)
    refused(say(*words), said)
    assert not list(tmp_path.iterdir())


def test_a_union_is_refused() -> None:
    """Several breaches at once have overlaps that a page cannot hold, and are refused."""
    union = bs.combine("tmobile-2021-stated", "equifax-2017")
    with pytest.raises(ValueError, match="joins several breaches"):
        what_if(union, replicates=16)


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    """``breach-sim page`` writes the file that ``write_what_if`` writes."""
    said = say("page", SMALL, "--out", str(tmp_path / "a.html"), "--replicates", "64")
    assert said.code == 0
    write_what_if(SMALL, tmp_path / "b.html", replicates=64)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_the_page_reads_like_a_page() -> None:
    """No sentence of the page is long, and no word is private or British."""
    assert [] == prose_faults("page", page_text(_page()))
