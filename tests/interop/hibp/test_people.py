"""Laws of the people of an entry: where they live, whose number it is, and whose PIN."""

from __future__ import annotations

from typing import Any

import pytest
from support.imports import entry

import breach_sim as bs
from breach_sim.catalog.words.meanings import NOTHING


def read(*classes: str, **more: Any) -> bs.Scenario:
    """Return the scenario of an entry."""
    countries = more.pop("countries", ())
    return bs.from_hibp(entry(*classes, **more), countries=countries).scenario


@pytest.mark.parametrize(
    ("said", "domain", "code"),
    [
        ("The Swedish forum Prat was hacked.", "", "SE"),
        ("A telecommunications firm in Iceland suffered an attack by a Turkish hacker collective.", "", "IS"),
        (
            "The South African retailer was breached, and its data posted to a Russian hacking forum.",
            "",
            "ZA",
        ),
        ("Records of 3M citizens of Chile were left open.", "", "CL"),
        ("The shop was hacked.", "shop.co.uk", "GB"),
        ("The credit union in British Columbia was hacked.", "", "CA"),
        ("Names and US social security numbers leaked.", "", "US"),
    ],
)
def test_a_country_is_read_from_the_entry(said: str, domain: str, code: str) -> None:
    """Words about the people or their firm, else the ending of the domain, say where they live."""
    assert (code,) == read("Email addresses", "Names", Description=said, Domain=domain).dossier.countries


@pytest.mark.parametrize(
    ("said", "domain"),
    [
        ("The shop was hacked.", "shop.com"),
        ("The data were posted to a Russian forum.", ""),
        ("A Dutch security researcher found the open database.", ""),
        ("A combo list was found on a server in France.", "list.fr"),
        ("The German and the French site were hacked.", ""),
        ("The game is popular with Spanish-speaking users.", ""),
    ],
)
def test_words_about_others_say_nothing_of_the_people(said: str, domain: str) -> None:
    """Researchers, attackers, servers, languages and two countries at once leave the country unknown."""
    assert () == read("Email addresses", "Names", Description=said, Domain=domain).dossier.countries


def test_given_countries_win() -> None:
    """What the caller says is not overruled by the description, and is no assumption."""
    scenario = read("Names", Description="The Swedish forum was hacked.", countries="fi, no")
    assert ("FI", "NO") == scenario.dossier.countries
    assert not any("taken to live" in note for note in scenario.notes)
    with pytest.raises(ValueError, match="GB"):
        read("Names", countries="UK")


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        (["Government issued IDs"], "The Swedish forum lost social security numbers."),
        (["Social security numbers"], "The Israeli jobs site lost its data."),
        (["Partial government issued IDs"], "The Finnish clinic lost its data."),
    ],
)
def test_no_ssn_outside_the_united_states(classes: list[str], said: str) -> None:
    """An identity number of another country is no SSN: no US tax, benefits or credit fraud follows."""
    scenario = read("Email addresses", "Names", *classes, Description=said)
    assert not {"ssn", "ssn_last4"}.intersection(scenario.segments[0].fields)
    assert "national_id_number" in scenario.segments[0].fields
    assert any("taken to live in" in note for note in scenario.notes)


def test_an_ssn_of_americans_and_of_unknown_people_stays_one() -> None:
    """In the US, and where nothing is known, a Social Security number is an SSN."""
    for said in ("The American insurer lost its data.", "An insurer lost its data."):
        assert "ssn" in read("Names", "Social security numbers", Description=said).segments[0].fields


def test_the_last_digits_are_no_number() -> None:
    """Where the description says that only the last four digits leaked, the class is read as those."""
    said = "It held names and the last four digits of their social security numbers."
    fields = read("Names", "Social security numbers", Description=said).segments[0].fields
    assert "ssn_last4" in fields
    assert "ssn" not in fields


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("The mobile carrier lost data of its customers.", "account_pin"),
        ("The telecommunications firm was hacked.", "account_pin"),
        ("The bank lost data of its customers.", "card_pin"),
        ("The travel site lost data of its customers.", ""),
    ],
)
def test_whose_pin_it_is(said: str, field: str) -> None:
    """A carrier's PIN opens its line, a bank's draws cash, that of another site opens nothing elsewhere."""
    imported = bs.from_hibp(entry("Names", "Phone numbers", "PINs", Description=said))
    (row,) = [row for row in imported.rows if row.word == "PINs"]
    assert ((field,) if field else ()) == row.fields
    assert field or NOTHING == row.state


def test_passcodes_of_a_carrier_are_read_without_a_class() -> None:
    """Passcodes that only the description names are possible at a carrier, and nowhere else."""
    said = "The {} reset the passcodes of its customers, as they had leaked."
    for firm, expected in (("wireless carrier", True), ("online game", False)):
        scenario = read("Names", "Phone numbers", Description=said.format(firm))
        assert expected == ("account_pin" in scenario.segments[0].fields)
    denied = "The wireless carrier says that passcodes were not exposed."
    assert "account_pin" not in read("Names", "Phone numbers", Description=denied).segments[0].fields
