"""Pages about every public name of ``breach_sim``, as the documentation shows them.

A name is public if ``breach_sim.__all__`` has it: nothing else decides, so a new name cannot be left out.
Sphinx fills the pages from docstrings (autodoc, autosummary, Napoleon).

Not here: the docstrings, and the book around the pages (tools/book.py).
"""

import inspect
from types import ModuleType
from typing import Any

import breach_sim

FOLDER = "api"
"""Folder of the pages in the book."""
TITLE = "API reference"
EXTENSIONS = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]
SETTINGS: dict[str, Any] = {
    "add_module_names": False,
    "autosummary_generate": False,
    "autodoc_member_order": "bysource",
    "autodoc_preserve_defaults": True,
    "autodoc_typehints": "none",
    "napoleon_google_docstring": False,
    "napoleon_attr_annotations": False,
    "napoleon_use_ivar": True,
    "napoleon_use_rtype": False,
    "python_maximum_signature_line_length": 80,
}
KINDS = {
    "function": "What is called.",
    "class": "What goes in and what comes out.",
    "module": "Families of functions.",
}
"""Kinds of names, in the order of the contents, and what they are."""


def public_names() -> dict[str, Any]:
    """Public names of the package and what they stand for, in alphabetical order."""
    return {name: getattr(breach_sim, name) for name in sorted(vars(breach_sim)["__all__"])}


def kind(thing: Any) -> str:
    """Kind of a public name: "function", "class" or "module"."""
    if inspect.ismodule(thing):
        return "module"
    return "class" if inspect.isclass(thing) else "function"


def members(module: ModuleType) -> list[str]:
    """Public functions and classes of a module: those it lists, else those it defines."""
    listed = getattr(module, "__all__", None)
    names = listed if listed is not None else [name for name in vars(module) if not name.startswith("_")]
    parts = {name: getattr(module, name) for name in names}
    code = {name: part for name, part in parts.items() if inspect.isroutine(part) or inspect.isclass(part)}
    return sorted(n for n, part in code.items() if listed is not None or part.__module__ == module.__name__)


def pages() -> dict[str, str]:
    """Text of the pages by path in the book: the contents, and one page a public name."""
    names = public_names()
    written = {f"{FOLDER}/{name}.rst": page(name, thing) for name, thing in names.items()}
    return {f"{FOLDER}/index.rst": index(names), **written}


def index(names: dict[str, Any]) -> str:
    """The contents: a table for each kind of name."""
    lines = [*heading(TITLE, "="), "Every public name, as ``bs.NAME`` after ``import breach_sim as bs``.", ""]
    for group, meaning in KINDS.items():
        some = [name for name, thing in names.items() if kind(thing) == group]
        plural = {"function": "Functions", "class": "Classes", "module": "Modules"}[group]
        lines += [*heading(plural, "-"), meaning, ""]
        if group == "module":
            lines += [f"- :doc:`{name}`: {first_line(names[name])}" for name in some]
        else:
            lines += [".. autosummary::", "   :nosignatures:", ""]
            lines += [f"   breach_sim.{name}" for name in some]
        lines.append("")
    lines += [".. toctree::", "   :hidden:", "", *(f"   {name}" for name in names), ""]
    return "\n".join(lines)


def page(name: str, thing: Any) -> str:
    """The page of one public name."""
    group = kind(thing)
    lines = [*heading(name, "="), ".. currentmodule:: breach_sim", ""]
    if group == "module":
        module = thing.__name__
        lines += [f".. automodule:: {module}", "   :no-index:", "", ".. currentmodule:: " + module, ""]
        for part in members(thing):
            directive = "autoclass" if inspect.isclass(getattr(thing, part)) else "autofunction"
            lines += [f".. {directive}:: {module}.{part}", "   :no-index-entry:", ""]
    elif group == "class":
        directive = "autoexception" if issubclass(thing, Exception) else "autoclass"
        lines += [f".. {directive}:: breach_sim.{name}", "   :members:", ""]
    else:
        lines += [f".. autofunction:: breach_sim.{name}", ""]
    return "\n".join(lines)


def heading(words: str, sign: str) -> list[str]:
    """Lines of a heading, and a blank one."""
    return [words, sign * len(words), ""]


def first_line(thing: Any) -> str:
    """First line of a docstring."""
    return (inspect.getdoc(thing) or "").partition("\n")[0]
