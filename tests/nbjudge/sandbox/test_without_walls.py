"""What an ordinary kernel makes of a notebook: as much as the sandbox, as far as points depend on it."""

import signal
import sys
from pathlib import Path

import psutil
import pytest
from nbgrader.apps import NbGrader

from nbjudge.sandbox import without_walls
from nbjudge.sandbox.bubblewrap import SandboxError
from nbjudge.sandbox.channel import Result
from nbjudge.sandbox.limits import Limits
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.sandbox.step import execute
from nbjudge.sandbox.without_walls import Kernel

PUBLISH = "display({'application/x.nbprobe.evidence+json': {'name': 'n'}, 'text/plain': 'evidence'}, raw=True)"
LIMITS = Limits(cell_seconds=5, notebook_seconds=120, output=1)
CELLS = {
    "output": "print('one')\n2",
    "pieces": "import time\nfor piece in 'abc':\n    print(piece, end='', flush=True); time.sleep(0.3)",
    "seeded": "import random\nimport numpy as np\n(round(random.random(), 3), round(float(np.random.rand()), 3))",
    "files": "import os\nsorted(os.listdir('.'))",
    "endless": "while True: pass",
    "died": "import os\nos._exit(3)",
    "killed": "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)",
    "deaf": "while True:\n    try:\n        while True: pass\n    except KeyboardInterrupt: pass",
    "exit": "exit()",
    "much": "print('x' * 10**7)",
    "answer": "class A:\n    def good(self): return 'kept'\n    def bad(self) return 1\n    def more(self): return 2\n",
    "use": "A().good()",
    "waits": "import asyncio\nawait asyncio.sleep(0)\n'waited'",
    "input": "input()",
    "leaves": "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid",
    "evidence": "from IPython.display import clear_output\n"
    f"{PUBLISH}\nclear_output()\n{PUBLISH}\nprint('x' * 10**7)\n{PUBLISH}\nclear_output(wait=True)\n1 / 0",
    "deep": f"{PUBLISH}\nx = []\nfor n in range(400): x = [x]\ndisplay({{'application/json': x}}, raw=True)",
    "infinite": f"{PUBLISH}\ndisplay({{'application/json': [float('nan'), 10**5000]}}, raw=True)",
    "set": f"{PUBLISH}\ndisplay({{'text/plain': {{1, 2}}}}, raw=True)",
    "names": "[name for name in globals() if name in ('load', 'shell', 'home')]",
}


def texts(result: Result) -> list[str]:
    return [
        output.get("text") or f"{output.get('ename')}: {output.get('evalue')}"
        if output.output_type in ("stream", "error")
        else output.data["text/plain"]
        for output in result.outputs
    ]


@pytest.fixture(scope="module")
def results() -> dict[str, Result]:
    files = {"numpy.py": b"raise SystemExit", "ipykernel_launcher.py": b"raise SystemExit", "a/b.txt": b"text"}
    own = {"files": files, "answers": [list(CELLS).index("answer")], "afterwards": "print('afterwards')"}
    found = execute(Kernel(NbGrader(), LIMITS), dict(enumerate(CELLS.values())), **own)
    return dict(zip([*CELLS, "afterwards"], found.values(), strict=True))


@pytest.mark.parametrize(
    ("cell", "expected"),
    {
        "output": ["one\n", "2"],
        "pieces": ["abc"],
        "seeded": ["(0.844, 0.549)"],
        "files": ["['a', 'ipykernel_launcher.py', 'numpy.py']"],
        "endless": ["CellTimeoutError: the cell was stopped, because it took longer than 5 seconds"],
        "died": ["DeadKernelError: this cell ended the whole process (exit code 3)"],
        "killed": ["DeadKernelError: this cell ended the whole process (signal 11)"],
        "deaf": ["CellTimeoutError: the cell was stopped, because it took longer than 5 seconds"],
        "exit": [],
        "much": ["\n… more output was cut off\n"],
        "use": ["'kept'"],
        "waits": ["'waited'"],
        "evidence": ["evidence"] * 3 + ["ZeroDivisionError: division by zero"],
        "names": ["[]"],
        "afterwards": ["afterwards\n"],
    }.items(),
)
def test_a_cell_puts_out_what_it_does_in_the_sandbox(
    cell: str, expected: list[str], results: dict[str, Result]
) -> None:
    assert texts(results[cell]) == expected


@pytest.mark.parametrize("cell", ["deep", "infinite", "set"])
def test_nothing_odd_that_is_shown_takes_evidence_away(cell: str, results: dict[str, Result]) -> None:
    assert results[cell].outputs[0].data.get("text/plain") == "evidence"


def test_what_stopped_a_cell_is_known(results: dict[str, Result]) -> None:
    stopped = {name: result.stopped for name, result in results.items() if result.stopped}
    assert stopped == {"endless": "time", "died": "crash", "killed": "crash", "deaf": "time"}


def test_a_method_that_can_not_be_compiled_is_named_and_the_others_are_there(results: dict[str, Result]) -> None:
    assert [text.split(":")[0] for text in texts(results["answer"])] == ["SyntaxError"]
    assert texts(results["input"])[0].startswith("StdinNotImplementedError")


def test_what_a_cell_started_ends_with_its_kernel(results: dict[str, Result]) -> None:
    left = int(texts(results["leaves"])[0])
    assert not psutil.pid_exists(left) or psutil.Process(left).status() == psutil.STATUS_ZOMBIE


def test_no_cell_begins_when_the_time_of_the_notebook_is_over() -> None:
    kernel = Kernel(NbGrader(), Limits(cell_seconds=60, notebook_seconds=3))
    found = execute(kernel, {0: "1", 1: "while True: pass", 2: "3"}, {})
    assert texts(found[0]) == ["1"]
    assert "it took longer than 3 seconds in all" in texts(found[1])[0]
    assert texts(found[2])[0].startswith("NotRunError")
    assert found[1].stopped == "time"


def test_a_kernel_that_does_not_start_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(without_walls, "KERNEL", "none-of-this-name")
    with pytest.raises(SandboxError, match=r"^the kernel none-of-this-name doesn't start: "):
        execute(Kernel(NbGrader(), LIMITS), {0: "1"}, {})


def test_a_kernel_that_ends_while_it_starts_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    start, started = without_walls._Bounded.start_new_kernel, []

    def start_badly(self: without_walls._Bounded, **options: object) -> None:
        start(self, **options)
        started.append(self)
        if len(started) == 1:
            self.kill()

    monkeypatch.setattr(without_walls._Bounded, "start_new_kernel", start_badly)
    assert texts(execute(Kernel(NbGrader(), LIMITS), {0: "1"}, {})[0]) == ["1"]
    assert len(started) == 2


def test_whoever_asks_for_a_sandbox_elsewhere_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SandboxError) as error:
        Sandbox().start()
    assert 'c.SandboxedExecute.isolation = "none"' in str(error.value)
    assert "on Linux only" in str(error.value)


def test_the_folder_of_a_submission_goes_with_its_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(without_walls.tempfile, "tempdir", str(tmp_path))
    before = signal.getsignal(signal.SIGINT)
    found = execute(
        Kernel(NbGrader(), LIMITS), {0: "from pathlib import Path\nPath('x').write_text('x')\nstr(Path.cwd())"}, {}
    )
    assert texts(found[0])[0].startswith(f"'{tmp_path}")
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(signal.SIGINT) is before
