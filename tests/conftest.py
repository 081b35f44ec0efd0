"""What several test modules use."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def nbgrader():
    """Runs an nbgrader command with this project's configuration on the course in ``root``."""

    def run(*arguments: str, root: Path, fails: bool = False) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "nbgrader", *arguments, f"--CourseDirectory.root={root}"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
        assert (done.returncode != 0) == fails, done.stderr
        return done

    return run
