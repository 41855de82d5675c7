"""Where two yardsticks rank breaches the other way round, and which input does it.

Breaches are *measured* by the ENISA score, the share of accounts in the highest tier, people and expected
loss. Two breaches *clash* when ENISA puts one above the other and the expected loss the other above the one
("opposite"), or when ENISA puts them level and the losses are far apart ("level"). The cause is looked for by
counterfactuals: one input of one breach is replaced by that of the other, or one field is left out of one or
of both, all is computed again on the same draws, and it is seen whether the clash is gone. Exact in that
sense: no weights, no model of the yardsticks. Inputs that only act together show up as none that removes it.
A loss is below another only when the paired difference is beyond two standard errors.

Not here: which yardstick is right.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breach_sim import catalog
from breach_sim.analysis.other_scores import enisa_scoring, tier
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.errors import mean_error
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.simulation import simulate

YARDSTICKS = ("enisa_se", "several_severe_share", "people", "loss_usd")
"""Columns by which breaches are ranked."""
FAR_APART = 2.0
"""Ratio of losses from which two breaches level by ENISA clash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A breach by every yardstick.

    Parameters
    ----------
    scenario
        The breach.
    enisa_se, band
        Severity by ENISA, our reading.
    several_severe_share
        Share of the exposed accounts in the highest tier. [share]
    people, loss_usd
        Means over replicates of the expectations given the parameters. [accounts], [USD]
    people_error
        Monte Carlo standard error of the people. [accounts]
    losses
        Expected loss given the parameters. Shape (R,). [USD]
    scramble
        Number of the scramble of each replicate, shape (R,); None for plain draws.
    """

    scenario: Scenario
    enisa_se: float
    band: str
    several_severe_share: float
    people: float
    loss_usd: float
    people_error: float
    losses: Array = field(repr=False, compare=False)
    scramble: NDArray[np.int64] | None = field(default=None, repr=False, compare=False)

    @property
    def loss_error(self) -> float:
        """Monte Carlo standard error of the loss [USD]."""
        return mean_error(self.losses, self.scramble)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterfactual:
    """One input changed.

    Parameters
    ----------
    change
        What was changed, in words.
    enisa_se, loss_usd
        Both yardsticks of the first breach, changed.
    loss_error
        Monte Carlo standard error of the loss. [USD]
    removes
        Whether the clash is gone.
    """

    change: str
    enisa_se: float
    loss_usd: float
    loss_error: float
    removes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Two breaches that ENISA and the expected loss rank differently.

    Parameters
    ----------
    one, other
        The breaches; with "opposite" the first is the one that ENISA puts higher.
    kind
        "opposite" or "level".
    tried
        Counterfactuals; empty where none was asked for.
    """

    one: Measured
    other: Measured
    kind: str
    tried: tuple[Counterfactual, ...] = ()

    @property
    def ratio(self) -> float:
        """Larger loss over the smaller; infinite where that is zero."""
        low, high = sorted((self.one.loss_usd, self.other.loss_usd))
        return high / low if low else float("inf")

    @property
    def flips(self) -> tuple[str, ...]:
        """Changes that remove the clash by themselves."""
        return tuple(own.change for own in self.tried if own.removes)


Measure = Callable[[Scenario], Measured]


def measuring(
    enabled: Callable[[Scenario], AttackGraph],
    *,
    seed: int,
    replicates: int,
    horizon_years: float,
    severe_usd: float = tier.SEVERE_USD,
) -> Measure:
    """A function that measures breaches on shared draws.

    Parameters
    ----------
    enabled
        From a breach to the attacks it enables.
    seed, replicates, horizon_years
        As for ``impact.simulate``.
    severe_usd
        Mean loss from which an attack counts as severe. (0, inf) [USD/victim]

    Returns
    -------
    From a scenario to its measures.
    """

    def measure(scenario: Scenario) -> Measured:
        attacks = enabled(scenario)
        impact = simulate(
            scenario,
            attacks,
            replicates=replicates,
            seed=seed,
            horizon_years=horizon_years,
            posterior=catalog.load_posterior(),
        )
        return measured(scenario, attacks, impact, severe_usd)

    return measure


def measured(
    scenario: Scenario, attacks: AttackGraph, impact: Any, severe_usd: float = tier.SEVERE_USD
) -> Measured:
    """Measures of a breach whose impact is known.

    Parameters
    ----------
    scenario, attacks
        The breach and what it enables.
    impact
        Its impact.
    severe_usd
        Mean loss from which an attack counts as severe. (0, inf) [USD/victim]

    Returns
    -------
    The measures.
    """
    score = enisa_scoring.score_scenario(scenario).score
    people, losses = impact.expected("people"), impact.expected("loss_usd")
    return Measured(
        scenario=scenario,
        enisa_se=score.se,
        band=score.band,
        several_severe_share=tier.tiers(scenario, attacks, threshold=severe_usd).shares[2],
        people=float(people.mean()),
        loss_usd=float(losses.mean()),
        people_error=mean_error(people, impact.scramble),
        losses=losses,
        scramble=impact.scramble,
    )


def agreement(found: Sequence[Measured]) -> dict[tuple[str, str], tuple[int, int, int]]:
    """How often two yardsticks rank two breaches alike.

    Parameters
    ----------
    found
        Measures of breaches.

    Returns
    -------
    By pair of yardsticks: pairs of breaches ranked alike, the other way round, and level by either.
    """
    counted = {}
    for first, second in itertools.combinations(YARDSTICKS, 2):
        signs = [
            _sign(getattr(a, first) - getattr(b, first)) * _sign(getattr(a, second) - getattr(b, second))
            for a, b in itertools.combinations(found, 2)
        ]
        counted[first, second] = (signs.count(1), signs.count(-1), signs.count(0))
    return counted


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def clash(one: Measured, other: Measured) -> Clash | None:
    """Clash of two breaches between ENISA and the expected loss.

    Parameters
    ----------
    one, other
        Measures.

    Returns
    -------
    The clash, or None.
    """
    if one.enisa_se == other.enisa_se:
        level = Clash(one=one, other=other, kind="level")
        return level if level.ratio >= FAR_APART else None
    higher, lower = (one, other) if one.enisa_se > other.enisa_se else (other, one)
    gap = lower.losses - higher.losses
    if gap.mean() <= 2 * mean_error(gap, lower.scramble):
        return None
    return Clash(one=higher, other=lower, kind="opposite")


def clashes(asked: Measured, peers: Iterable[Measured]) -> list[Clash]:
    """Clashes of one breach with others.

    Parameters
    ----------
    asked
        The breach asked about.
    peers
        Others.

    Returns
    -------
    Opposite ones first, then by how far the losses are apart; last those where one loses nothing.
    """
    found = [clash(asked, peer) for peer in peers if peer.scenario.name != asked.scenario.name]
    kept = [own for own in found if own is not None]
    return sorted(kept, key=_interest)


def _interest(found: Clash) -> tuple[bool, bool, float]:
    return found.kind != "opposite", math.isinf(found.ratio), -found.ratio


def explained(found: Clash, measure: Measure, opening: Iterable[str] = ()) -> Clash:
    """The clash with its counterfactuals: one input at a time.

    Parameters
    ----------
    found
        A clash.
    measure
        From a scenario to its measures, on the draws of the clash.
    opening
        Fields that open attacks; of those that both breaches leaked each is taken out of both in turn.

    Returns
    -------
    The same clash; ``tried`` says what each change does, ``flips`` which of them remove it.
    """
    one, other = found.one.scenario, found.other.scenario
    tried = [
        _tried(f"{one.name} {change}", measure(changed), found.other)
        for change, changed in _changes(one, other)
    ]
    both = set(opening).intersection(_leaked(one), _leaked(other))
    for name in (name for name in FIELD_NAMES if name in both):
        left, right = without(one, name), without(other, name)
        if _leaked(left) and _leaked(right):
            tried.append(_tried(f"{catalog.label_of_field(name)} out of both", measure(left), measure(right)))
    return dataclasses.replace(found, tried=tuple(tried))


def _tried(change: str, now: Measured, then: Measured) -> Counterfactual:
    return Counterfactual(
        change=change,
        enisa_se=now.enisa_se,
        loss_usd=now.loss_usd,
        loss_error=now.loss_error,
        removes=clash(now, then) is None,
    )


def _leaked(scenario: Scenario) -> set[str]:
    return {name for segment in scenario.segments for name in segment.fields}


def _changes(one: Scenario, other: Scenario) -> Iterable[tuple[str, Scenario]]:
    """One input of the first breach at a time, as that of the second."""
    larger = _scaled(one, other.accounts)
    if larger is not None and one.accounts != other.accounts:
        yield f"with {other.accounts:,} accounts", larger
    donor = _scaled(other, one.accounts)
    if donor is not None:
        changed = dataclasses.replace(one, segments=donor.segments, events=donor.events)
        yield f"with the cohorts and fields of {other.name}", changed
    if _plain(one.release) != _plain(other.release):
        yield f"released as {other.name}", dataclasses.replace(one, release=other.release)
    if one.day_zero != other.day_zero:
        yield (
            f"on day 0 of {other.name} ({other.day_zero or 'none'})",
            dataclasses.replace(one, day_zero=other.day_zero),
        )
    setting = _setting(one)
    together = [setting] if len(setting) > 1 else []
    for names in (*((name,) for name in setting), *together):
        left = one
        for name in names:
            left = without(left, name)
        if _leaked(left):
            yield f"without {' and '.join(map(catalog.label_of_field, names))}", left


def _scaled(scenario: Scenario, accounts: int) -> Scenario | None:
    """The breach with another number of accounts; None where a segment would be left empty."""
    try:
        return scenario.scaled(accounts)
    except ValueError:
        return None


def _plain(release: Any) -> dict[str, float]:
    return {name: share.central for name, share in release.items()}


def _setting(scenario: Scenario) -> tuple[str, ...]:
    """Fields that set the context in any cohort as high as the leading one's."""
    score = enisa_scoring.score_scenario(scenario)
    top = score.leading.steps[0].value
    if top == 1:
        return ()
    names = [
        name for own in score.cohorts if own.steps[0].value == top for name in own.steps[0].by.split(", ")
    ]
    return tuple(dict.fromkeys(part for name in names for part in name.split(" + ")))


def without(scenario: Scenario, name: str) -> Scenario:
    """The breach had one field not leaked.

    Parameters
    ----------
    scenario
        A breach.
    name
        Name of the field.

    Returns
    -------
    The scenario; leaks and resets that name nothing else are left out.
    """
    segments = tuple(
        dataclasses.replace(
            segment,
            leaks=tuple(
                dataclasses.replace(leak, fields=kept)
                for leak in segment.leaks
                if (kept := tuple(own for own in leak.fields if own != name))
            ),
        )
        for segment in scenario.segments
    )
    events = tuple(
        dataclasses.replace(event, fields=tuple(own for own in event.fields if own != name))
        for event in scenario.events
        if event.kind != "reset" or set(event.fields) != {name}
    )
    return dataclasses.replace(scenario, segments=segments, events=events)
