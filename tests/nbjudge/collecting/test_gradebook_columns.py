"""What a gradebook can't hold of one student on a roster costs nobody else anything, whatever the database is."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from nbjudge.results import people
from nbjudge.results.due_dates import DueDates
from nbjudge.results.gradebook import Person
from tests.support.downloads import Course, app, moodle, notebook, zipped
from tests.support.servers import postgresql

EXTENDED = "Submitted for grading - Extension granted until: Sunday, 17 May 2026, 11:59 PM"
HEAD = "Identifier,Full name,Email address,Status,Last modified (submission)\n"
LONG_NAME = f"Eve {'E' * 95} {'F' * 60} Ill"
LONG_ADDRESS = f"{'e' * 60}@{'.'.join(['x' * 30] * 3)}.example"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgresql() as address:
        yield address


def fresh(server: str) -> str:
    """The address of a new database."""
    import psycopg

    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        number = len(connection.execute("select datname from pg_database").fetchall())
        connection.execute(f"create database class{number}")
    return server.replace("/postgres", f"/class{number}")


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "SQLite":
        return f"sqlite:///{tmp_path}/course/gradebook.db"
    return fresh(request.getfixturevalue("server"))


CASES = {
    "a long name": (LONG_NAME, "eve@x.example", ["the first name is shortened"]),
    "a long address": ("Eve Ill", LONG_ADDRESS, ["the address is left out"]),
    "both": (LONG_NAME, LONG_ADDRESS, ["the first name is shortened", "the address is left out"]),
    "no letter of a text": ("Eve\0 Ill", "eve@x.example", ["the first name is shortened"]),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_column_does_not_take_costs_nobody_else_anything(course: Course, url: str, case: str) -> None:
    name, address, said = CASES[case]
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.CourseDirectory.db_url = {url!r}\n")
    with Gradebook(url) as gradebook:
        gradebook.add_assignment("ex04", duedate=datetime(2026, 5, 10, 20))
    sheet = (
        f'{HEAD}Participant 11,Ada King,ada@x.example,"{EXTENDED}","Tuesday, 12 May 2026, 12:00 PM"\n'
        f'Participant 13,"{name}",{address},"{EXTENDED}","Tuesday, 12 May 2026, 12:00 PM"\n'
        "Participant 12,Ben Ox,ben@x.example,No submission,-\n"
    )
    entries = [(moodle(who, number), notebook(who)) for who, number in (("Ada King", 11), ("Eve Ill", 13))]
    arguments = ["--roster", course.download("s.csv", sheet.encode()), "--timezone", "UTC"]
    words = ["collect", "ex04", str(course.download("all.zip", zipped(*entries))), *map(str, arguments)]
    shown = " ".join(CliRunner().invoke(app, words).output.split())
    with Gradebook(url) as gradebook:
        known = {one.id: (one.first_name, one.last_name, one.email) for one in gradebook.students}
    first, _, last = name.rpartition(" ")
    (eve,) = known.keys() - {"ada@x.example", "ben@x.example"}
    assert f"The gradebook can't hold all that the roster says of {eve}: {' and '.join(said)}." in shown
    assert known == {
        "ada@x.example": ("Ada", "King", "ada@x.example"),
        "ben@x.example": ("Ben", "Ox", "ben@x.example"),
        eve: (first.replace("\0", "")[:128], last, None if address == LONG_ADDRESS else address),
    }
    about = SimpleNamespace(db_url=url, has_gradebook=lambda: True, directory=SimpleNamespace(course_id=""))
    dates = DueDates(about, "ex04")  # type: ignore[arg-type]
    for student in ("ada@x.example", eve):
        assert dates.of(student) == datetime(2026, 5, 17, 23, 59, tzinfo=UTC)
    assert shown.count("By the roster, ") == 2


def test_letters_that_a_database_has_not_cost_their_student_alone(server: str) -> None:
    import psycopg

    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("create database latin encoding 'LATIN1' locale 'C' template template0")
    url = server.replace("/postgres", "/latin") + "?client_encoding=utf8"
    course = SimpleNamespace(db_url=url, directory=SimpleNamespace(course_id="co"))
    class_ = [Person("ada", "King", "Ada"), Person("eve", "Çelik", "Ľuba"), Person("łu"), Person("ben", "Ox", "Ben")]
    enrolment = people.enrol(course, class_)  # type: ignore[arg-type]
    assert enrolment.left_out == {"łu"}
    assert [said.split(" (")[0] for said in enrolment.remarks] == [
        "The gradebook takes nothing of eve but the id",
        "The gradebook doesn't take łu, who isn't added; rename the student's folder.",
    ]
    with Gradebook(url) as gradebook:
        assert {one.id: one.last_name for one in gradebook.students} == {"ada": "King", "eve": None, "ben": "Ox"}
