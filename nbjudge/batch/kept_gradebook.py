"""nbgrader's gradebook: checked before a class is graded, and kept open while it is.

For one submission nbgrader opens the database about ten times. Each time it makes a new engine, asks whether all tables
are there and translates every query anew. A process that grades many submissions keeps all that.
"""

import importlib
from typing import Any, ClassVar

from nbgrader.api import Assignment, Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import Engine, create_engine, func, make_url, select, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from nbjudge.course.course import AssignmentCourse, database_said
from nbjudge.course.errors import CourseError

WAIT_SECONDS = 120
"""How long a process waits while another one writes to the same SQLite file."""
USERS = (
    "nbgrader.converters.autograde",
    "nbgrader.preprocessors.overwritecells",
    "nbgrader.preprocessors.saveautogrades",
    "nbgrader.preprocessors.latesubmissions",
    "nbjudge.intake.step",
    "nbjudge.judging.steps",
)
"""Modules that open the gradebook while a submission is graded."""


class OneCommit(Session):
    """Writes all changes at once, when the gradebook is closed. nbgrader commits after each cell."""

    def commit(self) -> None:
        self.flush()
        self.expire_all()

    def finish(self) -> None:
        super().commit()


class KeptGradebook(Gradebook):
    """A gradebook whose connection outlives it. What is done within one ``with`` is one transaction."""

    engines: ClassVar[dict[str, Engine]] = {}
    known: ClassVar[set[tuple[str, str]]] = set()

    def __init__(self, db_url: str, course_id: str = "default_course", authenticator: Any = None) -> None:
        if db_url not in self.engines:
            Gradebook(db_url, course_id).close()  # makes the tables where there are none
            waits = {"timeout": WAIT_SECONDS} if db_url.startswith("sqlite") else {}
            self.engines[db_url] = create_engine(db_url, connect_args=waits, pool_pre_ping=not waits)
        self.engine = self.engines[db_url]
        self.db = scoped_session(sessionmaker(class_=OneCommit, bind=self.engine))
        if (db_url, course_id) not in self.known:
            self.check_course(course_id)
            self.db().finish()
            self.known.add((db_url, course_id))
        self.course_id, self.authenticator = course_id, authenticator

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        try:
            if kind is None:
                self.db().finish()
        finally:
            self.close()

    def close(self) -> None:
        self.db.remove()


def keep_open() -> None:
    """Let all that grades a submission in this process use kept gradebooks."""
    for name in USERS:
        vars(importlib.import_module(name))["Gradebook"] = KeptGradebook


def check(course: AssignmentCourse) -> None:
    """Make sure that the gradebook can be reached, is of this nbgrader's form, and knows the assignment.

    Raises
    ------
    CourseError
        If not.
    """
    from alembic.script import ScriptDirectory  # here, because it takes half a second to import

    name = make_url(course.db_url).render_as_string(hide_password=True)
    try:
        with Gradebook(course.db_url, course.directory.course_id) as gradebook:
            gradebook.check_course()  # or several processes would try to make nbgrader's default course at once
            version = gradebook.db.execute(text("SELECT version_num FROM alembic_version")).scalar()
            needed = ScriptDirectory(ALEMBIC_DIR).get_current_head()
            if version != needed:
                raise CourseError(
                    f"the gradebook {name} is of another version of nbgrader ({version}, and {needed} is needed); "
                    "make a copy of it, then run nbgrader db upgrade."
                )
            known = select(Assignment.id).where(Assignment.name == course.assignment)
            if gradebook.db.execute(known).first() is None:
                raise CourseError(
                    f"the gradebook knows no assignment {course.assignment}; "
                    f"run course release {course.assignment} first."
                )
    except OperationalError as error:
        raise CourseError(f"the gradebook {name} can't be reached or used ({database_said(error)}).") from error
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        raise CourseError(f"the gradebook {name} can't be used ({database_said(error)}).") from error


def graded(course: AssignmentCourse) -> set[str]:
    """Students whose submission has a score in every task."""
    with Gradebook(course.db_url, course.directory.course_id) as gradebook:
        rows = gradebook.db.execute(
            select(Student.id)
            .join(SubmittedAssignment, SubmittedAssignment.student_id == Student.id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .where(Assignment.name == course.assignment)
            .group_by(Student.id)
            .having(func.count(Grade.id) == func.count(Grade.auto_score))
        )
        return {name for (name,) in rows}
