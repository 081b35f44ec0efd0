"""What is said of a test cell that ended early."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from nbjudge.judging.steps import _reached
from nbprobe.wire import MIME

NAMES = [
    "‹Amira Müller, 0123456, has the solution in her folder›",
    "a" * 5000,
    "{0}{}",
    "X\n✓ 64 predictions 3/3",
    "\u202eX",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("where", ["test", "answer"])
def test_in_general_no_class_of_an_error_is_quoted(name: str, where: str) -> None:
    """That is what the report shows, with pseudonyms and without."""

    def cell(ename: str, **about: object):
        error = new_output("error", ename=ename, evalue="amira", traceback=["amira"])
        return new_code_cell(outputs=[error], metadata={"nbgrader": {"grade_id": "bce", "locked": False, **about}})

    answer = cell(name, solution=True, grade=False)
    test = cell("NameError" if where == "answer" else name, solution=False, grade=True)
    _, reason = _reached(new_notebook(cells=[answer, test]), test)
    assert reason is not None
    said = {
        "answer": "a cell that it needs doesn't run: bce (another error).",
        "test": "the cell stopped with another error.",
    }
    assert reason.general == f"This was not reached: {said[where]}"
    assert len(reason.text) < 200
    assert "\n" not in reason.text


@pytest.mark.parametrize(("names", "left"), [(["a", "b"], ["b"]), (["a", "a"], ["a", "a"])])
def test_a_second_answer_does_not_become_the_only_one(names: list[str], left: list[str]) -> None:
    """A probe that needs a class of a broken cell wasn't reached, unless it was answered before or after that, too."""
    broken = new_output("error", ename="ValueError", evalue="", traceback=[])
    about = {"nbgrader": {"grade_id": "bce", "locked": False, "solution": True, "grade": False}}
    answer = new_code_cell("class BCE:\n    1 / 0", outputs=[broken], metadata=about)
    stopped = {"error": "NameError", "message": "name 'BCE' is not defined"}
    raws = [{"name": names[0], **stopped}, {"name": names[1], "value": {"kind": "none"}}]
    test = new_code_cell(outputs=[new_output("display_data", {MIME: raw}) for raw in raws])
    reached, _ = _reached(new_notebook(cells=[answer, test]), test)
    assert [raw["name"] for raw in reached] == left
