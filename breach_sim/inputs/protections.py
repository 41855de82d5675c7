"""What makes the harm of a leak smaller: factors on success, and fields that were never there to leak.

A *protection* multiplies the success of an attack, or the share of a trait, by 1 - uptake x effect from one
day on. It is a factor, never a condition, and thins successes, not attempts. *Withheld* fields are those
that the firm did not keep for a share of a segment's accounts, whatever leaked of the others.

Not here: which remedies there are and what they cost (``mitigations``).
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
from breach_sim.inputs.estimates import Estimate

Draw = Callable[[Estimate], Array]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Protection(Displayable):
    """A factor on the success of an attack, or on the share of a trait.

    Parameters
    ----------
    name
        Short name, for tables and errors.
    uptake
        Share of accounts that have it. [share]
    effect
        Share of an attempt's success, or of the trait, that it takes away from those. [share]
    day
        First day on which it holds. [0, inf) [days]
    until
        Day on which it ends; infinite unless given. (day, inf] [days]

    Raises
    ------
    ValueError
        If a number is in another unit, or a day out of range.
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
        """Whether it holds from day 0 on and for ever."""
        return self.day == 0 and self.until == math.inf

    def holds(self, day: float) -> bool:
        """Whether it holds in an interval of time that begins on some day.

        Parameters
        ----------
        day
            Days after the sale. [0, inf)

        Returns
        -------
        True from its first day up to, and without, the day on which it ends.
        """
        return self.day <= day < self.until

    def factor(self, draw: Draw) -> Array:
        """The factor, where it holds.

        Parameters
        ----------
        draw
            Gives the draws of a parameter. Shape (R,).

        Returns
        -------
        1 - uptake x effect. Shape (R,). [0, 1]
        """
        return 1.0 - draw(self.uptake) * draw(self.effect)

    def summary(self) -> str:
        """Name, days on which it holds, uptake and effect."""
        end = "" if self.until == math.inf else f" to {self.until:g}"
        numbers = f"uptake {self.uptake.as_part()}; effect {self.effect.as_part()}"
        return f"{self.name}: from day {self.day:g}{end}; {numbers}"


def thinned(value: Array, protections: Iterable[Protection], draw: Draw) -> Array:
    """A value times the factors of some protections.

    Parameters
    ----------
    value
        Success or share. Shape (R,).
    protections
        Those that hold.
    draw
        Gives the draws of a parameter. Shape (R,).

    Returns
    -------
    Shape (R,); the very same array where there is no protection.
    """
    for protection in protections:
        value = value * protection.factor(draw)
    return value


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Withheld(Displayable):
    """Fields that a share of a segment's accounts did not have in what leaked.

    Parameters
    ----------
    share
        Share of accounts. [share]
    fields
        The fields; all of them if empty.
    power
        If given, the share is raised to it. [ratio]

    Raises
    ------
    ValueError
        If a field is unknown or a number in another unit.
    """

    share: Estimate
    fields: tuple[str, ...] = ()
    power: Estimate | None = None

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
        """Share of accounts per replicate.

        Parameters
        ----------
        draw
            Gives the draws of a parameter. Shape (R,).

        Returns
        -------
        Shape (R,), or (1,) where it is certain. [0, 1]
        """
        if self.power is None and self.share.is_certain:
            return np.array([self.share.central])
        share = draw(self.share)
        return share if self.power is None else np.asarray(share ** draw(self.power))

    def summary(self) -> str:
        """Fields and share."""
        power = f", to the power {self.power.as_part()}" if self.power else ""
        return f"{listed(self.fields) if self.fields else 'all fields'}; share {self.share.as_part()}{power}"
