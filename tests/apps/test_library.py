"""Laws of the library: every breach of the facts is there, adds up and runs; its page is as generated."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from breach_sim import api, catalog
from breach_sim.apps.cli import catalog_lists as cli
from breach_sim.apps.reporting import catalog_page
from breach_sim.catalog import CatalogError, attacks_for, load_attacks, load_scenario, read_scenario
from breach_sim.inputs.published import Dossier, Published, breach_of
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import simulate

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "breach_sim" / "catalog" / "data"
TYPED = tomllib.loads((ROOT / "tests" / "qc" / "library.toml").read_text(encoding="utf-8"))
FIRST = {"everyone-lost-everything", *(f"tmobile-2021-{word}" for word in ("claimed", "stated", "class"))}
NAMES = catalog.scenario_names()
LIBRARY = {name: load_scenario(name) for name in NAMES}
ROUNDED = 0.015
"""Published counts and shares are rounded: 5.11 million, 0.0111, 0.98."""
RATIOS = {
    ("tmobile-2021-claimed", "tmobile-2021-class"): 1.305,
    ("tmobile-2021-claimed", "tmobile-2021-stated"): 1.831,
    ("talktalk-2015-claimed", "talktalk-2015-confirmed"): 25.484,
    ("verizon-2017-claimed", "verizon-2017-confirmed"): 2.333,
    ("marriott-2018-claimed", "marriott-2018-confirmed"): 1.305,
    ("national-public-data-2024-claimed", "national-public-data-2024-confirmed"): 2230.769,
    ("odido-2026-claimed", "odido-2026-confirmed"): 1.29,
    ("free-2024-claimed", "free-2024-confirmed"): 0.8,
    ("att-73m-2024-claimed", "att-73m-2024-confirmed"): 0.959,
    ("anthem-2015-claimed", "anthem-2015-confirmed"): 1.015,
}
"""Claimed over confirmed, as typed from the facts."""


@pytest.fixture(scope="module")
def impacts() -> dict[str, Impact]:
    """Every scenario, simulated once as the page does it."""
    how: dict[str, Any] = {
        "replicates": catalog_page.REPLICATES,
        "seed": catalog_page.SEED,
        "posterior": catalog.load_posterior(),
    }
    return {name: simulate(what, attacks_for(what), **how) for name, what in LIBRARY.items()}


@pytest.fixture(scope="module")
def harms(impacts: dict[str, Impact]) -> dict[str, dict[str, Any]]:
    """The largest harm of each."""
    return {name: catalog_page.top_harm(impact) for name, impact in impacts.items()}


def differences(typed: dict[str, Any], entered: dict[str, Scenario]) -> list[str]:
    """List where the scenarios differ from their second entry."""
    found = []
    for name, facts in typed.items():
        what = entered.get(name)
        if what is None:
            found.append(f"{name} is lost")
            continue
        leaked = {field for segment in what.segments for field in segment.fields}
        if what.accounts != facts["accounts"]:
            found.append(f"{name}: typed {facts['accounts']} accounts, package has {what.accounts}")
        if leaked != set(facts["fields"]):
            found.append(f"{name}: fields differ in {sorted(leaked ^ set(facts['fields']))}")
        found += [f"{name}: {field} is stated as absent" for field in facts["absent"] if field in leaked]
        for field, count in facts.get("counts", {}).items():
            mine = sum(
                segment.accounts * leak.coverage.central
                for segment in what.segments
                for leak in segment.leaks
                if field in leak.fields
            )
            if abs(mine - count) > ROUNDED * count:
                found.append(f"{name}: typed {count} of {field}, package has {mine:.0f}")
    return found


def test_scenarios_equal_their_second_entry() -> None:
    """Accounts to the last one, fields, absent fields and published counts are those typed from the facts."""
    assert [] == differences(TYPED, LIBRARY)
    assert set(NAMES) == set(TYPED) | FIRST


def test_planted_slips_are_found() -> None:
    """A lost file, a wrong digit, a lost and an added field and a wrong share are each found."""
    slips = 0
    for name, part, value in (
        ("kt-2012", "accounts", 8_700_001),
        ("home-depot-2014", "fields", ["email_address"]),
        ("kt-2012", "fields", ["full_name", "phone_number", "ssn"]),
        ("tmobile-de-2006", "absent", ["phone_number"]),
        ("equifax-2017", "counts", {"ssn": 154_500_000}),
    ):
        typed = copy.deepcopy(TYPED)
        typed[name][part] = value
        slips += bool(differences(typed, LIBRARY))
    lost = {name: what for name, what in LIBRARY.items() if name != "optus-2022"}
    assert (5, ["optus-2022 is lost"]) == (slips, differences(TYPED, lost))


def test_claimed_and_confirmed_are_files_of_their_own() -> None:
    """Every pair of the facts is two files of one breach, and their ratio is the published one."""
    for (claimed, confirmed), ratio in RATIOS.items():
        a, b = LIBRARY[claimed], LIBRARY[confirmed]
        assert a.dossier.breach == b.dossier.breach
        assert ("claimed", "confirmed") == (a.dossier.standing, b.dossier.standing)
        assert a.accounts / b.accounts == pytest.approx(ratio, abs=6e-4)
    named = {name for pair in RATIOS for name in pair}
    assert named == {name for name in NAMES if name.endswith(("-claimed", "-confirmed"))} | FIRST - {
        "everyone-lost-everything"
    }


def test_twenty_five_breaches_are_there() -> None:
    """The facts have 25 breaches; the scenarios tell of as many, and each has a standing."""
    breaches = {what.dossier.breach for name, what in LIBRARY.items() if name != "everyone-lost-everything"}
    assert 25 == len(breaches)
    assert all(what.dossier.standing for what in LIBRARY.values())
    assert all(re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", name) for name in NAMES)


def test_every_number_says_how_it_is_known() -> None:
    """Every segment has a status and sources, and what is recalled cites nothing that was read."""
    for name, what in LIBRARY.items():
        known = what.with_own_sources(catalog.load_sources())
        assert all(segment.status for segment in what.segments), name
        assert all(segment.sources for segment in what.segments), name
        for published in (*what.dossier.dates, *what.dossier.counts):
            if published.status != "derived":
                assert (published.status == "recalled") == (known[published.source].verified == "recalled"), (
                    name,
                    published,
                )
        unread = [i for i, s in known.items() if s.verified == "seen" and not s.url and i in what.sources]
        assert unread == [], name


def test_a_field_without_a_share_is_wide() -> None:
    """An uncertain coverage is assumed, spans a factor of five, and its note names the fields."""
    wide = [
        (name, leak)
        for name, what in LIBRARY.items()
        if name not in FIRST
        for segment in what.segments
        for leak in segment.leaks
        if not leak.coverage.is_certain
    ]
    assert len(wide) > 50
    for name, leak in wide:
        low, high = float(leak.coverage.low or 0), float(leak.coverage.high or 0)
        assert "assumed" == leak.coverage.status, name
        assert high >= 5 * low or leak.coverage.note.startswith("0.31"), name
        assert (
            set(leak.coverage.note.split(":")[0].split(", ")) >= set(leak.fields)
            or "0.31" in leak.coverage.note
        )


def test_every_scenario_runs_and_none_is_silently_zero(impacts: dict[str, Impact]) -> None:
    """Somebody is exposed; a run in which nobody is attackable says why, and no other does."""
    for name, impact in impacts.items():
        assert 0 < impact.exposed_counts.sum(axis=0).max() <= LIBRARY[name].accounts
        silent = [note for note in impact.notes if note.startswith("No attack of this run can use")]
        attackable = impact.attackable_counts.sum()
        assert bool(silent) == (attackable == 0), name
        if silent:
            assert all(field in silent[0] for s in LIBRARY[name].segments for field in s.fields)
            assert not impact.victim_counts.any()


def test_the_page_is_what_is_generated(harms: dict[str, dict[str, Any]]) -> None:
    """docs/catalog.md and catalog/data/generated/harms.toml equal the generator's text, byte for byte."""
    again = "run 'python run.py catalog'"
    assert (DATA / "generated" / "harms.toml").read_bytes() == catalog_page.harms_text(harms).encode(), again
    assert (ROOT / "docs" / "catalog.md").read_bytes() == catalog_page.page(harms).encode(), again


def test_the_page_tells_every_number_and_source() -> None:
    """Every scenario, segment count, ratio, gap and address of a source stands on the page."""
    page = (ROOT / "docs" / "catalog.md").read_text(encoding="utf-8")
    for name, what in LIBRARY.items():
        assert f"### `{name}`" in page
        assert all(f"| {segment.accounts:,} |" in page for segment in what.segments)
        assert all(f"<{source.url}>" in page for source in what.own_sources if source.url)
        assert page.count("Not published:") >= len(TYPED)
    assert "ratio **25.48**" in page
    assert "ratio **2231**" in page
    lengths = {line.replace("\\|", "").count("|") for line in page.splitlines() if line.startswith("| ")}
    assert {5, 8} == lengths


def test_the_list_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """`scenarios --json` gives people, fields, largest harm, status and standing of each scenario."""
    cli.scenarios(as_json=True)
    listed = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert tuple(listed) == NAMES
    for name, one in listed.items():
        assert (one["people"], one["standing"]) == (LIBRARY[name].accounts, LIBRARY[name].dossier.standing)
        assert sum(one["status"].values()) >= len(LIBRARY[name].segments)
        assert one["top_harm"] in {"", *load_attacks().names}
        if name in TYPED:
            assert set(one["fields"]) == set(TYPED[name]["fields"])
    assert "new_account_fraud" == listed["equifax-2017"]["top_harm"]


def test_an_attack_of_another_country_does_not_arise() -> None:
    """Tax-refund and benefits fraud are American: a Dutch file cannot open them, whatever leaked."""
    american = {attack.name for attack in load_attacks().attacks if attack.countries == ("US",)}
    assert {"tax_refund_fraud", "benefits_fraud"} <= american
    stated = LIBRARY["tmobile-2021-stated"]
    with_dossier = {
        code: api.simulate(
            Scenario(name=code, segments=stated.segments, dossier=Dossier(countries=(code,))),
            ["tax_refund_fraud", "new_account_fraud"],
            replicates=20,
            seed=1,
            elsewhere=None,  # an SSN is looked up in the US only
        )
        for code in ("NL", "US")
    }
    taxed = {code: int(run.per_attack("victims")[-1].sum()) for code, run in with_dossier.items()}
    fraud = {code: int(run.per_attack("victims")[0].sum()) for code, run in with_dossier.items()}
    order = with_dossier["US"].attacks.names
    assert ("new_account_fraud", "tax_refund_fraud") == order
    assert 0 == taxed["NL"] < taxed["US"]
    assert 0 < fraud["NL"] == fraud["US"]
    assert load_attacks() is load_attacks().in_countries(())
    assert load_attacks().names == load_attacks().in_countries(("NL",)).names


def test_no_foreign_breach_loses_a_social_security_number() -> None:
    """A file whose people are not American names no US number; theirs are national_id_number."""
    foreign = {n: w for n, w in LIBRARY.items() if w.dossier.countries and "US" not in w.dossier.countries}
    assert len(foreign) >= 10
    for name, what in foreign.items():
        leaked = {field for segment in what.segments for field in segment.fields}
        assert not leaked & {"ssn", "ssn_last4", "tax_id"}, name
        # No file says by hand what every run on its people says.
        assert not any("United States" in note for note in what.notes), name
        notes = api.simulate(what, replicates=2, seed=1).notes
        said = ("The people live in", "People of ")  # US numbers, or those of a country that has its own
        assert sum(note.startswith(said) for note in notes) == 1, name


def test_short_names_mean_the_first_case() -> None:
    """The word "claimed" is T-Mobile's though nine breaches have such a file; others stay unknown."""
    assert "tmobile-2021-claimed" == load_scenario("claimed").name
    assert "tmobile-2021-class" == load_scenario("class").name
    with pytest.raises(ValueError, match="unknown scenario 'confirmed'"):
        load_scenario("confirmed")


def test_a_scenario_and_its_outcomes_share_the_name_of_the_breach() -> None:
    """A breach of the library is found among the published amounts under the name of its scenarios."""
    amounts = catalog.load_amounts()
    library = {breach_of(name) for name in NAMES}
    shared = {amount.breach for amount in amounts} & library
    assert len(shared) >= 12
    assert {"tmobile-2021", "equifax-2017", "talktalk-2015", "marriott-2018"} <= shared


SMALL = """name = "small"
[dossier]
standing = "claimed"
countries = ["US"]
[[dossier.counts]]
what = "claimed"
value = "10"
status = "derived"
[segments.one]
accounts = 10
status = "seen"
[[segments.one.leaks]]
fields = ["ssn"]
coverage = 1.0
"""


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ('"claimed"\nc', '"claim"\nc', "unknown standing 'claim' in the dossier; did you mean 'claimed'"),
        ('["US"]', '["usa"]', "country 'usa' in the dossier; write two capital letters"),
        ('["US"]', '["US", "US"]', "each may stand there once"),
        ('"derived"', '"seen"', "is seen without a source; give its id"),
        ('"derived"', '"sene"', "unknown status 'sene'"),
        ('status = "seen"', 'status = "sure"', "unknown status 'sure' in segments.one.status"),
        ('value = "10"', 'value = "10"\nsource = "nobody"', "unknown source 'nobody'"),
        ('value = "10"', "value = 10", "it must be text in quotes"),
        ('standing = "claimed"', 'standings = "claimed"', "did you mean 'standing'"),
    ],
)
def test_a_dossier_is_checked(tmp_path: Path, wrong: str, right: str, said: str) -> None:
    """A wrong word, country, status, source or key is refused with file, value and remedy."""
    file = tmp_path / "small.toml"
    file.write_text(SMALL, encoding="utf-8")
    assert ("claimed", ("US",)) == (
        (dossier := read_scenario(file, "small.toml").dossier).standing,
        dossier.countries,
    )
    file.write_text(SMALL.replace(wrong, right), encoding="utf-8")
    with pytest.raises(CatalogError, match=r"small\.toml") as caught:
        read_scenario(file, "small.toml")
    assert said in str(caught.value)


def test_status_counts_each_number_once() -> None:
    """A coverage shared by two segments counts once, and each published count of a field is derived."""
    assert {"seen": 1, "derived": 1, "assumed": 1} == catalog_page.statuses(
        LIBRARY["talktalk-2015-confirmed"]
    )
    shared = catalog_page.statuses(LIBRARY["att-73m-2024-confirmed"])
    assert 2 == shared["derived"]
    assert {"seen": 1, "derived": 8, "assumed": 1} == catalog_page.statuses(LIBRARY["equifax-2017"])


def test_published_needs_a_source_unless_derived() -> None:
    """A derived number stands without a source; one that was read does not."""
    assert "" == Published(what="claimed", value="1", status="derived").source
    with pytest.raises(ValueError, match="without a source"):
        Published(what="claimed", value="1", status="seen")
