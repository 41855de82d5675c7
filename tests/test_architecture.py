"""Laws of the building: which file may do what, how long a function may be, and what an import costs."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "breach_sim"
FILES = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}
LONGEST = 50
"""Lines of code a function stays below; its docstring is free."""
MAKERS = {
    "default_rng", "RandomState", "SeedSequence", "BitGenerator", "PCG64", "PCG64DXSM", "Philox", "MT19937",
    "SFC64", "Generator",
}  # fmt: skip
HEAVY = (
    "pandas", "scipy", "matplotlib", "faker", "pyarrow", "typer", "duckdb", "narwhals", "dask", "distributed",
    "fsspec", "ipywidgets", "loky",
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
Function = ast.FunctionDef | ast.AsyncFunctionDef


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


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield every module that a file imports when it runs, wherever the import stands."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif not (isinstance(node, ast.If) and dotted(node.test).endswith("TYPE_CHECKING")):
            yield from imports(node)


def calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield what is called, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node.lineno


def importers(module: str) -> set[str]:
    """Return the files that import a module or something of it."""
    return {n for n, tree in TREES.items() if any(f"{i}.".startswith(f"{module}.") for i in imports(tree))}


def functions(tree: ast.AST) -> Iterator[Function]:
    """Yield every function and method, nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def generators_made(tree: ast.AST) -> list[int]:
    """Return the lines on which a generator of random numbers is made, or NumPy's global one is used."""
    return [line for name, line in calls(tree) if last(name) in MAKERS or "np.random." in name]


def code_lines(function: Function, source: list[str]) -> int:
    """Count the lines of a function: no docstring, no blank lines, no comments, no decorators."""
    first = function.body[0]
    told = ast.get_docstring(function, clean=False) is not None
    free = set(range(first.lineno, (first.end_lineno or first.lineno) + 1)) if told else set()
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
    assert {"__init__.py", "engine/streams.py", "plots/style.py", "population/population.py"} <= set(FILES)


def test_only_streams_makes_random_generators() -> None:
    """No other file makes a NumPy generator, seeds one, or draws from the global one."""
    assert ["engine/streams.py"] == [name for name, tree in TREES.items() if generators_made(tree)]
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
    allowed = {"population/sample.py", "apps/reporting/publish.py"}
    assert {name for name in importers("sys") if not name.startswith("apps/cli/")} <= allowed


def test_few_files_touch_files() -> None:
    """Files are touched by catalogue, reports, interop, command line, the sample and the data sets alone."""
    touching = {n for n, t in TREES.items() if any(last(c) in OPENERS for c, _ in calls(t))}
    of_data = {"interop/export.py", "interop/files.py", "population/sample.py"}
    of_data |= {"population/dataset/places.py"}
    of_apps = {"apps/cli/catalogue.py", "apps/reporting/publish.py", "apps/reporting/folder.py"}
    assert {"catalog/reader.py"} | of_data | of_apps >= touching
    assert {"catalog/reader.py", "apps/reporting/folder.py"} <= touching


def test_only_the_catalogue_reads_the_data() -> None:
    """`importlib.resources` and `tomllib` are used by the reader of the catalogue alone."""
    assert {"catalog/reader.py"} == importers("importlib.resources") == importers("tomllib")


@pytest.mark.parametrize(
    "module", ["time", "subprocess", "socket", "urllib", "http", "threading", "multiprocessing"]
)
def test_nobody_asks_the_world(module: str) -> None:
    """A result depends on its inputs: no network, no clock but a bar, no process but a printer or worker."""
    allowed = {"time": {"apps/cli/population.py"}, "subprocess": {"apps/reporting/publish.py"}}
    allowed |= {"threading": {"population/dataset/workers.py"}}  # a worker looks for its caller
    assert allowed.get(module, set()) == importers(module)


def test_only_data_sets_and_timelines_are_made_by_threads() -> None:
    """Threads, processes and clusters work on pieces that do not know of each other, and nowhere else."""
    found = importers("concurrent") | importers("distributed")
    assert {"population/dataset/workers.py", "results/impact.py"} == found
    assert {"population/dataset/workers.py"} == importers("distributed") == importers("loky")
    # A settled answer is computed aside, whole; a scheduler is greeted.
    assert {"apps/explorer/panel.py", "population/dataset/workers.py"} == importers("asyncio")


def test_nobody_asks_the_calendar_or_the_environment() -> None:
    """No date of today, no environment variable."""
    barred = {"now", "today", "utcnow", "getenv", "fromtimestamp"}
    assert [] == [
        (n, what, line) for n, tree in TREES.items() for what, line in calls(tree) if last(what) in barred
    ]
    assert [] == [n for n, tree in TREES.items() if any(dotted(x) == "os.environ" for x in ast.walk(tree))]


def test_no_module_has_a_name_that_says_nothing() -> None:
    """No file or folder is called utils, helpers, base, manager or common."""
    assert [] == [name for name in FILES if VAGUE & set(Path(name).with_suffix("").parts)]


def test_functions_are_short() -> None:
    """Every function has fewer than fifty lines of code."""
    long: dict[str, int] = {}
    for name, path in FILES.items():
        source = path.read_text(encoding="utf-8").splitlines()
        counted = {f.name: code_lines(f, source) for f in functions(TREES[name])}
        long |= {f"{name}: {function}": lines for function, lines in counted.items() if lines >= LONGEST}
    assert {} == long


def test_the_count_of_lines_leaves_out_docstring_blanks_and_comments() -> None:
    """Three lines of code are three, whatever stands between them."""
    source = 'def f(a,\n      b):\n    """Say.\n\n    More.\n    """\n\n    # why\n    return a\n'
    (function,) = functions(ast.parse(source))
    assert 3 == code_lines(function, source.splitlines())


def test_everything_public_is_explained() -> None:
    """Every module, public class, function and method has a docstring."""
    silent = [name for name, tree in TREES.items() if not ast.get_docstring(tree)]
    for name, tree in TREES.items():
        found = public(tree)
        silent += [f"{name}: {what}" for what, node in found if not ast.get_docstring(node)]  # type: ignore[arg-type]
    assert [] == silent


def test_every_room_says_what_it_holds() -> None:
    """The head of each room says what is in it, and what is not."""
    rooms = {name for name in FILES if name.count("/") == 1 and name.endswith("/__init__.py")}
    assert {room(name) for name in FILES if "/" in name} == {room(name) for name in rooms}
    assert [] == [name for name in sorted(rooms) if "Not here:" not in (ast.get_docstring(TREES[name]) or "")]


def test_the_library_does_not_print() -> None:
    """Nobody prints but `teaching.check`, whose task it is; the command line echoes."""
    assert ["apps/teaching/checking.py"] == [
        name for name, tree in TREES.items() for what, _ in calls(tree) if what == "print"
    ]


def test_no_check_rests_on_assert() -> None:
    """No rule is an assert, which an optimizing interpreter leaves out."""
    assert [] == [n for n, tree in TREES.items() if any(isinstance(x, ast.Assert) for x in ast.walk(tree))]


def test_nothing_is_evaluated_or_unpickled() -> None:
    """No eval, exec, pickle or shell: a scenario file is data."""
    assert set() == importers("pickle") | importers("marshal") | importers("shelve")
    barred = {"eval", "exec", "compile", "__import__", "os.system"}
    assert [] == [
        (n, what, line) for n, tree in TREES.items() for what, line in calls(tree) if what in barred
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
