"""Laws of the labels: everything of the catalog has one, and no reader sees the name of a file or table."""

from __future__ import annotations

import re
from functools import cache

import pytest

from breach_sim import api, catalog
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.results.impact import Impact

PHONE_WORDS = ("carrier", "number control")
"""Words of one trade that a reader of another firm's report would not expect."""
TELECOM = {"carrier_name"}
"""Names whose subject is the phone company itself."""
BRITISH = ("licence", "centre", "programme", "signalling", "tokenis", "enrol ")


@cache
def run_of(name: str) -> Impact:
    """A small run of a breach of the catalog."""
    return api.simulate(name, replicates=8, seed=1)


def is_words(label: str) -> bool:
    """Whether a label has no underscore, and no name with hyphens such as "retention-5-years"."""
    return bool(label) and "_" not in label and not re.search(r"\b[a-z]+-[a-z\d]+-[a-z\d]+\b", label)


def test_every_name_of_the_catalog_has_a_label() -> None:
    """Fields, attacks, capabilities, mitigations and lines are words, in US spelling and of no one trade."""
    attacks = catalog.load_attacks()
    labels = {f"field {name}": catalog.label_of_field(name) for name in FIELD_NAMES}
    labels |= {f"short {name}": catalog.label_of_field(name, short=True) for name in FIELD_NAMES}
    labels |= {name: catalog.label_of_attack(name) for name in attacks.names}
    granted = {capability for attack in attacks.attacks for capability in attack.grants}
    labels |= {name: catalog.label_of_capability(name) for name in granted}
    labels |= {m.name: catalog.label_of_mitigation(m.name) for m in catalog.load_mitigations()}
    ledger = run_of("tmobile-2021-stated").ledgers()
    labels |= {line: catalog.label_of_line(line) for _, line in ledger.index}
    assert {} == {name: label for name, label in labels.items() if not is_words(label)}
    low = {name: label.lower() for name, label in labels.items() if name.split()[-1] not in TELECOM}
    assert {} == {
        name: label for name, label in low.items() if any(w in label for w in (*PHONE_WORDS, *BRITISH))
    }
    assert all(labels[f"short {name}"] and len(labels[f"short {name}"]) < 22 for name in FIELD_NAMES)


@pytest.mark.parametrize("scenario", catalog.scenario_names())
def test_every_parameter_and_segment_has_a_label(scenario: str) -> None:
    """Every number behind a run, and every segment, is words; a pattern of the table fits each parameter."""
    run = run_of(scenario)
    labels = {e.name: catalog.label_of_parameter(e.name, run.scenario, run.attacks) for e in run.parameters()}
    labels |= {s.name: catalog.label_of_segment(s.name, run.scenario) for s in run.scenario.segments}
    assert {} == {name: label for name, label in labels.items() if not is_words(label)}
    plain = [name for name, label in labels.items() if "." in name and label == catalog.words_of(name)]
    assert plain == [], "add a pattern to formats/labels.toml"
    assert {} == {n: label for n, label in labels.items() if any(word in label.lower() for word in BRITISH)}


def test_names_of_a_users_file_become_words() -> None:
    """A name that the table does not know becomes its letters as words, in every kind of label."""
    assert catalog.label_of_attack("own_wire_fraud") == "own wire fraud"
    assert catalog.label_of_segment("vip_clients") == "vip clients"
    assert catalog.label_of_mitigation("my-own-lock") == "my own lock"
    assert catalog.label_of_parameter("something.new_here") == "something new here"
    assert catalog.label_of_parameter("a-breach: attacks.sim_swap.capacity") == (
        "a breach: SIM swap: most attempts that can be made"
    )
    assert catalog.label_of_field("loyalty_points") == "loyalty points"
    assert catalog.label_of_line("own_line") == "own line"


def test_every_attack_is_in_one_family() -> None:
    """The families of attacks hold every attack of the catalog, each once."""
    listed = [name for names in catalog.families().values() for name in names]
    assert sorted(listed) == sorted(catalog.load_attacks().names)
