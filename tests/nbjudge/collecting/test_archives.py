"""Hostile downloads."""

import os
import stat
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from nbjudge.collecting.archives import Walk
from nbjudge.collecting.shares import Share
from tests.support.downloads import NAME, NOON, Course, moodle, notebook, status, zipped


def encrypted() -> bytes:
    content = bytearray(zipped((moodle("A", 1), notebook("x"))))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    return bytes(content)


def damaged() -> bytes:
    content = bytearray(zipped((moodle("A", 1), notebook("x") * 99, NOON)))
    content[120:140] = b"\xff" * 20
    return bytes(content)


def nested(depth: int) -> bytes:
    content = zipped((NAME, notebook("x")))
    for _ in range(depth):
        content = zipped(("deeper.zip", content))
    return zipped((moodle("A", 1, "hw.zip"), content))


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
    make, remark = HOSTILE[name]
    paths = course.download("bad.zip", make()), course.download("good.zip", zipped((moodle("Good", 5), notebook("g"))))
    before = course.tree()
    lines = course.collect(*paths, code=1)
    assert remark in status(lines, "bad.zip")[1]
    assert course.submitted() == {"good-5": "g"}
    assert {path for path in course.tree() if path not in before} == {
        str(course.root / "submitted/good-5/ex04" / NAME),
    }


def test_unpacking_ends_at_the_limit_for_one_student(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbjudge.collecting.archives.Share", partial(Share, size=2**20))
    big = [(f"{n}.ipynb", notebook(str(n)) + os.urandom(2**17).hex().encode()) for n in range(6)]
    lines = course.collect(course.download("a.zip", zipped((moodle("A", 1, "hw.zip"), zipped(*big)))), code=1)
    assert len([line for line in lines if "unpack to more than" in line["said"]]) == 1
    assert not any("5.ipynb" in line["file"] for line in lines)


def test_no_more_is_copied_than_may_be_read(course: Course, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("nbjudge.collecting.archives.MAX_FILE", 1000)
    (tmp_path / "staging").mkdir()
    path = course.download("a.zip", zipped((moodle("A", 1), os.urandom(2**20))))
    walk = Walk(tmp_path / "staging", lambda entry: "a" if entry.name else "")
    assert [entry.refused[:18] for entry in walk.through(path)] == ["the file is larger"]
    assert not list((tmp_path / "staging").iterdir())


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


@pytest.mark.parametrize("in_a_folder", [True, False])
def test_a_student_whose_name_begins_with_a_dot_is_no_hidden_file(course: Course, in_a_folder: bool) -> None:
    if in_a_folder:
        path = course.download(f"all/{moodle('.Eve', 7)}", notebook("eve")).parents[1]
    else:
        path = course.download("all.zip", zipped((moodle(".Eve", 7), notebook("eve")), (".hidden/x.ipynb", b"x")))
    course.collect(path)
    assert course.submitted() == {"eve-7": "eve"}
