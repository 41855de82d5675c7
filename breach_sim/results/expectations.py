"""Expected counts, losses and hours of one run, given the parameters of each replicate: E[X | theta].

Every printed mean is the mean over replicates of an expectation from here; medians and quantiles are those
of the drawn replicates. Luck is integrated out, so that the error of a mean is that of the parameters alone.

No closed form, and therefore means of draws: the mean loss beyond a quantile (``exceedance``), a probability
such as "b is larger", and the lowest or highest of several counts. Quantities that have no luck at all, such
as the cost of the firm, capacity scales, the harm that mitigations avert and complaints, are expectations
already.

Not here: expectations by month (``tables.by_month``), which need the law in time; variances given the
parameters (``tables.uncertainty``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from breach_sim.engine.law import Law
from breach_sim.engine.segment_law import SegmentLaw
from breach_sim.engine.severity import anchor_factors, mean_loss
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.attacks import Attack
from breach_sim.inputs.segment import Segment
from breach_sim.results.replicates import Replicates

OF_ATTACKS = ("attackable", "attempted", "victims", "loss_usd", "hours", "never_otherwise")
"""What is expected by attack."""
OF_ACCOUNTS = ("exposed", "people")
"""What is expected of accounts, whatever the attack."""
DISTINCT = ("victims", "loss_usd", "hours", "never_otherwise")
"""What there is of any attack: accounts count once; money and hours are sums."""
ANY = "any"


def expected(run: Replicates, word: str, attack: str | None = None, segment: str | None = None) -> Array:
    """Return an expectation given the parameters of each replicate.

    Parameters
    ----------
    run
        Arrays of the run.
    word
        "exposed", "people", or by attack "attackable", "attempted", "victims", "loss_usd", "hours",
        "never_otherwise".
    attack
        Name of an attack. None sums over attacks, so that an account counts once for each. "any" counts
        accounts once: its victims are people.
    segment
        Name of a segment. None or "any" sums over all.

    Returns
    -------
    Shape (R,). [accounts], [USD] or [hours]

    Raises
    ------
    ValueError
        If a word, attack or segment is unknown, or the word has no value for that attack.
    """
    _check(run, word, attack, segment)
    if attack == ANY:
        return _of_any(run, word, segment)
    total = np.zeros(run.replicates)
    chosen = run.attacks.attacks if attack is None else (run.attacks[attack],)
    for place, accounts in _places(run, segment):
        law = run.laws[place.name]
        if word in OF_ACCOUNTS:
            total += accounts * (law.people if word == "people" else law.exposed)
        else:
            for one in chosen:
                total += accounts * _of_account(run, law, word, one)
    return total


def spared(run: Replicates, attack: str) -> Array:
    """Return the chance that the background spares a person over the horizon, equation (12).

    Parameters
    ----------
    run
        Arrays of the run.
    attack
        Name of an attack; "any" for the background of people.

    Returns
    -------
    exp(-B) = (1 - b)^Y. Shape (R,). [probability]
    """
    background = run.attacks.people_background if attack == ANY else run.attacks[attack].background
    return np.asarray((1.0 - run.law.parameters(background)) ** run.horizon_years)


def by_bearer(run: Replicates) -> dict[str, Array]:
    """Return the expected loss by bearer, over all attacks.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    By bearer, in alphabetical order; they sum to the expected loss. Shape (R,) each. [USD]
    """
    return borne(run, {attack.name: expected(run, "loss_usd", attack.name) for attack in run.attacks.attacks})


def borne(run: Replicates, losses: Mapping[str, Array]) -> dict[str, Array]:
    """Split losses by attack over their bearers.

    Parameters
    ----------
    run
        Arrays of the run.
    losses
        Loss by attack. Shape (R,) each. [USD]

    Returns
    -------
    By bearer, in alphabetical order. Shape (R,) each. [USD]
    """
    shares: dict[str, Array] = {}
    for attack in run.attacks.attacks:
        for who, share in attack.borne.items():
            shares[who] = shares.get(who, np.zeros(1)) + share * losses[attack.name]
    return dict(sorted(shares.items()))


def expected_part(
    run: Replicates, part: str, word: str, attack: str | None = None, segment: str | None = None
) -> Array:
    """Return the expectation of one part of the harm, given the parameters of each replicate.

    Parameters
    ----------
    run
        Arrays of the run.
    part
        "by_leak_alone", "together" or "replaceable".
    word
        "victims", "people" or "loss_usd".
    attack
        Name of an attack. None sums over attacks; people are those of any attack.
    segment
        Name of a segment. None sums over all.

    Returns
    -------
    The parts sum to the expectation. Shape (R,). [accounts] or [USD]
    """
    total = np.zeros(run.replicates)
    chosen = run.attacks.attacks if attack is None else (run.attacks[attack],)
    for place, accounts in _places(run, segment):
        chances = run.split.chances(part, place.name)
        if word == "people":
            total += accounts * run.laws[place.name].people * run.split.share(part, place.name)
            continue
        for one in chosen:
            chance = chances.get(one.name, np.zeros(1))
            if word == "loss_usd":
                chance = mean_loss(run.law.parameters, run.attacks, one, run.factors, chance=chance)
            total += accounts * chance
    return total


def expected_under(law: Law, of: str = "loss_usd") -> Array:
    """Expected loss or people of a law, anchor factors computed from it.

    Parameters
    ----------
    law
        Scenario, graph, parameters and capacity scales.
    of
        "loss_usd" or "people".

    Returns
    -------
    Shape (R,). [USD] or [accounts]
    """
    laws = {segment.name: law.segment_law(segment) for segment in law.scenario.segments}
    total = np.zeros(law.parameters.replicates)
    factors = anchor_factors(law, laws) if of == "loss_usd" else {}
    for segment in law.scenario.segments:
        own = laws[segment.name]
        if of == "people":
            total = total + law.accounts(segment) * own.people
            continue
        for attack in law.graph.attacks:
            if attack.name in own.victim:
                mean = mean_loss(law.parameters, law.graph, attack, factors)
                total = total + law.accounts(segment) * own.victim[attack.name] * mean
    return total


def _places(run: Replicates, segment: str | None) -> list[tuple[Segment, Array | int]]:
    """Segments that a sum is over, with their accounts; like ones count as one, with the accounts of all."""
    if segment is None or segment == ANY:
        return run.law.unlike()
    return [(run.segments[segment], run.law.accounts(run.segments[segment]))]


def _of_any(run: Replicates, word: str, segment: str | None) -> Array:
    """Expectation of any attack: accounts once, money and hours in all."""
    if word in {"victims", "never_otherwise"}:
        people = expected(run, "people", None, segment)
        return people if word == "victims" else people * spared(run, ANY)
    return expected(run, word, None, segment)


def _of_account(run: Replicates, law: SegmentLaw, word: str, attack: Attack) -> Array:
    """Expectation of one account. Shape (R,) or (1,)."""
    none = np.zeros(1)
    if word == "attackable":
        return law.attackable.get(attack.name, none)
    if word == "attempted":
        return law.attempted.get(attack.name, none)
    chance = law.victim.get(attack.name, none)
    if word == "loss_usd":
        return mean_loss(run.law.parameters, run.attacks, attack, run.factors, chance=chance)
    if word == "hours":
        return np.asarray(chance * run.law.parameters(attack.hours))
    return chance if word == "victims" else np.asarray(chance * spared(run, attack.name))


def _check(run: Replicates, word: Any, attack: Any, segment: Any) -> None:
    """Refuse a name that is not there, and a word that does not go with the attack."""
    words = (*OF_ACCOUNTS, *OF_ATTACKS)
    if word not in words:
        raise ValueError(unknown("word", word, words, "expected"))
    if attack is not None and attack not in {*run.attacks.names, ANY}:
        raise ValueError(unknown("attack", attack, (*run.attacks.names, ANY), "expected"))
    if segment is not None and segment != ANY and segment not in run.segments:
        raise ValueError(unknown("segment", segment, (*run.segments, ANY), "expected"))
    wrong = word in OF_ACCOUNTS and attack not in {None, ANY}
    if wrong or (attack == ANY and word in {"attackable", "attempted"}):
        raise ValueError(
            f"expected({word!r}, attack={attack!r}): there is no such expectation; {', '.join(OF_ACCOUNTS)} "
            f"are of no attack, and of {ANY!r} attack there are {', '.join(DISTINCT)}"
        )
