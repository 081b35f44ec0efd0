"""Modules of students that come along with their notebook."""

import pytest

from nbjudge.collecting import helpers
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


@pytest.mark.parametrize(
    "name", ["numpy", "os", "exercise_code", "nbgrader_config", "jupyter_config", "data", "nbprobe"]
)
def test_none_hides_a_module_of_the_course_or_of_python(course: Course, name: str) -> None:
    (course.root / "exercise_code").mkdir()
    (course.root / "source/ex04/data.py").write_text("")
    entries = [(moodle("A", 1), notebook(f"import {name}")), (moodle("A", 1, f"{name}.py"), b"evil = 1")]
    lines = course.collect(course.download("a.zip", zipped(*entries)))
    assert files(course) == {NAME}
    assert f"without {name}.py: the course, Python or Jupyter has a file of this name" in status(lines, NAME)[1]


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


OTHER = (moodle("B", 2), notebook("b"), (2026, 5, 1, 1, 1, 0))


def collected_at(course: Course) -> str:
    return (course.root / "submitted/a-1/ex04/timestamp.txt").read_text()[:10]


def test_a_notebook_came_in_with_the_last_of_its_modules(course: Course) -> None:
    entries = [(moodle("A", 1), IMPORTING, EVENING), (moodle("A", 1, "my_helper.py"), b"late", NEXT_DAY)]
    course.collect(course.download("a.zip", zipped(*entries, OTHER)))
    assert collected_at(course) == "2026-05-11"


def test_the_same_notebook_with_another_module_is_another_attempt(course: Course) -> None:
    early, late = (zipped((NAME, IMPORTING), ("my_helper.py", text)) for text in (b"early", b"late"))
    entries = [(moodle("A", 1, "a.zip"), early, EVENING), (moodle("A", 1, "b.zip"), late, NEXT_DAY)]
    course.collect(course.download("a.zip", zipped(*entries, OTHER)))
    assert collected_at(course) == "2026-05-11"
    assert (course.root / "submitted/a-1/ex04/my_helper.py").read_bytes() == b"late"
    (kept,) = course.root.glob("earlier/a-1/ex04/*/my_helper.py")
    assert kept.read_bytes() == b"early"


def test_two_downloads_of_one_notebook_with_another_module_have_their_own_times(course: Course) -> None:
    paths = [
        course.download(
            f"{text.decode()}.zip",
            zipped((moodle("A", 1), IMPORTING, time), (moodle("A", 1, "my_helper.py"), text, time), OTHER),
        )
        for text, time in ((b"early", EVENING), (b"late", NEXT_DAY))
    ]
    course.collect(*paths)
    assert collected_at(course) == "2026-05-11"


def test_a_module_that_came_along_is_not_called_left_out(course: Course) -> None:
    entries = [(moodle("A", 1), IMPORTING), (moodle("A", 1, "my_helper.py"), b"x"), (moodle("A", 1, "no.py"), b"x")]
    lines = course.collect(course.download("a.zip", zipped(*entries)))
    (left_out,) = (line for line in lines if line["status"] == "left out")
    assert left_out["file"].endswith("no.py")


def test_modules_are_read_once_whatever_imports_them(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"part{n}" for n in range(20)]
    notebooks = [(f"n{n}.ipynb", notebook(f"x = {n}\nimport {', '.join(names)}")) for n in range(90)]
    modules = [(f"{name}.py", f"import {', '.join(names)}\n# {name}".encode()) for name in names]
    read, found = [], helpers._names
    monkeypatch.setattr(helpers, "_names", lambda code: read.append(1) or found(code))
    course.collect(course.download("a.zip", zipped((moodle("A", 1, "all.zip"), zipped(*notebooks, *modules)))))
    assert len(read) == len(notebooks) + len(modules)
