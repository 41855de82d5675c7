"""A year of several breaches: how often each happens, what the year costs, and which breach contributes.

Each replicate is one year in one world: parameters are shared by all breaches of the year. The number of
breaches of each kind in a year is a Poisson number, and the years are independent of each other.

Not here: the runs of the breaches (``side_by_side``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.draws.streams import uniforms
from breach_sim.formatting import html
from breach_sim.formatting.arrays import Array, Counts
from breach_sim.formatting.display import plural
from breach_sim.formatting.messages import named, shown, unknown
from breach_sim.formatting.tables import Row, spread, summary, table
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.results.tables.curves import curve, within_appetite

if TYPE_CHECKING:
    import pandas as pd

RARE = 0.999
"""Quantile at which an uncertain frequency may be at most :data:`MOST`; draws beyond are cut to it."""
MOST = 100.0
"""Largest number of breaches of one kind expected in a year."""
TAIL = 0.99
"""Level from which on years count as the worst."""


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Years:
    """Years in which the breaches of a portfolio happen, each with its frequency.

    Parameters
    ----------
    of
        "loss_usd", what victims and others lose, or "firm_cost_usd", what the firms pay.
    frequencies
        Breaches expected in a year, by name of the scenario, in the order of the arrays; means where they are
        uncertain. B of them.
    events
        Breaches that happen. Shape (B, R). [breaches/year]
    by_breach
        Money by breach. Shape (B, R). [USD/year]
    seed
        Seed of every stream.
    scramble
        Number of the scramble of each replicate, shape (R,); None for plain draws.
    notes
        Cautions.
    """

    of: str
    frequencies: Mapping[str, float]
    events: Counts
    by_breach: Array
    seed: int
    scramble: NDArray[np.int64] | None
    notes: tuple[str, ...]

    @cached_property
    def total(self) -> Array:
        """Money of a year, all breaches [USD/year]. Shape (R,)."""
        return np.asarray(self.by_breach.sum(axis=0))

    def table(self) -> pd.DataFrame:
        """What a year costs, by breach and in all.

        Returns
        -------
        One row a breach and the total: ``frequency`` expected [breaches/year], ``p_any`` of at least one,
        ``p5``, ``p50``, ``p95`` and ``mean`` of the money [USD/year], ``share`` of the mean, and
        ``tail_share``, its share of the worst 1 % of the years. Means and shares add up.
        """
        worst = np.argsort(self.total, kind="stable")[int(np.ceil(len(self.total) * TAIL - 1e-9)) :]
        worst = worst if len(worst) else np.array([int(np.argmax(self.total))])
        whole, tail = float(self.total.mean()), float(self.total[worst].mean())
        rows: list[Row] = []
        cases = list(zip(self.frequencies.items(), self.events, self.by_breach, strict=True))
        every = ("total", sum(self.frequencies.values()))
        for (name, frequency), events, money in [*cases, (every, self.events.sum(axis=0), self.total)]:
            row = {"frequency": frequency, "p_any": float(np.mean(events > 0)), **summary(money)}
            row["share"] = float(money.mean()) / whole if whole else 0.0
            row["tail_share"] = float(money[worst].mean()) / tail if tail else 0.0
            rows.append((name, row))
        frame = table(rows, self.notes)
        frame.index.name = "breach"
        return frame

    def exceedance(self, probabilities: Iterable[float] | None = None) -> pd.DataFrame:
        """Exceedance curve of a year: the money exceeded with each probability.

        Parameters
        ----------
        probabilities
            Chances of exceeding in a year. (0, 1). A useful set by default.

        Returns
        -------
        One row a probability, falling: var_usd, tvar_usd, band_low_usd, band_high_usd. [USD/year]

        Raises
        ------
        ValueError
            If a probability is not strictly between 0 and 1.
        """
        return curve(self.total, probabilities, self.scramble)

    def appetite(self, appetite: Mapping[float, float]) -> pd.DataFrame:
        """Hold a year against a risk appetite.

        Parameters
        ----------
        appetite
            Largest acceptable amount by the chance of exceeding it in a year. (0, 1), [0, inf) [USD]

        Returns
        -------
        One row a chance, falling: appetite_usd, model_usd, chance_of_exceeding, inside. [USD], [share]

        Raises
        ------
        ValueError
            If it is empty, out of range, or a rarer amount is smaller.
        """
        return within_appetite(self.total, appetite, self.scramble)

    def document(self) -> dict[str, Any]:
        """Return the years as plain data.

        Returns
        -------
        ``of``, ``frequencies``, ``total`` and ``breaches`` with the numbers of :meth:`table`, and
        ``exceedance``.
        """
        rows = json.loads(self.table().to_json(orient="index", double_precision=15))
        return {
            "of": self.of,
            "unit": "USD/year",
            "total": rows.pop("total"),
            "breaches": rows,
            "exceedance": self.exceedance().reset_index().to_dict(orient="records"),
        }

    def _lines(self) -> list[tuple[str, str]]:
        never = float(np.mean(self.events.sum(axis=0) == 0))
        return [
            ("money of a year, median (90 % interval) [USD]", spread(self.total, self.scramble)),
            ("mean of a year [USD]", f"{float(self.total.mean()):.3g}"),
            ("years without a breach", f"{never:.0%}"),
        ]

    def __repr__(self) -> str:
        lines = [f"Years of {plural(len(self.frequencies), 'breach', 'breaches')}, {self.of}"]
        return "\n".join([*lines, *(f"  {label}: {text}" for label, text in self._lines())])

    def _repr_html_(self) -> str:
        return html.card(f"Years of {len(self.frequencies)} breaches, {self.of}", self._lines())


def checked_frequencies(
    frequencies: Mapping[str, float | Estimate], names: Iterable[str]
) -> dict[str, float | Estimate]:
    """Check yearly frequencies.

    Parameters
    ----------
    frequencies
        Breaches expected in a year, by name of the scenario; an estimate where that is uncertain. [0, 100]
    names
        Names of the scenarios.

    Returns
    -------
    The same, in the order of the names.

    Raises
    ------
    ValueError
        If a name is unknown or missing, or a frequency is no number from 0 to 100.
    """
    known = list(names)
    for name, value in frequencies.items():
        if name not in known:
            raise ValueError(unknown("breach", name, known, "frequencies"))
        if isinstance(value, Estimate):
            top = float(value.ppf(np.array([RARE]))[0])
            if top > MOST:
                raise ValueError(
                    f"{value.name} is {value.numbers_text()} {value.unit}, above {top:g} in one year of a "
                    f"thousand; it may be at most {MOST:g} there: take a narrower distribution"
                )
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= MOST:
            raise ValueError(
                f"frequency of {name!r} is {shown(value)}; it is the number of breaches expected in a year "
                f"and must lie in [0, {MOST:g}]"
            )
    missing = [name for name in known if name not in frequencies]
    if missing:
        raise ValueError(
            f"frequency of {named(map(repr, missing))} is missing; give one for each breach, such as 0.1 "
            "for one in ten years"
        )
    found = {name: frequencies[name] for name in known}
    return {name: each if isinstance(each, Estimate) else float(each) for name, each in found.items()}


def draw_years(
    money: Mapping[str, tuple[Array, Array]], frequencies: Mapping[str, float | Array], seed: int
) -> tuple[Counts, Array]:
    """Draw how often each breach happens in a year, and what the year costs.

    Parameters
    ----------
    money
        By name: drawn money of one breach, and its expectation given the parameters. Shape (R,) each. [USD]
    frequencies
        Breaches expected in a year, by the same names; shape (R,) where that is uncertain. [breaches/year]
    seed
        Seed of every stream.

    Returns
    -------
    Events and money by breach. Shape (B, R) each. [breaches/year], [USD/year]

    Notes
    -----
    The first breach of a kind in a year is the one that was drawn. A further one has the parameters of the
    same year and the luck, drawn over expected, of another replicate.
    """
    from scipy.stats import poisson

    events, totals = [], []
    for name, (drawn, expected) in money.items():
        size = len(drawn)
        chance = uniforms(seed, "year", "events", name, size=size)
        often = np.minimum(frequencies[name], MOST)
        happened: Counts = np.asarray(poisson.ppf(chance, often)).astype(np.int64)
        total = np.where(happened > 0, drawn, 0.0)
        luck = np.divide(drawn, expected, out=np.zeros(size), where=expected > 0)
        for number in range(2, int(happened.max(initial=0)) + 1):
            other = (uniforms(seed, "year", "luck", name, str(number), size=size) * size).astype(np.int64)
            total = total + np.where(happened >= number, expected * luck[other], 0.0)
        events.append(happened)
        totals.append(total)
    return np.stack(events), np.stack(totals)
