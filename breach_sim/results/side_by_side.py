"""Breaches side by side: one impact each, on shared parameters and national capacities, and their sums.

Parameters are shared by their names, so replicate r is the same world for every breach. The luck of each
breach is its own: the names of its streams begin with the name of the scenario. Breaches whose day 0 lies in
the same calendar year share the national capacity (docs/model.md, section 7.3).

Not here: breaches of the same persons (``catalog.unions``). Sums count a person once for each breach.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.draws.streams import check_seed
from breach_sim.engine.law import Law
from breach_sim.formatting import html
from breach_sim.formatting.arrays import Array, Counts
from breach_sim.formatting.display import plural
from breach_sim.formatting.messages import named, unknown
from breach_sim.formatting.tables import Row, spread, summary, table
from breach_sim.formatting.versions import made_with
from breach_sim.inputs.firm.ledger import FirmCosts
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.country import fitted
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.posterior import Posterior
from breach_sim.inputs.scenario import Scenario, look_alike
from breach_sim.results.arrays.drawn import read_only
from breach_sim.results.data.given import overrides, parameter
from breach_sim.results.data.sections import UNITS
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import check_replicates, simulate
from breach_sim.results.tables import uncertainty
from breach_sim.results.tables.yearly import Years, checked_frequencies, draw_years

if TYPE_CHECKING:
    import pandas as pd

SCHEMA, VERSION = "breach_sim/portfolio", "1.0"
"""Name and version of the schema of the document."""
TAIL = 0.99
"""Level of the value at risk in the ranks."""
Member = tuple[Scenario, AttackGraph, FirmCosts | None]
"""A breach, its attacks, and the rates of its firm's ledger, or None."""


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Portfolio:
    """Breaches side by side.

    Parameters
    ----------
    impacts
        One for each breach, on shared parameters, each with luck of its own. B of them.
    frequencies
        Breaches expected in a year, by name, means where uncertain; empty if each happens once.
        [breaches/year]
    uncertain
        Distributions of the frequencies that are uncertain, by name.
    """

    impacts: tuple[Impact, ...]
    frequencies: Mapping[str, float] = field(default_factory=dict)
    uncertain: Mapping[str, Estimate] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the scenarios, in the order given."""
        return tuple(impact.scenario.name for impact in self.impacts)

    @property
    def replicates(self) -> int:
        """Number of replicates, R."""
        return self.impacts[0].replicates

    @property
    def seed(self) -> int:
        """Seed of every stream."""
        return self.impacts[0].seed

    @property
    def scramble(self) -> NDArray[np.int64] | None:
        """Number of the scramble of each replicate, shape (R,); None for plain draws."""
        return self.impacts[0].scramble

    def per_breach(self, word: str = "loss_usd") -> NDArray[Any]:
        """Harm by breach, replicate by replicate.

        Parameters
        ----------
        word
            "loss_usd" or "people".

        Returns
        -------
        Shape (B, R). [USD] or [accounts]

        Raises
        ------
        ValueError
            If the word is none of these.
        """
        if word not in {"loss_usd", "people"}:
            raise ValueError(f"{word!r} is no measure of a portfolio; take loss_usd or people")
        return np.stack([impact.loss if word == "loss_usd" else impact.people for impact in self.impacts])

    @cached_property
    def loss(self) -> Array:
        """Money lost in all breaches [USD]. Shape (R,)."""
        return read_only(np.sum([impact.loss for impact in self.impacts], axis=0))

    @cached_property
    def people(self) -> Counts:
        """Accounts harmed in all breaches; a person in two counts twice [accounts]. Shape (R,)."""
        return read_only(np.sum([impact.people for impact in self.impacts], axis=0))

    @cached_property
    def loss_moments(self) -> tuple[Array, Array]:
        """Mean and variance of the total loss given the parameters [USD], [USD^2]. Shape (R,) each."""
        # Luck is independent between breaches, so variances given the parameters add.
        pairs = [impact.loss_moments for impact in self.impacts]
        mean, variance = (np.sum([pair[place] for pair in pairs], axis=0) for place in range(2))
        return read_only(mean), read_only(variance)

    @property
    def notes(self) -> tuple[str, ...]:
        """Cautions about the portfolio, then those of each breach with its name."""
        shared = [
            f"Share the national capacities of {year}: {', '.join(names)}."
            for year, names in _by_year((impact.scenario, impact.attacks) for impact in self.impacts).items()
            if len(names) > 1 and not self.frequencies
        ]
        known: dict[str, list[str]] = {}
        for impact in self.impacts:
            known.setdefault(impact.scenario.dossier.breach, []).append(impact.scenario.name)
        twice = [
            f"{' and '.join(names)} describe one breach ({breach}); sums count it {len(names)} times."
            for breach, names in known.items()
            if breach and len(names) > 1
        ]
        twice += [
            f"Frequency of {name} a year is uncertain: {e.as_part()}." for name, e in self.uncertain.items()
        ]
        own = [f"{impact.scenario.name}: {note}" for impact in self.impacts for note in impact.notes]
        return (
            "Breaches side by side: a person in several of them counts in each; combine() adds up fields.",
            *shared,
            *twice,
            *look_alike(impact.scenario for impact in self.impacts),
            *own,
        )

    def table(self) -> pd.DataFrame:
        """Harm by breach, and in all.

        Returns
        -------
        One row a breach and the total: ``accounts``, ``people`` and ``loss_usd`` (p5, p50, p95 and mean
        each). Means add up; quantiles do not. [accounts], [USD]
        """
        rows: list[Row] = []
        cases = [(i.scenario.name, i.scenario.accounts, i.people, i.loss) for i in self.impacts]
        cases.append(("total", sum(case[1] for case in cases), self.people, self.loss))
        for name, accounts, people, loss in cases:
            row: dict[str, float] = {"accounts": float(accounts)}
            row |= {f"people_{key}": value for key, value in summary(people).items()}
            row |= {f"loss_usd_{key}": value for key, value in summary(loss).items()}
            rows.append((name, row))
        frame = table(rows, self.notes)
        frame.index.name = "breach"
        return frame

    def ranks(self) -> pd.DataFrame:
        """Which breaches drive the total, and which its tail.

        Returns
        -------
        One row a breach, the largest mean loss first: ``mean_usd`` and ``share`` of the total;
        ``marginal_p99_usd``, by how much the loss exceeded with a probability of 1 % would fall without the
        breach; ``tvar_usd``, its mean loss in the worst 1 % of replicates of the total, which sums to the
        tail value at risk; ``tail_share``, that over its sum; ``marginal_tvar_usd``, by how much the tail
        value at risk would fall without the breach. [USD]
        """
        by_breach = self.per_breach("loss_usd")
        whole = float(self.loss.mean())
        var, tvar = _tail(self.loss)
        worst = np.argsort(self.loss, kind="stable")[_place(len(self.loss)) :]
        rows: list[Row] = []
        for place in np.argsort(-by_breach.mean(axis=1), kind="stable"):
            own = by_breach[place]
            var_without, tvar_without = _tail(self.loss - own)
            part = float(own[worst].mean())
            row = {
                "mean_usd": float(own.mean()),
                "share": float(own.mean()) / whole if whole else 0.0,
                "marginal_p99_usd": var - var_without,
                "tvar_usd": part,
                "tail_share": part / tvar if tvar else 0.0,
                "marginal_tvar_usd": tvar - tvar_without,
            }
            rows.append((self.names[place], row))
        frame = table(rows, self.notes)
        frame.index.name = "breach"
        return frame

    def years(self, of: str = "loss_usd") -> Years:
        """Years in which each breach happens as often as its frequency says.

        Parameters
        ----------
        of
            "loss_usd", what victims and others lose, or "firm_cost_usd", what the firms pay.

        Returns
        -------
        The years, with ``table()``, ``exceedance()`` and ``appetite()``. A year is charged with all that its
        breaches cost over the horizon. [USD/year]

        Raises
        ------
        ValueError
            If the portfolio has no frequencies, the word is unknown, or a breach has no ledger of a firm.
        """
        if not self.frequencies:
            raise ValueError(
                "the portfolio has no frequencies; make it with portfolio([...], frequencies={name: 0.1})"
            )
        if of not in {"loss_usd", "firm_cost_usd"}:
            raise ValueError(unknown("money", of, ("loss_usd", "firm_cost_usd"), "years"))
        money = {impact.scenario.name: _money(impact, of) for impact in self.impacts}
        parameters = Parameters(self.seed, self.replicates)
        drawn = {name: parameters(estimate) for name, estimate in self.uncertain.items()}
        events, by_breach = draw_years(money, {**self.frequencies, **drawn}, self.seed)
        return Years(
            of=of,
            frequencies=self.frequencies,
            events=events,
            by_breach=by_breach,
            seed=self.seed,
            scramble=self.scramble,
            notes=(
                "A year is charged with all that its breaches cost later. Breaches of a year share the "
                "parameters, not the capacity of crews.",
                *self.notes,
            ),
        )

    def exceedance(self, probabilities: Iterable[float] | None = None) -> pd.DataFrame:
        """Exceedance curve of the total loss, as :meth:`Impact.exceedance` gives it.

        Parameters
        ----------
        probabilities
            Chances of exceeding. (0, 1). A useful set by default.

        Returns
        -------
        One row a probability, falling. [USD]

        Raises
        ------
        ValueError
            If a probability is not strictly between 0 and 1.
        """
        return uncertainty.exceedance(self, probabilities)

    def appetite(self, appetite: Mapping[float, float]) -> pd.DataFrame:
        """Hold the sum against a risk appetite, as :meth:`Impact.appetite` does.

        Parameters
        ----------
        appetite
            Largest acceptable amount by the chance of exceeding it. [USD]

        Returns
        -------
        One row a chance, falling: appetite_usd, model_usd, chance_of_exceeding, inside. [USD], [share]
        """
        return uncertainty.appetite(self, appetite)

    def to_json(self) -> str:
        """The answer as one JSON document.

        Returns
        -------
        Seed, replicates, people and loss in all, and the same with the ranks for each breach. The same
        inputs and seed give the same text. ``catalog/data/templates/portfolio.schema.json`` has every key.
        """
        ranks = self.ranks()
        breaches = {
            impact.scenario.name: {
                "accounts": impact.scenario.accounts,
                "day_zero": impact.scenario.day_zero,
                "people": summary(impact.people),
                "loss_usd": summary(impact.loss),
                **{word: float(ranks[word].loc[impact.scenario.name]) for word in ranks.columns},
                "input_hash": impact.input_hash,
            }
            for impact in self.impacts
        }
        first = self.impacts[0]
        document = {
            "schema": {"id": SCHEMA, "version": VERSION},
            "units": {word: UNITS[word] for word in ("accounts", "people", "loss_usd", "horizon_years")},
            "seed": self.seed,
            "replicates": self.replicates,
            "horizon_years": first.horizon_years,
            "people": summary(self.people),
            "loss_usd": summary(self.loss),
            "breaches": breaches,
            **self._yearly(),
            "overrides": overrides(first.scenario.overrides),
            "notes": list(self.notes),
            "numpy": np.__version__,
            "made_with": made_with(),
            "version": first.version,
        }
        return json.dumps(document, indent=2)

    def _yearly(self) -> dict[str, Any]:
        """Years of the document; nothing without frequencies."""
        if not self.frequencies:
            return {}
        firms = all(impact.firm_cost is not None for impact in self.impacts)
        words = ("loss_usd", "firm_cost_usd") if firms else ("loss_usd",)
        return {
            "frequencies": dict(self.frequencies),
            "uncertain_frequencies": {name: parameter(own) for name, own in self.uncertain.items()},
            "years": [self.years(word).document() for word in words],
        }

    def _lines(self) -> list[tuple[str, str]]:
        largest = self.ranks().iloc[0]
        return [
            ("accounts harmed, median (90 % interval)", spread(self.people)),
            ("loss, median (90 % interval) [USD]", spread(self.loss)),
            ("largest", f"{largest.name}, {largest['share']:.0%} of the mean loss"),
            (
                "made from",
                f"{self.impacts[0].horizon_years:g} years, {plural(self.replicates, 'replicate')}, "
                f"seed {self.seed}",
            ),
        ]

    def __repr__(self) -> str:
        lines = [f"Portfolio of {len(self.impacts)} breaches: {', '.join(self.names)}"]
        return "\n".join([*lines, *(f"  {label}: {text}" for label, text in self._lines())])

    def _repr_html_(self) -> str:
        return html.card(f"Portfolio of {len(self.impacts)} breaches", self._lines(), notes=self.notes)


def run(
    members: Sequence[Member],
    *,
    seed: int,
    replicates: int,
    horizon_years: float,
    posterior: Posterior | None = None,
    frequencies: Mapping[str, float | Estimate] | None = None,
) -> Portfolio:
    """Portfolio of breaches given as objects, as :func:`breach_sim.api.several.portfolio` describes it.

    Parameters
    ----------
    members
        At least two, of different names.
    seed, replicates, horizon_years
        As for :func:`breach_sim.api.impacts.simulate`.
    posterior
        Rows of fitted parameters; None draws every prior.
    frequencies
        Breaches expected in a year, by name; an estimate where that is uncertain. With them, breaches do not
        share the national capacities: they seldom fall into one year. None if each happens once.

    Returns
    -------
    The portfolio.

    Raises
    ------
    ValueError
        If there are fewer than two, a name comes twice, or an argument is out of range.
    """
    names = [scenario.name for scenario, _, _ in members]
    if len(names) < 2:  # noqa: PLR2004 - several
        raise ValueError(
            f"{plural(len(names), 'name')} of breaches given ({named(names)}); a portfolio needs at least two"
        )
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f"breach {name!r} is named twice; names must differ, because the luck of each breach goes by "
                "its name"
            )
    seed, replicates = check_seed(seed), check_replicates(replicates)
    often = {} if frequencies is None else checked_frequencies(frequencies, names)
    worlds = {scenario.name: (scenario, graph) for scenario, graph, _ in members}
    scales: dict[str, Mapping[str, Array]] = {}
    for year in _by_year((scenario, graph) for scenario, graph, _ in members).values():
        if len(year) > 1 and not often:
            # A year is that of one nation: its breaches have the same numbers, and the same rows.
            rows = fitted(posterior, worlds[year[0]][1].country)
            drawn = [Parameters(seed, replicates, posterior=rows) for _ in year]
            laws = [Law(*worlds[n], d, horizon_years, scales={}) for n, d in zip(year, drawn, strict=True)]
            scales |= dict(zip(year, shared_scales(laws), strict=True))
    impacts = tuple(
        simulate(
            scenario,
            graph,
            seed=seed,
            replicates=replicates,
            horizon_years=horizon_years,
            firm=firm,
            scales=scales.get(scenario.name),
            luck=(scenario.name,),
            posterior=posterior,
        )
        for scenario, graph, firm in members
    )
    unsure = {n: own for n, own in often.items() if isinstance(own, Estimate) and not own.is_certain}
    means = {name: own.mean() if isinstance(own, Estimate) else own for name, own in often.items()}
    return Portfolio(impacts=impacts, frequencies=means, uncertain=unsure)


def _money(impact: Impact, of: str) -> tuple[Array, Array]:
    """Drawn money of one breach, and its expectation given the parameters."""
    if of == "loss_usd":
        return impact.loss, impact.expected_loss()
    cost = impact.firm_cost
    if cost is None:
        raise ValueError(
            f"breach {impact.scenario.name!r} has no ledger of a firm; take of='loss_usd', or leave it out"
        )
    # The ledger is drawn in one piece: a further breach has the cost of another replicate.
    return cost, np.full(len(cost), float(cost.mean()))


def _by_year(members: Iterable[tuple[Scenario, AttackGraph]]) -> dict[str, list[str]]:
    """Names of the breaches by calendar year of day 0 and nation; one without a date shares with none."""
    years: dict[str, list[str]] = {}
    for scenario, graph in members:
        if scenario.day_zero:
            where = "" if graph.country is None else f" in {graph.country.name}"
            years.setdefault(f"{scenario.day_zero[:4]}{where}", []).append(scenario.name)
    return years


def shared_scales(laws: Sequence[Law]) -> list[Mapping[str, Array]]:
    """Capacity scales of breaches that share the national capacities of one year, equation (10).

    Parameters
    ----------
    laws
        Laws of the breaches, without capacity scales, on the same draws.

    Returns
    -------
    For each law the scales by attack: the attempts are those of all breaches, the release is its own.
    Shape (R,) each. (0, 1]
    """
    wanted = [law.attempts_of_year_one() for law in laws]
    total: dict[str, Array] = {}
    for own in wanted:
        for attack, attempts in own.items():
            total[attack] = total.get(attack, np.zeros(1)) + attempts
    return [
        law.capacity_scales({attack: total[attack] for attack in own})
        for law, own in zip(laws, wanted, strict=True)
    ]


def _place(size: int) -> int:
    """Place in a sorted sample from which on values are beyond the value at risk."""
    # 1e-9 keeps a whole number from being lifted to the next one by rounding.
    return min(size - 1, int(np.ceil(size * TAIL - 1e-9)))


def _tail(sample: Array) -> tuple[float, float]:
    """Value at risk and tail value at risk of a sample [USD]."""
    ordered = np.sort(sample)
    place = _place(len(ordered))
    return float(np.quantile(ordered, TAIL)), float(ordered[place:].mean())
