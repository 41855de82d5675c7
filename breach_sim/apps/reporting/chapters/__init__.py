"""Chapters of the report: each takes an impact and returns a piece of the page.

``results`` holds the answer, the funnel, the ledgers, the uncertainty and what would have helped; ``checks``
holds other scores, predictions against outcomes, assumptions, inputs and the command.
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
    HELPLESS,
    STANDARD,
    answer,
    funnel,
    helped,
    ledgers,
    uncertainty,
)

__all__ = [
    "COMPARED",
    "CONTENTS",
    "HELPLESS",
    "INPUTS",
    "STANDARD",
    "answer",
    "assumptions",
    "backtest",
    "command",
    "funnel",
    "helped",
    "inputs",
    "ledgers",
    "uncertainty",
    "yardsticks",
]
