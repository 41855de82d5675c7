"""Laws of a result as data: the tidy table gives every table back, and every format fits its schema."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from referencing import Registry, Resource
from support.sampled import some

import breach_sim as bs
from breach_sim.api import scenario_names
from breach_sim.catalog.reader import data
from breach_sim.formatting.tables import STATISTICS
from breach_sim.interop.export import export
from breach_sim.results.data.tidy import COLUMNS
from breach_sim.results.impact import Impact
from breach_sim.results.parts import PARTS

SCHEMA, COMPARISON, PORTFOLIO = (
    json.loads(data("templates", f"{name}.schema.json").read_text(encoding="utf-8"))
    for name in ("impact", "comparison", "portfolio")
)
STIX_TIME = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$")


@pytest.fixture(scope="module")
def impact() -> Impact:
    """Return an impact with a firm, several segments, look-ups and capacities."""
    return bs.simulate("tmobile-2021-stated", replicates=200, seed=2)


@pytest.fixture(scope="module")
def tidy(impact: Impact) -> pd.DataFrame:
    """Return its tidy table."""
    return impact.tidy()


def cells(tidy: pd.DataFrame, measure: str, rows: str, columns: str, **places: Any) -> Any:
    """Return one measure as a table of two of the columns, the others as given or "all"."""
    found = tidy[tidy["measure"] == measure]
    for name in ("segment", "attack", "item"):
        if name not in {rows, columns}:
            found = found[found[name] == places.get(name, "all")]
    for name in ("statistic",):
        if name in places:
            found = found[found[name] == places[name]]
    assert not found.duplicated([rows, columns]).any()
    return found.pivot_table(index=rows, columns=columns, values="value", sort=False)


def same(got: Any, wanted: Any) -> None:
    """Hold two tables of numbers for equal, whatever their labels."""
    np.testing.assert_allclose(got.to_numpy(float), wanted.to_numpy(float), rtol=1e-12)


# The tidy table -------------------------------------------------------------------------------------


def test_a_row_is_one_number_in_one_place(tidy: pd.DataFrame, impact: Impact) -> None:
    """Columns are those documented, keys are names, values are numbers, and no place is given twice."""
    assert tuple(tidy.columns) == COLUMNS
    assert tidy.index.name == "row"
    assert tidy["value"].dtype == tidy["at"].dtype == np.float64
    assert not tidy["value"].isna().any()
    assert not tidy.duplicated([name for name in COLUMNS if name not in {"value", "unit"}]).any()
    assert set(tidy["attack"]) <= {*impact.attacks.names, "all"}
    assert set(tidy["segment"]) <= {*(s.name for s in impact.scenario.segments), "all"}
    assert "total" not in set(tidy[["segment", "attack", "item"]].to_numpy().ravel())
    assert set(tidy["unit"]) <= {"accounts", "USD", "USD/account", "hours", "share"}
    assert tidy.groupby(["measure", "statistic"])["unit"].nunique().max() == 1


def test_the_funnel_and_the_quantiles_come_back(tidy: pd.DataFrame, impact: Impact) -> None:
    """Attackable to loss by attack, and quantiles with their errors, are those of the tables."""
    numbers, names = impact.funnel(numbers=True), list(impact.attacks.names)
    columns = list(STATISTICS)
    for word in ("attackable", "attempted", "victims", "loss_usd"):
        found = cells(tidy, word, "attack", "statistic", segment="all")
        same(found.loc[names, columns], numbers.loc[names, word])
    every: Any = impact.quantiles()
    for measure, row in every.iterrows():
        attack, _, word = str(measure).rpartition(".")
        found = cells(tidy, word, "attack", "statistic").loc[attack or "all", list(every.columns)]
        assert found.tolist() == row.tolist()


def test_the_segments_come_back(tidy: pd.DataFrame, impact: Impact) -> None:
    """Expected numbers by segment are those of the table, and the rows "all" are its sums."""
    table = impact.by_segment()
    for word in ("accounts", "exposed", "people", "loss_usd"):
        found = cells(tidy, word, "segment", "statistic", statistic="mean")["mean"]
        np.testing.assert_allclose(
            found[[*(s.name for s in impact.scenario.segments), "all"]], table[word], rtol=1e-9
        )
    for attack in impact.attacks.names:
        found = cells(tidy, "victims", "segment", "statistic", attack=attack, statistic="mean")["mean"]
        np.testing.assert_allclose(
            found[[*(s.name for s in impact.scenario.segments), "all"]], table[attack], rtol=1e-9
        )
    lorenz = impact.lorenz()["loss_per_account"].tolist()
    own = cells(tidy, "loss_per_account", "segment", "statistic")["mean"]
    assert sorted(own) == pytest.approx(lorenz)


def test_the_money_comes_back(tidy: pd.DataFrame, impact: Impact) -> None:
    """Bearers, both ledgers, hours and curves are those of the tables."""
    ledgers, columns = impact.ledgers(), list(STATISTICS)
    same(
        cells(tidy, "firm_cost", "item", "statistic").loc[ledgers.loc["firm"].index, columns],
        ledgers.loc["firm"][columns],
    )
    who = [name for name in ledgers.loc["victims"].index if name != "all"]
    same(
        cells(tidy, "loss_usd_by_bearer", "item", "statistic").loc[who, columns],
        ledgers.loc["victims"].loc[who, columns],
    )
    borne = impact.bearers().iloc[:-1].drop(columns="all")
    found = cells(tidy, "loss_usd_by_bearer", "attack", "item", statistic="mean")
    same(found.loc[list(impact.attacks.names), list(borne.columns)].fillna(0.0), borne)
    same(cells(tidy, "hours", "attack", "statistic")[columns], impact.hours()[columns])
    for measure, table in (
        ("loss_usd_exceeded", impact.exceedance()),
        ("firm_cost_exceeded", impact.firm_exceedance()),
    ):
        got = cells(tidy, measure, "at", "statistic").loc[table.index]
        same(got[[str(name).removesuffix("_usd") for name in table.columns]], table)


def test_the_doubt_and_the_months_come_back(tidy: pd.DataFrame, impact: Impact) -> None:
    """Error budget, convergence, months, excess, parts and capacity are those of the tables."""
    budget: Any = impact.error_budget().drop(columns="mean")
    for measure, row in budget.iterrows():
        attack, _, word = str(measure).rpartition(".")
        found = cells(tidy, word, "attack", "statistic").loc[attack or "all"]
        assert found[row.index].tolist() == row.tolist()
    settling = impact.convergence()
    loss = cells(tidy, "loss_usd_from_fewer", "at", "statistic").loc[settling.index.astype(float)]
    same(
        loss[["p50", "se_p50", "mean", "se_mean", "rel_se"]],
        settling[["loss_p50", "loss_se", "loss_mean", "loss_mean_se", "rel_se"]],
    )
    months = impact.timeline()
    for word in ("victims", "loss_usd"):
        found = cells(tidy, f"{word}_in_month", "at", "statistic")
        same(found[list(STATISTICS)], months[[f"{word}_{name}" for name in STATISTICS]])
    excess = impact.excess()
    for kind in ("excess", "never_otherwise", "background"):
        same(cells(tidy, kind, "attack", "statistic")[list(STATISTICS)], excess[kind])
    parts = impact.parts()
    for part in PARTS:
        found = cells(tidy, "victims_by_part", "attack", "statistic", item=part)
        np.testing.assert_allclose(
            found["mean"], parts[part, "mean"].iloc[: len(impact.attacks.names)], rtol=1e-12
        )
    capacity = impact.capacity()
    same(cells(tidy, "capacity", "attack", "statistic")[list(capacity.columns)], capacity)


# Samples --------------------------------------------------------------------------------------------


def test_samples_are_the_draws_and_sum_up(impact: Impact) -> None:
    """Each row is a replicate; attacks sum to the loss, lines to the cost, and counts are whole numbers."""
    frame = impact.samples()
    assert frame.index.name == "replicate"
    assert len(frame) == impact.replicates
    assert frame["people"].tolist() == impact.people.tolist()
    assert np.array_equal(frame["loss_usd"], impact.loss)
    losses = [f"{name}.loss_usd" for name in impact.attacks.names]
    np.testing.assert_allclose(frame[losses].sum(axis=1), frame["loss_usd"], rtol=1e-12)
    lines = [f"{line}.firm_cost_usd" for line in impact.firm_lines]
    np.testing.assert_allclose(frame[lines].sum(axis=1), frame["firm_cost_usd"], rtol=1e-9)
    counts = [name for name in frame.columns if not name.endswith("_usd")]
    assert {np.dtype(np.int64)} == set(frame[counts].dtypes)


@pytest.mark.parametrize("what", ["samples", "tidy"])
def test_a_round_trip_through_parquet_loses_nothing(what: str, impact: Impact, tmp_path: Path) -> None:
    """What is read back has the same columns, types and bits."""
    frame = getattr(impact, what)()
    back = pd.read_parquet(export(frame, tmp_path / "a.parquet")).set_index(frame.index.name)
    pd.testing.assert_frame_equal(back, frame, check_exact=True, check_index_type=False)
    assert tuple(back.attrs["notes"]) == tuple(frame.attrs["notes"])


# Loss tables ----------------------------------------------------------------------------------------


ORD = {
    "EventId": "int32", "SummaryId": "int32", "SampleId": "int32", "Loss": "float64",
    "ImpactedExposure": "float64", "Period": "int32", "PeriodWeight": "float64", "Year": "int32",
    "Month": "int32", "Day": "int32", "Hour": "int32", "Minute": "int32",
}  # fmt: skip
"""Types by column, as ORD_Data_Types.csv of the standard has them: 32-bit integers, and floats."""
SELT = ["EventId", "SummaryId", "SampleId", "Loss", "ImpactedExposure"]
DATES = ["Year", "Month", "Day", "Hour", "Minute"]
SPLT = ["Period", "PeriodWeight", "EventId", *DATES, *SELT[1:]]
"""Columns of both tables in the order of the standard."""


def summed(impact: Impact, ledger: str) -> Any:
    """Loss of each sample, the summaries added."""
    events = impact.event_losses(ledger)
    return events.groupby("SampleId")["Loss"].sum().reindex(range(1, impact.replicates + 1)).fillna(0.0)


@pytest.mark.parametrize("ledger", ["victims", "firm", "recovery"])
def test_the_loss_tables_have_the_columns_of_the_standard(ledger: str, impact: Impact) -> None:
    """Columns, order and types are those of the standard; nothing is missing, and every loss is above 0."""
    events, periods = impact.event_losses(ledger), impact.period_losses(ledger)
    for frame, columns in ((events, SELT), (periods, SPLT)):
        assert list(frame.columns) == columns
        assert {name: str(frame[name].dtype) for name in columns} == {name: ORD[name] for name in columns}
        assert not frame.isna().any(axis=None)
        assert (frame["Loss"] > 0).all()
        assert (frame["ImpactedExposure"] >= frame["Loss"]).all()
        assert any("ImpactedExposure" in note for note in frame.attrs["notes"])
    assert np.array_equal(periods["Loss"], events["Loss"])
    assert set(events["SummaryId"]) <= set(impact.loss_summaries(ledger)["SummaryId"])
    assert {tuple(row) for row in periods[DATES].to_numpy()} <= {(2021, 8, 11, 0, 0)}


def test_the_loss_tables_sum_to_the_draws(impact: Impact) -> None:
    """Summaries of a sample sum to the loss; those of the firm less what it gets back to its cost."""
    np.testing.assert_allclose(summed(impact, "victims"), impact.loss, rtol=1e-9)
    whole: Any = impact.firm_cost
    np.testing.assert_allclose(summed(impact, "firm") - summed(impact, "recovery"), whole, rtol=1e-9)
    assert summed(impact, "recovery").max() > 0
    with pytest.raises(ValueError, match="did you mean 'firm'"):
        impact.event_losses("firms")


# Documents ------------------------------------------------------------------------------------------


def fits(schema: dict[str, Any], document: dict[str, Any]) -> list[str]:
    """What is wrong with a document: what its schema forbids, and keys that it does not know."""
    Draft7Validator.check_schema(schema)
    errors = [f"{list(e.path)}: {e.message}" for e in Draft7Validator(schema).iter_errors(document)]
    return errors + sorted(set(document) - set(schema["properties"]))


@pytest.mark.parametrize("name", some(scenario_names(), always=["tmobile-2021-stated"]))
def test_the_document_of_every_scenario_fits_its_schema(name: str) -> None:
    """JSON of each scenario has every key of the schema and no other, with the types of the schema."""
    document = json.loads(bs.simulate(name, replicates=16, seed=1).to_json())
    assert fits(SCHEMA, document) == []


@pytest.mark.parametrize("name", some(scenario_names(), always=["tmobile-2021-stated"]))
def test_the_comparison_of_every_scenario_fits_its_schema(name: str) -> None:
    """JSON of a comparison has the keys and types of its schema, with a pair and a bundle or without."""
    made_of: dict[str, Any] = {"replicates": 8, "seed": 1}
    compared = bs.compare(name, "notice", "credit-freeze", **made_of)
    document = json.loads(compared.to_json())
    assert fits(COMPARISON, document) == []
    best = bs.best_bundle(name, ["notice", "credit-freeze"], 1e6, **made_of)
    assert fits(COMPARISON, document | {"bundle": best.as_dict()}) == []


@pytest.mark.parametrize("names", some(zip(scenario_names()[::2], scenario_names()[1::2], strict=False)))
def test_the_portfolio_of_every_scenario_fits_its_schema(names: tuple[str, str]) -> None:
    """JSON of a portfolio has the keys and types of its schema, with frequencies or without."""
    for often in (None, dict.fromkeys(names, 0.1)):
        both = bs.portfolio(names, frequencies=often, replicates=8)
        assert fits(PORTFOLIO, json.loads(both.to_json())) == []


def test_a_document_says_what_it_was_made_of() -> None:
    """Parameters, overrides and readings of a document are those of the tables, and fit the schema."""
    mine = {
        "attacks.smishing.attempts": {"scale": 2, "reason": "own count"},
        "firm": {"notice": {"value": 3, "unit": "USD/person", "reason": "a quote"}},
        "driver": [
            {"name": "d", "parameters": ["attacks.sim_swap.success"], "low": 1, "high": 2, "reason": "x"}
        ],
        "attack": {"mine": {"needs": ["ssn"], "attempts": 0.001, "severity": 5, "reason": "own team"}},
        "currency": "EUR",
        "rate": 1.1,
    }
    impact = bs.simulate(bs.with_overrides("tmobile-2021-stated", mine), replicates=16)
    document = json.loads(impact.to_json())
    assert fits(SCHEMA, document) == []
    table = bs.assumptions(impact)
    rows = {row["name"]: row for row in document["parameters"]}
    assert set(rows) == set(table.index)
    for word in ("low", "mode", "high", "p5", "p50", "p95"):
        wanted = {name: None if value != value else value for name, value in table[word].items()}  # noqa: PLR0124
        assert {name: row[word] for name, row in rows.items()} == wanted
    assert {name for name, row in rows.items() if row["status"] == "user"} >= {"attacks.smishing.attempts"}
    changes = [(one["of"], one["name"], one["change"], one["by"]) for one in document["overrides"]]
    assert changes == [
        ("parameter", "attacks.smishing.attempts", "scaled", 2),
        ("firm_line", "notice", "replaced", None),
        ("driver", "d", "added", None),
        ("attack", "mine", "added", None),
        ("money", "EUR", "added", None),
    ]
    assert document["overrides"][3]["reason"] == "own team"
    shown = document["currency"]
    assert (shown["code"], shown["usd_per_unit"]) == ("EUR", 1.1)
    for word, of in (("loss", "loss_usd"), ("firm_cost", "firm_cost_usd")):
        assert {key: 1.1 * value for key, value in shown[word].items()} == pytest.approx(document[of])
    readings = bs.structural(impact)
    found = {(row["question"], row["reading"]): row["loss_usd"] for row in document["readings"]}
    assert found == readings["loss_usd"].to_dict()
    assert document["reading_notes"] == list(readings.attrs["outside"])
    compared = json.loads(bs.compare(impact.scenario, "notice", replicates=8).to_json())
    second = bs.with_overrides("experian-2015", mine)
    both = json.loads(bs.portfolio([impact.scenario, second], replicates=8).to_json())
    assert compared["overrides"] == both["overrides"] == document["overrides"]
    assert fits(COMPARISON, compared) == fits(PORTFOLIO, both) == []


def test_the_document_agrees_with_the_tables(impact: Impact) -> None:
    """Segments, ledgers, months and curves of the document are numbers of the tables, by name."""
    document = json.loads(impact.to_json())
    Draft7Validator.check_schema(SCHEMA)
    table = impact.by_segment()
    assert [one["mean"]["people"] for one in document["segments"]] == table["people"].iloc[:-1].tolist()
    assert document["ledgers"]["firm"]["all"] == document["firm_cost_usd"]
    assert document["ledgers"]["victims"]["all"] == document["loss_usd"]
    assert [month["victims"]["p50"] for month in document["timeline"]] == impact.timeline()[
        "victims_p50"
    ].tolist()
    assert list(document["excess"]) == [*impact.attacks.names, "any"]
    middle = next(row for row in document["exceedance"]["loss_usd"] if row["probability"] == 0.5)
    assert middle["var_usd"] == document["loss_usd"]["p50"]
    assert set(document["drivers"]) == {"drivers.attempts", "drivers.loss"}
    union = bs.combine("tmobile-2021-stated", "experian-2015", overlap=0.5)
    both = json.loads(bs.simulate(union, replicates=16).to_json())
    assert not list(Draft7Validator(SCHEMA).iter_errors(both))
    assert "union" in both


def test_the_bundle_is_whole_and_the_same_each_time(impact: Impact) -> None:
    """Objects have the common properties of STIX 2.1, references an object, and figures their number."""
    text = impact.to_stix()
    bundle = json.loads(text)
    assert text == impact.to_stix()
    assert bundle["type"] == "bundle"
    known = {}
    for thing in bundle["objects"]:
        kind, _, number = thing["id"].partition("--")
        assert (kind, thing["spec_version"]) == (thing["type"], "2.1")
        assert uuid.UUID(number).version == 4
        assert STIX_TIME.match(thing["created"])
        assert thing["created"] <= thing["modified"]
        known[thing["id"]] = thing
    assert len(known) == len(bundle["objects"])
    for thing in known.values():
        assert thing.get("created_by_ref", thing["id"]) in known
        assert all(key in known for key in thing.get("extensions", {}) if key.endswith("41"))
    incident = next(thing for thing in known.values() if thing["type"] == "incident")
    core = next(own for own in incident["extensions"].values() if "impact_refs" in own)
    assert core["impact_refs"] == [key for key, thing in known.items() if thing["type"] == "impact"]
    assert core["impacted_entity_counts"] == {"individual": impact.exposed}
    document = json.loads(impact.to_json())
    own = [known[key]["extensions"] for key in core["impact_refs"]]
    money = [each["monetary-ext"] for each in own if "monetary-ext" in each]
    for amount, key in zip(money, ("loss_usd", "firm_cost_usd"), strict=True):
        assert amount["min_amount"] == document[key]["p5"]
        assert amount["max_amount"] == document[key]["p95"]


STIX = json.loads((Path(__file__).parents[1] / "data" / "stix_schemas.json").read_text(encoding="utf-8"))[
    "schemas"
]
"""Schemas of STIX 2.1 by OASIS, by path."""
PLACES = {"incident": "sdos", "identity": "sdos", "extension-definition": "common"}
COUNT = {"type": "integer", "minimum": 0}
AMOUNT = {"type": "number", "exclusiveMinimum": 0}
EXTENSIONS = {
    "confidentiality-ext": {
        "properties": {
            "loss_type": {
                "enum": ["confirmed-loss", "contained", "exploited-loss", "suspected-loss", "none"]
            },
            "information_type": {"type": "string"},
            "record_count": COUNT,
        },
        "required": ["loss_type", "information_type"],
        "additionalProperties": False,
    },
    "monetary-ext": {
        "properties": {
            "variety": {"enum": ["asset-and-fraud", "legal-and-regulatory"]},
            "currency": {"const": "USD"},
            "min_amount": AMOUNT,
            "max_amount": AMOUNT,
        },
        "required": ["variety"],
        "dependentRequired": {"min_amount": ["currency", "max_amount"], "max_amount": ["min_amount"]},
        "additionalProperties": False,
    },
}
"""What the draft of 20 February 2024 says of both extensions of an impact that are written here."""


def stix_validator(path: str) -> Draft202012Validator:
    """Validator of an object of STIX, from the stored schemas alone."""
    stored = [(one["$id"], Resource.from_contents(one)) for one in STIX.values()]
    return Draft202012Validator(STIX[path], registry=Registry().with_resources(stored))


@pytest.mark.parametrize("name", some(scenario_names()))
def test_the_bundle_of_every_scenario_fits_the_schemas_of_stix(name: str) -> None:
    """Objects fit the schemas of OASIS; impacts the common one, with one extension of their category."""
    bundle = json.loads(bs.simulate(name, replicates=16, seed=1).to_stix())
    assert set(bundle) == {"type", "id", "objects"}
    for thing in bundle["objects"]:
        kind = thing["type"]
        path = f"{PLACES[kind]}/{kind}.json" if kind in PLACES else "common/core.json"
        assert [error.message for error in stix_validator(path).iter_errors(thing)] == []
        if kind == "impact":
            named = [key for key in thing["extensions"] if key.endswith("-ext")]
            assert named == [f"{thing['impact_category']}-ext"]
            own = thing["extensions"][named[0]]
            errors = Draft202012Validator(EXTENSIONS[named[0]]).iter_errors(own)
            assert [error.message for error in errors] == []
            assert own.get("min_amount", 0) <= own.get("max_amount", 0)
