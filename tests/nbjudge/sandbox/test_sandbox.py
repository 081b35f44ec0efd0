"""The sandbox as a whole: who can use it, what happens where it can't be had, and when the grader is killed."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from traitlets.config import Config

from nbjudge.sandbox import step as execution
from nbjudge.sandbox.bubblewrap import SandboxError, places
from nbjudge.sandbox.sandbox import Sandbox
from tests.support import ROOT, SOURCE
from tests.support.gradebooks import scores


def test_the_source_is_hidden_also_where_python_lies_around_it(tmp_path: Path) -> None:
    """A course folder within a folder that is shown: only what the submission needs is left of it."""
    for folder in (tmp_path.parent, tmp_path):
        folder.chmod(0o755)
    (tmp_path / "package").mkdir()
    (tmp_path / "package/__init__.py").write_text("x = 3")
    (tmp_path / "secret").write_text("secret")
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    program += "from pathlib import Path\nfrom nbjudge.sandbox import bubblewrap\n"
    program += f"shown = [*bubblewrap.places(['package']), Path({str(tmp_path.parent)!r})]\n"
    look = f"import os; print(os.listdir({str(tmp_path)!r}), os.listdir({str(tmp_path / 'package')!r}))"
    hidden = f"[Path({str(tmp_path)!r})]"
    program += f"words = bubblewrap.command([sys.executable, '-Ic', {look!r}], shown, {hidden})\n"
    program += "import subprocess; print(subprocess.run(words, capture_output=True, text=True, check=True).stdout)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "['package'] ['__init__.py']", done.stderr


def test_python_and_the_exercise_are_shown_and_nothing_else_of_the_course() -> None:
    assert not [place for place in places(["exercise_code", "numpy"]) if ROOT.is_relative_to(place)]


def test_the_grader_is_hidden_also_where_it_is_installed_beside_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package knows the formulas of the solution."""
    shutil.copytree(SOURCE.parent, tmp_path / "source/ex04")
    monkeypatch.setattr(execution, "_sandboxes", {})
    monkeypatch.setattr(execution, "Sandbox", lambda modules, hidden, *rest: hidden)
    step = execution.SandboxedExecute(config=Config(CourseDirectory={"root": str(tmp_path)}))
    hidden = step._sandbox({"nbgrader": {"assignment": "ex04", "notebook": SOURCE.stem}})
    assert {tmp_path.resolve(), Path(execution.__file__).parents[1]} <= set(hidden)


def test_without_bubblewrap_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SandboxError, match="install the system package bubblewrap"):
        Sandbox().start()


@pytest.mark.parametrize(
    ("said", "what_to_do"),
    [
        ("bwrap: setting up uid map: Permission denied", "start .bwrap: setting up uid map: .*allow them"),
        ("bwrap: Unknown option --size", "too old.*is needed"),
        ("python3: error while loading shared libraries: libx.so: cannot open", "installed as a whole"),
    ],
)
def test_where_the_sandbox_does_not_start_there_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, said: str, what_to_do: str
) -> None:
    """A ``bwrap`` that fails as it does on other machines."""
    with tempfile.TemporaryDirectory() as folder:  # not pytest's, which is root's own; bwrap runs without root's rights
        fake = Path(folder, "bwrap")
        fake.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
        for path in (fake, fake.parent):
            path.chmod(0o755)
        monkeypatch.setattr("nbjudge.sandbox.bubblewrap.find", lambda: str(fake))
        with pytest.raises(SandboxError, match=what_to_do):
            Sandbox().start()


def without_bubblewrap(tmp_path: Path) -> dict[str, str]:
    """An environment in which everything but ``bwrap`` is found."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for program in Path(place).glob("*") if Path(place).is_dir() else []:
            if program.name != "bwrap" and not (folder / program.name).exists():
                (folder / program.name).symlink_to(program)
    return {**os.environ, "PATH": str(folder)}


def test_the_demo_runs_without_bubblewrap_and_nbgrader_does_not(tmp_path: Path) -> None:
    environment = without_bubblewrap(tmp_path)
    demo = [sys.executable, "-m", "nbjudge", "demo", "--folder", str(tmp_path / "demo")]
    done = subprocess.run(demo, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "graded without isolation: bubblewrap is missing" in said
    assert "Submissions run without isolation" in said
    assert sum(scores(tmp_path / "demo", "ex04")[1]["amira"].values()) == 20

    again = [sys.executable, "-m", "nbgrader", "autograde", "ex04", "--force", "--student=amira"]
    again += [f"--CourseDirectory.root={tmp_path / 'demo'}"]
    done = subprocess.run(again, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode != 0
    assert "Nothing was graded: bubblewrap is missing" in done.stderr
    assert "Traceback" not in done.stderr


MARKER = "86397"


def processes() -> list[str]:
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if MARKER in line]  # other tests have sandboxes, too


def test_a_killed_grader_leaves_no_process_and_a_second_run_completes(tmp_path: Path, nbgrader: Callable) -> None:
    from nbjudge.course.notebooks import graded_cells, read, write

    shutil.copytree(SOURCE.parent, tmp_path / "source/ex04")
    nbgrader("generate_assignment", "ex04", root=tmp_path)
    for student in ("a", "b", "c"):
        notebook = read(SOURCE)
        if student == "b":
            sleeps = f"import subprocess\nsubprocess.run(['sleep', '{MARKER}'])\n"
            graded_cells(notebook)["optimizer"].source = sleeps + graded_cells(notebook)["optimizer"].source
        write(notebook, tmp_path / "submitted" / student / "ex04" / SOURCE.name)
    assert not processes()
    command = [sys.executable, "-m", "nbgrader", "autograde", "ex04", f"--CourseDirectory.root={tmp_path}"]
    grader = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 120
    while not any(f"sleep {MARKER}" in line for line in processes()):
        assert time.monotonic() < end, "the submission doesn't run"
        time.sleep(0.1)
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    end = time.monotonic() + 20
    while processes():
        assert time.monotonic() < end, processes()
        time.sleep(0.1)

    shutil.copy(tmp_path / "submitted/a/ex04" / SOURCE.name, tmp_path / "submitted/b/ex04" / SOURCE.name)
    nbgrader("autograde", "ex04", root=tmp_path)
    students = scores(tmp_path, "ex04")[1]
    assert {name: sum(own.values()) for name, own in students.items()} == {"a": 20, "b": 20, "c": 20}
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        assert len(gradebook.assignment_submissions("ex04")) == 3
