"""Read TOML files into frozen objects: the only reader of ``data/`` and of a user's scenario files.

Every key of a file is validated here. An error names file, key, value, rule and remedy.

Not here: the objects themselves (``inputs``).
"""

from __future__ import annotations

from breach_sim.catalog.amounts.delays import load_timing
from breach_sim.catalog.amounts.exchange import (
    PRICES_OF,
    PRICES_SOURCE,
    currencies,
    load_exchange_rates,
    load_prices,
    rates_source,
)
from breach_sim.catalog.amounts.firm import firm_with, load_firm
from breach_sim.catalog.amounts.outcomes import ignored_columns, load_amounts, read_amounts
from breach_sim.catalog.amounts.payments import (
    load_first_payments,
    load_payment_arrays,
    load_payment_rows,
    load_refits,
    posterior_hash,
)
from breach_sim.catalog.attacks import agreed_overrides, load_attacks, load_bare_fields
from breach_sim.catalog.dictionaries.formats import (
    LEVELS,
    RecordKind,
    level_share,
    load_contexts,
    load_descriptions,
    load_dictionary,
    load_field_groups,
    load_populations,
    load_synonyms,
    no_counterpart,
    record_kind,
)
from breach_sim.catalog.dictionaries.headings import (
    field_of_heading,
    load_headings,
    load_placeholders,
    nearest_field,
    read_heading,
)
from breach_sim.catalog.evidence.calibration import (
    load_posterior,
    load_targets,
    read_posterior,
    read_targets,
    target_sources,
    victims_digest,
)
from breach_sim.catalog.evidence.published import (
    load_evidence_shares,
    load_harms,
    load_published_rates,
    load_readings,
    readings_of,
)
from breach_sim.catalog.faces.labels import (
    danger,
    families,
    label_of_attack,
    label_of_capability,
    label_of_field,
    label_of_line,
    label_of_mitigation,
    label_of_parameter,
    label_of_reading,
    label_of_release,
    label_of_segment,
    words_of,
)
from breach_sim.catalog.look_ups import CATALOG, load_look_ups, look_ups_of
from breach_sim.catalog.mitigations import load_mitigation, load_mitigations, mitigation_names
from breach_sim.catalog.overrides.countries import (
    attacks_for,
    attacks_in,
    country_of,
    load_countries,
    load_country,
)
from breach_sim.catalog.overrides.frequencies import frequency_of
from breach_sim.catalog.overrides.reading import with_overrides
from breach_sim.catalog.reader import (
    FLOAT_BITS,
    MAX_BITS,
    MAX_BYTES,
    SCHEMA,
    CatalogError,
    content_of,
    load_sources,
    report_template,
    scenario_template,
    stored_schema,
)
from breach_sim.catalog.scenarios import (
    FIRST_CASE,
    load_scenario,
    read_scenario,
    scenario_from,
    scenario_names,
    scenario_of,
    scenario_text,
)
from breach_sim.catalog.unions import Overlaps, default_universe, union_of

__all__ = [
    "CATALOG",
    "FIRST_CASE",
    "FLOAT_BITS",
    "LEVELS",
    "MAX_BITS",
    "MAX_BYTES",
    "PRICES_OF",
    "PRICES_SOURCE",
    "SCHEMA",
    "CatalogError",
    "Overlaps",
    "RecordKind",
    "agreed_overrides",
    "attacks_for",
    "attacks_in",
    "content_of",
    "country_of",
    "currencies",
    "danger",
    "default_universe",
    "families",
    "field_of_heading",
    "firm_with",
    "frequency_of",
    "ignored_columns",
    "label_of_attack",
    "label_of_capability",
    "label_of_field",
    "label_of_line",
    "label_of_mitigation",
    "label_of_parameter",
    "label_of_reading",
    "label_of_release",
    "label_of_segment",
    "level_share",
    "load_amounts",
    "load_attacks",
    "load_bare_fields",
    "load_contexts",
    "load_countries",
    "load_country",
    "load_descriptions",
    "load_dictionary",
    "load_evidence_shares",
    "load_exchange_rates",
    "load_field_groups",
    "load_firm",
    "load_first_payments",
    "load_harms",
    "load_headings",
    "load_look_ups",
    "load_mitigation",
    "load_mitigations",
    "load_payment_arrays",
    "load_payment_rows",
    "load_placeholders",
    "load_populations",
    "load_posterior",
    "load_prices",
    "load_published_rates",
    "load_readings",
    "load_refits",
    "load_scenario",
    "load_sources",
    "load_synonyms",
    "load_targets",
    "load_timing",
    "look_ups_of",
    "mitigation_names",
    "nearest_field",
    "no_counterpart",
    "posterior_hash",
    "rates_source",
    "read_amounts",
    "read_heading",
    "read_posterior",
    "read_scenario",
    "read_targets",
    "readings_of",
    "record_kind",
    "report_template",
    "scenario_from",
    "scenario_names",
    "scenario_of",
    "scenario_template",
    "scenario_text",
    "stored_schema",
    "target_sources",
    "union_of",
    "victims_digest",
    "with_overrides",
    "words_of",
]
