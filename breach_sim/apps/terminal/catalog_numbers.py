"""The numbers of the catalog and their sources, as text and as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from breach_sim import catalog as _catalog
from breach_sim.apps.terminal.place import Screen
from breach_sim.apps.terminal.tables import Column, table
from breach_sim.inputs.numbers.estimates import STATUS_ORDER, weakest_first


def catalog_numbers() -> dict[str, Any]:
    """Every number of the attack catalogue, assumptions first, and every source.

    Returns
    -------
    ``parameters``: name, status, kind, numbers, unit, sources, note; ``sources``: id, title, grade,
    verified, url; ``loss_rests_on``: by scenario, the shares of the variance of the expected loss.
    """
    from breach_sim.analysis.evidence_shares import on_evidence, stored_shares

    numbers = weakest_first(_catalog.load_attacks().estimates())
    parts = ("name", "status", "kind", "value", "low", "mode", "high", "unit", "sources", "note")
    known = _catalog.load_sources().values()
    return {
        "parameters": [{part: getattr(estimate, part) for part in parts} for estimate in numbers],
        "sources": [{p: getattr(s, p) for p in ("id", "title", "grade", "verified", "url")} for s in known],
        "loss_rests_on": {
            own.scenario: {
                "on_evidence": on_evidence(own.shares),
                "before": own.before,
                "shares": [asdict(share) for share in own.shares],
            }
            for own in stored_shares()
        },
    }


def catalog_text(place: Screen) -> str:
    """What :func:`catalog_numbers` gives, in plain lines.

    Parameters
    ----------
    place
        Where it is printed.

    Returns
    -------
    Lines joined by line breaks, assumptions first, and at the end what the loss rests on.
    """
    from breach_sim.analysis.evidence_shares import ABOUT_SHARES, share_rows, stored_shares

    numbers_and_sources = catalog_numbers()
    lines = []
    for status in STATUS_ORDER:
        entries = [entry for entry in numbers_and_sources["parameters"] if entry["status"] == status]
        if status == "user" and not entries:
            continue
        lines.append(f"{status} ({len(entries)})")
        for entry in entries:
            numbers = " / ".join(
                f"{entry[p]:g}" for p in ("value", "low", "mode", "high") if entry[p] is not None
            )
            lines.append(f"  {entry['name']}: {numbers} {entry['unit']}  [{', '.join(entry['sources'])}]")
            lines += [f"      {entry['note']}"] if entry["note"] else []
    sources = numbers_and_sources["sources"]
    lines.append(f"sources ({len(sources)})")
    lines += [f"  {s['id']}: {s['title']}. Grade {s['grade']}, {s['verified']}. {s['url']}" for s in sources]
    lines += ["what the loss rests on", _shares(share_rows(stored_shares()), place), ABOUT_SHARES]
    return "\n".join(lines)


def _shares(rows: Sequence[Sequence[str]], place: Screen) -> str:
    """What the loss of each scenario rests on."""
    columns = zip(*rows, strict=True)
    return table([Column(head=head, cells=tuple(cells)) for head, *cells in columns], place)
