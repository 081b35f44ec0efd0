"""The second wall: what honest code has behind it, what a submission is told, and that nothing of it stays."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nbjudge.course.isolation import LANDLOCK
from nbjudge.sandbox import walls
from nbjudge.sandbox.inside import landlock, outer_wall, watch_of_one
from nbjudge.sandbox.limits import Limits
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.sandbox.step import imports_of
from tests.support import ROOT, SOURCE
from tests.support.landlock_attacks import AIMED
from tests.support.running import run, said
from tests.support.walls import needs

pytestmark = needs(LANDLOCK)
LIMITS = Limits(cell_seconds=60, memory=600)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(imports_of(SOURCE), limits=LIMITS, isolation=LANDLOCK)
    yield sandbox
    sandbox.close()


HONEST = {
    "threads": "from concurrent.futures import ThreadPoolExecutor as P\n"
    "with P(20) as pool: print(sum(pool.map(abs, range(9))))",
    "a mapped file": "import numpy as np\nmapped = np.memmap('x', 'int64', 'w+', shape=9); mapped[:] = range(9)\n"
    "mapped.flush(); print(np.fromfile('x', 'int64').sum())",
    "joblib": "import joblib\n"
    "print(sum(joblib.Parallel(4, backend='threading')(joblib.delayed(abs)(x) for x in range(9))))",
    "asyncio with threads": "import asyncio\n"
    "print(sum(await asyncio.gather(*(asyncio.to_thread(abs, x) for x in range(9)))))",
    "a database in a file": "import sqlite3\nbook = sqlite3.connect('x.db'); book.execute('create table t (x)')\n"
    "book.executemany('insert into t values (?)', [(x,) for x in range(9)]); book.commit()\n"
    "print(*book.execute('select sum(x) from t').fetchone())",
    "copies": "import shutil\nopen('x', 'w').write('36'); shutil.copy2('x', 'y'); shutil.copytree('.', 'z')\n"
    "print(open('z/y').read())",
    "temporary files": "import tempfile, os\nwith tempfile.NamedTemporaryFile('w') as file:\n"
    "    file.write('36'); file.flush(); print(open(file.name).read())",
    "a pair of sockets": "import socket\none, two = socket.socketpair(); one.send(b'36'); print(two.recv(9).decode())",
    "names and folders": "import os\nos.makedirs('a/b'); os.rename('a/b', 'c'); os.path.expanduser('~'); print(36)",
    "an archive": "import zipfile\nwith zipfile.ZipFile('x.zip', 'w') as z: z.writestr('a/b', '36')\n"
    "zipfile.ZipFile('x.zip').extractall('out'); print(open('out/a/b').read())",
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_code_gets_what_it_needs(sandbox: Sandbox, name: str) -> None:
    (result,) = run(sandbox, HONEST[name])
    assert said(result).strip() == "36"


@pytest.mark.parametrize(
    "starts",
    [
        "import subprocess; subprocess.run(['true'])",
        "!true",
        "import os; os.fork()",
        "import os; os.system('true')",
        "import multiprocessing as m\nm.Process(target=print).start()",
    ],
)
def test_who_needs_another_process_is_told_that_there_is_none(sandbox: Sandbox, starts: str) -> None:
    (result,) = run(sandbox, starts)
    assert "can't start other processes here: this machine grades without namespaces" in said(result)


def test_nothing_of_one_submission_reaches_the_next(sandbox: Sandbox) -> None:
    run(
        sandbox,
        "import builtins, numpy, os, tempfile, threading, time\n"
        "builtins.leak = numpy.leak = os.environ['LEAK'] = 'x'\n"
        "[open(f'{place}/leak', 'w') for place in (os.getcwd(), tempfile.gettempdir())]\n"
        "threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()",
    )
    (result,) = run(
        sandbox,
        "import builtins, numpy, os, tempfile, threading\n"
        "[hasattr(builtins, 'leak'), hasattr(numpy, 'leak'), 'LEAK' in os.environ, os.listdir(), "
        "os.listdir(tempfile.gettempdir()), threading.active_count()]",
    )
    assert said(result) == "[False, False, False, [], [], 1]"


def test_what_it_has_on_the_disk_is_bounded(sandbox: Sandbox) -> None:
    fills = "import time\nfor number in range(9): open(str(number), 'wb').write(bytes(2 * 10**7))\ntime.sleep(60)"
    results = run(sandbox, "1", fills, "3")
    assert [result.stopped for result in results] == ["", "disk", ""]
    assert said(results[1]).endswith("it had more in its folders than 64 MiB in each, or too many files or folders")
    assert said(run(sandbox, "import os\nos.listdir()")[0]) == "[]"


@pytest.mark.parametrize("version", range(1, landlock.NEWEST + 1))
def test_each_version_of_landlock_holds_files_sockets_and_signals(version: int, tmp_path: Path) -> None:
    """As on older kernels: what a version has no right for, the list of system calls refuses."""
    course = tmp_path / "course"
    for name in ("gradebook.db", "submitted/other/ex04/nb.ipynb", "secret"):
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        (course / name).write_text("own")
    sandbox = Sandbox(limits=LIMITS, isolation=LANDLOCK)
    sandbox._walls = [walls.Landlock(version)]
    before = [(path, path.lstat().st_mtime_ns, path.lstat().st_mode) for path in sorted(course.rglob("*"))]
    for name in ("files of the machine", "sockets by name", "signals", "links in place of its folders"):
        code = AIMED[name].code.replace("{course}", str(course)).replace("{home}", str(course))
        code = code.replace("{pid}", str(os.getpid())).replace("{abstract}", "x").replace("{{", "{").replace("}}", "}")
        (result,) = run(sandbox, code)
        assert "FOUND" not in str(result.outputs), result.outputs
    moves = "import os\nos.makedirs('a/b'); open('a/x', 'w').close(); os.rename('a/x', 'x')"
    moved = "".join(each.get("ename", "") for each in run(sandbox, moves)[0].outputs)
    assert moved == ("OSError" if version == 1 else "")  # the first one lets nothing move to another folder
    sandbox.close()
    assert [(path, path.lstat().st_mtime_ns, path.lstat().st_mode) for path in sorted(course.rglob("*"))] == before


@pytest.mark.parametrize(("has", "words"), [(1, 1), (3, 1), (4, 2), (5, 2), (6, 3), (9, 3)])
def test_no_kernel_is_asked_for_more_than_it_has(has: int, words: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would refuse the whole."""
    asked: list[bytes] = []

    class Kernel:
        def syscall(self, number: int, *arguments: Any) -> int:
            asked.extend(arguments[:1])
            return os.open("/dev/null", os.O_RDONLY)

    monkeypatch.setattr(landlock, "version", lambda: has)
    monkeypatch.setattr(landlock, "libc", Kernel())
    with landlock.ruleset(landlock.NEWEST, []):
        pass
    (about,) = asked
    assert len(about) == 8 * words
    known = {1: 13, 3: 15, 4: 15, 5: 16, 6: 16, 9: 16}[has]
    assert int.from_bytes(about[:8], "little") == 2**known - 1


def test_what_is_hidden_in_a_folder_that_is_shown_has_no_rule(tmp_path: Path) -> None:
    for name in ("shown/hidden/again", "shown/hidden/other", "shown/packages"):
        (tmp_path / name).mkdir(parents=True)
    shown, hidden = tmp_path / "shown", tmp_path / "shown/hidden"
    rules = dict(outer_wall.readable([str(shown), str(hidden / "again")], [str(hidden)]))
    assert rules == {str(shown / "packages"): landlock.READ, str(hidden / "again"): landlock.READ}


def test_a_killed_grader_leaves_no_process_and_no_folder(tmp_path: Path) -> None:
    program = "from nbjudge.sandbox.sandbox import Sandbox\nfrom nbjudge.sandbox.step import execute\n"
    program += "sandbox = Sandbox(isolation='landlock')\n"
    program += "execute(sandbox, {0: \"import time; open('begun', 'w').close(); time.sleep(600)\"}, {})"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    tmp_path.chmod(0o755)
    grader = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=environment)
    end = time.monotonic() + 120
    while not list(tmp_path.glob("nbjudge-*/work/submission/begun")):
        assert time.monotonic() < end, "the submission doesn't run"
        time.sleep(0.1)
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    while list(tmp_path.glob("nbjudge-*/work/*")):
        assert time.monotonic() < end, list(tmp_path.glob("nbjudge-*/work/*"))
        time.sleep(0.1)


def test_the_time_in_which_the_watch_stops_a_submission_is_not_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where others take the processors, a look can take long, and all the while the submission stands still."""
    looking = watch_of_one.WatchOfOne(
        {"memory": 600, "reserve": 0, "processor": 60, "processes": 64, "disk": 64, "file": 64}, [str(tmp_path)]
    )
    monkeypatch.setattr(looking, "_on_disk", lambda: time.sleep(0.3) or 0)
    with subprocess.Popen(["sleep", "60"]) as child:
        looking.pid = child.pid
        assert looking.look() == ""
        child.kill()
    assert looking.delayed >= 0.3


SLOW_START = """
import os, socket, sys, time
from pathlib import Path
from nbjudge.sandbox.inside import confinement, one_process
from nbjudge.sandbox.inside.runner import Job
confinement.drop_privileges()
confinement.set_dumpable(False)  # as the warm process is
becomes_leader = os.setsid
os.setsid = lambda: (time.sleep(0.5), becomes_leader())  # as if others had the processors
one_process.runner.run = lambda *_: time.sleep(60)
places = [f"{os.getcwd()}/home", f"{os.getcwd()}/tmp"]
settings = {"version": 1, "shown": [], "packages": {}}
wall = one_process.OneProcess(places, socket.socketpair()[0], settings)
watch = wall.watch({"memory": 600, "reserve": 0, "processor": 60, "processes": 64, "disk": 64, "file": 64})
child = wall.begin(type("Shell", (), {})(), {}, Job(*os.pipe()))
try: print([watch.look() for _ in range(3)])
finally: wall.kill(child)
"""


def test_who_begins_late_hides_nothing(tmp_path: Path) -> None:
    """Where others take the processors, a look can come before the first line of a submission's process has run."""
    words = [sys.executable, "-c", SLOW_START]
    said = subprocess.run(words, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True)
    assert said.stdout == b"['', '', '']\n", said.stderr


def test_a_folder_without_a_name_counts(tmp_path: Path) -> None:
    """It keeps its room on the disk for as long as it is open, also when it is empty."""
    (tmp_path / "folder").mkdir()
    number = os.open(tmp_path / "folder", os.O_RDONLY)
    (tmp_path / "folder").rmdir()
    try:
        assert os.fstat(number).st_ino in watch_of_one._open_without_a_name("/proc/self")
    finally:
        os.close(number)
