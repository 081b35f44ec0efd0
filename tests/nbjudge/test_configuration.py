"""`nbjudge.configure`: what nbgrader is told exists, is found from anywhere, and doesn't pile up."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from nbjudge import configure
from tests.support import ROOT
from tests.support.exercises import course_in


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.chdir(tmp_path)
    config = Config()
    configure(config)
    return config


def classes(value: Any) -> Iterator[str]:
    """The names of classes and functions in a configuration."""
    if isinstance(value, dict):
        for part in value.values():
            yield from classes(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from classes(part)
    elif isinstance(value, str) and value.startswith(("nbjudge.", "nbgrader.", "nbconvert.")):
        yield value


def test_all_that_it_names_can_be_imported(config: Config) -> None:
    names = set(classes(config))
    assert len(names) > 15
    for name in names:
        import_item(name)


def test_misconceptions_lie_beside_the_configuration(config: Config, tmp_path: Path) -> None:
    assert config.Judge.misconceptions == str(tmp_path / "misconceptions")


def test_programs_beside_python_are_found_and_reading_it_again_adds_nothing(config: Config) -> None:
    path = os.environ["PATH"]
    assert path.split(os.pathsep)[0] == str(Path(sys.executable).parent)
    configure(Config())
    assert os.environ["PATH"] == path


def test_what_the_course_sets_wins(tmp_path: Path) -> None:
    lines = ["import nbjudge", "c = get_config()", "nbjudge.configure(c)", 'c.ExportApp.plugin_class = "my.Export"']
    (tmp_path / "nbgrader_config.py").write_text("\n".join(lines))
    config = course_in(tmp_path).config
    assert config.ExportApp.plugin_class == "my.Export"
    assert config.ExchangeFactory.collect == "nbjudge.collecting.exchange.Collect"


def test_to_import_the_engine_takes_no_time() -> None:
    """Nothing beside the standard library; each of many processes imports it."""
    code = (
        "import sys, json; known = set(sys.modules); import nbjudge; print(json.dumps(list(set(sys.modules) - known)))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    packages = {name.partition(".")[0] for name in json.loads(printed)}
    assert packages - {*sys.stdlib_module_names, "nbjudge"} == set()


@pytest.mark.parametrize(("change", "said"), [("", ""), ("x = 1", "is other code; install that one, or remove it.")])
def test_another_version_in_the_course_folder_is_named(
    tmp_path: Path, change: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    shutil.copytree(ROOT / "nbjudge", tmp_path / "nbjudge", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "nbjudge/cli.py").open("a") as file:
        file.write(change)
    monkeypatch.chdir(tmp_path)
    configure(Config())
    err = capsys.readouterr().err
    assert err.rstrip().endswith(said)
    assert bool(err) == bool(said)
