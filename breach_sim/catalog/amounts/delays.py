"""When firms paid after a breach: delays of the published amounts, and the assumed quarters of the rest.

Not here: what is made of them (``inputs.firm.timing``), and the amounts themselves (``outcomes``).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from breach_sim.catalog.amounts.outcomes import load_amounts
from breach_sim.catalog.reader import CatalogError, Reader, data, parse
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.firm.outcomes import PublishedAmount
from breach_sim.inputs.firm.payments import line_of
from breach_sim.inputs.firm.timing import Delays, Timing

ENOUGH = 5
"""Dates from which on a line stands alone."""
_FILE = "outcomes/timing.toml"
_DAYS = 365.25
_MIDDLE = 0.5


@lru_cache(maxsize=1)
def load_timing() -> Timing:
    """Load when each line of the firm's ledger is paid.

    Returns
    -------
    Delays of published amounts that the model of payments is fitted to, and assumed quarters.

    Raises
    ------
    CatalogError
        If a file is invalid.
    """
    reader = Reader(_FILE, ())
    tables = parse(data("outcomes", "timing.toml"), _FILE)
    keys = ("pool", "quarters", "recovery")
    reader.keys(tables, "", keys, keys)
    delays = {line: _delays(line, other) for line, other in tables["pool"].items()}
    quarters = tables["quarters"]
    for line, table in quarters.items():
        reader.keys(table, f"quarters.{line}", ("shares", "reason"), ("shares", "reason"))
    reader.keys(tables["recovery"], "recovery", ("lag", "reason"), ("lag", "reason"))
    reasons = {line: str(table["reason"]) for line, table in quarters.items()}
    shares = {line: tuple(map(float, table["shares"])) for line, table in quarters.items()}
    recovery = tables["recovery"]
    return reader.build(
        "timing",
        lambda: Timing(
            delays=delays,
            shares=shares,
            reasons=reasons | {"insurance_recovery": str(recovery["reason"])},
            recovery_lag=int(recovery["lag"]),
        ),
    )


def delay_of(amount: PublishedAmount) -> float | None:
    """Return the delay of a published amount.

    Parameters
    ----------
    amount
        With the year of its breach.

    Returns
    -------
    From the middle of the year of the breach to the day of the amount; 0 where that is earlier. None where a
    date is missing. [0, inf) [years]
    """
    if not amount.set_on:
        return None
    year = int(amount.breach[-4:]) if amount.breach[-4:].isdigit() else amount.year
    if year is None:
        return None
    return max(0.0, _moment(amount.set_on) - (year + _MIDDLE))


def _moment(text: str) -> float:
    """A date as a number of years; the middle of the month or year where no more is known."""
    year, *rest = (int(part) for part in text.split("-"))
    if not rest:
        return year + _MIDDLE
    if len(rest) == 1:
        return year + (rest[0] - _MIDDLE) / 12
    return year + (date(year, rest[0], rest[1]) - date(year, 1, 1)).days / _DAYS


def _delays(line: str, other: str) -> Delays:
    own = _years([line])
    if len(own) >= ENOUGH:
        return Delays(line=line, years=own)
    known = [amount.kind for amount in load_amounts()]
    if not other:
        raise CatalogError(
            f"line {line!r} has {len(own)} dates of at least {ENOUGH}; name a line to share dates with",
            _FILE,
            f"pool.{line}",
        )
    shared = _years([line, other])
    if len(shared) < ENOUGH:
        raise CatalogError(unknown("line with enough dates", other, known, "pool"), _FILE, f"pool.{line}")
    return Delays(line=line, years=shared, pooled=other)


def _years(lines: Iterable[str]) -> tuple[float, ...]:
    """Delays of the amounts that the model of payments is fitted to, rising."""
    wanted = set(lines)
    found = (
        delay_of(amount)
        for amount in load_amounts()
        if amount.use == "fit" and line_of(amount.kind, amount.country, amount.set_on) in wanted
    )
    return tuple(sorted(delay for delay in found if delay is not None))
