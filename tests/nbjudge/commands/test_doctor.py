"""`course doctor`, as it is typed: in courses that are whole and broken, and in no course at all."""

import grp
import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nbjudge import cli
from nbjudge.commands.doctor import SIGN
from nbjudge.course.isolation import NAMESPACES
from nbjudge.machine import examination
from nbjudge.machine.finding import FAILS, LIMITED, UNSEEN, WORKS
from tests.support import ROOT, commands
from tests.support.walls import BEST, needs

ELSEWHERE = ROOT / "tests/support/elsewhere"
SYSTEMS = ("darwin", "win32")
SETTING = 'c.SandboxedExecute.isolation = "none"\n'

CONFIG = "c = get_config()\nimport nbjudge\nnbjudge.configure(c)\n"
JUPYTER = {"formgrader", "assignment list", "Validate", "kernel"}


class Report:
    """What the command said as data."""

    def __init__(self, code: int, text: str) -> None:
        self.code, self.data = code, json.loads(text)
        self.states = {found["part"]: found["state"] for found in self.data["findings"]}
        self.says = {found["part"]: found["says"] for found in self.data["findings"]}
        self.lines = {found["part"]: found["line"] for found in self.data["findings"]}


def doctor(place: Path, *words: str, **environment: str) -> tuple[int, str]:
    """Exit code, and what was printed. Nothing is ever said beside it, and no traceback."""
    done = commands.run([sys.executable, "-m", "nbjudge", "doctor", *words], place, {**os.environ, **environment})
    assert done.stderr == ""
    assert "Traceback" not in done.stdout
    return done.returncode, done.stdout


def report(place: Path, *words: str, **environment: str) -> Report:
    return Report(*doctor(place, "--json", *words, **environment))


@pytest.fixture
def course(tmp_path: Path, empty_gradebook: Path) -> Path:
    root = tmp_path / "course"
    root.mkdir(mode=0o755)
    (root / "nbgrader_config.py").write_text(f"{CONFIG}c.Exchange.root = {str(tmp_path / 'exchange')!r}\n")
    shutil.copy(empty_gradebook, root / "gradebook.db")
    (tmp_path / "exchange").mkdir()
    (tmp_path / "exchange").chmod(0o1777)
    return root


def tree(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_course_that_is_whole(course: Path) -> None:
    (course / "submitted").mkdir(mode=0o755)
    before = tree(course)
    found = report(course)
    parts = ("nbgrader_config.py", "course folder", "submissions", "gradebook", "exchange", *JUPYTER)
    assert {part: found.states[part] for part in parts} == dict.fromkeys(parts, WORKS), found.says
    assert found.says["gradebook"].startswith(f"SQLite, {course}/gradebook.db, version ")
    assert found.data["facts"]["python"]["program"] == sys.executable
    best = WORKS if BEST == NAMESPACES else LIMITED
    assert (found.states["bubblewrap"], found.states["sandbox"]) == (WORKS, best), found.says
    assert (found.code, found.data["can_grade"], found.data["can_validate"]) == (0, True, True)
    assert tree(course) == before, "it looks, and changes nothing"


def test_the_page_says_what_the_data_say(course: Path) -> None:
    data, (code, page) = report(course).data, doctor(course)
    lines = page.splitlines()
    for found in data["findings"]:
        if found["part"] not in ("memory", "temporary folder"):  # they say how much is free
            assert f"{SIGN[found['state']]} {found['part']}: {found['says']}." in lines
        assert not found["line"] or f"    {found['line']}" in lines
    assert [line for line in lines if line in dict.fromkeys(found["section"] for found in data["findings"])] == list(
        examination.SECTIONS
    )
    assert lines[-3:] == [
        "✓ A class can be graded here.",
        "✓ Students can validate their work here.",
        "Next: course demo   # grades a sample class",
    ]
    assert code == 0


def test_a_folder_that_is_no_course(tmp_path: Path) -> None:
    code, page = doctor(tmp_path)
    assert code == 0
    assert f"· course: {tmp_path} is none: it has no nbgrader_config.py." in page
    assert "gradebook:" not in page
    assert page.splitlines()[-1].startswith("Next: course init my-course")
    assert not list(tmp_path.iterdir())


@needs(NAMESPACES)  # or else they are what is missing, too
def test_without_bubblewrap(tmp_path: Path) -> None:
    code, page = doctor(tmp_path, PATH="/nowhere")
    assert "! bubblewrap: isn't found; it makes the first wall around students' code.\n    sudo apt-get install" in page
    if "✓ Landlock" in page:
        assert "! sandbox: starts behind the second wall, Landlock; the first can't be had: bubblewrap is miss" in page
        assert "✓ A class can be graded here.\n✓ Students can validate their work here." in page
    else:
        assert "✗ No class can be graded here: sandbox.\n✓ Students can validate their work here." in page
    assert code == ("✗" in page)


def test_a_program_that_only_calls_itself_bubblewrap(tmp_path: Path) -> None:
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho bubblewrap 0.6.2\n")
    program.chmod(0o755)
    found = report(tmp_path, PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert found.states["bubblewrap"] == LIMITED
    assert found.states["sandbox"] != WORKS
    assert "0.6.2 is too old; 0.7 or newer" in found.says["bubblewrap"]


@pytest.mark.parametrize("landlock", [True, False], ids=["the second wall", "no wall"])
def test_where_nobody_may_make_namespaces(tmp_path: Path, landlock: bool) -> None:
    there = [] if landlock else ["--no-landlock"]
    words = [
        sys.executable,
        "-m",
        "tests.support.machines",
        *there,
        sys.executable,
        "-m",
        "nbjudge",
        "doctor",
        "--json",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True)
    found = Report(done.returncode, done.stdout)
    has_second = found.states["Landlock"] == WORKS
    assert not has_second or landlock
    assert found.states["sandbox"] == (LIMITED if has_second else FAILS)
    assert "user.max_user_namespaces is 0" in found.says["sandbox"]
    assert found.lines["sandbox"] == "sudo sysctl user.max_user_namespaces=15000"
    assert (found.code, found.data["can_grade"], found.data["can_validate"]) == (not has_second, has_second, True)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_without_walls(system: str, course: Path) -> None:
    found = report_elsewhere(system, course)
    assert (found.code, found.states["sandbox"]) == (1, FAILS)
    assert found.lines["sandbox"] == f"{SETTING.strip()}   # in nbgrader_config.py"
    with open(course / "nbgrader_config.py", "a", encoding="utf-8") as file:
        file.write(SETTING)
    found = report_elsewhere(system, course)
    assert (found.code, found.states["sandbox"]) == (0, LIMITED)
    assert "without walls: what is handed in can do everything that you can do" in found.says["sandbox"]


def report_elsewhere(system: str, place: Path) -> Report:
    environment = {**os.environ, "PYTHONPATH": f"{ELSEWHERE}{os.pathsep}{ROOT}"}
    environment |= {"TESTS_SYSTEM": system, "PYTHONWARNDEFAULTENCODING": "1"}
    words = [sys.executable, "-m", "nbjudge", "doctor", "--json"]
    done = subprocess.run(words, cwd=place, env=environment, capture_output=True, text=True)
    assert done.stderr == ""
    return Report(done.returncode, done.stdout)


def test_a_course_with_many_faults(course: Path, tmp_path: Path) -> None:
    (course / "gradebook.db").write_bytes(b"no database " * 100)
    (course / "submitted").mkdir()
    for folder in (course, course / "submitted"):
        folder.chmod(0o777)
    (tmp_path / "exchange").rmdir()
    (tmp_path / "exchange").write_text("a file")
    found = report(course)
    assert found.code == 1
    states = {"nbgrader_config.py": WORKS, "course folder": FAILS, "submissions": LIMITED}
    states |= {"gradebook": FAILS, "exchange": LIMITED}
    assert {part: found.states[part] for part in states} == states
    assert "file is not a database" in found.says["gradebook"]
    assert found.says["course folder"].startswith(f"everybody can write to {course}")
    assert found.lines["course folder"] == f"chmod -R go-w {course}"
    assert f"there is no folder {tmp_path}/exchange" in found.says["exchange"]


def test_an_exchange_in_which_folders_can_be_swapped_is_named(
    course: Path, tmp_path: Path, looked_at: Callable[[str], dict[str, Any]]
) -> None:
    """Whoever renames a course's folder and puts one there reads what is handed in next, and all pages."""
    exchange, own = tmp_path / "exchange", tmp_path / "exchange/co"
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("c.CourseDirectory.course_id = 'co'\n")
    for folder, mode in (("", 0o755), ("outbound", 0o755), ("inbound", 0o2733), ("feedback", 0o711)):
        (own / folder).mkdir()
        (own / folder).chmod(mode)
    assert looked_at("exchange")["exchange"].state == WORKS
    exchange.chmod(0o777)
    found = looked_at("exchange")["exchange"]
    assert (found.state, found.line) == (LIMITED, f"sudo chmod +t {exchange}")
    assert found.says == (
        f"everybody can rename what is in {exchange}, and put a folder of their own in the place of a course's"
    )
    exchange.chmod(0o1777)
    (own / "outbound").chmod(0o777)
    assert f"{own}/outbound can be written to by everybody, so another" in looked_at("exchange")["exchange"].says
    (own / "outbound").chmod(0o755)
    own.rename(exchange / "old")
    own.mkdir()
    (own / "feedback").symlink_to("../old/outbound")
    found = looked_at("exchange")["exchange"]
    assert found.state == LIMITED
    assert found.says == (
        f"{own}/feedback is a link, so another one may read what is handed in, and change what students fetch"
    )
    (own / "outbound").write_text("")
    assert "outbound is no folder (so that 1 more is not as nbgrader" in looked_at("exchange")["exchange"].says
    shutil.rmtree(own)
    own.symlink_to("old")
    assert f"{own} is a link" in looked_at("exchange")["exchange"].says


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize("shared", [False, True])
def test_a_folder_in_the_exchange_that_is_a_students_is_named(
    course: Path, tmp_path: Path, looked_at: Callable[[str], dict[str, Any]], shared: bool
) -> None:
    student, group = pwd.getpwnam("daemon"), grp.getgrnam("bin").gr_gid
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.course_id = 'co'\nc.CourseDirectory.groupshared = {shared}\n")
    (tmp_path / "exchange/co/inbound").mkdir(parents=True)
    os.chown(course, -1, group)
    os.chown(tmp_path / "exchange/co", pwd.getpwnam("bin").pw_uid, group)
    assert (looked_at("exchange")["exchange"].state == WORKS) == shared
    os.chown(tmp_path / "exchange/co/inbound", student.pw_uid, group)
    assert "belongs to daemon" in looked_at("exchange")["exchange"].says or not shared
    assert looked_at("exchange")["exchange"].state == LIMITED


def test_what_ends_the_lists_of_formgrader_is_named(course: Path, looked_at: Callable[[str], dict[str, Any]]) -> None:
    (course / "source/ex04").mkdir(parents=True, exist_ok=True)
    (course / "source/ex04/a.ipynb").write_text("{}")
    for student in ("ada", "ben"):
        (course / "submitted" / student / "ex04").mkdir(parents=True)
    time = course / "submitted/ada/ex04/timestamp.txt"
    time.write_text("yesterday")
    (course / "submitted/ben").rename(course / "submitted/constructor")
    found = looked_at("course")["submissions"]
    assert (found.state, found.line) == (LIMITED, f"rm -r {time}")
    assert found.says == f"formgrader's lists may end at {time} (and 1 more), which holds no time"
    time.write_text("2026-05-10 23:59 UTC")
    found = looked_at("course")["submissions"]
    assert (found.state, found.line) == (LIMITED, "")
    assert f"{course}/submitted/constructor, which isn't called as a student's id" in found.says
    (course / "submitted/constructor").rename(course / "submitted/ben")
    assert looked_at("course")["submissions"].state == WORKS
    for link in (course / "submitted/ben/ex04", course / "submitted/ben"):
        link.rename(course / "elsewhere")
        link.symlink_to(course / "elsewhere")
        found = looked_at("course")["submissions"]
        assert (found.state, found.line) == (LIMITED, f"rm {link}")
        assert found.says == f"formgrader's lists may end at {link}, which is a link"
        link.unlink()
        (course / "elsewhere").rename(link)


BROKEN = {
    "an error": ("c = get_config()\nraise ValueError('not today')", "can't be read: line 2: ValueError: not today"),
    "no Python": ("c = get_config(", "can't be read: line 1: '(' was never closed"),
    "an end": ("import sys\nsys.exit('go away')", "can't be read: line 2: go away"),
    "a wrong value": ("c = get_config()\nc.CourseDirectory.groupshared = 'seven'", "expected a boolean"),
    "a package that is missing": ("import no_such_package", "No module named 'no_such_package'"),
    "bytes": ("\0\0\0", "can't be read: "),
    "another grader": ("c = get_config()", "doesn't switch the grader on; the line below does"),
    "a step left out": (
        f"{CONFIG}c.Autograde.autograde_preprocessors = ['nbgrader.preprocessors.Execute']",
        "leaves out",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_configuration_that_is_broken(fault: str, course: Path, looked_at: Callable[[str], dict[str, Any]]) -> None:
    text, says = BROKEN[fault]
    (course / "nbgrader_config.py").write_text(text)
    found = looked_at("course")["nbgrader_config.py"]
    assert found.state == FAILS
    assert says in found.says
    assert "\n" not in found.says


@pytest.mark.parametrize("topic", ["gradebook", "exchange"])
def test_what_cannot_be_known_without_the_configuration(
    topic: str, course: Path, looked_at: Callable[[str], dict[str, Any]]
) -> None:
    (course / "nbgrader_config.py").write_text("raise ValueError")
    (found,) = looked_at(topic).values()
    assert (found.state, found.says) == (UNSEEN, "can't be looked for without the configuration")


@pytest.mark.parametrize("text", ["import time; time.sleep(600)", "import os; os._exit(3)"], ids=["hangs", "dies"])
def test_a_configuration_that_gives_no_answer(
    text: str, course: Path, looked_at: Callable[[str], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "SECONDS", 5.0)
    (course / "nbgrader_config.py").write_text(text)
    found = looked_at("course")["course"]
    assert found.state == FAILS
    assert found.says.endswith("; is that the fault of nbgrader_config.py?")


@pytest.fixture
def looked_at(course: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, Any]]:
    """Findings of one topic, by part, as the command gets them."""
    monkeypatch.chdir(course)

    def find(module: str) -> dict[str, Any]:
        topic = next(topic for topic in examination.TOPICS if topic.module == module)
        _, findings = examination.looked_at(topic, None)
        return {finding.part: finding for finding in findings}

    return find


def test_a_topic_that_breaks_is_one_sentence(
    looked_at: Callable[[str], dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nbgrader.py").write_text("raise RuntimeError('half installed')")
    monkeypatch.syspath_prepend(str(tmp_path))
    for topic in ("course", "gradebook", "exchange"):
        (found,) = looked_at(topic).values()
        assert found.state == FAILS
        assert found.says.startswith("can't be looked at: RuntimeError: half installed")


def test_a_root_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli.application(), ["doctor", "--root", str(tmp_path / "nowhere")])
    assert str(done.exception) == f"there is no folder {tmp_path / 'nowhere'}."


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_course_of_somebody_else(course: Path, looked_at: Callable[[str], dict[str, Any]]) -> None:
    course.chmod(0o555)
    try:
        assert "you can't write to it. Where several people grade" in looked_at("course")["course folder"].says
        assert looked_at("gradebook")["gradebook"].state == FAILS
    finally:
        course.chmod(0o755)


def test_a_folder_for_everybodys_files_is_no_place_for_a_course(
    course: Path, looked_at: Callable[[str], dict[str, Any]]
) -> None:
    course.chmod(0o1777)
    found = looked_at("course")["course folder"]
    assert (found.state, found.line) == (FAILS, "")  # chmod -R on such a folder would break the machine
    assert "a folder of its own" in found.says
