"""The law of a scenario as a page reads it: routes, look-ups, segments, measures, and draws of parameters.

What a tick can change is left open; everything else is settled here, capacity scales and anchor factors of
the scenario as given included. ``templates/engine.js`` computes from it what ``engine.expected_harm`` does.

Not here: words on the page (``pages``), and how draws are stored (``draws``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from breach_sim.apps.page.draws import Draws
from breach_sim.engine.known import chains_of
from breach_sim.engine.severity import mean_loss
from breach_sim.engine.time import regime_ends, resets_of
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.attacks import Attack
from breach_sim.inputs.changes import Protect, Reset
from breach_sim.inputs.mitigations import Mitigation
from breach_sim.inputs.numbers.protections import Protection
from breach_sim.inputs.segment import Leak
from breach_sim.results.impact import Impact


def world_of(impact: Impact, measures: Sequence[Mitigation], *, money: bool = True) -> dict[str, Any]:
    """Return the law of a run as a page stores it.

    Parameters
    ----------
    impact
        The run whose draws, capacity scales and anchor factors are held.
    measures
        Mitigations that a reader can tick, made of resets and protections.
    money
        Whether losses are stored; without, they are 0 on the page.

    Returns
    -------
    Numbers, lists and texts only, ready for JSON. Infinite days are null.

    Raises
    ------
    ValueError
        If the run joins several breaches, whose overlaps a page cannot hold.
    """
    return _World(impact, money=money).whole(measures)


class _World:
    """One run, and the numbers under which its fields, traits and draws are stored."""

    def __init__(self, impact: Impact, *, money: bool) -> None:
        if any(leak.breach for segment in impact.scenario.segments for leak in segment.leaks):
            raise ValueError(
                f"scenario {impact.scenario.name!r} joins several breaches; a page holds one breach: name "
                "one of them"
            )
        self.run, self.graph, self.scenario = impact, impact.attacks, impact.scenario
        self.law, self.money = impact.law, money
        self.draws = Draws(self.law.parameters)
        lost = {name for segment in self.scenario.segments for name in segment.fields}
        # Fields of routes, too, that no look-up reaches: their recipes are rows of the page, forever closed.
        needed = {name for attack in self.graph.attacks for route in attack.routes for name in route.fields}
        known = lost | needed | set(self.law.known.fields)
        self.fields = [name for name in vocabulary.FIELD_NAMES if name in known]
        self.attacks = [attack for attack in self.graph.attacks if attack.routes]
        self.traits = sorted({t for a in self.attacks for r in a.routes for t in r.traits})
        self.clocks = sorted({name for attack in self.attacks for name in attack.clocks})
        self.capabilities = sorted({name for attack in self.attacks for name in attack.grants})

    def numbers(self, names: Sequence[str]) -> list[int]:
        """Numbers of fields."""
        return sorted(self.fields.index(name) for name in names if name in self.fields)

    def whole(self, measures: Sequence[Mitigation]) -> dict[str, Any]:
        """The law."""
        graph, scenario, draws = self.graph, self.scenario, self.draws
        names = [attack.name for attack in self.attacks]
        coins = [] if graph.lookups is None else graph.lookups.possible
        coins = [own for own in coins if own.field in self.law.known.fields]
        release = self.law.release
        found = {
            "replicates": self.run.replicates,
            "horizon": self.run.horizon_years * 365.0,
            "edges": self.law.hazards.edges.tolist(),
            "fields": self.fields,
            "read": self.numbers(sorted(self.law.known.fields)),
            "coins": [
                {
                    "field": self.fields.index(own.field),
                    "given": [self.numbers(given) for given in own.given],
                    "listed": own.directory,
                    "share": draws.of(own.share),
                }
                for own in coins
            ],
            "easy": draws.put(0.0) if graph.lookups is None else draws.of(graph.lookups.easy_to_find),
            "attacks": [self._attack(attack) for attack in self.attacks],
            "routes": [route for attack in self.attacks for route in self._routes(attack)],
            "traits": [
                {"share": draws.of(trait.share), "protections": self._protections(trait.protections)}
                for trait in (graph.traits[name] for name in self.traits)
            ],
            "clocks": [self._clock(name) for name in self.clocks],
            "release": None
            if release is None
            else {"onset": draws.put(release.onset), "tail": draws.put(release.tail)},
            "driver": None if graph.drivers is None else draws.of(graph.drivers.attempts),
            "country": None if graph.country is None else draws.of(graph.country.attempts),
            "chains": [[names.index(name) for name in chain] for chain in chains_of(graph)],
            "segments": self._segments(),
            "notices": [event.day for event in scenario.events if event.kind == "notice"],
            "measures": [self._measure(measure) for measure in measures],
        }
        return found | dict(draws.stored())

    def _attack(self, attack: Attack) -> dict[str, Any]:
        draws, parameters = self.draws, self.law.parameters
        loss = mean_loss(parameters, self.graph, attack, self.run.factors)
        onset = attack.onset
        ends = regime_ends(attack, self.scenario)
        scale = self.law.scales.get(attack.name)
        return {
            "kind": attack.kind,
            "grants": [self.capabilities.index(name) for name in attack.grants],
            "onset": None
            if onset is None
            else {"median": draws.of(onset.median), "sigma": draws.of(onset.sigma)},
            "regimes": [
                {"until": _day(end), "factor": draws.of(regime.factor)}
                for end, regime in zip(ends, attack.regimes, strict=True)
            ],
            "clocks": [self.clocks.index(name) for name in attack.clocks],
            "reset_proof": attack.reset_proof,
            "protections": self._protections(attack.protections),
            "scale": None if scale is None else draws.put(scale),
            "loss": draws.put(loss if self.money else 0.0),
            "sigma": draws.of(attack.severity_sigma) if self.money else draws.put(0.0),
            "hours": draws.of(attack.hours),
        }

    def _routes(self, attack: Attack) -> list[dict[str, Any]]:
        draws, country = self.draws, self.graph.country
        return [
            {
                "attack": self.attacks.index(attack),
                "fields": self.numbers(route.fields),
                "traits": [self.traits.index(name) for name in route.traits],
                "capabilities": [self.capabilities.index(name) for name in route.capabilities],
                "attempts": draws.of(route.attempts),
                "success": draws.of(route.success),
                "multiplier": None if route.multiplier is None else draws.of(route.multiplier),
                "domestic": country is not None and route.attempts.name in country.own,
            }
            for route in attack.routes
        ]

    def _protections(self, protections: Sequence[Protection]) -> list[dict[str, Any]]:
        return [
            {
                "uptake": self.draws.of(own.uptake),
                "effect": self.draws.of(own.effect),
                "day": own.day,
                # JSON has no infinity; no run is this long.
                "until": min(own.until, 1e300),
            }
            for own in protections
        ]

    def _clock(self, name: str) -> dict[str, Any]:
        clock = self.graph.clocks[name]
        kinds = {segment.kind for segment in self.scenario.segments}
        return {
            "fields": self.numbers(clock.fields),
            "rates": {kind: self.draws.of(clock.rate(kind)) for kind in sorted(kinds)},
        }

    def _segments(self) -> list[dict[str, Any]]:
        whole = sum(1 << bit for bit in range(len(vocabulary.FIELD_NAMES)))
        alike: dict[tuple[Any, ...], int] = {}
        return [
            {
                "kind": segment.kind,
                "accounts": self.draws.put(np.asarray(self.law.accounts(segment), dtype=np.float64)),
                "like": alike.setdefault((segment.leaks, segment.withheld), len(alike)),
                "leaks": [self._leak(leak) for leak in segment.leaks],
                "lost": self.numbers(segment.fields),
                "withheld": [
                    {
                        "fields": self.numbers(own.fields) if own.fields else None,
                        "share": self.draws.put(own.drawn(self.law.parameters)),
                    }
                    for own in segment.withheld
                ],
                "resets": [
                    [self.fields.index(name), day]
                    for name, day in resets_of(self.scenario, segment, whole)
                    if name in self.fields
                ],
            }
            for segment in self.scenario.segments
        ]

    def _leak(self, leak: Leak) -> dict[str, Any]:
        share = leak.coverage
        sure = share.is_certain and share.central in {0.0, 1.0}
        return {
            "fields": self.numbers(leak.fields),
            "coverage": self.draws.of(share),
            "certain": int(share.central) if sure else None,
        }

    def _measure(self, measure: Mitigation) -> dict[str, Any]:
        return {
            "dated": measure.day is not None,
            "earliest": measure.earliest_day or 0.0,
            "changes": [self._change(change) for change in measure.changes],
        }

    def _change(self, change: Any) -> Mapping[str, Any]:
        if isinstance(change, Reset):
            return {"kind": "reset", "fields": self.numbers(change.fields)}
        if not isinstance(change, Protect):
            raise TypeError(f"a page holds resets and protections, not {type(change).__name__}")
        names = [attack.name for attack in self.attacks]
        return {
            "kind": "protect",
            "attacks": [names.index(name) for name in change.attacks if name in names],
            "traits": [self.traits.index(name) for name in change.traits if name in self.traits],
            "uptake": self.draws.of(change.uptake),
            "effect": self.draws.of(change.effect),
            "lasts": min(change.lasts, 1e300),
            "before_notice": change.before_notice,
        }


def measures_of(impact: Impact, mitigations: Sequence[Mitigation]) -> list[Mitigation]:
    """Return the mitigations that a page can tick, and that do something.

    Parameters
    ----------
    impact
        The run.
    mitigations
        Any.

    Returns
    -------
    Those made of resets and protections that change the scenario or its attacks.
    """
    return [
        own
        for own in mitigations
        if all(isinstance(change, Reset | Protect) for change in own.changes)
        and not own.why_not(impact.scenario, impact.attacks)
        and any(_meets(impact, change) for change in own.changes)
    ]


def _meets(impact: Impact, change: Any) -> bool:
    """Whether a change touches what some attack of the run reads."""
    routes = [(attack, route) for attack in impact.attacks.attacks for route in attack.routes]
    if isinstance(change, Reset):
        return any(set(route.fields) & set(change.fields) for _, route in routes)
    return any(a.name in change.attacks or set(route.traits) & set(change.traits) for a, route in routes)


def _day(day: float) -> float | None:
    """A day that JSON can hold: infinity is null, and what lies before day 0 is -1."""
    if day == np.inf:
        return None
    return max(float(day), -1.0)
