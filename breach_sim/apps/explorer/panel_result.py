"""What a panel shows, as numbers and text: the run of its inputs and the comparison of its mitigations.

Not here: what the controls say (``panel_inputs``), and the HTML of a result (``view``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from breach_sim import api
from breach_sim.apps.explorer.panel_inputs import PanelInputs
from breach_sim.formatting.tables import Row, spread, summary, table
from breach_sim.results.impact import Impact
from breach_sim.results.tables.funnel import FunnelRow, ranked
from breach_sim.whatif.averted import Averted
from breach_sim.whatif.comparison import Comparison

if TYPE_CHECKING:
    import pandas as pd

FULL, QUICK = api.REPLICATES, 512
"""Replicates of a settled result, and of a quick look while a control moves."""


@dataclass(frozen=True, kw_only=True, repr=False)
class PanelResult:
    """What the model gives for the inputs of a panel.

    Parameters
    ----------
    inputs
        What the controls said.
    impact
        What ``simulate`` gives for it.
    comparison
        What ``compare`` gives for its mitigations, without pairs; None where none is chosen.
    """

    inputs: PanelInputs
    impact: Impact
    comparison: Comparison | None

    @property
    def replicates(self) -> int:
        """Replicates behind it."""
        return self.impact.replicates

    @property
    def notes(self) -> tuple[str, ...]:
        """Cautions of scenario, run and comparison, each once."""
        idle = self.comparison.notes if self.comparison else ()
        return tuple(dict.fromkeys((*self.impact.notes, *idle)))

    @property
    def averted(self) -> tuple[Averted, ...]:
        """What each mitigation averts, and last of all together where there are two or more."""
        return self.comparison.averted if self.comparison else ()

    @cached_property
    def worst(self) -> tuple[str, float]:
        """Label of the attack with the largest mean loss, and its share of it; "" where nothing is lost."""
        means = np.array(
            [self.impact.expected("loss_usd", name).mean() for name in self.impact.attacks.names]
        )
        whole = float(means.sum())
        if not whole:
            return "", 0.0
        most = int(np.argmax(means))
        return self.impact.attacks.attacks[most].label, float(means[most]) / whole

    def left(self) -> float:
        """Mean expected loss that is left with all chosen mitigations [USD]."""
        if not self.averted:
            return float(self.impact.expected("loss_usd").mean())
        return float(self.averted[-1].left[0].mean())

    def totals(self) -> dict[str, dict[str, float]]:
        """People harmed and loss in all.

        Returns
        -------
        "people" and "loss_usd", each with p5, p50, p95 and mean. [people], [USD]
        """
        return {
            "people": summary(self.impact.people),
            "loss_usd": summary(self.impact.loss, self.impact.expected("loss_usd")),
        }

    @cached_property
    def rows(self) -> tuple[FunnelRow, ...]:
        """The attacks that any account is open to, the most victims first."""
        return ranked(self.impact)

    def table(self) -> pd.DataFrame:
        """The headline: people, loss, the largest harm, and what the chosen mitigations avert.

        Returns
        -------
        One row a line of text, column ``answer``.
        """
        rows: list[Row] = [(name, {"answer": words}) for name, words in self.lines().items()]
        return table(rows, self.notes)

    def lines(self) -> dict[str, str]:
        """The headline in words.

        Returns
        -------
        Accounts, people harmed, loss, largest harm, and what each mitigation averts: median and 90 %
        interval, to the digits earned. [accounts], [USD]
        """
        worst, share = self.worst
        return {
            "accounts": f"{self.impact.scenario.accounts:,}",
            "people harmed": spread(self.impact.people, self.impact.scramble),
            "loss [USD]": spread(self.impact.loss, self.impact.scramble),
            "largest harm": f"{worst}, {share:.0%} of the loss" if worst else "none",
            **{
                f"averted by {one.name} [USD]": spread(one.loss, self.impact.scramble) for one in self.averted
            },
        }

    def __repr__(self) -> str:
        lines = [f"Explore {self.impact.scenario.title}"]
        lines += [f"  {name}: {words}" for name, words in self.lines().items()]
        lines.append(
            f"  median (90 % interval), {self.inputs.horizon_years:g} years, {self.replicates:,} "
            f"replicates, seed {self.inputs.seed}"
        )
        return "\n".join(lines)


def compute(inputs: PanelInputs, *, replicates: int = FULL) -> PanelResult:
    """Run the model on the inputs of a panel.

    Parameters
    ----------
    inputs
        What the controls say.
    replicates
        Joint draws. [1, 10**7]

    Returns
    -------
    Exactly what ``simulate`` and ``compare`` give for the breach and the attacks of the inputs.

    Raises
    ------
    ValueError
        If a name is unknown or a number out of range.

    Examples
    --------
    >>> from breach_sim.catalog import load_scenario
    >>> fewer = PanelInputs(scenario=load_scenario("stated"), sizes={"applicants": 0})
    >>> compute(fewer, replicates=50).impact.exposed
    14617000
    """
    impact = api.simulate(
        inputs.breach(),
        inputs.attacks(),
        replicates=replicates,
        seed=inputs.seed,
        horizon_years=inputs.horizon_years,
    )
    comparison = api.compare(impact, *inputs.mitigations, pairs=False) if inputs.mitigations else None
    return PanelResult(inputs=inputs, impact=impact, comparison=comparison)
