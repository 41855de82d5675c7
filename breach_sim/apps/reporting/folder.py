"""The folder that ``run --out`` writes: tables, figures and a summary, whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from breach_sim import plots
from breach_sim.apps.reporting.summary import one_line, summary_page
from breach_sim.inputs.numbers.estimates import Source
from breach_sim.interop.export import check_writable, safe
from breach_sim.results.impact import Impact

FIGURES = tuple(plots.OF_IMPACT)
"""Names of the figures, as registered in ``plots``; each is a PNG file."""
TABLES = (
    "funnel", "funnel_numbers", "quantiles", "by_segment", "excess", "exceedance", "error_budget", "bearers",
    "capacity", "sources", "convergence", "hours", "timeline", "ledgers", "lorenz", "parts",
)  # fmt: skip
"""Names of the tables; each is a CSV file."""
MARK = "impact.json"
"""A folder that holds this file is one of ours and may be written again."""
NOTES = "notes.txt"
"""Cautions about the scenario, which go with every table."""
FILES = (MARK, NOTES, "summary.md", *(f"{name}.csv" for name in TABLES), *(f"{name}.png" for name in FIGURES))
"""Everything that a result consists of."""


def write(impact: Impact, folder: str | Path, catalog: Mapping[str, Source]) -> list[Path]:
    """Write tables, figures and a summary of an impact into a folder.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    folder
        Where to; made if need be. An earlier result in it is replaced as a whole.
    catalog
        Sources by id.

    Returns
    -------
    Paths of the files, in alphabetical order.

    Raises
    ------
    ValueError
        If the folder holds something that is not a result of this package, or is a file.
    OSError
        If the place cannot be written.

    Notes
    -----
    Figures are drawn without a screen, from the tables beside them.
    """
    check_folder(folder)
    target = Path(os.path.realpath(folder))
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    earlier = aside.with_name(f"{aside.name}-earlier")
    try:
        _write_tables(impact, aside, catalog)
        _write_figures(impact, aside)
        page = summary_page(impact, catalog)
        (aside / "summary.md").write_text(page, encoding="utf-8", newline="\n")
        aside.chmod(0o755)
        _put_in_place(aside, target, earlier)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return sorted(Path(folder).iterdir())


def _put_in_place(aside: Path, target: Path, earlier: Path) -> None:
    """Swap a finished folder for the earlier one, which comes back if the swap fails."""
    if not target.exists():
        aside.rename(target)
        return
    target.rename(earlier)
    try:
        aside.rename(target)
    except BaseException:
        earlier.rename(target)
        raise
    shutil.rmtree(earlier, ignore_errors=True)


def check_folder(folder: str | Path) -> None:
    """Refuse a place that holds anything but an earlier result.

    Parameters
    ----------
    folder
        Where one wants to write.

    Raises
    ------
    ValueError
        With the place and a remedy.
    """
    target = Path(folder)
    real = Path(os.path.realpath(target))  # resolve() fails at a link to itself
    if real.is_symlink():
        raise ValueError(f"{folder} is a link to itself; give a folder for the results")
    if real == Path.cwd():
        raise ValueError(f"{real} is the current folder and cannot be replaced; name a folder in it")
    for above in real.parents:
        if above.is_file():
            raise ValueError(f"{folder} lies below the file {above}; give a folder for the results")
    if target.exists() and not target.is_dir():
        raise ValueError(f"{folder} is a file; give a folder for the results")
    found = {entry.name for entry in target.iterdir()} if target.is_dir() else set()
    foreign = sorted(found - set(FILES))
    if found and MARK not in found:
        raise ValueError(
            f"{folder} holds files that are no result of breach_sim; give another or an empty folder"
        )
    if foreign:
        raise ValueError(
            f"{folder} holds {foreign[0]!r} beside an earlier result; move it, or give another folder"
        )
    check_writable(real)


def _write_tables(impact: Impact, folder: Path, catalog: Mapping[str, Source]) -> None:
    tables = {
        "funnel": impact.funnel(),
        "funnel_numbers": impact.funnel(numbers=True),
        "quantiles": impact.quantiles(),
        "by_segment": impact.by_segment(),
        "excess": impact.excess(),
        "exceedance": impact.exceedance(),
        "error_budget": impact.error_budget(),
        "bearers": impact.bearers(),
        "capacity": impact.capacity(),
        "sources": impact.sources(catalog),
        "convergence": impact.convergence(),
        "hours": impact.hours(),
        "timeline": impact.timeline(),
        "ledgers": impact.ledgers(),
        "lorenz": impact.lorenz(),
        "parts": impact.parts(),
    }
    for name, table in tables.items():
        safe(table).to_csv(folder / f"{name}.csv", encoding="utf-8", lineterminator="\n")
    notes = "".join(f"{one_line(note)}\n" for note in impact.notes) or "no cautions\n"
    (folder / NOTES).write_text(notes, encoding="utf-8", newline="\n")
    (folder / MARK).write_text(impact.to_json() + "\n", encoding="utf-8", newline="\n")


def _write_figures(impact: Impact, folder: Path) -> None:
    with plots.closing():
        for name, draw in plots.OF_IMPACT.items():
            plots.save(draw(impact, None), folder / f"{name}.png")
