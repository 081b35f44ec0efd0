"""nbgrader's gradebook: checked before a class is graded, and kept open while it is.

For one submission nbgrader opens the database about ten times. Each time it makes a new engine, asks whether all tables
are there and translates every query anew. A process that grades many submissions keeps all that.
"""

from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Engine, and_, case, create_engine, func, make_url, or_, select, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, aliased, scoped_session, sessionmaker

from nbjudge.batch.rows_at_once import ROWS
from nbjudge.course import gradebook_form
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError, database_said
from nbjudge.course.sharing import guard_gradebook, require_no_lock

WAIT_SECONDS = 120
"""How long a process waits while another one writes to the same SQLite file."""


class OneCommit(Session):
    """Writes all changes at once, when the gradebook is closed. nbgrader commits after each cell, and reads anew what
    it has read, but nobody else writes to a submission while it is graded."""

    def commit(self) -> None:
        self.flush()

    def finish(self) -> None:
        super().commit()


_engines: dict[str, Engine] = {}
"""Connections that outlive the gradebooks, by address."""
_known: set[tuple[str, str]] = set()
"""Gradebooks, each with a course that is in it."""
_open_anew, _close_anew = Gradebook.__init__, Gradebook.close


def keep_open() -> None:
    """In this process, let every gradebook use the connection of the one before, and read rows at once.

    Whoever opens or closes a gradebook, in nbgrader or here, does so by three methods; ``ROWS`` are those for rows.
    """
    for name, method in {"__init__": _open, "__exit__": _exit, "close": _close, **ROWS}.items():
        setattr(Gradebook, name, method)


def _open(self: Gradebook, db_url: str, course_id: str = "default_course", authenticator: Any = None) -> None:
    if db_url not in _engines:
        _make_tables(db_url, course_id)
        waits = {"timeout": WAIT_SECONDS} if db_url.startswith("sqlite") else {}
        _engines[db_url] = create_engine(db_url, connect_args=waits, pool_pre_ping=not waits)
    self.engine = _engines[db_url]
    self.db = scoped_session(sessionmaker(class_=OneCommit, bind=self.engine))
    if (db_url, course_id) not in _known:
        self.check_course(course_id)
        self.db().finish()
        _known.add((db_url, course_id))
    self.course_id, self.authenticator = course_id, authenticator


def _make_tables(db_url: str, course_id: str) -> None:
    """Where there are none, as nbgrader does."""
    gradebook = object.__new__(Gradebook)
    _open_anew(gradebook, db_url, course_id)
    _close_anew(gradebook)


def _exit(self: Gradebook, kind: Any, error: Any, traceback: Any) -> None:
    """The end of a ``with``. What was done within it is one transaction."""
    try:
        if kind is None:
            self.db().finish()
    finally:
        self.close()


def _close(self: Gradebook) -> None:
    self.db.remove()


def check(course: Course, assignment: str) -> None:
    """Make sure that the gradebook can be reached, is of this nbgrader's form, and knows the assignment.

    Raises
    ------
    CourseError
        If not.
    """
    name = make_url(course.db_url).render_as_string(hide_password=True)
    guard_gradebook(course)
    require_no_lock(course)
    try:
        with Gradebook(course.db_url, course.directory.course_id) as gradebook:
            gradebook.check_course()  # or several processes would try to make nbgrader's default course at once
            version = gradebook.db.execute(text("SELECT version_num FROM alembic_version")).scalar()
            needed = gradebook_form.needed()
            if version != needed:
                raise CourseError(
                    f"the gradebook {name} is of another version of nbgrader ({version}, and {needed} is needed); "
                    "make a copy of it, then run nbgrader db upgrade; `course doctor` says more."
                )
            known = select(Assignment.id).join(Notebook, Notebook.assignment_id == Assignment.id)  # else only a date
            known = known.where(Assignment.name == assignment)
            if gradebook.db.execute(known).first() is None:
                raise CourseError(
                    f"the gradebook knows no assignment {assignment}; run course release {assignment} first."
                )
    except OperationalError as error:
        raise CourseError(
            f"the gradebook {name} can't be reached or used ({database_said(error)}); `course doctor` says more."
        ) from error
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        raise CourseError(
            f"the gradebook {name} can't be used ({database_said(error)}); `course doctor` says more."
        ) from error


def graded(course: Course, assignment: str) -> set[str]:
    """Students whose submission has a score in every task, but for those that a person grades."""
    own, answer = aliased(BaseCell), aliased(BaseCell)
    is_by_hand = or_(own.type == "TaskCell", answer.id.is_not(None))
    has_score = or_(Grade.auto_score.is_not(None), is_by_hand)
    with Gradebook(course.db_url, course.directory.course_id) as gradebook:
        rows = gradebook.db.execute(
            select(Student.id)
            .join(SubmittedAssignment, SubmittedAssignment.student_id == Student.id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .join(own, own.id == Grade.cell_id)
            .outerjoin(
                answer,
                and_(answer.notebook_id == own.notebook_id, answer.name == own.name, answer.type == "SolutionCell"),
            )
            .where(Assignment.name == assignment)
            .group_by(Student.id)
            .having(func.count(Grade.id) == func.count(case((has_score, 1))))
        )
        return {name for (name,) in rows}
