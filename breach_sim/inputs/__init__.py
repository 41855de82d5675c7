"""What goes into a run, frozen and checked: fields, estimates, attacks, scenario, mitigations, firm.

Not here: files (``catalog``) and draws (``engine``).
"""
