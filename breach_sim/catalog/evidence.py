"""The firm's rates, published outcomes, contradicting readings, and the largest harm of each scenario."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from breach_sim.catalog.reader import CatalogError, Reader, Table, data, load_sources, parse, sources_in
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.estimates import Estimate, Source
from breach_sim.inputs.firm import FirmCosts
from breach_sim.inputs.published import Outcome
from breach_sim.inputs.scenario import Scenario


@lru_cache(maxsize=1)
def load_firm() -> FirmCosts:
    """Rates of the firm's ledger.

    Returns
    -------
    The rates that ``simulate`` uses unless given others.

    Raises
    ------
    CatalogError
        If the file is damaged.
    """
    reader = Reader("firm.toml", load_sources())
    tables = parse(data("firm.toml"), "firm.toml")
    reader.check(FirmCosts, tables, "")
    return reader.make(FirmCosts, tables, "firm")


@lru_cache(maxsize=1)
def load_harms() -> Mapping[str, Table]:
    """Largest harm of every scenario of the package, as computed when the catalogue page was made.

    Returns
    -------
    By scenario: ``attack`` and ``loss_usd``. See ``catalog_page.top_harm``.

    Raises
    ------
    CatalogError
        If the file is damaged.
    """
    reader = Reader("harms.toml", ())
    tables = parse(data("generated", "harms.toml"), "harms.toml")
    for name, table in tables.items():
        reader.keys(table, name, ("attack", "loss_usd"), ("attack", "loss_usd"))
    return tables


@lru_cache(maxsize=1)
def load_outcomes() -> tuple[Outcome, ...]:
    """Published outcomes of breaches, which predictions are held against.

    Returns
    -------
    In the order of the file. None of them is an input of a simulation.

    Raises
    ------
    CatalogError
        If the file is damaged.
    """
    return read_outcomes(data("outcomes.toml"), "outcomes.toml")


def read_outcomes(path: Any, file: str) -> tuple[Outcome, ...]:
    """Published outcomes from a TOML file with [[outcome]] and sources of its own under [source.ID].

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
    """Sources that stand beside the published outcomes alone, by id.

    Returns
    -------
    In the order of the file.

    Raises
    ------
    CatalogError
        If the file is damaged.
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
    """Contradicting readings of the share of a breach's accounts whose SSN leaked.

    Returns
    -------
    By the name with which the breach's scenarios begin. Fixed estimates. [share]

    Raises
    ------
    CatalogError
        If the file is damaged.
    """
    reader = Reader("readings.toml", load_sources())
    shares = {}
    for breach, table in parse(data("readings.toml"), "readings.toml").items():
        reader.keys(table, breach, ("ssn",), ("ssn",))
        shares[breach] = tuple(reader.estimates(table, f"readings.{breach}", "ssn").values())
    return shares


def readings_of(scenario: Scenario) -> tuple[Estimate, ...]:
    """Readings of the SSN share that were published for the breach of a scenario.

    Parameters
    ----------
    scenario
        Any.

    Returns
    -------
    Fixed estimates; none for a breach without. [share]
    """
    return next((shares for name, shares in load_readings().items() if scenario.name.startswith(name)), ())
