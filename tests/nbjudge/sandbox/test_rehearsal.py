"""The rehearsal: what it saves a submission, and that nothing of it reaches one but what was imported."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from traitlets.config import Config

from nbjudge.course import notebooks
from nbjudge.course.cells import cells_to_run
from nbjudge.course.regions import delimiters_of, split
from nbjudge.sandbox import sandbox as sandboxes
from nbjudge.sandbox import step as execution
from nbjudge.sandbox.rehearsal import FAILS, STUB, Names, names_in, texts_of
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.sandbox.step import execute
from tests.support import SOURCE
from tests.support.walls import WALLS

DELIMITERS = delimiters_of(Config())

EVERYTHING = """
import atexit, builtins, decimal, gc, linecache, locale, logging, os, random, signal, sys, tempfile, threading, warnings
import numpy as np, matplotlib.pyplot as plt, nbprobe.check, nbprobe.probe, nbprobe.runs
"""
CHANGES = [
    "secret = 42\nprint('said')\nsecret",
    EVERYTHING,
    "random.random(); np.random.rand(); np.random.seed(7); random.seed(7)",
    "os.environ['LEFT'] = '1'; os.chdir('/'); os.umask(0o77); sys.path.append('/left'); sys.argv.append('left')",
    "open('left', 'w').close(); open(tempfile.gettempdir() + '/left', 'w').close(); kept = open('left')",
    "warnings.simplefilter('error'); logging.getLogger().addHandler(logging.NullHandler()); np.seterr(all='raise')",
    "import left_nowhere",
    "builtins.left = np.left = os.left = 1; np.set_printoptions(precision=2); decimal.getcontext().prec = 3",
    "signal.signal(signal.SIGALRM, print); signal.alarm(1000); sys.setrecursionlimit(500); gc.disable()",
    "atexit.register(print); sys.meta_path.append(object()); sys.excepthook = print; sys.settrace(None)",
    "plt.plot([1]); plt.rcParams['figure.dpi'] = 30; np.random.default_rng",
    "threading.Thread(target=threading.Event().wait, daemon=True).start()",
    "nbprobe.probe.note('left'); nbprobe.probe.probe('left', len, [], points=1)\n"
    "nbprobe.probe._collectors.append(([], False)); nbprobe.check._put_off_checks['left'] = print",
    "get_ipython().ast_transformers.append(1); get_ipython().events.register('pre_run_cell', print)\n"
    "get_ipython().input_transformers_cleanup.append(print); get_ipython().set_custom_exc((ValueError,), print)",
    "%alias left ls\n%config InteractiveShell.ast_node_interactivity = 'all'",
    "1 / 0",
    "warnings.warn('once'); import sklearn.utils; sklearn.utils.deprecated",
    "import sys; sys.modules['left'] = sys; sys.modules['numpy'] = None",
]
SEEN = """
shell = get_ipython()
def names(of): return sorted(name for name in vars(of) if not name.startswith('__'))
[
    sorted(name for name in globals() if not name.startswith('_i')), In, Out, shell.execution_count,
    list(shell.history_manager.input_hist_raw), sorted(map(str, linecache.cache)),
    random.random(), float(np.random.rand()), [str(each) for each in warnings.filters], os.getcwd(), os.listdir(),
    os.listdir(tempfile.gettempdir()), dict(os.environ), sys.path, sys.argv, os.umask(0o22), threading.active_count(),
    names(builtins), names(np), names(os), np.geterr(), np.get_printoptions(), decimal.getcontext().prec,
    [str(signal.getsignal(each)) for each in sorted(signal.valid_signals())], signal.alarm(0), gc.isenabled(),
    sys.getrecursionlimit(), sys.excepthook is shell.excepthook, atexit._ncallbacks(), len(sys.meta_path),
    len(logging.getLogger().handlers), plt.get_fignums(), plt.rcParams['figure.dpi'], nbprobe.probe._noted,
    nbprobe.probe._collectors, nbprobe.check._put_off_checks, shell.ast_transformers, shell.ast_node_interactivity,
    len(shell.input_transformers_cleanup), [len(each) for each in shell.events.callbacks.values()],
    shell.custom_exceptions, len(os.listdir('/dev/fd')), 'left' in sys.modules, sys.modules['numpy'] is np,
    len(getattr(sys.modules['__main__'], '__warningregistry__', {})), locale.setlocale(locale.LC_ALL),
    sorted(name for name, own in list(sys.modules.items()) if '__warningregistry__' in getattr(own, '__dict__', {})),
    shell.alias_manager.is_alias('left'), sorted(shell.user_ns_hidden), sorted(shell.compile._filename_map),
]
"""


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Sandbox]]:
    """Makes sandboxes, and ends them."""
    monkeypatch.setattr(sandboxes, "PAYS_AFTER", 1)
    made: list[Sandbox] = []

    def start(*arguments: Any, **named: Any) -> Sandbox:
        made.append(Sandbox(*arguments, **named))
        said(made[-1], "1")
        made[-1].start()  # it rehearses before the second notebook
        return made[-1]

    yield start
    for sandbox in made:
        sandbox.close()


def said(sandbox: Sandbox, *cells: str) -> str:
    """What the last of them put out."""
    result = execute(sandbox, dict(enumerate(cells)), {})[len(cells) - 1]
    return "".join(output.get("text") or output.get("evalue") or output.data["text/plain"] for output in result.outputs)


@pytest.mark.parametrize("wall", WALLS)
def test_what_it_imported_needs_no_import_any_more(started: Callable[..., Sandbox], wall: str) -> None:
    look = "import sys; 'wave' in sys.modules"
    sandbox = started(isolation=wall, rehearsal=["1 / 0", "def late(): import wave", "late()"])
    assert said(sandbox, look) == "True"
    sandbox.close()
    sandbox._rehearsal = ["while True: pass"]  # it is held once
    assert said(sandbox, look) == "True"
    assert said(started(isolation=wall), look) == "False"


@pytest.mark.parametrize("wall", WALLS)
def test_a_few_notebooks_wait_for_none(wall: str) -> None:
    sandbox = Sandbox(isolation=wall, rehearsal=["import wave"])
    seen = [said(sandbox, "import sys; 'wave' in sys.modules") for _ in range(sandboxes.PAYS_AFTER + 2)]
    assert seen == ["False"] * sandboxes.PAYS_AFTER + ["True", "True"]
    sandbox.close()


@pytest.mark.parametrize("wall", WALLS)
def test_a_submission_sees_the_same_with_and_without(started: Callable[..., Sandbox], wall: str) -> None:
    modules = ["numpy", "nbprobe.check", "sklearn.utils"]
    plain = said(started(modules, isolation=wall), EVERYTHING, SEEN)
    rehearsed = started(modules, isolation=wall, rehearsal=["import wave", *CHANGES])
    assert said(rehearsed, EVERYTHING, SEEN) == plain
    assert "'secret'" not in plain
    assert rehearsed._names is not None
    assert "wave" in rehearsed._names.modules


def test_the_notebook_gives_the_same_outputs_with_and_without(started: Callable[..., Sandbox]) -> None:
    notebook = notebooks.read(SOURCE)
    cells = {index: notebook.cells[index].source for index in cells_to_run(notebook)}
    modules = ["nbprobe", *execution.imports_of(SOURCE)]
    texts = [*texts_of(notebook, DELIMITERS), execution.PUBLISH_CHECKS]
    with_one, without = started(modules, rehearsal=texts), started(modules)
    assert with_one._names is not None
    assert "stack_data.core" in with_one._names.modules
    for _ in range(2):
        results = [execute(each, cells, {}, afterwards=execution.PUBLISH_CHECKS) for each in (with_one, without)]
        assert results[0] == results[1]


@pytest.mark.parametrize(
    "text",
    [
        "while True: pass",
        "import os; os._exit(3)",
        "import os; os.fork()\nwhile True: pass",
        "import threading\nthreading.Thread(target=threading.Event().wait).start()",
        "import subprocess; subprocess.Popen(['sleep', '1000'])",
        "while True: print('x' * 10**6)",
        "x = bytearray(10**9); y = bytearray(10**9); z = bytearray(10**9)",
        "raise SystemExit",
        "import os\nfor n in range(3, 200):\n    try: os.close(n)\n    except OSError: pass",
        'import os\nfor n in range(3, 200):\n    try: os.write(n, b\'{"learned": {"modules": [5], "caches": 3}}\\n\')\n'
        "    except OSError: pass",
        "def (",
    ],
)
@pytest.mark.parametrize("wall", WALLS)
def test_one_that_comes_to_grief_does_no_harm(
    started: Callable[..., Sandbox], monkeypatch: pytest.MonkeyPatch, wall: str, text: str
) -> None:
    monkeypatch.setattr(sandboxes, "REHEARSAL_SECONDS", 3.0)
    sandbox = started(isolation=wall, rehearsal=["import wave", text])
    look = "import os, threading\nthreading.active_count(), len(os.listdir('.'))"
    assert said(sandbox, look) == "(1, 0)"
    assert sandbox.wall == wall


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages."""
    (tmp_path / "some-1.0.dist-info").mkdir()
    tmp_path.chmod(0o755)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("print('hello')", "hello\n"),
        ("import os; os.write(1, b'hello')", "hello"),
        ("import warnings; warnings.warn('hello')", "hello"),
        ("import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()", ""),
    ],
)
def test_what_a_module_says_belongs_to_who_imports_it(
    started: Callable[..., Sandbox], library: Path, text: str, expected: str
) -> None:
    """So it isn't imported beforehand, nor is what starts a thread."""
    (library / "loud.py").write_text(text)
    sandbox = started(rehearsal=["import wave, loud"])
    assert said(sandbox, "import sys; 'loud' in sys.modules") == "False"
    assert expected in said(sandbox, "import loud")


def test_a_library_keeps_what_it_found_out_and_what_the_notebook_imports_itself_does_not(
    started: Callable[..., Sandbox], library: Path
) -> None:
    kept = "import functools\n@functools.cache\ndef found(): return 1\n@functools.cache\ndef of(x): return x\n"
    for name in ("below", "direct"):
        (library / f"{name}.py").write_text(kept)
    cell = "import below, direct; below.found(); direct.found(); below.of(3)"
    sandbox = started(["direct"], rehearsal=[cell])
    sizes = "[each.cache_info().currsize for each in (below.found, direct.found, below.of)]"
    assert said(sandbox, f"import below, direct; {sizes}") == "[1, 0, 0]"


def cells(*texts: str, **metadata: Any) -> NotebookNode:
    last = new_code_cell("1", metadata={"nbgrader": {"grade": True, "solution": False, "points": 1}})
    return new_notebook(cells=[*(new_code_cell(text, metadata={"nbgrader": metadata}) for text in texts), last])


def test_no_line_of_a_solution_or_a_hidden_test_is_rehearsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(SOURCE.parent, tmp_path / "source/ex04")
    monkeypatch.setattr(execution, "_sandboxes", {})
    monkeypatch.setattr(execution, "Sandbox", lambda *arguments: arguments[4])
    step = execution.SandboxedExecute(config=Config(CourseDirectory={"root": str(tmp_path)}))
    texts = step._sandbox({"nbgrader": {"assignment": "ex04", "notebook": SOURCE.stem}})
    said = "\n".join(texts)
    assert "class BCE" in said
    assert STUB in said
    public = {line.strip() for text in texts for line in text.split("\n")}
    regions = [region for cell in notebooks.read(SOURCE).cells for region in split(cell.source, DELIMITERS, STUB)[1]]
    hidden = {line.strip() for region in regions for line in region.lines}
    assert {region.what for region in regions} >= {"solution", "hidden test"}
    assert len(hidden) > 50
    seen = {line for line in hidden & public if len(line) > 1}
    released = notebooks.read(SOURCE.parents[2] / "release/ex04" / SOURCE.name)
    assert seen <= {line.strip() for cell in released.cells for line in cell.source.split("\n")}


def test_a_cell_that_is_a_solution_as_a_whole_or_is_marked_in_a_wrong_way_is_left_out() -> None:
    begin, end = DELIMITERS[0].begin, DELIMITERS[0].end
    assert texts_of(cells("secret = 1", solution=True), DELIMITERS) == ["1", FAILS]
    assert texts_of(cells(f"a\n{begin}\nsecret", solution=True), DELIMITERS) == ["1", FAILS]
    assert texts_of(cells(f"a\n{begin}\nsecret\n{end}\nb", solution=True), DELIMITERS) == [f"a\n{STUB}\nb", "1", FAILS]


NAMES = {"modules": ["a.b"], "caches": ["a.b:c"]}


def test_names_are_taken_as_they_are_meant() -> None:
    assert asdict(names_in(NAMES)) == {"modules": ("a.b",), "caches": ("a.b:c",)}


@pytest.mark.parametrize(
    "learned",
    [
        None,
        3,
        [],
        {},
        {"modules": ["a"]},
        *(NAMES | {"modules": wrong} for wrong in ("a", [1], ["a b"], ["../a"], ["a."], [""], ["a\n"], ["a"] * 5001)),
        *(NAMES | {"caches": wrong} for wrong in (3, ["a"], ["a:b:c"], [["a", "b"]], ["a:b()"], ["a:b"] * 5001)),
    ],
)
def test_what_has_another_form_names_nothing(learned: Any) -> None:
    assert names_in(learned) == Names()


def test_names_of_every_length_are_bounded() -> None:
    for length, count in itertools.product((1, 101, 102, 10_000), (1, 21, 22)):
        name = ".".join(["a" * length] * count)
        taken = names_in({"modules": [name], "caches": []}).modules
        assert list(taken) == ([name] if length <= 101 and count <= 21 else [])
