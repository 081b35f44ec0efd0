"""The exercise ex00: nothing is wrong with it, its points are those planned, and its release is up to date."""

import json
import subprocess
import sys
from pathlib import Path

NAME = "ex00"
POINTS: dict[str, float] = {}

ROOT = Path(__file__).parent.parent
(SOURCE,) = (ROOT / "source" / NAME).glob("*.ipynb")


def run(*words: str) -> str:
    done = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.stdout or done.returncode == 0, done.stderr
    return done.stdout


def test_nothing_is_wrong_with_it() -> None:
    said = json.loads(run("nbjudge", "check", NAME, "--json"))
    assert said["mistakes"] == []
    assert said["points"] == {SOURCE.name: POINTS}


def test_its_release_is_what_source_gives(tmp_path: Path) -> None:
    (tmp_path / "source").symlink_to(ROOT / "source")
    run("nbgrader", "generate_assignment", NAME, f"--CourseDirectory.root={tmp_path}")
    generated, released = (folder / "release" / NAME / SOURCE.name for folder in (tmp_path, ROOT))
    assert generated.read_text() == released.read_text(), f"run `course release {NAME}` and commit"
