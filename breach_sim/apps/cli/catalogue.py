"""Commands that show the catalog: scenarios, fields, attacks, sources, mitigations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from breach_sim import api, catalog
from breach_sim.apps.cli.options import Json
from breach_sim.inputs.fields import TOLD as FIELD_TOLD


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


def scenarios(as_json: Json = False) -> None:
    """List the scenarios that come with the package: people, fields, largest harm, how the numbers are known.

    The largest harm is the attack with the largest expected loss, kept from when docs/catalog.md was made.
    """
    from breach_sim.apps.reporting import library

    found = [api.load_scenario(name) for name in api.scenario_names()]
    if as_json:
        typer.echo(json.dumps([library.entry(breach) for breach in found], indent=2))
        return
    typer.echo("\n".join(line for breach in found for line in library.listed(breach)))


def requires(
    harm: Annotated[str, typer.Argument(help="Name of an attack, or 'any'.")],
    scenario: Annotated[str | None, typer.Option(help="Count the accounts that each set concerns.")] = None,
    as_json: Json = False,
) -> None:
    """What an attack needs in leaked fields, and what it takes to prevent it.

    Enabling sets: smallest sets of fields that suffice, earlier attacks of a chain unfolded to fields.
    Protection sets: smallest sets that, kept safe, make it impossible.
    """
    from breach_sim.apps.reporting import terminal as report

    answer = api.requires(harm, scenario)
    typer.echo(json.dumps(answer, indent=2) if as_json else report.requires_text(answer))


def new(file: Annotated[Path, typer.Argument(help="File to write.", metavar="FILE.toml")]) -> None:
    """Write a commented template of your own breach."""
    if file.is_dir():
        raise ValueError(f"{file} is a directory; name a .toml file in it")
    if file.exists():
        raise ValueError(f"{file} exists already; give another name, nothing was changed")
    file.write_text(catalog.scenario_template(), encoding="utf-8", newline="\n")
    schema = file.with_name(catalog.SCHEMA)  # the first line of the template names it, for editors
    if not schema.exists():
        schema.write_text(catalog.stored_schema(), encoding="utf-8", newline="\n")
    typer.echo(f"{file} written. Edit it, then: breach-sim validate {file}")


def validate(file: Annotated[str, typer.Argument(help="File to check.", metavar="FILE.toml")]) -> None:
    """Check a scenario file and say in a sentence what is wrong with it."""
    breach = api.load_scenario(file)
    typer.echo(
        f"{file}: valid. {breach.title}: {len(breach.segments)} segments, {breach.accounts:,} accounts."
    )
    for segment in breach.segments:
        typer.echo(f"  {segment.name}: {segment.accounts:,} accounts, {', '.join(segment.fields) or 'none'}")


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


def attacks(as_json: Json = False) -> None:
    """List the names of all attacks."""
    told = {attack.name: f"{attack.label}: {attack.description}" for attack in api.load_attacks().attacks}
    typer.echo(json.dumps(told, indent=2) if as_json else _columns(told))


def _columns(told: dict[str, str]) -> str:
    width = max(map(len, told))
    return "\n".join(f"{name.ljust(width)}  {words}" for name, words in told.items())


def sources(as_json: Json = False) -> None:
    """List every number of the attack catalogue, assumptions first, and the sources."""
    from breach_sim.apps.reporting import terminal as report

    typer.echo(json.dumps(report.catalog_numbers(), indent=2) if as_json else report.catalog_text())
