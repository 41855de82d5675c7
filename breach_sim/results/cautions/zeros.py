"""No zero without its reason: why nobody is harmed at the 95 % quantile, by segment and accounts.

A segment is *zero* if it has accounts and the 95 % quantile of its harmed people is 0. Either nothing leaked
there, or no attack can use what leaked, or attacks are open and come to nothing.

Not here: crews that are too few and attacks closed for want of one field (``limits``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from breach_sim.engine.law import Law
from breach_sim.engine.segment_law import Pool, SegmentLaw
from breach_sim.formatting.arrays import Counts
from breach_sim.formatting.display import listed, plural, shortened
from breach_sim.formatting.tables import LEVELS
from breach_sim.inputs.fields import FIELD_LABELS
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.requirements import Missing, nearest
from breach_sim.inputs.segment import Segment
from breach_sim.results.cautions.sentences import LONGEST, as_many, either, listed_within

NOTHING_LEAKED, NO_ATTACK, TOO_RARE = "nothing_leaked", "no_attack", "too_rare"
"""Reasons of a zero."""
HIGH = LEVELS[-1]
"""Quantile of the harmed people that is 0."""
_SURE = 1.0 - 2.0**-53
"""Largest probability below 1."""
_SEGMENTS = 3
"""Most segments that a note names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zero:
    """Why nobody in a segment is harmed at the 95 % quantile.

    Parameters
    ----------
    segment, title
        Name and title of the segment.
    accounts
        Accounts of the segment. [1, inf)
    leaked
        Fields that leaked for some of them.
    reason
        "nothing_leaked", "no_attack" (none can use what leaked) or "too_rare" (attacks are open).
    attack
        Name of the nearest attack, or of the open attack with most victims; "" if there is none.
    lacks
        Alternative sets of fields that would open the nearest attack.
    expected_people, expected_victims
        Mean number of people harmed in the segment, and of victims of the open attack. [accounts]
    """

    segment: str
    title: str
    accounts: int
    leaked: tuple[str, ...]
    reason: str
    attack: str = ""
    lacks: tuple[tuple[str, ...], ...] = ()
    expected_people: float = 0.0
    expected_victims: float = 0.0

    def document(self) -> dict[str, object]:
        """Return the zero as plain data, without what the scenario says already."""
        return {
            "segment": self.segment,
            "accounts": self.accounts,
            "reason": self.reason,
            "attack": self.attack,
            "lacks": [list(fields) for fields in self.lacks],
            "expected_people": self.expected_people,
            "expected_victims": self.expected_victims,
        }


def is_zero(people: Counts) -> bool:
    """Return whether the 95 % quantile of harmed people is 0.

    Parameters
    ----------
    people
        Harmed people. Shape (R,). [accounts]
    """
    return not float(np.quantile(people, HIGH)) > 0


def find_zeros(
    asked: AttackGraph, law: Law, laws: Mapping[str, SegmentLaw], pools: Sequence[Pool], people: Counts
) -> tuple[Zero, ...]:
    """Return the segments in which nobody is harmed at the 95 % quantile, and why.

    Parameters
    ----------
    asked
        The attacks asked for, closed ones included.
    law, laws
        Of the run, and by name of the segment.
    pools
        Segments that were drawn together.
    people
        Harmed people by pool. Shape (P, R). [accounts]

    Returns
    -------
    One for each such segment with accounts, the largest first. In a pool the probability that nobody in the
    segment is harmed decides, as nothing is drawn for one segment.
    """
    near: dict[tuple[str, ...], Missing | None] = {}

    def nearest_to(leaked: tuple[str, ...]) -> Missing | None:
        if leaked not in near:
            near[leaked] = nearest(asked, leaked)
        return near[leaked]

    places: list[int] = []
    for pool, own in zip(pools, people, strict=True):
        if is_zero(own):
            places += pool.members
        elif len(pool.members) > 1:
            places += [j for j in pool.members if _is_rare(law, laws[pool.name], law.scenario.segments[j])]
    segments = [law.scenario.segments[place] for place in sorted(places)]
    found = [_zero(segment, law, laws[segment.name], nearest_to) for segment in segments if segment.accounts]
    return tuple(sorted(found, key=lambda zero: -zero.accounts))


def _is_rare(law: Law, own: SegmentLaw, segment: Segment) -> bool:
    """Whether nobody in a segment is harmed with the probability of the level."""
    nobody = np.exp(np.rint(law.accounts(segment)) * np.log1p(-np.minimum(own.people, _SURE)))
    return bool(np.mean(nobody) >= HIGH)


def _zero(
    segment: Segment, law: Law, own: SegmentLaw, nearest_to: Callable[[tuple[str, ...]], Missing | None]
) -> Zero:
    leaked = tuple(
        dict.fromkeys(
            name
            for leak in segment.leaks
            if not (leak.coverage.is_certain and leak.coverage.central == 0)
            for name in leak.fields
        )
    )
    about = Zero(
        segment=segment.name,
        title=segment.title,
        accounts=segment.accounts,
        leaked=leaked,
        reason=NOTHING_LEAKED,
    )
    if not leaked or not own.exposed.any():
        return about
    open_ones = [name for name, chance in own.attackable.items() if chance.any()]
    if not open_ones:
        missing = nearest_to(leaked)
        if missing is None:
            return dataclasses.replace(about, reason=NO_ATTACK)
        return dataclasses.replace(about, reason=NO_ATTACK, attack=missing.attack, lacks=missing.fields)
    accounts = law.accounts(segment)
    victims = {name: float(np.mean(accounts * own.victim.get(name, np.zeros(1)))) for name in open_ones}
    most = max(open_ones, key=victims.__getitem__)
    people = float(np.mean(accounts * own.people))
    return dataclasses.replace(
        about, reason=TOO_RARE, attack=most, expected_people=people, expected_victims=victims[most]
    )


def zero_notes(zeros: Sequence[Zero], law: Law, asked: AttackGraph, *, whole: bool) -> tuple[str, ...]:
    """Return a note on the segments in which nobody is harmed.

    Parameters
    ----------
    zeros
        What :func:`find_zeros` returned.
    law
        Of the run.
    asked
        The attacks asked for, closed ones included.
    whole
        Whether the 95 % quantile of the people of the run is 0.

    Returns
    -------
    One sentence or two, of at most 300 characters; none if there is no zero.
    """
    if not zeros:
        return ()
    segments = [segment for segment in law.scenario.segments if segment.accounts]
    closed = all(zero.reason == NO_ATTACK for zero in zeros) and whole
    if len(segments) == 1:
        return (_of_all(zeros[0], asked),)
    if closed:
        lead = (
            f"Nobody is harmed at the 95 % quantile: {_NO_ATTACK}: {_NOTHING_MODELED} Nearest, by segment: "
        )
    elif whole:
        lead = "Nobody is harmed at the 95 % quantile: "
    else:
        accounts = sum(zero.accounts for zero in zeros)
        lead = f"In {len(zeros):,} of {plural(len(segments), 'segment')} ({accounts:,} accounts) nobody is "
        lead += "harmed, even at the 95 % quantile: "
    items = [
        f"{shortened(zero.title, 40)} ({plural(zero.accounts, 'account')}), {_why(zero, asked)}"
        for zero in zeros
    ]

    def rest(named: int) -> str:
        return plural(len(zeros) - named, "more segment") + f" ({sum(z.accounts for z in zeros[named:]):,})"

    return (listed_within(lead, items[:_SEGMENTS], lambda named: rest(named) if named < len(zeros) else ""),)


_NO_ATTACK = "no attack of this run can use what leaked"
_NOTHING_MODELED = "every 0 means that nothing is modeled, not that nothing happens."


def _of_all(zero: Zero, asked: AttackGraph) -> str:
    """Why nobody is harmed in a run of one segment."""
    lead = "Nobody is harmed at the 95 % quantile"
    if zero.reason == NOTHING_LEAKED:
        return f"{lead}: no field leaked."
    if zero.reason == TOO_RARE:
        return (
            f"{lead}: attacks are open, but only {as_many(zero.expected_people)} people are expected of "
            f"{plural(zero.accounts, 'account')}, most by {asked[zero.attack].label} "
            f"({as_many(zero.expected_victims)})."
        )
    near = f" Nearest: {_nearest(zero, asked)}." if zero.attack else ""
    fields = [FIELD_LABELS.get(name, name) for name in zero.leaked]
    texts = (
        f"{lead}: {_NO_ATTACK} here ({listed(fields, most)}): {_NOTHING_MODELED}{near}"
        for most in range(len(fields), 0, -1)
    )
    return next((text for text in texts if len(text) <= LONGEST), f"{lead}: {_NO_ATTACK} here.{near}")


def _why(zero: Zero, asked: AttackGraph) -> str:
    if zero.reason == NOTHING_LEAKED:
        return "nothing leaked"
    if zero.reason == TOO_RARE:
        return f"{as_many(zero.expected_people)} people expected, most by {asked[zero.attack].label}"
    return f"no attack: {_nearest(zero, asked)}" if zero.attack else "no attack"


def _nearest(zero: Zero, asked: AttackGraph) -> str:
    return f"{asked[zero.attack].label} lacks {either(zero.lacks)}"


def named_by(zeros: Sequence[Zero]) -> frozenset[str]:
    """Return the attacks that the note on zeros names as nearest, so that no other note repeats them."""
    return frozenset(zero.attack for zero in zeros[:_SEGMENTS] if zero.reason == NO_ATTACK)
