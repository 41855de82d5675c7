"""The command ``breach-sim import``: other people's formats as scenarios, and a log of what was mapped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from breach_sim import api
from breach_sim.apps.cli.options import Json, With, changed_import
from breach_sim.apps.terminal.place import fitted
from breach_sim.apps.terminal.progress import working
from breach_sim.formatting.display import plural
from breach_sim.interop.export import check_ending, export
from breach_sim.interop.files import write_folder
from breach_sim.interop.formats import FORMATS, read_format
from breach_sim.interop.imported import Import, ImportRow
from breach_sim.interop.scenario_file import to_toml

REPLICATES = 200
"""Joint draws of ``--run`` where no number is given."""
LISTED = 3
"""Scenarios up to which every word is listed on the screen; of more, words are counted."""
NOT_ADDED = (
    "these runs share one seed, so their losses must not be added; breach-sim portfolio gives each luck of "
    "its own."
)
"""Said of several runs."""
_REFUSED = 20

Account = Annotated[
    Path | None, typer.Option(help="File for the log of what was mapped: .csv, .xlsx or .parquet.")
]
Blocks = Annotated[
    list[str] | None,
    typer.Option("--block", help="table: fields that leak together, as in ssn,date_of_birth; repeatable."),
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", help="table: meaning of a column, as in 'Soc. number=ssn'; repeatable."),
]
Countries = Annotated[
    str | None, typer.Option(help="hibp, table, veris: where the people live, as in SE or DE,FR.")
]
DayZero = Annotated[
    str | None,
    typer.Option("--day-zero", help="table: date of day 0, as YYYY-MM-DD; protections and prices follow it."),
]
Ignore = Annotated[list[str] | None, typer.Option(help="table: a column to leave out.")]
PerCent = Annotated[bool, typer.Option("--per-cent", help="table: numbers without a % sign are percentages.")]
Hidden = Annotated[bool, typer.Option("--hidden", help="table: read hidden rows and columns too.")]
Label = Annotated[str | None, typer.Option(help="table: title of the scenario.")]
Sheet = Annotated[str | None, typer.Option(help="table: sheet of the workbook; found by itself if one fits.")]
Totals = Annotated[
    bool | None,
    typer.Option("--totals/--no-totals", help="table: leave rows out that may be totals, or read them."),
]


def import_(
    form: Annotated[str, typer.Argument(help=f"One of {', '.join(FORMATS)}.", metavar="FORMAT")],
    path: Annotated[str, typer.Argument(help="A file; for veris also a folder.", metavar="FILE_OR_DIR")],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for scenario files, one for each entry; none are written without it."),
    ] = None,
    account: Account = None,
    simulate: Annotated[
        bool, typer.Option("--run", help="Also run the model on each imported breach.")
    ] = False,
    replicates: Annotated[int, typer.Option(help="With --run: number of random draws.")] = REPLICATES,
    seed: Annotated[int, typer.Option(help="With --run: the same seed gives the same document.")] = 1,
    accounts: Annotated[
        int | None, typer.Option(help="veris, register: accounts of entries that state no amount.")
    ] = None,
    per_cent: PerCent = False,
    ignore: Ignore = None,
    block: Blocks = None,
    column: Columns = None,
    countries: Countries = None,
    day_zero: DayZero = None,
    hidden: Hidden = False,
    label: Label = None,
    sheet: Sheet = None,
    totals: Totals = None,
    own: With = None,
    as_json: Json = False,
) -> None:
    """Import a breach of Have I Been Pwned, an incident of VERIS, a spreadsheet, or an official list.

    Example: breach-sim import hibp breaches.json --out mine

    Official lists (register): the HHS breach portal, lists of the states, Privacy Rights Clearinghouse.

    Shows for each data class which fields it means, surely or perhaps, and which classes mean none. Entries
    that cannot be read are listed with the reason; if none can, nothing is written.
    """
    options: dict[str, Any] = {"accounts": accounts, "per_cent": per_cent, "ignore": ignore, "hidden": hidden}
    options |= {"label": label, "sheet": sheet, "totals": totals, "day_zero": day_zero}
    options |= {"countries": countries} | _lists(block, column)
    if account is not None:
        check_ending(account, "--account")
    with working("Reading the file"):
        found = changed_import(read_format(form, path, options, "breach-sim import"), own)
    texts = {f"{breach.name}.toml": to_toml(breach) for breach in found} if out is not None else {}
    impacts = _impacts(found, replicates, seed) if simulate else []
    files = write_folder(out, texts) if out is not None else []
    if account is not None:
        export(found.account(), account)
    if as_json:
        document = json.loads(found.to_json()) | ({"impacts": impacts} if simulate else {})
        document |= {"caution": NOT_ADDED} if len(impacts) > 1 else {}
        typer.echo(json.dumps(document, indent=2))
        return
    typer.echo(fitted("\n".join([*_lines(found), *_run_lines(impacts)])))
    if files:
        typer.echo(_written(files, out))


def _lists(block: list[str] | None, column: list[str] | None) -> dict[str, Any]:
    """Options of a table that are lists in one word: blocks, and meanings of columns."""
    meanings = {}
    for text in column or ():
        heading, sign, field = text.rpartition("=")
        if not sign or not heading.strip() or not field.strip():
            raise ValueError(f"--column is {text!r}; write HEADING=FIELD, as in 'Soc. number=ssn'")
        meanings[heading.strip()] = field.strip()
    blocks = [[name.strip() for name in text.split(",") if name.strip()] for text in block or ()]
    return {"blocks": blocks or None, "columns": meanings or None}


def _impacts(found: Import, replicates: int, seed: int) -> list[dict[str, Any]]:
    """What each scenario comes to."""
    impacts = []
    with working("Running the model on each") as progress:
        for number, breach in enumerate(found):
            progress(number, len(found))
            impacts.append(_impact(breach, replicates, seed))
    return impacts


def _impact(breach: Any, replicates: int, seed: int) -> dict[str, Any]:
    """What one scenario comes to, as plain data: people, loss, both in words too, and what the run says."""
    from breach_sim.formatting.tables import spread, summary

    impact = api.simulate(breach, replicates=replicates, seed=seed)
    samples = {"people": impact.people, "loss_usd": impact.loss}
    numbers = {word: summary(sample, impact.expected(word)) for word, sample in samples.items()}
    words = {word: spread(sample, impact.scramble) for word, sample in samples.items()}
    about = {"name": breach.name, "accounts": breach.accounts, "replicates": replicates, "seed": seed}
    return about | numbers | {"words": words, "notes": [n for n in impact.notes if n not in breach.all_notes]}


def _written(files: Sequence[Any], out: Any) -> str:
    """Where the scenario files are."""
    return f"\n{plural(len(files), 'scenario file')} in {out}; for instance: breach-sim run {files[0]}"


def _lines(found: Import) -> list[str]:
    """The account for a terminal: every word of a few scenarios, counts of many."""
    lines = [repr(found).split("\n", 1)[0]]
    if len(found) <= LISTED:
        lines += [line for row in found.rows for line in _row_lines(row)]
    else:
        lines += [f"  {breach.name}: {breach.accounts:,} accounts" for breach in list(found)[:_REFUSED]]
        lines += [f"  and {len(found) - _REFUSED:,} scenarios more"] if len(found) > _REFUSED else []
        lines += _by_word(found.rows)
    lines += [f"  refused {entry}: {reason}" for entry, reason in list(found.refused.items())[:_REFUSED]]
    lines += found.alike_lines()
    more = len(found.refused) - _REFUSED
    lines += [f"  and {more:,} more refused; all of them: --account FILE.csv"] if more > 0 else []
    return lines


def _row_lines(row: ImportRow) -> list[str]:
    fields = f" -> {', '.join(row.fields)}" if row.fields else ""
    reason = f" ({row.reason})" if row.reason else ""
    return [f"  {row.state:<18}{row.word}{fields}{reason}"]


def _by_word(rows: Iterable[ImportRow]) -> list[str]:
    """Words that were not simply mapped, with how often, the most frequent first."""
    number: dict[tuple[str, str], int] = {}
    for row in rows:
        if (row.fields and row.state != "mapped") or row.state == "no counterpart":
            number[row.state, row.word] = number.get((row.state, row.word), 0) + 1
    ranked = sorted(number.items(), key=lambda item: (-item[1], item[0]))[:_REFUSED]
    return [f"  {times:>6,} times {state}: {word}" for (state, word), times in ranked]


def _run_lines(impacts: Sequence[dict[str, Any]]) -> list[str]:
    lines = []
    for impact in impacts:
        words = impact["words"]
        lines.append(
            f"  {impact['name']}: people {words['people']}, loss {words['loss_usd']} USD, "
            f"{impact['replicates']} replicates"
        )
        lines += [f"      note: {note}" for note in impact["notes"]]
    return [*lines, *([f"  caution: {NOT_ADDED}"] if len(impacts) > 1 else [])]
