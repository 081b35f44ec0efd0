"""`course new`: a new exercise to start from."""

import sys
from pathlib import Path

import typer

from nbjudge.authoring import answers_file
from nbjudge.authoring.exercise_templates import FIRST, TEMPLATES
from nbjudge.authoring.new import create
from nbjudge.commands import console, nbgrader
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.sharing import begin_gradebook


def new(name: str, template: str) -> None:
    """Make a small exercise that is complete (notebook, misconceptions, test, release), to be rewritten."""
    course = Course.here()
    if not template:
        template = _asked() if sys.stdin.isatty() and sys.stdout.isatty() else FIRST
    notebook, misconceptions, test = paths = create(name, course, template)
    answers_file.write(course, name, course.root / notebook)
    try:
        begin_gradebook(course)
        nbgrader("generate_assignment", name, root=course.root)
    except CourseError as error:
        raise CourseError(
            f"the files of {name} are there, but not its release; when nbgrader is content again, run "
            f"nbgrader generate_assignment {name}. {error}"
        ) from None
    released = Path(course.show(course.release(name)), notebook.name)
    for path in (*paths, released):
        console.print(f"  made {path}", soft_wrap=True)
    console.print("Next:")
    steps = (
        f"Edit {notebook} in JupyterLab, and {misconceptions}; the authoring guide says what a task needs.",
        f"Beside it, let course check {name} --watch say at every save what is wrong.",
        f"When nothing is: course outputs {name}, course prove {name}, course release {name}.",
        f"Put its points into {test}, and run make test.",
    )
    for number, step in enumerate(steps, 1):
        console.print(f"  {number}. {step}", soft_wrap=True)


def _asked() -> str:
    """The template that somebody at a terminal wants."""
    console.print("What is the exercise about?")
    for number, what in enumerate(TEMPLATES.values(), 1):
        console.print(f"  {number}. {what}")
    numbers = {str(number): template for number, template in enumerate(TEMPLATES, 1)}
    while True:
        answer = str(typer.prompt("Number", default="1")).strip()
        if answer in (*numbers, *TEMPLATES):
            return numbers.get(answer, answer)
        console.print(f"Type a number from 1 to {len(numbers)}.")
