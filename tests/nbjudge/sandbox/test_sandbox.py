"""The sandbox as a whole: who can use it, what happens where it can't be had, and when the grader is killed."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from traitlets.config import Config

from nbjudge.course.graded import read_isolation
from nbjudge.course.isolation import LANDLOCK, NAMESPACES, sentences
from nbjudge.sandbox import step as execution
from nbjudge.sandbox import view
from nbjudge.sandbox.bubblewrap import SandboxError
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.sandbox.walls import Way
from tests.support import ROOT, SOURCE
from tests.support.gradebooks import scores
from tests.support.walls import BEST, WALLS, needs


@needs(NAMESPACES)
@pytest.mark.parametrize("where", ["in_place", "relocated"])
def test_the_source_is_hidden_also_where_python_lies_around_it(tmp_path: Path, where: str) -> None:
    """A course folder within a folder that is shown: only what the submission needs is left of it."""
    for folder in (tmp_path.parent, tmp_path):
        folder.chmod(0o755)
    (tmp_path / "package").mkdir()
    (tmp_path / "package/__init__.py").write_text("x = 3")
    (tmp_path / "secret").write_text("secret")
    around = tmp_path.parent if where == "in_place" else Path("/python/around")
    packages = tmp_path if where == "in_place" else Path("/python/packages")
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    program += "from dataclasses import replace\nfrom pathlib import Path\n"
    program += "from nbjudge.sandbox import bubblewrap, view\n"
    program += f"seen = view.{where}(['package'])\n"
    program += f"shown = [*seen.shown, (Path({str(tmp_path.parent)!r}), Path({str(around)!r}))]\n"
    look = f"import os; print(os.listdir({str(around / tmp_path.name)!r}), os.listdir({str(packages / 'package')!r}))"
    hidden = f"[Path({str(tmp_path)!r})]"
    program += f"words = bubblewrap.command([seen.python, '-Ic', {look!r}], replace(seen, shown=shown), {hidden})\n"
    program += "import subprocess; print(subprocess.run(words, capture_output=True, text=True, check=True).stdout)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    left = ["package"] if where == "in_place" else []
    assert done.stdout.strip() == f"{left} ['__init__.py']", done.stderr


def test_python_and_the_exercise_are_shown_and_nothing_else_of_the_course() -> None:
    for seen in (view.relocated(["exercise_code", "numpy"]), view.in_place(["exercise_code", "numpy"])):
        assert seen is not None
        assert [folder for folder, _ in seen.shown if folder.name == "exercise_code"]
        assert not [folder for folder, _ in seen.shown if ROOT.is_relative_to(folder)]


LOOK = """
import os, sys, traceback
for top in ("/", "/tmp", "/var/tmp", "/root", "/home"):
    print("LIST", top, *(os.listdir(top) if os.path.isdir(top) else []))
import exercise_code, numpy, sysconfig
print(sys.path, sys.prefix, sys.base_prefix, sys.exec_prefix, sys.executable, sys.orig_argv, sysconfig.get_paths())
print("VERSION", sys.version)
print([getattr(each, "__file__", None) for each in list(sys.modules.values())], dict(os.environ), os.getcwd())
for name in ("cmdline", "environ", "maps"):
    print(open("/proc/self/" + name).read())
for fails in (lambda: exercise_code.require_version("0"), lambda: numpy.linalg.inv(numpy.zeros((2, 2)))):
    try: fails()
    except Exception: traceback.print_exc(file=sys.stdout)
exercise_code.require_version("0")
"""
ELSEWHERE = "import subprocess, sys\nsays = 'import exercise_code as e, sys; print(e.__file__, sys.path, sys.prefix)'\n"
ELSEWHERE += "for name in (sys.executable, 'python3'): subprocess.run([name, '-c', says])"


@needs(NAMESPACES)
def test_a_submission_sees_no_name_of_a_folder_of_the_machine() -> None:
    sandbox = Sandbox(["numpy", "nbprobe", "exercise_code"])
    looked, started = execution.execute(sandbox, {0: LOOK, 1: ELSEWHERE}, {}).values()
    sandbox.close()
    said = "".join(each.get("text", "") + "\n".join(each.get("traceback", [])) for each in looked.outputs)
    assert said.count("SetupError") > 1
    assert "LinAlgError" in said
    assert f"VERSION {sys.version}" in said  # and not the shared library of another Python
    own = "bin dev etc inside lib lib32 lib64 libx32 proc python sbin submission tmp usr"
    listed = {line.split()[1]: line.split()[2:] for line in said.splitlines() if line.startswith("LIST ")}
    assert set(listed.pop("/")) <= set(own.split())
    assert not any(listed.values()), listed
    in_subprocess = started.outputs[0].text
    assert in_subprocess.count("exercise_code/__init__.py") == 2
    for folder in map(Path, (ROOT, sys.prefix, sys.base_prefix)):
        if not folder.is_relative_to("/usr"):
            for path in {folder, folder.resolve(), folder.parent, folder.parent.resolve()} - {Path("/"), Path("/tmp")}:
                assert f"{path}/" not in (said + in_subprocess).replace(f"{view.PACKAGES.parent}/", ""), path


@needs(NAMESPACES)
def test_where_python_does_not_start_elsewhere_it_is_shown_where_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    relocated = view.relocated

    def broken(modules: list[str]) -> view.View | None:
        seen = relocated(modules)
        return seen and replace(seen, variables={**seen.variables, "PYTHONHOME": "/nowhere"}, python="/python/no")

    monkeypatch.setattr(view, "relocated", broken)
    sandbox = Sandbox(["numpy"], isolation=NAMESPACES)
    (result,) = execution.execute(sandbox, {0: "import numpy, sys; sys.prefix"}, {}).values()
    assert result.outputs[0].data["text/plain"] == repr(sys.prefix)
    before = sandbox._process
    sandbox.close()
    execution.execute(sandbox, {0: "1"}, {})
    assert sandbox._process is not before
    assert sandbox._works is not None
    assert sandbox._works[1].view.python == sys.executable  # no other is tried again
    sandbox.close()


def test_a_python_without_an_environment_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """As conda's."""
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(view, "_of_system", lambda folder: False)
    seen = view.relocated([])
    assert seen is not None
    assert seen.shown == [(Path(sys.base_prefix).resolve(), Path("/python/base"))]
    assert seen.python == f"/python/base/bin/{Path(sys.executable).resolve().name}"
    assert seen.settings == ""


def test_packages_that_were_installed_beside_the_environment_are_shown_with_what_they_need(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As those of a single user (``pip install --user``), or of a folder that a file of Python's names."""
    for name in ("named-1.0.dist-info", "needed-1.0.dist-info", "named.libs"):
        (tmp_path / name).mkdir()
    (tmp_path / "named.py").write_text("import needed")
    (tmp_path / "needed.py").write_text("VALUE = 3")
    tmp_path.chmod(0o755)
    monkeypatch.syspath_prepend(str(tmp_path))
    for look, wall in [(view.relocated, BEST), (view.in_place, BEST), (view.relocated, LANDLOCK)]:
        monkeypatch.setattr(view, "relocated", lambda modules, look=look: look(modules))
        sandbox = Sandbox(["named"], isolation=wall)
        (result,) = execution.execute(sandbox, {0: "import named; named.needed.VALUE"}, {}).values()
        sandbox.close()
        assert result.outputs[0].data["text/plain"] == "3"


def test_a_python_that_lies_in_another_way_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    assert view.relocated([]) is None


@pytest.mark.parametrize(("written", "file"), [("= true", "with-base.cfg"), ("=False", "alone.cfg")])
def test_an_environment_sees_the_packages_that_it_saw(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: str, file: str
) -> None:
    (tmp_path / "pyvenv.cfg").write_text(f"home = /x\ninclude-system-site-packages {written}\n")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    seen = view.relocated([])
    assert seen is not None
    assert seen.settings == file
    assert (view.Path(execution.__file__).parent / "inside" / file).is_file()


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


@needs(NAMESPACES)
def test_without_bubblewrap_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SandboxError, match=r"install the system package bubblewrap.*`course doctor` says more"):
        Sandbox(isolation=NAMESPACES).start()


@needs(NAMESPACES)
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
            Sandbox(isolation=NAMESPACES).start()


WITHOUT_NAMESPACES = [sys.executable, "-m", "tests.support.machines"]
WITHOUT_WALLS = [*WITHOUT_NAMESPACES, "--no-landlock"]


def run(machine: list[str], *words: str) -> subprocess.CompletedProcess:
    command = [*machine, sys.executable, "-m", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)


def test_without_walls_the_demo_runs_and_nbgrader_does_not(tmp_path: Path) -> None:
    done = run(WITHOUT_WALLS, "nbjudge", "demo", "--folder", str(tmp_path / "demo"))
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "graded without isolation: the sandbox doesn't start" in said
    assert "Submissions run without isolation" in said
    assert sum(scores(tmp_path / "demo", "ex04")[1]["amira"].values()) == 20

    again = ["autograde", "ex04", "--force", "--student=amira", f"--CourseDirectory.root={tmp_path / 'demo'}"]
    done = run(WITHOUT_WALLS, "nbgrader", *again)
    assert done.returncode != 0
    assert "Nothing was graded: the sandbox doesn't start" in done.stderr
    assert "Nor is there the second wall: this kernel has no Landlock" in done.stderr
    assert "`course doctor` says more" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample class, graded behind the best wall that there is here."""
    folder = tmp_path_factory.mktemp("best") / "demo"
    done = run([], "nbjudge", "demo", "--folder", str(folder))
    assert sentences([BEST] * 13)[0] in done.stdout, done.stderr
    return folder


def test_where_there_are_no_namespaces_the_second_wall_grades_the_same_and_says_so(demo: Path, tmp_path: Path) -> None:
    done = run(WITHOUT_NAMESPACES, "nbjudge", "demo", "--folder", str(tmp_path / "demo"))
    assert done.returncode == 0, done.stderr
    assert "without isolation" not in done.stdout + done.stderr
    assert sentences([LANDLOCK] * 13)[0] in done.stdout
    assert read_isolation(tmp_path / "demo/autograded/amira/ex04") == LANDLOCK
    assert scores(tmp_path / "demo", "ex04") == scores(demo, "ex04")


def test_what_prepares_the_feedback_and_what_nbgrader_logs_say_which_wall_was_up(demo: Path, tmp_path: Path) -> None:
    shutil.copytree(demo, tmp_path / "demo")
    course = f"--CourseDirectory.root={tmp_path / 'demo'}"
    wall = f"--SandboxedExecute.isolation={LANDLOCK}"
    done = run([], "nbgrader", "autograde", "ex04", "--force", "--student=amira", course, wall)
    assert sentences([LANDLOCK])[0] in done.stderr
    done = run([], "nbjudge", "feedback", "ex04", "--root", str(tmp_path / "demo"))
    walls = [LANDLOCK, *[BEST] * 12]
    assert all(sentence in done.stdout for sentence in sentences(walls)), done.stdout


def test_each_wall_can_be_asked_for() -> None:
    for wall in WALLS:
        sandbox = Sandbox(isolation=wall)
        assert sandbox.wall == ""
        sandbox.start()
        assert sandbox.wall == wall
        sandbox.close()
    best = Sandbox()
    best.start()
    assert best.wall == BEST
    best.close()


@needs(NAMESPACES)
def test_a_first_wall_that_can_be_had_is_not_replaced_by_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or else a submission that leaves too little memory would lower the wall for the next."""
    monkeypatch.setattr(Sandbox, "_try", lambda *_: "bwrap: Cannot allocate memory")
    with pytest.raises(SandboxError, match="Cannot allocate memory") as caught:
        Sandbox().start()
    assert "second wall" not in str(caught.value)


@pytest.mark.parametrize("isolation", WALLS)
def test_where_it_started_once_it_starts_again_in_the_same_way(isolation: str) -> None:
    sandbox = Sandbox(isolation=isolation)
    sandbox.start()
    assert sandbox._works is not None
    wall, way = sandbox._works
    sandbox.close()
    sandbox.start()
    assert sandbox._works[0] is wall
    assert sandbox._works[1] is way
    sandbox.close()


MARKER = "86397"


def processes() -> list[str]:
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if MARKER in line]  # other tests have sandboxes, too


@needs(NAMESPACES)
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


def test_each_sandbox_of_root_is_a_user_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else one of them could use up what the kernel counts for a user, and its neighbours would have to wait."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    seen = view.in_place(["nbprobe"])
    sandboxes = [Sandbox(isolation=NAMESPACES) for _ in range(3)]
    users = []
    for sandbox in sandboxes:
        (wall,) = sandbox._walls
        words, _ = wall.command({}, Way(seen), [])
        assert words[words.index("--reuid") + 1] == words[words.index("--regid") + 1]
        users.append(int(words[words.index("--reuid") + 1]))
    assert len(set(users)) == 3
    assert min(users) >= 61000
    sandboxes[0].close()
    again = Sandbox(isolation=NAMESPACES)
    assert again._walls[0].command({}, Way(seen), [])[0][words.index("--reuid") + 1] not in map(str, users[1:])
    for sandbox in (*sandboxes, again):
        sandbox.close()
