"""The site of ``python run.py live``: notebooks that run in a browser, from a folder behind any file server.

JupyterLite makes the pages, Pyodide runs the Python. Lessons are the students' copies. The site asks no other
machine for anything. Not here: packages (``live_packages.py``), the proof in a browser (``live_check.py``).
"""

from __future__ import annotations

import html
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
from live_files import ROOT, digest, zipped_bytes
from live_packages import gathered, piplite_index
from student_copies import LESSONS, student

NOTEBOOKS = ROOT / "notebooks"
SHOWN = ("01_first_look", "02_what_leaked", "03_from_fields_to_attacks", "04_how_bad_and_how_sure")
"""Notebooks that are in the site beside the lessons."""
SHARED = "tmobile-2021-stated"
"""The breach of the page to share."""
MARK = "live.json"
"""A file of every folder made here, with the hash of every other: nothing else is ever replaced."""
MOST = 110e6
"""Largest size of the folder. [byte]"""
APPS = ("lab", "notebooks", "tree", "edit")
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
AT_START = ("micropip", "ssl", "sqlite3", "comm", "jedi", "ipython", "breach-sim")
"""Packages that are loaded together while Python starts, not one after the other when they are needed."""
LEFT_OUT = ("*.map", "*.ipynb_checkpoints")
SETTINGS = {
    # A notebook is drawn whole: a class scrolls back, and a figure that is out of sight must be there.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}
STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --paper: #fff; --line: #d0d7de; --link: #005b94; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #14181d; --line: #3d444d; --link: #79b8ff; }
}
body { background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; margin: 0; }
main { margin: 0 auto; max-width: 46rem; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0; }
ul { list-style: none; margin: 0; padding: 0; }
li { border-top: 1px solid var(--line); padding: .6rem 0; }
a { color: var(--link); display: inline-block; min-height: 24px; }
li > a:first-child { font-weight: 600; margin-right: .75rem; }
small { display: block; font-size: .9rem; }
"""


def build(target: Path, cache: Path) -> int:
    """Make the site and its archive; return the size of the folder.

    Parameters
    ----------
    target
        Folder to make, or one that was made here before and is replaced. The archive stands beside it.
    cache
        Folder that keeps what was fetched.

    Returns
    -------
    Size of the folder. [byte]

    Raises
    ------
    ValueError
        If the folder holds something else, a file is missing or has another hash, or the site is too large.
    """
    free = not target.exists() or (target.is_dir() and not any(target.iterdir()))
    if not free and not (target / MARK).is_file():
        raise ValueError(f"{target} holds something that is no live class: name a new folder with --out")
    with tempfile.TemporaryDirectory() as aside:
        source, made = Path(aside) / "source", Path(aside) / "made"
        pyodide = source / "static" / "pyodide"
        pyodide.mkdir(parents=True)
        wheels = gathered(pyodide, cache)
        contents = written(source / "contents")
        (source / "overrides.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
        jupyterlite(source, made)
        finish(made, [made / "static" / "pyodide" / path.name for path in wheels], contents)
        size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
        if size > MOST:
            raise ValueError(
                f"the site has {size / 1e6:.0f} MB, and may have {MOST / 1e6:.0f}: leave out more"
            )
        put(made, target)
    files = {path.relative_to(target).as_posix(): path.read_bytes() for path in listed(target)}
    archive = target.with_name(f"{target.name}.zip")
    aside_archive = archive.with_name(f"{archive.name}.part")
    aside_archive.write_bytes(zipped_bytes(files))
    aside_archive.replace(archive)
    return size


def written(folder: Path) -> dict[str, str]:
    """Write the notebooks of the site; return the title of each by its place."""
    titles = {}
    for path in sorted(LESSONS.glob("*.ipynb")):
        key = nbformat.read(path, as_version=4)
        for name, copy in ((path.stem, student(key)), (f"{path.stem}_10_minutes", student(key, cut=True))):
            titles[f"lessons/{name}.ipynb"] = title(key)
            save(folder / "lessons" / f"{name}.ipynb", copy)
    for name in SHOWN:
        notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
        titles[f"notebooks/{name}.ipynb"] = title(notebook)
        save(folder / "notebooks" / f"{name}.ipynb", notebook)
    return titles


def save(path: Path, notebook: Any) -> None:
    """Write a notebook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook).rstrip("\n") + "\n", encoding="utf-8", newline="\n")


def title(notebook: Any) -> str:
    """The first heading of a notebook."""
    first = next(cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    return str(first.partition("\n")[0].removeprefix("# ").strip())


def jupyterlite(source: Path, made: Path) -> None:
    """Build the pages of JupyterLite."""
    command = [sys.executable, "-m", "jupyter", "lite", "build", "--no-sourcemaps"]
    command += ["--lite-dir", str(source), "--output-dir", str(made), "--contents", str(source / "contents")]
    command += ["--source-date-epoch", commit_time(), *(word for app in APPS for word in ("--apps", app))]
    command += ["--ignore-sys-prefix", f"--LiteBuildConfig.federated_extensions={kernel_extension()}"]
    own = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTERLITE_")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=source, env=own)  # noqa: S603
    if done.returncode:
        raise ValueError(f"JupyterLite could not build the site:\n{(done.stdout + done.stderr)[-2000:]}")


def commit_time() -> str:
    """Time of the last commit, which a notebook shows as that of its last change; without git, now."""
    command = ["git", "log", "-1", "--format=%ct"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)  # noqa: S603 - fixed words
    return done.stdout.strip() or str(int(time.time()))


def kernel_extension() -> Path:
    """The folder of the kernel's part for the browser, as it was installed; no other extension is taken."""
    from importlib import metadata

    files = metadata.files("jupyterlite-pyodide-kernel") or []
    place = next(path for path in files if path.parts[-2:] == ("pyodide-kernel-extension", "package.json"))
    return Path(str(place.locate())).resolve().parent


def finish(made: Path, wheels: list[Path], contents: dict[str, str]) -> None:
    """Settle what JupyterLite asks, add the first page and the pages to share, and list every file."""
    from breach_sim.apps.page.adviser import write_adviser
    from breach_sim.apps.page.what_if import write_what_if

    for pattern in LEFT_OUT:
        for path in list(made.rglob(pattern)):
            path.unlink()
    index = json.dumps(piplite_index(wheels, "../static/pyodide"), indent=1, sort_keys=True)
    (made / "pypi").mkdir(exist_ok=True)
    (made / "pypi" / "all.json").write_text(index, encoding="utf-8")
    settings = json.loads((made / "jupyter-lite.json").read_text(encoding="utf-8"))
    data = settings["jupyter-config-data"]
    data |= {"appName": "breach_sim", "exposeAppInBrowser": True, "showLoadingIndicator": True}
    kernel = data.setdefault("litePluginSettings", {}).setdefault(KERNEL, {})
    kernel["disablePyPIFallback"] = True
    kernel["loadPyodideOptions"] = {"packages": list(AT_START)}
    own = f"./pypi/all.json?sha256={digest(index.encode())}"
    kernel["pipliteUrls"] = [own, *kernel.get("pipliteUrls", [])]
    (made / "jupyter-lite.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")
    write_what_if(SHARED, made / "what-if.html")
    write_adviser(made / "adviser.html")
    (made / "index.html").write_text(first_page(contents), encoding="utf-8")
    hashes = {path.relative_to(made).as_posix(): digest(path.read_bytes()) for path in listed(made)}
    (made / MARK).write_text(json.dumps(hashes, indent=1) + "\n", encoding="utf-8")


def first_page(contents: dict[str, str]) -> str:
    """The page that a class opens first: what there is, and how long it takes.

    JupyterLite reads this page too, to find where the site begins: hence its empty settings.
    """

    def link(place: str, words: str) -> str:
        return f'<a href="notebooks/index.html?path={html.escape(place)}">{html.escape(words)}</a>'

    lessons, others = [], []
    for place, name in contents.items():
        if place.endswith("_10_minutes.ipynb"):
            continue
        number = Path(place).stem.removeprefix("lesson_").split("_")[0]
        if place.startswith("lessons/"):
            short = link(place.replace(".ipynb", "_10_minutes.ipynb"), "10-minute version")
            lessons.append(f"<li>{link(place, f'{number}  {name}')} {short}</li>")
        else:
            others.append(f"<li>{link(place, f'{number}  {name}')}</li>")
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>breach_sim: lessons that run here</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style>
<script id="jupyter-config-data" type="application/json" data-jupyter-lite-root=".">{{}}</script></head>
<body><main>
<h1>Lessons that run in your browser</h1>
<p>Open a lesson, then choose <b>Run</b> and <b>Run All Cells</b>. The first answer takes about half a minute,
because Python starts inside this page. Nothing is installed, and nothing leaves your device.</p>
<p>Your work stays in this browser, on this device. To hand it in, choose <b>File</b> and <b>Download</b>.</p>
<h2>Lessons</h2><ul>{"".join(lessons)}</ul>
<h2>Notebooks</h2><ul>{"".join(others)}</ul>
<h2>Without Python</h2><ul>
<li><a href="what-if.html">What if a field had not leaked?</a>
<small>Tap a field off, and see who is still harmed.</small></li>
<li><a href="adviser.html">What should I do now?</a>
<small>Tick what you lost, and get three actions.</small></li></ul>
<h2>For teachers</h2><ul>
<li><a href="lab/index.html">All files, in JupyterLab</a></li></ul>
</main></body></html>
"""


def listed(folder: Path) -> list[Path]:
    """The files of a folder, in the order of their names."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def put(made: Path, target: Path) -> None:
    """Put a finished folder in its place, in one step."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f"{target.name}.", suffix=".part", dir=target.parent))
    shutil.copytree(made, aside, dirs_exist_ok=True)
    aside.chmod(0o755)
    if target.exists():
        shutil.rmtree(target)
    aside.replace(target)
