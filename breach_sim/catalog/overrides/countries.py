"""Select the attacks that a breach enables, with the numbers of the country where its people live.

``data/evidence/countries/CODE.toml`` is the pack of a country. Its tables stand in place of those of the
same name in ``attacks/``, ``shared.toml`` and ``elsewhere.toml``, and are read by the same readers. What a
pack does not name is the US number: national capacities times the size of the country, and common factors on
attempts and losses.

Not here: what a country is (``inputs.numbers.country``), and where its people are named (``dossier``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from breach_sim.catalog.attacks import SHARED, agreed_overrides, load_attacks, read_attacks, with_own
from breach_sim.catalog.look_ups import CATALOG, look_ups_of, read_look_ups
from breach_sim.catalog.look_ups import FILE as ELSEWHERE
from breach_sim.catalog.reader import CatalogError, Reader, Table, data, load_sources, parse, parse_folder
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.lookups import Lookups
from breach_sim.inputs.numbers.country import Country
from breach_sim.inputs.numbers.estimates import Estimate, estimates_in
from breach_sim.inputs.numbers.overrides import Overrides
from breach_sim.inputs.published import abroad, check_countries
from breach_sim.inputs.scenario import Scenario

FOLDER = "evidence/countries"
HOME = "US"
"""Country whose numbers the catalog holds."""
REPLACED = ("attacks", "elsewhere", "people_background")
"""Parts of a pack that stand in place of the catalog's."""
ElsewhereLike = Lookups | str | Path | None


def load_countries() -> Mapping[str, Country]:
    """Load the countries that have numbers of their own, besides the United States.

    Returns
    -------
    Countries by code, in the order of the files' ``place``.

    Raises
    ------
    CatalogError
        If a file is invalid.
    """
    return {code: load_country(code) for code in _packs()}


def load_country(code: str) -> Country:
    """Load one country.

    Parameters
    ----------
    code
        Two capital letters, as in ISO 3166.

    Returns
    -------
    The country, with the names of the parameters that are its own.

    Raises
    ------
    ValueError
        If the code is wrong, or the country has no pack; the message names those that have.
    CatalogError
        If its file is invalid.
    """
    check_countries((code,), "the countries with numbers of their own")
    if code not in _packs():
        names = {known: pack["name"] for known, pack in _packs().items()}
        raise ValueError(unknown("country", code, names, "the countries with numbers of their own", names))
    return _pack_of(code)[0]


def country_of(countries: Collection[str]) -> str | None:
    """Return the code of the pack that holds for people of some countries.

    Parameters
    ----------
    countries
        Codes as in ``scenario.dossier.countries``.

    Returns
    -------
    The code, if they are one country and it has a pack; None where US numbers are applied.
    """
    codes = set(countries)
    return next(iter(codes)) if len(codes) == 1 and codes <= set(_packs()) else None


def attacks_in(
    countries: Collection[str] = (),
    *,
    elsewhere: ElsewhereLike = CATALOG,
    leaked: Collection[str] | None = None,
    overrides: Overrides | None = None,
) -> AttackGraph:
    """Return the catalog's attacks for people of some countries.

    Parameters
    ----------
    countries
        Codes as in ``scenario.dossier.countries``; empty if people may live anywhere.
    elsewhere
        What can be looked up; as for :func:`~breach_sim.catalog.look_ups.look_ups_of`.
    leaked
        If given, only attacks that these fields enable; see ``AttackGraph.within``.
    overrides
        The user's own numbers and attacks; none if not given.

    Returns
    -------
    The graph of the country's pack if they are one country that has one, otherwise that of the United States.
    Attacks that cannot hit people there stay as background only; see ``AttackGraph.in_countries``.
    """
    code = country_of(countries)
    graph = load_attacks() if code is None else _pack_of(code)[1]
    if elsewhere != CATALOG:
        graph = dataclasses.replace(graph, lookups=look_ups_of(elsewhere))
    if overrides:
        graph = with_own(graph, overrides)
    if leaked is not None:
        if graph.lookups is not None:
            # Before `within`: a field that nobody there has is no way to an attack.
            graph = dataclasses.replace(graph, lookups=graph.lookups.in_countries(countries))
        graph = graph.within(leaked)
    return graph.in_countries(countries)


def attacks_for(
    *breaches: Scenario,
    countries: Collection[str] | None = None,
    elsewhere: ElsewhereLike = CATALOG,
    overrides: Overrides | None = None,
) -> AttackGraph:
    """Return the catalog's attacks that the leaked fields of some breaches enable.

    Parameters
    ----------
    *breaches
        Scenarios. The union of their leaked fields is used.
    countries
        Codes of the countries where the people live. If None, the countries in the dossiers of the breaches;
        anywhere if a dossier names none.
    elsewhere
        What can be looked up; as for :func:`~breach_sim.catalog.look_ups.look_ups_of`.
    overrides
        The user's own numbers; None takes those of the breaches, which must be the same.

    Returns
    -------
    A smaller graph; see ``AttackGraph.within``. Its numbers are those of the country where all people live,
    if it has a pack. Attacks that cannot hit people of the countries stay in the graph as background only;
    see ``AttackGraph.in_countries``.
    """
    fields = frozenset(name for breach in breaches for segment in breach.segments for name in segment.fields)
    lived_in = [breach.dossier.countries for breach in breaches]
    everywhere = {code for codes in lived_in for code in codes} if all(lived_in) else set()
    where = frozenset(everywhere if countries is None else countries)
    own = agreed_overrides(breaches) if overrides is None else overrides
    if elsewhere == CATALOG and not own:
        return _enabled(fields, where)
    return attacks_in(where, elsewhere=elsewhere, leaked=fields, overrides=own)


@lru_cache(maxsize=256)
def _enabled(leaked: frozenset[str], countries: frozenset[str]) -> AttackGraph:
    """Attacks that some fields enable in some countries; a thousand breaches share a few hundred sets."""
    return attacks_in(countries, leaked=leaked)


# ------------------------------------------------------------------------------------ packs


@lru_cache(maxsize=1)
def _packs() -> Mapping[str, Table]:
    """Tables of each pack, by code."""
    packs = parse_folder(FOLDER)
    return {file.rpartition("/")[2].removesuffix(".toml"): tables for file, tables in packs.items()}


@lru_cache(maxsize=16)
def _pack_of(code: str) -> tuple[Country, AttackGraph]:
    """Country, and all attacks with its numbers."""
    return read_country(code, _packs()[code])


def read_country(code: str, pack: Table) -> tuple[Country, AttackGraph]:
    """Build a country and its attack graph from the tables of its pack.

    Parameters
    ----------
    code
        Two capital letters.
    pack
        Tables of its file: ``name``, ``currency``, ``identifiers``, ``size``, ``attempts``, ``loss``,
        ``absent``, and what stands in place of the catalog's numbers.

    Returns
    -------
    The country, and the whole graph. Every number that the pack does not name says in its note that it is a
    US one.

    Raises
    ------
    CatalogError
        With file, key, value, rule and remedy.
    """
    file = f"{FOLDER}/{code}.toml"
    reader = Reader(file, load_sources())
    needed = ("name", "currency", "identifiers", "size", "attempts", "loss", "absent")
    reader.keys(pack, "", (*needed, *REPLACED), needed)
    home = load_attacks()
    absent = reader.get(pack, "", "absent", dict)
    for part in (absent, reader.get(pack, "", "attacks", dict, {})):
        for name in part:
            if name not in home.names:
                raise CatalogError(unknown("attack", name, home.names, "the pack"), file)
    graph = _replaced(file, pack, absent)
    graph = dataclasses.replace(graph, lookups=_look_ups(file, pack))
    for attack in graph.attacks:
        if abroad((code,), attack.countries) and attack.name not in absent:
            raise CatalogError(
                f"attack {attack.name!r} exists in {', '.join(attack.countries)} only; say under [absent] "
                f"why, or give it routes, rates and countries = [{code!r}]",
                file,
            )
    known = {estimate.name: estimate for estimate in home.estimates()}
    own = frozenset(e.name for e in estimates_in(graph) if known.get(e.name) != e)
    country = _country(reader, code, pack, own)
    return country, dataclasses.replace(_marked(graph, country), country=country, home=code)


def _country(reader: Reader, code: str, pack: Table, own: frozenset[str]) -> Country:
    """Country of a pack, without what stands in place of the catalog's numbers."""
    words = {
        part: {name: reader.get(pack[part], part, name, str) for name in reader.get(pack, "", part, dict)}
        for part in ("identifiers", "absent")
    }
    said: dict[str, Any] = {part: reader.get(pack, "", part, str) for part in ("name", "currency")} | words
    for part in ("size", "attempts", "loss"):
        said[part] = reader.estimate(pack[part], f"countries.{code}.{part}")
    return reader.build("", lambda: Country(code=code, own=own, **said))


def _replaced(file: str, pack: Table, absent: Table) -> AttackGraph:
    """Attacks of the catalog's files, with the keys of a pack in place of theirs."""
    shared, tables = parse(data(SHARED), SHARED), {}
    if "people_background" in pack:
        shared = shared | {"people_background": pack["people_background"]}
    for place, table in parse_folder("attacks").items():
        name = place.rpartition("/")[2].removesuffix(".toml")
        ours = dict(pack.get("attacks", {}).get(name, {}))
        if name in absent:
            ours["background"] = _never(absent[name])
        if "anchor" in ours:  # key by key: what follows a swap may differ where its mean loss does not
            ours["anchor"] = table.get("anchor", {}) | ours["anchor"]
        # The name of the file is the last part, from which the reader takes that of the attack.
        tables[f"{file}, {place}" if ours else place] = table | ours
    return read_attacks(shared, tables)


def _never(reason: str) -> Table:
    """Background of an attack that does not exist in a country."""
    return {
        "kind": "fixed",
        "value": 0.0,
        "unit": "probability/year",
        "status": "assumed",
        "sources": ["analyst-judgment"],
        "note": f"left out in this country: {reason}",
    }


def _look_ups(file: str, pack: Table) -> Lookups:
    """Look-ups of the catalog, with the tables of a pack in place of theirs."""
    ours = pack.get("elsewhere", {})
    tables = parse(data(ELSEWHERE), ELSEWHERE)
    return read_look_ups(tables | ours, load_sources(), f"{file}, {ELSEWHERE}" if ours else ELSEWHERE)


def _marked(graph: AttackGraph, country: Country) -> AttackGraph:
    """The graph with US capacities in the size of the country, and a word on each US number in its note."""
    size, done = country.size.central, dict[str, Estimate]()
    national = {attack.capacity.name for attack in graph.attacks if attack.capacity is not None}

    def local(estimate: Estimate) -> Estimate:
        if estimate.name in country.own:
            return estimate
        if estimate.name not in done:
            word = f"US number, applied in {country.name}"
            if estimate.name in national:
                estimate, word = (
                    _times(estimate, size),
                    f"{word} times {size:.3g}, its adults over those of the US",
                )
            done[estimate.name] = dataclasses.replace(estimate, note=f"{estimate.note}; {word}".lstrip("; "))
        return done[estimate.name]

    parts = ("people_background", "attacks", "traits", "clocks", "lookups")
    return dataclasses.replace(graph, **{part: _mapped(getattr(graph, part), local) for part in parts})


def _times(estimate: Estimate, factor: float) -> Estimate:
    """An estimate with its numbers times a factor."""
    given = {part: getattr(estimate, part) for part in ("value", "low", "mode", "high")}
    numbers: dict[str, Any] = {part: n if n is None else n * factor for part, n in given.items()}
    return dataclasses.replace(estimate, **numbers)


def _mapped(thing: Any, change: Callable[[Estimate], Estimate]) -> Any:
    """An object with every estimate in it changed; the object itself if it holds none."""
    made = thing
    if isinstance(thing, Estimate):
        made = change(thing)
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        parts = {own.name: getattr(thing, own.name) for own in dataclasses.fields(thing)}
        changed = {name: _mapped(part, change) for name, part in parts.items()}
        new = {name: part for name, part in changed.items() if part is not parts[name]}
        made = dataclasses.replace(thing, **new) if new else thing
    elif isinstance(thing, tuple):
        items = tuple(_mapped(part, change) for part in thing)
        made = items if any(a is not b for a, b in zip(items, thing, strict=True)) else thing
    elif isinstance(thing, Mapping):
        made = {name: _mapped(part, change) for name, part in thing.items()}
    return made
