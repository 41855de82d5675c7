"""Impact: victims and money of a breach, replicate by replicate, and how sure that is.

:func:`simulate` draws one value of every parameter per replicate, computes the law of each segment, draws
whole numbers of accounts and the money they lose, and hands back an :class:`Impact`. What is cheap is
computed at once; error budget, exceedance and excess when asked for.

Words, always in this order: exposed, attackable, attempted, victims, loss. ``people`` is the number of
distinct accounts harmed by any attack.

Not here: what-ifs and attributions (see the changelog for what is to come).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from breach_sim.engine.law import Law
from breach_sim.engine.segment_law import SegmentLaw
from breach_sim.engine.severity import joint_second_moment, moments
from breach_sim.engine.streams import generator
from breach_sim.engine.timeline import month_ends, victims_by
from breach_sim.formatting.arrays import Array, Counts
from breach_sim.formatting.digits import quantile_error
from breach_sim.formatting.tables import Row, spread, summary, table, two_level, with_notes
from breach_sim.inputs.estimates import Estimate, Source
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.firm import CUSTOMERS, LINES, FirmCosts
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

CHUNK, MOST_THREADS = 5_000, 4
"""Replicates of a timeline that are computed together, and the most threads that share the work."""
FEWEST = 100
"""Fewest replicates that a row of the convergence table is made from."""
WORDS = ("exposed", "attackable", "attempted", "victims", "loss_usd")
"""The funnel, in order."""


def _freeze(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array


@dataclass(frozen=True, kw_only=True, repr=False)
class Impact:
    """What a breach does: arrays per replicate, and the tables made from them.

    Parameters
    ----------
    scenario, attacks, seed, replicates, horizon_years, version, held
        What made it; ``held`` are the scales and factors taken from another run.
    exposed_counts, people_counts
        Accounts with any field leaked; victims of any attack. Shape (S, R).
    attackable_counts, attempted_counts, victim_counts
        Accounts by attack. Shape (A, S, R).
    losses
        Money lost by attack. Shape (A, S, R). [USD]
    law, laws, factors
        Probabilities given the parameters: of the run, by segment, and the anchor factors.
    firm
        Rates of the firm's ledger, or None.
    cautions
        Cautions about the run, beside those about the scenario.
    """

    scenario: Scenario
    attacks: AttackGraph
    seed: int
    replicates: int
    horizon_years: float
    version: str
    held: Mapping[str, Mapping[str, Array]]
    exposed_counts: Counts
    attackable_counts: Counts
    attempted_counts: Counts
    victim_counts: Counts
    people_counts: Counts
    losses: Array
    law: Law
    laws: Mapping[str, SegmentLaw]
    factors: Mapping[str, Array]
    firm: FirmCosts | None = None
    cautions: tuple[str, ...] = ()

    # ------------------------------------------------------------------------------------ arrays

    @cached_property
    def people(self) -> Counts:
        """Distinct accounts harmed by any attack [accounts]. Shape (R,)."""
        return _freeze(self.people_counts.sum(axis=0))

    @cached_property
    def loss(self) -> Array:
        """Money lost in all [USD]. Shape (R,)."""
        return _freeze(self.losses.sum(axis=(0, 1)))

    @cached_property
    def exposed(self) -> int:
        """Accounts of which any field leaked: the median over replicates, a whole number."""
        return int(np.median(self.exposed_counts.sum(axis=0)))

    def per_attack(self, word: str) -> NDArray[Any]:
        """One word of the funnel by attack, over all segments.

        Parameters
        ----------
        word
            "attackable", "attempted", "victims" or "loss_usd".

        Returns
        -------
        Shape (A, R). [accounts], or [USD] for the loss

        Raises
        ------
        ValueError
            If the word is another.
        """
        arrays = {
            "attackable": self.attackable_counts,
            "attempted": self.attempted_counts,
            "victims": self.victim_counts,
            "loss_usd": self.losses,
        }
        if word not in arrays:
            raise ValueError(f"{word!r} is no word of the funnel by attack; take one of {', '.join(arrays)}")
        return np.asarray(arrays[word].sum(axis=1))

    @property
    def input_hash(self) -> str:
        """SHA-256 over everything that made the impact, 64 hexadecimal digits."""
        made_of = [self.scenario, self.attacks, self.seed, self.replicates, self.horizon_years, self.held]
        made_of.append(self.firm)
        text = json.dumps(made_of, default=_plain, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def notes(self) -> tuple[str, ...]:
        """Cautions about scenario and run: rows of the funnel, ``attrs["notes"]`` of every other table."""
        return (*self.scenario.notes, *self._silence(), *self.cautions)

    def _silence(self) -> tuple[str, ...]:
        """What a run says where nothing that leaked opens an attack, lest its zeros be read as safety."""
        if not self.exposed_counts.any() or self.attackable_counts.any():
            return ()
        leaked = {name for segment in self.scenario.segments for name in segment.fields}
        told = ", ".join(name for name in FIELD_NAMES if name in leaked)
        return (
            f"No attack of this run can use what leaked here ({told}): every 0 means that nothing is "
            "modelled, not that nothing happens.",
        )

    # ------------------------------------------------------------------------------------ tables

    def funnel(self, *, numbers: bool = False) -> pd.DataFrame:
        """The funnel by attack: exposed, attackable, attempted, victims, loss.

        Parameters
        ----------
        numbers
            Numbers in place of text: columns (word, "p5" | "p50" | "p95" | "mean"), nothing rounded.

        Returns
        -------
        One row an attack, one for people and the total loss, and the scenario's notes. As text: the
        median, and the 90 % interval in brackets where there is one, to the digits earned.
        """
        exposed = self.exposed_counts.sum(axis=0)
        last = {"exposed": exposed, "victims": self.people, "loss_usd": self.loss}
        rows = [self._row(i) for i in range(len(self.attacks.attacks))]
        if numbers:
            return two_level([*zip(self.attacks.names, rows, strict=True), ("any", last)], WORDS, self.notes)
        labels = [*(attack.label for attack in self.attacks.attacks), "any harm (people)"]
        cells = [{w: spread(row[w]) if w in row else "" for w in WORDS} for row in (*rows, last)]
        return with_notes(table(list(zip(labels, cells, strict=True)), self.notes), self.notes)

    def _row(self, attack: int) -> dict[str, NDArray[Any]]:
        return {
            "exposed": self.exposed_counts.sum(axis=0),
            "attackable": self.attackable_counts[attack].sum(axis=0),
            "attempted": self.attempted_counts[attack].sum(axis=0),
            "victims": self.victim_counts[attack].sum(axis=0),
            "loss_usd": self.losses[attack].sum(axis=0),
        }

    def quantiles(self) -> pd.DataFrame:
        """Quantiles and mean of victims, people and loss, with their sampling errors.

        Returns
        -------
        One row a measure; columns p5, p50, p95, mean, and the Monte Carlo standard errors of median and
        mean. [accounts] or [USD]
        """
        rows = []
        measures = {"people": self.people.astype(float), "loss_usd": self.loss}
        for i, name in enumerate(self.attacks.names):
            measures[f"{name}.victims"] = self.victim_counts[i].sum(axis=0).astype(float)
            measures[f"{name}.loss_usd"] = self.losses[i].sum(axis=0)
        for name, sample in measures.items():
            error = float(sample.std(ddof=1) / np.sqrt(len(sample))) if len(sample) > 1 else np.inf
            errors = {"se_p50": quantile_error(sample, 0.5), "se_mean": error}
            rows.append((name, summary(sample) | errors))
        return table(rows, self.notes)

    def by_segment(self) -> pd.DataFrame:
        """Means by segment; each column sums exactly to its last row.

        Returns
        -------
        One row a segment and the total: accounts, exposed, people, loss_usd, and victims by attack. Means
        over replicates; medians would not add up. [accounts], [USD]
        """
        rows = []
        for j, segment in enumerate(self.scenario.segments):
            row = {
                "accounts": float(segment.accounts),
                "exposed": float(self.exposed_counts[j].mean()),
                "people": float(self.people_counts[j].mean()),
                "loss_usd": float(self.losses[:, j].sum(axis=0).mean()),
            }
            row |= {name: float(self.victim_counts[i, j].mean()) for i, name in enumerate(self.attacks.names)}
            rows.append((segment.title, row))
        return table(rows, self.notes, total=True)

    def excess(self) -> pd.DataFrame:
        """Gross victims, and those the background would not have hit as well.

        Returns
        -------
        One row an attack and one for people: gross and excess victims over the horizon (p5, p50, p95,
        mean each), and the victims the background makes among the exposed anyway. [accounts]
        """
        rows = []
        years = self.horizon_years
        cases = [
            (a.name, a.label, a.background, self.victim_counts[i]) for i, a in enumerate(self.attacks.attacks)
        ]
        cases.append(("people", "any harm (people)", self.attacks.people_background, self.people_counts))
        exposed = self.exposed_counts.sum(axis=0)
        for name, label, background, gross in cases:
            spared = (1.0 - self.law.parameters(background)) ** years
            stream = generator(self.seed, "luck", name, "excess")
            left = stream.binomial(gross, np.broadcast_to(spared, gross.shape)).sum(axis=0)
            row = {"gross": gross.sum(axis=0), "excess": left, "background": exposed * (1.0 - spared)}
            rows.append((label, row))
        return two_level(rows, ("gross", "excess", "background"), self.notes)

    def exceedance(self, probabilities: Iterable[float] | None = None) -> pd.DataFrame:
        """Exceedance curve of the total loss: the loss exceeded with each probability.

        Parameters
        ----------
        probabilities
            Chances of exceeding. (0, 1). A useful set by default.

        Returns
        -------
        One row a probability, falling: ``var_usd`` (value at risk, the loss exceeded with that
        probability), ``tvar_usd`` (mean loss beyond it), and the 90 % Monte Carlo band of the value at
        risk; and ``ignorance_usd``, the same quantile of the expected loss given the parameters: what is
        left when luck is averaged out. One sample; the curve is monotone. [USD]

        Raises
        ------
        ValueError
            If a probability is not strictly between 0 and 1.
        """
        import pandas as pd

        usual = (0.9, 0.75, 0.5, 0.25, 0.1, 0.05, 0.025, 0.01, 0.005)
        chances = usual if probabilities is None else tuple(probabilities)
        for chance in chances:
            if not 0 < chance < 1:
                raise ValueError(f"probability is {chance!r}; it must lie strictly between 0 and 1")
        ordered = np.sort(self.loss)
        tail = np.cumsum(ordered[::-1])[::-1] / np.arange(len(ordered), 0, -1)
        expected = np.sort(self.expected_loss())
        rows = [
            self._exceeded(ordered, tail, expected, chance) for chance in sorted(set(chances), reverse=True)
        ]
        frame = pd.DataFrame(rows).set_index("probability")
        frame.attrs["notes"] = self.notes
        return frame

    def _exceeded(self, ordered: Array, tail: Array, expected: Array, chance: float) -> dict[str, float]:
        n = len(ordered)
        at = min(n - 1, int(np.ceil(n * (1 - chance) - 1e-9)))
        spread = 1.6448536269514722 * np.sqrt(n * chance * (1 - chance))
        lower, upper = max(0, int(np.floor(at - spread))), min(n - 1, int(np.ceil(at + spread)))
        return {
            "probability": chance,
            "var_usd": float(ordered[at]),
            "tvar_usd": float(tail[at]),
            "band_low_usd": float(ordered[lower]),
            "band_high_usd": float(ordered[upper]),
            "ignorance_usd": float(expected[at]),
        }

    def error_budget(self) -> pd.DataFrame:
        """How sure: what we do not know, what is chance, and what is sampling, kept apart.

        Returns
        -------
        One row a measure (people, victims by attack, total loss): the mean; the standard deviation that
        ignorance of the parameters makes; the one that luck makes given the parameters; the share of
        variance that is luck; the Monte Carlo standard error of the mean. From conditional moments, not
        from samples. [accounts] or [USD]
        """
        cases = {"people": self._count_moments(lambda law: law.people)}
        for name in self.attacks.names:
            cases[f"{name}.victims"] = self._count_moments(lambda law, n=name: law.victim.get(n, np.zeros(1)))
        cases["loss_usd"] = self._loss_given
        rows = []
        for name, (mean, variance) in cases.items():
            ignorance, luck = float(np.var(mean)), float(np.mean(variance))
            whole = ignorance + luck
            row = {
                "mean": float(np.mean(mean)),
                "sd_ignorance": ignorance**0.5,
                "sd_luck": luck**0.5,
                "luck_share": luck / whole if whole else 0.0,
                "se_monte_carlo": (whole / self.replicates) ** 0.5,
            }
            rows.append((name, row))
        return table(rows, self.notes)

    def _count_moments(self, chance: Any) -> tuple[Array, Array]:
        """Conditional mean and variance of a count: sums of n p and n p (1 - p)."""
        mean, variance = np.zeros(self.replicates), np.zeros(self.replicates)
        for segment in self.scenario.segments:
            p = np.broadcast_to(chance(self.laws[segment.name]), (self.replicates,))
            mean = mean + segment.accounts * p
            variance = variance + segment.accounts * p * (1 - p)
        return mean, variance

    @cached_property
    def _loss_given(self) -> tuple[Array, Array]:
        """Mean and variance of the total loss given the parameters. Shape (R,) each."""
        means, squares = {}, {}
        for attack in self.attacks.attacks:
            mean = self._mean_severity(attack.name)
            sigma = self.law.parameters(attack.severity_sigma)
            means[attack.name], squares[attack.name] = moments(mean, sigma)
        return joint_second_moment(self.law, means, squares)

    def expected_loss(self) -> Array:
        """Expected total loss given the parameters, E[L | theta] [USD]. Shape (R,)."""
        return self._loss_given[0]

    def bearers(self) -> pd.DataFrame:
        """Who bears the loss: mean by attack and bearer; rows sum to the loss of the attack.

        Returns
        -------
        One row an attack and the total; one column a bearer. Means over replicates. [USD]
        """
        rows = []
        for i, attack in enumerate(self.attacks.attacks):
            mean = float(self.losses[i].sum(axis=0).mean())
            rows.append((attack.label, {who: share * mean for who, share in attack.borne.items()}))
        frame = table(rows, self.notes, total=True)
        frame["all"] = frame.sum(axis=1)
        return frame

    @cached_property
    def firm_lines(self) -> Mapping[str, Array]:
        """Cost of the firm by line [USD]. Shape (R,) each; empty without rates."""
        if self.firm is None:
            return {}
        costs = self.firm.lines(self.law.parameters, *self.told())
        return {line: _freeze(cost) for line, cost in costs.items()}

    def told(self) -> tuple[int, int]:
        """People whom the firm tells and pays: accounts of all segments in which anything leaked.

        Returns
        -------
        How many, and how many of them are customers now. [accounts]
        """
        told = [segment for segment in self.scenario.segments if segment.fields]
        customers = sum(segment.accounts for segment in told if segment.kind in CUSTOMERS)
        return sum(segment.accounts for segment in told), customers

    @property
    def firm_cost(self) -> Array | None:
        """Cost of the firm, all lines [USD]. Shape (R,); None without rates."""
        return np.sum([self.firm_lines[line] for line in LINES], axis=0) if self.firm_lines else None

    def borne(self) -> dict[str, Array]:
        """Loss by bearer, over all attacks [USD]. Shape (R,) each; they sum to the loss.

        Returns
        -------
        By bearer, in alphabetical order.
        """
        by_attack = self.losses.sum(axis=1)
        shares: dict[str, Array] = {}
        for attack, loss in zip(self.attacks.attacks, by_attack, strict=True):
            for who, share in attack.borne.items():
                shares[who] = shares.get(who, np.zeros(1)) + share * loss
        return dict(sorted(shares.items()))

    def ledgers(self) -> pd.DataFrame:
        """Two ledgers, never added: what victims and third parties lose, and what the firm pays.

        Returns
        -------
        One row a line, index (ledger, line): ``victims`` by bearer and in all [USD], ``hours`` of the
        victims [hours], ``firm`` by line and in all [USD], where there are rates for it; p5, p50, p95,
        mean, and the unit. Means add up; quantiles do not.

        Notes
        -----
        A settlement pays back some of what victims lost, and a carrier that bears a fraud stands among the
        bearers: that is why the two are kept apart.
        """
        import pandas as pd

        rows: list[Row] = []
        for ledger, lines, unit in (
            ("victims", self.borne() | {"all": self.loss}, "USD"),
            ("hours", {"all": np.sum(self._hours(), axis=0)}, "hours"),
            ("firm", dict(self.firm_lines), "USD"),
        ):
            rows += [((ledger, line), summary(sample) | {"unit": unit}) for line, sample in lines.items()]
        if self.firm_cost is not None:
            rows.append((("firm", "all"), summary(self.firm_cost) | {"unit": "USD"}))
        frame = table(rows, self.notes)
        frame.index = pd.MultiIndex.from_tuples([label for label, _ in rows], names=["ledger", "line"])
        return frame

    def timeline(self, attack: str | None = None) -> pd.DataFrame:
        """Victims and losses by month, with the events of each.

        Parameters
        ----------
        attack
            One attack; all together if None (an account harmed by two attacks counts twice).

        Returns
        -------
        One row a month, numbered from 1: the day and date on which it ends, victims and loss (p5, p50, p95,
        mean each), and the events in it. The victims of every replicate are split by the expected share of
        each month given its parameters, so that months sum to the horizon. [accounts], [USD]

        Raises
        ------
        ValueError
            If the attack is unknown.
        """
        wanted = self.attacks.names if attack is None else (self.attacks[attack].name,)
        days = month_ends(self.horizon_years)
        victims, losses = self._by_month(tuple(wanted), days)
        rows: list[Row] = []
        start = -1.0
        for number, end in enumerate(days):
            row: dict[str, Any] = {"end_day": end, "end_date": self.scenario.date_of(end)}
            row |= {f"victims_{name}": value for name, value in summary(victims[number]).items()}
            row |= {f"loss_usd_{name}": value for name, value in summary(losses[number]).items()}
            events = [label for day, label in self.happenings() if start < day <= end]
            rows.append((number + 1, row | {"events": "; ".join(events)}))
            start = end
        frame = table(rows, self.notes)
        frame.index.name = "month"
        return frame

    def _by_month(self, wanted: tuple[str, ...], days: list[float]) -> tuple[Array, Array]:
        """Victims and losses of some attacks by month, in chunks of replicates. Shape (months, R)."""
        sums = np.zeros((2, len(days), self.replicates))
        starts = range(0, self.replicates, CHUNK)
        rows = [slice(start, min(start + CHUNK, self.replicates)) for start in starts]
        with ThreadPoolExecutor(max_workers=min(MOST_THREADS, os.cpu_count() or 1)) as pool:
            for part, found in zip(rows, pool.map(partial(self._split, wanted, days), rows), strict=True):
                sums[:, :, part] = found
        grown = np.diff(sums, axis=1, prepend=0.0)
        return grown[0], grown[1]

    def _split(self, wanted: tuple[str, ...], days: list[float], rows: slice) -> Array:
        """Victims and losses of some replicates up to each day. Shape (2, days, rows)."""
        law = self.law.part(rows)
        sums = np.zeros((2, len(days), law.parameters.replicates))
        for j, segment in enumerate(self.scenario.segments):
            for name, chance in victims_by(law, segment, days).items():
                if name not in wanted:
                    continue
                i = self.attacks.names.index(name)
                end = np.where(chance[-1] > 0, chance[-1], 1.0)
                sums[0] += chance * (self.victim_counts[i, j, rows] / end)
                sums[1] += chance * (self.losses[i, j, rows] / end)
        return sums

    def happenings(self) -> list[tuple[float, str]]:
        """What happens when: events of the scenario and ends of regimes, by day after the sale.

        Returns
        -------
        Days and labels, in order.
        """
        found = {(event.day, event.label or event.kind) for event in self.scenario.events}
        for attack in self.attacks.attacks:
            for regime in attack.regimes:
                if regime.until:
                    found.add((self.scenario.day_of(regime.until), regime.label or "a regime ends"))
        return sorted(found)

    def lorenz(self) -> pd.DataFrame:
        """Where the harm falls: Lorenz curve of the mean loss over segments.

        Returns
        -------
        One row a segment, the least loss per account first: accounts, mean loss [USD], loss per account
        [USD], and the cumulated shares of both, from which ``attrs["gini"]`` is computed (0: every account
        bears the same; 1: one segment bears all).
        """
        means = self.losses.sum(axis=0).mean(axis=1)
        order = np.argsort(means / [s.accounts for s in self.scenario.segments], kind="stable")
        accounts, loss = 0.0, 0.0
        rows: list[Row] = []
        area = 0.0
        whole = float(means.sum()) or 1.0
        for j in order:
            segment = self.scenario.segments[j]
            width, before = segment.accounts / self.scenario.accounts, loss
            accounts, loss = accounts + width, loss + float(means[j]) / whole
            area += width * (before + loss)
            row = {"accounts": float(segment.accounts), "loss_usd": float(means[j])}
            row |= {"loss_per_account": float(means[j]) / segment.accounts}
            rows.append((segment.title, row | {"share_of_accounts": accounts, "share_of_loss": loss}))
        frame = table(rows, self.notes)
        frame.attrs["gini"] = 1.0 - area if means.any() else 0.0
        return frame

    def _hours(self) -> list[Array]:
        """Hours lost by the victims of each attack. Shape (R,) each."""
        return [
            self.victim_counts[i].sum(axis=0) * self.law.parameters(attack.hours)
            for i, attack in enumerate(self.attacks.attacks)
        ]

    def hours(self) -> pd.DataFrame:
        """Time that the victims lose.

        Returns
        -------
        One row an attack and the total: hours lost, p5, p50, p95 and mean. Victims times the mean hours of
        a victim. [hours]
        """
        samples = self._hours()
        rows = [(a.label, summary(x)) for a, x in zip(self.attacks.attacks, samples, strict=True)]
        return table([*rows, ("all attacks", summary(np.sum(samples, axis=0)))], self.notes)

    def convergence(self) -> pd.DataFrame:
        """Do the figures still move: the answer from fewer and fewer of the replicates.

        Returns
        -------
        One row a number of replicates (all of them, a half, a quarter, ..., at least 100): median and mean
        of people and loss, their standard errors, and the relative error of the mean loss.
        """
        rows = []
        size = self.replicates
        while size >= FEWEST or size == self.replicates:
            people, loss = self.people[:size].astype(float), self.loss[:size]
            error = float(loss.std(ddof=1) / np.sqrt(size)) if size > 1 else np.inf
            row = {
                "people_p50": float(np.median(people)),
                "people_se": quantile_error(people, 0.5),
                "loss_p50": float(np.median(loss)),
                "loss_se": quantile_error(loss, 0.5),
                "loss_mean": float(loss.mean()),
                "loss_mean_se": error,
                "rel_se": error / float(loss.mean()) if loss.mean() else 0.0,
            }
            rows.append((f"{size:,}", row))
            size //= 2
        return table(rows, self.notes)

    def capacity(self) -> pd.DataFrame:
        """Which capacities bind: the share of attempts that crews and markets can make.

        Returns
        -------
        One row an attack with a capacity: the scale (p5, p50, p95, mean) and the share of replicates in
        which it binds.
        """
        rows = [
            (self.attacks[name].label, summary(scale) | {"binds": float(np.mean(scale < 1))})
            for name, scale in self.law.scales.items()
        ]
        return table(rows, self.notes)

    def reported(self, attack: str, *, complaints: float, loss_usd: float) -> pd.DataFrame:
        """Complaints filed in the first year after the sale, against figures one has seen.

        Parameters
        ----------
        attack
            An attack with a reporting rate.
        complaints, loss_usd
            Published figures to compare with; the chance of exceeding them is given. [complaints/year],
            [USD/year]

        Returns
        -------
        Rows ``complaints`` and ``loss_usd`` (of those who complain, what they lose in
        follow-ons included): p5, p50, p95, mean, the figure compared with and the chance of exceeding it.

        Raises
        ------
        ValueError
            If the attack has no reporting rate.

        Notes
        -----
        The first year is the fullest one, so the comparison is the hard one. Expected values given the
        parameters, without the luck of single cases; a complaint is as likely from a small loss as from
        a large one.
        """
        node = self.attacks[attack]
        if node.reporting is None:
            raise ValueError(
                f"attack {attack!r} has no reporting rate; nothing is published on its complaints"
            )
        filed = self.law.parameters(node.reporting) * self._in_first_year(attack)
        lost = self._in_first_year(attack) * self._mean_severity(attack)
        for name in node.anchor.follow_ons if node.anchor else ():
            lost = lost + self._in_first_year(name, attack) * self._mean_severity(name)
        money = self.law.parameters(node.reporting) * lost
        rows = []
        for label, sample, figure in (("complaints", filed, complaints), ("loss_usd", money, loss_usd)):
            held = {"figure": figure, "p_exceed": float(np.mean(sample > figure))}
            rows.append((label, summary(sample) | held))
        return table(rows, self.notes)

    def _mean_severity(self, attack: str) -> Array:
        """Mean loss of a victim, anchor factor included [USD/victim]. Shape (R,)."""
        return self.law.parameters(self.attacks[attack].severity) * self.factors.get(attack, np.ones(1))

    def _in_first_year(self, attack: str, after: str = "") -> Array:
        """Expected victims of the first 365 days; given ``after``, of both attacks. Shape (R,)."""
        total = np.zeros(self.replicates)
        for segment in self.scenario.segments:
            law = self.laws[segment.name]
            chance = law.anchored_year.get((after, attack)) if after else law.victim_year.get(attack)
            total = total + segment.accounts * (np.zeros(1) if chance is None else chance)
        return total

    # ------------------------------------------------------------------------------------ provenance

    def parameters(self) -> tuple[Estimate, ...]:
        """Every number behind the tables: uncertain and certain ones, backgrounds, hours, and bearers."""
        used = {estimate.name: estimate for estimate in self.law.parameters.used}
        for attack in self.attacks.attacks:
            extra = [attack.background, attack.hours, *attack.bearers.values()]
            extra += [attack.reporting] if attack.reporting else []
            used |= {estimate.name: estimate for estimate in extra}
        for estimate in self.firm.estimates() if self.firm else ():
            used[estimate.name] = estimate
        used |= {estimate.name: estimate for estimate in self.scenario.release.values()}
        used[self.attacks.people_background.name] = self.attacks.people_background
        for segment in self.scenario.segments:
            for leak in segment.leaks:
                if used.setdefault(leak.coverage.name, leak.coverage) != leak.coverage:
                    used[f"{segment.name}: {leak.coverage.name}"] = leak.coverage
        return tuple(used.values())

    def sources(self, catalog: Mapping[str, Source] | None = None) -> pd.DataFrame:
        """Every number used and where it stands, assumptions first.

        Parameters
        ----------
        catalog
            Sources by id, to add grade, verified and title; ids alone if None.

        Returns
        -------
        One row a parameter: status, numbers, unit, note, source ids; with a catalogue the worst grade and
        whether all sources were seen.
        """
        import pandas as pd

        order = {"assumed": 0, "derived": 1, "cited": 2}
        if catalog is not None:
            catalog = self.scenario.with_own_sources(catalog)
        rows = []
        for estimate in sorted(self.parameters(), key=lambda e: (order[e.status], e.name)):
            row: dict[str, Any] = {
                "parameter": estimate.name,
                "status": estimate.status,
                "kind": estimate.kind,
            }
            numbers = ("low", "mode", "high") if estimate.kind != "fixed" else ("value",)
            row["numbers"] = " / ".join(
                f"{getattr(estimate, n):g}" for n in numbers if getattr(estimate, n) is not None
            )
            row |= {"unit": estimate.unit, "sources": ", ".join(estimate.sources)}
            if catalog is not None:
                own = [catalog[s] for s in estimate.sources if s in catalog]
                row["grades"] = " ".join(source.grade for source in own)
                row["verified"] = " ".join(source.verified for source in own)
            rows.append(row | {"note": estimate.note})
        frame = pd.DataFrame(rows).set_index("parameter")
        frame.attrs["notes"] = self.notes
        return frame

    def to_json(self) -> str:
        """The answer as one JSON document.

        Returns
        -------
        ``scenario, seed, replicates, accounts, exposed, people, firm_cost_usd, attacks, version`` and
        more; every uncertain number is ``{"p5", "p50", "p95", "mean"}``. The same inputs and seed give
        the same text.
        """
        attacks = {
            name: {word: summary(self.per_attack(word)[i]) for word in WORDS[1:]}
            for i, name in enumerate(self.attacks.names)
        }
        document = {
            "scenario": self.scenario.name,
            "seed": self.seed,
            "replicates": self.replicates,
            "horizon_years": self.horizon_years,
            "accounts": self.scenario.accounts,
            "exposed": self.exposed,
            "people": summary(self.people),
            "loss_usd": summary(self.loss),
            "firm_cost_usd": None if self.firm_cost is None else summary(self.firm_cost),
            "attacks": attacks,
            "notes": list(self.notes),
            "input_hash": self.input_hash,
            "numpy": np.__version__,
            "version": self.version,
        }
        return json.dumps(document, indent=2)

    def __repr__(self) -> str:
        counted = {"assumed": 0, "derived": 0, "cited": 0}
        for estimate in self.parameters():
            counted[estimate.status] += 1
        lines = [
            f"Impact of {self.scenario.title}: {self.scenario.accounts:,} accounts",
            f"  people harmed  {spread(self.people)}",
            f"  loss [USD]     {spread(self.loss)}",
            f"  median (90 % interval), {self.horizon_years:g} years, {_plural(self.replicates)}, "
            f"seed {self.seed}",
            f"  rests on {counted['assumed']} assumed, {counted['derived']} derived and "
            f"{counted['cited']} cited numbers",
        ]
        lines += [f"  note: {note}" for note in self.notes]
        return "\n".join(lines)


def _plural(replicates: int) -> str:
    return "1 replicate" if replicates == 1 else f"{replicates:,} replicates"


def _plain(value: object) -> object:
    """Frozen objects as plain data, for the hash."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)} | {
            "_": type(value).__name__
        }
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no place in a hash of inputs")
