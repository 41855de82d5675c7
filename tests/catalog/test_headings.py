"""Laws of the headings: spelling never matters, a word has one reading, and doubt is no field."""

from __future__ import annotations

import pytest

from breach_sim.catalog import field_of_heading, load_headings, nearest_field, read_heading
from breach_sim.inputs.fields import FIELD_NAMES

TABLES = {
    "Synthea": {
        "BIRTHDATE": "date_of_birth", "SSN": "ssn", "DRIVERS": "drivers_license_number",
        "PASSPORT": "passport_number", "FIRST": "full_name", "LAST": "full_name", "ADDRESS": "postal_address",
        "MARITAL": "relationship_status", "RACE": "ethnicity", "GENDER": "gender", "CITY": "geolocation",
        "LAT": "cell_location", "INCOME": "income", "BIRTHPLACE": "place_of_birth",
    },
    "Faker": {
        "name": "full_name", "mail": "email_address", "residence": "postal_address", "job": "employment",
        "birthdate": "date_of_birth", "blood_group": "medical_record", "username": "username",
        "sex": "gender",
    },
    "pseudopeople": {
        "first_name": "full_name", "date_of_birth": "date_of_birth", "street_name": "postal_address",
        "zipcode": "geolocation", "wages": "income", "race_ethnicity": "ethnicity",
        "employer_name": "employment",
        "mailing_address_street_name": "postal_address", "spouse_first_name": "family_members",
    },
    "OMOP": {
        "year_of_birth": "date_of_birth", "birth_datetime": "date_of_birth", "gender_concept_id": "gender",
        "race_source_value": "ethnicity",
    },
    "Salesforce": {
        "FirstName": "full_name", "LastName": "full_name", "MailingStreet": "postal_address",
        "MobilePhone": "phone_number", "PersonEmail": "email_address", "Birthdate": "date_of_birth",
        "SSN__c": "ssn",
    },
    "others": {
        "Customer E-Mail": "email_address", "DL#": "drivers_license_number", "Phone 2": "phone_number",
        "mbr_dob": "date_of_birth", "Vorname": "full_name", "Straße": "postal_address", "Prénom": "full_name",
        "Social Security #": "ssn", "ssn last 4": "ssn_last4", "Mother's Maiden Name": "mothers_maiden_name",
        "Email addresses": "email_address",
    },
}  # fmt: skip


@pytest.mark.parametrize("source", list(TABLES))
def test_usual_headings_are_known(source: str) -> None:
    """The headings of tables that many people have mean the fields that a specialist would say."""
    found = {heading: field_of_heading(heading) for heading in TABLES[source]}
    assert TABLES[source] == found


@pytest.mark.parametrize("name", FIELD_NAMES)
def test_every_field_is_a_heading_in_any_spelling(name: str) -> None:
    """The name of a field means the field with capitals, spaces, hyphens, or none of them."""
    spellings = (name, name.upper(), name.replace("_", " ").title(), name.replace("_", "-"))
    assert {name} == {field_of_heading(word) for word in spellings}
    humps = "".join(part.title() for part in name.split("_"))
    assert name == field_of_heading(humps)


@pytest.mark.parametrize(
    ("heading", "near"),
    [
        ("password", "password_plain or password_hash"),
        ("Pin", "account_pin or card_pin or geolocation"),
        ("ssn_hash", "ssn"),
        ("email_verified", "email_address"),
        ("has_ssn", "ssn"),
        ("passport nmber", "passport_number"),
        ("address 2", "postal_address"),
        ("mother_ssn", "family_members"),
        ("id", ""),
        ("qqqq", ""),
    ],
)
def test_what_is_not_sure_is_no_field(heading: str, near: str) -> None:
    """An unknown heading, one of several fields, one that is about a field: neighbors at most."""
    assert field_of_heading(heading) is None
    assert near == nearest_field(heading)


def test_a_name_has_parts() -> None:
    """Given and family name are two parts of one field, which a table needs both of."""
    parts = [read_heading(word) for word in ("First Name", "surname")]
    assert [("together", "given"), ("together", "family")] == [(p.role, p.part) for p in parts if p]
    assert ("given", "family") == load_headings().parts["full_name"]
