"""`course init`: a folder that is complete, or nothing. What is done with it is in tests/test_wheel.py."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nbjudge.authoring import course_folder
from nbjudge.authoring.course_folder import FILES, NewCourseError, create
from tests.support import commands
from tests.support.exercises import course_in


def init(*words: str, cwd: Path) -> subprocess.CompletedProcess:
    return commands.run([sys.executable, "-m", "nbjudge", "init", *words], cwd)


def test_it_says_what_it_made_and_what_comes_next(tmp_path: Path) -> None:
    done = init("my-course", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    *made, last = done.stdout.splitlines()
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert {line.removeprefix("  made ") for line in made} == files
    assert len(files) == len(FILES) + 1
    assert last == "Next: cd my-course   # and there: course new ex01"
    course = course_in(tmp_path / "my-course")
    assert course.config.CourseDirectory.course_id == "my-course"
    assert course.assignments() == []


def test_an_empty_folder_will_do_and_so_will_this_one(tmp_path: Path) -> None:
    folder = tmp_path / "Algebra_1"
    folder.mkdir()
    done = init(".", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "Next: course new ex01"
    assert 'course_id = "Algebra_1"' in (folder / "nbgrader_config.py").read_text()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("full", "full exists and isn't empty (it holds notes.txt); choose another name."),
        ("file", "file exists and is no folder; choose another name."),
        ("dangling", "dangling exists and is no folder; choose another name."),
        ("nowhere/my-course", "there is no folder nowhere to make my-course in; make it first."),
        ("file/my-course", "there is no folder file to make my-course in; make it first."),
        ("my course", "'my course' can't be the name of a course"),
        ("kurs-ä", "'kurs-ä' can't be the name of a course"),
        ('a"b', "can't be the name of a course"),
        ("c" * 61, "can't be the name of a course"),
        ("/", "'' can't be the name of a course"),
    ],
)
def test_what_will_not_do_is_said_in_one_sentence(name: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/notes.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "dangling").symlink_to("gone")
    before = sorted(tmp_path.rglob("*"))
    done = init(name, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("course: ")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("is_new", [True, False])
def test_what_can_not_be_written_leaves_nothing_half_made(
    is_new: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "my-course"
    if not is_new:
        folder.mkdir()
    # the last file is where a file takes the place of a folder
    monkeypatch.setattr(course_folder, "EMPTY", "README.md/.gitkeep")
    with pytest.raises(NewCourseError, match=r"README\.md can't be written: .*\. Nothing was made\.$"):
        create(folder)
    assert folder.exists() != is_new
    assert not list(tmp_path.rglob("my-course/*"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_not_ours_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(NewCourseError, match=r"my-course can't be written: Permission denied\. Nothing was made\.$"):
        create(tmp_path / "my-course")
