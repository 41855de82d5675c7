"""Which doubt matters: variance-based sensitivity of the expected loss or people.

The function studied is the expectation given the parameters, E[X | theta], of uniform numbers: every
uncertain parameter enters by its inverse distribution function, the release table by one more uniform.
Capacity scales and anchor factors are computed anew for every sample, as `simulate` does, because
capacities and anchors are among the parameters and act through nothing else.

*First order*: the share of variance that would be expected to go if this parameter alone became known.
*Total order*: the share that would be left if all others became known; the two differ by what the parameter
does together with others. Most parameters do next to nothing, so they are screened first (Morris, elementary
effects between the 5 % and the 95 % quantile of each) and those that do little are put into one column, "all
others", which is sampled and reported like any parameter: nothing is left out, and the table adds up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from breach_sim.analysis.sensitivities import designs
from breach_sim.analysis.subjects import marked
from breach_sim.engine.draws.parameters import Parameters
from breach_sim.engine.draws.streams import uniforms
from breach_sim.engine.law import Law
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.messages import unknown
from breach_sim.inputs.numbers.estimates import Estimate
from breach_sim.inputs.numbers.posterior import ROW, independent, quantile
from breach_sim.results.expectations import expected_under
from breach_sim.results.impact import Impact, check_impact

if TYPE_CHECKING:
    import pandas as pd

METHODS = ("sobol", "rank")
MEASURES = {"loss_usd": "loss [USD]", "people": "people [accounts]"}
OTHERS = "all others"
RELEASE = "release"
KEEP, BASE, TRAJECTORIES = 15, 2_048, 12
"""Parameters with a column of their own; base sample (a power of two); trajectories of the screening."""
LOW, HIGH = 0.05, 0.95
"""Quantiles between which screening and tornado move a parameter."""
_CHUNK = 5_000
_FEW = 10
_Z = 1.959963984540054


def expectation(
    impact: Impact,
    chances: Mapping[str, Array],
    size: int,
    of: str = "loss_usd",
    used: set[str] | None = None,
) -> Array:
    """Expected loss or people given the parameters, at given uniform numbers.

    Parameters
    ----------
    impact
        Its scenario, attacks and horizon; its draws play no part.
    chances
        Uniform numbers by parameter, the release table as "release"; all others are drawn by name. Shape
        (size,). (0, 1)
    size
        How many.
    of
        "loss_usd" or "people".
    used
        If given, the names of the uncertain parameters asked for are added to it.

    Returns
    -------
    Shape (size,). [USD] or [accounts]. Capacity scales and anchor factors computed anew.
    """
    parts = []
    for start in range(0, size, _CHUNK):
        rows = slice(start, min(start + _CHUNK, size))
        own = {name: np.clip(u[rows], 2.0**-54, 1 - 2.0**-53) for name, u in chances.items()}
        parameters = Parameters(
            impact.seed, rows.stop - start, None, own, sampling="plain", posterior=impact.posterior
        )
        parts.append(_expected(impact, parameters, of))
        if used is not None:
            used |= {estimate.name for estimate in parameters.used if not estimate.is_certain}
    return np.concatenate(parts)


def _expected(impact: Impact, parameters: Parameters, of: str) -> Array:
    law = Law(impact.scenario, impact.attacks, parameters, impact.horizon_years)
    return expected_under(law, of)


def uncertain(impact: Impact, of: str = "loss_usd") -> tuple[str, ...]:
    """Uncertain parameters that an expectation reads, the release table included.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    of
        "loss_usd" or "people".

    Returns
    -------
    Names, in alphabetical order. Others (hours, backgrounds, shapes of severities) cannot move it.
    """
    used: set[str] = set()
    expectation(impact, {}, 1_000, of, used)
    ways = [share for share in impact.scenario.release.values() if share.central > 0]
    return tuple(sorted(used)) + ((RELEASE,) if len(ways) > 1 else ())


def sensitivity(
    impact: Impact,
    method: str = "sobol",
    *,
    of: str = "loss_usd",
    base: int = BASE,
    keep: int = KEEP,
) -> pd.DataFrame:
    """Compute how much of the variance of the expected result each uncertain parameter is responsible for.

    Parameters
    ----------
    impact
        Result of ``simulate``. Its seed makes the samples.
    method
        "sobol": first-order and total-order indices. "rank": rank correlation on the impact's
        own draws, which needs no further evaluation and holds scales and factors where the impact does.
    of
        "loss_usd" or "people".
    base
        For "sobol": size of the base sample, a power of two. There are ``base * (keep + 3)`` evaluations.
        [64, 2**16]
    keep
        For "sobol": number of parameters with a column of their own. [1, 100]

    Returns
    -------
    "sobol": one row for each parameter kept ("posterior.victims": the row of fitted parameters, which move
    together; "rank" has them one by one), the largest first-order index first, then "all others". Columns
    ``first`` and ``total`` with the half-widths of their 95 % intervals, ``screen`` (Morris mu*, relative to
    the largest), ``status`` and ``unit``. "rank": one row for each parameter, with ``rank`` (Spearman), its
    95 % interval, ``status`` and ``unit``. ``attrs`` holds ``what_was_done``, ``sd`` (standard deviation of
    the expected result), ``of`` and ``notes``.

    Raises
    ------
    ValueError
        If the method or measure is unknown, or a size is out of range.

    Examples
    --------
    >>> from breach_sim import api
    >>> frame = sensitivity(api.simulate("tmobile-2021-stated", replicates=500), "rank")
    >>> frame.index[0]
    'drivers.loss'
    """
    check_impact(impact)
    if method not in METHODS:
        raise ValueError(unknown("method", method, METHODS, "sensitivity"))
    if of not in MEASURES:
        raise ValueError(unknown("measure", of, MEASURES, "sensitivity"))
    _check_size("base", base, 64, 2**16)
    _check_size("keep", keep, 1, 100)
    if base & (base - 1):
        raise ValueError(f"base is {base}; a Sobol sequence needs a power of two, such as {BASE}")
    return _by_rank(impact, of) if method == "rank" else _by_sobol(impact, of, base, keep)


def _check_size(name: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{name} is {value!r}; it must be a whole number from {low} to {high}")


# ------------------------------------------------------------------------------------ Sobol


def _by_sobol(impact: Impact, of: str, base: int, keep: int) -> pd.DataFrame:
    names = independent(impact.posterior, uncertain(impact, of))
    screen = _screen(impact, names, of) if names else {}
    kept = sorted(names, key=lambda name: (-screen[name], name))[:keep]
    rest = [name for name in names if name not in kept]
    drawn = {name: uniforms(impact.seed, "parameter", name, size=base) for name in rest}

    def evaluate(sample: Array) -> Array:
        chances = {name: sample[:, i] for i, name in enumerate(kept)}
        if rest:
            # One uniform picks one joint draw of all others: they are sampled together, as one column.
            row = np.minimum((sample[:, -1] * base).astype(np.int64), base - 1)
            chances |= {name: draws[row] for name, draws in drawn.items()}
        return expectation(impact, chances, len(sample), of)

    columns = [*kept, *([OTHERS] if rest else [])]
    found, spread = sobol_indices(evaluate, columns, base, impact.seed)
    frame = _described(impact, found)
    top = max(screen.values(), default=0.0) or 1.0
    frame.insert(4, "screen", [screen.get(name, np.nan) / top for name in frame.index])
    frame.attrs["sd"] = spread
    frame.attrs["what_was_done"] = (
        f"{len(names)} uncertain parameters move the expected {MEASURES[of]}; Morris screening with "
        f"{TRAJECTORIES} trajectories chose the {len(kept)} that do most, the other {len(rest)} are one "
        f"column; {base:,} x {len(columns) + 2} evaluations, capacity scales and anchor factors computed "
        "anew in each"
    )
    return _finished(frame, impact, of)


def sobol_indices(
    evaluate: Callable[[Array], Array], names: Sequence[str], base: int, seed: int
) -> tuple[pd.DataFrame, float]:
    """First and total order of a function of independent uniform numbers.

    Parameters
    ----------
    evaluate
        From uniform numbers, shape (n, d), to values, shape (n,).
    names
        Names of the d columns.
    base
        Base sample, a power of two; ``base * (d + 2)`` evaluations.
    seed
        Seed of the sample and of the bootstrap.

    Returns
    -------
    One row a column: ``first, first_95, total, total_95`` (half-widths of 95 % intervals, bootstrapped),
    the largest first order first, but "all others" last; and the standard deviation of the function.
    """
    import pandas as pd

    if not names:
        return pd.DataFrame(columns=["first", "first_95", "total", "total_95"], dtype=float), 0.0
    own = 1 + int(float(uniforms(seed, "sensitivity", size=1)[0]) * (2**31 - 2))
    values = evaluate(designs.sobol_points(len(names), base, own))
    indices = designs.sobol_estimates(values, len(names), own)
    keys = ("first", "first_95", "total", "total_95")
    frame = pd.DataFrame({key: getattr(indices, key) for key in keys}, index=list(names))
    size = dict(zip(names, indices.first, strict=True))
    order = sorted(names, key=lambda name: (name == OTHERS, -float(size[name])))
    return frame.loc[order], float(np.std(values[:: len(names) + 2]))


def _screen(impact: Impact, names: Sequence[str], of: str) -> dict[str, float]:
    """Morris mu* of every parameter: mean size of its elementary effects."""
    if len(names) == 1:
        return {names[0]: 1.0}
    own = 1 + int(float(uniforms(impact.seed, "screening", size=1)[0]) * (2**31 - 2))
    sample = designs.morris_points(len(names), TRAJECTORIES, own, LOW, HIGH)
    chances = {name: sample[:, i] for i, name in enumerate(names)}
    effects = designs.morris_effects(sample, expectation(impact, chances, len(sample), of))
    return dict(zip(names, (float(x) for x in effects), strict=True))


# ------------------------------------------------------------------------------------ rank


def _by_rank(impact: Impact, of: str) -> pd.DataFrame:
    import pandas as pd

    if impact.replicates < _FEW:
        raise ValueError(
            f"the impact has {impact.replicates} replicates; ranks need at least {_FEW}, better 1,000"
        )
    expected = impact.expected_loss() if of == "loss_usd" else _people(impact)
    target = _ranks(expected)
    rows = {}
    for name in uncertain(impact, of):
        chance = impact.law.parameters.chance(name)
        own = float(np.corrcoef(_ranks(chance), target)[0, 1]) if np.ptp(expected) else 0.0
        reach = _Z / math.sqrt(max(impact.replicates - 3, 1))
        z = math.atanh(min(max(own, -1 + 1e-15), 1 - 1e-15))
        rows[name] = {"rank": own, "low_95": math.tanh(z - reach), "high_95": math.tanh(z + reach)}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["rank", "low_95", "high_95"])
    frame = frame.iloc[np.argsort(-np.abs(frame["rank"].to_numpy()), kind="stable")]
    frame = _described(impact, frame)
    frame.attrs["sd"] = float(np.std(expected))
    frame.attrs["what_was_done"] = (
        f"Spearman correlation of {len(frame)} parameters with the expected {MEASURES[of]} over the "
        f"{impact.replicates:,} replicates of the impact itself"
    )
    return _finished(frame, impact, of)


def _people(impact: Impact) -> Array:
    total = np.zeros(impact.replicates)
    for segment in impact.scenario.segments:
        total = total + impact.law.accounts(segment) * impact.laws[segment.name].people
    return total


def _ranks(values: Array) -> Array:
    from scipy.stats import rankdata

    return np.asarray(rankdata(values))


def _estimates(impact: Impact) -> dict[str, Estimate]:
    return {estimate.name: estimate for estimate in impact.parameters()}


def _described(impact: Impact, frame: pd.DataFrame) -> pd.DataFrame:
    """Add status and unit of each parameter."""
    known = _estimates(impact)
    tables = {RELEASE: "a table of the scenario", ROW: "the posterior rows"}
    frame = frame.copy()
    frame["status"] = [known[n].status if n in known else "" for n in frame.index]
    frame["unit"] = [known[n].unit if n in known else tables.get(n, "") for n in frame.index]
    frame.index.name = "parameter"
    frame.attrs["sources"] = {name: known[name].sources for name in frame.index if name in known}
    return frame


def _finished(frame: pd.DataFrame, impact: Impact, of: str) -> pd.DataFrame:
    notes = list(impact.notes)
    if impact.fixed_from_baseline["scales"] or impact.fixed_from_baseline["factors"]:
        notes.append("Scales held from another run are computed anew here, unless the method is 'rank'.")
    frame.attrs |= {"of": of, "notes": tuple(notes)}
    return marked(frame, impact)


# ------------------------------------------------------------------------------------ in words


def research_next(frame: pd.DataFrame) -> str:
    """Name the one parameter to research next, and how much narrower the result would become.

    Parameters
    ----------
    frame
        Result of ``sensitivity(impact)`` with the method "sobol".

    Returns
    -------
    A sentence: the parameter whose exact value would remove the largest share of the variance, with the
    standard deviation before and after. [USD] or [accounts]

    Raises
    ------
    ValueError
        If the table does not hold Sobol indices.

    Examples
    --------
    >>> from breach_sim import api
    >>> impact = api.simulate("tmobile-2021-stated", "smishing", replicates=50)
    >>> research_next(sensitivity(impact, base=64, keep=3)).split(" next ")[0]
    'Research attacks.smishing.severity'
    """
    if "first" not in frame.columns:
        raise ValueError("the table has no column 'first'; ask sensitivity with method='sobol'")
    own = frame[frame.index != OTHERS]
    if own.empty or not own["first"].max() > 0:
        return "No single number is worth researching: none moves the expectation by itself."
    best = str(own["first"].idxmax())
    row: dict[str, Any] = dict(own.loc[best])
    sd = float(frame.attrs["sd"])
    share = min(float(row["first"]), 1.0)
    low, high = max(share - row["first_95"], 0.0), min(share + row["first_95"], 1.0)
    unit = "USD" if frame.attrs.get("of", "loss_usd") == "loss_usd" else "accounts"
    return (
        f"Research {best} next ({row['status'] or 'a table of the scenario'}): if it were known exactly, "
        f"{share:.0%} ({low:.0%} to {high:.0%}) of the variance of the expected result would be expected to "
        f"go, and its standard deviation to fall from {sd:,.3g} to {sd * math.sqrt(1 - share):,.3g} {unit}."
    )


def tornado(impact: Impact, *, of: str = "loss_usd") -> pd.DataFrame:
    """Move one parameter at a time from its 5 % to its 95 % quantile, with all others at their medians.

    Parameters
    ----------
    impact
        Result of ``simulate``; its scenario, attacks and horizon are used, its draws are not.
    of
        "loss_usd" or "people".

    Returns
    -------
    One row for each uncertain parameter, the widest first. Columns ``at_p5`` and ``at_p95`` (expected result
    at either end), ``swing`` (size of the difference), ``status`` and ``unit``. The row of the release table
    holds the least and the most over the ways of release. ``attrs["middle"]`` is the result with all at their
    medians, and ``attrs["sources"]`` holds the sources of each parameter. [USD] or [accounts]

    Raises
    ------
    ValueError
        If the measure is unknown.

    Examples
    --------
    >>> from breach_sim import api
    >>> frame = tornado(api.simulate("tmobile-2021-stated", "smishing", replicates=50))
    >>> frame["swing"].is_monotonic_decreasing
    True
    """
    check_impact(impact)
    import pandas as pd

    if of not in MEASURES:
        raise ValueError(unknown("measure", of, MEASURES, "tornado"))
    names = uncertain(impact, of)
    moves = [(name, u) for name in names if name != RELEASE for u in (LOW, HIGH)]
    moves += [(RELEASE, u) for u in _ways(impact)] if RELEASE in names else []
    size = len(moves) + 1
    usual = _usual_way(impact)
    chances = {name: np.full(size, quantile(impact.posterior, name, 0.5)) for name in names}
    chances[RELEASE] = np.full(size, usual)
    for row, (name, u) in enumerate(moves):
        chances[name][row + 1] = u if name == RELEASE else quantile(impact.posterior, name, u)
    values = expectation(impact, chances, size, of)
    ends: dict[str, list[float]] = {}
    for (name, _), value in zip(moves, values[1:], strict=True):
        ends.setdefault(name, []).append(float(value))
    ends |= {RELEASE: [min(ends[RELEASE]), max(ends[RELEASE])]} if RELEASE in ends else {}
    order = sorted(ends, key=lambda name: -abs(ends[name][1] - ends[name][0]))
    rows = {
        n: {"at_p5": ends[n][0], "at_p95": ends[n][1], "swing": abs(ends[n][1] - ends[n][0])} for n in order
    }
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["at_p5", "at_p95", "swing"])
    frame = _finished(_described(impact, frame), impact, of)
    frame.attrs["middle"] = float(values[0])
    return frame


def _ways(impact: Impact) -> list[float]:
    """A uniform number in the middle of every way of getting out that can be drawn."""
    shares = [share.central for share in impact.scenario.release.values()]
    ends = np.cumsum(shares)
    return [float(end - share / 2) for end, share in zip(ends, shares, strict=True) if share > 0]


def _usual_way(impact: Impact) -> float:
    """A uniform number that draws the most likely way."""
    shares = [share.central for share in impact.scenario.release.values() if share.central > 0]
    return _ways(impact)[int(np.argmax(shares))] if shares else 0.5


def beta_binomial(size: int, a: float, b: float) -> tuple[float, float]:
    """Ignorance and luck of a count in closed form: n people, p ~ Beta(a, b), count ~ Binomial(n, p).

    Parameters
    ----------
    size
        People, n. [0, inf)
    a, b
        Shape of the beta. (0, inf)

    Returns
    -------
    Var(E[count | p]) = n^2 Var p, and E[Var(count | p)] = n E[p (1 - p)].

    Examples
    --------
    >>> [round(x, 2) for x in beta_binomial(1000, 2, 8)]
    [14545.45, 145.45]
    """
    whole = a + b
    return size**2 * a * b / (whole**2 * (whole + 1)), size * a * b / (whole * (whole + 1))
