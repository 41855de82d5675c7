"""Laws of importing VERIS: every variety read, unknown amounts kept unknown, no incident lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.imports import SIGNS, attackable, coverage_of, incident, inert, part

import breach_sim as bs
from breach_sim import catalog
from breach_sim.catalog.words.meanings import ASSUMED, NO_COUNTERPART, NOTHING
from breach_sim.interop.amounts import count

VARIETIES = json.loads(
    (Path(__file__).parents[1] / "data" / "veris_varieties.json").read_text(encoding="utf-8")
)
AMOUNTS = st.none() | st.integers(-5, 5000) | st.sampled_from(["unknown", "1,200", "", 0, 10**20, 3.5])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | SIGNS | st.just("Personal"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["attribute", "confidentiality", "data", "variety", "amount", "data_total", "victim",
                 "timeline", "incident", "year", "incident_id", "state", "data_disclosure"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)  # fmt: skip


def test_every_variety_of_every_version_is_read() -> None:
    """The dictionary has the varieties of 1.3 and 1.4, and no other; each has a state and a reason."""
    words = catalog.load_dictionary("veris").words
    assert set(VARIETIES["1.3"]) | set(VARIETIES["1.4"]) == set(words)
    states = {name: word.read().state for name, word in words.items()}
    assert {"Other", "Unknown"} == {name for name, state in states.items() if state == NO_COUNTERPART}
    assert {ASSUMED, NOTHING, NO_COUNTERPART} >= set(states.values())
    assert all(word.reason for word in words.values())


@pytest.mark.parametrize("version", ["1.3", "1.4"])
def test_an_incident_with_every_variety_loads_with_a_row_each(version: str) -> None:
    """Nothing is dropped: as many rows as varieties."""
    imported = bs.from_veris(incident([part(name, 10 + i) for i, name in enumerate(VARIETIES[version])]))
    assert set(VARIETIES[version]) <= {row.word for row in imported.rows}
    words = catalog.load_dictionary("veris").words
    carrying = [i for i, name in enumerate(VARIETIES[version]) if words[name].fields or words[name].perhaps]
    assert 10 + max(carrying) == imported.scenario.accounts


def test_amounts_are_nested() -> None:
    """The smaller amount lies within the larger: its accounts lost both, the rest only the commoner."""
    scenario = bs.from_veris(incident([part("Personal", 100), part("Credentials", 1000)])).scenario
    both, rest = scenario.segments
    assert (100, 900) == (both.accounts, rest.accounts)
    assert {"full_name", "password_hash"} <= set(both.fields)
    assert "full_name" not in rest.fields


@pytest.mark.parametrize("amount", [None, "unknown", -3, 0, "about ten", 2.5, float("nan"), True, {"a": 1}])
def test_an_unknown_amount_is_a_state(amount: Any) -> None:
    """What is no count is named as unknown; data_total or the largest amount known stands for it, said so."""
    total = bs.from_veris(incident([part("Medical", amount)], data_total=500))
    assert 500 == total.scenario.accounts
    assert any("read as data_total" in row.reason for row in total.rows)
    known = bs.from_veris(incident([part("Medical", amount), part("Bank", 70)]))
    assert 70 == known.scenario.accounts
    assert any("largest number known" in row.reason for row in known.rows)
    with pytest.raises(ValueError, match=r"I-1: neither data_total nor .* never guessed"):
        bs.from_veris(incident([part("Medical", amount)]))
    assert 42 == bs.from_veris(incident([part("Medical", amount)]), accounts=42).scenario.accounts


def test_an_unknown_amount_is_less_sure_than_a_known_one() -> None:
    """A variety whose amount nobody knows holds each field one level less likely."""
    known = bs.from_veris(incident([part("Payment", 100), part("Medical", 100)])).scenario
    both = bs.from_veris(incident([part("Payment"), part("Medical", 100)])).scenario
    assert "estimates.money_nearly_always" == coverage_of(known, "payment_card_number").name
    assert "estimates.money_often" == coverage_of(both, "payment_card_number").name


@pytest.mark.parametrize(
    "data",
    [
        {"variety": "Personal", "amount": 9},
        [[{"variety": "Personal", "amount": 9}]],
        {"Personal": 9},
        {"variety": ["Personal"], "amount": 9},
        [{"variety": "personal", "amount": "9"}, None, 5, {"amount": 3}],
    ],
)
def test_folded_data_are_unfolded(data: Any) -> None:
    """One object, lists in lists, an object by variety, and rubbish beside it: the variety is found."""
    assert 9 == bs.from_veris(incident(data)).scenario.accounts


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"incident_id": "I-1"}, "attribute.confidentiality is missing"),
        ({"incident_id": "I-1", "attribute": {"availability": {}}}, "attribute.confidentiality is missing"),
        (incident([part("Personal", 5)], data_disclosure="No"), "says that no data got out"),
        (incident([part("Personal", 5)]) | {"security_incident": "False positive"}, "nothing happened"),
        (incident(None, data_total=5), "no variety of its data"),
        (incident([part("Unknown", 5)]), "no variety of its data"),
        (incident([part("Source code", 5)]), "no variety of its data"),
    ],
)
def test_an_incident_without_harm_to_persons_is_refused_by_name(value: Any, message: str) -> None:
    """The message names the incident and why; among others it is listed and the others load."""
    with pytest.raises(ValueError, match=r"^I-1: ") as refusal:
        bs.from_veris(value)
    assert message in str(refusal.value)
    imported = bs.from_veris([incident([part("Medical", 7)]) | {"incident_id": "good"}, value])
    assert (["I-1"], 1) == (list(imported.refused), len(imported))


def test_an_unknown_variety_is_named_kept_and_reported() -> None:
    """A variety nobody knows does not stop the import; the account gives the nearest known name."""
    imported = bs.from_veris(incident([part("Medcial", 5), part("Bank", 5)]))
    (row,) = [row for row in imported.rows if row.word == "Medcial"]
    assert NO_COUNTERPART == row.state
    assert "did you mean 'Medical'?" in row.reason


def test_what_is_not_confirmed_or_encrypted_is_cautioned() -> None:
    """Potential disclosure and encrypted states are read as losses, with a note in every table."""
    scenario = bs.from_veris(
        incident([part("Medical", 5)], data_disclosure="Potentially", state=["Stored encrypted"])
    ).scenario
    notes = " ".join(scenario.notes)
    assert "potentially disclosed" in notes
    assert "were encrypted" in notes


@pytest.mark.parametrize(
    ("when", "day"),
    [
        ({"year": 2013, "month": 5, "day": 6}, "2013-05-06"),
        ({"year": 2013}, ""),
        ({"year": 2013, "month": 2, "day": 31}, ""),
        ({"year": "2013", "month": 5, "day": 6}, ""),
        ([], ""),
        ({"year": 10**30, "month": 1, "day": 1}, ""),
    ],
)
def test_only_a_whole_date_is_a_day(when: Any, day: str) -> None:
    """A year alone is no calendar date; it is named and not guessed."""
    value = incident([part("Medical", 5)]) | {"timeline": {"incident": when}}
    assert day == bs.from_veris(value).scenario.day_zero


def test_a_folder_is_read_file_by_file(tmp_path: Path) -> None:
    """Folders of one-incident files, lists among them, broken files named with the reason."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    for i, place in enumerate(("x.json", "a/y.json", "a/b/z.json")):
        value = incident([part("Medical", 5 + i)]) | {"incident_id": f"I-{i}"}
        (tmp_path / place).write_text(json.dumps(value), encoding="utf-8")
    (tmp_path / "list.json").write_text(
        json.dumps([incident([part("Bank", 5)]) | {"incident_id": "I-9"}] * 2), encoding="utf-8"
    )
    (tmp_path / "broken.json").write_text('{"a": ', encoding="utf-8")
    (tmp_path / "other.json").write_text('"text"', encoding="utf-8")
    imported = bs.from_veris(tmp_path)
    assert {"veris-i-0", "veris-i-1", "veris-i-2", "veris-i-9"} == {s.name for s in imported}
    assert ["broken.json", "other.json"] == sorted(imported.refused)
    assert "is not JSON" in imported.refused["broken.json"]
    with pytest.raises(ValueError, match=r"holds no file of incidents"):
        bs.from_veris(_empty(tmp_path))


def _empty(folder: Path) -> Path:
    place = folder / "empty"
    place.mkdir()
    return place


@settings(derandomize=True, deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(st.sampled_from(VARIETIES["1.4"]), AMOUNTS), min_size=1, max_size=5),
    st.sampled_from(VARIETIES["1.4"]),
    AMOUNTS,
    st.none() | st.integers(1, 5000),
)
def test_one_more_variety_never_gives_fewer_attackable_accounts(
    data: list[tuple[str, Any]], more: str, amount: Any, total: int | None
) -> None:
    """For no attack does the number of accounts that it could reach fall when one more variety leaked."""
    parts = [part(*own) for own in data]
    # A new variety with an amount may be what the total counts, which makes the others less sure.
    total = None if count(amount)[0] else total
    try:
        before = bs.from_veris(incident(parts, data_total=total)).scenario
    except ValueError:
        return
    after = bs.from_veris(incident([*parts, part(more, amount)], data_total=total)).scenario
    slack = len(bs.expose(after).masks)  # whole accounts: each cell is rounded by less than one
    assert np.all(attackable(after) >= attackable(before) - slack)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(JSON)
def test_anything_is_read_or_refused(value: Any) -> None:
    """Whatever JSON holds gives scenarios with accounts and fields, or a ValueError; nothing else."""
    try:
        imported = bs.from_veris(value)
    except ValueError as error:
        message = str(error)
        assert len(message) < 600
        return
    assert all(breach.accounts >= 1 and breach.segments[0].fields for breach in imported)


@settings(derandomize=True, deadline=None, max_examples=25)
@given(JSON, AMOUNTS)
def test_any_data_of_an_incident_are_read_or_refused(data: Any, total: Any) -> None:
    """However odd the data of an incident, the answer is a scenario or a ValueError that names it."""
    try:
        imported = bs.from_veris(incident(data, data_total=total))
    except ValueError as error:
        message = str(error)
        assert message.startswith("I-1: ")
        return
    assert imported.scenario.accounts >= 1


def test_a_full_checkout_goes_through(pytestconfig: pytest.Config) -> None:
    """Every incident below ``--dump FOLDER`` loads or is refused with a reason, and none is silently zero."""
    for path in (path for path in pytestconfig.getoption("dump") if Path(path).is_dir()):
        imported = bs.from_veris(path)
        assert all(imported.refused.values())
        silent = inert(imported)
        for breach in imported:
            assert breach.segments[0].fields
            assert breach.name not in silent, breach.name
            # Of a few accounts none may hold what only some records hold, which is no structural zero.
            assert breach.accounts < 10_000 or attackable(breach).any(), breach.name
