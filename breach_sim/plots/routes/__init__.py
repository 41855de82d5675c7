"""Figures of the ways from fields to attacks: ``leaks``, ``recipes``, ``chain``, and the whole ``graph``."""
