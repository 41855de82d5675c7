"""Runs by name: simulate a breach, follow one of its people, make its synthetic subscribers.

Not here: questions about a run (``questions``) and mitigations (``comparisons``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from breach_sim import catalog
from breach_sim.api.lookup import (
    AttacksLike,
    ElsewhereLike,
    ScenarioLike,
    attacks_of,
    graph_of,
    ledger_of,
    posterior_of,
    switched,
)
from breach_sim.engine.draws.parameters import FEWER_REPLICATES, REPLICATES
from breach_sim.engine.exposure import Exposure, scenario_of_cells
from breach_sim.formatting.messages import named, shown
from breach_sim.inputs.firm.ledger import FirmCosts
from breach_sim.inputs.graph import AttackGraph, open_fields
from breach_sim.inputs.scenario import Scenario
from breach_sim.results import convergence, simulation
from breach_sim.results import person as people
from breach_sim.results.impact import Impact, check_impact
from breach_sim.results.person import Person

if TYPE_CHECKING:
    from breach_sim.population.population import Population


def simulate(
    scenario: ScenarioLike | None = None,
    attacks: AttacksLike = None,
    *,
    exposure: Exposure | None = None,
    replicates: int | None = None,
    seed: int = 1,
    horizon_years: float = 5,
    until: str | None = None,
    firm: FirmCosts | None = None,
    elsewhere: ElsewhereLike = catalog.CATALOG,
    drivers: bool = True,
    sampling: str = "sobol",
    calibrated: bool = True,
) -> Impact:
    """Simulate a breach: how many people are harmed, by which attacks, at what loss, and how sure that is.

    Parameters
    ----------
    scenario
        Name of a scenario of the catalog, path of a ``.toml`` file, or a scenario.
    attacks
        An attack graph; names of attacks of the catalog, which bring the steps before them; or None for
        all that the leaked fields enable (:func:`attacks_of`).
    exposure
        Given in place of a scenario: counted cells, such as :func:`expose_records` returns.
    replicates
        Number of joint draws of parameters and outcomes, R. By default 8,192. With ``until`` it is the
        largest number that is tried, by default 131,072. [1, 10**7]
    seed
        The same seed gives the same impact. [0, 2**63)
    horizon_years
        Years after the sale of the data that are simulated. (0, 100]
    until
        Goal for the relative standard error of a printed number: ``"rel_se<1%"`` for the mean loss,
        ``"rel_se_p95<2%"`` for a quantile of the loss, ``"rel_se_people<1%"`` or ``"rel_se_people_p50<1%"``
        for people. The number of replicates is doubled until the goal is met. An impact that does not meet
        it says so in its notes.
    firm
        Rates of the firm's ledger. None takes those of the catalog; for combined breaches it takes none.
    elsewhere
        What can be looked up about a person whose record leaked: "catalog" for the catalog's look-ups (or
        those of ``attacks``, if it is a graph); the path of a ``.toml`` file or look-ups in their place; None
        for nothing, so that only leaked fields count.
    drivers
        Whether attempts and mean losses of all attacks have a common factor each (docs/model.md, 8.3). False
        lets every parameter err on its own; whatever is asked of the impact then does the same.
    sampling
        How the uniform numbers behind the parameters are drawn. ``"sobol"``: eight independent scrambles of a
        Sobol sequence, R/8 points each, which settle faster; best with 8 times a power of two. ``"plain"``:
        independent replicates.
    calibrated
        Whether parameters that national counts and studies say something about are drawn from posterior rows
        (docs/model.md, section 10). False draws every parameter from its prior. Rows hold levels, not values:
        attacks of your own with a parameter of the same name take the same levels of their own prior.

    Returns
    -------
    The impact. Its samples have shape (R,): ``people`` [accounts] and ``loss`` [USD]. Its tables are
    ``funnel()``, ``ledgers()``, ``uncertainty()`` and others.

    Raises
    ------
    ValueError
        If a name is unknown, an argument is out of range, or not exactly one of scenario and exposure is
        given. A wrong file is named, with the key.

    Notes
    -----
    Cells of an exposure that no attack can tell apart are simulated as one segment.

    Do not add ``loss`` or ``people`` of several impacts: runs of one seed share their luck, and the sum would
    have tails that are too long. :func:`portfolio` shares parameters and gives each breach luck of its own.

    Examples
    --------
    >>> simulate("tmobile-2021-stated", replicates=100, seed=1).exposed
    54617000
    """
    switched("drivers", drivers)
    chosen = attacks if attacks is None or isinstance(attacks, (AttackGraph, str)) else tuple(attacks)
    breach = _of_either(scenario, exposure, chosen, elsewhere)
    graph = graph_of(chosen, breach, elsewhere)
    made_of: dict[str, Any] = {
        "scenario": breach,
        "attacks": graph,
        "seed": seed,
        "horizon_years": horizon_years,
        # Each firm of a union notifies and pays for its own breach.
        "firm": ledger_of(firm, breach),
        "asked": _asked(graph, breach, elsewhere),
        "drivers": drivers,
        "sampling": sampling,
        "posterior": posterior_of(breach, calibrated=calibrated),
    }
    if until is None:
        return simulation.simulate(**made_of, replicates=REPLICATES if replicates is None else replicates)
    most = convergence.MOST if replicates is None else simulation.check_replicates(replicates)
    return convergence.simulate_until(
        lambda number: simulation.simulate(**made_of, replicates=number), until, most
    )


def _asked(graph: AttackGraph, breach: Scenario, elsewhere: ElsewhereLike) -> AttackGraph | None:
    """All attacks of the catalog, where a run has those that the fields enable: it then names the others."""
    if graph != catalog.attacks_for(breach, elsewhere=elsewhere):
        return None
    return catalog.attacks_in(breach.dossier.countries, elsewhere=graph.lookups, overrides=breach.overrides)


def _of_either(
    scenario: ScenarioLike | None, exposure: Exposure | None, attacks: AttacksLike, elsewhere: ElsewhereLike
) -> Scenario:
    """The scenario, or that of the cells of an exposure; one of the two must be given."""
    if scenario is None and isinstance(exposure, Exposure):
        own = exposure.scenario
        if own.overrides.accounts:
            raise ValueError(
                f"accounts of {named(own.overrides.accounts)} are uncertain by overrides, and an "
                "exposure has counted accounts; leave [accounts] out, or simulate the scenario itself"
            )
        whole = graph_of(attacks, elsewhere=elsewhere, overrides=own.overrides)
        return scenario_of_cells(exposure, open_fields(whole, exposure.masks))
    if scenario is not None and exposure is None:
        return catalog.scenario_of(scenario)
    raise ValueError(
        f"simulate got a scenario of type {type(scenario).__name__} and an exposure of type "
        f"{type(exposure).__name__}; give one of them: a scenario by name, file or object, or an "
        "exposure such as expose_records(table) returns"
    )


def follow(
    scenario: ScenarioLike,
    row: int,
    *,
    impact: Impact | None = None,
    seed: int = 1,
    replicates: int = FEWER_REPLICATES,
    horizon_years: float = 5,
    sampling: str = "sobol",
    calibrated: bool = True,
) -> Person:
    """Follow one synthetic person of a breach: what leaked, which routes are open, and the odds of each harm.

    Parameters
    ----------
    scenario
        Name of a scenario of the catalog, path of a ``.toml`` file, or a scenario.
    row
        Number of the person in the population ``subscribers(scenario, seed=seed)``. [0, accounts)
    impact
        An impact of this scenario. None simulates one.
    seed
        Seed of the population, and of the impact if none is given. [0, 2**63)
    replicates
        Joint draws of the impact, if none is given. By default 2,048: odds are means. [1, 10**7]
    horizon_years
        Years after the sale of the data, if no impact is given. (0, 100]
    sampling, calibrated
        As for :func:`simulate`, if no impact is given.

    Returns
    -------
    The person, with ``odds()``, ``timeline()``, ``actions(mitigations)`` and ``sentences(mitigations)``.

    Raises
    ------
    ValueError
        If a name is unknown, an argument is out of range, or there is no such row.

    Examples
    --------
    >>> follow("tmobile-2021-stated", 5, replicates=50).segment
    'applicants'
    """
    breach = catalog.scenario_of(scenario)
    population = subscribers(breach, seed=seed)
    if isinstance(row, bool) or not isinstance(row, int) or not 0 <= row < len(population):
        raise ValueError(
            f"row is {shown(row)}; {breach.name} has {len(population):,} synthetic people: give a whole "
            f"number from 0 to {len(population) - 1:,}"
        )
    record = population[row]
    made_of: dict[str, Any] = {"seed": seed, "replicates": replicates, "horizon_years": horizon_years}
    if impact is not None:
        check_impact(impact)
    run = impact or simulate(breach, **made_of, sampling=sampling, calibrated=calibrated)
    return people.follow(record, run, seed=seed, row=row)


def subscribers(
    scenario: ScenarioLike, *, seed: int = 1, rows: int | None = None, locale: str = "en_US"
) -> Population:
    """Make synthetic subscribers of a breach, none of whom can exist, with the traits that attacks read.

    Parameters
    ----------
    scenario
        Name of a scenario of the catalog, path of a ``.toml`` file, or a scenario.
    seed
        The same seed gives the same rows. [0, 2**63)
    rows
        Number of subscribers. None makes one for each account of the scenario. [1, 10**9]
    locale
        Faker's locale for names and places.

    Returns
    -------
    The population: any row by number, blocks of rows, files. It has one column for each trait that an attack
    enabled by the leaked fields reads; the share of rows with the trait is its central share.

    Raises
    ------
    ValueError
        If a name is unknown or an argument is out of range.

    Examples
    --------
    >>> subscribers("tmobile-2021-stated")[73]["synthetic"]
    True
    """
    from breach_sim.population.population import Population

    breach = catalog.scenario_of(scenario)
    traits = {name: trait.share.central for name, trait in attacks_of(breach).traits.items()}
    return Population(breach, seed, rows, locale, traits=traits)
