"""What is kept of a grading: read again as it was written, and as good as nothing if it was damaged."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory

from nbjudge.batch import ledger as ledgers
from nbjudge.batch.ledger import Ledger, Outcome, contents
from nbjudge.course.course import Course

OUTCOMES = {
    "graded": Outcome("a", "graded", seconds=1, seen=["x"], repaired=["größer"]),
    "a name that is no text": Outcome("a", "failed", log="no such file: \udc80"),
}


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    (tmp_path / "submission").mkdir()
    monkeypatch.setattr(ledgers, "measure", lambda course, assignment: "the same")
    return Ledger(Course(CourseDirectory(root=str(tmp_path))), "ex04")


@pytest.mark.parametrize("name", OUTCOMES)
def test_what_the_ledger_holds_is_read_again(ledger: Ledger, tmp_path: Path, name: str) -> None:
    outcome = replace(OUTCOMES[name], seen=[contents(tmp_path / "submission")])
    ledger.write(outcome)
    assert ledger.last("a") == replace(outcome, log=outcome.log.replace("\udc80", "?"))
    assert ledger.holds("a", tmp_path / "submission")


DAMAGED = {
    "nothing": lambda entry: b"",
    "half": lambda entry: json.dumps(entry).encode()[:-20],
    "no text": lambda entry: b"\xff\x00",
    "too deep": lambda entry: b"[" * 100_000,
    "a list": lambda entry: json.dumps([entry]).encode(),
    "no key": lambda entry: json.dumps({"outcome": entry["outcome"]}).encode(),
    "no such status": lambda entry: json.dumps(entry | {"outcome": entry["outcome"] | {"status": "great"}}).encode(),
    "seen in another form": lambda entry: json.dumps(entry | {"outcome": entry["outcome"] | {"seen": "x"}}).encode(),
    "a number for a name": lambda entry: json.dumps(entry | {"outcome": entry["outcome"] | {"student": 1}}).encode(),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_of_the_ledger_counts_as_unknown(ledger: Ledger, tmp_path: Path, name: str) -> None:
    ledger.write(replace(OUTCOMES["graded"], seen=[contents(tmp_path / "submission")]))
    path = tmp_path / ".grading/ex04/a.json"
    path.write_bytes(DAMAGED[name](json.loads(path.read_bytes())))
    assert ledger.last("a") is None
    assert not ledger.holds("a", tmp_path / "submission")
