"""Looks for lines of solutions and hidden tests in what students get, in whatever form they might be there."""

import ast
import re
import textwrap
import tokenize
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from nbjudge.authoring.readings import Budget, readings
from nbjudge.course.cells import is_solution
from nbjudge.course.delimiters import Delimiters, Region, split
from nbjudge.course.regions import Stubs
from nbprobe.marks import with_few_marks

SHORT = 8
"""A line with fewer characters (spaces and quotes don't count) could stand anywhere by chance."""

IGNORED = re.compile(r"[\s\\'\"`\x00\u00ad\u200b-\u200f\u2060\ufeff]+")
TELLING = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.Subscript, ast.Lambda, ast.comprehension, ast.IfExp)
NAMES = (ast.Name, ast.Attribute)
KEYWORD_ALONE = re.compile(r"(?:async\s+)?(?:try|else|finally|except|except\s+\w+|pass|break|continue|return)\s*:?")


@dataclass(frozen=True)
class Secret:
    """A line that students must not get."""

    cell: str
    what: str
    line: str
    form: str  # without what may differ between two copies

    def __str__(self) -> str:
        line = " ".join(self.line.split())
        return f"{line if len(line) <= 70 else line[:69] + '…'!r}, which is part of the {self.what} in {self.cell}"


def name_of(cell: NotebookNode) -> str:
    """What a person finds a cell by."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id") or "a cell without id")


def hidden(cell: NotebookNode, delimiters: Sequence[Delimiters], stubs: Stubs) -> tuple[str, list[Region]]:
    """What students see of a cell, and what they don't; a solution cell without delimiters is a solution throughout."""
    stub = stubs.code if cell.cell_type == "code" else stubs.text
    seen, regions = split(cell.source, delimiters, stub)
    solution = cell.metadata.get("nbgrader", {}).get("solution")
    if solution and not any(region.what == "solution" for region in regions):
        return stub, [*regions, Region("solution", cell.source.split("\n"))]
    return seen, regions


def left_of(notebook: NotebookNode, delimiters: Sequence[Delimiters], stubs: Stubs) -> dict[str, str]:
    """What is left of each solution cell for students to start with, by the ``grade_id`` of the cell."""
    answers = (cell for cell in notebook.cells if is_solution(cell) and cell.cell_type == "code")
    return {cell.metadata.nbgrader.grade_id: hidden(cell, delimiters, stubs)[0] for cell in answers}


def secrets(notebook: NotebookNode, delimiters: Sequence[Delimiters]) -> tuple[list[Secret], list[str]]:
    """Every line that must not leak, and the lines that tell nothing.

    A line tells nothing if it is short, imports something, returns a name or gives a name to a name. One that only
    calls something (``model = Classifier(2)``) or begins a block, tells nothing if the notebook shows it elsewhere.
    """
    cells = [(name_of(cell), *hidden(cell, delimiters, Stubs("", ""))) for cell in notebook.cells]
    visible = normal("\n".join(seen for _, seen, _ in cells))
    by_form: dict[tuple[str, str], Secret] = {}
    idle: list[str] = []
    for name, _, regions in cells:
        for region in regions:
            kept = []
            for line in _statements(region.lines):
                form = normal(line)
                grade = telling(line)
                if grade == "nothing" or (grade == "little" and form in visible):
                    idle += [line] if form else []
                    continue
                kept.append(Secret(name, region.what, line, form))
                if region.what == "solution" and (value := _value(line)):
                    kept.append(Secret(name, region.what, line, value))
            whole = "\n".join(region.lines).strip()
            if not kept and len(normal(whole)) >= SHORT:
                kept = [Secret(name, region.what, whole, normal(whole))]
            by_form.update({(name, secret.form): secret for secret in kept})
    return list(by_form.values()), idle


def _statements(lines: list[str]) -> list[str]:
    """The lines, their comments on their own, and the statements that go over several lines."""
    text = textwrap.dedent("\n".join(lines))
    statements = []
    for line in text.split("\n"):
        code, comment = _comment_apart(line.strip())
        statements += [code] if code else []
        statements += [comment] if comment else []
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return statements
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not hasattr(node, "body") and node.lineno != node.end_lineno:
            statements.append(ast.get_source_segment(text, node) or "")
    return statements


def _comment_apart(line: str) -> tuple[str, str]:
    """The code of a line, and the comment at its end."""
    try:
        for token in tokenize.generate_tokens(iter([line]).__next__):
            if token.type == tokenize.COMMENT:
                return line[: token.start[1]].strip(), token.string
    except (tokenize.TokenError, SyntaxError):
        pass
    return line, ""


def telling(line: str) -> str:
    """How much a line gives away: ``nothing``, ``little`` or ``much``."""
    text = line.strip()
    if len(normal(text)) < SHORT:
        return "nothing"
    if KEYWORD_ALONE.fullmatch(text):
        return "nothing"
    if text.startswith("#"):
        return "much" if len(text.split()) > 3 else "nothing"
    statement = _statement(text)
    if statement is None:
        return "little"
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return "nothing"
    if isinstance(statement, ast.Return) and isinstance(statement.value, (*NAMES, ast.Constant)):
        return "nothing"
    sides = [statement.value, *statement.targets] if isinstance(statement, ast.Assign) else []
    if sides and all(isinstance(side, NAMES) for side in sides):
        return "nothing"
    nodes = list(ast.walk(statement))
    calls = sum(isinstance(node, ast.Call) for node in nodes)
    header = isinstance(statement, (ast.FunctionDef, ast.ClassDef))
    return "much" if not header and (calls > 1 or any(isinstance(node, TELLING) for node in nodes)) else "little"


def _statement(text: str) -> ast.stmt | None:
    """The statement in a line, also if it is the head of a block. None if the line is a piece of something longer."""
    before = ("if True:\n    pass", "try:\n    pass")
    attempts = (text, f"{text}\n    pass", *(f"{start}\n{text}\n    pass" for start in before))
    for attempt in attempts:
        try:
            return next(reversed(ast.parse(attempt).body), None)
        except (SyntaxError, ValueError):
            continue
    return None


def _value(line: str) -> str:
    """The right side of an assignment, which gives the answer away under any name; "" if it is short or plain."""
    statement = _statement(line.strip())
    if not isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return)) or statement.value is None:
        return ""
    value = ast.get_source_segment(line.strip(), statement.value) or ""
    return normal(value) if telling(value) == "much" else ""


def normal(text: str) -> str:
    """``text`` without what may differ between two copies of a line: space, quotes, escapes, widths of characters."""
    return IGNORED.sub("", unicodedata.normalize("NFKC", with_few_marks(text)))


def find(wanted: Iterable[Secret], content: bytes | str, budget: Budget | None = None) -> list[Secret]:
    """The secrets that stand in ``content``: as they are, escaped, as HTML, in base64 or hex, compressed."""
    texts = [normal(text) for text in readings(content, budget=budget)]
    by_line: dict[tuple[str, str], Secret] = {}
    for secret in wanted:
        if any(secret.form in text for text in texts):
            by_line.setdefault((secret.cell, secret.line), secret)
    return list(by_line.values())
