"""Exercises of lesson 1, one record, one person: what leaked, what it opens, and what a letter means."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from breach_sim import api
from breach_sim.apps.teaching.exercise import Data, Draws, Exercise, Idea
from breach_sim.apps.teaching.toy import ROUTES, D, K, N, P, S, toy_graph
from breach_sim.inputs.fields import mask, names
from breach_sim.inputs.graph import closure

BREACH = "tmobile-2021-stated"
HEADLINE = (N, D, S, "drivers_license_number", P, "imsi", "imei", K, "postal_address")
"""Fields that the headlines of this breach named."""
_SERIOUS = {S, "drivers_license_number", K}


@functools.cache
def _population() -> Any:
    return api.subscribers(BREACH, seed=1)


def _record(draws: Draws) -> dict[str, Any]:
    """A synthetic record of a random cohort, by the fields of the headline; None where nothing leaked."""
    population = _population()
    wanted = draws.pick(["postpaid_ssn", "postpaid", "applicants", "former", "prepaid"])
    row = draws.pick(range(len(population) - 100_000))
    while (found := population[row])["segment"] != wanted:
        row += 1
    shown = {name: found.get(name) for name in HEADLINE}
    shown[N] = f"{found['first_name']} {found['last_name']}" if found["last_name"] else None
    shown[D] = str(found[D]) if found[D] else None
    shown["postal_address"] = found["street_address"]
    return {"row": row, "record": shown}


def _leaked(data: Data) -> list[str]:
    """Fields that leaked, by the mask of the row."""
    bits = int(_population()[data["row"]]["leaked_fields"])
    return [name for name in names(bits) if name in HEADLINE]


def _lost(draws: Draws) -> dict[str, Any]:
    order = draws.shuffled([N, P, K, S, D])
    return {"lost": sorted(order[: draws.pick([2, 3, 4])]), "routes": ROUTES}


def _open(data: Data) -> list[str]:
    graph = toy_graph(data["routes"])
    happens = closure(graph, np.array([mask(data["lost"])], dtype=np.uint64))[0]
    return [name for name, true in zip(graph.names, happens.tolist(), strict=True) if true]


def _touched(data: Data) -> list[str]:
    """Attacks some route of which needs some lost field."""
    lost = set(data["lost"])
    return [name for name, ways in data["routes"].items() if any(lost & set(way) for way in ways)]


def _every_route(data: Data) -> list[str]:
    """Attacks all routes of which are complete."""
    lost = set(data["lost"])
    return [name for name, ways in data["routes"].items() if all(lost >= set(way) for way in ways)]


def _survey(draws: Draws) -> dict[str, Any]:
    return {
        "notified": draws.pick(range(20_000, 100_000, 5_000)),
        "hit_of_notified": draws.pick([0.16, 0.18, 0.20, 0.22, 0.25]),
        "hit_of_others": draws.pick([0.03, 0.04, 0.05, 0.06]),
    }


def _town(draws: Draws) -> dict[str, Any]:
    return {
        "people": draws.pick([500_000, 1_000_000, 2_000_000]),
        "notified": draws.pick([100_000, 120_000, 150_000, 200_000]),
        "victims": draws.pick([8_000, 10_000, 12_000, 16_000]),
        "notified_of_victims": draws.pick([0.22, 0.25, 0.28]),
    }


def _tries(draws: Draws) -> dict[str, Any]:
    return {
        "attempts": draws.pick([0.6, 0.8, 1.2, 1.5, 2.0, 2.5]),
        "success": draws.pick([0.2, 0.25, 0.3, 0.4]),
    }


EXERCISES = (
    Exercise(
        name="1.1",
        expected="a list of names out of the record, such as ['ssn', 'imei']",
        kind="names",
        known=HEADLINE,
        make=_record,
        solve=_leaked,
        right="A value stands where, and only where, the field leaked. The headline is not the record.",
        hint="A field leaked if the record holds a value for it; None says that it did not.",
        ideas=(
            Idea(
                name="everyone lost everything",
                value=lambda _: HEADLINE,
                message="These are all fields of the headline. No cohort of this breach lost all of them: "
                "look for None in the record.",
            ),
            Idea(
                name="only the serious ones",
                value=lambda data: [name for name in _leaked(data) if name in _SERIOUS],
                message="Only what looks dangerous was kept. Name, birth date and phone number leaked as "
                "well, and they complete routes that a number alone does not open.",
            ),
            Idea(
                name="what did not leak",
                value=lambda data: [name for name in HEADLINE if name not in _leaked(data)],
                message="The other way round: None stands where a field did not leak.",
            ),
        ),
    ),
    Exercise(
        name="1.2",
        expected="a list of attacks out of 'sim_swap', 'new_account', 'fraud_text'",
        kind="names",
        known=tuple(ROUTES),
        make=_lost,
        solve=_open,
        right="All fields of a route are needed (AND), and one complete route is enough (OR).",
        hint="Take one route after the other: are all of its fields among those that were lost?",
        ideas=(
            Idea(
                name="any field will do",
                value=_touched,
                message="One lost field of a route was taken to be enough. A route needs all of its fields: "
                "within a route it is AND.",
            ),
            Idea(
                name="every route must be complete",
                value=_every_route,
                message="An attack with two routes was taken to need both. One complete route is enough: "
                "between routes it is OR.",
            ),
        ),
    ),
    Exercise(
        name="1.3",
        expected="a number of people",
        kind="number",
        make=_survey,
        solve=lambda data: data["notified"] * (data["hit_of_notified"] - data["hit_of_others"]),
        right="Only what lies above those who got no letter can be laid at the breach's door, and even that "
        "only if the two groups are otherwise alike.",
        hint="How many of the notified would have been hit anyway, at the share of the others?",
        ideas=(
            Idea(
                name="1 in 4 notified people became victims",
                value=lambda data: data["notified"] * data["hit_of_notified"],
                message="This is the headline '1 in 4 notified people became victims': it counts every fraud "
                "of the year, also the one that would have happened without the breach.",
            ),
            Idea(
                name="everyone with a letter is a victim",
                value=lambda data: data["notified"],
                message="This counts letters. A letter says that a record was exposed; a victim is somebody "
                "who was hit.",
            ),
            Idea(
                name="the background",
                value=lambda data: data["notified"] * data["hit_of_others"],
                message="These are the ones who would have been hit anyway. The breach is behind the rest.",
            ),
        ),
    ),
    Exercise(
        name="1.4",
        expected="a share, a number from 0 to 1",
        kind="share",
        make=_town,
        solve=lambda data: data["victims"] * data["notified_of_victims"] / data["notified"],
        right="'1 in 4 victims had been notified' and '1 in 4 notified people became victims' differ by a "
        "factor, and the factor is the number of victims over the number of letters.",
        hint="Count first: how many people are both notified and victims? Then divide by the notified.",
        ideas=(
            Idea(
                name="1 in 4 notified people became victims",
                value=lambda data: data["notified_of_victims"],
                message="This is the share of the VICTIMS who had been notified, turned round to "
                "'1 in 4 notified people became victims'. Asked is the share of the NOTIFIED who were hit.",
            ),
            Idea(
                name="all victims were notified",
                value=lambda data: data["victims"] / data["notified"],
                message="All victims were taken to be notified. Most of them never got a letter.",
            ),
            Idea(
                name="of all people",
                value=lambda data: data["victims"] * data["notified_of_victims"] / data["people"],
                message="The right people were counted, and divided by everyone in town in place of the "
                "notified.",
            ),
        ),
    ),
    Exercise(
        name="1.5",
        expected="a share, a number from 0 to 1",
        kind="share",
        make=_tries,
        solve=lambda data: 1 - math.exp(-data["attempts"] * data["success"]),
        right="1 - exp(-attempts x success): of many attempts the first success makes the victim, the later "
        "ones make no second victim of the same person.",
        hint="The probability of no success in a year is exp(-attempts x success).",
        ideas=(
            Idea(
                name="a rate is a probability",
                value=lambda data: data["attempts"] * data["success"],
                message="Attempts x success is how many successes to expect, which may exceed 1. The "
                "probability of at least one is smaller.",
            ),
            Idea(
                name="an attempt makes a victim",
                value=lambda data: 1 - math.exp(-data["attempts"]),
                message="This is the probability of being attempted. Not every attempt succeeds.",
            ),
            Idea(
                name="one attempt a year",
                value=lambda data: data["success"],
                message="This is the success of one attempt. How many there are in a year matters too.",
            ),
            Idea(
                name="never a victim",
                value=lambda data: math.exp(-data["attempts"] * data["success"]),
                message="This is the probability of getting through the year unharmed.",
            ),
        ),
    ),
)
"""Lesson 1."""
