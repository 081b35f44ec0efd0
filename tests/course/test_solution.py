"""The reference solution: its derivatives, and numbers at the edge of what a float can hold."""

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import elementwise_grad, grad, jacobian

from exercise_code import Network
from nbprobe.gradient_check import numeric_gradient, relative_error


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture(params=[1, 2, 30], ids=lambda d: f"{d} features")
def model(request, solution, rng):
    model = solution.Classifier(num_features=request.param)
    model.initialize_weights(rng.normal(size=(request.param + 1, 1)))
    return model


@pytest.fixture
def X(model, rng):  # noqa: N802
    return rng.normal(size=(12, model.num_features))


@pytest.fixture
def y(rng):
    return rng.integers(0, 2, (12, 1)).astype(float)


@pytest.fixture
def y_out(rng):
    return rng.uniform(0.05, 0.95, (12, 1))


def plain_bce(p, y):
    return -y * anp.log(p) - (1 - y) * anp.log(1 - p)


def plain_model(W, X):
    return 1 / (1 + anp.exp(-(X @ W[:-1] + W[-1])))


# Task 1 and 2: the loss


@pytest.mark.parametrize("shape", [(12, 1), (12,)], ids=str)
def test_bce_agrees_with_autograd(solution, y_out, y, shape):
    y_out, y = y_out.reshape(shape), y.reshape(shape)
    loss, dloss = solution.BCE()(y_out, y)
    assert loss.shape == dloss.shape == shape
    np.testing.assert_allclose(loss, plain_bce(y_out, y))
    np.testing.assert_allclose(dloss, elementwise_grad(plain_bce)(y_out, y))


def test_bce_backward_agrees_with_finite_differences(solution, y_out, y):
    bce = solution.BCE()
    numeric = numeric_gradient(lambda p: np.sum(bce.forward(p, y)), y_out)
    assert relative_error(numeric, bce.backward(y_out, y)) < 1e-6


@pytest.mark.parametrize("label", [0.0, 1.0])
@pytest.mark.parametrize("prediction", [0.0, 1.0])
def test_bce_is_finite_for_certain_predictions(solution, prediction, label):
    loss, dloss = solution.BCE()(np.array([[prediction]]), np.array([[label]]))
    assert np.isfinite(loss).all()
    assert np.isfinite(dloss).all()
    assert (loss > 20) == (prediction != label)
    assert (abs(dloss) > 1e6) == (prediction != label)


# Task 3 to 5: the model


def test_sigmoid_is_stable(solution):
    sigmoid = solution.Classifier().sigmoid
    np.testing.assert_array_equal(sigmoid(np.array([-1000.0, 0.0, 1000.0])), [0.0, 0.5, 1.0])
    assert sigmoid(np.array(-700.0)) == pytest.approx(np.exp(-700.0))  # not rounded to 0


@pytest.mark.parametrize("shape", [(), (6,), (6, 1), (2, 3), (0, 1)], ids=str)
def test_sigmoid_keeps_the_shape(solution, shape):
    z = np.linspace(-5, 5, int(np.prod(shape))).reshape(shape)
    out = solution.Classifier().sigmoid(z)
    assert out.shape == shape
    np.testing.assert_allclose(out, (1 + np.tanh(z / 2)) / 2)


def test_model_agrees_with_autograd(model, X):
    y_out, dy_dW = model(X)
    np.testing.assert_allclose(y_out, plain_model(model.W, X))
    np.testing.assert_allclose(dy_dW, jacobian(plain_model)(model.W, X)[:, 0, :, 0], atol=1e-12)


def test_model_agrees_with_finite_differences(model, X):
    _, dy_dW = model(X)

    def output(W):
        model.W = W
        return model.forward(X)[:, 0]

    assert relative_error(numeric_gradient(output, model.W)[:, :, 0], dy_dW) < 1e-6


def test_backward_can_be_repeated(model, X):
    y_out = model.forward(X)
    np.testing.assert_array_equal(model.backward(y_out), model.backward(y_out))


@pytest.mark.parametrize("sign", [-1, 1])
def test_saturated_model_has_a_finite_loss_and_gradient(solution, sign):
    model = solution.Classifier(num_features=1)
    model.initialize_weights([[1000.0], [0.0]])
    y_out, dy_dW = model(np.array([[1.0], [-1.0]]) * sign)
    loss, dloss = solution.BCE()(y_out, np.array([[1.0], [0.0]]))
    for array in (y_out, dy_dW, loss, dloss, dloss * dy_dW):
        assert np.isfinite(array).all()


def test_nothing_given_is_changed(solution, model, X, y, y_out):
    W, copies = model.W.copy(), [array.copy() for array in (X, y, y_out)]
    model(X)
    solution.BCE()(y_out, y)
    for array, copy in zip((X, y, y_out, model.W), (*copies, W), strict=True):
        np.testing.assert_array_equal(array, copy)


# Task 6 and 7: the update


def test_optimizer_steps_downhill_and_makes_a_new_array(solution):
    model = Network(num_features=1)
    model.initialize_weights([[1.0], [-2.0]])
    before = model.W
    solution.Optimizer(model, learning_rate=0.5).step(np.array([[2.0], [-4.0]]))
    np.testing.assert_array_equal(model.W, [[0.0], [0.0]])
    np.testing.assert_array_equal(before, [[1.0], [-2.0]])


def test_solver_step_follows_the_gradient_of_the_mean_loss(solution, data):
    model = solution.Classifier(num_features=2)
    model.initialize_weights([[0.3], [-0.2], [0.1]])
    W = model.W
    solution.Solver(model, data, solution.BCE(), solution.Optimizer(model, learning_rate=0.1))._step()

    def mean_loss(W):
        return anp.mean(plain_bce(plain_model(W, data.X_train), data.y_train))

    np.testing.assert_allclose(model.W, W - 0.1 * grad(mean_loss)(W))
