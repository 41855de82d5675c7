"""Names looked up: what the verbs share about scenarios, attacks and mitigations given by name.

Not here: the verbs themselves, and the reading of files (``catalog``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from breach_sim import catalog
from breach_sim.formatting.messages import shown
from breach_sim.inputs.firm.ledger import FirmCosts
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.lookups import Lookups
from breach_sim.inputs.mitigations import Mitigation
from breach_sim.inputs.numbers.overrides import Overrides
from breach_sim.inputs.numbers.posterior import Posterior
from breach_sim.inputs.scenario import Scenario

ScenarioLike: TypeAlias = str | Path | Scenario
"""A scenario, its name in the catalog, or the path of a ``.toml`` file."""
ElsewhereLike: TypeAlias = Lookups | str | Path | None
"""Look-ups, "catalog", the path of a ``.toml`` file, or None (also "none") for nothing."""
AttacksLike: TypeAlias = AttackGraph | Iterable[str] | None
"""An attack graph, names of attacks of the catalog, or None for all that the leaked fields enable."""


def attacks_of(*scenarios: ScenarioLike, elsewhere: ElsewhereLike = catalog.CATALOG) -> AttackGraph:
    """Attacks of the catalog that the leaked fields of one or several breaches enable.

    Parameters
    ----------
    *scenarios
        Names of scenarios of the catalog, paths of ``.toml`` files, or scenarios.
    elsewhere
        What can be looked up about a person; as for :func:`simulate`.

    Returns
    -------
    The graph that :func:`simulate` uses by default. It holds the attacks with a route that the fields of all
    segments together satisfy, look-ups and follow-on attacks included, and the attacks that are background
    only. An attack that cannot hit people of the countries of the breach counts as background only.

    Raises
    ------
    ValueError
        If a name is unknown.

    Examples
    --------
    >>> len(attacks_of("stated").attacks) < len(catalog.load_attacks().attacks)
    True
    """
    return catalog.attacks_for(*(catalog.scenario_of(each) for each in scenarios), elsewhere=elsewhere)


def graph_of(
    attacks: AttacksLike,
    scenario: Scenario | None = None,
    elsewhere: ElsewhereLike = catalog.CATALOG,
    overrides: Overrides | None = None,
) -> AttackGraph:
    """The attack graph that a user asked for.

    Parameters
    ----------
    attacks
        A graph, which is returned with its own look-ups unless others are given; names of attacks of the
        catalog; or None for all.
    scenario
        If given, only attacks that its leaked fields enable. An attack asked for by name that they do not
        enable stays, with all steps before it: its counts are zeros.
    elsewhere
        What can be looked up about a person; as for :func:`simulate`.
    overrides
        Numbers and attacks of the user's own where no scenario brings them.

    Returns
    -------
    The graph.

    Raises
    ------
    ValueError
        If a name is unknown, or there is none.
    """
    if isinstance(attacks, AttackGraph):
        own = elsewhere == catalog.CATALOG
        return attacks if own else dataclasses.replace(attacks, lookups=catalog.look_ups_of(elsewhere))
    countries = () if scenario is None else scenario.dossier.countries
    changed = (overrides or Overrides()) if scenario is None else scenario.overrides
    whole = catalog.attacks_in(countries, elsewhere=elsewhere, overrides=changed)
    possible = whole if scenario is None else attacks_of(scenario, elsewhere=elsewhere)
    if attacks is None:
        return possible
    names = [attacks] if isinstance(attacks, str) else list(attacks)
    return (possible if set(names) <= set(possible.names) else whole).only(names)


def mitigations_of(
    mitigations: str | Mitigation | Iterable[str | Mitigation], scenario: Scenario | None = None
) -> list[Mitigation]:
    """Mitigations, by name or as they are.

    Parameters
    ----------
    mitigations
        One or several names of the catalog, or mitigations.
    scenario
        Whose own mitigations and numbers count as well.

    Returns
    -------
    The mitigations, in order.

    Raises
    ------
    ValueError
        If a name is unknown.
    """
    several = (
        [mitigations] if isinstance(mitigations, (str, Mitigation)) else listed(mitigations, "mitigations")
    )
    own = None if scenario is None else scenario.overrides
    for each in several:
        if not isinstance(each, (str, Mitigation)):
            raise ValueError(  # noqa: TRY004 - every refusal of an input is a ValueError
                f"a mitigation is {shown(each)}; give its name, such as 'credit-freeze', or a Mitigation"
            )
    return [each if isinstance(each, Mitigation) else catalog.load_mitigation(each, own) for each in several]


def listed(things: Any, what: str) -> list[Any]:
    """What a user gave as several things.

    Parameters
    ----------
    things
        An iterable, or what was given in its place.
    what
        Name of the argument, for the message.

    Returns
    -------
    The things, in their order.

    Raises
    ------
    ValueError
        If it cannot be gone through.
    """
    if not isinstance(things, Iterable):
        raise ValueError(f"{what} is {shown(things)}; give a list")  # noqa: TRY004 - see mitigations_of
    return list(things)


def switched(name: str, value: Any) -> bool:
    """A switch, which nothing but True and False is read as.

    Parameters
    ----------
    name, value
        Argument, and what was given.

    Returns
    -------
    The value.

    Raises
    ------
    ValueError
        If it is another value.
    """
    if not isinstance(value, bool):
        raise ValueError(f"{name} is {shown(value)}; give True or False")  # noqa: TRY004 - see mitigations_of
    return value


def posterior_of(*scenarios: Scenario, calibrated: bool) -> Posterior | None:
    """Rows that a run draws fitted parameters from.

    Parameters
    ----------
    *scenarios
        What is run. Parameters that a user replaced have no fitted rows.
    calibrated
        Whether there are any.

    Returns
    -------
    Those of the catalog; None draws every parameter from its prior.

    Raises
    ------
    ValueError
        If the rows of the catalog do not belong to its data, or the switch is none.
    """
    if not switched("calibrated", calibrated):
        return None
    unfitted = {name for scenario in scenarios for name in scenario.overrides.unfitted}
    return catalog.load_posterior().without(unfitted)


def firm_of(scenario: Scenario) -> FirmCosts | None:
    """Numbers of the firm's ledger for a scenario.

    Parameters
    ----------
    scenario
        Any.

    Returns
    -------
    Those of the catalog, with the user's own in their place; None for combined breaches, in which each firm
    notifies and pays for its own.
    """
    return None if scenario.universe else catalog.firm_with(scenario.overrides)


def ledger_of(firm: Any, scenario: Scenario) -> FirmCosts | None:
    """Numbers of the firm's ledger that a user gave, or those for a scenario.

    Parameters
    ----------
    firm
        As ``load_firm`` returns them; None for those of the scenario.
    scenario
        Any.

    Returns
    -------
    The numbers.

    Raises
    ------
    ValueError
        If something else was given.
    """
    if firm is None:
        return firm_of(scenario)
    if not isinstance(firm, FirmCosts):
        raise ValueError(  # noqa: TRY004 - see mitigations_of
            f"firm is {shown(firm)}; give the numbers of the firm's ledger as load_firm() returns them: "
            "change those with dataclasses.replace(load_firm(), ...), or leave firm out"
        )
    return firm


def with_overrides(scenario: ScenarioLike, source: str | Path | Mapping[str, Any]) -> Scenario:
    """Give a scenario numbers of your own, in place of the catalog's, which every run of it takes.

    Parameters
    ----------
    scenario
        Name of a scenario of the catalog, path of a ``.toml`` file, or a scenario.
    source
        Path of an overrides file (docs/overrides.md), or its contents as a mapping: parameters scaled,
        shifted or replaced, lines of the firm's ledger, own attacks and mitigations, each with a reason.

    Returns
    -------
    A new scenario. What was changed has the status "user" in every table, and is in the hash of the inputs.

    Raises
    ------
    ValueError
        If the scenario or a parameter is unknown, a reason is missing, or a change is not possible; with
        file, key, value, rule and remedy.

    Examples
    --------
    >>> changed = with_overrides(
    ...     "stated", {"attacks.sim_swap.success": {"scale": 0.5, "reason": "our carriers ask for a PIN"}}
    ... )
    >>> changed.notes[-1]
    "Numbers of the user's own: attacks.sim_swap.success scaled by 0.5 (our carriers ask for a PIN)."
    """
    return catalog.with_overrides(catalog.scenario_of(scenario), source)
