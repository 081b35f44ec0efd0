"""`course forget`: nothing of a student stays, and nothing of anybody else goes."""

import base64
import bz2
import json
import lzma
import os
import re
import sqlite3
import struct
import sys
import tracemalloc
import unicodedata
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from nbjudge.authoring.readings import SLICE
from nbjudge.cli import application
from nbjudge.course.errors import CourseError
from nbjudge.course.student_ids import short_name
from nbjudge.course.untrusted_folder import UntrustedFolder, remove
from nbjudge.forgetting import shares
from nbjudge.forgetting.names import Names
from tests.support.downloads import NAME, NOON, moodle, notebook, zipped
from tests.support.gradebooks import DUE, Course, write

app = application()
ADA, BEN = "ge11ada", "ge22ben"
TEXT = b"worked together with Ada Lovelace"


@pytest.fixture
def course(tmp_path: Path, empty_gradebook: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A term of two students, with all that commands write."""
    monkeypatch.chdir(tmp_path)
    course = Course(tmp_path, empty_gradebook)
    for student, first, last in ((ADA, "Ada", "Lovelace"), (BEN, "Ben", "Nevis")):
        about = {"at": DUE + timedelta(hours=1), "penalty": 1.0}  # a report names who was late
        course.add(
            student, (3.0, 2.0), **about, first_name=first, last_name=last, email=f"{first.lower()}@university.example"
        )
        course.add_page(student, f"a page for {first} {last}")
        for folder in ("submitted", "earlier", "refused"):
            write(tmp_path / folder / student / "ex04" / NAME, "{}")
        kept = f"grounds/{student}.json", f"intake/{student}.json", f"evidence/{student}.evidence"
        for name in (f"{student}.json", f"locks/{student}", *kept):
            write(tmp_path / ".grading/ex04" / name, "{}")
    course.book.close()
    entries = {student: {"name": f"{student}_7_assignsubmission_file_", "lms": "moodle"} for student in (ADA, BEN)}
    write(tmp_path / "collected/ex04.json", json.dumps(entries))
    write(tmp_path / "collected/times/ex04.json", json.dumps({ADA: {}, BEN: {}}))
    for arguments in (["export", "ex04"], ["export", "ex04", "--layout", "moodle"], ["report", "ex04"]):
        assert CliRunner().invoke(app, arguments).exit_code == 0
    assert CliRunner().invoke(app, ["feedback", "ex04", "--no-generate"]).exit_code == 0
    return course


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_nothing_of_a_student_stays_and_nothing_of_another_goes(course: Course) -> None:
    before = files(course.root)
    done = CliRunner().invoke(app, ["forget", ADA, "--yes"])
    assert done.exit_code == 0, done.output
    assert "Nothing in the course names them." in done.output
    gone = before - files(course.root)
    assert all(ADA in name or name.endswith((".csv", ".html", ".zip")) for name in gone), gone
    assert {name for name in gone if ADA not in name} == {
        "ex04-csv.csv",
        "ex04-moodle.csv",
        "report-ex04.html",
        "feedback/ex04-folders.zip",
    }
    for path in files(course.root):
        content = (course.root / path).read_bytes()
        for name in (ADA, "Lovelace", "ada@university"):
            assert name.encode() not in content, (name, path)
    for name in ("ex04.json", "times/ex04.json"):
        assert list(json.loads((course.root / "collected" / name).read_text())) == [BEN]
    with sqlite3.connect(course.root / "gradebook.db") as database:
        (grades,) = database.execute("select count(*) from grade").fetchone()
        assert database.execute("select id from student").fetchall() == [(BEN,)]
    assert grades == 2


def test_it_says_first_what_it_will_do_and_asks(course: Course) -> None:
    before = files(course.root)
    done = CliRunner().invoke(app, ["forget", ADA], input="n\n")
    assert done.exit_code == 1
    said = " ".join(done.output.split())
    for what in (
        "in the gradebook",
        f"submitted/{ADA}",
        "their entry in collected/ex04.json",
        "report-ex04.html, which",
    ):
        assert what in said
    assert BEN not in said
    assert files(course.root) == before


def a_document(text: bytes) -> bytes:
    return zipped(("word/document.xml", b"<w>" + text + b"</w>"))


STILL_NAMED = {
    "plain": ("notes.txt", TEXT),
    "base64": ("notes.txt", base64.b64encode(b"  " + TEXT)),
    "compressed": ("notes.bin", zlib.compress(TEXT)),
    "document": ("essay.docx", a_document(TEXT)),
    "archive in an archive": ("more.zip", zipped(("a/essay.odt", a_document(TEXT)))),
    "folder of a program": ("node_modules/x.txt", TEXT),
    "compiled": ("__pycache__/x.txt", TEXT),
    "a repository": (".git/x", TEXT),
    "half a letter": ("x.json", rb"\ud800 " + TEXT.replace(b"Ada", rb"\u0041da")),
    "two halves": ("x.json", rb"\ud840\udc00, " + TEXT.replace(b"Ada", rb"\u0041da")),
    "called like a database": ("notes.sqlite.md", TEXT.upper()),
    "base64, called like a database": ("x.db", base64.b64encode(b"  " + TEXT)),
    "archive, called like a database": ("x.db.zip", zipped(("a.txt", TEXT))),
    "beside a letter that is none": ("x.txt", b"&#" + b"1" * 5000 + b"; " + TEXT.replace(b"Ada", b"&#65;da")),
    "packed, behind such a letter": ("x.zip", zipped(("a", b"&#" + b"1" * 5000 + b";"), ("b", TEXT))),
    "in a picture of a notebook": (
        "x.ipynb",
        b'{"a": "a\\n<b>&lt;%", "png": "' + base64.b64encode(b"\x89PNG...." + zlib.compress(b"  " + TEXT)) + b'"}',
    ),
    "beside bytes that are no text": ("x.bin", b"\xff" + TEXT.replace(b"Ada", "Ådå".encode()) + b"; " + TEXT),
    "at the edge of a slice": ("x.json", b"." * (SLICE - 4) + TEXT.replace(b"Ada", rb"\u0041\u0064\u0061")),
}


@pytest.mark.parametrize("form", ["zip", "name", *STILL_NAMED])
def test_what_is_still_there_is_named(course: Course, form: str) -> None:
    other = {
        "zip": ("download.zip", zipped((moodle("Ada Lovelace", 7), notebook("x"), NOON))),
        "name": (f"backup/{ADA}.txt", b""),
        **{form: (f"submitted/{BEN}/ex04/{name}", content) for form, (name, content) in STILL_NAMED.items()},
    }
    name, content = other[form]
    (course.root / name).parent.mkdir(parents=True, exist_ok=True)
    (course.root / name).write_bytes(content)
    done = CliRunner().invoke(app, ["forget", ADA, "--yes"])
    assert done.exit_code == 1
    assert f"still named in {name}" in " ".join(done.output.split())
    assert (course.root / name).exists(), "it may be another's"


def test_letters_beyond_ascii_are_found_between_other_bytes(course: Course) -> None:
    """As in a picture, or in a text with one letter in another encoding."""
    write(course.root / "submitted/Änne/ex04" / NAME, "{}")
    (course.root / f"submitted/{BEN}/ex04/x.bin").write_bytes(b"\xff\x00" + "with Änne".encode())
    done = CliRunner().invoke(app, ["forget", "Änne", "--yes"])
    assert f"still named in submitted/{BEN}/ex04/x.bin" in " ".join(done.output.split())


@pytest.mark.parametrize("name", ["downloads/ex04/ben/.git/x", "downloads/ben/node_modules/x", "downloaded/.venv/x"])
def test_folders_of_programs_are_passed_over_only_where_the_course_has_them(course: Course, name: str) -> None:
    for path in (name, ".git/x", ".venv/x"):
        (course.root / path).parent.mkdir(parents=True)
        (course.root / path).write_bytes(TEXT)
    said = " ".join(CliRunner().invoke(app, ["forget", ADA, "--yes"]).output.split())
    assert f"still named in {name} 1 files and folders are left" in said


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no such file")
@pytest.mark.parametrize("kind", ["pipe", "link"])
def test_what_is_swapped_between_look_and_use_is_not_waited_for(
    course: Course, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = course.root / f"submitted/{BEN}/ex04/swapped"
    if kind == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to("/dev/zero")
    about = UntrustedFolder.about

    def before(folder: UntrustedFolder, name: str) -> os.stat_result | None:
        return os.stat(__file__) if name == place.name else about(folder, name)

    monkeypatch.setattr(UntrustedFolder, "about", before)
    done = CliRunner().invoke(app, ["forget", ADA, "--yes"])
    assert f"not looked into: submitted/{BEN}/ex04/swapped: it can't be read" in " ".join(done.output.split())


@pytest.mark.parametrize("form", ["folder", "link", "target"])
def test_who_is_named_by_no_file_is_named(course: Course, form: str) -> None:
    place = course.root / f"submitted/{BEN}/ex04"
    left_there = place / (f"of {ADA}" if form != "target" else "notes")
    if form == "folder":
        left_there.mkdir()
    else:
        left_there.symlink_to(f"/home/{ADA}/x" if form == "target" else "/tmp")
    done = CliRunner().invoke(app, ["forget", ADA, "--yes"])
    assert done.exit_code == 1
    assert f"still named in {left_there.relative_to(course.root)}" in " ".join(done.output.split())


def test_whoever_was_forgotten_can_be_looked_for_again(course: Course) -> None:
    note = course.root / f"submitted/{BEN}/ex04/notes.txt"
    note.write_text(f"with {ADA}")
    for again in ("Deleted.", f"Nothing is kept of {ADA}."):
        done = CliRunner().invoke(app, ["forget", ADA, "--yes"])
        assert done.exit_code == 1
        assert again in done.output
        assert f"still named in submitted/{BEN}/ex04/notes.txt" in " ".join(done.output.split())
    note.unlink()
    done = CliRunner().invoke(app, ["forget", ADA, "--yes"])
    assert f"nothing is kept of {ADA}, and nothing names them" in str(done.exception)


def test_a_gradebook_that_cannot_be_written_anew_is_named_and_all_else_goes(course: Course) -> None:
    def full(*arguments: object, **settings: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sqlite3, "connect", full)
        for _ in range(2):
            done = CliRunner().invoke(app, ["forget", ADA, "--yes"])
            assert done.exit_code == 1
            assert not done.exception or isinstance(done.exception, SystemExit)
            said = " ".join(done.output.split())
            assert "not deleted: gradebook.db: it still holds what was deleted in it (database or disk is full)" in said
    assert not [name for name in files(course.root) if ADA in name]
    done = CliRunner().invoke(app, ["forget", ADA, "--yes"])
    assert f"nothing is kept of {ADA}, and nothing names them" in str(done.exception)
    assert ADA.encode() not in (course.root / "gradebook.db").read_bytes()


def deep(folder: Path, depth: int = 3000) -> None:
    """Folders so deep that their path is longer than any that the system takes."""
    folder.mkdir(parents=True)
    inner = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=inner)
        outer, inner = inner, os.open("d", os.O_RDONLY, dir_fd=inner)
        os.close(outer)
    os.close(inner)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, paths are short")
@pytest.mark.parametrize("student", [ADA, BEN])
def test_very_deep_folders_stop_nobodys_forgetting(course: Course, student: str) -> None:
    for step in ("submitted", "earlier"):
        deep(course.root / step / BEN / "ex04/x")
    done = CliRunner().invoke(app, ["forget", student, "--yes"])
    try:
        assert not [path for path in course.root.glob(f"*/{student}") if path.parent.name != ".grading"]
        said = " ".join(done.output.split())
        assert done.exit_code == (student == ADA), said
        assert ("more than 100 folders, one in the other" in said) == (student == ADA)
    finally:
        for step in ("submitted", "earlier"):  # pytest itself couldn't
            remove(course.root / step / BEN)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, paths are short")
def test_a_very_deep_folder_that_was_put_in_the_place_of_ours_is_deleted(tmp_path: Path) -> None:
    deep(tmp_path / "ours")
    with UntrustedFolder.at(tmp_path) as folder:
        folder.remove("ours")
    assert not (tmp_path / "ours").exists()


def test_a_gradebook_of_the_platforms_own_stays_and_is_named(course: Course) -> None:
    """It begins as our export does, and nobody can make it again."""
    write(course.root / "source/ex04" / NAME, "{}")
    for kind in ("canvas", "csv"):
        assert CliRunner().invoke(app, ["export", "ex04", "--layout", kind]).exit_code == 0
    ours, theirs = course.root / "ex04-canvas.csv", course.root / "canvas-final-grades.csv"
    theirs.write_text(f"Student,ID,SIS User ID,SIS Login ID,Section,ex04 (7),Exam (8)\nAda,1,{ADA},,A,9,88\n")
    worksheet = course.root / "worksheet.csv"
    worksheet.write_text(f'Identifier,"Full name","ID number",Status,Grade\n"Participant 1",Ada,{ADA},x,\n')
    done = CliRunner().invoke(app, ["forget", ADA, "--yes"])
    assert done.exit_code == 1
    assert theirs.exists()
    assert worksheet.exists()
    assert not ours.exists()
    for path in (theirs, worksheet):
        assert f"still named in {path.name}" in " ".join(done.output.split())


def test_a_link_is_taken_away_and_not_followed(course: Course) -> None:
    elsewhere = course.root.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    (elsewhere / "kept").write_text("")
    (course.root / "earlier" / "ge33eve").symlink_to(elsewhere)
    assert CliRunner().invoke(app, ["forget", "ge33eve", "--yes"]).exit_code == 0
    assert (elsewhere / "kept").exists()
    assert not (course.root / "earlier/ge33eve").is_symlink()


@pytest.mark.parametrize(
    ("student", "said"), [("nobody", "nothing is kept of nobody"), ("../source", "is no student's id")]
)
def test_a_mistake_ends_in_one_sentence(course: Course, student: str, said: str) -> None:
    before = files(course.root)
    done = CliRunner().invoke(app, ["forget", student, "--yes"])
    assert isinstance(done.exception, CourseError)
    assert said in str(done.exception)
    assert files(course.root) == before


def far_away() -> bytes:
    """A zip file of one entry, of which it says that it lies behind all that a file can hold."""
    extra = struct.pack("<HHQ", 1, 8, 2**63)
    about = (0x02014B50, 20, 20, 0x800, 0, 0, 33, 0, 3, 3, 1, len(extra), 0, 0, 0, 0, 2**32 - 1)
    table = struct.pack("<IHHHHHHIIIHHHHHII", *about) + b"a" + extra
    return table + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, len(table), 0, 0)


def unpacked_in_vain() -> bytes:
    """Many places at which something packed begins: millions of bytes, and then an error."""
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packing.compress(bytes(4_990_000)) + packing.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\x08aaaaaa" * 200 + b"\0" + packed + b"\xff\xff\xff\xff"


IN_VAIN = unpacked_in_vain()
NOT_LOOKED_INTO = {
    "bomb.zip": (None, "there is so much in it"),
    "x.zip": (b"no archive", "damaged"),
    "x.7z": (b"7z\xbc\xaf\x27\x1c", "packed in a way that isn't read"),
    "x.bz2": (bz2.compress(TEXT), "packed in a way that isn't read"),
    "far.zip": (far_away(), "damaged"),
    "x.docx": (zipped(("a", TEXT)).replace(b"PK\x01\x02", b"PK\x01\x03"), "damaged"),
    "x.lzma": (lzma.compress(TEXT, format=lzma.FORMAT_ALONE), "packed in a way that isn't read"),
    "in_vain.bin": (IN_VAIN, "there is so much in it"),
    "in_vain.zip": (zipped(*((f"{n}", IN_VAIN) for n in range(20))), "there is so much in it"),
    "starts.bin": (b"x\x9c\xff" * 10_001 + zlib.compress(TEXT), "there is so much in it"),
}


@pytest.mark.parametrize("name", NOT_LOOKED_INTO)
def test_what_is_not_looked_into_is_named(course: Course, name: str) -> None:
    content, why = NOT_LOOKED_INTO[name]
    if content is None:  # made here only, as it takes a second
        content = zipped(*((f"{n}", bytes(10**8)) for n in range(3)))
    (course.root / "submitted" / BEN / "ex04" / name).write_bytes(content)
    done = CliRunner().invoke(app, ["forget", ADA, "--yes"])
    assert done.exit_code == 1
    said = " ".join(done.output.split())
    assert f"not looked into: submitted/ge22ben/ex04/{name}: {why}" in said
    assert "Nothing else in the course names them." in said


def test_what_one_student_has_takes_no_time_from_the_rest(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """So much is unwrapped of it, and no more; of the others, all is."""
    monkeypatch.setattr(shares, "MOST_OF_ONE", 100_000)
    for number in range(20):
        write(course.root / f"submitted/{BEN}/ex04/{number:02}.txt", "".join(f"{number}&lt;{n}" for n in range(2_000)))
    write(course.root / "submitted/ge33cem/ex04/notes.txt", base64.b64encode(b"  " + TEXT).decode())
    done = CliRunner().invoke(app, ["forget", ADA, "--yes"])
    said = " ".join(done.output.split())
    assert "still named in submitted/ge33cem/ex04/notes.txt" in said
    assert f"not looked into: submitted/{BEN}/ex04/00.txt" not in said
    assert re.search(rf"not looked into: submitted/{BEN}/ex04/0[1-9].txt and 1\d more: there is so much", said)


def test_of_one_student_no_more_is_read_than_is_ever_collected(course: Course) -> None:
    """Files with holes take no room on a disk, and time to look through."""
    for number in range(3):
        place = course.root / f"submitted/{BEN}/ex04/{number}.bin"
        place.touch()
        os.truncate(place, 40 * 2**20)
    write(course.root / "submitted/ge33cem/ex04/notes.txt", f"with {ADA}")
    said = " ".join(CliRunner().invoke(app, ["forget", ADA, "--yes"]).output.split())
    assert f"not looked into: submitted/{BEN}/ex04/2.bin: the student's files are larger than 100 MB" in said
    assert "still named in submitted/ge33cem/ex04/notes.txt" in said


MANY_ZEROS = zipped(*((f"{n}", bytes(10**7)) for n in range(10)))
HIDING = zipped(("a.txt", TEXT))


@pytest.mark.parametrize(
    "files",
    [
        {"download.zip": zipped((moodle("Ben", 1, "a.zip"), MANY_ZEROS), (moodle("Cem", 2, "a.zip"), HIDING))},
        {"download.zip": zipped((moodle("Ben", 1, "/a.zip"), MANY_ZEROS), (moodle("Cem", 2, "/a.zip"), HIDING))},
        {"downloads/ex04/ben/a.zip": MANY_ZEROS, "downloads/ex04/cem/a.zip": HIDING},
        {"downloaded/ex04/archive/ben.zip": MANY_ZEROS, "downloaded/ex04/archive/cem.zip": HIDING},
    ],
    ids=["files", "folders", "unpacked", "for nbgrader"],
)
def test_in_a_download_one_student_takes_nothing_from_the_others(
    course: Course, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares, "START", 10**6)
    for name, content in files.items():
        (course.root / name).parent.mkdir(parents=True, exist_ok=True)
        (course.root / name).write_bytes(content)
    done = CliRunner().invoke(app, ["forget", ADA, "--yes"])
    assert f"still named in {list(files)[-1]}" in " ".join(done.output.split())


@pytest.mark.parametrize(
    "entry", [bytes(10**8), "\U0001f600".encode() + b"abc " * 10**7, "\U0001f600".encode() + rb"\a&l<%" * 10**7]
)
def test_an_entry_of_a_download_takes_no_more_memory_than_there_is(tmp_path: Path, entry: bytes) -> None:
    (tmp_path / "download.zip").write_bytes(zipped((moodle("Ben", 1, "x.txt"), entry)))
    found = Names({"ada"})
    tracemalloc.start()
    try:
        assert not found.are_in(tmp_path / "download.zip", tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 200 * 2**20
    finally:
        tracemalloc.stop()
    assert "there is so much in it" in str(found.not_read)


def test_what_is_so_for_many_files_of_a_student_is_one_line(course: Course) -> None:
    for number in range(50):
        (course.root / f"submitted/{BEN}/ex04/{number:02}.7z").write_bytes(b"7z\xbc\xaf\x27\x1c")
        write(course.root / f"submitted/{BEN}/ex04/{number:02}.txt", f"with {ADA}")
    said = " ".join(CliRunner().invoke(app, ["forget", ADA, "--yes"]).output.split())
    assert f"not looked into: submitted/{BEN}/ex04/00.7z and 49 more: packed" in said
    assert f"still named in submitted/{BEN}/ex04/00.txt and 49 more" in said


def test_one_students_line_hides_no_classmates(course: Course) -> None:
    for folder in ("downloaded/ex04/archive", "downloads/ex04"):
        (course.root / folder).mkdir(parents=True)
        for name in (*(f"a{number:03}.7z" for number in range(5)), "cem.7z"):
            (course.root / folder / name).write_bytes(b"7z\xbc\xaf\x27\x1c")
    for number in range(50):
        write(course.root / f"submitted/{BEN}/{number:02}/x.txt", f"with {ADA}")
    said = " ".join(CliRunner().invoke(app, ["forget", ADA, "--yes"]).output.split())
    assert f"still named in submitted/{BEN}/00/x.txt and 49 more" in said
    for folder in ("downloaded/ex04/archive", "downloads/ex04"):
        assert f"not looked into: {folder}/cem.7z: packed" in said


def test_whatever_can_be_graded_can_be_forgotten(course: Course) -> None:
    """Where `submitted/` is shared, a folder may have letters that turn others around."""
    student = "\u202eeve"
    write(course.root / "submitted" / student / "ex04" / NAME, "{}")
    done = CliRunner().invoke(app, ["forget", student, "--yes"])
    assert done.exit_code == 0
    assert student not in done.output
    assert not (course.root / "submitted" / student).exists()


@pytest.mark.parametrize(
    ("name", "text", "is_named"),
    [
        ("ada", "with Ada.", True),
        ("ada", "with ADA and é", True),
        ("ada", "in Canada", False),
        ("ada", "with Canada, é and ada", True),
        ("skip", "with \u017fKIP", True),
        ("\u212aim", "with kim", True),
        ("i\u015f\u0131k", "with I\u015eIK", True),
        ("\u0131k", "with ik", True),
        ("müller", "with Mu\u0308ller", True),
        ("müller", "with Muller", False),
        ("Jörg Straße", "with JÖRG STRASSE", True),
        ("Jörg Strasse", "with Jörg Straße", True),
        ("Ada Finch", "with Ada \ufb01nch", True),
        ("Ada Lovelace", "with ada  \u00a0lovelace", True),
        ("Ada Lovelace", "with Ada\r\n\tLovelace", True),
        ("Ada Lovelace", r"with Ada\nLovelace", True),
        ("Ada Lovelace", "with AdaLovelace", False),
        ("Ada Lovelace", "with Ada and Lovelace", False),
    ],
)
def test_letters_are_the_same_in_upper_and_lower_case(name: str, text: str, is_named: bool) -> None:
    assert Names({name}).are_in_text(text) == is_named


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_a_name_is_found_in_each_encoding(course: Course, encoding: str) -> None:
    note = course.root / f"submitted/{BEN}/ex04/notes.txt"
    note.write_bytes("Zusammen mit Ada  Lövelace, 1843".encode(encoding))
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        gradebook.add_student("ge33", first_name="Ada", last_name="Lövelace")
    write(course.root / "submitted/ge33/ex04" / NAME, "{}")
    done = CliRunner().invoke(app, ["forget", "ge33", "--yes"])
    assert f"still named in submitted/{BEN}/ex04/notes.txt" in " ".join(done.output.split())


def test_what_python_takes_for_no_zip_file_ends_nothing(course: Course) -> None:
    """It fails at the question whether this is one."""
    module = course.root / f"submitted/{BEN}/ex04/helper.py"
    module.write_bytes(b"x = 1  # " + struct.pack("<4sLQL", b"PK\6\7", 1, 0, 1) + b"PK\5\6" + bytes(18))
    done = CliRunner().invoke(app, ["forget", ADA, "--yes"])
    assert isinstance(done.exception, SystemExit)
    assert f"not looked into: submitted/{BEN}/ex04/helper.py" in " ".join(done.output.split())
    assert not [name for name in files(course.root) if ADA in name]


def test_no_two_ids_have_the_same_short_name() -> None:
    long = "a" * 201
    ids = [long, short_name(long), short_name(short_name(long)), "~", "a"]
    assert len(set(map(short_name, ids))) == len(ids)
    assert short_name("a") == "a"


@pytest.mark.parametrize("student", ["ü" * 90, "각" * 80], ids=["dots", "syllables"])
def test_a_spelling_that_no_file_can_have_is_no_failure(course: Course, student: str) -> None:
    """Taken apart, its letters are more than the 255 bytes of a name."""
    for place in ("submitted", "earlier", "autograded"):
        write(course.root / place / student / "ex04" / NAME, "{}")
    done = CliRunner().invoke(app, ["forget", student, "--yes"])
    assert done.exit_code == 0, done.output
    assert "not deleted" not in done.output
    assert not [path for path in course.root.rglob("*") if student in str(path)]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_has_many_spellings(course: Course, form: str) -> None:
    for student in ("Änne", unicodedata.normalize("NFD", "Änne")):
        write(course.root / "submitted" / student / "ex04" / NAME, "{}")
        write(course.root / f".grading/ex04/{student}.json", "{}")
        with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
            gradebook.add_student(student)
        entries = json.loads((course.root / "collected/ex04.json").read_text())
        (course.root / "collected/ex04.json").write_text(json.dumps({**entries, student: {}}))
    write(course.root / f"submitted/{BEN}/ex04/notes.txt", "by A\u0308nne")
    done = CliRunner().invoke(app, ["forget", unicodedata.normalize(form, "Änne"), "--yes"])
    assert f"still named in submitted/{BEN}/ex04/notes.txt" in " ".join(done.output.split())
    (course.root / f"submitted/{BEN}/ex04/notes.txt").unlink()
    assert not [name for name in files(course.root) if "nne" in name]
    assert "nne" not in (course.root / "collected/ex04.json").read_text()
    assert b"nne" not in (course.root / "gradebook.db").read_bytes().replace(b"Inner", b"").replace(b"inner", b"")


@pytest.mark.parametrize("student", ["ada", "submitted", "ex04"])
def test_folders_may_be_in_another_order(course: Course, student: str) -> None:
    with open(course.root / "nbgrader_config.py", "a") as file:
        file.write("\nc.CourseDirectory.directory_structure = '{nbgrader_step}/{assignment_id}/{student_id}'\n")
    for name in (student, "ben"):
        write(course.root / "submitted/ex04" / name / NAME, "{}")
    CliRunner().invoke(app, ["forget", student, "--yes"])
    assert not (course.root / "submitted/ex04" / student).exists()
    assert (course.root / "submitted/ex04/ben" / NAME).exists()


def test_a_student_may_be_called_any(course: Course) -> None:
    write(course.root / "submitted/any/ex04" / NAME, "{}")
    CliRunner().invoke(app, ["forget", "any", "--yes"])  # other files hold that word
    assert not (course.root / "submitted/any").exists()
