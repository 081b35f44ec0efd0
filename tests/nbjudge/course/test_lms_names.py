"""One parser of names that Moodle and Canvas give, for both ways: whose a file is, and how its feedback is named."""

import json
from pathlib import Path

import pytest

from nbjudge.course.lms_names import LmsName, canvas_name, keep_names, moodle_name, read_names

MOODLE = [
    # name, person, digits, what follows, says whose it is, leads back
    ("Müller Änne_123456_assignsubmission_file_", ("Müller Änne", "123456", ""), True, True),
    ("Müller Änne_123456_assignsubmission_file", ("Müller Änne", "123456", ""), True, True),
    ("Ben_0018_assignsubmission_file_1_ex.ipynb", ("Ben", "0018", "1_ex.ipynb"), True, True),
    ("_7_assignsubmission_file_", ("", "7", ""), True, True),
    ("Ben_7_assignsubmission_h5p_x.ipynb", ("Ben", "7", "x.ipynb"), True, True),
    ("Ben_7_assignsubmission_file_a\nb.ipynb", ("Ben", "7", "a\nb.ipynb"), True, True),
    (
        "Ben_7_assignsubmission_file_Cy_8_assignsubmission_file_",
        ("Ben", "7", "Cy_8_assignsubmission_file_"),
        True,
        True,
    ),
    ("Ben_7_assignfeedback_file_", ("Ben", "7", ""), False, True),
    (f"Ben_{'1' * 19}_assignsubmission_file_", ("Ben", "1" * 19, ""), True, False),
    ("Ben_١٧_assignsubmission_file_", None, False, False),
    ("Ben_7_assignsubmission__", None, False, False),
    ("Ben_Cy_7_assignsubmission_file_", None, False, False),
]
CANVAS = [
    ("poepat_777_888_ex.ipynb", ("poepat", "777", "ex.ipynb"), True, True),
    ("poepat_LATE_777_888_1_ex-2.ipynb", ("poepat", "777", "1_ex-2.ipynb"), True, True),
    ("poepat_777_888_99_98_x.ipynb", ("poepat", "777", "99_98_x.ipynb"), True, True),
    ("poepat_777_888_a\nb.ipynb", ("poepat", "777", "a\nb.ipynb"), True, True),
    ("LATE_777_888_x.ipynb", ("LATE", "777", "x.ipynb"), True, True),
    ("hw_2_1_final.ipynb", ("hw", "2", "final.ipynb"), False, True),
    ("poe_pat_777_888_x.ipynb", ("poe_pat", "777", "x.ipynb"), False, True),
    ("poepat_777_888_", ("poepat", "777", ""), False, True),
    ("123_777_888_x.ipynb", ("123", "777", "x.ipynb"), True, False),
    (f"poepat_{'7' * 21}_888_x.ipynb", ("poepat", "7" * 21, "x.ipynb"), True, False),
    ("poepat_777.ipynb", None, False, False),
    ("poepat_777_888", None, False, False),
    ("poepat_777_x_888_999_y.ipynb", ("poepat_777_x", "888", "y.ipynb"), False, False),
    ("777_888_x.ipynb", None, False, False),
]


def assert_parts(name: LmsName | None, parts: tuple | None, is_sure: bool, leads_back: bool) -> None:
    assert (name and (name.person, name.digits, name.rest)) == parts
    assert name is None or (name.is_sure, name.leads_back) == (is_sure, leads_back)


@pytest.mark.parametrize(("name", "parts", "is_sure", "leads_back"), MOODLE)
def test_the_parts_of_a_name_of_moodle(name: str, parts: tuple | None, is_sure: bool, leads_back: bool) -> None:
    assert_parts(moodle_name(name), parts, is_sure, leads_back)


@pytest.mark.parametrize(("name", "parts", "is_sure", "leads_back"), CANVAS)
def test_the_parts_of_a_name_of_canvas(name: str, parts: tuple | None, is_sure: bool, leads_back: bool) -> None:
    assert_parts(canvas_name(name), parts, is_sure, leads_back)


def test_canvas_says_who_was_late() -> None:
    late, in_time = canvas_name("poepat_LATE_777_888_x.ipynb"), canvas_name("poepat_777_888_x.ipynb")
    assert late
    assert in_time
    assert (late.late, late.prefix) == (True, "poepat_LATE_777_888")
    assert (in_time.late, in_time.prefix) == (False, "poepat_777_888")


@pytest.mark.parametrize(
    ("content", "remark"),
    [
        (None, "There is no collected/ex01.json, so the names in the LMS aren't known."),
        (b"{", "collected/ex01.json can't be read, so the names in the LMS aren't known."),
        (b"\xff", "collected/ex01.json can't be read, so the names in the LMS aren't known."),
        (b"[" * 100_000, "collected/ex01.json can't be read, so the names in the LMS aren't known."),
        (b"[]", "collected/ex01.json holds no object, so the names in the LMS aren't known."),
        (b"7", "collected/ex01.json holds no object, so the names in the LMS aren't known."),
        (b'{"ann": 7, "ben": {"lms": "moodle"}, "cy": {"name": 7, "lms": "moodle"}}', ""),
    ],
)
def test_a_damaged_file_counts_as_unknown(tmp_path: Path, content: bytes | None, remark: str) -> None:
    path = tmp_path / "collected/ex01.json"
    path.parent.mkdir()
    if content is not None:
        path.write_bytes(content)
    names = read_names(path)
    assert (names.known, names.remark) == ({}, remark)


def test_names_are_added_to_those_that_are_known_and_nothing_else_in_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "collected/ex01.json"
    by_hand = {"zoë": {"name": "Zoë_9_assignsubmission_file_", "lms": "moodle", "note": "by mail"}, "other": [7]}
    path.parent.mkdir()
    path.write_text(json.dumps(by_hand), encoding="utf-8-sig")
    name = canvas_name("poepat_777_888_x.ipynb")
    assert name
    keep_names(path, {"poepat-777": name})
    entries = json.loads(path.read_bytes())
    assert entries == {**by_hand, "poepat-777": {"name": "poepat_777_888_x.ipynb", "lms": "canvas"}}
    assert {student: name.number for student, name in read_names(path).known.items()} == {
        "zoë": "9",
        "poepat-777": "777",
    }


def test_who_shares_a_number_goes_without(tmp_path: Path) -> None:
    path = tmp_path / "ex01.json"
    names = {
        "ann": "Ann_17_assignsubmission_file_",
        "bob": "Bob_017_assignsubmission_file_",
        "cy": "C_18_assignsubmission_file_",
    }
    path.write_text(json.dumps({student: {"name": name, "lms": "moodle"} for student, name in names.items()}))
    kept = read_names(path)
    assert list(kept.known) == ["cy"]
    assert kept.remark.endswith("gives ann, bob the same number; they go without.")
