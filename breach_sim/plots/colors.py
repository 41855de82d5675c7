"""Colors of every figure: one for each thing, from the palette of Okabe and Ito, and grays.

A thing has one color in every figure, page and panel. Where a mark and its label differ, the label's color is
darker, so that text has a contrast of at least 4.5 to 1 on white. Colors are plain text, so that pages and
panels can use them without importing matplotlib.
"""

from __future__ import annotations

INK = "#222222"
"""Text."""
DIM = "#595959"
"""Text of second rank: subtitles, footers, what is attackable."""
GREY = "#999999"
"""Lines and marks of second rank; too pale for text."""
DARK_GREY = "#8c8c8c"
"""Gray of small dots on a page, where ``GREY`` is too pale."""
PALE = "#e6e6e6"
"""Surfaces and guides."""
BLUE = "#0072B2"
ORANGE = "#D55E00"
GREEN = "#009E73"
SKY = "#56B4E9"
RED = "#B00020"
"""An outcome outside its predicted interval."""

# The same hues for text on white: contrast 4.5 to 1 or more.
BLUE_TEXT = "#005A8F"
ORANGE_TEXT = "#B34700"
GREEN_TEXT = "#007A5A"

# One color for each thing.
VICTIMS = ORANGE_TEXT
VICTIMS_PALE = "#F0C8A8"
"""Interval of victims, behind the dot of the median."""
ATTEMPTS = BLUE_TEXT
ATTACKABLE = DIM
LOSS = BLUE
"""Money that victims lose."""
LOSS_PALE = "#BFDDF0"
FIRM = "#5B3A8C"
"""The firm: its costs and its decisions."""
FIRM_PALE = "#D6CBE8"
MITIGATION = GREEN_TEXT
"""What a mitigation saves."""
MITIGATION_PALE = "#B5DFD2"
CLAIMED, STATED, CLASS = SKY, ORANGE, GREEN
"""The three readings of one breach: as the seller claimed, as the firm stated, as the settlement class."""
CLAIMED_TEXT, STATED_TEXT, CLASS_TEXT = BLUE_TEXT, ORANGE_TEXT, GREEN_TEXT
"""Their labels."""
