"""What students may call their notebook, and when it came in."""

import pytest

from tests.support.downloads import NAME, NOON, Course, moodle, notebook, status, zipped


@pytest.mark.parametrize(
    ("name", "content", "result"),
    [
        ("1_simple_classifier (1).ipynb", notebook("x"), ("taken", "was called 1_simple_classifier (1).ipynb")),
        ("1_simple_classifier-Copy1.ipynb", notebook("x"), ("taken", "was called")),
        ("Kopie von 1_Simple Classifier.ipynb", notebook("x"), ("taken", "was called")),
        (NAME + ".txt", notebook("x"), ("taken", "was called")),
        ("final.ipynb", notebook("x"), ("taken", "was called final.ipynb")),
        (NAME, b"", ("taken", "The file is empty")),
        (NAME, b"PK", ("taken", "The file isn't a notebook")),
        (NAME, notebook("x", "other"), ("taken", "it holds no task of this assignment")),
        ("3_other.ipynb", notebook("x", "other"), ("not taken", "another name and holds no task")),
        ("report.pdf", b"x", ("not taken", "there is no notebook among what was handed in")),
        (f"all/of/it.zip/{NAME}", notebook("x"), ("taken", "")),
    ],
)
def test_what_a_student_may_call_it(course: Course, name: str, content: bytes, result: tuple[str, str]) -> None:
    if ".zip/" in name:
        name, inner = name.split(".zip/")
        name, content = f"{name}.zip", zipped((inner, content))
    path = course.download("a.zip", zipped((moodle("A", 1, name), content)))
    lines = course.collect(path, code=0 if result[0] == "taken" else 1)
    outcome, remark = status(lines, "a.zip")
    assert outcome == result[0]
    assert result[1] in remark
    assert (course.root / "submitted/a-1/ex04" / NAME).exists() == (outcome == "taken")


def test_times_of_the_download_are_not_believed(course: Course) -> None:
    content = zipped((moodle("A", 1), notebook("a"), NOON), (moodle("B", 2), notebook("b"), (2026, 5, 10, 12, 0, 4)))
    lines = course.collect(course.download("a.zip", content))
    assert [line["time"] for line in lines] == [None, None]
    assert not list(course.root.rglob("timestamp.txt"))


@pytest.mark.parametrize("spellings", [("amira", "Amira"), ("Amira", "amira")])
def test_ids_that_differ_in_case_are_a_question(course: Course, spellings: tuple[str, str]) -> None:
    first, second = spellings
    course.collect(course.download(f"class/{first}/{NAME}", notebook("one")).parents[1])
    lines = course.collect(course.download(f"other/{second}/{NAME}", notebook("two")).parents[1], code=1)
    assert status(lines, NAME) == (
        "not taken",
        "another id differs from this one in upper and lower case only; name the folder as it is there",
    )
    assert course.submitted() == {first: "one"}


def test_with_a_roster_case_makes_no_other_student(course: Course) -> None:
    roster = course.download("roster.csv", b"student_id\nge11abc\n")
    path = course.download(f"class/GE11ABC/{NAME}", notebook("one")).parents[1]
    course.collect(path, "--roster", roster)
    assert course.submitted() == {"ge11abc": "one"}


@pytest.mark.parametrize("name", ["1_simple_classifier.json", NAME + ".json", NAME + ".txt"])
def test_an_ending_that_a_browser_gave_is_said(course: Course, name: str) -> None:
    lines = course.collect(course.download("a.zip", zipped((moodle("A", 1, name), notebook("x")))))
    assert status(lines, "a.zip") == ("taken", f"was called {name}")
    assert course.submitted() == {"a-1": "x"}


def test_data_is_no_notebook(course: Course) -> None:
    entries = [(moodle("A", 1), notebook("x")), (moodle("A", 1, "1_simple_classifier.checks.json"), b"{}")]
    entries += [(moodle("A", 1, "data.json"), b"{}")]
    lines = course.collect(course.download("a.zip", zipped(*entries)))
    assert status(lines, "checks.json") == ("left out", "only notebooks are collected")
