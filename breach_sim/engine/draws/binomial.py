"""Binomial counts by inversion: one uniform number gives one count, whatever NumPy is installed.

The count of a uniform number u is the smallest k with F(k) >= u, F being the distribution function of
Binomial(n, p). It rises with u, with p and with n. Means up to 10 are counted up from zero. Larger ones start
from the expansion of Cornish and Fisher with the cumulants up to the sixth, and the incomplete beta function
decides where the expansion comes too close to a step of F to tell (about one count in a thousand).

Accuracy: the step from k to k + 1 is at F(k) within 1e-11 times the smaller of F(k) and 1 - F(k), or within
2**-49 where that is more. Uniform numbers themselves are multiples of 2**-53. This holds for n up to 10**13.

Not here: names of streams (``streams``), and which counts are drawn (``engine.counts``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.arrays import Array, Counts

FEW = 10.0
"""Largest mean that is counted up from zero: about as many steps as the mean."""
SPREAD = 5e-3
"""Error of the expansion, in counts, is below this times (1 + z**2)**3 / variance**2: four times the largest
one found, on a grid of means from 10 and all p up to 1/2."""
ROUNDING = 2.0**-48
"""Relative rounding error of the expansion."""
NEGLIGIBLE = 1e-12
"""Relative error of the distribution function below which the expansion decides alone."""
CHUNK = 1 << 13
"""Counts computed at once: their arrays stay in the processor's cache."""
_LARGEST = 1.0 - 2.0**-53
_NOTHING = 2.0**-60
"""A term of the distribution function that no sum of them can notice."""


def binomial_quantile(chance: Array, number: Counts, probability: Array) -> Counts:
    """Return the count of Binomial(number, probability) at a uniform number.

    Parameters
    ----------
    chance
        Uniform numbers u. Shape (...,). (0, 1)
    number
        Number of trials n. Shape (...,). [0, 10**13]
    probability
        Probability of each trial p. Shape (...,), broadcast against the others. [0, 1]

    Returns
    -------
    The smallest k with P(count <= k) >= u. Shape (...,). [0, n]
    """
    shape = np.broadcast_shapes(chance.shape, number.shape, probability.shape)
    u, p = np.broadcast_to(chance, shape).reshape(-1), np.broadcast_to(probability, shape).reshape(-1)
    n = np.broadcast_to(number, shape).reshape(-1)
    counts = np.empty(len(u), dtype=np.int64)
    for start in range(0, len(u), CHUNK):
        part = slice(start, start + CHUNK)
        counts[part] = _quantile(u[part], n[part], p[part])
    return counts.reshape(shape)


def _quantile(chance: Array, number: Counts, probability: Array) -> Counts:
    """Counts of one chunk. Shape (size,)."""
    # More than half: count the failures, from the other end of the uniform numbers.
    flipped = probability > 0.5  # noqa: PLR2004 - one half
    if flipped.any():
        probability = np.where(flipped, 1.0 - probability, probability)
        chance = np.where(flipped, np.minimum(1.0 - chance, _LARGEST), chance)
    trials = number.astype(np.float64)
    mean = trials * probability
    many = mean > FEW
    if many.all():
        counts = _expanded(chance, trials, probability)
    else:
        counts = np.zeros(len(chance), dtype=np.int64)
        # P(0) >= 1 - mean, so that most counts of a small mean are zero without any sum.
        for where, count in ((~many & (chance > 1.0 - mean), _counted), (many, _expanded)):
            places = np.flatnonzero(where)
            if len(places):
                counts[places] = count(chance[places], trials[places], probability[places])
    return np.where(flipped, number - counts, counts) if flipped.any() else counts


def _counted(chance: Array, number: Array, probability: Array) -> Counts:
    """Add up P(0), P(1), ... until the sum reaches the uniform number."""
    counts = np.zeros(len(chance), dtype=np.int64)
    term = np.exp(number * np.log1p(-probability))
    total, odds = term.copy(), probability / (1.0 - probability)
    open_ = np.flatnonzero(total < chance)
    places = np.arange(len(chance))
    k = 0
    while len(open_):
        chance, number, odds = chance[open_], number[open_], odds[open_]
        term, total = term[open_], total[open_]
        places = places[open_]
        k += 1
        term = term * (odds * (number - (k - 1)) / k)
        total = total + term
        counts[places] = k
        # Rounding can keep the sum below a uniform number next to 1; a term of nothing ends it.
        open_ = np.flatnonzero((total < chance) & (number > k) & ((term > _NOTHING) | (k < FEW)))
    return counts


def _expanded(chance: Array, number: Array, probability: Array) -> Counts:
    """Invert the expansion; where a step of F is within its error, ask the incomplete beta function."""
    from scipy.special import ndtri

    score = ndtri(chance)
    variance = number * probability * (1.0 - probability)
    deviation = np.sqrt(variance)
    offset = _offset(score, variance, probability)
    whole, rest = _product(number, probability)
    # P(count <= k) is the smooth law at k + 1/2.
    above = rest + offset - 0.5
    counts = whole + np.ceil(above)
    spread = 1.0 + np.abs(score)
    far = 1.0 + score**2  # a cube by products takes a tenth of the time of a power
    error = SPREAD * (far * far * far) / variance**2 + ROUNDING * spread * deviation
    step = np.rint(above)
    # One count changes F by at most its distance from 0 and 1 times (1 + |z|) / standard deviation.
    matters = error * spread > NEGLIGIBLE * deviation
    doubtful = np.flatnonzero((np.abs(above - step) < error) & matters)
    if len(doubtful):
        counts[doubtful] = _searched(
            chance[doubtful], number[doubtful], probability[doubtful], (whole + step)[doubtful]
        )
    return np.clip(counts, 0.0, number).astype(np.int64)


def _offset(z: Array, variance: Array, p: Array) -> Array:
    """Quantile of the smooth law around the mean, in counts: Cornish and Fisher to the sixth cumulant."""
    # Sums over whole numbers are integrals from and to halves, if the even cumulants of a uniform number of
    # width 1 are taken off: 1/12, -1/120, 1/252 (Sheppard, with the sign of a sum).
    pq, lean = p * (1.0 - p), 1.0 - 2.0 * p
    second = variance - 1.0 / 12.0
    scale, square = np.sqrt(second), second * second
    a = variance * lean / (second * scale)
    b = (variance * (1.0 - 6.0 * pq) + 1.0 / 120.0) / square
    c = variance * lean * (1.0 - 12.0 * pq) / (square * scale)
    d = (variance * (1.0 - pq * (30.0 - 120.0 * pq)) - 1.0 / 252.0) / (square * second)
    z2 = z * z
    h2, h3, h4, h5 = z2 - 1.0, z * (z2 - 3.0), z2 * (z2 - 6.0) + 3.0, z * (z2 * (z2 - 10.0) + 15.0)
    a2 = a * a
    x = z + a * h2 / 6.0 + b * h3 / 24.0 - a2 * (2.0 * h3 + z) / 36.0
    x += c * h4 / 120.0 - a * b * (h4 + h2) / 24.0 + a2 * a * (12.0 * h4 + 19.0 * h2) / 324.0
    x += d * h5 / 720.0 - b * b * (3.0 * h5 + 6.0 * h3 + 2.0 * z) / 384.0
    x -= a * c * (2.0 * h5 + 3.0 * h3) / 180.0
    x += a2 * b * (14.0 * h5 + 37.0 * h3 + 8.0 * z) / 288.0
    x -= a2 * a2 * (252.0 * h5 + 832.0 * h3 + 227.0 * z) / 7776.0
    return scale * x


def _product(number: Array, probability: Array) -> tuple[Array, Array]:
    """Return n times p as a whole number and a rest, without the rounding of the product (Dekker)."""
    n_high, n_low = _split(number)
    p_high, p_low = _split(probability)
    product = number * probability
    missing = ((n_high * p_high - product) + n_high * p_low + n_low * p_high) + n_low * p_low
    whole = np.floor(product)
    return whole, (product - whole) + missing


def _split(values: Array) -> tuple[Array, Array]:
    """Return two halves of the digits, whose products with other halves are exact."""
    wide = values * 134_217_729.0  # 2**27 + 1
    high = wide - (wide - values)
    return high, values - high


def _searched(chance: Array, number: Array, probability: Array, start: Array) -> Array:
    """Walk from a start to the smallest k with F(k) >= u."""
    counts = np.clip(start, 0.0, number)
    reached = _reaches(counts, chance, number, probability)
    # Down while one less reaches u too; up until u is reached.
    for move, wanted in ((-1.0, True), (1.0, False)):
        walking = np.flatnonzero(reached == wanted)
        while len(walking):
            there = counts[walking] + move
            inside = (there >= 0.0) & (there <= number[walking])
            walking, there = walking[inside], there[inside]
            reach = _reaches(there, chance[walking], number[walking], probability[walking])
            if wanted:
                walking, there = walking[reach], there[reach]
                counts[walking] = there
            else:
                counts[walking] = there
                walking = walking[~reach]
    return counts


def _reaches(counts: Array, chance: Array, number: Array, probability: Array) -> NDArray[np.bool_]:
    """Whether P(count <= k) >= u."""
    from scipy.special import betaincc

    below = betaincc(counts + 1.0, np.maximum(number - counts, 0.5), probability)
    return np.asarray((below >= chance) | (counts >= number))
