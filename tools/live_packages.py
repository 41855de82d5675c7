"""Packages of a live class: what goes beside Pyodide, and the lock file that tells it what there is.

Pyodide's own lock file is cut down to the packages that are there, so that a missing one is missed at once
and by name, and gets the pure Python packages and breach_sim itself. Then `import breach_sim` loads what it
needs, in an unchanged notebook. The same wheels are listed for `%pip install` (piplite). Not here: fetching
(``live_files.py``), the site (``live_site.py``).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any

from live_files import ROOT, Wanted, digest, distribution, locked, plan, purified, take, wheel
from live_fonts import font_wheel
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCK = "pyodide-lock.json"
IN_THE_WHEEL = ("breach_sim", "pyproject.toml", "README.md", "LICENSE")
Entry = dict[str, Any]


def gathered(folder: Path, cache: Path) -> list[Path]:
    """Put Pyodide and all packages into a folder, and return the wheels that Pyodide does not bring.

    Parameters
    ----------
    folder
        An empty folder. It gets the core, the wheels and the lock file.
    cache
        Folder that keeps what was fetched.

    Raises
    ------
    ValueError
        If a file is missing or has another hash, or a package needs one that is not there.
    """
    settings = plan()
    places = distribution(settings)
    for name, sha256 in settings["core"].items():
        shutil.copy(take(Wanted(name, frozenset([sha256])), cache, places), folder / name)
    lock = json.loads((folder / LOCK).read_text(encoding="utf-8"))
    lock["packages"] = closure(lock["packages"], settings["packages"]["pyodide"])
    for entry in lock["packages"].values():
        wanted = Wanted(entry["file_name"], frozenset([entry["sha256"]]))
        shutil.copy(take(wanted, cache, places), folder / entry["file_name"])
    added = pure_wheels(settings["packages"], folder, cache)
    file, data = font_wheel(folder / lock["packages"]["matplotlib"]["file_name"])
    (folder / file).write_bytes(data)
    added += [folder / file, own_wheel(folder)]
    for path in added:
        entry = described(path, settings["python"])
        lock["packages"][entry["name"]] = entry
    # What needs it is unpacked after it: the list of fonts lies in Matplotlib's folder.
    lock["packages"]["breach-sim"]["depends"].append("breach-sim-live")
    whole(lock["packages"], added, settings["python"])
    (folder / LOCK).write_text(json.dumps(lock, sort_keys=True), encoding="utf-8")
    return added


def closure(packages: dict[str, Entry], wanted: list[str]) -> dict[str, Entry]:
    """Packages of a lock file with all that they need, and nothing else."""
    found: dict[str, Entry] = {}
    todo = list(wanted)
    while todo:
        name = canonicalize_name(todo.pop())
        if name not in packages:
            raise ValueError(f"{name} is not in Pyodide's lock file: name a package of it in tools/live.toml")
        if name not in found:
            found[name] = packages[name]
            todo += packages[name]["depends"]
    return dict(sorted(found.items()))


def pure_wheels(packages: dict[str, Any], folder: Path, cache: Path) -> list[Path]:
    """Put the pure Python packages into a folder and return their wheels."""
    made = [Path(shutil.copy(wheel(name, *locked(name), cache), folder)) for name in packages["locked"]]
    for name, pin in packages["other"].items():
        path = wheel(name, pin["version"], frozenset([pin["sha256"]]), cache)
        made.append(Path(shutil.copy(path, folder)))
    for name in packages["purified"]:
        file, data = purified(wheel(name, *locked(name), cache, pure=False))
        (folder / file).write_bytes(data)
        made.append(folder / file)
    return made


def own_wheel(folder: Path) -> Path:
    """Build the wheel of this checkout into a folder and return it."""
    with tempfile.TemporaryDirectory() as aside:
        source, made = Path(aside) / "source", Path(aside) / "made"
        source.mkdir()
        for name in IN_THE_WHEEL:
            path = ROOT / name
            if path.is_dir():
                shutil.copytree(path, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.part"))
            else:
                shutil.copy(path, source)
        command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w"]
        dated = os.environ | {"SOURCE_DATE_EPOCH": "315532800", "PIP_NO_INDEX": "1"}
        done = subprocess.run(  # noqa: S603 - words of ours
            [*command, str(made), str(source)], capture_output=True, text=True, check=False, env=dated
        )
        if done.returncode:
            raise ValueError(f"the wheel of breach_sim cannot be built:\n{done.stderr.strip()}")
        return Path(shutil.copy(next(made.glob("*.whl")), folder))


def described(path: Path, python: str) -> Entry:
    """The entry of a wheel in a lock file of Pyodide."""
    with zipfile.ZipFile(path) as zipped:
        names = zipped.namelist()
        place = next(name for name in names if name.endswith(".dist-info/METADATA"))
        about = Parser().parsestr(zipped.read(place).decode())
    tops = {name.split("/")[0] for name in names if name.endswith(".py")}
    return {
        "depends": [
            canonicalize_name(need.name) for need in needs(about.get_all("Requires-Dist", []), python)
        ],
        "file_name": path.name,
        "imports": sorted(n.removesuffix(".py") for n in tops if not n.endswith((".dist-info", ".data"))),
        "install_dir": "site",
        "name": canonicalize_name(about["Name"]),
        "package_type": "package",
        "sha256": digest(path.read_bytes()),
        "unvendored_tests": False,
        "version": about["Version"],
    }


def needs(lines: list[str], python: str) -> list[Requirement]:
    """The requirements among these lines that hold in a browser, without extras."""
    there: dict[str, str] = {name: str(value) for name, value in default_environment().items()}
    there |= {"python_version": python, "python_full_version": f"{python}.0"}
    there |= {"sys_platform": "emscripten", "platform_system": "Emscripten", "os_name": "posix", "extra": ""}
    asked = map(Requirement, lines)
    return [need for need in asked if need.marker is None or need.marker.evaluate(there)]


def whole(packages: dict[str, Entry], added: list[Path], python: str) -> None:
    """Refuse a lock file in which an added package needs what is not there, or another version of it."""
    for path in added:
        with zipfile.ZipFile(path) as zipped:
            place = next(name for name in zipped.namelist() if name.endswith(".dist-info/METADATA"))
            lines = Parser().parsestr(zipped.read(place).decode()).get_all("Requires-Dist", [])
        for need in needs(lines, python):
            entry = packages.get(canonicalize_name(need.name))
            if entry is None:
                raise ValueError(
                    f"{path.name} needs {need}, which is not among the packages of tools/live.toml"
                )
            if not need.specifier.contains(entry["version"], prereleases=True):
                raise ValueError(f"{path.name} needs {need}, and {entry['file_name']} is there")


def piplite_index(wheels: list[Path], to_wheels: str) -> Entry:
    """What `%pip install` finds: wheels by name and version, as JupyterLite lists them.

    Parameters
    ----------
    wheels
        The wheels.
    to_wheels
        Their folder, seen from the folder of the index.
    """
    from jupyterlite_pyodide_kernel.addons.piplite import get_wheel_index

    index: Entry = get_wheel_index(wheels)
    for package in index.values():
        for releases in package["releases"].values():
            for release in releases:
                # The kernel puts the address of the index before what follows the first "./".
                release["url"] = f"./{to_wheels}/{release['filename']}"
                release |= {"upload_time": "1980-01-01T00:00:00Z"}
                release |= {"upload_time_iso_8601": "1980-01-01T00:00:00Z"}
    return index
