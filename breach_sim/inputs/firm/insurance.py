"""Insurance of a firm: layers with retention, limit and coinsurance, exact on every draw.

A layer pays a share of what the covered lines cost above its retention, up to its limit. Several layers make
a program; an aggregate limits what the whole program pays for all events of a year.

Not here: what a breach costs the firm (``ledger``), and tables of what is left (``whatif.insurance``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.digits import human
from breach_sim.formatting.display import Displayable
from breach_sim.formatting.messages import named, repeated, shown, unknown
from breach_sim.inputs.firm.ledger import LINES

COVERED = tuple(line for line in LINES if line != "insurance_recovery")
"""Lines that can be insured, in the order of the ledger."""
SLACK = 1e-9
"""How far shares may exceed 1 by rounding."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Layer(Displayable):
    """One layer of insurance.

    Parameters
    ----------
    name
        Name in tables.
    retention
        Cost of an event below which the layer pays nothing. [0, inf) [USD]
    limit
        Cost above the retention up to which it pays. (0, inf] [USD]
    coinsurance
        Share of the layer that the firm bears itself. [0, 1)
    lines
        Lines of the ledger that it covers; all where empty. [names]
    sublimits
        Most that counts of a line, by its name. [0, inf) [USD]

    Raises
    ------
    ValueError
        If an amount or share is out of range, or a line is unknown.
    """

    name: str
    retention: float = 0.0
    limit: float = math.inf
    coinsurance: float = 0.0
    lines: tuple[str, ...] = ()
    sublimits: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.retention < math.inf:
            raise ValueError(
                f"retention of layer {self.name!r} is {shown(self.retention)}; it must be 0 USD or more"
            )
        if not self.limit > 0:
            raise ValueError(f"limit of layer {self.name!r} is {shown(self.limit)}; it must be above 0 USD")
        if not 0 <= self.coinsurance < 1:
            raise ValueError(
                f"coinsurance of layer {self.name!r} is {shown(self.coinsurance)}; it is the share of the "
                "firm, from 0 to below 1"
            )
        for line in (*self.lines, *self.sublimits):
            if line not in COVERED:
                raise ValueError(unknown("line", line, COVERED, f"layer {self.name!r}"))
        for line, most in self.sublimits.items():
            if not most >= 0:
                raise ValueError(
                    f"sublimit of {line} in layer {self.name!r} is {shown(most)}; it must be 0 USD or more"
                )

    @property
    def ends(self) -> float:
        """Cost of an event above which the layer pays no more, in USD."""
        return self.retention + self.limit

    @property
    def covers(self) -> tuple[str, ...]:
        """Lines that the layer covers."""
        return self.lines or COVERED

    def pays(self, lines: Mapping[str, Array]) -> Array:
        """Return what the layer pays for one event, before an aggregate.

        Parameters
        ----------
        lines
            Cost of the firm by line. Shape (R,) each. [USD]

        Returns
        -------
        Shape (R,). [0, limit (1 - coinsurance)] [USD]
        """
        covered = [
            np.minimum(lines[line], self.sublimits.get(line, math.inf))
            for line in self.covers
            if line in lines
        ]
        cost = np.sum(covered, axis=0) if covered else np.zeros(1)
        return np.asarray((1 - self.coinsurance) * np.clip(cost - self.retention, 0.0, self.limit))

    def summary(self) -> str:
        """Limit above retention, the share of the firm, and the lines it covers."""
        limit = "no limit" if math.isinf(self.limit) else f"{human(self.limit)} USD"
        share = f", the firm bears {self.coinsurance:.0%} of it" if self.coinsurance else ""
        return f"{limit} above {human(self.retention)} USD{share}; {', '.join(self.lines) or 'all lines'}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Program(Displayable):
    """Layers that pay beside each other.

    Parameters
    ----------
    layers
        At least one, with different names.
    aggregate
        Most that all layers together pay for all events of a year; no limit by default. (0, inf] [USD]

    Raises
    ------
    ValueError
        If there is no layer, two have one name or cover the same cost twice, or the aggregate is not above 0.
    """

    layers: tuple[Layer, ...]
    aggregate: float = math.inf

    def __post_init__(self) -> None:
        if not self.layers:
            raise ValueError("the program has no layer; give at least one, with its retention and limit")
        if not self.aggregate > 0:
            raise ValueError(f"aggregate is {shown(self.aggregate)}; it must be above 0 USD")
        names = [layer.name for layer in self.layers]
        if len(set(names)) < len(names):
            raise ValueError(f"layers have one name: {repeated(names)}; names must differ")
        ends = sorted({end for layer in self.layers for end in (layer.retention, layer.ends)})
        for line in COVERED:
            for low, high in pairwise(ends):
                here = [own for own in self.layers if line in own.covers and own.retention <= low < own.ends]
                share = math.fsum(1 - own.coinsurance for own in here)
                if share > 1 + SLACK:
                    raise ValueError(
                        f"layers {named(repr(own.name) for own in here)} together pay {share:.0%} of "
                        f"cost from {low:,.0f} to {high:,.0f} USD; raise a retention, lower a limit, or give "
                        "coinsurance, so that at most all of it is paid"
                    )

    def ceded(self, events: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
        """Return what each layer pays for all events of a year.

        Parameters
        ----------
        events
            Cost of the firm by line, for each event. Shape (R,) each. [USD]

        Returns
        -------
        By name of the layer; where the aggregate is used up, every layer pays the same share less.
        Shape (R,) each. [USD]
        """
        paid = {layer.name: np.sum([layer.pays(lines) for lines in events], axis=0) for layer in self.layers}
        total = np.sum(list(paid.values()), axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            kept = np.where(total > self.aggregate, self.aggregate / total, 1.0)
        return {name: amount * kept for name, amount in paid.items()}

    def summary(self) -> str:
        """Names of the layers, and the aggregate."""
        most = "" if math.isinf(self.aggregate) else f"; aggregate {human(self.aggregate)} USD"
        return f"layers {', '.join(layer.name for layer in self.layers)}{most}"
