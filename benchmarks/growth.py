"""Measures time and memory of `course autograde` for classes of 10 to 1,000 submissions. Called by `make growth`.

Prints the numbers, and keeps them in growth.json, from which `make pictures` draws.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table
from throughput import ROOT, prepared

NUMBERS = ROOT / "benchmarks/growth.json"


class Memory(threading.Thread):
    """Most memory that a process and those below it held, in MiB: what they share is counted once."""

    def __init__(self, process: psutil.Process) -> None:
        super().__init__(daemon=True)
        self._process, self.mebibytes = process, 0.0

    def run(self) -> None:
        while self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE:
            total = 0
            for process in [self._process, *self._process.children(recursive=True)]:
                try:
                    total += process.memory_full_info().pss
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    continue
            self.mebibytes = max(self.mebibytes, total / 2**20)
            time.sleep(0.5)


def measured(count: int, jobs: int) -> tuple[float, float]:
    """Seconds, and MiB of all processes together, for a class of ``count``."""
    with tempfile.TemporaryDirectory() as folder:
        course = prepared(Path(folder) / "course", count)
        words = [sys.executable, "-m", "nbjudge", "autograde", "ex04", "--json", f"--jobs={jobs}"]
        words += ["--", f"--CourseDirectory.root={course}"]
        begin = time.perf_counter()
        grader = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        memory = Memory(psutil.Process(grader.pid))
        memory.start()
        summary, _ = grader.communicate()
        seconds = time.perf_counter() - begin
        outcome = json.loads(summary)
        assert outcome["graded"] + outcome["refused"] == count, outcome
        return seconds, memory.mebibytes


def main(counts: list[int], jobs: int = 2) -> None:
    results = [measured(count, jobs) for count in counts]
    table = Table("submissions", "seconds", "per second", "peak MiB", title=f"course autograde --jobs {jobs}")
    for count, (seconds, mebibytes) in zip(counts, results, strict=True):
        table.add_row(str(count), f"{seconds:.0f}", f"{count / seconds:.1f}", f"{mebibytes:.0f}")
    Console().print(table)
    seconds, mebibytes = ([round(value) for value in values] for values in zip(*results, strict=True))
    numbers = {"jobs": jobs, "submissions": counts, "seconds": seconds, "mebibytes": mebibytes}
    NUMBERS.write_text(json.dumps(numbers, indent=1) + "\n")


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [10, 100, 300, 1000])
