"""Attacks as conditions and rates: alternative routes, the conditions of each, grants and losses.

A *route* is a set of conditions that together make an attack possible: leaked **fields**, **traits** of the
person (worded so that having them helps the attacker) and **capabilities** granted by earlier attacks. An
*attack* is a list of alternative routes. A *graph* is a set of attacks whose grants feed each other's
routes; cycles are allowed. Questions that need no probabilities are answered in ``graph``.

Not here: how an attack is carried out. Attacks are nodes with conditions and rates, never instructions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from breach_sim.formatting.dates import LATEST, is_date
from breach_sim.formatting.display import Displayable, listed, plural
from breach_sim.formatting.messages import repeated, unknown
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.protections import Protection
from breach_sim.inputs.published import check_countries

ATTEMPT_UNITS = {"initial": "attempts/account-year", "follow_on": "attempts/holder"}
SHARES_SLACK = 1e-9
"""How far the shares of bearers may be from 1 in all."""
RELEASES = ("held", "sold_once", "resold", "posted")
"""How data get out, from narrow to wide; "resold" is the reference."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Trait(Displayable):
    """Property of a share of people that helps an attacker.

    Parameters
    ----------
    name, label
        Short name and name for tables.
    share
        Share of accounts whose holder has it. [share]
    protections
        Factors on the share. They hold from day 0 and never end.

    Raises
    ------
    ValueError
        If the share has another unit, or a protection starts after day 0 or ends.
    """

    name: str
    label: str
    share: Estimate
    protections: tuple[Protection, ...] = ()

    def __post_init__(self) -> None:
        _check_unit(self.share, "share")
        _check_lasting(f"traits.{self.name}", self.protections, "a trait is what a person has from the start")

    def summary(self) -> str:
        """Name and share, with the number of protections."""
        protected = f"; {plural(len(self.protections), 'protection')}" if self.protections else ""
        return f"{self.name}: share {self.share.as_part()}{protected}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Clock(Displayable):
    """Rate at which some fields lose their validity.

    Parameters
    ----------
    name, label
        Short name and name for tables.
    fields
        Fields that become invalid together (giving up a line ends the phone number and the IMSI).
    rates
        Rate by kind of segment, with "default" for all others. [1/month]

    Raises
    ------
    ValueError
        If a field is unknown, a rate has another unit, or there is no default.
    """

    name: str
    label: str
    fields: tuple[str, ...]
    rates: Mapping[str, Estimate]

    def __post_init__(self) -> None:
        for name in self.fields:
            vocabulary.check_field(name, f"clocks.{self.name}.fields")
        if "default" not in self.rates:
            raise ValueError(
                f"clocks.{self.name}.rates has no 'default'; give the rate of all other segments"
            )
        for rate in self.rates.values():
            _check_unit(rate, "1/month")

    def rate(self, kind: str) -> Estimate:
        """Return the rate for a kind of segment.

        Parameters
        ----------
        kind
            Kind of segment.

        Returns
        -------
        The estimate of this kind, else the default. [1/month]
        """
        return self.rates.get(kind, self.rates["default"])

    def summary(self) -> str:
        """Name, fields and kinds of segment that have a rate."""
        return f"{self.name}: {listed(self.fields)}; rates for {listed(self.rates)}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Onset(Displayable):
    """Lognormal distribution of the days from the sale of the data to their use.

    Parameters
    ----------
    name, label
        Short name and name for tables.
    median
        Median. [days]
    sigma
        Standard deviation of the logarithm. [log-days]
    """

    name: str
    label: str
    median: Estimate
    sigma: Estimate

    def __post_init__(self) -> None:
        _check_unit(self.median, "days")
        _check_unit(self.sigma, "log-days")
        for part in (self.median, self.sigma):
            if part.is_certain and part.central == 0:
                raise ValueError(f"{part.name} is 0; it must be above 0, be it small")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Release(Displayable):
    """Effect of the way in which data got out on when and how much they are used.

    Parameters
    ----------
    name, label
        One of :data:`RELEASES`, and a name for tables.
    onset, tail, capacity
        Factors on the median of the onset, on its sigma, and on every capacity. [ratio]

    Raises
    ------
    ValueError
        If the name is unknown, or a factor has another unit or can be 0.
    """

    name: str
    label: str
    onset: Estimate
    tail: Estimate
    capacity: Estimate

    def __post_init__(self) -> None:
        if self.name not in RELEASES:
            raise ValueError(unknown("release", self.name, RELEASES, "releases"))
        for factor in (self.onset, self.tail, self.capacity):
            _check_factor(factor)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Drivers(Displayable):
    """What parameters that rest on the same evidence have in common: two factors, drawn once a replicate.

    Parameters
    ----------
    attempts
        On the attempts of every initial route. Follow-ons have no attempts of their own. [ratio]
    loss
        On the mean loss of every victim, after the anchors. [ratio]

    Raises
    ------
    ValueError
        If a factor has another unit or can be 0.
    """

    attempts: Estimate
    loss: Estimate

    def __post_init__(self) -> None:
        for factor in (self.attempts, self.loss):
            _check_factor(factor)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Regime(Displayable):
    """Period of calendar time in which an attack is more or less active.

    Parameters
    ----------
    until
        Date on which it ends, as text; "" for the last one, which never ends.
    factor
        On the activity of the attack. [ratio]
    label
        What ends on this date, for timelines.

    Raises
    ------
    ValueError
        If the date is invalid, or the factor has another unit.
    """

    until: str
    factor: Estimate
    label: str = ""

    def __post_init__(self) -> None:
        _check_unit(self.factor, "ratio")
        if self.until and not is_date(self.until):
            raise ValueError(
                f"until is {self.until!r}; write the date as YYYY-MM-DD, before the year {LATEST}"
            )


@lru_cache(maxsize=1024)
def _bits(names: tuple[str, ...]) -> int:
    """Bits of some fields; routes are asked for theirs again and again."""
    return vocabulary.mask(names)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Route(Displayable):
    """Conditions that together make an attack possible.

    Parameters
    ----------
    name
        Short name, unique in the attack.
    fields, traits, capabilities
        Names of the conditions; all are needed.
    attempts
        Initial route: attempts per account that satisfies the route and year of full activity
        [attempts/account-year]. Follow-on: share of holders who are attempted [attempts/holder].
    success
        Probability that an attempt succeeds. [victims/attempt]
    multiplier
        Factor on the attempts, or None: the gain from a field that the attack does not need. [ratio]
    """

    name: str
    fields: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    attempts: Estimate
    success: Estimate
    multiplier: Estimate | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """All conditions: fields, then traits, then capabilities."""
        return (*self.fields, *self.traits, *self.capabilities)

    @property
    def field_mask(self) -> int:
        """Bits of the fields."""
        return _bits(self.fields)

    def summary(self) -> str:
        """Name and conditions."""
        return f"{self.name}: {' and '.join(self.needs) or 'no condition'}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Anchor(Displayable):
    """Published mean loss of an attack whose victims lose the money in its follow-ons.

    Parameters
    ----------
    mean_loss
        Mean loss of a victim of the anchoring attack over all its follow-ons. [USD/victim]
    follow_ons
        Attacks whose severities are scaled to match it.
    """

    mean_loss: Estimate
    follow_ons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Attack(Displayable):
    """One kind of misuse of leaked data.

    Parameters
    ----------
    name, label
        Short name and name for tables and figures.
    description
        What happens to the person, in one sentence.
    routes
        Alternative routes; empty for an attack that is background only.
    grants
        Capabilities that a success grants.
    severity
        Mean loss of a victim. [USD/victim]
    severity_sigma
        Standard deviation of the logarithm of the loss. [log-USD]
    bearers
        Share of the loss by bearer: fixed shares that sum to 1. [share]
    hours
        Mean time the victim loses. [hours/victim]
    background
        Probability of the same harm without the breach. [probability/year]
    capacity
        Attempts that crews and markets can make with the data of this breach, or None. [attempts/year]
    onset
        When the data are used; None for follow-ons.
    clocks
        Names of clocks that thin the attempts.
    regimes
        Periods of calendar time with factors on the activity, in order; the last one has no end. If empty,
        the factor is always 1.
    reset_proof
        True for an attack on copies of the data that the firm cannot reset.
    reporting
        Share of victims who file a complaint, or None where nothing is published. [complaints/victim]
    anchor
        Published mean loss to which follow-ons are scaled, or None.
    protections
        Factors on the success of every route. For a follow-on they hold from day 0 and never end.
    technique, capec
        ATT&CK technique and CAPEC patterns, if any apply.
    countries
        Countries whose people it can hit, two capital letters each; empty for everywhere.

    Raises
    ------
    ValueError
        If routes mix initial and follow-on, a name is repeated, a unit is wrong, the shares of bearers do
        not sum to 1, or a follow-on has a protection that starts after day 0 or ends.
    """

    name: str
    label: str
    routes: tuple[Route, ...]
    severity: Estimate
    severity_sigma: Estimate
    hours: Estimate
    background: Estimate
    capacity: Estimate | None = None
    reporting: Estimate | None = None
    bearers: Mapping[str, Estimate]
    anchor: Anchor | None = None
    onset: Onset | None = None
    regimes: tuple[Regime, ...] = ()
    clocks: tuple[str, ...] = ()
    reset_proof: bool = False
    description: str = ""
    grants: tuple[str, ...] = ()
    protections: tuple[Protection, ...] = ()
    technique: str = ""
    capec: str = ""
    countries: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        place = f"attacks.{self.name}"
        check_countries(self.countries, place)
        kinds = {bool(route.capabilities) for route in self.routes}
        if len(kinds) > 1:
            raise ValueError(f"{place} mixes initial and follow-on routes; make two attacks of it")
        names = [route.name for route in self.routes]
        if len(set(names)) != len(names):
            raise ValueError(f"{place} has two routes of one name: {repeated(names)}; names must differ")
        if len(set(self.clocks)) != len(self.clocks):
            raise ValueError(
                f"{place}.clocks has {repeated(self.clocks)}; each may stand there once: keep one"
            )
        if self.kind == "initial" and self.onset is None:
            raise ValueError(f"{place} has initial routes and no onset; name one")
        self._check_bearers(place)
        self._check_regimes(place)
        if self.kind != "initial":
            why = "it happens when its capability is granted, and has no clock of its own"
            _check_lasting(f"follow-on {place}", self.protections, why)
        for route in self.routes:
            if route.multiplier is not None:
                _check_factor(route.multiplier)
                if route.capabilities:
                    raise ValueError(
                        f"{place}.routes.{route.name} has a multiplier and is a follow-on; its attempts are "
                        "a share of holders: give it attempts of its own"
                    )
            if not route.fields and not route.capabilities:
                raise ValueError(
                    f"{place}.routes.{route.name} needs no leaked field and no capability: the breach would "
                    "not matter to it; name one, or leave out all routes (background only)"
                )
            _check_unit(route.attempts, ATTEMPT_UNITS[self.kind])
            _check_unit(route.success, "victims/attempt")
        _check_unit(self.severity, "USD/victim")
        _check_unit(self.severity_sigma, "log-USD")
        _check_unit(self.hours, "hours/victim")
        _check_unit(self.background, "probability/year")
        _check_unit(self.capacity, "attempts/year")
        _check_unit(self.reporting, "complaints/victim")

    def _check_regimes(self, place: str) -> None:
        ends = [regime.until for regime in self.regimes]
        if not ends:
            return
        if self.kind != "initial":
            raise ValueError(f"{place} has regimes; only attacks with initial routes have an activity")
        if ends[-1] or "" in ends[:-1] or ends[:-1] != sorted(set(ends[:-1])):
            raise ValueError(f"{place}.regimes end at {ends}; dates must rise, and only the last has none")

    def _check_bearers(self, place: str) -> None:
        if "all" in self.bearers:
            raise ValueError(f"{place}.bearers names 'all', which heads the sum; give another name")
        for share in self.bearers.values():
            _check_unit(share, "share")
            if not share.is_certain:
                raise ValueError(
                    f'{share.name} is uncertain; the split over bearers is fixed: use kind = "fixed"'
                )
        shares = {name: share.central for name, share in self.bearers.items()}
        if abs(sum(shares.values()) - 1) > SHARES_SLACK:
            raise ValueError(f"{place}.bearers are {shares}; the shares must sum to 1")

    @property
    def borne(self) -> dict[str, float]:
        """Share of the loss by bearer, normalized to sum to 1. [share]."""
        whole = math.fsum(share.central for share in self.bearers.values())
        return {who: share.central / whole for who, share in self.bearers.items()}

    @property
    def kind(self) -> str:
        """Either "initial", "follow_on" or "background_only"."""
        if not self.routes:
            return "background_only"
        return "follow_on" if self.routes[0].capabilities else "initial"

    def summary(self) -> str:
        """Name, kind, number of routes, and what it grants."""
        grants = f"; grants {', '.join(self.grants)}" if self.grants else ""
        return f"{self.name}: {self.kind}, {plural(len(self.routes), 'route')}{grants}; {self.label}"

    @property
    def routes_in_words(self) -> str:
        """Conditions of every route, joined by "and"; alternative routes joined by "; or"."""
        return "; or ".join(" and ".join(route.needs) for route in self.routes)


def _check_unit(estimate: Estimate | None, wanted: str) -> None:
    if estimate is not None and estimate.unit != wanted:
        raise ValueError(f"{estimate.name} is in {estimate.unit!r}; it must be in {wanted!r}")


def _check_lasting(place: str, protections: Iterable[Protection], why: str) -> None:
    for protection in protections:
        if not protection.lasting:
            raise ValueError(
                f"{place} has protection {protection.name!r} from day {protection.day:g} to "
                f"{protection.until:g}; {why}: let it hold from day 0 on, or protect an earlier attack"
            )


def _check_factor(factor: Estimate) -> None:
    _check_unit(factor, "ratio")
    if factor.is_certain and factor.central == 0:
        raise ValueError(f"{factor.name} is 0; a factor must be above 0")
