"""Do the tables of the notebooks hold the numbers behind them? ``python run.py mutation``.

With paths of notebooks, of whatever project, it changes numbers in *them*: see ``held_numbers.py``.

A test that compares stored tables is worth what it notices. Here ten named parameters are raised by a tenth,
one at a time, and the notebook that rests on each is run until a table differs from the stored one; it must.
Then every color of the figures is changed, and no table may differ. Before all that the notebooks are run
as they are: every table must equal the stored one, or the comparison itself would be worth nothing.

Tables are what the tests compare: printed text, and values as HTML or plain text. Figures are left out.
Cells run in this process, not in ten kernels: it takes a minute or two.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import held_numbers
import nbformat
import numpy as np
from regenerate import Rules, read_rules, replace

from breach_sim.engine.draws.parameters import Parameters
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.results.arrays.drawn import read_only

ROOT = Path(__file__).resolve().parents[1]
FACTOR = 1.10
LIMITED = ("share", "victims/attempt", "probability")
"""Units of numbers that are at most 1."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """A parameter, and the notebook that must notice when it grows by a tenth."""

    name: str
    """Name of the estimate, as ``overrides`` give it, or its end."""
    notebook: str
    """Stem of the notebook, or its beginning."""


MUTATIONS = (
    Mutation("attacks.sim_swap.attempts", "01"),
    Mutation("attacks.new_account_fraud.success", "01"),
    Mutation("attacks.new_account_fraud.severity", "01"),
    Mutation("attacks.bank_code_interception.success", "04"),
    Mutation("attacks.sim_swap.background", "01"),
    Mutation("attacks.sim_swap.capacity", "04"),
    Mutation("clocks.line.rates.postpaid", "07"),
    Mutation("firm.call", "04"),
    Mutation("traits.holds_crypto.share", "03"),
    Mutation("freeze_effect", "06"),
)


def main(words: list[str]) -> int:
    """Run the check on this project's notebooks, or on those that are named; return the exit status."""
    if words:
        return held_numbers.main(words)
    rules = read_rules(ROOT / "nbval_sanitize.cfg")
    stems = sorted({find(mutation.notebook).stem for mutation in MUTATIONS})
    bad = 0
    for stem in stems:
        bad += checked(f"{stem} as it is", find(stem), rules, "")
    for mutation in MUTATIONS:
        with raised(mutation):
            bad += checked(f"{mutation.name} x {FACTOR}", find(mutation.notebook), rules, "cell")
    with other_colors():
        for stem in stems:
            bad += checked(f"{stem} in other colors", find(stem), rules, "")
    result = f"{bad} WRONG" if bad else "all as it should be"
    print(f"{len(MUTATIONS)} parameters, {len(stems)} notebooks: {result}")
    return 1 if bad else 0


def checked(what: str, path: Path, rules: Rules, wanted: str) -> int:
    """Do one run and print a line; 1 if it differs from what is wanted."""
    start = time.monotonic()
    difference = first_difference(path, rules)
    right = bool(difference) == bool(wanted)
    seen = difference or "no table differs"
    print(f"{what}: {seen}, {time.monotonic() - start:.1f} s{'' if right else ' - WRONG'}", flush=True)
    return 0 if right else 1


def find(beginning: str) -> Path:
    """Path of the notebook whose name begins so."""
    return next(iter(sorted((ROOT / "notebooks").glob(f"{beginning}*.ipynb"))))


# Running a notebook in this process ------------------------------------------------------------------------


def first_difference(path: Path, rules: Rules) -> str:
    """Run a notebook until what it prints differs from what is stored; say where, or nothing."""
    import matplotlib.pyplot as plt
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    notebook = nbformat.read(path, as_version=4)
    InteractiveShell.clear_instance()
    shell: Any = InteractiveShell.instance()  # figures ask for this one
    # The value of a cell is kept as a notebook would show it, and at that moment: a figure that is shown at
    # the end of its cell, with its caption, must not be shown again.
    values: list[Any] = []
    shell.displayhook.write_output_prompt = lambda: None
    shell.displayhook.write_format_data = lambda data, *_: values.append(data)
    shell.enable_gui = lambda *_: None  # there is no window
    shell.enable_matplotlib("inline")
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for number, cell in enumerate(cells):
            values.clear()
            with capture_output() as caught:
                done = shell.run_cell(cell.source, store_history=False)
            if done.error_in_exec or done.error_before_exec:
                return f"cell {number} fails ({done.error_in_exec or done.error_before_exec})"
            if texts(stored(cell), rules) != texts(printed(caught, values), rules):
                return f"cell {number} differs"
    finally:
        os.chdir(here)
        plt.close("all")
    return ""


def stored(cell: Any) -> list[str]:
    """What a cell left: its stream and its values as text."""
    result = []
    for output in cell.outputs:
        if output.output_type == "stream":
            result.append(output.text)
        elif output.output_type != "error":
            result += written(output.data)
    return result


def printed(caught: Any, values: list[Any]) -> list[str]:
    """The same of a cell that has just run."""
    result = [caught.stdout] if caught.stdout else []
    for shown in caught.outputs:
        result += written(shown.data)
    for value in values:
        result += written(value)
    return result


def written(data: Mapping[str, Any]) -> list[str]:
    """The table of a value: as HTML where it has one (plain text is as wide as the terminal), else plain."""
    if not data or "image/png" in data:
        return []
    return [data["text/html"] if "text/html" in data else data["text/plain"]]


def texts(found: list[str], rules: Rules) -> list[str]:
    """Texts without what the tests do not compare either; figures are compared by their words."""
    cleaned = [replace(text, rules).strip() for text in found]
    return sorted(text for text in cleaned if text and not text.startswith(("<Figure", "<Axes")))


# Mutations -------------------------------------------------------------------------------------------------


@contextmanager
def raised(mutation: Mutation) -> Iterator[None]:
    """Every draw of one estimate a tenth higher, fitted or not; shares stay at most 1."""
    drawn = Parameters.__call__
    raised_once: dict[int, Any] = {}

    def higher(self: Parameters, estimate: Estimate) -> Any:
        draws = drawn(self, estimate)
        if not f".{estimate.name}".endswith(f".{mutation.name}"):
            return draws
        if id(draws) not in raised_once:
            limit = 1.0 if estimate.unit.startswith(LIMITED) else np.inf
            raised_once[id(draws)] = draws, read_only(np.minimum(draws * FACTOR, limit))
        return raised_once[id(draws)][1]  # equal draws stay one object

    Parameters.__call__ = higher  # type: ignore[method-assign]
    try:
        yield
    finally:
        Parameters.__call__ = drawn  # type: ignore[method-assign]


@contextmanager
def other_colors() -> Iterator[None]:
    """Every named color of the figures another one, in each module that draws with it."""
    from breach_sim.plots import colors, register  # noqa: F401 - see below

    names = {name for name, value in vars(colors).items() if isinstance(value, str) and value[:1] == "#"}
    # The register has imported every module that draws.
    drawing = [module for name, module in sys.modules.items() if name.startswith("breach_sim.plots")]
    before = [(module, name, vars(module)[name]) for module in drawing for name in names & set(vars(module))]
    if not before:
        raise RuntimeError("no color is named in breach_sim.plots; this check would prove nothing")
    for module, name, _ in before:
        setattr(module, name, "#123456")
    try:
        yield
    finally:
        for module, name, color in before:
            setattr(module, name, color)


if __name__ == "__main__":
    os.environ["MPLBACKEND"] = "Agg"
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    sys.exit(main(sys.argv[1:]))
