"""The report of one breach as a file: a notebook is run with its parameters and made into one page.

papermill runs the notebook that the package brings (``catalog/data/templates/report.ipynb``), nbconvert turns
what came out into the body of a page, ``html`` puts a head around it. The result is the executed notebook,
the page, or the page printed by a browser. Everything is made aside and put in place at the end.

Not here: what the chapters say (``chapters``). Papermill, nbconvert and a browser are not needed to simulate:
they are looked for when a report is asked for, and what is missing is named with its remedy.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

from breach_sim import api, catalog
from breach_sim.apps.reporting.chapters import asked_beside
from breach_sim.apps.reporting.html import document, with_pages
from breach_sim.engine.draws.streams import check_seed
from breach_sim.formatting.extras import require
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.firm.insurance import Program
from breach_sim.inputs.mitigations import check_day
from breach_sim.inputs.scenario import Scenario
from breach_sim.interop.export import check_target, put
from breach_sim.interop.scenario_file import to_toml
from breach_sim.results.simulation import check_replicates
from breach_sim.results.tables.curves import checked_appetite

ENDINGS = {"html": ".html", "notebook": ".ipynb", "pdf": ".pdf"}
"""Ending of a file by what it is."""
NEEDED = ("papermill", "nbconvert", "ipykernel")
"""Packages beyond those of the simulation."""
PRINTING = ("pypdf",)
"""Packages for a PDF besides: it is read for the pages on which chapters begin."""
TIMES = 3
"""Most often that a page is printed until the numbers in its contents are those of its pages."""
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
"""Names under which a browser that prints is looked for."""
PATIENCE = 300
"""Seconds that a browser may take to print."""
ALONE = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1")
"""Environment of the run: its matrices are small, and threads that share them mostly wait for each other."""
HIDDEN = "remove_cell"
"""Tag of a cell that stands in the notebook and not on the page."""


def write_report(
    scenario: str | Path | Scenario,
    target: str | Path,
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
    """Write the report of a scenario: :func:`breach_sim.apps.reporting.one_breach.report` of no impact.

    By the ending of the file the page is a notebook, a PDF, or HTML; another ending needs ``to``. The same
    inputs give the same notebook and the same page, byte by byte, on one machine with one set of libraries; a
    browser writes the time into a PDF. Where something fails, nothing is written, and an older file stays.
    """
    place = Path(target)
    _refuse_folder(place)
    kind = _kind(place, to)
    check_seed(seed)
    check_replicates(replicates)
    breach = catalog.scenario_of(scenario)
    drawn: dict[str, Any] = {"sampling": sampling, "calibrated": calibrated}
    asked = {"seed": seed, "replicates": replicates, "horizon_years": horizon_years} | drawn
    if can_start_on is not None:
        check_day(can_start_on)
    asked |= asked_beside(can_start_on, program, appetite and checked_appetite(appetite))
    api.simulate(breach, seed=seed, replicates=1, horizon_years=horizon_years, **drawn)
    check_place(place)
    require("reports", "report", *NEEDED, *(PRINTING if kind == "pdf" else ()))
    browser = find_browser() if kind == "pdf" else ""
    notebook = _executed(scenario, asked, progress=progress)
    place.parent.mkdir(parents=True, exist_ok=True)
    if kind == "notebook":
        put(place, partial(_write, text=_as_text(notebook)))
    elif kind == "html":
        put(place, partial(_write, text=as_page(notebook, _title(breach))))
    else:
        text = as_page(notebook, _title(breach), on_paper=True)
        put(place, partial(_print, text=text, browser=browser))
    return place


def write_page(target: str | Path, page: str) -> Path:
    """Write a page; where something fails, what stood there still stands.

    Parameters
    ----------
    target
        File to write.
    page
        HTML.

    Returns
    -------
    The path.

    Raises
    ------
    ValueError
        If the place cannot take a file.
    """
    place = Path(target)
    check_place(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    put(place, partial(_write, text=page))
    return place


def written_down(scenario: str | Path | Scenario) -> tuple[str, str]:
    """A scenario as the notebook of a report reads it.

    Parameters
    ----------
    scenario
        Name, path of a ``.toml`` file, or a scenario.

    Returns
    -------
    Its name in the catalog, and no text; or the name of a file and the text that stands in it.

    Raises
    ------
    ValueError
        If the name is unknown, or the scenario cannot be written as a file.
    """
    if not isinstance(scenario, Scenario):
        return catalog.scenario_text(scenario)
    if scenario.name in catalog.scenario_names() and catalog.load_scenario(scenario.name) == scenario:
        return scenario.name, ""
    return f"{scenario.name}.toml", to_toml(scenario)


def _title(breach: Scenario) -> str:
    return f"Report of a breach: {' '.join(breach.title.split())}"


def _kind(place: Path, to: str | None) -> str:
    """What is written: as asked for, or as the ending says."""
    by_ending = {ending: kind for kind, ending in ENDINGS.items()} | {".htm": "html"}
    by_name = by_ending.get(place.suffix.lower())
    if to is None:
        if by_name is None:
            raise ValueError(unknown("ending", place.suffix or str(place), by_ending, "the file to write"))
        return by_name
    if to not in ENDINGS:
        raise ValueError(unknown("kind of report", to, ENDINGS, "--to"))
    if by_name not in {None, to}:
        other = place.with_suffix(ENDINGS[to]).name
        raise ValueError(
            f"{place.name} ends as a report of kind {by_name!r} does, and {to!r} is asked for; name it "
            f"{other}, or leave --to out"
        )
    return to


def check_place(place: Path) -> None:
    """Refuse a place that cannot take a file, before anything is run.

    Parameters
    ----------
    place
        Where a file is to stand.

    Raises
    ------
    ValueError
        If it is a folder, lies below a file, or holds a file that this package did not write.
    """
    _refuse_folder(place)
    check_target(place, "the file to write")


def _refuse_folder(place: Path) -> None:
    if place.is_dir():
        raise ValueError(f"{place} is a folder; name a file in it, such as {place / 'report.html'}")


def find_browser() -> str:
    """A browser that prints pages.

    Returns
    -------
    Its path.

    Raises
    ------
    ValueError
        If there is none, with what can be done instead.
    """
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    raise ValueError(
        f"a PDF is printed by a browser, and none is on the PATH (looked for {', '.join(BROWSERS[:3])} and "
        "others): install Chromium, or take --to html and print the page from any browser"
    )


def _executed(scenario: str | Path | Scenario, asked: dict[str, Any], *, progress: bool) -> Any:
    """The notebook of the package, run in a folder of its own."""
    with _without("rfc3987_syntax"):
        import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    name, text = written_down(scenario)
    with tempfile.TemporaryDirectory(prefix="breach-sim-") as folder:
        if name.endswith(".toml"):
            _write(Path(folder) / name, text=text)
        template = Path(folder) / "report.ipynb"
        _write(template, text=catalog.report_template())
        # The notebook runs in another process. Meanwhile this one imports what makes the page (a second).
        Thread(target=import_module, args=("nbconvert",), daemon=True).start()
        try:
            made = papermill.execute_notebook(
                str(template),
                None,
                parameters={"scenario": name} | asked,
                cwd=folder,
                progress_bar=progress,
                log_output=False,
                kernel_manager_class=_kernel_manager(),
                extra_arguments=["--log-level=CRITICAL", "--HistoryManager.enabled=False"],
            )
        except PapermillExecutionError as error:
            raise ValueError(
                f"the report stopped in a cell of its notebook: {error.ename}: {error.evalue}; nothing was "
                "written. breach-sim run gives the figures without it"
            ) from None
        except DeadKernelError:
            raise ValueError(
                "the process that runs the report has ended, as it does where memory does not suffice; "
                "nothing was written: take fewer replicates"
            ) from None
    return _cleaned(made)


@contextmanager
def _without(module: str) -> Iterator[None]:
    """Let imports inside the block not find an optional module that nothing here needs.

    nbformat imports jsonschema, and this compiles 38 grammars of addresses, for a second, where it finds
    ``rfc3987_syntax``. No notebook is checked for such addresses.
    """
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]


def _kernel_manager() -> Any:
    """Class that starts notebooks with the Python that is running, whatever kernel others registered."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    class Here(AsyncKernelManager):
        """Kernels of this interpreter, whose output goes into the notebook and nowhere else."""

        async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
            silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            await super().start_kernel(**(silent | options))

        @property
        def kernel_spec(self) -> KernelSpec:
            argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=argv, env=ALONE, display_name="Python 3", language="python")

    return Here


def _cleaned(notebook: Any) -> Any:
    """The notebook without times, paths, warnings of libraries and whatever else is of one machine."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook.cells):
        cell.id = f"report-{number:02d}"
        cell.metadata = {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
        if cell.cell_type == "code":
            cell.outputs = [out for out in cell.outputs if out.get("name") != "stderr"]
    return notebook


def _as_text(notebook: Any) -> str:
    import nbformat

    return f"{nbformat.writes(notebook)}\n"


def as_page(notebook: Any, title: str, *, on_paper: bool = False) -> str:
    """An executed notebook as one page: what it says without its code.

    Parameters
    ----------
    notebook
        Executed notebook, of the chapters.
    title
        For the tab of a browser.
    on_paper
        Whether tables stand open, those behind figures at the end.

    Returns
    -------
    HTML with everything inside, which asks no network for anything.
    """
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    settings = Config()
    settings.TagRemovePreprocessor.enabled = True
    settings.TagRemovePreprocessor.remove_cell_tags = {HIDDEN}
    exporter: Any = HTMLExporter(  # type: ignore[no-untyped-call]
        config=settings,
        template_name="basic",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    exporter.register_preprocessor("nbconvert.preprocessors.TagRemovePreprocessor", enabled=True)
    body, _ = exporter.from_notebook_node(notebook)
    return document(body, title, on_paper=on_paper)


def _write(path: Path, *, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _print(path: Path, *, text: str, browser: str) -> None:
    """Let a browser print a page, until the contents have the numbers of its pages.

    No browser can say in a text on which page another text stands. So the page is printed, read, and printed
    again with the numbers.
    """
    numbers: dict[str, int] = {}
    for _ in range(TIMES):
        _print_once(path, text=with_pages(text, numbers), browser=browser)
        found = _pages_of_headings(path)
        if found == numbers:
            break
        numbers = found


def _pages_of_headings(path: Path) -> dict[str, int]:
    """Number of the page, from 1, on which each heading that the contents lead to stands."""
    from pypdf import PdfReader

    with path.open("rb") as file:
        reader = PdfReader(file)
        places = {name.lstrip("/"): place for name, place in reader.named_destinations.items()}
        found = {name: reader.get_destination_page_number(place) for name, place in places.items()}
    return {name: number + 1 for name, number in found.items() if number is not None}


def _print_once(path: Path, *, text: str, browser: str) -> None:
    """Let a browser print a page; it has a profile of its own, which is thrown away."""
    with tempfile.TemporaryDirectory(prefix="breach-sim-") as folder:
        page = Path(folder) / "report.html"
        _write(page, text=text)
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--no-pdf-header-footer",
            f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={path.resolve()}",
            page.as_uri(),
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # Chromium refuses to start otherwise for this user
        try:
            done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            raise ValueError(f"{browser} printed nothing within {PATIENCE} s; {_INSTEAD}") from None
    if done.returncode or not path.read_bytes().startswith(b"%PDF"):
        raise ValueError(f"{browser} ended with code {done.returncode} and printed nothing; {_INSTEAD}")
    with path.open("ab") as file:
        file.write(b"% breach_sim\n")  # a comment, by which a later run knows that it may replace the file


_INSTEAD = "take --to html and print the page from any browser"
