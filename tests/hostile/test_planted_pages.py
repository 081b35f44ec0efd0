"""What a student hands in doesn't stand in the place of a feedback page, and keeps nobody from theirs."""

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


def make_pages(course: Path, *notebooks: str, force: bool = False) -> None:
    """As `nbgrader generate_feedback` does, with the pages of one notebook after the other, or all."""
    for notebook in notebooks:
        config = Config()
        config.CourseDirectory.update(root=str(course), assignment_id="ex", notebook_id=notebook)
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
    (course / "autograded/zoe/ex/submission_secret.txt").write_text("0123456789abcdef" * 8)
    make_pages(course, *NOTEBOOKS)
    assert (course / "feedback/zoe/ex/submission_secret.txt").read_text() == "0123456789abcdef" * 8


def test_what_an_earlier_version_left_there_is_replaced(course: Path) -> None:
    folder = course / "feedback/evil/ex"
    (folder / "a.html/deep").mkdir(parents=True)
    make_pages(course, *NOTEBOOKS)
    assert_pages(course)
