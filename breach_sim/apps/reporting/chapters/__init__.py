"""Chapters of the report: each takes an impact and returns a piece of the page.

``front`` holds the first page; ``results`` the funnel, the ledgers, the uncertainty and what leaked;
``decisions`` what it costs the firm, what can still be done and what should have been done; ``checks`` other
scores and predictions against outcomes; ``appendix`` all numbers, the sources, and how to run it again.
"""

from breach_sim.apps.reporting.chapters.again import (
    appetite_of,
    asked_beside,
    command,
    plain_program,
    program_of,
)
from breach_sim.apps.reporting.chapters.appendix import INPUTS, inputs, numbers, sources
from breach_sim.apps.reporting.chapters.checks import COMPARED, backtest, yardsticks
from breach_sim.apps.reporting.chapters.decisions import (
    NOTHING_AVERTED,
    STANDARD,
    firm,
    mitigations,
    should_have,
    still,
)
from breach_sim.apps.reporting.chapters.front import CONTENTS, answer, why_line
from breach_sim.apps.reporting.chapters.results import funnel, leaked, ledgers, uncertainty

__all__ = [
    "COMPARED",
    "CONTENTS",
    "INPUTS",
    "NOTHING_AVERTED",
    "STANDARD",
    "answer",
    "appetite_of",
    "asked_beside",
    "backtest",
    "command",
    "firm",
    "funnel",
    "inputs",
    "leaked",
    "ledgers",
    "mitigations",
    "numbers",
    "plain_program",
    "program_of",
    "should_have",
    "sources",
    "still",
    "uncertainty",
    "why_line",
    "yardsticks",
]
