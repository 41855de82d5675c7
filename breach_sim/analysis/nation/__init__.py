"""Fits of uncertain numbers to data: the victims' side, constrained by national totals and studies.

Not here: the data (``catalog/data/calibration``), and files (``tools``).
"""
