"""Read and validate a TOML file of the catalog or of a user, key by key.

Keys, types and defaults of a table are those of the dataclass built from it, so that a new attribute is
defined once, in ``inputs``. An error names file, key, value, rule and remedy. Sources are read here, too.

Not here: the rules of single files (``attacks``, ``scenarios``, ``mitigations``).
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache, partial
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from breach_sim.formatting import strangers
from breach_sim.formatting.messages import readable, shown, unknown
from breach_sim.inputs.numbers.estimates import Estimate, Source
from breach_sim.inputs.numbers.shapes import Points, points_of

Table = Mapping[str, Any]
Made = TypeVar("Made")
MAX_BITS = 14_000
"""Longest whole number read, in bits: below the 4,300 digits that Python prints."""
FLOAT_BITS = 1000
"""Longest whole number that is turned into a float, in bits."""
MAX_BYTES = 10_000_000
"""Largest file read, in bytes."""
PLACE = "place"
"""Key by which a file of a folder says where its contents stand among those of the others."""
SCHEMA = "scenario.schema.json"
"""File name of the JSON Schema, as the first line of the template has it."""
PROVISIONAL = "provisional"
"""Key of a cited number of the package whose second entry, in tests/qc, is still missing."""


class CatalogError(ValueError):
    """Raised when a file of the catalog or of a user is invalid.

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
        file, key = strangers.brief(file), strangers.brief(key)
        place = f"{file}, {key}: " if key else f"{file}: "
        super().__init__(place + readable(message))
        self.file = file
        self.key = key


@lru_cache(maxsize=64)
def attributes_of(cls: type) -> Mapping[str, Any]:
    """Return the attributes of a dataclass and their types.

    Parameters
    ----------
    cls
        A dataclass of ``inputs``.

    Returns
    -------
    Types by name, in the order of the class.
    """
    hints = get_type_hints(cls)
    return {part.name: hints[part.name] for part in dataclasses.fields(cls)}


@lru_cache(maxsize=64)
def required_of(cls: type) -> tuple[str, ...]:
    """Return the attributes of a dataclass that have no default.

    Parameters
    ----------
    cls
        A dataclass of ``inputs``.

    Returns
    -------
    Names, in the order of the class.
    """
    missing = dataclasses.MISSING
    return tuple(
        part.name
        for part in dataclasses.fields(cls)
        if part.default is missing and part.default_factory is missing
    )


class Reader:
    """Reader of one file: knows its name, checks its keys and raises its errors.

    Parameters
    ----------
    file
        Name of the file, for messages.
    sources
        Source ids that the file may cite.
    ours
        Whether the file is part of the package. Its numbers may be marked as not yet entered a second time.
    """

    def __init__(self, file: str, sources: Iterable[str], *, ours: bool = True) -> None:
        self.file = file
        self.sources = dict.fromkeys(sources)
        self.shared: dict[str, Estimate] = {}
        self.ours = ours

    def keys(self, table: Table, key: str, known: Iterable[str], needed: Iterable[str] = ()) -> None:
        """Reject unknown and missing keys."""
        known = list(known)
        for name in table:
            if name not in known:
                raise CatalogError(unknown("key", name, known, key or "the file"), self.file, key)
        for name in needed:
            if name not in table:
                raise CatalogError(f"key {name!r} is missing; it is needed there", self.file, key)

    def get(self, table: Table, key: str, name: str, kind: type, default: Any = None) -> Any:
        """Return the value of a key, which must have a given type."""
        value = table.get(name, default)
        if name in table and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            words = {
                str: "text in quotes",
                list: "a list [...]",
                dict: "a table",
                int: "a whole number",
                bool: "true or false",
            }
            raise CatalogError(f"{name} is {shown(value)}; it must be {words[kind]}", self.file, key)
        self.bounded(value, key, name)
        return value

    def bounded(self, value: object, key: str, name: str, bits: int = MAX_BITS) -> None:
        """Reject whole numbers too long to print, or to compute with as a float."""
        if isinstance(value, int) and value.bit_length() > bits:
            length, rule = f"a whole number of {value.bit_length()} bits", "one that can be meant"
            rule = "a finite number" if bits == FLOAT_BITS else rule
            raise CatalogError(f"{name} is {length}; it must be {rule}", self.file, key)

    def number(self, table: Table, key: str, name: str) -> float | None:
        """Return the number under a key, or None."""
        value = table.get(name)
        self.bounded(value, key, name, FLOAT_BITS)
        if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            return value
        raise CatalogError(f"{name} is {shown(value)}; it must be a number", self.file, key)

    def texts(self, table: Table, key: str, name: str) -> tuple[str, ...]:
        """Return the list of texts under a key."""
        values = self.get(table, key, name, list, [])
        for value in values:
            if not isinstance(value, str):
                raise CatalogError(
                    f"{name} holds {shown(value)}; it must be a list of texts in quotes", self.file, key
                )
        return tuple(values)

    def cited(self, table: Table, key: str) -> tuple[str, ...]:
        """Return the source ids under ``sources``, all of them known."""
        ids = self.texts(table, key, "sources")
        for source in ids:
            if source not in self.sources:
                raise CatalogError(unknown("source", source, self.sources, "sources"), self.file, key)
        return ids

    def estimate(self, table: Any, key: str) -> Estimate:
        """Read an estimate from its table."""
        if not isinstance(table, Mapping):
            raise CatalogError(
                f"the value is {shown(table)}; it must be a table with kind, numbers, unit, "
                "status and sources",
                self.file,
                key,
            )
        self.check(Estimate, table, key, absent=("name",), also=(PROVISIONAL,) if self.ours else ())
        self.get(table, key, PROVISIONAL, bool)
        return self.make(Estimate, table, key, name=key)

    def named_estimate(self, value: Any, key: str) -> Estimate:
        """Read an estimate from its table, or return the shared estimate with a name."""
        if not isinstance(value, str):
            return self.estimate(value, key)
        if value not in self.shared:
            raise CatalogError(unknown("estimate", value, self.shared, key), self.file, key)
        return self.shared[value]

    def estimates(self, table: Table, key: str, name: str) -> dict[str, Estimate]:
        """Read the estimates of a table of tables, by name."""
        tables = self.get(table, key, name, dict, {})
        place = f"{key}.{name}" if key else name
        return {part: self.estimate(value, f"{place}.{part}") for part, value in tables.items()}

    def check(
        self,
        cls: type,
        table: Any,
        key: str,
        *,
        absent: Collection[str] = (),
        optional: Collection[str] = (),
        also: Iterable[str] = (),
    ) -> None:
        """Reject keys that are not attributes of a dataclass, and missing required keys.

        Parameters
        ----------
        cls
            Dataclass to build from the table.
        table
            Table of the file.
        key
            Its dotted path, for messages.
        absent
            Attributes that a file cannot set.
        optional
            Attributes without a default that the file may still omit.
        also
            Further allowed keys that are not attributes.

        Raises
        ------
        CatalogError
            If a key is unknown, or one is missing.
        """
        if not isinstance(table, Mapping):
            raise CatalogError(f"the value is {shown(table)}; it must be a table", self.file, key)
        known = [name for name in attributes_of(cls) if name not in absent]
        needed = [name for name in required_of(cls) if name in known and name not in optional]
        self.keys(table, key, [*known, *also], needed)

    def make(self, cls: type[Made], table: Table, key: str, **given: Any) -> Made:
        """Build an object of a dataclass from a table.

        Parameters
        ----------
        cls
            Dataclass; each attribute is read according to its type.
        table
            Table of the file, with checked keys.
        key
            Its dotted path, for messages and names of estimates.
        **given
            Attributes that are not read from the table.

        Returns
        -------
        The validated object.

        Raises
        ------
        CatalogError
            If a value has the wrong type, or the object rejects it.
        """
        new: Any = cls  # to mypy a class of any kind is no key of a cache, and takes no arguments
        parts = {
            name: self._part(kind, table, key, name)
            for name, kind in attributes_of(new).items()
            if name not in given and name in table
        }
        made: Made = self.build(key, partial(new, **parts, **given))
        return made

    def _part(self, kind: Any, table: Table, key: str, name: str) -> Any:
        """Value of one attribute, by its type."""
        if kind in _OPTIONAL:
            return self.get(table, key, name, _OPTIONAL[kind])
        if kind in _NUMBERS:
            return self.number(table, key, name)
        if kind in _ESTIMATES:
            return self.named_estimate(table[name], f"{key}.{name}")
        return self._several(kind, table, key, name)

    def _several(self, kind: Any, table: Table, key: str, name: str) -> Any:
        """Value of an attribute that may hold several things."""
        if kind == Mapping[str, Estimate]:
            return self.estimates(table, key, name)
        if kind == Points:
            return self.build(key, partial(points_of, self.get(table, key, name, dict)))
        if kind == tuple[float, ...]:
            return tuple(self.get(table, key, name, list))
        if kind == tuple[str, ...]:
            return self.cited(table, key) if name == "sources" else self.texts(table, key, name)
        return self.get(table, key, name, kind)

    def build(self, key: str, make: Callable[[], Made]) -> Made:
        """Create an object; add the place in the file to its errors."""
        try:
            return make()
        except CatalogError:
            raise
        except (ValueError, TypeError, OverflowError) as error:
            raise CatalogError(str(error), self.file, key) from None


_OPTIONAL: Mapping[Any, type] = {str: str, str | None: str, bool | None: bool, int | None: int}
"""Types of attributes that are one value, present or not, and what a file holds for them."""
_NUMBERS = frozenset((float, float | None))
_ESTIMATES = frozenset((Estimate, Estimate | None))


def parse(path: Any, file: str, remedy: str = "'breach-sim new FILE.toml' makes one") -> dict[str, Any]:
    """Return the contents of a TOML file; the remedy is for one that is missing or no TOML."""
    text = content_of(path, file, ".toml", remedy)
    if wrong := strangers.too_much(text):
        raise CatalogError(wrong, file)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"not valid TOML: {error}; {remedy}", file) from None
    except RecursionError:
        raise CatalogError("tables are nested too deeply; two or three levels suffice", file) from None
    except ValueError:
        raise CatalogError("a number has thousands of digits; give one that can be meant", file) from None
    if found := strangers.first_barred(text, tables):
        raise CatalogError(found[1], file, found[0])
    return tables


def content_of(path: Any, file: str, ending: str, remedy: str) -> str:
    """Return the text of a file of the catalog or of a user, without a byte order mark.

    Parameters
    ----------
    path
        Path or package resource.
    file
        Name for messages.
    ending
        How the names of such files end.
    remedy
        What to do if there is no such file.

    Returns
    -------
    The whole text.

    Raises
    ------
    CatalogError
        If there is no such file, or it cannot be read, is too large or is not UTF-8.
    """
    if isinstance(path, Path):
        strangers.check_name(path)
    try:
        raw = bytes_of(path, MAX_BYTES + 1)
        if len(raw) <= MAX_BYTES:
            return str(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CatalogError(f"byte {error.start} is not UTF-8; save the file as UTF-8 text", file) from None
    except strangers.NotOrdinaryError as error:
        named = str(error).replace("name a file", f"name a {ending} file")
        raise CatalogError(f"this {named}", file) from None
    except (FileNotFoundError, NotADirectoryError):
        raise CatalogError(f"no such file; {remedy}", file) from None
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror or error}; check the path", file) from None
    raise CatalogError(f"the file is too large; at most {MAX_BYTES:,} bytes are read", file)


def text_of(path: Any) -> str:
    """Return the text of an existing file, without a byte order mark."""
    return bytes_of(path).decode("utf-8-sig")


def bytes_of(path: Any, most: int | None = None) -> bytes:
    """Return the contents of an existing file or package resource, or the first bytes of them."""
    if isinstance(path, Path):
        return strangers.raw_of(path, most)
    with path.open("rb") as stream:
        return bytes(stream.read(-1 if most is None else most))


def report_template() -> str:
    """Return the notebook that ``breach-sim report`` runs, as JSON text."""
    return text_of(data("templates", "report.ipynb"))


def scenario_template() -> str:
    """Return the commented scenario file that ``breach-sim new`` writes, as TOML text."""
    return text_of(data("templates", "breach.toml"))


def stored_schema() -> str:
    """Return the stored JSON Schema of a scenario file, to be written beside a new file."""
    return text_of(data("templates", SCHEMA))


def data(*parts: str) -> Any:
    """Return the location of a file of the package's data."""
    place: Any = resources.files("breach_sim") / "catalog" / "data"
    for part in parts:
        place = place / part
    return place


def parse_folder(folder: str) -> dict[str, dict[str, Any]]:
    """Return the contents of the TOML files in a folder of the package's data.

    Parameters
    ----------
    folder
        Name of the folder.

    Returns
    -------
    Tables by file, as "attacks/sim_swap.toml", ordered by the files' ``place``, which is removed.

    Raises
    ------
    CatalogError
        If a file is invalid, or has no ``place`` of its own.
    """
    paths = sorted((path.name, path) for path in data(folder).iterdir() if path.name.endswith(".toml"))
    files = {f"{folder}/{name}": parse(path, f"{folder}/{name}") for name, path in paths}
    return in_place(files)


def in_place(files: Mapping[str, Table]) -> dict[str, dict[str, Any]]:
    """Sort the files of a folder by their ``place``.

    Parameters
    ----------
    files
        Tables by file. Each has a whole number under ``place``.

    Returns
    -------
    The tables without this key, in ascending order.

    Raises
    ------
    CatalogError
        If a place is missing, not a whole number, or used twice.
    """
    taken: dict[int, str] = {}
    for file, tables in files.items():
        reader = Reader(file, ())
        reader.keys(tables, "", tables, (PLACE,))
        place = reader.get(tables, "", PLACE, int)
        if place in taken:
            raise CatalogError(
                f"{PLACE} is {place}, as in {taken[place]}; it orders the files of the folder: give another",
                file,
            )
        taken[place] = file
    return {
        file: {key: value for key, value in files[file].items() if key != PLACE}
        for _, file in sorted(taken.items())
    }


@lru_cache(maxsize=1)
def load_sources() -> Mapping[str, Source]:
    """Load all sources of the catalog, by id.

    Returns
    -------
    Sources in the order of the files of ``data/sources``, by their ``place``.

    Raises
    ------
    CatalogError
        If a file is invalid, or an id occurs in two files.
    """
    result: dict[str, Source] = {}
    for file, tables in parse_folder("sources").items():
        for name, source in sources_in(tables, file).items():
            if name in result:
                raise CatalogError("an earlier file has a source of this id; give another", file, name)
            result[name] = source
    return result


def sources_in(tables: Table, file: str, prefix: str = "") -> dict[str, Source]:
    """Read the sources of a file from its tables, by id."""
    reader = Reader(file, ())
    result = {}
    for name, table in tables.items():
        key = f"{prefix}{name}"
        if not isinstance(table, Mapping):
            raise CatalogError(
                f"the value is {shown(table)}; a source is a table with title, grade and verified", file, key
            )
        reader.check(Source, table, key, absent=("id",))
        result[name] = reader.make(Source, table, key, id=name)
    return result
