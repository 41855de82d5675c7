"""Pages about the names of the catalog and the keys of a scenario file, as the documentation shows them.

Both are read from the package: names from the catalog, keys from the JSON Schema of a scenario file. So a new
field, attack, mitigation or key is on its page at once.

Not here: columns of results (docs/data.md), and numbers of the attacks (`breach-sim sources`).
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from cli_reference import marked

import breach_sim as bs
from breach_sim.catalog import label_of_field
from breach_sim.catalog.faces.schema import schema_text

NAMES, FILE = "reference/names", "reference/scenario-file"
"""The pages in the book, without their ending."""
TITLES = {NAMES: "Names of fields, attacks, and mitigations", FILE: "Scenario files"}
PARTS = {
    "segment": "A segment, `[segments.NAME]`",
    "leak": "A leak, `[[segments.NAME.leaks]]`",
    "estimate": "A number that is not known exactly",
    "event": "An event, `[[events]]`",
    "source": "A source, `[source.NAME]`",
    "dossier": "Published facts, `[dossier]`",
    "published": "A published fact, in `dates` and `counts` of the dossier",
    "left_out": "What an import did not read, `[[left_out]]`",
}
"""Parts of a scenario file, by their names in the schema, in the order of the page."""


def pages() -> dict[str, str]:
    """Text of the pages by place in the book."""
    return {f"{NAMES}.md": names_page(), f"{FILE}.md": file_page()}


def names_page() -> str:
    """Every name that a file or a command can use."""
    graph = bs.load_attacks()
    labels = {attack.name: attack.label for attack in graph.attacks}
    fields = [
        (
            f"`{name}`",
            label_of_field(name),
            use["description"],
            "; ".join(labels[attack] for attack in use["attacks"]) or use["because"],
        )
        for name, use in bs.field_uses().items()
    ]
    attacks = [
        (f"`{attack.name}`", attack.label, attack.description, ", ".join(attack.countries) or "everywhere")
        for attack in graph.attacks
    ]
    mitigations = [
        (f"`{found.name}`", found.label, found.description, found.actor) for found in bs.load_mitigations()
    ]
    lines = [
        f"# {TITLES[NAMES]}",
        "",
        "Use these names in files, in commands, and in Python. `breach-sim fields`, `breach-sim attacks` and"
        " `breach-sim mitigations` print them.",
        "",
        *chapter("Fields", ("name", "label", "what it is", "attacks that use it, or why none does"), fields),
        *chapter("Attacks", ("name", "label", "what happens", "countries"), attacks),
        "In a name of a mitigation, the field or the number of days or years can be another one, such as"
        " `drop-ssn` or `pin-reset-day-1`.",
        "",
        *chapter("Mitigations", ("name", "label", "what is done", "by whom"), mitigations),
    ]
    return "\n".join(lines)


def chapter(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """A heading and a table."""
    ruled = [head, ("---",) * len(head), *([escaped(cell) for cell in row] for row in rows)]
    return [f"## {title}", "", *(f"| {' | '.join(row)} |" for row in ruled), ""]


def escaped(text: str) -> str:
    """Words of a cell, in which no sign acts as Markdown; a name in code stays as it is."""
    return text if text.startswith("`") else marked(" ".join(text.split()))


def file_page() -> str:
    """Every key of a scenario file, part by part."""
    schema = json.loads(schema_text())
    lines = [
        f"# {TITLES[FILE]}",
        "",
        "A breach is a TOML file. `breach-sim new mine.toml` writes one with comments, and"
        " `breach-sim validate mine.toml` checks it. The first line of that file names a JSON Schema, with"
        " which editors complete and check keys.",
        "",
        *chapter("The file", ("key", "type", "meaning"), list(keys(schema))),
    ]
    for name, title in PARTS.items():
        lines += chapter(title, ("key", "type", "meaning"), list(keys(schema["definitions"][name])))
    return "\n".join(lines)


def keys(part: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield key, type and meaning of a part of the schema; required keys say so."""
    for name, about in part["properties"].items():
        needed = "required. " if name in part.get("required", []) else ""
        yield f"`{name}`", kind(about), f"{needed}{about.get('description', '')}".strip()


def kind(about: dict[str, Any]) -> str:
    """Type of a value, or the words that it may be."""
    if "$ref" in about:
        return str(about["$ref"]).rpartition("/")[2]
    if "enum" in about:
        words = [str(word) for word in about["enum"] if word != ""]
        return ", ".join(words) if len(words) <= MOST_WORDS else "text"
    found = about.get("type") or " or ".join(dict.fromkeys(kind(each) for each in about.get("anyOf", [])))
    return {"string": "text", "object": "table", "array": "list", "boolean": "true or false"}.get(
        found, found
    )


KINDS = {"string": "text", "object": "table", "array": "list", "boolean": "true or false"}
MOST_WORDS = 12
"""Words of a list of choices that the page shows."""
