"""Laws of kinds of records: no variety ends in a structural zero, and levels keep their order everywhere."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from support.imports import attackable, coverage_of, incident, inert, part

import breach_sim as bs
from breach_sim import catalog
from breach_sim.catalog.words.meanings import ASSUMED
from breach_sim.interop.veris.contents import highest, local, lower

CARRYING = [word.name for word in catalog.load_dictionary("veris").values() if word.kind]
KINDS = sorted({word.kind for word in catalog.load_dictionary("veris").values() if word.kind})


def victim(
    *countries: str, industry: str = "", whose: list[str] | None = None, data: Any = None
) -> dict[str, Any]:
    """Return an incident of a victim somewhere, in some trade."""
    lost = {} if whose is None else {"data_victim": whose}
    about = {"country": list(countries), "industry": industry, "victim_id": "Example"}
    return incident(data or [part("Personal", 100_000)], **lost) | {"victim": about}


@pytest.mark.parametrize("countries", [("US",), ("GB",), ("DE", "FR"), ("Unknown",), ()])
@pytest.mark.parametrize("variety", CARRYING)
def test_no_variety_ends_in_a_structural_zero(variety: str, countries: tuple[str, ...]) -> None:
    """Every variety that concerns people, by itself and in any country, lets some attack start."""
    imported = bs.from_veris(victim(*countries, data=[part(variety, 10_000_000)]))
    assert not inert(imported)
    assert attackable(imported.scenario).any()


@pytest.mark.parametrize("variety", ["Medical", "Bank", "Payment", "Credentials", "Sensitive Personal"])
def test_a_large_breach_of_one_variety_harms_people(variety: str) -> None:
    """Ten million records of one kind harm people in half of the draws at least."""
    breach = bs.from_veris(victim("US", data=[part(variety, 10_000_000)])).scenario
    assert np.median(bs.simulate(breach, replicates=128, seed=1).people) > 0


def test_a_medical_record_is_that_of_a_patient() -> None:
    """A medical record holds name and birth date nearly always, the insurance number often."""
    levels = catalog.record_kind("medical").levels
    assert {"full_name", "date_of_birth", "medical_record"} == {
        n for n in levels if levels[n] == "nearly_always"
    }
    assert "often" == levels["health_insurance_id"]
    assert "sometimes" == levels["ssn"]
    names = bs.simulate(
        bs.from_veris(victim("US", data=[part("Medical", 5_000_000)])).scenario, replicates=64
    )
    assert {"medical_identity_theft", "extortion"} <= set(names.attacks.names)


@pytest.mark.parametrize(
    ("countries", "own", "other"),
    [
        (("US",), "ssn", "national_id_number"),
        (("GB",), "national_id_number", "ssn"),
        (("DE", "AT"), "national_id_number", "ssn"),
        (("au",), "national_id_number", "ssn"),
    ],
)
def test_the_country_decides_which_number(countries: tuple[str, ...], own: str, other: str) -> None:
    """People in the United States lose an SSN, people elsewhere another identity number."""
    breach = bs.from_veris(victim(*countries)).scenario
    assert own in breach.segments[0].fields
    assert other not in breach.segments[0].fields
    assert tuple(code.upper() for code in countries) == breach.dossier.countries


@pytest.mark.parametrize("countries", [(), ("Unknown",), ("US", "CA")])
def test_where_both_are_possible_both_are_less_likely(countries: tuple[str, ...]) -> None:
    """Without a country, or with several, SSN and other number are both there, one level lower than alone."""
    breach = bs.from_veris(victim(*countries)).scenario
    alone = coverage_of(bs.from_veris(victim("US")).scenario, "ssn")
    for field in ("ssn", "national_id_number"):
        assert coverage_of(breach, field).central < alone.central


@pytest.mark.parametrize(("written", "code"), [("UK", "GB"), ("EL", "GR"), ("usa", "US"), ("gb", "GB")])
def test_other_codes_of_a_country_are_read(written: str, code: str) -> None:
    """What is often written for a country is read as its code."""
    assert (code,) == bs.from_veris(victim(written)).scenario.dossier.countries


def test_countries_that_the_caller_gives_decide() -> None:
    """Countries that are given replace that of the victim, and decide which identity number leaked."""
    imported = bs.from_veris(victim("US"), countries="se, NO")
    assert ("SE", "NO") == imported.scenario.dossier.countries
    assert "ssn" not in imported.scenario.segments[0].fields
    assert any(row.word == "countries: SE NO" for row in imported.rows)
    with pytest.raises(ValueError, match="country"):
        bs.from_veris(victim("US"), countries="Sweden")


@pytest.mark.parametrize("odd", ["EU", "XX", "United States", "1"])
def test_what_is_no_country_is_never_one(odd: str) -> None:
    """Codes of no country and names in words leave the countries open."""
    assert () == bs.from_veris(victim(odd)).scenario.dossier.countries


def test_a_country_that_is_no_code_is_named() -> None:
    """A country in words is no code; it is left out by its name and not guessed."""
    breach = bs.from_veris(victim("Atlantis")).scenario
    assert () == breach.dossier.countries
    assert any("Atlantis" in left.name for left in breach.left_out)


@pytest.mark.parametrize(
    ("industry", "whose", "field", "level"),
    [
        ("519130", ["Customer"], "email_address", "nearly_always"),
        ("454110", ["Customer"], "email_address", "nearly_always"),
        ("519130", ["Patient"], "email_address", "nearly_always"),
        ("519130", ["Employee"], "ssn", "often"),
        ("522110", ["Customer"], "ssn", "often"),
        ("561450", ["Customer"], "ssn", "often"),
        ("921190", None, "ssn", "often"),
        ("622110", None, "date_of_birth", "often"),
        ("441110", ["Customer", "Patient"], "date_of_birth", "often"),
        ("722511", ["Customer"], "email_address", "often"),
        ("", None, "ssn", "sometimes"),
    ],
)
def test_what_a_personal_record_holds_depends_on_the_incident(
    industry: str, whose: list[str] | None, field: str, level: str
) -> None:
    """Web services hold an address, personal files an identity number, patients' files a birth date."""
    imported = bs.from_veris(victim("US", industry=industry, whose=whose))
    assert coverage_of(imported.scenario, field).name.endswith(f"_{level}")


def test_a_context_is_said_in_the_account() -> None:
    """Where the trade or the people decide a reading, the account names what said so."""
    imported = bs.from_veris(victim("US", industry="519130", whose=["Customer"]))
    (row,) = [row for row in imported.rows if row.word == "Personal"]
    assert "(industry 519130)" in row.reason
    assert ASSUMED == row.state


def test_a_child_is_read_as_a_kind_of_its_parent() -> None:
    """Medical, Bank, Payment and Sensitive Personal hold a name; keys are credentials without passwords."""
    for variety in ("Medical", "Bank", "Payment", "Sensitive Personal"):
        imported = bs.from_veris(victim("US", data=[part(variety, 50)]))
        assert "full_name" in imported.scenario.segments[0].fields
        assert any("a kind of Personal" in row.reason for row in imported.rows)
    for variety in ("API key", "Session key", "Multi-factor credential"):
        imported = bs.from_veris(victim("US", data=[part(variety, 50)]))
        assert not {"password_hash", "password_plain"} & set(imported.scenario.segments[0].fields)
        assert any("kind of Credentials" in row.reason for row in imported.rows)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("PHI", "Medical"),
        ("personal_information", "Personal"),
        ("Credit Card", "Payment"),
        ("MFA", "Multi-factor"),
    ],
)
def test_usual_synonyms_are_read_and_said(written: str, read: str) -> None:
    """What other tools call a variety is read as the variety, and the account says so."""
    imported = bs.from_veris(victim("US", data=[part(written, 50)]))
    assert any(row.word.startswith(read) and "is read as" in row.reason for row in imported.rows)


@pytest.mark.parametrize(
    ("written", "nearest"), [("Medcial", "Medical"), ("Health records", "Medical"), ("Zodiac", "")]
)
def test_an_unknown_variety_is_left_out_with_the_nearest(written: str, nearest: str) -> None:
    """An unknown variety travels with the scenario, with its amount and the nearest known name."""
    breach = bs.from_veris(victim("US", data=[part(written, 7), part("Bank", 9)])).scenario
    (left,) = breach.left_out
    assert ("variety", written, nearest, 7) == (left.kind, left.name, left.nearest, left.count)
    assert "Not read: 1 variety" in breach.all_notes[-1]


def test_levels_are_wide_and_in_order() -> None:
    """At every quantile a higher level has the larger share, and no level is narrower than 0.3."""
    quantiles = np.linspace(0.001, 0.999, 101)
    shares = [catalog.level_share("email", level).ppf(quantiles) for level in catalog.LEVELS]
    assert all(np.all(above >= below) for above, below in itertools.pairwise(shares))
    assert all(share.max() - share.min() > 0.3 for share in shares)
    assert all("assumed" == catalog.level_share("email", level).status for level in catalog.LEVELS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_says_every_field_once_with_a_reason(kind: str) -> None:
    """A kind of record has a reason in every context, and each of its fields is likely or unlikely."""
    own = catalog.record_kind(kind)
    for each in (own, *own.instead.values()):
        assert each.reason
        assert sorted(each.levels) == sorted([*each.likely, *each.unlikely])


def test_levels_meet_at_the_highest() -> None:
    """Of two levels of one field the higher stands; abroad the SSN's level goes to the other number."""
    assert {"ssn": "often"} == highest([{"ssn": "rarely"}, {"ssn": "often"}])
    assert "rarely" == lower("rarely") == lower("sometimes")
    assert {"national_id_number": "often"} == local({"ssn": "often", "national_id_number": "rarely"}, ("FR",))


def test_an_unknown_kind_is_named() -> None:
    """A word of a dictionary that names no kind of record is an error with the nearest kind."""
    with pytest.raises(ValueError, match="did you mean 'medical'"):
        catalog.record_kind("medcal")
