"""The same numbers on every NumPy: what a few runs draw is stored, and compared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import digests

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    """Return what the runs drew when they were stored."""
    return dict(json.loads(digests.FILE.read_text(encoding="utf-8")))


def test_runs_draw_what_was_stored(stored: dict[str, Any]) -> None:
    """Counts are those stored, exactly, and losses to twelve digits.

    Where a change of the model or of its numbers moves them: `python tests/support/digests.py --write`.
    """
    assert [] == digests.differences(stored, json.loads(json.dumps(digests.document())))


def test_another_count_or_loss_would_be_seen(stored: dict[str, Any]) -> None:
    """Another digest, a loss moved by 1e-11 and a run left out are reported; a moved twelfth digit is not."""
    changed = json.loads(json.dumps(stored))
    changed["stated"]["victim_counts"] = "0" * 32
    assert ["stated: victim_counts"] == digests.differences(stored, changed)
    for factor, expected in ((1 + 1e-11, ["equifax: loss"]), (1 + 1e-12, [])):
        changed = json.loads(json.dumps(stored))
        changed["equifax"]["loss"][3] = f"{float(changed['equifax']['loss'][3]) * factor:.17g}"
        assert expected == digests.differences(stored, changed)
    assert digests.differences(stored, {name: own for name, own in stored.items() if name != "everyone"})


def called(*words: str) -> str:
    """Return what a command prints; what it says against it becomes the error."""
    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeError(done.stderr[-2_000:])
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("numpy", "python"), [("numpy==2.1.*", "3.11"), ("numpy==2.4.*", "3.11"), ("numpy>=2.5", "3.13")]
)
def test_every_numpy_draws_the_same(numpy: str, python: str, stored: dict[str, Any], tmp_path: Path) -> None:
    """The oldest NumPy, that of the lock and the newest draw what was stored, each in its environment."""
    place, uv = tmp_path / "environment", [sys.executable, "-m", "uv"]
    try:
        called(*uv, "venv", "-q", "--python", python, str(place))
    except RuntimeError as refusal:
        pytest.skip(f"no Python {python} here: {refusal}")
    own = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = ["pip", "install", "-q", "--only-binary", ":all:", "--python", str(own)]
    called(*uv, *install, numpy, *digests.NEEDS)
    said = called(str(own), str(ROOT / "tests/support/digests.py"))
    assert [] == digests.differences(stored, json.loads(said))
