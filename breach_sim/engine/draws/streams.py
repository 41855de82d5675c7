"""Named random streams: the only module that creates NumPy's generators of random words.

A stream is addressed by ``(seed, name, ...)``, never by the order of calls. A parameter therefore keeps
its draws when another is added, and a what-if shares the draws of its baseline. The key of a stream is the
BLAKE2b digest of the seed and the names. The words are those of the counter-based Philox, as they come: NumPy
keeps them from version to version, but not the distributions that it makes of them. Whatever is drawn here is
therefore a function of uniform numbers made of 53 bits of one word each.

Not here: counts at uniform numbers (``binomial``), points of low discrepancy (``points``).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.messages import shown

MAX_SEED = 2**63 - 1
"""Largest accepted seed."""
_written = json.JSONEncoder().encode
_idle: list[tuple[Any, Any]] = []
"""Generators that nobody uses, each with its state before the first word."""


def check_seed(seed: int) -> int:
    """Return the seed if it is valid.

    Parameters
    ----------
    seed
        Whole number. [0, 2**63)

    Returns
    -------
    The seed as a Python integer.

    Raises
    ------
    ValueError
        If the seed is not a whole number in range.
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= int(seed) <= MAX_SEED:
        raise ValueError(
            f"seed is {shown(seed)}; it must be a whole number from 0 to 2**63 - 1, such as seed=1"
        )
    return int(seed)


def words(seed: int, *name: str, size: int, skip: int = 0) -> NDArray[np.uint64]:
    """Return random words of 64 bits of the stream with this name.

    Parameters
    ----------
    seed
        Whole number. [0, 2**63)
    *name
        Parts of the name, for example ``"luck", "postpaid", "sim_swap"``. ``("a", "b")`` and ``("ab",)``
        are different streams.
    size
        Number of words. More words begin with those of fewer.
    skip
        Words before the first; a multiple of four, which the generator makes at once.

    Returns
    -------
    Shape (size,). [0, 2**64)
    """
    text = f"[{', '.join([str(check_seed(seed)), *map(_written, name)])}]"
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    return _raw(digest, size, skip // 4)


def _raw(key: bytes, size: int, skip: int) -> NDArray[np.uint64]:
    """Words of a new ``np.random.Philox(key=key, counter=skip)``, the key in little endian.

    A new generator asks the system for entropy, which takes ten times as long as putting a key into one that
    is there. Two threads never take the same one.
    """
    try:
        philox, start = _idle.pop()
    except IndexError:
        philox = np.random.Philox(key=0)
        # Its buffer is used up, which makes it compute the first words of the key.
        start = philox.state
    start["state"]["key"] = np.frombuffer(key, dtype="<u8")
    start["state"]["counter"][0] = skip
    philox.state = start
    raw: NDArray[np.uint64] = philox.random_raw(size)
    _idle.append((philox, start))
    return raw


def unit_interval(digits: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return the middle of each cell of width 2**-53 of the unit interval.

    Parameters
    ----------
    digits
        53 binary digits after the point, as whole numbers. Shape (...,). [0, 2**53)

    Returns
    -------
    Shape (...,). Multiples of 2**-53 plus half a step, so that neither 0 nor 1 occurs.
    """
    draws = digits.astype(np.float64)
    draws *= 2.0**-53
    draws += 2.0**-54
    return np.minimum(draws, 1.0 - 2.0**-53, out=draws)


def uniforms(seed: int, *name: str, size: int, skip: int = 0) -> NDArray[np.float64]:
    """Return uniform numbers of the stream with this name, strictly between 0 and 1.

    Parameters
    ----------
    seed
        Whole number. [0, 2**63)
    *name
        Parts of the name.
    size
        Number of draws, R. A longer draw starts with the values of a shorter one.
    skip
        As for :func:`words`.

    Returns
    -------
    Shape (R,). Multiples of 2**-53 plus half a step, so that neither 0 nor 1 occurs.
    """
    return unit_interval(words(seed, *name, size=size, skip=skip) >> np.uint64(11))


def numpy_generator(number: int) -> np.random.Generator:
    """Return NumPy's default generator for a number that was drawn from a stream.

    Parameters
    ----------
    number
        Seed of the generator. [0, 2**31)

    Returns
    -------
    A generator. Its distributions are those of the installed NumPy: for designs and bootstraps whose draws
    were published, never for draws of a result.
    """
    return np.random.default_rng(number)
