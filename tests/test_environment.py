"""Laws of the set-up of run.py: one process at a time, damage found, a sentence where nothing can be done."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
RUN = [sys.executable, str(ROOT / "run.py")]


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module that makes environments, for a checkout that is empty but for its lock."""
    spec = importlib.util.spec_from_file_location("environment_tool", ROOT / "tools" / "environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    names = {"VENV": ".venv", "LOCK": "requirements.lock", "PROJECT": "pyproject.toml", "TURN": ".venv.lock"}
    for name, place in {"ROOT": ".", "STAMP": ".venv/breach-sim.json", **names}.items():
        monkeypatch.setattr(module, name, tmp_path / place)
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_text("numpy==1 \\\n    --hash=sha256:0\n", encoding="utf-8")
    return module


def pretend(env: ModuleType, parts: str = "first", **more: object) -> None:
    """Lay out what looks like a whole environment."""
    site = env.packages_folder()
    for name in (*env.PROBES, "tomli_w"):
        (site / name).mkdir(parents=True)
        (site / name / "__init__.py").touch()
        (site / f"{name}-1.dist-info").mkdir()
        (site / f"{name}-1.dist-info" / "RECORD").touch()
    env.venv_python().parent.mkdir(parents=True)
    env.venv_python().touch()
    stamp = env.stamp(parts) | {"packages": sorted(env.listed())} | more
    env.STAMP.write_text(json.dumps(stamp), encoding="utf-8")


def test_what_is_whole_is_left_alone(env: ModuleType, tmp_path: Path) -> None:
    """A whole environment is taken as it is: nothing is written, not even the file that is locked."""
    assert not env.is_whole("first")
    pretend(env)
    before = sorted(tmp_path.rglob("*"))
    env.make_environment("first", (), {})
    assert before == sorted(tmp_path.rglob("*"))
    assert not env.is_whole("all")
    assert not env.is_moved()


@pytest.mark.parametrize("lost", ["numpy/__init__.py", "tomli_w-1.dist-info/RECORD"])
def test_a_package_that_is_missing_is_found(env: ModuleType, lost: str) -> None:
    """A package whose list of files is gone, or whose first file is, makes the environment damaged."""
    pretend(env)
    (env.packages_folder() / lost).unlink()
    assert env.missing() == [lost.partition("/")[0].partition("-")[0]]
    assert not env.is_whole("first")
    env.forget(env.missing()[0])
    assert not list(env.packages_folder().glob(f"{env.missing()[0]}-*.dist-info"))


def test_an_environment_moves_with_its_checkout(env: ModuleType, tmp_path: Path) -> None:
    """One path or another to the same checkout, and one that is gone, are ours; a checkout beside is not."""
    other = tmp_path / "other"
    other.mkdir()
    (tmp_path / "seen").symlink_to(tmp_path)
    for place, ours in ((tmp_path / "seen", True), (tmp_path / "gone", True), (other, False)):
        assert ours == env.is_here(str(place))
    assert not env.is_here(5)
    pretend(env, place=str(tmp_path / "gone"))
    assert env.is_whole("first")
    assert env.is_moved()
    pretend_other = env.read_stamp() | {"place": str(other)}
    env.STAMP.write_text(json.dumps(pretend_other), encoding="utf-8")
    assert env.why_not("first") == f"that of another checkout, {other}"


def test_two_at_once_take_turns(env: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """The second process waits, says so, and finds what the first has made."""
    waited = threading.Event()

    def second() -> None:
        env.make_environment("first", (), {})
        waited.set()

    with env.one_at_a_time():
        thread = threading.Thread(target=second)
        thread.start()
        end = time.monotonic() + 60
        while "waiting for it" not in (capsys.readouterr().out) and time.monotonic() < end:
            time.sleep(0.01)
        assert not waited.is_set()
        pretend(env)
    thread.join(60)
    assert waited.is_set()


def test_a_checkout_that_cannot_be_written_is_a_sentence(env: ModuleType, tmp_path: Path) -> None:
    """Where .venv cannot be made, the path and the remedy are named."""
    (tmp_path / ".venv.lock").mkdir()  # what root cannot open either
    with pytest.raises(env.Refusal, match=r"cannot be written .*copy the checkout to a folder"):
        env.make_environment("first", (), {})


def test_python_2_shows_which_python_is_needed() -> None:
    """The first line that Python 2 cannot read is the one that its error prints, and says what is needed."""
    lines = (ROOT / "run.py").read_text(encoding="utf-8").splitlines()
    first = next(line for line in lines if re.search(r"^\w+: |\bf\"|->|\[\*", line))
    assert first.endswith("# breach_sim needs Python 3.11 or newer: python3 run.py")


@pytest.mark.parametrize(
    "words",
    [
        "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution",
        "error: Failed to fetch\n  Caused by: error sending request for url\n  Caused by: dns error",
        "ERROR: No matching distribution found for numpy==2.4.6",
        "ProxyError('Cannot connect to proxy.', ConnectionRefusedError(111, 'Connection refused'))",
    ],
)
def test_without_a_network_there_is_one_sentence(
    env: ModuleType, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """What pip and uv say where no index answers becomes one sentence with the remedies; else it is shown."""
    fail = [sys.executable, "-c", "import sys; sys.stderr.write(sys.argv[1]); sys.exit(1)"]
    with pytest.raises(env.Refusal, match=r"no package index answers .*HTTPS_PROXY.*PIP_INDEX_URL"):
        env.step([*fail, words], dict(os.environ))
    assert capfd.readouterr().err == ""
    with pytest.raises(subprocess.CalledProcessError):
        env.step([*fail, "THESE PACKAGES DO NOT MATCH THE HASHES"], dict(os.environ))
    assert "DO NOT MATCH" in capfd.readouterr().err


def test_a_reader_may_leave_early() -> None:
    """`python run.py --help | head -1` ends with 141 and no traceback."""
    child = subprocess.Popen([*RUN, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.close()
    assert (child.stderr.read(), child.wait()) == (b"", 141)
