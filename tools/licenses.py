"""What the package needs at run time, and under which licenses: read from the metadata of an environment.

``python tools/licenses.py`` prints the table for the environment that it runs in. tools/release.py writes it
to ``out/release/licenses.csv``; tests/test_licenses.py holds it.

Not here: the bill of materials, which cyclonedx-py makes.
"""

import csv
import re
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, TextIO

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "breach-sim"
EXTRAS = ("people", "files", "report", "explore", "dask")
STRONG = re.compile(r"\b(?:A?GPL|Affero|SSPL|BUSL|Commons Clause|GNU General Public)", re.IGNORECASE)
"""Words of licenses that a user of this package must not get with it."""
WEAK = re.compile(r"\b(?:LGPL|MPL|EPL|CDDL|EUPL|Lesser General Public|Mozilla Public)", re.IGNORECASE)
"""Words of licenses that ask for the source of their own files only."""
EXCEPTIONS = re.compile(r"GPL-3\.0-or-later WITH GCC-exception-3\.1|GCC.?exception", re.IGNORECASE)
"""The runtime of GCC may be passed on under any license: NumPy and SciPy carry it inside their wheels."""
PERMISSIVE = re.compile(
    r"\b(?:MIT|BSD|Apache|PSF|Python Software Foundation|ISC|HPND|0BSD|Zlib|Unlicense|CC0|matplotlib)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Licensed:
    """A package of an environment: name, version, license as it says itself, and its kind."""

    name: str
    version: str
    license: str
    kind: str


def runtime(folders: "list[str] | None" = None) -> "list[Licensed]":
    """Return the packages that core and extras of pyproject.toml need, sorted by name.

    What the environment lacks, such as packages of Windows, is left out. Of two versions on the path the
    first counts, as for an import.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: dict[str, metadata.Distribution] = {}
    for one in metadata.distributions(path=folders) if folders else metadata.distributions():
        if one.metadata["Name"]:
            found.setdefault(canonicalize_name(one.metadata["Name"]), one)
    lists = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in EXTRAS)]
    waiting = [(Requirement(text), "") for texts in lists for text in texts]
    seen: set[tuple[str, str]] = set()
    while waiting:
        asked, asking = waiting.pop()
        if asked.marker is not None and not asked.marker.evaluate({"extra": asking}):
            continue
        name = canonicalize_name(asked.name)
        for extra in {"", *asked.extras} if name in found and name != PACKAGE else ():
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += [(Requirement(text), extra) for text in found[name].requires or []]
    names = sorted({name for name, _ in seen})
    return [Licensed(name, found[name].version, *license_of(found[name])) for name in names]


def license_of(one: metadata.Distribution) -> "tuple[str, str]":
    """Return what a package says of its license, in one line, and the kind."""
    about: Any = one.metadata  # a message of the standard library, with less in its annotations
    stated: str = about.get("License-Expression") or ""
    if not stated:
        prefix = "License :: OSI Approved :: "
        listed = [c.removeprefix(prefix) for c in about.get_all("Classifier") or [] if c.startswith(prefix)]
        stated = "; ".join(listed) or (about.get("License") or "").strip().split("\n")[0][:80]
    return stated or "not stated", kind_of(stated)


def kind_of(stated: str) -> str:
    """Return "permissive", "weak copyleft", "strong copyleft" or "unknown".

    Where there is a choice, as in "MIT OR GPL-2.0", the first that is allowed counts.
    """
    choices = [_kind(part) for part in re.split(r"\s+OR\s+", EXCEPTIONS.sub("", stated))]
    order = ("permissive", "weak copyleft", "unknown", "strong copyleft")
    return min(choices, key=order.index)


def _kind(stated: str) -> str:
    if STRONG.search(stated):
        return "strong copyleft"
    if WEAK.search(stated):
        return "weak copyleft"
    return "permissive" if PERMISSIVE.search(stated) else "unknown"


def write(packages: "Iterable[Licensed]", stream: TextIO) -> None:
    """Write the table as CSV."""
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(["name", "version", "license", "kind"])
    rows.writerows([one.name, one.version, one.license, one.kind] for one in packages)


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(f"unexpected {sys.argv[1]!r}: {Path(__file__).name} takes no words")
    write(runtime(), sys.stdout)
