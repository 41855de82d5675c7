"""Laws of a league: places, ties, one breach, what decides, readings, look-alikes and its document."""

from __future__ import annotations

import json

import numpy as np
import pytest

import breach_sim as bs
from breach_sim.analysis.leagues.order import tau

NAMES = ("equifax-2017", "tmobile-2021-stated", "talktalk-2015-confirmed", "talktalk-2015-claimed")
R = 64


@pytest.fixture(scope="module")
def league() -> bs.League:
    """Return a league of four breaches, two of which describe one, with every reading."""
    return bs.league(NAMES, replicates=R)


def harmless(name: str, accounts: int = 1_000) -> bs.Scenario:
    """Return a breach that opens no attack."""
    coverage = bs.Estimate.fixed("all", 1.0, "share")
    segment = bs.Segment(
        name="all", accounts=accounts, leaks=(bs.Leak(fields=("gender",), coverage=coverage),)
    )
    return bs.Scenario(name=name, segments=(segment,))


def test_places_follow_expected_harm(league: bs.League) -> None:
    """The worst comes first, by loss or people; the columns are those of the values."""
    for own in (league, bs.league(NAMES, replicates=R, by="people", readings=[])):
        frame = own.table()
        assert frame["expected"].is_monotonic_decreasing
        assert frame["place"].tolist() == [1, 2, 3, 4]
        assert frame["expected"].to_numpy() == pytest.approx(own.values.mean(axis=1))
        assert ((frame["rank_p5"] <= frame["rank_p95"]) & (frame["rank_p5"] >= 1)).all()
        assert own.worse(own.names[0], own.names[1]) == frame["worse_than_next"].iloc[0]
        assert np.isnan(frame["worse_than_next"].iloc[-1])
        assert own.tau == tau(own.expected, own.accounts)


def test_the_order_of_the_input_changes_nothing(league: bs.League) -> None:
    """The document is the same text for the same breaches in another order."""
    assert bs.league(NAMES[::-1], replicates=R).to_json() == league.to_json()


def test_equal_breaches_share_a_place() -> None:
    """Breaches without any harm share the last place, tie at one half, and a note counts them."""
    own = bs.league(
        [harmless("b"), "talktalk-2015-confirmed", harmless("a", 2_000)], replicates=R, readings=[]
    )
    assert own.names == ("talktalk-2015-confirmed", "a", "b")
    frame = own.table()
    assert frame["place"].tolist() == [1, 2, 2]
    assert own.worse("a", "b") == own.worse("b", "a") == 0.5
    assert frame["attack"].tolist()[1:] == frame["parameter"].tolist()[1:] == ["", ""]
    assert any("2 breaches of 3 with an expected harm of 0 (a, b)" in note for note in own.notes)


def test_one_breach_is_a_league() -> None:
    """Of one breach the place is 1, there is no tau and no next, and every reading agrees."""
    own = bs.league("talktalk-2015-confirmed", replicates=R)
    assert own.table()["place"].tolist() == [1]
    assert own.tau is None
    assert own.tau_interval is None
    assert own.readings["stable"].all()
    document = json.loads(own.to_json())
    assert document["tau_with_accounts"] is None
    assert document["breaches"]["talktalk-2015-confirmed"]["worse_than_next"] is None


def test_a_reading_compares_orders_on_the_same_points(league: bs.League) -> None:
    """The tau of a reading is that of its means with those of the league; unstable ones are in the notes."""
    for name, row in league.readings.iterrows():
        base = [harm.at_points for harm in league.harms]
        assert row["tau"] == tau(base, [harm.readings[str(name)] for harm in league.harms])
        assert row["stable"] == (row["tau"] >= 0.9)
    noted = [note for note in league.notes if note.startswith("The order is another one")]
    assert len(noted) == len(league.unstable)


def test_the_same_breach_twice_is_noted(league: bs.League) -> None:
    """Scenarios of one breach by their dossiers, and entries that look alike, are named in the notes."""
    assert any("talktalk-2015-confirmed and talktalk-2015-claimed" in note for note in league.notes) or any(
        "talktalk-2015-claimed and talktalk-2015-confirmed" in note for note in league.notes
    )
    twins = bs.league([harmless("corner-shop", 123_457), harmless("corner-shop-2", 123_457)], replicates=8)
    assert any(note.startswith("These look alike: corner-shop") for note in twins.notes)
    assert json.loads(twins.to_json())["look_alike"] == list(twins.alike)
    others = bs.league([harmless("corner-shop", 123_457), harmless("toy-house", 9_999)], replicates=8)
    assert others.alike == ()


def test_what_decides_is_read_from_the_harm(league: bs.League) -> None:
    """The attack has the largest loss, its fields leaked, and its parameter moves the rank."""
    for scenario, harm, own in zip(league.scenarios, league.harms, league.deciding, strict=True):
        losses = {name: pair[1] for name, pair in harm.by_attack.items()}
        assert losses[own.attack] == max(losses.values())
        assert own.share == pytest.approx(losses[own.attack] / sum(losses.values()))
        leaked = {name for segment in scenario.segments for name in segment.fields}
        assert own.fields
        assert set(own.fields) <= leaked
        assert abs(own.correlation) <= 1


def test_wrong_arguments_are_refused_with_the_remedy() -> None:
    """A name twice, an unknown measure, reading or breach, and an empty list are refused in words."""
    with pytest.raises(ValueError, match="'equifax-2017' is named twice; names must differ"):
        bs.league(["equifax-2017", "equifax-2017"])
    with pytest.raises(ValueError, match=r"'loss' .* did you mean 'loss_usd'"):
        bs.league(["equifax-2017"], by="loss")
    with pytest.raises(ValueError, match="did you mean 'one year'"):
        bs.league(["equifax-2017"], readings=["one yeer"])
    with pytest.raises(ValueError, match="at least one"):
        bs.league([])
    with pytest.raises(ValueError, match="unknown breach 'equifax'"):
        bs.league(["equifax-2017"], replicates=8, readings=[]).worse("equifax", "equifax-2017")


def test_an_import_is_a_league() -> None:
    """Entries of a list are ranked; those that cannot be read are counted, what was left out is listed."""
    classes = ["Email addresses", "Passwords"]
    entries = [
        {"Name": "Alpha", "PwnCount": 500_000, "DataClasses": classes},
        {"Name": "Beta", "PwnCount": 90_000, "DataClasses": [*classes, "Names", "Phone numbers"]},
        {"Name": "Gamma", "PwnCount": "many", "DataClasses": classes},
    ]
    own = bs.league(bs.from_hibp(entries), replicates=R, readings=[])
    assert set(own.names) == {"hibp-alpha", "hibp-beta"}
    assert own.refused == 1
    document = json.loads(own.to_json())
    assert document["refused"] == 1
    assert all("left_out" in row for row in document["breaches"].values())
    assert "League of 2 breaches" in repr(own)
    assert "League of 2 breaches" in own._repr_html_()
