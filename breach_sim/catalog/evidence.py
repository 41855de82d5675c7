"""Load the numbers of the firm's ledger, conflicting SSN shares, and largest harms."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from breach_sim.catalog.payments import load_payment_rows
from breach_sim.catalog.reader import Reader, Table, data, load_sources, parse
from breach_sim.inputs.firm.ledger import FIRM_NUMBERS, FirmCosts
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario


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


@lru_cache(maxsize=1)
def load_harms() -> Mapping[str, Table]:
    """Load the largest harm of every scenario, as computed when the catalog page was made.

    Returns
    -------
    By scenario: ``attack`` and ``loss_usd``. See ``catalog_page.top_harm``.

    Raises
    ------
    CatalogError
        If the file is invalid.
    """
    reader = Reader("harms.toml", ())
    tables = parse(data("generated", "harms.toml"), "harms.toml")
    for name, table in tables.items():
        reader.keys(table, name, ("attack", "loss_usd"), ("attack", "loss_usd"))
    return tables


@lru_cache(maxsize=1)
def load_readings() -> Mapping[str, tuple[Estimate, ...]]:
    """Load the conflicting shares of accounts whose SSN leaked, by breach.

    Returns
    -------
    Fixed estimates, by the prefix of the breach's scenario names. [share]

    Raises
    ------
    CatalogError
        If the file is invalid.
    """
    reader = Reader("readings.toml", load_sources())
    shares = {}
    for breach, table in parse(data("readings.toml"), "readings.toml").items():
        reader.keys(table, breach, ("ssn",), ("ssn",))
        shares[breach] = tuple(reader.estimates(table, f"readings.{breach}", "ssn").values())
    return shares


def readings_of(scenario: Scenario) -> tuple[Estimate, ...]:
    """Return the SSN shares published for the breach of a scenario.

    Parameters
    ----------
    scenario
        Any.

    Returns
    -------
    Fixed estimates; empty if none were published. [share]
    """
    return next((shares for name, shares in load_readings().items() if scenario.name.startswith(name)), ())
