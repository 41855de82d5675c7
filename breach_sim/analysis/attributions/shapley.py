"""Which field did the damage: exact Shapley values of the expected loss over sets of leaked fields.

The game: of the fields that leaked only those of a set K got out, for everyone; v(K) is then the expected
loss given the parameters, E[L | theta]. The Shapley value of a field is what it adds to v, averaged over all
orders in which the fields could have got out. It is computed exactly, and per replicate, by *dividends*
(Harsanyi): the dividend of a set T is what its fields do only together, d(T) = v(T) less the dividends of
all smaller sets in T, and the Shapley value of a field is the sum of d(T) / |T| over the sets that hold it.
Dividends are 0 except for unions of the field sets of routes of one chain, and those are few; a random set of
leaked fields weighs d(T) with the share of accounts that lost all of T. No sampling, no sum over 2**F sets.

Capacity scales and anchor factors are held from the impact: fewer fields do not make crews any fewer.

Beside the Shapley value stand two columns that mislead: what a field does *alone*, v({field}), and what is
spared when it alone is *left out*, v(all) - v(all but it). Where fields work together the first is 0 and the
second counts the same dollar once for every field.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from breach_sim.analysis.attributions.by_fields import AccountLoss, check_as_it_was, field_sets, severities
from breach_sim.analysis.subjects import marked
from breach_sim.engine.exposure import mask_weights
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.tables import Row, summary, table
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.segment import Segment
from breach_sim.results.impact import Impact, check_impact

if TYPE_CHECKING:
    import pandas as pd


ROUNDING = 1e-12
"""Share of the loss below which a difference of sums is rounding."""


@dataclass(frozen=True, kw_only=True)
class FieldValues:
    """What each leaked field contributes to the expected loss, replicate by replicate.

    Parameters
    ----------
    fields
        Fields that leaked for anyone, in the order of the vocabulary. F of them.
    segments
        Names of the segments, in the order of the scenario. S of them.
    shapley, alone, leave_one_out
        Shapley value; expected loss if the field alone had leaked; what is spared if it alone had not.
        Shape (S, F, R). [USD]
    pairs
        Shapley interaction index (Owen; Grabisch and Roubens) of two fields, over all segments: what they
        do together beyond what each does without the other, averaged over sets of the others. Symmetric,
        diagonal 0. Shape (F, F, R). [USD]
    total
        Expected loss. Shape (S, R). [USD]
    sets
        Dividend by set of fields, over all segments: what the set does only together. Shape (R,). [USD]
    """

    fields: tuple[str, ...]
    segments: tuple[str, ...]
    shapley: Array
    alone: Array
    leave_one_out: Array
    pairs: Array
    total: Array
    sets: dict[tuple[str, ...], Array]

    def own(self) -> Array:
        """What is left of each field's value when every pair keeps its interaction to itself.

        Returns
        -------
        Shapley value less half the interactions: with the pairs it sums to the total. Shape (F, R). [USD]
        """
        return np.asarray(self.shapley.sum(axis=0) - self.pairs.sum(axis=1) / 2)


def field_values(impact: Impact) -> FieldValues:
    """Exact Shapley values of the expected loss given the parameters, over the leaked fields.

    Parameters
    ----------
    impact
        Result of ``simulate``; its capacity scales and anchor factors are held.

    Returns
    -------
    Values by segment, field and replicate. They sum over fields to the expected loss of every segment.

    Raises
    ------
    ValueError
        If the routes of a chain have too many unions of fields, or the impact has mitigations in it.
    """
    check_as_it_was(impact)
    leaked = vocabulary.mask(name for segment in impact.scenario.segments for name in segment.fields)
    names = vocabulary.names(leaked)
    segments, size = impact.scenario.segments, impact.replicates
    sums = {
        word: np.zeros((len(segments), len(names), size)) for word in ("shapley", "alone", "leave_one_out")
    }
    pairs, total = np.zeros((len(names), len(names), size)), np.zeros((len(segments), size))
    sets: dict[tuple[str, ...], Array] = {}
    loss = AccountLoss(impact.law, severities(impact))
    for j, segment in enumerate(segments):
        for bits, dividend in _dividends(impact, loss, segment).items():
            members = vocabulary.names(bits)
            places = [names.index(name) for name in members]
            total[j] += dividend
            for i in places:
                sums["shapley"][j, i] += dividend / len(places)
                sums["leave_one_out"][j, i] += dividend
                if len(places) == 1:
                    sums["alone"][j, i] += dividend
            for i, k in combinations(places, 2):
                pairs[i, k] += dividend / (len(places) - 1)
            sets[members] = sets.get(members, np.zeros(1)) + dividend
    impact.law.forget_time()
    pairs += pairs.swapaxes(0, 1).copy()
    # Dividends of either sign cancel where a field does nothing: what is left of them is rounding.
    left = sums["leave_one_out"]
    left[np.abs(left) <= ROUNDING * total[:, None]] = 0.0
    return FieldValues(
        fields=names,
        segments=tuple(segment.name for segment in segments),
        pairs=pairs,
        total=total,
        sets=sets,
        **sums,
    )


def _dividends(impact: Impact, loss: AccountLoss, segment: Segment) -> dict[int, Array]:
    """Dividend of every set of fields in a segment, all its accounts together [USD]. Shape (R,) each."""
    leaked = vocabulary.mask(segment.fields)
    found: dict[int, Array] = {}
    for number, chain in enumerate(loss.chains):
        sets = field_sets(chain, leaked, impact.attacks.lookups)
        values = loss.of(segment, number, sets) if sets else []
        for bits, dividend in dividends(dict(zip(sets, values, strict=True))).items():
            if dividend.any():
                whole = impact.law.accounts(segment) * _share_holding(impact, segment, bits) * dividend
                found[bits] = found.get(bits, np.zeros(impact.replicates)) + whole
    return found


def dividends(values: dict[int, Array]) -> dict[int, Array]:
    """Return what each set of fields does only together, given what each set does.

    Parameters
    ----------
    values
        Value by set of fields [bit set]; with any two sets, their union is there. The empty set has 0. Shape
        (R,) or (1,) each.

    Returns
    -------
    The value of each set less the dividends of all smaller sets in it.
    """
    order = sorted(values, key=lambda bits: (bits.bit_count(), bits))
    atoms = [bits for bits in order if not any(other != bits and other & bits == other for other in order)]
    found: dict[int, Array] = {0: np.zeros(1)} | {bits: values[bits] for bits in order}
    if len(found) == 1 << len(atoms) and sum(atoms) == max(order, default=0):
        # All unions of disjoint sets: one pass for each of these is enough.
        for atom in atoms:
            for bits in order:
                if bits & atom:
                    found[bits] = found[bits] - found[bits & ~atom]
    else:
        for place, bits in enumerate(order):
            below = [found[smaller] for smaller in order[:place] if smaller & bits == smaller]
            found[bits] = values[bits] - sum(below, np.zeros(1))
    return {bits: found[bits] for bits in order}


def _share_holding(impact: Impact, segment: Segment, bits: int) -> Array:
    """Share of a segment's accounts that lost all fields of a set. Shape (R,) or (1,)."""
    share = np.ones(1)
    if segment.membership is not None:
        # A field may leak in several breaches of a cell, so the shares of blocks do not multiply.
        weights = mask_weights(segment, vocabulary.names(bits), impact.law.parameters)
        return weights.get(bits, np.zeros(1))
    for leak in segment.leaks:
        if vocabulary.mask(leak.fields) & bits:
            certain = leak.coverage.is_certain
            own = np.array([leak.coverage.central]) if certain else impact.law.parameters(leak.coverage)
            share = share * own
    return share


def attribution(impact: Impact, *, by_segment: bool = False) -> pd.DataFrame:
    """Attribute the expected loss to the leaked fields: exact Shapley values, with their intervals.

    Parameters
    ----------
    impact
        Result of ``simulate``. Its capacity scales and anchor factors are held.
    by_segment
        Whether there is one row for each segment and field, in place of one for each field.

    Returns
    -------
    One row for each leaked field, the largest first, then the total. Columns: ``mean``, ``p5``, ``p50`` and
    ``p95`` of the Shapley value, its ``share`` of the total, ``alone`` (the loss if only this field had
    leaked) and ``leave_one_out`` (the loss spared if only this field had not). Means of the Shapley value add
    up to the total; quantiles and the last two columns do not. A field that no attack reads has 0. [USD]

    Raises
    ------
    ValueError
        If the impact contains mitigations, or the routes of a chain have too many unions of fields.

    Examples
    --------
    >>> from breach_sim import api
    >>> frame = attribution(api.simulate("tmobile-2021-stated", replicates=200))
    >>> shares = frame["share"].drop("total")
    >>> round(shares.sum(), 9), shares["ssn"] > shares["phone_number"]
    (np.float64(1.0), np.True_)
    """
    check_impact(impact)
    import pandas as pd

    values = field_values(impact)
    whole = float(values.total.sum(axis=0).mean())
    if not by_segment:
        sums = [part.sum(axis=0) for part in (values.shapley, values.alone, values.leave_one_out)]
        rows = _rows(values.fields, sums[0], sums[1], sums[2], whole)
        frame = table([*rows, ("total", _total(values.total.sum(axis=0), whole))], impact.notes)
        frame.index.name = "field"
        return marked(frame, impact)
    lines: list[tuple[tuple[str, str], dict[str, Any]]] = []
    for j, segment in enumerate(impact.scenario.segments):
        own = _rows(values.fields, values.shapley[j], values.alone[j], values.leave_one_out[j], whole)
        lines += [((segment.name, field), row) for field, row in own if field in segment.fields]
        lines.append(((segment.name, "total"), _total(values.total[j], whole)))
    frame = table(lines, impact.notes)
    frame.index = pd.MultiIndex.from_tuples([label for label, _ in lines], names=["segment", "field"])
    return frame


def _rows(
    fields: tuple[str, ...], shapley: Array, alone: Array, leave_one_out: Array, whole: float
) -> list[tuple[str, dict[str, Any]]]:
    """Rows of the table, the largest mean first."""
    rows = []
    for i in np.argsort(-shapley.mean(axis=1), kind="stable"):
        row: dict[str, Any] = _statistics(shapley[i], whole)
        row |= {"alone": float(alone[i].mean()), "leave_one_out": float(leave_one_out[i].mean())}
        rows.append((fields[i], row))
    return rows


def _statistics(sample: Array, whole: float) -> dict[str, float]:
    numbers = summary(sample)
    share = numbers["mean"] / whole if whole else 0.0
    return {"mean": numbers["mean"], **{q: numbers[q] for q in ("p5", "p50", "p95")}, "share": share}


def _total(sample: Array, whole: float) -> dict[str, float]:
    """Row of the total: nothing stands alone in it, and nothing can be left out."""
    return _statistics(sample, whole) | {"alone": np.nan, "leave_one_out": np.nan}


def attribution_pairs(impact: Impact) -> pd.DataFrame:
    """Attribute the expected loss to pairs of leaked fields: the Shapley interaction index of each pair.

    Parameters
    ----------
    impact
        As for :func:`attribution`, which says what is raised, too.

    Returns
    -------
    One row for each field with itself (its value outside all pairs), one for each pair with an interaction,
    then the total; index (field, with). Columns ``mean``, ``p5``, ``p50``, ``p95`` and ``share``. The rows
    sum to the total, replicate by replicate. Positive: the two are worth more together. Negative: one can
    take the place of the other. [USD]

    Notes
    -----
    The Shapley interaction index of Owen and of Grabisch and Roubens, I(i, j), in terms of dividends the
    sum of ``d(T) / (|T| - 1)`` over the sets that hold both. A field's own row is its Shapley value less half
    of its interactions (the 2-Shapley values), so that own rows and pairs sum to the total.

    Examples
    --------
    >>> from breach_sim import api
    >>> pairs = attribution_pairs(api.simulate("tmobile-2021-stated", replicates=200))
    >>> bool(pairs.loc[("date_of_birth", "ssn"), "mean"] > 0)
    True
    """
    check_impact(impact)
    import pandas as pd

    values = field_values(impact)
    whole = float(values.total.sum(axis=0).mean())
    rows: list[Row] = [
        ((name, name), _statistics(own, whole)) for name, own in zip(values.fields, values.own(), strict=True)
    ]
    for i, k in combinations(range(len(values.fields)), 2):
        if values.pairs[i, k].any():
            label = (values.fields[i], values.fields[k])
            rows.append((label, _statistics(values.pairs[i, k], whole)))
    rows.append((("total", "total"), _statistics(values.total.sum(axis=0), whole)))
    frame = table(rows, impact.notes)
    frame.index = pd.MultiIndex.from_tuples([label for label, _ in rows], names=["field", "with"])
    return frame
