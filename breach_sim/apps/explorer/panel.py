"""The panel: controls on one side, the answer on the other, redrawn when a control moves.

A moved control is answered at once from few replicates, and the panel says so; when nothing has moved for
half a second, the settled answer follows from all of them, computed aside so that the controls go on
answering. Where no event loop runs (a plain script) the settled answer comes at once.

What a setting cannot be asked stands in the panel as a sentence; the last answer stays below it.

Not here: the controls themselves (``controls``), the numbers (``setting``), how they look (``page``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from breach_sim import api, catalog
from breach_sim.apps.explorer import controls
from breach_sim.apps.explorer import view as page
from breach_sim.apps.explorer.setting import FULL, QUICK, Answer, Setting, answer
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.simulation import check_replicates

PAUSE = 0.5
"""Seconds without a move after which the settled answer is computed."""
SECTIONS = ("Who and what leaked", "What would help", "Dates", "Evidence")
HEADING = "font-family:var(--jp-ui-font-family, system-ui, sans-serif);color:var(--jp-ui-font-color1, #222)"


def explore(scenario: str | Path | Scenario, *, replicates: int = FULL, quick: int = QUICK) -> Panel:
    """Controls for a breach, and the answer that they give.

    Parameters
    ----------
    scenario
        Name of a scenario of the catalogue, path of a ``.toml`` file, or a scenario.
    replicates
        Joint draws behind the settled answer. [1, 10**7]
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
    found = catalog.scenario_of(scenario)
    return Panel(found, check_replicates(replicates), check_replicates(quick))


class Panel:
    """Controls, the setting they make, and its answer.

    Parameters
    ----------
    scenario
        Where one begins.
    replicates, quick
        Joint draws behind the settled answer, and while a control moves.
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
        self._asked = self.setting
        self.answer = answer(self._asked, replicates=replicates)
        self.error = ""
        self._first = {name: control.value for name, control in self.controls.items()}
        self._held, self._moves = False, 0
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        w = controls.toolkit()
        self.outputs = {name: w.HTML() for name in ("headline", "funnel", "numbers", "helped", "cautions")}
        self.widget = _laid_out(self)
        for control in self.controls.values():
            control.observe(self._moved, names="value")
        self._show(self.answer, settled=True)

    @property
    def setting(self) -> Setting:
        """What the controls say now."""
        return controls.read(self.scenario, self.controls)

    @property
    def settled(self) -> bool:
        """Whether the answer is that of the controls as they stand, from all replicates."""
        same = self.answer.setting == self.setting and self.answer.replicates == self.replicates
        return same and not self.error

    def settle(self) -> Answer:
        """Compute the settled answer now.

        Returns
        -------
        The answer; the last one where the setting cannot be answered (``error`` says why).
        """
        self._wait_no_longer()
        self._take(*self._tried(self.replicates), settled=True)
        return self.answer

    def reset(self) -> None:
        """Put every control back to where it stood at first."""
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
        """Answer from few replicates at once, and from all of them when the controls have come to rest."""
        setting = self.setting
        if self._held or setting == self._asked:  # a slider on a page sends 5.000000000000001 for 5
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
        """Forget the settled answer that is being waited for: the controls stand elsewhere now."""
        self._moves += 1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _start_settling(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._settle_aside())

    async def _settle_aside(self) -> None:
        """Compute the settled answer on a thread of its own; drop it if a control has moved meanwhile."""
        moves = self._moves
        found = await asyncio.to_thread(_tried, self._asked, self.replicates)
        if moves == self._moves:
            self._take(*found, settled=True)

    def _tried(self, replicates: int) -> tuple[Answer | None, str]:
        """Ask what the controls say now."""
        self._asked = self.setting
        return _tried(self._asked, replicates)

    def _take(self, found: Answer | None, error: str, *, settled: bool) -> None:
        """Show an answer, or why there is none."""
        self.error = error
        if found is None:
            self.outputs["headline"].value = page.refusal(error)
            return
        self.answer = found
        self._show(found, settled=settled)

    def _show(self, found: Answer, *, settled: bool) -> None:
        told = {"headline": page.headline(found, settled=settled)}
        drawn: dict[str, Callable[[Answer], str]] = {
            "funnel": page.funnel, "numbers": page.numbers, "helped": page.helped, "cautions": page.cautions,
        }  # fmt: skip
        told |= {name: draw(found) for name, draw in drawn.items()}
        for name, text in told.items():
            self.outputs[name].value = text

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        """The widget where there are widgets; else the answer as a page, else as text."""
        shown = self.widget._repr_mimebundle_()
        return {**shown, "text/html": page.whole(self.answer), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return repr(self.answer)


def _tried(setting: Setting, replicates: int) -> tuple[Answer | None, str]:
    """The answer, or none and the sentence that says why."""
    try:
        return answer(setting, replicates=replicates), ""
    except Exception as error:  # noqa: BLE001 - a panel tells every error in words, and goes on
        return None, f"{error}" or type(error).__name__


def _laid_out(panel: Panel) -> Any:
    """All controls by section, beside the outputs."""
    w, found = controls.toolkit(), panel.controls
    chooser = w.ToggleButtons(
        options=SECTIONS, tooltips=[f"controls: {name}" for name in SECTIONS],
        style={"button_width": "auto"}, layout={"margin": "0 0 6px"},
    )  # fmt: skip
    pages = [
        w.VBox(_leaked_page(panel.scenario, found)),
        w.VBox(_remedies_page(found)),
        w.VBox(_dates_page(panel.scenario, found)),
        w.VBox([found[name] for name in ("ssn", "uplift", "release", "seed")]),
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
        [out["headline"], out["funnel"], table, out["numbers"], out["helped"], out["cautions"]],
        layout={"flex": "2 1 520px", "min_width": "0"},
    )
    title = w.HTML(
        f'<div style="{HEADING};font-size:16px;font-weight:600">{_escaped(panel.scenario.title)}</div>'
    )
    inside = w.Box([left, right], layout={"display": "flex", "flex_flow": "row wrap", "grid_gap": "8px 28px"})
    return w.VBox([title, inside])


def _fold(widget: Any, *, shown: bool) -> None:
    widget.layout.display = "" if shown else "none"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _heading(text: str, more: str = "") -> Any:
    told = f'<span style="font-weight:400;opacity:.75"> {_escaped(more)}</span>' if more else ""
    style = f"{HEADING};font-size:13px;font-weight:600;margin:6px 0 0;line-height:1.4"
    return controls.toolkit().HTML(f'<div style="{style}">{_escaped(text)}{told}</div>')


def _wrapped(found: list[Any]) -> Any:
    return controls.toolkit().Box(found, layout={"display": "flex", "flex_flow": "row wrap"})


def _leaked_page(scenario: Scenario, found: dict[str, Any]) -> list[Any]:
    """Size and fields of every segment, then the fields that leaked nowhere."""
    parts: list[Any] = []
    for segment in scenario.segments:
        start = f"leaked:{segment.name}:"
        boxes = [control for name, control in found.items() if name.startswith(start)]
        parts += [_heading(segment.title, f"{segment.accounts:,} accounts as stated")]
        parts += [found[f"size:{segment.name}"], _wrapped(boxes)]
    added = [control for name, control in found.items() if name.startswith("added:")]
    if added:
        parts += [_heading("What if these had leaked too?", "in every segment"), _wrapped(added)]
    return parts


def _remedies_page(found: dict[str, Any]) -> list[Any]:
    """Every mitigation on a row of its own, with its day."""
    parts: list[Any] = [_heading("Tick what is done", "days count from the sale")]
    for name, control in found.items():
        if name.startswith("use:"):
            day = found.get(name.replace("use:", "day:", 1))
            parts.append(_wrapped([control, *([day] if day is not None else [])]))
    return parts


def _dates_page(scenario: Scenario, found: dict[str, Any]) -> list[Any]:
    """How far one looks, the date of the sale, and each event under its name."""
    parts: list[Any] = [found["horizon"], found["day_zero"]]
    for number, event in enumerate(scenario.events):
        parts += [_heading(event.label or event.kind, "days after the sale"), found[f"event:{number}"]]
    return parts
