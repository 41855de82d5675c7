"""What a breach costs its firm, as a board asks: curve, appetite, materiality, insurance, cash by quarter.

Not here: the ledger (``results.tables.money``), layers (``insurance``), when lines are paid
(``inputs.firm.timing``), and what mitigations change of it (``comparison``).
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.catalog import label_of_line
from breach_sim.formatting import html
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.digits import human, percent, significant
from breach_sim.formatting.messages import shown
from breach_sim.formatting.tables import Row, spread, summary, table
from breach_sim.inputs.firm.insurance import Program
from breach_sim.inputs.firm.ledger import LINES
from breach_sim.inputs.firm.timing import QUARTERS_A_YEAR, RECOVERY, Timing
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.overrides import AMOUNTS
from breach_sim.results.replicates import Replicates
from breach_sim.results.tables.curves import checked_appetite, curve, within_appetite
from breach_sim.results.tables.money import firm_cost, firm_lines, ledger_notes, why_no_cost
from breach_sim.results.tables.sources import estimates
from breach_sim.whatif.insurance import Insured, insured

if TYPE_CHECKING:
    import pandas as pd

CHANCES = (0.5, 0.05, 0.005)
"""Chances of exceeding at which materiality is given: 1 in 2, 1 in 20, 1 in 200."""
YARDSTICKS = AMOUNTS
"""What a cost can be a share of, in order."""


@dataclasses.dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class FirmAnswer:
    """Cost of the firm of one breach.

    Parameters
    ----------
    name
        Of the scenario.
    lines
        Cost by line of the ledger, before the insurance of a program. What the model takes insurance to
        pay is negative; it is 0 where there is a program. Shape (R,) each. [USD of 2024]
    quarters
        The same by quarter after the sale, ``insurance_recovery`` being what the program pays where there
        is one. Shape (Q, R) each. [USD of 2024]
    insured
        Cost with the program; None without one.
    amounts
        Yearly revenue, yearly income and cash of the firm, those that were given. (0, inf) [USD]
    appetite_usd
        Largest acceptable cost by the chance of exceeding it; empty if none was given. [USD]
    discount
        Yearly rate of discount. [0, 1]
    scramble
        Number of the scramble of each replicate, shape (R,); None for plain draws.
    seed
        Of the run.
    notes
        Cautions of the run, its ledger and the timing.
    numbers
        Every number behind it, each once.
    """

    name: str
    lines: Mapping[str, Array]
    quarters: Mapping[str, Array]
    insured: Insured | None
    amounts: Mapping[str, float]
    appetite_usd: Mapping[float, float]
    discount: float
    scramble: NDArray[np.int64] | None
    seed: int
    notes: tuple[str, ...] = ()
    numbers: tuple[Estimate, ...] = ()

    @cached_property
    def cost(self) -> Array:
        """What the firm bears in the end: all lines, less what insurance pays. Shape (R,), USD of 2024."""
        return self.insured.net if self.insured else np.sum([self.lines[line] for line in LINES], axis=0)

    @cached_property
    def present_value(self) -> Array:
        """The cost discounted from the middle of each quarter to the sale. Shape (R,), USD of 2024."""
        paid = np.sum(list(self.quarters.values()), axis=0)
        years = (np.arange(len(paid)) + 0.5) / QUARTERS_A_YEAR
        return np.asarray((1.0 + self.discount) ** -years @ paid)

    def table(self) -> pd.DataFrame:
        """Return the cost by line, all of it, and its present value.

        Returns
        -------
        One row a line that is ever above or below 0, one row a layer of insurance (negative), "all" (what
        the firm bears in the end) and "present value": p5, p50, p95 and mean. [USD of 2024]
        """
        rows: list[Row] = [(line, summary(cost, cost)) for line, cost in self.lines.items() if cost.any()]
        if self.insured:
            rows += [(name, summary(-paid, -paid)) for name, paid in self.insured.by_layer.items()]
        rows += [("all", summary(self.cost, self.cost))]
        rows += [("present value", summary(self.present_value, self.present_value))]
        frame = table(rows, self.notes)
        frame.index.name = "line"
        return frame

    def exceedance(self, probabilities: Iterable[float] | None = None) -> pd.DataFrame:
        """Exceedance curve of what the firm bears in the end.

        Parameters
        ----------
        probabilities
            Chances of exceeding; a useful set if None. (0, 1)

        Returns
        -------
        One row a probability, falling: var_usd, tvar_usd, band_low_usd, band_high_usd. [USD of 2024]

        Raises
        ------
        ValueError
            If a probability is not strictly between 0 and 1.
        """
        frame = curve(self.cost, probabilities, self.scramble)
        frame.attrs["notes"] = self.notes
        return frame

    def appetite(self, appetite: Mapping[float, float] | None = None) -> pd.DataFrame:
        """Hold what the firm bears against its risk appetite.

        Parameters
        ----------
        appetite
            Largest acceptable amount by the chance of exceeding it; the one that was given before if
            None. (0, 1), [0, inf) [USD]

        Returns
        -------
        One row a chance, falling: appetite_usd, model_usd, chance_of_exceeding, inside. [USD], [share]

        Raises
        ------
        ValueError
            If there is no appetite, or it is out of range.
        """
        frame = within_appetite(self.cost, appetite or self.appetite_usd, self.scramble)
        frame.attrs["notes"] = self.notes
        return frame

    def materiality(self) -> pd.DataFrame:
        """Return the cost as a share of what the firm earns and has.

        Returns
        -------
        One row an amount that was given and a chance (1 in 2, 1 in 20, 1 in 200), index (of, chance):
        cost_usd, of_usd and share. No row where no amount was given. [USD], [share]
        """
        import pandas as pd

        costs = curve(self.cost, CHANCES, self.scramble)["var_usd"]
        rows = {
            (of, chance): {"cost_usd": cost, "of_usd": usd, "share": cost / usd}
            for of, usd in self.amounts.items()
            for chance, cost in costs.items()
        }
        index = pd.MultiIndex.from_tuples(list(rows), names=["of", "chance"])
        frame = pd.DataFrame(list(rows.values()), index=index, columns=["cost_usd", "of_usd", "share"])
        frame.attrs["notes"] = self.notes
        return frame

    def cash_by_quarter(self) -> pd.DataFrame:
        """Return what the firm pays by quarter after the sale.

        Returns
        -------
        One row a quarter up to the last in which anything is paid, index ``quarter`` (0: the first three
        months): p5, p50, p95 and mean of the quarter, ``present_value`` of the mean, ``paid`` (mean up to
        and with this quarter), and the mean by line. Means sum over lines and quarters. [USD of 2024]
        """
        import pandas as pd

        total = np.sum(list(self.quarters.values()), axis=0)
        frame = pd.DataFrame([summary(row) for row in total])
        years = (frame.index.to_numpy() + 0.5) / QUARTERS_A_YEAR
        frame["present_value"] = frame["mean"] * (1.0 + self.discount) ** -years
        frame["paid"] = frame["mean"].cumsum()
        for line, paid in self.quarters.items():
            if paid.any():
                frame[line] = paid.mean(axis=1)
        frame.index.name = "quarter"
        last = int(np.flatnonzero(np.abs(total).sum(axis=1))[-1]) if total.any() else 0
        frame = frame.iloc[: last + 1]
        frame.attrs["notes"] = self.notes
        return frame

    def to_json(self) -> str:
        """Return the answer as one JSON document.

        Returns
        -------
        ``scenario``, ``seed``, ``lines``, ``layers``, ``cost_usd``, ``present_value_usd``, ``discount``,
        ``exceedance``, ``appetite``, ``materiality``, ``cash_by_quarter``, ``notes``.
        """
        layers = self.insured.by_layer if self.insured else {}
        document: dict[str, Any] = {
            "scenario": self.name,
            "seed": self.seed,
            "lines": {line: summary(cost) for line, cost in self.lines.items() if cost.any()},
            "layers": {name: summary(paid) for name, paid in layers.items()},
            "cost_usd": summary(self.cost),
            "present_value_usd": summary(self.present_value),
            "discount": self.discount,
            "exceedance": self.exceedance().reset_index().to_dict("records"),
            "appetite": self.appetite().reset_index().to_dict("records") if self.appetite_usd else [],
            "materiality": self.materiality().reset_index().to_dict("records"),
            "cash_by_quarter": self.cash_by_quarter().reset_index().to_dict("records"),
            "notes": list(self.notes),
        }
        return json.dumps(document, indent=2)

    def facts(self) -> list[tuple[str, str]]:
        """Return the answer in words.

        Returns
        -------
        Pairs of a label and its text: cost, tail, present value, insurance, appetite and materiality.
        """
        tail = curve(self.cost, CHANCES[1:], self.scramble)["var_usd"]
        rare, rarer = (human(significant(float(value), 2)) for value in tail)
        lines = [
            ("cost of the firm [USD]", spread(self.cost, self.scramble)),
            ("exceeded 1 in 20 and 1 in 200 [USD]", f"{rare}; {rarer}"),
        ]
        if self.discount:
            lines += [
                (
                    f"present value at {percent(self.discount)} [USD]",
                    spread(self.present_value, self.scramble),
                )
            ]
        if self.insured:
            lines += [
                (f"paid by {name}, mean [USD]", human(significant(float(paid.mean()), 2)))
                for name, paid in self.insured.by_layer.items()
            ]
        lines += self._appetite_facts() if self.appetite_usd else []
        for of in self.amounts:
            shares = self.materiality().loc[[of], "share"]
            words = ", ".join(
                f"{percent(float(share))} (1 in {1 / chance:.0f})"
                for chance, share in zip(CHANCES, shares, strict=True)
            )
            lines.append((f"share of {of}", words))
        return lines

    def _appetite_facts(self) -> list[tuple[str, str]]:
        table = self.appetite()
        words = ["inside" if inside else "exceeded" for inside in table["inside"]]
        return [
            (
                f"appetite {human(usd)} USD at {percent(chance)}",
                f"{word}; the chance of more is {percent(float(more))}",
            )
            for (chance, usd), word, more in zip(
                self.appetite_usd.items(), words, table["chance_of_exceeding"], strict=True
            )
        ]

    def __repr__(self) -> str:
        lines = [f"Cost of the firm of {self.name}", *(f"  {name}: {text}" for name, text in self.facts())]
        count = len(self.notes)
        return "\n".join([*lines, f"  {count} cautions in .notes" if count else ""]).rstrip()

    def _repr_html_(self) -> str:
        return html.card(f"Cost of the firm of {self.name}", self.facts(), notes=self.notes)


def firm_answer(
    run: Replicates,
    timing: Timing,
    *,
    program: Program | None = None,
    appetite: Mapping[float, float] | None = None,
    amounts: Mapping[str, float] | None = None,
    discount: float = 0.0,
) -> FirmAnswer:
    """What a breach costs its firm: :func:`breach_sim.api.firms.cost_to_firm` of objects.

    ``amounts`` are by :data:`YARDSTICKS`. Without a ledger, or with an amount, rate or appetite out of range,
    it raises ValueError.
    """
    if isinstance(discount, bool) or not 0 <= discount <= 1:
        raise ValueError(f"discount is {shown(discount)}; it is a yearly rate from 0 to 1, such as 0.05")
    for of, usd in (amounts or {}).items():
        if isinstance(usd, bool) or not 0 < usd < math.inf:
            raise ValueError(f"{of} is {shown(usd)} USD; give an amount above 0, or leave it out")
    wanted = checked_appetite(appetite) if appetite is not None else {}
    lines = dict(firm_lines(run))
    if firm_cost(lines) is None:
        raise ValueError(f"{run.scenario.name} has no cost of a firm. {why_no_cost(run)}")
    covered = insured(run, program) if program else None
    paid = lines
    if covered:
        lines[RECOVERY] = np.zeros(run.replicates)
        paid = lines | {RECOVERY: -covered.ceded}
    return FirmAnswer(
        name=run.scenario.name,
        lines=lines,
        quarters=timing.by_quarter(paid, run.law.parameters.chance),
        insured=covered,
        amounts={of: float((amounts or {})[of]) for of in YARDSTICKS if of in (amounts or {})},
        appetite_usd=wanted,
        discount=float(discount),
        scramble=run.scramble,
        seed=run.seed,
        notes=(*run.notes, *ledger_notes(run), *timing.notes(label_of_line)),
        numbers=estimates(run),
    )
