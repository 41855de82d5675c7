"""What a breach costs its firm, by name: the answer for a board, and insurance.

Not here: the ledger and its curve (``whatif.firm_answer``, ``whatif.insurance``).
"""

from __future__ import annotations

from collections.abc import Mapping

from breach_sim import catalog
from breach_sim.api.impacts import simulate
from breach_sim.api.lookup import ScenarioLike
from breach_sim.engine.draws.parameters import REPLICATES
from breach_sim.inputs.firm.insurance import Program
from breach_sim.results.impact import Impact
from breach_sim.whatif.firm_answer import YARDSTICKS, FirmAnswer, firm_answer
from breach_sim.whatif.insurance import Insured
from breach_sim.whatif.insurance import insured as insured_run


def cost_to_firm(
    impact: Impact | ScenarioLike,
    *,
    program: Program | None = None,
    appetite: Mapping[float, float] | None = None,
    revenue: float | None = None,
    income: float | None = None,
    cash: float | None = None,
    discount: float = 0.0,
    seed: int = 1,
    replicates: int = REPLICATES,
    calibrated: bool = True,
) -> FirmAnswer:
    """Say what a breach costs its firm: curve, appetite, materiality, insurance, cash by quarter.

    Parameters
    ----------
    impact
        Result of :func:`simulate`; or a scenario by name, file or object, which is then simulated.
    program
        Insurance of the firm. It takes the place of the share that the model takes insurance to pay.
    appetite
        Largest acceptable cost by the chance of exceeding it, such as ``{0.05: 100e6}``. [USD]
    revenue, income, cash
        Yearly revenue, yearly income and cash of the firm, of which the cost is given as a share. None takes
        what overrides of the scenario say under [firm]. (0, inf) [USD]
    discount
        Yearly rate at which later payments are discounted to the day of the sale. [0, 1]
    seed, replicates, calibrated
        As for :func:`simulate`; an impact brings its own.

    Returns
    -------
    The answer, with ``table()``, ``exceedance()``, ``appetite()``, ``materiality()``,
    ``cash_by_quarter()`` and ``to_json()``.

    Raises
    ------
    ValueError
        If there is no ledger of a firm, or an argument is out of range.

    Examples
    --------
    >>> answer = cost_to_firm("tmobile-2021-stated", appetite={0.05: 1e12}, replicates=100)
    >>> bool(answer.appetite().loc[0.05, "inside"])
    True
    """
    run = _run_of(impact, seed, replicates, calibrated=calibrated)
    own = run.scenario.overrides.amounts
    given: dict[str, float | None] = {of: estimate.central for of, estimate in own.items()}
    said = dict(zip(YARDSTICKS, (revenue, income, cash), strict=True))
    given |= {of: usd for of, usd in said.items() if usd is not None}
    return firm_answer(
        run,
        catalog.load_timing(),
        program=program,
        appetite=appetite,
        amounts={of: usd for of, usd in given.items() if usd is not None},
        discount=discount,
    )


def insured(
    impact: Impact | ScenarioLike,
    program: Program,
    *,
    seed: int = 1,
    replicates: int = REPLICATES,
    calibrated: bool = True,
) -> Insured:
    """Apply a program of insurance to the cost of the firm, draw by draw.

    Parameters
    ----------
    impact, seed, replicates, calibrated
        As for :func:`cost_to_firm`.
    program
        Layers of the firm.

    Returns
    -------
    Ground-up, ceded and net cost: ``table()``, ``exceedance()`` and ``appetite()``.

    Raises
    ------
    ValueError
        If there is no ledger of a firm.

    Examples
    --------
    >>> from breach_sim.inputs.firm.insurance import Layer
    >>> layer = Layer(name="primary", retention=1e6, limit=10e6)
    >>> bool(insured("stated", Program(layers=(layer,)), replicates=50).ceded.max() <= 10e6)
    True
    """
    return insured_run(_run_of(impact, seed, replicates, calibrated=calibrated), program)


def _run_of(impact: Impact | ScenarioLike, seed: int, replicates: int, *, calibrated: bool) -> Impact:
    if isinstance(impact, Impact):
        return impact
    return simulate(impact, seed=seed, replicates=replicates, calibrated=calibrated)
