"""What the warm process does beforehand saves a submission the time for it, and leaves nothing that it could see."""

import pytest

from nbjudge.sandbox.inside.forkserver import MANY
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.sandbox.step import execute
from tests.support.walls import WALLS

LOADED = "import sys; sorted({'PIL.Image', 'matplotlib.pyplot', 'stack_data'} & set(sys.modules))"
SEEN = """
import linecache, threading, warnings
shell = get_ipython()
[
    sorted(name for name in globals() if not name.startswith('_i')), In, Out, shell.execution_count,
    list(shell.history_manager.input_hist_raw), sorted(map(str, linecache.cache)), sorted(shell.compile._filename_map),
    threading.active_count(), sorted(shell.user_ns_hidden),
]
"""


def said(sandbox: Sandbox, *cells: str) -> str:
    """What the last of them put out."""
    result = execute(sandbox, dict(enumerate(cells)), {})[len(cells) - 1]
    return "".join(output.data["text/plain"] for output in result.outputs)


@pytest.mark.parametrize("wall", WALLS)
def test_a_picture_is_drawn_only_where_the_notebook_imports_what_draws(wall: str) -> None:
    for modules, loaded in (
        (["numpy"], []),
        (["matplotlib.pyplot"], ["PIL.Image", "matplotlib.pyplot"]),
    ):
        sandbox = Sandbox(modules, isolation=wall)
        assert said(sandbox, LOADED) == str(loaded)
        sandbox.close()


@pytest.mark.parametrize("wall", WALLS)
def test_after_many_submissions_a_traceback_needs_no_import_any_more(wall: str) -> None:
    sandbox = Sandbox(isolation=wall)
    loaded = [said(sandbox, LOADED) for _ in range(MANY + 1)]
    assert (loaded[0], loaded[-1]) == ("[]", "['stack_data']")
    sandbox.close()


@pytest.mark.parametrize("wall", WALLS)
def test_a_submission_sees_nothing_of_it(wall: str) -> None:
    sandbox = Sandbox(["matplotlib.pyplot"], isolation=wall)
    first = said(sandbox, SEEN)
    assert "plt" not in first
    assert "print(1)" not in first
    assert {said(sandbox, SEEN) for _ in range(MANY)} == {first}
    sandbox.close()
