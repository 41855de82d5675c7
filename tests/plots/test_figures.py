"""The picture in the README is the one that the package draws; words of figures; the map of states."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display
from IPython.utils.capture import capture_output
from matplotlib import colors
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from support.figure_laws import broken_laws

from breach_sim import api, plots
from breach_sim.population.values.geography import STATE_OF_AREA_CODE

ROOT = Path(__file__).resolve().parents[2]


def test_the_picture_of_the_readme_is_current() -> None:
    """The committed matrix of recipes has the same words as the one drawn now, in its description."""
    ax = plots.recipes(api.simulate("tmobile-2021-stated", seed=1))
    figure = plots.figure_of(ax)
    words = str(figure.get_label())
    plt.close(figure)
    assert "name + birth date + SSN (30 million)" in words
    assert words.encode("latin-1") in (ROOT / "docs" / "figures" / "recipes.png").read_bytes()


def test_a_notebook_stores_the_words_of_a_figure() -> None:
    """A figure comes out as its picture, with the words as metadata, and then once as a caption below it."""
    shell: Any = InteractiveShell.instance()
    show: Any = display
    shell.display_formatter.formatters["image/png"].for_type(Figure, lambda _: b"the picture")
    ax = plots.leak_matrix(api.load_scenario("tmobile-2021-stated"))
    figure = plots.figure_of(ax)
    words = str(figure.get_label())
    with capture_output() as shown:
        for _ in range(2):
            show(figure)
    plt.close(figure)
    InteractiveShell.clear_instance()
    picture, below = shown.outputs[:2]
    assert picture.data["image/png"] == b"the picture"
    assert picture.metadata == {"image/png": {"alt": words}}
    assert below.data["text/plain"] == words
    assert f">{html.escape(words)}</p>" in below.data["text/html"]
    assert "T-Mobile US 2021" in words
    assert [output.data for output in shown.outputs[2:]] == [picture.data, below.data]


def test_the_last_line_of_a_cell_shows_a_figure_once() -> None:
    """Axes at the end of a cell show their figure once: now if it is closed, else with the cell."""
    shell: Any = InteractiveShell.instance()
    show: Any = display
    shell.display_formatter.formatters["image/png"].for_type(Figure, lambda _: b"the picture")
    ax = plots.leak_matrix(api.load_scenario("tmobile-2021-stated"))
    with capture_output() as still_open:
        show(ax)
    plt.close(plots.figure_of(ax))
    with capture_output() as closed:
        show(ax)
    InteractiveShell.clear_instance()
    assert [sorted(output.data) for output in still_open.outputs] == [["text/html", "text/plain"]]
    assert ["image/png" in output.data for output in closed.outputs] == [True, False]


def subscribers(**counts: int) -> pd.DataFrame:
    """Return so many rows of each state."""
    return pd.DataFrame({"state": [state for state, count in counts.items() for _ in range(count)]})


def test_the_map_has_a_tile_for_every_state() -> None:
    """Every state that an area code serves has one tile of one size, and no two tiles touch."""
    ax = plots.states(subscribers(CA=3, TX=1))
    tiles = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    labels = {text.get_text() for text in ax.texts if text.get_text().isalpha()}
    assert labels == set(STATE_OF_AREA_CODE.values())
    places = [(tile.get_x(), tile.get_y()) for tile in tiles]
    assert len(set(places)) == len(labels) == 51
    assert {(round(tile.get_width(), 9), round(tile.get_height(), 9)) for tile in tiles} == {(0.96, 0.96)}
    assert min(abs(a - c) + abs(b - d) for a, b in places for c, d in places if (a, b) != (c, d)) >= 1 - 1e-9
    plt.close("all")


def test_the_map_says_what_its_table_says() -> None:
    """Each tile has its share of the rows that have a state, the more the darker; the rest are 0.0."""
    rows = pd.concat([subscribers(CA=6, TX=3, WY=1), pd.DataFrame({"state": [None, None]})])
    ax = plots.states(rows)
    words = [text.get_text() for text in ax.texts]
    shares = {code: float(words[words.index(code) + 1]) for code in words if code.isalpha()}
    table = rows["state"].value_counts(normalize=True) * 100
    assert {code: share for code, share in shares.items() if share} == pytest.approx(table.to_dict())
    light = {
        code: float(colors.rgb_to_hsv(colors.to_rgb(patch.get_facecolor()))[1])
        for code, patch in zip(shares, ax.patches, strict=True)
    }
    assert light["CA"] > light["TX"] > light["WY"] > light["AK"]
    figure = plots.figure_of(ax)
    assert "10 synthetic subscribers" in str(figure.get_label())
    assert "CA 60.0 %, TX 30.0 %, WY 10.0 %" in str(figure.get_label())
    plt.close("all")


def test_the_map_of_nobody_says_so() -> None:
    """Rows without any state give a figure in words, on given axes too."""
    _, ax = plt.subplots()
    assert plots.states(pd.DataFrame({"state": [None]}), ax=ax) is ax
    assert any("no row has a state" in text.get_text() for text in ax.texts)
    plt.close("all")


@pytest.mark.parametrize(
    ("rows", "part"),
    [
        (pd.DataFrame({"ssn": ["1"]}), "the columns are ssn; the map needs 'state'"),
        (pd.DataFrame({"state": ["CA", "Bayern"]}), "'Bayern' is no US state"),
    ],
)
def test_the_map_refuses_what_it_cannot_place(rows: pd.DataFrame, part: str) -> None:
    """A table without states, or with other regions than the 50 states and DC, is refused by name."""
    with pytest.raises(ValueError, match=part):
        plots.states(rows)


def test_places_are_those_of_the_league() -> None:
    """Dots, bars and rings stand at the places, rank intervals and places by accounts of the table."""
    league = api.league(["equifax-2017", "talktalk-2015-confirmed", "optus-2022"], replicates=32, readings=[])
    ax = plots.places(league, most=2)
    frame = league.table().head(2)
    lines: list[Any] = list(ax.lines)
    bars = [line for line in lines if len(line.get_xdata()) == 2]
    assert [list(bar.get_xdata()) for bar in bars] == frame[["rank_p5", "rank_p95"]].to_numpy().tolist()
    points = [float(line.get_xdata()[0]) for line in lines if len(line.get_xdata()) == 1]
    assert points[::2] == frame["place_by_accounts"].tolist()
    assert points[1::2] == frame["place"].tolist()
    assert "comes first" in plots.title_of(ax)
    words = str(plots.figure_of(ax).get_label())
    assert "Places of 2 breaches" in words
    assert "The first 2 of 3 breaches" in words
    assert broken_laws(ax) == {}
    plt.close("all")
