"""How a value is compared with the expected one."""

import numpy as np

from nbprobe.judge import compare


def test_results_that_hold_several_arrays_are_compared() -> None:
    expected = [np.arange(3.0), {"shape": "column", "values": np.ones((2, 1))}, None]
    assert compare([np.arange(3.0), {"shape": "column", "values": np.ones((2, 1))}, None], expected) is None
    assert compare([np.arange(3.0), {"shape": "column", "values": np.zeros((2, 1))}, None], expected)
    assert compare([np.arange(3.0), {"values": np.ones((2, 1))}, None], expected)
    assert compare([np.arange(3.0), None, None], expected)
    assert compare([np.arange(3.0)], expected)
    assert compare(np.arange(3.0), expected)
    assert compare([np.ones((2, 1))], [None])
