"""Predictions held against published outcomes, and the scoreboard.

``law_of_scale`` (payments by number of people), ``predictions`` (each outcome and what speaks about it),
``scoreboard`` (the result as numbers, text and a page).
"""

from breach_sim.analysis.backtesting.law_of_scale import (
    ScaleLaw,
    binomial_p,
    fit,
    kinds_differ,
)
from breach_sim.analysis.backtesting.predictions import backtest
from breach_sim.analysis.backtesting.scoreboard import OpenPrediction, Scoreboard, ScoreRow

__all__ = [
    "OpenPrediction",
    "ScaleLaw",
    "ScoreRow",
    "Scoreboard",
    "backtest",
    "binomial_p",
    "fit",
    "kinds_differ",
]
