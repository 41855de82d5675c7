"""The draws of a run as one table: one row a replicate.

Not here: statistics of the draws (``tidy``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.results.replicates import Replicates
from breach_sim.results.tables import money

if TYPE_CHECKING:
    import pandas as pd


def samples(run: Replicates) -> pd.DataFrame:
    """One row a replicate: people, loss and cost of the firm, whole and in parts.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    Index ``replicate``, from 0. Columns exposed, people, loss_usd, then ATTACK.victims and ATTACK.loss_usd
    for each attack; with a ledger of the firm also firm_cost_usd, and LINE.firm_cost_usd for each line.
    Counts are whole numbers. [accounts], [USD], [USD of 2024]. Row r is the same world in every column:
    columns may be compared row by row.
    """
    import pandas as pd

    costs = money.firm_lines(run)
    whole = money.firm_cost(costs)
    columns: dict[str, NDArray[Any]] = {"exposed": run.drawn.exposed.sum(axis=0), "people": run.people}
    columns["loss_usd"] = run.loss
    columns |= {} if whole is None else {"firm_cost_usd": whole}
    for word in ("victims", "loss_usd"):
        rows = zip(run.attacks.names, run.per_attack(word), strict=True)
        columns |= {f"{name}.{word}": drawn for name, drawn in rows}
    columns |= {f"{line}.firm_cost_usd": cost for line, cost in costs.items()}
    counted = {name: _whole(name, drawn) for name, drawn in columns.items()}
    frame = pd.DataFrame(counted, index=pd.RangeIndex(run.replicates, name="replicate"))
    frame.attrs["notes"] = (*run.notes, *money.ledger_notes(run))
    return frame


def _whole(name: str, drawn: NDArray[Any]) -> NDArray[Any]:
    """Counts as 64-bit whole numbers, money as it is. Shape (R,)."""
    return drawn if name.endswith("_usd") else np.asarray(np.rint(drawn), dtype=np.int64)
