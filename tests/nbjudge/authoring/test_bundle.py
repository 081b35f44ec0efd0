"""`course bundle`: what students unpack is complete, theirs alone, and the same every time."""

import ast
import re
import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from nbjudge.authoring.bundle import ROOTS, bundle, requirements
from nbjudge.authoring.exercise import Exercise, ReleaseError
from nbjudge.cli import main
from nbjudge.course.notebooks import read
from tests.support import ROOT

INSTRUCTORS = ("grading", "typer", "rich", "latex2mathml")
IMPORTED_AS = {"IPython": "ipykernel", "sklearn": "scikit-learn"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("bundle") / "ex04.zip"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setattr(sys, "argv", ["course", "bundle", "ex04", "--to", str(target)])
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == 0
    return target


@pytest.fixture(scope="module")
def unpacked(archive: Path) -> Path:
    with zipfile.ZipFile(archive) as file:
        file.extractall(archive.parent)
    return archive.parent / "ex04"


def test_holds_what_students_need_and_nothing_else(archive: Path) -> None:
    package = [f"exercise_code/{path.name}" for path in (ROOT / "exercise_code").glob("*.py")]
    others = [
        "1_simple_classifier.ipynb",
        "LICENSE",
        "LICENSE-TEXT",
        "README.md",
        "environment.yml",
        "requirements.txt",
    ]
    with zipfile.ZipFile(archive) as file:
        assert file.namelist() == sorted(f"ex04/{name}" for name in [*package, *others])


def test_is_the_same_every_time_whoever_makes_it_and_when(archive: Path, tmp_path: Path) -> None:
    for name in ("source", "release", "exercise_code", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name, copy_function=shutil.copyfile)
    for name in ("LICENSE", "LICENSE-TEXT", "environment.yml", "requirements.txt", "nbgrader_config.py"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    (tmp_path / "release/ex04/1_simple_classifier.ipynb").chmod(0o600)
    (tmp_path / "release/ex04/.ipynb_checkpoints").mkdir(exist_ok=True)
    (tmp_path / "release/ex04/.ipynb_checkpoints/old.ipynb").write_text("{}")
    bundle(Exercise.load(tmp_path, "ex04"), tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()
    with zipfile.ZipFile(archive) as file:
        assert {entry.date_time for entry in file.infolist()} == {(2026, 1, 1, 0, 0, 0)}
        assert {entry.external_attr >> 16 for entry in file.infolist()} == {0o100644}


def test_notebook_runs_beside_exercise_code_without_the_instructors_packages(
    unpacked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TQDM_DISABLE", "1")
    notebook = read(unpacked / "1_simple_classifier.ipynb")
    blocked = f"import sys\nfor name in {INSTRUCTORS}:\n    sys.modules[name] = None"
    notebook.cells.insert(0, new_code_cell(blocked))
    notebook.cells.append(new_code_cell("import exercise_code\nprint(exercise_code.__file__)"))
    arguments = ["--IPKernelApp.log_level=ERROR"]
    place = {"metadata": {"path": str(unpacked)}}
    NotebookClient(notebook, timeout=60, extra_arguments=arguments, resources=place).execute()
    assert Path(notebook.cells[-1].outputs[0].text.strip()).parent == (unpacked / "exercise_code").resolve()
    stubs = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    assert sum(cell.source.count('raise NotImplementedError("replace this line by your code")') for cell in stubs) == 7
    said = [output.evalue for cell in notebook.cells for output in cell.get("outputs", []) if "evalue" in output]
    assert len(said) == 7
    assert all("is not implemented yet" in sentence for sentence in said)


def test_everything_that_is_imported_is_among_the_requirements(unpacked: Path) -> None:
    cells = [cell.source for cell in read(unpacked / "1_simple_classifier.ipynb").cells if cell.cell_type == "code"]
    texts = [*cells, *(path.read_text() for path in (unpacked / "exercise_code").glob("*.py"))]
    imported = set()
    for node in (node for text in texts for node in ast.walk(ast.parse(text))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    foreign = imported - set(sys.stdlib_module_names) - {"exercise_code", "__main__"}
    assert {IMPORTED_AS.get(name, name) for name in foreign} <= ROOTS


def test_requirements_are_the_locked_ones_with_hashes_and_none_of_the_instructors(unpacked: Path) -> None:
    text = (unpacked / "requirements.txt").read_text()
    blocks = re.split(r"\n(?=[\w.-]+==)", text.strip())
    lock = (ROOT / "requirements.txt").read_text()
    names = {block.split("==")[0] for block in blocks}
    assert all(block in lock and "--hash=sha256:" in block for block in blocks)
    assert names >= ROOTS | {"scipy", "tornado", "jupyter-server"}
    assert not names & {*INSTRUCTORS, "pytest", "ruff", "distributed"}
    assert "- -r requirements.txt" in (unpacked / "environment.yml").read_text()
    assert "-e ." not in (unpacked / "environment.yml").read_text()


def test_every_requirement_brings_what_it_needs() -> None:
    lock = "a==1 \\\n    --hash=x\n    # via\n    #   b\n    #   pytest\nb==2\n    # via numpy\nnumpy==3\npytest==4\n"
    assert requirements(lock) == "a==1 \\\n    --hash=x\nb==2\nnumpy==3\n"


def test_readme_leads_to_the_notebook_on_every_system(unpacked: Path) -> None:
    text = (unpacked / "README.md").read_text()
    assert text.startswith("# Simple Classifier\n")
    for words in (
        "conda env create -f environment.yml\n",
        "-n simple-classifier jupyter lab 1_simple_classifier.ipynb\n",
        ".venv/bin/pip install -r requirements.txt\n",
        ".venv/bin/jupyter lab 1_simple_classifier.ipynb\n",
        r".venv\Scripts\jupyter lab 1_simple_classifier.ipynb",
        "## Hand in",
        "## When something breaks",
    ):
        assert words in text
    assert "{{" not in text


@pytest.fixture
def course(tmp_path: Path) -> Exercise:
    """A copy of what goes into the zip, to be spoilt."""
    for name in ("source", "release", "exercise_code", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "images"))
    for name in ("LICENSE", "LICENSE-TEXT", "environment.yml", "requirements.txt", "nbgrader_config.py"):
        shutil.copy(ROOT / name, tmp_path)
    return Exercise.load(tmp_path, "ex04")


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("docs/students.md", "ex04/README.md"),
        ("LICENSE", "ex04/LICENSE"),
        ("exercise_code/loss.py", "exercise_code/loss.py"),
        ("release/ex04/1_simple_classifier.ipynb", "bce"),
    ],
)
def test_a_leak_anywhere_leaves_no_zip(path: str, named: str, course: Exercise) -> None:
    file = course.root / path
    text = file.read_text()
    mark = "# TODO (task 1)"
    file.write_text(text.replace(mark, f"{LEAK} {mark}") if mark in text else f"{text}\n# {LEAK}\n")
    with pytest.raises(ReleaseError) as caught:
        bundle(course, course.root / "ex04.zip")
    assert any(named in reason for reason in caught.value.reasons)
    assert not (course.root / "ex04.zip").exists()


LEAK = "gradient = -y_truth / p + (1 - y_truth) / (1 - p)"


def test_an_old_release_is_refused(course: Exercise) -> None:
    path = course.source / course.notebook
    path.write_text(path.read_text().replace("A lump was found.", "A lump was found today."))
    with pytest.raises(ReleaseError, match="cell title: the text in the release isn't the visible part of source/"):
        bundle(course, course.root / "ex04.zip")


def test_somebody_elses_file_is_not_overwritten(course: Exercise) -> None:
    target = course.root / "ex04.zip"
    target.write_text("thesis")
    with pytest.raises(ReleaseError, match="was not made by this command"):
        bundle(course, target)
    assert target.read_text() == "thesis"
