"""Laws of broken files: whatever becomes of a file on its way, an import gives scenarios or a sentence."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from support.mutated import FILES, mutated

from breach_sim.interop.formats import read_format
from breach_sim.interop.scenario_file import to_toml

FEW = 75
"""Files of each format in every run of the tests."""
ALL = 2500
"""Files of each format in a slow run: 10,000 in all."""
LONGEST = 900
"""Letters that a refusal may have, path included."""


def fault_of(form: str, number: int, folder: Path) -> str:
    """Return what is wrong with the answer to a mutated file; "" for scenarios or a sentence."""
    ending, raw = mutated(form, number)
    path = folder / f"file{ending}"
    path.write_bytes(raw)
    try:
        found = read_format(form, str(path), {}, "a test")
        for scenario in found:
            assert scenario.accounts >= 1
            assert isinstance(scenario.all_notes, tuple)
        found.to_json()
        found.account()
        repr(found)
        for reason in found.refused.values():
            if not reason.strip() or "\n" in reason:
                return f"{form} {number}: a refused entry has the reason {reason!r}"
    except ValueError as error:
        text = str(error)
        sentence = type(error) is ValueError and bool(re.search(r"[a-z]{3}", text))
        whole = "\n" not in text and len(text) <= LONGEST
        return "" if sentence and whole else f"{form} {number}: {type(error).__name__}: {text[:300]!r}"
    except Exception as error:  # noqa: BLE001 - the law is that there is none
        return f"{form} {number}: {type(error).__name__}: {str(error)[:300]!r}"
    return _unwritable(found.scenarios, f"{form} {number}")


def _unwritable(scenarios: tuple[object, ...], place: str) -> str:
    """Return what is wrong with the scenario files; half signs of the source are refused in a sentence."""
    for scenario in scenarios:
        try:
            tomllib.loads(to_toml(scenario))  # type: ignore[arg-type]
        except ValueError as error:
            if "half a sign" not in str(error):
                return f"{place}: the scenario file: {error}"
    return ""


@pytest.mark.parametrize("form", sorted(FILES))
def test_a_good_file_is_read_whole(form: str, tmp_path: Path) -> None:
    """The files before their mutation give scenarios, so that the mutations are tested on something."""
    for number, (ending, text) in enumerate(FILES[form]):
        path = tmp_path / f"{number}{ending}"
        path.write_text(text, encoding="utf-8")
        assert len(read_format(form, str(path), {}, "a test")) >= 1


@pytest.mark.parametrize("form", sorted(FILES))
def test_a_mutated_file_gives_scenarios_or_a_sentence(form: str, tmp_path: Path) -> None:
    """Cut, mixed and misspelled files give an import that can be written, or one line that says why not."""
    wrong = [fault for number in range(FEW) if (fault := fault_of(form, number, tmp_path))]
    assert [] == wrong


@pytest.mark.parametrize("error", [KeyError("x"), TypeError("x"), RecursionError("x"), ValueError("a\nb")])
def test_a_planted_fault_is_found(error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that ends in another error, or in a message of two lines, is reported with its file."""

    def broken(*_: object) -> None:
        raise error

    monkeypatch.setitem(globals(), "read_format", broken)
    assert fault_of("hibp", 3, tmp_path).startswith("hibp 3: ")


@pytest.mark.slow
@pytest.mark.parametrize("form", sorted(FILES))
def test_ten_thousand_mutated_files_give_scenarios_or_sentences(form: str, tmp_path: Path) -> None:
    """The same for 2,500 files of each format."""
    wrong = [fault for number in range(ALL) if (fault := fault_of(form, number, tmp_path))]
    assert [] == wrong
