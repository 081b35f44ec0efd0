"""Modules of students that come along with their notebook."""

import pytest

from tests.support.downloads import EVENING, NAME, NEXT_DAY, Course, moodle, notebook, status, zipped

IMPORTING = notebook("from my_helper import f\nimport os, my_other as o\nthis is no Python")


def files(course: Course, student: str = "a-1") -> set[str]:
    return {path.name for path in (course.root / "submitted" / student / "ex04").iterdir()} - {"timestamp.txt"}


@pytest.mark.parametrize("place", [moodle("A", 1, ""), "A_1_assignsubmission_file_", "a_111_222_"])
def test_what_the_notebook_imports_comes_along(course: Course, place: str) -> None:
    entries = [
        (f"{place}{NAME}", IMPORTING),
        (f"{place}my_helper.py", b"import further"),
        (f"{place}my_other.py", b"\xff = ("),
        (f"{place}further.py", b"x = 1"),
        (f"{place}unused.py", b"x = 1"),
    ]
    lines = course.collect(course.download("a.zip", zipped(*entries)))
    student = "a-111" if "222" in place else "a-1"
    assert files(course, student) == {NAME, "my_helper.py", "my_other.py", "further.py"}
    assert status(lines, NAME)[1] == "with further.py, my_helper.py, my_other.py, which it imports"


@pytest.mark.parametrize("name", ["numpy", "os", "exercise_code", "nbgrader_config", "data", "nbprobe"])
def test_none_hides_a_module_of_the_course_or_of_python(course: Course, name: str) -> None:
    (course.root / "exercise_code").mkdir()
    (course.root / "source/ex04/data.py").write_text("")
    entries = [(moodle("A", 1), notebook(f"import {name}")), (moodle("A", 1, f"{name}.py"), b"evil = 1")]
    lines = course.collect(course.download("a.zip", zipped(*entries)))
    assert files(course) == {NAME}
    assert f"without {name}.py: the course has, or Python has, a module of this name" in status(lines, NAME)[1]


def test_only_what_lies_beside_the_notebook_comes_along(course: Course) -> None:
    entries = [
        (moodle("A", 1), IMPORTING),
        (moodle("A", 1, "old/my_helper.py"), b"x = 1"),
        (moodle("B", 2, "my_other.py"), b"x = 1"),
    ]
    course.collect(course.download("a.zip", zipped(*entries)), code=1)
    assert files(course) == {NAME}


def test_a_helper_that_changed_is_a_new_attempt(course: Course) -> None:
    for number, (text, time) in enumerate([(b"x = 1", EVENING), (b"x = 2", NEXT_DAY)]):
        entries = [(moodle("A", 1), IMPORTING, time), (moodle("A", 1, "my_helper.py"), text, time)]
        other = (moodle("B", 2), notebook("b"), (2026, 5, 1, 1, 1, 0))
        course.collect(course.download(f"{number}.zip", zipped(*entries, other)))
    assert (course.root / "submitted/a-1/ex04/my_helper.py").read_bytes() == b"x = 2"
    (kept,) = course.root.glob("earlier/a-1/ex04/*/my_helper.py")
    assert kept.read_bytes() == b"x = 1"
    before = course.tree()
    lines = course.collect(course.root.parent / "downloads/1.zip", course.root.parent / "downloads/0.zip")
    assert {line["status"] for line in lines if NAME in line["file"]} <= {"same", "earlier"}
    assert course.tree() == before


def test_a_project_of_a_thousand_modules_costs_no_notebook(course: Course) -> None:
    modules = [(f"venv/lib{n}.py", b"x") for n in range(1_500)]
    content = zipped(
        *modules,
        ("venv/large.py", b"x = %d" * 2**21 % tuple(range(2**21))),
        (NAME, IMPORTING),
        ("my_helper.py", b"x = 1"),
    )
    lines = course.collect(course.download("a.zip", zipped((moodle("A", 1, "all.zip"), content))))
    assert status(lines, NAME)[0] == "taken"
    assert NAME in files(course)
