"""The command that lists the countries with numbers of their own."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from breach_sim.apps.cli.main import app
from breach_sim.catalog import label_of_attack, label_of_field, label_of_parameter, load_countries


def test_the_command_line_lists_countries() -> None:
    """``countries`` names each country, its numbers and what is left out, in words; --json has the names."""
    shown = " ".join(CliRunner().invoke(app, ["countries"]).stdout.split())
    listed = json.loads(CliRunner().invoke(app, ["countries", "--json"]).stdout)
    assert list(listed) == list(load_countries())
    for code, country in load_countries().items():
        assert country.name in shown
        assert listed[code]["own"] == list(country.replaced)
        assert listed[code]["absent"] == dict(country.absent)
        labels = [*map(label_of_parameter, country.replaced), *map(label_of_attack, country.absent)]
        labels += map(label_of_field, country.identifiers)
        assert [] == [label for label in labels if label not in shown]
