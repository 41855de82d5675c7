"""A figure as a tree: each node is made of its children by one rule, and the leaves are what was put in.

Leaves are parameters (with status and sources), numbers given with the scenario (accounts), what is held
(capacity scales) and what chance added. Folding the leaves up again gives the figure: :func:`recompute`,
which can change a parameter on the way. A node that several others need is one object, and is printed in
full once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from breach_sim.formatting import html
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.digits import significant
from breach_sim.formatting.display import LONGEST, shortened
from breach_sim.inputs.numbers.estimates import Estimate, Source

Fold = Callable[[Sequence[Array]], Array]
DIGITS = 6
"""Significant digits of values in the text."""
SHOWN_LEVELS = 4
"""Levels of a tree in the table of a notebook."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Node:
    """A number and what it is made of.

    Parameters
    ----------
    label
        What it is, in plain words.
    kind
        "figure", "sum", "product", "share", "mixture", "escape", "activity", "best", "chain", "any",
        "ratio", or for leaves "parameter", "given", "held", "chance".
    unit
        Unit of the value.
    values
        One value a replicate that the tree is of. Shape (n,).
    children
        What it is made of; none for a leaf.
    fold
        Makes the values from those of the children; None for a leaf.
    estimate
        The parameter behind a leaf, if it is one.
    sources
        Ids of sources.
    note
        What to know about it.
    """

    label: str
    kind: str
    unit: str
    values: Array
    children: tuple[Node, ...] = ()
    fold: Fold | None = None
    estimate: Estimate | None = None
    sources: tuple[str, ...] = ()
    note: str = ""

    @property
    def value(self) -> float:
        """The number: of the one replicate, or the mean over all of them."""
        return float(np.add.reduce(self.values) / self.values.size)

    @property
    def product_of_means(self) -> float | None:
        """Product of the numbers that this one is made of, where it is another; None where it is the same.

        A product over several replicates is the mean of their products. Factors that rise together make it
        larger than the product of their means.
        """
        if self.kind != "product" or self.values.size == 1:
            return None
        whole = float(np.prod([child.value for child in self.children]))
        return None if np.isclose(whole, self.value, rtol=10.0**-DIGITS, atol=0.0) else whole

    @property
    def origin(self) -> str:
        """How a number comes from those below it, where this needs words; "" elsewhere."""
        other = self.product_of_means
        if other is None:
            return ""
        times = f"{self.value / other:.5g} times " if other else ""
        return (
            f"mean of products over {self.values.size:,} replicates: {times}the product of the means below, "
            f"{shown_value(other)}"
        )

    def __repr__(self) -> str:
        about = f"Node {self.label}: {self.value:.4g} {self.unit} ({self.kind}, {len(self.children)} below)"
        return f"<{shortened(about, LONGEST - 2)}>"

    def _repr_html_(self) -> str:
        rows: list[tuple[str, str, str, str]] = []
        _add_rows(rows, self, 0, set())
        whole = sum(1 for _ in nodes(self))
        more = f"The first {SHOWN_LEVELS} levels of a tree of {whole:,} nodes; as_text(node) shows all of it."
        notes = [note for note in (self.note, more if whole > len(rows) else "") if note]
        return html.table(rows, ("made of", "value", "unit", "origin"), notes=notes)


def made(label: str, kind: str, unit: str, children: Sequence[Node], fold: Fold, note: str = "") -> Node:
    """Node made of others.

    Parameters
    ----------
    label, kind, unit, note
        As for :class:`Node`.
    children
        At least one.
    fold
        Makes the values from those of the children.

    Returns
    -------
    The node, its values computed.
    """
    values = np.asarray(fold([child.values for child in children]), dtype=np.float64)
    return Node(
        label=label, kind=kind, unit=unit, values=values, children=tuple(children), fold=fold, note=note
    )


def total(label: str, unit: str, children: Sequence[Node], note: str = "") -> Node:
    """Sum of nodes.

    Parameters
    ----------
    label, unit, note
        As for :class:`Node`.
    children
        At least one.

    Returns
    -------
    The node.
    """
    return made(label, "sum", unit, children, _sum, note)


def product(label: str, unit: str, children: Sequence[Node], note: str = "") -> Node:
    """Product of nodes.

    Parameters
    ----------
    label, unit, note
        As for :class:`Node`.
    children
        At least one.

    Returns
    -------
    The node.
    """
    return made(label, "product", unit, children, _product, note)


def _sum(parts: Sequence[Array]) -> Array:
    return np.asarray(sum(parts[1:], parts[0]))


def _product(parts: Sequence[Array]) -> Array:
    result = parts[0]
    for part in parts[1:]:
        result = result * part
    return result


def recompute(node: Node, factors: Mapping[str, float] | None = None) -> Array:
    """Number of a node from its leaves alone, parameters changed if wanted.

    Parameters
    ----------
    node
        Root of a tree.
    factors
        Factor by parameter, such as ``{"attacks.sim_swap.success": 1.1}``; the others stay.

    Returns
    -------
    Shape (n,).
    """
    return _recompute(node, factors or {}, {})


def _recompute(node: Node, factors: Mapping[str, float], known: dict[int, Array]) -> Array:
    if id(node) not in known:
        if node.fold is not None:
            known[id(node)] = node.fold([_recompute(child, factors, known) for child in node.children])
        else:
            factor = factors.get(node.estimate.name, 1.0) if node.estimate is not None else 1.0
            known[id(node)] = node.values * factor
    return known[id(node)]


def nodes(node: Node) -> Iterator[Node]:
    """Every node of a tree, each once, parents first.

    Parameters
    ----------
    node
        Root of a tree.

    Yields
    ------
    The root, then what it is made of.
    """
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if id(current) not in seen:
            seen.add(id(current))
            yield current
            waiting.extend(reversed(current.children))


def parameters(node: Node) -> tuple[Estimate, ...]:
    """Parameters that a number rests on.

    Parameters
    ----------
    node
        Root of a tree.

    Returns
    -------
    Each once, in the order of the tree.
    """
    found = {n.estimate.name: n.estimate for n in nodes(node) if n.estimate is not None}
    return tuple(found.values())


def as_dict(node: Node, catalog: Mapping[str, Source] | None = None) -> dict[str, Any]:
    """A tree as plain data.

    Parameters
    ----------
    node
        Root of a tree.
    catalog
        Sources by id, to add grade, verified and title.

    Returns
    -------
    ``label, kind, value, unit`` and, where there are any, ``parameter, status, sources, note, made_of``; for
    a mean of products that is not the product of the means, ``mean_of_products`` with both's ratio.
    A node met before stands as ``{"see": its number, "label": ...}``; every inner node has a ``number``.
    """
    return _as_dict(node, catalog or {}, {})


def _as_dict(node: Node, catalog: Mapping[str, Source], numbers: dict[int, int]) -> dict[str, Any]:
    if node.children and id(node) in numbers:
        return {"see": numbers[id(node)], "label": node.label, "value": node.value}
    row: dict[str, Any] = {"label": node.label, "kind": node.kind, "value": node.value, "unit": node.unit}
    if node.children:
        numbers[id(node)] = len(numbers) + 1
        row = {"number": numbers[id(node)], **row}
    if node.estimate is not None:
        row |= {"parameter": node.estimate.name, "status": node.estimate.status}
    if node.sources:
        row["sources"] = [_source(name, catalog) for name in node.sources]
    if node.note:
        row["note"] = node.note
    other = node.product_of_means
    if other is not None:
        row["mean_of_products"] = {"product_of_means": other, "ratio": node.value / other if other else None}
    if node.children:
        row["made_of"] = [_as_dict(child, catalog, numbers) for child in node.children]
    return row


def _source(name: str, catalog: Mapping[str, Source]) -> dict[str, str]:
    source = catalog.get(name)
    if source is None:
        return {"id": name}
    return {"id": name, "grade": source.grade, "verified": source.verified, "title": source.title}


def as_json(node: Node, catalog: Mapping[str, Source] | None = None) -> str:
    """A tree as one JSON document.

    Parameters
    ----------
    node, catalog
        As for :func:`as_dict`.

    Returns
    -------
    JSON text.
    """
    return json.dumps(as_dict(node, catalog), indent=2)


def as_text(node: Node, catalog: Mapping[str, Source] | None = None) -> str:
    """A tree in plain lines, what a number is made of indented below it.

    Parameters
    ----------
    node, catalog
        As for :func:`as_dict`.

    Returns
    -------
    Lines joined by line breaks. A node met before stands as its label and "as above".
    """
    lines: list[str] = []
    _add_lines(lines, node, 0, catalog or {}, set())
    return "\n".join(lines)


def _add_rows(rows: list[tuple[str, str, str, str]], node: Node, depth: int, printed: set[int]) -> None:
    """Rows of a table, what a number is made of indented below it."""
    indent = "\u2003" * depth  # a browser keeps an em space, and drops plain ones
    origin = _origin(node, {}).strip(" []") or node.origin
    rows.append((f"{indent}{node.label}", shown_value(node.value), node.unit, origin))
    if id(node) in printed:
        return
    printed.add(id(node))
    for child in node.children if depth + 1 < SHOWN_LEVELS else ():
        _add_rows(rows, child, depth + 1, printed)


_SIGNS = {"sum": "sum of", "product": "product of", "figure": "sum of"}


def _add_lines(
    lines: list[str], node: Node, depth: int, catalog: Mapping[str, Source], printed: set[int]
) -> None:
    indent = "  " * depth
    again = bool(node.children) and id(node) in printed
    words = "mean of products of" if node.origin else _SIGNS.get(node.kind, "")
    sign = f" = {words}" if words and not again else ""
    lines.append(
        f"{indent}{shown_value(node.value)} {node.unit}  {node.label}{_origin(node, catalog)}"
        f"{', as above' if again else sign}"
    )
    if again:
        return
    printed.add(id(node))
    lines += [f"{indent}    ({note})" for note in (node.note, node.origin) if note]
    for child in node.children:
        _add_lines(lines, child, depth + 1, catalog, printed)


def shown_value(value: float) -> str:
    """A value for the text.

    Parameters
    ----------
    value
        Any number.

    Returns
    -------
    Six significant digits, thousands marked.
    """
    rounded = significant(value, DIGITS)
    return f"{rounded:,.0f}" if abs(rounded) >= 10 ** (DIGITS - 1) else f"{rounded:g}"


def _origin(node: Node, catalog: Mapping[str, Source]) -> str:
    """Name of the parameter behind a leaf, as overrides give it; status and sources in brackets."""
    origins = [] if node.estimate is None else [node.estimate.status]
    for name in node.sources:
        source = catalog.get(name)
        origins.append(name if source is None else f"{name} ({source.grade}, {source.verified})")
    name = "" if node.estimate is None else f" `{node.estimate.name}`"
    return name + (f" [{'; '.join(origins)}]" if origins else "")
