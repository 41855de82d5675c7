"""Mitigations side by side on shared draws: what each averts, alone, in pairs and all together.

Everything is an expectation given the parameters, replicate by replicate on the draws of the baseline, with
its capacity scales and anchor factors; the interval is what we do not know. The luck of a difference is that
of the same coins: averted people are Binomial(n, p0 - p1), as whoever is harmed with the mitigation is
harmed without it too. Two mitigations never avert the sum of what each does: pairs are computed, not added.

Not here: which bundle to buy (``bundle``), and the firm's ledger, which a mitigation may change as well.

Place in the corridor: above ``mitigation`` and ``impact``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.attacks import AttackGraph
from breach_sim.chains import Harm, Outlook
from breach_sim.estimates import Estimate
from breach_sim.hazards import YEAR, cut_days
from breach_sim.impact import Impact, check_replicates
from breach_sim.mitigation import Mitigation, together
from breach_sim.months import ROUNDING, Course, courses, dates
from breach_sim.outcomes import Law, anchor_factors
from breach_sim.parameters import Parameters
from breach_sim.scenario import Scenario
from breach_sim.spelling import shown
from breach_sim.streams import check_seed
from breach_sim.tables import Row, spread, summary, table, two_level
from breach_sim.timeline import month_ends

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
WORDS = ("loss", "people", "hours")
ALL = "all together"
"""Name of the row for all mitigations at once."""
LADDER = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 90.0, 180.0, 365.0, 730.0)
"""Days of start in a table of delays, beside the mitigation's own."""


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


def outlook(
    scenario: Scenario,
    graph: AttackGraph,
    mitigations: Iterable[Mitigation],
    *,
    seed: int,
    replicates: int,
    horizon_years: float,
    baseline: Impact | None = None,
) -> Outlook:
    """Table of expected harm, time cut alike for the baseline and for every mitigation.

    Parameters
    ----------
    scenario, graph
        As given.
    mitigations
        Those that will be asked about.
    seed, replicates, horizon_years
        Of the run; those of the baseline, if one is handed over.
    baseline
        Impact of scenario and graph, to take draws, capacity scales and anchor factors from.

    Returns
    -------
    The table, still empty.

    Raises
    ------
    ValueError
        If the baseline is that of another scenario or of other attacks.
    """
    cuts = [day for own in mitigations for day in cut_days(*own.apply(scenario, graph))]
    if baseline is not None:
        if baseline.scenario != scenario or baseline.attacks != graph:
            raise ValueError(
                f"the baseline is an impact of {baseline.scenario.name!r}, not of this {scenario.name!r} "
                "with these attacks; hand over the impact of the scenario itself, or none"
            )
        return Outlook(baseline.law, baseline.factors, cuts)
    parameters = Parameters(check_seed(seed), check_replicates(replicates))
    law = Law(scenario, graph, parameters, horizon_years)
    laws = {}
    if any(attack.anchor for attack in graph.attacks):
        laws = {segment.name: law.segment_law(segment) for segment in scenario.segments}
    return Outlook(law, anchor_factors(law, laws) if laws else {}, cuts)


def check_names(mitigations: Sequence[Mitigation]) -> None:
    """Refuse a mitigation that is named twice.

    Parameters
    ----------
    mitigations
        As given.

    Raises
    ------
    ValueError
        If a name comes twice, or there is none at all.
    """
    names = [own.name for own in mitigations]
    if not names:
        raise ValueError("no mitigation is named; name at least one, such as 'credit-freeze'")
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"mitigation {name!r} is named twice; name each once")


def compare(
    scenario: Scenario,
    graph: AttackGraph,
    mitigations: Sequence[Mitigation],
    *,
    seed: int,
    replicates: int = 10_000,
    horizon_years: float = 5,
    baseline: Impact | None = None,
    pairs: bool = True,
) -> Comparison:
    """What mitigations avert and cost, each alone, in pairs and all together.

    Parameters
    ----------
    scenario, graph
        As given.
    mitigations
        With different names.
    seed, replicates, horizon_years
        As for ``impact.simulate``; a baseline's own go before them.
    baseline
        Impact of scenario and graph, if there is one already.
    pairs
        Whether every two are run together, which most of the time goes into; without, the overlap is empty.

    Returns
    -------
    The comparison.

    Raises
    ------
    ValueError
        If a name comes twice, or an argument is out of range.
    """
    check_names(mitigations)
    made_of = {"seed": seed, "replicates": replicates, "horizon_years": horizon_years}
    if baseline is not None:
        made_of = {name: getattr(baseline, name) for name in made_of}
    looked = outlook(scenario, graph, mitigations, **made_of, baseline=baseline)  # type: ignore[arg-type]
    base = looked.harm(scenario, graph)
    averted = [_averted(looked, base, [own], own.name, own.label) for own in mitigations]
    if len(mitigations) > 1:
        averted.append(_averted(looked, base, mitigations, ALL, ALL))
    without = float(base.total("loss").mean())
    both = list(combinations(enumerate(mitigations), 2)) if pairs else []
    found = {
        (i, j): without - float(looked.harm(*together([a, b], scenario, graph)).total("loss").mean())
        for (i, a), (j, b) in both
    }
    looked.law.forget_time()
    return Comparison(
        scenario=scenario,
        seed=int(made_of["seed"]),
        replicates=int(made_of["replicates"]),
        horizon_years=float(made_of["horizon_years"]),
        mitigations=tuple(mitigations),
        base=base,
        averted=tuple(averted),
        pairs=found,
        looked=(looked.law, looked.factors),
    )


def _averted(
    looked: Outlook, base: Harm, mitigations: Sequence[Mitigation], name: str, label: str
) -> Averted:
    """What some mitigations avert at once."""
    scenario, graph = together(mitigations, looked.scenario, looked.graph)
    harm = looked.harm(scenario, graph)
    less = {word: _less(getattr(base, word), getattr(harm, word)) for word in WORDS}
    people = np.clip(less["people"], 0.0, 1.0)
    square = np.maximum(base.square - harm.square - less["loss"] ** 2, 0.0)
    zero = np.zeros(looked.parameters.replicates)
    cost = sum((own.cost.drawn(looked.scenario, looked.parameters) for own in mitigations), zero)
    idle = [own.why_not(looked.scenario, looked.graph) for own in mitigations]
    why_not = idle[0] if len(idle) == 1 else ""
    if not why_not and not any(part.any() for part in less.values()):
        why_not = "no attack that the leak makes possible meets it"
    return Averted(
        name=name,
        label=label,
        **{word: np.asarray((base.accounts * part).sum(axis=0)) for word, part in less.items()},
        luck_loss=np.asarray((base.accounts * square).sum(axis=0)),
        luck_people=np.asarray((base.accounts * people * (1 - people)).sum(axis=0)),
        left=(harm.total("loss"), harm.luck()),
        cost=cost,
        why_not=why_not,
    )


def _less(before: Array, after: Array) -> Array:
    """Difference; what is below the rounding of sums of products is none."""
    less = before - after
    return np.where(np.abs(less) <= ROUNDING * before, 0.0, less)


def delay_cost(
    mitigation: Mitigation,
    scenario: Scenario,
    graph: AttackGraph,
    *,
    days: float = 1,
    seed: int,
    replicates: int = 10_000,
    horizon_years: float = 5,
    baseline: Impact | None = None,
) -> pd.DataFrame:
    """The price of waiting: what a later start lets happen.

    Parameters
    ----------
    mitigation
        One with a day; its own day is where the delay begins.
    scenario, graph
        As given.
    days
        Length of the delay. (0, inf)
    seed, replicates, horizon_years, baseline
        As for :func:`compare`.

    Returns
    -------
    One row a day of start (the mitigation's own, that plus the delay, and a ladder of days within the
    horizon), index ``start_day``. ``loss_usd`` and ``people`` (p5, p50, p95, mean each): what a delay of so
    many days costs that begins there; ``left_usd``: expected loss if it starts on the day. What can be reset
    has no price once it is reset or used up; what lasts keeps its tail. [USD], [accounts]

    Raises
    ------
    ValueError
        If the mitigation has no day, or the delay is no positive number.
    """
    if isinstance(days, bool) or not isinstance(days, (int, float)) or not 0 < days < np.inf:
        raise ValueError(f"days is {shown(days)}; a delay is a number of days above 0, such as 1")
    own = mitigation.on_day(mitigation.day if mitigation.day is not None else -1)
    made_of: dict[str, Any] = {"seed": seed, "replicates": replicates, "horizon_years": horizon_years}
    years = baseline.horizon_years if baseline is not None else horizon_years
    start = own.day or 0.0
    starts = sorted({start, start + days, *(day for day in LADDER if day < years * YEAR)})
    asked = {day: own.on_day(day) for first in starts for day in (first, first + days)}
    looked = outlook(scenario, graph, asked.values(), **made_of, baseline=baseline)
    harms = {day: looked.harm(*one.apply(scenario, graph)) for day, one in asked.items()}
    rows: list[Row] = []
    for day in starts:
        now, later = harms[day], harms[day + days]
        word = {"loss_usd": later.total("loss") - now.total("loss")}
        word |= {"people": later.total("people") - now.total("people"), "left_usd": now.total("loss")}
        rows.append((day, word))
    frame = two_level(rows, ("loss_usd", "people", "left_usd"), scenario.notes)
    frame.index.name = "start_day"
    return frame
