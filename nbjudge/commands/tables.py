"""`course table` and `course intake`: the class at a glance."""

from rich import box
from rich.table import Table
from rich.text import Text

from nbjudge.commands import Assignment, Root, console, in_one_sentence
from nbjudge.course.characters import printable
from nbjudge.course.course import Course
from nbjudge.course.graded import notebooks_in, read_graded
from nbjudge.course.student_ids import UNGRADED, UNGRADED_ID
from nbjudge.results.table import class_table


def table(assignment: Assignment, root: Root = None) -> None:
    """Show the points of every student in every task."""
    course = Course.here(root)
    course.require_assignment(assignment)
    course.require_gradebook(assignment)
    with in_one_sentence():
        console.print(class_table(course, assignment))


def intake(assignment: Assignment, root: Root = None) -> None:
    """Show which submissions were repaired before they were graded, and which couldn't be graded."""
    course = Course.here(root)
    course.require_assignment(assignment)
    rows = Table("student", "", "what", title=f"{assignment}: intake", box=box.SIMPLE_HEAD)
    students, graded = course.students(assignment), 0
    for student in students:
        name = printable(student)
        paths = notebooks_in(course.autograded(student, assignment))
        graded += bool(paths)
        for notebook in filter(None, map(read_graded, paths)):
            for repair in notebook.repaired:
                rows.add_row(name, "repaired", repair.text)
            if notebook.refused:
                rows.add_row(name, Text("refused", style="red"), notebook.refused)
        if not paths:
            some = course.holds_notebook(student, assignment)
            why = "not graded yet" if some else "there is no notebook (.ipynb) in the folder"
            why = UNGRADED_ID if UNGRADED.search(student) else why
            rows.add_row(name, Text("no grade", style="red"), why)
    console.print(rows)
    console.print(f"{graded} of {len(students)} graded.")
