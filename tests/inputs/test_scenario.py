"""Laws of scenarios: segments, blocks, events, scaling, and scenarios from a table."""

from __future__ import annotations

import dataclasses
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.scenario import Scenario, apportion
from breach_sim.inputs.segment import MAX_ACCOUNTS, Event, Leak, Segment

LAW = settings(derandomize=True, deadline=None, database=None, max_examples=80)


def leak(*names: str, share: float = 1.0) -> Leak:
    """Return a block with a fixed coverage."""
    return Leak(fields=names, coverage=Estimate.fixed(f"{names}.coverage", share, "share"))


def segment(name: str = "one", accounts: Any = 100, leaks: tuple[Leak, ...] = (), **rest: Any) -> Segment:
    """Return a segment."""
    return Segment(name=name, accounts=accounts, leaks=leaks, **rest)


def of(*accounts: int) -> Scenario:
    """Return a scenario of segments a, b, c ... with these accounts."""
    named = zip("abcdefghij", accounts, strict=False)
    return Scenario(name="x", segments=tuple(segment(name, number) for name, number in named))


def table(columns: dict[str, Any], **rest: Any) -> Scenario:
    """Return the scenario of a table."""
    return Scenario.from_frame(pd.DataFrame(columns), **rest)


# Parts -----------------------------------------------------------------------------------------------

COVERAGE_IN_DAYS = Estimate.fixed("c", 3.0, "days")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (leak, r"the fields of \(\)\.coverage are empty; a leak names at least one field"),
        (lambda: leak("snn"), r"unknown field 'snn' in the fields of .*; did you mean 'ssn'\?"),
        (lambda: leak("ssn", "ssn"), r"name 'ssn' 2 times; each field may stand there once: keep one"),
        (
            lambda: Leak(fields=("ssn",), coverage=COVERAGE_IN_DAYS),
            r"c is in 'days'; a coverage is a 'share'",
        ),
        (lambda: leak("ssn", share=1.5), r"value is 1\.5; in share it must be at least 0 and at most 1"),
        (lambda: leak("ssn", share=math.nan), r"value is nan; it must be a finite number"),
        (
            lambda: segment(accounts=0),
            r"segments\.one\.accounts is 0; .*whole number from 1 .*leave out a segment",
        ),
        (lambda: segment(accounts=-5), r"segments\.one\.accounts is -5; it must be a whole number"),
        (lambda: segment(accounts=1e6), r"accounts is 1000000\.0; it must be a whole number"),
        (lambda: segment(accounts=True), r"accounts is True; it must be a whole number"),
        (lambda: segment(accounts="7"), r"accounts is '7'; it must be a whole number"),
        (lambda: segment(accounts=math.nan), r"accounts is nan; it must be a whole number"),
        (lambda: segment(accounts=MAX_ACCOUNTS + 1), r"whole number from 1 to 10\*\*13"),
        (
            lambda: segment(kind="postpayed"),
            r"unknown kind of segment 'postpayed' in segments\.one\.kind; did you mean 'p",
        ),
        (
            lambda: segment(leaks=(leak("ssn"), leak("ssn", "imei"))),
            r"segments\.one names 'ssn' in two leaks; a field",
        ),
        (
            lambda: Event(kind="reste", day=1),
            r"unknown kind of event 'reste' in events; did you mean 'reset'\?",
        ),
        (
            lambda: Event(kind="notice", day=-1),
            r"the notice event is on day -1; days count from the sale, .*0 or more",
        ),
        (lambda: Event(kind="notice", day=math.nan), r"on day nan; days count from the sale"),
        (lambda: Event(kind="notice", day=math.inf), r"on day inf; days count from the sale"),
        (lambda: Event(kind="reset", day=1), r"a reset event names no field; give fields"),
        (
            lambda: Event(kind="reset", day=1, fields=("pin",)),
            r"unknown field 'pin' in the fields of the reset event",
        ),
        (lambda: Scenario(name="x", segments=()), r"scenario 'x' has no segment; it needs at least one"),
        (
            lambda: Scenario(name="x", segments=(segment(), segment())),
            r"two segments 'one'; names must differ",
        ),
        (
            lambda: dataclasses.replace(of(1), events=(Event(kind="notice", day=1, segments=("aa",)),)),
            r"unknown segment 'aa' in an event of scenario 'x'; did you mean 'a'\? Known: a\.",
        ),
    ],
)
def test_what_is_wrong_is_refused(make: Any, message: str) -> None:
    """Every wrong part is refused with value, place, rule and remedy."""
    with pytest.raises(ValueError, match=message):
        make()


def test_the_fields_of_a_segment_are_those_that_leaked() -> None:
    """Fields come in the order of their bits, and a block of coverage zero leaks nothing."""
    found = segment(leaks=(leak("ssn", share=0.1), leak("full_name"), leak("imei", share=0.0))).fields
    assert found == ("full_name", "ssn")
    assert segment().fields == ()


def test_a_title_is_the_label_or_else_the_name() -> None:
    """Segments and scenarios without a label go by their name."""
    assert (segment().title, segment(label="Label").title) == ("one", "Label")
    assert (of(1).title, dataclasses.replace(of(1), label="L").title) == ("x", "L")


def test_events_of_every_kind_are_taken() -> None:
    """A notice needs no field, a reset may be on day 0, and an event may touch some segments only."""
    events = (
        Event(kind="notice", day=45.5),
        Event(kind="reset", day=0, fields=("ssn",), segments=("b", "a")),
    )
    assert events == dataclasses.replace(of(1, 2), events=events).events


@given(st.lists(st.integers(1, MAX_ACCOUNTS), min_size=1, max_size=8))
@LAW
def test_accounts_are_the_sum_of_segments(accounts: list[int]) -> None:
    """Accounts of a scenario are exactly those of its segments."""
    assert sum(accounts) == of(*accounts).accounts


# Scaling ---------------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=8), st.integers(0, 10**13))
@LAW
def test_apportion_meets_the_total_and_every_quota(weights: list[int], total: int) -> None:
    """Shares sum to the total and each is its exact quota rounded down or up."""
    shares = apportion(weights, total)
    assert total == sum(shares)
    whole = sum(weights)
    for weight, share in zip(weights, shares, strict=True):
        assert weight * total // whole <= share <= -(-weight * total // whole)


def test_apportion_gives_the_remainders_to_the_largest_then_the_first() -> None:
    """What is left goes to the largest remainders; of equal ones to the first."""
    assert apportion([1, 1, 1], 100) == [34, 33, 33]
    assert apportion([10, 22, 18], 5) == [1, 2, 2]
    assert apportion([3, 4], 0) == [0, 0]
    assert apportion([1, 1], 1) == [1, 0]


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=6), st.integers(1, 10**9))
@LAW
def test_a_scaled_breach_keeps_total_and_proportions(accounts: list[int], total: int) -> None:
    """A scaled breach has exactly the new total and every segment within one account of its part."""
    total = max(total, -(-sum(accounts) // min(accounts)))
    before = of(*accounts)
    after = before.scaled(total)
    assert total == after.accounts
    for old, new in zip(before.segments, after.segments, strict=True):
        assert abs(new.accounts - old.accounts * total / sum(accounts)) < 1 + 1e-6
        assert old == dataclasses.replace(new, accounts=old.accounts)


def test_scaling_says_so() -> None:
    """A scaled breach carries a note with both totals after its own, and the old one stays as it was."""
    before = dataclasses.replace(of(30, 70), notes=("own",))
    after = before.scaled(1000)
    assert after.notes == ("own", "Scaled from 100 to 1,000 accounts; every segment in proportion.")
    assert (before.accounts, before.notes, [s.accounts for s in after.segments]) == (
        100,
        ("own",),
        [300, 700],
    )


@pytest.mark.parametrize("accounts", [0, -1, 1.5, True, "5", None, math.nan, 10**14])
def test_a_total_that_is_no_number_of_accounts_is_refused(accounts: Any) -> None:
    """The new total must be a whole number in range; the message repeats the value."""
    with pytest.raises(
        ValueError, match=r"accounts is .*; it must be a whole number from 1 to 10\*\*13"
    ) as caught:
        of(1, 1).scaled(accounts)
    assert repr(accounts) in str(caught.value)


def test_a_total_that_empties_a_segment_is_refused() -> None:
    """Scaling that leaves a segment without an account names the segment and a total that would do."""
    with pytest.raises(ValueError, match=r"5 accounts leave segment 'b' empty; take at least 100"):
        of(99, 1).scaled(5)
    assert [s.accounts for s in of(99, 1).scaled(100).segments] == [99, 1]


def test_the_total_advised_is_enough() -> None:
    """Whoever takes the total that the message advises gets a scenario."""
    with pytest.raises(ValueError, match="take at least") as caught:
        of(3, 1, 96).scaled(5)
    advised = int(str(caught.value).rsplit(" ", 1)[1].rstrip(".").replace(",", ""))
    assert advised == of(3, 1, 96).scaled(advised).accounts


def test_a_whole_number_of_numpy_is_a_whole_number() -> None:
    """Totals may come out of an array."""
    assert of(1, 1).scaled(np.int64(50)).accounts == 50  # type: ignore[arg-type]


# From a table ----------------------------------------------------------------------------------------


def test_a_row_is_a_segment_and_a_column_a_field() -> None:
    """Each row becomes a segment, each column a block of its own, and shares of zero leave no trace."""
    found = table(
        {
            "segment": ["new", "old"],
            "kind": ["postpaid", "former"],
            "accounts": [10, 20],
            "ssn": [0.25, 0.0],
            "full_name": [1.0, 1],
        }
    )
    assert (found.name, found.accounts) == ("from-frame", 30)
    assert [(s.name, s.kind, s.accounts) for s in found.segments] == [
        ("new", "postpaid", 10),
        ("old", "former", 20),
    ]
    shares = [{block.fields: block.coverage.central for block in s.leaks} for s in found.segments]
    assert shares == [{("ssn",): 0.25, ("full_name",): 1.0}, {("full_name",): 1.0}]
    assert all(block.coverage.is_certain for s in found.segments for block in s.leaks)
    assert {("user-input",)} == {s.sources for s in found.segments}


def test_a_table_needs_nothing_but_accounts() -> None:
    """Without names, kinds and fields the rows are numbered customers who lost nothing."""
    found = table({"accounts": [5, 6]}, name="mine")
    assert [(s.name, s.kind, s.leaks) for s in found.segments] == [
        ("row 0", "customer", ()),
        ("row 1", "customer", ()),
    ]
    assert (found.name, found.notes) == ("mine", ())


def test_blocks_leak_together() -> None:
    """Fields of a block share one leak, others stand alone; the note names what is taken as independent."""
    columns = {"accounts": [10], "ssn": [0.5], "imei": [0.1], "date_of_birth": [0.5], "full_name": [1.0]}
    found = table(columns, blocks=[("ssn", "date_of_birth")])
    assert [block.fields for block in found.segments[0].leaks] == [
        ("ssn", "date_of_birth"),
        ("imei",),
        ("full_name",),
    ]
    (note,) = found.notes
    assert (
        note == "Leaks of date_of_birth, imei, ssn are taken as independent unless they stand in one block."
    )
    assert table({"accounts": [10], "ssn": [0.5], "full_name": [1.0]}).notes == ()


@pytest.mark.parametrize(
    "accounts",
    [
        np.array([7], dtype=np.int64),
        np.array([7], dtype=np.uint8),
        np.array([7.0]),
        pd.array([7], dtype="Int64"),
        np.array([np.int32(7)], dtype=object),
    ],
)
def test_counts_may_be_whole_numbers_of_any_make(accounts: Any) -> None:
    """NumPy and pandas whole numbers, and floats without a fraction, become Python integers."""
    (found,) = table({"accounts": accounts, "ssn": [1.0]}).segments
    assert (7, int) == (found.accounts, type(found.accounts))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"accounts": [10], "snn": [1.0]},
            r"unknown .*'snn' in the .*frame; did you mean 'ssn'\?",
        ),
        (
            {"acounts": [10], "ssn": [1.0]},
            r"'acounts'.* frame.*accounts",
        ),
        ({"ssn": [1.0]}, r"\['ssn'\].* frame.*accounts.*[Aa]dd it"),
        (
            {"accounts": [10], "ssn": [math.nan]},
            r"row 'row 0', column 'ssn' is nan; .*must lie in \[0, 1\] \(0 for a",
        ),
        ({"accounts": [10], "ssn": [1.01]}, r"column 'ssn' is 1\.01; it is a share of accounts"),
        ({"accounts": [10], "ssn": [-0.1]}, r"column 'ssn' is -0\.1; it is a share"),
        (
            {"accounts": [10, 5], "ssn": [0.1, 50], "segment": ["a", "b"]},
            r"row 'b', column 'ssn' is 50\.0; it is a share",
        ),
        ({"accounts": [0], "ssn": [1.0]}, r"segments\.row 0\.accounts is 0; it must be a whole number"),
        ({"accounts": [-3], "ssn": [1.0]}, r"segments\.row 0\.accounts is -3; it must be"),
        ({"accounts": [1.5], "ssn": [1.0]}, r"segments\.row 0\.accounts is 1\.5; it must be"),
        ({"accounts": [math.nan], "ssn": [1.0]}, r"segments\.row 0\.accounts is nan; it must be"),
        ({"accounts": [math.inf], "ssn": [1.0]}, r"segments\.row 0\.accounts is inf; it must be"),
        ({"accounts": ["10"], "ssn": [1.0]}, r"segments\.row 0\.accounts is '10'; it must be"),
        ({"accounts": [True], "ssn": [1.0]}, r"segments\.row 0\.accounts is True; it must be"),
        ({"accounts": [None], "ssn": [1.0]}, r"segments\.row 0\.accounts is (None|nan); it must be"),
        ({"accounts": [1, 2], "segment": ["a", "a"]}, r"two segments 'a'; names must differ"),
        (
            {"accounts": [1], "kind": ["postpad"]},
            r"unknown kind of segment 'postpad' .*; did you mean 'postpaid'\?",
        ),
        ({"accounts": []}, r"scenario 'from-frame' has no segment"),
    ],
)
def test_a_wrong_table_is_refused(columns: dict[str, Any], message: str) -> None:
    """A wrong column, share or count is refused with its value, row and rule."""
    with pytest.raises(ValueError, match=message):
        table(columns)


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        (
            [("ssn", "imei")],
            r"row 'row 0': the fields of block \('ssn', 'imei'\) have different shares; give them one",
        ),
        ([("ssn", "full_name")], r"unknown field 'full_name' in blocks.* Known: ssn, imei"),
        ([("ssn",), ("ssn",)], r"names 'ssn' in two leaks"),
        (["ssn"], r"unknown field 's' in blocks"),
    ],
)
def test_a_wrong_block_is_refused(blocks: list[Any], message: str) -> None:
    """Blocks name columns of the table, each once, with one share."""
    with pytest.raises(ValueError, match=message):
        table({"accounts": [10], "ssn": [0.5], "imei": [0.4]}, blocks=blocks)


def test_an_empty_block_is_refused() -> None:
    """A block without a field is refused in words."""
    with pytest.raises(ValueError, match="block"):
        table({"accounts": [10], "ssn": [0.5]}, blocks=[()])


@pytest.mark.parametrize("share", [None, pd.NA, "most"])
def test_a_share_that_is_no_number_is_refused_with_its_place(share: Any) -> None:
    """A missing or worded share is refused like NaN: with row, column, value and rule."""
    with pytest.raises(ValueError, match=r"row 'row 0', column 'ssn' is .*; it is a share"):
        table({"accounts": [10], "ssn": pd.Series([share], dtype=object)})


@pytest.mark.parametrize("typo", ["acounts", "acount"])
def test_a_mistyped_column_of_accounts_is_answered(typo: str) -> None:
    """A column close to ``accounts`` is answered with that name."""
    with pytest.raises(ValueError, match="did you mean 'accounts'"):
        table({typo: [10], "ssn": [1.0], "full_name": [1.0]})


@pytest.mark.parametrize(("typo", "near"), [("segmnt", "segment"), ("segments", "segment"), ("knd", "kind")])
def test_a_mistyped_reserved_column_is_answered(typo: str, near: str) -> None:
    """A column close to ``segment`` or ``kind`` is answered with that name."""
    with pytest.raises(ValueError, match=f"unknown .*'{typo}' in the .*frame; did you mean '{near}'"):
        table({"accounts": [10], typo: ["a"], "ssn": [1.0]})


@given(
    st.lists(st.tuples(st.integers(1, 10**9), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=5),
)
@LAW
def test_tables_round_trip(rows: list[tuple[int, float, float]]) -> None:
    """Counts and shares of any proper table come back from the scenario."""
    accounts, ssn, imei = (list(column) for column in zip(*rows, strict=True))
    found = table({"accounts": accounts, "ssn": ssn, "imei": imei})
    back = [{block.fields[0]: block.coverage.central for block in s.leaks} for s in found.segments]
    assert accounts == [s.accounts for s in found.segments]
    assert [(a, b) for _, a, b in rows] == [(b.get("ssn", 0.0), b.get("imei", 0.0)) for b in back]


FRAME = pd.DataFrame({"segment": ["a", "b"], "accounts": [4, 5], "ssn": [0.5, 0.25]})


@pytest.mark.parametrize(
    "frame",
    [
        pl.from_pandas(FRAME),
        pa.Table.from_pandas(FRAME),
        FRAME.set_index("segment"),
        FRAME.assign(accounts=[Decimal(4), Decimal(5)], ssn=[Decimal("0.5"), Decimal("0.25")]),
    ],
)
def test_frames_of_all_libraries_give_one_scenario(frame: Any) -> None:
    """Polars, PyArrow, names in the index and decimal numbers read like a plain pandas frame."""
    assert Scenario.from_frame(FRAME) == Scenario.from_frame(frame)


def test_a_missing_name_is_the_number_of_the_row() -> None:
    """NaN and NA are neither names of segments nor kinds."""
    missing = pd.array([None, "b"], dtype="string")
    found = Scenario.from_frame(FRAME.assign(segment=missing, kind=[np.nan, "former"]))
    assert [("row 0", "customer"), ("b", "former")] == [(s.name, s.kind) for s in found.segments]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (FRAME.assign(ssn=pd.array([0.5, None], dtype="Float64")), r"column 'ssn' is <NA>; .*from_table"),
        (FRAME.assign(ssn=[True, False]), r"column 'ssn' is (np\.)?True"),
        (FRAME.set_axis(["accounts", "ssn", "ssn"], axis=1), "two columns 'ssn'"),
        (FRAME.assign(accounts=[pd.NA, 5]), r"accounts is <NA>"),
        ([1], "a list is no data frame"),
    ],
)
def test_what_may_mean_two_things_in_a_frame_is_refused(frame: Any, message: str) -> None:
    """A missing share, a truth value, a doubled column and a missing count have no reading of their own."""
    with pytest.raises(ValueError, match=message):
        Scenario.from_frame(frame)


@pytest.mark.parametrize("share", [0.5, 0.0])
def test_a_total_in_a_frame_is_refused(share: float) -> None:
    """A row with the accounts of those above, and their mean shares or none, may stand first only."""
    rows = pd.DataFrame({"segment": ["a", "b", "Sum"], "accounts": [4, 5, 9], "ssn": [0.5, 0.5, share]})
    with pytest.raises(ValueError, match=r"row 'Sum' has as many accounts as the rows above together \(9\)"):
        Scenario.from_frame(rows)
    assert 18 == Scenario.from_frame(rows.iloc[::-1]).accounts
    assert 18 == Scenario.from_frame(rows.assign(ssn=[0.5, 0.5, 0.1])).accounts
