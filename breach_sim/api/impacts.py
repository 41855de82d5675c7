"""Names in, objects out: the functions a notebook calls."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from breach_sim import analysis as _explain
from breach_sim import catalog
from breach_sim.analysis.other_scores import board as _board
from breach_sim.analysis.other_scores import enisa
from breach_sim.engine.exposure import Exposure, scenario_of_cells
from breach_sim.formatting.messages import shown
from breach_sim.inputs.firm import FirmCosts
from breach_sim.inputs.graph import AttackGraph, open_fields
from breach_sim.inputs.scenario import Scenario
from breach_sim.interop import hibp, records, sheet, veris
from breach_sim.results import convergence
from breach_sim.results import person as _person
from breach_sim.results import simulation as _impact
from breach_sim.results.impact import Impact
from breach_sim.results.person import Person

if TYPE_CHECKING:
    from breach_sim.population.population import Population

load_scenario = catalog.load_scenario
load_attacks = catalog.load_attacks
load_sources = catalog.load_sources
scenario_names = catalog.scenario_names
load_firm = catalog.load_firm
load_mitigation = catalog.load_mitigation
load_mitigations = catalog.load_mitigations
mitigation_names = catalog.mitigation_names
attribution = _explain.attribution
attribution_pairs = _explain.attribution_pairs
sensitivity = _explain.sensitivity
tornado = _explain.tornado
research_next = _explain.research_next
explain = _explain.explain
REPLICATES = 10_000
"""Replicates unless told otherwise."""
FOLLOWED = 2_000
"""Replicates behind the odds of one person."""
expose_records = records.expose_records
read_columns = records.read_columns
enisa_severity = enisa.severity
yardsticks = _board.yardsticks
from_hibp = hibp.from_hibp
from_veris = veris.from_veris
from_table = sheet.from_table


def simulate(
    scenario: str | Path | Scenario | None = None,
    attacks: AttackGraph | Iterable[str] | None = None,
    *,
    exposure: Exposure | None = None,
    replicates: int | None = None,
    seed: int,
    horizon_years: float = 5,
    until: str | None = None,
    firm: FirmCosts | None = None,
) -> Impact:
    """Impact of a breach: victims and money, attack by attack, and how sure that is.

    Parameters
    ----------
    scenario
        Name of a scenario of the catalogue, path of a ``.toml`` file, or a scenario.
    attacks
        An attack graph; names of attacks of the catalogue, kept with the steps before them; or None for
        all that the leaked fields can enable (:func:`attacks_of`).
    exposure
        In place of a scenario: cells, such as :func:`expose_records` counts.
    replicates
        Joint draws of parameters and outcomes, R; 10,000 unless told otherwise. With ``until`` the most
        that are tried, 160,000 unless told otherwise. [1, 10**7]
    seed
        Whole number; the same seed gives the same impact. [0, 2**63)
    horizon_years
        Years after the sale. (0, 100]
    until
        Goal for the relative standard error of the mean loss, such as ``"rel_se<1%"``: as many replicates
        as it needs. An impact that does not reach it says so in its notes.
    firm
        Rates of the firm's ledger; the catalogue's if None.

    Returns
    -------
    The impact.

    Raises
    ------
    ValueError
        If a name is unknown or an argument out of range; for a file, with its name and key. If both a
        scenario and an exposure are given, or neither.

    Notes
    -----
    Cells of an exposure that no attack can tell apart are simulated as one segment.

    Examples
    --------
    >>> simulate("tmobile-2021-stated", replicates=100, seed=1).exposed
    54617000
    """
    chosen = attacks if attacks is None or isinstance(attacks, (AttackGraph, str)) else tuple(attacks)
    what = _of_either(scenario, exposure, chosen)
    made_of: dict[str, Any] = {
        "scenario": what,
        "attacks": _graph(chosen, what),
        "seed": seed,
        "horizon_years": horizon_years,
        "firm": firm or catalog.load_firm(),
    }
    if until is None:
        return _impact.simulate(**made_of, replicates=REPLICATES if replicates is None else replicates)
    most = convergence.MOST if replicates is None else _impact.check_replicates(replicates)
    return convergence.simulate_until(
        lambda number: _impact.simulate(**made_of, replicates=number), until, most
    )


def follow(
    scenario: str | Path | Scenario,
    row: int,
    *,
    impact: Impact | None = None,
    seed: int = 1,
    replicates: int = FOLLOWED,
    horizon_years: float = 5,
) -> Person:
    """One synthetic person of a breach: what leaked of them, which routes are open, and the odds.

    Parameters
    ----------
    scenario
        Name of a scenario of the catalogue, path of a ``.toml`` file, or a scenario.
    row
        Number of the person in the population ``subscribers(scenario, seed=seed)``. [0, accounts)
    impact
        An impact of this scenario that is at hand; simulated if None.
    seed
        Of the population, and of the impact where none is given.
    replicates, horizon_years
        Of the impact where none is given.

    Returns
    -------
    The person: ``odds()``, ``timeline()``, ``actions(mitigations)``, ``sentences(mitigations)``.

    Raises
    ------
    ValueError
        If a name is unknown, or there is no such row.

    Examples
    --------
    >>> follow("tmobile-2021-stated", 5, replicates=50).segment
    'applicants'
    """
    found = catalog.scenario_of(scenario)
    population = subscribers(found, seed=seed)
    if isinstance(row, bool) or not isinstance(row, int) or not 0 <= row < len(population):
        raise ValueError(
            f"row is {shown(row)}; {found.name} has {len(population):,} synthetic people: give a whole "
            f"number from 0 to {len(population) - 1:,}"
        )
    record = population[row]
    own = impact or simulate(found, seed=seed, replicates=replicates, horizon_years=horizon_years)
    return _person.follow(record, own)


def _of_either(
    scenario: str | Path | Scenario | None,
    exposure: Exposure | None,
    attacks: AttackGraph | Iterable[str] | None,
) -> Scenario:
    """The scenario, or that of the cells of an exposure; one of the two must be given."""
    if scenario is None and isinstance(exposure, Exposure):
        graph = _graph(attacks)
        return scenario_of_cells(exposure, open_fields(graph, exposure.masks))
    if scenario is not None and exposure is None:
        return catalog.scenario_of(scenario)
    raise ValueError(
        f"simulate got a scenario of type {type(scenario).__name__} and an exposure of type "
        f"{type(exposure).__name__}; give one of them: a scenario by name, file or object, or an "
        "exposure such as expose_records(table) returns"
    )


def subscribers(
    scenario: str | Path | Scenario, *, seed: int, rows: int | None = None, locale: str = "en_US"
) -> Population:
    """Synthetic subscribers of a breach, none of whom can exist, with the traits that the attacks read.

    Parameters
    ----------
    scenario
        Name of a scenario of the catalogue, path of a ``.toml`` file, or a scenario.
    seed
        Whole number; the same seed gives the same rows. [0, 2**63)
    rows
        How many; one for each account of the scenario if None. [1, 10**9]
    locale
        Faker's locale for names and places.

    Returns
    -------
    The population: any row by number, blocks, files. A column for each trait that an attack which the
    leaked fields enable reads, at its central share.

    Raises
    ------
    ValueError
        If a name is unknown or a number out of range.

    Examples
    --------
    >>> subscribers("tmobile-2021-stated", seed=1)[73]["synthetic"]
    True
    """
    from breach_sim.population.population import Population

    found = catalog.scenario_of(scenario)
    traits = {name: trait.share.central for name, trait in attacks_of(found).traits.items()}
    return Population(found, seed, rows, locale, traits=traits)


def _graph(attacks: AttackGraph | Iterable[str] | None, scenario: Scenario | None = None) -> AttackGraph:
    """The attacks asked for; of the catalogue's, given a scenario, those that its fields can enable.

    An attack asked for by name that they cannot enable stays, with all steps before it, as zeros.
    """
    if isinstance(attacks, AttackGraph):
        return attacks
    whole = catalog.load_attacks()
    possible = whole
    if scenario is not None:
        whole, possible = whole.in_countries(scenario.dossier.countries), attacks_of(scenario)
    if attacks is None:
        return possible
    names = [attacks] if isinstance(attacks, str) else list(attacks)
    return (possible if set(names) <= set(possible.names) else whole).only(names)


def attacks_of(*scenarios: str | Path | Scenario) -> AttackGraph:
    """Attacks of the catalogue that the leaked fields of a breach, or of several, can enable.

    Parameters
    ----------
    *scenarios
        Names of scenarios of the catalogue, paths of ``.toml`` files, or scenarios.

    Returns
    -------
    The graph that :func:`simulate` uses unless told otherwise: attacks with a route that the fields of all
    segments together satisfy, chains followed; and those that are background only, as is one of these that
    cannot hit people of the countries of the breach.

    Raises
    ------
    ValueError
        If a name is unknown.

    Examples
    --------
    >>> len(attacks_of("stated").attacks) < len(load_attacks().attacks)
    True
    """
    return catalog.attacks_for(*(catalog.scenario_of(each) for each in scenarios))
