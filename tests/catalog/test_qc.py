"""Second entry of the catalog's numbers, compared with the committed data.

The files in ``qc/`` were typed from the evidence by someone who had not seen the
package data; ``remedies.toml`` and ``look_ups.toml`` by someone who had, and their heads say so. The
comparisons are pure functions that return a list of differences, so that the tests can
plant a typing error and see it found.
"""

import copy
import csv
import re
import tomllib
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest

QC = Path(__file__).parents[1] / "qc"
DATA = Path(__file__).parents[2] / "breach_sim" / "catalog" / "data"

TOLERANCE = {"cited": Decimal(0), "derived": Decimal("0.001"), "assumed": Decimal(0)}
NUMBERS = ("low", "mode", "high", "value")
PLAIN_NUMBERS = ("day", "lasts", "span")
SOURCE_FIELDS = ("value", "low", "high", "grade", "verified")

Table = dict[str, Any]


def read_toml(path: Path) -> Table:
    """Read a TOML file, its floats as exact decimals."""
    with path.open(encoding="utf-8") as file:
        return tomllib.loads(file.read(), parse_float=Decimal)


def read_sources() -> dict[str, dict[str, str]]:
    """Read the second entry's source rows, by id."""
    with (QC / "sources.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


TYPED_PARAMETERS = read_toml(QC / "parameters.toml")
TYPED_REMEDIES = read_toml(QC / "remedies.toml")
TYPED_LOOK_UPS = read_toml(QC / "look_ups.toml")
TYPED_SCENARIOS = read_toml(QC / "scenarios.toml")
TYPED_SOURCES = read_sources()


# The comparisons


def as_number(value: object) -> Decimal | None:
    """Return the value as an exact number, or None when it is not a number."""
    if value is None or isinstance(value, bool):
        return None
    try:
        return Decimal(str(value).strip())
    except InvalidOperation:
        return None


def agree(typed: Decimal, entered: object, tolerance: Decimal) -> bool:
    """Tell whether an entered number is the typed one, to a relative tolerance."""
    number = as_number(entered)
    return number is not None and abs(number - typed) <= tolerance * abs(typed)


def at(tree: object, path: str) -> object:
    """Return what stands at a dotted path of nested tables and numbered lists, or None."""
    for key in path.split("."):
        if isinstance(tree, list):
            tree = tree[int(key)] if key.isdigit() and int(key) < len(tree) else None
        else:
            tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def numbers_of(tree: object, path: str = "") -> Iterator[str]:
    """Yield the path of every number of a tree: quantities of estimates, and days and spans."""
    if isinstance(tree, list):
        tree = {str(number): part for number, part in enumerate(tree)}
    for key, part in tree.items() if isinstance(tree, dict) else ():
        place = f"{path}.{key}" if path else key
        if key in PLAIN_NUMBERS and as_number(part) is not None:
            yield f"{place}.value"
        elif key in NUMBERS:
            yield place
        else:
            yield from numbers_of(part, place)


def entered_at(package: Table, name: str, key: str) -> object:
    """Return one number of a parameter; a fixed one may be bare, `value` or `mode`."""
    entry = at(package, name)
    if not isinstance(entry, dict):
        return entry if key == "value" else None
    if key == "value" and key not in entry:
        return entry.get("mode")
    return entry.get(key)


def typed_numbers(typed: Table) -> Iterator[tuple[str, str, Decimal]]:
    """Yield every number of the second entry with its parameter and its key."""
    for name, entry in typed.items():
        for key in NUMBERS:
            if key in entry:
                yield name, key, Decimal(entry[key])


def parameter_differences(typed: Table, package: Table) -> list[str]:
    """List the typed parameters that the package gives otherwise, or not at all."""
    return [
        f"{name}.{key}: typed {number}, package has {entered}"
        for name, key, number in typed_numbers(typed)
        if not agree(
            number,
            entered := entered_at(package, name, key),
            TOLERANCE[typed[name]["kind"]],
        )
    ]


def cited_estimates(tree: object, path: str = "") -> Iterator[tuple[str, Table]]:
    """Yield every cited estimate of a tree with its path."""
    if isinstance(tree, list):
        tree = {str(number): part for number, part in enumerate(tree)}
    if not isinstance(tree, dict):
        return
    if tree.get("status") == "cited" and "kind" in tree:
        yield path, tree
    for key, part in tree.items():
        yield from cited_estimates(part, f"{path}.{key}" if path else key)


def missing_entries(typed: Table, package: Table, file: str) -> list[str]:
    """List the cited numbers that have no second entry and are not called provisional."""
    return [
        f"{name}.{key} is cited and has no second entry: type it from its source into tests/qc/{file}, or "
        "say provisional = true beside the number in breach_sim/catalog/data"
        for name, estimate in cited_estimates(package)
        for key in NUMBERS
        if key in estimate and not estimate.get("provisional") and key not in typed.get(name, {})
    ]


def leaked(segment: Table) -> list[str]:
    """Return the fields of all leaks of a segment, sorted, repetitions kept."""
    return sorted(field for leak in segment.get("leaks", []) for field in leak.get("fields", []))


def segment_differences(place: str, typed: Table, entered: Table | None) -> list[str]:
    """List what differs between a typed segment and the package's."""
    if entered is None:
        return [f"{place}: segment is lost"]
    found = []
    if as_number(entered.get("accounts")) != typed["accounts"]:
        found.append(f"{place}.accounts: typed {typed['accounts']}, package has {entered.get('accounts')}")
    if leaked(entered) != sorted(typed["fields"]):
        found.append(f"{place}.fields: typed {sorted(typed['fields'])}, package has {leaked(entered)}")
    return found


def reset_days(scenario: Table) -> list[Decimal | None]:
    """Return the days of a scenario's resets."""
    events = scenario.get("events", [])
    return [as_number(e.get("day")) for e in events if e.get("kind") == "reset"]


def scenario_differences(typed: Table, package: Table) -> list[str]:
    """List what differs between the typed scenarios and the package's."""
    found = []
    for name, scenario in typed.items():
        entered = package.get(name)
        if entered is None:
            found.append(f"{name}: scenario is lost")
            continue
        segments = entered.get("segments", {})
        for key, segment in scenario["segments"].items():
            found += segment_differences(f"{name}.{key}", segment, segments.get(key))
        for key in segments.keys() - scenario["segments"].keys():
            found.append(f"{name}.{key}: segment was not typed")
        day = scenario.get("pin_reset_day")
        if day is not None and reset_days(entered) != [day]:
            found.append(f"{name}: typed a reset on day {day}, package has {reset_days(entered)}")
    return found + parameter_differences(typed_coverages(typed), package)


def typed_coverages(typed: Table) -> Table:
    """Return the typed coverages of scenarios by their paths in the package."""
    return {
        f"{name}.estimates.{key}": entry
        for name, scenario in typed.items()
        for key, entry in scenario.get("estimates", {}).items()
    }


def same_text(typed: str, entered: object) -> bool:
    """Tell whether two fields agree: numbers as numbers, the rest letter by letter."""
    number = as_number(typed)
    if number is not None:
        return agree(number, entered, Decimal(0))
    return ("" if entered is None else str(entered)) == typed


def source_differences(typed: dict[str, dict[str, str]], package: Table) -> list[str]:
    """List the source rows that the package lost or gives otherwise."""
    found = []
    for name, row in typed.items():
        entered = package.get(name)
        if not isinstance(entered, dict):
            found.append(f"{name}: source row is lost")
            continue
        found += [
            f"{name}.{field}: typed {row[field]!r}, package has {entered.get(field)!r}"
            for field in SOURCE_FIELDS
            if not same_text(row[field], entered.get(field))
        ]
    return found


def all_differences(package: Table) -> list[str]:
    """List every difference between the second entry and the package."""
    return (
        parameter_differences(TYPED_PARAMETERS, package["parameters"])
        + parameter_differences(TYPED_REMEDIES, package["remedies"])
        + parameter_differences(TYPED_LOOK_UPS, package["look_ups"])
        + scenario_differences(TYPED_SCENARIOS, package["scenarios"])
        + source_differences(TYPED_SOURCES, package["sources"])
    )


# The committed data


@pytest.fixture(scope="module")
def committed() -> Table:
    """Read the committed package data."""
    return {
        "parameters": {
            **read_toml(DATA / "shared.toml"),
            "attacks": {path.stem: read_toml(path) for path in (DATA / "attacks").glob("*.toml")},
            "traits": read_toml(DATA / "traits.toml"),
            "firm": read_toml(DATA / "firm.toml"),
        },
        "remedies": read_toml(DATA / "mitigations.toml")
        | {"readings": read_toml(DATA / "evidence" / "readings.toml")},
        "look_ups": read_toml(DATA / "elsewhere.toml"),
        "scenarios": {path.stem: read_toml(path) for path in (DATA / "breaches").glob("*.toml")},
        "sources": {k: v for path in (DATA / "sources").glob("*.toml") for k, v in read_toml(path).items()},
    }


def test_parameters_agree(committed: Table) -> None:
    """A cited number equals its second entry, and a derived one does to 0.1 %."""
    assert parameter_differences(TYPED_PARAMETERS, committed["parameters"]) == []


def test_remedies_agree(committed: Table) -> None:
    """A number of the mitigations and of the readings equals its second entry."""
    assert parameter_differences(TYPED_REMEDIES, committed["remedies"]) == []


def test_every_number_of_the_remedies_was_typed_twice(committed: Table) -> None:
    """Every quantity, day or span of the mitigations and readings has a second entry; no entry is extra."""
    typed = {f"{name}.{key}" for name, key, _ in typed_numbers(TYPED_REMEDIES)}
    given = set(numbers_of(committed["remedies"]))
    assert sorted(given - typed) == [], "type these numbers into tests/qc/remedies.toml"
    assert sorted(typed - given) == [], "tests/qc/remedies.toml has entries that no mitigation has"


def test_look_ups_agree(committed: Table) -> None:
    """A share of what can be looked up equals its second entry."""
    assert parameter_differences(TYPED_LOOK_UPS, committed["look_ups"]) == []


def test_what_a_look_up_needs_was_typed_twice(committed: Table) -> None:
    """The sets of fields from which a search starts equal their second entry."""
    typed = {name: entry["given"] for name, entry in TYPED_LOOK_UPS.items() if "given" in entry}
    given = {
        f"{name}.share": table["given"] for name, table in committed["look_ups"].items() if "given" in table
    }
    assert typed == given


def test_every_number_of_the_look_ups_was_typed_twice(committed: Table) -> None:
    """Every share of what can be looked up has a second entry, those of 0 too; no entry is extra."""
    typed = {f"{name}.{key}" for name, key, _ in typed_numbers(TYPED_LOOK_UPS)}
    given = set(numbers_of(committed["look_ups"]))
    assert sorted(given - typed) == [], "type these numbers into tests/qc/look_ups.toml"
    assert sorted(typed - given) == [], "tests/qc/look_ups.toml has entries that no look-up has"


def test_every_cited_number_was_typed_twice(committed: Table) -> None:
    """A cited number of the catalog has a second entry in tests/qc, or says that it is provisional."""
    assert missing_entries(TYPED_PARAMETERS, committed["parameters"], "parameters.toml") == []
    assert missing_entries(TYPED_REMEDIES, committed["remedies"], "remedies.toml") == []
    assert missing_entries(TYPED_LOOK_UPS, committed["look_ups"], "look_ups.toml") == []


def test_a_new_attack_needs_its_second_entry(committed: Table) -> None:
    """A cited number of an attack that nobody typed twice is named, with the file to edit, until marked."""
    package = {"attacks": {}}
    attacks = committed["parameters"]["attacks"]
    package["attacks"]["planted_fraud"] = copy.deepcopy(attacks["tax_refund_fraud"])
    package["attacks"]["planted_fraud"]["success"]["status"] = "cited"
    found = missing_entries(TYPED_PARAMETERS, package, "parameters.toml")
    success = "attacks.planted_fraud.success"
    assert [line.split()[0] for line in found] == [
        *(f"{success}.{key}" for key in NUMBERS[:3]),
        "attacks.planted_fraud.bearers.public_purse.value",
    ]
    assert all("tests/qc/parameters.toml" in line for line in found)
    package["attacks"]["planted_fraud"]["success"]["provisional"] = True
    found = missing_entries(TYPED_PARAMETERS, package, "parameters.toml")
    assert [line.split()[0] for line in found] == ["attacks.planted_fraud.bearers.public_purse.value"]


def test_the_status_of_the_remedies_agrees(committed: Table) -> None:
    """What the second entry could not find in the evidence is called assumed by the package."""
    named = {name for name, entry in TYPED_REMEDIES.items() if entry["kind"] == "assumed"}
    kept = {name: at(committed["remedies"], name) for name in named}
    assert [n for n, e in kept.items() if isinstance(e, dict) and e["status"] != "assumed"] == []


def test_scenarios_agree(committed: Table) -> None:
    """Segments, accounts, leaked fields, uncertain coverages and the PIN reset equal their second entry."""
    assert scenario_differences(TYPED_SCENARIOS, committed["scenarios"]) == []


def test_sources_agree(committed: Table) -> None:
    """Every published row is kept, with its numbers, grade and verification."""
    assert source_differences(TYPED_SOURCES, committed["sources"]) == []


# The second entry itself


def test_second_entry_is_complete() -> None:
    """The second entry has 247 source rows and cites no id that is not among them."""
    text = (QC / "parameters.toml").read_text(encoding="utf-8")
    text += (QC / "scenarios.toml").read_text(encoding="utf-8")
    text += (QC / "remedies.toml").read_text(encoding="utf-8")
    text += (QC / "look_ups.toml").read_text(encoding="utf-8")
    cited = set(re.findall(r"\[([a-z]+[0-9a-z]*(?:-[0-9a-z]+)+)\]", text))
    scenarios = {name for name in cited if name in TYPED_SCENARIOS}
    assert len(TYPED_SOURCES) == 247
    assert len(cited) > 20
    assert cited - scenarios <= TYPED_SOURCES.keys()


def test_second_entry_is_ordered() -> None:
    """Low, mode and high are in order; each entry has a unit and a place read."""
    for name, entry in (TYPED_PARAMETERS | TYPED_REMEDIES | TYPED_LOOK_UPS).items():
        numbers = [Decimal(entry[key]) for key in NUMBERS[:3] if key in entry]
        assert numbers == sorted(numbers), name
        assert numbers or "value" in entry, name
        assert entry["kind"] in TOLERANCE, name
        assert entry["unit"], name
        assert entry["read"], name


def test_second_entry_adds_up() -> None:
    """The stated cohorts make 54,617,000 accounts and the claimed ones 100 million."""
    totals = {
        name: sum(s["accounts"] for s in scenario["segments"].values())
        for name, scenario in TYPED_SCENARIOS.items()
    }
    assert totals == {
        "tmobile-2021-stated": 54_617_000,
        "tmobile-2021-claimed": 100_000_000,
    }


# Planted typing errors


def replant(package: Table, name: str, key: str, number: object) -> None:
    """Overwrite one number of a parameter, wherever the package keeps it."""
    place, _, last = name.rpartition(".")
    parent: Any = at(package, place) if place else package
    assert isinstance(parent, dict | list), f"{name} is missing"
    last = int(last) if isinstance(parent, list) else last
    entry = parent[last]
    if not isinstance(entry, dict):
        parent[last] = number
    elif key == "value" and key not in entry:
        entry["mode"] = number
    else:
        entry[key] = number


def wrong_digit(package: Table) -> None:
    """Type 0.0013 as 0.0018."""
    replant(
        package["parameters"],
        "attacks.tax_refund_fraud.background",
        "high",
        Decimal("0.0018"),
    )


def wrong_last_digit_of_derived(package: Table) -> None:
    """Type 1.282e-4 as 1.284e-4, 0.16 % away."""
    replant(package["parameters"], "attacks.sim_swap.attempts", "mode", Decimal("1.284e-4"))


def swapped_bounds(package: Table) -> None:
    """Exchange low and high of a success probability."""
    entry = at(package["parameters"], "attacks.sim_swap.success")
    assert isinstance(entry, dict)
    entry["low"], entry["high"] = entry["high"], entry["low"]


def wrong_digit_of_a_remedy(package: Table) -> None:
    """Type 0.0044 as 0.0404."""
    replant(package["remedies"], "estimates.freeze_uptake", "low", Decimal("0.0404"))


def wrong_power_of_a_price(package: Table) -> None:
    """Type 1e6 as 1e5."""
    replant(package["remedies"], "estimates.project_floor", "high", Decimal("1e5"))


def slower_remedy(package: Table) -> None:
    """Start the tax PINs on day 16."""
    package["remedies"]["mitigations"]["tax-pin-for-all"]["day"] = 16


def swapped_bounds_in_a_list(package: Table) -> None:
    """Exchange low and high of an effect."""
    entry = at(package["remedies"], "mitigations.notice.changes.0.effect")
    assert isinstance(entry, dict)
    entry["low"], entry["high"] = entry["high"], entry["low"]


def lost_remedy(package: Table) -> None:
    """Leave a mitigation out."""
    del package["remedies"]["mitigations"]["passkeys"]


def wrong_reading(package: Table) -> None:
    """Type 0.0905 as 0.0950."""
    replant(package["remedies"], "readings.tmobile-2021.ssn.washington", "value", Decimal("0.0950"))


def wrong_digit_of_a_look_up(package: Table) -> None:
    """Type 0.15 as 0.51."""
    replant(package["look_ups"], "ssn.share", "mode", Decimal("0.51"))


def lost_parameter(package: Table) -> None:
    """Leave a whole parameter out."""
    del package["parameters"]["attacks"]["smishing"]["success"]


def lost_source(package: Table) -> None:
    """Leave a source row out."""
    del package["sources"]["tmo-affected"]


def wrong_source_digit(package: Table) -> None:
    """Type a published 0.66 as 0.06."""
    package["sources"]["recycle-accounts"]["value"] = "0.06"


def swapped_source_bounds(package: Table) -> None:
    """Exchange low and high of a published row."""
    row = package["sources"]["phone-cycle-npd"]
    row["low"], row["high"] = row["high"], row["low"]


def upgraded_source(package: Table) -> None:
    """Call a recalled number seen."""
    package["sources"]["us-adults"]["verified"] = "seen"


def invented_bound(package: Table) -> None:
    """Give a bound to a row that was published without one."""
    package["sources"]["bjs21-prev"]["high"] = "0.1"


def dropped_field(package: Table) -> None:
    """Leave the SSN out of a cohort."""
    segment = package["scenarios"]["tmobile-2021-stated"]["segments"]["postpaid_ssn"]
    for leak in segment["leaks"]:
        leak["fields"] = [field for field in leak["fields"] if field != "ssn"]


def added_field(package: Table) -> None:
    """Let a phone number leak for the applicants, who gave none."""
    segment = package["scenarios"]["tmobile-2021-stated"]["segments"]["applicants"]
    segment["leaks"][0]["fields"].append("phone_number")


def wrong_accounts(package: Table) -> None:
    """Lose a zero of a cohort."""
    segments = package["scenarios"]["tmobile-2021-stated"]["segments"]
    segments["applicants"]["accounts"] = 4_000_000


def lost_segment(package: Table) -> None:
    """Leave a cohort out."""
    del package["scenarios"]["tmobile-2021-claimed"]["segments"]["line_record"]


def moved_reset(package: Table) -> None:
    """Put the PIN reset on another day."""
    for event in package["scenarios"]["tmobile-2021-stated"]["events"]:
        if event["kind"] == "reset":
            event["day"] = 16


@pytest.mark.parametrize(
    ("plant", "place"),
    [
        (wrong_digit, "attacks.tax_refund_fraud.background.high"),
        (wrong_last_digit_of_derived, "attacks.sim_swap.attempts.mode"),
        (swapped_bounds, "attacks.sim_swap.success.low"),
        (wrong_digit_of_a_remedy, "estimates.freeze_uptake.low"),
        (wrong_power_of_a_price, "estimates.project_floor.high"),
        (slower_remedy, "mitigations.tax-pin-for-all.day.value"),
        (swapped_bounds_in_a_list, "mitigations.notice.changes.0.effect.low"),
        (lost_remedy, "mitigations.passkeys.changes.0.uptake.low"),
        (wrong_reading, "readings.tmobile-2021.ssn.washington.value"),
        (wrong_digit_of_a_look_up, "ssn.share.mode"),
        (lost_parameter, "attacks.smishing.success.mode"),
        (lost_source, "tmo-affected: source row is lost"),
        (wrong_source_digit, "recycle-accounts.value"),
        (swapped_source_bounds, "phone-cycle-npd.low"),
        (upgraded_source, "us-adults.verified"),
        (invented_bound, "bjs21-prev.high"),
        (dropped_field, "tmobile-2021-stated.postpaid_ssn.fields"),
        (added_field, "tmobile-2021-stated.applicants.fields"),
        (wrong_accounts, "tmobile-2021-stated.applicants.accounts"),
        (lost_segment, "tmobile-2021-claimed.line_record: segment is lost"),
        (moved_reset, "tmobile-2021-stated: typed a reset"),
    ],
)
def test_a_planted_error_is_found(committed: Table, plant: Callable[[Table], None], place: str) -> None:
    """A typing error planted in the committed data is a new difference at its place."""
    before = set(all_differences(committed))
    package = copy.deepcopy(committed)
    plant(package)
    new = [line for line in all_differences(package) if line not in before]
    assert any(line.startswith(place) for line in new)


@pytest.mark.parametrize(
    ("name", "key", "number"),
    [pytest.param(*row, id=".".join(row[:2])) for row in typed_numbers(TYPED_PARAMETERS)],
)
def test_every_typed_number_is_compared(committed: Table, name: str, key: str, number: Decimal) -> None:
    """A number moved by one percent is the one difference of an agreeing package."""
    package = copy.deepcopy(committed["parameters"])
    replant(package, name, key, number)
    kept = parameter_differences(TYPED_PARAMETERS, package)
    replant(package, name, key, number * Decimal("1.01") or Decimal("1e-9"))
    found = parameter_differences(TYPED_PARAMETERS, package)
    new = [line for line in found if line not in kept]
    assert len(new) == 1
    assert new[0].startswith(f"{name}.{key}:")


@pytest.mark.parametrize(
    ("typed", "part"),
    [(TYPED_REMEDIES, "remedies"), (TYPED_LOOK_UPS, "look_ups")],
    ids=["remedies", "look_ups"],
)
def test_every_number_that_was_typed_once_more_is_compared(committed: Table, typed: Table, part: str) -> None:
    """Each number of a part moved by one percent is the one difference of an agreeing package."""
    package = copy.deepcopy(committed[part])
    for name, key, number in typed_numbers(typed):
        replant(package, name, key, number * Decimal("1.01") or Decimal("1e-9"))
        found = parameter_differences(typed, package)
        assert [line.split(":")[0] for line in found] == [f"{name}.{key}"]
        replant(package, name, key, number)
