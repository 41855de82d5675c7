"""Uncertain numbers: estimates with unit, status and sources, their distributions, and what reduces them."""
