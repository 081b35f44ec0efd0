"""Which attempt counts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.downloads import EVENING, NAME, NEXT_DAY, NOON, Course, moodle, notebook, status, zipped


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
