"""Results in words and files: tables, figures and plain sentences, assumptions first.

Everything is written into a new folder beside the target and put in place at the end, so that a run that
fails leaves nothing half written.

Place in the corridor: above ``plots``. Writes results; ``population.sample`` writes the synthetic sample.
"""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from breach_sim import catalog as _catalog
from breach_sim import plots
from breach_sim.digits import human, significant
from breach_sim.estimates import Source
from breach_sim.explain import explain, tree
from breach_sim.explain.structural import largest_disagreement, structural
from breach_sim.impact import Impact
from breach_sim.interop.export import safe
from breach_sim.tables import LEVELS, spread

FIGURES = ("funnel", "exceedance", "leak_matrix", "attack_graph", "timeline", "ledgers", "lorenz")
"""Names of the figures; each is a PNG file and a function of ``plots``."""
TABLES = (
    "funnel", "funnel_numbers", "quantiles", "by_segment", "excess", "exceedance", "error_budget", "bearers",
    "capacity", "sources", "convergence", "hours", "timeline", "ledgers", "lorenz",
)  # fmt: skip
"""Names of the tables; each is a CSV file."""
MARK = "impact.json"
"""A folder that holds this file is one of ours and may be written again."""
NOTES = "notes.txt"
"""Cautions about the scenario, which go with every table."""
FILES = (MARK, NOTES, "summary.md", *(f"{name}.csv" for name in TABLES), *(f"{name}.png" for name in FIGURES))
"""Everything that a result consists of."""


def write(impact: Impact, folder: str | Path, catalog: Mapping[str, Source]) -> list[Path]:
    """Write tables, figures and a summary of an impact into a folder.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    folder
        Where to; made if need be. An earlier result in it is replaced as a whole.
    catalog
        Sources by id.

    Returns
    -------
    Paths of the files, in alphabetical order.

    Raises
    ------
    ValueError
        If the folder holds something that is not a result of this package, or is a file.
    OSError
        If the place cannot be written.

    Notes
    -----
    Figures are drawn without a screen, from the tables beside them.
    """
    check_folder(folder)
    target = Path(folder).resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    earlier = aside.with_name(f"{aside.name}-earlier")
    try:
        _write_tables(impact, aside, catalog)
        _write_figures(impact, aside)
        page = summary_page(impact, catalog)
        (aside / "summary.md").write_text(page, encoding="utf-8", newline="\n")
        aside.chmod(0o755)
        _put_in_place(aside, target, earlier)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return sorted(Path(folder).iterdir())


def _put_in_place(aside: Path, target: Path, earlier: Path) -> None:
    """Swap a finished folder for the earlier one, which comes back if the swap fails."""
    if not target.exists():
        aside.rename(target)
        return
    target.rename(earlier)
    try:
        aside.rename(target)
    except BaseException:
        earlier.rename(target)
        raise
    shutil.rmtree(earlier, ignore_errors=True)


def check_folder(folder: str | Path) -> None:
    """Refuse a place that holds anything but an earlier result.

    Parameters
    ----------
    folder
        Where one wants to write.

    Raises
    ------
    ValueError
        With the place and a remedy.
    """
    target = Path(folder)
    if target.resolve() == Path.cwd():
        raise ValueError(
            f"{target.resolve()} is the current folder and cannot be replaced; name a folder in it"
        )
    for above in target.resolve().parents:
        if above.is_file():
            raise ValueError(f"{folder} lies below the file {above}; give a folder for the results")
    if target.exists() and not target.is_dir():
        raise ValueError(f"{folder} is a file; give a folder for the results")
    found = {entry.name for entry in target.iterdir()} if target.is_dir() else set()
    foreign = sorted(found - set(FILES))
    if found and MARK not in found:
        raise ValueError(
            f"{folder} holds files that are no result of breach_sim; give another or an empty folder"
        )
    if foreign:
        raise ValueError(
            f"{folder} holds {foreign[0]!r} beside an earlier result; move it, or give another folder"
        )


def _write_tables(impact: Impact, folder: Path, catalog: Mapping[str, Source]) -> None:
    tables = {
        "funnel": impact.funnel(),
        "funnel_numbers": impact.funnel(numbers=True),
        "quantiles": impact.quantiles(),
        "by_segment": impact.by_segment(),
        "excess": impact.excess(),
        "exceedance": impact.exceedance(),
        "error_budget": impact.error_budget(),
        "bearers": impact.bearers(),
        "capacity": impact.capacity(),
        "sources": impact.sources(catalog),
        "convergence": impact.convergence(),
        "hours": impact.hours(),
        "timeline": impact.timeline(),
        "ledgers": impact.ledgers(),
        "lorenz": impact.lorenz(),
    }
    for name, table in tables.items():
        safe(table).to_csv(folder / f"{name}.csv", encoding="utf-8", lineterminator="\n")
    notes = "".join(f"{_one_line(note)}\n" for note in impact.notes) or "no cautions\n"
    (folder / NOTES).write_text(notes, encoding="utf-8", newline="\n")
    (folder / MARK).write_text(impact.to_json() + "\n", encoding="utf-8", newline="\n")


def _write_figures(impact: Impact, folder: Path) -> None:
    draw = {
        "funnel": lambda: plots.funnel(impact),
        "exceedance": lambda: plots.exceedance(impact),
        "leak_matrix": lambda: plots.leak_matrix(impact.scenario),
        "attack_graph": lambda: plots.attack_graph(impact.attacks, impact.scenario),
        "timeline": lambda: plots.timeline(impact),
        "ledgers": lambda: plots.ledgers(impact),
        "lorenz": lambda: plots.lorenz(impact),
    }
    with plots.closing():
        for name in FIGURES:
            plots.save(draw[name](), folder / f"{name}.png")


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
    lines = [
        f"# {_one_line(impact.scenario.title)}",
        "",
        f"{impact.scenario.accounts:,} accounts, {impact.exposed:,} of them exposed. Over "
        f"{impact.horizon_years:g} years this breach makes victims of {spread(impact.people)} people and "
        f"costs them and others {spread(impact.loss)} USD: the median, and the range that holds nine of "
        "ten outcomes.",
        "",
        *[f"- **Note.** {_one_line(note)}" for note in impact.notes],
        "",
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
        "## Sources",
        "",
        *_source_lines(impact, catalog),
        "",
        f"breach_sim {impact.version}, seed {impact.seed}, {impact.replicates:,} replicates, inputs "
        f"{impact.input_hash[:16]}.",
    ]
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _attack_lines(impact: Impact) -> list[str]:
    lines = ["| attack | attackable | victims | loss [USD] |", "|---|---|---|---|"]
    for i, attack in enumerate(impact.attacks.attacks):
        cells = (spread(impact.per_attack(word)[i]) for word in ("attackable", "victims", "loss_usd"))
        lines.append(f"| {attack.label} | {' | '.join(cells)} |")
    return lines


def _estimate_lines(impact: Impact, status: str) -> list[str]:
    table = impact.sources()
    rows = table[table["status"] == status]
    return [
        f"- `{name}` {numbers} {unit}: {_one_line(note) or 'as published'} [{ids}]"
        for name, numbers, unit, note, ids in zip(
            rows.index, rows["numbers"], rows["unit"], rows["note"], rows["sources"], strict=True
        )
    ]


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
        f"- [{source.id}] {source.title}. {source.publisher}, {source.year}. Grade {source.grade}, "
        f"{source.verified}. {source.url}".rstrip()
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
        count, money = (dict(table.loc[row]) for row in ("complaints", "loss_usd"))
        median = human(significant(count["p50"], 2))
        lines.append(
            f"{attack.label}: {median} complaints in the first year at the median; the chance of more than "
            f"{COMPLAINTS:,.0f} (the rise of all US complaints from 2021 to 2022) is "
            f"{count['p_exceed']:.0%}, of more than {COMPLAINED_USD / 1e6:,.0f} million USD reported "
            f"{money['p_exceed']:.0%}; reproduced, not predicted: the rates were set by such figures."
        )
    return lines


def ledger_lines(impact: Impact) -> list[str]:
    """Sentences that tell the two ledgers apart.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    One sentence for the victims' side, and one for the firm's where it has rates.
    """
    borne = {
        who: human(significant(np.median(loss), 2)) for who, loss in impact.borne().items() if loss.any()
    }
    hours = human(significant(impact.hours().iloc[-1]["p50"], 2))
    told = ", ".join(f"{who.replace('_', ' ')} {amount}" for who, amount in borne.items()) or "nobody"
    lines = [f"Who bears the loss, medians [USD]: {told}; victims lose {hours} hours."]
    if impact.firm_cost is not None:
        lines.append(
            f"The firm itself pays {spread(impact.firm_cost)} USD, predicted from other firms; this is "
            "another ledger, never to be added to the first."
        )
    return lines


def disagreement_line(impact: Impact) -> str:
    """Sentence that tells on which question the evidence disagrees most, and what it is worth.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    One sentence, whatever applies. Mean expected losses under either reading.
    """
    found = largest_disagreement(structural(impact, _catalog.readings_of(impact.scenario)))
    if not found:
        return "Largest disagreement of the evidence: none of the contradicting readings applies here."
    low, high = (human(significant(found[end], 2)) for end in ("low_usd", "high_usd"))
    return (
        f"Largest disagreement of the evidence: {found['question']}. Read as {found['low']} the mean loss is "
        f"{low} USD, read as {found['high']} {high} USD: {found['times']:.2g} times as much."
    )


def anchor_lines(impact: Impact) -> list[str]:
    """Sentences that say by how much an anchor multiplies the losses of its follow-ons.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    A sentence for each anchored attack with victims.
    """
    lines = []
    for attack in impact.attacks.attacks:
        victims = impact.victim_counts[impact.attacks.names.index(attack.name)]
        if attack.anchor is None or not victims.any():
            continue
        low, middle, high = np.quantile(impact.factors[attack.anchor.follow_ons[0]], LEVELS)
        names = "; ".join(impact.attacks[name].label for name in attack.anchor.follow_ons)
        lines.append(
            f"The money of {attack.label} is lost in its follow-ons ({names}): targets are chosen, so "
            f"their severities are multiplied by {middle:.0f} ({low:.0f} to {high:.0f}), until a victim of "
            f"{attack.label} loses the published mean. Loss divided by victims of these rows is no "
            "published figure."
        )
    return lines


def excess_line(impact: Impact) -> str:
    """Sentence that tells the people who would have met no identity theft otherwise.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    One sentence.
    """
    found = impact.excess()["excess"].iloc[-1]
    low, middle, high = (human(significant(found[q], 2)) for q in ("p5", "p50", "p95"))
    return f"Of these people {middle} ({low} to {high}) would have met no identity theft otherwise."


def text_table(frame: Any) -> str:
    """Table of text with aligned columns, for a terminal.

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
    return "\n".join(_aligned(rows))


def requires_text(answer: dict[str, Any]) -> str:
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
    lines.append(f"Each of these sets, kept safe, prevents it{any_lost}:")
    lines += [_set_line(entry) for entry in answer["protection_sets"]]
    if answer["scenario"]:
        lines.append(f"{answer['attackable']:,} accounts of {answer['scenario']} are attackable.")
        lines += [f"note: {note}" for note in answer["notes"]]
    return "\n".join(lines)


def _set_line(entry: dict[str, Any]) -> str:
    counted = f"  {entry['accounts']:>15,}" if "accounts" in entry else ""
    return f"{counted}  {' + '.join(entry['fields'])}"


def catalog_numbers() -> dict[str, Any]:
    """Every number of the attack catalogue, assumptions first, and every source.

    Returns
    -------
    ``parameters``: name, status, kind, numbers, unit, sources, note; ``sources``: id, title, grade,
    verified, url.
    """
    order = {"assumed": 0, "derived": 1, "cited": 2}
    numbers = sorted(_catalog.load_attacks().estimates(), key=lambda e: (order[e.status], e.name))
    parts = ("name", "status", "kind", "value", "low", "mode", "high", "unit", "sources", "note")
    known = _catalog.load_sources().values()
    return {
        "parameters": [{part: getattr(estimate, part) for part in parts} for estimate in numbers],
        "sources": [{p: getattr(s, p) for p in ("id", "title", "grade", "verified", "url")} for s in known],
    }


def catalog_text() -> str:
    """What :func:`catalog_numbers` gives, in plain lines.

    Returns
    -------
    Lines joined by line breaks, assumptions first.
    """
    found = catalog_numbers()
    lines = []
    for status in ("assumed", "derived", "cited"):
        own = [entry for entry in found["parameters"] if entry["status"] == status]
        lines.append(f"{status} ({len(own)})")
        for entry in own:
            numbers = " / ".join(
                f"{entry[p]:g}" for p in ("value", "low", "mode", "high") if entry[p] is not None
            )
            lines.append(f"  {entry['name']}: {numbers} {entry['unit']}  [{', '.join(entry['sources'])}]")
            lines += [f"      {entry['note']}"] if entry["note"] else []
    lines.append(f"sources ({len(found['sources'])})")
    lines += [
        f"  {s['id']}: {s['title']}. Grade {s['grade']}, {s['verified']}. {s['url']}"
        for s in found["sources"]
    ]
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
        told = f"{_three_digits(row['mean'])} ({_three_digits(row['p5'])} to {_three_digits(row['p95'])})"
        others = ("" if math.isnan(row[b]) else _three_digits(row[b]) for b in beside)
        rows.append((label, told, f"{row['share']:.1%}", *others))
    about = "Shapley values of the expected loss: they sum to the total."
    if beside:
        about += " Beside them the loss if only this field had leaked, and what is spared if only it had not."
    return "\n".join([*_aligned(rows), about, *(f"note: {note}" for note in frame.attrs["notes"])])


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
    return "\n".join([*_aligned(rows), *notes])


def _three_digits(value: float) -> str:
    """Number in words, cut to three significant digits."""
    return human(significant(value))


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows of text with the first column flush left and the others flush right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            row[0].ljust(widths[0]),
            *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True)),
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


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
