"""Where nbgrader calls the judge: after a submission ran, before its scores are saved."""

import re
import shutil
from collections import Counter
from itertools import takewhile
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import Enum, Unicode

from nbjudge.course.course import Course
from nbjudge.course.graded import write_verdict
from nbjudge.course.regions import withheld
from nbjudge.judging import old_scores, oracle, plain
from nbjudge.judging.kept_evidence import keep
from nbjudge.judging.seen import Seen, depends_on_catalogue
from nbjudge.judging.trouble import OracleError
from nbjudge.judging.written_rules import Written
from nbjudge.pages.clean import BUDGET, Budget, clean_outputs
from nbjudge.pages.markup import prose
from nbjudge.sandbox.step import AFTERWARDS
from nbprobe.causes import public_error
from nbprobe.evidence import Raw, published
from nbprobe.reason import Reason
from nbprobe.runs import DEFINITION
from nbprobe.table import as_html, as_text
from nbprobe.verdict import Verdict


def _oracle(preprocessor: NbGraderPreprocessor, resources: dict[str, Any]) -> oracle.Oracle:
    """The right answers for the notebook that is being graded.

    Raises
    ------
    SystemExit
        If there are none. It ends nbgrader with one sentence, before any submission got a grade; the unfinished copy
        of this submission is removed, or nbgrader would take it for graded.
    """
    course, about = Course.of(preprocessor), resources["nbgrader"]
    try:
        return oracle.load(
            course, about["assignment"], course.source(about["assignment"]) / f"{about['notebook']}.ipynb"
        )
    except OracleError as error:
        shutil.rmtree(resources["metadata"]["path"], ignore_errors=True)
        raise SystemExit(f"Nothing was graded: {error}") from error


class ForgetScores(NbGraderPreprocessor):
    """Takes back the automatic scores of an earlier grading, so that one that is killed leaves none behind.

    Manual scores stay.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        _oracle(self, resources)  # or else stop here, while the old scores are still there
        about = resources["nbgrader"]
        old_scores.forget(about["db_url"], about["assignment"], about["student"], [about["notebook"]])
        return nb, resources


class Judge(NbGraderPreprocessor):
    """Replaces the outputs of each test cell by the verdict on its evidence, and by the score.

    The verdict itself is kept in the cell's metadata, for all that is told of it later.
    """

    plain_tests = Enum(
        [oracle.REFUSE, oracle.TRUST],
        oracle.REFUSE,
        help=f"""what becomes of test cells without probes: "{oracle.REFUSE}" grades nothing and names them;
        "{oracle.TRUST}" lets them decide by nbgrader's own rule, in the sandbox, but in the submission's process""",
    ).tag(config=True)
    misconceptions = Unicode(
        "misconceptions", help="Folder with the wrong ways of the exercises, if the course's root holds none."
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        answers = _oracle(self, resources)
        cuts, afterwards = withheld(self.config), resources.get(AFTERWARDS, [])
        budget = resources[BUDGET] = Budget()  # what plain tests put out counts with all other outputs
        kept, written = dict[str, Seen](), Written(nb, cuts)
        for cell in nb.cells:
            if is_grade(cell) and not is_solution(cell) and cell.cell_type == "code":
                grade_id = cell.metadata.nbgrader.grade_id
                if grade_id in answers.plain:
                    verdict = plain.verdict(cell, cuts, _needs(nb, cell, plain.kind_of_error(cell)))
                    # what the cell put out stands below for whoever grades; nbgrader reads no further than the score
                    own = clean_outputs(cell.outputs, budget)
                    cell.outputs = [*outputs_of(verdict), *(one for one in own if one.output_type != "execute_result")]
                else:
                    seen = _seen(nb, cell, answers, afterwards, written)
                    verdict = seen.verdict(grade_id, answers)
                    cell.outputs = outputs_of(verdict)
                    if depends_on_catalogue(verdict, grade_id, answers):
                        kept[grade_id] = seen
                write_verdict(cell, verdict, *answers.headings.get(grade_id, ("", "")))
        about = resources["nbgrader"]
        keep(Course.of(self), about["student"], about["assignment"], about["notebook"], kept)
        return nb, resources


def _seen(
    nb: NotebookNode, test: NotebookNode, answers: oracle.Oracle, afterwards: list[NotebookNode], written: Written
) -> Seen:
    """What the probes of a test saw, the hidden ones and the visible ones."""
    grade_id = test.metadata.nbgrader.grade_id
    visible = [raw for raw in published(afterwards, visible=grade_id) if "error" not in raw]  # which has no numbers
    (hidden, stopped), right = _reached(nb, test), answers.visible.get(grade_id)
    hidden = written.judged(test, answers.solution.get(grade_id, []), hidden)
    return Seen.of(grade_id, answers, hidden, stopped, written.judged(test, right.solution if right else [], visible))


def _reached(nb: NotebookNode, test: NotebookNode) -> tuple[Raw, Reason | None]:
    """The evidence of a test cell, and why there isn't more, if there isn't.

    A probe that needs a class of a cell that doesn't run has not been reached. The message of an error isn't quoted, it
    could hold hidden lines.
    """
    error = plain.kind_of_error(test)
    missing = {name for cell in _broken(nb, test) for name in DEFINITION.findall(cell.source)}
    evidence = published(test.outputs)
    times = Counter(str(raw.get("name")) for raw in evidence)  # a second answer mustn't become the only one
    reached = [raw for raw in evidence if times[str(raw.get("name"))] > 1 or not _lacks(raw, missing)]
    if needs := _needs(nb, test, "NameError" if len(reached) < len(evidence) else error):
        return reached, needs
    if not error:
        return reached, None
    sentence = "This was not reached: the cell stopped with {}."
    return reached, Reason(sentence.format(error), sentence.format(public_error(error)))


def _broken(nb: NotebookNode, test: NotebookNode) -> list[NotebookNode]:
    """The answers above a test that don't run."""
    above = takewhile(lambda cell: cell is not test, nb.cells)
    return [cell for cell in above if is_solution(cell) and plain.kind_of_error(cell)]


def _needs(nb: NotebookNode, test: NotebookNode, error: str) -> Reason | None:
    """Which answers don't run that a test may need, if it stopped as one does that lacks a name."""
    errors = [(cell.metadata.nbgrader.grade_id, plain.kind_of_error(cell)) for cell in _broken(nb, test)]
    if not errors or error != "NameError":
        return None
    names = ", ".join(f"{name} ({error})" for name, error in errors)
    general = ", ".join(f"{name} ({public_error(error)})" for name, error in errors)
    sentence = "This was not reached: a cell that it needs doesn't run: {}."
    return Reason(sentence.format(names), sentence.format(general))


def _lacks(raw: dict[str, Any], missing: set[str]) -> bool:
    """Whether a probe stopped because one of these names isn't defined."""
    named = re.match(r"name '(\w+)' is not defined", str(raw.get("message", "")))
    return raw.get("error") == "NameError" and named is not None and named[1] in missing


def outputs_of(verdict: Verdict) -> list[NotebookNode]:
    """The verdict as a table, and the score in the form that nbgrader reads."""
    data = {"text/plain": as_text(verdict), "text/html": as_html(verdict, prose)}
    score = _output("execute_result", {"text/plain": repr(float(verdict.score))}, execution_count=1)
    return [_output("display_data", data), score]


def _output(kind: str, data: dict[str, Any], **more: Any) -> NotebookNode:
    """As nbformat's ``new_output``, which checks each; the whole notebook is checked before it is written."""
    return NotebookNode({"output_type": kind, "metadata": NotebookNode(), "data": NotebookNode(data), **more})
