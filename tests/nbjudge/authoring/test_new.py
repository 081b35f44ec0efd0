"""`course new`: an exercise of its own from the first minute, in a course that has nothing but its configuration."""

import errno
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from nbjudge.authoring.exercise_templates import FIRST, TEMPLATES
from nbjudge.authoring.new import NewExerciseError, create
from nbjudge.authoring.rename import RenameError, rename
from nbjudge.commands.new import new
from nbjudge.course.errors import CourseError
from nbjudge.course.notebooks import graded_cells, read, write
from tests.support import ROOT, commands
from tests.support.exercises import course_in
from tests.support.gradebooks import scores
from tests.support.terminals import in_a_terminal

NOTEBOOK = "1_mean_squared_error.ipynb"
RIGHT = "loss = np.mean((y_out - y_truth) ** 2)"
GRADIENT = "gradient = 2 * (y_out - y_truth) / y_out.size"
MISTAKE = "loss = np.sum((y_out - y_truth) ** 2)"
SENTENCE = "You added up the squared errors. Take their mean, or more samples would always look worse."


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess:
    """A command of Python's, in the course folder."""
    return subprocess.run([sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of its own: no ex04, no package for students; style and options of pytest are those of this one."""
    folder = tmp_path_factory.mktemp("new") / "course"
    folder.mkdir()
    for name in ("nbgrader_config.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write("c.Bundle.packages = []\n")
    return folder


@pytest.fixture(scope="module")
def made(course: Path) -> subprocess.CompletedProcess:
    return run("nbjudge", "new", "ex05", cwd=course)


@pytest.fixture(scope="module")
def graded(course: Path, made: subprocess.CompletedProcess) -> str:
    """Three submissions, graded, with feedback; nbgrader's log without INFO."""
    stub = 'raise NotImplementedError("replace this line by your code")'
    for student, loss, gradient in (("right", RIGHT, GRADIENT), ("mistaken", MISTAKE, GRADIENT), ("stub", stub, stub)):
        notebook = read(course / "release/ex05" / NOTEBOOK)
        for name, answer in (("mse", loss), ("mse_gradient", gradient)):
            cell = graded_cells(notebook)[name]
            assert stub in cell.source
            cell.source = cell.source.replace(stub, answer)
            if (student, name) == ("mistaken", "mse_gradient"):
                cell.id = "mine"
                del cell.metadata["nbgrader"]
        write(notebook, course / "submitted" / student / "ex05" / NOTEBOOK)
    log = ""
    for command in ("autograde", "generate_feedback"):
        done = run("nbgrader", command, "ex05", cwd=course)
        assert done.returncode == 0, done.stderr
        log += done.stderr
    return "\n".join(line for line in log.splitlines() if "| INFO]" not in line)


def test_it_says_what_it_made_and_what_comes_next(course: Path, made: subprocess.CompletedProcess) -> None:
    assert made.returncode == 0, made.stderr
    assert made.stderr == ""
    printed = [line.removeprefix("  made ") for line in made.stdout.splitlines() if line.startswith("  made ")]
    assert printed == [
        f"source/ex05/{NOTEBOOK}",
        "misconceptions/ex05.py",
        "tests/test_ex05.py",
        f"release/ex05/{NOTEBOOK}",
    ]
    assert all((course / path).is_file() for path in printed)
    assert [line[2:5] for line in made.stdout.partition("Next:\n")[2].splitlines()] == ["1. ", "2. ", "3. ", "4. "]
    assert "ex00" not in "".join((course / path).read_text() for path in printed)
    assert (course / "gradebook.db").stat().st_mode & 0o077 == 0  # who may read it may lock it


def test_the_points_are_right_and_the_misconception_is_named(course: Path, graded: str) -> None:
    lost = "mistaken: The cell mse_gradient had lost its mark; it was recognised by what it holds."
    assert [line.partition("] ")[2] for line in graded.splitlines()] == [lost]
    maximum, students = scores(course, "ex05")
    assert maximum == {"test_mse": 2, "test_mse_gradient": 2}
    assert {student: list(points.values()) for student, points in students.items()} == {
        "right": [2, 2],
        "mistaken": [0, 2],
        "stub": [0, 0],
    }
    for student, total, named in (("right", 4, False), ("mistaken", 2, True), ("stub", 0, False)):
        page = (course / "feedback" / student / "ex05" / NOTEBOOK).with_suffix(".html").read_text()
        assert f"{total} of 4 points" in page
        assert (SENTENCE in page) == named


def test_it_is_laid_out_like_every_source_notebook(course: Path, made: subprocess.CompletedProcess) -> None:
    notebook = read(course / "source/ex05" / NOTEBOOK)
    assert notebook.metadata == read(ROOT / "source/ex04/1_simple_classifier.ipynb").metadata
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


def test_what_is_there_stays(course: Path, made: subprocess.CompletedProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    def everything() -> dict[Path, bytes]:
        folders = ("source", "release", "tests", "misconceptions")
        files = (path for folder in folders for path in (course / folder).rglob("*") if "__pycache__" not in path.parts)
        return {path: path.read_bytes() for path in files if path.is_file()}

    (course / "misconceptions/ex07").mkdir()
    (course / "tests/test_ex08.py").symlink_to("nowhere.py")
    before = everything()
    monkeypatch.chdir(course)
    with pytest.raises(CourseError, match="source/ex05 exists already, and nothing was changed; choose another name"):
        new("ex05", "")
    for name, there in (("ex07", "misconceptions/ex07"), ("ex08", r"tests/test_ex08\.py")):
        with pytest.raises(NewExerciseError, match=f"^{there} exists already"):
            create(name, course_in(course))
    assert everything() == before


@pytest.mark.parametrize("name", ["Ex05", "5ex", "ex-05", "../ex05", "class", "", "e" * 41, "übung", "ex05\n"])
def test_names_that_will_not_do(name: str, course: Path) -> None:
    with pytest.raises(NewExerciseError, match="can't be the name of an exercise"):
        create(name, course_in(course))


def test_where_the_configuration_puts_source_there_it_goes(tmp_path: Path) -> None:
    config = (
        "import nbjudge\n\nc = get_config()\nnbjudge.configure(c)\nc.CourseDirectory.source_directory = 'instructor'\n"
    )
    (tmp_path / "nbgrader_config.py").write_text(config)
    assert str(create("ex06", course_in(tmp_path))[0]) == f"instructor/ex06/{NOTEBOOK}"
    assert (tmp_path / "instructor/ex06" / NOTEBOOK).is_file()


def test_a_course_with_an_engine_of_its_own_is_left_to_that_one(tmp_path: Path) -> None:
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    (tmp_path / "nbjudge").mkdir()
    with pytest.raises(NewExerciseError, match="this command belongs to the course in"):
        create("ex06", course_in(tmp_path))
    assert not (tmp_path / "source").exists()


def test_outside_of_a_course_nothing_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CourseError, match="go to the course folder first"):
        new("ex06", "")
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def from_templates(course: Path, made: subprocess.CompletedProcess) -> dict[str, str]:
    """The names of exercises in the course, one of each template."""
    names = {template: f"{template}_1" for template in TEMPLATES if template != FIRST} | {FIRST: "ex05"}
    for template, name in names.items():
        if template != FIRST:
            done = commands.run([sys.executable, "-m", "nbjudge", "new", name, "--template", template], course)
            assert done.returncode == 0, done.stderr
    return names


@pytest.mark.parametrize("template", TEMPLATES)
def test_of_every_template_nothing_is_wrong(template: str, course: Path, from_templates: dict[str, str]) -> None:
    done = commands.run([sys.executable, "-m", "nbjudge", "check", from_templates[template], "--json"], course)
    said = json.loads(done.stdout)
    assert (done.returncode, said["mistakes"], said["doubts"]) == (0, [], []), said


def test_a_scratch_variable_with_a_name_of_the_tests_costs_nothing(
    course: Path, from_templates: dict[str, str]
) -> None:
    """The check and the hidden tests of each task import what they need."""
    for name in from_templates.values():
        (source,) = (course / "source" / name).glob("*.ipynb")
        notebook, right = read(course / "release" / name / source.name), graded_cells(read(source))
        cells = []
        for cell in notebook.cells:
            about = cell.metadata.get("nbgrader", {})
            if about.get("solution"):
                cell.source = right[about["grade_id"]].source
            elif about.get("grade"):
                cells.append(new_code_cell("check = probe = standin = raised = rng = counts = 3"))
            cells.append(cell)
        notebook.cells = cells
        write(notebook, course / "submitted/scratch" / name / source.name)
        done = run("nbgrader", "autograde", name, "--student=scratch", cwd=course)
        assert done.returncode == 0, done.stderr
        maximum, students = scores(course, name)
        assert students["scratch"] == maximum
        beside = {"metadata": {"path": str(course / "release" / name)}}
        arguments = ["--IPKernelApp.log_level=ERROR"]
        NotebookClient(notebook, timeout=60, extra_arguments=arguments, resources=beside).execute()  # no check fails


def test_their_own_tests_and_stored_outputs_pass(course: Path, from_templates: dict[str, str]) -> None:
    places = [place for name in from_templates.values() for place in (f"source/{name}", f"tests/test_{name}.py")]
    done = run("pytest", "--nbval", "-q", *places, cwd=course)
    assert done.returncode == 0, done.stdout
    cells = [
        read(path).cells for name in from_templates.values() for path in (course / "source" / name).glob("*.ipynb")
    ]
    code = sum(cell.cell_type == "code" for each in cells for cell in each)
    assert f"{code + 2 * len(TEMPLATES)} passed" in done.stdout, done.stdout


def test_style_is_that_of_the_course(course: Path, from_templates: dict[str, str]) -> None:
    forms = ("source/{}", "tests/test_{}.py", "misconceptions/{}.py")
    written = [form.format(name) for name in from_templates.values() for form in forms]
    for command in (("check", *written), ("format", "--check", *written)):
        done = run("ruff", *command, cwd=course)
        assert done.returncode == 0, done.stdout


def test_on_a_terminal_it_asks_what_the_exercise_is_about(course: Path, made: subprocess.CompletedProcess) -> None:
    said = in_a_terminal("new", "asked", cwd=course, typed="7\n2\n")
    assert said.code == 0
    assert "  1. functions with numpy" in said.out
    assert "Type a number from 1 to 3." in said.out
    assert [path.name for path in (course / "source/asked").glob("*.ipynb")] == ["1_newtons_method.ipynb"]


def test_a_template_that_there_is_not_is_one_sentence(course: Path) -> None:
    with pytest.raises(NewExerciseError, match="there is no template 'rust'; there are numpy, class, python"):
        create("ex09", course_in(course), "rust")


def test_a_notebook_is_renamed_with_all_that_belongs_to_it_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nbgrader_config.py").write_text("import nbjudge\nc = get_config()\nnbjudge.configure(c)\n")
    course = course_in(tmp_path)
    create("ex06", course)
    source = course.source("ex06")
    (source / NOTEBOOK).with_suffix(".checks.json").write_text("{}")
    before = sorted(path.name for path in source.iterdir())
    moved = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if path.suffix == ".json":
            raise PermissionError(errno.EACCES, "Permission denied")
        return moved(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(RenameError, match=r"\.checks\.json can't be renamed: Permission denied. Nothing was changed\."):
        rename(course, "ex06", "other")
    assert sorted(path.name for path in source.iterdir()) == before


def test_its_notebook_gets_another_name_with_all_that_belongs_to_it(
    course: Path, made: subprocess.CompletedProcess
) -> None:
    def course_says(*words: str) -> subprocess.CompletedProcess:
        return commands.run([sys.executable, "-m", "nbjudge", *words], course)

    def names() -> list[str]:
        folders = (course / "source/renamed", course / "release/renamed")
        return [path.name for folder in folders for path in sorted(folder.iterdir()) if path.is_file()]

    assert course_says("new", "renamed", "--template", "class").returncode == 0
    assert course_says("rename", "renamed", "2_newton").returncode == 0
    assert names() == ["2_newton.checks.json", "2_newton.ipynb"] * 2
    assert course_says("release", "renamed").returncode == 0
    assert names() == ["2_newton.checks.json", "2_newton.ipynb"] * 2
    for words, said in (
        (("../x",), "'../x' can't be the name of a notebook"),
        (("2_newton",), "source/renamed/2_newton.ipynb exists already, and nothing was changed"),
        (("3", "--of", "1"), "renamed has no notebook 1.ipynb; it has 2_newton.ipynb."),
    ):
        done = course_says("rename", "renamed", *words)
        assert (done.returncode, said in done.stderr) == (1, True), done.stderr
    shutil.copytree(course / "release/renamed", course / "submitted/ada/renamed")
    assert "1 student has handed in renamed already" in course_says("rename", "renamed", "4").stderr
    assert names() == ["2_newton.checks.json", "2_newton.ipynb"] * 2
