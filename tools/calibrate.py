"""Fit both sides again: what a breach costs its firm, and the victims' side.

    python tools/calibrate.py            fit and write both files of posterior rows and docs/calibration.md
    python tools/calibrate.py --check    fit with other seeds and compare with the rows that ship

Each fit is a script of its own and may be run alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPTS = ("calibrate_firm.py", "calibrate_victims.py")
HERE = Path(__file__).resolve().parent


def main(words: list[str]) -> int:
    """Run both scripts with the same words; the first failure decides the exit status."""
    # The fit of the firm runs in two processes on small matrices: more threads only wait for each other.
    alone = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1") | os.environ
    statuses = [
        subprocess.run(  # noqa: S603
            [sys.executable, str(HERE / name), *words], check=False, env=alone
        ).returncode
        for name in SCRIPTS
    ]
    return next((status for status in statuses if status), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
