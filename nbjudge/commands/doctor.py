"""`course doctor`: one page about this machine."""

import os
from contextlib import nullcontext
from pathlib import Path

import typer
from rich.table import Table
from rich.text import Text

from nbjudge.commands import SIGNS, console, next_is, say, say_marked
from nbjudge.course.characters import printable
from nbjudge.course.config_files import CONFIG
from nbjudge.course.console import is_watched, print_json
from nbjudge.course.errors import CourseError
from nbjudge.machine.examination import Examination, examine
from nbjudge.machine.finding import FAILS, GRADING, LIMITED, UNSEEN, VALIDATING, WORKS, Finding

SIGN = {WORKS: "✓", LIMITED: "!", FAILS: "✗", UNSEEN: "·"}
CAN = {
    # what is said of each purpose, where it can be done and where not
    GRADING: ("A class can be graded here.", "No class can be graded here"),
    VALIDATING: ("Students can validate their work here.", "Students can't validate their work here"),
}
INDENT = "    "


def doctor(as_json: bool, root: Path | None) -> None:
    """Say what works on this machine, what doesn't, and what to type. Exit code 1: no grading, or no validating."""
    if root is not None and not root.is_dir():
        raise CourseError(f"there is no folder {root}.")
    with console.status("Looking at this machine …") if is_watched() and not as_json else nullcontext():
        examination = examine(None if root is None else str(root.resolve()))
    if as_json:
        print_json(examination.as_data())
    else:
        _print(examination)
    if any(examination.preventing(purpose) for purpose in CAN):
        raise typer.Exit(1)


def _print(examination: Examination) -> None:
    for section, findings in examination.sections.items():
        console.print(Text(section, style="bold"))
        for finding in findings:
            _print_finding(finding)
        say("")
    for purpose, (can, cannot) in CAN.items():
        causes = list(dict.fromkeys(finding.part for finding in examination.preventing(purpose)))
        say_marked("✗" if causes else "✓", f"{cannot}: {', '.join(causes)}." if causes else can)
    if any(examination.preventing(purpose) for purpose in CAN):
        next_is("course", "doctor", why="when what is marked ✗ is mended")
    elif os.path.exists(CONFIG):
        next_is("course", "demo", why="grades a sample class")
    else:
        next_is("course", "init", "my-course", why="or go to a course folder, and ask again")


def _print_finding(finding: Finding) -> None:
    """Sign, name and words; below them the line to type, whole, so that it can be copied."""
    sign, says = SIGN[finding.state], f"{finding.part}: {finding.says}{'' if finding.says.endswith('?') else '.'}"
    if is_watched():
        hanging = Table.grid(padding=(0, 1))
        hanging.add_row(Text(sign, style=SIGNS[sign]), says)
        console.print(hanging)
    else:
        say_marked(sign, says)
    if finding.line:
        console.print(Text(f"{INDENT}{printable(finding.line)}", style="bold"), soft_wrap=True)
