"""Memory, cores and room: what the machine has, and what a container leaves of it."""

import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbjudge.machine.finding import FAILS, GRADING, LIMITED, UNSEEN, WORKS, Facts, Finding
from nbjudge.sandbox.limits import Limits

GRADER = 250
"""MiB that a process holds which grades."""
COPY = 100
"""MiB that the copy of a submission, and what else lies beside it, may take in the temporary folder."""
CGROUPS = Path("/sys/fs/cgroup")


def look(cgroups: str = str(CGROUPS)) -> dict[str, Any]:
    """Sizes are in MiB, 0 where the system doesn't say it as Linux does; a limit that isn't set is None."""
    memory = dict(line.split(":", 1) for line in _read(Path("/proc/meminfo")).splitlines())
    place, error = "", ""
    try:
        place = tempfile.gettempdir()
    except OSError as refused:
        error = refused.strerror or str(refused)
    return {
        "memory": int(memory.get("MemTotal", "0").split()[0]) // 1024,
        "available": int(memory.get("MemAvailable", "0").split()[0]) // 1024,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "limit_of_memory": _smallest(_memory(group) for group in _groups(Path(cgroups), "memory")),
        "limit_of_cores": _smallest(_cores(group) for group in _groups(Path(cgroups), "cpu")),
        "temporary_folder": place,
        "room": shutil.disk_usage(place).free // 2**20 if place else 0,
        "error": error,
    }


def _groups(top: Path, controller: str) -> Iterator[Path]:
    """The control groups of this process, up to the outermost; in a container, its own is the outermost."""
    for line in _read(Path("/proc/self/cgroup")).splitlines():
        _, names, path = line.split(":", 2)
        if names and controller not in names.split(","):
            continue
        own = top / names / path.lstrip("/") if names else top / path.lstrip("/")
        yield from (place for place in (own, *own.parents) if place.is_relative_to(top))


def _memory(group: Path) -> float | None:
    """In MiB, in either version of control groups."""
    for name in ("memory.max", "memory.limit_in_bytes"):
        text = _read(group / name)
        if text.isdigit() and int(text) < 2**60:  # the older version writes a number where there is no limit
            return int(text) // 2**20
    return None


def _cores(group: Path) -> float | None:
    quota, _, period = _read(group / "cpu.max").partition(" ")
    if not period:
        quota, period = _read(group / "cpu.cfs_quota_us"), _read(group / "cpu.cfs_period_us")
    return int(quota) / int(period) if quota.isdigit() and period.isdigit() and int(period) else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _smallest(limits: Iterator[float | None]) -> float | None:
    return min((limit for limit in limits if limit is not None), default=None)


def judged(facts: Facts) -> list[Finding]:
    memory = min(facts["memory"] or math.inf, facts["limit_of_memory"] or math.inf)
    cores = min(facts["cores"], facts["limit_of_cores"] or math.inf)
    return [_of_memory(facts, memory), _of_cores(facts, memory, cores), _of_room(facts, cores)]


def _of_memory(facts: Facts, memory: float) -> Finding:
    if not facts["memory"]:
        return Finding("memory", UNSEEN, "isn't known on this system")
    says = f"{_size(memory)}, of which {_size(min(memory, facts['available']))} are free"
    if memory < facts["memory"]:
        says = f"a container's limit of {_size(memory)}, on a machine with {_size(facts['memory'])}"
    needed = Limits.memory + GRADER + Limits.reserve
    if memory >= needed:
        return Finding("memory", WORKS, says)
    own = max(256, int(memory) - GRADER - Limits.reserve) // 256 * 256
    says += f"; a submission may take {_size(Limits.memory)}, so one can end because the machine has no more"
    return Finding("memory", LIMITED, says, f"c.SandboxedExecute.memory = {own}  # in nbgrader_config.py")


def _of_cores(facts: Facts, memory: float, cores: float) -> Finding:
    says = f"{cores:g}" if cores == facts["cores"] else f"a container's limit of {cores:g}, of {facts['cores']}"
    fit = max(1.0, (memory - Limits.reserve) / (Limits.memory + GRADER))
    if fit >= int(cores):
        return Finding("cores", WORKS, f"{says}; each grades one submission at a time")
    says += f"; there is memory for {int(fit)} at a time, if all take as much as they may"
    return Finding("cores", LIMITED, says, f"course autograde ASSIGNMENT --jobs {int(fit)}")


def _of_room(facts: Facts, cores: float) -> Finding:
    if not facts["temporary_folder"]:
        says = f"there is none that can be written to ({facts['error']})"
        return Finding("temporary folder", FAILS, says, "export TMPDIR=FOLDER", (GRADING,))
    says = f"{facts['temporary_folder']} has {_size(facts['room'])} left"
    if facts["room"] < COPY:
        says += f"; the copy of a submission may take {_size(COPY)}"
        return Finding("temporary folder", FAILS, says, "export TMPDIR=FOLDER", (GRADING,))
    if facts["room"] < COPY * cores:
        says += f"; copies of {cores:g} submissions at a time may take {_size(COPY * cores)}"
        return Finding("temporary folder", LIMITED, says, "export TMPDIR=FOLDER")
    return Finding("temporary folder", WORKS, says)


def _size(mebibytes: float) -> str:
    return f"{mebibytes / 1024:.1f} GiB" if mebibytes >= 1024 else f"{mebibytes:.0f} MiB"
