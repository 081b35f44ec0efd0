"""`course mistakes`: what nobody foresaw comes back as groups, gets a sentence, and all of its group are told."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from nbjudge.course.graded import read_submission
from nbjudge.judging import kept_evidence
from tests.support import ROOT, SOURCE, commands
from tests.support.classes import csv, files, rows
from tests.support.unforeseen import (
    FRAGILE,
    GONE,
    NAMED,
    NEARLY,
    ODD,
    PLANTED,
    RIGHT,
    STUDENTS,
    command,
    hide,
    make,
    missing,
    run,
)

SENTENCE = "That is what the author says to it."


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class, graded by a catalogue that lacks some entries."""
    course = make(tmp_path_factory.mktemp("mistakes") / "course")
    run("course", "autograde", "ex04", "--jobs=2", course=course)
    return course


@pytest.fixture(scope="module")
def shown(graded: Path) -> dict:
    """All groups with the names of their students, as data."""
    return found(graded, "--names")


@pytest.fixture(scope="module")
def listed(graded: Path) -> str:
    """All groups, as people read them."""
    return mistakes(graded, "--most=99").stdout


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return Path(shutil.copytree(graded, tmp_path / "course", symlinks=True))


def mistakes(course: Path, *options: str, code: int = 0) -> subprocess.CompletedProcess:
    return run("course", "mistakes", "ex04", *options, course=course, code=code)


def found(course: Path, *options: str) -> dict:
    return json.loads(mistakes(course, "--json", "--most=99", *options).stdout)


def pages(course: Path) -> None:
    """Make the feedback pages that are missing or out of date."""
    words = [sys.executable, "-m", "nbjudge", "feedback", "ex04", "--root", str(course)]
    done = commands.run(words, ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def again(course: Path) -> dict:
    """What a grading of the class still has to do."""
    return json.loads(run("course", "autograde", "ex04", "--json", course=course).stdout)


def test_the_entries_that_were_taken_out_come_back_as_the_largest_groups(shown: dict) -> None:
    groups = shown["groups"]
    assert [group["count"] for group in groups] == [*sorted((len(who) for _, who in missing()), reverse=True), 1, 1]
    taken = {(way.test, len(who)): way for way, who in missing()}
    assert len(missing()) == len(taken) == 10
    for group in groups[:10]:
        (text,) = taken[group["test"], group["count"]].replaced.values()
        assert text in group["answer"]
        assert group["fails"]
    assert {group["test"] for group in groups[10:]} == {FRAGILE.test, "test_sigmoid"}
    assert shown["named"] == 7
    assert shown["without_result"] == 2
    assert shown["not_kept"] == {}


def test_who_it_was_is_said_only_if_asked(graded: Path, shown: dict, listed: str) -> None:
    assert not [student for student in STUDENTS if student in listed]
    assert "students" not in found(graded)["groups"][0]
    assert shown["groups"][0]["students"] == STUDENTS[:6]
    assert STUDENTS[0] in mistakes(graded, "--names").stdout


def test_nothing_of_a_method_reaches_the_terminal_but_letters(graded: Path, shown: dict, listed: str) -> None:
    assert "np.sin(flat).reshape(np.shape(x))  # ?[2J?ADA" in listed
    assert not set("\x1b\u202e") & set(listed)
    number = next(group["number"] for group in shown["groups"] if "np.sin" in group["answer"])
    draft = mistakes(graded, f"--draft={number}", "--", "--SandboxedExecute.isolation=none").stdout
    assert not PLANTED.exists(), "it ran, but in the sandbox"
    assert '"out = np.sin(flat).reshape(np.shape(x))"' in draft
    assert "ADA" not in draft, "comments don't come into the catalogue"
    assert not set("\x1b\u202e") & set(draft)


def test_ten_groups_are_shown_if_nothing_else_is_said(graded: Path) -> None:
    listed = mistakes(graded).stdout
    assert "10. Task" in listed
    assert "11. Task" not in listed
    assert "2 more groups: --most 12 shows them." in listed
    assert "course mistakes ex04 --draft 1" in listed.splitlines()[-1]


def add(course: Path, *options: str, answer: str = "y") -> str:
    """Draft an entry from the first group and answer the question."""
    words = command("course", "mistakes", "ex04", "--draft=1", "--add", *options, course=course)
    done = subprocess.run(words, cwd=ROOT, input=f"{answer}\n", capture_output=True, text=True)
    assert done.returncode == (0 if answer == "y" else 1), done.stdout + done.stderr
    return done.stdout


def test_a_draft_is_added_only_by_somebody_who_was_shown_it(course: Path) -> None:
    file = course / "misconceptions/ex04/bce.py"
    before = file.read_text()
    said = add(course, answer="n")
    assert "/ len(y_truth)" in said
    assert "they will run as you" in said
    assert file.read_text() == before
    add(course)
    assert file.read_text().startswith(before[:2000])
    assert "TODO: what happened, and where to look." in file.read_text()
    for words in (("mistakes", "ex04"), ("autograde", "ex04"), ("mistakes", "ex04", "--judge")):
        done = run("course", *words, course=course, code=1)
        assert "the misconception of test_bce_forward that replaces the line" in done.stderr
        assert "has no sentence yet" in done.stderr
    done = commands.run(command("nbgrader", "autograde", "ex04", "--force", course=course), ROOT)
    assert "Nothing was graded: the misconception of test_bce_forward" in done.stderr


def assert_same(course: Path, other: Path) -> None:
    """The same gradebook, files and export as the full grading of another course."""
    both = [(rows(f"sqlite:///{each / 'gradebook.db'}"), files(each), csv(each)) for each in (course, other)]
    assert both[0][0] == both[1][0]
    assert both[0][1] == both[1][1]
    assert both[0][2] == both[1][2]


def points(course: Path) -> float:
    """Those of the student who is right enough."""
    submission = read_submission(course / "autograded" / NEARLY / "ex04")
    assert submission is not None
    return sum(verdict.score for verdict in submission.verdicts.values())


def change_checks(course: Path) -> None:
    """As `course outputs` does after a change of the catalogue."""
    path = course / "source/ex04" / SOURCE.with_suffix(".checks.json").name
    path.write_text(path.read_text().replace(",", ", ", 1))


def test_what_a_new_catalogue_changes_is_changed_as_by_a_full_grading(course: Path, tmp_path: Path) -> None:
    pages(course)
    add(course, f"--sentence={SENTENCE}")
    named = read_submission(course / "autograded" / NAMED / "ex04")
    assert named is not None
    gone = next(verdict.diagnosis for verdict in named.verdicts.values() if verdict.diagnosis)
    hide(course, (GONE - {FRAGILE.sentence}) | {gone})
    change_checks(course)
    full = Path(shutil.copytree(course, tmp_path / "full", symlinks=True))
    before = {student: read_submission(course / "autograded" / student / "ex04") for student in STUDENTS}
    untouched = (course / "autograded" / RIGHT / "ex04" / SOURCE.name).stat().st_mtime_ns
    assert points(course) < 20
    assert found(course)["named"] == 7 - 1 + 6
    done = mistakes(course, "--judge", "--jobs=2")
    assert "8 submissions are judged otherwise" in done.stdout
    assert "8 graded" in " ".join(done.stderr.split())
    assert points(course) == 20
    assert (course / "autograded" / RIGHT / "ex04" / SOURCE.name).stat().st_mtime_ns == untouched
    run("course", "autograde", "ex04", "--force", "--jobs=2", course=full)
    assert_same(course, full)
    for number, student in enumerate(STUDENTS):
        graded = read_submission(course / "autograded" / student / "ex04")
        assert graded is not None
        times = [verdict.diagnosis for verdict in graded.verdicts.values()].count(SENTENCE)
        assert times == (number in range(6))
        assert times or student in (NAMED, NEARLY) or graded == before[student]
    assert again(course)["unchanged"] == len(STUDENTS)
    pages(course)
    told = {path.parts[-3] for path in course.glob("feedback/*/ex04/*.html") if SENTENCE in path.read_text()}
    assert told == set(STUDENTS[:6])
    hide(course, GONE)
    assert "2 submissions are judged otherwise" in mistakes(course, "--judge").stdout
    assert points(course) < 20


def test_what_is_damaged_or_planted_is_graded_anew(course: Path, tmp_path: Path) -> None:
    kept = course / ".grading/ex04/evidence"
    (kept / f"{STUDENTS[0]}.evidence").write_bytes(b"\x78\x9c" + b"x" * 100)
    (kept / f"{STUDENTS[1]}.evidence").unlink()
    other = tmp_path / "other"
    other.write_bytes((kept / f"{STUDENTS[2]}.evidence").read_bytes())
    (kept / f"{STUDENTS[2]}.evidence").unlink()
    (kept / f"{STUDENTS[2]}.evidence").symlink_to(other)
    before = other.read_bytes()
    hide(course, GONE - {missing()[-1][0].sentence})
    shown = mistakes(course).stdout
    assert (
        "Not kept, for want of room or because the probes were others: any test of 2, test_bce_backward of 1, " in shown
    )
    said = mistakes(course, "--judge").stdout
    assert "3 submissions are judged otherwise" in said
    assert "Of 3 more, too little is kept to tell. They are graded anew, too." in said
    assert other.read_bytes() == before
    assert not (kept / f"{STUDENTS[2]}.evidence").is_symlink()
    assert found(course)["not_kept"] == {}
    assert again(course)["unchanged"] == len(STUDENTS)


FORGED = [
    {"value": {"kind": "array", "dtype": "<f8", "shape": [10**6, 10**6], "data": ""}},
    {"value": {"kind": "array", "dtype": "<f8", "shape": [0] * 8, "data": ""}},
    {
        "value": {
            "kind": "list",
            "data": [{"kind": "list", "data": [{"kind": "string", "data": "\x1b[2J\ud800"}]}] * 999,
        }
    },
    {"value": {"kind": "number", "data": float("nan")}, "notes": {"x": 1}},
    {"value": {"kind": "string", "data": "x" * 10**6}},
    {"error": "\x1b[2JValueError", "message": "\u202e" * 500, "cause": 7},
    {"value": 3, "error": ["x"]},
    {"otherwise": "equal"},
]


def test_forged_evidence_breaks_nothing(course: Path) -> None:
    for student, raw in zip(STUDENTS, FORGED, strict=False):
        path = course / f".grading/ex04/evidence/{student}.evidence"
        kept = kept_evidence.read(path)
        about, seen = next(iter(kept.tests.items()))
        hidden = [{**raw, "name": each["name"]} for each in seen.hidden]
        forged = {about: replace(seen, hidden=hidden), (about[0], "no such test"): seen, ("no notebook", "x"): seen}
        path.write_bytes(kept_evidence._content(kept.tests | forged, []))
    listed = mistakes(course, "--most=99").stdout
    assert not set("\x1b\u202e") & set(listed)
    assert sum(group["count"] for group in found(course)["groups"]) > 30
    mistakes(course, "--judge", "--jobs=2")
    assert "0 submissions are judged otherwise" in mistakes(course, "--judge").stdout
    mistakes(course, "--draft=1")


def test_what_has_another_reason_is_left_to_the_grading(course: Path) -> None:
    path = course / "submitted" / RIGHT / "ex04" / SOURCE.name
    path.write_text(path.read_text().replace("# ", "#  ", 1))
    hide(course, GONE - {missing()[0][0].sentence})
    assert "1 more are to be graded for another reason" in mistakes(course, "--judge").stdout
    assert again(course)["graded"] == 1


def test_a_submission_that_is_gone_or_right_now_leaves_nothing(course: Path) -> None:
    kept = course / ".grading/ex04/evidence"
    assert not (kept / f"{RIGHT}.evidence").exists()
    shutil.rmtree(course / "submitted" / ODD)
    shutil.copyfile(
        course / "submitted" / RIGHT / "ex04" / SOURCE.name, course / "submitted" / STUDENTS[0] / "ex04" / SOURCE.name
    )
    run("course", "autograde", "ex04", course=course)
    assert not (kept / f"{ODD}.evidence").exists()
    assert not (kept / f"{STUDENTS[0]}.evidence").exists()
    assert (kept / f"{STUDENTS[1]}.evidence").exists()


def test_plain_nbgrader_keeps_the_same(course: Path) -> None:
    kept = course / ".grading/ex04/evidence"
    before = {path.name: path.read_bytes() for path in kept.glob("student1[4-7].*")}
    assert sorted(before) == sorted(f"{student}.evidence" for student in (NAMED, NEARLY, ODD))
    shutil.rmtree(kept)
    run("nbgrader", "autograde", "ex04", "--force", "--student=student1[4-7]", course=course)
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--draft=99"], "there are 12 groups; course mistakes ex04 lists them."),
        (["--add"], "which group? Give its number with --draft."),
        (["--draft=1", "--judge"], "give --draft or --judge, not both."),
    ],
)
def test_a_mistake_ends_in_one_sentence(graded: Path, options: list[str], said: str) -> None:
    assert said in mistakes(graded, *options, code=1).stderr
