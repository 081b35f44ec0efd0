"""Grades as CSV files: what is in them, and that they open as what they are."""

import csv
import io
import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.apps import ExportApp
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import event
from traitlets.config import Config
from typer.testing import CliRunner

from nbjudge.cli import application
from nbjudge.course import course as courses
from nbjudge.course.characters import printable
from nbjudge.course.errors import CourseError
from nbjudge.course.lms_names import Number, canvas_name, keep_names
from nbjudge.results import csv_files
from nbjudge.results.export import CsvExport
from nbjudge.results.gradebook import read_records
from tests.support.gradebooks import DUE, NOTEBOOK, Course, write

app = application()


@pytest.fixture
def course(tmp_path, empty_gradebook, monkeypatch):
    monkeypatch.chdir(tmp_path)
    course = Course(tmp_path, empty_gradebook)
    yield course
    course.book.close()


@pytest.fixture
def klass(course) -> Course:
    """One student of each kind."""
    course.add("zoe", (3.0, 2.0), first_name="Zoë", last_name="O'Hara, Jr.", email="zoe@example.org", at=DUE)
    course.add("late", (3.0, 1.5), penalty=1.25, at=DUE + timedelta(hours=1))
    course.add("manual", (3.0, None), needs=True)
    course.add("nothing", first_name="No", last_name="Body")
    course.add("refused", (0.0, 0.0), refused="The file is empty.")
    course.add("corrected", (0.0, 2.0), manual=(2.5, None))
    course.add("waiting")
    write(course.root / "submitted/waiting/ex04" / f"{NOTEBOOK}.ipynb", "{}")
    write(course.root / "submitted/stranger/ex04" / f"{NOTEBOOK}.ipynb", "{}")
    return course


def run(*arguments: str) -> str:
    """What `course` prints."""
    done = CliRunner().invoke(app, [*arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


def fails(*arguments: str) -> str:
    with pytest.raises(CourseError) as caught:
        CliRunner().invoke(app, [*arguments], catch_exceptions=False)
    return str(caught.value)


def table(path: str) -> dict[str, dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


def rows(path: str) -> list[list[str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


# what is in it


def test_csv_has_a_line_for_each_student_and_a_column_for_each_task(klass) -> None:
    said = run("export", "ex04", "--to", "out.csv")
    lines = table("out.csv")
    assert list(lines) == sorted(lines)
    assert rows("out.csv")[0][-2:] == ["test_b", "test_a"], "in the order of the notebook"
    assert lines["zoe"] == {
        **{"assignment": "ex04", "duedate": "2024-05-01 12:00:00", "timestamp": "2024-05-01 12:00:00"},
        **{"student_id": "zoe", "last_name": "O'Hara, Jr.", "first_name": "Zoë", "email": "zoe@example.org"},
        **{"raw_score": "5", "late_submission_penalty": "0", "score": "5", "max_score": "5"},
        **{"seconds_late": "0", "status": "graded", "test_b": "3", "test_a": "2"},
    }
    late = lines["late"]
    assert (late["seconds_late"], late["raw_score"], late["late_submission_penalty"]) == ("3600", "4.5", "1.25")
    assert late["score"] == "3.25"
    assert (lines["corrected"]["test_b"], lines["corrected"]["score"]) == ("2.5", "4.5")
    status = {student: line["status"] for student, line in lines.items()}
    assert status == {
        **{"zoe": "graded", "late": "graded", "corrected": "graded", "manual": "needs manual grade"},
        **{"nothing": "missing", "refused": "refused", "waiting": "not graded"},
    }
    assert lines["refused"]["score"] == "0"
    assert "7 students (3 graded, 1 needs manual grade, 1 missing, 1 refused, 1 not graded)" in said
    assert "Not graded yet: stranger, waiting." in said
    assert said.endswith("Next: course autograde ex04")


def test_no_submission_is_empty_and_0_only_on_request(klass) -> None:
    for layout, place in (("csv", "score"), ("canvas", "ex04"), ("moodle", "Grade")):
        for option, expected in (([], ""), (["--missing-as-zero"], "0")):
            run("export", "ex04", "--layout", layout, "--to", f"{layout}.csv", *option)
            lines = rows(f"{layout}.csv")
            column = lines[0].index(place)
            points = {each: line[column] for line in lines for each in ("nothing", "waiting") if each in line}
            assert points == {"nothing": expected, "waiting": ""}, layout
    run("export", "ex04", "--to", "out.csv", "--missing-as-zero")
    nothing = table("out.csv")["nothing"]
    assert (nothing["raw_score"], nothing["test_a"], nothing["status"]) == ("0", "0", "missing")


def test_the_same_gradebook_gives_the_same_bytes(klass) -> None:
    for layout in ("csv", "canvas", "moodle"):
        run("export", "ex04", "--layout", layout, "--to", "one.csv")
        run("export", "ex04", "--layout", layout, "--to", "two.csv")
        assert Path("one.csv").read_bytes() == Path("two.csv").read_bytes()
        Path("one.csv").unlink()
        Path("two.csv").unlink()


def test_the_number_of_queries_does_not_grow_with_the_class(course) -> None:
    def queries() -> int:
        count = []
        event.listen(course.book.engine, "before_cursor_execute", lambda *_: count.append(1))
        read_records(course.book, courses.Course(CourseDirectory(root=str(course.root))))
        return len(count)

    course.add("one", (1.0, 1.0))
    few = queries()
    for number in range(40):
        course.add(f"s{number}", (1.0, 1.0))
    assert queries() <= few <= 8


def test_penalties_of_nbgraders_plugin_arrive_once_they_are_turned_on(course) -> None:
    course.add("eve", (3.0, 1.0), at=DUE + timedelta(minutes=5))
    about = {"notebook": NOTEBOOK, "assignment": "ex04", "student": "eve", "db_url": str(course.book.engine.url)}
    for method, expected in (("none", ["4", "0", "4"]), ("zero", ["4", "4", "0"])):
        penalties = AssignLatePenalties(config=Config(LateSubmissionPlugin={"penalty_method": method}))
        penalties.preprocess(type("Notebook", (), {"cells": []})(), {"nbgrader": about})
        course.book.db.expire_all()
        run("export", "ex04", "--to", "out.csv")
        line = table("out.csv")["eve"]
        assert [line["raw_score"], line["late_submission_penalty"], line["score"]] == expected
        assert line["seconds_late"] == "300"


def test_an_extension_moves_the_due_date(course) -> None:
    course.add("eve", (3.0, 1.0), at=DUE + timedelta(hours=2))
    course.book.find_submission("ex04", "eve").extension = timedelta(hours=1, minutes=30)
    course.book.db.commit()
    run("export", "ex04", "--to", "out.csv")
    assert table("out.csv")["eve"]["seconds_late"] == "1800"


# Canvas and Moodle


def collected(course: Course, lms: str, names: dict[str, str]) -> None:
    entries = {student: {"name": name, "lms": lms} for student, name in names.items()}
    write(course.root / "collected/ex04.json", json.dumps(entries))


def test_canvas_layout(klass) -> None:
    klass.add("lms", (1.0, 1.0), lms_user_id="77")
    collected(klass, "canvas", {"zoe": "oharazoe_LATE_340934_208490284_1_simple_classifier.ipynb"})
    said = run("export", "ex04", "--layout", "canvas", "--column", "Exercise 4 (12345)")
    lines = rows("ex04-canvas.csv")
    assert lines[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Exercise 4 (12345)"]
    assert lines[1] == ["    Points Possible", "", "", "", "", "5"]
    by_login = {line[3]: line for line in lines[2:]}
    assert by_login["zoe"] == ["O'Hara, Jr., Zoë", "340934", "", "zoe", "", "5"]
    assert by_login["lms"] == ["lms", "77", "", "lms", "", "2"]
    assert by_login["nothing"] == ["Body, No", "", "", "nothing", "", ""]
    assert "6 of 8 students go without their Canvas ID" in said


def test_moodle_layout(klass) -> None:
    collected(klass, "moodle", {"zoe": "Zoë O'Hara_4711_assignsubmission_file_", "late": "nonsense"})
    said = run("export", "ex04", "--layout", "moodle")
    header, *lines = rows("ex04-moodle.csv")
    assert {"Identifier", "Grade", "Last modified (grade)", "Feedback comments"} <= set(header)
    by_id = {line[2]: dict(zip(header, line, strict=True)) for line in lines}
    assert by_id["zoe"]["Identifier"] == "Participant 4711"
    assert (by_id["zoe"]["Grade"], by_id["zoe"]["Maximum grade"]) == ("5", "5")
    assert by_id["zoe"]["Feedback comments"] == "test_b: 3 of 3; test_a: 2 of 2"
    assert by_id["late"]["Feedback comments"].endswith("Late: 1.25 points taken off")
    assert by_id["late"]["Identifier"] == ""
    assert "6 of 7 students go without their participant number" in said


def test_numbers_of_a_roster_go_back_as_the_platform_writes_them(klass) -> None:
    """Also of those who handed in nothing."""
    keep_names(
        klass.root / "collected/ex04.json",
        {"zoe": canvas_name("oharazoe_340934_208490284_1_simple_classifier.ipynb")},
        {
            "zoe": Number("canvas", "340934", "", "03700001", "ge11zoe"),
            "nothing": Number("canvas", "10~123", "", "", "ge22nothing"),
        },
    )
    run("export", "ex04", "--layout", "canvas")
    by_name = {line[0]: line[1:4] for line in rows("ex04-canvas.csv")[2:]}
    assert by_name["O'Hara, Jr., Zoë"] == ["340934", "03700001", "ge11zoe"]
    assert by_name["Body, No"] == ["10~123", "", "ge22nothing"]
    keep_names(klass.root / "collected/ex04.json", {}, {"nothing": Number("moodle", "4712", "Teilnehmer/in")})
    run("export", "ex04", "--layout", "moodle")
    assert ["Participant 4712", "No Body", "nothing"] in [line[:3] for line in rows("ex04-moodle.csv")]


def test_no_student_is_canvas_own_line(klass) -> None:
    klass.add("eve", (1.0, 1.0), last_name="Points Possible", first_name="X")
    run("export", "ex04", "--layout", "canvas")
    assert [line[0] for line in rows("ex04-canvas.csv") if "points possible" in line[0].lower()] == [
        "    Points Possible"
    ]


def test_table_and_report_name_people_and_who_is_missing(klass) -> None:
    shown = CliRunner().invoke(app, ["table", "ex04"]).output
    (line,) = (line for line in shown.splitlines() if line.startswith("nothing"))
    assert line.split("\t") == ["nothing", "No Body", "", "", "", "missing"]
    assert "Zoë O'Hara, Jr." in shown
    run("report", "ex04")
    assert "nothing (No Body)" in (klass.root / "report-ex04.html").read_text()


# hostile texts


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1))
def test_texts_survive_a_round_trip(texts: list[str]) -> None:
    content = csv_files.encode([list(map(csv_files.text_cell, texts)), ["1"]], bom=True).decode("utf-8-sig")
    first, second = csv.reader(io.StringIO(content, newline=""))
    assert second == ["1"]
    for before, after in zip(texts, first, strict=True):
        assert after.replace("'", "") == printable(before).replace("'", "")
        assert after == printable(before) or any(each in before for each in "=+-@＝＋－＠")
        assert not after.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
        assert not after.startswith(("\t", "\r"))


@pytest.mark.parametrize("name", ['Meier, "Max"', "Grünäß", "O'Neill", "semi;colon", "x-y", "漢字", "علی\u200cرضا"])
def test_names_stay_as_they_are(course, name: str) -> None:
    course.add("max", (1.0, 1.0), last_name=name)
    run("export", "ex04", "--to", "out.csv")
    assert table("out.csv")["max"]["last_name"] == name


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "a;=1", "a\n=1", "a;\t@x"]
)
def test_no_cell_of_text_can_be_a_formula(course, name: str) -> None:
    """A spreadsheet that takes ; for the end of a cell would find the formula of the last ones, too."""
    course.add("=evil", (1.0, 1.0), last_name=name, first_name=name, email=name)
    for layout in ("csv", "canvas", "moodle"):
        run("export", "ex04", "--layout", layout, "--to", f"{layout}.csv")
        for line in rows(f"{layout}.csv"):
            for cell in line:
                for part in cell.replace("\n", ";").replace("\r", ";").split(";"):
                    assert not part.strip().startswith(("=", "+", "-", "@", "＝")), (layout, cell)


def test_numbers_are_never_defused(course) -> None:
    course.add("eve", (1.0, 1.0), manual=(-2.0, -0.0))
    run("export", "ex04", "--to", "out.csv")
    line = table("out.csv")["eve"]
    assert (line["test_b"], line["test_a"], line["raw_score"], line["score"]) == ("-2", "0", "-2", "0")


def test_excel_gets_its_mark(klass) -> None:
    run("export", "ex04", "--to", "plain.csv")
    run("export", "ex04", "--to", "excel.csv", "--excel")
    assert Path("excel.csv").read_bytes() == b"\xef\xbb\xbf" + Path("plain.csv").read_bytes()


def test_an_id_that_is_a_path_leads_nowhere(course) -> None:
    write(course.root / "autograded/x/ex04" / f"{NOTEBOOK}.ipynb", '{"metadata": {"intake": {"refused": "no"}}}')
    course.add("../autograded/x", (0.0, 0.0))
    run("export", "ex04", "--to", "out.csv")
    assert table("out.csv")["../autograded/x"]["status"] == "graded"


# nbgrader's own command, and mistakes


def test_plain_nbgrader_export_uses_it_with_its_own_options(klass, monkeypatch) -> None:
    monkeypatch.setenv("PATH", os.environ["PATH"])  # the configuration changes it
    nbgrader = ExportApp()
    nbgrader.initialize(
        ["--assignment", "ex04", "--student=zoe", "--student=late", "--to=out.csv", "--CsvExport.bom=1"]
    )
    nbgrader.start()
    assert Path("out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert [line[3] for line in rows("out.csv")] == ["student_id", "late", "zoe"]


def test_all_assignments_go_into_one_file_with_columns_that_can_be_told_apart(klass) -> None:
    klass.add_assignment("ex05", duedate=None)
    klass.add("zoe", (1.0, 2.0), assignment="ex05")
    CsvExport().export(klass.book)
    header, *lines = rows("grades.csv")
    assert [line[:4] + line[-4:] for line in lines if line[3] == "zoe"] == [
        ["ex04", "2024-05-01 12:00:00", "2024-05-01 12:00:00", "zoe", "3", "2", "", ""],
        ["ex05", "", "", "zoe", "", "", "1", "2"],
    ]
    assert header[-4:] == [f"ex0{exercise}/{NOTEBOOK}/test_{task}" for exercise in (4, 5) for task in "ba"]
    run("export", "ex04", "--to", "one.csv")
    assert rows("one.csv")[0][-2:] == ["test_b", "test_a"]


def test_nbgraders_export_says_what_is_wrong(klass) -> None:
    for trouble, sentence in (({"assignment": ["ex99"]}, "no assignment ex99"), ({"student": [123]}, "no student 123")):
        with pytest.raises(SystemExit, match=sentence):
            CsvExport(**trouble).export(klass.book)
    assert not Path("grades.csv").exists()


def test_other_files_are_left_alone(klass) -> None:
    write(klass.root / "thesis.csv", "years of work")
    from_canvas = "Student,ID,SIS User ID,SIS Login ID,Section,Exercise 1 (1),ex04 (2)\r\n"
    write(klass.root / "canvas.csv", from_canvas)
    assert "exists and wasn't made by this command" in fails("export", "ex04", "--to", "thesis.csv")
    assert "exists and wasn't made" in fails("export", "ex04", "--layout", "canvas", "--to", "canvas.csv")
    assert Path("thesis.csv").read_text() == "years of work"
    assert not list(klass.root.glob(".*csv*")), "nothing half written stays"


def test_mistakes_end_in_one_sentence(klass, tmp_path_factory, monkeypatch) -> None:
    assert fails("export", "ex99").startswith("the gradebook knows no assignment ex99;")
    assert "there is no folder" in fails("export", "ex04", "--to", "nowhere/out.csv")
    assert "is a folder" in fails("export", "ex04", "--to", ".")
    write(klass.root / "gradebook.db", "no database")
    assert "the gradebook can't be read" in fails("export", "ex04")
    (klass.root / "gradebook.db").unlink()
    assert "there is no gradebook" in fails("export", "ex04")
    assert not (klass.root / "gradebook.db").exists()
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert "go to the course folder first" in fails("export", "ex04")
