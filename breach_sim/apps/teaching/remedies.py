"""Exercises of lesson 4, what would you have done: measures that overlap, need each other, or come late."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable
from statistics import fmean, median
from typing import Any

from breach_sim.apps.teaching.exercise import Data, Draws, Exercise, Idea
from breach_sim.apps.teaching.toy import ROUTES, D, K, N, P, S, losses_left, toy_graph
from breach_sim.inputs.graph import AttackGraph

_FIELDS = (N, P, K, S, D, "email_address", "postal_address")
_SHARES = [0.2, 0.3, 0.4, 0.5]


def _two_locks(draws: Draws) -> dict[str, Any]:
    return {
        "successes": draws.pick(range(1_000, 9_000, 500)),
        "first_stops": draws.pick(_SHARES),
        "second_stops": draws.pick(_SHARES),
    }


def _opt_in(draws: Draws) -> dict[str, Any]:
    return {
        "successes": draws.pick(range(1_000, 9_000, 500)),
        "uptake": draws.pick([0.02, 0.03, 0.05, 0.1]),
        "effect": draws.pick([0.6, 0.7, 0.8, 0.9]),
    }


def _toy(draws: Draws) -> dict[str, Any]:
    losses = {name: draws.pick(range(10, 60, 5)) for name in ROUTES}
    return {"routes": ROUTES, "loss_usd": losses, "measures": {"pin_reset": K, "never_store_ssn": S}}


Routes = tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]
"""Routes of attacks as plain tuples, which can be the key of a cache: name, and the fields of each route."""


@functools.lru_cache(maxsize=64)
def _graph(routes: Routes) -> AttackGraph:
    """The attacks of some routes, made once: a bundle asks for them many times."""
    return toy_graph(dict(routes))


@functools.lru_cache(maxsize=1024)
def _loss(routes: Routes, losses: tuple[tuple[str, float], ...], safe: frozenset[str]) -> float:
    lost = {name for _, ways in routes for way in ways for name in way} - safe
    return losses_left(_graph(routes), sorted(lost), dict(losses))


def _left(data: Data, safe: Iterable[str]) -> float:
    """Loss when every field of the routes leaked but those that are kept safe."""
    routes = tuple((name, tuple(map(tuple, ways))) for name, ways in data["routes"].items())
    return _loss(routes, tuple(data["loss_usd"].items()), frozenset(safe))


def _summed(data: Data) -> float:
    """Loss less what each measure averts alone."""
    whole = _left(data, ())
    return whole - sum(whole - _left(data, [field]) for field in data["measures"].values())


def _race(draws: Draws) -> dict[str, Any]:
    return {
        "accounts": draws.pick(range(100_000, 900_000, 50_000)),
        "hazard_per_day": draws.pick([0.01, 0.015, 0.02]),
        "reset_on_day": draws.pick([10, 15, 20]),
        "later_on_day": draws.pick([30, 40, 50]),
    }


def _hit(data: Data, days: float) -> float:
    """Accounts attacked within so many days."""
    return float(data["accounts"] * (1 - math.exp(-data["hazard_per_day"] * days)))


def _price(draws: Draws) -> dict[str, Any]:
    averted = [draws.pick(range(5, 60, 5)) + 150 * (draws.pick(range(4)) == 0) for _ in range(9)]
    return {"averted_in_each_run": averted, "cost": draws.pick([22, 27, 33])}


def _market(draws: Draws) -> dict[str, Any]:
    """Three measures, two of which are affordable, and one of which is of no use alone."""
    a, b, c, d, e, f, g = draws.shuffled(_FIELDS)
    routes = {"line": [[a, b], [a, c, d]], "name": [[c, d, e]], "texts": [[f, g]]}
    losses = {
        "line": draws.pick([50, 60, 70]),
        "name": draws.pick([20, 25, 30]),
        "texts": draws.pick([10, 15]),
    }
    measures = {f"protect_{field}": field for field in sorted([b, c, f])}
    costs = {name: draws.pick([3, 4]) for name in measures}
    return {"routes": routes, "loss_usd": losses, "measures": measures, "cost": costs, "budget": 8}


def _affordable(data: Data) -> list[tuple[str, ...]]:
    names = list(data["measures"])
    chosen = (one for size in range(len(names) + 1) for one in itertools.combinations(names, size))
    return [one for one in chosen if sum(data["cost"][name] for name in one) <= data["budget"]]


def _best(data: Data) -> list[str]:
    """The affordable measures that leave the smallest loss."""
    return list(min(_affordable(data), key=lambda one: _left(data, [data["measures"][n] for n in one])))


def _by_rank(data: Data) -> list[str]:
    """The affordable measures with the largest sum of what each averts alone."""

    def alone(one: Iterable[str]) -> float:
        return sum(_left(data, ()) - _left(data, [data["measures"][name]]) for name in one)

    return list(max(_affordable(data), key=alone))


def _single(data: Data) -> list[str]:
    """The one measure that averts most alone."""
    return [min(data["measures"], key=lambda name: _left(data, [data["measures"][name]]))]


EXERCISES = (
    Exercise(
        name="4.1",
        expected="a number of successful attempts",
        kind="number",
        make=_two_locks,
        solve=lambda data: data["successes"] * (1 - data["first_stops"]) * (1 - data["second_stops"]),
        right="The second lock can only stop what the first let through.",
        hint="How many get past the first lock? Which share of those gets past the second?",
        ideas=(
            Idea(
                name="residual after two measures = sum of both",
                value=lambda data: data["successes"] * (1 - data["first_stops"] - data["second_stops"]),
                message="The two effects were added. What both locks would have stopped was stopped twice.",
            ),
            Idea(
                name="what was stopped twice",
                value=lambda data: data["successes"] * data["first_stops"] * data["second_stops"],
                message="These are the ones that BOTH locks would have stopped: the overlap, not the rest.",
            ),
            Idea(
                name="the better lock",
                value=lambda data: data["successes"] * (1 - max(data["first_stops"], data["second_stops"])),
                message="Only the better lock was used. The other still stops a share of what it lets "
                "through.",
            ),
        ),
    ),
    Exercise(
        name="4.2",
        expected="a number of successful attempts",
        kind="number",
        make=_opt_in,
        solve=lambda data: data["successes"] * data["uptake"] * data["effect"],
        right="A strong lock that few people take is a weak measure.",
        hint="For how many of the attempts is there a lock at all? Which share of those does it stop?",
        ideas=(
            Idea(
                name="everyone takes it",
                value=lambda data: data["successes"] * data["effect"],
                message="Everyone was taken to have the lock. Only the share that asked for it has it.",
            ),
            Idea(
                name="a lock stops everything",
                value=lambda data: data["successes"] * data["uptake"],
                message="The lock was taken to stop everything. It stops a share.",
            ),
            Idea(
                name="what is left",
                value=lambda data: data["successes"] * (1 - data["uptake"] * data["effect"]),
                message="These are the attempts that still succeed. Asked is how many are averted.",
            ),
        ),
    ),
    Exercise(
        name="4.3",
        expected="an amount of money in USD for one account",
        kind="number",
        make=_toy,
        solve=lambda data: _left(data, data["measures"].values()),
        right="The reset is worth nothing alone, because the other route stays open, and a whole attack once "
        "the SSN is not there. Benefits do not add; run the model with both.",
        hint="Strike PIN and SSN from the fields. Which attacks still have a complete route?",
        ideas=(
            Idea(
                name="residual after two measures = sum of both",
                value=_summed,
                message="What each measure averts alone was added. Together they close a route that each "
                "leaves open.",
            ),
            Idea(
                name="nothing averted",
                value=lambda data: _left(data, [K]),
                message="This is what the PIN reset leaves on its own. With the SSN gone as well, less is "
                "open.",
            ),
            Idea(
                name="two measures close all",
                value=lambda _: 0,
                message="One attack needs neither PIN nor SSN: look at its route again.",
            ),
        ),
    ),
    Exercise(
        name="4.4",
        expected="a number of accounts",
        kind="number",
        make=_race,
        solve=lambda data: _hit(data, data["later_on_day"]) - _hit(data, data["reset_on_day"]),
        right="Each day of waiting costs those who were still unharmed, so the first days cost most.",
        hint="How many are attacked by the later day, and how many by the earlier one?",
        ideas=(
            Idea(
                name="hazard times days",
                value=lambda data: (
                    data["accounts"] * data["hazard_per_day"] * (data["later_on_day"] - data["reset_on_day"])
                ),
                message="Hazard x days takes the same number on every day. One who was attacked already is "
                "not there to be attacked first again.",
            ),
            Idea(
                name="all up to the later day",
                value=lambda data: _hit(data, data["later_on_day"]),
                message="These are all who are attacked before the later reset. Some of them would have been "
                "attacked before the early one too.",
            ),
            Idea(
                name="the race starts again",
                value=lambda data: _hit(data, data["later_on_day"] - data["reset_on_day"]),
                message="This starts the race on the day of the early reset with everybody unharmed. By then "
                "some have been attacked.",
            ),
        ),
    ),
    Exercise(
        name="4.5",
        expected="an amount in million USD",
        kind="number",
        make=_price,
        solve=lambda data: fmean(data["averted_in_each_run"]) - data["cost"],
        right="The expected net benefit is the mean averted less the cost. A few large losses carry it, and "
        "the median does not see them.",
        hint="Take the mean of what is averted, and do not forget the bill.",
        ideas=(
            Idea(
                name="the median year",
                value=lambda data: median(data["averted_in_each_run"]) - data["cost"],
                message="The median was taken. It leaves out how large the large losses are, and an expected "
                "value needs them.",
            ),
            Idea(
                name="cost forgotten",
                value=lambda data: fmean(data["averted_in_each_run"]),
                message="This is what is averted on average. The measure has a price.",
            ),
            Idea(
                name="how often it pays",
                value=lambda data: fmean(x > data["cost"] for x in data["averted_in_each_run"]),
                message="This is the share of runs in which it pays. It says how often, and not how much.",
            ),
        ),
    ),
    Exercise(
        name="4.6",
        expected="a list of names of measures",
        kind="names",
        known=tuple(f"protect_{name}" for name in _FIELDS),
        make=_market,
        solve=_best,
        right="A measure that is worth nothing alone belongs to the best pair. Compare bundles, not "
        "measures.",
        hint="Go through the pairs: which loss is left with each?",
        ideas=(
            Idea(
                name="best by themselves",
                value=_by_rank,
                message="These two avert most one by one. Another pair leaves less, because its members "
                "close the two routes of one attack together.",
            ),
            Idea(
                name="one is enough",
                value=_single,
                message="This is the best single measure. There is money left for a second one.",
            ),
            Idea(
                name="no budget",
                value=lambda data: list(data["measures"]),
                message="All three cost more than the budget.",
            ),
        ),
    ),
)
"""Lesson 4."""
