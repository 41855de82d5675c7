"""Requests of a panel and their replies, as plain data: what a notebook and a page have in common.

A request names the values of controls and says whether the answer should be settled. A reply holds HTML,
the address of the state, a CSV table and Python code. Both are what JSON can hold.

Not here: the way on which they travel, which is the widget's (``panel``) or that of the page's server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from breach_sim import api, catalog
from breach_sim.apps.explorer import addresses, controls, exports, view
from breach_sim.apps.explorer.panel_result import FULL, QUICK, PanelResult, compute
from breach_sim.apps.explorer.readings import Reading, read, taken
from breach_sim.formatting.messages import together, unknown
from breach_sim.inputs.scenario import Scenario

LARGEST_FILE = 200_000
"""Letters of a scenario file that a panel reads."""
Reply = dict[str, Any]


class Explorer:
    """A scenario with its controls, which answers to any values of them.

    Parameters
    ----------
    scenario
        The scenario before any change.
    source
        Its name in the catalog, or that of the file that it was read from.
    own
        Whether it comes from a file or from code, so that an address cannot name it.
    replicates, quick
        Joint draws behind a settled answer, and while a control moves.
    """

    def __init__(
        self,
        scenario: Scenario,
        source: str,
        *,
        own: bool = False,
        replicates: int = FULL,
        quick: int = QUICK,
    ) -> None:
        self.scenario, self.source, self.own = scenario, source, own
        self.replicates, self.quick = replicates, quick
        self.sections = controls.sections(scenario, api.load_mitigations())
        self.controls = controls.by_name(self.sections)
        self._starts: dict[int, PanelResult] = {}

    def read(self, values: Mapping[str, Any]) -> Reading:
        """Inputs that values make, and what is wrong with them."""
        return read(self.scenario, self.controls, values)

    def start(self, replicates: int) -> PanelResult:
        """The answer before any change, which others are compared with."""
        if replicates not in self._starts:
            self._starts[replicates] = compute(self.read({}).inputs, replicates=replicates)
        return self._starts[replicates]

    def result(self, values: Mapping[str, Any], *, settled: bool) -> PanelResult:
        """The answer to values.

        Parameters
        ----------
        values
            By name, of the controls that were moved.
        settled
            Whether all replicates are asked for, or the few of a quick look.

        Returns
        -------
        What ``compute`` gives for the inputs.

        Raises
        ------
        ValueError
            If a value is refused, or the inputs cannot be run.
        """
        reading = self.read(values)
        if reading.problems:
            raise ValueError(together(reading.problems.values()))
        replicates = self.replicates if settled else self.quick
        if reading.inputs == self.read({}).inputs:
            return self.start(replicates)
        return compute(reading.inputs, replicates=replicates)

    def described(self) -> Reply:
        """All that a page needs to show the controls."""
        return {
            "title": self.scenario.title,
            "source": self.source,
            "own": self.own,
            "catalog": listed(),
            "sections": controls.as_plain(self.sections),
        }

    def answered(self, values: Mapping[str, Any], *, settled: bool) -> Reply:
        """Reply to values, or say why there is no answer.

        Parameters
        ----------
        values
            By name, of the controls that were moved.
        settled
            Whether all replicates are asked for, or the few of a quick look.

        Returns
        -------
        "error", "problems" by name of the control, and, where there is no error, the parts of the answer.
        """
        problems: dict[str, str] = {}
        try:
            problems = dict(self.read(values).problems)
            result = self.result(values, settled=settled)
        except Exception as error:  # noqa: BLE001 - a panel shows every error in words, and goes on
            sentence = f"{error}" or type(error).__name__
            return {"error": sentence, "problems": problems}
        return {"error": "", "problems": problems} | self.parts(result, values, settled=settled)

    def parts(self, result: PanelResult, values: Mapping[str, Any], *, settled: bool) -> Reply:
        """The answer as HTML and as text to take away."""
        start = self.start(result.replicates)
        said = {name: taken(self.controls[name], value) for name, value in values.items()}
        moved = {name: value for name, value in said.items() if value != self.controls[name].value}
        return {
            "settled": settled,
            "strip": view.strip(result, start, settled=settled),
            "spoken": view.spoken(result) if settled else "",
            "figure": view.figure(result, start),
            "numbers": view.numbers(result),
            "mitigations": view.mitigations(result),
            # Some notes take a third of the time of a quick look: they come with the settled answer.
            "cautions": view.cautions(result) if settled else None,
            "address": addresses.write_address("" if self.own else self.source, self.controls, moved),
            "csv": exports.as_csv(result),
            "made": view.made(result),
            "code": exports.as_python(result.inputs, self.source, replicates=result.replicates),
        }


@lru_cache
def listed() -> tuple[tuple[str, str], ...]:
    """Scenarios of the catalog: names and titles, in the order of their titles."""
    pairs = ((name, catalog.load_scenario(name).title) for name in catalog.scenario_names())
    return tuple(sorted(pairs, key=lambda pair: pair[1].casefold()))


@lru_cache(maxsize=64)
def of_catalog(name: str) -> Explorer:
    """The explorer of a scenario of the catalog, by name; the same one each time."""
    scenario = catalog.load_scenario(name)
    return Explorer(scenario, scenario.name)


@lru_cache(maxsize=16)
def of_text(file: str, text: str) -> Explorer:
    """The explorer of a scenario file that a reader chose.

    Parameters
    ----------
    file
        Its name, for messages and code.
    text
        What it holds, TOML.

    Returns
    -------
    The explorer.

    Raises
    ------
    ValueError
        If it is too long or no valid scenario.
    """
    if len(text) > LARGEST_FILE:
        raise ValueError(f"{file} has {len(text):,} letters; a panel reads at most {LARGEST_FILE:,}")
    return Explorer(catalog.scenario_from(text, file), file, own=True)


def replied(request: Mapping[str, Any], current: Callable[[], Explorer]) -> Reply:
    """Reply to a request of a page.

    Parameters
    ----------
    request
        "values" and "settled" for an answer; "scenario", or "file" and "text", for another breach; "address"
        with the state to begin with.
    current
        Gives the explorer where the request names no breach.

    Returns
    -------
    The parts of :meth:`Explorer.answered`; for another breach also "panel", "values" and "complaints".
    """
    try:
        explorer = asked_for(request, current)
    except (ValueError, OSError) as error:
        return {"error": f"{error}", "problems": {}}
    settled = bool(request.get("settled"))
    if not request.get("open"):
        return explorer.answered(values_in(request), settled=settled)
    return opened(explorer, str(request.get("address", "")), settled=settled)


def opened(explorer: Explorer, address: str = "", *, settled: bool = False) -> Reply:
    """Reply that shows a breach in the state of an address.

    Parameters
    ----------
    explorer
        Of the breach.
    address
        State; what it cannot mean is left out, and "complaints" says so.
    settled
        As for :meth:`Explorer.answered`.

    Returns
    -------
    The answer, with "panel" for the controls and "values" of those that differ.
    """
    values, complaints = addresses.read_address(address, explorer.controls)
    reply = explorer.answered(values, settled=settled)
    return reply | {"panel": explorer.described(), "values": values, "complaints": complaints}


def asked_for(request: Mapping[str, Any], current: Callable[[], Explorer]) -> Explorer:
    """The breach that a request is about.

    Parameters
    ----------
    request
        As for :func:`replied`.
    current
        Gives the explorer where the request names no breach.

    Returns
    -------
    Its explorer.

    Raises
    ------
    ValueError
        If the catalog has no scenario of that name, or a file is not valid.
    """
    file, text, name = (str(request.get(key, "")) for key in ("file", "text", "scenario"))
    if text:
        return of_text(file or "own.toml", text)
    if not name or name == current().source:
        return current()
    if name not in dict(listed()):
        # A path is no name: a page reads no file of the machine that serves it.
        raise ValueError(unknown("scenario", name, dict(listed()), "the catalog"))
    return of_catalog(name)


def values_in(request: Mapping[str, Any]) -> dict[str, Any]:
    """The values of controls in a request; none where it has no such table."""
    values = request.get("values", {})
    return dict(values) if isinstance(values, Mapping) else {}
