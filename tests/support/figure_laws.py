"""What every figure must obey, as functions that return what breaks a law.

`shown` draws a figure's canvas and gives the texts that were really drawn: ticks outside the limits and axes
switched off are no text a reader sees.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.text import Text

from breach_sim import plots

SLACK = 2.0
"""Pixels a letter may stand over the edge."""
WIDE = 800
"""Pixels to which a picture may be scaled before its text is too small to read."""
LEAST_POINTS, LEAST_CONTRAST = 8.0, 4.5
Box = tuple[float, float, float, float]


def shown(ax: Axes) -> list[Text]:
    """Return the texts that are drawn."""
    drawn: list[Text] = []
    draw = Text.draw

    def spy(self: Text, *args: Any, **words: Any) -> None:
        drawn.append(self)
        draw(self, *args, **words)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", spy)
        plots.figure_of(ax).canvas.draw()
    return [text for text in dict.fromkeys(drawn) if text.get_visible() and text.get_text().strip()]


def box_of(artist: Any) -> Box:
    """Return left, lower, right and upper edge in pixels; of an annotation, those of its words."""
    extents = Text.get_window_extent(artist) if isinstance(artist, Text) else artist.get_window_extent()
    return tuple(map(float, extents.extents))  # type: ignore[return-value]


def outside(ax: Axes, texts: Sequence[Text]) -> list[str]:
    """Return the texts that leave the canvas."""
    wide, high = plots.figure_of(ax).canvas.get_width_height()
    return [
        text.get_text()
        for text in texts
        if min(box_of(text)[:2]) < -SLACK or box_of(text)[2] > wide + SLACK or box_of(text)[3] > high + SLACK
    ]


def too_wide(ax: Axes, texts: Sequence[Text]) -> list[str]:
    """Return the texts in the middle of a box that are wider or higher than it."""
    boxes = [box_of(patch) for patch in ax.findobj(Patch) if patch is not ax.patch and patch.get_visible()]
    broken = []
    for text in texts:
        left, low, right, high = box_of(text)
        middle = ((left + right) / 2, (low + high) / 2)
        around = [b for b in boxes if all(abs((b[k] + b[k + 2]) / 2 - middle[k]) < SLACK for k in (0, 1))]
        broken += [
            text.get_text()
            for b in around
            if left < b[0] - 1 or right > b[2] + 1 or low < b[1] - 1 or high > b[3] + 1
        ]
    return broken


def too_small(ax: Axes, texts: Sequence[Text]) -> list[str]:
    """Return the texts below eight points once the picture is as wide as a page shows it."""
    scale = min(1.0, WIDE / (100 * plots.figure_of(ax).get_figwidth()))
    return [text.get_text() for text in texts if float(text.get_fontsize()) * scale < LEAST_POINTS - 0.01]


def overlapping(_ax: Axes, texts: Sequence[Text]) -> list[tuple[str, str]]:
    """Return pairs of level texts that cover each other."""
    level = [(text.get_text(), box_of(text)) for text in texts if not text.get_rotation()]
    return [
        (one, other)
        for n, (one, a) in enumerate(level)
        for other, b in level[n + 1 :]
        if min(a[2], b[2]) - max(a[0], b[0]) > SLACK and min(a[3], b[3]) - max(a[1], b[1]) > SLACK
    ]


def luminance(color: Sequence[float]) -> float:
    """Return the relative luminance of a color, as WCAG defines it."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the contrast of two colors, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def pale(ax: Axes, texts: Sequence[Text]) -> list[tuple[str, float]]:
    """Return the texts with too little contrast to the most frequent color behind them."""
    from matplotlib.colors import to_rgb

    figure: Any = plots.figure_of(ax)
    boxes = [box_of(text) for text in texts]
    for text in texts:
        text.set_alpha(0.0)
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3]
    for text in texts:
        text.set_alpha(None)
    broken = []
    for text, (left, low, right, high) in zip(texts, boxes, strict=True):
        rows = slice(max(int(pixels.shape[0] - high), 0), max(int(pixels.shape[0] - low), 1))
        part = pixels[rows, max(int(left), 0) : max(int(right), 1)].reshape(-1, 3)
        colors, counts = np.unique(part, axis=0, return_counts=True)
        behind = colors[counts.argmax()] / 255
        ratio = contrast(to_rgb(text.get_color()), behind)
        if ratio < LEAST_CONTRAST:
            broken.append((text.get_text(), round(ratio, 2)))
    return broken


def code_names(ax: Axes, texts: Sequence[Text]) -> list[str]:
    """Return texts, and the alternative text, that show a name of a file or table instead of words."""
    every = [text.get_text() for text in texts] + [str(plots.figure_of(ax).get_label())]
    allowed = [words.replace("breach_sim", "") for words in every]
    return [words for words in allowed if "_" in words or re.search(r"\b[a-z]+-[a-z]+-[a-z\d-]+\b", words)]


def broken_laws(ax: Axes) -> dict[str, Any]:
    """Return every law of text that a figure breaks, by name of the check."""
    checks = (outside, too_wide, too_small, overlapping, pale, code_names)
    texts = shown(ax)
    return {check.__name__: found for check in checks if (found := check(ax, texts))}
