"""A comparison of mitigations: the frozen arrays, with one method a table.

Not here: how a table is computed (``worth``, ``by_month``), and how the arrays are (``mitigated_runs``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from breach_sim.formatting import html
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.digits import human, significant
from breach_sim.formatting.tables import spread
from breach_sim.inputs.mitigations import ACTORS, Mitigation
from breach_sim.inputs.scenario import Scenario
from breach_sim.whatif import by_month, worth
from breach_sim.whatif.averted import Averted, AvertedReplicates
from breach_sim.whatif.trajectory import Trajectory

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, repr=False)
class Comparison(AvertedReplicates):
    """Mitigations side by side: the arrays of a comparison, and one method for each table made from them.

    The fields are those of :class:`~breach_sim.whatif.averted.AvertedReplicates`.
    """

    def table(self) -> pd.DataFrame:
        """What each mitigation averts and costs.

        Returns
        -------
        One row a mitigation and one for all together. ``loss_usd``, ``people``, ``hours`` averted,
        ``cost_usd`` and ``net_usd``: p5, p50, p95, mean each, over what is not known (expectations given the
        parameters). ``victims_usd``, ``lenders_usd`` and ``others_usd`` sum to ``loss_usd``; ``firm_usd`` is
        what the firm's ledger is lower by, and is not to be added. The rest stands in :meth:`worth` and
        :meth:`who`.
        """
        return worth.averted(self)

    def who(self) -> pd.DataFrame:
        """Who can carry out each mitigation, whether a law demands it, and from which day it can be done.

        Returns
        -------
        One row a mitigation: ``actor``, ``law`` ("" for a choice), ``start_day``, ``earliest_day`` [days],
        ``possible`` (False where it could be done before the breach only), ``reason``.
        """
        return worth.who_and_when(self)

    def worth(self) -> pd.DataFrame:
        """Is it worth its price, and how sure is that.

        Returns
        -------
        One row a mitigation and one for all together: mean loss averted [USD], its share of the loss, mean
        cost and net benefit [USD], ``p_worth`` (share of replicates in which the expected loss averted
        exceeds the cost), standard deviations of the loss averted by ignorance (structure included) and by
        luck [USD], the Monte Carlo standard error of its mean on shared draws (``se_paired``) and what two
        separate runs would have (``se_unpaired``) [USD].
        """
        return worth.worth(self)

    def overlap(self) -> pd.DataFrame:
        """Pairs: what two avert together, against the sum of what each averts.

        Returns
        -------
        One row a pair, index (a, b): mean loss averted by a, by b, by both, the sum of the first two, and
        ``overlap_usd``, sum less both: above 0 where they do the same work, below 0 where each needs the
        other [USD]; and ``overlap_share``, that over what the lesser of the two averts (1: it adds nothing;
        missing where it averts nothing).
        """
        return worth.overlap(self)

    def pair_names(self) -> list[tuple[str, str]]:
        """Names of the pairs, in the order of :meth:`overlap`."""
        return worth.pair_names(self)

    def dates(self) -> list[tuple[float, str, str]]:
        """Days on which the mitigations begin and end: day, name, "begins" or "ends" [days]."""
        return by_month.dates(self)

    def trajectories(self) -> tuple[Trajectory, tuple[Trajectory, ...]]:
        """Expected harm by month without, and what each row of :meth:`table` has averted of it, cumulated."""
        return by_month.trajectories(self)

    def timeline(self) -> pd.DataFrame:
        """Victims and losses by month without and with each mitigation, and the dates at which they act.

        Returns
        -------
        One row a mitigation and month, index (mitigation, month), "without" first and all together last:
        ``end_day``; ``victims`` and ``loss_usd`` of the month, expectations given the parameters (p5, p50,
        p95, mean each; an account hit by two attacks counts twice); ``averted_usd``, the mean loss that the
        mitigation averts in the month; ``events`` of the scenario, and where the mitigation begins or
        ends. Means by month sum to those of :meth:`table`; quantiles do not. What starts on a day changes
        nothing in the months that end before. [accounts], [USD]
        """
        return by_month.timeline(self)

    def sources(self) -> pd.DataFrame:
        """Every number behind the mitigations, assumptions first.

        Returns
        -------
        One row a number: status, kind, numbers, unit, sources, note.
        """
        return worth.sources(self)

    def to_json(self) -> str:
        """The comparison as one JSON document.

        Returns
        -------
        ``scenario, seed, replicates, sampling, baseline, mitigations`` by name, ``overlap``, ``notes``.
        """
        return worth.to_json(self)

    def _without(self) -> tuple[str, str]:
        """Harm without mitigations, and what the figures are made from."""
        loss, people = (
            spread(self.base.total("loss"), self.scramble),
            spread(self.base.total("people"), self.scramble),
        )
        return (
            f"without: loss {loss} USD, people {people}",
            f"median (90 % interval) of what is expected given the parameters, {self.horizon_years:g} "
            f"years, {self.replicates:,} replicates, seed {self.seed}",
        )

    def __repr__(self) -> str:
        who = {own.name: [f"  {_who(own, self.scenario)}"] for own in self.mitigations if own.actor}
        lines = [f"What would have helped, {self.scenario.title}", *(f"  {line}" for line in self._without())]
        for row in self.averted:
            share, often = worth.share_texts(self, row)
            lines += [
                f"{row.name}: {row.label}",
                f"  averts {spread(row.loss, self.scramble)} USD ({share} of the loss), "
                f"{spread(row.people, self.scramble)} people",
                *_whose(row),
                f"  costs {spread(row.cost, self.scramble)} USD; worth it with probability {often}",
                *who.get(row.name, []),
            ]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        rows = []
        for row in self.averted:
            share, often = worth.share_texts(self, row)
            rows.append(
                (
                    row.label,
                    spread(row.loss, self.scramble),
                    share,
                    spread(row.people, self.scramble),
                    spread(row.cost, self.scramble),
                    often,
                    ", ".join(_mean(usd) for usd in row.by_side.values()),
                    "no ledger" if row.firm is None else _mean(row.firm),
                )
            )
        head = (
            "mitigation",
            "loss averted [USD]",
            "share of the loss",
            "people spared",
            "cost [USD]",
            "worth it with probability",
            "averted for victims, lenders, others, mean [USD]",
            "saved by the firm, mean, not to be added [USD]",
        )
        caption = f"What would have helped, {self.scenario.title}"
        return html.table(rows, head, caption=caption, notes=(*self._without(), *self.notes))


def _mean(usd: Array) -> str:
    return human(significant(float(usd.mean()), 2))


def _whose(row: Averted) -> list[str]:
    """Whose money it is, in means."""
    parts = [f"{side} {_mean(usd)}" for side, usd in row.by_side.items()]
    if not row.loss.any() and (row.firm is None or not row.firm.any()):
        return []
    saved = "" if row.firm is None else f"; the firm's own cost: {_mean(row.firm)}"
    return [f"  of it, mean: {', '.join(parts)}{saved}"]


def _who(mitigation: Mitigation, scenario: Scenario) -> str:
    """Who can act, when, and whether it is a choice."""
    when = "before the breach only" if mitigation.is_past else "any day"
    if mitigation.day is not None:
        when = f"from day {mitigation.day:g}"
    choice = "; no choice, by law" if mitigation.demanded(scenario) else ""
    return f"by {ACTORS[mitigation.actor]}, {when}{choice}"
