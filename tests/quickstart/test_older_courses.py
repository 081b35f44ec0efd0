"""What courses have that have been there for years: no ids, data and helpers beside notebooks, steps of their own."""

import zipfile
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nbjudge.course.graded import read_graded
from nbjudge.course.notebooks import graded_cells, read
from tests.support.quickstart import SWITCHED_ON, TRUST, course, nbgrader
from tests.support.small_exercise import cell

ESSAY = "My reason is:\n### BEGIN SOLUTION\nBecause of the second law.\n### END SOLUTION"
STEP = """
from nbgrader.preprocessors import NbGraderPreprocessor


class Term(NbGraderPreprocessor):
    def preprocess_cell(self, cell, resources, index):
        cell.source = cell.source.replace("TERM", "autumn")
        return cell, resources
"""
CONFIG = f"""
import sys
sys.path.insert(0, ".")
c.GenerateAssignment.preprocessors.insert(1, "steps.Term")  # when the header is there
c.CourseDirectory.source_directory = "instructor"
c.CourseDirectory.submitted_directory = "handed in"
c.IncludeHeaderFooter.header = "instructor/header.ipynb"
c.Bundle.beside = [".py"]
{SWITCHED_ON}{TRUST}"""


def old(path: Path, *cells: NotebookNode) -> None:
    """A notebook as it was written before cells had ids."""
    notebook = new_notebook(cells=list(cells))
    notebook.nbformat_minor = 2
    for each in notebook.cells:
        each.pop("id", None)
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with two notebooks, the assignment's name with a dot and a space, and a class of three."""
    folder = tmp_path_factory.mktemp("old") / "course"
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text(f"c = get_config()\n{CONFIG}")
    (folder / "steps.py").write_text(STEP)
    header = cell("head", "Notes of TERM", solution=False, code=False)
    header.metadata.nbgrader.locked = True
    old(folder / "instructor/header.ipynb", header, new_code_cell('NAME = ""'))
    source = folder / "instructor/hw.1 b"
    old(
        source / "a.ipynb",
        new_markdown_cell("# Sheet 1 (TERM)"),
        new_code_cell("import helper\nn = 0  # put 5 here"),
        cell("n_test", "assert n == 5\nassert NAME", 2, solution=False),
        cell("f", "### BEGIN SOLUTION\nf = helper.twice\nn = 5\nNAME = 'me'\n### END SOLUTION"),
        cell("f_test", "assert f(int(open('data.csv').read())) == 6", 1, solution=False),
    )
    notebook = nbformat.read(source / "a.ipynb", as_version=4)
    notebook.cells[2], notebook.cells[3] = notebook.cells[3], notebook.cells[2]  # the solution stands above its tests
    for each in notebook.cells:
        each.pop("id", None)
    nbformat.write(notebook, source / "a.ipynb")
    old(source / "b.ipynb", cell("essay", ESSAY, 4, code=False))
    (source / "data.csv").write_text("3")
    (source / "helper.py").write_text("def twice(x):\n    return 2 * x\n")
    made = nbgrader(folder, "generate_assignment", "hw.1 b")
    assert made.returncode == 0, made.stderr
    for student in ("ada", "bob"):
        written = {"f": "f = helper.twice"}
        hand_in(folder, student, written)
    (folder / "handed in/bob/hw.1 b/b.ipynb").unlink()
    done = course(folder, "autograde", "hw.1 b")
    assert done.returncode == 0, done.stderr
    return folder


def hand_in(folder: Path, student: str, written: dict[str, str]) -> None:
    target = folder / "handed in" / student / "hw.1 b"
    for path in sorted((folder / "release/hw.1 b").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        for each in notebook.cells:
            name = each.metadata.get("nbgrader", {}).get("grade_id", "")
            each.source = (
                written.get(name, each.source).replace("n = 0 ", "n = 5 ").replace('NAME = ""', 'NAME = "Ada"')
            )
        target.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, target / path.name)


def test_cells_without_ids_run_where_they_stood(folder: Path) -> None:
    """The instructor's first, and then what became of it."""
    graded = read_graded(folder / "autograded/ada/hw.1 b/a.ipynb")
    assert graded
    assert {name: verdict.score for (_, name), verdict in graded.verdicts.items()} == {"n_test": 2, "f_test": 1}
    texts = [cell.source for cell in read(folder / "autograded/ada/hw.1 b/a.ipynb").cells]
    assert graded.repaired == []  # everybody fills in their name
    assert texts.index('NAME = ""') < texts.index('NAME = "Ada"') < texts.index("import helper\nn = 0  # put 5 here")


def test_steps_of_the_course_change_what_is_graded_as_what_was_handed_out(folder: Path) -> None:
    notebook = read(folder / "autograded/ada/hw.1 b/a.ipynb")
    assert graded_cells(notebook)["head"].source == "Notes of autumn"
    assert not [each.source for each in notebook.cells if "TERM" in each.source]
    assert len([each for each in notebook.cells if each.source == "# Sheet 1 (autumn)"]) == 1


def test_a_notebook_that_is_missing_is_named_and_costs_its_own_points(folder: Path) -> None:
    shown = course(folder, "show", "hw.1 b", "bob").stdout
    assert "A notebook could not be graded: There is no b.ipynb in what was handed in." in shown
    assert "Refused" not in shown
    assert "3 of 7 points" in shown


def test_data_and_helpers_beside_notebooks_are_released(folder: Path) -> None:
    done = course(folder, "outputs", "hw.1 b")
    assert done.returncode == 0, done.stderr
    done = course(folder, "release", "hw.1 b")
    assert done.returncode == 0, done.stderr
    assert (folder / "release/hw.1 b/helper.py").is_file()
    assert not list((folder / "release").rglob("__pycache__"))


def test_a_helper_needs_a_word(folder: Path) -> None:
    config = folder / "nbgrader_config.py"
    text = config.read_text()
    config.write_text(text.replace('c.Bundle.beside = [".py"]\n', ""))
    said = course(folder, "release", "hw.1 b").stderr
    config.write_text(text)
    assert "helper.py would go to students; move it out of hw.1 b" in said
    assert "more by c.Bundle.beside" in said


def test_an_answer_begins_with_what_the_author_left_there(folder: Path) -> None:
    released = graded_cells(read(folder / "release/hw.1 b/b.ipynb"))["essay"]
    assert released.source == "My reason is:\nYOUR ANSWER HERE"


def test_each_notebook_may_come_in_its_own_download(folder: Path, tmp_path: Path) -> None:
    """What comes later adds a notebook, or replaces the one of its name, and nothing else."""
    release = folder / "release/hw.1 b"
    texts = {name: (release / name).read_text() for name in ("a.ipynb", "b.ipynb")}
    versions = [
        {"a.ipynb": texts["a.ipynb"].replace("YOUR CODE HERE", "first")},
        {"b.ipynb": texts["b.ipynb"].replace("YOUR ANSWER HERE", "second")},
        {"b.ipynb": texts["b.ipynb"].replace("YOUR ANSWER HERE", "third")},
    ]
    for number, files in enumerate(versions):
        with zipfile.ZipFile(tmp_path / f"{number}.zip", "w") as archive:
            for name, text in files.items():
                archive.writestr(f"Cem Can_77_assignsubmission_file_/{name}", text)
        done = course(folder, "collect", "hw.1 b", str(tmp_path / f"{number}.zip"))
        assert done.returncode == 0, done.stdout + done.stderr
    (lies,) = (folder / "handed in").glob("cem-can*/hw.1 b")
    assert "first" in (lies / "a.ipynb").read_text()
    assert "third" in (lies / "b.ipynb").read_text()
