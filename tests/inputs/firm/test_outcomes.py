"""Laws of published amounts: their words, their ranges, and the kinds of data that leaked."""

from __future__ import annotations

import math
from typing import Any

import pytest

from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.firm.outcomes import (
    COSTS,
    COUNTS,
    DATA_KINDS,
    KINDS,
    LOSSES,
    PAYMENTS,
    SECTORS,
    PublishedAmount,
    data_kinds,
    fields_of,
    kinds_by_breach,
    sector_of,
    use_of,
)


def fine(**changed: Any) -> PublishedAmount:
    """Return a fine of 1 million USD about 2 million people, with some parts changed."""
    parts: dict[str, Any] = {
        "name": "Shop, Inc.", "breach": "shop-2020", "kind": "fine", "amount": 1e6, "currency": "USD",
        "usd": 1e6, "usd_constant": 1.2e6, "people": 2e6, "set_on": "2020-10-30", "country": "US",
        "sector": "retail", "fields": ("full_name", "ssn"), "unread": ("Medical",), "grade": "B",
    }  # fmt: skip
    return PublishedAmount(**(parts | changed))


def test_every_kind_is_in_one_group() -> None:
    """Payments, costs, losses and counts are all kinds, each kind once."""
    assert [*PAYMENTS, *COSTS, *LOSSES, *COUNTS] == list(KINDS)
    assert len(set(KINDS)) == len(KINDS)
    assert all(KINDS.values())


def test_a_count_is_no_money() -> None:
    """Exactly the kinds of counts are no money."""
    count = fine(
        kind="claims", currency="", usd=None, usd_constant=None, use="check", reason="a count", amount=5.0
    )
    assert (True, False) == (fine().is_money, count.is_money)


def test_an_amount_says_in_one_line_what_it_is() -> None:
    """Identity, kind, amount, currency, use and status stand in its line."""
    assert "shop-2020: fine 1e+06 USD (fit, seen)" == fine().summary()
    assert "<PublishedAmount shop-2020: fine 1e+06 USD (fit, seen)>" == repr(fine())


BAD: list[tuple[dict[str, Any], str]] = [
    ({"name": " "}, "the breach has no name; give the name under which it was published"),
    ({"breach": "Shop 2020"}, "identity is 'Shop 2020'; write lower case and hyphens"),
    ({"kind": "fines"}, "unknown kind 'fines' in column 'kind'; did you mean 'fine'?"),
    ({"sector": "shops"}, "unknown sector 'shops' in column 'sector'; did you mean 'retail'?"),
    ({"bound": "max"}, "unknown bound 'max' in column 'bound'. Known: exact, ceiling, floor."),
    ({"use": "fitted"}, "unknown use 'fitted' in column 'use'; did you mean 'fit'?"),
    ({"grade": "D"}, "unknown grade 'D' in column 'grade'"),
    ({"status": "sene"}, "unknown status 'sene' in column 'status'; did you mean 'seen'?"),
    ({"country": "USA"}, "country 'USA' in column 'country'; write two capital letters"),
    ({"set_on": "2020-13"}, "set_on is '2020-13'; write a date as 2020-10-30, 2020-10 or 2020"),
    ({"set_on": "30.10.2020"}, "set_on is '30.10.2020'; write a date"),
    ({"set_on": "2021-02-29"}, "set_on is '2021-02-29'; write a date"),
    ({"amount": 0.0}, "amount is 0; it must be above 0, or the row left out"),
    ({"amount": -5.0}, "amount is -5; it must be above 0"),
    ({"amount": math.inf}, "amount is inf; it must be above 0"),
    ({"people": 0.0}, "people is 0; it must be above 0 and at most 8.3e+09, the people of the world"),
    ({"people": -3.0}, "people is -3; it must be above 0"),
    ({"people": 9e9}, "people is 9e+09; it must be above 0 and at most 8.3e+09"),
    ({"currency": ""}, "currency of fine is ''; money has one, such as USD or EUR"),
    ({"usd": None}, "currency of fine is 'USD'; money has one, such as USD or EUR, and USD"),
    ({"kind": "claims"}, "currency of claims is 'USD'; a count has none: leave it empty"),
    ({"amount": 2e14, "usd": 2e14}, "amount is 2e+14 USD; it must be at most 1.1e+14 USD, the world's"),
    ({"use": "check"}, "reason of use 'check' is ''; give one for every amount that is not fitted"),
    ({"reason": "old"}, "reason of use 'fit' is 'old'; a fit has none"),
    ({"people": None}, "use is 'fit' without people; write 'check', with the reason"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "message"), BAD, ids=[message[:40] for _, message in BAD])
def test_a_bad_part_is_refused_with_its_rule(changed: dict[str, Any], message: str) -> None:
    """A part that is wrong gives its value, its column, the rule and the remedy."""
    with pytest.raises(ValueError, match=r"[;.]") as caught:
        fine(**changed)
    assert message in str(caught.value)


def test_a_share_is_at_most_one() -> None:
    """A claim rate above 1 is refused."""
    count = {"currency": "", "usd": None, "usd_constant": None, "use": "check", "reason": "a share"}
    assert 1.0 == fine(kind="claim_rate", amount=1.0, **count).amount
    with pytest.raises(ValueError, match="amount of claim_rate is 11; a share is at most 1"):
        fine(kind="claim_rate", amount=11.0, **count)


@pytest.mark.parametrize(
    ("word", "sector"),
    [
        ("", ""), ("any", ""), ("health", "health"), ("bank", "finance"), ("credit", "finance"),
        ("Hotel", "hospitality"), ("games", "technology"), ("517210", "telecom"), ("519130", "technology"),
        ("522110", "finance"), ("524113", "finance"), ("524114", "health"), ("52411", "health"),
        ("446110", "health"), ("448140", "retail"), ("561450", "finance"), ("561599", "services"),
        ("611310", "education"), ("622110", "health"), ("926130", "government"), ("114111", "other"),
    ],
)  # fmt: skip
def test_a_sector_is_a_word_or_an_industry_code(word: str, sector: str) -> None:
    """Words of the facts and NAICS codes, by their longest known first digits, give one of the sectors."""
    assert sector == sector_of(word)
    assert sector in SECTORS


def test_a_wrong_sector_is_named() -> None:
    """A word that is no sector gives the nearest one."""
    with pytest.raises(ValueError, match="unknown sector 'telecomm' in column 'sector'; did you mean"):
        sector_of("telecomm")


def test_fields_are_read_under_other_names() -> None:
    """Known fields and their other names are read; other words are kept as they stand, each once."""
    known, unread = fields_of("home_address; Bank Account;iban;any;SSN;Personal;any;;cpni")
    assert ("ssn", "postal_address", "service_plan", "bank_account_number") == known
    assert ("any", "Personal") == unread
    assert ((), ()) == fields_of("")


def test_every_field_has_one_kind_of_data() -> None:
    """Each field is of exactly one kind, and each kind is of some field or word of VCDB."""
    of_fields = [data_kinds([name]) for name in FIELD_NAMES]
    assert {1} == {len(kinds) for kinds in of_fields}
    assert set(DATA_KINDS) == frozenset().union(*of_fields, data_kinds(["Personal"]))


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        (["ssn", "full_name"], {"national_id", "contact"}),
        (["ssn_last4"], {"contact"}),
        (["partial_payment_card"], {"contact"}),
        (["Personal"], {"personal_unknown"}),
        (["Payment", "Medical", "Credentials", "Bank"], {"card", "medical", "credential", "financial"}),
        (["password_vault"], {"credential"}),
        (["call_detail_records", "passport_number"], {"communication", "document"}),
        (["any", "posts"], set()),
        ([], set()),
    ],
)
def test_words_give_kinds_of_data(words: list[str], kinds: set[str]) -> None:
    """Fields and words of VCDB give their kinds; a word without meaning gives none."""
    assert kinds == data_kinds(words)
    assert kinds <= set(DATA_KINDS)


def test_an_amount_knows_its_kinds_of_data() -> None:
    """Fields and words that are no field count together."""
    assert {"contact", "national_id", "medical"} == fine().data_kinds


def test_a_breach_has_the_kinds_of_data_of_all_its_amounts() -> None:
    """Kinds are united over the amounts of a breach; Personal is settled where another one lists fields."""
    vague = fine(fields=(), unread=("Personal", "Medical"))
    other = fine(breach="bank-2021", fields=(), unread=("Personal",))
    clear = fine(fields=("ssn",), unread=())
    assert {"shop-2020": {"medical", "national_id"}, "bank-2021": {"personal_unknown"}} == kinds_by_breach(
        [vague, other, clear]
    )
    assert {"shop-2020": {"medical", "personal_unknown"}} == kinds_by_breach([vague])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_use_with_its_reason(kind: str) -> None:
    """Without a word in the file an amount is fitted, or has a reason; counts are never fitted."""
    use, reason = use_of(kind, 1000, "seen")
    assert (use == "fit") == (not reason)
    assert use != "fit" or kind not in COUNTS + LOSSES
    assert "fit" != use_of(kind, None, "seen")[0]
    assert "fit" != use_of(kind, 1000, "recalled")[0]
