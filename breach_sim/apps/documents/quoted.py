"""Numbers as a page quotes them: each is a figure of the run, under the name that ``explain`` knows.

Not here: how a figure is computed and explained (``analysis.provenance``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from breach_sim.analysis.provenance.figures import samples
from breach_sim.formatting.digits import earned, human
from breach_sim.formatting.errors import quantile_error
from breach_sim.formatting.tables import LEVELS, STATISTICS
from breach_sim.results.impact import Impact


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """Number on a page.

    Parameters
    ----------
    figure
        Name of the figure, such as "people.p50", or "scenario.accounts".
    value
        Exact value, in the unit.
    unit
        Unit, such as "accounts" or "USD".
    text
        As it is printed.
    """

    figure: str
    value: float
    unit: str
    text: str


Line = tuple[str | Quoted, ...]
"""Words and numbers in their order."""


class Quotes:
    """Figures of one run, ready to be quoted.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Raises
    ------
    ValueError
        If the impact contains mitigations.
    """

    def __init__(self, impact: Impact) -> None:
        self.impact = impact
        self._samples = samples(impact)

    def __contains__(self, measure: object) -> bool:
        return measure in self._samples

    def interval(self, measure: str) -> tuple[Quoted, Quoted, Quoted]:
        """Low end, median and high end of a measure.

        Parameters
        ----------
        measure
            Such as "people" or "attacks.sim_swap.victims".

        Returns
        -------
        5 % quantile, median and 95 % quantile, each printed to the digits that it has earned.
        """
        unit, sample = self._samples[measure]
        values = np.asarray(sample(), dtype=np.float64)
        scramble, constant = self.impact.scramble, np.ptp(values) == 0
        exact = [float(value) for value in np.quantile(values, LEVELS)]
        errors = [0.0 if constant else quantile_error(values, level, scramble) for level in LEVELS]
        shown = [earned(value, error) for value, error in zip(exact, errors, strict=True)]
        # Each figure is rounded by its own error, so that an end may land on the wrong side of the median.
        shown = [min(shown[:2]), shown[1], max(shown[1:])]
        low, middle, high = (
            Quoted(figure=f"{measure}.{name}", value=value, unit=unit, text=human(text))
            for name, value, text in zip(STATISTICS, exact, shown, strict=False)
        )
        return low, middle, high

    def line(self, measure: str) -> Line:
        """Median with its 90 % interval.

        Parameters
        ----------
        measure
            Such as "people".

        Returns
        -------
        The median; where the ends differ from it, "(low to high)" as well.
        """
        low, middle, high = self.interval(measure)
        if low.text == middle.text == high.text:
            return (middle,)
        return (middle, " (", low, " to ", high, ")")

    def largest(self, word: str, most: int) -> list[tuple[str, str]]:
        """Attacks with the largest medians.

        Parameters
        ----------
        word
            Step of the funnel, such as "victims".
        most
            Largest number of attacks.

        Returns
        -------
        Label and measure of each attack whose 95 % quantile is above 0, the largest median first.
        """
        found = []
        for attack in self.impact.attacks.attacks:
            measure = f"attacks.{attack.name}.{word}"
            if measure in self:
                _, middle, high = self.interval(measure)
                found += [(-middle.value, -high.value, attack.label, measure)] if high.value > 0 else []
        return [(label, measure) for _, _, label, measure in sorted(found)[:most]]


def given(figure: str, value: int, unit: str) -> Quoted:
    """Number that the scenario gives.

    Parameters
    ----------
    figure
        Name, beginning with "scenario.".
    value
        Whole number.
    unit
        Unit.

    Returns
    -------
    The number, in full.
    """
    return Quoted(figure=figure, value=float(value), unit=unit, text=f"{value:,}")


def plain(line: Line) -> str:
    """Words of a line.

    Parameters
    ----------
    line
        Words and numbers.

    Returns
    -------
    Text.
    """
    return "".join(part.text if isinstance(part, Quoted) else part for part in line)


def numbers(lines: Iterable[Line]) -> list[Quoted]:
    """Numbers of some lines.

    Parameters
    ----------
    lines
        Lines of a page.

    Returns
    -------
    In their order.
    """
    return [part for line in lines for part in line if isinstance(part, Quoted)]
