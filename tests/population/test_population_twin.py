"""A population lived through, row by row: the twin tells of its rows what the engine counts in its cells.

The twin is given what stands in the rows, and nothing else: which values are there (a handset in the table of
devices for a history), and the flags of the traits. `leaked_fields` is not read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest
from support import reference as twin
from support import worlds
from support.agreement import LIMIT, Case, blind_spots, catalog, distances, engine, worst
from support.remembered import remembered

from breach_sim import expose
from breach_sim.population import Population
from breach_sim.population.values.columns import COLUMN_FIELDS

ROWS = 200_000
FEW = 40_000
FULL = 100_000
"""Accounts of the world with every feature, as it stands."""
TwinRun = dict[str, Any]


def population(case: Case, seed: int) -> Population:
    """Return the rows of a case, a row an account, with the shares of its traits."""
    what, attacks, _ = case
    traits = {name: trait.share.central for name, trait in attacks.traits.items()}
    return Population(what, seed, traits=traits)


def flags_of(people: Population) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the segments of all rows, and for each field and trait whether a row has it."""
    column_of = {field: column for column, field in COLUMN_FIELDS.items() if column != "closed_on"}
    segments: list[Any] = []
    found: dict[str, list[Any]] = defaultdict(list)
    for number, block in enumerate(people.blocks()):
        segments.append(block.column("segment").to_numpy(zero_copy_only=False))
        for name, column in column_of.items():
            found[name].append(pc.is_valid(block.column(column)).to_numpy(zero_copy_only=False))
        for name in people.traits:
            found[name].append(block.column(name).to_numpy(zero_copy_only=False))
        lines = people.block(number, "devices").column("line_id").to_numpy()
        found["imei_history"].append(np.isin(block.column("line_id").to_numpy(), lines))
    joined = {name: np.concatenate(parts) for name, parts in found.items()}
    return np.concatenate(segments), {name: flags for name, flags in joined.items() if flags.any()}


def masks_of(
    people: Population, segments: np.ndarray, flags: dict[str, np.ndarray]
) -> dict[str, Counter[twin.Mask]]:
    """Return for each segment how many rows have which fields and traits."""
    names = np.array(list(flags))
    is_trait = np.array([name in people.traits for name in names])
    table = np.stack(list(flags.values()), axis=1)
    masks: dict[str, Counter[twin.Mask]] = {}
    for segment in dict.fromkeys(segments):
        kinds, counts = np.unique(table[segments == segment], axis=0, return_counts=True)
        masks[segment] = Counter()
        for kind, count in zip(kinds, counts, strict=True):
            mask = twin.Mask(frozenset(names[kind & ~is_trait]), frozenset(names[kind & is_trait]))
            masks[segment][mask] += int(count)
    return masks


@remembered()
def lived(case: Case, masks: dict[str, Counter[twin.Mask]], patch: pytest.MonkeyPatch) -> TwinRun:
    """Return what the twin lives through in rows with these masks."""

    def drawn(_world: Any, segment: Any, _rng: Any) -> Counter[twin.Mask]:
        return masks[segment["name"]]

    with patch.context() as here:
        here.setattr(twin, "draw_known", drawn)
        return twin.simulate(worlds.twin_world(*case), 5)


def full(rows: int) -> Case:
    """Return the world with every feature, in so many accounts."""
    what, attacks, years = worlds.full_world(max(1, rows // FULL))
    return what.scaled(rows), attacks, years


CASES = [
    pytest.param(lambda: full(FEW), 3, id="every feature, 40,000 rows"),
    pytest.param(lambda: full(ROWS), 4, id="every feature, 200,000 rows", marks=pytest.mark.slow),
    pytest.param(
        lambda: catalog("tmobile-2021-claimed", ROWS, 1, 300.0),
        5,
        id="the claim, 200,000 rows",
        marks=pytest.mark.slow,
    ),
]


@pytest.mark.parametrize(("made", "seed"), CASES)
def test_the_rows_live_through_what_the_cells_say(
    made: Any, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exposed, attackable, attempted, victims, people of generated rows lie within 4 se of the engine's."""
    case = made()
    people = population(case, seed)
    reference = lived(case, masks_of(people, *flags_of(people)), monkeypatch)
    impact = engine(case)
    cells = expose(case[0])
    assert (
        sum(row["exposed"] for row in reference["segments"].values()) == cells.accounts[cells.masks > 0].sum()
    )
    found = distances(impact, reference, losses=False)
    assert worst(found) <= LIMIT, found
    sharp = [a for a in impact.attacks.attacks if a.routes and a.name not in blind_spots(impact, 0.2)]
    assert len(sharp) >= 4, "too few victims for the comparison to mean anything"


@pytest.mark.parametrize("fault", ["fields apart", "a trait for all"])
def test_the_comparison_sees_faults_in_the_rows(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails by far where fields of a block leak in rows of their own, or where everyone has a trait."""
    case = full(FEW)
    people = population(case, 3)
    segments, flags = flags_of(people)
    if fault == "fields apart":
        dice = np.random.default_rng(1)
        for segment in dict.fromkeys(segments):
            own = np.flatnonzero(segments == segment)
            flags["phone_number"][own] = dice.permutation(flags["phone_number"][own])
    else:
        flags["sms"][:] = True
    reference = lived(case, masks_of(people, segments, flags), monkeypatch)
    assert worst(distances(engine(case, replicates=200), reference, losses=False)) > 1.5 * LIMIT
