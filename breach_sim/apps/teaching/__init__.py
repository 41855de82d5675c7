"""Exercises that check themselves: data from a student's own seed, and a word on every usual mistake.

``data("2.3", seed=SEED)`` gives the numbers of an exercise, ``check("2.3", answer, seed=SEED)`` prints what
there is to say about an answer and never raises. What is printed is a fixed sentence of the exercise: it
holds neither a number of the student's data nor the key, so that a cell prints the same for every seed, and
solved and unsolved notebooks both stand up to a strict comparison of outputs.

``choices("2.3", seed=SEED)`` lists answers by letter, and ``check`` takes the letter: no Python is needed.
With ``keep=True`` it stores the answer in the output of the cell; ``marks`` reads it from there.

Not here: the lessons themselves (``notebooks/lessons``).
"""

from breach_sim.apps.teaching.checking import EXERCISES, check, choices, data, judge, key
from breach_sim.apps.teaching.exercise import Exercise, Idea, Verdict
from breach_sim.apps.teaching.toy import toy_graph

__all__ = [
    "EXERCISES",
    "Exercise",
    "Idea",
    "Verdict",
    "check",
    "choices",
    "data",
    "judge",
    "key",
    "toy_graph",
]
