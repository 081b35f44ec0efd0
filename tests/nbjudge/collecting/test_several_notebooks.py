"""An assignment of several notebooks, each of which may come in its own download: which of each counts."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from nbjudge.collecting.known_times import read_times
from tests.support.downloads import (
    EVENING,
    NAME,
    NEXT_DAY,
    NOON,
    Course,
    app,
    moodle,
    notebook,
    status,
    text_of,
    zipped,
)

SECOND = "2_second.ipynb"
TASKS = {NAME: "bce", SECOND: "other"}
HOURS = [(2026, 5, 10, hour, 0, 0) for hour in range(8, 20)]
OTHERS = [(moodle("Ben", 2), notebook("ben"), HOURS[0]), (moodle("Cem", 3), notebook("cem"), NEXT_DAY)]


def with_two(course: Course) -> Course:
    (course.root / "source/ex04" / SECOND).write_bytes(notebook("solution", TASKS[SECOND]))
    return course


def handed_in(text: str, time: tuple, name: str = NAME) -> tuple:
    return moodle("Amira", 1, name), notebook(text, TASKS[name]), time


def lies(course: Course) -> dict[str, str]:
    return {path.name: text_of(path) for path in course.root.glob("submitted/amira-1/ex04/*.ipynb")}


def kept(course: Course, name: str) -> set[str]:
    return {text_of(path) for path in course.root.glob(f"earlier/amira-1/ex04/*/{name}")}


def stamp(course: Course) -> str:
    return (course.root / "submitted/amira-1/ex04/timestamp.txt").read_text()[:16]


@pytest.mark.parametrize("reverse", [True, False])
def test_a_notebook_that_came_in_before_another_one_is_taken_with_it(course: Course, reverse: bool) -> None:
    first = with_two(course).download("1.zip", zipped(handed_in("1", NEXT_DAY), *OTHERS))
    second = course.download("2.zip", zipped(handed_in("2", NOON, SECOND), *OTHERS))
    for path in (second, first) if reverse else (first, second):
        lines = course.collect(path)
    assert status(lines, "Amira_1") == ("taken", "it lies beside the other notebooks of this submission")
    assert lies(course) == {NAME: "1", SECOND: "2"}
    assert stamp(course) == "2026-05-11 09:00"  # it came in with the last of them
    before = course.tree()
    assert {line["status"] for line in course.collect(first, second)} == {"same"}
    assert course.tree() == before


def test_each_notebook_is_newer_or_older_than_the_same_one(course: Course) -> None:
    one = with_two(course).download("1.zip", zipped(handed_in("1", NEXT_DAY), *OTHERS))
    noon = course.download("2.zip", zipped(handed_in("noon", NOON, SECOND), *OTHERS))
    evening = course.download("3.zip", zipped(handed_in("evening", EVENING, SECOND), *OTHERS))
    course.collect(one)
    course.collect(noon)
    assert status(course.collect(evening), "Amira_1")[0] == "replaced"
    (line,) = (line for line in course.collect(noon) if line["student"] == "amira-1")
    assert (line["status"], line["look"]) == ("earlier", False)
    assert lies(course) == {NAME: "1", SECOND: "evening"}
    assert kept(course, SECOND) == {"noon"}


@settings(max_examples=20)
@given(
    st.lists(st.tuples(st.sampled_from(list(TASKS)), st.sampled_from(HOURS)), min_size=2, max_size=6, unique=True),
    st.data(),
)
def test_whatever_the_order_of_downloads_the_newest_of_each_counts(
    tmp_path_factory: pytest.TempPathFactory, attempts: list[tuple], data: st.DataObject
) -> None:
    course = with_two(Course(tmp_path_factory.mktemp("any") / "course"))
    parts = data.draw(st.lists(st.integers(0, 3), min_size=len(attempts), max_size=len(attempts)))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(course.root)
        for part in data.draw(st.permutations(sorted(set(parts)))):
            own = [attempt for attempt, its_part in zip(attempts, parts, strict=True) if its_part == part]
            files = [
                (moodle("Amira", 1, f"{time[3]}/{name}"), notebook(f"at {time[3]}", TASKS[name]), time)
                for name, time in own
            ]
            course.collect(course.download(f"{part}.zip", zipped(*OTHERS, *files)))
    hours = {name: {time[3] for other, time in attempts if other == name} for name in TASKS}
    assert lies(course) == {name: f"at {max(hours[name])}" for name in TASKS if hours[name]}
    for name in TASKS:
        replaced = {f"at {hour}" for hour in hours[name] - {max(hours[name], default=0)}}
        assert kept(course, name) >= replaced  # and perhaps the one that counts, as it lay there without the other
    assert stamp(course) == f"2026-05-10 {max(max(hours[name], default=0) for name in TASKS):02}:00"


def test_without_times_a_notebook_that_was_replaced_does_not_come_back(course: Course) -> None:
    """It is known as a part of what lay there, too."""
    with_two(course)
    paths = [
        course.download(f"{number}.zip", zipped(*(handed_in(text, NOON, name) for name, text in texts.items())))
        for number, texts in enumerate([{NAME: "1", SECOND: "2"}, {SECOND: "new"}, {SECOND: "2"}])
    ]
    for path in paths[:2]:
        course.collect(path)
    assert status(course.collect(paths[2]), "Amira_1")[0] == "earlier"
    assert lies(course) == {NAME: "1", SECOND: "new"}


def test_where_only_the_time_of_all_is_known_an_earlier_one_is_marked(course: Course) -> None:
    with_two(course)
    both = [handed_in("1", NEXT_DAY), handed_in("2", NOON, SECOND)]
    course.collect(course.download("1.zip", zipped(*both, *OTHERS)))
    times = course.root / "collected/times/ex04.json"
    assert read_times(times)["amira-1"][SECOND].time == datetime(2026, 5, 10, 12, tzinfo=UTC)
    for damaged in (b"", b"[]", json.dumps({"amira-1": {SECOND: {"digest": "x", "time": "noon"}}}).encode()):
        times.write_bytes(damaged)
        assert not read_times(times)
    later = course.download("2.zip", zipped(handed_in("evening", EVENING, SECOND), *OTHERS))
    (line,) = (line for line in course.collect(later) if line["student"] == "amira-1")
    assert (line["status"], line["look"]) == ("earlier", True)
    assert line["said"] == "when the one in submitted/ came in isn't known, only that the last notebook there is newer"


def test_an_assignment_of_one_notebook_has_no_such_list(course: Course) -> None:
    course.collect(course.download("1.zip", zipped((moodle("Amira", 1), notebook("1"), NOON), *OTHERS)))
    assert [path.name for path in Path("collected").iterdir()] == ["ex04.json"]


def test_who_was_graded_before_a_further_notebook_came_in_is_named(course: Course) -> None:
    first = with_two(course).download("1.zip", zipped(handed_in("1", NOON), *OTHERS))
    second = course.download("2.zip", zipped(handed_in("2", NOON, SECOND), *OTHERS))
    course.collect(first)
    Path("autograded/amira-1/ex04").mkdir(parents=True)
    assert "Graded before: amira-1." in CliRunner().invoke(app, ["collect", "ex04", str(second)]).output
