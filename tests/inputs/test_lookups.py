"""Laws of look-ups: what one needs, what is refused, and which ones people of a country have."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from support import reference_lookups, worlds

from breach_sim.inputs import fields
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.lookups import Lookup, Lookups
from breach_sim.inputs.numbers.estimates import Estimate

EASY = Estimate.fixed("elsewhere.easy_to_find", 0.5, "share")
NAME_AND_ADDRESS = (("full_name", "postal_address"),)


def share(value: float = 0.5, unit: str = "share") -> Estimate:
    """Return a share that is certain."""
    return Estimate.fixed("elsewhere.x", value, unit)


def look_up(field: str = "date_of_birth", **rest: Any) -> Lookup:
    """Return a look-up that needs name and address."""
    parts: dict[str, Any] = {"field": field, "share": share(), "given": NAME_AND_ADDRESS} | rest
    return Lookup(**parts)


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        (
            {"field": "date_of_brith"},
            r"unknown field 'date_of_brith' in elsewhere; did you mean 'date_of_birth'",
        ),
        (
            {"share": share(2.0, "ratio")},
            r"elsewhere\.date_of_birth\.share is in 'ratio'; .*give it in 'share'",
        ),
        ({"given": ((),)}, r"elsewhere\.date_of_birth\.given holds an empty set; .*directory = true"),
        ({"given": ()}, r"given is \(\), and the share is above 0; .*name a set"),
        (
            {"given": (("full_name", "date_of_birth"),)},
            r"holds \['full_name', 'date_of_birth'\], which needs 'date_of_birth' .*remove it",
        ),
        (
            {"given": (("full_name", "full_name"),)},
            r"holds 'full_name' 2 times; each field may stand there once: keep one",
        ),
        (
            {"given": (("full_name",), ("phone_numbr",))},
            r"unknown field 'phone_numbr' in elsewhere\.date_of_birth\.given; did you mean 'phone_number'",
        ),
        ({"countries": ("usa",)}, r"country 'usa' in elsewhere\.date_of_birth; write two capital letters"),
    ],
)
def test_a_look_up_that_cannot_be_is_refused(rest: dict[str, Any], words: str) -> None:
    """Each wrong value is refused with value, place, rule and remedy."""
    with pytest.raises(ValueError, match=words):
        look_up(**rest)


@pytest.mark.parametrize("value", [-0.1, 1.1])
def test_a_share_lies_between_none_and_all(value: float) -> None:
    """A share outside [0, 1] is refused, because the unit's own rule holds for it."""
    with pytest.raises(ValueError, match=r"in share it must be at least 0 and at most 1"):
        look_up(share=share(value))


def test_a_search_starts_from_a_set_or_a_directory() -> None:
    """A directory replaces the sets, and a field that is never found needs neither."""
    assert () == look_up(given=(), directory=True).given
    assert look_up(given=(), share=share(0.0)).never_found
    assert not look_up().never_found
    small = Estimate(
        name="x",
        kind="pert",
        scale="linear",
        low=0.0,
        mode=0.1,
        high=0.2,
        unit="share",
        status="assumed",
        sources=("me",),
        note="why",
    )
    assert not look_up(share=small).never_found


def test_fields_may_need_each_other() -> None:
    """A circle of two look-ups is no mistake: either field may be the one that leaked."""
    pair = (
        look_up("full_name", given=(("phone_number",),)),
        look_up("phone_number", given=(("full_name",),)),
    )
    assert ["full_name", "phone_number"] == list(Lookups.of(pair, EASY))


def test_a_field_has_one_look_up() -> None:
    """A field given twice is refused with the remedy."""
    with pytest.raises(ValueError, match=r"elsewhere\.date_of_birth stands there twice; .*under 'given'"):
        Lookups.of((look_up(), look_up()), EASY)


def test_a_look_up_stands_under_its_field() -> None:
    """A mapping whose name is another field is refused."""
    with pytest.raises(ValueError, match=r"elsewhere\.ssn looks up 'date_of_birth'; .*call it"):
        Lookups(by_field={"ssn": look_up()}, easy_to_find=EASY)


def test_ease_is_a_share() -> None:
    """What ties the look-ups of a person together is refused in any other unit."""
    with pytest.raises(ValueError, match=r"elsewhere\.easy_to_find is in 'days'"):
        Lookups.of((), Estimate.fixed("elsewhere.easy_to_find", 0.5, "days"))


def test_look_ups_are_found_by_field() -> None:
    """Look-ups behave as a mapping by field, in the order given; an unknown field names the nearest."""
    both = (look_up("ssn"), look_up("account_pin", given=(), share=share(0.0)))
    known = Lookups.of(both, EASY)
    assert (2, ["ssn", "account_pin"], True, False) == (
        len(known),
        list(known),
        "ssn" in known,
        "imei" in known,
    )
    assert both == (known["ssn"], known["account_pin"])
    assert both[:1] == known.possible
    with pytest.raises(ValueError, match=r"unknown look-up 'snn' in elsewhere; did you mean 'ssn'"):
        known["snn"]


def test_people_of_a_country_have_its_fields_only() -> None:
    """A look-up of other countries is left out; without countries on either side, everything stays."""
    known = Lookups.of((look_up("ssn", countries=("US",)), look_up()), EASY)
    assert ["date_of_birth"] == list(known.in_countries({"DE"}))
    assert known.easy_to_find == known.in_countries({"DE"}).easy_to_find
    assert known is known.in_countries({"DE", "US"})
    assert known is known.in_countries(())


# Known fields and the attack graph ---------------------------------------------------------------------


def listed(field: str, value: float = 0.5, **rest: Any) -> Lookup:
    """Return a look-up of a field that directories list."""
    return look_up(field, share=share(value), given=(), directory=True, **rest)


def some_lookups() -> Lookups:
    """Return four look-ups: two in directories, one that needs both, one behind that."""
    return Lookups.of(
        [
            listed("full_name"),
            listed("postal_address"),
            look_up(),
            look_up("ssn", given=(("full_name", "date_of_birth"), ("ssn_last4",)), countries=("US",)),
            look_up("username", share=share(0.0), given=()),
        ],
        EASY,
    )


def bits(words: str) -> np.ndarray:
    """Return the mask of fields in a text."""
    return np.array([fields.mask(words.split())], dtype=np.uint64)


@pytest.mark.parametrize("seed", range(20))
def test_known_fields_are_those_of_the_twin(seed: int) -> None:
    """K and E are the least fixpoints of the slow twin, for random look-ups, leaks and coins."""
    rng = np.random.default_rng(seed)
    pool = fields.FIELD_NAMES[:8]
    found_there: dict[str, Any] = {}
    own = []
    for name in pool[: int(rng.integers(1, 8))]:
        others = [other for other in pool if other != name]
        sets = tuple(
            tuple(str(f) for f in rng.choice(others, int(rng.integers(1, 4)), replace=False))
            for _ in range(int(rng.integers(1, 4)))
        )
        own.append(look_up(name, given=sets, directory=bool(rng.random() < 0.4)))
        found_there[name] = {"share": 0.5, "given": sets, "directory": own[-1].directory}
    lookups = Lookups.of(own, EASY)
    for _ in range(20):
        leaked = [name for name in pool if rng.random() < 0.3]
        found = [name for name in found_there if rng.random() < 0.7]
        known = lookups.known_fields(bits(" ".join(leaked)), bits(" ".join(found)))
        had = lookups.had_anyway(bits(" ".join(found)))
        assert reference_lookups.known_fields(found_there, leaked, found) == set(fields.names(int(known[0])))
        assert reference_lookups.had_anyway(found_there, found) == set(fields.names(int(had[0])))


def graph_with(lookups: Lookups | None) -> AttackGraph:
    """Return an attack that needs name, birth date and SSN, one behind it, and one that needs a PIN."""
    attacks = [
        worlds.attack("fraud", [worlds.way("full_name date_of_birth ssn")], "credit"),
        worlds.attack("more", [worlds.way(capabilities="credit")]),
        worlds.attack("swap", [worlds.way("phone_number account_pin")]),
    ]
    return dataclasses.replace(worlds.graph(attacks), lookups=lookups)


def test_a_graph_has_no_look_ups_unless_it_is_given_some() -> None:
    """Without look-ups a graph has none that can succeed, and its estimates are those of its attacks."""
    graph = graph_with(None)
    assert graph.lookups is None
    assert () == graph.possible_lookups
    assert [] == [e.name for e in graph.estimates() if e.name.startswith("elsewhere")]


def test_a_graph_keeps_its_look_ups() -> None:
    """A smaller graph has the same look-ups; those that can succeed leave out a fixed share of 0."""
    graph = graph_with(some_lookups())
    assert graph.only(["more"]).lookups is graph.lookups
    assert graph.within(["ssn"]).lookups is graph.lookups
    assert ["full_name", "postal_address", "date_of_birth", "ssn"] == [
        each.field for each in graph.possible_lookups
    ]


def test_estimates_of_a_graph_include_its_look_ups() -> None:
    """The shares of the look-ups and how much they go together stand behind the numbers of the attacks."""
    own = Lookups.of([look_up(share=Estimate.fixed("elsewhere.date_of_birth", 0.7, "share"))], EASY)
    names = [estimate.name for estimate in graph_with(own).estimates()]
    assert ["elsewhere.date_of_birth", "elsewhere.easy_to_find"] == names[-2:]
    assert names[:-2] == [estimate.name for estimate in graph_with(None).estimates()]


def test_look_ups_of_other_countries_leave_the_graph() -> None:
    """Where people live elsewhere, nobody has an SSN to find; where nothing changes, the graph stays."""
    graph = graph_with(some_lookups())
    abroad = graph.in_countries(["GB"])
    assert abroad.lookups is not None
    assert "ssn" not in abroad.lookups
    assert abroad.names == graph.names
    assert abroad["fraud"] == graph["fraud"]
    assert graph.in_countries(["US", "GB"]) is graph
    assert graph.in_countries([]) is graph
    assert graph_with(None).in_countries(["GB"]).lookups is None


@pytest.mark.parametrize(
    ("leaked", "names"),
    [
        ("full_name date_of_birth", ["fraud", "more"]),  # the SSN is looked up
        ("full_name", ["fraud", "more"]),  # with name and address from directories, all can be had
        ("phone_number account_pin", ["swap"]),  # the others need a field that leaked
    ],
)
def test_within_reach_is_what_look_ups_can_complete(leaked: str, names: list[str]) -> None:
    """An attack is within reach if a leaked field and fields that can be found make up a route."""
    graph = graph_with(some_lookups())
    assert names == list(graph.within(leaked.split()).names)


def test_what_directories_list_does_not_add_to_a_record() -> None:
    """The last digits lead to the SSN alone: name and birth date from directories belong to no record."""
    with pytest.raises(ValueError, match="enable no attack"):
        graph_with(some_lookups()).within(["ssn_last4"])
