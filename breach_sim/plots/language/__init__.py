"""The graphic language of all figures: ``style``, ``header``, ``captions``, and ``placing`` of labels.

Not here: colors (``plots.colors``), tick labels (``plots.ticks``), and the figures themselves.
"""
