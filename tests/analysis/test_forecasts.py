"""Laws of sealed forecasts: an old entry cannot change unnoticed, and each is scored by what came later."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from breach_sim import catalog
from breach_sim.analysis.backtesting.forecasts import (
    FIRST,
    LEVELS,
    Forecast,
    SealedLine,
    append,
    as_text,
    read_chain,
)
from breach_sim.analysis.backtesting.scoring import Normals
from breach_sim.analysis.backtesting.scoring import score as score_law
from breach_sim.analysis.backtesting.sealed_scores import Closed, closed, crps, score_sealed
from breach_sim.analysis.backtesting.sealing import seal, sealable, sealed_lines
from breach_sim.catalog import CatalogError
from breach_sim.inputs.firm.outcomes import PublishedAmount

SHIPPED = Path(__file__).resolve().parents[2] / "forecasts" / "forecasts.jsonl"
KNOWN: dict[int, str] = {
    1: "e63b4c9c0de0742c2277111bcf56b4c7239bd1930b4d0801f463a8c67e4058b9",
    2: "509608da8692b62b67c1549d075ae837f0481786268d8b1e2ec54665a37fb921",
    3: "16a2b555d63fe351eb45e37d90208871fa48c8d37e14abb8fa0bd06a6f853601",
    4: "f25b26c63fcba68bacac819e9de01dd9f60b06bc3a0c3ce345ff0aabcb729518",
    5: "ad9fe6c849ddae69bf7810ba507d05907615c98698f1c73a80e443d4239cee0e",
    6: "e50979917d6ba6ec8b0070d3b110f9bfc924356cc3b88e31e0cf62b60f6c33a0",
    7: "e0c00c22652e3e26f208772aa5d8035272c208c3dee8a2dec0e214a91a6b6c11",
    8: "2095d00d8584fd509bcf7f5b532ff5d22429428e4ed76c7c68c228e42c204d14",
    9: "df54d85bfa0423257ad8458c2169e9ff055ee515fbdb25dec7dd57f6ba4e00cf",
    10: "d683b7cea2e7b3a33337f8fd018ee87d2e5982094cf07514cf543647770d39b0",
    11: "2f0ad44025600c9947b5975dfa7af646d08d2ad1af7eb6c45fe169170c18c80f",
    12: "5eedff72d1fe72218905a78ce59056d4d171a20182d174b33e4272f9c4fecb59",
    13: "2774ce03b01afdc8d1b322055485c3c062b9a95df43ef9b06246ab61e9946276",
}
"""Hashes of entries that were sealed, by number; one is added for each new entry and none is ever changed."""
POSTERIOR = "a" * 64
OPEN = "odido-2026-confirmed"
MEAN, SD = math.log(2e7), 1.5


def line(chance: float = 0.4) -> SealedLine:
    """Return the quantiles of a normal ln payment."""
    return SealedLine(
        chance=chance, ln_usd=tuple(round(float(MEAN + SD * norm.ppf(level)), 4) for level in LEVELS)
    )


def toy(*days: str, scenario: str = "toy-2026-confirmed") -> tuple[Forecast, ...]:
    """Return a chain with an entry for each day."""
    chain: tuple[Forecast, ...] = ()
    for day in days or ("2026-01-01", "2026-02-01", "2026-03-01"):
        chain = append(
            chain,
            date=day,
            version="0.0",
            seed=1,
            posterior=POSTERIOR,
            scenario=scenario,
            people=1e6,
            country="US",
            lines={"settlement": line()},
        )
    return chain


def amount(**parts: Any) -> PublishedAmount:
    """Return a settlement of 20 million USD with other parts."""
    usual = {"name": "Toy", "breach": "toy-2026", "kind": "settlement", "amount": 2e7, "currency": "USD"}
    usual |= {"usd": 2e7, "usd_constant": 2e7, "country": "US", "people": 1e6, "set_on": "2026-06-01"}
    return PublishedAmount(**(usual | parts))  # type: ignore[arg-type]


def test_the_shipped_file_is_whole_and_its_old_entries_are_those_that_were_sealed() -> None:
    """The file of the checkout verifies, and no entry that was sealed has changed or gone."""
    if not SHIPPED.is_file():
        assert {} == KNOWN
        pytest.skip("nothing is sealed yet")
    chain = read_chain(SHIPPED.read_text(encoding="utf-8"), SHIPPED.name)
    assert {entry.number: entry.hash for entry in chain} == KNOWN


def test_a_chain_reads_back_as_it_was_sealed() -> None:
    """Text and entries give each other, each entry names the hash before, the first none."""
    chain = toy()
    assert chain == read_chain(as_text(chain), "f.jsonl")
    assert chain == read_chain(as_text(chain).replace("\n", "\r\n"), "f.jsonl")
    assert [FIRST, chain[0].hash, chain[1].hash] == [entry.previous for entry in chain]
    assert () == read_chain("", "f.jsonl")


def broken(text: str) -> str:
    """Return the message about a text that is no chain."""
    with pytest.raises(CatalogError) as found:
        read_chain(text, "f.jsonl")
    message = str(found.value)
    assert "restore the file" in message
    return message


CHANGES = {
    "date": "2026-01-02",
    "version": "0.1",
    "seed": 2,
    "posterior": "b" * 64,
    "scenario": "toy-2026-claimed",
    "people": 1e6 + 1,
    "country": "CA",
}


@pytest.mark.parametrize("key", CHANGES)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_changed_entry_is_found(key: str, number: int) -> None:
    """Whatever part of an entry is changed, the message names the entry and both hashes."""
    chain = toy()
    lines = as_text(chain).splitlines()
    document = json.loads(lines[number - 1])
    lines[number - 1] = json.dumps(document | {key: CHANGES[key]}, sort_keys=True, separators=(",", ":"))
    message = broken("\n".join(lines) + "\n")
    assert message.startswith(f"f.jsonl, entry {number}: ")
    assert f"its hash is {chain[number - 1].hash[:12]}, " in message
    assert "was changed" in message


def test_a_changed_prediction_is_found() -> None:
    """One quantile, or the chance of a payment, cannot be changed either."""
    lines = as_text(toy()).splitlines()
    for old, new in (('"chance":0.4', '"chance":0.5'), (f"{line().ln_usd[49]!r}", "16.9")):
        changed = [lines[0], lines[1].replace(old, new), lines[2]]
        assert changed != lines
        assert "entry 2: " in broken("\n".join(changed) + "\n")


def test_an_entry_sealed_anew_is_found_by_the_next() -> None:
    """An entry that is changed and hashed again does not fit the hash that the next one names."""
    first, second, third = toy()
    other = append((first,), **parts_of(second) | {"date": "2026-02-02"})[1]
    message = broken(as_text((first, other, third)))
    assert message.startswith("f.jsonl, entry 3: ")
    assert "entry 2 was changed" in message


def parts_of(entry: Forecast) -> dict[str, Any]:
    """Return what `append` asks for."""
    names = ("date", "version", "seed", "posterior", "scenario", "people", "country", "lines")
    return {name: getattr(entry, name) for name in names}


def test_removed_moved_and_inserted_entries_are_found() -> None:
    """The message names the place from which on the chain does not hold."""
    first, second, third = toy()
    inserted = append((first,), **parts_of(second) | {"seed": 7})[1]
    assert "entry 2: its number is 3" in broken(as_text((first, third)))
    assert "entry 1: its number is 2" in broken(as_text((second, third)))
    assert "entry 2: its number is 3" in broken(as_text((first, third, second)))
    assert "entry 1: its number is 2" in broken(as_text((second, first, third)))
    assert "entry 3: its number is 2" in broken(as_text((first, inserted, second, third)))
    assert "entry 3: its number is 2" in broken(as_text((first, second, second, third)))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (as_text(toy())[:-1], "entry 3"),
        (as_text(toy()).replace('"seed":1', '"seed": 1', 1), "entry 1"),
        ("\n" + as_text(toy()), "entry 1"),
        (as_text(toy()) + "[]\n", "entry 4"),
        (as_text(toy()).replace('"country":"US",', "", 1), "entry 1"),
        (as_text(toy()).replace('"seed":1', '"seed":1,"note":"x"', 1), "entry 1"),
        (as_text(toy()).replace('"2026-01-01"', '"2026-13-01"', 1), "entry 1"),
        (as_text(toy()).replace('"chance":0.4', '"chance":4', 1), "entry 1"),
        (as_text(toy()).replace('"lines":{', '"lines":{"x":3,', 1), "entry 1"),
        ("[" * 100_000 + "\n", "entry 1"),
    ],
    ids=["cut", "space", "blank", "list", "missing", "more", "date", "chance", "line", "deep"],
)
def test_a_damaged_line_is_named(text: str, place: str) -> None:
    """Damage of any kind is a message with file and entry, never another error."""
    assert broken(text).startswith(f"f.jsonl, {place}: ")


def test_days_do_not_run_backward() -> None:
    """An entry is not dated before the last one, and a date is a day of the calendar."""
    chain = toy()
    with pytest.raises(ValueError, match=r"'2026-02-28', before that of entry 3, 2026-03-01"):
        append(chain, **parts_of(chain[0]) | {"date": "2026-02-28"})
    for day in ("2026-02-30", "2026-3-1", "20260301", "", "2026"):
        with pytest.raises(ValueError, match="write a day of the calendar"):
            append(chain, **parts_of(chain[0]) | {"date": day})


# what is sealed ------------------------------------------------------------------------------------------


def test_what_is_sealed_is_what_the_posterior_says() -> None:
    """Median and chance of a sealed line are those of the posterior rows, which need no draw."""
    rows = catalog.load_payment_rows()
    from breach_sim.results.tables.money import breached

    case = breached(catalog.load_scenario(OPEN)).case
    own = sealed_lines(OPEN)
    for name in ("settlement", "fine_gdpr"):
        # rows.quantiles spreads one normal number a row: within 3 % of the mixture at the middle.
        assert own[name].ln_usd[49] == pytest.approx(np.log(rows.quantiles(name, case, [0.5])[0]), abs=0.03)
        assert own[name].chance == pytest.approx(rows.chance_of_payment(name, case).mean(), abs=1e-4)
    assert 1.0 == own["response"].chance == own["ledger"].chance
    other = sealed_lines(OPEN, seed=2)
    assert {"ledger"} == {name for name in own if own[name] != other[name]}


def test_a_breach_is_sealed_again_only_under_another_posterior(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was sealed under the posterior in use is left out, and refused where it is asked for."""
    chain = seal((), (OPEN,), "2026-11-29")
    assert (OPEN, catalog.posterior_hash()) == (chain[0].scenario, chain[0].posterior)
    assert OPEN not in sealable(chain)
    with pytest.raises(ValueError, match="'odido-2026-confirmed' is sealed in entry 1 under the posterior"):
        sealable(chain, (OPEN,))
    monkeypatch.setattr(catalog, "posterior_hash", lambda: POSTERIOR)
    assert OPEN in sealable(chain)
    assert (OPEN,) == sealable(chain, (OPEN, OPEN))


def test_only_what_waits_is_sealed() -> None:
    """A breach with a payment and an unknown name are refused, each with its reason."""
    with pytest.raises(ValueError, match="'equifax-2017' does not wait for an outcome"):
        sealable((), ("equifax-2017",))
    with pytest.raises(ValueError, match=r"unknown scenario 'odido-2026-confirmt' .* did you mean"):
        sealable((), ("odido-2026-confirmt",))


# what came of it -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("away", [-3.0, -1.0, 0.0, 0.5, 2.5])
def test_percentile_and_crps_are_those_of_the_law(away: float) -> None:
    """The quantiles give the percentile within 0.01 and the CRPS of the normal law within 0.01 ln USD."""
    usd = math.exp(MEAN + SD * away)
    (own,) = score_sealed(toy("2026-01-01"), [amount(usd_constant=usd)]).scores
    exact = score_law(Normals(np.array([MEAN]), np.array([SD])), math.log(usd))
    assert own.percentile == pytest.approx(min(max(exact.percentile, 0.01), 0.99), abs=1e-2)
    assert own.crps == pytest.approx(exact.crps, abs=1e-2)
    assert own.verdict == ("hit" if exact.inside else "miss")
    assert own.chance_score == pytest.approx(math.log(0.4))


def test_crps_is_least_at_the_middle() -> None:
    """An outcome farther from the median has the larger CRPS."""
    found = [crps(line(), MEAN + away) for away in (0.0, 1.0, 2.0, 4.0)]
    assert sorted(found) == found


@pytest.mark.parametrize(
    ("set_on", "number"),
    [("2026-02-15", 2), ("2026-02", 1), ("2026-02-01", 1), ("2026-02-02", 2), ("2027", 3)],
)
def test_the_newest_forecast_before_the_outcome_counts(set_on: str, number: int) -> None:
    """An outcome meets the newest entry that is older than the first day it may have been set on."""
    (own,) = score_sealed(toy(), [amount(set_on=set_on)]).scores
    assert number == own.number


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"set_on": "2026-01-01"}, "no forecast of this line was sealed before"),
        ({"set_on": "2026"}, "no forecast of this line was sealed before"),
        ({"set_on": ""}, "column set_on is empty"),
        ({"breach": "other-2026"}, "no forecast of this breach was sealed"),
        ({"kind": "fine"}, "no forecast of this line was sealed before"),
        ({"bound": "ceiling"}, "it is a ceiling"),
        ({"use": "left out", "reason": "counted twice"}, "counted twice"),
    ],
)
def test_what_is_not_compared_is_said_with_the_reason(parts: dict[str, Any], why: str) -> None:
    """An outcome that no forecast may be held against is listed, never dropped."""
    board = score_sealed(toy(), [amount(**parts)])
    assert () == board.scores
    assert why in board.left_out[0]
    assert json.loads(board.to_json())["left_out"] == list(board.left_out)


def test_a_chance_counts_once_and_both_ways() -> None:
    """A second payment on a line scores its amount alone; a matter closed without one scores 1 - chance."""
    board = score_sealed(toy("2026-01-01"), [amount(), amount(usd_constant=1e6)])
    assert [True, False] == [own.chance_score is not None for own in board.scores]
    without = closed("toy-2026:settlement:2026-05-01")
    assert Closed("toy-2026", "settlement", "2026-05-01") == without
    (own,) = score_sealed(toy("2026-01-01"), [], [without]).scores
    assert own.chance_score == pytest.approx(math.log(0.6))
    assert ("no payment", None, None) == (own.verdict, own.percentile, own.crps)
    both = score_sealed(toy("2026-01-01"), [amount()], [without])
    assert "it has an outcome already" in both.left_out[0]


@pytest.mark.parametrize("text", ["", "toy-2026", "toy-2026:settlement", "a:b:c:d", "toy-2026::2026-01-01"])
def test_a_closed_matter_is_written_in_three_parts(text: str) -> None:
    """Anything else is refused with the form and an example."""
    with pytest.raises(ValueError, match="write BREACH:LINE:DAY, such as odido-2026:settlement:2027-03-01"):
        closed(text)
