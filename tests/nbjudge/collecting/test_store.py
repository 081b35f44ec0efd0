"""Nothing that lies there is overwritten, and no link is written through."""

import errno
import os
import stat
import sys
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from typer.testing import CliRunner

from nbjudge.collecting.shares import MAX_BYTES_BESIDE
from nbjudge.collecting.store import Store
from nbjudge.course.course import Course as RealCourse
from tests.support.downloads import NAME, NEXT_DAY, Course, app, moodle, notebook, status, zipped


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
    assert [path.read_text() for path in course.root.glob("earlier/amira/ex04/*/notes.txt")] == ["precious"]
    course.download("old/amira/" + NAME, notebook("by hand"))
    assert [line["status"] for line in course.collect(course.root.parent / "downloads/old")] == ["earlier"]
    assert course.submitted() == {"amira": "new"}


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


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no rights of groups in this form")
@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared"])
def test_nobody_but_those_who_grade_reads_a_secret(course: Course, shared: bool) -> None:
    """By it nbgrader calls pages in the exchange: who has another's can take their place."""
    store = Store(RealCourse(CourseDirectory(root=str(course.root), groupshared=shared)), "ex04")
    names = (NAME, "timestamp.txt", "submission_secret.txt", "deep/submission_secret.txt")
    files = {name: course.download(name, notebook("x")) for name in names}
    before = os.umask(0o002)
    try:
        store.put("ann", files, None)
        store.put("ann", files, None)
        store.keep("ben", files, "a key", None)
    finally:
        os.umask(before)
    folders = [course.root / "submitted/ann/ex04", *course.root.glob("earlier/*/ex04/*")]
    assert len(folders) == 3
    for folder in folders:
        rights = {name: stat.S_IMODE((folder / name).stat().st_mode) for name in names}
        assert rights.pop("submission_secret.txt") == (0o660 if shared else 0o600)
        assert set(rights.values()) == {0o664}, "the others' are as they were"


def put_in_the_way(place: Path, kind: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "link":
        place.symlink_to(place.parents[2])
    else:
        place.write_text("")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes")
@pytest.mark.parametrize("place", ["submitted/b-2", "submitted/b-2/ex04", "earlier/b-2", "earlier/b-2/ex04"])
@pytest.mark.parametrize("kind", ["file", "pipe", "link"])
@pytest.mark.parametrize("dry", [(), ("--dry-run",)], ids=["", "dry"])
def test_what_is_in_one_students_way_keeps_nobody_elses_from_theirs(
    course: Course, place: str, kind: str, dry: tuple[str, ...]
) -> None:
    put_in_the_way(course.root / place, kind)
    if place.startswith("earlier"):  # something has to go there
        lying = course.root / "submitted/b-2/ex04"
        lying.mkdir(parents=True)
        (lying / NAME).write_bytes(notebook("before"))
    download = course.download(
        "all.zip", zipped(*((moodle(name, n + 1), notebook(name)) for n, name in enumerate("ABC")))
    )
    lines = {line["student"]: line for line in course.collect(download, *dry, code=None)}
    assert (lines["a-1"]["status"], lines["c-3"]["status"]) == ("taken", "taken")
    if place == "submitted/b-2":
        what = "is a link" if kind == "link" else "is no folder"
        assert (lines["b-2"]["status"], lines["b-2"]["said"]) == ("not taken", f"{place} {what}; remove it")
    elif place != "submitted/b-2/ex04" and not dry:
        assert lines["b-2"]["status"] == "not taken"
        assert lines["b-2"]["said"].startswith("it can't be put into the folders of b-2: ")
        assert course.submitted()["b-2"] == "before"
    if not dry:
        assert {"a-1": "A", "c-3": "C"}.items() <= course.submitted().items()


def test_an_error_of_the_machine_is_nobodys(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or else each student would read that the disk is full."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Store, "put", full)
    path = course.download("a.zip", zipped((moodle("A", 1), notebook("x"))))
    done = CliRunner().invoke(app, ["collect", "ex04", str(path)])
    assert isinstance(done.exception, OSError)  # which the command says in a sentence
    assert "not taken" not in done.output


def test_modules_with_holes_beside_a_submission_are_not_copied_without_end(course: Course) -> None:
    for number in range(40):
        place = course.root / f"submitted/a-1/ex04/m{number:02}.py"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
        os.truncate(place, 10 * 2**20)
    (course.root / "submitted/a-1/ex04" / NAME).write_bytes(notebook("before"))
    store = Store(RealCourse.here(course.root), "ex04")
    copies = store.others("a-1", {"another.ipynb": course.root / "x"}, course.root.parent)
    assert sum(path.stat().st_size for name, path in copies.items() if name != NAME) <= MAX_BYTES_BESIDE
    assert store.submission("a-1").helpers["m39.py"] == "too large"
