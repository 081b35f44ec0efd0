"""An exercise of plain functions, from its source to the pages of students: check and grade are one judgement."""

import html
import re
from pathlib import Path

import pytest
from nbclient import NotebookClient

from nbjudge.course.notebooks import graded_cells
from tests.support import writing_tasks
from tests.support.gradebooks import scores
from tests.support.writing_tasks import NAME, POINTS, TODO

STUDENTS: dict[str, dict[str, str]] = {
    "right": {},
    "stub": dict.fromkeys(POINTS, TODO),
    "other": {
        "greet": 'print("Hello " + name + "!  \\nHow are you?")',
        "root": "class NegativeError(ValueError): ...\nif x < 0: raise NegativeError\nreturn float(x) ** 0.5",
        "double": "return np.add(x, x)",
        "count": "counts = {}\nfor word in words: counts[word] = counts.get(word, 0) + 1\nreturn counts",
    },
    "strict": {
        "double": "import warnings\nwarnings.simplefilter('error')\n\ndef double(x):\n    warnings.warn('slow')\n"
        "    np.nanmax(np.array([np.nan]))\n    return x + x",
    },
    "half": {"greet": 'print(f"Hello {name}!")\nprint("How are you\\ud800")'},
    "square": {"square": "return 2 * x"},
    "sum": {"square": "return None", "mean_square": "return sum(map(square, numbers))"},
    "wrong": {
        "square": "return str(x * x)",
        "mean_square": "print(sum(square(x) for x in numbers) / len(numbers))",
        "greet": 'return f"Hello {name}!"',
        "root": "return abs(x) ** 0.5",
        "double": "return [a + a for a in x]",
        "count": "return {word: 1 for word in words}",
    },
    "another": {
        "greet": 'print(f"Hello {name}!")\nprint("How are you")',
        "root": "if x < 0: raise KeyError(x)\nreturn x**0.5",
        "double": "def double(x):\n    return helper(x)\n\ndef helper(x):\n    y = []\n    for a in x: y += [3 * a]\n"
        "    return np.array(y)",
        "count": "return dict.fromkeys(words)",
    },
}
LOST: dict[str, dict[str, float]] = {
    "right": {},
    "stub": dict.fromkeys(POINTS, 0),
    "other": {},
    "strict": {},
    "half": {"greet": 0},
    "square": {"square": 0},
    "sum": {"square": 0, "mean_square": 0},
    "wrong": {**dict.fromkeys(POINTS, 0), "root": 0.5, "double": 1},
    "another": {"greet": 0, "root": 0.5, "double": 0, "count": 0},
}
"""What a task gives that doesn't give all of its points."""
SAID: dict[str, list[str]] = {
    "stub": ["It is not implemented yet."],
    "square": ["The values are wrong.|Every value|The number"],
    "sum": ["You added up the squares. Take their mean.", "The result is None: is there a return"],
    "wrong": [
        "The result must be a number; it is a text: ",
        "The result is None, and something is printed: return it",
        "It returns a text and prints nothing: use print.",
        "No error is raised for this input, and one is asked for.",
        "You go through the numbers one by one.",
        "The entry 'x' is wrong: it is 1.",
    ],
    "another": [
        "Line 2 differs. Only punctuation marks differ.",
        "It stops with KeyError, and another error is asked for.",
        "helper, which is called here, has a loop, for in line 6 of its cell; this is to be done without. "
        "numpy multiplies arrays as a whole.",
        "The entry 'x' is wrong: it is None.",
    ],
}
"""What pages say; those of which a part is enough are separated by |."""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course, with all submissions graded."""
    folder = tmp_path_factory.mktemp("writing") / "course"
    writing_tasks.make(folder)
    for student, replaced in STUDENTS.items():
        writing_tasks.hand_in(folder, student, replaced)
    for command in ("autograde", "generate_feedback"):
        writing_tasks.run(folder, "nbgrader", command, "ex06")
    return folder


def test_points(course: Path) -> None:
    _, students = scores(course, "ex06")
    expected = {
        student: {f"test_{name}": value for name, value in (POINTS | lost).items()} for student, lost in LOST.items()
    }
    assert students == expected


@pytest.mark.parametrize("student", SAID)
def test_pages(course: Path, student: str) -> None:
    page = (course / "feedback" / student / "ex06" / NAME).with_suffix(".html").read_text()
    text = " ".join(html.unescape(re.sub("<[^>]*>", "", page)).split()).replace("`", "")
    for sentence in SAID[student]:
        assert any(part in text for part in sentence.split("|")), sentence
    assert "Emmy" not in text.partition("How your notebook ran")[0]


@pytest.mark.parametrize("student", STUDENTS)
def test_a_check_says_what_the_grade_says(course: Path, student: str) -> None:
    notebook = writing_tasks.answered(course, STUDENTS[student])
    place = {"metadata": {"path": str(course / "release/ex06")}}
    arguments = ["--IPKernelApp.log_level=ERROR"]
    NotebookClient(notebook, timeout=60, allow_errors=True, extra_arguments=arguments, resources=place).execute()
    for name in POINTS:
        outputs = graded_cells(notebook)[f"test_{name}"].outputs
        said = "".join(str(each.get("text", each.get("data", {}).get("text/plain", ""))) for each in outputs)
        is_right = not any(each.output_type == "error" for each in outputs) and "not implemented yet" not in said
        assert is_right == (name not in LOST[student]), (name, said)
    if student == "wrong":
        shown = str(notebook.cells)
        for text in (
            "given 'Ada': right is 'Hello Ada!\\\\nHow are you?', yours nothing printed",
            "right is ValueError",
        ):
            assert text.replace("\\\\", "\\") in shown.replace("\\\\", "\\"), shown
