"""Two arrays are equal to the judge exactly where numpy says so."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nbprobe.reasons import ATOL, RTOL, close

NUMBERS = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, 1 + RTOL, 1 + 2 * RTOL, ATOL, np.nan, np.inf, -np.inf, 1e308, -1e308]),
    st.floats(width=64),
)
PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=6)


@given(PAIRS, st.sampled_from([RTOL, 1e-3, 0.0]), st.booleans())
def test_as_numpy_itself(pairs: list[tuple[float, float]], rtol: float, equal_nan: bool) -> None:
    a, b = (np.array([pair[side] for pair in pairs], dtype=float) for side in (0, 1))
    with np.errstate(all="ignore"):
        right = bool(np.allclose(a, b, rtol=rtol, atol=ATOL, equal_nan=equal_nan))
    assert close(a, b, rtol, equal_nan) == right


def test_shapes_count() -> None:
    assert not close(np.zeros((2, 1)), np.zeros(2))
