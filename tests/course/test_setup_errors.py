"""What a student sees when the installation doesn't fit, and cells that wait for a task."""

import os
import subprocess
import sys
import textwrap

import pytest

from exercise_code import DataError, ExerciseError, SetupError, TrainingError, __version__, require_version, when_ready
from nbprobe.ready import NotReadyError
from tests.support import ROOT
from tests.support.sentences import assert_sentence

OLD_PYTHON = "import sys; sys.version_info = (3, 9, 18, 'final', 0)"
MISSING = """
    import sys

    class Blocker:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name.split(".")[0] == "{}":
                raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

    sys.meta_path.insert(0, Blocker)
"""
GONE = """
    from importlib import util
    find = util.find_spec
    util.find_spec = lambda name: None if name == "sklearn" else find(name)
"""
OTHER_VERSION = "import exercise_code; exercise_code.__version__ = '0.9'"
BEFORE_VERSIONS = "import exercise_code; del exercise_code.require_version"


def run_python(code, tmp_path):
    """Run code in a fresh interpreter; give its exit status, stdout and stderr."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path), "MPLBACKEND": "agg"},
        cwd=tmp_path,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def shown(tmp_path):
    """What IPython shows when it runs a cell, line by line; ``before`` is run ahead of it."""

    def run(cell, before=""):
        code = f"""
            from IPython.core.interactiveshell import InteractiveShell
            shell = InteractiveShell(colors="nocolor")
            shell.run_cell({textwrap.dedent(before)!r}).raise_error()
            assert not shell.run_cell({cell!r}).success, "the cell raised no error"
        """
        status, out, err = run_python(code, tmp_path)
        assert status == 0, err
        assert err == ""
        return out.replace("\x1b[31m", "").replace("\x1b[0m", "").strip().splitlines()

    return run


@pytest.fixture(scope="module")
def first_cell(notebook):
    return next(cell.source for cell in notebook.cells if cell.cell_type == "code")


# Versions


def test_right_version_is_silent(capsys):
    require_version(__version__)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("wanted", ["0.9", "1.1", "2.0", ""])
def test_other_version(wanted):
    with pytest.raises(SetupError) as caught:
        require_version(wanted)
    assert_sentence(caught.value, f"exercise_code {wanted}", f"version {__version__} is installed", "pip install")


def test_old_python(tmp_path):
    status, out, err = run_python(f"{OLD_PYTHON}\nimport exercise_code", tmp_path)
    assert (status, out) == (1, "")
    last = err.strip().splitlines()[-1]
    assert last.startswith("ImportError: exercise_code needs Python 3.11 or newer")
    assert "runs Python 3.9" in last


@pytest.mark.parametrize(
    ("before", "words"),
    [
        pytest.param(OLD_PYTHON, ["Set-up:", "needs Python 3.11", "3.9", "README"], id="old Python"),
        *(
            pytest.param(MISSING.format(name), ["Set-up:", f"No module named '{name}'", "README"], id=f"{name} missing")
            for name in ("exercise_code", "matplotlib", "sklearn", "tqdm")
        ),
        pytest.param(GONE, ["Set-up:", "No module named 'sklearn'", "README"], id="sklearn not installed"),
        pytest.param(BEFORE_VERSIONS, ["Set-up:", "require_version", "README"], id="exercise_code very old"),
        pytest.param(OTHER_VERSION, ["SetupError", "0.9 is installed", "restart the kernel"], id="other version"),
    ],
)
def test_first_cell_shows_one_sentence(shown, first_cell, before, words):
    lines = shown(first_cell, before)
    assert len(lines) == 1
    assert lines[0].endswith(".")
    for word in words:
        assert word in lines[0]


# Errors of our own


@pytest.mark.parametrize("error", [SetupError, DataError, TrainingError, ExerciseError], ids=lambda e: e.__name__)
def test_error_is_shown_without_a_traceback(shown, error):
    cell = f"from exercise_code import {error.__name__}\nraise {error.__name__}('this is wrong.')"
    assert shown(cell) == [f"{error.__name__}: this is wrong."]


def test_error_from_deep_inside_is_one_line_too(shown):
    cell = "from exercise_code.data import load_tumours\nload_tumours(['colour'])"
    (line,) = shown(cell)
    assert line.startswith("DataError: there is no feature 'colour'; there are: ")


def test_other_errors_keep_their_traceback(shown):
    assert len(shown("1 / 0", before="import exercise_code")) > 1


def test_data_error_is_a_value_error():
    assert issubclass(DataError, ValueError)


# Cells that wait


class Unwritten:
    def task(self):
        raise NotImplementedError("TODO")

    def calls_a_task(self):
        return self.task()


def test_when_ready_names_the_missing_method(capsys):
    with when_ready():
        Unwritten().calls_a_task()
        pytest.fail("the block went on")
    assert capsys.readouterr() == (
        "This cell waits for Unwritten.task. Write it, then run this cell again.\n",
        "",
    )


def test_when_ready_names_a_task_that_the_solver_reaches(capsys, solution, data):
    class Classifier(solution.Classifier):
        def sigmoid(self, x):
            raise NotImplementedError("TODO")

    model = Classifier(num_features=2)
    model.initialize_weights()
    with when_ready():
        solution.Solver(model, data, solution.BCE(), solution.Optimizer(model)).train(epochs=1, progress=False)
    assert "Classifier.sigmoid. Write it" in capsys.readouterr().out


def test_when_ready_says_what_is_not_ready(capsys):
    with when_ready():
        raise NotReadyError("the solver hasn't been trained yet.")
    assert capsys.readouterr().out == "This cell waits: the solver hasn't been trained yet.\n"


@pytest.mark.parametrize("error", [ValueError, DataError, AssertionError, KeyboardInterrupt, SystemExit])
def test_when_ready_passes_other_errors_on(capsys, error):
    def fail():
        with when_ready():
            raise error("slip")

    with pytest.raises(error, match="slip"):
        fail()
    assert capsys.readouterr() == ("", "")


def test_when_ready_says_why_a_training_stopped_and_goes_on(capsys):
    with when_ready():
        raise TrainingError("the loss is nan in epoch 3.", task=1)
    assert "Training stopped: the loss is nan in epoch 3." in capsys.readouterr().out


def test_when_ready_is_silent_when_all_is_ready(capsys):
    ran = False
    with when_ready():
        ran = True
    assert ran
    assert capsys.readouterr() == ("", "")
