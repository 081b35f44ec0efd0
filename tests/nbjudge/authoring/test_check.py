"""`course check`: what an author got wrong, in one line each with its place, whatever it is."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from nbjudge.authoring import answers_file
from nbjudge.course.notebooks import graded_cells, read, write
from tests.support import ROOT, commands
from tests.support.exercises import course_in
from tests.support.small_exercise import cell, exercise

NAME = "source/ex/1_double.ipynb"
CATALOGUE = """from nbjudge.judging.misconception import Misconception

CATALOGUE = [
    Misconception("test_double", "You tripled it. Two of them are enough.", {"result = 2 * x": "result = 3 * x"}),
]
"""
SOLUTION = """def double(x):
    ### BEGIN SOLUTION
    result = 2 * x
    ### END SOLUTION
    return result"""
TEST = """from nbprobe.check import check
from nbprobe.probe import probe


@check("test_double", "Task 1", "double")
def check_double(double):
    probe("a number", double, 1.5, points=1)


check_double()
### BEGIN HIDDEN TESTS
probe("a number", double, 2.5, points=1)
### END HIDDEN TESTS"""
TWO_TASKS = """from nbprobe.probe import probe

### BEGIN HIDDEN TESTS
probe("a number", lambda x: double(x) + 1, 2.5, points=1)
### END HIDDEN TESTS"""
INTERRUPTED = """import nbjudge
import signal
import sys
import weakref


class Thing:
    pass


c = get_config()
nbjudge.configure(c)
sys.rounds = getattr(sys, "rounds", 0) + 1
if sys.rounds == 10:
    thing = Thing()
    called = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
    del thing
"""
"""Ctrl-C comes while Python is in a callback, which can't raise it."""


def run(course: Path, *words: str) -> subprocess.CompletedProcess:
    return commands.run([sys.executable, "-m", "nbjudge", *words], cwd=course)


def edit(course: Path, change: Callable[[NotebookNode], object]) -> None:
    notebook = read(course / NAME)
    change(notebook)
    write(notebook, course / NAME)


def replace(name: str, old: str, new: str) -> Callable[[NotebookNode], None]:
    def change(notebook: NotebookNode) -> None:
        own = graded_cells(notebook)[name]
        assert old in own.source
        own.source = own.source.replace(old, new)

    return change


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with one exercise in which nothing is wrong."""
    folder = tmp_path_factory.mktemp("sound")
    (folder / "nbgrader_config.py").write_text("import nbjudge\nc = get_config()\nnbjudge.configure(c)\n")
    (folder / "misconceptions").mkdir()
    (folder / "misconceptions/ex.py").write_text(CATALOGUE)
    text = new_markdown_cell("# Twice\n\nTake it [twice](#Twice), as in $2x$.", id="text")
    test = cell("test_double", TEST, 1, solution=False)
    test.metadata["tags"] = ["raises-exception"]
    exercise(folder / NAME, text, cell("double", SOLUTION), test)
    answers_file.write(course_in(folder), "ex", folder / NAME)
    return folder


@pytest.fixture
def course(sound: Path, tmp_path: Path) -> Path:
    shutil.copytree(sound, tmp_path / "course")
    return tmp_path / "course"


def test_a_sound_exercise_is_said_to_be_one(course: Path) -> None:
    done = run(course, "check", "ex")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        f"✓ {NAME}: the probes of 1 test cell give 1 points; 1 known way of getting it wrong, each told from the "
        "others.",
        "Next: course prove ex",
    ]


def test_what_students_see_of_each_misconception_is_shown(course: Path) -> None:
    assert run(course, "check", "ex", "--seen").stdout.startswith(
        "Task 1: double\nYou tripled it. Two of them are enough.\n"
        "  ✗ a number\n      given 1.5: right is 3, yours 4.5\n\n✓ "
    )


def test_it_can_be_read_by_programs(course: Path) -> None:
    edit(course, replace("test_double", "2.5, points=1", "2.5, points=2"))
    done = run(course, "check", "ex", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["mistakes"] == [
        f"{NAME}, cell test_double: the probes of test_double give 2 points, but the cell is worth 1."
    ]


CELL = f"{NAME}, cell test_double"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            replace("test_double", "2.5, points", "__import__('random').random(), points"),
            f"{CELL}, line 12: a probe of test_double gives something else each time; "
            "draw its inputs from a fixed seed.",
        ),
        (
            replace("test_double", 'probe("a number", double, 2.5, points=1)', "1 / 0"),
            f"{CELL}, line 12: the solution in {{path}} fails in the cell test_double, line 12: ZeroDivisionError: "
            "division by zero",
        ),
        (
            replace("double", "    ### END SOLUTION\n", ""),
            f"{NAME}, cell double: 'BEGIN SOLUTION' in line 2 has no 'END SOLUTION'.",
        ),
        (
            lambda notebook: graded_cells(notebook)["test_double"].metadata.nbgrader.pop("points"),
            f"{NAME}, cell test_double: it is graded and has no points.",
        ),
    ],
)
def test_a_mistake_in_the_notebook_is_named_with_its_place(
    course: Path, change: Callable[[NotebookNode], object], said: str
) -> None:
    edit(course, change)
    done = run(course, "check", "ex")
    assert done.returncode == 1
    lines = [line for line in done.stdout.splitlines() if line.startswith("✗ ")]
    assert f"✗ {said.format(path=course / NAME)}" in lines, done.stdout
    assert "Traceback" not in done.stdout + done.stderr


TEXT = """# Twice

[Back](#Start)

![Two](two.png) and `[no](link.md)`

`$`

Take $2x.

result = 2 * x"""


def test_mistakes_in_a_text_are_named_with_their_lines(course: Path) -> None:
    edit(course, lambda notebook: notebook.cells[0].update(source=TEXT))
    done = run(course, "check", "ex")
    said = f"✗ {NAME}, cell text:"
    assert sorted(line for line in done.stdout.splitlines() if line.startswith("✗ ")) == [
        f"{said} line 3 leads to '#Start', but there is no such heading; write its words with - in place of blanks.",
        f"{said} line 5 leads to 'two.png', but there is no such file beside the notebook.",
        f"{said} line 9: a formula has no second $; for the sign, write \\$.",
        f"{said} students would see 'result = 2 * x', which is part of the solution in double.",
    ]


def way(sentence: str, new: str, old: str = "result = 2 * x", test: str = "test_double") -> str:
    """An entry of a catalogue, in one line."""
    return f'    Misconception("{test}", "{sentence}", {{"{old}": "{new}"}}),\n'


def test_mistakes_in_misconceptions_are_named_with_file_and_line(course: Path) -> None:
    entries = [
        way("You added it.", "result = x + x"),
        way("You took five.", "result = 3 * x", old="result = 5 * x"),
        way("You tripled it.", "result = 3 * x", test="test_triple"),
        way("You counted it.", "result = len(x)"),
    ]
    file = course / "misconceptions/ex.py"
    file.write_text(CATALOGUE.replace("]\n", f"{''.join(entries)}]\n"))
    lines = run(course, "check", "ex").stdout.splitlines()
    for number, said in (
        (5, "a misconception of test_double gives the right results: 'You added it.'."),
        (6, "no solution cell has the line 'result = 5 * x', which a misconception replaces."),
        (7, "a misconception is about test_triple, but there is no such test cell: 'You tripled it.'."),
        (8, "a misconception of test_double gives no result, only TypeError: 'You counted it.'."),
    ):
        assert f"✗ misconceptions/ex.py, line {number}: {said}" in lines, lines


def test_sentences_that_help_nobody_or_too_much_are_named(course: Path) -> None:
    entries = way("Write result = 2 * x here.", "result = x + 1") + way("", "result = x + 2")
    (course / "misconceptions/ex.py").write_text(CATALOGUE.replace("]\n", f"{entries}]\n"))
    said = run(course, "check", "ex").stdout
    assert "tells students 'result = 2 * x', which is part of the solution" in said
    assert "a misconception of test_double has no sentence; say what" in said


def test_all_that_is_wrong_is_said_at_once(course: Path) -> None:
    edit(course, replace("test_double", "2.5, points=1", "2.5, points=3"))
    edit(course, lambda notebook: notebook.cells[0].update(source="# Twice\n\n[Back](#Start)"))
    (course / "source/ex/run.sh").write_text("echo")
    done = run(course, "check", "ex")
    assert done.stdout.count("\n✗ ") + done.stdout.startswith("✗ ") == 3
    assert done.stdout.endswith("\n3 things are to be mended.\n")


def test_a_misconception_that_costs_points_elsewhere_is_named(course: Path) -> None:
    def second(notebook: NotebookNode) -> None:
        notebook.cells.append(cell("test_after", TWO_TASKS, 1, solution=False))

    edit(course, second)
    said = (
        "✗ misconceptions/ex.py, line 4: a misconception of test_double also costs points in test_after: 'You tripled "
        "it. Two of them are enough.'. Give the probes of test_after a stand-in for what test_double is about."
    )
    done = run(course, "check", "ex")
    assert said in done.stdout.splitlines()
    assert f"! {NAME}, cell test_after: it has no check, so students can't tell whether they are done." in done.stdout


def test_answers_that_are_older_than_the_misconceptions_are_named(course: Path) -> None:
    with (course / "misconceptions/ex.py").open("a") as file:
        file.write('CATALOGUE += [Misconception("test_double", "One more.", {"result = 2 * x": "result = x + 1"})]\n')
    done = run(course, "check", "ex")
    assert done.returncode == 1
    assert "isn't what solution, misconceptions and visible probes give; run course outputs ex." in done.stdout
    assert run(course, "outputs", "ex").returncode == 0
    assert run(course, "check", "ex").returncode == 0


@pytest.mark.parametrize("size", [0, 100, -3])
def test_a_notebook_that_was_saved_half_is_one_sentence(course: Path, size: int) -> None:
    content = (course / NAME).read_bytes()
    (course / NAME).write_bytes(content[:size])
    done = run(course, "check", "ex")
    assert done.returncode == 1
    sentence = f"✗ {NAME} is no notebook, or a damaged one; save it once more, or take back"
    assert sentence in done.stdout.splitlines()[0], done.stdout
    assert done.stdout.count(NAME) == 1


def test_probes_without_partners_are_doubts(course: Path) -> None:
    edit(course, replace("test_double", 'probe("a number", double, 2.5', 'probe("another", double, 2.5'))
    lines = [line for line in run(course, "check", "ex").stdout.splitlines() if line.startswith("! ")]
    assert lines == [
        f"! {CELL}: the hidden probe 'another' has no visible partner: check and grade can differ.",
        f"! {CELL}: the visible probe 'a number' has no hidden partner: check and grade can differ.",
    ]


def test_a_notebook_without_tests_gives_no_points(course: Path) -> None:
    edit(course, lambda notebook: notebook.cells.pop())
    (course / "misconceptions/ex.py").unlink()
    said = "✗ no cell of ex has points; mark a test, or an answer that you read, with nbgrader.\n"
    assert said in run(course, "check", "ex").stdout


def test_an_exercise_that_a_person_grades_is_in_order(course: Path) -> None:
    def by_hand(notebook: NotebookNode) -> None:
        notebook.cells[-1] = cell("why", "### BEGIN SOLUTION\nBecause.\n### END SOLUTION", 2, code=False)

    edit(course, by_hand)
    (course / "misconceptions/ex.py").unlink()
    (course / NAME).with_suffix(".checks.json").unlink()
    done = run(course, "check", "ex")
    assert done.returncode == 0, done.stdout
    assert "a person gives 2 points for 1 answer" in done.stdout


def test_a_solution_without_an_end_is_named_at_once(course: Path) -> None:
    edit(course, replace("double", "    result = 2 * x", "    while True:\n        result = 2 * x"))
    assert f"✗ {CELL}: the solution in {course / NAME} takes longer than 5 seconds in the probe 'a number' of " in (
        run(course, "check", "ex").stdout
    )


def test_a_region_whose_delimiters_are_gone_is_the_cause_that_is_named(course: Path) -> None:
    edit(course, replace("double", "    ### BEGIN SOLUTION\n", ""))
    edit(course, replace("double", "    ### END SOLUTION\n", ""))
    edit(
        course,
        replace("double", "    result = 2 * x", "    # twice as much as before, of whatever it is\n    result = 2 * x"),
    )
    lines = run(course, "check", "ex").stdout.splitlines()
    assert [line for line in lines if line.startswith("✗ ")][-1] == (
        f"✗ {NAME}, cell double: it has no solution region, so students get nothing of it but the stub. "
        "Put ### BEGIN SOLUTION and ### END SOLUTION around what they are to write."
    )
    assert not any("students would see" in line or "doesn't reach the probe" in line for line in lines)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("CATALOGUE = [(\n]\n", "line 2: the misconceptions in {file} can't be read: SyntaxError: closing parenthesis"),
        (
            "import os\n\nCATALOGUE = [os.nothing]\n",
            "line 3: the misconceptions in {file} can't be read: AttributeError",
        ),
    ],
)
def test_a_catalogue_that_cannot_be_read_is_named_with_its_line(course: Path, text: str, said: str) -> None:
    file = course / "misconceptions/ex.py"
    file.write_text(text)
    lines = run(course, "check", "ex").stdout.splitlines()
    assert lines[0].startswith(f"✗ misconceptions/ex.py, {said.format(file=file)}"), lines


def test_watching_looks_at_every_save_and_shows_what_students_see(course: Path, tmp_path: Path) -> None:
    output = tmp_path / "output"
    with output.open("w") as file:
        words = [sys.executable, "-m", "nbjudge", "check", "ex", "--watch"]
        process = subprocess.Popen(
            words, cwd=course, stdout=file, stderr=file, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )

    def wait_for(text: str, times: int = 1) -> None:
        while output.read_text().count(text) < times:
            assert process.poll() is None, output.read_text()
            time.sleep(0.05)

    try:
        wait_for("Watching.")
        assert "You tripled it." in output.read_text()
        file_of_ways = course / "misconceptions/ex.py"
        file_of_ways.write_text(CATALOGUE.replace("]\n", way("You added two.", "result = x + 2") + "]\n"))
        wait_for("Watching.", 2)
        second = output.read_text().partition("Watching.")[2]
        assert "You added two.\n  ✗ a number\n      given 1.5: right is 3, yours 3.5\n" in second
        assert "You tripled it." not in second
        (course / NAME).write_bytes((course / NAME).read_bytes()[:100])
        wait_for("Watching.", 3)
        assert "is no notebook, or a damaged one" in output.read_text()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in output.read_text()


def test_an_interrupt_that_python_drops_ends_the_watching_all_the_same(course: Path) -> None:
    (course / "nbgrader_config.py").write_text(INTERRUPTED)
    done = run(course, "check", "ex", "--watch")
    assert done.returncode == 0
    assert "Watching." in done.stdout
    assert not done.stderr, done.stderr
