"""One set of rows on every Python: golden digests of each locale, and the sum that they rest on."""

from __future__ import annotations

import pytest
from support.crowds import TRAITS, everything

from breach_sim.population import LOCALES, TABLES, Population, digest_of
from breach_sim.population.draws.chance import sum_in_order

GOLDEN = {
    ("en_US", "subscribers"): "555c832cacdc6940e03f676eea1f9a495085b6238c8e39eea0b5571852f460d3",
    ("en_US", "devices"): "d331b3a8b102d31f5c2e1005747f9d7a88da2b4f89c9e465a73bfd012a4f79e7",
    ("de_DE", "subscribers"): "b3840b8c0bcda2a0b609268559478c0730907108fb993802d29fb51f6c35f7e3",
    ("de_DE", "devices"): "d331b3a8b102d31f5c2e1005747f9d7a88da2b4f89c9e465a73bfd012a4f79e7",
}
"""SHA-256 of 5,000 rows with every column, seed 7. They move with Faker's pools, never with Python."""


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("locale", LOCALES)
def test_the_rows_are_those_of_every_python(locale: str, table: str) -> None:
    """From the same lock and seed, every supported Python makes these very rows."""
    people = Population(everything(), 7, 5_000, locale, traits=TRAITS)
    assert digest_of(people.block(0, table)).hex() == GOLDEN[locale, table]


def test_weights_are_summed_in_order() -> None:
    """A sum of weights is rounded after every addition: the compensated sum of Python 3.12 is not used."""
    assert sum_in_order([0.1] * 10) == 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 != 1.0
    assert sum_in_order([]) == 0
