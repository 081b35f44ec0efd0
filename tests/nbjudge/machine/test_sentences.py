"""Each sentence about something that this machine lacks names `course doctor`, which says more."""

import contextlib
import errno
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from nbjudge import cli, configuration
from nbjudge.batch import kept_gradebook, pools
from nbjudge.batch.ledger import Ledger
from nbjudge.collecting import archives, collect
from nbjudge.commands import in_one_sentence
from nbjudge.course.course import Course
from nbjudge.course.sharing import guard_gradebook
from nbjudge.sandbox.sandbox import Sandbox
from tests.support import ROOT

Sentence = Callable[["Place"], object]


class Place:
    """A course, and what is needed to take something away from it."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
        self.root, self.monkeypatch, self.capsys = root, monkeypatch, capsys

    def course(self, db_url: str = "") -> Course:
        url = db_url or f"sqlite:///{self.root}/gradebook.db"
        return Course(CourseDirectory(root=str(self.root), course_id="simple_classifier", db_url=url))


def damaged(place: Place) -> None:
    (place.root / "gradebook.db").write_bytes(b"no database " * 100)
    kept_gradebook.check(place.course(), "ex04")


def unreachable(place: Place) -> None:
    kept_gradebook.check(place.course("postgresql+psycopg://nobody@localhost:1/gradebook"), "ex04")


def of_another_version(place: Place) -> None:
    with create_engine(place.course().db_url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'another'"))
    kept_gradebook.check(place.course(), "ex04")


def unreadable(place: Place) -> None:
    with in_one_sentence():
        raise OperationalError("SELECT", {}, Exception("disk I/O error"))


def anothers(place: Place) -> None:
    place.monkeypatch.setattr(os, "access", lambda path, mode: False)
    guard_gradebook(place.course())


def anothers_ledger(place: Place) -> None:
    place.monkeypatch.setattr(os, "access", lambda path, mode: False)
    Ledger(place.course(), "ex04")


def names_not_written(place: Place) -> None:
    def fails(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    place.monkeypatch.setattr(collect.people, "enrol", fails)
    (said,) = collect._keep_roster([], SimpleNamespace(course=None, assignment="ex04"))  # type: ignore[arg-type]
    raise RuntimeError(said)


def no_dask(place: Place) -> None:
    place.monkeypatch.setitem(sys.modules, "distributed", None)
    pools.Cluster("tcp://localhost:1")


def no_room(place: Place) -> None:
    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    place.monkeypatch.setattr(archives, "open", lambda *_: Full(), raising=False)
    (place.root / "a.ipynb").write_text("{}")
    list(archives.Walk(place.root, lambda entry: "a").through(place.root / "a.ipynb"))


def full_disk(place: Place) -> None:
    def application() -> Callable[[], None]:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "gradebook.db")

    place.monkeypatch.setattr(cli, "application", application)
    with contextlib.suppress(SystemExit):
        cli.main()
    raise RuntimeError(place.capsys.readouterr().err)


def old_nbgrader(place: Place) -> None:
    place.monkeypatch.setattr(metadata, "version", lambda name: "0.8.1")
    configuration.require_nbgrader()


def no_bubblewrap(place: Place) -> None:
    place.monkeypatch.setenv("PATH", "/nowhere")
    Sandbox(isolation="namespaces").start()


def no_system_package(place: Place) -> None:
    programs = place.root / "programs"
    programs.mkdir()
    for name in ("id", "sh"):
        (programs / name).symlink_to(str(shutil.which(name)))
    words = [str(shutil.which("sh")), str(ROOT / "setup-system.sh"), "chromium"]
    raise RuntimeError(subprocess.run(words, env={"PATH": str(programs)}, capture_output=True, text=True).stderr)


SENTENCES = [
    *(damaged, unreachable, of_another_version, unreadable, anothers, anothers_ledger, names_not_written, no_dask),
    *(no_room, full_disk, old_nbgrader, no_bubblewrap, no_system_package),
]


@pytest.mark.parametrize("lacking", SENTENCES, ids=lambda lacking: lacking.__name__)
def test_it_names_the_doctor(
    lacking: Sentence,
    tmp_path: Path,
    empty_gradebook: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    shutil.copy(empty_gradebook, tmp_path / "gradebook.db")
    (tmp_path / "submitted").mkdir()
    with pytest.raises((Exception, SystemExit)) as said:
        lacking(Place(tmp_path, monkeypatch, capsys))
    sentence = " ".join(str(said.value).split())
    assert "course doctor` says more" in sentence or "course doctor says more" in sentence
