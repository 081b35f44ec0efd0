"""What gets installed: the same versions everywhere, with hashes, from no particular place; for students, no more."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import exercise_code
import nbjudge
from nbjudge import configuration
from tests.support import ROOT, SOURCE

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
ENGINE = tomllib.loads((ROOT / "engine/pyproject.toml").read_text())
PROMISED = ["jupyterlab", "matplotlib", "nbgrader", "nbval", "numpy", "pytest"]
OURS = {"__main__", "exercise_code", "nbjudge", "nbprobe"}


def pins(name: str) -> dict[str, dict[str, set[str]]]:
    """Versions in a lock with their hashes, by package. A package can have one version per Python."""
    packages: dict[str, dict[str, set[str]]] = {}
    for block in re.split(r"\n(?=[\w.\[\]-]+==)", (ROOT / name).read_text()):
        package, version = re.match(r"([\w.-]+)(?:\[[\w,-]+\])?==([^\s;]+)", block).groups()
        packages.setdefault(package, {})[version] = set(re.findall(r"--hash=(sha256:\w{64})", block))
    return packages


LOCK = pins("requirements.txt")
STUDENTS = pins("requirements-students.txt")


def environment() -> tuple[list[str], list[str]]:
    """What pip installs for environment.yml: packages with a version, and what else it says."""
    *_, pip = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    return [line for line in pip["pip"] if "==" in line], [line for line in pip["pip"] if "==" not in line]


def imported_by(*folders: str) -> set[str]:
    """The packages that must be installed for the modules in these folders, by the names that pip knows."""
    names = {
        name.partition(".")[0]
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "templates" not in path.parts
        for name in _imports(ast.parse(path.read_text()))
    }
    known = packages_distributions()
    return {canonicalize_name(known[name][0]) for name in names - sys.stdlib_module_names - OURS}


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module)


def needed_by(roots: set[str]) -> set[str]:
    """These packages and all that they need here, as their own metadata say."""
    needed: set[str] = set()
    waiting = {(name, "") for name in roots}
    seen: set[tuple[str, str]] = set()
    while waiting:
        name, extra = item = waiting.pop()
        seen.add(item)
        needed.add(name)
        for text in requires(name) or []:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                package = canonicalize_name(requirement.name)
                waiting |= {(package, wanted) for wanted in ("", *requirement.extras)} - seen
    return needed


def test_every_requirement_has_a_hash() -> None:
    assert len(LOCK) > 50
    assert all(hashes for lock in (LOCK, STUDENTS) for versions in lock.values() for hashes in versions.values())


def test_students_get_the_same_versions_and_hashes() -> None:
    for package, versions in STUDENTS.items():
        for version, hashes in versions.items():
            assert hashes == LOCK[package][version], package


def test_students_get_what_their_code_imports_and_jupyterlab_with_nbgrader_and_no_more() -> None:
    roots = imported_by("exercise_code", "nbprobe") | {"jupyterlab", "nbgrader", "ipykernel"}
    assert set(PYPROJECT["dependency-groups"]["students"]) == roots
    needed = needed_by(roots)
    assert needed <= STUDENTS.keys()
    assert STUDENTS.keys() - needed <= set(elsewhere()), "more than they need"


def elsewhere() -> Iterator[str]:
    """Students' requirements that are for other systems or other versions of Python than this one."""
    for line in (ROOT / "requirements-students.txt").read_text().splitlines():
        if not line.startswith(" "):
            requirement = Requirement(line.rstrip(" \\"))
            if requirement.marker is not None and not requirement.marker.evaluate():
                yield requirement.name


def test_all_that_the_code_imports_is_listed() -> None:
    listed = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    cluster = {canonicalize_name(Requirement(line).name) for line in PROJECT["optional-dependencies"]["cluster"]}
    assert imported_by("exercise_code", "nbprobe") <= listed
    assert imported_by("nbjudge") <= listed | cluster


def required(lines: list[str]) -> dict[str, Requirement]:
    """By the names that pip knows."""
    return {canonicalize_name(each.name): each for each in map(Requirement, lines)}


def test_the_wheel_needs_what_the_two_libraries_import_and_what_courses_are_made_with() -> None:
    needed = required(ENGINE["project"]["dependencies"])
    extra = required(ENGINE["project"]["optional-dependencies"]["cluster"])
    beside = {"ipykernel", "nbgrader", "pytest"}  # kernels, plain nbgrader, and the test that `course new` writes
    assert needed.keys() == imported_by("nbprobe", "nbjudge") - extra.keys() | beside
    assert extra.keys() == required(PROJECT["optional-dependencies"]["cluster"]).keys()


def test_what_the_wheel_needs_is_listed_here_too_and_the_lock_has_it() -> None:
    """So neither list can change without the other; `make lock` reads the one here."""
    project, optional = PROJECT["dependencies"], PROJECT["optional-dependencies"]
    needed = required(ENGINE["project"]["dependencies"] + ENGINE["project"]["optional-dependencies"]["cluster"])
    assert needed.keys() <= required(project + optional["cluster"] + optional["dev"]).keys()
    for name, requirement in needed.items():
        assert all(requirement.specifier.contains(version) for version in LOCK[name]), requirement


def test_the_wheel_has_ranges_and_the_version_and_licence_of_the_libraries() -> None:
    project = ENGINE["project"]
    for requirement in required(project["dependencies"] + project["optional-dependencies"]["cluster"]).values():
        signs = {each.operator for each in requirement.specifier}
        assert signs in ({">="}, {">=", "<"}), requirement
    assert f">={configuration.OLDEST}" in str(required(project["dependencies"])["nbgrader"].specifier)
    assert project["requires-python"] == PROJECT["requires-python"]
    assert project["scripts"] == PROJECT["scripts"]
    setuptools = ENGINE["tool"]["setuptools"]
    assert setuptools["dynamic"] == PYPROJECT["tool"]["setuptools"]["dynamic"]
    own = PYPROJECT["tool"]["setuptools"]["package-data"]
    assert setuptools["package-data"] == {"nbjudge": own["nbjudge"]}
    assert (ROOT / "engine/LICENSE").read_text() == (ROOT / "LICENSE").read_text()


def test_environment_lists_what_the_project_needs_and_what_the_course_promises() -> None:
    versions, others = environment()
    names = [line.partition("==")[0] for line in versions]
    assert names[: len(PROMISED)] == PROMISED
    listed = {Requirement(line).name for line in PROJECT["dependencies"]}
    assert set(names) == listed | set(PROMISED)
    assert others == ["-e .", "--constraint constraints.txt"]


def test_environment_has_the_locked_versions() -> None:
    for line in environment()[0]:
        name, _, version = line.partition("==")
        assert version in LOCK[name], f"{line}: requirements.txt has {', '.join(LOCK[name])}"


def test_constraints_are_the_lock_without_hashes() -> None:
    assert {name: set(versions) for name, versions in pins("constraints.txt").items()} == {
        name: set(versions) for name, versions in LOCK.items()
    }
    assert "--hash" not in (ROOT / "constraints.txt").read_text()  # or pip would want one for this project, too


def test_pyproject_pins_agree_with_the_lock() -> None:
    for line in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]:
        name, _, version = line.partition("==")
        assert name in LOCK
        assert not version or set(LOCK[name]) == {version}


def test_the_libraries_and_the_exercise_have_versions_of_their_own() -> None:
    assert PYPROJECT["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "nbjudge.__version__"}
    assert f"## {nbjudge.__version__}" in (ROOT / "CHANGELOG.md").read_text()
    assert f'require_version(\\"{exercise_code.__version__}\\")' in SOURCE.read_text()


@pytest.mark.parametrize(
    "name",
    [
        "Makefile",
        "constraints.txt",
        "engine/pyproject.toml",
        "environment.yml",
        "pyproject.toml",
        "requirements-students.txt",
        "requirements.txt",
    ],
)
def test_no_index_address(name: str) -> None:
    text = Path(ROOT / name).read_text()
    assert "://" not in text
    assert "index-url" not in text.replace("--no-emit-index-url", "")
    assert "find-links" not in text


def test_the_readme_promises_the_pythons_that_must_pass_on_the_hosted_runner() -> None:
    job = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]["test"]
    may_fail = re.findall(r"matrix\.python == '([\d.]+)'", job["continue-on-error"])
    (promised,) = re.findall(r"Python ([\d., or]+), and `make`", (ROOT / "README.md").read_text())
    assert re.findall(r"[\d.]+\d", promised) == [
        each for each in job["strategy"]["matrix"]["python"] if each not in may_fail
    ]


def test_where_python_cannot_make_environments_none_is_begun(tmp_path: Path) -> None:
    """Debian's comes without ``ensurepip``; a package adds it."""
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    python, install = tmp_path / "python", tmp_path / "setup-system.sh"
    python.write_text(f'#!/bin/sh\ncase "$*" in *ensurepip*) exit 1 ;; esac\nexec "{sys.executable}" "$@"\n')
    install.write_text('#!/bin/sh\necho "wanted: $*"\nexit 1\n')
    for program in (python, install):
        program.chmod(0o755)
    words = ["make", "--no-print-directory", ".venv/ready", "PYTHON=./python"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert done.stdout.strip() == f"wanted: python3.{sys.version_info.minor}-venv"

    install.write_text("#!/bin/sh\n")  # it says that all is there, and yet no environment can be made
    python.write_text(f'#!/bin/sh\n[ "$1" = -m ] && mkdir .venv && exit 1\nexec "{sys.executable}" "$@"\n')
    assert subprocess.run(words, cwd=tmp_path, capture_output=True, timeout=60).returncode != 0
    assert not (tmp_path / ".venv").exists()
