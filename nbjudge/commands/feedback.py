"""`course feedback`: pages for the students, and a zip to upload."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError

from nbjudge.commands import Assignment, CommandError, Root, nbgrader, unreadable
from nbjudge.commands.export import say, some
from nbjudge.course import lms as lms_names
from nbjudge.course.course import directory, require_gradebook
from nbjudge.course.errors import CourseError
from nbjudge.results import feedback_zip as desk
from nbjudge.results import gradebook as records


class Layout(StrEnum):
    folders = "folders"
    moodle = "moodle"
    canvas = "canvas"


WHERE = {
    Layout.moodle: "In Moodle: the assignment → Submissions → Upload multiple feedback files in a zip.",
    Layout.canvas: "In Canvas: Gradebook → the assignment's menu → Re-upload Submissions.",
}


def feedback(
    assignment: Assignment,
    layout: Annotated[Layout, typer.Option(help="how the zip names its files")] = Layout.folders,
    to: Annotated[
        Path | None, typer.Option(help="zip file to write; by default feedback/ASSIGNMENT-LAYOUT.zip")
    ] = None,
    generate: Annotated[bool, typer.Option(help="first make the pages that are missing or out of date")] = True,
    root: Root = None,
) -> None:
    """Make the feedback pages of an assignment and put them into one zip."""
    try:
        course = directory(root)
        require_gradebook(course, assignment)
        problem = _generate(course, assignment) if generate else ""
        with Gradebook(course.db_url, course.course_id) as gradebook:
            _, results = records.read(gradebook, course, [assignment])
            existing = desk.pages(course, results, desk.notebooks_of(gradebook, assignment))
        if not existing:
            raise ValueError(problem or f"there are no feedback pages for {assignment}; leave out --no-generate.")
        path = to or Path(course.root, course.feedback_directory, f"{assignment}-{layout}.zip")
        names = lms_names.read(Path(course.root), assignment)
        people = {each.person.id: each.person for each in results}
        desk.pack(path, existing, people, assignment, layout, names.of(layout))
    except (CourseError, ValueError, OSError) as error:
        raise CommandError(str(error)) from None
    except SQLAlchemyError as error:
        raise unreadable(error) from None

    say(f"{os.path.relpath(path)}: feedback for {len(existing)} students")
    missing = sorted(set(desk.graded(course, results)) - set(existing))
    if missing:
        say(f"Graded, but without a page: {some(missing)}.")
    if any(each.status == records.MANUAL for each in results if each.person.id in existing):
        say("Some of these still need a manual grade.")
    if layout is not Layout.folders:
        unknown = sorted(set(existing) - set(names.of(layout)))
        if names.remark:
            say(names.remark)
        if unknown:
            say(
                f"{layout.title()} won't find {len(unknown)} of {len(existing)} students, "
                f"whose files are named after the gradebook: {some(unknown)}."
            )
        say(WHERE[layout])
    if problem:
        raise CommandError(problem)


def _generate(course: CourseDirectory, assignment: str) -> str:
    """Have nbgrader make the pages that are missing or out of date. Returns what went wrong, or ""."""
    with Gradebook(course.db_url, course.course_id) as gradebook:
        _, results = records.read(gradebook, course, [assignment])
        notebooks = desk.notebooks_of(gradebook, assignment)
        now = desk.fingerprints(gradebook, course, results)
    waiting = desk.graded(course, results)
    if not waiting:
        raise ValueError(f"nothing is graded yet; run nbgrader autograde {assignment} first.")
    existing = desk.pages(course, results, notebooks)
    outdated = desk.outdated(course, assignment, now, existing)
    for student in outdated:
        for page in existing[student]:
            page.unlink()
    problems = []
    if outdated or set(waiting) - set(existing):
        for notebook in notebooks:
            try:
                nbgrader(*desk.generate_arguments(assignment, notebook), root=Path(course.root))
            except CommandError as error:  # the others' pages are made all the same
                problems.append(str(error))
    existing = desk.pages(course, results, notebooks)
    desk.remember(course, assignment, now, existing)
    return "\n".join(problems)
