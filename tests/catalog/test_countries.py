"""Countries with numbers of their own: what a pack replaces, what stays a US number, and what a run says."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

import breach_sim as bs
from breach_sim import catalog
from breach_sim.analysis.provenance import tree
from breach_sim.catalog import CatalogError
from breach_sim.catalog.overrides.countries import FOLDER, read_country
from breach_sim.catalog.reader import parse_folder
from breach_sim.engine.draws.order import DIMENSION
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.published import Dossier
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Leak, Segment
from breach_sim.results.expectations import expected

CODES = tuple(catalog.load_countries())
HOME = {estimate.name: estimate for estimate in catalog.load_attacks().estimates()}
PACKS = {file[len(FOLDER) + 1 : -len(".toml")]: own for file, own in parse_folder(FOLDER).items()}
EVERY = ("GB", "DE", "AU")


def breach(*fields: str, countries: tuple[str, ...] = ("GB",), accounts: int = 1_000_000) -> Scenario:
    """Return a breach in which all accounts lost some fields."""
    leak = Leak(fields=fields, coverage=Estimate.fixed("all", 1.0, "share"))
    segment = Segment(name="all", accounts=accounts, leaks=(leak,))
    return Scenario(name="made-up-2023", segments=(segment,), dossier=Dossier(countries=countries))


def whole(code: str) -> Mapping[str, Estimate]:
    """Return all numbers of a country by name, those of its size and factors included."""
    return {estimate.name: estimate for estimate in catalog.attacks_in((code,)).estimates()}


def numbers(estimate: Estimate) -> tuple[Any, ...]:
    """Return everything that decides the distribution of a number."""
    return tuple(
        getattr(estimate, part)
        for part in ("kind", "value", "low", "mode", "high", "scale", "hard", "p_zero")
    )


def tables(pack: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every table of a number in a pack, with its place."""
    if isinstance(pack, dict) and "kind" in pack:
        yield path, pack
    elif isinstance(pack, dict):
        for name, part in pack.items():
            yield from tables(part, f"{path}.{name}")


# What a pack is ----------------------------------------------------------------------------------------


def test_three_countries_have_numbers_of_their_own() -> None:
    """The United Kingdom, Germany and Australia have packs, with a name, a currency and a size below 1."""
    assert CODES == EVERY
    for code in CODES:
        country = catalog.load_country(code)
        assert country.code == code
        assert len(country.currency) == 3
        assert country.currency.isupper()
        assert 0.05 < country.size.central < 0.5
        assert set(country.identifiers) <= set(FIELD_NAMES)


@pytest.mark.parametrize("code", EVERY)
def test_every_replaced_number_has_a_source_and_a_reason(code: str) -> None:
    """A number of a pack cites known sources; what is not cited says how it came about, in some words."""
    sources = catalog.load_sources()
    found = dict(tables(PACKS[code]))
    assert len(found) >= 10
    for place, table in found.items():
        assert set(table["sources"]) <= set(sources), place
        assert table["status"] != "cited" or table.get("provisional"), f"{place}: enter it twice, in tests/qc"
        assert len(table["note"]) >= len("the rest"), place
        assert "0" <= table["note"][0] <= "z", place
        if table["status"] == "derived":
            assert any(letter.isdigit() for letter in table["note"]), place


def test_every_source_of_the_packs_is_cited() -> None:
    """A source on fraud in another country that no pack cites has no place in the catalog."""
    cited = {source for pack in PACKS.values() for _, table in tables(pack) for source in table["sources"]}
    listed = next(own for file, own in parse_folder("sources").items() if "other_countries" in file)
    assert set(listed) <= cited


@pytest.mark.parametrize("code", EVERY)
def test_own_numbers_are_within_reach_of_the_us_ones(code: str) -> None:
    """No middle of a country's number lies more than thirtyfold from the US one, and an own one differs."""
    country, own = catalog.load_country(code), whole(code)
    for name in country.own & set(HOME):
        attack = name.split(".")[1] if name.startswith("attacks.") else ""
        if attack in country.absent or name.endswith(".capacity"):
            continue
        assert 1 / 30 <= own[name].central / HOME[name].central <= 30, name
        assert numbers(own[name]) != numbers(HOME[name]), name


@pytest.mark.parametrize("code", EVERY)
def test_what_a_pack_does_not_name_is_the_us_number(code: str) -> None:
    """Every other number is that of the US and says so; a capacity is times the size of the country."""
    country = catalog.load_country(code)
    parts = ("size", "attempts", "loss")
    ours = {f"countries.{code}.{part}" for part in parts}
    for name, estimate in whole(code).items():
        if name in country.own or name in ours:
            continue
        home = HOME[name]
        if name.startswith("attacks.") and name.endswith(".capacity"):
            size, fifth = country.size.central, np.array([0.2])
            assert estimate.central == pytest.approx(home.central * size)
            assert estimate.ppf(fifth) == pytest.approx(home.ppf(fifth) * size)
        else:
            assert numbers(estimate) == numbers(home), name
        if name.startswith(("attacks.", "elsewhere.", "traits.", "clocks.", "people_")):
            assert "US number, applied in" in estimate.note, name


@pytest.mark.parametrize("code", EVERY)
def test_attempts_of_an_attack_are_all_own_or_none(code: str) -> None:
    """The factor on US attempts acts on an attack as a whole, so its routes are own numbers together."""
    own = catalog.load_country(code).own
    for attack in catalog.attacks_in((code,)).attacks:
        assert len({route.attempts.name in own for route in attack.routes}) <= 1, attack.name


@pytest.mark.parametrize("code", EVERY)
def test_every_drawn_number_of_a_country_has_its_dimension(code: str) -> None:
    """Uncertain numbers of a pack have a place in the order of the Sobol sequence."""
    missing = [name for name, own in whole(code).items() if not own.is_certain and name not in DIMENSION]
    assert missing == []


@pytest.mark.parametrize("code", EVERY)
def test_what_does_not_exist_there_never_happens(code: str) -> None:
    """An attack that is left out has no route and no background, with the reason in its note."""
    country = catalog.load_country(code)
    graph = catalog.attacks_in((code,))
    for name, reason in country.absent.items():
        assert graph[name].routes == ()
        assert graph[name].background.central == 0
        assert reason in graph[name].background.note


# Which numbers a run takes ----------------------------------------------------------------------------


@pytest.mark.parametrize("countries", [("US",), (), ("GB", "US"), ("FR",), ("GB", "DE")])
def test_other_scenarios_keep_the_us_numbers(countries: tuple[str, ...]) -> None:
    """Americans, unknown countries, several countries and those without a pack have the catalog's numbers."""
    graph = catalog.attacks_for(breach("full_name", "date_of_birth", "phone_number", countries=countries))
    assert graph.country is None
    assert all(estimate == HOME[estimate.name] for estimate in graph.estimates())
    assert catalog.country_of(countries) is None


def test_the_look_ups_of_a_user_go_before_those_of_a_country() -> None:
    """With look-ups given, or none, the other numbers of the country stay."""
    what = breach("full_name", "date_of_birth", "postal_address")
    none = catalog.attacks_for(what, elsewhere=None)
    assert none.lookups is None
    assert none.country is catalog.load_country("GB")
    given = catalog.attacks_for(what, elsewhere=catalog.load_look_ups())
    assert given.lookups is not None
    assert given.lookups["date_of_birth"].share == HOME["elsewhere.date_of_birth"]


def test_british_and_german_people_meet_no_us_attacks() -> None:
    """Name, birth date, SSN and insurance number open tax refunds and benefits in the US, and not there."""
    leaked = ("full_name", "date_of_birth", "ssn", "health_insurance_id", "national_id_number")
    for code in ("GB", "DE"):
        graph = catalog.attacks_for(breach(*leaked, countries=(code,)))
        gone = ("tax_refund_fraud", "benefits_fraud", "medical_identity_theft", "synthetic_identity")
        assert not any(graph[name].routes for name in gone if name in graph.names)
        assert graph["identity_number_fraud"].routes
    home = catalog.attacks_for(breach(*leaked, countries=("US",)))
    assert home["tax_refund_fraud"].routes
    assert home["benefits_fraud"].routes


def test_an_australian_variant_has_its_own_route() -> None:
    """A tax file number opens tax-refund fraud in Australia alone, and a Medicare number an account."""
    leaked = ("full_name", "date_of_birth", "tax_id")
    there = catalog.attacks_for(breach(*leaked, countries=("AU",)))
    assert [route.fields for route in there["tax_refund_fraud"].routes] == [leaked]
    at_home = catalog.attacks_for(breach(*leaked, countries=("US",)), elsewhere=None)
    assert "tax_refund_fraud" not in at_home.names
    medicare = breach("full_name", "date_of_birth", "health_insurance_id", countries=("AU",))
    assert "identity_number_fraud" in catalog.attacks_for(medicare).names
    assert "identity_number_fraud" not in catalog.attacks_for(breach(*medicare.segments[0].fields)).names


def test_credit_takes_name_birth_date_and_address_in_britain() -> None:
    """Credit is opened with three fields in the United Kingdom and Germany; in the US it takes the SSN."""
    leaked = ("full_name", "date_of_birth", "postal_address")
    for code in ("GB", "DE"):
        (route,) = catalog.attacks_for(breach(*leaked, countries=(code,)))["new_account_fraud"].routes
        assert set(route.fields) == set(leaked)


# What a run does ---------------------------------------------------------------------------------------


def test_factors_act_on_us_numbers_only() -> None:
    """Common factors of a country multiply US attempts and US losses, and leave its own numbers alone."""
    graph = catalog.attacks_for(breach("full_name", "phone_number", "payment_card_number", "postal_address"))
    country = graph.country
    assert country is not None
    assert graph.on_attempts(graph["smishing"].routes)[-1] is country.attempts
    assert country.attempts not in graph.on_attempts(graph["bank_impersonation_call"].routes)
    assert graph.on_loss(graph["smishing"])[-1] is country.loss
    assert country.loss not in graph.on_loss(graph["card_not_present_fraud"])
    assert graph.undriven().on_loss(graph["smishing"]) == (country.loss,)
    assert catalog.load_attacks().undriven().on_attempts(graph["smishing"].routes) == ()


def test_a_factor_of_one_changes_nothing() -> None:
    """With factors and capacities of the US and no own number, a country has the harm of the US."""
    pack = copy.deepcopy(PACKS["DE"])
    one = {"kind": "fixed", "value": 1.0, "unit": "ratio", "status": "assumed", "note": "as in the US"}
    one |= {"sources": ["us-adults"]}
    bare = {part: pack[part] for part in ("name", "currency", "identifiers", "absent")}
    _, graph = read_country("DE", bare | {"size": one, "attempts": one, "loss": one})
    what = breach("phone_number", "full_name", "email_address", countries=("US",))
    names = ("smishing", "phishing_email", "bank_impersonation_call", "location_tracking")
    worlds = (catalog.load_attacks(), graph)
    at_home, there = (bs.simulate(what, own.only(names), replicates=128) for own in worlds)
    assert at_home.per_attack("victims").any()
    assert np.array_equal(at_home.per_attack("victims"), there.per_attack("victims"))
    assert np.array_equal(at_home.losses, there.losses)


def test_a_wider_factor_widens_people_and_loss() -> None:
    """The harm of a British breach is less certain than the same breach on US numbers."""
    what = breach("phone_number", "full_name", "email_address")
    american = catalog.attacks_for(breach(*what.segments[0].fields, countries=("US",)))
    here = bs.simulate(what, american, replicates=512)
    there = bs.simulate(what, replicates=512)

    def spread(impact: Any) -> float:
        low, high = np.quantile(impact.loss, [0.05, 0.95])
        return float(high / low)

    assert spread(there) > spread(here)


def test_own_numbers_take_no_level_of_the_us_rows() -> None:
    """A number of the country is drawn from its own distribution, every other one from the posterior row."""
    impact = bs.simulate(breach("full_name", "date_of_birth", "postal_address"), replicates=64)
    rows, own = catalog.load_posterior(), catalog.load_country("GB").own
    assert impact.posterior is not None
    assert set(impact.posterior.names) == set(rows.names) - own
    assert {"attacks.new_account_fraud.attempts", "elsewhere.date_of_birth"} <= own & set(rows.names)
    assert impact.posterior.digest == rows.digest
    home = bs.simulate("tmobile-2021-stated", replicates=64)
    assert home.posterior is rows


def test_a_run_says_whose_numbers_it_rests_on() -> None:
    """The notes name the country, its factors and what is left out, once and under 300 characters."""
    leaked = ("full_name", "date_of_birth", "postal_address", "ssn")
    for code in CODES:
        impact = bs.simulate(breach(*leaked, countries=(code,)), replicates=16)
        found = [note for note in impact.notes if note.startswith("People of ")]
        assert len(found) == 1
        assert catalog.load_country(code).name in found[0]
        assert len(found[0]) <= 300
    assert not any("People of " in note for note in bs.simulate("tmobile-2021-stated", replicates=16).notes)


def test_parameters_and_explanations_show_the_country() -> None:
    """The parameters of a run hold the own numbers with their sources, and the tree reproduces its figure."""
    impact = bs.simulate(breach("full_name", "phone_number", "payment_card_number"), replicates=128)
    listed = {estimate.name: estimate for estimate in impact.parameters()}
    assert "ukf-remote-2024" in listed["attacks.card_not_present_fraud.severity"].sources
    assert "US number, applied in the United Kingdom" in listed["attacks.smishing.attempts"].note
    assert {"countries.GB.attempts", "countries.GB.loss"} <= set(listed)
    for attack, abroad in (("smishing", True), ("card_not_present_fraud", False)):
        root = bs.explain(impact, f"attacks.{attack}.loss_usd.mean")
        mine = float(tree.recompute(root.children[0]).mean())
        assert mine == pytest.approx(float(expected(impact, "loss_usd", attack).mean()))
        assert abroad == ("countries.GB.loss" in {leaf.name for leaf in tree.parameters(root)})


def test_a_run_of_a_country_is_a_document_with_its_own_hash() -> None:
    """The hash of inputs is that of the numbers: another country gives another one, the same the same."""
    hashes = {}
    for code in (*CODES, "FR"):
        impact = bs.simulate(breach("phone_number", "full_name", countries=(code,)), replicates=16)
        hashes[code] = json.loads(impact.to_json())["input_hash"]
    assert len(set(hashes.values())) == len(hashes)
    again = bs.simulate(breach("phone_number", "full_name", countries=("GB",)), replicates=16)
    assert again.input_hash == hashes["GB"]


def test_breaches_of_two_nations_share_no_capacity() -> None:
    """Side by side, breaches of one year share capacities within a nation only."""
    names = ("talktalk-2015-claimed", "experian-2015", "anthem-2015-claimed")
    both = bs.portfolio(names, replicates=32)
    shared = [note for note in both.notes if note.startswith("Share the national capacities")]
    assert shared == ["Share the national capacities of 2015: experian-2015, anthem-2015-claimed."]


def test_differences_between_nations_are_explained() -> None:
    """A waterfall from a British to an American breach adds up, the numbers being one of its changes."""
    frame = bs.waterfall("talktalk-2015-confirmed", "tmobile-2023", replicates=64)
    steps = frame["mean"].iloc[1:-1].sum()
    assert steps == pytest.approx(frame["mean"].iloc[-1] - frame["mean"].iloc[0])
    assert any("attacks" in label for label in frame.index)
    assert "people" in bs.diff("talktalk-2015-confirmed", "tmobile-2023", replicates=64).index


# Wrong packs and codes --------------------------------------------------------------------------------


def test_an_unknown_country_is_refused() -> None:
    """A wrong code is named with the right one; without a pack comes the list of those that have one."""
    with pytest.raises(ValueError, match=r"country 'UK' .*write GB"):
        catalog.load_country("UK")
    with pytest.raises(ValueError, match=r"unknown country 'AT' .* Known: GB, DE, AU"):
        catalog.load_country("AT")
    with pytest.raises(ValueError, match=r"country 'de' .* two capital letters"):
        catalog.load_country("de")
    with pytest.raises(ValueError, match=r"country 'UK' in the dossier .*write GB"):
        Dossier(countries=("UK",))


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("name",), None, r"GB\.toml: key 'name' is missing"),
        (("nick",), "Albion", r"GB\.toml: unknown key 'nick'"),
        (("attacks", "sim_swop"), {}, r"unknown attack 'sim_swop' .*did you mean 'sim_swap'"),
        (("absent", "sim_swop"), "no", r"unknown attack 'sim_swop'"),
        (
            ("absent", "tax_refund_fraud"),
            None,
            r"'tax_refund_fraud' exists in US only; say under \[absent\] why",
        ),
        (("absent", "tax_refund_fraud"), 3, r"tax_refund_fraud is 3; it must be text in quotes|left out"),
        (("attacks", "sim_swap", "routs"), {}, r"GB\.toml, attacks/sim_swap\.toml, .*unknown key 'routs'"),
        (("elsewhere", "date_of_brith"), {}, r"unknown field 'date_of_brith'"),
        (("loss", "low"), 0, r"lognormal needs low > 0"),
        (("size", "value"), 0, r"countries\.GB\.size can be 0"),
        (("size", "unit"), "share", r"must be 'ratio'"),
        (("attempts", "sources"), ["nobody"], r"unknown source 'nobody'"),
    ],
)
def test_a_wrong_pack_is_refused(place: tuple[str, ...], value: Any, message: str) -> None:
    """A missing, unknown or impossible part of a pack is refused with file, key, rule and remedy."""
    pack = copy.deepcopy(PACKS["GB"])
    inner = pack
    for part in place[:-1]:
        inner = inner.setdefault(part, {})
    if value is None:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    with pytest.raises(CatalogError, match=message):
        read_country("GB", pack)
