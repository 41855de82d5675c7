"""The slow twin of section 9: what a breach costs its firm, from the text of `docs/model.md` alone.

Nothing here is clever and nothing is fast. The joint normal of (31) and (32) is written down one independent
normal number after another, without matrices of covariates, so that a reader can hold this file in one hand
and the section in the other. Read from top to bottom:

1. words       lines, groups, kinds of data, places; a published amount (:class:`Row`)
2. numbers     which independent normal numbers are in a payment, and with which weight
3. density     log density of rows given the scales, log prior of the scales
4. prediction  payments of a new breach, of a left-out breach, and the coefficients, given the scales
5. hurdle      whether there is a payment, and its lag
6. ledger      the lines of one replicate from its random numbers
7. scores      of a mixture of normals, by numerical integration

*Scales* are a dict: ``tau_a``, ``tau_b``, ``tau_c``, ``rho``, ``s`` and ``z``, a dict from each of
:data:`NOISES` to its number. Amounts are ln USD throughout, people a count.

Where the text leaves a choice, the docstring says which one is made here: a second row of the same breach
and line has a noise of its own.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from scipy.special import ndtr

Array = np.ndarray
Scales = Mapping[str, Any]
Number = tuple[str, ...]
"""Name of one independent normal number of the model, such as ``("a", "settlement")``."""

# 1. Words --------------------------------------------------------------------------------------------------

GROUPS = {
    "class": ("settlement", "settlement_total", "settlement_investors"),
    "regulator": ("state_ag", "fine", "fine_gdpr", "fine_ocr", "fine_sec"),
    "network": ("card_networks",),
    "cost": ("response", "response_part", "security", "redress", "interruption", "ransom", "total"),
}
GROUP_OF = {line: group for group, lines in GROUPS.items() for line in lines}
LINES = tuple(GROUP_OF)
KINDS = ("national_id", "financial", "card", "medical", "unknown")
PLACES = ("abroad", "uk", "eastern", "uk_fine")
EASTERN = frozenset(["BG", "CY", "CZ", "EE", "GR", "HR", "HU", "LT", "LV", "MT", "PL", "RO", "SI", "SK"])
EU = EASTERN | frozenset(["AT", "BE", "DE", "DK", "ES", "FI", "FR", "IE", "IT", "LU", "NL", "PT", "SE"])
UNDER_GDPR = EU | {"NO", "IS", "GB"}
NOISES = ("settlement", "state_ag", "fine", "fine_gdpr", "fine_ocr", "total", "cost", "rest")
"""Lines with a scale of their own, and the two that other lines share."""
BOUNDS = ("", "ceiling", "floor")


@dataclass(frozen=True)
class Row:
    """A published amount of one line of one breach.

    Parameters
    ----------
    breach, line
        Name of the breach; one of :data:`LINES`.
    people
        n of equation (31), above 0.
    kinds
        Of :data:`KINDS`; ``unknown`` stands alone. Empty if the fields are known and none is of these kinds.
    country
        Two capital letters; the United Kingdom is ``GB``.
    ln_amount
        Natural logarithm of the amount, USD of 2024. Without meaning in a row that is to be predicted.
    bound
        One of :data:`BOUNDS`: "" for an amount (``exact`` is read as ""), ``ceiling`` for "up to", ``floor``
        for "at least".
    """

    breach: str
    line: str
    people: float
    kinds: frozenset[str]
    country: str
    ln_amount: float = math.nan
    bound: str = ""

    def __post_init__(self) -> None:
        place = f"row of breach {self.breach!r}"
        if self.bound == "exact":
            object.__setattr__(self, "bound", "")
        for what, value, known in (("line", self.line, LINES), ("bound", self.bound, BOUNDS)):
            if value not in known:
                raise ValueError(f"{what} {value!r} in a {place} is unknown; use one of {known}.")
        if not self.kinds <= set(KINDS) or ("unknown" in self.kinds and len(self.kinds) > 1):
            raise ValueError(f"kinds {sorted(self.kinds)} in a {place}; use some of {KINDS}, unknown alone.")
        if not (len(self.country) == len("US") and self.country.isupper()) or self.country == "UK":
            raise ValueError(f"country {self.country!r} in a {place}; use two capital letters, as US or GB.")
        if not 0 < self.people < math.inf:
            raise ValueError(f"people {self.people} in a {place}; it must be positive and finite.")


def size(people: float) -> float:
    """Return x of equation (31)."""
    return math.log(people / 1e6)


def places(line: str, country: str) -> tuple[str, ...]:
    """Return the J of equation (31) that are 1."""
    result = []
    if country != "US":
        result.append("abroad")
    if country == "GB":
        result.append("uk")
    if country in EASTERN:
        result.append("eastern")
    if country == "GB" and line == "fine":
        result.append("uk_fine")
    return tuple(result)


def noise_of(line: str) -> str:
    """Return which z of (32) belongs to a line: its own, that of group cost, or that of the rest."""
    if line in NOISES:
        return line
    return "cost" if GROUP_OF[line] == "cost" else "rest"


def noise_scale(line: str, scales: Scales) -> float:
    """Return s_k = s exp(0.5 z_h)."""
    return scales["s"] * math.exp(0.5 * scales["z"][noise_of(line)])


# 2. Numbers ------------------------------------------------------------------------------------------------


def prior(number: Number, scales: Scales) -> tuple[float, float]:
    """Return mean and standard deviation of one independent number of (31) and (32).

    The names are ``("a",)``, ``("a_group", g)``, ``("a_line", k)``, the same with b, ``("c", f)``,
    ``("c_line", k, f)``, ``("delta", j)``, ``("u", breach)``, ``("noise", row)``.
    """
    known = {
        "a": (15.0, 3.0),
        "a_group": (0.0, 1.0),
        "a_line": (0.0, scales["tau_a"]),
        "b": (0.6, 0.2),
        "b_group": (0.0, scales["tau_b"]),
        "b_line": (0.0, scales["tau_b"]),
        "c": (0.0, 0.7),
        "c_line": (0.0, scales["tau_c"]),
        "delta": (0.0, 0.7),
        "u": (0.0, 1.0),
        "noise": (0.0, 1.0),
    }
    return known[number[0]]


def alpha(line: str) -> dict[Number, float]:
    """Return alpha_k of (32) as weights of independent numbers."""
    return {("a",): 1.0, ("a_group", GROUP_OF[line]): 1.0, ("a_line", line): 1.0}


def beta(line: str) -> dict[Number, float]:
    """Return beta_k of (32) as weights of independent numbers."""
    return {("b",): 1.0, ("b_group", GROUP_OF[line]): 1.0, ("b_line", line): 1.0}


def gamma(line: str, kind: str) -> dict[Number, float]:
    """Return gamma_kf of (32) as weights of independent numbers."""
    return {("c", kind): 1.0, ("c_line", line, kind): 1.0}


def add(total: dict[Number, float], part: Mapping[Number, float], factor: float) -> None:
    """Add a multiple of one sum of independent numbers to another, in place."""
    for number, weight in part.items():
        total[number] = total.get(number, 0.0) + factor * weight


def weights(row: Row, scales: Scales, mark: str) -> dict[Number, float]:
    """Return the right side of (31): the weight of every independent number in one ln payment.

    `mark` names the noise of the row; two rows have the same noise only if they have the same mark.
    """
    total: dict[Number, float] = {}
    add(total, alpha(row.line), 1.0)
    add(total, beta(row.line), size(row.people))
    for kind in row.kinds:
        add(total, gamma(row.line, kind), 1.0)
    for place in places(row.line, row.country):
        add(total, {("delta", place): 1.0}, 1.0)
    s = noise_scale(row.line, scales)
    add(total, {("u", row.breach): 1.0}, s * math.sqrt(scales["rho"]))
    add(total, {("noise", mark): 1.0}, s * math.sqrt(1 - scales["rho"]))
    return total


def joint(sums: Sequence[Mapping[Number, float]], scales: Scales) -> tuple[Array, Array]:
    """Return mean (N,) and covariance (N, N) of N sums of independent numbers."""
    mean = np.zeros(len(sums))
    covariance = np.zeros((len(sums), len(sums)))
    for i, one in enumerate(sums):
        for number, weight in one.items():
            mean[i] += weight * prior(number, scales)[0]
        for j, other in enumerate(sums):
            for number, weight in one.items():
                if number in other:
                    covariance[i, j] += weight * other[number] * prior(number, scales)[1] ** 2
    return mean, covariance


def joint_of_rows(rows: Sequence[Row], scales: Scales) -> tuple[Array, Array]:
    """Return mean (N,) and covariance (N, N) of the ln payments of rows, whatever their amounts are.

    A second row of the same breach and line has a noise of its own.
    """
    return joint([weights(row, scales, f"row {i}") for i, row in enumerate(rows)], scales)


def condition(
    mean: Array, covariance: Array, values: Sequence[float], known: Sequence[int]
) -> tuple[Array, Array]:
    """Return mean and covariance of the other entries of a normal vector, given those at `known`."""
    known = list(known)
    rest = [i for i in range(len(mean)) if i not in known]
    if not known:
        return mean, covariance
    between = covariance[np.ix_(rest, known)]
    gain = np.linalg.solve(covariance[np.ix_(known, known)], between.T).T
    surprise = np.asarray(values, dtype=float) - mean[known]
    return mean[rest] + gain @ surprise, covariance[np.ix_(rest, rest)] - gain @ between.T


# 3. Density ------------------------------------------------------------------------------------------------


def log_density(rows: Sequence[Row], scales: Scales) -> float:
    """Return the log density of the amounts given the scales, all coefficients integrated out.

    A bounded row counts as the probability that (31) lies below its ceiling or above its floor, given the
    other rows.

    Raises
    ------
    ValueError
        If more than one row is bounded: the probability is then an integral in several dimensions.
    """
    bounded = [i for i, row in enumerate(rows) if row.bound]
    if len(bounded) > 1:
        raise ValueError(f"{len(bounded)} rows are bounded; this function can integrate over one at most.")
    exact = [row for row in rows if not row.bound]
    mean, covariance = joint_of_rows(exact, scales)
    total = log_normal([row.ln_amount for row in exact], mean, covariance)
    for i in bounded:
        center, spread = row_given_others(rows, scales, i)
        below = (rows[i].ln_amount - center) / spread
        total += log_ndtr(below if rows[i].bound == "ceiling" else -below)
    return total


def log_normal(values: Sequence[float], mean: Array, covariance: Array) -> float:
    """Return the log density of a normal vector."""
    surprise = np.asarray(values, dtype=float) - mean
    _, log_determinant = np.linalg.slogdet(covariance)
    distance = surprise @ np.linalg.solve(covariance, surprise) if len(surprise) else 0.0
    return float(-0.5 * (len(surprise) * math.log(2 * math.pi) + log_determinant + distance))


def log_ndtr(z: float) -> float:
    """Return ln Φ(z); far in the lower tail by the continued fraction of the tail, where Φ is 0 in double."""
    if z > -30:
        return math.log(0.5 * math.erfc(-z / math.sqrt(2)))
    tail = -z
    for k in range(40, 0, -1):
        tail = -z + k / tail
    return -0.5 * z * z - 0.5 * math.log(2 * math.pi) - math.log(tail)


def row_given_others(rows: Sequence[Row], scales: Scales, which: int) -> tuple[float, float]:
    """Return mean and standard deviation of ln payment of one row, given the other rows and the scales.

    What lies behind a ceiling is this normal, cut off above it; behind a floor, cut off below it.
    """
    others = [row for i, row in enumerate(rows) if i != which]
    mean, covariance = predict_rows(others, scales, [rows[which]])
    return float(mean[0]), math.sqrt(covariance[0, 0])


def log_prior(scales: Scales) -> float:
    """Return the log prior density of the scales, in tau_a, tau_b, tau_c, rho, s and the eight z."""
    total = 0.0
    for name, width in (("tau_a", 0.7), ("tau_b", 0.15), ("tau_c", 0.5), ("s", 1.5)):
        value = scales[name]
        if value < 0:
            return -math.inf
        total += math.log(2) + log_normal([value], np.zeros(1), np.array([[width**2]]))
    if not 0 < scales["rho"] < 1:
        return -math.inf
    for noise in NOISES:
        total += log_normal([scales["z"][noise]], np.zeros(1), np.ones((1, 1)))
    return total


# 4. Prediction ---------------------------------------------------------------------------------------------


def check_exact(rows: Sequence[Row]) -> None:
    """Refuse bounded rows: what they say is not normal. Put the value behind the bound in their place."""
    bounded = [row for row in rows if row.bound]
    if bounded:
        raise ValueError(
            f"{len(bounded)} rows are bounded, the first of breach {bounded[0].breach!r}; replace each "
            "by its value behind the bound (behind)."
        )


def behind(rows: Sequence[Row], values: Sequence[float]) -> list[Row]:
    """Return rows in which the n-th bounded one is exact, with the n-th of the values.

    Raises
    ------
    ValueError
        If a value lies on the wrong side of its bound, or there are more or fewer values than bounds.
    """
    waiting = list(values)
    result = []
    for row in rows:
        if not row.bound:
            result.append(row)
            continue
        if not waiting:
            raise ValueError("fewer values than bounded rows.")
        value = waiting.pop(0)
        if (value > row.ln_amount) if row.bound == "ceiling" else (value < row.ln_amount):
            raise ValueError(f"{value} lies on the wrong side of the {row.bound} {row.ln_amount}.")
        result.append(replace(row, ln_amount=value, bound=""))
    if waiting:
        raise ValueError(f"{len(waiting)} values more than bounded rows.")
    return result


def predict_rows(rows: Sequence[Row], scales: Scales, new: Sequence[Row]) -> tuple[Array, Array]:
    """Return mean (M,) and covariance (M, M) of new ln payments, given rows and scales.

    The noise of the payment is part of it. A new row may be of a breach that has rows.
    """
    check_exact(rows)
    everything = [*rows, *new]
    mean, covariance = joint_of_rows(everything, scales)
    return condition(mean, covariance, [row.ln_amount for row in rows], range(len(rows)))


def predict(rows: Sequence[Row], scales: Scales, new: Row) -> tuple[float, float]:
    """Return mean and standard deviation of ln payment for one line of a new breach."""
    mean, covariance = predict_lines(rows, scales, [new])
    return float(mean[0]), math.sqrt(covariance[0, 0])


def predict_lines(rows: Sequence[Row], scales: Scales, new: Sequence[Row]) -> tuple[Array, Array]:
    """Return mean (M,) and covariance (M, M) of ln payments for M lines of one new breach.

    Raises
    ------
    ValueError
        If the new rows are of several breaches, or of one that is among the rows.
    """
    breaches = {row.breach for row in new}
    if len(breaches) != 1 or breaches & {row.breach for row in rows}:
        raise ValueError(f"new rows are of {sorted(breaches)}; they must be of one breach without rows.")
    return predict_rows(rows, scales, new)


class LeftOut(NamedTuple):
    """Prediction for the rows of one breach, made without them (section 9.4)."""

    rows: list[Row]
    mean: Array
    covariance: Array
    log_density: float
    """ln p(rows of the breach | other rows, scales); the weight of a posterior draw is exp of minus this."""


def leave_out(rows: Sequence[Row], scales: Scales, breach: str) -> LeftOut:
    """Return the prediction for one breach by deleting its rows.

    Of the breach itself one row at most may be bounded; other rows must be exact.
    """
    own = [row for row in rows if row.breach == breach]
    others = [row for row in rows if row.breach != breach]
    if not own:
        raise ValueError(f"no row is of breach {breach!r}; use the name of a breach that has rows.")
    mean, covariance = predict_lines(others, scales, own)
    difference = log_density([*others, *own], scales) - log_density(others, scales)
    return LeftOut(own, mean, covariance, difference)


def coefficient_sums() -> dict[str, dict[Number, float]]:
    """Return all coefficients of (31) as sums: alpha[k], beta[k], gamma[k,f], delta[j]."""
    result = {f"alpha[{line}]": alpha(line) for line in LINES}
    result |= {f"beta[{line}]": beta(line) for line in LINES}
    result |= {f"gamma[{line},{kind}]": gamma(line, kind) for line in LINES for kind in KINDS}
    result |= {f"delta[{place}]": {("delta", place): 1.0} for place in PLACES}
    return result


def coefficients(
    rows: Sequence[Row], scales: Scales, wanted: Sequence[str] | None = None
) -> tuple[Array, Array]:
    """Return mean (C,) and covariance (C, C) of coefficients given rows and scales.

    `wanted` holds names of :func:`coefficient_sums`; all of them, in its order, if left out.
    """
    check_exact(rows)
    known = coefficient_sums()
    sums: list[Mapping[Number, float]] = [weights(row, scales, f"row {i}") for i, row in enumerate(rows)]
    sums += [known[name] for name in (known if wanted is None else wanted)]
    mean, covariance = joint(sums, scales)
    return condition(mean, covariance, [row.ln_amount for row in rows], range(len(rows)))


# 5. Hurdle -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counted:
    """Breaches of one size, of which some led to a payment on a line.

    Parameters
    ----------
    people
        Size of each breach.
    breaches, payments
        How many there were; how many of them led to a payment.
    years
        Time since the breach for those without a payment, 0 or more; `math.inf` if none will come.
    country
        As in :class:`Row`.
    """

    people: float
    breaches: int
    payments: int
    years: float
    country: str = "US"


def chance(people: float, h: float, eta: float, kappa: float = 0.0, country: str = "US") -> float:
    """Return P(payment on line k) of equation (33); `kappa` counts outside of the US."""
    return 1 / (1 + math.exp(-(h + eta * size(people) + (kappa if country != "US" else 0.0))))


def lag_cdf(years: float, m: float, v: float) -> float:
    """Return F(t): the probability that a payment which comes has come after so many years."""
    return 0.0 if years <= 0 else 0.5 * math.erfc((m - math.log(years)) / (v * math.sqrt(2)))


def hurdle_log_likelihood(
    counts: Sequence[Counted], h: float, eta: float, m: float, v: float, kappa: float = 0.0
) -> float:
    """Return the log likelihood of counts on one line (section 9.2), without binomial coefficients.

    Parameters
    ----------
    counts
        Of one line.
    h, eta
        h_k and eta_k of equation (33).
    m, v
        Mean and standard deviation of ln lag, the lag in years.
    kappa
        kappa_k of equation (33), 0 for every line but settlement.
    """
    total = 0.0
    for count in counts:
        p = chance(count.people, h, eta, kappa, count.country)
        for _ in range(count.payments):
            total += math.log(p)
        for _ in range(count.breaches - count.payments):
            total += math.log(1 - p * lag_cdf(count.years, m, v))
    return total


def hurdle_log_prior(h: float, eta: float, h_prior: float, kappa: float | None = None) -> float:
    """Return the log prior density of h_k ~ N(h⁰_k, 1), eta_k ~ N(0.3, 0.15), kappa ~ N(-2, 1) if given."""
    total = log_normal([h, eta], np.array([h_prior, 0.3]), np.diag([1.0, 0.15**2]))
    if kappa is not None:
        total += log_normal([kappa], np.array([-2.0]), np.ones((1, 1)))
    return total


# 6. Ledger -------------------------------------------------------------------------------------------------

LEAST_PEOPLE, MOST_PEOPLE = 500, 3e9
RESPONSE_PARTS = ("incident_response", "notice", "call_centre", "monitoring")


def asked(kinds: frozenset[str], country: str) -> list[str]:
    """Return the payment lines that are asked (section 9.3), without the response."""
    lines = ["settlement"]
    if country == "US":
        lines.append("state_ag")
        if "medical" in kinds:
            lines.append("fine_ocr")
    lines.append("fine_gdpr" if country in UNDER_GDPR else "fine")
    if "card" in kinds:
        lines.append("card_networks")
    return [*lines, "security", "redress", "interruption", "ransom"]


def payment(row: Row, posterior: Mapping[str, Any], u: float, noise: float) -> float:
    """Return exp of equation (31), USD, for given coefficients and luck."""
    total = posterior["alpha"][row.line] + posterior["beta"][row.line] * size(row.people)
    for kind in row.kinds:
        total += posterior["gamma"][row.line, kind]
    for place in places(row.line, row.country):
        total += posterior["delta"][place]
    rho = posterior["rho"]
    return math.exp(total + posterior["s"][row.line] * (math.sqrt(rho) * u + math.sqrt(1 - rho) * noise))


def ledger(
    people: float,
    kinds: frozenset[str],
    country: str,
    customers: float,
    posterior: Mapping[str, Any],
    estimates: Mapping[str, float],
    luck: Mapping[str, Any],
) -> dict[str, float]:
    """Return the lines of the firm's ledger (34) in one replicate, and their sum under ``total``.

    Parameters
    ----------
    people
        Accounts of all segments in which anything leaked, 500 to 3 billion.
    kinds, country
        As in :class:`Row`; a country of "" counts as US.
    customers
        All current customers.
    posterior
        One posterior row: ``alpha``, ``beta``, ``s``, ``h``, ``eta``, ``kappa`` by line, ``gamma`` by (line,
        kind), ``delta`` by place, ``rho``. Lines that are not asked, and h and eta of response, are not read.
    estimates
        ``incident_response`` (USD), ``letters`` (share), ``letter`` and ``message`` (USD each), ``calls``
        (per person), ``call`` (USD each), ``take_up`` (share), ``monitoring`` (USD each), ``leaving``
        (share), ``margin`` (USD each), ``cover`` (probability), ``recovered`` (share).
    luck
        ``u`` (standard normal), ``noise`` (standard normal, by line), ``paid`` (uniform, by line; there is
        a payment if it lies below P), ``covered`` (uniform; there is cover if it lies below its
        probability).

    Notes
    -----
    Insurance pays a share of the sum of all lines but churn.
    """
    if not LEAST_PEOPLE <= people <= MOST_PEOPLE:
        raise ValueError(f"{people} people; the ledger is given from 500 people to 3 billion.")
    country = country or "US"
    lines: dict[str, float] = {}
    for line in asked(kinds, country):
        h, eta, kappa = (posterior[name][line] for name in ("h", "eta", "kappa"))
        paid = luck["paid"][line] < chance(people, h, eta, kappa, country)
        row = Row("the breach", line, people, kinds, country)
        lines[line] = payment(row, posterior, luck["u"], luck["noise"][line]) if paid else 0.0
    parts = {
        "incident_response": estimates["incident_response"],
        "notice": people
        * (estimates["letters"] * estimates["letter"] + (1 - estimates["letters"]) * estimates["message"]),
        "call_centre": people * estimates["calls"] * estimates["call"],
        "monitoring": people * estimates["take_up"] * estimates["monitoring"],
    }
    response = payment(
        Row("the breach", "response", people, kinds, country), posterior, luck["u"], luck["noise"]["response"]
    )
    for part in RESPONSE_PARTS:
        lines[part] = response * parts[part] / sum(parts.values())
    gross = sum(lines.values())
    lines["churn"] = customers * estimates["leaving"] * estimates["margin"]
    covered = luck["covered"] < estimates["cover"]
    lines["insurance_recovery"] = -estimates["recovered"] * gross if covered else 0.0
    lines["total"] = sum(lines.values())
    return lines


# 7. Scores -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mixture:
    """A mixture of normals: a prediction of ln amount. Weights are positive, of any sum."""

    weights: Array
    means: Array
    deviations: Array

    def shares(self) -> Array:
        """Return the weights, scaled to sum to 1."""
        return np.asarray(self.weights, dtype=float) / np.sum(self.weights)

    def cdf(self, z: float) -> float:
        """Return F(z)."""
        return float(np.sum(self.shares() * ndtr((z - self.means) / self.deviations)))

    def density(self, z: float) -> float:
        """Return f(z)."""
        unit = (z - self.means) / self.deviations
        return float(
            np.sum(self.shares() * np.exp(-0.5 * unit**2) / (self.deviations * math.sqrt(2 * math.pi)))
        )

    def quantile(self, p: float) -> float:
        """Return the z at which F(z) is p, by halving an interval."""
        low, high = self.ends()
        for _ in range(200):
            middle = (low + high) / 2
            if self.cdf(middle) < p:
                low = middle
            else:
                high = middle
        return (low + high) / 2

    def ends(self) -> tuple[float, float]:
        """Return two numbers outside of which there is nothing in double precision."""
        return float(np.min(self.means - 40 * self.deviations)), float(
            np.max(self.means + 40 * self.deviations)
        )


def crps(prediction: Mixture, outcome: float) -> float:
    """Return the integral of (F(z) - 1{z ≥ y})², by Simpson's rule on either side of the outcome.

    A step is a hundredth of the smallest standard deviation at most.
    """
    low = min(float(np.min(prediction.means - 12 * prediction.deviations)), outcome)
    high = max(float(np.max(prediction.means + 12 * prediction.deviations)), outcome)
    step = float(np.min(prediction.deviations)) / 100

    def integral(start: float, end: float, power_of: Any) -> float:
        pairs = max(1, math.ceil((end - start) / (2 * step)))
        points = np.linspace(start, end, 2 * pairs + 1)
        heights = [power_of(float(z)) for z in points]
        inner = sum((4 if i % 2 else 2) * heights[i] for i in range(1, 2 * pairs))
        return (end - start) / (6 * pairs) * (heights[0] + inner + heights[-1])

    below = integral(low, outcome, lambda z: prediction.cdf(z) ** 2)
    return below + integral(outcome, high, lambda z: (1 - prediction.cdf(z)) ** 2)


class Scores(NamedTuple):
    """Scores of one prediction (section 9.4)."""

    inside_50: bool
    inside_90: bool
    width: float
    """95 % quantile over 5 % quantile of the amount."""
    crps: float
    log_score: float
    pit: float


def score(prediction: Mixture, outcome: float) -> Scores:
    """Return the scores of a prediction of ln amount against the ln amount that came."""
    low, lower, upper, high = (prediction.quantile(p) for p in (0.05, 0.25, 0.75, 0.95))
    return Scores(
        inside_50=lower <= outcome <= upper,
        inside_90=low <= outcome <= high,
        width=math.exp(high - low),
        crps=crps(prediction, outcome),
        log_score=math.log(prediction.density(outcome)),
        pit=prediction.cdf(outcome),
    )


def left_out_mixtures(
    posterior: Sequence[tuple[Sequence[Row], Scales]], breach: str, shares: Sequence[float] | None = None
) -> tuple[list[Mixture], float]:
    """Return the prediction for each row of a breach without it (section 9.4), and the effective number.

    Parameters
    ----------
    posterior
        For each posterior draw the rows and the scales; in the rows, the values behind bounds of that draw
        stand for the bounded rows of other breaches. Of the breach itself one row at most may be bounded.
    breach
        Its name.
    shares
        Weight of each draw in the posterior of all rows; equal if left out.

    Returns
    -------
    mixtures : list of Mixture
        One for each row of the breach, in order.
    effective : float
        Effective number of draws.
    """
    each = [leave_out(rows, scales, breach) for rows, scales in posterior]
    logs = np.array([-one.log_density for one in each])
    weights = np.exp(logs - logs.max()) * (1.0 if shares is None else np.asarray(shares))
    mixtures = [
        Mixture(
            weights,
            np.array([one.mean[i] for one in each]),
            np.array([math.sqrt(one.covariance[i, i]) for one in each]),
        )
        for i in range(len(each[0].rows))
    ]
    return mixtures, effective_number(weights.tolist())


def effective_number(weights: Sequence[float]) -> float:
    """Return (Σ w)² / Σ w²: how many equal draws the weighted ones are worth."""
    return sum(weights) ** 2 / sum(weight**2 for weight in weights)


def kolmogorov_smirnov(pits: Sequence[float]) -> tuple[float, float]:
    """Return the largest distance between the percentiles and the uniform, and its exact p-value.

    The p-value is 1 - P(D_n < d) by Durbin's matrix: with k = ⌈nd⌉ and h = k - nd, the entry in the middle
    of the n-th power of a (2k - 1)-square matrix, times n!/nⁿ.
    """
    ordered = sorted(pits)
    n = len(ordered)
    d = max(max((i + 1) / n - p, p - i / n) for i, p in enumerate(ordered))
    k = math.ceil(n * d)
    h = k - n * d
    m = 2 * k - 1
    matrix = np.zeros((m, m))
    for i in range(m):
        for j in range(m):
            if i - j + 1 >= 0:
                entry = 1.0
                if j == 0:
                    entry -= h ** (i + 1)
                if i == m - 1:
                    entry -= h ** (m - j)
                if i == m - 1 and j == 0 and 2 * h - 1 > 0:
                    entry += (2 * h - 1) ** m
                matrix[i, j] = entry / math.factorial(i - j + 1)
    below = np.eye(m)
    for i in range(1, n + 1):  # n!/n^n goes in factor by factor, so that nothing overflows
        below = below @ matrix * (i / n)
    return d, float(min(1.0, max(0.0, 1 - below[k - 1, k - 1])))
