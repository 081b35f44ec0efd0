"""The two libraries as a wheel: what is in it, and that a course made with it alone works from end to end.

It takes a minute of processor time, as nothing is spared here: each command starts its own Python, as for a stranger.
"""

import csv
import re
import shlex
import zipfile
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.wheel import LIBRARIES, Environment, build

NOTEBOOK = "1_mean_squared_error.ipynb"
STUB = 'raise NotImplementedError(\\"replace this line by your code\\")'
ANSWER = "loss = np.mean((y_out - y_truth) ** 2)"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("stranger") / "env", wheel)


@pytest.fixture(scope="module")
def course(environment: Environment) -> Path:
    """A new course."""
    folder = environment.folder.parent / "my-course"
    done = environment.run("course", "init", "my-course", cwd=folder.parent)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("Next: cd my-course")
    return folder


def readme(course: Path, heading: str) -> list[str]:
    """The commands below a heading of the course's README."""
    text = (course / "README.md").read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [line.partition("#")[0].strip() for line in re.findall(r"^    (.+)$", text, re.MULTILINE)]


def run(environment: Environment, course: Path, line: str) -> str:
    done = environment.run(*shlex.split(line), cwd=course)
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    assert not re.search("warning|traceback", done.stderr, re.IGNORECASE), f"{line}\n{done.stderr}"
    return done.stdout


def test_it_holds_both_libraries_and_nothing_else(wheel: Path) -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for library in LIBRARIES
        for path in (ROOT / library).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    about = wheel.name.removesuffix("-py3-none-any.whl") + ".dist-info"
    names = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE", "top_level.txt")
    assert set(zipfile.ZipFile(wheel).namelist()) == files | {f"{about}/{name}" for name in names}


def test_it_is_found_in_its_own_environment_and_this_repository_isnt(environment: Environment) -> None:
    code = """
from importlib.util import find_spec
print(*(find_spec(name).origin for name in ("nbprobe", "nbjudge")))
print(*(find_spec(name) for name in ("exercise_code", "misconceptions", "sample_class")))
"""
    done = environment.run("python", "-c", code, cwd=environment.folder)
    ours, foreign = done.stdout.splitlines()
    assert all(Path(path).is_relative_to(environment.folder) for path in ours.split())
    assert foreign == "None None None"


def test_a_new_course_has_what_it_needs(course: Path, wheel: Path) -> None:
    assert f"\n./wheels/{wheel.name}\n" in (course / "requirements.txt").read_text()
    assert (course / "wheels" / wheel.name).read_bytes() == wheel.read_bytes()
    texts = "".join(
        path.read_text() for path in course.rglob("*") if path.is_file() and path.suffix not in (".whl", ".pyc")
    )
    assert "://" not in texts
    assert "{{" not in texts


def test_a_course_without_an_exercise_shows_an_example(environment: Environment, course: Path) -> None:
    said = run(environment, course, readme(course, "The first exercise")[0])
    assert "without isolation" not in said
    rows = [line.split("\t") for line in said.splitlines() if "\tgraded\t" in line]
    assert [row[2:5] for row in rows] == [
        *(["2", "2", "4"], ["0", "0", "0"], ["2", "0", "2"]),  # everything right, nothing done, the first task
        *(["0", "2", "2"],) * 3,  # a syntax error, an error, a misconception in the first task
        ["2", "0", "2"],  # one in the second
    ]
    assert not list((course / "source").glob("*/*"))


def test_what_its_readme_says_of_the_first_exercise_works(environment: Environment, course: Path) -> None:
    new, demo, test, *after_a_change = readme(course, "The first exercise")[1:]
    assert (new, demo, test, after_a_change[-1]) == ("course new ex01", "make demo", "make test", test)
    said = [run(environment, course, new)]
    notebook = course / "source/ex01" / NOTEBOOK  # something of the course's own is imported
    notebook.write_text(notebook.read_text().replace("import numpy as np", "import numpy as np, exercise_code.data"))
    (course / "exercise_code/data.py").write_text("SIZE = 40\n")
    said += [run(environment, course, line) for line in after_a_change]
    assert "The solution earns 4 of 4 points" in said[4]
    assert "3 passed" in said[5]


def test_what_its_readme_says_of_a_term_works(environment: Environment, course: Path) -> None:
    lines = readme(course, "A term")
    released = (course / "release/ex01" / NOTEBOOK).read_text()
    with zipfile.ZipFile(course / "download.zip", "w") as download:
        download.writestr(f"amira/{NOTEBOOK}", released.replace(STUB, ANSWER, 1))
        download.writestr(f"ben/{NOTEBOOK}", released.replace(STUB, "loss = 2", 1))
    for line in lines:
        run(environment, course, line)
    with open(course / "grades.csv", newline="") as file:
        assert {row["student_id"]: row["score"] for row in csv.DictReader(file)} == {"amira": "2", "ben": "0"}
    with zipfile.ZipFile(course / "ex01.zip") as students:
        assert {"exercise_code/data.py", "nbprobe/probe.py"} <= {name[5:] for name in students.namelist()}
    assert "You added up" not in (course / "feedback/amira/ex01" / NOTEBOOK).with_suffix(".html").read_text()
    assert (course / "report-ex01.html").is_file()
