"""Words of a tree: the labels of segments, fields, traits and capabilities in place of their names."""

from __future__ import annotations

from collections.abc import Iterable

from breach_sim.catalog import label_of_capability, label_of_field, words_of
from breach_sim.inputs.attacks import Route
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.segment import Segment


def named(segment: Segment) -> str:
    """The label of a segment, in quotes.

    Parameters
    ----------
    segment
        One of the scenario's.

    Returns
    -------
    The label; the name as words if it has none.
    """
    return f"'{segment.label or words_of(segment.name)}'"


def fields_named(fields: Iterable[str]) -> str:
    """The labels of fields.

    Parameters
    ----------
    fields
        Canonical names.

    Returns
    -------
    Labels, with commas between.
    """
    return ", ".join(label_of_field(field) for field in fields)


def trait_named(name: str, graph: AttackGraph) -> str:
    """The label of a trait.

    Parameters
    ----------
    name
        Name of the trait.
    graph
        The attacks of the run.

    Returns
    -------
    The label; the name as words if it has none.
    """
    return graph.traits[name].label or words_of(name)


def needs_named(route: Route, graph: AttackGraph) -> str:
    """The conditions of a route.

    Parameters
    ----------
    route
        A route of an attack.
    graph
        The attacks of the run, for the labels of traits.

    Returns
    -------
    Labels of its fields, traits and capabilities, with commas between.
    """
    parts = [fields_named(route.fields)] if route.fields else []
    parts += [trait_named(name, graph) for name in route.traits]
    return ", ".join([*parts, *map(label_of_capability, route.capabilities)])
