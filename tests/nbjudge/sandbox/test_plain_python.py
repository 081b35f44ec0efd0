"""Cells are transformed as IPython transforms them, also where the search for magics is left out."""

import json
import random
import subprocess
import sys
import sysconfig
import threading
import warnings
from pathlib import Path

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from nbjudge.sandbox.inside import plain_python
from nbjudge.sandbox.inside.plain_python import Transformers, is_python
from tests.support import SOURCE

CELLS = [
    "x = 1",
    "",
    "\n\n  \n",
    "\n  x = 1\n  y = 2",
    "%time x = 1",
    "%%time\nx = 1",
    "x = %pwd",
    "x = !ls",
    "!ls\n",
    "x?",
    "x.y??\n",
    "?x",
    ",f a b",
    "/f 1",
    ";f a",
    "for n in range(3):\n    %pwd\n    !ls",
    "'''\n%pwd\n!ls\n'''",
    "f(\n%pwd\n)",
    "x = [1\n% 2]",
    "x = (1 \\\n% 2)",
    "y = 3 \\\n% 2",
    "y = \\\n%pwd",
    "# why?",
    "x = 1  # why?",
    "'why?'",
    "'''why?\n'''",
    ">>> x = 1\n>>> y = 2",
    "In [1]: x",
    "In [1]: x = 1\n   ...: y = 2",
    "x = '''\n>>> a\n'''",
    "if 1:\n        x\n    y",
    "if (a\n    and b\n        and c):\n        x\n    y",
    "def f(:\n  pass",
    "x = 'a",
    "x = '''a",
    "x = (1,",
    "x = 1 \\",
    "s = 'a\u2028%pwd'\n",
    "s = 'a\x0c%pwd'\n",
    "x = 1\x0c\n%pwd",
    "x = 1\r\n%pwd\r\n",
    "x = 1\r%pwd",
    "\ufeffx = 1",
    "# -*- coding: latin-1 -*-\nx = 'ä'",
    "x = '\\d'",
    "x = 0or 1",
    "await f()",
    "return 3",
    "x = 1\n\x00",
    "f'{x = !r}?'",
    "f'''{\nx}?'''",
    "a %= b",
    "a != b",
    "$x",
    "x = ?",
    "x = 1 ?",
    "\tx = 1\n\ty = 2",
    "if 1:\n\tx\n        y",
    "(" * 300,
]

DAMAGE = ["%pwd\n", "  !ls\n", "x?\n", "y = !ls\n", "(", "'''", " ", "\\\n", "\u2028", "   z\n", "\t"]


def outcome(manager: TransformerManager, cell: str) -> str:
    """The text that comes of it, or the error."""
    try:
        return manager.transform_cell(cell)
    except Exception as error:
        return repr(error)


def same(cell: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # IPython's tokenizer may warn
        return outcome(Transformers(), cell) == outcome(TransformerManager(), cell)


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_becomes_what_ipython_makes_of_it(cell: str) -> None:
    assert same(cell)


def test_programs_and_damaged_ones_become_what_ipython_makes_of_them() -> None:
    rng = random.Random(0)
    library = sorted(Path(sysconfig.get_path("stdlib")).glob("[a-h]*.py"))
    texts = [path.read_text() for path in rng.sample(library, 6)]
    texts += ["".join(cell["source"]) for cell in json.loads(SOURCE.read_text())["cells"]]
    for text in texts:
        assert same(text)
        lines = text.splitlines(keepends=True)
        for _ in range(6):
            place = rng.randrange(len(lines) + 1)
            damage = rng.choice(
                ["%pwd\n", "  !ls\n", "x?\n", "y = !ls\n", "(", "'''", " ", "\\\n", "\u2028", "   z\n", "\t"]
            )
            cut = slice(max(0, place - 15), place + 15)
            assert same("".join([*lines[:place], damage, *lines[place:]][cut]))


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have other threads; the process of a submission begins with one."""
    monkeypatch.setattr(plain_python.threading, "active_count", lambda: 1)


def test_a_parser_that_warns_warns_no_more_often_and_nothing_that_was_said_is_said_again(alone: None) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        before = list(warnings.filters)
        for _ in range(3):
            warnings.warn("once", stacklevel=1)
            assert is_python(["x = '\\d'\n", "y = 1or 2\n"])
            assert not is_python(["x = '\\d'\n", "y = = 1\n"])
        assert list(warnings.filters) == before
    assert [str(each.message) for each in caught] == ["once"]


def test_beside_other_threads_and_transformers_it_is_ipythons(alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_python(["x = 1\n"])
    asked: list[object] = []
    monkeypatch.setattr(plain_python, "is_python", lambda lines: asked.append(lines) or True)
    manager = Transformers()
    assert manager.transform_cell("%pwd") == "%pwd\n"
    manager.token_transformers.append(manager.token_transformers[0])
    assert "run_line_magic" in manager.transform_cell("%pwd")
    assert len(asked) == 1
    monkeypatch.undo()
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    assert not is_python(["x = 1\n"])  # it would miss a warning of that thread
    end.set()
    thread.join()


def test_the_shell_takes_another_as_ipythons_does() -> None:
    """In a process of its own: there is one shell in each, and it takes the streams."""
    program = """
import sys
from IPython.core.inputtransformer2 import TransformerManager
from nbjudge.sandbox.inside.shell import new_shell
own = new_shell(1000)
name = type(own.input_transformer_manager).__name__
own.input_transformer_manager = TransformerManager()
print(name, type(own.input_transformer_manager).__name__, file=sys.__stdout__)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["Transformers", "TransformerManager"]
