"""Load the numbers of the firm's ledger.

Not here: the ledger (``inputs.firm.ledger``), and the posterior rows of its payments (``payments``).
"""

from __future__ import annotations

import dataclasses
from functools import lru_cache

from breach_sim.catalog.amounts.payments import load_payment_rows
from breach_sim.catalog.reader import Reader, data, load_sources, parse
from breach_sim.inputs.firm.ledger import FIRM_NUMBERS, FirmCosts
from breach_sim.inputs.numbers.overrides import Overrides, overridden


@lru_cache(maxsize=1)
def load_firm() -> FirmCosts:
    """Load the numbers of the firm's ledger, with the posterior rows of its payments.

    Returns
    -------
    The default rates of ``simulate``.

    Raises
    ------
    CatalogError
        If the file is invalid.
    """
    reader = Reader("firm.toml", load_sources())
    tables = parse(data("firm.toml"), "firm.toml")
    reader.keys(tables, "", FIRM_NUMBERS, FIRM_NUMBERS)
    return reader.make(FirmCosts, tables, "firm", rows=load_payment_rows())


def firm_with(overrides: Overrides) -> FirmCosts:
    """Return the numbers of the firm's ledger with those of a user in place of the catalog's.

    Parameters
    ----------
    overrides
        Changes of parameters and of lines.

    Returns
    -------
    Those of :func:`load_firm` if nothing of them is changed.
    """
    firm = overridden(load_firm(), overrides.changes)
    return dataclasses.replace(firm, own=overrides.lines) if overrides.lines else firm
