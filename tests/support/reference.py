"""The slow twin: the model of `docs/model.md`, one account after another.

Nothing here is clever and nothing is fast. Every step of the law is a plain
loop, so that a reader can hold this file in one hand and the law in the other.
A world is plain Python data with every parameter fixed (one replicate); its
shape is described at :func:`check`.

Read from top to bottom:

1. masks       what leaked and was not withheld, what was looked up, which traits its owner has
2. time        intervals, activity, regimes, protections, clock states, resets
3. attempts    initial attacks: where the attempts of an account go
4. closure     follow-on attacks: follow the capabilities until nothing changes
5. simulate    every account tells its story
6. enumerate   the same quantities in expectation, by adding up all stories
7. timeline    when it happened: the victims by a day, drawn and enumerated
8. expected    capacity scales, anchor factors, means and second moments
9. sets        minimal enabling and protection sets by brute force

What is looked up is in `reference_lookups`, parts in `reference_parts`, several
breaches in `reference_breaches`, excess in `reference_excess`, the draws of
uncertain numbers in `reference_numbers`.

The simulation draws literal attempts, each on its day; only the enumeration
uses ``1 - exp(-Lambda)``. That the two agree is the test of both.
"""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from support.reference_lookups import (
    Fields,
    Leaks,
    Ways,
    all_found,
    check_lookups,
    draw_found,
    is_known,
    ways_of,
)

World = dict[str, Any]
Segment = dict[str, Any]
Attack = dict[str, Any]
Route = dict[str, Any]
Chance = tuple[float, float]  # (probability attempted, probability victim)

DAYS_PER_YEAR = 365.0
MONTHS_PER_YEAR = 12
MAX_GRANTING = 4
MAX_FIELDS = 12


class Mask(NamedTuple):
    """What leaked from one account, which traits its owner has, and the ways to its routes.

    `ways` is None where nothing can be looked up: a route is known if all its fields leaked.
    """

    fields: frozenset[str]
    traits: frozenset[str]
    ways: Ways | None = None

    def knows(self, fields: Iterable[str]) -> bool:
        """Tell whether the fields of a route are known."""
        return is_known(fields, ((self.fields, self.fields),) if self.ways is None else self.ways)


class Draw(NamedTuple):
    """The coins of one account: what leaked in each breach, traits, and the fields that can be found."""

    leaks: Leaks
    traits: frozenset[str]
    found: Fields = frozenset()


class Stream(NamedTuple):
    """Attempts of one account in one interval and one clock state, at scale 1."""

    start: float
    end: float
    attempts: float
    success: float


class Story(NamedTuple):
    """What happened to one account; `days` holds the day of every attack it became victim of."""

    mask: Mask
    attempted: frozenset[str]
    victim: frozenset[str]
    excess: frozenset[str]
    excess_person: bool
    losses: dict[str, float]
    days: dict[str, float]


class Law(NamedTuple):
    """The law of one account with a given mask.

    `victims` maps each set of attacks that succeed together (no others) to its
    probability; `attempted` maps each attack to the probability of an attempt.
    """

    victims: dict[frozenset[str], float]
    attempted: dict[str, float]


def check(world: World) -> None:
    """Refuse a world that the law does not cover.

    Parameters
    ----------
    world : dict
        ``horizon_years``; ``segments`` (name, accounts, blocks of fields with
        a coverage, clock_rates per day, resets with day and fields);
        ``event_days``; ``traits`` (name -> share); ``clocks`` (name -> fields
        governed); ``attacks`` (name, kind, routes, grants, clocks, capacity,
        onset_median_days, onset_sigma, background, severity_mean,
        severity_sigma); ``anchors`` (attack, mean_loss, follow_ons);
        ``people_background``. An attack may also have ``reset_proof`` (no reset
        acts on it; default False), ``regimes`` (until_day, factor: rising days,
        the last None; default factor 1 always) and ``reference_median_days``,
        ``reference_sigma`` (the onset as cataloged, when the release has moved
        ``onset_median_days``, ``onset_sigma``; default those two). Attempts come
        with their multiplier, a capacity with the factor of the release.

        What protects is optional too: an attack may have ``protections``
        (factor = 1 - uptake x effect, from_day, until_day, possibly infinite),
        a segment ``withheld`` (fields, none for all; share), the world
        ``cut_days`` (the days at which the run it is compared with is cut).
        The share of a protected trait comes multiplied already.

        Look-ups are optional (``lookups``, ``easy_to_find``, ``routes``: see
        :mod:`support.reference_lookups`), and so are the common drivers:
        ``drivers`` with the factor ``attempts`` on the attempts of every initial
        route and the factor ``severity`` on every mean loss, after the anchor.
        An attack may have a ``loss_factor`` that acts in the same place.
        In a cell of several breaches, blocks and withholdings name their
        ``breach`` (:mod:`support.reference_breaches`); a field is in at most one
        block of a breach.
    """
    check_lookups(world)
    for segment in world["segments"]:
        fields = [
            (block.get("breach", ""), field) for block in segment["blocks"] for field in block["fields"]
        ]
        if len(fields) != len(set(fields)):
            raise ValueError(f"segment {segment['name']}: a field stands in two blocks")
        shares = [withholding["share"] for withholding in segment.get("withheld", [])]
        if not all(0 <= share <= 1 for share in shares):
            raise ValueError(f"segment {segment['name']}: a withheld share is not in [0, 1]: {shares}")
    for attack in world["attacks"]:
        name, kind, routes = attack["name"], attack["kind"], attack["routes"]
        if kind not in ("initial", "follow_on", "background_only"):
            raise ValueError(f"attack {name}: unknown kind {kind}")
        if (kind == "background_only") != (not routes):
            raise ValueError(f"attack {name}: exactly background-only attacks have no route")
        for route in routes:
            if kind == "initial" and (route["capabilities"] or not route["fields"]):
                raise ValueError(f"attack {name}: an initial route needs a field, no capability")
            if kind == "follow_on" and not route["capabilities"]:
                raise ValueError(f"attack {name}: a follow-on route needs a capability")
        check_regimes(attack)
        check_protections(attack)


def check_regimes(attack: Attack) -> None:
    """Refuse regimes whose days do not rise, or whose last has a day."""
    ends = [regime["until_day"] for regime in attack.get("regimes", [])]
    if not ends:
        return
    if ends[-1] is not None or None in ends[:-1]:
        raise ValueError(f"attack {attack['name']}: exactly the last regime has no until_day, not {ends}")
    if any(late <= early for early, late in itertools.pairwise(ends[:-1])):
        raise ValueError(f"attack {attack['name']}: the days of its regimes do not rise: {ends}")


def check_protections(attack: Attack) -> None:
    """Refuse a factor outside [0, 1], days that are none, and protections where there is nothing to thin."""
    for protection in attack.get("protections", []):
        factor, start, end = protection["factor"], protection["from_day"], protection["until_day"]
        if not 0 <= factor <= 1:
            raise ValueError(
                f"attack {attack['name']}: the factor of a protection is not in [0, 1]: {factor}"
            )
        if not 0 <= start < end:
            raise ValueError(f"attack {attack['name']}: a protection from day {start} until day {end}")
        if attack["kind"] == "background_only":
            raise ValueError(f"attack {attack['name']}: without a route it has no protection")
        if attack["kind"] == "follow_on" and (start > 0 or end < math.inf):
            raise ValueError(f"attack {attack['name']}: the protection of a follow-on has no days")


def attacks_of(world: World, kind: str) -> list[Attack]:
    """Return the attacks of one kind, in the order of the world."""
    return [attack for attack in world["attacks"] if attack["kind"] == kind]


# 1. Masks ------------------------------------------------------------------


def coin_shares(segment: Segment, traits: Mapping[str, float]) -> list[float]:
    """Return the probabilities of all coins of an account: blocks, then traits, then withholdings."""
    blocks = [block["coverage"] for block in segment["blocks"]]
    return [*blocks, *traits.values(), *(withholding["share"] for withholding in segment.get("withheld", []))]


def make_draw(
    segment: Segment, traits: Mapping[str, float], coins: Iterable[bool], found: Fields = frozenset()
) -> Draw:
    """Turn the coins of an account into its draw: the leaked fields less the withheld ones, and the traits.

    A withholding that names no field takes them all. In a cell of several
    breaches it acts on what leaked in its own breach.
    """
    coins = iter(coins)
    leaks: dict[str, set[str]] = {block.get("breach", ""): set() for block in segment["blocks"]}
    for block in segment["blocks"]:
        if next(coins):
            leaks[block.get("breach", "")].update(block["fields"])
    present = frozenset(trait for trait in traits if next(coins))
    for withholding in segment.get("withheld", []):
        own = leaks.get(withholding.get("breach", ""), set())
        if next(coins):
            own.difference_update(withholding["fields"] or set(own))
    return Draw(tuple((name, frozenset(fields)) for name, fields in leaks.items()), present, found)


def is_plain(world: World) -> bool:
    """Tell whether a route is known in this world exactly if all its fields leaked, and no other way."""
    return not world.get("lookups") and world.get("routes", "known") == "known"


def make_mask(world: World, draw: Draw) -> Mask:
    """Return the mask of a draw: all leaked fields, the traits, and the ways that the world allows."""
    fields = frozenset[str]().union(*(leaked for _, leaked in draw.leaks))
    return Mask(fields, draw.traits, None if is_plain(world) else ways_of(world, draw.leaks, draw.found))


def all_draws(world: World, segment: Segment) -> Iterator[tuple[Draw, float]]:
    """Yield the draw of every combination of coins, those of look-ups apart, with its probability."""
    shares = coin_shares(segment, world["traits"])
    for coins in itertools.product((False, True), repeat=len(shares)):
        weight = math.prod(p if coin else 1 - p for coin, p in zip(coins, shares, strict=True))
        if weight > 0:
            yield make_draw(segment, world["traits"], coins), weight


def all_masks(world: World, segment: Segment) -> Iterator[tuple[Mask, float]]:
    """Yield the mask of every combination of coins with its probability; a mask may come more than once.

    The coins of look-ups are independent of all others, so that the ways of
    an account depend on its leaked fields and on these coins alone.
    """
    found = all_found(world)
    ways: dict[Leaks, dict[Ways | None, float]] = {}
    for draw, weight in all_draws(world, segment):
        if draw.leaks not in ways:
            ways[draw.leaks] = defaultdict(float)
            for fields, p in found.items():
                ways[draw.leaks][make_mask(world, draw._replace(found=fields)).ways] += p
        mask = make_mask(world, draw)
        for own, p in ways[draw.leaks].items():
            yield mask._replace(ways=own), weight * p


def draw_all(world: World, segment: Segment, rng: np.random.Generator) -> dict[Draw, int]:
    """Draw blocks, traits, withholdings and look-ups of every account; count the accounts per draw."""
    shares, n = coin_shares(segment, world["traits"]), round(segment["accounts"])
    coins = (rng.random((n, len(shares))) < np.array(shares)).tolist()
    found = draw_found(world, n, rng) if world.get("lookups") else [frozenset[str]()] * n
    numbers: dict[Draw, int] = defaultdict(int)
    for (row, fields), number in Counter(zip(map(tuple, coins), found, strict=True)).items():
        numbers[make_draw(segment, world["traits"], row, fields)] += number
    return dict(numbers)


def draw_known(world: World, segment: Segment, rng: np.random.Generator) -> dict[Mask, int]:
    """Draw every account of a segment with what is known of it; count the accounts per mask."""
    numbers: dict[Mask, int] = defaultdict(int)
    for draw, number in draw_all(world, segment, rng).items():
        numbers[make_mask(world, draw)] += number
    return dict(numbers)


def attackable(attacks: list[Attack], fields: Fields | Mask) -> set[str]:
    """Return the attacks that known fields make possible: those of a mask, or leaked fields alone.

    Every trait is assumed present and every earlier attack, itself possible,
    is assumed to succeed. A background-only attack is never possible.
    """
    mask = fields if isinstance(fields, Mask) else Mask(fields, frozenset())
    possible: set[str] = set()
    held: set[str] = set()
    changed = True
    while changed:
        changed = False
        for attack in attacks:
            if attack["name"] in possible:
                continue
            if any(
                mask.knows(route["fields"]) and held.issuperset(route["capabilities"])
                for route in attack["routes"]
            ):
                possible.add(attack["name"])
                held.update(attack["grants"])
                changed = True
    return possible


# 2. Time -------------------------------------------------------------------


def intervals(world: World) -> list[tuple[float, float]]:
    """Cut the horizon into intervals.

    The cuts are month ends, half months of year one, events, ends of regimes,
    both ends of protections of any attack, and the cuts of a run compared with.
    """
    horizon = world["horizon_years"] * DAYS_PER_YEAR
    n_months = math.ceil(world["horizon_years"] * MONTHS_PER_YEAR)
    days = [DAYS_PER_YEAR * month / MONTHS_PER_YEAR for month in range(1, n_months + 1)]
    days += [DAYS_PER_YEAR * half / (2 * MONTHS_PER_YEAR) for half in range(1, 2 * MONTHS_PER_YEAR)]
    days += world["event_days"]
    days += [reset["day"] for segment in world["segments"] for reset in segment["resets"]]
    ends = [regime["until_day"] for attack in world["attacks"] for regime in attack.get("regimes", [])]
    days += [day for day in ends if day is not None]
    protections = [protection for attack in world["attacks"] for protection in attack.get("protections", [])]
    days += [day for protection in protections for day in (protection["from_day"], protection["until_day"])]
    days += world.get("cut_days", [])
    cuts = [0.0, *sorted({float(day) for day in days if 0 < day < horizon}), horizon]
    return list(itertools.pairwise(cuts))


def onset_share(day: float, median: float, sigma: float) -> float:
    """Return the lognormal distribution function of the onset at a day."""
    if day <= 0:
        return 0.0
    return 0.5 * math.erfc(-math.log(day / median) / (sigma * math.sqrt(2)))


def regime_factor(day: float, attack: Attack) -> float:
    """Return the factor of the regime that a day belongs to; a regime ends before its `until_day`."""
    for regime in attack.get("regimes", []):
        if regime["until_day"] is None or day < regime["until_day"]:
            return regime["factor"]
    return 1.0


def protection_factor(day: float, attack: Attack) -> float:
    """Return the product of the factors of the protections that hold on a day; none does on its last."""
    return math.prod(
        protection["factor"]
        for protection in attack.get("protections", [])
        if protection["from_day"] <= day < protection["until_day"]
    )


def activity(start: float, end: float, attack: Attack) -> float:
    """Return the activity of an attack in the interval [start, end).

    The onset as the release has moved it, over the year one of the onset as
    cataloged, times the factor of the regime in which the interval begins.
    Without release and regimes year one has mass 1.
    """
    median, sigma = attack["onset_median_days"], attack["onset_sigma"]
    mass = onset_share(end, median, sigma) - onset_share(start, median, sigma)
    year_one = onset_share(
        DAYS_PER_YEAR, attack.get("reference_median_days", median), attack.get("reference_sigma", sigma)
    )
    return regime_factor(start, attack) * mass / year_one


def still_running(rate: float, start: float, end: float) -> float:
    """Return the probability that an attempt in [start, end) finds a clock running.

    It is (exp(-ra) - exp(-rb)) / (r (b - a)), and one for a rate of zero.
    """
    length = rate * (end - start)
    if length == 0:
        return 1.0
    return math.exp(-rate * start) * -math.expm1(-length) / length


def clock_states(rates: Mapping[str, float], start: float, end: float) -> list[tuple[frozenset[str], float]]:
    """Return every set of clocks that run (no others), with its probability.

    The text gives the probability that all clocks of a set are running (the
    sum of their rates). "These and no others" follows by inclusion and
    exclusion over the clocks outside the set. It is not a product of the
    clocks' averages: within an interval all clocks see the same moment.
    """
    states = []
    for coins in itertools.product((False, True), repeat=len(rates)):
        running = [clock for clock, coin in zip(rates, coins, strict=False) if coin]
        others = [clock for clock, coin in zip(rates, coins, strict=False) if not coin]
        weight = 0.0
        for size in range(len(others) + 1):
            for more in itertools.combinations(others, size):
                rate = sum(rates[clock] for clock in [*running, *more])
                weight += (-1) ** size * still_running(rate, start, end)
        states.append((frozenset(running), max(0.0, weight)))
    return states


def reset_fields(segment: Segment, start: float) -> set[str]:
    """Return the fields of a segment that have been reset by the start of an interval."""
    return {field for reset in segment["resets"] if reset["day"] <= start for field in reset["fields"]}


# 3. Attempts of initial attacks ----------------------------------------------


def best_route(routes: list[Route]) -> Route | None:
    """Return the route with the largest attempts x success; of equal ones the first."""
    best = None
    for route in routes:
        if best is None or (route["attempts"] * route["success"] > best["attempts"] * best["success"]):
            best = route
    return best


def open_routes(attack: Attack, mask: Mask, held: Iterable[str] = ()) -> list[Route]:
    """Return the routes whose fields are known and whose traits and capabilities are all there."""
    held = set(held)
    return [
        route
        for route in attack["routes"]
        if mask.knows(route["fields"])
        and mask.traits.issuperset(route["traits"])
        and held.issuperset(route["capabilities"])
    ]


def is_live(route: Route, gone: set[str], stopped: Iterable[str], clocks: Mapping[str, list[str]]) -> bool:
    """Tell whether no field of the route is reset or governed by a stopped clock."""
    if gone.intersection(route["fields"]):
        return False
    return not any(set(clocks[clock]).intersection(route["fields"]) for clock in stopped)


def streams(world: World, segment: Segment, attack: Attack, mask: Mask) -> list[Stream]:
    """Return the expected attempts on one account, interval by interval, state by state.

    In every clock state the attempts go to the best live route. Only clocks
    that the attack lists and that ring in this segment matter; resets always do,
    unless the attack is reset-proof. Protections thin the success of an attempt
    after the route is chosen, and never the attempts. The common driver acts on
    the attempts of every route alike. The capacity scale is not applied here.
    """
    candidates = open_routes(attack, mask)
    if not candidates:
        return []
    rates = {
        clock: segment["clock_rates"][clock] for clock in attack["clocks"] if clock in segment["clock_rates"]
    }
    found, driver = [], world.get("drivers", {}).get("attempts", 1.0)
    for start, end in intervals(world):
        gone = set() if attack.get("reset_proof", False) else reset_fields(segment, start)
        active = activity(start, end, attack)
        protected = protection_factor(start, attack)
        for running, weight in clock_states(rates, start, end):
            stopped = set(rates) - running
            live = [route for route in candidates if is_live(route, gone, stopped, world["clocks"])]
            route = best_route(live)
            if route is not None:
                attempts = active * weight * route["attempts"] * driver
                found.append(Stream(start, end, attempts, route["success"] * protected))
    return found


# 4. Closure of follow-on attacks ---------------------------------------------


def route_chance(attack: Attack, route: Route) -> Chance:
    """Return (q, q x success x the factors of all protections) of a route of a follow-on attack."""
    q = route["attempts"]
    return q, q * route["success"] * protection_factor(0.0, attack)


def follow_on_chance(attack: Attack, mask: Mask, held: Iterable[str]) -> Chance:
    """Return the chance of the best open route of a follow-on attack, chosen by q x success alone."""
    route = best_route(open_routes(attack, mask, held))
    return (0.0, 0.0) if route is None else route_chance(attack, route)


def grants_of(attacks: list[Attack], names: Iterable[str]) -> frozenset[str]:
    """Return all capabilities that the named attacks grant."""
    names = set(names)
    return frozenset(
        capability for attack in attacks if attack["name"] in names for capability in attack["grants"]
    )


def follow(
    follow_ons: list[Attack], mask: Mask, held: Iterable[str], coins: Mapping[str, float]
) -> tuple[set[str], set[str]]:
    """Follow the capabilities until nothing changes.

    Parameters
    ----------
    follow_ons : list of dict
        The follow-on attacks to consider.
    mask : Mask
        What leaked and which traits are there.
    held : iterable of str
        Capabilities granted by the initial attacks that succeeded.
    coins : mapping
        One uniform number per follow-on attack, the same whichever route.

    Returns
    -------
    attempted, victim : set of str
        Both read off at the fixpoint, from the best route open there.
    """
    held = set(held)
    if not held:
        return set(), set()
    changed = True
    while changed:
        before = len(held)
        for attack in follow_ons:
            if coins[attack["name"]] < follow_on_chance(attack, mask, held)[1]:
                held.update(attack["grants"])
        changed = len(held) > before
    attempted, victim = set(), set()
    for attack in follow_ons:
        p_attempted, p_victim = follow_on_chance(attack, mask, held)
        if coins[attack["name"]] < p_attempted:
            attempted.add(attack["name"])
        if coins[attack["name"]] < p_victim:
            victim.add(attack["name"])
    return attempted, victim


def follow_in_time(
    attacks: list[Attack], mask: Mask, first: Mapping[str, float], coins: Mapping[str, float]
) -> tuple[set[str], dict[str, float]]:
    """Follow the capabilities once more after each initial attack, in the order of their days.

    Every follow-on keeps its coin. Its day is that of the step at whose
    fixpoint the best route open so far first has a p_victim above the coin.

    Parameters
    ----------
    attacks : list of dict
        All attacks.
    mask : Mask
        What leaked and which traits are there.
    first : mapping
        Initial attack that succeeded -> day of its first success.
    coins : mapping
        One uniform number per follow-on attack, the same at every step.

    Returns
    -------
    attempted : set of str
        The follow-ons attempted by the horizon.
    days : dict
        Follow-on that succeeds -> its day.
    """
    follow_ons = [attack for attack in attacks if attack["kind"] == "follow_on"]
    happened: list[str] = []
    attempted: set[str] = set()
    days: dict[str, float] = {}
    for name, day in sorted(first.items(), key=lambda item: item[1]):
        happened.append(name)
        attempted, victim = follow(follow_ons, mask, grants_of(attacks, happened), coins)
        for new in victim.difference(days):
            days[new] = day
    return attempted, days


# 5. Simulation ---------------------------------------------------------------


def background_hazard(yearly: float, years: float) -> float:
    """Return B = -Y ln(1 - b)."""
    return math.inf if yearly >= 1 else -years * math.log1p(-yearly)


def draw_attempts(
    world: World, segment: Segment, attack: Attack, mask: Mask, n: int, scale: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the attempts of an initial attack on `n` accounts of one mask, and the day of the first success.

    Hazards are constant inside an interval, so that a success falls on any of
    its moments alike. Without a success the day is infinite. The days have a
    generator of their own: they leave the numbers of attempts as they are.
    """
    attempts = np.zeros(n, dtype=np.int64)
    first = np.full(n, math.inf)
    moments = rng.spawn(1)[0]
    for stream in streams(world, segment, attack, mask):
        drawn = rng.poisson(scale * stream.attempts, n)
        attempts += drawn
        successes = rng.binomial(drawn, stream.success)
        for i in np.flatnonzero((successes > 0) & (first > stream.start)):
            first[i] = min(first[i], moments.uniform(stream.start, stream.end, successes[i]).min())
    return attempts, first


def draw_loss(attack: Attack, factor: float, rng: np.random.Generator) -> float:
    """Draw the lognormal loss of one victim; its mean is multiplied by the factor."""
    mean, sigma = factor * attack["severity_mean"], attack["severity_sigma"]
    if mean == 0:
        return 0.0
    return float(rng.lognormal(math.log(mean) - sigma**2 / 2, sigma))


def end_story(
    world: World,
    mask: Mask,
    attempted: set[str],
    days: dict[str, float],
    factors: Mapping[str, float],
    rng: np.random.Generator,
) -> Story:
    """Draw the losses of one account and whether the background hits it as well.

    `days` holds the day of every attack that the account is victim of.
    """
    years, victim = world["horizon_years"], frozenset(days)
    losses, excess = {}, set()
    for attack in world["attacks"]:
        name = attack["name"]
        if name in victim:
            losses[name] = draw_loss(attack, factors.get(name, 1.0), rng)
            if rng.exponential() > background_hazard(attack["background"], years):
                excess.add(name)
    hazard = background_hazard(world["people_background"], years)
    excess_person = bool(victim) and rng.exponential() > hazard
    return Story(mask, frozenset(attempted), victim, frozenset(excess), excess_person, losses, days)


def stories(
    world: World,
    segment: Segment,
    scales: Mapping[str, float],
    factors: Mapping[str, float],
    rng: np.random.Generator,
) -> Iterator[Story]:
    """Yield the story of every account of a segment.

    Accounts with the same mask stand next to each other, so that their
    attempts can be drawn side by side; each account still has its own.
    """
    initial = attacks_of(world, "initial")
    names = [attack["name"] for attack in attacks_of(world, "follow_on")]
    for mask, n in draw_known(world, segment, rng).items():
        tries, first = {}, {}
        for attack in initial:
            name = attack["name"]
            tries[name], first[name] = draw_attempts(world, segment, attack, mask, n, scales[name], rng)
        uniforms = rng.random((n, len(names)))
        for i in range(n):
            attempted = {name for name in tries if tries[name][i] > 0}
            days = {name: float(first[name][i]) for name in first if first[name][i] < math.inf}
            coins = dict(zip(names, uniforms[i], strict=False))
            more, later = follow_in_time(world["attacks"], mask, days, coins)
            yield end_story(world, mask, attempted | more, days | later, factors, rng)


def simulate(
    world: World,
    seed: int,
    scales: Mapping[str, float] | None = None,
    factors: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Simulate every account of a world and count.

    Parameters
    ----------
    world : dict
        See :func:`check`.
    seed : int
        Seed of the generator.
    scales, factors : mapping, optional
        Capacity scales and anchor factors; computed from this world if left out.

    Returns
    -------
    dict
        ``{"segments": {segment: {"exposed", "people", "excess_people",
        "attacks": {attack: {"attackable", "attempted", "victims", "excess",
        "loss"}}}}}``.
    """
    check(world)
    scales, factors = held(world, scales, factors)
    factors = severity_factors(world, factors)
    rng = np.random.default_rng(seed)
    result = {}
    for segment in world["segments"]:
        row = empty_row(world)
        possible: dict[tuple[Fields, Ways | None], set[str]] = {}
        for story in stories(world, segment, scales, factors, rng):
            key = story.mask.fields, story.mask.ways
            if key not in possible:
                possible[key] = attackable(world["attacks"], story.mask)
            count_story(row, story, possible[key])
        result[segment["name"]] = row
    return {"segments": result}


def empty_row(world: World) -> dict[str, Any]:
    """Return the counts of one segment, all zero."""
    words = ("attackable", "attempted", "victims", "excess")
    return {
        "exposed": 0,
        "people": 0,
        "excess_people": 0,
        "attacks": {attack["name"]: {**dict.fromkeys(words, 0), "loss": 0.0} for attack in world["attacks"]},
    }


def count_story(row: dict[str, Any], story: Story, possible: set[str]) -> None:
    """Add the story of one account to the counts of its segment."""
    row["exposed"] += bool(story.mask.fields)
    row["people"] += bool(story.victim)
    row["excess_people"] += story.excess_person
    for name in possible:
        row["attacks"][name]["attackable"] += 1
    for name in story.attempted:
        row["attacks"][name]["attempted"] += 1
    for name in story.victim:
        row["attacks"][name]["victims"] += 1
        row["attacks"][name]["loss"] += story.losses[name]
    for name in story.excess:
        row["attacks"][name]["excess"] += 1


# 6. Enumeration ----------------------------------------------------------------


def cells(cuts: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Cut [0, 1) at the given numbers; return (lower end, length) of every cell.

    A uniform number anywhere in a cell lies below the same cuts as the lower
    end of the cell does, so the lower end speaks for the whole cell.
    """
    points = sorted({0, 1, *cuts})
    return [(low, high - low) for low, high in itertools.pairwise(points)]


def law_of_granted(
    p_functions: Mapping[str, Mapping[frozenset[str], Any] | Callable[[frozenset[str]], Any]],
) -> dict[frozenset[str], Any]:
    """Return the law of the set of granting attacks that succeed.

    Each attack's uniform is cut at all values its probability can take; for
    every combination of cells the closure is followed, and its probability
    (the product of the lengths) is added up.

    Parameters
    ----------
    p_functions : mapping
        Attack -> its probability given the set of attacks that have succeeded,
        as a dict or a callable; more successes must never make it smaller.

    Returns
    -------
    dict
        Every subset of the attacks -> probability that exactly it succeeds;
        fractions stay fractions.
    """
    names = list(p_functions)
    if len(names) > MAX_GRANTING:
        raise ValueError(f"at most {MAX_GRANTING} attacks, not {len(names)}")
    subsets = [frozenset(c) for size in range(len(names) + 1) for c in itertools.combinations(names, size)]
    table = {
        name: {h: p[h] if isinstance(p, Mapping) else p(h) for h in subsets}
        for name, p in p_functions.items()
    }
    for name, p in table.items():
        if any(p[small] > p[big] for small in subsets for big in subsets if small <= big):
            raise ValueError(f"the probability of {name} falls as attacks succeed")
    law = dict.fromkeys(subsets, 0)
    for combination in itertools.product(*(cells(table[name].values()) for name in names)):
        coins = {name: low for name, (low, _) in zip(names, combination, strict=False)}
        done: frozenset[str] = frozenset()
        while True:
            new = done | {name for name in names if coins[name] < table[name][done]}
            if new == done:
                break
            done = new
        law[done] += math.prod(length for _, length in combination)
    return law


def elapsed(stream: Stream, day: float) -> float:
    """Return the share of the interval of a stream that lies before a day; its hazard is constant."""
    if day >= stream.end:
        return 1.0
    return max(0.0, (day - stream.start) / (stream.end - stream.start))


def initial_chance(
    world: World, segment: Segment, attack: Attack, mask: Mask, scale: float, day: float = math.inf
) -> Chance:
    """Return 1 - exp(-Lambda) of the attempts and of the successes of an initial attack before a day."""
    attempts = successes = 0.0
    for stream in streams(world, segment, attack, mask):
        before = stream.attempts * elapsed(stream, day)
        attempts += before
        successes += before * stream.success
    return -math.expm1(-scale * attempts), -math.expm1(-scale * successes)


def coin_cuts(attack: Attack, mask: Mask, initial: Mapping[str, Chance]) -> list[float]:
    """Return all values that the two probabilities of an attack can take for a mask."""
    if attack["kind"] == "initial":
        return list(initial[attack["name"]])
    everything = [c for route in attack["routes"] for c in route["capabilities"]]
    return [p for route in open_routes(attack, mask, everything) for p in route_chance(attack, route)]


def granting_outcomes(
    world: World,
    mask: Mask,
    initial: Mapping[str, Chance],
) -> dict[tuple[frozenset[str], frozenset[str]], float]:
    """Return the law of (attempted, victim) among the granting attacks of one account.

    Enumerates the cells of all their uniforms and follows the closure in each.
    """
    granting = [attack for attack in world["attacks"] if attack["grants"] and attack["routes"]]
    names = [attack["name"] for attack in granting]
    starts = [name for name in names if name in initial]
    follow_ons = [attack for attack in granting if attack["kind"] == "follow_on"]
    law: dict[tuple[frozenset[str], frozenset[str]], float] = defaultdict(float)
    for combination in itertools.product(*(cells(coin_cuts(attack, mask, initial)) for attack in granting)):
        coins = {name: low for name, (low, _) in zip(names, combination, strict=False)}
        attempted = {name for name in starts if coins[name] < initial[name][0]}
        victim = {name for name in starts if coins[name] < initial[name][1]}
        more = follow(follow_ons, mask, grants_of(granting, victim), coins)
        outcome = frozenset(attempted | more[0]), frozenset(victim | more[1])
        law[outcome] += math.prod(length for _, length in combination)
    return dict(law)


def account_law(
    world: World, segment: Segment, mask: Mask, scales: Mapping[str, float], day: float = math.inf
) -> Law:
    """Return the joint law of all attacks on one account with a given mask, by a day.

    Every Lambda is summed over the time before the day (default: the horizon).
    First the granting attacks; given those, every other attack throws its own
    coin, and every combination of these coins is written out.
    """
    initial = {
        attack["name"]: initial_chance(world, segment, attack, mask, scales[attack["name"]], day)
        for attack in attacks_of(world, "initial")
    }
    others = [attack for attack in world["attacks"] if attack["routes"] and not attack["grants"]]
    victims: dict[frozenset[str], float] = defaultdict(float)
    tried: dict[str, float] = {attack["name"]: 0.0 for attack in world["attacks"]}
    for (attempted, done), weight in granting_outcomes(world, mask, initial).items():
        held = grants_of(world["attacks"], done)
        for name in attempted:
            tried[name] += weight
        outcomes = {done: weight}
        for attack in others:
            name = attack["name"]
            p_attempted, p_victim = (
                initial[name] if name in initial else (follow_on_chance(attack, mask, held))
            )
            tried[name] += weight * p_attempted
            split: dict[frozenset[str], float] = {}
            for outcome, p in outcomes.items():
                if p_victim < 1:
                    split[outcome] = p * (1 - p_victim)
                if p_victim > 0:
                    split[outcome | {name}] = p * p_victim
            outcomes = split
        for outcome, p in outcomes.items():
            victims[outcome] += p
    return Law(dict(victims), tried)


def mask_groups(world: World, segment: Segment) -> list[tuple[float, Mask]]:
    """Return the weight and one example of every group of masks that open the same routes."""
    weights: dict[tuple[Any, ...], float] = defaultdict(float)
    example: dict[tuple[Any, ...], Mask] = {}
    for mask, weight in all_masks(world, segment):
        key = tuple(
            mask.knows(route["fields"]) and mask.traits.issuperset(route["traits"])
            for attack in world["attacks"]
            for route in attack["routes"]
        )
        weights[key] += weight
        example.setdefault(key, mask)
    return [(weight, example[key]) for key, weight in weights.items()]


def segment_laws(
    world: World, segment: Segment, scales: Mapping[str, float], day: float = math.inf
) -> list[tuple[float, Law]]:
    """Return the weight and the law by a day of every group of masks that open the same routes."""
    return [
        (weight, account_law(world, segment, mask, scales, day))
        for weight, mask in mask_groups(world, segment)
    ]


# 7. Timeline -----------------------------------------------------------------------


def simulate_timeline(
    world: World, days: Iterable[float], seed: int, scales: Mapping[str, float] | None = None
) -> dict[str, dict[str, list[int]]]:
    """Simulate every account and count who is victim of what by each day.

    Parameters
    ----------
    world : dict
        See :func:`check`.
    days : iterable of float
        Days after the sale.
    seed : int
        Seed of the generator.
    scales : mapping, optional
        Capacity scales; computed from this world if left out.

    Returns
    -------
    dict
        ``{segment: {attack: [accounts that are victim by each day]}}``.
    """
    check(world)
    scales = capacity_scales(world) if scales is None else scales
    rng, days = np.random.default_rng(seed), list(days)
    result = {}
    for segment in world["segments"]:
        counts = {attack["name"]: [0] * len(days) for attack in world["attacks"]}
        for story in stories(world, segment, scales, {}, rng):
            for name, when in story.days.items():
                for k, day in enumerate(days):
                    counts[name][k] += when <= day
        result[segment["name"]] = counts
    return result


def timeline(
    world: World, days: Iterable[float], scales: Mapping[str, float] | None = None
) -> dict[str, dict[str, list[float]]]:
    """Return what :func:`simulate_timeline` counts, as the probability of one account, by enumeration.

    Parameters
    ----------
    world : dict
        See :func:`check`.
    days : iterable of float
        Days after the sale; after the horizon nothing more happens.
    scales : mapping, optional
        Capacity scales, the same for every day; computed from this world if left out.

    Returns
    -------
    dict
        ``{segment: {attack: [probability of being a victim by each day]}}``,
        expectations over the masks of the segment.
    """
    check(world)
    scales = capacity_scales(world) if scales is None else scales
    days = list(days)
    result = {}
    for segment in world["segments"]:
        row = {attack["name"]: [0.0] * len(days) for attack in world["attacks"]}
        for k, day in enumerate(days):
            for weight, law in segment_laws(world, segment, scales, day):
                for outcome, p in law.victims.items():
                    for name in outcome:
                        row[name][k] += weight * p
        result[segment["name"]] = row
    return result


# 8. Expectations -----------------------------------------------------------------


def to_year_one(world: World) -> World:
    """Return a world whose time is cut at the end of year one and lasts so long, whatever the horizon."""
    return {
        **world,
        "horizon_years": max(world["horizon_years"], 1.0),
        "event_days": [*world["event_days"], world["horizon_years"] * DAYS_PER_YEAR],
    }


def attempts_of_year_one(world: World, attack: Attack) -> float:
    """Return the expected attempts of an initial attack in year one, at scale 1.

    The sum is over all segments and masks; the world comes from :func:`to_year_one`.
    """
    wanted = 0.0
    for segment in world["segments"]:
        for weight, mask in mask_groups(world, segment):
            first_year = sum(
                stream.attempts
                for stream in streams(world, segment, attack, mask)
                if stream.end <= DAYS_PER_YEAR
            )
            wanted += segment["accounts"] * weight * first_year
    return wanted


def capacity_scales(world: World) -> dict[str, float]:
    """Return the capacity scale of every attack: min(1, capacity / attempts of year one).

    Only initial attacks have attempts a year; every other attack has scale 1.
    """
    check(world)
    world = to_year_one(world)
    scales = {attack["name"]: 1.0 for attack in world["attacks"]}
    for attack in attacks_of(world, "initial"):
        if attack["capacity"] is None:
            continue
        wanted = attempts_of_year_one(world, attack)
        if wanted > attack["capacity"]:
            scales[attack["name"]] = attack["capacity"] / wanted
    return scales


def anchor_factors(world: World, scales: Mapping[str, float]) -> dict[str, float]:
    """Return the factor on the mean severity of every follow-on named by an anchor.

    A follow-on named by several anchors gets the product of their factors,
    each computed with all factors at one.
    """
    check(world)
    factors = {name: 1.0 for anchor in world["anchors"] for name in anchor["follow_ons"]}
    means = {attack["name"]: attack["severity_mean"] for attack in world["attacks"]}
    if not world["anchors"]:
        return factors
    laws = [
        (segment["accounts"] * weight, law)
        for segment in world["segments"]
        for weight, law in segment_laws(world, segment, scales)
    ]
    for anchor in world["anchors"]:
        victims = losses = 0.0
        for number, law in laws:
            for outcome, p in law.victims.items():
                if anchor["attack"] in outcome:
                    victims += number * p
                    losses += (
                        number * p * sum(means[name] for name in anchor["follow_ons"] if name in outcome)
                    )
        if losses > 0:
            for name in anchor["follow_ons"]:
                factors[name] *= anchor["mean_loss"] * victims / losses
    return factors


def held(
    world: World, scales: Mapping[str, float] | None, factors: Mapping[str, float] | None
) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Return the capacity scales and anchor factors that are given, or those of this world."""
    scales = capacity_scales(world) if scales is None else scales
    return scales, anchor_factors(world, scales) if factors is None else factors


def severity_factors(world: World, factors: Mapping[str, float]) -> dict[str, float]:
    """Return the factor on the mean loss of every attack: anchor factor, common driver, and its own."""
    driver = world.get("drivers", {}).get("severity", 1.0)
    own = {attack["name"]: driver * attack.get("loss_factor", 1.0) for attack in world["attacks"]}
    return {name: factors.get(name, 1.0) * factor for name, factor in own.items()}


def loss_moments(
    attacks: list[Attack], outcome: Iterable[str], factors: Mapping[str, float]
) -> tuple[float, float]:
    """Return mean and second moment of what an account loses, given its attacks."""
    mean = variance = 0.0
    for attack in attacks:
        if attack["name"] in outcome:
            m = attack["severity_mean"] * factors.get(attack["name"], 1.0)
            mean += m
            variance += m**2 * math.expm1(attack["severity_sigma"] ** 2)
    return mean, variance + mean**2


def add_reach(world: World, segment: Segment, row: dict[str, Any]) -> None:
    """Add the expected numbers of exposed and attackable accounts to a row."""
    for mask, weight in all_masks(world, segment):
        number = segment["accounts"] * weight
        row["exposed"] += number * bool(mask.fields)
        for name in attackable(world["attacks"], mask):
            row["attacks"][name]["attackable"] += number


def add_harm(
    world: World,
    segment: Segment,
    row: dict[str, Any],
    laws: list[tuple[float, Law]],
    factors: Mapping[str, float],
) -> None:
    """Add attempts, victims, people and the moments of the losses to a row."""
    n = segment["accounts"]
    mean = second = 0.0
    for weight, law in laws:
        for name, p in law.attempted.items():
            row["attacks"][name]["attempted"] += n * weight * p
        for outcome, p in law.victims.items():
            row["people"] += n * weight * p * bool(outcome)
            for name in outcome:
                row["attacks"][name]["victims"] += n * weight * p
            moments = loss_moments(world["attacks"], outcome, factors)
            mean += weight * p * moments[0]
            second += weight * p * moments[1]
    row["loss"] = n * mean
    row["loss_variance"] = n * (second - mean**2)
    row["loss_second_moment"] = row["loss_variance"] + row["loss"] ** 2


def add_excess(world: World, segment: Segment, row: dict[str, Any], factors: Mapping[str, float]) -> None:
    """Add excess numbers and the loss of each attack, all from the victims of a row."""
    years, n = world["horizon_years"], segment["accounts"]
    hazard = background_hazard(world["people_background"], years)
    row["excess_people"] = row["people"] * math.exp(-hazard)
    for attack in world["attacks"]:
        entry = row["attacks"][attack["name"]]
        hazard = background_hazard(attack["background"], years)
        entry["excess"] = entry["victims"] * math.exp(-hazard)
        mean, second = loss_moments([attack], [attack["name"]], factors)
        p = entry["victims"] / n if n else 0.0
        entry["loss"] = n * p * mean
        entry["loss_variance"] = n * (p * second - (p * mean) ** 2)


def expected(
    world: World, scales: Mapping[str, float] | None = None, factors: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """Return what :func:`simulate` counts, in expectation, by enumeration.

    Parameters
    ----------
    world : dict
        See :func:`check`.
    scales, factors : mapping, optional
        Capacity scales and anchor factors; computed from this world if left out.

    Returns
    -------
    dict
        The shape of :func:`simulate`; besides, every segment and the key
        ``"total"`` have ``loss``, ``loss_variance`` and ``loss_second_moment``
        (of the sum over all attacks), and every attack has ``loss_variance``.
    """
    check(world)
    scales, factors = held(world, scales, factors)
    factors = severity_factors(world, factors)
    result = {}
    for segment in world["segments"]:
        row = empty_row(world)
        add_reach(world, segment, row)
        add_harm(world, segment, row, segment_laws(world, segment, scales), factors)
        add_excess(world, segment, row, factors)
        result[segment["name"]] = row
    loss = sum(row["loss"] for row in result.values())
    variance = sum(row["loss_variance"] for row in result.values())
    total = {"loss": loss, "loss_variance": variance, "loss_second_moment": variance + loss**2}
    return {"segments": result, "total": total}


# 9. Enabling and protection sets ----------------------------------------------------


def field_subsets(attacks: list[Attack]) -> list[frozenset[str]]:
    """Return all subsets of the fields that some route reads, small ones first."""
    fields = sorted({field for attack in attacks for route in attack["routes"] for field in route["fields"]})
    if len(fields) > MAX_FIELDS:
        raise ValueError(f"at most {MAX_FIELDS} fields, not {len(fields)}")
    return [frozenset(c) for size in range(len(fields) + 1) for c in itertools.combinations(fields, size)]


def minimal(sets: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Keep the sets that contain no other; they must come small ones first."""
    kept: list[frozenset[str]] = []
    for candidate in sets:
        if not any(smaller <= candidate for smaller in kept):
            kept.append(candidate)
    return kept


def is_enabled(attacks: list[Attack], harm: str | Iterable[str] | None, fields: frozenset[str]) -> bool:
    """Tell whether leaked fields make a harm possible (None: any attack)."""
    possible = attackable(attacks, fields)
    if harm is None:
        return bool(possible)
    return bool(possible.intersection([harm] if isinstance(harm, str) else harm))


def enabling_sets(attacks: list[Attack], harm: str | Iterable[str] | None = None) -> list[frozenset[str]]:
    """Return the minimal sets of fields that make a harm possible once leaked.

    Traits are assumed present and earlier attacks, where themselves possible,
    assumed to succeed. `harm` is an attack, several of which any one counts,
    or None for any attack.
    """
    harm = list(harm) if harm is not None and not isinstance(harm, str) else harm
    return minimal(s for s in field_subsets(attacks) if is_enabled(attacks, harm, s))


def protection_sets(attacks: list[Attack], harm: str | Iterable[str] | None = None) -> list[frozenset[str]]:
    """Return the minimal sets of fields without which a harm is impossible.

    All other fields are taken as leaked. If the harm is impossible anyway the
    empty set protects.
    """
    harm = list(harm) if harm is not None and not isinstance(harm, str) else harm
    subsets = field_subsets(attacks)
    everything = subsets[-1]
    return minimal(s for s in subsets if not is_enabled(attacks, harm, everything - s))
