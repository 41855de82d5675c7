"""Sums of heavy-tailed losses: the largest few exact, the rest by their truncated moments.

A victim's loss is lognormal. Of the losses of one attack in one segment the 16 largest are drawn exactly, as
order statistics; the sum of the others, given that they lie below the sixteenth, is drawn from a normal
distribution with the exact moments of the truncated lognormal. With 16 victims or fewer all are exact. At
shape 2 the largest losses carry most of the luck, so this costs 16 draws where n would be needed.

Not here: who bears the loss (a fixed split, made afterwards), or what a loss depends on besides its attack.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.granted import ClassLaw, Number, never
from breach_sim.engine.law import Law
from breach_sim.engine.parameters import Parameters
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.attacks import Attack
from breach_sim.inputs.graph import AttackGraph

EXACT = 16
"""How many of the largest losses are drawn one by one."""


def draw_losses(
    generator: np.random.Generator, victims: NDArray[np.int64], mean: Array, sigma: Array
) -> Array:
    """Total loss of a number of victims, per replicate.

    Parameters
    ----------
    generator
        Stream of this attack and segment.
    victims
        Number of victims. Shape (R,). [0, inf)
    mean
        Mean loss of a victim. Shape (R,). [USD/victim]
    sigma
        Standard deviation of the logarithm. Shape (R,). [log-USD]

    Returns
    -------
    Total loss. Shape (R,). [USD]. Exactly 0 where there is no victim or the mean is 0.

    Notes
    -----
    The largest of n uniforms are exp(-E_1/n), exp(-E_1/n - E_2/(n-1)), ... with exponential E. The rest
    is kept between 0 and (n - 16) times the sixteenth loss, which the normal law alone would not do.
    """
    total = np.zeros(len(victims))
    some = np.flatnonzero((victims > 0) & (mean > 0))
    if not len(some):
        return total
    count, scale, shape = victims[some].astype(np.float64), mean[some], sigma[some]
    largest, scores = _largest(generator, count, shape)
    sums = np.sum(largest, axis=0, where=np.arange(EXACT)[:, None] < count)
    rest = count - EXACT
    noise = generator.standard_normal(len(some))
    many = np.flatnonzero(rest > 0)
    if len(many):
        below, spread = truncated_moments(scores[many], shape[many])
        drawn = rest[many] * below + np.sqrt(rest[many]) * spread * noise[many]
        sums[many] += np.clip(drawn, 0.0, rest[many] * largest[-1, many])
    total[some] = scale * sums
    return total


def _largest(generator: np.random.Generator, count: Array, shape: Array) -> tuple[Array, Array]:
    """The largest losses of mean 1, falling, and the normal score of the last. Shapes (16, R), (R,)."""
    from scipy.special import ndtri

    # Order statistics by Renyi: the largest of n uniforms is exp(-E_1/n), the next one has a further spacing
    # E_2/(n - 1), and so on; so that 16 exponentials give the 16 largest of any number.
    spacings = generator.standard_exponential((EXACT, len(count)))
    left = np.maximum(count - np.arange(EXACT)[:, None], 1.0)
    above = -np.expm1(-np.cumsum(spacings / left, axis=0))
    # 1 - 2**-53 keeps a score finite where a spacing underflows.
    scores = -ndtri(np.minimum(above, 1.0 - 2.0**-53))
    return np.exp(shape * scores - shape**2 / 2), scores[-1]


def truncated_moments(score: Array, sigma: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of a lognormal of mean 1 below one of its quantiles.

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
    # In logarithms: far in the tail both probabilities underflow, and their quotient does not.
    square = np.exp(sigma**2 + log_ndtr(score - 2 * sigma) - whole)
    return mean, np.sqrt(np.maximum(square - mean**2, 0.0))


def moments(mean: Array, sigma: Array) -> tuple[Array, Array]:
    """First and second moment of a victim's loss.

    Parameters
    ----------
    mean, sigma
        Mean and shape of the lognormal. Shape (R,). [USD/victim], [log-USD]

    Returns
    -------
    E[X] and E[X^2]. Shape (R,) each. [USD], [USD^2]
    """
    return mean, mean**2 * np.exp(sigma**2)  # equation (18)


def mean_loss(parameters: Parameters, attack: Attack, factors: Mapping[str, Array]) -> Array:
    """Mean loss of a victim of an attack: its severity times its anchor factor.

    Parameters
    ----------
    parameters
        Draws per replicate.
    attack
        The attack.
    factors
        Anchor factors by follow-on; an attack that is not there has the factor 1.

    Returns
    -------
    Shape (R,). [USD/victim]
    """
    return parameters(attack.severity) * factors.get(attack.name, np.ones(1))


def joint_second_moment(
    law: Law, means: Mapping[str, Array], squares: Mapping[str, Array]
) -> tuple[Array, Array]:
    """Mean and variance of the total loss given the parameters.

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
    for segment in law.scenario.segments:
        first, second = np.zeros(size), np.zeros(size)
        for group in law.classes(segment):
            if not any(group.routes.values()):
                continue
            own = law.class_law(segment, group)
            for granted, chance in enumerate(own.granted):
                if not never(chance):
                    given = chances_given(own, law.graph, granted)
                    mean, square = moments_given(given, means, squares)
                    first = first + group.weight * chance * mean
                    second = second + group.weight * chance * square
        total = total + segment.accounts * first
        # Equation (20): accounts are independent given the parameters.
        variance = variance + segment.accounts * (second - first**2)
    return total, variance


def chances_given(own: ClassLaw, graph: AttackGraph, granted: int) -> list[tuple[str, Number]]:
    """Probability of each attack for an account of a class, given the set H of granting attacks.

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
    numbers = {attack.name: number for number, attack in enumerate(graph.granting)}
    chances: list[tuple[str, Number]] = []
    for name in graph.names:
        chance = float(granted >> numbers[name] & 1) if name in numbers else own.victim[name][granted]
        if not never(chance):
            chances.append((name, chance))
    return chances


def moments_given(
    chances: Iterable[tuple[str, Number]], means: Mapping[str, Array], squares: Mapping[str, Array]
) -> tuple[Array, Array]:
    """First and second moment of the loss of an account that independent attacks hit.

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
