"""Rates of exchange by month, and US consumer prices by year: from published amounts to USD.

Not here: the amounts themselves (``outcomes``).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import lru_cache
from io import StringIO

from breach_sim.catalog.reader import CatalogError, content_of, data
from breach_sim.formatting.messages import shown, unknown

USD = "USD"
PRICES_OF = 2024
"""Year in whose prices constant USD are. [years]"""
RATES_FILE, PRICES_FILE = "rates_of_exchange.csv", "consumer_prices.csv"
_OF_THE_ECB = frozenset(("BGN", "CZK", "HUF", "IDR", "ILS", "PHP", "PLN", "RON", "TRY"))
"""Currencies that the Federal Reserve does not publish."""
PRICES_SOURCE = "bls-cpi-u"
"""Source id of the consumer prices."""


@lru_cache(maxsize=1)
def load_exchange_rates() -> Mapping[str, Mapping[str, float]]:
    """Load the averages of the rates of exchange over each month.

    Returns
    -------
    By currency and month ("2020-10"), in the order of months. (0, inf) [USD per unit]

    Raises
    ------
    CatalogError
        If the file is invalid.
    """
    table = _numbers(RATES_FILE)
    currencies = sorted({name for row in table.values() for name in row})
    return {name: {month: row[name] for month, row in table.items() if name in row} for name in currencies}


@lru_cache(maxsize=1)
def load_prices() -> Mapping[int, float]:
    """Load the US consumer price index (CPI-U, all items), as average over each year.

    Returns
    -------
    By year, in their order; 1982 to 1984 are 100. (0, inf)

    Raises
    ------
    CatalogError
        If the file is invalid.
    """
    return {int(year): row["cpi_u"] for year, row in _numbers(PRICES_FILE).items()}


def currencies() -> tuple[str, ...]:
    """Return the currencies of which rates are known, USD first.

    Returns
    -------
    Codes of three letters.
    """
    return (USD, *load_exchange_rates())


def rates_source(currency: str) -> str:
    """Return the id of the source of a currency's rates.

    Parameters
    ----------
    currency
        Code of three letters, other than USD.

    Returns
    -------
    Id of a source of the catalog.
    """
    return "ecb-reference-rates" if currency in _OF_THE_ECB else "fed-g5"


def usd_per_unit(currency: str, set_on: str, year: int | None) -> tuple[float, str]:
    """Return the rate of exchange at the date of an amount.

    Parameters
    ----------
    currency
        Code of three letters.
    set_on
        Date of the amount: a day, a month or a year; "" if unknown.
    year
        Year of the breach, which counts if the date is unknown. [years]

    Returns
    -------
    Average of the month, or of the months of the year if no month is known; and what to beware of: "" or that
    the rate is of another month. (0, inf) [USD per unit]

    Raises
    ------
    ValueError
        If the currency is unknown, or the date is before its first rate.

    Examples
    --------
    >>> usd_per_unit("USD", "2020-10", None)
    (1.0, '')
    """
    if currency not in currencies():
        raise ValueError(unknown("currency", currency, currencies(), "column 'currency'"))
    if currency == USD:
        return 1.0, ""
    months = load_exchange_rates()[currency]
    first, last = min(months), max(months)
    when = set_on[:7] or (str(year) if year else "")
    if not when or when[:7] > last:
        return months[last], f"at the rate of {last}, the last one known of {currency}"
    if when < first[: len(when)]:
        raise ValueError(
            f"set_on is {shown(when)}; rates of {currency} are known from {first}: give the amount in USD"
        )
    if when in months:
        return months[when], ""
    rates = [rate for month, rate in months.items() if month.startswith(f"{when[:4]}-")]
    return sum(rates) / len(rates), f"at the average rate of {when[:4]}"


def constant_usd(usd: float, set_on: str, year: int | None) -> float:
    """Return an amount in prices of :data:`PRICES_OF`.

    Parameters
    ----------
    usd
        In prices of its time. [USD]
    set_on
        Date of the amount; "" if unknown.
    year
        Year of the breach, which counts if the date is unknown. [years]

    Returns
    -------
    Amount x prices of 2024 / prices of its year. For a year after the last one known, and for none, the last
    one counts. [USD]

    Raises
    ------
    ValueError
        If the year is before the first one known.

    Examples
    --------
    >>> constant_usd(100.0, "2024-06", None)
    100.0
    """
    prices = load_prices()
    first, last = min(prices), max(prices)
    when = min(int(set_on[:4]) if set_on else (year or last), last)
    if when < first:
        raise ValueError(f"the year of the amount is {when}; consumer prices are known from {first}")
    return usd * (prices[PRICES_OF] / prices[when])


def table_of(text: str, file: str) -> tuple[list[str], list[tuple[int, Sequence[str]]]]:
    """Read the rows of a CSV text.

    Parameters
    ----------
    text
        With a header; cells are separated by commas.
    file
        Name for messages.

    Returns
    -------
    Cells of the header, and the last line and cells of each row. Blank rows are left out.

    Raises
    ------
    CatalogError
        If there is no header or no row, a row has more cells than the header, or the text is no CSV.
    """
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise CatalogError(
            f"not valid CSV: {error}; save it as CSV again", file, f"line {reader.line_num}"
        ) from None
    rows = [(line, row) for line, row in rows if any(row)]
    if len(rows) < 2:  # noqa: PLR2004 - a header and a row
        raise CatalogError("the file has no row; it needs a header and one row for each amount", file)
    (_, header), *rest = rows
    for line, row in rest:
        if len(row) > len(header):
            raise CatalogError(
                f"{len(row)} cells, and the header has {len(header)}; put a cell with a comma in quotes",
                file,
                f"line {line}",
            )
    return header, [(line, [*row, *[""] * (len(header) - len(row))]) for line, row in rest]


def _numbers(file: str) -> dict[str, dict[str, float]]:
    """Read a table of the package: the numbers of each row by column, under its first cell."""
    (_, *names), rows = table_of(content_of(data("outcomes", file), file, ".csv", "install again"), file)
    return {
        row[0]: {name: float(cell) for name, cell in zip(names, row[1:], strict=True) if cell}
        for _, row in rows
    }
