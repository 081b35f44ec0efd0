"""Visible probes run for the page alone: right solutions that take long, remember or lock keep all their points."""

import shutil
from pathlib import Path

import pytest
from nbformat import NotebookNode

from nbjudge.authoring.sample_class import Student, submission_of
from nbjudge.course.graded import read_submission
from nbjudge.course.notebooks import graded_cells, write
from sample_class.ex04 import STEP
from tests.support import short_course
from tests.support.gradebooks import scores
from tests.support.short_course import NAME, nbgrader

FOLDERS = ("source", "release")
HEAD = "class BCE(Loss):"
FORWARD = "        result = None\n"
RIGHT = {
    # a table that is filled by the first call, and half full if that is broken off
    "memo": (
        f"TABLE = []\n{HEAD}",
        "        if not TABLE:\n            import time\n            for place in range(30):\n"
        "                TABLE.append(place)\n                time.sleep(0.1)\n"
        "        assert len(TABLE) == 30\n",
    ),
    # a lock that is held on if the first call is broken off
    "lock": (
        f"import threading\nLOCK, CALLS = threading.Lock(), []\n{HEAD}",
        "        import time\n        LOCK.acquire()\n        time.sleep(0 if CALLS else 2.5)\n"
        "        CALLS.append(1)\n        LOCK.release()\n",
    ),
    # right in the grade, and without end afterwards
    "endless": (
        f"CALLS = []\n{HEAD}",
        "        CALLS.append(1)\n        while len(CALLS) > 6:\n            try:\n                pass\n"
        "            except BaseException:\n                pass\n",
    ),
    # right in the grade, and the end of the process afterwards
    "deadly": (
        f"import os\nCALLS = []\n{HEAD}",
        "        CALLS.append(1)\n        if len(CALLS) > 6:\n            os._exit(3)\n",
    ),
    "slow to make": (
        HEAD.replace("class", "import time\nclass"),
        "",
    ),
}


def solved(root: Path, replaced: dict[str, str] | None = None) -> NotebookNode:
    """The students' version with the solution in it, and with these of its lines replaced."""
    return submission_of(Student("", "", replaced or {}), *(root / folder / "ex04" / NAME for folder in FOLDERS))


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("visible")
    short_course.make(root)
    for name, (head, body) in RIGHT.items():
        notebook = solved(root)
        bce = graded_cells(notebook)["bce"]
        assert bce.source.count(HEAD) == 1
        first, _, rest = bce.source.replace(HEAD, head).partition(FORWARD)
        bce.source = f"{first}{body}{FORWARD}{rest}"
        if name == "slow to make":
            initial = "\n    def __init__(self):\n        time.sleep(1.5)\n"
            bce.source = bce.source.replace(HEAD, f"{HEAD}{initial}")
        write(notebook, root / f"submitted/{name.replace(' ', '-')}/ex04/{NAME}")
    write(solved(root, {STEP: STEP.replace("-", "+")}), root / f"submitted/neighbour/ex04/{NAME}")
    done = nbgrader(root, "autograde", "--SandboxedExecute.cell_seconds=12")
    assert done.returncode == 0, done.stderr[-3000:]
    return root


@pytest.mark.parametrize("name", RIGHT)
def test_what_becomes_of_a_visible_probe_costs_no_point(course: Path, name: str) -> None:
    assert sum(scores(course, "ex04")[1][name.replace(" ", "-")].values()) == 20


def test_nobody_loses_time_by_them(course: Path) -> None:
    """A notebook isn't run again because of them."""
    for name in ("endless", "deadly"):
        graded = read_submission(course / f"autograded/{name}/ex04")
        assert graded is not None
        assert graded.stopped == []


def test_a_neighbour_has_its_numbers(course: Path) -> None:
    graded = read_submission(course / "autograded/neighbour/ex04")
    assert graded is not None
    verdict = graded.verdicts[NAME.removesuffix(".ipynb"), "test_optimizer_step"]
    contrasts = [row.contrast for row in verdict.rows]
    assert contrasts[0] is not None
    assert (contrasts[0].given, contrasts[0].right, contrasts[0].yours) == ("W = 1, slope 2", "0.5", "1.5")


def test_without_walls_it_is_the_same(course: Path, tmp_path: Path) -> None:
    for folder in ("source", "release", "submitted/memo", ".grading"):
        if (course / folder).exists():
            shutil.copytree(course / folder, tmp_path / folder)
    shutil.copy(course / "gradebook.db", tmp_path)
    done = nbgrader(tmp_path, "autograde", "--force", "--SandboxedExecute.isolation=none")
    assert done.returncode == 0, done.stderr
    assert sum(scores(tmp_path, "ex04")[1]["memo"].values()) == 20
