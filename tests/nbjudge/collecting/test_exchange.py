"""The same rules for nbgrader's own commands."""

import json
import os
import shutil
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import ZipCollectApp
from typer.testing import CliRunner

from nbjudge.collecting.exchange import NAMED
from nbjudge.course.submission_secret import SECRET
from tests.support import ROOT, measured
from tests.support.downloads import EVENING, NAME, NEXT_DAY, NOON, Course, app, moodle, notebook, zipped
from tests.support.gradebooks import scores


def zip_collect(*arguments: str) -> None:
    command = ZipCollectApp()
    command.initialize(["ex04", "--log-level=ERROR", *arguments])
    command.start()


def test_zip_collect_follows_the_same_rules(course: Course, capfd: pytest.CaptureFixture) -> None:
    (course.root / "release/ex04").mkdir(parents=True)
    archive = course.root / "downloaded/ex04/archive"
    archive.mkdir(parents=True)
    entries = [
        (moodle("A", 1), notebook("1"), NOON),
        (moodle("B", 2), notebook("b"), EVENING),
        (f"../../../../b/ex04/{NAME}", notebook("evil")),
    ]
    (archive / "may.zip").write_bytes(zipped(*entries))
    zip_collect()
    assert course.submitted() == {"a-1": "1", "b-2": "b"}
    assert (course.root / "submitted/b-2/ex04/timestamp.txt").read_text() == "2026-05-10 20:00:00.000000 UTC"
    (archive / "june.zip").write_bytes(
        zipped((moodle("A", 1), notebook("2"), NEXT_DAY), (moodle("C", 3), notebook("c"), NOON))
    )
    (archive / "may.zip").rename(course.root / "may.zip")
    zip_collect()
    (course.root / "may.zip").rename(archive / "may.zip")
    before = course.tree()
    assert course.submitted() == {"a-1": "2", "b-2": "b", "c-3": "c"}
    assert course.earlier("a-1") == {"1"}
    assert {line["status"] for line in course.collect(*sorted(archive.iterdir()), code=1)} == {
        "same",
        "earlier",
        "not taken",
    }
    assert course.tree() == before


@pytest.mark.parametrize("place", ["submitted/b-2", "submitted/b-2/ex04"])
@pytest.mark.parametrize("option", [(), ("--force",)], ids=["", "force"])
def test_zip_collect_writes_through_no_link_and_goes_on(course: Course, place: str, option: tuple[str, ...]) -> None:
    archive, elsewhere = course.root / "downloaded/ex04/archive", course.root.parent / "elsewhere"
    archive.mkdir(parents=True)
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("")
    (course.root / place).parent.mkdir(parents=True)
    (course.root / place).symlink_to(elsewhere)
    handed_in = [(moodle(name, number), notebook(name)) for number, name in enumerate("ABC", 1)]
    (archive / "may.zip").write_bytes(zipped(*handed_in))
    zip_collect(*option)
    taken = course.submitted()
    assert {"a-1": "A", "c-3": "C"}.items() <= taken.items()
    assert [path.name for path in elsewhere.iterdir()] == ["kept"]
    assert (course.root / "submitted/b-2").is_symlink() or taken["b-2"] == "B"


CONFIGURATIONS = ("nbgrader_config.py", "Jupyter_Config.json", "jupyter_lab_config.py")


def test_the_exchange_from_release_to_grade(
    tmp_path: Path, nbgrader: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a course on one machine: released, fetched, handed in twice, collected twice, graded."""
    root, home, exchange = tmp_path / "course", tmp_path / "home", tmp_path / "exchange"
    shutil.copytree(ROOT / "source/ex04", root / "source/ex04")
    measured.put(root)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    home.mkdir()
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    inbound = exchange / "simple_classifier/inbound"
    common = [f"--Exchange.root={exchange}", f"--Exchange.cache={tmp_path}/cache"]
    student = [*common, f"--Exchange.assignment_dir={home}", "--CourseDirectory.student_id=amira"]

    nbgrader("generate_assignment", "ex04", root=root)
    nbgrader("release_assignment", "ex04", *common, root=root)
    nbgrader("fetch_assignment", "ex04", *student, root=root)
    assert (home / "ex04" / NAME).read_bytes() == (root / "release/ex04" / NAME).read_bytes()
    nbgrader("submit", "ex04", *student, root=root)
    nbgrader("collect", "ex04", *common, root=root)
    handed_in = root / "submitted/amira/ex04"
    assert (handed_in / NAME).read_bytes() == (home / "ex04" / NAME).read_bytes()

    # again, now solved; beside it what only hostile hands put there
    (root / "secret").write_text("secret")
    now = "2030-01-01 00:00:00 UTC"
    nonsense = "ben+ex04+1:99999999999999999999999999999.5"  # an error of its own in dateutil
    for name in (f"a<b+ex04+{now}+x", "ben+ex04+soon+x", nonsense, f"linked+ex04+{now}+x"):
        shutil.copytree(home / "ex04", inbound / name)
    (inbound / f"linked+ex04+{now}+x" / "secret").symlink_to(root / "secret")
    shutil.copy(root / "source/ex04" / NAME, home / "ex04" / NAME)
    nbgrader("submit", "ex04", *student, root=root)
    for name in CONFIGURATIONS:
        for folder in inbound.glob("amira+*"):
            (folder / name).write_text("1 / 0")
    done = nbgrader("collect", "ex04", "--update", *common, root=root)
    assert "Traceback" not in done.stderr
    assert done.stderr.count("Not collected: ") == 4
    assert os.listdir(root / "submitted") == ["amira"]
    assert not {*CONFIGURATIONS} & {*os.listdir(handed_in)}
    assert (handed_in / NAME).read_bytes() == (root / "source/ex04" / NAME).read_bytes()
    secrets = [handed_in / SECRET, *(root / "earlier/amira/ex04").glob(f"*/{SECRET}")]
    assert [stat.S_IMODE(path.stat().st_mode) for path in secrets] == [0o600] * 2
    kept = list((root / "earlier/amira/ex04").glob(f"*/{NAME}"))
    assert [path.read_bytes() for path in kept] == [(root / "release/ex04" / NAME).read_bytes()]

    # and one who hands in by another way, late by the due date in the gradebook
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        book.update_or_create_assignment("ex04", duedate=datetime(2026, 5, 10, 18))
    solved = (root / "source/ex04" / NAME).read_bytes()
    (tmp_path / "a.zip").write_bytes(zipped((moodle("B", 2), solved, EVENING), (moodle("C", 3), solved, NOON)))
    monkeypatch.chdir(root)
    arguments = ["collect", "ex04", str(tmp_path / "a.zip"), "--timezone", "UTC", "--json"]
    lines = json.loads(CliRunner().invoke(app, arguments).stdout)
    assert [(line["student"], line["late"]) for line in lines] == [("b-2", True), ("c-3", False)]

    nbgrader("autograde", "ex04", root=root)
    assert {name: sum(own.values()) for name, own in scores(root, "ex04")[1].items()} == {
        "amira": 20,
        "b-2": 20,
        "c-3": 20,
    }
    assert stat.S_IMODE((root / "autograded/amira/ex04" / SECRET).stat().st_mode) == 0o400
    assert stat.S_IMODE((root / "autograded/amira/ex04" / NAME).stat().st_mode) == 0o444
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        late = {name: book.find_submission("ex04", name).total_seconds_late for name in ("b-2", "c-3")}
    assert late == {"b-2": 7200, "c-3": 0}


def test_the_same_submission_is_collected_once_whatever_its_time_says(
    course: Course, nbgrader: Callable, tmp_path_factory: pytest.TempPathFactory
) -> None:
    exchange = tmp_path_factory.mktemp("exchange")
    inbound, when = exchange / "simple_classifier/inbound", "2026-05-10 10:00:00.000000 UTC"
    times = {"none": None, "empty": "", "nonsense": "soon", "old": "1990-01-01 00:00:00.000000 UTC", "usual": when}
    exchange.chmod(0o777)
    for student, time in times.items():
        folder = inbound / f"{student}+ex04+{when}+r1"
        folder.mkdir(parents=True)
        (folder / NAME).write_bytes(notebook(student))
        if time is not None:
            (folder / "timestamp.txt").write_text(time)
    inbound.chmod(0o733)
    collect = ("collect", "ex04", f"--Exchange.root={exchange}")
    nbgrader(*collect, root=course.root)
    stamps = {student: (course.root / f"submitted/{student}/ex04/timestamp.txt").read_text() for student in times}
    assert stamps == {student: times["old"] if student == "old" else when for student in times}
    before = course.tree()
    for option in ("--update", "--before-duedate"):
        nbgrader(*collect, option, root=course.root)
        assert course.tree() == before
    newer = inbound / "none+ex04+2026-05-11 10:00:00.000000 UTC+r2"
    newer.mkdir()
    (newer / NAME).write_bytes(notebook("newer"))
    nbgrader(*collect, "--update", root=course.root)
    assert course.submitted()["none"] == "newer"
    assert course.earlier("none") == {"none"}


def test_what_is_wrong_with_many_in_the_exchange_is_not_said_of_each(
    course: Course, nbgrader: Callable, tmp_path_factory: pytest.TempPathFactory
) -> None:
    exchange, many = tmp_path_factory.mktemp("exchange"), 30
    inbound, when = exchange / "simple_classifier/inbound", "2026-05-10 10:00:00.000000 UTC"
    exchange.chmod(0o777)
    for name in ("soon+x", f"{when}+x"):
        for number in range(many):
            (inbound / f"a<{number}+ex04+{name}").mkdir(parents=True)
    handed_in = inbound / f"ada+ex04+{when}+x"
    handed_in.mkdir()
    (handed_in / NAME).write_bytes(notebook("ada"))
    for number in range(many):
        (handed_in / f"{number}.csv").write_bytes(bytes(2_000_000))
    inbound.chmod(0o733)
    sizes = ("--CourseDirectory.max_file_size=1000",)
    done = nbgrader("collect", "ex04", f"--Exchange.root={exchange}", *sizes, root=course.root)
    said = [line for line in done.stderr.splitlines() if "Not collected" in line or "Left out" in line]
    assert len(said) == 2 * (NAMED + 1) + 1, said
    assert sum(f"Not collected: {many - NAMED} more of " in line for line in said) == 2
    assert sum(f" and {many - 1} more" in line for line in said) == 1
    assert course.submitted() == {"ada": "ada"}
