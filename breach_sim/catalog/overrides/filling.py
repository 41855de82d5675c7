"""Fill in what a user need not repeat in tables written like those of the catalog.

A number of a user has the status "user", the source ``user-input`` and the reason of its table as its note;
kind and unit follow from what is given and where it stands. What an own attack leaves out is taken from
``data/templates/own_attack.toml``.

Not here: which tables there are (``reading``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from breach_sim.catalog.amounts.exchange import PRICES_OF, USD, currencies, load_prices, usd_per_unit
from breach_sim.catalog.attacks import load_attacks
from breach_sim.catalog.mitigations import load_mitigations
from breach_sim.catalog.reader import FLOAT_BITS, CatalogError, Reader, Table, data, parse
from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.numbers.estimates import USER, Estimate
from breach_sim.inputs.numbers.overrides import Currency
from breach_sim.inputs.numbers.rules import OWN, WIDE
from breach_sim.inputs.numbers.shapes import normal_ends

TEMPLATE = "own_attack.toml"
"""File of what an own attack need not say."""
NUMBERS = ("value", "low", "mode", "high")
"""Keys of the numbers of a distribution."""
GIVEN = (*NUMBERS, "kind", "quantiles", "samples", "mean", "sd")
NAME = re.compile(r"[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*")
_UNIT_OF = {
    "success": "victims/attempt", "severity": "USD/victim", "severity_sigma": "log-USD",
    "hours": "hours/victim", "background": "probability/year", "capacity": "attempts/year",
    "reporting": "complaints/victim", "multiplier": "ratio", "factor": "ratio",
}  # fmt: skip
"""Units of the numbers of an own attack; attempts depend on the kind of its routes, bearers are shares."""
_UNIT_OF_COST = {
    "fixed": "USD", "each": "USD/person", "uptake": "share", "share": "share", "effect": "share",
    "power": "ratio", "hours": "hours/person", "factor": "ratio", "letter": "USD/person", "letters": "share",
    "per_account": "USD/account", "floor": "USD", "message": "USD/person",
}  # fmt: skip
"""Units of the numbers of an own mitigation."""


class OwnReader(Reader):
    """Reader of a file of overrides: it knows in which money the amounts of the file are.

    Parameters
    ----------
    file, sources
        As for :class:`Reader`.
    tables
        Contents, with ``currency``, ``month`` or ``rate``, and ``price_year``.

    Raises
    ------
    CatalogError
        If the currency is unknown, has no rate there, or the year has no index.
    """

    def __init__(self, file: str, sources: Iterable[str], tables: Table) -> None:
        super().__init__(file, sources, ours=False)
        self.code: str = self.get(tables, "", "currency", str, USD)
        rate, said, about = self._rate(tables)
        index, of_year = self._index(tables)
        self.factor, self.money = rate, " ".join(part for part in (said, of_year) if part)
        self.index = index
        self.currency = Currency(code=self.code, usd_per_unit=rate, about=about) if about else None

    def _rate(self, tables: Table) -> tuple[float, str, str]:
        """USD for one unit of the currency, a sentence, and which rate it is; both are "" for USD."""
        month, rate = self.get(tables, "", "month", str, ""), self.number(tables, "", "rate")
        if self.code == USD:
            if month or rate is not None:
                raise CatalogError("month and rate are of a currency; name it: currency = ...", self.file)
            return 1.0, "", ""
        if rate is not None:
            if month or not 0 < rate < math.inf:
                raise CatalogError(
                    f"rate is {shown(rate)}; give one number above 0, USD for 1 {self.code}, and no month",
                    self.file,
                )
            said = f"Amounts are in {self.code}, at {rate:g} USD each as given."
            return float(rate), said, "the rate that was given"
        if self.code not in currencies():
            raise CatalogError(unknown("currency", self.code, currencies(), "the overrides"), self.file)
        if not re.fullmatch(r"(19|20)\d\d-(0[1-9]|1[0-2])", month):
            raise CatalogError(
                f'month is {shown(month)}; write the month of the rate, as in month = "2024-06", or '
                f"rate = USD for 1 {self.code}",
                self.file,
            )
        known, caution = self.build("month", lambda: usd_per_unit(self.code, month, None))
        about = caution or f"the average of {month}"
        return known, f"Amounts are in {self.code}, at {known:g} USD each, {about}.", about

    def _index(self, tables: Table) -> tuple[float, str]:
        """Factor from the prices of a year to those of the ledger, and a sentence."""
        year = self.get(tables, "", "price_year", int)
        if year is None:
            return 1.0, ""
        prices = load_prices()
        if year not in prices:
            raise CatalogError(
                f"price_year is {year}; prices are known from {min(prices)} to {max(prices)}", self.file
            )
        index = prices[PRICES_OF] / prices[year]
        return index, f"Amounts are in prices of {year}; {PRICES_OF} has {index:.4g} times them."


def reason_of(reader: OwnReader, table: Table, key: str) -> str:
    """Return the reason that a table gives.

    Parameters
    ----------
    reader, table, key
        Reader of the file, table, and its dotted path.

    Returns
    -------
    Text without blanks around it.

    Raises
    ------
    CatalogError
        If there is none.
    """
    reason: str = reader.get(table, key, "reason", str, "")
    if not reason.strip():
        raise CatalogError('reason is missing; write reason = "why your number is better"', reader.file, key)
    return reason.strip()


def estimate_of(reader: OwnReader, value: Any, name: str, unit: str, reason: str) -> Estimate:
    """Return an estimate of a user.

    Parameters
    ----------
    reader
        Reader of the file.
    value
        A number, [low, mode, high], or a table with at least its numbers.
    name, unit, reason
        Name of the parameter, its unit if none is given, and the reason.

    Returns
    -------
    Status "user".

    Raises
    ------
    CatalogError
        With file, key, value, rule and remedy.
    """
    return reader.estimate(_filled(reader, value, name, unit, reason), name)


def _filled(reader: OwnReader, value: Any, key: str, unit: str, reason: str) -> dict[str, Any]:
    """Table of an estimate with kind, unit, status, sources and note filled in."""
    _check_finite(reader, value, key)
    if isinstance(value, list):
        if len(value) != len(NUMBERS) - 1:
            raise CatalogError(f"the value is {shown(value)}; a list is [low, mode, high]", reader.file, key)
        value = dict(zip(NUMBERS[1:], value, strict=True)) | _scale_of_list(value, reason)
    elif not isinstance(value, Mapping):
        value = {"value": value}
    table = {name: part for name, part in value.items() if name not in ("reason", "status")}
    if "unit" in table:
        table["_said"] = True
    if "kind" not in table:
        table["kind"] = _kind(reader, table, key)
    if "mean" in table or "sd" in table:
        reader.keys(table, key, table, ("mean", "sd"))
        mean, sd = (float(reader.number(table, key, word) or 0.0) for word in ("mean", "sd"))
        table = {name: part for name, part in table.items() if name not in ("mean", "sd")}
        table["low"], table["high"] = normal_ends(mean, sd)
        if table["kind"] != "normal" or table["low"] < 0:
            raise CatalogError(
                f"mean and sd are {mean:g} and {sd:g}; they are those of a normal, whose 5 % quantile may "
                'not lie below 0: give kind = "lognormal" with low and high',
                reader.file,
                key,
            )
    table["note"] = reader.get(table, key, "note", str, "") or reason
    return _in_usd(reader, {"unit": unit, "sources": [USER]} | table | {"status": OWN})


def _check_finite(reader: OwnReader, value: Any, key: str, name: str = "the value") -> None:
    """Reject whole numbers, at any depth, that would overflow where they meet a factor."""
    if isinstance(value, Mapping):
        for word, part in value.items():
            _check_finite(reader, part, key, str(word))
    elif isinstance(value, list):
        for part in value:
            _check_finite(reader, part, key, name)
    reader.bounded(value, key, name, FLOAT_BITS)


def _in_usd(reader: OwnReader, table: dict[str, Any]) -> dict[str, Any]:
    """The table with its amounts of money in USD, and in prices of the ledger's year."""
    unit = reader.get(table, "", "unit", str)
    own, _, rest = unit.partition("/")
    said = "unit" in table and own == USD and table.get("_said", False)
    table = {name: value for name, value in table.items() if name != "_said"}
    if own not in {USD, reader.code}:
        return table
    factor = reader.index * (1.0 if said else reader.factor)
    if factor == 1:
        return table | {"unit": USD + unit[len(own) :]}

    def converted(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: converted(part) for key, part in value.items()}
        if isinstance(value, list):
            return [converted(part) for part in value]
        return value * factor if isinstance(value, (int, float)) and not isinstance(value, bool) else value

    moved = {name: converted(table[name]) for name in (*NUMBERS, "quantiles", "samples") if name in table}
    return table | moved | {"unit": f"{USD}/{rest}" if rest else USD}


def _scale_of_list(numbers: list[Any], reason: str) -> dict[str, Any]:
    """A list that spans a decade or more is on the logarithm, and its note says so."""
    low, _, high = numbers
    plain = all(isinstance(number, (int, float)) and not isinstance(number, bool) for number in numbers)
    if not plain or low <= 0 or high * (1 + 1e-12) < WIDE * low:
        return {}
    return {"scale": "log", "note": f"{reason} (a PERT of the logarithm: a decade or more)"}


def _kind(reader: OwnReader, table: Table, key: str) -> str:
    """Kind of a distribution of which the numbers are given."""
    if "value" in table:
        return "fixed"
    if "mode" in table:
        return "pert"
    for word in ("quantiles", "samples"):
        if word in table:
            return word
    if "mean" in table or "sd" in table:
        return "normal"
    raise CatalogError(
        "kind is missing; low, mode and high are a PERT, value is one certain number, and low and high alone "
        'need kind = "uniform", "normal", "lognormal" or "beta"',
        reader.file,
        key,
    )


def _is_estimate(value: Any) -> bool:
    return isinstance(value, (int, float, list)) or (
        isinstance(value, Mapping) and bool(set(value) & set(GIVEN))
    )


def _numbers_filled(
    reader: OwnReader, table: Table, key: str, units: Mapping[str, str], reason: str
) -> dict[str, Any]:
    """A table in which every number that is an estimate is one in full, at any depth."""
    found: dict[str, Any] = {}
    for name, value in table.items():
        place = f"{key}.{name}"
        if name in units and _is_estimate(value) and not isinstance(value, str):
            found[name] = _filled(reader, value, place, units[name], reason)
        elif isinstance(value, Mapping):
            found[name] = _numbers_filled(reader, value, place, units, reason)
        elif isinstance(value, list) and value and all(isinstance(part, Mapping) for part in value):
            found[name] = [
                _numbers_filled(reader, part, f"{place}[{number}]", units, reason)
                for number, part in enumerate(value)
            ]
        else:
            found[name] = value
    return found


def filled_attack(reader: OwnReader, name: str, table: Table) -> dict[str, Any]:
    """Return the table of an own attack as a file of the catalog would have it.

    Parameters
    ----------
    reader
        Reader of the file.
    name, table
        Of the attack, as the user wrote it.

    Returns
    -------
    Table with every number in full.

    Raises
    ------
    CatalogError
        If the name is taken or no name, or fields, attempts, severity or reason are missing.
    """
    key = f"attack.{name}"
    _check_name(reader, name, load_attacks().names, "attack")
    reason = reason_of(reader, table, key)
    own = {part: value for part, value in table.items() if part != "reason"}
    if "needs" in own:
        if "routes" in own:
            raise CatalogError("needs and routes are both given; keep routes", reader.file, key)
        own["routes"] = {"main": {"needs": own.pop("needs")}}
    routes = reader.get(own, key, "routes", dict, {})
    if not routes:
        raise CatalogError(
            "it has no route; give needs = [...], the fields that the attack needs, or routes.NAME",
            reader.file,
            key,
        )
    needs = [need for route in routes.values() for need in reader.texts(route, key, "needs")]
    alone = set(needs) <= {*FIELD_NAMES, *load_attacks().traits}
    units = _UNIT_OF | {"attempts": "attempts/account-year" if alone else "attempts/holder"}
    borne = reader.get(own, key, "bearers", dict, {})
    filled = _numbers_filled(reader, own, key, units | dict.fromkeys(borne, "share"), reason)
    if "attempts" not in own and not all("attempts" in route for route in routes.values()):
        raise CatalogError(
            f"attempts is missing; give [low, mode, high] in {units['attempts']}", reader.file, key
        )
    if "severity" not in own:
        raise CatalogError("severity is missing; give [low, mode, high] in USD/victim", reader.file, key)
    defaults = dict(defaults_of_attacks()[0])
    if not alone:
        del defaults["onset"]
    if all("success" in route for route in routes.values()):
        del defaults["success"]
    return defaults | {"label": _in_words(name), "description": reason} | filled


def filled_mitigation(reader: OwnReader, name: str, table: Table) -> dict[str, Any]:
    """Return the table of an own mitigation as the catalog's file would have it.

    Parameters
    ----------
    reader
        Reader of the file.
    name, table
        Of the mitigation, as the user wrote it.

    Returns
    -------
    Table with every number in full.

    Raises
    ------
    CatalogError
        If the name is taken or no name, or the reason is missing.
    """
    key = f"mitigation.{name}"
    _check_name(reader, name, [each.name for each in load_mitigations()], "mitigation")
    reason = reason_of(reader, table, key)
    own = {part: value for part, value in table.items() if part != "reason"}
    filled = _numbers_filled(reader, own, key, _UNIT_OF_COST, reason)
    return {"label": _in_words(name), "description": reason, "changes": []} | filled


def _check_name(reader: OwnReader, name: str, taken: Iterable[str], what: str) -> None:
    if name in taken:
        raise CatalogError(
            f"{what} {name!r} is in the catalog already; give another name, or change single numbers of it",
            reader.file,
            f"{what}.{name}",
        )
    if not NAME.fullmatch(name):
        raise CatalogError(
            "a name has small letters, digits and _ (or -) between them", reader.file, f"{what}.{name}"
        )


def _in_words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize()


@lru_cache(maxsize=1)
def defaults_of_attacks() -> tuple[Table, frozenset[str]]:
    """Load what own attacks have where they say nothing.

    Returns
    -------
    Tables, and the notes of the numbers in them.

    Raises
    ------
    CatalogError
        If the file is invalid.
    """
    tables = parse(data("templates", TEMPLATE), TEMPLATE)
    found: set[str] = set()
    for table in tables.values():
        parts = (table, *table.values()) if isinstance(table, Mapping) else ()
        found |= {part["note"] for part in parts if isinstance(part, Mapping) and "note" in part}
    return tables, frozenset(found)
