"""One small change of a program at a time: the mutants of `tools/mutants.py`.

A mutant replaces one expression or statement of a module: a comparison, an operator, a constant, a branch, a
statement that is left out. What only speaks is left alone: docstrings, annotations, messages, displays.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
OPERATOR: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
CALLED = {
    "min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum", "maximum": "minimum",
    "exp": "expm1", "expm1": "exp", "log": "log1p", "log1p": "log", "floor": "ceil", "ceil": "floor",
}  # fmt: skip
DISPLAYS = {"summary", "_repr_html_", "__repr__", "__str__", "as_part", "routes_in_words"}
"""Functions that only put a value into words."""
DECIDES_NOTHING = {"strict", "repr", "slots", "frozen", "kw_only", "maxsize", "stacklevel", "dtype", "copy"}
"""Keywords whose value changes no answer of a program that is right."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module.

    Parameters
    ----------
    file
        Path of the module in the checkout.
    start, end
        Where the changed text begins and ends. [bytes]
    line
        Number of the line in which it begins, from 1.
    old, new
        The text that is replaced, and what replaces it.
    function
        Qualified name of the function, or "" in the module's own body.
    last_line
        Number of the line in which it ends.
    which
        Which of those it is that say the same of the same function, from 1.
    """

    file: str
    start: int
    end: int
    line: int
    old: str
    new: str
    function: str
    last_line: int
    which: int = 1

    @property
    def key(self) -> str:
        """How a list of explained mutants names it: no line number, so that other edits leave it as it is."""
        return self.title + (f" ({self.which})" if self.which > 1 else "")

    @property
    def title(self) -> str:
        """File, function and change, which several mutants may have in common."""
        return f"{self.file}::{self.function}: {' '.join(self.old.split())} -> {' '.join(self.new.split())}"

    def applied(self, source: bytes) -> bytes:
        """Return the module's source with the change."""
        return source[: self.start] + self.new.encode() + source[self.end :]


def mutants_of(root: Path, file: str) -> list[Mutant]:
    """Return every mutant of a module, in the order of its text.

    Parameters
    ----------
    root
        The checkout.
    file
        Path of the module in it.

    Returns
    -------
    Mutants that can be compiled. None changes what is only shown.
    """
    source = (root / file).read_bytes()
    offsets = [0]
    for line in source.splitlines(keepends=True):
        offsets.append(offsets[-1] + len(line))
    found = []
    for node, new, function in _changes(ast.parse(source), ""):
        end_line, end_col = node.end_lineno or 0, node.end_col_offset or 0
        start, end = offsets[node.lineno - 1] + node.col_offset, offsets[end_line - 1] + end_col
        old = source[start:end].decode()
        mutant = Mutant(file, start, end, node.lineno, old, new, function, end_line)
        if old != new and _compiles(mutant.applied(source)):
            found.append(mutant)
    seen: dict[str, int] = {}
    numbered = []
    for one in sorted(found, key=lambda one: (one.start, one.end, one.new)):
        seen[one.title] = seen.get(one.title, 0) + 1
        numbered.append(replace(one, which=seen[one.title]))
    return numbered


def _compiles(source: bytes) -> bool:
    try:
        compile(source, "mutant", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


Changed = tuple[ast.expr | ast.stmt, str, str]


def _changes(node: ast.AST, function: str) -> Iterator[Changed]:
    """Places of a tree with the new text of each, and the function that holds it."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        function = f"{function}.{node.name}".lstrip(".")
        if node.name in DISPLAYS:
            return
    if isinstance(node, (ast.expr, ast.stmt)):
        yield from ((node, text, function) for text in _new_texts(node))
    if isinstance(node, ast.If):
        yield node.test, f"not ({ast.unparse(node.test)})", function
    for child in _children(node):
        yield from _changes(child, function)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Parts of a node that decide something."""
    if isinstance(node, (ast.Raise, ast.JoinedStr, ast.Import, ast.ImportFrom, ast.Assert)):
        return
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield from node.body
        if isinstance(node, ast.FunctionDef):
            yield from (default for default in (*node.args.defaults, *node.args.kw_defaults) if default)
        return
    for name, value in ast.iter_fields(node):
        if name == "annotation" or (isinstance(node, ast.keyword) and node.arg in DECIDES_NOTHING):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child


def _new_texts(node: ast.expr | ast.stmt) -> Iterator[str]:
    """What a node may become."""
    if isinstance(node, ast.stmt):
        yield from _other_statements(node)
    elif isinstance(node, ast.Constant):
        yield from _other_constants(node.value)
    elif isinstance(node, ast.Call):
        yield from _other_calls(node)
    else:
        yield from _other_operators(node)


def _other_operators(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARE:
            yield _text(node, ops=[COMPARE[type(op)]()])
        case ast.BinOp() if not _speaks(node):
            yield _text(node, op=OPERATOR.get(type(node.op), ast.Sub)())
        case ast.BoolOp():
            yield _text(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert()):
            yield f"({ast.unparse(node.operand)})"
        case ast.IfExp():
            yield _text(node, body=node.orelse, orelse=node.body)


def _other_constants(value: object) -> Iterator[str]:
    """The other truth value, the next whole number, twice the number."""
    match value:
        case bool():
            yield str(not value)
        case int():
            yield str(value + 1)
        case float():
            yield repr(value * 2 or 1.0)


def _other_statements(node: ast.stmt) -> Iterator[str]:
    """Nothing in place of a statement, or another one."""
    match node:
        case ast.AugAssign() if not _speaks(node.value):
            yield _text(node, op=OPERATOR.get(type(node.op), ast.Sub)())[1:-1]
            yield "pass"
        case ast.Raise() | ast.Expr(value=ast.Call()):
            yield "pass"
        case ast.Continue():
            yield "break"
        case ast.Break():
            yield "continue"


def _other_calls(node: ast.Call) -> Iterator[str]:
    """A call of the opposite function; the two branches of `where` the other way round."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in CALLED:
        func = copy.deepcopy(node.func)
        if isinstance(func, ast.Attribute):
            func.attr = CALLED[name]
        elif isinstance(func, ast.Name):
            func.id = CALLED[name]
        yield _text(node, func=func)
    if name == "where" and len(node.args) == 3:  # noqa: PLR2004 - condition, then, else
        yield _text(node, args=[node.args[0], node.args[2], node.args[1]])


def _speaks(node: ast.AST) -> bool:
    """Whether a sum or a percent sign puts a text together."""
    texts = (part for part in ast.walk(node) if isinstance(part, (ast.JoinedStr, ast.Constant)))
    return any(isinstance(part, ast.JoinedStr) or isinstance(part.value, str) for part in texts)


def _text(node: ast.AST, **changed: object) -> str:
    """A node in words, in parentheses, with some parts replaced."""
    other = copy.copy(node)
    for name, value in changed.items():
        setattr(other, name, value)
    text = ast.unparse(ast.fix_missing_locations(other))
    if isinstance(node, ast.stmt) and "\n" in text:
        # A statement goes back where it stood: its further lines are indented as far.
        text = text.replace("\n", "\n" + " " * getattr(node, "col_offset", 0))
    return f"({text})"
