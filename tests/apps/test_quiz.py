"""The quiz: five exercises in words, whose choices and messages are those of the exercises."""

from __future__ import annotations

import re

import pytest

from breach_sim.apps.teaching.checking import EXERCISES, data, judge
from breach_sim.apps.teaching.quiz import quiz

MADE_FOR = {
    "1 in 4 notified people became victims", "adding routes", "multiplying dependent probabilities",
    "loss = accounts x P x loss", "residual after two measures = sum of both",
}  # fmt: skip


def test_each_question_has_one_right_choice_and_every_usual_mistake() -> None:
    """Choices are the key and the mistakes of the exercise, and none reads like another."""
    for seed in range(1, 60):
        for question in quiz(seed):
            exercise = EXERCISES[question.exercise]
            assert [own.message for own in question.choices if own.right] == [exercise.right]
            said = {(own.idea, own.message) for own in question.choices if not own.right}
            assert said == {(idea.name, idea.message) for idea in exercise.ideas}
            assert len({own.text for own in question.choices}) == len(question.choices)


def test_the_questions_hold_the_mistakes_that_the_lessons_were_made_for() -> None:
    """Each of the five named misconceptions is a wrong choice."""
    assert {own.idea for question in quiz(1) for own in question.choices} >= MADE_FOR


@pytest.mark.parametrize("seed", [1, 7])
def test_a_choice_is_judged_as_in_a_notebook(seed: int) -> None:
    """The number of a choice, handed in as an answer, gets the verdict of the lesson."""
    for question in quiz(seed):
        for own in question.choices:
            number = float(re.sub(r"[^0-9.]", "", own.text)) / (100 if "%" in own.text else 1)
            verdict = judge(question.exercise, number, seed)
            assert (verdict.state, verdict.idea) == ("right" if own.right else "idea", own.idea)


def test_a_question_holds_the_numbers_of_its_exercise() -> None:
    """Two seeds give two texts, and the text names the data that the key is computed from."""
    first, second = quiz(1), quiz(2)
    assert all(one.text != other.text for one, other in zip(first, second, strict=True))
    assert f"{data('1.3', seed=1)['notified']:,}" in first[0].text
    assert f"{data('4.1', seed=1)['successes']:,}" in first[4].text
