"""Labels: what a reader sees in place of a name that files and tables use.

One function for each kind of name. A name that is not known, such as one of a user's file, becomes its
letters as words, so that no label holds an underscore or is a name with hyphens.

The words are data: ``data/formats/labels.toml``, and the ``label`` of each attack, trait, mitigation and
segment in its own file. Not here: numbers as text (``formatting.digits``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from breach_sim.catalog.attacks import load_attacks
from breach_sim.catalog.mitigations import load_mitigation
from breach_sim.catalog.reader import CatalogError, Reader, data, parse
from breach_sim.inputs.fields import FIELD_LABELS
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.overrides import Overrides
from breach_sim.inputs.scenario import Scenario

_FILE = "formats/labels.toml"
_SIMPLE = (
    "releases",
    "readings",
    "bearers",
    "lines",
    "capabilities",
    "countries",
    "short",
    "words",
    "dangers",
)
_NAME = r"[^.\[\]]+"
_DAY = re.compile(r"-day-(-?[\d.]+)$")
_BEFORE_BREACH = re.compile(r"^(?P<breach>[\w-]+): (?P<name>.+)$")
"""A parameter of several breaches: name of the breach or segment, colon, name of the parameter."""


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Any]:
    reader = Reader(_FILE, ())
    tables = parse(data(*_FILE.split("/")), _FILE)
    reader.keys(tables, "", ("parameters", "families", *_SIMPLE), ("parameters", "families", *_SIMPLE))
    for section in ("parameters", *_SIMPLE):
        for name, label in tables[section].items():
            if not isinstance(label, str) or not label or "_" in re.sub(r"\{\w+\}", "", label):
                raise CatalogError(f"the label is {label!r}; it must be words", _FILE, f"{section}.{name}")
    return tables


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns of names of parameters, with their labels, in the order of the file."""
    shapes = []
    for name, label in _table()["parameters"].items():
        shape = re.sub(r"\\\{(\w+)\\\}", rf"(?P<\1>{_NAME})", re.escape(name))
        shapes.append((re.compile(shape), label))
    return tuple(shapes)


def words_of(name: str) -> str:
    """Return the letters of a name as words.

    Parameters
    ----------
    name
        Any name.

    Returns
    -------
    The words, without underscores, hyphens between letters, or dots.

    Examples
    --------
    >>> words_of("drop-ssn"), words_of("attacks.own_scam.attempts")
    ('drop SSN', 'attacks own scam attempts')
    """
    known = _table()["words"]
    parts = re.split(r"[\s_.\-\[\]]+", name.strip())
    return " ".join(known.get(part.lower(), part) for part in parts if part) or name


def label_of_field(name: str, *, short: bool = False) -> str:
    """Return the label of a field.

    Parameters
    ----------
    name
        Canonical name, such as ``"ssn"``.
    short
        Whether to take the label for the head of a narrow column.

    Returns
    -------
    The label; the name as words if it is no field.

    Examples
    --------
    >>> label_of_field("ssn"), label_of_field("phone_number", short=True), label_of_field("my_field")
    ('SSN', 'phone no.', 'my field')
    """
    label = FIELD_LABELS.get(name) or words_of(name)
    return str(_table()["short"].get(name, label)) if short else label


def label_of_attack(name: str, graph: AttackGraph | None = None) -> str:
    """Return the label of an attack.

    Parameters
    ----------
    name
        Name, such as ``"sim_swap"``.
    graph
        Attacks of a run, whose labels go first; None for those of the catalog.

    Returns
    -------
    The label; the name as words if no attack has it.

    Examples
    --------
    >>> label_of_attack("smishing"), label_of_attack("own_scam")
    ('Scam text that names the firm', 'own scam')
    """
    for attacks in (graph, load_attacks()):
        if attacks is not None and name in attacks.names and attacks[name].label:
            return attacks[name].label
    return words_of(name)


def label_of_segment(name: str, scenario: Scenario | None = None) -> str:
    """Return the label of a segment.

    Parameters
    ----------
    name
        Name of the segment, such as ``"postpaid_ssn"``.
    scenario
        The breach it belongs to; None gives the name as words.

    Returns
    -------
    The label.

    Examples
    --------
    >>> label_of_segment("postpaid_ssn")
    'postpaid SSN'
    """
    for segment in scenario.segments if scenario else ():
        if segment.name == name and segment.label:
            return segment.label
    return words_of(name)


def label_of_mitigation(name: str, overrides: Overrides | None = None) -> str:
    """Return the label of a mitigation.

    Parameters
    ----------
    name
        Name, such as ``"credit-freeze"`` or ``"drop-ssn"``.
    overrides
        A user's own mitigations, which go first.

    Returns
    -------
    The label, with the day if the name has one; the name as words if no mitigation has it.

    Examples
    --------
    >>> label_of_mitigation("pin-reset-day-10"), label_of_mitigation("my-own")
    ('PIN reset, day 10', 'my own')
    """
    try:
        label = load_mitigation(name, overrides).label or words_of(name)
    except ValueError:
        return words_of(name)
    day = _DAY.search(name)
    return f"{label}, day {day[1]}" if day else label


def label_of_line(name: str) -> str:
    """Return the label of a line of the firm's costs, or of one who bears a loss.

    Parameters
    ----------
    name
        Name, such as ``"call_centre"`` or ``"public_purse"``.

    Returns
    -------
    The label; the name as words if it is neither.

    Examples
    --------
    >>> label_of_line("public_purse"), label_of_line("call_centre")
    ('taxpayers', 'call center')
    """
    tables = _table()
    return str(tables["lines"].get(name) or tables["bearers"].get(name) or words_of(name))


def label_of_reading(name: str) -> str:
    """Return what is so if a reading of the evidence is right.

    Parameters
    ----------
    name
        Name, such as ``"washington"``.

    Returns
    -------
    Words that stand after "if"; the name as words if it is unknown.

    Examples
    --------
    >>> label_of_reading("seller")
    "the seller's count is right"
    """
    return str(_table()["readings"].get(name) or f"the reading {words_of(name)} is right")


def label_of_release(name: str) -> str:
    """Return how data got out.

    Parameters
    ----------
    name
        Name of a way out, such as ``"sold_once"``.

    Returns
    -------
    The label; the name as words if it is unknown.

    Examples
    --------
    >>> label_of_release("posted"), label_of_release("resold")
    ('posted for everyone', 'sold again and again')
    """
    return str(_table()["releases"].get(name) or words_of(name))


def label_of_capability(name: str) -> str:
    """Return the label of what one attack grants to the next.

    Parameters
    ----------
    name
        Name, such as ``"number_control"``.

    Returns
    -------
    The label; the name as words if it is unknown.
    """
    return str(_table()["capabilities"].get(name) or words_of(name))


def label_of_parameter(name: str, scenario: Scenario | None = None, graph: AttackGraph | None = None) -> str:
    """Return the label of a parameter, or of a figure of one attack.

    Parameters
    ----------
    name
        Name as tables give it, such as ``"attacks.sim_swap.attempts"`` or ``"sim_swap.victims"``.
    scenario
        The breach, for the labels of its segments.
    graph
        Attacks of the run, for the labels of a user's own.

    Returns
    -------
    The label; the name as words if no pattern fits.

    Examples
    --------
    >>> label_of_parameter("attacks.sim_swap.success"), label_of_parameter("release.held")
    ('SIM swap: share of attempts that succeed', 'chance that the data were kept by the thief')
    """
    for shape, label in _patterns():
        match = shape.fullmatch(name)
        if match:
            parts = match.groupdict()
            return label.format(
                **{kind: _filled(kind, part, scenario, graph) for kind, part in parts.items()}
            )
    several = _BEFORE_BREACH.match(name)
    if several:
        inner = label_of_parameter(several["name"], scenario, graph)
        return f"{label_of_segment(several['breach'], scenario)}: {inner}"
    return words_of(name)


def _filled(kind: str, part: str, scenario: Scenario | None, graph: AttackGraph | None) -> str:
    """Label of one part of a pattern."""
    tables, attacks = _table(), graph or load_attacks()
    of: dict[str, Callable[[], str]] = {
        "attack": lambda: label_of_attack(part, graph),
        "field": lambda: label_of_field(part),
        "segment": lambda: label_of_segment(part, scenario),
        "trait": lambda: attacks.traits[part].label if part in attacks.traits else words_of(part),
        "bearer": lambda: tables["bearers"].get(part) or words_of(part),
        "release": lambda: tables["releases"].get(part) or words_of(part),
        "country": lambda: tables["countries"].get(part) or words_of(part),
    }
    return of.get(kind, lambda: words_of(part))()


def families() -> Mapping[str, tuple[str, ...]]:
    """Return the families of attacks, by what is done to a person.

    Returns
    -------
    Names of attacks by label of the family, in the order in which figures show them.
    """
    return {label: tuple(names) for label, names in _table()["families"].items()}


def danger(family: str) -> str:
    """Return what the attacks of a family could do to a person, as a part of a sentence.

    Parameters
    ----------
    family
        Label of the family, as :func:`families` gives it.

    Returns
    -------
    Words after "could", such as "lose their phone line".
    """
    return str(_table()["dangers"][family])
