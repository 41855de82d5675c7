"""Names in, objects out: the functions a notebook calls.

Place in the corridor: above everything that computes; below ``cli``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from breach_sim import bundle, catalog, comparison, convergence, difference, influence
from breach_sim import explain as _explain
from breach_sim import impact as _impact
from breach_sim import person as _person
from breach_sim.attacks import AttackGraph, enabling_sets, open_fields, protection_sets
from breach_sim.bundle import Bundle
from breach_sim.comparison import Comparison
from breach_sim.exposure import Exposure, expose, scenario_of_cells
from breach_sim.fields import TOLD as FIELD_TOLD
from breach_sim.fields import mask
from breach_sim.firm import FirmCosts
from breach_sim.impact import Impact
from breach_sim.interop import hibp, records, sheet, veris
from breach_sim.mitigation import Mitigation
from breach_sim.person import Person
from breach_sim.scenario import Scenario
from breach_sim.spelling import shown
from breach_sim.yardsticks import board as _board
from breach_sim.yardsticks import enisa

if TYPE_CHECKING:
    from breach_sim.population.engine import Population

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
    from breach_sim.population.engine import Population

    found = catalog.scenario_of(scenario)
    traits = {name: trait.share.central for name, trait in attacks_of(found).traits.items()}
    return Population(found, seed, rows, locale, traits=traits)


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


def compare(
    scenario: str | Path | Scenario | Impact,
    *mitigations: str | Mitigation,
    attacks: AttackGraph | Iterable[str] | None = None,
    seed: int = 1,
    replicates: int = REPLICATES,
    horizon_years: float = 5,
    pairs: bool = True,
) -> Comparison:
    """What would have helped: what each mitigation averts and costs, alone, in pairs and all together.

    Parameters
    ----------
    scenario
        A scenario by name, file or object; or an impact that is at hand, whose attacks, draws and horizon
        are then used.
    *mitigations
        Names such as "pin-reset-day-1", "credit-freeze", "drop-ssn", "retention-5-years"; or mitigations.
    attacks
        As for :func:`simulate`.
    seed, replicates, horizon_years
        As for :func:`simulate`.
    pairs
        Whether every two are run together as well; without, ``overlap()`` is empty and the rest the same.

    Returns
    -------
    The comparison: ``table()``, ``worth()``, ``overlap()``, ``sources()``, ``to_json()``.

    Raises
    ------
    ValueError
        If a name is unknown or comes twice, or an argument is out of range.

    Examples
    --------
    >>> found = compare("stated", "drop-ssn", "notice", replicates=50)
    >>> found.averted[1].loss.max(), bool(found.averted[0].loss.min() > 0)
    (np.float64(0.0), True)
    """
    what, graph, baseline = _given(scenario, attacks)
    return comparison.compare(
        what, graph, _mitigations(mitigations), seed=seed, replicates=replicates,
        horizon_years=horizon_years, baseline=baseline, pairs=pairs,
    )  # fmt: skip


def best_bundle(
    scenario: str | Path | Scenario | Impact,
    mitigations: Iterable[str | Mitigation],
    budget: float,
    *,
    attacks: AttackGraph | Iterable[str] | None = None,
    seed: int = 1,
    replicates: int = 2_000,
    horizon_years: float = 5,
) -> Bundle:
    """The mitigations to buy for a budget: the largest expected net benefit of all their bundles.

    Parameters
    ----------
    scenario, attacks, seed, replicates, horizon_years
        As for :func:`compare`.
    mitigations
        Names or mitigations, at most 20.
    budget
        Most that the bundle may cost on average. [0, inf) [USD]

    Returns
    -------
    The bundle, with its regret.

    Raises
    ------
    ValueError
        If the budget is negative, a name unknown, or there are too many.

    Examples
    --------
    >>> best_bundle("stated", ["drop-ssn", "tax-pin-for-all"], 1e9, replicates=50).chosen
    ('drop-ssn',)
    """
    what, graph, baseline = _given(scenario, attacks)
    return bundle.best_bundle(
        what, graph, _mitigations(mitigations), budget, seed=seed, replicates=replicates,
        horizon_years=horizon_years, baseline=baseline,
    )  # fmt: skip


def delay_cost(
    mitigation: str | Mitigation,
    scenario: str | Path | Scenario | Impact,
    *,
    days: float = 1,
    attacks: AttackGraph | Iterable[str] | None = None,
    seed: int = 1,
    replicates: int = REPLICATES,
    horizon_years: float = 5,
) -> Any:
    """The price of waiting one day, or some, with a mitigation.

    Parameters
    ----------
    mitigation
        Name or mitigation, one that has a day.
    scenario, attacks, seed, replicates, horizon_years
        As for :func:`compare`.
    days
        Length of the delay. (0, inf)

    Returns
    -------
    DataFrame: one row a day of start, what a delay that begins there costs, and what is left. See
    ``comparison.delay_cost``.

    Raises
    ------
    ValueError
        If a name is unknown, the mitigation has no day, or the delay is no positive number.

    Examples
    --------
    >>> frame = delay_cost("pin-reset-day-10", "claimed", days=20, replicates=50)
    >>> bool(frame.loc[10.0, ("people", "p5")] > 0)
    True
    """
    what, graph, baseline = _given(scenario, attacks)
    (own,) = _mitigations([mitigation])
    return comparison.delay_cost(
        own, what, graph, days=days, seed=seed, replicates=replicates, horizon_years=horizon_years,
        baseline=baseline,
    )  # fmt: skip


def _given(
    scenario: str | Path | Scenario | Impact, attacks: AttackGraph | Iterable[str] | None
) -> tuple[Scenario, AttackGraph, Impact | None]:
    """Scenario and attacks, and the impact that they come from."""
    if isinstance(scenario, Impact):
        own = scenario.scenario
        return own, scenario.attacks if attacks is None else _graph(attacks, own), scenario
    breach = catalog.scenario_of(scenario)
    return breach, _graph(attacks, breach), None


def _mitigations(mitigations: Iterable[str | Mitigation]) -> list[Mitigation]:
    named = [mitigations] if isinstance(mitigations, (str, Mitigation)) else mitigations
    return [own if isinstance(own, Mitigation) else catalog.load_mitigation(own) for own in named]


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
        for name, told in FIELD_TOLD.items()
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
    graph = attacks or catalog.load_attacks()
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
