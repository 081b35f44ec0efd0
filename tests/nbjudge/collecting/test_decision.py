"""Which attempt counts."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from tests.support.downloads import EVENING, NAME, NEXT_DAY, NOON, Course, app, moodle, notebook, status, zipped


def test_the_newest_attempt_counts_and_the_others_are_kept(course: Course) -> None:
    first = course.download(
        "a.zip", zipped((moodle("A", 1), notebook("1"), NOON), (moodle("B", 2), notebook("b"), EVENING))
    )
    second = course.download(
        "b.zip", zipped((moodle("A", 1), notebook("2"), NEXT_DAY), (moodle("B", 2), notebook("b"), EVENING))
    )
    course.collect(second, first)
    assert course.submitted() == {"a-1": "2", "b-2": "b"}
    assert course.earlier("a-1") == {"1"}
    assert (course.root / "submitted/a-1/ex04/timestamp.txt").read_text() == "2026-05-11 09:00:00.000000 UTC"
    before = course.tree()
    assert {line["status"] for line in course.collect(second, first)} == {"same", "earlier"}
    assert {line["status"] for line in course.collect(first)} == {"same", "earlier"}
    assert course.tree() == before


def test_together_with_the_right_name_another_one_does_not_count(course: Course) -> None:
    entries = [
        (NAME, "right", NOON),
        ("backup.ipynb", "other", EVENING),
        ("1_simple_classifier (2).ipynb", "copy", EVENING),
    ]
    content = zipped(*((moodle("A", 1, name), notebook(text), time) for name, text, time in entries))
    course.collect(course.download("a.zip", content))
    assert course.submitted() == {"a-1": "copy"}
    assert course.earlier("a-1") == {"right", "other"}


HOURS = [(2026, 5, 10, hour, 0, 0) for hour in range(8, 20)]


@settings(max_examples=20)
@given(st.lists(st.sampled_from(HOURS), min_size=2, max_size=5, unique=True), st.data())
def test_whatever_the_order_of_downloads_the_newest_counts(
    tmp_path_factory: pytest.TempPathFactory, times: list[tuple], data: st.DataObject
) -> None:
    course = Course(tmp_path_factory.mktemp("any") / "course")
    others = [(moodle("Ben", 2), notebook("ben"), HOURS[0]), (moodle("Cem", 3), notebook("cem"), NEXT_DAY)]
    parts = data.draw(st.lists(st.integers(0, 2), min_size=len(times), max_size=len(times)))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(course.root)
        for part in data.draw(st.permutations(sorted(set(parts)))):
            own = [time for time, its_part in zip(times, parts, strict=True) if its_part == part]
            attempts = [(moodle("Amira", 1, f"{time[3]}/{NAME}"), notebook(f"at {time[3]}"), time) for time in own]
            course.collect(course.download(f"{part}.zip", zipped(*others, *attempts)))
    hours = {time[3] for time in times}
    assert course.submitted()["amira-1"] == f"at {max(hours)}"
    assert course.earlier("amira-1") == {f"at {hour}" for hour in hours - {max(hours)}}


def test_a_time_that_becomes_known_late_counts(course: Course) -> None:
    """A download of one file has no time of its own; the next one, of the whole class, tells it."""
    first, second = (moodle("A", 1), notebook("first"), NOON), (moodle("A", 1), notebook("second"), EVENING)
    ben = (moodle("Ben", 2), notebook("ben"))
    monday = course.download("monday.zip", zipped(second, (*ben, NOON)))
    alone = course.download("alone.zip", zipped(first))
    sunday = course.download("sunday.zip", zipped(first, (*ben, NEXT_DAY)))
    course.collect(monday)
    assert status(course.collect(alone), NAME)[0] == "replaced"
    again = "a later one was in earlier/ and lies in submitted/ again"
    assert status(course.collect(sunday), "A_1") == ("same", again)
    assert course.submitted()["a-1"] == "second"
    assert course.earlier("a-1") == {"first"}
    after = course.tree()
    for path in (monday, alone, sunday):
        course.collect(path)
        assert course.tree() == after


def test_between_a_file_without_a_time_and_later_ones_the_order_of_collecting_counts(course: Course) -> None:
    ben = (moodle("Ben", 2), notebook("ben"))
    monday = course.download("monday.zip", zipped((moodle("A", 1), notebook("evening"), EVENING), (*ben, NOON)))
    by_mail = course.download("mail.zip", zipped((moodle("A", 1), notebook("by mail"), NOON)))
    sunday = course.download("sunday.zip", zipped((moodle("A", 1), notebook("noon"), NOON), (*ben, NEXT_DAY)))
    course.collect(monday)
    course.collect(by_mail)
    assert status(course.collect(sunday), "A_1")[0] == "earlier"
    assert course.submitted()["a-1"] == "by mail"
    assert course.earlier("a-1") == {"evening", "noon"}


# content before name


@pytest.fixture
def released(course: Course) -> Course:
    """A course that knows how its notebook looked when students got it."""
    (course.root / "release/ex04").mkdir(parents=True)
    (course.root / "release/ex04" / NAME).write_bytes(notebook("as it came"))
    return course


BLANK, SOLVED = notebook("as it came"), notebook("solved")


@pytest.mark.parametrize(
    "solved", ["1_simple_classifier_solved.ipynb", "1_simple_classifier-Copy1.ipynb", "final.ipynb"]
)
@pytest.mark.parametrize("where", ["{}", "inside.zip/{}", "folder/{}"])
@pytest.mark.parametrize("times", [(NOON, EVENING), (EVENING, NOON), (NOON, NOON)])
def test_the_untouched_notebook_never_wins(released: Course, solved: str, where: str, times: tuple) -> None:
    blank, work = (NAME, BLANK, times[0]), (where.format(solved), SOLVED, times[1])
    if ".zip/" in where:
        work = ("inside.zip", zipped((solved, SOLVED)), times[1])
    entries = [(moodle("A", 1, name), *more) for name, *more in (blank, work)]
    lines = released.collect(released.download("a.zip", zipped(*entries, (moodle("B", 2), SOLVED, NEXT_DAY))))
    assert released.submitted()["a-1"] == "solved"
    assert "the only one of 2 that somebody has worked on" in status(lines, solved)[1]
    assert status(lines, f"A_1_assignsubmission_file_/{NAME}") == ("earlier", "nobody has worked on it")


def test_a_damaged_copy_does_not_win_either(released: Course) -> None:
    entries = [(moodle("A", 1), b"PK", EVENING), (moodle("A", 1, "1_simple_classifier (1).ipynb"), SOLVED, NOON)]
    released.collect(released.download("a.zip", zipped(*entries)))
    assert released.submitted() == {"a-1": "solved"}


def test_an_untouched_resubmission_replaces_no_work(released: Course) -> None:
    ben = (moodle("Ben", 2), SOLVED, (2026, 5, 1, 1, 1, 0))
    first = released.download("a.zip", zipped((moodle("A", 1), SOLVED, NOON), ben))
    second = released.download("b.zip", zipped((moodle("A", 1), BLANK, EVENING), ben))
    released.collect(first)
    (line,) = (line for line in released.collect(second) if line["student"] == "a-1")
    assert (line["status"], line["look"]) == ("earlier", True)
    assert line["said"] == "nobody has worked on it; somebody has worked on the one in submitted/, which stays"
    assert released.submitted()["a-1"] == "solved"
    before = released.tree()
    released.collect(second, first)
    assert released.tree() == before


def test_work_that_comes_to_light_later_replaces_an_untouched_notebook(released: Course) -> None:
    ben = (moodle("Ben", 2), SOLVED, (2026, 5, 1, 1, 1, 0))
    lines = released.collect(released.download("b.zip", zipped((moodle("A", 1), BLANK, EVENING), ben)))
    assert [(line["student"], line["look"]) for line in lines] == [("a-1", True), ("ben-2", False)]
    lines = released.collect(released.download("a.zip", zipped((moodle("A", 1), SOLVED, NOON), ben)))
    assert status(lines, "A_1") == ("replaced", "nobody has worked on the one that lay there")
    assert released.submitted()["a-1"] == "solved"
    assert released.earlier("a-1") == {"as it came"}


def test_a_late_resubmission_that_replaces_one_on_time_is_marked(course: Course) -> None:
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        gradebook.add_assignment("ex04", duedate=datetime(2026, 5, 10, 15))
    ben = (moodle("Ben", 2), notebook("b"), NOON)
    once = course.download("a.zip", zipped((moodle("A", 1), notebook("1"), NOON), (*ben[:2], EVENING)))
    again = course.download("b.zip", zipped((moodle("A", 1), notebook("2"), NEXT_DAY), ben))
    course.collect(once)
    (line,) = (line for line in course.collect(again) if line["student"] == "a-1")
    assert (line["status"], line["look"], line["late"]) == ("replaced", True, True)
    assert line["said"] == "it is late, and one that came in on time is in earlier/"
    # an extension makes it one on time
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        gradebook.add_student("ben-2")
        gradebook.add_submission("ex04", "ben-2")
        gradebook.grant_extension("ex04", "ben-2", days=2)
    third = course.download(
        "c.zip", zipped((moodle("Ben", 2), notebook("3"), NEXT_DAY), (moodle("C", 3), notebook("c"), NOON))
    )
    (line,) = (line for line in course.collect(third) if line["student"] == "ben-2")
    assert (line["status"], line["look"], line["late"]) == ("replaced", False, False)


def test_several_that_differ_are_a_question_and_why_one_counts_is_said(course: Course) -> None:
    entries = [
        (moodle("A", 1, name), notebook(text), time)
        for name, text, time in (("final.ipynb", "1", NEXT_DAY), (NAME, "2", NOON), ("final2.ipynb", "3", NOON))
    ]
    lines = course.collect(course.download("a.zip", zipped(*entries)))
    (line,) = (line for line in lines if line["file"].endswith(NAME))
    assert (line["status"], line["look"], line["said"]) == (
        "taken",
        True,
        "of 3 that differ, the one with the right name",
    )
    shown = CliRunner().invoke(app, ["collect", "ex04", str(course.root.parent / "downloads/a.zip")])
    assert "1 marked !: a rule decided; look whether it is what was meant" in shown.output
