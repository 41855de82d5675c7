"""The committed sample: 1,000 subscribers of T-Mobile US, August 2021, as stated.

The sample has three files: a table as CSV and as Parquet, and its data card. It contains the five cohorts
that the company stated up to August 20, 2021 (54,617,000 records), in proportion, each with the fields stated
for it. A field named without a share is assumed to have leaked for everyone in the cohort, an upper bound.
Columns of fields that leaked in none of the cohorts are left out.

Not modeled: the seller's claim, the settlement class, the inactive prepaid files (no number was stated).
Not here: the writer of whole data sets (`dataset`).
"""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from breach_sim.formatting.extras import require
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Leak, Segment
from breach_sim.population.dataset.digest import digest_of, root_digest
from breach_sim.population.population import Population
from breach_sim.population.values.columns import LAST, SUBSCRIBERS
from breach_sim.population.values.guard import require_synthetic_batch

if TYPE_CHECKING:
    import pyarrow as pa

COHORTS: Final[Mapping[str, tuple[str, int, tuple[str, ...]]]] = MappingProxyType(
    {
        "postpaid_ssn": (
            "postpaid",
            7_800_000,
            (
                "full_name", "date_of_birth", "ssn", "drivers_license_number", "phone_number", "imei", "imsi",
            ),
        ),
        "postpaid": (
            "postpaid",
            5_300_000,
            ("full_name", "postal_address", "date_of_birth", "phone_number", "imei", "imsi"),
        ),
        "applicants": (
            "prospect", 40_000_000, ("full_name", "date_of_birth", "ssn", "drivers_license_number"),
        ),
        "former": ("former", 667_000, ("full_name", "phone_number", "postal_address", "date_of_birth")),
        "prepaid": ("prepaid", 850_000, ("full_name", "phone_number", "account_pin")),
    }
)  # fmt: skip
"""Stated cohorts: kind, records, leaked fields."""

ROWS: Final = 1_000
SEED: Final = 1
FOLDER: Final = Path("synthetic_data")
CSV: Final = "subscribers_1000.csv"
PARQUET: Final = "subscribers_1000.parquet"
CARD: Final = "DATA_CARD.md"

_IMPOSSIBLE: Final = MappingProxyType(
    {
        "first_name": "no such space exists for names: a chance namesake is possible",
        "last_name": "as above",
        "date_of_birth": "no such space exists for dates",
        "ssn": "area 000 or 666, group 00, serial 0000, or 9XX with a group that no ITIN, ATIN or IRSN has",
        "drivers_license_number": "the format of no US state (of 51 compared); a structural guarantee only",
        "dl_state": "no such state",
        "phone_number": "the exchange starts with 0 or 1; real ones start with 2 to 9",
        "imsi": "`00101`: a test network",
        "imei": "`0099`: test devices of no country code",
        "account_pin": "no identifier",
        "street_address": "no such space exists; drawn apart from city and ZIP code",
        "city": "invented name, no town of the state",
        "zip_code": "in the range of the state; need not be in use",
    }
)


def stated() -> Scenario:
    """Return the stated cohorts as a scenario.

    Returns
    -------
    Scenario
        The cells of ``tmobile-2021-stated``.
    """
    segments = tuple(
        Segment(
            name=name,
            kind=kind,
            accounts=accounts,
            leaks=(Leak(fields=fields, coverage=Estimate.fixed(f"segments.{name}.coverage", 1.0, "share")),),
        )
        for name, (kind, accounts, fields) in COHORTS.items()
    )
    return Scenario(name="tmobile-2021-stated", segments=segments, day_zero="2021-08-11")


def write_sample(folder: str | Path = FOLDER, *, rows: int = ROWS, seed: int = SEED) -> str:
    r"""Write table and data card, each file atomically.

    Parameters
    ----------
    folder
        Folder to write to. Existing files are replaced.
    rows, seed
        As for `Population`.

    Returns
    -------
    str
        SHA-256 of the CSV file, in hexadecimal.

    Raises
    ------
    FileNotFoundError
        If the folder does not exist.
    ValueError
        If a value could be real; nothing is written.

    Notes
    -----
    CSV: UTF-8, lines end in ``\n``, dates as YYYY-MM-DD. An empty cell is a null; no value is an empty
    text. Read identifiers as text.
    """
    target = Path(folder)
    if not target.is_dir():
        msg = f"folder '{target}' of the sample does not exist; make it first, or give another."
        raise FileNotFoundError(msg)
    people = Population(stated(), seed, rows)
    table = sample_table(people)
    contents = {CSV: csv_bytes(table), PARQUET: parquet_bytes(table)}
    contents[CARD] = card_text(people, table, contents).encode()
    for name, content in contents.items():
        aside = target / f".{name}.partial"
        try:
            aside.write_bytes(content)
            aside.replace(target / name)
        finally:
            aside.unlink(missing_ok=True)
    return hashlib.sha256(contents[CSV]).hexdigest()


def sample_table(people: Population) -> pa.Table:
    """Return all rows as plain text, without the columns of fields that leaked nowhere.

    Parameters
    ----------
    people
        A small population.

    Returns
    -------
    pyarrow.Table
        Table checked by the guard.

    Raises
    ------
    ValueError
        If a value could be real.
    """
    require("files of subscribers", "people", "pyarrow")
    import pyarrow as pa

    batches = list(people.blocks())
    for batch in batches:
        require_synthetic_batch(batch, "the sample")
    table = pa.Table.from_batches(batches)
    kept = [field for field in table.schema if table.column(field.name).null_count < len(table)]
    plain = [
        pa.field(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type, nullable=f.nullable)
        for f in kept
    ]
    return table.select([field.name for field in kept]).cast(pa.schema(plain)).combine_chunks()


def csv_bytes(table: pa.Table) -> bytes:
    """Return a table as CSV.

    Parameters
    ----------
    table
        Any rows.

    Returns
    -------
    bytes
        UTF-8.
    """
    text = io.StringIO(newline="")
    table.to_pandas().to_csv(text, index=False, lineterminator="\n")
    return text.getvalue().encode()


def parquet_bytes(table: pa.Table) -> bytes:
    """Return a table as Parquet.

    Parameters
    ----------
    table
        Any rows.

    Returns
    -------
    bytes
        One row group, snappy.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="snappy", store_schema=False)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def card_text(people: Population, table: pa.Table, contents: Mapping[str, bytes]) -> str:
    """Return the data card.

    Parameters
    ----------
    people
        The population.
    table
        Its rows.
    contents
        The files by name.

    Returns
    -------
    str
        Markdown.
    """
    import faker
    import numpy as np
    import pyarrow as pa

    hashes = "\n".join(
        f"| SHA-256 of `{name}` | `{hashlib.sha256(content).hexdigest()}` |"
        for name, content in contents.items()
    )
    root = root_digest(people.header("subscribers"), [digest_of(batch) for batch in people.blocks()])
    counts = {name: count for name, _, count in people.counts()}
    cohorts = "\n".join(
        f"| `{name}` | {accounts:,} | {counts.get(name, 0)} | {', '.join(fields)} |"
        for name, (_, accounts, fields) in COHORTS.items()
    )
    columns_kept = [column for column in (*SUBSCRIBERS, *LAST) if column.name in table.schema.names]
    columns = "\n".join(
        f"| `{c.name}` | {c.field or '-'} | {c.meaning} | {table.schema.field(c.name).type} "
        f"| {_IMPOSSIBLE.get(c.name, '')} |"
        for c in columns_kept
    )
    return _CARD.format(
        rows=f"{people.rows:,}",
        seed=people.seed,
        faker=faker.VERSION,
        numpy=np.__version__,
        pyarrow=pa.__version__,
        hashes=hashes,
        root=root,
        cohorts=cohorts,
        columns=columns,
    )


_CARD: Final = """# Data card: subscribers_1000

{rows} invented mobile-phone customers, shaped like the records of T-Mobile US that leaked in August 2021
**as the company stated them** up to 20 August 2021. Nobody in it exists. It shows what a leaked file looks
like, field by field; it is not evidence about any person, and no estimate rests on it.

| | |
|---|---|
| Rows | {rows}; the same in both files |
| `subscribers_1000.csv` | UTF-8, a header, lines end in `\\n`, comma, dates `YYYY-MM-DD`, truth `True` |
| `subscribers_1000.parquet` | snappy, one row group, types as in the table of columns |
| Nulls | an empty cell is a null: the field did not leak for that row. No leaked value is empty |
| Made by | `python -m breach_sim.population.sample synthetic_data` |
| Seed | {seed} |
| Made with | Faker {faker}, locale `en_US`; NumPy {numpy}; PyArrow {pyarrow} |
{hashes}
| SHA-256 of the logical rows | `{root}` |

Read the CSV as text, or leading zeros are lost: `pandas.read_csv(path, dtype=str)`. The last digest is that
of `root_digest`: it does not depend on the files.

## Cohorts

Rows in proportion to the stated records (54,617,000 in all), by largest remainders.

| segment | records stated | rows | fields that leaked |
|---|---:|---:|---|
{cohorts}

A field the company named without a share is taken to have leaked for the whole cohort: an upper bound (of
the `postpaid` cohort it said "one or more" of these). No cohort lost both SSN and PIN. Sources: the
company's report of 20 August 2021 to the SEC
(<https://capedge.com/filing/1283699/0001193125-21-251974/TMUS-8K>) and, for `prepaid`,
<https://bmtcorp.com/t-mobile-breach-timeline-of-events>.

## Columns

A column without a field is always filled; any other is filled if and only if its field leaked for the row.

| column | field | meaning and format | type | why it can belong to nobody |
|---|---|---|---|---|
{columns}

Identifiers are unique within the file, as they are in all 100 million rows of a full run. Columns of fields
that leaked in no cohort (sex, e-mail address, plan and dates of the line, SIM card number) are left out;
`Population(scenario, seed)` has them where they leak. The SSNs are of the strict set of 45,068,902 numbers
that nobody can have; a population with more holders goes on with a letter in front (`A12-34-5678`).

## Assumed, not measured

Ages are triangular on 18 to 90 with the mode at 35; Faker's names know no birth cohort. Each of 359 area
codes is equally likely. Family plans have 1 to 6 lines by fixed patterns, and three in four of their members
the holder's last name. PIN lengths (4: 70 %, 5: 5 %, 6: 25 %) and kinds (1234... 10 %, 1111... 6 %, 0000...
2 %, the holder's birth year 6 % if four digits, else uniform). Names, streets and cities follow Faker's own
weights; a middle initial is the first letter of another first name.

## What it is not

- Not the leaked data, nor made from it; no real record was read.
- Not the seller's claim (100 million), not the settlement class (76.6 million), not the inactive prepaid
  files, for which no number was stated.
- Not a sample of the US population: names, ages, places and PINs are independent of each other, save where
  this card says they agree.
- Not a test of validators: real ones refuse most of these numbers, as they should.
- No children, no moves, nobody with two accounts.
"""


def main(arguments: Sequence[str]) -> int:
    """Write the committed sample and print its SHA-256.

    Parameters
    ----------
    arguments
        The folder, or nothing for `FOLDER`.

    Returns
    -------
    int
        Exit status.
    """
    folder = Path(arguments[0]) if arguments else FOLDER
    sys.stdout.write(f"{write_sample(folder)}  {folder / CSV}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
