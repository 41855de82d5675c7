"""Sizes of a workbook, looked at before it is opened: a small file may unpack to more than any memory.

The directory of the zip file states the size of each part. The sheets are then read once as bytes, piece by
piece, for far cells, for the number of cells, and for merged ranges: whatever opens a workbook makes an
object for each of these.

Not here: opening it (``interop.files``, ``sheet.grids``).
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO

MOST_BYTES = 20_000_000
"""Largest workbook read, in bytes."""
MOST_UNPACKED = 100_000_000
"""Largest sum of its unpacked parts, in bytes."""
MOST_CELLS = 1_000_000
"""Most cells of a sheet, those between filled ones and those of merged ranges included."""
MOST_ROWS = 200_000
"""Last row that is read."""
MOST_COLUMNS = 2_000
"""Last column that is read."""
_TAGS = 6
"""Signs of a tag that a cell takes at most: its own, those of its value, and those of its formula."""
_PIECE = 1_000_000
_LONGEST_TAG = 1_000
_INSTEAD = "delete what is empty, split it, or save the sheet as CSV"
_CELL = re.compile(rb"""<(?:\w+:)?c[\s/>]""")
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)([0-9]*)(&?)""")
_MERGED = re.compile(rb"""mergeCell\s[^>]*ref\s*=\s*["']([A-Za-z]*)([0-9]*):([A-Za-z]*)([0-9]*)["']""")


def check_workbook(raw: bytes, place: str) -> None:
    """Refuse a workbook that is small when packed and large when opened.

    Parameters
    ----------
    raw
        Bytes of an xlsx file.
    place
        Its name, for messages.

    Raises
    ------
    ValueError
        If the file has more than 20 MB or its parts more than 100 MB, or a sheet has more than a million
        cells or one below row 200,000 or right of column 2,000. What is no zip file is left to the library
        that opens workbooks.
    """
    if len(raw) > MOST_BYTES:
        raise ValueError(f"{place} has more than {MOST_BYTES:,} bytes; split it, or save it as CSV")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            size = sum(part.file_size for part in book.infolist())
            if size > MOST_UNPACKED:
                raise ValueError(
                    f"{place} unpacks to {size:,} bytes; at most {MOST_UNPACKED:,} are read: {_INSTEAD}"
                )
            for name in book.namelist():
                if name.endswith(".xml") and "sheet" in name:
                    with book.open(name) as stream:
                        _Sheet(place).look(stream)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, struct.error):
        return
    except (OSError, KeyError):
        return


@dataclass
class _Sheet:
    """What was counted of a sheet so far."""

    place: str
    cells: int = 0
    tags: int = 0
    width: int = 0
    row: bytes = b""

    def look(self, stream: IO[bytes]) -> None:
        """Count piece by piece, each up to the end of a tag."""
        rest = b""
        while piece := stream.read(_PIECE):
            text = rest + piece
            if b"\x00" in text:
                raise ValueError(f"{self.place} has a sheet that is not UTF-8; save it as xlsx or CSV again")
            end = max(text.rfind(b">") + 1, len(text) - _LONGEST_TAG)
            text, rest = text[:end], text[end:]
            self._count(text)

    def _count(self, text: bytes) -> None:
        self.tags += text.count(b"<")
        self.cells += len(_CELL.findall(text))
        for letters, digits, sign in _PLACE.findall(text):
            self._far(letters, digits + sign)
            if digits != self.row:  # the cells of a row reach from its first column to its last
                self.row, self.width, self.cells = digits, 0, self.cells + self.width
            if len(letters) > 1:
                self.width = max(self.width, _column(letters))
        for left, top, right, bottom in _MERGED.findall(text):
            self._far(left, top)
            self._far(right, bottom)
            wide, high = _column(right) - _column(left) + 1, int(bottom or 0) - int(top or 0) + 1
            self.cells += max(wide, 1) * max(high, 1)
        if self.cells + self.width > MOST_CELLS or self.tags > _TAGS * MOST_CELLS:
            raise ValueError(f"{self.place} has a sheet of more than {MOST_CELLS:,} cells; {_INSTEAD}")

    def _far(self, letters: bytes, digits: bytes) -> None:
        short = digits.lstrip(b"0")
        far = len(short) > len(str(MOST_ROWS)) or not (short or b"0").isdigit()
        if far or int(short or 0) > MOST_ROWS or len(letters) > 3 or _column(letters) > MOST_COLUMNS:  # noqa: PLR2004 - XFD
            where = (letters + digits).decode("ascii", "replace")[:20]
            raise ValueError(
                f"{self.place} has a cell far away, at {where}; at most {MOST_ROWS:,} rows and "
                f"{MOST_COLUMNS:,} columns are read: {_INSTEAD}"
            )


def _column(letters: bytes) -> int:
    """Number of a column by its letters, from 1."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number
