"""`course new`: a new exercise to start from."""

from pathlib import Path
from typing import Annotated

import typer

from nbjudge.authoring import answers_file
from nbjudge.authoring.new import create
from nbjudge.commands import console, nbgrader
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError


def new(name: Annotated[str, typer.Argument(help="name of the new exercise, for example ex05")]) -> None:
    """Make a small exercise that is complete (notebook, misconceptions, test, release), to be rewritten."""
    course = Course.here()
    notebook, misconceptions, test = paths = create(name, course)
    answers_file.write(course, name, course.root / notebook)
    try:
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
    for number, step in enumerate(
        (
            f"Edit {notebook} in JupyterLab; the authoring guide says what a task needs.",
            f"Run course outputs {name}, then course release {name}: stored outputs, and the students' version.",
            f"Put its points into {test} and its typical mistakes into {misconceptions}, then run make test.",
        ),
        1,
    ):
        console.print(f"  {number}. {step}", soft_wrap=True)
