"""Several breaches by name: ``combine`` (the same persons), ``portfolio`` (sums), ``league`` (ranks).

Not here: the cells of a union (``catalog.unions``), its split (``analysis``), and the runs of a portfolio
(``results``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from breach_sim import analysis, catalog
from breach_sim.analysis.leagues import standings
from breach_sim.analysis.leagues.standings import League
from breach_sim.api.lookup import AttacksLike, ScenarioLike, firm_of, graph_of, listed, posterior_of
from breach_sim.engine.draws.parameters import FEWER_REPLICATES, REPLICATES
from breach_sim.formatting.messages import named, shown
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.interop.imported import Import
from breach_sim.results import side_by_side
from breach_sim.results.impact import Impact
from breach_sim.results.side_by_side import Portfolio

if TYPE_CHECKING:
    import pandas as pd

LEAGUE_POINTS = 1_024
"""Default number of shared points of a league: 8 x 128."""


def combine(
    *breaches: ScenarioLike, universe: float | None = None, overlap: catalog.Overlaps = None
) -> Scenario:
    """Combine several breaches of the same persons: one scenario in which fields of all of them add up.

    Parameters
    ----------
    *breaches
        At least two and at most six: names of scenarios of the catalog, paths of ``.toml`` files, or
        scenarios. Their order changes nothing.
    universe
        Number of persons whom the breaches concern. None takes the adults of the United States where all
        breaches concern people there, otherwise the accounts of the largest breach. [persons]
    overlap
        Share of the smaller breach of a pair that is in the larger one too: a number or an estimate for all
        pairs, or a mapping from pairs of names. Pairs without one are independent. [share]

    Returns
    -------
    A scenario whose accounts are persons, with a segment for each *cell*: the persons who are in certain
    segments of certain breaches and in no others. ``simulate`` and all other verbs accept it. Its notes state
    every overlap with its Fréchet bounds, and how many people it has.

    Raises
    ------
    ValueError
        If a name is unknown, breaches are the same or of different countries, the universe is smaller than a
        breach, or an overlap lies outside its bounds.

    Notes
    -----
    Day 0 is the latest of the breaches. The firm's ledger is left out of its runs: each firm notifies and
    pays for its own breach.

    Examples
    --------
    >>> both = combine("tmobile-2021-stated", "experian-2015", overlap=0.5)
    >>> both.accounts, len(both.segments)
    (62117000, 11)
    """
    found = [catalog.scenario_of(each) for each in breaches]
    names = {
        str(given): breach.name
        for given, breach in zip(breaches, found, strict=True)
        if isinstance(given, (str, Path))
    }
    if isinstance(overlap, Mapping):
        overlap = {_in_full(pair, names): value for pair, value in overlap.items()}
    note = ""
    if universe is None and found:
        universe, note = catalog.default_universe(found)
    own = catalog.agreed_overrides(found)
    if own.accounts:
        raise ValueError(
            f"accounts of {named(own.accounts)} are uncertain by overrides, and a union needs one number "
            "for each breach; leave [accounts] out"
        )
    together = catalog.union_of(found, 0.0 if universe is None else universe, overlap)
    notes = (*([note] if note else []), *together.notes)
    return dataclasses.replace(together, notes=notes, overrides=own)


def _in_full(pair: Any, names: Mapping[str, str]) -> Any:
    """A pair of names, each in full where it was given by its last words; anything else as it is."""
    if not isinstance(pair, tuple):
        return pair
    return tuple(names.get(name, name) if isinstance(name, str) else name for name in pair)


def overlap_bounds(
    union: Scenario | Impact,
    *,
    harm: bool = True,
    replicates: int = FEWER_REPLICATES,
    seed: int = 1,
    horizon_years: float = 5,
    calibrated: bool = True,
) -> pd.DataFrame:
    """Show what is possible whatever the overlaps of combined breaches are.

    Parameters
    ----------
    union
        A scenario that :func:`combine` made, or an impact of one, whose attacks, seed and horizon are used.
    harm
        Whether the expected harm is computed; the overlaps and the people cost nothing.
    replicates
        Joint draws of the parameters for the harm. By default 2,000. [1, 10**7]
    seed, horizon_years, calibrated
        As for :func:`simulate`.

    Returns
    -------
    Rows ``lowest``, ``independent``, ``given`` (if an overlap is given) and ``highest``: every pair at its
    lower Fréchet bound, independent, as given, and at its upper bound. Columns: the overlap of each pair
    [share], ``people`` in at least one of the breaches, and the means of ``people_harmed`` and ``loss_usd``.
    Missing where no persons can have all these overlaps at once.

    Raises
    ------
    ValueError
        If the scenario is a single breach, or an argument is out of range.

    Examples
    --------
    >>> frame = overlap_bounds(combine("tmobile-2021-stated", "experian-2015"), harm=False)
    >>> frame["people"].round().astype(int).tolist()
    [69617000, 66441593, 54617000]
    """
    if isinstance(union, Impact):
        graph, breach = union.attacks, union.scenario
        replicates = min(replicates, union.replicates)
        seed, horizon_years, posterior = union.seed, union.horizon_years, union.posterior
    else:
        graph, breach, posterior = graph_of(None, union), union, posterior_of(union, calibrated=calibrated)
    return analysis.bounds_of_harm(
        breach,
        graph,
        seed=seed,
        replicates=replicates,
        horizon_years=horizon_years,
        harm=harm,
        posterior=posterior,
    )


def portfolio(
    scenarios: Iterable[ScenarioLike],
    attacks: AttacksLike = None,
    *,
    frequencies: Mapping[str, Any] | None = None,
    replicates: int = REPLICATES,
    seed: int = 1,
    horizon_years: float = 5,
    calibrated: bool = True,
) -> Portfolio:
    """Run breaches side by side, as an insurer or a regulator sees them: sums, tails, and who drives them.

    Parameters
    ----------
    scenarios
        At least two, by name, file or object, of different names.
    attacks
        As for :func:`simulate`; None takes for each breach those that its fields enable.
    frequencies
        Breaches expected in a year, by name of the scenario, one for each: 0.1 is one in ten years. Where
        that is uncertain, [low, mode, high] or a table as in an overrides file, such as
        ``{"kind": "lognormal", "low": 0.02, "high": 0.5}``; it is drawn in every replicate. The portfolio
        then has ``years()``. None if each happens once. [0, 100]
    replicates
        Joint draws of parameters and outcomes, R. By default 10,000. [1, 10**7]
    seed
        The same seed gives the same portfolio. [0, 2**63)
    horizon_years
        Years after the sale of the data of each breach. (0, 100]
    calibrated
        As for :func:`simulate`.

    Returns
    -------
    The portfolio, with one impact for each breach, ``table()``, ``ranks()``, ``exceedance()`` and
    ``to_json()``. Parameters are shared by name and luck is not. Breaches whose day 0 lies in the same
    calendar year share the national capacities, unless frequencies are given.

    Raises
    ------
    ValueError
        If a name is unknown or comes twice, there are fewer than two, a frequency is missing, or an argument
        is out of range.

    Examples
    --------
    >>> both = portfolio(["tmobile-2021-stated", "equifax-2017"], replicates=200)
    >>> bool((both.loss == both.impacts[0].loss + both.impacts[1].loss).all())
    True
    """
    several = [scenarios] if isinstance(scenarios, (str, Path, Scenario)) else listed(scenarios, "scenarios")
    chosen = attacks if attacks is None or isinstance(attacks, (Mapping, str)) else tuple(attacks)
    found = [catalog.scenario_of(each) for each in several]
    often = None if frequencies is None else _by_full_name(frequencies, several, found)
    return side_by_side.run(
        [(breach, graph_of(chosen, breach), firm_of(breach)) for breach in found],
        seed=seed,
        replicates=replicates,
        horizon_years=horizon_years,
        posterior=posterior_of(*found, calibrated=calibrated),
        frequencies=often,
    )


def _by_full_name(
    frequencies: Mapping[str, Any], given: Iterable[ScenarioLike], found: Iterable[Scenario]
) -> dict[str, Any]:
    """Frequencies by the names of scenarios; a name may be written as the scenario was given."""
    if not isinstance(frequencies, Mapping):
        raise ValueError(  # noqa: TRY004 - every refusal of an input is a ValueError
            f"frequencies is {shown(frequencies)}; give breaches a year by the name of each scenario"
        )
    full = {str(name): breach.name for name, breach in zip(given, found, strict=True)}
    often = {full.get(name, name): value for name, value in frequencies.items()}
    several = (Mapping, list, tuple, Estimate)
    read = {name: catalog.frequency_of(name, v) for name, v in often.items() if isinstance(v, several)}
    return often | read


def league(
    scenarios: Iterable[ScenarioLike | Import] | Import,
    attacks: AttacksLike = None,
    *,
    by: str = "loss_usd",
    replicates: int = LEAGUE_POINTS,
    seed: int = 1,
    horizon_years: float = 5,
    calibrated: bool = True,
    readings: Iterable[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> League:
    """Rank breaches by expected harm, with how sure each place is and what decides it.

    Parameters
    ----------
    scenarios
        At least one, by name, file or object, of different names; or an import, such as
        ``from_hibp("breaches.json")``, by itself or among others.
    attacks
        As for :func:`simulate`; None takes for each breach those that its fields enable.
    by
        "loss_usd" or "people".
    replicates
        Shared points of the parameters, R. By default 1,024. [1, 10**7]
    seed
        The same seed gives the same league, in whatever order the breaches are given. [0, 2**63)
    horizon_years
        Years after the sale of the data of each breach. (0, 100]
    calibrated
        As for :func:`simulate`.
    readings
        Names of structural readings to compare the order with, such as "one year" or "nothing looked up".
        None takes all; an empty list takes none, which is faster.
    progress
        Called with the work done and all of it, for long lists.

    Returns
    -------
    The league, with ``table()``, ``worse(one, other)``, ``tau`` and ``tau_interval`` (with the order by
    number of accounts), ``readings``, ``alike`` and ``to_json()``.

    Raises
    ------
    ValueError
        If a name is unknown or comes twice, there is no breach, or an argument is out of range.

    Notes
    -----
    Parameters of the catalog are shared by all breaches, replicate by replicate. Coverages and the way in
    which the data got out are drawn for each breach by itself. Breaches whose day 0 lies in the same calendar
    year share the national capacities, as in :func:`portfolio`. Harm is expected harm given the parameters.

    Examples
    --------
    >>> places = league(["equifax-2017", "tmobile-de-2006"], replicates=64, readings=[])
    >>> places.names
    ('equifax-2017', 'tmobile-de-2006')
    >>> places.worse("equifax-2017", "tmobile-de-2006") > 0.9
    True
    """
    alone = isinstance(scenarios, (str, Path, Scenario, Import))
    several: list[Any] = [scenarios] if alone else listed(scenarios, "scenarios")
    chosen = attacks if attacks is None or isinstance(attacks, (Mapping, str)) else tuple(attacks)
    found: list[Scenario] = []
    for each in several:
        found += each.scenarios if isinstance(each, Import) else [catalog.scenario_of(each)]
    catalog.agreed_overrides(found)
    return standings.run(
        [(breach, graph_of(chosen, breach)) for breach in found],
        by=by,
        replicates=replicates,
        seed=seed,
        horizon_years=horizon_years,
        posterior=posterior_of(*found, calibrated=calibrated),
        readings=None if readings is None else listed(readings, "readings"),
        refused=sum(len(each.refused) for each in several if isinstance(each, Import)),
        progress=progress,
    )
