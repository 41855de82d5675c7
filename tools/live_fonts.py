"""The list of Matplotlib's own fonts, made before the class: a browser would make it anew in every notebook.

Making it takes seconds, and says so in the first cell that draws. Pyodide's wheel of Matplotlib 3.8.4 brings
a list, but that of a later version, which it refuses. The right one goes into a small wheel that is unpacked
after Matplotlib, to the place where it looks for its list.
"""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from live_files import zipped_bytes

NAME, VERSION = "breach_sim_live", "1.0"
ABOUT = f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\nRequires-Dist: matplotlib\n"
PLACE = "matplotlib/fontlist.json"
"""Where Pyodide's Matplotlib keeps the list."""


def font_wheel(matplotlib: Path) -> tuple[str, bytes]:
    """Name and bytes of a wheel that holds the list of the fonts in a wheel of Matplotlib.

    Raises
    ------
    ValueError
        If the wheel does not say in which version it reads such a list.
    """
    with zipfile.ZipFile(matplotlib) as zipped, tempfile.TemporaryDirectory() as aside:
        code = zipped.read("matplotlib/font_manager.py").decode()
        version = re.search(r"^    __version__ = (\d+)$", code, re.MULTILINE)
        if not version:
            raise ValueError(
                f"{matplotlib.name} has no version of its list of fonts: look at its font_manager"
            )
        fonts = [name for name in zipped.namelist() if name.endswith(".ttf")]
        zipped.extractall(aside, fonts)
        listed = {
            "_version": int(version[1]),
            "_FontManager__default_weight": "normal",
            "default_size": None,
            "defaultFamily": {"ttf": "DejaVu Sans", "afm": "Helvetica"},
            "afmlist": [],  # fonts of PostScript, which no figure here uses
            "ttflist": [entry(aside, name) for name in fonts],
            "__class__": "FontManager",
        }
    info = f"{NAME}-{VERSION}.dist-info"
    files = {
        PLACE: json.dumps(listed, sort_keys=True).encode(),
        f"{info}/METADATA": ABOUT.encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    return f"{NAME}-{VERSION}-py3-none-any.whl", zipped_bytes(files)


def entry(folder: str, name: str) -> dict[str, Any]:
    """What Matplotlib keeps about one font, with its place in Matplotlib's data."""
    from matplotlib.font_manager import get_font, ttfFontProperty

    found = ttfFontProperty(get_font(f"{folder}/{name}"))
    kept = {key: getattr(found, key) for key in ("name", "style", "variant", "weight", "stretch", "size")}
    return kept | {"fname": name.partition("mpl-data/")[2], "__class__": "FontEntry"}
