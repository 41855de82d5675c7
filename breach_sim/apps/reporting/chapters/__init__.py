"""Chapters of the report: each takes an impact and returns a piece of the page.

``results`` holds the answer, the funnel, the ledgers and the uncertainty; ``decisions`` holds what it costs
the firm, what can still be done and what should have been done; ``checks`` holds other scores, predictions
against outcomes, assumptions, inputs and the command.
"""

from breach_sim.apps.reporting.chapters.checks import (
    COMPARED,
    INPUTS,
    assumptions,
    backtest,
    command,
    inputs,
    yardsticks,
)
from breach_sim.apps.reporting.chapters.decisions import (
    NOTHING_AVERTED,
    STANDARD,
    firm,
    mitigations,
    should_have,
    still,
)
from breach_sim.apps.reporting.chapters.results import CONTENTS, answer, funnel, ledgers, uncertainty

__all__ = [
    "COMPARED",
    "CONTENTS",
    "INPUTS",
    "NOTHING_AVERTED",
    "STANDARD",
    "answer",
    "assumptions",
    "backtest",
    "command",
    "firm",
    "funnel",
    "inputs",
    "ledgers",
    "mitigations",
    "should_have",
    "still",
    "uncertainty",
    "yardsticks",
]
