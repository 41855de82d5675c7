"""Laws of the ENISA severity: the formula over its whole space, refusals, and the reading of scenarios."""

from __future__ import annotations

import importlib.util
import itertools
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from support.worlds import scenario, segment

import breach_sim
from breach_sim.analysis.other_scores import enisa, enisa_scoring
from breach_sim.analysis.other_scores.categories import CATEGORIES, DATA, OF, TOGETHER
from breach_sim.analysis.other_scores.enisa import BANDS, severity, severity_of
from breach_sim.inputs import fields
from breach_sim.inputs.scenario import Scenario

FOLDER = Path(__file__).parents[1] / "conformance"
SPACE = json.loads((FOLDER / "enisa.json").read_text(encoding="utf-8"))
WORKED = json.loads((FOLDER / "worked.json").read_text(encoding="utf-8"))
VALUES: dict[str, tuple[Any, ...]] = {
    "dpc": (1, 2, 3, 4),
    "ei": (0.25, 0.5, 0.75, 1),
    "confidentiality": (0, 0.25, 0.5),
    "integrity": (0, 0.25, 0.5),
    "availability": (0, 0.25, 0.5),
    "malicious": (False, True),
}
TELECOM = "full_name date_of_birth ssn phone_number"
SOLD = {"held": 0.0, "sold_once": 0.05, "resold": 0.8, "posted": 0.15}


def script(name: str) -> ModuleType:
    """Return a script of the conformance folder as a module."""
    spec = importlib.util.spec_from_file_location(f"conformance_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def leak(names: str, ways: dict[str, float] | None = None, accounts: int = 1000) -> Scenario:
    """Return a scenario of one cohort that lost some fields for certain."""
    return scenario([segment("all", accounts, [(names, 1.0)])], ways=ways)


# The formula ------------------------------------------------------------------------------------------


def test_the_engine_agrees_with_the_independent_derivation_on_the_whole_space() -> None:
    """All 864 combinations of inputs have the score and the band of the file, which knows no engine."""
    assert {tuple(case[name] for name in VALUES) for case in SPACE} == set(
        itertools.product(*VALUES.values())
    )
    assert 864 == len(SPACE)
    assert [] == [case for case in SPACE if severity_of(case) != (case["se"], case["band"])]


@pytest.mark.parametrize("case", [*WORKED["worked"], *WORKED["boundaries"]], ids=lambda case: case["case"])
def test_worked_cases_and_boundaries(case: dict[str, Any]) -> None:
    """Every worked case of the transcription comes out, and exactly 2, 3 and 4 fall in the upper band."""
    assert (case["se"], case["band"]) == severity_of(case)


def test_severity_is_monotone_in_every_input() -> None:
    """Raising one input by one step never lowers score or band."""
    known = {tuple(case[name] for name in VALUES): (case["se"], BANDS.index(case["band"])) for case in SPACE}
    for place, steps in enumerate(VALUES.values()):
        for at, (se, band) in known.items():
            following = steps.index(at[place]) + 1
            if following < len(steps):
                more, higher = known[*at[:place], steps[following], *at[place + 1 :]]
                assert se < more
                assert band <= higher


def test_words_stand_for_their_points() -> None:
    """An input in words, as a number of any type, or as points of intent gives the same score."""
    computed = severity(
        4, "significant", "unknown_recipients", "recovered", "restored_with_effort", malicious=True
    )
    assert computed == severity(4.0, 0.75, 0.5, 0, 0.25, malicious=0.5) == (4.25, "Very high")
    assert severity(1, 1) == (1.0, "Low")
    assert breach_sim.enisa_severity is breach_sim.analysis.other_scores.severity is severity


def test_the_file_is_what_the_generator_writes() -> None:
    """The committed cases are the generator's, byte for byte, and it imports nothing of the package."""
    assert script("generate").text() == (FOLDER / "enisa.json").read_text(encoding="utf-8")
    assert "breach_sim" not in (FOLDER / "generate.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("inputs", "parts"),
    [
        ({"dpc": 5}, ["dpc is 5", "1, 2, 3 or 4"]),
        ({"dpc": 0}, ["dpc is 0"]),
        ({"dpc": 2.5}, ["dpc is 2.5"]),
        ({"dpc": True}, ["dpc is True"]),
        ({"dpc": "4"}, ["dpc is '4'"]),
        ({"dpc": None}, ["dpc is None"]),
        ({"ei": 0.3}, ["ei is 0.3", "0.25 (negligible)", "nothing in between"]),
        ({"ei": float("nan")}, ["ei is nan"]),
        ({"ei": "signifcant"}, ["unknown word for ei 'signifcant'", "did you mean 'significant'"]),
        ({"ei": [1]}, ["ei is [1]"]),
        ({"confidentiality": 1}, ["confidentiality is 1", "0.5 (unknown_recipients)"]),
        ({"confidentiality": "public"}, ["unknown word for confidentiality 'public'", "unknown_recipients"]),
        ({"integrity": -0.25}, ["integrity is -0.25"]),
        ({"availability": True}, ["availability is True"]),
        ({"malicious": "yes"}, ["malicious is 'yes'", "true (theft, hacking, sale)"]),
        ({"malicious": 0.25}, ["malicious is 0.25"]),
    ],
)
def test_other_inputs_are_refused(inputs: dict[str, Any], parts: list[str]) -> None:
    """A value between two steps, of another type or beyond them is refused with value, rule and remedy."""
    with pytest.raises(ValueError, match="in the inputs of the ENISA score") as caught:
        severity(**({"dpc": 1, "ei": 1} | inputs))
    assert [] == [part for part in parts if part not in str(caught.value)]


def test_an_unknown_band_is_refused_with_the_nearest() -> None:
    """A band has one spelling; a near one is named."""
    assert [0, 1, 2, 3] == [enisa.band_rank(band) for band in BANDS]
    with pytest.raises(
        ValueError, match=r"unknown band 'very hig' in the ENISA bands; did you mean 'Very high'"
    ):
        enisa.band_rank("very hig")


@pytest.mark.parametrize(
    ("case", "part"),
    [
        ([1, 2], "it must be an object with the keys dpc, ei"),
        ({"dpc": 1}, "'ei' is missing: add it"),
        (SPACE[0] | {"dpc": 9}, "case 7: dpc is 9"),
    ],
)
def test_a_case_that_is_none_is_refused_with_its_place(case: Any, part: str) -> None:
    """A case of another form, with a missing key or a wrong value names the case."""
    with pytest.raises(ValueError, match="case 7") as caught:
        severity_of(case, "case 7")
    assert part in str(caught.value)


# The runner -------------------------------------------------------------------------------------------


def test_the_runner_finds_changed_methods(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A faithful program passes; one with 2, 3 and 4 in the lower band, or too short, does not."""
    run = script("runner")
    program = tmp_path / "score.py"
    program.write_text(
        "import json, sys\nanswers = []\nfor c in json.load(sys.stdin):\n"
        "    se = c['dpc'] * c['ei'] + sum(c[k] for k in ('confidentiality', 'integrity', 'availability'))\n"
        "    se += 0.5 * c['malicious']\n"
        "    low = sys.argv[1] == 'low'\n"
        "    n = sum(se > b if low else se >= b for b in (2, 3, 4))\n"
        "    answers.append({'se': se, 'band': ['Low', 'Medium', 'High', 'Very high'][n]})\n"
        "print(json.dumps(answers[: -1 if sys.argv[1] == 'short' else None]))\n",
        encoding="utf-8",
    )
    codes = [run.main([sys.executable, str(program), word]) for word in ("right", "low", "short")]
    assert [0, 1, 2] == codes
    output = capsys.readouterr()
    on_bounds = sum(case["se"] in {2, 3, 4} for case in run.load())
    assert f"878 of 878 cases agree\n{878 - on_bounds} of 878 cases agree" in output.out
    assert "it must be a list of 878 objects" in output.err
    assert [2, 2] == [run.main([]), run.main(["no-such-program-at-all"])]


def test_the_runner_names_the_input_that_differs() -> None:
    """Where only cases of one value go wrong, that input and value are named."""
    run = script("runner")
    cases = run.load()
    answers = [{"se": c["se"] - (0.5 if c["malicious"] else 0), "band": c["band"]} for c in cases]
    wrong = run.differences(cases, answers)
    assert len(wrong) == sum(case["malicious"] for case in cases)
    assert "most differ where malicious is True" in run.account(cases, wrong)


# The table of fields ----------------------------------------------------------------------------------


def test_every_field_has_a_category_with_a_reason() -> None:
    """Each field stands once, in order, with low <= ours <= high in 1..4 and a reason."""
    names = tuple(row.field for row in DATA)
    where = "in DATA of breach_sim/analysis/other_scores/categories.py"
    odd = set(fields.FIELD_NAMES) ^ set(names)
    assert not odd, f"{odd} must have one row {where}"
    assert fields.FIELD_NAMES == names, f"the order of the vocabulary {where}"
    for row in (*DATA, *(row for _, row in TOGETHER)):
        assert row.category in CATEGORIES
        assert 1 <= row.low <= row.dpc <= row.high <= 4
        assert row.reason


def test_no_reading_leaves_the_range_of_its_category() -> None:
    """Simple data rise by up to 3; behavioral from 1 to 4; financial from 1 to 4; sensitive from 1 to 4."""
    assert all(row.low == 1 for row in DATA if row.category == "simple")
    assert {name: CATEGORIES[OF[name].category] for name in ("full_name", "cell_location", "income")} == {
        "full_name": 1, "cell_location": 2, "income": 3,
    }  # fmt: skip


def test_several_categories_take_the_highest() -> None:
    """The DPC of a set of fields is the largest of its fields', except for the one set scored together."""
    for one, other in itertools.combinations(DATA, 2):
        step = enisa_scoring.context_of([one.field, other.field])
        together = [row for needed, row in TOGETHER if set(needed) == {one.field, other.field}]
        rows = [one, other, *together]
        assert [max(getattr(row, key) for row in rows) for key in ("low", "dpc", "high")] == [
            step.low, step.value, step.high,
        ]  # fmt: skip
    full_card = enisa_scoring.context_of(["payment_card_number", "card_cvv"])
    assert (4, "payment_card_number + card_cvv") == (full_card.value, full_card.by)


@pytest.mark.parametrize(
    ("context", "dpc"), [("none", 1), ("profiling", 2), ("sensitive", 3), ("vulnerable", 4)]
)
def test_whose_data_they_are_raises_simple_data_alone(context: str, dpc: int) -> None:
    """A luxury shop's, a pharmacy's, or minors' names count 1, 2, 3 more; a balance never."""
    names = enisa_scoring.score_scenario(leak("full_name postal_address", SOLD), context=context)
    assert dpc == names.leading.steps[0].value
    balance = enisa_scoring.score_scenario(leak("transaction_history", SOLD), context=context)
    assert 3 == balance.leading.steps[0].value


@pytest.mark.parametrize(
    ("names", "value"),
    [
        ("income", 0.25),
        ("full_name", 0.5),
        ("full_name date_of_birth", 0.5),
        ("full_name date_of_birth email_address", 1),
        ("ssn", 0.25),
        ("ssn date_of_birth", 0.25),
        ("ssn date_of_birth email_address", 0.75),
        ("ssn full_name", 1),
        ("phone_number", 0.25),
        ("phone_number full_name", 1),
        ("email_address", 0.75),
        ("email_address full_name", 1),
        ("photo", 0.75),
        ("photo employment", 1),
        ("username", 0.25),
        ("username email_address", 0.75),
        ("imsi imei", 0.25),
    ],
)
def test_identification_takes_the_highest_rule_that_applies(names: str, value: float) -> None:
    """Each row of the table of identifiers gives its value, and among several the highest counts."""
    step = enisa_scoring.identification_of(names.split())
    assert step.low <= step.value <= step.high
    assert value == step.value


# Scenarios --------------------------------------------------------------------------------------------


def test_the_blind_spot() -> None:
    """Name, phone, birth date and SSN score 2.00, Medium, for a thousand people and for a hundred million."""
    for accounts in (1000, 10**8):
        found = enisa_scoring.score_scenario(leak(TELECOM, SOLD, accounts))
        assert (2.0, "Medium") == found.score
        assert (5.0, "Very high") == found.high


def test_the_range_is_that_of_all_judgments_at_once() -> None:
    """Lowest and highest are the extremes over every combination of the judged steps, computed one by one."""
    found = enisa_scoring.score_scenario(
        leak("full_name ssn password_hash photo", {"sold_once": 0.5, "posted": 0.5})
    )
    steps = found.leading.steps
    judged = [(step.low, step.value, step.high) for step in steps]
    scores = [
        severity(int(dpc), ei, *rest[:3], malicious=rest[3]) for dpc, ei, *rest in itertools.product(*judged)
    ]
    assert (min(scores).se, max(scores).se) == (found.leading.low.se, found.leading.high.se)
    assert {step.step for step in steps if step.judged} == {"DPC", "EI", "confidentiality"}


def test_more_leaked_fields_never_score_less() -> None:
    """One more field never lowers ours, the lowest or the highest reading."""
    order = [*fields.FIELD_NAMES[::3], *fields.FIELD_NAMES[1::3], *fields.FIELD_NAMES[2::3]]
    before = (0.0, 0.0, 0.0)
    for size in range(1, len(order) + 1):
        found = enisa_scoring.score_scenario(leak(" ".join(order[:size]), SOLD))
        now = (found.score.se, found.low.se, found.high.se)
        assert all(old <= new for old, new in zip(before, now, strict=True))
        before = now


@pytest.mark.parametrize(
    ("ways", "confidentiality", "malicious"),
    [
        (None, (0.25, 0.5, 0.5), (0.0, 0.5, 0.5)),
        ({"held": 1.0}, (0.25, 0.25, 0.25), (0.0, 0.5, 0.5)),
        ({"sold_once": 1.0}, (0.25, 0.25, 0.25), (0.5, 0.5, 0.5)),
        ({"posted": 1.0}, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
        (SOLD, (0.25, 0.5, 0.5), (0.5, 0.5, 0.5)),
        ({"held": 0.6, "resold": 0.4}, (0.25, 0.25, 0.5), (0.5, 0.5, 0.5)),
    ],
)
def test_circumstances_come_from_the_release(
    ways: dict[str, float] | None, confidentiality: tuple[float, ...], malicious: tuple[float, ...]
) -> None:
    """Held or sold once is limited, resold or posted is unknown; without a table both are judgments."""
    steps = {step.step: step for step in enisa_scoring.score_scenario(leak("full_name", ways)).leading.steps}
    judged = [
        (steps[name].low, steps[name].value, steps[name].high) for name in ("confidentiality", "malicious")
    ]
    assert [confidentiality, malicious] == judged


def test_what_a_scenario_does_not_hold_is_named_and_can_be_given() -> None:
    """Integrity, availability and context are no part of the range; given, they are added and not named."""
    plain = enisa_scoring.score_scenario(leak(TELECOM, SOLD))
    given = enisa_scoring.score_scenario(
        leak(TELECOM, SOLD), integrity=0.25, availability=0.5, context="profiling"
    )
    assert ["integrity", "availability", "context"] == [fact.partition(":")[0] for fact in plain.outside]
    assert () == given.outside
    assert given.score.se == plain.score.se + 0.25 + 0.5 + 1


def test_cohorts_are_read_apart_and_the_highest_counts() -> None:
    """A diagnosis and a name that leaked apart score less than as one list, which only `high` knows."""
    parts = [segment("a", 10, [("medical_record", 1.0)]), segment("b", 20, [("full_name phone_number", 1.0)])]
    found = enisa_scoring.score_scenario(scenario([*parts, segment("none", 5, [])], ways={"posted": 1.0}))
    assert ["a", "b"] == [cohort.cohort for cohort in found.cohorts]
    assert (2.0, 2.0) == tuple(cohort.score.se for cohort in found.cohorts)
    assert "b" == found.leading.cohort
    assert severity(4, 1, 0.5, malicious=True) == found.high
    assert "not more than 100 people" in found.flags[0]


def test_a_breach_of_nothing_has_no_score() -> None:
    """Where nothing leaked the method has nothing to score; it is refused, not zero."""
    with pytest.raises(ValueError, match=r"scenario 'world' leaked no field.*name a leak"):
        enisa_scoring.score_scenario(scenario([segment("all", 10, [])]))
    with pytest.raises(ValueError, match="unknown context 'minors' in the reading by ENISA"):
        enisa_scoring.score_scenario(leak("full_name"), context="minors")
    with pytest.raises(ValueError, match=r"integrity is 0\.3"):
        enisa_scoring.score_scenario(leak("full_name"), integrity=0.3)
