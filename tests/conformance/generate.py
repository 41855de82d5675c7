"""Write enisa.json: every combination of inputs of the ENISA score of 2013, with score and band.

Derived from the text of the methodology as transcribed, in fractions, and by nothing of the package; so that
an engine compared with the file is compared with another derivation. Each table below is one table of the
text. Run: python tests/conformance/generate.py [FILE]
"""

from __future__ import annotations

import itertools
import json
import sys
from fractions import Fraction
from pathlib import Path

ENISA = Path(__file__).parent / "enisa.json"
CONTEXT = [Fraction(n) for n in (1, 2, 3, 4)]
EASE = [Fraction(25, 100), Fraction(50, 100), Fraction(75, 100), Fraction(1)]
ELEMENT = [Fraction(0), Fraction(25, 100), Fraction(50, 100)]
INTENT = {False: Fraction(0), True: Fraction(50, 100)}


def band(score: Fraction) -> str:
    """Return the band of a score, as the text has it: two inequalities for each band between."""
    if score < Fraction(2):
        return "Low"
    if Fraction(2) <= score < Fraction(3):
        return "Medium"
    if Fraction(3) <= score < Fraction(4):
        return "High"
    return "Very high"


def cases() -> list[dict[str, object]]:
    """Return all 864 combinations, in order."""
    found: list[dict[str, object]] = []
    for context, ease, held, whole, there in itertools.product(CONTEXT, EASE, ELEMENT, ELEMENT, ELEMENT):
        for meant, points in INTENT.items():
            score = context * ease + (held + whole + there + points)
            found.append(
                {
                    "dpc": int(context),
                    "ei": float(ease),
                    "confidentiality": float(held),
                    "integrity": float(whole),
                    "availability": float(there),
                    "malicious": meant,
                    "se": float(score),
                    "band": band(score),
                }
            )
    return found


def text() -> str:
    """Return the document: one case a line."""
    return "[\n" + ",\n".join(json.dumps(case) for case in cases()) + "\n]\n"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ENISA
    target.write_text(text(), encoding="utf-8", newline="\n")
