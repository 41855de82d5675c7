"""Fit both sides again: what a breach costs its firm, and the victims' side.

    python tools/calibrate.py            fit and write both files of posterior rows and docs/calibration.md
    python tools/calibrate.py --check    fit with other seeds and compare with the rows that ship

Each fit is a script of its own and may be run alone.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPTS = ("calibrate_firm.py", "calibrate_victims.py")
HERE = Path(__file__).resolve().parent


def main(words: list[str]) -> int:
    """Run both scripts with the same words; the first failure decides the exit status."""
    statuses = [
        subprocess.run([sys.executable, str(HERE / name), *words], check=False).returncode  # noqa: S603
        for name in SCRIPTS
    ]
    return next((status for status in statuses if status), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
