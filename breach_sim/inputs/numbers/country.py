"""A country other than the United States: which numbers are its own, and how far the others hold.

Rates of the catalog were read off the United States. A *pack* replaces the ones for which something is
published elsewhere. The others are applied as they stand, times one factor on attempts and one on losses:
what is not known about the country.

Not here: the files of packs and their use (``catalog.overrides.countries``), and codes of countries
(``published``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from breach_sim.formatting.display import Displayable, listed, plural
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.posterior import Posterior

SHOWN = 3
"""Most attacks that the caution about a country names."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Country(Displayable):
    """Country with numbers of its own.

    Parameters
    ----------
    code, name, currency
        Two capital letters; name as in a sentence; three capital letters. Money of a run is in USD anyway.
    size
        Its adults over those of the United States: the factor on national capacities. [ratio]
    attempts, loss
        What is not known of a US rate applied there: factors on the attempts of an attack, and on the mean
        loss of its victims, unless these are the country's own. [ratio]
    identifiers
        What a field holds there, by field, such as the National Insurance number.
    absent
        Attacks that do not exist there, or of which nothing is known, with the reason.
    own
        Names of the parameters whose number is the country's own.

    Raises
    ------
    ValueError
        If a factor has another unit or can be 0.
    """

    code: str
    name: str
    currency: str
    size: Estimate
    attempts: Estimate
    loss: Estimate
    identifiers: Mapping[str, str]
    absent: Mapping[str, str]
    own: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for factor in (self.size, self.attempts, self.loss):
            if factor.unit != "ratio":
                raise ValueError(f"{factor.name} has the unit {factor.unit!r}; it must be 'ratio'")
            least = factor.value if factor.is_certain else factor.low
            if not least or factor.p_zero:
                raise ValueError(f"{factor.name} can be 0; give numbers above 0: 1 changes nothing")

    @property
    def replaced(self) -> tuple[str, ...]:
        """Names of its own parameters in alphabetical order, without the zeros of what is left out."""
        zeros = {f"attacks.{name}.background" for name in self.absent}
        return tuple(sorted(self.own - zeros))

    def caution(self, own: Iterable[str], absent: Iterable[str]) -> str:
        """Return what a reader of a run must know: whose numbers they are.

        Parameters
        ----------
        own
            Names of the parameters of the run whose number is the country's own.
        absent
            Labels of the attacks that the leaked fields would enable in the United States only.

        Returns
        -------
        Two or three sentences, under 300 characters.
        """
        factors = [f"{f.low:g} to {f.high:g} on {what}" for f, what in self._factors()]
        numbers = plural(len(tuple(own)), "number")
        said = (
            f"People of {self.name}: {numbers} of the country's own; the others are US rates, applied with "
            f"common factors of {' and '.join(factors)}."
        )
        left = tuple(absent)
        named = ", ".join(left[:SHOWN]) + (f" and {len(left) - SHOWN} more" if len(left) > SHOWN else "")
        return f"{said} Left out there: {named}." if left else said

    def _factors(self) -> tuple[tuple[Estimate, str], ...]:
        return ((self.attempts, "attempts"), (self.loss, "losses"))

    def summary(self) -> str:
        """Code and name, with the number of its own parameters and the attacks left out."""
        left = f"; without {listed(self.absent)}" if self.absent else ""
        return f"{self.code}: {self.name}; {plural(len(self.replaced), 'number')} of its own{left}"


def fitted(rows: Posterior | None, country: Country | None) -> Posterior | None:
    """Return the posterior rows that hold for the numbers of a country.

    Parameters
    ----------
    rows
        Rows that were fitted to counts of the United States; None if every parameter has its prior.
    country
        None for the United States.

    Returns
    -------
    The rows without the parameters whose number is the country's own: a level of a US prior says nothing
    about another one. Twice gives the same as once.
    """
    return rows if rows is None or country is None else rows.without(country.own)
