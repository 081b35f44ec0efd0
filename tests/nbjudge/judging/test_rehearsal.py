"""The right answers of notebooks with several tasks, and with cells that no task needs."""

from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from traitlets.config import Config

from nbjudge.course.delimiters import USUAL, Delimiters
from nbjudge.course.regions import delimiters_of
from nbjudge.judging import oracle
from nbjudge.judging.misconception import Misconception
from nbjudge.judging.rehearsal import Rehearsal
from nbjudge.judging.trouble import OracleError
from tests.support.small_exercise import cell, exercise


def task(name: str, solution: str = "return x + OFFSET") -> list[NotebookNode]:
    probing = f"from nbprobe.probe import probe\nprobe('three', {name}, 3, points=1)"
    return [
        cell(name, f"def {name}(x):\n    {solution}"),
        cell(f"test_{name}", probing, points=1, solution=False),
    ]


def values(rehearsal: Rehearsal, *args: object) -> dict[str, list]:
    return {name: [raw["value"]["data"] for raw in raws] for name, raws in rehearsal.evidence(*args).items()}


def test_cells_between_the_tasks_run_in_their_order(tmp_path: Path) -> None:
    source = exercise(
        tmp_path / "a.ipynb",
        new_code_cell("OFFSET = 1"),
        *task("first"),
        new_code_cell("OFFSET = 10"),
        new_code_cell("OFFSET = 1 / 0", metadata={"tags": ["ungraded"]}),
        *task("second"),
        new_code_cell("OFFSET = 1 / 0"),
    )
    rehearsal = Rehearsal(source)
    assert values(rehearsal) == {"test_first": [4], "test_second": [13]}
    assert values(rehearsal, {"second": "def second(x):\n    return first(x)"}, "test_second") == {"test_second": [13]}


@pytest.mark.parametrize("solution", [USUAL[0], Delimiters("solution", "BEGIN LOESUNG", "END LOESUNG")])
def test_no_name_of_what_students_do_not_get_is_told(tmp_path: Path, solution: Delimiters) -> None:
    """What the functions of the exercise are called lies beside the students' notebook, for rules."""
    hidden = "### BEGIN HIDDEN TESTS\ndef the_answer_is_four(): ...\nfrom nbprobe.rules import uses\n"
    hidden += "uses(f, loops=False, points=1)\n### END HIDDEN TESTS"
    text = f"### {solution.begin}\ndef adds(x): return x\n### {solution.end}\ndef f(x):\n    ### {solution.begin}\n"
    source = exercise(
        tmp_path / "a.ipynb",
        new_code_cell("def given(x): ..."),
        cell("f", f"{text}    return x\n    ### {solution.end}"),
        cell("test_f", hidden, points=1, solution=False),
    )
    rehearsal = Rehearsal(source, delimiters=[solution, *USUAL[1:]])
    (rule,) = rehearsal.evidence()["test_f"]
    assert rule["rule"]["apart"] == ["given"]


def test_the_usual_delimiters_are_nbgraders() -> None:
    assert delimiters_of(Config()) == list(USUAL)


def test_lines_for_ipython_only_stop_nothing(tmp_path: Path) -> None:
    magic = new_code_cell("%matplotlib inline\nif True:\n    !ls\nOFFSET = 1")
    assert values(Rehearsal(exercise(tmp_path / "a.ipynb", magic, *task("first")))) == {"test_first": [4]}


def test_what_a_person_grades_needs_no_probe(tmp_path: Path) -> None:
    source = exercise(
        tmp_path / "a.ipynb",
        new_code_cell("OFFSET = 1"),
        *task("first"),
        cell("essay", "Because it's so.", points=5, code=False),
        cell("sketch", "draw = None", points=5),
    )
    assert oracle.answers(source, []).points == {"test_first": 1}


def test_two_notebooks_share_a_catalogue(tmp_path: Path) -> None:
    first = exercise(tmp_path / "a.ipynb", *task("first", "return x + 1"))
    second = exercise(tmp_path / "b.ipynb", *task("second", "return x + 2"))
    known = [
        Misconception("test_first", "First.", {"return x + 1": "return x - 1"}),
        Misconception("test_second", "Second.", {"return x + 2": "return x - 2"}),
    ]
    for source, test, sentence in ((first, "test_first", "First."), (second, "test_second", "Second.")):
        wrong = oracle.answers(source, known).misconceptions
        assert [(name, text) for name, all_of_it in wrong.items() for text, _ in all_of_it] == [(test, sentence)]
    known.append(Misconception("test_third", "Third.", {"return x + 1": "return x"}))
    with pytest.raises(OracleError, match="about test_third, but there is no such test cell"):
        oracle.answers(first, known)


MODEL = """
class Model:
    def part(self, x):
        return 3 * x

    def whole(self, x):
        return self.part(x) + twice(x)

def twice(x):
    return 2 * x
"""
STANDINS = """
from nbprobe.probe import probe
from nbprobe.standin import standin

with standin(Model, part=lambda x: x + x + x), standin(Model.whole, twice=lambda x: x + x):
    probe('whole', Model().whole, 2, points=1)
probe('part', Model().part, 2, points=1)
probe('twice', twice, 2, points=1)
"""


def test_stand_ins_stand_in_for_known_ways_too(tmp_path: Path) -> None:
    test = cell("test_model", STANDINS, points=3, solution=False)
    rehearsal = Rehearsal(exercise(tmp_path / "a.ipynb", cell("model", MODEL), test))
    assert values(rehearsal) == {"test_model": [10, 6, 4]}
    wrong = {"model": MODEL.replace("3 * x", "None").replace("return 2 * x", "return x")}
    raws = rehearsal.evidence(wrong, "test_model")["test_model"]
    assert [raw["value"].get("data") for raw in raws] == [10, None, 2]
