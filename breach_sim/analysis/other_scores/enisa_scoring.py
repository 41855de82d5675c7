"""A scenario scored by the ENISA method: which leaked field sets DPC, which rule EI, which fact CB.

Each scenario gets three scores: ours, the lowest and the highest over the judgments that the method leaves
to whoever applies it. SE rises with each input, so the extremes are those of all judgments at once, exactly.
Each step says what set it, and whether that was a judgment. Cohorts are read apart and the highest counts;
the breach as one list of fields, as many assess it, is part of the highest score.

What a scenario does not hold (whether data were altered or lost, whose data they are) is *not* in the range:
it is taken as nothing, named in ``outside``, and can be given.

Not here: the formula (``enisa``) and the table of fields (``categories``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from breach_sim.analysis.other_scores.categories import DATA, OF, TOGETHER, Datum
from breach_sim.analysis.other_scores.enisa import Severity, severity
from breach_sim.catalog import label_of_field, label_of_release
from breach_sim.engine.exposure import expose
from breach_sim.formatting import html
from breach_sim.formatting.messages import unknown
from breach_sim.inputs import fields as vocabulary
from breach_sim.inputs.scenario import Scenario

CONTEXTS = {"none": 0, "profiling": 1, "sensitive": 2, "vulnerable": 3}
"""What controller or people add to simple data: nothing; assumptions on status; on health, religion or the
like; safety of vulnerable people. [points of DPC]"""
MANY = 100
"""People above which the method sets a flag."""
_IDENTITY_CARDS = frozenset(
    {"ssn", "tax_id", "drivers_license_number", "passport_number", "national_id_number"}
)
_CONTACTS = frozenset({"phone_number", "postal_address"})
_CODES = frozenset({
    "username", "account_number", "imsi", "imei", "imei_history", "iccid", "ip_address", "vehicle_id",
    "device_info", "ssn_last4", "biometric_fingerprint", "bank_account_number", "payment_card_number",
    "crypto_wallet", "health_insurance_id",
})  # fmt: skip
_NARROW, _WIDE = ("held", "sold_once"), ("resold", "posted")
LETTERS = {"DPC": "data context (DPC)", "EI": "identification (EI)", "malicious": "malicious intent"}
"""Inputs whose names are letters or half a name."""
_FEW = 3


def fields_named(names: str) -> str:
    """Return a list of fields by their labels, cut after a few.

    Parameters
    ----------
    names
        Names with commas between, or a sentence with a colon, which stays as it is.

    Returns
    -------
    The labels.
    """
    if ":" in names:
        return names
    listed = [label_of_field(name) if name in vocabulary.FIELD_NAMES else name for name in names.split(", ")]
    more = len(listed) - _FEW
    return ", ".join(listed[:_FEW]) + (f" and {more} more" if more > 0 else "")


@dataclass(frozen=True, slots=True)
class Step:
    """One input of the score, and where it comes from.

    Parameters
    ----------
    step
        Name of the input.
    value, low, high
        Ours, and the range over judgments.
    by
        What set it: fields, or the fact of the scenario.
    reason
        Rule, in words.
    """

    step: str
    value: float
    low: float
    high: float
    by: str
    reason: str

    @property
    def judged(self) -> bool:
        """Whether another reader may give another value."""
        return self.low != self.high

    @property
    def label(self) -> str:
        """Name of the input in words, with ENISA's letters."""
        return LETTERS.get(self.step, self.step)

    @property
    def set_by(self) -> str:
        """What set it, fields by their labels."""
        return fields_named(self.by)


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortScore:
    """Scores of one cohort, or of the whole.

    Parameters
    ----------
    cohort
        Name of the segment.
    accounts
        Accounts of which anything leaked, at central coverages.
    fields
        Leaked fields, in the order of the vocabulary.
    score, low, high
        Ours, and the lowest and the highest over judgments.
    steps
        The six inputs, in order.
    """

    cohort: str
    accounts: int
    fields: tuple[str, ...]
    score: Severity
    low: Severity
    high: Severity
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EnisaScore:
    """A scenario by the ENISA method.

    Parameters
    ----------
    scenario
        Its name.
    cohorts
        Scores of the segments in which anything leaked.
    leading
        The cohort with the highest score; of equal ones the largest.
    low, high
        Lowest and highest over judgments, that on cohorts included.
    flags
        Flags of the method; they change no number.
    outside
        What a scenario does not hold, what was taken, and what each could add.
    """

    scenario: str
    cohorts: tuple[CohortScore, ...]
    leading: CohortScore
    low: Severity
    high: Severity
    flags: tuple[str, ...]
    outside: tuple[str, ...]

    @property
    def score(self) -> Severity:
        """Score of the leading cohort."""
        return self.leading.score

    def _in_words(self) -> str:
        return (
            f"{self.scenario}: ENISA severity {self.score.se:g} {self.score.band}; judgments "
            f"{self.low.se:g} {self.low.band} to {self.high.se:g} {self.high.band}"
        )

    def __repr__(self) -> str:
        return f"<EnisaScore {self._in_words()}>"

    def _repr_html_(self) -> str:
        rows = [
            (step.step, f"{step.value:g}", f"{step.low:g} to {step.high:g}", step.by, step.reason)
            for step in self.leading.steps
        ]
        head = ("input", "value", "judgments", "set by", "reason")
        return html.table(rows, head, caption=self._in_words(), notes=self.outside)


def score_scenario(
    scenario: Scenario, *, integrity: float = 0, availability: float = 0, context: str = "none"
) -> EnisaScore:
    """Severity of a scenario by the ENISA method, step by step.

    Parameters
    ----------
    scenario
        What leaked, for whom.
    integrity, availability
        Points for altered data and for data lost to the controller, which a scenario does not hold.
        0, 0.25 or 0.5
    context
        What controller or people add to simple data: one of :data:`CONTEXTS`.

    Returns
    -------
    The scores.

    Raises
    ------
    ValueError
        If nothing leaked, or an argument is none of its values.

    Notes
    -----
    Fields count that leaked together for at least one account at central coverages.
    """
    if context not in CONTEXTS:
        raise ValueError(unknown("context", context, CONTEXTS, "the reading by ENISA"))
    severity(1, 1, 0, integrity, availability, malicious=False)
    circumstances = (*_release_steps(scenario), *_given_steps(integrity, availability))
    masks = _largest_masks(scenario)
    if not masks:
        raise ValueError(
            f"scenario {scenario.name!r} leaked no field; ENISA scores data that leaked: name a leak"
        )
    lift = CONTEXTS[context]
    cohorts = tuple(
        max((_cohort(name, accounts, bits, circumstances, lift) for bits in own), key=_rank)
        for name, (accounts, own) in masks.items()
    )
    union = 0
    for _, own in masks.values():
        for bits in own:
            union |= bits
    exposed = sum(cohort.accounts for cohort in cohorts)
    as_one = _cohort("all as one list", exposed, union, circumstances, lift)
    return EnisaScore(
        scenario=scenario.name,
        cohorts=cohorts,
        leading=max(cohorts, key=_rank),
        low=max(cohort.low for cohort in cohorts),
        high=as_one.high,
        flags=_flags(exposed),
        outside=_outside(integrity, availability, context),
    )


def _rank(cohort: CohortScore) -> tuple[float, int, float]:
    return cohort.score.se, cohort.accounts, cohort.high.se


def _largest_masks(scenario: Scenario) -> dict[str, tuple[int, list[int]]]:
    """Exposed accounts, and the sets of fields that lie in no other set of the same segment, by segment."""
    exposure = expose(scenario)
    found: dict[str, tuple[int, list[int]]] = {}
    for number, segment in enumerate(scenario.segments):
        mine = (exposure.segments == number) & (exposure.masks != 0)
        masks = exposure.masks[mine]
        if not len(masks):
            continue
        union = np.bitwise_or.reduce(masks)
        largest = [int(union)] if union in masks else _maximal([int(bits) for bits in masks])
        found[segment.name] = (int(exposure.accounts[mine].sum()), largest)
    return found


def _maximal(masks: Iterable[int]) -> list[int]:
    kept: list[int] = []
    for bits in sorted(set(masks), key=lambda bits: (-bits.bit_count(), bits)):
        if not any(bits & other == bits for other in kept):
            kept.append(bits)
    return kept


def _cohort(name: str, accounts: int, bits: int, circumstances: tuple[Step, ...], lift: int) -> CohortScore:
    fields = vocabulary.names(bits)
    confidentiality, malicious, integrity, availability = circumstances
    steps = (
        context_of(fields, lift),
        identification_of(fields),
        confidentiality,
        integrity,
        availability,
        malicious,
    )
    scores = [severity(*(getattr(step, which) for step in steps)) for which in ("value", "low", "high")]
    return CohortScore(
        cohort=name,
        accounts=accounts,
        fields=fields,
        score=scores[0],
        low=scores[1],
        high=scores[2],
        steps=steps,
    )


def context_of(fields: Iterable[str], lift: int = 0) -> Step:
    """Context of the data, DPC: the highest of the categories of some fields.

    Parameters
    ----------
    fields
        Names of the leaked fields, at least one.
    lift
        What controller or people add to simple data. [0, 3]

    Returns
    -------
    The step; ``by`` names the fields that set it, and of equal ones all.
    """
    held = set(fields)
    rows = [row for row in DATA if row.field in held]
    rows += [row for needed, row in TOGETHER if held.issuperset(needed)]
    lifted = [_lifted(row, lift) for row in rows]
    top = max(row.dpc for row in lifted)
    setting = [row for row in lifted if row.dpc == top]
    first = setting[-1] if len(setting) == 1 or setting[-1].field not in OF else setting[0]
    reason = f"{first.category}: {first.reason}"
    reason += f"; {lift} more for whose data they are" if lift and first.category == "simple" else ""
    return Step(
        "DPC",
        top,
        max(row.low for row in lifted),
        max(row.high for row in lifted),
        ", ".join(row.field for row in setting),
        reason,
    )


def _lifted(row: Datum, lift: int) -> Datum:
    if row.category != "simple" or not lift:
        return row
    low, dpc, high = (min(4, max(number, 1 + lift)) for number in (row.low, row.dpc, row.high))
    return row._replace(low=low, dpc=dpc, high=high)


def identification_of(fields: Iterable[str]) -> Step:
    """Ease of identification, EI: the highest of the rules that apply to some fields.

    Parameters
    ----------
    fields
        Names of the leaked fields.

    Returns
    -------
    The step; ``by`` names the identifier, ``reason`` the rule.
    """
    rules = _rules(set(fields)) or [("no identifier", 0.25, 0.25, 0.25, "nothing leaked that identifies")]
    value = max(rule[1] for rule in rules)
    setting = [rule for rule in rules if rule[1] == value]
    return Step(
        "EI",
        value,
        max(rule[2] for rule in rules),
        max(rule[3] for rule in rules),
        ", ".join(rule[0] for rule in setting),
        setting[0][4],
    )


_Rule = tuple[str, float, float, float, str]


def _rules(held: set[str]) -> list[_Rule]:
    """Rules that apply: identifier, our value, lowest, highest, words."""
    named = "full_name" in held
    rules = [_name_rule(held)] if named else []
    rules += [
        _identity_rule(field, held) for field in vocabulary.FIELD_NAMES if field in held & _IDENTITY_CARDS
    ]
    contact = "with the name, as a public register has it" if named else "alone, not in a public register"
    rules += [(field, 1.0 if named else 0.25, 0.25, 1.0, contact) for field in sorted(held & _CONTACTS)]
    if "email_address" in held:
        words = "the name stands beside it" if named else "to be found in social networks"
        rules.append(("email_address", 1.0 if named else 0.75, 0.25, 1.0, words))
    if "photo" in held:
        linked = held & {"full_name", "employment", "education", "geolocation", "cell_location"}
        words = "clear, linked to a person, place or group" if linked else "clear, nothing else"
        rules.append(("photo", 1.0 if linked else 0.75, 0.25, 1.0 if linked else 0.75, words))
    for field in sorted(held & _CODES):
        alias = field == "username" and "email_address" in held
        words = "alias with the e-mail address" if alias else "no link without the reference database"
        rules.append((field, 0.75 if alias else 0.25, 0.25, 1.0, words))
    return rules


def _name_rule(held: set[str]) -> _Rule:
    if held >= {"date_of_birth", "email_address"}:
        return ("full_name", 1.0, 1.0, 1.0, "full name with date of birth and e-mail: maximum")
    return ("full_name", 0.5, 0.25, 0.75, "full name; how many share it is not known")


def _identity_rule(field: str, held: set[str]) -> _Rule:
    """Rule for the number of an identity document."""
    both = held >= {"date_of_birth", "email_address"}
    either = bool(held & {"date_of_birth", "email_address"})
    low = 0.75 if both else 0.25
    if "full_name" in held:
        return (field, 1.0, low, 1.0, "the name of the number leaked with it: maximum")
    if both:
        return (field, 0.75, low, 1.0, "number with date of birth and e-mail")
    words = "number alone, no access to a reference database"
    return (field, 0.25, low, 1.0, f"{words}; birth date or e-mail beside it may count" if either else words)


def _release_steps(scenario: Scenario) -> tuple[Step, Step]:
    """Confidentiality and intent, from how the data got out."""
    if not scenario.release:
        fact = "the scenario has no release table"
        return (
            Step("confidentiality", 0.5, 0.25, 0.5, fact, "read as resold: unknown number of recipients"),
            Step("malicious", 0.5, 0.0, 0.5, fact, "read as theft; an error or accident would be 0"),
        )
    shares = {name: share.central for name, share in scenario.release.items()}
    narrow, wide = (sum(shares.get(name, 0.0) for name in names) for names in (_NARROW, _WIDE))
    fact = "release: " + ", ".join(
        f"{label_of_release(name)} {share:g}" for name, share in shares.items() if share
    )
    value = 0.5 if wide >= narrow else 0.25
    words = "unknown number of recipients" if value > 0.25 else "limited recipients"  # noqa: PLR2004 - points
    ends = (0.25 if narrow else 0.5, 0.5 if wide else 0.25)
    sold = 1.0 - shares.get("held", 0.0) > 0
    return (
        Step("confidentiality", value, *ends, fact, f"{words}, the likelier of the two"),
        Step("malicious", 0.5, 0.5 if sold else 0.0, 0.5, fact, "theft or sale" if sold else "read as theft"),
    )


def _given_steps(integrity: float, availability: float) -> tuple[Step, Step]:
    steps = []
    for name, points in (("integrity", integrity), ("availability", availability)):
        fact = "given" if points else "not in a scenario"
        steps.append(Step(name, points, points, points, fact, "given" if points else "taken as intact"))
    return steps[0], steps[1]


def _flags(exposed: int) -> tuple[str, ...]:
    more = "more than" if exposed > MANY else "not more than"
    return (
        f"{more} {MANY} people (a flag; the number of people changes no score)",
        "whether recipients can read the data is not in a scenario (a flag; it changes no score)",
    )


def _outside(integrity: float, availability: float, context: str) -> tuple[str, ...]:
    missing = []
    if not integrity:
        missing.append("integrity: whether data were altered is not in a scenario; taken as 0, could add 0.5")
    if not availability:
        missing.append("availability: whether data were lost is not in a scenario; taken as 0, could add 0.5")
    if context == "none":
        missing.append(
            "context: whose data they are (a pharmacy's, minors') is not in a scenario; taken as none, could "
            "raise simple data to a DPC of 4"
        )
    return tuple(missing)
