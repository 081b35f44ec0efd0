"""What lies beside a notebook is the student's, too: when it can run, and what it finds then."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbjudge.sandbox.limits import Limits
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.sandbox.step import execute, side_files
from nbjudge.sandbox.walls import NAMESPACES
from tests.support import ROOT
from tests.support.walls import needs


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(["nbprobe"], limits=Limits(cell_seconds=10, notebook_seconds=20))
    yield sandbox
    sandbox.close()


@pytest.mark.parametrize("text", ["raise ImportError", "import os; os._exit(0)", "import os; os.closerange(3, 99)"])
def test_no_file_beside_the_notebook_runs_before_the_first_cell(sandbox: Sandbox, text: str) -> None:
    """Whatever module of Python it is called after. What runs then would be blamed on the sandbox."""
    code = f"import sys; sys.has_run = True\n{text}".encode()
    files = {f"{name}.py": code for name in sorted(sys.stdlib_module_names) if name != "__main__"}
    cells = {0: "import sys; hasattr(sys, 'has_run')", 1: "import other; other.x", 2: "1"}
    results = execute(sandbox, cells, {**files, "other.py": b"x = 7"})
    shown = [[output.data["text/plain"] for output in result.outputs] for result in results.values()]
    assert shown == [["False"], ["7"], ["1"]]


@pytest.mark.parametrize("room", [100, 60])
def test_no_file_of_a_student_takes_the_place_of_one_of_the_exercise(tmp_path: Path, room: int) -> None:
    """Also where other files of theirs leave no room for that one."""
    for name, size in (("a.csv", 50), ("helper.py", 20), ("helper.py.handed-in.txt", 5), ("own.py.handed-in.txt", 5)):
        (tmp_path / name).write_bytes(bytes(size))
    files, left_out = side_files(tmp_path, room)
    assert {name: len(content) for name, content in files.items()} == {
        "a.csv": 50,
        "own.py": 5,
        **({"helper.py": 20} if room == 100 else {}),
    }
    assert left_out == ([] if room == 100 else ["helper.py"])


OWN = """
import os, sys
from nbjudge.sandbox.inside import confinement
confinement.leave_log()
os.write(1, b"into the log"); os.write(2, b"likewise")
found = [os.readlink(f"/proc/self/fd/{number}") for number in range(3)], os.read(0, 9)
os.write(int(sys.argv[1]), repr(found).encode())
"""


def test_what_is_the_submissions_own_has_no_descriptor_of_the_warm_process() -> None:
    """Its log lies on the host, and all submissions of a sandbox would have it."""
    receiving, sending = os.pipe()
    with os.fdopen(receiving) as said, tempfile.TemporaryFile() as log, tempfile.TemporaryFile() as given:
        given.write(b"something")
        given.seek(0)
        words = [sys.executable, "-c", OWN, str(sending)]
        subprocess.run(words, stdin=given, stdout=log, stderr=log, pass_fds=[sending], cwd=ROOT, check=True)
        os.close(sending)
        assert said.read() == f"({['/dev/null'] * 3}, b'')"
        assert os.fstat(log.fileno()).st_size == 0


LOOK = """
import os
def leads(process):
    try: return [os.readlink(f"/proc/{process}/fd/{n}") for n in sorted(os.listdir(f"/proc/{process}/fd"), key=int)[:3]]
    except OSError as error: return type(error).__name__
[leads("1"), leads("self")[0], {link.startswith("/submission/") for link in leads("self")[1:]}]
"""


@needs(NAMESPACES)  # behind the second wall it sees no process at all
def test_a_submission_sees_no_log_in_the_process_above_it(sandbox: Sandbox) -> None:
    (result,) = execute(sandbox, {0: LOOK}, {}).values()
    assert result.outputs[0].data["text/plain"] == "['PermissionError', '/dev/null', {True}]"
