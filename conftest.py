"""What every pytest run in this checkout needs, from whatever folder it is started."""

import gc
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

LEFT_OUT: list[str] = []
SLOW = "slow; `python run.py verify` runs it, or says what it lacks"
SMOKE = "repeats what other tests hold; `python run.py lowest` runs it with the oldest dependencies"
CORE = "`python run.py core` runs it with the core alone; here a process of its own does, extras hidden"
# A template that reports are made from, not a notebook.
collect_ignore_glob = ["breach_sim/catalog/data/templates/*.ipynb"]

os.environ["MPLBACKEND"] = "Agg"  # before a test imports matplotlib
# jsonschema would compile a grammar of international addresses, a second in each process; no schema has any.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
# Before a test imports NumPy: every core has a process of its own, and threads that wait for a core burn it.
for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a real dump of Have I Been Pwned or VCDB be put through the imports: ``--dump PATH``, repeated."""
    parser.addoption(
        "--dump", action="append", default=[], metavar="PATH",
        help="a breaches.json of Have I Been Pwned, or a folder of VERIS incidents, for tests/test_import_*",
    )  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Find the notebook rules beside this file: nbval would look in the current folder."""
    if hasattr(config.option, "nbval"):
        config.option.nbval_sanitize_with = str(Path(__file__).with_name("nbval_sanitize.cfg"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let tests draw on no screen, and a notebook's kernel inline, as it does for a reader."""
    if item.path.suffix == ".ipynb":
        os.environ.pop("MPLBACKEND", None)
    else:
        os.environ["MPLBACKEND"] = "Agg"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Do not look for garbage while thousands of tests are collected, nor ever again among these."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Remember the slow proofs, the smoke and the core tests that this run leaves out."""
    LEFT_OUT.extend(f"{item.nodeid}: {SLOW}" for item in items if item.get_closest_marker("slow"))
    if any(item.get_closest_marker("smoke") for item in items):
        LEFT_OUT.append(f"tests/test_smoke.py: {SMOKE}")
    if any(item.get_closest_marker("core") for item in items):
        LEFT_OUT.append(f"tests/test_core.py: {CORE}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what a worker left out to the process that prints it."""
    handed = getattr(session.config, "workeroutput", None)
    if handed is not None:
        handed["left_out"] = LEFT_OUT


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take it from the worker; every worker leaves out the same."""
    names = getattr(node, "workeroutput", {}).get("left_out", [])
    LEFT_OUT.extend(name for name in names if name not in LEFT_OUT)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name them, and the verb that runs them."""
    for line in LEFT_OUT:
        terminalreporter.write_line(f"DESELECTED {line}")
