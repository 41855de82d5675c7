"""Laws of the tables: whole and plain in a pipe, whole and fitting on a terminal of any width."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_sim.apps.terminal.place import Screen
from breach_sim.apps.terminal.tables import Column, bar_of, left_out, table

COLUMNS = (
    Column(head="", cells=("SIM swap", "Call in the bank's name [red]", "all")),
    Column(head="exposed", cells=("54 million", "54 million", "54 million"), room=120),
    Column(head="victims", cells=("2,000 (600 to 4,000)", "0", "2,000 (600 to 4,000)")),
    Column(
        head="loss [USD]",
        cells=(
            "6 million (300,000 to 40 million)",
            "1.2 billion (1 million to 4 billion)",
            "-3 million (-4 million to -2 million)",
        ),
    ),
    Column(head="share", cells=("1 %", "99 %", ""), shares=(0.01, 0.99, math.nan)),
)


def visible(text: str) -> list[str]:
    """Return the lines as a reader sees them: without escape codes."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text).split("\n")


def test_a_pipe_gets_every_column_and_no_bar() -> None:
    """In a pipe names stand flush left, cells flush right, columns two blanks apart, and no bar is drawn."""
    lines = table(COLUMNS, Screen()).split("\n")
    assert len(lines) == 4
    assert re.split("  +", lines[2]) == [column.cells[1] for column in COLUMNS]
    assert "█" not in "".join(lines)
    assert left_out(COLUMNS, Screen()) == []
    assert table(COLUMNS, Screen()) == table(COLUMNS, Screen(wide=True))


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 160])
@pytest.mark.parametrize("wide", [False, True])
def test_a_table_fits_and_keeps_every_number(width: int, wide: bool) -> None:
    """No line is wider than the terminal, and every number of every column that is shown stands in it."""
    place = Screen(width=width, wide=wide)
    lines = visible(table(COLUMNS, place, total=True))
    assert max(map(len, lines)) <= width
    hidden = left_out(COLUMNS, place)
    assert hidden == ([] if wide or width >= 120 else ["exposed"])
    text = re.sub(r"[\s(\u2013]+|\bto\b", "", "".join(lines))
    for column in COLUMNS[2:4]:
        for cell in column.cells:
            for number in re.findall(r"-?[\d.,]+", cell):
                short = f"{float(number.replace(',', '')) / 1e3:g}k" if number.endswith("00") else number
                assert number in text or short in text, (number, text)


def test_room_is_used_before_anything_is_shortened() -> None:
    """With room, each row is one line and units are written out; with less, units get one letter."""
    assert "6 million (300,000 to 40 million)" in visible(table(COLUMNS, Screen(width=160)))[2]
    narrow = visible(table(COLUMNS, Screen(width=100)))
    assert "6M (300" in narrow[2]
    assert len(narrow) == 2 + 3


def test_bars_are_drawn_to_the_largest_share() -> None:
    """The largest share fills the column, a share above 0 is something, and a missing one is nothing."""
    lines = visible(table(COLUMNS, Screen(width=160)))
    assert "██████████ 99 %" in lines[3]
    assert re.search(r"▏ +1 %$", lines[2])
    assert not re.search("[▏█]", lines[4])
    assert "##########" in visible(table(COLUMNS, Screen(width=160, blocks=False)))[3]


@given(st.floats(0, 1), st.integers(1, 40))
def test_a_bar_is_never_longer_than_the_whole(share: float, width: int) -> None:
    """A bar has at most the whole width, grows with the share, and is empty only for nothing."""
    bar = bar_of(share, width)
    assert len(bar) <= width
    assert bool(bar) == (share > 0)
    assert len(bar) <= len(bar_of(min(1.0, share + 0.1), width))
    assert set(bar_of(share, width, blocks=False)) <= {"#"}


def test_a_cell_that_alarms_stands_out() -> None:
    """On a terminal the text that a column names as an alarm is styled; its neighbors are not."""
    column = Column(head="verdict", cells=("hit", "miss"), alarm="miss")
    text = table((Column(head="", cells=("a", "b")), column), Screen(width=80))
    assert visible(text)[-1].split() == ["b", "miss"]
