"""Figures that explain a result: which field, which number, which change, which of several breaches."""
