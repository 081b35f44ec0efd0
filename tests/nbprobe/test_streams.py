"""What stands in the place of ``sys.stdout`` while a function is called."""

import io
import subprocess
import sys

import pytest

from nbprobe.probe import collecting, probe
from nbprobe.streams import in_place_of_stdout, stdout
from tests.support import ROOT

THREADS = """
import threading, time
from nbprobe.probe import collecting, probe
from nbprobe.check import quiet
from nbprobe.outcomes import printed

def talks(x):
    threading.Thread(target=lambda: [print(n) or time.sleep(0.001) for n in range(300)]).start()
    return x

with collecting():
    for place in range(20):
        probe("a thread that prints", talks, place)
        probe("a thread that prints", printed(talks), place)
        with quiet():
            talks(place)
    while threading.active_count() > 1:
        with quiet():
            probe("one that doesn't", abs, 1)
"""


def test_a_thread_that_goes_on_printing_does_not_end_python() -> None:
    done = subprocess.run([sys.executable, "-c", THREADS], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")


def test_within_each_other_each_has_what_is_printed_in_it(capsys: pytest.CaptureFixture) -> None:
    with in_place_of_stdout(io.StringIO()) as outer:
        print("a")
        with in_place_of_stdout(io.StringIO()) as inner:
            print("b")
        print("c")
    print("d")
    assert (outer.getvalue(), inner.getvalue(), capsys.readouterr().out) == ("a\nc\n", "b\n", "d\n")


def test_who_keeps_the_stream_and_brings_it_back_prints_where_all_print(capsys: pytest.CaptureFixture) -> None:
    kept: list = []

    def keeps(x: int) -> int:
        kept.append(sys.stdout)
        sys.stdout = kept[0]
        print(x)
        return x

    real = stdout()
    with collecting() as got:
        for place in range(3):
            probe("keeps", keeps, place)
    assert capsys.readouterr().out == "0\n1\n2\n"
    assert [raw["value"]["kind"] for raw in got] == ["number"] * 3
    assert stdout() is real
