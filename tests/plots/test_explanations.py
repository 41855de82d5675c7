"""Laws of the figures that explain a result: their titles say what their tables say, and can be read."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.axes import Axes
from support.figure_laws import broken_laws

from breach_sim import plots


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Treat every warning as an error, and close what a test has drawn."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    plt.close("all")


def texts(ax: Axes) -> list[str]:
    """Return the texts inside the axes."""
    return [text.get_text() for text in ax.texts]


def alternative(ax: Axes) -> str:
    """Return the alternative text of a figure."""
    return str(plots.figure_of(ax).get_label())


# Several breaches ----------------------------------------------------------------------------------------


def split(*means: float, together: float) -> pd.DataFrame:
    """Return a split of a harm between breaches of the catalog, as ``split_by_breach`` gives it."""
    names = ["equifax-2017", "experian-2015", "opm-2015"][: len(means)]
    rows = dict(zip([*names, "total", "only together"], [*means, sum(means), together], strict=True))
    frame = pd.DataFrame({"mean": pd.Series(rows)})
    for name, factor in (("p5", 0.2), ("p50", 0.8), ("p95", 2.5)):
        frame[name] = frame["mean"] * factor
    frame["share"] = frame["mean"] / (sum(means) or 1)
    return frame


def test_what_a_breach_adds_is_what_the_table_says() -> None:
    """Title, bars and numbers are those of the table; the part that needs both is hatched and hollow."""
    table = split(3e9, 0.9e9, together=6e7)
    ax = plots.together(table)
    assert plots.title_of(ax).startswith(
        "77 % of the loss comes from Equifax 2017; 1.5 % needs both breaches\nExpected loss: 3.9 billion USD"
    )
    bars = [bar.get_width() for bar in ax.patches]
    assert bars == [3e9, 0.9e9, 6e7]
    assert [bool(bar.get_hatch()) for bar in ax.patches] == [False, False, True]
    assert {"3B", "900M", "60M", "77 %", "23 %", "1.5 %", "600M to 7.5B"} <= set(texts(ax))
    assert alternative(ax).startswith("77 % of the loss comes from Equifax 2017")
    assert broken_laws(ax) == {}


@pytest.mark.parametrize(
    ("together", "words"), [(0.0, "almost nothing needs two or more breaches"), (2e8, "20 % needs two or")]
)
def test_three_breaches_need_two_or_more(together: float, words: str) -> None:
    """Of three breaches the last row is what two or more enable; a part near 0 is called almost nothing."""
    ax = plots.together(split(5e8, 3e8, 2e8, together=together))
    assert words in plots.title_of(ax)
    assert broken_laws(ax) == {}


def test_people_are_not_dollars() -> None:
    """A split of people says people in title and axis, and has another color than one of money."""
    table = split(5e5, 2e5, together=1e4)
    money = plots.together(table)
    table.attrs["of"] = "people"
    people = plots.together(table)
    assert "of the people harmed" in plots.title_of(people)
    assert "USD" not in plots.title_of(people) + people.get_xlabel()
    assert people.patches[0].get_facecolor() != money.patches[0].get_facecolor()


def test_no_harm_and_other_tables_are_said() -> None:
    """Breaches without harm give words; a table without the two last rows is refused by its rows."""
    ax = plots.together(split(0.0, 0.0, together=0.0))
    assert "nothing is lost" in texts(ax)
    with pytest.raises(ValueError, match=re.escape("split_by_breach(impact)")):
        plots.together(pd.DataFrame({"share": [1.0]}, index=["a"]))
