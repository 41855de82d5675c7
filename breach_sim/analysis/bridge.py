"""From one breach to another, change by change: which of them moves the loss, and how much.

What differs between two impacts is taken apart into *changes*: a segment gone, new or of another size or
kind, fields of a segment whose coverage differs, events, the release, attacks, and what capacities and
anchors make of all of it. A change's contribution is its Shapley value: what it adds to the expected loss
given the parameters, averaged over all orders in which the changes could have been made. So the
contributions sum exactly to the difference, replicate by replicate, and no order has to be defended.

It is exact because the expected loss is a sum over segments once scales and factors are given: the game of a
segment has its own changes and those that touch all segments, and no others.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from breach_sim.analysis.attributions.by_fields import AccountLoss, check_as_it_was
from breach_sim.analysis.subjects import made
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.exposure import mask_weights
from breach_sim.engine.law import Law
from breach_sim.engine.severity import mean_loss
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.tables import Row, summary, table
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Leak, Segment
from breach_sim.results.impact import Impact
from breach_sim.results.tables.difference import check_shared_draws

if TYPE_CHECKING:
    import pandas as pd

GLOBAL = {
    "events": "events",
    "release": "how the data got out",
    "attacks": "attacks and their numbers",
    "capacity": "capacities and anchors",
}
"""Changes that touch every segment."""
MOST = 7
"""Most changes inside a segment that are kept apart; beyond it all its fields are one change."""
Players = frozenset[str]


@dataclass(frozen=True, slots=True)
class _Change:
    """Something that differs in one segment."""

    label: str
    apply: Callable[[Segment], Segment]


def waterfall(a: Impact, b: Impact) -> pd.DataFrame:
    """Shapley value of each change between breaches: :func:`breach_sim.api.questions.waterfall` of impacts.

    Impacts with another seed, number of replicates or horizon, or with mitigations, raise ValueError.
    """
    check_shared_draws(a, b)
    moves = contributions(a, b)
    ordered = sorted(moves.items(), key=lambda item: -abs(float(item[1].mean())))
    before, after = a.expected_loss(), b.expected_loss()
    at = float(before.mean())
    rows: list[Row] = [(f"a: {a.scenario.title}", summary(before) | {"start": 0.0, "end": at})]
    for label, move in ordered:
        mean = float(move.mean())
        rows.append((label, summary(move) | {"start": at, "end": at + mean}))
        at += mean
    rows.append((f"b: {b.scenario.title}", summary(after) | {"start": 0.0, "end": float(after.mean())}))
    frame = table(rows, tuple(dict.fromkeys((*a.notes, *b.notes))))
    frame = frame[["mean", "p5", "p50", "p95", "start", "end"]]
    segments = {own.name: own.title for own in (*a.scenario.segments, *b.scenario.segments)}
    frame.attrs |= {"made": made(b), "segments": segments}
    return frame


def contributions(a: Impact, b: Impact) -> dict[str, Array]:
    """Shapley value of every change, replicate by replicate.

    Parameters
    ----------
    a, b
        Impacts with the same seed, replicates, horizon and sampling.

    Returns
    -------
    By change; they sum to the difference of the expected losses. Shape (R,) each. [USD]

    Raises
    ------
    ValueError
        If one of them has mitigations in it.
    """
    check_as_it_was(a)
    check_as_it_was(b)
    _check_single(a)
    _check_single(b)
    everywhere = _everywhere(a, b)
    worlds = _Worlds(a, b)
    moves: dict[str, Array] = {}
    ours = {segment.name: segment for segment in a.scenario.segments}
    theirs = {segment.name: segment for segment in b.scenario.segments}
    for name in dict.fromkeys((*ours, *theirs)):
        start, changes = _changes(name, ours.get(name), theirs.get(name))
        value = partial(worlds.loss, start, changes)
        for label, move in _shapley((*changes, *everywhere), value).items():
            words = GLOBAL.get(label) or changes[label].label
            moves[words] = moves.get(words, np.zeros(a.replicates)) + move
    return moves


def _check_single(impact: Impact) -> None:
    """Refuse a union of several breaches: a field may leak in several breaches of its cells."""
    universe = impact.scenario.universe
    if universe is not None:
        raise ValueError(
            f"scenario {impact.scenario.name!r} is a union of {', '.join(universe.breaches)}; changes are "
            "explained between single breaches: take those, or split_by_breach for the share of each"
        )


def _everywhere(a: Impact, b: Impact) -> tuple[str, ...]:
    """Changes that touch every segment."""
    one, other = a.scenario, b.scenario
    differing = ["capacity"] if _held(a) != _held(b) else []
    if one.events != other.events or one.day_zero != other.day_zero:
        differing.append("events")
    if one.release != other.release:
        differing.append("release")
    if a.attacks != b.attacks:
        differing.append("attacks")
    return tuple(differing)


def _held(impact: Impact) -> dict[str, bytes]:
    """Scales and factors, so that they can be compared."""
    both = {"scale " + name: array for name, array in impact.law.scales.items()}
    both |= {"factor " + name: array for name, array in impact.factors.items()}
    return {name: np.broadcast_to(array, (impact.replicates,)).tobytes() for name, array in both.items()}


def _changes(name: str, ours: Segment | None, theirs: Segment | None) -> tuple[Segment, dict[str, _Change]]:
    """The segment before all changes, and what differs in it, by a key of its own."""
    if ours is None or theirs is None:
        known = theirs if ours is None else ours
        if known is None:
            raise ValueError(f"segment {name!r} is in neither scenario")
        word = "new" if ours is None else "gone"
        # A segment with nothing leaked loses nothing: what comes or goes is all its fields.
        bare = dataclasses.replace(known, leaks=())
        start, end = (bare, known) if ours is None else (known, bare)
        label = f"segment {name} {word} ({known.accounts:,} accounts)"
        return start, {name: _Change(label, lambda _: end)}
    changes: dict[str, _Change] = {}
    if ours.accounts != theirs.accounts:
        label = f"segment {name}: {ours.accounts:,} to {theirs.accounts:,} accounts"
        changes["accounts"] = _Change(label, lambda s: dataclasses.replace(s, accounts=theirs.accounts))
    if ours.kind != theirs.kind:
        label = f"segment {name}: {ours.kind} to {theirs.kind}"
        changes["kind"] = _Change(label, lambda s: dataclasses.replace(s, kind=theirs.kind))
    groups = _moved_fields(ours, theirs)
    if len(groups) + len(changes) > MOST:
        groups = [tuple(field for group in groups for field in group)]
    for group in groups:
        label = f"segment {name}: {_coverage_text(group, ours, theirs)}"
        changes[" ".join(group)] = _Change(label, partial(_with_fields, frozenset(group), theirs))
    return ours, changes


def _moved_fields(ours: Segment, theirs: Segment) -> list[tuple[str, ...]]:
    """Fields whose coverage, or whose company in a leak, differs, grouped where they move together."""
    groups: dict[tuple[object, object], list[str]] = {}
    for field in vocabulary.FIELD_NAMES:
        before, after = _leak_of(ours, field), _leak_of(theirs, field)
        if _state(before) != _state(after):
            key = (before.fields if before else None, after.fields if after else None)
            groups.setdefault(key, []).append(field)
    return [tuple(group) for group in groups.values()]


def _leak_of(segment: Segment, field: str) -> Leak | None:
    leak = next((leak for leak in segment.leaks if field in leak.fields), None)
    return None if leak is None or (leak.coverage.is_certain and not leak.coverage.central) else leak


def _state(leak: Leak | None) -> object:
    """What of a leak decides who lost a field: with whom it leaks does not matter if all lost it."""
    if leak is None:
        return None
    sure = leak.coverage.is_certain and leak.coverage.central == 1
    return "all" if sure else (leak.coverage, frozenset(leak.fields))


def _coverage_text(group: Sequence[str], ours: Segment, theirs: Segment) -> str:
    """Sentence about fields whose coverage moved."""
    before = {_central(_leak_of(ours, field)) for field in group}
    after = {_central(_leak_of(theirs, field)) for field in group}
    names = ", ".join(group)
    if len(before) > 1 or len(after) > 1:
        return f"coverage of {names}"
    old, new = before.pop(), after.pop()
    if not old:
        return f"{names} leaked" + ("" if new == 1 else f" for {new:.3g}")
    return f"{names} not leaked" if not new else f"{names} leaked for {old:.3g} to {new:.3g}"


def _central(leak: Leak | None) -> float:
    return 0.0 if leak is None else leak.coverage.central


def _with_fields(group: frozenset[str], theirs: Segment, segment: Segment) -> Segment:
    """The segment with some fields leaked as in another."""
    kept = [(leak, tuple(f for f in leak.fields if f not in group)) for leak in segment.leaks]
    taken = [(leak, tuple(f for f in leak.fields if f in group)) for leak in theirs.leaks]
    leaks = tuple(dataclasses.replace(leak, fields=own) for leak, own in (*kept, *taken) if own)
    return dataclasses.replace(segment, leaks=leaks)


def _shapley(players: Sequence[str], value: Callable[[Players], Array]) -> dict[str, Array]:
    """Shapley values of a small game, every coalition looked at once."""
    known = {
        frozenset(some): value(frozenset(some))
        for size in range(len(players) + 1)
        for some in combinations(players, size)
    }
    values = {}
    for player in players:
        moved: Array = np.zeros(1)
        for some, before in known.items():
            if player not in some:
                size, n = len(some), len(players)
                weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
                moved = moved + weight * (known[some | {player}] - before)
        values[player] = moved
    return values


class _Worlds:
    """Expected losses of segments in worlds between a and b, the law of each world made once."""

    def __init__(self, a: Impact, b: Impact) -> None:
        self._a, self._b = a, b
        self._laws: dict[Players, tuple[AccountLoss, Law]] = {}
        self._coverages: dict[Estimate, Array] = {}
        segments = (*a.scenario.segments, *b.scenario.segments)
        kinds: dict[str, set[str]] = {}
        for segment in segments:
            kinds.setdefault(segment.name, set()).add(segment.kind)
        # One carrier lends its kind and its resets to every state of a segment.
        self._carriers = {
            (name, kind): Segment(name=f"{name} as {kind}", accounts=1, leaks=(), kind=kind)
            for name, own in kinds.items()
            for kind in sorted(own)
        }

    def loss(self, start: Segment, changes: Mapping[str, _Change], made: Players) -> Array:
        """Expected loss [USD] of all accounts of a segment after some changes, shape (R,)."""
        segment = start
        for name, change in changes.items():
            if name in made:
                segment = change.apply(segment)
        loss, law = self._world(made & set(GLOBAL))
        weights = mask_weights(segment, law.known.fields, self._coverage)
        total = segment.accounts * loss.total(self._carriers[segment.name, segment.kind], weights)
        return np.broadcast_to(total, (self._a.replicates,))

    def _coverage(self, estimate: Estimate) -> Array:
        """Draws of a coverage; a and b may give one name different numbers."""
        if estimate not in self._coverages:
            self._coverages[estimate] = self._drawn(self._a)(estimate)
        return self._coverages[estimate]

    def _drawn(self, of: Impact) -> Parameters:
        """Parameters drawn as those of an impact."""
        return Parameters(of.seed, of.replicates, sampling=of.sampling, posterior=of.posterior)

    def _world(self, made: Players) -> tuple[AccountLoss, Law]:
        """Law of one combination of the changes everywhere."""
        if made not in self._laws:
            own = self._b if "attacks" in made else self._a
            graph, drawn = own.attacks, self._drawn(own)
            held = self._b if "capacity" in made else self._a
            law = Law(self._scenario(made), graph, drawn, self._a.horizon_years, dict(held.law.scales))
            means = {attack.name: mean_loss(drawn, graph, attack, held.factors) for attack in graph.attacks}
            self._laws[made] = AccountLoss(law, means), law
        return self._laws[made]

    def _scenario(self, made: Players) -> Scenario:
        """All carriers in a world with the events and the release of a or b."""
        timed = (self._b if "events" in made else self._a).scenario
        freed = (self._b if "release" in made else self._a).scenario
        events = []
        for event in timed.events:
            names = [s.name for (name, _), s in self._carriers.items() if name in event.segments]
            events.append(dataclasses.replace(event, segments=tuple(names)))
        return Scenario(
            name="between",
            segments=tuple(self._carriers.values()),
            events=tuple(events),
            day_zero=timed.day_zero,
            release=freed.release,
        )
