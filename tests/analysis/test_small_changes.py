"""Laws of the fit that a small change of the code could break unnoticed (`tools/mutants.py`)."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from support import worlds
from support.worlds import way

from breach_sim.analysis.calibration.hurdle import PaymentsMade
from breach_sim.analysis.nation import sums
from breach_sim.analysis.nation.sums import ends_of_years
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.targets import Study


def test_calendar_years_end_with_december() -> None:
    """From a sale on 17 August 2021, 2021 ends after 137 days and 2022 a year later; the fifth is cut."""
    what = worlds.scenario([worlds.segment("s", 10, [("ssn", 1.0)])])
    found = ends_of_years(dataclasses.replace(what, day_zero="2021-08-17"), 2030)
    assert {2021: 137.0, 2022: 502.0, 2023: 867.0} == {year: found[year] for year in (2021, 2022, 2023)}
    assert (max(found), found[2026]) == (2026, 1825.0)
    # Five years of 365 days from 2 January 2021 end with 2025: no day of 2026 is left.
    assert max(ends_of_years(dataclasses.replace(what, day_zero="2021-01-02"), 2030)) == 2025


@pytest.mark.parametrize(
    "wrong", [{"people": 0.0}, {"years": 0.0}, {"paid": 3}, {"paid": -1}, {"breaches": 0}]
)
def test_counts_of_payments_are_possible(wrong: dict[str, float]) -> None:
    """People, years and breaches are above 0, and payments at most as many as breaches; zero is refused."""
    right = {"line": "settlement", "people": 1e5, "breaches": 2, "paid": 0, "years": 3.0, "source": "s"}
    assert PaymentsMade(**right).paid == 0
    with pytest.raises(ValueError, match="must be positive"):
        PaymentsMade(**right | wrong)


@pytest.mark.parametrize("at_once", [2, 5, 100])
def test_the_share_of_a_study_is_that_of_people_hit_by_any_of_its_attacks(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two attacks spare exp(-0.2) and exp(-0.3) of the people in the first year, a closed one spares all."""
    attacks = [
        worlds.attack("a", [way("ssn", 0.4, 0.5)]),
        worlds.attack("b", [way("ssn", 0.6, 0.5)]),
        worlds.attack("closed", [way("imei", 9.0, 0.9)]),
    ]
    study = Study(
        name="s", label="s", attacks=("a", "b", "closed"), fields=("ssn",), accounts=1_000, days=365.0,
        reporting=Estimate.fixed("r", 1.0, "ratio"), discrepancy=0.5, status="assumed", sources=("x",),
        value=0.1,
    )  # fmt: skip
    monkeypatch.setattr(sums, "CHUNK", at_once)
    whole = sums._Drawn(1, 5, None)
    found = sums._share(study, worlds.graph(attacks), whole)
    np.testing.assert_allclose(found, np.full(5, 1 - np.exp(-0.5)), rtol=1e-9)
