"""What a release brings with it: licenses at run time, and the lock of the tools that make it."""

import importlib.util
import re
import sys
import tomllib
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "docs" / "decisions" / "0145-how-a-release-is-made.md"


@cache
def tool() -> ModuleType:
    """Return tools/licenses.py as a module."""
    spec = importlib.util.spec_from_file_location("licenses", ROOT / "tools" / "licenses.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["licenses"] = module
    spec.loader.exec_module(module)
    return module


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
