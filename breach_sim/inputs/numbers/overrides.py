"""A user's own numbers in the place of the catalog's: scaled, shifted or replaced, each with a reason.

An override names one parameter. What it changes has the status "user" and the source ``user-input``, so that
every table, every explanation and the hash of the inputs show it. All changes of a user travel with the
scenario, as one :class:`Overrides`.

Not here: reading ``overrides.toml`` (``catalog.overrides``), and own attacks and mitigations as objects
(``catalog.attacks``, ``catalog.mitigations``).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from breach_sim.formatting.display import shortened
from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs.numbers.estimates import USER, Estimate, estimates_in
from breach_sim.inputs.numbers.links import Correlation, Factor, correlated
from breach_sim.inputs.numbers.rules import KINDS, OWN, UNITS

Thing = TypeVar("Thing")
MOST = 300
"""Most characters of a note."""
AMOUNTS = ("revenue", "income", "cash")
"""What a user can say of the firm, of which its cost is then a share."""
LINE_UNITS = ("USD", "USD/person")
"""Units of an amount on a line of the firm's ledger: in all, or for each person notified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Change of one parameter.

    Parameters
    ----------
    parameter
        Name of the parameter, as ``breach-sim sources`` and ``Impact.parameters`` show it.
    reason
        Why the user's number is better.
    scale
        Factor on all its numbers. (0, inf)
    shift
        Added to all its numbers, in the unit. (-inf, inf)
    estimate
        Estimate in its place, with the same name and unit.

    Raises
    ------
    ValueError
        If the reason is missing, or not exactly one of scale, shift and estimate is given, or a factor is not
        above 0.
    """

    parameter: str
    reason: str
    scale: float | None = None
    shift: float | None = None
    estimate: Estimate | None = None

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError(f'{self.parameter} is changed without a reason; write reason = "..." beside it')
        given = [word for word in ("scale", "shift", "estimate") if getattr(self, word) is not None]
        if len(given) != 1:
            raise ValueError(
                f"{self.parameter} has {' and '.join(given) or 'nothing'} to change it with; give one of "
                "scale, shift, or the numbers of a distribution"
            )
        if self.scale is not None and not 0 < self.scale < math.inf:
            raise ValueError(f"scale of {self.parameter} is {shown(self.scale)}; it must be a number above 0")
        if self.shift is not None and not math.isfinite(self.shift):
            raise ValueError(f"shift of {self.parameter} is {shown(self.shift)}; it must be a finite number")

    def of(self, old: Estimate) -> Estimate:
        """Return the changed estimate.

        Parameters
        ----------
        old
            Estimate with the name of the override.

        Returns
        -------
        Estimate with the same name and unit, status "user" and the reason as its note.

        Raises
        ------
        ValueError
            If the unit would change, or a number would leave the range of its unit.
        """
        if self.estimate is not None:
            if self.estimate.unit != old.unit:
                raise ValueError(
                    f"{self.parameter} is given in {self.estimate.unit!r}; its unit is {old.unit!r}: convert "
                    "the numbers"
                )
            return dataclasses.replace(self.estimate, name=old.name)
        numbers: dict[str, Any] = {
            part: self._changed(old, part, float(getattr(old, part))) for part in KINDS[old.kind]
        }
        if old.quantiles:
            pairs = (
                (percent, self._changed(old, f"{percent:g} %", value)) for percent, value in old.quantiles
            )
            numbers["quantiles"] = tuple(pairs)
        if old.samples:
            numbers["samples"] = tuple(self._changed(old, "a sample", value) for value in old.samples)
        own = f"{self.reason} (before: {old.numbers_text()} {old.unit}, {old.status})"
        # Soft ends stay soft: the status, which decides where nothing is said, is another one now.
        hard: dict[str, Any] = {"hard": not old.soft} if old.kind == "pert" else {}
        return dataclasses.replace(old, **numbers, **hard, status=OWN, sources=(USER,), note=own)

    def _changed(self, old: Estimate, part: str, before: float) -> float:
        after = before * self.scale if self.scale is not None else before + float(self.shift or 0.0)
        if not 0 <= after <= UNITS[old.unit]:
            word = f"scale {self.scale:g}" if self.scale is not None else f"shift {self.shift:g}"
            raise ValueError(
                f"{word} makes {part} of {self.parameter} {after:g} {old.unit}, from {before:g}; it must "
                f"stay from 0 to {UNITS[old.unit]:g}: take a smaller change, or give the distribution"
            )
        return after

    @property
    def replaces(self) -> bool:
        """Whether the user's distribution stands in place of the old one."""
        return self.estimate is not None

    def in_words(self) -> str:
        """Name, change and reason, as part of a sentence."""
        if self.estimate is not None:
            done = f"replaced by {self.estimate.numbers_text()} {self.estimate.unit}"
        elif self.scale is not None:
            done = f"scaled by {self.scale:g}"
        else:
            done = f"shifted by {self.shift:g}"
        return f"{self.parameter} {done} ({self.reason})"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLine:
    """Line of the firm's ledger as the user has it.

    Parameters
    ----------
    line
        Name of the line, such as "settlement".
    reason
        Why.
    scale
        Factor on the line of the model. (0, inf)
    estimate
        Amount in its place, named ``firm.lines.LINE``. A recovery is a positive number. [USD] or [USD/person]

    Raises
    ------
    ValueError
        If the reason is missing, not exactly one of scale and estimate is given, or one of them is wrong.
    """

    line: str
    reason: str
    scale: float | None = None
    estimate: Estimate | None = None

    def __post_init__(self) -> None:
        place = f"firm.{self.line}"
        if not self.reason.strip():
            raise ValueError(f'{place} is changed without a reason; write reason = "..." beside it')
        if (self.scale is None) == (self.estimate is None):
            given = "no number" if self.scale is None else "scale and a distribution"
            raise ValueError(f"{place} has {given}; it needs one of scale and a distribution: give one")
        if self.scale is not None and not 0 < self.scale < math.inf:
            raise ValueError(f"scale of {place} is {shown(self.scale)}; it must be a number above 0")
        if self.estimate is not None and self.estimate.unit not in LINE_UNITS:
            raise ValueError(unknown("unit", self.estimate.unit, LINE_UNITS, place))

    def in_words(self) -> str:
        """Line, change and reason, as part of a sentence."""
        if self.estimate is None:
            return f"firm.{self.line} scaled by {self.scale:g} ({self.reason})"
        numbers = f"{self.estimate.numbers_text()} {self.estimate.unit}"
        return f"firm.{self.line} replaced by {numbers} ({self.reason})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """Money in which a user gives amounts, and reads the results as well.

    Parameters
    ----------
    code
        Such as "EUR".
    usd_per_unit
        USD for one unit. (0, inf)
    about
        Which rate it is, in words.
    """

    code: str
    usd_per_unit: float
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Everything that a user has changed, for one scenario.

    Parameters
    ----------
    changes
        Changes of parameters, each parameter once.
    lines
        Lines of the firm's ledger.
    attacks, mitigations
        Own attacks and mitigations by name, as tables in the catalog's format.
    accounts
        Uncertain numbers of accounts by segment, named ``accounts.SEGMENT``. [accounts]
    factors, correlations
        What parameters have in common.
    amounts
        Yearly revenue, yearly income and cash of the firm, named ``firm.amounts.NAME``; certain. [USD]
    money
        In which money the amounts were given, in words; "" if in USD.
    currency
        The currency of it; None for USD.
    tables
        What was given, as plain data, to be written into a scenario file.
    """

    changes: tuple[Override, ...] = ()
    lines: tuple[OwnLine, ...] = ()
    attacks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    mitigations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    accounts: Mapping[str, Estimate] = field(default_factory=dict)
    factors: tuple[Factor, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    amounts: Mapping[str, Estimate] = field(default_factory=dict)
    money: str = ""
    currency: Currency | None = None
    tables: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.tables)

    @property
    def unfitted(self) -> frozenset[str]:
        """Parameters whose distribution or correlation is the user's, which fitted rows do not have."""
        replaced = (change.parameter for change in self.changes if change.replaces)
        return frozenset((*replaced, *correlated(self.correlations)))

    def reason(self, word: str, name: str) -> str:
        """Return why an own attack or mitigation was added; "" where nothing was given."""
        return str(self.tables.get(word, {}).get(name, {}).get("reason", "")).strip()

    def _why(self, word: str, name: str) -> str:
        """The same in brackets."""
        reason = self.reason(word, name)
        return f" ({reason})" if reason else ""

    def in_words(self) -> tuple[str, ...]:
        """Return what was changed, as sentences of at most 300 characters; none if nothing was."""
        own = [*(change.in_words() for change in self.changes), *(line.in_words() for line in self.lines)]
        own += [
            f"accounts of {name} {own.numbers_text()} ({own.note})" for name, own in self.accounts.items()
        ]
        own += [f"{of} of the firm {e.numbers_text()} {e.unit} ({e.note})" for of, e in self.amounts.items()]
        own += [factor.in_words() for factor in self.factors]
        own += [correlation.in_words() for correlation in self.correlations]
        own += [f"attack {name}{self._why('attack', name)}" for name in self.attacks]
        own += [f"mitigation {name}{self._why('mitigation', name)}" for name in self.mitigations]
        if not own:
            return ()
        start, kept = "Numbers of the user's own: ", [shortened(own[0], MOST - 60)]
        for text in own[1:]:
            if len(start) + len("; ".join((*kept, text))) > MOST - 30:
                break
            kept.append(text)
        more = f"; and {len(own) - len(kept)} more" if len(own) > len(kept) else ""
        return (f"{start}{'; '.join(kept)}{more}.", *([self.money] if self.money else []))


def with_estimates(thing: Thing, change: Callable[[Estimate], Estimate]) -> Thing:
    """Return an object in which every estimate is replaced.

    Parameters
    ----------
    thing
        Estimate, dataclass, mapping or tuple of these. Other types contain no estimates.
    change
        New estimate for an old one; the same object means no change.

    Returns
    -------
    The same object where nothing changes.
    """
    if isinstance(thing, Estimate):
        return change(thing)  # type: ignore[return-value]
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        old = {part.name: getattr(thing, part.name) for part in dataclasses.fields(thing) if part.init}
        new = {name: with_estimates(value, change) for name, value in old.items()}
        moved = {name: value for name, value in new.items() if value is not old[name]}
        return dataclasses.replace(thing, **moved) if moved else thing
    if isinstance(thing, Mapping):
        table = {key: with_estimates(value, change) for key, value in thing.items()}
        return table if any(table[key] is not thing[key] for key in table) else thing  # type: ignore[return-value]
    if isinstance(thing, tuple):
        parts = tuple(with_estimates(value, change) for value in thing)
        return parts if any(a is not b for a, b in zip(parts, thing, strict=True)) else thing  # type: ignore[return-value]
    return thing


def overridden(thing: Thing, overrides: Iterable[Override]) -> Thing:
    """Return an object with the user's numbers in place of its own.

    Parameters
    ----------
    thing
        Scenario, attack graph, mitigation or any part of them.
    overrides
        Changes; names that the object does not hold change nothing in it.

    Returns
    -------
    The same object where nothing changes.

    Raises
    ------
    ValueError
        If a change is not possible.
    """
    by_name = {override.parameter: override for override in overrides}
    if not by_name:
        return thing
    return with_estimates(thing, lambda old: by_name[old.name].of(old) if old.name in by_name else old)


def check_names(overrides: Iterable[Override], *things: object) -> None:
    """Refuse names that no parameter has.

    Parameters
    ----------
    overrides
        Changes.
    *things
        Objects that hold all parameters that can be changed.

    Raises
    ------
    ValueError
        If a name is unknown; the nearest known one is named.
    """
    known = {estimate.name for thing in things for estimate in estimates_in(thing)}
    for override in overrides:
        if override.parameter not in known:
            raise ValueError(unknown("parameter", override.parameter, sorted(known), "the overrides"))
