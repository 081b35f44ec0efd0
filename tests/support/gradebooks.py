"""Small courses with a gradebook that is written directly, without grading anything."""

import json
import shutil
from datetime import datetime
from pathlib import Path

from nbgrader.api import (
    Assignment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import insert

from nbjudge.course import course as courses
from nbjudge.results import table
from tests.support import ROOT

NOTEBOOK = "1_simple_classifier"
TASKS = {"test_b": 3.0, "test_a": 2.0}  # in this order in the source notebook
DUE = datetime(2024, 5, 1, 12)


class Course:
    """A course folder with the assignment ex04."""

    def __init__(self, root: Path, empty: Path) -> None:
        self.root = root
        shutil.copy(ROOT / "nbgrader_config.py", root)
        shutil.copy(empty, root / "gradebook.db")
        self.book = Gradebook(f"sqlite:///{root / 'gradebook.db'}", "simple_classifier")
        self.add_assignment("ex04")

    def add_assignment(self, name: str, duedate: datetime | None = DUE) -> None:
        add = self.book.db.add
        about = {"id": name, "name": name, "duedate": duedate, "course_id": "simple_classifier"}
        self.book.db.execute(insert(Assignment.__table__).values(about))  # its constructor would drop the id
        add(Notebook(id=f"{name}.n", name=NOTEBOOK, assignment_id=name))
        for task, points in TASKS.items():
            add(GradeCell(id=f"{name}.{task}", name=task, notebook_id=f"{name}.n", max_score=points, cell_type="code"))
        self.book.db.commit()
        cells = [{"cell_type": "code", "source": "", "metadata": {"nbgrader": {"grade_id": task}}} for task in TASKS]
        write(self.root / "source" / name / f"{NOTEBOOK}.ipynb", json.dumps({"cells": cells, "metadata": {}}))

    def add(self, student: str, points=(), assignment: str = "ex04", penalty=None, at=None, **about) -> None:
        """A student; ``points`` are the automatic scores, or nothing was handed in. ``manual`` are manual ones."""
        manual, needs, refused = about.pop("manual", ()), about.pop("needs", False), about.pop("refused", None)
        session, key = self.book.db, f"{assignment}.{len(self.book.db.query(SubmittedAssignment).all())}"
        if session.get(Student, student) is None:
            session.add(Student(id=student, **about))
        if points:
            session.add(SubmittedAssignment(id=key, assignment_id=assignment, student_id=student, timestamp=at))
            session.add(
                SubmittedNotebook(
                    id=f"{key}.n", assignment_id=key, notebook_id=f"{assignment}.n", late_submission_penalty=penalty
                )
            )
            for place, (task, score) in enumerate(zip(TASKS, points, strict=True)):
                grade = Grade(cell_id=f"{assignment}.{task}", notebook_id=f"{key}.n", auto_score=score)
                grade.manual_score = manual[place] if manual else None
                grade.needs_manual_grade = needs
                session.add(grade)
            about = {"intake": {"refused": refused} if refused else {"repaired": []}}
            if "/" not in student:
                graded = self.root / "autograded" / student / assignment / f"{NOTEBOOK}.ipynb"
                write(graded, json.dumps({"cells": [], "metadata": about}))
        session.commit()

    def add_page(self, student: str, text: str = "a page", assignment: str = "ex04") -> Path:
        return write(self.root / "feedback" / student / assignment / f"{NOTEBOOK}.html", text)


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def scores(root: Path, assignment: str) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """What the gradebook in the folder of a course says: most points by task, and each student's points by task."""
    return table.scores(courses.Course(CourseDirectory(root=str(root))), assignment)
