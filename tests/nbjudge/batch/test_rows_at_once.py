"""Rows that were read at once are those that nbgrader finds by itself. Of one that is missing, it says the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy import event

from nbjudge.batch.rows_at_once import ROWS

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # of nbgrader, as it adds rows
PLACE = ("nb", "ex")
NAMES = {
    # with tasks, which nbgrader finds after all others, and a cell of each other kind
    "find_source_cell": (["answer", "test", "both", "task"], PLACE),
    "find_graded_cell": (["test", "both", "task"], PLACE),
    "find_grade": (["test", "both", "task"], (*PLACE, "ann")),
    "find_comment": (["answer", "both", "task"], (*PLACE, "ann")),
}


@pytest.fixture
def gradebook(tmp_path: Path) -> Iterator[Gradebook]:
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        for assignment in ("ex", "other"):
            gradebook.add_assignment(assignment)
            for notebook in ("nb", "other"):
                gradebook.add_notebook(notebook, assignment)
                for name in ("answer", "test", "both", "task"):
                    gradebook.add_source_cell(name, notebook, assignment, cell_type="code", source=name)
                for name in ("test", "both"):
                    gradebook.add_grade_cell(name, notebook, assignment, max_score=1, cell_type="code")
                for name in ("answer", "both"):
                    gradebook.add_solution_cell(name, notebook, assignment)
                gradebook.add_task_cell("task", notebook, assignment, max_score=2, cell_type="markdown")
        for student in ("ann", "bob"):
            gradebook.add_student(student)
            for assignment in ("ex", "other"):
                gradebook.add_submission(assignment, student)
        yield gradebook


def found(gradebook: Gradebook, method: Any, name: str, place: tuple[str, ...]) -> Any:
    try:
        return method(gradebook, name, *place)
    except MissingEntry as error:
        return str(error)


@pytest.mark.parametrize("method", NAMES)
def test_each_row_is_the_one_that_nbgrader_finds(method: str, gradebook: Gradebook) -> None:
    names, place = NAMES[method]
    for name in [*names, "answer", "missing"]:
        own = found(gradebook, ROWS[method], name, place)
        assert own is found(gradebook, getattr(Gradebook, method), name, place) or "No such" in own
    elsewhere = [(*place[:1], "other", *place[2:]), ("other", *place[1:]), (*place[:2], "bob")[: len(place)]]
    rows = {ROWS[method](gradebook, name, *where) for where in {place, *elsewhere} for name in names}
    assert len(rows) == len({place, *elsewhere}) * len(names)


@pytest.mark.parametrize("method", NAMES)
def test_all_are_read_with_one_question(method: str, gradebook: Gradebook) -> None:
    _, place = NAMES[method]
    asked = []
    event.listen(gradebook.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    for name in ("both", *{"find_comment": ["answer"]}.get(method, ["test"])):
        ROWS[method](gradebook, name, *place)
    assert len(asked) == 1
