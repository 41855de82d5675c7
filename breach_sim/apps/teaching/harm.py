"""Exercises of lesson 3, a hundred million, and how sure: expected loss, capacity, chances, errors, bands."""

from __future__ import annotations

import math
from statistics import fmean
from typing import Any

from breach_sim.apps.teaching.exercise import Data, Draws, Exercise, Idea


def _cohorts(draws: Draws) -> dict[str, Any]:
    million = 1_000_000
    cohorts = {
        "current": (draws.pick([5, 6, 7, 8]) * million, True),
        "prepaid": (draws.pick([2, 3, 4]) * million, False),
        "applicants": (draws.pick([20, 30, 40]) * million, True),
        "line only": (draws.pick([30, 40, 50]) * million, False),
    }
    return {
        "cohorts": [
            {"cohort": name, "accounts": accounts, "lost_all_three": lost}
            for name, (accounts, lost) in cohorts.items()
        ],
        "probability": draws.pick([0.0015, 0.002, 0.0025, 0.003]),
        "loss_usd": draws.pick([2_500, 3_000, 3_500]),
    }


def _exposed(data: Data, *, attackable: bool) -> int:
    """Accounts of all cohorts, or of those that lost all three fields."""
    return sum(row["accounts"] for row in data["cohorts"] if row["lost_all_three"] or not attackable)


def _expected_loss(data: Data) -> float:
    return float(_exposed(data, attackable=True) * data["probability"] * data["loss_usd"])


def _crews(draws: Draws) -> dict[str, Any]:
    return {
        "attackable": draws.pick(range(20_000_000, 100_000_000, 10_000_000)),
        "attempts_per_account_year": draws.pick([0.0002, 0.0003, 0.0005, 0.001]),
        "capacity_per_year": draws.pick([1_500, 2_000, 2_500, 3_000]),
    }


def _runs(draws: Draws) -> dict[str, Any]:
    runs = [draws.pick(range(100, 900, 5)) + 600 * (draws.pick(range(10)) == 0) for _ in range(20)]
    return {"loss_of_each_run": runs, "amount": draws.pick([352, 402, 452, 502])}


def _error(draws: Draws) -> dict[str, Any]:
    return {"spread": draws.pick(range(200, 600, 20)), "runs": draws.pick([400, 900, 2_500, 10_000])}


def _two_rates(draws: Draws) -> dict[str, Any]:
    return {
        "accounts": draws.pick([2_000, 4_000, 5_000, 10_000]),
        "low_rate": draws.pick([0.001, 0.002, 0.003]),
        "high_rate": draws.pick([0.005, 0.006, 0.008, 0.01]),
    }


def _parts(data: Data, power: int = 2) -> tuple[float, float]:
    """Variance by ignorance and by luck of the number of victims."""
    rates, accounts = (data["low_rate"], data["high_rate"]), data["accounts"]
    ignorance = accounts**power * ((rates[1] - rates[0]) / 2) ** 2
    return ignorance, accounts * fmean(rate * (1 - rate) for rate in rates)


EXERCISES = (
    Exercise(
        name="3.1",
        expected="an amount of money in USD",
        kind="number",
        make=_cohorts,
        solve=_expected_loss,
        right="Attackable accounts x probability x loss: the product is fine once the first factor counts "
        "those who lost the whole combination.",
        hint="Which cohorts lost all three fields? How many accounts is that, how many victims, how much "
        "money?",
        ideas=(
            Idea(
                name="loss = accounts x P x loss",
                value=lambda data: _exposed(data, attackable=False) * data["probability"] * data["loss_usd"],
                message="'Loss = accounts x P x loss' over all accounts: most of them did not lose the three "
                "fields together, and for them this attack is not possible.",
            ),
            Idea(
                name="people, not money",
                value=lambda data: _exposed(data, attackable=True) * data["probability"],
                message="This is the expected number of victims. Asked is what they lose.",
            ),
            Idea(
                name="every record is a loss",
                value=lambda data: _exposed(data, attackable=True) * data["loss_usd"],
                message="Every attackable account was taken to be a victim. The probability is missing.",
            ),
        ),
    ),
    Exercise(
        name="3.2",
        expected="a number of attempts in the first year",
        kind="number",
        make=_crews,
        solve=lambda data: min(
            data["attackable"] * data["attempts_per_account_year"], data["capacity_per_year"]
        ),
        right="Crews are finite: beyond their capacity more records mean the same attempts, spread more "
        "thinly.",
        hint="How many attempts would the rate give? Can the crews make that many?",
        ideas=(
            Idea(
                name="more records, more attempts",
                value=lambda data: data["attackable"] * data["attempts_per_account_year"],
                message="This is what the rate per account would give if there were crews without end. "
                "Compare it with the capacity.",
            ),
            Idea(
                name="every record is tried",
                value=lambda data: data["attackable"],
                message="This takes every attackable record to be tried. An opportunity is no attempt.",
            ),
            Idea(
                name="capacity times rate",
                value=lambda data: data["capacity_per_year"] * data["attempts_per_account_year"],
                message="Capacity already counts attempts a year; the rate per account does not multiply it.",
            ),
        ),
    ),
    Exercise(
        name="3.3",
        expected="a share of the runs, a number from 0 to 1",
        kind="share",
        make=_runs,
        solve=lambda data: fmean(loss > data["amount"] for loss in data["loss_of_each_run"]),
        right="One point of an exceedance curve: the share of runs above an amount is the chance of a larger "
        "loss.",
        hint="Count the runs above the amount and divide by the number of runs.",
        ideas=(
            Idea(
                name="below in place of above",
                value=lambda data: fmean(loss <= data["amount"] for loss in data["loss_of_each_run"]),
                message="This is the chance that the loss is NOT larger. An exceedance curve looks upward.",
            ),
            Idea(
                name="a count",
                value=lambda data: sum(loss > data["amount"] for loss in data["loss_of_each_run"]),
                message="This is the number of runs above the amount; a chance is their share.",
            ),
        ),
    ),
    Exercise(
        name="3.4",
        expected="an amount in million USD",
        kind="number",
        make=_error,
        solve=lambda data: data["spread"] / math.sqrt(data["runs"]),
        right="Spread over the square root of the runs: a hundred times as many runs give one more digit, "
        "and leave the spread as it is.",
        hint="The standard error of a mean falls with the square root of the number of runs.",
        ideas=(
            Idea(
                name="the spread is the error",
                value=lambda data: data["spread"],
                message="This is the spread from run to run: how much is not known. Asked is the error of "
                "the mean, which comes from having made only so many runs.",
            ),
            Idea(
                name="error falls with the runs",
                value=lambda data: data["spread"] / data["runs"],
                message="The spread was divided by the number of runs; it is the square root that counts.",
            ),
        ),
    ),
    Exercise(
        name="3.5",
        expected="a share of the variance, a number from 0 to 1",
        kind="share",
        make=_two_rates,
        solve=lambda data: _parts(data)[0] / sum(_parts(data)),
        right="Not knowing the rate moves all accounts at once; luck moves each on its own and evens out. "
        "With many accounts ignorance wins.",
        hint="Ignorance: the variance of the two expected numbers. Luck: the mean of n p (1 - p).",
        ideas=(
            Idea(
                name="luck in place of ignorance",
                value=lambda data: _parts(data)[1] / sum(_parts(data)),
                message="This is the share of luck. Ignorance is the rest.",
            ),
            Idea(
                name="many accounts make it certain",
                value=lambda data: _parts(data, power=1)[0] / sum(_parts(data, power=1)),
                message="The doubt about the rate was taken to even out over the accounts, as luck does. It "
                "is the same unknown rate for all of them: its variance grows with the square of the "
                "accounts.",
            ),
        ),
    ),
)
"""Lesson 3."""
