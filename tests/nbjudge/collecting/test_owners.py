"""Whose file it is."""

import unicodedata

import pytest

from nbjudge.collecting.archives import Entry, Step, nfc
from nbjudge.collecting.no_owner import NoOwnerError
from nbjudge.collecting.owners import owner_of
from tests.support.downloads import NAME, ROSTER, Course, moodle, notebook, status, zipped

NAMES = [
    # path below what was named, student
    (moodle("Müller Änne", 123456), "mueller-aenne-123456"),
    (unicodedata.normalize("NFD", moodle("Müller Änne", 123456)), "mueller-aenne-123456"),
    (moodle("Müller Änne", 123457), "mueller-aenne-123457"),
    (f"Müller Änne_123456_assignsubmission_file/{NAME}", "mueller-aenne-123456"),
    (f"Müller Änne_123456_assignsubmission_file_{NAME}", "mueller-aenne-123456"),
    (moodle("O'Brien-Smith Zoë (II)", 7), "o-brien-smith-zoe-ii-7"),
    (moodle("王小明", 8), "student-8"),
    (moodle("Mallory", 9, moodle("Änne Müller", 123456)), "mallory-9"),
    (moodle("Mallory", 9, f"hw.zip/doejane_222_333_{NAME}"), "mallory-9"),
    (f"Mallory_9_assignsubmission_file_Ben_10_assignsubmission_file_{NAME}", "mallory-9"),
    ("muellerjane_LATE_12345_67890_1_simple_classifier-2.ipynb", "muellerjane-12345"),
    ("muellerjane_12345_67890_999_888_x.ipynb", "muellerjane-12345"),
    ("muellerjane_12345_67890_homework.zip/ben/1_simple_classifier.ipynb", "muellerjane-12345"),
    (f"muellerjane_12345_67890_homework/{NAME}", None),
    (f"amira/{NAME}", "amira"),
    (f"amira/ex04/{NAME}", "amira"),
    (f"ex04/amira/{NAME}", None),
    (f"ex04/Amira_1_assignsubmission_file/{NAME}", None),
    (f"amira.zip/{NAME}", "amira"),
    (f"amira.zip/amira/{NAME}", "amira"),
    (f"änne.müller@example.org/{NAME}", "änne.müller@example.org"),
    (NAME, None),
    (f"amira_{NAME}", None),
    (f"ex04/{NAME}", "downloads"),
    (f"amira/ben/{NAME}", None),
    (f"amira/ben/ex04/{NAME}", None),
    (f"amira.zip/ben/ex04/{NAME}", None),
    (f"2024_05_10/{NAME}", "2024_05_10"),
    (f"../{NAME}", None),
    (f"a*b/{NAME}", None),
    (f"a+b/{NAME}", None),
    (f"<img src=x>/{NAME}", None),
    (f"-rf/{NAME}", None),
    (f"{'x' * 101}/{NAME}", None),
    (f"{'9' * 120}_1_assignsubmission_file/{NAME}", f"{'9' * 60}-1"),
    (moodle("x", int("9" * 120)), None),
    (f"x\n/{NAME}", None),
]


@pytest.mark.parametrize(("path", "student"), NAMES, ids=[path[:60].encode("unicode_escape") for path, _ in NAMES])
def test_names_say_whose_file_it_is(path: str, student: str | None) -> None:
    *folders, name = map(nfc, path.split("/"))
    steps = tuple(Step(step, step.endswith(".zip")) for step in ["downloads", *folders])
    try:
        owner = owner_of(Entry(steps, name), "ex04").student
    except NoOwnerError:
        owner = None
    assert owner == student


def test_a_group_before_the_name_is_no_other_student(course: Course) -> None:
    roster = course.download("roster.csv", ROSTER.encode())
    group, other = moodle("Gruppe 3-Müller Änne", 123456), moodle("Gruppe 3-Änne-Mallory", 123456)
    path = course.download("all.zip", zipped((group, notebook("mine")), (other, notebook("not mine"))))
    lines = course.collect(path, "--roster", roster, code=None)
    assert course.submitted() == {"ge11abc": "mine"}
    assert status(lines, "Mallory")[0] == "not taken"
