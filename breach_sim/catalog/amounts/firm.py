"""Load the numbers of the firm's ledger.

Not here: the ledger (``inputs.firm.ledger``), and the posterior rows of its payments (``payments``).
"""

from __future__ import annotations

from functools import lru_cache

from breach_sim.catalog.amounts.payments import load_payment_rows
from breach_sim.catalog.reader import Reader, data, load_sources, parse
from breach_sim.inputs.firm.ledger import FIRM_NUMBERS, FirmCosts


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
