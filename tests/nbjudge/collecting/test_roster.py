"""Who a roster says is meant, and rosters that can't be meant."""

from datetime import datetime
from typing import Any

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from nbjudge.collecting import names
from nbjudge.course.errors import CourseError
from nbjudge.course.lms_names import read_names
from tests.support.downloads import EVENING, NAME, NEXT_DAY, NOON, ROSTER, Course, app, moodle, notebook, status, zipped


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


# worksheets of Moodle and gradebooks of Canvas, as they write them

GERMAN = (
    "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,Bewertung kann geändert werden,"
    "Zuletzt geändert (Abgabe),Zuletzt geändert (Bewertung),Feedback als Kommentar\n"
    'Teilnehmer/in123456,Änne Müller,a@x.example,Zur Bewertung abgegeben,,20,Ja,"Sonntag, 10. Mai 2026, 23:30",-,\n'
    "Teilnehmer/in123457,Ben Çelik,b@x.example,Keine Abgabe,,20,Ja,-,-,\n"
)
FRENCH = (
    "Identifiant,Nom complet,Adresse de courriel,Statut,Note\n"
    "Participant123456,Änne Müller,a@x.example,Remis pour évaluation,\n"
    "Participant123457,Ben Çelik,b@x.example,Aucun travail remis,\n"
)
ENGLISH = "Identifier,Full name,Email address\nParticipant 123456,Änne Müller,a@x.example\n"
EMPTY_NUMBERS = "Identifier,Full name,ID number\nParticipant 123456,Änne Müller,\nParticipant 123457,Ben Çelik,777\n"
HIDDEN = "Identifier,Status,Grade\nParticipant 123456,Submitted for grading,\nParticipant 123457,No submission,\n"
MINE, BY_MAIL = moodle("Änne Müller", 123456), "a@x.example"
SHEETS: dict[str, tuple[bytes, str, str]] = {
    # what Moodle wrote, name of the folder in the download, student
    "no ID number": (ENGLISH.encode(), MINE, BY_MAIL),
    "some ID numbers": (EMPTY_NUMBERS.encode(), MINE, "anne-muller-123456".replace("anne-muller", "aenne-mueller")),
    "blind": (HIDDEN.encode(), moodle("Participant", 123456), "participant-123456"),
    "revealed, download from before": (ENGLISH.encode(), moodle("Participant", 123456), BY_MAIL),
    "German": (GERMAN.encode(), MINE, BY_MAIL),
    "German, for Excel": (b"\xef\xbb\xbf" + GERMAN.encode(), moodle("Müller Änne", 123456), BY_MAIL),
    "German, hidden in the download": (GERMAN.encode(), moodle("Teilnehmerin", 123456), BY_MAIL),
    "French": (FRENCH.encode(), MINE, BY_MAIL),
    "CP1252": (GERMAN.encode("cp1252", errors="replace"), MINE, BY_MAIL),
    "UTF-16": (GERMAN.encode("utf-16"), MINE, BY_MAIL),
    "tabs": (ENGLISH.replace(",", "\t").encode("utf-16"), MINE, BY_MAIL),
    "semicolons": (ENGLISH.replace(",", ";").encode(), MINE, BY_MAIL),
    "told by a first line": (b"sep=;\r\n" + ENGLISH.replace(",", ";").replace("\n", "\r\n").encode(), MINE, BY_MAIL),
    "an empty last row": (ENGLISH.encode() + b",,\n\n", MINE, BY_MAIL),
    "another form of the name": (ENGLISH.encode(), moodle("Dr. Müller, Ä. Maria", 123456), BY_MAIL),
    "a group before it": (ENGLISH.encode(), moodle("Gruppe 3-Müller Änne", 123456), BY_MAIL),
}


@pytest.mark.parametrize("kind", SHEETS)
def test_a_worksheet_of_moodle_says_who_is_meant(course: Course, kind: str) -> None:
    sheet, path, student = SHEETS[kind]
    download = course.download("all.zip", zipped((path, notebook("mine"))))
    course.collect(download, "--roster", course.download("sheet.csv", sheet))
    assert course.submitted() == {student: "mine"}


@pytest.mark.parametrize("name", ["Änne Schmidt", "Mül Ler Änne", "Nnemueller Ae", "Müller", "Ben Çelik"])
def test_names_are_compared_word_by_word(course: Course, name: str) -> None:
    roster = course.download("r.csv", "student_id,name\na,Änne Müller\nb,Ben Celik\nc,Celik Ben\n".encode())
    course.collect(course.download("a.zip", zipped((moodle(name, 5), notebook("x")))), "--roster", roster, code=1)
    assert course.submitted() == {}


def test_a_time_and_an_extension_on_a_worksheet_count(course: Course) -> None:
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        gradebook.add_assignment("ex04", duedate=datetime(2026, 5, 10, 20))
    status = "Submitted for grading - Extension granted until: Sunday, 17 May 2026, 11:59 PM"
    sheet = ENGLISH.replace("address", "address,Status,Last modified (submission)")
    sheet = sheet.replace("a@x.example", f'a@x.example,"{status}","Monday, 11 May 2026, 9:00 AM"')
    download, roster = (
        course.download("all.zip", zipped((MINE, notebook("mine")))),
        course.download("s.csv", sheet.encode()),
    )
    arguments = ["collect", "ex04", str(download), "--roster", str(roster), "--timezone", "UTC"]
    shown = CliRunner().invoke(app, arguments).output
    assert f"By the roster, {BY_MAIL} has time until 2026-05-17 23:59 UTC." in " ".join(shown.split())
    assert "By the roster" not in CliRunner().invoke(app, arguments).output
    (line,) = course.collect(download, "--roster", roster)
    assert (line["time"], line["late"]) == ("2026-05-11T09:00:00+00:00", False)
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        submission = gradebook.find_submission("ex04", BY_MAIL)
        assert submission.duedate == datetime(2026, 5, 17, 23, 59)


def test_without_the_roster_a_known_number_stays_the_same_student(course: Course) -> None:
    first, second = (zipped((MINE, notebook(text), time)) for text, time in (("1", NOON), ("2", NEXT_DAY)))
    roster = course.download("sheet.csv", ENGLISH.encode())
    course.collect(course.download("a.zip", first), "--roster", roster)
    course.collect(course.download("b.zip", second))
    assert course.submitted() == {BY_MAIL: "2"}


def test_german_times_are_read(course: Course) -> None:
    sheet = course.download("sheet.csv", GERMAN.encode())
    lines = course.collect(course.download("all.zip", zipped((MINE, notebook("mine")))), "--roster", sheet)
    assert [line["time"] for line in lines if line["status"] == "taken"] == ["2026-05-10T23:30:00+00:00"]


SIS = "Student,ID,SIS User ID,SIS Login ID,Section,ex04 (7)\n    Points Possible,,,,,20\n"
SIS += '"Student, Test",99,,4f0c,A,\n'
SIS += '"Poe, Pat",12345,03700001,ge11poe,A,\n"Doe, Jo",10~123,,ge22doe,A,\n"O\'Hara, Zoë",777,03700003,,A,\n'
CANVAS = [
    # name of a file, student
    ("poepat_LATE_12345_67890_1_simple_classifier-2.ipynb", "03700001"),
    (f"doejo_100000000000123_67890_{NAME}", "ge22doe"),
    (f"oharazoë_777_67890_{NAME}", "03700003"),
]


@pytest.mark.parametrize(("path", "student"), CANVAS)
def test_a_gradebook_of_canvas_says_who_is_meant(course: Course, path: str, student: str) -> None:
    roster = course.download("gradebook.csv", SIS.encode())
    course.collect(course.download("all.zip", zipped((path, notebook("mine")))), "--roster", roster)
    assert course.submitted() == {student: "mine"}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("poepat_12345_text.html", "a text was typed into Canvas, and no notebook was handed in"),
        ("poepat_LATE_12345_link.html", "a link was given to Canvas, and no notebook was handed in"),
        (f"anon_12345_67890_{NAME}", "Canvas hides who anon 12345 is"),
        (f"LATE_anon_aB3dE_67890_{NAME}", "Canvas hides who anon aB3dE is"),
        (f"roejane_12345_67890_{NAME}", "and the download says roejane; is this the gradebook of this course?"),
    ],
)
def test_canvas_has_sentences_of_its_own(course: Course, path: str, said: str) -> None:
    roster = course.download("gradebook.csv", SIS.encode())
    lines = course.collect(course.download("all.zip", zipped((path, notebook("x")))), "--roster", roster, code=1)
    assert said in status(lines, path)[1]
    assert "Moodle" not in str(lines)
    assert course.submitted() == {}


def test_anonymous_students_of_canvas_keep_their_numbers(course: Course) -> None:
    names = ("anon_12345_67890_", "anon_54321_67891_", "LATE_anon_aB3dE_67892_")
    course.collect(course.download("all.zip", zipped(*((name + NAME, notebook(name)) for name in names))))
    assert set(course.submitted()) == {"anon-12345", "anon-54321", "anon-aB3dE"}
    shown = CliRunner().invoke(app, ["export", "ex04", "--layout", "canvas"])
    assert not (course.root / "ex04-canvas.csv").exists() or "12345" not in shown.output


def test_names_and_numbers_of_a_roster_reach_the_gradebook(course: Course) -> None:
    sheet = ENGLISH + "Participant 123457,Ben Çelik,b@x.example\n"
    download = course.download("all.zip", zipped((MINE, notebook("mine"))))
    course.collect(download, "--roster", course.download("sheet.csv", sheet.encode()))
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        known = {student.id: (student.first_name, student.last_name, student.email) for student in gradebook.students}
    assert known == {
        "a@x.example": ("Änne", "Müller", "a@x.example"),
        "b@x.example": ("Ben", "Çelik", "b@x.example"),
    }
    numbers = read_names(course.root / "collected/ex04.json").numbers_of("moodle")
    assert {student: number.word + number.text for student, number in numbers.items()} == {
        "a@x.example": "Participant 123456",
        "b@x.example": "Participant 123457",
    }


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


# shapes of other platforms

UNIVERSITY = "Matrikelnummer;Nachname;Vorname;E-Mail\n03700001;Müller;Änne;ge11abc@x.example\n03700002;Doe;Jo;\n"
IDS = "student_id\nge11abc\nge22def\n"
OF_NBGRADER = "id,first_name,last_name,email,lms_user_id\nge11abc,Änne,Müller,,\n"
ILIAS = "Ex04/Müller_Änne_ge11abc_1234/20260510120000_1_simple_classifier.ipynb"
SHAPES = [
    # roster, path, student; "" where it is a question
    (UNIVERSITY, f"Änne Müller - {NAME}", "03700001"),
    (UNIVERSITY, ILIAS, "03700001"),
    (UNIVERSITY, moodle("Jo Doe", 6), "03700002"),
    (IDS, ILIAS, "ge11abc"),
    (IDS, f"ge22def_Doe/{NAME}", "ge22def"),
    (IDS, f"ex04-GE22DEF/{NAME}", ""),
    (IDS, f"ge11abc_ge22def/{NAME}", ""),
    (IDS, f"Ex04_ge11abc_attempt_2026-05-10-12-00-00_{NAME}", ""),
    (OF_NBGRADER, f"Müller Änne/{NAME}", "ge11abc"),
]


@pytest.mark.parametrize(("roster", "path", "student"), SHAPES)
def test_downloads_of_other_platforms_are_taken_or_asked_about(
    course: Course, roster: str, path: str, student: str
) -> None:
    download = course.download("all.zip", zipped((path, notebook("mine"))))
    lines = course.collect(download, "--roster", course.download("r.csv", roster.encode("cp1252")), code=None)
    assert course.submitted() == ({student: "mine"} if student else {})
    if not student:
        assert status(lines, path)[0] == "not taken"


# what students write into their names

SPANISH = "Identificador,Nombre,Correo,Estado\n"
BEN = '"Participante 124","Ben Li",ben@x.example,ok\n'
NAMES_OF_EVE = ["ben@x.example", "x@y.example", "🙂 1", "@", "Ben Li"]


@pytest.mark.parametrize("name", NAMES_OF_EVE)
def test_no_name_takes_the_place_of_an_address(course: Course, name: str) -> None:
    sheet = SPANISH + f'"Participante 123","{name}",eve@x.example,ok\n' + BEN
    download = course.download(
        "all.zip", zipped((moodle(name, 123), notebook("evil")), (moodle("Ben Li", 124), notebook("ben")))
    )
    course.collect(download, "--roster", course.download("sheet.csv", sheet.encode()), code=None)
    assert course.submitted() == {"eve@x.example": "evil", "ben@x.example": "ben"}


def test_one_odd_name_takes_no_check_from_the_others(course: Course) -> None:
    sheet = SPANISH + '"Participante 123","🙂 1",eve@x.example,ok\n' + BEN
    download = course.download("all.zip", zipped((moodle("Somebody Else", 124), notebook("x"))))
    course.collect(download, "--roster", course.download("sheet.csv", sheet.encode()), code=1)
    assert course.submitted() == {}


def test_two_with_one_address_keep_their_places(course: Course) -> None:
    sheet = ENGLISH + "Participant 123457,Eve Ott,A@x.example\n"
    entries = ((MINE, notebook("mine")), (moodle("Eve Ott", 123457), notebook("eve")))
    course.collect(course.download("all.zip", zipped(*entries)), "--roster", course.download("s.csv", sheet.encode()))
    assert course.submitted() == {"aenne-mueller-123456": "mine", "eve-ott-123457": "eve"}


RESTS = [
    'eve@x.example,s,9 May 2026,,"',
    'a@x.example,s,9 May 2026,,"',
    'x,x,+9900,,"',
    "a@x.example,",
    "",
    "0123",
    '"',
]


@pytest.mark.parametrize("rest", RESTS)
def test_a_name_writes_no_columns(course: Course, rest: str) -> None:
    """PHP doesn't double a quote behind a backslash, so that such a name ends its cell for everybody else."""
    head = "Identifier,Full name,Email address,Status,Last modified (submission)\n"
    mine = 'Participant 123456,Änne Müller,a@x.example,s,"Monday, 11 May 2026, 9:00 AM"\n'
    eve = f'Participant 123457,"Eve Ott\\",{rest}",e@x.example,s,"Wednesday, 20 May 2026, 9:00 AM"\n'
    entries = ((MINE, notebook("mine")), (moodle("Eve Ott", 123457), notebook("eve")))
    download, roster = (
        course.download("all.zip", zipped(*entries)),
        course.download("s.csv", (head + eve + mine).encode()),
    )
    lines = course.collect(download, "--roster", roster, code=1)
    assert course.submitted() == {BY_MAIL: "mine"}
    assert "not on the roster" in status(lines, "Eve")[1]
    shown = CliRunner().invoke(app, ["collect", "ex04", str(download), "--roster", str(roster)]).output
    assert "Of the roster, this is left out: line 2 doesn't fit its columns." in " ".join(shown.split())


def test_an_odd_line_of_a_platform_costs_itself(course: Course) -> None:
    sheet = EMPTY_NUMBERS.replace("777", "a/b") + 'Participant 123458,Cem,"x\ty"\n'
    roster = course.download("sheet.csv", sheet.encode())
    lines = course.collect(course.download("a.zip", zipped((MINE, notebook("mine")))), "--roster", roster)
    assert course.submitted() == {"aenne-mueller-123456": "mine"}
    assert [line["student"] for line in lines] == ["aenne-mueller-123456"]


@pytest.mark.parametrize("end", "\x0b\x0c\x1c\x85\u2028\u2029")
def test_no_letter_but_a_line_break_ends_a_row(course: Course, end: str) -> None:
    sheet = f"Identifier,Full name,Email address\nParticipant 123456,Änne{end}Müller,a@x.example\n"
    roster = course.download("s.csv", sheet.encode())
    course.collect(course.download("all.zip", zipped((MINE, notebook("mine")))), "--roster", roster)
    assert course.submitted() == {BY_MAIL: "mine"}


def test_letters_that_become_many_make_no_name_long() -> None:
    assert len(names.folded("\ufdfa" * 80)) <= names.MAX_LETTERS
    assert names.words("Änne Maria Müller-Lüdenscheidt") == ("aenne", "luedenscheidt", "maria", "mueller")
