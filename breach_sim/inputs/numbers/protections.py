"""Protections, which reduce the success of attacks, and withheld fields, which could not leak.

A *protection* multiplies the success of an attack, or the share of a trait, by 1 - uptake x effect from a
given day on. It is a factor, not a condition, and it reduces successes, not attempts. *Withheld* fields are
fields that the firm did not store for a share of a segment's accounts.

Not here: the mitigations and their costs (``mitigations``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.display import Displayable, listed
from breach_sim.formatting.messages import shown
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.numbers.estimates import Estimate

Draw = Callable[[Estimate], Array]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Protection(Displayable):
    """Factor on the success of an attack, or on the share of a trait.

    Parameters
    ----------
    name
        Short name, for tables and errors.
    uptake
        Share of accounts that have it. [share]
    effect
        Share of the success, or of the trait, that it removes for these accounts. [share]
    day
        First day on which it holds. [0, inf) [days]
    until
        Day on which it ends; infinite by default. (day, inf] [days]

    Raises
    ------
    ValueError
        If a number has another unit, or a day is out of range.
    """

    name: str
    uptake: Estimate
    effect: Estimate
    day: float = 0.0
    until: float = math.inf

    def __post_init__(self) -> None:
        for part in (self.uptake, self.effect):
            if part.unit != "share":
                raise ValueError(f"{part.name} is in {part.unit!r}; uptake and effect are a 'share'")
        if not math.isfinite(self.day) or self.day < 0:
            raise ValueError(
                f"protection {self.name!r} starts on day {shown(self.day)}; days count from the sale, "
                "0 or more"
            )
        if not self.until > self.day:
            raise ValueError(
                f"protection {self.name!r} ends on day {shown(self.until)}, not after its start on day "
                f"{self.day:g}; leave the end out, or give a later one"
            )

    @property
    def lasting(self) -> bool:
        """Whether it holds from day 0 and never ends."""
        return self.day == 0 and self.until == math.inf

    def holds(self, day: float) -> bool:
        """Return whether it holds in a time interval that begins on the given day.

        Parameters
        ----------
        day
            Days after the sale. [0, inf)

        Returns
        -------
        True from its first day up to, but excluding, the day on which it ends.
        """
        return self.day <= day < self.until

    def factor(self, draw: Draw) -> Array:
        """Return the factor that applies while it holds.

        Parameters
        ----------
        draw
            Function that returns the draws of a parameter. Shape (R,).

        Returns
        -------
        1 - uptake x effect. Shape (R,). [0, 1]
        """
        return 1.0 - draw(self.uptake) * draw(self.effect)

    def summary(self) -> str:
        """Name, days during which it holds, uptake and effect."""
        end = "" if self.until == math.inf else f" to {self.until:g}"
        numbers = f"uptake {self.uptake.as_part()}; effect {self.effect.as_part()}"
        return f"{self.name}: from day {self.day:g}{end}; {numbers}"


def thinned(value: Array, protections: Iterable[Protection], draw: Draw) -> Array:
    """Return a value multiplied by the factors of some protections.

    Parameters
    ----------
    value
        Success or share. Shape (R,).
    protections
        Protections that hold.
    draw
        Function that returns the draws of a parameter. Shape (R,).

    Returns
    -------
    Shape (R,); the same array if there is no protection.
    """
    for protection in protections:
        value = value * protection.factor(draw)
    return value


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Withheld(Displayable):
    """Fields that were not stored for a share of a segment's accounts.

    Parameters
    ----------
    share
        Share of accounts. [share]
    fields
        The fields; all of them if empty.
    power
        If given, the share is raised to it. [ratio]
    breach
        In a cell of several breaches, the breach that did not have the fields; "" where none had them.

    Raises
    ------
    ValueError
        If a field is unknown, or a number has another unit.
    """

    share: Estimate
    fields: tuple[str, ...] = ()
    power: Estimate | None = None
    breach: str = ""

    def __post_init__(self) -> None:
        for name in self.fields:
            vocabulary.check_field(name, f"the withheld fields of {self.share.name}")
        if self.share.unit != "share":
            raise ValueError(f"{self.share.name} is in {self.share.unit!r}; what is withheld is a 'share'")
        if self.power is not None and self.power.unit != "ratio":
            raise ValueError(f"{self.power.name} is in {self.power.unit!r}; a power is a 'ratio'")

    @property
    def bits(self) -> int:
        """Bits of the fields, all of the vocabulary if none is named [bit set]."""
        return vocabulary.mask(self.fields or vocabulary.FIELD_NAMES)

    def drawn(self, draw: Draw) -> Array:
        """Return the share of accounts per replicate.

        Parameters
        ----------
        draw
            Function that returns the draws of a parameter. Shape (R,).

        Returns
        -------
        Shape (R,), or (1,) if it is certain. [0, 1]
        """
        if self.power is None and self.share.is_certain:
            return np.array([self.share.central])
        share = draw(self.share)
        return share if self.power is None else np.asarray(share ** draw(self.power))

    def summary(self) -> str:
        """Fields and share."""
        power = f", to the power {self.power.as_part()}" if self.power else ""
        return f"{listed(self.fields) if self.fields else 'all fields'}; share {self.share.as_part()}{power}"
