"""What one student hands in costs the collecting of the others neither much time nor their submissions.

Each download holds a hostile student, M, and after it an honest one. Time is that of the processor, and its bound is
some ten times what was measured.
"""

import errno
import io
import os
import struct
import time
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nbjudge.collecting import archives
from nbjudge.collecting.shares import MAX_BYTES, MAX_NOTEBOOKS
from nbjudge.course.errors import CourseError
from tests.support.downloads import NAME, Course, moodle, notebook, raw, text_of, zipped

SECONDS = 10
ROSTER = "student_id,lms_id,name\nm1,1,M\nhonest,2,Honest Student\n"
ROSTER += "".join(f"id{n},{n + 10},{' '.join(f'word{n * k}' for k in range(1, 9))}\n" for n in range(1000))


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    course = Course(tmp_path / "course")
    monkeypatch.chdir(course.root)
    return course


def of(name: str, content: bytes = b"", number: int = 1) -> tuple[str, bytes]:
    return moodle("M", number, name), content


def long_name(piece: str) -> Callable[[], Iterator[tuple]]:
    return lambda: iter([of((piece * 32_000)[:32_000] + ".ipynb", notebook("m"))])


def many(content: bytes) -> Iterator[tuple]:
    """The same zip file 43 times."""
    return (of(f"{number}.zip", content) for number in range(43))


def notebooks() -> Iterator[tuple]:
    for part in range(3):
        names = (f"{part}/{number}/{NAME}" for number in range(1_990))
        yield of(f"hw{part}.zip", zipped(*((name, notebook(name)) for name in names)))


def zeros() -> bytes:
    """10 notebooks of 19 MB, each a hundredth as large as long as it is packed."""
    content = b"".join(b"\0" * 12_000 + os.urandom(120) for _ in range(1_600))
    return zipped(*((f"{number}/{NAME}", content) for number in range(10)))


EXTRA = struct.pack("<HH", 0x9999, 0) * 16_000
MARKS = "a" + "\u0315\u0316" * 16_000  # the order of marks is found by moving each past all others
DOWNLOADS: dict[str, Callable[[], Iterator[tuple]]] = {
    "a name of 32,000 underlines": long_name("_"),
    "a name of 32,000 hyphens": long_name("-"),
    "a name that says (1) 10,000 times": long_name("(1)"),
    "a name that says copy 6,400 times": long_name(" copy"),
    "a name of 16,000 words": long_name("a "),
    "a name of 16,000 numbers": long_name("1_"),
    "a name of 32,000 marks": lambda: iter([of("hw.zip", raw([(f"{MARKS}.ipynb".encode(), b"")]))]),
    "16,000 folders in each other": long_name("a/"),
    "5,970 notebooks": notebooks,
    "43 zip files of zeros": lambda: many(zeros()),
    "43 zip files of 2,000 files": lambda: many(raw([(b"%d.txt" % number, b"") for number in range(2_000)])),
    "43 zip files of long names": lambda: many(
        raw([(b"/".join([b"a_" * 100] * 30) + b"%d.ipynb" % number, b"") for number in range(1_900)])
    ),
    "additions to a table of contents": lambda: many(raw([(b"%d.txt" % number, EXTRA) for number in range(300)])),
    "a table of contents that lies": lambda: many(raw([(b"a.ipynb", b"")] * 40_000)),
}


@pytest.mark.parametrize("roster", [False, True], ids=["without", "with"])
@pytest.mark.parametrize("name", DOWNLOADS)
def test_the_costs_of_one_student_are_bounded_and_their_own(course: Course, name: str, roster: bool) -> None:
    entries = [*DOWNLOADS[name](), (moodle("Honest Student", 2), notebook("honest"))]
    path = course.download("class.zip", zipped(*entries, method=zipfile.ZIP_STORED))
    options = ["--roster", course.download("students.csv", ROSTER.encode())] if roster else []
    begin = time.process_time()
    lines = course.collect(path, *options, code=1)
    assert time.process_time() - begin < SECONDS
    honest = "honest" if roster else "honest-student-2"
    assert text_of(course.root / "submitted" / honest / "ex04" / NAME) == "honest"
    assert [line["status"] for line in lines if line["student"] == honest] == ["taken"]
    assert len([line for line in lines if line["student"] in ("m1", "m-1")]) <= 2_100
    assert len(list(course.root.glob("earlier/*/ex04/*"))) < MAX_NOTEBOOKS


def test_what_is_copied_for_one_student_is_bounded(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = []
    stage = archives.Walk._stage

    def counted(self: Any, *about: Any) -> Any:
        path, digest = stage(self, *about)
        copied.append(path.stat().st_size)
        return path, digest

    monkeypatch.setattr(archives.Walk, "_stage", counted)
    lines = course.collect(course.download("class.zip", zipped(*many(zeros()), method=zipfile.ZIP_STORED)), code=1)
    assert sum(copied) <= MAX_BYTES
    assert "the files of one student unpack to more than 100 MB" in str(lines)


def test_a_folder_of_unpacked_submissions_has_the_same_bounds(course: Course) -> None:
    """There the zip file of a student doesn't lie in another one."""
    course.download("class/M_1_assignsubmission_file_/hw.zip", raw([(b"%d.txt" % n, EXTRA) for n in range(300)]))
    course.download("class/M_1_assignsubmission_file_/2.zip", raw([(b"%d.txt" % n, b"") for n in range(2001)]))
    folder = course.download(f"class/Honest_2_assignsubmission_file_/{NAME}", notebook("honest")).parents[1]
    (folder / "/".join(["deep"] * 60)).mkdir(parents=True)
    begin = time.process_time()
    lines = course.collect(folder, code=1)
    assert time.process_time() - begin < SECONDS
    assert course.submitted() == {"honest-2": "honest"}
    said = {line["file"].split("/")[-1]: line["said"] for line in lines}
    assert said["hw.zip"] == "its table of contents is too large"
    assert said["2.zip"] == "it holds more than 2000 files"
    assert said["deep"] == "its name, or the way to it, is too long"


def test_a_full_disk_ends_the_command_and_blames_nobody(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, _: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archives, "open", lambda *_: Full(), raising=False)
    path = course.download("class.zip", zipped((moodle("A", 1), notebook("a"))))
    before = course.tree()
    with pytest.raises(CourseError, match=r"^copies can't be written to .*: No space left on device\.$"):
        course.collect(path)
    assert course.tree() == before


def test_the_marks_would_have_taken_long() -> None:
    """If Python orders marks in no time, the case above is none any more."""
    times = []
    for length in (4_000, 16_000):
        begin = time.process_time()
        unicodedata.normalize("NFC", MARKS[:length])
        times.append(time.process_time() - begin)
    assert times[1] > 5 * times[0]


def test_python_reads_these_archives() -> None:
    """What is refused here is refused for its costs, and not because it is broken."""
    assert len(zipfile.ZipFile(io.BytesIO(raw([(b"a", EXTRA[:400])] * 3))).infolist()) == 3
