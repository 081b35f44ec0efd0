"""Takes all that is kept of a student out of a course."""

import contextlib
import io
import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy import make_url

from nbjudge.course.course import Course
from nbjudge.course.files import is_shared
from nbjudge.course.student_ids import spellings
from nbjudge.course.untrusted_folder import UntrustedFolder
from nbjudge.course.zip_files import is_zip_with
from nbjudge.forgetting.names import Names, Theirs
from nbjudge.forgetting.ways import Ways
from nbjudge.results.export import begins_as_ours, canvas_header
from nbjudge.results.feedback_zip import OURS
from nbjudge.results.gradebook import Person, open_gradebook, read_people
from nbjudge.results.page import MARK

BEGINNING = 2**16
"""Bytes by which a file of ours is known."""


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
    barred : what a way to them ends at, such as a link, and why
    """

    ids: list[str]
    people: list[Person] = field(default_factory=list)
    places: list[Path] = field(default_factory=list)
    entries: list[Path] = field(default_factory=list)
    made_again: list[Path] = field(default_factory=list)
    barred: dict[Path, str] = field(default_factory=dict)

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
    ways, traces = Ways.of(course), Traces(spellings(student))
    traces.people = [known[one] for one in traces.ids if one in known]
    for place in dict.fromkeys(place for one in traces.ids for place in _places(course, ways, one)):
        try:
            traces.places += [place] if ways.leads_to(place) else []
        except OSError as error:
            traces.barred[Path(error.filename)] = error.strerror or str(error)
    traces.entries = [path for path in _lists(course, ways) if not _entries(ways, path).keys().isdisjoint(traces.ids)]
    names = traces.names
    traces.made_again = [path for path in _ours(course, ways) if names.are_in(path, course.root)]
    return traces


def forget(course: Course, traces: Traces) -> dict[Path, str]:
    """Take it all away, and what the database would keep of it in pages that it doesn't use.

    Returns
    -------
    What the system or the database refused to change or to delete, and why. Students may own what is in their folders:
    that stops nothing of the rest.
    """
    ways = Ways.of(course)
    if traces.people:
        book = Gradebook(course.db_url, course.directory.course_id)
        with book as gradebook:
            for person in traces.people:
                with contextlib.suppress(MissingEntry):
                    for submission in list(gradebook.find_student(person.id).submissions):
                        gradebook.remove_submission(submission.assignment.name, person.id)
                    gradebook.remove_student(person.id)
    stayed = _clear_pages(course)
    for path in (*traces.entries, *traces.places, *traces.made_again):
        try:
            if path in traces.entries:
                _take_out(ways, path, traces.ids)
            else:
                ways.remove(path)
        except OSError as error:
            stayed[path] = error.strerror or str(error)
    return stayed


def _take_out(ways: Ways, path: Path, ids: list[str]) -> None:
    """Write a list without their entries."""
    entries = {student: entry for student, entry in _entries(ways, path).items() if student not in ids}
    content = io.BytesIO(json.dumps(entries, indent=1, ensure_ascii=False).encode())
    with ways.open(path.parent) as folder:
        folder.write(path.name, content, group=path.parent.stat().st_gid if is_shared(path.parent) else None)


@dataclass
class Rest:
    """What is left of a student.

    Attributes
    ----------
    found : what of the course names them
    not_read : what couldn't be looked into, and why
    stayed : what was theirs and couldn't be deleted, and why
    theirs : where in the course students put what they want
    """

    found: list[Path]
    not_read: dict[Path, str]
    stayed: dict[Path, str]
    theirs: Theirs


def left(course: Course, traces: Traces, stayed: dict[Path, str]) -> Rest:
    """What of the course names the student now, beside what ``stayed``."""
    directory, names, ways = course.directory, traces.names, Ways.of(course)
    written = {course.root / folder for folder in (directory.source_directory, directory.release_directory)}
    depths = {course.all_earlier: 1, course.root / "refused": 1}
    for step in (directory.submitted_directory, directory.autograded_directory, directory.feedback_directory):
        top, (one, other) = course.top_of(step), (course.place(step, student, "A") for student in ("S", "T"))
        if top != course.root:
            depths[top] = len(Path(os.path.commonpath([one, other])).relative_to(top).parts) + 1
    theirs = Theirs(depths)
    found = [path for path in names.places(ways, written, theirs) if path not in stayed]
    return Rest(found, {**traces.barred, **names.not_read}, stayed, theirs)


def _places(course: Course, ways: Ways, student: str) -> Iterator[Path]:
    for step in ("submitted_directory", "autograded_directory", "feedback_directory"):
        yield from _folders(course, getattr(course.directory, step), student)
    yield course.all_earlier / student
    yield course.root / "refused" / student  # as version 1.0 had it
    for assignment in ways.names(course.ledger("any").parent):
        yield course.ledger_entry(student, assignment)
        yield course.grading_lock(student, assignment)
        yield course.grounds(student, assignment)
        yield course.evidence(student, assignment)
        yield course.repairs(student, assignment)


def _folders(course: Course, step: str, student: str) -> Iterator[Path]:
    """Their folder in a step; where what others handed in lies in it, too, theirs of each assignment."""
    one, another = (course.place(step, student, f"{student}-{number}") for number in (1, 2))
    own = Path(os.path.commonpath([one, another]))
    if course.place(step, f"{student}-other", f"{student}-1").is_relative_to(own):
        yield from (course.place(step, student, assignment) for assignment in course.assignments())
    else:
        yield own


def _lists(course: Course, ways: Ways) -> list[Path]:
    folders = [path("any").parent for path in (course.lms_names, course.notebook_times, course.page_digests)]
    reported = [course.last_report(assignment) for assignment in ways.names(course.ledger("any").parent)]
    lists = {folder / name for folder in folders for name in ways.names(folder) if name.endswith(".json")}
    return sorted({*reported, *lists})


def _entries(ways: Ways, path: Path) -> dict[str, object]:
    try:
        with ways.open(path.parent) as folder, folder.file(path.name) as file:
            entries = json.load(file)
    except (OSError, ValueError, RecursionError):
        return {}
    return entries if isinstance(entries, dict) else {}


def _ours(course: Course, ways: Ways) -> list[Path]:
    """What our commands wrote, where they write it if nothing else is said."""
    headers, ours = [canvas_header(assignment) for assignment in course.assignments()], list[Path]()
    feedback = course.root / course.directory.feedback_directory
    for place, endings in ((course.root, (".zip", ".csv", ".html")), (feedback, (".zip",))):
        names = [name for name in ways.names(place) if name.endswith(endings)]
        with contextlib.suppress(OSError), ways.open(place) as folder:
            ours += [place / name for name in names if _is_ours(folder, name, headers)]
    return ours


def _is_ours(folder: UntrustedFolder, name: str, headers: list[bytes]) -> bool:
    try:
        with folder.file(name) as file:
            if name.endswith(".zip"):
                return is_zip_with(OURS)(file)
            beginning = file.read(BEGINNING)
    except OSError:
        return False
    return begins_as_ours(beginning, *headers) if name.endswith(".csv") else MARK.encode() in beginning[:2000]


def _clear_pages(course: Course) -> dict[Path, str]:
    """Write the file of an SQLite database anew: what is deleted stays in it until then. If that can't be done, the
    file, and why."""
    url = make_url(course.db_url)
    if url.get_backend_name() == "sqlite" and url.database and course.has_gradebook():
        try:
            with contextlib.closing(sqlite3.connect(url.database, timeout=120)) as database:
                database.execute("PRAGMA secure_delete = ON")
                database.execute("VACUUM")
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            return {course.root / url.database: f"it still holds what was deleted in it ({error})"}
    return {}
