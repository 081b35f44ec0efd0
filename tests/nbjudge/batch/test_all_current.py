"""That all of a class is current is seen by a sum, in which everything counts that a grade depends on."""

import mmap
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nbjudge.batch import all_current
from nbjudge.batch.all_current import NOBODY, Facts, count_and_sum
from nbjudge.course import light_config

CONFIG = "import os\nc = get_config()\nc.Judge.setting = os.environ.get('SETTING_OF_A_TEST', '')\n"


class Class:
    """A course with two submissions that are graded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        texts = {
            "nbgrader_config.py": CONFIG,
            "gradebook.db": "rows",
            "source/ex04/a.ipynb": "{}",
            "source/ex04/data/x.csv": "1",
            "misconceptions/ex04/__init__.py": "",
            "exercise_code.py": "",
            "late.py": "",
            ".oracle/kept.json": "{}",
            "home/.keep": "",
        }
        for student in ("ada", "ben"):
            texts |= {
                f"submitted/{student}/ex04/a.ipynb": "an answer",
                f"submitted/{student}/ex04/data/x.csv": "1",
                f"autograded/{student}/ex04/a.ipynb": "{}",
                f".grading/ex04/{student}.json": "{}",
            }
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)

    @property
    def facts(self) -> Facts:
        root = str(self.folder)
        return Facts(
            root=root,
            ledger=f"{root}/.grading/ex04",
            source=f"{root}/source/ex04",
            submitted=f"{root}/submitted/*/ex04",
            form=f"{root}/submitted/(?P<student>[^/]+)/ex04",
            top=f"{root}/submitted",
            one=f"{root}/submitted/{NOBODY}/ex04",
            autograded=f"{root}/autograded/{NOBODY}/ex04",
            gradebook=f"{root}/gradebook.db",
            files=[f"{root}/{name}" for name in ("exercise_code.py", "late.py", ".oracle/kept.json", "absent.py")],
            folders=[f"{root}/misconceptions/ex04"],
            evidence=f"{root}/.grading/ex04/evidence",
            packages=["late"],
            libraries=["numpy"],
            beside=[f"{root}/home"],
        )

    def found(self, *options: str) -> tuple[int, str] | None:
        return count_and_sum(self.facts, "ex04", light_config.read(None, options), None, options)

    def change(self, name: str, text: str = "another") -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text)


@pytest.fixture
def a_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Class:
    monkeypatch.chdir(tmp_path)
    return Class(tmp_path)


def in_place(a_class: Class) -> None:
    """Of the same length, and with the time that it had."""
    path = a_class.folder / "submitted/ada/ex04/a.ipynb"
    before = path.stat()
    time.sleep(0.02)  # longer than the clock of a file system takes to go on
    path.write_text("an Answer")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def through_a_mapping(a_class: Class) -> None:
    """With all times that it had: the system notes only the first change of a page."""
    path = a_class.folder / "submitted/ada/ex04/a.ipynb"
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        mapped[0:1] = mapped[0:1]
        before = a_class.found()
        assert before is not None
        mapped[0:1] = b"A"
        assert path.read_bytes() == b"An answer"
        assert a_class.found() != before


def a_link(a_class: Class) -> None:
    folder = a_class.folder / "submitted/ada"
    folder.rename(a_class.folder / "elsewhere")
    folder.symlink_to(a_class.folder / "elsewhere")


CHANGES: dict[str, Callable[[Class], object]] = {
    "a submission": lambda one: one.change("submitted/ada/ex04/a.ipynb"),
    "a submission, with its old time": in_place,
    "a submission, through a mapping": through_a_mapping,
    "a further file of a submission": lambda one: one.change("submitted/ada/ex04/b.py"),
    "a file in a folder of a submission": lambda one: one.change("submitted/ada/ex04/data/x.csv"),
    "a file of a submission is gone": lambda one: (one.folder / "submitted/ada/ex04/data/x.csv").unlink(),
    "a folder above is a link": a_link,
    "a new student": lambda one: one.change("submitted/cem/ex04/a.ipynb"),
    "a student is gone": lambda one: shutil.rmtree(one.folder / "submitted/ada"),
    "the graded notebooks are gone": lambda one: shutil.rmtree(one.folder / "autograded/ada"),
    "what is known of one": lambda one: one.change(".grading/ex04/ada.json"),
    "what is known of one is gone": lambda one: (one.folder / ".grading/ex04/ada.json").unlink(),
    "the gradebook": lambda one: one.change("gradebook.db"),
    "the gradebook's journal": lambda one: one.change("gradebook.db-wal"),
    "the source": lambda one: one.change("source/ex04/a.ipynb"),
    "data of the source": lambda one: one.change("source/ex04/data/x.csv"),
    "a module": lambda one: one.change("exercise_code.py"),
    "the late policy": lambda one: one.change("late.py"),
    "the late policy lies elsewhere": lambda one: one.change("late/__init__.py", ""),
    "the answers": lambda one: one.change(".oracle/kept.json"),
    "a file that wasn't there": lambda one: one.change("absent.py"),
    "a misconception": lambda one: one.change("misconceptions/ex04/__init__.py"),
    "a further misconception": lambda one: one.change("misconceptions/ex04/more.py"),
    "what was seen of a submission": lambda one: one.change(".grading/ex04/evidence/eva.evidence"),
    "the configuration": lambda one: one.change("nbgrader_config.py", f"{CONFIG}\n"),
    "a second configuration": lambda one: one.change("nbgrader_config.json", "{}"),
    "a configuration of the user": lambda one: one.change("home/nbgrader_config.py"),
    "what the configuration looks at": lambda one: os.environ.update(SETTING_OF_A_TEST="1"),
}


@pytest.mark.parametrize("link", ["submitted/ada/ex04", "submitted/ada", "submitted/ada/ex04/data"])
def test_nothing_behind_a_link_is_read(link: str, a_class: Class) -> None:
    place, private = a_class.folder / link, a_class.folder / "private"
    place.rename(private)
    place.symlink_to(private)
    before = a_class.found()
    for file in private.rglob("*.*"):
        file.write_text("changed")
    assert a_class.found() == before
    place.unlink()
    place.symlink_to(a_class.folder)
    assert a_class.found() != before


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_changes_is_seen(name: str, a_class: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETTING_OF_A_TEST", "")
    before = a_class.found()
    assert before == a_class.found()
    assert before is not None
    assert before[0] == 2
    CHANGES[name](a_class)
    assert a_class.found() != before


def test_options_and_versions_count(a_class: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    before = a_class.found()
    assert a_class.found("--SandboxedExecute.memory=900") != before
    monkeypatch.setattr(all_current, "version_of", lambda name: "9.9" if name == "numpy" else "1")
    other = a_class.found()
    monkeypatch.setattr(all_current, "version_of", lambda name: "1")
    assert len({before, other, a_class.found()}) == 3


def test_the_engine_counts(a_class: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    before = a_class.found()
    monkeypatch.setattr(all_current, "engine_files", lambda: [])
    assert a_class.found() != before


@pytest.mark.parametrize("gone", ["autograded/ada/ex04", ".grading/ex04/ada.json"])
def test_a_class_of_which_one_is_not_graded_is_not_current(gone: str, a_class: Class) -> None:
    (a_class.folder / gone).rename(a_class.folder / "elsewhere")
    assert a_class.found() is None


@pytest.mark.parametrize(("name", "value"), [("MOST_ENTRIES", 2), ("MOST_BYTES", 9)])
def test_what_has_very_much_in_it_is_looked_at_in_the_long_way(
    name: str, value: int, a_class: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(all_current, name, value + 1)  # of one submission: two files in ten bytes, and a folder
    assert a_class.found() is not None
    monkeypatch.setattr(all_current, name, value)
    assert a_class.found() is None


def test_no_link_is_followed_and_no_pipe_waited_for(a_class: Class) -> None:
    (a_class.folder / "secret").write_text("one")
    (a_class.folder / "submitted/ada/ex04/link.txt").symlink_to(a_class.folder / "secret")
    os.mkfifo(a_class.folder / "submitted/ada/ex04/pipe")
    before = a_class.found()
    assert before is not None
    a_class.change("secret")
    assert a_class.found() == before


def test_only_a_sum_is_kept_and_no_name(a_class: Class) -> None:
    found = a_class.found()
    assert found is not None
    all_current.write(a_class.facts, found)
    text = all_current.place_of(a_class.folder / ".grading/ex04").read_text()
    assert "ada" not in text
    assert all_current.known("ex04", light_config.read(None), None, [])[0] == 2
    a_class.change("submitted/ada/ex04/a.ipynb")
    assert all_current.known("ex04", light_config.read(None), None, [])[0] == 0
    all_current.place_of(a_class.folder / ".grading/ex04").write_text("[")
    assert all_current.known("ex04", light_config.read(None), None, [])[0] == 0
