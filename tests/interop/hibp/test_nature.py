"""Laws of the nature of a list: it decides how passwords are held, and whether a firm stands behind it."""

from __future__ import annotations

from typing import Any

import pytest
from support.imports import entry

import breach_sim as bs

CLEAR = ("email_address", "password_plain")


def read(said: str = "", **more: Any) -> bs.Scenario:
    """Return the scenario of an entry with addresses and passwords."""
    return bs.from_hibp(entry("Email addresses", "Passwords", Description=said, **more)).scenario


@pytest.mark.parametrize(
    "said",
    [
        "A credential stuffing list of addresses and passwords went round on a forum.",
        "A huge combolist for trying log-ins.",
        "The file held email and password pairs collated from many leaks.",
        "Compiled from hundreds of older breaches, the file was sold.",
        "A dump of username/password combos.",
        "A compilation of breaches with 3 billion rows.",
        "A collection of 9,000 hacked and breached sites was put up for download.",
        "Stealer logs of infected devices were shared in a chat channel.",
        "The credentials were captured by the infostealer Vidar.",
        "Addresses and passwords were collected by malware.",
        "The passwords were acquired via phishing.",
        "A phishing site that collected log-ins of a mail service was taken down.",
        "A spam list of addresses with passwords to send from.",
    ],
)
def test_a_list_without_a_firm_holds_clear_passwords(said: str) -> None:
    """Lists for trying log-ins, logs of malware, phishing and spam hold clear passwords of no firm."""
    scenario = read(said)
    assert (CLEAR, False) == (scenario.segments[0].fields, scenario.firm)
    assert any("no firm" in note or "no one firm" in note for note in scenario.notes)


@pytest.mark.parametrize(
    "said",
    [
        "This is not a combo list: the shop confirmed the breach.",
        "The data were later added to a combo list.",
        "The attackers got in with an employee's log-in, stolen by an info stealer.",
        "Accounts were hit by a credential stuffing attack.",
        "The data were sold alongside a collection of other breaches.",
        "A phishing campaign against its staff came before the breach of the shop.",
    ],
)
def test_a_breach_of_a_firm_is_no_list(said: str) -> None:
    """A denial, a later use of the data and the way in do not make a breach a list."""
    assert read(said).firm


@pytest.mark.parametrize("value", [True, "true", "TRUE", "Yes", "yes", 1, 1.0, "1", "y"])
@pytest.mark.parametrize("flag", ["IsStealerLog", "IsSpamList", "IsMalware"])
def test_a_flag_of_any_type_is_read(flag: str, value: Any) -> None:
    """True, "true", 1 and "Yes" say the same."""
    assert (CLEAR, False) == (read(**{flag: value}).segments[0].fields, read(**{flag: value}).firm)


@pytest.mark.parametrize("value", [False, "false", "No", 0, "0", "", None])
def test_a_flag_that_says_no_is_no_flag(value: Any) -> None:
    """False of any type says nothing, and leaves nothing out."""
    scenario = read(IsStealerLog=value, IsFabricated=value)
    assert (True, ()) == (scenario.firm, scenario.left_out)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"IsFabricated": "true"}, "may not have happened"),
        ({"IsVerified": 0}, "unverified"),
        ({"IsVerified": "No"}, "unverified"),
        ({"IsRetired": True}, "retired"),
        ({"Description": 'It has been flagged as "unverified".'}, "unverified"),
        ({"Description": "The bank says that the data is outdated."}, "out of date"),
        ({"AddedDate": "2026-02-03T00:00:00Z"}, "surfaced 6 years"),
    ],
)
def test_doubts_about_a_list_are_notes(more: dict[str, Any], words: str) -> None:
    """Fabricated, unverified, retired and old lists load, and every run says so."""
    scenario = bs.from_hibp(entry("Email addresses", "Names") | more).scenario
    assert any(words in note for note in scenario.notes)
    assert scenario.firm


@pytest.mark.parametrize(
    ("more", "name", "nearest"),
    [
        ({"IsStealerLogs": True}, "isstealerlogs", "IsStealerLog"),
        ({"IsSensative": "yes"}, "issensative", "IsSensitive"),
        ({"Colour of logo": "red"}, "colouroflogo", ""),
        ({"IsMalware": "perhaps"}, "IsMalware", ""),
    ],
)
def test_an_unknown_flag_is_left_out_by_name(more: dict[str, Any], name: str, nearest: str) -> None:
    """A flag or key that nobody knows, and a value that says neither yes nor no, travel with the scenario."""
    (part,) = read(**more).left_out
    assert ("flag", nearest) == (part.kind, part.nearest)
    assert name == part.name
    assert "Not read: 1 flag" in read(**more).all_notes[-1]


def test_what_the_interface_and_its_readers_add_says_nothing_of_the_data() -> None:
    """Keys about the page, and who may search, are known and read for nothing."""
    more: dict[str, Any] = {
        "LogoPath": "x.png",
        "Attribution": "a researcher",
        "DisclosureUrl": "https://a.example",
        "Id": 7,
    }
    assert () == read(IsSubscriptionFree=True, slug="shop", FaviconUrl="x", **more).left_out


@pytest.mark.parametrize(
    "said",
    [
        "The adult escort forum was hacked.",
        "The infidelity site was hacked.",
        "A dating app for furries leaked.",
    ],
)
@pytest.mark.parametrize("flag", [True, "true", 1])
def test_a_sensitive_site_opens_extortion(said: str, flag: Any) -> None:
    """Membership that is flagged as sensitive is itself what a person can be extorted with."""
    scenario = bs.from_hibp(entry("Email addresses", Description=said, IsSensitive=flag)).scenario
    assert "sensitive_membership" in scenario.segments[0].fields
    assert "extortion" in bs.attacks_of(scenario).names
    assert any("extortion over it" in note for note in scenario.notes)


def test_a_flag_for_another_reason_is_no_membership() -> None:
    """Lists of children and of malware are sensitive because of their people, not because of a membership."""
    for said in ("The school lost records of children.", "Stealer logs with passwords."):
        scenario = bs.from_hibp(
            entry("Email addresses", "Names", Description=said, IsSensitive=True)
        ).scenario
        assert "sensitive_membership" not in scenario.segments[0].fields


def test_words_alone_make_a_sensitive_membership_possible() -> None:
    """Without a flag the share is wide and low; a shop has none."""
    (segment,) = read("The escort forum was hacked.").segments
    share = next(leak.coverage for leak in segment.leaks if "sensitive_membership" in leak.fields)
    assert (0.02, 1.0) == (share.low, share.high)
    assert "sensitive_membership" not in read("The shop for garden tools was hacked.").segments[0].fields
