"""Appendix of the report: every number with its reason, the sources, and how to run the report again.

Not here: the numbers that move the answer most (``results``), and the command itself (``again``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from breach_sim import catalog
from breach_sim.apps.reporting import summary
from breach_sim.apps.reporting.chapters.again import asked_beside, command
from breach_sim.apps.reporting.chapters.parts import in_words
from breach_sim.apps.reporting.html import Piece, code, data, folded, joined, link, numbered, paragraph, table
from breach_sim.catalog.faces.labels import label_of_parameter
from breach_sim.formatting.versions import made_with
from breach_sim.inputs.firm.insurance import Program
from breach_sim.inputs.numbers.estimates import Source
from breach_sim.results.impact import Impact

if TYPE_CHECKING:
    import pandas as pd

INPUTS = "breach-sim-inputs"
"""Id of the element of the page that holds everything needed to run it again."""
STATUSES = {
    "user": "User: numbers of your own",
    "assumed": "Assumed: judgment, with its reason",
    "derived": "Derived: worked out from what was published",
    "cited": "Cited: as published",
}
CITED = re.compile(r"\[([a-z0-9][a-z0-9-]*)\]")
"""A source in a reason, by its id."""
NAMED = (
    "Numbers in square brackets are those of the sources in Appendix B. The command breach-sim "
    "assumptions lists the names that these numbers have in files and commands."
)


def numbers(impact: Impact) -> Piece:
    """Every number behind the answer: what was assumed first, then what was derived and cited.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    One folded table for each status.
    """
    known = impact.scenario.with_own_sources(catalog.load_sources())
    frame, places = impact.sources(known), _places(impact, known)
    parts = [paragraph(NAMED, "small")]
    for status, words in STATUSES.items():
        rows = _rows(impact, frame[frame["status"] == status], places)
        if status == "user" and rows.empty:
            continue
        caption = f"{words} ({len(rows)})"
        parts.append(folded(caption, table(rows, caption)))
    return joined(parts)


def sources(impact: Impact) -> Piece:
    """The sources of all numbers, numbered.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    One folded list.
    """
    known = impact.scenario.with_own_sources(catalog.load_sources())
    used = summary.used_sources(impact, known)
    return folded(f"Sources ({len(used)})", numbered([_cited(source) for source in used]))


def _places(impact: Impact, known: Mapping[str, Source]) -> dict[str, int]:
    """Number of each source in the list, by its id."""
    return {source.id: place for place, source in enumerate(summary.used_sources(impact, known), 1)}


def _rows(impact: Impact, frame: pd.DataFrame, places: Mapping[str, int]) -> pd.DataFrame:
    """Numbers with their unit, the reason, and sources with their grades; labeled in words."""
    import pandas as pd

    cells = [
        (
            f"{row['numbers']} {row['unit']}",
            CITED.sub(lambda found: f"[{places.get(found[1], found[1])}]", in_words(row["note"])),
            _sources_of(row["sources"], row["grades"], places),
        )
        for _, row in frame.iterrows()
    ]
    labels = [label_of_parameter(name, impact.scenario, impact.attacks) for name in frame.index]
    rows = pd.DataFrame(cells, index=labels, columns=["low / likely / high", "why", "sources"])
    rows.index.name = "number"
    return rows


def _sources_of(ids: str, grades: str, places: Mapping[str, int]) -> str:
    """Sources of a number by their place in the list, with their grades."""
    shown = "".join(f"[{places.get(one, one)}]" for one in filter(None, re.split(r"[,\s]+", ids)))
    letters = ", ".join(sorted(set(grades.split())))
    return f"{shown} grade {letters}".strip() if letters else shown


def _cited(source: Source) -> str:
    line = Markup("{0.title}. {0.publisher}, {0.year}. Grade {0.grade}, {0.verified}. {1}")
    return line.format(source, link(source.url))


def inputs(
    impact: Impact,
    scenario: str,
    *,
    can_start_on: float | None = None,
    program: Program | None = None,
    appetite: Mapping[float, float] | None = None,
) -> Piece:
    """Everything needed to run the report again.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    scenario
        Name or file that it was made from.
    can_start_on
        First day on which anything can be done, or None. [days after the sale]
    program, appetite
        Insurance and appetite of the firm, or None.

    Returns
    -------
    The command, version, seed and hash, the scenario's file as text, and all of it once more as JSON for a
    program.
    """
    import pandas as pd

    (_, text), listed_there = catalog.scenario_text(scenario), scenario in catalog.scenario_names()
    words = {"breach_sim": impact.version, **made_with()}
    run: dict[str, Any] = {"seed": impact.seed, "replicates": impact.replicates}
    run |= {"horizon_years": impact.horizon_years, "sampling": impact.sampling}
    run |= {"calibrated": impact.posterior is not None}
    beside = asked_beside(can_start_on, program, appetite)
    again = command(scenario, **run, **beside)
    rows = words | {"seed": str(impact.seed), "replicates": f"{impact.replicates:,}"}
    rows |= {"draws of parameters": impact.sampling}
    rows |= {"calibrated": "yes" if impact.posterior is not None else "no, on the priors"}
    rows |= {"horizon [years]": f"{impact.horizon_years:g}", "hash of all inputs": impact.input_hash}
    document = {"scenario": impact.scenario.name} | words | run | beside
    document |= {"scenario_argument": scenario, "scenario_toml": text, "command": again}
    document |= {"input_hash": impact.input_hash, "answer": json.loads(impact.to_json())}
    first = "Run it again:" if listed_there else f"Save the file below as {scenario}, then run:"
    return joined(
        [
            paragraph(first),
            code(again),
            table(pd.DataFrame({"value": rows}).rename_axis("what"), "Made with", under=SAME),
            folded("The scenario, whole", code(text)),
            data(document, INPUTS),
        ]
    )


SAME = (
    "The same inputs give the same hash and the same figures. The page holds all of this a second time, "
    f"as JSON in the element with the id {INPUTS}."
)
