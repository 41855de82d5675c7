"""The panel of a notebook: controls below, the answer above them, new with each move.

The controls are a page of plain HTML and JavaScript (``templates/panel.js``), which an anywidget shows in the
notebook. A move is answered from few replicates at once. The settled answer, from all replicates, is
computed on a thread, so that the controls go on working. Where no event loop runs (a plain script) moves are
answered settled.

Not here: what is answered (``answering``), and the server of the page outside a notebook.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from breach_sim import catalog
from breach_sim.apps.explorer import addresses, view
from breach_sim.apps.explorer.answering import Explorer, asked_for, replied, values_in
from breach_sim.apps.explorer.panel_inputs import PanelInputs
from breach_sim.apps.explorer.panel_result import FULL, QUICK, PanelResult
from breach_sim.formatting.extras import require
from breach_sim.formatting.html import templates
from breach_sim.formatting.messages import together, unknown
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.simulation import check_replicates


def explore(scenario: str | Path | Scenario, *, replicates: int = FULL, quick: int = QUICK) -> Panel:
    """Show controls for a breach, and the result that they give.

    Parameters
    ----------
    scenario
        Name of a scenario of the catalog, path of a ``.toml`` file, or a scenario; or the state of a panel,
        as its link has it: ``"?scenario=equifax-2017&off=ssn"``.
    replicates
        Joint draws behind the settled result. [1, 10**7]
    quick
        Joint draws while a control moves. [1, 10**7]

    Returns
    -------
    The panel; as the last line of a cell it shows itself.

    Raises
    ------
    ImportError
        If anywidget is not installed.
    ValueError
        If the name is unknown, a part of the state cannot be read, or a number of replicates is out of range.
    """
    draws = {"replicates": check_replicates(replicates), "quick": check_replicates(quick)}
    address = scenario if isinstance(scenario, str) and scenario.startswith("?") else ""
    if address:
        scenario = addresses.scenario_in(address)
    found = catalog.scenario_of(scenario)
    own = found.name not in catalog.scenario_names()
    source = str(scenario) if own and not isinstance(scenario, Scenario) else found.name
    explorer = Explorer(found, source, own=own, **draws)
    values, complaints = addresses.read_address(address, explorer.controls)
    if complaints:
        raise ValueError(together(each.removesuffix(" It is left out.") for each in complaints))
    return Panel(explorer, values)


class Panel:
    """Controls, the inputs that they make, and the result.

    Parameters
    ----------
    explorer
        The breach with its controls.
    values
        Values to begin with, by name of the control, of those that differ.
    """

    def __init__(self, explorer: Explorer, values: Mapping[str, Any] | None = None) -> None:
        self.explorer = explorer
        self.values: dict[str, Any] = dict(values or {})
        self._results: dict[str, PanelResult] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.widget = _widget_class()(opening=self._opening())
        self.widget.on_msg(self._heard)

    @property
    def scenario(self) -> Scenario:
        """The scenario before any change."""
        return self.explorer.scenario

    @property
    def inputs(self) -> PanelInputs:
        """What the controls say now, without values that are refused."""
        return self.explorer.read(self.values).inputs

    @property
    def result(self) -> PanelResult:
        """The settled answer to the controls as they stand.

        Raises
        ------
        ValueError
            If there is none, with the reason that the panel shows.
        """
        key = repr((self.explorer.source, sorted(self.values.items())))
        if key not in self._results:
            self._results = {key: self.explorer.result(self.values, settled=True)}
        return self._results[key]

    def reset(self) -> None:
        """Put every control back to its first value."""
        self.values = {}
        self._send_state()

    def move(self, values: Mapping[str, Any]) -> None:
        """Set several controls as one move; every view of the panel follows.

        Parameters
        ----------
        values
            By name of the control. Those that are out of range are refused in the panel, as typed ones are.

        Raises
        ------
        ValueError
            If there is no such control; none is moved then.
        """
        known = self.explorer.controls
        for name in values:
            if name not in known:
                raise ValueError(unknown("control", name, known, f"the panel of {self.scenario.name!r}"))
        moved = self.values | dict(values)
        self.values = {name: value for name, value in moved.items() if value != known[name].value}
        self._send_state()

    def _send_state(self) -> None:
        """Send the state and its answer to the views that are open, and keep it for those that will be."""
        opening = self._opening()
        self.widget.send({name: part for name, part in opening.items() if name != "panel"})
        self.widget.opening = opening

    def _opening(self) -> dict[str, Any]:
        """What a view begins with: controls, values and their answer."""
        reply = self.explorer.answered(self.values, settled=True)
        return reply | {"values": self.values, "panel": self.explorer.described()}

    def _heard(self, _widget: object, request: Mapping[str, Any], _buffers: object) -> None:
        """Reply to a view: a quick look at once, the settled answer aside."""
        current = self.explorer
        try:
            self.explorer = asked_for(request, lambda: current)
            self.values = values_in(request)
        except ValueError:
            pass  # the reply says it
        if request.get("settled"):
            try:
                task = asyncio.get_running_loop().create_task(self._reply_aside(request, current))
            except RuntimeError:
                pass  # no loop: a plain script
            else:
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
                return
        self._reply(request, replied(request, lambda: current))

    async def _reply_aside(self, request: Mapping[str, Any], current: Explorer) -> None:
        self._reply(request, await asyncio.to_thread(replied, request, lambda: current))

    def _reply(self, request: Mapping[str, Any], reply: Mapping[str, Any]) -> None:
        self.widget.send({**reply, "number": request.get("number", 0)})

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        """The widget where there are widgets; else the result as a page, else as text."""
        shown = self.widget._repr_mimebundle_()
        data = shown[0] if isinstance(shown, tuple) else shown
        return {**data, "text/html": self._still(), "text/plain": repr(self)}

    def _still(self) -> str:
        try:
            return view.whole(self.result, self.explorer.start(self.explorer.replicates))
        except ValueError as error:
            return view.refusal(f"{error}")

    def __repr__(self) -> str:
        try:
            return repr(self.result)
        except ValueError as error:
            return f"Explore {self.scenario.title}: this cannot be answered. {error}"


@lru_cache(maxsize=1)
def _widget_class() -> Any:
    """The widget that shows a panel; made when the first panel is, as anywidget is an extra."""
    require("panels", "explore")
    import anywidget
    import traitlets

    assets = templates("breach_sim.apps.explorer", "assets.html.j2")

    class PanelWidget(anywidget.AnyWidget):  # type: ignore[misc, unused-ignore]
        """A panel in a notebook."""

        _esm = str(assets.script())
        _css = str(assets.css())
        opening = traitlets.Dict().tag(sync=True)

    return PanelWidget
