"""`course autograde`: the grades of plain nbgrader, whatever the number of workers, and nothing lost on the way."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import psutil
import pytest
from traitlets.config import Config

from nbjudge.batch import pools, worker
from nbjudge.batch.ledger import Outcome
from nbjudge.batch.worker import CourseStoppedError, NoSandboxError, OwnSandboxError, Task
from nbjudge.course.course import Course
from nbjudge.course.notebooks import graded_cells, read, write
from nbjudge.sandbox.bubblewrap import SandboxError
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.sandbox.step import SandboxedExecute
from tests.support.bad_neighbours import HELD, THERE, bad_neighbour
from tests.support.classes import ROOT, SOURCE, command, csv, files, make, rows, run
from tests.support.servers import dask_cluster, postgresql


@pytest.fixture(scope="module")
def ungraded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that has handed in."""
    return make(tmp_path_factory.mktemp("class") / "course")


class Results(NamedTuple):
    """What a grading leaves: rows in the gradebook, files, and the export."""

    rows: dict[str, list[tuple]]
    files: dict[str, bytes]
    csv: bytes


@pytest.fixture(scope="module")
def plain(ungraded: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Those of the same class, graded by plain nbgrader."""
    course = copied(ungraded, tmp_path_factory.mktemp("plain"))
    run("nbgrader", "autograde", "ex04", course=course)
    return Results(rows(db(course)), files(course), csv(course))


def copied(course: Path, folder: Path) -> Path:
    return Path(shutil.copytree(course, folder / "course", symlinks=True))


def db(course: Path) -> str:
    return f"sqlite:///{course / 'gradebook.db'}"


def assert_same(course: Path, plain: Results) -> None:
    """The same rows in the gradebook, the same files and the same export, to the byte."""
    assert rows(db(course)) == plain.rows
    assert files(course) == plain.files
    assert csv(course) == plain.csv


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a Dask scheduler on this machine with two workers."""
    with dask_cluster(tmp_path_factory.mktemp("dask")) as address:
        yield address


@pytest.fixture(scope="module")
def two(ungraded: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess]:
    """The same class, graded by two processes, and what the command said."""
    course = copied(ungraded, tmp_path_factory.mktemp("two"))
    return course, run("course", "autograde", "ex04", "--jobs=2", course=course)


def test_two_processes_grade_as_plain_nbgrader_does(two: tuple, plain: Results) -> None:
    assert_same(two[0], plain)


def test_so_does_any_number_of_processes(ungraded: Path, plain: Results, tmp_path: Path) -> None:
    course = copied(ungraded, tmp_path)
    run("course", "autograde", "ex04", "--jobs=5", "--quiet", course=course)
    assert_same(course, plain)


def test_so_does_a_cluster(ungraded: Path, plain: Results, cluster: str, tmp_path: Path) -> None:
    course = copied(ungraded, tmp_path)
    done = run("course", "autograde", "ex04", f"--scheduler={cluster}", "--json", course=course)
    assert json.loads(done.stdout)["graded"] == 10
    assert_same(course, plain)


ASKED = """
import json, os, sqlite3, sys
from sqlalchemy import Engine, event
from nbjudge.batch import worker
from nbjudge.course.course import Course
from nbjudge.sandbox.step import close_all
asked = {}
event.listen(Engine, "before_cursor_execute", lambda *about: asked.setdefault(about[2], about[3]))
options = (f"--CourseDirectory.root={sys.argv[1]}",)
obeyed = tuple(Course.here(options=options).config_files.items())
status = worker.grade(worker.Task(os.getcwd(), options, "ex04", "amira", obeyed)).status
close_all()
gradebook = sqlite3.connect(f"{sys.argv[1]}/gradebook.db")
plans = {
    each: [row[3] for row in gradebook.execute(f"EXPLAIN QUERY PLAN {each}", about)]
    for each, about in asked.items() if each.startswith(("SELECT", "UPDATE"))
}
gradebook.close()
print(json.dumps([status, plans]))
"""
OF_ALL_STUDENTS = r"SCAN (grade|comment|submitted_notebook|submitted_assignment|student)\b"


def test_no_question_goes_through_the_rows_of_all_students(ungraded: Path, tmp_path: Path) -> None:
    """Or a class of ten thousand would take longer for each than one of ten."""
    course = copied(ungraded, tmp_path)
    words = [sys.executable, "-c", ASKED, str(course)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    status, plans = json.loads(done.stdout.splitlines()[-1])
    assert status == "graded"
    assert len(plans) > 10
    assert not [each for each, plan in plans.items() if any(re.match(OF_ALL_STUDENTS, step) for step in plan)]


def test_at_the_end_it_says_what_happened(two: tuple) -> None:
    said = " ".join(two[1].stderr.split())
    assert "11 of 11" in said
    assert "ex04: 11 graded in" in said
    assert "Of these: 2 repaired, 1 refused, 1 timed out. course intake ex04 lists them." in said


def test_what_is_graded_and_unchanged_is_not_graded_again(two: tuple, tmp_path: Path) -> None:
    course = copied(two[0], tmp_path)

    def again(*options: str) -> tuple[int, int]:
        found = json.loads(run("course", "autograde", "ex04", "--json", *options, course=course).stdout)
        return found["graded"] + found["refused"], found["unchanged"]

    assert again() == (0, 11)
    path = course / "submitted/ben/ex04" / SOURCE.name
    notebook = read(path)
    notebook.cells[0].source += " "
    write(notebook, path)
    shutil.rmtree(course / "autograded/deniz")
    assert again() == (2, 9)
    assert again("--force", "--student=ben", "--student=kofi") == (2, 0)
    assert again("--student=ben", "--", "--SandboxedExecute.memory=900") == (1, 0), "it can mean another grade"
    (course / "gradebook.db").unlink()
    run("nbgrader", "generate_assignment", "ex04", "--force", course=course)
    assert again("--student=kofi") == (1, 0)


def test_behind_the_second_wall_nothing_is_left_in_the_temporary_folder(
    ungraded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = copied(ungraded, tmp_path)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    chosen = ["--student=ben", "--student=kofi", "--student=amira", "--", "--SandboxedExecute.isolation=landlock"]
    run("course", "autograde", "ex04", "--jobs=2", *chosen, course=course)
    assert list((tmp_path / "tmp").glob("nbjudge-*")) == []


def processes(course: Path) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "comm,args"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [line for line in listed if str(course) in line or MARKER in line]


MARKER = "at work 86398"
SET_NAME = 15


def slow(course: Path) -> Path:
    """Every submission of the class takes a while, in a process that can be recognised by its name."""
    for path in course.glob("submitted/*/ex04/*.ipynb"):
        if path.parent.parent.name in ("amira", "deniz", "mehmet", "late"):
            notebook = read(path)
            named = f"import ctypes\nctypes.CDLL(None).prctl({SET_NAME}, {MARKER.encode()!r})\n"
            sleeps = f"{named}import time\ntime.sleep(1)\n"
            graded_cells(notebook)["optimizer"].source = sleeps + graded_cells(notebook)["optimizer"].source
            write(notebook, path)
    return course


def started(course: Path) -> subprocess.Popen:
    """A grading that is under way: a submission runs."""
    words = command("course", "autograde", "ex04", "--jobs=2", course=course)
    grader = subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 120
    while not any(MARKER in line for line in processes(course)):
        assert grader.poll() is None
        assert time.monotonic() < end, "no submission runs"
        time.sleep(0.05)
    return grader


def test_after_ctrl_c_what_runs_is_finished_and_the_rest_is_left(ungraded: Path, tmp_path: Path) -> None:
    course = slow(copied(ungraded, tmp_path))
    grader = started(course)
    grader.send_signal(signal.SIGINT)
    said = " ".join(grader.communicate(timeout=120)[1].split())
    assert grader.returncode == 130
    assert "Finishing what is running. Press Ctrl-C again to stop at once." in said
    assert "are left; run the same command again, without --force, to go on." in said
    done = len(list(course.glob("autograded/*/ex04")))
    assert 0 < done < 11
    after = json.loads(run("course", "autograde", "ex04", "--json", course=course).stdout)
    assert (after["unchanged"], after["left"]) == (done, 0)


def test_killed_at_any_time_it_leaves_no_process_and_a_second_run_completes(
    ungraded: Path, plain: Results, tmp_path: Path
) -> None:
    course = slow(copied(ungraded, tmp_path))
    for _ in range(2):
        grader = started(course)
        time.sleep(random.uniform(0, 1.5))
        grader.kill()
        grader.communicate()
        end = time.monotonic() + 20
        while processes(course):
            assert time.monotonic() < end, processes(course)
            time.sleep(0.1)
    run("course", "autograde", "ex04", course=course)
    assert rows(db(course)) == plain.rows
    assert files(course).keys() == plain.files.keys()
    assert not [name for name, content in files(course).items() if name.endswith(".ipynb") and b"unfinished" in content]


def task(student: str, folder: Path) -> Task:
    return Task(str(folder), (), "ex04", student, ())


def stuck() -> None:
    """For years, and no other thread of the process runs."""
    re.match("(a+)+$", "a" * 50 + "b")


def deadly(task: Task) -> Outcome:
    """Stands in for grading: some students bring the process down, one of them only once."""
    tries = Path(task.folder, task.student)
    tries.write_text(tries.read_text() + "x" if tries.exists() else "x")
    if task.student == "always" or (task.student == "once" and tries.read_text() == "x"):
        os._exit(9)
    if task.student == "stops":
        raise CourseStoppedError("Nothing was graded: no source.")
    if task.student == "stuck":
        stuck()
    if task.student == "raises":
        raise ValueError("odd")
    return Outcome(task.student, "graded")


def test_a_process_that_dies_is_replaced_and_its_submission_tried_once_more(tmp_path: Path) -> None:
    pool = pools.Local(2, 60, deadly)
    students = ["a", "always", "b", "once", "raises", "c"]
    outcomes = {each.student: each for each in pools.run([task(each, tmp_path) for each in students], pool, bool)}
    pool.close()
    assert {name: each.status for name, each in outcomes.items()} == {
        **dict.fromkeys(["a", "b", "c", "once"], "graded"),
        **dict.fromkeys(["always", "raises"], "failed"),
    }
    assert "died twice" in outcomes["always"].reason
    assert outcomes["raises"].reason == "ValueError: odd"
    assert (tmp_path / "always").read_text() == "xx"


def number(task: Task) -> Any:
    """Stands in for grading: says which process did it."""
    return SimpleNamespace(student=task.student, status="graded", process=os.getpid())


def test_a_process_that_dies_while_it_has_nothing_to_do_is_replaced(tmp_path: Path) -> None:
    pool = pools.Local(2, 60, number)
    first = list(pools.run([task(name, tmp_path) for name in "abcd"], pool, bool))
    for process in {outcome.process for outcome in first}:
        os.kill(process, signal.SIGKILL)
        psutil.wait_procs([psutil.Process(process)] if psutil.pid_exists(process) else [], timeout=20)
    outcomes = list(pools.run([task(name, tmp_path) for name in "efgh"], pool, bool))
    pool.close()
    assert {outcome.student: outcome.status for outcome in outcomes} == dict.fromkeys("efgh", "graded")


def test_one_that_is_stuck_doesn_t_hold_up_the_others(tmp_path: Path) -> None:
    pool = pools.Local(1, 3, deadly)
    outcomes = list(pools.run([task(each, tmp_path) for each in ("a", "stuck", "b")], pool, bool))
    pool.close()
    assert [(each.student, each.status) for each in outcomes] == [("a", "graded"), ("stuck", "failed"), ("b", "graded")]
    assert "so it was given up" in outcomes[1].reason
    assert (tmp_path / "stuck").read_text() == "x"


kept = []


def keeps_a_sandbox(task: Task) -> Outcome:
    """Stands in for grading: first it starts a sandbox that stays, and then it may be stuck."""
    if not kept:
        kept.append(Sandbox())
        kept[0].start()
    below = [str(each.pid) for each in psutil.Process().children(recursive=True)]
    Path(task.folder, task.student).write_text(" ".join([str(os.getpid()), *below]))
    if task.student == "stuck":
        stuck()
    return Outcome(task.student, "graded")


def assert_gone(numbers: list[str]) -> None:
    assert len(numbers) > 1, "a process and its sandbox"
    end = time.monotonic() + 20
    while alive := [each for each in numbers if psutil.pid_exists(int(each))]:
        assert time.monotonic() < end, alive
        time.sleep(0.1)


def test_one_that_is_given_up_leaves_no_sandbox(tmp_path: Path) -> None:
    pool = pools.Local(1, 300, keeps_a_sandbox)
    list(pools.run([task("a", tmp_path)], pool, bool))
    pool.deadline = 0.5
    outcomes = list(pools.run([task("stuck", tmp_path)], pool, bool))
    assert "so it was given up" in outcomes[0].reason
    assert_gone((tmp_path / "a").read_text().split())
    pool.close()


COORDINATOR = """
import sys, time
from pathlib import Path
from tests.nbjudge.batch.test_class import keeps_a_sandbox, pools, task
if __name__ == "__main__":
    pool = pools.Local(1, 300, keeps_a_sandbox)
    print(*pools.run([task(sys.argv[2], Path(sys.argv[1]))], pool, bool), flush=True)
    time.sleep(300)
"""


@pytest.mark.parametrize("student", ["idle", "stuck"])
def test_nothing_outlives_a_killed_coordinator(tmp_path: Path, student: str) -> None:
    (tmp_path / "coordinator.py").write_text(COORDINATOR)
    coordinator = subprocess.Popen(
        [sys.executable, "coordinator.py", str(tmp_path), student],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    if student == "idle":
        assert "graded" in coordinator.stdout.readline()
    while not (tmp_path / student).exists():
        assert coordinator.poll() is None
        time.sleep(0.05)
    time.sleep(0.5)  # it is in the middle of it
    below = [str(each.pid) for each in psutil.Process(coordinator.pid).children(recursive=True)]
    coordinator.kill()
    coordinator.wait()
    coordinator.stdout.close()
    assert_gone(below)


def test_where_nothing_can_be_graded_the_rest_is_not_tried(tmp_path: Path) -> None:
    pool = pools.Local(1, 60, deadly)
    with pytest.raises(CourseStoppedError, match="no source"):
        list(pools.run([task(each, tmp_path) for each in ("stops", "a", "b")], pool, bool))
    pool.close()
    assert not (tmp_path / "a").exists()


def without_room(task: Task) -> Outcome:
    """Stands in for grading: one takes what a sandbox needs to start, until another one has looked for it."""
    folder = Path(task.folder)
    if task.student == "takes all":
        folder.joinpath("taken").touch()
        while not folder.joinpath("looked").exists():
            time.sleep(0.01)
        folder.joinpath("taken").unlink()
    if folder.joinpath("taken").exists() or task.student.startswith("never"):
        folder.joinpath("looked").touch()
        raise NoSandboxError("the sandbox doesn't start")
    if task.student.startswith("own"):
        raise OwnSandboxError("the sandbox ends")
    return Outcome(task.student, "refused" if task.student == "refused" else "graded")


def waits_until_taken(task: Task) -> Outcome:
    while task.student == "b" and not Path(task.folder, "taken").exists() and not Path(task.folder, "looked").exists():
        time.sleep(0.01)
    return without_room(task)


def test_a_submission_without_a_sandbox_costs_no_other_its_grade(tmp_path: Path) -> None:
    """Neither one whose neighbour took what a sandbox needs, before any was graded, nor one that never finds any."""
    pool = pools.Local(2, 60, waits_until_taken)
    students = ["takes all", "b", "never", "c"]
    outcomes = {each.student: each for each in pools.run([task(each, tmp_path) for each in students], pool, bool)}
    pool.close()
    assert {name for name, each in outcomes.items() if each.status == "graded"} == {"takes all", "b", "c"}
    assert (outcomes["never"].status, outcomes["never"].reason) == ("failed", "the sandbox doesn't start")


def test_where_no_sandbox_starts_at_all_the_run_ends(tmp_path: Path) -> None:
    pool = pools.Local(1, 60, without_room)
    given = iter([task(each, tmp_path) for each in ("refused", "never", "never again", "a")])
    with pytest.raises(CourseStoppedError, match="Nothing was graded: the sandbox doesn't start"):
        list(pools.run(given, pool, bool))
    pool.close()
    assert [each.student for each in given] == ["never again", "a"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_sandbox_that_only_some_submissions_end_stops_no_run(jobs: int, tmp_path: Path) -> None:
    """Also where these are the first of the class, or all of it."""
    pool = pools.Local(jobs, 60, without_room)
    students = ["own", "own too", "a", "b"]
    outcomes = {each.student: each for each in pools.run([task(each, tmp_path) for each in students], pool, bool)}
    alone = list(pools.run([task("own", tmp_path)], pool, bool))
    pool.close()
    assert {name for name, each in outcomes.items() if each.status == "graded"} == {"a", "b"}
    assert {(each.status, each.reason) for each in [outcomes["own"], *alone]} == {("failed", "the sandbox ends")}


@pytest.mark.parametrize("has_worked", [True, False])
def test_who_finds_no_sandbox_is_told_apart_from_who_can_not_be_graded(
    has_worked: bool, ungraded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = copied(ungraded, tmp_path)
    student = sorted(folder.name for folder in (course / "submitted").iterdir())[0]

    def fails(self: Sandbox, *_: Any) -> None:
        self.has_worked = has_worked
        raise SandboxError("the sandbox doesn't start")

    monkeypatch.setattr(worker, "keep_open", lambda: None)
    monkeypatch.setattr(Sandbox, "start", fails)
    options = (f"--CourseDirectory.root={course}",)
    obeyed = tuple(Course.here(options=options).config_files.items())
    before = os.environ.get("NBGRADER_EXECUTION")
    with pytest.raises(NoSandboxError, match=r"^the sandbox doesn't start$") as raised:
        worker.grade(Task(str(ROOT), options, "ex04", student, obeyed))
    assert isinstance(raised.value, OwnSandboxError) == has_worked  # as the coordinator tells them apart
    assert os.environ.get("NBGRADER_EXECUTION") == before  # or all that runs here later would be taken for grading
    assert not list((course / "autograded").glob("*/ex04/*.ipynb"))
    said: type[BaseException] = SandboxError if has_worked else SystemExit  # as plain nbgrader takes it
    step = SandboxedExecute(config=Config(CourseDirectory={"root": str(course)}))
    resources = {"nbgrader": {"assignment": "ex04", "notebook": SOURCE.stem}, "metadata": {"path": str(tmp_path / "x")}}
    with pytest.raises(said, match=r"the sandbox doesn't start$"):
        step.preprocess(read(SOURCE), resources)


class OneWorker:
    """Stands in for a cluster: whoever waits on the worker when it dies is lost with it, each time."""

    capacity = 3

    def __init__(self) -> None:
        self.tries: list[str] = []
        self._there: dict[Future, Task] = {}

    def submit(self, task: Task) -> Future:
        future: Future = Future()
        self._there[future] = task
        return future

    @property
    def patience(self) -> None:
        """Asked for when all that fits was submitted and is waited for. So this is when the worker works."""
        students = [each.student for each in self._there.values()]
        for future, each in self._there.items():
            self.tries.append(each.student)
            if {"always", "ever"}.intersection(students):
                future.set_exception(pools.LostError(pools.DIED))
            else:
                future.set_result(Outcome(each.student, "graded"))
        self._there.clear()

    def ended(self, future: Future) -> BaseException | None:
        return future.exception()

    def give_up(self, futures: list[Future]) -> None: ...

    def close(self) -> None: ...


def test_who_only_waits_for_a_process_that_dies_is_not_blamed_for_it(tmp_path: Path) -> None:
    pool = OneWorker()
    students = ["a", "always", "b", "c", "ever", "d", "e"]
    outcomes = {each.student: each for each in pools.run([task(each, tmp_path) for each in students], pool, bool)}
    assert outcomes.keys() == set(students)
    assert {name for name, each in outcomes.items() if each.status == "failed"} == {"always", "ever"}
    assert "died twice" in outcomes["always"].reason
    assert sorted(pool.tries) == sorted(["a", "always", "b", "c", "ever", "d"] * 2 + ["e"])


class Watched(pools.Cluster):
    """A cluster that says who was given to it, and is given up when a worker is held, and not because time passes."""

    def __init__(self, address: str, folder: Path) -> None:
        super().__init__(address, bad_neighbour)
        self._folder, self._there = folder, dict[Future, str]()

    def submit(self, task: Any) -> Future:
        (self._folder / THERE).unlink(missing_ok=True)
        future = super().submit(task)
        self._there[future] = task.student
        return future

    @property
    def patience(self) -> float:
        """Asked for when all that fits was submitted and is waited for."""
        (self._folder / "new").write_text(" ".join(self._there.values()))
        (self._folder / "new").rename(self._folder / THERE)
        end = time.monotonic() + 120
        while not any(each.done() for each in self._there):
            if (self._folder / HELD).exists() or time.monotonic() > end:
                return 0.0
            time.sleep(0.01)
        return 120.0

    def ended(self, future: Future) -> BaseException | None:
        del self._there[future]
        return super().ended(future)

    def give_up(self, futures: list[Future]) -> None:
        super().give_up(futures)
        self._there.clear()
        (self._folder / HELD).unlink(missing_ok=True)


def on_one_worker(folder: Path, threads: int, *students: str) -> dict[str, Any]:
    """What came of each. Neither tasks nor results are those of the grader, which workers would import for seconds."""
    tasks = [SimpleNamespace(student=each, folder=str(folder)) for each in students]
    with dask_cluster(folder, workers=1, threads=threads) as address:
        pool = Watched(address, folder)
        outcomes = {each.student: each for each in pools.run(tasks, pool, bool)}
        pool.close()
    return outcomes


def test_a_cluster_whose_worker_dies_goes_on(tmp_path: Path) -> None:
    outcomes = on_one_worker(tmp_path, 2, "always", "b", "c")
    assert {name: each.status for name, each in outcomes.items()} == {"always": "failed", "b": "graded", "c": "graded"}
    assert "died twice" in outcomes["always"].reason


def test_who_only_waits_for_a_worker_that_is_stuck_is_not_lost(tmp_path: Path) -> None:
    outcomes = on_one_worker(tmp_path, 1, "stuck", "b")
    assert {name: each.status for name, each in outcomes.items()} == {"stuck": "failed", "b": "graded"}
    assert "never heard of again" in outcomes["stuck"].reason


def test_a_cluster_that_goes_away_is_one_sentence(tmp_path: Path) -> None:
    with dask_cluster(tmp_path, workers=1) as address:
        pool = pools.Cluster(address, bad_neighbour)
        scheduler = pool._client.run_on_scheduler(os.getpid)

        def tasks() -> Iterator[SimpleNamespace]:
            yield SimpleNamespace(student="b", folder=str(tmp_path))  # it waits for a file that nobody writes
            os.kill(scheduler, signal.SIGKILL)

        with pytest.raises(CourseStoppedError, match="has gone"):
            list(pools.run(tasks(), pool, bool))
        pool.close()


MISTAKES = {
    "no such assignment": (["ex99"], "there is no notebook in"),
    "not a name": (["../ex04"], "can't be the name of an assignment"),
    "unknown student": (["ex04", "--student=nobody"], "nobody handed in nothing for ex04."),
    "no cluster": (
        ["ex04", "--force", "--scheduler=tcp://127.0.0.1:1"],
        "there is no Dask scheduler at tcp://127.0.0.1:1",
    ),
    "no database server": (
        ["ex04", "--", "--CourseDirectory.db_url=postgresql+psycopg://me:secret@127.0.0.1:1/x"],
        "the gradebook postgresql+psycopg://me:***@127.0.0.1:1/x can't be reached",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_ends_in_one_sentence(two: tuple, name: str) -> None:
    arguments, sentence = MISTAKES[name]
    done = run("course", "autograde", *arguments, course=two[0], code=1)
    said = " ".join(done.stderr.split())
    assert sentence in said
    assert said.count("course: ") == 1


def test_an_old_gradebook_is_named(two: tuple, tmp_path: Path) -> None:
    import sqlite3

    course = copied(two[0], tmp_path)
    with sqlite3.connect(course / "gradebook.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '167914646830'")
    connection.close()
    done = run("course", "autograde", "ex04", course=course, code=1)
    assert "is of another version of nbgrader" in done.stderr
    assert "nbgrader db upgrade" in done.stderr


def test_a_submission_without_a_notebook_and_an_unsafe_id_have_a_reason(ungraded: Path, tmp_path: Path) -> None:
    course = copied(ungraded, tmp_path)
    for student in (each.name for each in (course / "submitted").iterdir() if each.name != "amira"):
        shutil.rmtree(course / "submitted" / student)
    (course / "submitted/nothing/ex04").mkdir(parents=True)
    (course / "submitted/text/ex04").mkdir(parents=True)
    shutil.copy(course / "submitted/amira/ex04" / SOURCE.name, course / "submitted/text/ex04" / f"{SOURCE.name}.txt")
    shutil.copytree(course / "submitted/amira", course / "submitted/<b>")
    shutil.copytree(course / "submitted/amira", course / "submitted/a[1]*")
    done = run("course", "autograde", "ex04", "--json", course=course, code=1)
    found = json.loads(done.stdout)
    assert {key: found[key] for key in ("graded", "refused", "repaired", "failed")} == {
        "graded": 2,
        "refused": 1,
        "repaired": 1,
        "failed": 2,
    }
    assert found["without a grade"].keys() == {"<b>", "a[1]*"}
    assert all("a student's id can't hold" in reason for reason in found["without a grade"].values())
    grades = {(student, name): score for student, name, score, *_ in rows(db(course))["grades"]}
    assert grades["text", "test_sigmoid"] == 2
    assert grades["nothing", "test_sigmoid"] == 0
    again = json.loads(run("course", "autograde", "ex04", "--json", "--only-failed", course=course, code=1).stdout)
    assert (again["failed"], again["graded"]) == (2, 0)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgresql() as address:
        yield address


def test_postgresql_holds_the_same_grades(
    ungraded: Path, plain: Results, server: str, cluster: str, tmp_path: Path
) -> None:
    """By two processes that share the folder, and by two workers of a cluster."""
    option = f"--CourseDirectory.db_url={server}"
    course = copied(ungraded, tmp_path)
    run("nbgrader", "generate_assignment", "ex04", "--force", option, course=course)
    run("course", "autograde", "ex04", "--jobs=2", "--", option, course=course)
    assert rows(server) == plain.rows
    assert files(course) == plain.files

    shutil.rmtree(course / "autograded")
    wait = ["--", option]
    done = run("course", "autograde", "ex04", f"--scheduler={cluster}", "--json", *wait, course=course)
    assert json.loads(done.stdout)["graded"] == 10
    assert rows(server) == plain.rows
    assert files(course) == plain.files
    assert not (course / "autograded/link/ex04/data").exists()
    assert json.loads(run("course", "autograde", "ex04", "--json", *wait, course=course).stdout)["unchanged"] == 11


class Silent:
    """A cluster that loses whatever it gets."""

    capacity, patience = 2, 0.05

    def __init__(self) -> None:
        self.given: list[str] = []

    def submit(self, task: Task) -> Future:
        self.given.append(task.student)
        return Future()

    def ended(self, future: Future) -> None: ...

    def give_up(self, futures: list[Future]) -> None: ...

    def close(self) -> None: ...


def test_what_a_cluster_loses_is_tried_once_more_and_then_reported(tmp_path: Path) -> None:
    pool = Silent()
    outcomes = list(pools.run([task(each, tmp_path) for each in ("a", "b", "c")], pool, bool))
    assert sorted(pool.given) == ["a", "a", "b", "b", "c", "c"]
    assert {each.status for each in outcomes} == {"failed"}
    assert "never heard of again" in outcomes[0].reason
