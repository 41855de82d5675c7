"""The command line: ``breach-sim run | diff | compare | backtest | expose | generate | yardsticks | ...``.

Bad input gets one or two sentences on standard error and exit code 2; never a traceback, never a file half
written. With ``--json`` one JSON document is printed and nothing else.

Place in the corridor: the top. Each command is a few lines over ``api``.
"""

from __future__ import annotations

import json
import sys
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import typer

from breach_sim import (
    __version__,
    api,
    cli_backtest,
    cli_import,
    cli_population,
    cli_report,
    cli_yardsticks,
)
from breach_sim.fields import TOLD as FIELD_TOLD

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From leaked fields to attacks, victims and money, and how sure.\n\n"
    "Start with: breach-sim run tmobile-2021-claimed. Then compare it with tmobile-2021-stated, ask "
    "'breach-sim requires new_account_fraud --scenario tmobile-2021-stated', and write your own breach "
    "with 'breach-sim new mine.toml'. Every number has a source; assumptions are listed first.",
)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
_UsageError: Any = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")
"""Wrong options and commands. Typer carries its own copy of Click, or not, depending on its version."""
ENOUGH = 100
"""Replicates from which on the assumptions are ranked by their effect."""
NOTES = 3
"""How many numbers the run names on the screen before it points to the full list."""


def main() -> None:
    """Run the command line; turn bad input into a sentence and exit code 2."""
    try:
        code = app(prog_name="breach-sim", standalone_mode=False)
    except BrokenPipeError:
        sys.exit(141)
    except MemoryError:
        _refuse("memory does not suffice; take fewer replicates")
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except (ValueError, OSError) as error:
        _refuse(_sentence(error))
    except _UsageError as error:
        _refuse(_misuse(error, sys.argv[1:]))
    else:
        sys.exit(code if isinstance(code, int) else 0)


def _refuse(message: str) -> None:
    sys.stderr.write(f"breach-sim: {message}\n")
    sys.exit(2)


def _misuse(error: Any, words: list[str]) -> str:
    """What is wrong with the words, the one that was given, and where the right ones stand."""
    told = " ".join(error.format_message().split()).rstrip(".")
    option = next((name for name in getattr(getattr(error, "param", None), "opts", []) if name in words), "")
    if told.startswith("Invalid value") and option in words[:-1]:
        told += f", and {words[words.index(option) + 1]!r} is given"
    place = error.ctx.command_path if getattr(error, "ctx", None) else "breach-sim"
    return f"{told}. See {place} --help."


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}; choose a place that can be written and read"
    return str(error)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(help="A scenario, or a .toml file.", metavar="NAME_OR_FILE")],
    accounts: Annotated[int | None, typer.Option(help="Scale every segment to this many in all.")] = None,
    replicates: Annotated[
        int | None, typer.Option(help="Joint draws: 10,000, or at most 160,000 with --until.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same document.")] = 1,
    years: Annotated[float, typer.Option(help="Horizon after the sale.")] = 5.0,
    until: Annotated[str | None, typer.Option(help='Error to reach, such as "rel_se<1%".')] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for tables and figures; else none.")] = None,
    as_json: Json = False,
) -> None:
    """Impact of a breach: exposed, attackable, attempted, victims, loss, attack by attack.

    Example: breach-sim run tmobile-2021-stated --replicates 2000 --out out
    """
    from breach_sim import report

    breach = api.load_scenario(scenario)
    if accounts is not None:
        breach = breach.scaled(accounts)
    if out is not None:
        report.check_folder(out)
    impact = api.simulate(breach, replicates=replicates, seed=seed, horizon_years=years, until=until)
    files = report.write(impact, out, api.load_sources()) if out is not None else []
    if as_json:
        typer.echo(impact.to_json())
        return
    typer.echo(_screen(impact))
    if out is not None:
        typer.echo(f"\n{len(files)} files in {out}: start with {out / 'summary.md'}")


def _screen(impact: Any) -> str:
    """Everything that ``run`` prints."""
    from breach_sim import report

    assumed = sum(estimate.status == "assumed" for estimate in impact.parameters())
    lines = [
        repr(impact),
        "",
        report.text_table(impact.funnel().iloc[: len(impact.attacks.attacks) + 1]),
        "",
    ]
    lines += [report.excess_line(impact), *report.anchor_lines(impact), *report.reported_lines(impact)]
    lines += report.ledger_lines(impact)
    lines += [report.disagreement_line(impact)]
    lines += [
        f"{assumed} numbers are assumed.{_most_moving(impact)}",
        "All of them, with reasons: breach-sim sources (or summary.md with --out). "
        "Do not quote a number without its assumptions.",
    ]
    return "\n".join(lines)


def _most_moving(impact: Any) -> str:
    """Sentence that names the numbers with the largest effect on the loss."""
    if impact.replicates < ENOUGH:
        return ""
    ranked = api.assumptions(impact).head(NOTES)
    told = [f"{name} ({status})" for name, status in zip(ranked.index, ranked["status"], strict=True)]
    return f" What moves the loss most: {', '.join(told)}."


@app.command()
def expose(
    path: Annotated[str, typer.Argument(help="A Parquet file, a folder of them, or a pattern.")],
    columns: Annotated[
        str | None, typer.Option(help="What columns reveal: COLUMN=FIELD,...", metavar="COLUMN=FIELD,...")
    ] = None,
    mask: Annotated[str | None, typer.Option(help="Column with the set of leaked fields.")] = None,
    segment: Annotated[str | None, typer.Option(help="Column that names the segment.")] = None,
    kind: Annotated[str | None, typer.Option(help="Kind of all segments; else as their names say.")] = None,
    simulate: Annotated[bool, typer.Option("--run", help="Print the impact in place of the cells.")] = False,
    replicates: Annotated[int, typer.Option(help="With --run: joint draws.")] = 10_000,
    seed: Annotated[int, typer.Option(help="With --run: the same seed gives the same document.")] = 1,
    as_json: Json = False,
) -> None:
    """Count which fields leaked for how many records that one has; only counts are shown.

    Example: breach-sim expose records.parquet --columns msisdn=phone_number,first=full_name,last=full_name
    """
    pairs = None if columns is None else api.read_columns(columns)
    found = api.expose_records(path, pairs, segment=segment, kinds=kind, mask=mask, name=Path(path).stem)
    if simulate:
        impact = api.simulate(exposure=found, replicates=replicates, seed=seed)
        typer.echo(impact.to_json() if as_json else _screen(impact))
        return
    if as_json:
        typer.echo(found.to_json())
        return
    typer.echo(f"{found}\n")
    for group, _, names, accounts in found.table().itertuples(index=False):
        typer.echo(f"{accounts:>15,}  {group}: {names or 'nothing'}")


app.command()(cli_population.generate)
app.command()(cli_backtest.backtest)
app.command()(cli_yardsticks.yardsticks)
app.command()(cli_yardsticks.enisa)
app.command(name="import")(cli_import.import_)
app.command()(cli_report.report)


@app.command()
def diff(
    a: Annotated[str, typer.Argument(help="A scenario, or a .toml file.")],
    b: Annotated[str, typer.Argument(help="Another.")],
    replicates: Annotated[int, typer.Option(help="Joint draws of parameters and outcomes.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Shared by both.")] = 1,
    years: Annotated[float, typer.Option(help="Horizon after the sale.")] = 5.0,
    as_json: Json = False,
) -> None:
    """Two breaches side by side on shared draws: medians, difference, ratio.

    Example: breach-sim diff claimed stated
    """
    from breach_sim import report

    frame = api.diff(a, b, replicates=replicates, seed=seed, horizon_years=years)
    typer.echo(report.diff_json(frame) if as_json else report.diff_text(frame))


@app.command()
def assumptions(
    scenario: Annotated[str, typer.Argument(help="A scenario, or a .toml file.", metavar="NAME_OR_FILE")],
    out: Annotated[Path | None, typer.Option(help="File to write: .csv, .xlsx or .parquet.")] = None,
    replicates: Annotated[int, typer.Option(help="Joint draws of parameters and outcomes.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same sheet.")] = 1,
    years: Annotated[float, typer.Option(help="Horizon after the sale.")] = 5.0,
    as_json: Json = False,
) -> None:
    """What could I be asked about: every number used, the most influential first.

    Example: breach-sim assumptions tmobile-2021-stated --out assumptions.xlsx
    """
    from breach_sim.interop.export import export

    impact = api.simulate(scenario, replicates=replicates, seed=seed, horizon_years=years)
    sheet = api.assumptions(impact)
    if out is not None:
        typer.echo(f"{len(sheet)} numbers in {export(sheet, out)}", err=as_json)
    if as_json:
        typer.echo(sheet.reset_index().to_json(orient="records", indent=2))
    elif out is None:
        typer.echo(_sheet_text(sheet))


def _sheet_text(sheet: Any) -> str:
    """The sheet for a terminal: effect, status, numbers, reason."""
    lines = []
    for name, row in sheet.iterrows():
        lines.append(
            f"{row['effect']:+.2f} on {row['on']:<9} {name} [{row['status']}] {row['numbers']} {row['unit']}"
        )
        sides = [side for side in ("note", "for_low", "for_high") if row[side]]
        lines += [f"      {side.replace('_', ' ')}: {row[side]}" for side in sides]
    return "\n".join(lines)


@app.command()
def compare(
    scenario: Annotated[str, typer.Argument(help="A scenario, or a .toml file.")],
    mitigations: Annotated[list[str], typer.Argument(help="Names; see breach-sim mitigations.")],
    budget: Annotated[float | None, typer.Option(help="USD: also the best bundle for this much.")] = None,
    replicates: Annotated[int, typer.Option(help="Joint draws of parameters.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same document.")] = 1,
    years: Annotated[float, typer.Option(help="Horizon after the sale.")] = 5.0,
    as_json: Json = False,
) -> None:
    """What would have helped: loss and people averted, cost, and whether it is worth it.

    Example: breach-sim compare stated credit-freeze drop-ssn retention-5-years --budget 20e6
    """
    told = {"seed": seed, "horizon_years": years}
    breach = api.load_scenario(scenario)
    best = None
    if budget is not None:
        best = api.best_bundle(breach, mitigations, budget, replicates=min(replicates, 2_000), **told)  # type: ignore[arg-type]
    found = api.compare(breach, *mitigations, replicates=replicates, **told)  # type: ignore[arg-type]
    if as_json:
        document = json.loads(found.to_json()) | ({"bundle": best.told()} if best else {})
        typer.echo(json.dumps(document, indent=2))
        return
    typer.echo("\n".join([repr(found), *([repr(best)] if best else [])]))


@app.command(name="mitigations")
def list_mitigations(as_json: Json = False) -> None:
    """List the mitigations; N and FIELD stand for what you say, and "-day-N" sets the day of a start."""
    found = dict(zip(api.mitigation_names(), api.load_mitigations(), strict=False))
    keys = ("label", "description", "day")
    if as_json:
        listed = [{"name": name} | {key: getattr(own, key) for key in keys} for name, own in found.items()]
        typer.echo(json.dumps(listed, indent=2))
        return
    told = {
        name if own.day is None else f"{name}[-day-{own.day:g}]": f"{own.label}: {own.description}"
        for name, own in found.items()
    }
    typer.echo(_columns(told))


@app.command()
def attribute(
    scenario: Annotated[str, typer.Argument(help="A scenario, or a .toml file.", metavar="NAME_OR_FILE")],
    by_segment: Annotated[bool, typer.Option(help="One row a segment and field.")] = False,
    pairs: Annotated[bool, typer.Option(help="Which fields did it together.")] = False,
    replicates: Annotated[int, typer.Option(help="Joint draws of parameters and outcomes.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same table.")] = 1,
    years: Annotated[float, typer.Option(help="Horizon after the sale.")] = 5.0,
    as_json: Json = False,
) -> None:
    """Which field did the damage: Shapley values of the expected loss, beside the columns that mislead.

    Example: breach-sim attribute tmobile-2021-stated --by-segment
    """
    from breach_sim import report

    if by_segment and pairs:
        raise ValueError("--by-segment and --pairs were both given; take one of them")
    impact = api.simulate(scenario, replicates=replicates, seed=seed, horizon_years=years)
    frame = api.attribution_pairs(impact) if pairs else api.attribution(impact, by_segment=by_segment)
    typer.echo(report.attribution_json(frame) if as_json else report.attribution_text(frame))


@app.command()
def explain(
    path: Annotated[str, typer.Argument(help="A figure, such as attacks.sim_swap.victims.p50.")],
    scenario: Annotated[str, typer.Option(help="A scenario, or a .toml file.")] = "tmobile-2021-stated",
    replicates: Annotated[int, typer.Option(help="Joint draws of parameters and outcomes.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The seed of the run that printed the figure.")] = 1,
    years: Annotated[float, typer.Option(help="Horizon after the sale.")] = 5.0,
    as_json: Json = False,
) -> None:
    """Where a figure comes from: down to segment, route, step, parameter, source and grade.

    Example: breach-sim explain people.mean --scenario tmobile-2021-claimed
    """
    from breach_sim import report

    impact = api.simulate(scenario, replicates=replicates, seed=seed, horizon_years=years)
    typer.echo(report.explained(impact, path, as_json=as_json))


@app.command()
def follow(
    row: Annotated[int, typer.Argument(help="Number of the person in the synthetic population.")],
    scenario: Annotated[str, typer.Option(help="A scenario, or a .toml file.")] = "tmobile-2021-stated",
    seed: Annotated[int, typer.Option(help="Of the population and of the draws.")] = 1,
    replicates: Annotated[int, typer.Option(help="Joint draws of parameters.")] = 2_000,
    as_json: Json = False,
) -> None:
    """One synthetic person: what leaked, the routes open, the odds, and the action that helps most.

    Example: breach-sim follow 73456 --scenario tmobile-2021-claimed
    """
    person = api.follow(scenario, row, seed=seed, replicates=replicates)
    if not as_json:
        typer.echo("\n".join(person.sentences(api.load_mitigations())))
        return
    told = {
        name: json.loads(frame.to_json(orient="index"))
        for name, frame in (("odds", person.odds()), ("actions", person.actions(api.load_mitigations())))
    }
    typer.echo(json.dumps({"row": row, "segment": person.segment, "leaked": person.leaked} | told, indent=2))


@app.command()
def scenarios(as_json: Json = False) -> None:
    """List the scenarios that come with the package: people, fields, largest harm, how the numbers are known.

    The largest harm is the attack with the largest expected loss, kept from when docs/catalog.md was made.
    """
    from breach_sim import library

    found = [api.load_scenario(name) for name in api.scenario_names()]
    if as_json:
        typer.echo(json.dumps([library.entry(breach) for breach in found], indent=2))
        return
    typer.echo("\n".join(line for breach in found for line in library.listed(breach)))


@app.command()
def requires(
    harm: Annotated[str, typer.Argument(help="Name of an attack, or 'any'.")],
    scenario: Annotated[str | None, typer.Option(help="Count the accounts that each set concerns.")] = None,
    as_json: Json = False,
) -> None:
    """What an attack needs in leaked fields, and what it takes to prevent it.

    Enabling sets: smallest sets of fields that suffice, earlier attacks of a chain unfolded to fields.
    Protection sets: smallest sets that, kept safe, make it impossible.
    """
    from breach_sim import report

    answer = api.requires(harm, scenario)
    typer.echo(json.dumps(answer, indent=2) if as_json else report.requires_text(answer))


@app.command()
def new(file: Annotated[Path, typer.Argument(help="File to write.", metavar="FILE.toml")]) -> None:
    """Write a commented template of your own breach."""
    if file.is_dir():
        raise ValueError(f"{file} is a directory; name a .toml file in it")
    if file.exists():
        raise ValueError(f"{file} exists already; give another name, nothing was changed")
    template = (resources.files("breach_sim") / "data" / "template.toml").read_text(encoding="utf-8")
    file.write_text(template, encoding="utf-8", newline="\n")
    typer.echo(f"{file} written. Edit it, then: breach-sim validate {file}")


@app.command()
def validate(file: Annotated[str, typer.Argument(help="File to check.", metavar="FILE.toml")]) -> None:
    """Check a scenario file and say in a sentence what is wrong with it."""
    breach = api.load_scenario(file)
    typer.echo(
        f"{file}: valid. {breach.title}: {len(breach.segments)} segments, {breach.accounts:,} accounts."
    )
    for segment in breach.segments:
        typer.echo(f"  {segment.name}: {segment.accounts:,} accounts, {', '.join(segment.fields) or 'none'}")


@app.command()
def fields(
    uses: Annotated[bool, typer.Option("--attacks", help="Attacks that read each, or why none.")] = False,
    as_json: Json = False,
) -> None:
    """List the names of all fields that can leak."""
    if not uses:
        typer.echo(json.dumps(FIELD_TOLD, indent=2) if as_json else _columns(FIELD_TOLD))
        return
    found = api.field_uses()
    told = {name: ", ".join(own["attacks"]) or f"(none: {own['because']})" for name, own in found.items()}
    typer.echo(json.dumps(found, indent=2) if as_json else _columns(told))


@app.command()
def attacks(as_json: Json = False) -> None:
    """List the names of all attacks."""
    told = {attack.name: f"{attack.label}: {attack.description}" for attack in api.load_attacks().attacks}
    typer.echo(json.dumps(told, indent=2) if as_json else _columns(told))


def _columns(told: dict[str, str]) -> str:
    width = max(map(len, told))
    return "\n".join(f"{name.ljust(width)}  {words}" for name, words in told.items())


@app.command()
def sources(as_json: Json = False) -> None:
    """List every number of the attack catalogue, assumptions first, and the sources."""
    from breach_sim import report

    typer.echo(json.dumps(report.catalog_numbers(), indent=2) if as_json else report.catalog_text())


if __name__ == "__main__":
    main()
