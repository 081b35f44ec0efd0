"""The second half of the notebook: whoever earns all points sees all of it, and a training that stops says why."""

import warnings
from types import SimpleNamespace
from typing import Any

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from exercise_code import BaseOptimizer, BaseSolver, Loss, Network, TrainingError, ready, style
from exercise_code.data import load_tumours
from exercise_code.plots import slider
from exercise_code.tasks import TASKS
from nbjudge.course.notebooks import graded_cells, read
from tests.support import SOURCE
from tests.support.correct_ways import (
    BACKWARD,
    BCE_FORWARD,
    CORRECT_WAYS,
    FORWARD,
    REFERENCE,
    SIGMOID,
    THE_DOCUMENTS,
    Grader,
    Way,
    write,
)
from tests.support.training import new_solver

NOTEBOOK = read(SOURCE)
SOLUTIONS = {name: cell.source for name, cell in graded_cells(NOTEBOOK).items() if cell.metadata.nbgrader.solution}
PICTURES = [
    "data-flow",
    "samples",
    "loss-branches",
    "sigmoid-plot",
    "training-curves",
    "boundary-over-time",
    "play-boundary",
    "decision-boundary",
    "loss-surface",
    "play-learning-rate",
    "learning-rates",
    "early-stopping",
    "coefficients",
    "confusion",
    "play-threshold",
    "overview-again",
]

NO_CLIP = {
    "BCE.forward": BCE_FORWARD["no clipping"],
    "BCE.backward": "gradient = (y_out - y_truth) / y_out / (1 - y_out)",
}
LISTS = {
    "sigmoid": SIGMOID["nested lists"],
    "forward": FORWARD["a list of rows"],
    "backward": BACKWARD["a list of rows"],
}
IN_PLACE = next(way for way in CORRECT_WAYS if way.name == "in place everywhere")
WHOLE_NOTEBOOK = [REFERENCE, THE_DOCUMENTS, Way("no clip", NO_CLIP), Way("lists", LISTS), IN_PLACE]
"""Right, but a very long step takes a prediction to 0 or 1, where their loss is infinite."""
NO_CLIP_AND_SINGLE = Way("no clip, single precision", NO_CLIP | {"sigmoid": SIGMOID["single precision"]})


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Any:
    """Runs all cells but the tests, with other solutions: cells that showed a picture, and what was said."""

    def run(solutions: dict[str, str]) -> SimpleNamespace:
        pictures, names = {}, {"__name__": "__main__"}
        sentences: dict[str, str] = {}
        sliders: dict[str, str] = {}
        for cell in NOTEBOOK.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", cell.id)
            if cell.cell_type != "code" or name.startswith("test_"):
                continue

            def show(fig: Any, alt: str, cell_id: str = cell.id) -> None:
                pictures[cell_id] = alt
                names["lines"] = [len(line.get_xdata()) for line in fig.axes[0].lines]

            def show_png(content: bytes, alt: str, cell_id: str = cell.id) -> str:
                pictures[cell_id] = alt
                return ""

            def show_slider(data: dict, raw: bool, cell_id: str = cell.id) -> None:
                sliders[cell_id] = data["text/html"]

            monkeypatch.setattr(style, "show", show)
            monkeypatch.setattr(slider, "display_png", show_png)
            monkeypatch.setattr(slider, "display", show_slider)
            monkeypatch.setattr(ready, "display", lambda data, raw: print(data["text/markdown"]))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                exec(compile(solutions.get(name, cell.source), f"<cell {name}>", "exec"), names)
            sentences[cell.id] = capsys.readouterr().out
            if cell.id == "learning-rates":
                curves = names.get("lines")
        return SimpleNamespace(pictures=pictures, sliders=sliders, said=sentences, curves=curves, names=names)

    return run


@pytest.mark.parametrize("way", WHOLE_NOTEBOOK, ids=lambda way: way.name)
def test_all_points_show_the_whole_notebook(play, way: Way) -> None:
    seen = play(SOLUTIONS | way.applied_to(SOLUTIONS))
    assert list(seen.pictures) == PICTURES
    assert list(seen.sliders) == [name for name in PICTURES if name.startswith("play-")]
    assert "training stopped" not in seen.sliders["play-learning-rate"]
    said = "".join(seen.said.values())
    assert "stopped" not in said
    assert "waits" not in said
    assert seen.curves == [61, 61, 61]


def test_a_training_that_stops_late_says_so_and_hides_no_picture(play) -> None:
    assert Grader().scores(NO_CLIP_AND_SINGLE.applied_to(SOLUTIONS)) == Grader().full()
    seen = play(SOLUTIONS | NO_CLIP_AND_SINGLE.applied_to(SOLUTIONS))
    assert list(seen.pictures) == PICTURES
    assert seen.curves == [61, 61, 61]
    assert "look at BCE.forward (task 1): 1 prediction is rounded to exactly 0 or 1" in seen.said["all-features"]
    assert "[Go to task 1](<#Task-1:-how-wrong-is-a-prediction?-(3-points)>)" in seen.said["all-features"]


@pytest.mark.parametrize("loss", ["clip", "no clip"])
def test_a_wrong_sign_is_named_and_the_cells_after_it_wait(play, loss: str) -> None:
    wrong = {"step": "weight = weight + self.lr * dw"} | (NO_CLIP if loss == "no clip" else {})
    seen = play(SOLUTIONS | write(SOLUTIONS, wrong))
    for name in ("train", "surface-train", "all-features"):
        assert "look at Optimizer.step (task 6): its step leads uphill" in seen.said[name]
        assert "[Go to task 6](<#Task-6" in seen.said[name]
    waiting = ["training-curves", "boundary-over-time", "decision-boundary", "early-stopping", "rival", "confusion"]
    for name in (*waiting, "play-boundary", "play-learning-rate", "play-threshold"):
        assert seen.said[name].startswith("This cell waits: ")
        assert seen.said[name].endswith("says why.\n")
        assert name not in seen.pictures


def test_links_lead_to_the_headings_of_the_tasks() -> None:
    texts = "\n".join(cell.source for cell in NOTEBOOK.cells if cell.cell_type == "markdown").splitlines()
    assert [f"### {task.heading}" for task in TASKS.values()] == [t for t in texts if t.startswith("### Task")]


# The trainings alone, for every right way


def classes(solutions: dict[str, str]) -> SimpleNamespace:
    names: dict[str, Any] = {"np": np, "Loss": Loss, "Network": Network}
    names |= {"BaseOptimizer": BaseOptimizer, "BaseSolver": BaseSolver}
    for text in (SOLUTIONS | solutions).values():
        exec(text, names)
    return SimpleNamespace(**{name: names[name] for name in ("BCE", "Classifier", "Optimizer", "Solver")})


def solver_of(parts: SimpleNamespace, rate: float = 0.5) -> BaseSolver:
    return new_solver(parts, load_tumours(), rate)


SLOW_OR_SINGLE = ("loop", "N x N", "single precision")  # a training in single precision has its test above
QUICK = [way for way in CORRECT_WAYS if not any(word in way.name for word in SLOW_OR_SINGLE)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("way", QUICK, ids=lambda way: way.name)
def test_training_with_30_features_reaches_its_end(way: Way) -> None:
    solver = solver_of(classes(way.applied_to(SOLUTIONS)))
    solver.train(epochs=120, progress=False)
    assert 70 < solver.best_epoch < 110


# What a training that stops says


@pytest.mark.parametrize(
    ("bodies", "task", "words"),
    [
        (NO_CLIP, 1, "1 prediction is rounded to exactly 0 or 1, and log"),
        ({"BCE.backward": NO_CLIP["BCE.backward"]}, 2, "1 / 0 is infinite"),
        ({"BCE.forward": "result = y_truth * np.log(y_out) + (1 - y_truth) * np.log(1 - y_out)"}, 1, "must cost less"),
        ({"BCE.forward": "result = np.full(y_out.shape, np.nan)"}, 1, "isn't finite for predictions between"),
        (NO_CLIP | {"BCE.backward": "gradient = (y_truth - y_out) / y_out / (1 - y_out)"}, 2, "doesn't fit"),
        (NO_CLIP | {"sigmoid": "out = x"}, 3, "aren't between 0 and 1"),
        (NO_CLIP | {"forward": "y = X @ self.W"}, 4, "aren't between 0 and 1"),
        (NO_CLIP | {"backward": "dW = -y * (1 - y) * X"}, 5, "differences of your predictions"),
        (NO_CLIP | {"step": "weight = weight + self.lr * dw"}, 6, "uphill"),
        ({"step": "weight = weight + self.lr * dw"}, 6, "uphill"),
        (
            NO_CLIP | {"_step": "f, b = model(X_train)\nl, g = loss_func(f, y_train)\nopt.step(b.T @ g)"},
            7,
            "isn't the gradient of the mean loss",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_a_stop_names_the_method_to_look_at(bodies: dict[str, str], task: int, words: str) -> None:
    solver = solver_of(classes(write(SOLUTIONS, bodies)))
    with pytest.raises(TrainingError, match=rf"look at .*\(task {task}\): .*{words}") as stop:
        solver.train(epochs=200, progress=False)
    assert stop.value.task == task
    assert solver.stopped


@pytest.mark.parametrize("rate", [200.0, 5000.0])
def test_a_large_learning_rate_is_no_fault_of_a_method(rate: float) -> None:
    solver = solver_of(classes(write(SOLUTIONS, NO_CLIP)), rate)
    with pytest.raises(TrainingError, match=f"try a smaller learning rate than {rate:g}") as stop:
        solver.train(epochs=60, progress=False)
    assert stop.value.task is None


def test_looking_at_the_values_leaves_no_trace() -> None:
    solver = solver_of(classes(write(SOLUTIONS, NO_CLIP)))
    with pytest.raises(TrainingError):
        solver.train(epochs=200, progress=False)
    np.testing.assert_array_equal(solver.model.W, solver.history["W"][83])
    assert solver.best_epoch == 83
    solver.train(epochs=10, progress=False)  # goes on
    assert not solver.stopped


@pytest.mark.parametrize("wrong", ["dW = X.T @ (y * (1 - y))", "dW = (y * (1 - y) * X).mean(axis=0)"])
def test_a_wrong_shape_is_said_of_the_method_that_gives_it_and_not_of_the_one_that_stops(play, wrong: str) -> None:
    seen = play(SOLUTIONS | write(SOLUTIONS, {"backward": wrong}))
    for name in ("train", "surface-train", "all-features"):
        assert "look at Classifier.backward (task 5)" in seen.said[name]
        assert "[Go to task 5](<#Task-5" in seen.said[name]
