"""From downloads to submitted/: whose file it is, what counts, and that nothing is lost or lands elsewhere."""

import io
import json
import os
import shutil
import stat
import unicodedata
import warnings
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from nbgrader.apps import ZipCollectApp
from typer.testing import CliRunner

from nbjudge.cli import application
from nbjudge.collecting.archives import Entry, Step, Walk, nfc
from nbjudge.collecting.owners import NoOwnerError, owner_of
from nbjudge.course import lms as lms_names
from nbjudge.course.errors import CourseError as CommandError
from tests.support import ROOT
from tests.support.gradebooks import scores

app = application()


NAME = "1_simple_classifier.ipynb"
NOON = (2026, 5, 10, 12, 0, 0)
EVENING = (2026, 5, 10, 20, 0, 0)
NEXT_DAY = (2026, 5, 11, 9, 0, 0)


def notebook(text: str, task: str = "bce") -> bytes:
    cell = {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": task}}, "source": text}
    cell |= {"outputs": [], "execution_count": None}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()


def text_of(path: Path) -> str:
    return json.loads(path.read_bytes())["cells"][0]["source"]


def zipped(*entries: tuple, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file of entries (name, content, time, mode)."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content, *more in entries:
            info = zipfile.ZipInfo(name, more[0] if more else NOON)
            info.compress_type, info.external_attr = method, (more[1] if len(more) > 1 else 0) << 16
            with warnings.catch_warnings():  # of names that come twice
                warnings.simplefilter("ignore", UserWarning)
                archive.writestr(info, content)
    return made.getvalue()


def moodle(name: str, number: int, path: str = NAME) -> str:
    return f"{name}_{number}_assignsubmission_file_/{path}"


class Course:
    """A course in a folder, and the command in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "source/ex04").mkdir(parents=True)
        (root / "source/ex04" / NAME).write_bytes(notebook("solution"))
        shutil.copy(ROOT / "nbgrader_config.py", root)
        (root.parent / "downloads").mkdir()

    def download(self, name: str, content: bytes) -> Path:
        path = self.root.parent / "downloads" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def collect(self, *arguments: Any, code: int | None = 0) -> list[dict[str, Any]]:
        done = CliRunner().invoke(app, ["collect", "ex04", *map(str, arguments), "--json", "--timezone", "UTC"])
        if isinstance(done.exception, CommandError):
            raise done.exception
        assert code in (None, done.exit_code), done.output
        return json.loads(done.stdout)

    def submitted(self) -> dict[str, str]:
        """Each student's submission, in the words of the notebook."""
        return {path.parts[-3]: text_of(path) for path in self.root.glob(f"submitted/*/ex04/{NAME}")}

    def earlier(self, student: str) -> set[str]:
        return {text_of(path) for path in self.root.glob(f"earlier/{student}/ex04/*/{NAME}")}

    def tree(self) -> dict[str, bytes]:
        """All files but the list of names for the way back, which has a test of its own."""
        files = [each for each in sorted(self.root.parent.rglob("*")) if each.is_file()]
        return {str(each): each.read_bytes() for each in files if each != self.root / "collected/ex04.json"}


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    made = Course(tmp_path / "course")
    monkeypatch.chdir(made.root)
    return made


def status(lines: list[dict], name: str) -> tuple[str, str]:
    return next((line["status"], line["said"]) for line in lines if name in line["file"])


# whose file it is

NAMES = [
    # path below what was named, student
    (moodle("Müller Änne", 123456), "mueller-aenne-123456"),
    (unicodedata.normalize("NFD", moodle("Müller Änne", 123456)), "mueller-aenne-123456"),
    (moodle("Müller Änne", 123457), "mueller-aenne-123457"),
    (f"Müller Änne_123456_assignsubmission_file/{NAME}", "mueller-aenne-123456"),
    (f"Müller Änne_123456_assignsubmission_file_{NAME}", "mueller-aenne-123456"),
    (moodle("O'Brien-Smith Zoë (II)", 7), "o-brien-smith-zoe-ii-7"),
    (moodle("王小明", 8), "student-8"),
    (moodle("Mallory", 9, moodle("Änne Müller", 123456)), "mallory-9"),
    (moodle("Mallory", 9, f"hw.zip/doejane_222_333_{NAME}"), "mallory-9"),
    (f"Mallory_9_assignsubmission_file_Ben_10_assignsubmission_file_{NAME}", "mallory-9"),
    ("muellerjane_LATE_12345_67890_1_simple_classifier-2.ipynb", "muellerjane-12345"),
    ("muellerjane_12345_67890_999_888_x.ipynb", "muellerjane-12345"),
    ("muellerjane_12345_67890_homework.zip/ben/1_simple_classifier.ipynb", "muellerjane-12345"),
    (f"muellerjane_12345_67890_homework/{NAME}", None),
    (f"amira/{NAME}", "amira"),
    (f"amira/ex04/{NAME}", "amira"),
    (f"ex04/amira/{NAME}", "amira"),
    (f"amira.zip/{NAME}", "amira"),
    (f"amira.zip/amira/{NAME}", "amira"),
    (f"änne.müller@example.org/{NAME}", "änne.müller@example.org"),
    (NAME, None),
    (f"amira_{NAME}", None),
    (f"ex04/{NAME}", "downloads"),
    (f"amira/ben/{NAME}", None),
    (f"amira/ben/ex04/{NAME}", None),
    (f"amira.zip/ben/ex04/{NAME}", None),
    (f"2024_05_10/{NAME}", "2024_05_10"),
    (f"../{NAME}", None),
    (f"a*b/{NAME}", None),
    (f"a+b/{NAME}", None),
    (f"<img src=x>/{NAME}", None),
    (f"-rf/{NAME}", None),
    (f"{'x' * 101}/{NAME}", None),
    (f"{'9' * 120}_1_assignsubmission_file/{NAME}", f"{'9' * 60}-1"),
    (moodle("x", int("9" * 120)), None),
    (f"x\n/{NAME}", None),
]


@pytest.mark.parametrize(("path", "student"), NAMES, ids=[path[:60].encode("unicode_escape") for path, _ in NAMES])
def test_names_say_whose_file_it_is(path: str, student: str | None) -> None:
    *folders, name = map(nfc, path.split("/"))
    steps = tuple(Step(each, each.endswith(".zip")) for each in ["downloads", *folders])
    try:
        found = owner_of(Entry(steps, name), "ex04").student
    except NoOwnerError:
        found = None
    assert found == student


ROSTER = "student_id,lms_id,name,submitted\nge11abc,123456,Änne Müller,\nge22def,,Jane Mueller,2026-05-12 01:00\n"


@pytest.mark.parametrize(
    ("path", "result"),
    [
        (moodle("Müller Änne", 123456), "ge11abc"),
        (moodle("Somebody Else", 123456), "the roster says that number 123456 is Änne Müller"),
        (moodle("Änne Müller", 99), "on the roster with another number than 99"),
        (moodle("Nobody", 99), "Nobody, number 99, is not on the roster"),
        (f"muellerjane_LATE_12345_67890_{NAME}", "ge22def"),
        (f"ge11abc/{NAME}", "ge11abc"),
        (f"Jane Müller/week 4/{NAME}", "ge22def"),
        (f"ge11abc_{NAME}", "ge11abc"),
        (f"ge11abc/ge22def/{NAME}", "names on the way to it say ge11abc and ge22def"),
        (f"ge11abc/{moodle('Jane Müller', 5)}", "it lies in the folder or archive of ge11abc"),
        (f"final_{NAME}", "no name on the way to it is on the roster"),
    ],
)
def test_a_roster_says_who_is_meant(course: Course, path: str, result: str) -> None:
    lines = course.collect(
        course.download("all.zip", zipped((path, notebook("x")))),
        "--roster",
        course.download("roster.csv", ROSTER.encode()),
        code=None,
    )
    if result.startswith("ge"):
        assert course.submitted() == {result: "x"}
        missing = {line["student"] for line in lines if line["status"] == "missing"}
        assert missing == {"ge11abc", "ge22def"} - {result}
    else:
        assert course.submitted() == {}
        assert result in status(lines, path)[1]


def test_exports_of_moodle_and_canvas_are_rosters(course: Course) -> None:
    from_moodle = (
        '\ufeffIdentifier,"Full name","ID number","Last modified (submission)"\n'
        'Participant 7,"Änne Müller",03700001,"Tuesday, 12 May 2026, 11:04 PM"\n'
    )
    from_canvas = 'Student,ID,SIS User ID,SIS Login ID\n    Points Possible,,,\n"Doe, John",12346,03700002,doe\n'
    both = course.download("a.zip", zipped((moodle("Müller Änne", 7), notebook("a"))))
    lines = course.collect(both, "--roster", course.download("m.csv", from_moodle.encode()))
    assert [line["time"] for line in lines] == ["2026-05-12T23:04:00+00:00"]
    course.collect(
        course.download("b.zip", zipped((f"doejohn_12346_67891_{NAME}", notebook("b")))),
        "--roster",
        course.download("c.csv", from_canvas.encode()),
    )
    assert course.submitted() == {"03700001": "a", "03700002": "b"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("name,mail\nx,y\n", "has no column student_id"),
        ("student_id\n", "holds no student"),
        ("student_id\nx\nx\n", "has the student_id x more than once"),
        ("student_id,lms_id\nx,1\ny,1\n", "has the lms_id 1 more than once"),
        ("student_id,lms_id\n,1\n", "line 2: there is no student_id"),
        ("student_id,lms_id\nx,y\n", "line 2: the lms_id 'y' is no number"),
        ("student_id\n../x\n", "line 2: '../x' can't be a student_id"),
        ("student_id,submitted\nx,soon\n", "line 2: 'soon' is no time"),
        ("student_id,submitted\nx,10.05.2026\n", "line 2: '10.05.2026' is no time"),
        ("student_id,submitted\nx,Monday\n", "line 2: 'Monday' is no time"),
        (b"student_id\n\xff\n", "isn't UTF-8"),
        (None, "can't be read"),
    ],
)
def test_a_roster_that_cannot_be_meant_ends_in_one_sentence(course: Course, content: Any, sentence: str) -> None:
    roster = course.root / "roster.csv"
    if content is not None:
        roster.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CommandError, match=r".") as caught:
        course.collect(course.download("a.zip", zipped()), "--roster", roster)
    assert sentence in str(caught.value)
    assert not (course.root / "submitted").exists()


# what counts


def test_the_newest_attempt_counts_and_the_others_are_kept(course: Course) -> None:
    first = course.download(
        "a.zip", zipped((moodle("A", 1), notebook("1"), NOON), (moodle("B", 2), notebook("b"), EVENING))
    )
    second = course.download(
        "b.zip", zipped((moodle("A", 1), notebook("2"), NEXT_DAY), (moodle("B", 2), notebook("b"), EVENING))
    )
    course.collect(second, first)
    assert course.submitted() == {"a-1": "2", "b-2": "b"}
    assert course.earlier("a-1") == {"1"}
    assert (course.root / "submitted/a-1/ex04/timestamp.txt").read_text() == "2026-05-11 09:00:00.000000 UTC"
    before = course.tree()
    assert {line["status"] for line in course.collect(second, first)} == {"same", "earlier"}
    assert {line["status"] for line in course.collect(first)} == {"same", "earlier"}
    assert course.tree() == before


def test_the_names_of_the_platform_are_kept_for_the_way_back(course: Course) -> None:
    canvas = "poepat_LATE_777_888_1_simple_classifier-2.ipynb"
    course.collect(course.download("ex04_2026_05_10.zip", zipped((moodle("Müller Änne", 12), notebook("m")))))
    course.collect(course.download("canvas.zip", zipped((canvas, notebook("c")))))
    names = lms_names.read_names(course.root / "collected/ex04.json")
    assert names.remark == ""
    assert {student: (each.lms, each.number) for student, each in names.known.items()} == {
        "mueller-aenne-12": ("moodle", "12"),
        "poepat-777": ("canvas", "777"),
    }
    assert names.known["mueller-aenne-12"].prefix == "Müller Änne_12_assignsubmission_file_"


def test_what_lies_there_is_never_overwritten(course: Course) -> None:
    by_hand = course.root / "submitted/amira/ex04"
    by_hand.mkdir(parents=True)
    (by_hand / NAME).write_bytes(notebook("by hand"))
    (by_hand / "notes.txt").write_text("precious")
    course.download("plain/amira/" + NAME, notebook("new"))
    lines = course.collect(course.root.parent / "downloads/plain")
    assert [line["status"] for line in lines] == ["replaced"]
    assert course.submitted() == {"amira": "new"}
    assert course.earlier("amira") == {"by hand"}
    assert [each.read_text() for each in course.root.glob("earlier/amira/ex04/*/notes.txt")] == ["precious"]
    course.download("old/amira/" + NAME, notebook("by hand"))
    assert [line["status"] for line in course.collect(course.root.parent / "downloads/old")] == ["earlier"]
    assert course.submitted() == {"amira": "new"}


def test_a_dry_run_writes_nothing(course: Course) -> None:
    path = course.download("a.zip", zipped((moodle("A", 1), notebook("1"))))
    before = course.tree()
    assert [line["status"] for line in course.collect(path, "--dry-run")] == ["taken"]
    assert course.tree() == before


@pytest.mark.parametrize(
    ("name", "content", "result"),
    [
        ("1_simple_classifier (1).ipynb", notebook("x"), ("taken", "was called 1_simple_classifier (1).ipynb")),
        ("1_simple_classifier-Copy1.ipynb", notebook("x"), ("taken", "was called")),
        ("Kopie von 1_Simple Classifier.ipynb", notebook("x"), ("taken", "was called")),
        (NAME + ".txt", notebook("x"), ("taken", "was called")),
        ("final.ipynb", notebook("x"), ("taken", "was called final.ipynb")),
        (NAME, b"", ("taken", "The file is empty")),
        (NAME, b"PK", ("taken", "The file isn't a notebook")),
        (NAME, notebook("x", "other"), ("taken", "it holds no task of this assignment")),
        ("3_other.ipynb", notebook("x", "other"), ("not taken", "another name and holds no task")),
        ("report.pdf", b"x", ("not taken", "there is no notebook among what was handed in")),
        (f"all/of/it.zip/{NAME}", notebook("x"), ("taken", "")),
    ],
)
def test_what_a_student_may_call_it(course: Course, name: str, content: bytes, result: tuple[str, str]) -> None:
    if ".zip/" in name:
        name, inner = name.split(".zip/")
        name, content = f"{name}.zip", zipped((inner, content))
    path = course.download("a.zip", zipped((moodle("A", 1, name), content)))
    lines = course.collect(path, code=0 if result[0] == "taken" else 1)
    found, said = status(lines, "a.zip")
    assert found == result[0]
    assert result[1] in said
    assert (course.root / "submitted/a-1/ex04" / NAME).exists() == (found == "taken")


def test_together_with_the_right_name_another_one_does_not_count(course: Course) -> None:
    entries = [
        (NAME, "right", NOON),
        ("backup.ipynb", "other", EVENING),
        ("1_simple_classifier (2).ipynb", "copy", EVENING),
    ]
    made = zipped(*((moodle("A", 1, name), notebook(text), time) for name, text, time in entries))
    course.collect(course.download("a.zip", made))
    assert course.submitted() == {"a-1": "copy"}
    assert course.earlier("a-1") == {"right", "other"}


# when it came in


def test_late_ones_are_late(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbjudge.commands.collect._due", lambda *_: datetime(2026, 5, 10, 18, tzinfo=UTC))
    made = zipped(
        (moodle("A", 1), notebook("a"), NOON),
        (moodle("B", 2), notebook("b"), EVENING),
        (moodle("C", 3, "hw.zip"), zipped((NAME, notebook("c"), NOON)), NEXT_DAY),  # times inside are the student's own
    )
    lines = course.collect(course.download("a.zip", made))
    assert [(line["student"], line["late"]) for line in lines] == [("a-1", False), ("b-2", True), ("c-3", True)]
    arguments = ["collect", "ex04", "../downloads/a.zip", "--timezone", "Europe/Berlin"]
    printed = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"}).stdout
    assert "ex04: collected, due 2026-05-10 20:00 CEST" in printed
    assert "late by 15:00:00" in printed


def test_times_of_the_download_are_not_believed(course: Course) -> None:
    made = zipped((moodle("A", 1), notebook("a"), NOON), (moodle("B", 2), notebook("b"), (2026, 5, 10, 12, 0, 4)))
    lines = course.collect(course.download("a.zip", made))
    assert [line["time"] for line in lines] == [None, None]
    assert not list(course.root.rglob("timestamp.txt"))


# hostile downloads


def encrypted() -> bytes:
    made = bytearray(zipped((moodle("A", 1), notebook("x"))))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        made[made.index(mark) + place] |= 1
    return bytes(made)


def damaged() -> bytes:
    made = bytearray(zipped((moodle("A", 1), notebook("x") * 99, NOON)))
    made[120:140] = b"\xff" * 20
    return bytes(made)


def nested(depth: int) -> bytes:
    made = zipped((NAME, notebook("x")))
    for _ in range(depth):
        made = zipped(("deeper.zip", made))
    return zipped((moodle("A", 1, "hw.zip"), made))


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "dots": (lambda: zipped((f"../../course/submitted/b/ex04/{NAME}", notebook("x"))), "leads out of the archive"),
    "dots in the middle": (lambda: zipped((moodle("A", 1, f"../b/{NAME}"), notebook("x"))), "leads out of the archive"),
    "backslashes": (lambda: zipped((f"..\\..\\b\\{NAME}", notebook("x"))), "leads out of the archive"),
    "absolute": (lambda: zipped((f"/tmp/b/{NAME}", notebook("x"))), "leads out of the archive"),
    "drive": (lambda: zipped((f"C:/b/{NAME}", notebook("x"))), "leads out of the archive"),
    "link": (lambda: zipped((moodle("A", 1), "/etc/passwd", NOON, stat.S_IFLNK | 0o777)), "it is a link"),
    "pipe": (lambda: zipped((moodle("A", 1), "", NOON, stat.S_IFIFO | 0o777)), "no ordinary file"),
    "ratio": (lambda: zipped((moodle("A", 1), b" " * 2**22)), "unpacks to more than 200 times"),
    "size": (lambda: zipped((moodle("A", 1), os.urandom(2**20) * 21), method=zipfile.ZIP_STORED), "larger than 20 MB"),
    "count": (
        lambda: zipped((moodle("A", 1, "hw.zip"), zipped(*((f"{n}.txt", "") for n in range(2001))))),
        "more than 2000 files",
    ),
    "nested": (lambda: nested(3), "more than 3 archives"),
    "encrypted": (encrypted, "it is encrypted"),
    "damaged": (damaged, "damaged inside"),
    "no archive": (lambda: b"not a zip file", "no zip file"),
    "half": (lambda: zipped((moodle("A", 1), notebook("x")))[:-30], "no zip file"),
    "no archive inside": (lambda: zipped((moodle("A", 1, "hw.zip"), "x")), "no zip file"),
    "other archive": (lambda: zipped((moodle("A", 1, "hw.tar.gz"), "x")), "this kind of archive"),
    "empty": (zipped, "it is empty"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archives_are_refused_and_the_others_go_on(course: Course, name: str) -> None:
    make, said = HOSTILE[name]
    paths = course.download("bad.zip", make()), course.download("good.zip", zipped((moodle("Good", 5), notebook("g"))))
    before = course.tree()
    lines = course.collect(*paths, code=1)
    assert said in status(lines, "bad.zip")[1]
    assert course.submitted() == {"good-5": "g"}
    assert {path for path in course.tree() if path not in before} == {
        str(course.root / "submitted/good-5/ex04" / NAME),
    }


def test_unpacking_ends_at_the_limit_for_one_student(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbjudge.collecting.archives.MAX_OWN", 2**20)
    big = [(f"{n}.ipynb", notebook(str(n)) + os.urandom(2**18).hex().encode()) for n in range(6)]
    lines = course.collect(course.download("a.zip", zipped((moodle("A", 1, "hw.zip"), zipped(*big)))), code=1)
    assert "unpacks to more than" in status(lines, "5.ipynb")[1]


def test_no_more_is_copied_than_may_be_read(course: Course, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("nbjudge.collecting.archives.MAX_FILE", 1000)
    (tmp_path / "staging").mkdir()
    path = course.download("a.zip", zipped((moodle("A", 1), os.urandom(2**20))))
    assert [found.refused[:18] for found in Walk(tmp_path / "staging").through(path)] == ["the file is larger"]
    assert max(each.stat().st_size for each in (tmp_path / "staging").iterdir()) <= 2**16


def test_links_in_folders_are_not_followed(course: Course) -> None:
    secret = course.download("secret/" + NAME, notebook("secret"))
    folder = course.download("plain/amira/x.txt", b"").parent
    (folder / NAME).symlink_to(secret)
    (folder.parent / "ben").symlink_to(secret.parent)
    os.mkfifo(folder / "pipe.ipynb")
    lines = course.collect(folder.parent, code=1)
    assert course.submitted() == {}
    assert status(lines, "ben") == ("not taken", "it is a link, and links aren't followed")
    assert status(lines, "pipe") == ("not taken", "it is no ordinary file")


def test_a_group_before_the_name_is_no_other_student(course: Course) -> None:
    roster = course.download("roster.csv", ROSTER.encode())
    group, other = moodle("Gruppe 3-Müller Änne", 123456), moodle("Gruppe 3-Änne-Mallory", 123456)
    path = course.download("all.zip", zipped((group, notebook("mine")), (other, notebook("not mine"))))
    lines = course.collect(path, "--roster", roster, code=None)
    assert course.submitted() == {"ge11abc": "mine"}
    assert status(lines, "Mallory")[0] == "not taken"


def test_a_linked_time_is_not_written_through(course: Course) -> None:
    mine = course.download("mine.txt", b"precious")
    course.collect(course.download("alone.zip", zipped((moodle("A", 1), notebook("x")))))
    (course.root / "submitted/a-1/ex04/timestamp.txt").symlink_to(mine)
    ben = (moodle("Ben", 2), notebook("ben"), NEXT_DAY)
    course.collect(course.download("all.zip", zipped((moodle("A", 1), notebook("x")), ben)))
    assert mine.read_bytes() == b"precious"
    assert (course.root / "submitted/a-1/ex04/timestamp.txt").read_text() == "2026-05-10 12:00:00.000000 UTC"


def test_a_linked_student_folder_is_not_written_through(course: Course) -> None:
    (course.root.parent / "elsewhere").mkdir()
    (course.root / "submitted").mkdir()
    (course.root / "submitted/a-1").symlink_to(course.root.parent / "elsewhere")
    path = course.download("a.zip", zipped((moodle("A", 1), notebook("x"))))
    assert status(course.collect(path, code=1), "a.zip") == ("not taken", "submitted/a-1 is a link; remove it")
    assert not list((course.root.parent / "elsewhere").iterdir())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.zip"], "there is no file or folder nowhere.zip"),
        (["."], "the course's own folders"),
        (["source", "--timezone", "Mars/Olympus"], "there is no time zone 'Mars/Olympus'"),
    ],
)
def test_mistakes_end_in_one_sentence(course: Course, arguments: list[str], sentence: str) -> None:
    done = CliRunner().invoke(app, ["collect", "ex04", *arguments])
    assert isinstance(done.exception, CommandError)
    assert sentence in str(done.exception)


OWNERS = {
    "mueller-aenne-1": "Müller Änne_1_assignsubmission_file_/{}",
    "mueller-aenne-2": "Müller Änne_2_assignsubmission_file_/{}",
    "mallory-3": "Mallory_3_assignsubmission_file_{}",
    "doe-777": "doe_777_888_{}",
}
INNER = [
    *(NAME, "1_simple_classifier (1).ipynb", "final.ipynb", f"{NAME}.txt", "data.csv", f"a/b/{NAME}"),
    *(f"../{NAME}", f"../../submitted/mueller-aenne-2/ex04/{NAME}", f"/{NAME}", f"x\\..\\{NAME}", "\x1b[2J.ipynb"),
    *(moodle("Müller Änne", 2), f"doe_777_888_{NAME}", f"mueller-aenne-1/ex04/{NAME}", f"submitted/x/{NAME}"),
]


@st.composite
def downloads(draw: st.DrawFn) -> bytes:
    """An archive whose notebooks say whose they are."""
    entries = []
    for number in range(draw(st.integers(1, 5))):
        owner = draw(st.sampled_from(sorted(OWNERS)))
        names = INNER if "/" in OWNERS[owner] else [each for each in INNER if "/" not in each]
        name, time = draw(st.sampled_from(names)), draw(st.sampled_from([NOON, EVENING, NEXT_DAY]))
        content = notebook(f"{owner} {draw(st.integers(0, 3))}")
        mode = draw(st.sampled_from([0, 0, 0, stat.S_IFREG | 0o644, stat.S_IFLNK | 0o777]))
        if draw(st.booleans()):
            name, content = f"hw{number}.zip", zipped((name, content, time, mode))
        entries.append((OWNERS[owner].format(name), content, time, mode))
    return zipped(*entries)


@settings(max_examples=30)
@given(st.lists(downloads(), min_size=2, max_size=3))
def test_nothing_is_lost_or_changes_its_owner_or_lands_elsewhere(
    tmp_path_factory: pytest.TempPathFactory, archives: list[bytes]
) -> None:
    course = Course(tmp_path_factory.mktemp("any") / "course")
    before, kept = course.tree(), set()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(course.root)
        paths = [course.download(f"{number}.zip", made) for number, made in enumerate(archives)]
        for path in paths:
            kept |= set(course.submitted().items())
            for line in course.collect(path, code=None):
                assert line["student"] in ("", *OWNERS)
                assert line["status"] != "not taken" or line["said"]
            after = course.tree()
            course.collect(path, code=None)
            assert course.tree() == after
    new = {Path(path).relative_to(course.root) for path in after if path not in before and "/downloads/" not in path}
    assert all(path.parts[0] in ("submitted", "earlier") and path.parts[1] in OWNERS for path in new)
    for path in new:
        if path.name == NAME:
            assert text_of(course.root / path).split()[0] == path.parts[1]
    assert all(text == course.submitted().get(owner) or text in course.earlier(owner) for owner, text in kept)
    assert {path.name for path in new} <= {NAME, "timestamp.txt"}


HOURS = [(2026, 5, 10, hour, 0, 0) for hour in range(8, 20)]


@settings(max_examples=20)
@given(st.lists(st.sampled_from(HOURS), min_size=2, max_size=5, unique=True), st.data())
def test_whatever_the_order_of_downloads_the_newest_counts(
    tmp_path_factory: pytest.TempPathFactory, times: list[tuple], data: st.DataObject
) -> None:
    course = Course(tmp_path_factory.mktemp("any") / "course")
    others = [(moodle("Ben", 2), notebook("ben"), HOURS[0]), (moodle("Cem", 3), notebook("cem"), NEXT_DAY)]
    parts = data.draw(st.lists(st.integers(0, 2), min_size=len(times), max_size=len(times)))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(course.root)
        for part in data.draw(st.permutations(sorted(set(parts)))):
            own = [time for time, its_part in zip(times, parts, strict=True) if its_part == part]
            attempts = [(moodle("Amira", 1, f"{time[3]}/{NAME}"), notebook(f"at {time[3]}"), time) for time in own]
            course.collect(course.download(f"{part}.zip", zipped(*others, *attempts)))
    hours = {time[3] for time in times}
    assert course.submitted()["amira-1"] == f"at {max(hours)}"
    assert course.earlier("amira-1") == {f"at {hour}" for hour in hours - {max(hours)}}


def test_a_time_that_becomes_known_late_counts(course: Course) -> None:
    """A download of one file has no time of its own; the next one, of the whole class, tells it."""
    first, second = (moodle("A", 1), notebook("first"), NOON), (moodle("A", 1), notebook("second"), EVENING)
    ben = (moodle("Ben", 2), notebook("ben"))
    monday = course.download("monday.zip", zipped(second, (*ben, NOON)))
    alone = course.download("alone.zip", zipped(first))
    sunday = course.download("sunday.zip", zipped(first, (*ben, NEXT_DAY)))
    course.collect(monday)
    assert status(course.collect(alone), NAME)[0] == "replaced"
    again = "a later one was in earlier/ and lies in submitted/ again"
    assert status(course.collect(sunday), "A_1") == ("same", again)
    assert course.submitted()["a-1"] == "second"
    assert course.earlier("a-1") == {"first"}
    after = course.tree()
    for path in (monday, alone, sunday):
        course.collect(path)
        assert course.tree() == after


def test_between_a_file_without_a_time_and_later_ones_the_order_of_collecting_counts(course: Course) -> None:
    ben = (moodle("Ben", 2), notebook("ben"))
    monday = course.download("monday.zip", zipped((moodle("A", 1), notebook("evening"), EVENING), (*ben, NOON)))
    by_mail = course.download("mail.zip", zipped((moodle("A", 1), notebook("by mail"), NOON)))
    sunday = course.download("sunday.zip", zipped((moodle("A", 1), notebook("noon"), NOON), (*ben, NEXT_DAY)))
    course.collect(monday)
    course.collect(by_mail)
    assert status(course.collect(sunday), "A_1")[0] == "earlier"
    assert course.submitted()["a-1"] == "by mail"
    assert course.earlier("a-1") == {"evening", "noon"}


# nbgrader's own commands


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
    assert (course.root / "submitted/b-2/ex04/timestamp.txt").read_text() == "2026-05-10 20:00:00"
    (archive / "june.zip").write_bytes(
        zipped((moodle("A", 1), notebook("2"), NEXT_DAY), (moodle("C", 3), notebook("c"), NOON))
    )
    (archive / "may.zip").rename(course.root / "may.zip")
    zip_collect("--force")
    (course.root / "may.zip").rename(archive / "may.zip")
    before = course.tree()
    assert course.submitted() == {"a-1": "2", "b-2": "b", "c-3": "c"}
    assert course.earlier("a-1") == {"1"}
    assert {line["status"] for line in course.collect(archive, code=1)} == {"same", "earlier", "not taken"}
    assert course.tree() == before


def test_the_exchange_from_release_to_grade(
    tmp_path: Path, nbgrader: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a course on one machine: released, fetched, handed in twice, collected twice, graded."""
    root, home, exchange = tmp_path / "course", tmp_path / "home", tmp_path / "exchange"
    shutil.copytree(ROOT / "source/ex04", root / "source/ex04")
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
    for name in (f"a<b+ex04+{now}+x", "ben+ex04+soon+x", f"linked+ex04+{now}+x"):
        shutil.copytree(home / "ex04", inbound / name)
    (inbound / f"linked+ex04+{now}+x" / "secret").symlink_to(root / "secret")
    shutil.copy(root / "source/ex04" / NAME, home / "ex04" / NAME)
    nbgrader("submit", "ex04", *student, root=root)
    done = nbgrader("collect", "ex04", "--update", *common, root=root)
    assert "Traceback" not in done.stderr
    assert done.stderr.count("Not collected: ") == 3
    assert os.listdir(root / "submitted") == ["amira"]
    assert (handed_in / NAME).read_bytes() == (root / "source/ex04" / NAME).read_bytes()
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
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        late = {name: book.find_submission("ex04", name).total_seconds_late for name in ("b-2", "c-3")}
    assert late == {"b-2": 7200, "c-3": 0}
