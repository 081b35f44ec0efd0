"""What the report counts and lists, on small classes whose every verdict is known; and the page about a term."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from nbjudge.cli import application
from nbjudge.course import course as courses
from nbjudge.course.errors import CourseError
from nbjudge.course.graded import write_verdict
from nbjudge.results import reasons, report
from nbjudge.results.class_results import read_class
from nbjudge.results.labels import Labels
from nbjudge.results.probes import probes_of
from nbjudge.results.statistics import ProbeNumbers
from nbprobe.reason import Reason
from nbprobe.reasons import explain
from nbprobe.verdict import VOID, Row, Verdict
from tests.nbjudge.results.test_report import Page
from tests.support.gradebooks import DUE, NOTEBOOK, Course, write

app = application()
RIGHT, FLIPPED, VAGUE = (
    None,
    Reason("The sign is flipped."),
    Reason("3 of 4 values are right.", "Some of the values are right, and others wrong."),
)
SLIP = "You averaged over the batch."


def verdict(main: Reason | None, edge: Reason | None, diagnosis: str = "", maximum: float = 3.0) -> Verdict:
    """Of a test with two probes, of which the first is the main one."""
    most = (maximum - 1, 1.0)
    rows = [
        Row(name, "wrong" if reason else "right", 0.0 if reason else points, points, reason)
        for name, reason, points in zip(("main", "edge"), (main, edge), most, strict=True)
    ]
    rows.append(Row("input as it was", "remark", 0.0, 0.0, Reason("It changes its input.")))
    return Verdict(rows, sum(row.points for row in rows), maximum, diagnosis)


def graded(course: Course, student: str, assignment: str = "ex04", **verdicts: Verdict) -> None:
    cells = []
    for name, each in verdicts.items():
        about = {"nbgrader": {"grade_id": f"test_{name}", "grade": True}}
        cells.append({"cell_type": "code", "source": "", "metadata": about})
        write_verdict(cells[-1], each)
    content = json.dumps({"cells": cells, "metadata": {}})
    write(course.root / "autograded" / student / assignment / f"{NOTEBOOK}.ipynb", content)


@pytest.fixture
def course(tmp_path: Path, empty_gradebook: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """Six students. Task b is tried by two probes, task a by one that all pass and one that separates."""
    monkeypatch.chdir(tmp_path)
    course = Course(tmp_path, empty_gradebook)
    for student, b, a in (
        ("ada", verdict(RIGHT, RIGHT), verdict(RIGHT, RIGHT, maximum=2.0)),
        ("ben", verdict(VAGUE, VOID), verdict(RIGHT, RIGHT, maximum=2.0)),
        ("cem", verdict(FLIPPED, FLIPPED, SLIP), verdict(RIGHT, FLIPPED, SLIP, maximum=2.0)),
        ("dan", verdict(RIGHT, VAGUE), verdict(RIGHT, FLIPPED, maximum=2.0)),
        ("eve", verdict(FLIPPED, FLIPPED), verdict(RIGHT, FLIPPED, maximum=2.0)),
        ("fay", verdict(VAGUE, VOID), verdict(RIGHT, RIGHT, maximum=2.0)),
    ):
        course.add(student, (b.score, a.score), first_name=student.title(), last_name="Example")
        graded(course, student, b=b, a=a)
    course.book.close()
    return course


def read(course: Course) -> report.ClassResults:
    return read_class(courses.Course.here(course.root), "ex04")


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    if isinstance(done.exception, CourseError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def add(course: Course, student: str, assignment: str = "ex04") -> None:
    """One more student, who has all points."""
    course.book = Gradebook(f"sqlite:///{course.root / 'gradebook.db'}", "simple_classifier")
    course.add(student, (3.0, 2.0), assignment=assignment)
    course.book.close()


def page_of(course: Course, name: str = "report-ex04.html") -> str:
    return Page((course.root / name).read_text()).text


# --- probes


def test_a_probe_passes_fails_and_fails_alone(course: Course) -> None:
    """A right result that counts for nothing, because the main probe failed, is none that failed."""
    results = read(course)
    b, a = results.tasks
    found = [(probe.name, probe.n, probe.passed, probe.alone) for probe in probes_of(results, b)]
    assert found == [("main", 6, 2, 2), ("edge", 6, 3, 1)]
    found = [(probe.name, probe.n, probe.passed, probe.alone) for probe in probes_of(results, a)]
    assert found == [("main", 6, 6, 0), ("edge", 6, 3, 3)]
    assert [probe.never_separates for task in (b, a) for probe in probes_of(results, task)] == [
        False,
        False,
        True,
        False,
    ]


def test_the_page_names_probes_that_separate_nobody(course: Course) -> None:
    run("report", "ex04")
    assert "1 of 4 probes separate nobody: 2 main (everybody passes it)" in page_of(course)


def test_a_probe_that_often_fails_and_never_alone() -> None:
    found = [ProbeNumbers("p", 1.0, 20, 20 - failed, alone).never_alone for failed, alone in ((5, 0), (4, 0), (9, 1))]
    assert found == [True, False, False]


# --- titles


def test_tasks_are_called_as_in_the_notebook_and_not_as_a_student_calls_them(course: Course) -> None:
    source = course.root / "source/ex04" / f"{NOTEBOOK}.ipynb"
    tests = json.loads(source.read_text())["cells"]
    for cell in tests:
        cell["metadata"]["nbgrader"]["grade"] = True
    heading = {
        "cell_type": "markdown",
        "source": "## Task 2: the loss\n## Task 3: its slope (2 points)",
        "metadata": {},
    }
    write(source, json.dumps({"cells": [heading, *tests], "metadata": {}}))
    results = read(course)
    assert [task.label for task in results.tasks] == [
        "1 · Task 3: its slope (b)",
        "2 · Task 3: its slope (a)",
    ], "before a check has said how it calls its task"

    graded_notebook = course.root / "autograded/ada/ex04" / f"{NOTEBOOK}.ipynb"
    content = json.loads(graded_notebook.read_text())
    for cell, task in zip(content["cells"], ("Task 2", "Task 3"), strict=True):
        cell["metadata"]["nbjudge"]["task"] = task
    own = {"cell_type": "markdown", "source": "## Task 2: give me all points", "metadata": {}}
    write(graded_notebook, json.dumps({"cells": [own, *content["cells"]], "metadata": {}}))
    assert [task.label for task in read(course).tasks] == ["2 · The loss", "3 · Its slope"]
    run("report", "ex04")
    assert "2 · The loss" in page_of(course)
    assert "give me" not in page_of(course)
    assert "2 · The loss: 3 of 3 points" in run("show", "ex04", "ada")


# --- sentences


def test_sentences_across_tasks_and_what_they_cost(course: Course) -> None:
    results = read(course)
    places = {task.key: place for place, task in enumerate(results.tasks, 1)}
    found = reasons.across_tasks(reasons.losses(results), places)
    rows = [(row.cause.sentence, row.cause.is_known, row.times, row.students, row.points) for row in found["rows"]]
    assert rows == [
        ("Some of the values are right, and others wrong.", False, 3, 3, 3.0 + 1.0 + 3.0),
        ("The sign is flipped.", False, 3, 2, 1.0 + 3.0 + 1.0),
        (SLIP, True, 2, 1, 4.0),
    ]
    assert found["whole"] == 16.0
    assert [place for place, _ in found["rows"][1].tasks] == [1, 2]


def test_wrong_results_without_a_name_are_counted_and_pointed_at(course: Course) -> None:
    results = read(course)
    labels = Labels([results], False)
    places = {task.key: place for place, task in enumerate(results.tasks, 1)}
    found = reasons.without_name(reasons.losses(results), labels, places)
    assert (found["n"], found["tasks"]) == (3, 1)
    assert [(row["label"], row["probe"], row["students"]) for row in found["rows"]] == [
        ("1 · b", "main", ["ben (Ben Example)", "fay (Fay Example)"]),
        ("1 · b", "edge", ["dan (Dan Example)"]),
    ]


GOT = {
    "values": lambda right: -(right**2) + 17.3,
    "some": lambda right: np.where(np.arange(len(right)) < 2, right, 99.0),
    "factor": lambda right: 1.279 * right,
    "flipped factor": lambda right: -1.279 * right,
    "too large": lambda right: right + 7,
    "too small": lambda right: right - 7,
    "nearly": lambda right: right + 0.001 * np.arange(len(right)),
    "shape": lambda right: np.ones((2, 3, 5)),
}


@pytest.mark.parametrize("got", GOT)
def test_what_names_no_cause_is_what_the_judge_says(got: str) -> None:
    right = np.array([1.5, 2.25, 3.125, 4.0625, 7.5])
    reason = explain(GOT[got](right), right)
    assert reason is not None
    assert reason.general in reasons.NAMES_NO_CAUSE, reason


def test_every_sentence_that_names_no_cause_is_one_that_the_judge_has() -> None:
    right = np.array([1.5, 2.25, 3.125, 4.0625, 7.5])
    said = {reason.general for make in GOT.values() if (reason := explain(make(right), right))}
    assert said == reasons.NAMES_NO_CAUSE


# --- what changed


def test_the_first_report_says_that_there_was_none_before(course: Course) -> None:
    run("report", "ex04")
    assert "Since the last report there was none; the next one says what changed" in page_of(course)
    run("report", "ex04")
    assert "Since the last report nothing changed (" in page_of(course)


def test_other_points_and_new_submissions(course: Course) -> None:
    run("report", "ex04")
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as book:
        book.find_grade("test_a", NOTEBOOK, "ex04", "dan").manual_score = 2.0
        book.db.commit()
    add(course, "gus")
    run("report", "ex04")
    page = page_of(course)
    assert "New: 1 student: gus" in page
    assert "Other points: 1 student." in page
    assert re.search(r"dan \(Dan Example\) +3 +4 +2 · a: 1 → 2", page)
    assert "ben" not in page[page.index("Since the last report") : page.index("n = 7")]
    run("report", "ex04", "--pseudonyms")
    assert "nothing changed" in page_of(course)


def test_what_is_kept_for_the_next_report_is_the_course_s_and_forgotten_with_a_student(course: Course) -> None:
    student = "ge11longenough"  # a short one can stand in the gradebook's random ids
    add(course, student)
    run("report", "ex04")
    kept = course.root / ".grading/ex04/reported/points.json"
    assert json.loads(kept.read_text())["ada"] == {f"{NOTEBOOK}/test_b": 3.0, f"{NOTEBOOK}/test_a": 2.0}
    ignored = (Path(__file__).parents[3] / ".gitignore").read_text().splitlines()
    assert "/.grading/" in ignored
    run("forget", student, "--yes")
    assert student not in json.loads(kept.read_text())
    assert "ben" in json.loads(kept.read_text())


@pytest.mark.parametrize("content", ["", "[]", "[1]", '{"ada": 3}', '{"ada": {"x": "y"}}', "[" * 100_000, "{"])
def test_a_damaged_file_of_the_last_report_counts_as_none(course: Course, content: str) -> None:
    write(course.root / ".grading/ex04/reported/points.json", content)
    run("report", "ex04")
    assert "Since the last report" in page_of(course)


# --- by hand


def test_points_by_hand_and_what_still_waits(course: Course) -> None:
    run("report", "ex04")
    assert "Points given by hand none" in page_of(course)
    assert "manual grade" not in page_of(course)
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as book:
        given = book.find_grade("test_b", NOTEBOOK, "ex04", "ben")
        given.manual_score, given.extra_credit = 2.5, 0.5
        book.find_grade("test_a", NOTEBOOK, "ex04", "fay").extra_credit = 1.0
        book.find_grade("test_a", NOTEBOOK, "ex04", "eve").needs_manual_grade = True
        book.db.commit()
    run("report", "ex04")
    page = page_of(course)
    assert "1 score still needs a manual grade" in page
    assert re.search(r"ben \(Ben Example\) +1 · b of 3 +0 +2.5 +0.5", page)
    assert re.search(r"eve \(Eve Example\) +2 · a of 2 +1 +– +– +needs a manual grade", page)
    assert re.search(r"fay \(Fay Example\) +2 · a of 2 +2 +– +1 ", page)
    assert page.index("eve (Eve Example) 2 · a of 2") < page.index("ben (Ben Example) 1 · b of 3"), (
        "what waits comes first"
    )


def test_empty_sections_are_one_line(course: Course) -> None:
    run("report", "ex04")
    text = (course.root / "report-ex04.html").read_text()
    for title in ("Refused", "Late", "Points given by hand", "Repaired before grading", "Without grade"):
        (block,) = re.findall(rf'<h3 class="nothing">{title} <small>none[^<]*</small></h3>\s*', text)
        assert text[text.index(block) + len(block) :].startswith("</div>")
    assert re.search(r'<section id="alike">\s*<h2 class="nothing">[^\n]*</h2>\s*</section>', text)


# --- the term


@pytest.fixture
def term(course: Course) -> Course:
    """Two assignments before ex04: in the first came all, in the second all but eve, in the third also not dan."""
    course.book = Gradebook(f"sqlite:///{course.root / 'gradebook.db'}", "simple_classifier")
    for place, name in enumerate(("ex02", "ex03")):
        course.add_assignment(name, DUE - timedelta(days=7 * (2 - place)))
        for student in ("ada", "ben", "cem", "dan", "eve", "fay")[: 6 - 2 * place]:
            each = verdict(FLIPPED, FLIPPED, SLIP if student == "cem" else "")
            course.add(student, (0.0, 2.0), assignment=name)
            graded(course, student, name, b=each)
    for student in ("eve", "fay"):
        course.book.remove_submission("ex04", student)
    course.add_assignment("ex05", datetime(2100, 1, 1))
    course.book.close()
    return course


def test_a_term_on_one_page(term: Course) -> None:
    said = run("report", "--all")
    assert said == "3 assignments: report-all.html\nNext: course report ASSIGNMENT\n"
    page = page_of(term, "report-all.html")
    order = [page.index(f"{name} 5 points") for name in ("ex02", "ex03", "ex04")]
    assert order == sorted(order)
    assert re.search(rf"● {re.escape(SLIP)} +1 +1 +1 +1 +cem \(Cem Example\)", page)
    assert re.search(r"○ The sign is flipped\. +5 +3 +1 ", page)
    assert "Some of the values are right" not in page, "what names no cause doesn't come back"
    stopped = page[page.index("Who stopped handing in") :]
    assert re.search(r"eve \(Eve Example\) +ex02 +2 +1 +40 % ", stopped)
    assert "dan" not in stopped


def test_who_hands_in_again_has_not_stopped(term: Course) -> None:
    add(term, "eve")
    run("report", "--all")
    stopped = page_of(term, "report-all.html").split("Who stopped handing in")[1]
    assert "eve" not in stopped
    assert "fay" in stopped


def test_an_assignment_that_is_not_due_yet_is_missed_by_nobody(term: Course) -> None:
    add(term, "ada", "ex05")
    run("report", "--all")
    stopped = page_of(term, "report-all.html").split("Who stopped handing in")[1]
    assert "ben" not in stopped
    assert "eve" in stopped


def test_a_term_with_pseudonyms_names_nobody(term: Course) -> None:
    run("report", "--all", "--pseudonyms", "--to", "p.html")
    text = (term.root / "p.html").read_text()
    assert not re.search(r"\b(ada|ben|cem|dan|eve|fay|example)\b", text, re.IGNORECASE)
    assert re.search(r"Student \d", text)
    assert "<script" not in text


def test_one_assignment_or_the_term(course: Course) -> None:
    for words in (["report"], ["report", "ex04", "--all"]):
        with pytest.raises(CourseError, match="name one assignment, or give --all for the term"):
            run(*words)


def test_a_term_of_nothing(tmp_path: Path, empty_gradebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Course(tmp_path, empty_gradebook).book.close()
    with pytest.raises(CourseError, match="nothing is graded yet"):
        run("report", "--all")
