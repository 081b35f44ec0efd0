"""Which results are one mistake: those that the judge can't tell apart."""

import math

import numpy as np
import pytest

from nbjudge.mistakes import groups
from nbjudge.mistakes.groups import Group, _is_recognisable, _joined
from nbprobe.evidence import Evidence
from nbprobe.reason import Reason
from nbprobe.verdict import Verdict

NOTHING = Verdict([], 0.0, 1.0)
PLACES = {("nb", "test_a"): 0, ("nb", "test_b"): 1}


def group(*values: object, size: int = 1, test: str = "test_a") -> Group:
    results = [value if isinstance(value, Evidence) else Evidence(value=value) for value in values]
    return Group("nb", test, ["x"] * size, results, NOTHING, len(str(results)))


def sizes(*groups: Group) -> list[int]:
    return [len(each.students) for each in _joined(list(groups), PLACES)]


ARRAY = np.linspace(0, 1, 5)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (ARRAY, ARRAY * (1 + 1e-7), True),
        (ARRAY, ARRAY + 1e-3, False),
        (ARRAY, ARRAY.tolist(), True),
        (ARRAY, ARRAY[:, None], False),
        (3.0, np.array(3.0), True),
        (math.nan, math.nan, True),
        (math.inf, math.inf, True),
        (math.inf, 1.0, False),
        (np.array([math.nan, 1.0]), np.array([math.nan, 2.0]), False),
        ("a", "a", True),
        ("a", "b", False),
        ({"a": 1}, {"a": 1.0}, True),
        (None, None, True),
        (None, 0.0, False),
        (Evidence(error="KeyError", cause="x"), Evidence(error="KeyError", cause="x"), True),
        (Evidence(error="KeyError", cause="x"), Evidence(error="KeyError", cause="y"), False),
        (Evidence(trouble=Reason("Too large.")), Evidence(trouble=Reason("No data.")), True),
        (np.zeros((0, 3)), np.zeros((0, 3)), True),
    ],
)
def test_what_cannot_be_told_apart_is_one(one: object, other: object, is_same: bool) -> None:
    assert sizes(group(one), group(other)) == ([2] if is_same else [1, 1])


def test_the_largest_is_first_and_tests_keep_their_order() -> None:
    found = [group(1.0, test="test_b"), group(2.0, size=3), group(3.0), group(4.0, size=2, test="test_b")]
    joined = _joined(found, PLACES)
    assert [(each.test, len(each.students)) for each in joined] == [
        ("test_a", 3),
        ("test_b", 2),
        ("test_a", 1),
        ("test_b", 1),
    ]
    assert sizes(group(1.0), group(1.0, test="test_b")) == [1, 1]


def test_students_who_agree_on_long_results_cost_no_more_than_they_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each differs from the others in its last part only, so that all pairs would be compared as a whole."""
    compared: list[tuple[Group, Group]] = []
    are_same = groups._are_same
    monkeypatch.setattr(groups, "MOST_COMPARED", 100_000)
    monkeypatch.setattr(groups, "_are_same", lambda *pair: compared.append(pair) or are_same(*pair))
    long = [group(["a"] * 1000 + [str(number)]) for number in range(50)]
    assert sizes(*long, group(1.5, size=2), group(1.5)) == [3, *[1] * 50]
    assert sum(min(one.length, other.length) for one, other in compared) < 2 * 100_000


def test_nothing_but_errors_without_a_cause_is_no_mistake_that_can_be_recognised() -> None:
    assert not _is_recognisable(group(Evidence(error="KeyError"), Evidence(error="missing")))
    assert _is_recognisable(group(Evidence(error="KeyError"), 2.0))
    assert _is_recognisable(group(Evidence(error="KeyError", cause="x")))
