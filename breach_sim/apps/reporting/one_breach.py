"""The report of one breach from Python: ``breach_sim.report(...)``.

Not here: how the page is made (``report_file``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from breach_sim import api
from breach_sim.api.lookup import firm_of
from breach_sim.apps.reporting.report_file import write_report
from breach_sim.inputs.firm.insurance import Program
from breach_sim.results.impact import Impact


def report(
    breach: api.ScenarioLike | Impact,
    out: str | Path = "report.html",
    *,
    to: str | None = None,
    seed: int = 1,
    replicates: int = api.REPLICATES,
    horizon_years: float = 5,
    progress: bool = False,
    sampling: str = "sobol",
    calibrated: bool = True,
    can_start_on: float | None = None,
    program: Program | None = None,
    appetite: Mapping[float, float] | None = None,
) -> Path:
    """Write a report of a breach: one page with the answer first, its assumptions and inputs last.

    Parameters
    ----------
    breach
        A scenario by name, file or object; or an impact, whose scenario, seed, replicates, horizon,
        sampling and calibration are then used. The page runs the scenario anew.
    out
        File to write. An existing file is replaced as a whole.
    to
        "html", "notebook" or "pdf". None decides by the ending of the file: .html, .ipynb or .pdf.
    seed
        The same seed gives the same page. An impact brings its own. [0, 2**63)
    replicates
        Joint draws of parameters and outcomes. An impact brings its own. [1, 10**7]
    horizon_years
        Years after the sale of the data. An impact brings its own. (0, 100]
    progress
        Whether a progress bar is drawn on standard error.
    sampling, calibrated
        As for :func:`simulate`. An impact brings its own.
    can_start_on
        First day after the sale on which anything can be done; None for no such limit. [days]
    program, appetite
        Insurance of the firm, and the largest acceptable cost by the chance of exceeding it; None for none.
        (0, 1), [0, inf) [USD]

    Returns
    -------
    Path of the file.

    Raises
    ------
    ValueError
        If a name is unknown, an argument is out of range, a package or browser is missing, or the run fails;
        or if the impact was made with attacks, rates or what-ifs of its own, which the page would not show.
        Nothing is then written.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> report("tmobile-2021-stated", "report.html")  # doctest: +SKIP
    PosixPath('report.html')
    """
    if isinstance(breach, Impact):
        _check_repeatable(breach)
        seed, replicates, horizon_years = breach.seed, breach.replicates, breach.horizon_years
        sampling, calibrated = breach.sampling, breach.posterior is not None
        breach = breach.scenario
    return write_report(
        breach,
        out,
        to=to,
        seed=seed,
        replicates=replicates,
        horizon_years=horizon_years,
        progress=progress,
        sampling=sampling,
        calibrated=calibrated,
        can_start_on=can_start_on,
        program=program,
        appetite=appetite,
    )


def _check_repeatable(impact: Impact) -> None:
    """Refuse an impact that its scenario, seed, replicates, horizon and sampling alone do not give again."""
    given = [
        ("attacks", impact.attacks != api.attacks_of(impact.scenario)),
        ("firm rates", impact.firm != firm_of(impact.scenario)),
        ("values held from another run", any(impact.fixed_from_baseline.values())),
    ]
    differs = [what for what, other in given if other]
    if differs:
        raise ValueError(
            f"the impact of {impact.scenario.name!r} was made with {' and '.join(differs)} of its own; a "
            "report runs the scenario anew with those of the catalog and would show other figures: give the "
            "scenario in place of the impact, or use the impact's own tables and to_json()"
        )
