"""Prove that no identifier of a population comes twice: ``python benchmarks/distinct.py``.

Reads the finished text of every row, as a writer gets it, and turns each identifier into a whole number, one
to one. Where the numbers fit a bitmap of half a gigabyte, a bit that is already set is a duplicate; longer
ones (IMSI, IMEI, ICCID) are kept in sixteen ranges, four or eight bytes each, and each range is sorted at the
end. Both are exact: nothing is sampled or hashed. Luhn digits are added up again, and the guard looks at
every block. Ends with status 1 if anything is not as promised.

``--table devices`` looks at every handset that every line ever had instead: several times as many IMEIs as
rows, in a bitmap of all 10**10 that there are, 1.25 GB whatever the number of handsets.

At 10**8 rows this takes some ten minutes on two shared cores, the handsets four, and less than 3 GB.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from population import TRAITS, everything

import breach_sim as bs
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Leak
from breach_sim.population import Population, require_synthetic_batch

Keys = NDArray[np.uint64]
Letters = NDArray[np.uint8]
WHOLE = 100_000_000
BITMAP_SPACE = 2**32
RANGES = 16


# Text to whole numbers, one to one -----------------------------------------------------------------------


def texts(column: Any) -> tuple[NDArray[np.int64], Letters]:
    """Return where the texts of a column without nulls end, and the bytes of all."""
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)[
        column.offset : column.offset + len(column) + 1
    ]
    letters = np.frombuffer(column.buffers()[2], dtype=np.uint8)[offsets[0] : offsets[-1]]
    return (offsets[1:] - offsets[0]).astype(np.int64), letters


def table(column: Any, width: int) -> Letters:
    """Return the letters of texts of one width, a row of the result for each place."""
    ends, letters = texts(column)
    if not np.array_equal(ends, np.arange(1, len(ends) + 1) * width):
        raise SystemExit(f"distinct: a text is not of {width} letters")
    return np.ascontiguousarray(letters.reshape(-1, width).T)


def number(letters: Letters) -> Keys:
    """Return decimal digits as numbers; refuse what is no digit."""
    result = np.zeros(letters.shape[1], dtype=np.uint64)
    for row in letters - np.uint8(ord("0")):
        if row.max() > 9:  # noqa: PLR2004 - decimal
            raise SystemExit("distinct: a letter stands where a digit should")
        result = result * np.uint64(10) + row
    return result


def ssn_keys(column: Any) -> Keys:
    """Nine digits as they are; a letter in front counts on from ten."""
    letters = table(column, 11)
    first = letters[0].astype(np.uint64)
    first -= np.where(first >= ord("A"), np.uint64(ord("A") - 10), np.uint64(ord("0")))
    return first * np.uint64(10**8) + number(letters[[1, 2, 4, 5, 7, 8, 9, 10]])


def phone_keys(column: Any) -> Keys:
    """Ten digits; the exchange begins with 0 or 1, so that 2 * 10**6 numbers stand behind an area code."""
    letters = table(column, 12)
    rest = number(letters[[4, 5, 6, 8, 9, 10, 11]])
    if rest.max() >= 2 * 10**6:
        raise SystemExit("distinct: an exchange begins with 2 or more")
    return number(letters[:3]) * np.uint64(2 * 10**6) + rest


def mail_keys(column: Any) -> Keys:
    """The eight digits before the @ and the domain; the name before them is left out, which is stricter."""
    ends, letters = texts(column)
    digits = number(np.stack([letters[ends - 20 + place] for place in range(8)]))
    domain = np.searchsorted(np.frombuffer(b"cno", dtype=np.uint8), letters[ends - 3])
    return digits * np.uint64(3) + domain.astype(np.uint64)


def digits_after(prefix: str, width: int, *, checked: bool = False) -> Callable[[Any], Keys]:
    """Return a reader of the digits behind a prefix, without the check digit if there is one."""

    def read(column: Any) -> Keys:
        return number(table(column, width)[len(prefix) : width - checked])

    return read


def luhn_holds(letters: Letters) -> int:
    """Return how many digit strings pass the Luhn test."""
    digits = (letters[::-1] - np.uint8(ord("0"))).astype(np.int64)
    doubled = 2 * digits[1::2]
    return int(((digits[::2].sum(0) + (doubled // 10 + doubled % 10).sum(0)) % 10 == 0).sum())


# Whole numbers that came already -------------------------------------------------------------------------


class Bitmap:
    """A bit for every number below some space."""

    def __init__(self, space: int) -> None:
        self._bytes = np.zeros(-(-space // 8), dtype=np.uint8)
        self.name = "bitmap"

    def add(self, rising: Keys) -> None:
        """Set the bits of numbers in rising order."""
        places = (rising >> np.uint64(3)).astype(np.int64)
        bits = np.left_shift(np.uint8(1), (rising & np.uint64(7)).astype(np.uint8))
        starts = np.flatnonzero(np.diff(places, prepend=-1))
        self._bytes[places[starts]] |= np.bitwise_or.reduceat(bits, starts)

    def distinct(self) -> int:
        """Return how many bits are set."""
        step = 2**26
        parts = range(0, len(self._bytes), step)
        return sum(int(np.bitwise_count(self._bytes[at : at + step]).sum(dtype=np.int64)) for at in parts)


class Sorted:
    """Numbers of a larger space, kept by range and sorted range by range."""

    def __init__(self, space: int) -> None:
        self._width = -(-space // RANGES)
        self._kind = np.uint32 if self._width <= 2**32 else np.uint64
        self._parts: list[list[NDArray[Any]]] = [[] for _ in range(RANGES)]
        self.name = f"sort of {np.dtype(self._kind).itemsize} bytes each"

    def add(self, rising: Keys) -> None:
        """Keep numbers that come in rising order."""
        borders = np.arange(1, RANGES, dtype=np.uint64) * np.uint64(self._width)
        rest = (rising % np.uint64(self._width)).astype(self._kind)
        for kept, part in zip(self._parts, np.split(rest, np.searchsorted(rising, borders)), strict=True):
            kept.append(part)

    def distinct(self) -> int:
        """Return how many differ; forgets them."""
        found = 0
        while self._parts:
            values = np.concatenate([np.zeros(0, dtype=self._kind), *self._parts.pop()])
            values.sort()
            found += int(np.count_nonzero(values[1:] != values[:-1])) + bool(len(values))
        return found


@dataclass
class Identifier:
    """One column: how it is read, and what came already."""

    column: str
    read: Callable[[Any], Keys]
    space: int
    most_bits: int = BITMAP_SPACE
    values: int = 0
    seen: Any = field(init=False)

    def __post_init__(self) -> None:
        """Choose the cheaper way to remember."""
        self.seen = (Bitmap if self.space <= self.most_bits else Sorted)(self.space)


def identifiers(table: str) -> list[Identifier]:
    """Return the seven identifiers of the subscribers, or the one of the handsets."""
    if table == "devices":
        # Nobody knows beforehand how many handsets there are; a bitmap is of one size for any number.
        return [Identifier("imei", digits_after("0099", 15, checked=True), 10**10, most_bits=10**10)]
    return [
        Identifier("ssn", ssn_keys, 36 * 10**8),
        Identifier("drivers_license_number", digits_after("ZZ", 10), 10**8),
        Identifier("phone_number", phone_keys, 1000 * 2 * 10**6),
        Identifier("email", mail_keys, 3 * 10**8),
        Identifier("imsi", digits_after("00101", 15), 10**10),
        Identifier("imei", digits_after("0099", 15, checked=True), 10**10),
        Identifier("iccid", digits_after("8900", 19, checked=True), 10**14),
    ]


# A run ---------------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """What is counted beside the identifiers."""

    rows: int = 0
    lines: int = 0
    letters: int = 0
    luhn: dict[str, int] = field(default_factory=lambda: {"imei": 0, "iccid": 0})
    codes: Any = field(default_factory=lambda: np.zeros(1000, dtype=bool))
    tacs: Any = field(default_factory=lambda: np.zeros(10_000, dtype=bool))


@dataclass
class Read:
    """What one block holds: numbers in rising order by column, and counts."""

    rows: int
    lines: int
    keys: dict[str, Keys]
    letters: int
    luhn: dict[str, int]


def read_block(people: Population, block: int, columns: list[Identifier], name: str) -> Read:
    """Make a block of a table, ask the guard, and read its identifiers."""
    batch = people.block(block, name)
    require_synthetic_batch(batch, f"block {block} of {name}")
    keys, luhn = {}, {}
    for one in columns:
        column = batch.column(one.column).drop_null()
        if not len(column):
            continue
        keys[one.column] = np.sort(one.read(column))
        if one.column in {"imei", "iccid"}:
            luhn[one.column] = luhn_holds(table(column, 15 if one.column == "imei" else 19))
    letters = int((keys["ssn"] >= np.uint64(10**9)).sum()) if "ssn" in keys else 0
    # Rows of one line stand together, and no line is in two blocks.
    lines = int(np.count_nonzero(np.diff(batch.column("line_id").to_numpy(), prepend=-1)))
    return Read(batch.num_rows, lines, keys, letters, luhn)


def reads(people: Population, columns: list[Identifier], workers: int, name: str) -> Iterator[Read]:
    """Yield all blocks, made by threads, a few ahead."""
    with ThreadPoolExecutor(workers) as pool:
        ahead: deque[Future[Read]] = deque()
        for block in range(people.n_blocks):
            ahead.append(pool.submit(read_block, people, block, columns, name))
            if len(ahead) > 2 * workers:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def run(people: Population, workers: int, name: str) -> tuple[list[Identifier], Tally]:
    """Read a table of a whole population."""
    columns, tally = identifiers(name), Tally()
    for done, read in enumerate(reads(people, columns, workers, name), start=1):
        tally.rows += read.rows
        tally.lines += read.lines
        tally.letters += read.letters
        for one in columns:
            if one.column in read.keys:
                one.values += len(read.keys[one.column])
                one.seen.add(read.keys[one.column])
        for column, count in read.luhn.items():
            tally.luhn[column] += count
        if "phone_number" in read.keys:
            tally.codes[(read.keys["phone_number"] // np.uint64(2 * 10**6)).astype(np.int64)] = True
        if "imei" in read.keys:
            tally.tacs[(read.keys["imei"] // np.uint64(10**6)).astype(np.int64)] = True
        if sys.stderr.isatty():
            print(f"\r{done / people.n_blocks:4.0%}", end="", file=sys.stderr, flush=True)
    return columns, tally


def report(columns: list[Identifier], tally: Tally, name: str) -> bool:
    """Print the result as Markdown; say whether all is as promised."""
    print("| identifier | values | distinct | came twice | Luhn digit right | kept as |")
    print("|---|---|---|---|---|---|")
    good = True
    for one in columns:
        distinct = one.seen.distinct()
        luhn = tally.luhn.get(one.column)
        good &= distinct == one.values and luhn in {None, one.values}
        luhn_text = "" if luhn is None else f"{luhn:,}"
        twice = one.values - distinct
        print(
            f"| `{one.column}` | {one.values:,} | {distinct:,} | {twice:,} | {luhn_text} | {one.seen.name} |"
        )
        one.seen = None
    tacs, codes = int(tally.tacs.sum()), int(tally.codes.sum())
    if name == "devices":
        earlier = tally.rows - tally.lines
        print(f"\n{tally.rows:,} handsets of {tally.lines:,} lines, {earlier:,} of them earlier ones;")
        print(f"{tacs:,} TACs (the first eight digits of an IMEI). The guard refused no row.")
        return good
    print(f"\n{tally.rows:,} rows; SSNs beginning with a letter: {tally.letters:,}; {tacs:,} TACs (the first")
    print(f"eight digits of an IMEI); {codes} area codes. The guard refused no row.")
    return good


def with_handsets(scenario: Scenario) -> Scenario:
    """Return a scenario in which everybody's earlier handsets leaked as well."""
    coverage = Estimate.fixed("coverage", 1.0, "share")
    leak = Leak(fields=("imei_history",), coverage=coverage)
    return replace(scenario, segments=tuple(replace(s, leaks=(*s.leaks, leak)) for s in scenario.segments))


def main() -> int:
    """Read a table of a population and print the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", help="of the catalog; all kinds with every field by default")
    parser.add_argument("--rows", type=int, default=WHOLE)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--table", choices=["subscribers", "devices"], default="subscribers")
    options = parser.parse_args()
    scenario = bs.load_scenario(options.scenario) if options.scenario else everything()
    if options.table == "devices" and not options.scenario:
        scenario = with_handsets(scenario)
    people = Population(scenario, options.seed, options.rows, traits=TRAITS)
    start, busy = time.perf_counter(), time.process_time()
    good = report(*run(people, options.workers, options.table), options.table)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    seconds, of_processor = time.perf_counter() - start, time.process_time() - busy
    print(f"Scenario {scenario.name}, seed {options.seed}: {seconds:.0f} s, of the processor")
    print(f"{of_processor:.0f} s, peak memory {peak:.2f} GB.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
