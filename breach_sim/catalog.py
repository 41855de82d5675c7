"""TOML in, frozen objects out: the only reader of ``data/`` and of a user's own scenario file.

What a file may hold is checked at this door, key by key; an error names file, key, value, rule and remedy.

Place in the corridor: above ``impact``. Imports the nouns (``scenario``, ``attacks``, ``estimates``).
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache, partial
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from breach_sim.attacks import (
    RELEASES,
    Anchor,
    Attack,
    AttackGraph,
    Clock,
    Onset,
    Regime,
    Release,
    Route,
    Trait,
)
from breach_sim.dictionary import Block, Dictionary, Saying, Word
from breach_sim.dossier import Dossier, Published
from breach_sim.estimates import Estimate, Source
from breach_sim.fields import FIELD_NAMES, check_field
from breach_sim.firm import FirmCosts
from breach_sim.mitigation import Change, Cost, Drop, Mitigation, Protect, Reset, Withhold
from breach_sim.protections import Withheld
from breach_sim.published import Outcome
from breach_sim.scenario import Event, Leak, Scenario, Segment
from breach_sim.spelling import shown, unknown

Table = Mapping[str, Any]
Made = TypeVar("Made")
MAX_BITS = 14_000
"""Longest whole number read, in bits: below the 4,300 digits that Python prints."""
FLOAT_BITS = 1000
"""Longest whole number that is turned into a float, in bits."""
MAX_BYTES = 10_000_000
"""Largest file read, in bytes."""
FIRST_CASE = "tmobile-2021"
"""Breach whose scenarios go by their last word alone: "claimed", "stated", "class"."""


class CatalogError(ValueError):
    """A file of the catalogue, or a user's own, is not what it should be.

    Parameters
    ----------
    message
        Value, rule and remedy, in one or two sentences.
    file
        Name of the file.
    key
        Dotted path of the offending key, or "".
    """

    def __init__(self, message: str, file: str, key: str = "") -> None:
        place = f"{file}, {key}: " if key else f"{file}: "
        super().__init__(place + message)
        self.file = file
        self.key = key


class _Reader:
    """One file being read: knows its name, checks keys, and words errors."""

    def __init__(self, file: str, sources: Iterable[str]) -> None:
        self.file = file
        self.sources = dict.fromkeys(sources)
        self.shared: dict[str, Estimate] = {}

    def keys(self, table: Table, key: str, known: Iterable[str], needed: Iterable[str] = ()) -> None:
        """Refuse unknown keys and ask for missing ones."""
        known = list(known)
        for name in table:
            if name not in known:
                raise CatalogError(unknown("key", name, known, key or "the file"), self.file, key)
        for name in needed:
            if name not in table:
                raise CatalogError(f"key {name!r} is missing; it is needed there", self.file, key)

    def get(self, table: Table, key: str, name: str, kind: type, default: Any = None) -> Any:
        """Value of a key, which must be of one type."""
        value = table.get(name, default)
        if name in table and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            words = {
                str: "text in quotes", list: "a list [...]", dict: "a table", int: "a whole number",
                bool: "true or false",
            }  # fmt: skip
            raise CatalogError(f"{name} is {shown(value)}; it must be {words[kind]}", self.file, key)
        self.bounded(value, key, name)
        return value

    def bounded(self, value: object, key: str, name: str) -> None:
        """Refuse whole numbers so long that Python itself cannot print them."""
        if isinstance(value, int) and value.bit_length() > MAX_BITS:
            told = f"{name} is a whole number of {value.bit_length()} bits; it must be one that can be meant"
            raise CatalogError(told, self.file, key)

    def number(self, table: Table, key: str, name: str) -> float | None:
        """Number under a key, or None if there is none."""
        value = table.get(name)
        self.bounded(value, key, name)
        if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            return value
        raise CatalogError(f"{name} is {shown(value)}; it must be a number", self.file, key)

    def texts(self, table: Table, key: str, name: str) -> tuple[str, ...]:
        """List of texts under a key."""
        values = self.get(table, key, name, list, [])
        for value in values:
            if not isinstance(value, str):
                raise CatalogError(
                    f"{name} holds {shown(value)}; it must be a list of texts in quotes", self.file, key
                )
        return tuple(values)

    def cited(self, table: Table, key: str) -> tuple[str, ...]:
        """Source ids under ``sources``, all known."""
        ids = self.texts(table, key, "sources")
        for source in ids:
            if source not in self.sources:
                raise CatalogError(unknown("source", source, self.sources, "sources"), self.file, key)
        return ids

    def estimate(self, table: Any, key: str) -> Estimate:
        """Estimate from its table."""
        if not isinstance(table, Mapping):
            raise CatalogError(
                f"the value is {shown(table)}; it must be a table with kind, numbers, unit, "
                "status and sources",
                self.file,
                key,
            )
        words = ("kind", "unit", "status", "note", "for_low", "for_high")
        names = (*words, "value", "low", "mode", "high", "sources")
        self.keys(table, key, names, ("kind", "unit", "status", "sources"))
        texts: dict[str, Any] = {n: self.get(table, key, n, str, "") for n in words}
        numbers: dict[str, Any] = {n: self.number(table, key, n) for n in ("value", "low", "mode", "high")}
        return self.build(key, lambda: Estimate(name=key, sources=self.cited(table, key), **texts, **numbers))

    def build(self, key: str, make: Callable[[], Made]) -> Made:
        """Make an object; word its complaint with the place."""
        try:
            return make()
        except CatalogError:
            raise
        except (ValueError, TypeError, OverflowError) as error:
            raise CatalogError(str(error), self.file, key) from None


def _parse(path: Any, file: str) -> dict[str, Any]:
    """Contents of a TOML file."""
    if isinstance(path, Path):
        _check_path(path, file)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
        if len(raw) <= MAX_BYTES:
            return tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CatalogError(f"byte {error.start} is not UTF-8; save the file as UTF-8 text", file) from None
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"not valid TOML: {error}; see 'breach-sim new' for a template", file) from None
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror or error}", file) from None
    except RecursionError:
        raise CatalogError("tables are nested too deeply; two or three levels suffice", file) from None
    except ValueError:
        raise CatalogError(
            "a number has thousands of digits; it must be one that can be meant", file
        ) from None
    raise CatalogError(f"the file is too large; at most {MAX_BYTES:,} bytes are read", file)


def _check_path(path: Path, file: str) -> None:
    if not _exists(path):
        raise CatalogError("no such file; 'breach-sim new FILE.toml' makes one", file)
    if path.is_dir():
        raise CatalogError("this is a directory; name a .toml file in it", file)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _data(*parts: str) -> Any:
    place: Any = resources.files("breach_sim") / "data"
    for part in parts:
        place = place / part
    return place


# ---------------------------------------------------------------------------------------------- sources


@lru_cache(maxsize=1)
def load_sources() -> Mapping[str, Source]:
    """All sources of the catalogue, by id.

    Returns
    -------
    In the order of the file.

    Raises
    ------
    CatalogError
        If the file is damaged.
    """
    return _sources(_parse(_data("sources.toml"), "sources.toml"), "sources.toml")


def _sources(tables: Table, file: str, prefix: str = "") -> dict[str, Source]:
    reader = _Reader(file, ())
    texts = (
        "title", "publisher", "url", "year", "parameter", "value", "low", "high", "unit", "population",
        "grade", "verified", "notes",
    )  # fmt: skip
    result = {}
    for name, table in tables.items():
        key = f"{prefix}{name}"
        if not isinstance(table, Mapping):
            raise CatalogError("a source is a table with title, grade and verified", file, key)
        reader.keys(table, key, texts, ("title", "grade", "verified"))
        values = {text: reader.get(table, key, text, str, "") for text in texts}
        result[name] = reader.build(key, partial(Source, id=name, **values))
    return result


# ---------------------------------------------------------------------------------------------- attacks


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
    traits = _traits(_Reader("traits.toml", sources), _parse(_data("traits.toml"), "traits.toml"))
    return _graph(_Reader("attacks.toml", sources), _parse(_data("attacks.toml"), "attacks.toml"), traits)


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
    reader, tables = _Reader(file, ()), _parse(_data(file), file)
    reader.keys(tables, "", FIELD_NAMES)
    needed = {name for attack in load_attacks().attacks for route in attack.routes for name in route.fields}
    for name in FIELD_NAMES:
        if (name in needed) == (name in tables):
            told = "a route needs it: leave it out" if name in needed else "no route needs it: say why"
            raise CatalogError(f"field {name!r} is misplaced; {told}", file, name)
    return {name: reader.get(tables, "", name, str) for name in FIELD_NAMES if name in tables}


def _traits(reader: _Reader, tables: Table) -> dict[str, Trait]:
    result = {}
    for name, table in tables.items():
        reader.keys(table, name, ("label", "share"), ("label", "share"))
        share = reader.estimate(table["share"], f"traits.{name}.share")
        result[name] = Trait(name=name, label=table["label"], share=share)
    return result


@lru_cache(maxsize=1)
def load_firm() -> FirmCosts:
    """Rates of the firm's ledger.

    Returns
    -------
    The rates that ``simulate`` uses unless told otherwise.

    Raises
    ------
    CatalogError
        If the file is damaged.
    """
    reader = _Reader("firm.toml", load_sources())
    tables = _parse(_data("firm.toml"), "firm.toml")
    parts = tuple(FirmCosts.__dataclass_fields__)
    reader.keys(tables, "", parts, parts)
    rates = {part: reader.estimate(tables[part], f"firm.{part}") for part in parts}
    return reader.build("firm", lambda: FirmCosts(**rates))


@lru_cache(maxsize=1)
def load_harms() -> Mapping[str, Table]:
    """Largest harm of every scenario of the package, as computed when the catalogue page was made.

    Returns
    -------
    By scenario: ``attack`` and ``loss_usd``. See ``library.top_harm``.

    Raises
    ------
    CatalogError
        If the file is damaged.
    """
    reader = _Reader("harms.toml", ())
    tables = _parse(_data("harms.toml"), "harms.toml")
    for name, table in tables.items():
        reader.keys(table, name, ("attack", "loss_usd"), ("attack", "loss_usd"))
    return tables


@lru_cache(maxsize=1)
def load_outcomes() -> tuple[Outcome, ...]:
    """Published outcomes of breaches, which predictions are held against.

    Returns
    -------
    In the order of the file. None of them is an input of a simulation.

    Raises
    ------
    CatalogError
        If the file is damaged.
    """
    return read_outcomes(_data("outcomes.toml"), "outcomes.toml")


def read_outcomes(path: Any, file: str) -> tuple[Outcome, ...]:
    """Published outcomes from a TOML file with [[outcome]] and sources of its own under [source.ID].

    Parameters
    ----------
    path
        Path or package resource.
    file
        Name for messages.

    Returns
    -------
    In the order of the file.

    Raises
    ------
    CatalogError
        With file, key, value, rule and remedy.
    """
    tables = _parse(path, file)
    own = _sources(tables.get("source", {}), file, "source.")
    reader = _Reader(file, (*load_sources(), *own))
    reader.keys(tables, "", ("outcome", "source"), ("outcome",))
    return tuple(
        _outcome(reader, number, table)
        for number, table in enumerate(reader.get(tables, "", "outcome", list, []), 1)
    )


def outcome_sources() -> Mapping[str, Source]:
    """Sources that stand beside the published outcomes alone, by id.

    Returns
    -------
    In the order of the file.

    Raises
    ------
    CatalogError
        If the file is damaged.
    """
    return _sources(_parse(_data("outcomes.toml"), "outcomes.toml")["source"], "outcomes.toml", "source.")


def _outcome(reader: _Reader, number: int, table: Any) -> Outcome:
    key = f"outcome {number}"
    if not isinstance(table, Mapping):
        raise CatalogError("an outcome is a table [[outcome]] with quantity and value", reader.file, key)
    words = ("scenario", "quantity", "currency", "source", "status", "note")
    needed = ("scenario", "quantity", "value", "currency", "source", "status")
    reader.keys(table, key, (*words, "people", "value", "value_usd"), needed)
    texts: dict[str, Any] = {word: reader.get(table, key, word, str, "") for word in words}
    numbers: dict[str, Any] = {
        name: reader.number(table, key, name) for name in ("people", "value", "value_usd")
    }
    if texts["source"] not in reader.sources:
        raise CatalogError(unknown("source", texts["source"], reader.sources, "source"), reader.file, key)
    return reader.build(key, lambda: Outcome(**texts, **numbers))


@lru_cache(maxsize=1)
def load_readings() -> Mapping[str, tuple[Estimate, ...]]:
    """Contradicting readings of the share of a breach's accounts whose SSN leaked.

    Returns
    -------
    By the name with which the breach's scenarios begin. Fixed estimates. [share]

    Raises
    ------
    CatalogError
        If the file is damaged.
    """
    reader = _Reader("readings.toml", load_sources())
    found = {}
    for breach, table in _parse(_data("readings.toml"), "readings.toml").items():
        reader.keys(table, breach, ("ssn",), ("ssn",))
        found[breach] = tuple(
            reader.estimate(part, f"readings.{breach}.ssn.{name}") for name, part in table["ssn"].items()
        )
    return found


def readings_of(scenario: Scenario) -> tuple[Estimate, ...]:
    """Readings of the SSN share that were published for the breach of a scenario.

    Parameters
    ----------
    scenario
        Any.

    Returns
    -------
    Fixed estimates; none for a breach without. [share]
    """
    return next((own for name, own in load_readings().items() if scenario.name.startswith(name)), ())


def _graph(reader: _Reader, tables: Table, traits: Mapping[str, Trait]) -> AttackGraph:
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


def _release(reader: _Reader, name: str, table: Table) -> Release:
    key, parts = f"releases.{name}", ("onset", "tail", "capacity")
    reader.keys(table, key, ("label", *parts), ("label", *parts))
    factors = {part: reader.estimate(table[part], f"{key}.{part}") for part in parts}
    return reader.build(key, lambda: Release(name=name, label=table["label"], **factors))


def _regimes(reader: _Reader, key: str, table: Table) -> tuple[Regime, ...]:
    regimes = []
    for name, regime in reader.get(table, key, "regimes", dict, {}).items():
        place = f"{key}.regimes.{name}"
        reader.keys(regime, place, ("label", "until", "factor"), ("factor",))
        until, label = (reader.get(regime, place, part, str, "") for part in ("until", "label"))
        factor = reader.estimate(regime["factor"], f"{place}.factor")
        regimes.append(reader.build(place, partial(Regime, until=until, factor=factor, label=label)))
    return tuple(regimes)


def _onset(reader: _Reader, name: str, table: Table) -> Onset:
    key = f"onsets.{name}"
    reader.keys(table, key, ("label", "median", "sigma"), ("label", "median", "sigma"))
    median, sigma = (reader.estimate(table[part], f"{key}.{part}") for part in ("median", "sigma"))
    return Onset(name=name, label=table["label"], median=median, sigma=sigma)


def _clock(reader: _Reader, name: str, table: Table) -> Clock:
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
    reader: _Reader, name: str, table: Table, onsets: Mapping[str, Onset], traits: Mapping[str, Trait]
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


def _anchor(reader: _Reader, key: str, table: Table | None) -> Anchor | None:
    if table is None:
        return None
    reader.keys(table, f"{key}.anchor", ("mean_loss", "follow_ons"), ("mean_loss", "follow_ons"))
    mean_loss = reader.estimate(table["mean_loss"], f"{key}.anchor.mean_loss")
    return Anchor(mean_loss=mean_loss, follow_ons=reader.texts(table, f"{key}.anchor", "follow_ons"))


def _routes(reader: _Reader, key: str, table: Table, traits: Mapping[str, Trait]) -> tuple[Route, ...]:
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


def _multiplier(reader: _Reader, route: Table, place: str) -> Estimate | None:
    name = reader.get(route, place, "multiplier", str, "")
    if name and name not in reader.shared:
        raise CatalogError(unknown("multiplier", name, reader.shared, "multiplier"), reader.file, place)
    return reader.shared[name] if name else None


# ---------------------------------------------------------------------------------------------- scenarios


def scenario_names() -> tuple[str, ...]:
    """Names of the scenarios that come with the package, in alphabetical order."""
    return tuple(
        sorted(entry.name[:-5] for entry in _data("scenarios").iterdir() if entry.name.endswith(".toml"))
    )


def load_scenario(name_or_file: str | Path) -> Scenario:
    """A scenario of the catalogue, or one from a file.

    Parameters
    ----------
    name_or_file
        Name of a scenario, its last words if no other ends so ("stated"; of several those of the first
        case, "claimed"), or the path of a ``.toml`` file.

    Returns
    -------
    The scenario, checked.

    Raises
    ------
    CatalogError
        With file, key, value, rule and remedy.
    ValueError
        If the name is unknown.

    Examples
    --------
    >>> load_scenario("tmobile-2021-stated").accounts
    54617000
    """
    text = str(name_or_file)
    if isinstance(name_or_file, str):
        text = _whole_name(text)
    if isinstance(name_or_file, str) and text in scenario_names():
        return read_scenario(_data("scenarios", f"{text}.toml"), f"{text}.toml")
    path = Path(text)
    if text.endswith(".toml") or _exists(path) or len(path.parts) > 1:
        return read_scenario(path, text)
    raise ValueError(unknown("scenario", text, scenario_names(), "the scenarios (or give a .toml file)"))


def _whole_name(name: str) -> str:
    """Name of the one scenario that ends in "-name", of several the first case's; or the name as it is."""
    known = scenario_names()
    if name in known or _exists(Path(name)):
        return name
    if f"{FIRST_CASE}-{name}" in known:
        return f"{FIRST_CASE}-{name}"
    ends = [other for other in known if other.endswith(f"-{name}")]
    return ends[0] if len(ends) == 1 else name


def read_scenario(path: Any, file: str) -> Scenario:
    """Scenario from a TOML file.

    Parameters
    ----------
    path
        Path or package resource.
    file
        Name for messages.

    Returns
    -------
    The scenario, checked.

    Raises
    ------
    CatalogError
        With file, key, value, rule and remedy.
    """
    tables = _parse(path, file)
    reader = _Reader(file, load_sources())
    own = _sources(reader.get(tables, "", "source", dict, {}), file, "source.")
    reader.sources |= dict.fromkeys(own)
    known = ("name", "label", "day_zero", "notes", "sources", "segments", "events", "source", "estimates")
    reader.keys(tables, "", (*known, "release", "dossier"), ("name", "segments"))
    shared = reader.get(tables, "", "estimates", dict, {})
    reader.shared = {name: reader.estimate(table, f"estimates.{name}") for name, table in shared.items()}
    segments = reader.get(tables, "", "segments", dict, {})
    events = reader.get(tables, "", "events", list, [])
    return reader.build(
        "",
        lambda: Scenario(
            segments=tuple(_segment(reader, name, table) for name, table in segments.items()),
            events=tuple(_event(reader, number, table, segments) for number, table in enumerate(events)),
            notes=reader.texts(tables, "", "notes"),
            sources=reader.cited(tables, ""),
            own_sources=tuple(own.values()),
            release=_release_table(reader, reader.get(tables, "", "release", dict)),
            dossier=_dossier(reader, reader.get(tables, "", "dossier", dict, {})),
            **{name: reader.get(tables, "", name, str, "") for name in ("name", "label", "day_zero")},
        ),
    )


def _release_table(reader: _Reader, table: Table | None) -> dict[str, Estimate]:
    """Probability of each way in which the data got out; none where the file has no such table."""
    if table is None:
        return {}
    about = ("status", "sources", "note")
    reader.keys(table, "release", (*RELEASES, *about), ("status", "sources"))
    texts: dict[str, Any] = {n: reader.get(table, "release", n, str, "") for n in ("status", "note")}
    shares = {}
    if not any(name in table for name in RELEASES):
        told = f"no way is named; give the probability of each of {', '.join(RELEASES)}, in all 1"
        raise CatalogError(told, reader.file, "release")
    for name in RELEASES:
        if name in table:
            value = reader.number(table, "release", name)
            make = partial(Estimate, name=f"release.{name}", kind="fixed", value=value, unit="share", **texts)
            shares[name] = reader.build(
                f"release.{name}", partial(make, sources=reader.cited(table, "release"))
            )
    return shares


def _dossier(reader: _Reader, table: Table) -> Dossier:
    """What is told of the breach beside the model."""
    texts, lists = ("breach", "standing", "sector", "vector"), ("countries", "unknown")
    reader.keys(table, "dossier", (*texts, *lists, "dates", "counts"))
    parts: dict[str, Any] = {name: reader.get(table, "dossier", name, str, "") for name in texts}
    parts |= {name: reader.texts(table, "dossier", name) for name in lists}
    parts |= {name: _published(reader, table, name) for name in ("dates", "counts")}
    return reader.build("dossier", lambda: Dossier(**parts))


def _published(reader: _Reader, table: Table, name: str) -> tuple[Published, ...]:
    """Dates or counts of a dossier, as published."""
    found = []
    for number, row in enumerate(reader.get(table, "dossier", name, list, [])):
        place = f"dossier.{name}[{number}]"
        if not isinstance(row, Mapping):
            raise CatalogError(f"the value is {shown(row)}; it must be a table", reader.file, place)
        reader.keys(row, place, Published.__dataclass_fields__, ("what", "value", "status"))
        texts = {part: reader.get(row, place, part, str, "") for part in Published.__dataclass_fields__}
        if texts["source"] and texts["source"] not in reader.sources:
            raise CatalogError(
                unknown("source", texts["source"], reader.sources, "source"), reader.file, place
            )
        found.append(reader.build(place, partial(Published, **texts)))
    return tuple(found)


_SEGMENT_KEYS = ("label", "accounts", "kind", "sources", "note", "leaks", "status")


def _segment(reader: _Reader, name: str, table: Any) -> Segment:
    key = f"segments.{name}"
    if not isinstance(table, Mapping):
        raise CatalogError(
            f"the value is {shown(table)}; a segment is a table with accounts and leaks", reader.file, key
        )
    reader.keys(table, key, _SEGMENT_KEYS, ("accounts", "leaks"))
    sources = reader.cited(table, key)
    leaks = []
    for number, leak in enumerate(reader.get(table, key, "leaks", list, [])):
        place = f"{key}.leaks[{number}]"
        if not isinstance(leak, Mapping):
            raise CatalogError(
                f"the value is {shown(leak)}; a leak is a table with fields and coverage", reader.file, place
            )
        reader.keys(leak, place, ("fields", "coverage"), ("fields", "coverage"))
        fields = reader.texts(leak, place, "fields")
        coverage = _coverage(reader, sources, leak["coverage"], f"{place}.coverage")
        leaks.append(reader.build(place, partial(Leak, fields=fields, coverage=coverage)))
    return reader.build(
        key,
        lambda: Segment(
            name=name,
            accounts=reader.get(table, key, "accounts", int),
            leaks=tuple(leaks),
            kind=reader.get(table, key, "kind", str, "customer"),
            label=reader.get(table, key, "label", str, ""),
            sources=sources,
            note=reader.get(table, key, "note", str, ""),
            status=reader.get(table, key, "status", str, ""),
        ),
    )


def _coverage(reader: _Reader, sources: tuple[str, ...], value: Any, key: str) -> Estimate:
    """Coverage of a leak: an estimate, the name of a shared one, or a share with the segment's sources."""
    if isinstance(value, Mapping):
        return reader.estimate(value, key)
    if isinstance(value, str) and value in reader.shared:
        return reader.shared[value]
    reader.bounded(value, key, "coverage")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise CatalogError(
            f"coverage is {shown(value)}; it is a share of the accounts and must lie in [0, 1], or the name "
            f"of an estimate of this file ({', '.join(reader.shared) or 'there is none: [estimates.NAME]'})",
            reader.file,
            key,
        )
    if not sources:
        return reader.build(key, lambda: Estimate.fixed(key, float(value), "share"))
    upper = value == 1
    note = "fields named for the segment without a share: read as all, an upper bound" if upper else ""
    return reader.build(
        key,
        lambda: Estimate(
            name=key,
            kind="fixed",
            value=float(value),
            unit="share",
            status="assumed" if upper else "cited",
            sources=sources,
            note=note,
        ),
    )


def _event(reader: _Reader, number: int, table: Any, segments: Iterable[str]) -> Event:
    key = f"events[{number}]"
    if not isinstance(table, Mapping):
        raise CatalogError(
            f"the value is {shown(table)}; an event is a table with kind and day", reader.file, key
        )
    reader.keys(table, key, ("kind", "day", "fields", "segments", "label", "sources"), ("kind", "day"))
    day = table["day"]
    if isinstance(day, bool) or not isinstance(day, (int, float)):
        raise CatalogError(
            f"day is {shown(day)}; it must be a number of days after the sale", reader.file, key
        )
    reader.bounded(day, key, "day")
    if isinstance(day, int) and day.bit_length() > FLOAT_BITS:
        raise CatalogError(f"day is {shown(day)}; it must be a day that can be meant", reader.file, key)
    sources = reader.cited(table, key)
    for name in reader.texts(table, key, "segments"):
        if name not in segments:
            raise CatalogError(unknown("segment", name, segments, "segments"), reader.file, key)
    return reader.build(
        key,
        lambda: Event(
            kind=reader.get(table, key, "kind", str),
            day=float(day),
            fields=reader.texts(table, key, "fields"),
            segments=reader.texts(table, key, "segments"),
            label=reader.get(table, key, "label", str, ""),
            sources=sources,
        ),
    )


# ---------------------------------------------------------------------------------------------- dictionaries


@lru_cache(maxsize=1)
def load_blocks() -> Mapping[str, Block]:
    """Blocks of fields that imported records hold together, with their shares.

    Returns
    -------
    By name; every field of the vocabulary is in one.

    Raises
    ------
    CatalogError
        If the file is damaged, or a field stands in no block or in two.
    """
    reader = _Reader("blocks.toml", load_sources())
    found = {}
    for name, table in _parse(_data("blocks.toml"), "blocks.toml").items():
        reader.keys(table, name, ("fields", "sure", "perhaps", "note"), ("fields", "sure", "perhaps", "note"))
        shares = {
            level: reader.estimate(
                dict(zip(("low", "mode", "high"), table[level], strict=True))
                | {"kind": "pert", "unit": "share", "status": "assumed", "sources": ["analyst-judgement"]}
                | {"note": f"{table['note']}{'' if level == 'sure' else '; perhaps another datum is meant'}"},
                f"estimates.{name}",
            )
            for level in ("sure", "perhaps")
        }
        fields = reader.texts(table, name, "fields")
        found[name] = reader.build(name, partial(Block, name=name, fields=fields, **shares))
    listed = sorted(field for block in found.values() for field in block.fields)
    if listed != sorted(FIELD_NAMES):
        odd = sorted({field for field in (*listed, *FIELD_NAMES) if listed.count(field) != 1})
        raise CatalogError(f"{', '.join(odd)} must stand in exactly one block", "blocks.toml")
    return found


@lru_cache(maxsize=4)
def load_dictionary(name: str) -> Dictionary:
    """Words of another format, and what they mean.

    Parameters
    ----------
    name
        "hibp" or "veris".

    Returns
    -------
    The dictionary.

    Raises
    ------
    CatalogError
        If the file is damaged, or a word stands in it twice.
    """
    file = f"{name}.toml"
    reader = _Reader(file, ())
    tables = _parse(_data(file), file)
    reader.keys(tables, "", ("mapped", "assumed", "told", "nothing", "unknown"))
    words: list[tuple[str, Table]] = [(n, {"fields": told}) for n, told in tables.get("mapped", {}).items()]
    words += list(tables.get("assumed", {}).items())
    for part in ("told", "nothing", "unknown"):
        told = [
            (word, table | {"known": part != "unknown"})
            for table in tables.get(part, [])
            for word in table["words"]
        ]
        words += told
    found: dict[str, Word] = {}
    for word, table in words:
        if word in found:
            raise CatalogError(f"word {word!r} stands there twice; a word has one reading", file)
        found[word] = reader.build(word, partial(_word, reader, word, table))
    return Dictionary(name, found)


def _word(reader: _Reader, name: str, table: Table) -> Word:
    """One word of a dictionary."""
    texts = ("reason", "about")
    lists = ("fields", "otherwise", "perhaps", "ignored")
    reader.keys(table, name, (*texts, *lists, "words", "known", "says", "flags"))
    sayings = tuple(
        Saying(phrases=reader.texts(part, name, "phrases"), fields=reader.texts(part, name, "fields"))
        for part in reader.get(table, name, "says", list, [])
    )
    return Word(
        name=name,
        fields=reader.texts(table, name, "fields"),
        perhaps=(*reader.texts(table, name, "perhaps"), *reader.texts(table, name, "otherwise")),
        known=table.get("known", True),
        reason=reader.get(table, name, "reason", str, ""),
        about=reader.get(table, name, "about", str, ""),
        sayings=sayings,
        ignored=reader.texts(table, name, "ignored"),
        flags={flag: tuple(told) for flag, told in table.get("flags", {}).items()},
    )


# ---------------------------------------------------------------------------------------------- mitigations


def mitigation_names() -> tuple[str, ...]:
    """Names of the mitigations; FIELD and N stand for what a name says, as in "retention-N-years"."""
    return tuple(_plainly(name) for name in _mitigation_tables()[1])


def load_mitigation(text: str) -> Mitigation:
    """A mitigation of the catalogue from its name.

    Parameters
    ----------
    text
        Name such as "credit-freeze", "pin-reset-day-10" (start on day 10), "drop-ssn", "retention-5-years".

    Returns
    -------
    The mitigation, checked.

    Raises
    ------
    CatalogError
        If the file is damaged.
    ValueError
        If the name is unknown, the day before the breach, or a number out of range.

    Examples
    --------
    >>> load_mitigation("pin-reset-day-10").day
    10.0
    """
    reader, tables = _mitigation_tables()
    for name in (text, *tables):
        shape = re.escape(name).replace(r"\{field\}", r"(?P<field>[a-z][\w-]*?)")
        shape = shape.replace(r"\{years\}", f"(?P<years>{_NUMBER})").replace(
            r"\{days\}", f"(?P<days>{_NUMBER})"
        )
        table = tables.get(name, {})
        found = re.fullmatch(shape + (f"(?:-day-(?P<day>{_NUMBER}))?" if "day" in table else ""), text)
        if found and table:
            return _mitigation(reader, name, table, text, {k: v for k, v in found.groupdict().items() if v})
    raise ValueError(unknown("mitigation", text, [_plainly(name) for name in tables], "the mitigations"))


def load_mitigations() -> tuple[Mitigation, ...]:
    """Every mitigation of the catalogue, by :func:`mitigation_names`; at a usual field or number each."""
    _, tables = _mitigation_tables()
    names = [re.sub(r"\{\w+\}", str(table.get("default", "")), name) for name, table in tables.items()]
    return tuple(load_mitigation(name) for name in names)


_NUMBER = r"-?\d+(?:\.\d+)?"


def _plainly(name: str) -> str:
    """Name with a word in place of what may vary: retention-N-years."""
    return name.replace("{field}", "FIELD").replace("{years}", "N").replace("{days}", "N")


@lru_cache(maxsize=1)
def _mitigation_tables() -> tuple[_Reader, Mapping[str, Table]]:
    file = "mitigations.toml"
    reader = _Reader(file, load_sources())
    tables = _parse(_data(file), file)
    reader.keys(tables, "", ("estimates", "mitigations"), ("mitigations",))
    for name, table in tables.get("estimates", {}).items():
        reader.shared[name] = reader.estimate(table, f"mitigations.{name}")
    reader.shared |= {estimate.name: estimate for estimate in load_firm().estimates()}
    return reader, tables["mitigations"]


def _mitigation(reader: _Reader, name: str, table: Table, text: str, said: Mapping[str, str]) -> Mitigation:
    """One mitigation, with what its name says filled in."""
    key = f"mitigations.{name}"
    reader.keys(
        table,
        key,
        ("label", "description", "day", "default", "changes", "cost", "hours"),
        ("label", "changes"),
    )
    words = dict(said)
    if "field" in words:
        words["field"] = check_field(words["field"].replace("-", "_"), f"mitigation {text!r}")
    day = reader.number(table, key, "day")
    day = float(words.pop("day")) if "day" in words else day
    place = f"mitigations.{name.format(**words)}"
    changes = [
        _change(reader, f"{place}.changes[{number}]", change, words)
        for number, change in enumerate(reader.get(table, key, "changes", list))
    ]
    cost = reader.get(table, key, "cost", dict, {})
    reader.keys(cost, f"{key}.cost", ("fixed", "each", "uptake", "holding", "kinds"))
    parts: dict[str, Any] = {
        part: _named(reader, cost[part], f"{place}.cost.{part}")
        for part in ("fixed", "each", "uptake")
        if part in cost
    }
    parts |= {part: reader.texts(cost, f"{key}.cost", part) for part in ("holding", "kinds")}
    return Mitigation(
        name=text,
        label=reader.get(table, key, "label", str).format(**words),
        description=reader.get(table, key, "description", str, ""),
        changes=tuple(changes),
        cost=reader.build(f"{key}.cost", lambda: Cost(**parts)),
        day=None if day is None else float(day),
        hours=reader.estimate(table["hours"], f"{place}.hours") if "hours" in table else None,
    )


def _named(reader: _Reader, value: Any, key: str) -> Estimate:
    """An estimate, or the name of one that is used more than once."""
    if isinstance(value, str):
        if value not in reader.shared:
            raise CatalogError(unknown("estimate", value, reader.shared, key), reader.file, key)
        return reader.shared[value]
    return reader.estimate(value, key)


_CHANGE_KEYS: dict[str, tuple[str, ...]] = {
    "drop": ("fields", "by"),
    "reset": ("fields",),
    "withhold": ("fields", "kinds", "share", "span", "power", "sources"),
    "protect": ("attacks", "traits", "uptake", "effect", "lasts", "before_notice"),
}


def _change(reader: _Reader, key: str, table: Table, words: Mapping[str, str]) -> Change:
    """One change of a mitigation."""
    kind = table.get("kind")
    if kind not in _CHANGE_KEYS:
        raise CatalogError(unknown("kind", kind, _CHANGE_KEYS, "a change"), reader.file, key)
    reader.keys(table, key, ("kind", *_CHANGE_KEYS[kind]))
    fields = tuple(name.format(**words) for name in reader.texts(table, key, "fields"))
    if kind == "drop":
        return reader.build(key, lambda: Drop(fields=fields, by=reader.get(table, key, "by", str, "")))
    if kind == "reset":
        return Reset(fields=fields)
    if kind == "withhold":
        withheld = _withheld(reader, key, table, words, fields)
        return reader.build(key, lambda: Withhold(withheld=withheld, kinds=reader.texts(table, key, "kinds")))
    attacks, traits = (reader.texts(table, key, part) for part in ("attacks", "traits"))
    graph = load_attacks()
    for what, names, known in (("attack", attacks, graph.names), ("trait", traits, graph.traits)):
        for name in names:
            if name not in known:
                raise CatalogError(unknown(what, name, known, key), reader.file, key)
    return reader.build(
        key,
        lambda: Protect(
            attacks=attacks,
            traits=traits,
            uptake=_named(reader, table["uptake"], f"{key}.uptake"),
            effect=_named(reader, table["effect"], f"{key}.effect"),
            lasts=float(reader.number(table, key, "lasts") or math.inf),
            before_notice=bool(reader.get(table, key, "before_notice", bool, default=False)),
        ),
    )


def _withheld(
    reader: _Reader, key: str, table: Table, words: Mapping[str, str], fields: tuple[str, ...]
) -> Withheld:
    """What a change keeps out of the leak: a share as it stands, or what lies beyond a part of a span."""
    power = _named(reader, table["power"], f"{key}.power") if "power" in table else None
    if "share" in table:
        share = _named(reader, table["share"], f"{key}.share")
        return reader.build(key, lambda: Withheld(share=share, fields=fields, power=power))
    span = float(reader.number(table, key, "span") or 1.0)
    word, told = next(iter(words.items()))
    number = float(told)
    if number < 0:
        raise ValueError(f"mitigation {key.split('.')[1]!r} says {number:g} {word}; give 0 or more")
    share = Estimate(
        name=f"{key}.share",
        kind="fixed",
        value=max(0.0, 1.0 - number / span),
        unit="share",
        status="derived",
        sources=reader.cited(table, key),
        note=f"1 - {number:g} / {span:g} {word}, at an even pace; raised to the power beside it",
    )
    return reader.build(key, lambda: Withheld(share=share, fields=fields, power=power))
