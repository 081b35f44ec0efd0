"""Which walls are tested: both, unless this machine gives nobody namespaces and nobody asks for more."""

import os
import subprocess

import pytest

from nbjudge.sandbox.walls import LANDLOCK, NAMESPACES

DEMANDED = os.environ.get("WALLS", "")
"""Names of walls. What is demanded fails where it is missing, and isn't left out."""


def _gives_namespaces() -> bool:
    try:
        return subprocess.run(["unshare", "--user", "true"], capture_output=True).returncode == 0
    except OSError:
        return False


WALLS = DEMANDED.split() or ([NAMESPACES, LANDLOCK] if _gives_namespaces() else [LANDLOCK])
"""Those that there must be."""
BEST = WALLS[0]
"""The one that grading takes here."""


def needs(wall: str) -> pytest.MarkDecorator:
    """Leaves tests of a wall out that this machine can't have."""
    return pytest.mark.skipif(wall not in WALLS, reason=f"there are no {wall} here; WALLS demands them")
