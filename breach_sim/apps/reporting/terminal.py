"""What the commands print: results as text and as JSON.

Not here: how text fits a terminal (``screen``), and sentences about a run (``summary``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from breach_sim import catalog as _catalog
from breach_sim.analysis import explain
from breach_sim.analysis.provenance import tree
from breach_sim.api import CompletedSet, FieldSet, Requirements
from breach_sim.apps.reporting import screen
from breach_sim.formatting.digits import human, significant
from breach_sim.inputs.numbers.estimates import STATUS_ORDER, weakest_first
from breach_sim.results.impact import Impact

_MOST_SETS = 10
"""Most sets with look-ups that are printed; the others are counted."""


def text_table(frame: Any) -> str:
    """Table of text with aligned columns.

    Parameters
    ----------
    frame
        A DataFrame of text.

    Returns
    -------
    Lines joined by line breaks; the first holds the names of the columns.
    """
    rows = [("", *map(str, frame.columns))]
    rows += [(str(name), *map(str, row)) for name, row in zip(frame.index, frame.to_numpy(), strict=True)]
    return screen.table(rows)


def requires_text(answer: Requirements) -> str:
    """The answer of ``requires`` in plain lines.

    Parameters
    ----------
    answer
        What ``requires`` gave.

    Returns
    -------
    Lines joined by line breaks.
    """
    if not answer["enabling_sets"]:
        harm = answer["harm"]
        return f"{harm} happens without leaked fields: no set of fields enables it, and none prevents it."
    counted = answer["scenario"] is not None
    all_lost = " (accounts that lost all of a set, at the most likely shares)" if counted else ""
    any_lost = " (accounts that lost at least one of a set)" if counted else ""
    lines = [f"{answer['harm']} needs one of these sets of leaked fields{all_lost}:"]
    lines += [_set_line(entry) for entry in answer["enabling_sets"]]
    unless = ", unless fields are looked up" if answer.get("with_look_ups") else ""
    lines.append(f"Each of these sets, kept safe, prevents it{unless}{any_lost}:")
    lines += [_set_line(entry) for entry in answer["protection_sets"]]
    lines += _looked_up_lines(answer.get("with_look_ups", ()))
    if answer["scenario"]:
        lines.append(f"{answer['attackable']:,} accounts of {answer['scenario']} are attackable.")
        if "attackable_with_look_ups" in answer:
            lines.append(f"With look-ups {answer['attackable_with_look_ups']:,} are, as an expected number.")
        lines += [f"note: {note}" for note in answer["notes"]]
    return "\n".join(lines)


def _looked_up_lines(entries: Sequence[CompletedSet]) -> list[str]:
    """Sets that suffice with look-ups: those that concern accounts, the likeliest first."""
    concerned = [entry for entry in entries if entry.get("accounts", 1)]
    if not concerned:
        return []
    counted = "accounts" in concerned[0]
    head = "With look-ups these sets suffice, too, for the share of people whose other fields can be found"
    lines = [f"{head}{' (accounts that lost all of a set)' if counted else ''}:"]
    for entry in concerned[:_MOST_SETS]:
        found = " or ".join(" + ".join(fields) for fields in entry["looked_up"])
        lines.append(f"{_set_line(entry)}: {entry['chance']:.0%}, with {found} looked up")
    left = len(concerned) - _MOST_SETS
    if left > 0:
        lines.append(f"  and {left} less likely ones (--json lists all)")
    return lines


def _set_line(entry: FieldSet | CompletedSet) -> str:
    counted = f"  {entry['accounts']:>15,}" if "accounts" in entry else ""
    return f"{counted}  {' + '.join(entry['fields'])}"


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


def catalog_text() -> str:
    """What :func:`catalog_numbers` gives, in plain lines.

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
    lines += ["what the loss rests on", screen.table(share_rows(stored_shares())), ABOUT_SHARES]
    return "\n".join(lines)


def attribution_text(frame: Any) -> str:
    """What fields contribute to the expected loss, in aligned columns.

    Parameters
    ----------
    frame
        What ``attribution`` or ``attribution_pairs`` gave.

    Returns
    -------
    Lines joined by line breaks: mean [USD] with its 90 % interval, share, and the columns that mislead.
    """
    beside = [name for name in ("alone", "leave_one_out") if name in frame.columns]
    rows = [("", "mean USD (90 % interval)", "share", *(name.replace("_", " ") for name in beside))]
    for name, row in zip(frame.index, frame.to_dict("records"), strict=True):
        label = " + ".join(dict.fromkeys(name)) if isinstance(name, tuple) else str(name)
        mean, low, high = (_three_digits(row[name]) for name in ("mean", "p5", "p95"))
        others = ("" if math.isnan(row[b]) else _three_digits(row[b]) for b in beside)
        rows.append((label, f"{mean} ({low} to {high})", f"{row['share']:.1%}", *others))
    about = "Shapley values of the expected loss: they sum to the total."
    if beside:
        about += " Beside them the loss if only this field had leaked, and what is spared if only it had not."
    return "\n".join([screen.table(rows), about, *(f"note: {note}" for note in frame.attrs["notes"])])


def attribution_json(frame: Any) -> str:
    """What fields contribute to the expected loss, as one JSON document.

    Parameters
    ----------
    frame
        What ``attribution`` or ``attribution_pairs`` gave.

    Returns
    -------
    ``rows``, each with its labels and numbers, and ``notes``.
    """
    rows = [
        {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()}
        for row in frame.reset_index().to_dict("records")
    ]
    return json.dumps({"rows": rows, "notes": list(frame.attrs["notes"])}, indent=2)


def explained(impact: Impact, path: str, *, as_json: bool = False) -> str:
    """Where a figure comes from, in plain lines or as one JSON document.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    path
        As for ``explain``.
    as_json
        JSON in place of lines.

    Returns
    -------
    Text, sources with their grades.

    Raises
    ------
    ValueError
        If there is no such figure.
    """
    catalog = impact.scenario.with_own_sources(_catalog.load_sources())
    root = explain(impact, path)
    return tree.as_json(root, catalog) if as_json else tree.as_text(root, catalog)


def diff_text(frame: Any) -> str:
    """The difference of two impacts in aligned columns.

    Parameters
    ----------
    frame
        What ``diff`` gave.

    Returns
    -------
    Lines joined by line breaks: medians, median difference with its 90 % interval, ratio of means.
    """
    rows = [(str(frame.index.name), "a", "b", "b - a (90 % interval)", "b / a", "b larger")]
    for name, row in zip(frame.index, frame.to_dict("records"), strict=True):
        low, middle, high = (_three_digits(row[q]) for q in ("p5", "p50", "p95"))
        same = low == middle == high
        rows.append(
            (
                name,
                _three_digits(row["a_p50"]),
                _three_digits(row["b_p50"]),
                middle if same else f"{middle} ({low} to {high})",
                "" if math.isnan(row["ratio_of_means"]) else f"{row['ratio_of_means']:.2g}",
                f"{row['p_b_larger']:.0%}",
            )
        )
    notes = [f"note: {note}" for note in frame.attrs["notes"]]
    return "\n".join([screen.table(rows), *notes])


def _three_digits(value: float) -> str:
    """Number in words, cut to three significant digits."""
    return human(significant(value))


def diff_json(frame: Any) -> str:
    """The difference of two impacts as one JSON document.

    Parameters
    ----------
    frame
        What ``diff`` gave.

    Returns
    -------
    ``between``, ``measures`` by name, ``notes``.
    """
    records = zip(frame.index, frame.to_dict("records"), strict=True)
    measures = {
        name: {key: None if math.isnan(value) else value for key, value in row.items()}
        for name, row in records
    }
    document = {"between": frame.index.name, "measures": measures, "notes": list(frame.attrs["notes"])}
    return json.dumps(document, indent=2)
