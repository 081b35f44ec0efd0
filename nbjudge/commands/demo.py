"""`course demo`: a sample class, graded in front of one's eyes."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from nbjudge.authoring import sample_class
from nbjudge.commands import CommandError, console, nbgrader, only_notebook
from nbjudge.commands.report import report
from nbjudge.course.course import Course
from nbjudge.results.table import class_table
from nbjudge.sandbox.sandbox import Sandbox, SandboxError

MARK = "A sample course made by `course demo`. It can be deleted at any time.\n"


def demo(
    folder: Annotated[Path, typer.Option(help="where the sample course goes; what is there is replaced")] = Path(
        "demo"
    ),
) -> None:
    """Make a sample class for ex04, grade it with nbgrader and show the result."""
    source = only_notebook(Path("source/ex04"))
    if folder.exists() and not _is_ours(folder):
        raise CommandError(f"{folder} exists and was not made by this command; choose another folder with --folder.")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source.parent, folder / "source" / "ex04", ignore=shutil.ignore_patterns(".*"))
    (folder / "README.txt").write_text(MARK)

    nbgrader("generate_assignment", "ex04", root=folder)
    sample_class.hand_in(source, folder / "release" / "ex04" / source.name, folder / "submitted")
    console.print(f"{len(sample_class.STUDENTS)} students hand in …")
    nbgrader("autograde", "ex04", *_isolation(), root=folder)
    nbgrader("generate_feedback", "ex04", root=folder)
    nbgrader("export", f"--to={folder / 'grades.csv'}", root=folder)

    notes = {student.name: student.what for student in sample_class.STUDENTS}
    console.print(class_table(Course.here(folder), "ex04", notes))
    with console.capture():
        report("ex04", to=folder / "report.html", root=folder)
    console.print("Where to look:")
    for what, where in (
        ("what students get", folder / "release/ex04" / source.name),
        ("what a student sees afterwards", folder / "feedback/hanna/ex04" / source.with_suffix(".html").name),
        ("how the class did", folder / "report.html"),
        ("grades to import elsewhere", folder / "grades.csv"),
    ):
        console.print(f"  {what:32}{where}", highlight=False, soft_wrap=True)


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
        console.print(f"The sample class is graded without isolation: {error}", markup=False, highlight=False)
        return ["--SandboxedExecute.isolation=none"]
    sandbox.close()
    return []
