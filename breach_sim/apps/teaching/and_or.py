"""Exercises of lesson 2, AND and OR: shares of combinations, smallest sets, and what can be looked up."""

from __future__ import annotations

import itertools
from typing import Any

from breach_sim.apps.teaching.exercise import Data, Draws, Exercise, Idea
from breach_sim.apps.teaching.toy import CROWD, D, K, N, P, S, crowd, toy_graph
from breach_sim.inputs.fields import mask
from breach_sim.inputs.requirements import Chances, enabling_sets, protection_sets

_SHARES = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
_FIELDS = (N, P, K, S, D)
_FOUND = f"{D} can be looked up"
"""Key of the share of people whose birth date can be found."""


def _shares(*fields: str) -> Any:
    """A maker of independent shares for some fields."""

    def make(draws: Draws) -> dict[str, Any]:
        return {name: draws.pick(_SHARES) for name in fields}

    return make


def _open(data: Data, *routes: tuple[str, ...]) -> float:
    """Share of a crowd with a complete route, by counting its cells."""
    cells = crowd([((name,), data[name]) for name in data])
    return cells.holding_any([mask(way) for way in routes]) / CROWD


def _leaked_together(draws: Draws) -> dict[str, Any]:
    return {N: draws.pick(_SHARES), f"{S} and {D} together": draws.pick(_SHARES)}


def _together(data: Data) -> float:
    blocks = [((N,), data[N]), ((S, D), data[f"{S} and {D} together"])]
    return crowd(blocks).holding(mask([N, S, D])) / CROWD


def _looked_up(data: Data) -> float:
    """Share of a crowd whose route of three fields can be completed, the birth date leaked or looked up."""
    graph = toy_graph({"new_account": [[N, S, D]]}, look_ups={D: (data[_FOUND], [[N, S]])})
    chance = Chances(graph, "new_account")
    cells = crowd([((name,), data[name]) for name in (N, S, D)])
    counted = zip(cells.masks.tolist(), cells.accounts.tolist(), strict=True)
    return float(sum(accounts * chance(bits) for bits, accounts in counted)) / CROWD


def _routes(draws: Draws) -> dict[str, Any]:
    """Routes to the line and to the name over five shuffled fields, one of them wider than another."""
    a, b, c, d, e = draws.shuffled(_FIELDS)
    wide = [c, d, e, draws.pick([a, b])]
    routes = {"line": draws.shuffled([[a, b], [a, c, d]]), "name": draws.shuffled([[c, d, e], wide])}
    return {"routes": {name: [sorted(way) for way in ways] for name, ways in routes.items()}}


def _ways(data: Data) -> list[list[str]]:
    return [way for ways in data["routes"].values() for way in ways]


def _sets(found: Any) -> list[list[str]]:
    return [list(one) for one in found]


EXERCISES = (
    Exercise(
        name="2.1",
        expected="a share, a number from 0 to 1",
        kind="share",
        make=_shares(P, K),
        solve=lambda data: _open(data, (P, K)),
        right="AND of two independent fields is the product: smaller than either share.",
        hint="Of those who lost a phone number, which share lost the PIN too?",
        ideas=(
            Idea(
                name="adding",
                value=lambda data: data[P] + data[K],
                message="The shares were added. Adding is for OR, and only where nobody can have both; here "
                "both are needed.",
            ),
            Idea(
                name="the rarer field",
                value=lambda data: min(data[P], data[K]),
                message="This is the rarer of the two fields. It would be right if everyone who lost the "
                "rarer one had lost the other as well.",
            ),
            Idea(
                name="either",
                value=lambda data: data[P] + data[K] - data[P] * data[K],
                message="This is the share that lost at least one of the two: OR in place of AND.",
            ),
        ),
    ),
    Exercise(
        name="2.2",
        expected="a share, a number from 0 to 1",
        kind="share",
        make=_leaked_together,
        solve=_together,
        right="Fields that leak together count once: given one of them, the other is certain.",
        hint="Of those who lost the SSN, which share lost the birth date?",
        ideas=(
            Idea(
                name="multiplying dependent probabilities",
                value=lambda data: data[N] * data[f"{S} and {D} together"] ** 2,
                message="The share of the block was multiplied in twice, as if SSN and birth date leaked "
                "independently. They leak together: multiplying dependent probabilities makes the "
                "combination look rarer than it is.",
            ),
            Idea(
                name="the rarer one",
                value=lambda data: min(data[N], data[f"{S} and {D} together"]),
                message="This is the rarer of name and block. They are independent of each other, so not "
                "everyone who has the one has the other.",
            ),
            Idea(
                name="the name forgotten",
                value=lambda data: data[f"{S} and {D} together"],
                message="This is the share that lost the block. The route needs the name as well.",
            ),
        ),
    ),
    Exercise(
        name="2.3",
        expected="a share, a number from 0 to 1",
        kind="share",
        make=_shares(P, K, N, S),
        solve=lambda data: _open(data, (P, K), (P, N, S)),
        right="Those for whom both routes are open are counted once, and their number is that of all four "
        "fields together, not the product of the two routes.",
        hint="Route one, plus route two, less those who have both; and who has both has all four fields.",
        ideas=(
            Idea(
                name="adding routes",
                value=lambda data: data[P] * (data[K] + data[N] * data[S]),
                message="The two routes were added: accounts with both routes open were counted twice.",
            ),
            Idea(
                name="multiplying dependent probabilities",
                value=lambda data: 1 - (1 - data[P] * data[K]) * (1 - data[P] * data[N] * data[S]),
                message="The routes were taken to be independent. Both need the phone number, so one who "
                "has one open is likelier to have the other: multiplying dependent probabilities gives a "
                "wrong overlap.",
            ),
            Idea(
                name="the better route",
                value=lambda data: data[P] * max(data[K], data[N] * data[S]),
                message="This is the better route alone. Some accounts have only the other one open.",
            ),
            Idea(
                name="both routes",
                value=lambda data: data[P] * data[K] * data[N] * data[S],
                message="This is the share with both routes open: AND in place of OR.",
            ),
        ),
    ),
    Exercise(
        name="2.4",
        expected="a list of sets of field names, such as [['ssn', 'full_name'], ['phone_number']]",
        kind="sets",
        known=_FIELDS,
        make=_routes,
        solve=lambda data: _sets(enabling_sets(toy_graph(data["routes"]))),
        right="A route that holds a smaller one inside opens nothing new; the others are the smallest sets.",
        hint="Each route enables harm. Is there one that holds another route whole?",
        ideas=(
            Idea(
                name="routes are smallest sets",
                value=_ways,
                message="These are all the routes. One of them holds another whole, so it is no smallest "
                "set.",
            ),
            Idea(
                name="one route an attack",
                value=lambda data: [min(ways, key=len) for ways in data["routes"].values()],
                message="Only the shortest route of each attack was taken. Another route may open the attack "
                "for somebody who did not lose the fields of the shortest.",
            ),
            Idea(
                name="everything is needed",
                value=lambda _: [list(_FIELDS)],
                message="All five fields do enable harm, and so do fewer. A smallest set is one from which "
                "no field can be taken away.",
            ),
        ),
    ),
    Exercise(
        name="2.5",
        expected="a list of sets of field names, such as [['ssn', 'full_name'], ['phone_number']]",
        kind="sets",
        known=_FIELDS,
        make=_routes,
        solve=lambda data: _sets(protection_sets(toy_graph(data["routes"]))),
        right="A protection set takes at least one field out of every route. It is AND and OR exchanged.",
        hint="Take a set away in thought: does every route now lack a field? And is each field of it needed?",
        ideas=(
            Idea(
                name="enabling sets again",
                value=lambda data: _sets(enabling_sets(toy_graph(data["routes"]))),
                message="These sets OPEN the harm. Asked are the sets that, kept safe, close every route.",
            ),
            Idea(
                name="one field each",
                value=lambda _: [[name] for name in _FIELDS],
                message="One field closes its own routes only. With a single field kept safe another route "
                "stays open.",
            ),
            Idea(
                name="sets that are too large",
                value=lambda data: [sorted(set(one)) for one in itertools.product(*_ways(data))],
                message="Every set does take a field out of every route, but some can do without one of "
                "their fields: they are no smallest sets.",
            ),
        ),
    ),
    Exercise(
        name="2.6",
        expected="a share, a number from 0 to 1",
        kind="share",
        make=_shares(N, S, D, _FOUND),
        solve=_looked_up,
        right="A birth date is known if it leaked OR can be looked up. The look-up starts from name AND SSN, "
        "which the route needs anyway, so this share multiplies theirs.",
        hint="Of those who lost name and SSN, for whom is the birth date known, by the leak or by a look-up?",
        ideas=(
            Idea(
                name="the look-up forgotten",
                value=lambda data: data[N] * data[S] * data[D],
                message="This is the share that lost all three. A birth date that did not leak can be "
                "looked up for a part of the others.",
            ),
            Idea(
                name="a look-up is certain",
                value=lambda data: data[N] * data[S],
                message="This is the share that lost name and SSN, as if the birth date could be looked up "
                "for everybody.",
            ),
            Idea(
                name="adding leak and look-up",
                value=lambda data: data[N] * data[S] * (data[D] + data[_FOUND]),
                message="The shares of leak and look-up were added: people whose birth date leaked and can "
                "be looked up as well were counted twice.",
            ),
            Idea(
                name="the leak forgotten",
                value=lambda data: data[N] * data[S] * data[_FOUND],
                message="This takes every birth date from a look-up. Those that leaked need none.",
            ),
            Idea(
                name="everything is found",
                value=lambda data: data[_FOUND] + (1 - data[_FOUND]) * data[N] * data[S] * data[D],
                message="The look-up was taken to complete the route by itself. It needs name and SSN of the "
                "person to start from, and finds the birth date only.",
            ),
        ),
    ),
)
"""Lesson 2."""
