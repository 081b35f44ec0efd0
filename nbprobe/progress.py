"""How far a student is: what the checks of a notebook said last, in this kernel."""

from collections.abc import Mapping

from nbprobe.verdict import RIGHT

OPEN = "open"
"""The state of a task that nobody has begun yet; the others are ``RIGHT`` and ``WRONG``."""

_states: dict[str, str] = {}


def remember(test: str, state: str) -> None:
    """What the check of ``test`` has just said: ``OPEN``, ``RIGHT`` or ``WRONG``."""
    _states[test] = state


def state_of(test: str) -> str:
    """``OPEN``, ``RIGHT`` or ``WRONG``."""
    return _states.get(test, OPEN)


def is_begun() -> bool:
    """Whether a check has found something to look at yet."""
    return any(state != OPEN for state in _states.values())


def points_so_far(points: Mapping[str, float]) -> str:
    """The points of the tasks whose checks were right, in words.

    Parameters
    ----------
    points : the most that each test with a check can give, by its ``grade_id``
    """
    got = sum(most for test, most in points.items() if state_of(test) == RIGHT)
    return f"{got:g} of {sum(points.values()):g} points so far (visible checks)"
