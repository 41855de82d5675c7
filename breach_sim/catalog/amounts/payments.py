"""Load the posterior rows of the model of payments, and the counts behind the chance of a payment.

The file of rows holds numbers of 16 bits between a low and a high end a column; the error is below one part
in 100,000 of that range. It names the hash of the files that it was fitted on, and is refused if they differ.

Not here: the fit (``analysis.calibration``).
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from breach_sim.catalog.reader import CatalogError, bytes_of, data, parse
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.firm.payments import LINES, PaymentRows

FITTED_ON = (
    "amounts.csv",
    "spellings.csv",
    "rates_of_exchange.csv",
    "consumer_prices.csv",
    "payments_made.csv",
    "hurdles.toml",
)
"""Files of ``catalog/data/outcomes`` that the rows depend on."""
FILE = "payment_rows.npz"
"""Name of the file of rows."""
_STEPS = 65_535
_BROKEN = (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error)
"""What reading an empty, cut or foreign file raises."""
_ARRAYS = (
    "intercept",
    "slope",
    "data_effect",
    "place_effect",
    "spread",
    "shared",
    "paid",
    "numbers",
    "ln_amount",
)


def data_hash() -> str:
    """Return the SHA-256 hash of the files that the rows were fitted on.

    Returns
    -------
    64 hexadecimal digits.
    """
    total = hashlib.sha256()
    for name in FITTED_ON:
        total.update(bytes_of(data("outcomes", name)).replace(b"\r\n", b"\n"))
    return total.hexdigest()


@lru_cache(maxsize=1)
def posterior_hash() -> str:
    """Return the SHA-256 hash of the file of posterior rows.

    Returns
    -------
    64 hexadecimal digits.
    """
    return hashlib.sha256(bytes_of(data("outcomes", FILE))).hexdigest()


def pack(
    arrays: Mapping[str, Array],
    refits: Mapping[str, tuple[Array, Array]],
    *,
    figures: int,
    hashed: str,
) -> bytes:
    """Return the bytes of a file of rows.

    Parameters
    ----------
    arrays
        By name, as :func:`load_payment_arrays` returns them. First axis: rows.
    refits
        By breach, scales and amounts of a fit without its rows, where weights would be too uneven.
    figures
        Number of published amounts behind the fit.
    hashed
        Hash of the data.

    Returns
    -------
    A NumPy archive.
    """
    packed: dict[str, Any] = {"figures": np.array(figures), "hash": np.array(hashed)}
    for name in _ARRAYS:
        own = np.asarray(arrays[name], dtype=np.float64)
        low, high = own.min(axis=0), own.max(axis=0)
        width = np.where(high > low, high - low, 1.0)
        packed[name] = np.round((own - low) / width * _STEPS).astype(np.uint16)
        packed[f"{name}_low"], packed[f"{name}_width"] = low, width
    packed["refits"] = np.array(list(refits), dtype=np.str_)
    for place, (numbers, ln_amount) in enumerate(refits.values()):
        packed[f"refit_{place}_numbers"] = numbers.astype(np.float32)
        packed[f"refit_{place}_ln_amount"] = ln_amount.astype(np.float32)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **packed)
    return buffer.getvalue()


@lru_cache(maxsize=1)
def load_payment_arrays() -> Mapping[str, Array]:
    """Load all arrays of the file of rows.

    Returns
    -------
    ``intercept``, ``slope``, ``spread`` (rows, lines), ``data_effect`` (rows, lines, 5), ``place_effect``
    (rows, 4), ``shared`` (rows,), ``paid`` (rows, lines, 3), ``numbers`` (rows, 13) and ``ln_amount`` (rows,
    amounts); ``figures`` ().

    Raises
    ------
    CatalogError
        If the file was fitted on other data than those beside it.
    """
    return read_rows(data("outcomes", FILE), data_hash())


def read_rows(path: Path, hashed: str) -> Mapping[str, Array]:
    """Read a file of rows.

    Parameters
    ----------
    path
        Of the file.
    hashed
        Hash that it must name.

    Returns
    -------
    As :func:`load_payment_arrays`.

    Raises
    ------
    CatalogError
        If the file names another hash or is not a file of rows.
    """
    try:
        found = np.load(io.BytesIO(bytes_of(path)), allow_pickle=False)
        own = str(found["hash"])
        if own != hashed:
            raise CatalogError(
                f"the rows were fitted on data with hash {own[:12]}, those here have {hashed[:12]}; "
                "fit them again with `python run.py calibrate`, or restore the data",
                FILE,
                "hash",
            )
        arrays = {
            name: found[name] / _STEPS * found[f"{name}_width"] + found[f"{name}_low"] for name in _ARRAYS
        }
    except _BROKEN as error:
        if isinstance(error, CatalogError):
            raise
        raise CatalogError(f"not a file of posterior rows ({error}); restore it", FILE, "") from error
    refits = {name: found[name] for name in found.files if name.startswith("refit")}
    return arrays | refits | {"figures": found["figures"]}


def load_refits() -> dict[str, tuple[Array, Array]]:
    """Load the draws of fits without the rows of one breach each.

    Returns
    -------
    By breach: scales (draws, 13) and amounts (draws, n).
    """
    arrays = load_payment_arrays()
    return {
        str(name): (
            np.asarray(arrays[f"refit_{place}_numbers"], dtype=np.float64),
            np.asarray(arrays[f"refit_{place}_ln_amount"], dtype=np.float64),
        )
        for place, name in enumerate(arrays["refits"])
    }


@lru_cache(maxsize=1)
def load_payment_rows() -> PaymentRows:
    """Load the posterior rows of the model of payments.

    Returns
    -------
    4,000 rows.

    Raises
    ------
    CatalogError
        If the file was fitted on other data than those beside it.
    """
    arrays = load_payment_arrays()
    names = ("intercept", "slope", "data_effect", "place_effect", "spread", "shared", "paid")
    own = {name: arrays[name] for name in names}
    return PaymentRows(**own, hash=data_hash(), figures=int(arrays["figures"]))


def load_payments_made() -> tuple[Mapping[str, str], ...]:
    """Load the counts of breaches with and without a payment, as text.

    Returns
    -------
    By column: line, breach, people, breaches, paid, years, source, status, note.
    """
    text = bytes_of(data("outcomes", "payments_made.csv")).decode()
    return tuple(csv.DictReader(io.StringIO(text)))


def load_hurdles() -> Mapping[str, Mapping[str, Any]]:
    """Load the prior of the chance of a payment.

    Returns
    -------
    By line: ``h`` and ``why``; ``abroad`` and ``why_abroad`` where few countries know such a payment.

    Raises
    ------
    CatalogError
        If a line is missing.
    """
    tables = parse(data("outcomes", "hurdles.toml"), "hurdles.toml")
    for line in LINES:
        if line not in tables:
            raise CatalogError(
                "the line has no prior chance of a payment; give h and why", "hurdles.toml", line
            )
    return tables


def load_first_payments() -> tuple[tuple[str, float, float], ...]:
    """Load the nine payments on which the first version's law of scale was fitted.

    Returns
    -------
    Breach, people and nominal USD of each.
    """
    text = bytes_of(data("outcomes", "first_law.csv")).decode()
    rows = csv.DictReader(io.StringIO(text))
    return tuple((row["breach"], float(row["people"]), float(row["usd"])) for row in rows)
