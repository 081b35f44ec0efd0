"""What a student hands in doesn't stand in the place of a feedback page, and keeps nobody from theirs."""

import os
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import notebook_hash
from traitlets.config import Config

from nbjudge.course.notebooks import write
from nbjudge.pages.feedback import FOR_THE_EXCHANGE, LONG_AGO, FeedbackExporter
from nbjudge.pages.same_secrets import Folders, same_secrets

SECRET = "0123456789abcdef" * 8
NOTEBOOKS, STUDENTS = ("a", "b"), ("aaron", "evil", "zoe")


class Short(FeedbackExporter):
    """Its pages need no gradebook."""

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kwargs: Any) -> tuple[str, Any]:
        return nb.cells[0].source, {**resources, "output_extension": ".html"}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Three graded submissions of two notebooks, and beside one of them what it had in its folder."""
    for student in STUDENTS:
        for name in NOTEBOOKS:
            notebook = new_notebook(cells=[new_markdown_cell(f"graded {name} of {student}")])
            write(notebook, tmp_path / f"autograded/{student}/ex/{name}.ipynb")
    return tmp_path


def make_pages(course: Path, *notebooks: str, force: bool = False, **more: object) -> None:
    """As `nbgrader generate_feedback` does, with the pages of one notebook after the other, or all."""
    for notebook in notebooks:
        config = Config()
        config.CourseDirectory.update(root=str(course), assignment_id="ex", notebook_id=notebook, **more)
        config.GenerateFeedback.update(exporter_class=Short, preprocessors=[], force=force)
        GenerateFeedback(coursedir=CourseDirectory(config=config), config=config).start()


def files_of(course: Path, student: str) -> set[str]:
    folder = course / "feedback" / student / "ex"
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def assert_pages(course: Path) -> None:
    for student in STUDENTS:
        for name in NOTEBOOKS:
            page = (course / f"feedback/{student}/ex/{name}.html").read_text()
            assert page == f"graded {name} of {student}"


@pytest.mark.parametrize("notebooks", [NOTEBOOKS, ("*",)], ids=["one by one", "all"])
def test_no_file_of_a_student_becomes_a_page_or_lies_beside_one(course: Path, notebooks: tuple[str, ...]) -> None:
    graded = course / "autograded/evil/ex"
    for name in ("a.html", "b.html", "B.HTML", "x.checks.json", "deep/b.html", *FOR_THE_EXCHANGE):
        (graded / name).parent.mkdir(exist_ok=True)
        (graded / name).write_text("PLANTED")
    (graded / "timestamp.txt").write_text("2024-05-02 12:00:00 UTC")
    make_pages(course, *notebooks)
    assert_pages(course)
    assert files_of(course, "evil") == {"a.html", "b.html", *FOR_THE_EXCHANGE}, "and what release_feedback needs"
    assert files_of(course, "zoe") == {"a.html", "b.html", *FOR_THE_EXCHANGE}, "also where nothing of it came in"


@pytest.mark.parametrize("notebooks", [NOTEBOOKS, ("*",)], ids=["one by one", "all"])
@pytest.mark.parametrize("force", [False, True], ids=["missing", "anew"])
def test_what_is_no_page_keeps_nobody_from_theirs(course: Path, notebooks: tuple[str, ...], force: bool) -> None:
    (course / "autograded/evil/ex/b.html/deep").mkdir(parents=True)
    (course / "autograded/evil/ex/b.html/deep/x").write_text("x")
    make_pages(course, *notebooks, force=force)
    assert_pages(course)


def put(place: Path, content: bytes | str | None) -> None:
    """A file; a folder if ``content`` is text; or nothing."""
    if isinstance(content, bytes):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    elif content is not None:
        (place / content).mkdir(parents=True)


@pytest.mark.parametrize("handed_in", [None, "folder", b"", b" \n", b"\xff\xfe\xff", b"two words", b"x" * 2000])
def test_a_secret_that_nbgrader_would_stop_at_is_replaced(course: Path, handed_in: bytes | str | None) -> None:
    put(course / "autograded/evil/ex/submission_secret.txt", handed_in)
    put(course / "feedback/evil/ex/submission_secret.txt", handed_in)  # from an earlier version
    make_pages(course, *NOTEBOOKS)
    secret = (course / "feedback/evil/ex/submission_secret.txt").read_text()
    assert len(secret) == 128
    assert notebook_hash(secret=secret, notebook_id="a")
    make_pages(course, *NOTEBOOKS)
    assert (course / "feedback/evil/ex/submission_secret.txt").read_text() == secret, "the page stays where it is"


@pytest.mark.parametrize("handed_in", [None, "folder", b"", b"soon", b"\xff\xfe\xff", b"9999-99-99"])
def test_a_time_that_nbgrader_would_stop_at_is_replaced(course: Path, handed_in: bytes | str | None) -> None:
    put(course / "autograded/evil/ex/timestamp.txt", handed_in)
    make_pages(course, "*")
    assert (course / "feedback/evil/ex/timestamp.txt").read_text() == LONG_AGO


def test_a_time_is_written_in_nbgraders_words(course: Path) -> None:
    """The command's log shows the file as it is."""
    put(course / "autograded/evil/ex/timestamp.txt", b"2026-05-10 20:00 UTC" + b"\n" * 10)
    make_pages(course, "*")
    assert (course / "feedback/evil/ex/timestamp.txt").read_text() == "2026-05-10 20:00:00.000000 UTC"


@pytest.mark.parametrize("handed_in", [None, "folder", b""])
@pytest.mark.parametrize("name", FOR_THE_EXCHANGE)
def test_what_is_missing_in_one_submission_keeps_nobodys_page_from_the_exchange(
    course: Path, nbgrader: Callable, name: str, handed_in: bytes | str | None
) -> None:
    """`nbgrader release_feedback` stops at the first page that has no secret or no time."""
    put(course / "autograded/evil/ex" / name, handed_in)
    make_pages(course, "*")
    exchange = course / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    nbgrader("release_feedback", "ex", f"--Exchange.root={exchange}", "--CourseDirectory.course_id=c", root=course)
    assert len(list((exchange / "c/feedback").iterdir())) == len(STUDENTS) * len(NOTEBOOKS)


def test_a_secret_stays_as_nbgrader_wrote_it(course: Path) -> None:
    (course / "autograded/zoe/ex/submission_secret.txt").write_text(SECRET)
    make_pages(course, *NOTEBOOKS)
    assert (course / "feedback/zoe/ex/submission_secret.txt").read_text() == SECRET


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no rights of groups in this form")
@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared"])
def test_nobody_but_those_who_grade_reads_a_secret_beside_pages(course: Path, shared: bool) -> None:
    (course / "autograded/zoe/ex/submission_secret.txt").write_text(SECRET)
    make_pages(course, *NOTEBOOKS, groupshared=shared)
    for student in STUDENTS:
        folder = course / "feedback" / student / "ex"
        rights = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
        assert rights.pop("submission_secret.txt") == (0o660 if shared else 0o600)
        assert set(rights.values()) == {0o664 if shared else 0o644}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no rights of others in this form")
def test_a_secret_beside_pages_is_never_open_to_others(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """nbgrader gives all files in the folder the same rights, and somebody may look at that very moment."""
    (course / "autograded/zoe/ex/submission_secret.txt").write_text(SECRET)
    place, chmod, seen = course / "feedback/zoe/ex/submission_secret.txt", os.chmod, []

    def watched(path: Any, *args: Any, **kwargs: Any) -> None:
        chmod(path, *args, **kwargs)
        if place.exists():
            seen.append(stat.S_IMODE(place.stat().st_mode))

    monkeypatch.setattr(os, "chmod", watched)
    for force in (False, True):
        make_pages(course, *NOTEBOOKS, force=force)
        assert place.read_text() == SECRET
    assert set(seen) <= {0o600}


def test_another_secret_comes_to_a_page_that_stays(course: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever hands in the same with their own secret, after somebody else's, gets a page of their own."""
    for student in ("zoe", "evil"):
        put(course / f"autograded/{student}/ex/submission_secret.txt", SECRET.encode())
        put(course / f"autograded/{student}/ex/timestamp.txt", b"2026-05-10 20:00:00 UTC")
    make_pages(course, "*")
    page = course / "feedback/evil/ex/a.html"
    page.write_text("made before")
    put(course / "autograded/evil/ex/submission_secret.txt", b"another")
    caplog.clear()
    make_pages(course, "*")
    assert (course / "feedback/evil/ex/submission_secret.txt").read_text() == "another"
    assert page.read_text() == "made before"
    assert said_of_secrets(caplog) == []


def test_who_is_left_out_has_no_page_and_ends_nothing(course: Path) -> None:
    for student in STUDENTS:
        put(course / f"autograded/{student}/ex/submission_secret.txt", SECRET.encode())
    make_pages(course, "*", student_id_exclude="evil")
    assert not (course / "feedback/evil").exists()
    assert (course / "feedback/zoe/ex/a.html").exists()


def said_of_secrets(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if "submission_secret" in record.getMessage()]


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_who_handed_in_with_one_secret_is_named_and_all_pages_are_made(
    course: Path, caplog: pytest.LogCaptureFixture, end: str
) -> None:
    """nbgrader reads the ends of lines as one and the same, and calls both pages alike."""
    put(course / "autograded/zoe/ex/submission_secret.txt", (SECRET + ("\n" if end else "")).encode())
    put(course / "autograded/evil/ex/submission_secret.txt", (SECRET + end).encode())
    make_pages(course, "*")
    assert said_of_secrets(caplog) == [
        "evil and zoe handed in with the same submission_secret.txt: only one of them can fetch their page from the "
        "exchange until one of them hands in again."
    ]
    assert_pages(course)
    caplog.clear()
    make_pages(course, "*", force=True, student_id="zoe")
    assert len(said_of_secrets(caplog)) == 1, "also if the page of one of them is made"
    caplog.clear()
    put(course / "autograded/zoe/ex/submission_secret.txt", b"another")
    make_pages(course, "*", force=True)
    assert said_of_secrets(caplog) == []


def test_a_secret_that_gives_a_page_anothers_name_is_the_same(course: Path, caplog: pytest.LogCaptureFixture) -> None:
    """nbgrader makes the name from the secret followed by the notebook's."""
    write(new_notebook(cells=[new_markdown_cell("")]), course / "autograded/zoe/ex/ba.ipynb")
    put(course / "autograded/zoe/ex/submission_secret.txt", SECRET.encode())
    put(course / "autograded/evil/ex/submission_secret.txt", (SECRET + "b").encode())
    make_pages(course, "*")
    assert len(said_of_secrets(caplog)) == 1
    assert said_of_secrets(caplog)[0].startswith("evil and zoe ")


def test_a_class_with_one_secret_is_one_sentence(tmp_path: Path) -> None:
    for number in range(1000):
        folder = tmp_path / f"graded/s{number:04}"
        put(folder / "submission_secret.txt", SECRET.encode())
        put(folder / "a.ipynb", b"")
    folders = [Folders(path.name, path, tmp_path / "none") for path in sorted((tmp_path / "graded").iterdir())]
    begin = time.process_time()
    assert same_secrets(folders) == [
        "s0000, s0001, s0002, s0003, s0004 and 995 more handed in with the same submission_secret.txt: only one of "
        "them can fetch their page from the exchange until all of them but one hand in again."
    ]
    assert time.process_time() - begin < 2


def test_what_an_earlier_version_left_there_is_replaced(course: Path) -> None:
    folder = course / "feedback/evil/ex"
    (folder / "a.html/deep").mkdir(parents=True)
    make_pages(course, *NOTEBOOKS)
    assert_pages(course)
