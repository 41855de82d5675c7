"""The harm league: every breach with its place, how sure the place is, and what decides it.

Breaches are ranked by expected harm given the parameters, averaged over shared points. The rank interval and
the probability that one is worse than another are over the same points: they say what the parameters leave
open. Luck is left out: it widens the ranks of breaches with a handful of victims.

Not here: the page (``apps.reporting``) and sums over breaches (``results.side_by_side``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from breach_sim.analysis.leagues.deciding import Deciding, deciding
from breach_sim.analysis.leagues.harm import BreachHarm, Member, Progress, harms
from breach_sim.analysis.leagues.order import intervals, ranks, tau, tau_over, worse
from breach_sim.analysis.leagues.worlds import READINGS, Draws
from breach_sim.engine.draws.streams import check_seed
from breach_sim.engine.time import check_horizon
from breach_sim.formatting import html
from breach_sim.formatting.arrays import Array, Counts
from breach_sim.formatting.digits import human, percent, significant
from breach_sim.formatting.display import plural
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.numbers.posterior import Posterior
from breach_sim.inputs.scenario import Scenario, look_alike
from breach_sim.results.arrays.drawn import read_only
from breach_sim.results.simulation import check_replicates

if TYPE_CHECKING:
    import pandas as pd

MEASURES = {"loss_usd": "expected loss [USD]", "people": "expected people harmed [accounts]"}
"""What breaches can be ranked by."""
STABLE = 0.9
"""Least Kendall's tau with the league at which a reading counts as giving the same order."""
MOVERS = 3
"""Breaches that are named where a reading gives another order."""
_SHOWN = 10
"""Breaches that a repr lists."""
_TWINS = 6
"""Groups of breaches that look alike which the notes name."""


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class League:
    """Breaches ranked by expected harm.

    Parameters
    ----------
    scenarios
        The worst first; equal ones by name. B of them.
    harms
        Expected harm of each, in the same order.
    deciding
        What decides each place.
    by
        One of :data:`MEASURES`.
    draws
        Seed, points and readings.
    horizon_years
        Years after the sale. [years]
    refused
        Number of entries that an import could not read.
    """

    scenarios: tuple[Scenario, ...]
    harms: tuple[BreachHarm, ...]
    deciding: tuple[Deciding, ...]
    by: str
    draws: Draws
    horizon_years: float
    refused: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the breaches, the worst first."""
        return tuple(scenario.name for scenario in self.scenarios)

    @cached_property
    def values(self) -> Array:
        """Expected harm given the parameters, breach by breach. Shape (B, R). [USD] or [accounts]."""
        return read_only(np.stack([getattr(harm, self.by) for harm in self.harms]))

    @cached_property
    def expected(self) -> Array:
        """Expected harm. Shape (B,), falling. [USD] or [accounts]."""
        return read_only(self.values.mean(axis=1))

    @cached_property
    def accounts(self) -> Array:
        """Number of accounts. Shape (B,)."""
        return read_only(np.array([float(scenario.accounts) for scenario in self.scenarios]))

    @cached_property
    def ranks(self) -> Counts:
        """Rank in each replicate: 1 plus the number of breaches that are worse. Shape (B, R)."""
        return read_only(ranks(self.values))

    def worse(self, one: str, other: str) -> float:
        """Return the probability that one breach is worse than another, over the shared points.

        Parameters
        ----------
        one, other
            Names of breaches of the league.

        Returns
        -------
        Equal harm counts for half, so that both ways sum to 1. [0, 1]

        Raises
        ------
        ValueError
            If a name is not in the league.
        """
        places = []
        for name in (one, other):
            if name not in self.names:
                raise ValueError(unknown("breach", name, self.names, "the league"))
            places.append(self.names.index(name))
        return worse(self.values[places[0]], self.values[places[1]])

    def table(self) -> pd.DataFrame:
        """One row a breach, the worst first.

        Returns
        -------
        ``place`` (equal breaches share it), ``rank_p5`` and ``rank_p95``; ``accounts`` and
        ``place_by_accounts``; ``expected``, ``p5`` and ``p95`` of the harm [USD] or [accounts];
        ``worse_than_next`` (probability; missing for the last); ``attack`` with its ``share``, ``fields``,
        ``parameter`` with its ``correlation``, as :class:`Deciding` describes them.
        """
        import pandas as pd

        ends = np.quantile(self.values, (0.05, 0.95), axis=1)
        between = intervals(self.ranks)
        following = [worse(*pair) for pair in zip(self.values, self.values[1:], strict=False)]
        columns: dict[str, Any] = {
            "place": ranks(self.expected),
            "rank_p5": between[:, 0],
            "rank_p95": between[:, 1],
            "accounts": self.accounts.astype(np.int64),
            "place_by_accounts": ranks(self.accounts),
            "expected": self.expected,
            "p5": ends[0],
            "p95": ends[1],
            "worse_than_next": [*following, np.nan],
            "attack": [own.label for own in self.deciding],
            "share": [own.share for own in self.deciding],
            "fields": [", ".join(own.fields) for own in self.deciding],
            "parameter": [own.parameter for own in self.deciding],
            "correlation": [own.correlation for own in self.deciding],
        }
        frame = pd.DataFrame(columns, index=pd.Index(self.names, name="breach"))
        frame.attrs["notes"] = self.notes
        return frame

    @cached_property
    def tau(self) -> float | None:
        """Kendall's tau of the order with the order by accounts; None for one breach or equal ones."""
        return tau(self.expected, self.accounts)

    @cached_property
    def tau_interval(self) -> tuple[float, float] | None:
        """90 % interval over replicates of the same tau."""
        return tau_over(self.values, self.accounts)

    @cached_property
    def readings(self) -> pd.DataFrame:
        """The order under each structural reading, compared with that of the league on the same points.

        Returns
        -------
        One row a reading: ``what`` it takes otherwise, ``tau`` (missing where nothing can be compared),
        ``stable`` (tau of at least 0.9), and ``movers``: the breaches whose places differ most, in words.
        """
        import pandas as pd

        at_points = np.array([harm.at_points for harm in self.harms])
        rows = []
        for name in self.draws.readings:
            read = np.array([harm.readings[name] for harm in self.harms])
            own = tau(at_points, read)
            rows.append((READINGS[name], own, own is None or own >= STABLE, self._moved(at_points, read)))
        frame = pd.DataFrame(
            rows,
            columns=["what", "tau", "stable", "movers"],
            index=pd.Index(self.draws.readings, name="reading"),
        )
        return frame.astype({"tau": float, "stable": bool})

    def _moved(self, one: Array, other: Array) -> str:
        """The breaches whose places differ most, in words."""
        before, after = ranks(one), ranks(other)
        most = np.argsort(-np.abs(after - before), kind="stable")[:MOVERS]
        return "; ".join(
            f"{self.names[place]} from {before[place]} to {after[place]}"
            for place in most.tolist()
            if before[place] != after[place]
        )

    @property
    def unstable(self) -> tuple[str, ...]:
        """Names of the readings under which the order is another one."""
        return tuple(str(name) for name, stable in self.readings["stable"].items() if not stable)

    @cached_property
    def alike(self) -> tuple[str, ...]:
        """Cautions about breaches that are one breach, or look like one, entered twice."""
        return (*_one_breach(self.scenarios), *look_alike(self.scenarios))

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Cautions, the most important first."""
        notes = [
            "A rank interval says what uncertain parameters leave open, not what the model leaves out: harm "
            "without an attack in the catalog counts for nothing here.",
            "Luck is left out: a breach with a handful of victims can do far more or less than expected.",
        ]
        notes += [
            f"The order is another one if {row['what']} (tau {row['tau']:.2f}): {row['movers']}."
            for _, row in self.readings.iterrows()
            if not row["stable"]
        ]
        none = [s.name for s, value in zip(self.scenarios, self.expected, strict=True) if value == 0]
        if none:
            first = ", ".join(none[:4]) + (", ..." if len(none) > 4 else "")  # noqa: PLR2004 - a few names
            notes.append(
                f"{plural(len(none), 'breach', 'breaches')} of {len(self.names)} with an expected harm of 0 "
                f"({first}): nothing that leaked opens an attack of the catalog. They share the last place."
            )
        notes += self.alike[:_TWINS]
        if len(self.alike) > _TWINS:
            notes.append(f"{len(self.alike) - _TWINS} more groups of breaches look alike.")
        notes += self._of_reading()
        return (*notes, *self.scenarios[0].overrides.in_words())

    def _of_reading(self) -> list[str]:
        """Notes on what was not read, and on people elsewhere."""
        notes = []
        partly = sum(bool(scenario.left_out) for scenario in self.scenarios)
        if partly:
            notes.append(
                f"Of {plural(partly, 'breach', 'breaches')} something was not read; the JSON lists it as "
                "left_out."
            )
        if self.refused:
            notes.append(f"{plural(self.refused, 'entry', 'entries')} of the file could not be read at all.")
        unknown_homes = sum(not scenario.dossier.countries for scenario in self.scenarios)
        if unknown_homes:
            notes.append(
                f"For {plural(unknown_homes, 'breach', 'breaches')} nothing says where the people live: "
                "rates and losses of the United States are assumed for all."
            )
        bound = sum(any(share > 1 / 2 for share in harm.bound.values()) for harm in self.harms)
        if bound:
            notes.append(
                f"In {plural(bound, 'breach', 'breaches')} the national capacity of crews limits an attack "
                "at most points; breaches of one calendar year share it, so their harm depends on the list."
            )
        return notes

    def to_json(self) -> str:
        """The league as one JSON document.

        Returns
        -------
        The same inputs and seed give the same text.
        """
        frame = self.table()
        rows = frame.astype(object).where(frame.notna(), None).to_dict(orient="index")
        for scenario, harm in zip(self.scenarios, self.harms, strict=True):
            rows[scenario.name] |= {
                "label": scenario.label,
                "day_zero": scenario.day_zero,
                "people": float(harm.people.mean()),
                "loss_usd": float(harm.loss_usd.mean()),
                "bound_by_capacity": dict(harm.bound),
                "left_out": [
                    {"kind": part.kind, "name": part.name, "nearest": part.nearest}
                    for part in scenario.left_out
                ],
            }
        read = self.readings.astype(object).where(self.readings.notna(), None).to_dict(orient="index")
        document = {
            "ranked_by": self.by,
            "seed": self.draws.seed,
            "points": self.draws.replicates,
            "calibrated": self.draws.posterior is not None,
            "horizon_years": self.horizon_years,
            "tau_with_accounts": self.tau,
            "tau_with_accounts_90": self.tau_interval,
            "readings": read,
            "stable": not self.unstable,
            "look_alike": list(self.alike),
            "refused": self.refused,
            "breaches": rows,
            "notes": list(self.notes),
        }
        return json.dumps(document, indent=2, default=lambda value: value.item())

    def lines(self) -> list[tuple[str, str]]:
        """What the league says in a few lines: label and text of each."""
        worst = self.scenarios[0]
        unit = "USD" if self.by == "loss_usd" else "accounts"
        found = [("worst", f"{worst.title}, {human(significant(self.expected[0], 2))} {unit} expected")]
        if self.tau is not None and self.tau_interval is not None:
            low, high = self.tau_interval
            found.append(
                ("Kendall's tau with the order by accounts", f"{self.tau:.2f} ({low:.2f} to {high:.2f})")
            )
        if self.draws.readings:
            least = self.readings["tau"].min()
            text = f"{len(self.draws.readings) - len(self.unstable)} of {len(self.draws.readings)}"
            text += "" if np.isnan(least) else f" (least tau {least:.2f})"
            found.append(("readings that give the same order", text))
        found.append(
            (
                "made from",
                f"{self.horizon_years:g} years, {plural(self.draws.replicates, 'shared point')}, seed "
                f"{self.draws.seed}",
            )
        )
        return found

    def __repr__(self) -> str:
        head = f"League of {plural(len(self.names), 'breach', 'breaches')} by {MEASURES[self.by]}"
        frame = self.table().head(_SHOWN)
        rows = [
            f"  {row['place']:>4}  {name} (rank {row['rank_p5']} to {row['rank_p95']}; "
            f"{row['attack']} {percent(row['share'])})"
            if row["attack"]
            else f"  {row['place']:>4}  {name} (no harm expected)"
            for name, row in frame.iterrows()
        ]
        more = len(self.names) - len(frame)
        rows += [f"  ... and {more:,} more"] if more else []
        return "\n".join([head, *(f"  {label}: {text}" for label, text in self.lines()), *rows])

    def _repr_html_(self) -> str:
        title = f"League of {plural(len(self.names), 'breach', 'breaches')} by {MEASURES[self.by]}"
        return html.card(title, self.lines(), notes=self.notes)


def _one_breach(scenarios: Iterable[Scenario]) -> list[str]:
    """Sentences on scenarios that say themselves that they describe one breach."""
    known: dict[str, list[str]] = {}
    for scenario in scenarios:
        if scenario.dossier.breach:
            known.setdefault(scenario.dossier.breach, []).append(scenario.name)
    return [
        f"{' and '.join(names)} describe one breach ({breach}): it stands here {len(names)} times."
        for breach, names in known.items()
        if len(names) > 1
    ]


def run(
    members: Sequence[Member],
    *,
    by: str,
    replicates: int,
    seed: int,
    horizon_years: float,
    posterior: Posterior | None,
    readings: Iterable[str] | None = None,
    refused: int = 0,
    progress: Progress | None = None,
) -> League:
    """League of breaches given as objects, as :func:`breach_sim.api.several.league` describes it.

    Parameters
    ----------
    members
        At least one, of different names.
    by, replicates, seed, horizon_years
        As there.
    posterior
        Rows of fitted parameters; None draws every prior.
    readings
        Names of readings to compare with; None takes all that differ from the league.
    refused
        Number of entries that an import could not read.
    progress
        Called with the breaches done and all, two passes counted.

    Returns
    -------
    The league.

    Raises
    ------
    ValueError
        If there is no breach, a name comes twice, or an argument is out of range.
    """
    if not isinstance(by, str) or by not in MEASURES:
        raise ValueError(unknown("measure", str(by), MEASURES, "the league"))
    names = [scenario.name for scenario, _ in members]
    if not names:
        raise ValueError("no breach is given; a league needs at least one")
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise ValueError(
            f"breach {twice[0]!r} is named twice; names must differ, because what is uncertain about one "
            "breach alone is drawn by its name: give it once, or rename one"
        )
    check_horizon(horizon_years)
    draws = Draws(
        check_seed(seed), check_replicates(replicates), posterior, _chosen(readings, posterior, horizon_years)
    )
    found, read = harms(members, draws, horizon_years, by, progress)
    means = [float(getattr(harm, by).mean()) for harm in found]
    order = sorted(range(len(names)), key=lambda place: (-means[place], names[place]))
    placed, own = [members[place] for place in order], [found[place] for place in order]
    decided = deciding(
        placed,
        own,
        read,
        ranks(np.stack([getattr(harm, by) for harm in own])),
        draws,
        by_loss=by == "loss_usd",
    )
    return League(
        scenarios=tuple(scenario for scenario, _ in placed),
        harms=tuple(own),
        deciding=tuple(decided),
        by=by,
        draws=draws,
        horizon_years=float(horizon_years),
        refused=refused,
    )


def _chosen(
    readings: Iterable[str] | None, posterior: Posterior | None, horizon_years: float
) -> tuple[str, ...]:
    """Readings to compare with, in the order of the table; those that change nothing are left out."""
    wanted = list(READINGS) if readings is None else list(readings)
    for name in wanted:
        if name not in READINGS:
            raise ValueError(unknown("reading", str(name), READINGS, "the league"))
    same = {"priors"} if posterior is None else set()
    same |= {"one year"} if horizon_years <= 1 else set()
    return tuple(name for name in READINGS if name in wanted and name not in same)
