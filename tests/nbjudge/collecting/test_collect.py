"""From downloads to submitted/: nothing is lost, changes its owner or lands elsewhere."""

import shutil
import stat
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from nbjudge.course.errors import CourseError
from nbjudge.course.lms_names import read_names
from tests.support.downloads import EVENING, NAME, NEXT_DAY, NOON, Course, app, moodle, notebook, text_of, zipped


def test_a_dry_run_writes_nothing(course: Course) -> None:
    path = course.download("a.zip", zipped((moodle("A", 1), notebook("1"))))
    before = course.tree()
    assert [line["status"] for line in course.collect(path, "--dry-run")] == ["taken"]
    assert course.tree() == before


def test_the_names_of_the_platform_are_kept_for_the_way_back(course: Course) -> None:
    canvas = "poepat_LATE_777_888_1_simple_classifier-2.ipynb"
    course.collect(course.download("ex04_2026_05_10.zip", zipped((moodle("Müller Änne", 12), notebook("m")))))
    course.collect(course.download("canvas.zip", zipped((canvas, notebook("c")))))
    names = read_names(course.root / "collected/ex04.json")
    assert names.remark == ""
    assert {student: (name.lms, name.number) for student, name in names.known.items()} == {
        "mueller-aenne-12": ("moodle", "12"),
        "poepat-777": ("canvas", "777"),
    }
    assert names.known["mueller-aenne-12"].prefix == "Müller Änne_12_assignsubmission_file_"


def test_late_ones_are_late(course: Course, empty_gradebook: Path) -> None:
    shutil.copy(empty_gradebook, course.root / "gradebook.db")
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as book:
        book.update_or_create_assignment("ex04", duedate=datetime(2026, 5, 10, 18))
    content = zipped(
        (moodle("A", 1), notebook("a"), NOON),
        (moodle("B", 2), notebook("b"), EVENING),
        (moodle("C", 3, "hw.zip"), zipped((NAME, notebook("c"), NOON)), NEXT_DAY),  # times inside are the student's own
    )
    lines = course.collect(course.download("a.zip", content))
    assert [(line["student"], line["late"]) for line in lines] == [("a-1", False), ("b-2", True), ("c-3", True)]
    arguments = ["collect", "ex04", "../downloads/a.zip", "--timezone", "Europe/Berlin"]
    printed = CliRunner().invoke(app, arguments).output
    assert "ex04: collected, due 2026-05-10 20:00 CEST" in printed
    assert "late by 15:00:00" in printed


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.zip"], "there is no file or folder nowhere.zip"),
        (["."], "the course's own folders"),
        (["source", "--timezone", "Mars/Olympus"], "there is no time zone 'Mars/Olympus'"),
    ],
)
def test_mistakes_end_in_one_sentence(course: Course, arguments: list[str], sentence: str) -> None:
    done = CliRunner().invoke(app, ["collect", "ex04", *arguments])
    assert isinstance(done.exception, CourseError)
    assert sentence in str(done.exception)


OWNERS = {
    "mueller-aenne-1": "Müller Änne_1_assignsubmission_file_/{}",
    "mueller-aenne-2": "Müller Änne_2_assignsubmission_file_/{}",
    "mallory-3": "Mallory_3_assignsubmission_file_{}",
    "doe-777": "doe_777_888_{}",
}
INNER = [
    *(NAME, "1_simple_classifier (1).ipynb", "final.ipynb", f"{NAME}.txt", "data.csv", f"a/b/{NAME}"),
    *(f"../{NAME}", f"../../submitted/mueller-aenne-2/ex04/{NAME}", f"/{NAME}", f"x\\..\\{NAME}", "\x1b[2J.ipynb"),
    *(moodle("Müller Änne", 2), f"doe_777_888_{NAME}", f"mueller-aenne-1/ex04/{NAME}", f"submitted/x/{NAME}"),
]


@st.composite
def downloads(draw: st.DrawFn) -> bytes:
    """An archive whose notebooks say whose they are."""
    entries = []
    for number in range(draw(st.integers(1, 5))):
        owner = draw(st.sampled_from(sorted(OWNERS)))
        names = INNER if "/" in OWNERS[owner] else [name for name in INNER if "/" not in name]
        name, time = draw(st.sampled_from(names)), draw(st.sampled_from([NOON, EVENING, NEXT_DAY]))
        content = notebook(f"{owner} {draw(st.integers(0, 3))}")
        mode = draw(st.sampled_from([0, 0, 0, stat.S_IFREG | 0o644, stat.S_IFLNK | 0o777]))
        if draw(st.booleans()):
            name, content = f"hw{number}.zip", zipped((name, content, time, mode))
        entries.append((OWNERS[owner].format(name), content, time, mode))
    return zipped(*entries)


@settings(max_examples=30)
@given(st.lists(downloads(), min_size=2, max_size=3))
def test_nothing_is_lost_or_changes_its_owner_or_lands_elsewhere(
    tmp_path_factory: pytest.TempPathFactory, archives: list[bytes]
) -> None:
    course = Course(tmp_path_factory.mktemp("any") / "course")
    before, kept = course.tree(), set()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(course.root)
        paths = [course.download(f"{number}.zip", content) for number, content in enumerate(archives)]
        for path in paths:
            kept |= set(course.submitted().items())
            for line in course.collect(path, code=None):
                assert line["student"] in ("", *OWNERS)
                assert line["status"] != "not taken" or line["said"]
            after = course.tree()
            course.collect(path, code=None)
            assert course.tree() == after
    new = {Path(path).relative_to(course.root) for path in after if path not in before and "/downloads/" not in path}
    assert all(path.parts[0] in ("submitted", "earlier") and path.parts[1] in OWNERS for path in new)
    for path in new:
        if path.name == NAME:
            assert text_of(course.root / path).split()[0] == path.parts[1]
    assert all(text == course.submitted().get(owner) or text in course.earlier(owner) for owner, text in kept)
    assert {path.name for path in new} <= {NAME, "timestamp.txt"}
