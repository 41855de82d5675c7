"""Laws of look-ups: what one needs, what is refused, and which ones people of a country have."""

from __future__ import annotations

from typing import Any

import pytest

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
        ({"given": (("full_name", "full_name"),)}, r"each field may stand once: remove one"),
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
