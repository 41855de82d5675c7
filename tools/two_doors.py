"""Compare breaches that are seen twice: ``python tools/two_doors.py HIBP.json VERIS_FILE_OR_FOLDER``.

One breach through two doors, Have I Been Pwned and VERIS, should give one answer within its uncertainty. A
pair has the same name or domain, years at most two apart, and counts within 25 %. Prints the share of pairs
in which the median of each lies in the 90 % interval of the other, the pairs that differ more than fivefold
with the word that divides them, and imports beside scenarios of the catalog. Reads the files that are named;
writes nothing.
"""

import argparse
import dataclasses
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import breach_sim as bs
from breach_sim.inputs.scenario import Scenario
from breach_sim.interop.imported import Import
from breach_sim.results.impact import Impact

REPLICATES, FEW, SEED = 1024, 256, 1
NEAR, YEARS, FIVEFOLD = 1.25, 2, 5.0
"""Largest ratio of two counts of one breach; largest difference of years; ratio of medians that is named."""
MEASURES = ("loss", "people")
NEEDED = 0.85
"""Share of pairs that must agree."""
_LEGAL = re.compile(
    r"\b(inc|incorporated|llc|ltd|limited|corp|corporation|company|co|com|net|org|plc|gmbh|sa|ag|group|the|www|"
    r"holdings?)\b"
)
CATALOGED: Mapping[str, str] = {
    "anthem-2015-confirmed": "anthem",
    "capital-one-2019": "capitalone",
    "talktalk-2015-confirmed": "talktalk",
    "att-73m-2024-confirmed": "att",
    "facebook-2021": "facebook",
    "equifax-2017": "equifax",
    "marriott-2018-confirmed": "marriott",
}
"""Scenarios of the catalog, with what is in the name of their import."""
TWICE = 2.0
"""Largest ratio of the accounts of an import to those of the scenario of the catalog."""


@dataclass(frozen=True)
class Door:
    """Import of one breach."""

    keys: frozenset[str]
    year: int
    scenario: Scenario
    words: Mapping[str, str]


def plain(text: str) -> str:
    """Return the letters and digits of a name, without what every firm is called."""
    spaced = re.sub(r"[^a-z0-9]+", " ", text.lower())
    return re.sub(r"[^a-z0-9]", "", _LEGAL.sub(" ", spaced))


def keys_of(names: Iterable[str]) -> frozenset[str]:
    """Return the names under which a breach is found."""
    return frozenset(key for name in names if len(key := plain(name)) > 2)  # noqa: PLR2004 - no "a", no "vk"


def doors_of(imported: Import, names: Mapping[str, Iterable[str]], years: Mapping[str, int]) -> list[Door]:
    """Return the breaches of an import."""
    words: dict[str, dict[str, str]] = {}
    for row in imported.rows:
        for field in row.fields:
            words.setdefault(row.entry, {}).setdefault(field, row.word)
    return [
        Door(keys_of(names.get(own.name, ())), years.get(own.name, 0), own, words.get(own.name, {}))
        for own in imported
    ]


def hibp_doors(path: str) -> list[Door]:
    """Return the entries of Have I Been Pwned."""
    imported = bs.from_hibp(path)
    by_title = {own.name: [own.label, own.name.removeprefix("hibp-")] for own in imported}
    years = {own.name: int(own.day_zero[:4] or 0) for own in imported}
    return doors_of(imported, by_title, years)


def veris_doors(path: str) -> list[Door]:
    """Return the incidents of VERIS."""
    imported = bs.from_veris(path)
    years = {}
    for row in imported.rows:
        year = re.search(r"\b(19|20)\d\d\b", row.reason) if row.word == "timeline.incident" else None
        if year:
            years[row.entry] = int(year.group())
    own_years = {own.name: int(own.day_zero[:4]) for own in imported if own.day_zero}
    return doors_of(imported, {own.name: [own.label] for own in imported}, years | own_years)


def pairs_of(left: list[Door], right: list[Door]) -> list[tuple[Door, Door]]:
    """Return what is the same breach in both lists."""
    by_key: dict[str, list[Door]] = {}
    for door in right:
        for key in door.keys:
            by_key.setdefault(key, []).append(door)
    found = {}
    for door in left:
        for other in (other for key in door.keys for other in by_key.get(key, [])):
            counts = sorted((door.scenario.accounts, other.scenario.accounts))
            near = counts[1] <= NEAR * counts[0]
            if near and door.year and other.year and abs(door.year - other.year) <= YEARS:
                found[door.scenario.name, other.scenario.name] = (door, other)
    return list(found.values())


def run(scenario: Scenario | str) -> Impact:
    """Return the impact on the points of this comparison."""
    return bs.simulate(scenario, replicates=REPLICATES, seed=SEED)


def agree(one: Impact, two: Impact, measure: str) -> tuple[bool, float]:
    """Return whether each median lies in the other's 90 % interval, and the ratio of the medians."""
    low, middle, high = np.quantile(getattr(one, measure), [0.05, 0.5, 0.95])
    other_low, other_middle, other_high = np.quantile(getattr(two, measure), [0.05, 0.5, 0.95])
    inside = other_low <= middle <= other_high and low <= other_middle <= high
    return bool(inside), float((middle + 1) / (other_middle + 1))


def coverage(scenario: Scenario) -> dict[str, float]:
    """Return the central share of accounts that lost each field."""
    shares: dict[str, float] = {}
    for segment in scenario.segments:
        for leak in segment.leaks:
            for field in leak.fields:
                part = leak.coverage.central * segment.accounts / scenario.accounts
                shares[field] = shares.get(field, 0.0) + part
    return shares


def without(scenario: Scenario, field: str) -> Scenario:
    """Return a scenario whose records do not hold a field."""
    segments = []
    for segment in scenario.segments:
        leaks = [
            dataclasses.replace(leak, fields=tuple(own for own in leak.fields if own != field))
            for leak in segment.leaks
            if leak.fields != (field,)
        ]
        segments.append(dataclasses.replace(segment, leaks=tuple(leaks)))
    return dataclasses.replace(scenario, segments=tuple(segments))


def divided_by(one: Door, two: Door, ratio: float) -> str:
    """Return the word that makes the most of a difference: without its field the larger loss falls most."""
    more, less = (one, two) if ratio > 1 else (two, one)
    shares, others = coverage(more.scenario), coverage(less.scenario)
    left = {
        field: bs.simulate(without(more.scenario, field), replicates=FEW, seed=SEED)
        .expected("loss_usd")
        .mean()
        for field, share in shares.items()
        if share > others.get(field, 0.0)
    }
    if not left:
        return "the numbers of accounts alone"
    field = min(left, key=lambda name: left[name])
    word, said = more.words.get(field), less.words.get(field)
    other = (
        f"which {less.scenario.name} has more rarely from {said!r}"
        if said
        else f"which {less.scenario.name} lacks"
    )
    return f"{word!r} of {more.scenario.name} means {field}, {other}"


def compare_doors(pairs: list[tuple[Door, Door]]) -> bool:
    """Print how pairs agree; return whether enough of them do in the loss."""
    agreed = dict.fromkeys(MEASURES, 0)
    far = []
    for one, two in pairs:
        impacts = run(one.scenario), run(two.scenario)
        for measure in MEASURES:
            inside, ratio = agree(*impacts, measure)
            agreed[measure] += inside
            if measure == "loss" and not 1 / FIVEFOLD <= ratio <= FIVEFOLD:
                far.append((ratio, one, divided_by(one, two, ratio)))
    for measure, number in agreed.items():
        print(f"{measure}: {number} of {len(pairs)} pairs agree ({number / max(len(pairs), 1):.0%})")
    print(f"{len(far)} pairs differ more than fivefold in the median loss:")
    for ratio, door, why in sorted(far, key=lambda own: own[0]):
        print(f"  {ratio:6.2f}  {door.scenario.title}, {door.scenario.accounts:,} accounts; {why}")
    return agreed["loss"] >= NEEDED * len(pairs)


def compare_catalog(doors: list[Door]) -> bool:
    """Print imports beside scenarios of the catalog; return whether all agree in the loss."""
    fine = True
    for name, word in CATALOGED.items():
        own = bs.load_scenario(name)
        year = int(own.day_zero[:4] or 0)
        near = [
            door
            for door in doors
            if any(key.startswith(word) or key.endswith(word) for key in door.keys)
            and 1 / TWICE <= door.scenario.accounts / own.accounts <= TWICE
            and abs(door.year - year) <= 2 * YEARS
        ]
        if not near:
            print(f"  {name}: not in the files")
        for door in near:
            impacts = run(door.scenario), run(own)
            (loss, ratio), (people, _) = (agree(*impacts, measure) for measure in MEASURES)
            fine = fine and loss
            print(f"  {name} / {door.scenario.name}: loss {loss}, people {people}, ratio {ratio:.2f}")
    return fine


def main() -> int:
    """Compare, and say with the exit code whether the goals are met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("hibp", help="breaches.json of Have I Been Pwned")
    parser.add_argument("veris", help="file or folder of VERIS incidents")
    given = parser.parse_args()
    for path in (given.hibp, given.veris):
        if not Path(path).exists():
            print(f"{path} does not exist", file=sys.stderr)
            return 2
    left, right = veris_doors(given.veris), hibp_doors(given.hibp)
    pairs = pairs_of(left, right)
    print(f"{len(pairs)} pairs; {REPLICATES} points, seed {SEED}")
    enough = compare_doors(pairs)
    print("imports beside the catalog:")
    return 0 if compare_catalog([*left, *right]) and enough else 1


if __name__ == "__main__":
    sys.exit(main())
