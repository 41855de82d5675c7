"""Attacks, traits, clocks and onsets out of TOML; and which of them a breach enables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache, partial
from typing import Any

from breach_sim.catalog.reading import CatalogError, Reader, Table, data, load_sources, parse
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.attacks import Anchor, Attack, Clock, Onset, Regime, Release, Route, Trait
from breach_sim.inputs.estimates import Estimate
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario


@lru_cache(maxsize=1)
def load_attacks() -> AttackGraph:
    """The catalogue's attacks, with traits, clocks and onsets.

    Returns
    -------
    The graph that ``simulate`` uses unless told otherwise.

    Raises
    ------
    CatalogError
        If a file is damaged.
    """
    sources = load_sources()
    traits = _traits(Reader("traits.toml", sources), parse(data("traits.toml"), "traits.toml"))
    return _graph(Reader("attacks.toml", sources), parse(data("attacks.toml"), "attacks.toml"), traits)


def attacks_for(*breaches: Scenario, countries: Collection[str] | None = None) -> AttackGraph:
    """The catalogue's attacks that the leaked fields of some breaches enable.

    Parameters
    ----------
    *breaches
        Their leaked fields together decide.
    countries
        Codes of where the people live. None: of all the breaches, as their dossiers say; anywhere if one of
        them does not say.

    Returns
    -------
    A smaller graph, see ``AttackGraph.within``; attacks that cannot hit people of the countries are left in
    it as background only, see ``AttackGraph.in_countries``.
    """
    leaked = {name for breach in breaches for segment in breach.segments for name in segment.fields}
    told = [breach.dossier.countries for breach in breaches]
    everywhere = {code for codes in told for code in codes} if all(told) else set()
    return _enabled(frozenset(leaked), frozenset(everywhere if countries is None else countries))


@lru_cache(maxsize=256)
def _enabled(leaked: frozenset[str], countries: frozenset[str]) -> AttackGraph:
    """Attacks that some fields enable in some countries; a thousand breaches share a few hundred sets."""
    return load_attacks().within(leaked).in_countries(countries)


@lru_cache(maxsize=1)
def load_bare_fields() -> Mapping[str, str]:
    """Fields of the vocabulary that carry no attack of their own, and why not.

    Returns
    -------
    Reason by name of the field, in the order of the vocabulary.

    Raises
    ------
    CatalogError
        If the file is damaged; or a field that no route needs is missing in it, or one that a route needs
        stands there.
    """
    file = "bare_fields.toml"
    reader, tables = Reader(file, ()), parse(data("formats", file), file)
    reader.keys(tables, "", FIELD_NAMES)
    needed = {name for attack in load_attacks().attacks for route in attack.routes for name in route.fields}
    for name in FIELD_NAMES:
        if (name in needed) == (name in tables):
            told = "a route needs it: leave it out" if name in needed else "no route needs it: say why"
            raise CatalogError(f"field {name!r} is misplaced; {told}", file, name)
    return {name: reader.get(tables, "", name, str) for name in FIELD_NAMES if name in tables}


def _traits(reader: Reader, tables: Table) -> dict[str, Trait]:
    result = {}
    for name, table in tables.items():
        reader.keys(table, name, ("label", "share"), ("label", "share"))
        share = reader.estimate(table["share"], f"traits.{name}.share")
        result[name] = Trait(name=name, label=table["label"], share=share)
    return result


def _graph(reader: Reader, tables: Table, traits: Mapping[str, Trait]) -> AttackGraph:
    known = ("attacks", "clocks", "onsets", "people_background", "releases", "multipliers")
    reader.keys(tables, "", known, ("attacks", "people_background"))
    onsets = {name: _onset(reader, name, table) for name, table in tables.get("onsets", {}).items()}
    clocks = {name: _clock(reader, name, table) for name, table in tables.get("clocks", {}).items()}
    releases = {name: _release(reader, name, table) for name, table in tables.get("releases", {}).items()}
    for name, table in tables.get("multipliers", {}).items():
        reader.shared[name] = reader.estimate(table, f"multipliers.{name}")
    attacks = tuple(_attack(reader, name, table, onsets, traits) for name, table in tables["attacks"].items())
    background = reader.estimate(tables["people_background"], "people_background")
    return reader.build(
        "attacks",
        lambda: AttackGraph(
            attacks=attacks, traits=traits, clocks=clocks, releases=releases, people_background=background
        ),
    )


def _release(reader: Reader, name: str, table: Table) -> Release:
    key, parts = f"releases.{name}", ("onset", "tail", "capacity")
    reader.keys(table, key, ("label", *parts), ("label", *parts))
    factors = {part: reader.estimate(table[part], f"{key}.{part}") for part in parts}
    return reader.build(key, lambda: Release(name=name, label=table["label"], **factors))


def _regimes(reader: Reader, key: str, table: Table) -> tuple[Regime, ...]:
    regimes = []
    for name, regime in reader.get(table, key, "regimes", dict, {}).items():
        place = f"{key}.regimes.{name}"
        reader.keys(regime, place, ("label", "until", "factor"), ("factor",))
        until, label = (reader.get(regime, place, part, str, "") for part in ("until", "label"))
        factor = reader.estimate(regime["factor"], f"{place}.factor")
        regimes.append(reader.build(place, partial(Regime, until=until, factor=factor, label=label)))
    return tuple(regimes)


def _onset(reader: Reader, name: str, table: Table) -> Onset:
    key = f"onsets.{name}"
    reader.keys(table, key, ("label", "median", "sigma"), ("label", "median", "sigma"))
    median, sigma = (reader.estimate(table[part], f"{key}.{part}") for part in ("median", "sigma"))
    return Onset(name=name, label=table["label"], median=median, sigma=sigma)


def _clock(reader: Reader, name: str, table: Table) -> Clock:
    key = f"clocks.{name}"
    reader.keys(table, key, ("label", "fields", "rates"), ("label", "fields", "rates"))
    rates = {kind: reader.estimate(rate, f"{key}.rates.{kind}") for kind, rate in table["rates"].items()}
    return Clock(name=name, label=table["label"], fields=reader.texts(table, key, "fields"), rates=rates)


_ATTACK_TEXTS = ("label", "description", "technique", "capec")
_ATTACK_LISTS = ("grants", "clocks", "countries")
_ATTACK_ESTIMATES = ("severity", "severity_sigma", "hours", "background")
_ATTACK_OPTIONAL = ("capacity", "reporting")
_ATTACK_REST = ("routes", "attempts", "success", "bearers", "anchor", "onset", "regimes", "reset_proof")


def _attack(
    reader: Reader, name: str, table: Table, onsets: Mapping[str, Onset], traits: Mapping[str, Trait]
) -> Attack:
    key = f"attacks.{name}"
    known = (*_ATTACK_TEXTS, *_ATTACK_LISTS, *_ATTACK_ESTIMATES, *_ATTACK_OPTIONAL, *_ATTACK_REST)
    reader.keys(table, key, known, ("label", *_ATTACK_ESTIMATES, "bearers"))
    onset = table.get("onset")
    if onset is not None and onset not in onsets:
        raise CatalogError(unknown("onset", onset, onsets, "onset"), reader.file, key)
    parts: dict[str, Any] = {text: reader.get(table, key, text, str, "") for text in _ATTACK_TEXTS}
    parts |= {names: reader.texts(table, key, names) for names in _ATTACK_LISTS}
    parts |= {part: reader.estimate(table[part], f"{key}.{part}") for part in _ATTACK_ESTIMATES}
    parts |= {
        part: reader.estimate(table[part], f"{key}.{part}") for part in _ATTACK_OPTIONAL if part in table
    }
    bearers = {who: reader.estimate(share, f"{key}.bearers.{who}") for who, share in table["bearers"].items()}
    return reader.build(
        key,
        lambda: Attack(
            name=name,
            routes=_routes(reader, key, table, traits),
            bearers=bearers,
            onset=onsets[onset] if onset else None,
            regimes=_regimes(reader, key, table),
            reset_proof=reader.get(table, key, "reset_proof", bool, default=False),
            anchor=_anchor(reader, key, table.get("anchor")),
            **parts,
        ),
    )


def _anchor(reader: Reader, key: str, table: Table | None) -> Anchor | None:
    if table is None:
        return None
    reader.keys(table, f"{key}.anchor", ("mean_loss", "follow_ons"), ("mean_loss", "follow_ons"))
    mean_loss = reader.estimate(table["mean_loss"], f"{key}.anchor.mean_loss")
    return Anchor(mean_loss=mean_loss, follow_ons=reader.texts(table, f"{key}.anchor", "follow_ons"))


def _routes(reader: Reader, key: str, table: Table, traits: Mapping[str, Trait]) -> tuple[Route, ...]:
    """Routes of an attack; attempts and success stand at the attack unless the route has its own."""
    shared = {
        part: reader.estimate(table[part], f"{key}.{part}")
        for part in ("attempts", "success")
        if part in table
    }
    routes = []
    for name, route in reader.get(table, key, "routes", dict, {}).items():
        place = f"{key}.routes.{name}"
        reader.keys(route, place, ("needs", "attempts", "success", "multiplier"), ("needs",))
        needs = reader.texts(route, place, "needs")
        own = {
            part: reader.estimate(route[part], f"{place}.{part}")
            for part in ("attempts", "success")
            if part in route
        }
        rates = shared | own
        reader.keys(rates, place, ("attempts", "success"), ("attempts", "success"))
        fields = tuple(need for need in needs if need in FIELD_NAMES)
        people = tuple(need for need in needs if need in traits)
        rest = tuple(need for need in needs if need not in FIELD_NAMES and need not in traits)
        make = partial(Route, name=name, fields=fields, traits=people, capabilities=rest, **rates)
        routes.append(make(multiplier=_multiplier(reader, route, place)))
    return tuple(routes)


def _multiplier(reader: Reader, route: Table, place: str) -> Estimate | None:
    name = reader.get(route, place, "multiplier", str, "")
    if name and name not in reader.shared:
        raise CatalogError(unknown("multiplier", name, reader.shared, "multiplier"), reader.file, place)
    return reader.shared[name] if name else None
