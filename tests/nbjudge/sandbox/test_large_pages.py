"""Large pages change what a fork costs, and nothing that anybody reads or writes."""

import subprocess
import sys

import pytest

from nbjudge.sandbox.inside import forkserver
from nbjudge.sandbox.sandbox import Sandbox
from tests.support.running import run
from tests.support.walls import WALLS

PROGRAM = """
import hashlib, os
from nbjudge.sandbox.inside import large_pages
held = [os.urandom(1000) for _ in range(30_000)]
def state(): return hashlib.sha256(b"".join(held)).hexdigest()
before = state()
large_pages.gather()
assert state() == before
child = os.fork()
held[7] = b"of the child" if child == 0 else held[7]
if child == 0:
    os._exit(0 if state() != before else 1)
assert os.waitpid(child, 0)[1] == 0
assert state() == before
assert list(large_pages._memory())
"""


def test_memory_holds_what_it_held() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("wall", WALLS)
def test_the_submissions_after_it_get_what_those_before_it_get(wall: str) -> None:
    sandbox = Sandbox(["numpy"], isolation=wall)
    cell = "import numpy as np\nnp.left = getattr(np, 'left', 0) + 1\nnp.left, float(np.arange(10**6).sum())"
    given = [run(sandbox, cell)[0].outputs for _ in range(forkserver.MANY + 3)]
    sandbox.close()
    assert given == [given[0]] * len(given)
    assert given[0][0].data["text/plain"] == "(1, 499999500000.0)"
