"""Which fields of an entry leaked together, and for which share of its accounts.

One leak per group of fields (``catalog/data/formats/field_groups.toml``), except where the entry says more:
shares that its description states, membership that is the matter itself, two ways of hashing, and files of
identity, in which name, birth date and number stand on one form.

Not here: what the description says (``shares``, ``storage``, ``nature``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from breach_sim import catalog
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.segment import MAX_BLOCKS, Leak
from breach_sim.interop.hibp.shares import Stated
from breach_sim.interop.hibp.storage import CLEAR, HASHES

IDENTITY = ("ssn", "national_id_number", "tax_id", "drivers_license_number", "passport_number")
"""Numbers that a file of identity is kept for."""
ONE_FORM = ("profile", "birth")
"""Groups of which a file of identity holds each: name and birth date."""
MEMBERSHIP = "sensitive_membership"
_QUOTE = 60


def blocks(
    sure: Sequence[str],
    perhaps: Sequence[str],
    *,
    certain: Iterable[Estimate] = (),
    stated: Sequence[Stated] = (),
    membership: str = "",
    source: str = "",
) -> tuple[Leak, ...]:
    """Return the leaks of an entry.

    Parameters
    ----------
    sure, perhaps
        Fields that the entry names, and those that it may mean.
    certain
        Coverages that the format itself states, named ``estimates.GROUP``. [share]
    stated
        Shares that the description states; those of fields that the entry does not hold are left alone.
    membership
        Purpose of the share of accounts whose membership is sensitive: "membership" or "perhaps_membership";
        "" if it is not.
    source
        Id of the entry as a source.

    Returns
    -------
    At most as many partly leaked blocks as a segment may have. If there were more, the last stated shares
    are left out.
    """
    for kept in range(len(stated), -1, -1):
        leaks = _blocks(sure, perhaps, tuple(certain), stated[:kept], membership, source)
        if sum(not leak.coverage.is_certain for leak in leaks) <= MAX_BLOCKS:
            return leaks
    return leaks


def _blocks(
    sure: Sequence[str],
    perhaps: Sequence[str],
    certain: tuple[Estimate, ...],
    stated: Sequence[Stated],
    membership: str,
    source: str,
) -> tuple[Leak, ...]:
    shares = catalog.load_descriptions().shares
    held, own = {*sure, *perhaps}, []
    for number, part in enumerate(stated, start=1):
        names = tuple(name for name in FIELD_NAMES if name in part.fields and name in held)
        if names:
            own.append(Leak(fields=names, coverage=_coverage(part, number, source)))
            held -= {*names}
    if membership:
        own.append(Leak(fields=(MEMBERSHIP,), coverage=shares[membership]))
        held -= {MEMBERSHIP}
    hashes = [name for name in HASHES if name in held and name in sure]
    if len(hashes) > 1:
        own += [
            Leak(fields=(name,), coverage=dataclasses.replace(shares["one_hash"], name=f"estimates.{name}"))
            for name in hashes
        ]
        held -= {*hashes}
    return (*_groups(held, set(sure), certain), *own)


def _groups(held: set[str], sure: set[str], certain: tuple[Estimate, ...]) -> list[Leak]:
    """One leak for each group of fields; name and birth date in one where a number of identity stands by."""
    by_group = {
        name: tuple(field for field in group.fields if field in held)
        for name, group in catalog.load_field_groups().items()
    }
    instead = {coverage.name: coverage for coverage in certain}
    one_form: tuple[str, ...] = ()
    if sure.intersection(IDENTITY) and {"full_name", "date_of_birth"} <= held & sure:
        one_form = tuple(name for part in ONE_FORM for name in by_group.pop(part))
    leaks = []
    for name, fields in by_group.items():
        if fields:
            # Where all passwords are in clear, as many accounts have one as where all are hashed.
            alone = name == "clear_password" and CLEAR in sure and not held.intersection(HASHES)
            group = catalog.load_field_groups()["password" if alone else name]
            share = group.sure if alone or sure.intersection(group.fields) else group.perhaps
            leaks.append(Leak(fields=fields, coverage=instead.get(share.name, share)))
    if one_form:
        leaks.append(Leak(fields=one_form, coverage=catalog.load_descriptions().shares["identity"]))
    return leaks


def _coverage(part: Stated, number: int, source: str) -> Estimate:
    """Coverage that a description states."""
    low, mode, high = part.share
    return Estimate(
        name=f"estimates.{source}-{number}",
        kind="pert",
        low=low,
        mode=mode,
        high=high,
        unit="share",
        status="derived" if part.derived else "assumed",
        sources=(source,),
        scale=part.scale,
        hard=True,
        note=f"the entry says: {part.quote[:_QUOTE]!r}",
    )
