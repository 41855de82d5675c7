"""Which doubt matters: oracles in closed form through the same code path, and what the tables say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from support import worlds

from breach_sim import api
from breach_sim.analysis import research_next, sensitivity, tornado
from breach_sim.analysis.sensitivities.indices import (
    OTHERS,
    beta_binomial,
    expectation,
    sobol_indices,
    uncertain,
)
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.posterior import independent, quantile
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import simulate


@pytest.fixture(scope="module")
def impact() -> Impact:
    """Simulate the stated cohorts."""
    return api.simulate("stated", replicates=1_000, seed=1)


def test_the_ishigami_function() -> None:
    """First and total order of the Ishigami function equal their closed forms within their intervals."""
    a, b = 7.0, 0.1

    def ishigami(u: np.ndarray) -> np.ndarray:
        x = -np.pi + 2 * np.pi * u
        return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])

    frame, spread = sobol_indices(ishigami, ["x1", "x2", "x3"], 4096, 1)
    whole = a**2 / 8 + b * np.pi**4 / 5 + b**2 * np.pi**8 / 18 + 0.5
    one, two = 0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8
    both = b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    assert spread == pytest.approx(math.sqrt(whole), rel=0.02)
    for name, first, total in (("x1", one, one + both), ("x2", two, two), ("x3", 0.0, both)):
        row = frame.loc[name]
        # The half-widths are 1.96 standard errors: three of these, and the error of quasi-random sampling.
        assert abs(row["first"] - first / whole) < 3 * row["first_95"] / 1.96 + 0.005
        assert abs(row["total"] - total / whole) < 3 * row["total_95"] / 1.96 + 0.005
        assert row["first_95"] < 0.1


def test_a_linear_model() -> None:
    """Of a sum of scaled uniforms first and total order are the squared coefficients, over their sum."""
    weights = np.array([4.0, 2.0, 1.0, 0.0])
    frame, spread = sobol_indices(lambda u: u @ weights, list("abcd"), 4096, 1)
    shares = weights**2 / (weights**2).sum()
    assert spread == pytest.approx(math.sqrt((weights**2).sum() / 12), rel=0.02)
    for name, share in zip("abcd", shares, strict=True):
        assert frame.loc[name, "first"] == pytest.approx(share, abs=0.02)
        assert frame.loc[name, "total"] == pytest.approx(share, abs=0.02)


def test_a_constant_has_no_indices() -> None:
    """Where nothing varies all indices and the spread are 0."""
    frame, spread = sobol_indices(lambda u: np.ones(len(u)), ["a", "b"], 64, 1)
    assert (spread, frame.to_numpy().any()) == (0.0, np.False_)


def linear_world(**ends: tuple[float, float]) -> Impact:
    """Return a breach whose loss is a product of uncertain numbers, one for each severity."""
    attacks = [worlds.attack(name, [worlds.way("ssn", 1e6)], severity=1.0, sigma=0.1) for name in ends]
    import dataclasses

    unsure = [
        dataclasses.replace(
            attack,
            severity=Estimate(
                name=f"attacks.{attack.name}.severity", kind="pert", low=ends[attack.name][0],
                mode=sum(ends[attack.name]) / 2, high=ends[attack.name][1], unit="USD/victim",
                status="assumed", sources=("user-input",), note="a test",
            ),
        )
        for attack in attacks
    ]  # fmt: skip
    what = worlds.scenario([worlds.segment("all", 100, [("ssn", 1.0)])])
    return simulate(what, worlds.graph(unsure), replicates=100, seed=1)


def test_a_breach_that_is_a_sum() -> None:
    """Where the loss is a sum of severities, first order is a variance over their sum, others a column."""
    impact = linear_world(a=(10.0, 90.0), b=(30.0, 70.0), c=(40.0, 60.0), d=(45.0, 55.0))
    variances = {"a": 80.0**2, "b": 40.0**2, "c": 20.0**2, "d": 10.0**2}
    frame = sensitivity(impact, keep=2)
    whole = sum(variances.values())
    assert ["attacks.a.severity", "attacks.b.severity", OTHERS] == frame.index.tolist()
    for name, share in (("attacks.a.severity", variances["a"]), ("attacks.b.severity", variances["b"]),
                        (OTHERS, variances["c"] + variances["d"])):  # fmt: skip
        assert frame.loc[name, "first"] == pytest.approx(share / whole, abs=0.03)
        assert frame.loc[name, "total"] == pytest.approx(share / whole, abs=0.03)


def test_the_same_function_as_simulate(impact: Impact) -> None:
    """At the uniforms of the run the function studied is the expected loss of the run, by replicate."""
    plain = api.simulate("stated", replicates=100, seed=1, sampling="plain")
    assert np.allclose(expectation(plain, {}, 100), plain.expected_loss(), rtol=1e-9)
    chances = {name: impact.law.parameters.chance(name) for name in uncertain(impact)}
    assert np.allclose(expectation(impact, chances, 1_000), impact.expected_loss(), rtol=1e-9)


def test_nothing_is_left_out(impact: Impact) -> None:
    """First orders sum to at most 1, total orders to at least 1; all others do less than a quarter."""
    frame = sensitivity(impact, base=1024)
    errors = 1.5 * math.sqrt((frame["first_95"] ** 2).sum())
    assert frame["first"].sum() < 1 + errors
    assert frame["total"].sum() > 1 - errors
    assert frame.loc[OTHERS, "total"] < 0.25
    # The widest conflict of the evidence, a hundredfold between traced and surveyed misuse, and the drivers.
    assert {"drivers.attempts", "drivers.loss", "attacks.new_account_fraud.attempts"} >= set(frame.index[:1])
    assert "release" in frame.index
    # Fitted parameters are one input, the row.
    inputs = independent(impact.law.parameters.posterior, uncertain(impact))
    assert str(len(inputs)) in frame.attrs["what_was_done"]


def test_what_the_expectation_never_reads_is_no_input(impact: Impact) -> None:
    """Hours, backgrounds and reporting are no inputs of the loss; severities are none of the people."""
    read = uncertain(impact)
    assert not [name for name in read if name.endswith((".hours", ".background", ".reporting"))]
    assert "attacks.new_account_fraud.severity" in read
    assert "attacks.new_account_fraud.severity" not in uncertain(impact, "people")


def test_ranks(impact: Impact) -> None:
    """The rank table is over all parameters read, each inside its interval, the strongest first."""
    frame = sensitivity(impact, "rank", of="people")
    assert set(uncertain(impact, "people")) == set(frame.index)
    assert ((frame["low_95"] < frame["rank"]) & (frame["rank"] < frame["high_95"])).all()
    assert (frame["rank"].abs().diff().dropna() <= 0).all()


def test_research_next(impact: Impact) -> None:
    """The sentence names the parameter with the largest first order, its share and what is left."""
    frame = sensitivity(impact, base=512)
    sentence = research_next(frame)
    best = frame["first"].drop(OTHERS).idxmax()
    left = frame.attrs["sd"] * math.sqrt(1 - frame.loc[best, "first"])
    assert best in sentence
    assert f"{frame.loc[best, 'first']:.0%}" in sentence
    assert f"{left:,.3g}" in sentence


def test_the_tornado_is_one_at_a_time(impact: Impact) -> None:
    """Each bar is the model with one parameter at an end and all others at their medians."""
    frame = tornado(impact)
    names = [name for name in uncertain(impact) if name != "release"]
    rows = impact.law.parameters.posterior
    chances = {name: np.full(1, quantile(rows, name, 0.5)) for name in names} | {"release": np.full(1, 0.5)}
    name = "attacks.new_account_fraud.attempts"
    chances[name] = np.full(1, quantile(rows, name, 0.95))
    value = expectation(impact, chances, 1)[0]
    assert frame.loc["attacks.new_account_fraud.attempts", "at_p95"] == pytest.approx(value, rel=1e-12)
    assert (frame["swing"].diff().dropna() <= 0).all()
    assert set(frame.index) == set(uncertain(impact))


def test_ignorance_and_luck_of_the_beta_binomial() -> None:
    """1,000 people and Beta(2, 8): 14,545.45 and 145.45, sampled within three standard errors."""
    ignorance, luck = beta_binomial(1000, 2, 8)
    assert (160_000 / 11, 1_600 / 11) == pytest.approx((ignorance, luck), rel=1e-15)
    from scipy.stats import beta

    low, high = beta(2, 8).ppf([0.05, 0.95])
    share = Estimate(
        name="attacks.harm.success", kind="beta", low=low, high=high, unit="victims/attempt",
        status="assumed", sources=("user-input",), note="a test",
    )  # fmt: skip
    import dataclasses

    harm = worlds.attack("harm", [worlds.way(capabilities="number")])
    harm = dataclasses.replace(harm, routes=(dataclasses.replace(harm.routes[0], success=share),))
    graph = worlds.graph([worlds.attack("swap", [worlds.way("ssn", 1e6)], "number"), harm])
    what = worlds.scenario([worlds.segment("all", 1000, [("ssn", 1.0)])])
    size = 10_000
    run = simulate(what, graph, replicates=size, seed=1)
    row = run.error_budget().loc["harm.victims"]
    chance = run.laws["all"].victim["harm"]
    for value, found, sample in (
        (ignorance, row["sd_ignorance"] ** 2, (1000 * (chance - chance.mean())) ** 2),
        (luck, row["sd_luck"] ** 2, 1000 * chance * (1 - chance)),
    ):
        assert abs(found - value) < 3 * sample.std(ddof=1) / math.sqrt(size)
        assert 3 * sample.std(ddof=1) / math.sqrt(size) < 0.06 * value


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"method": "sobl"}, "did you mean 'sobol'"),
        ({"of": "loss"}, "did you mean 'loss_usd'"),
        ({"base": 100}, "power of two"),
        ({"base": 32}, "from 64 to 65536"),
        ({"keep": 0}, "from 1 to 100"),
    ],
)
def test_what_makes_no_sense_is_refused(how: dict[str, object], words: str, impact: Impact) -> None:
    """Unknown methods and measures, and sizes out of range, are refused with a remedy."""
    with pytest.raises(ValueError, match=words):
        sensitivity(impact, **how)  # type: ignore[arg-type]


def test_few_replicates_have_no_ranks() -> None:
    """Ranks of fewer than ten replicates are refused; so is research on a table of ranks."""
    small = api.simulate("stated", replicates=5, seed=1)
    with pytest.raises(ValueError, match="at least 10"):
        sensitivity(small, "rank")
    with pytest.raises(ValueError, match="method='sobol'"):
        research_next(sensitivity(api.simulate("stated", replicates=10, seed=1), "rank"))


def test_the_same_seed_gives_the_same_table(impact: Impact) -> None:
    """Two calls give the same numbers to the last digit."""
    assert sensitivity(impact, base=128).equals(sensitivity(impact, base=128))
