"""Several people who grade in one course folder."""

import contextlib
import os
import sqlite3
import stat
import struct
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from nbjudge.batch import ledger as ledgers
from nbjudge.batch.ledger import Ledger, Outcome
from nbjudge.collecting.store import Store
from nbjudge.course import sharing
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.files import make_folders, whole_file
from nbjudge.course.lms_names import LmsName, keep_names
from nbjudge.course.sharing import begin_gradebook, guard_gradebook, require_no_lock
from nbjudge.course.submission_secret import SECRET
from nbjudge.intake.grading_lock import GradingLock, is_being_graded
from nbjudge.intake.step import SubmissionExporter
from nbjudge.pages.feedback import FeedbackExporter
from nbjudge.pages.same_secrets import Folders, closed_secrets

OWNER, OTHER, GROUP = 61001, 61002, 61000


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.setattr(ledgers, "measures", lambda course, assignment: ("the same", "without the catalogue"))
    sqlite3.connect(tmp_path / "gradebook.db").execute("create table t (x)")
    (tmp_path / "submitted/a/ex04").mkdir(parents=True)
    return Course(CourseDirectory(root=str(tmp_path), groupshared=True, db_url=f"sqlite:///{tmp_path}/gradebook.db"))


def test_what_is_made_in_a_shared_folder_is_shared(tmp_path: Path) -> None:
    for name, mode in (("shared", 0o2775), ("own", 0o755)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(mode)
        make_folders(tmp_path / name / "a/b")
        with whole_file(tmp_path / name / "a/b/file"):
            pass
        is_shared = name == "shared"
        for path in ("a", "a/b"):
            assert bool((tmp_path / name / path).stat().st_mode & stat.S_ISGID) == is_shared
        assert bool((tmp_path / name / "a/b/file").stat().st_mode & stat.S_IWGRP) == is_shared


def as_user(user: int, act: Callable[[], object], groups: Collection[int] = (GROUP,)) -> str:
    """Act in a process of a user of these groups, who has another one of their own. What it raised."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        said = b""
        try:
            os.umask(0o022)
            os.setgroups(list(groups))
            os.setgid(user)
            os.setuid(user)
            act()
        except BaseException as error:
            said = f"{type(error).__name__}: {error}".encode()
        os.write(write, said)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def share(course: Course, request: pytest.FixtureRequest) -> None:
    """As the instructor guide says."""
    for path in (course.root, *course.root.rglob("*")):
        os.chown(path, OWNER, GROUP)
        path.chmod(0o2775 if path.is_dir() else 0o644)
    for folder in course.root.parents:  # pytest's folders are its user's alone
        mode = stat.S_IMODE(folder.stat().st_mode)
        if not mode & stat.S_IXOTH:
            request.addfinalizer(partial(folder.chmod, mode))
            folder.chmod(mode | stat.S_IXOTH)


def work(course: Course) -> None:
    """All that grading keeps."""
    guard_gradebook(course)
    with sqlite3.connect(course.root / "gradebook.db") as database:
        database.execute("insert into t values (1)")
    ledger = Ledger(course, "ex04")
    ledger.forget("a")
    ledger.write(Outcome("a", "failed", "why"))
    lock = GradingLock(course.grading_lock("a", "ex04"))
    assert is_being_graded(course.grading_lock("a", "ex04"))
    lock.release()
    keep_names(course.lms_names("ex04"), {"a": LmsName("moodle", "A_1_assignsubmission_file_", "A", "1", "")})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as two users")
def test_two_people_grade_in_one_folder(
    course: Course, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(ledgers, "Lateness", lambda course, assignment: SimpleNamespace(of=lambda student: ""))
    share(course, request)
    assert "you can't write to the gradebook gradebook.db; `course doctor` says more. Where several people" in as_user(
        OTHER, lambda: guard_gradebook(course)
    )
    for user in (OWNER, OTHER, OWNER):
        assert as_user(user, lambda: work(course)) == ""
    (course.root / ".grading/ex04").chmod(0o755)
    assert "CourseError: you can't write to .grading/ex04; `course doctor` says more." in as_user(
        OTHER, lambda: work(course)
    )


def grade(course: Course) -> None:
    """What nbgrader's step does with the folder of a submission, and what it writes there."""

    def fill(assignment: str, student: str) -> None:
        for name in ("ex04.ipynb", SECRET):
            (course.autograded(student, assignment) / name).write_text("a secret")
            (course.autograded(student, assignment) / name).chmod(0o664)

    coursedir = SimpleNamespace(assignment_id="ex04")
    step = SimpleNamespace(_course=course, _make=fill, _rights=0, _last=Path("a"), _then=None, _release=lambda: None)
    step._converter = SimpleNamespace(coursedir=coursedir)
    SubmissionExporter.begin(step, "ex04", "a")  # type: ignore[arg-type]
    SubmissionExporter.let_go(step)  # type: ignore[arg-type]


def make_page(course: Course) -> None:
    make_folders(course.root / "feedback/a/ex04")
    page = SimpleNamespace(parent=SimpleNamespace(coursedir=course.directory), config=None)
    FeedbackExporter._keep_secret(page, course.root / "feedback/a/ex04", "a secret")  # type: ignore[arg-type]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as two users")
@pytest.mark.parametrize("set_group", [True, False], ids=["in folders of the group", "in others"])
def test_what_is_private_is_the_groups_and_never_ones_own_groups(
    course: Course, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, set_group: bool
) -> None:
    """In one's own group there may be students."""
    monkeypatch.setattr(Course, "of", lambda step: course)
    (course.root / "gradebook.db").unlink()
    share(course, request)
    for folder in (course.root, *course.root.rglob("*")) if not set_group else ():
        folder.chmod(0o775)
    store = Store(course, "ex04")
    content = course.root / "content"
    content.write_text("a secret")
    content.chmod(0o644)

    def collect() -> None:
        store.keep("a", {SECRET: content}, "key", None)

    private = []
    for act in (lambda: begin_gradebook(course), collect, lambda: grade(course), lambda: make_page(course)):
        assert as_user(OWNER, act) == ""
        private = [course.root / "gradebook.db", *course.root.rglob(SECRET)]
    assert len(private) == 4
    for path in private:
        if set_group or "earlier" not in path.parts:
            assert (path.stat().st_gid, stat.S_IMODE(path.stat().st_mode)) == (GROUP, 0o660), path
    assert as_user(OTHER, lambda: [path.read_bytes() for path in private if set_group]) == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as two users")
@pytest.mark.parametrize("has_list", [True, False], ids=["with a list", "of another group"])
def test_in_a_folder_of_a_students_a_secret_is_still_the_groups(
    course: Course, request: pytest.FixtureRequest, has_list: bool
) -> None:
    """Made before the one whose name it has is collected, in a submitted/ in which students can write."""
    share(course, request)
    place = course.root / "submitted/b"
    place.mkdir()
    os.chown(place, OTHER, GROUP if has_list else OTHER)
    place.chmod(0o2777)
    if has_list:
        entries = [(1, 7, -1), (2, 7, OTHER), (4, 7, -1), (16, 7, -1), (32, 5, -1)]
        listed = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *each) for each in entries)
        with contextlib.suppress(OSError):  # a file system without such lists
            os.setxattr(place, "system.posix_acl_default", listed)
    content = course.root / "content"
    content.write_text("a secret")
    groups = (GROUP,) if has_list else (GROUP, OTHER)
    assert as_user(OWNER, lambda: Store(course, "ex04").put("b", {SECRET: content}, None), groups) == ""
    (secret,) = place.rglob(SECRET)
    assert (secret.stat().st_gid, stat.S_IMODE(secret.stat().st_mode)) == (GROUP, 0o660)
    assert "PermissionError" in as_user(OTHER, secret.read_bytes, groups=())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as two users")
def test_who_is_not_in_the_group_of_the_course_shares_nothing_with_their_own(
    course: Course, request: pytest.FixtureRequest
) -> None:
    share(course, request)
    os.chown(course.root, OWNER, OTHER)
    os.chown(course.root / "gradebook.db", OWNER, OWNER)
    assert as_user(OWNER, lambda: guard_gradebook(course)) == ""
    assert stat.S_IMODE((course.root / "gradebook.db").stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as two users")
def test_a_secret_that_a_colleague_keeps_is_said_before_a_page_gets_another(
    course: Course, request: pytest.FixtureRequest
) -> None:
    students = [Folders(name, course.root / "autograded" / name, course.root / "feedback" / name) for name in "abcdefg"]
    for _, graded, _ in students:
        graded.mkdir(parents=True)
        (graded / SECRET).write_text("a secret")
    (students[0].graded / SECRET).unlink()
    share(course, request)
    assert as_user(OTHER, lambda: say(students)) == ""
    for _, graded, _ in students[1:]:
        (graded / SECRET).chmod(0o600)
    said = as_user(OTHER, lambda: say(students))
    assert said.startswith(
        f"ValueError: You can't read the {SECRET} of b, c, d, e, f and 1 more in autograded/, so nob"
    )
    assert said.count("You can't") == 1
    for _, graded, _ in students[2:]:
        (graded / SECRET).chmod(0o644)
    assert f"{SECRET} of b in autograded/" in as_user(OTHER, lambda: say(students))


def say(students: list[Folders]) -> None:
    if said := closed_secrets(students):
        raise ValueError(*said)


@pytest.mark.parametrize(("shared", "rights"), [(True, 0o660), (False, 0o600)])
def test_nobody_else_may_open_the_gradebook(course: Course, shared: bool, rights: int) -> None:
    """Whoever may read it may lock it."""
    place = course.root / "gradebook.db"
    course.directory.groupshared = shared
    for before in (0o644, 0o666, 0o600):
        place.chmod(before)
        guard_gradebook(course)
        assert stat.S_IMODE(place.stat().st_mode) == rights


@pytest.mark.parametrize(("shared", "rights"), [(True, 0o660), (False, 0o600)])
def test_a_gradebook_is_nobody_elses_from_its_first_moment(tmp_path: Path, shared: bool, rights: int) -> None:
    """Who opens it while others may can lock it for as long as they like."""
    url = f"sqlite:///{tmp_path}/gradebook.db"
    course = Course(CourseDirectory(root=str(tmp_path), groupshared=shared, db_url=url))
    place = tmp_path / "gradebook.db"
    begin_gradebook(course)
    assert stat.S_IMODE(place.stat().st_mode) == rights
    with Gradebook(url) as gradebook:
        gradebook.add_assignment("ex04")
    before = place.read_bytes()
    begin_gradebook(course)
    assert place.read_bytes() == before
    assert stat.S_IMODE(place.stat().st_mode) == rights


def test_nothing_is_graded_while_another_program_has_locked_the_gradebook(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "PATIENCE", 0.1)
    require_no_lock(course)
    with sqlite3.connect(course.root / "gradebook.db", isolation_level=None) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM t").fetchall()
        with pytest.raises(CourseError, match=r"another program keeps the gradebook gradebook\.db locked"):
            require_no_lock(course)
        reader.execute("COMMIT")
        require_no_lock(course)


def test_a_gradebook_that_cannot_be_written_is_named(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "gradebook.db")
    with pytest.raises(CourseError, match="you can't write to the gradebook"):
        guard_gradebook(course)
