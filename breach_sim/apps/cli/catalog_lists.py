"""Commands that list the catalog, and those for a scenario file of one's own: ``new`` and ``validate``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from breach_sim import api, catalog
from breach_sim.apps.cli.options import Elsewhere, Json, With, changed
from breach_sim.apps.terminal.place import fitted, screen, two_columns
from breach_sim.inputs.fields import FIELDS
from breach_sim.interop.export import check_ending

DESCRIPTIONS = {field.name: field.description for field in FIELDS}
"""Descriptions of fields by name."""


def list_mitigations(as_json: Json = False) -> None:
    """List the mitigations; replace N and FIELD by your values; "-day-N" sets the starting day."""
    found = dict(zip(api.mitigation_names(), api.load_mitigations(), strict=False))
    keys = ("label", "description", "day", "actor", "earliest_day")
    if as_json:
        listed = [{"name": name} | {key: getattr(one, key) for key in keys} for name, one in found.items()]
        typer.echo(json.dumps(listed, indent=2))
        return
    descriptions = {
        name if one.day is None else f"{name}[-day-{one.day:g}]": f"{one.label}: {one.description}"
        for name, one in found.items()
    }
    typer.echo(two_columns(descriptions))


def scenarios(as_json: Json = False) -> None:
    """List the scenarios of the package: people, fields, largest harm, and how the numbers are known.

    The largest harm is the attack with the largest expected loss, as stored with docs/catalog.md.
    """
    from breach_sim.apps.reporting import catalog_page
    from breach_sim.apps.terminal import catalog_lists as lists

    found = [api.load_scenario(name) for name in api.scenario_names()]
    if as_json:
        typer.echo(json.dumps([catalog_page.entry(breach) for breach in found], indent=2))
        return
    typer.echo(fitted("\n".join(line for breach in found for line in lists.scenario_lines(breach))))


def requires(
    harm: Annotated[str, typer.Argument(help="Name of an attack, or 'any'.")],
    scenario: Annotated[
        str | None, typer.Option(help="Count the accounts of this scenario that each set concerns.")
    ] = None,
    elsewhere: Elsewhere = "catalog",
    own: With = None,
    as_json: Json = False,
) -> None:
    """Show which leaked fields an attack needs, and which fields prevent it if they do not leak.

    Enabling sets: smallest sets of leaked fields that make the attack possible, directly or through others.
    Protection sets: smallest sets of fields that make it impossible if they do not leak.
    With look-ups: sets that suffice for people whose other fields can be found, and the chance of that.
    """
    from breach_sim.apps.terminal import questions

    breach = None if scenario is None else changed(scenario, own)
    answer = api.requires(harm, breach, elsewhere=elsewhere)
    typer.echo(json.dumps(answer, indent=2) if as_json else fitted(questions.requires_text(answer)))


def new(file: Annotated[Path, typer.Argument(help="File to write.", metavar="FILE.toml")]) -> None:
    """Write a commented template for a breach of your own."""
    if file.is_dir():
        raise ValueError(f"{file} is a directory and no file; name a .toml file in it")
    if file.exists():
        raise ValueError(f"{file} exists already; give another name, nothing was changed")
    check_ending(file, "the file to write", (".toml",))
    file.write_text(catalog.scenario_template(), encoding="utf-8", newline="\n")
    schema = file.with_name(catalog.SCHEMA)  # the first line of the template names it, for editors
    if not schema.exists():
        schema.write_text(catalog.stored_schema(), encoding="utf-8", newline="\n")
    typer.echo(f"{file} written. Edit it, then: breach-sim validate {file}")


def validate(
    file: Annotated[str, typer.Argument(help="File to check.", metavar="FILE.toml")],
    own: With = None,
    as_json: Json = False,
) -> None:
    """Check a scenario file, and one of your own numbers, and report the first error."""
    breach = catalog.scenario_of(changed(file, own))
    if as_json:
        segments = [
            {"name": one.name, "accounts": one.accounts, "fields": list(one.fields)}
            for one in breach.segments
        ]
        found = {"scenario": breach.name, "label": breach.title, "accounts": breach.accounts}
        typer.echo(json.dumps(found | {"segments": segments}, indent=2))
        return
    lines = [f"{file}: valid. {breach.title}: {len(breach.segments)} segments, {breach.accounts:,} accounts."]
    lines += [
        f"  {own.name}: {own.accounts:,} accounts, {', '.join(own.fields) or 'none'}"
        for own in breach.segments
    ]
    typer.echo(fitted("\n".join(lines)))


def fields(
    uses: Annotated[
        bool, typer.Option("--attacks", help="Show which attacks use each field, or why none does.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List all fields that can leak."""
    from breach_sim.apps.terminal import catalog_lists as lists

    if not uses:
        typer.echo(json.dumps(DESCRIPTIONS, indent=2) if as_json else two_columns(DESCRIPTIONS))
        return
    found = api.field_uses()
    typer.echo(json.dumps(found, indent=2) if as_json else two_columns(lists.readers(found)))


def attacks(as_json: Json = False) -> None:
    """List all attacks."""
    texts = {attack.name: f"{attack.label}: {attack.description}" for attack in api.load_attacks().attacks}
    typer.echo(json.dumps(texts, indent=2) if as_json else two_columns(texts))


def countries(as_json: Json = False) -> None:
    """List the countries with numbers of their own, what these are, and which attacks are left out there.

    All other people get US numbers. A scenario names its countries under [dossier].
    """
    from breach_sim.apps.terminal import catalog_lists as lists

    if as_json:
        found = catalog.load_countries()
        parts = ("name", "currency", "identifiers", "absent")
        listed = {
            code: {part: getattr(own, part) for part in parts}
            | {"size": own.size.central, "own": own.replaced}
            for code, own in found.items()
        }
        typer.echo(json.dumps(listed, indent=2))
        return
    typer.echo(two_columns(lists.country_texts()))


def sources(as_json: Json = False) -> None:
    """List every number of the attack catalog, assumptions first, and the sources."""
    from breach_sim.apps.terminal import catalog_lists as lists

    if as_json:
        typer.echo(json.dumps(lists.catalog_numbers(), indent=2))
    else:
        typer.echo(fitted(lists.catalog_text(screen())))
