"""What would have helped: mitigations compared, bundled and delayed, on shared draws.

Not here: the changes themselves (``inputs.changes``).
"""
