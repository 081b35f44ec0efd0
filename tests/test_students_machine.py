"""The program by which CI goes a student's way on macOS and Windows, on this machine."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import ROOT
from tests.support.solved import solved

PROGRAM = "tests/on_a_students_machine.py"
JOBS = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"]


def go(*words: str | Path) -> subprocess.CompletedProcess:
    command = [sys.executable, ROOT / PROGRAM, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


def notebook(source: str, tags: list[str] | None = None) -> dict[str, Any]:
    cell = {"cell_type": "code", "id": "a", "source": source, "outputs": [], "execution_count": None}
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [{**cell, "metadata": {"tags": tags or []}}]
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def test_the_notebook_runs_as_students_get_it_and_with_right_answers(tmp_path: Path) -> None:
    made = [sys.executable, "-m", "nbjudge", "bundle", "ex04", "--to", str(tmp_path / "ex04.zip")]
    subprocess.run(made, cwd=ROOT, check=True, capture_output=True, timeout=300)
    right = tmp_path / "1_simple_classifier.ipynb"
    right.write_text(json.dumps(solved()), encoding="utf-8")
    done = go(tmp_path / "ex04.zip", "--solved", right, "--installed")
    assert done.returncode == 0, done.stderr
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == [
        "1_simple_classifier.ipynb as students get it",
        "1_simple_classifier.ipynb with right answers",
        "1_simple_classifier.ipynb with right answers is valid.",
    ]


@pytest.mark.parametrize(
    ("source", "tags", "said"),
    [
        ("1 / 0", [], "a.ipynb: the code cell 1 stops with ZeroDivisionError"),
        ("1 / 0", ["raises-exception"], ""),
        ("import os; os._exit(1)", [], "failed; it said:"),
    ],
)
def test_what_stops_a_notebook_is_said(source: str, tags: list[str], said: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("ex/a.ipynb", json.dumps(notebook(source, tags)))
    done = go(tmp_path / "a.zip", "--installed")
    assert (done.returncode != 0) == bool(said)
    assert said in done.stderr
    assert "Traceback (most recent call last)" not in done.stderr or "it said" in done.stderr


def test_the_hosted_runner_goes_this_way_on_the_systems_of_students() -> None:
    job, steps = JOBS["students"], JOBS["students"]["steps"]
    assert job["runs-on"] == "${{ matrix.system }}"
    assert job["needs"] == "bundle"
    assert job["strategy"]["matrix"]["system"] == ["macos-latest", "windows-latest"]
    (command,) = (step["run"] for step in steps if "run" in step)
    assert command == f"python {PROGRAM} students/ex04.zip --solved students/1_simple_classifier.ipynb"
    sent, taken = (
        next(step["with"] for step in JOBS[name]["steps"] if f"actions/{what}-artifact@v4" == step.get("uses"))
        for name, what in (("bundle", "upload"), ("students", "download"))
    )
    assert sent["name"] == taken["name"]
    assert sent["path"].split() == ["ex04.zip", "1_simple_classifier.ipynb"]
    assert taken["path"] == "students"
    commands = [step["run"] for step in JOBS["bundle"]["steps"] if "run" in step]
    assert commands == ["make bundle", ".venv/bin/python -m tests.support.solved > 1_simple_classifier.ipynb"]


def test_every_job_has_a_machine_and_every_step_one_thing_to_do() -> None:
    for job in JOBS.values():
        assert job["runs-on"]
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step)
            assert step.keys() <= {"run", "uses", "with", "name"}
