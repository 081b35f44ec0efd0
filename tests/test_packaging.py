"""What gets installed: the same versions everywhere, with hashes, from no particular place."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import exercise_code

ROOT = Path(__file__).parent.parent


def locked() -> dict[str, set[str]]:
    """Versions in requirements.txt, by package (a package can have one version per Python)."""
    versions: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE):
        versions.setdefault(name, set()).add(version)
    return versions


def test_every_requirement_has_a_hash() -> None:
    text = (ROOT / "requirements.txt").read_text()
    blocks = re.split(r"\n(?=[\w.-]+==)", text)
    assert len(blocks) > 50
    assert all("--hash=sha256:" in block for block in blocks)


def test_conda_environment_has_the_locked_versions_and_installs_the_project() -> None:
    *_, pip = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    *pins, project = pip["pip"]
    assert project == "-e ."
    versions = locked()
    assert len(pins) > 50
    for pin in pins:
        name, version = re.match(r"([\w.-]+)==([^\s;]+)", pin).groups()
        assert version in versions[name], f"{pin}: run `make lock`"


def test_pyproject_pins_agree_with_the_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    versions = locked()
    for requirement in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        name, _, version = requirement.partition("==")
        assert name in versions
        assert not version or versions[name] == {version}
    assert project["version"] == exercise_code.__version__


@pytest.mark.parametrize("name", ["requirements.txt", "environment.yml", "pyproject.toml", "Makefile"])
def test_no_index_address(name: str) -> None:
    text = (ROOT / name).read_text()
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
    words = ["make", ".venv/ready", "PYTHON=./python"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert done.stdout.strip() == f"wanted: python3.{sys.version_info.minor}-venv"

    install.write_text("#!/bin/sh\n")  # it says that all is there, and yet no environment can be made
    python.write_text(f'#!/bin/sh\n[ "$1" = -m ] && mkdir .venv && exit 1\nexec "{sys.executable}" "$@"\n')
    assert subprocess.run(words, cwd=tmp_path, capture_output=True, timeout=60).returncode != 0
    assert not (tmp_path / ".venv").exists()
