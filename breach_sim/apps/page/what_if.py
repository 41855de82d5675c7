"""The page that people share, on which a reader leaves fields out of a breach.

Not here: the law behind it (``world``), and how a file is put together (``files``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from breach_sim import api, catalog
from breach_sim.apps.page.files import page_text, within
from breach_sim.apps.page.world import measures_of, world_of
from breach_sim.apps.reporting.report_file import check_place, write_page
from breach_sim.catalog import families, label_of_attack, label_of_capability, label_of_field
from breach_sim.engine.draws.streams import uniforms
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.digits import human, significant
from breach_sim.formatting.messages import unknown
from breach_sim.formatting.versions import made_with_words
from breach_sim.inputs.attacks import Attack
from breach_sim.inputs.mitigations import Mitigation
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.results.tables.sources import counted

REPLICATES, FEWER = 512, 256
"""Default numbers of joint draws: 8 x 64 points, and 8 x 32 where a tap would take too long with more."""
MOST_SETS = 900
"""Sets of known routes, over all segments that differ, from which on a page has fewer draws."""
MOST = 1_024
"""Most joint draws of a page: more would not fit into :data:`LARGEST`."""
LARGEST = 2_000_000
"""Most bytes of a page."""
FIRST_DAY, LAST_DAY = 7, 365
"""Day on which measures start before a reader moves the slider, and the last one."""
OTHERS = "others"
"""Family of attacks that the table of families does not hold."""
SCRIPTS = ("engine.js", "numbers.js", "page.js")


def what_if(
    scenario: str | Path | Scenario,
    *,
    python: str = "",
    replicates: int | None = None,
    seed: int = 1,
    horizon_years: float = 5,
    calibrated: bool = True,
) -> str:
    """Return the page of a breach on which a reader leaves fields out.

    Parameters
    ----------
    scenario
        A scenario by name, file or object, of one breach.
    python
        How Python writes the scenario, for the code on the page; the quoted name if "".
    replicates
        Joint draws of the parameters, at most :data:`MOST`. None takes :data:`REPLICATES`, or :data:`FEWER`
        where blocks and look-ups leave more than :data:`MOST_SETS` sets of known routes.
    seed, horizon_years, calibrated
        As for ``simulate``.

    Returns
    -------
    HTML of one file, at most :data:`LARGEST` bytes.

    Raises
    ------
    ValueError
        If an argument is out of range, the scenario joins several breaches, or the page would be too large.
    """
    if replicates is not None and replicates > MOST:
        raise ValueError(f"replicates is {replicates}; a page stores each draw, and holds at most {MOST}")
    breach = catalog.scenario_of(scenario)
    made_of: dict[str, Any] = {"seed": seed, "horizon_years": horizon_years, "calibrated": calibrated}
    impact = api.simulate(breach, replicates=replicates or REPLICATES, **made_of)
    if replicates is None and _sets(impact) > MOST_SETS:
        impact = api.simulate(breach, replicates=FEWER, **made_of)
    measures = measures_of(impact, api.load_mitigations(breach.overrides))
    law = world_of(impact, measures)
    check_open(breach, law, "leave out")
    words = words_of(impact, law, measures) | {
        "python": python or f'"{breach.name}"',
        "calibrated": calibrated,
        "scores": _add_scores(law, impact),
    }
    text = page_text("page", "page.css", SCRIPTS, words, law, _meta(impact, words))
    return within(text, LARGEST, f"replicates than {impact.replicates}")


def _sets(impact: Impact) -> int:
    """Sets of known routes that a page sums over, as leaked."""
    law, segments = impact.law, impact.scenario.segments
    own = {segment.leaks: segment for segment in segments}
    return sum(len(law.known.of(law.masks(segment))) for segment in own.values())


def write_what_if(scenario: str | Path | Scenario, target: str | Path, **options: Any) -> Path:
    """Write the page of a breach.

    Parameters
    ----------
    scenario
        As for :func:`what_if`.
    target
        File to write, ending in .html or .htm.
    **options
        As for :func:`what_if`.

    Returns
    -------
    The path.

    Raises
    ------
    ValueError
        If the file has another ending, its place cannot take a file, or :func:`what_if` refuses.
    """
    check_page(target)
    return write_page(target, what_if(scenario, **options))


def check_page(target: str | Path) -> None:
    """Refuse a file that cannot be a page, before anything is run.

    Parameters
    ----------
    target
        File to write.

    Raises
    ------
    ValueError
        If it has another ending than .html or .htm, or its place cannot take a file.
    """
    place = Path(target)
    if place.suffix.lower() not in {".html", ".htm"}:
        raise ValueError(unknown("ending", place.suffix, (".html", ".htm"), f"the file to write, {place}"))
    check_place(place)


def check_open(breach: Scenario, law: Mapping[str, Any], what: str) -> None:
    """Refuse a breach that enables no attack.

    Parameters
    ----------
    breach
        The breach.
    law
        Of :func:`~breach_sim.apps.page.world.world_of`.
    what
        What a reader does with the page, such as "leave out".

    Raises
    ------
    ValueError
        If no route of an attack is open.
    """
    if not law["routes"]:
        raise ValueError(
            f"scenario {breach.name!r} enables no attack, so there is nothing to {what}; 'breach-sim run' "
            "says which field is missing"
        )


def words_of(impact: Impact, law: Mapping[str, Any], measures: Sequence[Mitigation]) -> dict[str, Any]:
    """Return what the page calls things, in the order of the law's numbers.

    Parameters
    ----------
    impact
        The run.
    law
        Of :func:`~breach_sim.apps.page.world.world_of`.
    measures
        Those of the law.

    Returns
    -------
    Names, labels and rows of the table of recipes.
    """
    lost = {number for segment in law["segments"] for number in segment["lost"]}
    attacks = [attack for attack in impact.attacks.attacks if attack.routes]
    needed = {number for route in law["routes"] for number in route["fields"]}
    return {
        "name": impact.scenario.name,
        "title": impact.scenario.title,
        "made": made_with(impact),
        "seed": impact.seed,
        "replicates": impact.replicates,
        "years": impact.horizon_years,
        "fields": [
            {"name": name, "label": label_of_field(name), "head": label_of_field(name, short=True)}
            for name in law["fields"]
        ],
        "columns": sorted(lost & (needed | set(law["read"]))),
        "attacks": [
            {"name": attack.name, "label": label_of_attack(attack.name, impact.attacks)} for attack in attacks
        ],
        "families": _families(impact, attacks, law),
        "measures": [
            {"name": _bare(own), "label": own.label, "description": own.description} for own in measures
        ],
        "first_day": FIRST_DAY,
        "last_day": LAST_DAY,
    }


def made_with(impact: Impact) -> str:
    """Return what a page was made with: version, seed, draws, and how much of it is assumed.

    Parameters
    ----------
    impact
        The run.

    Returns
    -------
    One line.
    """
    counts = counted(impact.parameters())
    return (
        f"breach_sim {impact.version}, seed {impact.seed}, {impact.replicates} points; "
        f"{counts['assumed']} of {sum(counts.values())} numbers behind it are assumed; {made_with_words()}"
    )


def _bare(measure: Mitigation) -> str:
    """Name without its day, which the page puts after it."""
    return measure.name.split("-day-")[0]


def _families(impact: Impact, attacks: Sequence[Attack], law: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Ways in of every attack, by family; attacks of no family come last."""
    first, places = 0, {}
    for attack in attacks:
        places[attack.name] = first
        first += len(attack.routes)
    by_name = {attack.name: attack for attack in attacks}
    listed = families()
    own = [name for name in by_name if not any(name in names for names in listed.values())]
    found = []
    for family, names in {**listed, OTHERS: own}.items():
        rows = [
            {
                "label": label_of_attack(name, impact.attacks),
                "ways": _ways(impact, by_name[name], places[name], law),
            }
            for name in names
            if name in by_name
        ]
        if rows:
            found.append({"family": family, "attacks": rows})
    return found


def _ways(impact: Impact, attack: Attack, first: int, law: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Ways into one attack: routes by the fields and steps that they need, without those that need more."""
    lost = {name for segment in impact.scenario.segments for name in segment.fields}
    groups: dict[tuple[frozenset[str], frozenset[str]], list[int]] = {}
    for number, route in enumerate(attack.routes):
        groups.setdefault((frozenset(route.fields), frozenset(route.capabilities)), []).append(number)
    least = [key for key in groups if not any(o != key and o[0] <= key[0] and o[1] <= key[1] for o in groups)]
    ways = []
    for needed, steps in sorted(least, key=lambda key: len(key[0])):
        numbers = groups[needed, steps]
        away = [label_of_field(name) for name in law["fields"] if name in needed - lost]
        notes = [f"and {', '.join(away)}, looked up"] if away else []
        notes += [f"after {label_of_capability(name)}" for name in sorted(steps)]
        traits = [set(attack.routes[number].traits) for number in numbers]
        common = sorted(set.intersection(*traits))
        notes += [f"if {impact.attacks.traits[name].label}" for name in common]
        ways.append(
            {
                "fields": [n for n, name in enumerate(law["fields"]) if name in needed & lost],
                "routes": [first + number for number in numbers],
                "notes": notes,
            }
        )
    return ways


def _add_scores(law: dict[str, Any], impact: Impact) -> list[int]:
    """Add two rows of normal scores, evenly spread, for the luck of each replicate; return their numbers."""
    first = len(law["values"])
    stored = sum(isinstance(value, list) for value in law["values"])
    law["values"] += [[stored], [stored + 1]]
    law["rows"] = _appended(law["rows"], [_scores(impact, name) for name in ("people", "loss")])
    return [first, first + 1]


def _scores(impact: Impact, name: str) -> Array:
    """Normal scores of the middles of R equal steps, in the order of a random stream. Shape (R,)."""
    from scipy.special import ndtri

    order = np.argsort(uniforms(impact.seed, "page", name, size=impact.replicates))
    scores = np.empty(impact.replicates)
    scores[order] = ndtri((np.arange(impact.replicates) + 0.5) / impact.replicates)
    return scores


def _appended(rows: str, more: Sequence[Array]) -> str:
    import base64

    raw = base64.b64decode(rows) + b"".join(own.astype("<f8").tobytes() for own in more)
    return base64.b64encode(raw).decode("ascii")


def _meta(impact: Impact, words: Mapping[str, Any]) -> dict[str, Any]:
    """What the template writes."""
    years = impact.horizon_years
    mean = significant(float(impact.people.mean()), 2)
    return {
        "title": words["title"],
        "accounts": human(significant(float(impact.scenario.accounts), 3)),
        "years": "one year" if years == 1 else f"{years:g} years",
        "replicates": impact.replicates,
        "last_day": LAST_DAY,
        "made": words["made"],
        "without_script": f"As leaked, the mean number of people harmed is {human(mean)}.",
        "limits": _limits(impact),
    }


def _limits(impact: Impact) -> list[str]:
    """What must be said about the numbers."""
    said = [
        "Expected numbers are exact: they equal those of the Python package with the same draws. The luck of "
        "who is hit is approximated from its mean and variance, so ranges differ slightly from those of the "
        "package.",
        "With another seed the ends of a range move by about a tenth, medians and means by some 3 %.",
        "Crews of criminals stay as many as they are for the breach as leaked: leaving out a field never "
        "sends them to other victims of the same breach.",
        "Money that follows on a SIM swap or a taken mailbox is counted where it is taken: at a bank.",
        "Victims include people whom a thief could have harmed without this breach, from other sources.",
        "What is not on the page: the costs of the firm, and harm without money or misuse, such as fear.",
    ]
    return [*said, *impact.scenario.notes]
