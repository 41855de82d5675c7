"""Load published rates, conflicting SSN shares, and largest harms."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from breach_sim.catalog.reader import CatalogError, Reader, Table, data, load_sources, parse
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.published import PublishedRate
from breach_sim.inputs.scenario import Scenario


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
def load_evidence_shares() -> Mapping[str, Table]:
    """Load what the loss of some scenarios rests on, as computed by ``tools/evidence_shares.py``.

    Returns
    -------
    By scenario: ``inputs`` (hash of the numbers behind it), ``before`` (share on evidence before
    anything was calibrated) and
    ``shares``, tables with status, verified, parameters, share and error. See ``analysis.evidence_shares``.

    Raises
    ------
    CatalogError
        If the file is invalid.
    """
    file = "generated/evidence_shares.toml"
    reader = Reader(file, ())
    tables = parse(data("generated", "evidence_shares.toml"), file)
    parts = ("status", "verified", "parameters", "share", "error")
    for name, table in tables.items():
        keys = ("inputs", "before", "shares")
        reader.keys(table, name, keys, keys)
        for number, own in enumerate(reader.get(table, name, "shares", list), 1):
            reader.keys(own, f"{name}.shares, {number}", parts, parts)
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
    reader = Reader("evidence/readings.toml", load_sources())
    shares = {}
    for breach, table in parse(data("evidence", "readings.toml"), reader.file).items():
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


@lru_cache(maxsize=1)
def load_published_rates() -> tuple[PublishedRate, ...]:
    """Load the published rates that were found, each with what it informs or the reason why nothing.

    Returns
    -------
    In the order of the file. None is read by a simulation: the numbers in use stand with their parameters.

    Raises
    ------
    CatalogError
        If the file is invalid.
    """
    file = "evidence/rates.toml"
    return read_rates(parse(data("evidence", "rates.toml"), file), file)


def read_rates(tables: Table, file: str) -> tuple[PublishedRate, ...]:
    """Read published rates from the tables [[rate]] of a file.

    Parameters
    ----------
    tables
        Contents of the file.
    file
        Name for messages.

    Returns
    -------
    In the order of the file.

    Raises
    ------
    CatalogError
        With file, row, value, rule and remedy, also if a row cites a source that the catalog does not have.
    """
    reader = Reader(file, load_sources())
    reader.keys(tables, "", ("rate",), ("rate",))
    return tuple(
        _rate(reader, f"rate {number}", table)
        for number, table in enumerate(reader.get(tables, "", "rate", list, []), 1)
    )


def _rate(reader: Reader, key: str, table: Any) -> PublishedRate:
    reader.check(PublishedRate, table, key)
    source = reader.get(table, key, "source", str, "")
    if source and source not in reader.sources:
        raise CatalogError(unknown("source", source, reader.sources, "source"), reader.file, key)
    return reader.make(PublishedRate, table, key)
