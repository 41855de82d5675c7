"""Chapters of the report: each takes an impact and returns a piece of the page.

``results`` holds the answer, the funnel, the ledgers, the uncertainty and the mitigations; ``checks`` holds
other scores, predictions against outcomes, assumptions, inputs and the command.
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
from breach_sim.apps.reporting.chapters.results import (
    CONTENTS,
    NOTHING_AVERTED,
    STANDARD,
    answer,
    funnel,
    ledgers,
    mitigations,
    uncertainty,
)

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
    "funnel",
    "inputs",
    "ledgers",
    "mitigations",
    "uncertainty",
    "yardsticks",
]
