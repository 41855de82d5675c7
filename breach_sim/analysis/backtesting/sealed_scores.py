"""Hold sealed forecasts against what was published after they were sealed.

Percentile and CRPS of ln amount come from the 99 quantiles of the entry; the log score is that of the chance
of a payment. See docs/model.md, section 9.4.

Not here: entries and their chain (``forecasts``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from breach_sim.analysis.backtesting.forecasts import LEVELS, Forecast, SealedLine, check_day
from breach_sim.analysis.backtesting.scoring import LEVELS as ENDS
from breach_sim.formatting.messages import shown
from breach_sim.inputs.firm.outcomes import PublishedAmount
from breach_sim.inputs.firm.payments import line_of
from breach_sim.inputs.published import breach_of

LEDGER_KIND = "cost_gross"
"""Kind of amount that the whole ledger is held against."""
_FORM = "BREACH:LINE:DAY"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedScore:
    """One line of a sealed forecast, and what came of it.

    Parameters
    ----------
    number, date, scenario
        Of the entry.
    line
        Line of payment.
    set_on
        When the outcome was set.
    outcome
        [USD of 2024]; None if the matter was closed without a payment.
    quantiles
        5 %, 50 % and 95 % quantile of the prediction, given a payment. [USD of 2024]
    percentile
        Probability that the prediction lies below the outcome, cut to [0.01, 0.99]; None without a payment.
    crps
        Of ln amount; None without a payment. [ln USD]
    chance
        Probability of a payment that was sealed. [0, 1]
    chance_score
        Log of the probability of what happened; None if the line was counted before. (-inf, 0]
    """

    number: int
    date: str
    scenario: str
    line: str
    set_on: str
    outcome: float | None
    quantiles: tuple[float, float, float]
    percentile: float | None
    crps: float | None
    chance: float
    chance_score: float | None

    @property
    def verdict(self) -> str:
        """``"hit"`` inside the 90 % interval, ``"miss"`` outside, ``"no payment"``."""
        if self.percentile is None or self.outcome is None:
            return "no payment"
        return "hit" if self.quantiles[0] <= self.outcome <= self.quantiles[2] else "miss"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedBoard:
    """Sealed forecasts beside what came of them.

    Parameters
    ----------
    entries
        Number of entries of the file, whose chain was verified.
    scores
        What was compared.
    left_out
        Outcomes that were not compared, each with the reason.
    """

    entries: int
    scores: tuple[SealedScore, ...]
    left_out: tuple[str, ...]

    def sentences(self) -> list[str]:
        """What the board comes to, in words.

        Returns
        -------
        Coverage, mean CRPS and mean log score of the chances, then what was left out.
        """
        found = [f"Chain of {self.entries} entries verified."]
        paid = [own for own in self.scores if own.crps is not None]
        if paid:
            hits = sum(own.verdict == "hit" for own in paid)
            mean = float(np.mean([own.crps for own in paid]))
            found.append(
                f"{hits} of {len(paid)} amounts inside their 90 % intervals; "
                f"mean CRPS of ln amount {mean:.2f}."
            )
        chances = [own.chance_score for own in self.scores if own.chance_score is not None]
        if chances:
            mean = float(np.mean(chances))
            found.append(f"Mean log score of {len(chances)} chances of a payment: {mean:.2f}.")
        if not self.scores:
            found.append("No outcome was set after a forecast of it was sealed.")
        return [*found, *(f"Not compared: {words}." for words in self.left_out)]

    def to_json(self) -> str:
        """The board as one JSON document.

        Returns
        -------
        ``entries``, ``scores`` (with ``verdict``) and ``left_out``.
        """
        scores = [asdict(own) | {"verdict": own.verdict} for own in self.scores]
        document = {"entries": self.entries, "scores": scores, "left_out": self.left_out}
        return json.dumps(document, indent=2, allow_nan=False)


@dataclass(frozen=True, slots=True)
class Closed:
    """A matter that was closed without a payment.

    Parameters
    ----------
    breach, line
        Which breach, and which line of payment.
    day
        Day on which it was closed, such as "2027-03-01".
    """

    breach: str
    line: str
    day: str


def closed(text: str) -> Closed:
    """Read a matter that was closed without a payment.

    Parameters
    ----------
    text
        Breach, line and day, such as "odido-2026:settlement:2027-03-01".

    Returns
    -------
    Its parts.

    Raises
    ------
    ValueError
        If it is not written in this way.
    """
    parts = text.split(":")
    if len(parts) != len(_FORM.split(":")) or not all(parts):
        raise ValueError(
            f"--closed is {shown(text)}; write {_FORM}, such as odido-2026:settlement:2027-03-01"
        )
    check_day(parts[2])
    return Closed(*parts)


def score_sealed(
    chain: Sequence[Forecast], amounts: Iterable[PublishedAmount], without: Iterable[Closed] = ()
) -> SealedBoard:
    """Hold each outcome against the newest forecast that was sealed before it was set.

    Parameters
    ----------
    chain
        Entries of a verified file.
    amounts
        Published amounts.
    without
        Matters that were closed without a payment.

    Returns
    -------
    The board. An amount dated by its month or year counts from the first day of it. A chance is scored once
    for each entry and line.
    """
    scores: list[SealedScore] = []
    left_out: list[str] = []
    seen: set[tuple[int, str]] = set()
    for amount in amounts:
        line = _line(amount)
        why = _why_not(amount, line)
        entries = [] if why else _in_force(chain, amount.breach, line, _first_day(amount.set_on))
        if not entries:
            left_out.append(f"{amount.breach}, {amount.kind}: {why or _no_entry(chain, amount.breach)}")
        for entry in entries:
            scores.append(_paid(entry, line, amount, counted=(entry.number, line) in seen))
            seen.add((entry.number, line))
    for matter in without:
        entries = _in_force(chain, matter.breach, matter.line, matter.day)
        if not entries:
            left_out.append(f"{matter.breach}, {matter.line}: {_no_entry(chain, matter.breach)}")
        for entry in entries:
            if (entry.number, matter.line) in seen:
                left_out.append(f"{matter.breach}, {matter.line}: it has an outcome already")
                continue
            scores.append(_unpaid(entry, matter))
            seen.add((entry.number, matter.line))
    return SealedBoard(entries=len(chain), scores=tuple(scores), left_out=tuple(left_out))


def crps(line: SealedLine, ln_amount: float) -> float:
    """Compute the CRPS of a sealed line from its quantiles.

    Parameters
    ----------
    line
        What was sealed.
    ln_amount
        Outcome. [ln USD of 2024]

    Returns
    -------
    Mean of 2 (1{y < q} - a) (q - y) over the levels a, by the trapezoid rule; the integrand is taken as 0 at
    the levels 0 and 1. [ln USD]
    """
    ends, levels = np.array(line.ln_usd), np.array(LEVELS)
    pinball = 2 * ((ln_amount < ends) - levels) * (ends - ln_amount)
    return float(pinball.sum() / (len(levels) + 1))


def _line(amount: PublishedAmount) -> str:
    if amount.kind == LEDGER_KIND:
        return "ledger"
    return line_of(amount.kind, amount.country, amount.set_on) or ""


def _why_not(amount: PublishedAmount, line: str) -> str:
    """Why an amount cannot be compared, whatever was sealed."""
    if not line or amount.usd_constant is None:
        return "no line of payment is meant"
    if amount.bound != "exact":
        return f"it is a {amount.bound}, no exact amount"
    if amount.use == "left out":
        return amount.reason
    return "" if amount.set_on else "column set_on is empty; give the day on which it was set"


def _first_day(set_on: str) -> str:
    """First day of a year, a month or a day."""
    return set_on + "-01" * (2 - set_on.count("-"))


def _in_force(chain: Sequence[Forecast], breach: str, line: str, day: str) -> list[Forecast]:
    """Newest entry of each scenario of a breach with a line, sealed before a day."""
    newest = {
        entry.scenario: entry
        for entry in chain
        if breach in {entry.scenario, breach_of(entry.scenario)} and line in entry.lines and entry.date < day
    }
    return list(newest.values())


def _no_entry(chain: Sequence[Forecast], breach: str) -> str:
    own = [entry for entry in chain if breach in {entry.scenario, breach_of(entry.scenario)}]
    if not own:
        return "no forecast of this breach was sealed"
    return f"no forecast of this line was sealed before (first entry: {own[0].number}, {own[0].date})"


def _ends(line: SealedLine) -> tuple[float, float, float]:
    low, middle, high = (math.exp(line.ln_usd[LEVELS.index(level)]) for level in (ENDS[0], ENDS[2], ENDS[4]))
    return low, middle, high


def _paid(entry: Forecast, line: str, amount: PublishedAmount, *, counted: bool) -> SealedScore:
    own, usd = entry.lines[line], amount.usd_constant or math.nan
    return SealedScore(
        number=entry.number,
        date=entry.date,
        scenario=entry.scenario,
        line=line,
        set_on=amount.set_on,
        outcome=usd,
        quantiles=_ends(own),
        percentile=float(np.interp(math.log(usd), own.ln_usd, LEVELS)),
        crps=crps(own, math.log(usd)),
        chance=own.chance,
        chance_score=None if counted else _log(own.chance),
    )


def _unpaid(entry: Forecast, matter: Closed) -> SealedScore:
    own = entry.lines[matter.line]
    return SealedScore(
        number=entry.number,
        date=entry.date,
        scenario=entry.scenario,
        line=matter.line,
        set_on=matter.day,
        outcome=None,
        quantiles=_ends(own),
        percentile=None,
        crps=None,
        chance=own.chance,
        chance_score=_log(1.0 - own.chance),
    )


def _log(chance: float) -> float:
    """Log of a chance; one that was sealed as 0 or 1 counts as half of the last digit that is stored."""
    return math.log(max(chance, 5e-5))
