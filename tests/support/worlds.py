"""Small worlds for the tests: scenarios and attacks in a few words, and the same world for the slow twin.

The tests speak to the engine with its own objects (`Scenario`, `AttackGraph`) and to the twin
(`tests/reference.py`) with plain data. This module makes the first from a few words and turns the first into
the second at the parameter values of one replicate, so that both are asked about the same world. It follows
`docs/model.md`, section by section, and computes nothing: a clock's rate is divided by the days of a month,
and that is all.

1. words       `way`, `attack`, `graph`, `segment`, `reset`, `scenario`: fixed numbers, real field names
2. twin_world  scenario + graph + one replicate -> the twin's `world`
3. frozen      the same objects with every estimate fixed at one drawn replicate, rates boosted if wanted
4. full_world  a world in which every feature of the law acts
5. random_case random small worlds, cycles, ties, resets on awkward days and binding capacities included
6. sold_world  the full world sold: a release, regimes, a multiplier, a reset-proof attack, two capabilities
7. random_sale a random small world with some of these
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.hazards import draw_release
from breach_sim.inputs.attacks import Anchor, Attack, Clock, Onset, Regime, Release, Route, Trait
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.country import Country
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.protections import Protection, Withheld
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Event, Leak, Segment

World = dict[str, Any]
DAYS_PER_MONTH = 365 / 12
INITIAL_UNIT, FOLLOW_ON_UNIT = "attempts/account-year", "attempts/holder"
POOL = ("full_name", "date_of_birth", "ssn", "phone_number", "account_pin", "imei", "imsi", "email_address")
"""Fields of random worlds; three of them have clocks."""


# 1. Words --------------------------------------------------------------------------------------------


class Way(NamedTuple):
    """A route in plain values; needs are names separated by blanks."""

    fields: str = ""
    attempts: float = 1.0
    success: float = 1.0
    traits: str = ""
    capabilities: str = ""
    multiplier: float | None = None


def way(
    fields: str = "",
    attempts: float = 1.0,
    success: float = 1.0,
    *,
    traits: str = "",
    capabilities: str = "",
    multiplier: float | None = None,
) -> Way:
    """Return a route in plain values."""
    return Way(fields, attempts, success, traits, capabilities, multiplier)


def fixed(name: str, value: float, unit: str) -> Estimate:
    """Return an estimate without doubt."""
    return Estimate.fixed(name, value, unit)


def onset(name: str = "sale", median: float = 120.0, sigma: float = 1.725) -> Onset:
    """Return an onset law."""
    return Onset(
        name=name,
        label=name,
        median=fixed(f"onsets.{name}.median", median, "days"),
        sigma=fixed(f"onsets.{name}.sigma", sigma, "log-days"),
    )


def attack(
    name: str,
    ways: Sequence[Way] = (),
    grants: str = "",
    *,
    severity: float = 0.0,
    sigma: float = 0.0,
    background: float = 0.0,
    capacity: float | None = None,
    clocks: str = "",
    when: Onset | None = None,
    anchor: tuple[float, str] | None = None,
    bearers: Mapping[str, float] | None = None,
    regimes: Sequence[tuple[str, float]] = (),
    reset_proof: bool = False,
) -> Attack:
    """Return an attack with fixed numbers; `anchor` is (mean loss, follow-ons), a regime (until, factor)."""
    place = f"attacks.{name}"
    unit = FOLLOW_ON_UNIT if any(w.capabilities for w in ways) else INITIAL_UNIT
    routes = tuple(
        Route(
            name=f"r{i}",
            fields=tuple(w.fields.split()),
            traits=tuple(w.traits.split()),
            capabilities=tuple(w.capabilities.split()),
            attempts=fixed(f"{place}.routes.r{i}.attempts", w.attempts, unit),
            success=fixed(f"{place}.routes.r{i}.success", w.success, "victims/attempt"),
            multiplier=None
            if w.multiplier is None
            else fixed(f"{place}.routes.r{i}.multiplier", w.multiplier, "ratio"),
        )
        for i, w in enumerate(ways)
    )
    shares = {"person": 1.0} if bearers is None else bearers
    initial = bool(ways) and unit == INITIAL_UNIT
    return Attack(
        name=name,
        label=name,
        routes=routes,
        grants=tuple(grants.split()),
        clocks=tuple(clocks.split()),
        severity=fixed(f"{place}.severity", severity, "USD/victim"),
        severity_sigma=fixed(f"{place}.severity_sigma", sigma, "log-USD"),
        hours=fixed(f"{place}.hours", 1.0, "hours/victim"),
        background=fixed(f"{place}.background", background, "probability/year"),
        bearers={who: fixed(f"{place}.bearers.{who}", share, "share") for who, share in shares.items()},
        capacity=None if capacity is None else fixed(f"{place}.capacity", capacity, "attempts/year"),
        onset=(when or onset()) if initial else None,
        regimes=regimes_of(place, regimes),
        reset_proof=reset_proof,
        anchor=None
        if anchor is None
        else Anchor(
            mean_loss=fixed(f"{place}.anchor.mean_loss", anchor[0], "USD/victim"),
            follow_ons=tuple(anchor[1].split()),
        ),
    )


def regimes_of(place: str, regimes: Sequence[tuple[str, float]]) -> tuple[Regime, ...]:
    """Return regimes from (date of the end or "", factor)."""
    return tuple(
        Regime(until=until, factor=fixed(f"{place}.regimes.{number}.factor", factor, "ratio"))
        for number, (until, factor) in enumerate(regimes)
    )


def graph(
    attacks: Sequence[Attack],
    traits: Mapping[str, float] | None = None,
    clocks: Mapping[str, tuple[str, Mapping[str, float]]] | None = None,
    people_background: float = 0.0,
    releases: Mapping[str, tuple[float, float, float]] | None = None,
) -> AttackGraph:
    """Return an attack graph.

    A clock is (fields, rates per month by kind of segment), a release the factors (onset, tail, capacity).
    """
    return AttackGraph(
        attacks=tuple(attacks),
        traits=traits_of(traits or {}),
        clocks={
            name: Clock(
                name=name,
                label=name,
                fields=tuple(fields.split()),
                rates={kind: fixed(f"clocks.{name}.{kind}", rate, "1/month") for kind, rate in rates.items()},
            )
            for name, (fields, rates) in (clocks or {}).items()
        },
        releases={name: release(name, *factors) for name, factors in (releases or {}).items()},
        people_background=fixed("people_background", people_background, "probability/year"),
    )


def traits_of(shares: Mapping[str, float]) -> dict[str, Trait]:
    """Return traits by name."""
    return {
        name: Trait(name=name, label=name, share=fixed(f"traits.{name}.share", share, "share"))
        for name, share in shares.items()
    }


def release(name: str, median: float, tail: float, capacity: float) -> Release:
    """Return what a way of getting out does, in fixed factors."""
    factors = {"onset": median, "tail": tail, "capacity": capacity}
    return Release(
        name=name,
        label=name,
        **{part: fixed(f"releases.{name}.{part}", factor, "ratio") for part, factor in factors.items()},
    )


def segment(name: str, accounts: int, blocks: Sequence[tuple[str, float]], kind: str = "customer") -> Segment:
    """Return a segment; a block is (fields, coverage)."""
    leaks = tuple(
        Leak(fields=tuple(fields.split()), coverage=fixed(f"segments.{name}.{i}.coverage", coverage, "share"))
        for i, (fields, coverage) in enumerate(blocks)
    )
    return Segment(name=name, accounts=accounts, leaks=leaks, kind=kind)


def all_leaked(what: Scenario) -> Scenario:
    """Return a scenario in which every field leaked for all accounts of its segment."""
    full = (
        dataclasses.replace(own, leaks=segment(own.name, 1, [(" ".join(own.fields), 1.0)]).leaks)
        for own in what.segments
    )
    return dataclasses.replace(what, segments=tuple(full))


def reset(day: float, fields: str, segments: str = "") -> Event:
    """Return a reset of some fields in some segments (all by default)."""
    return Event(kind="reset", day=day, fields=tuple(fields.split()), segments=tuple(segments.split()))


def scenario(
    segments: Sequence[Segment],
    events: Sequence[Event] = (),
    *,
    day_zero: str = "",
    ways: Mapping[str, float] | None = None,
) -> Scenario:
    """Return a scenario; `ways` is its release table."""
    return Scenario(
        name="world",
        segments=tuple(segments),
        events=tuple(events),
        day_zero=day_zero,
        release={name: fixed(f"release.{name}", share, "share") for name, share in (ways or {}).items()},
    )


# 2. The twin's world ---------------------------------------------------------------------------------


def twin_world(
    what: Scenario,
    attacks: AttackGraph,
    years: float,
    parameters: Parameters | None = None,
    replicate: int = 0,
) -> World:
    """Return the twin's world for a scenario and a graph at the values of one replicate."""
    draw = parameters or Parameters(0, 1)
    drawn = draw_release(what, attacks, draw)
    release = {
        part: 1.0 if drawn is None else float(getattr(drawn, part)[replicate])
        for part in ("onset", "tail", "capacity")
    }

    def value(estimate: Estimate) -> float:
        return float(draw(estimate)[replicate])

    def left(protections: Sequence[Protection]) -> float:
        return float(np.prod([1.0 - value(p.uptake) * value(p.effect) for p in protections]))

    return {
        "horizon_years": years,
        "segments": [_twin_segment(s, what, attacks, value) for s in what.segments],
        "event_days": [float(event.day) for event in what.events],
        "traits": {name: value(t.share) * left(t.protections) for name, t in attacks.traits.items()},
        "clocks": {name: list(clock.fields) for name, clock in attacks.clocks.items()},
        "attacks": [_twin_attack(a, value, what, release, attacks.country) for a in attacks.attacks],
        "anchors": [
            {
                "attack": a.name,
                "mean_loss": value(a.anchor.mean_loss),
                "follow_ons": list(a.anchor.follow_ons),
            }
            for a in attacks.attacks
            if a.anchor
        ],
        "people_background": value(attacks.people_background),
        "drivers": {}
        if attacks.drivers is None
        else {"attempts": value(attacks.drivers.attempts), "severity": value(attacks.drivers.loss)},
        **twin_lookups(attacks, value),
    }


def twin_lookups(attacks: AttackGraph, value: Callable[[Estimate], float]) -> World:
    """Return the keys of the twin's world for what can be looked up; none if nothing can be."""
    if attacks.lookups is None:
        return {}
    entries = {
        name: {
            "share": value(own.share),
            "given": [list(fields) for fields in own.given],
            "directory": own.directory,
        }
        for name, own in attacks.lookups.by_field.items()
        if not own.never_found
    }
    return {"lookups": entries, "easy_to_find": value(attacks.lookups.easy_to_find)}


def _twin_segment(s: Segment, what: Scenario, attacks: AttackGraph, value: Any) -> World:
    touching = [e for e in what.events if e.kind == "reset" and (not e.segments or s.name in e.segments)]
    return {
        "name": s.name,
        "accounts": s.accounts,
        "blocks": [{"fields": list(leak.fields), "coverage": value(leak.coverage)} for leak in s.leaks],
        "clock_rates": {
            name: value(clock.rate(s.kind)) / DAYS_PER_MONTH for name, clock in attacks.clocks.items()
        },
        "resets": [{"day": float(e.day), "fields": list(e.fields)} for e in touching],
        "withheld": [
            {"fields": list(w.fields), "share": value(w.share) ** (value(w.power) if w.power else 1.0)}
            for w in s.withheld
        ],
    }


def _twin_attack(
    a: Attack, value: Any, what: Scenario, release: Mapping[str, float], country: Country | None
) -> World:
    def factor(on: str, number: Estimate) -> float:
        """Return what a US number is multiplied by in another country, equation (41)."""
        return 1.0 if country is None or number.name in country.own else value(getattr(country, on))

    routes = [
        {
            "fields": list(r.fields),
            "traits": list(r.traits),
            "capabilities": list(r.capabilities),
            "attempts": value(r.attempts)
            * (value(r.multiplier) if r.multiplier else 1.0)
            * (1.0 if r.capabilities else factor("attempts", r.attempts)),
            "success": value(r.success),
        }
        for r in a.routes
    ]
    median, sigma = (value(a.onset.median), value(a.onset.sigma)) if a.onset else (120.0, 1.725)
    days = [what.day_of(regime.until) if regime.until else None for regime in a.regimes]
    over = [day is not None and day <= 0 for day in days]
    return {
        "name": a.name,
        "kind": a.kind,
        "routes": routes,
        "grants": list(a.grants),
        "clocks": list(a.clocks),
        "capacity": None if a.capacity is None else value(a.capacity) * release["capacity"],
        "onset_median_days": median * release["onset"],
        "onset_sigma": sigma * release["tail"],
        "reference_median_days": median,
        "reference_sigma": sigma,
        "reset_proof": a.reset_proof,
        "protections": [
            {"factor": 1.0 - value(p.uptake) * value(p.effect), "from_day": p.day, "until_day": p.until}
            for p in a.protections
        ],
        "regimes": [
            {"until_day": day, "factor": value(regime.factor)}
            for day, gone, regime in zip(days, over, a.regimes, strict=True)
            if not gone
        ],
        "background": value(a.background),
        "severity_mean": value(a.severity),
        "loss_factor": factor("loss", a.severity),
        "severity_sigma": value(a.severity_sigma),
    }


# 3. Frozen at a replicate ----------------------------------------------


def frozen(
    what: Scenario,
    attacks: AttackGraph,
    parameters: Parameters,
    replicate: int = 0,
    *,
    boost: float = 1.0,
    room: float = 1.0,
) -> tuple[Scenario, AttackGraph]:
    """Return both with every estimate fixed at one replicate.

    Initial attempts are multiplied by `boost`, capacities by `room`.
    """
    factors = {INITIAL_UNIT: boost, "attempts/year": room}

    def fix(value: Any) -> Any:
        if isinstance(value, Estimate):
            drawn = float(parameters(value)[replicate]) * factors.get(value.unit, 1.0)
            return fixed(value.name, drawn, value.unit)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            own = {f.name: fix(getattr(value, f.name)) for f in dataclasses.fields(value)}
            return dataclasses.replace(value, **own)
        if isinstance(value, tuple):
            return tuple(fix(part) for part in value)
        if isinstance(value, Mapping):
            return {key: fix(part) for key, part in value.items()}
        return value

    drawn = draw_release(what, attacks, parameters)
    still = fix(what)
    if drawn is not None:
        way = list(what.release)[int(drawn.kind[replicate])]
        still = dataclasses.replace(still, release={way: fixed(f"release.{way}", 1.0, "share")})
    return still, fix(attacks)


# 4. Every feature at once ----------------------------------------------


def full_world(size: float = 1) -> tuple[Scenario, AttackGraph, float]:
    """Return scenario, graph and horizon in which every feature of the law acts.

    Blocks with partial coverage, traits, two clocks (line and handset) on one attack, a reset in one segment,
    equal routes, two granting follow-ons in a cycle, a follow-on with two routes, a binding capacity, an
    anchor, a background-only attack. `size` multiplies accounts and capacity.
    """
    what = scenario(
        [
            segment(
                "postpaid",
                round(60_000 * size),
                [
                    ("full_name ssn", 0.7),
                    ("phone_number imei", 0.9),
                    ("account_pin", 0.5),
                    ("email_address", 0.6),
                ],
                "postpaid",
            ),
            segment(
                "prepaid",
                round(40_000 * size),
                [("full_name phone_number", 0.8), ("email_address imei", 0.5)],
                "prepaid",
            ),
        ],
        [reset(100.0, "account_pin", "postpaid"), Event(kind="notice", day=45.0)],
    )
    swap = attack(
        "sim_swap",
        [
            way("phone_number account_pin", 0.9, 0.6),
            way("phone_number full_name", 0.5, 0.4, traits="sms"),
            way("imei", 0.3, 0.5),
        ],
        "number",
        clocks="line handset",
        background=0.02,
        severity=300.0,
        sigma=0.1,
        anchor=(5_000.0, "crypto"),
    )
    port = attack(
        "port_out",
        [way("phone_number account_pin", 0.2, 0.5), way("phone_number ssn", 0.5, 0.2)],
        "number",
        clocks="line",
        severity=40.0,
        sigma=0.1,
    )
    mailbox = attack(
        "mailbox",
        [
            way("email_address", 0.7, 0.5, capabilities="number"),
            way(attempts=0.6, success=0.4, capabilities="carrier"),
        ],
        "mail",
        severity=50.0,
        sigma=0.1,
    )
    carrier = attack(
        "carrier_login",
        [
            way(attempts=0.3, success=0.8, capabilities="number"),
            way("full_name", 0.9, 0.7, capabilities="mail"),
        ],
        "carrier",
        severity=20.0,
        sigma=0.1,
    )
    crypto = attack(
        "crypto",
        [
            way(attempts=0.5, success=0.3, traits="coins", capabilities="number"),
            way(attempts=0.9, success=0.9, traits="coins", capabilities="number mail"),
            way(attempts=0.4, success=0.4, capabilities="mail"),
        ],
        background=0.01,
        severity=2_000.0,
        sigma=0.2,
    )
    phish = attack(
        "phish",
        [way("email_address", 4.0, 0.1)],
        capacity=60_000.0 * size,
        background=0.05,
        severity=100.0,
        sigma=0.1,
        when=onset("fast", 30.0, 1.0),
    )
    loan = attack("loan", [way("full_name ssn", 0.2, 0.3)], severity=3_000.0, sigma=0.2)
    insider = attack("insider", background=0.01, severity=900.0)
    attacks = graph(
        [swap, port, mailbox, carrier, crypto, phish, loan, insider],
        {"sms": 0.6, "coins": 0.3},
        {
            "line": ("phone_number imsi", {"prepaid": 0.12, "default": 0.06}),
            "handset": ("imei", {"default": 0.09}),
        },
        people_background=0.09,
    )
    return what, attacks, 2.0


# 5. Random small worlds ----------------------------------------------


def random_case(rng: np.random.Generator) -> tuple[Scenario, AttackGraph, float]:
    """Return a random small world: scenario, graph and horizon."""
    years = float(rng.choice([1.0, 1.3, 2.0]))
    segments = [_random_segment(f"s{i}", rng) for i in range(int(rng.integers(1, 3)))]
    events = []
    for _ in range(int(rng.integers(0, 3))):
        day = float(rng.choice([0.0, 6.0, 100.5, 365.0, 365 / 12, 900.0]))
        fields = " ".join(rng.choice(POOL, int(rng.integers(1, 3)), replace=False))
        where = "" if rng.random() < 0.5 else segments[int(rng.integers(len(segments)))].name
        events.append(reset(day, fields, where))
    if rng.random() < 0.5:
        events.append(Event(kind="notice", day=45.0))
    return scenario(segments, events), random_graph(rng), years


def _random_segment(name: str, rng: np.random.Generator) -> Segment:
    order = [str(field) for field in rng.permutation(POOL)][: int(rng.integers(3, len(POOL) + 1))]
    blocks = []
    while order:
        size = int(rng.integers(1, 4))
        coverage = float(rng.choice([1.0, 0.0, rng.uniform(0.05, 0.95), rng.uniform(0.05, 0.95)]))
        blocks.append((" ".join(order[:size]), coverage))
        order = order[size:]
    kind = str(rng.choice(["postpaid", "prepaid", "customer"]))
    return segment(name, int(rng.integers(50, 2_000)), blocks[:4], kind)


def _some(rng: np.random.Generator, names: Sequence[str], low: int, high: int) -> str:
    size = min(int(rng.integers(low, high + 1)), len(names))
    return " ".join(str(n) for n in rng.choice(list(names), size, replace=False)) if size else ""


def random_graph(rng: np.random.Generator) -> AttackGraph:
    """Return a random attack graph: up to four granting attacks, cycles, ties, an anchor."""
    rates, chances = (0.2, 0.4, 0.5, 1.0, 2.5), (0.2, 0.4, 0.5, 1.0)
    n_initial, n_follow = int(rng.integers(1, 4)), int(rng.integers(0, 4))
    grants = [f"c{i}" if i == 0 or (i < 2 and rng.random() < 0.5) else "" for i in range(n_initial)]
    grants += [f"c{3 + i}" if i < 2 and rng.random() < 0.7 else "" for i in range(n_follow)]
    granted = [c for c in grants if c]
    attacks = []
    for i in range(n_initial):
        ways = [
            way(
                _some(rng, POOL, 1, 2),
                float(rng.choice(rates)),
                float(rng.choice(chances)),
                traits=_some(rng, ["t0", "t1"], 0, 1),
            )
            for _ in range(int(rng.integers(1, 4)))
        ]
        capacity = float(rng.uniform(5, 600)) if rng.random() < 0.5 else None
        anchor = (7_000.0, f"f{n_follow - 1}") if i == 0 and n_follow and rng.random() < 0.7 else None
        attacks.append(
            attack(
                f"i{i}",
                ways,
                grants[i],
                severity=float(rng.choice([0.0, 100.0])),
                sigma=0.5,
                capacity=capacity,
                clocks=_some(rng, ["line", "handset"], 0, 2),
                anchor=anchor,
                background=0.03,
                when=onset("fast", 30.0, 1.0) if rng.random() < 0.3 else None,
            )
        )
    for i in range(n_follow):
        ways = [
            way(
                _some(rng, POOL, 0, 1),
                float(rng.choice(chances)),
                float(rng.choice(chances)),
                traits=_some(rng, ["t0", "t1"], 0, 1),
                capabilities=_some(rng, granted, 1, 2),
            )
            for _ in range(int(rng.integers(1, 4)))
        ]
        attacks.append(attack(f"f{i}", ways, grants[n_initial + i], severity=500.0, sigma=1.0))
    order = [attacks[int(k)] for k in rng.permutation(len(attacks))]
    if rng.random() < 0.3:
        order.append(attack("insider", grants="c0", background=0.01))
    return graph(
        order,
        {"t0": 0.3, "t1": 0.8},
        {
            "line": ("phone_number imsi", {"prepaid": 0.15, "default": 0.05}),
            "handset": ("imei", {"default": 0.09}),
        },
        people_background=0.09,
    )


# 6. The full world, sold -----------------------------------------------

SOLD_ON = "2021-08-11"


def sold_world(size: float = 1) -> tuple[Scenario, AttackGraph, float]:
    """Return the full world with everything that came after it.

    It is posted (factors on onset, tail and capacity), texts have three regimes (the first over before day
    0), the loan has a route with a multiplier, a reset-proof attack uses the PIN elsewhere, the port gives
    another capability than the swap, and a trait is shared by two attacks that grant nothing.
    """
    what, attacks, years = full_world(size)
    fast = onset("fast", 30.0, 1.0)
    changed = {
        "port_out": attack(
            "port_out",
            [way("phone_number account_pin", 0.4, 0.5), way("phone_number ssn", 0.5, 0.2)],
            "line",
            clocks="line",
            severity=40.0,
            sigma=0.1,
            regimes=[("2022-03-01", 0.4), ("", 2.5)],
        ),
        "crypto": attack(
            "crypto",
            [
                way(attempts=0.5, success=0.3, traits="coins", capabilities="number"),
                way(attempts=0.9, success=0.9, traits="coins", capabilities="number mail"),
                way(attempts=0.6, success=0.4, capabilities="line"),
                way(attempts=0.8, success=0.6, capabilities="line mail"),
            ],
            background=0.01,
            severity=2_000.0,
            sigma=0.2,
        ),
        "phish": attack(
            "phish",
            [way("email_address", 4.0, 0.1), way("email_address imei", 5.0, 0.1, traits="coins")],
            capacity=40_000.0 * size,
            background=0.05,
            severity=100.0,
            sigma=0.1,
            when=fast,
            regimes=[("2021-08-01", 9.0), ("2021-09-20", 2.0), ("", 0.5)],
        ),
        "loan": attack(
            "loan",
            [way("full_name ssn", 0.2, 0.3), way("full_name ssn imei", 0.2, 0.3, multiplier=3.0)],
            severity=3_000.0,
            sigma=0.2,
            regimes=[("2022-08-11", 1.5), ("", 0.5)],
        ),
    }
    reused = attack(
        "reused_pin",
        [way("account_pin phone_number", 0.6, 0.5, traits="reuses")],
        severity=70.0,
        sigma=0.1,
        reset_proof=True,
    )
    kept = [changed.get(a.name, a) for a in attacks.attacks]
    carrier = kept[attacks.names.index("carrier_login")]
    over_line = dataclasses.replace(carrier.routes[0], capabilities=("line",))
    kept[attacks.names.index("carrier_login")] = dataclasses.replace(
        carrier, routes=(over_line, carrier.routes[1])
    )
    more = dataclasses.replace(
        attacks,
        attacks=(*kept, reused),
        traits=traits_of({"sms": 0.6, "coins": 0.3, "reuses": 0.4}),
        releases={"resold": release("resold", 1.0, 1.0, 1.0), "posted": release("posted", 0.3, 1.2, 2.0)},
    )
    sold = scenario(what.segments, what.events, day_zero=SOLD_ON, ways={"resold": 0.0, "posted": 1.0})
    return sold, more, years


# 7. Random worlds, sold ------------------------------------------------


def random_sale(rng: np.random.Generator) -> tuple[Scenario, AttackGraph, float]:
    """Return a random small world with regimes, multipliers, reset-proof attacks, a release, more traits."""
    what, attacks, years = random_case(rng)
    names = ["resold", "posted", "held", "sold_once"]
    factors = {
        name: (float(rng.uniform(0.1, 3.0)), float(rng.uniform(0.6, 1.5)), float(rng.uniform(0.1, 5.0)))
        for name in names
    }
    shares = dict(zip(names, (float(share) for share in rng.dirichlet(np.ones(4))), strict=True))
    sold = scenario(
        what.segments,
        what.events,
        day_zero=SOLD_ON if rng.random() < 0.8 else "",
        ways=shares if rng.random() < 0.7 else None,
    )
    traits = {"t0": 0.3, "t1": 0.8, "t2": 0.5, "t3": 0.6}
    more = dataclasses.replace(
        attacks,
        attacks=tuple(_sold_attack(a, list(traits), rng) for a in attacks.attacks),
        traits=traits_of(traits),
        releases={name: release(name, *own) for name, own in factors.items()},
    )
    return sold, more, years


def _sold_attack(a: Attack, traits: Sequence[str], rng: np.random.Generator) -> Attack:
    routes = tuple(
        dataclasses.replace(
            route,
            traits=tuple(_some(rng, traits, 0, 2).split()),
            multiplier=fixed(
                f"attacks.{a.name}.routes.{route.name}.multiplier", rng.uniform(0.2, 4.0), "ratio"
            )
            if a.kind == "initial" and rng.random() < 0.4
            else None,
        )
        for route in a.routes
    )
    days = ["2021-07-01", "2021-08-11", "2021-08-17", "2021-11-19", "2022-08-11", "2022-12-25", "2030-01-01"]
    ends = sorted(_some(rng, days, 1, 3).split()) if rng.random() < 0.7 else []
    regimes = [(end, float(rng.choice([0.0, 0.3, 1.0, 4.0]))) for end in [*ends, ""]] if ends else []
    initial = a.kind == "initial"
    return dataclasses.replace(
        a,
        routes=routes,
        regimes=regimes_of(f"attacks.{a.name}", regimes) if initial else (),
        reset_proof=initial and rng.random() < 0.4,
    )


def protected_world(size: float = 1) -> tuple[Scenario, AttackGraph, float]:
    """Return the sold world with every kind of protection.

    A lock on the swap from day 50, another one for some weeks, one on a follow-on, one on a reset-proof
    attack, apps in place of texts (on a trait), and fields withheld in both segments, in one of them by a
    power and in one of them all fields.
    """
    what, attacks, years = sold_world(size)

    def guard(name: str, uptake: float, effect: float, day: float = 0.0, until: float = np.inf) -> Protection:
        parts = (fixed(f"{name}.uptake", uptake, "share"), fixed(f"{name}.effect", effect, "share"))
        return Protection(name=name, uptake=parts[0], effect=parts[1], day=day, until=until)

    proof = next(a.name for a in attacks.attacks if a.reset_proof)
    guards = {
        "sim_swap": (guard("lock", 0.8, 0.9, 50.0), guard("watch", 0.5, 0.6, 20.0, 111.0)),
        "crypto": (guard("vault", 0.4, 0.7),),
        proof: (guard("change", 0.6, 1.0, 9.0),),
    }
    safer = tuple(dataclasses.replace(a, protections=guards.get(a.name, ())) for a in attacks.attacks)
    traits = dict(attacks.traits)
    traits["sms"] = dataclasses.replace(traits["sms"], protections=(guard("apps", 0.5, 0.8),))
    first = Withheld(
        share=fixed("old.share", 0.7, "share"), fields=("ssn",), power=fixed("old.power", 2.0, "ratio")
    )
    second = Withheld(share=fixed("gone.share", 0.25, "share"))
    segments = (
        dataclasses.replace(what.segments[0], withheld=(first,)),
        dataclasses.replace(what.segments[1], withheld=(second,)),
        *what.segments[2:],
    )
    safer_graph = dataclasses.replace(attacks, attacks=safer, traits=traits)
    return dataclasses.replace(what, segments=segments), safer_graph, years
