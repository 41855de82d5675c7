"""Laws of what is said of dropped fields: which one decides, and why dropping it averts the most."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

import breach_sim as bs
from breach_sim import catalog
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.lookups import Lookups
from breach_sim.whatif.dropped_fields import deciding, left_without, why_first

N, D, S, A = "full_name", "date_of_birth", "ssn", "postal_address"
HARM = "new_account_fraud"
DROPS = [catalog.load_mitigation(f"drop-{name}") for name in (D, N, S)]


def graph_with(lookups: Lookups | None) -> AttackGraph:
    """Return the attacks of the catalog with some look-ups."""
    return dataclasses.replace(catalog.load_attacks(), lookups=lookups)


@pytest.fixture(scope="module")
def graph() -> AttackGraph:
    """The attacks of the catalog with its look-ups."""
    return graph_with(catalog.load_look_ups())


def test_the_ssn_decides_about_new_accounts(graph: AttackGraph) -> None:
    """Without the SSN new-account fraud stays possible for the fewest, without the name for the most."""
    left = left_without(graph, HARM, (N, D, S, A))
    assert [S, D, N] == list(left)
    assert [pytest.approx(0.15), pytest.approx(0.7), pytest.approx(0.8)] == list(left.values())
    assert (
        "New-account credit fraud: the SSN decides. Without it the attack stays possible for 15 in 100; "
        "without the birth date for 7 in 10; without the name for 8 in 10."
    ) == deciding(graph, HARM, (N, D, S, A))


def test_without_look_ups_each_needed_field_decides() -> None:
    """Where nothing can be looked up, an attack is closed without any one of its fields."""
    assert {N: 0.0, D: 0.0, S: 0.0} == left_without(graph_with(None), HARM, (N, D, S, A))


def test_no_field_decides_where_nothing_is_open(graph: AttackGraph) -> None:
    """An attack that the leak does not make possible rests on no field, and nothing is said."""
    assert {} == left_without(graph, "sim_cloning", (N, D))
    assert "" == deciding(graph, "sim_cloning", (N, D))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda g: left_without(g, "new_acount_fraud", (N,)), r"unknown harm 'new_acount_fraud'"),
        (lambda g: left_without(g, HARM, ("snn",)), r"unknown field 'snn'"),
    ],
)
def test_unknown_names_are_refused(graph: AttackGraph, call: Any, words: str) -> None:
    """An unknown harm or field is refused by name."""
    with pytest.raises(ValueError, match=words):
        call(graph)


def test_the_reason_names_the_field_that_is_hardest_to_find(graph: AttackGraph) -> None:
    """The SSN averts the most because it can be looked up for the fewest people, and the shares are said."""
    assert (
        "drop-ssn averts the most of the dropped fields, because it is the hardest to find elsewhere. An SSN "
        "can be looked up for about 15 in 100, a birth date for about 7 in 10, a name for about 8 in 10."
    ) == why_first(graph, list(zip(DROPS, (2.0, 1.0, 5.0), strict=True)))


def test_no_reason_is_made_up(graph: AttackGraph) -> None:
    """Where another field averts the most, its look-up is no reason; facts are said alone."""
    said = why_first(graph, list(zip(DROPS, (9.0, 1.0, 5.0), strict=True)))
    assert said.startswith("drop-date_of_birth averts the most of the dropped fields. A birth date can be")
    assert "because" not in said


def test_of_equals_none_is_first(graph: AttackGraph) -> None:
    """Where two fields avert the same, none is said to avert the most."""
    said = why_first(graph, list(zip(DROPS, (5.0, 1.0, 5.0), strict=True)))
    assert said.startswith("An SSN can be looked up for about")


def test_what_cannot_be_looked_up_is_said() -> None:
    """Abroad nobody has an SSN to find: it cannot be looked up."""
    abroad = graph_with(catalog.load_look_ups().in_countries(["GB"]))
    assert "An SSN cannot be looked up" in why_first(abroad, list(zip(DROPS, (1.0, 1.0, 5.0), strict=True)))


def test_nothing_is_said_without_look_ups_or_with_one_field(graph: AttackGraph) -> None:
    """Without look-ups, or where fewer than two single fields are dropped, there is no reason to give."""
    pairs = list(zip(DROPS, (1.0, 2.0, 3.0), strict=True))
    assert "" == why_first(graph_with(None), pairs)
    assert "" == why_first(graph, [pairs[0], (catalog.load_mitigation("notice"), 1.0)])


def test_a_comparison_says_why() -> None:
    """A comparison of dropped fields carries the reason among its notes where fields can be looked up."""
    attacks = bs.attacks_of("stated")
    names = [f"drop-{name}" for name in (D, N, S)]
    plain = bs.compare("stated", *names, attacks=dataclasses.replace(attacks, lookups=None), replicates=20)
    rich = dataclasses.replace(attacks, lookups=catalog.load_look_ups())
    notes = bs.compare("stated", *names, attacks=rich, replicates=20).notes
    assert plain.notes == notes[: len(plain.notes)]
    (reason,) = notes[len(plain.notes) :]
    assert reason == (
        "drop-ssn averts the most of the dropped fields, because it is the hardest to find elsewhere. An SSN "
        "can be looked up for about 15 in 100, a birth date for about 7 in 10, a name for about 8 in 10."
    )
