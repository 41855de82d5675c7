"""Who pays: bearers of the loss, the firm's ledger, people notified, and hours lost.

Not here: the rates of the firm's ledger (``inputs.firm``), and how sure a figure is (``uncertainty``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.digits import human
from breach_sim.formatting.tables import Row, summary, table
from breach_sim.inputs.firm.ledger import CUSTOMERS, LINES, Breached, Draws, FirmCosts, why_no_ledger
from breach_sim.inputs.firm.outcomes import data_kinds
from breach_sim.inputs.firm.payments import Case, known_kinds
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.arrays.drawn import read_only
from breach_sim.results.expectations import borne, by_bearer, expected
from breach_sim.results.replicates import Replicates
from breach_sim.results.tables.curves import curve

if TYPE_CHECKING:
    import pandas as pd


def notified(scenario: Scenario) -> tuple[int, int]:
    """People whom the firm notifies: accounts of all segments in which anything leaked.

    Parameters
    ----------
    scenario
        The breach.

    Returns
    -------
    How many, and how many of them are customers now. [accounts]
    """
    reached = [segment for segment in scenario.segments if segment.fields]
    customers = sum(segment.accounts for segment in reached if segment.kind in CUSTOMERS)
    return sum(segment.accounts for segment in reached), customers


def breached(scenario: Scenario) -> Breached:
    """What the firm's ledger asks of a breach.

    Parameters
    ----------
    scenario
        The breach; someone is notified.

    Returns
    -------
    People, kinds of data and country; customers as the scenario states them, or those among the exposed.
    """
    people, exposed_customers = notified(scenario)
    fields = {name for segment in scenario.segments for name in segment.fields}
    countries = scenario.dossier.countries
    country = "US" if "US" in countries or not countries else countries[0]
    stated = scenario.customers is not None
    return Breached(
        case=Case(people=people, kinds=known_kinds(data_kinds(fields), fields), country=country),
        customers=exposed_customers if scenario.customers is None else scenario.customers,
        customers_stated=stated,
    )


def ledger_notes(run: Replicates) -> tuple[str, ...]:
    """What one must know to read the firm's ledger: why there is none, or what its customers are.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    Sentences; none where the run has no numbers of a firm.
    """
    if run.firm is None:
        return ()
    people, customers = notified(run.scenario)
    missing = why_no_ledger(people, run.scenario.firm)
    if missing:
        return (missing,)
    if run.scenario.customers is None and customers:
        return (
            f"Churn counts the {human(customers)} customers among the exposed. All customers of the firm are "
            "not stated, so that it is a lower bound.",
        )
    return ()


def why_no_cost(run: Replicates) -> str:
    """Say why a run has no cost of a firm, and what to do about it.

    Parameters
    ----------
    run
        Arrays of the run; it has no line of a firm.

    Returns
    -------
    Sentences.
    """
    return " ".join(ledger_notes(run)) or "The run has no numbers of a firm; simulate with firm=load_firm()."


def bearers(run: Replicates) -> pd.DataFrame:
    """Expected loss by attack and bearer.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    One row an attack and the total; one column a bearer, and their sum. Means over replicates. [USD]
    """
    rows = []
    for attack in run.attacks.attacks:
        mean = float(expected(run, "loss_usd", attack.name).mean())
        rows.append((attack.label, {who: share * mean for who, share in attack.borne.items()}))
    frame = table(rows, run.notes, total=True, index="attack")
    frame["all"] = frame.sum(axis=1)
    return frame


def loss_by_bearer(run: Replicates) -> dict[str, Array]:
    """Drawn loss by bearer, over all attacks.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    By bearer, in alphabetical order; they sum to the loss. Shape (R,) each. [USD]
    """
    return borne(run, dict(zip(run.attacks.names, run.pool_losses.sum(axis=1), strict=True)))


def lines_of(firm: FirmCosts, draw: Draws, scenario: Scenario) -> dict[str, Array]:
    """Draw the ledger of the firm of a scenario.

    Parameters
    ----------
    firm
        Numbers of the ledger.
    draw
        Draws of the parameters.
    scenario
        The breach.

    Returns
    -------
    By line; empty where there is no ledger. Shape (R,) each. [USD of 2024]
    """
    if why_no_ledger(notified(scenario)[0], scenario.firm):
        return {}
    return firm.lines(draw, breached(scenario))


def firm_lines(run: Replicates) -> Mapping[str, Array]:
    """Cost of the firm by line of its ledger.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    By line; empty where the run has no numbers of a firm, where no firm stands behind the data, and
    outside 500 to 3 billion people (:func:`ledger_notes` says why). Shape (R,) each, read-only. [USD]
    """
    costs = {} if run.firm is None else lines_of(run.firm, run.law.parameters, run.scenario)
    return {line: read_only(cost) for line, cost in costs.items()}


def firm_cost(lines: Mapping[str, Array]) -> Array | None:
    """Cost of the firm, all lines.

    Parameters
    ----------
    lines
        What :func:`firm_lines` returned. Shape (R,) each. [USD]

    Returns
    -------
    Shape (R,); None where there is no line. [USD]
    """
    return np.sum([lines[line] for line in LINES], axis=0) if lines else None


def firm_exceedance(run: Replicates, probabilities: Iterable[float] | None = None) -> pd.DataFrame:
    """Exceedance curve of the cost of the firm.

    Parameters
    ----------
    run
        Arrays of the run.
    probabilities
        Chances of exceeding; a useful set if None. (0, 1)

    Returns
    -------
    One row a probability, falling: var_usd, tvar_usd, band_low_usd, band_high_usd. [USD of 2024]

    Raises
    ------
    ValueError
        If there is no ledger of a firm, or a probability is not strictly between 0 and 1.
    """
    cost = firm_cost(firm_lines(run))
    if cost is None:
        raise ValueError(f"the cost of the firm has no exceedance curve. {why_no_cost(run)}")
    frame = curve(cost, probabilities, run.scramble)
    frame.attrs["notes"] = (*run.notes, *ledger_notes(run))
    return frame


def ledgers(run: Replicates) -> pd.DataFrame:
    """Two ledgers, never added: what victims and third parties lose, and what the firm pays.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    One row a line, index (ledger, line): p5, p50, p95, mean, and the unit. [USD], [hours]
    """
    import pandas as pd

    rows = ledger_rows(run, firm_lines(run))
    frame = table(rows, (*run.notes, *ledger_notes(run)))
    frame.index = pd.MultiIndex.from_tuples([label for label, _ in rows], names=["ledger", "line"])
    return frame


def ledger_rows(run: Replicates, costs: Mapping[str, Array]) -> list[Row]:
    """Rows of both ledgers, as plain numbers.

    Parameters
    ----------
    run
        Arrays of the run.
    costs
        What :func:`firm_lines` returned. Shape (R,) each. [USD]

    Returns
    -------
    (ledger, line), and p5, p50, p95, mean and the unit. [USD], [hours]
    """
    means = by_bearer(run)
    lines: dict[tuple[str, str], tuple[Array, Array, str]] = {
        ("victims", who): (loss, means[who], "USD") for who, loss in loss_by_bearer(run).items()
    }
    lines["victims", "all"] = run.loss, expected(run, "loss_usd"), "USD"
    lines["hours", "all"] = np.sum(_hours_by_attack(run), axis=0), expected(run, "hours"), "hours"
    lines |= {("firm", line): (cost, cost, "USD") for line, cost in costs.items()}
    whole = firm_cost(costs)
    if whole is not None:
        lines["firm", "all"] = whole, whole, "USD"
    return [(label, summary(sample, mean) | {"unit": unit}) for label, (sample, mean, unit) in lines.items()]


def hours(run: Replicates) -> pd.DataFrame:
    """Time that the victims lose.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    One row an attack and the total: p5, p50, p95 and mean. [hours]
    """
    samples = _hours_by_attack(run)
    rows = [
        (attack.label, summary(sample, expected(run, "hours", attack.name)))
        for attack, sample in zip(run.attacks.attacks, samples, strict=True)
    ]
    whole = summary(np.sum(samples, axis=0), expected(run, "hours"))
    return table([*rows, ("all attacks", whole)], run.notes, index="attack")


def _hours_by_attack(run: Replicates) -> list[Array]:
    """Hours lost by the drawn victims of each attack. Shape (R,) each, in hours."""
    return [
        run.drawn.victims[i].sum(axis=0) * run.law.parameters(attack.hours)
        for i, attack in enumerate(run.attacks.attacks)
    ]
