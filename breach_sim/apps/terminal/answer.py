"""What ``breach-sim run`` prints: a first screen that answers the question, and everything behind it.

Into a pipe goes everything. On a terminal the first screen has the answer, the attacks that make most of the
loss, what decides it, and how many rows, columns and notes are not on it, with the option that shows them.

Not here: the sentences (``reporting.summary``), and how tables fit (``tables``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from breach_sim import api
from breach_sim.apps.reporting import summary
from breach_sim.apps.terminal.place import ROOM, Screen, fitted, strong
from breach_sim.apps.terminal.tables import Column, left_out, table
from breach_sim.catalog import label_of_parameter
from breach_sim.formatting.digits import percent
from breach_sim.formatting.display import plural
from breach_sim.formatting.tables import spread
from breach_sim.results.replicates import WORDS

LINES = 29
"""Lines of the first screen: thirty, less the one of the prompt."""
ENOUGH = 100
"""Replicates from which on the assumptions are ranked by their effect."""
MOVING = 3
"""Numbers that are named on the screen before it points to the full list."""
_MOST, _LEAST = 12, 3
_ALL = "any harm (people)"
_HEADS = {"loss_usd": "loss [USD]"}
_ROOMS = {"exposed": 2 * ROOM, "attackable": ROOM, "attempted": ROOM}
"""Columns that wait for room; the exposed are the same in all rows."""


def impact_text(impact: Any, place: Screen, command: str = "") -> str:
    """Everything that ``run`` prints of an impact.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    place
        Where it is printed.
    command
        Name or file of the scenario as the user typed it; "" where there is none.

    Returns
    -------
    Lines joined by line breaks; on a terminal at least 80 wide, and without options, at most
    :data:`LINES`.
    """
    if place.plain:
        return "\n".join([repr(impact), "", _funnel(impact, place, None)[0], "", *_details(impact)])
    decides = [_most_moving(impact), summary.disagreement_line(impact, brief=True)]
    head = [*_head(impact, place), ""]
    if place.wide:
        rows, dropped = _funnel(impact, place, None)
        return _joined([*head, rows, ""], decides, _behind(impact, place, 0, dropped, command), place)
    for most in range(_MOST, _LEAST - 1, -1):
        rows, dropped = _funnel(impact, place, most)
        left = max(len(impact.attacks.attacks) - most, 0)
        text = _joined([*head, rows, ""], decides, _behind(impact, place, left, dropped, command), place)
        if place.notes or text.count("\n") < LINES:
            break
    return text


def _joined(above: Sequence[str], decides: Sequence[str], below: Sequence[str], place: Screen) -> str:
    return fitted("\n".join([*above, *filter(None, decides), *below]), place)


def _head(impact: Any, place: Screen) -> list[str]:
    """The answer: title, people, loss, and what it is made from."""
    people, loss = (spread(sample, impact.scramble) for sample in (impact.people, impact.loss))
    return [
        strong(f"{impact.scenario.title}: {impact.scenario.accounts:,} accounts", place),
        strong(f"People harmed  {people}", place),
        strong(f"Loss [USD]     {loss}", place),
        f"Median (90 % interval), {_made_by(impact)}.",
        *summary.currency_lines(impact),
    ]


def _made_by(impact: Any) -> str:
    drawn = ", plain draws" if impact.sampling == "plain" else ""
    drawn += "" if impact.posterior is None else ", calibrated"
    years = f"{impact.horizon_years:g} year" + ("" if impact.horizon_years == 1 else "s")
    return f"{years}, {plural(impact.replicates, 'replicate')}, seed {impact.seed}{drawn}"


def _funnel(impact: Any, place: Screen, most: int | None) -> tuple[str, list[str]]:
    """Attacks by loss, the largest first, at most so many; and the columns that found no room."""
    labels = [attack.label for attack in impact.attacks.attacks]
    means = np.array([float(impact.expected("loss_usd", name).mean()) for name in impact.attacks.names])
    shares = means / means.sum() if means.sum() else np.zeros_like(means)
    victims = [float(np.mean(drawn)) for drawn in impact.per_attack("victims")]
    order = sorted(range(len(labels)), key=lambda i: (-means[i], -victims[i], i))
    shown = order if most is None else order[:most]
    rest = order[len(shown) :]
    frame = impact.funnel()
    texts = {word: [str(frame[word].iloc[i]) for i in shown] for word in WORDS}
    names = [labels[i] for i in shown]
    parts = [float(shares[i]) for i in shown]
    if rest:
        names.append(plural(len(rest), "other attack"))
        others = sum(impact.per_attack("loss_usd")[i] for i in rest)
        for word in WORDS:
            texts[word].append(spread(others, impact.scramble) if word == "loss_usd" else "")
        parts.append(float(sum(shares[i] for i in rest)))
    for word in WORDS:
        texts[word].append(str(frame[word].iloc[len(labels)]))
    columns = [
        Column(head="", cells=(*names, _ALL)),
        *(
            Column(
                head=_HEADS.get(word, word),
                cells=tuple(texts[word]),
                room=_ROOMS.get(word, 0),
            )
            for word in WORDS
        ),
        Column(
            head="of the loss",
            cells=(*map(_share, parts), ""),
            shares=(*(part or math.nan for part in parts), math.nan),
        ),
    ]
    return table(columns, place, total=True), left_out(columns, place)


def _share(part: float) -> str:
    return "<1 %" if 0 < part < 0.01 else percent(round(part, 2))  # noqa: PLR2004 - whole percent


def _most_moving(impact: Any) -> str:
    """Sentence that names the numbers with the largest effect on the loss."""
    if impact.replicates < ENOUGH:
        return ""
    ranked = api.assumptions(impact).head(MOVING)
    named = [
        f"{label_of_parameter(str(name), impact.scenario, impact.attacks)} ({status})"
        for name, status in zip(ranked.index, ranked["status"], strict=True)
    ]
    return f"What moves the loss most: {'; '.join(named)}."


def _sentences(impact: Any) -> list[str]:
    """What is said of an impact beside its table."""
    return [
        *summary.parts_lines(impact),
        summary.excess_line(impact),
        *summary.anchor_lines(impact),
        *summary.reported_lines(impact),
        *summary.ledger_lines(impact),
        summary.disagreement_line(impact),
    ]


def _assumed(impact: Any) -> tuple[int, int]:
    """How many numbers are assumed, and how many there are."""
    numbers = impact.parameters()
    return sum(estimate.status == "assumed" for estimate in numbers), len(numbers)


def _details(impact: Any) -> list[str]:
    """Everything that is said below the table in a pipe."""
    moving = _most_moving(impact)
    return [
        *_sentences(impact),
        f"{_assumed(impact)[0]} numbers are assumed.{' ' if moving else ''}{moving}",
        "All of them, with reasons: breach-sim sources (or summary.md with --out). "
        "Do not quote a number without its assumptions.",
    ]


def _behind(impact: Any, place: Screen, rows: int, columns: list[str], command: str) -> list[str]:
    """Lines that say what stands elsewhere, or the notes themselves where they are asked for."""
    caution = (
        "{} of {} numbers are assumed; do not quote a figure without them (breach-sim sources)."
    ).format(*_assumed(impact))
    said = [*_sentences(impact), *(f"note: {note}" for note in impact.notes)]
    hidden = [plural(rows, "attack")] if rows else []
    hidden += [", ".join(columns)] if columns else []
    more = [f"--wide ({'; '.join(hidden)})"] if hidden else []
    more += [] if place.notes else [f"--notes ({plural(len(said), 'note')})"]
    more += [f"breach-sim report {command} --out report.html (figures, sources)"] if command else []
    lines = [*said, caution] if place.notes else [caution]
    return [*lines, *([f"More: {', '.join(more)}."] if more else [])]
