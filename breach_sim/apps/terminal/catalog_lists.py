"""The catalog in lists: scenarios, countries, who reads a field, and every number with its sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from breach_sim import catalog as _catalog
from breach_sim.apps.reporting import catalog_page
from breach_sim.apps.terminal.place import Screen
from breach_sim.apps.terminal.tables import Column, table
from breach_sim.catalog import label_of_attack, label_of_field, label_of_parameter
from breach_sim.inputs.numbers.estimates import STATUS_ORDER, weakest_first
from breach_sim.inputs.scenario import Scenario


def catalog_numbers() -> dict[str, Any]:
    """Every number of the attack catalog, assumptions first, and every source.

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


def scenario_lines(scenario: Scenario) -> list[str]:
    """Lines about a scenario of the package.

    Parameters
    ----------
    scenario
        Of the package.

    Returns
    -------
    Name, accounts and title; standing, countries and largest harm; fields; how the numbers are known; notes.
    """
    facts = catalog_page.entry(scenario)
    margin = " " * 6
    origin = facts["standing"] or "no standing said"
    people = "people of " + (", ".join(facts["countries"]) or "anywhere")
    known = ", ".join(f"{count} {word}" for word, count in facts["status"].items())
    harm = facts["top_harm"] and facts | {"top_harm": label_of_attack(facts["top_harm"])}
    fields = ", ".join(map(label_of_field, facts["fields"]))
    return [
        f"{scenario.name:<36}{scenario.accounts:>15,}  {scenario.title}",
        f"{margin}{origin}; {people}; largest harm: {catalog_page.harm_as_text(harm or facts)}",
        f"{margin}fields: {fields or 'none'}",
        f"{margin}numbers: {known}",
        *(f"{margin}note: {note}" for note in scenario.all_notes),
    ]


def readers(uses: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Attacks that read each field.

    Parameters
    ----------
    uses
        What ``field_uses`` gave.

    Returns
    -------
    By field: labels of attacks, or why none reads it.
    """
    return {
        name: "; ".join(map(label_of_attack, use["attacks"])) or f"(none: {use['because']})"
        for name, use in uses.items()
    }


def country_texts() -> dict[str, str]:
    """What is known of each country.

    Returns
    -------
    By code, and by code and word: how large it is, which numbers are its own, which attacks are left out and
    why, and what its identifiers are called.
    """
    texts: dict[str, str] = {}
    for code, own in _catalog.load_countries().items():
        absent = (f"{label_of_attack(name)} ({reason})" for name, reason in own.absent.items())
        called = (f"{label_of_field(name)}: {what}" for name, what in own.identifiers.items())
        texts |= {
            code: f"{own.name}: {own.size.central:.0%} of the adults of the US; money is printed in USD",
            f"{code} own": "; ".join(map(label_of_parameter, own.replaced)),
            f"{code} without": "; ".join(absent),
            f"{code} fields": "; ".join(called),
        }
    return texts
