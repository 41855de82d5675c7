"""Predictions held against published outcomes, and the scoreboard.

``leave_one_out`` and ``baselines`` (who predicts), ``scoring`` (one prediction and its outcome),
``predictions`` (each outcome and what speaks about it), ``scoreboard`` and ``markdown`` (the result).
"""

from breach_sim.analysis.backtesting.markdown import page
from breach_sim.analysis.backtesting.predictions import backtest
from breach_sim.analysis.backtesting.scoreboard import OpenPrediction, Scoreboard, ScoreRow

__all__ = ["OpenPrediction", "ScoreRow", "Scoreboard", "backtest", "page"]
