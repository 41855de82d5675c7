"""One synthetic person: what leaked of them, which routes are open, and the odds of each step over time.

A person is a row of a population: a segment, a mask of leaked fields, and traits. Their odds are those of
that cell, by the same law and the same draws as the impact they are read from: capacity scales and anchor
factors are held, so that the odds of all rows of a population add up to its expected victims.

Not here: rows and their identifiers (``population``), what a crowd suffers (``impact``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from breach_sim.catalog import label_of_capability
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.law import Law
from breach_sim.engine.segment_law import SegmentLaw
from breach_sim.engine.severity import mean_loss
from breach_sim.engine.time import cut_days
from breach_sim.engine.timeline import month_ends, victims_by
from breach_sim.formatting import html
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.digits import significant
from breach_sim.formatting.display import LONGEST, listed, shortened
from breach_sim.formatting.messages import unknown
from breach_sim.formatting.tables import Row, table
from breach_sim.inputs.attacks import Route, Trait
from breach_sim.inputs.fields import FIELD_LABELS, names
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.mitigations import Mitigation
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Event, Leak, Segment
from breach_sim.results.impact import Impact
from breach_sim.results.searches import Searches, draw_searches

if TYPE_CHECKING:
    import pandas as pd

_ROUNDING = 1e-12
"""Relative difference of two expectations that is rounding."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Person:
    """One row of a population before the law.

    Parameters
    ----------
    segment
        Name of the segment.
    leaked
        Fields that leaked. [names, in the order of their bits]
    traits
        Whether each trait that the attacks read is theirs.
    impact
        The impact whose law and draws are used.
    searches
        What look-ups find about them. None if the attacks have no look-ups.
    """

    segment: str
    leaked: tuple[str, ...]
    traits: Mapping[str, bool]
    impact: Impact
    searches: Searches | None = None

    def law(self, action: Mitigation | None = None, cuts: tuple[float, ...] = ()) -> Law:
        """The law of this person alone, on the impact's draws, capacity scales held.

        Parameters
        ----------
        action
            Something the person does, or None.
        cuts
            Further days at which time is cut, to compare with another law.

        Returns
        -------
        A law of one account.
        """
        impact = self.impact
        scenario = _scenario_of(impact.scenario, self.segment, self.leaked)
        graph = _graph_of(impact.attacks, self.traits, self.searches)
        if action is not None:
            scenario, graph = action.by_one().apply(scenario, graph)
        parameters = Parameters(
            impact.seed, impact.replicates, sampling=impact.sampling, posterior=impact.posterior
        )
        return Law(
            scenario,
            graph,
            parameters,
            impact.horizon_years,
            impact.law.scales,
            cuts=(*impact.law.cuts, *cuts),
        )

    def actions(self, mitigations: Iterable[Mitigation]) -> pd.DataFrame:
        """What this person could do, the most helpful first.

        Parameters
        ----------
        mitigations
            Those without hours are no action of a person, and are left out.

        Returns
        -------
        One row an action: the probability of any harm without and with it, what it averts (means over what
        is not known), ``averted_usd``, the expected loss that it averts, and the hours it costs (mean). An
        action may avert no harm and much loss: one that stops what follows on a SIM swap. [probability],
        [USD], [hours]
        """
        rows: list[Row] = []
        for action in mitigations:
            if action.hours is None:
                continue
            days = tuple(cut_days(*action.by_one().apply(self.impact.scenario, self.impact.attacks)))
            laws = [law.segment_law(law.scenario.segments[0]) for law in self._both(action, days)]
            before, after = (float(np.mean(law.people)) for law in laws)
            averted = max(before - after, 0.0)
            lost, left = (sum(float(np.mean(x)) for x in self._losses(law).values()) for law in laws)
            row = {
                "before": before,
                "after": before - averted,
                "averted": averted,
                "averted_usd": lost - left if lost - left > _ROUNDING * lost else 0.0,
                "hours": action.hours.mean(),
            }
            rows.append((action.label, row))
        frame = table(rows, self.impact.notes, index="action")
        return frame.sort_values("averted", ascending=False, kind="stable") if rows else frame

    def _both(self, action: Mitigation, days: tuple[float, ...]) -> tuple[Law, Law]:
        """Law without and with an action, time cut alike."""
        return self.law(cuts=days), self.law(action, days)

    def _losses(self, law: SegmentLaw) -> dict[str, Array]:
        """Expected loss from each attack, given the parameters, anchor factors held [USD]. Shape (R,)."""
        draws, attacks, factors = self.impact.law.parameters, self.impact.attacks, self.impact.factors
        return {
            name: mean_loss(draws, attacks, attacks[name], factors, chance=chance)
            for name, chance in law.victim.items()
        }

    def odds(self) -> pd.DataFrame:
        """Odds of every attack that is open to this person.

        Returns
        -------
        One row an attack and one for any harm: the routes that are open, the probability of being a victim
        within one year and within the horizon (mean over what is not known, p5, p95), the mean loss of a
        victim, and ``expected_usd``, the expected loss within the horizon. [probability], [USD]
        """
        law = self.law()
        segment = law.scenario.segments[0]
        probabilities = law.segment_law(segment)
        routes = {name: _routes_text(open_now, law.graph) for name, open_now in self.routes(law).items()}
        lost = {name: float(np.mean(loss)) for name, loss in self._losses(probabilities).items()}
        rows: list[Row] = []
        for attack in law.graph.attacks:
            if attack.name not in routes:
                continue
            chance = np.broadcast_to(probabilities.victim[attack.name], (law.parameters.replicates,))
            year = probabilities.victim_year.get(attack.name, np.zeros(1))
            loss = mean_loss(law.parameters, law.graph, attack, self.impact.factors)
            row: dict[str, Any] = {"routes": routes[attack.name], "year": float(np.mean(year))}
            row |= _horizon(chance) | {"loss_usd": float(np.mean(loss)), "expected_usd": lost[attack.name]}
            rows.append((attack.label, row))
        people = np.broadcast_to(probabilities.people, (law.parameters.replicates,))
        whole = {"loss_usd": np.nan, "expected_usd": sum(lost.values())}
        rows.append(("any harm", {"routes": "", "year": np.nan, **_horizon(people), **whole}))
        return table(rows, self.impact.notes, index="attack")

    def timeline(self) -> pd.DataFrame:
        """Mean probability of having become a victim by the end of each month, by attack.

        Returns
        -------
        One row a month, one column an attack that is open to this person. [probability]
        """
        law = self.law()
        days = month_ends(self.impact.horizon_years)
        open_now = self.routes(law)
        by_day = victims_by(law, law.scenario.segments[0], days)
        chances = {name: chance for name, chance in by_day.items() if name in open_now}
        labels = {attack.name: attack.label for attack in law.graph.attacks}
        rows: list[Row] = [
            (number + 1, {labels[name]: float(np.mean(chance[number])) for name, chance in chances.items()})
            for number in range(len(days))
        ]
        frame = table(rows, self.impact.notes)
        frame.index.name = "month"
        return frame

    def __repr__(self) -> str:
        about = f"segment {self.segment}, leaked {listed(self.leaked)}"
        return f"<{shortened(f'Person of {self.impact.scenario.name}: {about}', LONGEST - 2)}>"

    def _repr_html_(self) -> str:
        years = f"{self.impact.horizon_years:g}"
        rows = [
            (label, row["routes"], _one_in(row["horizon"]), f"{_one_in(row['p5'])} to {_one_in(row['p95'])}")
            for label, row in self.odds().iterrows()
        ]
        head = ("attack", "open by", f"probability within {years} years", "90 % interval")
        traits = [self.impact.attacks.traits[name].label for name, has in self.traits.items() if has]
        looked_up = self.looked_up
        facts = (
            f"leaked: {_listed(self.leaked)}",
            *((f"looked up: {_listed(looked_up)}",) if looked_up else ()),
            f"traits: {', '.join(traits) or 'none'}",
            f"{self.impact.replicates:,} replicates, seed {self.impact.seed}",
        )
        caption = f"One person of {self.impact.scenario.title}, segment {self.segment}"
        return html.table(rows, head, caption=caption, notes=(*facts, *self.impact.notes))

    @property
    def looked_up(self) -> tuple[str, ...]:
        """Names of the fields that did not leak and that look-ups lead to from those that did."""
        if self.searches is None:
            return ()
        return tuple(name for name in self.searches.known(self.leaked) if name not in self.leaked)

    def routes(self, law: Law | None = None) -> dict[str, tuple[Route, ...]]:
        """Routes open to this person, traits held and chains followed, by attack.

        Parameters
        ----------
        law
            This person's, if it is at hand.

        Returns
        -------
        Attacks with at least one open route only.
        """
        if self.searches is not None:
            return self.searches.open_routes(self.impact.attacks, self.leaked, self.traits)
        law = law or self.law()
        # Leak and traits are certain for one person, so one class has all the weight.
        groups = law.classes(law.scenario.segments[0])
        group = max(groups, key=lambda group: float(np.max(group.weight)))
        open_routes: dict[str, tuple[Route, ...]] = {}
        for attack in law.graph.attacks:
            for share, routes in group.of(attack.name):
                if float(np.max(share)) == 1.0 and routes:
                    open_routes[attack.name] = routes
        return open_routes

    def sentences(self, mitigations: Iterable[Mitigation] = ()) -> list[str]:
        """The same in plain sentences.

        Parameters
        ----------
        mitigations
            What to look for the most helpful action in.

        Returns
        -------
        What leaked, what is open, how likely each harm is, and the one action that helps most.
        """
        odds = self.odds()
        lines = [f"Leaked of this person: {_listed(self.leaked)}."]
        if self.searches is not None:
            lines += self.searches.sentences(self.impact.attacks, self.leaked, self.traits)
        if len(odds) == 1:
            return [*lines, "No attack of the catalog is open with that."]
        years = self.impact.horizon_years
        for label, row in odds.iloc[:-1].sort_values("horizon", ascending=False).iterrows():
            lines.append(
                f"{label}: {_one_in(row['horizon'])} within {years:g} years ({_one_in(row['p5'])} to "
                f"{_one_in(row['p95'])}), {_one_in(row['year'])} within the first; open by {row['routes']}."
            )
        lines.append(f"Any of these: {_one_in(odds['horizon'].iloc[-1])} within {years:g} years.")
        actions = self.actions(mitigations)
        if len(actions) and actions["averted"].iloc[0] > 0:
            best = actions.iloc[0]
            lines.append(
                f"What helps most: {best.name}. It takes about {best['hours']:.2g} hours and lowers the "
                f"chance of any harm from {_one_in(best['before'])} to {_one_in(best['after'])}."
            )
            dear = actions.sort_values("averted_usd", ascending=False, kind="stable").iloc[0]
            if dear.name != best.name:
                lines.append(
                    f"What spares most money on average: {dear.name}, {dear['averted_usd']:.2g} USD against "
                    f"{best['averted_usd']:.2g}, in about {dear['hours']:.2g} hours."
                )
        elif len(actions):
            lines.append("No action of one's own that the catalog knows lowers these odds.")
        return lines


def follow(record: Mapping[str, Any], impact: Impact, *, seed: int = 1, row: int = 0) -> Person:
    """One person of a population: :func:`breach_sim.api.impacts.follow` of a row and an impact.

    ``record`` is a row of the population of the impact's scenario, with ``segment``, ``leaked_fields`` and
    the traits that the attacks read; ``seed`` and ``row`` say which, for the outcome of look-ups. A missing
    column, or a segment of another scenario, raises ValueError.
    """
    for column in ("segment", "leaked_fields", *impact.attacks.traits):
        if column not in record:
            raise ValueError(
                f"the record has no {column!r}; take a row of subscribers(scenario, seed=...), which has the "
                "traits that the attacks read"
            )
    known = [segment.name for segment in impact.scenario.segments]
    if record["segment"] not in known:
        raise ValueError(unknown("segment", str(record["segment"]), known, "the impact's scenario"))
    lookups = impact.attacks.lookups
    return Person(
        segment=str(record["segment"]),
        leaked=names(int(record["leaked_fields"])),
        traits={name: bool(record[name]) for name in impact.attacks.traits},
        impact=impact,
        searches=None if lookups is None else draw_searches(lookups, impact.law.parameters, seed, row),
    )


def _scenario_of(scenario: Scenario, name: str, leaked: tuple[str, ...]) -> Scenario:
    """A scenario of one account with certain fields, time cut as in the whole."""
    segment = next(segment for segment in scenario.segments if segment.name == name)
    leaks = (Leak(fields=leaked, coverage=Estimate.fixed("person.coverage", 1.0, "share")),) if leaked else ()
    events = []
    for event in scenario.events:
        touches = not event.segments or name in event.segments
        events.append(
            dataclasses.replace(event, segments=()) if touches else Event(kind="notice", day=event.day)
        )
    alone = Segment(name=name, accounts=1, leaks=leaks, kind=segment.kind)
    return dataclasses.replace(scenario, segments=(alone,), events=tuple(events))


def _graph_of(graph: AttackGraph, traits: Mapping[str, bool], searches: Searches | None) -> AttackGraph:
    """The graph with every trait and every look-up certain."""
    certain = {
        name: Trait(
            name=name, label=trait.label, share=Estimate.fixed(f"person.{name}", float(traits[name]), "share")
        )
        for name, trait in graph.traits.items()
    }
    lookups = None if searches is None else searches.certain()
    return dataclasses.replace(graph, traits=certain, lookups=lookups)


def _horizon(chance: Array) -> dict[str, float]:
    low, high = np.quantile(chance, (0.05, 0.95))
    return {"horizon": float(np.mean(chance)), "p5": float(low), "p95": float(high)}


def _listed(leaked: tuple[str, ...]) -> str:
    """Leaked fields in words."""
    return ", ".join(FIELD_LABELS.get(name, name) for name in leaked) or "nothing"


def _routes_text(routes: tuple[Route, ...], graph: AttackGraph) -> str:
    """Open routes in words."""
    labels = FIELD_LABELS | {name: trait.label for name, trait in graph.traits.items()}
    return " or ".join(
        " + ".join(labels.get(need) or label_of_capability(need) for need in route.needs) for route in routes
    )


def _one_in(chance: float) -> str:
    """A probability as one in so many."""
    if chance <= 0:
        return "no chance"
    if chance >= 0.5:  # noqa: PLR2004 - one in two and more reads better in percent
        return f"{chance:.0%}"
    odds = significant(1 / chance, 2)
    return f"one in {odds:,.0f}"
