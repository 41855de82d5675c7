"""Turn the fields that an entry names into leaks: one leak per group of fields, with a share by certainty.

A group is *sure* if the entry names one of its fields, else *perhaps*. An additional field therefore never
lowers a coverage, never removes a field from a leak, and adds no field to other groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from breach_sim import __version__, catalog
from breach_sim.inputs.fields import mask
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.requirements import completed_sets
from breach_sim.inputs.segment import Leak, Segment

INERT = f"no attack of the catalog of breach_sim {__version__} can start from the fields that leaked"
"""Caution in the import report. Runs add their own caution; scenario files do not contain it."""


def leaks(fields: Iterable[str], sure: Iterable[str], certain: Iterable[Estimate] = ()) -> tuple[Leak, ...]:
    """Return the leaks of a segment whose records contain the given fields.

    Parameters
    ----------
    fields
        Fields that the records of the segment contain, or may contain.
    sure
        Fields that the entry names for any segment. A group with one of them is sure in every segment.
    certain
        Coverages that the format itself states, named ``estimates.GROUP``. They replace the coverage of the
        group. [share]

    Returns
    -------
    One leak per group with at least one field, in the order of the groups.
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


def leaks_by_level(levels: Mapping[str, str]) -> tuple[Leak, ...]:
    """Return the leaks of a segment whose records hold fields with a level each.

    Parameters
    ----------
    levels
        Level of each field, one of ``catalog.LEVELS``.

    Returns
    -------
    One leak per group of fields and level: fields of a group that are equally likely leaked together, others
    independently of each other.
    """
    leaked = []
    for name, group in catalog.load_field_groups().items():
        for level in catalog.LEVELS:
            held = tuple(field for field in group.fields if levels.get(field) == level)
            if held:
                leaked.append(Leak(fields=held, coverage=catalog.level_share(name, level)))
    return tuple(leaked)


def cautions(segments: Iterable[Segment]) -> tuple[str, ...]:
    """Return the caution of the import report if no attack can start from a scenario.

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
    """Return the sets of leaked fields with which a cataloged attack can start, look-ups included."""
    return tuple({mask(completed.leaked) for completed in completed_sets(catalog.load_attacks())})
