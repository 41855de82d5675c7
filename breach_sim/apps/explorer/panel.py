"""The panel: controls on one side, the result on the other, redrawn when a control moves.

A moved control gives a result from few replicates at once, and the panel says so. When nothing has moved for
half a second, the settled result follows from all replicates; it is computed on a thread, so that the
controls go on working. Where no event loop runs (a plain script) the settled result comes at once.

Inputs that cannot be run give a sentence in the panel; the last result stays below it.

Not here: the controls (``controls``), the numbers (``panel_result``), their HTML (``view``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from breach_sim import api, catalog
from breach_sim.apps.explorer import controls, view
from breach_sim.apps.explorer.panel_inputs import PanelInputs
from breach_sim.apps.explorer.panel_result import FULL, QUICK, PanelResult, compute
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.simulation import check_replicates

PAUSE = 0.5
"""Seconds without a move after which the settled result is computed."""
SECTIONS = ("Who and what leaked", "What would help", "Dates", "Evidence")


def explore(scenario: str | Path | Scenario, *, replicates: int = FULL, quick: int = QUICK) -> Panel:
    """Show controls for a breach, and the result that they give.

    Parameters
    ----------
    scenario
        Name of a scenario of the catalogue, path of a ``.toml`` file, or a scenario.
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
        If ipywidgets is not installed.
    ValueError
        If the name is unknown, or a number of replicates out of range.
    """
    breach = catalog.scenario_of(scenario)
    return Panel(breach, check_replicates(replicates), check_replicates(quick))


class Panel:
    """Controls, the inputs that they make, and the result.

    Parameters
    ----------
    scenario
        The scenario before any change.
    replicates, quick
        Joint draws behind the settled result, and while a control moves.
    """

    def __init__(self, scenario: Scenario, replicates: int, quick: int) -> None:
        self.scenario, self.replicates, self.quick = scenario, replicates, quick
        self.controls: dict[str, Any] = {
            **controls.sizes(scenario),
            **controls.leaks(scenario),
            **controls.remedies(api.load_mitigations()),
            **controls.dates(scenario),
            **controls.evidence(scenario),
        }
        self._asked = self.inputs
        self.result = compute(self._asked, replicates=replicates)
        self.error = ""
        self._first = {name: control.value for name, control in self.controls.items()}
        self._held, self._moves = False, 0
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        w = controls.toolkit()
        self.outputs = {
            name: w.HTML() for name in ("headline", "funnel", "numbers", "mitigations", "cautions")
        }
        self.widget = _laid_out(self)
        for control in self.controls.values():
            control.observe(self._moved, names="value")
        self._show(self.result, settled=True)

    @property
    def inputs(self) -> PanelInputs:
        """What the controls say now."""
        return controls.read(self.scenario, self.controls)

    @property
    def settled(self) -> bool:
        """Whether the result is that of the controls as they stand, from all replicates."""
        same = self.result.inputs == self.inputs and self.result.replicates == self.replicates
        return same and not self.error

    def settle(self) -> PanelResult:
        """Compute the settled result now.

        Returns
        -------
        The result; the last one where the inputs cannot be run (``error`` says why).
        """
        self._wait_no_longer()
        self._take(*self._tried(self.replicates), settled=True)
        return self.result

    def reset(self) -> None:
        """Put every control back to its first value."""
        self.move(self._first)

    def move(self, values: Mapping[str, Any]) -> None:
        """Set several controls as one move.

        Parameters
        ----------
        values
            By name of the control.

        Raises
        ------
        ValueError
            If there is no such control; none is moved then.
        """
        for name in values:
            if name not in self.controls:
                raise ValueError(
                    unknown("control", name, self.controls, f"the panel of {self.scenario.name!r}")
                )
        self._held = True
        try:
            for name, value in values.items():
                self.controls[name].value = value
        finally:
            self._held = False
        self._moved()

    def _moved(self, _change: object = None) -> None:
        """Show a result from few replicates at once, and from all when the controls have come to rest."""
        if self._held or self.inputs == self._asked:  # a slider on a page sends 5.000000000000001 for 5
            return
        self._wait_no_longer()
        self._take(*self._tried(self.quick), settled=False)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.settle()
            return
        self._timer = loop.call_later(PAUSE, self._start_settling)

    def _wait_no_longer(self) -> None:
        """Forget the settled result that is being waited for: the controls stand elsewhere now."""
        self._moves += 1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _start_settling(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._settle_aside())

    async def _settle_aside(self) -> None:
        """Compute the settled result on a thread of its own; drop it if a control has moved meanwhile."""
        moves = self._moves
        result = await asyncio.to_thread(_tried, self._asked, self.replicates)
        if moves == self._moves:
            self._take(*result, settled=True)

    def _tried(self, replicates: int) -> tuple[PanelResult | None, str]:
        """Run what the controls say now."""
        self._asked = self.inputs
        return _tried(self._asked, replicates)

    def _take(self, result: PanelResult | None, error: str, *, settled: bool) -> None:
        """Show a result, or why there is none."""
        self.error = error
        if result is None:
            self.outputs["headline"].value = view.refusal(error)
            return
        self.result = result
        self._show(result, settled=settled)

    def _show(self, result: PanelResult, *, settled: bool) -> None:
        texts = {"headline": view.headline(result, settled=settled)}
        parts: dict[str, Callable[[PanelResult], str]] = {
            "funnel": view.funnel,
            "numbers": view.numbers,
            "mitigations": view.mitigations,
            "cautions": view.cautions,
        }
        # All texts before the first is shown: a panel never holds parts of two results.
        texts |= {name: draw(result) for name, draw in parts.items()}
        for name, text in texts.items():
            self.outputs[name].value = text

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        """The widget where there are widgets; else the result as a page, else as text."""
        shown = self.widget._repr_mimebundle_()
        return {**shown, "text/html": view.whole(self.result), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return repr(self.result)


def _tried(inputs: PanelInputs, replicates: int) -> tuple[PanelResult | None, str]:
    """The result, or none and the sentence that says why."""
    try:
        return compute(inputs, replicates=replicates), ""
    except Exception as error:  # noqa: BLE001 - a panel shows every error in words, and goes on
        return None, f"{error}" or type(error).__name__


def _laid_out(panel: Panel) -> Any:
    """All controls by section, beside the outputs."""
    w, widgets = controls.toolkit(), panel.controls
    chooser = w.ToggleButtons(
        options=SECTIONS,
        tooltips=[f"controls: {name}" for name in SECTIONS],
        style={"button_width": "auto"},
        layout={"margin": "0 0 6px"},
    )
    pages = [
        w.VBox(_leaked_page(panel.scenario, widgets)),
        w.VBox(_remedies_page(widgets)),
        w.VBox(_dates_page(panel.scenario, widgets)),
        w.VBox([widgets[name] for name in ("ssn", "uplift", "release", "seed")]),
    ]

    def choose(_change: object = None) -> None:
        for name, one in zip(SECTIONS, pages, strict=True):
            one.layout.width = "100%"
            one.layout.display = "flex" if name == chooser.value else "none"

    chooser.observe(choose, names="value")
    choose()
    back = w.Button(description="Put everything back", tooltip="every control as at first")
    back.layout.width = "auto"
    back.on_click(lambda _: panel.reset())
    table = w.Checkbox(value=False, description="show the table behind the figure", indent=False)
    table.observe(lambda _: _fold(panel.outputs["numbers"], shown=table.value), names="value")
    _fold(panel.outputs["numbers"], shown=False)
    out = panel.outputs
    left = w.VBox(
        [chooser, *pages, back],
        layout={"flex": "1 1 430px", "max_width": "560px", "align_items": "flex-start"},
    )
    right = w.VBox(
        [out["headline"], out["funnel"], table, out["numbers"], out["mitigations"], out["cautions"]],
        layout={"flex": "2 1 520px", "min_width": "0"},
    )
    title = w.HTML(view.heading(panel.scenario.title, style="font-size:16px;font-weight:600"))
    inside = w.Box([left, right], layout={"display": "flex", "flex_flow": "row wrap", "grid_gap": "8px 28px"})
    return w.VBox([title, inside])


def _fold(widget: Any, *, shown: bool) -> None:
    widget.layout.display = "" if shown else "none"


def _heading(text: str, more: str = "") -> Any:
    style = "font-size:13px;font-weight:600;margin:6px 0 0;line-height:1.4"
    return controls.toolkit().HTML(view.heading(text, more, style=style))


def _wrapped(widgets: list[Any]) -> Any:
    return controls.toolkit().Box(widgets, layout={"display": "flex", "flex_flow": "row wrap"})


def _leaked_page(scenario: Scenario, widgets: dict[str, Any]) -> list[Any]:
    """Size and fields of every segment, then the fields that leaked nowhere."""
    parts: list[Any] = []
    for segment in scenario.segments:
        start = f"leaked:{segment.name}:"
        boxes = [control for name, control in widgets.items() if name.startswith(start)]
        parts += [_heading(segment.title, f"{segment.accounts:,} accounts as stated")]
        parts += [widgets[f"size:{segment.name}"], _wrapped(boxes)]
    added = [control for name, control in widgets.items() if name.startswith("added:")]
    if added:
        parts += [_heading("What if these had leaked too?", "in every segment"), _wrapped(added)]
    return parts


def _remedies_page(widgets: dict[str, Any]) -> list[Any]:
    """Every mitigation on a row of its own, with its day."""
    parts: list[Any] = [_heading("Tick what is done", "days count from the sale")]
    for name, control in widgets.items():
        if name.startswith("use:"):
            day = widgets.get(name.replace("use:", "day:", 1))
            parts.append(_wrapped([control, *([day] if day is not None else [])]))
    return parts


def _dates_page(scenario: Scenario, widgets: dict[str, Any]) -> list[Any]:
    """The horizon, the date of the sale, and each event under its name."""
    parts: list[Any] = [widgets["horizon"], widgets["day_zero"]]
    for number, event in enumerate(scenario.events):
        parts += [_heading(event.label or event.kind, "days after the sale"), widgets[f"event:{number}"]]
    return parts
