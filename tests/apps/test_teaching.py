"""Exercises that check themselves: right answers pass, usual mistakes get their own word, nothing raises."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from breach_sim.apps import teaching
from breach_sim.apps.teaching import choosing, keeping, remedies
from breach_sim.apps.teaching.exercise import Exercise, Idea
from breach_sim.apps.teaching.toy import crowd
from breach_sim.inputs.fields import mask
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.protections import Protection
from breach_sim.inputs.scenario import Scenario
from breach_sim.inputs.segment import Leak, Segment
from breach_sim.results.simulation import simulate

EXERCISES = list(teaching.EXERCISES.values())
SEEDS = range(1, 101)
P, K, N, S = "phone_number", "account_pin", "full_name", "ssn"
Data = dict[str, Any]


def subsets(names: Any) -> list[frozenset[str]]:
    """Return all subsets of some names."""
    own = sorted(names)
    return [frozenset(c) for size in range(len(own) + 1) for c in itertools.combinations(own, size)]


def ways(data: Data) -> list[frozenset[str]]:
    """Return the routes of all attacks."""
    return [frozenset(way) for routes in data["routes"].values() for way in routes]


def smallest(sets: list[frozenset[str]]) -> list[frozenset[str]]:
    """Return the sets that hold no other."""
    return [one for one in sets if not any(other < one for other in sets)]


def enumerated(data: Data, harm: Callable[[set[str]], bool]) -> float:
    """Return the probability of something by going through all worlds of independent fields."""
    total = 0.0
    for world in itertools.product([True, False], repeat=len(data)):
        chance = math.prod(p if true else 1 - p for p, true in zip(data.values(), world, strict=True))
        total += chance * harm({name for name, true in zip(data, world, strict=True) if true})
    return total


def loss_left(data: Data, safe: set[str]) -> float:
    """Return the loss of the attacks that have a route without a safe field."""
    return sum(
        data["loss_usd"][name]
        for name, routes in data["routes"].items()
        if any(not safe & set(way) for way in routes)
    )


def best(data: Data) -> frozenset[str]:
    """Return the affordable bundle that leaves least."""
    fits = [b for b in subsets(data["measures"]) if sum(data["cost"][n] for n in b) <= data["budget"]]
    return min(fits, key=lambda bundle: loss_left(data, {data["measures"][n] for n in bundle}))


def surplus(data: Data) -> float:
    """Return the excess of an independent risk over a background, from the survey's two shares."""
    background = data["hit_of_others"]
    breach = 1 - (1 - data["hit_of_notified"]) / (1 - background)
    return float(data["notified"] * (1 - background) * breach)


def ignorance(data: Data) -> float:
    """Return 1 less luck over the total variance, which comes from the raw second moment of the mixture."""
    n, rates = data["accounts"], (data["low_rate"], data["high_rate"])
    second = sum(n * p * (1 - p) + (n * p) ** 2 for p in rates) / 2
    total = second - (n * sum(rates) / 2) ** 2
    return 1 - sum(n * p * (1 - p) for p in rates) / 2 / total


def attacked(data: Data) -> float:
    """Return those attacked between two days, by small steps of the race."""
    days = np.linspace(data["reset_on_day"], data["later_on_day"], 20_001)
    density = data["hazard_per_day"] * np.exp(-data["hazard_per_day"] * days)
    return float(data["accounts"] * np.trapezoid(density, days))


TWINS: dict[str, Callable[[Data], Any]] = {
    "1.1": lambda d: {name for name, value in d["record"].items() if value is not None},
    "1.2": lambda d: [a for a, r in d["routes"].items() if any(set(w) <= set(d["lost"]) for w in r)],
    "1.3": surplus,
    "1.4": lambda d: (d["victims"] - d["victims"] * (1 - d["notified_of_victims"])) / d["notified"],
    "1.5": lambda d: (
        1
        - sum(
            math.exp(-d["attempts"]) * d["attempts"] ** k / math.factorial(k) * (1 - d["success"]) ** k
            for k in range(60)
        )
    ),
    "2.1": lambda d: enumerated(d, lambda lost: {P, K} <= lost),
    "2.2": lambda d: enumerated(d, lambda lost: len(lost) == 2),
    "2.3": lambda d: enumerated(d, lambda lost: {P, K} <= lost or {P, N, S} <= lost),
    "2.4": lambda d: smallest([s for s in subsets(set().union(*ways(d))) if any(w <= s for w in ways(d))]),
    "2.5": lambda d: smallest([s for s in subsets(set().union(*ways(d))) if all(w & s for w in ways(d))]),
    "2.6": lambda d: enumerated(
        d, lambda true: {N, S} <= true and bool({"date_of_birth", "date_of_birth can be looked up"} & true)
    ),
    "3.1": lambda d: sum(
        r["accounts"] * d["probability"] * d["loss_usd"] * r["lost_all_three"] for r in d["cohorts"]
    ),
    "3.2": lambda d: (
        d["attackable"]
        * d["attempts_per_account_year"]
        * min(1, d["capacity_per_year"] / (d["attackable"] * d["attempts_per_account_year"]))
    ),
    "3.3": lambda d: float((np.array(d["loss_of_each_run"]) > d["amount"]).mean()),
    "3.4": lambda d: (d["spread"] ** 2 / d["runs"]) ** 0.5,
    "3.5": ignorance,
    "4.1": lambda d: (
        d["successes"] * (1 - d["first_stops"] - d["second_stops"] + d["first_stops"] * d["second_stops"])
    ),
    "4.2": lambda d: d["successes"] - d["successes"] * (1 - d["uptake"] * d["effect"]),
    "4.3": lambda d: loss_left(d, {K, S}),
    "4.4": attacked,
    "4.5": lambda d: sum(x - d["cost"] for x in d["averted_in_each_run"]) / len(d["averted_in_each_run"]),
    "4.6": best,
}
"""Every key once more, without the package."""


class Mine:
    """An object that raises whatever is done to it."""

    def __getattribute__(self, name: str) -> Any:
        """Raise."""
        raise RuntimeError(name)

    def __repr__(self) -> str:
        """Raise."""
        raise RuntimeError

    def __eq__(self, other: object) -> bool:
        """Raise."""
        raise RuntimeError

    __hash__ = None  # type: ignore[assignment]


class Sly(float):
    """A number that cannot be made one."""

    def __float__(self) -> float:
        """Raise."""
        raise ZeroDivisionError


ODD = [
    "12", "", b"x", True, math.nan, math.inf, -math.inf, 1e308 * 10, 10**400, 1j, [], {}, (), set(), [[]],
    [None], [1, 2], ["ssn", 3], ["snn"], "ssn", [["ssn"], "imei"], {"a": 1}, np.array([1.0, 2.0]),
    np.array(math.nan), np.array([["x"]]), pd.Series([1.0, 2.0]), pd.DataFrame({"a": [1]}), pd.NA, pd.NaT,
    Decimal("NaN"), Decimal("sNaN"), Fraction(1, 3), object(), print, Mine(), [Mine()], Sly(1), range(10**9),
    ["a"] * 10**5, (x for x in "ab"),
]  # fmt: skip
"""What a beginner, or a joker, may hand in."""


def test_every_lesson_has_four_to_six_exercises() -> None:
    """Exercises are named by lesson and number, without gaps."""
    names = [name.split(".") for name in teaching.EXERCISES]
    numbers = {lesson: [int(n) for one, n in names if one == lesson] for lesson in "1234"}
    assert all(4 <= len(own) <= 6 and own == list(range(1, len(own) + 1)) for own in numbers.values())
    assert set(TWINS) == set(teaching.EXERCISES)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_right_passes_and_every_mistake_has_its_word(exercise: Exercise) -> None:
    """For seeds 1 to 100 the twin's answer is right, and each usual mistake gets its own message."""
    for seed in SEEDS:
        own = teaching.data(exercise.name, seed=seed)
        verdict = teaching.judge(exercise.name, TWINS[exercise.name](own), seed)
        assert (verdict.state, verdict.message) == ("right", f"{exercise.name} right. {exercise.right}"), seed
        for idea in exercise.ideas:
            verdict = teaching.judge(exercise.name, idea.value(own), seed)
            message = f"{exercise.name} not yet. {idea.message}"
            assert (verdict.state, verdict.idea, verdict.message) == ("idea", idea.name, message), seed


def test_data_differ_between_students() -> None:
    """A hundred seeds give at least ten different data, except where there are only few combinations."""
    few = {"1.2": 3, "4.1": 10}
    for name in teaching.EXERCISES:
        seen = {repr(teaching.data(name, seed=seed)) for seed in SEEDS}
        assert len(seen) >= few.get(name, 10), name


def test_every_message_is_its_own() -> None:
    """No two mistakes of an exercise share a message, and none has a name twice."""
    for exercise in EXERCISES:
        texts = [exercise.right, exercise.hint, *(idea.message for idea in exercise.ideas)]
        assert len(set(texts)) == len(texts)
        assert len({idea.name for idea in exercise.ideas}) == len(exercise.ideas) >= 2


def test_the_listed_misconceptions_are_there() -> None:
    """The mistakes that the lessons were made for are known by name."""
    named = {idea.name for exercise in EXERCISES for idea in exercise.ideas}
    assert {
        "1 in 4 notified people became victims", "adding routes", "multiplying dependent probabilities",
        "loss = accounts x P x loss", "residual after two measures = sum of both",
    } <= named  # fmt: skip


def test_check_never_raises_and_prints_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is handed in, `check` prints one verdict that names the exercise or its trouble."""
    for exercise in EXERCISES:
        for odd in ODD:
            assert teaching.check(exercise.name, odd, seed=1) is None
            said = capsys.readouterr()
            assert said.out.strip()
            assert said.err == ""
            assert " right. " not in said.out
            assert "0x" not in said.out


@pytest.mark.parametrize("nothing", [None, ...])
def test_an_unsolved_cell_says_what_is_expected(nothing: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Without an answer the same is printed for every seed: the form of an answer, and nothing else."""
    for exercise in EXERCISES:
        said = set()
        for seed in (1, 2, 99):
            teaching.check(exercise.name, nothing, seed=seed)
            said.add(" ".join(capsys.readouterr().out.split()))
        assert said == {f"{exercise.name} open. Expected: {exercise.expected}."}


def test_what_is_printed_does_not_depend_on_the_seed(capsys: pytest.CaptureFixture[str]) -> None:
    """Right answers and an answer that is no usual mistake print the same under every seed."""
    for exercise in EXERCISES:
        number = exercise.kind in {"number", "share"}
        for asked in ("key", "odd") if number else ("key",):
            said = set()
            for seed in (1, 2, 3):
                answer = teaching.key(exercise.name, seed=seed) if asked == "key" else -7
                teaching.check(exercise.name, answer, seed=seed)
                said.add(capsys.readouterr().out)
            assert len(said) == 1


@pytest.mark.parametrize("seed", [None, "1", -1, 1.5, True, math.nan])
def test_a_bad_seed_is_told(seed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """A seed that is none does not raise in `check`; `data` refuses it with a sentence."""
    teaching.check("2.1", 0.5, seed=seed)
    assert capsys.readouterr().out.strip()
    with pytest.raises(ValueError, match="seed is"):
        teaching.data("2.1", seed=seed)


def test_an_object_that_raises_at_every_touch_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """As answer, seed or exercise, it leads to a sentence."""
    for handed in ({"answer": Mine(), "seed": 1}, {"answer": 0.5, "seed": Mine()}):
        teaching.check("2.1", **handed)
        assert "raised an error" in " ".join(capsys.readouterr().out.split())
    teaching.check(Mine(), 0.5, seed=1)  # type: ignore[arg-type]
    assert "raised an error" in " ".join(capsys.readouterr().out.split())


def test_an_unknown_exercise_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong name is answered with the known ones."""
    teaching.check("9.9", 1, seed=1)
    assert "unknown exercise '9.9'" in capsys.readouterr().out
    with pytest.raises(ValueError, match=r"unknown exercise '2\.9' in teaching; did you mean"):
        teaching.key("2.9", seed=1)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("0.5", "text"), (True, "True or False"), (math.nan, "no finite number"), ([0.5], "type list"),
        (pd.Series([0.5]), "type Series"),
    ],
    ids=["text", "truth", "nan", "list", "column"],
)  # fmt: skip
def test_a_wrong_form_is_named(answer: Any, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An answer of the wrong form hears what is wrong with it, and what is expected."""
    teaching.check("2.1", answer, seed=1)
    assert message in " ".join(capsys.readouterr().out.split())


def test_numbers_may_be_rounded_and_of_any_kind() -> None:
    """Three digits pass, two percent off do not; NumPy, Decimal and Fraction count as numbers."""
    right = teaching.key("2.3", seed=1)
    for same in (float(f"{right:.3g}"), np.float32(right), np.array(right), Decimal(right), Fraction(right)):
        assert teaching.judge("2.3", same, 1).state == "right"
    assert teaching.judge("2.3", right * 1.02, 1).state == "not yet"
    assert teaching.judge("2.3", right * 100, 1).idea == "percent"


def test_names_may_be_written_freely_and_misspelt_ones_are_told() -> None:
    """Capitals, blanks, order and container do not matter; the nearest name is offered."""
    right = teaching.key("1.1", seed=1)
    free = tuple(name.replace("_", " ").title() for name in reversed(right))
    for same in (free, set(right), np.array(right), pd.Index(right), pd.Series(right), dict.fromkeys(right)):
        assert teaching.judge("1.1", same, 1).state == "right"
    assert "did you mean 'ssn'" in teaching.judge("1.1", ["snn"], 1).message


def test_a_student_cannot_change_the_key() -> None:
    """Data are handed out as copies: whatever is done to them, the key stays."""
    before = repr(teaching.key("2.4", seed=1))
    given = teaching.data("2.4", seed=1)
    given["routes"]["line"][0].clear()
    given.clear()
    assert repr(teaching.key("2.4", seed=1)) == before
    assert teaching.data("2.4", seed=1)["routes"]["line"][0]


def test_mistakes_that_cannot_be_told_apart_are_seen() -> None:
    """An exercise whose mistake leads to the key has no data."""
    one = teaching.EXERCISES["2.1"]
    twin = Idea(name="the key", value=one.solve, message="x")
    planted = dataclasses.replace(one, ideas=(*one.ideas, twin))
    assert one.apart(teaching.data("2.1", seed=1))
    assert not planted.apart(teaching.data("2.1", seed=1))


def test_the_toy_of_the_model() -> None:
    """The numbers of the worked toy: 0.693, residuals, and the race at 1 % a day."""
    cells = crowd([((P,), 0.9), ((K,), 0.5), ((N,), 0.9), ((S,), 0.6)])
    assert cells.holding_any([mask([P, K]), mask([P, N, S])]) == 693_000
    toy = {"routes": {"swap": [[P, K], [P, N, S]], "new": [[N, S, "date_of_birth"]]}}
    toy["loss_usd"] = {"swap": 20, "new": 20}  # type: ignore[dict-item]
    assert [remedies._left(toy, safe) for safe in ((), (K,), (S,), (K, S))] == [40, 40, 20, 0]
    race = {"accounts": 100_000, "hazard_per_day": 0.01}
    assert [round(remedies._hit(race, day)) for day in (10, 30)] == [9_516, 25_918]


def run(graph: Any, accounts: int, lost: tuple[str, ...] = (N,)) -> Any:
    """Return an impact of one certain segment over one year."""
    leak = Leak(fields=lost, coverage=Estimate.fixed("all", 1, "share"))
    scenario = Scenario(name="toy", segments=(Segment(name="all", accounts=accounts, leaks=(leak,)),))
    return simulate(scenario, graph, replicates=1, seed=1, horizon_years=1)


def test_the_engine_agrees_with_the_closed_forms() -> None:
    """Chance of harm, expected loss and finite crews are those of the simulation, seed by seed."""
    for seed in (1, 2, 3):
        own = teaching.data("1.5", seed=seed)
        graph = teaching.toy_graph({"x": [[N]]}, losses={"x": 1.0}, **own)
        expected = float(run(graph, 10**6).expected_loss()[0]) / 10**6
        assert math.isclose(expected, teaching.key("1.5", seed=seed), rel_tol=1e-9)
        own = teaching.data("3.1", seed=seed)
        rate = -math.log(1 - own["probability"])
        graph = teaching.toy_graph({"x": [[N]]}, losses={"x": own["loss_usd"]}, attempts=rate)
        lost = sum(row["accounts"] for row in own["cohorts"] if row["lost_all_three"])
        expected = float(run(graph, lost).expected_loss()[0])
        assert math.isclose(expected, teaching.key("3.1", seed=seed), rel_tol=1e-9)


def test_the_engine_agrees_with_finite_crews_and_two_locks() -> None:
    """Capacity and protections: attempts of year one, and expected successes behind two locks."""
    fixed = Estimate.fixed
    for seed in (1, 2, 3):
        own = teaching.data("3.2", seed=seed)
        graph = teaching.toy_graph({"x": [[N]]}, attempts=own["attempts_per_account_year"])
        limit = fixed("x.capacity", own["capacity_per_year"], "attempts/year")
        graph = dataclasses.replace(graph, attacks=(dataclasses.replace(graph["x"], capacity=limit),))
        scale = float(run(graph, own["attackable"]).law.scales["x"][0])
        attempts = scale * own["attackable"] * own["attempts_per_account_year"]
        assert math.isclose(attempts, teaching.key("3.2", seed=seed), rel_tol=1e-9)
        own = teaching.data("4.1", seed=seed)
        locks = tuple(
            Protection(
                name=name,
                uptake=fixed(f"{name}.uptake", 1, "share"),
                effect=fixed(name, own[name], "share"),
            )
            for name in ("first_stops", "second_stops")
        )
        graph = teaching.toy_graph({"x": [[N]]}, losses={"x": 1.0}, attempts=own["successes"] / 10**6)
        graph = dataclasses.replace(graph, attacks=(dataclasses.replace(graph["x"], protections=locks),))
        hit = float(run(graph, 10**6).expected_loss()[0]) / 10**6
        assert math.isclose(-math.log(1 - hit) * 10**6, teaching.key("4.1", seed=seed), rel_tol=1e-9)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_a_letter_is_as_good_as_the_answer(exercise: Exercise) -> None:
    """Of the choices exactly one is right and the rest are usual mistakes, for every seed."""
    for seed in range(1, 21):
        offered = teaching.checking.offered(exercise.name, seed=seed)
        verdicts = [teaching.judge(exercise.name, one.letter, seed) for one in offered]
        assert ["right"] == [one.state for one in verdicts if one.state != "idea"]
        assert len({one.idea for one in verdicts}) == len(offered) >= 3
        assert len({one.text for one in offered}) == len(offered)
        assert verdicts == [teaching.judge(exercise.name, one.value, seed) for one in offered]


def test_the_right_letter_differs_between_students() -> None:
    """Each letter is the right one for about as many seeds as another."""
    right = [
        next(one.letter for one in teaching.checking.offered("2.1", seed=seed) if _is_right("2.1", one, seed))
        for seed in range(1, 201)
    ]
    assert all(30 <= right.count(letter) <= 70 for letter in "abcd")


def _is_right(exercise: str, choice: Any, seed: int) -> bool:
    return teaching.judge(exercise, choice.letter, seed).state == "right"


def test_a_letter_is_read_freely_and_one_too_many_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Capitals and blanks do not matter; a letter beyond the last gets the range, and never raises."""
    teaching.choices("2.1", seed=1)
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed[1:]] == ["a", "b", "c", "d"]
    assert teaching.judge("2.1", " A ", 1) == teaching.judge("2.1", "a", 1)
    beyond = teaching.judge("2.1", "z", 1)
    assert "unreadable" == beyond.state
    assert "there is no choice 'z': the letters go from a to d" in beyond.message
    teaching.check("2.1", "z", seed=1, keep=True)
    assert "2.1 cannot be read" in capsys.readouterr().out
    with pytest.raises(ValueError, match=r"9\.9"):
        teaching.choices("9.9", seed=1)


def test_what_is_kept_of_a_letter_is_its_answer() -> None:
    """The record of a letter is the record of the value, so that marks need no list of letters."""
    asked = teaching.EXERCISES["2.4"]
    choice = teaching.checking.offered("2.4", seed=5)[0]
    record = keeping.answer_record(
        asked, choosing.chosen(asked, choice.letter, teaching.data("2.4", seed=5), 5), 5
    )
    assert record == keeping.answer_record(asked, choice.value, 5)
