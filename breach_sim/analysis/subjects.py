"""What a table is about, in words: the breach, the attacks that were simulated, and how it was computed.

A table that leaves its impact behind keeps these words in its ``attrs``, so that a figure can still say them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from breach_sim.catalog import attacks_for
from breach_sim.formatting.display import in_sentence, listed
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.results.tables.sources import counted

if TYPE_CHECKING:
    import pandas as pd
_NAMED, _FEW = 2, 4
"""Attacks of a selection that are named, and up to how many all are."""


def marked(frame: pd.DataFrame, impact: Impact) -> pd.DataFrame:
    """Note in the ``attrs`` of a table what it is about.

    Parameters
    ----------
    frame
        Table of an impact.
    impact
        Where it is from.

    Returns
    -------
    The same table, with ``attrs["subject"]`` and ``attrs["made"]``.
    """
    frame.attrs |= {"subject": subject(impact), "made": made(impact)}
    return frame


def made(impact: Impact) -> str:
    """Return seed, number of points, and how many of the numbers behind a run are assumed.

    Parameters
    ----------
    impact
        A run.

    Returns
    -------
    Words for the foot of a figure.
    """
    runs = "1 point" if impact.replicates == 1 else f"{impact.replicates:,} points"
    return f"seed {impact.seed}, {runs}; {assumed(impact.parameters())}"


def assumed(numbers: Iterable[Estimate]) -> str:
    """Return how many of some numbers are assumed.

    Parameters
    ----------
    numbers
        Numbers behind a figure, each once.

    Returns
    -------
    Words for the foot of a figure, such as "202 of 228 numbers behind it are assumed".
    """
    counts = counted(numbers)
    return f"{counts['assumed']} of {sum(counts.values())} numbers behind it are assumed"


def attacks_left_out(impact: Impact) -> tuple[str, ...]:
    """Return the attacks that the leaked fields enable and that a run did not simulate.

    Parameters
    ----------
    impact
        A run.

    Returns
    -------
    Names; empty if every attack was simulated.
    """
    return () if impact.asked is not None else _left_out(impact.scenario, impact.attacks)


def _left_out(scenario: Scenario, graph: AttackGraph) -> tuple[str, ...]:
    possible = attacks_for(scenario, elsewhere=graph.lookups)
    return tuple(name for name in possible.names if name not in graph.names)


def subject(impact: Impact) -> str:
    """Return what a figure of a run is about: the breach, and the attacks if they are a selection.

    Parameters
    ----------
    impact
        A run.

    Returns
    -------
    Words for a subtitle or an alternative text, such as "T-Mobile US 2021; 4 attacks only: SIM swap, port-out
    and 2 more".

    Notes
    -----
    Every figure of a run says so in title, axis and alternative text: a part is not the whole.
    """
    if impact.asked is not None:
        return impact.scenario.title
    return subject_of(impact.scenario, impact.attacks)


def subject_of(scenario: Scenario, graph: AttackGraph) -> str:
    """Return the title of a breach, with the attacks if they are a selection.

    Parameters
    ----------
    scenario
        The breach.
    graph
        The attacks that were simulated.

    Returns
    -------
    Words, as for :func:`subject`.
    """
    if not _left_out(scenario, graph):
        return scenario.title
    labels = [in_sentence(attack.label) for attack in graph.attacks]
    noun = "1 attack" if len(labels) == 1 else f"{len(labels)} attacks"
    chosen = listed(labels, most=len(labels) if len(labels) <= _FEW else _NAMED)
    return f"{scenario.title}; {noun} only: {chosen}"
