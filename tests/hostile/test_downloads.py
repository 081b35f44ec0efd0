"""What one student hands in costs the collecting of the others neither much time nor their submissions.

Each download holds a hostile student, M, and after it an honest one. Time is that of the processor, and its bound is
some ten times what was measured.
"""

import errno
import io
import os
import stat
import struct
import time
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from nbjudge.collecting import archives, zip_tables
from nbjudge.collecting.archives import Entry, Step
from nbjudge.collecting.no_owner import NoOwnerError
from nbjudge.collecting.owners import owner_of
from nbjudge.collecting.roster import Roster, Row
from nbjudge.collecting.shares import MAX_BYTES, MAX_ENTRIES, MAX_NOTEBOOKS
from nbjudge.collecting.zip_tables import MAX_CLASS, MAX_ENTRY, MAX_EXTRA, NotReadError
from nbjudge.course.errors import CourseError
from nbjudge.course.files import MAX_NAME
from tests.support.downloads import NAME, NEXT_DAY, NOON, Course, moodle, notebook, raw, text_of, zipped

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
    with pytest.raises(
        CourseError, match=r"^copies can't be written to .*: No space left on device; `course doctor` says more\.$"
    ):
        course.collect(path)
    assert course.tree() == before


def test_where_no_file_can_be_made_nobody_is_blamed_either(course: Course, tmp_path: Path) -> None:
    """As on a disk that has room for bytes, but not for another name."""
    path = course.download("class.zip", zipped((moodle("A", 1), notebook("a"))))
    walk = archives.Walk(tmp_path / "no folder", lambda entry: "a" if entry.name else "")
    with pytest.raises(archives.NoRoomError, match=r"^copies can't be written to "):
        list(walk.through(path))


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


BEN = "Ben Kaya_111_assignsubmission_file_"
CLASS = Roster([Row("ben", "111", "Ben Kaya"), Row("amira", "112", "Amira Nour")])
OF_BEN = [
    # way below what was named, whose it is without a roster, and with one; "" is nobody
    (f"zz unknown.zip/Ben Kaya/{NAME}", "", ""),
    (f"zz unknown.zip/ben/{NAME}", "", ""),
    (f"zz unknown.zip/{BEN}/{NAME}", "", ""),
    (f"zz unknown.zip/ben_{NAME}", "zz unknown", ""),
    (f"late homework of amira.zip/{BEN}/{NAME}", "", ""),
    (f"late homework of amira.zip/kayaben_111_999_{NAME}", "late homework of amira", ""),
    (f"zz unknown/ben/{NAME}", "", ""),
    (f"ex04.zip/ben/{NAME}", "", ""),
    (f"ex04.zip/{BEN}/{NAME}", "", ""),
    (f"downloads.zip/ben/{NAME}", "", ""),
    (f"downloads.zip/{BEN}/{NAME}", "", ""),
    (f"amira/{BEN}/{NAME}", "", ""),
    (f"amira/work.zip/{BEN}/{NAME}", "", ""),
    (f"amira/ex04/{BEN}_{NAME}", "amira", ""),
    (f"amira/kayaben_111_999_{NAME}", "amira", "amira"),
    (f"amira.zip/ben_{NAME}", "amira", "amira"),
    (f"amira.zip/ben/{NAME}", "", ""),
    (f"amira.zip/work/{NAME}", "", "amira"),
    (f"Amira Nour_112_assignsubmission_file_/ben/{BEN}/{NAME}", "amira-nour-112", "amira"),
    (f"nouramira_112_999_hw.zip/{BEN}/{NAME}", "nouramira-112", "amira"),
]


@pytest.mark.parametrize(("way", "without", "with_one"), OF_BEN, ids=[way for way, *_ in OF_BEN])
def test_no_name_that_a_student_chose_makes_it_anothers(way: str, without: str, with_one: str) -> None:
    *folders, name = way.split("/")
    steps = tuple(Step(step, step.endswith(".zip")) for step in ("downloads", *folders))
    for roster, student in ((None, without), (CLASS, with_one)):
        try:
            owner = owner_of(Entry(steps, name), "ex04", roster).student
        except NoOwnerError:
            owner = ""
        assert owner == student


OWN = "student_id,lms_id,name\nben,111,Ben Kaya\namira,112,Amira Nour\n"


def test_an_archive_of_nobody_replaces_nothing_and_is_not_read(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    roster = course.download("../roster.csv", OWN.encode())
    folder = course.download(f"ben/{NAME}", notebook("own")).parents[1]
    course.download("amira.zip", zipped((NAME, notebook("own"))))
    others = [(f"{name}/{NAME}", notebook("forged"), NEXT_DAY) for name in ("Ben Kaya", "Nour Amira")]
    course.download("zz unknown.zip", zipped(*others, *((f"{n}.zip", b"PK") for n in range(3_000))))
    course.download("ben_kaya_final.ipynb", notebook("forged"))
    os.utime(folder / "ben_kaya_final.ipynb", (2e9, 2e9))
    read = []
    entries = archives.Walk._entries

    def noted(self: Any, entry: Entry, *about: Any) -> Iterator[Entry]:
        read.append(entry.name)
        return entries(self, entry, *about)

    monkeypatch.setattr(archives.Walk, "_entries", noted)
    lines = course.collect(folder, "--roster", roster, code=1)
    assert read == ["amira.zip"]
    assert course.submitted() == {"ben": "own", "amira": "own"}
    assert course.earlier("ben") == {"forged"}  # a folder goes before a file that only has the name
    assert [line["file"] for line in lines if not line["student"]] == ["downloads/zz unknown.zip"]


def test_an_entry_that_asks_for_memory_is_not_unpacked(course: Course) -> None:
    """LZMA is told by an entry how much to set aside: here 4 GiB for one notebook."""
    content = bytearray(zipped((moodle("M", 1), notebook("m")), method=zipfile.ZIP_LZMA))
    place = content.index(b"\x09\x04\x05\x00") + 5
    content[place : place + 4] = b"\xff" * 4
    honest = course.download("b.zip", zipped((moodle("Honest", 2), notebook("honest"))))
    lines = course.collect(course.download("a.zip", bytes(content)), honest, code=1)
    assert course.submitted() == {"honest-2": "honest"}
    assert "packed in a way that isn't read" in str(lines)


def test_an_archive_that_takes_all_memory_costs_itself(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(file: IO[bytes], most: int) -> Any:
        if most == MAX_ENTRIES:
            raise MemoryError
        return zip_tables.opened(file, most)

    content = zipped((moodle("M", 1, "hw.zip"), zipped((NAME, notebook("m")))), (moodle("H", 2), notebook("h")))
    monkeypatch.setattr(archives, "opened", no_memory)
    lines = course.collect(course.download("a.zip", content), code=1)
    assert course.submitted() == {"h-2": "h"}
    assert "damaged, or no zip file" in str(lines)


def _entry(extra: int) -> bytes:
    """One of a table of contents, of a file without a name."""
    return b"PK\x01\x02" + bytes(26) + struct.pack("<H", extra) + bytes(14) + bytes(extra)


TABLES = {
    "more entries than a class has": _entry(0) * (MAX_CLASS + 1),
    "additions to an entry": _entry(MAX_EXTRA + 1),
    "all in one": bytes(MAX_ENTRY * MAX_CLASS + 1),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_of_a_table_of_contents_that_can_not_be_meant_nothing_is_read(table: bytes, course: Course) -> None:
    """In the folder in which an instructor puts downloads, and as a download."""
    content = table + b"PK\x05\x06" + bytes(8) + struct.pack("<LLH", len(table), 0, 0)
    assert not zip_tables.has_names_of_a_platform(io.BytesIO(content))
    with pytest.raises(NotReadError), zip_tables.opened(io.BytesIO(content), MAX_CLASS):
        pass
    course.collect(course.download("a.zip", content), code=1)


@pytest.mark.parametrize(
    "name", [f"PK\x01\x02{'z' * 60}.ipynb", "PK\x01\x02" * 40 + ".ipynb", "PK\x05\x06" * 9 + ".ipynb"]
)
def test_a_name_that_looks_like_an_entry_of_the_table_costs_nobody(name: str, course: Course) -> None:
    content = zipped((moodle("M", 1, name), notebook("m")), (moodle("H", 2), notebook("h")))
    course.collect(course.download("a.zip", content), code=None)
    assert course.submitted()["h-2"] == "h"


def test_what_is_wrong_a_thousand_times_is_said_once(course: Course) -> None:
    links = ((f"{n}.ipynb", b"/etc/passwd", NOON, stat.S_IFLNK | 0o777) for n in range(1_990))
    lines = course.collect(course.download("a.zip", zipped((moodle("M", 1, "hw.zip"), zipped(*links)))), code=1)
    assert [line["said"] for line in lines] == ["it is a link, and links aren't followed"]
    assert lines[0]["file"].endswith("/0.ipynb and 1989 more")


INNER_NAMES = {
    "folders of two others": lambda n: (f"s{n % 44}/s{50 + n // 44}/{n}.ipynb", b"{}"),
    "folders of one other": lambda n: (f"s{n % 100}/{n}.ipynb", b"{}"),
    "archives of others": lambda n: (f"s{n % 100}.zip", zipped((f"{n}.ipynb", b"{}"))),
    "archives in folders of others": lambda n: (f"s{n % 44}/s{50 + n // 44}.zip", zipped((f"{n}.ipynb", b"{}"))),
    "a platform's folders of others": lambda n: (f"F{n % 100} L{n % 100}_{n}_assignsubmission_file_/a.ipynb", b""),
    "a platform's folders of nobody": lambda n: (f"Nobody{n}_{n}_assignsubmission_file_/a.ipynb", b""),
    "a platform's files of nobody": lambda n: (f"Nobody{n}_{n}_assignsubmission_file_{n}.ipynb", b""),
}


@pytest.mark.parametrize("handed_in", ["class/me/x.zip", "me.zip", "me_1_assignsubmission_file_x.zip"])
@pytest.mark.parametrize("inner", INNER_NAMES.values(), ids=INNER_NAMES)
def test_what_is_in_an_archive_is_said_once_whatever_it_is_called(
    inner: Callable[[int], tuple[str, bytes]], handed_in: str, course: Course
) -> None:
    roster = "student_id,name\nme,me\n" + "".join(f"s{n},F{n} L{n}\n" for n in range(100))
    download = course.download(handed_in, zipped(*map(inner, range(500))))
    named = download.parents[1] if "/" in handed_in else download
    lines = course.collect(named, "--roster", course.download("roster.csv", roster.encode()), code=1)
    of_mine = [line for line in lines if line["status"] != "missing"]
    assert len(of_mine) <= 2, of_mine[:5]  # also what isn't needed
    assert sum(len(line["said"]) for line in of_mine) < 500


@pytest.mark.parametrize("is_folder", [False, True])
def test_a_name_that_gets_too_long_in_the_one_spelling_costs_nobody_else(course: Course, is_folder: bool) -> None:
    """The letter is two in NFC. So a name that fits into a file system is another one that doesn't."""
    name = "\u0958" * 84
    module = unicodedata.normalize("NFC", name)
    assert len(f"{name}.py".encode()) <= MAX_NAME < len(module.encode())
    files = [(NAME, notebook(f"import {module}")), (f"{name}.py", b"x = 1")]
    if is_folder:
        for path, content in [(f"class/a/{NAME}", notebook("a")), *((f"class/b/{path}", data) for path, data in files)]:
            download = course.download(path, content).parents[1]
    else:
        handed_in = [(moodle("A", 1), notebook("a")), (moodle("B", 2, "hw.zip"), zipped(*files))]
        download = course.download("a.zip", zipped(*handed_in))
    lines = course.collect(download, code=1)
    assert course.submitted().keys() == ({"a", "b"} if is_folder else {"a-1", "b-2"})
    assert [line["said"] for line in lines if line["status"] == "not taken"] == [zip_tables.TOO_LONG]
