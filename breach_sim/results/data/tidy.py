"""Every number of every table in one long table: one row a number.

A total is a row of its own, under the name "all" of a segment, an attack or an item.

Not here: one row a replicate (``samples``), and what is no number (``document``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from breach_sim.formatting.tables import STATISTICS
from breach_sim.results.expectations import expected, expected_part
from breach_sim.results.parts import PARTS
from breach_sim.results.replicates import Replicates
from breach_sim.results.tables import by_month, by_part, funnel, money, observed, uncertainty
from breach_sim.results.tables.curves import curve

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("segment", "attack", "measure", "item", "at", "unit", "statistic", "value")
"""Columns of the tidy table, in order."""
ALL = "all"
"""Name of a total: of all segments, of all attacks, of all items."""
SHARES = ("luck_share", "binds", "rel_se", "share")
"""Statistics that are shares, whatever the unit of their measure."""
Row = dict[str, Any]


def _row(measure: str, unit: str, statistic: str, value: Any, **places: Any) -> Row:
    """One number in its place; what is not named is a total."""
    unit = "share" if statistic in SHARES else unit
    found = {"segment": ALL, "attack": ALL, "item": ALL, "at": np.nan} | places
    return found | {"measure": measure, "unit": unit, "statistic": statistic, "value": float(value)}


def _rows(measure: str, unit: str, cells: Any, **places: Any) -> Iterator[Row]:
    """Numbers of one measure by statistic; a number that there is not makes no row."""
    for statistic, value in cells.items():
        if not np.isnan(value):
            yield _row(measure, unit, statistic, value, **places)


def tidy(run: Replicates) -> pd.DataFrame:
    """Every number of every table of a run, one row each.

    Parameters
    ----------
    run
        Arrays of the run.

    Returns
    -------
    Columns of :data:`COLUMNS`. ``item`` divides a measure by bearer, line, part or kind; ``at`` is a month, a
    probability of being exceeded, or a number of replicates, and missing elsewhere. The cautions are in
    ``attrs["notes"]``.
    """
    import pandas as pd

    made = (_counts, _by_segment, _by_part, _money, _capacity, _curves, _budget, _settling, _months)
    rows = [row for make in (*made, _excess) for row in make(run)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame.index.name = "row"
    frame.attrs["notes"] = (*run.notes, *money.ledger_notes(run))
    return frame


def place_of(run: Replicates, measure: str) -> tuple[str, str, str]:
    """Attack, measure and unit of a row of the tables of quantiles and of the error budget.

    Parameters
    ----------
    run
        Arrays of the run.
    measure
        "people", "loss_usd", "ATTACK.victims" or "ATTACK.loss_usd".

    Returns
    -------
    Name of the attack or "all", the measure, and its unit.
    """
    attack, _, word = measure.rpartition(".")
    return attack if attack in run.attacks.names else ALL, word, "USD" if word == "loss_usd" else "accounts"


def _counts(run: Replicates) -> Iterator[Row]:
    """Funnel by attack, and quantiles with their errors."""
    numbers, errors = funnel.by_attack(run, numbers=True), funnel.quantiles(run)
    for attack in run.attacks.names:
        for word in ("attackable", "attempted"):
            yield from _rows(word, "accounts", numbers.loc[attack, word], attack=attack)
    yield from _rows("exposed", "accounts", numbers.loc["any", "exposed"])
    for name, cells in errors.iterrows():
        attack, word, unit = place_of(run, str(name))
        yield from _rows(word, unit, cells, attack=attack)


def _by_segment(run: Replicates) -> Iterator[Row]:
    """Expected numbers by segment, and their sums."""
    accounts = 0.0
    for segment in run.scenario.segments:
        own = segment.name
        size = float(np.mean(run.law.accounts(segment)))
        accounts += size
        loss = float(expected(run, "loss_usd", None, own).mean())
        means = {"accounts": size, "exposed": expected(run, "exposed", None, own).mean()}
        means |= {"people": expected(run, "people", None, own).mean(), "loss_usd": loss}
        for word, value in means.items():
            yield _row(word, "USD" if word == "loss_usd" else "accounts", "mean", value, segment=own)
        yield _row("loss_per_account", "USD/account", "mean", loss / size if size else 0.0, segment=own)
        for part in PARTS if run.searches else ():
            value = expected_part(run, part, "people", segment=own).mean()
            yield _row("people_by_part", "accounts", "mean", value, segment=own, item=part)
        for attack in run.attacks.names:
            value = expected(run, "victims", attack, own).mean()
            yield _row("victims", "accounts", "mean", value, segment=own, attack=attack)
    yield _row("accounts", "accounts", "mean", accounts)


def _by_part(run: Replicates) -> Iterator[Row]:
    """Victims, people and loss by the leak alone, together, and replaceable."""
    table = by_part.parts(run)
    measures = [("victims_by_part", "accounts", name) for name in run.attacks.names]
    measures += [("people_by_part", "accounts", ALL), ("loss_usd_by_part", "USD", ALL)]
    for (measure, unit, attack), (_, cells) in zip(measures, table.iterrows(), strict=True):
        for part in PARTS:
            yield from _rows(measure, unit, cells[part], attack=attack, item=part)
        alone = {"share": cells["attackable", "by_leak_alone"]}
        yield from _rows("attackable_by_part", "accounts", alone, attack=attack, item="by_leak_alone")


def _money(run: Replicates) -> Iterator[Row]:
    """Who bears the loss, the hours of the victims, and the ledger of the firm by line."""
    for attack in run.attacks.attacks:
        mean = float(expected(run, "loss_usd", attack.name).mean())
        for who, share in attack.borne.items():
            yield _row("loss_usd_by_bearer", "USD", "mean", share * mean, attack=attack.name, item=who)
    table, hours = money.ledgers(run), money.hours(run)
    for who in money.loss_by_bearer(run):
        own = table.loc[("victims", who), list(STATISTICS)]
        yield from _rows("loss_usd_by_bearer", "USD", own, item=who)
    for attack_name, (_, cells) in zip((*run.attacks.names, ALL), hours.iterrows(), strict=True):
        yield from _rows("hours", "hours", cells, attack=attack_name)
    for ledger, line in table.index:
        if ledger == "firm":
            yield from _rows("firm_cost", "USD", table.loc[(ledger, line), list(STATISTICS)], item=line)


def _capacity(run: Replicates) -> Iterator[Row]:
    """Share of the attempts that crews can make."""
    for attack, (_, cells) in zip(run.law.scales, funnel.capacity(run).iterrows(), strict=True):
        yield from _rows("capacity", "share", cells, attack=attack)


def _curves(run: Replicates) -> Iterator[Row]:
    """Exceedance curves of the loss, and of the cost of the firm."""
    curves = {"loss_usd_exceeded": uncertainty.exceedance(run)}
    cost = money.firm_cost(money.firm_lines(run))
    if cost is not None:
        curves["firm_cost_exceeded"] = curve(cost, None, run.scramble)
    for measure, table in curves.items():
        for chance, cells in table.iterrows():
            named = {str(name).removesuffix("_usd"): value for name, value in cells.items()}
            yield from _rows(measure, "USD", named, at=chance)


def _budget(run: Replicates) -> Iterator[Row]:
    """Standard deviations by their cause; the mean stands with the quantiles."""
    for name, cells in uncertainty.budget_rows(run).items():
        attack, word, unit = place_of(run, name)
        kept = {statistic: value for statistic, value in cells.items() if statistic != "mean"}
        yield from _rows(word, unit, kept, attack=attack)


def _settling(run: Replicates) -> Iterator[Row]:
    """Figures from fewer and fewer of the replicates."""
    for number, cells in uncertainty.convergence(run).iterrows():
        for name, value in cells.items():
            measure, _, statistic = str(name).partition("_")
            measure, unit = ("loss_usd", "USD") if measure != "people" else ("people", "accounts")
            named = {"se": "se_p50", "mean_se": "se_mean"}.get(statistic, statistic)
            named = "rel_se" if name == "rel_se" else named
            yield _row(f"{measure}_from_fewer", unit, named, value, at=number)


def _months(run: Replicates) -> Iterator[Row]:
    """Victims and loss by month. Victims are those of attacks: a person of two attacks counts twice."""
    for month, cells in by_month.timeline(run).iterrows():
        for measure, unit in (("victims", "accounts"), ("loss_usd", "USD")):
            named = {word: cells[f"{measure}_{word}"] for word in STATISTICS}
            yield from _rows(f"{measure}_in_month", unit, named, at=month)


def _excess(run: Replicates) -> Iterator[Row]:
    """Victims beyond the background; gross ones stand with the quantiles."""
    for attack, (_, cells) in zip((*run.attacks.names, ALL), observed.excess(run).iterrows(), strict=True):
        for kind in ("excess", "never_otherwise", "background"):
            yield from _rows(kind, "accounts", cells[kind], attack=attack)
