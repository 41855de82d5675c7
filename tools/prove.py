"""Proof of the logic of attacks, for all sets of leaked fields: ``python tools/prove.py``.

The package says which sets of leaked fields enable an attack, which prevent it, and which attacks a leak
opens. Here each answer becomes a certificate (``proofs/README.md``): least fixpoints at the critical
points, and proofs of duality by a SAT solver (python-sat). ``proofs/check.js``, a program in another
language, checks it. The rules of the certificate are read from the catalog's files, not through the package.

Then every rule is changed by one literal, and the package's closure under the changed rule is compared at the
critical points. They decide the whole function, so that a change that no point shows changes nothing.

It stands for the United States and for each country with numbers of its own, without and with look-ups.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent))
from changed_rules import Caught, alone, every_change, followed, opened

from breach_sim.catalog.overrides.countries import attacks_in
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.requirements import completed_sets, enabling_sets, protection_sets

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "breach_sim" / "catalog" / "data"
CHECKER = Path(__file__).with_name("proofs") / "check.js"
FORMAT = "breach-sim certificate 1"
HOME = "US"
COUNTRIES = (HOME, "GB", "DE", "AU")
FIELD_HARMS = {"known": "K", "had": "E"}
"""What is asked of each field with a look-up, as if it were a harm: is it in K, or in E, of section 6?"""
Set = frozenset[str]
"""Atoms of a point: ``L:field`` leaked, ``F:field`` found by a look-up that works."""


class RefutedError(Exception):
    """A claim of the package that does not hold, with the leak that shows it."""


def main(words: Sequence[str] | None = None) -> int:
    """Prove, check and mutate for every country; return the exit status."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    options.add_argument(
        "--out", type=Path, default=ROOT / "out" / "proofs", help="folder of the certificates"
    )
    options.add_argument("--country", choices=COUNTRIES, action="append", help="only this country (all)")
    options.add_argument("--no-mutants", action="store_true", help="change no rule")
    given = options.parse_args(words)
    given.out.mkdir(parents=True, exist_ok=True)
    bad = 0
    for code in given.country or COUNTRIES:
        begin = time.process_time()
        path = given.out / f"{code}.json"
        graph = graph_of(code)
        try:
            certificate = certified(graph, rules_of(code))
        except RefutedError as error:
            print(f"{code}: REFUTED: {error}")
            bad += 1
            continue
        path.write_text(json.dumps(certificate, separators=(",", ":")), encoding="utf-8")
        status, text = checked(path)
        bad += status != 0
        size, seconds = path.stat().st_size, time.process_time() - begin
        print(f"{code}: {text}; {size / 1e6:.1f} MB, {seconds:.1f} s for the certificate", flush=True)
        if not given.no_mutants:
            bad += _changed(code, graph, certificate)
    return int(bad > 0)


def _changed(code: str, graph: AttackGraph, certificate: Mapping[str, Any]) -> int:
    """Change each rule and print what came of it; 1 if nothing was found to change."""
    begin = time.process_time()
    # Most rules of a country are those of the United States: there literals are only left out.
    pool = vocabulary.FIELD_NAMES if code == HOME else ()
    tried = list(every_change(graph, certificate, pool))
    by_end = {end: [one for one in tried if one.how == end] for end in ("counterexample", "refused", "same")}
    seconds = time.process_time() - begin
    print(
        f"{code}: {len(tried)} rules with one literal changed: {len(by_end['counterexample'])} have a "
        f"counterexample, {len(by_end['refused'])} are refused by the package, {len(by_end['same'])} "
        f"are proved to mean the same; {seconds:.1f} s"
    )
    for one in by_end["counterexample"][:: len(tried) // 4 or 1]:
        print(f"    {one}")
    print(
        "    proved to mean the same: " + "; ".join(f"{name} ({n})" for name, n in _counted(by_end["same"]))
    )
    return int(not by_end["counterexample"])


def _counted(same: Sequence[Caught]) -> list[tuple[str, int]]:
    """How many changes of each rule mean the same; the rule is what stands before the change."""
    return list(Counter(one.of for one in same).items())


def checked(path: Path) -> tuple[int, str]:
    """Let the independent checker read a certificate: its exit status and its line."""
    node = shutil.which("node")
    if node is None:
        return 1, "NOT CHECKED: Node.js is not on this machine; install it, then start this again"
    done = subprocess.run([node, str(CHECKER), str(path)], capture_output=True, text=True, check=False)  # noqa: S603
    return done.returncode, (done.stdout or done.stderr).strip()


# The rules, from the files ---------------------------------------------------------------------------------


def rules_of(code: str) -> dict[str, Any]:
    """Return attacks and look-ups as the catalog's files state them, a country's tables in their place."""
    pack = {} if code == HOME else _toml(f"evidence/countries/{code}.toml")
    traits = set(_toml("traits.toml"))
    attacks = []
    for path in sorted((DATA / "attacks").glob("*.toml")):
        table = _toml(f"attacks/{path.name}")
        own = table | pack.get("attacks", {}).get(path.stem, {})
        closed = path.stem in pack.get("absent", {}) or code not in own.get("countries", [code])
        routes = {} if closed else own.get("routes", {})
        attacks.append((table["place"], path.stem, routes, own.get("grants", [])))
    stated = _toml("elsewhere.toml") | pack.get("elsewhere", {})
    look_ups = [
        {"field": name, "given": own.get("given", []), "directory": own.get("directory", False)}
        for name, own in stated.items()
        if isinstance(own, dict) and "share" in own and code in own.get("countries", [code])
    ]
    fields = set(vocabulary.FIELD_NAMES)
    return {
        "attacks": [
            {
                "name": name,
                "routes": [
                    {
                        "name": way,
                        "fields": [one for one in own["needs"] if one in fields],
                        "capabilities": [one for one in own["needs"] if one not in fields | traits],
                    }
                    for way, own in routes.items()
                ],
                "grants": grants,
            }
            for _, name, routes, grants in sorted(attacks, key=lambda one: one[0])
        ],
        "look_ups": look_ups,
    }


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


def graph_of(code: str) -> AttackGraph:
    """Return the package's graph for the people of a country."""
    return attacks_in([code])


def with_routes(graph: AttackGraph) -> AttackGraph:
    """Return a graph in which each route is an attack of its own too, so that each can be asked about."""
    singles = (alone(attack, route) for attack in graph.attacks for route in attack.routes)
    return dataclasses.replace(graph, attacks=(*graph.attacks, *singles))


# The certificate -------------------------------------------------------------------------------------------


def certified(graph: AttackGraph, rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return the certificate of all claims of the package on a graph.

    Parameters
    ----------
    graph
        The attacks, and what can be looked up, as the package has read them.
    rules
        The same as the files state it; see :func:`rules_of`.

    Returns
    -------
    A document of the format in ``proofs/README.md``.

    Raises
    ------
    RefutedError
        If a claim does not hold; the message names a leak that shows it.
    """
    model = Model(rules)
    asked = with_routes(graph)
    variables = model.variables
    points: dict[Set, int] = {}
    claims = []
    for harm in model.harms:
        for looked in (False, True):
            own = variables if looked else variables[: len(vocabulary.FIELD_NAMES)]
            said = None if " " in harm else _primes(asked, harm, looked=looked)
            enabling, protecting, proof = dual(said, own, harm, model)
            if not looked and said is not None:
                sets = {frozenset(f"L:{f}" for f in names) for names in protection_sets(asked, harm)}
                _same(sets, protecting, f"protection sets of {harm}")
            rest = [frozenset(own) - taken for taken in protecting]
            for point in (*enabling, *rest):
                points.setdefault(point, len(points))
            claims.append(
                {
                    "harm": harm,
                    "with_look_ups": looked,
                    "enabling": [points[point] for point in enabling],
                    "protecting": [points[point] for point in rest],
                    "proof": proof,
                }
            )
    atoms = {atom: number for number, atom in enumerate(model.atoms)}
    opened = opened_by(asked, list(points), model.harms)
    return {
        "format": FORMAT,
        "fields": list(vocabulary.FIELD_NAMES),
        "rules": rules,
        "harms": list(model.harms),
        "atoms": list(atoms),
        "points": [
            {
                "leaked": _names(point, "L:"),
                "found": _names(point, "F:"),
                "least": [atoms[atom] for atom in model.least(point)],
                "open": [number for number, own in enumerate(row) if own],
            }
            for point, row in zip(points, opened.tolist(), strict=True)
        ],
        "claims": claims,
    }


def _primes(graph: AttackGraph, harm: str, *, looked: bool) -> list[Set]:
    """Minimal sets of leaks (and look-ups) that open a harm, as the package gives them."""
    if "/" in harm:
        graph = graph.only([harm])  # a route needs the attacks before it, and not the other routes
    if not looked:
        return [frozenset(f"L:{name}" for name in own) for own in enabling_sets(graph, harm)]
    rows = completed_sets(graph, harm)
    return [
        frozenset([*(f"L:{name}" for name in row.leaked), *(f"F:{name}" for name in found)])
        for row in rows
        for found in row.looked_up
    ]


def dual(
    said: Sequence[Set] | None, variables: Sequence[str], harm: str, model: Model
) -> tuple[list[Set], list[Set], list[list[int]]]:
    """Return enabling sets, protection sets, and a proof by unit propagation that there are no others.

    The solver looks for a set of variables that holds no enabling set and leaves out no protection set whole.
    If the harm is open there, an enabling set was missing. If not, it is grown until it would open; what it
    then leaves out is a protection set. When there is no such set any more, the two lists are dual.

    Parameters
    ----------
    said
        Enabling sets as the package gives them, which must be all; None to find them too.
    variables
        What may leak or be found.
    harm
        What is asked about.
    model
        The rules.
    """
    from pysat.solvers import Solver

    number = {name: i for i, name in enumerate(variables, 1)}
    enabling, protecting, head = list(said or ()), [], f"open:{harm}"
    deciding = model.deciding(harm)
    read = [name for name in variables if name in deciding]
    clauses = [[-number[name] for name in sorted(own)] for own in enabling]
    with Solver(name="g4", bootstrap_with=clauses, with_proof=True) as solver:
        solver.set_phases([number[name] for name in read])
        while solver.solve():
            true = set(solver.get_model() or ())
            held = frozenset(name for name in variables if number[name] in true or name not in read)
            if said is None and head in model.least(held):
                enabling.append(model.shrunk(held, harm))
                solver.add_clause([-number[name] for name in sorted(enabling[-1])])
                continue
            for name in read:
                more = held | {name}
                opens = head in model.least(more) if said is None else any(own <= more for own in enabling)
                held = held if opens else more
            if said is not None and head in model.least(held):
                least = _place(model.shrunk(held, harm))
                raise RefutedError(f"{harm} is open with {least}, and no set of the package says so")
            protecting.append(frozenset(variables) - held)
            solver.add_clause([number[name] for name in read if name not in held])
        lines = solver.get_proof() or []
    proof = [[int(word) for word in line.split()[:-1]] for line in lines if not line.startswith("d")]
    return enabling, protecting, [step for step in proof if step]


def _same(said: Iterable[Set], right: Iterable[Set], what: str) -> None:
    wrong = set(said) ^ set(right)
    if wrong:
        raise RefutedError(f"{what}: {_place(min(wrong, key=sorted))} is in one list and not in the other")


def opened_by(graph: AttackGraph, points: Sequence[Set], harms: Sequence[str]) -> NDArray[np.bool_]:
    """Return what is open at each point, as the package's fixpoints give it. Shape (points, harms)."""
    leaked = np.array([vocabulary.mask(_names(point, "L:")) for point in points], dtype=np.uint64)
    found = np.array([vocabulary.mask(_names(point, "F:")) for point in points], dtype=np.uint64)
    won = opened(graph, leaked, found)
    place = {name: number for number, name in enumerate(graph.names)}
    real = [number for name, number in place.items() if "/" not in name]
    fields = dict(zip(FIELD_HARMS, followed(graph, leaked, found), strict=True))
    columns = []
    for harm in harms:
        word, _, field = harm.partition(" ")
        if field:
            columns.append(fields[word] & np.uint64(vocabulary.mask([field])) != 0)
        else:
            columns.append(won[:, real].any(axis=1) if harm == "any" else won[:, place[harm]])
    return np.stack(columns, axis=1)


def _names(point: Iterable[str], kind: str) -> list[str]:
    """Fields of one kind of atom, in the order of the vocabulary."""
    own = {atom[2:] for atom in point if atom.startswith(kind)}
    return [name for name in vocabulary.FIELD_NAMES if name in own]


def _place(point: Iterable[str]) -> str:
    atoms = list(point)
    leaked, found = (", ".join(_names(atoms, kind)) or "nothing" for kind in ("L:", "F:"))
    return f"leaked {leaked}; found {found}"


@dataclass(frozen=True, slots=True)
class Clause:
    """A rule: the head holds if the whole body does."""

    head: str
    body: Set


class Model:
    """The rules of section 6 of the model as clauses, and their least fixpoints.

    Parameters
    ----------
    rules
        As :func:`rules_of` gives them.
    """

    def __init__(self, rules: Mapping[str, Any]) -> None:
        self.clauses = tuple(dict.fromkeys(_clauses(rules)))
        names = [(own["name"], [way["name"] for way in own["routes"]]) for own in rules["attacks"]]
        self.harms = ["any", *(name for name, _ in names)]
        self.harms += [f"{name}/{way}" for name, ways in names for way in ways]
        self.harms += [f"{word} {own['field']}" for own in rules["look_ups"] for word in FIELD_HARMS]
        self.atoms = list(dict.fromkeys(clause.head for clause in self.clauses))
        looked = {own["field"] for own in rules["look_ups"]}
        self.variables = [f"L:{name}" for name in vocabulary.FIELD_NAMES]
        self.variables += [f"F:{own['field']}" for own in rules["look_ups"]]
        self._waits: dict[str, list[int]] = {}
        self._heads: dict[str, list[Clause]] = {}
        for place, clause in enumerate(self.clauses):
            self._heads.setdefault(clause.head, []).append(clause)
            for atom in clause.body:
                self._waits.setdefault(atom, []).append(place)
        if len(looked) != len(rules["look_ups"]):
            raise ValueError("a field has two look-ups; it may have one")

    def least(self, point: Set) -> list[str]:
        """Return what follows from a point, each atom after those it follows from."""
        missing = [len(clause.body) for clause in self.clauses]
        known, order = set(point), []
        waiting = list(point)
        ready = [place for place, count in enumerate(missing) if not count]
        while waiting or ready:
            if ready:
                head = self.clauses[ready.pop()].head
                if head not in known:
                    known.add(head)
                    order.append(head)
                    waiting.append(head)
                continue
            for place in self._waits.get(waiting.pop(), ()):
                missing[place] -= 1
                if not missing[place]:
                    ready.append(place)
        return order

    def deciding(self, harm: str) -> Set:
        """Return all atoms on which a harm can rest, directly or through others."""
        found, waiting = set(), [f"open:{harm}"]
        while waiting:
            atom = waiting.pop()
            if atom not in found:
                found.add(atom)
                waiting += [one for clause in self._heads.get(atom, ()) for one in clause.body]
        return frozenset(found)

    def shrunk(self, point: Set, harm: str) -> Set:
        """Return a smallest part of a point at which a harm is still open."""
        kept = point & self.deciding(harm)
        for atom in sorted(kept):
            if f"open:{harm}" in self.least(kept - {atom}):
                kept -= {atom}
        return kept


def _clauses(rules: Mapping[str, Any]) -> Iterator[Clause]:
    for name in vocabulary.FIELD_NAMES:
        yield Clause(f"K:{name}", frozenset({f"L:{name}"}))
    for own in rules["look_ups"]:
        coin = f"F:{own['field']}"
        for given in own["given"]:
            for kind in "KE":
                yield Clause(
                    f"{kind}:{own['field']}", frozenset([coin, *(f"{kind}:{name}" for name in given)])
                )
        if own["directory"]:
            yield Clause(f"E:{own['field']}", frozenset({coin}))
        for word, kind in FIELD_HARMS.items():
            yield Clause(f"open:{word} {own['field']}", frozenset({f"{kind}:{own['field']}"}))
    for attack in rules["attacks"]:
        for route in attack["routes"]:
            yield from _of_route(attack["name"], route)
        for capability in attack["grants"]:
            yield Clause(f"has:{capability}", frozenset({f"open:{attack['name']}"}))
        yield Clause("open:any", frozenset({f"open:{attack['name']}"}))


def _of_route(attack: str, route: Mapping[str, Any]) -> Iterator[Clause]:
    name, needed = f"{attack}/{route['name']}", route["fields"]
    if not needed:
        yield Clause(f"known:{name}", frozenset())
    for one in needed:
        for kind in "KE":
            yield Clause(f"known:{name}", frozenset([f"L:{one}", *(f"{kind}:{field}" for field in needed)]))
    yield Clause(
        f"open:{name}", frozenset([f"known:{name}", *(f"has:{own}" for own in route["capabilities"])])
    )
    yield Clause(f"open:{attack}", frozenset({f"open:{name}"}))


if __name__ == "__main__":
    sys.exit(main())
