"""Uncertain numbers: estimates with unit, status and sources, and their distributions."""
