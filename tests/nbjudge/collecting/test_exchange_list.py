"""`nbgrader list --inbound` says what was handed in, whatever else lies in the exchange."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from nbgrader.utils import notebook_hash

from tests.support.downloads import Course

WHEN = "2026-05-10 10:00:00.000000 UTC"
SECRET, PAGE = "submission_secret.txt", "simple_classifier.ipynb"

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the exchange is for one machine with Unix")


def pipe_for_a_notebook(folder: Path) -> None:
    os.mkfifo(folder / "pipe.ipynb")


def pipe_for_a_secret(folder: Path) -> None:
    (folder / SECRET).unlink()
    os.mkfifo(folder / SECRET)


def endless_notebook(folder: Path) -> None:
    (folder / SECRET).unlink()
    (folder / "endless.ipynb").symlink_to("/dev/zero")


def link_for_a_folder(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to("elsewhere")


HOSTILE: dict[str, Callable[[Path], object]] = {
    "a pipe for a notebook": pipe_for_a_notebook,
    "a pipe for a secret": pipe_for_a_secret,
    "an endless notebook": endless_notebook,
    "no secret": lambda folder: (folder / SECRET).write_bytes(b""),
    "a secret that is no text": lambda folder: (folder / SECRET).write_bytes(b"\xff"),
    "a secret of many bytes": lambda folder: (folder / SECRET).write_bytes(b"x" * 2_000_000),
    "a name that is no text": lambda folder: Path(os.fsdecode(os.fsencode(folder) + b"/\xff.ipynb")).touch(),
    "a closed folder": lambda folder: folder.chmod(0),
    "a folder that is a link": link_for_a_folder,
    "a name that gives orders": lambda folder: folder.rename(folder.with_name(f"\x1b[31meve\nzoe+ex04+{WHEN}+x")),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_handed_in_is_listed_and_removed(
    course: Course, nbgrader: Callable, tmp_path_factory: pytest.TempPathFactory, what: str
) -> None:
    exchange = tmp_path_factory.mktemp("exchange")
    exchange.chmod(0o777)
    inbound, pages = exchange / "simple_classifier/inbound", exchange / "simple_classifier/feedback"
    pages.mkdir(parents=True)
    for student in ("ada", "eve", "joe"):
        folder = inbound / f"{student}+ex04+{WHEN}+x"
        folder.mkdir(parents=True)
        (folder / PAGE).write_text("{}")
        (folder / SECRET).write_text(student * 20)
    (pages / f"{notebook_hash(secret='joe' * 20, notebook_id='simple_classifier')}.html").write_text("")
    HOSTILE[what](inbound / f"eve+ex04+{WHEN}+x")
    arguments = ("list", "ex04", "--inbound", f"--Exchange.root={exchange}")
    done = nbgrader(*arguments, root=course.root)
    for student, page in (("ada", "no feedback available"), ("joe", "feedback ready to be fetched")):
        assert f"simple_classifier {student} ex04 {WHEN} ({page})\n" in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b[31meve" not in done.stderr
    assert "\nzoe" not in done.stderr

    done = nbgrader(*arguments, "--remove", root=course.root)
    left = {path.name for path in inbound.iterdir()} - {"elsewhere"}
    assert len(left) == ("Not removed" in done.stderr)
    assert not left or what == "a closed folder"
    if what == "a folder that is a link":
        assert (inbound / "elsewhere" / PAGE).exists()
