"""What a report says, chapter by chapter: the answer first, assumptions before citations, inputs last.

Each function takes a result and gives a piece of the page; the notebook that ``breach-sim report`` runs calls
them one after the other. Nothing is worked out here that another module does not already tell.

Not here: markup and escaping (``page``), and running the notebook (``publish``).

Place in the corridor: above ``report`` and ``backtest``, below ``api``.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from breach_sim import catalog, plots, report
from breach_sim.backtest import backtest as held_against
from breach_sim.comparison import Averted, Comparison
from breach_sim.digits import earned, human, significant
from breach_sim.estimates import Source
from breach_sim.impact import Impact
from breach_sim.influence import assumptions as ranked
from breach_sim.page import (
    Piece,
    anchor,
    data,
    escaped,
    figure,
    folded,
    heading,
    link,
    listed,
    paragraph,
    table,
)  # fmt: skip
from breach_sim.published import breach_of
from breach_sim.scoreboard import Row, Scoreboard
from breach_sim.scoreboard import spread as interval
from breach_sim.tables import spread
from breach_sim.yardsticks import board as _board
from breach_sim.yardsticks.disagreement import Measured
from breach_sim.yardsticks.tier import TIERS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

STANDARD = (
    "drop-ssn", "retention-5-years", "dwell-30-days", "codes-by-app", "passkeys", "pin-reset-day-1",
    "sim-lock", "sim-lock-opt-in", "credit-freeze", "credit-freeze-for-all", "tax-pin-for-all", "monitoring",
    "notice",
)  # fmt: skip
"""Mitigations that every report compares; those that touch nothing in a breach are named below the table."""
COMPARED = 2_000
"""Replicates of comparison and back-test, at most."""
RANKED = 300
"""Replicates behind the ranking among the breaches of the library, at most."""
FEW = 10
"""Replicates below which assumptions cannot be ranked."""
ENOUGH = 100
"""Replicates below which the ends of intervals are not to be relied on."""
LITTLE = 0.005
"""Share of luck in the variance below which the rest is told as nearly all."""
MOST = 12
"""Assumptions shown without unfolding."""
INPUTS = "breach-sim-inputs"
"""Id of the element of the page that holds everything needed to run it again."""
CONTENTS = (
    "From accounts to victims", "Who pays", "How sure is that?", "What would have helped?",
    "By other people's yardsticks", "Held against what came of it", "What this rests on",
    "What leaked, and how to run this again",
)  # fmt: skip
"""Headings of the chapters, in their order."""
STATUSES = {
    "assumed": "Assumed: judgement, with its reason",
    "derived": "Derived: worked out from what was published",
    "cited": "Cited: as published",
}


def answer(impact: Impact) -> Piece:
    """The answer in one paragraph, its cautions, and the contents.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    Title, victims, loss with its interval, the largest harm, how sure that is.
    """
    words = (
        f"Over {impact.horizon_years:g} years this breach makes victims of {spread(impact.people)} people "
        f"and costs them and others {spread(impact.loss)} USD: the median, and in brackets the range that "
        f"holds nine of ten outcomes. {_largest(impact)} {_sure(impact)}"
    )
    exposed = "all" if impact.exposed == impact.scenario.accounts else f"{impact.exposed:,}"
    size = (
        f"{impact.scenario.accounts:,} accounts, {exposed} of them exposed. breach_sim {impact.version}, "
        f"{impact.replicates:,} replicates, seed {impact.seed}."
    )
    rows = [f'<a href="#{anchor(name)}">{escaped(name)}</a>' for name in CONTENTS]
    contents = "<strong>In this report</strong><ol>" + "".join(f"<li>{row}</li>" for row in rows) + "</ol>"
    parts = [
        paragraph("Report of a breach", "kind"),
        heading(" ".join(impact.scenario.title.split()), 1),
        paragraph(words, "answer"),
        *(
            paragraph(f"Caution. {' '.join(note.split())}", "caution")
            for note in (*impact.notes, *_few(impact))
        ),
        paragraph(report.excess_line(impact)),
        paragraph(size, "small"),
        Piece(f'<nav aria-label="Contents">{contents}</nav>', ""),
    ]
    return _together(parts)


def _few(impact: Impact) -> list[str]:
    """What a reader of a quick run must know."""
    if impact.replicates >= ENOUGH:
        return []
    return [
        f"Only {impact.replicates:,} replicates were run: do not rely on any interval here, and run it again "
        "with 10,000."
    ]


def _together(parts: Iterable[Piece]) -> Piece:
    whole = Piece("", "")
    for part in parts:
        whole += part
    return whole


def _largest(impact: Impact) -> str:
    """Sentence that names the largest harm: by expected loss, else by victims."""
    for word in ("loss_usd", "victims"):
        means = impact.per_attack(word).mean(axis=1) if impact.attacks.attacks else np.zeros(0)
        if means.any():
            own = impact.attacks.attacks[int(np.argmax(means))]
            at = impact.attacks.names.index(own.name)
            victims = spread(impact.per_attack("victims")[at])
            told = f"The largest harm is {own.label}: {victims} victims"
            share = f", {means.max() / means.sum():.0%} of the expected loss" if word == "loss_usd" else ""
            return f"{told}{share}."
    return "No attack of the catalogue does harm with what leaked here; that is no proof of safety."


def _sure(impact: Impact) -> str:
    """How sure: width of the interval, what makes it, how much is assumed."""
    statuses = [estimate.status for estimate in impact.parameters()]
    rests = f"{statuses.count('assumed')} of the {len(statuses)} numbers behind it are assumed"
    low, high = np.quantile(impact.loss, (0.05, 0.95))
    if not low:
        return f"How sure: {rests}; do not quote a figure without them."
    luck = float(impact.error_budget()["luck_share"]["loss_usd"])
    widely = f"the high end of the loss is {float(f'{high / low:.2g}'):g} times its low end"
    ignorance = "nearly all" if luck < LITTLE else f"{1 - luck:.0%}"
    why = f"; {ignorance} of that spread is ignorance, not luck" if np.isfinite(luck) else ""
    return f"How sure: {widely}{why}; {rests}."


def _shown(draw: Callable[[], Axes], reading: str, behind: Piece) -> Piece:
    """A figure with its table; nothing stays open."""
    with plots.closing():
        return figure(draw(), reading, behind)


def _cautioned(impact: Impact) -> str:
    """Line below a table where there are cautions."""
    count = len(impact.notes)
    if not count:
        return ""
    return f"The {'caution' if count == 1 else f'{count} cautions'} under the answer hold here too."


def funnel(impact: Impact) -> Piece:
    """From accounts to victims, attack by attack.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    Figure with its table, and what is to be known about single rows.
    """
    whole = impact.funnel()
    rows = whole.loc[whole.index != "note", ["attackable", "attempted", "victims", "loss_usd"]]
    rows.columns = ["attackable", "attempted", "victims", "loss [USD]"]
    behind = table(rows, "Accounts by attack, and loss: median (90 % interval)", under=_cautioned(impact))
    reading = (
        "Grey: accounts for which the leaked fields suffice. Blue: attempts. Orange: victims. Far to the "
        "left on a logarithmic scale means many powers of ten fewer: a stolen record is an opportunity, and "
        "few are used. The last row of the table counts people once, however often they are hit."
    )
    lines = [paragraph(line, "small") for line in report.anchor_lines(impact)]
    return _together([_shown(lambda: plots.funnel(impact), reading, behind), *lines])


def ledgers(impact: Impact) -> Piece:
    """Who pays: the victims' side and the firm's, apart.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    Sentences, figure with its table, and who bears what by attack.
    """
    frame = impact.ledgers()[["p5", "p50", "p95", "unit"]]
    frame = frame[~((frame["p95"] == 0) & (frame["unit"] == "USD"))]
    frame.columns = ["5 %", "median", "95 %", "unit"]
    frame.index = frame.index.map(lambda pair: (pair[0], str(pair[1]).replace("_", " ")))
    frame.index.names = ["ledger", "line"]
    behind = table(frame, "Both ledgers by line", under=_cautioned(impact))
    borne = impact.bearers()
    borne = borne.loc[borne["all"] > 0, (borne != 0).any()]
    borne.columns = [str(name).replace("_", " ") for name in borne.columns]
    reading = (
        "Above, the loss of the victims by who bears it in the end; below, what the breach costs the firm. "
        "The two are never added: part of what the firm pays makes good what victims lost."
    )
    by_attack = table(
        borne, "Mean loss by attack and bearer [USD]", under="Means, which sum; medians do not."
    )
    return _together([
        *(paragraph(line) for line in report.ledger_lines(impact)),
        _shown(lambda: plots.ledgers(impact), reading, behind),
        folded("Who bears the loss of which attack", by_attack),
    ])  # fmt: skip


def uncertainty(impact: Impact) -> Piece:
    """How sure: the chance of more, with the band of sampling and with luck averaged out.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    Figure with its table, the error budget, and the largest disagreement of the evidence.
    """
    import pandas as pd

    found = impact.exceedance()
    frame = pd.DataFrame(
        {
            "loss": found["var_usd"],
            "band, low": found["band_low_usd"],
            "band, high": found["band_high_usd"],
            "luck averaged out": found["ignorance_usd"],
            "mean beyond": found["tvar_usd"],
        }
    )
    frame.index = pd.Index([f"{chance:.1%}" for chance in found.index], name="chance of more")
    behind = table(frame, "Loss exceeded with a chance [USD]", under=_cautioned(impact))
    reading = (
        "Two bands. The pale one around the line is what more replicates would remove. The dashed line has "
        "the luck of single victims averaged out: where it lies on the curve, all the width is ignorance, "
        "which neither replicates nor a larger breach would remove."
    )
    budget = impact.error_budget().loc[["people", "loss_usd"]]
    parts = budget[["mean", "sd_ignorance", "sd_luck", "se_monte_carlo"]]
    parts.index = pd.Index(["people harmed", "loss [USD]"])
    parts.columns = ["mean", "ignorance (sd)", "luck (sd)", "sampling error of the mean"]
    return _together([
        _shown(lambda: plots.exceedance(impact), reading, behind),
        table(parts, "What makes the spread: standard deviations"),
        paragraph(report.disagreement_line(impact)),
    ])  # fmt: skip


def helped(found: Comparison) -> Piece:
    """What would have helped: what each mitigation averts and costs.

    Parameters
    ----------
    found
        Result of ``compare``.

    Returns
    -------
    Figure with its table, and the mitigations that touch nothing here.
    """
    import pandas as pd

    whole = float(found.base.total("loss").mean())
    alone, together = found.averted[: len(found.mitigations)], found.averted[len(found.mitigations) :]
    useful = sorted((own for own in alone if own.loss.any()), key=lambda own: -float(own.loss.mean()))
    rows = [*useful, *together] if useful else []
    frame = pd.DataFrame(
        [_helped_row(own, whole) for own in rows], index=[own.label for own in rows], columns=[*HELPED]
    )
    status = found.sources()["status"]
    under = (
        f"{found.replicates:,} replicates on shared draws. Of the {len(status)} numbers behind effects and "
        f"prices {int((status == 'assumed').sum())} are assumed."
    )
    behind = table(
        frame, "Averted and paid: median (90 % interval), expected given what is not known", under=under
    )
    idle = [own for own in alone if not own.loss.any()]
    lines = [f"<strong>{escaped(own.label)}</strong> averts nothing here{_why(own)}." for own in idle]
    reading = (
        "Blue: loss averted. Orange cross: cost. A remedy is worth its price where the cross stands well to "
        "the left of the bar. Benefits do not add, as two remedies may stop the same attack: the last row of "
        "the table has all of them together."
    )
    shown = _shown(lambda: plots.mitigations(found), reading, behind) if useful else paragraph(HELPLESS)
    return _together(
        [shown, *([folded(f"What averts nothing here ({len(idle)})", listed(lines))] if idle else [])]
    )


HELPED = (
    "loss averted [USD]", "of the loss", "people spared", "cost [USD]", "worth its cost in",
)  # fmt: skip
"""Columns of the table of mitigations."""
HELPLESS = "None of the mitigations that a report compares averts any loss of this breach."


def _helped_row(own: Averted, whole: float) -> list[str]:
    share = float(own.loss.mean()) / whole if whole else 0.0
    worth = float(np.mean(own.loss > own.cost))
    return [spread(own.loss), _percent(share), spread(own.people), spread(own.cost), f"{worth:.0%} of runs"]


def _percent(share: float) -> str:
    """Share to two digits."""
    return f"{float(f'{share * 100:.2g}'):g} %"


def _why(own: Averted) -> str:
    return f": {own.why_not}" if own.why_not else ""


def yardsticks(impact: Impact) -> Piece:
    """The breach by ENISA, FAIR and tiers, and its place among the breaches of the library.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    Tables; a sentence where nothing leaked that a yardstick could measure.
    """
    import pandas as pd

    if not any(segment.fields for segment in impact.scenario.segments):
        return paragraph("Nothing leaked, so that no yardstick has anything to measure.")
    found = _board.yardsticks(
        impact.scenario, attacks=None, firm=impact.firm, seed=impact.seed,
        replicates=min(RANKED, impact.replicates), horizon_years=impact.horizon_years,
    )  # fmt: skip
    enisa, tiers = found.enisa, found.tiers
    reach = [f"{share:.0%} {tier}" for share, tier in zip(tiers.shares, TIERS, strict=True) if share]
    rows = {
        "ours: people harmed": spread(impact.people),
        "ours: loss [USD]": spread(impact.loss),
        "ENISA's severity (2013)": f"{enisa.score.se:.2f}, {enisa.score.band}; by other judgements "
        f"{enisa.low.se:.2f} ({enisa.low.band}) to {enisa.high.se:.2f} ({enisa.high.band})",
        "FAIR's loss magnitude, the firm's [USD]": "no rates of a firm"
        if impact.firm_cost is None
        else spread(impact.firm_cost),
        "what an account's fields suffice for": ", ".join(reach),
    }
    beside = table(pd.DataFrame({"this breach": rows}), "The same breach by four yardsticks")
    ranking = pd.DataFrame(
        [_place(one) for one in found.ranked],
        index=[_marked(one.scenario.name, impact) for one in found.ranked],
        columns=["ENISA", "severity", "people, mean", "loss, mean [USD]"],
    )
    order = table(
        ranking, "By falling expected loss; the arrow marks this breach",
        under="A loss of 0: no attack of the catalogue costs money there, not that nobody is harmed.",
    )  # fmt: skip
    return _together([
        beside,
        paragraph(
            "ENISA scores how bad a breach could be for one person, FAIR what it costs the firm, the tiers "
            "what the fields suffice for; only our own figures count people. ENISA and FAIR by "
            "transcriptions.",
            "small",
        ),
        paragraph(_divided(found)),
        folded(f"Its place among {len(found.ranked)} breaches", order),
    ])  # fmt: skip


def _divided(found: _board.Yardsticks) -> str:
    """Sentence that says where ENISA and the expected loss disagree, and what settles it."""
    others = len(found.ranked) - 1
    if not found.clashes:
        return f"ENISA and the expected loss do not disagree about this breach and any of {others} others."
    first = found.clashes[0]
    high, low = first.one, first.other
    order = "above" if first.kind == "opposite" else "level with"
    losses = [human(significant(one.loss_usd, 2)) for one in (high, low)]
    settled = f" What settles it: {first.flips[0]}." if first.flips else ""
    return (
        f"ENISA and the expected loss disagree about this breach and {len(found.clashes)} of {others} "
        f"others. The first: ENISA puts {high.scenario.name} ({high.enisa_se:.2f}) {order} "
        f"{low.scenario.name} ({low.enisa_se:.2f}); the mean losses are {losses[0]} and {losses[1]} "
        f"USD.{settled}"
    )


def _place(one: Measured) -> tuple[str, ...]:
    """Row of the ranking, to the digits earned."""
    people, loss = earned(one.people, one.people_error), earned(one.loss_usd, one.loss_error)
    return one.band, f"{one.enisa_se:.2f}", human(people), human(loss)


def _marked(name: str, impact: Impact) -> str:
    return f"→ {name}" if name == impact.scenario.name else name


def backtest(impact: Impact) -> Piece:
    """Predictions about this breach held against what was published, or the prediction that waits.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    Rows of the scoreboard about the breach, if it is one of the library with outcomes; else what the law of
    scale expects of a settlement or a fine.
    """
    import pandas as pd

    outcomes = [own for own in catalog.load_outcomes() if own.breach == _library_breach(impact)]
    board = held_against(outcomes, replicates=min(COMPARED, impact.replicates), seed=impact.seed)
    if not outcomes:
        return _expected(impact, board)
    held = [row for row in board.rows if row.verdict]
    frame = pd.DataFrame([_held(row) for row in held], columns=[*HELD]).set_index(HELD[0])
    silent = [row for row in board.rows if not row.verdict]
    lines = [escaped(f"{row.case}, {row.quantity}, {row.cells()[6]}: {row.note}") for row in silent]
    told = [row.verdict for row in held]
    return _together([
        paragraph(f"Of {len(told)} comparisons {told.count('hit')} hit and {told.count('miss')} miss."),
        table(frame, "Predicted and published", under=HELD_OF),
        *([folded(f"Published, and not compared ({len(lines)})", listed(lines))] if lines else []),
    ])  # fmt: skip


HELD = ("what", "scenario", "by", "predicted (90 %)", "published", "verdict", "note")
"""Columns of the comparisons."""
HELD_OF = (
    "Every scenario of the same breach; no miss is left out. All breaches: breach-sim backtest. Reproduced: "
    "the outcome entered what predicts it."
)


def _held(row: Row) -> tuple[str, ...]:
    cells = row.cells()
    return (
        row.quantity.replace("_", " "), row.case, f"{row.by}, {row.how}", cells[5], cells[6], row.verdict,
        row.note,
    )  # fmt: skip


def _library_breach(impact: Impact) -> str:
    """The breach, if the scenario is the library's own and not another of the same name."""
    name = impact.scenario.name
    own = name in catalog.scenario_names() and catalog.load_scenario(name) == impact.scenario
    return breach_of(name) if own else "\0"


def _expected(impact: Impact, board: Scoreboard) -> Piece:
    people, _ = impact.told()
    if not people:
        return paragraph("Nothing leaked, so that there is nobody to be paid.")
    payment = interval(tuple(map(float, board.law.quantiles(people))))
    return paragraph(
        "No outcome of this breach is in the catalogue, so nothing can be held against it yet. What is "
        f"expected: if there is a settlement or a fine, it is {payment} USD by the law of scale, fitted to "
        f"{board.law.n} payments of other breaches, for {human(float(f'{people:.3g}'))} people. The law does "
        "not say how likely a payment is."
    )


def assumptions(impact: Impact) -> Piece:
    """What the result rests on: assumptions first, then what was derived and cited, then the sources.

    Parameters
    ----------
    impact
        Result of ``simulate``.

    Returns
    -------
    The most influential numbers, and folded all numbers by status and all sources.
    """
    known = impact.scenario.with_own_sources(catalog.load_sources())
    frame = impact.sources(known)
    parts = [_moving(impact)] if impact.replicates >= FEW else []
    for status, told in STATUSES.items():
        rows = _numbered(frame[frame["status"] == status])
        caption = f"{told} ({len(rows)})"
        parts.append(folded(caption, table(rows[["low / likely / high", "why", "sources"]], caption)))
    used = report.used_sources(impact, known)
    lines = [_cited(source) for source in used]
    return _together([*parts, folded(f"Sources ({len(used)})", listed(lines))])


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers with their unit, the reason, and sources with their grades; labelled by their names."""
    told = frame[["status"]].copy()
    told.index.name = "number"
    told["low / likely / high"] = frame["numbers"] + " " + frame["unit"]
    told["why"] = frame["note"]
    told["sources"] = frame["sources"] + " (" + frame["grades"].str.split().map(_grades) + ")"
    return told


def _grades(grades: list[str]) -> str:
    return f"grade {', '.join(sorted(set(grades)))}" if grades else "no grade"


def _moving(impact: Impact) -> Piece:
    """The numbers with the largest effect."""
    top = ranked(impact).head(MOST)
    shown = _numbered(top)
    shown.insert(
        0, "effect", [f"{size:+.2f} on {on}" for size, on in zip(top["effect"], top["on"], strict=True)]
    )
    shown = shown[["effect", "status", "low / likely / high", "why"]]
    under = (
        "Effect: rank correlation with the expected loss, from -1 to +1. Whoever doubts the answer should "
        "begin with the first row."
    )
    return table(shown, f"The {len(top)} numbers that move the answer most", under=under)


def _cited(source: Source) -> str:
    told = f"[{source.id}] {source.title}. {source.publisher}, {source.year}. "
    return f"{escaped(told)}Grade {escaped(source.grade)}, {escaped(source.verified)}. {link(source.url)}"


def inputs(impact: Impact, scenario: str) -> Piece:
    """What leaked for whom, and everything needed to run the report again.

    Parameters
    ----------
    impact
        Result of ``simulate``.
    scenario
        Name or file that it was made from.

    Returns
    -------
    Figure with its table, the command, version, seed and hash, the scenario's file as text, and all of it
    once more as JSON for a program.
    """
    import pandas as pd

    (_, text), own = catalog.scenario_text(scenario), scenario in catalog.scenario_names()
    words = {"scenario": impact.scenario.name, "breach_sim": impact.version, "numpy": np.__version__}
    numbers: dict[str, Any] = {"seed": impact.seed, "replicates": impact.replicates}
    numbers |= {"horizon_years": impact.horizon_years}
    again = command(scenario, **numbers)
    rows = words | {"seed": str(impact.seed), "replicates": f"{impact.replicates:,}"}
    rows |= {"horizon [years]": f"{impact.horizon_years:g}", "hash of all inputs": impact.input_hash}
    document = words | numbers | {"scenario_argument": scenario, "scenario_toml": text, "command": again}
    document |= {"input_hash": impact.input_hash, "answer": json.loads(impact.to_json())}
    first = "Run it again:" if own else f"Save the file below as {scenario}, then run:"
    reading = (
        "One row a group of accounts, one column a field; darker is a larger share of its accounts. A white "
        "place says that the field did not leak for that group."
    )
    return _together([
        _shown(lambda: plots.leak_matrix(impact.scenario), reading, _leaked(impact)),
        heading("How to run this again", 3),
        paragraph(first),
        Piece(f"<pre><code>{escaped(again)}</code></pre>", again),
        table(pd.DataFrame({"value": rows}), "Made with", under=SAME),
        folded("The scenario, whole", Piece(f"<pre><code>{escaped(text)}</code></pre>", "")),
        data(document, INPUTS),
    ])  # fmt: skip


SAME = (
    "The same inputs give the same hash and the same figures. All of this stands in the page a second time, "
    f"as JSON in the element with the id {INPUTS}."
)


def command(scenario: str, *, seed: int, replicates: int, horizon_years: float) -> str:
    """The command that makes a report again.

    Parameters
    ----------
    scenario
        Name or file.
    seed, replicates, horizon_years
        As for ``simulate``.

    Returns
    -------
    One line for a shell, whatever the name of the file.

    Examples
    --------
    >>> command("stated", seed=1, replicates=10_000, horizon_years=5)
    'breach-sim report stated --seed 1 --replicates 10000 --years 5 --out report.html'
    """
    name = f"./{scenario}" if scenario.startswith("-") else scenario
    words = ["breach-sim", "report", name, "--seed", str(seed), "--replicates", str(replicates)]
    return shlex.join([*words, "--years", f"{horizon_years:g}", "--out", "report.html"])


def _leaked(impact: Impact) -> Piece:
    """Table behind the matrix of leaked fields."""
    import pandas as pd

    rows = [
        (
            segment.title,
            segment.accounts,
            ", ".join(leak.fields).replace("_", " "),
            _percent(leak.coverage.central),
        )
        for segment in impact.scenario.segments
        for leak in segment.leaks
    ]
    frame = pd.DataFrame(rows, columns=["group", "accounts", "fields", "share of its accounts"])
    return table(frame.set_index("group"), "What leaked for whom; shares at their most likely value")
