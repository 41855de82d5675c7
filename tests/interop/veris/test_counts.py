"""Laws of amounts: they are held against the total, against other varieties and against living people."""

from __future__ import annotations

from typing import Any

import pytest
from support.imports import coverage_of, incident, part

import breach_sim as bs
from breach_sim import catalog


def of(country: str, data: list[Any], **more: Any) -> dict[str, Any]:
    """Return an incident of a victim in a country."""
    return incident(data, **more) | {"victim": {"victim_id": "Example", "country": [country]}}


@pytest.mark.parametrize(
    ("amount", "total"),
    [(49_000_000_000, 49_000_000), (4_200_000, 942_000), (21_000, 21), (9_000_000_000, 12)],
)
def test_an_amount_above_the_total_is_the_total(amount: int, total: int) -> None:
    """An amount above data_total is read as the total, in the account and in a note of every run."""
    imported = bs.from_veris(of("US", [part("Credentials", amount)], data_total=total))
    assert total == imported.scenario.accounts
    assert any(f"{amount:,}" in note and "above data_total" in note for note in imported.scenario.notes)
    assert any("above data_total" in row.reason for row in imported.rows if row.word == "Credentials")


def test_a_difference_within_rounding_is_said_in_the_account_alone() -> None:
    """Four percent above the total move nothing by a lot, so no table carries a note."""
    imported = bs.from_veris(of("US", [part("Personal", 5_040_000)], data_total=4_840_000))
    assert 4_840_000 == imported.scenario.accounts
    assert not any("above data_total" in note for note in imported.scenario.notes)
    assert any("above data_total" in row.reason for row in imported.rows)


@pytest.mark.parametrize(
    "lost",
    [
        incident([part("Personal", 12_000_000_000)], data_total=12_000_000_000),
        incident([part("Personal", 10_900_000_000)]),
        incident([part("Payment"), part("Bank")], data_total=16_000_000_000),
    ],
)
def test_more_records_than_people_alive_are_refused(lost: dict[str, Any]) -> None:
    """More records than mankind are no count of people: refused with the remedy, which then works."""
    with pytest.raises(ValueError, match=r"more than the 8,200,000,000 people alive.*accounts=N"):
        bs.from_veris(lost)
    assert 5_000 == bs.from_veris(lost, accounts=5_000).scenario.accounts


def test_an_incredible_total_gives_way_to_a_credible_amount() -> None:
    """A total above mankind beside an amount below it is not used, and the account says so."""
    imported = bs.from_veris(of("US", [part("Personal", 3_000)], data_total=90_000_000_000))
    assert 3_000 == imported.scenario.accounts
    assert any("people alive; not used" in row.reason for row in imported.rows if row.word == "data_total")


@pytest.mark.parametrize(
    ("country", "amount"), [("BE", 49_000_000), ("US", 1_370_000_000), ("NZ", 24_000_000)]
)
def test_more_records_than_the_country_has_people_is_a_note(country: str, amount: int) -> None:
    """More records than people of the country load with a note, and the people's country stays open."""
    breach = bs.from_veris(of(country, [part("Personal", amount)])).scenario
    assert amount == breach.accounts
    assert any(f"people of {country}" in note for note in breach.notes)
    assert () == breach.dossier.countries


def test_as_many_records_as_people_is_no_note() -> None:
    """A count below the population keeps its country and has no such note."""
    breach = bs.from_veris(of("BE", [part("Personal", 3_000_000)])).scenario
    assert ("BE",) == breach.dossier.countries
    assert not any("people of" in note for note in breach.notes)


@pytest.mark.parametrize(
    ("data", "total", "level"),
    [
        ([part("Payment"), part("Credentials", 38_000_000)], 38_000_000, "often"),
        ([part("Payment"), part("Internal", 38_000_000)], 38_000_000, "often"),
        ([part("Payment"), part("Credentials", 500), part("Medical", 500)], 1_000, "often"),
        ([part("Payment"), part("Credentials", 500)], 38_000_000, "nearly_always"),
        ([part("Payment")], 38_000_000, "nearly_always"),
    ],
)
def test_a_total_that_counts_another_variety_is_an_upper_bound(
    data: list[Any], total: int, level: str
) -> None:
    """A total that other amounts stand for says little about a variety without one."""
    breach = bs.from_veris(of("US", data, data_total=total)).scenario
    assert coverage_of(breach, "payment_card_number").name.endswith(f"_{level}")


def test_a_total_of_a_variety_without_an_attack_is_a_note() -> None:
    """If the total counts what harms nobody, every run says that the number of people is not known."""
    breach = bs.from_veris(of("US", [part("Personal"), part("Internal", 20_000)], data_total=20_000)).scenario
    assert any("data_total counts Internal" in note for note in breach.notes)


@pytest.mark.parametrize("volume", [{"amount": 4, "unit": "TB"}, "4 TB", [{"amount": 4, "unit": "TB"}]])
def test_a_volume_is_named(volume: Any) -> None:
    """A volume stands in the refusal where records are unknown, else in what was not read."""
    with pytest.raises(ValueError, match="data_volume is 4 TB"):
        bs.from_veris(of("US", [part("Personal")], data_volume=volume))
    breach = bs.from_veris(of("US", [part("Personal", 8)], data_volume=volume)).scenario
    assert any("4 TB" in left.name for left in breach.left_out)
    assert "4 TB" in breach.all_notes[-1]


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"plus": {"attribute": {"confidentiality": {"partner_data": "Yes"}}}}, "partner_data"),
        ({"partner": {"records": 12}}, "partner"),
        ({"plus": {"attribute": {"confidentiality": {"partner_number": 16}}}}, "partner_number"),
    ],
)
def test_data_under_other_keys_are_accounted_for(more: dict[str, Any], name: str) -> None:
    """Keys that may hold data and are not read stand in the account and travel with the scenario."""
    imported = bs.from_veris(of("US", [part("Personal", 8)]) | more)
    assert any(name in left.name for left in imported.scenario.left_out)
    assert any(name in row.word for row in imported.rows)


def test_an_extension_that_says_nothing_is_no_remark() -> None:
    """Unknown, empty and false values of extensions are not data that were left out."""
    plus = {"attribute": {"confidentiality": {"partner_data": "Unknown", "credit_monitoring": "Yes"}}}
    assert () == bs.from_veris(of("US", [part("Personal", 8)]) | {"plus": plus}).scenario.left_out


def test_records_are_said_to_be_no_people() -> None:
    """Every scenario notes that a record is read as a person of its own."""
    assert any("counts records" in note for note in bs.from_veris(of("US", [part("Bank", 8)])).scenario.notes)


def test_the_table_of_people_is_plausible() -> None:
    """Countries have two capital letters and fewer people than the world, which they nearly make up."""
    people = dict(catalog.load_populations())
    world = people.pop("")
    assert all(len(code) == 2 and code.isupper() for code in people)
    assert 0.9 * world < sum(people.values()) <= world
