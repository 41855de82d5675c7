"""What a result rests on: every number used, its status and sources.

Not here: the sources themselves (``catalog.reader``), and how a figure comes from the numbers
(``analysis.provenance``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from breach_sim.engine.law import Law
from breach_sim.inputs.firm.ledger import FirmCosts
from breach_sim.inputs.numbers.estimates import STATUS_ORDER, Estimate, Source, weakest_first
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.replicates import Replicates

if TYPE_CHECKING:
    import pandas as pd


def estimates(run: Replicates) -> tuple[Estimate, ...]:
    """Every number behind the tables.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    Uncertain and certain parameters, backgrounds, hours, bearers, rates of the firm, releases and coverages,
    each once.
    """
    return estimates_of(run.law, run.scenario, run.firm)


def estimates_of(law: Law, scenario: Scenario, firm: FirmCosts | None = None) -> tuple[Estimate, ...]:
    """Every number behind a law of a breach.

    Parameters
    ----------
    law
        The law, after it was used.
    scenario
        The breach.
    firm
        Rates of the firm's ledger, if it counts.

    Returns
    -------
    As for :func:`estimates`.
    """
    used = {estimate.name: estimate for estimate in law.parameters.used}
    # Some look-ups decide only which part of the victims is replaceable; they count before anyone has asked.
    used |= {own.name: own for own in law.known.estimates}
    for attack in law.graph.attacks:
        extra = [attack.background, attack.hours, *attack.bearers.values()]
        extra += [attack.reporting] if attack.reporting else []
        used |= {estimate.name: estimate for estimate in extra}
    for estimate in firm.estimates() if firm else ():
        used[estimate.name] = estimate
    used |= {estimate.name: estimate for estimate in scenario.release.values()}
    used[law.graph.people_background.name] = law.graph.people_background
    for segment in scenario.segments:
        for leak in segment.leaks:
            # Two segments may give coverages of one name; the second is listed under its segment.
            if used.setdefault(leak.coverage.name, leak.coverage) != leak.coverage:
                used[f"{segment.name}: {leak.coverage.name}"] = leak.coverage
    return tuple(used.values())


def counted(numbers: Iterable[Estimate]) -> dict[str, int]:
    """Count of numbers by status.

    Parameters
    ----------
    numbers
        Any number of estimates.

    Returns
    -------
    By status, assumed first; statuses without a number are 0.
    """
    counts = dict.fromkeys(STATUS_ORDER, 0)
    for estimate in numbers:
        counts[estimate.status] += 1
    return counts


def by_status(run: Replicates, catalog: Mapping[str, Source] | None = None) -> pd.DataFrame:
    """Every number used and its sources, assumptions first.

    Parameters
    ----------
    run
        Arrays of the run.
    catalog
        Sources by id, to add grade and verification; ids alone if None.

    Returns
    -------
    One row a parameter: status, kind, numbers, unit, sources, note; with a catalog also grades and verified.
    """
    import pandas as pd

    if catalog is not None:
        catalog = run.scenario.with_own_sources(catalog)
    rows = []
    for estimate in weakest_first(estimates(run)):
        row: dict[str, Any] = {
            "parameter": estimate.name,
            "status": estimate.status,
            "kind": estimate.kind,
            "numbers": estimate.numbers_text(),
            "unit": estimate.unit,
            "sources": ", ".join(estimate.sources),
        }
        if catalog is not None:
            cited = [catalog[source] for source in estimate.sources if source in catalog]
            row["grades"] = " ".join(source.grade for source in cited)
            row["verified"] = " ".join(source.verified for source in cited)
        rows.append(row | {"note": estimate.note})
    frame = pd.DataFrame(rows).set_index("parameter")
    frame.attrs["notes"] = run.notes
    return frame
