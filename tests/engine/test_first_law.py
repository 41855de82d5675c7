"""Without look-ups, soft ends and drivers, the law is that of the first version, replicate by replicate."""

from __future__ import annotations

import numpy as np
import pytest
from support.first_law import expected, stored_numbers, with_license_as_factor

from breach_sim import catalog

STORED = stored_numbers()


def test_twenty_breaches_are_stored() -> None:
    """Numbers of twenty breaches are compared; somebody is harmed in at least fifteen of them."""
    assert len(STORED) == 20
    assert sum(any("victims" in key for key in numbers) for numbers, _ in STORED.values()) >= 15


@pytest.mark.parametrize("name", STORED)
def test_expected_numbers_are_those_of_the_first_version(name: str) -> None:
    """Expected victims, people, attackable accounts and losses given the parameters equal the stored ones."""
    numbers, parameters = STORED[name]
    scenario = catalog.scenario_of(name)
    # No country had numbers of its own. People of the Netherlands have those of the US, without its attacks.
    where = ("NL",) if catalog.country_of(scenario.dossier.countries) else scenario.dossier.countries
    graph = catalog.attacks_for(scenario, countries=where, elsewhere=None)
    graph = with_license_as_factor(graph.undriven())
    ours = expected(scenario, graph, parameters)
    assert ours.keys() >= numbers.keys()
    for key in ours:
        theirs = numbers.get(key, np.zeros(1))
        # The first version took people as 1 less a product, which rounds at 1e-16 of all accounts.
        rounding = 1e-15 * scenario.accounts if key.endswith("people") else 1e-9
        np.testing.assert_allclose(ours[key], theirs, rtol=1e-12, atol=rounding, err_msg=key)
