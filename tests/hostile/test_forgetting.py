"""`course forget` where others can write: no link of theirs is followed, and what is theirs ends nothing else."""

import contextlib
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from typer.testing import CliRunner

from nbjudge.cli import application
from nbjudge.course.course import Course
from nbjudge.course.untrusted_folder import UntrustedFolder
from nbjudge.forgetting.traces import find_traces, forget, left
from tests.support import ROOT
from tests.support.downloads import NAME
from tests.support.gradebooks import write
from tests.support.swaps import swapped

app = application()
EVE, BEN = "ge66eve", "ge22ben"
BY_STUDENT = "{nbgrader_step}/{student_id}/{assignment_id}"
BY_ASSIGNMENT = "{nbgrader_step}/{assignment_id}/{student_id}"
STEPS = "submitted", "autograded", "feedback"


class Class:
    """Two students in a course without gradebook, and something private beside it that has the form of a course."""

    def __init__(self, folder: Path) -> None:
        self.root, self.private, self.structure = folder / "course", folder / "private", BY_STUDENT
        self.write(self.root)
        for step in STEPS:
            self.write(self.private / step)
        self.write(self.private)
        for student in (EVE, BEN):
            write(self.private / student / "thesis.txt", student)
            write(self.private / "ex04" / student / "thesis.txt", student)
            write(self.private / student / "ex04/thesis.txt", student)
            for kind in ("locks", "grounds", "evidence"):
                write(self.private / kind / f"{student}.json", "{}")
            write(self.private / f"{student}.json", student)
        write(self.private / "list.json", json.dumps({EVE: {}, BEN: {}}))
        self.before = self.tree(self.private)

    def write(self, root: Path) -> None:
        for student in (EVE, BEN):
            for step in STEPS:
                write(Path(self.structure_of(root, step, student, "ex04"), NAME), "{}")
            write(root / "earlier" / student / "ex04/2026" / NAME, "{}")
            write(root / ".grading/ex04" / f"{student}.json", "{}")
            write(root / ".grading/ex04/evidence" / f"{student}.evidence", "{}")
        write(root / "source/ex04" / NAME, '{"cells": [], "metadata": {}}')
        write(root / "collected/ex04.json", json.dumps({EVE: {}, BEN: {}}))

    def structure_of(self, root: Path, step: str, student: str, assignment: str) -> Path:
        return root / self.structure.format(nbgrader_step=step, student_id=student, assignment_id=assignment)

    def order(self, structure: str) -> None:
        """Make the course anew, with its folders in this order."""
        shutil.rmtree(self.root)
        self.structure = structure
        self.write(self.root)
        config = (ROOT / "nbgrader_config.py").read_text()
        (self.root / "nbgrader_config.py").write_text(
            f"{config}\nc.CourseDirectory.directory_structure = {structure!r}\n"
        )

    def view(self) -> Course:
        about = {"root": str(self.root), "directory_structure": self.structure}
        return Course(CourseDirectory(config=Config({"CourseDirectory": about})))

    def swap(self, name: str, target: Path) -> None:
        """A link in the place of something."""
        (self.root / name).rename(self.root.parent / "away")
        (self.root / name).symlink_to(target)

    def tree(self, folder: Path) -> dict[str, bytes]:
        return {str(path): path.read_bytes() if path.is_file() else b"" for path in sorted(folder.rglob("*"))}

    def named(self) -> list[str]:
        """Files of the course that name Eve, or whose path does."""
        paths = [path for path in self.root.rglob("*") if path.is_file() and path.name != "nbgrader_config.py"]
        names = {str(path.relative_to(self.root)): path.read_text() for path in paths}
        return sorted(name for name, content in names.items() if EVE in name or EVE in content)

    def require_unharmed(self) -> None:
        assert self.tree(self.private) == self.before

    def run(self) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["forget", EVE, "--yes"])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, " ".join(done.output.split())


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Class:
    ours = Class(tmp_path)
    ours.order(BY_STUDENT)
    monkeypatch.chdir(ours.root)
    return ours


def is_link(name: str, reason: str = "this is a link, and links aren't followed") -> str:
    return f"not looked into: {name}: {reason}"


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("structure", "inside"),
    [(BY_ASSIGNMENT, "ex04"), ("{nbgrader_step}/2026/{student_id}/{assignment_id}", "2026")],
    ids=["an assignment's", "everybody's"],
)
def test_nothing_is_deleted_behind_a_link_on_the_way(
    ours: Class, structure: str, inside: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours.order(structure)
    monkeypatch.chdir(ours.root)
    ours.swap(f"{step}/{inside}", ours.private)
    code, said = ours.run()
    ours.require_unharmed()
    assert code == 1
    assert is_link(f"{step}/{inside}") in said
    assert "Nothing else in the course names them." in said
    assert ours.named() == []


@pytest.mark.parametrize("name", [".grading/ex04", ".grading/ex04/evidence"])
def test_nothing_is_deleted_behind_a_link_among_our_own_folders(ours: Class, name: str) -> None:
    ours.swap(name, ours.private)
    code, said = ours.run()
    ours.require_unharmed()
    assert (code, is_link(name) in said) == (1, True)


@pytest.mark.parametrize("name", ["feedback/list.json", "collected/list.json", "collected/times"])
def test_no_list_is_changed_through_a_link(ours: Class, name: str) -> None:
    target = ours.private if name.endswith("times") else ours.private / "list.json"
    (ours.root / name).symlink_to(target)
    ours.run()
    ours.require_unharmed()
    assert (ours.root / name).is_symlink()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no such file")
@pytest.mark.parametrize("name", ["feedback/x.zip", "x.csv", "x.html", "x.zip"])
def test_what_looks_as_if_we_made_it_is_not_waited_for(ours: Class, name: str) -> None:
    (ours.root / name).symlink_to("/dev/zero")
    os.mkfifo(ours.root / f"{Path(name).parent}/y{Path(name).suffix}")
    assert ours.run()[0] == 0


def test_a_link_in_the_place_of_a_students_folder_is_deleted(ours: Class) -> None:
    ours.swap(f"submitted/{EVE}", ours.private / EVE)
    (ours.root / f"earlier/{EVE}/ex04/more").symlink_to(ours.private)
    assert ours.run()[0] == 0
    ours.require_unharmed()
    assert not (ours.root / f"submitted/{EVE}").is_symlink()
    assert ours.named() == []


@pytest.mark.parametrize("step", [*STEPS, "earlier", ".grading", "collected"])
def test_what_lies_behind_a_link_of_the_instructors_is_deleted_and_looked_through(ours: Class, step: str) -> None:
    elsewhere = ours.root.parent / "elsewhere"
    (ours.root / step).rename(elsewhere)
    (ours.root / step).symlink_to(elsewhere)
    write(elsewhere / "ge33cem/ex04/notes.txt", f"with {EVE}")
    code, said = ours.run()
    assert f"still named in {step}/ge33cem/ex04/notes.txt 1 files" in said
    assert code == 1
    assert ours.named() == []
    assert not [path for path in elsewhere.rglob("*") if EVE in path.name]
    ours.require_unharmed()


def test_a_step_may_lie_outside_of_the_course(ours: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = ours.root.parent / "elsewhere/handed in"
    with open(ours.root / "nbgrader_config.py", "a") as file:
        file.write(f"c.CourseDirectory.submitted_directory = {str(elsewhere)!r}\n")
    for name in (f"{EVE}/ex04/{NAME}", "ge33cem/ex04/notes.txt"):
        write(elsewhere / name, f"with {EVE}")
    _, said = ours.run()
    assert not (elsewhere / EVE).exists()
    assert f"still named in {os.path.relpath(elsewhere, ours.root)}/ge33cem/ex04/notes.txt" in said


@pytest.mark.parametrize(
    ("structure", "thing"),
    [(BY_ASSIGNMENT, "ex04"), (BY_ASSIGNMENT, f"ex04/{EVE}"), (BY_STUDENT, EVE), (BY_STUDENT, f"{EVE}/ex04")],
)
def test_a_link_that_is_swapped_in_is_not_followed(ours: Class, structure: str, thing: str) -> None:
    def work() -> None:
        course = ours.view()
        with contextlib.suppress(FileNotFoundError):  # nothing of theirs was there
            traces = find_traces(course, EVE)
            left(course, traces, forget(course, traces))

    # whatever it leads to, there is something of the same names in it
    target = ours.private / thing if structure == BY_ASSIGNMENT else ours.private
    target = ours.private if thing == "ex04" else target
    for _ in swapped(ours.root / "submitted", thing, target, lambda: ours.order(structure), work):
        ours.require_unharmed()
        assert (ours.root / "submitted").is_dir()


def refusing(monkeypatch: pytest.MonkeyPatch, call: str, place: Path) -> None:
    """The system's answer for whatever somebody else owns below a place."""
    does: Callable[..., Any] = getattr(UntrustedFolder, call)

    def refuses(folder: UntrustedFolder, name: str, *more: Any, **about: Any) -> Any:
        if place in (own := Path(os.readlink(f"/proc/self/fd/{folder.descriptor}")), *own.parents):
            raise PermissionError(13, "Permission denied", name)
        return does(folder, name, *more, **about)

    monkeypatch.setattr(UntrustedFolder, call, refuses)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, nobody says where an open folder lies")
@pytest.mark.parametrize("folder", [f"submitted/{EVE}", f"autograded/{EVE}", f"earlier/{EVE}"])
def test_what_cannot_be_deleted_is_one_line_and_all_else_goes(ours: Class, folder: str) -> None:
    for number in range(20):
        write(ours.root / folder / f"ex04/{number}.txt", "")
        write(ours.root / folder / f"ex05/{number}.txt", "")
    stays = {name for name in ours.named() if name.startswith(folder)}
    with pytest.MonkeyPatch.context() as patched:
        refusing(patched, "unlink", ours.root / folder / "ex04")
        for again in range(2):
            code, said = ours.run()
            assert code == 1
            assert f"not deleted: {folder}: Permission denied" in said
            assert said.count("Permission denied") == 1
            assert "still named" not in said
            assert "Nothing else in the course names them." in said
            assert said.endswith("such as its owner; then run the command again."), again
            assert set(ours.named()) == {name for name in stays if "/ex04/" in name}
    assert (ours.root / f"submitted/{BEN}/ex04" / NAME).exists()
    code, said = ours.run()
    assert code == 0
    assert "Nothing in the course names them." in said
    assert ours.named() == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, nobody says where an open folder lies")
def test_a_list_that_cannot_be_written_is_named_and_all_else_goes(ours: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing(monkeypatch, "move", ours.root / "collected")
    write(ours.root / f"submitted/{BEN}/ex04/notes.txt", f"with {EVE}")
    code, said = ours.run()
    assert code == 1
    assert "not deleted: collected/ex04.json: Permission denied" in said
    assert f"still named in submitted/{BEN}/ex04/notes.txt 1 more files and folders are left" in said
    assert ours.named() == ["collected/ex04.json", f"submitted/{BEN}/ex04/notes.txt"]
    assert os.listdir(ours.root / "collected") == ["ex04.json"], "half a list"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, nobody says where an open folder lies")
def test_a_folder_that_cannot_be_looked_into_is_named_and_ends_nothing(
    ours: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours.order(BY_ASSIGNMENT)
    monkeypatch.chdir(ours.root)
    refusing(monkeypatch, "folder", ours.root / "submitted")
    code, said = ours.run()
    assert code == 1
    assert "not looked into: submitted/ex04: " in said
    assert "Nothing else in the course names them." in said
    assert [name for name in ours.named() if not name.startswith("submitted/ex04/")] == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, paths are short")
def test_deep_folders_that_cannot_be_moved_end_nothing(ours: Class) -> None:
    inner = os.open(ours.root / f"submitted/{EVE}/ex04", os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=inner)
        outer, inner = inner, os.open("d", os.O_RDONLY, dir_fd=inner)
        os.close(outer)
    os.close(inner)
    with pytest.MonkeyPatch.context() as patched:
        refusing(patched, "move", ours.root / f"submitted/{EVE}")
        code, said = ours.run()
    assert code == 1
    assert f"not deleted: submitted/{EVE}: " in said
    assert not (ours.root / f"earlier/{EVE}").exists()
    assert not (ours.root / f".grading/ex04/{EVE}.json").exists()
    assert ours.run()[0] == 0  # pytest itself couldn't delete them
    assert ours.named() == []
