"""Worlds with look-ups for the tests of agreement: the package's own objects, and the twin's entries.

Routes of one attack often share their numbers in the catalog, so that one can stand in for another. Worlds by
hand name every number apart; :func:`sharing` puts the numbers of some routes together.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence

import numpy as np

from breach_sim.inputs.attacks import Attack
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.lookups import Lookup, Lookups
from breach_sim.inputs.numbers.protections import Withheld
from breach_sim.inputs.scenario import Scenario
from support import worlds

Case = tuple[Scenario, AttackGraph, float]


def lookup(field: str, share: float, *given: str, directory: bool = False) -> Lookup:
    """Return a look-up with a fixed share; every argument of `given` is a set of fields."""
    return Lookup(
        field=field,
        share=worlds.fixed(f"elsewhere.{field}", share, "share"),
        given=tuple(tuple(fields.split()) for fields in given),
        directory=directory,
    )


def lookups(*entries: Lookup, easy: float = 0.0) -> Lookups:
    """Return look-ups of which those of one account go together to the degree `easy`."""
    return Lookups.of(entries, worlds.fixed("elsewhere.easy_to_find", easy, "share"))


def random_lookups(rng: np.random.Generator, pool: Sequence[str], most: int = 5) -> Lookups:
    """Return chained look-ups of some fields of a pool: random sets, directories, shares, kappa."""
    entries = []
    for field in rng.permutation(pool)[: int(rng.integers(2, most + 1))].tolist():
        others = [name for name in pool if name != field]
        given = [
            " ".join(rng.choice(others, int(rng.choice([1, 1, 2])), replace=False))
            for _ in range(int(rng.integers(1, 4)))
        ]
        share = float(rng.choice([0.0, 1.0, *rng.uniform(0.1, 0.9, 6)]))
        entries.append(lookup(field, share, *given, directory=bool(rng.random() < 0.5)))
    return lookups(*entries, easy=float(rng.choice([0.0, 1.0, rng.uniform()])))


def sharing(attack: Attack, rng: np.random.Generator) -> Attack:
    """Return an attack of which some routes have the numbers of another one."""
    routes = list(attack.routes)
    for i in range(1, len(routes)):
        if rng.random() < 0.6:
            first = routes[int(rng.integers(i))]
            routes[i] = dataclasses.replace(
                routes[i], attempts=first.attempts, success=first.success, multiplier=first.multiplier
            )
    return dataclasses.replace(attack, routes=tuple(routes))


def random_world(rng: np.random.Generator, *, withheld: bool = True) -> Case:
    """Return a random sale with look-ups, shared numbers and, if wanted, withheld fields."""
    what, attacks, years = worlds.random_sale(rng) if rng.random() < 0.6 else worlds.random_case(rng)
    more = dataclasses.replace(
        attacks,
        attacks=tuple(sharing(a, rng) for a in attacks.attacks),
        lookups=random_lookups(rng, worlds.POOL),
    )
    segments = tuple(
        dataclasses.replace(s, withheld=(_withheld(s.name, s.fields, rng),))
        if withheld and rng.random() < 0.4
        else s
        for s in what.segments
    )
    return dataclasses.replace(what, segments=segments), more, years


def _withheld(name: str, fields: Collection[str], rng: np.random.Generator) -> Withheld:
    names = rng.permutation(sorted(fields))[: int(rng.integers(1, 3))].tolist()
    share = worlds.fixed(f"{name}.held.share", float(rng.uniform(0.1, 0.9)), "share")
    return Withheld(share=share, fields=tuple(names))


def full_world(size: float = 1) -> Case:
    """Return the sold world with protections, and look-ups of four fields, two of them in directories."""
    what, attacks, years = worlds.protected_world(size)
    return what, dataclasses.replace(attacks, lookups=every_lookup()), years


def every_lookup() -> Lookups:
    """Return chained look-ups of four fields of the worlds' pool."""
    return lookups(
        lookup("full_name", 0.8, "phone_number", "email_address", directory=True),
        lookup("date_of_birth", 0.6, "full_name phone_number", "ssn"),
        lookup("ssn", 0.2, "full_name date_of_birth"),
        lookup("phone_number", 0.5, "full_name date_of_birth", "email_address", directory=True),
        easy=0.6,
    )
