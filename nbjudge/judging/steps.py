"""Where nbgrader calls the judge: after a submission ran, before its scores are saved."""

import html
import shutil
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import Unicode

from nbjudge.course.course import directory_of, source_of
from nbjudge.judging import oracle
from nbjudge.pages.markup import prose, visible
from nbprobe.evidence import published
from nbprobe.judge import Row, Verdict, judge

MARKS = {"right": ("✓", "#0072B2"), "wrong": ("✗", "#D55E00"), "remark": ("!", "#8A6100")}


def _oracle(preprocessor: NbGraderPreprocessor, resources: dict[str, Any]) -> oracle.Oracle:
    """The right answers for the notebook that is being graded.

    Raises
    ------
    SystemExit
        If there are none. It ends nbgrader with one sentence, before any submission got a grade; the unfinished copy
        of this submission is removed, or nbgrader would take it for graded.
    """
    directory, about = directory_of(preprocessor), resources["nbgrader"]
    try:
        return oracle.load(source_of(directory, about), about["assignment"], Path(directory.root) / ".oracle")
    except oracle.OracleError as error:
        shutil.rmtree(resources["metadata"]["path"], ignore_errors=True)
        raise SystemExit(f"Nothing was graded: {error}") from error


class ForgetScores(NbGraderPreprocessor):
    """Takes back the automatic scores of an earlier grading, so that one that fails leaves none behind.

    Manual scores stay.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        _oracle(self, resources)  # or else stop here, while the old scores are still there
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            submission = gradebook.find_submission_notebook(about["notebook"], about["assignment"], about["student"])
            for grade in submission.grades:
                grade.auto_score = None
            gradebook.db.commit()
        return nb, resources


class Judge(NbGraderPreprocessor):
    """Replaces the outputs of each test cell by the verdict on its evidence, and by the score."""

    misconceptions = Unicode(
        "misconceptions", help="Folder with the wrong ways of the exercises, if the course's root holds none."
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        answers = _oracle(self, resources)
        for cell in nb.cells:
            if is_grade(cell) and not is_solution(cell) and cell.cell_type == "code":
                grade_id = cell.metadata.nbgrader.grade_id
                verdict = judge(
                    answers.solution.get(grade_id, []),
                    published(cell.outputs),
                    answers.points.get(grade_id, 0.0),
                    answers.misconceptions.get(grade_id, []),
                    _why_it_stopped(nb, cell),
                )
                cell.outputs = outputs_of(verdict)
        return nb, resources


def _error(cell: NotebookNode) -> str:
    """Kind of the error that a cell stopped with, or ""."""
    kinds = (visible(str(each.ename)[:60]) for each in cell.get("outputs", []) if each.output_type == "error")
    return " ".join(next(kinds, "").split())  # with a line break it could pretend to be another line of the table


def _why_it_stopped(nb: NotebookNode, test: NotebookNode) -> str:
    """One sentence for a test cell that ended early; the message isn't quoted, it could hold hidden lines."""
    error = _error(test)
    broken = [cell for cell in nb.cells if is_solution(cell) and _error(cell)]
    if error == "NameError" and broken:
        names = ", ".join(f"{cell.metadata.nbgrader.grade_id} ({_error(cell)})" for cell in broken)
        return f"This was not reached: a cell that it needs doesn't run: {names}."
    return f"This was not reached: the cell stopped with {error}." if error else ""


def outputs_of(verdict: Verdict) -> list[NotebookNode]:
    """The verdict as a table, and the score in the form that nbgrader reads."""
    data = {"text/plain": as_text(verdict), "text/html": as_html(verdict)}
    score = new_output("execute_result", {"text/plain": repr(float(verdict.score))}, execution_count=1)
    return [new_output("display_data", data), score]


def as_text(verdict: Verdict) -> str:
    lines = [f"{verdict.score:g} of {verdict.maximum:g} points"]
    lines += [verdict.diagnosis] if verdict.diagnosis else []
    for row, reason in zip(verdict.rows, _reasons(verdict), strict=True):
        lines.append(f"  {MARKS[row.kind][0]} {row.name}{_points(row)}")
        lines += [f"      {reason}"] if reason else []
    return "\n".join(lines)


def as_html(verdict: Verdict) -> str:
    cell = "text-align:left;vertical-align:top;padding:2px 12px 2px 0"
    rows = "".join(
        f'<tr><td style="{cell};color:{MARKS[row.kind][1]}"><b>{MARKS[row.kind][0]}</b></td>'
        f'<td style="{cell}">{html.escape(row.name)}</td><td style="{cell};white-space:nowrap">{_points(row)}</td>'
        f'<td style="{cell}">{prose(reason)}</td></tr>'
        for row, reason in zip(verdict.rows, _reasons(verdict), strict=True)
    )
    said = f"<p>{html.escape(verdict.diagnosis)}</p>" if verdict.diagnosis else ""
    return f"<div><p><b>{verdict.score:g} of {verdict.maximum:g} points</b></p>{said}<table>{rows}</table></div>"


def _reasons(verdict: Verdict) -> list[str]:
    """The reason of each row; what the row above says already isn't said again."""
    reasons = [row.reason for row in verdict.rows]
    return [now if now != before else "" for before, now in zip(["", *reasons], reasons, strict=False)]


def _points(row: Row) -> str:
    return f" {row.points:g}/{row.maximum:g}" if row.maximum else ""
