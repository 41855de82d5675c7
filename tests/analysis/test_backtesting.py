"""Predictions held against what was published: every outcome has its row, and no miss can be dropped."""

from __future__ import annotations

import csv
import json
import math
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from support.command_line import say

import breach_sim as bs
from breach_sim import api, catalog, plots
from breach_sim.analysis.backtesting.law_of_scale import MASS, binomial_p, fit
from breach_sim.analysis.backtesting.predictions import CEILINGS, LEAST_PEOPLE, SILENT, backtest
from breach_sim.analysis.backtesting.scoreboard import ATTACKS, LAW, LEAST_P, LEDGER, Scoreboard
from breach_sim.apps.reporting import summary as report
from breach_sim.catalog import CatalogError, load_outcomes
from breach_sim.inputs.published import PAYMENTS, QUANTITIES, Outcome, breach_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/scoreboard.md"
TYPED = ROOT / "tests/qc/outcomes.csv"


@pytest.fixture(scope="module")
def board() -> Scoreboard:
    """Return the board as the page has it."""
    return backtest()


def payment(people: float = 1e7, paid: float = 1e7, **other) -> Outcome:
    """Return a settlement of a breach that nobody knows."""
    given = {"scenario": "elsewhere-2030", "quantity": "settlement", "source": "att-177", "status": "seen"}
    given |= {"value": paid, "currency": "USD", "value_usd": paid, "people": people}
    return Outcome(**(given | other))


def refuse(tmp_path: Path, text: str) -> str:
    """Return what is said of a file of outcomes."""
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        backtest(path, replicates=10)
    return str(caught.value)


# No miss can be dropped ------------------------------------------------------------------------------------


def test_every_outcome_has_a_row(board: Scoreboard) -> None:
    """Each published outcome stands in one row at least; payments with people in two, by law and ledger."""
    rows = Counter((row.outcome.scenario, row.quantity, row.outcome.value) for row in board.rows)
    for own in load_outcomes():
        twice = own.quantity in PAYMENTS and own.people is not None
        assert rows[own.scenario, own.quantity, own.value] == 1 + twice, own
    sums = [row for row in board.rows if row.outcome.status == "derived" and row.by == LEDGER]
    paid = sum(own.quantity in PAYMENTS and own.people is not None for own in load_outcomes())
    assert len(board.rows) == len(load_outcomes()) + paid + len(sums)
    assert ["security, in sum", "settlement + fine + security"] == [row.quantity for row in sums]


def test_the_page_is_what_the_command_gives(board: Scoreboard) -> None:
    """docs/scoreboard.md is the page that the board makes; `breach-sim backtest --page` prints it."""
    assert PAGE.read_text(encoding="utf-8") == board.page(), "breach-sim backtest --page > docs/scoreboard.md"


def test_the_page_shows_every_row_and_every_miss(board: Scoreboard) -> None:
    """As many table rows as rows and predictions, each miss in its row and in a sentence."""
    page = PAGE.read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    heads = sum(line.startswith(("| case", "| scenario")) for line in lines)
    assert len(board.rows) + len(board.open_predictions) == len(lines) - heads
    assert len(board.misses) == page.count("**miss**") == page.count("\n- Miss: ")
    assert board.misses, "nothing to hide, so nothing tested"


def test_an_outcome_that_no_model_could_meet_is_a_miss_on_page_screen_and_in_json() -> None:
    """A settlement of one dollar is a miss by the law, shown on the page, on the screen and as data."""
    found = backtest([payment(paid=1.0)], replicates=50)
    assert [LAW, LEDGER] == [row.by for row in found.misses]
    assert 2 == found.page().count("**miss**") == json.loads(found.to_json())["misses"]
    assert 2 == len(found.missed()) == found._repr_html_().count(">miss</td>")


def test_verdict_and_percentile_follow_from_the_numbers(board: Scoreboard) -> None:
    """A hit lies inside the interval (a ceiling: above it), a miss outside; the percentile agrees."""
    for row in board.rows:
        if not row.by:
            assert row.verdict == row.how == ""
            assert row.note
            continue
        assert row.low < row.middle < row.high
        inside = row.high <= row.outcome.figure
        if row.outcome.quantity not in CEILINGS:
            inside = row.low <= row.outcome.figure <= row.high
            assert inside == (0.05 <= row.percentile <= 0.95)
        assert row.verdict == ("hit" if inside else "miss")


def test_every_outcome_has_its_source_on_the_page(board: Scoreboard) -> None:
    """Each source is listed with grade and how it was verified, and each status stands in its row."""
    page = PAGE.read_text(encoding="utf-8")
    for own in load_outcomes():
        assert f"| {own.source} ({own.status}) |" in page
        assert f"\n- [{own.source}] " in page
    assert {own.source for own in load_outcomes()} == {source.id for source in board.sources}


# The law of scale ------------------------------------------------------------------------------------------


def test_the_coverage_does_not_refute_the_law(board: Scoreboard) -> None:
    """K of n, p and width follow from the rows; the intervals fail only if p is below 0.01."""
    own = board.by_law
    inside = sum(row.low <= row.outcome.figure <= row.high for row in own)
    coverage = board.coverage
    assert (inside, len(own)) == (coverage["inside"], coverage["of"])
    assert coverage["p"] == binomial_p(inside, len(own), MASS)
    widths = sorted(row.high / row.low for row in own)
    assert [widths[0], widths[len(own) // 2], widths[-1]] == [
        coverage["width_least"], coverage["width_median"], coverage["width_most"]
    ]  # fmt: skip
    assert coverage["p"] >= LEAST_P
    assert not board.refuted


def test_no_payment_predicts_itself(board: Scoreboard) -> None:
    """Each payment's row is the fit to all payments of other breaches; T-Mobile's two leave together."""
    payments = [own for own in load_outcomes() if own.quantity in PAYMENTS and own.people]
    assert len(payments) == len(board.by_law) == board.law.n
    for row in board.by_law:
        others = [own for own in payments if own.breach != row.outcome.breach]
        law = fit([own.people for own in others], [own.value_usd for own in others])
        assert np.allclose(law.quantiles(row.outcome.people), (row.low, row.middle, row.high))
    held_out = {row.note for row in board.by_law if row.outcome.breach == "tmobile-2021"}
    assert {f"from {board.law.n - 2} payments of other breaches"} == held_out


def test_an_outcome_of_ones_own_is_held_against_the_catalogues_payments(board: Scoreboard) -> None:
    """A further outcome changes no fit: it is predicted from all payments, if it is of another breach."""
    (row,) = backtest([payment(people=5e6)], replicates=50).by_law
    assert np.allclose(board.law.quantiles(5e6), (row.low, row.middle, row.high))


def test_refuted_intervals_are_told_and_end_with_code_one(tmp_path: Path) -> None:
    """Five payments of one dollar refute the law: in words, as a property, and as the exit code."""
    entry = (
        '[[outcome]]\nscenario = "elsewhere-203{}"\nquantity = "fine"\npeople = 1e7\nvalue = 1.0\n'
        'currency = "USD"\nvalue_usd = 1.0\nsource = "att-177"\nstatus = "seen"\n'
    )
    path = tmp_path / "mine.toml"
    path.write_text("".join(entry.format(i) for i in range(5)), encoding="utf-8")
    said = say("backtest", "--outcomes", path, "--replicates", 50)
    assert 1 == said.code
    assert "0 of 5 inside" in said.out
    assert "REFUTED" in said.out


def test_kinds_stay_pooled_as_the_model_says(board: Scoreboard) -> None:
    """The F test that would part settlements from fines is above 0.05, as docs/model.md asks for."""
    assert board.kind_p > 0.05


# The ledger and the attacks stay as they were --------------------------------------------------------------


def test_the_ledgers_row_is_the_documented_hit(board: Scoreboard) -> None:
    """Settlement, fine and security of the first case: the same draws as the simulation's, the same hit."""
    (row,) = [row for row in board.rows if row.quantity == "settlement + fine + security"]
    run = api.simulate(
        "tmobile-2021-class", ["sim_swap"], replicates=board.replicates, seed=1, horizon_years=1
    )
    sample = np.sum([run.firm_lines[line] for line in ("settlement", "fine", "security")], axis=0)
    assert np.allclose(np.quantile(sample, (0.05, 0.5, 0.95)), (row.low, row.middle, row.high), rtol=1e-12)
    assert math.isclose(row.percentile, np.mean(sample < 350e6 + 150e6 + 2 * 15.75e6))
    assert ("predicted", "hit") == (row.how, row.verdict)


def test_all_lines_of_a_scenario_are_its_firm_cost(board: Scoreboard) -> None:
    """Ahead, the ledger's levels are those of `firm_cost_usd` of the scenario's own run."""
    (own,) = [own for own in board.open_predictions if own.scenario == "tmobile-2023"]
    run = api.simulate("tmobile-2023", ["sim_swap"], replicates=board.replicates, seed=1, horizon_years=1)
    assert np.allclose(np.quantile(run.firm_cost, (0.05, 0.5, 0.95)), own.ledger, rtol=1e-12)


def test_what_was_read_off_an_outcome_is_reproduced(board: Scoreboard) -> None:
    """Ledger rows are reproduced just where a rate of their lines cites the outcome's source."""
    cited = {
        rate.name.partition(".")[2]: set(rate.sources) for rate in catalog.load_firm().estimates()
    }  # fmt: skip
    rows = [row for row in board.rows if row.by == LEDGER and row.quantity in cited]
    assert {"predicted", "reproduced"} == {row.how for row in rows}
    for row in rows:
        assert row.how == ("reproduced" if row.outcome.source in cited[row.quantity] else "predicted")
    first = {row.how for row in board.rows if row.by == LEDGER and row.outcome.breach == "tmobile-2021"}
    assert {"predicted"} == first


def test_complaints_are_reproduced_with_the_figures_of_the_report(board: Scoreboard) -> None:
    """The outcomes hold the two figures that a run prints; both readings of the people are shown."""
    rows = [row for row in board.rows if row.outcome.quantity.startswith("complaint")]
    assert {"reproduced"} == {row.how for row in rows}
    assert {report.COMPLAINTS, report.COMPLAINED_USD} == {row.outcome.figure for row in rows}
    assert {"tmobile-2021-class", "tmobile-2021-stated"} == {row.case for row in rows}
    assert {ATTACKS} == {row.by for row in rows}


# Predictions that wait -------------------------------------------------------------------------------------


def test_every_breach_without_a_payment_has_a_prediction(board: Scoreboard) -> None:
    """Each scenario of the library is predicted, unless its breach has a payment or it is a misreading."""
    paid = {own.breach for own in load_outcomes() if own.quantity in PAYMENTS}
    wanted = {
        name
        for name in catalog.scenario_names()
        if breach_of(name) not in paid and catalog.load_scenario(name).dossier.standing != "misreading"
    }
    assert wanted == {own.scenario for own in board.open_predictions}
    assert len(wanted) >= 18
    for own in board.open_predictions:
        assert np.allclose(own.payment, board.law.quantiles(own.people))
        assert np.isnan(own.ledger).all() == (own.people < LEAST_PEOPLE)


def test_a_larger_breach_waits_for_a_larger_payment(board: Scoreboard) -> None:
    """The middle of the prediction rises with the people."""
    frame = board.waiting().sort_values("people")
    assert frame["payment_p50"].is_monotonic_increasing


# Second entry of the numbers -------------------------------------------------------------------------------


def disagreements(typed: list[dict[str, str]], entered: list[Outcome]) -> list[str]:
    """Return the figures in which a second entry and the catalogue differ."""

    def number(text: str | float | None) -> Decimal | None:
        return None if text in {"", None} else Decimal(str(text))

    keys = ("breach", "quantity", "people", "value", "currency", "value_usd", "status")
    words = {"breach", "quantity", "currency", "status"}
    left = Counter(tuple(row[k] if k in words else number(row[k]) for k in keys) for row in typed)
    right = Counter(
        tuple(getattr(own, k) if k in words else number(getattr(own, k)) for k in keys) for own in entered
    )
    return [str(row) for row in [*(left - right), *(right - left)]]


def typed() -> list[dict[str, str]]:
    """Return the second entry, made from the facts' text."""
    with TYPED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_second_entry_agrees() -> None:
    """People, values, currencies, dollars and status of all outcomes are those typed a second time."""
    assert [] == disagreements(typed(), list(load_outcomes()))


@pytest.mark.parametrize("column", ["people", "value", "value_usd"])
def test_a_planted_typing_error_is_found(column: str) -> None:
    """One digit more in any figure, or a row left out, and the entries differ."""
    rows = typed()
    for place, row in enumerate(rows):
        if row[column]:
            planted = [*rows[:place], row | {column: f"1{row[column]}"}, *rows[place + 1 :]]
            assert disagreements(planted, list(load_outcomes()))
    assert disagreements(rows[1:], list(load_outcomes()))


def test_rates_of_exchange_are_those_of_the_notes() -> None:
    """Foreign money: value times the rate in the note is the amount in USD."""
    foreign = [own for own in load_outcomes() if own.currency not in {"", "USD"}]
    assert len(foreign) == 3
    for own in foreign:
        rate = re.search(r"at ([\d.]+) USD/" + own.currency, own.note)
        assert rate is not None, own
        assert math.isclose(float(rate.group(1)) * own.value, own.value_usd)


# The published figure --------------------------------------------------------------------------------------


def test_every_quantity_is_either_predicted_or_silent_with_a_reason() -> None:
    """No kind of figure falls between: law, ledger, attacks, or a reason."""
    spoken = {*PAYMENTS, "security", "cost", *CEILINGS}
    assert set(QUANTITIES) == spoken | set(SILENT)
    assert not spoken & set(SILENT)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"quantity": "setlement"}, "did you mean 'settlement'"),
        ({"status": "sen"}, "did you mean 'seen'"),
        ({"value": 0.0}, "value is 0.0; it must be a positive number"),
        ({"people": -1}, "people is -1"),
        ({"value_usd": None}, "value_usd of settlement is missing"),
        ({"value_usd": 2.0}, "in USD it must be the value"),
        ({"currency": ""}, "money has one"),
        ({"quantity": "claims"}, "a count has currency"),
    ],
)
def test_a_wrong_figure_is_refused(change: dict[str, object], words: str) -> None:
    """Unknown words, numbers that are not positive, and money without dollars are named with the remedy."""
    with pytest.raises(ValueError, match=re.escape(words)):
        payment(**change)


def test_a_breach_is_named_up_to_its_year() -> None:
    """Readings of one breach are one breach; two breaches of one firm are two."""
    assert breach_of("tmobile-2021-class") == breach_of("tmobile-2021-stated") != breach_of("tmobile-2023")
    assert "att-73m-2024" == breach_of("att-73m-2024-confirmed") != breach_of("att-snowflake-2024")
    assert "fcc-att-fine" == payment(scenario="", source="fcc-att-fine").breach


def test_a_bad_file_is_refused_with_place_and_remedy(tmp_path: Path) -> None:
    """Unknown keys, missing ones, unknown sources and figures that cannot be: file, key, rule; exit 2."""
    good = (
        '[[outcome]]\nscenario = ""\nquantity = "fine"\nvalue = 1.0\ncurrency = "USD"\nvalue_usd = 1.0\n'
        'source = "att-177"\nstatus = "seen"\n'
    )
    assert "outcome 1: unknown key 'peple'" in refuse(tmp_path, good + "peple = 5\n")
    assert "did you mean 'people'" in refuse(tmp_path, good + "peple = 5\n")
    assert "key 'value' is missing" in refuse(tmp_path, good.replace("value = 1.0\n", "", 1))
    assert "unknown source 'att-178'" in refuse(tmp_path, good.replace("177", "178"))
    assert "value is -1.0; it must be a positive" in refuse(
        tmp_path, good.replace("value = 1.0", "value = -1.0")
    )
    assert "value is 'much'; it must be a number" in refuse(tmp_path, good.replace("1.0", '"much"', 1))
    assert "outcome is 5; it must be a list" in refuse(tmp_path, "outcome = 5\n")
    assert "not valid TOML" in refuse(tmp_path, "[[outcome]\n")
    said = say("backtest", "--outcomes", tmp_path / "none.toml")
    assert 2 == said.code
    assert "no such file" in said.err
    assert not said.out


# Faces of the board ----------------------------------------------------------------------------------------


def test_json_is_one_document_that_any_reader_takes() -> None:
    """No NaN and no infinity: rows, coverage, law and predictions, the same on every run."""
    said = say("backtest", "--json", "--replicates", 100)
    document = json.loads(said.out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert 0 == said.code
    assert ["mass", "coverage", "law", "rows", "misses", "predictions", "seed", "replicates"] == list(
        document
    )
    assert len(load_outcomes()) <= len(document["rows"])
    assert {"inside", "of", "p", "width_median", "width_least", "width_most"} == set(document["coverage"])
    assert said.out == say("backtest", "--json", "--replicates", 100).out


def test_the_screen_tells_k_of_n_p_and_width(board: Scoreboard) -> None:
    """The words of the board stand on the screen, every miss among them."""
    found = " ".join(board.sentences())
    coverage = board.coverage
    assert (
        f"{coverage['inside']} of {coverage['of']} inside their 90 % intervals, exact binomial p = " in found
    )
    assert "Width, high end over low end: " in found
    assert len(board.misses) == found.count("Miss: ")


def test_an_endless_interval_covers_and_is_told_as_endless(board: Scoreboard) -> None:
    """An endless interval is a hit, in words and as null; its width is infinite."""
    row = replace(board.by_law[0], low=0.0, high=math.inf)
    endless = replace(board, rows=(row,))
    assert "endless" in endless.sentences()[0]
    assert "(0 to endless)" in row.cells()[5]
    assert math.inf == endless.coverage["width_most"]
    assert json.loads(endless.to_json())["rows"][0]["p95"] is None
    assert "1 of 1 inside" in repr(endless)


def test_html_is_escaped(board: Scoreboard) -> None:
    """What comes from a file cannot become markup."""
    row = replace(board.by_law[0], outcome=payment(scenario="<b>x</b>"))
    shown = replace(board, rows=(row,))._repr_html_()
    assert "<b>" not in shown
    assert "&lt;b&gt;" in shown


@pytest.mark.parametrize(
    "first", ["import breach_sim", "from breach_sim.analysis.backtesting.predictions import backtest"]
)
def test_the_verb_can_be_called_whatever_was_imported_first(first: str) -> None:
    """`breach_sim.backtest(...)` is the verb before and after its module was loaded; nothing loads early."""
    words = (
        f"import sys\nimport breach_sim\nassert not {{'pandas', 'scipy', 'matplotlib'}} & set(sys.modules)\n"
        f"{first}\nimport breach_sim as bs\nfor _ in range(2):\n"
        "    print(len(bs.backtest([], replicates=10).rows))\n"
    )
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=False)  # noqa: S603
    assert "0\n0\n" == done.stdout, done.stderr


def test_a_board_without_outcomes_says_so() -> None:
    """No outcome: no rows, 0 of 0, nothing refuted, and a figure that says in words that it is empty."""
    empty = bs.backtest([], replicates=10)
    assert (0, 0) == (empty.coverage["inside"], empty.coverage["of"])
    assert not empty.refuted
    assert "0 of 0" in empty.page()
    with plots.closing():
        ax = plots.scoreboard(empty)
        assert "nothing was compared" in ax.figure.get_label()


def test_the_figure_tells_hits_and_misses_apart_by_shape(board: Scoreboard) -> None:
    """As many circles as hits and crosses as misses, each at its outcome; every case is named."""
    rows = [row for row in board.rows if row.by in {LAW, LEDGER}]
    with plots.closing():
        ax = plots.scoreboard(board)
        marks = {kind: [line for line in ax.lines if line.get_marker() == kind] for kind in "ox"}
        assert sum(row.verdict == "hit" for row in rows) == len(marks["o"])
        missed = sorted(row.outcome.figure for row in rows if row.verdict == "miss")
        assert missed == sorted(float(line.get_xdata()[0]) for line in marks["x"])
        names = {label.get_text() for label in ax.get_yticklabels()}
        assert {f"{row.case}: {row.quantity}" for row in rows} == names
        assert "log" == ax.get_xscale()


# The papers ------------------------------------------------------------------------------------------------


def test_readme_and_decision_say_what_the_board_says(board: Scoreboard) -> None:
    """Hits, widths, exponent and the ledger's misses stand in the papers as the board has them."""
    coverage, law = board.coverage, board.law
    inside, of, width = coverage["inside"], coverage["of"], coverage["width_median"]
    ledger = [row for row in board.rows if row.by == LEDGER]
    missed = [row for row in ledger if row.verdict == "miss"]
    read_off = sum(row.how == "reproduced" for row in missed)
    counted = f"misses {len(missed)} of {len(ledger)}"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for words in (f"in {inside} of {of} cases", f"is {width:.0f} times the low end", counted):
        assert words in readme, words
    (paper,) = (ROOT / "docs/decisions").glob("0063-*.md")
    low, high = law.slope_interval()
    text = paper.read_text(encoding="utf-8")
    for words in (
        f"{inside} of {of} inside, p = {coverage['p']:.2g}; width {width:.0f} in the middle, "
        f"{coverage['width_least']:.0f} to {coverage['width_most']:,.0f}",
        f"exponent is {law.slope:.2f} ({low:.2f} to {high:.2f})",
        f"\N{GREEK SMALL LETTER SIGMA} is {law.sigma:.2f}",
        f"p = {board.kind_p:.2f} (F test)",
        f"{counted}, {['none', 'one', 'two', 'three', 'four', 'five', 'six'][read_off]} of these",
    ):
        assert words in text, words
