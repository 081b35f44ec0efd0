"""`course demo`: a sample class, graded in front of one's eyes."""

import shutil
from dataclasses import replace
from pathlib import Path

from nbjudge.authoring import answers_file, default_class, sample_class
from nbjudge.authoring.exercise import Exercise
from nbjudge.authoring.new import create as make_example
from nbjudge.commands import console, nbgrader, next_is, say
from nbjudge.commands.class_table import show_class
from nbjudge.commands.report import report
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.isolation import sentences
from nbjudge.results.table import read_table
from nbjudge.sandbox.sandbox import Sandbox, SandboxError

EXAMPLE = "example"
MARK = "A sample course made by `course demo`. It can be deleted at any time.\n"


def demo(assignment: str, folder: Path) -> None:
    """Make the sample class of an exercise, or one from its solution, grade it with nbgrader and show the result."""
    course = Course.here()
    assignment = assignment or sample_class.assignment_to_show(course)
    if assignment:
        course.require_assignment(assignment)
    if folder.exists() and not _is_ours(folder):
        raise CourseError(f"{folder} exists and was not made by this command; choose another folder with --folder.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "README.txt").write_text(MARK, encoding="utf-8")
    demo_course = Course.here(folder)
    if assignment:
        shutil.copytree(course.source(assignment), demo_course.source(assignment), ignore=shutil.ignore_patterns(".*"))
    else:
        console.print("There is no exercise yet, so this shows the one with which course new begins.")
        assignment = EXAMPLE
        notebook, *_ = make_example(assignment, demo_course)
        answers_file.write(demo_course, assignment, demo_course.root / notebook)
    exercise, *others = Exercise.load(demo_course, assignment)
    source = exercise.source_notebook
    sample = sample_class.load(course, assignment) or default_class.of(exercise)

    nbgrader("generate_assignment", assignment, root=folder)
    release = exercise.released_notebook
    sample_class.hand_in(sample.students, source, release, lambda student: demo_course.submitted(student, assignment))
    for other in others:  # what they do wrong, they do in the first notebook
        students = [replace(student, replaced={}) for student in sample.students]
        places = (other.source_notebook, other.released_notebook)
        sample_class.hand_in(students, *places, lambda student: demo_course.submitted(student, assignment))
    console.print(f"{len(sample.students)} students hand in …")
    nbgrader("autograde", assignment, *_isolation(), root=folder)
    nbgrader("generate_feedback", assignment, root=folder)
    nbgrader("export", f"--to={folder / 'grades.csv'}", root=folder)

    notes = {student.name: student.what for student in sample.students}
    shown = read_table(demo_course, assignment)
    show_class(shown, notes)
    say(" ".join(sentences(shown.walls)))
    with console.capture():
        report(assignment, everything=False, to=folder / "report.html", pseudonyms=False, root=folder)
    page = demo_course.feedback(sample.shown, assignment) / source.with_suffix(".html").name
    console.print("Where to look:")
    for what, where in (
        ("what students get", folder / demo_course.show(release)),
        ("what a student sees afterwards", folder / demo_course.show(page)),
        ("how the class did", folder / "report.html"),
        ("grades to import elsewhere", folder / "grades.csv"),
    ):
        console.print(f"  {what:32}{where}", soft_wrap=True)
    next_is("course", "show", assignment, sample.shown, root=folder)


def _is_ours(folder: Path) -> bool:
    try:
        return (folder / "README.txt").read_text(encoding="utf-8", errors="replace") == MARK
    except OSError:
        return False


def _isolation() -> list[str]:
    """Options for nbgrader: without walls, if this machine can't have them. For submissions that we made ourselves."""
    sandbox = Sandbox()
    try:
        sandbox.start()
    except SandboxError as error:
        console.print(f"The sample class is graded without isolation: {error}")
        return ["--SandboxedExecute.isolation=none"]
    sandbox.close()
    return []
