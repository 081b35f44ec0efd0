"""What gets installed: the same versions everywhere, with hashes, from no particular place."""

import re
import tomllib

import pytest
import yaml

import exercise_code
from tests.support import ROOT


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
