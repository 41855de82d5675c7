"""All yardsticks of one breach side by side, and what makes them disagree.

The board holds our own people and loss, the ENISA reading, FAIR's terms and the tiers; where the breach
stands among others by each; and the clashes between ENISA and the expected loss, the widest of them with the
input that removes it. Between cohorts of the breach the same question is asked with the loss per account.

Not here: how any of it is computed (``enisa_scoring``, ``fair``, ``tier``, ``disagreement``).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from breach_sim import catalog
from breach_sim.analysis.other_scores.disagreement import (
    YARDSTICKS,
    Clash,
    Counterfactual,
    Measured,
    agreement,
    clashes,
    explained,
    measured,
    measuring,
)
from breach_sim.analysis.other_scores.enisa import severity
from breach_sim.analysis.other_scores.enisa_scoring import (
    EnisaScore,
    context_of,
    fields_named,
    score_scenario,
)
from breach_sim.analysis.other_scores.fair import Fair, check_frequency
from breach_sim.analysis.other_scores.tier import SEVERE_USD, TIERS, Tiers, tiers, verdict_of
from breach_sim.engine.draws.streams import check_seed
from breach_sim.formatting import html
from breach_sim.formatting.digits import earned, human
from breach_sim.formatting.display import shortened
from breach_sim.formatting.tables import spread, summary
from breach_sim.inputs.firm.ledger import FirmCosts
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.scenario import Scenario
from breach_sim.results.impact import Impact
from breach_sim.results.simulation import check_replicates, simulate

RANKED = 500
"""Default number of replicates of a breach and of each of its peers."""
EXPLAINED = 2
"""Clashes that are explained by counterfactuals; the others are named."""
LISTED = 10
"""Clashes named on the screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """One segment by every yardstick.

    Parameters
    ----------
    name
        Name of the segment.
    accounts
        Accounts of which anything leaked.
    enisa_se, band
        Severity, our reading.
    set_by
        Fields that set the DPC.
    tier
        Tier of most of its accounts.
    loss_per_account
        Mean loss over its exposed accounts. [USD/account]
    """

    name: str
    accounts: int
    enisa_se: float
    band: str
    set_by: str
    tier: str
    loss_per_account: float


@dataclass(frozen=True, kw_only=True, repr=False)
class Yardsticks:
    """A breach by every yardstick.

    Parameters
    ----------
    impact
        Our own numbers.
    enisa
        The reading by ENISA.
    fair
        FAIR's terms.
    tiers
        Accounts by tier.
    cohorts
        The segments in which anything leaked.
    ranked
        Measures of the breach and its peers, by falling loss.
    clashes
        Where ENISA and the expected loss disagree about this breach and a peer; the first are explained.
    """

    impact: Impact
    enisa: EnisaScore
    fair: Fair
    tiers: Tiers
    cohorts: tuple[Cohort, ...]
    ranked: tuple[Measured, ...]
    clashes: tuple[Clash, ...]

    @property
    def cohort_clash(self) -> tuple[Cohort, Cohort, float] | None:
        """The two cohorts that ENISA and the loss per account rank most differently.

        Returns
        -------
        The one that ENISA puts higher, the one that loses more, and the score of the first without the fields
        that set its DPC; None where no two cohorts clash.
        """
        pairs = [
            (high, low)
            for high, low in itertools.permutations(self.cohorts, 2)
            if high.enisa_se > low.enisa_se and high.loss_per_account < low.loss_per_account
        ]
        if not pairs:
            return None
        high, low = max(pairs, key=lambda pair: pair[1].loss_per_account - pair[0].loss_per_account)
        return high, low, self._without_setters(high)

    def _without_setters(self, cohort: Cohort) -> float:
        """Score of a cohort without the fields that set its DPC."""
        own = next(each for each in self.enisa.cohorts if each.cohort == cohort.name)
        setters = {part for name in cohort.set_by.split(", ") for part in name.split(" + ")}
        left = [name for name in own.fields if name not in setters]
        if not left:
            return own.score.se
        points = (step.value for step in own.steps[1:])
        return severity(int(context_of(left).value), *points).se

    def agreement(self) -> dict[tuple[str, str], tuple[int, int, int]]:
        """Pairs of all ranked breaches that two yardsticks rank alike, the other way round, or level.

        Returns
        -------
        By pair of yardsticks.
        """
        return agreement(self.ranked)

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data.

        Returns
        -------
        ``scenario``, ``ours``, ``enisa``, ``fair``, ``tier``, ``cohorts``, ``ranked``, ``agreement``,
        ``clashes``, ``notes``.
        """
        return {
            "scenario": self.impact.scenario.name,
            "seed": self.impact.seed,
            "replicates": self.impact.replicates,
            "ours": {
                "accounts": self.impact.scenario.accounts,
                "people": summary(self.impact.people, self.impact.expected("people")),
                "loss_usd": summary(self.impact.loss, self.impact.expected("loss_usd")),
            },
            "enisa": _enisa_dict(self.enisa),
            "fair": self.fair.as_dict(),
            "tier": _tier_dict(self.tiers),
            "cohorts": [asdict(cohort) for cohort in self.cohorts],
            "ranked": [_measured_dict(own) for own in self.ranked],
            "agreement": [
                {"yardsticks": list(pair), "alike": alike, "opposite": opposite, "level": level}
                for pair, (alike, opposite, level) in self.agreement().items()
            ],
            "clashes": [_clash_dict(own) for own in self.clashes],
            "notes": list(self.impact.notes),
        }

    def to_json(self) -> str:
        """Everything as one JSON document.

        Returns
        -------
        :meth:`as_dict` as text.
        """
        return json.dumps(self.as_dict(), indent=2)

    def as_text(self) -> str:
        """Everything in lines of text.

        Returns
        -------
        Every yardstick, the inputs of the ENISA score, segments, rank among other breaches, disagreements.
        """
        closing = (
            "ENISA and FAIR by transcriptions; the ENISA document of 2013 was not read. The assumptions of "
            "our own numbers: breach-sim sources. A loss of 0 says that no attack of the catalog costs "
            "money there, not that nobody is harmed."
        )
        parts = (self._head(), self._steps(), self._cohort_lines(), self._rank_lines(), self._clash_lines())
        return "\n".join([line for part in parts for line in (*part, "")] + [closing])

    def __repr__(self) -> str:
        return "\n".join(self._head())

    def _repr_html_(self) -> str:
        ranks = ((own.scenario.name, f"{own.enisa_se:.2f} {own.band}", _loss(own)) for own in self.ranked)
        title = self.impact.scenario.title
        return html.card(title, self._scores().items()) + html.table(
            ranks, ("among breaches", "ENISA", "loss [USD]"), notes=self.impact.notes
        )

    def _head(self) -> list[str]:
        scenario = self.impact.scenario
        title = f"{scenario.title}: {scenario.accounts:,} accounts"
        return [title, *(f"  {name:<17}{value}" for name, value in self._scores().items())]

    def _scores(self) -> dict[str, str]:
        """Each yardstick in words."""
        score, low, high = self.enisa.score, self.enisa.low, self.enisa.high
        impact, shares = self.impact, self.tiers.shares
        tiers_text = ", ".join(
            f"{share:.0%} {tier}" for share, tier in zip(shares, TIERS, strict=True) if share
        )
        parts = (self.fair.magnitude, self.fair.primary, self.fair.secondary)
        whole, primary, secondary = (spread(part, impact.scramble) for part in parts)
        rows = {
            "ours: people": spread(impact.people, impact.scramble),
            "ours: loss [USD]": f"{spread(impact.loss, impact.scramble)} over {impact.horizon_years:g} years",
            "ENISA severity": f"{score.se:.2f} {score.band}; judgments: {low.se:.2f} {low.band} to "
            f"{high.se:.2f} {high.band}",
            "FAIR frequency": self.fair.frequency_text,
            "FAIR magnitude": f"firm {whole} USD (primary {primary}, secondary {secondary})",
            "tier": f"{tiers_text} (severe: from {self.tiers.threshold:,.0f} USD a victim)",
        }
        if self.fair.annual is not None:
            rows["FAIR annual loss"] = f"firm {human(self.fair.annual)} USD a year"
        return rows

    def _steps(self) -> list[str]:
        leading = self.enisa.leading
        lines = [f"ENISA step by step, cohort '{self._cohort(leading.cohort)}', which scores highest:"]
        for step in leading.steps:
            judged = f", judged {step.low:g} to {step.high:g}" if step.judged else ""
            lines.append(f"  {step.label:<20}{step.value:<5g} {step.set_by}: {step.reason}{judged}")
        return [*lines, *(f"  not in it: {fact}" for fact in self.enisa.outside)]

    def _cohort_lines(self) -> list[str]:
        lines = [f"{'cohort':<34}{'accounts':>14}{'ENISA':>7}{'USD/account':>13}  tier"]
        lines += [
            f"{shortened(self._cohort(own.name), 33):<34}{own.accounts:>14,}{own.enisa_se:>7.2f}"
            f"{own.loss_per_account:>13.2f}  {own.tier}"
            for own in self.cohorts
        ]
        clash = self.cohort_clash
        if clash:
            high, low, left = clash
            lines.append(
                f"ENISA puts '{self._cohort(high.name)}' above '{self._cohort(low.name)}', the loss per "
                f"account the other way around: {fields_named(high.set_by)} sets its data context (DPC); "
                f"without, {left:.2f} against {low.enisa_se:.2f}."
            )
        return lines

    def _cohort(self, name: str) -> str:
        """Label of a cohort; "all as one list" is one already."""
        return catalog.label_of_segment(name, self.impact.scenario)

    def _rank_lines(self) -> list[str]:
        lines = [
            f"{'among breaches':<42}{'ENISA':>6}  {'band':<10}{'several':>8}{'people':>12}{'loss [USD]':>16}"
        ]
        for own in self.ranked:
            mark = "* " if own.scenario.name == self.impact.scenario.name else "  "
            lines.append(
                f"{mark}{own.scenario.name[:39]:<40}{own.enisa_se:>6.2f}  {own.band:<10}"
                f"{own.several_severe_share:>8.0%}{human(earned(own.people, own.people_error)):>12}"
                f"{human(earned(own.loss_usd, own.loss_error)):>16}"
            )
        alike, opposite, level = self.agreement()[YARDSTICKS[0], YARDSTICKS[3]]
        lines.append(
            f"ENISA and loss: {alike} pairs alike, {opposite} opposite, {level} tied in one of them."
        )
        return lines

    def _clash_lines(self) -> list[str]:
        name = self.impact.scenario.name
        if not self.clashes:
            return [f"ENISA and the expected loss do not disagree about {name} and a peer."]
        lines = [f"ENISA and the expected loss disagree about {name} and {len(self.clashes)} of its peers:"]
        for own in self.clashes[:LISTED]:
            lines += _clash_lines(own)
        more = len(self.clashes) - LISTED
        return [*lines, f"  and {more} more (--json)"] if more > 0 else lines


def _clash_lines(own: Clash) -> list[str]:
    one, other = own.one, own.other
    order = "above" if own.kind == "opposite" else "level with"
    lines = [
        f"  {one.scenario.name} ({one.enisa_se:.2f}) {order} {other.scenario.name} ({other.enisa_se:.2f}); "
        f"loss {_loss(one)} against {_loss(other)} USD"
    ]
    lines += [
        f"    {'settles it' if tried.removes else 'does not':<11} {tried.change}: "
        f"ENISA {tried.enisa_se:.2f}, loss {_loss(tried)}"
        for tried in own.tried
    ]
    if own.tried and not own.flips:
        lines.append("    no single input settles it")
    return lines


def _loss(own: Measured | Counterfactual) -> str:
    """Expected loss to the digits earned."""
    return human(earned(own.loss_usd, own.loss_error))


def yardsticks(
    scenario: str | Path | Scenario,
    *,
    peers: Iterable[str | Path | Scenario] | None = None,
    attacks: AttackGraph | None = None,
    firm: FirmCosts | None = None,
    seed: int = 1,
    replicates: int = RANKED,
    horizon_years: float = 5,
    frequency: float | None = None,
    severe_usd: float = SEVERE_USD,
    explain: int = EXPLAINED,
) -> Yardsticks:
    """Score a breach by ENISA, FAIR and tiers beside our own numbers, and find what makes them disagree.

    Parameters
    ----------
    scenario
        Name of a scenario of the catalog, path of a ``.toml`` file, or a scenario.
    peers
        Breaches to rank it among, without one of the same name. None takes all of the catalog.
    attacks
        An attack graph. None takes the attacks that the leaked fields enable.
    firm
        Rates of the firm's ledger. None takes those of the catalog.
    seed
        The same seed gives the same board. [0, 2**63)
    replicates
        Joint draws of the breach and of each of its peers. By default 500. [1, 10**7]
    horizon_years
        Years after the sale of the data. (0, 100]
    frequency
        Breaches like this one per year, for FAIR's annual loss. None for a breach that has happened.
        (0, inf) [1/year]
    severe_usd
        Mean loss from which an attack counts as severe, here and for the peers. (0, inf) [USD/victim]
    explain
        Clashes that are explained by counterfactuals, which takes runs of its own. [0, inf)

    Returns
    -------
    The board: ``enisa``, ``fair``, ``tiers``, ``cohorts``, ``ranked``, ``clashes``, ``as_dict()``,
    ``to_json()``. Printed, it shows all side by side.

    Raises
    ------
    ValueError
        If a name is unknown, nothing leaked, or an argument is out of range.

    Examples
    --------
    >>> board = yardsticks("stated", peers=["claimed"], replicates=50)
    >>> board.enisa.score, board.tiers.verdict
    (Severity(se=3.0, band='High'), 'enough for several severe ones')
    """
    check_replicates(replicates)
    check_seed(seed)
    breach = catalog.scenario_of(scenario)
    enabled = catalog.attacks_for if attacks is None else lambda _: attacks
    graph = enabled(breach)
    enisa = score_scenario(breach)
    by_tier = tiers(breach, graph, threshold=severe_usd)
    check_frequency(frequency)
    others = [catalog.scenario_of(peer) for peer in (catalog.scenario_names() if peers is None else peers)]
    impact = simulate(
        breach,
        graph,
        replicates=replicates,
        seed=seed,
        horizon_years=horizon_years,
        firm=firm or catalog.firm_with(breach.overrides),
        posterior=catalog.load_posterior().without(breach.overrides.unfitted),
    )
    measure = measuring(
        enabled, seed=seed, replicates=replicates, horizon_years=horizon_years, severe_usd=severe_usd
    )
    own = measured(breach, graph, impact, severe_usd)
    ranked = [own, *(measure(peer) for peer in others if peer.name != breach.name)]
    conflicts = clashes(own, ranked)
    opening = {name for names in (*by_tier.one, *by_tier.several) for name in names}
    conflicts[:explain] = [explained(one, measure, opening) for one in conflicts[:explain]]
    return Yardsticks(
        impact=impact,
        enisa=enisa,
        fair=Fair(impact=impact, frequency=frequency),
        tiers=by_tier,
        cohorts=_cohorts(enisa, by_tier, impact),
        ranked=tuple(sorted(ranked, key=lambda one: (-one.loss_usd, one.scenario.name))),
        clashes=tuple(conflicts),
    )


def _cohorts(enisa: EnisaScore, by_tier: Tiers, impact: Impact) -> tuple[Cohort, ...]:
    losses = {
        segment.name: impact.expected("loss_usd", segment=segment.name).mean()
        for segment in impact.scenario.segments
    }
    return tuple(
        Cohort(
            name=own.cohort,
            accounts=own.accounts,
            enisa_se=own.score.se,
            band=own.score.band,
            set_by=own.steps[0].by,
            tier=verdict_of(by_tier.accounts[own.cohort]),
            loss_per_account=float(losses[own.cohort]) / own.accounts,
        )
        for own in enisa.cohorts
    )


def _enisa_dict(enisa: EnisaScore) -> dict[str, Any]:
    cohorts = [
        {
            "cohort": own.cohort,
            "accounts": own.accounts,
            "se": own.score.se,
            "band": own.score.band,
            "low": own.low.se,
            "high": own.high.se,
            "steps": [asdict(step) | {"judged": step.judged} for step in own.steps],
        }
        for own in enisa.cohorts
    ]
    return {
        "se": enisa.score.se,
        "band": enisa.score.band,
        "low": enisa.low._asdict(),
        "high": enisa.high._asdict(),
        "leading": enisa.leading.cohort,
        "cohorts": cohorts,
        "flags": list(enisa.flags),
        "outside": list(enisa.outside),
    }


def _tier_dict(own: Tiers) -> dict[str, Any]:
    return {
        "tiers": list(TIERS),
        "verdict": own.verdict,
        "accounts": list(own.total),
        "shares": list(own.shares),
        "segments": {name: list(accounts) for name, accounts in own.accounts.items()},
        "severe_from_usd": own.threshold,
        "severe_ways_in": list(own.severe),
        "enough_for_one": [list(names) for names in own.one],
        "enough_for_several": [list(names) for names in own.several],
    }


def _measured_dict(own: Measured) -> dict[str, Any]:
    return {"scenario": own.scenario.name, "band": own.band} | {
        name: getattr(own, name) for name in YARDSTICKS
    }


def _clash_dict(own: Clash) -> dict[str, Any]:
    return {
        "one": own.one.scenario.name,
        "other": own.other.scenario.name,
        "kind": own.kind,
        "enisa_se": [own.one.enisa_se, own.other.enisa_se],
        "loss_usd": [own.one.loss_usd, own.other.loss_usd],
        "tried": [asdict(tried) for tried in own.tried],
        "settled_by": list(own.flips),
    }
