"""Predictions held against what was published: every amount has its row, and the model beats its baselines.

The acceptance of the model stands in :func:`test_intervals_cover_as_often_as_they_say` and those after it,
with bounds, not with the figures of one fit.
"""

from __future__ import annotations

import csv
import itertools
import json
import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import payments_reference as twin
from support.command_line import refused, say
from support.figure_laws import broken_laws

import breach_sim as bs
from breach_sim import catalog, plots
from breach_sim.analysis.backtesting import predictions
from breach_sim.analysis.backtesting.baselines import BASELINES, PER_RECORD_USD, Baselines
from breach_sim.analysis.backtesting.markdown import page
from breach_sim.analysis.backtesting.predictions import backtest
from breach_sim.analysis.backtesting.scoreboard import MODEL, Scoreboard, ScoreRow
from breach_sim.analysis.backtesting.scoring import LEVELS, Normals, score, summarize
from breach_sim.analysis.calibration.rows import fit_rows, kinds_of, row_of
from breach_sim.catalog.faces.labels import label_of_line
from breach_sim.inputs.firm.outcomes import PublishedAmount
from breach_sim.inputs.firm.payments import line_of
from breach_sim.inputs.published import breach_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/scoreboard.md"
SEED = 1
FEW = 10
"""Rows of a kind from which on its coverage is asked for."""
OVER_ALL_LINES = ("cost per record", "line on size", "constant", "first law of scale")
"""Baselines that speak about every row."""
HEADER = "breach,year,country,sector,people,fields,kind,amount,currency,set_on\n"
UNKNOWN = "A shop,2019,US,retail,2000000,ssn;full_name,settlement,5000000,USD,2021-03-01\n"
ABROAD = "A clinic,2020,FR,health,40000,medical_record,fine,90000,EUR,2021-05-12\n"
NAMES = ("p5", "p25", "p50", "p75", "p95")


@pytest.fixture(scope="module")
def board() -> Scoreboard:
    """Return the board as the page has it."""
    return backtest(seed=SEED)


def written(folder: Path, *rows: str, header: str = HEADER) -> Path:
    """Write a file of outcomes."""
    path = folder / "mine.csv"
    path.write_text(header + "".join(rows), encoding="utf-8")
    return path


def scored_as(board: Scoreboard, law: Any) -> Scoreboard:
    """Return a board of the same scored rows, predicted by another law of the row."""
    rows = []
    for row in board.scored:
        outcome = math.log(row.amount.usd_constant or math.nan)
        rows.append(replace(row, score=score(law(row), outcome)))
    return replace(board, rows=tuple(rows))


def spread_by(factor: float, shift: float = 0.0) -> Any:
    """Return laws with the board's medians, moved, and its spreads, multiplied."""

    def law(row: ScoreRow) -> Normals:
        assert row.score is not None
        middle = math.log(row.score.quantiles[2]) + shift
        spread = math.log(row.score.width) / (2 * 1.6449)
        return Normals(np.array([middle]), np.array([factor * spread]))

    return law


# No row can be dropped -------------------------------------------------------------------------------------


def test_every_amount_has_its_row(board: Scoreboard) -> None:
    """Each published amount stands in exactly one row, in the order of the file."""
    assert tuple(row.amount for row in board.rows) == catalog.load_amounts()


def test_what_is_fitted_is_predicted_and_the_rest_says_why_not(board: Scoreboard) -> None:
    """Amounts for the fit of which a line speaks have that line and a score; the others have a reason."""
    for row in board.rows:
        own = row.amount
        line = line_of(own.kind, own.country, own.set_on or str(own.year or ""))
        if own.use == "fit" and line is not None:
            assert row.score is not None, own.name
            assert row.line == line
        else:
            assert (row.score, row.line, row.verdict) == (None, "", ""), own.name
            assert row.note, own.name
    assert sum(row.score is not None for row in board.rows) == board.figures == len(fit_rows())


def test_counts_come_from_the_rows(board: Scoreboard) -> None:
    """Rows, coverage, misses and means of every group follow from the rows that stand on the board."""
    exact = [row for row in board.rows if row.score is not None and row.amount.bound == "exact"]
    assert tuple(exact) == board.scored
    inside = [row for row in exact if 0.05 <= row.score.percentile <= 0.95]
    assert board.overall.rows == len(exact)
    assert board.overall.cover90 == pytest.approx(len(inside) / len(exact), abs=1e-12)
    assert board.overall.crps == pytest.approx(np.mean([row.score.crps for row in exact]), rel=1e-12)
    outside = sum(row.verdict == "miss" for row in board.rows)
    assert outside == len(board.misses) == len(board.missed())
    kinds = Counter(row.amount.kind for row in exact)
    assert {kind: len(board.groups[kind]) for kind in kinds} == kinds
    by_size = [name for name in board.groups if "people" in name and not name.startswith("settlements")]
    assert sum(len(board.groups[name]) for name in by_size) == len(exact)


def test_a_dropped_or_changed_row_moves_the_counts(board: Scoreboard) -> None:
    """Without one miss the board has one row, one miss and one sentence fewer: nothing is stored beside."""
    worst = board.misses[0]
    without = replace(board, rows=tuple(row for row in board.rows if row is not worst))
    assert len(without.misses) == len(board.misses) - 1
    assert len(without.sentences()) == len(board.sentences()) - 1
    assert without.overall.cover90 > board.overall.cover90
    assert json.loads(without.to_json())["misses"] == len(board.misses) - 1


def test_the_verdict_follows_from_percentile_and_bound(board: Scoreboard) -> None:
    """A hit lies between the 5 % and the 95 % quantile; a ceiling misses only below, a floor only above."""
    for row in board.rows:
        if row.score is None:
            continue
        low, high = row.score.percentile < 0.05, row.score.percentile > 0.95
        missed = {"exact": low or high, "ceiling": low, "floor": high}[row.amount.bound]
        assert row.verdict == ("miss" if missed else "hit")
        assert list(row.score.quantiles) == sorted(row.score.quantiles)
        outcome = row.amount.usd_constant or math.nan
        if row.amount.bound == "exact" and min(row.score.percentile, 1 - row.score.percentile) > 0.001:
            below = np.array(row.score.quantiles) * 0.97 <= outcome
            above = np.array(row.score.quantiles) * 1.03 >= outcome
            assert (below | ~(np.array(LEVELS) <= row.score.percentile)).all(), row.amount.name
            assert (above | ~(np.array(LEVELS) >= row.score.percentile)).all(), row.amount.name


def test_a_ceiling_and_a_floor_are_shown_and_not_scored(board: Scoreboard) -> None:
    """Bounds have a prediction, a verdict and a note, but count in no summary."""
    bounded = [row for row in board.rows if row.score is not None and row.amount.bound != "exact"]
    assert bounded
    for row in bounded:
        assert not row.scored
        assert "scored by no rule" in row.note
        assert row.cells()[4].startswith(("at most ", "at least "))


# What the model must hold ----------------------------------------------------------------------------------


def test_intervals_cover_as_often_as_they_say(board: Scoreboard) -> None:
    """Of all outcomes 84 to 96 % lie inside their 90 % intervals, 42 to 58 % inside their 50 % intervals."""
    assert board.overall.rows >= 100
    assert 0.84 <= board.overall.cover90 <= 0.96
    assert 0.42 <= board.overall.cover50 <= 0.58


def test_intervals_cover_in_every_kind(board: Scoreboard) -> None:
    """80 to 98 % lie inside the 90 % intervals in each kind with ten rows or more, but for settlements.

    All settlements lie inside theirs, 16 of 16 when this was written, which is above 98 %: one outcome more
    outside would be inside the bounds. With honest intervals this has a probability of 0.9^16 = 0.185. The
    upper bound is not met there, and the test says so rather than leaving settlements out.
    """
    kinds = {row.amount.kind for row in board.scored}
    large = {kind for kind in kinds if len(board.groups[kind]) >= FEW}
    assert "settlement" in large
    assert len(large) >= 4
    for kind in large - {"settlement"}:
        assert 0.80 <= board.summaries()[kind][MODEL].cover90 <= 0.98, kind
    settlements = board.summaries()["settlement"][MODEL]
    assert settlements.cover90 >= 0.80
    assert 0.9**settlements.rows > 0.05 or settlements.cover90 <= 0.98


def test_percentiles_are_even(board: Scoreboard) -> None:
    """The percentiles of all outcomes are uniform with p above 0.05, by the twin's exact probability."""
    _, p = twin.kolmogorov_smirnov(board.percentiles.tolist())
    assert p > 0.05
    assert board.overall.uniform_p == pytest.approx(p, rel=1e-3)
    assert not board.refuted


@pytest.mark.parametrize("baseline", OVER_ALL_LINES)
def test_the_model_beats_each_baseline(board: Scoreboard, baseline: str) -> None:
    """The mean CRPS over all scored rows is below that of each baseline, and the log score above it."""
    by = board.summaries()["all"]
    assert by[baseline].rows == by[MODEL].rows
    assert by[MODEL].crps < by[baseline].crps
    assert by[MODEL].log_score > by[baseline].log_score


def test_the_model_beats_the_first_ledger_where_it_spoke(board: Scoreboard) -> None:
    """On the rows about which the first ledger spoke the model's mean CRPS is below its mean CRPS."""
    rows = [row for row in board.scored if "first ledger" in row.baselines]
    assert len(rows) >= FEW
    ours = summarize([row.score for row in rows if row.score])
    assert ours.crps < summarize([row.baselines["first ledger"] for row in rows]).crps


def test_large_settlements_have_a_useful_width(board: Scoreboard) -> None:
    """For settlements of ten million people or more the median width, 95 % over 5 %, is at most 60."""
    large = board.summaries()["settlements of 10 million people or more"][MODEL]
    assert large.rows >= 5
    assert large.width <= 60


def the_row(board: Scoreboard, breach: str, kind: str) -> ScoreRow:
    """Return the one predicted row of a kind of a breach."""
    (row,) = [
        row
        for row in board.rows
        if (row.amount.breach, row.amount.kind) == (breach, kind) and row.score is not None
    ]
    return row


def test_tmobile_is_predicted_without_its_own_figures(board: Scoreboard) -> None:
    """350 million, 15.75 million and 531.5 million USD lie inside their 90 % intervals, T-Mobile left out."""
    for kind, usd in (("settlement", 350e6), ("fine", 15.75e6)):
        row = the_row(board, "tmobile-2021", kind)
        assert row.amount.usd == usd
        low, *_, high = (end * row.nominal for end in row.score.quantiles)
        assert low <= usd <= high
        assert row.verdict == "hit"
    (total,) = [row for row in board.sums if row.breach == "tmobile-2021" and row.how == "predicted"]
    assert total.label == "settlement + fine + security"
    parts = [
        amount
        for amount in catalog.load_amounts()
        if amount.breach == "tmobile-2021"
        and amount.kind in {"settlement", "fine", "security"}
        and amount.use != "left out"
    ]
    assert sum(amount.usd or 0 for amount in parts) == 531.5e6
    assert total.outcome == pytest.approx(sum(amount.usd_constant or 0 for amount in parts), rel=1e-12)
    assert total.quantiles[0] <= total.outcome <= total.quantiles[2]
    assert total.verdict == "hit"


@pytest.mark.parametrize("kind", ["fine", "cost_gross"])
def test_talktalk_is_less_far_off_than_it_was(board: Scoreboard, kind: str) -> None:
    """Fine and cost of TalkTalk differ from their medians by less than the factor 74 of the first version."""
    row = the_row(board, "talktalk-2015", kind)
    assert row.score is not None
    ratio = (row.amount.usd_constant or math.nan) / row.score.quantiles[2]
    assert max(ratio, 1 / ratio) < 74


# Planted faults --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("factor", "shift", "what"),
    [(0.4, 0.0, "narrow"), (3.0, 0.0, "wide"), (1.0, 1.5, "high"), (1.0, -1.5, "low")],
)
def test_a_planted_fault_of_the_model_is_found(
    board: Scoreboard, factor: float, shift: float, what: str
) -> None:
    """Laws too narrow, too wide, too high or too low fail coverage or refute the percentiles."""
    planted = scored_as(board, spread_by(factor, shift))
    assert planted.refuted, what
    if what in {"narrow", "high", "low"}:
        assert planted.overall.cover90 < 0.84
    if what == "wide":
        assert planted.overall.cover90 > 0.96
    assert planted.overall.crps > board.overall.crps
    assert "REFUTED" in planted.sentences()[0]


def test_the_faults_are_planted_in_an_honest_copy(board: Scoreboard) -> None:
    """With factor 1 and no shift the normal copies of the laws are not refuted: the test above can pass."""
    copy = scored_as(board, spread_by(1.0))
    assert not copy.refuted
    assert 0.84 <= copy.overall.cover90 <= 0.96


def test_no_amount_predicts_itself() -> None:
    """A baseline for a row does not move when the amounts of its own breach do, and does for another's."""
    rows = fit_rows()
    first = catalog.load_first_payments()
    own = next(row for row in rows if row.breach == "tmobile-2021")
    for name in OVER_ALL_LINES:
        before = Baselines(rows=rows, first=first).law(name, own)
        for breach, same in (("tmobile-2021", True), ("equifax-2017", False)):
            moved = tuple(replace(r, ln_amount=r.ln_amount + 5 * (r.breach == breach)) for r in rows)
            paid = tuple((b, n, usd * (150 if b == breach else 1)) for b, n, usd in first)
            after = Baselines(rows=moved, first=paid).law(name, own)
            assert before is not None
            assert after is not None
            levels = np.array(LEVELS)
            assert np.allclose(before.quantile(levels), after.quantile(levels)) == same, (name, breach)


def test_the_cost_per_record_is_the_published_average() -> None:
    """The first baseline has the published cost of a record, in prices of 2024, as its median."""
    rows = fit_rows()
    law = Baselines(rows=rows, first=()).law("cost per record", rows[0])
    assert law is not None
    per_person = math.exp(float(law.quantile(np.array([0.5]))[0])) / rows[0].people
    assert per_person == pytest.approx(PER_RECORD_USD * 313.689 / 270.970, rel=0.01)


def test_effective_draws_are_known_for_every_fitted_breach(board: Scoreboard) -> None:
    """Each prediction without its breach says how many draws are behind it: 1 to 1,000."""
    assert set(board.effective_draws) == {row.breach for row in fit_rows()}
    assert all(1 <= own <= predictions.DRAWS for own in board.effective_draws.values())
    assert min(board.effective_draws.values()) >= 100, "fit these breaches again without their rows"


# Sums, ledgers, attacks, open predictions ------------------------------------------------------------------


def test_sums_and_ledgers_say_how_they_came_about(board: Scoreboard) -> None:
    """Sums are predicted without the breach, whole ledgers reproduced; verdicts follow from percentiles."""
    assert {"predicted", "reproduced"} == {row.how for row in board.sums}
    for row in board.sums:
        assert list(row.quantiles) == sorted(row.quantiles)
        assert row.verdict == ("hit" if 0.05 <= row.percentile <= 0.95 else "miss")
        assert (row.how == "reproduced") == ("all lines" in row.label)


def test_complaints_are_ceilings(board: Scoreboard) -> None:
    """Complaints of both readings of the people are held against 415 and five million; a hit lies below."""
    assert {"tmobile-2021-class", "tmobile-2021-stated"} == {row.scenario for row in board.attacks}
    assert {("complaints", 415.0), ("complaint_loss", 5e6)} == {
        (row.quantity, row.outcome) for row in board.attacks
    }
    for row in board.attacks:
        assert row.verdict == ("hit" if row.quantiles[2] <= row.outcome else "miss")


def test_every_breach_without_a_payment_has_a_prediction(board: Scoreboard) -> None:
    """Each scenario of the library waits, unless its breach has a fitted amount or it is a misreading."""
    paid = {row.breach for row in fit_rows()}
    wanted = {
        name
        for name in catalog.scenario_names()
        if breach_of(name) not in paid and catalog.load_scenario(name).dossier.standing != "misreading"
    }
    assert wanted == {own.scenario for own in board.open_predictions}
    assert wanted
    for own in board.open_predictions:
        line = "fine_gdpr" if "fine_gdpr" in own.payments else "fine"
        assert ["settlement", line] == list(own.payments)
        for name in own.payments:
            assert 0 < own.chances[name] < 1
            assert list(own.payments[name]) == sorted(own.payments[name])
        assert own.ledger is None or list(own.ledger) == sorted(own.ledger)
    frame = board.waiting()
    assert len(frame) == len(wanted)


# A file of one's own ---------------------------------------------------------------------------------------


def test_a_breach_that_nobody_knows_is_predicted_from_the_posterior(tmp_path: Path) -> None:
    """Quantiles are those of the mixture over posterior rows; no draw without a breach is asked for."""
    (row,) = backtest(written(tmp_path, UNKNOWN), seed=SEED).rows
    amount = row.amount
    fit = row_of(amount, kinds_of([amount])[amount.breach])
    assert fit is not None
    posterior = catalog.load_payment_rows()
    wanted = posterior.quantiles("settlement", fit.case, LEVELS)
    assert row.score is not None
    # 1,000 of 4,000 rows: about 0.05 of the spread of 1.2 on the logarithm at the ends.
    assert np.allclose(np.log(row.score.quantiles), np.log(wanted), atol=0.2)
    mean, sd = posterior.log_mean("settlement", fit.case), posterior.spread_of("settlement")
    mixture = twin.Mixture(np.ones(len(mean)), mean, sd)
    assert row.score.percentile == pytest.approx(mixture.cdf(math.log(5e6 * fit_prices(amount))), abs=0.03)
    assert row.verdict == "hit"


def fit_prices(amount: PublishedAmount) -> float:
    """Return prices of 2024 over those of the amount's month."""
    assert amount.usd
    assert amount.usd_constant
    return amount.usd_constant / amount.usd


def test_a_breach_of_the_fit_is_predicted_without_its_rows(board: Scoreboard, tmp_path: Path) -> None:
    """An amount of a known breach in a user's file is not predicted from its own figures."""
    amount = the_row(board, "tmobile-2021", "settlement").amount
    path = tmp_path / "mine.csv"
    cells = {
        "breach": "T-Mobile US", "year": 2021, "country": "US", "people": 76_600_000,
        "fields": ";".join(amount.fields), "kind": "settlement", "amount": 350_000_000, "currency": "USD",
        "set_on": "2023-06-29",
    }  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(cells))
        writer.writeheader()
        writer.writerow(cells)
    (row,) = backtest(path, seed=SEED).rows
    assert row.amount.breach == "tmobile-2021"
    assert row.score == the_row(board, "tmobile-2021", "settlement").score


def test_json_of_a_users_file_has_rows_and_summaries(tmp_path: Path) -> None:
    """Each row has quantiles, percentile and scores; each kind a summary of the model and its baselines."""
    path = written(tmp_path, UNKNOWN, ABROAD, UNKNOWN.replace("A shop", "B shop").replace("5000000", "9e5"))
    said = say("backtest", "--outcomes", path, "--json")
    assert (0, "") == (said.code, said.err)
    document = json.loads(said.out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert ["settlement", "fine", "settlement"] == [row["kind"] for row in document["rows"]]
    assert ["settlement", "fine_gdpr", "settlement"] == [row["line"] for row in document["rows"]]
    for row in document["rows"]:
        ends = [row[name] for name in NAMES]
        assert ends == sorted(ends)
        assert row["median"] == row["p50"]
        assert 0 < row["percentile"] < 1
        assert row["crps"] > 0
        assert math.isfinite(row["log_score"])
        for name in OVER_ALL_LINES:
            assert {*NAMES, "percentile", "width", "crps", "log_score"} == set(row["baselines"][name])
    assert {"all", "settlement", "fine"} <= set(document["summary"])
    for group, size in (("all", 3), ("settlement", 2), ("fine", 1)):
        by = document["summary"][group]
        assert {MODEL, *OVER_ALL_LINES} <= set(by) <= {MODEL, *BASELINES}
        for own in by.values():
            assert own["rows"] == size
            assert {"rows", "cover90", "cover50", "width", "crps", "log_score", "uniform_p"} == set(own)
    assert document["posterior"]["hash"] == catalog.load_payment_rows().hash
    assert document["seed"] == SEED
    assert [] == document["waiting"] == document["attacks"]


def test_amounts_are_shown_in_usd_of_their_month(tmp_path: Path) -> None:
    """Quantiles and outcome of a row are in the USD of its month: prices of 2024 times the same factor."""
    (row,) = backtest(written(tmp_path, ABROAD)).rows
    frame = replace(backtest([]), rows=(row,)).table()
    (line,) = [frame.iloc[i] for i in range(len(frame))]
    assert row.score is not None
    assert line["outcome"] == row.amount.usd != row.amount.amount
    assert line["outcome_2024"] == row.amount.usd_constant
    factor = line["outcome"] / line["outcome_2024"]
    assert line["p5"] == pytest.approx(row.score.quantiles[0] * factor, rel=1e-12)


def test_rows_of_which_the_model_does_not_speak_keep_their_place(tmp_path: Path) -> None:
    """A count, an amount without people and a kind without a line stand on the board, with the reason."""
    rows = (
        "A shop,2019,US,retail,2000000,,claims,5000,,2021\n",
        "A shop,2019,US,retail,,,settlement,5000000,USD,2021\n",
        "A shop,2019,US,retail,2000000,,fees,5000000,USD,2021\n",
    )
    found = backtest(written(tmp_path, *rows))
    assert len(found.rows) == 3
    assert not found.scored
    assert not found.refuted
    for row in found.rows:
        assert row.score is None
        assert row.note
    assert found.sentences() == ["No amount was predicted."]


BAD: dict[str, tuple[str, tuple[str, ...]]] = {
    "no currency": (UNKNOWN.replace("USD", ""), ("currency of settlement is ''", "such as USD")),
    "people of 0": (UNKNOWN.replace("2000000", "0"), ("people is 0", "must be above 0")),
    "unknown kind": (
        UNKNOWN.replace("settlement", "setlement"),
        ("unknown kind 'setlement'", "did you mean 'settlement'"),
    ),
    "more than the world makes": (UNKNOWN.replace("5000000", "2e14"), ("at most 1.1e+14 USD", "product")),
    "a word for a number": (UNKNOWN.replace("5000000", "five"), ("amount is 'five'", "write a number")),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_is_refused_by_the_command(tmp_path: Path, case: str) -> None:
    """A bad row gives file, line, value, rule and remedy in one line, and exit code 2."""
    row, parts = BAD[case]
    said = say("backtest", "--outcomes", written(tmp_path, ABROAD, row))
    refused(said, "mine.csv, line 3: ", *parts)


def test_other_refusals_of_the_command(tmp_path: Path) -> None:
    """A missing file, two formats at once and a page of a file are refused with exit code 2."""
    refused(say("backtest", "--outcomes", tmp_path / "none.csv"), "none.csv", "no such file")
    refused(say("backtest", "--page", "--json"), "--page and --json", "take one")
    refused(say("backtest", "--page", "--outcomes", written(tmp_path, UNKNOWN)), "--page and --outcomes")
    refused(say("backtest", "--outcomes", written(tmp_path, UNKNOWN), "--seed", "-1"), "seed is -1")


def test_columns_that_are_not_read_are_named(tmp_path: Path) -> None:
    """An unknown column is named on standard error and changes nothing."""
    path = written(tmp_path, UNKNOWN.strip() + ",x\n", header=HEADER.strip() + ",my_notes\n")
    said = say("backtest", "--outcomes", path, "--json")
    assert said.code == 0
    assert "not read: column 'my_notes'" in said.err
    assert said.out == say("backtest", "--outcomes", written(tmp_path, UNKNOWN), "--json").out


def test_refuted_predictions_end_with_code_one(tmp_path: Path) -> None:
    """Six settlements of a dollar refute the model: in words and as the exit code; all are misses."""
    rows = [UNKNOWN.replace("A shop", f"Shop {i}").replace("5000000", "1") for i in range(6)]
    said = say("backtest", "--outcomes", written(tmp_path, *rows))
    assert said.code == 1
    assert "0% of 6 outcomes inside their 90 % intervals" in said.out.replace("\n", " ")
    assert "REFUTED" in said.out
    assert said.out.replace("\n", " ").count("Miss: ") == 6


# Faces of the board ----------------------------------------------------------------------------------------


def test_the_page_is_what_the_command_gives(board: Scoreboard) -> None:
    """docs/scoreboard.md is the page that the board makes; `breach-sim backtest --page` prints it."""
    assert PAGE.read_text(encoding="utf-8") == page(board), "breach-sim backtest --page > docs/scoreboard.md"


def table_rows(text: str) -> Iterator[str]:
    """Yield the rows of all tables of a page in Markdown, without heads and rules."""
    lines = text.splitlines()
    for before, line in itertools.pairwise(lines):
        if line.startswith("| ") and not line.startswith("| ---") and before.startswith("| "):
            yield line


def test_the_page_has_every_row_and_every_miss(board: Scoreboard) -> None:
    """As many table rows as amounts, sums, complaints and predictions; each miss in its row and in words."""
    text = page(board)
    groups = [by for by in board.summaries().values() if by[MODEL].rows >= 5]
    wanted = len(board.rows) + len(board.sums) + len(board.attacks) + len(board.open_predictions)
    wanted += len(catalog.load_evidence_shares())
    assert len(list(table_rows(text))) == wanted + sum(len(by) for by in groups)
    missed = [row for row in (*board.misses, *board.sums, *board.attacks) if row.verdict == "miss"]
    assert text.count("**miss**") == len(missed)
    assert text.count("\n- Miss: ") == len(board.misses) > 0
    for row in board.rows:
        assert f"| {row.amount.breach} | {row.amount.kind} |" in text


def test_the_histogram_of_the_page_counts_every_percentile(board: Scoreboard) -> None:
    """The bars of the page have as many marks as there are scored rows, in ten bins."""
    (bars,) = re.findall(r"```text\n(.*?)\n```", page(board), re.DOTALL)
    counts = [int(line.rsplit(" ", 1)[1]) for line in bars.splitlines()]
    assert len(counts) == 10
    assert sum(counts) == len(board.scored) == bars.count("#")


def test_the_readme_says_what_the_board_says(board: Scoreboard) -> None:
    """README gives rows, both coverages, the CRPS and that of the best baseline as the board has them."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    by = board.summaries()["all"]
    own, best = by[MODEL], min((by[name] for name in OVER_ALL_LINES), key=lambda other: other.crps)
    for words in (
        f"{own.cover90:.0%} of {own.rows}",
        f"{own.cover50:.0%}",
        f"CRPS of {own.crps:.2f}",
        f"{best.crps:.2f}",
    ):
        assert words in text, words


def test_the_screen_names_every_miss(tmp_path: Path) -> None:
    """The words of the board stand on the screen, with a table of rows and one of scores."""
    rows = (UNKNOWN, ABROAD, UNKNOWN.replace("A shop", "B shop").replace("5000000", "1"))
    said = say("backtest", "--outcomes", written(tmp_path, *rows))
    shown = " ".join(said.out.split())
    assert "67% of 3 outcomes inside their 90 % intervals" in shown
    assert shown.count("Miss: ") == 1
    for word in ("percentile", "verdict", "best baseline", "Mean CRPS of ln amount"):
        assert word in shown, word


def test_the_same_seed_gives_the_same_board(tmp_path: Path) -> None:
    """Two boards of one file and one seed are the same text."""
    path = written(tmp_path, UNKNOWN, ABROAD)
    first, second = (backtest(path, seed=3).to_json() for _ in range(2))
    assert first == second


def test_html_is_escaped(tmp_path: Path) -> None:
    """What comes from a file cannot become markup."""
    shown = backtest(written(tmp_path, UNKNOWN.replace("A shop", "<b>x</b>")))._repr_html_()
    assert "<b>" not in shown
    assert "&lt;b&gt;" in shown or "b-x-b" in shown


@pytest.mark.parametrize(
    "first", ["import breach_sim", "from breach_sim.analysis.backtesting.predictions import backtest"]
)
def test_the_verb_can_be_called_whatever_was_imported_first(first: str) -> None:
    """`breach_sim.backtest(...)` is the verb before and after its module was loaded; nothing loads early."""
    words = (
        f"import sys\nimport breach_sim\nassert not {{'pandas', 'scipy', 'matplotlib'}} & set(sys.modules)\n"
        f"{first}\nimport breach_sim as bs\nfor _ in range(2):\n"
        "    print(len(bs.backtest([]).rows))\n"
    )
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=False)  # noqa: S603
    assert "0\n0\n" == done.stdout, done.stderr


def test_a_board_without_amounts_says_so() -> None:
    """No amount: no rows, nothing refuted, and figures that say in words that they are empty."""
    empty = bs.backtest([])
    assert () == empty.rows == empty.misses
    assert not empty.refuted
    assert empty.sentences() == ["No amount was predicted."]
    assert json.loads(empty.to_json())["summary"] == {}
    assert "No amount was predicted." in repr(empty)
    for figure in (plots.scoreboard, plots.percentiles):
        with plots.closing():
            assert "nothing was compared" in figure(empty).figure.get_label()


# The figures -----------------------------------------------------------------------------------------------


def test_the_figure_marks_hits_and_misses_by_shape(board: Scoreboard) -> None:
    """As many circles as hits and crosses as misses, each at its outcome and median, on logarithmic axes."""
    with plots.closing():
        ax = plots.scoreboard(board)
        for mark, verdict in (("o", "hit"), ("X", "miss")):
            rows = [row for row in board.scored if row.verdict == verdict]
            wanted = sorted(
                (row.amount.usd_constant or 0.0, row.score.quantiles[2]) for row in rows if row.score
            )
            lines = [line for line in ax.lines if line.get_marker() == mark]
            found = sorted((float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in lines)
            assert found == wanted
        assert ("log", "log") == (ax.get_xscale(), ax.get_yscale())
        assert ax.get_xlim() == ax.get_ylim()
        assert "[USD of 2024" in ax.get_xlabel()
        assert "[USD of 2024" in ax.get_ylabel()
        inside = sum(row.verdict == "hit" for row in board.scored)
        assert f"{inside} of {len(board.scored)} outcomes" in plots.figure_of(ax).get_label()


def test_the_figure_numbers_and_names_the_farthest_misses(board: Scoreboard) -> None:
    """Each number stands beside a cross and in the list; no text leaves the figure or covers another."""
    with plots.closing():
        ax = plots.scoreboard(board)
        figure = plots.figure_of(ax)
        figure.canvas.draw()
        (block,) = [text for text in ax.texts if "\n" in text.get_text()]
        numbers = [text for text in ax.texts if text.get_text().isdigit()]
        named = dict(line.split("  ", 1) for line in block.get_text().splitlines()[1:])
        kinds = {label_of_line(row.amount.kind) for row in board.misses}
        assert [text.get_text() for text in numbers] == list(named)
        assert len(named) == min(8, len(board.misses))
        ends = ("...", *kinds)
        assert [name for name in named.values() if not name.endswith(ends)] == []
        assert broken_laws(ax).keys() <= {"overlapping"}  # numbers of neighbors may touch
        boxes = [text.get_window_extent() for text in (*numbers, block)]
        for box in boxes:
            assert figure.bbox.x0 <= box.x0
            assert box.x1 <= figure.bbox.x1
        for one, other in itertools.combinations(boxes, 2):
            assert not one.overlaps(other)


def test_the_histogram_counts_the_percentiles(board: Scoreboard) -> None:
    """Ten bars hold all percentiles; the label gives their number and p."""
    with plots.closing():
        ax = plots.percentiles(board)
        heights = [bar.get_height() for bar in ax.containers[0]]
        wanted, _ = np.histogram(board.percentiles, bins=10, range=(0, 1))
        assert heights == wanted.tolist()
        assert sum(heights) == len(board.scored)
        assert ax.get_xlim() == (0, 100)
        assert "[%]" in ax.get_xlabel()
        words = str(plots.figure_of(ax).get_label())
        assert f"p = {board.overall.uniform_p:.2g}" in words
        above = sum(value > 0.5 for value in board.percentiles)
        assert f"{above} of {len(board.scored)} outcomes lie above" in plots.title_of(ax)
        assert broken_laws(ax) == {}
