"""Processes that are forked from one that has imported all, with warm processes that this one started."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from nbjudge.batch import early, lanes, pools
from nbjudge.course import light_config
from nbjudge.course.course import Course
from nbjudge.course.isolation import LANDLOCK, NAMESPACES
from nbjudge.sandbox import warming
from nbjudge.sandbox.bubblewrap import ONE_THREAD
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.sandbox.step import SandboxedExecute, close_all
from nbjudge.sandbox.walls import Namespaces
from nbjudge.sandbox.warming import Recipe, started_early
from tests.support import ROOT, SOURCE
from tests.support.walls import needs

sandboxes: list[Sandbox] = []


def in_a_sandbox(_: Any) -> list[int]:
    """Stands in for grading: the process that does it, and a process of its sandbox if that was started early."""
    if not sandboxes:
        given = warming.taken(Recipe())
        sandboxes.append(Sandbox(early=given))
        sandboxes[0].start()
    assert sandboxes[0].run([(0, "1 + 1")], {}).results[0].outputs[0].data["text/plain"] == "2"
    return [os.getpid()]


def coordinate(folder: str) -> None:
    """In a process of its own: two lanes, each with a warm process; then one of them dies."""
    warm = [one for one in (started_early(Recipe()), started_early(Recipe())) if one]
    numbers = [one.process.pid for one in warm]  # type: ignore[attr-defined]
    forked = [lanes.can_be_forked()]
    pool = pools.Local(2, 300, in_a_sandbox, early=warm)
    first = [pool.submit(None), pool.submit(None)]
    own = [future.result()[0] for future in first]
    alive = [psutil.pid_exists(number) for number in numbers]
    for future in first:
        assert pool.ended(future) is None
    os.kill(own[0], signal.SIGKILL)
    while not gone(own[0]):
        time.sleep(0.01)
    again = [pool.submit(None), pool.submit(None)]
    later = [future.result()[0] for future in again]
    for future in again:
        assert pool.ended(future) is None
    said = {"numbers": numbers, "own": own, "later": later, "alive": alive, "forked": forked}
    Path(folder, "new").write_text(json.dumps(said))
    Path(folder, "new").rename(Path(folder, "said"))
    time.sleep(300)


@pytest.fixture
def coordinator(tmp_path: Path) -> Iterator[tuple[subprocess.Popen, dict[str, Any]]]:
    code = f"from tests.nbjudge.batch.test_lanes import coordinate; coordinate({str(tmp_path)!r})"
    words = [sys.executable, "-c", code]
    process = subprocess.Popen(words, cwd=ROOT, env={**os.environ, **ONE_THREAD, "PYTHONPATH": str(ROOT)})
    try:
        while not (tmp_path / "said").exists():
            assert process.poll() is None
            time.sleep(0.05)
        yield process, json.loads((tmp_path / "said").read_text())
    finally:
        process.kill()
        process.wait()


def gone(number: int) -> bool:
    return not psutil.pid_exists(number) or psutil.Process(number).status() == psutil.STATUS_ZOMBIE


@needs(NAMESPACES)  # behind the second wall, root may have to try another way: the first user can't read all Pythons
def test_warm_processes_are_used_and_nothing_outlives_a_lane_or_the_coordinator(coordinator: tuple) -> None:
    process, said = coordinator
    assert said["forked"] == [True]
    assert said["alive"] == [True, True]  # no lane started another one in its place
    assert len(set(said["own"])) == 2
    assert said["own"][1] in said["later"]
    assert said["own"][0] not in said["later"], "it was replaced"
    assert gone(said["numbers"][0]), "the sandbox ends with the process that had it"
    assert not gone(said["numbers"][1])
    below = [each.pid for each in psutil.Process(process.pid).children(recursive=True)]
    assert {*said["later"], said["numbers"][1]} <= set(below)
    process.kill()
    process.wait()
    end = time.monotonic() + 20
    while alive := [number for number in below if not gone(number)]:
        assert time.monotonic() < end, alive
        time.sleep(0.05)


def test_one_by_another_recipe_is_ended_and_not_used() -> None:
    one = started_early(Recipe())
    assert one is not None
    warming.hand_on(one)
    assert warming.taken(Recipe(("json",))) is None
    assert one.process.poll() is not None
    assert warming.taken(Recipe()) is None


@pytest.mark.parametrize(
    "option",
    [
        [],
        ["--SandboxedExecute.memory=900", "--SandboxedExecute.cell_seconds=7"],
        ["--SandboxedExecute.everything=True"],
        ["--SandboxedExecute.everything=False"],
    ],
)
def test_what_is_started_early_is_what_is_needed(option: list[str], tmp_path: Path) -> None:
    """Or it would be started twice, at nobody's notice."""
    words = [f"--CourseDirectory.root={ROOT}", *option]
    course = Course.here(options=words)
    step = SandboxedExecute(parent=course.app)
    try:
        sandbox = step._sandbox({"nbgrader": {"assignment": "ex04", "notebook": SOURCE.stem}})
        config = light_config.read(None, words)
        assert early.recipe_of(config, light_config.root_of(config), "ex04") == sandbox._recipe
    finally:
        close_all()


@pytest.mark.parametrize(("submissions", "processes"), [(1, 1), (2, 1), (3, 2), (4, 2), (1000, 8)])
def test_no_more_processes_than_pay(submissions: int, processes: int) -> None:
    assert early.lanes(8, submissions) == processes


@pytest.mark.parametrize(("jobs", "student", "number"), [(0, "ada", 0), (4, "ada", 1), (4, "", 2)])
def test_as_many_start_early_as_will_be_used(
    jobs: int, student: str, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ada", "ben", "cem"):
        (tmp_path / "submitted" / name / "ex04").mkdir(parents=True)
    (tmp_path / "source/ex04").mkdir(parents=True)
    (tmp_path / "source/ex04" / SOURCE.name).write_bytes(SOURCE.read_bytes())
    (tmp_path / "nbgrader_config.py").write_text("")
    monkeypatch.chdir(tmp_path)
    closed: list[str] = []
    monkeypatch.setattr(early, "started_early", lambda recipe: SimpleNamespace(close=lambda: closed.append("one")))
    with early.warm_processes("ex04", light_config.read(None), jobs, [student] if student else [], True) as warm:
        assert len(warm) == number
    assert len(closed) == number


@pytest.mark.parametrize("is_right", [True, pytest.param(False, marks=needs(NAMESPACES))])
@needs(LANDLOCK)
def test_the_second_wall_is_started_early_only_where_the_first_is_missing(
    is_right: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And if that was a mistake, such as a machine that was busy for a moment, the first is taken nevertheless."""
    with monkeypatch.context() as missing:
        missing.setattr(Namespaces, "missing", lambda _: "There are none here.")
        warming._likely.cache_clear()
        one = started_early(Recipe())
    warming._likely.cache_clear()
    assert one is not None
    assert one.wall.name == LANDLOCK
    if is_right:
        monkeypatch.setattr(Namespaces, "ways", lambda *_: iter(()))
        monkeypatch.setattr(Namespaces, "missing", lambda _: "There are none here.")
    sandbox = Sandbox(early=one)
    sandbox.start()
    assert sandbox.wall == (LANDLOCK if is_right else NAMESPACES)
    assert is_right or one.process.poll() is not None, "it isn't kept beside the one that is used"
    sandbox.close()
    assert one.process.poll() is not None


def test_where_the_first_wall_may_not_be_taken_for_the_second_none_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Namespaces, "missing", lambda _: "There are none here.")
    warming._likely.cache_clear()
    assert started_early(Recipe(isolation=NAMESPACES)) is None
    warming._likely.cache_clear()
