"""Load the targets of the calibration, and the posterior rows that were fitted to them.

The rows are read from ``data/evidence/victims.npz``. They are refused if they do not belong to the targets
and priors beside them: :func:`victims_digest` says what they belong to.

Not here: the fit (``analysis.nation``, ``tools/calibrate_victims.py``).
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from breach_sim.catalog.attacks import load_attacks
from breach_sim.catalog.reader import (
    CatalogError,
    Reader,
    Table,
    bytes_of,
    data,
    load_sources,
    parse,
    sources_in,
    text_of,
)
from breach_sim.catalog.scenarios import load_scenario
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.fields import check_field
from breach_sim.inputs.numbers.estimates import Estimate, Source, estimates_in
from breach_sim.inputs.numbers.posterior import Posterior
from breach_sim.inputs.numbers.targets import Ceiling, Count, Member, Study, Targets

FOLDER = "evidence"
TARGETS = "targets.toml"
ROWS = "victims.npz"
VERSION = "1"
"""Version of the fit; raise it when the fit gives other rows from the same data."""
UNREAD = re.compile(r"severity|\.hours$|background|\.bearers\.|\.anchor\.|^drivers\.loss$")
"""Names of priors that no count of victims depends on; the fit does not read them."""
REMEDY = (
    "make the rows again with `python run.py calibrate`, or run on the priors: calibrated=False, --priors on "
    "the command line"
)


def load_targets() -> Targets:
    """Load what the victims' side is calibrated on.

    Returns
    -------
    Breaches, national counts and studies.

    Raises
    ------
    CatalogError
        If the file is invalid.
    """
    return read_targets(data(FOLDER, TARGETS), f"{FOLDER}/{TARGETS}")


def read_targets(path: Any, file: str) -> Targets:
    """Read targets from a TOML file with its own [source.ID] tables.

    Parameters
    ----------
    path
        Path or package resource.
    file
        Name for messages.

    Returns
    -------
    Breaches, national counts and studies.

    Raises
    ------
    CatalogError
        With file, key, value, rule and remedy.
    """
    tables = parse(path, file)
    reader = Reader(file, (*load_sources(), *sources_in(tables.get("source", {}), file, "source.")))
    reader.shared = {
        f"attacks.{a.name}.reporting": a.reporting for a in load_attacks().attacks if a.reporting
    }
    parts = ("breach", "share", "ceilings", "studies")
    reader.keys(tables, "", (*parts, "source"), parts)
    ceilings = reader.get(tables, "", "ceilings", dict, {})
    studies = reader.get(tables, "", "studies", dict, {})
    return Targets(
        members=tuple(_member(reader, i, t) for i, t in enumerate(tables["breach"], 1)),
        share=reader.estimate(tables["share"], "calibration.share"),
        ceilings=tuple(_ceiling(reader, name, table) for name, table in ceilings.items()),
        studies=tuple(_study(reader, name, table) for name, table in studies.items()),
    )


def target_sources() -> Mapping[str, Source]:
    """Load the sources that only the targets cite, by id.

    Returns
    -------
    In the order of the file.

    Raises
    ------
    CatalogError
        If the file is invalid.
    """
    file = f"{FOLDER}/{TARGETS}"
    return sources_in(parse(data(FOLDER, TARGETS), file).get("source", {}), file, "source.")


def _member(reader: Reader, number: int, table: Table) -> Member:
    key = f"breach {number}"
    reader.check(Member, table, key)
    segments = reader.texts(table, key, "segments")
    member = reader.make(Member, table, key, segments=segments)
    known = [segment.name for segment in load_scenario(member.scenario).segments]
    for name in segments:
        if name not in known:
            raise CatalogError(unknown("segment", name, known, "segments"), reader.file, key)
    return member


def _ceiling(reader: Reader, name: str, table: Table) -> Ceiling:
    key = f"ceilings.{name}"
    reader.check(Ceiling, table, key, absent=("name",))
    counts = tuple(
        _count(reader, f"{key}.counts {i}", own)
        for i, own in enumerate(reader.get(table, key, "counts", list, []), 1)
    )
    return reader.make(Ceiling, table, key, name=name, attacks=_attacks(reader, table, key), counts=counts)


def _count(reader: Reader, key: str, table: Table) -> Count:
    reader.check(Count, table, key)
    years = tuple(reader.get(table, key, "years", list, []))
    for year in years:
        if isinstance(year, bool) or not isinstance(year, int):
            raise CatalogError(f"years holds {year!r}; it must be a list of whole numbers", reader.file, key)
    reporting = _reporting(reader, table, key)
    return reader.make(
        Count, table, key, years=years, year=reader.get(table, key, "year", int), reporting=reporting
    )


def _study(reader: Reader, name: str, table: Table) -> Study:
    key = f"studies.{name}"
    reader.check(Study, table, key, absent=("name",))
    fields = reader.texts(table, key, "fields")
    whole = {part: reader.get(table, key, part, int) for part in ("accounts", "shown", "breaches")}
    return reader.build(
        key,
        lambda: reader.make(
            Study,
            table,
            key,
            name=name,
            attacks=_attacks(reader, table, key),
            fields=tuple(check_field(field, f"{key}.fields") for field in fields),
            reporting=_reporting(reader, table, key),
            at_most=reader.get(table, key, "at_most", bool, default=False),
            **whole,
        ),
    )


def _attacks(reader: Reader, table: Table, key: str) -> tuple[str, ...]:
    names = reader.texts(table, key, "attacks")
    for name in names:
        if name not in load_attacks().names:
            raise CatalogError(unknown("attack", name, load_attacks().names, "attacks"), reader.file, key)
    return names


def _reporting(reader: Reader, table: Table, key: str) -> Estimate:
    """Reports a victim: an estimate, that of an attack by its name, or 1."""
    place = f"calibration.{key.replace(' ', '.')}.reporting"
    if table["reporting"] == 1:
        return Estimate.fixed(place, 1.0, "share", source="survey-of-victims")
    return reader.named_estimate(table["reporting"], place)


# ------------------------------------------------------------------------------------ rows


@lru_cache(maxsize=1)
def load_posterior() -> Posterior:
    """Load the posterior rows of the victims' side.

    Returns
    -------
    The rows that ``simulate`` draws from by default.

    Raises
    ------
    CatalogError
        If the file is missing or damaged, or was made from other targets or priors.
    """
    return read_posterior(data(FOLDER, ROWS), f"{FOLDER}/{ROWS}", victims_digest())


def read_posterior(path: Any, file: str, wanted: str) -> Posterior:
    """Read posterior rows, and refuse those of other data.

    Parameters
    ----------
    path
        Path or package resource of an ``.npz`` file with ``names``, ``levels`` and ``digest``.
    file
        Name for messages.
    wanted
        Digest of the data that the rows must have been made from, 64 hexadecimal digits.

    Returns
    -------
    The rows.

    Raises
    ------
    CatalogError
        If the file is missing or damaged, or the digest is another.
    """
    import numpy as np

    try:
        with np.load(io.BytesIO(bytes_of(path)), allow_pickle=False) as parts:
            names, levels = tuple(str(name) for name in parts["names"]), parts["levels"]
            digest = str(parts["digest"])
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror or error}; {REMEDY}", file) from None
    except (ValueError, KeyError, EOFError) as error:
        raise CatalogError(f"is no file of posterior rows ({error}); {REMEDY}", file) from None
    if digest != wanted:
        raise CatalogError(
            f"digest is {digest[:12]}..., and the targets and priors beside it have {wanted[:12]}...; rows "
            f"hold only for the data that they were fitted to: {REMEDY}",
            file,
            "digest",
        )
    return Reader(file, ()).build("levels", lambda: Posterior(names, levels, digest))


def victims_digest() -> str:
    """Digest of everything that the rows of the victims' side are made from.

    Returns
    -------
    SHA-256 over the text of the targets, the version of the fit, and the numbers of every prior that victims
    depend on: those of attacks, traits, clocks, onsets, releases, drivers and look-ups, but not losses,
    hours and backgrounds. 64 hexadecimal digits.
    """
    priors = {
        estimate.name: numbers_of(estimate)
        for estimate in estimates_in(load_attacks())
        if not UNREAD.search(estimate.name)
    }
    text = text_of(data(FOLDER, TARGETS)).replace("\r\n", "\n")
    made_of = [VERSION, text, sorted(priors.items())]
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()


def numbers_of(estimate: Estimate) -> list[Any]:
    """Everything that decides the distribution of an estimate.

    Parameters
    ----------
    estimate
        A prior.

    Returns
    -------
    Kind, numbers, unit, scale, softness of the ends, and probability of zero.
    """
    numbers = [estimate.value, estimate.low, estimate.mode, estimate.high]
    return [
        estimate.kind,
        *(None if number is None else float(number) for number in numbers),
        estimate.unit,
        estimate.scale,
        estimate.soft,
        estimate.p_zero,
    ]
