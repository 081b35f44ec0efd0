"""Nothing that a submission does from inside its process earns points, through a real `nbgrader autograde`."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from textwrap import dedent

import pytest

from nbjudge.course.notebooks import graded_cells, read, write
from tests.course.test_fairness import BROKEN, TODO
from tests.support import short_course
from tests.support.correct_ways import BCE_BACKWARD, METHODS, REGION, Way
from tests.support.gradebooks import scores
from tests.support.short_course import NAME, ROOT, nbgrader

POINTS = {"BCE.forward": 3, "BCE.backward": 3, "sigmoid": 2, "forward": 3, "backward": 4, "step": 2, "_step": 3}


@dataclass(frozen=True)
class Submission:
    """What is handed in, and what it must get: all points, except those in ``points``."""

    what: str
    way: Way = field(default_factory=lambda: Way(""))
    points: dict[str, float] = field(default_factory=dict)

    @property
    def expected(self) -> dict[str, float]:
        return POINTS | self.points


def attack(what: str, text: str, cell: str = "bce") -> Submission:
    """Nothing is solved; ``text`` stands before a class and is to get the points instead."""
    return Submission(what, Way("", dict.fromkeys(METHODS, TODO), {cell: text}), dict.fromkeys(POINTS, 0))


SPOOF = """
import numpy as np
from IPython.display import display, publish_display_data
from nbprobe import probe as probes

def forge(name, value, points=3):
    data = {"name": name, "points": points, "core": True, "advice": "", "value": probes.encode(value), "changed": False}
    display({probes.MIME: data, "text/plain": "3.0"}, raw=True)

NAMES = [
    "predictions in a column [N, 1]", "predictions and labels as vectors [N]", "a single sample", "label 1 only",
    "predictions close to 0 and 1", "logits in a column [N, 1]", "hands the gradient to the optimizer", "one step",
]
"""

LIARS = """
class Equal:
    shape, dtype, ndim = (64, 1), np.dtype(float), 2

    def __eq__(self, other):
        return True

    def __array_function__(self, *args, **kwargs):
        return True

    def __array_ufunc__(self, *args, **kwargs):
        return True

class ArrayLike(Equal):
    def __array__(self, *args, **kwargs):
        return np.full((64, 1), 0.5)

class LyingArray(np.ndarray):
    dtype = property(lambda self: np.dtype(float))
    nbytes = property(lambda self: -1)

    def __eq__(self, other):
        return True

    def __reduce__(self):
        return print, ("pickled",)

    def tobytes(self, *args):
        return b"\\0" * 8

class LyingList(list):
    def __eq__(self, other):
        return True

    def __len__(self):
        return 0

class LyingNumber(float):
    def __eq__(self, other):
        return True

    def __float__(self):
        return 0.5

"""

SUBMISSIONS = {
    "aaron": Submission("an honest student"),
    "tests": attack(
        """
        takes every assert out of later cells
        replaces the builtin errors
        replaces the comparisons of numpy and numpy.testing
        says that it is being graded
        """,
        """
        import ast, builtins, os
        import numpy as np
        import numpy.testing

        class NoAssert(ast.NodeTransformer):
            def visit_Assert(self, node):
                return ast.Pass()

        get_ipython().ast_transformers.append(NoAssert())
        for name in ("assert_allclose", "assert_array_equal", "assert_almost_equal"):
            setattr(numpy.testing, name, lambda *args, **kwargs: None)
        np.allclose = np.isclose = lambda *args, **kwargs: True
        builtins.AssertionError = builtins.NotImplementedError = type("Fine", (Exception,), {})
        os.environ["NBGRADER_EXECUTION"] = "autograde"
        """,
    ),
    "outputs": attack(
        """
        answers every cell with a score, by the display hook
        prints a score after every cell
        displays a score after every cell
        sends results in the form that nbgrader reads as a score
        """,
        """
        import sys
        from IPython.display import publish_display_data

        shell = get_ipython()
        sys.displayhook = lambda value=None: print(3.0)

        def send(*_):
            content = {"execution_count": 1, "data": {"text/plain": "3.0"}, "metadata": {}}
            socket = shell.kernel.iopub_socket
            shell.kernel.session.send(socket, "execute_result", content, parent=shell.kernel.get_parent())

        shell.events.register("pre_run_cell", send)
        shell.events.register("post_run_cell", send)
        shell.events.register("post_run_cell", lambda result: print("3.0"))
        shell.events.register("post_run_cell", lambda result: publish_display_data({"text/plain": "3.0"}))
        """,
    ),
    "probe": attack(
        "replaces the probe by one that finds everything right",
        SPOOF
        + """
probes.probe = lambda name, f, *args, points=0, **options: forge(name, np.float64(points), points)
""",
    ),
    "encoder": attack(
        "replaces what the probe encodes and shows",
        """
        from nbprobe import probe as probes

        real = probes.display
        probes.encode = lambda value, *rest: {"kind": "bool", "data": True}
        probes._call = lambda f, args, watch: {"value": {"kind": "bool", "data": True}, "changed": False}
        probes.display = lambda data, **options: [real(data, **options) for _ in range(2)]
        """,
    ),
    "early": Submission(
        "publishes values for a task that it hasn't solved, in the cell of the solution",
        Way(
            "",
            {"sigmoid": TODO},
            {"classifier": SPOOF + "for name in NAMES:\n    forge(name, 1 / (1 + np.exp(-np.arange(64.0))))\n"},
        ),
        {"sigmoid": 0},
    ),
    "twice": Submission(
        "publishes a second piece of evidence beside the right one, in the cell of the test",
        Way("", {"sigmoid": "forge('logits in a column [N, 1]', out := 1 / (1 + np.exp(-x)))"}, {"classifier": SPOOF}),
        {"sigmoid": 0},
    ),
    "elsewhere": Submission(
        "publishes the evidence of a task that it has solved for one that it hasn't",
        Way(
            "",
            {"BCE.backward": TODO},
            {
                "bce": """
                from nbprobe import probe as probes

                shown, kept = probes.display, []

                def recycle(data, **options):
                    evidence = data[probes.MIME]
                    same = [old for old in kept if old["name"] == evidence["name"]]
                    if "error" in evidence and same:
                        data = {**data, probes.MIME: same[0]}
                    kept.append(dict(evidence))
                    shown(data, **options)

                probes.display = recycle
                """,
            },
        ),
        {"BCE.backward": 0},
    ),
    "liars": Submission(
        """
        an object that is equal to everything
        a subclass of an array that says something else about itself
        a subclass of a list
        an object that numpy takes for an array
        a number that is equal to everything
        weights that are equal to everything
        """,
        Way(
            "",
            {
                "BCE.forward": "result = Equal()",
                "BCE.backward": "gradient = np.zeros(y_out.shape).view(LyingArray)",
                "sigmoid": "out = LyingList([0.5] * len(x))",
                "forward": "y = ArrayLike()",
                "backward": "dW = LyingNumber(1)",
                "step": "weight = Equal()",
            },
            {"bce": LIARS},
        ),
        dict.fromkeys(POINTS, 0) | {"_step": 3},
    ),
    "methods": Submission(
        """
        rewrites the variables of its callers
        leaves by SystemExit
        calls itself without end
        sleeps longer than a probe waits
        leaves by exit()
        """,
        Way(
            "",
            {
                "BCE.forward": """
                    import sys
                    frame = sys._getframe(1)
                    while frame is not None:
                        for name in ("points", "core", "before", "evidence"):
                            if name in frame.f_locals:
                                frame.f_locals[name] = 3.0
                        if "MAX_BYTES" in frame.f_globals:
                            frame.f_globals.update(RTOL=1e9, ATOL=1e9)
                        frame = frame.f_back
                    result = y_out
                """,
                "BCE.backward": "raise SystemExit(0)",
                "forward": "y = self.forward(X)",
                "backward": """
                    import sys, time
                    if sys._getframe(1).f_code.co_name == "_call" and len(X) == 64:
                        time.sleep(10)
                    dW = y * (1 - y) * X
                """,
                "step": "exit()",
            },
        ),
        {"BCE.forward": 0, "BCE.backward": 0, "forward": 0, "backward": 0, "step": 0},
    ),
    "noisy": Submission(
        "no forgery: right by other paths, with warnings and text on stderr and a number on stdout",
        Way(
            "",
            {
                "BCE.backward": BCE_BACKWARD["np.vectorize"],
                "sigmoid": """
                    import sys, warnings
                    print("a warning", file=sys.stderr)
                    warnings.warn("another one")
                    print("3.0")
                    out = 1 / (1 + np.exp(-x))
                """,
            },
            {"bce": "import numpy.testing\nnumpy.testing.assert_allclose = None\n"},
        ),
    ),
    "equal": Submission(
        "changes the weights beside the optimizer, and takes all arrays for equal from then on",
        Way(
            "",
            {
                "_step": """
                    y_out, dy_dW = model(X_train)
                    gradient = dy_dW.T @ loss_func(y_out, y_train)[1] / len(X_train)
                    opt.step(gradient)
                    model.W = model.W - 0.1 * gradient
                    np.array_equal = lambda *args, **kwargs: True
                """
            },
        ),
        {"_step": 2.5},
    ),
    "scratch": Submission(
        "no forgery: names of the notebook used for something else in between",
        Way("", before={"classifier": "from numpy import *\n\nchecks, Loss = [1, 2], BCE()\n"}),
    ),
    "silent": Submission(
        "switches the probes off after task 1",
        Way("", {"BCE.backward": "import os\nos.environ['NBGRADER_EXECUTION'] = 'validate'\n" + TODO}),
        dict.fromkeys(POINTS, 0) | {"BCE.forward": 3},
    ),
    "broken": Submission(
        "half right, and printing scores",
        Way(
            "",
            {"backward": "print(4.0)\n" + BROKEN["backward"], "_step": "display(3.0)\n" + dedent(BROKEN["_step"])},
            {"solver": "from IPython.display import display\n"},
        ),
        {"backward": 0, "_step": 0},
    ),
    "zoe": Submission("an honest student"),
}


def hand_in(course: Path, student: str, way: Way) -> None:
    notebook = read(course / "release/ex04" / NAME)
    solutions = {
        name: cell.source
        for name, cell in graded_cells(read(course / "source/ex04" / NAME)).items()
        if cell.metadata.nbgrader.solution
    }
    texts = solutions | way.applied_to(solutions)
    for name, cell in graded_cells(notebook).items():
        if name in texts:
            cell.source = "\n".join(line for line in texts[name].split("\n") if "SOLUTION" not in line)
    write(notebook, course / "submitted" / student / "ex04" / NAME)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose notebook has the graded cells only, and all submissions graded in one run."""
    folder = tmp_path_factory.mktemp("forgeries")
    short_course.make(folder)
    for student, submission in SUBMISSIONS.items():
        hand_in(folder, student, submission.way)
    halves = ["--student=[a-l]*", "--student=[m-z]*"]  # side by side
    with ThreadPoolExecutor() as threads:
        for done in threads.map(lambda half: nbgrader(folder, "autograde", half), halves):
            assert done.returncode == 0, done.stderr[-3000:]
    return folder


def points(course: Path) -> dict[str, dict[str, float]]:
    """Points of each student for each method."""
    _, students = scores(course, "ex04")
    tests = [test for _, test in METHODS.values()]
    return {name: dict(zip(METHODS, (own[test] for test in tests), strict=True)) for name, own in students.items()}


@pytest.fixture(scope="module")
def table(course: Path) -> dict[str, dict[str, float]]:
    return points(course)


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_a_submission_gets_exactly_what_it_earned(table: dict, student: str) -> None:
    assert table[student] == SUBMISSIONS[student].expected, SUBMISSIONS[student].what


def test_honest_neighbours_get_everything(table: dict) -> None:
    assert [sum(table[student].values()) for student in ("aaron", "noisy", "zoe")] == [20] * 3


@pytest.fixture(scope="module")
def wrecked(course: Path, table: dict) -> CompletedProcess:
    """Zoe, who had all points, hands in again, now something that ends the kernel."""
    hand_in(course, "zoe", Way("", {"sigmoid": "import os\nos._exit(0)"}))
    return nbgrader(course, "autograde", "--student=zoe", "--force")


def test_a_method_that_ends_the_process_costs_its_own_task_and_the_neighbours_nothing(course, table, wrecked) -> None:
    assert wrecked.returncode == 0, wrecked.stderr
    after = points(course)
    assert after.pop("zoe") == table["zoe"] | {"sigmoid": 0}
    assert after == {name: own for name, own in table.items() if name != "zoe"}


def test_the_regions_are_those_of_the_source() -> None:
    assert sum(len(REGION.findall(cell.source)) for cell in read(ROOT / "source/ex04" / NAME).cells) == len(METHODS)
