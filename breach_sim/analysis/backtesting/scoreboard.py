"""The scoreboard: every prediction beside what came of it, as numbers, as text and as a page.

The quantity is, for each published outcome and each thing here that speaks about it, the predicted
interval, the outcome, hit or miss, and the outcome's percentile in the prediction. See docs/model.md,
section 9. A row cannot be dropped: all counts are made from the rows themselves.

Not here: how predictions are made (``predictions``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from breach_sim.analysis.backtesting.law_of_scale import MASS, ScaleLaw, binomial_p
from breach_sim.formatting import html
from breach_sim.formatting.digits import human, significant
from breach_sim.formatting.tables import table
from breach_sim.inputs.numbers.estimates import Source
from breach_sim.inputs.published import Outcome

if TYPE_CHECKING:
    import pandas as pd

LAW, LEDGER, ATTACKS = "law of scale", "firm's ledger", "attacks"
"""What may speak about an outcome."""
LEAST_P = 0.01
"""Binomial probability below which the intervals of the law are refuted."""
KIND_P = 0.05
"""Probability of the F test below which a number for the kind of payment would earn its place."""
WORDS = {"hit": "hit", "miss": "**miss**", "": "not compared"}
"""Verdicts, in the words of the page."""
HEAD = ("case", "quantity", "by", "how", "people", "predicted (90 %)", "outcome", "percentile", "verdict")
"""Columns of the board as text."""
ASKED = {
    LAW: "Settlements and fines, by the law of scale",
    LEDGER: "Money of the firm, by its ledger",
    ATTACKS: "Counts and complaints, by the attacks",
}
_ABOUT = {
    LAW: "Each from a fit without any payment of its breach. Given that there is a payment; not the chance "
    "of one.",
    LEDGER: "The rates hold for ten million people or more. *Reproduced*: the outcome is one of those that "
    "the rates were read off.",
    ATTACKS: "All are ceilings, hit when the 95 % quantile lies below: weak checks.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """One prediction held against one outcome.

    Parameters
    ----------
    outcome
        What was published.
    quantity
        What is compared; of a sum of outcomes, its parts.
    by
        What predicts: the law of scale, the firm's ledger, the attacks; "" if nothing speaks about it.
    how
        "predicted", or "reproduced" where the outcome entered what predicts it; "" if nothing speaks.
    low, middle, high
        5 %, 50 % and 95 % quantile of the prediction, in the unit of the outcome; NaN without one.
    percentile
        Probability that the prediction lies below the outcome. [0, 1], or NaN
    verdict
        "hit", "miss", or "" if nothing was compared.
    note
        What one must know to read the row.
    """

    outcome: Outcome
    quantity: str
    by: str = ""
    how: str = ""
    low: float = math.nan
    middle: float = math.nan
    high: float = math.nan
    percentile: float = math.nan
    verdict: str = ""
    note: str = ""

    @property
    def case(self) -> str:
        """Name of the scenario, or the source of a breach that the library does not hold."""
        return self.outcome.scenario or self.outcome.source

    @property
    def width(self) -> float:
        """High end over low end: at least 1, infinity for an endless interval, NaN without one."""
        if not self.by:
            return math.nan
        return self.high / self.low if self.low > 0 else math.inf

    def cells(self) -> tuple[str, ...]:
        """The row as text, by :data:`HEAD`."""
        own = self.outcome
        people = "" if own.people is None else as_text(own.people, 3)
        predicted = interval_text((self.low, self.middle, self.high)) if self.by else ""
        figure = f"{as_text(own.figure, 3)} {own.unit}"
        start = (self.case, self.quantity, self.by, self.how, people)
        return (*start, predicted, figure, _percentile_text(self.percentile), self.verdict or WORDS[""])


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPrediction:
    """Prediction for a breach without a published payment.

    Parameters
    ----------
    scenario, title
        Name and title.
    people
        Whom the firm notifies. [people]
    payment
        Quantiles of a payment by the law of scale, given that there is one. Shape (3,). [USD]
    ledger
        Quantiles of all lines of the firm's ledger; NaN below the size for which its rates hold. Shape
        (3,). [USD]
    """

    scenario: str
    title: str
    people: float
    payment: tuple[float, ...]
    ledger: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Scoreboard:
    """Every prediction beside what came of it.

    Parameters
    ----------
    rows
        Predictions held against outcomes, at least one row an outcome.
    open_predictions
        Predictions that still wait for an outcome.
    law
        The law of scale on all payments.
    kind_p
        Probability of so large a difference between settlements and fines, were there none.
    seed, replicates
        What the draws of ledger and attacks came from.
    sources
        Sources of the outcomes, in alphabetical order of their ids.
    """

    rows: tuple[ScoreRow, ...]
    open_predictions: tuple[OpenPrediction, ...]
    law: ScaleLaw
    kind_p: float
    seed: int
    replicates: int
    sources: tuple[Source, ...] = ()

    @property
    def by_law(self) -> tuple[ScoreRow, ...]:
        """Rows of the law of scale: each payment, held against the law fitted without its breach."""
        return tuple(row for row in self.rows if row.by == LAW)

    @property
    def misses(self) -> tuple[ScoreRow, ...]:
        """Rows that miss, reproduced ones too."""
        return tuple(row for row in self.rows if row.verdict == "miss")

    @property
    def refuted(self) -> bool:
        """Whether the intervals of the law of scale are refuted by their own hits and misses."""
        return bool(self.by_law) and self.coverage["p"] < LEAST_P

    @cached_property
    def coverage(self) -> dict[str, float]:
        """Leave-one-out coverage of the law of scale.

        Returns
        -------
        ``inside`` of ``of``, exact binomial ``p`` (two-sided, 0.9 each), and the width of the intervals,
        high end over low end: ``width_median`` (the upper one of two), ``width_least``, ``width_most``;
        NaN without payments.
        """
        inside, widths = (
            sum(row.verdict == "hit" for row in self.by_law),
            sorted(r.width for r in self.by_law),
        )
        hits: dict[str, float] = {"inside": inside, "of": len(widths), "p": binomial_p(inside, len(widths))}
        if not widths:
            widths = [math.nan]
        ends = {"width_least": widths[0], "width_most": widths[-1]}
        return hits | {"width_median": widths[len(widths) // 2]} | ends

    def table(self) -> pd.DataFrame:
        """The scoreboard as numbers.

        Returns
        -------
        One row a comparison, labelled by the case: quantity, by, how, people, p5, p50, p95, outcome, unit,
        percentile, width, verdict, status, source, note.
        """
        rows = []
        for row in self.rows:
            own = row.outcome
            line: dict[str, Any] = {"quantity": row.quantity, "by": row.by, "how": row.how}
            line |= {"people": math.nan if own.people is None else own.people}
            line |= {"p5": row.low, "p50": row.middle, "p95": row.high, "outcome": own.figure}
            line |= {"unit": own.unit, "percentile": row.percentile, "width": row.width}
            line |= {"verdict": row.verdict, "status": own.status, "source": own.source, "note": row.note}
            rows.append((row.case, line))
        return _named(rows, "case")

    def waiting(self) -> pd.DataFrame:
        """Predictions for breaches without a published payment, as numbers.

        Returns
        -------
        One row a scenario: people, quantiles of a payment by the law of scale, quantiles of the firm's
        ledger (NaN below ten million people). [USD]
        """
        names = ("p5", "p50", "p95")
        rows = []
        for own in self.open_predictions:
            line = {"people": own.people}
            line |= dict(zip((f"payment_{name}" for name in names), own.payment, strict=True))
            line |= dict(zip((f"ledger_{name}" for name in names), own.ledger, strict=True))
            rows.append((own.scenario, line))
        return _named(rows, "scenario")

    def sentences(self) -> list[str]:
        """What the board comes to, in words: coverage and width, the law, then every miss."""
        return [self._covered(), self._fitted(), *self.missed()]

    def _covered(self) -> str:
        coverage = self.coverage
        widths = [as_text(coverage[name]) for name in ("width_median", "width_least", "width_most")]
        verdict = "REFUTED" if self.refuted else "not refuted"
        return (
            f"Law of scale, each payment predicted without its breach: {coverage['inside']:.0f} of "
            f"{coverage['of']:.0f} inside their 90 % intervals, exact binomial p = {coverage['p']:.2g} "
            f"({verdict}; it fails below {LEAST_P:g}). Width, high end over low end: {widths[0]} in the "
            f"middle, {widths[1]} to {widths[2]}."
        )

    def _fitted(self) -> str:
        low, high = self.law.slope_interval()
        falls = (
            "so that costs a person fall with size"
            if high < 1
            else "which holds 1: that costs a person fall with size is not shown by these payments alone"
        )
        return (
            f"Ten times the people, {10**self.law.slope:.2g} times the payment (exponent "
            f"{self.law.slope:.2f}, 90 % interval {low:.2f} to {high:.2f}, {falls}). Around the line a "
            f"factor of {math.exp(self.law.sigma):.2g} either way (one sigma). Settlements and fines apart: "
            f"p = {self.kind_p:.2g}."
        )

    def missed(self) -> list[str]:
        """One sentence a miss.

        Returns
        -------
        As many as there are misses.
        """
        return [
            f"Miss: {row.case}, {row.quantity}, by {row.by} ({row.how}): {row.cells()[5]}, outcome "
            f"{row.cells()[6]}, percentile {row.cells()[7]}."
            for row in self.misses
        ]

    def to_json(self) -> str:
        """The board as one JSON document.

        Returns
        -------
        ``mass``, ``coverage``, ``law``, ``rows``, ``misses`` and ``predictions``; what is endless or
        missing is null.
        """
        low, high = self.law.slope_interval()
        law = {"n": self.law.n, "intercept": self.law.intercept, "slope": self.law.slope}
        law |= {"slope_p5": low, "slope_p95": high, "sigma": self.law.sigma, "kinds_p": self.kind_p}
        document = {
            "mass": MASS,
            "coverage": self.coverage,
            "law": law,
            "rows": self.table().reset_index().to_dict("records"),
            "misses": len(self.misses),
            "predictions": self.waiting().reset_index().to_dict("records"),
            "seed": self.seed,
            "replicates": self.replicates,
        }
        return json.dumps(_finite(document), indent=2)

    def page(self) -> str:
        """The board as a page in Markdown, docs/scoreboard.md.

        Returns
        -------
        Text that ends with a line break.
        """
        lines = [
            "# Scoreboard: what was predicted, and what came of it",
            "Made by `breach-sim backtest --page`; a test holds this page against the command. Every "
            "published outcome of `catalog/data/outcomes.toml` has a row, and no miss is left out. "
            "Words and law: [the model, section 9](model.md).",
            *(f"- {words}" for words in self.sentences()),
        ]
        for by, title in ASKED.items():
            own = [row for row in self.rows if row.by == by]
            lines += [f"## {title}", _ABOUT[by], _markdown([*_SHORT, "source", "note"], map(_of_page, own))]
        silent = [(r.case, r.quantity, r.cells()[6], _source(r), r.note) for r in self.rows if not r.by]
        head = ("case", "quantity", "outcome", "source", "why nothing here speaks about it")
        lines += ["## Outcomes that nothing here predicts", _markdown(head, silent)]
        lines += ["## Predictions that wait for an outcome", *self._waiting_lines()]
        lines += ["## Sources of the outcomes", *(_source_line(source) for source in self.sources)]
        return "\n\n".join(_joined(lines)) + "\n"

    def _waiting_lines(self) -> list[str]:
        about = (
            "A payment by the law of scale on all payments, *given that there is one*; and all lines of the "
            "firm's ledger, for ten million people or more. USD, median and 90 % interval."
        )
        rows = [
            (own.scenario, as_text(own.people, 3), interval_text(own.payment), interval_text(own.ledger))
            for own in self.open_predictions
        ]
        return [about, _markdown(("scenario", "people", "a settlement or a fine", "firm's ledger"), rows)]

    def __repr__(self) -> str:
        return f"Scoreboard of {len(self.rows)} rows, {len(self.misses)} misses. {self._covered()}"

    def _repr_html_(self) -> str:
        return html.table((row.cells() for row in self.rows), HEAD, notes=self.sentences())


_SHORT = ("case", "quantity", "how", "people", "predicted (90 %)", "outcome", "percentile", "verdict")


def as_text(value: float, digits: int = 2) -> str:
    """Number in words, cut to some significant digits.

    Parameters
    ----------
    value
        Any; infinity is "endless".
    digits
        How many. [1, inf)

    Returns
    -------
    For example "87 million".

    Examples
    --------
    >>> as_text(87_357_226.26), as_text(float("inf"))
    ('87 million', 'endless')
    """
    if math.isinf(value):
        return "endless"
    return "unknown" if math.isnan(value) else human(significant(value, digits))


def _percentile_text(share: float) -> str:
    """Percentile in words; the ends are never reached."""
    if math.isnan(share):
        return ""
    return "<1" if share < 0.005 else ">99" if share > 0.995 else f"{100 * share:.0f}"  # noqa: PLR2004


def interval_text(levels: Sequence[float]) -> str:
    """Median and interval in words.

    Parameters
    ----------
    levels
        Low end, middle, high end.

    Returns
    -------
    For example "87 million (13 million to 600 million)"; "" where one is not a number.
    """
    if any(map(math.isnan, levels)):
        return ""
    return f"{as_text(levels[1])} ({as_text(levels[0])} to {as_text(levels[2])})"


def _of_page(row: ScoreRow) -> tuple[str, ...]:
    """Cells of a row where a heading says by what it was predicted."""
    case, quantity, _, *rest, verdict = row.cells()
    return (case, quantity, *rest, WORDS.get(verdict, verdict), _source(row), row.note)


def _source(row: ScoreRow) -> str:
    return f"{row.outcome.source} ({row.outcome.status})"


def _source_line(source: Source) -> str:
    about = f"{source.title}. {source.publisher}, {source.year}. Grade {source.grade}, {source.verified}."
    return f"- [{source.id}] {about} {source.url}".rstrip()


def _markdown(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    names = list(head)
    lines = [names, ["---"] * len(names), *map(list, rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _joined(lines: Sequence[str]) -> list[str]:
    """Paragraphs, with the items of a list in one."""
    made: list[str] = []
    for line in lines:
        if made and line.startswith("- ") and made[-1].startswith("- "):
            made[-1] += f"\n{line}"
        else:
            made.append(line)
    return made


def _named(rows: list[tuple[str, dict[str, Any]]], name: str) -> pd.DataFrame:
    frame = table(rows, ())
    frame.index.name = name
    return frame


def _finite(value: Any) -> Any:
    """Plain data with null in place of what JSON cannot say."""
    if isinstance(value, dict):
        return {key: _finite(own) for key, own in value.items()}
    if isinstance(value, list):
        return [_finite(own) for own in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
