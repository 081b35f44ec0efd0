"""A course with an exercise of plain functions: stand-ins, texts, a dict, printing, an error, a rule about the code."""

import shutil
import sys
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from nbjudge.course.notebooks import graded_cells, read, write
from tests.support import ROOT, commands
from tests.support.small_exercise import cell, exercise

NAME = "1_functions.ipynb"
TODO = 'raise NotImplementedError("replace this line by your code")'
SETUP = """
import numpy as np

from nbprobe.check import check
from nbprobe.outcomes import printed, raised
from nbprobe.probe import probe
from nbprobe.rules import uses
from nbprobe.standin import standin


def another_square(x):
    return abs(x) ** 2.0
"""
SOLUTIONS = {
    "square": ("x", "return x * x"),
    "mean_square": ("numbers", "return sum(square(x) for x in numbers) / len(numbers)"),
    "greet": ("name", 'print(f"Hello {name}!")\nprint("How are you?")'),
    "root": ("x", 'if x < 0:\n    raise ValueError("x must not be negative")\nreturn x**0.5'),
    "double": ("x", "return 2 * np.asarray(x)"),
    "count": ("words", "return {word: words.count(word) for word in words}"),
}
"""Parameter and solution of each function, which is a task."""
STOOD_IN = """with standin(mean_square, square=another_square):
    probe("numbers", mean_square, {}, points=1)"""
PROBES = {
    "square": ('probe("a number", square, {}, points=1)', "3", "-7"),
    "mean_square": (STOOD_IN, "[1.0, 3.0]", "[2.0, 5.0, -3.0]"),
    "greet": ('probe("a name", printed(greet), {}, points=1)', "'Ada'", "'Emmy Noether'"),
    "root": (
        'probe("a number", root, {0}, points=0.5)\nprobe("a negative one", raised(root), -{0}, points=0.5)',
        "4",
        "6.25",
    ),
    "double": (
        'probe("numbers", double, np.array({}), points=1, core=True)\n'
        'uses(double, loops=False, points=1, advice="numpy multiplies arrays as a whole.")',
        "[1.0, 2.0]",
        "[3.5, -1.0]",
    ),
    "count": ('probe("words", count, {}, points=1)', "['a', 'b', 'a']", "['x', 'y', 'x', 'z']"),
}
"""Of each function: its probes, the input of the visible ones, and that of the hidden ones."""
POINTS = {"square": 1, "mean_square": 1, "greet": 1, "root": 1, "double": 2, "count": 1}
CATALOGUE = '''"""Typical mistakes."""

from nbjudge.judging.misconception import Misconception

MEAN = "return sum(square(x) for x in numbers) / len(numbers)"
CATALOGUE = [
    Misconception(
        "test_mean_square",
        "You added up the squares. Take their mean.",
        {MEAN: "return sum(map(square, numbers))"},
    ),
    Misconception("test_greet", "You greet nobody by name.", {'print(f"Hello {name}!")': 'print("Hello name!")'}),
    Misconception(
        "test_double",
        "You go through the numbers one by one.",
        {"return 2 * np.asarray(x)": "return np.array([2 * a for a in x])"},
    ),
]
'''


def make(folder: Path) -> None:
    """The course, with its answers and its release."""
    folder.mkdir(exist_ok=True)
    for name in ("nbgrader_config.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write("c.Bundle.packages = []\n")
    cells: list[NotebookNode] = [new_code_cell(SETUP.strip())]
    for name, (argument, solution) in SOLUTIONS.items():
        lines = ["### BEGIN SOLUTION", *solution.split("\n"), "### END SOLUTION"]
        text = "\n".join([f"def {name}({argument}):", *(f"    {line}" for line in lines)])
        cells += [cell(name, text), cell(f"test_{name}", _test(name), POINTS[name], solution=False)]
        cells[-1].metadata["tags"] = ["raises-exception"]
    exercise(folder / "source/ex06" / NAME, *cells)
    (folder / "misconceptions").mkdir()
    (folder / "misconceptions/ex06.py").write_text(CATALOGUE)
    for command in (("nbjudge", "outputs", "ex06"), ("nbjudge", "release", "ex06")):
        run(folder, *command)


def _test(name: str) -> str:
    probes, visible, hidden = PROBES[name]
    shown = "\n".join(f"    {line}" for line in probes.format(visible).split("\n"))
    check = f'@check("test_{name}", "Task", "{name}")\ndef check_{name}({name}):\n{shown}\n\n\ncheck_{name}()'
    return f"{check}\n### BEGIN HIDDEN TESTS\n{probes.format(hidden)}\n### END HIDDEN TESTS"


def run(folder: Path, *command: str) -> str:
    """What a command writes to the error stream."""
    done = commands.run([sys.executable, "-m", *command], folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stderr


def answered(folder: Path, replaced: dict[str, str]) -> NotebookNode:
    """The students' version with the solutions in it, but with these answers (cells or lines) in place of some."""
    notebook = read(folder / "release/ex06" / NAME)
    for name, node in graded_cells(notebook).items():
        if name in SOLUTIONS:
            answer = replaced.get(name, SOLUTIONS[name][1])
            if "def " in answer:
                node.source = answer
                continue
            assert TODO in node.source
            node.source = node.source.replace(TODO, answer.replace("\n", "\n    "))
    return notebook


def hand_in(folder: Path, student: str, replaced: dict[str, str], added: str = "") -> None:
    """Put a submission into the course; ``added`` is a cell of the student's own, behind the last answer."""
    notebook = answered(folder, replaced)
    if added:
        place = next(place for place, node in enumerate(notebook.cells) if "def double" in node.source)
        notebook.cells.insert(place + 1, new_code_cell(added))
    write(notebook, folder / "submitted" / student / "ex06" / NAME)
