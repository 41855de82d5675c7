"""Figures of the ways from leaked fields to attacks: ``graph``, matrix of ``recipes``, and ``chain``."""
