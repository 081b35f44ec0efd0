"""Hidden parts of tests have names of their own: they take none of a student's away, and give nobody one."""

import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

from nbjudge.course.delimiters import USUAL, Delimiters, withheld_of
from nbjudge.course.hidden_parts import as_run, as_students_have_it, set_anew
from nbjudge.course.notebooks import read, write
from tests.support import commands
from tests.support.small_exercise import cell, exercise

CUTS = withheld_of(USUAL)
HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
FIRST = """from nbprobe.probe import probe

factor, helper, other = 2.0, lambda x: 2 * x, None
def loop(x): return 2 * x
probe("a number", f, factor, points=1)"""
SECOND = """from nbprobe.rules import uses
factor
uses(loop, "no loop", loops=False, points=1, core=True)
probe("three", loop, factor + 1, points=1)"""
RIGHT = {"f": "def f(x):\n    return 2 * x", "loop": "def loop(x):\n    return 2 * x"}
STUDENTS = {
    "right": (RIGHT, [1, 2]),
    "own helper": ({**RIGHT, "f": "def other(x):\n    return x + x\ndef f(x):\n    return other(x)"}, [1, 2]),
    "own number": (
        {**RIGHT, "f": "factor = 'two'\ndef f(x):\n    return len('ab') * x if factor == 'two' else 0"},
        [1, 2],
    ),
    "no helper": ({**RIGHT, "f": "def f(x):\n    return helper(x)"}, [0, 2]),
    "no number": ({**RIGHT, "f": "def f(x):\n    return factor * x"}, [0, 2]),
    "a loop": ({**RIGHT, "loop": "def loop(x):\n    return sum([x for _ in range(2)])"}, [1, 0]),
}
CONFIG = "import nbjudge\nc = get_config()\nnbjudge.configure(c)\n"
COMMANDS = {
    "course": ["-m", "nbjudge", "autograde", "ex", "--force", "--jobs=1"],
    "nbgrader": ["-m", "nbgrader", "autograde", "ex", "--force"],
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course")
    (folder / "nbgrader_config.py").write_text(CONFIG)
    tests = [
        cell(f"test_{name}", f"x = 1\n{HIDDEN.format(text)}", points, solution=False)
        for name, text, points in (("f", FIRST, 1), ("loop", SECOND, 2))
    ]
    cells = [*(cell(name, text) for name, text in RIGHT.items()), *tests]
    exercise(folder / "source/ex/a.ipynb", *cells)
    commands.run([sys.executable, "-m", "nbgrader", "generate_assignment", "ex"], folder)
    notebook = read(folder / "release/ex/a.ipynb")
    for name, (texts, _) in STUDENTS.items():
        for place, text in enumerate(texts.values()):
            notebook.cells[place].source = text
        write(notebook, folder / "submitted" / name.replace(" ", "_") / "ex/a.ipynb")
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_hidden_part_sets_is_nobody_elses(course: Path, command: str) -> None:
    commands.run([sys.executable, *COMMANDS[command]], course)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        found = {
            name: [
                grade.auto_score
                for grade in gradebook.find_submission_notebook("a", "ex", name.replace(" ", "_")).grades
            ]
            for name in STUDENTS
        }
    assert found == {name: points for name, (_, points) in STUDENTS.items()}


PROBED = HIDDEN.format("{}\nprobe()")


def ran(*hidden: str, above: str = "x = 1", between: str = "") -> dict:
    """The names of a notebook after test cells with these hidden parts."""
    names: dict = {"__name__": "__main__", "probe": lambda: None}
    tests = [cell(f"t{n}", f"{above}\n{PROBED.format(text)}", 1, solution=False) for n, text in enumerate(hidden)]
    cells = [each for test in tests for each in (test, new_code_cell(between))]
    anew = set_anew(cells, CUTS)
    for each in cells:
        changed = as_run(each, CUTS, anew)
        assert (changed == each.source) == ("nbgrader" not in each.metadata)
        assert changed.count("\n") == each.source.count("\n")
        exec(compile(changed, each.id, "exec"), names)
    return names


@pytest.mark.parametrize(
    "text",
    [
        "y = x",
        "def f(a=x): return a + x\nassert f() == 2",
        "assert [x for _ in range(2)] == [1, 1]",
        "class A:\n    b = x\n    def c(self): return x + y\ny = 2\nassert (A.b, A().c()) == (1, 3)",
        "for n in range(3): y = (lambda: n + x)()\nassert y == 3",
        "import math as y\nassert y.pi > x",
        "def f():\n    global y\n    y = 3\nf()\nassert y == 3",
        "x += 1\nassert x == 2",
        "x = 1\ndef f():\n    global x\n    x = 1\nf()\nassert x == 1",
        'y = """a\nb"""\nassert y == "a" + chr(10) + "b"',
        'y = """a""", \'\'\'b\'\'\'\nassert y == ("a", "b")',
        "y = r'\\d'\nassert len(y) == 2",
        "from math import *\nassert pi > 3",
        "sum = max\nassert sum([1, 2]) == 2",
    ],
)
def test_a_hidden_part_reads_the_notebooks_names_and_sets_its_own(text: str) -> None:
    names = ran(text)
    assert names["x"] == 1
    assert {"y", "f", "n", "A", "pi", "sum"}.isdisjoint(names)


def test_of_hidden_parts_and_visible_lines_who_set_a_name_last_counts() -> None:
    names = ran("y, x = 2, 5", "assert (x, y) == (5, 2)\ny = 3", "assert (x, y) == (5, 3)", above="")
    assert {name for name in names if not name.startswith("__")} == {"probe"}
    ran("x = 5", "assert x == 1", above="x = 1")
    ran("x = 5", "assert x == 1", above="", between="x = 1")
    ran("x = 5\ndef f(): return x", "assert f() == x == 1\nx = 2\nassert f() == 2", above="x = 1")


def test_a_helper_of_a_hidden_part_sees_what_a_later_one_sets() -> None:
    ran("seen = []\ndef spy(): seen.append(1)\nspy()", "seen = []\nspy()\nassert seen == [1]")


def test_a_name_that_is_the_same_number_in_both_is_each_ones_own() -> None:
    above = "x = 0\ndef count():\n    global x\n    x += 1"
    names = ran("x = 0\nwhile x < 3:\n    count()\n    x += 1\nassert x == 3", above=above)
    assert names["x"] == 3
    ran("x = 5", "assert x == 5", above="", between="")


def test_what_a_function_of_the_notebook_sets_is_seen() -> None:
    ran("count()\ncount()\nassert x == 3", above="x = 1\ndef count():\n    global x\n    x += 1")


def test_names_of_one_notebook_are_not_in_the_next_one() -> None:
    ran("y = 1")
    with pytest.raises(NameError):
        ran("y")


def test_a_traceback_shows_the_line_of_the_cell() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        ran("y = 1\ny / 0")
    assert caught.traceback[-1].lineno == 3


@pytest.mark.parametrize(
    "text",
    [
        "if True:\n    ### BEGIN HIDDEN TESTS\n    probe()\n    ### END HIDDEN TESTS",
        "x = [\n### BEGIN HIDDEN TESTS\nprobe(),\n### END HIDDEN TESTS\n]",
        PROBED.format("%time y = 1"),
        PROBED.format("await y"),
        "### BEGIN HIDDEN TESTS\nprobe()",
        "%%writefile a.py\n" + PROBED.format("y = 1"),
    ],
)
def test_what_can_not_run_by_itself_runs_as_it_is(text: str) -> None:
    assert as_run(cell("t", text, 1, solution=False), CUTS, {}) == text


def test_a_test_without_probes_runs_as_with_nbgrader_alone() -> None:
    """It may replace a function of the notebook, take one away, or add to a number that the visible part began."""
    text = HIDDEN.format("orig = squares; del squares\npoints += 1")
    test = cell("t", f"points = 1\n{text}\npoints", 1, solution=False)
    assert as_run(test, CUTS, {}) == as_students_have_it(test, CUTS) == test.source


def test_in_what_students_write_such_lines_are_comments() -> None:
    text = PROBED.format("y = 1")
    for each in (cell("a", text), new_code_cell(text)):
        assert as_run(each, CUTS, {}) == as_students_have_it(each, CUTS) == text


def test_a_course_may_have_delimiters_of_its_own() -> None:
    test = cell("t", "# SECRET\nprobe()\n# /SECRET", 1, solution=False)
    own = [Delimiters("hidden test", "# SECRET", "# /SECRET")]
    assert as_run(test, own, {}) != test.source == as_run(test, CUTS, {})
    assert as_students_have_it(test, own) == ""
