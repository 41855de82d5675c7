"""From fields that an entry names to the leaks of a segment: one leak a group of fields, shares by how sure.

A group is *sure* where the entry names one of its fields, else *perhaps*. So one more field never lowers a
coverage, takes no field out of a leak, and adds none to the groups in which it is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from breach_sim import __version__, catalog
from breach_sim.inputs.estimates import Estimate
from breach_sim.inputs.fields import mask
from breach_sim.inputs.graph import enabling_sets
from breach_sim.inputs.segment import Leak, Segment

INERT = f"no attack of the catalogue of breach_sim {__version__} can start from the fields that leaked"
"""Said in the account of an import. A run says it by itself, of its own catalogue; no scenario file does."""


def leaks(fields: Iterable[str], sure: Iterable[str], certain: Iterable[Estimate] = ()) -> tuple[Leak, ...]:
    """Leaks of a segment whose records hold some fields.

    Parameters
    ----------
    fields
        Fields that the records of the segment hold, surely or perhaps.
    sure
        Fields that the entry names for some segment; a group with one of them is sure in every segment.
    certain
        Coverages that the format itself states, named ``estimates.GROUP``; they stand in place of the
        group's own. [share]

    Returns
    -------
    One leak a group that has a field, in the order of the groups.
    """
    held, named = set(fields), set(sure)
    stated = {coverage.name: coverage for coverage in certain}
    leaked = []
    for group in catalog.load_field_groups().values():
        names = tuple(name for name in group.fields if name in held)
        if names:
            share = group.sure if named.intersection(group.fields) else group.perhaps
            leaked.append(Leak(fields=names, coverage=stated.get(share.name, share)))
    return tuple(leaked)


def cautions(segments: Iterable[Segment]) -> tuple[str, ...]:
    """What the account says of a scenario from which no attack can start.

    Parameters
    ----------
    segments
        Segments of the scenario.

    Returns
    -------
    One sentence, or none.
    """
    masks = [mask(segment.fields) for segment in segments]
    return () if any(bits & need == need for bits in masks for need in _needs()) else (INERT,)


@lru_cache(maxsize=1)
def _needs() -> tuple[int, ...]:
    """Smallest sets of fields from which an attack of the catalogue can start, as bit sets."""
    return tuple(mask(names) for names in enabling_sets(catalog.load_attacks()))
