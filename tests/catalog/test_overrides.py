"""Laws of a user's own numbers: what a file may say, what is refused, and where it arrives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import breach_sim as bs
from breach_sim import catalog
from breach_sim.apps.terminal import questions as terminal
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.interop.scenario_file import to_toml

STATED = "tmobile-2021-stated"
ATTEMPTS, SMISHING = "attacks.new_account_fraud.attempts", "attacks.smishing.attempts"
THREE = {
    ATTEMPTS: {"scale": 1 / 3, "reason": "own claims"},
    "firm": {"settlement": {"low": 5, "mode": 10, "high": 20, "unit": "USD/person", "reason": "counsel"}},
    "attack": {
        "claims_fraud": {
            "needs": ["full_name", "ssn"],
            "attempts": [1e-3, 3e-3, 8e-3],
            "severity": [500, 2000, 4000],
            "reason": "own claims team",
        }
    },
}
"""Attempts of one attack at a third, an own settlement, and an own attack."""
TEXT = """
["attacks.new_account_fraud.attempts"]
scale = 0.3333333333333333
reason = "own claims"

[firm]
settlement = { low = 5, mode = 10, high = 20, unit = "USD/person", reason = "counsel" }

[attack.claims_fraud]
needs = ["full_name", "ssn"]
attempts = [1e-3, 3e-3, 8e-3]
severity = [500, 2000, 4000]
reason = "own claims team"
"""
"""The same as a file."""


def run(tables: dict[str, Any] | None = None, **made_of: Any) -> bs.Impact:
    """A short run of the stated breach, with overrides or without."""
    breach = bs.load_scenario(STATED)
    return bs.simulate(
        bs.with_overrides(breach, tables) if tables else breach, **{"replicates": 64, "seed": 1} | made_of
    )


@pytest.fixture(scope="module")
def own() -> bs.Impact:
    """A run with the three disagreements."""
    return run(THREE)


@pytest.fixture(scope="module")
def plain() -> bs.Impact:
    """The run without any."""
    return run()


def test_a_file_and_a_mapping_are_one(tmp_path: Path) -> None:
    """A file of overrides and the same contents as a mapping give equal scenarios."""
    place = tmp_path / "own.toml"
    place.write_text(TEXT, encoding="utf-8")
    assert bs.with_overrides(STATED, place) == bs.with_overrides(STATED, str(place))
    assert bs.with_overrides(STATED, place) == bs.with_overrides(STATED, THREE)


def test_a_scaled_parameter_keeps_its_levels(own: bs.Impact, plain: bs.Impact) -> None:
    """Every draw of a scaled parameter is the factor times that without overrides, fitted rows too."""
    new, old = (
        each.law.parameters(each.attacks["new_account_fraud"].routes[0].attempts) for each in (own, plain)
    )
    assert np.allclose(new, old / 3, rtol=1e-9)


def test_other_draws_stay_as_they_are(own: bs.Impact, plain: bs.Impact) -> None:
    """An override moves no expected number of an attack that it does not touch."""
    for name in ("smishing", "tax_refund_fraud"):
        assert np.allclose(own.expected("victims", name), plain.expected("victims", name), rtol=1e-12)


def test_an_own_line_stands_in_the_ledger(own: bs.Impact) -> None:
    """A settlement of 5 / 10 / 20 USD a person lies between these numbers times the people notified."""
    people = own.notified()[0]
    paid = own.firm_lines["settlement"]
    assert (paid >= 5 * people).all()
    assert (paid <= 20 * people).all()
    assert own.firm_cost is not None
    assert np.allclose(own.firm_cost, np.sum(list(own.firm_lines.values()), axis=0))


def test_an_own_attack_has_victims_and_a_row(own: bs.Impact) -> None:
    """An own attack stands behind those of the catalog, has victims, and is in the JSON under its name."""
    assert own.attacks.names[-1] == "claims_fraud"
    assert own.expected("victims", "claims_fraud").mean() > 0
    assert '"claims_fraud"' in own.to_json()


def test_everything_changed_is_marked(own: bs.Impact) -> None:
    """What was changed has the status user in the tables, a sentence in the notes, and moves the hash."""
    numbers = bs.assumptions(own)
    changed = set(numbers.index[numbers["status"] == "user"])
    assert {
        ATTEMPTS,
        "firm.lines.settlement",
        "attacks.claims_fraud.attempts",
        "attacks.claims_fraud.severity",
    } == changed
    assert any("scaled by 0.333333 (own claims)" in note for note in own.notes)
    assert any("the defaults of own attacks hold" in note for note in own.notes)
    assert max(len(note) for note in own.scenario.notes[-2:]) <= 300
    assert own.input_hash != run().input_hash
    assert run().input_hash == run().input_hash


def test_the_sheet_has_numbers_as_numbers(own: bs.Impact) -> None:
    """Low, mode, high and three quantiles of every parameter are columns of numbers, in order."""
    sheet = bs.assumptions(own)
    columns = list(sheet.columns)
    start = columns.index("low")
    assert ["low", "mode", "high", "p5", "p50", "p95", "unit"] == columns[start : start + 7]
    assert all(sheet[column].dtype == np.float64 for column in columns[start : start + 6])
    assert (sheet["p5"] <= sheet["p50"]).all()
    assert (sheet["p50"] <= sheet["p95"]).all()
    assert sheet.loc[ATTEMPTS, "mode"] == pytest.approx(6.667e-3 / 3)


def test_explain_names_the_user(own: bs.Impact) -> None:
    """The tree of a figure shows the user's numbers, and sums to the figure."""
    text = terminal.explained(own, "firm_cost_usd.mean", as_json=False)
    assert "`firm.lines.settlement` [user" in text
    tree = bs.explain(own, "firm_cost_usd.mean")
    assert own.firm_cost is not None
    assert tree.value == pytest.approx(own.firm_cost.mean(), rel=1e-9)
    text = terminal.explained(own, "attacks.claims_fraud.victims.mean", as_json=False)
    assert "`attacks.claims_fraud.attempts` [user" in text


def test_a_scaled_line_is_its_multiple(plain: bs.Impact) -> None:
    """A line that is scaled by two is twice the model's, and insurance pays a share of the new gross cost."""
    twice = run({"firm": {"notice": {"scale": 2, "reason": "letters to all"}}})
    assert np.allclose(twice.firm_lines["notice"], 2 * plain.firm_lines["notice"])
    more = plain.firm_lines["insurance_recovery"] - twice.firm_lines["insurance_recovery"]
    assert (more >= 0).all()
    assert more.max() > 0


def test_a_replaced_parameter_leaves_the_fitted_rows() -> None:
    """A replaced parameter takes its own quantiles: its draws are those of a run on the priors."""
    mine = {ATTEMPTS: {"low": 1e-3, "mode": 2e-3, "high": 4e-3, "reason": "own claims"}}
    fitted, priors = run(mine), run(mine, calibrated=False)
    draws = [
        each.law.parameters(each.attacks["new_account_fraud"].routes[0].attempts) for each in (fitted, priors)
    ]
    assert (draws[0] == draws[1]).all()
    rows = [each.posterior for each in (fitted, run())]
    assert [False, True] == [posterior is not None and ATTEMPTS in posterior for posterior in rows]


def test_own_numbers_reach_mitigations() -> None:
    """An own mitigation is found by name, and a scaled price of the catalog's is the multiple of it."""
    mine = {
        "mitigation": {
            "hotline": {
                "changes": [{"kind": "protect", "attacks": ["smishing"], "effect": 0.5, "uptake": 0.2}],
                "cost": {"fixed": 1e6, "message": 0.1},
                "day": 3,
                "reason": "offer of our supplier",
            }
        }
    }
    breach = bs.with_overrides(STATED, mine)
    compared = bs.compare(breach, "hotline", "credit-freeze", replicates=32)
    assert compared.averted[0].loss.mean() > 0
    assert "hotline" in compared.to_json()
    assert bs.best_bundle(breach, ["hotline", "notice"], 1e7, replicates=32).chosen[0] == "hotline"
    with pytest.raises(ValueError, match="hotline"):
        bs.compare(STATED, "hotline", replicates=8)


def test_overrides_survive_a_scenario_file(tmp_path: Path) -> None:
    """A scenario with overrides that is written and read again is the same, and gives the same run."""
    coverage = "segments.postpaid_ssn.leaks[0].coverage"
    breach = bs.with_overrides(STATED, THREE | {coverage: {"scale": 0.5, "reason": "our own count"}})
    place = tmp_path / "written.toml"
    place.write_text(to_toml(breach), encoding="utf-8")
    again = bs.load_scenario(str(place))
    assert again == breach
    assert again.segments[0].leaks[0].coverage.central == 0.5
    one, two = (bs.simulate(each, replicates=8, seed=1) for each in (breach, again))
    assert one.input_hash == two.input_hash


def test_overrides_add_up_and_never_twice() -> None:
    """Overrides given one after the other are those of one file; the same parameter twice is refused."""
    one, two = {ATTEMPTS: THREE[ATTEMPTS]}, {"attack": THREE["attack"]}
    assert bs.with_overrides(bs.with_overrides(STATED, one), two).overrides.tables == one | two
    with pytest.raises(ValueError, match="has an override of this name"):
        bs.with_overrides(bs.with_overrides(STATED, one), one)


def test_combined_breaches_share_their_overrides() -> None:
    """Breaches with the same overrides can be combined and run side by side; others cannot."""
    both = [bs.with_overrides(name, THREE) for name in (STATED, "experian-2015")]
    assert bs.combine(*both).overrides == both[0].overrides
    assert bs.portfolio(both, replicates=8).impacts[1].attacks.names[-1] == "claims_fraud"
    with pytest.raises(ValueError, match="same overrides"):
        bs.combine(both[0], "experian-2015")


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"attacks.new_account_fraud.attempt": {"scale": 2, "reason": "x"}}, ["did you mean", ATTEMPTS]),
        ({ATTEMPTS: {"scale": 2}}, [ATTEMPTS, "reason is missing"]),
        ({ATTEMPTS: {"scale": 2, "reason": " "}}, ["reason is missing"]),
        ({ATTEMPTS: {"scale": -1, "reason": "x"}}, ["scale", "above 0"]),
        ({ATTEMPTS: {"reason": "x"}}, ["nothing to change it with"]),
        ({ATTEMPTS: {"scale": 2, "shift": 1, "reason": "x"}}, ["scale and shift"]),
        ({ATTEMPTS: {"low": 3e-3, "mode": 2e-3, "high": 4e-3, "reason": "x"}}, ["must rise"]),
        ({ATTEMPTS: {"value": 1, "unit": "share", "reason": "x"}}, ["attempts/account-year", "convert"]),
        ({ATTEMPTS: {"low": 1e-3, "high": 4e-3, "reason": "x"}}, ["kind is missing", "lognormal"]),
        ({ATTEMPTS: {"scael": 2, "reason": "x"}}, ["scael"]),
        ({ATTEMPTS: 2}, ["must be a table"]),
        ({"attacks.new_account_fraud.success": {"scale": 3, "reason": "x"}}, ["must stay from 0 to 1"]),
        ({"firm": {"setlement": {"scale": 2, "reason": "x"}}}, ["setlement", "did you mean 'settlement'"]),
        ({"firm": {"settlement": {"value": 2, "reason": "x"}}}, ["unit is missing", "USD/person"]),
        ({"firm": {"settlement": {"value": 2, "unit": "EUR", "reason": "x"}}}, ["unknown unit", "EUR"]),
        ({"attack": {"sim_swap": {"needs": ["ssn"], "reason": "x"}}}, ["already"]),
        ({"attack": {"mine": {"reason": "x"}}}, ["no route"]),
        ({"attack": {"mine": {"needs": ["ssn"], "severity": 5, "reason": "x"}}}, ["attempts is missing"]),
        ({"attack": {"mine": {"needs": ["snn"], "attempts": 0.1, "severity": 5, "reason": "x"}}}, ["snn"]),
        ({"attack": {"my": {"needs": ["ssn"], "attempts": [3, 2], "severity": 5, "reason": "x"}}}, ["list"]),
        ({"mitigation": {"notice": {"reason": "x"}}}, ["is in the catalog already"]),
    ],
)  # fmt: skip
def test_bad_overrides_are_refused(tables: dict[str, Any], words: list[str]) -> None:
    """Value, place, rule and remedy are in the message of every override that cannot be."""
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the words are checked below
        bs.with_overrides(STATED, tables)
    assert all(word in str(error.value) for word in words), str(error.value)


def test_a_grant_that_nobody_needs_is_a_caution() -> None:
    """An own attack that grants what no attack needs runs, and a note says so."""
    table = {"needs": ["ssn"], "attempts": 0.001, "severity": 5, "grants": ["fame"], "reason": "x"}
    assert any(
        "'fame', which no attack needs" in note
        for note in bs.with_overrides(STATED, {"attack": {"mine": table}}).notes
    )


def test_a_missing_file_names_the_remedy(tmp_path: Path) -> None:
    """A file that is not there, or is no TOML, is refused with where its format is described."""
    with pytest.raises(ValueError, match=r"no such file; see docs/overrides.md"):
        bs.with_overrides(STATED, tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("a = ", encoding="utf-8")
    with pytest.raises(ValueError, match=r"not valid TOML.*docs/overrides.md"):
        bs.with_overrides(STATED, tmp_path / "bad.toml")


def test_overrides_cost_little() -> None:
    """Overrides cost 0.1 s of the processor the first time and 0.02 s again, the best of three."""
    program = (
        "import sys, time; import breach_sim as bs\n"
        f"breach, own = bs.load_scenario({STATED!r}), {THREE!r}\n"
        "for _ in range(5):\n"
        "    start = time.process_time()\n"
        "    bs.with_overrides(breach, own)\n"
        "    print(time.process_time() - start)\n"
    )
    taken = []
    for _ in range(3):
        said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603 - our own words
        taken.append([float(seconds) for seconds in said.stdout.split()])
    assert min(first for first, *_ in taken) <= 0.1
    assert min(min(later) for _, *later in taken) <= 0.02


def test_no_override_changes_nothing(plain: bs.Impact) -> None:
    """Empty overrides leave the scenario, its graph and its rates what they were."""
    breach = bs.load_scenario(STATED)
    assert bs.with_overrides(breach, {}) == breach
    assert catalog.firm_with(breach.overrides) is bs.load_firm()
    assert plain.attacks == catalog.attacks_for(breach)
    assert isinstance(plain.parameters()[0], Estimate)


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ({"value": 0.002}, "fixed"),
        ({"low": 1e-3, "mode": 2e-3, "high": 4e-3}, "pert"),
        ({"kind": "triangular", "low": 1e-3, "mode": 2e-3, "high": 4e-3}, "triangular"),
        ({"kind": "uniform", "low": 1e-3, "high": 4e-3}, "uniform"),
        ({"kind": "normal", "low": 1e-3, "high": 4e-3}, "normal"),
        ({"mean": 4e-3, "sd": 1e-3}, "normal"),
        ({"kind": "lognormal", "low": 1e-3, "high": 4e-3}, "lognormal"),
        ({"quantiles": {"5": 1e-3, "50": 2e-3, "95": 9e-3}}, "quantiles"),
        ({"samples": [1e-3, 2e-3, 5e-3]}, "samples"),
    ],
)  # fmt: skip
def test_every_distribution_is_drawn(table: dict[str, Any], kind: str, tmp_path: Path) -> None:
    """A parameter replaced by any kind has its mean, and a scenario file with the kind reads back."""
    breach = bs.with_overrides(STATED, {ATTEMPTS: table | {"reason": "own"}})
    impact = bs.simulate(breach, replicates=512, seed=1)
    rate = impact.attacks["new_account_fraud"].routes[0].attempts
    assert (rate.kind, rate.status) == (kind, "user")
    assert impact.law.parameters(rate).mean() == pytest.approx(rate.mean(), rel=0.05)
    coverage = {"estimates.ssn": dict(table) | {"reason": "own"}}
    if kind == "lognormal":
        return
    breach = bs.with_overrides(STATED, coverage)
    (tmp_path / "own.toml").write_text(to_toml(breach), encoding="utf-8")
    assert bs.load_scenario(str(tmp_path / "own.toml")) == breach


def test_uncertain_accounts_are_drawn() -> None:
    """People harmed and exposed scale with the drawn accounts of a segment, which are listed."""
    name = "postpaid_ssn"
    mine = {"accounts": {name: {"low": 5e6, "mode": 8e6, "high": 9e6, "reason": "a count is under way"}}}
    impact = run(mine)
    segment = impact.scenario.segments[0]
    assert (segment.name, segment.accounts) == (name, 8_000_000)
    drawn = np.asarray(impact.law.accounts(segment))
    assert 5e6 <= drawn.min() < drawn.max() <= 9e6
    exposed = impact.expected("exposed", segment=name)
    assert np.allclose(exposed, drawn)
    assert (impact.exposed_counts[0] == np.rint(drawn)).all()
    assert f"accounts.{name}" in impact.sources().index
    assert "a count is under way" in impact.to_json()
    with pytest.raises(ValueError, match="scale the scenario first"):
        impact.scenario.scaled(1000)


FACTOR = {
    "driver": [
        {
            "name": "season",
            "parameters": ["attacks.smishing.attempts", "attacks.sim_swap.success"],
            "low": 0.5,
            "high": 2.0,
            "reason": "both follow one market",
        }
    ]
}
"""One factor on two parameters."""


def test_a_driver_multiplies_its_parameters(plain: bs.Impact) -> None:
    """Draws of the named parameters are those without the driver times it, a probability at most 1."""
    impact = run(FACTOR)
    factor = impact.law.parameters(impact.scenario.overrides.factors[0].estimate)
    for attack, part, top in (("smishing", "attempts", np.inf), ("sim_swap", "success", 1.0)):
        numbers = [getattr(each.attacks[attack].routes[0], part) for each in (impact, plain)]
        new, old = (each.law.parameters(n) for each, n in zip((impact, plain), numbers, strict=True))
        assert np.allclose(new, np.minimum(old * factor, top))
    assert impact.sources().loc["driver.season", "status"] == "user"


CORRELATED = {
    "correlation": [{"a": ATTEMPTS, "b": "attacks.smishing.attempts", "rho": 0.8, "reason": "one crew"}]
}
"""Two parameters that go together."""


@pytest.mark.parametrize("sampling", ["sobol", "plain"])
def test_correlated_parameters_keep_their_distributions(sampling: str) -> None:
    """Normal scores of two parameters have the given correlation, and each stays uniform by itself."""
    from scipy.special import ndtri

    impact = run(CORRELATED, replicates=4096, sampling=sampling)
    scores = [ndtri(impact.law.parameters.chance(name)) for name in (ATTEMPTS, "attacks.smishing.attempts")]
    assert np.corrcoef(scores[0], scores[1])[0, 1] == pytest.approx(0.8, abs=0.02)
    chance = impact.law.parameters.chance("attacks.smishing.attempts")
    assert np.quantile(chance, [0.05, 0.5, 0.95]) == pytest.approx([0.05, 0.5, 0.95], abs=0.02)


@pytest.mark.parametrize("tables", [FACTOR, CORRELATED], ids=["driver", "correlation"])
def test_links_hold_in_every_answer(tables: dict[str, Any]) -> None:
    """Comparisons, attributions and explanations of a run with links start from its own expected loss."""
    impact = run(tables, replicates=16)
    lost = impact.expected_loss().mean()
    assert bs.attribution(impact)["mean"].sum() / 2 == pytest.approx(lost, rel=1e-6)
    breach = impact.scenario
    alone = bs.compare(breach, "credit-freeze", replicates=16)
    assert np.allclose(alone.averted[0].loss, bs.compare(impact, "credit-freeze").averted[0].loss)
    assert bs.explain(impact, "loss_usd.mean").value == pytest.approx(lost, rel=1e-9)


def test_links_hold_in_a_league() -> None:
    """A driver of 2 on one parameter of a league is the parameter scaled by 2, in every reading."""
    driver = {"name": "season", "parameters": [SMISHING], "value": 2.0, "reason": "own count"}
    one, two = (
        bs.league([bs.with_overrides(name, tables) for name in (STATED, "experian-2015")], replicates=16)
        for tables in ({"driver": [driver]}, {SMISHING: {"scale": 2, "reason": "own count"}})
    )
    for own, other in zip(one.harms, two.harms, strict=True):
        assert np.allclose(own.loss_usd, other.loss_usd, rtol=1e-9)
        assert dict(own.readings) == pytest.approx(dict(other.readings), rel=1e-9)
    joined = bs.league([bs.with_overrides(STATED, CORRELATED)], replicates=256, readings=[])
    alone = bs.league([STATED], replicates=256, readings=[])
    assert not np.allclose(joined.harms[0].loss_usd, alone.harms[0].loss_usd)
    mine = CORRELATED["correlation"][0] | {"b": "estimates.ssn"}
    with pytest.raises(ValueError, match="league draws coverages"):
        bs.league([bs.with_overrides(STATED, {"correlation": [mine]})], replicates=8)


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"accounts": {"postpad": {"value": 5, "reason": "x"}}}, ["unknown segment", "postpaid_ssn"]),
        ({"driver": [{"name": "a", "parameters": ["x"], "low": 1, "high": 2, "reason": "x"}]}, ["unknown"]),
        ({"driver": [{"name": "a", "parameters": [ATTEMPTS], "low": 1, "high": 2}]}, ["reason is missing"]),
        ({"correlation": [{"a": ATTEMPTS, "b": SMISHING, "rho": 1.5, "reason": "x"}]}, ["-1 and 1"]),
        ({"correlation": [{"a": ATTEMPTS, "b": ATTEMPTS, "rho": 0.5, "reason": "x"}]}, ["with itself"]),
        (
            {
                "correlation": [
                    {"a": ATTEMPTS, "b": "attacks.smishing.attempts", "rho": 0.9, "reason": "x"},
                    {"a": ATTEMPTS, "b": "attacks.sim_swap.success", "rho": 0.9, "reason": "x"},
                    {"a": SMISHING, "b": "attacks.sim_swap.success", "rho": -0.9, "reason": "x"},
                ]
            },
            ["attacks.smishing.attempts and attacks.sim_swap.success is -0.9", "not positive definite"],
        ),
    ],
)  # fmt: skip
def test_bad_links_are_refused(tables: dict[str, Any], words: list[str]) -> None:
    """Unknown and certain parameters, and correlations that no distribution has, are refused by name."""
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the words are checked below
        bs.with_overrides(STATED, tables)
    assert all(word in str(error.value) for word in words), str(error.value)


def amount(own: bs.Scenario, place: int = 0) -> Estimate:
    """Return the amount of one of the user's lines."""
    found = own.overrides.lines[place].estimate
    assert found is not None
    return found


def test_amounts_in_another_currency_are_converted() -> None:
    """A settlement of 10 EUR a person at 1.25 is one of 12.5 USD; an amount that says USD stays."""
    line = {"low": 4, "mode": 10, "high": 20, "unit": "EUR/person", "reason": "counsel"}
    cost = {"value": 100, "reason": "own files"}
    mine = {"currency": "EUR", "rate": 1.25, "firm": {"settlement": line, "fine": cost | {"unit": "USD"}}}
    own = bs.with_overrides(STATED, mine | {"attacks.smishing.severity": cost})
    settlement, fine = (amount(own, place) for place in range(2))
    assert (settlement.low, settlement.mode, settlement.high, settlement.unit) == (5, 12.5, 25, "USD/person")
    assert fine.value == 100
    changed = own.overrides.changes[0].estimate
    assert changed is not None
    assert changed.value == 125
    assert "Amounts are in EUR, at 1.25 USD each as given." in own.notes[-1]


def test_the_rate_of_a_month_and_the_index_of_a_year_are_published_ones() -> None:
    """A month has the rate of the table, and a price year the ratio of the index to that of 2024."""
    line = {"value": 1e6, "unit": "GBP", "reason": "x"}
    own = bs.with_overrides(STATED, {"currency": "GBP", "month": "2020-10", "firm": {"fine": line}})
    assert amount(own).value == pytest.approx(1e6 * catalog.load_exchange_rates()["GBP"]["2020-10"])
    own = bs.with_overrides(STATED, {"price_year": 2010, "firm": {"fine": line | {"unit": "USD"}}})
    prices = catalog.load_prices()
    assert amount(own).value == pytest.approx(1e6 * prices[2024] / prices[2010])


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"currency": "ERU", "month": "2024-01"}, ["unknown currency", "did you mean 'EUR'"]),
        ({"currency": "EUR"}, ["month is", "2024-06"]),
        ({"currency": "EUR", "month": "January"}, ["'January'", "2024-06"]),
        ({"currency": "EUR", "rate": 0}, ["rate is 0"]),
        ({"rate": 2.0}, ["name it"]),
        ({"price_year": 1850}, ["1850", "1980"]),
    ],
)  # fmt: skip
def test_bad_money_is_refused(tables: dict[str, Any], words: list[str]) -> None:
    """Unknown currencies, rates and years are refused with the remedy."""
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the words are checked below
        bs.with_overrides(STATED, tables)
    assert all(word in str(error.value) for word in words), str(error.value)


def test_overrides_change_the_numbers_of_a_country() -> None:
    """Where people of one country have numbers of their own, a factor on these counts."""
    breach = bs.load_scenario(STATED).with_countries("DE")
    own = bs.with_overrides(breach, {"countries.DE.loss": {"scale": 0.5, "reason": "own study"}})
    assert own.overrides.changes[0].parameter == "countries.DE.loss"
    one, two = (bs.simulate(each, replicates=32, seed=1) for each in (breach, own))
    assert (two.expected_loss() < one.expected_loss()).all()
    assert (two.expected_loss() >= one.expected_loss() / 2).all()
    with pytest.raises(ValueError, match=r"unknown parameter 'countries.DE.loss'"):
        bs.with_overrides(STATED, {"countries.DE.loss": {"scale": 0.5, "reason": "own study"}})


def test_lines_of_every_kind_can_be_the_users() -> None:
    """A recovery lowers the cost, a line named like a rate is no rate, and the tree sums to the figure."""
    usd = {"unit": "USD", "reason": "own books"}
    mine = {
        "insurance_recovery": {"value": 1e6} | usd,
        "churn": {"value": 2e6} | usd,
        "notice": {"value": 3e6} | usd,
    }
    impact = run({"firm": mine | {"fine": {"scale": 2, "reason": "own books"}}})
    lines = impact.firm_lines
    assert [lines[name].mean() for name in ("insurance_recovery", "churn", "notice")] == [-1e6, 2e6, 3e6]
    assert impact.firm_cost is not None
    assert bs.explain(impact, "firm_cost_usd.mean").value == pytest.approx(impact.firm_cost.mean(), rel=1e-9)
    assert np.allclose(lines["fine"], 2 * run().firm_lines["fine"])


def test_a_coverage_by_override_is_that_of_the_table() -> None:
    """A share that an override gives is that of a frame that has it: the same draws to the last digit."""
    import pandas as pd

    def of(share: float) -> bs.Scenario:
        frame = pd.DataFrame(
            {"accounts": [3_200_000], "full_name": [1.0], "date_of_birth": [1.0], "ssn": [share]}
        )
        return bs.Scenario.from_frame(frame)

    name = next(leak.coverage.name for leak in of(0.5).segments[0].leaks if "ssn" in leak.fields)
    own = bs.with_overrides(of(0.5), {name: {"value": 0.8, "reason": "own count"}})
    one, two = (bs.simulate(each, replicates=64, seed=1) for each in (of(0.8), own))
    assert (one.loss == two.loss).all()
    assert one.input_hash != two.input_hash
