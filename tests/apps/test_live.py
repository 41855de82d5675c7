"""Laws of the live class: only files with the right hash go in, and outputs are compared strictly.

No network is asked and no browser opened. The whole proof is ``python run.py live --check``.
"""

from __future__ import annotations

import importlib
import json
import re
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAME, DATA = "numpy-2.0.2-cp312-cp312-pyodide_2024_0_wasm32.whl", b"the wheel"


def tool(name: str) -> ModuleType:
    """Return a script of tools/ as a module; it finds the other scripts beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        return importlib.import_module(name)


@pytest.fixture(scope="module")
def files() -> ModuleType:
    """tools/live_files.py."""
    return tool("live_files")


@pytest.fixture(scope="module")
def packages() -> ModuleType:
    """tools/live_packages.py."""
    return tool("live_packages")


@pytest.fixture(scope="module")
def outputs() -> ModuleType:
    """tools/live_outputs.py."""
    return tool("live_outputs")


def wheel(folder: Path, name: str, needs: tuple[str, ...] = (), **more: bytes) -> Path:
    """Write a small wheel."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as zipped:
        about = "".join(f"Requires-Dist: {need}\n" for need in needs)
        info = f"{name}-1.0.dist-info"
        zipped.writestr(f"{name}/__init__.py", b"")
        zipped.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{about}")
        zipped.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: cp311-cp311-linux_x86_64\n")
        for inside, data in more.items():
            zipped.writestr(f"{name}/{inside.replace('_dot_', '.')}", data)
    return path


def test_a_file_is_fetched_once(files: ModuleType, tmp_path: Path) -> None:
    """A file comes from the first place that has it; after that no place is asked."""
    asked = []

    def place(name: str) -> bytes | None:
        asked.append(name)
        return DATA if len(asked) > 1 else None

    wanted = files.Wanted(NAME, frozenset([files.digest(DATA)]))
    for _ in range(2):
        assert files.take(wanted, tmp_path / "cache", [place, place]).read_bytes() == DATA
    assert files.take(wanted, tmp_path / "cache", []).name == NAME
    assert asked == [NAME, NAME]


@pytest.mark.parametrize("case", ["tampered", "another", "missing"])
def test_a_file_that_is_not_right_ends_the_build(files: ModuleType, tmp_path: Path, case: str) -> None:
    """A changed file, one with another hash, and one that nobody has end the build with the file's name."""
    wanted = files.Wanted(NAME, frozenset([files.digest(DATA)]))
    if case == "tampered":
        (tmp_path / NAME).write_bytes(DATA + b" and more")
    place = (lambda _: b"another wheel") if case == "another" else (lambda _: None)
    with pytest.raises(ValueError, match=NAME) as refusal:
        files.take(wanted, tmp_path, [place])
    assert files.digest(DATA) in str(refusal.value)
    assert [path.name for path in tmp_path.iterdir()] == ([NAME] if case == "tampered" else [])


def test_a_wheel_that_was_changed_is_not_fetched_again(files: ModuleType, tmp_path: Path) -> None:
    """A changed wheel of the index ends the build with its name, although the index may have a good one."""
    path = wheel(tmp_path, "faker")
    with pytest.raises(ValueError, match=path.name):
        files.wheel("faker", "1.0", frozenset(["0" * 64]), tmp_path)


def test_the_plan_names_what_is_there(files: ModuleType) -> None:
    """Every hash of the plan is one, and every package that comes from the lock is in the lock."""
    plan = files.plan()
    hashes = [*plan["core"].values(), *(pin["sha256"] for pin in plan["packages"]["other"].values())]
    assert all(len(one) == 64 and int(one, 16) for one in hashes)
    for name in [*plan["packages"]["locked"], *plan["packages"]["purified"]]:
        version, known = files.locked(name)
        assert version
        assert known
    with pytest.raises(ValueError, match="no-such-package"):
        files.locked("no-such-package")


def test_a_purified_wheel_is_pure(files: ModuleType, tmp_path: Path) -> None:
    """The compiled part is left out, the tag says so, and the same wheel makes the same bytes."""
    path = wheel(tmp_path, "markupsafe", _native_dot_py=b"pure", _speedups_dot_so=b"compiled")
    name, data = files.purified(path)
    assert (name, data) == files.purified(path)
    assert name == "markupsafe-1.0-py3-none-any.whl"
    (tmp_path / "out.whl").write_bytes(data)
    with zipfile.ZipFile(tmp_path / "out.whl") as zipped:
        names = zipped.namelist()
        assert "markupsafe/_native.py" in names
        assert not [one for one in names if one.endswith(".so")]
        assert b"py3-none-any" in zipped.read("markupsafe-1.0.dist-info/WHEEL")
        assert len(zipped.read("markupsafe-1.0.dist-info/RECORD").splitlines()) == len(names)


def test_the_lock_file_has_only_what_is_there(packages: ModuleType) -> None:
    """Of Pyodide's packages the wanted ones stay, with what they need; an unknown one is refused."""
    lock = {"pandas": {"depends": ["numpy"]}, "numpy": {"depends": []}, "duckdb": {"depends": ["pandas"]}}
    assert set(packages.closure(lock, ["pandas"])) == {"numpy", "pandas"}
    with pytest.raises(ValueError, match="polars"):
        packages.closure(lock, ["polars"])


def test_the_list_of_fonts_needs_no_browser(tmp_path: Path, packages: ModuleType) -> None:
    """The list holds each font of Matplotlib, in a wheel that nothing imports and that is unpacked later."""
    import matplotlib as mpl

    path, font = tmp_path / "matplotlib.whl", Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("matplotlib/font_manager.py", "class FontManager:\n    __version__ = 330\n")
        zipped.write(font, "matplotlib/mpl-data/fonts/ttf/DejaVuSans.ttf")
    name, data = tool("live_fonts").font_wheel(path)
    (tmp_path / name).write_bytes(data)
    with zipfile.ZipFile(tmp_path / name) as zipped:
        listed = json.loads(zipped.read("matplotlib/fontlist.json"))
    assert listed["_version"] == 330
    assert [one["fname"] for one in listed["ttflist"]] == ["fonts/ttf/DejaVuSans.ttf"]
    assert listed["ttflist"][0]["name"] == "DejaVu Sans"
    entry = packages.described(tmp_path / name, "3.12")
    assert (entry["imports"], entry["depends"]) == ([], ["matplotlib"])


def test_what_a_package_needs_must_be_there(packages: ModuleType, tmp_path: Path) -> None:
    """A needed package that is missing or too old ends the build; one for another system does not count."""
    path = wheel(tmp_path, "breach_sim", ("numpy>=2.0.2", 'colorama; platform_system == "Windows"'))
    entry = packages.described(path, "3.12")
    assert entry["depends"] == ["numpy"]
    assert entry["imports"] == ["breach_sim"]
    packages.whole({"numpy": {"version": "2.0.2", "file_name": NAME}}, [path], "3.12")
    with pytest.raises(ValueError, match="numpy"):
        packages.whole({}, [path], "3.12")
    with pytest.raises(ValueError, match=r"1\.26"):
        packages.whole({"numpy": {"version": "1.26.0", "file_name": "numpy-1.26.0.whl"}}, [path], "3.12")


def cell(*texts: str, figures: int = 0) -> dict[str, Any]:
    """A code cell that printed these texts and drew some figures."""
    said = [{"output_type": "stream", "name": "stdout", "text": text} for text in texts]
    drawn = [{"output_type": "display_data", "data": {"image/png": "x"}}] * figures
    return {"cell_type": "code", "outputs": [*said, *drawn]}


def test_outputs_are_compared_to_the_last_letter(outputs: ModuleType) -> None:
    """A changed letter, a missing text, a text too many and a missing figure are differences."""
    stored = {"cells": [cell("10,000 people\n", figures=1)]}
    assert outputs.compared(stored, stored) == (1, 1, [])
    for ran in (cell("10,001 people\n", figures=1), cell(figures=1)):
        assert outputs.compared(stored, {"cells": [ran]})[:2] == (0, 1)
    for ran in (cell("10,000 people\n", "x", figures=1), cell("10,000 people\n")):
        equal, _, different = outputs.compared(stored, {"cells": [ran]})
        assert (equal, len(different)) == (1, 1)


def test_documents_are_compared_number_by_number(
    outputs: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Counts must be equal, other numbers to a relative 1e-12; what made a document does not count."""
    import breach_sim as bs

    class Answer:
        def to_json(self) -> str:
            return '{"people": 12, "loss": 3.0, "version": "1"}'

    monkeypatch.setattr(bs, "simulate", lambda *_, **__: Answer())
    monkeypatch.setattr(outputs, "BREACHES", ("one",))
    near = {"people": 12, "loss": 3.0 * (1 + 1e-13), "version": "2"}
    assert outputs.disagreements({"one": near}) == []
    assert len(outputs.disagreements({"one": near | {"loss": 3.0 * (1 + 1e-11)}})) == 1
    assert len(outputs.disagreements({"one": near | {"people": 13}})) == 1
    assert len(outputs.disagreements({})) == 1
    assert "largest difference 1e-13 of a row, 1e-13 of a number alone" in capsys.readouterr().out


def test_nothing_else_is_replaced(tmp_path: Path) -> None:
    """A folder that holds something else is refused before anything is fetched."""
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ValueError, match="--out"):
        tool("live_site").build(tmp_path, tmp_path / "cache")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_first_page_leads_to_every_notebook() -> None:
    """The first page links to each lesson, in both lengths, and has what JupyterLite reads."""
    site = tool("live_site")
    place = "lessons/lesson_2_and_and_or.ipynb"
    text = site.first_page({place: "AND & OR", "notebooks/01_first_look.ipynb": "First look"})
    for address in (place, place.replace(".ipynb", "_10_minutes.ipynb"), "notebooks/01_first_look.ipynb"):
        assert f'href="notebooks/index.html?path={address}"' in text
    assert "AND &amp; OR" in text
    assert 'id="jupyter-config-data"' in text


def test_the_book_leads_to_the_live_class(tmp_path: Path) -> None:
    """A notebook that is in the live class gets a link to a file of the book; another page stays as it is."""
    book, site = tmp_path / "book", tmp_path / "site"
    places = ("notebooks/lessons/a.html", "notebooks/01_b.html", "notebooks/05_c.html", "index.html")
    for page in places:
        (book / page).parent.mkdir(parents=True, exist_ok=True)
        (book / page).write_text("<h1>A title</h1><p>Text</p>", encoding="utf-8")
    for place in ("files/lessons/a.ipynb", "files/notebooks/01_b.ipynb", "notebooks/index.html", "live.json"):
        (site / place).parent.mkdir(parents=True, exist_ok=True)
        (site / place).write_text("{}", encoding="utf-8")
    (site / "index.html").write_text("", encoding="utf-8")
    live = tool("book_live")
    with pytest.raises(ValueError, match=r"run\.py live"):
        live.refuse_unless_live(book)
    live.refuse_unless_live(site)
    assert live.try_it_live(book, site) == 2
    for page in places:
        text = (book / page).read_text(encoding="utf-8")
        found = re.findall(r'href="([^"?]+)', text)
        assert len(found) == (page != "notebooks/05_c.html")
        assert all(((book / page).parent / address).is_file() for address in found)
