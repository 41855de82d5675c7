"""Laws of the years of a portfolio: Poisson numbers, sums, contributions, appetite, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

import breach_sim as bs
from breach_sim.results.tables.yearly import checked_frequencies, draw_years

NAMES = ("equifax-2017", "talktalk-2015-confirmed")
OFTEN = {"equifax-2017": 0.1, "talktalk-2015-confirmed": 1.5}


@pytest.fixture(scope="module")
def both() -> bs.Portfolio:
    """Return two breaches with frequencies."""
    return bs.portfolio(NAMES, frequencies=OFTEN, replicates=512)


@pytest.mark.parametrize("of", ["loss_usd", "firm_cost_usd"])
def test_a_year_is_the_sum_of_its_breaches(both: bs.Portfolio, of: str) -> None:
    """By breach, in the table and in the tail, the parts add up to the total; no event costs nothing."""
    years = both.years(of)
    table = years.table()
    assert np.array_equal(years.by_breach.sum(axis=0), years.total)
    assert not years.by_breach[years.events == 0].any()
    for word in ("frequency", "mean", "share", "tail_share"):
        assert table[word].iloc[:-1].sum() == pytest.approx(table[word].loc["total"], rel=1e-12)
    assert table["share"].loc["total"] == pytest.approx(1, rel=1e-12)
    assert table.index.tolist() == [*NAMES, "total"]


def test_a_breach_that_happens_once_costs_what_was_drawn(both: bs.Portfolio) -> None:
    """Where there is one event in the year, the money is the draw of the run, parameters shared."""
    years = both.years()
    for place, impact in enumerate(both.impacts):
        once = years.events[place] == 1
        assert once.any()
        assert np.array_equal(years.by_breach[place][once], impact.loss[once])


def test_events_are_poisson_numbers_and_the_mean_is_frequency_times_loss() -> None:
    """Over many years events have mean and variance of a Poisson number; the money has its known mean."""
    size = 200_000
    expected = np.linspace(1.0, 3.0, size)
    drawn = expected * np.where(np.arange(size) % 2, 0.5, 1.5)
    for frequency in (0.0, 0.05, 1.0, 7.5):
        events, money = draw_years({"a": (drawn, expected)}, {"a": frequency}, seed=3)
        error = 5 * np.sqrt(max(frequency, 1e-12) / size)
        assert abs(events.mean() - frequency) <= error
        assert events.var() == pytest.approx(frequency, rel=0.03, abs=1e-12)
        assert abs((events == 0).mean() - np.exp(-frequency)) <= 5 / np.sqrt(size)
        assert money.mean() == pytest.approx(2.0 * frequency, rel=0.03, abs=1e-12)


def test_another_breach_leaves_the_draws_of_the_first(both: bs.Portfolio) -> None:
    """Events go by the name of the breach: another order or another partner changes none of them."""
    other = bs.portfolio(
        ["facebook-2021", "equifax-2017"],
        frequencies={"facebook-2021": 0.2, "equifax-2017": 0.1},
        replicates=512,
    ).years()
    assert np.array_equal(other.events[1], both.years().events[0])
    assert np.array_equal(other.by_breach[1], both.years().by_breach[0])


def test_with_frequencies_capacities_are_not_shared() -> None:
    """Breaches of one calendar year share crews if each happens once, and not where they have frequencies."""
    names = ["equifax-2017", "verizon-2017-claimed"]
    once = bs.portfolio(names, replicates=64)
    often = bs.portfolio(names, frequencies=dict.fromkeys(names, 0.1), replicates=64)
    assert any("Share the national capacities" in note for note in once.notes)
    assert not any("Share the national capacities" in note for note in often.notes)
    assert often.loss.mean() >= once.loss.mean()


def test_appetite_and_curve_are_of_the_same_years(both: bs.Portfolio) -> None:
    """The amount of the model is that of the curve, and is inside where it is no larger."""
    years = both.years()
    curve = years.exceedance([0.05, 0.01])["var_usd"]
    held = years.appetite({0.05: float(curve[0.05]), 0.01: float(curve[0.01]) * 1.5})
    assert held["inside"].tolist() == [True, True]
    assert held["model_usd"].tolist() == curve.tolist()
    assert not years.appetite({0.05: float(curve[0.05]) * 0.9})["inside"].any()


def test_the_document_holds_the_years(both: bs.Portfolio) -> None:
    """JSON has frequencies, and the years of both kinds of money as the table has them."""
    document = json.loads(both.to_json())
    assert document["frequencies"] == OFTEN
    assert [each["of"] for each in document["years"]] == ["loss_usd", "firm_cost_usd"]
    mean = both.years().table()["mean"]
    assert document["years"][0]["total"]["mean"] == pytest.approx(mean["total"], rel=1e-12)
    assert set(document["years"][0]["breaches"]) == set(NAMES)


@pytest.mark.parametrize(
    ("frequencies", "said"),
    [
        ({"equifax-2017": 0.1}, "frequency of 'talktalk-2015-confirmed' is missing"),
        ({**OFTEN, "equifax-2018": 1}, "unknown breach 'equifax-2018'.*did you mean 'equifax-2017'"),
        ({**OFTEN, "equifax-2017": -0.1}, r"-0\.1; it is the number of breaches"),
        ({**OFTEN, "equifax-2017": float("nan")}, "nan"),
        ({**OFTEN, "equifax-2017": 1000}, "100"),
    ],
)
def test_frequencies_that_make_no_sense_are_refused(frequencies: dict[str, float], said: str) -> None:
    """A missing or unknown breach, or a number that is no frequency, is refused with the remedy."""
    with pytest.raises(ValueError, match=said):
        checked_frequencies(frequencies, NAMES)


def test_years_need_frequencies_and_firms(both: bs.Portfolio) -> None:
    """Without frequencies there are no years, and an unknown word for the money is refused."""
    with pytest.raises(ValueError, match="has no frequencies"):
        bs.portfolio(NAMES, replicates=16).years()
    with pytest.raises(ValueError, match="did you mean 'loss_usd'"):
        both.years("los_usd")


@pytest.mark.slow
def test_an_uncertain_frequency_is_drawn_in_every_replicate() -> None:
    """Events have the mean of the distribution, and a variance wider than a Poisson number by its own."""
    often = {
        "equifax-2017": [0.5, 1.0, 4.0],
        "talktalk-2015-confirmed": {"value": 1.5, "reason": "own count"},
    }
    both = bs.portfolio(NAMES, frequencies=often, replicates=8_192)
    own = both.uncertain["equifax-2017"]
    assert (own.status, own.unit, both.frequencies["equifax-2017"]) == ("user", "breaches/year", own.mean())
    years = both.years()
    assert years.events[0].mean() == pytest.approx(own.mean(), rel=0.05)
    rates = own.ppf((np.arange(10_000) + 0.5) / 10_000)
    assert years.events[0].var() == pytest.approx(own.mean() + rates.var(), rel=0.1)
    sure = bs.portfolio(NAMES, frequencies=OFTEN | {"equifax-2017": own.mean()}, replicates=8_192)
    assert np.array_equal(years.events[1], sure.years().events[1])
    assert years.events[0].var() > sure.years().events[0].var()
    assert any("Frequency of equifax-2017 a year is uncertain" in note for note in both.notes)
    document = json.loads(both.to_json())
    assert document["frequencies"]["equifax-2017"] == own.mean()
    assert list(document["uncertain_frequencies"]) == ["equifax-2017"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([0.1, 0.2], "low, mode, high"),
        ([0.3, 0.2, 0.4], "must rise"),
        ([50, 200, 400], "at most 100 there"),
        ({"low": 0.1, "high": 0.2}, "kind is missing"),
        ({"value": 0.1, "unit": "share"}, "breaches/year"),
    ],
)
def test_a_bad_distribution_of_a_frequency_is_refused(value: object, words: str) -> None:
    """Value, place, rule and remedy are said of a frequency that cannot be."""
    with pytest.raises(ValueError, match=words) as error:
        bs.portfolio(NAMES, frequencies=OFTEN | {"equifax-2017": value}, replicates=8)
    assert "frequency.equifax-2017" in str(error.value)
