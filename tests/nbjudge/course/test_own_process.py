"""Steps in a process of their own: what they give back, and what they can't do."""

import gc
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nbjudge.course import own_process
from nbjudge.course.errors import CourseError
from nbjudge.course.own_process import StepError

STEPS = """
import os, subprocess, sys, time
from nbjudge.course.errors import CourseError

def give(**arguments):
    return arguments

def talk():
    print("printed")
    os.write(1, b"written")
    subprocess.run(["echo", "from another process"])
    return ["talked", os.environ.get("SPOKEN"), os.getcwd(), sys.stdin.read()]

def refuse():
    raise CourseError("there is no\\n  such thing.")

def err():
    raise ValueError("no advice")

def die(message):
    sys.stderr.write(message)
    sys.stderr.flush()
    os._exit(3)

def stay(file):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    with open(file, "w") as pids:
        pids.write(f"{os.getpid()} {child.pid} ")
    time.sleep(600)

def leave(file):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    with open(file, "w") as pids:
        pids.write(f"{child.pid} ")

def quick():
    return "rfc3987_syntax" in sys.modules and sys.modules["rfc3987_syntax"] is None
"""


class OtherError(CourseError):
    """What a caller wants to have raised."""


@pytest.fixture(autouse=True)
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module that only this process finds."""
    (tmp_path / "steps_to_run.py").write_text(STEPS)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def run(name: str, **arguments: object):
    return own_process.run(f"steps_to_run:{name}", arguments, "the step", OtherError)


def ended(pids: Path) -> bool:
    """Whether none of the processes is left whose ids are in a file; waits for it a while."""
    for _ in range(600):
        states = [Path("/proc", pid, "stat") for pid in pids.read_text().split()]
        if not any(state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z" for state in states):
            return True
        time.sleep(0.1)
    return False


def test_data_comes_back_as_it_was_given() -> None:
    data = {"numbers": [1, 0.1, 1e300], "text": "Σ\n", "nothing": None, "deep": {"a": [[]]}}
    assert run("give", **data) == data


def test_what_a_step_puts_out_is_kept_apart(tmp_path: Path) -> None:
    result = own_process.run("steps_to_run:talk", {}, "the step", environment={"SPOKEN": "yes"}, cwd=tmp_path)
    assert result == ["talked", "yes", str(tmp_path), ""]


def test_a_foreseen_error_is_one_sentence() -> None:
    with pytest.raises(OtherError) as caught:
        run("refuse")
    assert str(caught.value) == "there is no such thing."
    with pytest.raises(StepError):
        own_process.run("steps_to_run:refuse", {}, "the step")


def test_a_bug_is_no_advice() -> None:
    with pytest.raises(RuntimeError, match="ValueError: no advice"):
        run("err")


@pytest.mark.parametrize(("message", "end"), [("", "no message."), ("one\ntwo\n", "two")])
def test_a_step_that_dies_is_reported(message: str, end: str) -> None:
    with pytest.raises(OtherError) as caught:
        run("die", message=message)
    assert str(caught.value) == f"the step can't be run: {end}"


def test_a_step_without_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_process, "SECONDS", 0)
    with pytest.raises(OtherError, match=r"^the step didn't come to an end within ten minutes\.$"):
        run("stay", file=str(tmp_path / "pids"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_step_ends_with_the_process_that_waits_for_it(number: signal.Signals, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    arguments = {"file": str(pids)}
    # a shell without job control starts what runs in the background with Ctrl-C ignored
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += f"from nbjudge.course import own_process as o; o.run('steps_to_run:stay', {arguments!r}, 'the step')"
    paths = os.pathsep.join([str(tmp_path), *sys.path])
    waiting = subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": paths}, stderr=subprocess.DEVNULL
    )
    while not (pids.exists() and pids.read_text().endswith(" ")):
        assert waiting.poll() is None
        time.sleep(0.05)
    waiting.send_signal(number)
    waiting.wait()
    if number == signal.SIGKILL:
        step, started = pids.read_text().split()
        pids.write_text(step)
        os.kill(int(started), signal.SIGKILL)  # nobody is left who would
    assert ended(pids)


def test_nothing_that_a_step_started_goes_on(tmp_path: Path) -> None:
    run("leave", file=str(tmp_path / "pids"))
    assert ended(tmp_path / "pids")


def test_importing_the_library_alters_no_modules() -> None:
    code = "import sys, nbjudge, nbjudge.cli, nbjudge.judging.loaded; print('rfc3987_syntax' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


def test_a_process_of_ours_begins_fast() -> None:
    assert run("quick") is True


@pytest.mark.parametrize("step", ["nbjudge.judging.oracle", "nbjudge.authoring.stubs"])
def test_a_step_that_runs_a_solution_imports_no_nbgrader(step: str) -> None:
    """It would take longer than the step itself."""
    code = f"import sys, {step}; print(sorted(sys.modules.keys() & {{'nbgrader', 'nbclient', 'sqlalchemy'}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def fails_in_a_copy() -> None:
    print("said", file=sys.stderr)
    subprocess.run([sys.executable, "-c", "print('said by a command')"], check=True)
    sys.exit(3)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no process is copied")
def test_a_copy_of_this_process_ends_with_its_code_and_all_that_it_said(capfd: pytest.CaptureFixture) -> None:
    done = own_process.finish_copy(fails_in_a_copy, "it")
    assert (done.returncode, sorted(done.stderr.splitlines())) == (3, ["said", "said by a command"])
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no process is copied")
def test_a_copy_of_this_process_has_limited_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_process, "SECONDS", 0.1)
    with pytest.raises(StepError, match="it didn't come to an end within ten minutes"):
        own_process.finish_copy(lambda: time.sleep(600), "it")


def test_what_a_command_imports_is_not_looked_through_for_garbage() -> None:
    with own_process.importing():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 1000
    gc.unfreeze()
