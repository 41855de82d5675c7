"""Two breaches, or a breach with and without mitigations, side by side.

Not here: how tables fit (``tables``), and what is computed (``results.tables.difference``, ``whatif``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from breach_sim.apps.terminal.place import Screen, strong
from breach_sim.apps.terminal.tables import Column, noted, table
from breach_sim.catalog import label_of_attack
from breach_sim.formatting.digits import human, significant
from breach_sim.formatting.display import plural
from breach_sim.formatting.tables import spread
from breach_sim.inputs.mitigations import ACTORS
from breach_sim.whatif.worth import share_texts

_ATTACKS = 10
"""Attacks whose losses are compared on a terminal before the others are counted."""
_WORDS = {"people": "people harmed", "loss_usd": "loss [USD]"}


def diff_text(frame: Any, place: Screen) -> str:
    """The difference of two impacts: on a terminal people, loss, and the attacks that differ most by loss.

    Parameters
    ----------
    frame
        What ``diff`` gave.
    place
        Where it is printed.

    Returns
    -------
    Lines joined by line breaks: medians, median difference with its 90 % interval, ratio of means, how often
    the second is larger. A note of both stands once.
    """
    rows = [(str(name), row) for name, row in zip(frame.index, frame.to_dict("records"), strict=True)]
    shown = rows if place.every_row else _largest(rows)
    cells = [(_measure(name, brief=not place.every_row), *_difference(row)) for name, row in shown]
    heads = ("", "a", "b", "b - a (90 % interval)", "b / a", "b > a")
    columns = zip(heads, zip(*cells, strict=True), strict=True)
    drawn = table([Column(head=head, cells=tuple(own)) for head, own in columns], place)
    notes = list(dict.fromkeys(frame.attrs["notes"]))
    lines = [strong(str(frame.index.name), place), "", drawn]
    more = []
    if len(shown) < len(rows):
        more.append(f"{plural(len(rows) - len(shown), 'row')}, with attackable and victims: --wide")
    if notes and not place.every_note:
        more.append(f"{plural(len(notes), 'note')}: --notes")
        notes = []
    lines += [f"More: {'; '.join(more)}."] if more else []
    return noted(lines, notes, place)


def _largest(rows: Sequence[tuple[str, Mapping[str, float]]]) -> list[tuple[str, Mapping[str, float]]]:
    """People, loss, and the losses by attack that differ most."""
    first = [(name, row) for name, row in rows if name in _WORDS]
    losses = [(name, row) for name, row in rows if name.endswith(".loss_usd") and row["mean"]]
    losses.sort(key=lambda item: (-abs(item[1]["p50"]), -abs(item[1]["mean"])))
    return [*first, *losses[:_ATTACKS]]


def _measure(name: str, *, brief: bool) -> str:
    """What a row counts, in words: "SIM swap: victims"; where only losses are listed, the attack alone."""
    attack, dot, word = name.rpartition(".")
    label = label_of_attack(attack) if dot else ""
    word = _WORDS.get(word, word)
    if dot and brief:
        return f"  {label}"
    return f"{label}: {word}" if dot else word


def _difference(row: Mapping[str, float]) -> tuple[str, ...]:
    """Cells of one row."""
    low, middle, high = (_three_digits(row[q]) for q in ("p5", "p50", "p95"))
    same = low == middle == high
    return (
        _three_digits(row["a_p50"]),
        _three_digits(row["b_p50"]),
        middle if same else f"{middle} ({low} to {high})",
        "" if math.isnan(row["ratio_of_means"]) else f"{row['ratio_of_means']:.2g}",
        f"{row['p_b_larger']:.0%}",
    )


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


def comparison_text(comparison: Any, bundle: Any, place: Screen) -> str:
    """Mitigations side by side, the one that averts most first.

    Parameters
    ----------
    comparison
        What ``compare`` gave.
    bundle
        What ``best_bundle`` gave; None if no budget was given.
    place
        Where it is printed.

    Returns
    -------
    Lines joined by line breaks: on a terminal a table of what each averts and costs, one of whose money that
    is and who can act, the best bundle, and the notes. In a pipe the same, one mitigation after another.
    """
    best = [repr(bundle)] if bundle else []
    if place.plain:
        return "\n".join([repr(comparison), *best])
    title, *without = repr(comparison).split("\n")[:3]
    rows = sorted(comparison.averted[:-1], key=lambda row: -float(row.loss.mean()))
    rows.append(comparison.averted[-1])
    lines = [strong(title, place), *without, "", _averted(comparison, rows, place)]
    lines += ["", _sides(comparison, rows, place), *(["", *best] if best else []), ""]
    return noted(lines, comparison.notes, place)


def _averted(comparison: Any, rows: Sequence[Any], place: Screen) -> str:
    """What each mitigation averts and costs, and how often it is worth it."""
    texts = [share_texts(comparison, row) for row in rows]
    whole = float(comparison.base.total("loss").mean())
    shares = [max(float(row.loss.mean()) / whole, 0.0) if whole else math.nan for row in rows]
    spreads = {
        word: tuple(spread(getattr(row, word), comparison.scramble) for row in rows)
        for word in ("loss", "people", "cost")
    }
    columns = [
        Column(head="", cells=tuple(map(_named, rows))),
        Column(head="averts [USD]", cells=spreads["loss"]),
        Column(
            head="of the loss",
            cells=tuple(share for share, _ in texts),
            shares=tuple(shares),
            color="green",
        ),
        Column(head="spared", cells=spreads["people"]),
        Column(head="costs [USD]", cells=spreads["cost"]),
        Column(head="worth it", cells=tuple(often for _, often in texts)),
    ]
    return table(columns, place, total=True)


def _named(row: Any) -> str:
    """Label of a mitigation, and the name to type."""
    return row.label if row.label == row.name else f"{row.label} ({row.name})"


def _sides(comparison: Any, rows: Sequence[Any], place: Screen) -> str:
    """Whose money it is on average, and who can act from when, by the name to be typed."""
    who = comparison.who()
    sides = list(rows[0].by_side)
    columns = [
        Column(head="averts, mean [USD]", cells=tuple(row.name for row in rows)),
        *(Column(head=side, cells=tuple(_mean(row.by_side[side]) for row in rows)) for side in sides),
        Column(
            head="firm (apart)",
            cells=tuple("no ledger" if row.firm is None else _mean(row.firm) for row in rows),
        ),
        Column(
            head="who can act",
            cells=tuple(_actor(who.loc[row.name]) if row.name in who.index else "" for row in rows),
            left=True,
        ),
    ]
    return table(columns, place)


def _actor(row: Any) -> str:
    """Who can carry a mitigation out, from when, and whether a law demands it."""
    if not row["actor"]:
        return ""
    when = f"from day {row['start_day']:g}" if math.isfinite(row["start_day"]) else "any day"
    if not row["possible"]:
        when = "before the breach only"
    return f"{ACTORS[row['actor']]}, {when}{', by law' if row['law'] else ''}"


def _mean(usd: Any) -> str:
    return human(significant(float(usd.mean()), 2))
