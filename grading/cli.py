"""The command `course`."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from nbgrader.api import MissingEntry
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grading import notebooks, sample_class
from grading.sandbox import Sandbox, SandboxError
from grading.table import table

app = typer.Typer(no_args_is_help=True, add_completion=False, help="What instructors run beside nbgrader.")
console = Console()

Assignment = Annotated[str, typer.Argument(help="name of the assignment, for example ex04")]


class CommandError(Exception):
    """Something that the person at the keyboard can mend. Shown as one sentence."""


def nbgrader(*arguments: str, root: Path) -> None:
    """Run an nbgrader command on the course in ``root``, in the words that one would type.

    Raises
    ------
    CommandError
        If nbgrader fails; what it said is part of the message.
    """
    console.print(f"[bold]$ nbgrader {' '.join(arguments)}[/bold]", highlight=False)
    command = [sys.executable, "-m", "nbgrader", *arguments, f"--CourseDirectory.root={root.resolve()}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise CommandError(f"nbgrader {arguments[0]} failed; it said:\n{done.stderr.strip()}")
    for line in done.stderr.splitlines():
        if "| INFO]" not in line:
            console.print(line, markup=False, highlight=False)


def _only_notebook(folder: Path) -> Path:
    found = sorted(folder.glob("*.ipynb"))
    if len(found) != 1:
        raise CommandError(
            f"{folder} should hold one notebook, but it holds {len(found)}; are you in the course folder?"
        )
    return found[0]


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="where the sample course goes; what is there is replaced")] = Path(
        "demo"
    ),
) -> None:
    """Make a sample class for ex04, grade it with nbgrader and show the result."""
    source = _only_notebook(Path("source/ex04"))
    if folder.exists() and not (folder / "README.txt").exists():
        raise CommandError(f"{folder} exists and was not made by this command; choose another folder with --folder.")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source.parent, folder / "source" / "ex04", ignore=shutil.ignore_patterns(".*"))
    (folder / "README.txt").write_text("A sample course made by `course demo`. It can be deleted at any time.\n")

    nbgrader("generate_assignment", "ex04", root=folder)
    sample_class.hand_in(source, folder / "release" / "ex04" / source.name, folder / "submitted")
    console.print(f"{len(sample_class.STUDENTS)} students hand in …")
    nbgrader("autograde", "ex04", *_isolation(), root=folder)
    nbgrader("generate_feedback", "ex04", root=folder)
    nbgrader("export", f"--to={folder / 'grades.csv'}", root=folder)

    notes = {student.name: student.what for student in sample_class.STUDENTS}
    console.print(table(folder / "gradebook.db", "ex04", notes))
    console.print("Where to look:")
    for what, where in (
        ("what students get", folder / "release/ex04" / source.name),
        ("what a student sees afterwards", folder / "feedback/hanna/ex04" / source.with_suffix(".html").name),
        ("grades to import elsewhere", folder / "grades.csv"),
    ):
        console.print(f"  {what:32}{where}", highlight=False, soft_wrap=True)


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


@app.command("table")
def show_table(
    assignment: Assignment,
    gradebook: Annotated[Path, typer.Option(help="the SQLite gradebook")] = Path("gradebook.db"),
) -> None:
    """Show the points of every student in every task."""
    if not gradebook.is_file():
        raise CommandError(f"there is no gradebook {gradebook}; run nbgrader autograde {assignment} first.")
    try:
        console.print(table(gradebook, assignment))
    except MissingEntry:
        raise CommandError(
            f"the gradebook knows no assignment {assignment}; if the name is right, "
            f"run nbgrader generate_assignment {assignment} first."
        ) from None


@app.command()
def intake(assignment: Assignment) -> None:
    """Show which submissions were repaired before they were graded, and which couldn't be graded."""
    result = Table("student", "", "what", title=f"{assignment}: intake", box=box.SIMPLE_HEAD)
    graded = {path.parent.parent.name: path for path in sorted(Path("autograded").glob(f"*/{assignment}/*.ipynb"))}
    for student, path in graded.items():
        about = notebooks.read(path).metadata.get("intake", {})
        for sentence in about.get("repaired", []):
            result.add_row(escape(student), "repaired", escape(sentence))
        if "refused" in about:
            result.add_row(escape(student), "[red]refused[/red]", escape(about["refused"]))
    for folder in sorted(Path("submitted").glob(f"*/{assignment}")):
        if folder.parent.name not in graded:
            why = "not graded yet" if any(folder.glob("*.ipynb")) else "there is no notebook (.ipynb) in the folder"
            result.add_row(escape(folder.parent.name), "[red]no grade[/red]", why)
    console.print(result)
    console.print(f"{len(graded)} graded.")


@app.command()
def outputs(assignment: Assignment) -> None:
    """Run the source notebook of an assignment and store its outputs in it."""
    try:
        notebooks.store_outputs(_only_notebook(Path("source") / assignment))
    except ValueError as error:
        raise CommandError(str(error)) from None


def main() -> None:
    """Entry point: a foreseen mistake ends in one sentence and exit code 1."""
    try:
        app()
    except CommandError as error:
        Console(stderr=True).print(f"course: {error}", style="red", markup=False, highlight=False)
        sys.exit(1)
