"""The numeric derivative and the comparison of derivatives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nbprobe.gradient_check import numeric_gradient, relative_error

moderate = st.floats(-3, 3)
shapes = st.sampled_from([(), (1,), (4,), (3, 1), (2, 3), (0,), (0, 2)])
points = shapes.flatmap(lambda shape: arrays(float, shape, elements=moderate))


@given(
    st.lists(moderate, min_size=1, max_size=5), shapes.flatmap(lambda shape: arrays(float, shape, elements=moderate))
)
def test_polynomials(coefficients, x):
    p = np.polynomial.Polynomial(coefficients)
    numeric = numeric_gradient(lambda x: np.sum(p(x)), x)
    assert numeric.shape == x.shape
    np.testing.assert_allclose(numeric, p.deriv()(x), atol=1e-6)


@given(arrays(float, (3, 4), elements=moderate), arrays(float, (4, 2), elements=moderate))
def test_linear_map_gives_its_matrix(A, x):
    numeric = numeric_gradient(lambda x: A @ x, x)
    assert numeric.shape == (3, 2, 4, 2)
    np.testing.assert_allclose(numeric, np.einsum("ij,kl->ikjl", A, np.eye(2)), atol=1e-8)


def test_the_error_is_of_second_order():
    errors = [abs(float(numeric_gradient(np.exp, 0.0, h=h)) - 1) for h in (1e-2, 1e-3)]
    assert errors[0] / errors[1] == pytest.approx(100, rel=0.01)


def test_integers_are_taken_as_floats():
    assert numeric_gradient(lambda x: x**2, 3) == pytest.approx(6)


def test_leaves_its_argument_alone():
    def f(x):
        x *= x  # changes what it is given
        return x.sum()

    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(numeric_gradient(f, x), [2.0, 4.0])
    np.testing.assert_array_equal(x, [1.0, 2.0])


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        pytest.param([1.0, 2.0], [1.0, 2.0], 0.0, id="equal"),
        pytest.param([0.0], [0.0], 0.0, id="both zero"),
        pytest.param([], [], 0.0, id="empty"),
        pytest.param([100.0, 0.0], [100.0, 1.0], 0.01, id="in units of the largest"),
        pytest.param([1.0], [-1.0], 2.0, id="opposite sign"),
        pytest.param([np.nan], [1.0], np.inf, id="NaN first"),
        pytest.param([1.0], [np.nan], np.inf, id="NaN second"),
        pytest.param([np.inf], [np.inf], np.inf, id="infinite"),
    ],
)
def test_relative_error(a, b, expected):
    assert relative_error(a, b) == pytest.approx(expected)


def test_relative_error_does_not_broadcast():
    with pytest.raises(ValueError, match="shapes differ"):
        relative_error(np.ones((3, 1)), np.ones(3))
