"""`course bundle`: what students unpack is complete, theirs alone, and the same every time."""

import json
import re
import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from nbjudge.authoring.bundle import bundle
from nbjudge.authoring.errors import ReleaseError
from nbjudge.authoring.exercise import Exercise
from nbjudge.cli import main
from nbjudge.course.notebooks import read
from tests.support import ROOT
from tests.support.exercises import exercise_in

INSTRUCTORS = ("nbjudge", "typer", "rich", "latex2mathml")


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
    packages = [
        str(path.relative_to(ROOT)) for name in ("exercise_code", "nbprobe") for path in (ROOT / name).rglob("*.py")
    ]
    others = [
        "exercise_code/tumours.csv",
        "1_simple_classifier.checks.json",
        "1_simple_classifier.ipynb",
        "LICENSE",
        "LICENSE-TEXT",
        "README.md",
        "environment.yml",
        "requirements.txt",
        "settings/overrides.json",
        "settings/page_config.json",
    ]
    with zipfile.ZipFile(archive) as file:
        assert file.namelist() == sorted(f"ex04/{name}" for name in [*packages, *others])


def copy_parts(folder: Path) -> None:
    """A copy of what goes into the zip."""
    for name in ("source", "release", "exercise_code", "nbprobe", "docs"):
        ignore = shutil.ignore_patterns("__pycache__", "images")
        shutil.copytree(ROOT / name, folder / name, ignore=ignore, copy_function=shutil.copyfile)
    for name in ("LICENSE", "LICENSE-TEXT", "requirements-students.txt", "nbgrader_config.py"):
        shutil.copyfile(ROOT / name, folder / name)


def test_is_the_same_every_time_whoever_makes_it_and_when(archive: Path, tmp_path: Path) -> None:
    copy_parts(tmp_path)
    (tmp_path / "release/ex04/1_simple_classifier.ipynb").chmod(0o600)
    (tmp_path / "release/ex04/.ipynb_checkpoints").mkdir(exist_ok=True)
    (tmp_path / "release/ex04/.ipynb_checkpoints/old.ipynb").write_text("{}")
    bundle([exercise_in(tmp_path, "ex04")], tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()
    with zipfile.ZipFile(archive) as file:
        assert {entry.date_time for entry in file.infolist()} == {(2026, 1, 1, 0, 0, 0)}
        assert {entry.external_attr >> 16 for entry in file.infolist()} == {0o100644}


def run_in(folder: Path, notebook: NotebookNode) -> None:
    """Run a notebook in a fresh kernel."""
    arguments, place = ["--IPKernelApp.log_level=ERROR"], {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=60, extra_arguments=arguments, resources=place).execute()


def test_notebook_runs_beside_its_packages_without_those_of_instructors(
    unpacked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TQDM_DISABLE", "1")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    notebook = read(unpacked / "1_simple_classifier.ipynb")
    blocked = f"import sys\nfor name in {INSTRUCTORS}:\n    sys.modules[name] = None"
    notebook.cells.insert(0, new_code_cell(blocked))
    notebook.cells.append(
        new_code_cell("import exercise_code, nbprobe\nprint(exercise_code.__path__[0], nbprobe.__path__[0], sep='\\n')")
    )
    run_in(unpacked, notebook)
    printed = "".join(output.text for output in notebook.cells[-1].outputs)  # in pieces, where the machine is busy
    imported = [Path(line) for line in printed.splitlines()]
    assert imported == [(unpacked / package).resolve() for package in ("exercise_code", "nbprobe")]
    stubs = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    assert sum(cell.source.count('raise NotImplementedError("replace this line by your code")') for cell in stubs) == 7
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output.evalue for output in outputs if "evalue" in output]
    assert sum("is not implemented yet" in output.get("text", "") for output in outputs) == 7


def test_in_colab_the_set_up_cell_says_what_to_upload_and_that_is_enough(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Colab opens the notebook alone, in a folder where none of its files are."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    notebook = read(ROOT / "release/ex04/1_simple_classifier.ipynb")
    alone = "import pathlib, sys\n"
    alone += "sys.path = [place for place in sys.path if not (place and (pathlib.Path(place) / 'nbprobe').exists())]\n"
    alone += "sys.meta_path = [finder for finder in sys.meta_path if 'Editable' not in repr(finder)]"
    setup, answer, check = (
        next(cell for cell in notebook.cells if cell.id == name) for name in ("setup", "bce", "test-bce-forward")
    )
    setup.metadata["tags"] = ["raises-exception"]
    notebook.cells = [new_code_cell(alone), setup]
    run_in(tmp_path, notebook)
    (said,) = (output.traceback for output in setup.outputs)
    assert len(said) == 1
    assert said[0].startswith("Set-up: No module named 'exercise_code'.")
    assert "In Google Colab, first upload the zip and run" in said[0]

    shutil.copy(archive, tmp_path)
    unzip, change = re.findall(r"`(.+?)`", said[0])
    assert unzip == "!unzip -o ex04.zip"
    unpack = f"{alone}\nimport zipfile\nzipfile.ZipFile('ex04.zip').extractall()"  # not every machine has unzip
    setup.metadata["tags"] = []
    notebook.cells = [new_code_cell(unpack), new_code_cell(change), setup, answer, check]
    run_in(tmp_path, notebook)
    assert not setup.outputs
    assert "BCE.forward is not implemented yet" in "".join(output.text for output in check.outputs)


def test_requirements_are_the_students_lock_and_conda_takes_the_same(unpacked: Path) -> None:
    assert (unpacked / "requirements.txt").read_text() == (ROOT / "requirements-students.txt").read_text()
    environment = (unpacked / "environment.yml").read_text()
    assert environment.startswith("name: simple-classifier\n")
    assert "- -r requirements.txt" in environment
    assert "-e ." not in environment


def test_students_jupyterlab_shows_no_news_and_no_pages_for_instructors(unpacked: Path) -> None:
    """What JupyterLab makes of the folder is in the browser's round."""
    settings = json.loads((unpacked / "settings/overrides.json").read_text())
    assert settings == {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
    disabled = json.loads((unpacked / "settings/page_config.json").read_text())["disabledExtensions"]
    assert "@jupyter/nbgrader:create-assignment" in disabled
    assert not {"@jupyter/nbgrader:assignment-list", "@jupyter/nbgrader:validate-assignment"} & set(disabled)


def test_readme_leads_to_the_notebook_on_every_system(unpacked: Path) -> None:
    text = (unpacked / "README.md").read_text()
    assert text.startswith("# Simple Classifier\n")
    for words in (
        "conda env create -f environment.yml\n",
        "-n simple-classifier jupyter lab --LabApp.app_settings_dir=settings 1_simple_classifier.ipynb\n",
        ".venv/bin/pip install -r requirements.txt\n",
        ".venv/bin/jupyter lab --LabApp.app_settings_dir=settings 1_simple_classifier.ipynb\n",
        r".venv\Scripts\jupyter lab --LabApp.app_settings_dir=settings 1_simple_classifier.ipynb",
        "## Hand in",
        "## When something breaks",
    ):
        assert words in text
    assert "{{" not in text


def test_readme_goes_on_with_the_guide(unpacked: Path) -> None:
    text = (unpacked / "README.md").read_text()
    assert text.endswith(f"\n\n{(ROOT / 'docs/working.md').read_text()}")
    assert "it needs `exercise_code` and `nbprobe`, which lie beside it.\n" in text


@pytest.fixture
def exercise(tmp_path: Path) -> Exercise:
    """A copy of what goes into the zip, to be spoilt."""
    copy_parts(tmp_path)
    return exercise_in(tmp_path, "ex04")


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("docs/working.md", "ex04/README.md"),
        ("LICENSE", "ex04/LICENSE"),
        ("exercise_code/loss.py", "exercise_code/loss.py"),
        ("nbprobe/probe.py", "ex04/nbprobe/probe.py"),
        ("release/ex04/1_simple_classifier.ipynb", "bce"),
    ],
)
def test_a_leak_anywhere_leaves_no_zip(path: str, named: str, exercise: Exercise) -> None:
    file = exercise.root / path
    text = file.read_text()
    mark = "# TODO (task 1)"
    file.write_text(text.replace(mark, f"{LEAK} {mark}") if mark in text else f"{text}\n# {LEAK}\n")
    with pytest.raises(ReleaseError) as caught:
        bundle([exercise], exercise.root / "ex04.zip")
    assert any(named in reason for reason in caught.value.reasons)
    assert not (exercise.root / "ex04.zip").exists()


LEAK = "gradient = -y_truth / p + (1 - y_truth) / (1 - p)"


def test_an_old_release_is_refused(exercise: Exercise) -> None:
    path = exercise.source_notebook
    path.write_text(path.read_text().replace("A lump was found.", "A lump was found today."))
    with pytest.raises(ReleaseError, match="cell title: the text in the release isn't the visible part of source/"):
        bundle([exercise], exercise.root / "ex04.zip")


def test_somebody_elses_file_is_not_overwritten(exercise: Exercise) -> None:
    target = exercise.root / "ex04.zip"
    target.write_text("thesis")
    with pytest.raises(ReleaseError, match="was not made by this command"):
        bundle([exercise], target)
    assert target.read_text() == "thesis"


def test_a_course_says_itself_what_its_students_get(exercise: Exercise) -> None:
    root = exercise.root
    (root / "helpers").mkdir()
    (root / "helpers/__init__.py").write_text("x = 1\n")
    (root / "helpers/numbers.txt").write_text("1 2 3\n")
    (root / "rules.txt").write_text("Work alone.\n")
    with (root / "nbgrader_config.py").open("a") as config:
        config.write(
            'c.Bundle.packages = ["exercise_code", "helpers"]\nc.Bundle.data = [".csv", ".txt"]\n'
            'c.Bundle.files = ["rules.txt"]\nc.Bundle.guide = ""\nc.Bundle.environment = ""\n'
        )
    facts = bundle([exercise_in(root, "ex04")], root / "ex04.zip")
    assert any(re.search(r"in exercise_code \(\d+ files\) or in helpers \(2 files\)\.", fact) for fact in facts)
    with zipfile.ZipFile(root / "ex04.zip") as file:
        names = set(file.namelist())
        readme = file.read("ex04/README.md").decode()
        assert file.read("ex04/environment.yml").startswith(b"name: ex04\n")
    assert {"ex04/helpers/__init__.py", "ex04/helpers/numbers.txt", "ex04/rules.txt", "ex04/nbprobe/probe.py"} <= names
    assert "ex04/LICENSE" not in names
    assert "`exercise_code`, `helpers` and `nbprobe`, which lie beside it" in readme
    assert readme.rstrip().splitlines()[-1].startswith("| no browser opens |")


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ('packages = ["nowhere"]', "there is no package nowhere, which c.Bundle.packages names; students need it."),
        ("data = []", "exercise_code/tumours.csv doesn't belong there; students would get it."),
        ('files = ["RULES"]', "RULES is missing in the course folder; students need it."),
    ],
)
def test_a_part_that_is_missing_or_not_expected_is_named(setting: str, sentence: str, exercise: Exercise) -> None:
    with (exercise.root / "nbgrader_config.py").open("a") as config:
        config.write(f"c.Bundle.{setting}\n")
    with pytest.raises(ReleaseError, match=f"^{re.escape(sentence)}$"):
        bundle([exercise_in(exercise.root, "ex04")], exercise.root / "ex04.zip")
    assert not (exercise.root / "ex04.zip").exists()
