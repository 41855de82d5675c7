"""A table to play at: one person lives through a breach, a quiz follows, a class sits down in four roles.

The page holds the law of the breach, as the page of a breach does. A *person* is one account of a segment
that lost every field its letter names, which are those that most of the segment lost; the 1,200 dots are
people like this one. An hour a month is spent on
mitigations that a person carries out (``Mitigation.by_one``). The *seats* of a class switch the mitigations
of the catalog by who can carry them out.

Not here: the law (``world``), the questions of the quiz (``teaching.quiz``), and the rules of the game, which
stand in ``templates/play_law.js``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from breach_sim import api, catalog
from breach_sim.apps.page.adviser import UNKNOWABLE
from breach_sim.apps.page.files import page_text, within
from breach_sim.apps.page.what_if import LARGEST, check_open, check_page, made_with
from breach_sim.apps.page.world import measures_of, world_of
from breach_sim.apps.reporting.report_file import write_page
from breach_sim.apps.teaching.quiz import quiz
from breach_sim.catalog import label_of_attack, label_of_field
from breach_sim.formatting.digits import human, significant
from breach_sim.inputs.changes import Drop
from breach_sim.inputs.mitigations import Mitigation
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Segment
from breach_sim.results.impact import Impact
from breach_sim.whatif.whose_money import cost_of

REPLICATES = 256
"""Default number of joint draws: 8 x 32 points."""
MOST_REPLICATES = 512
"""Most joint draws: each month is a sum over all of them."""
TURNS = 12
"""Months in which there is an hour to spend."""
LETTER = 30.0
"""Day of the letter where the scenario has no notice. [days]"""
MOST_LOST = 0.5
"""Least share of a group from which a block of fields stands in the letter of its person. [share]"""
SHORTEST = 10.0
"""Least length of the first month, which the letter cuts short. [days]"""
MONTH = 365 / 12
"""[days]"""
SETS_OF_NUMBERS = 12
"""Sets of numbers of the quiz that a page holds."""
SEATS: Mapping[str, tuple[str, ...]] = {
    "firm": ("firm",),
    "customers": ("person",),
    "regulator": ("bureau", "state", "services"),
}
"""Seats of a class, by who carries a mitigation out. The thief's, the fourth, has a rate instead."""
SCRIPTS = ("engine.js", "numbers.js", "play_law.js", "play.js", "seats.js")
STYLES = ("page.css", "play.css")


def play(
    scenario: str | Path | Scenario,
    *,
    replicates: int = REPLICATES,
    seed: int = 1,
    horizon_years: float = 5,
    calibrated: bool = True,
) -> str:
    """Return the page on which a breach is played.

    Parameters
    ----------
    scenario
        A scenario by name, file or object, of one breach.
    replicates
        Joint draws of the parameters, at most :data:`MOST_REPLICATES`.
    seed, horizon_years, calibrated
        As for ``simulate``.

    Returns
    -------
    HTML of one file, at most :data:`~breach_sim.apps.page.what_if.LARGEST` bytes.

    Raises
    ------
    ValueError
        If an argument is out of range, the scenario joins several breaches or enables no attack, the horizon
        ends before the game does, or the page would be too large.
    """
    if replicates > MOST_REPLICATES:
        raise ValueError(
            f"replicates is {replicates}; a game sums over each draw every month, and holds at most "
            f"{MOST_REPLICATES}"
        )
    breach = catalog.scenario_of(scenario)
    days = turns(breach, horizon_years)
    impact = api.simulate(
        breach, replicates=replicates, seed=seed, horizon_years=horizon_years, calibrated=calibrated
    )
    shelf = api.load_mitigations(breach.overrides)
    own = measures_of(impact, [one.by_one() for one in shelf if one.hours is not None])
    common = measures_of(impact, shelf)
    law = world_of(impact, [*own, *common])
    check_open(breach, law, "play")
    words = _words(impact, law, days) | {
        "actions": [_action(impact, one) for one in own],
        "levers": [*_levers(impact, common, len(own)), *_never_stored(impact, shelf, law)],
        "quizzes": [[asdict(one) for one in quiz(number)] for number in range(1, SETS_OF_NUMBERS + 1)],
    }
    text = page_text("play", STYLES, SCRIPTS, words, law, _meta(impact, words))
    return within(text, LARGEST, f"replicates than {replicates}")


def write_play(scenario: str | Path | Scenario, target: str | Path, **options: Any) -> Path:
    """Write the page on which a breach is played.

    Parameters
    ----------
    scenario
        As for :func:`play`.
    target
        File to write, ending in .html or .htm.
    **options
        As for :func:`play`.

    Returns
    -------
    The path.

    Raises
    ------
    ValueError
        If the file has another ending, its place cannot take a file, or :func:`play` refuses.
    """
    check_page(target)
    return write_page(target, play(scenario, **options))


def letter_day(scenario: Scenario) -> float:
    """Return the day on which people learn of the breach.

    Parameters
    ----------
    scenario
        A breach.

    Returns
    -------
    Day of its first notice, or :data:`LETTER` where it has none. [days after the sale]
    """
    return min((max(event.day, 0.0) for event in scenario.events if event.kind == "notice"), default=LETTER)


def turns(scenario: Scenario, horizon_years: float) -> list[float]:
    """Return the days on which the months of a game begin, and on which the years after it end.

    Parameters
    ----------
    scenario
        A breach.
    horizon_years
        Years after the sale.

    Returns
    -------
    The day of the letter, the ends of :data:`TURNS` months, then the ends of years up to the horizon. The
    first month ends with a month after the sale, at least :data:`SHORTEST` days after the letter. [days]

    Raises
    ------
    ValueError
        If the horizon ends before the last month does.
    """
    letter, horizon = letter_day(scenario), horizon_years * 365.0
    first = 1
    while first * 365 / 12 < letter + SHORTEST:
        first += 1
    months = [(first + number) * 365 / 12 for number in range(TURNS)]
    if months[-1] > horizon:
        raise ValueError(
            f"horizon_years is {horizon_years:g}; {TURNS} months after the letter of day {letter:.0f} end "
            f"after {months[-1] / 365:.1f} years: take more years"
        )
    later = [365.0 * year for year in range(1, int(horizon_years) + 1) if months[-1] < 365.0 * year < horizon]
    last = [horizon] if horizon > months[-1] else []
    return [letter, *months, *later, *last]


def _words(impact: Impact, law: Mapping[str, Any], days: Sequence[float]) -> dict[str, Any]:
    """What the page calls things, in the order of the law's numbers."""
    attacks = [attack for attack in impact.attacks.attacks if attack.routes]
    traits = sorted({t for a in attacks for r in a.routes for t in r.traits})
    draw = impact.law.parameters
    return {
        "name": impact.scenario.name,
        "title": impact.scenario.title,
        "made": made_with(impact),
        "years": impact.horizon_years,
        "days": list(days),
        "turns": TURNS,
        "noticed": any(event.kind == "notice" for event in impact.scenario.events),
        "accounts": float(impact.scenario.accounts),
        "carrier": any(own.kind in {"postpaid", "prepaid"} for own in impact.scenario.segments),
        "fields": [{"label": label_of_field(name)} for name in law["fields"]],
        "attacks": [{"label": label_of_attack(attack.name, impact.attacks)} for attack in attacks],
        "groups": [_group(own) for own in impact.scenario.segments],
        "traits": [
            {
                "label": impact.attacks.traits[name].label,
                "share": float(draw(impact.attacks.traits[name].share).mean()),
                "asked": not name.startswith(UNKNOWABLE),
            }
            for name in traits
        ],
    }


def in_the_letter(segment: Segment) -> list[bool]:
    """Return which blocks of fields the person of a segment lost.

    Parameters
    ----------
    segment
        Of the scenario.

    Returns
    -------
    For each leak, whether at least :data:`MOST_LOST` of the accounts lost it; the widest one if none is so
    wide.
    """
    shares = [leak.coverage.central for leak in segment.leaks]
    least = min(MOST_LOST, max(shares, default=0.0))
    return [share >= least for share in shares]


def _group(segment: Segment) -> dict[str, Any]:
    lost = in_the_letter(segment)
    named = {name for leak, own in zip(segment.leaks, lost, strict=True) if own for name in leak.fields}
    return {
        "label": segment.title,
        "accounts": human(significant(float(segment.accounts), 2)),
        "lost": lost,
        "fields": [label_of_field(name) for name in segment.fields if name in named],
    }


def _action(impact: Impact, own: Mitigation) -> dict[str, Any]:
    """A card of the hand."""
    return {
        "name": _bare(own),
        "label": own.label.removesuffix(", on request"),
        "description": own.description,
        "hours": float(impact.law.parameters(own.hours).mean()) if own.hours else 0.0,
    }


def _levers(impact: Impact, measures: Sequence[Mitigation], first: int) -> Iterable[dict[str, Any]]:
    """Cards of the seats: mitigations, by who can carry them out."""
    for number, own in enumerate(measures):
        seats = [seat for seat, actors in SEATS.items() if own.actor in actors]
        # What is meant for nobody in this breach has no bill, and would look like a gift.
        if seats and own.cost.people(impact.scenario):
            yield _lever(impact, own, seats[0]) | {"measure": first + number, "fields": []}


def _never_stored(
    impact: Impact, shelf: Sequence[Mitigation], law: Mapping[str, Any]
) -> Iterable[dict[str, Any]]:
    """Cards of the firm: fields that it never stored."""
    for own in shelf:
        dropped = {name for change in own.changes if isinstance(change, Drop) for name in change.fields}
        if all(isinstance(change, Drop) for change in own.changes) and not own.why_not(
            impact.scenario, impact.attacks
        ):
            yield (
                _lever(impact, own, "firm")
                | {
                    "measure": None,
                    "fields": [number for number, name in enumerate(law["fields"]) if name in dropped],
                }
            )


def _lever(impact: Impact, own: Mitigation, seat: str) -> dict[str, Any]:
    cost = cost_of([own], impact.scenario, impact.law.parameters, {})
    return {
        "name": _bare(own),
        "seat": seat,
        "label": own.label,
        "description": own.description,
        "cost": float(cost.mean()),
    }


def _bare(measure: Mitigation) -> str:
    """Name without its day."""
    return measure.name.split("-day-")[0]


def _meta(impact: Impact, words: Mapping[str, Any]) -> dict[str, Any]:
    """What the template writes."""
    years = impact.horizon_years
    return {
        "title": words["title"],
        "accounts": human(significant(float(impact.scenario.accounts), 3)),
        "years": "one year" if years == 1 else f"{years:g} years",
        "turns": TURNS,
        "replicates": impact.replicates,
        "letter": f"{words['days'][0]:.0f}",
        "made": words["made"],
        "notes": list(impact.scenario.notes),
    }
