"""The page of all scenarios (``docs/catalog.md``), their entries in lists, and the largest harm of each.

The *largest harm* of a scenario is the attack with the largest expected loss over five years, with parameters
drawn 200 times; where no attack costs money, the one with the most expected victims; where nothing that
leaked opens an attack, none. It is kept in ``catalog/data/generated/harms.toml``, so that listing is instant;
that file and ``docs/catalog.md`` are made by ``python run.py catalog``, and a test makes both again.

Not here: the scenarios (``catalog/data/breaches``), and predictions against published outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from breach_sim import catalog
from breach_sim.engine.severity import mean_loss
from breach_sim.formatting.digits import percent, significant
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.numbers.estimates import Estimate, Source
from breach_sim.inputs.published import Published
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import simulate

REPLICATES, SEED = 200, 1
"""Draws behind a largest harm: enough for the name of the attack and one digit of its loss."""
SURE = 1 - 1e-9
"""Coverage from which on all accounts of a segment are meant."""


def entry(scenario: Scenario, harm: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the list of scenarios says of one.

    Parameters
    ----------
    scenario
        Any.
    harm
        Its row of ``catalog/data/generated/harms.toml``; looked up by its name if None.

    Returns
    -------
    ``name``, ``label``, ``breach``, ``standing``, ``countries``, ``accounts``, ``people`` (the same number: a
    record is taken as a person), ``fields``, ``top_harm`` (name of the attack, or "") with
    ``top_harm_loss_usd``, and ``status``: how many numbers are seen, recalled, derived and assumed.

    Examples
    --------
    >>> entry(catalog.load_scenario("talktalk-2015-confirmed"))["status"]
    {'seen': 1, 'derived': 1, 'assumed': 1}
    """
    known = catalog.load_harms().get(scenario.name, {}) if harm is None else harm
    leaked = {name for segment in scenario.segments for name in segment.fields}
    return {
        "name": scenario.name,
        "label": scenario.label,
        "breach": scenario.dossier.breach,
        "standing": scenario.dossier.standing,
        "countries": list(scenario.dossier.countries),
        "accounts": scenario.accounts,
        "people": scenario.accounts,
        "fields": [name for name in FIELD_NAMES if name in leaked],
        "top_harm": known.get("attack", ""),
        "top_harm_loss_usd": known.get("loss_usd", 0.0),
        "status": statuses(scenario),
    }


def statuses(scenario: Scenario) -> dict[str, int]:
    """How the numbers of a scenario are known: counts of accounts and coverages, each number once.

    Parameters
    ----------
    scenario
        Any.

    Returns
    -------
    How many are "seen", "recalled" (none of its sources was read), "derived" and "assumed"; those only that
    occur. A field named without a share is assumed, and so is one read as leaked for all.
    """
    known = scenario.with_own_sources(catalog.load_sources())
    found = [segment.status or _how_known(segment.sources, known) for segment in scenario.segments]
    coverages = {
        estimate.name: estimate
        for segment in scenario.segments
        for estimate in (leak.coverage for leak in segment.leaks)
    }
    found += [
        _how_known(one.sources, known) if one.status == "cited" else one.status for one in coverages.values()
    ]
    return {word: found.count(word) for word in ("seen", "recalled", "derived", "assumed") if word in found}


def _how_known(ids: Iterable[str], known: Mapping[str, Source]) -> str:
    """Whether any of the sources was read."""
    return "seen" if any(known[one].verified != "recalled" for one in ids) else "recalled"


def top_harm(impact: Impact) -> dict[str, Any]:
    """The attack that costs most, in expectation over the parameters.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    ``attack`` and its expected ``loss_usd``, rounded to one digit; of attacks that cost nothing the one with
    the most expected victims; attack "" where no leaked field opens any. [USD]
    """
    best = ("", 0.0, 0.0)
    for attack in impact.attacks.attacks:
        mean = mean_loss(impact.law.parameters, impact.attacks, attack, impact.factors)
        victims = np.zeros(1)
        for segment in impact.scenario.segments:
            victims = victims + segment.accounts * impact.laws[segment.name].victim.get(
                attack.name, np.zeros(1)
            )
        mine = (attack.name, float(np.mean(victims * mean)), float(np.mean(victims)))
        best = max(best, mine, key=lambda one: one[1:])
    return {"attack": best[0], "loss_usd": significant(best[1], 1)}


def find_harms(names: Iterable[str] | None = None) -> dict[str, dict[str, Any]]:
    """Largest harm of every scenario, computed.

    Parameters
    ----------
    names
        Scenarios; all of the package if None.

    Returns
    -------
    By name: see :func:`top_harm`.
    """
    found, rows = {}, catalog.load_posterior()
    for name in catalog.scenario_names() if names is None else names:
        scenario = catalog.load_scenario(name)
        graph = catalog.attacks_for(scenario)
        found[name] = top_harm(simulate(scenario, graph, replicates=REPLICATES, seed=SEED, posterior=rows))
    return found


def harms_text(harms: Mapping[str, Mapping[str, Any]]) -> str:
    """Text of ``catalog/data/generated/harms.toml``.

    Parameters
    ----------
    harms
        From :func:`find_harms`.

    Returns
    -------
    TOML, one table a scenario.
    """
    lines = [
        "# Largest harm of every scenario: the attack with the largest expected loss over five years.",
        f"# Made by `python run.py catalog` ({REPLICATES} draws, seed {SEED}, one digit); do not edit.",
    ]
    for name, harm in harms.items():
        lines += ["", f"[{name}]", f'attack = "{harm["attack"]}"', f"loss_usd = {harm['loss_usd']:.1f}"]
    return "\n".join(lines) + "\n"


def page(harms: Mapping[str, Mapping[str, Any]]) -> str:
    """The page ``docs/catalog.md``: a table of all scenarios, then each breach.

    Parameters
    ----------
    harms
        From :func:`find_harms`.

    Returns
    -------
    Markdown.
    """
    found = [catalog.load_scenario(name) for name in catalog.scenario_names()]
    breaches: dict[str, list[Scenario]] = {}
    for scenario in found:
        breaches.setdefault(scenario.dossier.breach or scenario.title, []).append(scenario)
    lines = [*_HEAD, *_summary(found, harms)]
    for breach, scenarios in sorted(breaches.items()):
        lines += ["", f"## {_plain(breach)}", "", *_section(scenarios)]
    return "\n".join(lines) + "\n"


_HEAD = (
    "# The library of breaches",
    "",
    "Made from `breach_sim/catalog/data/breaches/` by `python run.py catalog`; do not edit. [Decision"
    " 0060](decisions/0060-the-library-of-breaches.md) explains the choices. Outcomes of the breaches"
    " are not inputs; they are in `breach_sim/catalog/data/outcomes/`.",
    "",
    "*Accounts* are records as published: people, accounts, contracts, or rows. *Numbers* says how "
    "the counts and shares of the file are known: **seen** in a text that was read (seldom the "
    "primary), "
    "**recalled** and not found again, **derived** by arithmetic, **assumed** (a field named without a "
    "share, or named for all). *Largest harm* is the attack with the largest expected loss over five years "
    f"({REPLICATES} draws, one digit); *none modeled* means that no attack of the catalog can use what"
    " leaked, not that nothing happened.",
    "",
)


def _summary(found: Iterable[Scenario], harms: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """One row a scenario."""
    rows = [
        "| scenario | accounts | standing | people of | fields | largest harm | numbers |",
        "|---|---:|---|---|---|---|---|",
    ]
    for scenario in found:
        facts = entry(scenario, harms.get(scenario.name, {}))
        cells = (
            f"`{facts['name']}`",
            f"{facts['accounts']:,}",
            facts["standing"] or "not said",
            ", ".join(facts["countries"]) or "anywhere",
            ", ".join(facts["fields"]),
            harm_as_text(facts),
            ", ".join(f"{count} {word}" for word, count in facts["status"].items()),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def harm_as_text(facts: Mapping[str, Any]) -> str:
    """The largest harm in words.

    Parameters
    ----------
    facts
        From :func:`entry`.

    Returns
    -------
    Name of the attack and its expected loss, or that there is none. [USD]
    """
    if not facts["top_harm"]:
        return "none modeled"
    loss = facts["top_harm_loss_usd"]
    size, word = (1e6, " million") if loss < 1e9 else (1e9, " billion")  # noqa: PLR2004 - a billion
    if loss < 1e6:  # noqa: PLR2004 - a million
        size, word = 1.0, ""
    return f"{facts['top_harm']}, {loss / size:,.0f}{word} USD" if loss else f"{facts['top_harm']}, no money"


def _section(scenarios: list[Scenario]) -> list[str]:
    """One breach: what is published, claim against confirmation, segments, what nobody published, sources."""
    about = scenarios[0].dossier
    what = ", ".join(word for word in (about.sector, about.vector) if word)
    lines = [f"{_plain(what[:1].upper() + what[1:]) or 'A made-up case'}. {_dates(about.dates)}".strip()]
    lines += _against(scenarios)
    for scenario in scenarios:
        lines += [
            "",
            f"### `{scenario.name}`",
            "",
            f"{_plain(scenario.title)}: {scenario.accounts:,} accounts.",
        ]
        lines += _segments(scenario)
        if scenario.dossier.unknown:
            lines += ["", f"Not published: {_plain('; '.join(scenario.dossier.unknown))}."]
        lines += ["", *(f"- {_plain(note)}" for note in scenario.all_notes)]
    return [*lines, *_sources(scenarios)]


def _dates(dates: Iterable[Published]) -> str:
    parts = [
        f"{date.what}: {date.value}" + (" (recalled)" if date.status == "recalled" else "") for date in dates
    ]
    return f"Dates: {_plain('; '.join(parts))}." if parts else "No date is published."


def _against(scenarios: list[Scenario]) -> list[str]:
    """Published counts, and the ratio of what was claimed to what was confirmed."""
    lines = [
        f"- {count.what}: {count.value} ({count.status}{'; ' + count.note if count.note else ''})"
        for count in scenarios[0].dossier.counts
    ]
    lines = ["", "Numbers published:", "", *map(_plain, lines)] if lines else []
    for claim in (one for one in scenarios if one.dossier.standing == "claimed"):
        for other in (one for one in scenarios if one.dossier.standing == "confirmed"):
            ratio = claim.accounts / other.accounts
            lines += [
                "",
                f"Claimed against confirmed: {claim.accounts:,} to {other.accounts:,} (`{other.name}`), "
                f"ratio **{ratio:.4g}**.",
            ]
    return lines


def _segments(scenario: Scenario) -> list[str]:
    rows = [
        "",
        "| segment | accounts | status | fields, with the share that lost them |",
        "|---|---:|---|---|",
    ]
    for segment in scenario.segments:
        fields = "; ".join(f"{', '.join(leak.fields)} {_share(leak.coverage)}" for leak in segment.leaks)
        title = f"{segment.title}{': ' + segment.note if segment.note else ''}"
        rows.append(f"| {_plain(title)} | {segment.accounts:,} | {_status(segment)} | {_plain(fields)} |")
    return rows


def _status(segment: Segment) -> str:
    return segment.status or "not said"


def _share(coverage: Estimate) -> str:
    """A coverage in words: all, a share with its status, or an assumed range."""
    if coverage.is_certain and coverage.central >= SURE:
        return "(all)"
    if coverage.is_certain:
        return f"({percent(coverage.central, 3)}, {coverage.status})"
    return f"({percent(coverage.low or 0.0, 3)} to {percent(coverage.high or 0.0, 3)}, {coverage.status})"


def _sources(scenarios: list[Scenario]) -> list[str]:
    """Every source of the breach once, with its grade and whether it was read."""
    cataloged = catalog.load_sources()
    used: dict[str, Source] = {}
    for scenario in scenarios:
        known = scenario.with_own_sources(cataloged)
        ids = [*scenario.sources, *(one for segment in scenario.segments for one in segment.sources)]
        published = (*scenario.dossier.dates, *scenario.dossier.counts)
        ids += [one.source for one in published if one.source]
        ids += [
            one for segment in scenario.segments for leak in segment.leaks for one in leak.coverage.sources
        ]
        used |= {one: known[one] for one in ids}
    rows = [
        f"- `{one.id}` ({one.verified}, grade {one.grade}) {_plain(one.parameter)}. {_plain(one.title)}"
        f"{': <' + one.url + '>' if one.url else ''}"
        for one in used.values()
    ]
    return ["", "Sources:", "", *rows]


def _plain(text: str) -> str:
    """Text that neither breaks a table nor starts markup."""
    plain = " ".join(text.split())
    for mark in ("\\", "|", "<", ">", "*", "_", "`", "["):
        plain = plain.replace(mark, f"\\{mark}")
    return plain
