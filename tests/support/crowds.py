"""Small populations for the tests: scenarios of every kind of segment in a few words."""

from __future__ import annotations

from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Leak, Segment
from breach_sim.population.values.columns import COLUMN_FIELDS

EVERY_FIELD = (*dict.fromkeys(COLUMN_FIELDS.values()), "imei_history")
"""Fields that a record or its handsets show."""
TRAITS = {"banks_online": 0.66, "holds_crypto": 0.1}


def segment(name: str, accounts: int, *leaks: tuple[tuple[str, ...], float]) -> Segment:
    """Return a segment whose kind is the first word of its name, with blocks and their coverages."""
    return Segment(
        name=name,
        kind=name.partition("_")[0],
        accounts=accounts,
        leaks=tuple(
            Leak(fields=fields, coverage=Estimate.fixed(f"{name}.{number}", share, "share"))
            for number, (fields, share) in enumerate(leaks)
        ),
    )


def everything(accounts: int = 100_000_000) -> Scenario:
    """Return all kinds of segment, with every field that has a column."""
    shares = {"postpaid": 0.4, "prepaid": 0.2, "former": 0.15, "prospect": 0.1, "customer": 0.15}
    segments = (segment(kind, round(accounts * share), (EVERY_FIELD, 1.0)) for kind, share in shares.items())
    return Scenario(name="everything", segments=tuple(segments), day_zero="2021-08-11")


def patchy(scale: int = 1) -> Scenario:
    """Return segments in which blocks leaked for a part of the accounts, of odd sizes."""
    person = ("full_name", "date_of_birth")
    return Scenario(
        name="patchy",
        segments=(
            segment(
                "postpaid",
                30_011 * scale,
                (person, 1.0),
                (("ssn", "drivers_license_number"), 0.37),
                (("account_pin", "phone_number"), 0.5),
                (("postal_address", "email_address"), 0.81),
            ),
            segment("prospect", 20_003 * scale, (person, 0.9), (("ssn",), 0.25)),
            segment("former_small", 5 * scale, (person, 1.0), (("service_plan", "gender"), 0.5)),
            segment("prepaid", 9_999 * scale, (("imsi", "imei", "iccid"), 0.6), (("imei_history",), 0.3)),
        ),
    )
