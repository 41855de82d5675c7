"""What look-ups find about one synthetic person, and what this means in words.

A person is easy or hard to find, and each field of theirs can be found or not. This is decided once for each
person, from random streams of their own, at the mean chance over the replicates.

Not here: the routes and odds of the person (``person``), and the chances of a crowd (``engine``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.draws.streams import uniforms
from breach_sim.formatting.digits import out_of
from breach_sim.inputs.attacks import Route
from breach_sim.inputs.fields import FIELD_LABELS, mask, names
from breach_sim.inputs.graph import AttackGraph, closure_of_routes, known_routes
from breach_sim.inputs.lookups import Lookup, Lookups
from breach_sim.inputs.numbers.estimates import Estimate

_PLURAL = ("ssn_last4",)
"""Fields that can be looked up and whose label is a plural."""
Leaked = Iterable[str]
Routes = Mapping[str, tuple[Route, ...]]


@dataclass(frozen=True, kw_only=True)
class Searches:
    """Outcome of every look-up of one person.

    Parameters
    ----------
    lookups
        What can be looked up.
    easy
        Whether the person is easy to find.
    found
        Fields that are found if enough is known to look them up.
    shares
        Share of people for whom the look-up of each field works, its central value. [share]
    """

    lookups: Lookups
    easy: bool
    found: tuple[str, ...]
    shares: Mapping[str, float]

    def known(self, leaked: Leaked) -> tuple[str, ...]:
        """Return the fields that are known from what leaked; equation (23).

        Parameters
        ----------
        leaked
            Leaked fields.

        Returns
        -------
        Names, in the order of their bits.
        """
        return names(int(self.lookups.known_fields(_bits(leaked), _bits(self.found))[0]))

    def had_anyway(self) -> tuple[str, ...]:
        """Return the fields that could have been had without the leak; equation (24)."""
        return names(int(self.lookups.had_anyway(_bits(self.found))[0]))

    def certain(self) -> Lookups:
        """Return look-ups that work for this person and for no other kind: shares of 1 and 0."""
        own = [
            Lookup(
                field=name,
                share=Estimate.fixed(f"person.elsewhere.{name}", float(name in self.found), "share"),
                given=lookup.given,
                directory=lookup.directory,
                countries=lookup.countries,
            )
            for name, lookup in self.lookups.by_field.items()
        ]
        return Lookups.of(own, Estimate.fixed("person.elsewhere.easy_to_find", 0.0, "share"))

    def open_routes(
        self,
        graph: AttackGraph,
        leaked: Leaked,
        traits: Mapping[str, bool],
        *,
        also: Leaked = (),
        anyway: bool = False,
    ) -> dict[str, tuple[Route, ...]]:
        """Return the routes that are open to this person, chains followed.

        Parameters
        ----------
        graph
            The attacks.
        leaked
            Leaked fields.
        traits
            Whether each trait is theirs.
        also
            Fields taken as found, whatever the look-ups gave.
        anyway
            Whether to take only routes of which all fields could have been had without the leak.

        Returns
        -------
        By attack; attacks with at least one open route only.
        """
        lost, found = _bits(leaked), _bits((*self.found, *also))
        had = self.lookups.had_anyway(found)
        known = had if anyway else self.lookups.known_fields(lost, found)
        usable = [
            known_routes(attack, lost, known, had)
            & np.array([all(traits[name] for name in route.traits) for route in attack.routes], dtype=bool)
            for attack in graph.attacks
        ]
        won = closure_of_routes(graph, usable)[0]
        pairs = list(zip(graph.attacks, usable, won, strict=True))
        granted = {name for attack, _, success in pairs if success for name in attack.grants}
        routes = {
            attack.name: tuple(
                route
                for route, usable_now in zip(attack.routes, own[0], strict=True)
                if usable_now and granted.issuperset(route.capabilities)
            )
            for attack, own, _ in pairs
        }
        return {name: own for name, own in routes.items() if own}

    def sentences(self, graph: AttackGraph, leaked: tuple[str, ...], traits: Mapping[str, bool]) -> list[str]:
        """Return what was looked up, what could not be found, and what the leak was not needed for.

        Parameters
        ----------
        graph
            The attacks.
        leaked
            Leaked fields.
        traits
            Whether each trait is theirs.

        Returns
        -------
        One sentence for each field that was found and opens a route, one for each that would have made
        another attack possible; and one that names the attacks for which the leak was not needed.
        """
        open_now = self.open_routes(graph, leaked, traits)
        known = set(self.known(leaked)) | set(self.had_anyway())
        used = {name for routes in open_now.values() for route in routes for name in route.fields}
        missing = [name for name in self.shares if name not in leaked]
        lines = [f"{self._start(name)}, and it worked here." for name in missing if name in used & known]
        lines += [
            f"{self._start(name)}, and it did not work here."
            for name in missing
            if name not in known and self._opens(name, graph, leaked, traits, open_now)
        ]
        anyway = self.open_routes(graph, leaked, traits, anyway=True)
        if anyway:
            labels = ", ".join(graph[name].label for name in anyway)
            lines.append(f"All that these need could have been had without this leak: {labels}.")
        return lines

    def _start(self, name: str) -> str:
        """How a sentence about a field that did not leak begins."""
        verb = "were" if name in _PLURAL else "was"
        return (
            f"The {FIELD_LABELS[name]} {verb} not in this leak; it takes a look-up that works for about "
            f"{out_of(self.shares[name])}"
        )

    def _opens(
        self,
        name: str,
        graph: AttackGraph,
        leaked: tuple[str, ...],
        traits: Mapping[str, bool],
        open_now: Routes,
    ) -> bool:
        """Whether one more field that is found would make another attack possible."""
        return self.open_routes(graph, leaked, traits, also=(name,)).keys() != open_now.keys()


def draw_searches(lookups: Lookups, parameters: Parameters, seed: int, row: int) -> Searches:
    """Draw what look-ups find about one person.

    Parameters
    ----------
    lookups
        What can be looked up.
    parameters
        Draws of the shares per replicate, whose mean is taken.
    seed
        Seed of the population. [0, 2**63)
    row
        Number of the person in the population.

    Returns
    -------
    The same seed and row give the same outcome. People of different rows are independent.

    Notes
    -----
    Equation (22). A coin has a stream of its own: one more look-up does not change the others.
    """
    person = str(row)
    easy = bool(uniforms(seed, "person", person, "easy_to_find", size=1)[0] < 0.5)  # noqa: PLR2004 - half
    together = parameters(lookups.easy_to_find) * (1.0 if easy else -1.0)
    found, shares = [], {}
    for lookup in lookups.possible:
        share = parameters(lookup.share)
        chance = float(np.mean(share + together * np.minimum(share, 1.0 - share)))
        shares[lookup.field] = lookup.share.central
        if uniforms(seed, "person", person, "elsewhere", lookup.field, size=1)[0] < chance:
            found.append(lookup.field)
    return Searches(lookups=lookups, easy=easy, found=tuple(found), shares=shares)


def _bits(fields: Iterable[str]) -> NDArray[np.uint64]:
    """Mask of some fields, as an array of one."""
    return np.array([mask(fields)], dtype=np.uint64)
