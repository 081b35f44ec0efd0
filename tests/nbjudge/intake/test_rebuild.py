"""Nothing that a student wrote is lost on the way to the notebook that is graded."""

import contextlib
import json
import os
import random
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from nbformat import NotebookNode

from nbjudge.course.cells import cells_to_run
from nbjudge.course.notebooks import graded_cells, read
from nbjudge.intake.reading import read_cells
from nbjudge.intake.rebuild import RebuiltNotebook
from nbjudge.judging.rehearsal import Rehearsal
from nbprobe.judge import judge
from nbprobe.probe import collecting
from tests.support import RELEASE, SOURCE
from tests.support.edits import ANSWERS, EDITS, Cell, code, mark_of

NOTEBOOKS, STEP = 500, 50
STUBS = {name: cell.source for name, cell in graded_cells(read(RELEASE)).items()}


class Class:
    """Hands notebooks in, and grades them in this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        source, release = read(SOURCE), read(RELEASE)
        self.rehearsal = Rehearsal(SOURCE)
        self.right = self.rehearsal.evidence()
        solutions = graded_cells(source)
        self.stubs = STUBS | {name: cell.source for name, cell in solutions.items() if cell.metadata.nbgrader.locked}
        first = next(place for place, cell in enumerate(source.cells) if "nbgrader" in cell.metadata)
        self.known = {cell.source for cell in source.cells[:first]}  # the rehearsal has run them
        self.solved = []
        for cell in release.cells:
            own = {"cell_type": cell.cell_type, "metadata": dict(cell.metadata), "id": cell.id, "source": cell.source}
            if mark_of(own) in self.rehearsal.solutions:
                own["source"] = solutions[mark_of(own)].source
            self.solved.append(own)

    def rebuilt(self, cells: list[Cell]) -> RebuiltNotebook:
        path = self.folder / SOURCE.name
        path.write_text(json.dumps({"cells": cells}))
        return RebuiltNotebook(read(SOURCE), read_cells(path), self.stubs)

    def handed_in(self) -> list[Cell]:
        """A right notebook, to be changed."""
        return json.loads(json.dumps(self.solved))

    def points(self, cells: list[Cell]) -> float:
        notebook = self.rebuilt(cells).notebook
        published = self._run([notebook.cells[place] for place in cells_to_run(notebook)])
        verdicts = [
            judge(right, published.get(test, []), self.rehearsal.points[test], []) for test, right in self.right.items()
        ]
        return sum(verdict.score for verdict in verdicts)

    def _run(self, cells: list[NotebookNode]) -> dict[str, list[dict[str, Any]]]:
        names, published = dict(self.rehearsal._prepared), {}
        with warnings.catch_warnings(), mock.patch.dict(os.environ, NBGRADER_EXECUTION="autograde"):
            warnings.simplefilter("ignore")
            for cell in cells:
                if cell.source in self.known:
                    continue
                with collecting() as got, contextlib.suppress(Exception):
                    exec(compile(cell.source, "<cell>", "exec"), names)
                published[cell.metadata.get("nbgrader", {}).get("grade_id")] = list(map(dict, got))
        return published


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Class:
    return Class(tmp_path_factory.mktemp("submitted"))


@pytest.mark.parametrize("first", range(0, NOTEBOOKS, STEP))
def test_an_edit_that_keeps_the_meaning_costs_nothing(ours: Class, first: int) -> None:
    for seed in range(first, first + STEP):
        rng = random.Random(seed)
        cells = ours.handed_in()
        edits = rng.choices(list(EDITS), k=rng.randrange(1, 6))
        for name in edits:
            EDITS[name](cells, rng)
        assert (seed, edits, ours.points(cells)) == (seed, edits, 20)


def take(cells: list[Cell], name: str) -> Cell:
    """The cell with this mark or id, no longer among the others."""
    return cells.pop(next(place for place, cell in enumerate(cells) if name in (mark_of(cell), cell["id"])))


def place_of(cells: list[Cell], name: str) -> int:
    return next(place for place, cell in enumerate(cells) if name in (mark_of(cell), cell.get("id")))


def all_in_the_first_answer(cells: list[Cell]) -> None:
    others = [take(cells, name)["source"] for name in ANSWERS[1:]]
    cells[place_of(cells, "bce")]["source"] += "\n\n" + "\n\n".join(others)


def joined_into_the_setup(cells: list[Cell]) -> None:
    cells[place_of(cells, "setup")]["source"] += "\n\n" + take(cells, "bce")["source"]


def joined_into_its_test(cells: list[Cell]) -> None:
    test = cells[place_of(cells, "test_optimizer_step")]
    test["source"] = take(cells, "optimizer")["source"] + "\n\n" + test["source"]


def joined_into_the_test_before(cells: list[Cell]) -> None:
    cells[place_of(cells, "test_optimizer_step")]["source"] += "\n\n" + take(cells, "solver")["source"]


def joined_into_a_cell_that_is_not_run(cells: list[Cell]) -> None:
    cells[place_of(cells, "samples")]["source"] += "\n\n" + take(cells, "bce")["source"]


def all_in_one_of_their_own(cells: list[Cell]) -> None:
    place = place_of(cells, "bce")
    cells.insert(place, code("\n\n".join(take(cells, name)["source"] for name in ANSWERS)))


def in_new_cells_above_what_was_given(cells: list[Cell]) -> None:
    for name in ANSWERS:
        own = cells[place_of(cells, name)]
        cells.insert(place_of(cells, name), code(own["source"]))
        own["source"] = STUBS[name]


def all_below_the_tests(cells: list[Cell]) -> None:
    cells.append(code("\n\n".join(take(cells, name)["source"] for name in ANSWERS)))


def below_what_was_given(cells: list[Cell]) -> None:
    for name in ANSWERS:
        own = cells[place_of(cells, name)]
        cells.append(code(own["source"]))
        own["source"] = STUBS[name]


def in_another_answer_below(cells: list[Cell]) -> None:
    cells[place_of(cells, "solver")]["source"] += "\n\n" + take(cells, "bce")["source"]


def import_in_a_line_of_the_setup(cells: list[Cell]) -> None:
    setup, answer = cells[place_of(cells, "setup")], cells[place_of(cells, "bce")]
    setup["source"] = setup["source"].replace("import numpy as np\n", "import numpy as np, math\n")
    answer["source"] += "\n\n\nmath.exp(0)"


def split_in_vs_code(cells: list[Cell]) -> None:
    place = place_of(cells, "classifier")
    first, at = cells[place], cells[place]["source"].index("    def backward")
    cells.insert(place + 1, code(first["source"][at:]))
    first["source"] = first["source"][:at]


def split_within_a_method(cells: list[Cell]) -> None:
    place = place_of(cells, "bce")
    first, at = cells[place], cells[place]["source"].index("        return gradient")
    cells.insert(place + 1, code(first["source"][at:]))
    first["source"] = first["source"][:at]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (all_in_the_first_answer, "The cell solver is missing; Solver in another cell counts."),
        (joined_into_the_setup, "setup was changed; the original was run, and after it what was added (BCE)."),
        (joined_into_its_test, "step was changed; the original was run, and before it what was added (Optimizer)."),
        (joined_into_the_test_before, "step was changed; the original was run, and after it what was added (Solver)."),
        (joined_into_a_cell_that_is_not_run, "samples was changed; the original was run, and after it what was added"),
        (all_in_one_of_their_own, "The cell bce is missing; BCE in another cell counts."),
        (in_new_cells_above_what_was_given, "The cell bce is as it came; BCE in another cell counts."),
        (all_below_the_tests, "The cell classifier is missing; Classifier in another cell counts."),
        (below_what_was_given, "The cell solver is as it came; Solver in another cell counts."),
        (in_another_answer_below, "The cell bce is missing; BCE in another cell counts."),
        (import_in_a_line_of_the_setup, "and after it what was added (15 lines)."),
        (split_in_vs_code, "The cell classifier had been split; its parts were joined."),
        (split_within_a_method, "The cell bce had been split; its parts were joined."),
    ],
)
def test_what_is_there_counts(ours: Class, change: Callable[[list[Cell]], None], said: str) -> None:
    cells = ours.handed_in()
    change(cells)
    assert ours.points(cells) == 20
    sentences = [repair.text for repair in ours.rebuilt(cells).repairs]
    assert any(said in sentence for sentence in sentences), sentences
    assert not any("not implemented" in sentence for sentence in sentences)


def test_where_nothing_is_there_the_given_text_is_put_back(ours: Class) -> None:
    cells = ours.handed_in()
    take(cells, "bce")
    assert ours.points(cells) == 14
    assert [repair.text for repair in ours.rebuilt(cells).repairs] == [
        "The cell bce is missing; it counts as not implemented."
    ]


def test_an_indented_scratch_cell_is_no_half(ours: Class) -> None:
    cells = ours.handed_in()
    for name, text in zip(ANSWERS, ("    print(1)", "        x = 1", "    def helper(): pass", "\n\n\t1"), strict=True):
        cells.insert(place_of(cells, name) + 1, code(text))
    assert ours.points(cells) == 20


def test_what_was_changed_in_a_cell_that_is_not_run_is_kept(ours: Class) -> None:
    cells = ours.handed_in()
    cells[place_of(cells, "loop")]["source"] = 'answer = "b"'
    rebuilt = ours.rebuilt(cells)
    assert 'answer = "b"' in [cell.source for cell in rebuilt.notebook.cells]
    assert not rebuilt.repairs


def test_a_graded_test_stays_the_instructors_whatever_its_tags(ours: Class) -> None:
    cells = ours.handed_in()
    cells[place_of(cells, "test_sigmoid")]["source"] = "print('all right')"
    source = read(SOURCE)
    test = graded_cells(source)["test_sigmoid"]
    test.metadata.tags = ["ungraded"]
    path = ours.folder / SOURCE.name
    path.write_text(json.dumps({"cells": cells}))
    rebuilt = RebuiltNotebook(source, read_cells(path), ours.stubs)
    assert graded_cells(rebuilt.notebook)["test_sigmoid"].source == ours.stubs["test_sigmoid"]


@pytest.mark.parametrize("end", ["\u2028", "\x0c", "\x85"])
def test_a_comment_below_a_locked_cell_stays_one(ours: Class, end: str) -> None:
    cells = ours.handed_in()
    cells[place_of(cells, "test_sigmoid")]["source"] += f"\nx = 1  # a comment{end}y = 2"
    added = next(cell.source for cell in ours.rebuilt(cells).notebook.cells if cell.id.startswith("more-"))
    assert added == f"x = 1  # a comment{end}y = 2"


def test_what_is_quoted_of_a_student_can_do_no_harm(ours: Class) -> None:
    cells = ours.handed_in()
    cells[place_of(cells, "setup")]["source"] += "\n<img src=x onerror=alert(1)> `$x$` \x1b[31m"
    text, general = next((repair.text, repair.general) for repair in ours.rebuilt(cells).repairs)
    assert "?img src=x onerror=alert(1)? ??x?? ??31m" in text
    assert general == "The cell setup was changed; the original was run, and after it what was added."
