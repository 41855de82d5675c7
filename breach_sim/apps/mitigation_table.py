"""The table of mitigations, as the report and the panel show it: what each averts and costs, in text.

Not here: markup (``formatting.html``), and the numbers (``whatif.comparison``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from breach_sim.formatting.digits import percent
from breach_sim.formatting.tables import spread
from breach_sim.whatif.averted import Averted

COLUMNS = ("loss averted [USD]", "of the loss", "people spared", "cost [USD]", "worth its cost in")
"""Columns beside the label of a mitigation."""


def cells(averted: Averted, loss_usd: float, scramble: NDArray[np.int64] | None = None) -> list[str]:
    """One row of the table.

    Parameters
    ----------
    averted
        What a mitigation averts and costs.
    loss_usd
        Mean loss without any mitigation. [USD]
    scramble
        Number of the scramble of each replicate, shape (R,); None for plain draws.

    Returns
    -------
    One text a column: medians with 90 % intervals, the mean share of the loss, and in how many of the runs
    the loss averted exceeds the cost.
    """
    share = float(averted.loss.mean()) / loss_usd if loss_usd else 0.0
    worth = float(np.mean(averted.loss > averted.cost))
    return [
        spread(averted.loss, scramble),
        percent(share),
        spread(averted.people, scramble),
        spread(averted.cost, scramble),
        f"{worth:.0%} of runs",
    ]
