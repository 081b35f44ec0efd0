"""Takes all that is kept of a student out of a course."""

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy import make_url

from nbjudge.course.course import Course
from nbjudge.course.files import is_zip_with, whole_file
from nbjudge.course.student_ids import spellings
from nbjudge.course.untrusted_folder import remove
from nbjudge.forgetting.names import Names, Theirs
from nbjudge.results.export import canvas_header
from nbjudge.results.export import is_ours as is_export
from nbjudge.results.feedback_zip import OURS
from nbjudge.results.gradebook import Person, open_gradebook, read_people
from nbjudge.results.page import MARK


@dataclass
class Traces:
    """What is kept of a student.

    Attributes
    ----------
    ids : theirs, as it is spelt in one place or another
    people : what the gradebook says of them
    places : folders and files that are theirs alone
    entries : files in which they have an entry
    made_again : zip files, reports and exports that name them, which can be made again without
    """

    ids: list[str]
    people: list[Person] = field(default_factory=list)
    places: list[Path] = field(default_factory=list)
    entries: list[Path] = field(default_factory=list)
    made_again: list[Path] = field(default_factory=list)

    @property
    def names(self) -> Names:
        names = set(self.ids)
        for one in self.people:
            both = [f"{one.first_name} {one.last_name}", f"{one.last_name} {one.first_name}", one.sortable_name]
            names |= {one.email, *(both if one.first_name and one.last_name else [])}
        return Names(names)

    def __bool__(self) -> bool:
        return bool(self.people or self.places or self.entries)


def find_traces(course: Course, student: str) -> Traces:
    """What there is of a student. Nothing is changed."""
    known = {}
    if course.has_gradebook():
        with open_gradebook(course) as gradebook:
            known = read_people(gradebook)
    traces = Traces(spellings(student))
    traces.people = [known[one] for one in traces.ids if one in known]
    places = dict.fromkeys(place for one in traces.ids for place in _places(course, one))
    traces.places = [place for place in places if place.exists() or place.is_symlink()]
    traces.entries = [path for path in _lists(course) if not _entries(path).keys().isdisjoint(traces.ids)]
    names = traces.names
    traces.made_again = [path for path in _ours(course) if names.are_in(path, course.root)]
    return traces


def forget(course: Course, traces: Traces) -> None:
    """Take it all away, and what the database would keep of it in pages that it doesn't use."""
    if traces.people:
        book = Gradebook(course.db_url, course.directory.course_id)
        with book as gradebook:
            for person in traces.people:
                with contextlib.suppress(MissingEntry):
                    for submission in list(gradebook.find_student(person.id).submissions):
                        gradebook.remove_submission(submission.assignment.name, person.id)
                    gradebook.remove_student(person.id)
        _clear_pages(course)
    for path in traces.entries:
        entries = {student: entry for student, entry in _entries(path).items() if student not in traces.ids}
        with whole_file(path) as file:
            file.write(json.dumps(entries, indent=1, ensure_ascii=False).encode())
    for place in (*traces.places, *traces.made_again):
        remove(place)


@dataclass
class Rest:
    """What is left of a student.

    Attributes
    ----------
    found : what of the course names them
    not_read : what couldn't be looked into, and why
    theirs : where in the course students put what they want
    """

    found: list[Path]
    not_read: dict[Path, str]
    theirs: Theirs


def left(course: Course, traces: Traces) -> Rest:
    """What of the course names the student now."""
    directory, names = course.directory, traces.names
    written = {course.root / folder for folder in (directory.source_directory, directory.release_directory)}
    depths = {course.all_earlier: 1, course.root / "refused": 1}
    for step in (directory.submitted_directory, directory.autograded_directory, directory.feedback_directory):
        inside = course.place(step, "S", "A").relative_to(course.root).parts
        if inside[0] == step:
            depths[course.root / step] = inside.index("S")
    theirs = Theirs(depths)
    return Rest(list(names.places(course.root, written, theirs)), names.not_read, theirs)


def _places(course: Course, student: str) -> Iterator[Path]:
    for step in ("submitted_directory", "autograded_directory", "feedback_directory"):
        yield from _folders(course, getattr(course.directory, step), student)
    yield course.all_earlier / student
    yield course.root / "refused" / student  # as version 1.0 had it
    for ledger in sorted(path for path in course.ledger("any").parent.glob("*") if path.is_dir()):
        yield course.ledger_entry(student, ledger.name)
        yield course.grading_lock(student, ledger.name)
        yield course.grounds(student, ledger.name)
        yield course.evidence(student, ledger.name)
        yield course.repairs(student, ledger.name)


def _folders(course: Course, step: str, student: str) -> Iterator[Path]:
    """Their folder in a step; where what others handed in lies in it, too, theirs of each assignment."""
    one, another = (course.place(step, student, f"{student}-{number}") for number in (1, 2))
    own = Path(os.path.commonpath([one, another]))
    if course.place(step, f"{student}-other", f"{student}-1").is_relative_to(own):
        yield from (course.place(step, student, assignment) for assignment in course.assignments())
    else:
        yield own


def _lists(course: Course) -> list[Path]:
    of_any = course.lms_names, course.notebook_times, course.page_digests
    folders = [path("any").parent for path in of_any]
    reported = course.ledger("any").parent.glob("*/reported/points.json")
    return sorted({*reported, *(path for folder in folders for path in folder.glob("*.json"))})


def _entries(path: Path) -> dict[str, object]:
    try:
        entries = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return entries if isinstance(entries, dict) else {}


def _ours(course: Course) -> Iterator[Path]:
    """What our commands wrote, where they write it if nothing else is said."""
    is_feedback = is_zip_with(OURS)
    for folder in (course.root, course.root / course.directory.feedback_directory):
        yield from (path for path in sorted(folder.glob("*.zip")) if is_feedback(path))
    headers = [canvas_header(assignment) for assignment in course.assignments()]
    yield from (path for path in sorted(course.root.glob("*.csv")) if is_export(path, *headers))
    for path in sorted(course.root.glob("*.html")):
        if MARK.encode() in path.read_bytes()[:2000]:
            yield path


def _clear_pages(course: Course) -> None:
    """Write the file of an SQLite database anew: what is deleted stays in it until then."""
    url = make_url(course.db_url)
    if url.get_backend_name() == "sqlite" and url.database:
        with contextlib.closing(sqlite3.connect(url.database, timeout=120)) as database:
            database.execute("PRAGMA secure_delete = ON")
            database.execute("VACUUM")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
