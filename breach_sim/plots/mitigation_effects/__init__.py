"""Figures of mitigations: benefit and cost, what several do twice, and loss by month."""
