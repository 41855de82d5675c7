"""Load scenarios: those of the package by name, or a user's own from a file."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from breach_sim.catalog.overrides.reading import read_overrides
from breach_sim.catalog.reader import (
    FLOAT_BITS,
    CatalogError,
    Reader,
    Table,
    data,
    load_sources,
    parse,
    sources_in,
    text_of,
)
from breach_sim.formatting.messages import named, shown, unknown
from breach_sim.formatting.strangers import STANDARD_INPUT, check_name, exists
from breach_sim.inputs.attacks import RELEASES
from breach_sim.inputs.left_out import LeftOut
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.overrides import Overrides
from breach_sim.inputs.published import Dossier, Published
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Event, Leak, Segment

FIRST_CASE = "tmobile-2021"
"""Breach whose scenarios go by their last word alone: "claimed", "stated", "class"."""


def scenario_names() -> tuple[str, ...]:
    """Return the names of the package's scenarios, in alphabetical order."""
    return tuple(
        sorted(entry.name[:-5] for entry in data("breaches").iterdir() if entry.name.endswith(".toml"))
    )


def load_scenario(name_or_file: str | Path) -> Scenario:
    """Load a scenario of the catalog, or one from a file.

    Parameters
    ----------
    name_or_file
        Name of a scenario, the last words of a name ("stated"; if ambiguous, the first case's scenario,
        "claimed"), or the path of a ``.toml`` file.

    Returns
    -------
    The validated scenario.

    Raises
    ------
    CatalogError
        With file, key, value, rule and remedy.
    ValueError
        If the name is unknown.

    Examples
    --------
    >>> load_scenario("tmobile-2021-stated").accounts
    54617000
    """
    path, file = _place_of(name_or_file)
    return read_scenario(path, file, own=_is_own(path, file))


def scenario_text(name_or_file: str | Path) -> tuple[str, str]:
    """Return the text of a scenario file, to be stored beside its results.

    Parameters
    ----------
    name_or_file
        As for :func:`load_scenario`.

    Returns
    -------
    Full name of a scenario of the catalog, or the file name ending in ".toml", without its folder; and the
    text.

    Raises
    ------
    CatalogError
        If there is no such file, or it is not TOML.
    ValueError
        If the name is unknown.

    Examples
    --------
    >>> scenario_text("stated")[0]
    'tmobile-2021-stated'
    """
    path, file = _place_of(name_or_file)
    parse(path, file)
    name = f"{path.name.removesuffix('.toml')}.toml" if _is_own(path, file) else file.removesuffix(".toml")
    return name, text_of(path)


def _is_own(path: Any, file: str) -> bool:
    """Whether a scenario is a file of the user, and not of the catalog."""
    return isinstance(path, Path) and path == Path(file)


def _place_of(name_or_file: str | Path) -> tuple[Any, str]:
    """Path or package resource of a scenario, and its name for messages."""
    text = str(name_or_file)
    if isinstance(name_or_file, str):
        text = _whole_name(text)
    if isinstance(name_or_file, str) and text in scenario_names():
        return data("breaches", f"{text}.toml"), f"{text}.toml"
    path = Path(text)
    if text.endswith(".toml"):
        check_name(text)
    if text.endswith(".toml") or text == STANDARD_INPUT or exists(path) or len(path.parts) > 1:
        return path, text
    raise ValueError(unknown("scenario", text, scenario_names(), "the catalog (or give a .toml file)"))


def scenario_of(scenario: str | Path | Scenario) -> Scenario:
    """Return a scenario, loading it if a name or file is given.

    Parameters
    ----------
    scenario
        As for :func:`load_scenario`, or a scenario.

    Returns
    -------
    The scenario.

    Raises
    ------
    ValueError
        See :func:`load_scenario`.
    """
    return scenario if isinstance(scenario, Scenario) else load_scenario(scenario)


def scenario_from(text: str, file: str) -> Scenario:
    """Read a scenario from the text of a file that is not on this machine, such as one chosen on a page.

    Parameters
    ----------
    text
        TOML.
    file
        Name for messages.

    Returns
    -------
    The validated scenario.

    Raises
    ------
    CatalogError
        With file, key, value, rule and remedy.
    """
    return read_scenario(_Text(text), file)


@dataclasses.dataclass(frozen=True)
class _Text:
    """A text that opens as a file does."""

    text: str

    def open(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self.text.encode("utf-8", "surrogatepass"))


def _whole_name(name: str) -> str:
    """Return the scenario name that ends in "-name" (the first case's if several do), else the name."""
    known = scenario_names()
    if name in known or exists(Path(name)):
        return name
    if f"{FIRST_CASE}-{name}" in known:
        return f"{FIRST_CASE}-{name}"
    ends = [other for other in known if other.endswith(f"-{name}")]
    return ends[0] if len(ends) == 1 else name


def read_scenario(path: Any, file: str, *, own: bool = True) -> Scenario:
    """Read a scenario from a TOML file.

    Parameters
    ----------
    path
        Path or package resource.
    file
        Name for messages.
    own
        Whether the file is the user's. A share without more is "user" then. In the catalog it is "cited", or
        "assumed" where it is 1, which is how fields named without a share are written.

    Returns
    -------
    The validated scenario.

    Raises
    ------
    CatalogError
        With file, key, value, rule and remedy.
    """
    tables = parse(path, file)
    reader = Reader(file, load_sources(), ours=False)
    brought = sources_in(reader.get(tables, "", "source", dict, {}), file, "source.")
    reader.sources |= dict.fromkeys(brought)
    reader.check(Scenario, tables, "", absent=("own_sources",), also=("source", "estimates"))
    reader.shared = reader.estimates(tables, "", "estimates")
    segments = reader.get(tables, "", "segments", dict, {})
    events = reader.get(tables, "", "events", list, [])
    scenario = reader.make(
        Scenario,
        tables,
        "",
        overrides=Overrides(),
        segments=tuple(_segment(reader, name, table, own=own) for name, table in segments.items()),
        events=tuple(_event(reader, number, table, segments) for number, table in enumerate(events)),
        own_sources=tuple(brought.values()),
        left_out=_left_out(reader, tables),
        release=_release_table(reader, reader.get(tables, "", "release", dict)),
        dossier=_dossier(reader, reader.get(tables, "", "dossier", dict, {})),
    )
    changed = reader.get(tables, "", "overrides", dict, {})
    if not changed:
        return scenario
    # What they change in the scenario itself stands in the file as changed.
    own_numbers = read_overrides(changed, f"{file}, overrides", scenario)
    return dataclasses.replace(scenario, overrides=own_numbers)


def _release_table(reader: Reader, table: Table | None) -> dict[str, Estimate]:
    """Probability of each way in which the data got out; none where the file has no such table."""
    if table is None:
        return {}
    about = ("status", "sources", "note")
    reader.keys(table, "release", (*RELEASES, *about), ("status", "sources"))
    texts: dict[str, Any] = {n: reader.get(table, "release", n, str, "") for n in ("status", "note")}
    shares = {}
    if not any(name in table for name in RELEASES):
        ways = ", ".join(RELEASES)
        raise CatalogError(
            f"no way is named; give the probability of each of {ways}, in all 1", reader.file, "release"
        )
    for name in RELEASES:
        if name in table:
            value = reader.number(table, "release", name)
            make = partial(Estimate, name=f"release.{name}", kind="fixed", value=value, unit="share", **texts)
            shares[name] = reader.build(
                f"release.{name}", partial(make, sources=reader.cited(table, "release"))
            )
    return shares


def _dossier(reader: Reader, table: Table) -> Dossier:
    """Read the dossier of a breach."""
    reader.check(Dossier, table, "dossier")
    lists = {name: _published(reader, table, name) for name in ("dates", "counts")}
    return reader.make(Dossier, table, "dossier", **lists)


def _published(reader: Reader, table: Table, name: str) -> tuple[Published, ...]:
    """Dates or counts of a dossier, as published."""
    rows = []
    for number, row in enumerate(reader.get(table, "dossier", name, list, [])):
        key = f"dossier.{name}[{number}]"
        reader.check(Published, row, key)
        published = reader.make(Published, row, key)
        if published.source and published.source not in reader.sources:
            raise CatalogError(
                unknown("source", published.source, reader.sources, "source"), reader.file, key
            )
        rows.append(published)
    return tuple(rows)


def _segment(reader: Reader, name: str, table: Any, *, own: bool) -> Segment:
    key = f"segments.{name}"
    if not isinstance(table, Mapping):
        raise CatalogError(
            f"the value is {shown(table)}; a segment is a table with accounts and leaks", reader.file, key
        )
    reader.check(Segment, table, key, absent=("name", "withheld", "membership"))
    sources = reader.cited(table, key)
    leaks = []
    for number, leak in enumerate(reader.get(table, key, "leaks", list, [])):
        place = f"{key}.leaks[{number}]"
        if not isinstance(leak, Mapping):
            raise CatalogError(
                f"the value is {shown(leak)}; a leak is a table with fields and coverage", reader.file, place
            )
        reader.check(Leak, leak, place, absent=("breach",))
        coverage = _coverage(reader, sources, leak["coverage"], f"{place}.coverage", own=own)
        leaks.append(reader.make(Leak, leak, place, coverage=coverage))
    return reader.make(Segment, table, key, name=name, leaks=tuple(leaks))


def _coverage(reader: Reader, sources: tuple[str, ...], value: Any, key: str, *, own: bool) -> Estimate:
    """Coverage of a leak: an estimate, the name of a shared one, or a share with the segment's sources."""
    if isinstance(value, Mapping):
        return reader.estimate(value, key)
    if isinstance(value, str) and value in reader.shared:
        return reader.shared[value]
    reader.bounded(value, key, "coverage")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        estimates = named(reader.shared) if reader.shared else "there is none: [estimates.NAME]"
        raise CatalogError(
            f"coverage is {shown(value)}; it is a share of the accounts and must lie in [0, 1], or the name "
            f"of an estimate of this file ({estimates})",
            reader.file,
            key,
        )
    if not sources:
        return reader.build(key, lambda: Estimate.fixed(key, float(value), "share"))
    upper = value == 1 and not own
    status = "user" if own else "assumed" if upper else "cited"
    note = "fields named for the segment without a share: read as all, an upper bound" if upper else ""
    return reader.build(
        key,
        lambda: Estimate(
            name=key,
            kind="fixed",
            value=float(value),
            unit="share",
            status=status,
            sources=sources,
            note=note,
        ),
    )


def _left_out(reader: Reader, tables: Table) -> tuple[LeftOut, ...]:
    """What an import did not read, as its scenario file says."""
    found = []
    for number, table in enumerate(reader.get(tables, "", "left_out", list, [])):
        key = f"left_out[{number}]"
        reader.check(LeftOut, table, key)
        found.append(reader.make(LeftOut, table, key))
    return tuple(found)


def _event(reader: Reader, number: int, table: Any, segments: Iterable[str]) -> Event:
    key = f"events[{number}]"
    if not isinstance(table, Mapping):
        raise CatalogError(
            f"the value is {shown(table)}; an event is a table with kind and day", reader.file, key
        )
    reader.check(Event, table, key)
    day = table["day"]
    if isinstance(day, bool) or not isinstance(day, (int, float)):
        raise CatalogError(
            f"day is {shown(day)}; it must be a number of days after the sale", reader.file, key
        )
    reader.bounded(day, key, "day")
    if isinstance(day, int) and day.bit_length() > FLOAT_BITS:
        raise CatalogError(f"day is {shown(day)}; it must be a day that can be meant", reader.file, key)
    for name in reader.texts(table, key, "segments"):
        if name not in segments:
            raise CatalogError(unknown("segment", name, segments, "segments"), reader.file, key)
    return reader.make(Event, table, key, day=float(day))
