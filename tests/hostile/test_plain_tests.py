"""Tests without probes, which decide in the process of the submission: what is forged there, and what isn't."""

from collections.abc import Iterator

import pytest
from nbformat import NotebookNode
from traitlets.config import Config

from nbjudge.course.regions import withheld
from nbjudge.judging import plain
from nbjudge.sandbox.limits import Limits
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.sandbox.step import execute
from nbprobe.verdict import Verdict
from tests.support.small_exercise import cell

TEST = """
assert f(1) == 2
### BEGIN HIDDEN TESTS
assert f(3) == 6, 'the secret of f'
### END HIDDEN TESTS
"""
WRONG = "def f(x):\n    return 0\n"
WRITES = r"""
import json, os
def say(*cells):
    lines = [{"cell": cells[0], "outputs": [], "count": 1}]
    for cell in cells[1:]:
        lines += [{"start": cell}, {"cell": cell, "outputs": [], "count": 2}]
    text = "".join("\n" + json.dumps(line) for line in lines) + "\n"
    for number in range(3, 64):
        try: os.write(number, text.encode())
        except OSError: pass
"""
"""On the channel, in the place of our code."""
FORGED = {
    # each earns all points without an answer, and most do so with nbgrader alone as well
    "equal to everything": "class Equal(int):\n    __eq__ = lambda self, other: True\ndef f(x):\n    return Equal()",
    "no more asserts": WRONG + "get_ipython().input_transformers_post.append(lambda lines: [])",
    "an end that never came": WRONG + WRITES + "say(0, 1)\nos._exit(0)",
    "the end of a test that goes on": WRITES + "def f(x):\n    say(1)\n    os._exit(0)",
    "no errors": WRONG + "get_ipython().showtraceback = lambda *a, **k: None\nget_ipython()._showtraceback = print",
}
NOT_FORGED = {
    "the process ends": WRONG
    + "import os, threading\nthreading.Timer(0.2, os._exit, [0]).start()\nimport time\ntime.sleep(9)",
    "the test never ends": "def f(x):\n    while True: pass",
    "more points than there are": WRONG + "get_ipython().input_transformers_post.append(lambda lines: ['7'])",
    "the test ends the process": "import os\ndef f(x):\n    os._exit(0)",
    "an answer of another kind": "def f(x):\n    raise SystemExit(0)",
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(limits=Limits(cell_seconds=2, notebook_seconds=12))
    yield sandbox
    sandbox.close()


def judged(sandbox: Sandbox, answer: str, test: str = TEST) -> Verdict:
    result = execute(sandbox, {0: answer, 1: test}, {})[1]
    ran: NotebookNode = cell("test_f", test, points=3, solution=False)
    ran.outputs, ran.execution_count = result.outputs, result.count
    return plain.verdict(ran, withheld(Config()), None)


@pytest.mark.parametrize("name", FORGED)
def test_what_can_be_forged_is_forged_and_the_next_one_has_what_it_earned(sandbox: Sandbox, name: str) -> None:
    assert judged(sandbox, FORGED[name]).score == 3  # docs/security.md says so
    assert judged(sandbox, WRONG).score == 0
    assert judged(sandbox, "def f(x):\n    return 2 * x").score == 3


@pytest.mark.parametrize("name", NOT_FORGED)
def test_what_did_not_come_to_its_end_earns_nothing(sandbox: Sandbox, name: str) -> None:
    verdict = judged(sandbox, NOT_FORGED[name])
    assert verdict.score == 0
    assert verdict.rows[0].reason


def test_a_cell_that_was_not_run_earns_nothing() -> None:
    """nbgrader would take no output for a right one."""
    assert plain.verdict(cell("test_f", TEST, points=3, solution=False), [], None).score == 0


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (WRONG, "The test cell stopped with AssertionError at “assert f(1) == 2”."),
        ("def f(x):\n    return 2", "The test cell stopped with AssertionError."),  # in a hidden line
        ("def f(x):\n    raise ValueError('a')", "The test cell stopped with ValueError at “assert f(1) == 2”: a"),
        ("def f(x):\n    raise NotImplementedError", "It is not implemented yet."),
        (
            "import sys\ndef f(x):\n    print('careful', file=sys.stderr)\n    return 2 * x",
            "The test cell wrote to the error stream, which counts as a failure: careful",
        ),
    ],
)  # fmt: skip
def test_a_student_reads_where_it_stopped_but_no_hidden_line(sandbox: Sandbox, answer: str, said: str) -> None:
    (row,) = judged(sandbox, answer).rows
    assert row.reason
    assert row.reason.text == said
    assert "secret" not in row.reason.text


@pytest.mark.parametrize(("test", "points"), [("1.5", 1.5), ("3", 3), ("'text'", 3), ("None", 3), ("-1", 3), ("5", 0)])
def test_points_that_a_cell_gives_are_those_of_nbgrader(sandbox: Sandbox, test: str, points: float) -> None:
    assert judged(sandbox, WRONG, test).score == points
