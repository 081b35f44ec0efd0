"""Who a roster says is meant, and rosters that can't be meant."""

from typing import Any

import pytest

from nbjudge.course.errors import CourseError
from tests.support.downloads import EVENING, NAME, NEXT_DAY, NOON, ROSTER, Course, moodle, notebook, status, zipped


@pytest.mark.parametrize(
    ("path", "result"),
    [
        (moodle("Müller Änne", 123456), "ge11abc"),
        (moodle("Somebody Else", 123456), "the roster says that number 123456 is Änne Müller"),
        (moodle("Änne Müller", 99), "on the roster with another number than 99"),
        (moodle("Nobody", 99), "Nobody, number 99, is not on the roster"),
        (f"muellerjane_LATE_12345_67890_{NAME}", "ge22def"),
        (f"ge11abc/{NAME}", "ge11abc"),
        (f"Jane Müller/week 4/{NAME}", "ge22def"),
        (f"ge11abc_{NAME}", "ge11abc"),
        (f"ge11abc/ge22def/{NAME}", "names on the way to it say ge11abc and ge22def"),
        (f"ge11abc/{moodle('Jane Müller', 5)}", "it lies in the folder or archive of ge11abc"),
        (f"final_{NAME}", "no name on the way to it is on the roster"),
    ],
)
def test_a_roster_says_who_is_meant(course: Course, path: str, result: str) -> None:
    lines = course.collect(
        course.download("all.zip", zipped((path, notebook("x")))),
        "--roster",
        course.download("roster.csv", ROSTER.encode()),
        code=None,
    )
    if result.startswith("ge"):
        assert course.submitted() == {result: "x"}
        missing = {line["student"] for line in lines if line["status"] == "missing"}
        assert missing == {"ge11abc", "ge22def"} - {result}
    else:
        assert course.submitted() == {}
        assert result in status(lines, path)[1]


@pytest.mark.parametrize("form", ["Amira Ali_{}11_assignsubmission_file_/" + NAME, "aliamira_{}11_67890_" + NAME])
@pytest.mark.parametrize("at_once", [True, False])
def test_nobody_gets_anothers_place_by_their_name(course: Course, form: str, at_once: bool) -> None:
    """Names on a platform can be changed."""
    roster = course.download("roster.csv", b"student_id,name\namira,Amira Ali\n")
    honest, evil = (form.format(1), notebook("amira"), NOON), (form.format(2), notebook("mallory"), NEXT_DAY)
    other = ("ben_333_444_x.ipynb" if "assign" not in form else moodle("Ben", 3), notebook("ben"), EVENING)
    for number, entries in enumerate([[honest, evil]] if at_once else [[honest], [evil]]):
        path = course.download(f"{number}.zip", zipped(*entries, other))
        lines = course.collect(path, "--roster", roster, code=None)
    assert course.submitted() == ({} if at_once else {"amira": "amira"})
    (said,) = (line["said"] for line in lines if line["student"] == "amira")
    assert said == "the numbers 111 and 211 have this student's name; add theirs to the roster, as lms_id"
    roster.write_text("student_id,lms_id,name\namira,111,Amira Ali\n")
    course.collect(path if at_once else course.root.parent / "downloads/0.zip", "--roster", roster, code=None)
    assert course.submitted() == {"amira": "amira"}


def test_exports_of_moodle_and_canvas_are_rosters(course: Course) -> None:
    from_moodle = (
        '\ufeffIdentifier,"Full name","ID number","Last modified (submission)"\n'
        'Participant 7,"Änne Müller",03700001,"Tuesday, 12 May 2026, 11:04 PM"\n'
    )
    from_canvas = 'Student,ID,SIS User ID,SIS Login ID\n    Points Possible,,,\n"Doe, John",12346,03700002,doe\n'
    both = course.download("a.zip", zipped((moodle("Müller Änne", 7), notebook("a"))))
    lines = course.collect(both, "--roster", course.download("m.csv", from_moodle.encode()))
    assert [line["time"] for line in lines] == ["2026-05-12T23:04:00+00:00"]
    course.collect(
        course.download("b.zip", zipped((f"doejohn_12346_67891_{NAME}", notebook("b")))),
        "--roster",
        course.download("c.csv", from_canvas.encode()),
    )
    assert course.submitted() == {"03700001": "a", "03700002": "b"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("name,mail\nx,y\n", "has no column student_id"),
        ("student_id\n", "holds no student"),
        ("student_id\nx\nx\n", "has the student_id x more than once"),
        ("student_id,lms_id\nx,1\ny,1\n", "has the lms_id 1 more than once"),
        ("student_id,lms_id\n,1\n", "line 2: there is no student_id"),
        ("student_id,lms_id\nx,y\n", "line 2: the lms_id 'y' is no number"),
        ("student_id\n../x\n", "line 2: '../x' can't be a student_id"),
        ("student_id,submitted\nx,soon\n", "line 2: 'soon' is no time"),
        ("student_id,submitted\nx,10.05.2026\n", "line 2: '10.05.2026' is no time"),
        ("student_id,submitted\nx,Monday\n", "line 2: 'Monday' is no time"),
        ("student_id,submitted\nx,9999-12-31 23:59\n", "line 2: '9999-12-31 23:59' is no time"),
        ("student_id,submitted\nx,9999-12-31T23:59-11:00\n", "line 2: '9999-12-31T23:59-11:00' is no time"),
        ("student_id,submitted\nx,0001-01-01 00:00\n", "line 2: '0001-01-01 00:00' is no time"),
        (b"student_id\n\x81\n", "is no text that can be read; save it as CSV in UTF-8"),
        (None, "can't be read"),
    ],
)
def test_a_roster_that_cannot_be_meant_ends_in_one_sentence(course: Course, content: Any, sentence: str) -> None:
    roster = course.root / "roster.csv"
    if content is not None:
        roster.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CourseError, match=r".") as caught:
        course.collect(course.download("a.zip", zipped()), "--roster", roster)
    assert sentence in str(caught.value)
    assert not (course.root / "submitted").exists()
