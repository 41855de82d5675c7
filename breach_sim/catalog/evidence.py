"""Load the firm's rates, published outcomes, conflicting SSN shares, and largest harms."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from breach_sim.catalog.reader import CatalogError, Reader, Table, data, load_sources, parse, sources_in
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.firm import FirmCosts
from breach_sim.inputs.numbers.estimates import Estimate, Source
from breach_sim.inputs.published import Outcome
from breach_sim.inputs.scenario import Scenario


@lru_cache(maxsize=1)
def load_firm() -> FirmCosts:
    """Load the rates of the firm's ledger.

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
    reader.check(FirmCosts, tables, "")
    return reader.make(FirmCosts, tables, "firm")


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
def load_outcomes() -> tuple[Outcome, ...]:
    """Load the published outcomes of breaches, with which predictions are compared.

    Returns
    -------
    Outcomes in the order of the file. None is an input of a simulation.

    Raises
    ------
    CatalogError
        If the file is invalid.
    """
    return read_outcomes(data("outcomes.toml"), "outcomes.toml")


def read_outcomes(path: Any, file: str) -> tuple[Outcome, ...]:
    """Read published outcomes from a TOML file with [[outcome]] and its own [source.ID] tables.

    Parameters
    ----------
    path
        Path or package resource.
    file
        Name for messages.

    Returns
    -------
    In the order of the file.

    Raises
    ------
    CatalogError
        With file, key, value, rule and remedy.
    """
    tables = parse(path, file)
    own = sources_in(tables.get("source", {}), file, "source.")
    reader = Reader(file, (*load_sources(), *own))
    reader.keys(tables, "", ("outcome", "source"), ("outcome",))
    return tuple(
        _outcome(reader, number, table)
        for number, table in enumerate(reader.get(tables, "", "outcome", list, []), 1)
    )


def outcome_sources() -> Mapping[str, Source]:
    """Load the sources that only the published outcomes cite, by id.

    Returns
    -------
    In the order of the file.

    Raises
    ------
    CatalogError
        If the file is invalid.
    """
    return sources_in(parse(data("outcomes.toml"), "outcomes.toml")["source"], "outcomes.toml", "source.")


def _outcome(reader: Reader, number: int, table: Any) -> Outcome:
    key = f"outcome {number}"
    if not isinstance(table, Mapping):
        raise CatalogError("an outcome is a table [[outcome]] with quantity and value", reader.file, key)
    reader.check(Outcome, table, key)
    source = reader.get(table, key, "source", str)
    if source not in reader.sources:
        raise CatalogError(unknown("source", source, reader.sources, "source"), reader.file, key)
    return reader.make(Outcome, table, key)


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
    file = "calibration/readings.toml"
    reader = Reader(file, load_sources())
    shares = {}
    for breach, table in parse(data("calibration", "readings.toml"), file).items():
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
