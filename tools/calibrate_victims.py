"""Fit the victims' side to national counts and studies again: ``python run.py calibrate``.

Writes ``breach_sim/catalog/data/evidence/victims.npz``, the rows that a run draws from, and the numbers of
``docs/calibration.md``, both aside first. Prints the probabilities before and after, the effective sample
size, and the parameters that move most.

The same data give the same rows. ``--draws N`` weighs N draws, ``--seed N`` takes others. ``--check`` writes
nothing: it fits with another seed and compares with the rows that ship.
"""

import argparse
import io
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from breach_sim import catalog
from breach_sim.analysis.nation import victims
from breach_sim.analysis.nation.sums import Sums
from breach_sim.analysis.nation.victims import Fit
from breach_sim.catalog.evidence.calibration import FOLDER, ROWS
from breach_sim.inputs.numbers.posterior import Posterior
from breach_sim.results.simulation import simulate
from breach_sim.results.tables.readings import outside, structural

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "breach_sim" / "catalog" / "data" / FOLDER / ROWS
PAGE = ROOT / "docs" / "calibration.md"
BEGIN, END = "<!-- begin: victims -->", "<!-- end: victims -->"
MOST = 20
"""Parameters on the page."""
CHECK_DRAWS = 4_096
"""Draws of the run from the finished rows."""
CHECK_SEED = 7
HEADLINES = ("tmobile-2021-stated", "equifax-2017", "anthem-2015-confirmed")
"""Breaches whose headline is compared with both readings of the uplift."""
LEVELS = (0.05, 0.5, 0.95)
LEVEL = 65_536.0
"""Steps of a level in the file."""
AGREEMENT = 5.0
"""Standard errors by which two fits may differ."""


def main() -> int:
    """Fit, run again from the rows, and write; or compare."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--draws", type=int, default=victims.DRAWS)
    words.add_argument("--seed", type=int, default=victims.SEED)
    words.add_argument("--check", action="store_true", help="compare with the rows that ship; write nothing")
    asked = words.parse_args()
    start = time.monotonic()
    targets = catalog.load_targets()
    if asked.check:
        return 0 if agrees(victims.fit(targets, draws=asked.draws, seed=asked.seed + 1)) else 1
    fit = victims.fit(targets, draws=asked.draws, seed=asked.seed)
    after = victims.run_together(
        targets, draws=min(asked.draws, CHECK_DRAWS), seed=CHECK_SEED, posterior=fit.posterior
    )
    text = "\n\n".join(
        [*_about(fit), *_inside(fit, after), *_moved(fit), *_studies(fit, after), *_readings(fit)]
    )
    _write(DATA, as_file(fit.posterior))
    page = PAGE.read_text(encoding="utf-8")
    head, tail = page.partition(BEGIN)[0], page.partition(END)[2]
    _write(PAGE, f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}".encode())
    print(f"{text}\n\n{time.monotonic() - start:.0f} s")
    return 0


def agrees(fit: Fit) -> bool:
    """Whether the rows that ship agree with a fit of another seed within Monte Carlo error.

    Parameters
    ----------
    fit
        Of another seed.

    Returns
    -------
    True if the mean level of every parameter that both fit differs by less than five standard errors.
    """
    shipped = catalog.load_posterior()
    own = {name: fit.posterior.levels[:, place] for place, name in enumerate(fit.posterior.names)}
    worst = 0.0
    for place, name in enumerate(shipped.names):
        if name in own:
            here, there = shipped.levels[:, place] / LEVEL, own[name] / LEVEL
            # Both means come from weighted draws: the effective size counts, not the number of rows.
            error = (here.var() + there.var()) ** 0.5 / fit.effective_size**0.5
            worst = max(worst, float(abs(here.mean() - there.mean()) / error))
    alone = sorted(set(own) ^ set(shipped.names))
    print(
        f"mean levels differ by at most {worst:.1f} standard errors; fitted by one alone: {', '.join(alone)}"
    )
    return worst < AGREEMENT


def as_file(posterior: Posterior) -> bytes:
    """Return posterior rows as an ``.npz`` file, the same bytes for the same rows.

    Parameters
    ----------
    posterior
        Rows.

    Returns
    -------
    The file.
    """
    out = io.BytesIO()
    names = np.array(posterior.names, dtype=str)
    np.savez_compressed(out, names=names, levels=posterior.levels, digest=np.array(posterior.digest))
    return out.getvalue()


def _write(path: Path, content: bytes) -> None:
    aside = path.with_name(f"{path.name}.part")
    aside.write_bytes(content)
    aside.replace(path)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of a page."""
    head = list(head)
    lines = [head, ["---"] * len(head), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _about(fit: Fit) -> list[str]:
    distinct = len(np.unique(fit.posterior.levels, axis=0))
    draws = len(fit.weights)
    return [
        f"{draws:,} draws of {len(fit.before.levels)} uncertain parameters; effective sample size "
        f"{fit.effective_size:,.0f} ({fit.effective_size / draws:.0%}). {len(fit.posterior):,} rows of "
        f"{len(fit.posterior.names)} parameters, {distinct:,} of them different. The other parameters keep "
        f"their priors. Digest of the data {fit.posterior.digest[:12]}."
    ]


def _inside(fit: Fit, after: Sums) -> list[str]:
    """Probabilities that the sums of a year stay inside: of each kind its worst year, and of all kinds."""
    targets = fit.targets
    before = victims.chances_inside(targets, fit.before, given=False)
    then = victims.chances_inside(targets, after, given=True)
    rows = []
    for ceiling in targets.ceilings:
        own = {year: chance for (name, year), chance in before.items() if name == ceiling.name}
        if not own:
            continue
        worst = min(own, key=lambda year: (own[year], year))
        last = min(then[ceiling.name, year] for year in own)
        sums = [_sum(fit.before, ceiling.attacks, worst), _sum(after, ceiling.attacks, worst)]
        texts = [f"{low:,.0f} / {middle:,.0f} / {high:,.0f}" for low, middle, high in sums]
        rows.append((ceiling.label, str(worst), f"{own[worst]:.3f}", f"{last:.3f}", *texts))
    head = ("kind of harm", "worst year", "before", "after", "victims before, p5 / p50 / p95", "after")
    years = sorted({year for _, year in before})
    joint = [
        (
            str(year),
            f"{victims.chance_of_year(targets, fit.before, year, given=False):.3f}",
            f"{victims.chance_of_year(targets, after, year, given=True):.3f}",
        )
        for year in years
    ]
    return [
        "**Do the sums of a year stay inside the national totals?** Probabilities, for each kind in its "
        "worst year; 'after' is a run from the finished rows, and the smallest of all years.",
        _table(head, rows),
        "**All kinds of harm of a year together:**",
        _table(("year", "before", "after"), joint),
    ]


def _sum(run: Sums, attacks: tuple[str, ...], year: int) -> tuple[float, float, float]:
    total = sum((run.by_year.get((attack, year), np.zeros(1)) for attack in attacks), np.zeros(1))
    low, middle, high = (float(np.quantile(total, level)) for level in LEVELS)
    return low, middle, high


def _moved(fit: Fit) -> list[str]:
    """Parameters that move most: by how far the levels of the median and of both ends move."""
    rows = []
    for name, estimate in fit.before.estimates.items():
        order = np.argsort(fit.before.levels[name], kind="stable")
        edges = np.cumsum(fit.weights[order])
        places = np.minimum(np.searchsorted(edges, np.array(LEVELS)), len(order) - 1)
        levels = fit.before.levels[name][order][places]
        shift = float(np.max(np.abs(levels - np.array(LEVELS))))
        values = [_three(estimate.ppf(np.asarray(own))) for own in (LEVELS, levels)]
        kept = "yes" if name in fit.posterior else "no"
        rows.append((shift, (f"`{name}`", estimate.unit, *values, f"{shift:.2f}", kept)))
    rows.sort(key=lambda row: -row[0])
    head = (
        "parameter",
        "unit",
        "prior p5 / p50 / p95",
        "posterior p5 / p50 / p95",
        "shift of level",
        "in the rows",
    )
    return [
        f"**The {MOST} parameters that move most**, by the largest shift of the level of p5, p50 or p95. A "
        "shift below about 0.03 is Monte Carlo error; such a parameter is not in the rows.",
        _table(head, [row for _, row in rows[:MOST]]),
    ]


def _three(values: Iterable[float]) -> str:
    return " / ".join(f"{value:.3g}" for value in values)


def _studies(fit: Fit, after: Sums) -> list[str]:
    rows = []
    for study in fit.targets.studies:
        own = [np.quantile(run.studies[study.name], LEVELS) for run in (fit.before, after)]
        seen = f"{study.value:g}" if study.value else f"{study.shown} of {study.breaches} breaches"
        seen = f"at most {seen}" if study.at_most else seen
        rows.append((study.label, f"{study.days:g}", seen, *(_three(values) for values in own)))
    head = ("study", "days", "seen", "share harmed before, p5 / p50 / p95", "after")
    return ["**What the studies say of the people of a breach, beside the model:**", _table(head, rows)]


def _readings(fit: Fit) -> list[str]:
    """Whether the expected loss under each reading lies in the 90 % interval of the headline."""
    rows, notes = [], []
    for name in HEADLINES:
        scenario = catalog.load_scenario(name)
        impact = simulate(scenario, catalog.attacks_for(scenario), seed=1, posterior=fit.posterior)
        frame = structural(impact, catalog.readings_of(scenario))
        low, middle, high = (float(np.quantile(impact.loss, level)) for level in LEVELS)
        losses = dict(frame["loss_usd"])
        readings = [float(losses["uplift", word]) for word in ("traced", "surveyed")]
        texts = [f"{loss / 1e6:,.0f} ({'inside' if low <= loss <= high else 'outside'})" for loss in readings]
        rows.append((name, f"{low / 1e6:,.0f} / {middle / 1e6:,.0f} / {high / 1e6:,.0f}", *texts))
        notes += [f"`{name}`: {note}" for note in outside(impact, frame)]
    head = ("breach", "loss p5 / p50 / p95 [million USD]", "mean if traced", "mean if surveyed")
    text = (
        "**Both readings of how much new-account fraud a breach adds**, beside the interval of the headline:"
    )
    return [text, _table(head, rows), *notes]


if __name__ == "__main__":
    raise SystemExit(main())
