"""What tasks are called: as the notebook calls them."""

import json
import re

from nbformat.v4 import new_code_cell, new_markdown_cell

from nbjudge.course.graded import write_verdict
from nbjudge.course.notebooks import graded_cells, read
from nbjudge.course.titles import titles
from nbprobe.verdict import Verdict
from tests.support import SOURCE


def graded(name: str, task: str = ""):
    cell = new_code_cell("", metadata={"nbgrader": {"grade": True, "solution": False, "grade_id": name}})
    write_verdict(cell, Verdict([], 0.0, 1.0), task, "")
    return cell


TEXT = """## The loss

### Task 1: how wrong is it? (3 points)

<details><summary>Hint 1: begin</summary>x</details>

### Task 10 – the other one (1 point)
"""


def test_a_heading_that_begins_with_the_task_is_its_title() -> None:
    cells = [new_markdown_cell(TEXT, id="text"), graded("a", "Task 10"), graded("b", "Task 1"), graded("c", "Task 2")]
    ten, one, two = titles(cells).values()
    assert (str(ten), ten.heading, ten.cell, ten.hints) == ("10 · The other one", "Task 10 – the other one", "text", ())
    assert (str(one), one.hints) == ("1 · How wrong is it?", ("Hint 1: begin",))
    assert (str(two), two.heading) == ("2 · c", "")


def test_without_a_check_the_nearest_heading_above_is_the_title() -> None:
    cells = [
        new_markdown_cell("# Week 3\n\n## Slopes"),
        graded("test_slope"),
        new_markdown_cell("text"),
        graded("test_end"),
    ]
    assert list(map(str, titles(cells).values())) == ["1 · Slopes (slope)", "2 · Slopes (end)"]
    assert list(map(str, titles(cells[1:2]).values())) == ["1 · slope"]


def test_lines_of_files_are_read_as_they_are_stored() -> None:
    cells = json.loads(json.dumps([new_markdown_cell(TEXT), graded("b", "Task 1")]))
    cells[0]["source"] = cells[0]["source"].splitlines(keepends=True)
    assert str(titles(cells)["b"]) == "1 · How wrong is it?"


def test_the_overview_of_the_exercise_calls_each_task_as_its_heading_does() -> None:
    notebook = read(SOURCE)
    tests = [cell for cell in graded_cells(notebook).values() if cell.metadata.nbgrader.grade]
    for number, cell in enumerate(tests, 1):
        write_verdict(cell, Verdict([], 0.0, 1.0), f"Task {number}", "")
    (overview,) = (cell.source for cell in notebook.cells if cell.id == "overview")
    named = re.findall(r"^\| (\d) \| \[([^\]]+)\]\(", overview, re.MULTILINE)
    assert [(title.number, title.text) for title in titles(notebook.cells).values()] == named
    assert len(named) == 7
