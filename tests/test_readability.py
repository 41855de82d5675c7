"""Laws of the prose: short sentences, no private words, spelling and grammar, and a README of one page.

To have more pages watched, add a pattern to WATCHED; notebooks can be named as well. What a checker may not
know stands in tests/data/prose.toml. `python tests/support/readability.py FILE` prints the faults of a file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import breach_sim as bs
from tests.support import readability

ROOT = Path(__file__).resolve().parents[1]
CATALOG = ROOT / "breach_sim" / "catalog" / "data"
WATCHED = ("*.md", "docs/*.md", "docs/how-to/*.md", "notebooks/*.ipynb", "notebooks/lessons/*")
NOT_WATCHED = {
    "CHANGELOG.md": "a list of what changed, in the words of its time",
    "docs/benchmarks.md": "mostly measurements, written by the benchmarks",
    "docs/catalog.md": "written by tools/make_catalog.py",
    "docs/corrections.md": "written by tools/corrections.py",
    "docs/scoreboard.md": "written by `breach-sim backtest --page`",
}
MOST_WORDS = 1200
"""Words of the README, code and links included."""
README = (ROOT / "README.md").read_text(encoding="utf-8")


def watched() -> dict[str, str]:
    """Return the text of every watched page, without code and generated parts, by name."""
    paths = sorted(path for pattern in WATCHED for path in ROOT.glob(pattern))
    names = {path.relative_to(ROOT).as_posix(): path for path in paths}
    return {name: readability.markdown_of(path) for name, path in names.items() if name not in NOT_WATCHED}


@pytest.mark.parametrize("page", watched())
def test_no_sentence_is_long(page: str) -> None:
    """A sentence has at most 35 words; code and a link's address do not count."""
    assert [] == readability.long_sentences(page, watched()[page])


@pytest.mark.parametrize("page", watched())
def test_no_page_has_private_words(page: str) -> None:
    """Words that only this project used, and British spellings, are in no page."""
    assert [] == readability.private_words(page, watched()[page])


def test_the_catalog_is_in_us_spelling() -> None:
    """No text of the catalog has a British spelling; titles and words to be matched may have one."""
    read = {path.relative_to(CATALOG).as_posix(): path for path in CATALOG.rglob("*.toml")}
    assert len(read) > 50
    british = readability.prose_words()["british"]
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, british))})(?![\w-])", re.IGNORECASE)
    texts = (
        (name, text)
        for name, path in read.items()
        if not name.startswith("formats/")
        for text in texts_of(tomllib.loads(path.read_text(encoding="utf-8")))
    )
    assert [] == [(name, text) for name, text in texts if pattern.search(text)]


def texts_of(value: object) -> Iterator[str]:
    """Yield the texts of a TOML document, without titles and addresses of sources, and without names."""
    if isinstance(value, str):
        yield from [value] if " " in value else []
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from () if key in ("title", "url") else texts_of(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts_of(part)


def test_help_reads_like_a_page() -> None:
    """Help of commands and options has short sentences, and no private word or British spelling."""
    import typer

    from breach_sim.apps.cli.main import app

    commands = vars(typer.main.get_command(app))["commands"]
    helps = {
        name: [command.help, *(getattr(own, "help", "") for own in command.params)]
        for name, command in commands.items()
    }
    assert len(helps) > 20
    texts = {name: "\n\n".join(text for text in own if text) for name, own in helps.items()}
    assert [] == [fault for name, text in texts.items() for fault in readability.prose_faults(name, text)]


@pytest.mark.parametrize("first", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_spelling_and_grammar_pass_a_checker(first: bool) -> None:
    """Harper finds nothing in the first page, and in all others, beyond the words that prose.toml lists."""
    pytest.importorskip("harper", reason="harper-py is not installed (dependency group prose)")
    pages = [(name, text) for name, text in watched().items() if (name == "README.md") == first]
    assert pages
    assert [] == readability.checked(pages)


def test_exceptions_are_needed() -> None:
    """Every page that is not watched exists, and rules that are off have a reason."""
    assert [name for name in NOT_WATCHED if not (ROOT / name).is_file()] == []
    words = readability.prose_words()
    assert all(len(reason) > 10 for reason in words["rules_off"].values())
    assert all(len(better) > 3 for better in (words["private"] | words["british"]).values())


def test_faults_are_found() -> None:
    """A long sentence, a private word, a misspelling, and an error of grammar are each reported once."""
    long = "This sentence " + "goes on and " * 11 + "at last ends."
    assert ["38 words"] == [fault.what for fault in readability.long_sentences("x", f"# Title\n\n{long}\n")]
    assert [] == readability.long_sentences("x", f"```\n{long}\n```\n| {' | '.join(['a word'] * 40)} |")
    assert ["'toll': write harm or victims"] == [f.what for f in readability.private_words("x", "The toll.")]
    assert [] == readability.private_words("x", "Toll-free; stolen.")
    pytest.importorskip("harper", reason="harper-py is not installed (dependency group prose)")
    found = readability.checked([("x", "The acount is an test.\n")])
    assert ["AnA", "SpellCheck"] == sorted(fault.what.partition(":")[0] for fault in found)


def test_sentences_are_those_of_a_reader() -> None:
    """Headings, items, and cells are sentences of their own; decimals and abbreviations end none."""
    text = "# One\n\nTwo of 0.5, e.g. this, and `a.b. C`. Three\ncontinues!\n\n- Four\n- Five\n\n"
    text += "| Six | - |\n|---|---|\n"
    found = ["One", "Two of 0.5, e.g. this, and Code.", "Three continues!", "Four", "Five", "Six"]
    assert found == list(readability.sentences(text))


def test_the_readme_is_one_page() -> None:
    """At most 1,200 words, one picture before the first heading, install and clone lines, one table."""
    assert len(README.split()) <= MOST_WORDS
    first = README.partition("\n## ")[0]
    assert 1 == len(re.findall(r"!\[", README)) == len(re.findall(r"!\[", first))
    assert 1 == len(re.findall(r"^\|---", README, re.MULTILINE))
    for line in ("git clone ", "python3 run.py ", "python3 run.py test ", "python3 -m pip install dist/"):
        assert f"\n{line}" in README


def test_the_first_cell_prints_what_the_readme_shows() -> None:
    """The first cell of the README runs, and its printed lines are those below it."""
    (cell,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (shown,) = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    names: dict[str, object] = {}
    exec(cell.replace("print(impact)", ""), names)  # noqa: S102 - the cell of our own README
    said = str(names["impact"]).splitlines()
    assert shown.splitlines() == said[: len(shown.splitlines())]
    assert isinstance(names["impact"], bs.Impact)


HOW_TO = sorted((ROOT / "docs" / "how-to").glob("*.md"))


@pytest.mark.parametrize("path", HOW_TO, ids=lambda path: path.stem)
def test_the_examples_of_a_recipe_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python of a how-to guide runs from top to bottom, and its TOML can be read."""
    monkeypatch.chdir(tmp_path)
    text = path.read_text(encoding="utf-8")
    names: dict[str, object] = {}
    for block in re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        exec(block, names)  # noqa: S102 - the examples of our own pages
    for block in re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        tomllib.loads(block)


@pytest.mark.parametrize("path", [ROOT / "README.md", *HOW_TO], ids=lambda path: path.stem)
def test_the_commands_of_a_page_exist(path: Path) -> None:
    """Every `breach-sim` line names a command, options that it has, and breaches of the catalog."""
    import typer

    from breach_sim.apps.cli.main import app

    commands = vars(typer.main.get_command(app))["commands"]
    blocks = re.findall(r"^```console\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line.partition("  #")[0] for block in blocks for line in block.splitlines()]
    wrong = []
    for _, name, *words in (line.split() for line in lines if line.startswith("breach-sim ")):
        have = (
            {option for given in commands[name].params for option in given.opts}
            if name in commands
            else set()
        )
        wrong += [f"{name} {word}" for word in words if word.startswith("--") and word not in have]
        known = {*bs.scenario_names(), *bs.mitigation_names()}
        wrong += [
            word for word in words if re.fullmatch(r"[a-z]+-\d{4}(-[a-z]+)?", word) and word not in known
        ]
        wrong += [] if name in commands else [name]
    assert [] == wrong
