"""Run the notebooks from their first cell and store their outputs, the same bytes on every run.

``python run.py notebooks`` calls this in the locked environment; a word names one notebook by its stem.
Kept: sources, tags, outputs, counts, the alternative text of every figure (its own, or the first words
below it). Dropped: times, widget state, the machine's Python version. What the tests do not compare
(``nbval_sanitize.cfg``) is stored as the word that stands for it.
"""

import configparser
import difflib
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
SHOWS = re.compile(r"\*What the figure shows: *([^\n]+)\*")
"""The words below a figure that say what is to be seen."""
ENOUGH = 80
"""Letters of an alternative text after which no further sentence is needed."""
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
Node = dict[str, Any]
Rules = list[tuple[re.Pattern[str], str]]


def main(names: list[str]) -> int:
    """Run the named notebooks, or all; return the exit status."""
    found = {
        p.stem: p
        for p in sorted((ROOT / "notebooks").rglob("*.ipynb"))
        if ".ipynb_checkpoints" not in p.parts
    }
    wanted = [Path(name).name.removesuffix(".ipynb") for name in names] or list(found)
    for name in wanted:
        if name not in found:
            near = difflib.get_close_matches(name, found, n=1)
            meant = f"; did you mean '{near[0]}'?" if near else "."
            print(f"no notebook '{name}' in notebooks{meant} Known: {', '.join(found)}", file=sys.stderr)
            return 2
    os.environ.pop("MPLBACKEND", None)  # the kernel draws inline
    rules = read_rules(ROOT / "nbval_sanitize.cfg")
    for name in wanted:
        start = time.monotonic()
        result = "changed" if regenerate(found[name], rules) else "as before"
        print(f"{name}: {time.monotonic() - start:.1f} s, {result}", flush=True)
    return 0


def regenerate(path: Path, rules: Rules) -> bool:
    """Run one notebook, write it aside, put it in place; say whether its bytes changed."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = None, []
    folder = {"metadata": {"path": str(path.parent)}}
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", record_timing=False, resources=folder
    ).execute()
    normalize(notebook, path.stem, rules)
    nbformat.validate(notebook)
    before, after = path.read_bytes(), (nbformat.writes(notebook).rstrip("\n") + "\n").encode()
    if before == after:
        return False
    aside = path.with_suffix(".part")
    aside.write_bytes(after)
    aside.replace(path)
    return True


def normalize(notebook: Node, stem: str, rules: Rules) -> None:
    """Leave in a notebook only what another run on another machine repeats."""
    notebook["metadata"] = nbformat.from_dict(METADATA)
    notebook["nbformat"], notebook["nbformat_minor"] = 4, 5
    below = [*(cell["source"] for cell in notebook["cells"][1:]), ""]
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"{re.sub('[^a-zA-Z0-9_-]', '-', stem)[:60]}-{number:02d}"
        tags = cell["metadata"].get("tags")
        cell["metadata"] = nbformat.from_dict({"tags": tags} if tags else {})
        if cell["cell_type"] == "code":
            cell["outputs"] = joined(cell["outputs"])
            for output in cell["outputs"]:
                clean(output, rules)
                describe(output, below[number])


def describe(output: Node, below: str) -> None:
    """Give a figure without words those that stand below it."""
    shown = SHOWS.match(below)
    if "image/png" not in output.get("data", {}) or not shown:
        return
    words = ""
    for sentence in re.split(r"(?<=\.) ", shown[1]):
        words = f"{words} {sentence}".strip()
        if len(words) >= ENOUGH:
            break
    words = words[0].upper() + words[1:].replace("*", "").replace("`", "")
    output["metadata"].setdefault("image/png", {}).setdefault("alt", words)


def joined(outputs: list[Node]) -> list[Node]:
    """Join the pieces of one stream: where it breaks depends on the clock."""
    result: list[Node] = []
    streams: dict[str, Node] = {}
    for output in outputs:
        name = output.get("name", "") if output["output_type"] == "stream" else ""
        if name in streams:
            streams[name]["text"] += output["text"]
            continue
        if name:
            streams[name] = output
        result.append(output)
    return result


def clean(output: Node, rules: Rules) -> None:
    """Drop widget views; put the stand-in words where the tests would put them."""
    data = output.get("data", {})
    data.pop(WIDGET_VIEW, None)
    for mime in data:
        if mime.startswith("text/"):
            data[mime] = replace(data[mime], rules)
    if "text" in output:
        output["text"] = replace(output["text"], rules)


def replace(text: str, rules: Rules) -> str:
    """Apply every rule in its order."""
    for pattern, word in rules:
        text = pattern.sub(word, text)
    return text


def read_rules(path: Path) -> Rules:
    """Read the patterns that the notebook tests do not compare."""
    config = configparser.RawConfigParser()
    config.read(path, encoding="ascii")
    return [(re.compile(config[name]["regex"]), config[name]["replace"]) for name in config.sections()]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
