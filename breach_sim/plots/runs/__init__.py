"""Figures of one run: ``funnel`` by attack."""
