"""Published rates and what becomes of them, and the corrections that rest on arithmetic."""

from __future__ import annotations

import csv
import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

from breach_sim.catalog import CatalogError, load_attacks, load_mitigations, load_published_rates
from breach_sim.catalog.evidence.published import read_rates
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.known import KnownRoutes, numbered
from breach_sim.inputs.fields import mask
from breach_sim.inputs.numbers.estimates import estimates_in
from breach_sim.inputs.published import PublishedRate

QC = Path(__file__).parents[1] / "qc" / "rates.csv"
RATES = load_published_rates()
NAMES = {e.name for e in load_attacks().estimates()} | {e.name for e in estimates_in(load_mitigations())}
PLAIN = {
    "quantity": "share of something",
    "population": "people",
    "period": "2020",
    "country": "US",
    "unit": "share",
    "title": "A title",
    "publisher": "A publisher",
    "url": "https://example.org",
    "grade": "A",
    "status": "seen",
    "value": 0.5,
    "why_not": "nothing needs it",
}


def test_every_rate_that_was_found_is_kept() -> None:
    """The file has the 110 rows of the second entry, with the same figures, grade and status."""
    with QC.open(encoding="utf-8", newline="") as file:
        typed = list(csv.DictReader(file))
    assert len(typed) == len(RATES) == 110
    for row, rate in zip(typed, RATES, strict=True):
        assert (row["quantity"], row["period"]) == (rate.quantity, rate.period)
        assert (row["grade"], row["status"]) == (rate.grade, rate.status)
        for key in ("value", "low", "high"):
            assert getattr(rate, key) == (float(row[key]) if row[key] else None), rate.quantity


def test_every_rate_informs_a_parameter_or_says_why_not() -> None:
    """Each row has a sentence how and existing parameters, or a sentence why not and none."""
    for rate in RATES:
        assert (rate.how or rate.why_not).endswith("."), rate.quantity
        assert (rate.how == "") != (rate.why_not == "")
        assert set(rate.informs) <= NAMES, rate.quantity


def test_a_cited_row_is_a_source_of_what_it_informs() -> None:
    """Where a row names its source, at least one of the parameters that it informs cites this source."""
    known = {e.name: e for e in (*load_attacks().estimates(), *estimates_in(load_mitigations()))}
    for rate in RATES:
        if rate.source and rate.informs and rate.source not in UNCITED:
            assert any(rate.source in known[name].sources for name in rate.informs), rate.quantity


UNCITED = {"mikhed"}
"""Sources that speak for a number in words and are cited elsewhere."""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"why_not": ""}, r"informs \[\]; say how, or name no"),
        ({"how": "so"}, r"informs \[\]; say how, or name no"),
        ({"informs": ["people_background"]}, r"informs \['people_background'\]; say how"),
        ({"low": 0.6}, r"has \[0\.6, 0\.5\]; low, value and high must be in order"),
        ({"grade": "D"}, r"unknown grade 'D'"),
        ({"status": "known"}, r"known"),
        ({"source": "bjs21-prew"}, r"unknown source 'bjs21-prew'.*bjs21-prev"),
        ({"colour": "red"}, r"unknown key 'colour'"),
    ],
)
def test_a_wrong_rate_is_refused(change: dict[str, object], message: str) -> None:
    """A row with neither or both sentences, numbers out of order or a wrong word is refused."""
    with pytest.raises(CatalogError, match=message) as caught:
        read_rates({"rate": [PLAIN, PLAIN | change]}, "rates.toml")
    assert "rates.toml, rate 2: " in str(caught.value)


def test_a_rate_says_what_it_informs() -> None:
    """The summary of a rate names its figure and its parameters."""
    rate = PublishedRate(**(PLAIN | {"why_not": "", "how": "so", "informs": ("people_background",)}))  # type: ignore[arg-type]
    assert rate.summary() == "share of something, 2020: 0.5 share; informs people_background"
    assert dataclasses.replace(rate, value=None).summary().startswith("share of something, 2020: no figure")


# The corrections that rest on arithmetic -------------------------------------------------------------


def test_attempts_on_sim_cards_rest_on_the_people_open_in_the_country() -> None:
    """With look-ups, number, name, birth date and SSN are known of 0.163 to 0.226 of people; middle 0.195.

    Means over 4,096 scrambled Sobol draws, seed 1; 3 % is over six standard errors of plain draws' means of
    these shares divided by the gain of the sequence.
    """
    graph = load_attacks()
    assert graph.lookups is not None
    graph = dataclasses.replace(graph, lookups=graph.lookups.in_countries(frozenset(["US"])))
    known = KnownRoutes(graph, Parameters(seed=1, replicates=4096), among=["sim_swap"])
    own = [n for n, route in enumerate(numbered(graph)) if route in graph["sim_swap"].routes]
    shares = []
    for more in ((), ("date_of_birth",)):
        found = known.of({mask(("full_name", "phone_number", *more)): np.ones(1)})
        is_open = [weight for routes, weight in found.items() if any(routes >> n & 1 for n in own)]
        shares.append(float(np.mean(np.sum(is_open, axis=0))))
    assert [0.163, 0.226] == pytest.approx(shares, rel=0.03)
    assert sum(shares) / 2 == pytest.approx(0.195, rel=0.03)
    attempts = graph["sim_swap"].routes[0].attempts
    assert attempts.low is not None
    assert attempts.high is not None
    rates = np.array([0.1 * 0.25 * 4e-5, 0.25 * 4e-5, 1e-4]) / 0.195 / 0.40
    assert [attempts.low, attempts.central, attempts.high] == pytest.approx(rates, rel=1e-3)


@pytest.mark.parametrize(
    ("losing", "attacks"),
    [
        (0.65, ("new_account_fraud", "card_not_present_fraud", "credential_stuffing", "bank_account_debit")),
        (0.36, ("medical_identity_theft",)),
        (256_256 / 859_532, ("extortion",)),
        (1.0, ("smishing", "phishing_email", "bank_impersonation_call")),
    ],
)
def test_the_shape_of_a_loss_holds_those_who_lose_nothing(losing: float, attacks: tuple[str, ...]) -> None:
    """With sqrt(1.6^2 - ln(1 - z)) the lognormal has both moments of a law with a mass z at zero."""
    spread = np.exp(1.6 * np.random.default_rng(5).standard_normal(400_000) - 1.28) / losing
    mixture = np.where(np.random.default_rng(6).uniform(size=spread.size) < losing, spread, 0.0)
    for name in attacks:
        shape = load_attacks()[name].severity_sigma.central
        assert shape**2 == pytest.approx(1.6**2 - math.log(losing), abs=0.002)
        # The second moment in closed form: E[X^2] = exp(1.6^2) / (1 - z) for a mean of 1.
        assert math.exp(shape**2) == pytest.approx(math.exp(1.6**2) / losing, rel=0.003)
    # Standard error of the mean: sqrt((exp(1.6^2) / losing - 1) / 400,000), at most 1 %; seed 5 and 6.
    error = math.sqrt((math.exp(1.6**2) / losing - 1) / spread.size)
    assert mixture.mean() == pytest.approx(1.0, abs=4 * error)


def test_who_bears_a_loss_is_a_share_of_money() -> None:
    """The person's part is the share with a cost times its mean over the mean loss: 0.14 x 373 / 686."""
    share = 0.14 * 373 / (16.4e9 / 23.9e6)
    for name in ("new_account_fraud", "card_not_present_fraud", "identity_number_fraud"):
        attack = load_attacks()[name]
        assert attack.bearers["person"].central == pytest.approx(share, abs=0.005)
        assert sum(e.central for e in attack.bearers.values()) == pytest.approx(1, abs=1e-12)
