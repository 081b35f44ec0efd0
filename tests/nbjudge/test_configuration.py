"""`nbjudge.configure`: one line switches everything on, and what a course sets itself wins."""

from typing import Any

import pytest
from traitlets.config import Config
from traitlets.config.loader import LazyConfigValue

import nbjudge
from nbjudge import configuration
from nbjudge.course.errors import CourseError
from nbjudge.course.switched_on import NEEDED, require_steps, require_switched_on

STOCK = [
    "nbgrader.preprocessors.Execute",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
]


@pytest.fixture(autouse=True)
def _unchanged_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "_keep_quiet", lambda c: None)
    monkeypatch.setattr(configuration, "_keep_harmless", lambda: None)


def configured(**steps: Any) -> Config:
    c = Config()
    for name, value in steps.items():
        c.Autograde[name] = value
    nbjudge.configure(c)
    return c


def names(steps: list[str]) -> list[str]:
    return [step.rpartition(".")[2] for step in steps]


def test_one_line_switches_everything_on() -> None:
    c = configured()
    require_switched_on(c)
    assert c.Autograde.autograde_preprocessors == configuration.AUTOGRADE
    assert isinstance(c.GenerateAssignment.preprocessors, LazyConfigValue)


def test_steps_of_the_course_keep_their_places() -> None:
    own = ["mine.Early", STOCK[0], "mine.Scores", *STOCK[1:], "mine.Late"]
    steps = configured(autograde_preprocessors=own).Autograde.autograde_preprocessors
    require_steps(steps)
    assert names(steps) == [
        *("Early", "ForgetScores", "SandboxedExecute", "Judge", "Clean"),
        *("Scores", "LimitOutput", "SaveGrades", "Late"),  # nothing of nbgrader's that the course had left out
    ]


def test_steps_that_are_added_to_nbgraders_come_too() -> None:
    c = Config()
    c.Autograde.autograde_preprocessors.append("mine.Late")
    nbjudge.configure(c)
    assert c.Autograde.autograde_preprocessors == [*configuration.AUTOGRADE, "mine.Late"]


def test_what_the_course_has_set_before_wins() -> None:
    c = Config()
    c.ExportApp.plugin_class = "mine.Export"
    c.Judge.misconceptions = "elsewhere"
    c.GenerateAssignment.preprocessors = ["mine.First"]
    c.HTMLExporter.extra_template_basedirs = ["mine"]
    nbjudge.configure(c)
    assert (c.ExportApp.plugin_class, c.Judge.misconceptions) == ("mine.Export", "elsewhere")
    assert c.GenerateAssignment.preprocessors == [configuration.KERNEL, "mine.First"]
    assert c.HTMLExporter.extra_template_basedirs == [str(configuration.TEMPLATES), "mine"]


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        (STOCK, f"leaves out {NEEDED[0]}"),
        ([*NEEDED[:1], *NEEDED[2:]], f"leaves out {NEEDED[1]}"),
        ([*NEEDED[1:], NEEDED[0]], "has another order"),
        ([*NEEDED, STOCK[0]], f"has Execute beside {NEEDED[1]}"),
    ],
)
def test_steps_that_clash_are_named(steps: list[str], sentence: str) -> None:
    c = configured()
    c.Autograde.autograde_preprocessors = steps
    with pytest.raises(CourseError, match=sentence) as caught:
        require_switched_on(c)
    assert "before nbjudge.configure(c)" in str(caught.value)


def test_a_course_without_the_line_is_told() -> None:
    with pytest.raises(CourseError, match="doesn't switch the grader on"):
        require_switched_on(Config())


@pytest.mark.parametrize("old", ["0.8.5", "0.9.4", "0.7"])
def test_an_older_nbgrader_is_named(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration.metadata, "version", lambda name: old)
    with pytest.raises(SystemExit, match=f"needs nbgrader {configuration.OLDEST} or newer, and {old} is installed"):
        nbjudge.configure(Config())
