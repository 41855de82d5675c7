"""Tick labels: amounts as short text, such as 10k or 2B. Does not import matplotlib."""

from __future__ import annotations

_UNITS = ((1e9, "B"), (1e6, "M"), (1e3, "k"))


def compact(value: float, _position: int | None = None) -> str:
    """Return a short label of an amount.

    Parameters
    ----------
    value
        Amount, 0 or more.
    _position
        Number of the tick, which matplotlib passes; ignored.

    Returns
    -------
    The amount in thousands, millions or billions.

    Examples
    --------
    >>> compact(10_000), compact(2e9), compact(0.5)
    ('10k', '2B', '0.5')
    """
    for unit, letter in _UNITS:
        if value >= unit:
            return f"{value / unit:g}{letter}"
    return f"{value:g}"


def compact_between(value: float, _position: int | None = None) -> str:
    """Return a short label of a tick between powers of ten.

    Parameters
    ----------
    value
        Amount, 0 or more.
    _position
        Number of the tick, which matplotlib passes; ignored.

    Returns
    -------
    A label at 2 and 5 times a power of ten; "" elsewhere.

    Examples
    --------
    >>> compact_between(2_000), compact_between(3_000)
    ('2k', '')
    """
    return compact(value) if value > 0 and f"{value:e}"[0] in "25" else ""


def compact_signed(value: float, _position: int | None = None) -> str:
    """Return a short label of an amount that may be negative.

    Parameters
    ----------
    value
        Amount.
    _position
        Number of the tick, which matplotlib passes; ignored.

    Returns
    -------
    The amount with its sign.

    Examples
    --------
    >>> compact_signed(-1e7)
    '-10M'
    """
    return f"-{compact(-value)}" if value < 0 else compact(value)
