"""Makes the page that a student gets back: what counts on top, nothing hidden in it, formulas that need no network."""

import contextlib
import glob
import io
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader.converters import GenerateFeedback
from nbgrader.utils import is_grade, is_solution, is_task
from traitlets import default
from traitlets.config import Config

from nbjudge.course.course import Course
from nbjudge.course.delimiters import split
from nbjudge.course.graded import INTAKE, read_intake
from nbjudge.course.regions import withheld
from nbjudge.course.sharing import group_of
from nbjudge.course.submission_secret import SECRET, hide_secret, read_secret
from nbjudge.course.timestamps import TIMESTAMP, NoTimeError, read_timestamp, timestamp_text
from nbjudge.course.titles import HEADING, heading_of
from nbjudge.course.untrusted_folder import UntrustedFolder, remove
from nbjudge.pages.attachments import with_files
from nbjudge.pages.environment import TEMPLATES, environment, styles
from nbjudge.pages.formulas import with_mathml
from nbjudge.pages.quotations import HiddenTests, hidden_tests, texts_of
from nbjudge.pages.same_secrets import Folders, closed_secrets, same_secrets
from nbjudge.pages.task_sections import is_added, sections
from nbprobe.palette import MARKS, WORDS
from nbprobe.verdict import VOID

SIGNS = {**MARKS, "part": "–", "void": "–", "unread": "–", "waits": "…"}
SAID = {
    **WORDS,
    "part": "partly right",
    "void": "right, but it doesn't count",
    "unread": "not read",
    "waits": "not graded yet",
}
FIELD = re.compile(r"<input\b[^<>]*+>")

FOR_THE_EXCHANGE = (TIMESTAMP, SECRET)
"""What `nbgrader release_feedback` needs beside the pages; by the time, an older page is known, too."""
LONG_AGO = "1970-01-01 00:00:00 UTC"
"""In place of a time that nobody knows: whatever is known later is newer, so that the page is made anew."""


class FeedbackExporter(HTMLExporter):
    """Makes the page from our template.

    nbgrader makes one for each run, just before it begins, with the converter that is to run as ``parent``. Left alone,
    that one would copy whatever a student handed in into ``feedback/``, where it could stand in the place of a page.
    """

    def __init__(self, config: Config | None = None, **kwargs: Any) -> None:
        ours = Config()  # nbgrader names its folder in the configuration, which a default couldn't override
        ours.FeedbackExporter.extra_template_basedirs = [str(TEMPLATES)]
        ours.FeedbackExporter.filters = {"with_mathml": with_mathml, "to_hear": to_hear}
        super().__init__(config=Config(config or {}, **ours), **kwargs)
        if isinstance(self.parent, GenerateFeedback):
            converter = cast(Any, self.parent)
            self._is_to_be_made = converter.init_destination
            converter.init_destination, converter.init_assignment = self._clear, self._copy
            self._set_rights, converter.set_permissions = converter.set_permissions, self._finish
            self._is_compared, self._secret = False, ""

    def _create_environment(self) -> Environment:
        """Whatever the template doesn't call HTML is text."""
        environment = super()._create_environment()
        environment.autoescape = True
        return environment

    @default("template_file")
    def _our_page(self) -> str:
        return "course.html.j2"

    def _clear(self, assignment: str, student: str) -> bool:
        """Remove a folder in the place of a page, which nbgrader takes for one or ends at. Whether to go on."""
        converter = cast(Any, self.parent)
        for notebook in converter.notebooks:
            page = Path(converter._format_dest(assignment, student), f"{Path(notebook).stem}.html")
            if page.is_dir():
                remove(page)
        if self._is_to_be_made(assignment, student):
            return True
        _, source, folder = self._folders(assignment, student)
        if folder.is_dir() and (secret := read_secret(source)) and secret != read_secret(folder):
            self._keep_secret(folder, secret)  # of whoever handed in the same with another one
        return False

    def _copy(self, assignment: str, student: str) -> None:
        """Copy no more than what nbgrader itself reads there, and write what is missing.

        `nbgrader release_feedback` stops at the first page without it, and the others' pages aren't released.
        """
        if not self._is_compared:  # once for a class
            self._is_compared = True
            everybody = list(self._submissions(assignment))
            for sentence in (*closed_secrets(everybody), *same_secrets(everybody)):
                self.log.warning(sentence)
        _, source, folder = self._folders(assignment, student)
        folder.mkdir(parents=True, exist_ok=True)
        _keep(folder / TIMESTAMP, _time(source) or _time(folder) or LONG_AGO)
        self._secret = read_secret(source) or read_secret(folder) or secrets.token_hex(64)
        remove(folder / SECRET)

    def _folders(self, assignment: str, student: str) -> Folders:
        converter = cast(Any, self.parent)
        return Folders(
            student,
            Path(converter._format_source(assignment, student)),
            Path(converter._format_dest(assignment, student)),
        )

    def _submissions(self, assignment: str) -> Iterator[Folders]:
        """All that were graded, also if the pages of others are made."""
        converter = cast(Any, self.parent)
        form = converter._format_source(assignment, "(?P<student>[^/]+)", escape=True)
        for path in sorted(glob.glob(converter._format_source(assignment, "*"))):
            if match := re.fullmatch(form, path):
                yield self._folders(assignment, match["student"])

    def _finish(self, assignment: str, student: str) -> None:
        """Give all files the rights that nbgrader gives them, and only then put the secret there: all get the same."""
        self._set_rights(assignment, student)
        self._keep_secret(self._folders(assignment, student).pages, self._secret)

    def _keep_secret(self, folder: Path, secret: str) -> None:
        remove(folder / SECRET)
        with UntrustedFolder.at(folder) as opened:
            opened.write(SECRET, io.BytesIO(secret.encode()), private=True)
        hide_secret(folder, group_of(Course.of(self)))


def _keep(place: Path, text: str) -> None:
    """A file of ours, in place of whatever is there."""
    remove(place)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "w", encoding="utf-8") as file:
        file.write(text)


def _time(folder: Path) -> str:
    """The time in there, in nbgrader's own words: its log shows the file as it is. "" if there is none."""
    with UntrustedFolder.at(folder) as opened, contextlib.suppress(NoTimeError):
        time = read_timestamp(opened)
        return timestamp_text(time) if time else ""
    return ""


def to_hear(markup: str) -> str:
    """The HTML of markdown, for those who listen: no field without a label, no heading of a column without a word."""
    signs = FIELD.sub(_sign, markup)
    return signs.replace("<th></th>", "<td></td>")


def _sign(field: re.Match[str]) -> str:
    if 'type="checkbox"' not in field[0]:
        return field[0]
    return "☑ " if "checked" in field[0] else "☐ "


class PrepareFeedback(Preprocessor):
    """Readies a graded notebook for its feedback page. Runs after nbgrader's GetGrades."""

    enabled = True

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        intake = read_intake(nb)
        cuts = withheld(self.config)
        hidden = hidden_tests(nb, cuts)
        for cell in nb.cells:
            if (is_grade(cell) and not is_solution(cell)) or is_task(cell):
                cell.source = split(cell.source, cuts, "")[0]
            if cell.cell_type == "code":
                cell.outputs = [without(output, hidden) for output in cell.outputs]
        about = resources.get("nbgrader", {})
        texts = (cell.source for cell in nb.cells if cell.cell_type == "markdown" and cell.id != INTAKE)
        named = next(
            (heading_of(found) for text in texts for found in HEADING.finditer(text) if found[1] == "#"),
            about.get("notebook", ""),
        )
        resources["heading"] = f"Feedback: {named}"
        resources["refused"] = intake.refused
        tasks = sections(nb, hidden)
        resources["css"] = styles("feedback")
        resources["top"] = (
            environment(TEMPLATES / "feedback")
            .get_template("tasks.html.j2")
            .render(
                heading=resources["heading"],
                score=about.get("score", 0.0),
                maximum=about.get("max_score", 0.0),
                penalty=about.get("late_penalty", 0.0),
                refused=intake.refused,
                repaired=[repair.text for repair in intake.repaired],
                tasks=tasks,
                file=", ".join(filter(None, (about.get("notebook"), about.get("student")))),
                tells=not intake.refused and any(task.first or task.by_hand or task.comments for task in tasks),
                void=VOID,
                marks=SIGNS,
                words=SAID,
            )
        )
        nb.cells = list(_what_ran(nb))
        for cell in nb.cells:
            if cell.cell_type == "markdown":
                is_students = is_added(cell) or is_solution(cell)
                cell.source = with_mathml(cell.source if is_students else with_files(cell.source, self._beside(about)))
        return nb, resources

    def _beside(self, about: dict[str, Any]) -> Path:
        """Where the instructor's pictures lie: what a student handed in beside the notebook isn't looked at."""
        return Course.of(self).source(about.get("assignment", ""))


def _what_ran(nb: NotebookNode) -> Iterator[NotebookNode]:
    """The notebook as it ran. What checks said stands above, and so does the intake.

    A text that is about what the cell above it shows is left out with that cell.
    """
    is_left_out = False
    for cell in nb.cells:
        if cell.cell_type == "code":
            is_test = is_grade(cell) and not is_solution(cell)
            ran = is_solution(cell) or bool(cell.outputs) or cell.execution_count is not None
            is_left_out = is_test or not ran
        elif HEADING.search(cell.source) or is_solution(cell) or is_grade(cell):
            is_left_out = False
        if not is_left_out and cell.id != INTAKE:
            yield cell


def without(output: NotebookNode, hidden: HiddenTests) -> NotebookNode:
    """The output, or a remark in its place if it quotes a line of a hidden test."""
    if not any(hidden.are_quoted_in(text, whole_lines=True) for text in texts_of(output)):
        return output
    return NotebookNode(output_type="stream", name="stdout", text="(an output that quoted hidden tests was left out)\n")
