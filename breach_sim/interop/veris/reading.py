"""Import VERIS incidents (1.3.x and 1.4) as scenarios: files of any container, folders, or values.

An incident names varieties of data with amounts of records, many of them unknown. The importer reads
``attribute.confidentiality`` (``data[].variety`` and ``amount``, ``data_total``, ``data_disclosure``,
``data_victim``, ``state``), ``victim`` (id, country, industry) and ``timeline.incident``.

Not here: what a variety holds (``contents``), what an amount means (``counts``), which incidents are the
same (``identity``), and how files are opened (``documents``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from breach_sim.formatting.messages import shown
from breach_sim.inputs.left_out import LeftOut
from breach_sim.inputs.published import country_codes
from breach_sim.interop.amounts import count, slug
from breach_sim.interop.imported import Import, ImportRow, read_entries
from breach_sim.interop.veris.contents import FORMAT
from breach_sim.interop.veris.documents import documents_of
from breach_sim.interop.veris.identity import unique
from breach_sim.interop.veris.incident import scenario_of

_MOST_CARRIED = 1_000
"""Most files and columns that are not read and that a scenario names one by one."""


def from_veris(
    source: str | Path | Mapping[str, Any] | list[Any],
    *,
    accounts: int | None = None,
    countries: str | Iterable[str] = (),
) -> Import:
    """Import scenarios from VERIS incidents.

    Parameters
    ----------
    source
        A file, a folder of files, an incident, or a list of incidents. Files are JSON (an incident or a list
        of them), JSON Lines, a CSV with dotted columns as VCDB publishes it, or a zip or gzip of these.
    accounts
        Number of accounts for incidents whose amounts are unknown, or are more than people are alive; they
        are otherwise refused. [1, 10**13]
    countries
        Where the people live, as codes of two letters: ``"SE"``, ``"DE, FR"`` or ``["DE", "FR"]``. By default
        the country of the victim.

    Returns
    -------
    One scenario per incident, with a report on every variety and amount. An incident that is given several
    times is read once. If there are several incidents, those that cannot be read are listed in ``refused``.

    Raises
    ------
    ValueError
        If a file is in none of these formats, no incident can be read, or a country is no code.

    Examples
    --------
    >>> data = [{"variety": "Medical", "amount": 120}, {"variety": "Unknown"}]
    >>> incident = {"incident_id": "A1", "attribute": {"confidentiality": {"data": data}}}
    >>> from_veris(incident).scenario.accounts
    120
    """
    if accounts is not None and count(accounts)[0] != accounts:
        raise ValueError(f"accounts is {shown(accounts)}; it must be a whole number from 1 to 10**13")
    codes = country_codes(countries, "countries")
    documents = documents_of(source)
    entries = unique(documents.found)
    skipped = _in_brief(documents.skipped)
    refused = dict(documents.refused)
    scenarios, rows = read_entries(
        ((entry.label, entry) for entry in entries),
        lambda label, entry, taken: scenario_of(
            entry, slug(f"veris-{label}", taken), skipped, accounts, codes
        ),
        alone=documents.alone and len(entries) == 1,
        refused=refused,
        place=documents.place,
        noun="incidents",
    )
    rows = [
        *(
            ImportRow(entry=documents.place, word=w, fields=(), state=s, reason=r)
            for w, s, r in documents.remarks
        ),
        *rows,
    ]
    return Import(format=FORMAT, scenarios=tuple(scenarios.values()), rows=tuple(rows), refused=refused)


def _in_brief(skipped: Sequence[LeftOut]) -> tuple[LeftOut, ...]:
    """What every scenario of a source carries: a container of 100,000 other files is not listed in each."""
    more = skipped[_MOST_CARRIED:]
    if not more:
        return tuple(skipped)
    reason = "not read; the report of the import names each"
    return (
        *skipped[:_MOST_CARRIED],
        LeftOut(kind=more[0].kind, name=f"{len(more):,} more", reason=reason, count=len(more)),
    )
