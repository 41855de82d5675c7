"""Trees of the firm's ledger: what a line of cost is made of.

A payment is a product: whether there is one, what the posterior row says of its size, and the factor of this
breach. The posterior rows themselves are not taken apart; their file names the data that they were fitted on.

Not here: the law of the ledger (``inputs.firm.ledger``), and trees of harm (``branches``).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from breach_sim.analysis.provenance import tree
from breach_sim.analysis.provenance.branches import Branches
from breach_sim.analysis.provenance.tree import Node
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.firm.ledger import LINES, PAYMENTS, RESPONSE, STREAMS, FirmCosts
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.results.impact import Impact
from breach_sim.results.tables.money import breached


def firm_tree(impact: Impact, branches: Branches) -> Node | None:
    """Cost of the firm, over lines.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    branches
        Trees of its replicates.

    Returns
    -------
    Tree; None without a ledger. [USD]
    """
    if impact.firm is None or not impact.firm_lines:
        return None
    rest = [line_tree(impact, line, branches) for line in LINES if line not in (*RESPONSE, *PAYMENTS)]
    parts = [*_gross(impact, impact.firm, branches), *(part for part in rest if part is not None)]
    return tree.total("cost of the firm, over lines", "USD", parts)


def line_tree(impact: Impact, line: str, branches: Branches) -> Node | None:
    """Cost of one line of the firm's ledger.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    line
        One of ``LINES``.
    branches
        Trees of its replicates.

    Returns
    -------
    Tree; None without a ledger, or for a line that this breach cannot have. [USD]
    """
    costs = impact.firm
    if costs is None or not impact.firm_lines:
        return None
    own = costs.own_line(line)
    if own is not None and own.estimate is not None:
        return _replaced(impact, line, own.estimate, branches)
    modeled = _modeled(impact, costs, line, branches)
    if own is None or modeled is None:
        return modeled
    factor = np.full(branches.size, float(own.scale or 1.0))
    return tree.product(
        modeled.label, "USD", [modeled, _leaf("factor of the user", "given", "1", factor, own.reason)]
    )


def _replaced(impact: Impact, line: str, amount: Estimate, branches: Branches) -> Node:
    """Line of which the user gave the amount."""
    parts = [branches.parameter(amount)]
    if amount.unit == "USD/person":
        notified = np.full(branches.size, impact.notified()[0], dtype=np.float64)
        parts.insert(0, _leaf("people whom the firm notifies", "given", "accounts", notified))
    if line == "insurance_recovery":
        parts.append(_leaf("a recovery lowers the cost", "given", "1", -np.ones(branches.size)))
    return tree.product(f"cost of {line.replace('_', ' ')}, as the user has it", "USD", parts)


def _modeled(impact: Impact, costs: FirmCosts, line: str, branches: Branches) -> Node | None:
    """Line of the model."""
    if line in PAYMENTS:
        return _payment(impact, costs, line, branches)
    if line in RESPONSE:
        return _part_of_response(impact, costs, line, branches)
    if line == "churn":
        customers = np.full(branches.size, breached(impact.scenario).customers, dtype=np.float64)
        rates = [branches.parameter(costs.churn), branches.parameter(costs.margin)]
        firm = _leaf("customers of the firm", "given", "accounts", customers)
        return tree.product("cost of churn", "USD", [firm, *rates])
    return _recovery(impact, costs, branches)


def _payment(impact: Impact, costs: FirmCosts, line: str, branches: Branches) -> Node | None:
    if line not in breached(impact.scenario).lines():
        return None
    size, factor = _size(impact, costs, line, branches)
    paid = (impact.firm_lines[line] > 0)[branches.rows].astype(np.float64)
    whether = _leaf(f"whether there is a payment (line {line})", "chance", "1", paid)
    return tree.product(f"cost of {line.replace('_', ' ')}", "USD", [whether, size, factor])


def _size(impact: Impact, costs: FirmCosts, line: str, branches: Branches) -> tuple[Node, Node]:
    """What the posterior row says of a payment, and the factor of this breach and line."""
    from scipy.special import ndtri

    draw, case = impact.law.parameters, breached(impact.scenario).case
    rows = costs.rows.pick(draw.chance(STREAMS["row"]))
    shared, own = ndtri(draw.chance(STREAMS["breach"])), ndtri(draw.chance(f"firm.{line}.size"))
    mean = costs.rows.log_mean(line, case, rows)
    away = costs.rows.log_payment(line, case, rows, shared, own) - mean
    note = f"posterior of {costs.rows.figures} published amounts, data {costs.rows.hash[:12]}"
    label = f"middle of a payment for {case.summary().replace('_', ' ')}"
    center = _leaf(label, "given", "USD", np.exp(mean)[branches.rows], note)
    factor = np.exp(away)[branches.rows]
    return center, _leaf("factor of this breach and of this line", "chance", "ratio", factor)


def _part_of_response(impact: Impact, costs: FirmCosts, line: str, branches: Branches) -> Node:
    leaf = branches.parameter
    notified = np.full(branches.size, impact.notified()[0], dtype=np.float64)
    people = _leaf("people whom the firm notifies", "given", "accounts", notified)
    mixed = [leaf(costs.letters), leaf(costs.letter), leaf(costs.electronic)]
    one = tree.made("cost of notifying one: by letter, or by message", "mixture", "USD/person", mixed, _mix)
    calls = [people, leaf(costs.calls), leaf(costs.call)]
    enrolled = [people, leaf(costs.takeup), leaf(costs.monitoring)]
    parts = {
        "incident_response": leaf(costs.incident_response),
        "notice": tree.product("estimated notice", "USD", [people, one]),
        "call_centre": tree.product("estimated calls", "USD", calls),
        "monitoring": tree.product("estimated monitoring", "USD", enrolled),
    }
    fold = partial(_share, list(parts).index(line))
    share = tree.made("its share of the response", "ratio", "share", list(parts.values()), fold)
    return tree.product(
        f"cost of {line.replace('_', ' ')}", "USD", [*_size(impact, costs, "response", branches), share]
    )


def _recovery(impact: Impact, costs: FirmCosts, branches: Branches) -> Node:
    gross = tree.total("gross cost, over lines without churn", "USD", _gross(impact, costs, branches))
    chance = impact.law.parameters.chance(STREAMS["cover"])[branches.rows]
    label = "whether insurance pays (-1) or not (0)"
    whether = tree.made(label, "share", "1", [branches.parameter(costs.covered)], partial(_pays, chance))
    return tree.product("insurance recovery", "USD", [whether, branches.parameter(costs.cover), gross])


def _gross(impact: Impact, costs: FirmCosts, branches: Branches) -> list[Node]:
    """The response as a whole, since its split does not change it, and the payments."""
    payments = [line_tree(impact, line, branches) for line in PAYMENTS]
    if any(costs.own_line(line) for line in RESPONSE):
        response = [line_tree(impact, line, branches) for line in RESPONSE]
    else:
        response = [
            tree.product("cost of the response", "USD", [*_size(impact, costs, "response", branches)])
        ]
    return [part for part in (*response, *payments) if part is not None]


def _share(place: int, parts: Sequence[Array]) -> Array:
    return np.asarray(parts[place] / np.sum(list(parts), axis=0))


def _pays(chance: Array, parts: Sequence[Array]) -> Array:
    return -np.asarray(chance < parts[0], dtype=np.float64)


def _mix(parts: Sequence[Array]) -> Array:
    letters, letter, electronic = parts
    return np.asarray(letters * letter + (1.0 - letters) * electronic)


def _leaf(label: str, kind: str, unit: str, values: Array, note: str = "") -> Node:
    return Node(label=label, kind=kind, unit=unit, values=values, note=note)
