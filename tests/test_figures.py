"""The picture in the README is the one that the package draws."""

from __future__ import annotations

from pathlib import Path

from breach_sim import api, plots

ROOT = Path(__file__).resolve().parents[1]


def test_the_picture_of_the_readme_is_current() -> None:
    """The committed attack graph tells the same accounts as the one drawn now, in its description."""
    ax = plots.attack_graph(api.attacks_of("stated"), api.load_scenario("tmobile-2021-stated"))
    figure = ax.get_figure(root=True)
    assert figure is not None
    told = str(figure.get_label())
    plots.plt.close(figure)
    assert "New-account credit fraud 47.8 million" in told
    assert told.encode("latin-1") in (ROOT / "docs" / "figures" / "attack_graph.png").read_bytes()
