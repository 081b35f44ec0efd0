"""`course init`: a new course to start from."""

from pathlib import Path

from nbjudge.authoring.course_folder import create
from nbjudge.commands import console, next_is


def init(folder: Path) -> None:
    """Make the folder of a new course: configuration, README, Makefile, and what students get beside the notebooks."""
    for path in create(folder):
        console.print(f"  made {folder / path}", soft_wrap=True)
    if folder.resolve() == Path.cwd():
        next_is("course", "new", "ex01")
    else:
        next_is("cd", str(folder), why="and there: course new ex01")
