"""In which ENISA category each field lies, and how far a reader may move it: a table with reasons.

Each row gives the category, the DPC that we take (the base score, or an adjustment whose wording fits), the
lowest and the highest that the adjustments of the methodology allow for this datum, and why. What no list of
the methodology names (identity numbers, codes of a network) stands under the nearest category, and the row
says so. Every row is our reading: ``assumed``, of a transcription.

Not here: what the *controller* or the *people* add (a pharmacy's customers, minors): the methodology raises
simple data by up to 3 for that, and a scenario does not know it (``enisa_scoring.CONTEXTS``).
"""

from __future__ import annotations

from typing import NamedTuple

CATEGORIES = {"simple": 1, "behavioral": 2, "financial": 3, "sensitive": 4}
"""Base score of each category."""


class Datum(NamedTuple):
    """How a field counts.

    Parameters
    ----------
    field
        Canonical name.
    category
        One of :data:`CATEGORIES`; of a credential, that of what it opens.
    low, dpc, high
        Lowest reading, ours, highest. [1, 4]
    reason
        Why, in a few words.
    """

    field: str
    category: str
    low: int
    dpc: int
    high: int
    reason: str


_IDENTITY = "an identity number, in none of the four lists: simple; as a key to credit it enables fraud"
_NETWORK = "a number of a network, in none of the four lists: simple"
_LOGIN = "a credential takes the category of what it opens, not known here: simple to e-banking"
_WRITTEN = "what people wrote: habits, or a profile of sensitive matters"
_LINE = "a credential: opens account or line with its calls (2); at most, codes of a bank"

DATA: tuple[Datum, ...] = (
    Datum("full_name", "simple", 1, 1, 1, "named in the category"),
    Datum("date_of_birth", "simple", 1, 1, 1, "biography"),
    Datum("gender", "simple", 1, 1, 1, "biography"),
    Datum("place_of_birth", "simple", 1, 1, 3, "biography; may support an assumption on origin"),
    Datum("mothers_maiden_name", "simple", 1, 1, 4, "family; as a security answer a credential"),
    Datum("nationality", "simple", 1, 1, 3, "biography; may support an assumption on origin"),
    Datum("ssn", "simple", 1, 1, 4, _IDENTITY),
    Datum("ssn_last4", "simple", 1, 1, 3, "part of an identity number; banks ask for it"),
    Datum("tax_id", "simple", 1, 1, 4, _IDENTITY),
    Datum("drivers_license_number", "simple", 1, 1, 4, _IDENTITY),
    Datum("passport_number", "simple", 1, 1, 4, _IDENTITY),
    Datum("national_id_number", "simple", 1, 1, 4, _IDENTITY),
    Datum("vehicle_id", "simple", 1, 1, 2, "may tell the make: an assumption on financial status"),
    Datum("phone_number", "simple", 1, 1, 1, "contact"),
    Datum("email_address", "simple", 1, 1, 1, "contact"),
    Datum("postal_address", "simple", 1, 1, 2, "contact; the neighborhood may tell social status"),
    Datum("ip_address", "behavioral", 1, 1, 2, "traffic data; one address gives no real insight (-1)"),
    Datum("username", "simple", 1, 1, 1, "contact"),
    Datum("account_number", "simple", 1, 1, 2, "shows that someone is a customer"),
    Datum("account_pin", "behavioral", 1, 2, 4, _LINE),
    Datum("service_plan", "behavioral", 1, 1, 2, "preferences; a plan gives no real insight (-1)"),
    Datum("imsi", "simple", 1, 1, 1, _NETWORK),
    Datum("imei", "simple", 1, 1, 1, _NETWORK),
    Datum("imei_history", "behavioral", 1, 2, 3, "habits; no real insight 1, a profile of years 3"),
    Datum("iccid", "simple", 1, 1, 1, _NETWORK),
    Datum("sim_ki", "behavioral", 1, 2, 4, _LINE),
    Datum("call_detail_records", "behavioral", 2, 2, 4, "a week 2, a year 3, calls to a support line 4"),
    Datum("sms_content", "behavioral", 2, 2, 4, _WRITTEN),
    Datum("cell_location", "behavioral", 2, 2, 4, "location; a year of it 3, places of sensitive matters 4"),
    Datum("carrier_name", "simple", 1, 1, 1, "shows that someone is a customer"),
    Datum("device_info", "behavioral", 1, 1, 2, "traffic data; a model gives no real insight (-1)"),
    Datum("password_plain", "simple", 1, 1, 4, _LOGIN),
    Datum("password_hash", "simple", 1, 1, 4, _LOGIN),
    Datum("security_qa", "simple", 1, 1, 4, _LOGIN),
    Datum("auth_token", "simple", 1, 1, 4, _LOGIN),
    Datum("payment_card_number", "financial", 1, 3, 4, "cards; expired long ago 1, with all details 4"),
    Datum("partial_payment_card", "financial", 2, 2, 3, "partial card data: 2 or 3"),
    Datum("card_cvv", "financial", 2, 2, 3, "partial card data: 2 or 3; with the number full details"),
    Datum("bank_account_number", "financial", 1, 2, 4, "whose customer 1, little insight 2, enables fraud 4"),
    Datum("transaction_history", "financial", 2, 3, 4, "a day without details 2, a year of statements 4"),
    Datum("credit_score", "financial", 2, 3, 4, "financial standing; little insight 2, a detailed profile 4"),
    Datum("income", "financial", 2, 3, 3, "income; a bracket gives little insight 2"),
    Datum("crypto_wallet", "financial", 3, 4, 4, "a seed phrase or key enables theft 4"),
    Datum("health_insurance_id", "sensitive", 1, 1, 3, "cover is no state of health 1; an assumption 3"),
    Datum("medical_record", "sensitive", 1, 4, 4, "health; 'general blood tests' 1, results 4"),
    Datum("biometric_fingerprint", "sensitive", 1, 4, 4, "Art. 9; as a mere picture 1"),
    Datum("photo", "simple", 1, 1, 3, "biography; may show religion or health"),
    Datum("employment", "simple", 1, 1, 2, "named in the category; may tell financial status"),
    Datum("education", "simple", 1, 1, 2, "named in the category; may tell social status"),
    Datum("relationship_status", "simple", 1, 1, 3, "family; may support an assumption on sexual life"),
    Datum("family_members", "simple", 1, 1, 1, "named in the category"),
    Datum("ethnicity", "sensitive", 2, 4, 4, "Art. 9; a general assumption 2"),
    Datum("religion_or_politics", "sensitive", 2, 4, 4, "named in the category; a general assumption 2"),
    Datum("sexual_orientation", "sensitive", 2, 4, 4, "sexual life; membership of a site by name only 2"),
    Datum("geolocation", "behavioral", 1, 1, 2, "location; a region gives no real insight (-1)"),
    Datum("private_messages", "behavioral", 2, 2, 4, _WRITTEN),
    Datum("background_investigation", "sensitive", 3, 4, 4, "health, politics and associates in one file"),
    Datum("password_hash_slow", "simple", 1, 1, 4, _LOGIN),
    Datum("password_hash_weak", "simple", 1, 1, 4, _LOGIN),
    Datum(
        "wallet_address",
        "financial",
        1,
        2,
        3,
        "public; shows holdings of a person once the name is beside it",
    ),
    Datum("card_pin", "financial", 1, 2, 4, "no insight by itself; with the card enables fraud 4"),
    Datum("sensitive_membership", "sensitive", 2, 4, 4, "an assumption on sexual life, health or views"),
)
"""One row a field, in the order of the vocabulary."""

TOGETHER: tuple[tuple[tuple[str, ...], Datum], ...] = (
    (
        ("payment_card_number", "card_cvv"),
        Datum("payment_card_number + card_cvv", "financial", 3, 4, 4, "full card details enable fraud (+1)"),
    ),
)
"""Sets of fields that the methodology scores as one; it knows only this combination of the vocabulary."""

OF: dict[str, Datum] = {row.field: row for row in DATA}
"""Rows by field."""
