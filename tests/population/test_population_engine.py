"""Laws of the population engine: any row on demand, cells exact, one digest."""

from __future__ import annotations

import json
import math
import pickle
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.crowds import TRAITS, everything, patchy, segment

from breach_sim import expose, load_scenario
from breach_sim.inputs.fields import mask
from breach_sim.inputs.scenario import Scenario
from breach_sim.population import BLOCK_ROWS, TABLES, Population, digest_of, root_digest
from breach_sim.population.cells import Cells
from breach_sim.population.draws.chance import ArrayOps, Choice, ScalarOps, WordStream
from breach_sim.population.draws.permutation import MAX_SIDE, Network, Shuffle, stream_key
from breach_sim.population.values.columns import COLUMN_FIELDS, LINE_ID, MAX_ROWS

ROOT = Path(__file__).resolve().parents[1].parent
HUGE = Population(everything(), 5, traits=TRAITS)
"""A hundred million rows of everything, over half of whose SSN holders need a letter."""


def picked(rows: int, n: int) -> list[int]:
    """Return numbers spread over [0, rows) without order."""
    shuffle = Shuffle(rows, 17, "picked")
    return [shuffle.place(i) for i in range(min(n, rows))]


def plain(block: pa.RecordBatch) -> pa.Table:
    """Return a block with plain texts in place of dictionaries."""
    table = pa.table(block)
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.string()))
    return table


# One row and many -------------------------------------------------------------


@pytest.mark.parametrize(
    "people",
    [
        HUGE,
        Population(load_scenario("tmobile-2021-class"), 2),
        Population(patchy(), 3, traits=TRAITS),
        Population(everything(), 4, rows=70_001, locale="de_DE"),
    ],
    ids=["huge", "class", "patchy", "german"],
)
def test_random_access_equals_streaming(people: Population) -> None:
    """A record by its number is the row of the streamed block, for 1,000 rows in any order."""
    for number in {0, people.n_blocks // 2, people.n_blocks - 1}:
        block = plain(people.block(number))
        places = picked(block.num_rows, 1000)
        for place, row in zip(places, block.take(places).to_pylist(), strict=True):
            assert people[number * BLOCK_ROWS + place] == row
    assert people[-1] == people[len(people) - 1]


def test_a_thousand_random_rows_are_the_same_one_by_one() -> None:
    """A thousand rows picked from all 100 million are, one by one, what they are among many."""
    rows = sorted(picked(len(HUGE), 1_000))
    assert rows[-1] - rows[0] > 0.98 * len(HUGE)
    many = plain(HUGE._batch(np.array(rows, dtype=np.uint32))).to_pylist()
    assert [HUGE[row] for row in rows] == many


@pytest.mark.slow
def test_a_thousand_random_rows_are_those_of_their_blocks() -> None:
    """A thousand rows picked from all 100 million stand each in the streamed block that holds its number."""
    rows = picked(len(HUGE), 1_000)
    assert len({row // BLOCK_ROWS for row in rows}) > 700
    for row in rows:
        number, place = divmod(row, BLOCK_ROWS)
        assert [HUGE[row]] == plain(HUGE.block(number).slice(place, 1)).to_pylist()


def test_one_record_takes_well_under_a_millisecond() -> None:
    """After warm-up the median record of everything takes less than one millisecond of the processor."""
    rows = picked(len(HUGE), 300)
    taken = []
    for row in rows:
        start = time.thread_time()
        _ = HUGE[row]
        taken.append(time.thread_time() - start)
    assert sorted(taken)[150] < 1e-3


@pytest.mark.parametrize("cut", [slice(3, 77), slice(5, 6), slice(65_530, 65_545), slice(None, None, 997)])
def test_odd_slices_equal_the_whole(cut: slice) -> None:
    """A slice that begins inside a family or crosses a block is the same part of the whole."""
    people = Population(everything(), 8, rows=70_000, traits=TRAITS)
    rows = range(70_000)[cut]
    frame = people[cut]
    assert list(frame.index) == list(rows)
    whole = pa.concat_tables(map(plain, people.blocks())).take(list(rows)).to_pylist()
    dates = {"date_of_birth", "opened_on", "closed_on"}
    for record, (_, line) in zip(whole, frame.iterrows(), strict=True):
        for column, value in record.items():
            found = line[column]
            if value is None:
                assert pd.isna(found)
            else:
                assert value == (found.date() if column in dates else found)


def test_head_and_sample_are_data_frames_of_plain_values() -> None:
    """`head` begins at row 0; `sample` picks rows without repetition, the larger holding the smaller."""
    head, few, more = HUGE.head(7), HUGE.sample(20), HUGE.sample(60)
    assert list(head.index) == list(range(7))
    assert head.equals(HUGE[:7])
    assert set(few.index) < set(more.index)
    assert len(set(more.index)) == 60
    assert more.index.is_monotonic_increasing
    assert more.index[0] < len(HUGE) / 3 < len(HUGE) / 2 < more.index[-1]
    assert head["date_of_birth"].dtype.kind == "M"
    assert not any(isinstance(kind, pd.CategoricalDtype) for kind in head.dtypes)
    assert few.loc[few.index[3]]["imsi"] == HUGE[int(few.index[3])]["imsi"]
    assert len(Population(patchy(), 1).sample(10**6)) == patchy().accounts


def test_slices_step_backwards() -> None:
    """A slice with a negative step is the reversed table."""
    people = Population(patchy(), 1)
    assert people[20:10:-2].equals(people[12:21:2].iloc[::-1])


def test_same_arguments_same_rows_another_seed_others() -> None:
    """The arguments alone decide; a copy through pickle is small and makes the same block."""
    again = pickle.loads(pickle.dumps(HUGE))  # noqa: S301 - our own bytes
    assert len(pickle.dumps(HUGE)) < 10_000
    assert digest_of(again.block(3)) == digest_of(HUGE.block(3))
    other = Population(everything(), 6, traits=TRAITS)
    assert not set(other.head(500)["ssn"]) & set(HUGE.head(500)["ssn"])


def test_copies_of_two_populations_do_not_take_each_others_place() -> None:
    """Copies through pickle, taken in turn, keep their seed and rows, though the last is remembered."""
    for seed in (1, 2, 2, 1):
        people = Population(patchy(), seed)
        again = pickle.loads(pickle.dumps(people))  # noqa: S301 - our own bytes
        assert (seed, len(people), people[5]) == (again.seed, len(again), again[5])


# What leaked --------------------------------------------------------------------


@pytest.mark.parametrize("scenario", [patchy(), everything(50_003)], ids=["patchy", "everything"])
def test_cells_hold_exactly_the_accounts_of_the_scenario(scenario: Scenario) -> None:
    """All rows together fill each cell (segment, mask) with exactly the accounts of `expose`."""
    people = Population(scenario, 1)
    exposure = expose(scenario)
    names = [one.name for one in scenario.segments]
    expected = {
        (names[s], int(m)): int(n)
        for s, m, n in zip(exposure.segments, exposure.masks, exposure.accounts, strict=True)
    }
    found: Counter[tuple[str, int]] = Counter()
    for block in people.blocks():
        found.update(
            zip(block.column("segment").to_pylist(), block.column("leaked_fields").to_pylist(), strict=True)
        )
    assert expected == found
    assert expected == {(name, leaked): count for name, leaked, count in people.counts()}


def test_fast_counts_are_those_of_the_rows() -> None:
    """Cells counted without texts are those of the made rows, block by block, and sum to `counts`."""
    people = Population(patchy(3), 9)
    for number in (0, 1, people.n_blocks - 1):
        block = people.block(number)
        found = Counter(
            zip(block.column("segment").to_pylist(), block.column("leaked_fields").to_pylist(), strict=True)
        )
        counted = people.block_counts(number)
        for (name, leaked, _), count in zip(people.counts(), counted, strict=True):
            assert found[name, leaked] == count
    total = sum(people.block_counts(number) for number in range(people.n_blocks))
    assert [count for *_, count in people.counts()] == list(total)


def test_a_value_is_there_if_and_only_if_its_field_leaked() -> None:
    """Nulls follow the mask in every column with a field; all other columns are always filled."""
    people = Population(patchy(), 4, traits=TRAITS)
    for block in people.blocks():
        leaked = block.column("leaked_fields").to_numpy()
        for column in block.schema.names:
            there = block.column(column).is_valid().to_numpy(zero_copy_only=False)
            field = COLUMN_FIELDS.get(column)
            wanted = (leaked & np.uint64(mask([field]))) > 0 if field else np.ones(len(there), dtype=bool)
            if column == "closed_on":
                wanted &= np.array(block.column("account_type").to_pylist()) == "former"
            assert (there == wanted).all(), column


def test_handsets_are_there_if_and_only_if_their_history_leaked() -> None:
    """The devices of a block are those of its lines with `imei_history`, and of no others."""
    people = Population(patchy(), 4)
    bit = mask(["imei_history"])
    for number in range(people.n_blocks):
        block = people.block(number)
        lines = block.column("line_id").to_numpy()[
            block.column("leaked_fields").to_numpy() & np.uint64(bit) > 0
        ]
        assert set(lines) == set(people.block(number, "devices").column("line_id").to_pylist())


def test_a_prefix_is_an_unbiased_sample() -> None:
    """Shares of segments and of leaked fields in the first 200,000 rows lie within four standard errors."""
    people = Population(load_scenario("tmobile-2021-class"), 12)
    counted = sum(people.block_counts(number) for number in range(3))
    n = 3 * BLOCK_ROWS
    for (_, _, count), found in zip(people.counts(), counted, strict=True):
        share = count / len(people)
        # Eight neighbors are of one segment, so at most eight times the variance of single draws.
        error = math.sqrt(8 * share * (1 - share) / n)
        assert abs(found / n - share) < 4 * error
    within = {}
    for (name, leaked, count), found in zip(people.counts(), counted, strict=True):
        within.setdefault(name, []).append((count, found, leaked))
    for cells in within.values():
        rows, seen = sum(count for count, *_ in cells), sum(found for _, found, _ in cells)
        for count, found, _ in cells:
            share = count / rows
            assert abs(found / seen - share) <= 4 * math.sqrt(share * (1 - share) / seen)


@pytest.mark.parametrize("rows", [1, 2, 7, 8, 9, 31, 1000, 65_537])
def test_places_are_a_permutation(rows: int) -> None:
    """Every row has a place of its own, alone and among many, whatever the sizes."""
    cells = Cells(patchy(), 3, rows)
    positions = cells.positions(np.arange(rows, dtype=np.uint32))
    assert sorted(positions.place) == list(range(rows))
    assert list(np.bincount(positions.cell, minlength=len(cells.counts))) == cells.counts
    for row in picked(rows, 50):
        one = cells.position(row)
        many = (positions.cell[row], positions.place[row], positions.contract[row], positions.slot[row])
        assert (one.cell, one.place, one.contract, one.slot) == many


# Digests ------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("dictionary", [True, False])
def test_the_digest_is_that_of_the_parquet_file(tmp_path: Path, table: str, *, dictionary: bool) -> None:
    """A block written to Parquet and read back, in whatever pieces, has the same digest."""
    people = Population(patchy(), 2, traits=TRAITS)
    path = tmp_path / "block.parquet"
    block = people.block(0, table)
    pq.write_table(
        pa.table(block), path, store_schema=dictionary, use_dictionary=dictionary, row_group_size=9_999
    )
    (read,) = pq.read_table(path).combine_chunks().to_batches()
    assert digest_of(block) == digest_of(read)
    long = pa.table(read)
    for place, field in enumerate(long.schema):
        if pa.types.is_string(field.type):
            long = long.set_column(place, field.name, long.column(place).cast(pa.large_string()))
    assert digest_of(block) == digest_of(long.combine_chunks().to_batches()[0])


def test_the_digest_is_of_a_slice_as_of_a_copy() -> None:
    """Where a row stands in its buffers does not matter, nor what lies under a null."""
    block = HUGE.block(1)
    part = block.slice(13, 1003)
    copy = pa.RecordBatch.from_pylist(plain(part).to_pylist(), schema=plain(part).schema)
    assert digest_of(part) == digest_of(copy)
    text = pa.array(["aa", "bb", "cc"])
    dirty = pa.Array.from_buffers(pa.string(), 3, [pa.py_buffer(b"\x05"), *text.buffers()[1:]], 1)
    clean = pa.array(["aa", None, "cc"])
    assert digest_of(pa.RecordBatch.from_arrays([dirty], ["x"])) == digest_of(
        pa.RecordBatch.from_arrays([clean], ["x"])
    )


def test_every_change_of_a_row_changes_the_digest() -> None:
    """A value, a null and the order of rows each change the digest of a block."""
    block = HUGE.block(0).slice(0, 50)
    rows = plain(block).to_pylist()
    digests = {digest_of(block)}
    for column in block.schema.names:
        changed = [dict(row) for row in rows]
        other = next((row[column] for row in rows if row[column] != changed[7][column]), None)
        if isinstance(changed[7][column], bool):
            other = not changed[7][column]
        if other == changed[7][column]:
            continue
        changed[7][column] = other
        digests.add(digest_of(pa.RecordBatch.from_pylist(changed, schema=plain(block).schema)))
    digests.add(digest_of(pa.RecordBatch.from_pylist(rows[::-1], schema=plain(block).schema)))
    assert len(digests) >= len(block.schema.names) - 3  # segments of fifty rows may be alike
    with pytest.raises(TypeError, match=r"a column of type double has no digest.*cast it"):
        digest_of(pa.RecordBatch.from_arrays([pa.array([1.5])], ["x"]))


def test_the_root_depends_on_header_and_order() -> None:
    """The digest of a data set follows from its header, which is plain JSON, and its blocks in order."""
    header = HUGE.header("subscribers")
    assert header == json.loads(json.dumps(header))
    assert {
        "format",
        "scenario",
        "scenario_sha256",
        "seed",
        "rows",
        "locale",
        "columns",
        "pools_sha256",
    } <= set(header)
    root = root_digest(header, [b"a" * 32, b"b" * 32])
    assert re.fullmatch("[0-9a-f]{64}", root)
    assert root != root_digest(header, [b"b" * 32, b"a" * 32])
    assert root != root_digest(HUGE.header("devices"), [b"a" * 32, b"b" * 32])
    assert header["scenario_sha256"] != Population(patchy(), 5).header()["scenario_sha256"]


def test_blocks_have_the_schema() -> None:
    """Every block has the schema of its table, in which structural columns cannot be null."""
    assert HUGE.block(0).schema == HUGE.schema()
    assert HUGE.block(0, "devices").schema == HUGE.schema("devices")
    assert HUGE.schema().field("ssn").nullable
    assert not HUGE.schema().field("segment").nullable


# Permutations and words -----------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 10, 99, 100, 101, 4_096, 10_007])
def test_a_shuffle_is_a_bijection(size: int) -> None:
    """A shuffle reaches every place exactly once, alone and among many, differently for another seed."""
    shuffle = Shuffle(size, 1, "a")
    images = [shuffle.place(i) for i in range(size)]
    assert sorted(images) == list(range(size))
    assert images == list(shuffle.places(np.arange(size, dtype=np.uint32)))
    if size > 9:
        assert images != [Shuffle(size, 2, "a").place(i) for i in range(size)]
    with pytest.raises(ValueError, match=rf"number {size} .* outside it"):
        shuffle.place(size)


def test_a_network_is_a_bijection_under_every_tweak() -> None:
    """Pairs of a network with unequal sides are reached once each; many go as one."""
    network = Network.named(30, 77, 1, "n")
    left, right = (side.ravel().astype(np.uint32) for side in np.mgrid[:30, :77])
    seen = set()
    for tweak in (0, 5):
        moved = network.moved_all(left, right, tweak)
        pairs = list(zip(*(side.tolist() for side in moved), strict=True))
        assert set(pairs) == {(a, b) for a in range(30) for b in range(77)}
        assert pairs[:99] == [
            network.moved(int(a), int(b), tweak) for a, b in zip(left[:99], right[:99], strict=True)
        ]
        seen.add(tuple(pairs))
    assert len(seen) == 2
    with pytest.raises(ValueError, match="side 65,537 of a network"):
        Network.named(MAX_SIDE + 1, 2, 1)
    with pytest.raises(ValueError, match="size 0 of a shuffle"):
        Shuffle(0, 1, "a")


def test_shuffles_spread_neighbors() -> None:
    """Successive numbers fall evenly over tenths, and their steps too (chi-square, 9 degrees, p = 0.001)."""
    size = 45_068_902
    images = Shuffle(size, 3, "s").places(np.arange(40_001, dtype=np.uint32)).astype(np.int64)
    for values in (images, np.diff(images) % size):
        counts = np.bincount(values * 10 // size, minlength=10)
        expected = len(values) / 10
        assert ((counts - expected) ** 2 / expected).sum() < 27.9


def test_words_are_even_and_streams_apart() -> None:
    """Bits of words are fair, and words of two streams agree in half of them, at every small lag."""
    n = 1 << 18
    rows = np.arange(n, dtype=np.uint32)
    one, two = (ArrayOps.word(WordStream.named(1, name), rows) for name in ("a", "b"))
    error = math.sqrt(0.25 / n)
    for bit in range(32):
        assert abs(((one >> bit) & 1).mean() - 0.5) < 4.5 * error
        for lag in (0, 1, 8):
            same = ((one[lag:] ^ two[: n - lag]) >> bit) & 1
            assert abs(same.mean() - 0.5) < 4.5 * error
    assert ScalarOps.word(WordStream.named(1, "a"), 77) == one[77]
    assert stream_key(1, "a") != stream_key(1, "b")


def test_a_choice_has_exactly_its_weights() -> None:
    """An alias table holds each weight to within a word, and draws alike alone and among many."""
    laws = [{4: 1.0, 7: 2.0, 1: 1e-6, 9: 3.3}, {2: 5.0}, {number: 1 / (number + 1) for number in range(90)}]
    choice = Choice(*laws)
    rows = np.arange(9_000, dtype=np.uint32)
    words = ArrayOps.word(WordStream.named(1, "c"), rows)
    which = np.arange(9_000) % 3
    drawn = ArrayOps.draw(choice, words, which)
    for number, law in enumerate(laws):
        table = choice.probabilities(number)
        for outcome, weight in law.items():
            assert abs(table[outcome] - weight / sum(law.values())) < 2.0**-31
        assert set(drawn[which == number]) <= set(law)
    assert list(drawn) == [ScalarOps.draw(choice, int(w), int(k)) for w, k in zip(words, which, strict=True)]


# Errors ---------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [0, -5, MAX_ROWS + 1])
def test_impossible_numbers_of_rows_are_refused(rows: int) -> None:
    """No rows, fewer, or more than ids can number are refused with the identifier and what it holds."""
    with pytest.raises(ValueError, match=rf"rows is {rows:,}; .*line_id.*hold 1,000,000,000"):
        Population(patchy(), 1, rows)


def test_a_number_of_400_digits_is_given_back_in_brief() -> None:
    """Rows that nobody can mean are named by their first and last digits."""
    with pytest.raises(ValueError, match=r"rows is 999\d+\.\.\.\d+999; .*hold") as refusal:
        Population(patchy(), 1, int("9" * 400))
    assert len(str(refusal.value)) < 300


def test_rows_are_a_whole_number() -> None:
    """A number of rows that is none is refused; a whole number of NumPy is one."""
    for rows in (1.5, "10", True):
        with pytest.raises(TypeError, match="it must be a whole number"):
            Population(patchy(), 1, rows)  # type: ignore[arg-type]
    assert len(Population(patchy(), 1, np.int64(12))) == 12  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "rows", "space"),
    [
        ("phone_number", 119_654_701, "119,654,700 accounts"),
        ("drivers_license_number", 100_000_001, "100,000,000 rows"),
        ("email_address", 300_000_001, "300,000,000 rows"),
    ],
)
def test_more_rows_than_an_identifier_holds_are_refused(field: str, rows: int, space: str) -> None:
    """Where an identifier leaked for too many, it is named with the size of its space; one fewer goes."""
    scenario = Scenario(name="x", segments=(segment("postpaid", 400_000_000, ((field,), 1.0)),))
    with pytest.raises(ValueError, match=rf"rows is {rows:,}, .* {field}; .*holds {space}"):
        Population(scenario, 1, rows).head()
    last = Population(scenario, 1, rows - 1)
    column = next(c for c, f in COLUMN_FIELDS.items() if f == field)
    assert last[rows - 2][column] == last[-1:][column].iloc[0]


def test_big_populations_without_phones_are_made() -> None:
    """A scenario of 145 million without telephone numbers is no trouble; its SSNs go on with letters."""
    big = Scenario(name="x", segments=(segment("customer", 145_500_000, (("ssn", "full_name"), 1.0)),))
    frame = Population(big, 1)[-4000:]
    lettered = frame["ssn"].str[0].str.isalpha().mean()
    expected = 1 - 45_068_902 / 145_500_000
    assert abs(lettered - expected) < 4 * math.sqrt(expected * (1 - expected) / 4000)
    assert frame["ssn"].is_unique


def test_unknown_names_are_refused_with_the_nearest() -> None:
    """An unknown locale or table is answered with the nearest known one."""
    with pytest.raises(ValueError, match=r"unknown locale 'en_UK' .* did you mean 'en_US'\?"):
        Population(patchy(), 1, locale="en_UK")
    people = Population(patchy(), 1)
    for call in (people.schema, people.header, lambda table: people.block(0, table)):
        with pytest.raises(ValueError, match=r"unknown table 'device' .* did you mean 'devices'\?"):
            call("device")
    with pytest.raises(ValueError, match=r"unknown table 'device'"):
        list(people.blocks("device"))


def test_what_does_not_exist_is_refused() -> None:
    """Rows and blocks beyond the end, negative counts, and traits that make no sense are refused."""
    people = Population(patchy(), 1)
    for index in (len(people), -len(people) - 1):
        with pytest.raises(IndexError, match=rf"row {index:,} of .* it has rows 0 to"):
            people[index]
    with pytest.raises(TypeError, match=r"row 'x' of Population.* is no whole number"):
        people["x"]  # type: ignore[call-overload]
    for number in (-1, people.n_blocks):
        with pytest.raises(IndexError, match=rf"block {number:,} of .* it has blocks 0 to"):
            people.block(number)
    for call in (people.head, people.sample):
        with pytest.raises(ValueError, match="must be 0 or more"):
            call(-1)
        assert len(call(0)) == 0
    with pytest.raises(ValueError, match=r"trait 'ssn' .* name of a column"):
        Population(patchy(), 1, traits={"ssn": 0.5})
    with pytest.raises(ValueError, match=r"share of trait 'x' .* is 1.5; it must lie in \[0, 1\]"):
        Population(patchy(), 1, traits={"x": 1.5})
    with pytest.raises(ValueError, match="seed is -1"):
        Population(patchy(), -1)


def test_making_a_population_loads_nothing_heavy() -> None:
    """Naming a population and asking the guard loads neither Faker nor PyArrow nor pandas."""
    code = (
        "import sys; from breach_sim import load_scenario; "
        "from breach_sim.population import Population, is_synthetic; "
        "Population(load_scenario('tmobile-2021-stated'), 1); "
        "assert is_synthetic('imsi', '001010000000042'); "
        "assert not {'faker', 'pyarrow', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)  # noqa: S603


def test_a_line_id_names_its_row() -> None:
    """The ids of a row are its number behind a digit for the entity."""
    record: dict[str, Any] = HUGE[73_456_789]
    assert record["line_id"] == LINE_ID + 73_456_789
    assert (record["person_id"] // 10**9, record["account_id"] // 10**9) == (1, 2)
    assert HUGE.devices(73_456_789)[-1]["imei"] == record["imei"]
