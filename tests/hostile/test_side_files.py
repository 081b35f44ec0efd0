"""What lies beside a notebook is the student's, too: when it can run, and what it finds then."""

import sys
from collections.abc import Iterator

import pytest

from nbjudge.sandbox.limits import Limits
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.sandbox.step import execute


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
