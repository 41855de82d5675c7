"""The same columns made by others: plain Faker, Mimesis, and SQL in DuckDB; for benchmarks/population_run.py.

Each gets the mix of segments and fields of `SEGMENTS` and makes a value only where its field leaked, as the
population does, then writes snappy Parquet. None promises what the population promises (unique identifiers
that can belong to nobody, fields of a person that agree, any row on demand); the SQL takes names, streets and
cities from short lists.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

TRAITS = (
    "banks_online",
    "sms_codes_at_bank",
    "sms_reset_of_mailbox",
    "holds_crypto",
    "sms_codes_at_exchange",
)
PERSON = (
    "full_name",
    "gender",
    "date_of_birth",
    "ssn",
    "drivers_license_number",
    "postal_address",
    "email_address",
)
LINE = ("phone_number", "imsi", "imei", "iccid", "service_plan")
SEGMENTS: dict[str, tuple[str, float, tuple[str, ...]]] = {
    "postpaid": ("postpaid", 0.55, (*PERSON, *LINE, "account_pin")),
    "prepaid": ("prepaid", 0.20, ("full_name", "gender", "email_address", "account_pin", *LINE)),
    "former": ("former", 0.15, (*PERSON, "phone_number", "service_plan")),
    "prospect": ("prospect", 0.10, PERSON),
}
"""Name to kind, share of the rows, and leaked fields: dense, so that most columns have a value."""
BIT = {
    "full_name": 0,
    "date_of_birth": 1,
    "gender": 2,
    "ssn": 6,
    "drivers_license_number": 9,
    "phone_number": 13,
    "email_address": 14,
    "postal_address": 15,
    "account_pin": 19,
    "service_plan": 20,
    "imsi": 21,
    "imei": 22,
    "iccid": 24,
}
FIELD = {
    "first_name": "full_name",
    "middle_initial": "full_name",
    "last_name": "full_name",
    "sex": "gender",
    "date_of_birth": "date_of_birth",
    "ssn": "ssn",
    "drivers_license_number": "drivers_license_number",
    "dl_state": "drivers_license_number",
    "phone_number": "phone_number",
    "imsi": "imsi",
    "imei": "imei",
    "iccid": "iccid",
    "account_pin": "account_pin",
    "street_address": "postal_address",
    "city": "postal_address",
    "state": "postal_address",
    "zip_code": "postal_address",
    "email": "email_address",
    "service_plan": "service_plan",
    "opened_on": "service_plan",
    "closed_on": "service_plan",
}
COLUMNS = (
    "person_id",
    "account_id",
    "line_id",
    "segment",
    "account_type",
    *FIELD,
    *TRAITS,
    "leaked_fields",
    "synthetic",
)
TYPES = {
    "person_id": pa.int64(),
    "account_id": pa.int64(),
    "line_id": pa.int64(),
    "leaked_fields": pa.int64(),
    "synthetic": pa.bool_(),
    "date_of_birth": pa.date32(),
    "opened_on": pa.date32(),
    "closed_on": pa.date32(),
    **dict.fromkeys(TRAITS, pa.bool_()),
}
SCHEMA = pa.schema([(name, TYPES.get(name, pa.string())) for name in COLUMNS])
NINE, HALF = 9, 0.5
PLANS = ("Unlimited", "Unlimited Plus", "Shared Data", "Talk and Text")
Value = Callable[[], Any]


def luhn(digits: str) -> str:
    """Return the digits with their check digit."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if place % 2 == 0 else 1)
        total += number - NINE if number > NINE else number
    return digits + str(-total % 10)


def faker_values() -> dict[str, Value]:
    """Return the values of a row by plain Faker, one call a column."""
    from faker import Faker

    Faker.seed(1)
    fake = Faker("en_US")
    return {
        "first_name": fake.first_name,
        "middle_initial": fake.random_uppercase_letter,
        "last_name": fake.last_name,
        "sex": lambda: fake.random_element(("F", "M")),
        "date_of_birth": lambda: fake.date_of_birth(minimum_age=18, maximum_age=90),
        "ssn": fake.ssn,
        "drivers_license_number": lambda: fake.bothify("ZZ########"),
        "dl_state": lambda: "XX",
        "phone_number": lambda: fake.numerify("%##-0##-####"),
        "imsi": lambda: fake.numerify("00101##########"),
        "imei": lambda: luhn(fake.numerify("0099##########")),
        "iccid": lambda: luhn(fake.numerify("8900##############")),
        "account_pin": lambda: fake.numerify("####"),
        "street_address": fake.street_address,
        "city": fake.city,
        "state": fake.state_abbr,
        "zip_code": fake.zipcode,
        "email": fake.safe_email,
        "service_plan": lambda: fake.random_element(PLANS),
        "opened_on": lambda: fake.date_between(date(1994, 1, 1), date(2021, 8, 16)),
        "closed_on": lambda: fake.date_between(date(2004, 1, 1), date(2021, 8, 16)),
    }


def mimesis_values() -> dict[str, Value]:
    """Return the values of a row by Mimesis."""
    from mimesis import Address, Code, Datetime, Person
    from mimesis.locales import Locale

    person, address = Person(Locale.EN, seed=1), Address(Locale.EN, seed=1)
    when = Datetime(seed=1)
    code = Code(seed=1)
    return {
        "first_name": person.first_name,
        "middle_initial": lambda: code.pin(mask="@"),
        "last_name": person.last_name,
        "sex": lambda: code.pin(mask="@"),
        "date_of_birth": lambda: when.date(start=1931, end=2003),
        "ssn": lambda: code.pin(mask="900-##-####"),
        "drivers_license_number": lambda: code.pin(mask="ZZ########"),
        "dl_state": lambda: "XX",
        "phone_number": lambda: code.pin(mask="###-0##-####"),
        "imsi": lambda: code.pin(mask="00101##########"),
        "imei": lambda: luhn(code.pin(mask="0099##########")),
        "iccid": lambda: luhn(code.pin(mask="8900##############")),
        "account_pin": code.pin,
        "street_address": address.address,
        "city": address.city,
        "state": lambda: address.state(abbr=True),
        "zip_code": address.zip_code,
        "email": lambda: person.email(domains=["example.com"]),
        "service_plan": lambda: PLANS[len(person.first_name()) % 4],
        "opened_on": lambda: when.date(start=1994, end=2021),
        "closed_on": lambda: when.date(start=2004, end=2021),
    }


MAKERS = {"faker": faker_values, "mimesis": mimesis_values}


def write_rows(who: str, rows: int, first: int, path: str) -> int:
    """Make rows one by one and write them as snappy Parquet."""
    values, dice = MAKERS[who](), random.Random(first)
    names, shares = list(SEGMENTS), [share for _, share, _ in SEGMENTS.values()]
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    masks = {name: sum(1 << BIT[field] for field in fields) for name, (_, _, fields) in SEGMENTS.items()}
    for row, segment in enumerate(dice.choices(names, shares, k=rows), first):
        leaked = SEGMENTS[segment][2]
        for i, name in enumerate(("person_id", "account_id", "line_id"), 1):
            columns[name].append(i * 10**9 + row)
        columns["segment"].append(segment)
        columns["account_type"].append(segment)
        for name, value in values.items():
            there = FIELD[name] in leaked and (name != "closed_on" or segment == "former")
            columns[name].append(value() if there else None)
        for name in TRAITS:
            columns[name].append(dice.random() < HALF)
        columns["leaked_fields"].append(masks[segment])
        columns["synthetic"].append(True)
    pq.write_table(pa.table(columns, schema=SCHEMA), path, compression="snappy")
    return rows


def by_processes(who: str, rows: int, workers: int, folder: str) -> int:
    """Make rows by as many processes as there are cores."""
    part = rows // workers
    with ProcessPoolExecutor(workers) as pool:
        done = [
            pool.submit(write_rows, who, part, i * part, f"{folder}/{who}-{i}.parquet")
            for i in range(workers)
        ]
        return sum(one.result() for one in done)


def sql(rows: int, path: str) -> str:
    """Return the SQL that makes the same columns in DuckDB; all by hashes of the row number."""
    people = "'Mary','James','Linda','Robert','Susan','Michael','Karen','David','Nancy','John','Lisa','Paul'"
    family = "'Smith','Johnson','Williams','Brown','Jones','Garcia','Miller','Davis','Lopez','Wilson','Lee'"
    cities = "'Springfield','Riverside','Franklin','Clinton','Georgetown','Salem','Madison','Ashland'"
    states = "'CA','TX','NY','FL','IL','PA','OH','GA','NC','MI','NJ','VA','WA','AZ','MA','TN'"

    def word(name: str, size: int) -> str:
        return f"CAST(hash(r, '{name}') % {size} AS BIGINT)"

    def digits(name: str, count: int) -> str:
        return f"lpad(CAST({word(name, 10**count)} AS VARCHAR), {count}, '0')"

    def one(name: str, listed: str) -> str:
        return f"[{listed}][1 + {word(name, listed.count(',') + 1)}]"

    def checked(text: str, count: int) -> str:
        terms = []
        for place in range(count):
            digit = f"CAST(substr({text}, {count - place}, 1) AS INTEGER)"
            terms.append(f"({digit} * 2) // 10 + ({digit} * 2) % 10" if place % 2 == 0 else digit)
        return f"{text} || CAST((10 - ({' + '.join(terms)}) % 10) % 10 AS VARCHAR)"

    imei, iccid = f"('0099' || {digits('imei', 10)})", f"('8900' || {digits('iccid', 14)})"
    first, last = one("first", people), one("last", family)
    area, house = f"CAST(201 + {word('area', 780)} AS VARCHAR)", f"CAST({word('house', 99_999)} AS VARCHAR)"
    made = {
        "first_name": first,
        "middle_initial": f"chr(CAST(65 + {word('middle', 26)} AS INTEGER))",
        "last_name": last,
        "sex": one("sex", "'F','M'"),
        "date_of_birth": f"DATE '1931-01-01' + CAST({word('born', 26_000)} AS INTEGER)",
        "ssn": f"'900-' || {digits('ssn2', 2)} || '-' || {digits('ssn4', 4)}",
        "drivers_license_number": f"'ZZ' || {digits('dl', 8)}",
        "dl_state": "'XX'",
        "phone_number": f"{area} || '-0' || {digits('ex', 2)} || '-' || {digits('no', 4)}",
        "imsi": f"'00101' || {digits('imsi', 10)}",
        "imei": checked(imei, 14),
        "iccid": checked(iccid, 18),
        "account_pin": digits("pin", 4),
        "street_address": f"{house} || ' ' || {one('street', family)} || ' Street'",
        "city": one("city", cities),
        "state": one("state", states),
        "zip_code": digits("zip", 5),
        "email": f"lower({first}) || '.' || lower({last}) || CAST(r AS VARCHAR) || '@example.com'",
        "service_plan": one("plan", ",".join(f"'{plan}'" for plan in PLANS)),
        "opened_on": f"DATE '1994-01-01' + CAST({word('open', 10_000)} AS INTEGER)",
        "closed_on": f"DATE '2004-01-01' + CAST({word('close', 6_400)} AS INTEGER)",
    }
    bounds, total = [], 0.0
    for name, (_, share, _) in SEGMENTS.items():
        total += share
        bounds.append(f"WHEN u < {round(total * 10_000)} THEN '{name}'")
    who = {f: [s for s, (_, _, leaked) in SEGMENTS.items() if f in leaked] for f in BIT}
    parts = [f"{i}000000000 + r AS {n}" for i, n in enumerate(("person_id", "account_id", "line_id"), 1)]
    parts += ["segment", "segment AS account_type"]
    for name, text in made.items():
        holders = ["former"] if name == "closed_on" else who[FIELD[name]]
        listed = ", ".join(f"'{s}'" for s in holders)
        parts.append(f"CASE WHEN segment IN ({listed}) THEN {text} END AS {name}")
    parts += [f"{word(name, 2)} = 0 AS {name}" for name in TRAITS]
    masks = " ".join(
        f"WHEN '{s}' THEN {sum(1 << BIT[f] for f in leaked)}" for s, (_, _, leaked) in SEGMENTS.items()
    )
    parts += [f"CAST(CASE segment {masks} END AS BIGINT) AS leaked_fields", "true AS synthetic"]
    source = f"SELECT range AS r, hash(range, 'segment') % 10000 AS u FROM range({rows})"  # noqa: S608 - our own words
    placed = f"SELECT r, CASE {' '.join(bounds)} END AS segment FROM ({source})"  # noqa: S608 - our own words
    return (
        f"COPY (SELECT {', '.join(parts)} FROM ({placed})) "  # noqa: S608 - our own words
        f"TO '{path}' (FORMAT parquet, COMPRESSION snappy, "
        "ROW_GROUP_SIZE 262144)"
    )
