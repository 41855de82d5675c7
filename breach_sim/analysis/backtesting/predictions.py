"""Predictions held against what was published: each outcome, and each thing here that speaks about it.

The quantity is a prediction made without its outcome where that is possible, and named *reproduced* where
it is not. Payments are held against the law of scale, fitted without their breach; all money of the firm
also against its ledger; counts and complaints against the attacks. See docs/model.md, section 9.

Not here: the fit (``law_of_scale``), and the board with its words (``scoreboard``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from breach_sim import catalog
from breach_sim.analysis.backtesting import law_of_scale as scale
from breach_sim.analysis.backtesting.law_of_scale import INTERVAL, ScaleLaw
from breach_sim.analysis.backtesting.scoreboard import (
    ATTACKS,
    LAW,
    LEDGER,
    OpenPrediction,
    Scoreboard,
    ScoreRow,
)
from breach_sim.engine.draws.parameters import FEWER_REPLICATES, REPLICATES, Parameters
from breach_sim.engine.draws.streams import check_seed
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.firm import LINES, OUTCOME
from breach_sim.inputs.numbers.estimates import Source
from breach_sim.inputs.published import PAYMENTS, Outcome, breach_of
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import check_replicates, simulate
from breach_sim.results.tables.money import notified

LEAST_PEOPLE = 10_000_000
"""People from which on the rates of the ledger hold."""
RUNS = FEWER_REPLICATES
"""Replicates of the attacks, at most; the ledger takes all that are asked for."""
SILENT = {
    "settlement_total": "a ceiling that holds the settlement",
    "restitution": "holds the settlement",
    "charge": "holds the settlement",
    "fees": "a part of the settlement",
    "paid": "a part of the settlement",
    "ransom": "nothing here says what criminals are paid",
    "victims": "not the victims of one of the attacks",
    "loss": "not the loss of one of the attacks",
}
"""Quantities of which nothing here speaks, and why."""
CEILINGS = ("claims", "complaints", "complaint_loss")
"""Quantities that are only ceilings of what the attacks give."""
_REPORTED = {"complaints": "complaints", "complaint_loss": "loss_usd"}
_SWAP = "sim_swap"


def backtest(
    outcomes: Iterable[Outcome] | str | Path | None = None, *, replicates: int = REPLICATES, seed: int = 1
) -> Scoreboard:
    """Compare predictions with published outcomes: the scoreboard.

    Parameters
    ----------
    outcomes
        Outcomes, or the path of a TOML file of outcomes. None takes those of the catalog. The law of scale
        is always fitted to the payments of the catalog, without those of the breach that it predicts.
    replicates
        Draws of the firm's ledger, by default 8,192; of the attacks at most 2,048 of them. [1, 10**7]
    seed
        The same seed gives the same scoreboard. [0, 2**63)

    Returns
    -------
    The scoreboard: at least one row for each outcome, and predictions for the breaches without a payment.

    Raises
    ------
    CatalogError
        If the file is no valid file of outcomes.
    ValueError
        If an argument is out of range.

    Notes
    -----
    The law of scale is in closed form; it does not depend on seed and replicates.

    Examples
    --------
    >>> board = backtest(replicates=100)
    >>> board.coverage["inside"] <= board.coverage["of"], len(board.by_law) == board.law.n
    (True, True)
    """
    known = catalog.load_outcomes()
    published = known if outcomes is None else _outcomes_of(outcomes)
    predictions = _Predictions(known, check_replicates(replicates), check_seed(seed))
    rows = [row for outcome in published for row in predictions.rows(outcome, published)]
    sizes, paid = predictions.people, [outcome.figure for outcome in predictions.payments]
    return Scoreboard(
        rows=(*rows, *predictions.sums(published)),
        open_predictions=predictions.without_payment(published),
        law=predictions.fitted_without(""),
        kind_p=scale.kinds_differ(sizes, paid, [outcome.quantity for outcome in predictions.payments]),
        seed=seed,
        replicates=replicates,
        sources=_sources(published),
    )


class _Predictions:
    """Makes the rows of a board; simulates each scenario once."""

    def __init__(self, known: Sequence[Outcome], replicates: int, seed: int) -> None:
        self.payments = [outcome for outcome in known if outcome.quantity in PAYMENTS and outcome.people]
        self.people = [outcome.people or 0.0 for outcome in self.payments]
        self._firm = catalog.load_firm()
        self._draw = Parameters(seed, replicates)
        self._replicates, self._seed = replicates, seed
        self._impacts: dict[str, Impact] = {}

    def fitted_without(self, breach: str) -> ScaleLaw:
        """The law of scale on the payments of all other breaches."""
        kept = [i for i, outcome in enumerate(self.payments) if outcome.breach != breach]
        return scale.fit([self.people[i] for i in kept], [self.payments[i].figure for i in kept])

    def rows(self, outcome: Outcome, published: Sequence[Outcome]) -> list[ScoreRow]:
        """Rows of an outcome, at least one."""
        if outcome.quantity in SILENT:
            return [_silent(outcome, SILENT[outcome.quantity])]
        if outcome.quantity in CEILINGS:
            return [self._attacks(outcome)]
        if outcome.people is None:
            return [_silent(outcome, "people not published")]
        if outcome.quantity == "security" and len(_parts(published, outcome.scenario, "security")) > 1:
            return [_silent(outcome, "compared in sum with the others of its kind")]
        lines = [outcome.quantity] if outcome.quantity in LINES else list(LINES)
        law = [self._law(outcome)] if outcome.quantity in PAYMENTS else []
        return [*law, self._ledger(outcome, outcome.quantity, lines)]

    def sums(self, published: Sequence[Outcome]) -> list[ScoreRow]:
        """Rows of sums: security in several parts, and all lines that became public together."""
        made = []
        for scenario in dict.fromkeys(outcome.scenario for outcome in published if outcome.scenario):
            parts = {line: _parts(published, scenario, line) for line in OUTCOME}
            security = parts["security"]
            if len(security) > 1:
                made.append(self._ledger(_sum(security), "security, in sum", ["security"]))
            if all(parts.values()):
                whole = _sum([outcome for line in OUTCOME for outcome in parts[line]])
                made.append(self._ledger(whole, " + ".join(OUTCOME), list(OUTCOME)))
        return made

    def without_payment(self, published: Sequence[Outcome]) -> tuple[OpenPrediction, ...]:
        """Predictions for the library's breaches without a payment."""
        paid = {outcome.breach for outcome in (*self.payments, *published) if outcome.quantity in PAYMENTS}
        law, made = self.fitted_without(""), []
        for name in catalog.scenario_names():
            people, customers = notified(catalog.load_scenario(name))
            breach = catalog.load_scenario(name)
            if breach_of(name) in paid or breach.dossier.standing == "misreading" or not people:
                continue
            whole = self._costs(people, customers, LINES)
            ledger = np.quantile(whole, INTERVAL) if people >= LEAST_PEOPLE else np.full(3, np.nan)
            made.append(
                OpenPrediction(
                    scenario=name,
                    title=breach.title,
                    people=people,
                    payment=tuple(map(float, law.quantiles(people))),
                    ledger=tuple(map(float, ledger)),
                )
            )
        return tuple(made)

    def _law(self, outcome: Outcome) -> ScoreRow:
        people, law = outcome.people or 0.0, self.fitted_without(outcome.breach)
        low, middle, high = map(float, law.quantiles(people))
        return ScoreRow(
            outcome=outcome,
            quantity=outcome.quantity,
            by=LAW,
            how="predicted",
            low=low,
            middle=middle,
            high=high,
            percentile=law.percentile(people, outcome.figure),
            verdict="hit" if low <= outcome.figure <= high else "miss",
            note=f"from {law.n} payments of other breaches",
        )

    def _ledger(self, outcome: Outcome, quantity: str, lines: Sequence[str]) -> ScoreRow:
        people = int(outcome.people or 0)
        in_library = outcome.scenario in catalog.scenario_names()
        reached, customers = notified(catalog.load_scenario(outcome.scenario)) if in_library else (1, 0)
        sample = self._costs(people, round(people * customers / reached), lines)
        rates = [rate for rate in self._firm.estimates() if rate.name.partition(".")[2] in lines]
        read = any(outcome.source in rate.sources for rate in rates)
        note = "all lines" if len(lines) == len(LINES) else f"line {' + '.join(lines)}"
        if people < LEAST_PEOPLE:
            note += "; below the ten million people for which the rates hold"
        return _compared(
            outcome, quantity, LEDGER, sample, how="reproduced" if read else "predicted", note=note
        )

    def _costs(self, people: int, customers: int, lines: Sequence[str]) -> Array:
        costs = self._firm.lines(self._draw, people, customers)
        return np.asarray(np.sum([costs[line] for line in lines], axis=0))

    def _attacks(self, outcome: Outcome) -> ScoreRow:
        if outcome.scenario not in catalog.scenario_names():
            return _silent(outcome, "the library has no scenario of this breach")
        run = self._impact(outcome.scenario)
        if outcome.quantity == "claims":
            note = "ceiling for people harmed by any attack, of whom not all claim"
            return _compared(
                outcome, outcome.quantity, ATTACKS, run.people.astype(float), how="predicted", note=note
            )
        found = dict(
            run.reported(_SWAP, complaints=outcome.figure, loss_usd=outcome.figure).loc[
                _REPORTED[outcome.quantity]
            ]
        )
        return ScoreRow(
            outcome=outcome,
            quantity=outcome.quantity,
            by=ATTACKS,
            how="reproduced",
            low=found["p5"],
            middle=found["p50"],
            high=found["p95"],
            percentile=1 - found["p_exceed"],
            verdict="hit" if found["p95"] <= outcome.figure else "miss",
            note="ceiling for SIM swaps of the first year; the rates were set by such figures",
        )

    def _impact(self, scenario: str) -> Impact:
        if scenario not in self._impacts:
            breach = catalog.load_scenario(scenario)
            graph = catalog.attacks_for(breach)
            runs = min(self._replicates, RUNS)
            self._impacts[scenario] = simulate(
                breach, graph, replicates=runs, seed=self._seed, posterior=catalog.load_posterior()
            )
        return self._impacts[scenario]


def _sources(published: Sequence[Outcome]) -> tuple[Source, ...]:
    """Sources of some outcomes, as far as the catalog has them."""
    known = {**catalog.load_sources(), **catalog.outcome_sources()}
    return tuple(known[name] for name in sorted({outcome.source for outcome in published}) if name in known)


def _outcomes_of(outcomes: Iterable[Outcome] | str | Path) -> tuple[Outcome, ...]:
    if isinstance(outcomes, (str, Path)):
        return catalog.read_outcomes(Path(outcomes), str(outcomes))
    return tuple(outcomes)


def _parts(published: Sequence[Outcome], scenario: str, quantity: str) -> list[Outcome]:
    """Outcomes of one kind about one scenario; none for a breach without."""
    return [
        outcome
        for outcome in published
        if scenario and (outcome.scenario, outcome.quantity) == (scenario, quantity)
    ]


def _sum(parts: Sequence[Outcome]) -> Outcome:
    """Several figures about the same people as one."""
    whole = sum(outcome.figure for outcome in parts)
    return replace(parts[0], value=whole, value_usd=whole, currency="USD", status="derived")


def _silent(outcome: Outcome, why: str) -> ScoreRow:
    return ScoreRow(outcome=outcome, quantity=outcome.quantity, note=why)


def _compared(outcome: Outcome, quantity: str, by: str, sample: Array, *, how: str, note: str) -> ScoreRow:
    """Row of a sample compared with an outcome."""
    low, middle, high = (float(level) for level in np.quantile(sample, INTERVAL))
    inside = high <= outcome.figure if outcome.quantity in CEILINGS else low <= outcome.figure <= high
    return ScoreRow(
        outcome=outcome,
        quantity=quantity,
        by=by,
        how=how,
        low=low,
        middle=middle,
        high=high,
        note=note,
        percentile=float(np.mean(sample < outcome.figure)),
        verdict="hit" if inside else "miss",
    )
