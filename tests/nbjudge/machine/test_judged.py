"""What facts about a machine mean: machines that this one isn't."""

from pathlib import Path
from typing import Any

import pytest

from nbjudge.machine import bubblewrap, exchange, gradebook, jupyter, landlock, python, resources, sandbox
from nbjudge.machine.choice import with_choice
from nbjudge.machine.finding import FAILS, GRADING, LIMITED, UNSEEN, VALIDATING, WORKS, Finding
from tests.support import ROOT

NO_NAMESPACES = "the sandbox doesn't start (bwrap: No permissions to create new namespace). Allow user namespaces."
SANDBOX = {
    "linux": True,
    "wall": "",
    "said": NO_NAMESPACES,
    "missing": NO_NAMESPACES,
    "bubblewrap": True,
    "knobs": {"user.max_user_namespaces": "96365"},
    "container": "",
    "root": False,
    "root_in_a_namespace": False,
}
NO_KNOBS = dict.fromkeys(sandbox.KNOBS, "")
CAUSES: dict[str, tuple[dict[str, Any], str, str]] = {
    "none are allowed": ({"knobs": {"user.max_user_namespaces": "0"}}, "is 0, so", "user.max_user_namespaces=15000"),
    "Debian": ({"knobs": {"kernel.unprivileged_userns_clone": "0"}}, "clone is 0", "userns_clone=1"),
    "Ubuntu": ({"knobs": {"kernel.apparmor_restrict_unprivileged_userns": "1"}}, "userns is 1", "userns=0"),
    "Docker": ({"container": "Docker"}, "a container (Docker)", "docker run --security-opt"),
    "Kubernetes": ({"container": "Kubernetes"}, "a container (Kubernetes)", ""),
    "no bubblewrap": ({"bubblewrap": False, "missing": "bubblewrap is missing."}, "bubblewrap is missing", ""),
    "rootless": ({"root": True, "root_in_a_namespace": True}, "root only within a namespace", ""),
    "nobody knows": ({}, "No permissions to create new namespace", ""),
    "an old one": ({"missing": "this bubblewrap is too old (x); 0.7 is needed."}, "too old (x); 0.7 is needed", ""),
}


@pytest.mark.parametrize("wall", ["", "landlock"])
@pytest.mark.parametrize("name", CAUSES)
def test_what_keeps_a_sandbox_from_starting_is_named(name: str, wall: str) -> None:
    given, says, line = CAUSES[name]
    knobs = {**NO_KNOBS, **given.get("knobs", {})}
    (found,) = sandbox.judged({**SANDBOX, **given, "knobs": knobs, "wall": wall})
    assert found.state == (LIMITED if wall else FAILS)
    assert found.prevents(GRADING) == (not wall)
    assert says in found.says
    assert line in found.line
    assert bool(line) == bool(found.line)


def test_a_wall_that_can_be_had_and_does_not_work_is_told_in_its_words() -> None:
    said = "Python doesn't start in the sandbox (x): use another one."
    (found,) = sandbox.judged({**SANDBOX, "missing": "", "said": said, "knobs": NO_KNOBS})
    assert (found.state, found.says) == (FAILS, said.rstrip("."))


STARTS, SECOND = Finding("sandbox", WORKS, "starts"), Finding("sandbox", LIMITED, "starts behind Landlock")


@pytest.mark.parametrize(
    ("found", "isolation", "wall", "state"),
    [
        (STARTS, "sandbox", "namespaces", WORKS),
        (STARTS, "none", "namespaces", LIMITED),
        (SECOND, "sandbox", "landlock", LIMITED),
        (SECOND, "namespaces", "landlock", FAILS),
        (SECOND, "landlock", "landlock", LIMITED),
        (Finding("sandbox", FAILS, "no", needed_for=(GRADING,)), "none", "", LIMITED),
    ],
)
def test_what_a_course_has_chosen(found: Finding, isolation: str, wall: str, state: str) -> None:
    chosen = with_choice(found, isolation, wall)
    assert chosen.state == state
    assert chosen.prevents(GRADING) == (state == FAILS)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("bubblewrap 0.7.0", WORKS),
        ("bubblewrap 1.0", WORKS),
        ("bubblewrap 0.6.2", LIMITED),
        ("", LIMITED),
        ("x", LIMITED),
    ],
)
def test_versions_of_bubblewrap(said: str, state: str) -> None:
    (found,) = bubblewrap.judged({"linux": True, "program": "/usr/bin/bwrap", "said": said})
    assert found.state == state


def test_landlock_has_a_version_or_a_reason() -> None:
    version, why = landlock.abi()
    assert (version > 0) == (why == "")
    assert landlock.judged({"abi": 0, "why": "switched off", "missing": ""})[0].state == UNSEEN
    assert landlock.judged({"abi": 4, "why": "", "missing": "no list of calls."})[0].state == UNSEEN
    assert landlock.judged({"abi": 4, "why": "", "missing": ""})[0].says.startswith("ABI 4;")


MACHINE = {
    "memory": 16000,
    "available": 9000,
    "cores": 4,
    "limit_of_memory": None,
    "limit_of_cores": None,
    "temporary_folder": "/tmp",
    "room": 5000,
    "error": "",
}
RESOURCES: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "enough": ({}, {}, "15.6 GiB, of which 8.8 GiB are free"),
    "less memory than cores": ({"memory": 6000, "cores": 8}, {"cores": LIMITED}, "memory for 2 at a time"),
    "a small container": ({"limit_of_memory": 1000}, {"memory": LIMITED, "cores": LIMITED}, "limit of 1000 MiB"),
    "half a core": ({"limit_of_cores": 0.5}, {}, "a container's limit of 0.5, of 4"),
    "no room": ({"room": 20}, {"temporary folder": FAILS}, "has 20 MiB left"),
    "room for one": ({"room": 150}, {"temporary folder": LIMITED}, "may take 400 MiB"),
    "no folder": ({"temporary_folder": "", "error": "none"}, {"temporary folder": FAILS}, "can be written to (none)"),
    "another system": ({"memory": 0, "available": 0}, {"memory": UNSEEN}, "isn't known"),
}


@pytest.mark.parametrize("name", RESOURCES)
def test_memory_cores_and_room(name: str) -> None:
    given, states, says = RESOURCES[name]
    found = resources.judged({**MACHINE, **given})
    all_work = {"memory": WORKS, "cores": WORKS, "temporary folder": WORKS}
    assert {one.part: one.state for one in found} == {**all_work, **states}
    assert any(says in one.says for one in found)


@pytest.mark.parametrize("version", [1, 2])
def test_limits_of_a_container_are_read(version: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "memory/box" if version == 1 else tmp_path / "box"
    cores = tmp_path / "cpu,cpuacct/box" if version == 1 else own
    for folder in (own, cores):
        folder.mkdir(parents=True, exist_ok=True)
    lines = "0::/box\n" if version == 2 else "4:memory:/box\n2:cpu,cpuacct:/box\n1:name=systemd:/box\n"
    if version == 2:
        (tmp_path / "memory.max").write_text(f"{512 * 2**20}\n")  # the outer one counts, too
        (own / "memory.max").write_text("max\n")
        (own / "cpu.max").write_text("150000 100000\n")
    else:
        (own / "memory.limit_in_bytes").write_text(f"{512 * 2**20}\n")
        (tmp_path / "memory/memory.limit_in_bytes").write_text("9223372036854771712\n")
        (cores / "cpu.cfs_quota_us").write_text("150000\n")
        (cores / "cpu.cfs_period_us").write_text("100000\n")
    read = resources._read
    monkeypatch.setattr(resources, "_read", lambda path: lines if path == Path("/proc/self/cgroup") else read(path))
    found = resources.look(str(tmp_path))
    assert (found["limit_of_memory"], found["limit_of_cores"]) == (512, 1.5)


PYTHON = {
    "version": "3.12.1",
    "program": "/env/bin/python",
    "environment": "venv",
    "prefix": "/env",
    "packages": {"nbgrader": "0.9.5", "jupyterlab": "4.4", "ipykernel": "7", "nbconvert": "7", "numpy": "2"},
    "alembic": "/env/bin/alembic",
}


def test_what_is_missing_of_python_is_named_with_its_line() -> None:
    packages = {**PYTHON["packages"], "distributed": ""}  # type: ignore[dict-item]
    states = {found.part: found.state for found in python.judged({**PYTHON, "packages": packages})}
    assert states == {"Python": WORKS, "packages": WORKS, "alembic": WORKS, "Dask": UNSEEN}
    lacking = {**packages, "jupyterlab": "", "nbgrader": "0.8.1"}
    broken = {**PYTHON, "version": "3.19.0", "packages": lacking, "alembic": ""}
    found = {one.part: one for one in python.judged(broken)}
    assert found["Python"].state == LIMITED
    assert found["jupyterlab"].line == "/env/bin/python -m pip install jupyterlab"
    assert found["jupyterlab"].prevents(VALIDATING)
    assert found["nbgrader"].prevents(GRADING)
    assert found["alembic"].prevents(GRADING)


def test_the_versions_that_were_tried_are_those_of_the_readme() -> None:
    assert f"Python {', '.join(python.TRIED[:-1])} or {python.TRIED[-1]}" in (ROOT / "README.md").read_text()


def test_parts_of_jupyterlab() -> None:
    server = {"formgrader": "on", "assignment_list": "off", "validate_assignment": "on"}
    lab = {"formgrader": "off", "assignment-list": "on", "validate-assignment": "absent"}
    kernel = {"program": "/gone/python", "found": ""}
    found = {one.part: one for one in jupyter.judged({"error": "", "server": server, "lab": lab, "kernel": kernel})}
    states = {"formgrader": LIMITED, "assignment list": LIMITED, "Validate": FAILS, "kernel": FAILS}
    assert {part: one.state for part, one in found.items()} == states
    assert found["formgrader"].line == "jupyter labextension enable @jupyter/nbgrader:formgrader"
    assert "jupyter server extension enable" in found["assignment list"].line
    assert found["Validate"].prevents(VALIDATING)
    assert not found["Validate"].prevents(GRADING)
    (lost,) = jupyter.judged({"error": "No module named 'jupyterlab'"})
    assert lost.prevents(VALIDATING)


BOOK = {
    "is_course": True,
    "readable": True,
    "kind": "SQLite",
    "address": "/c/gradebook.db",
    "exists": True,
    "error": "",
}
BOOK |= {"tables": 20, "version": "b", "needed": "b", "writable": True, "how_to_share": "Ask."}


@pytest.mark.parametrize(
    ("given", "state", "says"),
    [
        ({}, WORKS, "version b"),
        ({"exists": False}, WORKS, "none yet"),
        ({"tables": 0}, WORKS, "none yet"),
        ({"version": "a"}, FAILS, "another version of nbgrader (a, and b is needed)"),
        ({"version": ""}, FAILS, "another version of nbgrader (none"),
        ({"writable": False}, FAILS, "you can't write to it"),
        ({"error": "it is damaged: page 4"}, FAILS, "it is damaged: page 4"),
        ({"kind": "PostgreSQL", "error": "Connection refused"}, FAILS, "can't be opened (Connection refused)"),
    ],
)
def test_gradebooks(given: dict[str, Any], state: str, says: str) -> None:
    (found,) = gradebook.judged({**BOOK, **given})
    assert (found.state, found.prevents(GRADING)) == (state, state == FAILS)
    assert says in found.says


EXCHANGE = {
    "readable": True,
    "other": "",
    "root": "/x",
    "chosen": True,
    "exists": True,
    "writable": True,
    "mode": 0o1777,
    "strange": [],
}


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({}, WORKS),
        ({"mode": 0o770}, LIMITED),
        ({"mode": 0o777}, LIMITED),
        ({"mode": 0o2777, "shared": True}, LIMITED),
        ({"mode": 0o3777, "shared": True}, WORKS),
        ({"strange": [("/x/c", "is a link")]}, LIMITED),
        ({"mode": 0o2770, "shared": True}, WORKS),
        ({"writable": False}, LIMITED),
        ({"exists": False}, LIMITED),
        ({"exists": False, "chosen": False}, UNSEEN),
        ({"other": "Another"}, UNSEEN),
    ],
)
def test_exchanges(given: dict[str, Any], state: str) -> None:
    (found,) = exchange.judged({"shared": False, **EXCHANGE, **given})
    assert found.state == state
    assert found.needed_for == ()
