"""Published amounts as rows of the fit.

Not here: the choice of what is fitted, which the file of amounts states row by row, with a reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from breach_sim import catalog
from breach_sim.analysis.calibration.gaussian import FitRow
from breach_sim.inputs.firm.payments import DATA_KINDS, PART_OF_SSN, Case, line_of
from breach_sim.inputs.outcomes import PublishedAmount


def row_of(amount: PublishedAmount) -> FitRow | None:
    """Return a published amount as a row that the model can speak about.

    Parameters
    ----------
    amount
        What was published.

    Returns
    -------
    The row; None if the amount is no money, its people are not known, or no line of the model is meant.
    """
    line = line_of(amount.kind, amount.country, amount.set_on or str(amount.year or ""))
    if line is None or amount.people is None or amount.usd_constant is None:
        return None
    return FitRow(
        breach=amount.breach,
        line=line,
        case=case_of(amount),
        ln_amount=math.log(amount.usd_constant),
        bound=amount.bound,
    )


def case_of(amount: PublishedAmount) -> Case:
    """Return what the model knows of the breach of an amount.

    Parameters
    ----------
    amount
        With people.

    Returns
    -------
    People, kinds of data, country (US where none is named).

    Raises
    ------
    ValueError
        If the people are not known.
    """
    if amount.people is None:
        raise ValueError(f"the people of {amount.name} are not known; the model needs their number")
    found = set(amount.data_kinds)
    if PART_OF_SSN in amount.fields:
        found.add("national_id")
    known = frozenset(found & set(DATA_KINDS))
    # "Personal" of VCDB and an empty list say nothing about the kinds; contact data say that none leaked.
    if not known and not found - {"personal_unknown"}:
        known = frozenset({"unknown"})
    return Case(people=amount.people, kinds=known, country=amount.country or "US")


def fit_rows(amounts: Iterable[PublishedAmount] | None = None) -> tuple[FitRow, ...]:
    """Return the rows that the model is fitted on.

    Parameters
    ----------
    amounts
        Published amounts; None takes those of the catalog.

    Returns
    -------
    Those whose use is "fit" and about which the model speaks, in the order of the file.
    """
    chosen = catalog.load_amounts() if amounts is None else amounts
    rows = (row_of(amount) for amount in chosen if amount.use == "fit")
    return tuple(row for row in rows if row is not None)
