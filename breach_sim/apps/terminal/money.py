"""Money of a firm, and of several breaches: ``firm``, ``portfolio``, ``combine`` and ``league``.

Not here: how tables fit (``tables``), and what is computed (``whatif``, ``results.side_by_side``,
``analysis.leagues``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from breach_sim import api
from breach_sim.apps.documents import portfolio_page
from breach_sim.apps.terminal.place import Screen, fitted, strong
from breach_sim.apps.terminal.tables import Column, noted, table
from breach_sim.catalog import label_of_line
from breach_sim.formatting.digits import human, percent, significant
from breach_sim.formatting.display import plural

_CHANCES = (0.5, 0.1, 0.05, 0.01)
_PARTS = ("total", "only together")


def firm_text(answer: Any, place: Screen) -> str:
    """What a breach costs its firm: facts, lines of the ledger, tail, cash by quarter.

    Parameters
    ----------
    answer
        What ``cost_to_firm`` gave.
    place
        Where it is printed.

    Returns
    -------
    Lines joined by line breaks.
    """
    means = answer.table()["mean"].drop(["present value"])
    order = [*means.drop("all").sort_values(ascending=False, kind="stable").index, "all"]
    whole = float(means.drop("all").clip(lower=0).sum())
    parts = [float(means[line]) for line in order]
    lines = table(
        [
            Column(head="By line", cells=tuple(label_of_line(str(line)) for line in order)),
            Column(
                head="mean [USD of 2024]",
                cells=tuple(map(_two, parts)),
                shares=tuple(
                    part / whole if line != "all" and part > 0 and whole else math.nan
                    for line, part in zip(order, parts, strict=True)
                ),
                color="blue",
            ),
        ],
        place,
        total=True,
    )
    tail = answer.exceedance()["var_usd"]
    curve = table(
        [
            Column(head="Exceeded with a chance of", cells=tuple(percent(chance) for chance in tail.index)),
            Column(head="cost [USD of 2024]", cells=tuple(map(_two, tail))),
        ],
        place,
    )
    cash = answer.cash_by_quarter()
    quarters = table(
        [
            Column(head="Quarter after the sale", cells=tuple(map(str, cash.index))),
            Column(head="paid, mean", cells=tuple(map(_two, cash["mean"]))),
            Column(head="1 in 20 above", cells=tuple(map(_two, cash["p95"]))),
            Column(head="so far [USD of 2024]", cells=tuple(map(_two, cash["paid"]))),
        ],
        place,
    )
    facts = [f"  {name}: {text}" for name, text in answer.facts()]
    head = strong(f"Cost of the firm of {answer.name}", place)
    return noted([head, *facts, "", lines, "", curve, "", quarters], answer.notes, place)


def portfolio_text(found: Any, of: str, accepted: Mapping[float, float] | None, place: Screen) -> str:
    """A portfolio: what drives it, its tail, a year, the appetite, and the cautions.

    Parameters
    ----------
    found
        What ``portfolio`` gave.
    of
        Money of the years: "loss_usd" or "firm_cost_usd".
    accepted
        Acceptable amounts by chance; None if none were given. [USD]
    place
        Where it is printed.

    Returns
    -------
    Lines joined by line breaks.
    """
    ranks = found.ranks().sort_values("mean_usd", ascending=False, kind="stable")
    title, *facts = repr(found).split("\n")
    lines = [strong(title, place), *facts, "", _driven("Loss over the years", ranks, "mean_usd", place)]
    tail = found.exceedance(_CHANCES)["var_usd"]
    lines += ["", _tail("Loss exceeded", zip(_CHANCES, tail, strict=True), place)]
    if found.frequencies:
        years = found.years(of)
        money = portfolio_page.WORDS[of].lower()
        rows = years.table()
        tail = years.exceedance(_CHANCES)["var_usd"]
        lines += ["", _driven(f"A year, {money}", rows, "mean", place)]
        lines += ["", _tail("In a year exceeded", zip(tail.index, tail, strict=True), place)]
    if accepted:
        lines += ["", *_appetite_lines(portfolio_page.appetite_of(found, dict(accepted), of))]
    return noted([*lines, ""], found.notes, place)


def _driven(head: str, rows: Any, mean: str, place: Screen) -> str:
    """What each breach adds to the mean, and to the worst years."""
    columns = [Column(head=head, cells=tuple(map(str, rows.index)))]
    if "frequency" in rows.columns:
        columns.append(Column(head="a year", cells=tuple(f"{own:g}" for own in rows["frequency"])))
    names = {"share": "of the mean", "tail_share": "of the worst 1 %"}
    columns += [
        Column(head="mean [USD]", cells=tuple(map(_three, rows[mean]))),
        *(
            Column(
                head=names[word],
                cells=tuple(percent(float(own), 3) for own in rows[word]),
                shares=tuple(math.nan if name in _PARTS else float(own) for name, own in rows[word].items()),
            )
            for word in ("share", "tail_share")
        ),
    ]
    return table(columns, place, total=str(rows.index[-1]) in _PARTS)


def _tail(head: str, points: Iterable[tuple[float, float]], place: Screen) -> str:
    """Amounts by the chance that they are exceeded."""
    pairs = [(f"with a probability of {percent(chance, 3)}", _three(value)) for chance, value in points]
    names, values = zip(*pairs, strict=True)
    return table([Column(head=head, cells=names), Column(head="[USD]", cells=values)], place)


def _appetite_lines(held: Any) -> list[str]:
    """The appetite and what the model gives."""
    lines = ["Against the appetite:"]
    for chance, row in held.iterrows():
        word = "inside" if row["inside"] else "outside"
        lines.append(
            f"  at {percent(chance, 3)}: {_three(row['appetite_usd'])} USD accepted, "
            f"{_three(row['model_usd'])} USD by the model: {word} (more than accepted: "
            f"{percent(row['chance_of_exceeding'], 3)})"
        )
    return lines


def combined_text(impact: Any, place: Screen) -> str:
    """What each breach of a union does, and what is possible whatever the overlaps are.

    Parameters
    ----------
    impact
        Result of ``simulate`` of what ``combine`` gave.
    place
        Where it is printed.

    Returns
    -------
    Lines joined by line breaks, to stand below the answer.
    """
    split = api.split_by_breach(impact)
    rows = split.drop("total").sort_values("mean", ascending=False, kind="stable")
    names = {"only together": "no breach by itself (only together)"}
    causes = table(
        [
            Column(
                head="Expected loss by Shapley value: caused by",
                cells=(*(names.get(str(name), str(name)) for name in rows.index), "total"),
            ),
            Column(head="mean [USD]", cells=(*map(_three, rows["mean"]), _three(split["mean"]["total"]))),
            Column(
                head="share",
                cells=(*(percent(float(own), 3) for own in rows["share"]), ""),
                shares=(*(max(float(own), 0.0) for own in rows["share"]), math.nan),
            ),
        ],
        place,
        total=True,
    )
    bounds: list[tuple[str, ...]] = []
    for world, row in api.overlap_bounds(impact).iterrows():
        if row.isna().any():
            bounds.append((f"{world} overlaps", "no persons can have all", "", ""))
            continue
        harm = (human(float(f"{row[key]:.3g}")) for key in ("people", "people_harmed", "loss_usd"))
        bounds.append((f"{world} overlaps", *harm))
    heads = ("Whatever the overlaps are, expected", "people in them", "harmed", "loss [USD]")
    columns = zip(heads, zip(*bounds, strict=True), strict=True)
    worlds = table([Column(head=head, cells=cells) for head, cells in columns], place)
    return fitted(f"\n{causes}\n\n{worlds}", place)


def league_text(league: Any, top: int, place: Screen) -> str:
    """The league: places, how sure each is, expected harm, and the order under other readings.

    Parameters
    ----------
    league
        What ``league`` gave.
    top
        Number of places to print. [1, inf)
    place
        Where it is printed.

    Returns
    -------
    Lines joined by line breaks.
    """
    lines = [strong(f"League of {plural(len(league.names), 'breach', 'breaches')}", place)]
    lines += [f"  {label}: {text}" for label, text in league.lines()]
    lines += ["", _places(league, top, place)]
    more = len(league.names) - top
    lines += [f"  and {more:,} more; all of them: --csv, --json or --page OUT.html"] if more > 0 else []
    if league.draws.readings:
        lines += ["", _readings(league, place)]
    return noted([*lines, ""], league.notes, place)


def _places(league: Any, top: int, place: Screen) -> str:
    """One row a breach, the worst first."""
    frame = league.table().head(top)
    rows = frame.to_dict("records")
    worst = max((float(row["expected"]) for row in rows), default=0.0)
    harm = "USD" if league.by == "loss_usd" else "people"
    titles = [scenario.title for scenario, _ in zip(league.scenarios, rows, strict=False)]
    return table(
        [
            Column(head="Breach", cells=tuple(titles)),
            Column(head="place", cells=tuple(str(row["place"]) for row in rows)),
            Column(head="90 % of ranks", cells=tuple(f"{r['rank_p5']} to {r['rank_p95']}" for r in rows)),
            Column(
                head=f"expected [{harm}]",
                cells=tuple(human(significant(float(row["expected"]), 2)) for row in rows),
                shares=tuple(float(row["expected"]) / worst if worst else math.nan for row in rows),
            ),
            Column(head="most of it through", cells=tuple(map(_through, rows)), left=True),
        ],
        place,
    )


def _through(row: Mapping[str, Any]) -> str:
    return f"{row['attack']} {percent(row['share'])}" if row["attack"] else "no attack"


def _readings(league: Any, place: Screen) -> str:
    """Kendall's tau with the order under other readings, and what moves."""
    found = [(str(name), row) for name, row in league.readings.iterrows()]
    moves = ["" if row["stable"] else f" (moves {row['movers']})" for _, row in found]
    return table(
        [
            Column(head="Under another reading", cells=tuple(name for name, _ in found)),
            Column(head="Kendall's tau", cells=tuple(_tau(row["tau"]) for _, row in found)),
            Column(
                head="which is that",
                cells=tuple(f"{row['what']}{move}" for (_, row), move in zip(found, moves, strict=True)),
                left=True,
            ),
        ],
        place,
    )


def _tau(value: float) -> str:
    """Kendall's tau in words; a dash where there is nothing to compare."""
    return "-" if math.isnan(value) else f"{value:.2f}"


def _two(value: Any) -> str:
    return human(significant(float(value), 2))


def _three(value: Any) -> str:
    return human(significant(float(value), 3))
