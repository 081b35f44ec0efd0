"""Who closes a folder of theirs in a shared ``submitted/`` closes nothing to others."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.small_course import Course

AS_ANYBODY = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
"""Root may look into every folder, others may not."""
COMMANDS = [
    ["table", "ex"],
    ["export", "ex"],
    ["export", "ex", "--layout=moodle"],
    ["report", "ex"],
    ["show", "ex", "eve"],
    ["show", "ex", "ada"],
    ["mistakes", "ex"],
    ["feedback", "ex"],
]


def run(course: Path, *words: str) -> subprocess.CompletedProcess:
    rights = AS_ANYBODY if os.geteuid() == 0 else []
    command, environment = [*rights, sys.executable, "-m", "nbjudge", *words], {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, timeout=300)


@pytest.mark.skipif(sys.platform != "linux", reason="rights of folders as Linux has them")
@pytest.mark.parametrize("mode", [0, 0o444, 0o311])
def test_a_folder_that_is_closed_ends_no_command(tmp_path: Path, mode: int) -> None:
    course = Course(tmp_path)
    with course.gradebook() as gradebook:
        for student in ("ada", "eve"):
            gradebook.update_or_create_student(student)
    course.run("-m", "nbjudge", "autograde", "ex")
    (tmp_path / "submitted/eve/ex").mkdir(parents=True)
    (tmp_path / "submitted/eve").chmod(mode)  # its owner may do so in a folder of everybody's
    try:
        for words in COMMANDS:
            done = run(tmp_path, *words)
            assert done.returncode == 0, (words, done.stderr)
        assert len(list(tmp_path.glob("feedback/ada/ex/*.html"))) == 2
        assert ("submitted/eve/ex, which is closed to you" in run(tmp_path, "doctor").stdout) == (mode == 0o311)
    finally:
        (tmp_path / "submitted/eve").chmod(0o755)
