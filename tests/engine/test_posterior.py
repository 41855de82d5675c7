"""Posterior rows in a run: levels in place of uniform numbers, together, and nothing else moves."""

from __future__ import annotations

import json

import numpy as np
import pytest
from support import digests
from support.sampled import some

import breach_sim as bs
from breach_sim import catalog
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.inputs.numbers.posterior import ROW, STEPS, Posterior, independent, quantile
from breach_sim.results.simulation import simulate

GRAPH = catalog.load_attacks()
SWAP = GRAPH["sim_swap"].routes[0]
PORT = GRAPH["port_out"].routes[0]


def rows(*names: str, levels: np.ndarray | None = None) -> Posterior:
    """Return rows of some names; every level in the middle by default."""
    table = np.full((8, len(names)), STEPS // 2) if levels is None else levels
    return Posterior(names, table.astype(np.uint16), "0" * 64)


def test_levels_in_the_middle_give_the_medians() -> None:
    """Where every level is 0.5, every draw of a fitted parameter is the median of its prior."""
    for replicates in (64, 2_048):
        drawn = Parameters(1, replicates, posterior=rows(SWAP.success.name, SWAP.attempts.name))
        for estimate in (SWAP.success, SWAP.attempts):
            median = float(estimate.ppf(np.array([0.5]))[0])
            assert np.allclose(drawn(estimate), median, rtol=1e-4)


def test_other_parameters_keep_their_draws() -> None:
    """A parameter that is not in the rows has the same draws with and without them, to the last bit."""
    for sampling in ("sobol", "plain"):
        one = Parameters(1, 500, sampling=sampling)
        two = Parameters(1, 500, sampling=sampling, posterior=rows(SWAP.success.name))
        assert np.array_equal(one(PORT.success), two(PORT.success))
        assert not np.array_equal(one(SWAP.success), two(SWAP.success))


def test_fitted_parameters_move_together() -> None:
    """All fitted parameters of a replicate are of the row that one uniform number picks."""
    table = np.arange(16).reshape(8, 2) * 1_000
    posterior = rows(SWAP.success.name, PORT.success.name, levels=table)
    drawn = Parameters(3, 4_096, posterior=posterior)
    row = np.floor(drawn.chance(ROW) * 8).astype(int)
    for column, estimate in enumerate((SWAP.success, PORT.success)):
        level = (table[row, column] + 0.5) / STEPS
        assert np.array_equal(drawn.chance(estimate.name), level)
        assert np.array_equal(drawn(estimate), estimate.ppf(level))
    assert np.bincount(row, minlength=8).tolist() == [512] * 8
    part = drawn.part(slice(10, 20))
    assert np.array_equal(part(SWAP.success), drawn(SWAP.success)[10:20])
    hard = drawn.hardened()
    assert np.array_equal(hard(SWAP.success), SWAP.success.hardened().ppf(drawn.chance(SWAP.success.name)))


def test_given_numbers_go_before_rows() -> None:
    """Uniform numbers given for a name, or for the row, replace those of the rows."""
    posterior = rows(SWAP.success.name, levels=np.arange(8)[:, None] * 8_000)
    drawn = Parameters(1, 3, chances={SWAP.success.name: np.full(3, 0.25)}, posterior=posterior)
    assert drawn.chance(SWAP.success.name).tolist() == [0.25] * 3
    drawn = Parameters(1, 3, chances={ROW: np.array([0.0, 0.5, 0.999])}, posterior=posterior)
    assert np.allclose(drawn.chance(SWAP.success.name) * STEPS, [0.5, 32_000.5, 56_000.5])


def test_quantiles_of_levels() -> None:
    """A fitted parameter has the quantiles of its levels, any other the level itself."""
    posterior = rows(SWAP.success.name, levels=np.arange(8)[:, None] * 8_000)
    assert quantile(posterior, SWAP.success.name, 0.5) == pytest.approx(28_000.5 / STEPS)
    assert quantile(posterior, PORT.success.name, 0.2) == quantile(None, SWAP.success.name, 0.2) == 0.2
    names = (SWAP.success.name, PORT.success.name)
    assert independent(posterior, names) == (PORT.success.name, ROW)
    assert independent(None, names) == names


@pytest.mark.parametrize("name", some(["stated", "equifax"]))
def test_without_calibration_a_run_is_what_it_was(name: str) -> None:
    """On the priors a run draws what was stored before there were rows."""
    stored = json.loads(digests.FILE.read_text(encoding="utf-8"))[name]
    impact = bs.simulate(**digests.RUNS[name], calibrated=False)
    assert digests.digest(impact.victim_counts) == stored["victim_counts"]
    assert digests.digest(impact.people_counts) == stored["people_counts"]
    assert impact.posterior is None
    assert json.loads(impact.to_json())["calibrated"] is False
    scenario = catalog.load_scenario(digests.RUNS[name]["scenario"])
    made_of = {k: v for k, v in digests.RUNS[name].items() if k != "scenario"}
    own = simulate(scenario, catalog.attacks_for(scenario), firm=catalog.load_firm(), **made_of)
    assert own.input_hash == impact.input_hash


def test_a_run_is_calibrated_by_default() -> None:
    """The default draws from the rows, says so, and has a hash of its own."""
    impact = bs.simulate("tmobile-2021-stated", replicates=256)
    assert impact.posterior is catalog.load_posterior()
    assert json.loads(impact.to_json())["calibrated"] is True
    priors = bs.simulate("tmobile-2021-stated", replicates=256, calibrated=False)
    assert impact.input_hash != priors.input_hash
    assert not np.array_equal(impact.people, priors.people)


def test_questions_about_a_run_use_its_rows() -> None:
    """Budget, readings, one person, comparison and a second run are made on the rows of the impact."""
    impact = bs.simulate("tmobile-2021-stated", replicates=256)
    budget = impact.error_budget()
    assert (budget[["sd_ignorance", "sd_structure", "sd_luck"]] >= 0).all().all()
    own, priors = (
        bs.structural(impact),
        bs.structural(bs.simulate("tmobile-2021-stated", replicates=256, calibrated=False)),
    )
    assert not np.allclose(own["loss_usd"], priors["loss_usd"])
    comparison = bs.compare("tmobile-2021-stated", "drop-ssn", replicates=256)
    assert np.array_equal(
        comparison.law.parameters.chance("drivers.attempts"), impact.law.parameters.chance("drivers.attempts")
    )
    with pytest.raises(ValueError, match="calibration"):
        bs.diff(impact, bs.simulate("tmobile-2021-class", replicates=256, calibrated=False))


def test_sensitivity_takes_the_row_as_one_parameter() -> None:
    """Fitted parameters move together, so variance is shared out to the row; ranks are one by one."""
    impact = bs.simulate("tmobile-2021-stated", replicates=256)
    fitted = set(catalog.load_posterior().names)
    by_variance = bs.sensitivity(impact, base=64, keep=5)
    assert not fitted & set(by_variance.index)
    assert fitted & set(bs.sensitivity(impact, "rank").index)
    swing = bs.tornado(impact)
    assert fitted & set(swing.index)
    assert ROW not in swing.index
