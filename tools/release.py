"""Build wheel and sdist, and try both as a stranger would: ``python run.py release [--tag v1.2.3]``.

The files of git are copied aside and built there with the tools of ``tools/release.lock``, so that nothing
else of the checkout can come in. The wheel must hold exactly the files of ``breach_sim`` in git. Wheel and
sdist are installed in fresh environments on every Python of the project that is on this machine, away from
the checkout, and must all give the same first answer. ``out/release`` then holds ``dist``, hashes, the bill
of materials (CycloneDX) and the licenses.

Not here: publishing. A tag does that (``.github/workflows/release.yml``).
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import licenses

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "out" / "release"
LOCK = ROOT / "tools" / "release.lock"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SCENARIO = "tmobile-2021-claimed"
OF_THE_MACHINE = ("version", "numpy", "versions", "python", "scipy", "pandas", "made_with")
"""Entries of an answer that name versions, and so may differ between environments."""
BESIDE = {"CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "MANIFEST.in", "README.md",
          "SECURITY.md", "pyproject.toml"}  # fmt: skip
"""Files of the sdist that are no part of the package; PKG-INFO and setup.cfg are made for it."""
Words = list[str]


class Fault(Exception):  # noqa: N818 - a sentence for the one who releases
    """What is wrong with the release: place, value, remedy."""


def main(words: Words) -> int:
    """Build, look and try; return the exit status."""
    reader = argparse.ArgumentParser(prog="python run.py release", description=__doc__.split("\n")[0])
    reader.add_argument("--tag", metavar="vX.Y.Z", help="the tag that is released: it must be the version")
    given = reader.parse_args(words)
    start = time.monotonic()
    try:
        version = agreed_version(given.tag)
        tools = environment("tools", "-r", str(LOCK), hashes=True)
        wheel, sdist = built(tools, version)
        contents(wheel, sdist)
        run(tools, "-m", "twine", "check", "--strict", str(wheel), str(sdist))
        run(tools, "-m", "check_wheel_contents", str(wheel))
        workflows(tools)
        everywhere(wheel, sdist, version)
        listed(tools, wheel)
    except Fault as fault:
        print(f"release: {fault}", file=sys.stderr)
        return 1
    sums = "".join(f"{sha256(path)}  {path.name}\n" for path in (wheel, sdist))
    (TARGET / "SHA256SUMS").write_text(sums, encoding="utf-8")
    print(sums, end="")
    if "urls" not in project():
        say("pyproject.toml has no [project.urls]: add the address of the repository before publishing")
    say(f"done in {time.monotonic() - start:.0f} s: {TARGET.relative_to(ROOT)}")
    return 0


def say(text: str) -> None:
    """Print a line at once."""
    print(f"release: {text}", flush=True)


def project() -> dict[str, Any]:
    """Return the table [project] of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def agreed_version(tag: str | None) -> str:
    """Return the version if every place names the same one, and the tag too."""
    version: str = project()["version"]
    places = {
        "breach_sim/__init__.py": r'^__version__ = "(.+)"$',
        "CITATION.cff": r"^version: (.+)$",
        "CHANGELOG.md": r"^## (\d\S*)",
    }
    for name, pattern in places.items():
        found = re.search(pattern, (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
        if found is None or found[1] != version:
            has = "no version" if found is None else found[1]
            raise Fault(f"{name} has {has}, and pyproject.toml has {version}: write the same in both")
    if tag is not None and tag != f"v{version}":
        raise Fault(f"the tag is {tag}, and the version {version}: the tag must be v{version}")
    if tag is not None and git("status", "--porcelain"):
        raise Fault("the checkout has changes that are in no commit: commit them, then tag")
    return version


def git(*words: str) -> str:
    """Return what git prints."""
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603, S607 - fixed words
    if done.returncode:
        raise Fault(f"git {words[0]} failed: a release is made in a checkout. {done.stderr.strip()}")
    return done.stdout


def clean() -> dict[str, str]:
    """Return the variables for a process that must not find the checkout."""
    kept = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}}
    return kept | {"PYTHONUTF8": "1", "UV_PYTHON_DOWNLOADS": "never", "MPLBACKEND": "Agg"}


def run(*words: str, cwd: Path = ROOT, env: dict[str, str] | None = None, check: bool = True) -> str:
    """Run a command and return what it prints; a failure is a fault, with its last lines."""
    done = subprocess.run(  # noqa: S603 - words of this file
        words, cwd=cwd, env=clean() | (env or {}), capture_output=True, text=True, check=False
    )
    text = done.stdout + done.stderr
    if check and done.returncode:
        last = "\n  ".join(text.strip().splitlines()[-15:])
        shown = " ".join(Path(word).name if os.sep in word else word for word in words)
        raise Fault(f"this failed: {shown}\n  {last}")
    return done.stdout if check else text


def python_of(folder: Path) -> str:
    """Return the interpreter of an environment."""
    return str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def uv(*words: str) -> Words:
    """Return a command of uv, which is in the lock of the project."""
    return [sys.executable, "-m", "uv", *words]


def environment(name: str, *what: str, python: str = sys.executable, hashes: bool = False) -> str:
    """Make an environment under out/release and return its Python."""
    folder = TARGET / name
    run(*uv("venv", "-q", "--clear", "--python", python, str(folder)))
    how = ["--require-hashes"] if hashes else []
    if what[0].endswith(".tar.gz"):  # of ours alone the source is built
        how += ["--no-binary", "breach-sim"]
    run(*uv("pip", "install", "-q", "--only-binary", ":all:", *how, *what, "--python", python_of(folder)))
    return python_of(folder)


def built(tools: str, version: str) -> tuple[Path, Path]:
    """Build from the files of git; the wheel comes from the sdist, twice, with equal bytes."""
    place = TARGET / "dist"
    shutil.rmtree(place, ignore_errors=True)
    when = {"SOURCE_DATE_EPOCH": git("log", "-1", "--format=%ct").strip()}
    with tempfile.TemporaryDirectory() as aside:
        source, again = Path(aside) / "source", Path(aside) / "again"
        for name in git("ls-files", "-z").split("\0"):
            if name and (ROOT / name).is_file():
                (source / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, source / name)
        run(tools, "-m", "build", "--no-isolation", "--outdir", str(place), str(source), env=when)
        wheel = place / f"breach_sim-{version}-py3-none-any.whl"
        sdist = place / f"breach_sim-{version}.tar.gz"
        with tarfile.open(sdist) as packed:
            packed.extractall(again, filter="data")
        inside = str(again / sdist.name.removesuffix(".tar.gz"))
        run(tools, "-m", "build", "--no-isolation", "--wheel", "--outdir", aside, inside, env=when)
        if sha256(wheel) != sha256(Path(aside) / wheel.name):
            raise Fault(f"{wheel.name} has other bytes when it is built again from {sdist.name}")
    say(f"built {wheel.name} ({wheel.stat().st_size / 1e6:.1f} MB) and {sdist.name}; a second build is equal")
    return wheel, sdist


def sha256(path: Path) -> str:
    """Return the hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def contents(wheel: Path, sdist: Path) -> None:
    """Hold both against git: the package whole, and nothing that is no part of it."""
    package = {name for name in git("ls-files", "-z", "breach_sim").split("\0") if name}
    with zipfile.ZipFile(wheel) as packed:
        names = {n for n in packed.namelist() if ".dist-info/" not in n and not n.endswith("/")}
    differ("wheel", names, package)
    with tarfile.open(sdist) as archive:
        inside = {m.name.partition("/")[2] for m in archive.getmembers() if m.isfile()}
    made = {n for n in inside if n in {"PKG-INFO", "setup.cfg"} or n.startswith("breach_sim.egg-info/")}
    differ("sdist", inside - made, package | BESIDE)
    say(f"contents: the {len(package)} files of the package, and in the sdist {len(BESIDE)} beside them")


def differ(what: str, have: set[str], want: set[str]) -> None:
    """Raise if a set of names is not the wanted one."""
    if have != want:
        raise Fault(
            f"the {what} lacks {sorted(want - have)[:5]} and has {sorted(have - want)[:5]} too much: "
            "see package-data in pyproject.toml, and MANIFEST.in"
        )


def workflows(tools: str) -> None:
    """Check the workflows: zizmor without a network, and their schemas."""
    scripts = Path(tools).parent
    folder = ROOT / ".github"
    run(str(scripts / "zizmor"), "--offline", "--quiet", "--no-progress", str(folder))
    schemas = {"vendor.github-workflows": sorted((folder / "workflows").glob("*.yml"))}
    schemas["vendor.dependabot"] = [folder / "dependabot.yml"]
    for schema, files in schemas.items():
        run(str(scripts / "check-jsonschema"), "--builtin-schema", schema, *map(str, files))
    say("workflows: zizmor and their schemas find nothing")


def everywhere(wheel: Path, sdist: Path, version: str) -> None:
    """Install both on every Python here; all first answers must be equal."""
    answers: dict[str, Any] = {}
    for minor in PYTHONS:
        found = interpreter(minor)
        if found is None:
            say(f"Python {minor} is not on this machine: not tried")
            continue
        for kind, path in (("wheel", wheel), ("sdist", sdist)):
            start = time.monotonic()
            python = environment(f"try-{minor}-{kind}", str(path), python=found)
            answers[f"{minor} {kind}"] = first_answer(python, version)
            say(f"Python {minor}, {kind}: an answer after {time.monotonic() - start:.0f} s")
    if not answers:
        raise Fault(f"none of Python {', '.join(PYTHONS)} is on this machine: install one of them")
    first = next(iter(answers))
    for where, answer in answers.items():
        if answer != answers[first]:
            keys = [key for key in answers[first] if answer.get(key) != answers[first][key]]
            raise Fault(f"the answer of {where} differs from that of {first} in {', '.join(keys)}")
    say(f"{len(answers)} first answers are equal")


def interpreter(minor: str) -> str | None:
    """Return a Python of this version: this one, one on the path, or one that pyenv keeps; None without."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    named = shutil.which(f"python{minor}")
    places = [sys.executable, *([named] if named else []), *map(str, pyenv.glob(f"{minor}.*/bin/python"))]
    for place in places:  # a name on the path may be a shim that leads nowhere
        asked = run(place, "-c", "import sys; print('%d.%d' % sys.version_info[:2])", check=False)
        if asked.strip() == minor:
            return place
    return None


def first_answer(python: str, version: str) -> dict[str, Any]:
    """Return the document of a run, away from the checkout, without the entries that name versions."""
    program = str(Path(python).with_name("breach-sim.exe" if os.name == "nt" else "breach-sim"))
    with tempfile.TemporaryDirectory() as elsewhere:
        place = Path(elsewhere)
        for words in ((program,), (python, "-m", "breach_sim")):
            printed = run(*words, "--version", cwd=place).strip()
            if printed != version:
                raise Fault(
                    f"{' '.join(words[1:]) or 'breach-sim'} --version prints {printed}, not {version}"
                )
        where = run(python, "-c", "import breach_sim; print(breach_sim.__file__)", cwd=place)
        if Path(where.strip()).is_relative_to(ROOT / "breach_sim"):
            raise Fault("the environment imports the package of the checkout: unset PYTHONPATH")
        answer: dict[str, Any] = json.loads(run(program, "run", SCENARIO, "--json", cwd=place))
        run(program, "run", SCENARIO, "--replicates", "200", "--out", "results", cwd=place)
        if not list(place.glob("results/**/*.png")):
            raise Fault("run --out wrote no figure")
    return {key: value for key, value in answer.items() if key not in OF_THE_MACHINE}


def listed(tools: str, wheel: Path) -> None:
    """Write what a user gets with all extras: bill of materials and licenses; look for known faults."""
    with tempfile.TemporaryDirectory() as aside:
        versions = Path(aside) / "versions.txt"
        text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
        versions.write_text("\n".join(re.findall(r"^([a-z0-9-]+==[^\\\n]*)", text, re.MULTILINE)), "utf-8")
        whole = environment("whole", f"breach-sim[all] @ {wheel.as_uri()}", "--constraints", str(versions))
    bill = TARGET / "sbom.cdx.json"
    cyclonedx = [
        str(Path(tools).with_name("cyclonedx-py")),
        "environment",
        "--output-reproducible",
        "--validate",
    ]
    run(*cyclonedx, "--pyproject", str(ROOT / "pyproject.toml"), "--of", "JSON", "-o", str(bill), whole)
    there = run(whole, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    packages = licenses.runtime([there])
    with (TARGET / "licenses.csv").open("w", encoding="utf-8") as stream:
        licenses.write(packages, stream)
    bad = [f"{one.name} ({one.license})" for one in packages if one.kind in {"strong copyleft", "unknown"}]
    if bad:
        raise Fault(f"licenses that nobody allowed: {', '.join(bad)}. See docs/decisions/0007-libraries.md")
    weak = ", ".join(f"{one.name} ({one.license})" for one in packages if one.kind == "weak copyleft")
    say(f"{len(packages)} packages with all extras, {bill.stat().st_size / 1e3:.0f} kB of CycloneDX")
    say(f"no strong copyleft; weak: {weak or 'none'}")
    audit(tools, whole, there)


def audit(tools: str, whole: str, there: str) -> None:
    """Ask for known vulnerabilities, and where nobody answers, print what is older than the newest."""
    text = run(tools, "-m", "pip_audit", "--progress-spinner", "off", "--path", there, check=False)
    if "No known vulnerabilities found" in text:
        say("pip-audit: no known vulnerabilities")
    elif re.search(r"^Name +Version +ID", text, re.MULTILINE):
        raise Fault(f"pip-audit: known vulnerabilities\n{text}")
    else:
        say(f"pip-audit could not ask: {' '.join(text.split())[-160:]}")
        old = run(*uv("pip", "list", "--outdated", "--python", whole), check=False)
        say(
            f"newer versions of what is in the lock:\n{old}" if old.strip() else "all versions are the newest"
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
