"""The map at the top and at the end of the notebook: what is done, and what comes next."""

from typing import Any

import pytest

from exercise_code import overview, style
from exercise_code.tasks import TASKS
from nbjudge.course.notebooks import graded_cells, read
from nbprobe import progress
from tests.support import ROOT, SOURCE

CELLS = {name: cell.source for name, cell in graded_cells(read(SOURCE)).items()}
SETUP = next(cell.source for cell in read(SOURCE).cells if cell.id == "setup")


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs cells in a fresh notebook, then the overview: what its picture and its sentence say."""

    def run(*cells: str) -> tuple[str, str]:
        monkeypatch.chdir(ROOT / "source/ex04")
        said: list[str] = []
        monkeypatch.setattr(progress, "_states", {})
        monkeypatch.setattr(style, "show", lambda _, alt: said.append(alt))
        monkeypatch.setattr(overview, "display", lambda data, raw: said.append(data["text/markdown"]))
        names = {"__name__": "__main__"}
        for cell in (SETUP, *cells, "checks.overview()"):
            exec(cell, names)
        picture, sentence = said
        return picture.partition("changes W.")[2].strip(), sentence

    return run


def test_a_fresh_notebook_says_where_to_start(look) -> None:
    assert look() == (
        "",
        "No task's cell has run in this kernel yet: run this cell again later to see what is done. Start with "
        "[task 1, how wrong is a prediction?](<#Task-1:-how-wrong-is-a-prediction?-(3-points)>).",
    )


def test_what_is_done_is_marked_though_no_check_was_run(look) -> None:
    picture, sentence = look(CELLS["bce"], CELLS["optimizer"])
    assert picture == "Right: task 1, 2, 6."
    assert sentence.startswith("8 of 20 points so far (visible checks). Go on with [task 3, from any number")


def test_what_is_wrong_comes_first(look) -> None:
    wrong = CELLS["solver"].replace("/ len(X_train)", "")
    picture, sentence = look(CELLS["bce"], CELLS["classifier"], wrong)
    assert picture == "Right: task 1, 2, 3, 4, 5. Wrong: task 7."
    assert "15 of 20 points so far" in sentence
    assert "Look again at [task 7, one update of the training]" in sentence
    assert sentence.endswith("its check says what is wrong.")


def test_at_the_end_one_hands_in(look) -> None:
    _, sentence = look(*(CELLS[name] for name in ("bce", "classifier", "optimizer", "solver")))
    assert sentence == "20 of 20 points so far (visible checks). All tasks are right: [hand in](#Hand-in)."


def test_points_and_names_are_those_of_the_notebook() -> None:
    points = {
        name: cell.metadata.nbgrader.points
        for name, cell in graded_cells(read(SOURCE)).items()
        if cell.metadata.nbgrader.grade
    }
    assert {task.test: task.points for task in TASKS.values()} == points


def test_an_endless_method_ends_the_look_and_not_the_notebook(look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbprobe.probe.SECONDS_OF_CHECKS", 0.5)
    endless = CELLS["bce"].replace("p = np.clip", "while True: pass\n        p = np.clip", 1)
    picture, _ = look(endless)
    assert "Wrong: task 1" in picture
