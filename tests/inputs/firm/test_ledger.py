"""The firm's ledger is the slow twin's, line by line and replicate by replicate."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr
from support import payments_reference as twin

from breach_sim.catalog import load_firm, load_payment_rows
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.firm.ledger import LINES as LEDGER
from breach_sim.inputs.firm.ledger import PAYMENTS, STREAMS, Breached, FirmCosts, why_no_ledger
from breach_sim.inputs.firm.payments import DATA_KINDS, LINES, PLACES, Case, line_of
from breach_sim.inputs.numbers.estimates import Estimate

SIZE = 40
CASES = [
    Case(people=7.6e7, kinds=frozenset({"national_id"}), country="US"),
    Case(people=5e4, kinds=frozenset({"medical", "card"}), country="US"),
    Case(people=1.57e5, kinds=frozenset({"financial"}), country="GB"),
    Case(people=2.3e7, kinds=frozenset(), country="KR"),
]


class Fixed:
    """Draws of parameters and uniform numbers, one generator a name."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def chance(self, name: str) -> Array:
        """Uniform numbers of a name."""
        return np.random.default_rng([self.seed, *name.encode()]).random(SIZE)

    def __call__(self, estimate: Estimate) -> Array:
        """Draws of an estimate."""
        return estimate.ppf(self.chance(estimate.name))


def of_twin(costs: FirmCosts, draw: Fixed, breached: Breached, r: int) -> dict[str, float]:
    """One replicate of the twin's ledger from the same random numbers."""
    rows, case = costs.rows, breached.case
    row = int(rows.pick(draw.chance(STREAMS["row"]))[r])
    at = {line: LINES.index(line) for line in LINES}
    posterior = {
        "alpha": {line: rows.intercept[row, k] for line, k in at.items()},
        "beta": {line: rows.slope[row, k] for line, k in at.items()},
        "gamma": {
            (line, kind): rows.data_effect[row, k, DATA_KINDS.index(kind)]
            for line, k in at.items()
            for kind in DATA_KINDS
        },
        "delta": {place: rows.place_effect[row, PLACES.index(place)] for place in PLACES},
        "s": {line: rows.spread[row, k] for line, k in at.items()},
        "rho": rows.shared[row],
        "h": {line: rows.paid[row, k, 0] for line, k in at.items()},
        "eta": {line: rows.paid[row, k, 1] for line, k in at.items()},
        "kappa": {line: rows.paid[row, k, 2] for line, k in at.items()},
    }
    names = {
        "electronic": "message",
        "takeup": "take_up",
        "churn": "leaving",
        "covered": "cover",
        "cover": "recovered",
    }
    estimates = {
        names.get(own.name.removeprefix("firm."), own.name.removeprefix("firm.")): float(draw(own)[r])
        for own in costs.estimates()
    }
    normal = {line: _normal(draw.chance(f"firm.{line}.size")[r]) for line in ("response", *PAYMENTS)}
    luck = {
        "u": _normal(draw.chance(STREAMS["breach"])[r]),
        "noise": normal,
        "paid": {line: draw.chance(f"firm.{line}.paid")[r] for line in PAYMENTS},
        "covered": draw.chance(STREAMS["cover"])[r],
    }
    return twin.ledger(case.people, case.kinds, case.country, breached.customers, posterior, estimates, luck)


def _normal(chance: float) -> float:
    from scipy.special import ndtri

    value = float(ndtri(chance))
    assert abs(ndtr(value) - chance) < 1e-12
    return value


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.country} {case.people:g}")
def test_the_ledger_is_the_twins(case: Case) -> None:
    """Every line of 40 replicates equals the twin's from the same random numbers."""
    costs, draw = load_firm(), Fixed(3)
    breached = Breached(case=case, customers=1.2e6)
    found = costs.lines(draw, breached)
    for r in range(SIZE):
        wanted = of_twin(costs, draw, breached, r)
        for line in LEDGER:
            assert found[line][r] == pytest.approx(wanted.get(line, 0.0), rel=1e-9), line
        assert sum(found[line][r] for line in LEDGER) == pytest.approx(wanted["total"], rel=1e-9)


def test_lines_move_together() -> None:
    """Payments of one breach share its effect: ln settlement and ln response correlate by rho and more."""
    rows = load_payment_rows()
    rng = np.random.default_rng(1)
    chosen = rng.integers(0, rows.rows, 20_000)
    shared = rng.standard_normal(20_000)
    one, two = (
        rows.log_payment(line, CASES[0], chosen, shared, rng.standard_normal(20_000))
        for line in ("settlement", "response")
    )
    assert np.corrcoef(one, two)[0, 1] > 0.2


@pytest.mark.parametrize(
    ("people", "firm", "given"),
    [(499, True, False), (500, True, True), (3e9, True, True), (3.1e9, True, False), (1e6, False, False)],
)
def test_the_ledger_says_where_it_does_not_hold(people: float, firm: bool, given: bool) -> None:
    """From 500 people to 3 billion, with a firm, there is a ledger; elsewhere there is a sentence."""
    assert (why_no_ledger(people, firm) == "") is given


def test_a_fine_under_the_gdpr_has_its_own_line() -> None:
    """A fine in France is one of the GDPR from 25 May 2018 on; one of an unknown date is not."""
    dates = {
        "2018-05-24": "fine",
        "2018-05-25": "fine_gdpr",
        "2018-05": "fine_gdpr",
        "2017": "fine",
        "": "fine",
    }
    assert {date: line_of("fine", "FR", date) for date in dates} == dates
    assert line_of("fine", "KR", "2024") == "fine"
