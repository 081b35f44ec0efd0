"""Drafts: a student's method as replaced lines of the solution, by comparing texts alone."""

import ast
from textwrap import indent

import pytest

from nbjudge.judging.misconception import Misconception
from nbjudge.judging.rehearsal import Raw, Rehearsal
from nbjudge.mistakes.draft import as_code, changed, code_lines, drafts
from nbjudge.mistakes.method import Method
from nbjudge.pages.definition import definition_of
from nbprobe.judge import results, same
from tests.support import SOURCE, correct_ways
from tests.support.blind_mistakes import BLIND

SOLUTION = '''def forward(self, y_out, y_truth):
    """
    Loss of each sample.
    """
    result = None
    # log(0) is infinite
    p = np.clip(y_out, 1e-12, 1 - 1e-12)
    result = -y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p)
    return result'''
CELLS = {"bce": "class BCE:\n" + indent(SOLUTION, "    ") + "\n"}


def answer(*lines: str) -> Method:
    text = ["def forward(self, y_out, y_truth):", "    result = None", *(f"    {line}" for line in lines)]
    return Method("BCE.forward", SOLUTION, "\n".join([*text, "    return result"]), "")


def replaced(*lines: str) -> list[dict[str, str]]:
    return [draft.replaced for draft in drafts(answer(*lines), "test_bce_forward")]


def written(draft: Misconception) -> str:
    """The method with a draft in it, as far as it decides."""
    text = changed(draft, CELLS)["bce"]
    return ast.unparse(ast.parse(text))


P, LAST = (line.strip() for line in SOLUTION.split("\n")[6:8])


def test_the_smallest_comes_first() -> None:
    assert replaced(P, "result = np.mean(p)")[0] == {LAST: "result = np.mean(p)"}
    assert replaced(LAST)[0] == {P: "pass"}
    assert replaced(P, LAST, "result = result / 2")[0] == {LAST: f"{LAST}\nresult = result / 2"}


def test_all_that_a_student_wrote_can_stand_in_one_line() -> None:
    own = ["a = np.log(y_out)", "for i in range(3):", "    a = a + 1  # Ada", "result = a"]
    found = replaced(*own)
    assert {LAST: "a = np.log(y_out)\nfor i in range(3):\n    a = a + 1\nresult = a"} in found
    assert all("Ada" not in text for draft in found for text in draft.values())


def test_each_draft_is_code() -> None:
    own = ["if y_out.ndim == 1:", "    result = 1", "else:", f"    {P}", f"    {LAST}"]
    ways = drafts(answer(*own), "test_bce_forward")
    assert ways
    assert "if y_out.ndim == 1" in "".join(map(written, ways))


@pytest.mark.parametrize(
    "text",
    ["", f"x = 1{' ' * 300}; y = 2", "def forward(self:\n  x", "x = 1\n\x00", "(" * 5000, "\n".join(["x = 1"] * 100)],
)
def test_of_what_cannot_be_read_there_is_no_draft(text: str) -> None:
    assert drafts(Method("f", SOLUTION, text, text), "test_f") == []


def test_the_solution_itself_gives_none() -> None:
    assert replaced(P, LAST) == []


def test_a_backslash_that_means_nothing_warns_nobody() -> None:
    assert code_lines("x = '\\d'  # a comment") == ["x = '\\d'"]


def test_what_stands_in_the_catalogue_is_data_whatever_a_student_wrote() -> None:
    hostile = {"a = 1": 'x = "а" + """\n{os.system("rm")}\n\u202e\x1b[2J\\', 'b = "2"': 'it\'s "quoted"'}
    way = Misconception("test_f", "TODO", hostile)
    code = as_code(way)
    assert eval(code, {"Misconception": Misconception, "__builtins__": {}}) == way
    assert code.isascii()
    (call,) = ast.parse(code).body
    assert isinstance(call, ast.Expr)
    assert {type(node) for node in ast.walk(call)} <= {ast.Expr, ast.Call, ast.Name, ast.Load, ast.Constant, ast.Dict}


METHOD_NAMES = {"sigmoid": "Classifier.sigmoid", "forward": "Classifier.forward", "backward": "Classifier.backward"} | {
    "step": "Optimizer.step",
    "_step": "Solver._step",
}


@pytest.fixture(scope="module")
def rehearsal() -> Rehearsal:
    return Rehearsal(SOURCE)


@pytest.fixture(scope="module")
def solution(rehearsal: Rehearsal) -> dict[str, Raw]:
    return rehearsal.evidence()


@pytest.mark.parametrize(("method", "body"), [(method, body) for _, method, body, _ in BLIND])
def test_what_somebody_wrote_who_had_not_seen_the_catalogue_is_drafted_at_once(
    method: str, body: str, rehearsal: Rehearsal, solution: dict[str, Raw]
) -> None:
    """The first draft gives the same results. (Not students' code: it runs in this process.)"""
    cell, test = correct_ways.METHODS[method]
    name = METHOD_NAMES.get(method, method)
    written = correct_ways.write(rehearsal.solutions, {method: body})
    texts = [definition_of(cells[cell], name) for cells in (rehearsal.solutions, written)]
    own, answer = (
        "\n".join(line for line in text.text.split("\n") if "SOLUTION" not in line) for text in texts if text
    )
    first = changed(drafts(Method(name, own, answer, ""), test)[0], rehearsal.solutions)
    theirs, ours = (results(solution[test], rehearsal.evidence(cells, only=test)[test]) for cells in (written, first))
    assert same(theirs, ours)


def test_what_a_compiler_would_write_twice_again_and_again_is_no_draft() -> None:
    one = "{0}try:\n{0}    pass\n{0}finally:\n"
    few, many = (
        "def f(x):\n" + "".join(one.format(" " * n) for n in range(1, depth)) + " " * depth + "return x\n"
        for depth in (3, 19)
    )
    assert code_lines(few)[-1].strip() == "return x"
    assert code_lines(many) == []
