"""The authoring guide, from its first command to its last: each does what the guide says of it."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nbjudge.course.notebooks import graded_cells, read, write
from tests.support import ROOT, commands

GUIDE = (ROOT / "docs/authoring.md").read_text(encoding="utf-8")
STUB = "raise NotImplementedError()"
UNFORESEEN = "found = text.split()[::-1]"


def section(heading: str) -> str:
    """What stands below a heading, up to the next one of its level."""
    level = heading.partition(" ")[0]
    return re.split(rf"^#{{1,{len(level)}}} ", GUIDE.partition(f"{heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def lines_in(heading: str) -> list[str]:
    """The commands below a heading, about ex05."""
    found = re.findall(r"^    (course .+)$", section(heading), re.MULTILINE)
    return [line.replace("ex04", "ex05") for line in found]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path
    (folder / "nbgrader_config.py").write_text("import nbjudge\n\nc = get_config()\nnbjudge.configure(c)\n")
    return folder


def run(course: Path, line: str) -> subprocess.CompletedProcess:
    first, *words = shlex.split(line)
    assert first == "course"
    done = commands.run([sys.executable, "-m", "nbjudge", *words], cwd=course)
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done


def test_an_afternoon_and_the_class_afterwards(course: Path) -> None:
    new, rename = lines_in("### 1. Start")
    run(course, new)
    run(course, rename)
    watch, outputs = lines_in("### 2. Write")
    assert watch.endswith(" --watch")  # which goes on until Ctrl-C; tried in test_check
    assert "✗" not in run(course, watch.removesuffix(" --watch")).stdout
    run(course, outputs)
    (prove,) = lines_in("### 3. Prove")
    proven = run(course, prove).stdout.splitlines()[-3]
    (release,) = lines_in("### 4. Hand out")
    assert re.sub(r"^✓ [^:]+: ", "✓ ", proven) in run(course, release).stdout.splitlines()
    assert sorted(path.name for path in (course / "release/ex05").iterdir()) == [
        "1_roman_numbers.checks.json",
        "1_roman_numbers.ipynb",
    ]

    # two students are wrong in a way that nobody foresaw, and one in a known way
    known = "found = text.split()"
    for student, line in (("ada", UNFORESEEN), ("ben", UNFORESEEN), ("cem", known)):
        folder = course / "submitted" / student / "ex05"
        shutil.copytree(course / "release/ex05", folder)
        notebook = read(folder / "1_roman_numbers.ipynb")
        words = graded_cells(notebook)["words"]
        assert STUB in words.source
        words.source = words.source.replace(STUB, line)
        write(notebook, folder / "1_roman_numbers.ipynb")
    run(course, "course autograde ex05")
    first, *_ = lines_in("## What the class got wrong that nobody foresaw")
    said = run(course, first).stdout
    assert UNFORESEEN in said
    assert f"{known}\n" not in said


def test_every_sentence_of_the_last_table_is_one_that_the_engine_says() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "nbjudge").rglob("*.py"))
    code = "\n".join(code.replace("{kind}", kind) for kind in ("probe", "visible probe"))
    plain = re.sub(r"\{[^{}]*\}", "…", re.sub(r"\"\s*f?\"", "", code))
    rows = re.findall(r"^\| (`.+`) \|", section("## When something doesn't fit"), re.MULTILINE)
    assert len(rows) > 20
    for quoted in (each for row in rows for each in re.findall(r"`([^`]+)`", row)):
        pieces = [piece.strip(" ,") for piece in re.split(r"…(?:\.checks\.json)?|\d[\d.]*|, but", quoted)]
        assert all(piece in plain for piece in pieces if len(piece) > 3), quoted
