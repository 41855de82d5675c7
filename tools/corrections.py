"""Write docs/corrections.md, what each correction of the rates moves: ``python tools/corrections.py``.

``corrections.toml`` has the numbers before. Each correction is applied alone to the catalog before, then all
of them together; 512 replicates each, seed 1, on the same draws where a parameter did not change. The page
is made from the catalog as it is, so it is made again when a corrected number changes.
"""

from __future__ import annotations

import copy
import dataclasses
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import breach_sim as bs
from breach_sim.catalog import load_scenario
from breach_sim.catalog.attacks import SHARED, read_attacks
from breach_sim.catalog.reader import Reader, data, load_sources, parse, parse_folder
from breach_sim.inputs.graph import AttackGraph
from breach_sim.results.impact import Impact

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "corrections.md"
TRAITS = "traits.toml"
BREACHES = ("tmobile-2021-stated", "tmobile-2021-class", "equifax-2017", "att-73m-2024-confirmed")
REPLICATES = 512
NUMBERS = ("kind", "scale", "hard", "p_zero", "value", "low", "mode", "high", "status")
Table = dict[str, Any]


def stored() -> Table:
    """Return the head of the page, and the corrections with the numbers before."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def present() -> dict[str, Table]:
    """Return the tables of the catalog as they are, by file."""
    files = {SHARED: parse(data(SHARED), SHARED), TRAITS: parse(data(TRAITS), TRAITS)}
    return files | parse_folder("attacks")


def parent_of(tables: Table, path: str) -> tuple[Table, str]:
    """Return the table that holds the last key of a dotted path, and this key."""
    *folders, last = path.split(".")
    for folder in folders:
        tables = tables.setdefault(folder, {})
    return tables, last


def undone(files: Mapping[str, Table], undo: Collection[str]) -> dict[str, Table]:
    """Return the tables with the numbers before of some corrections.

    Parameters
    ----------
    files
        Tables by file.
    undo
        Names of the corrections that are not applied.

    Returns
    -------
    A copy. Sources, notes and units stay those of today.
    """
    result: dict[str, Table] = copy.deepcopy(dict(files))
    for correction in stored()["correction"]:
        for move in correction.get("moves", []) if correction["name"] in undo else []:
            tables, last = parent_of(result[move["file"]], move["table"])
            if not move["before"]:
                tables.pop(last)
                continue
            kept = {key: value for key, value in tables.get(last, {}).items() if key not in NUMBERS}
            tables[last] = kept | move["before"]
    return result


def graph_of(files: Mapping[str, Table]) -> AttackGraph:
    """Return the attack graph of some tables, with their shares of traits."""
    reader = Reader(TRAITS, load_sources())
    graph = read_attacks(files[SHARED], {name: t for name, t in files.items() if name.startswith("attacks/")})
    traits = {
        name: dataclasses.replace(
            trait, share=reader.estimate(files[TRAITS][name]["share"], f"traits.{name}.share")
        )
        for name, trait in graph.traits.items()
    }
    return dataclasses.replace(graph, traits=traits)


def enabled(graph: AttackGraph, breach: str) -> AttackGraph:
    """Return the attacks that a breach enables, as ``attacks_for`` selects them from the catalog."""
    scenario = load_scenario(breach)
    countries = frozenset(scenario.dossier.countries)
    if graph.lookups is not None:
        graph = dataclasses.replace(graph, lookups=graph.lookups.in_countries(countries))
    fields = frozenset(name for segment in scenario.segments for name in segment.fields)
    return graph.within(fields).in_countries(countries)


def means(graph: AttackGraph) -> Iterator[tuple[float, float, float]]:
    """Yield the mean people harmed, loss, and loss borne by persons of each breach."""
    for breach in BREACHES:
        impact = bs.simulate(breach, attacks=enabled(graph, breach), replicates=REPLICATES, seed=1)
        yield measured(impact)


def measured(impact: Impact) -> tuple[float, float, float]:
    """Return the mean people harmed, loss, and loss borne by the persons themselves."""
    mean = impact.quantiles()["mean"].to_dict()
    own = float(np.mean(impact.loss_by_bearer().get("person", np.zeros(1))))
    return float(mean["people"]), float(mean["loss_usd"]), own


def numbers_of(table: Mapping[str, Any] | None) -> str:
    """Return the numbers of an estimate, or what stands in place of one."""
    if not table:
        return "none"
    if "needs" in table:
        return "a route" + (f" with the factor {table['multiplier']}" if "multiplier" in table else "")
    parts = [f"{table[key]:g}" for key in ("value", "low", "mode", "high") if key in table]
    zero = f", {table['p_zero']:g} at zero" if table.get("p_zero") else ""
    return " / ".join(parts) + zero


def row_of(correction: Table, files: Mapping[str, Table]) -> list[str]:
    """Return the cells of a correction: title, parameters, before, after, sources."""
    parameters, before, after = [], [], []
    for move in correction.get("moves", []):
        tables, last = parent_of(copy.deepcopy(files[move["file"]]), move["table"])
        parameters.append(f"`{move['parameter'].removeprefix('attacks.')}`")
        before.append(numbers_of(move["before"]))
        after.append(numbers_of(tables.get(last)))
    sources = ", ".join(f"`{name}`" for name in correction["sources"])
    title = f"{correction['title']}: {correction['why']}"
    cells = ["<br>".join(cell) or "-" for cell in (parameters, before, after)]
    return [title, *cells, sources]


def moved(before: float, after: float, unit: float, word: str) -> str:
    """Return two means and their change."""
    change = 100 * (after / before - 1)
    if abs(change) < 0.05:  # noqa: PLR2004 - half of the last digit shown
        return "-"
    return f"{before / unit:,.0f} -> {after / unit:,.0f} {word} ({change:+.1f} %)"


def line(cells: list[str]) -> str:
    """Return a row of a table in Markdown."""
    return "| " + " | ".join(cells) + " |"


def page() -> str:
    """Run the catalog before, with each correction alone and with all, and return the page."""
    files, all_of_them = present(), stored()["correction"]
    names = [correction["name"] for correction in all_of_them]
    start = list(means(graph_of(undone(files, names))))
    rows = [
        line(["correction", "parameters", "before", "after", "sources"]),
        line(["---"] * 5),
        *(line(row_of(correction, files)) for correction in all_of_them),
    ]
    moves = [line(["correction", *(f"`{breach}`" for breach in BREACHES)]), line(["---"] * 5)]
    for correction in [*all_of_them, None]:
        if correction is not None and not correction.get("moves"):
            continue
        left = [] if correction is None else [name for name in names if name != correction["name"]]
        found = list(means(graph_of(undone(files, left))))
        cells = [
            moved(old[0], new[0], 1e3, "thousand people") + "<br>" + moved(old[1], new[1], 1e6, "million USD")
            for old, new in zip(start, found, strict=True)
        ]
        title = "**all together**" if correction is None else correction["title"]
        moves.append(line([title, *(cell.replace("-<br>-", "-") for cell in cells)]))
    own = ", ".join(
        f"{old[2] / old[1]:.0%} -> {new[2] / new[1]:.0%} on `{breach}`"
        for breach, old, new in zip(BREACHES, start, found, strict=True)
    )
    text = [
        stored()["head"].format(replicates=REPLICATES),
        "## The corrections",
        "\n".join(rows),
        "## What each moves",
    ]
    text += ["\n".join(moves), f"The person's part of the mean loss, all together: {own}."]
    return "\n\n".join(part.strip() for part in text) + "\n"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    print(f"{PAGE.relative_to(ROOT)} written")


if __name__ == "__main__":
    main()
