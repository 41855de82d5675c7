"""Figures of one run: ``funnel`` by attack, ``curves`` of the loss, ``months``; ``icons`` of one person."""
