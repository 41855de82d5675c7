"""Draw the picture of docs/architecture.md: ``python tools/draw_rooms.py``.

The floors come from the import contract of pyproject.toml, the subjects from the table of the page. A test
compares the stored picture with what this script would draw, so neither can go out of date.

Not here: which room may import which (pyproject.toml) and what a room holds (the table).
"""

import re
import textwrap
import tomllib
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
TARGET = ROOT / "docs" / "figures" / "rooms.svg"
WIDTH, LEFT, TOP = 900, 20, 20
"""Width of the picture, and its left and upper margin [px]."""
FLOOR, GAP, RAIL = 72, 20, 50
"""Height of a floor, space between two, and width of the arrow beside them [px]."""
INK = "#1a1a1a"
LETTER = 7.6
"""Width of a letter of a subject, on the wide side, for line breaks [px]."""


def main() -> None:
    """Write the picture."""
    TARGET.write_text(picture(), encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)}: {len(floors())} floors")


def floors() -> list[list[str]]:
    """Rooms by floor, the upper floor first, as the import contract has them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (rooms,) = (each for each in contracts if each.get("containers") == ["breach_sim"])
    layers: list[str] = rooms["layers"]
    return [[name.strip() for name in layer.split("|")] for layer in layers if not layer.startswith("(")]


def subjects() -> dict[str, str]:
    """Subject of each room, from the first table of the page."""
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {room: subject.strip().replace("`", "") for room, subject in rows}


def picture() -> str:
    """Return the picture as SVG."""
    stacked, subject = floors(), subjects()
    height = 2 * TOP + len(stacked) * (FLOOR + GAP) - GAP
    names = "; ".join(" and ".join(rooms) for rooms in stacked)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
        f' height="{height}" font-family="system-ui, sans-serif" fill="{INK}" role="img">',
        f"<title>Rooms of breach_sim by floor, from top to bottom: {names}. Imports go down only.</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for number, rooms in enumerate(stacked):
        parts += floor(rooms, TOP + number * (FLOOR + GAP), subject)
    parts += rail(height)
    return "\n".join([*parts, "</svg>", ""])


def floor(rooms: list[str], y: int, subject: dict[str, str]) -> list[str]:
    """Return the boxes of one floor, side by side."""
    room_width = (WIDTH - 2 * LEFT - RAIL - GAP * (len(rooms) - 1)) // len(rooms)
    parts = []
    for number, room in enumerate(rooms):
        x = LEFT + RAIL + number * (room_width + GAP)
        parts.append(
            f'<rect x="{x}" y="{y}" width="{room_width}" height="{FLOOR}" rx="6" fill="#f6f6f6"'
            f' stroke="{INK}" stroke-width="1.5"/>'
        )
        middle = x + room_width // 2
        lines = textwrap.wrap(subject[room], int((room_width - 20) / LETTER))
        first = y + (32 if len(lines) == 1 else 24)
        parts.append(label(middle, first, room, 20, "700"))
        parts += [label(middle, first + 22 + 18 * at, line, 15, "400") for at, line in enumerate(lines)]
    return parts


def label(x: int, y: int, words: str, size: int, weight: str) -> str:
    """Return a line of text, centered."""
    style = f'font-size="{size}" font-weight="{weight}" text-anchor="middle"'
    return f'<text x="{x}" y="{y}" {style}>{escape(words)}</text>'


def rail(height: int) -> list[str]:
    """Return the arrow beside the floors."""
    x, end = LEFT + 24, height - TOP
    turned = f'transform="translate({LEFT + 12} {height // 2}) rotate(-90)"'
    return [
        f'<path d="M{x} {TOP}V{end - 12}" stroke="{INK}" stroke-width="2" fill="none"/>',
        f'<path d="M{x - 7} {end - 14}h14l-7 14z"/>',
        f'<text {turned} font-size="15" text-anchor="middle">imports go down only</text>',
    ]


if __name__ == "__main__":
    main()
