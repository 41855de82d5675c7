"""Sums of heavy-tailed losses: the largest are drawn exactly, the rest from truncated moments.

A victim's loss is lognormal. For one attack in one segment, the 16 largest losses are drawn exactly, as
order statistics. The sum of the others, all below the sixteenth, is drawn from a normal distribution with
the exact moments of the truncated lognormal. With 16 victims or fewer, every loss is drawn exactly. At shape
2 the largest losses carry most of the random variation, so 16 draws replace n.

Not here: tables of who bears the loss (a fixed split, applied afterwards).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.draws.hypergeometric import STEP, picked
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.draws.streams import uniforms
from breach_sim.engine.granted import ClassLaw, Number, never
from breach_sim.engine.law import Law
from breach_sim.engine.segment_law import SegmentLaw
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.attacks import Attack
from breach_sim.inputs.graph import AttackGraph

CHUNK = 1 << 9
"""Replicates computed at once: their arrays stay in the processor's cache."""
SUMS = ("loss", "square", "hours", "person", "lender", "others")
"""Harm of chains that adds; of squares, what adds are the variances."""
LENDERS = ("lender", "bank")
"""Bearers of a loss that are counted as lenders."""
EXACT = 16
"""How many of the largest losses are drawn one by one."""
_AT_ONCE = 1 << 16
"""Losses of segments, segments times replicates, that are split side by side: it bounds the memory."""


def draw_losses(
    chances: Array, victims: NDArray[np.int64], mean: Array, sigma: Array, limit: Array | None = None
) -> Array:
    """Draw the total loss of a number of victims, per replicate.

    Parameters
    ----------
    chances
        Uniform numbers of this attack and segment: one for each of the largest losses, in order, and one for
        the sum of the others. Shape (R, 17). (0, 1)
    victims
        Number of victims. Shape (R,). [0, inf)
    mean
        Mean loss of a victim. Shape (R,). [USD/victim]
    sigma
        Standard deviation of the logarithm. Shape (R,). [log-USD]
    limit
        Normal score of the quantile at which the lognormal is truncated above; not truncated if None. The
        mean is that before the truncation. Shape (R,).

    Returns
    -------
    Total loss. Shape (R,). [USD]. Exactly 0 if there is no victim or the mean is 0.

    Notes
    -----
    The largest of n uniforms are exp(-E_1/n), exp(-E_1/n - E_2/(n-1)), ... with exponential E, the negative
    logarithms of the uniform numbers. The rest is a normal quantile, clipped to [0, (n - 16) x sixteenth
    loss], because it could leave this range. Each replicate reads its own row of uniform numbers, so its loss
    does not depend on the victims of other replicates.
    """
    total = np.zeros(len(victims))
    for start in range(0, len(victims), CHUNK):
        part = slice(start, start + CHUNK)
        some = start + np.flatnonzero((victims[part] > 0) & (mean[part] > 0))
        if len(some):
            # Rows side by side are read where they are; others are copied out.
            rows = part if len(some) == len(total[part]) else some
            count = victims[rows].astype(np.float64)
            cut = None if limit is None else limit[rows]
            total[rows] = mean[rows] * _drawn(chances[rows], count, sigma[rows], cut)
    return total


def split_losses(
    chances: Array,
    loss: Array,
    victims: NDArray[np.int64],
    mean: Array,
    sigma: Array,
    name: tuple[str, ...],
    seed: int,
) -> Array:
    """Split the loss of an attack in a pool of like segments over these.

    Parameters
    ----------
    chances
        Uniform numbers with which the loss was drawn. Shape (R, 17). (0, 1)
    loss
        Loss of the pool. Shape (R,). [USD]
    victims
        Victims in each segment. Shape (S, R).
    mean, sigma
        As for :func:`draw_losses`.
    name, seed
        First parts of the names of the random streams, and their seed.

    Returns
    -------
    Loss of each segment; they sum to that of the pool. Shape (S, R). [USD]

    Notes
    -----
    The largest losses belong to victims picked at random. The sum of the others is split in proportion to
    sums that each segment draws for itself, of losses below the smallest of these.
    """
    lost = np.zeros(victims.shape)
    step = max(1, _AT_ONCE // len(victims) // STEP) * STEP
    for first in range(0, len(loss), step):
        rows = slice(first, first + step)
        whole = victims[:, rows].sum(axis=0)
        some = np.flatnonzero((whole > 0) & (mean[rows] > 0))
        if len(some):
            count = whole[some].astype(np.float64)
            largest, _, score = _largest(chances[rows][some, :EXACT], count, sigma[rows][some])
            left, money = victims[:, rows].copy(), mean[rows][some, None] * largest
            owners = picked(np.minimum(whole, EXACT), left, (*name, "largest"), seed, first)[:, some]
            for own, usd in zip(owners, money.T, strict=True):
                there = np.flatnonzero(own >= 0)
                lost[own[there], first + some[there]] += usd[there]
                left[own[there], some[there]] -= 1
            others = np.where(whole > EXACT, loss[rows] - lost[:, rows].sum(axis=0), 0.0)
            limit = np.zeros(len(whole))
            limit[some] = score
            lost[:, rows] += np.maximum(others, 0.0) * _weights(left, sigma[rows], limit, name, seed, first)
    return lost


def _weights(
    left: NDArray[np.int64], sigma: Array, limit: Array, name: tuple[str, ...], seed: int, first: int
) -> Array:
    """Shares in a sum of losses below a limit that segments with so many victims left draw. Shape (S, R)."""
    size = (left.shape[1], left.shape[0], EXACT + 1)
    chances = uniforms(seed, *name, "others", size=left.size * size[2], skip=first * left.shape[0] * size[2])
    each = [np.repeat(own, left.shape[0]) for own in (sigma, limit)]
    drawn = draw_losses(chances.reshape(-1, size[2]), left.T.ravel(), np.ones(left.size), *each)
    found = drawn.reshape(size[:2]).T
    whole = found.sum(axis=0)
    return np.asarray(found / np.where(whole > 0, whole, 1.0))


def _drawn(chances: Array, count: Array, shape: Array, limit: Array | None) -> Array:
    """Total loss of some victims, at least one, for mean 1. Shape (R,)."""
    from scipy.special import ndtri

    losses, there, score = _largest(chances[:, :EXACT], count, shape, limit)
    sums: Array = losses.sum(axis=1, where=there)
    last = losses[:, -1]
    many = np.flatnonzero(count > EXACT)
    if len(many):
        rest = count[many] - EXACT
        below, spread = truncated_moments(score[many], shape[many])
        drawn = rest * below + np.sqrt(rest) * spread * ndtri(chances[many, EXACT])
        sums[many] += np.clip(drawn, 0.0, rest * last[many])
    return sums


def _largest(
    chances: Array, count: Array, shape: Array, limit: Array | None = None
) -> tuple[Array, NDArray[np.bool_] | np.bool_, Array]:
    """Largest losses for mean 1, shape (R, 16), which of them there are, and the score of the sixteenth."""
    from scipy.special import ndtr, ndtri

    # Renyi's order statistics: the largest of n uniforms is exp(-E_1/n), the next adds the spacing
    # E_2/(n - 1), and so on. So 16 exponentials give the 16 largest of any number of losses.
    places = np.arange(EXACT)
    spacings = np.log(chances)
    spacings /= np.minimum(places - count[:, None], -1.0)
    # In place from here on, as the array is the largest of a run.
    above = np.cumsum(spacings, axis=1, out=spacings)
    for change in (np.negative, np.expm1, np.negative):
        change(above, out=above)
    if limit is not None:
        above *= ndtr(limit)[:, None]
        above += ndtr(-limit)[:, None]
    # 1 - 2**-53 keeps a score finite if a spacing underflows.
    np.minimum(above, 1.0 - 2.0**-53, out=above)
    if count.min() >= EXACT:
        there: NDArray[np.bool_] | np.bool_ = np.True_
        scores = ndtri(above, out=above)
    else:
        there = places < count[:, None]
        scores = ndtri(above, out=np.zeros(there.shape), where=there)
    np.negative(scores, out=scores)
    score = scores[:, -1].copy()
    scores *= shape[:, None]
    scores -= shape[:, None] ** 2 / 2
    np.exp(scores, out=scores)
    return scores, there, score


def truncated_moments(score: Array, sigma: Array) -> tuple[Array, Array]:
    """Return the moments of a lognormal of mean 1, truncated above at one of its quantiles.

    Parameters
    ----------
    score
        Normal score of the quantile. Shape (R,).
    sigma
        Standard deviation of the logarithm. Shape (R,).

    Returns
    -------
    Mean and standard deviation. Shape (R,) each.
    """
    from scipy.special import log_ndtr

    whole = log_ndtr(score)
    mean = np.exp(log_ndtr(score - sigma) - whole)
    # In logarithms: far in the tail both probabilities underflow, but their quotient does not.
    square = np.exp(sigma**2 + log_ndtr(score - 2 * sigma) - whole)
    return mean, np.sqrt(np.maximum(square - mean**2, 0.0))


def moments(mean: Array, sigma: Array) -> tuple[Array, Array]:
    """Return the first and second moments of a victim's loss.

    Parameters
    ----------
    mean, sigma
        Mean and shape of the lognormal. Shape (R,). [USD/victim], [log-USD]

    Returns
    -------
    E[X] and E[X^2]. Shape (R,) each. [USD], [USD^2]
    """
    return mean, mean**2 * np.exp(sigma**2)  # equation (19)


def mean_loss(
    parameters: Parameters,
    graph: AttackGraph,
    attack: Attack,
    factors: Mapping[str, Array],
    *,
    chance: Number = 1.0,
) -> Array:
    """Return the mean loss of a victim: severity times anchor factor times the common driver.

    Parameters
    ----------
    parameters
        Draws of the parameters.
    graph
        The attacks, with their common drivers.
    attack
        The attack that the victim suffers.
    factors
        Anchor factor by follow-on; an attack without one has factor 1. Shape (R,) each. [1]
    chance
        Probability of being a victim, to get the expected loss of an account instead. Shape
        (R,). [0, 1]

    Returns
    -------
    Shape (R,). [USD/victim], or [USD/account] with a chance
    """
    mean = chance * parameters(attack.severity) * factors.get(attack.name, np.ones(1))
    # Equations (30) and (41), after the anchor: a published mean loss errs with the others.
    for factor in graph.on_loss(attack):
        mean = mean * parameters(factor)
    return mean


def anchor_factors(law: Law, laws: Mapping[str, SegmentLaw]) -> dict[str, Array]:
    """Return the factors that scale the severities of follow-ons to the published mean loss.

    Parameters
    ----------
    law
        Scenario, graph and parameters.
    laws
        Law of each segment, by name.

    Returns
    -------
    By follow-on. Shape (R,); 1 if nothing is lost through the anchoring attack.
    """
    factors: dict[str, Array] = {}
    for attack in law.graph.attacks:
        if attack.anchor is None:
            continue
        anchored, lost = np.zeros(1), np.zeros(1)
        for segment, accounts in law.unlike():
            own = laws[segment.name]
            anchored = anchored + accounts * own.victim.get(attack.name, np.zeros(1))
            for name in attack.anchor.follow_ons:
                both = own.anchored.get((attack.name, name), np.zeros(1))
                lost = lost + accounts * both * law.parameters(law.graph[name].severity)
        target = law.parameters(attack.anchor.mean_loss) * anchored
        # Equation (11). Without losses through the anchoring attack there is nothing to scale: factor 1.
        factor = np.where(lost > 0, target / np.where(lost > 0, lost, 1.0), 1.0)
        factors |= dict.fromkeys(attack.anchor.follow_ons, factor)
    return factors


def joint_second_moment(
    law: Law, means: Mapping[str, Array], squares: Mapping[str, Array]
) -> tuple[Array, Array]:
    """Return the mean and variance of the total loss, given the parameters.

    Parameters
    ----------
    law
        Scenario, graph and parameters.
    means, squares
        First and second moment of the severity by attack. Shape (R,). [USD], [USD^2]

    Returns
    -------
    E[L | theta] and Var(L | theta) = sum of n (E[l^2] - E[l]^2) over segments. Shape (R,) each.
    """
    size = law.parameters.replicates
    total, variance = np.zeros(size), np.zeros(size)
    for segment, accounts in law.unlike():
        first, second = np.zeros(size), np.zeros(size)
        for group in law.classes(segment):
            if not any(group.routes.values()):
                continue
            own = law.class_law(segment, group)
            for granted, chance in own.possible:
                mean, square = moments_given(chances_given(own, law.graph, granted), means, squares)
                share = group.weight * chance
                first = first + share * mean
                second = second + share * square
        total = total + accounts * first
        # Equation (21): accounts are independent given the parameters.
        variance = variance + accounts * (second - first**2)
    return total, variance


def chances_given(own: ClassLaw, graph: AttackGraph, granted: int) -> list[tuple[str, Number]]:
    """Return the probability of each attack for an account of a class, given the set H.

    Parameters
    ----------
    own
        Law of the class.
    graph
        The attacks.
    granted
        The set H, a bit for each granting attack.

    Returns
    -------
    Names and probabilities of the attacks that can happen: 0.0 or 1.0 for a granting attack, else a number
    or shape (R,). Given H they are independent.
    """
    hit: dict[str, Number] = {
        attack.name: float(granted >> number & 1) for number, attack in enumerate(graph.granting)
    }
    chances = ((name, hit[name] if name in hit else own.victim[name][granted]) for name in graph.names)
    return [(name, chance) for name, chance in chances if not never(chance)]


def moments_given(
    chances: Iterable[tuple[str, Number]], means: Mapping[str, Array], squares: Mapping[str, Array]
) -> tuple[Array, Array]:
    """Return the first and second moments of an account's loss from independent attacks.

    Parameters
    ----------
    chances
        Name and probability of each attack.
    means, squares
        First and second moment of the severity by attack. Shape (R,). [USD], [USD^2]

    Returns
    -------
    E[l] and E[l^2]. Shape (R,) or (1,) each. [USD], [USD^2]
    """
    mean, variance = np.zeros(1), np.zeros(1)
    for name, chance in chances:
        lost = chance * means[name]
        mean = mean + lost
        # Var(1{hit} X) = p E[X^2] - (p E[X])^2, and variances of independent attacks add.
        variance = variance + chance * squares[name] - lost**2
    return mean, variance + mean**2


@dataclass(frozen=True, slots=True)
class ChainHarm:
    """Harm that one chain does to one account, given the parameters.

    Parameters
    ----------
    sums
        What adds over chains, in the order of :data:`SUMS`: mean and variance of its loss, hours lost, and
        the mean of its loss that people bear, that lenders and banks bear, and that others bear. Shape
        (6, R). [USD], [USD^2], [hours], [USD], [USD], [USD]
    spared
        Probability of not being a victim of any attack of the chain. Shape (R,).
    """

    sums: Array
    spared: Array

    @property
    def loss(self) -> Array:
        """Mean of its loss [USD]. Shape (R,)."""
        return np.asarray(self.sums[0])


def chain_harm(law: Law, victim: Mapping[str, tuple[Array, Array, Array]]) -> ChainHarm:
    """Return the harm to one account: the sum over its classes and the sets of granted attacks.

    Parameters
    ----------
    law
        Of one segment with one account.
    victim
        First and second moment of a victim's loss, and the hours lost, by attack. Shape (R,) each.

    Returns
    -------
    What all attacks of the law do to the account.
    """
    size = law.parameters.replicates
    sums, square, spared = np.zeros((len(SUMS), size)), np.zeros(size), np.zeros(size)
    loss, _, hours, sides = *sums[:3], sums[3:]
    means = {name: first for name, (first, _, _) in victim.items()}
    squares = {name: second for name, (_, second, _) in victim.items()}
    shares = {attack.name: _shares_of_sides(attack.borne) for attack in law.graph.attacks}
    (cell,) = law.scenario.segments
    for group in law.classes(cell):
        own = law.class_law(cell, group)
        for granted, chance in own.possible:
            weight = group.weight * chance
            given = chances_given(own, law.graph, granted)
            first, second = moments_given(given, means, squares)
            loss += weight * first
            square += weight * second
            time, escaped = np.zeros(1), np.ones(1)
            for name, hit in given:
                time = time + hit * victim[name][2]
                own_loss = weight * hit * means[name]
                for side, share in enumerate(shares[name]):
                    if share:
                        sides[side] += share * own_loss
                # Given the granted set, attacks are independent, so the chances of escaping them multiply.
                escaped = escaped * (1.0 - hit)
            hours += weight * time
            spared += weight * escaped
    sums[1] = np.maximum(square - loss**2, 0.0)
    return ChainHarm(sums, spared)


def _shares_of_sides(borne: Mapping[str, float]) -> tuple[float, float, float]:
    """Share of a loss that people bear, that lenders and banks bear, and that others bear."""
    person, lender = borne.get("person", 0.0), sum(borne.get(who, 0.0) for who in LENDERS)
    return person, lender, sum(part for who, part in borne.items() if who not in {"person", *LENDERS})
