"""Each number in the notebook's texts, computed anew: text and data can't drift apart."""

import inspect
import itertools
import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from exercise_code import BaseSolver, TrainingError
from exercise_code.data import PICTURE_FEATURES, load_tumours
from exercise_code.plots import learning_rate_slider
from nbjudge.course.notebooks import read
from tests.support import SOURCE, training

NOTEBOOK = read(SOURCE)
TEXTS = {cell.id: cell.source for cell in NOTEBOOK.cells if cell.cell_type == "markdown"}
CODE = {cell.id: cell.source for cell in NOTEBOOK.cells if cell.cell_type == "code"}


def number(pattern: str, text: str) -> float:
    """The number that stands for ``…`` in a pattern, once in ``text``."""
    (found,) = re.findall(re.escape(pattern).replace("…", r"(-?[\d,.]*\d)"), text)
    return float(found.replace(",", ""))


def trained(solution: SimpleNamespace, features: tuple[str, ...] | None, rate: float, epochs: int) -> BaseSolver:
    return training.trained(solution, load_tumours(features), epochs, rate)


@pytest.fixture(scope="module")
def two(solution: SimpleNamespace) -> BaseSolver:
    return trained(solution, PICTURE_FEATURES, number("learning_rate=…)", CODE["train"]), epochs=300)


@pytest.fixture(scope="module")
def thirty(solution: SimpleNamespace) -> BaseSolver:
    """Trained for 300 epochs, of which the notebook makes the first 120."""
    return trained(solution, None, number("learning_rate=…)", CODE["all-features"]), epochs=300)


@pytest.fixture(scope="module")
def rival() -> LogisticRegression:
    data = load_tumours()
    return LogisticRegression(max_iter=1000).fit(data.X_train, data.y_train.ravel())


def logits(solver: BaseSolver, epochs: int) -> np.ndarray:
    samples = np.column_stack([solver.X_train, np.ones(len(solver.X_train))])
    return samples @ np.hstack(solver.history["W"][: epochs + 1])


def test_data(data) -> None:
    sizes = {"train": len(data.y_train), "val": len(data.y_val), "test": len(data.y_test)}
    assert number("… tumours, 30", TEXTS["data"]) == sum(sizes.values())
    assert number("tumours, … measurements", TEXTS["data"]) == len(load_tumours().feature_names)
    for cell in ("training-curves-text", "early-stopping-text"):
        assert sizes["train"] == 341
        assert "341" in TEXTS[cell]
    for cell in ("decision-boundary-text", "early-stopping-text"):
        assert sizes["val"] == 114
        assert "114" in TEXTS[cell]
    assert number("of … test tumours", TEXTS["rival-result"]) == sizes["test"]
    assert number("now … weights", TEXTS["all-features-text"]) == len(load_tumours().feature_names) + 1
    assert number("There are … pairs", TEXTS["experiments"]) == math.comb(30, 2)


def test_losses_and_derivatives_by_hand(solution) -> None:
    bce = solution.BCE()
    rows = re.findall(r"^\| ([\d.]+) \| (\d) \| ([\d.]+) \| ([\d.]+) \|$", TEXTS["bce-text"], re.M)
    assert len(rows) == 3
    for p, y, happened, loss in rows:
        assert float(happened) == pytest.approx(float(p) if y == "1" else 1 - float(p))
        assert f"{bce.forward(float(p), float(y)):.3f}" == loss
    text = TEXTS["bce-backward-text"]
    down, up = bce.backward(0.8, 1.0), bce.backward(0.8, 0.0)
    assert number("derivative is $…$", text) == pytest.approx(down)
    assert number("it is $+…$", text) == pytest.approx(up)
    step = number(r"raise $\hat y$ by …,", text)
    assert number("falls by about ….", text) == pytest.approx(-step * down)


def test_model_by_hand(solution) -> None:
    model = solution.Classifier(num_features=2)
    text = TEXTS["classifier-text"]
    for z in (0, 1, -1):
        assert number(rf"$\sigma({z}) = …$", text) == pytest.approx(model.sigmoid(np.array(z)).item(), abs=5e-4)
    assert number("which is $1 - …$", text) == number(r"$\sigma(1) = …$", text)
    assert r"$\tilde x = (2, -1, 1)$ and weights $(0.5, 1, 0)$" in TEXTS["classifier-forward-text"]
    model.initialize_weights([[0.5], [1.0], [0.0]])
    y = model.forward(np.array([[2.0, -1.0]]))
    assert number("probability ….", TEXTS["classifier-forward-text"]) == y.item()
    model.initialize_weights([[0.0], [0.0], [0.0]])
    assert r"For $\tilde x = (2, 1)$ and $\hat y = 0.5$ the row is $(0.5, 0.25)$" in TEXTS["classifier-backward-text"]
    one = solution.Classifier(num_features=1)
    one.initialize_weights([[0.0], [0.0]])
    assert one(np.array([[2.0]]))[1].tolist() == [[0.5, 0.25]]
    assert model.sigmoid(np.array(40.0)) == 1.0
    assert r"can't even tell $\sigma(40)$ from 1" in TEXTS["sigmoid-plot-text"]


def test_update_by_hand() -> None:
    assert r"weight of 1, a slope of 2 and $\eta = 0.5$ give the new weight 0" in TEXTS["optimizer-text"]
    assert 1 - 0.5 * 2 == 0
    products = np.array([[2.0], [-4.0]]) * np.array([[1.0, 3.0], [0.0, -1.0]])
    said = r"$2$ and $-4$; the rows of $\frac{\partial \hat y}{\partial W}$ are $(1, 3)$ and $(0, -1)$"
    assert said in TEXTS["solver-text"]
    assert products.tolist() == [[2, 6], [0, 4]]
    assert "The products are $(2, 6)$ and $(0, 4)$, their mean is $(1, 5)$" in TEXTS["solver-text"]
    assert products.mean(axis=0).tolist() == [1, 5]


def test_first_training(two) -> None:
    assert number("three weights, … epochs", TEXTS["train-text"]) == number("epochs=…)", CODE["train"]) == 300
    losses = two.history["train_loss"]
    assert losses[0] == pytest.approx(math.log(2), abs=1e-3)
    assert two.best_epoch == 300
    X, y = two.X_val, two.y_val
    wrong = ((two.model.forward(X) >= 0.5) != (y == 1))[:, 0]
    far = np.abs(np.column_stack([X, np.ones(len(X))]) @ two.model.W)[:, 0] / np.linalg.norm(two.model.W[:2])
    text = TEXTS["decision-boundary-text"]
    assert number("its … mistakes", text) == wrong.sum()
    assert number("within … standard", text) == round(far[wrong].max(), 2)
    assert (~wrong & (far < far[wrong].max())).sum() >= wrong.sum()  # "right ones lie there, too"


def test_learning_rates(solution) -> None:
    assert number("and … epochs lead nowhere", TEXTS["learning-rates-text"]) == number(
        "epochs=…)", CODE["learning-rates"]
    )
    names = {"np": np, "Classifier": solution.Classifier}
    exec(CODE["loss-surface"].split("def mean_loss")[0], names)
    changed = SimpleNamespace(**vars(solution) | {"Classifier": names["Bounded"]})
    slow, right, long = (trained(changed, PICTURE_FEATURES, rate, 60) for rate in (0.01, 1.0, 200.0))
    assert slow.history["train_loss"][-1] > 0.8 * math.log(2)
    assert right.history["train_loss"][-1] < 0.2
    assert np.all(np.diff(right.history["train_loss"]) < 0)
    jumps = np.array(long.history["train_loss"]) > 2
    assert np.count_nonzero(np.diff(jumps.astype(int)) == 1) == 2  # "again and again"
    largest = max(np.abs(logits(solver, 60)).max() for solver in (slow, right, long))
    assert number("largest $|z|$ is about …,", TEXTS["classifier-text"]) == round(largest, -1)


def test_early_stopping(thirty) -> None:
    epochs = int(number("epochs=…)", CODE["all-features"]))
    assert epochs == 120
    val, train = thirty.history["val_loss"][: epochs + 1], thirty.history["train_loss"][: epochs + 1]
    best = int(np.argmin(val))
    assert number("lowest after epoch …,", TEXTS["early-stopping-text"]) == best == thirty.best_epoch
    assert np.all(np.diff(train) < 0)
    assert np.all(np.diff(val[best:]) > 0)
    assert val[-1] < 1.02 * val[best]  # "slowly", "which only a magnified picture shows"
    assert np.abs(logits(thirty, epochs)).max() < 34  # far enough from what a float can't tell from 1


def test_rival(thirty, rival) -> None:
    data = load_tumours()
    yours = ((thirty.model.forward(data.X_test) >= 0.5) != (data.y_test == 1)).sum()
    theirs = (rival.predict(data.X_test) != data.y_test[:, 0]).sum()
    assert number("your model gets … wrong", TEXTS["rival-result"]) == yours
    assert number("scikit-learn's ….", TEXTS["rival-result"]) == theirs


def test_weights(thirty, rival) -> None:
    yours, theirs = thirty.best_W[:-1, 0], rival.coef_[0]
    ten = np.argsort(-np.maximum(np.abs(yours), np.abs(theirs)))[:10]
    assert np.all(np.sign(yours[ten]) == np.sign(theirs[ten]))
    assert np.all(np.abs(yours[ten]) < np.abs(theirs[ten]))
    text = TEXTS["coefficients-text"]
    assert number("those of epoch …,", text) == thirty.best_epoch
    assert number("After … epochs", text) == len(thirty.history["W"]) - 1
    later = np.abs(thirty.history["W"][-1][:-1, 0])
    assert later.argmax() == np.abs(theirs).argmax()
    assert number("the same, … and 1.19", text) == round(later.max(), 2)
    assert number("the same, 1.18 and ….", text) == round(np.abs(theirs).max(), 2)


def test_a_loss_without_clip_breaks_where_the_text_says(solution) -> None:
    class Plain(solution.BCE):
        def forward(self, y_out, y_truth):
            return -y_truth * np.log(y_out) - (1 - y_truth) * np.log(1 - y_out)

    text = TEXTS["experiments"]
    epoch = number("stops in epoch …<", text)
    changed = SimpleNamespace(**vars(solution) | {"BCE": Plain})
    with pytest.raises(TrainingError, match=f"nan in epoch {epoch:g}:"):
        trained(changed, None, 0.5, epochs=200)
    z = number("Beyond $z = …$", text)
    assert solution.Classifier().sigmoid(np.array(z)) < 1
    assert solution.Classifier().sigmoid(np.array(z + 0.1)) == 1


def test_minutes_add_up() -> None:
    rows = re.findall(r"\| (\d+) \| (\d+) \|$", TEXTS["overview"], re.M)
    assert len(rows) == 7
    sums = [sum(int(row[i]) for row in rows) for i in (0, 1)]
    assert f"| **{sums[0]}** | **{sums[1]}** |" in TEXTS["overview"]


def test_explanations_of_the_questions() -> None:
    assert r"$-\ln 0.1 = 2.3$ and $-\ln 0.01 = 4.6$. Each further nine adds another 2.3" in TEXTS["quiz-confidence"]
    assert [round(-math.log(p), 1) for p in (0.1, 0.01)] == [2.3, 4.6]
    assert r"$-\ln 0.5 = \ln 2 = 0.693$" in TEXTS["quiz-first-loss"]
    assert round(math.log(2), 3) == 0.693
    assert r"$10\,\hat y$ is more than $1 - \hat y$, that is from $\hat y = 1/11$ on" in TEXTS["quiz-threshold"]


def test_choice_of_the_learning_rate(solution) -> None:
    text, code = TEXTS["choose-rate-end"], CODE["choose-rate"]
    rates = [float(rate) for rate in re.search(r"in \((.+)\):", code)[1].split(",")]
    assert rates == [0.02, 0.1, 0.5, 2.0, 5.0]
    runs = {rate: trained(solution, None, rate, int(number("epochs=…)", code))) for rate in rates}
    lowest = {rate: min(run.history["val_loss"]) for rate, run in runs.items()}
    best = min(lowest, key=lowest.get)
    assert number("loss chooses …,", text) == number("We take ….", text) == best
    at_the_end = {rate: run.history["train_loss"][-1] for rate, run in runs.items()}
    assert number("would choose …,", text) == min(at_the_end, key=at_the_end.get) == max(rates)
    assert best == number("learning_rate=…)", CODE["all-features"])
    next_best = number("and … is nearly as good", text)
    assert f"{lowest[next_best]:.3f}" in (f"{lowest[best]:.3f}", f"{lowest[best] + 0.001:.3f}")
    assert runs[next_best].best_epoch < runs[best].best_epoch
    assert all(runs[rate].best_epoch == 120 for rate in rates if rate < best)  # "aren't enough to arrive"
    assert lowest[5.0] > 1.5 * lowest[best]


def mistakes(p: np.ndarray, y: np.ndarray, threshold: float) -> tuple[int, int]:
    """Misses and false alarms."""
    return np.count_nonzero((p < threshold) & (y == 1)), np.count_nonzero((p >= threshold) & (y == 0))


def test_answers_of_the_first_experiment(solution) -> None:
    data, solver, text = load_tumours(), trained(solution, None, 0.5, 120), TEXTS["experiments"]
    thresholds = [round(0.05 * k, 2) for k in range(1, 20)]
    assert "from 0.05 to 0.95" in text

    def costs(X: np.ndarray, y: np.ndarray) -> dict[float, int]:
        counts = {threshold: mistakes(solver.predict(X), y, threshold) for threshold in thresholds}
        return {threshold: 10 * misses + alarms for threshold, (misses, alarms) in counts.items()}

    train, val, test = (
        costs(*part) for part in zip((data.X_train, data.X_val, data.X_test), labels(data), strict=True)
    )
    assert number("false alarm, … costs least", text) == min(val, key=val.get) == 0.05
    assert number("training samples choose …:", text) == min(train, key=train.get) == 0.3
    assert mistakes(solver.predict(data.X_train), data.y_train, 0.3) == (1, 4)
    assert f"1 miss and 4 false alarms cost {train[0.3]} there" in text
    assert f"0.3 costs {test[0.3]} and 0.05 costs {test[0.05]}, both more than the {test[0.5]} of 0.5" in text
    assert number("counting: 0.1 costs ….", text) == test[0.1]


def labels(data: SimpleNamespace) -> tuple[np.ndarray, ...]:
    return data.y_train, data.y_val, data.y_test


def test_what_is_said_beside_the_sliders(two, thirty, solution) -> None:
    text = TEXTS["play-boundary-text"]
    wrong = [round((1 - accuracy) * 114) for accuracy in two.history["val_acc"]]
    assert number("to … after one epoch", text) == wrong[1]
    assert wrong[0] > 2 * wrong[1]
    assert max(abs(count - wrong[1]) for count in wrong[1:]) <= 2  # "hardly at all"

    text, data = TEXTS["play-learning-rate-text"], load_tumours(("worst radius",))
    steps = inspect.signature(learning_rate_slider).parameters["epochs"].default
    assert f"one start, {steps} steps each" in text
    ends = {}
    for rate in (0.1, 0.5, 2.0, 50.0):
        solver = training.new_solver(solution, data, rate, [[-3.0], [3.0]])
        for _ in range(steps):
            solver._step()
        ends[rate] = float(np.mean(solution.BCE().forward(solver.model.forward(data.X_train), data.y_train)))
    start = float(np.mean(solution.BCE().forward(1 / (1 + np.exp(3 * data.X_train - 3)), data.y_train)))
    assert 0.3 < ends[0.1] / start < 0.7  # "halfway down the slope"
    assert ends[2.0] < ends[50.0]  # "which smaller rates do better?"

    text = TEXTS["play-threshold-text"]
    assert number("moves it by …:", text) == number("miss=…)", CODE["play-threshold"])
    assert number("these … samples", text) == len(thirty.y_val)
    (misses, alarms), (fewer, more) = (
        mistakes(thirty.model.forward(thirty.X_val), thirty.y_val, threshold) for threshold in (0.5, 0.3)
    )
    assert fewer < misses
    assert more > alarms


def test_answers_of_the_second_experiment() -> None:
    """All 435 pairs at once, with the gradient of the mean loss written out: X (ŷ − y) / N."""
    data = load_tumours()
    pairs = list(itertools.combinations(range(30), 2))

    def samples(X: np.ndarray) -> np.ndarray:
        return np.stack([np.column_stack([X[:, pair], np.ones(len(X))]) for pair in pairs])

    train, val = samples(data.X_train), samples(data.X_val)
    W, lowest = np.zeros((len(pairs), 3, 1)), np.full(len(pairs), np.inf)
    for _ in range(300):
        W -= train.transpose(0, 2, 1) @ (1 / (1 + np.exp(-train @ W)) - data.y_train) / len(data.y_train)
        losses = np.logaddexp(0, np.where(data.y_val == 1, -1, 1) * (val @ W)).mean(axis=(1, 2))
        lowest = np.minimum(lowest, losses)
    ranked = [tuple(data.feature_names[i] for i in pairs[place]) for place in np.argsort(lowest)]
    text = TEXTS["experiments"]
    assert ranked[0] == ("worst area", "worst concave points")
    assert "it is *worst area* and *worst concave points*" in text
    assert number("points*: …,", text) == round(lowest.min(), 3)
    assert number("against … for the pair", text) == round(lowest[pairs.index((20, 21))], 3)
    assert tuple(data.feature_names[i] for i in (20, 21)) == PICTURE_FEATURES
    assert number("which is the …th best", text) == ranked.index(PICTURE_FEATURES) + 1
    assert [set(pair) - {"worst concave points"} for pair in ranked[:3]] == [
        {"worst area"},
        {"worst radius"},
        {"worst perimeter"},
    ]


def test_answers_of_the_third_experiment(solution) -> None:
    epochs, text = 20_000, TEXTS["experiments"]
    history = trained(solution, None, 0.5, epochs).history
    assert number("for … epochs and look", text) == epochs
    assert np.all(np.diff(history["train_loss"]) < 0)
    assert number("falling, to …;", text) == round(history["train_loss"][-1], 4)
    best = int(np.argmin(history["val_loss"]))
    assert number("since epoch …,", text) == best
    assert np.all(np.diff(history["val_loss"][best:]) > 0)
    assert f"from {history['val_loss'][best]:.3f} to {history['val_loss'][-1]:.2f};" in text
    first, last = (np.abs(history["W"][epoch]).max() for epoch in (best, epochs))
    assert f"grows from {first:.2f} to {last:.1f}." in text
    assert history["train_acc"][-1] == 1.0


def test_patients() -> None:
    data = load_tumours()
    labels = np.concatenate([data.y_train, data.y_val, data.y_test])
    assert f"here {labels.sum():g} of {len(labels)} were malignant" in TEXTS["patient-text"]


def test_loop() -> None:
    assert "for 10,000 predictions" in TEXTS["loop-text"]
    assert "np.linspace(0.01, 0.99, 10_000)" in CODE["loop"]


NUMBER = re.compile(r"(?<![\w.])(?:\d+\.\d+|\d{2,}(?:,\d{3})*)(?!\w)")
SEEN = {
    "overview": {"10", "15", "20", "25", "110"},
    "data": {"569", "30"},
    "bce-text": {"0.8", "0.2", "0.5", "0.223", "1.609", "0.693"},
    "quiz-confidence": {"0.9", "0.99", "0.5", "0.1", "0.01", "2.3", "4.6"},
    "quiz-first-loss": {"0.69", "0.5", "0.693"},
    "quiz-saturation": {"20"},
    "quiz-threshold": {"0.5", "10", "11"},
    "loop-text": {"10,000"},
    "bce-backward-text": {"0.8", "1.25", "0.01", "0.0125"},
    "classifier-text": {"0.5", "0.731", "0.269", "1000", "290"},
    "classifier-forward-text": {"0.5"},
    "classifier-backward-text": {"0.5", "0.25"},
    "sigmoid-plot-text": {"40"},
    "optimizer-text": {"0.5"},
    "train-text": {"300"},
    "training-curves-text": {"0.5", "341"},
    "boundary-over-time-text": {"0.5"},
    "decision-boundary-text": {"114", "0.37"},
    "learning-rates-text": {"60"},
    "all-features-text": {"30", "31"},
    "choose-rate-end": {"0.5", "120"},
    "patient-text": {"0.9", "212", "569"},
    "early-stopping-text": {"83", "341", "114"},
    "rival-result": {"114"},
    "coefficients-text": {"83", "300", "1.18", "1.19"},
    "play-boundary-text": {"10"},
    "play-learning-rate-text": {"0.1", "30", "50"},
    "play-threshold-text": {"0.5", "10", "114"},
    "experiments": {
        *("0.1", "30", "435", "20,000", "171", "36.7"),
        *("0.05", "0.95", "0.3", "14", "18", "21", "0.5", "11", "114"),
        *("300", "0.146", "0.169", "0.0087", "83", "0.116", "0.48", "0.68", "7.8"),
    },
}
"""The numbers that the tests above compute, or that are part of a task's wording."""


@pytest.mark.parametrize("name", [name for name in TEXTS if not name.endswith("-curious")])
def test_no_number_is_left_out(name: str) -> None:
    text = re.sub(r"```.*?```|`[^`]*`", "", TEXTS[name], flags=re.DOTALL)
    assert set(NUMBER.findall(text)) == SEEN.get(name, set()), "compute a new number in a test of this file"
