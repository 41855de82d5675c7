"""Where the evidence splits: the same breach under one reading of it, then under the other.

Some doubt is no spread around a middle: two bodies of evidence contradict each other, and a reader will
believe one of them. Two such questions are asked of every impact where they apply:

*breach uplift*: how much new-account fraud a breach adds. Tracing finds next to none, surveys of those
notified find four to five times as much; the attempts are fixed at their low, then at their high reading.

*SSN share*: for how many accounts the SSN leaked at all. Given readings thin it out over the segments that
name an SSN; without them an uncertain coverage of the SSN is fixed at its low, middle and high number.

Capacity scales and anchor factors are computed anew under each reading: it is another world, not a what-if.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.law import Law
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.attacks import Route
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Leak, Segment
from breach_sim.results.expectations import expected_under
from breach_sim.results.replicates import Replicates

if TYPE_CHECKING:
    import pandas as pd

UPLIFT = "new_account_fraud"
"""The attack whose attempts are traced or surveyed."""
SSN = "ssn"
WITH_SSN = ("ssn", "drivers_license_number")
"""Fields that were named together, and are thinned out together."""
MOST = 2_048
"""Replicates that are enough for the ratio of two means on shared draws."""
UPLIFTS = ("traced", "surveyed")
"""Readings of how much new-account fraud a breach adds."""
WHY = {
    "traced": "It takes the lowest of the traced breaches for every breach",
    "surveyed": "It takes all fraud that the notified report beyond others as caused by the breach. Tracing, "
    "and the share of victims who name a breach, make that unlikely",
}
"""Why a reading may lie outside the interval, in sentences without the last stop."""
QUESTIONS = {"uplift": "how much new-account fraud a breach adds", "ssn": "for how many the SSN leaked"}


@dataclasses.dataclass(frozen=True, slots=True)
class _World:
    """One reading, and the world in which it holds."""

    question: str
    reading: str
    value: float
    unit: str
    sources: tuple[str, ...]
    scenario: Scenario
    overrides: Mapping[str, float]


def structural(run: Replicates, ssn_shares: Sequence[Estimate] = ()) -> pd.DataFrame:
    """Expected loss under each reading of the evidence: ``api.structural`` with given readings of the SSN.

    Parameters
    ----------
    run
        Arrays of the run.
    ssn_shares
        Readings of the share of *all* accounts whose SSN leaked: fixed estimates with sources, used where
        the scenario names an SSN. A share larger than that of the segments that name one is cut to it.
        [0, 1] [share]

    Returns
    -------
    One row for each reading, as ``api.structural`` describes. [USD]

    Raises
    ------
    ValueError
        If a share is in another unit, or uncertain.
    """
    import pandas as pd

    rows = reading_rows(run, ssn_shares)
    pairs = [(row["question"], row["reading"]) for row in rows]
    index = pd.MultiIndex.from_tuples(pairs, names=["question", "reading"]) if rows else None
    columns = ["value", "unit", "loss_usd", "times", "sources"]
    cells = [{**row, "sources": ", ".join(row["sources"])} for row in rows]
    frame = pd.DataFrame(cells, columns=columns, index=index)
    frame.attrs["outside"] = outside(run, frame)
    frame.attrs["notes"] = (*run.notes, *frame.attrs["outside"])
    ratios: dict[str, float] = {}
    for row in rows:
        ratios[row["question"]] = max(ratios.get(row["question"], 0.0), float(row["times"]))
    frame.attrs["largest"] = max(ratios, key=lambda question: ratios[question], default="")
    return frame


def reading_rows(run: Replicates, ssn_shares: Sequence[Estimate] = ()) -> list[dict[str, Any]]:
    """Expected loss under each reading of the evidence, as plain data.

    Parameters
    ----------
    run, ssn_shares
        As for :func:`structural`.

    Returns
    -------
    One row a reading: ``question``, ``reading``, ``value`` in ``unit``, ``loss_usd``, ``times`` the lowest of
    the question (NaN where that is 0), ``sources``. [USD]

    Raises
    ------
    ValueError
        If a share is in another unit, or uncertain.
    """
    worlds = [*_uplift(run), *_ssn(run, ssn_shares)]
    losses = [_loss(run, world) for world in worlds]
    rows: list[dict[str, Any]] = []
    for world, loss in zip(worlds, losses, strict=True):
        least = min(x for w, x in zip(worlds, losses, strict=True) if w.question == world.question)
        rows.append(
            {
                "question": world.question,
                "reading": world.reading,
                "value": world.value,
                "unit": world.unit,
                "loss_usd": loss,
                "times": loss / least if least else np.nan,
                "sources": list(world.sources),
            }
        )
    return rows


def outside(run: Replicates, frame: pd.DataFrame) -> tuple[str, ...]:
    """Say which readings of the uplift the headline of an impact leaves out, and why.

    Parameters
    ----------
    run
        Arrays of the run.
    frame
        Expected loss by question and reading.

    Returns
    -------
    A sentence for each reading whose expected loss lies outside the 90 % interval of the loss.
    """
    named = [dict(zip(("question", "reading"), key, strict=True)) for key in frame.index]
    losses = frame["loss_usd"].tolist()
    return outside_rows(run, [row | {"loss_usd": loss} for row, loss in zip(named, losses, strict=True)])


def outside_rows(run: Replicates, rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Say what :func:`outside` says, of plain rows.

    Parameters
    ----------
    run
        Arrays of the run.
    rows
        What :func:`reading_rows` gave.

    Returns
    -------
    Sentences.
    """
    low, high = (float(x) for x in np.quantile(run.loss, (0.05, 0.95)))
    notes = []
    losses = {row["reading"]: float(row["loss_usd"]) for row in rows if row["question"] == "uplift"}
    for reading, loss in losses.items():
        if not low <= loss <= high:
            side = "below" if loss < low else "above"
            notes.append(
                f"The reading {reading!r} of {QUESTIONS['uplift']} gives an expected loss {side} the 90 % "
                f"interval of the headline. {WHY[reading]}."
            )
    return tuple(notes)


def with_ssn_share(scenario: Scenario, share: float) -> Scenario:
    """The breach as it is if the SSN leaked for a given share of all its accounts.

    Parameters
    ----------
    scenario
        Any.
    share
        Of all accounts; cut to the segments that name an SSN. [0, 1]

    Returns
    -------
    A new scenario in which those segments lost the SSN, and what was named with it, for fewer; the very
    same where none names an SSN.
    """
    wide = sum(segment.accounts for segment in scenario.segments if SSN in segment.fields)
    if not wide:
        return scenario
    own = min(1.0, share * scenario.accounts / wide)
    segments = tuple(_thinned(segment, own) for segment in scenario.segments)
    return dataclasses.replace(scenario, segments=segments)


def with_uplift(graph: AttackGraph, reading: str) -> AttackGraph:
    """The attacks as they are under one reading of how much new-account fraud a breach adds.

    Parameters
    ----------
    graph
        Any.
    reading
        "traced" (attempts at their low number) or "surveyed" (at their high number).

    Returns
    -------
    New attacks; the very same where there is no such attack or its attempts are certain.

    Raises
    ------
    ValueError
        If the reading is another.
    """
    if reading not in UPLIFTS:
        raise ValueError(unknown("reading", reading, UPLIFTS, "how much new-account fraud a breach adds"))
    if UPLIFT not in graph.names or all(route.attempts.is_certain for route in graph[UPLIFT].routes):
        return graph
    routes = tuple(_fixed(route, UPLIFTS.index(reading)) for route in graph[UPLIFT].routes)
    read = dataclasses.replace(graph[UPLIFT], routes=routes)
    return dataclasses.replace(graph, attacks=tuple(read if a.name == UPLIFT else a for a in graph.attacks))


def _fixed(route: Route, end: int) -> Route:
    """A route whose attempts are held at an end."""
    own = route.attempts
    if own.is_certain:
        return route
    return dataclasses.replace(route, attempts=own.held_at(_ends(own)[end]))


def largest_disagreement(frame: pd.DataFrame) -> dict[str, Any]:
    """The question whose readings are furthest apart.

    Parameters
    ----------
    frame
        What :func:`structural` gave.

    Returns
    -------
    ``question`` in words, ``low`` and ``high`` (names of the readings), ``low_usd``, ``high_usd``,
    ``times``; empty where no question applies or nothing is lost.
    """
    name = frame.attrs.get("largest", "")
    if not name:
        return {}
    own = frame.loc[name].sort_values("loss_usd", kind="stable")
    low, high = own.iloc[0], own.iloc[-1]
    if not low["loss_usd"] > 0:
        return {}
    return {
        "question": QUESTIONS[name],
        "low": str(own.index[0]),
        "high": str(own.index[-1]),
        "low_usd": float(low["loss_usd"]),
        "high_usd": float(high["loss_usd"]),
        "times": float(high["times"]),
    }


def _loss(run: Replicates, world: _World) -> float:
    parameters = Parameters(
        run.seed,
        min(run.replicates, MOST),
        world.overrides,
        sampling=run.sampling,
        posterior=run.posterior,
    )
    law = Law(world.scenario, run.attacks, parameters, run.horizon_years)
    return float(expected_under(law).mean())


def _uplift(run: Replicates) -> list[_World]:
    """Attempts of new-account fraud at either end, where they are uncertain and can happen."""
    if UPLIFT not in run.attacks.names or not any(UPLIFT in own.victim for own in run.laws.values()):
        return []
    found = []
    for end, name in enumerate(UPLIFTS):
        ends = {}
        for route in run.attacks[UPLIFT].routes:
            if not route.attempts.is_certain:
                ends[route.attempts.name] = _ends(route.attempts)[end]
        if not ends:
            return []
        estimate = next(r.attempts for r in run.attacks[UPLIFT].routes if r.attempts.name in ends)
        found.append(
            _World("uplift", name, ends[estimate.name], estimate.unit, estimate.sources, run.scenario, ends)
        )
    return found


def _ends(estimate: Estimate) -> tuple[float, float]:
    """Low and high number of an estimate."""
    return float(estimate.low or 0.0), float(estimate.high or 0.0)


def _ssn(run: Replicates, shares: Sequence[Estimate]) -> list[_World]:
    """The SSN thinned out to given shares, or its own uncertain coverage at low, middle and high."""
    scenario = run.scenario
    holders = [segment for segment in scenario.segments if SSN in segment.fields]
    if not holders:
        return []
    if not shares:
        return _own_readings(scenario, holders)
    wide = sum(segment.accounts for segment in holders)
    worlds = []
    for estimate in shares:
        if estimate.unit != "share" or not estimate.is_certain:
            raise ValueError(
                f"{estimate.name} is {estimate.kind} in {estimate.unit!r}; a reading is a fixed 'share'"
            )
        thinned = with_ssn_share(scenario, estimate.central)
        reached = min(1.0, estimate.central * scenario.accounts / wide) * wide / scenario.accounts
        name = estimate.name.rpartition(".")[2]
        worlds.append(_World("ssn", name, reached, "share", estimate.sources, thinned, {}))
    return worlds


def _own_readings(scenario: Scenario, holders: Sequence[Segment]) -> list[_World]:
    leaks = [leak for segment in holders for leak in segment.leaks if SSN in leak.fields]
    unsure = {leak.coverage.name: leak.coverage for leak in leaks if not leak.coverage.is_certain}
    if not unsure:
        return []
    first = next(iter(unsure.values()))
    worlds = []
    for name, part in (("low", _ends), ("middle", None), ("high", _ends)):
        ends = {
            key: own.central if part is None else _ends(own)[int(name == "high")]
            for key, own in unsure.items()
        }
        worlds.append(_World("ssn", name, ends[first.name], "share", first.sources, scenario, ends))
    return worlds


def _thinned(segment: Segment, share: float) -> Segment:
    """The segment with the SSN, and what was named with it, leaked for a share of its accounts."""
    leaks: list[Leak] = []
    for leak in segment.leaks:
        moved = tuple(name for name in leak.fields if name in WITH_SSN) if SSN in leak.fields else ()
        rest = tuple(name for name in leak.fields if name not in moved)
        if rest:
            leaks.append(dataclasses.replace(leak, fields=rest))
        if moved:
            coverage = Estimate.fixed(f"structural.{segment.name}.ssn", share, "share")
            leaks.append(Leak(fields=moved, coverage=coverage))
    return dataclasses.replace(segment, leaks=tuple(leaks))
