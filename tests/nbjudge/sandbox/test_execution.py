"""How cells run in the sandbox: what they put out, and what a cell that comes to grief costs the others."""

import os
import select
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psutil
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nbjudge.course import notebooks
from nbjudge.course.cells import cells_to_run
from nbjudge.course.isolation import LANDLOCK
from nbjudge.sandbox import following
from nbjudge.sandbox import sandbox as sandboxes
from nbjudge.sandbox.bubblewrap import SandboxError
from nbjudge.sandbox.channel import Channel, Result
from nbjudge.sandbox.limits import Limits
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.sandbox.step import execute, imports_of
from tests.support import SOURCE
from tests.support.running import run
from tests.support.walls import WALLS

LIMITS = Limits(cell_seconds=60, memory=600, output=1)
IMPATIENT = replace(LIMITS, cell_seconds=3, notebook_seconds=40)
"""For cells that never end; others may take their time, since other programs run on this machine, too."""


@pytest.fixture(scope="module", params=WALLS)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    sandbox = Sandbox(["numpy", "tqdm"], limits=LIMITS, isolation=request.param)
    sandbox.start()  # some ask which wall is up
    yield sandbox
    sandbox.close()


def forkservers() -> set[int]:
    """Ids of the warm processes that this process has started."""
    running = (child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE)
    return {child.pid for child in running if "forkserver" in " ".join(child.cmdline())}


def texts(result: Result) -> list[str]:
    """The outputs of a cell, each as what a person would read first."""
    return [
        output.get("text") or output.get("ename") or output.data.get("text/plain", next(iter(output.data), ""))
        for output in result.outputs
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("print(1)\nimport sys\nprint(2, file=sys.stderr)\nprint(3)\n4", ["1\n", "2\n", "3\n", "4"]),
        ("1; 2", ["2"]),
        ("1;", []),
        ("import numpy as np\nnp.arange(3)", ["array([0, 1, 2])"]),
        ("display('a'); print('b'); display('c')", ["'a'", "b\n", "'c'"]),
        ("import asyncio\nawait asyncio.sleep(0.01)\n'waited'", ["'waited'"]),
        ("%cd -q /tmp\nimport os\nos.getcwd()", ["'/tmp'"]),
        ("%%capture said\nprint(1)", []),
        ("!echo one; echo two", ["one\ntwo\n"]),
        ("%%bash\necho from bash", ["from bash\n"]),
        ("import subprocess\nsubprocess.run(['echo', 'x'])\nprint('y')", ["x\ny\n"]),
        ("import os\nos.write(1, b'low\\n');", ["low\n"]),
        ("import warnings\nwarnings.warn('careful')", ["UserWarning: careful"]),
        ("from tqdm import tqdm\nfor i in tqdm(range(3)): pass", ["100%"]),
        ("from IPython.display import clear_output\nprint(1)\nclear_output()\nprint(2)", ["2\n"]),
        ("h = display('old', display_id=True)\nh.update('new')", ["'new'"]),
        ("input('name?')", ["StdinNotImplementedError"]),
        ("import getpass; getpass.getpass()", ["StdinNotImplementedError"]),
        ("1 / 0", ["ZeroDivisionError"]),
        ("def f(", ["SyntaxError"]),
        ("raise SystemExit(3)", ["SystemExit"]),
        ("exit()", []),
        ("import numpy as np\nnp.ones(50 * 2**30 // 8)", ["MemoryError"]),
        ("import sys\nsys.stdout.close()\nprint('still here')", ["still here\n"]),
        ("import os\nos.close(1); os.close(2)\nprint('still here')", ["still here\n"]),
        ("print('x' * 10**7)", ["output was cut off"]),
        (
            "class A:\n    def _repr_html_(self): return '<b>rich</b>'\n    def __repr__(self): return 'plain'\nA()",
            ["plain"],
        ),
        ("open('data/a.csv').read()", ["'1,2'"]),
        ("import helper\nhelper.x", ["7"]),
        ("__name__, In[0], get_ipython() is not None", ["('__main__', '', True)"]),
        ("import matplotlib.pyplot as plt\nplt.plot([1, 2]);", ["<Figure size 640x480 with 1 Axes>"]),
    ],
)
def test_a_cell_puts_out_what_it_does_in_jupyterlab(sandbox: Sandbox, source: str, expected: list[str]) -> None:
    if sandbox.wall == LANDLOCK and ("echo" in source or "/tmp" in source):
        pytest.skip("there are no other processes behind the second wall, and no /tmp")
    first, after = run(sandbox, source, "'next'", files={"data/a.csv": b"1,2", "helper.py": b"x = 7"})
    outputs = texts(first)
    assert len(outputs) == len(expected), outputs
    assert all(part in text for part, text in zip(expected, outputs, strict=True)), outputs
    assert texts(after) == ["'next'"]


@pytest.mark.parametrize("wall", WALLS)
def test_a_library_that_only_a_student_imports_says_nothing_of_the_walls(wall: str) -> None:
    """Where the notebook imports none, the warm process has none, and matplotlib looks for fonts in the submission."""
    sandbox = Sandbox(limits=LIMITS, isolation=wall)
    results = run(sandbox, "import matplotlib.pyplot as plt\nplt.plot([1, 2]);", "import sklearn.linear_model")
    sandbox.close()
    assert [texts(result) for result in results] == [["<Figure size 640x480 with 1 Axes>"], []]


def test_figures_are_pictures_and_results_are_numbered(sandbox: Sandbox) -> None:
    results = run(sandbox, "import matplotlib.pyplot as plt\nplt.plot([1, 2]);", "'two'")
    assert results[0].outputs[0].data["image/png"].startswith("iVBOR")
    assert [result.count for result in results] == [1, 2]
    assert results[1].outputs[0].execution_count == 2


@pytest.mark.parametrize("key", ["data", "metadata"])
def test_what_is_shown_in_place_of_something_counts_too(sandbox: Sandbox, key: str) -> None:
    large = {"data": "{'text/plain': 'y' * 10**7}, {}", "metadata": "{'text/plain': 'y'}, {'x': 'y' * 10**7}"}[key]
    small = "{'text/plain': str(step)}, {}"
    again = (
        "import functools\nshow = functools.partial(get_ipython().display_pub.publish, transient={'display_id': 'x'})\n"
    )
    again += f"show({small.replace('step', '0')})\nfor step in range(20_000): show({small}, update=True)\n"
    (result,) = run(sandbox, again + f"show({large}, update=True)")
    assert texts(result) == ["19999", "\n… more output was cut off\n"]
    (result,) = run(sandbox, f"get_ipython().display_pub.publish({large})")
    assert texts(result) == ["\n… more output was cut off\n"]


PUBLISH = "display({'application/x.nbprobe.evidence+json': {'name': 'n'}, 'text/plain': 'evidence'}, raw=True)"


@pytest.mark.parametrize(
    "between",
    [
        "clear_output()",
        "clear_output(wait=True); print('later')",
        "print('x' * 10**7)",
        "print('😀' * 10**6)",
        "print('\\0' * 10**6)",
        "for n in range(40_000): print(n)",
        "for n in range(3_000): display(n)",
        "display({'application/json': [float('nan')]}, raw=True)",
        "display({'application/json': {'a': [-float('inf')]}}, raw=True)",
        "display({'application/json': 10**5000}, raw=True)",
        "x = []\nfor n in range(400): x = [x]\ndisplay({'application/json': x}, raw=True)",
        "x = []; x.append(x)\ndisplay({'application/json': x}, raw=True)",
        "display({'application/json': {(1, 2): 3}}, raw=True)",
        "display({'text/plain': {1, 2}, 3: 4}, raw=True)",
        "display({'text/plain': '\\ud800'}, metadata={'a': object()}, raw=True)",
        "print('\\ud800')",
    ],
)
def test_nothing_that_a_cell_puts_out_takes_evidence_or_its_error_away(sandbox: Sandbox, between: str) -> None:
    cell = f"from IPython.display import clear_output\n{PUBLISH}\n{between}\n{PUBLISH}\n{between}\n1 / 0"
    (first, *others) = run(sandbox, *[cell] * 9)
    assert [texts(result)[:2] for result in (first, *others)] == [["evidence", "evidence"]] * 9
    assert {texts(result)[-1] for result in (first, *others)} == {"ZeroDivisionError"}


def test_what_probes_publish_has_a_bound(sandbox: Sandbox) -> None:
    large = PUBLISH.replace("'n'", "'n' * 10**6")
    (result,) = run(sandbox, f"for n in range(30): {large}")
    assert texts(result) == ["evidence"] * 16


def test_a_traceback_is_short_and_shows_the_line(sandbox: Sandbox) -> None:
    (result,) = run(sandbox, "def broken():\n    return [][0]\nbroken()")
    traceback = "\n".join(result.outputs[0].traceback)
    assert "IndexError" in traceback
    assert "return" in traceback
    assert "/inside" not in traceback


def test_an_endless_recursion_is_an_ordinary_error(sandbox: Sandbox) -> None:
    results = run(sandbox, "def f(): f()\nf()", "'next'")
    assert [texts(result) for result in results] == [["RecursionError"], ["'next'"]]


ENDS = {
    "endless loop": ("while True: pass", "CellTimeoutError"),
    "loop that catches interrupts": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "CellTimeoutError",
    ),
    "endless print": ("while True: print('x' * 1000)", "CellTimeoutError"),
    "exit of the process": ("import os\nos._exit(0)", "DeadKernelError"),
    "segmentation fault": ("import ctypes\nctypes.string_at(0)", "DeadKernelError"),
    "abort": ("import os\nos.abort()", "DeadKernelError"),
    "kill": ("import os\nos.kill(os.getpid(), 9)", "DeadKernelError"),
    "kill everything": (
        "import os, subprocess\nsubprocess.Popen(['sleep', '9'])\nos.kill(-1, 9)\nos.kill(os.getpid(), 9)",
        "DeadKernelError",
    ),
    "deep recursion": (
        "import sys, threading\nsys.setrecursionlimit(10**9)\ndef f(x): return [f(x)]\nf(1)",
        "DeadKernelError|RecursionError|MemoryError",
    ),
    "memory, bit by bit": ("hoard = []\nwhile True: hoard.append(bytearray(b'x') * 2**22)", "MemoryError"),
    "memory of children": (
        "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n"
        "        hoard = bytearray(b'x') * (150 * 2**20); time.sleep(60)\ntime.sleep(60)",
        "MemoryError",
    ),
    "closed channel": (
        "import os\nfor i in range(3, 100):\n    try: os.close(i)\n    except OSError: pass",
        "DeadKernelError",
    ),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_cell_that_ends_badly_costs_itself_only(sandbox: Sandbox, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source, expected = ENDS[name]
    if sandbox.wall == LANDLOCK and name in ("kill everything", "memory of children"):
        pytest.skip("there are no other processes behind the second wall")
    if expected == "CellTimeoutError":
        monkeypatch.setattr(sandbox, "limits", IMPATIENT)
    results = run(sandbox, "x = 41", source, "x + 1")
    assert results[1].outputs[-1].ename in expected.split("|"), results[1].outputs
    assert texts(results[2]) == ["42"]


def test_two_that_end_badly_and_one_that_needs_them(sandbox: Sandbox) -> None:
    results = run(sandbox, "import os\nos._exit(1)\na = 1", "b = 2", "os = __import__('os')\nos._exit(1)", "a", "b")
    assert [texts(result)[-1:] for result in results] == [
        ["DeadKernelError"],
        [],
        ["DeadKernelError"],
        ["NameError"],
        ["2"],
    ]


def test_nothing_of_one_submission_reaches_the_next(sandbox: Sandbox) -> None:
    if sandbox.wall == LANDLOCK:
        pytest.skip("test_second_wall.py")
    run(
        sandbox,
        "import os, sys, builtins, numpy, subprocess, threading, time\n"
        "builtins.leak = numpy.leak = os.environ['LEAK'] = 'x'; sys.modules['json'] = None\n"
        "[open(f'{place}/leak', 'w') for place in ('/tmp', '/dev/shm', os.getcwd())]\n"
        "subprocess.Popen(['sleep', '1000'], start_new_session=True)\n"
        "threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()",
    )
    (result,) = run(
        sandbox,
        "import builtins, glob, json, numpy, os\n"
        "[hasattr(builtins, 'leak'), hasattr(numpy, 'leak'), 'LEAK' in os.environ, glob.glob('/tmp/*'),"
        " glob.glob('/dev/shm/*'), os.listdir(), [p for p in os.listdir('/proc') if p.isdigit()]]",
    )
    assert texts(result) == ["[False, False, False, [], [], [], ['1', '2']]"]


def test_random_numbers_are_the_same_each_time(sandbox: Sandbox) -> None:
    source = "import random, numpy as np\nrandom.random(), float(np.random.rand())"
    assert texts(run(sandbox, source)[0]) == texts(run(sandbox, source)[0])


def test_a_sandbox_that_died_starts_again(sandbox: Sandbox) -> None:
    sandbox.close()
    others = forkservers()
    sandbox.start()
    (process,) = forkservers() - others
    killed = psutil.Process(process)
    killed.kill()
    killed.wait(60)  # a busy machine comes to it later, and then it has begun with the cells
    assert [texts(result) for result in run(sandbox, "1", "2")] == [["1"], ["2"]]


DEAF = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"


def test_a_reader_that_fails_leaves_nothing_running(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of ours may cost the one who ran into it, but nobody else."""
    sandbox.close()
    others, fed = forkservers(), Channel.feed

    def feed(self: Channel, data: bytes) -> None:
        fed(self, data)
        if 1 in self.results:
            raise RuntimeError("nobody thought of this")

    with monkeypatch.context() as patched:
        patched.setattr(Channel, "feed", feed)
        with pytest.raises(RuntimeError):
            run(sandbox, "1", "2", DEAF)
    assert forkservers() == others
    assert [texts(result) for result in run(sandbox, "3", "4")] == [["3"], ["4"]]


@pytest.mark.parametrize("order", ["kill", "interrupt"])
def test_an_order_is_for_one_submission_and_not_for_the_next(sandbox: Sandbox, order: str) -> None:
    run(sandbox, "1")
    assert sandbox._control is not None
    sandbox._control.order(order)  # it has ended already
    processes = forkservers()
    assert [texts(result) for result in run(sandbox, "import time; time.sleep(0.2); 3", "4")] == [["3"], ["4"]]
    assert forkservers() == processes


def test_where_no_cell_began_none_is_to_blame(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first try ends before its first cell; the second one is whole."""
    calls: list[int] = []

    def follow(*args: Any) -> tuple[str, frozenset[int]]:
        calls.append(1)
        return ("output", frozenset()) if len(calls) == 1 else following.follow(*args)

    sandbox.start()
    monkeypatch.setattr(sandboxes, "follow", follow)
    assert [texts(result) for result in run(sandbox, "1", "2")] == [["1"], ["2"]]
    assert len(calls) == 2


def test_why_a_submission_can_not_begin_is_said_and_the_next_one_runs(sandbox: Sandbox) -> None:
    """By the one that it's about, and not in the log of the warm process, which others have, too."""
    sandbox.start()
    with pytest.raises(SandboxError, match="a notebook is to run in it: FileExistsError"):
        run(sandbox, "1", files={"a": b"a file", "a/b": b"and a folder"})
    assert texts(run(sandbox, "1")[0]) == ["1"]


def cell(source: str, tags: list[str] | None = None, **about: object) -> NotebookNode:
    new = new_code_cell(source, metadata={"tags": tags or []})
    if about:
        new.metadata["nbgrader"] = {"grade": False, "solution": False, **about}
    return new


def test_only_cells_that_a_grade_can_depend_on_run() -> None:
    notebook = new_notebook(
        cells=[
            cell("setup"),
            cell("plot", ["ungraded"]),
            new_markdown_cell("text"),
            cell("solution", solution=True),
            cell("test", grade=True),
            cell("afterwards"),
        ]
    )
    assert list(cells_to_run(notebook)) == [0, 3, 4]
    assert list(cells_to_run(notebook, everything=True)) == [0, 1, 3, 4, 5]


def test_what_the_instructor_imports_is_warm(tmp_path) -> None:
    import nbformat

    notebook = new_notebook(cells=[cell("%matplotlib inline"), cell("import numpy as np\nfrom os import path")])
    nbformat.write(notebook, tmp_path / "a.ipynb")
    assert imports_of(tmp_path / "a.ipynb") == ["numpy", "os", "os.path"]


def test_what_only_cells_import_that_do_not_run_is_not_warm(tmp_path) -> None:
    cells = [cell("import numpy"), cell("import wave", ["ungraded"]), cell("1", grade=True), cell("import zipapp")]
    notebooks.write(new_notebook(cells=cells), tmp_path / "a.ipynb")
    assert imports_of(tmp_path / "a.ipynb") == ["numpy"]
    assert imports_of(tmp_path / "a.ipynb", everything=True) == ["numpy", "wave", "zipapp"]
    assert not {"matplotlib", "sklearn"} & {name.partition(".")[0] for name in imports_of(SOURCE)}


FORGED = r"""
import os
for number in range(9, 1, -1):
    for file in range(3, 30):
        try:
            os.write(file, b'\n{"start": %d}\n' % number)
        except OSError:
            pass
os._exit(0)
"""


def test_who_pretends_that_the_further_cell_has_begun_costs_the_own_cell(sandbox: Sandbox) -> None:
    results = execute(sandbox, {0: "print(1)", 1: FORGED}, {}, afterwards="print(3)")
    assert texts(results[0]) == ["1\n"]
    assert results[1].stopped


def test_a_further_cell_runs_last_and_costs_nobody_anything(sandbox: Sandbox) -> None:
    for further, shown in (("print(2)", ["2\n"]), ("import os\nos._exit(3)", None)):
        results = execute(sandbox, {0: "print(1)"}, {}, afterwards=further)
        assert texts(results[0]) == ["1\n"]
        assert results[0].stopped == ""
        assert (texts(results[1]) if 1 in results else None) == shown


EMPTY_LINE = r"""
import os, stat, time
time.sleep(0.5)
for number in range(3, 256):
    try:
        if stat.S_ISFIFO(os.fstat(number).st_mode): os.write(number, b'\n')
    except OSError: pass
time.sleep(8)
"""


def test_who_takes_back_what_was_written_keeps_nobody_waiting(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may write to a pipe can open its other end, too, and read what others were told of before they do."""
    wait, told = select.select, list[bool]()

    def told_in_vain(listened: list[Any], *others: Any) -> Any:
        ready = wait(listened, *others)
        if listened[0] in ready[0]:
            told.append(True)
            if len(told) == 2:  # the first time, the cell begins
                os.read(listened[0], 2**18)
        return ready

    sandbox.start()
    monkeypatch.setattr(sandbox, "limits", replace(LIMITS, cell_seconds=2))
    monkeypatch.setattr(select, "select", told_in_vain)
    assert sandbox.run([(0, EMPTY_LINE)], {}).late == {0}


def test_time_that_is_over_before_the_first_cell_begins_is_no_error(sandbox: Sandbox) -> None:
    sandbox.start()
    for seconds in (0.0, 0.001, 0.01, 0.05):
        execution = sandbox.run([(0, "print(1)")], {}, time.monotonic() + seconds)
        assert execution.reason in ("end", "")
