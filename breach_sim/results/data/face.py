"""The methods of an impact that give data to other programs.

Not here: how the data are made. Each method calls a function of ``document``, ``tidy``, ``samples``,
``stix`` or ``loss_tables``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from breach_sim.results.data import document, loss_tables, samples, stix, tidy
from breach_sim.results.replicates import Replicates

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, repr=False)
class AsData(Replicates):
    """Arrays of a run, and what other programs read of them. docs/data.md says what every column means."""

    @property
    def input_hash(self) -> str:
        """SHA-256 over everything that made the impact, 64 hexadecimal digits."""
        return document.input_hash(self)

    def to_json(self) -> str:
        """The answer as one JSON document.

        Returns
        -------
        ``schema, units, scenario, seed, replicates, sampling, accounts, exposed, people, firm_cost_usd,
        parts, attacks, segments, ledgers, timeline, excess, exceedance, version`` and more; every uncertain
        number is ``{"p5", "p50", "p95", "mean"}``, and ``standard_errors`` has the same shape. The same
        inputs and seed give the same text.
        """
        return document.to_json(self)

    def tidy(self) -> pd.DataFrame:
        """Every number of every table, one row each.

        Returns
        -------
        Columns segment, attack, measure, item, at, unit, statistic, value. Segments and attacks are names;
        "all" is a total. ``item`` divides a measure by bearer, line or part; ``at`` is a month, a probability
        of being exceeded, or a number of replicates, and missing elsewhere. [unit of the row]

        Examples
        --------
        >>> import breach_sim as bs
        >>> table = bs.simulate("tmobile-2021-stated", replicates=100).tidy()
        >>> people = table.query("measure == 'people' and segment == 'all' and attack == 'all'")
        >>> people["statistic"].tolist()[:4]
        ['p5', 'p50', 'p95', 'mean']
        """
        return tidy.tidy(self)

    def samples(self) -> pd.DataFrame:
        """The draws: one row a replicate.

        Returns
        -------
        Index ``replicate``. Columns exposed, people, loss_usd, firm_cost_usd (with a ledger of the firm),
        ATTACK.victims, ATTACK.loss_usd, LINE.firm_cost_usd. Counts are whole numbers. [accounts], [USD]
        """
        return samples.samples(self)

    def to_stix(self) -> str:
        """The impact as a STIX 2.1 bundle: an incident, exposed records, and losses.

        Returns
        -------
        JSON text. Amounts run from the 5 % to the 95 % quantile; quantiles and means stand in an extension.
        """
        return stix.to_stix(self)

    def event_losses(self, ledger: str = "victims") -> pd.DataFrame:
        """Sample event loss table of the Open Results Data standard (SELT).

        Parameters
        ----------
        ledger
            "victims" for the loss by attack; "firm" for the cost of the firm by line, before insurance;
            "recovery" for what insurance pays back. Those of victims and of the firm are never added.

        Returns
        -------
        Columns EventId, SummaryId, SampleId, Loss, ImpactedExposure (the loss itself). Losses are above 0.
        [USD]

        Raises
        ------
        ValueError
            If the ledger is unknown.
        """
        return loss_tables.event_losses(self, ledger)

    def period_losses(self, ledger: str = "victims") -> pd.DataFrame:
        """Sample period loss table of the Open Results Data standard (SPLT).

        Parameters
        ----------
        ledger
            "victims" for the loss by attack; "firm" for the cost of the firm by line, before insurance;
            "recovery" for what insurance pays back. Those of victims and of the firm are never added.

        Returns
        -------
        Columns Period, PeriodWeight, EventId, Year, Month, Day, Hour, Minute, SummaryId, SampleId, Loss,
        ImpactedExposure. The breach happens once, in period 1. [USD]

        Raises
        ------
        ValueError
            If the ledger is unknown.
        """
        return loss_tables.period_losses(self, ledger)

    def loss_summaries(self, ledger: str = "victims") -> pd.DataFrame:
        """Names behind the numbers of the summaries in the loss tables.

        Parameters
        ----------
        ledger
            "victims" for attacks, "firm" for lines, "recovery" for the insurance.

        Returns
        -------
        Columns SummaryId and name.

        Raises
        ------
        ValueError
            If the ledger is unknown.
        """
        return loss_tables.summaries(self, ledger)
