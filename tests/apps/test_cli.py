"""Laws of the command line: what each command prints, what it writes, and how it refuses.

The commands run in this process: `say` gives `main` its words and catches what it prints and its exit code.
A refusal is exit code 2 with one line on standard error and nothing else anywhere.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import tomli_w
from support.command_line import LONGEST, Said, quick, refused, say, tree
from support.sampled import some

from breach_sim import api, plots
from breach_sim.apps.reporting import folder as report
from breach_sim.catalog.faces.schema import schema_text
from breach_sim.results.parts import PARTS

STATED = "tmobile-2021-stated"
STATISTICS = ["p5", "p50", "p95", "mean"]
PROMISED = [
    "sim_swap", "sim_swap_insider", "port_out", "mailbox_takeover", "bank_code_interception",
    "crypto_code_interception", "new_account_fraud", "tax_refund_fraud", "smishing",
]  # fmt: skip
ATTACKS = api.load_attacks().names
FILES = [
    "attack_graph.png", "bearers.csv", "by_segment.csv", "capacity.csv", "chain.png", "convergence.csv",
    "error_budget.csv", "exceedance.csv",
    "exceedance.png", "excess.csv", "funnel.csv", "funnel.png", "funnel_numbers.csv", "hours.csv",
    "impact.json", "leak_matrix.png", "ledgers.csv", "ledgers.png", "lorenz.csv", "lorenz.png",
    "notes.txt", "parts.csv", "quantile_dots.png", "quantiles.csv", "recipes.png", "sources.csv",
    "summary.md", "timeline.csv", "timeline.png",
]  # fmt: skip
TEMPLATE = (resources.files("breach_sim") / "catalog" / "data" / "templates" / "breach.toml").read_text(
    encoding="utf-8"
)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder that also holds what is temporary."""
    here = tmp_path / "here"
    here.mkdir()
    (tmp_path / "temporary").mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return here


@pytest.fixture
def sketched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write stand-ins in place of figures, where a test is not about them."""

    def sketch(_: object, folder: Path) -> None:
        for name in report.FIGURES:
            (folder / f"{name}.png").write_bytes(b"figure")

    monkeypatch.setattr(report, "_write_figures", sketch)


def write(text: str, name: str = "mine.toml") -> Path:
    """Write a scenario file into the current folder."""
    path = Path(name)
    path.write_bytes(text.encode())
    return path


def changed(old: str, new: str) -> Path:
    """Write the template with one piece replaced."""
    assert old in TEMPLATE
    return write(TEMPLATE.replace(old, new, 1))


def bare(*words: object) -> Said:
    """Run a scenario with twenty replicates and without look-ups, where a test is about neither."""
    return quick(*words, "--elsewhere", "none")


# run -----------------------------------------------------------------------------------------------------


def test_run_prints_the_funnel(place: Path) -> None:
    """A run prints title, notes, one row an attack, the seed, and what is assumed; it writes nothing."""
    said = quick(STATED)
    assert (0, "") == (said.code, said.err)
    graph = api.attacks_of(STATED)
    assert [] == [a.label for a in graph.attacks if f"\n{a.label}  " not in said.out]
    scenario = api.load_scenario(STATED)
    for part in (
        *scenario.notes, scenario.title, "54,617,000 accounts", "any harm (people)", "seed 1",
        "20 replicates", "exposed", "attackable", "attempted", "victims", "loss [USD]", "of the loss",
        "850,000", "numbers are assumed", "Do not quote a number without its assumptions",
        "breach-sim sources",
    ):  # fmt: skip
        assert part in said.out
    assert {} == tree(place)
    assert {} == tree(place.parent / "temporary")


STEPS = ("attackable", "attempted", "victims", "loss_usd")
"""What an attack counts, in the order of its steps."""


def test_json_is_one_document_with_the_promised_keys(place: Path) -> None:
    """With --json one JSON document is printed and nothing else; uncertain numbers have four statistics."""

    def forbidden(word: str) -> float:
        raise AssertionError(word)

    said = quick(STATED, "--json")
    assert (0, "") == (said.code, said.err)
    document = json.loads(said.out, parse_constant=forbidden)
    keys = {
        "scenario",
        "seed",
        "replicates",
        "accounts",
        "exposed",
        "people",
        "firm_cost_usd",
        "attacks",
        "version",
    }
    assert set() == keys - set(document)
    assert (STATED, 1, 20, 54_617_000, 54_617_000) == tuple(
        document[key] for key in ("scenario", "seed", "replicates", "accounts", "exposed")
    )
    assert {int} == {type(document[key]) for key in ("seed", "replicates", "accounts", "exposed")}
    assert list(document["firm_cost_usd"]) == STATISTICS
    assert metadata.version("breach-sim") == document["version"]
    assert set() == set(PROMISED) - set(ATTACKS)
    assert list(api.attacks_of(STATED).names) == list(document["attacks"])
    for attack in document["attacks"].values():
        assert [*STEPS, "parts"] == list(attack)
        assert set(PARTS) == set(attack["parts"])
    numbers = [document["people"], document["loss_usd"]]
    numbers += [attack[step] for attack in document["attacks"].values() for step in STEPS]
    numbers += [part for attack in document["attacks"].values() for part in attack["parts"].values()]
    assert {tuple(STATISTICS)} == {tuple(number) for number in numbers}
    assert {float} == {type(value) for number in numbers for value in number.values()}
    assert [] == [n for n in numbers if not 0 <= n["p5"] <= n["p50"] <= n["p95"]]
    assert 850_000 == document["attacks"]["port_out"]["attackable"]["p50"]
    assert 0.145 * 47.8e6 < document["attacks"]["new_account_fraud"]["attackable"]["p50"] < 47.8e6
    notes = list(api.load_scenario(STATED).notes)
    assert notes == document["notes"][: len(notes)]
    assert {} == tree(place)


def test_the_same_seed_gives_the_same_document() -> None:
    """The document depends on the seed alone, and the seed is 1 where none is given."""
    first = bare(STATED, "--json").out
    assert first == bare(STATED, "--json", "--seed", 1).out
    other = json.loads(bare(STATED, "--json", "--seed", 2).out)
    assert 2 == other["seed"]
    assert json.loads(first)["people"] != other["people"]


def test_the_command_line_and_the_library_agree() -> None:
    """`run --json` prints what `simulate` gives for the same arguments."""
    said = quick(STATED, "--json", "--seed", 7, "--years", 2)
    assert api.simulate(STATED, replicates=20, seed=7, horizon_years=2.0).to_json() + "\n" == said.out


def test_two_years_are_two_years() -> None:
    """Whole years give the same document from the library as from the command line."""
    said = bare(STATED, "--json", "--seed", 7, "--years", 2)
    own = api.simulate(STATED, replicates=20, seed=7, horizon_years=2, elsewhere=None)
    assert own.to_json() + "\n" == said.out


@pytest.mark.usefixtures("sketched")
def test_accounts_scales_every_segment_exactly() -> None:
    """A thousandth of all accounts is a thousandth of each segment, and the page says that it was scaled."""
    said = bare(STATED, "--accounts", 54_617, "--json", "--out", "out")
    document = json.loads(said.out)
    assert (54_617, 54_617) == (document["accounts"], document["exposed"])
    table = pd.read_csv(Path("out", "by_segment.csv"), index_col=0)
    assert [7_800, 5_300, 40_000, 667, 850, 54_617] == table["accounts"].tolist()
    assert 850 == document["attacks"]["port_out"]["attackable"]["mean"]
    assert any("Scaled from 54,617,000 to 54,617 accounts" in note for note in document["notes"])


def test_accounts_beyond_the_real_ones_are_met_exactly() -> None:
    """Scaling up meets the total to the account."""
    document = json.loads(bare(STATED, "--accounts", 10**12 + 1, "--json").out)
    assert (10**12 + 1, 10**12 + 1) == (document["accounts"], document["exposed"])


def test_run_reads_a_file_of_ones_own() -> None:
    """A .toml file runs like a scenario of the catalog; without labels, its names are shown."""
    file = write(TEMPLATE)
    assert "My breach, as I know it today: 1,500,000 accounts" in bare(file).out
    assert "my-breach" == json.loads(bare(file, "--json").out)["scenario"]
    unnamed = write(TEMPLATE.replace('label = "My breach, as I know it today"\n', ""), "bare")
    assert "Impact of my-breach: 1,500,000 accounts" in bare(f".{os.sep}bare").out
    assert unnamed.exists()


def test_out_writes_tables_and_figures(place: Path) -> None:
    """--out writes the whole list of files and says where to start; with --json the same document."""
    said = bare(STATED, "--out", "out")
    assert (0, "") == (said.code, said.err)
    assert said.out.endswith(f"{len(FILES)} files in out: start with {Path('out', 'summary.md')}\n")
    assert {"out", *(f"out/{name}" for name in FILES)} == set(tree(place))
    assert bare(STATED, "--json").out == Path("out", "impact.json").read_text(encoding="utf-8")


@pytest.mark.usefixtures("sketched")
def test_out_replaces_an_earlier_result() -> None:
    """A second run into a folder leaves nothing of the first."""
    bare(STATED, "--out", "deep/er/out")
    assert 1 == json.loads(Path("deep/er/out/impact.json").read_text())["seed"]
    Path("deep/er/out/capacity.csv").unlink()
    assert 0 == bare(STATED, "--out", "deep/er/out", "--seed", 5).code
    assert 5 == json.loads(Path("deep/er/out/impact.json").read_text())["seed"]
    assert FILES == sorted(p.name for p in Path("deep/er/out").iterdir())
    assert ["out"] == [p.name for p in Path("deep/er").iterdir()]


@pytest.mark.usefixtures("sketched")
def test_out_may_be_an_empty_folder() -> None:
    """An empty folder is filled."""
    Path("empty").mkdir()
    assert 0 == bare(STATED, "--out", "empty").code
    assert FILES == sorted(p.name for p in Path("empty").iterdir())


@pytest.mark.parametrize(
    ("out", "parts"),
    [
        ("thesis", ["thesis holds files that are no result", "give another or an empty folder"]),
        ("thesis/chapter.txt", ["chapter.txt is a file", "give a folder"]),
        ("thesis/chapter.txt/out", ["chapter.txt"]),
        (".", ["folder"]),
    ],
)
def test_out_refuses_what_is_not_its_own(place: Path, out: str, parts: list[str]) -> None:
    """A folder with other files, or a file, is refused and left as it was."""
    Path("thesis").mkdir()
    Path("thesis", "chapter.txt").write_text("years of work", encoding="utf-8")
    before = tree(place)
    refused(quick(STATED, "--out", out), *parts)
    assert before == tree(place)


@pytest.mark.parametrize("figure", ["funnel", "attack_graph"])
def test_a_run_that_fails_while_drawing_leaves_the_earlier_result(
    place: Path, monkeypatch: pytest.MonkeyPatch, figure: str
) -> None:
    """A failure half way leaves no new folder, and an earlier result as it was."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", "out")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "_write_figures", lambda *_: None)
        bare(STATED, "--out", "out")
    before = tree(place)
    for name in report.FIGURES:
        monkeypatch.setitem(plots.OF_IMPACT, name, fail if name == figure else lambda *_: None)  # type: ignore[arg-type]
    monkeypatch.setattr(plots, "save", lambda *_: None)
    for folder in ("out", "new"):
        refused(bare(STATED, "--out", folder, "--seed", 2), "No space left on device")
    assert before == tree(place)


def test_json_stays_alone_beside_out(place: Path) -> None:
    """With --json and --out the files are written and the document alone is printed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "_write_figures", lambda *_: None)
        said = bare(STATED, "--out", "out", "--json")
    assert Path("out", "impact.json").read_text(encoding="utf-8") == said.out
    assert "out/summary.md" in tree(place)


@pytest.mark.parametrize(
    "words", [("--replicates", 1), ("--accounts", 11), ("--years", 0.001), ("--years", 100)]
)
@pytest.mark.usefixtures("sketched")
def test_the_edges_of_what_is_allowed(words: tuple[str, object]) -> None:
    """One replicate, eleven accounts, nine hours and a century are fair questions."""
    file = write(TEMPLATE)
    said = say("run", file, "--replicates", 20, "--elsewhere", "none", *words, "--out", "out")
    assert (0, "") == (said.code, said.err)
    assert "nan" not in said.out.lower().split()


# the other commands --------------------------------------------------------------------------------------


def test_scenarios_lists_what_is_there() -> None:
    """Every scenario stands there with its accounts and cautions, as text and as JSON."""
    said = say("scenarios")
    found = [api.load_scenario(name) for name in api.scenario_names()]
    assert (0, "") == (said.code, said.err)
    for breach in found:
        assert re.search(
            rf"^{breach.name} +{breach.accounts:,}  {re.escape(breach.title)}$", said.out, re.MULTILINE
        )
        assert [] == [note for note in breach.notes if f"note: {note}" not in said.out]
    expected = [{"name": b.name, "label": b.label, "accounts": b.accounts} for b in found]
    listed = json.loads(say("scenarios", "--json").out)
    assert expected == [{key: one[key] for key in ("name", "label", "accounts")} for one in listed]


def test_requires_counts_the_stated_breach() -> None:
    """0.63 of 47.8 million can be hit by new-account fraud, and 850,000 lost number and PIN together."""
    answer = json.loads(say("requires", "new_account_fraud", "--scenario", STATED, "--json").out)
    assert (30_114_000, STATED) == (answer["attackable"], answer["scenario"])
    answer = json.loads(say("requires", "sim_swap", "--scenario", STATED, "--json").out)
    sets = {frozenset(s["fields"]): s["accounts"] for s in answer["enabling_sets"]}
    assert 850_000 == sets[frozenset({"phone_number", "account_pin"})]
    assert 5_764_000 == answer["attackable"]
    assert api.requires("sim_swap", STATED) == answer


def test_requires_in_words() -> None:
    """As text: enabling sets, protection sets, the count and the cautions; without a scenario no counts."""
    said = say("requires", "sim_swap", "--scenario", STATED)
    assert (0, "") == (said.code, said.err)
    assert "        850,000  phone number + account PIN\n" in said.out
    assert f"5,764,000 accounts of {STATED} are attackable." in said.out
    assert [] == [note for note in api.load_scenario(STATED).notes if f"note: {note}" not in said.out]
    plain = say("requires", "sim_swap", "--elsewhere", "none").out
    assert "\n  phone number + account PIN\n" in plain
    assert not re.search(r"\d", plain)


def test_requires_says_what_look_ups_add() -> None:
    """As text: sets that suffice with look-ups and their chance; sets that nobody lost are left out."""
    said = say("requires", "new_account_fraud", "--scenario", STATED).out
    assert "     30,114,000  name + SSN: 70%, with birth date looked up\n" in said
    assert "name + birth date + last four digits of the SSN" not in said
    assert re.search(r"\nWith look-ups [\d,]+ are, as an expected number\.\n", said)
    everything = say("requires", "any").out
    assert "  and 70 less likely ones (--json lists all)" in everything


@pytest.mark.parametrize("harm", some([*ATTACKS, "any"], always=["any"]))
def test_requires_answers_for_every_harm(harm: str) -> None:
    """Every harm has an answer; kept safe, each protection set touches each enabling set."""
    answer = json.loads(say("requires", harm, "--json").out)
    enabling = [set(s["fields"]) for s in answer["enabling_sets"]]
    assert [] == [s for s in answer["protection_sets"] if not all(e & set(s["fields"]) for e in enabling)]
    assert bool(enabling) == bool(answer["protection_sets"])
    assert ("no set of fields enables it" in say("requires", harm).out) == (not enabling)


def test_requires_reads_a_file() -> None:
    """The scenario may be a file of one's own."""
    answer = json.loads(say("requires", "sim_swap", "--scenario", write(TEMPLATE), "--json").out)
    assert {
        ("phone_number", "account_pin"): 300_000,
        ("full_name", "date_of_birth", "ssn", "phone_number"): 240_000,
    } == {tuple(s["fields"]): s["accounts"] for s in answer["enabling_sets"] if s["accounts"]}


def test_requires_reads_look_ups_of_ones_own() -> None:
    """A file given with --elsewhere stands in place of the catalog's look-ups, and a wrong one is refused."""
    number = {"kind": "fixed", "value": 0.25, "unit": "share", "status": "assumed"}
    number |= {"sources": ["user-input"], "note": "mine"}
    own = {"easy_to_find": number, "ssn": {"given": [["full_name", "date_of_birth"]], "share": number}}
    file = Path("mine.toml")
    file.write_text(tomli_w.dumps(own), encoding="utf-8")
    answer = json.loads(say("requires", "new_account_fraud", "--elsewhere", "mine.toml", "--json").out)
    (row,) = answer["with_look_ups"]
    assert (["full_name", "date_of_birth"], [["ssn"]], 0.25) == (
        row["fields"],
        row["looked_up"],
        row["chance"],
    )
    own["ssn"]["share"] = number | {"value": 1.25}
    file.write_text(tomli_w.dumps(own), encoding="utf-8")
    refused(say("requires", "any", "--elsewhere", "mine.toml"), "mine.toml, elsewhere.ssn", "value is 1.25")


def test_new_writes_the_template_and_never_over_a_file(place: Path) -> None:
    """`new` writes the template, which is valid, and refuses to touch anything that is there."""
    said = say("new", "mine.toml")
    assert (0, "mine.toml written. Edit it, then: breach-sim validate mine.toml\n", "") == said
    assert TEMPLATE.encode() == Path("mine.toml").read_bytes()
    assert TEMPLATE.startswith("#:schema ./scenario.schema.json\n")
    assert schema_text() == Path("scenario.schema.json").read_text(encoding="utf-8")
    Path("scenario.schema.json").write_text("my own", encoding="utf-8")
    assert 0 == say("new", "other.toml").code
    assert "my own" == Path("scenario.schema.json").read_text(encoding="utf-8")
    checked = say("validate", "mine.toml")
    assert (0, "") == (checked.code, checked.err)
    assert checked.out.splitlines() == [
        "mine.toml: valid. My breach, as I know it today: 2 segments, 1,500,000 accounts.",
        "  customers: 1,200,000 accounts, full_name, date_of_birth, ssn, phone_number, email_address",
        "  prepaid: 300,000 accounts, full_name, phone_number, account_pin",
    ]
    before = tree(place)
    refused(say("new", "mine.toml"), "mine.toml exists already", "give another name")
    refused(say("new", "."), ". is a directory", "name a .toml file")
    refused(say("new", "nowhere/mine.toml"), "mine.toml: No such file or directory", "choose a place")
    refused(say("new", "mine.toml/mine.toml"), "choose a place")
    assert before == tree(place)


def test_sources_tells_assumptions_first() -> None:
    """Every number and every source stands there, assumed before derived before cited."""
    document = json.loads(say("sources", "--json").out)
    order = [entry["status"] for entry in document["parameters"]]
    assert order == sorted(order, key=["assumed", "derived", "cited"].index)
    assert set(api.load_sources()) == {source["id"] for source in document["sources"]}
    assert {e.name for e in api.load_attacks().estimates()} == {e["name"] for e in document["parameters"]}
    assert [] == [e["name"] for e in document["parameters"] if e["status"] != "cited" and not e["note"]]
    said = say("sources")
    assert (0, "") == (said.code, said.err)
    heads = re.findall(r"^(\w+) \((\d+)\)$", said.out, re.MULTILINE)
    counts = [(status, str(order.count(status))) for status in ("assumed", "derived", "cited")]
    assert [*counts, ("sources", str(len(document["sources"])))] == heads
    assert [] == [name for name in document["loss_rests_on"] if f"\n{name} " not in said.out]
    assert "what the loss rests on" in said.out
    assert [] == [e["name"] for e in document["parameters"] if f"\n  {e['name']}: " not in said.out]
    assert [] == [s["id"] for s in document["sources"] if f"\n  {s['id']}: " not in said.out]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("", ["From leaked fields to attacks, victims and money", "tmobile-2021-claimed"]),
        (
            "run",
            [
                "Run the model on a breach",
                "Example",
                "--accounts",
                "--replicates",
                "--seed",
                "--years",
                "--out",
                "--json",
            ],
        ),
        ("scenarios", ["List the scenarios", "--json"]),
        ("requires", ["Show which leaked fields an attack needs", "Protection sets", "--scenario"]),
        ("new", ["commented template"]),
        ("validate", ["Check a scenario file"]),
        ("sources", ["assumptions first", "--json"]),
        ("seal", ["never edited", "Example", "--date", "--seed", "--file"]),
        ("score", ["Verify the chain", "Example", "--outcomes", "--closed", "--file", "--json"]),
    ],
)
def test_help_explains(command: str, words: list[str]) -> None:
    """--help of every command says what it is for and names its options."""
    said = say(*([command] if command else []), "--help")
    text = " ".join(re.sub(r"[^\w\s.,:;'()\[\]-]", " ", said.out).split())
    assert (0, "") == (said.code, said.err)
    assert [] == [word for word in words if word not in text], text


def test_without_a_command_help_is_shown() -> None:
    """The bare name of the program explains it, with every command."""
    said = say()
    assert 0 == said.code
    assert [] == [
        c for c in ("run", "scenarios", "requires", "new", "validate", "sources") if c not in said.out
    ]


def test_version_is_the_packages() -> None:
    """--version prints the version alone."""
    assert (0, metadata.version("breach-sim") + "\n", "") == say("--version")


def test_the_module_is_the_program(place: Path) -> None:
    """`python -m breach_sim` is the same program, in a fresh process, with the same exit code."""
    words = [sys.executable, "-m", "breach_sim", "validate", "nope.toml"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=place)  # noqa: S603 - our own words
    refused(Said(done.returncode, done.stdout, done.stderr), "nope.toml: no such file")


# refusals ------------------------------------------------------------------------------------------------

SHARE = "segments.customers.leaks[1].coverage"
IN_FILES = [
    ('"email_address"]', '"email_adress"]', ["leaks[0]", "'email_adress'", "did you mean 'email_address'?"]),
    ("coverage = 1.0", "coverage = 1.1", ["leaks[0].coverage", "is 1.1", "[0, 1]"]),
    ("coverage = 1.0", "coverage = -0.1", ["leaks[0].coverage", "is -0.1", "[0, 1]"]),
    ("coverage = 1.0", "coverage = nan", ["leaks[0].coverage", "is nan", "[0, 1]"]),
    ("high = 0.60", "high = 1.5", [SHARE, "high is 1.5", "at most 1"]),
    ("low = 0.05", "low = nan", [SHARE, "low is nan", "finite"]),
    ("low = 0.05", "low = 0.9", [SHARE, "[0.9, 0.2, 0.6]", "must rise"]),
    ("low = 0.05", "low = true", [SHARE, "low is True", "a number"]),
    ("1_200_000", "0", ["segments.customers", "accounts is 0", "whole number", "leave out a segment"]),
    ("1_200_000", "-4", ["segments.customers", "accounts is -4", "whole number"]),
    ("1_200_000", "nan", ["segments.customers", "accounts is nan", "whole number"]),
    ("1_200_000", "1.5", ["segments.customers", "accounts is 1.5", "whole number"]),
    ("1_200_000", "true", ["segments.customers", "accounts is True", "whole number"]),
    ("1_200_000", "2020-01-01", ["segments.customers", "accounts is", "whole number"]),
    ('unit = "share"', 'unit = "days"', [SHARE, "is in 'days'", "'share'"]),
    ('unit = "share"', 'unit = "shares"', [SHARE, "unknown unit 'shares'", "did you mean 'share'?"]),
    ('"analyst-judgment"', '"analist-judgment"', [SHARE, "'analist-judgment'", "'analyst-judgment'?"]),
    ('name = "my-breach"', 'nam = "my-breach"', ["unknown key 'nam'", "did you mean 'name'?"]),
    ('name = "my-breach"', "", ["key 'name' is missing"]),
    ('name = "my-breach"', "name = ", ["not valid TOML", "line 7", "breach-sim new"]),
    ("accounts = 300_000", "acounts = 300_000", ["segments.prepaid", "'acounts'", "mean 'accounts'?"]),
    ('kind = "prepaid"', 'kind = "pre"', ["segments.prepaid", "'pre'", "did you mean 'prepaid'?"]),
    ('kind = "pert"', 'kind = "part"', [SHARE, "unknown kind 'part'", "did you mean 'pert'?"]),
    ('status = "assumed"', 'status = "guessed"', [SHARE, "unknown status 'guessed'"]),
    ('note = "the', 'nte = "the', [SHARE, "'nte'", "did you mean 'note'?"]),
    ('segments = ["prepaid"]', 'segments = ["prepay"]', ["'prepay'", "did you mean 'prepaid'?"]),
    ('kind = "reset"', 'kind = "rest"', ["events[0]", "'rest'", "did you mean 'reset'?"]),
    ("day = 10", "day = nan", ["events[0]", "nan", "0 or more"]),
    ("day = 10", 'day = "10"', ["events[0]", "'10'", "number of days"]),
    ('grade = "A"', 'grade = "AA"', ["source.press-release", "unknown grade 'AA'"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "parts"), IN_FILES, ids=[f"{old} -> {new}" for old, new, _ in IN_FILES]
)
def test_a_wrong_file_is_answered_with_place_value_rule(
    place: Path, old: str, new: str, parts: list[str]
) -> None:
    """A mistake in a file names file, key, value, rule, and the nearest known name where there is one."""
    file = changed(old, new)
    before = tree(place)
    said = say("validate", file)
    refused(said, "breach-sim: mine.toml", *parts)
    assert said == quick(file, "--json", "--out", "out")
    assert before == tree(place)


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"\xff\xfea\x00", "byte 0 is not UTF-8"),
        (b"", "key 'name' is missing"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"name = 'x'\n[segments]", "no segment"),
        (b"name = 'x'\nsegments = 3", "segments is 3; it must be a table"),
        (b"name = 'x'\n[segments]\na = 3", "segments.a: the value is 3"),
        (b"name = 'x'\nevents = [3]\n[segments.a]\naccounts = 1\nleaks = []", "events[0]: the value is 3"),
        (b"name = 'x'\n[segments.a]\naccounts = 1\nleaks = [[]]", "segments.a.leaks[0]: the value is []"),
        (b"\x00", "not valid TOML"),
    ],
)
def test_a_file_of_anything_is_answered(content: bytes, part: str) -> None:
    """Whatever the bytes, the answer is a sentence with the name of the file."""
    Path("mine.toml").write_bytes(content)
    refused(say("validate", "mine.toml"), "breach-sim: mine.toml", part)


PLACES = [
    (("validate", "nope.toml"), ["nope.toml: no such file", "breach-sim new FILE.toml"]),
    (("run", "nope.toml"), ["nope.toml: no such file"]),
    (("validate", "folder.toml"), ["folder.toml: this is a directory", "name a .toml file"]),
    (("run", "folder.toml"), ["folder.toml: this is a directory"]),
    (("run", "nowhere/nope.toml"), ["nope.toml: no such file"]),
    (("run", "tmobile-2021-sated"), ["'tmobile-2021-sated'", f"did you mean '{STATED}'?", ".toml file"]),
    (("validate", "sated"), ["'sated'", ".toml file"]),
    (
        ("requires", "new_acount_fraud"),
        ["unknown harm 'new_acount_fraud'", "did you mean 'new_account_fraud'?"],
    ),
    (("requires", ""), ["unknown harm ''", "Known: sim_swap"]),
    (("requires", "any", "--scenario", "nope.toml"), ["nope.toml: no such file"]),
    (
        ("requires", "any", "--elsewhere", "nope.toml"),
        ["nope.toml: no such file", "one table for each field"],
    ),
    (("requires", "any", "--elsewhere", "folder.toml"), ["folder.toml: this is a directory"]),
    (
        ("requires", "any", "--elsewhere", "catlog"),
        ["unknown set of look-ups 'catlog'", "did you mean 'catalog'?"],
    ),
    (("requires", "any", "--elsewhere", ""), ["unknown set of look-ups ''"]),
    (
        ("requires", "any", "--scenario", "tmobile"),
        ["unknown scenario 'tmobile'", "did you mean 'tmobile-"],
    ),
]


@pytest.mark.parametrize(("words", "parts"), PLACES, ids=[" ".join(words) for words, _ in PLACES])
def test_an_unknown_place_or_name_is_answered(place: Path, words: tuple[str, ...], parts: list[str]) -> None:
    """A missing file, a directory for a file, an unknown scenario or harm: a sentence with the remedy."""
    Path("folder.toml").mkdir()
    before = tree(place)
    refused(say(*words), *parts)
    assert before == tree(place)


ARGUMENTS = [
    (("--replicates", "0"), ["replicates is 0", "whole number from 1 to 10**7"]),
    (("--replicates", "-5"), ["replicates is -5", "from 1"]),
    (("--replicates", "10000001"), ["replicates is 10000001", "10**7"]),
    (("--replicates", "9" * 30), ["replicates is 999", "10**7"]),
    (("--seed", "-1"), ["seed is -1", "from 0 to 2**63 - 1"]),
    (("--seed", str(2**63)), ["seed is 9223372036854775808", "2**63 - 1"]),
    (("--years", "0"), ["is 0.0", "above 0 and at most 100"]),
    (("--years", "-1"), ["is -1.0", "above 0"]),
    (("--years", "nan"), ["is nan", "above 0 and at most 100"]),
    (("--years", "inf"), ["is inf", "at most 100"]),
    (("--years", "1e9"), ["is 1000000000.0", "at most 100"]),
    (("--accounts", "0"), ["accounts is 0", "whole number from 1"]),
    (("--accounts", "-1"), ["accounts is -1", "whole number from 1"]),
    (("--accounts", "3"), ["3 accounts leave segment", "take at least"]),
    (("--accounts", "1" + "0" * 20), ["accounts is 1000", "10**13"]),
]


@pytest.mark.parametrize(("words", "parts"), ARGUMENTS, ids=[" ".join(words)[:30] for words, _ in ARGUMENTS])
def test_an_argument_out_of_range_is_answered(place: Path, words: tuple[str, ...], parts: list[str]) -> None:
    """A number out of range names itself, its value and its range; nothing is written."""
    refused(say("run", STATED, "--replicates", "5", *words, "--json", "--out", "out"), *parts)
    assert {} == tree(place)


USAGE = [
    (("run", STATED, "--replicats", "5"), "--replicates"),
    (("rn",), "run"),
    (("nope",), "nope"),
    (("run", STATED, "--replicates", "many"), "--replicates"),
    (("run", STATED, "--seed", "1.5"), "--seed"),
    (("run",), "NAME_OR_FILE"),
    (("requires",), "harm"),
    (("run", STATED, "extra"), "extra"),
]


@pytest.mark.parametrize(("words", "part"), USAGE, ids=[" ".join(words) for words, _ in USAGE])
def test_wrong_usage_ends_with_2(place: Path, words: tuple[str, ...], part: str) -> None:
    """An unknown option or command or a wrong kind of value: exit code 2, the culprit named, no traceback."""
    said = say(*words)
    assert (2, "") == (said.code, said.out)
    assert part in said.err
    assert "Traceback" not in said.err
    assert len(said.err) <= LONGEST
    assert {} == tree(place)


@pytest.mark.parametrize(("words", "part"), USAGE, ids=[" ".join(words) for words, _ in USAGE])
def test_wrong_usage_is_told_in_a_sentence(words: tuple[str, ...], part: str) -> None:
    """A refusal of usage has the form of all others: one line that begins with the program's name."""
    refused(say(*words), part)


def test_a_catalog_name_is_never_corrected_to_itself() -> None:
    """`validate` of a scenario of the catalog validates it, or says that a file is wanted."""
    assert f"did you mean '{STATED}'?" not in say("validate", STATED).err


@pytest.mark.parametrize(
    "words",
    [
        ("run", "x" * 5000),
        ("requires", "x" * 5000),
        ("validate", "long-key.toml"),
        ("run", STATED, "--seed", "9" * 4000),
        ("validate", "long-number.toml"),
    ],
    ids=["scenario", "harm", "key", "seed", "number"],
)
def test_no_message_is_longer_than_a_paragraph(words: tuple[str, ...]) -> None:
    """However long the wrong value, the message has at most 600 characters."""
    write("x" * 5000 + " = 1", "long-key.toml")
    write(TEMPLATE.replace("1_200_000", "9" * 4000), "long-number.toml")
    refused(say(*words))


def test_a_number_of_5000_digits_is_answered_with_the_file() -> None:
    """Digits beyond what Python reads are the file's fault, and it is named."""
    refused(say("validate", changed("day = 10", "day = " + "9" * 5000)), "mine.toml")


@pytest.mark.parametrize(("old", "part"), [("day = 10", "day"), ("low = 0.05", "low")])
def test_a_whole_number_beyond_the_floats_is_answered_with_its_key(old: str, part: str) -> None:
    """A number too large for the machine is named with key and rule like any other."""
    refused(say("validate", changed(old, f"{part} = 1" + "0" * 400)), f" {part} ")


def test_too_little_memory_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where memory does not suffice the answer is a sentence: take fewer replicates."""

    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(api, "simulate", fail)
    refused(say("run", STATED, "--replicates", 10**7), "replicates")


THIRTEEN = (
    "full_name ssn ssn_last4 tax_id phone_number account_pin imsi imei iccid gender photo income ethnicity"
)


@pytest.mark.usefixtures("sketched")
def test_what_is_valid_can_be_asked_everything() -> None:
    """A file that `validate` accepts also goes through `requires` (and so through the figures)."""
    leaks = "".join(f'[[segments.a.leaks]]\nfields = ["{f}"]\ncoverage = 0.5\n' for f in THIRTEEN.split())
    file = write(f'name = "t"\n[segments.a]\naccounts = 1000\n{leaks}')
    assert 0 == quick(file).code
    codes = [say("validate", file).code, say("requires", "any", "--scenario", file).code]
    assert codes in ([0, 0], [2, 2])


def test_validate_finds_a_beta_that_does_not_exist() -> None:
    """An interval that no beta distribution has is refused by `validate`, with file and key."""
    file = changed("low = 0.05\nmode = 0.20\nhigh = 0.60", "low = 0.2\nhigh = 0.2000000001")
    write(file.read_text(encoding="utf-8").replace('kind = "pert"\nscale = "log"', 'kind = "beta"'))
    refused(say("validate", file), "mine.toml", SHARE, "no beta distribution")


@pytest.mark.parametrize("words", [("run", ""), ("validate", ""), ("requires", "any", "--scenario", "")])
def test_an_empty_name_is_refused(words: tuple[str, ...]) -> None:
    """An empty name is refused in a sentence."""
    refused(say(*words), "directory")


def test_a_large_file_is_refused_unread() -> None:
    """A file beyond the limit is refused without reading it whole: a device may be endless."""
    with Path("big.toml").open("wb") as file:
        file.truncate(60_000_000)
    tracemalloc.start()
    try:
        refused(say("validate", "big.toml"), "big.toml", "at most 10,000,000")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 20_000_000


# anything at all -----------------------------------------------------------------------------------------

SEEDS = range(200)
WEIRD = [
    "-1", "nan", "inf", "-inf", "1e400", "9" * 20, "9" * 400, "true", '"x"', "[]", "{}", "2020-01-01", "0",
    "1e-320", "-0.0", '"ünï✓ \\u202e"', "[[]]", "{a = 1}", "0x10", "07:32:00", '""', "''' \n '''",
]  # fmt: skip
SIGNS = '"[]{}=#.,\\é✓\x00\n0-e☃'


def mutant(seed: int) -> str:
    """Return the template after one to three random edits."""
    rng = random.Random(seed)
    text = TEMPLATE
    for _ in range(rng.randint(1, 3)):
        text = rng.choice(EDITS)(rng, text) or "\n"
    return text


def _letter(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text))
    return rng.choice(
        [text[:at] + text[at + 1 :], *(text[:at] + rng.choice(SIGNS) + text[at + k :] for k in (0, 1))]
    )


def _line(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    one, other = (
        rng.choice([i for i, line in enumerate(lines) if not line.startswith("#")]) for _ in range(2)
    )
    what = rng.choice(["delete", "double", "swap"])
    if what == "delete":
        lines.pop(one)
    elif what == "double":
        lines.insert(other, lines[one])
    else:
        lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def _value(rng: random.Random, text: str) -> str:
    values = list(re.finditer(r'(?<== )("[^"\n]*"|\[[^\]\n]*\]|[\d._]+)', text))
    if not values:
        return text
    value = rng.choice(values)
    return text[: value.start()] + rng.choice(WEIRD) + text[value.end() :]


EDITS: list[Callable[[random.Random, str], str]] = [_letter, _line, _value, _value]


def test_any_edit_of_the_template_is_valid_or_answered(place: Path) -> None:
    """Two hundred random edits: `validate` says valid, or refuses in one line; it writes nothing."""
    codes: dict[Any, int] = {}
    for seed in SEEDS:
        file = write(mutant(seed))
        said = say("validate", file)
        codes[said.code] = codes.get(said.code, 0) + 1
        if said.code == 0:
            assert said.out.startswith("mine.toml: valid. "), seed
            assert not said.err, seed
            assert api.load_scenario(file).accounts >= 1, seed
        else:
            refused(said, "mine.toml")
        assert ["mine.toml"] == [p.name for p in place.iterdir()], seed
    assert {0, 2} == set(codes)
    assert min(codes.values()) > len(SEEDS) // 20, codes


@pytest.mark.slow
def test_what_is_valid_runs(place: Path) -> None:
    """Fifteen of the edits that are valid also run, to a document of numbers, and write nothing."""
    valid = (seed for seed in SEEDS if say("validate", write(mutant(seed))).code == 0)
    for _, seed in zip(range(15), valid, strict=False):
        said = quick(write(mutant(seed)), "--json")
        assert (0, "") == (said.code, said.err), seed
        document = json.loads(said.out, parse_constant=pytest.fail)
        assert document["exposed"] <= document["accounts"], seed
        assert ["mine.toml"] == [p.name for p in place.iterdir()], seed
