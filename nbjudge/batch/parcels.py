"""For workers that share no folder with this machine: course and submission travel as bytes, and the result back.

What belongs into the gradebook is written by the worker itself, so the gradebook must be one that it can reach.
"""

import atexit
import hashlib
import io
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from nbjudge.batch import worker
from nbjudge.batch.ledger import Outcome
from nbjudge.course.course import AssignmentCourse, Course
from nbjudge.course.errors import CourseError
from nbjudge.intake import submission_folder

OWN = ("--CourseDirectory.root", "--CourseDirectory.db_url")
"""Options that are the sender's own affair."""


@dataclass(frozen=True)
class Parcel:
    """One submission with all that is needed to grade it."""

    options: tuple[str, ...]
    assignment: str
    student: str
    course: bytes
    submission: bytes


@dataclass(frozen=True)
class Delivery:
    """What came of a parcel: the outcome, and the graded files."""

    outcome: Outcome
    files: bytes


class Sender:
    """Packs submissions of one course, and stores what comes back."""

    def __init__(self, course: AssignmentCourse) -> None:
        """
        Raises
        ------
        CourseError
            If the gradebook is a file on this machine.
        """
        if course.db_url.startswith("sqlite"):
            raise CourseError(
                "workers without a shared folder can't write to an SQLite gradebook; "
                "use PostgreSQL (c.CourseDirectory.db_url)."
            )
        self._course = course
        options = [each for each in course.options if not each.startswith(OWN)]
        self._options = (*options, f"--CourseDirectory.db_url={course.db_url}")
        self._files = _packed(course.root, [course.source, course.root / ".oracle"], Path("nbgrader_config.py"))

    def pack(self, student: str) -> Parcel:
        root, assignment = self._course.root, self._course.assignment
        repairs = Course(self._course.directory).repairs(student, assignment)
        submission = _packed(root, [self._course.submitted(student), repairs])
        return Parcel(self._options, assignment, student, self._files, submission)

    def store(self, delivery: Delivery) -> Outcome:
        """Put the graded files into their places."""
        student = delivery.outcome.student
        # what the worker set aside in its copy is set aside here, too
        submission_folder.tidy(Course(self._course.directory), student, self._course.assignment)
        graded = self._course.graded(student)
        with tempfile.TemporaryDirectory(dir=self._course.root, prefix=".delivery-") as place:
            _unpack(delivery.files, Path(place))
            if graded.exists():
                shutil.rmtree(graded)
            graded.parent.mkdir(parents=True, exist_ok=True)
            arrived = Path(place) / graded.relative_to(self._course.root)
            if arrived.exists():
                arrived.rename(graded)
        return delivery.outcome


def grade(parcel: Parcel) -> Delivery:
    """Grade one parcel. Runs on a worker.

    Raises
    ------
    CourseStoppedError
        If nothing can be graded.
    """
    root = _course_of(parcel)
    kept = set(root.iterdir())
    try:
        _unpack(parcel.submission, root)
        options = (*parcel.options, f"--CourseDirectory.root={root}")
        task = worker.Task(str(root), options, parcel.assignment, parcel.student)
        outcome = worker.grade(task)
        return Delivery(outcome, _packed(root, [worker.course_of(task).graded(parcel.student)]))
    finally:
        for place in set(root.iterdir()) - kept:
            shutil.rmtree(place, ignore_errors=True)


_places: dict[str, Path] = {}


def _course_of(parcel: Parcel) -> Path:
    """The folder with the course, in this process."""
    key = hashlib.sha256(parcel.course).hexdigest()
    if key not in _places:
        place = Path(tempfile.mkdtemp(prefix="course-"))
        atexit.register(shutil.rmtree, place, ignore_errors=True)
        _unpack(parcel.course, place)
        _places[key] = place
    return _places[key]


def _packed(root: Path, places: list[Path], *files: Path) -> bytes:
    """A tar file. Links and pipes are packed as what they are."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for place in [each for each in places if each.exists()]:
            archive.add(place, str(place.relative_to(root)))
        for file in files:
            archive.add(file, file.name)
    return data.getvalue()


def _unpack(data: bytes, place: Path) -> None:
    """What the other side packed; both sides belong to the course, so this asks no questions."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(place, filter="fully_trusted")
