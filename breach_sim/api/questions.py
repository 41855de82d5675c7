"""Questions about breaches and impacts: differences, assumptions, requirements, readings of the evidence.

Not here: simulation (``impacts``) and mitigations (``comparisons``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from breach_sim import analysis, catalog
from breach_sim.analysis import influence
from breach_sim.api.impacts import simulate
from breach_sim.api.lookup import ElsewhereLike, ScenarioLike, attacks_of
from breach_sim.engine.draws.parameters import REPLICATES
from breach_sim.engine.exposure import Exposure, expose
from breach_sim.inputs.fields import FIELD_DESCRIPTIONS, mask
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.overrides import Overrides
from breach_sim.inputs.requirements import Chances, enabling_sets, protection_sets
from breach_sim.inputs.scenario import Scenario
from breach_sim.results import simulation
from breach_sim.results.impact import Impact, check_impact
from breach_sim.results.tables import difference

if TYPE_CHECKING:
    import pandas as pd


class FieldUse(TypedDict):
    """What a field is good for to an attacker.

    ``description`` in words; ``attacks``, names of the attacks with a route that reads the field;
    ``because``, the reason why there is none, else "".
    """

    description: str
    attacks: list[str]
    because: str


class FieldSet(TypedDict):
    """A set of fields, and where a scenario is given the number of accounts that it concerns."""

    fields: list[str]
    accounts: NotRequired[int]


class CompletedSet(TypedDict):
    """A leaked set that suffices where other fields can be looked up.

    ``fields``; ``looked_up``, alternative sets of fields that must be found; ``chance`` that one of these
    sets is found for a person of whom just ``fields`` leaked, ``replaceable``, the part of it in which all
    could have been had without the leak; ``smallest``, whether no smaller leaked set would do; and where a
    scenario is given ``accounts``, those that lost all of ``fields``.
    """

    fields: list[str]
    looked_up: list[list[str]]
    chance: float
    replaceable: float
    smallest: bool
    accounts: NotRequired[int]


class Requirements(TypedDict):
    """What :func:`requires` answers.

    ``with_look_ups`` only where fields can be looked up; ``attackable`` and ``notes`` only where a scenario
    is given; ``attackable_with_look_ups`` where both are.
    """

    harm: str
    scenario: str | None
    enabling_sets: list[FieldSet]
    protection_sets: list[FieldSet]
    with_look_ups: NotRequired[list[CompletedSet]]
    attackable: NotRequired[int]
    attackable_with_look_ups: NotRequired[int]
    notes: NotRequired[list[str]]


def diff(
    a: ScenarioLike | Impact,
    b: ScenarioLike | Impact,
    *,
    replicates: int = REPLICATES,
    seed: int = 1,
    horizon_years: float = 5,
    sampling: str = "sobol",
    calibrated: bool = True,
) -> pd.DataFrame:
    """Compare two breaches on shared draws, measure by measure.

    Parameters
    ----------
    a, b
        Impacts; or scenarios by name, file or object, which are simulated alike.
    replicates
        Joint draws of each, R. By default 8,192. An impact brings its own. [1, 10**7]
    seed
        Seed of both. An impact brings its own. [0, 2**63)
    horizon_years
        Years after the sale of the data. An impact brings its own. (0, 100]
    sampling, calibrated
        As for :func:`simulate`. An impact brings its own.

    Returns
    -------
    One row for each measure: people, loss, and attackable accounts, victims and loss of each attack in
    both. Columns ``a_p50`` and ``b_p50``, the medians; ``p5``, ``p50``, ``p95`` and ``mean`` of b - a taken
    replicate by replicate; ``ratio_of_means``; ``p_b_larger``, the share of replicates in which b is larger.
    [accounts] or [USD]

    Raises
    ------
    ValueError
        If a name is unknown, an argument is out of range, or seed, replicates, horizon, sampling or
        calibration differ.

    Examples
    --------
    >>> diff("claimed", "stated", replicates=50).loc["port_out.attackable", "b_p50"]
    np.float64(850000.0)
    """
    made_of: dict[str, Any] = {
        "replicates": replicates,
        "seed": seed,
        "horizon_years": horizon_years,
        "sampling": sampling,
    }
    made_of["calibrated"] = calibrated
    return difference.diff(*_alike(a, b, made_of))


def waterfall(
    a: ScenarioLike | Impact,
    b: ScenarioLike | Impact,
    *,
    replicates: int = REPLICATES,
    seed: int = 1,
    horizon_years: float = 5,
    sampling: str = "sobol",
    calibrated: bool = True,
) -> pd.DataFrame:
    """Explain the difference of two breaches: how much each change between them moves the expected loss.

    Parameters
    ----------
    a, b, replicates, seed, horizon_years, sampling, calibrated
        As for :func:`diff`.

    Returns
    -------
    One row for each change, the largest first, between a first row (expected loss of a) and a last (that of
    b). Columns ``mean``, ``p5``, ``p50`` and ``p95`` of its Shapley value, and ``start`` and ``end`` of its
    bar. The means add up from the first row to the last. The row "capacities and anchors" is the effect of
    limits on attackers and of published mean losses when the number of records changes. [USD]

    Raises
    ------
    ValueError
        If a name is unknown, an argument is out of range, seed, replicates, horizon, sampling or
        calibration differ,
        or         one of the impacts contains mitigations.

    Examples
    --------
    >>> waterfall("stated", "class", replicates=50).index[1]
    'segment applicants: ssn, drivers_license_number leaked for 0.63 to 0.16'
    """
    made_of: dict[str, Any] = {
        "replicates": replicates,
        "seed": seed,
        "horizon_years": horizon_years,
        "sampling": sampling,
    }
    made_of["calibrated"] = calibrated
    return analysis.waterfall(*_alike(a, b, made_of))


def _alike(
    a: ScenarioLike | Impact, b: ScenarioLike | Impact, made_of: Mapping[str, Any]
) -> tuple[Impact, Impact]:
    """Impacts of two breaches with the attacks that either of them enables, unless attacks were chosen."""
    breaches = [x.scenario if isinstance(x, Impact) else catalog.scenario_of(x) for x in (a, b)]
    impacts = []
    # Common drivers are those of the impacts given: both breaches have them, or neither has.
    driven = all(x.attacks.drivers is not None for x in (a, b) if isinstance(x, Impact))
    for given, breach in zip((a, b), breaches, strict=True):
        graph, own = _graph_for(breaches, breach), attacks_of(breach)
        graph, own = (graph, own) if driven else (graph.undriven(), own.undriven())
        if not isinstance(given, Impact):
            impacts.append(simulate(breach, graph, **made_of))
        elif any(given.fixed_from_baseline.values()) or given.attacks == graph or given.attacks != own:
            impacts.append(given)
        else:
            impacts.append(
                simulation.simulate(
                    breach,
                    graph,
                    seed=given.seed,
                    replicates=given.replicates,
                    horizon_years=given.horizon_years,
                    firm=given.firm,
                    sampling=given.sampling,
                    posterior=given.posterior,
                )
            )
    return impacts[0], impacts[1]


def _graph_for(breaches: list[Scenario], breach: Scenario) -> AttackGraph:
    """Attacks that either of two breaches enables, with the numbers of one of them."""
    where, own = breach.dossier.countries, breach.overrides
    return catalog.attacks_for(*breaches, countries=where, overrides=own)


def assumptions(impact: Impact) -> pd.DataFrame:
    """List every number behind an impact, the most influential first.

    Parameters
    ----------
    impact
        Result of :func:`simulate` with at least ten replicates.

    Returns
    -------
    One row for each parameter: ``on`` ("loss" or "firm cost"), ``effect`` on it (Spearman correlation, from
    -1 to 1), ``swing`` (expected loss in the highest fifth of the parameter over that in the lowest),
    status, numbers as text, ``low``, ``mode`` and ``high`` as entered and the quantiles ``p5``, ``p50`` and
    ``p95`` that they imply, unit, note, ``for_low`` and ``for_high`` (arguments for either end), sources,
    grades, and ``published`` (what each source says). Ordered by loss, then firm cost, then size of the
    effect. ``.to_csv(path)`` makes a sheet of it.

    Raises
    ------
    ValueError
        If there are fewer than ten replicates.

    Examples
    --------
    >>> assumptions(simulate("stated", replicates=500)).index[0]
    'drivers.loss'
    """
    return influence.assumptions(impact, catalog.load_sources())


def structural(impact: Impact) -> pd.DataFrame:
    """Compute the expected loss under each reading of the questions on which the evidence splits.

    Parameters
    ----------
    impact
        Result of :func:`simulate`.

    Returns
    -------
    One row for each reading, index (question, reading): ``value``, ``unit``, ``loss_usd`` (mean expected
    loss), ``times`` (that over the lowest reading of the question) and ``sources``. Empty if no question
    applies. ``attrs["largest"]`` is the question with the largest ratio, or "". At most the first 2,048
    replicates are used. [USD]

    Raises
    ------
    ValueError
        If a reading of the catalog is uncertain or in the wrong unit.

    Examples
    --------
    >>> structural(simulate("stated", replicates=50)).attrs["largest"]
    'uplift'
    """
    check_impact(impact)
    return analysis.structural(impact, catalog.readings_of(impact.scenario))


def field_uses() -> dict[str, FieldUse]:
    """List what each field of the vocabulary is good for to an attacker.

    Returns
    -------
    By field, in the order of the vocabulary: ``description``; ``attacks``, names of the attacks of the
    catalog with a route that reads the field, alone or with others; ``because``, the reason if there is none.

    Examples
    --------
    >>> field_uses()["sim_ki"]["attacks"]
    ['sim_cloning']
    """
    attacks = catalog.load_attacks().attacks
    reasons = catalog.load_bare_fields()
    return {
        field: {
            "description": description,
            "attacks": [
                attack.name for attack in attacks if any(field in route.fields for route in attack.routes)
            ],
            "because": reasons.get(field, ""),
        }
        for field, description in FIELD_DESCRIPTIONS.items()
    }


def requires(
    harm: str,
    scenario: ScenarioLike | None = None,
    attacks: AttackGraph | None = None,
    *,
    elsewhere: ElsewhereLike = catalog.CATALOG,
) -> Requirements:
    """Find the leaked fields that an attack needs, and those whose protection prevents it.

    Parameters
    ----------
    harm
        Name of an attack, or "any".
    scenario
        If given, accounts are counted for each set, at central coverages.
    attacks
        An attack graph. None takes that of the catalog; if a scenario is given that enables the harm, only
        the attacks that it enables, so that no set leads through an attack which cannot happen there.
    elsewhere
        What can be looked up about a person: "catalog", or the look-ups of ``attacks`` if it has some; the
        path of a ``.toml`` file or look-ups in their place; "none" or None for nothing.

    Returns
    -------
    ``harm``; ``scenario``, its name or None; ``enabling_sets``, the minimal sets of fields that suffice
    without any look-up, each with ``fields`` and the ``accounts`` that lost them all; ``protection_sets``,
    the minimal sets that prevent this if kept safe, each with ``fields`` and the ``accounts`` that lost at
    least one of them; ``with_look_ups``, further sets that suffice for the people whose other fields are
    found (:class:`CompletedSet`), the likeliest first, at the central values of the shares. With a scenario
    also ``attackable``, the accounts that lost some enabling set, ``attackable_with_look_ups``, the expected
    accounts whose leaked and looked-up fields suffice, and the ``notes`` of the scenario.

    Raises
    ------
    ValueError
        If the harm, the scenario or what can be looked up is unknown or invalid.

    Examples
    --------
    >>> [s["fields"] for s in requires("new_account_fraud")["enabling_sets"]]
    [['full_name', 'date_of_birth', 'ssn']]
    >>> likeliest = requires("new_account_fraud")["with_look_ups"][0]
    >>> likeliest["fields"], likeliest["looked_up"], likeliest["chance"]
    (['date_of_birth', 'ssn'], [['full_name']], 0.8)
    """
    breach = None if scenario is None else catalog.scenario_of(scenario)
    lived_in = () if breach is None else breach.dossier.countries
    own = Overrides() if breach is None else breach.overrides
    graph = catalog.attacks_in(lived_in, overrides=own) if attacks is None else attacks
    found = graph.lookups if elsewhere == catalog.CATALOG else None
    rich = dataclasses.replace(graph, lookups=found or catalog.look_ups_of(elsewhere))
    if attacks is None and breach is not None:
        possible = attacks_of(breach, elsewhere=None)
        known = harm == "any" or harm in possible.names
        graph = possible if known else graph.in_countries(breach.dossier.countries)
    enabling, protecting = enabling_sets(graph, harm), protection_sets(graph, harm)
    answer: Requirements = {
        "harm": harm,
        "scenario": None if breach is None else breach.name,
        "enabling_sets": [{"fields": list(fields)} for fields in enabling],
        "protection_sets": [{"fields": list(fields)} for fields in protecting if enabling],
    }
    exposure = None if breach is None else expose(breach)
    if rich.lookups is not None:
        _add_look_ups(answer, rich, breach, exposure, within=attacks is None)
    if breach is None or exposure is None:
        return answer
    for entry in answer["enabling_sets"]:
        entry["accounts"] = exposure.holding(mask(entry["fields"]))
    for entry in answer["protection_sets"]:
        entry["accounts"] = exposure.touching(mask(entry["fields"]))
    answer["attackable"] = exposure.holding_any([mask(fields) for fields in enabling])
    answer["notes"] = list(breach.all_notes)
    return answer


def _add_look_ups(
    answer: Requirements,
    graph: AttackGraph,
    breach: Scenario | None,
    exposure: Exposure | None,
    *,
    within: bool,
) -> None:
    """Add to an answer the sets that suffice with look-ups, and the accounts that they concern."""
    harm = answer["harm"]
    if breach is not None:
        graph = graph.in_countries(breach.dossier.countries)
        possible = graph.within({f for s in breach.segments for f in s.fields}) if within else graph
        graph = possible if harm == "any" or harm in possible.names else graph
    chance, replaceable = Chances(graph, harm), Chances(graph, harm, replaceable=True)
    rows: list[CompletedSet] = [
        {
            "fields": list(row.leaked),
            "looked_up": [list(fields) for fields in row.looked_up],
            "chance": chance(mask(row.leaked)),
            "replaceable": replaceable(mask(row.leaked)),
            "smallest": row.smallest,
        }
        for row in chance.sets
        if row.looked_up != ((),)
    ]
    rows.sort(key=lambda row: (-row["chance"], len(row["fields"])))
    answer["with_look_ups"] = rows
    if exposure is None:
        return
    for row in rows:
        row["accounts"] = exposure.holding(mask(row["fields"]))
    cells = zip(exposure.masks.tolist(), exposure.accounts.tolist(), strict=True)
    answer["attackable_with_look_ups"] = round(sum(accounts * chance(bits) for bits, accounts in cells))
