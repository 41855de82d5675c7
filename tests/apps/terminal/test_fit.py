"""Laws of all commands on a real terminal: nothing is wider than it, nothing is cut off silently.

The commands run in a pseudo-terminal, as a person runs them, and in a pipe, as a program does.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path

import pytest
from support.pseudo_terminal import Seen, in_pipe, on_terminal

from breach_sim import api
from breach_sim.apps.terminal.answer import LINES

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")

STATED = "tmobile-2021-stated"
FEW = ["--replicates", "24"]
RUN = ["run", STATED, *FEW]
COMMANDS = {
    "run": RUN,
    "run --wide": [*RUN, "--wide"],
    "run --notes": [*RUN, "--notes"],
    "combine": ["combine", STATED, "experian-2015", "--replicates", "16", "--elsewhere", "none"],
    "compare": ["compare", "stated", "credit-freeze", "drop-ssn", "retention-5-years", *FEW],
    "diff": ["diff", "claimed", "stated", *FEW],
    "diff --wide": ["diff", "claimed", "stated", *FEW, "--wide", "--notes"],
    "firm": ["firm", "stated", *FEW, "--limit", "1e8", "--appetite", "0.05=1e9"],
    "portfolio": ["portfolio", "stated", "optus-2022", *FEW, "--appetite", "0.05=1e9"],
    "league": ["league", "stated", "optus-2022", "--replicates", "16"],
    "attribute": ["attribute", STATED, *FEW],
    "explain": ["explain", "attacks.sim_swap.victims.mean", *FEW],
    "follow": ["follow", "130", *FEW],
    "assumptions": ["assumptions", STATED, "--replicates", "128"],
    "requires": ["requires", "sim_swap", "--scenario", STATED],
    "scenarios": ["scenarios"],
    "fields": ["fields"],
    "fields --attacks": ["fields", "--attacks"],
    "attacks": ["attacks"],
    "mitigations": ["mitigations"],
    "countries": ["countries"],
    "no such scenario": ["run", "a-breach-that-nobody-has-ever-heard-of-and-whose-name-is-long"],
}
FIRST = {name: ["run", name, "--replicates", "128"] for name in ("equifax-2017", "optus-2022", "opm-2015")}
"""Runs whose first screen is read as a whole."""
SOURCES = {"sources": ["sources"]}
"""The one list with lines that are wider: addresses of the web."""
HELP = {name: [*name.split(), "--help"] for name in ("", "run", "compare", "backtest", "diff", "import")}


@cache
def seen(width: int) -> dict[str, Seen]:
    """What every command shows on a terminal of some width."""
    commands = COMMANDS | FIRST | SOURCES | {f"{name} --help".strip(): words for name, words in HELP.items()}
    return dict(zip(commands, on_terminal([*commands.values()], width), strict=True))


@pytest.mark.parametrize("width", [80, pytest.param(120, marks=pytest.mark.slow)])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """Of no command a line is longer than the terminal is wide, progress and refusals included."""
    found = seen(width)
    assert {"2"} == {own.code for name, own in found.items() if name == "no such scenario"}
    assert {"0"} == {own.code for name, own in found.items() if name != "no such scenario"}
    narrow = {name: own for name, own in found.items() if name not in SOURCES}
    wide = {name: [line for line in own.lines if len(line) > width] for name, own in narrow.items()}
    assert {} == {name: lines for name, lines in wide.items() if lines}


def test_the_list_of_sources_breaks_addresses_only_to_keep_them_whole() -> None:
    """In the list of sources a line that is too long is one address of the web, which can be copied."""
    own = seen(80)["sources"]
    assert [] == [line for line in own.lines if len(line) > 80 and not re.fullmatch(r" *\S+://\S+ *", line)]


def test_the_first_screen_answers() -> None:
    """At 80 columns a run fits thirty lines with the prompt: answer, what decides it, what is left out."""
    for name in FIRST:
        own = seen(80)[name]
        title = api.load_scenario(name).title
        lines = own.lines[[title in line for line in own.lines].index(True) :]
        assert len(lines) <= LINES
        text = " ".join(" ".join(lines).split())
        for part in (
            "People harmed", "Loss [USD]", "of the loss", "What moves the loss most",
            "Largest disagreement of the evidence", "numbers are assumed; do not quote", "--wide (",
            "--notes (",
        ):  # fmt: skip
            assert part in text
        assert not re.search(r"[a-z]_[a-z]", text)


def test_what_is_left_out_is_counted_and_shown_by_the_options() -> None:
    """The attacks and notes that the first screen counts are those that --wide and --notes add."""
    impact = api.simulate(STATED, replicates=24)
    first, wide, notes = (seen(80)[name] for name in ("run", "run --wide", "run --notes"))
    left = re.search(r"--wide \((\d+) attacks; exposed, attackable, attempted\)", " ".join(first.lines))
    assert left
    named = [attack.label for attack in impact.attacks.attacks]
    shown = sum(line.endswith(" %") for line in first.lines) - 1  # the others together have a share, too
    assert int(left[1]) + shown == len(named)
    whole = " ".join(" ".join(wide.lines).split())
    assert [] == [label for label in named if label.split()[0] not in whole]
    assert {"exposed", "attackable", "attempted"} <= set(whole.split())
    words = " ".join(" ".join(notes.lines).split())
    assert [] == [note for note in impact.notes if f"note: {' '.join(note.split())}" not in words]
    assert "--notes" not in words


@pytest.mark.slow
def test_a_pipe_gets_everything_whatever_the_window() -> None:
    """Piped from any window and with any wish for color, commands print the same bytes, plain and whole."""
    commands = [words for name, words in COMMANDS.items() if name != "no such scenario"] + [*HELP.values()]
    narrow = in_pipe(commands, COLUMNS="40", FORCE_COLOR="1")
    assert narrow == in_pipe(commands, COLUMNS="200", NO_COLOR="1")
    text = "".join(own.text for own in narrow)
    assert "\x1b" not in text
    assert not re.search("[▏▎▍▌▋▊▉█]", text)
    ran, wide = narrow[0], narrow[1]
    assert ran == wide
    impact = api.simulate(STATED, replicates=24)
    for part in (*impact.notes, *(a.label for a in impact.attacks.attacks), "exposed", "attempted"):
        assert part in ran.text


@pytest.mark.slow
def test_color_is_for_terminals_that_want_it() -> None:
    """A terminal gets colored bars; with NO_COLOR there are bars and no color, and the words are the same."""
    (colored,), (plain,) = on_terminal([RUN], 80), on_terminal([RUN], 80, NO_COLOR="1")
    red = re.compile(r"\x1b\[(?:\d+;)*3[0-7]m")
    assert red.search(colored.text)
    assert not red.search(plain.text)
    assert [line for line in colored.lines if "█" in line] == [line for line in plain.lines if "█" in line]


@pytest.mark.slow
def test_the_page_on_the_terminal_shows_what_is_printed() -> None:
    """Each example of docs/terminal.md is what its command prints at 80 columns; paste it if it moved."""
    page = (Path(__file__).resolve().parents[3] / "docs" / "terminal.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```text\n\$ breach-sim (.+)\n([^`]+)\n```$", page, re.MULTILINE)
    assert len(examples) == 2
    shown = on_terminal([words.split() for words, _ in examples], 80)
    for (words, text), own in zip(examples, shown, strict=True):
        start = own.lines.index(text.split("\n")[0])
        assert own.lines[start:] == text.split("\n"), words


@pytest.mark.slow
def test_backtest_fits() -> None:
    """The board of all predictions fits 80 columns, and hides the people below 120 with a word on it."""
    for width, people in ((80, False), (120, True)):
        (own,) = on_terminal([["backtest"]], width)
        assert own.code == "0"
        assert [] == [line for line in own.lines if len(line) > width]
        assert people == any(re.search(r"\bpeople +predicted", line) for line in own.lines)
        assert people != ("--wide (the column people)" in own.text)
