"""Make sealed forecasts: what the model of payments says of breaches without a published payment.

Not here: entries and their chain (``forecasts``), and what came of them (``sealed_scores``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from breach_sim import catalog
from breach_sim.analysis.backtesting.forecasts import LEVELS, Forecast, SealedLine, append
from breach_sim.analysis.backtesting.predictions import waiting_scenarios, whole_ledger
from breach_sim.analysis.backtesting.scoring import Normals
from breach_sim.engine.draws.streams import check_seed
from breach_sim.formatting.messages import unknown
from breach_sim.results.tables.money import breached

WHOLE = "ledger"
"""Line of an entry that stands for the whole cost of the firm."""
_ALWAYS = "response"
_DIGITS = 4


def sealable(chain: Sequence[Forecast], names: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the scenarios whose forecast can be sealed.

    Parameters
    ----------
    chain
        Entries so far.
    names
        Scenarios asked for; none means all that wait for an outcome.

    Returns
    -------
    Names, in the order of the catalog or as asked. A scenario whose newest entry comes from the posterior
    in use is left out, or refused if it was asked for.

    Raises
    ------
    ValueError
        If a scenario is unknown or does not wait for an outcome, was sealed under this posterior, or if
        nothing is left.
    """
    waiting = waiting_scenarios()
    posterior = catalog.posterior_hash()
    newest = {entry.scenario: entry for entry in chain}
    sealed = {name: own.number for name, own in newest.items() if own.posterior == posterior}
    for name in names:
        if name not in waiting and name in catalog.scenario_names():
            raise ValueError(
                f"{name!r} does not wait for an outcome: its breach has a published payment, or it states no "
                f"people; seal one of {', '.join(waiting)}"
            )
        if name not in waiting:
            raise ValueError(unknown("scenario", name, waiting, "seal"))
        if name in sealed:
            raise ValueError(
                f"{name!r} is sealed in entry {sealed[name]} under the posterior {posterior[:12]}; a "
                "breach is sealed again only when the posterior has changed: leave it out"
            )
    left = tuple(dict.fromkeys(names)) or tuple(name for name in waiting if name not in sealed)
    if not left:
        raise ValueError(
            f"all {len(waiting)} breaches that wait are sealed under the posterior {posterior[:12]}; they "
            "are sealed again only when the posterior has changed"
        )
    return left


def seal(chain: Sequence[Forecast], names: Sequence[str], date: str, seed: int = 1) -> tuple[Forecast, ...]:
    """Append one forecast for each scenario.

    Parameters
    ----------
    chain
        Entries so far.
    names
        Scenarios, from :func:`sealable`.
    date
        Day of sealing, such as "2026-11-29".
    seed
        Of the draws of the ledger; all other numbers come from the posterior without a draw. [0, 2**63)

    Returns
    -------
    The longer chain.

    Raises
    ------
    ValueError
        If the date or the seed is not valid, or the date lies before that of the last entry.
    """
    from breach_sim import __version__

    check_seed(seed)
    made = tuple(chain)
    for name in names:
        case = breached(catalog.load_scenario(name)).case
        made = append(
            made,
            date=date,
            version=__version__,
            seed=seed,
            posterior=catalog.posterior_hash(),
            scenario=name,
            people=case.people,
            country=case.country,
            lines=sealed_lines(name, seed),
        )
    return made


def sealed_lines(name: str, seed: int = 1) -> dict[str, SealedLine]:
    """Predict every line of payment that a breach can have.

    Parameters
    ----------
    name
        Scenario of the library.
    seed
        Of the draws of the ledger. [0, 2**63)

    Returns
    -------
    By line of the firm's ledger that is a payment, then ``"response"``, which is always paid, and
    ``"ledger"``, the whole cost, where there is one.
    """
    rows = catalog.load_payment_rows()
    known = breached(catalog.load_scenario(name))
    found = {}
    for line in (*known.lines(), _ALWAYS):
        law = Normals(rows.log_mean(line, known.case), rows.spread_of(line))
        chance = 1.0 if line == _ALWAYS else float(rows.chance_of_payment(line, known.case).mean())
        ends = law.quantile(np.array(LEVELS))
        found[line] = SealedLine(chance=round(chance, _DIGITS), ln_usd=_rounded(ends))
    whole = whole_ledger(name, seed)
    if whole is not None and whole.min() > 0:
        found[WHOLE] = SealedLine(chance=1.0, ln_usd=_rounded(np.quantile(np.log(whole), LEVELS)))
    return found


def _rounded(ends: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> tuple[float, ...]:
    return tuple(round(float(end), _DIGITS) for end in ends)
