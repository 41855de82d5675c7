"""Questions about breaches and impacts: differences, assumptions, requirements, readings.

Not here: simulation (``api.impacts``) and mitigations (``api.comparisons``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from breach_sim import analysis as _explain
from breach_sim import catalog
from breach_sim.analysis import influence
from breach_sim.api.impacts import attacks_of, simulate
from breach_sim.engine.exposure import expose
from breach_sim.inputs.fields import FIELD_DESCRIPTIONS, mask
from breach_sim.inputs.graph import AttackGraph, enabling_sets, protection_sets
from breach_sim.inputs.scenario import Scenario
from breach_sim.results import difference
from breach_sim.results import simulation as _impact
from breach_sim.results.impact import Impact


def diff(
    a: str | Path | Scenario | Impact,
    b: str | Path | Scenario | Impact,
    *,
    replicates: int = 10_000,
    seed: int = 1,
    horizon_years: float = 5,
) -> Any:
    """Two breaches side by side on shared draws.

    Parameters
    ----------
    a, b
        Impacts, or scenarios by name, file or object, which are then simulated alike.
    replicates, seed, horizon_years
        For those that are simulated here.

    Returns
    -------
    DataFrame: medians of a and b, quantiles and mean of b - a, ratio of means, share of replicates in
    which b is larger. See ``difference.diff``.

    Raises
    ------
    ValueError
        If a name is unknown, or seed, replicates or horizon differ.

    Examples
    --------
    >>> diff("claimed", "stated", replicates=50).loc["port_out.attackable", "b_p50"]
    np.float64(850000.0)
    """
    told = {"replicates": replicates, "seed": seed, "horizon_years": horizon_years}
    return difference.diff(*_alike(a, b, **told))


def assumptions(impact: Impact) -> Any:
    """What one could be asked about: every number behind an impact, the most influential first.

    Parameters
    ----------
    impact
        Result of :func:`simulate`.

    Returns
    -------
    DataFrame: effect on the expected loss, swing, status, numbers, unit, note, sources, what was
    published. See ``influence.assumptions``. ``.to_csv(path)`` makes a sheet of it.

    Raises
    ------
    ValueError
        If there are fewer than ten replicates.

    Examples
    --------
    >>> assumptions(simulate("stated", replicates=500, seed=1)).index[0]
    'attacks.new_account_fraud.attempts'
    """
    return influence.assumptions(impact, catalog.load_sources())


def field_uses() -> dict[str, dict[str, Any]]:
    """What each field of the vocabulary is good for to an attacker: attacks that read it, or why none does.

    Returns
    -------
    By field, in the order of the vocabulary: ``description``; ``attacks``, those of the catalogue with a
    route that needs the field, alone or with others; ``because``, for a field without, the reason.

    Examples
    --------
    >>> field_uses()["sim_ki"]["attacks"]
    ['sim_cloning']
    """
    readers = catalog.load_attacks().attacks
    bare = catalog.load_bare_fields()
    return {
        name: {
            "description": told,
            "attacks": [own.name for own in readers if any(name in route.fields for route in own.routes)],
            "because": bare.get(name, ""),
        }
        for name, told in FIELD_DESCRIPTIONS.items()
    }


def _alike(
    a: str | Path | Scenario | Impact, b: str | Path | Scenario | Impact, **told: Any
) -> tuple[Impact, Impact]:
    """Impacts of two breaches, with the attacks that either of them enables, unless attacks were chosen."""
    breaches = [x.scenario if isinstance(x, Impact) else catalog.scenario_of(x) for x in (a, b)]

    def made(x: str | Path | Scenario | Impact, breach: Scenario) -> Impact:
        graph = catalog.attacks_for(*breaches, countries=breach.dossier.countries)
        if not isinstance(x, Impact):
            return simulate(breach, graph, **told)
        if any(x.held.values()) or x.attacks == graph or x.attacks != attacks_of(breach):
            return x
        return _impact.simulate(
            breach, graph, seed=x.seed, replicates=x.replicates, horizon_years=x.horizon_years, firm=x.firm
        )

    first, second = (made(x, breach) for x, breach in zip((a, b), breaches, strict=True))
    return first, second


def requires(
    harm: str, scenario: str | Path | Scenario | None = None, attacks: AttackGraph | None = None
) -> dict[str, Any]:
    """What an attack needs, and what it takes to prevent it, in leaked fields.

    Parameters
    ----------
    harm
        Name of an attack, or "any".
    scenario
        If given, the accounts that each set concerns are counted at central coverages.
    attacks
        An attack graph. None: the catalogue's, and given a scenario that enables the harm, of these only
        the ones that it enables, so that no set leads through an attack which cannot happen there.

    Returns
    -------
    ``harm``; ``enabling_sets``: minimal sets of fields that suffice, each with ``fields`` and, given a
    scenario, ``accounts`` that lost them all; ``protection_sets``: minimal sets that, kept safe, prevent
    it, each with ``fields`` and ``accounts`` that lost at least one of them; ``attackable`` accounts.

    Raises
    ------
    ValueError
        If the harm or the scenario is unknown.

    Examples
    --------
    >>> [s["fields"] for s in requires("new_account_fraud")["enabling_sets"]]
    [['full_name', 'date_of_birth', 'ssn']]
    """
    found = None if scenario is None else catalog.scenario_of(scenario)
    graph = catalog.load_attacks() if attacks is None else attacks
    if attacks is None and found is not None:
        possible = attacks_of(found)
        known = harm == "any" or harm in possible.names
        graph = possible if known else graph.in_countries(found.dossier.countries)
    enabling, protecting = enabling_sets(graph, harm), protection_sets(graph, harm)
    answer: dict[str, Any] = {
        "harm": harm,
        "scenario": None,
        "enabling_sets": [{"fields": list(fields)} for fields in enabling],
        "protection_sets": [{"fields": list(fields)} for fields in protecting if enabling],
    }
    if found is None:
        return answer
    exposure = expose(found)
    answer["scenario"] = found.name
    for entry in answer["enabling_sets"]:
        entry["accounts"] = exposure.holding(mask(entry["fields"]))
    for entry in answer["protection_sets"]:
        entry["accounts"] = exposure.touching(mask(entry["fields"]))
    answer["attackable"] = exposure.holding_any([mask(fields) for fields in enabling])
    answer["notes"] = list(found.notes)
    return answer


def structural(impact: Impact) -> Any:
    """Expected loss under each reading of the questions on which the evidence splits.

    Parameters
    ----------
    impact
        Result of :func:`simulate`.

    Returns
    -------
    DataFrame: one row a reading. See ``explain.structural``. [USD]

    Examples
    --------
    >>> structural(simulate("stated", replicates=50, seed=1)).attrs["largest"]
    'ssn'
    """
    return _explain.structural(impact, catalog.readings_of(impact.scenario))


def waterfall(
    a: str | Path | Scenario | Impact,
    b: str | Path | Scenario | Impact,
    *,
    replicates: int = 10_000,
    seed: int = 1,
    horizon_years: float = 5,
) -> Any:
    """From one breach to another, change by change.

    Parameters
    ----------
    a, b
        Impacts, or scenarios by name, file or object, which are then simulated alike.
    replicates, seed, horizon_years
        For those that are simulated here.

    Returns
    -------
    DataFrame: contribution of every change to the difference of the expected losses, to which they sum. See
    ``explain.waterfall``. [USD]

    Raises
    ------
    ValueError
        If a name is unknown, or seed, replicates or horizon differ.

    Examples
    --------
    >>> waterfall("stated", "class", replicates=50).index[1]
    'segment applicants: ssn, drivers_license_number leaked for 1 to 0.16'
    """
    told = {"replicates": replicates, "seed": seed, "horizon_years": horizon_years}
    return _explain.waterfall(*_alike(a, b, **told))
