"""A comparison of mitigations: arrays, and the tables made from them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from breach_sim.engine.expected_harm import Harm
from breach_sim.engine.law import Law
from breach_sim.engine.timeline import month_ends
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.tables import Row, spread, summary, table, two_level
from breach_sim.inputs.estimates import Estimate
from breach_sim.inputs.mitigations import Mitigation, together
from breach_sim.inputs.scenario import Scenario
from breach_sim.whatif.trajectory import ROUNDING, Course, courses, dates

if TYPE_CHECKING:
    import pandas as pd

ALL = "all together"
"""Name of the row for all mitigations at once."""


@dataclass(frozen=True, kw_only=True)
class Averted:
    """What one mitigation, or several at once, avert.

    Parameters
    ----------
    name, label
        Name and name for tables.
    loss, people, hours
        Expectation given the parameters. Shape (R,). [USD], [accounts], [hours]
    luck_loss, luck_people
        Variance given the parameters, of the same coins; that of the loss is an upper bound, exact where
        no account suffers two attacks. Shape (R,). [USD^2], [accounts^2]
    left
        Expected loss that is left, and its variance given the parameters. Shape (R,) each. [USD], [USD^2]
    cost
        Shape (R,). [USD]
    why_not
        Why it touches nothing here; "" where it does.
    """

    name: str
    label: str
    loss: Array
    people: Array
    hours: Array
    luck_loss: Array
    luck_people: Array
    left: tuple[Array, Array]
    cost: Array
    why_not: str = ""

    @property
    def net(self) -> Array:
        """Loss averted less cost [USD]. Shape (R,)."""
        return np.asarray(self.loss - self.cost)


@dataclass(frozen=True, kw_only=True, repr=False)
class Comparison:
    """Mitigations side by side, and the tables made from them.

    Parameters
    ----------
    scenario, seed, replicates, horizon_years
        What made it.
    mitigations
        In the order given.
    base
        Harm of the baseline.
    averted
        By mitigation, and last of all together where there are two or more.
    pairs
        Expected loss averted by two at once, by their numbers. [USD], mean over replicates
    looked
        Law of the baseline and anchor factors, to ask further.
    """

    scenario: Scenario
    seed: int
    replicates: int
    horizon_years: float
    mitigations: tuple[Mitigation, ...]
    base: Harm
    averted: tuple[Averted, ...]
    pairs: Mapping[tuple[int, int], float]
    looked: tuple[Law, Mapping[str, Array]]

    @property
    def notes(self) -> tuple[str, ...]:
        """Cautions: the scenario's, and which mitigations touch nothing here."""
        idle = [
            f"{own.name} touches nothing in {self.scenario.name} and changes nothing: {own.why_not}."
            for own in self.averted
            if own.why_not
        ]
        return (*self.scenario.notes, *idle)

    def table(self) -> pd.DataFrame:
        """What each mitigation averts and costs.

        Returns
        -------
        One row a mitigation and one for all together. ``loss_usd``, ``people``, ``hours`` averted,
        ``cost_usd`` and ``net_usd``: p5, p50, p95, mean each, over what is not known (expectations given the
        parameters). The rest stands in :meth:`worth`.
        """
        rows: list[Row] = []
        for own in self.averted:
            words = {"loss_usd": own.loss, "people": own.people, "hours": own.hours}
            rows.append((own.name, words | {"cost_usd": own.cost, "net_usd": own.net}))
        return two_level(rows, ("loss_usd", "people", "hours", "cost_usd", "net_usd"), self.notes)

    def worth(self) -> pd.DataFrame:
        """Is it worth its price, and how sure is that.

        Returns
        -------
        One row a mitigation and one for all together: mean loss averted [USD], its share of the loss, mean
        cost and net benefit [USD], ``p_worth`` (share of replicates in which the expected loss averted
        exceeds the cost), standard deviations of the loss averted by ignorance and by luck [USD], the Monte
        Carlo standard error of its mean on shared draws (``se_paired``) and what two separate runs would
        have (``se_unpaired``) [USD].
        """
        whole = float(self.base.total("loss").mean())
        before = self.base.total("loss"), self.base.luck()
        rows: list[Row] = []
        for own in self.averted:
            ignorance, luck = float(np.var(own.loss)), float(np.mean(own.luck_loss))
            apart = sum(float(np.var(mean) + np.mean(variance)) for mean, variance in (before, own.left))
            row = {
                "loss_usd": float(own.loss.mean()),
                "share": float(own.loss.mean()) / whole if whole else 0.0,
                "cost_usd": float(own.cost.mean()),
                "net_usd": float(own.net.mean()),
                "p_worth": float(np.mean(own.loss > own.cost)),
                "sd_ignorance": ignorance**0.5,
                "sd_luck": luck**0.5,
                "se_paired": ((ignorance + luck) / self.replicates) ** 0.5,
                "se_unpaired": (apart / self.replicates) ** 0.5,
            }
            rows.append((own.name, row))
        return table(rows, self.notes)

    def dates(self) -> list[tuple[float, str, str]]:
        """Days on which the mitigations begin and end: day, name, "begins" or "ends" [days]."""
        return dates(self.mitigations, self.scenario, self.looked[0].graph)

    def courses(self) -> tuple[Course, tuple[Course, ...]]:
        """Expected harm by month without, and what each row of :meth:`table` has averted of it, cumulated."""
        law, factors = self.looked
        sets = [[own] for own in self.mitigations]
        sets += [list(self.mitigations)] if len(sets) > 1 else []
        worlds = [together(own, self.scenario, law.graph) for own in sets]
        return courses(law, factors, worlds, month_ends(self.horizon_years))

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
        import pandas as pd

        without, averted = self.courses()
        names = ["without", *(own.name for own in self.averted)]
        none = Course(np.zeros_like(without.victims), np.zeros_like(without.loss))
        rows: list[Row] = []
        for name, course in zip(names, (none, *averted), strict=True):
            parts = {w: getattr(without, w) - getattr(course, w) for w in ("victims", "loss")}
            parts["spared"] = course.loss
            grown = {w: np.diff(part, axis=0, prepend=0.0) for w, part in parts.items()}
            for number, (end, events) in enumerate(self._months(name)):
                row: dict[str, Any] = {"end_day": end}
                for word, column in (("victims", "victims"), ("loss", "loss_usd")):
                    row |= {f"{column}_{q}": v for q, v in summary(grown[word][number]).items()}
                row |= {"averted_usd": float(grown["spared"][number].mean()), "events": events}
                rows.append(((name, number + 1), row))
        frame = table(rows, self.notes)
        frame.index = pd.MultiIndex.from_tuples([label for label, _ in rows], names=["mitigation", "month"])
        return frame

    def _months(self, name: str) -> list[tuple[float, str]]:
        """End of each month, and what happens in it where a mitigation is taken."""
        told = [(event.day, event.label or event.kind) for event in self.scenario.events]
        told += [(day, f"{own} {what}") for day, own, what in self.dates() if name in {own, ALL}]
        found, start = [], -1.0
        for end in month_ends(self.horizon_years):
            events = dict.fromkeys(label for day, label in sorted(told) if start < day <= end)
            found.append((end, "; ".join(events)))
            start = end
        return found

    def overlap(self) -> pd.DataFrame:
        """Pairs: what two avert together, against the sum of what each averts.

        Returns
        -------
        One row a pair, index (a, b): mean loss averted by a, by b, by both, the sum of the first two, and
        ``overlap_usd``, sum less both: above 0 where they do the same work, below 0 where each needs the
        other [USD]; and ``overlap_share``, that over what the lesser of the two averts (1: it adds nothing;
        missing where it averts nothing).
        """
        import pandas as pd

        means = [float(own.loss.mean()) for own in self.averted]
        names = [own.name for own in self.mitigations]
        rows = []
        for (i, j), both in self.pairs.items():
            sides = {"a_usd": means[i], "b_usd": means[j], "both_usd": both, "sum_usd": means[i] + means[j]}
            whole = means[i] + means[j]
            less, lesser = whole - both, min(means[i], means[j])
            less = 0.0 if abs(less) <= ROUNDING * float(self.base.total("loss").mean()) else less
            rows.append(sides | {"overlap_usd": less, "overlap_share": less / lesser if lesser else np.nan})
        index = pd.MultiIndex.from_tuples([(names[i], names[j]) for i, j in self.pairs], names=["a", "b"])
        frame = pd.DataFrame(
            rows,
            index=index,
            columns=["a_usd", "b_usd", "both_usd", "sum_usd", "overlap_usd", "overlap_share"],
        )
        frame.attrs["notes"] = self.notes
        return frame

    def sources(self) -> pd.DataFrame:
        """Every number behind the mitigations, assumptions first.

        Returns
        -------
        One row a number: status, kind, numbers, unit, sources, note.
        """
        order = {"assumed": 0, "derived": 1, "cited": 2}
        found = {estimate.name: estimate for own in self.mitigations for estimate in own.estimates()}
        ranked = sorted(found.values(), key=lambda e: (order[e.status], e.name))
        return table([(estimate.name, _told(estimate)) for estimate in ranked], self.notes)

    def to_json(self) -> str:
        """The comparison as one JSON document.

        Returns
        -------
        ``scenario, seed, replicates, baseline, mitigations`` by name, ``overlap``, ``notes``.
        """
        worth = self.worth().to_dict("index")
        told = {
            own.name: {
                "label": own.label,
                "averted_loss_usd": summary(own.loss),
                "averted_people": summary(own.people),
                "averted_hours": summary(own.hours),
                "cost_usd": summary(own.cost),
                "net_usd": summary(own.net),
                "touches": not own.why_not,
                **{name: worth[own.name][name] for name in ("share", "p_worth", "se_paired", "se_unpaired")},
            }
            for own in self.averted
        }
        pairs: list[Any] = [
            {name: None if np.isnan(value) else value for name, value in row.items()}
            for row in self.overlap().to_dict("records")
        ]
        document = {
            "scenario": self.scenario.name,
            "seed": self.seed,
            "replicates": self.replicates,
            "horizon_years": self.horizon_years,
            "baseline": {
                "loss_usd" if w == "loss" else w: summary(self.base.total(w)) for w in ("loss", "people")
            },
            "mitigations": told,
            "overlap": [
                {"a": a, "b": b, **row} for (a, b), row in zip(self.pairs_named(), pairs, strict=True)
            ],
            "notes": list(self.notes),
        }
        return json.dumps(document, indent=2)

    def pairs_named(self) -> list[tuple[str, str]]:
        """Names of the pairs, in the order of :meth:`overlap`."""
        return [(self.mitigations[i].name, self.mitigations[j].name) for i, j in self.pairs]

    def __repr__(self) -> str:
        worth = self.worth()
        lines = [
            f"What would have helped, {self.scenario.title}",
            f"  without: loss {spread(self.base.total('loss'))} USD, "
            f"people {spread(self.base.total('people'))}",
            f"  median (90 % interval) of what is expected given the parameters, {self.horizon_years:g} "
            f"years, {self.replicates:,} replicates, seed {self.seed}",
        ]
        for own in self.averted:
            row = worth.loc[own.name]
            lines += [
                f"{own.name}: {own.label}",
                f"  averts {spread(own.loss)} USD ({row['share']:.2%} of the loss), "
                f"{spread(own.people)} people",
                f"  costs {spread(own.cost)} USD; worth it with probability {row['p_worth']:.0%}",
            ]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])


def _told(estimate: Estimate) -> dict[str, Any]:
    """A number and where it stands."""
    parts = ("value", "low", "mode", "high")
    numbers = " / ".join(f"{getattr(estimate, p):g}" for p in parts if getattr(estimate, p) is not None)
    row = {"status": estimate.status, "kind": estimate.kind, "numbers": numbers, "unit": estimate.unit}
    return row | {"sources": ", ".join(estimate.sources), "note": estimate.note}
