"""What a panel hands over: the table of its answer as CSV, and the Python that gives the same answer.

Not here: links (``addresses``), and pictures, which the page itself makes of the figure.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from breach_sim.apps.explorer.panel_inputs import PanelInputs
from breach_sim.apps.explorer.panel_result import FULL, PanelResult

QUANTILES = ("p5", "p50", "p95")
WIDTH = 88
"""Columns of a line of code."""


def as_csv(result: PanelResult) -> str:
    """The numbers behind an answer.

    Parameters
    ----------
    result
        The answer.

    Returns
    -------
    CSV text: a row for each attack, then one for people and loss in all. [accounts], [USD]
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    ends = [f"{what}_{name}" for what in ("victims", "loss_usd") for name in QUANTILES]
    writer.writerow(["attack", "attackable_p50", "attempted_p50", *ends])
    for row in result.rows:
        numbers = (row.attackable, row.attempted, *row.victims, *row.loss)
        writer.writerow([row.label, *(f"{number:.10g}" for number in numbers)])
    whole = result.totals()
    cells = [f"{whole[what][name]:.10g}" for what in ("people", "loss_usd") for name in QUANTILES]
    writer.writerow(["any harm (people) and the whole loss", "", "", *cells])
    return file.getvalue()


def as_python(inputs: PanelInputs, source: str, *, replicates: int = FULL) -> str:
    """The code that gives the same answer.

    Parameters
    ----------
    inputs
        What the controls say.
    source
        Name of the scenario, or of the file that it was read from.
    replicates
        Joint draws. [1, 10**7]

    Returns
    -------
    A program of a few lines; its last one prints the answer.
    """
    asked = [f"scenario=bs.load_scenario({source!r}),", *_changes(inputs)]
    more = "" if replicates == FULL else f", replicates={replicates}"
    lines = [
        "import breach_sim as bs",
        "from breach_sim.apps.explorer import PanelInputs, compute",
        "",
        "inputs = PanelInputs(",
        *(f"    {line}" for line in asked),
        ")",
        f"print(compute(inputs{more}))",
    ]
    return "\n".join(lines) + "\n"


def _changes(inputs: PanelInputs) -> Iterator[str]:
    """An argument a line, for each that is not as at first."""
    plain = PanelInputs(scenario=inputs.scenario)
    for name in ("sizes", "days"):
        if changed := dict(getattr(inputs, name)):
            yield f"{name}={changed!r},"
    if inputs.leaked:
        yield "leaked={"
        for segment, fields in inputs.leaked.items():
            yield f"    {segment!r}: frozenset("
            yield from _wrapped(sorted(fields))
            yield "    ),"
        yield "},"
    for name in ("day_zero", "ssn", "uplift", "release", "mitigations", "horizon_years", "seed"):
        value = getattr(inputs, name)
        if value != getattr(plain, name):
            yield f"{name}={value!r},"


def _wrapped(names: list[str]) -> Iterator[str]:
    """A list of names on lines of limited length."""
    line = "        ["
    for number, name in enumerate(names):
        word = f"{name!r}" + ("" if number == len(names) - 1 else ", ")
        if len(line) + len(word) > WIDTH:
            yield line.rstrip()
            line = "         "
        line += word
    yield f"{line}]"
