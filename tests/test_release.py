"""What a release brings with it: licenses at run time, and the lock of the tools that make it."""

import importlib.util
import re
import sys
import tarfile
import tomllib
import zipfile
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "docs" / "decisions" / "0145-how-a-release-is-made.md"


@cache
def tool(name: str = "licenses") -> ModuleType:
    """Return a file of tools/ as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@cache
def release() -> ModuleType:
    """Return tools/release.py, which imports the other."""
    tool()
    return tool("release")


def test_nothing_at_run_time_is_under_a_strong_copyleft() -> None:
    """Core and extras need permissive licenses; the record names each weak copyleft, and none is unknown."""
    packages = tool().runtime()
    assert {"numpy", "pandas", "scipy", "matplotlib", "typer"} <= {one.name for one in packages}
    assert [one for one in packages if one.kind in {"strong copyleft", "unknown"}] == []
    weak = {one.name for one in packages if one.kind == "weak copyleft"}
    named = set(re.findall(r"^\| `([\w-]+)` \|", RECORD.read_text(encoding="utf-8"), re.MULTILINE))
    assert weak <= named


@pytest.mark.parametrize(
    ("stated", "kind"),
    [
        ("MIT", "permissive"),
        ("BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0", "permissive"),
        ("MPL-2.0 AND MIT", "weak copyleft"),
        ("GNU Lesser General Public License v3 (LGPLv3)", "weak copyleft"),
        ("LGPL-2.1-only", "weak copyleft"),
        ("GPL-3.0-or-later", "strong copyleft"),
        ("GNU General Public License v2 (GPLv2)", "strong copyleft"),
        ("AGPL-3.0-only", "strong copyleft"),
        ("MIT AND GPL-2.0-only", "strong copyleft"),
        ("BSD-3-Clause AND GPL-3.0-or-later WITH GCC-exception-3.1", "permissive"),
        ("MIT OR GPL-2.0-only", "permissive"),
        ("BUSL-1.1", "strong copyleft"),
        ("", "unknown"),
        ("Proprietary", "unknown"),
    ],
)
def test_kinds_of_licenses(stated: str, kind: str) -> None:
    """A license is of the kind that its words name; a choice counts as its better half."""
    assert kind == tool().kind_of(stated)


def test_the_tools_of_a_release_are_pinned() -> None:
    """tools/release.lock pins every tool of the group, within its bound, by hash, and names no host."""
    text = (ROOT / "tools" / "release.lock").read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([a-z0-9-]+)==([\w.]+)", text, re.MULTILINE))
    group = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"][
        "release"
    ]
    assert all(asked.specifier.contains(pins[asked.name]) for asked in map(Requirement, group))
    pin = re.compile(r"[a-z0-9-]+==[\w.!+]+(?: ; [\w .'<>=!()*]+)? \\")
    hashed = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")
    assert [n for n in text.splitlines() if not (pin.fullmatch(n) or hashed.fullmatch(n))] == []


def test_every_data_file_of_the_package_goes_into_the_wheel() -> None:
    """A file of breach_sim that is no module is matched by package-data of pyproject.toml."""
    package = ROOT / "breach_sim"
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    patterns = tools["setuptools"]["package-data"]["breach_sim"]
    packed = {path for pattern in patterns for path in package.glob(pattern)}
    passed_over = {"__pycache__", ".ipynb_checkpoints"}
    there = {p for p in package.rglob("*") if p.is_file() and not passed_over & set(p.parts)}
    assert sorted(p.name for p in there - packed if p.suffix != ".py") == []


def test_a_release_agrees_with_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """All places name one version; a tag of another, or a checkout with changes, is refused."""
    made = release()
    version = made.agreed_version(None)
    monkeypatch.setattr(made, "git", lambda *_: "")
    assert version == made.agreed_version(f"v{version}")
    with pytest.raises(made.Fault, match=r"the tag is v0\.0\.1, and the version"):
        made.agreed_version("v0.0.1")
    monkeypatch.setattr(made, "git", lambda *_: " M README.md")
    with pytest.raises(made.Fault, match="changes that are in no commit"):
        made.agreed_version(f"v{version}")


def test_a_wheel_that_lacks_or_adds_a_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Contents are compared in both directions, for the wheel and for the sdist."""
    made = release()
    names = ["breach_sim/__init__.py", "breach_sim/data.toml"]
    monkeypatch.setattr(made, "git", lambda *_: "\0".join(names))
    wheel, sdist = tmp_path / "one.whl", tmp_path / "one.tar.gz"

    def pack(in_wheel: list[str], in_sdist: list[str]) -> None:
        with zipfile.ZipFile(wheel, "w") as packed:
            for name in [*in_wheel, "breach_sim-1.dist-info/METADATA"]:
                packed.writestr(name, "")
        with tarfile.open(sdist, "w:gz") as archive:
            for name in [*in_sdist, *made.BESIDE, "PKG-INFO"]:
                archive.addfile(tarfile.TarInfo(f"breach_sim-1/{name}"))

    pack(names, names)
    made.contents(wheel, sdist)
    for bad in (names[:1], [*names, "tests/test_x.py"]):
        pack(bad, names)
        with pytest.raises(made.Fault, match="the wheel lacks"):
            made.contents(wheel, sdist)
        pack(names, bad)
        with pytest.raises(made.Fault, match="the sdist lacks"):
            made.contents(wheel, sdist)
