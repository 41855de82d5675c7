"""Laws of enough replicates: what a goal may be, when the doubling stops, and that errors are honest."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest
from support import worlds
from support.command_line import refused, say
from support.worlds import way

from breach_sim import api
from breach_sim.formatting.errors import quantile_error
from breach_sim.results import convergence
from breach_sim.results import simulation as engine
from breach_sim.results.convergence import goal, relative_error, simulate_until
from breach_sim.results.impact import Impact

STATED = "tmobile-2021-stated"
NONSENSE = [
    "", "rel_se", "rel_se<", "rel_se<=1%", "rel_se>1%", "1%", "se<1%", "rel_se<one", "rel_se<-1%",
    "rel_se<nan", "rel_se<inf", "rel_se<1%%", "rel_se<1 percent", "rel_se<1%; rm", "rel_se<0x1",
    "rel_se<\u0661%", "rel_se<1%\n%",
]  # fmt: skip
OUT_OF_RANGE = [
    "rel_se<0",
    "rel_se<0%",
    "rel_se<100%",
    "rel_se<1",
    "rel_se<250%",
    "rel_se<1e400",
    "rel_se<1e-400",
]


def small(replicates: int, seed: int = 3, severity: float = 100.0, sampling: str = "sobol") -> Impact:
    """Return a small impact with luck of single losses, and a severity that is known to a factor of three."""
    known = worlds.attack("a", [way("ssn", 0.02, 0.5)], severity=severity, sigma=1.0)
    if severity:
        ends = {"low": severity / 3, "high": 3 * severity}
        unsure = dataclasses.replace(known.severity, kind="lognormal", value=None, **ends)
        known = dataclasses.replace(known, severity=unsure)
    attacks = worlds.graph([known])
    what = worlds.scenario([worlds.segment("s", 1_000, [("ssn", 1.0)])])
    return engine.simulate(
        what, attacks, replicates=replicates, seed=seed, horizon_years=1, sampling=sampling
    )


# Goals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "share"),
    [("rel_se<1%", 0.01), ("rel_se<0.01", 0.01), (" rel_se < 2.5 % ", 0.025), ("rel_se<.5%", 0.005)],
)
def test_a_goal_is_a_relative_standard_error(until: str, share: float) -> None:
    """In percent or as a share, with or without blanks, it is about the mean loss."""
    found = goal(until)
    assert ("loss", "mean", pytest.approx(share, rel=1e-12)) == (found.measure, found.statistic, found.below)


@pytest.mark.parametrize(
    ("until", "measure", "statistic", "number"),
    [
        ("rel_se_mean<2%", "loss", "mean", "the mean loss"),
        ("rel_se_p5<2%", "loss", "p5", "the 5 % quantile of the loss"),
        ("rel_se_p95 < 2%", "loss", "p95", "the 95 % quantile of the loss"),
        ("rel_se_loss_p50<0.02", "loss", "p50", "the 50 % quantile of the loss"),
        ("rel_se_people<2%", "people", "mean", "the mean people"),
        ("rel_se_people_p95<2%", "people", "p95", "the 95 % quantile of the people"),
    ],
)
def test_a_goal_names_one_printed_number(until: str, measure: str, statistic: str, number: str) -> None:
    """A goal is about mean or quantile, of loss or people; the run stops at the error of that number."""
    found = goal(until)
    assert (measure, statistic, number, 0.02) == (
        found.measure, found.statistic, found.number, pytest.approx(found.below)
    )  # fmt: skip
    impact = simulate_until(small, until, 64_000)
    row = impact.quantiles().loc["people" if measure == "people" else "loss_usd"]
    error = row[f"se_{statistic}"] / row[statistic]
    assert pytest.approx(error, rel=1e-12) == relative_error(impact, measure, statistic)
    assert error < 0.02 or number in impact.cautions[0]


@pytest.mark.parametrize(
    "until", ["rel_se_p90<1%", "rel_se_accounts<1%", "rel_se_p95_people<1%", "rel_se_<1%", "rel_se_p95_p5<1%"]
)
def test_an_unknown_goal_is_answered_with_those_that_exist(until: str) -> None:
    """The message lists every left side that a goal may have."""
    with pytest.raises(ValueError, match=r"the goals are rel_se, rel_se_p95, .*, rel_se_people_p5$"):
        goal(until)


@pytest.mark.parametrize("until", [*NONSENSE, 0.01, 1, b"rel_se<1%", ["rel_se<1%"]])
def test_nonsense_is_no_goal(until: Any) -> None:
    """Anything else is refused, with its value and an example."""
    with pytest.raises(ValueError, match=r'until is .*; write the relative standard error .* "rel_se<1%"'):
        goal(until)


@pytest.mark.parametrize("until", OUT_OF_RANGE)
def test_an_error_lies_between_nothing_and_all(until: str) -> None:
    """An error of nil, of 100 % or more is refused, with the range."""
    with pytest.raises(ValueError, match=r"until is .*between 0 and 100 %"):
        goal(until)


@pytest.mark.parametrize("until", [*NONSENSE[:6], *OUT_OF_RANGE[:3]])
def test_the_command_line_refuses_nonsense_before_it_computes(
    until: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2, one line, nothing written, nothing simulated."""

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("simulated")

    monkeypatch.setattr(engine, "simulate", never)
    monkeypatch.chdir(tmp_path)
    refused(say("run", STATED, "--until", until, "--out", "out"), "until is", "rel_se<1%")
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("most", [0, -5, 1.5, True, "many"])
def test_the_most_replicates_are_checked_before_the_first_run(most: Any) -> None:
    """With a goal, too, the replicates are a whole number in range."""
    with pytest.raises(ValueError, match=r"replicates is .*; it must be a whole number from 1"):
        api.simulate(STATED, seed=1, replicates=most, until="rel_se<1%")


# Doubling -------------------------------------------------------------------------------------------------


def tried(until: str, most: int) -> tuple[list[int], Impact]:
    """Return the sizes tried and the answer."""
    sizes: list[int] = []

    def run(number: int) -> Impact:
        sizes.append(number)
        return small(number)

    return sizes, simulate_until(run, until, most)


def test_the_relative_error_by_hand() -> None:
    """Plain: spread of the expected loss over root R over its mean; nil without a loss, infinite for one."""
    found = small(50, sampling="plain")
    loss = found.expected_loss()
    by_hand = np.std(loss, ddof=1) / np.sqrt(50) / np.mean(loss)
    assert pytest.approx(float(by_hand), rel=1e-12) == relative_error(found)
    assert 0.0 == relative_error(small(5, severity=0.0))
    assert np.inf == relative_error(small(1))


@pytest.mark.parametrize(
    ("until", "most"), [("rel_se<1%", 131_072), ("rel_se<0.8%", 20_000), ("rel_se<20%", 131_072)]
)
def test_the_first_size_that_meets_the_goal_is_the_answer(until: str, most: int) -> None:
    """Sizes double from 1,024; only the last meets the goal; the answer is a plain run."""
    sizes, found = tried(until, most)
    assert [convergence.FIRST * 2**k for k in range(len(sizes))] == sizes
    assert relative_error(found) < goal(until).below
    assert all(relative_error(small(size)) >= goal(until).below for size in sizes[:-1])
    assert small(sizes[-1]).to_json() == found.to_json()
    assert () == found.cautions


def test_what_does_not_converge_says_so() -> None:
    """At the most replicates the answer comes with a note: error reached, goal, how many would be needed."""
    sizes, found = tried("rel_se<0.1%", 3_000)
    assert [1_024, 2_048, 3_000] == sizes
    error = relative_error(found)
    need = 3_000 * (error / 0.001) ** 2
    assert 1 == len(found.cautions)
    note = found.cautions[0]
    for part in (
        "Not converged",
        f"{error:.2%}",
        "3,000 replicates",
        "less than 0.10%",
        f"about {need:,.0f} would",
    ):
        assert part in note
    assert note in found.notes
    assert note in json.loads(found.to_json())["notes"]
    assert note in found.funnel().attrs["notes"]
    assert note in found.ledgers().attrs["notes"]
    assert note in repr(found)


def test_the_replicates_that_would_be_needed_suffice() -> None:
    """The number in the note is one at which the goal is about met (a fifth off at most)."""
    _, found = tried("rel_se<1.5%", 1_000)
    if found.cautions:
        need = int(found.cautions[0].split("about ")[1].split(" would")[0].replace(",", ""))
        assert relative_error(small(need)) < 1.2 * 0.015
    assert found.cautions, "this goal must need more than a thousand"


@pytest.mark.parametrize("most", [1, 2, 999, 1_000])
def test_few_replicates_are_tried_once(most: int) -> None:
    """With at most a thousand there is one run; a single replicate has no error and never converges."""
    sizes, found = tried("rel_se<0.01%", most)
    assert [most] == sizes
    assert found.cautions[0].startswith("Not converged")
    assert most > 1 or "more are needed" in found.cautions[0]


def test_without_a_loss_the_first_run_suffices() -> None:
    """Where nothing is lost the error is nil and there is nothing to wait for."""
    found = simulate_until(lambda number: small(number, severity=0.0), "rel_se<1%")
    assert (convergence.FIRST, ()) == (found.replicates, found.cautions)


def test_the_command_line_tells_that_it_has_not_converged() -> None:
    """The note is printed with the answer, and stands in the document."""
    said = say("run", STATED, "--until", "rel_se<0.1%", "--replicates", 150, "--json")
    assert 0 == said.code
    document = json.loads(said.out)
    assert 150 == document["replicates"]
    assert any(note.startswith("Not converged: the mean loss") for note in document["notes"])


# The table, and the errors printed ------------------------------------------------------------------------


def test_the_table_is_that_of_the_first_replicates() -> None:
    """Each row has the figures of the first half, quarter, ... of the replicates, down to a hundred."""
    found = small(1_000, sampling="plain")
    table = found.convergence()
    assert [1_000, 500, 250, 125] == list(table.index)
    for size, row in table.iterrows():
        assert isinstance(size, int)
        loss, mean = found.loss[:size], found.expected_loss()[:size]
        assert pytest.approx(float(np.median(loss)), rel=1e-12) == row["loss_p50"]
        assert pytest.approx(quantile_error(loss, 0.5), rel=1e-12) == row["loss_se"]
        assert pytest.approx(float(mean.mean()), rel=1e-12) == row["loss_mean"]
        assert pytest.approx(float(mean.std(ddof=1) / np.sqrt(size)), rel=1e-9) == row["loss_mean_se"]
        assert pytest.approx(row["loss_mean_se"] / mean.mean(), rel=1e-9) == row["rel_se"]
    assert pytest.approx(relative_error(found), rel=1e-12) == table["rel_se"].iloc[0]
    assert [40] == list(small(40).convergence().index)
    assert [1] == list(small(1).convergence().index)


MOVES = 12
"""Seeds of the halving test."""


@pytest.fixture(scope="module")
def moves() -> np.ndarray:
    """Return by how many of its printed errors each figure moves when plain replicates are halved."""
    found = []
    graph = api.attacks_of(STATED, elsewhere=None)
    for seed in range(MOVES):
        whole, half = (
            api.simulate(
                STATED,
                graph,
                replicates=r,
                seed=seed,
                horizon_years=1,
                sampling="plain",
                drivers=False,
            ).quantiles()
            for r in (400, 200)
        )
        for figure in ("p50", "mean"):
            move, error = whole[figure] - half[figure], half[f"se_{figure}"]
            found += [abs(m) / e if e > 0 else 0.0 for m, e in zip(move, error, strict=True) if e > 0 or m]
    return np.array(found)


def test_halving_replicates_moves_figures_within_their_printed_error(moves: np.ndarray) -> None:
    """At most 5 % of all figures move by more than 1.96 of their printed standard errors.

    Half the replicates are the first half of the whole, so that a move has 1/sqrt(2) of the half's error:
    0.6 % of normal figures would move so far, more where a few replicates carry the money.
    """
    assert len(moves) > MOVES * 50
    assert np.mean(moves > 1.96) <= 0.05
    assert moves.max() < 8


def test_the_printed_errors_are_no_larger_than_need_be(moves: np.ndarray) -> None:
    """Between 5 % and 30 % of figures move by more than one printed error (16 % of normal ones would)."""
    assert 0.05 <= np.mean(moves > 1.0) <= 0.30


def test_errors_that_are_too_small_would_be_seen(moves: np.ndarray) -> None:
    """Errors a third as large would fail the test of halving."""
    assert np.mean(moves > 1.96 / 3) > 0.05


def test_replicates_of_a_longer_run_have_the_parameters_of_the_shorter() -> None:
    """The first half of a run has the law of a run of half the replicates."""
    short, long = (api.simulate(STATED, replicates=r, seed=5, horizon_years=1) for r in (40, 80))
    for name, own in short.laws.items():
        np.testing.assert_array_equal(
            np.broadcast_to(own.people, 40), np.broadcast_to(long.laws[name].people, 80)[:40]
        )
    assert dataclasses.replace(short, cautions=("x",)).input_hash == short.input_hash
