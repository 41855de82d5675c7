"""A result in plain sentences, and the page ``summary.md`` that holds them, assumptions first.

Not here: the folder that the page is written into (``folder``), and the report as a web page (``chapters``).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from breach_sim import catalog as _catalog
from breach_sim.catalog.faces.labels import label_of_line, label_of_reading
from breach_sim.formatting.digits import human, significant
from breach_sim.formatting.strangers import marked_down
from breach_sim.formatting.tables import LEVELS, spread
from breach_sim.inputs.numbers.estimates import Source
from breach_sim.results.expectations import expected_part
from breach_sim.results.impact import Impact
from breach_sim.results.parts import PARTS, share_of
from breach_sim.results.tables.money import ledger_notes
from breach_sim.results.tables.readings import largest_disagreement, structural


def summary_page(impact: Impact, catalog: Mapping[str, Source]) -> str:
    """The answer in plain sentences, then its assumptions, then its citations.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    catalog
        Sources by id.

    Returns
    -------
    Markdown text.
    """
    people, loss = (spread(sample, impact.scramble) for sample in (impact.people, impact.loss))
    lines = [
        f"# {marked_down(impact.scenario.title)}",
        "",
        f"{impact.scenario.accounts:,} accounts, {impact.exposed:,} of them exposed. Over "
        f"{impact.horizon_years:g} years this breach makes victims of {people} people and "
        f"costs them and others {loss} USD. These are medians, and in brackets the ranges that hold nine of "
        "ten outcomes.",
        "",
        *[f"- **Note.** {marked_down(note)}" for note in impact.notes],
        "",
        *parts_lines(impact),
        excess_line(impact),
        "",
        *anchor_lines(impact),
        "",
        *ledger_lines(impact),
        "",
        disagreement_line(impact),
        "",
        "Do not quote a number without the assumptions below.",
        "",
        *_attack_lines(impact),
        "",
        "## Assumptions first",
        "",
        *_estimate_lines(impact, "assumed"),
        "",
        "## Derived",
        "",
        *_estimate_lines(impact, "derived"),
        "",
        "## Cited",
        "",
        *_estimate_lines(impact, "cited"),
        "",
        *_given_lines(impact),
        "## Sources",
        "",
        *_source_lines(impact, catalog),
        "",
        f"breach_sim {impact.version}, seed {impact.seed}, {impact.replicates:,} replicates, inputs "
        f"{impact.input_hash[:16]}.",
    ]
    return "\n".join(lines) + "\n"


def one_line(text: str) -> str:
    """Text without line breaks.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    Its words with one space between them.
    """
    return " ".join(text.split())


def _attack_lines(impact: Impact) -> list[str]:
    lines = ["| attack | attackable | victims | loss [USD] |", "|---|---|---|---|"]
    for i, attack in enumerate(impact.attacks.attacks):
        cells = (
            spread(impact.per_attack(word)[i], impact.scramble)
            for word in ("attackable", "victims", "loss_usd")
        )
        lines.append(f"| {marked_down(attack.label)} | {' | '.join(cells)} |")
    return lines


def _estimate_lines(impact: Impact, status: str) -> list[str]:
    table = impact.sources()
    rows = table[table["status"] == status]
    return [
        f"- {_code(name)} {numbers} {unit}: {marked_down(note) or 'as published'} [{marked_down(ids)}]"
        for name, numbers, unit, note, ids in zip(
            rows.index, rows["numbers"], rows["unit"], rows["note"], rows["sources"], strict=True
        )
    ]


def _given_lines(impact: Impact) -> list[str]:
    """Section of the numbers that the user gave; none if there are none."""
    lines = _estimate_lines(impact, "user")
    return ["## Given by the user", "", *lines, ""] if lines else []


def _code(text: str) -> str:
    """A name as it is typed, in which no sign ends the code."""
    return f"`{one_line(text).replace('`', ' ')}`"


def used_sources(impact: Impact, catalog: Mapping[str, Source]) -> list[Source]:
    """Sources of everything that an impact rests on: parameters, scenario, events, segments.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    catalog
        Sources by id.

    Returns
    -------
    Those that are known, in alphabetical order of their ids.
    """
    catalog = impact.scenario.with_own_sources(catalog)
    used = dict.fromkeys(source for estimate in impact.parameters() for source in estimate.sources)
    used |= dict.fromkeys(impact.scenario.sources)
    used |= dict.fromkeys(source for event in impact.scenario.events for source in event.sources)
    used |= dict.fromkeys(source for segment in impact.scenario.segments for source in segment.sources)
    return sorted((catalog[name] for name in used if name in catalog), key=lambda source: source.id)


def _source_lines(impact: Impact, catalog: Mapping[str, Source]) -> list[str]:
    return [
        f"- [{marked_down(source.id)}] {marked_down(source.title)}. {marked_down(source.publisher)}, "
        f"{marked_down(source.year)}. Grade {source.grade}, {source.verified}. "
        f"{marked_down(source.url)}".rstrip()
        for source in used_sources(impact, catalog)
    ]


COMPLAINTS, COMPLAINED_USD = 415.0, 5e6
"""National rise of SIM-swap complaints and of their losses, 2021 to 2022 (sources ic3-sim-*)."""


def reported_lines(impact: Impact) -> list[str]:
    """Sentences that hold an impact against the complaints that were published.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    A sentence for each attack that has a reporting rate.
    """
    lines = []
    for attack in impact.attacks.attacks:
        if attack.reporting is None or not attack.routes:
            continue
        table = impact.reported(attack.name, complaints=COMPLAINTS, loss_usd=COMPLAINED_USD)
        count, money = (table.loc[row].to_dict() for row in ("complaints", "loss_usd"))
        median = human(significant(count["p50"], 2))
        lines.append(
            f"{attack.label}: {median} complaints in the first year at the median; the chance of more than "
            f"{COMPLAINTS:,.0f} (the rise of all US complaints from 2021 to 2022) is "
            f"{count['p_exceed']:.0%}, of more than {COMPLAINED_USD / 1e6:,.0f} million USD reported "
            f"{money['p_exceed']:.0%}; reproduced, not predicted: the rates were set by such figures."
        )
    return lines


def ledger_lines(impact: Impact) -> list[str]:
    """Sentences on the two ledgers of an impact: the victims' side, and the firm's where it has rates."""
    borne = {
        who: human(significant(np.median(loss), 2))
        for who, loss in impact.loss_by_bearer().items()
        if loss.any()
    }
    hours = human(significant(impact.hours().iloc[-1]["p50"], 2))
    bearers = ", ".join(f"{label_of_line(who)} {amount}" for who, amount in borne.items()) or "nobody"
    lines = [f"Who bears the loss, medians [USD]: {bearers}; victims lose {hours} hours."]
    if impact.firm_cost is not None:
        cost = spread(impact.firm_cost, impact.scramble)
        figures = 0 if impact.firm is None else impact.firm.rows.figures
        lines.append(
            f"The firm itself pays {cost} USD of 2024, by a model fitted to {figures} published amounts. "
            "This is another ledger; do not add the two."
        )
    return [*lines, *currency_lines(impact), *ledger_notes(impact)]


def currency_lines(impact: Impact) -> list[str]:
    """A sentence with loss and cost in the currency of the user's amounts; none where these are in USD."""
    own = impact.scenario.overrides.currency
    if own is None:
        return []
    loss = spread(impact.loss / own.usd_per_unit, impact.scramble)
    line = f"In {own.code}, at {own.usd_per_unit:g} USD each ({own.about}): loss {loss}"
    if impact.firm_cost is not None:
        line += f"; cost of the firm {spread(impact.firm_cost / own.usd_per_unit, impact.scramble)}"
    return [f"{line}."]


def disagreement_line(impact: Impact, *, brief: bool = False) -> str:
    """Sentence on the question on which the evidence disagrees most, with the loss of either reading.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    brief
        Whether readings outside of the headline's interval are left to the full sentence.

    Returns
    -------
    One sentence or more.
    """
    frame = structural(impact, _catalog.readings_of(impact.scenario))
    largest = largest_disagreement(frame)
    if not largest:
        return "Largest disagreement of the evidence: none of the contradicting readings applies here."
    low, high = (human(significant(largest[end], 2)) for end in ("low_usd", "high_usd"))
    one, other = (label_of_reading(largest[end]) for end in ("low", "high"))
    line = (
        f"Largest disagreement of the evidence: {largest['question']}. If {one}, the mean loss is {low} USD; "
        f"if {other}, it is {high} USD, {largest['times']:.2g} times as much."
    )
    return line if brief else " ".join([line, *frame.attrs["outside"]])


def anchor_lines(impact: Impact) -> list[str]:
    """Sentences that say by how much anchors multiply the losses of their follow-ons, one an attack."""
    lines = []
    for attack in impact.attacks.attacks:
        victims = impact.drawn.victims[impact.attacks.names.index(attack.name)]
        if attack.anchor is None or not victims.any():
            continue
        low, middle, high = np.quantile(impact.factors[attack.anchor.follow_ons[0]], LEVELS)
        names = "; ".join(impact.attacks[name].label for name in attack.anchor.follow_ons)
        lines.append(
            f"The money of {attack.label} is lost in its follow-ons ({names}). Targets are chosen, so that "
            f"severities are multiplied by {middle:.0f} ({low:.0f} to {high:.0f}), until a victim of "
            f"{attack.label} loses the published mean. Loss divided by victims of these rows is no "
            "published figure."
        )
    return lines


def parts_lines(impact: Impact) -> list[str]:
    """Sentences that split the people of an impact by what made them victims.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    One sentence; none where nothing can be looked up or nobody is harmed.
    """
    if not (impact.searches and impact.people.any()):
        return []
    expected = {part: expected_part(impact, part, "people") for part in PARTS}
    shares = share_of(expected)
    alone, together, replaceable = (f"{shares[part]:.0%}".replace("%", " %") for part in PARTS)
    people = human(significant(float(sum(sample.mean() for sample in expected.values())), 2))
    return [
        f"Of {people} people (mean) {alone} are victims by the leak alone, {together} by leaked fields "
        f"together with what can be looked up, and {replaceable} were attackable without this breach."
    ]


def excess_line(impact: Impact) -> str:
    """Sentences on the people in excess, and on those who would never have met identity theft otherwise."""
    table = impact.excess()
    excess, never = (_two_digits(table[word].iloc[-1]) for word in ("excess", "never_otherwise"))
    return (
        f"Of these people {excess} are in excess: by the time of the harm nothing else had harmed them in "
        f"the same way. {never} would have suffered no identity theft at all in {impact.horizon_years:g} "
        "years."
    )


def _two_digits(row: Mapping[str, float]) -> str:
    """Median with its 90 % interval, two digits each."""
    low, middle, high = (human(significant(row[q], 2)) for q in ("p5", "p50", "p95"))
    return f"{middle} ({low} to {high})"
