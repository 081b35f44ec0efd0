"""Links in what students hand in, and links that are put there at the worst moment. They lead nowhere."""

import contextlib
import errno
import json
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from nbjudge.collecting.archives import Walk
from nbjudge.collecting.exchange import Collect
from nbjudge.collecting.store import Store
from nbjudge.course.course import Course
from nbjudge.course.notebooks import graded_cells, read, write
from tests.support import ROOT, commands, short_course
from tests.support.gradebooks import scores
from tests.support.short_course import NAME
from tests.support.swaps import swapped

SECRET = "secret-4be1f0"
OURS = {"source", "release", "submitted", "autograded", "gradebook.db", ".grading", ".oracle", "earlier"}
"""What may lie in a course."""
COMMANDS = ["nbgrader", "course"]


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released")
    short_course.make(folder)
    return folder


@pytest.fixture
def course(released: Path, tmp_path: Path) -> Path:
    shutil.copytree(released, tmp_path / "course")
    return tmp_path / "course"


def autograde(command: str, course: Path, *options: str) -> subprocess.CompletedProcess:
    if command == "nbgrader":
        return short_course.nbgrader(course, "autograde", *options)
    words = [sys.executable, "-m", "nbjudge", "autograde", "ex04", "--jobs=1", f"--root={course}", *options]
    return commands.run(words, ROOT)


def hand_in(course: Path, student: str, before: str = "") -> Path:
    """The solution, after some code of an attacker."""
    folder = course / "submitted" / student / "ex04"
    notebook = read(course / "source/ex04" / NAME)
    cell = graded_cells(notebook)["bce"]
    cell.source = f"{before}\n{cell.source}"
    write(notebook, folder / NAME)
    return folder


def total(course: Path, student: str) -> float:
    return sum(scores(course, "ex04")[1][student].values())


def tree(folder: Path) -> dict[str, str]:
    """All that lies in a folder, with contents and links."""
    return {
        str(path.relative_to(folder)): os.readlink(path)
        if path.is_symlink()
        else path.read_bytes().hex()
        if path.is_file()
        else ""
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_moved_through_a_link_that_was_set_aside(command: str, course: Path) -> None:
    """The first grading sets a link aside, the second one a file in a folder of its name, the third runs code."""
    folder = hand_in(course, "ada")
    (folder / "d").symlink_to("../../..")
    assert autograde(command, course, "--force").returncode == 0
    (folder / "d").unlink(missing_ok=True)
    (folder / "d").mkdir()
    (folder / "d/nbgrader_config.json").write_text(json.dumps({"SandboxedExecute": {"isolation": "none"}}))
    (folder / "d/numpy.py").write_text("raise SystemExit('planted')")
    for number in range(200):
        (folder / f"{number}.txt").touch()  # so that those in d are too many
    assert autograde(command, course, "--force").returncode == 0
    marker = course.parent / "marker"
    hand_in(course, "ada", before=f"try: open({str(marker)!r}, 'w')\nexcept OSError: pass")
    assert autograde(command, course, "--force").returncode == 0
    assert not marker.exists()
    assert {path.name for path in course.iterdir()} <= OURS
    assert {path.name for path in course.parent.iterdir()} == {"course"}
    assert total(course, "ada") == 20


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_read_or_written_behind_a_folder_that_is_a_link(command: str, course: Path) -> None:
    """That of a student, or of a submission, to a folder with the right notebook, with another one, or with none."""
    outside = course.parent / "behind"
    for notebook in (NAME, "other.ipynb", "notes.txt"):
        for place, link in (("ex04", ""), ("", "ex04")):
            student = f"{link}-{Path(notebook).stem}"
            behind = outside / student / place
            behind.mkdir(parents=True)
            shutil.copy(course / "source/ex04" / NAME, behind / notebook)
            (behind / "private.txt").write_text(SECRET)
            name = course / "submitted" / student / link
            name.parent.mkdir(parents=True, exist_ok=True)
            name.symlink_to(outside / student)
    hand_in(course, "neighbour")
    before = tree(outside)
    done = autograde(command, course)
    assert done.returncode == 0, done.stderr
    assert tree(outside) == before
    assert SECRET.encode().hex() not in str(tree(course))
    assert total(course, "neighbour") == 20
    points = scores(course, "ex04")[1]
    assert sum(sum(filter(None, own.values())) for own in points.values()) == 20
    if command == "course":  # and a change behind it is none of the submission
        (behind / "private.txt").write_text("changed")
        assert ", 7 unchanged since" in autograde(command, course).stderr


class Host:
    """A course that isn't graded, and something private beside it, of the form of a submission."""

    def __init__(self, folder: Path) -> None:
        self.course, self.private, self.copies = folder / "course", folder / "private", folder / "copies"
        self.inbound = folder / "exchange/c/inbound"
        self.submitted = self.course / "submitted"

    def make(self) -> None:
        for folder in (self.course, self.private, self.copies, self.inbound):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        (self.course / "source/ex04").mkdir(parents=True)
        (self.course / "source/ex04" / NAME).write_text('{"cells": []}')
        self.fill(self.private, SECRET)
        self.fill(self.private / "ex04", SECRET)
        self.before = tree(self.private)

    def fill(self, folder: Path, text: str) -> None:
        (folder / "sub/deep").mkdir(parents=True)
        for name in (NAME, "data.txt", "sub/data.txt", "sub/deep/data.txt"):
            (folder / name).write_text(text)

    def view(self) -> Course:
        return Course(CourseDirectory(root=str(self.course), course_id="c"))

    def require_unharmed(self, *places: Path) -> None:
        assert tree(self.private) == self.before
        for place in places:
            for path in place.rglob("*"):
                if (
                    os.access(path, os.R_OK)
                    and path.is_file()
                    and not any(parent.is_symlink() for parent in (path, *path.parents))
                ):
                    assert SECRET not in path.read_text(), path


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


THINGS = {
    # what is swapped, and for what of the private folder
    "the student": (".", "."),
    "the submission": ("ex04", "ex04"),
    "the notebook": (f"ex04/{NAME}", f"ex04/{NAME}"),
    "a file": ("ex04/data.txt", "ex04/data.txt"),
    "a folder": ("ex04/sub", "ex04/sub"),
    "a folder in it": ("ex04/sub/deep", "ex04/sub/deep"),
    "a file in it": ("ex04/sub/deep/data.txt", "ex04/sub/deep/data.txt"),
}


@pytest.mark.parametrize("thing", THINGS)
def test_a_link_that_is_swapped_in_while_a_submission_is_copied_is_not_followed(host: Host, thing: str) -> None:
    from nbjudge.intake.submission_folder import sum_of, take

    what, target = THINGS[thing]

    def make() -> None:
        host.make()
        host.fill(host.submitted / "ada/ex04", "mine")

    def work() -> None:
        sum_of(host.view(), "ada", "ex04")
        take(host.view(), "ada", "ex04", host.copies)

    for _ in swapped(host.submitted, f"ada/{what}", host.private / target, make, work):
        host.require_unharmed(host.copies)


RECORD = {"username": "ada", "filename": "ada+ex04+2030-01-01 00:00:00 UTC", "timestamp": datetime(2030, 1, 1)}


def collect(host: Host, *records: dict, update: bool = True, **settings: int) -> Collect:
    config = Config({"ExchangeCollect": {"update": update}, "CourseDirectory": settings})
    view = CourseDirectory(root=str(host.course), course_id="c", assignment_id="ex04", config=config)
    command = Collect(coursedir=view, config=config)
    command.check_owner = False
    command.inbound_path, command.src_records = str(host.inbound), list(records)
    command.copy_files()
    return command


@pytest.mark.parametrize("thing", [name for name in THINGS if name != "the student"])
def test_a_link_that_is_swapped_in_while_the_exchange_is_collected_is_not_followed(host: Host, thing: str) -> None:
    inside = Path(THINGS[thing][0]).relative_to("ex04")

    def make() -> None:
        host.make()
        host.fill(host.submitted / "ada/ex04", "before")
        host.fill(host.inbound / RECORD["filename"], "mine")

    place = f"{RECORD['filename']}/{inside}"
    for _ in swapped(host.inbound, place, host.private / THINGS[thing][1], make, lambda: collect(host, RECORD)):
        host.require_unharmed(host.course)
        assert "-away" in str(list(host.inbound.rglob("*"))) or (host.submitted / "ada/ex04" / NAME).is_file()


@pytest.mark.parametrize("thing", ["the student", "the submission", "the notebook"])
@pytest.mark.parametrize("act", ["put", "set aside", "keep", "stamp", "look"])
def test_a_link_that_is_swapped_in_while_it_is_stored_is_not_written_through(host: Host, act: str, thing: str) -> None:
    new = host.course.parent / "new"
    new.write_text("new")
    now = datetime(2030, 1, 1).astimezone()

    def make() -> None:
        host.make()
        host.fill(host.submitted / "ada/ex04", "mine")

    acts: dict[str, Callable[[Store], object]] = {
        "put": lambda store: store.put("ada", {NAME: new}, now),
        "set aside": lambda store: store.set_aside("ada"),
        "keep": lambda store: store.keep("ada", {NAME: new}, "0" * 64, now),
        "stamp": lambda store: store.stamp("ada", now),
        "look": lambda store: store.others("ada", {}, host.copies),
    }
    what, target = THINGS[thing]

    def work() -> None:
        with contextlib.suppress(OSError):  # then it isn't done, and nothing else is
            acts[act](Store(host.view(), "ex04"))

    for _ in swapped(host.submitted, f"ada/{what}", host.private / target, make, work):
        host.require_unharmed(host.copies, host.course)


@pytest.mark.parametrize("thing", [name for name in THINGS if name != "the student"])
def test_a_link_that_is_swapped_in_while_a_download_is_read_is_not_followed(host: Host, thing: str) -> None:
    download = host.course.parent / "download"

    def make() -> None:
        host.make()
        shutil.rmtree(download, ignore_errors=True)
        host.fill(download / "ada/ex04", "mine")
        (download / "ada/ex04/sub/deep/data.txt").rename(download / "ada/ex04/sub/deep/a.ipynb")
        (download / "ada/ex04/sub/deep/data.txt").touch()

    what, target = THINGS[thing]

    def work() -> None:
        list(Walk(host.copies, lambda _: "ada").through(download))

    for _ in swapped(download, f"ada/{what}", host.private / target, make, work):
        host.require_unharmed(host.copies)


def test_a_submission_in_the_exchange_that_cannot_be_taken_costs_nobody_else(host: Host) -> None:
    """nbgrader stops at what is too large, and at nonsense in the file with the time of what lies there."""
    host.make()
    for student in ("ada", "ben", "zoe"):
        host.fill(host.submitted / student / "ex04", "before")
        host.fill(host.inbound / f"{student}+ex04+x", "new")
    (host.submitted / "ada/ex04/timestamp.txt").write_text("soon")
    (host.inbound / "ben+ex04+x/large.bin").write_bytes(b"x" * 2_000_000)
    records = [{**RECORD, "username": name, "filename": f"{name}+ex04+x"} for name in ("ada", "ben", "zoe")]
    collect(host, *records, max_dir_size=1000)
    found = {name: (host.submitted / name / "ex04" / NAME).read_text() for name in ("ada", "ben", "zoe")}
    assert found == {"ada": "new", "ben": "before", "zoe": "new"}
    assert len(list((host.course / "earlier/ada/ex04").iterdir())) == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_a_second_configuration_is_named(command: str, course: Path) -> None:
    hand_in(course, "ada")
    planted = course / "nbgrader_config.json"
    planted.write_text("{}")
    done = autograde(command, course)
    assert done.returncode == 0, done.stderr
    assert f"{planted} is obeyed, too, beside nbgrader_config.py; delete it if it isn't yours." in done.stderr


def test_a_run_of_course_autograde_obeys_one_configuration(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that begins to grade later than others doesn't obey what has appeared since."""
    from nbjudge.batch import worker

    monkeypatch.setattr(worker, "keep_open", lambda: None)
    options = (f"--CourseDirectory.root={course}",)
    obeyed = tuple(Course.here(options=options).config_files.items())
    (course / "nbgrader_config.json").write_text('{"SandboxedExecute": {"isolation": "none"}}')
    task = worker.Task(str(ROOT), options, "ex04", "ada", obeyed)
    with pytest.raises(worker.CourseStoppedError, match=r"nbgrader_config\.json has appeared since this run began"):
        worker.grade(task)


def test_what_is_planted_while_nbgrader_grades_is_named(course: Path) -> None:
    hand_in(course, "ada")
    hand_in(course, "zoe")
    hook = course.parent / "hook.py"
    text = (
        f"from pathlib import Path\ndef hook(**names): Path({str(course)!r}, 'nbgrader_config.json').write_text('')\n"
    )
    hook.write_text(text)
    words = [sys.executable, "-m", "nbgrader", "autograde", "ex04", f"--CourseDirectory.root={course}"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{course.parent}"}
    done = subprocess.run(
        [*words, "--Autograde.post_convert_hook=hook.hook"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert f"{course}/nbgrader_config.json has appeared since this run began" in done.stderr


# who can write to submitted/

MODES = {
    "a group of one": (0o775, ""),
    "everybody": (0o777, "everybody can write to submitted"),
    "everybody may add": (0o1777, "everybody can write to submitted"),
}


@pytest.mark.parametrize("mode", MODES)
def test_plain_nbgrader_stops_where_everybody_can_write(mode: str, course: Path) -> None:
    hand_in(course, "ada")
    bits, sentence = MODES[mode]
    (course / "submitted").chmod(bits)
    done = autograde("nbgrader", course)
    assert ("Traceback" in done.stderr, done.returncode == 0) == (False, not sentence), done.stderr
    assert sentence in done.stderr
    if sentence:
        assert "Nothing was graded" in done.stderr
        assert not (course / "autograded").exists()
        assert autograde("course", course).returncode == 0
        assert total(course, "ada") == 20


WRITERS = {
    # mode, group, who is in it, groupshared: who else can write
    "a group of students": ((0o775, {"me", "eve"}, False), "the group"),
    "the same, but it can't write": ((0o755, {"me", "eve"}, False), ""),
    "a group of instructors": ((0o2775, {"me", "you"}, True), ""),
    "a group of one": ((0o775, {"me"}, False), ""),
    "a group of nobody": ((0o775, set(), False), ""),
    "instructors and everybody": ((0o2777, {"me", "you"}, True), "everybody"),
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("place", ["submitted", "submitted/ada", "submitted/ada/ex04"])
def test_others_are_those_who_do_not_grade(name: str, place: str, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    from nbjudge.intake import other_writers

    host.make()
    host.fill(host.submitted / "ada/ex04", "mine")
    (mode, members, shared), others = WRITERS[name]
    for path in ("submitted", "submitted/ada", "submitted/ada/ex04"):
        (host.course / path).chmod(mode if path == place else 0o755)
    monkeypatch.setattr(other_writers, "_members", lambda group: members)
    monkeypatch.setattr(other_writers, "_name_of_user", lambda user: "me")
    view = Course(CourseDirectory(root=str(host.course), groupshared=shared))
    folders = [str(host.submitted / "ada/ex04")]
    if not others:
        other_writers.require_own(view, "ex04", folders)
        return
    with pytest.raises(SystemExit, match=rf"Nothing was graded: {others}.* can write to {place} and"):
        other_writers.require_own(view, "ex04", folders)


@pytest.mark.parametrize(("kind", "number", "rights"), [(2, 61999, 7), (2, 61999, 5), (8, 61998, 2)])
def test_an_access_control_list_counts(kind: int, number: int, rights: int, host: Host, monkeypatch: Any) -> None:
    from nbjudge.intake import other_writers

    host.make()
    host.fill(host.submitted / "ada/ex04", "mine")
    nobody = 2**32 - 1
    entries = [(1, 7, nobody), (kind, rights, number), (4, 5, nobody), (16, 7, nobody), (32, 5, nobody)]
    (host.submitted / "ada").chmod(0o775)  # the mask shows as the rights of the group
    listed = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in sorted(entries))
    monkeypatch.setattr(os, "getxattr", lambda path, *_, **__: listed if Path(path).name == "ada" else refuse())
    monkeypatch.setattr(other_writers, "_members", lambda group: {"eve"} if group == 61998 else set())
    view, folders = Course(CourseDirectory(root=str(host.course))), [str(host.submitted / "ada/ex04")]
    if not rights & 2:
        other_writers.require_own(view, "ex04", folders)
        return
    with pytest.raises(SystemExit, match=r"Nothing was graded: .*6199.* can write to submitted/ada and"):
        other_writers.require_own(view, "ex04", folders)


def refuse() -> bytes:
    raise OSError(errno.ENODATA, "no list")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_a_student_is_not_the_instructors(host: Host) -> None:
    from nbjudge.intake.other_writers import require_own

    host.make()
    host.fill(host.submitted / "ada/ex04", "mine")
    os.chown(host.submitted / "ada", 61999, 61999)
    with pytest.raises(SystemExit, match="Nothing was graded: user 61999 can write to submitted/ada and"):
        require_own(host.view(), "ex04", [str(host.submitted / "ada/ex04")])
