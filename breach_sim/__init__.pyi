# The public names: lazy_loader reads where each is found, type checkers read what it is.
# A name is added here and nowhere else.

from . import plots as plots
from .analysis.backtesting.predictions import backtest as backtest
from .analysis.backtesting.scoreboard import Scoreboard as Scoreboard
from .analysis.leagues.standings import League as League
from .analysis.other_scores.board import Yardsticks as Yardsticks
from .analysis.other_scores.enisa import Severity as Severity
from .analysis.provenance.tree import Node as Node
from .api import (
    CompletedSet as CompletedSet,
)
from .api import (
    FieldSet as FieldSet,
)
from .api import (
    FieldUse as FieldUse,
)
from .api import (
    Requirements as Requirements,
)
from .api import (
    assumptions as assumptions,
)
from .api import (
    attacks_of as attacks_of,
)
from .api import (
    attribution as attribution,
)
from .api import (
    attribution_pairs as attribution_pairs,
)
from .api import (
    best_bundle as best_bundle,
)
from .api import (
    combine as combine,
)
from .api import (
    compare as compare,
)
from .api import (
    cost_to_firm as cost_to_firm,
)
from .api import (
    delay_cost as delay_cost,
)
from .api import (
    diff as diff,
)
from .api import (
    enisa_severity as enisa_severity,
)
from .api import (
    explain as explain,
)
from .api import (
    expose_records as expose_records,
)
from .api import (
    field_uses as field_uses,
)
from .api import (
    follow as follow,
)
from .api import (
    from_hibp as from_hibp,
)
from .api import (
    from_register as from_register,
)
from .api import (
    from_table as from_table,
)
from .api import (
    from_veris as from_veris,
)
from .api import (
    insured as insured,
)
from .api import (
    league as league,
)
from .api import (
    load_attacks as load_attacks,
)
from .api import (
    load_firm as load_firm,
)
from .api import (
    load_look_ups as load_look_ups,
)
from .api import (
    load_mitigation as load_mitigation,
)
from .api import (
    load_mitigations as load_mitigations,
)
from .api import (
    load_scenario as load_scenario,
)
from .api import (
    load_sources as load_sources,
)
from .api import (
    mitigation_names as mitigation_names,
)
from .api import (
    overlap_bounds as overlap_bounds,
)
from .api import (
    portfolio as portfolio,
)
from .api import (
    requires as requires,
)
from .api import (
    research_next as research_next,
)
from .api import (
    scenario_names as scenario_names,
)
from .api import (
    sensitivity as sensitivity,
)
from .api import (
    simulate as simulate,
)
from .api import (
    split_by_breach as split_by_breach,
)
from .api import (
    structural as structural,
)
from .api import (
    subscribers as subscribers,
)
from .api import (
    tornado as tornado,
)
from .api import (
    waterfall as waterfall,
)
from .api import (
    with_overrides as with_overrides,
)
from .api import (
    yardsticks as yardsticks,
)
from .apps import teaching as teaching
from .apps.documents.card_pages import Card as Card
from .apps.documents.card_pages import card as card
from .apps.documents.drafts import Form as Form
from .apps.documents.drafts import forms as forms
from .apps.explorer import explore as explore
from .apps.reporting.one_breach import report as report
from .catalog import CatalogError as CatalogError
from .engine.exposure import Exposure as Exposure
from .engine.exposure import expose as expose
from .inputs.attacks import (
    Anchor as Anchor,
)
from .inputs.attacks import (
    Attack as Attack,
)
from .inputs.attacks import (
    Clock as Clock,
)
from .inputs.attacks import (
    Drivers as Drivers,
)
from .inputs.attacks import (
    Onset as Onset,
)
from .inputs.attacks import (
    Regime as Regime,
)
from .inputs.attacks import (
    Release as Release,
)
from .inputs.attacks import (
    Route as Route,
)
from .inputs.attacks import (
    Trait as Trait,
)
from .inputs.changes import Drop as Drop
from .inputs.changes import Protect as Protect
from .inputs.changes import Reset as Reset
from .inputs.changes import Withhold as Withhold
from .inputs.firm.insurance import Layer as Layer
from .inputs.firm.insurance import Program as Program
from .inputs.firm.ledger import FirmCosts as FirmCosts
from .inputs.firm.payments import PaymentRows as PaymentRows
from .inputs.graph import AttackGraph as AttackGraph
from .inputs.lookups import Lookup as Lookup
from .inputs.lookups import Lookups as Lookups
from .inputs.mitigations import Cost as Cost
from .inputs.mitigations import Duty as Duty
from .inputs.mitigations import Mitigation as Mitigation
from .inputs.numbers.estimates import Estimate as Estimate
from .inputs.numbers.estimates import Source as Source
from .inputs.numbers.protections import Protection as Protection
from .inputs.published import Dossier as Dossier
from .inputs.published import Published as Published
from .inputs.scenario import Scenario as Scenario
from .inputs.segment import Event as Event
from .inputs.segment import Leak as Leak
from .inputs.segment import Segment as Segment
from .interop.imported import Import as Import
from .population.population import Population as Population
from .results.impact import Impact as Impact
from .results.person import Person as Person
from .results.side_by_side import Portfolio as Portfolio
from .results.tables.yearly import Years as Years
from .whatif.bundle import Bundle as Bundle
from .whatif.comparison import Comparison as Comparison
from .whatif.firm_answer import FirmAnswer as FirmAnswer
from .whatif.insurance import Insured as Insured

__version__: str
