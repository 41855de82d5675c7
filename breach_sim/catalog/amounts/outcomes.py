"""Read published amounts about breaches from CSV: those of the package, and a user's in the same format.

Columns ``breach``, ``kind``, ``amount`` and ``currency`` are required, those of :data:`OPTIONAL` are not, and
others are ignored. A row is turned into USD at the rate of its month and into prices of 2024; its breach gets
one identity, however the name is spelled.

Not here: what an amount is (``inputs.firm.outcomes``), rates and prices (``exchange``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from breach_sim.catalog.amounts.exchange import constant_usd, table_of, usd_per_unit
from breach_sim.catalog.reader import CatalogError, content_of, data
from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs.firm.outcomes import (
    COUNTS,
    KINDS,
    PublishedAmount,
    check_date,
    fields_of,
    sector_of,
    use_of,
)

REQUIRED = ("breach", "kind", "amount", "currency")
"""Columns that a file of outcomes must have."""
OPTIONAL = (
    "identity", "year", "country", "sector", "people", "fields", "set_on", "bound", "use", "reason",
    "what_it_is", "source_title", "publisher", "url", "grade", "verified", "note",
)  # fmt: skip
"""Columns that a file of outcomes may have."""
_FOLDER, _AMOUNTS, _SPELLINGS = "outcomes", "amounts.csv", "spellings.csv"
_COUNTRIES = {"UK": "GB", "EL": "GR"}
_BOUNDS = {"settlement_cap": "ceiling", "settlement_floor": "floor"}
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_PLAIN = re.compile(r"[+-]?(\d[\d_]*\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
Identities = Mapping[tuple[str, int | None], str]


@lru_cache(maxsize=1)
def load_amounts() -> tuple[PublishedAmount, ...]:
    """Load the published amounts of the package.

    Returns
    -------
    In the order of the file. None is an input of a simulation.

    Raises
    ------
    CatalogError
        If the file is invalid.
    """
    text = content_of(data(_FOLDER, _AMOUNTS), _AMOUNTS, ".csv", "install again")
    return _amounts(text, _AMOUNTS, {})


def read_amounts(path: str | Path) -> tuple[PublishedAmount, ...]:
    """Read published amounts from a user's CSV file.

    Parameters
    ----------
    path
        File with a header, UTF-8 with or without a byte order mark, cells separated by commas.

    Returns
    -------
    One amount for each row, in their order.

    Raises
    ------
    CatalogError
        With file, line, value, rule and remedy.
    """
    place = Path(path)
    return _amounts(_text(place), place.name or str(place), load_identities())


def ignored_columns(path: str | Path) -> tuple[str, ...]:
    """Return the columns of a user's CSV file that :func:`read_amounts` does not read.

    Parameters
    ----------
    path
        As for :func:`read_amounts`.

    Returns
    -------
    Their names as in the file, in its order.

    Raises
    ------
    CatalogError
        If the file cannot be read, or has no row.
    """
    place = Path(path)
    header, _ = table_of(_text(place), place.name or str(place))
    return tuple(name for name in header if _column(name) not in (*REQUIRED, *OPTIONAL))


@lru_cache(maxsize=1)
def load_identities() -> Identities:
    """Load the identities of breaches by their spelled names.

    Returns
    -------
    By plain name (see :func:`plain_name`) and year; under None for a name that has one breach only.

    Raises
    ------
    CatalogError
        If a file is invalid.
    """
    found: dict[tuple[str, int | None], str] = {}
    for one in load_amounts():
        years = {one.year, int(one.breach[-4:])} - {None}
        for name in (plain_name(one.name), one.breach):
            found |= dict.fromkeys(((name, year) for year in years), one.breach)
    text = content_of(data(_FOLDER, _SPELLINGS), _SPELLINGS, ".csv", "install again")
    found |= {
        (plain_name(name), int(year)): breach for _, (name, year, breach) in table_of(text, _SPELLINGS)[1]
    }
    breaches: dict[str, set[str]] = {}
    for (name, _), breach in found.items():
        breaches.setdefault(name, set()).add(breach)
    alone: Identities = {(name, None): min(each) for name, each in breaches.items() if len(each) == 1}
    return {**found, **alone}


_LEGAL_FORMS = frozenset((
    "inc", "incorporated", "corp", "corporation", "co", "cos", "company", "ltd", "limited", "llc", "plc",
    "pc", "pa", "sa", "srl", "ag", "asa", "gmbh", "nv", "bv", "ab", "the",
))  # fmt: skip
"""Words that a name may have or lack: legal forms, and the article."""


def plain_name(name: str) -> str:
    """Return a name without accents, punctuation, capitals and legal form.

    Parameters
    ----------
    name
        Name of a breach or firm, as published.

    Returns
    -------
    Lower case with hyphens; "breach" if nothing is left.

    Examples
    --------
    >>> plain_name("Anthem, Inc."), plain_name("AT&T call centres"), plain_name("Skåne region")
    ('anthem', 'att-call-centres', 'skane-region')
    """
    letters = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    # A full stop after a single letter is one of an abbreviation: "S.A." is "sa", "Morele.net" two words.
    words = re.findall(r"[a-z0-9]+", re.sub(r"[&']|(?<=\b[a-z])\.", "", letters))
    return "-".join(word for word in words if word not in _LEGAL_FORMS) or "-".join(words) or "breach"


def identity_of(name: str, year: int | None, known: Mapping[tuple[str, int | None], str]) -> str:
    """Return the identity of a breach, which is the same for every spelling of its name.

    Parameters
    ----------
    name
        Name as published, or an identity such as "anthem-2015".
    year
        Year of the breach, or of the amount; None if neither is known. [years]
    known
        Identities by plain name and year; the year is None where the name has one breach only.

    Returns
    -------
    The known identity, or a new one: plain name and year.

    Examples
    --------
    >>> known = {("marriott-international", 2018): "marriott-2018"}
    >>> identity_of("Marriott International, Inc", 2018, known), identity_of("Sony", 2011, known)
    ('marriott-2018', 'sony-2011')
    """
    plain = plain_name(name)
    if (plain, year) in known:
        return known[plain, year]
    if year is None and (plain, None) in known:
        return known[plain, None]
    dated = year is None or re.search(r"-(19|20)\d\d$", plain)
    return plain if dated else f"{plain}-{year}"


def _text(path: Path) -> str:
    return content_of(
        path,
        path.name or str(path),
        ".csv",
        f"a CSV file with the columns {', '.join(REQUIRED)} is needed",
    )


def _column(name: str) -> str:
    """Name of a column as it is compared: without capitals, with underscores."""
    return re.sub(r"[\s-]+", "_", name.strip().lower())


def _amounts(text: str, file: str, known: Identities) -> tuple[PublishedAmount, ...]:
    """Read the rows of a text."""
    header, rows = table_of(text, file)
    names = [_column(name) for name in header]
    for name in REQUIRED:
        if name not in names:
            remedy = "; separate the columns by commas" if any(";" in cell for cell in header) else ""
            message = f"column {name!r} is missing; the columns {', '.join(REQUIRED)} are needed{remedy}"
            raise CatalogError(message, file, "line 1")
    for name in (*REQUIRED, *OPTIONAL):
        if names.count(name) > 1:
            raise CatalogError(f"column {name!r} stands there twice; keep one", file, "line 1")
    return tuple(_at(file, line, dict(zip(names, row, strict=True)), known) for line, row in rows)


def _at(file: str, line: int, row: Mapping[str, str], known: Identities) -> PublishedAmount:
    """Read a row; add file and line to its errors."""
    try:
        return _amount(row, known)
    except ValueError as error:
        raise CatalogError(str(error), file, f"line {line}") from None


def _amount(row: Mapping[str, str], known: Identities) -> PublishedAmount:
    """Read a row: words first, then money, then what follows from both."""
    kind, currency, set_on = row["kind"].lower(), row["currency"].upper(), row.get("set_on", "")
    if kind not in KINDS:
        raise ValueError(unknown("kind", row["kind"], KINDS, "column 'kind'", KINDS))
    check_date(set_on)
    year, people = _year(row), _optional(row, "people", _number)
    status = row.get("verified", "").lower() or "seen"
    fields, unread = fields_of(row.get("fields", ""))
    usual = use_of(kind, people, status)
    use = row.get("use", "").lower() or usual[0]
    note = row.get("note", "")
    country = row.get("country", "").upper()
    parts: dict[str, Any] = {}
    amount = _number(row["amount"], "amount")
    if kind not in COUNTS and currency:
        rate, caution = usd_per_unit(currency, set_on, year)
        usd = amount * rate
        parts = {"usd": usd, "usd_constant": constant_usd(usd, set_on, year)}
        note = "; ".join(filter(None, (note, caution)))
    dated = year or (int(set_on[:4]) if set_on else None)
    return PublishedAmount(
        name=row["breach"],
        breach=row.get("identity", "") or identity_of(row["breach"], dated, known),
        kind=kind,
        amount=amount,
        currency=currency,
        year=year,
        country=_COUNTRIES.get(country, country),
        sector=sector_of(row.get("sector", "")),
        people=people,
        fields=fields,
        unread=unread,
        set_on=set_on,
        bound=row.get("bound", "").lower() or _BOUNDS.get(kind, "exact"),
        use=use,
        reason=row.get("reason", "") or (usual[1] if use == usual[0] else ""),
        what_it_is=row.get("what_it_is", ""),
        note=note,
        grade=row.get("grade", "").upper(),
        status=status,
        source=row.get("source_title", ""),
        publisher=row.get("publisher", ""),
        url=row.get("url", ""),
        **parts,
    )


def _optional(row: Mapping[str, str], name: str, read: Callable[[str, str], float]) -> float | None:
    return read(row[name], name) if row.get(name) else None


def _year(row: Mapping[str, str]) -> int | None:
    """Year of the breach, or None."""
    text = row.get("year", "")
    if text and not re.fullmatch(r"(19|20)\d\d", text):
        raise ValueError(f"year is {shown(text)}; write the year of the breach as 2015, or leave it empty")
    return int(text) if text else None


def _number(text: str, name: str) -> float:
    """Read a number, which may be grouped by commas or underscores."""
    if _GROUPED.fullmatch(text):
        return float(text.replace(",", ""))
    if _PLAIN.fullmatch(text):
        return float(text.replace("_", ""))
    raise ValueError(f"{name} is {shown(text)}; write a number such as 1250000, 1,250,000 or 1.25e6")
