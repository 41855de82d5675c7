"""Marks for a class: what is handed in is marked right, and none of it runs on the teacher's machine."""

from __future__ import annotations

import csv
import dataclasses
import errno
import importlib.util
import json
import subprocess
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breach_sim.apps import teaching
from breach_sim.apps.teaching.keeping import MIME, answer_record
from breach_sim.apps.teaching.marks import closed_files, running
from breach_sim.apps.teaching.marks.notebooks import HandIn, files_in, read_notebook
from breach_sim.apps.teaching.marks.roster import Student, owner, read_roster, seed_from
from breach_sim.apps.teaching.marks.sources import asks_for_keys
from breach_sim.apps.teaching.marks.whole_class import Rules, class_marks
from tests.support.command_line import refused, say
from tests.support.hand_ins import LESSON, Made, Room, cell, checked, notebook, thirty

SALT = "a text that no student knows"


@dataclasses.dataclass(frozen=True)
class Classroom:
    """A folder of hand-ins, its roster, and what is expected."""

    folder: Path
    roster: Path
    marker: Path
    made: list[Made]


@pytest.fixture
def room(tmp_path: Path) -> Classroom:
    """The class of thirty."""
    folder, marker, roster = tmp_path / "hand-ins", tmp_path / "it-ran", tmp_path / "seeds.csv"
    folder.mkdir()
    made = thirty(folder, marker)
    rows = "".join(f"{one.name},{one.seed},{number}\n" for number, one in enumerate(made, 501))
    roster.write_text("Student,seed,ID\n" + rows, encoding="utf-8")
    return Classroom(folder, roster, marker, made)


def no_process(*_: Any, **__: Any) -> NoReturn:
    """Stand for a process that must not be started."""
    raise AssertionError("a process was started")


def test_thirty_hand_ins_are_marked_right(room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty of thirty: states, points, mistakes and remarks are those expected, and nothing runs."""
    monkeypatch.setattr(subprocess, "Popen", no_process)
    marks = class_marks(room.folder, read_roster(room.roster))
    assert marks.exercises == LESSON
    assert len(marks.papers) == len(room.made) == 30
    for paper, one in zip(marks.papers, room.made, strict=True):
        found = {name: (m.state, m.points, m.idea) for name, m in paper.marks.items()}
        assert (paper.student.name, found) == (one.name, one.marks)
        assert one.remark in " ".join(paper.remarks), one.name
        assert bool(paper.remarks) == bool(one.remark), paper.remarks
    assert not room.marker.exists()
    listed = {(name, idea.name) for name in LESSON for idea in teaching.EXERCISES[name].ideas}
    assert listed <= {(n, m.idea) for paper in marks.papers for n, m in paper.marks.items()}


def test_the_command_writes_both_files(room: Classroom, tmp_path: Path) -> None:
    """marks.csv has points, states and mistakes; Canvas's file its columns; the screen what was wrong."""
    out, canvas = tmp_path / "marks.csv", tmp_path / "canvas.csv"
    done = say(
        "lessons", "grade", room.folder, "--roster", room.roster, "--out", out, "--canvas", canvas,
        "--title", "Lesson 2 (77)",
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert [row["Student"] for row in rows] == [one.name for one in room.made]
    assert [float(row["points"]) for row in rows] == [
        sum(m[1] for m in one.marks.values()) for one in room.made
    ]
    assert {row["points possible"] for row in rows} == {"6.0"}
    assert [row["2.3 state"] for row in rows] == [one.marks["2.3"][0] for one in room.made]
    assert [int(row["2.3 adding routes"]) for row in rows] == [
        int(one.marks["2.3"][2] == "adding routes") for one in room.made
    ]
    top, *grades = list(csv.reader(canvas.open(encoding="utf-8")))[0:31]
    assert top == ["Student", "ID", "Lesson 2 (77)"]
    assert grades[0] == ["    Points Possible", "", "6.0"]
    assert grades[1] == ["Ada Right", "501", "6.0"]
    text = " ".join(done.out.split())
    assert "30 students, 22 handed in" in text
    assert "2.3 adding routes: 2 students. The two routes were added" in text
    assert "'Key Caller': 2.3: the code asks for the key" in text
    asked = ("lessons", "grade", room.folder, "--roster", room.roster, "--out", out, "--json")
    about = json.loads(say(*asked).out)
    assert about["exercises"]["2.3"]["right"] == sum(one.marks["2.3"][0] == "right" for one in room.made)
    assert not room.marker.exists()


def test_points_and_shares_are_the_teachers(room: Classroom) -> None:
    """A weight multiplies an exercise, and a usual mistake gets the share that is asked for."""
    students = read_roster(room.roster)
    how = Rules(exercises="2.1,2.3", weights={"2.3": 3.0}, mistake=0.25)
    papers = class_marks(room.folder, students, how).papers
    assert [papers[0].total, papers[1].total] == [4.0, 1.0]
    for wrong in ({"mistake": 1.5}, {"weights": {"9.9": 1.0}}, {"weights": {"2.3": -1.0}}):
        with pytest.raises(ValueError, match=r"--mistake|--points"):
            Rules(**wrong)
    with pytest.raises(ValueError, match=r"unknown exercise '2\.9' in --exercises"):
        class_marks(room.folder, students, Rules(exercises="2.9"))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("student\nAda\n", "no column 'seed'"),
        ("who,seed\nAda,1\n", "no column 'student'"),
        ("student,seed\nAda,1\nBob,x\n", "row 3: the seed of 'Bob' is 'x'"),
        ("student,seed\nAda,1\nBob,-1\n", "row 3: the seed of 'Bob' is '-1'"),
        ("student,seed\nAda,1\nBob,\n", "row 3: the seed of 'Bob' is ''"),
        ("student,seed\nAda,1\n,2\n", "row 3 names no student"),
        ("student,seed\nAda,1\nAda,2\n", "the student 'Ada' in 2 rows"),
        ("student,seed\nAda,1\nBob,1\n", "the seed '1' in 2 rows"),
        ("student,seed\n", "names no student"),
        ("", "holds no row"),
    ],
)
def test_errors_of_a_roster_are_named(text: str, wrong: str, tmp_path: Path) -> None:
    """A roster with an error is refused with the row and the reason, and no marks are written."""
    (tmp_path / "seeds.csv").write_text(text, encoding="utf-8")
    out = tmp_path / "marks.csv"
    asked = ("lessons", "grade", tmp_path, "--roster", tmp_path / "seeds.csv", "--out", out)
    done = say(*asked)
    assert done.code == 2
    assert wrong in " ".join(done.err.split())
    assert not out.exists()


def test_seeds_follow_from_a_salt(tmp_path: Path) -> None:
    """The same salt makes the same seeds, another one others; a seed that does not follow is refused."""
    (tmp_path / "class.csv").write_text("student,email\nAda,a@x.org\nBob,b@x.org\n", encoding="utf-8")
    (tmp_path / "salt.txt").write_text(f"{SALT}\n", encoding="utf-8")
    (tmp_path / "short.txt").write_text("pepper\n", encoding="utf-8")
    out = tmp_path / "seeds.csv"
    asked = ("lessons", "seeds", tmp_path / "class.csv", "--out", out, "--salt")
    assert say(*asked, tmp_path / "salt.txt").code == 0
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert [int(row["seed"]) for row in rows] == [seed_from(SALT.encode(), name) for name in ("Ada", "Bob")]
    assert [row["email"] for row in rows] == ["a@x.org", "b@x.org"]
    assert seed_from(b"another text", "Ada") != seed_from(SALT.encode(), "Ada")
    assert read_roster(out, SALT.encode()) == read_roster(out)
    with pytest.raises(ValueError, match="does not follow from the salt"):
        read_roster(out, b"another text")
    assert "at least 8" in say(*asked, tmp_path / "short.txt").err
    refused(say(*asked[:-1]), "needs --salt")
    refused(say("lessons", "grade", tmp_path, "--out", out), "needs --roster")


def test_rosters_of_platforms_are_read(tmp_path: Path) -> None:
    """Moodle's two columns of names are one name; Canvas's row of possible points is no student."""
    (tmp_path / "moodle.csv").write_text(
        "First name,Last name,Email address,seed\nAda,Lee,a@x.org,5\n", encoding="utf-8"
    )
    (tmp_path / "canvas.csv").write_text(
        'Student,ID,Section,seed\n    Points Possible,,,\n"Lee, Ada",4711,A,5\n', encoding="utf-8"
    )
    (one,), (other,) = (read_roster(tmp_path / f"{name}.csv") for name in ("moodle", "canvas"))
    assert (one.name, one.seed, other.name, other.seed) == ("Ada Lee", 5, "Lee, Ada", 5)
    assert owner(Path("Ada Lee_12_assignsubmission_file/lesson.ipynb"), [one]) == one
    assert owner(Path("leeada_4711_90_lesson.ipynb"), [other]) == other


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("ada_lesson_2.ipynb", "Ada"),
        ("Ada Lee_88_assignsubmission_file/lesson.ipynb", "Ada Lee"),
        ("leeada_LATE_4711_90_lesson-1.ipynb", "Bob"),
        ("lesson_2.ipynb", None),
        ("ada_bob.ipynb", "Ada"),
        ("Bob_12_assignsubmission_file/Ada Lee.ipynb", "Bob"),
        ("bob_4700.ipynb", "Bob"),
        ("zed_lesson_7.ipynb", None),
        ("Jose\u0301_2.ipynb", "José"),
        ("sam_sam.ipynb", None),
        ("adamant.ipynb", None),
    ],
)
def test_a_file_finds_its_student(path: str, name: str | None) -> None:
    """Whole words decide, the outer folder and the first ones before others; short numbers do not."""
    students = [
        Student("Ada", 1, {}), Student("Ada Lee", 2, {"ID": "4700"}), Student("Bob", 3, {"ID": "4711"}),
        Student("Zoe", 4, {"ID": "7"}), Student("José", 5, {}), Student("Sam", 6, {"username": "xy1"}),
        Student("S. Smith", 7, {"username": "sam"}),
    ]  # fmt: skip
    found = owner(Path(path), students)
    assert (found.name if found else None) == name


def test_files_of_nobody_and_other_lessons_are_named(tmp_path: Path) -> None:
    """A file without a student is listed; a cell that few have does not count and is said."""
    desk = Room(tmp_path, tmp_path / "marker")
    for name in ("Ada", "Bob", "Cy"):
        desk.add(name, desk.solved(), {})
    extra = desk.solved()
    extra["cells"].append(checked("4.1", 3.0, desk.seed()))
    desk.add("Dee", extra, {})
    (tmp_path / "somebody.ipynb").write_text("{}", encoding="utf-8")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / "Ada_lesson_2-checkpoint.ipynb").write_text("{", encoding="utf-8")
    marks = class_marks(tmp_path, [Student(one.name, one.seed, {}) for one in desk.made])
    assert marks.strangers == ("'somebody.ipynb'",)
    assert marks.exercises == LESSON
    assert "4.1" in marks.notes[0]


def test_of_two_files_the_last_counts(tmp_path: Path) -> None:
    """A second hand-in replaces the first, and the teacher is asked to look."""
    for number, answer in ((1, 0.123456), (2, teaching.key("2.1", seed=5))):
        answers = {**dict.fromkeys(LESSON, ...), "2.1": answer}
        own = notebook(5, answers.__getitem__, tmp_path / "marker")
        (tmp_path / f"ada_{number}.ipynb").write_text(json.dumps(own), encoding="utf-8")
    (paper,) = class_marks(tmp_path, [Student("Ada", 5, {})], Rules(exercises="2.1")).papers
    assert paper.marks["2.1"].state == "right"
    assert "2 files" in paper.remarks[0]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('answer = bs.teaching.key("2.3", seed=SEED)', {"2.3"}),
        ("answer = teaching.key('2.1', seed=SEED)", {"2.1"}),
        ("from breach_sim.apps.teaching import key as k", {"2.1", "2.3"}),
        ("f = teaching.key", {"2.1", "2.3"}),
        ('f = getattr(teaching, "key")', {"2.1", "2.3"}),
        ('teaching.EXERCISES["2.3"].solve(shares)', {"2.1", "2.3"}),
        ("for n in names: print(teaching.judge(n, 1, SEED))", {"2.1", "2.3"}),
        ("answer = shares['ssn']  # not key('2.3')", set()),
        ("for key, value in shares.items(): print(key, value)", set()),
        ("answer = sorted(shares, key=len)[0]", set()),
        ("def key(x):\n    return x", set()),
        ("key = 3; keys = shares.keys()", set()),
        ("print('call key(2.3)')", set()),
        ("((((((" * 1_000 + 'key("2.3")', {"2.3"}),
        ("key " * 200_000 + "'key' " * 50_000, set()),
    ],
)
def test_calls_of_the_key_are_seen(source: str, found: set[str]) -> None:
    """Calls, other names and detours count, comments, texts and keys of dictionaries do not."""
    assert asks_for_keys([source], ["2.1", "2.3"]) == frozenset(found)


def test_what_is_kept_is_the_answer_alone() -> None:
    """A record holds exercise, seed and answer as JSON, judged alike; no verdict, and nothing if open."""
    for name, exercise in teaching.EXERCISES.items():
        for answer in (
            teaching.key(name, seed=3),
            *(i.value(teaching.data(name, seed=3)) for i in exercise.ideas),
        ):
            record = json.loads(json.dumps(answer_record(exercise, answer, 3)))
            assert set(record) == {"format", "exercise", "seed", "answer"}
            assert teaching.judge(name, record["answer"], 3) == teaching.judge(name, answer, 3)
        assert answer_record(exercise, ..., 3) == {}
        assert answer_record(exercise, object(), 3)["answer"] is None


def test_check_keeps_in_a_notebook_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With keep, a kernel gets a record; what is printed is the same with and without, and outside."""
    shown: list[dict[str, Any]] = []
    teaching.check("2.1", 0.5, seed=17)
    teaching.check("2.1", 0.5, seed=17, keep=True)
    shell = type("Shell", (), {"display_pub": type("Pub", (), {"publish": staticmethod(shown.append)})})
    monkeypatch.setattr("builtins.get_ipython", shell, raising=False)
    teaching.check("2.1", 0.5, seed=17)
    assert shown == []
    teaching.check("2.1", 0.5, seed=17, keep=True)
    teaching.check("2.1", ..., seed=17, keep=True)
    teaching.check("9.9", 0.5, seed=17, keep=True)
    teaching.check("2.1", 0.5, seed="x", keep=True)
    assert [one[MIME] for one in shown] == [{"format": 1, "exercise": "2.1", "seed": 17, "answer": 0.5}]
    lines = capsys.readouterr().out.splitlines()
    assert lines[: len(lines) // 2][:1] * 4 == [line for line in lines if line == lines[0]]


def asked(*cells: str, names: tuple[str, ...] = ("2.1",)) -> HandIn:
    """A notebook of some cells."""
    return HandIn(Path("x.ipynb"), cells, frozenset(names))


HEAD = "from breach_sim.apps.teaching import check, data\nSEED = 1"
WORK = 'd = data("2.1", seed=SEED)\ncheck("2.1", d["phone_number"] * d["account_pin"], seed=SEED)'


def test_a_run_uses_the_teachers_numbers(tmp_path: Path) -> None:
    """A method is right under any seed; a typed number is as typed; key and its detours fail."""
    found = running.run(asked(HEAD, "%matplotlib inline", "1 / 0", "x = (", WORK), 99)
    assert teaching.judge("2.1", found["2.1"], 99).state == "right"
    typed = running.run(asked(HEAD, 'check("2.1", 0.25, seed=1)'), 99)
    assert typed == {"2.1": 0.25}
    for cheat in (
        'from breach_sim.apps.teaching import key\ncheck("2.1", key("2.1", seed=1))',
        'import breach_sim as bs\ncheck("2.1", bs.teaching.key("2.1", seed=1))',
        'import breach_sim as bs\ncheck("2.1", bs.teaching.EXERCISES["2.1"].solve(data("2.1")))',
    ):
        assert running.run(asked(HEAD, cheat), 99) == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_run_has_limits() -> None:
    """Endless loops, endless memory and large files end; what was answered before counts."""
    loop = running.run(asked(HEAD, WORK, "while True: pass"), 99, seconds=5)
    assert set(loop) == {"2.1"}
    memory = running.run(asked(HEAD, "x = bytearray(8 * 10**9)", WORK), 99)
    assert set(memory) == {"2.1"}
    large = "open('large', 'wb').write(bytes(10**8))"
    large = f"try:\n    {large}\nexcept OSError as error:\n    check('2.1', error.errno)"
    assert running.run(asked(HEAD, large), 99) == {"2.1": errno.EFBIG}


@pytest.mark.skipif(not closed_files.version(), reason="this system cannot close files to a process")
def test_a_run_reaches_no_files_of_the_teacher(tmp_path: Path) -> None:
    """A notebook neither reads, lists, writes nor removes a teacher's file, and writes in its folder."""
    mine = tmp_path / "marks.csv"
    mine.write_text("mine", encoding="utf-8")
    head = f"from pathlib import Path\nHEAD = Path({str(mine)!r})\nPath('own').write_text('x')\n"
    answer = "except PermissionError:\n    check('2.1', len(Path('own').read_text()))"
    for what in ("read_text()", "write_text('x')", "unlink()", "with_name('new').touch()", "parent.rmdir()"):
        code = f"try:\n    HEAD.{what}\n{answer}"
        assert running.run(asked(HEAD, head, code), 99) == {"2.1": 1.0}, what
    listing = "import os\ntry:\n    os.listdir(HEAD.parent)\nexcept PermissionError:\n    check('2.1', 1)"
    assert running.run(asked(HEAD, head, listing), 99) == {"2.1": 1.0}
    assert [mine.read_text(encoding="utf-8")] == ["mine"]
    assert list(tmp_path.iterdir()) == [mine]


@pytest.mark.skipif(not running.fence(), reason="this system cannot close the network of a process")
def test_a_run_has_no_network(tmp_path: Path) -> None:
    """A notebook reaches no address, not even one of this machine, and leaves no process behind."""
    reach = (
        "import socket, subprocess, sys\n"
        "try:\n"
        "    socket.create_connection(('127.0.0.1', 9), timeout=2)\n"
        "except OSError as error:\n"
        "    check('2.1', error.errno)\n"
        f"later = 'import time; time.sleep(60)  # {tmp_path.parent.name}-{tmp_path.name}'\n"
        "subprocess.Popen([sys.executable, '-c', later], start_new_session=True)"
    )
    assert running.run(asked(HEAD, reach), 99) == {"2.1": errno.ENETUNREACH}
    left = b" ".join(_command(place) for place in Path("/proc").glob("[0-9]*/cmdline"))
    assert f"{tmp_path.parent.name}-{tmp_path.name}".encode() not in left


def _command(place: Path) -> bytes:
    """The words with which a process was started; none if it has ended meanwhile."""
    try:
        return place.read_bytes()
    except OSError:
        return b""


def test_run_and_salt_look_behind_right_answers(tmp_path: Path) -> None:
    """With --run, answers that are not stored count; with a salt, typed numbers are named."""
    seed, salt = seed_from(SALT.encode(), "Ada"), SALT.encode()
    own = notebook(seed, lambda _: ..., tmp_path / "marker")
    own["cells"] = [
        cell(HEAD),
        checked("2.1", teaching.key("2.1", seed=seed), seed),
        cell(WORK.replace("2.1", "2.1")),
    ]
    own["cells"][2]["source"] = (
        'd = data("2.2", seed=SEED)\n'
        'check("2.2", d["full_name"] * d["ssn and date_of_birth together"], seed=SEED, keep=True)'
    )
    (tmp_path / "ada.ipynb").write_text(json.dumps(own), encoding="utf-8")
    students = [Student("Ada", seed, {})]
    plain = class_marks(tmp_path, students, Rules(exercises="2.1,2.2"))
    assert [m.state for m in plain.papers[0].marks.values()] == ["right", "open"]
    ran = class_marks(tmp_path, students, Rules(exercises="2.1,2.2", run=True, salt=salt))
    assert [m.state for m in ran.papers[0].marks.values()] == ["right", "right"]
    said = " | ".join(ran.papers[0].remarks)
    assert "2.2: not stored; answered when the notebook was run" in said
    assert "2.1: right, but the code does not give the right answer for other numbers" in said
    assert "network" in ran.notes[-1]


WORDS = ["cell_type", "source", "outputs", "data", "name", "text", "format", "answer", MIME]
LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    LEAF | st.sampled_from([*LESSON, "code"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)
"""Any JSON, with the words of a notebook."""


@given(cells=st.lists(JSON, max_size=3), records=st.lists(JSON, max_size=3), source=JSON)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_notebook_stops_the_marks(
    tmp_path: Path, cells: list[Any], records: list[Any], source: Any
) -> None:
    """Whatever JSON is where a notebook has cells, code and records, a class gets marks, and no points."""
    own = {"format": 1, "exercise": "2.1", "seed": 5}
    outputs: list[Any] = [{"data": {MIME: {**own, "answer": one}}} for one in records]
    outputs += [{"data": {MIME: one}} for one in records] + records
    made = [*cells, {"cell_type": "code", "source": source, "outputs": outputs}]
    (tmp_path / "ada.ipynb").write_text(json.dumps({"cells": made}), encoding="utf-8")
    (paper,) = class_marks(tmp_path, [Student("Ada", 5, {})], Rules(exercises="2.1")).papers
    assert paper.total == 0


def test_a_formula_in_a_name_stays_text(tmp_path: Path) -> None:
    """Names of files that a spreadsheet or a screen would act on are written as text."""
    own = notebook(5, lambda name: teaching.key(name, seed=5), tmp_path / "marker")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "=cmd|' calc'!A0 ada \x1b[2J.ipynb").write_text(json.dumps(own), encoding="utf-8")
    (tmp_path / "seeds.csv").write_text("student,seed\nAda,5\n", encoding="utf-8")
    out = tmp_path / "marks.csv"
    done = say("lessons", "grade", tmp_path / "in", "--roster", tmp_path / "seeds.csv", "--out", out)
    assert done.code == 0
    assert "\x1b" not in done.out + out.read_text(encoding="utf-8")
    (row,) = csv.DictReader(out.open(encoding="utf-8"))
    assert row["files"].startswith("'=cmd")
    assert row["points"] == "6.0"


def test_a_folder_is_asked_for(tmp_path: Path) -> None:
    """A file in place of the folder is refused; a notebook of mere oddities stops nothing."""
    (tmp_path / "ada.ipynb").write_text(
        json.dumps(
            {"cells": [1, None, {"cell_type": "code", "outputs": 3, "source": [4]}, {"cell_type": []}]}
        ),
        encoding="utf-8",
    )
    with pytest.raises(ValueError, match="is no folder"):
        list(files_in(tmp_path / "ada.ipynb"))
    assert read_notebook(tmp_path / "ada.ipynb", tmp_path).asked == frozenset()


@pytest.mark.slow
def test_a_lesson_is_solved_saved_and_marked(tmp_path: Path) -> None:
    """The students' copy of lesson 2, solved in a real kernel and saved, is marked as its answers are."""
    import nbclient
    import nbformat

    path = Path(__file__).parents[2] / "tools" / "student_copies.py"
    spec = importlib.util.spec_from_file_location("student_copies", path)
    assert spec is not None
    assert spec.loader is not None
    copies = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(copies)
    lesson = copies.student(nbformat.read(copies.LESSONS / "lesson_2_and_and_or.ipynb", as_version=4))
    for one in lesson["cells"]:
        one["source"] = one["source"].replace("SEED = 1 ", "SEED = 17 ")
        for name in LESSON:
            if f'check("{name}"' in one["source"] and name != "2.5":
                answer = 0.5 if name == "2.3" else teaching.key(name, seed=17)
                one["source"] = one["source"].replace(copies.STUB, f"answer = {answer!r}")
    nbclient.NotebookClient(lesson, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    nbformat.write(lesson, tmp_path / "ada.ipynb")
    (paper,) = class_marks(tmp_path, [Student("Ada", 17, {})]).papers
    states = {name: mark.state for name, mark in paper.marks.items()}
    assert states == {**dict.fromkeys(LESSON, "right"), "2.3": "not yet", "2.5": "open"}
    assert paper.remarks == ()
