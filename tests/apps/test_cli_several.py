"""Laws of the commands ``combine`` and ``portfolio``: what they print, and how they refuse."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support.command_line import refused, say

from breach_sim import api

STATED, EXPERIAN, AUSTRALIAN = "tmobile-2021-stated", "experian-2015", "optus-2022"
FEW = ("--replicates", 20)


def test_combine_prints_the_answer_its_split_and_its_bounds() -> None:
    """Beside everything that `run` prints stand the share of each breach and the harm at the bounds."""
    said = say("combine", STATED, EXPERIAN, "--overlap", 0.3, *FEW)
    assert (said.code, said.err) == (0, "")
    assert "Overlap of experian-2015 and tmobile-2021-stated: 0.3 of the smaller one" in said.out
    assert "by Shapley value" in said.out
    assert "(only together)" in said.out
    for world in ("lowest", "independent", "given", "highest"):
        assert f"\n{world} overlaps  " in said.out


def test_combine_gives_the_document_of_the_run_in_any_order() -> None:
    """With --json the document is that of the combined scenario, whatever the order of the names."""
    options = ("--overlap", f"{EXPERIAN},stated=0.3", "--universe", "2e8", "--elsewhere", "none")
    options = (*options, *FEW, "--json")
    first, second = say("combine", "stated", EXPERIAN, *options), say("combine", EXPERIAN, "stated", *options)
    union = api.combine("stated", EXPERIAN, universe=2e8, overlap={(EXPERIAN, "stated"): 0.3})
    assert first.out == second.out
    assert json.loads(first.out) == json.loads(api.simulate(union, replicates=20, elsewhere=None).to_json())
    document = json.loads(first.out)
    assert document["firm_cost_usd"] is None
    assert document["union"]["universe"] == 2e8
    assert document["union"]["breaches"] == {EXPERIAN: 15_000_000, STATED: 54_617_000}
    (pair,) = document["union"]["overlaps"]
    assert (pair["overlap"], pair["given"], pair["lowest"], pair["highest"]) == (0.3, True, 0.0, 1.0)
    assert document["union"]["people_lowest"] == 54_617_000
    assert document["union"]["people_highest"] == 69_617_000


@pytest.mark.slow
def test_combine_writes_the_folder_of_a_run(tmp_path: Path) -> None:
    """With --out all tables and figures of a run are written, for scaled unions too."""
    said = say("combine", "stated", EXPERIAN, *FEW, "--accounts", 1_000_000, "--out", tmp_path / "out")
    assert said.code == 0, said.err
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"summary.md", "funnel.png", "by_segment.csv", "leak_matrix.png", "lorenz.csv"} <= written


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("combine", STATED), ("1 name of breaches given", "at least two")),
        (("combine", "stated", STATED), ("is named twice", "name each breach once")),
        (("combine", "stated", "claimed"), ("both describe 'T-Mobile US, August 2021'",)),
        (("combine", "stated", "equifx-2017"), ("unknown scenario 'equifx-2017'", "'equifax-2017'?")),
        (("combine", "stated", AUSTRALIAN), ("AU", "US", "attacks that exist in one country only")),
        (
            ("combine", "stated", EXPERIAN, "--universe", "1e6"),
            ("universe is 1 million persons", "54,617,000"),
        ),
        (
            ("combine", "stated", "equifax-2017", "--universe", "150e6", "--overlap", "0.1"),
            ("is 0.1;", "share 0.9377 to 1 of the smaller breach (Fréchet bounds)"),
        ),
        (("combine", "stated", EXPERIAN, "--overlap", "1.2"), ("is 1.2;", "share 0 to 1", "0.2117")),
        (("combine", "stated", EXPERIAN, "--overlap", "much"), ("--overlap is 'much'", "such as 0.3")),
        (
            ("combine", "stated", EXPERIAN, "--overlap", "stated=0.3"),
            ("--overlap is 'stated=0.3'", "A,B=0.3 for each pair"),
        ),
        (
            ("combine", "stated", EXPERIAN, "--overlap", "stated,experien=0.3"),
            ("unknown breach 'experien' in overlap; did you mean 'experian-2015'?",),
        ),
        (
            ("combine", "stated", EXPERIAN, *("--overlap", f"stated,{EXPERIAN}=0.3") * 2),
            (f"--overlap gives 'stated,{EXPERIAN}' twice",),
        ),
        (("combine", "stated", "home-depot-2014"), ("'home-depot-2014' has no date of day 0",)),
        (("portfolio", "stated"), ("1 name of breaches given", "at least two")),
        (("portfolio", "stated", "stated"), ("is named twice; names must differ",)),
        (("portfolio", "stated", "optis-2022"), ("unknown scenario 'optis-2022'", "'optus-2022'?")),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(words: tuple[str, ...], parts: tuple[str, ...]) -> None:
    """Wrong breaches, overlaps and universes: exit code 2, value, place, rule and remedy, no traceback."""
    refused(say(*words), *parts)


def test_portfolio_prints_ranks_and_tail() -> None:
    """The sum, the share of each breach in the mean and in the tail, and losses exceeded; or a document."""
    said = say("portfolio", "stated", AUSTRALIAN, *FEW)
    assert said.code == 0, said.err
    assert said.out.startswith(f"Portfolio of 2 breaches: {STATED}, {AUSTRALIAN}\n")
    assert re.search(r"^with a probability of 1 %  +[\d.]+ (m|b)illion$", said.out, re.MULTILINE)
    document = json.loads(say("portfolio", "stated", AUSTRALIAN, *FEW, "--json").out)
    shares = [part["share"] for part in document["breaches"].values()]
    assert sum(shares) == pytest.approx(1.0)


def test_default_universe_is_said() -> None:
    """US adults where all breaches concern people of the US; otherwise the largest breach."""
    assert api.combine("stated", EXPERIAN).notes[0].startswith("Universe: 258 million adults of the United")
    other = api.combine("bouygues-2025", "free-2024-confirmed")
    assert other.universe is not None
    assert other.universe.persons == max(other.universe.sizes)
    assert "the largest breach" in other.notes[0]


def test_run_takes_the_countries_of_the_people() -> None:
    """With --countries the run is that of a scenario with these countries, and says whose numbers it has."""
    said = say("run", STATED, *FEW, "--countries", "nl,be", "--json")
    assert said.code == 0, said.err
    abroad = api.load_scenario(STATED).with_countries("NL,BE")
    assert json.loads(said.out) == json.loads(api.simulate(abroad, replicates=20).to_json())
    assert any("The people live in NL, BE" in note for note in json.loads(said.out)["notes"])
    refused(say("run", STATED, "--countries", "UK"), "GB")


def test_runs_of_an_import_are_not_to_be_added(tmp_path: Path) -> None:
    """Several runs of one import carry the caution that they share a seed; a single one does not."""
    entry = {"PwnCount": 9_000, "BreachDate": "2021-02-03", "DataClasses": ["Names", "Phone numbers"]}
    for names in (["Mall"], ["Mall", "Harbor"]):
        file = tmp_path / "list.json"
        file.write_text(json.dumps([entry | {"Name": name} for name in names]))
        words = ("import", "hibp", file, "--run", "--replicates", 5)
        assert ("must not be added" in say(*words).out) == (len(names) > 1)
        assert ("caution" in json.loads(say(*words, "--json").out)) == (len(names) > 1)


def test_a_frequency_may_be_uncertain() -> None:
    """Three numbers are low, most likely and high of a frequency; two are refused with the right words."""
    asked = ("portfolio", "equifax-2017", "experian-2015", "--replicates", 16, "--json")
    said = say(*asked, "--frequency", "equifax-2017=0.02,0.1,0.5", "--frequency", "experian-2015=0.1")
    document = json.loads(said.out)
    assert document["uncertain_frequencies"]["equifax-2017"]["mode"] == 0.1
    assert document["frequencies"]["experian-2015"] == 0.1
    refused(say(*asked, "--frequency", "equifax-2017=0.1,0.2"), "0.1,0.2", "A=0.02,0.1,0.5")
