"""Where submissions lie and what lies beside their notebooks: other folders, bad names, earlier and other gradings."""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
import stat
import sys
import threading
from importlib.machinery import all_suffixes
from pathlib import Path
from typing import Any

import pytest
from nbgrader.coursedir import CourseDirectory

from nbjudge.course.course import Course
from nbjudge.course.graded import UNFINISHED
from nbjudge.course.notebooks import graded_cells, read, write
from nbjudge.course.submission_secret import SECRET
from nbjudge.course.untrusted_folder import NotOpenedError, UntrustedFolder
from nbjudge.intake.grading_lock import GradingLock
from nbjudge.intake.submission_folder import sum_of, take
from tests.support import commands, short_course
from tests.support.gradebooks import scores
from tests.support.short_course import NAME, ROOT, nbgrader

LONG = ["d" * 255, "d" * 239 + "ä" + "d" * 14]
"""Names as long as a name can be, in bytes."""
KEPT = "The file of_ada.txt was set aside: it is a link."
FOREIGN = "<img src=x onerror=alert(1)>"
FOLDERS = {"source_directory": "instructor", "submitted_directory": "work/handed_in", "autograded_directory": "done"}


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released")
    short_course.make(folder)
    return folder


def hand_in(released: Path, folder: Path) -> None:
    """The students' version with right answers."""
    notebook, source = read(released / "release/ex04" / NAME), graded_cells(read(released / "source/ex04" / NAME))
    for name, cell in graded_cells(notebook).items():
        if cell.metadata.nbgrader.solution:
            cell.source = source[name].source
    write(notebook, folder / NAME)


def total(course: Path, student: str) -> float:
    return sum(scores(course, "ex04")[1][student].values())


@pytest.mark.parametrize("command", ["nbgrader", "course"])
def test_the_folders_may_have_other_names(released: Path, tmp_path: Path, command: str) -> None:
    shutil.copy(released / "gradebook.db", tmp_path)
    shutil.copytree(released / "source", tmp_path / "instructor")
    submission = tmp_path / "work/handed_in/ada/ex04"
    hand_in(released, submission)
    (submission / NAME).rename(submission / "a.ipynb")
    (submission / "link").symlink_to("/etc/passwd")
    options = [f"--CourseDirectory.{trait}={name}" for trait, name in FOLDERS.items()]
    if command == "nbgrader":
        done = nbgrader(tmp_path, "autograde", *options)
    else:
        words = [sys.executable, "-m", "nbjudge", "autograde", "ex04", "--jobs=1", f"--root={tmp_path}", "--", *options]
        done = commands.run(words, ROOT)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert total(tmp_path, "ada") == 20
    intake = read(tmp_path / "done/ada/ex04" / NAME).metadata["intake"]
    assert [repair["text"] for repair in intake["repaired"]] == [
        "The file link was set aside: it is a link.",
        f"The file a.ipynb was graded as {NAME}. Please keep the name of the notebook.",
    ]
    assert sorted(path.name for path in submission.iterdir()) == ["a.ipynb", "link"]  # as it was handed in
    assert not (tmp_path / "autograded").exists()


@pytest.fixture(scope="module")
def course(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Several submissions with right answers, graded in one run."""
    root = tmp_path_factory.mktemp("folders")
    shutil.copytree(released, root, dirs_exist_ok=True)
    folders = {}
    for student in ("named", "kept", "marked", "long", "killed", "going_on", "neighbour"):
        folders[student] = root / "submitted" / student / "ex04"
        hand_in(released, folders[student])

    (folders["named"] / "of_ada_lovelace").symlink_to("/etc/passwd")
    kept = Course(CourseDirectory(root=str(root))).repairs("kept", "ex04")
    kept.parent.mkdir(parents=True)
    kept.write_text(
        json.dumps({"notebooks": [hashlib.sha256((folders["kept"] / NAME).read_bytes()).hexdigest()], "said": [KEPT]})
    )
    notebook = json.loads((folders["marked"] / NAME).read_text())
    mark = {"nbgrader": {"grade_id": FOREIGN}}
    for text in ("x = 1", " y = 2"):
        notebook["cells"].append({"cell_type": "code", "metadata": mark, "source": text, "id": "mine", "outputs": []})
    (folders["marked"] / NAME).write_text(json.dumps(notebook))
    for name in LONG:
        (folders["long"] / name).symlink_to("/etc/passwd")
    notebook = read(folders["killed"] / NAME)
    notebook.metadata[UNFINISHED] = True
    for student in ("killed", "going_on"):
        write(notebook, root / "autograded" / student / "ex04" / NAME)
    lock = GradingLock(root / ".grading/ex04/locks/going_on")
    with UntrustedFolder.at(folders["killed"]) as folder:  # whoever can read a folder can lock it
        fcntl.flock(folder.descriptor, fcntl.LOCK_EX)
        done = nbgrader(root, "autograde")
    lock.release()
    (root / "log").write_text(f"{done.stderr}exit code {done.returncode}")
    return root


def graded(course: Path, student: str) -> Path:
    return course / "autograded" / student / "ex04"


def repairs(course: Path, student: str) -> list[dict[str, str]]:
    return read(graded(course, student) / NAME).metadata.get("intake", {}).get("repaired", [])


def test_in_general_a_repair_names_no_file_of_a_student(course: Path) -> None:
    (repair,) = repairs(course, "named")
    assert repair["text"] == "The file of_ada_lovelace was set aside: it is a link."
    assert repair["general"] == "A file was set aside: it is a link."


def test_what_version_1_0_kept_is_still_said(course: Path) -> None:
    (repair,) = repairs(course, "kept")
    assert repair["text"] == KEPT
    assert "of_ada" not in repair["general"]


def test_a_mark_that_is_not_ours_is_quoted_nowhere(course: Path) -> None:
    """It can be any text, and what was put right is shown on pages."""
    assert repairs(course, "marked") == []
    assert FOREIGN not in (graded(course, "marked") / NAME).read_text()
    assert total(course, "marked") == 20


def test_links_with_long_names_are_not_copied(course: Path) -> None:
    assert [path.name for path in graded(course, "long").iterdir()] == [NAME]
    assert total(course, "long") == 20


def test_a_submission_that_cannot_be_copied_costs_its_own_grade_only(released: Path, tmp_path: Path) -> None:
    shutil.copytree(released, tmp_path, dirs_exist_ok=True)
    hand_in(released, tmp_path / "submitted/neighbour/ex04")
    (tmp_path / "submitted/stuck").mkdir()
    (tmp_path / "submitted/stuck/ex04").touch()  # where a folder has to be
    words = [sys.executable, "-m", "nbjudge", "autograde", "ex04", "--jobs=1", f"--root={tmp_path}"]
    done = commands.run(words, ROOT)
    assert done.returncode == 1
    assert "no grade  stuck: what was handed in can't be copied: Not a directory." in done.stderr
    assert total(tmp_path, "neighbour") == 20


def test_a_copy_that_cannot_be_opened_is_as_if_it_was_not_there(
    released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(released, tmp_path / "submitted/ada/ex04")
    folder, closed = tmp_path / "submitted/ada/ex04", "1_simple_classifier (1).ipynb"
    (folder / NAME).rename(folder / closed)
    for name in ("source", "release"):
        shutil.copytree(released / name, tmp_path / name)
    (tmp_path / "copy").mkdir()
    read_it = UntrustedFolder.read

    def read_others(self: UntrustedFolder, name: str, *rest: Any) -> tuple[str, int]:
        if name == closed:
            raise NotOpenedError(errno.EACCES, "Permission denied", name)
        return read_it(self, name, *rest)

    monkeypatch.setattr(UntrustedFolder, "read", read_others)
    taken = take(Course(CourseDirectory(root=str(tmp_path))), "ada", "ex04", tmp_path / "copy")
    assert (tmp_path / "copy" / NAME).read_bytes() == b""  # which is refused, with a sentence for the student
    assert not taken.repairs


@pytest.mark.parametrize("others", [0, 12])
def test_a_copy_that_changes_is_another_submission(released: Path, tmp_path: Path, others: int) -> None:
    """It may be what is graded. Its size and its time can be set."""
    hand_in(released, tmp_path / "submitted/ada/ex04")
    folder, copy = tmp_path / "submitted/ada/ex04", tmp_path / "submitted/ada/ex04/1_simple_classifier (1).ipynb"
    (folder / NAME).rename(copy)
    for number in range(others):  # older ones, whose names come first
        shutil.copy(copy, folder / f"1_simple_classifier (0{number}).ipynb")
        os.utime(folder / f"1_simple_classifier (0{number}).ipynb", (10**9, 10**9))
    shutil.copytree(released / "source", tmp_path / "source")
    course, about = Course(CourseDirectory(root=str(tmp_path))), copy.stat()
    before = sum_of(course, "ada", "ex04")
    copy.write_bytes(copy.read_bytes()[:-2] + b" \n")
    os.utime(copy, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert copy.stat().st_size == about.st_size
    assert sum_of(course, "ada", "ex04") != before


@pytest.mark.parametrize("ending", ["ipynb", "ipynb.txt", "json"])
def test_another_order_of_copies_in_time_is_another_submission(released: Path, tmp_path: Path, ending: str) -> None:
    """The newest one is graded, whatever it is called."""
    folder = tmp_path / "submitted/ada/ex04"
    hand_in(released, folder)
    stem = NAME.removesuffix(".ipynb")
    first, second = folder / f"{stem}.{ending}", folder / f"{stem} (1).{ending}"
    (folder / NAME).rename(first)
    second.write_bytes(first.read_bytes() + b"\n")
    shutil.copytree(released / "source", tmp_path / "source")
    course, sums = Course(CourseDirectory(root=str(tmp_path))), set()
    for times in [(10**9, 2 * 10**9), (2 * 10**9, 10**9)]:
        for path, time in zip((first, second), times, strict=True):
            os.utime(path, (time, time))
        sums.add(sum_of(course, "ada", "ex04"))
    assert len(sums) == 2


def test_what_a_killed_grading_left_is_graded_anew_unless_somebody_is_at_it(course: Path) -> None:
    log = (course / "log").read_text()
    assert "killed: an earlier grading was interrupted; it starts anew." in log
    assert "going_on: an earlier" not in log
    assert UNFINISHED not in read(graded(course, "killed") / NAME).metadata
    assert UNFINISHED in read(graded(course, "going_on") / NAME).metadata
    assert total(course, "killed") == 20


def test_what_is_wrong_with_many_files_is_said_once(released: Path, tmp_path: Path) -> None:
    folder, copy = tmp_path / "submitted/ada/ex04", tmp_path / "copy"
    hand_in(released, folder)
    shutil.copytree(released / "source", tmp_path / "source")
    copy.mkdir()
    for number in range(300):
        (folder / f"a{number:03}.txt").touch()
        (folder / f"b{number:03}").symlink_to("a000.txt")
        os.mkfifo(folder / f"c{number:03}")
    taken = take(Course(CourseDirectory(root=str(tmp_path))), "ada", "ex04", copy)
    assert [repair.text for repair in taken.repairs] == [
        "The file a200.txt and 99 more were set aside: there are more than 200 files.",
        "The file b000 and 299 more were set aside: it is a link.",
        "The file c000 and 299 more were set aside: it is no ordinary file.",
    ]


def autograde(course: Path, command: str) -> None:
    if command == "nbgrader":
        done = nbgrader(course, "autograde")
    else:
        words = [sys.executable, "-m", "nbjudge", "autograde", "ex04", "--jobs=1", f"--root={course}"]
        done = commands.run(words, ROOT)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", ["nbgrader", "course"])
def test_no_configuration_of_a_student_is_copied(released: Path, tmp_path: Path, command: str) -> None:
    """formgrader would obey it, if somebody followed an address that names the folder."""
    shutil.copytree(released, tmp_path, dirs_exist_ok=True)
    submission = tmp_path / "submitted/ada/ex04"
    hand_in(released, submission)
    bad = {"nbgrader_config.py", "nbgrader_config.json", "jupyter_config.py", "jupyter_config.json", "HEAD"}
    bad |= {"jupyter_lab_config.json", "ipython_config.py", "NbGrader_Config.py"}
    bad |= {".git/config", "inside/jupyter_config.py"}
    for folder in ("inside", ".git"):
        (submission / folder).mkdir()
    for name in (*bad, "data.csv", "my_config.py"):
        (submission / name).write_text("1 / 0")
    autograde(tmp_path, command)
    assert {NAME, "data.csv", "my_config.py.handed-in.txt"} <= {*os.listdir(tmp_path / "autograded/ada/ex04")}
    assert not bad & {
        str(path.relative_to(tmp_path / "autograded/ada/ex04")) for path in tmp_path.rglob("autograded/*/ex04/**/*")
    }
    assert total(tmp_path, "ada") == 20


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no rights of others in this form")
@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared"])
@pytest.mark.parametrize("command", ["nbgrader", "course"])
def test_nobody_else_reads_a_secret_while_its_owner_is_graded(
    released: Path, tmp_path: Path, command: str, shared: bool
) -> None:
    shutil.copytree(released, tmp_path, dirs_exist_ok=True)
    with (tmp_path / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.groupshared = {shared}\n")
    submission, graded = tmp_path / "submitted/ada/ex04", tmp_path / "autograded/ada/ex04"
    hand_in(released, submission)
    (submission / SECRET).write_text("x" * 128)
    looks = []

    def look() -> None:
        while not is_over.wait(0.001):
            with contextlib.suppress(OSError):  # it isn't there yet
                looks.append(min(place.stat().st_mode & 0o007 for place in (graded, graded / SECRET, graded)))

    is_over = threading.Event()
    looking = threading.Thread(target=look)
    looking.start()
    try:
        autograde(tmp_path, command)
    finally:
        is_over.set()
        looking.join()
    assert looks
    assert not any(looks)
    assert stat.S_IMODE(graded.stat().st_mode) & 0o7777 == (0o2775 if shared else 0o755)


@pytest.mark.parametrize("command", ["nbgrader", "course"])
def test_no_module_of_a_student_is_found_beside_a_graded_notebook(released: Path, tmp_path: Path, command: str) -> None:
    """Jupyter would run it when somebody opens the notebook. In the sandbox, the student's notebook imports it.

    Nor is what is hidden, which programs take for settings.
    """
    shutil.copytree(released, tmp_path, dirs_exist_ok=True)
    submission, folder = tmp_path / "submitted/ada/ex04", tmp_path / "autograded/ada/ex04"
    hand_in(released, submission)
    notebook = read(submission / NAME)
    answer = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution"))
    answer.source = f"""import helper, package.inner
assert helper.x == package.inner.x == 1
assert open('.pdbrc').read() == open('.hg/hgrc').read() == 'x = 1'
{answer.source}"""
    write(notebook, submission / NAME)
    for name in ("package", ".hg", "helper.py.handed-in.txt"):  # the last one would lie in the place of a module
        (submission / name).mkdir()
    modules = ["helper.py", "storemagic.py", "Ctags.PY", "jedi.so", "package/__init__.py", "package/inner.py"]
    modules += ["report.html", "plot.svg"]  # which formgrader would give to the browser as pages of the server
    for name in (*modules, "matplotlibrc", ".pdbrc", ".hg/hgrc", "helper.py.handed-in.txt/x"):
        (submission / name).write_text("x = 1")
    (submission / f"{'a' * 250}.py").write_text("")
    autograde(tmp_path, command)
    assert total(tmp_path, "ada") == 20
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert {f"{name}.handed-in.txt" for name in modules} <= there
    endings = tuple(all_suffixes())
    assert not [name for name in there if name.lower().endswith(endings)]
    assert "matplotlibrc.handed-in.txt" in there
    assert "matplotlibrc" not in there
    assert {".pdbrc.handed-in.txt", ".hg.handed-in.txt/hgrc.handed-in.txt"} <= there
    assert "helper.py.handed-in.txt.handed-in.txt/x.handed-in.txt" in there
    assert {path.name for path in folder.glob(".*")} == {".pdbrc.handed-in.txt", ".hg.handed-in.txt"}
