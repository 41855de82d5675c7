"""FAIR's terms for an impact: frequency, vulnerability, magnitude, annual loss, exceedance.

Words, after The Open Group, Risk Taxonomy (O-RT) 3.0.1, document C20B, whose list of definitions was seen in
a reprint: *threat event* (somebody acts against an asset), *loss event* (with success), *loss event
frequency*, LEF (loss events in a stretch of time), *vulnerability* (the probability that a threat event
becomes a loss event), *loss magnitude*, LM (the loss of one loss event), *primary* (the stakeholder's own)
and *secondary* (from what others do because of it; these two are recalled). *ALE*, the annual loss, is LEF
times LM.

Two views. **The breach**: the asset is the data, the stakeholder the firm. A breach that has happened has
LEF 1, an event and no rate, so that there is a magnitude and no annual loss, unless a frequency is given. Its
LM is that of the whole horizon, not of a year. **The attacks**: the assets are accounts, the threat events
attempts, the loss events victims, per year of the horizon on average; then TEF x vulnerability = LEF and
LEF x LM = ALE hold exactly. The two are not added: victims' losses are not the firm's.

Which line is primary is our reading: security spending is the firm's own; what it pays customers, courts and
regulators is secondary.

Not here: frequencies. How often a firm is breached is for whoever asks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from breach_sim.formatting import html
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.digits import human
from breach_sim.formatting.messages import shown, unknown
from breach_sim.formatting.tables import spread, summary, table
from breach_sim.results.impact import Impact

if TYPE_CHECKING:
    import pandas as pd

PRIMARY = ("incident_response", "notice", "call_centre", "monitoring", "security", "interruption", "ransom")
"""Lines of the firm's ledger that are its own loss."""
SECONDARY = (
    "settlement",
    "state_ag",
    "fine",
    "fine_gdpr",
    "fine_ocr",
    "card_networks",
    "redress",
    "churn",
    "insurance_recovery",
)
"""Lines that customers, courts and regulators cause."""
MOST_A_YEAR = 1_000_000
"""Largest frequency of breaches like one. [1/year]"""
STAKEHOLDERS = ("firm", "victims")
"""Whose loss an exceedance curve is of."""
CHANCES = (0.9, 0.75, 0.5, 0.25, 0.1, 0.05, 0.01)
"""Default chances of exceeding in an exceedance curve."""


def annual_loss(frequency: Array | float, primary: Array, secondary: Array | float = 0.0) -> Array:
    """Annual loss by FAIR's arithmetic: LEF x (primary + secondary).

    Parameters
    ----------
    frequency
        Loss events a year, LEF. Shape (R,) or one number. [1/year]
    primary, secondary
        Loss of one event. Shape (R,), or one number. [USD]

    Returns
    -------
    Shape (R,). [USD/year]
    """
    return np.asarray(frequency * (np.asarray(primary) + np.asarray(secondary)), dtype=np.float64)


def occurrence_exceedance(frequency: float, chance: float) -> float:
    """Chance that a year brings at least one event beyond an amount.

    Parameters
    ----------
    frequency
        Events a year, arriving independently of each other (Poisson). (0, inf) [1/year]
    chance
        Chance that one event goes beyond the amount. [0, 1]

    Returns
    -------
    1 - exp(-frequency x chance). [0, 1)
    """
    return -math.expm1(-frequency * chance)


def check_frequency(frequency: Any) -> None:
    """Refuse what is no frequency.

    Parameters
    ----------
    frequency
        Breaches a year, or None. (0, 1,000,000] [1/year]

    Raises
    ------
    ValueError
        If it is no positive number, or one that no firm can mean.
    """
    number = isinstance(frequency, (int, float)) and not isinstance(frequency, bool)
    if frequency is not None and (not number or not 0 < frequency <= MOST_A_YEAR):
        raise ValueError(
            f"frequency is {shown(frequency)} in FAIR's terms; it must be a number of breaches a year above "
            f"0 and at most {MOST_A_YEAR:,}, such as 0.1, or left out for a breach that has happened"
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class Fair:
    """An impact in FAIR's terms.

    Parameters
    ----------
    impact
        Where the numbers come from; with the firm's ledger.
    frequency
        Breaches like this one a year, or None: it has happened. [1/year]

    Raises
    ------
    ValueError
        If the frequency is no positive number, or the impact has no firm's ledger.
    """

    impact: Impact
    frequency: float | None = None

    def __post_init__(self) -> None:
        check_frequency(self.frequency)
        if not self.impact.firm_lines:
            raise ValueError(
                "the impact has no firm's ledger; FAIR's loss magnitude is the firm's: simulate with firm=..."
            )

    @cached_property
    def primary(self) -> Array:
        """Primary loss of the firm [USD/breach]. Shape (R,)."""
        return np.asarray(sum(self.impact.firm_lines[line] for line in PRIMARY))

    @cached_property
    def secondary(self) -> Array:
        """Secondary loss of the firm [USD/breach]. Shape (R,)."""
        return np.asarray(sum(self.impact.firm_lines[line] for line in SECONDARY))

    @property
    def magnitude(self) -> Array:
        """Loss magnitude of the firm over the horizon [USD/breach]. Shape (R,)."""
        return np.asarray(self.primary + self.secondary)

    @property
    def frequency_text(self) -> str:
        """Loss event frequency of the breach, in words."""
        if self.frequency is None:
            return "1 event (it has happened; no rate, so no annual loss)"
        return f"{self.frequency:g} breaches a year (given)"

    @property
    def annual(self) -> float | None:
        """Mean annual loss of the firm, ALE [USD/year]; None without a frequency."""
        if self.frequency is None:
            return None
        return float(annual_loss(self.frequency, self.primary, self.secondary).mean())

    def __repr__(self) -> str:
        name = self.impact.scenario.name
        magnitude = spread(self.magnitude, self.impact.scramble)
        return f"<Fair of {name}: loss magnitude {magnitude} USD; {self.frequency_text}>"

    def _repr_html_(self) -> str:
        samples = {"loss magnitude": self.magnitude}
        samples |= {"of it primary": self.primary, "of it secondary": self.secondary}
        rows = [("loss event frequency", self.frequency_text)]
        rows += [
            (f"{name} [USD/breach]", spread(sample, self.impact.scramble)) for name, sample in samples.items()
        ]
        if self.annual is not None:
            rows.append(("annual loss [USD/year]", human(self.annual)))
        return html.card(f"FAIR: {self.impact.scenario.title}", rows, notes=self.impact.notes)

    def inputs(self) -> pd.DataFrame:
        """Quantiles of frequency and magnitude, as programs for FAIR ask for them.

        Returns
        -------
        Index ``factor``: loss_event_frequency, primary_loss_magnitude, secondary_loss_magnitude,
        loss_magnitude. Columns p5, p50, p95, mean, sd and unit. A breach that has happened has the frequency
        1, an event and no rate. Magnitudes are those of the whole horizon. [USD/breach]
        """
        known = self.frequency is not None
        often = dict.fromkeys(("p5", "p50", "p95", "mean"), self.frequency if known else 1.0)
        unit = "breaches/year" if known else "breaches (it has happened)"
        rows: list[tuple[str, dict[str, Any]]] = [
            ("loss_event_frequency", {**often, "sd": 0.0, "unit": unit}),
        ]
        magnitudes = {
            "primary_loss_magnitude": self.primary,
            "secondary_loss_magnitude": self.secondary,
            "loss_magnitude": self.magnitude,
        }
        for name, sample in magnitudes.items():
            cells = summary(sample) | {"sd": float(np.std(sample))}
            rows.append((name, cells | {"unit": "USD/breach"}))
        return table(rows, self.impact.notes, index="factor")

    def breach(self) -> pd.DataFrame:
        """Magnitude of the breach: primary, secondary, and what victims lose beside it.

        Returns
        -------
        One row a line, the sums of primary and secondary, the firm's whole, and the victims' loss, which is
        not part of it: p5, p50, p95, mean over the horizon. [USD/breach]
        """
        lines = self.impact.firm_lines
        rows = [(f"primary: {line}", summary(lines[line])) for line in PRIMARY]
        rows += [(f"secondary: {line}", summary(lines[line])) for line in SECONDARY]
        sums = {"primary": self.primary, "secondary": self.secondary, "loss magnitude": self.magnitude}
        rows += [(name, summary(sample)) for name, sample in sums.items()]
        rows += [("beside it: victims", summary(self.impact.loss, self.impact.expected("loss_usd")))]
        return table(rows, self.impact.notes, index="line")

    def attacks(self) -> pd.DataFrame:
        """FAIR's chain for each attack, per year of the horizon.

        Returns
        -------
        One row an attack that is possible here, and the total: ``tef`` (accounts attempted a year, each
        counted once, so at most FAIR's count of events), ``vulnerability`` (victims over attempted), ``lef``
        (victims a year), ``lm_usd`` (loss of a victim) and ``ale_usd`` (loss a year). Means over replicates;
        tef x vulnerability = lef and lef x lm = ale in every row. [accounts/year], [USD], [USD/year]
        """
        years = self.impact.horizon_years
        rows = []
        for attack in self.impact.attacks.attacks:
            attempted, victims, loss = (
                float(self.impact.expected(word, attack.name).mean()) / years
                for word in ("attempted", "victims", "loss_usd")
            )
            if attempted:
                rows.append((attack.name, _chain(attempted, victims, loss)))
        sums = [sum(row[key] for _, row in rows) for key in ("tef", "lef", "ale_usd")]
        rows.append(("all", _chain(*sums)))
        return table(rows, self.impact.notes, index="attack")

    def exceedance(
        self, chances: Iterable[float] | None = None, *, stakeholder: str = "firm"
    ) -> pd.DataFrame:
        """Exceedance curve: the loss exceeded with each chance.

        Parameters
        ----------
        chances
            Chances of exceeding; :data:`CHANCES` if None. (0, 1)
        stakeholder
            Whose loss: one of :data:`STAKEHOLDERS`.

        Returns
        -------
        One row a chance, falling: ``breach_usd``, the loss of a breach over its horizon that is exceeded with
        this chance; with a frequency also ``year_usd``, the amount that at least one breach of a year exceeds
        with it, the whole loss counted in the year of the breach (0 where a breach itself is rarer). [USD]

        Raises
        ------
        ValueError
            If a chance is not strictly between 0 and 1, or the stakeholder is another.
        """
        import pandas as pd

        if stakeholder not in STAKEHOLDERS:
            raise ValueError(unknown("stakeholder", stakeholder, STAKEHOLDERS, "FAIR's exceedance curve"))
        sample = self.magnitude if stakeholder == "firm" else self.impact.loss
        wanted = sorted(set(CHANCES if chances is None else chances), reverse=True)
        rows = []
        for chance in wanted:
            if not 0 < chance < 1:
                raise ValueError(f"chance is {shown(chance)}; it must lie strictly between 0 and 1")
            row = {"chance": chance, "breach_usd": float(np.quantile(sample, 1 - chance))}
            if self.frequency is not None:
                row["year_usd"] = _in_a_year(sample, chance, self.frequency)
            rows.append(row)
        frame = pd.DataFrame(rows).set_index("chance")
        frame.attrs["notes"] = self.impact.notes
        return frame

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data.

        Returns
        -------
        Frequency, horizon, and the three tables.
        """
        return {
            "lef": self.frequency_text,
            "horizon_years": self.impact.horizon_years,
            "ale_usd": self.annual,
            "breach": self.breach().to_dict("index"),
            "attacks": self.attacks().to_dict("index"),
            "exceedance": self.exceedance().reset_index().to_dict("records"),
        }


def _chain(attempted: float, victims: float, loss: float) -> dict[str, float]:
    return {
        "tef": attempted,
        "vulnerability": victims / attempted if attempted else 0.0,
        "lef": victims,
        "lm_usd": loss / victims if victims else 0.0,
        "ale_usd": loss,
    }


def _in_a_year(sample: Array, chance: float, frequency: float) -> float:
    """Amount that at least one breach of a year exceeds with a chance."""
    of_one = -math.log1p(-chance) / frequency
    return float(np.quantile(sample, 1 - of_one)) if of_one < 1 else 0.0
