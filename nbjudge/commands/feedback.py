"""`course feedback`: pages for the students, and a zip to upload."""

import os
from pathlib import Path

from nbjudge.commands import FORMGRADER, in_one_sentence, nbgrader, next_is, say, some
from nbjudge.course import lms_names
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.graded import read_isolation
from nbjudge.course.isolation import sentences
from nbjudge.results import feedback_zip
from nbjudge.results.gradebook import MANUAL, open_gradebook, read_records
from nbjudge.usage.results import PagesLayout as Layout

WHERE = {
    Layout.moodle: "upload it in Moodle: the assignment → Submissions → Upload multiple feedback files in a zip.",
    Layout.canvas: "upload it in Canvas: Gradebook → the assignment's menu → Re-upload Submissions.",
}


def feedback(assignment: str, layout: Layout, to: Path | None, generate: bool, root: Path | None) -> None:
    """Make the feedback pages of an assignment and put them into one zip."""
    course = Course.here(root)
    course.require_gradebook(assignment)
    with in_one_sentence():
        problem = _generate(course, assignment) if generate else ""
        with open_gradebook(course) as gradebook:
            _, records = read_records(gradebook, course, [assignment])
            pages = feedback_zip.pages_of(course, records, feedback_zip.notebooks_of(gradebook, assignment))
        if not pages:
            raise CourseError(problem or f"there are no feedback pages for {assignment}; leave out --no-generate.")
        path = to or Path(course.root, course.directory.feedback_directory, f"{assignment}-{layout}.zip")
        names = lms_names.read_names(course.lms_names(assignment))
        people = {record.person.id: record.person for record in records}
        feedback_zip.pack(path, pages, people, assignment, layout, names.of(layout))

    say(f"{os.path.relpath(path)}: feedback for {len(pages)} students")
    if walls := sentences(read_isolation(course.autograded(student, assignment)) for student in pages):
        say(" ".join(walls))
    missing = sorted(set(feedback_zip.graded_students(course, records)) - set(pages))
    if missing:
        say(f"Graded, but without a page: {some(missing)}.")
    has_manual = any(record.status == MANUAL for record in records if record.person.id in pages)
    if has_manual:
        say("Some of these still need a manual grade.")
    if layout is not Layout.folders:
        unknown = sorted(set(pages) - set(names.of(layout)))
        if names.remark:
            say(names.remark)
        if unknown:
            say(
                f"{layout.title()} won't find {len(unknown)} of {len(pages)} students, "
                f"whose files are named after the gradebook: {some(unknown)}."
            )
    if problem:
        raise CourseError(problem)
    if missing:
        next_is("course", "feedback", assignment, root=root)
    elif has_manual:
        next_is(*FORMGRADER)
    elif layout is Layout.folders:
        next_is("nbgrader", "release_feedback", assignment, why="or send the pages out yourself")
    else:
        say(f"Next: {WHERE[layout]}")


def _generate(course: Course, assignment: str) -> str:
    """Have nbgrader make the pages that are missing or out of date. Returns what went wrong, or ""."""
    with open_gradebook(course) as gradebook:
        _, records = read_records(gradebook, course, [assignment])
        notebooks = feedback_zip.notebooks_of(gradebook, assignment)
        now = feedback_zip.fingerprints(gradebook, course, records)
    graded = feedback_zip.graded_students(course, records)
    if not graded:
        raise CourseError(f"nothing is graded yet; run nbgrader autograde {assignment} first.")
    pages = feedback_zip.pages_of(course, records, notebooks)
    outdated = feedback_zip.outdated(course, assignment, now, pages)
    for student in outdated:
        for page in pages[student]:
            page.unlink()
    problems, said = [], set[str]()
    if outdated or set(graded) - set(pages):
        for notebook in notebooks:
            try:
                nbgrader(*feedback_zip.generate_arguments(assignment, notebook), root=course.root, said=said)
            except CourseError as error:  # the others' pages are made all the same
                problems.append(str(error))
    feedback_zip.remember(course, assignment, now, feedback_zip.pages_of(course, records, notebooks))
    return "\n".join(problems)
