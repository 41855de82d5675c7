"""Answers to questions about a run, as text and as JSON: what an attack needs, what decides a figure.

Not here: how text fits a terminal (``place``, ``tables``), and sentences about a run (``reporting.summary``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from breach_sim import catalog as _catalog
from breach_sim.analysis import explain
from breach_sim.analysis.provenance import tree
from breach_sim.api import CompletedSet, FieldSet, Requirements
from breach_sim.apps.terminal.place import Screen
from breach_sim.apps.terminal.tables import Column, noted, table
from breach_sim.catalog import label_of_attack, label_of_field, label_of_segment
from breach_sim.formatting.digits import human, significant
from breach_sim.results.impact import Impact

_MOST_SETS = 10
"""Most sets with look-ups that are printed; the others are counted."""
_TOTAL = "total"
_BESIDE = {"alone": "alone", "leave_one_out": "left out"}
"""Headings of the columns that stand beside the Shapley values."""


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
    harm = "Any harm" if answer["harm"] == "any" else label_of_attack(answer["harm"])
    if not answer["enabling_sets"]:
        return f"{harm} happens without leaked fields: no set of fields enables it, and none prevents it."
    counted = answer["scenario"] is not None
    all_lost = " (accounts that lost all of a set, at the most likely shares)" if counted else ""
    any_lost = " (accounts that lost at least one of a set)" if counted else ""
    lines = [f"{harm} needs one of these sets of leaked fields{all_lost}:"]
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
        found = " or ".join(map(_fields, entry["looked_up"]))
        lines.append(f"{_set_line(entry)}: {entry['chance']:.0%}, with {found} looked up")
    left = len(concerned) - _MOST_SETS
    if left > 0:
        lines.append(f"  and {left} less likely ones (--json lists all)")
    return lines


def _set_line(entry: FieldSet | CompletedSet) -> str:
    counted = f"  {entry['accounts']:>15,}" if "accounts" in entry else ""
    return f"{counted}  {_fields(entry['fields'])}"


def _fields(names: Iterable[str]) -> str:
    return " + ".join(map(label_of_field, names))


def attribution_text(frame: Any, place: Screen) -> str:
    """What fields contribute to the expected loss, the largest first, with a bar for the share.

    Parameters
    ----------
    frame
        What ``attribution`` or ``attribution_pairs`` gave.
    place
        Where it is printed.

    Returns
    -------
    Lines joined by line breaks: mean [USD] with its 90 % interval, share, and the columns that mislead.
    """
    label = _label_in_segment if frame.index.names[0] == "segment" else _label
    rows = [(label(name), row) for name, row in zip(frame.index, frame.to_dict("records"), strict=True)]
    rows.sort(key=lambda item: (item[0] == _TOTAL, -item[1]["mean"]))
    beside = [name for name in _BESIDE if name in frame.columns]
    shares = [float(row["share"]) for _, row in rows]
    columns = [
        Column(head="", cells=tuple(name for name, _ in rows)),
        Column(head="mean [USD] (90 %)", cells=tuple(_with_interval(row) for _, row in rows)),
        Column(
            head="share",
            cells=tuple(f"{round(share, 3) + 0.0:.1%}" for share in shares),
            shares=tuple(math.nan if name.endswith(_TOTAL) else row["share"] for name, row in rows),
        ),
        *(
            Column(
                head=_BESIDE[name],
                cells=tuple("" if math.isnan(row[name]) else _three_digits(row[name]) for _, row in rows),
            )
            for name in beside
        ),
    ]
    about = "Shapley values of the expected loss: they sum to the total."
    if beside:
        about += " Beside them the loss if only this field had leaked, and what is spared if only it had not."
    ends = rows[-1][0] == _TOTAL
    return noted([table(columns, place, total=ends), about], frame.attrs["notes"], place)


def _label(name: Any) -> str:
    """Names of an index in words: a field, or a pair of fields."""
    words = [label_of_field(str(part)) for part in (name if isinstance(name, tuple) else (name,))]
    return " + ".join(dict.fromkeys(words))


def _label_in_segment(name: tuple[str, str]) -> str:
    """A field of a segment in words."""
    segment, field = map(str, name)
    within = _TOTAL if segment == _TOTAL else label_of_segment(segment)
    return within if field == segment else f"{within}: {_label(field)}"


def _with_interval(row: Mapping[str, float]) -> str:
    """Mean and 90 % interval; the mean alone where nothing varies."""
    mean, low, high = (_three_digits(row[name]) for name in ("mean", "p5", "p95"))
    return mean if low == mean == high else f"{mean} ({low} to {high})"


def _three_digits(value: float) -> str:
    """Number in words, cut to three significant digits."""
    return human(significant(value))


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
