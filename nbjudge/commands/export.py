"""`course export`: grades for a spreadsheet, for Canvas or for Moodle."""

from pathlib import Path

from nbjudge.commands import FORMGRADER, in_one_sentence, next_is, say, some
from nbjudge.course import lms_names
from nbjudge.course.course import Course
from nbjudge.results.export import as_zero, canvas_rows, csv_rows, moodle_rows, save
from nbjudge.results.gradebook import MANUAL, Person, counts, not_in_gradebook, open_gradebook, read_records
from nbjudge.usage.results import GradesLayout as Layout


def export(
    assignment: str,
    layout: Layout,
    to: Path | None,
    column: str,
    missing_as_zero: bool,
    excel: bool,
    root: Path | None,
) -> None:
    """Write the grades of an assignment to a CSV file."""
    path = to or Path(f"{assignment}-{layout}.csv")
    course = Course.here(root)
    course.require_gradebook(assignment)
    with in_one_sentence():
        with open_gradebook(course) as gradebook:
            tasks, records = read_records(gradebook, course, [assignment])
        names = lms_names.read_names(course.lms_names(assignment))
        if missing_as_zero:
            records = list(map(as_zero, records))
        known = names.numbers_of(layout)
        if layout is Layout.canvas:
            rows = canvas_rows(records, known, column or assignment)
        elif layout is Layout.moodle:
            rows = moodle_rows(tasks, records, known)
        else:
            rows = csv_rows(tasks, records)
        save(path, rows, excel)

    numbers = ", ".join(f"{number} {status}" for status, number in counts(records).items())
    say(f"{path}: {len(records)} students ({numbers or 'none'})")
    waiting = not_in_gradebook(course, assignment, records)
    if waiting:
        say(f"Not graded yet: {some(waiting)}.")
    has_manual = any(record.status == MANUAL for record in records)
    if has_manual:
        say("Points of submissions that need a manual grade are those known so far.")
    if layout is not Layout.csv:
        _say_who_is_unknown(layout, names, [record.person for record in records])
    if waiting:
        next_is("course", "autograde", assignment, root=root)
    elif has_manual:
        next_is(*FORMGRADER)
    else:
        options = [] if layout is Layout.csv else ["--layout", str(layout)]
        next_is("course", "feedback", assignment, *options, root=root)


def _say_who_is_unknown(layout: Layout, names: lms_names.Names, people: list[Person]) -> None:
    known = names.numbers_of(layout)
    number = {Layout.canvas: "their Canvas ID", Layout.moodle: "their participant number"}[layout]
    instead = {
        Layout.canvas: "Canvas finds them by SIS Login ID, which must be the student id here, or by name.",
        Layout.moodle: "Moodle takes them under Grades → Import, by ID number or email address, not as a worksheet.",
    }[layout]
    without = [
        person.id
        for person in people
        if person.id not in known and not (layout is Layout.canvas and person.lms_user_id)
    ]
    if names.remark and without:
        say(names.remark)
    if without:
        say(f"{len(without)} of {len(people)} students go without {number}: {instead}")
