"""What a submission may use: that it gets so much, that it gets no more, and that it is told the right reason."""

import itertools
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from nbjudge.course.isolation import NAMESPACES
from nbjudge.sandbox.inside import asking as asking_
from nbjudge.sandbox.inside import (
    confinement,
    forkserver,
    namespaces,
    open_files,
    processes,
    standing_still,
    watch,
    watch_of_many,
)
from nbjudge.sandbox.limits import Limits
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.sandbox.step import ATTEMPTS, imports_of
from nbjudge.sandbox.walls import Namespaces
from tests.support import ROOT, SOURCE
from tests.support.limit_attacks import DEAF, LATE
from tests.support.running import run, said
from tests.support.walls import needs

pytestmark = needs(NAMESPACES)  # those of the second wall: test_second_wall.py
LIMITS = Limits(cell_seconds=60, memory=600)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(imports_of(SOURCE), limits=LIMITS)
    yield sandbox
    sandbox.close()


HONEST = {
    "a pool of processes": "import multiprocessing as m\nwith m.Pool(4) as pool: print(sum(pool.map(abs, range(9))))",
    "an executor": "from concurrent.futures import ProcessPoolExecutor as P\n"
    "with P(2) as pool: print(sum(pool.map(abs, range(9))))",
    "a new process for each task, beside much memory": "import multiprocessing as m\nhoard = b'x' * (400 * 2**20)\n"
    "def at(x): return hoard[x] // 120\n"
    "with m.get_context('fork').Pool(2, maxtasksperchild=1) as p: print(sum(p.map(at, range(36), chunksize=1)))",
    "a program that is long about starting, beside much memory": "import os, time\nhoard = b'x' * (500 * 2**20)\n"
    "os.mkfifo('in')\n"
    "if os.fork() == 0: time.sleep(2); os.write(os.open('in', os.O_WRONLY), b'36'); os._exit(0)\n"
    "streams = [(os.POSIX_SPAWN_OPEN, 0, 'in', os.O_RDONLY, 0)]\n"
    "streams += [(os.POSIX_SPAWN_OPEN, 1, 'out', os.O_WRONLY | os.O_CREAT, 0o600)]\n"
    "os.waitpid(os.posix_spawn('/bin/cat', ['cat'], {}, file_actions=streams), 0); print(open('out').read())",
    "threads": "from concurrent.futures import ThreadPoolExecutor as P\n"
    "with P(20) as pool: print(sum(pool.map(abs, range(9))))",
    "an array that processes share": "import multiprocessing as m\ndef fill(array): array[:] = range(9)\n"
    "array = m.Array('i', 9); child = m.Process(target=fill, args=(array,)); child.start(); child.join()\n"
    "print(sum(array))",
    "a manager and a queue": "import multiprocessing as m\nqueue, shared = m.Queue(), m.Manager().list(range(9))\n"
    "child = m.Process(target=lambda: queue.put(sum(shared))); child.start(); print(queue.get())",
    "named shared memory": "from multiprocessing.shared_memory import SharedMemory as S\n"
    "one = S('x', True, 9 * 2**20); two = S('x'); one.buf[7] = 36; print(two.buf[7])",
    "a mapped file": "import numpy as np\nmapped = np.memmap('x', 'int64', 'w+', shape=9); mapped[:] = range(9)\n"
    "mapped.flush(); print(np.fromfile('x', 'int64').sum())",
    "private memory by mmap": "import mmap\npart = mmap.mmap(-1, 2**20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n"
    "part[0] = 36; print(part[0])",
    "asyncio with a program": "import asyncio\n"
    "child = await asyncio.create_subprocess_exec('echo', '36', stdout=-1)\n"
    "print((await child.communicate())[0].decode().strip())",
    "asyncio with threads, a server and clients": "import asyncio\n"
    "async def answer(reader, writer): writer.write(await reader.read(9)); writer.close()\n"
    "async def ask(word):\n    reader, writer = await asyncio.open_unix_connection('x')\n"
    "    writer.write(word); writer.write_eof(); return int(await reader.read(9))\n"
    "async with await asyncio.start_unix_server(answer, 'x'):\n"
    "    said = await asyncio.gather(*(ask(b'1') for _ in range(30)))\n"
    "print(sum(said) + sum(await asyncio.gather(*(asyncio.to_thread(abs, 1) for _ in range(6)))))",
    "forkserver": "import multiprocessing as m\nm.set_start_method('forkserver', force=True)\n"
    "with m.Pool(4) as pool: print(sum(pool.map(abs, range(9))))",
    "spawn": "import multiprocessing as m\nm.set_start_method('spawn', force=True)\n"
    "with m.Pool(2) as pool: print(sum(pool.map(abs, range(9))))",
    "joblib": "import joblib\nprint(sum(joblib.Parallel(4)(joblib.delayed(abs)(x) for x in range(9))))",
    "programs one after the other": "import signal, subprocess\nended = []\n"
    "signal.signal(signal.SIGCHLD, lambda *_: ended.append(1))\n"
    "codes = [subprocess.run(['true']).returncode for _ in range(200)]\n"
    "print(36 if ended and not any(codes) else codes)",
    "a shell": "!echo $((6 * 6))",
    "a program of its own session": "import subprocess\n"
    "print(subprocess.run(['echo', '36'], capture_output=True, start_new_session=True).stdout.decode())",
    "children that nobody waits for": "import subprocess, time\n"
    "kept = [subprocess.Popen(['true'], start_new_session=True) for _ in range(36)]\n"
    "sleeps = subprocess.Popen(['sleep', '100'], start_new_session=True)\n"
    "time.sleep(1); print(len(kept))",
    "a child in the session of one that has ended": "import os, time\nif os.fork() == 0:\n    os.setsid()\n"
    "    if os.fork() == 0: time.sleep(100)\n    os._exit(0)\ntime.sleep(1); print(36)",
    "a database in a file": "import sqlite3\nbook = sqlite3.connect('x.db'); book.execute('create table t (x)')\n"
    "book.executemany('insert into t values (?)', [(x,) for x in range(9)]); book.commit()\n"
    "print(book.execute('select sum(x) from t').fetchone()[0])",
    "a file that is mapped many times": "import numpy as np\nnp.zeros(50 * 2**20, 'u1').tofile('x')\n"
    "mapped = [np.memmap('x', 'u1', 'r') for _ in range(16)]\n"
    "print(36 + sum(int(each[::4096].sum()) for each in mapped)); import time; time.sleep(0.5)",
    "zeros of a device": "print(open('/dev/zero', 'rb').read(36).count(0))",
    "copies with all that belongs to a file": "import shutil\nopen('x', 'w').write('36'); shutil.copy2('x', 'y')\n"
    "!cp -a y z\nprint(open('z').read())",
    "a pair of sockets with its own buffers": "import socket\none, two = socket.socketpair()\n"
    "one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**20); one.send(b'36'); print(two.recv(9).decode())",
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_code_gets_what_it_needs(sandbox: Sandbox, name: str) -> None:
    (result,) = run(sandbox, HONEST[name])
    assert said(result).strip() == "36"
    assert result.stopped == ""


def test_processes_that_share_memory_are_counted_once(sandbox: Sandbox) -> None:
    """Six of them map 200 MiB each; it is the same memory."""
    forks = "import os, time\nhoard = bytearray(b'x') * (200 * 2**20)\nchildren = []\nfor _ in range(6):\n"
    forks += "    children.append(os.fork())\n    if not children[-1]: time.sleep(60); os._exit(0)\ntime.sleep(1)\n"
    forks += "for child in children: os.kill(child, 9)\n'there'"
    (result,) = run(sandbox, forks)
    assert said(result) == "'there'"


FONTS = """
import os, stat
def files():
    for number in map(int, os.listdir('/proc/self/fd')):
        try: about = os.fstat(number)
        except OSError: continue
        if number > 2: yield number, about.st_mode
for number, mode in files():
    if stat.S_ISREG(mode): print(os.readlink(f'/proc/self/fd/{number}'), os.lseek(number, 0, os.SEEK_CUR), end=' ')
    elif not stat.S_ISFIFO(mode): print(os.readlink(f'/proc/self/fd/{number}'), end=' ')
"""
MOVED = "\nfor number, mode in files():\n    if stat.S_ISREG(mode): os.lseek(number, 7, os.SEEK_SET)"


def test_no_two_submissions_share_an_open_file(sandbox: Sandbox) -> None:
    first, second = (said(run(sandbox, FONTS + MOVED)[0]) for _ in range(2))
    assert first == second
    assert ".ttf 7 " not in first
    assert "socket" not in first
    (figure,) = run(sandbox, "import matplotlib.pyplot as plt\nplt.title('every $x$'); plt.plot([1]);")
    assert "image/png" in figure.outputs[0].data


@pytest.fixture
def limited(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox whose limits may be set by a test."""
    with monkeypatch.context() as patched:
        patched.setattr(sandbox, "limits", sandbox.limits)
        yield sandbox


@pytest.mark.parametrize(("cell_seconds", "cells"), [(0.2, [LATE] * 40), (60, [LATE] * 12)])
def test_an_interrupt_moves_no_end(limited: Sandbox, cell_seconds: float, cells: list[str]) -> None:
    """Each cell takes 2.5 seconds to heed it."""
    limited.limits = replace(LIMITS, cell_seconds=cell_seconds, notebook_seconds=4)
    begin = time.monotonic()
    results = run(limited, *cells)
    assert time.monotonic() - begin < 4 + 10
    assert {result.stopped for result in results} == {"time"}
    assert said(results[-1]) == "this cell didn't run, because the notebook was stopped before it: its time was over"


def test_who_has_little_time_left_is_not_told_that_it_took_more_than_a_cell_may(limited: Sandbox) -> None:
    limited.limits = replace(LIMITS, cell_seconds=4, notebook_seconds=6)
    _, slow = run(limited, "while True: pass", "import time\ntime.sleep(3.5)")
    assert slow.stopped == "time"
    assert "longer than 6 seconds in all" in said(slow) or "didn't run" in said(slow)


def test_the_end_comes_also_where_nothing_is_heeded(limited: Sandbox) -> None:
    limited.limits = replace(LIMITS, notebook_seconds=3)
    begin = time.monotonic()
    results = run(limited, "1", DEAF, "2")
    assert time.monotonic() - begin < 3 + 10
    assert [result.stopped for result in results] == ["", "time", "time"]
    assert said(results[1]) == "the notebook was stopped in this cell, because it took longer than 3 seconds in all"
    assert "didn't run" in said(results[2])


SLEEPS = "import time\nwhile True: time.sleep(0.1)"
SLEEPS_ON = "import time\nwhile True:\n    try:\n        while True: time.sleep(0.1)\n    except BaseException: pass"


@pytest.mark.parametrize("endless", [SLEEPS, SLEEPS_ON])
def test_an_endless_cell_takes_no_time_from_the_next(limited: Sandbox, endless: str) -> None:
    limited.limits = replace(LIMITS, cell_seconds=6, notebook_seconds=60)
    results = run(limited, endless, "import time\ntime.sleep(4.5)\n'there'")
    assert [result.stopped for result in results] == ["time", ""]
    assert said(results[1]) == "'there'"


def test_processor_time_is_bounded_for_all_its_processes(limited: Sandbox) -> None:
    spins = "import os, time\nfor _ in range(3):\n    if os.fork() == 0:\n        while True: pass\ntime.sleep(60)"
    execution = limited.run([(0, "1"), (1, spins)], {}, processor=1.5)
    assert (execution.stopped_at, execution.reason) == (1, "processor")
    assert execution.processor > 1.5


def test_processor_time_of_those_that_nobody_waits_for_counts(limited: Sandbox) -> None:
    spins = "import os, signal, time\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\nwhile True:\n"
    spins += "    if os.fork() == 0:\n        end = time.process_time() + 0.3\n"
    spins += "        while time.process_time() < end: pass\n        os._exit(0)\n    time.sleep(0.4)"
    execution = limited.run([(0, spins)], {}, processor=1.5)
    assert execution.reason == "processor"


def test_a_notebook_gets_no_more_processor_time_by_ending_itself(
    limited: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, runs = [], Sandbox.run

    def run_and_note(self: Sandbox, cells, files, end=None, processor=None, mend=()):
        given.append((end, processor))
        return runs(self, cells, files, end, processor, mend)

    monkeypatch.setattr(Sandbox, "run", run_and_note)
    ends = "import os, time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass\nos._exit(1)"
    run(limited, ends, ends, "1")
    (first, all_of_it), *later = given
    assert all_of_it == LIMITS.notebook_seconds
    assert [end for end, _ in later] == [first, first]
    assert later[-1][1] < later[0][1] < all_of_it - 0.2


def test_who_did_not_run_is_not_told_that_it_ended_the_process(limited: Sandbox) -> None:
    results = run(limited, *["import os\nos._exit(3)"] * (ATTEMPTS + 2))
    for result in results[:ATTEMPTS]:
        assert said(result) == "this cell ended the whole process (exit code 3)"
    for result in results[ATTEMPTS:]:
        assert (
            f"didn't run, because the notebook was stopped before it: cells before it had ended it {ATTEMPTS}"
            in said(result)
        )


@pytest.mark.parametrize(
    ("used", "available", "reason"), [(700, 9000, "memory"), (500, 9000, ""), (500, 200, "scarce"), (200, 200, "")]
)
def test_who_ends_for_lack_of_memory(monkeypatch: pytest.MonkeyPatch, used: int, available: int, reason: str) -> None:
    """Under a limit of 600 MiB, where 256 must be left to the machine."""
    looking = watch_of_many.WatchOfMany({"memory": 600, "reserve": 256, "processor": 60})
    monkeypatch.setattr(watch_of_many, "_processes", lambda: [])  # those of this machine aren't ours
    monkeypatch.setattr(watch, "_available", lambda: available * 2**10)
    monkeypatch.setattr(watch.Watch, "_used", lambda *_: used * 2**10)
    assert looking.look() == reason


def also_run(monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    """Have each sandbox run a statement before its warm process begins to serve."""
    command, imports = Namespaces.command, "from inside import forkserver; "

    def changed(self: Namespaces, *args: Any) -> Any:
        (*words, code), environment = command(self, *args)
        assert imports in code
        return [*words, code.replace(imports, f"{imports}{statement}; ")], environment

    monkeypatch.setattr(Namespaces, "command", changed)


@pytest.mark.parametrize("error", ["1 / 0", "int('x')", "open('/no')"])
def test_an_error_of_the_watch_ends_the_submission_and_not_the_watch(
    error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or else it would run on without a watch, or take the sandbox of the next one with it."""
    broken = f"from inside import watch; look = watch.Watch.look; fail = lambda: {error}; "
    also_run(monkeypatch, f"{broken}watch.Watch.look = lambda it: fail() if it.processor > 1 else look(it)")
    sandbox = Sandbox(isolation=NAMESPACES)
    results = run(sandbox, "1", DEAF, "3")
    process = sandbox._process
    assert [result.stopped for result in results] == ["", "unseen", ""]
    assert said(results[1]) == "the notebook was stopped in this cell, because what it used couldn't be measured"
    assert said(run(sandbox, "4")[0]) == "4"
    assert sandbox._process is process
    sandbox.close()


def test_who_can_not_be_made_to_stand_still_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody seems to be born at each look, also while all are stopped."""
    count = "watch_of_many.last_born = iter(range(10**9)).__next__"
    also_run(monkeypatch, f"from inside import watch_of_many; {count}")
    sandbox = Sandbox(isolation=NAMESPACES)
    results = run(sandbox, "1", "import time\ntime.sleep(30)", "3")
    sandbox.close()
    assert [result.stopped for result in results] == ["", "unseen", ""]


RING = """
import os, signal, time
os.setpgid(0, 0)
for _ in range(8):
    if os.fork() == 0:
        while True: os.killpg(0, signal.SIGCONT)
time.sleep(50)
"""


def test_those_who_wake_one_another_end_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the watch waits for those who only need a processor to obey."""
    count = "watch_of_many.last_born = iter(range(10**9)).__next__"
    patience = "standing_still.PATIENCE = 10**6"
    also_run(monkeypatch, f"from inside import standing_still, watch_of_many; {count}; {patience}")
    sandbox = Sandbox(limits=Limits(cell_seconds=60, notebook_seconds=90), isolation=NAMESPACES)
    results = run(sandbox, "1", RING, "3")
    sandbox.close()
    assert [result.stopped for result in results] == ["", "unseen", ""]


def test_who_takes_long_to_stand_still_is_looked_at_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that lasts isn't stopped, and can fill gibibytes."""
    looks = iter(["", "", "", "memory"])
    monkeypatch.setattr(standing_still, "PATIENCE", 10**6)
    monkeypatch.setattr(watch_of_many, "last_born", iter(range(10**9)).__next__)
    monkeypatch.setattr(watch.Watch, "look", lambda _: next(looks))
    spins = [sys.executable, "-c", "print(flush=True)\nwhile True: pass"]
    with subprocess.Popen(["sleep", "1000"]) as first, subprocess.Popen(spins, stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout
            assert child.stdout.readline() == b"\n"
            about = processes.Process(child.pid, 2, processes.fields(f"/proc/{child.pid}/status"))
            monkeypatch.setattr(watch_of_many, "_processes", lambda: [about])
            looking = watch_of_many.WatchOfMany({"memory": 100, "reserve": 1, "processor": 100})
            looking.pid = first.pid
            monkeypatch.setattr(standing_still, "_have_obeyed", lambda *_: False)
            assert looking.look() == "memory"
        finally:
            child.kill()
            first.kill()


ENDS_SLOWLY = {"State": b"R (running)", "PPid": b"1", "Threads": b"1", "NSsid": b"1"}
"""One that has no memory any more to be asked about, and isn't dead yet."""


def test_who_stands_still_does_so_until_all_ends_are_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long that takes: then nobody gets memory meanwhile, and orders are heard between two looks."""
    orders: list[int] = []
    ends = [processes.Process(10**7, 3, dict(ENDS_SLOWLY))]
    monkeypatch.setattr(standing_still, "PATIENCE", 0.1)
    monkeypatch.setattr(standing_still, "goes_on", lambda _: True)
    monkeypatch.setattr(standing_still, "_have_obeyed", lambda *_: False)
    monkeypatch.setattr(watch_of_many, "_processes", lambda: ends)
    monkeypatch.setattr(watch_of_many, "last_born", lambda: b"1")
    monkeypatch.setattr(os, "kill", lambda _, order: orders.append(order))
    looking = watch_of_many.WatchOfMany({"memory": 600, "reserve": 1, "processor": 100})
    looking.pid = 1
    assert (looking.look(), looking.look()) == ("", "")
    assert orders == [standing_still.STOP, standing_still.STOP]
    ends[0].status["State"] = b"Z (zombie)"
    assert looking.look() == ""
    assert orders == [standing_still.STOP, standing_still.STOP, standing_still.GO_ON]
    looking.end()


@pytest.mark.parametrize(("each", "seen"), [(0.01, ["", "", "", ""]), (0.2, ["", "", "unseen"])])
def test_who_runs_while_all_are_to_stand_still_ends(
    each: float, seen: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody wakes one of them again and again, while one is on the way to its end."""
    others = [processes.Process(10**7, 3, dict(ENDS_SLOWLY)), of_size(10**7 + 1, 1000)]
    others[1].status["State"] = b"T (stopped)"
    has_run = itertools.count(0, each)
    monkeypatch.setattr(standing_still, "goes_on", lambda _: False)
    monkeypatch.setattr(watch_of_many, "goes_on", lambda _: False)
    monkeypatch.setattr(watch_of_many, "ran", lambda _: next(has_run))
    monkeypatch.setattr(watch_of_many, "_processes", lambda: others)
    monkeypatch.setattr(watch_of_many, "last_born", lambda: b"1")
    monkeypatch.setattr(os, "kill", lambda *_: None)
    monkeypatch.setattr(watch_of_many.WatchOfMany, "_asked", lambda *_: "")
    looking = watch_of_many.WatchOfMany({"memory": 600, "reserve": 1, "processor": 100})
    looking.pid = 1
    assert [looking.look() for _ in seen] == seen
    looking.end()


def of_size(pid: int, kib: int, parent: int = 1) -> processes.Process:
    """One that seems to have so much memory."""
    status = {"RssAnon": b"%d kB" % kib, "PPid": b"%d" % parent, "Threads": b"1", "NSsid": b"1"}
    return processes.Process(pid, pid, status)


def test_what_each_got_since_it_was_seen_first_is_counted_without_waiting() -> None:
    """Whoever has children has pages with them together; what it gets later is its own."""
    looking = watch_of_many.WatchOfMany({"memory": 100, "reserve": 1, "processor": 100})
    looking._own = 0

    def least(*sizes: int) -> int:
        return looking._least([of_size(2 + place, kib) for place, kib in enumerate(sizes)])

    inexact = watch.INEXACT
    assert least(50_000) == 50_000  # one has it all
    assert least(50_000, 50_000, 50_000) == 50_000  # three that may share it
    assert least(90_000, 90_000, 90_000) == 3 * (40_000 - inexact)
    assert least(90_000, 20_000, 50_000) == 90_000
    assert least(60_000, 80_000, 90_000) == 10_000 + 60_000 + 40_000 - 3 * inexact  # the second one let go of some
    assert least() == 0


def test_memory_is_counted_while_a_look_is_kept_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question of a look lasts, since those who are asked keep it waiting; meanwhile they fill memory."""
    looking = watch_of_many.WatchOfMany({"memory": 600, "reserve": 1, "processor": 100})
    looking._own, size, asked, is_over = 0, 350_000, [], threading.Event()
    monkeypatch.setattr(watch, "_available", lambda: 10**9)

    def kept_waiting(process: processes.Process, *_: Any) -> tuple[int, int]:
        nonlocal size
        size += 200_000
        asked.append(process.pid)
        is_over.wait()
        return 0, 0

    monkeypatch.setattr(watch_of_many, "_processes", lambda: [of_size(pid, size) for pid in range(10**7, 10**7 + 6)])
    monkeypatch.setattr(watch_of_many, "_tables", lambda _: [])
    monkeypatch.setattr(watch_of_many, "_pieces", lambda *_: (0, 0))
    monkeypatch.setattr(watch.Watch, "_see_tasks", lambda *_: None)
    monkeypatch.setattr(watch, "_proportional", kept_waiting)
    monkeypatch.setattr(watch_of_many.WatchOfMany, "_has_too_much_open", lambda *_: False)
    assert looking.look() == "memory"
    assert len(asked) == 1
    is_over.set()
    looking.end()


@pytest.mark.parametrize(("gibibytes", "is_too_long"), [(0, True), (1, True), (4, False)])
def test_a_look_may_take_long_where_there_is_much_to_look_at(
    gibibytes: int, is_too_long: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pool over a large array is honest, and each of its processes maps all of it."""
    looking = watch_of_many.WatchOfMany({"memory": 10**6, "reserve": 1, "processor": 100})

    def slow(*_: Any) -> int:
        looking._by_page, end = gibibytes * 2**20, time.thread_time() + 0.2
        while time.thread_time() < end:
            pass
        return 0

    monkeypatch.setattr(watch_of_many, "_processes", lambda: [])
    monkeypatch.setattr(watch, "LONGEST", 0.0)
    monkeypatch.setattr(watch_of_many, "LONG", asking_.MOST_KEPT_WAITING)  # or it stands still where others compute
    monkeypatch.setattr(watch.Watch, "_used", slow)
    seen, took = forkserver._look(looking)
    looking.end()
    assert seen == ("unseen" if is_too_long else "")
    assert took >= 0.2


def test_all_stand_still_while_a_look_goes_on_that_takes_long() -> None:
    """Copies of what processes share are seen only page by page, and so they make none meanwhile."""
    asking = asking_.Asking()

    def works(seconds: float) -> None:
        end = time.thread_time() + seconds
        while time.thread_time() < end:
            pass

    with pytest.raises(asking_.KeptWaitingError):
        asking.answer(lambda: works(1.5), lambda: None, asking_.LONG)
    asking.answer(lambda: works(0.7), lambda: None)
    assert asking.took >= 0.7
    asking.end()


def test_a_look_that_lasts_is_broken_off_for_an_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or else the end of a submission would wait for it."""
    looking, is_over = watch_of_many.WatchOfMany({"memory": 600, "reserve": 1, "processor": 100}), threading.Event()
    monkeypatch.setattr(watch_of_many, "_processes", lambda: [])
    monkeypatch.setattr(watch_of_many.WatchOfMany, "_has_too_much_of_all", lambda _: is_over.wait())
    looking.is_called = lambda: True
    with pytest.raises(watch.CalledError):
        looking.look()
    is_over.set()
    looking.end()


def test_a_question_that_is_not_answered_keeps_nobody_waiting() -> None:
    """Nor does the next one, as long as the first one is still asked."""
    asking, is_over, looks = asking_.Asking(), threading.Event(), []
    with pytest.raises(asking_.KeptWaitingError):
        asking.answer(is_over.wait, lambda: looks.append(1))
    assert len(looks) > 1
    with pytest.raises(asking_.KeptWaitingError):
        asking.answer(lambda: 1, lambda: None)
    assert asking.is_waiting
    is_over.set()
    asking.end()
    assert asking.answer(lambda: 1, lambda: None) == 1
    with pytest.raises(ZeroDivisionError):
        asking.answer(lambda: 1 // 0, lambda: None)
    with pytest.raises(ZeroDivisionError):
        asking.answer(lambda: time.sleep(1), lambda: 1 // 0)
    asking.end()


SHARES = """
import mmap, os, sys
memory = mmap.mmap(-1, 50 * 2**20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
memory.write(b"x" * len(memory))
if os.fork():
    os.wait()
else:
    print(os.getpid(), flush=True)
    sys.stdin.buffer.raw.read(1)
    memory.close()
    print("let go", flush=True)
    sys.stdin.buffer.raw.read(1)
"""


def test_who_lets_go_of_shared_memory_during_a_look_hides_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of two was counted with a half, and has all of it when the second one's turn comes."""

    def of(pid: int) -> processes.Process:
        return processes.Process(pid, 2, processes.fields(f"/proc/{pid}/status"))

    proportional, is_to_let_go = watch._proportional, False

    def slow(process: processes.Process, mapped: int) -> tuple[int, int]:
        if process.pid == child and is_to_let_go:
            os.write(parent.stdin.fileno(), b"x")
            assert parent.stdout.readline() == b"let go\n"
        return proportional(process, mapped)

    limits = {"memory": 100, "reserve": 1, "processor": 100}
    looking = watch_of_many.WatchOfMany(limits)
    looking._own = 0
    with subprocess.Popen([sys.executable, "-c", SHARES], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdin
        assert parent.stdout
        child = int(parent.stdout.readline())
        monkeypatch.setattr(watch, "_proportional", slow)
        both = [of(parent.pid), of(child)]
        bound = 100 * 2**10 - 1
        mapped = looking._mapped(both, bound)
        assert 50 * 2**10 < looking._used(both, mapped, bound) < 90 * 2**10
        is_to_let_go = True
        with pytest.raises(watch_of_many.LetGoError):
            looking._used(both, mapped, bound)
        parent.stdin.write(b"x")
        parent.stdin.close()


def test_many_processes_weigh_no_more_than_one(sandbox: Sandbox) -> None:
    """The nicer a process is, the less of the processor it gets beside others. The one that runs the cells stays."""
    forks = "import os, time\nchildren = []\nfor _ in range(MANY):\n    children.append(os.fork())\n"
    forks += "    if not children[-1]: time.sleep(100); os._exit(0)\nfor _ in range(600):\n    time.sleep(0.1)\n"
    forks += "    nice = {os.getpriority(os.PRIO_PROCESS, child) for child in children}\n"
    forks += "    if nice == {NICE}: break\nnice, os.getpriority(os.PRIO_PROCESS, 0)"
    (result,) = run(sandbox, "import os\nos.getpriority(os.PRIO_PROCESS, 0)")
    own = int(said(result))  # the tests themselves may run as nice ones
    for many, nice in ((1, own), (6, max(own, 10)), (50, 19)):
        (result,) = run(sandbox, forks.replace("MANY", str(many)).replace("NICE", str(nice)))
        assert said(result) == f"({{{nice}}}, {own})"


def test_who_starts_processes_without_end_is_made_nice_itself(sandbox: Sandbox) -> None:
    forks = f"import os, time\nfor _ in range({watch.MANY // 50 + 3}):\n    children = []\n    for _ in range(50):\n"
    forks += "        children.append(os.fork())\n        if not children[-1]: time.sleep(100); os._exit(0)\n"
    forks += "    time.sleep(0.5)\n    for child in children: os.kill(child, 9); os.waitpid(child, 0)\n"
    (result,) = run(sandbox, forks + "os.getpriority(os.PRIO_PROCESS, 0)")
    assert int(said(result)) > 0


def test_the_page_states_the_most_that_can_be_held() -> None:
    """Beside what is counted, in MiB: what the kernel holds for files, sockets, pipes and processes."""
    default = Limits()
    folders = 3 * default.disk
    names = 3 * namespaces.FILES * (1.5 + 1.75) / 2**10  # and where the one page of each lies, far behind its beginning
    sockets = watch_of_many.MOST_SOCKETS * 0.55
    pipes = 64 + default.processes * confinement.DESCRIPTORS / 2 * 8 / 2**10
    # of a whole file each open one can have a lock, which nobody counts once the process that made it has ended
    files_with_locks = default.processes * confinement.DESCRIPTORS
    terminals, locks = namespaces.TERMINALS * 0.25, (watch_of_many.MOST_LOCKS + files_with_locks) * 0.25 / 2**10
    texts = open_files.MOST_KEPT * 16
    assert namespaces.FILES * (255 * 4 + 1) < 16 * 2**20  # the longest of their lines
    files = default.processes * confinement.DESCRIPTORS * 0.5 / 2**10
    pieces = watch_of_many.MOST_PIECES * (0.36 + 0.0625 * default.processes) / 2**10
    processes = default.processes * 48 / 2**10
    imported = 120
    most = imported + folders + names + sockets + pipes + terminals + locks + texts + files + pieces + processes
    page = (ROOT / "docs/security.md").read_text()
    (stated,) = re.findall(r"at most ([0-9.]+) GiB beside `memory`", page)
    assert float(stated) - 0.1 < most / 2**10 <= float(stated)
