"""The exercise ex00: nothing is wrong with it, its points are those that were planned, its release is up to date."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
(SOURCE,) = (ROOT / "source/ex00").glob("*.ipynb")
POINTS: dict[str, float] = {}


def run(*words: str) -> str:
    done = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.stdout or done.returncode == 0, done.stderr
    return done.stdout


def test_nothing_is_wrong_with_it() -> None:
    said = json.loads(run("nbjudge", "check", "ex00", "--json"))
    assert said["mistakes"] == []
    assert said["points"] == {SOURCE.name: POINTS}


def test_its_release_is_what_source_gives(tmp_path: Path) -> None:
    (tmp_path / "source").symlink_to(ROOT / "source")
    run("nbgrader", "generate_assignment", "ex00", f"--CourseDirectory.root={tmp_path}")
    generated = (tmp_path / "release/ex00" / SOURCE.name).read_text()
    assert generated == (ROOT / "release/ex00" / SOURCE.name).read_text(), "run `course release ex00` and commit"
