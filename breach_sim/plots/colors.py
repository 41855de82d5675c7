"""Colors of every figure: the color-blind-safe palette of Okabe and Ito, and grays.

Colors are plain text, so that pages and panels can use them without importing matplotlib.
"""

from __future__ import annotations

INK = "#222222"
GREY = "#999999"
DARK_GREY = "#8c8c8c"
"""Gray of small dots on a page, where ``GREY`` is too pale."""
PALE = "#e6e6e6"
BLUE = "#0072B2"
ORANGE = "#D55E00"
GREEN = "#009E73"
SKY = "#56B4E9"
RED = "#B00020"
"""An outcome outside its predicted interval."""
