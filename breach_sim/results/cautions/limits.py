"""Limits of a run: crews that are too few, and attacks that are closed for want of one field.

Not here: zeros and their reasons (``zeros``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.law import Law
from breach_sim.engine.segment_law import SegmentLaw
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.display import plural
from breach_sim.inputs.graph import AttackGraph
from breach_sim.results.cautions.sentences import LONGEST, either, listed_within

DECIDES = 0.5
"""Share of the expected victims from which on the capacity of crews decides the answer."""
_GROUPS, _LABELS = 4, 3
"""Most groups of attacks, and most attacks of a group, in the note on the fields that decide."""


def bound_by_capacity(law: Law) -> dict[str, float]:
    """Return the share of the replicates in which the capacity of crews limits an attack.

    Parameters
    ----------
    law
        Of the run.

    Returns
    -------
    By name of the attack, where it is above 0. (0, 1]
    """
    shares = {name: float(np.mean(scale < 1)) for name, scale in law.scales.items()}
    return {name: share for name, share in shares.items() if share > 0 and name in law.graph}


def at_capacity(law: Law, laws: Mapping[str, SegmentLaw]) -> float:
    """Return the share of the expected victims that attacks make whose crews are all at work.

    Parameters
    ----------
    law, laws
        Of the run, and by name of the segment.

    Returns
    -------
    Over all attacks and replicates; an attack that follows from a limited one is limited too. 0 if nobody is
    expected to be harmed. [share]
    """
    limited, inside, whole = _limited(law), 0.0, 0.0
    for attack in law.graph.attacks:
        expected: Array = np.zeros(1)
        for segment, accounts in law.unlike():
            chance = laws[segment.name].victim.get(attack.name, np.zeros(1))
            expected = expected + accounts * chance
        whole += float(np.mean(expected))
        if attack.name in limited:
            inside += float(np.mean(expected * limited[attack.name]))
    return inside / whole if whole > 0 else 0.0


def _limited(law: Law) -> dict[str, NDArray[np.bool_]]:
    """Whether crews are the limit, by attack; follow-ons after the attacks that they follow. Shape (R,)."""
    scales = {name: scale for name, scale in law.scales.items() if name in law.graph}
    limited = {name: np.asarray(scale < 1) for name, scale in scales.items() if np.any(scale < 1)}
    while True:
        before = len(limited)
        for attack in law.graph.attacks:
            needed = {capability for route in attack.routes for capability in route.capabilities}
            givers = [own.name for own in law.graph.granting if needed.intersection(own.grants)]
            if attack.name not in limited and any(name in limited for name in givers):
                limited[attack.name] = np.any([limited[name] for name in givers if name in limited], axis=0)
        if len(limited) == before:
            return limited


def capacity_notes(bound: Mapping[str, float], share: float, graph: AttackGraph) -> tuple[str, ...]:
    """Return notes on the capacities that bind: there, the size of the breach does not matter.

    Parameters
    ----------
    bound
        What :func:`bound_by_capacity` returned.
    share
        What :func:`at_capacity` returned.
    graph
        Attacks of the run.

    Returns
    -------
    None, or one on the attacks, preceded by one on the answer where capacity decides it.
    """
    if not bound:
        return ()
    ordered = sorted(bound.items(), key=lambda item: -item[1])
    items = [f"{graph[name].label} ({_percent(part)})" for name, part in ordered]

    def more(named: int) -> str:
        others = len(items) - named
        return f"and {others} more" if others else ""

    tail = (
        f" There ({_percent(share)} of the expected victims), a breach ten times as large would make about "
        "the same number of victims of them."
    )
    lead = "The number of crews in the country limits these attacks (share of the replicates): "
    note = listed_within(lead, items, more, longest=LONGEST - len(tail), between=", ") + tail
    if share < DECIDES:
        return (note,)
    decides = (
        f"Capacity decides the answer: {_percent(share)} of the expected victims are of attacks whose crews "
        "are all at work. Breaches of very different size then give about the same answer."
    )
    return (decides, note)


def closed_note(
    closed: Mapping[str, Sequence[str]],
    graph: AttackGraph,
    leaked: Sequence[frozenset[str]],
    said: Collection[str] = (),
) -> tuple[str, ...]:
    """Return a note on the fields that decide: one more of them would open an attack.

    Parameters
    ----------
    closed
        Attacks that are closed to every account, and the fields of which one more would open each.
    graph
        The attacks asked for, closed ones included.
    leaked
        Fields that can be known of the accounts of each segment.
    said
        Attacks of which another note says what they lack.

    Returns
    -------
    None or one. Named are attacks that start from the leak, where the other fields of a route are there; the
    others follow from these, or need nothing of what leaked.
    """
    by_fields: dict[tuple[str, ...], list[str]] = {}
    for name, fields in closed.items():
        routes = [frozenset(route.fields) for route in graph[name].routes if not route.capabilities]
        deciding = tuple(one for one in fields if _completes(one, routes, leaked))
        if deciding and name not in said:
            by_fields.setdefault(deciding, []).append(graph[name].label)
    if not by_fields:
        return ()
    groups = sorted(by_fields.items(), key=lambda item: -len(item[1]))
    items = [f"{either([(one,) for one in fields])} ({_labels(labels)})" for fields, labels in groups]

    def more(named: int) -> str:
        others = sum(len(labels) for _, labels in groups[named:])
        return f"another field ({plural(others, 'more attack')})" if others else ""

    return (listed_within("Closed to everyone here because one field is missing: ", items[:_GROUPS], more),)


def _labels(labels: Sequence[str]) -> str:
    more = len(labels) - _LABELS
    return ", ".join([*labels[:_LABELS], *([f"{more} more"] if more > 0 else [])])


def _percent(share: float) -> str:
    """Share in words, whole percents."""
    return "under 1 %" if share < 1 / 100 else f"{100 * share:.0f} %"


def _completes(one: str, routes: Sequence[frozenset[str]], leaked: Sequence[frozenset[str]]) -> bool:
    """Whether a field is the last one of a route whose other fields leaked in some segment."""
    others = [route - {one} for route in routes if one in route and len(route) > 1]
    return any(other <= own for other in others for own in leaked)
