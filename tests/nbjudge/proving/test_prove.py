"""`course prove`: what the tests of an exercise don't notice, and what is said of it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nbformat import NotebookNode
from traitlets.config import Config

from nbjudge.authoring import answers_file
from nbjudge.course.notebooks import KERNEL, graded_cells, read, write
from nbjudge.course.regions import delimiters_of
from nbjudge.proving.answer import answers_in
from nbjudge.proving.mutants import mutants_of
from nbjudge.proving.prove import Proof
from nbjudge.proving.trial import outcomes_in
from tests.support import ROOT, commands
from tests.support.exercises import course_in
from tests.support.small_exercise import cell, exercise

PROBE = "from nbprobe.probe import probe\n\n### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"


def answer(head: str, *lines: str) -> str:
    """A function with a solution region; the last line comes after it."""
    *body, last = lines
    inner = "".join(f"    {line}\n" for line in body)
    return f"{head}\n    ### BEGIN SOLUTION\n{inner}    ### END SOLUTION\n    {last}"


CLAMP = answer("def clamp(x, low, high):", "if x < low:", "    x = low", "if x > high:", "    x = high", "return x")
ENDING = answer("def positive(n):", "while True:", "    n = abs(n)", "    break", "return n")


def course_with(folder: Path, *cells: object, ways: str = "") -> Path:
    (folder / "nbgrader_config.py").write_text("import nbjudge\nc = get_config()\nnbjudge.configure(c)\n")
    exercise(folder / "source/ex/1.ipynb", *cells)  # type: ignore[arg-type]
    (folder / "misconceptions").mkdir(exist_ok=True)
    (folder / "misconceptions/ex.py").write_text(
        f"from nbjudge.judging.misconception import Equivalent, Misconception, Redundant\n\nCATALOGUE = []\n{ways}\n"
    )
    return folder


def clamp_course(folder: Path, *probes: str, ways: str = "") -> Path:
    lines = "\n".join(f"probe({probe}, points=1)" for probe in probes)
    test = cell("test_clamp", PROBE.format(lines), len(probes), solution=False)
    return course_with(folder, cell("clamp", CLAMP), test, ways=ways)


ENOUGH = ["'below', clamp, -7, -3, 2", "'above', clamp, 6, -3, 2", "'between', clamp, 1, -3, 2"]


def prove(course: Path, *options: str) -> subprocess.CompletedProcess:
    return commands.run([sys.executable, "-m", "nbjudge", "prove", "ex", *options], course)


def data(course: Path) -> dict:
    done = prove(course, "--json")
    assert done.returncode in (0, 1), done.stderr
    (said,) = json.loads(done.stdout)
    assert said["proven"] == (done.returncode == 0)
    return said


# --- what is changed ---


def mutants(text: str) -> list[str]:
    return [mutant.statement for mutant in mutants_of(answers_in({"f": text}, delimiters_of(Config())), (), "")]


@pytest.mark.parametrize(
    ("lines", "changed"),
    [
        (["y = x and not z", "return y"], {"y = x or not z", "y = x", "y = not z", "y = x and z"}),
        (["if x in z:", "    x = 1", "return x"], {"if x not in z:", "if not x in z:", "if True:", "if False:"}),
        (["if x:", "    x = 1", "else:", "    x = 2", "return x"], {"without x = 1", "if x:", "if not x:"}),
        (["x += 2", "return x"], {"x = 2", "x -= 2", "x += 3", "x += -2", "without x += 2", "twice x += 2"}),
        (["return [x, z]", "pass"], {"return [x]", "return [z]", "return None", "return [z, z]"}),
        (["y = x[1:]", "return y"], {"y = x[:]", "y = x[2:]", "y = x[0:]"}),
        (["y = x[z]", "return y"], {"y = x[z + 1]", "y = x[z + -1]"}),
        (["y = max(x, key=len)", "return y"], {"y = max(x)", "y = min(x, key=len)"}),
        (["y = {'a': x}", "return y"], {"y = {}", "y = {'': x}", "y = {'ax': x}"}),
        (["for i in range(x):", "    z += i", "return z"], {"for i in range(x + 1):", "for i in range(x + -1):"}),
        (["while x:", "    break", "return x"], {"continue", "without break"}),
        (["y = x if z else 0", "return y"], {"y = x", "y = 0", "y = 0 if z else x"}),
        (["y = x.lower()", "return y"], {"y = x"}),
    ],
)
def test_plain_python_is_changed_in_the_ways_of_slips(lines: list[str], changed: set[str]) -> None:
    assert set(mutants(answer("def f(x, z):", *lines))) >= changed


@pytest.mark.parametrize(
    ("lines", "same"),
    [
        (["y = x + 1", "return y"], {"twice y = x + 1", "y = 1 + x"}),
        (["y = (x - z) ** 2", "return y"], {"y = (z - x) ** 2", "y = (-(x - z)) ** 2"}),
        (["raise ValueError('no')", "return x"], {"raise ValueError('')", "raise ValueError('nox')"}),
    ],
)
def test_what_makes_no_difference_is_not_changed(lines: list[str], same: set[str]) -> None:
    assert not set(mutants(answer("def f(x, z):", *lines))) & same


def test_lines_that_only_ipython_understands_hide_neither_numpy_nor_a_name(tmp_path: Path) -> None:
    text = f"%precision 3\n{answer('def total(x):', 'result = np.cumsum(x)', 'return result')}"
    test = cell("test_total", PROBE.format("probe('of 3', total, np.ones(3), points=1)"), 1, solution=False)
    imports = cell("imports", "%matplotlib inline\nimport numpy as np")
    course = course_with(tmp_path, imports, cell("cell_of_total", text), test)
    proof = Proof(course_in(course), "ex", course / "source/ex/1.ipynb")
    assert [answer.name for answer in proof.answers] == ["imports", "total"]
    assert "result = np.mean(np.cumsum(x))" in [mutant.statement for mutant in proof.mutants]


@pytest.mark.parametrize("line", ["# a remark", "    # a remark"])
def test_what_stands_further_left_is_no_end_of_the_answer(line: str) -> None:
    text = CLAMP.replace("        x = low\n", f"        x = low\n{line}\n{line}\n")
    assert text.count(line) == 2
    (found,) = answers_in({"clamp": text}, delimiters_of(Config()))
    assert {"without x = low", "if x <= low:"} <= set(mutants(text))
    assert found.name == "clamp"
    first = CLAMP.replace("### BEGIN SOLUTION\n", "### BEGIN SOLUTION\n# a remark\n")
    assert "without x = low" in mutants(first)


def test_nothing_is_changed_outside_of_the_solution(tmp_path: Path) -> None:
    course = clamp_course(tmp_path, *ENOUGH)
    proof = Proof(course_in(course), "ex", course / "source/ex/1.ipynb")
    (only,) = proof.answers
    assert (only.name, only.first, only.last) == ("clamp", 3, 6)
    for mutant in proof.mutants:
        first, *_, last = mutant.text.split("\n")
        assert (first, last) == ("def clamp(x, low, high):", "    return x"), mutant.text


def test_a_region_within_a_branch_is_changed() -> None:
    text = """def sign(x):
    if x > 0:
        return 1
    ### BEGIN SOLUTION
    elif x < 0:
        return -1
    ### END SOLUTION
    return 0"""
    found = mutants_of(answers_in({"f": text}, delimiters_of(Config())), (), "")
    assert {"without return -1", "return None", "if x <= 0:"} <= {mutant.statement for mutant in found}
    assert all(mutant.text.startswith("def sign(x):\n    if x > 0:\n        return 1\n") for mutant in found)


# --- what is said ---


def test_enough_probes_are_proven_and_what_is_listed_says_why(tmp_path: Path) -> None:
    course = clamp_course(tmp_path, *ENOUGH)
    survivors = data(course)["survivors"]
    assert set(survivors) == {"clamp: if x <= low:", "clamp: if x >= high:"} | {
        key for key in survivors if " in the place of " in key or "twice" in key
    }
    listed = [key.removeprefix("clamp: ") for key in survivors]
    ways = f"EQUIVALENT = [Equivalent('at the bounds both are the same', ['clamp'], {listed!r})]"
    redundant = "REDUNDANT = [Redundant('test_clamp', 'between', 'so that nobody is caught by surprise')]"
    clamp_course(tmp_path, *ENOUGH, ways=f"{ways}\n{redundant}")
    done = prove(course)
    needed = {probe["probe"]: probe["alone"] for probe in data(course)["probes"]}
    assert needed["below"]
    assert needed["above"]
    if needed["between"]:
        assert "'between' of test_clamp is listed as redundant, but it finds what no other does." in done.stdout
    else:
        assert done.returncode == 0, done.stdout


def test_a_weak_probe_is_named_with_the_question_that_it_leaves_open(tmp_path: Path) -> None:
    done = prove(clamp_course(tmp_path, *ENOUGH[1:]))
    assert done.returncode == 1
    assert "  ✗ clamp: No probe notices that if x < low: is gone. Should one?\n" in done.stdout
    assert "\n      -    if x < low:\n" in done.stdout
    assert "\n      If it does the same as the solution, list 'without if x < low:'.\n" in done.stdout
    page = (tmp_path / "proof-ex.html").read_text()
    assert "No probe notices that x = low is gone. Should one?" in page
    assert "<script" not in page


def test_a_probe_that_finds_nothing_alone_is_named(tmp_path: Path) -> None:
    done = prove(clamp_course(tmp_path, *ENOUGH, "'below again', clamp, -8, -3, 2"))
    assert (
        "  ✗ The probe 'below again' of test_clamp finds nothing that no other finds. Sharpen it, take it out, or "
        "list it in REDUNDANT with the reason.\n" in done.stdout
    )


def test_what_is_listed_and_is_not_so_is_named(tmp_path: Path) -> None:
    ways = (
        "EQUIVALENT = [Equivalent('why', ['clamp', 'clmp'], ['without x = low'])]\n"
        "REDUNDANT = [Redundant('test_clamp', 'below', 'why'), Redundant('test_clamp', 'gone', 'why'),"
        " Redundant('test_clmp', 'below', 'why')]"
    )
    stale = data(clamp_course(tmp_path, *ENOUGH, ways=ways))["stale"]
    assert stale == [
        "'clamp: without x = low' is listed as equivalent, but no mutant that gets all points, without a remark, is "
        "that",
        "the probe 'below' of test_clamp is listed as redundant, but it finds what no other does",
        "the probe 'gone' of test_clamp is listed as redundant, but there is none",
        "clmp is listed in EQUIVALENT, but no answer has this name",
        "test_clmp is listed in REDUNDANT, but there is no such test cell",
    ]


def test_what_costs_points_in_another_task_is_named(tmp_path: Path) -> None:
    second = answer("def half(x):", "y = clamp(x, 0, 8) / 2", "return y")
    tests = [
        cell("test_clamp", PROBE.format("\n".join(f"probe({probe}, points=1)" for probe in ENOUGH)), 3, solution=False),
        cell("test_half", PROBE.format("probe('half', half, 9.5, points=1)"), 1, solution=False),
    ]
    spreading = data(course_with(tmp_path, cell("clamp", CLAMP), tests[0], cell("half", second), tests[1]))["spreading"]
    assert spreading["clamp: without x = high"] == ["test_half"]
    assert not any(key.startswith("half: ") for key in spreading)


def test_a_mutant_without_an_end_loses_and_is_counted(tmp_path: Path) -> None:
    test = cell("test_positive", PROBE.format("probe('from 3', positive, -3, points=1)"), 1, solution=False)
    said = data(course_with(tmp_path, cell("positive", ENDING), test))
    assert {"positive: without break", "positive: continue"} <= set(said["slow"])
    assert not set(said["slow"]) & set(said["survivors"])
    assert said["lost"] + len(said["survivors"]) == said["mutants"]


def test_each_of_several_notebooks_is_proven_and_one_without_code_is_left_out(tmp_path: Path) -> None:
    course = clamp_course(tmp_path, *ENOUGH)
    test = cell("test_twice", PROBE.format("probe('of 3', twice, 3.5, points=1)"), 1, solution=False)
    exercise(course / "source/ex/2.ipynb", cell("twice", answer("def twice(x):", "y = 2 * x", "return y")), test)
    exercise(course / "source/ex/3.ipynb", cell("why", "Because.", 2, code=False))
    said = json.loads(prove(course, "--json").stdout)
    assert [(each["notebook"], bool(each["mutants"])) for each in said] == [("1.ipynb", True), ("2.ipynb", True)]


# --- bad input, and what goes on ---


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([cell("why", "Because.", 2, code=False)], "there is nothing to prove in ex: no cell has an answer in Python"),
        ([cell("f", "1 / 0"), cell("test_f", "", 1, solution=False)], "fails in the cell f, line 1: ZeroDivisionError"),
    ],
)
def test_what_cannot_be_proven_is_one_sentence(cells: list, said: str, tmp_path: Path) -> None:
    done = prove(course_with(tmp_path, *cells))
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("thesis.html", "thesis.html exists and wasn't made by this command"),
        ("nowhere/page.html", "there is no folder"),
        ("source", "is a folder; name a file"),
    ],
)
def test_where_the_page_cannot_go_is_said_before_anything_is_graded(to: str, said: str, tmp_path: Path) -> None:
    course = clamp_course(tmp_path, *ENOUGH)
    (course / "thesis.html").write_text("mine")
    done = prove(course, "--to", to)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert (course / "thesis.html").read_text() == "mine"
    assert not (course / ".grading").exists()


def test_who_stops_it_goes_on_from_there(tmp_path: Path) -> None:
    course = clamp_course(tmp_path, *ENOUGH)
    words = [sys.executable, "-m", "nbjudge", "prove", "ex"]
    process = subprocess.Popen(
        words, cwd=course, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )

    def done() -> int:
        return sum(len(outcomes_in(path)) for path in (course / ".grading/ex/proof").glob("*.jsonl"))

    try:
        while not done():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert b"Traceback" not in output
    before = done()
    proof = Proof(course_in(course), "ex", course / "source/ex/1.ipynb")
    assert proof.missing() == len(proof.mutants) - before
    prove(course)
    assert proof.missing() == 0


def test_the_release_says_what_was_proven_of_this_very_source(tmp_path: Path) -> None:
    course = clamp_course(tmp_path, *ENOUGH)

    def released() -> list[str]:
        done = commands.run([sys.executable, "-m", "nbjudge", "release", "ex"], course)
        assert done.returncode == 0, done.stderr
        return [line for line in done.stdout.splitlines() if "mutants" in line]

    notebook = read(course / "source/ex/1.ipynb")
    notebook.metadata = NotebookNode(kernelspec=KERNEL, language_info={"name": "python"})
    write(notebook, course / "source/ex/1.ipynb")
    assert released() == []
    said = data(course)
    (line,) = released()
    assert line.startswith(f"! {said['mutants']} mutants: {said['lost']} lose points, 0 listed as equivalent, ")
    assert Proof(course_in(course), "ex", course / "source/ex/1.ipynb").kept() is not None
    test = graded_cells(notebook)["test_clamp"]
    test.source = test.source.replace("-7, -3, 2", "-6, -3, 2")
    write(notebook, course / "source/ex/1.ipynb")
    assert Proof(course_in(course), "ex", course / "source/ex/1.ipynb").kept() is None
    answers_file.write(course_in(course), "ex", course / "source/ex/1.ipynb")
    assert released() == []
