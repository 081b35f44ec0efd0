"""What is kept of a grading: read again as it was written, and as good as nothing if it was damaged."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory

from nbjudge.batch import ledger as ledgers
from nbjudge.batch.ledger import Ledger, Outcome
from nbjudge.course.course import Course
from nbjudge.course.student_ids import SAFE, short_name
from nbjudge.intake.submission_folder import sum_of

OUTCOMES = {
    "graded": Outcome("a", "graded", seconds=1, seen=["x"], repaired=["größer"]),
    "a name that is no text": Outcome("a", "failed", log="no such file: \udc80"),
}


def course(folder: Path) -> Course:
    return Course(CourseDirectory(root=str(folder)))


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    (tmp_path / "submitted/a/ex04").mkdir(parents=True)
    monkeypatch.setattr(ledgers, "measures", lambda course, assignment: ("the same", "without the catalogue"))
    return Ledger(course(tmp_path), "ex04")


@pytest.mark.parametrize("name", OUTCOMES)
def test_what_the_ledger_holds_is_read_again(ledger: Ledger, tmp_path: Path, name: str) -> None:
    outcome = replace(OUTCOMES[name], seen=[sum_of(course(tmp_path), "a", "ex04")])
    ledger.write(outcome)
    assert ledger.last("a") == replace(outcome, log=outcome.log.replace("\udc80", "?"))
    assert ledger.holds("a")


def test_the_longest_name_of_a_folder_is_no_reason_to_stop(ledger: Ledger) -> None:
    outcome = Outcome("y" * 255, "failed", "why")
    ledger.write(outcome)
    assert ledger.last("y" * 255) == outcome
    assert not SAFE.fullmatch(short_name("y" * 255)), "or it could be another student's"


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
    ledger.write(replace(OUTCOMES["graded"], seen=[sum_of(course(tmp_path), "a", "ex04")]))
    path = tmp_path / ".grading/ex04/a.json"
    path.write_bytes(DAMAGED[name](json.loads(path.read_bytes())))
    assert ledger.last("a") is None
    assert not ledger.holds("a")


def test_only_another_catalogue_is_told_from_all_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ledger(*sums: str) -> Ledger:
        monkeypatch.setattr(ledgers, "measures", lambda course, assignment: sums)
        return Ledger(course(tmp_path), "ex04")

    (tmp_path / "submitted/a/ex04").mkdir(parents=True)
    outcome = replace(OUTCOMES["graded"], seen=[sum_of(course(tmp_path), "a", "ex04")])
    ledger("whole", "rest").write(outcome)
    now = ledger("new whole", "rest")
    assert not now.holds("a")
    assert now.holds_but_for_catalogue("a")
    assert not ledger("new whole", "new rest").holds_but_for_catalogue("a")
    now = ledger("new whole", "rest")
    now.renew("a")
    assert now.holds("a")
    assert now.last("a") == outcome
    (tmp_path / "submitted/a/ex04/more.txt").write_text("")
    assert not now.holds_but_for_catalogue("a")
