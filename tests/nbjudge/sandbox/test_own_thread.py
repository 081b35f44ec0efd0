"""What the watch asks in its own thread, in which nobody may keep it waiting."""

import os
import re
import signal
import subprocess
import sys
import threading
import time

import pytest

from nbjudge.course.isolation import NAMESPACES
from nbjudge.sandbox.inside import processes, standing_still, watch, watch_of_many
from tests.support.walls import needs

pytestmark = needs(NAMESPACES)
NEVER_WAITS = re.compile(r"/proc/(\d+|self)/(task/\d+/)?(status|schedstat)|/proc/(loadavg|meminfo)")
"""What the kernel tells without a lock that somebody can hold. Not ``stat``: that waits for who starts a program."""
own, opened = threading.local(), set[str]()


def note(event: str, arguments: tuple) -> None:
    if event == "open" and getattr(own, "looks", False):
        opened.add(str(arguments[0]))


def test_the_watch_itself_opens_nothing_for_which_it_may_have_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    sys.addaudithook(note)
    asked, is_parents = [], watch._is_its_parents

    def noted(*arguments):
        asked.append(threading.current_thread())
        return is_parents(*arguments)

    monkeypatch.setattr(watch, "_is_its_parents", noted)
    monkeypatch.setattr(standing_still, "_have_obeyed", lambda *_: True)
    monkeypatch.setattr(watch_of_many, "last_born", iter(range(10**9)).__next__)  # so all stand still
    begun = ["sh", "-c", "sleep 100 & sleep 100"]
    with subprocess.Popen(["sleep", "100"]) as first, subprocess.Popen(begun, start_new_session=True) as shell:
        try:
            time.sleep(0.2)
            about = processes.Process(shell.pid, 2, processes.fields(f"/proc/{shell.pid}/status"))
            monkeypatch.setattr(watch_of_many, "_processes", lambda: [about])
            looking = watch_of_many.WatchOfMany({"memory": 1, "reserve": 1, "processor": 100})
            looking.pid, looking._niceness = first.pid, (0, 1)
            looking._own = 0
            monkeypatch.setattr(watch.Watch, "_bound", lambda _: 1)  # so it is looked at as exactly as can be
            monkeypatch.setattr(watch.Watch, "_least", lambda *_: 0)
            own.looks = True
            looking.look()
        finally:
            own.looks = False
            first.kill()
            os.killpg(shell.pid, signal.SIGKILL)
    looking.end()
    assert asked
    assert threading.current_thread() not in asked
    assert opened
    assert not {path for path in opened if not NEVER_WAITS.fullmatch(path)}
