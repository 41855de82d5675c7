"""Predictions held against published outcomes, and the scoreboard."""
