"""A student's method: what stands in the place that was to be filled, wherever the answer is."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nbformat.v4 import new_code_cell
from traitlets.config import Config

from nbjudge.mistakes.method import MOST_LINES, Method, Source
from tests.support.small_exercise import cell, exercise

SOLUTION = "def f(x):\n    y = None\n    ### BEGIN SOLUTION\n    y = 2 * x\n    ### END SOLUTION\n    return y"
STUB = "def f(x):\n    y = None\n    return y"
TEST = cell("test_f", "probe()", 1, solution=False)


def method(folder: Path, answer: str, own: str = "", name: str = "f") -> Method:
    course: Any = SimpleNamespace(
        source=lambda assignment: folder / "source",
        autograded=lambda student, assignment: folder / "autograded" / student,
        config=Config(),
    )
    exercise(folder / "source/nb.ipynb", cell("f", SOLUTION), TEST)
    added = [new_code_cell(own, id="added-1")] if own else []
    exercise(folder / "autograded/ada/nb.ipynb", cell("f", answer), *added, TEST)
    answers: Any = SimpleNamespace(headings={"test_f": ("Task 1", name)} if name else {})
    return Source(course, "ex", "nb", answers).method("test_f", "ada")


WRONG = "def f(x):\n    y = None\n    z = x\n    # twice\n    y = z + 2\n    return y"


@pytest.mark.parametrize("name", ["f", ""])
def test_the_place_that_was_to_be_filled_is_shown_alone(tmp_path: Path, name: str) -> None:
    found = method(tmp_path, WRONG, name=name)
    assert found.region == "z = x\n# twice\ny = z + 2"
    assert found.answer == WRONG
    assert "SOLUTION" not in found.solution
    assert "y = 2 * x" in found.solution


def test_the_last_definition_counts_and_may_stand_in_an_own_cell(tmp_path: Path) -> None:
    assert method(tmp_path, f"{WRONG}\n\n{WRONG.replace('+ 2', '+ 3')}").region.endswith("y = z + 3")
    assert method(tmp_path, "# below", own=WRONG).region == "z = x\n# twice\ny = z + 2"


@pytest.mark.parametrize(
    ("answer", "region"),
    [
        (STUB, STUB),
        ("def g(x):\n    return x", ""),
        ("def f(x):\n    y = (\n    return y", "y = ("),
        ("def f(x):\n" + "    x = 1\n" * (MOST_LINES + 1), "def f(x):\n" + "    x = 1\n" * MOST_LINES + "    x = 1"),
        ("lambda: 0\n" * 3, ""),
    ],
)
def test_where_there_is_none_all_or_nothing_is_shown(tmp_path: Path, answer: str, region: str) -> None:
    assert method(tmp_path, answer).region == region


def test_a_graded_notebook_that_is_gone_or_damaged_has_no_method(tmp_path: Path) -> None:
    method(tmp_path, WRONG)
    (tmp_path / "autograded/ada/nb.ipynb").write_text("{")
    course: Any = SimpleNamespace(
        source=lambda assignment: tmp_path / "source",
        autograded=lambda student, assignment: tmp_path / "autograded" / student,
        config=Config(),
    )
    answers: Any = SimpleNamespace(headings={"test_f": ("Task 1", "f")})
    assert Source(course, "ex", "nb", answers).method("test_f", "ada").answer == ""
