"""What an estimate may hold: kinds, units, statuses and scales, and the checks of its numbers.

Every check raises a ValueError with value, place, rule and remedy.

Not here: the class (``estimates``) and the distributions (``pert``, ``quantiles``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from breach_sim.formatting.messages import shown, unknown

OWN = "user"
"""Status of the user's own numbers."""
STATUSES = ("cited", "derived", "assumed", OWN)
KINDS = {
    "fixed": ("value",),
    "pert": ("low", "mode", "high"),
    "lognormal": ("low", "high"),
    "beta": ("low", "high"),
    "triangular": ("low", "mode", "high"),
    "uniform": ("low", "high"),
    "normal": ("low", "high"),
    "quantiles": (),
    "samples": (),
}
"""Shapes of an estimate and the numbers each needs."""
FEWEST = 2
"""Fewest quantiles or samples."""
SCALES = ("linear", "log")
"""Scales of a PERT: the number, or its logarithm."""
WIDE = 10.0
"""From this ratio of high to low on, the scale of a PERT must be said: the two scales differ too much."""
_ROUNDING = 1e-12
"""0.07 to 0.7 is a decade, whatever binary fractions make of it."""

UNITS: dict[str, float] = {
    "share": 1.0,
    "victims/attempt": 1.0,
    "attempts/holder": 1.0,
    "probability/year": 1.0,
    "complaints/victim": 1.0,
    "attempts/account-year": math.inf,
    "attempts/year": math.inf,
    "1/month": math.inf,
    "days": math.inf,
    "USD/victim": math.inf,
    "hours/victim": math.inf,
    "log-USD": math.inf,
    "log-days": math.inf,
    "ratio": math.inf,
    "USD/person": math.inf,
    "USD/account": math.inf,
    "calls/person": math.inf,
    "USD/call": math.inf,
    "USD/enrollee": math.inf,
    "USD/customer": math.inf,
    "hours/person": math.inf,
    "USD": math.inf,
    "accounts": math.inf,
    "breaches/year": math.inf,
}
"""Known units and the largest value each allows; all are at least 0."""


def check_number(number: Any, what: str, unit: str, needs: str) -> None:
    """Refuse what is not a finite number in the range of its unit.

    Parameters
    ----------
    number
        As given.
    what
        Name of the parameter and of the number, for the message.
    unit
        One of :data:`UNITS`.
    needs
        Who needs a number there, for the message.

    Raises
    ------
    ValueError
        If it is no number, not finite, or out of range.
    """
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        raise ValueError(  # noqa: TRY004 - the user gave a wrong value, in a file or a call
            f"{what} is {shown(number)}; {needs} needs a number there"
        )
    if not _finite(number):
        raise ValueError(f"{what} is {_as_text(number)}; it must be a finite number")
    if not 0 <= number <= UNITS[unit]:
        top = "" if UNITS[unit] == math.inf else f" and at most {UNITS[unit]:g}"
        raise ValueError(f"{what} is {shown(number)}; in {unit} it must be at least 0{top}")


def check_order(name: str, words: Sequence[str], numbers: Sequence[float]) -> None:
    """Refuse numbers that do not rise.

    Parameters
    ----------
    name
        Name of the parameter.
    words, numbers
        Names of the numbers in the order in which they must rise, and the numbers.

    Raises
    ------
    ValueError
        If one is smaller than the one before, or all are equal.
    """
    if list(numbers) != sorted(numbers) or (len(numbers) > 1 and numbers[0] == numbers[-1]):
        raise ValueError(
            f'{name}: {" ".join(words)} are {shown(list(numbers))}; they must rise (if equal, kind = "fixed")'
        )


def check_lists(name: str, kind: str, unit: str, quantiles: Sequence[Any], samples: Sequence[Any]) -> None:
    """Refuse quantiles and samples that are too few, out of range or out of order, or that no kind needs.

    Parameters
    ----------
    name, kind, unit
        Of the parameter.
    quantiles
        Pairs of a probability in percent and a value.
    samples
        Equally likely values.

    Raises
    ------
    ValueError
        If one of these rules is broken.
    """
    for word, given in (("quantiles", quantiles), ("samples", samples)):
        if given and word != kind:
            raise ValueError(f"{name}: kind {kind!r} has no use for {word}; remove them")
        if word == kind and len(given) < FEWEST:
            raise ValueError(f"{name}: there are {len(given)} {word}; give at least {FEWEST}")
    for number in samples:
        check_number(number, f"{name}: a sample", unit, "kind 'samples'")
    if samples and min(samples) == max(samples):
        raise ValueError(f'{name}: all samples are {samples[0]:g}; give kind = "fixed"')
    for percent, value in quantiles:
        if isinstance(percent, bool) or not isinstance(percent, (int, float)) or not 0 < percent < 100:  # noqa: PLR2004
            raise ValueError(
                f"{name}: a quantile is at {shown(percent)} percent; it must be above 0 and below 100"
            )
        check_number(value, f"{name}: the quantile at {percent:g} %", unit, "kind 'quantiles'")
    if quantiles:
        percents, values = zip(*quantiles, strict=True)
        check_order(name, ["percents"], list(percents))
        check_order(name, ["quantiles"], list(values))


def check_pert_words(name: str, kind: str, given: Mapping[str, Any]) -> None:
    """Refuse scale, hard and p_zero where they are wrong or the kind has no use for them.

    Parameters
    ----------
    name, kind
        Of the parameter.
    given
        ``scale``, ``hard`` and ``p_zero`` as given.

    Raises
    ------
    ValueError
        If one is given to a kind other than "pert", or is no scale, truth value or probability.
    """
    scale, hard, p_zero = given["scale"], given["hard"], given["p_zero"]
    if kind != "pert" and not (kind == "quantiles" and hard is None and not p_zero):
        for word, value in (("scale", scale), ("hard", hard), ("p_zero", p_zero or None)):
            if value is not None:
                raise ValueError(f"{name}: kind {kind!r} has no use for {word} = {shown(value)}; remove it")
    if scale is not None and scale not in SCALES:
        raise ValueError(unknown("scale", scale, SCALES, name))
    if hard is not None and not isinstance(hard, bool):
        raise ValueError(
            f"{name}: hard is {shown(hard)}; it must be true (low and high are the ends) or false (they are "
            "the 5 % and 95 % quantiles)"
        )
    number = isinstance(p_zero, (int, float)) and not isinstance(p_zero, bool)
    if not number or not 0 <= p_zero < 1:
        raise ValueError(
            f"{name}: p_zero is {shown(p_zero)}; it is the probability of exactly 0 and must lie in [0, 1) "
            '(if the number is 0 for certain, kind = "fixed")'
        )


def check_pert(name: str, low: float, mode: float, high: float, scale: str | None) -> None:
    """Refuse a PERT without a mode, one whose scale must be said, and a logarithm of zero.

    Parameters
    ----------
    name
        Name of the parameter.
    low, mode, high
        Its numbers, in order.
    scale
        "linear", "log", or None where nothing was said.

    Raises
    ------
    ValueError
        If one of these rules is broken.
    """
    if mode == 0:
        raise ValueError(f"{name}: mode is 0; a PERT needs a mode above 0, be it small")
    if scale is None and high * (1 + _ROUNDING) >= WIDE * low:
        raise ValueError(
            f'{name}: {low:g} to {high:g} is a decade or more and no scale is said; write scale = "log" (a '
            'tenth and ten times the mode are equally far) or scale = "linear" (a PERT of the number itself)'
        )
    if scale == "log" and low == 0:
        raise ValueError(
            f"{name}: low is 0 on the logarithm, which has no 0; give a low above 0, and p_zero = the "
            "probability of no effect at all, if there is one"
        )


def _as_text(number: float) -> str:
    """Return the text of a number that is not finite. Python cannot print very long whole numbers."""
    return str(number) if isinstance(number, float) else f"a whole number of {number.bit_length()} bits"


def _finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:
        return False
