"""Feedback pages on their way out: which ones are to be made anew, and a zip as Moodle, Canvas or people want it."""

import glob
import hashlib
import json
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    SubmittedNotebook,
)
from sqlalchemy import select

from nbjudge.course.course import Course
from nbjudge.course.files import make_folders, whole_file
from nbjudge.course.lms_names import LmsName, safe
from nbjudge.course.zip_files import is_zip_with
from nbjudge.results.by_hand import each_of
from nbjudge.results.gradebook import Person, Record, existing

OURS = b"made by course feedback"
"""Comment of our zip files, by which an earlier one is known."""
OLDEST = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a zip, so that the same pages give the same bytes."""

WITHOUT_FILES = "nothing is copied beside pages"
"""How pages are made. Those from before are made anew, since a student's file can stand in the place of one."""

Pages = dict[str, list[Path]]


def notebooks_of(gradebook: Gradebook, assignment: str) -> list[str]:
    """Names of the notebooks of an assignment. Only their pages go out, not what else a student handed in."""
    query = select(Notebook.name).join(Assignment, Notebook.assignment_id == Assignment.id)
    return sorted(gradebook.db.execute(query.where(Assignment.name == assignment)).scalars())


def pages_of(course: Course, records: Sequence[Record], notebooks: Sequence[str]) -> Pages:
    """The pages that are there, for each student who has some."""
    pages: Pages = {}
    for record in records:
        folder = existing(course.feedback, record.person.id, record.assignment)
        paths = [folder / f"{name}.html" for name in notebooks] if folder else []
        pages[record.person.id] = [path for path in paths if path.is_file() and not path.is_symlink()]
    return {student: paths for student, paths in pages.items() if paths}


def graded_students(course: Course, records: Sequence[Record]) -> list[str]:
    """Students with a graded notebook, so that there can be a page."""
    return [record.person.id for record in records if any(_graded_notebooks(course, record))]


def _graded_notebooks(course: Course, record: Record) -> Iterator[Path]:
    folder = existing(course.autograded, record.person.id, record.assignment)
    return folder.glob("*.ipynb") if folder else iter(())


def fingerprints(gradebook: Gradebook, course: Course, records: Sequence[Record]) -> dict[str, str]:
    """For each student, a digest of all that a page is made from: the graded notebook, points and comments."""
    parts: defaultdict[str, list[object]] = defaultdict(list)
    for assignment in sorted({record.assignment for record in records}):
        for kind, columns in (
            (Grade, (Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade)),
            (Comment, (Comment.auto_comment, Comment.manual_comment)),
        ):
            query = each_of(kind, assignment).add_columns(SubmittedNotebook.late_submission_penalty, *columns)
            for student, *values in gradebook.db.execute(query):
                parts[student].append([kind.__name__, *values])
    for record in records:
        for path in _graded_notebooks(course, record):
            about = path.stat()
            parts[record.person.id].append([path.name, about.st_mtime_ns, about.st_size])
    return {
        student: hashlib.sha256("\n".join([WITHOUT_FILES, *sorted(map(json.dumps, values))]).encode()).hexdigest()
        for student, values in parts.items()
    }


def outdated(course: Course, assignment: str, now: dict[str, str], pages: Pages) -> list[str]:
    """Students with a page that isn't what would be made now, as far as we know."""
    try:
        before = json.loads(course.page_digests(assignment).read_bytes())
        before = before if isinstance(before, dict) else {}
    except (OSError, ValueError):
        before = {}
    return [student for student in pages if before.get(student) != now.get(student)]


def remember(course: Course, assignment: str, now: dict[str, str], pages: Pages) -> None:
    """Note what the pages that are there were made from."""
    path = course.page_digests(assignment)
    make_folders(path.parent)
    with whole_file(path) as file:
        file.write(
            json.dumps({student: now[student] for student in sorted(pages) if student in now}, indent=1).encode()
        )


def generate_arguments(assignment: str, notebook: str) -> list[str]:
    """How to ask nbgrader for the pages of one notebook that aren't there. It then leaves all other files alone."""
    return ["generate_feedback", assignment, f"--notebook={glob.escape(notebook)}"]


def pack(
    path: Path, pages: Pages, people: dict[str, Person], assignment: str, lms: str, names: dict[str, LmsName]
) -> None:
    """All pages in one zip, named as the LMS wants them. An earlier zip of ours may be replaced, no other file.

    Parameters
    ----------
    lms
        "moodle", "canvas" or "folders".
    names
        Students whom the LMS knows. The others get a name that people can read, and that the LMS can't take for
        somebody else's.

    Raises
    ------
    CourseError
        If another file is in the way, or there is no folder for it.
    """
    files: dict[str, Path] = {}
    taken: set[str] = set()
    for student in sorted(pages):
        start, between = _place(people[student], assignment, lms, names.get(student))
        start = _free(start, taken)
        taken.add(_as_one(start))
        joint = "-" if lms == "canvas" and student not in names else "_"  # so that no part of the name is a number
        files |= {f"{start}{between}{safe(page.stem).replace('_', joint)}.html": page for page in pages[student]}
    with whole_file(path, is_zip_with(OURS)) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = OURS
        for name in sorted(files):
            info = zipfile.ZipInfo(name, OLDEST)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, files[name].read_bytes(), zipfile.ZIP_DEFLATED)


def _place(person: Person, assignment: str, lms: str, known: LmsName | None) -> tuple[str, str]:
    """How the names of a student's pages begin, and what stands between that and the name of the page."""
    if lms == "moodle":
        return known.prefix if known else _unlike(person, "assignsubmission_file_"), "/"
    if lms == "canvas":
        return known.prefix if known else _unlike(person), "_"
    return safe(person.id), f"/{safe(assignment)}/"


def _unlike(person: Person, *more: str) -> str:
    """A name for people. An LMS takes a number between underscores for the student, so there is none in it."""
    parts = [person.full_name or "student", f"id {person.id}"]
    return "_".join([*(safe(part.replace("_", "-"), "-") for part in parts), *more])


def _as_one(name: str) -> str:
    """The same for all names that some file system holds for one."""
    return unicodedata.normalize("NFC", name).casefold()


def _free(name: str, taken: set[str]) -> str:
    """``name``, or another one if some file system could hold it for one that is taken."""
    result, number = name, 1
    while _as_one(result) in taken:
        number += 1
        result = f"{name} ({number})"
    return result
