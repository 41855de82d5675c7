"""Round numbers to the precision that their sampling error allows.

A figure is rounded so that one unit of its last digit is at least its standard error.

Not here: the standard errors (``errors``).
"""

from __future__ import annotations

import math

_NEAR = 0.05
"""Largest relative error of a share in whole people."""


def earned(value: float, error: float) -> float:
    """Round a value to the digits that its standard error allows.

    Parameters
    ----------
    value
        Figure to print.
    error
        Its standard error, same unit. [0, inf]

    Returns
    -------
    The value rounded so that a unit of the last digit is at least the error; at most four
    significant digits if the error is smaller. Whole numbers without error are unchanged.

    Examples
    --------
    >>> earned(123456.0, 700.0)
    123000.0
    >>> earned(47_800_000.0, 0.0)
    47800000.0
    """
    if value == 0 or not math.isfinite(value) or error == 0:
        return value
    place = math.floor(math.log10(abs(value))) - 3
    if math.isfinite(error):
        place = max(place, math.ceil(math.log10(error)))
    else:
        place = math.floor(math.log10(abs(value)))
    rounded = round(value, -place)
    return rounded if rounded != 0 else round(value, -math.floor(math.log10(abs(value))))


def significant(value: float, digits: int = 3) -> float:
    """Round a number to a number of significant digits.

    Parameters
    ----------
    value
        Any finite number.
    digits
        How many. [1, inf)

    Returns
    -------
    The rounded number, for example 87,400,000 for 87,357,226.26.

    Examples
    --------
    >>> significant(87_357_226.26), significant(87_357_226.26, 2)
    (87400000.0, 87000000.0)
    """
    return float(f"{value:.{digits}g}")


def percent(share: float, digits: int = 2) -> str:
    """Return a share as a percentage.

    Parameters
    ----------
    share
        Part of a whole. [0, 1]
    digits
        Significant digits. [1, inf)

    Returns
    -------
    For example ``"0.12 %"``.

    Examples
    --------
    >>> percent(0.001234), percent(1), percent(0.4321, 3)
    ('0.12 %', '100 %', '43.2 %')
    """
    return f"{significant(share * 100, digits):g} %"


def earned_percent(share: float, error: float) -> str:
    """Return a share as a percentage, to the digits that its standard error allows.

    Parameters
    ----------
    share
        Part of a whole. [0, 1]
    error
        Its standard error. [0, inf]

    Returns
    -------
    For example ``"56 %"``; at most two significant digits, as for :func:`percent`.

    Examples
    --------
    >>> earned_percent(0.5647, 0.008), earned_percent(0.5647, 0.06), earned_percent(0.0, 0.0)
    ('56 %', '60 %', '0 %')
    """
    return percent(earned(share * 100, error * 100) / 100)


def human(value: float) -> str:
    """Return a number as short, readable text.

    Parameters
    ----------
    value
        Figure, already rounded to its precision.

    Returns
    -------
    Text with thousands separators below a million, else in millions or billions.

    Examples
    --------
    >>> human(123000.0), human(47_800_000.0), human(1.26e9)
    ('123,000', '47.8 million', '1.26 billion')
    """
    size = abs(significant(value, 4))
    for unit, word in ((1e9, "billion"), (1e6, "million")):
        if size >= unit:
            return f"{value / unit:,.4g} {word}"
    if size >= 100 or value == round(value):  # noqa: PLR2004 - three figures before the point are enough
        return f"{value:,.0f}"
    return f"{value:.3g}"


def out_of(share: float) -> str:
    """Return a share as a number of people out of ten, a hundred, or more.

    Parameters
    ----------
    share
        Share of people. [0, 1]

    Returns
    -------
    Such as "7 in 10", "15 in 100", "1 in 2,000", "nobody" or "everybody". The number is rounded.

    Examples
    --------
    >>> out_of(0.7), out_of(0.15), out_of(0.0005)
    ('7 in 10', '15 in 100', '1 in 2,000')
    """
    if share <= 0 or share >= 1:
        return "nobody" if share <= 0 else "everybody"
    for whole in (10, 100):
        people = round(share * whole)
        if abs(people / share / whole - 1) <= _NEAR and people < whole:
            return f"{people} in {whole}"
    if share >= 0.01:  # noqa: PLR2004 - one in a hundred
        return f"{min(round(share * 100), 99)} in 100"
    return f"1 in {significant(1 / share, 2):,.0f}"
