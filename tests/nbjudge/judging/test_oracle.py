"""The right answers: which notebooks can measure, and when answers are worked out anew."""

import json
import os
import sysconfig
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell
from nbgrader.coursedir import CourseDirectory

from nbjudge.course.course import Course
from nbjudge.judging import misconception, oracle
from nbjudge.judging.misconception import Misconception
from nbjudge.judging.oracle import Oracle
from nbjudge.judging.trouble import OracleError, Trouble
from tests.support.small_exercise import ONE, doubling

NOTEBOOK = "source/ex01/small.ipynb"


def course_in(root: Path) -> Course:
    return Course(CourseDirectory(root=str(root)))


CHECK_ALONE = """
from nbprobe.check import check

@check("test_f", "Task 1", "f")
def check_f(f):
    probe("a number", f, 2.0, points=1)

check_f()
"""

# --- what it accepts ---


def test_a_sound_notebook_is_accepted(tmp_path: Path) -> None:
    right = oracle.load(course_in(tmp_path), "ex01", doubling(tmp_path / NOTEBOOK))
    assert right.points == {"test_f": 1.0}
    assert right.misconceptions == {"test_f": []}
    assert [raw["value"] for raw in right.solution["test_f"]] == [{"kind": "number", "data": 4.0}]


def test_a_notebook_that_fails_is_refused_with_one_sentence(tmp_path: Path) -> None:
    path, course = doubling(tmp_path / NOTEBOOK, test="raise ValueError('two\\nlines')"), course_in(tmp_path)
    with pytest.raises(OracleError) as caught:
        oracle.load(course, "ex01", path)
    assert str(caught.value) == f"the solution in {path} fails in the cell test_f, line 3: ValueError: two lines"
    assert not course.answers.exists()


@pytest.mark.parametrize("ending", ["import os\nos._exit(0)", "import os\nos._exit(1)", "exit()", "raise SystemExit"])
def test_a_notebook_that_ends_its_process_is_refused(ending: str, tmp_path: Path) -> None:
    path = doubling(tmp_path / NOTEBOOK, solution=f"def f(x):\n    return 2 * x\n\n\n{ending}")
    with pytest.raises(OracleError, match=r"can't be run|fails in the cell f"):
        oracle.load(course_in(tmp_path), "ex01", path)


@pytest.mark.parametrize(
    ("sentence", "changes"),
    [
        (
            "a probe of test_f gives something else each time; draw its inputs from a fixed seed.",
            {"test": "probe('a number', f, np.random.default_rng().normal(), points=1)"},
        ),
        (
            "the test cell test_f has a check, but no hidden probe, so nothing in it is graded.",
            {"test": CHECK_ALONE},
        ),
        (
            "the probes of test_f give 1 points, but the cell is worth 1.5.",
            {"points": 1.5},
        ),
        (
            "test_f has 1001 probes; of one cell no more than 1000 are read, so make it several.",
            {"test": "for n in range(1001): probe(f'number {n}', f, n, points=n == 0)"},
        ),
        (
            "two probes of test_f have the same name; give each its own.",
            {"test": f"{ONE}\n{ONE}", "points": 2},
        ),
        (
            "the probe 'a number' of test_f gives no data that can be compared.",
            {"solution": "def f(x):\n    return iter([x])"},
        ),
        (
            "the solution fails in the probe 'a number' of test_f: ZeroDivisionError: float division by zero",
            {"solution": "def f(x):\n    return x / 0"},
        ),
        (
            "the solution in {path} fails in the cell f, line 5: NameError: name 'undefined' is not defined",
            {"solution": "def f(x):\n    return 2 * x\n\n\nundefined"},
        ),
    ],
)
def test_a_notebook_that_cannot_measure_is_refused(sentence: str, changes: dict, tmp_path: Path) -> None:
    path = doubling(tmp_path / NOTEBOOK, **changes)
    with pytest.raises(OracleError) as caught:
        oracle.answers(path, [])
    assert str(caught.value) == sentence.format(path=path)


def test_all_troubles_are_named_at_once_with_cell_and_line(tmp_path: Path) -> None:
    test = f"probe('none', print, 1, points=1)\n\nprobe('chance', np.random.default_rng().normal)\n{ONE}\n{ONE}"
    with pytest.raises(OracleError) as caught:
        oracle.answers(doubling(tmp_path / NOTEBOOK, test=test, points=4), [])
    assert caught.value.troubles == (
        Trouble("the probes of test_f give 3 points, but the cell is worth 4.", "test_f"),
        Trouble("two probes of test_f have the same name; give each its own.", "test_f", 7),
        Trouble("a probe of test_f gives something else each time; draw its inputs from a fixed seed.", "test_f", 5),
    )
    assert str(caught.value) == caught.value.troubles[0].sentence


def test_a_cell_that_takes_longer_than_one_of_a_submission_is_named(tmp_path: Path) -> None:
    path = doubling(tmp_path / NOTEBOOK, solution="def f(x):\n    return 2 * x\n\n\nwhile True:\n    pass")
    with pytest.raises(OracleError, match=r"the cell f in .* takes longer than a cell of a submission may") as caught:
        oracle.answers(path, [], seconds=0.2)
    assert caught.value.troubles[0].cell == "f"


def test_a_misconception_says_where_its_entry_is(tmp_path: Path) -> None:
    file = tmp_path / "misconceptions/ex01.py"
    file.parent.mkdir()
    file.write_text(
        "from nbjudge.judging.misconception import Misconception\n\n\ndef way(a, b):\n"
        "    return Misconception('test_f', 'Wrong.', {a: b})\n\n\nCATALOGUE = [\n"
        "    way('return 2 * x', 'return 3 * x'),\n    way('return 1', 'return 2'),\n"
        "    way(\n        'return 2 * x', 'return x * 2',\n    ),\n]\n"
    )
    with pytest.raises(OracleError) as caught:
        oracle.answers(doubling(tmp_path / NOTEBOOK), misconception.catalogue(file))
    assert [trouble.place for trouble in caught.value.troubles] == [f"{file}:10", f"{file}:11"]


TRIPLE = Misconception("test_f", "You tripled.", {"return 2 * x": "return 3 * x"})
ADDED = Misconception("test_f", "You added one.", {"return 2 * x": "return x + 1"})


@pytest.mark.parametrize(
    ("sentence", "catalogue"),
    [
        (
            "two misconceptions of test_f can't be told apart: 'You tripled.' and 'You added four.'. "
            "Add a probe that they differ in, or give them one sentence.",
            [TRIPLE, ADDED, Misconception("test_f", "You added four.", {"return 2 * x": "return x + 4"})],
        ),
        (
            "a fragile way of test_f isn't right enough to be one: 'This is fragile.'.",
            [Misconception("test_f", "This is fragile.", {"return 2 * x": "return x * 1j"}, fragile=True)],
        ),
        (
            "a misconception of test_f gives the right results: 'You squared.'.",
            [Misconception("test_f", "You squared.", {"return 2 * x": "return x**2"})],
        ),
        (
            "a misconception of test_f gives no result, only TypeError: 'You called it.'.",
            [TRIPLE, Misconception("test_f", "You called it.", {"return 2 * x": "return len(x)"})],
        ),
        (
            "a misconception is about test_g, but there is no such test cell: 'You tripled.'.",
            [Misconception("test_g", TRIPLE.sentence, TRIPLE.replaced)],
        ),
        (
            "no solution cell has the line 'return 5', which a misconception replaces.",
            [Misconception("test_f", "You returned 6.", {"return 5": "return 6"})],
        ),
    ],
)
def test_a_misconception_that_cannot_be_recognised_is_refused(
    sentence: str, catalogue: list[Misconception], tmp_path: Path
) -> None:
    path = doubling(tmp_path / NOTEBOOK)
    with pytest.raises(OracleError) as caught:
        oracle.answers(path, catalogue)
    assert str(caught.value) == sentence


def test_different_misconceptions_are_accepted(tmp_path: Path) -> None:
    path = doubling(tmp_path / NOTEBOOK, test="probe('a number', f, 3.0, points=1)")
    answers = oracle.answers(path, [TRIPLE, ADDED])
    assert [sentence for sentence, _ in answers.misconceptions["test_f"]] == ["You tripled.", "You added one."]


# --- what the answers depend on ---


CATALOGUE = """from nbjudge.judging.misconception import Misconception
CATALOGUE = [Misconception("test_f", "You tripled.", {"return 2 * x": "return 3 * x"})]
"""
FILES = {
    "modules/helper/__init__.py": "from pathlib import Path\n",
    "modules/helper/one.py": "from helper import Path\n\nTEXT = (Path(__file__).parent / 'numbers.csv').read_text()\n",
    "modules/helper/other.py": "",
    "modules/helper/numbers.csv": "1,2\n",
    "modules/helper/more.csv": "1,2\n",
    "data/read.txt": "1\n",
    "data/unread.txt": "1\n",
    "misconceptions/ex01/__init__.py": "from .part import CATALOGUE\n",
    "misconceptions/ex01/part.py": CATALOGUE,
    "misconceptions/ex02.py": "CATALOGUE = []\n",
    "source/ex02/other.ipynb": "{}",
    "installed/here/__init__.py": "from . import part\n",
    "installed/here/part.py": "",
    "installed/here/unused.py": "",
    "installed/here-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: here\nVersion: 1.0\n",
    "installed/here-1.0.dist-info/RECORD": "here/__init__.py,,\nhere/part.py,,\nhere/unused.py,,\n",
    "installed/here-1.0.dist-info/direct_url.json": '{"url": "file:///somewhere", "dir_info": {}}',
    "installed/library/__init__.py": "from . import part\n",
    "installed/library/part.py": "",
    "installed/library-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: library\nVersion: 1.0\n",
    "installed/library-1.0.dist-info/RECORD": "library/__init__.py,,\nlibrary/part.py,,\n",
    "installed/copied.py": "",
}
SETUP = """
import os
import sysconfig
from pathlib import Path

import copied
import helper.one
import here
import library

root = Path({root!r})
with open(root / "runs", "a") as file:
    file.write("x")
(root / "runs").read_text()
open(root / "data/read.txt").close()
os.path.exists(root / "data/unread.txt")
"""


class Exercise:
    """A course with one exercise of its own, modules in a folder and modules that are installed."""

    def __init__(self, root: Path) -> None:
        self.root, self.course = root, course_in(root)
        for name, text in FILES.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        self.notebook = doubling(root / NOTEBOOK, new_code_cell(SETUP.format(root=str(root))))

    def load(self) -> Oracle:
        return oracle.load(self.course, "ex01", self.notebook)

    def runs(self) -> int:
        """How often the notebook ran in all."""
        return len((self.root / "runs").read_text())

    def change(self, name: str) -> None:
        with open(self.root / name, "a") as file:
            file.write("\n")

    def touch(self) -> None:
        """So that files are looked at again, as another process would."""
        os.utime(self.notebook, ns=(1, self.notebook.stat().st_mtime_ns + 1))


@pytest.fixture(scope="module")
def exercise(tmp_path_factory: pytest.TempPathFactory):
    root = tmp_path_factory.mktemp("exercise")
    with pytest.MonkeyPatch.context() as patch:
        # where Python has what a user installed
        patch.setenv("PYTHONUSERBASE", str(root / "user"))
        site = Path(sysconfig.get_path("purelib", "posix_user", {"userbase": str(root / "user")}))
        site.parent.mkdir(parents=True)
        site.symlink_to(root / "installed")
        patch.syspath_prepend(root / "modules")
        patch.syspath_prepend(site)
        made = Exercise(root)
        made.load()
        yield made


def test_nothing_is_run_again_when_nothing_changed(exercise: Exercise) -> None:
    before = exercise.runs()
    answers = exercise.load()
    exercise.touch()
    assert exercise.load() == answers
    assert exercise.runs() == before


@pytest.mark.parametrize(
    "name",
    [
        NOTEBOOK,
        "modules/helper/__init__.py",
        "modules/helper/one.py",
        "modules/helper/numbers.csv",
        "data/read.txt",
        "misconceptions/ex01/__init__.py",
        "misconceptions/ex01/part.py",
        "misconceptions/ex01/new.py",
        "source/ex01/new.ipynb",
        "installed/here/part.py",
        "installed/copied.py",
        "installed/library-1.0.dist-info/METADATA",
    ],
)
def test_a_change_of_what_it_loads_runs_it_again_once(name: str, exercise: Exercise) -> None:
    before = exercise.runs()
    if name == "source/ex01/new.ipynb":
        doubling(exercise.root / name)
    elif name.endswith("METADATA"):
        (exercise.root / name).write_text(FILES[name].replace("Version: 1.0", "Version: 1.1"))
        exercise.touch()
    else:
        exercise.change(name)
    assert exercise.load() == exercise.load()
    assert exercise.runs() == before + 1


@pytest.mark.parametrize(
    "name",
    [
        "modules/helper/other.py",
        "modules/helper/more.csv",
        "modules/new.py",
        "data/unread.txt",
        "data/new.txt",
        "misconceptions/ex02.py",
        "source/ex02/other.ipynb",
        "source/ex01/.ipynb_checkpoints/small.ipynb",
        "installed/here/unused.py",
        "runs",
    ],
)
def test_a_change_of_anything_else_runs_nothing(name: str, exercise: Exercise) -> None:
    (exercise.root / name).parent.mkdir(exist_ok=True)
    exercise.change(name)
    exercise.touch()
    before = exercise.runs()
    exercise.load()
    assert exercise.runs() == before


def test_the_engine_counts_as_far_as_the_answers_depend_on_it(exercise: Exercise) -> None:
    loaded = exercise.load().loaded
    engine = {"/".join(Path(file).parts[-3:]) for file in loaded.files}
    assert {"nbjudge/judging/oracle.py", "nbjudge/judging/rehearsal.py"} <= engine
    assert {Path(file).name for file in loaded.files if Path(file).parent.name == "nbprobe"} > {"judge.py", "probe.py"}
    assert not any(room in file for room in ("/results/", "/collecting/", "/authoring/") for file in loaded.files)
    assert "__pycache__" not in "".join(loaded.files)


def test_a_package_that_comes_from_another_folder_runs_it_again(
    exercise: Exercise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "helper").mkdir()
    (tmp_path / "helper/__init__.py").write_text("")
    (tmp_path / "helper/one.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    before = exercise.runs()
    exercise.touch()
    exercise.load()
    assert exercise.runs() == before + 1


@pytest.mark.parametrize("content", ["", "{", "[]", json.dumps({"solution": {}, "points": {}, "misconceptions": {}})])
def test_a_damaged_or_older_file_of_answers_is_replaced(content: str, exercise: Exercise) -> None:
    exercise.touch()
    answers = exercise.load()
    for file in exercise.course.answers.iterdir():
        file.write_text(content)
    exercise.touch()
    before = exercise.runs()
    assert exercise.load() == answers
    exercise.touch()
    assert exercise.load() == answers
    assert exercise.runs() == before + 1


def test_exercises_do_not_share_answers(exercise: Exercise) -> None:
    before = exercise.runs()
    other = oracle.load(exercise.course, "ex02", exercise.notebook)
    assert exercise.runs() == before + 1
    assert other.misconceptions == {"test_f": []}
