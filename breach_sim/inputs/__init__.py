"""Inputs of a run, frozen and validated: fields, estimates, attacks, scenario, mitigations, firm.

Not here: files (``catalog``) and draws (``engine``).
"""
