"""Laws of the catalog: what the package's files hold, and what any file may not hold."""

from __future__ import annotations

import dataclasses
import random
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from breach_sim.catalog import (
    CatalogError,
    attacks,
    load_attacks,
    load_scenario,
    load_sources,
    reader,
    scenario_names,
)
from breach_sim.catalog.dictionaries import formats
from breach_sim.engine.exposure import expose
from breach_sim.inputs.attacks import Attack
from breach_sim.inputs.fields import FIELD_NAMES, mask
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.rules import STATUSES, UNITS
from breach_sim.inputs.scenario import Scenario

DATA = resources.files("breach_sim") / "catalog" / "data"
SCENARIOS = ("everyone-lost-everything", "tmobile-2021-claimed", "tmobile-2021-stated")
TEXTS = {name: (DATA / "breaches" / f"{name}.toml").read_text(encoding="utf-8") for name in SCENARIOS}
GRAPH = load_attacks()
PUBLISHED = 179
"""Rows of evidence that the catalog started from; none may be lost."""


def estimates(thing: Any) -> Iterator[Estimate]:
    """Yield every estimate inside an object."""
    if isinstance(thing, Estimate):
        yield thing
    elif dataclasses.is_dataclass(thing):
        for part in dataclasses.fields(thing):
            yield from estimates(getattr(thing, part.name))
    elif isinstance(thing, Mapping):
        for value in thing.values():
            yield from estimates(value)
    elif isinstance(thing, tuple):
        for value in thing:
            yield from estimates(value)


NUMBERS = {e.name: e for e in estimates(GRAPH)}
COVERAGES = {f"{name} {e.name}": e for name in SCENARIOS for e in estimates(load_scenario(name))}


# What the package holds ------------------------------------------------------------------------------


def test_every_file_of_the_package_loads() -> None:
    """Every TOML file under data is read by one of the loaders, and every loader finds its file sound."""
    files = {str(p.relative_to(str(DATA))) for p in Path(str(DATA)).rglob("*.toml")}
    wanted = {
        "shared.toml",
        "sources/own.toml",
        "attacks/sim_swap.toml",
        "traits.toml",
        "firm.toml",
        "evidence/readings.toml",
        "evidence/rates.toml",
        "evidence/targets.toml",
        "formats/bare_fields.toml",
        *(f"breaches/{name}.toml" for name in SCENARIOS),
    }
    assert wanted <= files
    assert SCENARIOS == tuple(n for n in scenario_names() if n in SCENARIOS)
    for name in scenario_names():
        assert name == load_scenario(name).name
    assert sorted(GRAPH.names) == sorted(Path(f).stem for f in files if f.startswith("attacks"))


def test_no_published_row_is_lost() -> None:
    """The catalog holds at least the 179 published rows besides our own, each with a title and a grade."""
    sources = load_sources()
    own = {"analyst-judgment", "user-input"}
    assert own <= set(sources)
    assert len(set(sources) - own) >= PUBLISHED
    assert all(source.title.strip() and key == source.id for key, source in sources.items())
    assert all(
        s.url.startswith("http") for k, s in sources.items() if k not in own and s.verified != "recalled"
    )
    files = [tomllib.loads(p.read_text(encoding="utf-8")) for p in (DATA / "sources").iterdir()]
    assert sum(len(file) - 1 for file in files) == len(sources)
    assert {name for file in files for name in file} - {"place"} == set(sources)


def test_every_number_is_sourced_in_a_known_unit() -> None:
    """Every estimate has a known unit and status, its sources exist, and its note gives the reason."""
    sources = load_sources()
    for name, estimate in (NUMBERS | COVERAGES).items():
        assert estimate.unit in UNITS, name
        assert estimate.status in STATUSES, name
        assert estimate.sources, name
        assert set(estimate.sources) <= set(sources), name
        assert estimate.status == "cited" or len(estimate.note) >= len("the rest"), name


def test_every_source_named_by_a_segment_or_scenario_exists() -> None:
    """Ids under ``sources`` of scenarios and segments stand in the catalog."""
    for name in SCENARIOS:
        what = load_scenario(name)
        assert what.sources
        assert {s for part in (what, *what.segments) for s in part.sources} <= set(load_sources())


def test_derived_numbers_show_their_formula() -> None:
    """A derived number's note holds a figure or says that it is the rest."""
    derived = [e for e in NUMBERS.values() if e.status == "derived"]
    assert derived
    assert all(re.search(r"\d|the rest", e.note) for e in derived)


def odds(share: float) -> float:
    """Return the odds of a share."""
    return share / (1 - share)


def test_assumptions_are_wide() -> None:
    """An assumed PERT spans a factor of two or more; a share near 1 spans four or more in its odds.

    Known exceptions: factors on the shape of the onset, of which 1.5 moves the day by which 95 % of the use
    is over by a factor of four.
    """
    narrow = {}
    for name, e in NUMBERS.items():
        if e.status == "assumed" and e.kind == "pert" and e.high and e.mode:
            low = e.low or e.mode / 10
            wide = e.high / low >= 2 or (UNITS[e.unit] == 1 and e.high < 1 and odds(e.high) / odds(low) >= 4)
            narrow |= {} if wide else {name: (low, e.high)}
    assert {"releases.posted.tail", "releases.sold_once.tail"} == set(narrow)


def test_assumed_fixed_numbers_are_shapes_splits_or_nil() -> None:
    """What is assumed without a spread is a shape, a share of the loss, a reference of 1, or nothing."""
    bare = {n: e for n, e in NUMBERS.items() if e.status == "assumed" and e.kind == "fixed" and e.value}
    left = [n for n in bare if not n.endswith("severity_sigma") and ".bearers." not in n]
    assert left
    assert all(bare[n].unit == "ratio" and bare[n].value == 1 for n in left), left


def test_names_of_numbers_are_their_paths() -> None:
    """No two numbers of the attacks share a name, because the name is the random stream."""
    assert len(list(estimates(GRAPH.attacks))) >= len(NUMBERS)
    seen: dict[str, Estimate] = {}
    for estimate in estimates(GRAPH):
        assert seen.setdefault(estimate.name, estimate) == estimate


def test_nothing_in_the_catalog_is_unused() -> None:
    """Every trait and onset is read by some attack, and every capability granted is needed."""
    raw = tomllib.loads((DATA / "shared.toml").read_text(encoding="utf-8"))
    traits = {trait for a in GRAPH.attacks for r in a.routes for trait in r.traits}
    assert (
        traits == set(GRAPH.traits) == set(tomllib.loads((DATA / "traits.toml").read_text(encoding="utf-8")))
    )
    assert {a.onset.name for a in GRAPH.attacks if a.onset} == set(raw["onsets"])
    needed = {c for a in GRAPH.attacks for r in a.routes for c in r.capabilities}
    assert needed == {c for a in GRAPH.attacks for c in a.grants}


def test_every_clock_thins_some_attack() -> None:
    """A clock that no attack lists acts on nothing and has no place in the catalog."""
    assert {clock for a in GRAPH.attacks for clock in a.clocks} == set(GRAPH.clocks)


def test_fields_traits_and_capabilities_do_not_share_a_name() -> None:
    """A condition's kind is read off its name, so no name may be of two kinds; "any" is nobody's."""
    kinds = [set(FIELD_NAMES), set(GRAPH.traits), {c for a in GRAPH.attacks for c in a.grants}]
    assert sum(len(names) for names in kinds) == len(set().union(*kinds))
    assert "any" not in GRAPH.names
    assert len(GRAPH.names) == len({a.label for a in GRAPH.attacks})


@pytest.mark.parametrize("name", GRAPH.names)
def test_every_attack_is_complete(name: str) -> None:
    """Each attack has what its kind asks: rates, loss, bearers, hours, background, onset, capacity."""
    attack = GRAPH[name]
    assert attack.label
    assert attack.description.endswith(".")
    assert re.fullmatch(r"(T\d{4}(\.\d{3})?)?", attack.technique)
    assert re.fullmatch(r"(CAPEC-\d+[^,]*(, )?)*", attack.capec)
    assert sum(share.central for share in attack.bearers.values()) == pytest.approx(1, abs=1e-12)
    assert set(attack.bearers) <= {"person", "bank", "lender", "carrier", "public_purse", "service"}
    assert attack.background.central > 0
    for route in attack.routes:
        assert route.attempts.central > 0
        assert route.success.central > 0
    assert (attack.kind == "initial") == (attack.onset is not None) == (attack.capacity is not None)
    assert attack.routes or not attack.grants
    unpriced = attack.kind == "background_only" or name == "location_tracking"  # harm to safety
    assert attack.hours.central > 0 or unpriced
    has_money = attack.severity.central > 0
    assert has_money == (attack.severity_sigma.central > 0)
    assert has_money or attack.grants or unpriced


def test_the_attacks_of_the_issue_are_there() -> None:
    """The catalog knows the line, what follows it, and what identities, logins and cards enable."""
    wanted = {
        "sim_swap": "initial",
        "sim_swap_insider": "background_only",
        "port_out": "initial",
        "mailbox_takeover": "follow_on",
        "bank_code_interception": "follow_on",
        "crypto_code_interception": "follow_on",
        "new_account_fraud": "initial",
        "tax_refund_fraud": "initial",
        "smishing": "initial",
        "online_account_code": "follow_on",
        "online_account_reset": "follow_on",
        "carrier_account_takeover": "initial",
        "synthetic_identity": "initial",
        "benefits_fraud": "initial",
        "bank_impersonation_call": "initial",
        "imei_misuse": "initial",
        "location_tracking": "initial",
        "pin_reuse": "initial",
        "credential_stuffing": "initial",
        "mailbox_takeover_password": "initial",
        "account_recovery_answers": "initial",
        "session_hijack": "initial",
        "card_not_present_fraud": "initial",
        "bank_account_debit": "initial",
        "medical_identity_theft": "initial",
        "extortion": "initial",
        "sim_cloning": "initial",
        "crypto_wallet_theft": "initial",
        "identity_number_fraud": "initial",
        "phishing_email": "initial",
    }
    assert len(GRAPH.attacks) >= len(wanted)
    assert wanted == {a.name: a.kind for a in GRAPH.attacks if a.name in wanted}


def test_central_rates_follow_from_the_evidence() -> None:
    """Added victims a year become attempts by the published denominators and the central success.

    Of the national rate of SIM swaps (4e-5 a year) a quarter, over the 0.195 of adults who are open.
    """
    swap, new, tax = GRAPH["sim_swap"], GRAPH["new_account_fraud"], GRAPH["tax_refund_fraud"]
    found = [a.routes[0].attempts.central for a in (swap, new, tax)]
    assert [4e-5 / 4 / 0.195 / 0.4, 0.002 / 0.30, 2e-4 / 0.121] == pytest.approx(found, rel=1e-3)


def test_central_capacity_follows_from_national_totals() -> None:
    """Central capacity times central success is the yearly count of victims in the country."""
    adults = 258e6
    national = {
        "sim_swap": 1_611 / 0.15,
        "new_account_fraud": 0.008 * adults,
        "tax_refund_fraud": 294_138,
        "smishing": 0.014 * adults,
        "synthetic_identity": 6e9 / 15_000,
        "port_out": 6_000,
        "carrier_account_takeover": 6e-4 * adults,
        "bank_account_debit": 0.049 * 399_225 / (332_647 / 17.6e6),
        "benefits_fraud": 0.001 * adults,
    }
    for name, victims in national.items():
        attack = GRAPH[name]
        assert attack.capacity is not None
        success = attack.routes[0].success.central
        assert attack.capacity.central * success == pytest.approx(victims, rel=0.01), name


def test_no_capacity_rests_on_a_breach_of_the_library() -> None:
    """A capacity is national: its note says so, shows its arithmetic, and names no breach."""
    breaches = {*scenario_names(), "tmobile", "t-mobile"}
    for attack in GRAPH.attacks:
        if attack.capacity is not None:
            note = attack.capacity.note
            assert note.startswith(("national: ", "no national count exists: ")), attack.name
            assert "/" in note or attack.name == "account_recovery_answers", attack.name
            assert not breaches & set(re.findall(r"[a-z0-9-]+", note.lower())), attack.name


# The three scenarios ---------------------------------------------------------------------------------


def lost(name: str, *fields: str) -> int:
    """Return the accounts of a scenario that lost all of some fields."""
    return expose(load_scenario(name)).holding(mask(fields))


def test_the_stated_scenario_is_the_companys_five_cohorts() -> None:
    """The company stated 54,617,000 accounts; SSNs for some of 47.8 million, PINs for 850,000."""
    stated = load_scenario("tmobile-2021-stated")
    assert [7_800_000, 5_300_000, 40_000_000, 667_000, 850_000] == [s.accounts for s in stated.segments]
    assert stated.accounts == 54_617_000
    named = [s for s in stated.segments if "ssn" in s.fields]
    assert sum(s.accounts for s in named) == 47_800_000
    (share,) = {leak.coverage for s in named for leak in s.leaks if "ssn" in leak.fields}
    assert (share.low, share.mode, share.high) == (0.145, 0.63, 1.0)
    assert lost("tmobile-2021-stated", "ssn") == round(0.63 * 47_800_000)
    assert lost("tmobile-2021-stated", "account_pin") == 850_000
    assert lost("tmobile-2021-stated", "imei", "imsi", "phone_number") == 13_100_000


def test_no_stated_cohort_lost_all_eight_fields() -> None:
    """Nobody who was stated to have lost the SSN lost the PIN as well."""
    assert lost("tmobile-2021-stated", "ssn", "account_pin") == 0


def test_the_claim_is_a_hundred_million_with_thirty_million_ssn() -> None:
    """The seller claimed 100,000,000 accounts with IMSI to PIN, of them 30,000,000 with SSN and the rest."""
    claimed = "tmobile-2021-claimed"
    assert load_scenario(claimed).accounts == 100_000_000
    assert lost(claimed, "imsi", "imei", "phone_number", "full_name", "account_pin") == 100_000_000
    assert (
        lost(claimed, "ssn") == lost(claimed, "ssn", "drivers_license_number", "date_of_birth") == 30_000_000
    )


def test_the_ratios_of_the_warning_are_those_of_the_scenarios() -> None:
    """What the misreading's notes say (3.3, 2.1 and 118 times) is what the exposures give."""
    everyone = "everyone-lost-everything"
    wrong = lost(everyone, "ssn", "drivers_license_number", "date_of_birth")
    pins = lost(everyone, "phone_number", "account_pin")
    notes = " ".join(load_scenario(everyone).notes)
    stated = sum(s.accounts for s in load_scenario("tmobile-2021-stated").segments if "ssn" in s.fields)
    claimed = lost("tmobile-2021-claimed", "ssn", "drivers_license_number", "date_of_birth")
    assert f"{wrong / claimed:.1f} times as many as claimed" in notes
    assert f"{wrong / stated:.1f} times as many as the {stated / 1e6:.1f} million stated" in notes
    pins_stated = lost("tmobile-2021-stated", "phone_number", "account_pin")
    assert f"for {pins / 1e6:.0f} million accounts here, {pins / pins_stated:.0f} times the" in notes
    assert f"{pins_stated / 1e6:.2f} million stated" in notes
    assert notes.startswith("A misreading")


def test_the_pins_were_reset_on_day_six() -> None:
    """Only the prepaid PINs of the stated scenario are reset; the claim implies none."""
    (reset, notice) = load_scenario("tmobile-2021-stated").events
    assert ("reset", 6.0, ("account_pin",), ("prepaid",)) == (
        reset.kind,
        reset.day,
        reset.fields,
        reset.segments,
    )
    assert ("notice", 6.0) == (notice.kind, notice.day)
    assert () == load_scenario("tmobile-2021-claimed").events


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_carries_its_caution(name: str) -> None:
    """Each scenario has a label, a date, notes and sources, and full coverages are named an upper bound."""
    what = load_scenario(name)
    assert what.label
    assert what.day_zero == "2021-08-11"
    assert what.notes
    assert what.sources
    assert all("upper bound" in e.note for e in estimates(what) if e.central == 1)


# Files of a user -------------------------------------------------------------------------------------

MINE = """name = "mine"
notes = ["own"]
[source.letter]
title = "Letter to customers"
grade = "A"
verified = "seen"
[segments.a]
accounts = 1000
kind = "postpaid"
sources = ["letter"]
[[segments.a.leaks]]
fields = ["full_name", "ssn"]
coverage = 0.5
[[segments.a.leaks]]
fields = ["imei"]
coverage = {kind = "pert", low = 0.1, mode = 0.2, high = 0.4, unit = "share", status = "assumed", sources = ["letter"], note = "why"}
[[events]]
kind = "reset"
day = 3
fields = ["imei"]
segments = ["a"]
"""  # noqa: E501 - an inline table stands on one line


def read(folder: Path, text: str | bytes) -> Scenario:
    """Return the scenario of a file with this text."""
    file = folder / "mine.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_scenario(file)


def swapped(old: str, new: str) -> str:
    """Return the user's file with one passage, which must be there, replaced."""
    assert old in MINE
    return MINE.replace(old, new, 1)


def test_a_users_file_is_read(tmp_path: Path) -> None:
    """Counts, blocks, coverages, events, notes and own sources come back as they were written."""
    what = read(tmp_path, MINE)
    (part,) = what.segments
    assert ("mine", ("own",), 1000, "postpaid") == (what.name, what.notes, part.accounts, part.kind)
    assert [("full_name", "ssn"), ("imei",)] == [leak.fields for leak in part.leaks]
    assert [0.5, 0.2] == [leak.coverage.central for leak in part.leaks]
    assert [("Letter to customers", "letter")] == [(s.title, s.id) for s in what.own_sources]
    assert [("letter",), ("letter",)] == [leak.coverage.sources for leak in part.leaks]
    assert ("reset", 3.0, ("imei",), ("a",)) == dataclasses.astuple(what.events[0])[:4]


@pytest.mark.parametrize(
    "text", [MINE.replace("\n", "\r\n"), MINE.replace("mine", "Größe 名"), MINE + "\n\n# end"]
)
def test_line_ends_and_letters_of_any_kind_are_read(tmp_path: Path, text: str) -> None:
    """Windows line ends, letters beyond ASCII and comments do no harm."""
    assert read(tmp_path, text).accounts == 1000


WRONG: list[tuple[str, str, str, str]] = [
    ('"ssn"', '"snn"', "segments.a.leaks[0]", r"unknown field 'snn' in .*; did you mean 'ssn'\? Known: "),
    ('"ssn"', "5", "segments.a.leaks[0]", r"fields holds 5; it must be a list of texts in quotes"),
    ('["imei"]\ncov', '"imei"\ncov', "segments.a.leaks[1]", r"fields is 'imei'; it must be a list"),
    ('["imei"]\ncov', "[]\ncov", "segments.a.leaks[1]", r"are empty; a leak names at least one field"),
    (
        '["imei"]\ncov',
        '["ssn"]\ncov',
        "segments.a",
        r"names 'ssn' in two leaks; a field leaks once per segment",
    ),
    (
        "coverage = 0.5",
        "coverage = 1.01",
        "segments.a.leaks[0].coverage",
        r"coverage is 1\.01; .* lie in \[0, 1\]",
    ),
    (
        "coverage = 0.5",
        "coverage = -0.1",
        "segments.a.leaks[0].coverage",
        r"coverage is -0\.1; .* lie in \[0, 1\]",
    ),
    (
        "coverage = 0.5",
        "coverage = nan",
        "segments.a.leaks[0].coverage",
        r"coverage is nan; .* lie in \[0, 1\]",
    ),
    (
        "coverage = 0.5",
        "coverage = inf",
        "segments.a.leaks[0].coverage",
        r"coverage is inf; .* lie in \[0, 1\]",
    ),
    (
        "coverage = 0.5",
        "coverage = true",
        "segments.a.leaks[0].coverage",
        r"coverage is True; it (is a share|must be)",
    ),
    (
        "coverage = 0.5",
        'coverage = "half"',
        "segments.a.leaks[0].coverage",
        r"coverage is 'half'; it (is a share|must be)",
    ),
    (
        "coverage = 0.5",
        "coverage = 2021-08-11",
        "segments.a.leaks[0].coverage",
        r"coverage is datetime\.date",
    ),
    (
        "coverage = 0.5",
        "coverage = [0.5]",
        "segments.a.leaks[0].coverage",
        r"coverage is \[0\.5\]; it (is a share|must be)",
    ),
    (
        "coverage = 0.5",
        f"coverage = {'9' * 400}",
        "segments.a.leaks[0].coverage",
        r"coverage is (9+|a whole).*; it (is a share|must be)",
    ),
    ("coverage = 0.5\n", "", "segments.a.leaks[0]", r"key 'coverage' is missing"),
    (
        "coverage = 0.5",
        "coverage = 0.5\nshare = 1",
        "segments.a.leaks[0]",
        r"unknown key 'share' .* Known: fields, cov",
    ),
    ('unit = "share"', 'unit = "days"', "segments.a.leaks[1]", r"is in 'days'; a coverage is a 'share'"),
    (
        'unit = "share"',
        'unit = "shares"',
        "segments.a.leaks[1].coverage",
        r"unknown unit 'shares' .* mean 'share'\?",
    ),
    ('unit = "share"', "unit = 1", "segments.a.leaks[1].coverage", r"unit is 1; it must be text in quotes"),
    ('unit = "share", ', "", "segments.a.leaks[1].coverage", r"key 'unit' is missing"),
    ("high = 0.4, unit", "high = 1.4, unit", "segments.a.leaks[1].coverage", r"high is 1\.4; .* at most 1"),
    ("low = 0.1", "low = 0.3", "segments.a.leaks[1].coverage", r"\[0\.3, 0\.2, 0\.4\]; they must rise"),
    ("mode = 0.2", "mode = nan", "segments.a.leaks[1].coverage", r"mode is nan; it must be a finite number"),
    ("mode = 0.2", "mode = true", "segments.a.leaks[1].coverage", r"mode is True; .*a number"),
    ("mode = 0.2", "mode = [0.2]", "segments.a.leaks[1].coverage", r"mode is \[0\.2\]; .*a number"),
    (
        "mode = 0.2",
        "mdoe = 0.2",
        "segments.a.leaks[1].coverage",
        r"unknown key 'mdoe' .*; did you mean 'mode'\?",
    ),
    ("mode = 0.2, ", "", "segments.a.leaks[1].coverage", r"mode is None; kind 'pert' needs a number"),
    (
        'kind = "pert"',
        'kind = "prt"',
        "segments.a.leaks[1].coverage",
        r"unknown kind 'prt' .*; did you mean 'pert'\?",
    ),
    ('status = "assumed"', 'status = "asumed"', "segments.a.leaks[1].coverage", r"did you mean 'assumed'\?"),
    (
        '["letter"], note',
        '["leter"], note',
        "segments.a.leaks[1].coverage",
        r"unknown source 'leter' .* 'letter'\?",
    ),
    ('["letter"], note', "[], note", "segments.a.leaks[1].coverage", r"names no source; give sources"),
    ('note = "why"', 'note = ""', "segments.a.leaks[1].coverage", r"is 'assumed' without a note"),
    (
        "accounts = 1000",
        "accounts = 0",
        "segments.a",
        r"accounts is 0; .*whole number from 1 .*leave out a segment",
    ),
    ("accounts = 1000", "accounts = -5", "segments.a", r"accounts is -5; it must be a whole number"),
    ("accounts = 1000", "accounts = 1e6", "segments.a", r"accounts is 1000000\.0; it must be a whole number"),
    ("accounts = 1000", "accounts = true", "segments.a", r"accounts is True; it must be a whole number"),
    ("accounts = 1000", 'accounts = "1000"', "segments.a", r"accounts is '1000'; it must be a whole number"),
    (
        "accounts = 1000",
        "accounts = 2021-08-11",
        "segments.a",
        r"accounts is datetime\.date\(2021, 8, 11\); it must",
    ),
    (
        "accounts = 1000",
        "accounts = [1000]",
        "segments.a",
        r"accounts is \[1000\]; it must be a whole number",
    ),
    (
        "accounts = 1000",
        f"accounts = {'9' * 400}",
        "segments.a",
        r"accounts is (9+|a whole).*; it must be",
    ),
    (
        "accounts = 1000",
        "acounts = 1000",
        "segments.a",
        r"unknown key 'acounts' .*; did you mean 'accounts'\? Known: ",
    ),
    ("accounts = 1000\n", "", "segments.a", r"key 'accounts' is missing"),
    (
        'kind = "postpaid"',
        'kind = "postpayed"',
        "segments.a",
        r"unknown kind of segment 'postpayed' .* 'postpaid'\?",
    ),
    ('kind = "postpaid"', "kind = 3", "segments.a", r"kind is 3; it must be text in quotes"),
    ("day = 3", "day = -3", "events[0]", r"event is on day -3\.0; days count from the sale"),
    ("day = 3", "day = nan", "events[0]", r"event is on day nan; days count from the sale"),
    ("day = 3", "day = true", "events[0]", r"day is True; it must be a number of days after the sale"),
    ("day = 3", "day = 2021-08-17", "events[0]", r"day is datetime\.date.*; it must be a number of days"),
    ("day = 3", 'day = "3"', "events[0]", r"day is '3'; it must be a number of days"),
    ("day = 3\n", "", "events[0]", r"key 'day' is missing"),
    (
        'kind = "reset"',
        'kind = "rest"',
        "events[0]",
        r"unknown kind of event 'rest' .*; did you mean 'reset'\?",
    ),
    ('kind = "reset"', "kind = 1", "events[0]", r"kind is 1; it must be text in quotes"),
    ('fields = ["imei"]\nseg', "fields = []\nseg", "events[0]", r"a reset event names no field"),
    (
        'fields = ["imei"]\nseg',
        'fields = ["imeii"]\nseg',
        "events[0]",
        r"unknown field 'imeii' .*; did you mean 'imei'",
    ),
    (
        'segments = ["a"]',
        'segmnts = ["a"]',
        "events[0]",
        r"unknown key 'segmnts' .*; did you mean 'segments'\?",
    ),
    ('grade = "A"', 'grade = "Z"', "source.letter", r"unknown grade 'Z' .* Known: A, B, C"),
    ('grade = "A"', "grade = 1", "source.letter", r"grade is 1; it must be text in quotes"),
    ('title = "Letter to customers"\n', "", "source.letter", r"key 'title' is missing"),
    ('name = "mine"', "name = 5", "", r"name is 5; it must be text in quotes"),
    ('name = "mine"\n', "", "", r"key 'name' is missing"),
    (
        'name = "mine"',
        'name = "m"\nlable = "x"',
        "",
        r"unknown key 'lable' in the file; did you mean 'label'\?",
    ),
    ('name = "mine"', 'name = "m"\nday_zero = 2021-08-11', "", r"day_zero is datetime\.date.*text in quotes"),
    ('notes = ["own"]', 'notes = "own"', "", r"notes is 'own'; it must be a list"),
    ('notes = ["own"]', "notes = [1]", "", r"notes holds 1; it must be a list of texts"),
    ('notes = ["own"]', 'sources = ["nobody-at-all"]', "", r"unknown source 'nobody-at-all'"),
    (
        "[segments.a]\n",
        "[segments.a]\nleak = 1\n",
        "segments.a",
        r"unknown key 'leak' .*; did you mean 'leaks'\?",
    ),
    (
        "[segments.a]\n",
        "[segments]\nb = 1\n[segments.a]\n",
        "segments.b",
        r"the value is 1; a segment is a table",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "key", "message"), WRONG, ids=[f"{w[2]} {w[1][:24]!r}" for w in WRONG]
)
def test_a_wrong_file_is_refused(tmp_path: Path, old: str, new: str, key: str, message: str) -> None:
    """Whatever is wrong is refused as a CatalogError that names file, key, value and rule."""
    with pytest.raises(CatalogError, match=message) as caught:
        read(tmp_path, swapped(old, new))
    place = f"{tmp_path / 'mine.toml'}{', ' + key if key else ''}: "
    assert str(caught.value).startswith(place)
    assert (str(tmp_path / "mine.toml"), key) == (caught.value.file, caught.value.key)
    assert isinstance(caught.value, ValueError)


STRUCTURE: list[tuple[str, str, str]] = [
    ("nothing at all", "", r"key 'name' is missing"),
    ("no segment", 'name = "x"\n[segments]\n', r"scenario 'x' has no segment"),
    ("segments a list", 'name = "x"\nsegments = [1]\n', r"segments is \[1\]; it must be a table"),
    (
        "segments an array of tables",
        'name = "x"\n[[segments]]\naccounts = 1\n',
        r"segments is .*it must be a table",
    ),
    ("events a table", MINE.replace("[[events]]", "[events]"), r"events is \{.*it must be a list"),
    (
        "events of numbers",
        'name = "x"\nevents = [1]\n[segments.a]\naccounts = 1\nleaks = []\n',
        r"an event is a table",
    ),
    (
        "leaks of numbers",
        'name = "x"\n[segments.a]\naccounts = 1\nleaks = [1]\n',
        r"a leak is a table with fields",
    ),
    (
        "leaks a table",
        'name = "x"\n[segments.a]\naccounts = 1\n[segments.a.leaks]\nfields = []\n',
        r"leaks is \{",
    ),
    ("source a text", 'name = "x"\n[source]\nmine = "t"\n', r"a source is a table with title"),
    (
        "not TOML",
        MINE.replace("accounts = 1000", "accounts = = 1000"),
        r"not valid TOML: .*\(at line 8, column 12\)",
    ),
    ("open string", 'name = "x', r"not valid TOML: .*(at end of document|line 1)"),
    (
        "a key twice",
        MINE.replace("accounts = 1000", "accounts = 1\naccounts = 2"),
        r"not valid TOML: .*line 9",
    ),
    ("a NUL", MINE.replace("mine", "mi\0ne"), r"not valid TOML: .*line 1, column"),
    ("nested lists", MINE.replace("0.5", "[" * 5000 + "]" * 5000), r"nested too deeply; two or three levels"),
    ("nested tables", MINE.replace("0.5", "{a=" * 5000 + "1" + "}" * 5000), r"nested too deeply"),
    (
        "a deep header",
        MINE + "[segments." + ".".join("a" * 1500) + "]\n",
        r"more than 30 parts; two or three",
    ),
]


@pytest.mark.parametrize(("text", "message"), [s[1:] for s in STRUCTURE], ids=[s[0] for s in STRUCTURE])
def test_a_file_of_another_build_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """A file that is no TOML, or TOML of another build, is refused with its name and the line or the rule."""
    with pytest.raises(CatalogError, match=message) as caught:
        read(tmp_path, text)
    assert "mine.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (MINE.encode("utf-16"), r"byte 0 is not UTF-8; save the file as UTF-8"),
        (
            MINE.replace("mine", "caf\u00e9").encode("latin-1"),
            r"byte 11 is not UTF-8; save the file as UTF-8",
        ),
        (b"# " + b"x" * 10_000_001, r"at most 10,000,000 bytes are read"),
    ],
)
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, text: bytes, message: str) -> None:
    """A file in another encoding, or one too large, is refused with the byte or the size."""
    with pytest.raises(CatalogError, match=message):
        read(tmp_path, text)


def test_a_place_that_is_no_file_is_refused(tmp_path: Path) -> None:
    """A directory, a missing file and a name nobody knows are refused in words."""
    with pytest.raises(CatalogError, match="this is a directory"):
        load_scenario(tmp_path)
    with pytest.raises(CatalogError, match="no such file"):
        load_scenario(tmp_path / "none.toml")
    with pytest.raises(
        ValueError, match=r"unknown scenario 'tmobile-2021-state' .*; did you mean 'tmobile-2021-stated'"
    ):
        load_scenario("tmobile-2021-state")


# Hostile files --------------------------------------------------------------------------------------

DEEP = ".".join("a" * 1500)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("accounts = 1000", f"accounts.{DEEP} = 1"),
        ("mode = 0.2", f"mode.{DEEP} = 1"),
        ('kind = "postpaid"', f"kind.{DEEP} = 1"),
        ("day = 3", f"day.{DEEP} = 1"),
    ],
)
def test_a_key_dotted_many_times_is_refused(tmp_path: Path, old: str, new: str) -> None:
    """Depth made by a dotted key is refused like depth made by brackets."""
    with pytest.raises(CatalogError, match=r"mine\.toml"):
        read(tmp_path, swapped(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("accounts = 1000", f"accounts = {'9' * 5000}"),
        ("accounts = 1000", f"accounts = 0x{'f' * 5000}"),
        ("coverage = 0.5", f"coverage = 0x{'f' * 5000}"),
        ("mode = 0.2", f"mode = 1{'0' * 400}"),
        ("day = 3", f"day = 1{'0' * 400}"),
    ],
)
def test_huge_numbers_are_refused_in_our_words(tmp_path: Path, old: str, new: str) -> None:
    """A number beyond all bounds is refused with file, key and rule, not with Python's own complaint."""
    with pytest.raises(
        CatalogError, match=r"mine\.toml.*(must|TOML|thousands of digits|days count)"
    ) as caught:
        read(tmp_path, swapped(old, new))
    assert "int_max_str_digits" not in str(caught.value)


@pytest.mark.parametrize("name", ["x" * 300, "x" * 300 + ".toml"])
def test_a_name_too_long_for_the_system_is_refused(name: str) -> None:
    """A name that no file can have is answered like any unknown name."""
    with pytest.raises(ValueError, match="x"):
        load_scenario(name)


def test_a_wrong_source_of_a_segment_is_reported_at_the_segment(tmp_path: Path) -> None:
    """The key of a message is the one under which the wrong value stands."""
    with pytest.raises(
        CatalogError, match=r"unknown source 'leter' in sources; did you mean 'letter'"
    ) as caught:
        read(tmp_path, swapped('sources = ["letter"]\n', 'sources = ["leter"]\n'))
    assert caught.value.key == "segments.a"


def test_a_wrong_segment_of_an_event_is_reported_at_the_event(tmp_path: Path) -> None:
    """An event that names an unknown segment is reported with its own key."""
    with pytest.raises(CatalogError, match=r"unknown segment 'b'") as caught:
        read(tmp_path, swapped('segments = ["a"]', 'segments = ["b"]'))
    assert caught.value.key == "events[0]"


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    """UTF-8 with a byte-order mark is UTF-8."""
    assert read(tmp_path, b"\xef\xbb\xbf" + MINE.encode()).accounts == 1000


def test_a_message_stays_readable(tmp_path: Path) -> None:
    """A value of 100,000 letters is not repeated in full."""
    with pytest.raises(CatalogError) as caught:
        read(tmp_path, swapped("accounts = 1000", f'accounts = "{"x" * 100_000}"'))
    assert len(str(caught.value)) < 2000


# Mutations -------------------------------------------------------------------------------------------

SPICE = (
    "",
    "0",
    "-",
    "nan",
    '"',
    "[",
    "]",
    "=",
    "\n",
    "#",
    "1e999",
    "true",
    ".",
    "{",
    "}",
    "'",
    "\\",
    "\t",
    "9" * 30,
    "2021-01-01",
    "[[x]]\n",
    "\u00e9",
    "\x01",
    "0x",
    "_",
    ",",
    "inf",
    '""""""',
)


def mutated(text: str, dice: random.Random) -> str:
    """Return a text with one to three characters, words or lines dropped, doubled, swapped or spiced."""
    for _ in range(dice.randint(1, 3)):
        lines = text.splitlines(keepends=True)
        at, line = dice.randrange(len(text)), dice.randrange(len(lines))
        match dice.randrange(6):
            case 0:
                text = text[:at] + text[at + 1 :]
            case 1:
                text = text[:at] + dice.choice(SPICE) + text[at + dice.randint(0, 3) :]
            case 2:
                text = "".join(lines[:line] + lines[line + 1 :])
            case 3:
                text = "".join([*lines[:line], lines[line], *lines[line:]])
            case 4:
                other = dice.randrange(len(lines))
                lines[line], lines[other] = lines[other], lines[line]
                text = "".join(lines)
            case _:
                value = lines[line].partition("=")[0] + f"= {dice.choice(SPICE)}\n"
                text = "".join([*lines[:line], value, *lines[line + 1 :]])
    return text


def outcome(folder: Path, text: str) -> Scenario | CatalogError:
    """Return the scenario of a file, or the refusal."""
    try:
        return read(folder, text)
    except CatalogError as error:
        return error


def test_a_spoilt_file_is_read_or_refused_and_nothing_else(tmp_path: Path) -> None:
    """Each of 600 seeded mutations of the package's files is a scenario or a refusal with the file's name."""
    dice = random.Random(20210811)
    valid = refused = 0
    for number in range(600):
        text = mutated(TEXTS[SCENARIOS[number % 3]] if number % 4 else MINE, dice)
        what = outcome(tmp_path, text)
        if isinstance(what, Scenario):
            assert what.accounts == sum(expose(what).accounts), text
            valid += 1
        else:
            assert str(what).startswith(str(tmp_path / "mine.toml")), text
            refused += 1
    assert min(valid, refused) > 40


# Folders and dataclasses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ({"b.toml": {}}, r"b\.toml: key 'place' is missing"),
        ({"b.toml": {"place": "first"}}, r"b\.toml: place is 'first'; it must be a whole number"),
        ({"b.toml": {"place": 10}}, r"b\.toml: place is 10, as in a\.toml; .*give another"),
    ],
)
def test_a_file_of_a_folder_has_a_place_of_its_own(places: dict[str, Any], words: str) -> None:
    """A missing, wrong or taken place is refused with the file, because places order every table."""
    with pytest.raises(CatalogError, match=words):
        reader.in_place({"a.toml": {"place": 10}} | places)


def test_places_order_the_files() -> None:
    """Files come in the rising order of their places, whatever their names, and the place is taken out."""
    files = {"a.toml": {"place": 20, "x": 1}, "b.toml": {"place": 10}}
    assert {"b.toml": {}, "a.toml": {"x": 1}} == reader.in_place(files)
    assert ["b.toml", "a.toml"] == list(reader.in_place(files))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Insured(Attack):
    """An attack with two attributes more: the test of what a new one costs."""

    refunds: Estimate
    insurer: str = "none"


def test_a_new_attribute_is_written_once() -> None:
    """An attribute added to the dataclass is read, checked and listed without another edit."""
    tables = tomllib.loads((DATA / "attacks" / "smishing.toml").read_text(encoding="utf-8"))
    table = {k: v for k, v in tables.items() if k in ("label", "severity", "hours", "severity_sigma")}
    table |= {name: tables[name] for name in ("background", "bearers")}
    maker = reader.Reader("attacks/insured.toml", load_sources())
    with pytest.raises(CatalogError, match=r"attacks/insured\.toml, x: key 'refunds' is missing"):
        maker.check(Insured, table, "x", absent=("name", "routes"))
    table |= {"refunds": tables["background"], "insurer": "a firm"}
    maker.check(Insured, table, "x", absent=("name", "routes"))
    attack = maker.make(Insured, table, "x", name="insured", routes=())
    assert attack.insurer == "a firm"
    graph = dataclasses.replace(GRAPH, attacks=(*GRAPH.attacks, attack))
    assert "x.refunds" in {estimate.name for estimate in graph.estimates()}
    with pytest.raises(CatalogError, match=r"insurer is 3; it must be text in quotes"):
        maker.make(Insured, table | {"insurer": 3}, "x", name="insured", routes=())


def test_every_number_of_the_graph_is_listed_once() -> None:
    """The graph lists every estimate that stands anywhere in it, attack by attack, and none twice."""
    listed = [estimate.name for estimate in GRAPH.estimates()]
    assert listed[:3] == ["people_background", "attacks.sim_swap.attempts", "attacks.sim_swap.success"]
    assert sorted(NUMBERS) == sorted(listed)
    assert len(set(listed)) == len(listed)


def test_only_the_package_marks_a_number_as_provisional() -> None:
    """`provisional` says that a second entry is missing; a user's file has none, so the key is unknown."""
    table = {"kind": "fixed", "value": 1, "unit": "ratio", "status": "cited", "sources": ["us-adults"]}
    ours = reader.Reader("attacks/x.toml", load_sources())
    assert ours.estimate(table | {"provisional": True}, "x") == ours.estimate(table, "x")
    with pytest.raises(CatalogError, match="provisional is 'yes'; it must be true or false"):
        ours.estimate(table | {"provisional": "yes"}, "x")
    theirs = reader.Reader("mine.toml", load_sources(), ours=False)
    with pytest.raises(CatalogError, match="unknown key 'provisional'"):
        theirs.estimate(table | {"provisional": True}, "x")


@pytest.fixture
def new_field(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A field that stands in the vocabulary and nowhere else; what was read before is forgotten."""
    name = "planted_field"
    loaders = (formats.load_field_groups, attacks.load_bare_fields)
    for module in (formats, attacks):
        monkeypatch.setattr(module, "FIELD_NAMES", (*FIELD_NAMES, name))
    for loader in loaders:
        loader.cache_clear()
    yield name
    for loader in loaders:
        loader.cache_clear()


def test_a_new_field_needs_a_group(new_field: str) -> None:
    """A field in no group of formats/field_groups.toml is refused with its name and the file to edit."""
    with pytest.raises(
        CatalogError, match=rf"formats/field_groups\.toml: {new_field} must stand in .*list it"
    ):
        formats.load_field_groups()


def test_a_new_field_needs_an_attack_or_a_reason(new_field: str) -> None:
    """A field that no route needs and that formats/bare_fields.toml does not explain is refused likewise."""
    with pytest.raises(CatalogError, match=rf"formats/bare_fields\.toml, {new_field}: .*say why here"):
        attacks.load_bare_fields()
