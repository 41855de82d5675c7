"""What the user knows of the firm, as a form quotes it: yearly amounts, shares of them, insurance.

Not here: the cost itself (``whatif.firm_answer``), and figures of a run (``quoted``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from breach_sim.apps.documents.quoted import Line, Quoted
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.digits import human, percent, significant
from breach_sim.formatting.tables import LEVELS, STATISTICS
from breach_sim.inputs.firm.timing import RECOVERY
from breach_sim.inputs.numbers.overrides import AMOUNTS
from breach_sim.results.impact import Impact
from breach_sim.whatif.firm_answer import FirmAnswer

GIVEN = "given"
"""First word of the name of a number that the user gave."""
ANSWER = "cost_to_firm"
"""First word of the name of a number of ``cost_to_firm``."""


def firm_facts(impact: Impact, firm: FirmAnswer | None = None) -> Mapping[str, Line]:
    """Return what a form can say of the firm beyond the run.

    Parameters
    ----------
    impact
        Result of ``simulate``; overrides of its scenario may give revenue, income, cash, and what insurance
        pays back.
    firm
        Result of ``cost_to_firm`` of the same breach, with the amounts and the insurance that were given
        there.

    Returns
    -------
    ``of_revenue``, ``of_income`` and ``of_cash``: the amount, and which share of it the cost is;
    ``insurance``: what is insured. Those of which nothing is known are left out.

    Raises
    ------
    ValueError
        If the answer is that of another breach.
    """
    if firm is not None and firm.name != impact.scenario.name:
        raise ValueError(
            f"firm is the cost of {firm.name!r}, and the forms are of {impact.scenario.name!r}; give "
            "cost_to_firm of the same impact"
        )
    own = impact.scenario.overrides
    amounts = {of: estimate.central for of, estimate in own.amounts.items()}
    amounts |= {} if firm is None else firm.amounts
    cost = impact.firm_cost if firm is None else firm.cost
    found: dict[str, Line] = {}
    if cost is not None:
        found |= {f"of_{of}": _share(of, amounts[of], cost) for of in AMOUNTS if of in amounts}
    if firm is not None and firm.insured is not None:
        paid = _interval(f"{ANSWER}.ceded", "USD of 2024", firm.insured.ceded)
        kept = _interval(f"{ANSWER}.net", "USD of 2024", firm.insured.net)
        found["insurance"] = ("The insurance pays ", *paid, " USD; ", *kept, " USD stay with the company")
    elif any(line.line == RECOVERY for line in own.lines) and impact.firm_lines:
        paid = _interval(f"{ANSWER}.recovery", "USD of 2024", -np.asarray(impact.firm_lines[RECOVERY]))
        found["insurance"] = ("The insurance pays ", *paid, " USD, as the company says")
    return found


def _share(of: str, usd: float, cost: Array) -> Line:
    """An amount of the firm, and the cost as a share of it."""
    amount = Quoted(figure=f"{GIVEN}.{of}", value=usd, unit="USD", text=human(significant(usd, 6)))
    share = _interval(f"{ANSWER}.share_of_{of}", "share", np.asarray(cost) / usd)
    return (amount, " USD, of which the cost is ", *share)


def _interval(figure: str, unit: str, sample: Array) -> Line:
    """Median, and in brackets the ends of nine in ten outcomes where they differ."""
    exact = [float(value) for value in np.quantile(sample, LEVELS)]
    texts = [percent(value) if unit == "share" else human(significant(value, 2)) for value in exact]
    low, middle, high = (
        Quoted(figure=f"{figure}.{name}", value=value, unit=unit, text=text)
        for name, value, text in zip(STATISTICS, exact, texts, strict=False)
    )
    if math.isclose(exact[0], exact[2]):
        return (middle,)
    return (middle, " (", low, " to ", high, ")")
