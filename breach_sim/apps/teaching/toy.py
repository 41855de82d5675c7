"""Toys for the lessons: attacks in which every attempt is sure, and crowds whose fields leak as one says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from breach_sim.engine.exposure import Exposure, expose
from breach_sim.inputs.attacks import Attack, Onset, Route
from breach_sim.inputs.fields import mask
from breach_sim.inputs.graph import AttackGraph, closure
from breach_sim.inputs.lookups import Lookup, Lookups
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Leak, Segment

N, P, K, S, D = "full_name", "phone_number", "account_pin", "ssn", "date_of_birth"
ROUTES: dict[str, list[list[str]]] = {
    "sim_swap": [[P, K], [P, N, S]],
    "new_account": [[N, S, D]],
    "fraud_text": [[P, N]],
}
"""The toy of the lessons: three attacks by the fields of their routes."""
CROWD = 1_000_000
"""Accounts of a crowd, so that shares of four digits are whole numbers of accounts."""


def toy_graph(
    routes: Mapping[str, Sequence[Sequence[str]]] | None = None,
    *,
    losses: Mapping[str, float] | None = None,
    attempts: float = 1.0,
    success: float = 1.0,
    look_ups: Mapping[str, tuple[float, Sequence[Sequence[str]]]] | None = None,
) -> AttackGraph:
    """Attacks in a few words: by the fields of their routes.

    Parameters
    ----------
    routes
        From the name of an attack to its routes, each a list of fields; the toy of the lessons if None.
    losses
        Loss of one victim by attack; 20 where none is given. [USD]
    attempts
        Attempts of every route. [attempts/account-year]
    success
        Their success. [victims/attempt]
    look_ups
        From a field to the share of people for whom it can be looked up, and the alternative sets of fields
        that must be known first. None if nothing can be.

    Returns
    -------
    The attacks, without doubt, background, traits or follow-ons.

    Examples
    --------
    >>> toy_graph().names
    ('sim_swap', 'new_account', 'fraud_text')
    """
    fixed = Estimate.fixed
    onset = Onset(
        name="toy", label="toy", median=fixed("median", 120, "days"), sigma=fixed("sigma", 1.7, "log-days")
    )
    attacks = []
    for name, own in (ROUTES if routes is None else routes).items():
        ways = tuple(
            Route(
                name=f"route_{number}",
                fields=tuple(way),
                attempts=fixed(f"{name}.attempts.{number}", attempts, "attempts/account-year"),
                success=fixed(f"{name}.success.{number}", success, "victims/attempt"),
            )
            for number, way in enumerate(own, 1)
        )
        numbers: dict[str, Any] = {
            "severity": fixed(f"{name}.loss", (losses or {}).get(name, 20.0), "USD/victim"),
            "severity_sigma": fixed(f"{name}.spread", 0, "log-USD"),
            "hours": fixed(f"{name}.hours", 0, "hours/victim"),
            "background": fixed(f"{name}.background", 0, "probability/year"),
            "bearers": {"person": fixed(f"{name}.person", 1, "share")},
        }
        label = name.replace("_", " ").replace("sim ", "SIM ")
        attacks.append(Attack(name=name, label=label, routes=ways, onset=onset, **numbers))
    found = None
    if look_ups is not None:
        searches = (
            Lookup(
                field=name,
                share=fixed(f"elsewhere.{name}", share, "share"),
                given=tuple(tuple(needed) for needed in given),
            )
            for name, (share, given) in look_ups.items()
        )
        found = Lookups.of(searches, fixed("elsewhere.easy_to_find", 0, "share"))
    background = fixed("people", 0, "probability/year")
    return AttackGraph(attacks=tuple(attacks), people_background=background, lookups=found)


def crowd(groups: Sequence[tuple[Sequence[str], float]]) -> Exposure:
    """Cells of a million accounts whose groups of fields leak with given shares, independent of each other.

    Parameters
    ----------
    groups
        Fields that leak together, and their share. [0, 1]

    Returns
    -------
    The cells.
    """
    leaks = tuple(
        Leak(fields=tuple(names), coverage=Estimate.fixed("+".join(names), share, "share"))
        for names, share in groups
    )
    return expose(Scenario(name="crowd", segments=(Segment(name="all", accounts=CROWD, leaks=leaks),)))


def losses_left(graph: AttackGraph, lost: Sequence[str], losses: Mapping[str, float]) -> float:
    """Loss when some fields leaked and every possible attack happens.

    Parameters
    ----------
    graph
        The attacks.
    lost
        Fields that leaked.
    losses
        Loss by attack.

    Returns
    -------
    Sum over the attacks that the fields open, in the unit of the losses.
    """
    happens = closure(graph, np.array([mask(lost)], dtype=np.uint64))[0]
    return float(sum(losses[name] for name, true in zip(graph.names, happens.tolist(), strict=True) if true))
