"""Laws of the front door: names in, objects out, and nothing heavy before it is needed."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from support import worlds
from support.worlds import way

import breach_sim as bs
from breach_sim.catalog import CatalogError, load_look_ups
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.formatting.digits import out_of
from breach_sim.results.searches import draw_searches

STATED = "tmobile-2021-stated"
CLAIMED = "tmobile-2021-claimed"
HEAVY = ("pandas", "scipy", "matplotlib", "faker", "pyarrow", "typer")
FILE = """name = "mine"
[segments.a]
accounts = 1000
[[segments.a.leaks]]
fields = ["full_name", "date_of_birth", "ssn"]
coverage = 1.0
"""


def counted(
    harm: str, what: Any = STATED, **rest: Any
) -> tuple[dict[tuple[str, ...], int], dict[tuple[str, ...], int]]:
    """Return enabling and protection sets with their accounts."""
    answer = bs.requires(harm, what, **rest)
    return (
        {tuple(s["fields"]): s["accounts"] for s in answer["enabling_sets"]},
        {tuple(s["fields"]): s["accounts"] for s in answer["protection_sets"]},
    )


# requires --------------------------------------------------------------------------------------------


def test_new_account_fraud_needs_name_birth_date_and_ssn() -> None:
    """0.63 of 47,800,000 stated accounts lost what new-account fraud needs; any of the three protects."""
    enabling, protecting = counted("new_account_fraud")
    assert {("full_name", "date_of_birth", "ssn"): 30_114_000} == enabling
    # Of the 5.3 million with "one or more" of the fields, 0.8 lost name and birth date.
    assert {("full_name",): 53_557_000, ("date_of_birth",): 52_707_000, ("ssn",): 30_114_000} == protecting
    assert 30_114_000 == bs.requires("new_account_fraud", STATED)["attackable"]


def test_sim_swap_opens_by_pin_or_by_identity() -> None:
    """850,000 stated accounts open by PIN, 0.63 of 7,800,000 by identity, none by the last four digits."""
    enabling, protecting = counted("sim_swap")
    assert 850_000 == enabling["phone_number", "account_pin"]
    assert 4_914_000 == enabling["full_name", "date_of_birth", "ssn", "phone_number"]
    assert 0 == enabling["full_name", "date_of_birth", "ssn_last4", "phone_number"]
    assert 3 == len(enabling)
    assert 5_764_000 == bs.requires("sim_swap", STATED)["attackable"]
    assert ("phone_number",) in protecting


@pytest.mark.parametrize("harm", [*bs.load_attacks().names, "any"])
def test_protection_sets_hit_every_enabling_set(harm: str) -> None:
    """Each protection set meets every enabling set, none holds another, and each field of it is needed."""
    enabling, protecting = counted(harm)
    ways, walls = [set(fields) for fields in enabling], [set(fields) for fields in protecting]
    assert all(wall & way_ for wall in walls for way_ in ways)
    for wall in walls:
        assert all(any(not (wall - {field}) & way_ for way_ in ways) for field in wall)
    assert not any(one < other for one in ways for other in ways)
    assert bool(ways) == bool(walls)


@pytest.mark.parametrize("harm", bs.attacks_of(CLAIMED, elsewhere=None).names)
def test_attackable_accounts_are_those_of_the_run(harm: str) -> None:
    """At coverages without doubt the accounts counted are the attackable ones of a run without look-ups."""
    impact = bs.simulate(CLAIMED, replicates=3, seed=1, elsewhere=None)
    position = impact.attacks.names.index(harm)
    counted_once = bs.requires(harm, CLAIMED)["attackable"]
    assert [counted_once] * 3 == impact.per_attack("attackable")[position].tolist()


def test_background_only_needs_nothing_leaked() -> None:
    """No set of fields enables the bribed insider, none prevents him, and nobody is attackable."""
    answer = bs.requires("sim_swap_insider", STATED)
    assert ([], [], 0) == (answer["enabling_sets"], answer["protection_sets"], answer["attackable"])


def test_without_a_scenario_nobody_is_counted() -> None:
    """Without a scenario sets are bare, and the scenario is null."""
    answer = bs.requires("new_account_fraud")
    assert {"harm", "scenario", "enabling_sets", "protection_sets", "with_look_ups"} == set(answer)
    assert not any("accounts" in entry for entry in answer["with_look_ups"])
    assert ("new_account_fraud", None) == (answer["harm"], answer["scenario"])
    assert [{"fields": ["full_name", "date_of_birth", "ssn"]}] == answer["enabling_sets"]


def test_the_worked_toy() -> None:
    """Of the toy {P,K} {N,P,S} {N,S,D} enable some harm and {N,P} {N,K} {P,S} {P,D} {K,S} protect."""
    n, p, k, s, d = "full_name", "phone_number", "account_pin", "ssn", "date_of_birth"
    graph = worlds.graph(
        [
            worlds.attack("sim_swap", [way(f"{p} {k}"), way(f"{p} {n} {s}")]),
            worlds.attack("new_account", [way(f"{n} {s} {d}")]),
        ]
    )
    blocks = [(p, 0.9), (k, 0.5), (n, 0.9), (s, 0.6)]
    what = worlds.scenario([worlds.segment("a", 1000, blocks)])
    enabling, protecting = counted("any", what, attacks=graph)
    assert {frozenset((p, k)): 450, frozenset((n, p, s)): 486, frozenset((n, s, d)): 0} == {
        frozenset(fields): accounts for fields, accounts in enabling.items()
    }
    wanted = {(n, p): 990, (n, k): 950, (p, s): 960, (p, d): 900, (k, s): 800}
    assert {frozenset(f): v for f, v in wanted.items()} == {frozenset(f): v for f, v in protecting.items()}
    assert 693 == bs.requires("any", what, graph)["attackable"]


def test_counts_carry_the_cautions() -> None:
    """An answer with accounts carries the scenario's name and notes."""
    answer = bs.requires("any", STATED)
    assert (STATED, list(bs.load_scenario(STATED).notes)) == (answer["scenario"], answer["notes"])


# requires, with look-ups --------------------------------------------------------------------------------


def test_a_missing_birth_date_is_a_look_up_away() -> None:
    """Name and SSN suffice for new-account fraud where the birth date can be looked up: 7 in 10 people."""
    rows = {tuple(s["fields"]): s for s in bs.requires("new_account_fraud", STATED)["with_look_ups"]}
    row = rows["full_name", "ssn"]
    assert ([["date_of_birth"]], 30_114_000) == (row["looked_up"], row["accounts"])
    assert pytest.approx(0.7) == row["chance"]
    assert 0 < row["replaceable"] < row["chance"]
    assert {("full_name",), ("date_of_birth",), ("ssn",)} == {
        fields for fields, entry in rows.items() if entry["smallest"]
    }


def test_everybody_says_the_same_of_a_look_up() -> None:
    """A person's sentences give the central share of a look-up, as `requires` does, not the mean of draws."""
    lookups = load_look_ups()
    draws = Parameters(1, 64)
    shares = draw_searches(lookups, draws, 1, 0).shares
    assert {own.field: own.share.central for own in lookups.possible} == shares
    assert "7 in 10" == out_of(shares["date_of_birth"])
    assert float(draws(lookups["date_of_birth"].share).mean()) < 0.69


def test_sets_with_look_ups_come_the_likeliest_first() -> None:
    """Chances fall from row to row, all are below 1, and no part is larger than the whole."""
    rows = bs.requires("any")["with_look_ups"]
    chances = [row["chance"] for row in rows]
    assert sorted(chances, reverse=True) == chances
    assert all(0 <= row["replaceable"] <= row["chance"] + 1e-12 < 1 for row in rows)


def test_without_look_ups_the_answer_is_that_of_the_leak() -> None:
    """Where nothing can be looked up, the answer says nothing of look-ups, and the rest is the same."""
    rich, plain = bs.requires("sim_swap", STATED), bs.requires("sim_swap", STATED, elsewhere=None)
    assert {"with_look_ups", "attackable_with_look_ups"} == set(rich) - set(plain)
    assert plain == {key: rich[key] for key in plain}  # type: ignore[literal-required]
    assert plain == bs.requires("sim_swap", STATED, elsewhere="none")


def test_accounts_with_look_ups_are_counted_by_their_chance() -> None:
    """Of 1000 accounts that lack the birth date, the share that can be looked up is attackable."""
    graph = worlds.graph([worlds.attack("fraud", [way("full_name date_of_birth ssn")])])
    what = worlds.scenario([worlds.segment("a", 1000, [("full_name postal_address ssn", 1.0)])])
    for share in (0.0, 0.7, 1.0):
        own = bs.Lookup(
            field="date_of_birth",
            share=bs.Estimate.fixed("elsewhere.date_of_birth", share, "share"),
            given=(("full_name", "postal_address"),),
        )
        lookups = bs.Lookups.of([own], bs.Estimate.fixed("elsewhere.easy_to_find", 0.5, "share"))
        answer = bs.requires("fraud", what, graph, elsewhere=lookups)
        assert (0, round(1000 * share)) == (answer["attackable"], answer["attackable_with_look_ups"])
        # A graph brings its look-ups along.
        assert answer == bs.requires("fraud", what, dataclasses.replace(graph, lookups=lookups))


@lru_cache(maxsize=1)
def certain_run() -> tuple[bs.Lookups, bs.Impact]:
    """Return the catalog's look-ups at their central values, and a run with them and with such coverages."""
    known = bs.load_look_ups()
    own = [
        dataclasses.replace(each, share=bs.Estimate.fixed(each.share.name, each.share.central, "share"))
        for each in known.by_field.values()
    ]
    easy = bs.Estimate.fixed(known.easy_to_find.name, known.easy_to_find.central, "share")
    lookups = bs.Lookups.of(own, easy)
    breach = bs.load_scenario(STATED)
    sure = [
        dataclasses.replace(segment, leaks=tuple(map(certain_leak, segment.leaks)))
        for segment in breach.segments
    ]
    breach = dataclasses.replace(breach, segments=tuple(sure))
    return lookups, bs.simulate(breach, replicates=20, seed=1, elsewhere=lookups)


def certain_leak(leak: bs.Leak) -> bs.Leak:
    """Return a leak whose coverage is its central value."""
    own = leak.coverage
    return dataclasses.replace(leak, coverage=bs.Estimate.fixed(own.name, own.central, own.unit))


@pytest.mark.parametrize("harm", bs.attacks_of(STATED).names)
def test_expected_attackable_accounts_are_those_of_the_run(harm: str) -> None:
    """With certain shares 20 runs (seed 1) have the expected number, within 4 standard errors."""
    lookups, impact = certain_run()
    expected = bs.requires(harm, STATED, elsewhere=lookups)["attackable_with_look_ups"]
    drawn = impact.per_attack("attackable")[impact.attacks.names.index(harm)]
    # Each of 54.6 million accounts is attackable or not: the variance is at most that of fair coins.
    assert abs(drawn.mean() - expected) <= 4 * (expected / len(drawn)) ** 0.5 + 1


def test_nobody_abroad_has_an_ssn_to_find() -> None:
    """In a breach abroad no set has the SSN looked up."""
    breach = bs.load_scenario(STATED)
    abroad = dataclasses.replace(breach, dossier=dataclasses.replace(breach.dossier, countries=("GB",)))
    rows = bs.requires("identity_number_fraud", abroad)["with_look_ups"]
    assert rows
    assert not any("ssn" in fields for row in rows for fields in row["looked_up"])


# Errors ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: bs.requires("new_acount_fraud"),
            r"unknown harm 'new_acount_fraud' .*; did you mean 'new_account_fraud'\?",
        ),
        (lambda: bs.requires(""), r"unknown harm '' in requires"),
        (
            lambda: bs.requires("any", elsewhere="catlog"),
            r"unknown set of look-ups 'catlog' in elsewhere; did you mean 'catalog'\?",
        ),
        (
            lambda: bs.requires("any", elsewhere="mine.toml"),
            r"mine\.toml: no such file; give the path of a file with one table for each field",
        ),
        (
            lambda: bs.requires("any", elsewhere={"ssn": 0.5}),  # type: ignore[arg-type]
            r"elsewhere is .*; give 'catalog', 'none', the path of a \.toml file, or Lookups",
        ),
        (
            lambda: bs.requires("any", "tmobile-2021-state"),
            r"unknown scenario .*; did you mean 'tmobile-2021-stated'\?",
        ),
        (
            lambda: bs.simulate("tmobil-2021-claimed", seed=1),
            r"unknown scenario .*; did you mean 'tmobile-2021-claimed'\?",
        ),
        (
            lambda: bs.load_scenario("everyone"),
            r"unknown scenario 'everyone' .*did you mean 'everyone-lost-everything'",
        ),
        (
            lambda: bs.simulate(STATED, "smishin", seed=1),
            r"unknown attack 'smishin' .*; did you mean 'smishing'\?",
        ),
        (lambda: bs.simulate(STATED, ["smishing", "x"], seed=1), r"unknown attack 'x'"),
        (lambda: bs.simulate(STATED, [], seed=1), r"there must be at least one"),
        (lambda: bs.simulate(STATED, seed=-1), r"seed is -1; it must be a whole number"),
        (lambda: bs.simulate(STATED, seed=1, replicates=0), r"replicates is 0; it must be a whole number"),
        (
            lambda: bs.simulate(STATED, seed=1, replicates=2, horizon_years=0),
            r"horizon_years is 0; it must be a number above 0",
        ),
    ],
)
def test_wrong_names_and_numbers_are_answered(call: Any, message: str) -> None:
    """An unknown harm, scenario or attack is answered with the nearest name, a number with its rule."""
    with pytest.raises(ValueError, match=message):
        call()


def test_a_wrong_file_is_named(tmp_path: Path) -> None:
    """Through every door a wrong file is refused with its name and key."""
    file = tmp_path / "mine.toml"
    file.write_text(FILE.replace("ssn", "snn"), encoding="utf-8")
    for call in (bs.load_scenario, lambda f: bs.simulate(f, seed=1), lambda f: bs.requires("any", f)):
        for name in (file, str(file)):
            with pytest.raises(
                CatalogError, match=r"mine\.toml, segments\.a\.leaks\[0\]: .* did you mean 'ssn'"
            ):
                call(name)


# Names, files, objects -------------------------------------------------------------------------------


def test_names_and_objects_give_the_same_answer() -> None:
    """A scenario by name or as an object, attacks by name, as a graph or left out: one document."""
    small = "att-snowflake-2024"
    graph = bs.attacks_of(small)
    documents = {
        bs.simulate(what, attacks, replicates=20, seed=1).to_json()
        for what in (small, bs.load_scenario(small))
        for attacks in (None, graph, graph.names, iter(graph.names), set(graph.names))
    }
    assert 1 == len(documents)


def test_files_are_read_by_path_and_by_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is found by its path, by its path as text, and by its bare name in the current folder."""
    file = tmp_path / "mine.toml"
    file.write_text(FILE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found = {bs.simulate(name, replicates=5, seed=1).to_json() for name in (file, str(file), "mine.toml")}
    assert 1 == len(found)
    assert 1000 == bs.requires("new_account_fraud", file)["attackable"]


def test_a_name_of_the_catalog_wins_over_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scenario's name means the scenario, whatever lies in the current folder."""
    (tmp_path / STATED).mkdir()
    monkeypatch.chdir(tmp_path)
    assert 54_617_000 == bs.load_scenario(STATED).accounts


def test_some_attacks_may_be_kept() -> None:
    """One name, or some, keep these attacks in the catalog's order."""
    assert ("smishing",) == bs.simulate(STATED, "smishing", replicates=2, seed=1).attacks.names
    kept = bs.simulate(STATED, ["smishing", "port_out"], replicates=2, seed=1).attacks.names
    assert ("port_out", "smishing") == kept


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("sim_swap", ("sim_swap",)),
        (["new_account_fraud", "sim_swap"], ("sim_swap", "new_account_fraud")),
        ("bank_code_interception", ("sim_swap", "port_out", "bank_code_interception")),
        ("mailbox_takeover", ("sim_swap", "port_out", "mailbox_takeover")),
        (
            "crypto_code_interception",
            ("sim_swap", "port_out", "mailbox_takeover", "crypto_code_interception"),
        ),
    ],
)
def test_an_attack_brings_the_steps_it_needs_and_no_others(asked: Any, kept: tuple[str, ...]) -> None:
    """Kept attacks bring those that grant what they need, and not those their loss is anchored to."""
    assert bs.simulate(STATED, asked, replicates=2, seed=1).attacks.names == kept


def test_an_anchor_keeps_the_follow_ons_that_are_left() -> None:
    """Without one of its follow-ons an anchor scales the other; without any it is gone."""
    one = bs.simulate(STATED, ["sim_swap", "bank_code_interception"], replicates=2, seed=1)
    none = bs.simulate(STATED, ["sim_swap", "smishing"], replicates=2, seed=1)
    assert one.attacks["sim_swap"].anchor.follow_ons == ("bank_code_interception",)
    assert none.attacks["sim_swap"].anchor is None
    assert (set(one.factors), set(none.factors)) == ({"bank_code_interception"}, set())


# What is loaded --------------------------------------------------------------------------------------


def loaded(code: str) -> set[str]:
    """Return the heavy modules that a fresh interpreter has loaded after some code."""
    text = f"import sys\n{code}\nprint(*(m for m in {HEAVY!r} if m in sys.modules))"
    env = os.environ | {"PYTHONPATH": str(Path(bs.__file__).parent.parent)}
    words = [sys.executable, "-c", text]
    return set(subprocess.run(words, env=env, capture_output=True, text=True, check=True).stdout.split())  # noqa: S603


def test_importing_loads_nothing_heavy() -> None:
    """``import breach_sim`` loads none of pandas, SciPy, matplotlib, Faker, pyarrow, and prints nothing."""
    assert set() == loaded("import breach_sim")


def test_looking_up_names_and_scenarios_loads_nothing_heavy() -> None:
    """Names, scenarios, attacks and ``requires`` need NumPy alone."""
    code = f"import breach_sim as bs\ndir(bs)\nbs.requires('any', {STATED!r})\nbs.Scenario, bs.Impact"
    assert set() == loaded(code)


def test_simulating_loads_no_tables_and_no_plots() -> None:
    """A run and its document load SciPy at most; pandas comes with the first table."""
    code = f"import breach_sim as bs\nx = bs.simulate({STATED!r}, replicates=2, seed=1)\nx.to_json()\nrepr(x)"
    assert loaded(code) <= {"scipy"}


def test_every_public_name_is_there() -> None:
    """Each name of ``__all__`` can be had, ``dir`` lists it, and an unknown one gets the nearest."""
    assert set(bs.__all__) <= set(dir(bs))
    assert all(getattr(bs, name) is not None for name in bs.__all__)
    assert not hasattr(bs, "simulat")
    with pytest.raises(
        AttributeError, match=r"module 'breach_sim' has no attribute 'simulat'; it has .*simulate"
    ):
        _ = bs.simulat


@pytest.mark.parametrize(
    ("ask", "part"),
    [
        (lambda: bs.compare(STATED, 5), "a mitigation is 5; give its name"),
        (lambda: bs.compare(STATED, "notice", firm=0), "firm is 0; give the numbers of the firm's"),
        (lambda: bs.compare(STATED, "notice", calibrated="no"), "calibrated is 'no'; give True or False"),
        (lambda: bs.compare(STATED, "notice", can_start_on=10**400), "the day to start on is 1000"),
        (lambda: bs.best_bundle(STATED, 5, 1e6), "mitigations is 5; give a list"),
        (lambda: bs.best_bundle(STATED, ["notice"], 10**400), "the budget is 1000"),
        (lambda: bs.portfolio(5), "scenarios is 5; give a list"),
        (
            lambda: bs.portfolio([STATED, "equifax-2017"], frequencies=[1]),
            "frequencies is [1]; give breaches",
        ),
        (lambda: bs.league(5), "scenarios is 5; give a list"),
        (lambda: bs.league([STATED], by=[1]), "unknown measure '[1]'"),
        (lambda: bs.league([STATED], horizon_years=None), "horizon_years is None; it must be a number"),
        (lambda: bs.league([STATED], readings=5), "readings is 5; give a list"),
        (lambda: bs.follow(STATED, 3, impact=5), "impact is 5; give what simulate returned"),
    ],
)
def test_a_value_of_another_type_is_a_sentence(ask: Any, part: str) -> None:
    """Every verb names a value that it cannot mean, and none reads it as another."""
    with pytest.raises(ValueError, match=re.escape(part)):
        ask()


@pytest.mark.parametrize(
    "ask",
    [
        bs.assumptions,
        bs.attribution,
        bs.attribution_pairs,
        bs.card,
        bs.forms,
        bs.sensitivity,
        bs.structural,
        bs.tornado,
        lambda impact: bs.explain(impact, "loss"),
    ],
)
def test_a_name_is_no_impact(ask: Any) -> None:
    """Whoever asks about a name in place of a result learns how to get one."""
    with pytest.raises(ValueError, match=r"impact is 'stated'; give what simulate returned"):
        ask("stated")


def test_a_star_import_gives_the_public_names() -> None:
    """``from breach_sim import *`` works and gives ``__all__``."""
    names: dict[str, Any] = {}
    exec("from breach_sim import *", names)  # noqa: S102 - a star import is allowed at module level only
    assert set(bs.__all__) <= set(names)


def test_the_version_is_one() -> None:
    """The version of a document is that of the installed package, or says that there is none."""
    found = bs.simulate(STATED, replicates=1, seed=1).version
    assert found in (bs.__version__, "not installed")


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"firm": {"settlement": 5}}, "firm is {'settlement': 5}; give the numbers of the firm's"),
        ({"firm": {}}, "as load_firm() returns them"),
        ({"drivers": "no"}, "drivers is 'no'; give True or False"),
        ({"calibrated": 0}, "calibrated is 0; give True or False"),
    ],
)
def test_what_would_fail_later_is_refused_at_once(given: dict[str, Any], part: str) -> None:
    """A ledger that is none, and a switch that is no switch, are named with the remedy."""
    with pytest.raises(ValueError, match=re.escape(part)):
        bs.simulate(STATED, replicates=5, **given)
