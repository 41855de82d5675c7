"""The committed sample: 1,000 subscribers of T-Mobile US, August 2021, as stated.

The quantity is one CSV file. Its cohorts are the five that the company stated
up to 20 August 2021 (54,617,000 records), each with the fields stated for it, in
proportion. A field named without a share is taken to have leaked for everybody
in the cohort: an upper bound.

Not modelled: the seller's claim, the settlement class, the inactive prepaid
files (no number was stated), and fields that leaked in none of the cohorts,
whose columns are left out.

Place in the corridor: over `records`; run it with
``python -m breach_sim.population.sample [path]``.
"""

from __future__ import annotations

import csv
import hashlib
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .provider import COLUMN_FIELDS
from .records import sample_records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .records import Cell

COHORTS: Final[tuple[Cell, ...]] = (
    (
        "postpaid_ssn",
        (
            "full_name",
            "date_of_birth",
            "ssn",
            "drivers_license_number",
            "phone_number",
            "imei",
            "imsi",
        ),
        7_800_000,
    ),
    (
        "postpaid",
        ("full_name", "postal_address", "date_of_birth", "phone_number", "imei", "imsi"),
        5_300_000,
    ),
    (
        "applicants",
        ("full_name", "date_of_birth", "ssn", "drivers_license_number"),
        40_000_000,
    ),
    ("former", ("full_name", "phone_number", "postal_address", "date_of_birth"), 667_000),
    ("prepaid", ("full_name", "phone_number", "account_pin"), 850_000),
)
"""Stated cohorts: name, leaked fields, records."""

ROWS: Final = 1_000
SEED: Final = 1
PATH: Final = Path("synthetic_data") / "subscribers_1000.csv"


def write_sample(
    path: str | Path = PATH,
    *,
    cells: Sequence[Cell] = COHORTS,
    rows: int = ROWS,
    seed: int = SEED,
) -> str:
    r"""Write a sample as a table of text, whole or not at all.

    Parameters
    ----------
    path
        File to write; an older one is replaced.
    cells, rows, seed
        As for `sample_records`.

    Returns
    -------
    str
        SHA-256 of the file, in hexadecimal.

    Raises
    ------
    FileNotFoundError
        If the folder of `path` does not exist.
    ValueError
        As for `sample_records`.

    Notes
    -----
    UTF-8, lines end in ``\n``, dates as YYYY-MM-DD. An empty cell is a null; no
    value is an empty text. Read identifiers as text.
    """
    target = Path(path)
    if not target.parent.is_dir():
        msg = (
            f"folder '{target.parent}' of the sample '{target.name}' does not exist; "
            "make it first, or give another path."
        )
        raise FileNotFoundError(msg)
    shown = {field for _, fields, _ in cells for field in fields}
    columns = [name for name, field in COLUMN_FIELDS.items() if field in shown]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(
        text, ["segment", *columns, "synthetic"], extrasaction="ignore", lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(sample_records(cells, rows, seed))
    content = text.getvalue().encode()
    aside = target.with_name(f".{target.name}.partial")
    try:
        aside.write_bytes(content)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
    return hashlib.sha256(content).hexdigest()


def main(arguments: Sequence[str]) -> int:
    """Write the committed sample and say its SHA-256.

    Parameters
    ----------
    arguments
        The path, or nothing for `PATH`.

    Returns
    -------
    int
        Exit status.
    """
    path = Path(arguments[0]) if arguments else PATH
    sys.stdout.write(f"{write_sample(path)}  {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
