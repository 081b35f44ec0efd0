"""Pictures with a slider: their frames and what they are called, and what is seen where scripts don't run."""

import base64
import html
import io
import json
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from exercise_code import BaseOptimizer, BaseSolver, DataError, Loss, Network, TrainingError, plots
from exercise_code import picture as a_picture
from exercise_code.data import PICTURE_FEATURES, load_tumours
from exercise_code.plots import slider
from exercise_code.png import png
from exercise_code.style import drawing
from nbjudge.course.notebooks import graded_cells, read
from nbjudge.pages.clean import Budget, clean_outputs
from nbprobe.ready import NotReadyError
from tests.support import SOURCE, training
from tests.support.training import trained

SENTENCE = "Run this cell to move the picture."
RATES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
START = [[-3.0], [3.0]]
STORED = {
    cell.id: cell.outputs for cell in read(SOURCE).cells if cell.id.startswith("play-") and cell.cell_type == "code"
}


@pytest.fixture(scope="module")
def solution() -> SimpleNamespace:
    """The classes of the source notebook."""
    names: dict[str, Any] = {"np": np, "Loss": Loss, "Network": Network}
    names |= {"BaseOptimizer": BaseOptimizer, "BaseSolver": BaseSolver}
    for cell in graded_cells(read(SOURCE)).values():
        if cell.metadata.nbgrader.solution:
            exec(cell.source, names)
    return SimpleNamespace(**{name: names[name] for name in ("BCE", "Classifier", "Optimizer", "Solver")})


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What is displayed: pairs of data and metadata."""
    outputs: list[tuple[dict, dict]] = []

    def display(data: dict, raw: bool, metadata: dict | None = None) -> None:
        assert raw
        outputs.append((data, metadata or {}))

    monkeypatch.setattr(slider, "display", display)
    monkeypatch.setattr(a_picture, "display", display)
    yield outputs
    assert not plt.get_fignums()


def frames(page: str) -> list[dict[str, str]]:
    """The frames that an output in HTML holds."""
    match = re.search(r"const frames = (\[.*\]), first = \d+;", page)
    assert match
    return json.loads(match[1])


def labels(shown: list) -> list[str]:
    return [frame["label"] for frame in frames(shown[-1][0]["text/html"])]


def picture(text: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(text)))


def mean_loss(w1: float, w2: float) -> float:
    return (w1 - 1) ** 2 + w2**2


@pytest.fixture
def new_solver(solution: SimpleNamespace) -> Callable[[float], BaseSolver]:
    data = load_tumours(PICTURE_FEATURES[:1])

    return lambda rate: training.new_solver(solution, data, rate, START)


# The three


def test_learning_rates(shown: list, new_solver: Callable) -> None:
    plots.learning_rate_slider(new_solver, RATES, mean_loss)
    assert [label.partition(":")[0] for label in labels(shown)] == [f"{rate:g}" for rate in RATES]
    assert labels(shown)[0] == "0.1: mean loss 1.752 after 30 steps"
    assert labels(shown)[6] == "10: mean loss 0.210 after 30 steps"
    alts = [frame["alt"] for frame in frames(shown[1][0]["text/html"])]
    assert [alt.endswith(", leaves the picture.") for alt in alts] == [False] * 8 + [True]


def test_a_learning_rate_that_stops_the_training_says_so(shown: list, solution: SimpleNamespace) -> None:
    class Unbounded(solution.BCE):  # type: ignore[name-defined]
        def forward(self, y_out: Any, y_truth: Any) -> Any:
            return -y_truth * np.log(y_out) - (1 - y_truth) * np.log(1 - y_out)

    data, parts = load_tumours(PICTURE_FEATURES[:1]), SimpleNamespace(**vars(solution) | {"BCE": Unbounded})

    def make(rate: float) -> BaseSolver:
        return training.new_solver(parts, data, rate, START)

    plots.learning_rate_slider(make, (1.0, 10.0, 200.0), mean_loss)
    assert labels(shown)[1] == "10: mean loss 0.210 after 30 steps"
    assert labels(shown)[2] == "200: training stopped in step 1, the loss before was 3.501"


def test_if_all_trainings_fail_the_cell_waits(shown: list, new_solver: Callable) -> None:
    def uphill(rate: float) -> BaseSolver:
        solver = new_solver(rate)
        solver.opt.lr = -rate
        return solver

    with pytest.raises(NotReadyError, match=r"^with no learning rate .*\.$"):
        plots.learning_rate_slider(uphill, (0.1, 1.0), mean_loss)

    def nothing(rate: float) -> BaseSolver:
        solver = new_solver(rate)
        solver.model.forward = lambda X: None
        return solver

    with pytest.raises(TrainingError, match="it gave None"):
        plots.learning_rate_slider(nothing, (0.1, 1.0), mean_loss)
    assert not shown


def test_thresholds(shown: list) -> None:
    plots.threshold_slider([0.1, 0.3, 0.6, 0.9], [0, 1, 0, 1])
    assert [label.partition(":")[0] for label in labels(shown)] == [f"{each / 20:g}" for each in range(1, 20)]
    assert labels(shown)[0] == "0.05: 0 misses and 2 false alarms cost 2"
    assert labels(shown)[9] == "0.5: 1 miss and 1 false alarm cost 11"
    assert labels(shown)[18] == "0.95: 2 misses and 0 false alarms cost 20"
    plots.threshold_slider(np.array([[0.1], [0.3], [0.6], [0.9]]), np.array([[0], [1], [0], [1]]), miss=2.5)
    assert labels(shown)[9] == "0.5: 1 miss and 1 false alarm cost 3.5"


def test_a_prediction_on_the_threshold_is_called_malignant(shown: list) -> None:
    """3 / 20 and 0.15 are the same float; 3 * 0.05 would be another one."""
    plots.threshold_slider([each / 20 for each in range(1, 20)], [1] * 19)
    assert [int(label.split()[1]) for label in labels(shown)] == list(range(19))


@pytest.mark.parametrize(("epochs", "moments"), [(1, [0, 1]), (2, [0, 1, 2]), (4, [0, 1, 2, 3, 4])])
def test_few_epochs(shown: list, solution: SimpleNamespace, epochs: int, moments: list[int]) -> None:
    data = load_tumours(PICTURE_FEATURES)
    solver = trained(solution, data, epochs)
    plots.boundary_slider(solver.model, data, solver.history)
    assert [int(label.partition(":")[0]) for label in labels(shown)] == moments


def test_boundary(shown: list, solution: SimpleNamespace) -> None:
    data = load_tumours(PICTURE_FEATURES)
    solver = trained(solution, data, 300)
    W, kept, cache = solver.model.W, solver.model.W.copy(), solver.model.cache
    plots.boundary_slider(solver.model, data, solver.history)
    assert solver.model.W is W
    assert solver.model.cache is cache
    np.testing.assert_array_equal(W, kept)
    moments = [int(label.partition(":")[0]) for label in labels(shown)]
    assert moments == [0, 1, 2, 3, 4, 7, 11, 17, 28, 45, 72, 116, 187, 300]
    assert labels(shown)[0] == "0: mean validation loss 0.693, 71 of 114 wrong"
    assert labels(shown)[-1] == "300: mean validation loss 0.169, 8 of 114 wrong"


def test_what_is_missing_is_one_sentence(shown: list, solution: SimpleNamespace) -> None:
    data = load_tumours(PICTURE_FEATURES)
    solver = trained(solution, data, 0)
    for draw in (
        lambda: plots.boundary_slider(solver.model, data, solver.history),
        lambda: plots.boundary_slider(solver.model, data, {"W": [solver.model.W]}),
        lambda: plots.threshold_slider(None, [0, 1]),
        lambda: plots.threshold_slider([0.5], [0, 1]),
        lambda: plots.threshold_slider([np.nan, 2.0], [0, 1]),
    ):
        with pytest.raises(NotReadyError, match=r"^[a-z].*\.$"):
            draw()
    with pytest.raises(DataError, match="two features"):
        plots.boundary_slider(solver.model, load_tumours(), solver.history)
    assert not shown


# The outputs


def test_a_picture_and_below_it_a_slider(shown: list) -> None:
    plots.threshold_slider([0.1, 0.3, 0.6, 0.9], [0, 1, 0, 1])
    (still, about), (control, none) = shown
    first = frames(control["text/html"])[9]
    words = html.escape(first["alt"])
    assert still["text/html"] == f'<img src="data:image/png;base64,{first["png"]}" alt="{words}">'
    assert (still["image/png"], still["text/plain"]) == (first["png"], first["alt"])
    assert about == {"image/png": {"alt": first["alt"]}}
    assert control["text/plain"] == SENTENCE
    assert none == {}
    assert "src=" not in control["text/html"]
    assert "http" not in control["text/html"]


def test_the_same_picture_gives_the_same_bytes(shown: list) -> None:
    for _ in range(2):
        plots.threshold_slider([0.1, 0.3, 0.6, 0.9], [0, 1, 0, 1])
    assert shown[:2] == shown[2:]


@pytest.mark.parametrize("name", STORED)
def test_stored_frames_are_small_and_of_one_size(name: str) -> None:
    still, control = STORED[name]
    page = control.data["text/html"]
    assert len(page) < 190_000
    sizes = {picture(frame["png"]).size for frame in frames(page)}
    assert sizes == {picture(still.data["image/png"]).size}
    assert sum(frame["png"] == still.data["image/png"] for frame in frames(page)) == 1
    assert len({frame["png"] for frame in frames(page)}) == len(frames(page))


def test_the_three_leave_a_feedback_page_room_for_more() -> None:
    assert sum(len(outputs[1].data["text/html"]) for outputs in STORED.values()) < 0.95 * Budget().markup


def test_a_feedback_page_shows_the_picture_and_a_sentence() -> None:
    for outputs in STORED.values():
        still, control = clean_outputs(outputs)
        assert still.data["image/png"]
        assert still.metadata["image/png"]["alt"]
        assert control.data == {"text/html": f"<div><p>{SENTENCE}</p></div>", "text/plain": SENTENCE}


def test_no_text_ends_the_script(shown: list) -> None:
    with drawing() as (fig, _):
        film = slider.Film(fig)
        film.take("</script><b>", "<!--<script>")
        film.show("a < b", 0)
    page = shown[-1][0]["text/html"]
    assert page.count("</script>") == page.count("<script>") == 1
    assert frames(page)[0]["label"] == "</script><b>"


# The PNGs


def over(below: bytes, layer: bytes) -> np.ndarray:
    whole = Image.open(io.BytesIO(below)).convert("RGBA")
    whole.alpha_composite(Image.open(io.BytesIO(layer)).convert("RGBA"))
    return np.asarray(whole.convert("RGB")).astype(int)


def test_few_colours_are_kept_exactly() -> None:
    rng = np.random.default_rng(0)
    below, pixels = (rng.integers(0, 3, (30, 40, 3), dtype=np.uint8) * 100 for _ in range(2))
    np.testing.assert_array_equal(over(png(below), png(pixels, below)), pixels)
    np.testing.assert_array_equal(over(png(below), png(below, below)), below)
    np.testing.assert_array_equal(over(png(below), png(255 - below, below)), 255 - below)


def test_of_many_colours_none_is_far_off() -> None:
    shades = np.arange(256, dtype=np.uint8)
    pixels = np.stack([*np.meshgrid(shades, shades), np.full((256, 256), 90, dtype=np.uint8)], axis=2)
    pixels[:100] = (200, 10, 10)
    difference = np.abs(over(png(pixels), png(pixels, np.zeros_like(pixels))) - pixels)
    assert (difference[:100] == 0).all()
    assert difference.max() < 60
