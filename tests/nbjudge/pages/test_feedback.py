"""The page that a student gets back."""

import html
import json
import re
from urllib.parse import quote, quote_plus

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from traitlets.config import Config

from nbjudge.course.graded import write_verdict
from nbjudge.course.notebooks import read
from nbjudge.course.regions import withheld
from nbjudge.judging.steps import outputs_of
from nbjudge.pages.clean import clean_outputs
from nbjudge.pages.feedback import PrepareFeedback, to_hear
from nbjudge.pages.formulas import with_mathml
from nbjudge.pages.markup import clean_html, clean_markdown
from nbjudge.pages.quotations import hidden_tests
from nbjudge.pages.task_sections import sections
from nbprobe.evidence import NOT_IMPLEMENTED
from nbprobe.reason import Reason
from nbprobe.verdict import Contrast, Row, Verdict
from tests.support import SOURCE
from tests.support.quickstart import PICTURE

HIDDEN = "### BEGIN HIDDEN TESTS\nsecret_inputs = draw_from(seed=41, n=64)\n### END HIDDEN TESTS"


def prepared(*cells):
    return PrepareFeedback().preprocess(new_notebook(cells=list(cells)), {"nbgrader": {"notebook": "1_bce"}})


def graded_cell(*outputs):
    about = {"grade": True, "solution": False, "grade_id": "test_bce", "points": 3.0, "score": 1.5}
    return new_code_cell(f"checks.bce()\n{HIDDEN}", metadata={"nbgrader": about}, outputs=list(outputs))


def judged_cell(verdict):
    cell = graded_cell(*outputs_of(verdict))
    write_verdict(cell, verdict)
    return cell


def test_test_cells_are_left_out_of_the_notebook_and_hidden_tests_of_the_page() -> None:
    notebook, resources = prepared(graded_cell(), new_code_cell("1 + 1", outputs=[new_output("stream", text="2")]))
    assert [cell.source for cell in notebook.cells] == ["1 + 1"]
    assert "secret_inputs" not in resources["top"]


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
    assert "left out" in notebook.cells[0].outputs[0].text


def test_ordinary_outputs_stay() -> None:
    output = new_output("stream", name="stdout", text="training loss: 0.693 before, 0.179 after")
    notebook, _ = prepared(graded_cell(), new_code_cell("train()", outputs=[output]))
    assert notebook.cells[0].outputs == [output]


def test_cells_that_did_not_run_are_left_out() -> None:
    """Answers stay, and so does what ran without a word."""
    ran, answer = new_code_cell("x = 1", execution_count=3), new_code_cell("class BCE: ...", id="bce")
    answer.metadata.nbgrader = {"grade": False, "solution": True, "grade_id": "bce", "comment": None}
    notebook, _ = prepared(new_code_cell("plots.data_flow()"), ran, answer, graded_cell())
    assert [cell.source for cell in notebook.cells] == ["x = 1", "class BCE: ..."]


def task(*cells):
    """The one task of the page."""
    (only,) = sections(new_notebook(cells=list(cells)))
    return only


def test_a_task_says_points_and_the_first_thing_to_know() -> None:
    rows = [Row("64 predictions", "wrong", 0.0, 1.5, Reason("why"))]
    cell = judged_cell(Verdict(rows, 1.5, 3.0, "You averaged."))
    shown = task(cell)
    assert (shown.id, str(shown.title), shown.score, shown.points) == ("test_bce", "1 · bce", 1.5, 3.0)
    assert (shown.first, shown.is_open, shown.by_hand) == ("You averaged.", True, "")
    _, resources = prepared(cell)
    top = " ".join(re.sub(r"<[^>]*>", " ", resources["top"]).split())
    assert "1 · bce 1.5 of 3 You averaged." in top


def test_points_set_by_hand_are_said_to_be() -> None:
    cell = judged_cell(Verdict([Row("64 predictions", "right", 3.0, 3.0)], 3.0, 3.0))
    assert task(cell).by_hand == "3 of 3 points"
    _, resources = prepared(cell)
    assert "Your instructor set these points; the tests alone gave 3 of 3 points." in resources["top"]


def test_without_a_diagnosis_the_first_reason_is_what_to_know() -> None:
    rows = [
        Row("1 prediction", "right", 1.5, 1.5),
        Row("a list", "remark", 0.0, 0.0, Reason("Work on a copy.")),
        Row("64 predictions", "wrong", 0.0, 1.5, Reason("3 of 64 values are right.", "Some are.")),
    ]
    for shown, says in ((rows, "Work on a copy."), (rows[::2], "3 of 64 values are right."), (rows[:1], "")):
        assert task(judged_cell(Verdict(shown, 1.5, 3.0))).first == says


def test_what_is_said_above_the_findings_is_not_said_in_them_again() -> None:
    rows = [Row(name, "wrong", 0.0, 1.0, Reason("why")) for name in ("a", "b")]
    shown = task(judged_cell(Verdict([*rows, Row("c", "wrong", 0.0, 1.0, Reason("other"))], 1.5, 3.0)))
    assert [row.name for row in shown.rows] == ["a; b", "c"]
    assert [shown.shown(row, "why") for row in shown.rows] == ["", "other"]
    assert shown.columns == ["why"]


def test_a_notebook_that_version_1_0_graded_keeps_its_table() -> None:
    table = new_output("display_data", {"text/plain": "1.5 of 3 points\nYou averaged.\n  ✗ <b> 0/1.5"})
    cell = graded_cell(table, new_output("execute_result", {"text/plain": "1.5"}))
    assert (task(cell).first, task(cell).table) == ("", table.data["text/plain"])
    _, resources = prepared(cell)
    assert "✗ &lt;b&gt; 0/1.5" in resources["top"]


def answer(grade_id: str, source: str, comment: str | None = None):
    about = {"grade": False, "solution": True, "grade_id": grade_id, "comment": comment}
    return new_code_cell(source, metadata={"nbgrader": about}, id=grade_id)


def test_comments_stand_at_the_task_of_their_answer_and_nothing_in_them_lives() -> None:
    comment = r"Mind $\ln 0$. <script>alert(1)</script><img src=x onerror=alert(1)> **Well done**"
    shown = task(answer("bce", "class BCE: ...", comment), graded_cell())
    (said,) = shown.comments
    assert "<math" in said
    assert "<strong>Well done</strong>" in said
    assert "alert" not in said
    assert shown.is_open
    assert task(answer("bce", "class BCE: ...", "No response."), graded_cell()).comments == []


BCE = """class BCE:
    def forward(self, y):
        return y

    def backward(self, y):
        return -y
"""


@pytest.mark.parametrize("where", ["answer", "own cell", "nowhere"])
def test_the_students_own_method_is_shown_wherever_it_stands(where: str) -> None:
    verdict = Verdict([Row("a", "wrong", 0.0, 3.0, Reason("why"))], 0.0, 3.0)
    test = judged_cell(verdict)
    write_verdict(test, verdict, "Task 2", "BCE.backward")
    cells = {
        "answer": [answer("bce", BCE)],
        "own cell": [answer("bce", "class BCE: ..."), new_code_cell(BCE, id="added-1")],
        "nowhere": [answer("bce", "class BCE: ...")],
    }
    shown = task(*cells[where], test)
    if where == "nowhere":
        assert (shown.code, shown.missing) == ("", "BCE.backward")
    else:
        assert re.sub("<[^>]*>", "", shown.code) == "5    def backward(self, y):\n6        return -y\n\n"


def test_what_python_said_of_the_cell_is_said_at_its_task() -> None:
    verdict = Verdict([Row("a", "wrong", 0.0, 3.0, Reason("why"))], 0.0, 3.0)
    test, broken = judged_cell(verdict), answer("bce", BCE.replace("-y", "(-y"))
    write_verdict(test, verdict, "Task 2", "BCE.backward")
    broken.outputs = [new_output("error", ename="SyntaxError", evalue="", traceback=["\x1b[31mline 6\x1b[0m <b>"])]
    (said,) = task(broken, test).errors
    assert said == "line 6 <b>"
    assert "line 6 &lt;b&gt;" in prepared(broken, test)[1]["top"]


def test_the_errors_of_a_cell_are_said_once_and_not_at_length() -> None:
    verdict = Verdict([Row("a", "wrong", 0.0, 3.0, Reason("why"))], 0.0, 3.0)
    tests = [judged_cell(verdict), judged_cell(verdict)]
    for cell, name in zip(tests, ("forward", "backward"), strict=True):
        cell.metadata.nbgrader.grade_id = f"test_{name}"
        write_verdict(cell, verdict, "", f"BCE.{name}")
    broken = answer("bce", BCE)
    lines = ["\x1b[31mx\x1b[0m" * 500] * 200
    broken.outputs = [new_output("error", ename="E", evalue="", traceback=lines)]
    first, second = sections(new_notebook(cells=[broken, *tests]))
    assert second.errors == []
    assert len(first.errors[0]) <= 4000


@pytest.mark.parametrize("between", ["", " ", "\u034f", "\n", "\u00a0"])
def test_what_quotes_a_hidden_test_is_left_out_of_the_findings(between: str) -> None:
    quoted = between.join(HIDDEN.splitlines()[1][5:30])
    rows = [
        Row("a", "wrong", 0.0, 1.0, Reason(f"It stops with E: {quoted}.")),
        Row("b", "wrong", 0.0, 2.0, Reason("why"), Contrast("x = 1", "2", repr(quoted))),
    ]
    _, resources = prepared(judged_cell(Verdict(rows, 0.0, 3.0)))
    assert "_inputs" not in resources["top"].replace(between, "")
    assert resources["top"].count("(a text that quoted hidden tests was left out)") >= 2
    assert "x = 1" in resources["top"]


MANY_FORMS = """### BEGIN HIDDEN TESTS
if 3 < 5 and 17 > 4 & 7: pass  # compare
table = {"ab": 1, "cd": 2, "ef": 3, "gh": 4}
named = {'one': 11, 'two': "x"}
seed=4711;n=8_000
price = "$50"; cost = "$61"
probe("the public name of it", f, "the secret input of the test", points=1)
### END HIDDEN TESTS"""
QUOTED_LINES = MANY_FORMS.splitlines()[1:-1]
WIDE = {letter: letter + 0xFEE0 for letter in range(0x21, 0x7F)}
"""Letters as wide as Chinese ones, quotes and brackets included."""


def with_many_forms(cell):
    cell.source = cell.source.replace(HIDDEN, MANY_FORMS)
    return cell


@pytest.mark.parametrize("line", QUOTED_LINES, ids=range(6))
def test_a_hidden_line_is_known_in_every_form(line: str) -> None:
    """As people read it, not as it is escaped."""
    markdown = clean_markdown(f"So:\n\n    {line}\n\n{line}")
    markup = f"<p><b>{html.escape(line[:9])}</b>{html.escape(line[9:])}"
    outputs = [
        new_output("stream", name="stdout", text=f"> {line}\n"),
        new_output("stream", name="stdout", text=repr([line, "a", line])),
        new_output("error", ename=line, evalue="", traceback=[]),
        new_output("error", ename="E", evalue=repr(line), traceback=["a", f"\x1b[31m{line[:8]}\x1b[0m{line[8:]}"]),
        new_output("execute_result", {"text/plain": repr(line)}),
        new_output("display_data", {"text/plain": "x", "text/html": markup}),
        new_output("display_data", {"text/plain": "x", "text/html": clean_html(markup)}),
        new_output("display_data", {"text/plain": "x", "text/markdown": markdown}),
        new_output("display_data", {"text/html": f'<a href="https://x.org/?{quote(line)}">x</a>'}),
        new_output("display_data", {"text/html": f'<a href="https://x.org/?{quote_plus(line)}">x</a>'}),
        new_output("stream", name="stdout", text=line.translate(WIDE)),
        *(new_output("stream", name="stdout", text=mark.join(line)) for mark in ("\u0903", "\u20dd", "\u0488")),
        *(new_output("display_data", {mime: "x"}, metadata={mime: {"alt": line}}) for mime in ("image/png", "x/y")),
        *clean_outputs([new_output("display_data", {"image/png": PICTURE}, metadata={"image/png": {"alt": line}})]),
        new_output("display_data", {"text/plain": "x"}, metadata={"title": {line: 1}, "captions": [["a"], line]}),
    ]
    cells = [new_code_cell("print(In)", outputs=[output]) for output in outputs]
    notebook, _ = prepared(with_many_forms(graded_cell()), *cells)
    for cell in notebook.cells:
        assert ["left out" in output.get("text", "") for output in cell.outputs] == [True]
    rows = [
        Row("a", "wrong", 0.0, 1.0, Reason(f"It stops: {said}")) for said in (line, repr(line), f"a {line.upper()}")
    ]
    rows.append(Row("b", "wrong", 0.0, 2.0, Reason("why"), Contrast("x = 1", "2", repr([line]))))
    _, resources = prepared(with_many_forms(judged_cell(Verdict(rows, 0.0, 5.0))))
    assert resources["top"].count("(a text that quoted hidden tests was left out)") >= 2
    assert "It stops" not in resources["top"]
    assert "[" not in resources["top"].split("x = 1")[1].split("</tr>")[0]


def test_a_line_with_many_quotes_and_few_letters_is_known() -> None:
    cell = graded_cell()
    cell.source = cell.source.replace(
        HIDDEN, HIDDEN.replace("secret_inputs", "price = '$5'; cost = '$6'\nsecret_inputs")
    )
    shown = new_output("display_data", {"text/plain": "x", "text/html": "<p>price = &#39;$5&#39;; cost = '$6'</p>"})
    notebook, _ = prepared(cell, new_code_cell("print(In)", outputs=[shown]))
    assert "left out" in notebook.cells[0].outputs[0].text


def test_an_input_of_a_probe_is_not_public_and_what_it_gives_for_pages_is() -> None:
    given = 'ADVICE = "Average over all of the samples."\n'
    given += 'probe(f"a batch of {3} numbers", f, "the secret input of the test", '
    given += 'advice=ADVICE, notes={"key": "It looks at the labels twice."})\n### END'
    told = ["a batch of 3 numbers", "Average over all of the samples.", "It looks at the labels twice."]
    rows = [Row("a", "wrong", 0.0, 1.0, Reason(said)) for said in [*told, "E: the secret input of it"]]
    cell = judged_cell(Verdict(rows, 0.0, 4.0))
    cell.source = cell.source.replace("### END", given)
    top = prepared(cell)[1]["top"]
    assert [said in top for said in told] == [True] * 3
    assert "the secret input" not in top


def test_the_public_name_of_a_probe_is_no_hidden_test() -> None:
    cell = judged_cell(Verdict([Row("a", "wrong", 0.0, 3.0, Reason("predictions and labels differ"))], 0.0, 3.0))
    cell.source = cell.source.replace("### END", 'probe("predictions and labels as vectors [N]", f)\n### END')
    assert "predictions and labels differ" in prepared(cell)[1]["top"]


def test_a_comment_stays_at_its_answer_if_the_code_stands_in_another_cell() -> None:
    verdict = Verdict([Row("a", "wrong", 0.0, 3.0, Reason("why"))], 0.0, 3.0)
    first, last = judged_cell(verdict), judged_cell(verdict)
    last.metadata.nbgrader.grade_id = "test_last"
    write_verdict(first, verdict, "", "BCE.forward")
    cells = [answer("bce", BCE, "Look here."), new_code_cell(BCE, id="added-1"), first, answer("other", "x = 1"), last]
    shown = sections(new_notebook(cells=cells))
    assert [len(each.comments) for each in shown] == [1, 0]


def test_what_is_not_implemented_is_one_line() -> None:
    verdict = Verdict([Row("a", "wrong", 0.0, 3.0, NOT_IMPLEMENTED)], 0.0, 3.0)
    test = judged_cell(verdict)
    write_verdict(test, verdict, "Task 2", "BCE.backward")
    shown = task(answer("bce", BCE), test)
    assert (shown.rows, shown.code) == ([], "")


def test_those_who_listen_hear_of_no_field_without_a_label() -> None:
    markup = '<li><input class="x" disabled type="checkbox" checked> a</li><li><input disabled type="checkbox"/> b</li>'
    assert to_hear(markup) == "<li>☑  a</li><li>☐  b</li>"
    assert to_hear("<th></th><th>x</th>") == "<td></td><th>x</th>"


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
    assert len(hidden_tests(read(SOURCE), withheld(Config())).lines) > 30
