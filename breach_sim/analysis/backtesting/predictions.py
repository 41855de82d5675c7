"""Predictions held against what was published: each amount by the model of payments, counts by the attacks.

An amount of a breach that the model was fitted on is predicted without any row of that breach; an amount of
another breach from the posterior as it ships. Amounts of which the model does not speak keep their place,
with the reason. See docs/model.md, section 9.4.

Not here: the law (``leave_one_out``), the scores (``scoring``), the board (``scoreboard``) and its page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from breach_sim import catalog
from breach_sim.analysis.backtesting.baselines import BASELINES, Baselines
from breach_sim.analysis.backtesting.leave_one_out import LeftOut, leave_out, with_refits
from breach_sim.analysis.backtesting.scoreboard import (
    AttackRow,
    OpenPrediction,
    Scoreboard,
    ScoreRow,
    SumRow,
)
from breach_sim.analysis.backtesting.scoring import LEVELS, Law, Normals, score
from breach_sim.analysis.calibration.gaussian import FitRow
from breach_sim.analysis.calibration.rows import fit_rows, kinds_of, row_of
from breach_sim.engine.draws.parameters import FEWER_REPLICATES, Parameters
from breach_sim.engine.draws.streams import check_seed
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.firm.ledger import OUTCOME
from breach_sim.inputs.firm.outcomes import PublishedAmount
from breach_sim.inputs.firm.payments import Case, PaymentRows, line_of
from breach_sim.inputs.published import breach_of
from breach_sim.results.simulation import simulate
from breach_sim.results.tables.money import breached, firm_cost, lines_of, notified

DRAWS = 1_000
"""Posterior rows behind a prediction without its breach."""
SUM_DRAWS = 20_000
"""Draws of a sum of amounts."""
SWAP_SCENARIOS: Mapping[str, tuple[str, ...]] = {
    "tmobile-2021": ("tmobile-2021-class", "tmobile-2021-stated"),
}
"""Scenarios whose SIM swaps are held against national complaints, by breach."""
_SWAP = "sim_swap"
_REPORTED = {"complaints": "complaints", "complaint_loss": "loss_usd"}
_WHOLE = ("cost_gross", "cost")
"""Kinds of amount that a whole ledger is held against."""


def backtest(outcomes: Iterable[PublishedAmount] | str | Path | None = None, *, seed: int = 1) -> Scoreboard:
    """Compare predictions with published outcomes: the scoreboard.

    Parameters
    ----------
    outcomes
        Published amounts, or the path of a CSV file of them with columns breach, kind, amount, currency and,
        as far as known, year, country, people, fields and set_on. None takes those of the catalog.
    seed
        Of the draws of sums, of the ledger and of the attacks. [0, 2**63)

    Returns
    -------
    The scoreboard: one row for each amount. With the catalog's outcomes also sums, ledgers, the attacks'
    counts and the predictions that wait for an outcome.

    Raises
    ------
    CatalogError
        If the file is not valid.
    ValueError
        If the seed is out of range.

    Examples
    --------
    >>> backtest([]).sentences()
    ['No amount was predicted.']
    """
    seed = check_seed(seed)
    own = outcomes is None
    published = catalog.load_amounts() if outcomes is None else _amounts(outcomes)
    made = _Predictions(seed, kinds_of(published), strict=not isinstance(outcomes, (str, Path)))
    return Scoreboard(
        rows=tuple(made.row(amount) for amount in published),
        sums=made.sums(published) + (made.ledgers(published) if own else ()),
        attacks=made.attacks(published) if own else (),
        open_predictions=made.waiting(published) if own else (),
        effective_draws=made.effective_draws(published),
        figures=made.rows.figures,
        hash=made.rows.hash,
        seed=seed,
    )


class _Predictions:
    """Makes the rows of a board; a strict one predicts only what is marked for the fit."""

    def __init__(self, seed: int, kinds: Mapping[str, frozenset[str]], *, strict: bool) -> None:
        self.seed, self.kinds, self.strict = seed, kinds, strict
        self.rows: PaymentRows = catalog.load_payment_rows()
        self.fitted: tuple[FitRow, ...] = fit_rows()
        self.known = {row.breach for row in self.fitted}

    @cached_property
    def left_out(self) -> LeftOut:
        return _left_out()

    @cached_property
    def baselines(self) -> Baselines:
        return Baselines(rows=self.fitted, first=catalog.load_first_payments())

    def effective_draws(self, published: Iterable[PublishedAmount]) -> dict[str, float]:
        """Effective draws behind the predictions without their breach, by breach."""
        asked = sorted({amount.breach for amount in published} & self.known)
        return {breach: self.left_out.effective_draws(breach) for breach in asked}

    def law(self, row: FitRow) -> Law:
        """Prediction of ln amount: without the breach if the model was fitted on it."""
        if row in self.fitted:
            return self.left_out.law(self.fitted.index(row))
        if row.breach in self.known:
            return self.left_out.other_law(row)
        return self.new_law(row.line, row.case)

    def new_law(self, line: str, case: Case) -> Law:
        """Prediction for a breach that the model was not fitted on."""
        chosen = np.arange(0, self.rows.rows, max(1, self.rows.rows // DRAWS))
        return Normals(self.rows.log_mean(line, case, chosen), self.rows.spread_of(line, chosen))

    def row(self, amount: PublishedAmount) -> ScoreRow:
        """Row of an amount."""
        row = row_of(amount, self.kinds[amount.breach])
        if row is None or amount.use == "left out" or (self.strict and amount.use != "fit"):
            return ScoreRow(amount=amount, note=_why_not(amount))
        laws = {name: self.baselines.law(name, row) for name in BASELINES}
        return ScoreRow(
            amount=amount,
            line=row.line,
            score=score(self.law(row), row.ln_amount),
            baselines={name: score(law, row.ln_amount) for name, law in laws.items() if law is not None},
            note=_note(row),
        )

    def sums(self, published: Sequence[PublishedAmount]) -> tuple[SumRow, ...]:
        """Sums of settlement, fine and security where all three were published, without the breach."""
        found = []
        for breach in sorted(self.known):
            own = [amount for amount in published if amount.breach == breach and amount.usd_constant]
            parts = {kind: [a for a in own if a.kind == kind and a.use != "left out"] for kind in OUTCOME}
            numbers = [
                number
                for number, row in enumerate(self.fitted)
                if row.breach == breach and row.line in OUTCOME
            ]
            if not all(parts.values()) or len(numbers) != len(OUTCOME):
                continue
            outcome = sum(a.usd_constant or 0.0 for group in parts.values() for a in group)
            sample = self.left_out.sums(numbers, SUM_DRAWS, self.seed)
            found.append(_sum_row(breach, " + ".join(OUTCOME), "predicted", sample, outcome))
        return tuple(found)

    def ledgers(self, published: Sequence[PublishedAmount]) -> tuple[SumRow, ...]:
        """Whole ledgers of the library's scenarios beside what the firm booked; reproduced."""
        found = []
        for amount in published:
            scenario = _scenario_of(amount.breach)
            if amount.kind not in _WHOLE or amount.use != "fit" or scenario is None:
                continue
            sample = whole_ledger(scenario, self.seed)
            if sample is not None and amount.usd_constant:
                label = f"all lines of {scenario} against {amount.kind}"
                found.append(_sum_row(amount.breach, label, "reproduced", sample, amount.usd_constant))
        return tuple(found)

    def attacks(self, published: Sequence[PublishedAmount]) -> tuple[AttackRow, ...]:
        """SIM swaps of the first year beside the rise of national complaints, a ceiling."""
        asked = {a.kind: a for a in published if a.kind in _REPORTED and a.breach in SWAP_SCENARIOS}
        if len(asked) < len(_REPORTED):
            return ()
        found = []
        levels = {kind: asked[kind].usd or asked[kind].amount for kind in _REPORTED}
        for scenario in SWAP_SCENARIOS[asked["complaints"].breach]:
            breach = catalog.load_scenario(scenario)
            graph = catalog.attacks_for(breach)
            run = simulate(
                breach,
                graph,
                replicates=FEWER_REPLICATES,
                seed=self.seed,
                posterior=catalog.load_posterior(),
            )
            table = run.reported(_SWAP, complaints=levels["complaints"], loss_usd=levels["complaint_loss"])
            for kind, name in _REPORTED.items():
                line = table.loc[name].to_dict()
                found.append(
                    AttackRow(
                        scenario=scenario,
                        quantity=kind,
                        quantiles=(float(line["p5"]), float(line["p50"]), float(line["p95"])),
                        outcome=levels[kind],
                        percentile=1.0 - float(line["p_exceed"]),
                    )
                )
        return tuple(found)

    def waiting(self, published: Sequence[PublishedAmount]) -> tuple[OpenPrediction, ...]:
        """Predictions for the library's breaches without a payment."""
        return tuple(self.open_prediction(name) for name in waiting_scenarios(published))

    def open_prediction(self, name: str) -> OpenPrediction:
        """Prediction for one scenario without a payment."""
        breach = catalog.load_scenario(name)
        known, whole = breached(breach), whole_ledger(name, self.seed)
        line = next(own for own in ("fine_gdpr", "fine") if own in known.lines())
        laws = {own: self.new_law(own, known.case) for own in ("settlement", line)}
        chance = {own: float(self.rows.chance_of_payment(own, known.case).mean()) for own in laws}
        return OpenPrediction(
            scenario=name,
            title=breach.title,
            people=known.case.people,
            country=known.case.country,
            chances=chance,
            payments={own: _three(law) for own, law in laws.items()},
            ledger=None if whole is None else tuple(map(float, np.quantile(whole, _THREE))),
        )


_THREE = np.array([LEVELS[0], LEVELS[2], LEVELS[4]])


def waiting_scenarios(published: Sequence[PublishedAmount] | None = None) -> tuple[str, ...]:
    """Return the scenarios of the library that wait for an outcome.

    Parameters
    ----------
    published
        Published amounts; None takes those of the catalog.

    Returns
    -------
    Names of the scenarios with people, no misreading of a breach, whose breach has no payment.
    """
    paid = {row.breach for row in fit_rows(published)}
    found = []
    for name in catalog.scenario_names():
        breach = catalog.load_scenario(name)
        misread = breach.dossier.standing == "misreading"
        if breach_of(name) not in paid and not misread and notified(breach)[0]:
            found.append(name)
    return tuple(found)


def whole_ledger(scenario: str, seed: int) -> Array | None:
    """Draw the whole cost of the firm of a scenario.

    Parameters
    ----------
    scenario
        Name of a scenario of the library.
    seed
        Of the draws. [0, 2**63)

    Returns
    -------
    Shape (replicates,), or None where there is no ledger. [USD of 2024]
    """
    breach = catalog.load_scenario(scenario)
    return firm_cost(lines_of(catalog.load_firm(), Parameters(seed, FEWER_REPLICATES), breach))


@lru_cache(maxsize=1)
def _left_out() -> LeftOut:
    """All predictions without their breach, once a process."""
    arrays = catalog.load_payment_arrays()
    step = max(1, len(arrays["numbers"]) // DRAWS)
    found = leave_out(fit_rows(), arrays["numbers"][::step], arrays["ln_amount"][::step])
    return with_refits(found, catalog.load_refits())


def _three(law: Law) -> tuple[float, float, float]:
    low, middle, high = (float(math.exp(end)) for end in law.quantile(_THREE))
    return low, middle, high


def _sum_row(breach: str, label: str, how: str, sample: Array, outcome: float) -> SumRow:
    low, middle, high = (float(end) for end in np.quantile(sample, _THREE))
    return SumRow(
        breach=breach,
        label=label,
        how=how,
        quantiles=(low, middle, high),
        outcome=outcome,
        percentile=float(np.mean(sample < outcome)),
    )


def _amounts(outcomes: Iterable[PublishedAmount] | str | Path) -> tuple[PublishedAmount, ...]:
    return catalog.read_amounts(outcomes) if isinstance(outcomes, (str, Path)) else tuple(outcomes)


def _scenario_of(breach: str) -> str | None:
    """Scenario of a breach: the one that is best confirmed."""
    names = [name for name in catalog.scenario_names() if breach_of(name) == breach]
    for word in ("class", "confirmed", "stated"):
        for name in names:
            if name.endswith(word):
                return name
    return names[0] if names else None


def _why_not(amount: PublishedAmount) -> str:
    """Why nothing here predicts an amount."""
    if amount.reason:
        return amount.reason
    line = line_of(amount.kind, amount.country, amount.set_on)
    if line is None:
        return f"nothing here predicts an amount of kind {amount.kind}"
    return "people not published" if amount.people is None else "not predicted"


def _note(row: FitRow) -> str:
    bounds = {"ceiling": "a ceiling: scored by no rule", "floor": "a floor: scored by no rule", "exact": ""}
    return bounds[row.bound]
