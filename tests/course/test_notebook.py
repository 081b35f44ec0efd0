"""The source notebook, and the release that is made from it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from nbgrader.validator import Validator

from nbjudge.course.notebooks import graded_cells, read, write
from tests.support import ROOT, SOURCE, editors
from tests.support.sample import hand_in
from tests.support.solved import solved

RELEASE = ROOT / "release/ex04/1_simple_classifier.ipynb"
ANSWERS = ROOT / "release/ex04/1_simple_classifier.checks.json"

POINTS = {
    "test_bce_forward": 3,
    "test_bce_backward": 3,
    "test_sigmoid": 2,
    "test_classifier_forward": 3,
    "test_classifier_backward": 4,
    "test_optimizer_step": 2,
    "test_solver_step": 3,
}


@pytest.fixture(autouse=True)
def _no_progress_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TQDM_DISABLE", "1")


def run(notebook: NotebookNode) -> NotebookNode:
    """Run all cells as JupyterLab does: an error stops the run, except in cells tagged ``raises-exception``."""
    beside = {"metadata": {"path": str(RELEASE.parent)}}  # where the answers of the checks lie
    client = NotebookClient(notebook, timeout=60, extra_arguments=["--IPKernelApp.log_level=ERROR"], resources=beside)
    ran, _ = CoalesceStreamsPreprocessor().preprocess(client.execute(), {})  # a slow machine prints in pieces
    return ran


def errors(notebook: NotebookNode) -> dict[str, str]:
    """What each failing cell says, by ``grade_id`` or cell id."""
    return {
        cell.metadata.get("nbgrader", {}).get("grade_id", cell.id): "\n".join(output.traceback)
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    }


def printed(notebook: NotebookNode) -> str:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "".join(output.text for output in outputs if output.output_type == "stream")


def test_ids_and_points_are_those_of_the_contract() -> None:
    cells = graded_cells(read(SOURCE))
    assert {name: cell.metadata.nbgrader.points for name, cell in cells.items() if name.startswith("test_")} == POINTS
    assert sum(POINTS.values()) == 20
    solutions = [name for name, cell in cells.items() if cell.metadata.nbgrader.solution]
    assert solutions == ["bce", "classifier", "optimizer", "solver"]
    assert set(cells) == {*POINTS, *solutions}


def test_source_holds_nothing_that_changes_from_run_to_run() -> None:
    notebook = read(SOURCE)
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert not any(set(cell.metadata) - {"nbgrader", "tags"} for cell in notebook.cells)
    # nbval compares nothing in a cell that was never run
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


def test_release_is_what_source_gives(tmp_path: Path, nbgrader) -> None:
    shutil.copytree(SOURCE.parent, tmp_path / "source/ex04")
    nbgrader("generate_assignment", "ex04", root=tmp_path)
    generated = tmp_path / "release/ex04"
    files = sorted(path.name for path in RELEASE.parent.iterdir() if path.name != ".ipynb_checkpoints")
    assert files == sorted(path.name for path in generated.iterdir()) == [ANSWERS.name, RELEASE.name]
    for path in (ANSWERS, RELEASE):
        assert (generated / path.name).read_bytes() == path.read_bytes(), "run `make release` and commit"


def test_release_holds_no_solution_and_no_hidden_test() -> None:
    released = RELEASE.read_text()
    assert "SOLUTION" not in released
    assert "HIDDEN" not in released
    assert released.count("raise NotImplementedError") == 7 + 1  # the introduction mentions it
    assert not any(cell.get("outputs") for cell in read(RELEASE).cells)


def test_untouched_release_runs_to_the_end_and_says_what_is_missing() -> None:
    notebook = run(read(RELEASE))
    assert not errors(notebook)
    for grade_id, cell in graded_cells(notebook).items():
        if grade_id in POINTS:
            assert [output.output_type for output in cell.outputs] == ["stream"], grade_id
            assert "is not implemented yet · 0 of 20 points so far" in cell.outputs[0].text, grade_id
    assert "This cell waits for BCE.forward" in printed(notebook) or "This cell waits for" in printed(notebook)


def test_half_done_notebook_runs_to_the_end(tmp_path: Path) -> None:
    hand_in(SOURCE, RELEASE, tmp_path)
    notebook = run(read(tmp_path / "carla/ex04" / SOURCE.name))
    assert not errors(notebook)
    said = {name: cell.outputs[0] for name, cell in graded_cells(notebook).items() if name in POINTS}
    assert {name for name, output in said.items() if "is not implemented yet · 8 of 20" in output.get("text", "")} == {
        "test_classifier_forward",
        "test_classifier_backward",
        "test_optimizer_step",
        "test_solver_step",
    }
    assert said["test_sigmoid"].data["text/plain"].endswith("Task 3 ✓ · 8 of 20 points so far (visible checks)")
    assert "This cell waits for Classifier.forward." in printed(notebook)


def test_a_real_mistake_outside_the_checks_stops_the_run(tmp_path: Path) -> None:
    """``raises-exception`` is on the test cells only: elsewhere an error must not go unnoticed."""
    notebook = read(SOURCE)
    tags = {cell.id: cell.metadata.get("tags", []) for cell in notebook.cells}
    assert all(("raises-exception" in tags[name]) == name.startswith("test-") for name in tags)
    broken = graded_cells(notebook)["classifier"]
    broken.source = broken.source.replace("y = self.sigmoid(X @ self.W)", "y = None")
    with pytest.raises(CellExecutionError, match=r"MethodError.*BCE\.forward stops with TypeError"):
        run(notebook)
    assert all("\n" not in text for text in errors(notebook).values())


@pytest.mark.parametrize(("path", "failing"), [(SOURCE, 0), (RELEASE, 7)], ids=["source", "release"])
def test_validate_button(path: Path, failing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / path.name
    notebook = read(path)
    write(notebook, copy)
    shutil.copy(ANSWERS, tmp_path)
    monkeypatch.chdir(tmp_path)
    validator = Validator()
    results = validator.validate(str(copy))
    assert len(results.get("failed", [])) == failing
    assert all("not implemented yet" in failed["raw_error"] for failed in results.get("failed", []))


@pytest.mark.parametrize("editor", [editors.vs_code, editors.colab], ids=lambda each: each.__name__)
def test_validate_takes_what_other_editors_saved(
    editor: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook, open_task = solved(), graded_cells(read(RELEASE))["optimizer"].source
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] == "setup" or "nbgrader" in cell["metadata"]]
    next(cell for cell in notebook["cells"] if cell["id"] == "optimizer")["source"] = open_task
    (tmp_path / RELEASE.name).write_text(editor(notebook), encoding="utf-8")
    shutil.copy(ANSWERS, tmp_path)
    monkeypatch.chdir(tmp_path)
    (failed,) = Validator().validate(RELEASE.name)["failed"]
    assert "Task 6: Optimizer.step is not implemented yet" in failed["raw_error"]
