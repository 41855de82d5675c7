"""What insurance leaves to the firm: ground-up, ceded and net cost on the same draws.

Not here: the layers (``inputs.firm.insurance``) and the cost itself (``results.tables.money``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting import html
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.digits import human
from breach_sim.formatting.tables import Row, summary, table
from breach_sim.inputs.firm.insurance import COVERED, Program
from breach_sim.results.replicates import Replicates
from breach_sim.results.tables.curves import curve, within_appetite
from breach_sim.results.tables.money import firm_lines, ledger_notes, why_no_cost

if TYPE_CHECKING:
    import pandas as pd

NET, CEDED, GROUND_UP = "net", "ceded", "ground-up"


@dataclasses.dataclass(frozen=True, kw_only=True, repr=False)
class Insured:
    """Cost of the firm with insurance.

    Parameters
    ----------
    name
        Of the scenario.
    ground_up
        Cost before insurance. Shape (R,). [USD of 2024]
    by_layer
        What each layer pays, by name. Shape (R,) each. [USD of 2024]
    scramble
        Number of the scramble of each replicate, shape (R,); None for plain draws.
    notes
        Cautions of the run and of its ledger.
    """

    name: str
    ground_up: Array
    by_layer: Mapping[str, Array]
    scramble: NDArray[np.int64] | None
    notes: tuple[str, ...] = ()

    @property
    def ceded(self) -> Array:
        """What all layers pay together. Shape (R,), USD of 2024."""
        return np.asarray(np.sum(list(self.by_layer.values()), axis=0))

    @property
    def net(self) -> Array:
        """What stays with the firm: ground-up cost without what is ceded. Shape (R,), USD of 2024."""
        return self.ground_up - self.ceded

    def table(self) -> pd.DataFrame:
        """Return ground-up cost, every layer, all that is ceded, and the net cost.

        Returns
        -------
        One row each: p5, p50, p95 and mean, and the chance that it is above 0. [USD of 2024], [share]
        """
        samples = {GROUND_UP: self.ground_up, **self.by_layer, CEDED: self.ceded, NET: self.net}
        rows: list[Row] = [
            (name, summary(sample, sample) | {"above_0": float(np.mean(sample > 0))})
            for name, sample in samples.items()
        ]
        return table(rows, self.notes, index="part")

    def exceedance(self, probabilities: Iterable[float] | None = None) -> pd.DataFrame:
        """Exceedance curve of the net cost.

        Parameters
        ----------
        probabilities
            Chances of exceeding; a useful set if None. (0, 1)

        Returns
        -------
        One row a probability, falling: var_usd, tvar_usd, band_low_usd, band_high_usd. [USD of 2024]
        """
        frame = curve(self.net, probabilities, self.scramble)
        frame.attrs["notes"] = self.notes
        return frame

    def appetite(self, appetite: Mapping[float, float]) -> pd.DataFrame:
        """Hold the net cost against a risk appetite.

        Parameters
        ----------
        appetite
            Largest acceptable amount by the chance of exceeding it. (0, 1), [0, inf) [USD]

        Returns
        -------
        One row a chance, falling: appetite_usd, model_usd, chance_of_exceeding, inside. [USD], [share]
        """
        frame = within_appetite(self.net, appetite, self.scramble)
        frame.attrs["notes"] = self.notes
        return frame

    def _lines(self) -> list[str]:
        means = {GROUND_UP: self.ground_up, CEDED: self.ceded, NET: self.net}
        return [
            f"{word:<10} mean {human(float(np.mean(sample)))} USD, 1 in 20 above "
            f"{human(float(np.quantile(sample, 0.95)))} USD"
            for word, sample in means.items()
        ]

    def __repr__(self) -> str:
        return "\n".join([f"Insured cost of the firm of {self.name}", *(f"  {own}" for own in self._lines())])

    def _repr_html_(self) -> str:
        facts = [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in self._lines()]
        return html.card(f"Insured cost of the firm of {self.name}", facts, notes=self.notes)


def insured(run: Replicates, program: Program) -> Insured:
    """Apply a program of insurance to the cost of the firm.

    Parameters
    ----------
    run
        Arrays of the run.
    program
        Layers of the firm. They take the place of the model's own line ``insurance_recovery``.

    Returns
    -------
    Ground-up, ceded and net cost on the draws of the run.

    Raises
    ------
    ValueError
        If there is no ledger of a firm.
    """
    lines = {line: cost for line, cost in firm_lines(run).items() if line in COVERED}
    if not lines:
        raise ValueError(f"there is no cost of a firm to insure. {why_no_cost(run)}")
    return Insured(
        name=run.scenario.name,
        ground_up=np.sum(list(lines.values()), axis=0),
        by_layer=program.ceded([lines]),
        scramble=run.scramble,
        notes=(*run.notes, *ledger_notes(run)),
    )
