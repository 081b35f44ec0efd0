"""What the notebook says: symbols that are defined, and no answer before its time."""

import re
from pathlib import Path

import pytest

from nbjudge.course.notebooks import graded_cells, read
from tests.support import ROOT

SOURCE = read(ROOT / "source/ex04/1_simple_classifier.ipynb")
TEXTS = {cell.id: cell.source for cell in SOURCE.cells if cell.cell_type == "markdown"}

MATHS = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$", re.DOTALL)
LAYOUT = {
    "frac",
    "tilde",
    "hat",
    "partial",
    "cdot",
    "sum",
    "to",
    "leftarrow",
    "infty",
    "ln",
    "sigma",
    "eta",
    "in",
    "qquad",
}


def symbols(text: str) -> set[str]:
    """Letters and commands that stand in the formulas of ``text``."""
    formulas = " ".join(first or second for first, second in MATHS.findall(text))
    commands = set(re.findall(r"\\([A-Za-z]+)", formulas))
    letters = set(re.findall(r"[A-Za-z]", re.sub(r"\\[A-Za-z]+", " ", formulas)))
    return commands | letters


def test_formulas_use_only_symbols_of_the_notation_table() -> None:
    # e and d are the number e and the d of a derivative
    known = symbols(TEXTS["notation"]) | {"e", "d"} | LAYOUT
    assert {"N", "D", "X", "x", "W", "z", "y", "L", "J", "n", "sigma", "eta"} <= known
    for name, text in TEXTS.items():
        assert symbols(text) <= known, f"{name} uses {symbols(text) - known}"


def test_every_formula_is_closed() -> None:
    for name, text in TEXTS.items():
        outside = MATHS.sub("", re.sub(r"`[^`]*`", "", text))
        assert "$" not in outside, name


def test_every_hint_unfolds() -> None:
    hints = "\n".join(TEXTS.values())
    assert hints.count("<details><summary>") == hints.count("</details>") >= 7 * 2


def test_points_in_the_text_are_those_of_the_cells() -> None:
    said = [
        int(points) for text in TEXTS.values() for points in re.findall(r"^### Task \d: .*\((\d) points\)", text, re.M)
    ]
    cells = [cell.metadata.nbgrader.points for cell in graded_cells(SOURCE).values() if cell.metadata.nbgrader.grade]
    assert said == cells


def test_headings_make_a_table_of_contents() -> None:
    headings = [line for text in TEXTS.values() for line in text.splitlines() if re.match(r"#+ ", line)]
    assert headings[0] == "# Simple Classifier"
    assert sum(line.startswith("# ") for line in headings) == 1
    assert headings[-2:] == ["## Feedback Exercise 4", "## Questions?"]
    assert len(set(headings)) == len(headings)


@pytest.mark.parametrize("file", sorted((ROOT / "exercise_code").rglob("*.py")), ids=lambda file: file.name)
def test_no_line_of_the_solution_in_exercise_code(file: Path) -> None:
    solutions = "\n".join(cell.source for cell in graded_cells(SOURCE).values() if cell.metadata.nbgrader.solution)
    regions = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", solutions, re.DOTALL)
    squeezed = re.sub(r"\s", "", file.read_text())
    for line in "".join(regions).splitlines():
        code = re.sub(r"\s", "", line.split("#")[0]).partition("=")[2]
        assert len(code) < 10 or code not in squeezed, line


def test_every_link_within_the_notebook_leads_to_a_heading() -> None:
    headings = {
        line.lstrip("# ").replace("`", "").replace(" ", "-")
        for text in TEXTS.values()
        for line in text.splitlines()
        if re.match(r"#+ ", line)
    }
    links = [link for text in TEXTS.values() for link in re.findall(r"\]\(<?#([^>\n]+?)>?\)(?=[\s.,]|$| \()", text)]
    assert len(links) >= 7 + 5 + 6  # from the overview, to the classes' tasks, and back
    assert set(links) <= headings
    assert links.count("Overview") == 6


def test_no_line_of_code_is_wider_than_a_cell_on_a_laptop() -> None:
    """At 1280 pixels, beside JupyterLab's list of files, there is room for 104 letters."""
    released = read(ROOT / "release/ex04/1_simple_classifier.ipynb")
    lines = [line for cell in released.cells if cell.cell_type == "code" for line in cell.source.splitlines()]
    assert max(map(len, lines)) <= 102


def test_derivatives_are_folded_and_one_right_answer_is_in_each_question() -> None:
    for name, result in (
        ("bce-backward-text", r"\frac{1 - y}{1 - \hat y}"),
        ("classifier-backward-text", r"(1 - \sigma(z))"),
    ):
        opened = re.sub(r"<details>.*?</details>", "", TEXTS[name], flags=re.DOTALL)
        assert result in TEXTS[name]
        assert result not in opened
    questions = [text for name, text in TEXTS.items() if name.startswith("quiz-")]
    assert len(questions) == 6
    for text in questions:
        assert text.startswith("**Question.** ")
        assert text.count("<details><summary>") == 3
        assert text.count("**Right.**") == 1
        assert text.count("**Not quite.**") == 2
