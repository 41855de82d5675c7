"""Uncertain numbers with their unit, status and sources.

Kinds: ``fixed``: one value. ``pert``: low, most likely and high of a PERT distribution with
lambda 4, on the number or on its logarithm; low and high are its ends, or its quantiles at 5 % and 95 %.
``lognormal`` and ``beta``: the ends of a central 90 % interval. Users may also give the kinds of ``shapes``.

Not here: the PERT itself (``pert``), quantiles of a beta (``quantiles``), the checks (``rules``), what
several parameters have in common (``inputs.graph.Drivers``), and the choice of numbers (``catalog/data``).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.digits import human
from breach_sim.formatting.display import Displayable
from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs.numbers.pert import Pert, pert
from breach_sim.inputs.numbers.quantiles import NORMAL_95, beta_quantile, beta_shape
from breach_sim.inputs.numbers.rules import (
    KINDS,
    STATUSES,
    UNITS,
    check_lists,
    check_number,
    check_order,
    check_pert,
    check_pert_words,
)
from breach_sim.inputs.numbers.shapes import (
    Points,
    joined_mean,
    joined_quantile,
    normal_points,
    sample_quantile,
    triangular_quantile,
)

STATUS_ORDER = ("assumed", "derived", "cited", "user")
"""Order of the statuses in a table: what rests on least evidence comes first; the user's own numbers last."""
GRADES = ("A", "B", "C")
VERIFIED = ("verified", "seen", "recalled")
USER = "user-input"
"""Id of the source of what a user says without naming another."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Source(Displayable):
    """Publication from which a number was taken.

    Parameters
    ----------
    id
        Short name by which estimates cite it.
    title, publisher, url
        As published; the address is where the number was read, which may be a reprint.
    year
        Year or years that the number speaks of.
    parameter, value, low, high, unit, population
        What was published, as text, so that nothing is lost in conversion.
    grade
        "A" official or peer reviewed, "B" industry survey, "C" press, vendor or our own judgment.
    verified
        "verified" against the document or its publisher's own summary of it, "seen" in another text that was
        read, "recalled" and not found again.
    notes
        What to beware of.

    Raises
    ------
    ValueError
        If grade or verified is not one of the known words.
    """

    id: str
    title: str
    grade: str
    verified: str
    publisher: str = ""
    url: str = ""
    year: str = ""
    parameter: str = ""
    value: str = ""
    low: str = ""
    high: str = ""
    unit: str = ""
    population: str = ""
    notes: str = ""

    def __post_init__(self) -> None:
        if self.grade not in GRADES:
            raise ValueError(unknown("grade", self.grade, GRADES, f"source {self.id!r}"))
        if self.verified not in VERIFIED:
            raise ValueError(unknown("word for 'verified'", self.verified, VERIFIED, f"source {self.id!r}"))

    def summary(self) -> str:
        """Id, title, publisher and year, with the grade."""
        parts = [part for part in (self.title, self.publisher, self.year) if part]
        return f"{self.id}: grade {self.grade}, {self.verified}; {', '.join(parts)}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Estimate(Displayable):
    """Uncertain number with unit, status and sources.

    Parameters
    ----------
    name
        Dotted path that names the parameter and its random stream, such as ``attacks.sim_swap.success``.
    kind
        "fixed", "pert", "lognormal", "beta", "triangular", "uniform", "normal", "quantiles" or "samples".
    value, low, mode, high
        The numbers the kind needs, in the unit; the others stay None.
    unit
        One of :data:`UNITS`.
    status
        "cited", "derived" (formula in the note), "assumed" (reason in the note) or "user": the user's own.
    sources
        Ids of sources, at least one.
    note
        Reason, formula, or what the evidence disagrees about.
    for_low, for_high
        What speaks for the low end, and what for the high end; "" where nothing does but width.
    scale
        Of a PERT or of quantiles: "linear" or "log", the number or its logarithm. It is said and never
        inferred from the range; without it the scale is linear, and a PERT of a decade or more is refused.
    hard
        Of a PERT: true if low and high are its ends, false if they are its quantiles at 5 % and 95 %. If not
        said, the status decides: ends of what is assumed are soft, all others hard.
    p_zero
        Of a PERT: probability that the number is exactly 0 ("no effect at all"). [0, 1)
    quantiles
        Of kind "quantiles": probabilities in percent with their values, rising.
    samples
        Of kind "samples": values that are as likely as each other.

    Raises
    ------
    ValueError
        With value, place, rule and remedy, if a number is missing, not finite, out of order or outside
        the range of its unit, or if unit, status or sources are missing.

    Examples
    --------
    >>> swap = Estimate(name="success", kind="pert", low=0.10, mode=0.40, high=0.87, unit="victims/attempt",
    ...                 status="assumed", sources=("princeton-simswap",), note="widened for postpaid")
    >>> swap.log, swap.soft
    (False, True)
    >>> swap.ppf(np.array([0.05, 0.95])).round(4)
    array([0.1 , 0.87])
    """

    name: str
    kind: str
    unit: str
    status: str
    sources: tuple[str, ...]
    value: float | None = None
    low: float | None = None
    mode: float | None = None
    high: float | None = None
    note: str = ""
    for_low: str = ""
    for_high: str = ""
    scale: str | None = None
    hard: bool | None = None
    p_zero: float = 0.0
    quantiles: Points = ()
    samples: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(unknown("kind", self.kind, KINDS, self.name))
        if self.unit not in UNITS:
            raise ValueError(unknown("unit", self.unit, UNITS, self.name))
        if self.status not in STATUSES:
            raise ValueError(unknown("status", self.status, STATUSES, self.name))
        if not self.sources:
            raise ValueError(f"{self.name} names no source; give sources = [...], or 'analyst-judgment'")
        if self.status in ("derived", "assumed") and not self.note.strip():
            wanted = "formula" if self.status == "derived" else "reason"
            raise ValueError(
                f'{self.name} is {self.status!r} without a note; write the {wanted} into note = "..."'
            )
        self._check_numbers()

    def _check_numbers(self) -> None:
        wanted = KINDS[self.kind]
        for part in ("value", "low", "mode", "high"):
            number = getattr(self, part)
            if part not in wanted:
                if number is not None:
                    raise ValueError(
                        f"{self.name}: kind {self.kind!r} has no use for {part} = {shown(number)}; remove it"
                    )
                continue
            check_number(number, f"{self.name}: {part}", self.unit, f"kind {self.kind!r}")
        check_order(self.name, wanted, [getattr(self, part) for part in wanted])
        check_lists(self.name, self.kind, self.unit, self.quantiles, self.samples)
        given = {word: getattr(self, word) for word in ("scale", "hard", "p_zero")}
        check_pert_words(self.name, self.kind, given)
        self._check_shape()

    def _check_shape(self) -> None:
        if self.kind == "lognormal" and (not self.low or UNITS[self.unit] != math.inf):
            raise ValueError(
                f"{self.name}: a lognormal needs low > 0 and a unit without upper end; "
                'use kind = "pert" or "beta"'
            )
        if self.kind == "beta" and (UNITS[self.unit] != 1 or not self.low or self.high == 1):
            raise ValueError(
                f"{self.name}: a beta needs a share or probability with 0 < low < high < 1; "
                f"it has {self.low} to {self.high} {self.unit}"
            )
        if self.kind == "beta":
            beta_shape(self._low, self._high)
        if self.kind == "quantiles" and self.log and self.quantiles[0][1] == 0:
            raise ValueError(
                f"{self.name}: a quantile is 0 on the logarithm, which has no 0; give one above 0"
            )
        if self.kind == "pert":
            check_pert(self.name, self._low, self.central, self._high, self.scale)

    @classmethod
    def fixed(cls, name: str, value: float, unit: str, *, source: str = "user-input") -> Estimate:
        """Create an estimate of one certain value.

        Parameters
        ----------
        name, value, unit
            As for the class.
        source
            Id of its source.

        Returns
        -------
        Estimate of kind "fixed". The status is "user" if the user is the only source, else "cited".
        """
        by_user = source == USER
        return cls(
            name=name,
            kind="fixed",
            value=value,
            unit=unit,
            status="user" if by_user else "cited",
            sources=(source,),
            note="as given by the user" if by_user else "",
        )

    def numbers_text(self) -> str:
        """Return the numbers of the estimate as text.

        Returns
        -------
        "low / mode / high", as far as the kind uses them, or the single value.

        Examples
        --------
        >>> Estimate.fixed("share", 0.25, "share").numbers_text()
        '0.25'
        """
        return self._numbers("{:g}".format)

    def _numbers(self, word: Callable[[float], str]) -> str:
        """Numbers of the kind as text, each by a function."""
        if self.quantiles:
            return ", ".join(f"{word(value)} at {percent:g} %" for percent, value in self.quantiles)
        if self.samples:
            ends = f"{word(min(self.samples))} to {word(max(self.samples))}"
            return f"{len(self.samples):,} samples, {ends}"
        return " / ".join(word(getattr(self, part)) for part in KINDS[self.kind])

    @property
    def log(self) -> bool:
        """Whether a PERT applies to the logarithm."""
        return self.scale == "log"

    @property
    def soft(self) -> bool:
        """Whether low and high of a PERT are its quantiles at 5 % and 95 % and not its ends."""
        return self.kind == "pert" and not (self.status != "assumed" if self.hard is None else self.hard)

    def hardened(self) -> Estimate:
        """Return the estimate with hard ends: low and high are what it can be at most.

        Returns
        -------
        The estimate itself, unless its ends are soft.
        """
        return dataclasses.replace(self, hard=True) if self.soft else self

    def held_at(self, value: float) -> Estimate:
        """Return the estimate as one certain value, with the same name and evidence.

        Parameters
        ----------
        value
            In the unit.

        Returns
        -------
        Estimate of kind "fixed".
        """
        said: dict[str, Any] = dict.fromkeys(("low", "mode", "high", "scale", "hard"))
        said |= {"quantiles": (), "samples": ()}
        return dataclasses.replace(self, **said | {"kind": "fixed", "value": value, "p_zero": 0.0})

    @property
    def _low(self) -> float:
        return float(self.low or 0.0)

    @property
    def _high(self) -> float:
        return float(self.high or 0.0)

    @property
    def is_certain(self) -> bool:
        """Whether the estimate is a single certain value."""
        return self.kind == "fixed"

    @property
    def central(self) -> float:
        """Central value: the value, the mode of a PERT or triangle, the beta's mean, or else the median."""
        if self.kind == "fixed":
            return float(self.value or 0.0)
        if self.kind in {"pert", "triangular"}:
            return float(self.mode or 0.0)
        return self.mean() if self.kind == "beta" else float(self.ppf(np.array([0.5]))[0])

    @property
    def _pert(self) -> Pert:
        limits = (0.0, UNITS[self.unit])
        return pert(self._low, self.central, self._high, log=self.log, soft=self.soft, limits=limits)

    def ppf(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return quantiles (the inverse of the distribution function).

        Parameters
        ----------
        u
            Probabilities. Any shape. (0, 1)

        Returns
        -------
        Same shape, in the unit of the estimate. PERT and beta quantiles are interpolated in a table on
        logit(u), with a relative error below 1e-6.
        """
        if self.kind == "fixed":
            return np.full(np.shape(u), float(self.value or 0.0))
        if self.kind == "lognormal":
            from scipy.special import ndtri

            return np.asarray(np.exp(self._mu + self._sigma * ndtri(u)))
        if self.kind == "beta":
            return beta_quantile(*beta_shape(self._low, self._high), u)
        if self.kind != "pert":
            return self._of_user(u)
        if not self.p_zero:
            return self._pert.quantile(u)
        # The least uniform number above p_zero is the lowest quantile of the rest, not minus infinity.
        rest = np.maximum((np.asarray(u) - self.p_zero) / (1 - self.p_zero), 2.0**-54)
        return np.where(np.asarray(u) < self.p_zero, 0.0, self._pert.quantile(rest))

    @property
    def _points(self) -> Points:
        return normal_points(self._low, self._high) if self.kind == "normal" else self.quantiles

    def _of_user(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Quantiles of the kinds that only users give."""
        if self.kind == "triangular":
            return triangular_quantile(self._low, self.central, self._high, u)
        if self.kind == "uniform":
            return self._low + (self._high - self._low) * np.asarray(u)
        if self.kind == "samples":
            return sample_quantile(self.samples, u)
        return joined_quantile(self._points, u, log=self.log, limits=(0.0, UNITS[self.unit]))

    def _mean_of_user(self) -> float:
        if self.kind == "triangular":
            return (self._low + self.central + self._high) / 3
        if self.kind == "uniform":
            return (self._low + self._high) / 2
        if self.kind == "samples":
            return math.fsum(self.samples) / len(self.samples)
        return joined_mean(self._points, log=self.log, limits=(0.0, UNITS[self.unit]))

    @property
    def _mu(self) -> float:
        return (math.log(self._low) + math.log(self._high)) / 2

    @property
    def _sigma(self) -> float:
        return (math.log(self._high) - math.log(self._low)) / (2 * NORMAL_95)

    def mean(self) -> float:
        """Return the expected value, in closed form or to a relative error of 1e-9.

        Returns
        -------
        In the unit of the estimate.
        """
        if self.kind == "fixed":
            return float(self.value or 0.0)
        if self.kind == "lognormal":
            return math.exp(self._mu + self._sigma**2 / 2)
        if self.kind == "beta":
            a, b = beta_shape(self._low, self._high)
            return a / (a + b)
        if self.kind != "pert":
            return self._mean_of_user()
        return (1 - self.p_zero) * self._pert.mean()

    def implied(self) -> dict[str, float]:
        """Return the quantiles and the mean that the given numbers imply.

        Returns
        -------
        ``p5``, ``p50``, ``p95`` and ``mean``, in the unit of the estimate.
        """
        p5, p50, p95 = (float(q) for q in self.ppf(np.array([0.05, 0.5, 0.95])))
        return {"p5": p5, "p50": p50, "p95": p95, "mean": self.mean()}

    def summary(self) -> str:
        """Name, numbers and unit, kind and status."""
        return f"{self.name}: {self.as_part()}"

    def as_part(self) -> str:
        """Numbers and unit, kind and status: the summary without the name."""
        return f"{self._numbers(human)} {self.unit} ({self.kind}, {self.status})"

    def _facts(self) -> list[tuple[str, str]]:
        quantiles = ", ".join(f"{name} {value:.3g}" for name, value in self.implied().items())
        scale: list[tuple[str, str]] = [("scale", "logarithm" if self.log else "linear")]
        scale += [("low and high", "5 % and 95 % quantiles" if self.soft else "ends")]
        scale += [("exactly 0 with probability", f"{self.p_zero:g}")] if self.p_zero else []
        # A class with slots is made anew by `dataclass`, and a bare super() still means the one before.
        own = scale if self.kind == "pert" else []
        return [*super(Estimate, self)._facts(), *own, ("implied", quantiles)]


def estimates_in(thing: Any) -> Iterator[Estimate]:
    """Yield every estimate inside an object, in the order of its attributes.

    Parameters
    ----------
    thing
        Estimate, dataclass, mapping or tuple of these. Other types contain no estimates.

    Yields
    ------
    Estimates in order of occurrence; an estimate used twice is yielded twice.
    """
    if isinstance(thing, Estimate):
        yield thing
    elif dataclasses.is_dataclass(thing):
        for part in dataclasses.fields(thing):
            yield from estimates_in(getattr(thing, part.name))
    elif isinstance(thing, (tuple, Mapping)):
        for value in thing.values() if isinstance(thing, Mapping) else thing:
            yield from estimates_in(value)


def weakest_first(estimates: Iterable[Estimate]) -> list[Estimate]:
    """Sort estimates from the weakest evidence to the strongest.

    Parameters
    ----------
    estimates
        Any number.

    Returns
    -------
    Estimates sorted by status, as in :data:`STATUS_ORDER`, then by name.
    """
    return sorted(estimates, key=lambda estimate: (STATUS_ORDER.index(estimate.status), estimate.name))
