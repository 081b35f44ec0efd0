"""The page that a student gets back."""

import json
import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from nbjudge.course.graded import write_verdict
from nbjudge.course.notebooks import read
from nbjudge.judging.steps import outputs_of
from nbjudge.pages.feedback import PrepareFeedback, hidden_lines
from nbjudge.pages.formulas import with_mathml
from nbprobe.reasons import Reason
from nbprobe.verdict import Row, Verdict
from tests.support import SOURCE

HIDDEN = "### BEGIN HIDDEN TESTS\nsecret_inputs = draw_from(seed=41, n=64)\n### END HIDDEN TESTS"


def prepared(*cells):
    return PrepareFeedback().preprocess(new_notebook(cells=list(cells)), {})


def graded_cell(*outputs):
    about = {"grade": True, "solution": False, "grade_id": "test_bce", "points": 3.0, "score": 1.5}
    return new_code_cell(f"checks.bce()\n{HIDDEN}", metadata={"nbgrader": about}, outputs=list(outputs))


def judged_cell(verdict):
    cell = graded_cell(*outputs_of(verdict))
    write_verdict(cell, verdict)
    return cell


def test_hidden_tests_are_taken_out() -> None:
    notebook, _ = prepared(graded_cell())
    assert notebook.cells[0].source.strip() == "checks.bce()"


@pytest.mark.parametrize(
    "output",
    [
        new_output("stream", name="stdout", text="In: secret_inputs = draw_from(seed=41, n=64)"),
        new_output(
            "error", ename="E", evalue="", traceback=["\x1b[31m1\x1b[0m secret_inputs = draw_from(seed=41, n=64)"]
        ),
        new_output("display_data", {"text/html": "<b>secret_inputs = draw_from(seed=41, n=64)</b>"}),
    ],
    ids=["printed", "traceback", "html"],
)
def test_an_output_that_quotes_hidden_tests_is_left_out(output) -> None:
    notebook, _ = prepared(graded_cell(), new_code_cell("print(In)", outputs=[output]))
    assert "secret_inputs" not in json.dumps(notebook)
    assert "left out" in notebook.cells[1].outputs[0].text


def test_ordinary_outputs_stay() -> None:
    output = new_output("stream", name="stdout", text="training loss: 0.693 before, 0.179 after")
    notebook, _ = prepared(graded_cell(), new_code_cell("train()", outputs=[output]))
    assert notebook.cells[1].outputs == [output]


def test_top_of_the_page_says_points_and_the_first_thing_to_know() -> None:
    rows = [Row("64 predictions", "wrong", 0.0, 1.5, Reason("why"))]
    notebook, resources = prepared(judged_cell(Verdict(rows, 1.5, 3.0, "You averaged.")))
    assert resources["tasks"] == [
        {"id": "test_bce", "name": "bce", "score": 1.5, "points": 3.0, "says": "You averaged."}
    ]
    assert len(notebook.cells[0].outputs) == 1  # the bare number is for nbgrader


def test_points_set_by_hand_are_said_to_be() -> None:
    _, resources = prepared(judged_cell(Verdict([Row("64 predictions", "right", 3.0, 3.0)], 3.0, 3.0)))
    assert resources["tasks"][0]["score"] == 1.5
    assert resources["tasks"][0]["says"] == "Set by your instructor; the tests alone gave 3 of 3 points."


def test_without_a_diagnosis_the_first_reason_is_what_to_know() -> None:
    rows = [
        Row("1 prediction", "right", 1.5, 1.5),
        Row("a list", "remark", 0.0, 0.0, Reason("Work on a copy.")),
        Row("64 predictions", "wrong", 0.0, 1.5, Reason("3 of 64 values are right.", "Some are.")),
    ]
    for shown, says in ((rows, "Work on a copy."), (rows[::2], "3 of 64 values are right."), (rows[:1], "")):
        assert prepared(judged_cell(Verdict(shown, 1.5, 3.0)))[1]["tasks"][0]["says"] == says


def test_a_notebook_that_version_1_0_graded_keeps_its_table_and_there_is_nothing_more_to_say() -> None:
    table = new_output("display_data", {"text/plain": "1.5 of 3 points\nYou averaged.\n  ✗ 64 predictions 0/1.5"})
    notebook, resources = prepared(graded_cell(table, new_output("execute_result", {"text/plain": "1.5"})))
    assert resources["tasks"] == [{"id": "test_bce", "name": "bce", "score": 1.5, "points": 3.0, "says": ""}]
    assert notebook.cells[0].outputs == [table]


def test_comments_are_listed_and_their_formulas_drawn() -> None:
    def answer(grade_id, comment):
        about = {"grade": False, "solution": True, "grade_id": grade_id, "comment": comment}
        return new_code_cell("class BCE: ...", metadata={"nbgrader": about})

    comments = {"bce": r"Mind $\ln 0$.", "classifier": "No response.", "optimizer": None}
    notebook, resources = prepared(*(answer(*each) for each in comments.items()))
    assert resources["commented"] == ["bce"]
    assert "<math" in notebook.cells[0].metadata.nbgrader.comment


def test_formulas_become_mathml_and_code_stays() -> None:
    text = with_mathml(r"For $\hat y = 0.5$ write `$HOME`: $$\frac{a}{b}$$ done")
    assert text.count("<math") == 2
    assert "`$HOME`" in text
    assert "$$" not in text


def test_every_formula_of_the_exercise_can_be_drawn() -> None:
    for cell in read(SOURCE).cells:
        if cell.cell_type == "markdown":
            drawn = with_mathml(cell.source)
            assert "<code>$" not in drawn
            assert not re.search(r"\\[a-z]{2}", re.sub(r"`[^`]*`", "", drawn)), cell.id


@pytest.mark.parametrize(
    "formula", [r"\frac", r"\left(", "{", "^", "a_", r"\begin{matrix}", r"\unknown{x}", "}", "a_b_c", "a^b^c"]
)
def test_a_bad_formula_of_a_students_stops_nothing(formula: str) -> None:
    notebook, _ = prepared(new_markdown_cell(f"I think ${formula}$ holds"))
    assert "holds" in notebook.cells[0].source


def test_source_has_hidden_lines_to_look_for() -> None:
    assert len(hidden_lines(read(SOURCE))) > 30
