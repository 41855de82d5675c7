"""The scoreboard: every prediction beside what came of it, as numbers, as text and as JSON.

The quantity is, for each published amount, the predicted interval, the outcome, hit or miss, and the scores
of the model and of its baselines. See docs/model.md, section 9.4. A row cannot be dropped: all counts are
made from the rows themselves.

Not here: how predictions are made (``predictions``), and the page (``markdown``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from breach_sim.analysis.backtesting.baselines import BASELINES
from breach_sim.analysis.backtesting.scoring import LEVELS, Score, Summary, summarize
from breach_sim.formatting import html
from breach_sim.formatting.digits import human, significant
from breach_sim.formatting.tables import table
from breach_sim.inputs.firm.outcomes import PublishedAmount

if TYPE_CHECKING:
    import pandas as pd

MODEL = "model"
"""Name of the model of payments among the baselines."""
PAYMENTS = ("settlement", "state_ag", "fine", "fine_gdpr", "fine_ocr")
"""Lines that are payments to a class or a regulator."""
SIZES = ((0.0, 1e4), (1e4, 1e6), (1e6, 1e7), (1e7, math.inf))
"""Bands of people by which scores are summarized."""
HEAD = ("breach", "kind", "people", "predicted (90 %) [USD]", "outcome [USD]", "percentile", "verdict")
"""Columns of the board as text."""
LEAST_P = 0.01
"""Probability of the percentiles' test below which the model is refuted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """One published amount and its prediction.

    Parameters
    ----------
    amount
        What was published.
    line
        Line of payment that predicts it; "" if nothing does.
    score
        Score of the model; None if nothing predicts it.
    baselines
        Scores of the baselines, as far as they speak about the line.
    note
        What one must know to read the row, or why nothing predicts it.
    """

    amount: PublishedAmount
    line: str = ""
    score: Score | None = None
    baselines: Mapping[str, Score] = field(default_factory=dict)
    note: str = ""

    @property
    def scored(self) -> bool:
        """Whether the row counts in the summaries: a prediction of an exact amount."""
        return self.score is not None and self.amount.bound == "exact"

    @property
    def nominal(self) -> float:
        """USD of the amount's month for one USD of 2024."""
        usd, constant = self.amount.usd, self.amount.usd_constant
        return usd / constant if usd and constant else 1.0

    @property
    def verdict(self) -> str:
        """``"hit"``, ``"miss"``, or "" where nothing was compared.

        A ceiling is hit if at least 5 % of the prediction lies below it, a floor if at least 5 % above.
        """
        if self.score is None:
            return ""
        low = self.score.percentile >= LEVELS[0] or self.amount.bound == "floor"
        high = self.score.percentile <= LEVELS[4] or self.amount.bound == "ceiling"
        return "hit" if low and high else "miss"

    def cells(self) -> tuple[str, ...]:
        """The row as text, by :data:`HEAD`; amounts in USD of their month."""
        own, score = self.amount, self.score
        people = "" if own.people is None else as_text(own.people, 3)
        predicted = "" if score is None else interval_text([end * self.nominal for end in score.quantiles])
        unit = {"ceiling": "at most ", "floor": "at least "}.get(own.bound, "")
        figure = own.amount if own.usd is None else own.usd
        percentile = math.nan if score is None else score.percentile
        end = (_percentile_text(percentile), self.verdict or "not predicted")
        return (own.breach, own.kind, people, predicted, unit + as_text(figure, 3), *end)


@dataclass(frozen=True, slots=True, kw_only=True)
class SumRow:
    """Sum of several lines held against what was published together.

    Parameters
    ----------
    breach, label
        Which breach, and what is summed.
    how
        "predicted" (without the breach), or "reproduced" (the amounts entered the fit).
    quantiles
        5 %, 50 % and 95 % quantile. [USD of 2024]
    outcome
        [USD of 2024]
    percentile
        Probability that the prediction lies below the outcome. [0, 1]
    """

    breach: str
    label: str
    how: str
    quantiles: tuple[float, float, float]
    outcome: float
    percentile: float

    @property
    def verdict(self) -> str:
        """``"hit"`` inside the 90 % interval, else ``"miss"``."""
        return "hit" if LEVELS[0] <= self.percentile <= LEVELS[4] else "miss"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackRow:
    """Count of the attacks held against a figure that is a ceiling for a year.

    Parameters
    ----------
    scenario, quantity
        Of the run, and what is counted.
    quantiles
        5 %, 50 % and 95 % quantile of the first year. [complaints] or [USD]
    outcome
        The ceiling, in the same unit.
    percentile
        Probability that the prediction lies below the ceiling. [0, 1]
    """

    scenario: str
    quantity: str
    quantiles: tuple[float, float, float]
    outcome: float
    percentile: float

    @property
    def verdict(self) -> str:
        """``"hit"`` if the 95 % quantile lies below the ceiling, else ``"miss"``."""
        return "hit" if self.quantiles[2] <= self.outcome else "miss"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPrediction:
    """Prediction for a breach without a published payment.

    Parameters
    ----------
    scenario, title
        Name and title.
    people, country
        Whom the firm notifies [people], and where.
    chances
        Probability of a payment, by line. (0, 1)
    payments
        5 %, 50 % and 95 % quantile of a payment, given that there is one, by line. [USD of 2024]
    ledger
        The same quantiles of all lines of the ledger; None without a ledger. [USD of 2024]
    """

    scenario: str
    title: str
    people: float
    country: str
    chances: Mapping[str, float]
    payments: Mapping[str, tuple[float, float, float]]
    ledger: tuple[float, ...] | None


@dataclass(frozen=True, kw_only=True)
class Scoreboard:
    """Every prediction beside what came of it.

    Parameters
    ----------
    rows
        One for each published amount.
    sums
        Sums of lines, and whole ledgers.
    attacks
        Counts of the attacks beside their ceilings.
    open_predictions
        Predictions that still wait for an outcome.
    effective_draws
        Effective posterior draws behind the prediction of each breach.
    figures, hash
        Number of amounts that the model was fitted on, and the hash of its data.
    seed
        What the draws came from.
    """

    rows: tuple[ScoreRow, ...]
    sums: tuple[SumRow, ...] = ()
    attacks: tuple[AttackRow, ...] = ()
    open_predictions: tuple[OpenPrediction, ...] = ()
    effective_draws: Mapping[str, float] = field(default_factory=dict)
    figures: int
    hash: str
    seed: int

    @property
    def scored(self) -> tuple[ScoreRow, ...]:
        """Rows that count in the summaries."""
        return tuple(row for row in self.rows if row.scored)

    @property
    def misses(self) -> tuple[ScoreRow, ...]:
        """Rows that miss."""
        return tuple(row for row in self.rows if row.verdict == "miss")

    @property
    def refuted(self) -> bool:
        """Whether the percentiles differ from a uniform law (Kolmogorov-Smirnov p below 0.01)."""
        return bool(self.scored) and self.overall.uniform_p < LEAST_P

    @cached_property
    def overall(self) -> Summary:
        """Summary of the model over all scored rows."""
        return summarize([row.score for row in self.scored if row.score])

    @cached_property
    def percentiles(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Percentiles of all scored rows, the PIT, between 0 and 1. Shape (n,)."""
        return np.array([row.score.percentile for row in self.scored if row.score])

    @cached_property
    def groups(self) -> dict[str, tuple[ScoreRow, ...]]:
        """Scored rows by group: all, payments, each kind, each band of size."""
        rows = self.scored
        found = {"all": rows, "payments": tuple(row for row in rows if row.line in PAYMENTS)}
        for kind in sorted({row.amount.kind for row in rows}):
            found[kind] = tuple(row for row in rows if row.amount.kind == kind)
        for low, high in SIZES:
            label = (
                f"{human(low)} to {human(high)} people" if high < math.inf else f"{human(low)} people or more"
            )
            found[label] = tuple(row for row in rows if low <= (row.amount.people or 0.0) < high)
        large = [row for row in rows if row.line == "settlement" and (row.amount.people or 0) >= SIZES[-1][0]]
        found["settlements of 10 million people or more"] = tuple(large)
        return {name: own for name, own in found.items() if own}

    def summaries(self) -> dict[str, dict[str, Summary]]:
        """Summaries of model and baselines.

        Returns
        -------
        By group, then by ``"model"`` and the name of the baseline; a baseline counts the rows about which it
        speaks.
        """
        found: dict[str, dict[str, Summary]] = {}
        for name, rows in self.groups.items():
            own = {MODEL: summarize([row.score for row in rows if row.score])}
            for baseline in BASELINES:
                scores = [row.baselines[baseline] for row in rows if baseline in row.baselines]
                if scores:
                    own[baseline] = summarize(scores)
            found[name] = own
        return found

    def table(self) -> pd.DataFrame:
        """The scoreboard as numbers.

        Returns
        -------
        One row an amount, labeled by the breach: kind, line, year, country, people, p5, p25, p50, p75, p95,
        outcome (USD of their month), outcome_2024, percentile, width, crps, log_score, verdict, bound, use,
        status, note.
        """
        return _named([(row.amount.breach, _numbers(row)) for row in self.rows], "breach")

    def summary_table(self) -> pd.DataFrame:
        """Summaries as numbers.

        Returns
        -------
        One row for each group and predictor: rows, cover90, cover50, width, crps, log_score, uniform_p.
        """
        import pandas as pd

        rows = [
            (group, name, asdict(own)) for group, by in self.summaries().items() for name, own in by.items()
        ]
        frame = _named([(group, own) for group, _, own in rows], "group")
        frame.index = pd.MultiIndex.from_tuples(
            [(group, name) for group, name, _ in rows], names=["group", "by"]
        )
        return frame

    def waiting(self) -> pd.DataFrame:
        """Predictions for breaches without a published payment, as numbers.

        Returns
        -------
        One row a scenario: people, country, chance of a settlement, its quantiles given one, the same for a
        regulator, and the quantiles of the ledger (NaN without one). [USD of 2024]
        """
        rows = []
        for own in self.open_predictions:
            line: dict[str, Any] = {"people": own.people, "country": own.country}
            for name, (which, ends) in zip(("settlement", "fine"), own.payments.items(), strict=True):
                line[f"{name}_chance"] = own.chances[which]
                line |= dict(zip((f"{name}_{level}" for level in ("p5", "p50", "p95")), ends, strict=True))
            ledger = own.ledger or (math.nan,) * 3
            line |= dict(zip((f"ledger_{level}" for level in ("p5", "p50", "p95")), ledger, strict=True))
            rows.append((own.scenario, line))
        return _named(rows, "scenario")

    def sentences(self) -> list[str]:
        """What the board comes to, in words.

        Returns
        -------
        Coverage, width and scores against the baselines, then every miss.
        """
        return [*self._covered(), *self.missed()]

    def _covered(self) -> list[str]:
        if not self.scored:
            return ["No amount was predicted."]
        own = self.overall
        verdict = "REFUTED" if self.refuted else "not refuted"
        by = self.summaries()["all"]
        others = ", ".join(
            f"{name} {other.crps:.2f}"
            for name, other in by.items()
            if name != MODEL and other.rows == own.rows
        )
        return [
            f"Model of payments: {own.cover90:.0%} of {own.rows} outcomes inside their 90 % intervals and "
            f"{own.cover50:.0%} inside their 50 % intervals; percentiles even with p = {own.uniform_p:.2g} "
            f"({verdict}; it fails below {LEAST_P:g}). Median width, 95 % over 5 %: {as_text(own.width)}.",
            f"Mean CRPS of ln amount {own.crps:.2f}; baselines: {others}.",
        ]

    def missed(self) -> list[str]:
        """One sentence a miss.

        Returns
        -------
        As many as there are misses.
        """
        return [
            f"Miss: {cells[0]}, {cells[1]}: predicted {cells[3]}, outcome {cells[4]}, percentile {cells[5]}."
            for cells in (row.cells() for row in self.misses)
        ]

    def to_json(self) -> str:
        """The board as one JSON document.

        Returns
        -------
        ``rows`` (with the scores of the baselines), ``summary`` by group and predictor, ``sums``,
        ``attacks``, ``waiting``, ``misses``, ``posterior`` and ``seed``. What is endless or missing is null.
        """
        rows = []
        for row in self.rows:
            line = {"breach": row.amount.breach, "name": row.amount.name, **_numbers(row)}
            line["baselines"] = {name: _score(own, 1.0) for name, own in row.baselines.items()}
            rows.append(line)
        document = {
            "rows": rows,
            "summary": {
                group: {name: asdict(own) for name, own in by.items()}
                for group, by in self.summaries().items()
            },
            "sums": [asdict(own) | {"verdict": own.verdict} for own in self.sums],
            "attacks": [asdict(own) | {"verdict": own.verdict} for own in self.attacks],
            "waiting": self.waiting().reset_index().to_dict("records") if self.open_predictions else [],
            "misses": len(self.misses),
            "posterior": {"hash": self.hash, "figures": self.figures},
            "seed": self.seed,
        }
        return json.dumps(_finite(document), indent=2)

    def __repr__(self) -> str:
        return f"Scoreboard of {len(self.rows)} rows, {len(self.misses)} misses. {self._covered()[0]}"

    def _repr_html_(self) -> str:
        return html.table((row.cells() for row in self.rows), HEAD, notes=self.sentences())


_NAMES = ("p5", "p25", "p50", "p75", "p95")


def _score(score: Score, nominal: float) -> dict[str, float]:
    ends = dict(zip(_NAMES, (end * nominal for end in score.quantiles), strict=True))
    own = {"percentile": score.percentile, "width": score.width}
    return ends | own | {"crps": score.crps, "log_score": score.log_score}


def _numbers(row: ScoreRow) -> dict[str, Any]:
    """Columns of a row."""
    own = row.amount
    line: dict[str, Any] = {"kind": own.kind, "line": row.line, "year": own.year, "country": own.country}
    line["people"] = math.nan if own.people is None else own.people
    missing = dict.fromkeys((*_NAMES, "percentile", "width", "crps", "log_score"), math.nan)
    scores = missing if row.score is None else _score(row.score, row.nominal)
    line |= {name: scores[name] for name in _NAMES} | {"median": scores["p50"]}
    line |= {"outcome": own.amount if own.usd is None else own.usd}
    line |= {"outcome_2024": math.nan if own.usd_constant is None else own.usd_constant}
    line |= {name: scores[name] for name in ("percentile", "width", "crps", "log_score")}
    line |= {"verdict": row.verdict, "bound": own.bound, "use": own.use, "status": own.status}
    return line | {"note": row.note}


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
        An odd number of quantiles in ascending order.

    Returns
    -------
    For example "87 million (13 million to 600 million)".
    """
    return f"{as_text(levels[len(levels) // 2])} ({as_text(levels[0])} to {as_text(levels[-1])})"


def _named(rows: Iterable[tuple[str, dict[str, Any]]], name: str) -> pd.DataFrame:
    frame = table(list(rows), ())
    frame.index.name = name
    return frame


def _finite(value: Any) -> Any:
    """Plain data with null in place of what JSON cannot say."""
    if isinstance(value, dict):
        return {key: _finite(own) for key, own in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(own) for own in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
