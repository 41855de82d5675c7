"""The command line: ``breach-sim run | diff | compare | backtest | expose | generate | yardsticks | ...``.

Bad input gets one or two sentences on standard error and exit code 2; never a traceback, never a file half
written. With ``--json`` one JSON document is printed and nothing else.
"""

from __future__ import annotations

import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from breach_sim import __version__
from breach_sim.apps.cli import (
    analyses,
    catalog_lists,
    forecasts,
    imports,
    leagues,
    lessons,
    other_scores,
    population,
    reports,
    runs,
    several,
)
from breach_sim.apps.cli.options import WITHOUT_OWN
from breach_sim.apps.terminal.place import fitted, screen
from breach_sim.apps.terminal.stopping import Stopped, leave_closed_pipe, open_outputs, stopping
from breach_sim.formatting.messages import readable, shown
from breach_sim.formatting.strangers import LONGEST_PATH, brief, visible

OWN_FAULT = 70
"""Exit code for a fault of this program: EX_SOFTWARE of sysexits.h."""
LONGEST_FAULT = 200
"""Letters of an error of a library that are shown."""
HELP_WIDTH = 80
"""Characters of a line of help in a pipe."""


class _Commands(TyperGroup):
    """The commands, which say how a signal ended them; Typer by itself ends in silence."""

    def invoke(self, context: Any) -> Any:
        """Run the command that the words name."""
        try:
            with stopping():
                return super().invoke(context)
        except BrokenPipeError:  # Click would say 1, which stands for something else here
            leave_closed_pipe()


app = typer.Typer(
    cls=_Commands,
    pretty_exceptions_enable=False,
    context_settings={"terminal_width": HELP_WIDTH},  # else the line of usage follows COLUMNS into a pipe
    help="From leaked fields to attacks, victims and money, with uncertainty.\n\n"
    "Start with: breach-sim run tmobile-2021-claimed. Then run tmobile-2021-stated, see "
    "'breach-sim requires new_account_fraud --scenario tmobile-2021-stated', and describe your own breach "
    "with 'breach-sim new mine.toml'. Every number has a source; assumptions are listed first.",
)
_UsageError: Any = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")
"""Wrong options and commands. Typer carries its own copy of Click, or not, depending on its version."""


def main() -> None:
    """Run the command line; turn bad input into a sentence and exit code 2."""
    open_outputs()
    _plain_help(sys.argv[1:])
    try:
        code = app(prog_name="breach-sim", standalone_mode=False)
    except BrokenPipeError:
        leave_closed_pipe()
    except MemoryError:
        _refuse("memory does not suffice; take fewer replicates")
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Stopped as stop:
        sys.stderr.write(f"{fitted(f'breach-sim: stopped; {stop.left}', screen(sys.stderr))}\n")
        sys.exit(stop.status)
    except (ValueError, OSError) as error:
        _refuse(_sentence(error))
    except _UsageError as error:
        _refuse(_misuse(error, sys.argv[1:]))
    except Exception as error:  # noqa: BLE001 - the last resort: a fault of this program, not of the input
        _own_fault(error)
    else:
        sys.exit(code if isinstance(code, int) else 0)


def _plain_help(words: list[str]) -> None:
    """Give help one width and no colors in a pipe, whatever the size of the window it was asked from."""
    if not sys.stdout.isatty() and (not words or "--help" in words):
        from typer import rich_utils

        rich_utils.MAX_WIDTH, rich_utils.FORCE_TERMINAL = HELP_WIDTH, False


def _refuse(message: str, code: int = 2) -> None:
    sentence = visible(f"breach-sim: {message}")  # names of files and values may hold what a terminal obeys
    sys.stderr.write(f"{fitted(sentence, screen(sys.stderr))}\n")
    sys.exit(code)


def _own_fault(error: Exception) -> None:
    """Say that the program is at fault, and keep the traceback for a report."""
    text = f"breach_sim {__version__}, Python {sys.version}\n{sys.argv[1:]}\n\n" + "".join(
        traceback.format_exception(error)
    )
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="breach-sim-fault-", suffix=".txt", encoding="utf-8", errors="replace", delete=False
        ) as file:
            file.write(text)
        kept = (
            f" Report it among the issues of the project, with the command and {file.name}, which says where "
            "it happened; look through that file first, because it may name files of yours."
        )
    except OSError:
        kept = " Report it among the issues of the project, with the command."
    what = f"{type(error).__name__}: {' '.join(str(error).split())}"[:LONGEST_FAULT]
    _refuse(f"this is a fault of breach_sim, and not of your input: {what}.{kept}", OWN_FAULT)


def _misuse(error: Any, words: list[str]) -> str:
    """What is wrong with the words, the one that was given, and where the right ones stand."""
    message = readable(" ".join(error.format_message().split())).rstrip(".")
    option = next((name for name in getattr(getattr(error, "param", None), "opts", []) if name in words), "")
    if message.startswith("Invalid value") and option in words[:-1]:
        message += f", and {shown(words[words.index(option) + 1])} is given"
    context = getattr(error, "ctx", None)
    place = context.command_path if context else "breach-sim"
    if getattr(error, "option_name", "") == "--with" and context and context.info_name in WITHOUT_OWN:
        return f"{place} takes no --with: {WITHOUT_OWN[context.info_name]}."
    return f"{message}. See {place} --help."


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{brief(error.filename)}: {error.strerror}; choose a place that can be written and read"
    return readable(str(error), LONGEST_PATH + 20)


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


_COMMANDS: Mapping[str, Mapping[str, Callable[..., None]]] = {
    "Run the model": {
        "run": runs.run,
        "combine": several.combine,
        "portfolio": several.portfolio,
        "league": leagues.league,
        "compare": runs.compare,
        "diff": analyses.diff,
        "firm": reports.firm,
        "report": reports.report,
        "page": reports.page,
        "adviser": reports.adviser,
        "card": reports.card,
        "forms": reports.forms,
        "export": reports.export,
    },
    "Ask why, and how sure": {
        "attribute": analyses.attribute,
        "explain": analyses.explain,
        "assumptions": analyses.assumptions,
        "follow": analyses.follow,
        "requires": catalog_lists.requires,
        "backtest": forecasts.backtest,
        "seal": forecasts.seal,
        "score": forecasts.score,
        "yardsticks": other_scores.yardsticks,
        "enisa": other_scores.enisa,
    },
    "Use data of your own": {
        "new": catalog_lists.new,
        "validate": catalog_lists.validate,
        "import": imports.import_,
        "expose": runs.expose,
        "generate": population.generate,
    },
    "Teach": {
        "lessons": lessons.lessons,
        "play": reports.play,
    },
    "List the catalog": {
        "scenarios": catalog_lists.scenarios,
        "fields": catalog_lists.fields,
        "attacks": catalog_lists.attacks,
        "countries": catalog_lists.countries,
        "mitigations": catalog_lists.list_mitigations,
        "sources": catalog_lists.sources,
    },
}
"""Every command by its name, in the groups and the order of ``--help``."""
for _group, _commands in _COMMANDS.items():
    for _name, _command in _commands.items():
        _end = f"Takes no --with: {WITHOUT_OWN[_name]}." if _name in WITHOUT_OWN else None
        app.command(name=_name, rich_help_panel=_group, epilog=_end)(_command)


if __name__ == "__main__":
    main()
