"""The page about every command of ``breach-sim``, as the documentation shows it.

Names, arguments, options and defaults are read from the commands themselves, so the page cannot fall behind.

Not here: the words of help (they stand beside each command in `breach_sim/apps/cli`).
"""

import re
from typing import Any

import typer

from breach_sim.apps.cli.main import app

NAME = "reference/commands"
"""The page in the book, without its ending."""
TITLE = "Commands"
CODE = re.compile(r"(?<![\w`])(--?[a-z][\w-]*(?: [A-Z][A-Z_.a-z]*)?|[A-Z]+(?:_[A-Z]+)+|\w+\.toml)(?![\w`])")


def page() -> str:
    """The page in Markdown: groups of commands in the order of ``--help``, each with its options."""
    root = typer.main.get_command(app)
    above = typer.Context(root, info_name="breach-sim")
    commands: dict[str, Any] = vars(root)["commands"]
    groups: dict[str, list[str]] = {}
    for name, command in commands.items():
        groups.setdefault(str(getattr(command, "rich_help_panel", None) or "Commands"), []).append(name)
    lines = [
        f"# {TITLE}",
        "",
        "Every command of `breach-sim`. `breach-sim COMMAND --help` shows the same text. Bad input ends with"
        " exit code 2 and a sentence on standard error ([errors](../docs/errors.md)).",
        "",
    ]
    for group, names in groups.items():
        lines += [f"## {group}", ""]
        for name in names:
            lines += entry(name, commands[name], above)
    return "\n".join(lines)


def entry(name: str, command: Any, above: Any) -> list[str]:
    """Lines about one command: usage, what it does, its arguments and options."""
    context = typer.Context(command, info_name=name, parent=above)
    arguments = [part for part in command.collect_usage_pieces(context) if part != "[OPTIONS]"]
    usage = " ".join(["breach-sim", name, *(part.strip("{}") for part in arguments), "[OPTIONS]"])
    about, examples = explained(command.help or "")
    lines = [f"### {name}", "", "```text", usage, "```", "", about, ""]
    if examples:
        lines += ["```text", *examples, "```", ""]
    rows = [row(parameter, context) for parameter in command.get_params(context)]
    kept = [found for found in rows if found is not None and not found.startswith("| `--help`")]
    return [*lines, "| argument or option | meaning |", "|---|---|", *kept, ""]


def explained(text: str) -> tuple[str, list[str]]:
    """The help of a command without its examples, and the examples."""
    paragraphs = [" ".join(part.split()) for part in text.replace("\b", "").split("\n\n") if part.strip()]
    examples = [part.removeprefix("Example: ") for part in paragraphs if part.startswith("Example: ")]
    return "\n\n".join(marked(part) for part in paragraphs if not part.startswith("Example: ")), examples


def marked(text: str) -> str:
    """Text in which options and placeholders are set as code, and no sign acts as Markdown."""
    plain = re.sub(r"([*_<\[\]|])", r"\\\1", text)
    return CODE.sub(lambda found: f"`{found[1]}`".replace("\\", ""), plain)


def row(parameter: Any, context: Any) -> str | None:
    """A line of the table for one argument or option; None for a hidden one."""
    record = parameter.get_help_record(context)
    if record is None:
        return None
    name, meaning = (" ".join(part.split()) for part in record)
    return f"| `{name.replace('|', ' or ')}` | {marked(meaning)} |"
