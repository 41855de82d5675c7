"""Laws of folders under faults: one writer at a time, damage found and mended, sentences for broken files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.command_line import refused, say
from support.populations import TABLES, Few, tree

from breach_sim.population.dataset import verify, writer
from breach_sim.population.dataset.claim import CLAIM, claimed, require_run
from breach_sim.population.dataset.folders import MANIFEST, PLAN
from breach_sim.population.dataset.places import ASIDE, place_at

BOTH = {"tables": TABLES, "blocks_per_file": 2}


def write(people: Any, path: Any = None, **options: Any) -> Any:
    """Write, with a stub in the place of a population."""
    return writer.write(people, path, **options)


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """Return the folder of a run that nobody disturbed."""
    write(Few(), tmp_path / "whole", workers=1, **BOTH)
    return tmp_path / "whole"


def flip(path: Path, at: int = 100) -> None:
    """Change one bit of a file, and not its size."""
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


# Damage ----------------------------------------------------------------------------------------------------


def test_a_changed_bit_is_found_and_mended(whole: Path) -> None:
    """`verify` names files that are changed, missing or strange; resume makes exactly these again."""
    before = tree(whole)
    assert (10, dict(verify(whole).rows)) == (
        verify(whole).files,
        {"subscribers": 397, "devices": sum(row % 4 for row in range(397))},
    )
    flip(whole / "subscribers" / "part-00002.parquet")
    (whole / "devices" / "part-00004.parquet").unlink()
    with pytest.raises(
        ValueError,
        match=r"2 of 10 files are not what manifest.json says: subscribers/part-00002.parquet \(damaged\), "
        r"devices/part-00004.parquet \(missing\); .*resume",
    ):
        verify(whole)
    made = write(Few(), whole, resume=True, **BOTH)
    assert (8, ("subscribers/part-00002.parquet",)) == (made.kept, made.mended)
    assert before == tree(whole)
    (whole / "devices" / "mine.parquet").write_bytes(b"")
    with pytest.raises(ValueError, match=r"1 of 11 files .*: devices/mine.parquet \(not of the data set\)"):
        verify(whole)


def test_a_changed_bit_of_an_unfinished_run_is_mended(whole: Path, tmp_path: Path) -> None:
    """Files of a stopped run are hashed: a changed one, and one whose note is broken, is made again."""
    folder = tmp_path / "x"
    with pytest.raises(ValueError, match="nobody"):
        write(Few(real_ssn_at=8), folder, workers=1, **BOTH)
    flip(folder / "subscribers" / "part-00001.parquet")
    noted = len(list((folder / ASIDE / "done").rglob("*.json")))
    (folder / ASIDE / "done" / "subscribers" / "part-00000.parquet.json").write_text('{"bytes": "many"}')
    made = write(Few(), folder, resume=True, **BOTH)
    assert (noted - 2, ("subscribers/part-00001.parquet",)) == (made.kept, made.mended)
    assert tree(whole) == tree(folder)


DAMAGE = [
    b"",
    b"{",
    b"\xff\xfe",
    b"[]",
    b"5",
    b'{"tables": 5}',
    b'{"tables": {"subscribers": 5}}',
    b"[" * 50_000,
]


@pytest.mark.parametrize("content", DAMAGE)
@pytest.mark.parametrize("name", [MANIFEST, PLAN])
def test_a_broken_list_of_files_is_a_sentence(name: str, content: bytes, whole: Path) -> None:
    """A broken manifest or plan, or one of another shape, is named with the remedy, and nothing moves."""
    if name == PLAN:
        (whole / MANIFEST).unlink()
        (whole / ASIDE).mkdir()
    (whole / name).write_bytes(content)
    before = tree(whole)
    for attempt in (lambda: write(Few(), whole, resume=True, **BOTH), lambda: write(Few(), whole, **BOTH)):
        with pytest.raises(ValueError, match=rf"whole/{name} is .*damaged.*give an empty folder"):
            attempt()
    if name == MANIFEST:
        with pytest.raises(ValueError, match=rf"whole/{name} is .*damaged"):
            verify(whole)
    assert before == tree(whole)


def test_a_manifest_leads_to_no_other_file(whole: Path) -> None:
    """Names of files that leave the folder are refused before anything is read."""
    content = json.loads((whole / MANIFEST).read_text())
    for name in ("../whole/x", "/etc/passwd", "devices/../../x", "subscribers/part-00000.parquet"):
        content["tables"]["devices"]["files"][0]["name"] = name
        (whole / MANIFEST).write_text(json.dumps(content))
        with pytest.raises(ValueError, match="not of this program, or damaged"):
            verify(whole)


# One writer at a time ---------------------------------------------------------------------------------------


def test_a_second_writer_is_refused_with_the_truth(whole: Path, tmp_path: Path) -> None:
    """Whoever comes while a run writes hears who writes, changes nothing, and may come again afterwards."""
    folder = tmp_path / "x"
    heard = []

    def come_second(rows: int, *_: int) -> None:
        if rows and not heard:
            before = set(tree(folder))
            for resume in (False, True):
                with pytest.raises(
                    ValueError, match=r"x is being written by process \d+ on .*; wait until"
                ) as said:
                    write(Few(), folder, resume=resume, **BOTH)
                assert f"process {os.getpid()} on" in str(said.value)
                heard.append(resume)
            assert before <= set(tree(folder))

    write(Few(pause=0.002), folder, workers=1, progress=come_second, **BOTH)
    assert [False, True] == heard
    assert tree(whole) == tree(folder)
    assert 10 == write(Few(), folder, resume=True, **BOTH).kept


def test_a_claim_ends_with_its_process_and_leaves_nothing(tmp_path: Path) -> None:
    """A process that is killed frees the folder at once; one that is refused leaves no trace."""
    code = (
        f"import os, sys; sys.path[:0] = {sys.path!r}\n"
        "from breach_sim.population.dataset.claim import claimed\n"
        "from breach_sim.population.dataset.places import place_at\n"
        f"with claimed(place_at({str(tmp_path)!r})): os._exit(9)"
    )
    assert 9 == subprocess.run([sys.executable, "-c", code], check=False).returncode  # noqa: S603 - our own code
    assert (tmp_path / CLAIM).is_file()
    with claimed(place_at(tmp_path)) as run:
        assert json.loads((tmp_path / CLAIM).read_text())["run"] == run
    assert [] == list(tmp_path.iterdir())


def test_a_worker_of_an_earlier_run_names_no_file(tmp_path: Path) -> None:
    """A worker whose folder was removed, or belongs to another run, stops before it makes or names a file."""
    place = place_at(tmp_path / "x")
    with claimed(place) as first:
        require_run(place, first)
    with pytest.raises(OSError, match="was removed, or another run writes into it"):
        require_run(place, first)
    with (
        claimed(place),
        pytest.raises(OSError, match="this run stops"),
        place.new_file("a/part-00000.csv", lambda: require_run(place, first)),
    ):
        pass
    assert [] == list((tmp_path / "x").iterdir())


@pytest.fixture
def memory() -> Iterator[Any]:
    """Return the file system in memory, empty."""
    system = pytest.importorskip("fsspec").filesystem("memory")
    system.rm("/", recursive=True)
    yield system
    system.rm("/", recursive=True)


def test_at_an_address_a_live_run_of_this_machine_is_left_alone(memory: Any) -> None:
    """Without locks the claim of a live process of this machine counts, and that of a dead one does not."""
    import platform

    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for pid, host, free in (
        (os.getppid(), platform.node(), False),
        (gone.pid, platform.node(), True),
        (os.getppid(), "elsewhere", True),
    ):
        memory.rm("/", recursive=True)
        memory.pipe("/a/b/" + CLAIM, json.dumps({"run": "1", "pid": pid, "host": host}).encode())
        if free:
            assert 5 == len(write(Few(), "memory://a/b", blocks_per_file=2).files)
        else:
            with pytest.raises(ValueError, match=f"being written by process {pid}"):
                write(Few(), "memory://a/b", blocks_per_file=2)


# The command ------------------------------------------------------------------------------------------------


def test_the_command_verifies(tmp_path: Path) -> None:
    """`generate --verify` says what it compared, refuses a changed file, and stands alone."""
    words = ("generate", "stated", "--rows", 500, "--out", tmp_path / "x")
    say(*words)
    said = say("generate", "--verify", tmp_path / "x")
    assert (0, True) == (said.code, "500 subscribers in 1 file" in said.out)
    assert "every byte is as manifest.json says" in said.out
    assert 500 == json.loads(say("generate", "--verify", tmp_path / "x", "--json").out)["rows"]["subscribers"]
    flip(tmp_path / "x" / "subscribers" / "part-00000.parquet")
    refused(say("generate", "--verify", tmp_path / "x"), "1 of 1 files", "(damaged)", "resume")
    assert "1 damaged and made again" in say(*words, "--resume").out
    refused(say("generate", "stated", "--verify", tmp_path / "x"), "a scenario is given")
    refused(say("generate", "--verify", tmp_path / "x", "--out", tmp_path), "--out is given")
    refused(say("generate", "--verify", tmp_path), "no manifest.json", "folder of a data set")
    refused(say("generate"), "no scenario is named")
