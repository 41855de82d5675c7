"""The private adviser: tick what you lost, get three actions with odds and hours. Nothing leaves the page.

A person is the only account of a breach in which everything leaked; what was not ticked is left out of it.
Actions are mitigations of the catalog that take a person hours, carried out by this one person
(``Mitigation.by_one``). The groups of fields and the advice in words stand in ``templates/adviser.html.j2``.

Not here: the law (``world``), and the page of a breach (``what_if``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from breach_sim import api
from breach_sim.apps.page.files import page_text, within
from breach_sim.apps.page.what_if import check_page, made_with
from breach_sim.apps.page.world import measures_of, world_of
from breach_sim.apps.reporting.report_file import write_page
from breach_sim.catalog import label_of_attack, label_of_field
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Leak, Segment
from breach_sim.results.impact import Impact

REPLICATES = 256
"""Default number of joint draws: 8 x 32 points."""
MOST_REPLICATES = 256
"""Most joint draws: more would not fit into :data:`LARGEST`."""
LARGEST = 500_000
"""Most bytes of the page."""
ACCOUNTS = 1
"""Accounts of the breach: so few that crews of criminals are never the limit."""
UNKNOWABLE = "guessable"
"""Beginning of the names of traits of which a person knows nothing: they belong to the stored hash."""
SCRIPTS = ("engine.js", "numbers.js", "adviser.js")


def one_person() -> Scenario:
    """Return the breach that the adviser starts from.

    Returns
    -------
    One segment of :data:`ACCOUNTS` accounts of people in the United States, all fields leaked.
    """
    everything = Leak(fields=FIELD_NAMES, coverage=Estimate.fixed("adviser.coverage", 1.0, "share"))
    you = Segment(name="you", accounts=ACCOUNTS, leaks=(everything,), kind="customer", label="You")
    return Scenario(name="adviser", label="One person", segments=(you,)).with_countries("US")


def adviser(*, replicates: int = REPLICATES, seed: int = 1) -> str:
    """Return the page that advises one person.

    Parameters
    ----------
    replicates
        Joint draws of the parameters, at most :data:`MOST_REPLICATES`.
    seed
        The same seed gives the same page.

    Returns
    -------
    HTML of one file, at most :data:`LARGEST` bytes.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    if replicates > MOST_REPLICATES:
        raise ValueError(
            f"replicates is {replicates}; the adviser stores each draw, and holds at most {MOST_REPLICATES}"
        )
    impact = api.simulate(one_person(), replicates=replicates, seed=seed)
    actions = measures_of(impact, [own.by_one() for own in api.load_mitigations() if own.hours is not None])
    law = world_of(impact, actions, money=False)
    words = _words(impact, law) | {
        "actions": [
            {
                "name": own.name.split("-day-")[0],
                "label": own.label,
                "description": own.description,
                "hours": float(impact.law.parameters(own.hours).mean()) if own.hours else 0.0,
            }
            for own in actions
        ]
    }
    meta = {"made": made_with(impact), "years": 5}
    text = page_text("adviser", "page.css", SCRIPTS, words, law, meta)
    return within(text, LARGEST, f"draws than {replicates}")


def write_adviser(target: str | Path, **options: Any) -> Path:
    """Write the page that advises one person.

    Parameters
    ----------
    target
        File to write, ending in .html or .htm.
    **options
        As for :func:`adviser`.

    Returns
    -------
    The path.

    Raises
    ------
    ValueError
        As for :func:`adviser`, or if the file has another ending or a place that cannot take a file.
    """
    check_page(target)
    return write_page(target, adviser(**options))


def _words(impact: Impact, law: dict[str, Any]) -> dict[str, Any]:
    """What the page calls things, in the order of the law's numbers."""
    attacks = [attack for attack in impact.attacks.attacks if attack.routes]
    traits = sorted({t for a in attacks for r in a.routes for t in r.traits})
    return {
        "fields": [
            {"name": name, "label": label_of_field(name), "read": number in law["read"]}
            for number, name in enumerate(law["fields"])
        ],
        "attacks": [{"label": label_of_attack(attack.name, impact.attacks)} for attack in attacks],
        "traits": [
            {"label": impact.attacks.traits[name].label, "asked": not name.startswith(UNKNOWABLE)}
            for name in traits
        ],
    }
