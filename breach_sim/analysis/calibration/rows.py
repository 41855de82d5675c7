"""Published amounts as rows of the fit.

Not here: the choice of what is fitted, which the file of amounts states row by row, with a reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from breach_sim import catalog
from breach_sim.analysis.calibration.gaussian import FitRow
from breach_sim.inputs.firm.outcomes import PublishedAmount, kinds_by_breach
from breach_sim.inputs.firm.payments import Case, known_kinds, line_of


def kinds_of(amounts: Iterable[PublishedAmount]) -> dict[str, frozenset[str]]:
    """Return the kinds of data of each breach, as the model knows them.

    Parameters
    ----------
    amounts
        All amounts of the breaches, since each lists few fields.

    Returns
    -------
    Names of ``payments.DATA_KINDS`` by identity of the breach.
    """
    known = tuple(amounts)
    fields: dict[str, set[str]] = {}
    for amount in known:
        fields.setdefault(amount.breach, set()).update(amount.fields)
    found = {}
    for breach, kinds in kinds_by_breach(known).items():
        own = known_kinds(kinds, fields[breach])
        # "Personal" of VCDB and an empty list say nothing about the kinds; contact data say that none leaked.
        silent = not own | (kinds - {"personal_unknown"})
        found[breach] = frozenset({"unknown"}) if silent else own
    return found


def row_of(amount: PublishedAmount, kinds: frozenset[str]) -> FitRow | None:
    """Return a published amount as a row that the model can speak about.

    Parameters
    ----------
    amount
        What was published.
    kinds
        Kinds of data of its breach, from :func:`kinds_of`.

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
        case=Case(people=amount.people, kinds=kinds, country=amount.country or "US"),
        ln_amount=math.log(amount.usd_constant),
        bound=amount.bound,
    )


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
    chosen = catalog.load_amounts() if amounts is None else tuple(amounts)
    kinds = kinds_of(chosen)
    rows = (row_of(amount, kinds[amount.breach]) for amount in chosen if amount.use == "fit")
    return tuple(row for row in rows if row is not None)
