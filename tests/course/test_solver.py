"""The training loop: it converges, it keeps the best weights, and it stops with a sentence."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss

from exercise_code import BaseOptimizer, BaseSolver, DataError, Loss, Network, TrainingError
from exercise_code.data import load_tumours
from tests.support.sentences import assert_sentence


class InPlaceOptimizer(BaseOptimizer):
    """Changes the array that everyone else may hold."""

    def step(self, dw):
        W = self.model.W
        W -= self.lr * dw


@pytest.fixture
def make(solution, data):
    """Make a solver on two features; each of its parts can be replaced."""

    def make(Solver=None, Optimizer=None, BCE=None, learning_rate=1.0, data=data):
        model = solution.Classifier(num_features=data.X_train.shape[1])
        model.initialize_weights()
        opt = (Optimizer or solution.Optimizer)(model, learning_rate)
        return (Solver or solution.Solver)(model, data, (BCE or solution.BCE)(), opt)

    return make


@pytest.fixture
def stops_at(solution):
    """A solver class whose third step changes the weights for the worse and then raises an error."""

    def stops_at_third(error):
        class Stopping(solution.Solver):
            steps = 0

            def _step(self):
                self.steps += 1
                if self.steps == 3:
                    self.model.W = self.model.W - 100
                    raise error
                super()._step()

        return Stopping

    return stops_at_third


# Convergence


@pytest.fixture(scope="module")
def rival(data):
    """scikit-learn's model without a penalty."""
    return LogisticRegression(C=np.inf, tol=1e-10).fit(data.X_train, data.y_train.ravel())


def test_converges_to_scikit_learn(make, data, rival):
    solver = make(learning_rate=5.0)
    solver.train(epochs=2000, progress=False)
    expected = log_loss(data.y_train, rival.predict_proba(data.X_train))
    assert solver.history["train_loss"][-1] == pytest.approx(expected, rel=1e-8)
    np.testing.assert_allclose(solver.history["W"][-1].ravel(), [*rival.coef_.ravel(), *rival.intercept_], rtol=1e-4)


def test_learns_thirty_features(make):
    solver = make(learning_rate=0.5, data=load_tumours())
    solver.train(epochs=200, progress=False)
    assert solver.history["val_acc"][solver.best_epoch] > 0.9
    assert solver.history["train_loss"][-1] < 0.1


# History


def test_history_has_an_entry_before_and_after_every_epoch(make):
    solver = make()
    solver.train(epochs=7, progress=False)
    assert {name: len(entries) for name, entries in solver.history.items()} == dict.fromkeys(
        ("train_loss", "val_loss", "train_acc", "val_acc", "W"), 8
    )


def test_history_agrees_with_scikit_learns_metrics(make, data):
    solver = make()
    solver.train(epochs=3, progress=False)
    for epoch, W in enumerate(solver.history["W"]):
        solver.model.W = W
        for part in ("train", "val"):
            X, y = getattr(data, f"X_{part}"), getattr(data, f"y_{part}")
            y_out = solver.model.forward(X)
            assert solver.history[f"{part}_loss"][epoch] == pytest.approx(log_loss(y, y_out))
            assert solver.history[f"{part}_acc"][epoch] == pytest.approx(accuracy_score(y, y_out >= 0.5))


def test_loss_of_the_untrained_model_is_ln_2(make):
    solver = make()
    solver.model.W = np.zeros((3, 1))
    solver.train(epochs=1, progress=False)
    assert solver.history["train_loss"][0] == pytest.approx(np.log(2))


def test_second_call_goes_on(make):
    once, twice = make(), make()
    once.train(epochs=10, progress=False)
    assert once.best_epoch == 10  # so that the best weights are the last ones
    for _ in range(2):
        twice.train(epochs=5, progress=False)
    assert twice.history["train_loss"] == once.history["train_loss"]
    np.testing.assert_array_equal(twice.model.W, once.model.W)


def test_second_call_goes_on_from_the_best_weights(make):
    solver = make()
    solver.train(epochs=5, progress=False)
    best = solver.best_W.copy()
    solver.opt.lr = 1000.0  # makes it worse
    solver.train(epochs=3, progress=False)
    assert solver.best_epoch == 5
    np.testing.assert_array_equal(solver.model.W, best)


# Best weights


@pytest.fixture(params=["new array", "in place"])
def Optimizer(request, solution):  # noqa: N802
    return solution.Optimizer if request.param == "new array" else InPlaceOptimizer


def test_best_weights_have_the_lowest_validation_loss(make, Optimizer):
    solver = make(Optimizer=Optimizer, learning_rate=20.0)
    solver.train(epochs=50, progress=False)
    best = int(np.argmin(solver.history["val_loss"]))
    assert solver.best_epoch == best
    assert best < 50  # otherwise this test would show nothing
    np.testing.assert_array_equal(solver.best_W, solver.history["W"][best])
    np.testing.assert_array_equal(solver.model.W, solver.best_W)


def test_weights_that_are_kept_are_copies(make, Optimizer):
    solver = make(Optimizer=Optimizer)
    solver.train(epochs=5, progress=False)
    kept = [solver.best_W, *solver.history["W"]]
    before = [W.copy() for W in kept]
    solver.model.W += 1
    solver.opt.step(np.ones((3, 1)))
    for W, copy in zip(kept, before, strict=True):
        np.testing.assert_array_equal(W, copy)
        assert not np.shares_memory(W, solver.model.W)
    assert len({W.tobytes() for W in solver.history["W"]}) == 6


def test_optimizer_in_place_trains_like_the_other(make):
    solvers = [make(), make(Optimizer=InPlaceOptimizer)]
    for solver in solvers:
        solver.train(epochs=20, progress=False)
    assert solvers[0].history["train_loss"] == solvers[1].history["train_loss"]
    np.testing.assert_array_equal(solvers[0].history["W"], solvers[1].history["W"])


@pytest.mark.parametrize("error", [ZeroDivisionError("slip"), KeyboardInterrupt()], ids=lambda e: type(e).__name__)
def test_best_weights_come_back_after(make, stops_at, error):
    solver = make(Solver=stops_at(error))
    with pytest.raises(type(error)):
        solver.train(epochs=10, progress=False)
    assert {len(entries) for entries in solver.history.values()} == {3}
    assert solver.best_epoch == 2
    np.testing.assert_array_equal(solver.model.W, solver.history["W"][2])


def test_goes_on_after_ctrl_c(make, stops_at):
    solver, undisturbed = make(Solver=stops_at(KeyboardInterrupt())), make()
    with pytest.raises(KeyboardInterrupt):
        solver.train(epochs=10, progress=False)
    solver.train(epochs=3, progress=False)
    undisturbed.train(epochs=5, progress=False)
    assert solver.history["train_loss"] == undisturbed.history["train_loss"]


def test_trained_data_is_untouched(make, data):
    X, y = data.X_train.copy(), data.y_train.copy()
    make().train(epochs=3, progress=False)
    np.testing.assert_array_equal(data.X_train, X)
    np.testing.assert_array_equal(data.y_train, y)


# Sentences


def raises_sentence(f, *words, error=TrainingError):
    with pytest.raises(error) as caught:
        f()
    assert_sentence(caught.value, *words)


def test_no_weights(solution, data):
    model = solution.Classifier(num_features=2)
    opt = solution.Optimizer(model)
    raises_sentence(lambda: solution.Solver(model, data, solution.BCE(), opt), "no weights", "initialize_weights()")


def test_optimizer_of_another_model(solution, data):
    model, other = solution.Classifier(num_features=2), solution.Classifier(num_features=2)
    model.initialize_weights()
    opt = solution.Optimizer(other)
    raises_sentence(lambda: solution.Solver(model, data, solution.BCE(), opt), "another model")


def test_features_do_not_match(solution, data):
    model = solution.Classifier(num_features=3)
    model.initialize_weights()
    opt = solution.Optimizer(model)
    raises_sentence(
        lambda: solution.Solver(model, data, solution.BCE(), opt), "2 features", "made for 3", "num_features=2"
    )


@pytest.mark.parametrize("epochs", [0, -1, 1.5, True, np.True_, "3", None, np.float64(2)], ids=repr)
def test_bad_number_of_epochs(make, epochs):
    solver = make()
    raises_sentence(lambda: solver.train(epochs, progress=False), "number of epochs", repr(epochs))
    assert solver.history["train_loss"] == []


@pytest.mark.parametrize("integer", [np.int64, np.int32, np.uint8])
def test_numpy_integers_are_whole_numbers(make, integer):
    solver = make()
    solver.train(integer(2), progress=False)
    assert len(solver.history["train_loss"]) == 3


@pytest.mark.parametrize("rate", [0, -0.1, np.nan, np.inf, "a", None, True, np.True_, 1j, [0.1], np.ones(2)], ids=repr)
def test_bad_learning_rate(rate):
    raises_sentence(lambda: BaseOptimizer(Network(), rate), "learning rate", "positive")


@pytest.mark.parametrize("rate", [1, 0.5, np.float64(0.5), np.float32(0.5), np.int64(1)], ids=repr)
def test_good_learning_rate(make, rate):
    solver = make(learning_rate=rate)
    solver.train(epochs=2, progress=False)
    assert solver.history["train_loss"][2] < solver.history["train_loss"][0]


@pytest.mark.parametrize(
    ("result", "words"),
    [
        pytest.param(lambda y: None, "None", id="nothing"),
        pytest.param(lambda y: y.ravel(), "(341,)", id="[N]"),
        pytest.param(lambda y: y.T, "(1, 341)", id="[1, N]"),
        pytest.param(lambda y: y @ y.T, "(341, 341)", id="[N, N]"),
        pytest.param(lambda y: np.mean(y), "()", id="mean"),
        pytest.param(lambda y: [[1.0], [2.0, 3.0]], "list", id="ragged list"),
        pytest.param(lambda y: np.full(y.shape, "a"), "no real numbers", id="text"),
        pytest.param(lambda y: np.full(y.shape, None), "no real numbers", id="None in every entry"),
        pytest.param(lambda y: y + 0j, "no real numbers", id="complex"),
    ],
)
@pytest.mark.parametrize("part", ["model.forward", "loss_func.forward"])
def test_wrong_result_of_forward(make, part, result, words):
    solver = make()
    changed = getattr(solver, part.split(".")[0])
    right = changed.forward
    changed.forward = lambda *args: result(right(*args))
    raises_sentence(lambda: solver.train(epochs=1, progress=False), part, words)


@pytest.mark.parametrize(
    ("changed", "shape"),
    [
        pytest.param(lambda W: W - np.ones((1, 3)), "(3, 3)", id="broadcast"),
        pytest.param(lambda W: W.T, "(1, 3)", id="transposed"),
        pytest.param(lambda W: W.ravel(), "(3,)", id="flat"),
        pytest.param(lambda W: None, "()", id="None"),
    ],
)
def test_step_changes_the_shape_of_the_weights(make, changed, shape):
    class Slip(BaseOptimizer):
        def step(self, dw):
            self.model.W = changed(self.model.W)

    solver = make(Optimizer=Slip)
    W = solver.model.W.copy()
    raises_sentence(
        lambda: solver.train(epochs=2, progress=False), "after epoch 1", shape, "(3, 1)", "gradient of the shape of W"
    )
    np.testing.assert_array_equal(solver.model.W, W)


@pytest.mark.parametrize("value", [np.nan, np.inf], ids=repr)
@pytest.mark.parametrize("from_epoch", [0, 2])
def test_loss_that_is_not_finite(make, solution, value, from_epoch):
    class Solver(solution.Solver):
        def _step(self):
            super()._step()
            self.loss_func.epoch += 1

    class Spoiled(solution.BCE):
        epoch = 0

        def forward(self, y_out, y_truth):
            return np.full_like(y_out, value if self.epoch >= from_epoch else 1.0)

    solver = make(Solver=Solver, BCE=Spoiled)
    raises_sentence(
        lambda: solver.train(epochs=5, progress=False), f"loss is {value}", f"epoch {from_epoch}", "BCE.forward"
    )
    assert len(solver.history["train_loss"]) == from_epoch


def test_loss_that_diverges(make, solution):
    class Growing(solution.BCE):
        grown = False

        def forward(self, y_out, y_truth):
            return np.full_like(y_out, 101.0 if self.grown else 1.0)

    class Solver(solution.Solver):
        def _step(self):
            self.loss_func.grown = True

    solver = make(Solver=Solver, BCE=Growing, learning_rate=np.float64(30))
    raises_sentence(
        lambda: solver.train(epochs=5, progress=False), "from 1 to 101", "epoch 1", "diverges", "BCE.forward (task 1)"
    )


def test_step_that_is_not_written_yet(make):
    with pytest.raises(NotImplementedError):
        make(Solver=BaseSolver).train(epochs=1, progress=False)


@pytest.mark.parametrize(
    "weights",
    [[1.0, 2.0, 3.0], [[1.0], [2.0]], [[1.0, 2.0, 3.0]], [["a"], ["b"], ["c"]], [[1], [2, 3], [4]]],
    ids=["flat", "no bias", "transposed", "text", "ragged"],
)
def test_weights_of_a_wrong_shape(weights):
    raises_sentence(lambda: Network(2).initialize_weights(weights), "weights must", "(3, 1)", error=DataError)


def test_initial_weights_are_a_copy_and_seeded():
    weights = np.ones((3, 1))
    model = Network(num_features=2)
    model.initialize_weights(weights)
    assert not np.shares_memory(model.W, weights)
    drawn = []
    for seed in (0, 0, 1):
        model.initialize_weights(seed=seed)
        drawn.append(model.W)
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert (drawn[0] != drawn[2]).all()


def test_bases_call_forward_then_backward():
    class Model(Network):
        def forward(self, X):
            return X[:, :1]

        def backward(self, y):
            return y + 1

    class Distance(Loss):
        def forward(self, y_out, y_truth):
            return y_out - y_truth

        def backward(self, y_out, y_truth):
            return np.ones_like(y_out)

    y, dy = Model(2)(np.array([[3.0, 4.0]]))
    assert (y.item(), dy.item()) == (3.0, 4.0)
    assert [array.item() for array in Distance()(y, dy)] == [-1.0, 1.0]


# Progress bar


@pytest.fixture
def no_variables(monkeypatch):
    for name in ("NBGRADER_EXECUTION", "TQDM_DISABLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_variables")
def test_progress_bar_is_on_stdout(make, capsys):
    make().train(epochs=3)
    out, err = capsys.readouterr()
    assert "Training" in out
    assert err == ""


@pytest.mark.usefixtures("no_variables")
@pytest.mark.parametrize("variable", ["NBGRADER_EXECUTION", "TQDM_DISABLE"])
def test_no_progress_bar_under(make, capsys, monkeypatch, variable):
    monkeypatch.setenv(variable, "1")
    make().train(epochs=3)
    assert capsys.readouterr() == ("", "")
    make().train(epochs=3, progress=True)
    assert "Training" in capsys.readouterr().out


@pytest.mark.usefixtures("no_variables")
def test_progress_bar_can_be_switched_off(make, capsys):
    make().train(epochs=3, progress=False)
    assert capsys.readouterr() == ("", "")
