"""Marks for a class, from the notebooks that its students hand in.

The answers that ``check`` kept are read as data and judged again from the seed that the roster gives to
each student. No code of a student runs unless it is asked for (``running``).

Not here: exercises and keys (the folder above), the command (``breach_sim.apps.cli.lessons``).
"""
