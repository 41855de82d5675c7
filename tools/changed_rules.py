"""Every rule of the attacks, changed by one literal, and where an answer of the package changes by it.

Used by ``prove.py``. A literal is left out, another takes its place, or one more is asked for: fields and
capabilities of routes, grants, fields that a look-up needs, and whether directories list a field. The
critical points of a certificate decide the function of each harm: a rule that gives the same answers at all
of them has the same meaning.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.attacks import Attack, Route
from breach_sim.inputs.graph import AttackGraph, closure_of_routes, known_routes
from breach_sim.inputs.lookups import Lookup

Answers = Callable[[NDArray[np.uint64], NDArray[np.uint64]], NDArray[np.bool_]]
"""What is open, for leaked fields and look-ups that work. Shapes (points,) to (points, names)."""
FEW = 48
"""Points that are tried first; most changes show there."""


@dataclass(frozen=True, slots=True)
class Caught:
    """A changed rule, and what became of it.

    ``of`` is the rule and ``change`` what was changed. ``how`` is "counterexample", "refused" (the package
    does not accept the rule) or "same".
    """

    of: str
    change: str
    how: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.of}, {self.change}: {self.where}"


class Points:
    """Critical points of a certificate, and what is open at each.

    Parameters
    ----------
    certificate
        As ``prove.certified`` makes it.
    """

    def __init__(self, certificate: Mapping[str, Any]) -> None:
        own = certificate["points"]
        self.leaked = np.array([vocabulary.mask(one["leaked"]) for one in own], dtype=np.uint64)
        self.found = np.array([vocabulary.mask(one["found"]) for one in own], dtype=np.uint64)
        self.harms = certificate["harms"]
        self.open = np.zeros((len(own), len(self.harms)), dtype=bool)
        for row, one in enumerate(own):
            self.open[row, one["open"]] = True
        self.of_harm: dict[str, list[int]] = {name: [] for name in self.harms}
        for claim in certificate["claims"]:
            self.of_harm[claim["harm"]] += claim["enabling"] + claim["protecting"]

    def difference(self, rows: NDArray[np.int64], names: Sequence[str], answers: Answers) -> str:
        """Return the first of some points at which an answer is not as before, in words; "" if none."""
        columns = [self.harms.index(name) for name in names]
        for part in (rows[:FEW], rows[FEW:]):
            if not len(part):
                continue
            now = answers(self.leaked[part], self.found[part])
            differs = now != self.open[np.ix_(part, columns)]
            if differs.any():
                row, column = (int(own[0]) for own in np.nonzero(differs))
                said = "open" if now[row, column] else "closed"
                return f"{names[column]} is {said} with {self.place(int(part[row]))}"
        return ""

    def place(self, row: int) -> str:
        """A point in words."""
        leaked, found = (vocabulary.names(int(own[row])) for own in (self.leaked, self.found))
        few = leaked if len(leaked) < len(vocabulary.FIELD_NAMES) / 2 else ()
        left = [name for name in vocabulary.FIELD_NAMES if name not in leaked]
        shown = ", ".join(few) if few or not leaked else f"all but {', '.join(left)}"
        return f"leaked {shown or 'nothing'}; found {', '.join(found) or 'nothing'}"


def opened(graph: AttackGraph, leaked: NDArray[np.uint64], found: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return the attacks that are open at some points, as the package's closure gives them.

    Parameters
    ----------
    graph
        The attacks, with look-ups.
    leaked, found
        Leaked fields, and fields whose look-ups work. Shape (points,). [bit sets]

    Returns
    -------
    Shape (points, attacks).
    """
    known, had = followed(graph, leaked, found)
    return closure_of_routes(graph, [known_routes(attack, leaked, known, had) for attack in graph.attacks])


def followed(
    graph: AttackGraph, leaked: NDArray[np.uint64], found: NDArray[np.uint64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the fields that are known, and those that could have been had anyway: equations (23) and (24).

    Parameters
    ----------
    graph, leaked, found
        As for :func:`opened`.

    Returns
    -------
    Shape (points,) each. [bit sets]
    """
    if graph.lookups is None:
        raise ValueError("the graph has no look-ups; take that of the catalog")
    return graph.lookups.known_fields(leaked, found), graph.lookups.had_anyway(found)


def alone(attack: Attack, route: Route) -> Attack:
    """Return one route as an attack of its own, so that it can be asked about."""
    name = f"{attack.name}/{route.name}"
    return dataclasses.replace(attack, name=name, routes=(route,), grants=(), anchor=None)


def every_change(
    graph: AttackGraph, certificate: Mapping[str, Any], pool: Sequence[str] = vocabulary.FIELD_NAMES
) -> Iterator[Caught]:
    """Yield what becomes of each change of one literal.

    Parameters
    ----------
    graph
        The attacks, as the package has read them.
    certificate
        What was proved of them.
    pool
        Fields that are put in another's place, or asked for too.

    Yields
    ------
    One record for each changed rule.
    """
    points = Points(certificate)
    yield from _of_routes(graph, points, pool)
    yield from _of_grants(graph, points)
    yield from _of_look_ups(graph, points, pool)


def _tried(
    of: str,
    change: str,
    points: Points,
    rows: NDArray[np.int64],
    names: Sequence[str],
    make: Callable[[], Answers],
) -> Caught:
    """Change a rule, and look for a point at which an answer differs."""
    try:
        answers = make()
    except ValueError as error:
        return Caught(of, change, "refused", str(error))
    where = points.difference(rows, names, answers)
    return Caught(of, change, "counterexample" if where else "same", where)


def _other_sets(own: tuple[str, ...], pool: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """One literal left out, replaced or added; each with a word for it."""
    free = [name for name in pool if name not in own]
    for place, name in enumerate(own):
        rest = own[:place] + own[place + 1 :]
        yield f"without {name}", rest
        yield from ((f"{other} for {name}", (*own[:place], other, *own[place + 1 :])) for other in free)
    yield from ((f"{other} too", (*own, other)) for other in free)


def _of_routes(graph: AttackGraph, points: Points, pool: Sequence[str]) -> Iterator[Caught]:
    granting = tuple(dataclasses.replace(attack, anchor=None) for attack in graph.granting)
    capabilities = tuple(dict.fromkeys(name for attack in granting for name in attack.grants))
    for attack in graph.attacks:
        for route in attack.routes:
            rows = np.array(
                list(dict.fromkeys(points.of_harm[f"{attack.name}/{route.name}"])), dtype=np.int64
            )
            changes = [({"fields": new}, word) for word, new in _other_sets(route.fields, pool)]
            changes += [
                ({"capabilities": new}, word) for word, new in _other_sets(route.capabilities, capabilities)
            ]
            name = f"{attack.name}/{route.name}"
            for changed, word in changes:

                def make(own: Attack = attack, way: Route = route, new: Any = changed) -> Answers:
                    single = alone(own, dataclasses.replace(way, **new))
                    changed = dataclasses.replace(graph, attacks=(*granting, single))
                    return lambda leaked, found: opened(changed, leaked, found)[:, -1:]

                yield _tried(name, word, points, rows, [name], make)


def _of_grants(graph: AttackGraph, points: Points) -> Iterator[Caught]:
    capabilities = tuple(dict.fromkeys(name for attack in graph.granting for name in attack.grants))
    rows = np.arange(len(points.leaked))
    for attack in graph.attacks:
        if not attack.routes:
            continue
        for word, grants in _other_sets(attack.grants, capabilities):

            def make(own: Attack = attack, new: tuple[str, ...] = grants) -> Answers:
                other = dataclasses.replace(own, grants=new, anchor=own.anchor if new else None)
                attacks = tuple(other if one is own else one for one in graph.attacks)
                changed = dataclasses.replace(graph, attacks=attacks)
                return lambda leaked, found: opened(changed, leaked, found)

            yield _tried(f"{attack.name} grants", word, points, rows, graph.names, make)


def _of_look_ups(graph: AttackGraph, points: Points, pool: Sequence[str]) -> Iterator[Caught]:
    """Changed look-ups: what is known and what could be had decides everything else."""
    lookups = graph.lookups
    if lookups is None:
        return
    bits = np.array([own.bit for own in lookups.by_field.values()], dtype=np.uint64)
    names = [f"{word} {name}" for word in ("known", "had") for name in lookups.by_field]
    for own in lookups.by_field.values():
        # A search whose coin does not show "found" leads to nothing, before and after.
        rows = np.flatnonzero(points.found & np.uint64(own.bit))
        word = f"{'not ' if own.directory else ''}in directories"
        changes: list[tuple[str, str, dict[str, Any]]] = [("", word, {"directory": not own.directory})]
        for place, given in enumerate(own.given):
            others = [name for name in pool if name != own.field]
            for word, new in _other_sets(given, others):
                sets = (*own.given[:place], new, *own.given[place + 1 :])
                changes.append((f" by {' and '.join(given)}", word, {"given": sets}))
        for by, word, changed in changes:

            def make(look: Lookup = own, new: Any = changed) -> Answers:
                by_field = dict(lookups.by_field) | {look.field: dataclasses.replace(look, **new)}
                other = dataclasses.replace(graph, lookups=dataclasses.replace(lookups, by_field=by_field))
                return lambda leaked, found: np.concatenate(
                    [sets[:, None] & bits != 0 for sets in followed(other, leaked, found)], axis=1
                )

            yield _tried(f"look-up of {own.field}{by}", word, points, rows, names, make)
