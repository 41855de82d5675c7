"""Loss tables of the Open Results Data standard of Oasis: samples by event, and samples by period.

The breach is one event that has happened, in one period of weight 1; its samples are the replicates. A
summary is an attack, or a line of the firm's ledger, so that the losses of all summaries sum to the whole in
every sample. Rows have a loss above 0, as in the standard: what insurance pays back is therefore a table of
its own, and the firm's cost is the one less the other.

Not here: how often such a breach happens. A portfolio has the events and frequencies of several breaches.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from breach_sim.formatting.arrays import Array
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.firm.timing import RECOVERY
from breach_sim.results.replicates import Replicates
from breach_sim.results.tables import money

if TYPE_CHECKING:
    import pandas as pd

LEDGERS = ("victims", "firm", "recovery")
"""What a table is of: loss of victims by attack, gross cost of the firm by line, what insurance pays back."""
EXPOSED = "ImpactedExposure is the loss itself: accounts have no insured value, and no less was exposed."
"""Note of every table."""


def summaries(run: Replicates, ledger: str = "victims") -> pd.DataFrame:
    """Names behind the numbers of the summaries.

    Parameters
    ----------
    run
        Arrays of the run.
    ledger
        One of :data:`LEDGERS`.

    Returns
    -------
    Columns SummaryId (from 1) and name. No row where there is no ledger of the firm.

    Raises
    ------
    ValueError
        If the ledger is unknown.
    """
    import pandas as pd

    names = list(_losses(run, ledger))
    return pd.DataFrame({"SummaryId": np.arange(1, len(names) + 1, dtype=np.int32), "name": names})


def event_losses(run: Replicates, ledger: str = "victims") -> pd.DataFrame:
    """Sample event loss table (SELT).

    Parameters
    ----------
    run
        Arrays of the run.
    ledger
        One of :data:`LEDGERS`.

    Returns
    -------
    Columns EventId (1), SummaryId, SampleId (replicate, from 1), Loss [USD], ImpactedExposure (the loss
    itself: accounts have no insured value). [USD]

    Raises
    ------
    ValueError
        If the ledger is unknown.
    """
    import pandas as pd

    rows = [
        (np.full(hit.size, number, np.int32), (hit + 1).astype(np.int32), loss[hit])
        for number, loss in enumerate(_losses(run, ledger).values(), start=1)
        for hit in [np.flatnonzero(loss > 0)]
    ]
    summary, sample, loss = (
        np.concatenate([row[place] for row in rows]) if rows else np.zeros(0, kind)
        for place, kind in enumerate((np.int32, np.int32, np.float64))
    )
    event = np.ones(len(loss), np.int32)
    columns = {"EventId": event, "SummaryId": summary, "SampleId": sample, "Loss": loss}
    frame = pd.DataFrame(columns | {"ImpactedExposure": loss})
    frame.attrs["notes"] = (EXPOSED, *run.notes, *money.ledger_notes(run))
    return frame


def period_losses(run: Replicates, ledger: str = "victims") -> pd.DataFrame:
    """Sample period loss table (SPLT): the event losses in the one period in which the breach happens.

    Parameters
    ----------
    run
        Arrays of the run.
    ledger
        One of :data:`LEDGERS`.

    Returns
    -------
    Columns Period (1), PeriodWeight (1), EventId, Year, Month, Day (of the sale of the data; 0 where it has
    no date), Hour, Minute, SummaryId, SampleId, Loss [USD], ImpactedExposure.

    Raises
    ------
    ValueError
        If the ledger is unknown.
    """
    import pandas as pd

    events = event_losses(run, ledger)
    day = date.fromisoformat(run.scenario.day_zero) if run.scenario.day_zero else None
    numbers = {"Year": day.year, "Month": day.month, "Day": day.day} if day else {}
    places = {"Year": 0, "Month": 0, "Day": 0} | numbers | {"Hour": 0, "Minute": 0}
    columns = {"Period": np.ones(len(events), np.int32), "PeriodWeight": np.ones(len(events))}
    dates = {name: np.full(len(events), value, np.int32) for name, value in places.items()}
    kept = {name: events[name] for name in ("SummaryId", "SampleId", "Loss", "ImpactedExposure")}
    frame = pd.DataFrame(columns | {"EventId": events["EventId"]} | dates | kept)
    frame.attrs["notes"] = events.attrs["notes"]
    return frame


def _losses(run: Replicates, ledger: str) -> dict[str, Array]:
    """Losses by summary. Shape (R,) each. [USD]."""
    if ledger not in LEDGERS:
        raise ValueError(unknown("ledger", ledger, LEDGERS, "the loss tables"))
    if ledger != "victims":
        lines = money.firm_lines(run)
        if ledger == "recovery":
            return {line: -cost for line, cost in lines.items() if line == RECOVERY}
        return {line: cost for line, cost in lines.items() if line != RECOVERY}
    return dict(zip(run.attacks.names, run.per_attack("loss_usd"), strict=True))
