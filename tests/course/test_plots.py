"""Every picture: smallest input, alt text, nothing left open, nothing changed, one sentence where it can't be drawn."""

import ast
import itertools
import json
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import matplotlib

from tests.support import ROOT
from tests.support.training import trained

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Text

from exercise_code import BaseOptimizer, BaseSolver, DataError, Loss, Network, plots, style
from exercise_code.data import PICTURE_FEATURES, Dataset, load_tumours
from exercise_code.plots.surface import Landscape, round_levels
from nbprobe.ready import NotReadyError


@pytest.fixture(scope="module")
def solution():
    """The classes of the source notebook."""
    notebook = json.loads((ROOT / "source/ex04/1_simple_classifier.ipynb").read_text(encoding="utf-8"))
    names = {"np": np, "Loss": Loss, "Network": Network, "BaseOptimizer": BaseOptimizer, "BaseSolver": BaseSolver}
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            exec("".join(cell["source"]), names)
    return SimpleNamespace(**{name: names[name] for name in ("BCE", "Classifier", "Optimizer", "Solver")})


@pytest.fixture
def shown(monkeypatch):
    """Collects what is displayed, each picture drawn in full: its alt text, its size, and texts that lie badly."""
    pictures = []

    def show(fig, alt):
        fig.canvas.draw()
        renderer = fig.canvas.get_renderer()
        whole = fig.bbox.padded(1)
        texts = [text for text in fig.findobj(Text) if text.get_visible() and text.get_text().strip()]
        boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in texts]
        # ticks outside the limits are never drawn, but have a position all the same
        ticks = {id(label) for ax in fig.axes for label in (*ax.get_xticklabels(), *ax.get_yticklabels())}
        fixed = [box for text, box in zip(texts, boxes, strict=True) if id(text) not in ticks]
        outside = [
            name for name, box in fixed if not (whole.contains(box.x0, box.y0) and whole.contains(box.x1, box.y1))
        ]
        pairs = itertools.combinations(fixed, 2)
        overlapping = [(a, b) for (a, first), (b, second) in pairs if first.padded(-1).overlaps(second.padded(-1))]
        for ax in fig.axes:
            if legend := ax.get_legend():
                inside, place = {*legend.get_texts(), legend.get_title()}, legend.get_window_extent(renderer)
                others = (
                    box for text, box in zip(texts, boxes, strict=True) if text not in inside and id(text) not in ticks
                )
                overlapping += [("legend", name) for name, box in others if box.padded(-1).overlaps(place)]
        pictures.append(SimpleNamespace(alt=alt, size=fig.get_size_inches(), outside=outside, overlapping=overlapping))

    monkeypatch.setattr(style, "show", show)
    yield pictures
    assert not plt.get_fignums()


def one_good_picture(shown):
    """Exactly one picture was shown; it has alt text, fits a laptop screen, and its texts don't collide."""
    (picture,) = shown
    assert len(picture.alt) > 40
    assert picture.alt.endswith(".")
    assert picture.size[0] <= 9.5
    assert picture.size[1] <= 3.91
    assert not picture.outside
    assert not picture.overlapping
    return picture


def tiny(num_features=2, n=1):
    """A data set with ``n`` samples in each part."""
    X, y = (
        np.arange(1.0, 1.0 + n * num_features).reshape(n, num_features),
        (np.arange(n) % 2).reshape(n, 1).astype(float),
    )
    return Dataset(X, y, X.copy(), y.copy(), X.copy(), y.copy(), tuple(f"feature {i}" for i in range(num_features)))


def not_written(*args):
    raise NotImplementedError


def test_pictures_are_imported_when_somebody_asks_for_one():
    code = """
        import sys
        from exercise_code import checks, plots
        from exercise_code.data import load_tumours
        load_tumours()
        assert not {"matplotlib", "sklearn"} & set(sys.modules)
        plots.samples
        assert "matplotlib" in sys.modules
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True, cwd=ROOT)


def test_each_picture_can_be_asked_for_and_has_no_name_of_a_module():
    assert set(plots.MODULES) <= set(dir(plots))
    for name in plots.MODULES:
        assert callable(getattr(plots, name))  # by its name, a module would take its place once it is imported
        assert callable(getattr(plots, name))
    with pytest.raises(AttributeError, match=r"'exercise_code\.plots' has no attribute 'sample'"):
        plots.sample  # noqa: B018


def test_data_flow_names_all_tasks(shown):
    plots.data_flow()
    alt = one_good_picture(shown).alt
    tasks = ("BCE.forward", "BCE.backward", "Classifier.sigmoid", "Classifier.forward", "Classifier.backward")
    for number, name in enumerate((*tasks, "Optimizer.step", "Solver._step"), start=1):
        assert f"task {number}, {name}" in alt


@pytest.mark.parametrize("n", [1, 2])
def test_samples(shown, n):
    plots.samples(tiny(n=n))
    one_good_picture(shown)


def test_sigmoid_and_slope(shown, solution):
    plots.sigmoid_and_slope(solution.Classifier().sigmoid)
    one_good_picture(shown)


def test_loss_branches(shown, solution):
    plots.loss_branches(solution.BCE().forward)
    one_good_picture(shown)


def test_infinite_losses_are_left_out(shown):
    plots.loss_branches(lambda y_out, y_truth: np.where(y_out < 0.5, np.inf, np.nan * y_truth + y_out))
    assert len(shown) == 1


@pytest.mark.parametrize("epochs", [1, 2, 200])
def test_loss_surface(shown, solution, epochs):
    solver = trained(solution, load_tumours(PICTURE_FEATURES[:1]), epochs)
    calls = []

    def mean_loss(weight, bias):
        calls.append((weight, bias))
        solver.model.W = np.array([[weight], [bias]])
        return np.mean(solver.loss_func.forward(solver.model.forward(solver.X_train), solver.y_train))

    plots.loss_surface(solver.history["W"], mean_loss, names=("weight", "bias"))
    plots.loss_surface(np.array(solver.history["W"])[:, :, 0], mean_loss)
    assert len(calls) <= 2 * 1600
    assert one_good_picture(shown[:1]).alt == one_good_picture(shown[1:]).alt


@pytest.mark.parametrize("value", [1.0, np.nan])
def test_loss_surface_of_a_path_that_stays_and_a_loss_that_is_flat(shown, value):
    plots.loss_surface(np.zeros((2, 2)), lambda first, second: value)
    one_good_picture(shown)


def test_a_landscape_is_drawn_also_where_a_part_of_the_loss_is_no_number(shown):
    def bowl(first, second):
        return np.nan if first > 3 else 1 + (first - 1) ** 2 + second**2

    landscape = Landscape.around(np.array([[-2.0, 0.0], [0.5, 0.0]]), bowl)
    assert landscape.lowest == pytest.approx((1, 0), abs=0.05)
    with style.drawing() as (fig, (ax,)):
        landscape.draw(fig, ax, ("a", "b"))
        assert len(ax.collections) == 2  # areas and lines
    assert not shown


@pytest.mark.parametrize(("low", "high"), [(0.2097, 5.8), (0.0, 1.0), (3.0, 3.001), (1e-9, 700.0)])
def test_levels_of_a_landscape_are_short_numbers_and_closer_on_the_floor(low, high):
    levels = round_levels(low, high)
    assert np.all(np.diff(levels) > 0)
    assert (levels[0], levels[-1]) == (low, high)
    assert len(levels) > 6
    assert levels[len(levels) // 2] < (low + high) / 2
    assert max(len(f"{level:g}") for level in levels[1:-1]) <= 7


@pytest.mark.parametrize("epochs", [1, 2, 300])
def test_training_curves(shown, solution, epochs):
    plots.training_curves(trained(solution, tiny(), epochs))
    one_good_picture(shown)


@pytest.mark.parametrize("epochs", [1, 2, 120])
def test_early_stopping(shown, solution, epochs):
    solver = trained(solution, load_tumours(), epochs, rate=0.5)
    plots.early_stopping(solver)
    assert f"lowest at epoch {min(epochs, 83)}" in one_good_picture(shown).alt


def test_mistakes_are_ringed(shown, solution):
    solver = trained(solution, load_tumours(PICTURE_FEATURES), 300)
    plots.decision_boundary(solver.model, load_tumours(PICTURE_FEATURES))
    assert "8 of 114 are on the wrong side and ringed" in one_good_picture(shown).alt


@pytest.mark.parametrize("n", [1, 2])
def test_decision_boundary(shown, solution, n):
    solver = trained(solution, tiny(n=n), rate=0.01)
    W, kept, cache = solver.model.W, solver.model.W.copy(), solver.model.cache
    plots.decision_boundary(solver.model, tiny(n=n))
    one_good_picture(shown)
    assert solver.model.W is W
    assert solver.model.cache is cache
    np.testing.assert_array_equal(W, kept)


@pytest.mark.parametrize("epochs", [1, 2, 3, 4, 30])
def test_boundary_over_time(shown, solution, epochs):
    solver = trained(solution, load_tumours(PICTURE_FEATURES), epochs)
    W, cache, visited = solver.model.W, solver.model.cache, np.array(solver.history["W"])
    kept, kept_cache = W.copy(), cache.copy()
    plots.boundary_over_time(solver.model, load_tumours(PICTURE_FEATURES), solver.history)
    one_good_picture(shown)
    assert solver.model.W is W
    assert solver.model.cache is cache
    np.testing.assert_array_equal(W, kept)
    np.testing.assert_array_equal(cache, kept_cache)
    np.testing.assert_array_equal(solver.history["W"], visited)


def test_model_is_left_alone_when_drawing_fails(shown, solution):
    solver = trained(solution, tiny())
    W, cache = solver.model.W, solver.model.cache
    solver.model.forward = not_written
    for draw in (
        lambda: plots.decision_boundary(solver.model, tiny()),
        lambda: plots.boundary_over_time(solver.model, tiny(), solver.history),
    ):
        with pytest.raises(NotImplementedError) as error:
            draw()
        assert not isinstance(error.value, NotReadyError)
        assert solver.model.W is W
        assert solver.model.cache is cache
    assert not shown


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("probability", [0.0, 0.1, 0.5, 1.0])
def test_calibration_and_confusion(shown, n, probability):
    y_out, y_truth = np.full((n, 1), probability), (np.arange(n) % 2).reshape(n, 1)
    plots.calibration_and_confusion(y_out, y_truth)
    plots.calibration_and_confusion(y_out.ravel(), y_truth.ravel().tolist())
    assert one_good_picture(shown[:1]).alt == one_good_picture(shown[1:]).alt


def test_confusion_counts_are_in_the_alt_text(shown):
    plots.calibration_and_confusion([0.1, 0.2, 0.3, 0.6, 0.7, 0.4, 0.9], [0, 0, 0, 0, 0, 1, 1])
    assert "Of 7 samples 3 benign and 1 malignant ones were recognised, 2 benign" in one_good_picture(shown).alt
    assert "called malignant, 1 malignant ones called benign" in shown[0].alt


@pytest.mark.parametrize(
    "histories",
    [
        {"0.1": [0.7, 0.6]},
        {"too small": [0.69, 0.68, 0.67], "right": [0.69, 0.2, 0.1], "too large": [0.69, 30.0]},
        {f"rate {i}": [0.7, 0.1 * i] for i in range(1, 7)},
        {"gone": [0.7, np.inf], "nothing": [0.0, np.nan]},
        {"right": [0.69, 0.2, 0.1], "too large": [0.69]},
    ],
)
def test_learning_rates(shown, histories):
    plots.learning_rates(histories)
    one_good_picture(shown)


@pytest.mark.parametrize("num_features", [1, 2, 30])
def test_coefficients(shown, num_features):
    rng = np.random.default_rng(0)
    yours, rival = rng.normal(size=(num_features + 1, 1)), rng.normal(size=(1, num_features))
    names = load_tumours().feature_names[:num_features]
    plots.coefficients(yours, rival, names)
    plots.coefficients(yours[:-1, 0], rival[0], names)
    assert one_good_picture(shown[:1]).alt == one_good_picture(shown[1:]).alt


def test_untrained_is_one_sentence(shown, solution):
    solver = trained(solution, tiny(), epochs=0)
    without = Network(num_features=2)
    for draw in (
        lambda: plots.training_curves(solver),
        lambda: plots.early_stopping(solver),
        lambda: plots.decision_boundary(solver.model, tiny()),
        lambda: plots.decision_boundary(without, tiny()),
        lambda: plots.boundary_over_time(solver.model, tiny(), solver.history),
        lambda: plots.boundary_over_time(solver.model, tiny(), {"W": [solver.model.W]}),
        lambda: plots.loss_surface([], not_written),
        lambda: plots.loss_surface([[0.0, 0.0]], not_written),
        lambda: plots.calibration_and_confusion(None, [0, 1]),
        lambda: plots.calibration_and_confusion([0.5], [0, 1]),
        lambda: plots.calibration_and_confusion([np.nan, 2.0], [0, 1]),
        lambda: plots.learning_rates({}),
        lambda: plots.learning_rates({"0.1": [0.7, 0.6], "1": []}),
        lambda: plots.learning_rates({"0.1": [0.7], "1": [0.7]}),
        lambda: plots.coefficients(None, [1.0, 2.0], ["a", "b"]),
        lambda: plots.coefficients(solver.model.W, [1.0, 2.0], ["a", "b"]),
        lambda: plots.coefficients(solver.model.W[:-1], [1.0, 2.0], ["a", "b"]),
        lambda: plots.coefficients(np.zeros((3, 1)), [1.0, 2.0], ["a", "b"]),
    ):
        with pytest.raises(NotReadyError, match=r"^[a-z].*\.$"):
            draw()
    assert not shown


def test_functions_that_are_not_written_pass_through(shown):
    for draw in (
        lambda: plots.sigmoid_and_slope(not_written),
        lambda: plots.loss_branches(not_written),
        lambda: plots.loss_surface([[0.0, 0.0], [1.0, 1.0]], not_written),
    ):
        with pytest.raises(NotImplementedError) as error:
            draw()
        assert not isinstance(error.value, NotReadyError)
    assert not shown


def test_wrong_results_are_one_sentence(shown, solution):
    solver = trained(solution, tiny())
    solver.model.forward = lambda X: 2.0 + np.zeros((len(X), 1))
    for draw, task in (
        (lambda: plots.sigmoid_and_slope(lambda z: None), "task 3"),
        (lambda: plots.sigmoid_and_slope(np.mean), "task 3"),
        (lambda: plots.loss_branches(lambda y_out, y_truth: np.mean(y_out)), "task 1"),
        (lambda: plots.decision_boundary(solver.model, tiny()), "tasks 3 and 4"),
    ):
        with pytest.raises(NotReadyError, match=task):
            draw()
    assert not shown


def test_pictures_of_the_plane_need_two_features(shown, solution):
    solver = trained(solution, tiny(num_features=3))
    for draw in (
        lambda: plots.samples(tiny(num_features=3)),
        lambda: plots.decision_boundary(solver.model, tiny(num_features=3)),
        lambda: plots.boundary_over_time(solver.model, tiny(num_features=3), solver.history),
    ):
        with pytest.raises(DataError, match="two features"):
            draw()
    with pytest.raises(DataError, match="2 feature names, but 5 weights"):
        plots.coefficients(np.ones(5), np.ones(2), ["a", "b"])
    assert not shown


MODULES = [Path(style.__file__), *sorted(Path(plots.__file__).parent.glob("*.py"))]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_no_picture_shows_an_answer(module):
    tree = ast.parse(module.read_text(encoding="utf-8"))
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    used |= {type(node).__name__ for node in ast.walk(tree)}
    assert not used & {"exp", "log", "log1p", "logaddexp", "tanh", "expit", "MatMult", "dot", "_step", "backward"}
