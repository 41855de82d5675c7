"""Laws of countries given to a scenario, and of scenarios that seem to describe one breach."""

from __future__ import annotations

import dataclasses
import json
import time
from typing import Any

import pandas as pd
import pytest

import breach_sim as bs
from breach_sim.inputs import scenario as scenario_module
from breach_sim.inputs.published import Dossier, country_codes
from breach_sim.inputs.scenario import Scenario, look_alike
from breach_sim.results.cautions.sentences import LONGEST, listed_within


def breach(name: str, accounts: int, day: str = "2020-05-01", label: str = "", **dossier: Any) -> Scenario:
    """Return a scenario of one segment that lost names and telephone numbers."""
    table = pd.DataFrame({"accounts": [accounts], "full_name": [1.0], "phone_number": [1.0]})
    return dataclasses.replace(
        Scenario.from_frame(table, name=name), day_zero=day, label=label, dossier=Dossier(**dossier)
    )


# One breach loaded twice ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (breach("hibp-canva", 1_300_000), breach("veris-1a2b", 1_400_000, label="Canva")),
        (breach("hibp-shop", 50_000), breach("hibp-shop-2", 50_000)),
        (
            breach("hibp-adobe", 90_000, "2013-10-04"),
            breach("veris-9", 80_000, "2013-01-01", "Adobe Systems"),
        ),
        (breach("acme", 20_000), breach("acme-2020", 24_000, "")),
        (breach("left", 65_469_298), breach("right", 65_469_298, "2021-01-01")),
        (breach("hibp-126", 3_000), breach("veris-77", 3_100, label="126")),
        (breach("acme-2020", 20_000, breach="Acme"), breach("hibp-acme", 20_500)),
    ],
    ids=lambda own: own.name,
)
def test_one_breach_through_two_doors_is_said(one: Scenario, other: Scenario) -> None:
    """Alike names, dates and accounts, or one number that is not round, give one caution with both names."""
    for pair in ([one, other], [other, one]):
        (sentence,) = look_alike(pair)
        assert one.name in sentence
        assert other.name in sentence
        assert len(sentence) <= LONGEST


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (breach("hibp-canva", 1_300_000), breach("veris-1a2b", 1_700_000, label="Canva")),
        (breach("acme-2015", 20_000, "2015-01-01"), breach("acme-2020", 20_000, "2020-01-01")),
        (breach("left", 50_000), breach("right", 50_000)),
        (breach("clinic", 12), breach("clinic-2", 12)),
        (breach("acme-2020", 20_000, breach="Acme"), breach("acme-2021", 20_000, breach="Acme again")),
        (breach("hibp-shop-2", 50_000), breach("hibp-mall-2", 51_000)),
    ],
    ids=lambda own: own.name,
)
def test_two_breaches_are_not_taken_for_one(one: Scenario, other: Scenario) -> None:
    """Other numbers, other years, round numbers, small numbers or other names of the breach say nothing."""
    assert () == look_alike([one, other])


def test_three_of_one_breach_are_one_caution() -> None:
    """Scenarios that look alike in a chain stand in one sentence, and each stands there once."""
    several = [breach(f"hibp-shop-{i}", 50_000 + i) for i in range(5)]
    (sentence,) = look_alike([*several, breach("other", 50_001, "1999-01-01")])
    assert "and 2 more" in sentence


def test_thousands_are_compared_in_a_second() -> None:
    """Eight thousand scenarios of different names take a second of the processor: few pairs are compared."""
    shared = breach("x", 5_000)
    several = [dataclasses.replace(shared, name=f"firm{i}-2020") for i in range(8_000)]
    start = time.process_time()
    assert () == look_alike(several)
    assert time.process_time() - start < 5


def test_pairs_that_are_compared_do_not_grow_with_the_square(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that name their breaches are never compared, and others with those next in accounts only."""
    pairs = []

    def counted(one: Scenario, other: Scenario, *_: object) -> bool:
        pairs.append((one.name, other.name))
        return False

    monkeypatch.setattr(scenario_module, "_one_breach", counted)
    monkeypatch.setattr(scenario_module, "_MOST_COMPARED", 5)
    named = [breach("shop", 20_000 + number, breach="Shop") for number in range(30)]
    assert () == look_alike(named)
    assert [] == pairs
    assert () == look_alike([breach("shop", 20_000 + number) for number in range(30)])
    assert 5 * 25 + 10 == len(pairs)


def test_portfolio_union_and_import_say_that_scenarios_look_alike() -> None:
    """The caution stands in the notes of a portfolio and of a union, and in all faces of an import."""
    one, other = breach("hibp-shop", 50_000), breach("veris-5", 52_000, label="Shop Inc.")
    (sentence,) = look_alike([one, other])
    assert sentence in bs.portfolio([one, other], replicates=8).notes
    assert sentence in bs.combine(one, other).notes
    entry = {"PwnCount": 70_001, "BreachDate": "2021-02-03", "DataClasses": ["Names", "Phone numbers"]}
    # With one title, date and count they would be one entry, and loaded once.
    entries = [entry | {"Name": "Mall", "Title": "Mall"}]
    entries += [entry | {"Name": "Mall2", "Title": "Mall", "PwnCount": 70_507}]
    found = bs.from_hibp(entries)
    (sentence,) = found.look_alike
    assert sentence in repr(found)
    assert [sentence] == json.loads(found.to_json())["look_alike"]


# Countries -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "codes"),
    [("DE,FR", ("DE", "FR")), ("de fr", ("DE", "FR")), (["gb"], ("GB",)), ("", ()), ((), ())],
)
def test_codes_are_read_as_people_write_them(given: Any, codes: tuple[str, ...]) -> None:
    """Commas or blanks, capitals or not: the scenario holds capital letters in the order given."""
    assert codes == breach("own", 10).with_countries(given).dossier.countries


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("UK", "GB"),
        ("EU", "name the countries"),
        ("XX", "leave the countries out"),
        ("Germany", "write two capital letters"),
        ("DE,DE", "each may stand there once"),
        ([49], "write two capital letters"),
    ],
)
def test_what_is_no_code_is_refused(given: Any, message: str) -> None:
    """A name, a repeated code, and letters that are often taken for a country are refused with the remedy."""
    with pytest.raises(ValueError, match=message):
        country_codes(given, "--countries")


def test_countries_change_nothing_else() -> None:
    """With other countries every other part of a scenario stays, its dossier included."""
    own = breach("own", 10, breach="Own", sector="retail")
    changed = own.with_countries("NL")
    assert own == changed.with_countries(())
    assert ("Own", "retail") == (changed.dossier.breach, changed.dossier.sector)


# Lists in notes ------------------------------------------------------------------------------------


def test_a_list_never_exceeds_its_length() -> None:
    """Of items of any length as many are named as fit, and the number of the others is right."""
    for size in range(1, 60, 7):
        items = ["x" * size] * 12
        text = listed_within("Lead: ", items, lambda named: f"{12 - named} more" if named < 12 else "", 120)
        named = text.count("x" * size)
        assert len(text) <= 120
        assert named == 12 or f"{12 - named} more" in text
