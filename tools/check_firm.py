"""Fit the model of what a breach costs its firm a second way, and compare: ``python tools/check_firm.py``.

``tools/calibrate_firm.py`` integrates the coefficients of section 9.1 of ``docs/model.md`` out and draws the
scales by slice sampling. Here nothing is integrated out: a No-U-Turn sampler draws every number of equations
(31) and (32), and a bounded row counts as a probability. The two share the rows and the text, nothing else.

It needs the extra ``calibrate`` (``pip install -e ".[calibrate]"``), and some minutes. Printed are mean,
standard deviation, effective sample size and R-hat of every scale and coefficient, beside the posterior that
ships; a difference is in units of its Monte Carlo standard error. The status is 0 if all are within four and
the sampler has converged. ``--alone`` compares with nothing.

Not here: whether there is a payment (section 9.2).
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GROUPS = {
    "class": ("settlement", "settlement_total", "settlement_investors"),
    "regulator": ("state_ag", "fine", "fine_gdpr", "fine_ocr", "fine_sec"),
    "network": ("card_networks",),
    "cost": ("response", "response_part", "security", "redress", "interruption", "ransom", "total"),
}
LINES = tuple(line for lines in GROUPS.values() for line in lines)
GROUP_OF_LINE = np.array([g for g, lines in enumerate(GROUPS.values()) for _ in lines])
KINDS = ("national_id", "financial", "card", "medical", "unknown")
PLACES = ("abroad", "uk", "eastern", "uk_fine")
EASTERN = frozenset(
    ["BG", "CY", "CZ", "EE", "GR", "HR", "HU", "LT", "LV", "MT", "PL", "RO", "SI", "SK"],
)
OWN_NOISE = ("settlement", "state_ag", "fine", "fine_gdpr", "fine_ocr", "total")
NOISE_OF_LINE = np.array(
    [
        OWN_NOISE.index(line) if line in OWN_NOISE else len(OWN_NOISE) + (line not in GROUPS["cost"])
        for line in LINES
    ]
)
"""Which z_h belongs to each line: six lines have their own, group cost has one, the rest has one."""

BATCHES = 40
MOST = 4.0
"""Standard errors within which two posteriors count as the same."""
LARGEST_RHAT = 1.01
FEWEST = 400
"""Effective draws below which a standard error means little."""


class Amount(Protocol):
    """What is read of a published amount; `bound` is "exact", "ceiling" or "floor"."""

    @property
    def breach(self) -> str: ...  # noqa: D102
    @property
    def line(self) -> str: ...  # noqa: D102
    @property
    def people(self) -> float: ...  # noqa: D102
    @property
    def kinds(self) -> frozenset[str]: ...  # noqa: D102
    @property
    def country(self) -> str: ...  # noqa: D102
    @property
    def ln_amount(self) -> float: ...  # noqa: D102
    @property
    def bound(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Data:
    """N rows as arrays."""

    line: NDArray[np.intp]
    """(N,), position in :data:`LINES`."""
    breach: NDArray[np.intp]
    """(N,), from 0, of the breaches with several rows; 0 in rows of the others."""
    has_effect: NDArray[np.bool_]
    """(N,), whether the breach has several rows: only there a breach effect shows."""
    x: Floats
    """(N,), ln of millions of people."""
    kinds: Floats
    """(N, 5), the D_f of equation (31)."""
    places: Floats
    """(N, 4), its J_j."""
    y: Floats
    """(N,), ln amount, or its bound."""
    side: NDArray[np.intp]
    """(N,), -1 for a ceiling, 1 for a floor, 0 for an amount."""


def arrays(rows: Sequence[Amount]) -> Data:
    """Return rows as arrays.

    Raises
    ------
    ValueError
        If a line, a kind or a bound is not one of the text.
    """
    sides = {"exact": 0, "": 0, "ceiling": -1, "floor": 1}
    for row in rows:
        if row.line not in LINES or row.bound not in sides or not set(row.kinds) <= set(KINDS):
            raise ValueError(
                f"row of breach {row.breach!r}: line {row.line!r}, kinds {sorted(row.kinds)}, bound "
                f"{row.bound!r}; use the words of docs/model.md, section 9.1, and exact, ceiling or floor."
            )
    times = Counter(row.breach for row in rows)
    number = {breach: i for i, breach in enumerate(name for name, count in times.items() if count > 1)}
    return Data(
        line=np.array([LINES.index(row.line) for row in rows], dtype=np.intp),
        breach=np.array([number.get(row.breach, 0) for row in rows], dtype=np.intp),
        has_effect=np.array([row.breach in number for row in rows]),
        x=np.log(np.array([row.people for row in rows], dtype=np.float64) / 1e6),
        kinds=np.array([[float(kind in row.kinds) for kind in KINDS] for row in rows]),
        places=np.array([_places(row) for row in rows]),
        y=np.array([row.ln_amount for row in rows], dtype=np.float64),
        side=np.array([sides[row.bound] for row in rows], dtype=np.intp),
    )


def _places(row: Amount) -> list[float]:
    """Return the J_j of a row."""
    uk = row.country == "GB"
    is_true = (row.country != "US", uk, row.country in EASTERN, uk and row.line == "fine")
    return [float(value) for value in is_true]


# The model --------------------------------------------------------------------------------------------------


def model(data: Data) -> None:
    """State equations (31) and (32) in NumPyro; every normal is drawn with deviation 1, then scaled.

    The payments of a breach are independent given its effect, so that a ceiling is one probability. Where a
    breach has one row, √rho u + √(1 - rho) ε is one standard normal number, and drawn as such: u and ε by
    themselves cannot be known there, and as rho nears 1 the sampler could not follow them.
    """
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist
    from jax.scipy.special import log_ndtr

    def normal(name: str, *shape: int) -> Any:
        return numpyro.sample(name, dist.Normal(0.0, 1.0).expand(shape).to_event(len(shape)))

    tau_a = numpyro.sample("tau_a", dist.HalfNormal(0.7))
    tau_b = numpyro.sample("tau_b", dist.HalfNormal(0.15))
    tau_c = numpyro.sample("tau_c", dist.HalfNormal(0.5))
    rho = numpyro.sample("rho", dist.Uniform(0.0, 1.0))
    s = numpyro.sample("s", dist.HalfNormal(1.5))
    s_line = s * jnp.exp(0.5 * normal("z", len(OWN_NOISE) + 2)[NOISE_OF_LINE])
    alpha = 15 + 3 * normal("a") + normal("a_group", len(GROUPS))[GROUP_OF_LINE]
    alpha += tau_a * normal("a_line", len(LINES))
    beta = 0.6 + 0.2 * normal("b") + tau_b * normal("b_group", len(GROUPS))[GROUP_OF_LINE]
    beta += tau_b * normal("b_line", len(LINES))
    gamma = 0.7 * normal("c", len(KINDS)) + tau_c * normal("c_line", len(LINES), len(KINDS))
    delta = 0.7 * normal("d", len(PLACES))
    u = normal("u", int(data.breach.max()) + 1)
    effect = jnp.where(data.has_effect, jnp.sqrt(rho) * u[data.breach], 0.0)

    k = data.line
    center = alpha[k] + beta[k] * data.x + (gamma[k] * data.kinds).sum(-1) + data.places @ delta
    center += s_line[k] * effect
    spread = s_line[k] * jnp.where(data.has_effect, jnp.sqrt(1 - rho), 1.0)
    unit = (data.y - center) / spread
    exact = -0.5 * unit**2 - jnp.log(spread) - 0.5 * math.log(2 * math.pi)
    # A ceiling lies above what was paid: Φ(unit); a floor below: Φ(-unit).
    numpyro.factor("rows", jnp.where(data.side == 0, exact, log_ndtr(-data.side * unit)).sum())
    for name, value in (
        ("alpha", alpha),
        ("beta", beta),
        ("gamma", gamma),
        ("delta", delta),
        ("s_k", s_line),
    ):
        numpyro.deterministic(name, value)


def fit(rows: Sequence[Amount], chains: int, draws: int, seed: int) -> tuple[dict[str, Floats], int]:
    """Return draws (chains, draws) of every scale and coefficient by name, and how many diverged.

    The warm-up is as long as the draws.
    """
    import jax
    import numpyro
    from numpyro.infer import MCMC, NUTS

    numpyro.enable_x64()
    numpyro.set_host_device_count(chains)
    sampler = MCMC(
        NUTS(model, target_accept_prob=0.95),
        num_warmup=draws,
        num_samples=draws,
        num_chains=chains,
        chain_method="sequential",  # chains side by side want as many free cores
        progress_bar=False,
    )
    sampler.run(jax.random.PRNGKey(seed), arrays(rows), extra_fields=("diverging",))
    found = {name: np.asarray(value) for name, value in sampler.get_samples(group_by_chain=True).items()}
    diverged = int(np.asarray(sampler.get_extra_fields()["diverging"]).sum())
    return named(found), diverged


def named(found: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return arrays with a name for each number: tau_a, ..., s[k], alpha[k], gamma[k,f], delta[j]."""
    result = {name: found[name] for name in ("tau_a", "tau_b", "tau_c", "rho", "s")}
    for prefix, name in (("s", "s_k"), ("alpha", "alpha"), ("beta", "beta")):
        result |= {f"{prefix}[{line}]": found[name][..., k] for k, line in enumerate(LINES)}
    result |= {
        f"gamma[{line},{kind}]": found["gamma"][..., k, f]
        for k, line in enumerate(LINES)
        for f, kind in enumerate(KINDS)
    }
    return result | {f"delta[{place}]": found["delta"][..., j] for j, place in enumerate(PLACES)}


# The comparison ---------------------------------------------------------------------------------------------


def batch_error(draws: Floats) -> float:
    """Return the Monte Carlo standard error of a mean by batch means.

    Parameters
    ----------
    draws
        In the order in which they were drawn, chain after chain; 80 at least. Draws that were shuffled
        look independent, and their error too small.
    """
    flat = np.ravel(draws)
    size = flat.size // BATCHES
    means = flat[: size * BATCHES].reshape(BATCHES, size).mean(axis=1)
    return float(means.std(ddof=1) / math.sqrt(BATCHES))


def difference(first: Floats, second: Floats) -> float:
    """Return the difference of two means in units of its Monte Carlo standard error."""
    error = math.hypot(batch_error(first), batch_error(second))
    gap = float(np.mean(first) - np.mean(second))
    return gap / error if error > 0 else (0.0 if gap == 0 else math.copysign(math.inf, gap))


@dataclass(frozen=True, slots=True)
class Line:
    """One number of the model in two posteriors; differences are in standard errors."""

    name: str
    mean: float
    sd: float
    shipped_mean: float
    shipped_sd: float
    of_means: float
    of_spreads: float
    """Difference of the mean squares around the mean of both."""

    @property
    def far(self) -> bool:
        """Whether the two posteriors differ."""
        return not max(abs(self.of_means), abs(self.of_spreads)) <= MOST


def compare(ours: Mapping[str, Floats], shipped: Mapping[str, Floats]) -> list[Line]:
    """Return a line for each number of `ours`.

    Raises
    ------
    KeyError
        If a number is not in `shipped`.
    """
    missing = [name for name in ours if name not in shipped]
    if missing:
        raise KeyError(f"the shipped posterior has no {', '.join(missing)}; it must hold every number.")
    result = []
    for name, own in ours.items():
        other = np.asarray(shipped[name], dtype=np.float64)
        center = (np.mean(own) + np.mean(other)) / 2
        result.append(
            Line(
                name=name,
                mean=float(np.mean(own)),
                sd=float(np.std(own)),
                shipped_mean=float(np.mean(other)),
                shipped_sd=float(np.std(other)),
                of_means=difference(own, other),
                of_spreads=difference((own - center) ** 2, (other - center) ** 2),
            )
        )
    return result


def shipped_draws() -> dict[str, Floats]:
    """Return the posterior that ships, by the names of :func:`named`, each (4000,) in the order drawn."""
    from breach_sim.catalog import load_payment_rows
    from breach_sim.catalog.amounts.payments import load_payment_arrays

    rows = load_payment_rows()
    numbers = np.asarray(load_payment_arrays()["numbers"], dtype=np.float64)
    arrays_of = {
        "s_k": rows.spread,
        "alpha": rows.intercept,
        "beta": rows.slope,
        "gamma": rows.data_effect,
        "delta": rows.place_effect,
        "rho": rows.shared,
    }
    # Of the unbounded numbers the first four are logarithms of scales.
    arrays_of |= {name: np.exp(numbers[:, i]) for i, name in enumerate(("tau_a", "tau_b", "tau_c", "s"))}
    return named(arrays_of)


def rows_for_fit() -> Sequence[Amount]:
    """Return the rows that are marked `fit`."""
    from breach_sim.analysis.calibration.rows import fit_rows

    return fit_rows()


# What is printed --------------------------------------------------------------------------------------------


def main(words: Sequence[str]) -> int:
    """Fit, compare, print; return the exit status."""
    parser = argparse.ArgumentParser(description="Fit section 9.1 with a No-U-Turn sampler and compare.")
    parser.add_argument("--chains", type=int, default=4)
    parser.add_argument("--draws", type=int, default=1000, help="of each chain, after as many of warm-up")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--alone", action="store_true", help="compare with nothing")
    options = parser.parse_args(words)
    if importlib.util.find_spec("numpyro") is None:
        print('numpyro is not installed: pip install -e ".[calibrate]"', file=sys.stderr)
        return 2
    rows = rows_for_fit()
    ours, diverged = fit(rows, options.chains, options.draws, options.seed)
    lines = compare(ours, ours if options.alone else shipped_draws())
    return report(rows, ours, diverged, lines)


def report(rows: Sequence[Amount], ours: Mapping[str, Floats], diverged: int, lines: Sequence[Line]) -> int:
    """Print the table and the verdict; return the exit status."""
    from numpyro.diagnostics import effective_sample_size, split_gelman_rubin

    print(f"{len(rows)} rows of {len({row.breach for row in rows})} breaches, {diverged} divergent steps")
    heads = ("mean", "sd", "ESS", "R-hat", "shipped", "sd", "of means", "of spreads")
    print(f"{'':34}" + "".join(f"{head:>11}" for head in heads))
    sizes, rhats = [], []
    for line in lines:
        sizes.append(float(effective_sample_size(ours[line.name])))
        rhats.append(float(split_gelman_rubin(ours[line.name])))
        print(
            f"{line.name:34}{line.mean:11.3f}{line.sd:11.3f}{sizes[-1]:11.0f}{rhats[-1]:11.3f}"
            f"{line.shipped_mean:11.3f}{line.shipped_sd:11.3f}{line.of_means:11.2f}{line.of_spreads:11.2f}"
            f"{'  FAR' if line.far else ''}"
        )
    far = [line.name for line in lines if line.far]
    largest = max(max(abs(line.of_means), abs(line.of_spreads)) for line in lines)
    print(f"largest R-hat {max(rhats):.3f}, fewest effective draws {min(sizes):.0f}")
    print(
        f"{len(lines)} numbers, largest difference {largest:.2f} standard errors, {len(far)} beyond {MOST:g}"
    )
    converged = max(rhats) <= LARGEST_RHAT and min(sizes) >= FEWEST and diverged == 0
    print(("converged" if converged else "NOT CONVERGED") + ", " + ("NOT THE SAME" if far else "the same"))
    return 0 if converged and not far else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
