"""A file of the catalogue, or a user's own, key by key: what it may hold, and how an error is worded.

An error names file, key, value, rule and remedy. Sources are read here too, for every other file cites them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs.estimates import Estimate, Source

Table = Mapping[str, Any]
Made = TypeVar("Made")
MAX_BITS = 14_000
"""Longest whole number read, in bits: below the 4,300 digits that Python prints."""
FLOAT_BITS = 1000
"""Longest whole number that is turned into a float, in bits."""
MAX_BYTES = 10_000_000
"""Largest file read, in bytes."""


class CatalogError(ValueError):
    """A file of the catalogue, or a user's own, is not what it should be.

    Parameters
    ----------
    message
        Value, rule and remedy, in one or two sentences.
    file
        Name of the file.
    key
        Dotted path of the offending key, or "".
    """

    def __init__(self, message: str, file: str, key: str = "") -> None:
        place = f"{file}, {key}: " if key else f"{file}: "
        super().__init__(place + message)
        self.file = file
        self.key = key


class Reader:
    """One file being read: knows its name, checks keys, and words errors."""

    def __init__(self, file: str, sources: Iterable[str]) -> None:
        self.file = file
        self.sources = dict.fromkeys(sources)
        self.shared: dict[str, Estimate] = {}

    def keys(self, table: Table, key: str, known: Iterable[str], needed: Iterable[str] = ()) -> None:
        """Refuse unknown keys and ask for missing ones."""
        known = list(known)
        for name in table:
            if name not in known:
                raise CatalogError(unknown("key", name, known, key or "the file"), self.file, key)
        for name in needed:
            if name not in table:
                raise CatalogError(f"key {name!r} is missing; it is needed there", self.file, key)

    def get(self, table: Table, key: str, name: str, kind: type, default: Any = None) -> Any:
        """Value of a key, which must be of one type."""
        value = table.get(name, default)
        if name in table and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            words = {
                str: "text in quotes", list: "a list [...]", dict: "a table", int: "a whole number",
                bool: "true or false",
            }  # fmt: skip
            raise CatalogError(f"{name} is {shown(value)}; it must be {words[kind]}", self.file, key)
        self.bounded(value, key, name)
        return value

    def bounded(self, value: object, key: str, name: str) -> None:
        """Refuse whole numbers so long that Python itself cannot print them."""
        if isinstance(value, int) and value.bit_length() > MAX_BITS:
            told = f"{name} is a whole number of {value.bit_length()} bits; it must be one that can be meant"
            raise CatalogError(told, self.file, key)

    def number(self, table: Table, key: str, name: str) -> float | None:
        """Number under a key, or None if there is none."""
        value = table.get(name)
        self.bounded(value, key, name)
        if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            return value
        raise CatalogError(f"{name} is {shown(value)}; it must be a number", self.file, key)

    def texts(self, table: Table, key: str, name: str) -> tuple[str, ...]:
        """List of texts under a key."""
        values = self.get(table, key, name, list, [])
        for value in values:
            if not isinstance(value, str):
                raise CatalogError(
                    f"{name} holds {shown(value)}; it must be a list of texts in quotes", self.file, key
                )
        return tuple(values)

    def cited(self, table: Table, key: str) -> tuple[str, ...]:
        """Source ids under ``sources``, all known."""
        ids = self.texts(table, key, "sources")
        for source in ids:
            if source not in self.sources:
                raise CatalogError(unknown("source", source, self.sources, "sources"), self.file, key)
        return ids

    def estimate(self, table: Any, key: str) -> Estimate:
        """Estimate from its table."""
        if not isinstance(table, Mapping):
            raise CatalogError(
                f"the value is {shown(table)}; it must be a table with kind, numbers, unit, "
                "status and sources",
                self.file,
                key,
            )
        words = ("kind", "unit", "status", "note", "for_low", "for_high")
        names = (*words, "value", "low", "mode", "high", "sources")
        self.keys(table, key, names, ("kind", "unit", "status", "sources"))
        texts: dict[str, Any] = {n: self.get(table, key, n, str, "") for n in words}
        numbers: dict[str, Any] = {n: self.number(table, key, n) for n in ("value", "low", "mode", "high")}
        return self.build(key, lambda: Estimate(name=key, sources=self.cited(table, key), **texts, **numbers))

    def build(self, key: str, make: Callable[[], Made]) -> Made:
        """Make an object; word its complaint with the place."""
        try:
            return make()
        except CatalogError:
            raise
        except (ValueError, TypeError, OverflowError) as error:
            raise CatalogError(str(error), self.file, key) from None


def parse(path: Any, file: str) -> dict[str, Any]:
    """Contents of a TOML file."""
    if isinstance(path, Path):
        _check_path(path, file)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
        if len(raw) <= MAX_BYTES:
            return tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CatalogError(f"byte {error.start} is not UTF-8; save the file as UTF-8 text", file) from None
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"not valid TOML: {error}; see 'breach-sim new' for a template", file) from None
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror or error}", file) from None
    except RecursionError:
        raise CatalogError("tables are nested too deeply; two or three levels suffice", file) from None
    except ValueError:
        raise CatalogError(
            "a number has thousands of digits; it must be one that can be meant", file
        ) from None
    raise CatalogError(f"the file is too large; at most {MAX_BYTES:,} bytes are read", file)


def _check_path(path: Path, file: str) -> None:
    if not exists(path):
        raise CatalogError("no such file; 'breach-sim new FILE.toml' makes one", file)
    if path.is_dir():
        raise CatalogError("this is a directory; name a .toml file in it", file)


def exists(path: Path) -> bool:
    """Whether a path leads to something; one that cannot be asked leads nowhere."""
    try:
        return path.exists()
    except OSError:
        return False


def text_of(path: Any) -> str:
    """Text of a file that is there, without a byte order mark."""
    return str(path.read_text(encoding="utf-8-sig"))


def report_template() -> str:
    """The notebook that ``breach-sim report`` runs, as JSON text."""
    return text_of(data("templates", "report.ipynb"))


def data(*parts: str) -> Any:
    """Place of a file of the package's data."""
    place: Any = resources.files("breach_sim") / "catalog" / "data"
    for part in parts:
        place = place / part
    return place


@lru_cache(maxsize=1)
def load_sources() -> Mapping[str, Source]:
    """All sources of the catalogue, by id.

    Returns
    -------
    In the order of the file.

    Raises
    ------
    CatalogError
        If the file is damaged.
    """
    return sources_in(parse(data("sources.toml"), "sources.toml"), "sources.toml")


def sources_in(tables: Table, file: str, prefix: str = "") -> dict[str, Source]:
    """Sources of a file by id, from its tables."""
    reader = Reader(file, ())
    texts = (
        "title", "publisher", "url", "year", "parameter", "value", "low", "high", "unit", "population",
        "grade", "verified", "notes",
    )  # fmt: skip
    result = {}
    for name, table in tables.items():
        key = f"{prefix}{name}"
        if not isinstance(table, Mapping):
            raise CatalogError("a source is a table with title, grade and verified", file, key)
        reader.keys(table, key, texts, ("title", "grade", "verified"))
        values = {text: reader.get(table, key, text, str, "") for text in texts}
        result[name] = reader.build(key, partial(Source, id=name, **values))
    return result
