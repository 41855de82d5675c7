"""Laws of the building: which file may do what, how long a function may be, and what an import costs."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "breach_sim"
FILES = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
LONGEST = 50
"""Lines of code a function stays below; its docstring is free."""
MAKERS = {
    "default_rng", "RandomState", "SeedSequence", "BitGenerator", "PCG64", "PCG64DXSM", "Philox", "MT19937",
    "SFC64", "Generator",
}  # fmt: skip
HEAVY = (
    "pandas", "scipy", "matplotlib", "faker", "pyarrow", "typer", "duckdb", "narwhals", "dask", "distributed",
    "fsspec", "anywidget", "ipywidgets", "loky",
)  # fmt: skip
VAGUE = {"utils", "util", "helpers", "helper", "base", "manager", "common", "misc", "core", "tools"}
OPENERS = {
    "open",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "to_csv",
    "read_csv",
    "mkdtemp",
    "mkdir",
}
MOST_FLOORS = 9
"""Rooms on the longest chain of imports between rooms."""
MOST_LINES = 500
"""Lines of a module."""
MOST_ENTRIES = 13
"""Files and folders of a folder, apart from ``__init__.py``, ``__main__.py`` and ``py.typed``."""
COLLECTIONS = {f"catalog/data/{name}" for name in ("attacks", "breaches", "evidence/countries", "sources")}
"""Folders with one file for each attack, breach, country or group of sources: they grow."""
BARRED_WORD = re.compile(r"(?<![a-z])told(?![a-z])", re.IGNORECASE)
"""A word that once had twelve meanings here; part of a name with underscores counts as well."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def trees() -> Mapping[str, ast.Module]:
    """Return the syntax tree of every module: read when a test asks, and not by every collection."""
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}


def dotted(node: ast.AST) -> str:
    """Return a name with its dots, such as ``np.random.default_rng``; "" for anything else."""
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else node.attr
    return node.id if isinstance(node, ast.Name) else ""


def room(name: str) -> str:
    """Return the room of a file: the first folder of its path."""
    return name.partition("/")[0]


def last(name: str) -> str:
    """Return the part of a name after its last dot."""
    return name.rpartition(".")[2]


@cache
def imports(tree: ast.AST) -> tuple[str, ...]:
    """Return every module that a file imports when it runs, wherever the import stands."""
    return tuple(imported(tree))


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield them, from the statements of a tree down to its expressions."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif not (isinstance(node, ast.If) and dotted(node.test).endswith("TYPE_CHECKING")):
            yield from imported(node)


@cache
def calls(tree: ast.AST) -> tuple[tuple[str, int], ...]:
    """Return what is called, with its line."""
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return tuple((dotted(node.func), node.lineno) for node in found)


def importers(module: str) -> set[str]:
    """Return the files that import a module or something of it."""
    return {n for n, tree in trees().items() if any(f"{i}.".startswith(f"{module}.") for i in imports(tree))}


def functions(tree: ast.AST) -> Iterator[Function]:
    """Yield every function and method, nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def generators_made(tree: ast.AST) -> list[int]:
    """Return the lines on which a generator of random numbers is made, or NumPy's global one is used."""
    return [line for name, line in calls(tree) if last(name) in MAKERS or "np.random." in name]


def code_lines(function: Function, source: list[str]) -> int:
    """Count the lines of a function: no docstring, no blank lines, no comments, no decorators."""
    first = function.body[0]
    documented = ast.get_docstring(function, clean=False) is not None
    free = set(range(first.lineno, (first.end_lineno or first.lineno) + 1)) if documented else set()
    lines = range(function.lineno, (function.end_lineno or function.lineno) + 1)
    return sum(
        1
        for number in lines
        if number not in free and (text := source[number - 1].strip()) and not text.startswith("#")
    )


def public(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Yield public functions, classes and the public methods of public classes, by name."""
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                inner = (child for child in node.body if isinstance(child, Function))
                yield from ((f"{node.name}.{c.name}", c) for c in inner if not c.name.startswith("_"))


def test_the_package_was_found() -> None:
    """The files looked at are those of the package."""
    assert {
        "__init__.py",
        "engine/draws/streams.py",
        "plots/language/style.py",
        "population/population.py",
    } <= set(FILES)


def test_only_streams_makes_random_generators() -> None:
    """No other file makes a NumPy generator, seeds one, or draws from the global one."""
    assert ["engine/draws/streams.py"] == [name for name, tree in trees().items() if generators_made(tree)]
    assert set() == importers("numpy.random")


def test_nobody_uses_the_random_numbers_of_the_standard_library() -> None:
    """Neither `random` nor `secrets` nor `uuid` is imported: a stream has a name, or it is none."""
    assert set() == importers("random") | importers("secrets") | importers("uuid")


def test_the_check_for_generators_can_fail() -> None:
    """The check finds constructors and the global generator, and lets annotations pass."""
    planted = "np.random.default_rng(1)\nGenerator(PCG64())\nnp.random.normal()\nRandomState(3)\n"
    assert [1, 2, 2, 3, 4] == sorted(generators_made(ast.parse(planted)))
    assert [] == generators_made(
        ast.parse("def f(g: np.random.Generator) -> np.random.Generator: return g.normal()")
    )


def test_only_the_population_knows_faker() -> None:
    """Faker is imported in population/ alone."""
    found = importers("faker")
    assert found
    assert [] == [name for name in found if not name.startswith("population/")]


def test_only_plots_draws() -> None:
    """Only plots/ imports pyplot; the report's folder may name matplotlib to choose its canvas."""
    assert {"plots"} == {room(name) for name in importers("matplotlib.pyplot")}
    assert {name for name in importers("matplotlib") if room(name) != "plots"} <= {"apps/reporting/folder.py"}


def test_only_the_command_line_knows_typer() -> None:
    """The library does not know how it is called."""
    assert {"apps/cli"} == {name.rpartition("/")[0] for name in importers("typer")}
    assert set() == importers("argparse") | importers("click")
    assert {"apps/cli", "apps/terminal"} == {name.rpartition("/")[0] for name in importers("rich")}
    allowed = {"population/sample.py", "apps/reporting/report_file.py", "population/dataset/workers.py"}
    allowed |= {f"apps/terminal/{name}.py" for name in ("place", "progress", "stopping")}
    allowed |= {"apps/teaching/marks/running.py", "apps/teaching/marks/student_process.py"}
    allowed |= {"formatting/strangers.py"}  # "-" is standard input
    assert {name for name in importers("sys") if not name.startswith("apps/cli/")} <= allowed


def test_few_files_touch_files() -> None:
    """Files are touched by catalog, reports, interop, command line, the sample and the data sets alone."""
    touching = {n for n, t in trees().items() if any(last(c) in OPENERS for c, _ in calls(t))}
    of_data = {"interop/export.py", "interop/files.py", "population/sample.py"}
    of_data |= {"population/dataset/places.py", "population/dataset/claim.py"}
    of_apps = {"apps/cli/catalog_lists.py", "apps/reporting/report_file.py", "apps/reporting/folder.py"}
    of_apps |= {"apps/cli/forecasts.py"}
    of_apps |= {"apps/terminal/stopping.py"}  # the null device, where there is no standard output
    # They open the null device, and places for the kernel to close.
    of_apps |= {f"apps/teaching/marks/{name}.py" for name in ("student_process", "closed_files")}
    # The one place where a file of a user is opened, so that no reader waits for a pipe.
    allowed = {"catalog/reader.py", "formatting/strangers.py", "interop/workbooks.py"} | of_data | of_apps
    assert sorted(touching - allowed) == [], "open files through interop/files.py or catalog/reader.py"
    assert {"catalog/reader.py", "apps/reporting/folder.py"} <= touching


def test_only_the_catalog_reads_the_data() -> None:
    """`importlib.resources` and `tomllib` are used by the reader of the catalog alone."""
    assert {"catalog/reader.py"} == importers("importlib.resources") == importers("tomllib")


@pytest.mark.parametrize(
    "module", ["time", "subprocess", "socket", "urllib", "http", "threading", "multiprocessing"]
)
def test_nobody_asks_the_world(module: str) -> None:
    """A result depends on its inputs: no network, no clock but a bar, no process but a printer or worker."""
    allowed = {"time": {"apps/cli/population.py"}, "subprocess": {"apps/reporting/report_file.py"}}
    allowed["subprocess"] |= {"apps/teaching/marks/running.py"}  # a student's notebook, with limits
    # A worker looks for its caller; a line of progress is drawn beside the run.
    threads = {"population/dataset/workers.py", "apps/terminal/progress.py", "apps/reporting/report_file.py"}
    allowed |= {"threading": threads}
    allowed |= {"urllib": {"apps/explorer/addresses.py"}}  # takes an address apart, and asks nobody
    assert allowed.get(module, set()) == importers(module)


def test_only_draws_data_sets_and_timelines_are_made_by_threads() -> None:
    """Threads, processes and clusters work on pieces that do not know of each other, and nowhere else."""
    # A run draws counts and losses of each segment and attack from streams of their own names.
    of_draws = {"engine/draws/throws.py"}
    found = importers("concurrent") | importers("distributed")
    assert of_draws | {"population/dataset/workers.py", "results/tables/chunks.py"} == found
    assert {"population/dataset/workers.py"} == importers("distributed") == importers("loky")
    # A settled answer is computed aside, whole; a scheduler is greeted.
    assert {"apps/explorer/panel.py", "population/dataset/workers.py"} == importers("asyncio")


def test_nobody_asks_the_calendar_or_the_environment() -> None:
    """No date of today, no environment variable."""
    barred = {"now", "today", "utcnow", "getenv", "fromtimestamp"}
    assert [] == [
        (n, what, line) for n, tree in trees().items() for what, line in calls(tree) if last(what) in barred
    ]
    assert [] == [n for n, tree in trees().items() if any(dotted(x) == "os.environ" for x in ast.walk(tree))]


def test_no_module_has_a_name_that_says_nothing() -> None:
    """No file or folder is called utils, helpers, base, manager or common."""
    assert [] == [name for name in FILES if VAGUE & set(Path(name).with_suffix("").parts)]


def test_functions_are_short() -> None:
    """Every function has fewer than fifty lines of code."""
    long: dict[str, int] = {}
    for name, path in FILES.items():
        source = path.read_text(encoding="utf-8").splitlines()
        counted = {f.name: code_lines(f, source) for f in functions(trees()[name])}
        long |= {f"{name}: {function}": lines for function, lines in counted.items() if lines >= LONGEST}
    assert {} == long


def test_the_count_of_lines_leaves_out_docstring_blanks_and_comments() -> None:
    """Three lines of code are three, whatever stands between them."""
    source = 'def f(a,\n      b):\n    """Say.\n\n    More.\n    """\n\n    # why\n    return a\n'
    (function,) = functions(ast.parse(source))
    assert 3 == code_lines(function, source.splitlines())


def test_everything_public_is_explained() -> None:
    """Every module, public class, function and method has a docstring."""
    silent = [name for name, tree in trees().items() if not ast.get_docstring(tree)]
    for name, tree in trees().items():
        found = public(tree)
        silent += [f"{name}: {what}" for what, node in found if not ast.get_docstring(node)]  # type: ignore[arg-type]
    assert [] == silent


def test_every_room_says_what_it_holds() -> None:
    """The head of each room says what is in it, and what is not."""
    rooms = {name for name in FILES if name.count("/") == 1 and name.endswith("/__init__.py")}
    assert {room(name) for name in FILES if "/" in name} == {room(name) for name in rooms}
    said = {name: ast.get_docstring(trees()[name]) or "" for name in sorted(rooms)}
    assert [] == [name for name, text in said.items() if "Not here:" not in text]


def test_the_library_does_not_print() -> None:
    """Nobody prints but `check` and `choices` of lessons, whose task it is; the command line echoes."""
    printing = [name for name, tree in trees().items() for what, _ in calls(tree) if what == "print"]
    assert ["apps/teaching/checking.py"] * 2 == printing


def test_no_check_rests_on_assert() -> None:
    """No rule is an assert, which an optimizing interpreter leaves out."""
    assert [] == [n for n, tree in trees().items() if any(isinstance(x, ast.Assert) for x in ast.walk(tree))]


def test_nothing_is_evaluated_or_unpickled() -> None:
    """No eval, exec, pickle or shell: a scenario file is data. Students' code runs in one process only."""
    assert {"apps/teaching/marks/student_process.py"} == importers("code")
    assert set() == importers("breach_sim.apps.teaching.marks.student_process") | importers("runpy")
    assert set() == importers("pickle") | importers("marshal") | importers("shelve")
    barred = {"eval", "exec", "compile", "__import__", "os.system"}
    assert [] == [
        (n, what, line) for n, tree in trees().items() for what, line in calls(tree) if what in barred
    ]


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        ("import breach_sim", HEAVY),
        ("import breach_sim; breach_sim.load_scenario('tmobile-2021-stated')", HEAVY),
    ],
    ids=["import", "load a scenario"],
)
def test_importing_is_light(code: str, heavy: tuple[str, ...]) -> None:
    """`import breach_sim`, and reading a scenario, load none of the heavy packages."""
    asked = f"import sys; {code}; print(*sorted(set(sys.modules) & set({heavy!r})))"
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own words
        [sys.executable, "-c", asked],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": ""},
    )
    assert ("", "") == (done.stdout.strip(), done.stderr)


# Counts of the house --------------------------------------------------------------------------------------


def home(module: str, files: Iterable[str]) -> str:
    """Return the file of a module such as ``breach_sim.engine.law``, or "" if it has none."""
    path = module.partition(".")[2].replace(".", "/")
    candidates = (f"{path}.py", f"{path}/__init__.py".lstrip("/"))
    return next((name for name in candidates if name in files), "")


def package_of(name: str) -> list[str]:
    """Return the parts of the package that a file stands in: ``["breach_sim", "engine"]``."""
    return ["breach_sim", *Path(name).parent.parts]


def from_imports(name: str, tree: ast.AST, *, types: bool = True) -> Iterator[tuple[str, str]]:
    """Yield what a file takes by ``from module import name``: the module in full, and the name.

    Imports inside functions count, and so do those for the type checker alone unless `types` is false.
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ImportFrom):
            parts = package_of(name)
            start = parts[: len(parts) - node.level + 1] if node.level else []
            module = ".".join([*start, *([node.module] if node.module else [])])
            yield from ((module, alias.name) for alias in node.names)
        elif types or not (isinstance(node, ast.If) and dotted(node.test).endswith("TYPE_CHECKING")):
            yield from from_imports(name, node, types=types)


def arrows(trees: Mapping[str, ast.AST], *, types: bool = True) -> dict[str, set[str]]:
    """Return for each file the files of the package that it imports, at the top or inside a function.

    The root is left out: it hands out public names lazily, and its version is no door.
    """
    found: dict[str, set[str]] = {}
    for name, tree in trees.items():
        whole = (
            alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        )
        targets = {home(module, trees) for module in whole if module.startswith("breach_sim.")}
        for module, taken in from_imports(name, tree, types=types):
            if module.partition(".")[0] == "breach_sim":
                targets.add(home(f"{module}.{taken}", trees) or home(module, trees))
        found[name] = targets - {"", "__init__.py", name}
    return found | {"__init__.py": set()}


def between_rooms(files: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return for each room the other rooms that its files import from."""
    rooms: dict[str, set[str]] = {}
    for name, targets in files.items():
        if "/" in name:
            rooms.setdefault(room(name), set()).update({room(target) for target in targets} - {room(name)})
    return rooms


def circle(graph: Mapping[str, set[str]]) -> list[str]:
    """Return one circle of imports, its first file again at the end; empty if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def floors(graph: Mapping[str, set[str]]) -> int:
    """Count the rooms on the longest chain of imports."""
    height: dict[str, int] = {}
    for name in TopologicalSorter(graph).static_order():
        height[name] = 1 + max((height[below] for below in graph.get(name, ())), default=0)
    return max(height.values(), default=0)


def crowded(files: Iterable[str]) -> dict[str, int]:
    """Return the folders with too many entries, by the paths of all files; collections are left out."""
    entries: dict[str, set[str]] = {}
    for name in files:
        for path in (Path(name), *Path(name).parents[:-1]):
            entries.setdefault(path.parent.as_posix(), set()).add(path.name)
    uncounted = {"__init__.py", "__init__.pyi", "__main__.py", "py.typed"}
    counted = {folder: len(names - uncounted) for folder, names in entries.items()}
    return {f: n for f, n in counted.items() if n > MOST_ENTRIES and f not in COLLECTIONS}


def long_modules(sources: Mapping[str, str]) -> dict[str, int]:
    """Return the modules that are too long, with their lines."""
    counted = {name: len(source.splitlines()) for name, source in sources.items()}
    return {name: lines for name, lines in counted.items() if lines > MOST_LINES}


def private_names(trees: Mapping[str, ast.AST]) -> list[str]:
    """Return every import of a ``_name`` or of a ``_module`` from another file of the package."""
    return [
        f"{name}: {module}.{taken}"
        for name, tree in trees.items()
        for module, taken in from_imports(name, tree)
        if module.startswith("breach_sim")
        and any(part.startswith("_") and not part.startswith("__") for part in (*module.split("."), taken))
    ]


def barred_words(texts: Mapping[str, str]) -> list[str]:
    """Return the lines that hold the barred word."""
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if BARRED_WORD.search(line)
    ]


def contracts() -> dict[str, list[list[str]]]:
    """Return the floors of each import contract of pyproject.toml by the room that it is about.

    The upper floor comes first. The contract of the whole house stands under "breach_sim".
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {
        container: [re.split(r"\s*[|:]\s*", layer) for layer in each["layers"] if not layer.startswith("(")]
        for each in project["tool"]["importlinter"]["contracts"]
        for container in each.get("containers", ())
        if each.get("exhaustive")
    }


def without_contract(files: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return the rooms of more than one file that no contract is about."""
    named = {container.removeprefix("breach_sim.") for container in known}
    inner = [name for name in files if "/" in name and not name.endswith("__init__.py")]
    rooms = {room(name) for name in inner}
    return sorted(each for each in rooms if each not in named and sum(room(n) == each for n in inner) > 1)


def committed_files() -> list[str]:
    """Return the files of the package, data too, without what Python compiles."""
    found = (path.relative_to(PACKAGE) for path in PACKAGE.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in found if "__pycache__" not in path.parts)


def test_there_are_few_floors() -> None:
    """The longest chain of imports between rooms has at most nine rooms."""
    assert floors(between_rooms(arrows(trees()))) in range(5, MOST_FLOORS + 1)


def test_no_files_import_each_other_in_a_circle() -> None:
    """No chain of imports between files leads back to its start, those for types alone included."""
    assert [] == circle(arrows(trees()))


def test_arrows_are_found_wherever_they_stand() -> None:
    """Imports count at the top, in functions, relative or absolute, and for types alone where asked."""
    planted = {
        "a/__init__.py": "",
        "a/x.py": "from breach_sim.b import y\n",
        "a/z.py": "if TYPE_CHECKING:\n    from breach_sim.a.x import f\n",
        "b/__init__.py": "",
        "b/y.py": "def f():\n    from breach_sim.a.x import g\n",
        "b/u.py": "from .y import f\nfrom ..a import z\nimport breach_sim.b\nfrom . import nothing\n",
    }
    trees = {name: ast.parse(text) for name, text in planted.items()}
    graph = arrows(trees)
    assert {"b/y.py"} == graph["a/x.py"]
    assert {"a/x.py"} == graph["a/z.py"]
    assert set() == arrows(trees, types=False)["a/z.py"]
    assert {"a/x.py"} == graph["b/y.py"]
    assert {"b/y.py", "a/z.py", "b/__init__.py"} == graph["b/u.py"]
    assert {"a/x.py", "b/y.py"} == set(circle(graph))
    assert {"a": {"b"}, "b": {"a"}} == between_rooms(graph)


def test_floors_are_counted_along_the_longest_chain() -> None:
    """Four rooms in a row are four floors, however short the way beside them; one in no row is one."""
    assert 4 == floors({"a": {"b", "d"}, "b": {"c"}, "c": {"d"}, "d": set()})
    assert 1 == floors({"a": set()})


def test_folders_are_not_crowded() -> None:
    """A folder of the package has at most thirteen files and folders; collections are named above."""
    assert {} == crowded(committed_files())


def test_a_crowded_folder_is_found() -> None:
    """Fourteen entries are too many, files and folders counted alike; a collection may grow."""
    thirteen = [f"room/part_{number}.py" for number in range(12)] + ["room/inner/x.py", "room/inner/y.py"]
    assert {} == crowded([*thirteen, "room/__init__.py", "room/py.typed"])
    assert {"room": 14} == crowded([*thirteen, "room/more.toml"])
    assert {} == crowded(f"catalog/data/breaches/{number}.toml" for number in range(40))
    assert {".": 14} == crowded(f"room_{number}/x.py" for number in range(14))


def test_modules_are_short() -> None:
    """A module has at most five hundred lines."""
    assert {} == long_modules({name: path.read_text(encoding="utf-8") for name, path in FILES.items()})


def test_a_long_module_is_found() -> None:
    """501 lines are too many and 500 are not."""
    assert {"b.py": 501} == long_modules({"a.py": "x\n" * 500, "b.py": "x\n" * 501})


def test_no_private_name_leaves_its_module() -> None:
    """No file imports a name with a leading underscore from another file of the package."""
    assert [] == private_names(trees())


def test_a_private_import_is_found() -> None:
    """Private names and private modules are found, absolute and relative; `__version__` is public."""
    planted = {
        "a/x.py": "from breach_sim.b import _y\nfrom breach_sim import __version__\nfrom numpy import _c\n",
        "a/z.py": "from ._hidden import y\n",
    }
    found = private_names({name: ast.parse(text) for name, text in planted.items()})
    assert ["a/x.py: breach_sim.b._y", "a/z.py: breach_sim.a._hidden.y"] == found


def test_every_room_stands_in_the_contract() -> None:
    """The folders of the package are the rooms of the import contract, each once."""
    rooms = [name for floor in contracts()["breach_sim"] for name in floor]
    assert sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()) == sorted(
        rooms
    )
    assert len(rooms) == len(set(rooms))


def test_the_contract_is_tighter_than_the_limit() -> None:
    """The contract has no more floors than allowed, and every arrow between rooms leads down in it."""
    house = contracts()["breach_sim"]
    floor = {name: number for number, names in enumerate(house) for name in names}
    assert len(house) <= MOST_FLOORS
    rising = [
        (above, below)
        for above, targets in between_rooms(arrows(trees())).items()
        for below in targets
        if floor[above] >= floor[below]
    ]
    assert [] == rising


def test_every_room_has_a_contract_of_its_own() -> None:
    """The files of each room stand on floors too: a contract about the room says which."""
    assert [] == without_contract(FILES, contracts())


def test_a_room_without_a_contract_is_found() -> None:
    """A room of two files needs a contract, a room of one file does not."""
    files = ["__init__.py", "a/__init__.py", "a/x.py", "a/y.py", "b/x.py", "c/x.py", "c/inner/y.py"]
    assert ["a", "c"] == without_contract(files, ["breach_sim"])
    assert ["c"] == without_contract(files, ["breach_sim", "breach_sim.a"])


def texts_of(files: Iterable[str]) -> dict[str, str]:
    """Return the texts of files of the package; arrays are no text."""
    named = (name for name in files if not name.endswith(".npz"))
    return {name: (PACKAGE / name).read_text(encoding="utf-8") for name in named}


def test_no_code_says_told() -> None:
    """The word stands in no module, stub or template, neither in a name nor in a text."""
    assert [] == barred_words(texts_of(n for n in committed_files() if not n.startswith("catalog/data/")))


def test_no_data_say_told() -> None:
    """The word stands in no file of the catalog's data, neither in a key nor in a note."""
    assert [] == barred_words(texts_of(n for n in committed_files() if n.startswith("catalog/data/")))


def test_the_barred_word_is_found_in_names() -> None:
    """It is found as a word, with a capital, and between underscores; inside another word it is not."""
    planted = "x = 1\ntold = 2\nas_told_by = 3\n# Told so.\n'untold'\nstolde\n"
    assert ["a:2", "a:3", "a:4"] == [line.rpartition(": ")[0] for line in barred_words({"a": planted})]
