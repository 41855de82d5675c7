"""Scale, ends and exact zero of a PERT in a scenario file: read, refused with its place, written back."""

from __future__ import annotations

from pathlib import Path

import pytest

from breach_sim.catalog import CatalogError, load_attacks, load_scenario
from breach_sim.interop.scenario_file import to_toml

FILE = """
name = "mine"
label = "mine"
[source.letter]
title = "a letter"
grade = "B"
verified = "seen"
[estimates.share]
kind = "pert"
low = LOW
mode = 0.2
high = 0.4
unit = "share"
status = "assumed"
sources = ["letter"]
note = "why"
MORE
[segments.all]
label = "all"
accounts = 1000
[[segments.all.leaks]]
fields = ["ssn"]
coverage = "share"
"""


def read(folder: Path, more: str = "", low: str = "0.1") -> Path:
    """Write a scenario file, and return its path."""
    path = folder / "mine.toml"
    path.write_text(FILE.replace("LOW", low).replace("MORE", more), encoding="utf-8")
    return path


def test_all_three_are_read_and_written_back(tmp_path: Path) -> None:
    """Scale, hard and p_zero survive a round through a file, `hard = false` too."""
    for more in ('scale = "log"\nhard = true\np_zero = 0.25', 'scale = "linear"\nhard = false', ""):
        scenario = load_scenario(read(tmp_path, more))
        own = scenario.segments[0].leaks[0].coverage
        said = (own.scale, own.hard, own.p_zero)
        assert (
            said
            == {
                'scale = "log"\nhard = true\np_zero = 0.25': ("log", True, 0.25),
                'scale = "linear"\nhard = false': ("linear", False, 0.0),
                "": (None, None, 0.0),
            }[more]
        )
        text = to_toml(scenario)
        assert ("p_zero" in text) == ("p_zero" in more)
        again = tmp_path / "again.toml"
        again.write_text(text, encoding="utf-8")
        assert load_scenario(again).segments == scenario.segments


@pytest.mark.parametrize(
    ("more", "low", "message"),
    [
        (
            "",
            "0.02",
            r'0\.02 to 0\.4 is a decade or more and no scale is said; .*scale = "log" .*"linear"',
        ),
        ("", "0", r"0 to 0\.4 is a decade or more and no scale is said"),
        ('scale = "log"', "0", r"low is 0 on the logarithm, which has no 0; give a low above 0, and p_zero"),
        ('scale = "ln"', "0.1", r"unknown scale 'ln' in estimates\.share.* Known: linear, log"),
        ("scale = 10", "0.1", r"scale is 10; it must be text in quotes"),
        ('hard = "yes"', "0.1", r"hard is 'yes'; it must be true or false"),
        ("hard = 1", "0.1", r"hard is 1; it must be true or false"),
        ("p_zero = 1", "0.1", r"p_zero is 1; it is the probability of exactly 0 and must lie in \[0, 1\)"),
        ('p_zero = "half"', "0.1", r"p_zero is 'half'; it must be a number"),
    ],
)
def test_what_is_wrong_is_refused_with_file_and_place(
    tmp_path: Path, more: str, low: str, message: str
) -> None:
    """A wrong scale, hard or p_zero is refused with the file, the key, the value and the remedy."""
    with pytest.raises(CatalogError, match=message) as caught:
        load_scenario(read(tmp_path, more, low))
    assert "mine.toml, estimates.share" in str(caught.value)


def test_every_wide_number_of_the_catalog_says_its_scale() -> None:
    """No PERT of the attacks spans a decade or more on a scale that a reader must guess."""
    wide = [e for e in load_attacks().estimates() if e.kind == "pert" and e.high >= 10 * e.low]
    assert len(wide) > 50
    assert {"log"} == {e.scale for e in wide}
