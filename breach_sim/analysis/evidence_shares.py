"""What the doubt about the loss rests on: its variance, shared out by how the numbers are known.

The uncertain parameters of the expected loss are put into groups: by status (calibrated, cited, derived,
assumed) and by the weakest word among their sources (verified, seen, recalled, own judgment). Each group is
one column of a Sobol design, so that no parameter is left out. The *share* of a group is its total order over
the sum of the total orders of all groups.

The shares of four scenarios take minutes; ``tools/evidence_shares.py`` stores them.

Not here: the indices (``sensitivities``), and the file of stored shares (``catalog.evidence.published``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from breach_sim.analysis.sensitivities.indices import RELEASE, expectation, sobol_indices, uncertain
from breach_sim.catalog import load_evidence_shares
from breach_sim.engine.draws.streams import uniforms
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.numbers.estimates import USER, VERIFIED, Estimate, Source
from breach_sim.results.impact import Impact

CALIBRATED = "calibrated"
"""Status of parameters that were fitted to published data."""
STATUSES = (CALIBRATED, "cited", "derived", "user", "assumed")
"""Statuses, the best evidence first."""
JUDGMENT = "own judgment"
"""Word for what has no publication behind it."""
WORDS = (*VERIFIED, JUDGMENT)
"""Words for how a source was read, the best first."""
OWN = ("analyst-judgment", USER)
"""Ids of the sources that are no publication."""
BASE = 8_192
"""Base sample, a power of two."""
_ON_EVIDENCE = ("cited", "derived")
Group = tuple[str, str]
"""Status, and weakest word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceShare:
    """Share of the variance of the expected loss that one group of numbers is behind.

    Parameters
    ----------
    status
        One of :data:`STATUSES`.
    verified
        Weakest word among the sources of each number, one of :data:`WORDS`; "" for calibrated numbers.
    parameters
        How many uncertain numbers are in the group. [1, inf)
    share
        Total order over the sum of all groups' total orders. [0, 1]
    error
        Half-width of the 95 % interval of the total order, over the same sum. [0, inf)
    """

    status: str
    verified: str
    parameters: int
    share: float
    error: float

    @property
    def on_evidence(self) -> bool:
        """Whether the group is calibrated, cited, or derived from publications."""
        return self.status == CALIBRATED or (self.status in _ON_EVIDENCE and self.verified != JUDGMENT)


def evidence_shares(
    impact: Impact,
    sources: Mapping[str, Source],
    calibrated: Collection[str] = (),
    *,
    row: str = "",
    base: int = BASE,
) -> tuple[EvidenceShare, ...]:
    """Compute the share of the variance of the expected loss that each kind of evidence is behind.

    Parameters
    ----------
    impact
        Result of ``simulate``; its draws play no part, its seed makes the samples.
    sources
        Sources by id, those of the scenario included.
    calibrated
        Names of parameters that were fitted to published data.
    row
        Name of the uniform number that moves all of them together; "" if each has its own.
    base
        Base sample, a power of two; there are ``base * (groups + 2)`` evaluations.

    Returns
    -------
    One for each group, in the order of :data:`STATUSES` and :data:`WORDS`; they add up to 1. Empty if nothing
    moves the expected loss.
    """
    groups = grouped(impact, sources, calibrated)
    if not groups:
        return ()
    drawn: dict[Group, dict[str, Array]] = {}
    for group, names in groups.items():
        own = (row,) if row and group[0] == CALIBRATED else names
        drawn[group] = {name: uniforms(impact.seed, "parameter", name, size=base) for name in own}

    def evaluate(sample: Array) -> Array:
        chances: dict[str, Array] = {}
        for place, draws in enumerate(drawn.values()):
            # One uniform picks one joint draw of the group: it is sampled as a single input.
            picked = np.minimum((sample[:, place] * base).astype(np.int64), base - 1)
            chances |= {name: own[picked] for name, own in draws.items()}
        return expectation(impact, chances, len(sample))

    labels = {", ".join(group): group for group in groups}
    found, _ = sobol_indices(evaluate, list(labels), base, impact.seed)
    columns = (found[name].to_numpy() for name in ("total", "total_95"))
    total, error = (dict(zip(found.index, map(float, own), strict=True)) for own in columns)
    whole = sum(max(own, 0.0) for own in total.values()) or 1.0
    return tuple(
        EvidenceShare(
            status=group[0],
            verified=group[1],
            parameters=len(groups[group]),
            share=max(total[label], 0.0) / whole,
            error=error[label] / whole,
        )
        for label, group in labels.items()
    )


def grouped(
    impact: Impact, sources: Mapping[str, Source], calibrated: Collection[str] = ()
) -> dict[Group, tuple[str, ...]]:
    """Group the uncertain parameters of the expected loss by how they are known.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    sources
        Sources by id.
    calibrated
        Names of parameters that were fitted to published data.

    Returns
    -------
    Names by status and weakest word, the best evidence first. The release table counts as one parameter.
    """
    known = {estimate.name: estimate for estimate in impact.parameters()}
    tables = {RELEASE: tuple(impact.scenario.release.values())}
    found: dict[Group, list[str]] = {}
    for name in uncertain(impact):
        group = (
            (CALIBRATED, "")
            if name in calibrated
            else _weakest(tables[name] if name in tables else (known[name],), sources)
        )
        found.setdefault(group, []).append(name)
    order = sorted(found, key=lambda own: (STATUSES.index(own[0]), own[1] and WORDS.index(own[1])))
    return {group: tuple(found[group]) for group in order}


def _weakest(numbers: Sequence[Estimate], sources: Mapping[str, Source]) -> Group:
    """Weakest status, and weakest word of the sources, of some numbers."""
    status = max((own.status for own in numbers), key=STATUSES.index)
    words = [
        JUDGMENT if name in OWN or name not in sources else sources[name].verified
        for own in numbers
        for name in own.sources
    ]
    return status, max(words, key=WORDS.index)


def on_evidence(shares: Collection[EvidenceShare]) -> float:
    """Return the share that rests on numbers calibrated, cited, or derived from publications.

    Parameters
    ----------
    shares
        Of one scenario.

    Returns
    -------
    [0, 1]
    """
    return sum(own.share for own in shares if own.on_evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredShares:
    """What the loss of one scenario rests on, as stored.

    Parameters
    ----------
    scenario
        Its name.
    inputs
        Hash of the numbers that the shares were computed from, from :func:`inputs_hash`.
    before
        The same share before any rate or payment was calibrated. [0, 1]
    shares
        As :func:`evidence_shares` gives them.
    """

    scenario: str
    inputs: str
    before: float
    shares: tuple[EvidenceShare, ...]


def stored_shares() -> tuple[StoredShares, ...]:
    """Return the stored shares.

    Returns
    -------
    One for each stored scenario.

    Raises
    ------
    CatalogError
        If the file is invalid.
    """
    return tuple(
        StoredShares(
            scenario=name,
            inputs=table["inputs"],
            before=table["before"],
            shares=tuple(EvidenceShare(**own) for own in table["shares"]),
        )
        for name, table in load_evidence_shares().items()
    )


def share_rows(stored: Sequence[StoredShares]) -> tuple[tuple[str, ...], ...]:
    """Return stored shares as the cells of a table.

    Parameters
    ----------
    stored
        From :func:`stored_shares`.

    Returns
    -------
    Headings, then one row a scenario: its name, the share of each group in percent, the share on evidence,
    and that before calibration. Groups without a number anywhere are left out.
    """
    order = [(CALIBRATED, ""), *((status, word) for status in STATUSES[1:] for word in WORDS)]
    present = {(own.status, own.verified) for table in stored for own in table.shares}
    groups = [group for group in order if group in present]
    head = ("scenario", *(", ".join(filter(None, group)) for group in groups), "on evidence", "before")
    rows = [head]
    for table in stored:
        shares = {(own.status, own.verified): own.share for own in table.shares}
        ends = (on_evidence(table.shares), table.before)
        cells = (*(shares.get(group, 0.0) for group in groups), *ends)
        rows.append((table.scenario, *(f"{100 * cell:.0f} %" for cell in cells)))
    return tuple(rows)


ABOUT_SHARES = (
    "Shares of the variance of the expected loss (total Sobol order of each group, over the sum), by status "
    "and by the weakest of the sources' words. On evidence: calibrated, cited, or derived from publications; "
    "before: the same share before any rate or payment was calibrated."
)
"""What the table of :func:`share_rows` shows."""


def inputs_hash(impact: Impact, sources: Mapping[str, Source], calibrated: Collection[str] = ()) -> str:
    """Return a hash of the numbers that the shares depend on: it tells stored shares that are out of date.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    sources
        Sources by id.
    calibrated
        Names of parameters that were fitted to published data.

    Returns
    -------
    64 hexadecimal digits, the SHA-256 of groups, estimates, accounts and fields. The equations do not enter.
    """
    firm = {own.name for own in impact.firm.estimates()} if impact.firm else set()
    parts = ("name", "kind", "value", "low", "mode", "high", "scale", "hard", "p_zero", "status")
    numbers = [[getattr(own, part) for part in parts] for own in impact.parameters() if own.name not in firm]
    groups = [[*group, *names] for group, names in grouped(impact, sources, calibrated).items()]
    segments = [[own.name, own.accounts, *own.fields] for own in impact.scenario.segments]
    text = json.dumps([sorted(numbers), groups, segments, impact.horizon_years, impact.seed])
    return hashlib.sha256(text.encode()).hexdigest()
