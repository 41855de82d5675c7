"""The vocabulary of leaked fields, and the bit of each.

A *field* is one kind of datum that can leak for an account, such as its phone number or its Social
Security number. The vocabulary is closed and its order is permanent, because data sets store masks of
leaked fields (bit i set: field i leaked). New fields are appended, never inserted.

Not here: traits (``attacks.Trait``) and capabilities (names that attacks grant). They are conditions
of an attack too, but they cannot leak.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from breach_sim.formatting.messages import unknown


@dataclass(frozen=True, slots=True)
class Field:
    """One kind of datum that can leak for an account.

    Parameters
    ----------
    name
        Canonical name, as used in every file and table. Lower case with underscores.
    description
        Short description of the datum.
    """

    name: str
    description: str


FIELDS: tuple[Field, ...] = (
    Field("full_name", "given and family name"),
    Field("date_of_birth", "full birth date"),
    Field("gender", "sex or gender"),
    Field("place_of_birth", "town or country of birth"),
    Field("mothers_maiden_name", "mother's birth name"),
    Field("nationality", "citizenship or nationality"),
    Field("ssn", "US Social Security number, 9 digits"),
    Field("ssn_last4", "last four digits of the SSN"),
    Field("tax_id", "ITIN/ATIN/EIN or other tax number"),
    Field("drivers_license_number", "driver's license number"),
    Field("passport_number", "passport number"),
    Field("national_id_number", "other national identity number (SIN, BSN, RRN, Aadhaar ...)"),
    Field("vehicle_id", "number plate or VIN"),
    Field("phone_number", "MSISDN, contact or service number"),
    Field("email_address", "e-mail address"),
    Field("postal_address", "street address"),
    Field("ip_address", "IP address"),
    Field("username", "login or display name"),
    Field("account_number", "customer or billing account number"),
    Field("account_pin", "customer-care PIN or passcode (4-10 digits)"),
    Field("service_plan", "lines, features, rate plan (CPNI)"),
    Field("imsi", "international mobile subscriber identity, 15 digits"),
    Field("imei", "device identity, 15 digits with Luhn"),
    Field("imei_history", "all devices seen for a line with dates"),
    Field("iccid", "SIM card serial, 19-20 digits with Luhn"),
    Field("sim_ki", "SIM authentication key Ki / OPc"),
    Field("call_detail_records", "call and text metadata"),
    Field("sms_content", "text message bodies"),
    Field("cell_location", "cell-site or GPS position"),
    Field("carrier_name", "mobile operator of the number"),
    Field("device_info", "device model, OS, serial"),
    Field("password_plain", "password in clear or reversibly stored"),
    Field("password_hash", "hashed password: fast hash with a salt, or how is not known"),
    Field("security_qa", "security questions and answers"),
    Field("auth_token", "session or API token"),
    Field("payment_card_number", "full card number"),
    Field("partial_payment_card", "truncated card number"),
    Field("card_cvv", "card verification value"),
    Field("bank_account_number", "account number or IBAN"),
    Field("transaction_history", "payments, balances, purchases"),
    Field("credit_score", "score or credit status"),
    Field("income", "income or net worth"),
    Field("crypto_wallet", "seed phrase, private key or wallet file"),
    Field("health_insurance_id", "insurance or Medicare number"),
    Field("medical_record", "diagnosis, treatment, claims"),
    Field("biometric_fingerprint", "fingerprint, face template, voice"),
    Field("photo", "profile or identity photo"),
    Field("employment", "employer, title, status"),
    Field("education", "level, school, grades"),
    Field("relationship_status", "marital or relationship status"),
    Field("family_members", "names of relatives, family structure"),
    Field("ethnicity", "ethnic origin"),
    Field("religion_or_politics", "religion, political view"),
    Field("sexual_orientation", "sexual orientation or life"),
    Field("geolocation", "home region or approximate place"),
    Field("private_messages", "messages, mail, chat"),
    Field("background_investigation", "security-clearance file (SF-86)"),
    Field("password_hash_slow", "password under a slow hash (bcrypt, scrypt, Argon2, PBKDF2)"),
    Field("password_hash_weak", "password under a fast hash without a salt (MD5, SHA-1, NTLM)"),
    Field("wallet_address", "public address of a crypto wallet"),
    Field("card_pin", "PIN of a bank card"),
    Field("sensitive_membership", "membership that can be held against a person"),
)
"""All fields, in the order of their bits; append only."""

_BIT: dict[str, int] = {field.name: position for position, field in enumerate(FIELDS)}

FIELD_DESCRIPTIONS: dict[str, str] = {field.name: field.description for field in FIELDS}
"""What each field is, by name."""

FIELD_NAMES: tuple[str, ...] = tuple(_BIT)
"""Canonical names, in the order of their bits."""

_LABELS = {
    "full_name": "name",
    "date_of_birth": "birth date",
    "mothers_maiden_name": "mother's maiden name",
    "ssn": "SSN",
    "ssn_last4": "last four digits of the SSN",
    "tax_id": "tax number",
    "drivers_license_number": "driver's license number",
    "national_id_number": "national identity number",
    "email_address": "e-mail address",
    "postal_address": "address",
    "ip_address": "IP address",
    "username": "user name",
    "account_pin": "account PIN",
    "imsi": "IMSI",
    "imei": "IMEI",
    "imei_history": "IMEI history",
    "iccid": "SIM card number",
    "sim_ki": "SIM key",
    "sms_content": "text messages",
    "password_plain": "password",
    "password_hash": "hashed password",
    "password_hash_slow": "slowly hashed password",
    "password_hash_weak": "weakly hashed password",
    "card_pin": "card PIN",
    "security_qa": "security questions and answers",
    "auth_token": "session token",
    "card_cvv": "card CVV",
    "health_insurance_id": "health insurance number",
    "employment": "employer",
}

FIELD_LABELS: dict[str, str] = {name: _LABELS.get(name, name.replace("_", " ")) for name in FIELD_NAMES}
"""What a field is called in a sentence, by name."""


def check_field(name: str, place: str) -> str:
    """Return the name of a field if it is known.

    Parameters
    ----------
    name
        Name to check.
    place
        Where the name was given, for the error message: file and key, or argument.

    Returns
    -------
    The name itself.

    Raises
    ------
    ValueError
        If no field has this name. The message suggests the nearest known one.
    """
    if name not in _BIT:
        raise ValueError(unknown("field", name, FIELD_NAMES, place, FIELD_DESCRIPTIONS))
    return name


def mask(names: Iterable[str]) -> int:
    """Return the bit mask of a set of fields.

    Parameters
    ----------
    names
        Names of fields; repetition and order do not matter.

    Returns
    -------
    Non-negative integer with the bit of each field set. [bit set]

    Raises
    ------
    ValueError
        If a name is unknown.

    Examples
    --------
    >>> names(mask(["ssn", "full_name"]))
    ('full_name', 'ssn')
    """
    bits = 0
    for name in names:
        bits |= 1 << _BIT[check_field(name, "a set of fields")]
    return bits


def names(bits: int) -> tuple[str, ...]:
    """Return the names of the fields in a mask, in the order of their bits.

    Parameters
    ----------
    bits
        Mask made by :func:`mask`. [bit set]

    Returns
    -------
    Canonical names.

    Raises
    ------
    ValueError
        If a set bit belongs to no field.
    """
    if bits < 0 or bits >> len(FIELDS):
        raise ValueError(
            f"mask {bits:#x} has a bit outside the vocabulary of {len(FIELDS)} fields; "
            "masks are made by fields.mask"
        )
    return tuple(name for name, position in _BIT.items() if bits >> position & 1)
