"""What the feedback page says of each task: points, cause, the student's own method, findings, and what to read."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import takewhile

from markupsafe import Markup
from nbconvert.filters import markdown2html
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum, is_grade, is_solution, is_task
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from nbjudge.course.graded import ADDED, METHOD, read_name, read_verdict
from nbjudge.course.titles import Title, titles
from nbjudge.pages.attachments import as_html
from nbjudge.pages.definition import Definition, definition_of
from nbjudge.pages.formulas import with_mathml
from nbjudge.pages.grades import WAITS
from nbjudge.pages.markup import clean_markdown
from nbjudge.pages.quotations import COLOUR, HiddenTests
from nbprobe.evidence import NOT_IMPLEMENTED
from nbprobe.table import COLUMNS, joined, points_of
from nbprobe.verdict import WRONG, Row, Verdict

NBGRADERS_OWN = "No response."
"""The comment that nbgrader writes below an answer that wasn't touched."""
QUOTED = "(a text that quoted hidden tests was left out)"
MAX_SAID, MAX_LINES_SAID = 4000, 30
NO_ANSWER = "There is no answer here."
NOTHING = Markup("")
NOTHING_HIDDEN = HiddenTests()


@dataclass
class TaskSection:
    """One task of the page.

    Attributes
    ----------
    first : the first thing to know, in one sentence
    by_hand : what the tests alone gave, if somebody set the points
    rows : of the verdict, those joined that came out alike
    about, code : name of the student's method or cell, and its text as HTML; "" if there is none
    missing : the name of a method that isn't there
    answer : a written answer, as HTML
    errors : what Python said below the answer, if it stopped
    table : what version 1.0 wrote in place of a verdict
    waits : whether a person still has to give points
    plain : whether a test without probes gave the points
    """

    id: str
    title: Title
    score: float
    points: float
    first: str = ""
    by_hand: str = ""
    rows: list[Row] = field(default_factory=list)
    about: str = ""
    code: Markup = NOTHING
    missing: str = ""
    answer: Markup = NOTHING
    errors: list[str] = field(default_factory=list)
    table: str = ""
    waits: bool = False
    plain: bool = False
    comments: list[Markup] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        """Of the findings, those in which there is something beside the points."""
        return [name for name in COLUMNS if name != "points" and any(self.shown(row, name) for row in self.rows)]

    def shown(self, row: Row, column: str) -> str:
        """What a column shows of a row. What stands above as the cause isn't said again."""
        text = COLUMNS[column](row)
        return "" if text == self.first and column == "why" and row.kind == WRONG else text

    @property
    def is_full(self) -> bool:
        return self.score >= self.points

    @property
    def is_open(self) -> bool:
        """Whether there is something that everybody should read."""
        return not self.is_full or bool(self.by_hand or self.comments)


def sections(nb: NotebookNode, hidden: HiddenTests = NOTHING_HIDDEN) -> list[TaskSection]:
    """The tasks of a graded notebook, in its order, without what quotes ``hidden`` tests. Runs after GetGrades."""
    called, done = titles(nb.cells), list[TaskSection]()
    answers, owners = list[NotebookNode](), dict[str, TaskSection]()
    said = set[str]()  # once: the errors of a cell may be long
    comments = {cell.id: comment for cell in nb.cells if (comment := comment_on(cell))}
    for place, cell in enumerate(nb.cells):
        if is_solution(cell) or is_task(cell) or _is_own(cell):
            answers.append(cell)
        if is_task(cell):
            below = list(takewhile(is_added, nb.cells[place + 1 :]))
            section = _task_section(cell, called[cell.metadata.nbgrader.grade_id], below)
            owners.setdefault(cell.id, section)
            done.append(section)
        elif is_grade(cell):
            section, answer = _section(cell, called[cell.metadata.nbgrader.grade_id], answers, hidden)
            nearest = next((each for each in reversed(answers) if is_solution(each) or is_task(each)), None)
            for own in filter(None, (answer, nearest)):
                owners.setdefault(own.id, section)  # a cell may hold several tasks; the first has what is said of it
            if answer and not section.is_full and answer.id not in said:
                said.add(answer.id)
                section.errors = _errors(answer) if section.first != NO_ANSWER else []
            done.append(section)
    for name, comment in comments.items():
        if done:
            owners.get(name, done[-1]).comments.append(comment)
    return done


def _errors(cell: NotebookNode) -> list[str]:
    return [_plain(output) for output in cell.get("outputs", []) if output.output_type == "error"]


def is_added(cell: NotebookNode) -> bool:
    """Whether a student added the cell."""
    return str(cell.id).startswith(ADDED)


def _is_own(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and is_added(cell)


def comment_on(cell: NotebookNode) -> Markup:
    """What the instructor wrote on an answer."""
    comment = cell.metadata.nbgrader.get("comment") if is_solution(cell) or is_task(cell) else None
    return as_markup(comment) if comment and comment != NBGRADERS_OWN else Markup("")


def as_markup(text: str) -> Markup:
    """Markdown as HTML in which nothing is alive, with its formulas."""
    return Markup(markdown2html(with_mathml(clean_markdown(text))))


def _section(
    test: NotebookNode, title: Title, answers: list[NotebookNode], hidden: HiddenTests
) -> tuple[TaskSection, NotebookNode | None]:
    """The section, and the cell in which the student answered."""
    grading, verdict = test.metadata.nbgrader, read_verdict(test)
    section = TaskSection(grading.grade_id, title, float(grading.score or 0), float(grading.points or 0))
    section.waits = bool(grading.get(WAITS))
    if is_solution(test):  # a person reads it
        section.about, section.answer = "Your answer", _shown(test)
        if grading.get("comment") == NBGRADERS_OWN or grading.get("checksum") == compute_checksum(test):
            section.first = NO_ANSWER
        return section, test
    if verdict is None:
        section.table = "\n".join(_texts(test))
    else:
        verdict = replace(verdict, rows=[_unquoted(row, hidden) for row in verdict.rows])
        section.first, section.plain = first_to_know(verdict), verdict.plain
        says_more = section.first != NOT_IMPLEMENTED.text and not verdict.plain
        section.rows = joined(verdict) if says_more else []
        if not math.isclose(section.score, verdict.score, abs_tol=1e-6):
            section.by_hand = points_of(verdict)
    name = read_name(test, METHOD)
    if not name:
        return section, next((cell for cell in reversed(answers) if is_solution(cell)), None)
    for cell in reversed(answers):
        found = definition_of(cell.source, name) if cell.cell_type == "code" else None
        if found:
            if section.first != NOT_IMPLEMENTED.text:
                section.about, section.code = name, code(found)
            return section, cell
    section.missing = name
    return section, None


def _task_section(task: NotebookNode, title: Title, below: list[NotebookNode]) -> TaskSection:
    """The section of a task that is answered in cells of the student's own, below it."""
    grading = task.metadata.nbgrader
    section = TaskSection(grading.grade_id, title, float(grading.score or 0), float(grading.points or 0))
    section.waits = bool(grading.get(WAITS))
    section.about, section.answer = "Your answer", Markup("").join(map(_shown, below))
    section.errors = [error for cell in below for error in _errors(cell)]
    section.first = "" if below else NO_ANSWER
    return section


def _rendered(text: str) -> Markup:
    """Of a student's text, which was cleaned when it came in."""
    return Markup(markdown2html(with_mathml(text)))


def _shown(answer: NotebookNode) -> Markup:
    """What a student wrote into a cell that a person reads, and what the cell put out."""
    if answer.cell_type != "code":
        return as_html(answer, _rendered)
    outputs = answer.get("outputs", [])
    texts = [str(output.text) for output in outputs if output.output_type == "stream"]
    shown = Markup('<pre tabindex="0">{}</pre>').format("".join(texts)[:MAX_SAID]) if texts else NOTHING
    return code(Definition(answer.source, 1)) + shown + Markup("").join(map(_picture, outputs))


def _picture(output: NotebookNode) -> Markup:
    """A picture among the outputs of a cell, all of which were cleaned when it had run."""
    data, about = output.get("data", {}), output.get("metadata", {}).get("image/png", {})
    if "image/png" not in data:
        return NOTHING
    return Markup('<img src="data:image/png;base64,{}" alt="{}">').format(data["image/png"], about.get("alt", "a plot"))


def _unquoted(row: Row, hidden: HiddenTests) -> Row:
    """The row, without a message or a result of the student's that quotes a piece of a hidden test."""
    reason, contrast = row.reason, row.contrast
    if reason and hidden.are_quoted_in(reason.text):
        reason = replace(reason, text=QUOTED)
    if contrast and hidden.are_quoted_in(contrast.yours):
        contrast = replace(contrast, yours=QUOTED)
    return replace(row, reason=reason, contrast=contrast)


def first_to_know(verdict: Verdict) -> str:
    """The diagnosis; without one, the reason that the first row gives."""
    return verdict.diagnosis or next((row.reason.text for row in verdict.rows if row.reason), "")


def code(definition: Definition) -> Markup:
    """The text with its line numbers in the cell, and in colours."""
    numbered = HtmlFormatter(linenos="inline", linenostart=definition.line, cssclass="code")
    shown = highlight(definition.text, PythonLexer(stripnl=False), numbered)
    return Markup(shown.replace("<pre>", '<pre tabindex="0">', 1))  # who has no mouse can move it sideways


def _plain(error: NotebookNode) -> str:
    """The end of what Python said below a cell that stopped, without its colours."""
    text = COLOUR.sub("", "\n".join(error.traceback)[-MAX_SAID:]) or f"{error.ename}: {error.evalue}"
    return "\n".join(text.strip("\n").split("\n")[-MAX_LINES_SAID:])


def _texts(test: NotebookNode) -> Iterator[str]:
    """The tables that a judge of version 1.0 wrote."""
    for output in test.outputs:
        if output.output_type == "display_data":
            yield str(output.get("data", {}).get("text/plain", ""))
