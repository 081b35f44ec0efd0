"""The check of any function: visible probes, judged by the answers beside the notebook."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from nbprobe import progress, runs
from nbprobe.answers import SUFFIX, Answers, to_text
from nbprobe.check import CheckError, check
from nbprobe.probe import collecting, probe
from nbprobe.wire import encode


@check("test_double", "Task 1", "double")
def visible(double):
    probe("two numbers", double, np.array([1.0, 4.0]), points=1)
    probe("one number", double, np.array(3.0), points=1)


@check("test_double", "Task 1", "Doubler.double")
def visible_method(Doubler):
    probe("two numbers", Doubler().double, np.array([1.0, 4.0]), points=1)
    probe("one number", Doubler().double, np.array(3.0), points=1)


def twice(x):
    return 2 * x


@pytest.fixture(autouse=True)
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file beside the notebook, with a mistake and a fragile way."""
    monkeypatch.chdir(tmp_path)
    with collecting(visible=True) as solution:
        visible(twice)
    results = {"mistake": [[3.0, 12.0], 9.0], "fragile": [[2.1, 8.1], 6.1]}
    known = {
        way: [{"name": raw["name"], "value": encode(np.array(x))} for raw, x in zip(solution, values, strict=True)]
        for way, values in results.items()
    }
    own = Answers(solution, [("You tripled.", known["mistake"])], [("This is fragile.", known["fragile"])], 3)
    path = tmp_path / f"exercise{SUFFIX}"
    path.write_text(to_text({"test_double": own}, "made from this"))
    return path


def test_a_right_function_passes(capsys: pytest.CaptureFixture) -> None:
    visible(twice)
    printed = capsys.readouterr().out
    assert "✓ two numbers" in printed
    assert "✓ one number" in printed


def test_a_function_is_looked_up_where_the_check_is_called(capsys: pytest.CaptureFixture) -> None:
    exec("visible()", {"visible": visible, "double": twice, "__name__": "__main__"})
    assert "✓ two numbers" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("double", "said"),
    [
        (lambda x: 3 * x, "You tripled."),
        (lambda x: -2 * x, "The sign is flipped."),
        (lambda x: [2 * x, 2 * x], "An array came back in place of a single number."),
        (lambda x: None, "The result is None"),
        (lambda x: x.nothing, "It stops with AttributeError"),
        (lambda x: (2 * x, 2 * x), "The result is a tuple of 2. Return one array."),
        (lambda x: "text", "The result must be an array of numbers; it is 'text'."),
    ],
    ids=["known", "sign", "too much", "nothing", "raises", "a pair", "a text"],
)
def test_a_wrong_one_is_told_why(double: Callable, said: str, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(CheckError, match=r"^Task 1: double is not right yet; \d of \d checks fail"):
        visible(double)
    assert said in capsys.readouterr().out


@pytest.mark.parametrize("more", [0.1, 0.05])
def test_up_to_a_fragile_way_it_is_right_with_a_remark(more: float, capsys: pytest.CaptureFixture) -> None:
    visible(lambda x: 2 * x + more)
    assert "This is fragile." in capsys.readouterr().out


@pytest.mark.parametrize("more", [0.11, -0.01])
def test_what_lies_beyond_a_fragile_way_is_wrong(more: float) -> None:
    with pytest.raises(CheckError, match="is not right yet"):
        visible(lambda x: 2 * x + more)


def not_yet(x: object) -> object:
    raise NotImplementedError


def test_what_is_to_do_is_one_calm_line_and_fails_only_in_validate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(progress, "_states", {})
    visible(not_yet)
    line = "Task 1 · double is not implemented yet · 0 of 3 points so far (visible checks)"
    assert capsys.readouterr().out == f"{line}\n"
    monkeypatch.setattr(progress, "_states", {"test_other": "right"})
    visible(not_yet)
    assert capsys.readouterr().out == f"{line}. If you wrote it: run its cell, and take out the line with raise\n"
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    with pytest.raises(CheckError, match="double is not implemented yet"):
        visible(not_yet)


def test_below_each_table_is_how_far_one_is(answers: Path, capsys: pytest.CaptureFixture) -> None:
    with collecting(visible=True) as solution:
        visible(twice)
    tests = {"test_double": Answers(solution, [], [], 3), "test_other": Answers(solution, [], [], 2.5)}
    answers.write_text(to_text(tests, ""))
    visible(twice)
    assert capsys.readouterr().out.endswith("\nTask 1 ✓ · 3 of 5.5 points so far (visible checks)\n")
    with pytest.raises(CheckError):
        visible(lambda x: 3 * x)
    assert capsys.readouterr().out.endswith("\nTask 1 ✗ · 0 of 5.5 points so far (visible checks)\n")


def test_what_is_missing_is_said_in_one_sentence() -> None:
    with pytest.raises(CheckError, match="there is no function double yet: run the cell"):
        exec("visible()", {"visible": visible})
    with pytest.raises(CheckError, match="double is no function any more"):
        exec("visible()", {"visible": visible, "double": 3})


def test_a_class_of_another_name_and_a_method_outside_are_named() -> None:
    class Doubler:
        double = staticmethod(not_yet)

    def double(self, x):
        return 2 * x

    other = type("doubler", (), {"__module__": "__main__"})
    with pytest.raises(CheckError, match="There is a doubler; capital letters count, and the name must be Doubler"):
        exec("visible()", {"visible": visible_method, "doubler": other})
    with pytest.raises(CheckError, match="a function double outside of the class: move it into Doubler"):
        exec("visible()", {"visible": visible_method, "Doubler": Doubler, "double": double})


def test_a_cell_that_did_not_run_is_said_and_no_older_definition_is_checked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(runs, "_failures", {})
    names = {"visible": visible, "double": twice}

    def run(error: BaseException | None) -> None:
        info = SimpleNamespace(raw_cell="def double(x):\n    ...")
        runs.remember(SimpleNamespace(info=info, error_before_exec=error, error_in_exec=None))

    run(SyntaxError("invalid syntax", ("cell", 12, 1, "", 12, 1)))
    with pytest.raises(CheckError, match="stopped with a SyntaxError in line 12"):
        exec("visible()", names)
    assert "✓" not in capsys.readouterr().out
    run(None)
    exec("visible()", names)


def test_a_failure_is_said_with_the_line_of_its_own_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not with that of a function, of whatever cell, in which it came up."""
    monkeypatch.setattr(runs, "_failures", {})
    with pytest.raises(ZeroDivisionError) as caught:
        exec("\n\nfails()", {"fails": lambda: 1 / 0})
    info = SimpleNamespace(raw_cell="def helper(x): ...\n\nfails()\ndef double(x): ...")
    runs.remember(SimpleNamespace(info=info, error_before_exec=None, error_in_exec=caught.value))
    assert str(runs.failure_of("double")) == "stopped with a ZeroDivisionError in line 3"
    assert runs.failure_of("helper") is None, "it was made before"


def test_an_answer_in_one_cell_with_its_check_is_checked_again_when_it_is_mended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The check ends the cell in which the answer stands; that says nothing of the answer."""
    monkeypatch.setattr(runs, "_failures", {})
    text = "def double(x): ...\n\nvisible()"
    info = SimpleNamespace(raw_cell=text, cell_id="a")
    for error in (SyntaxError("invalid syntax", ("cell", 1, 1, "", 1, 1)), None):
        runs.remember(SimpleNamespace(info=info, error_before_exec=error, error_in_exec=None))
        runs.begin(info)
        with pytest.raises(CheckError) as caught:
            exec("\n\nvisible()", {"visible": visible, "double": lambda x: 3 * x})
        runs.remember(SimpleNamespace(info=info, error_before_exec=None, error_in_exec=caught.value))
        runs.begin(info)
        exec("visible()", {"visible": visible, "double": twice})
        runs.remember(SimpleNamespace(info=info, error_before_exec=None, error_in_exec=None))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("print(double(undefined))\ndef double(x): ...", NameError("x")),
        ('1 / 0\ntext = """\ndef double(x):\n"""', ZeroDivisionError("x")),
        ("def double(x:\n", SyntaxError("x", ("cell", 1, 1, "", 1, 1))),
        ("def double(x): ...\n", None),
        ('text = """\ndef double(x):\n"""', None),
    ],
)
def test_another_cell_that_does_not_define_it_takes_nothing_away(
    text: str, error: BaseException | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the answer's cell did counts: it made the function, or it stopped."""
    monkeypatch.setattr(runs, "_failures", {})
    monkeypatch.setattr(runs, "_makers", {})

    def run(text: str, cell: str, error: BaseException | None) -> None:
        info = SimpleNamespace(raw_cell=text, cell_id=cell)
        runs.begin(info)
        before = error if isinstance(error, SyntaxError) else None
        runs.remember(SimpleNamespace(info=info, error_before_exec=before, error_in_exec=error))

    answer, invalid = "def double(x): ...", SyntaxError("invalid syntax", ("cell", 1, 1, "", 1, 1))
    run(answer, "answer", None)
    run(text, "scratch", error)
    assert runs.failure_of("double") is None
    run(answer, "answer", invalid)
    assert (runs.failure_of("double") is None) == (text == answer + "\n")
    run(text, "scratch", error)
    assert (runs.failure_of("double") is None) == (text == answer + "\n")


def test_while_grading_the_function_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[object] = []
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    visible(called.append)
    assert called == []


def edited(text: str) -> str:
    return text.replace("You tripled.", "You did well.")


def with_points(text: str, points: float) -> str:
    data = json.loads(text)["tests"]["test_double"] | {"points": points}
    return to_text({"test_double": Answers(**data)}, "made from this")


def of_other_probes(text: str) -> str:
    data = json.loads(text)["tests"]["test_double"]
    data["solution"][0]["inputs"] = "another"
    return to_text({"test_double": Answers(**data)}, "made from this")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (None, "is missing here"),
        (lambda text: "", "can't be read, or was changed"),
        (lambda text: "[]", "can't be read, or was changed"),
        (lambda text: text[: len(text) // 2], "can't be read, or was changed"),
        (edited, "can't be read, or was changed"),
        (lambda text: with_points(text, 10**400), "can't be read, or was changed"),
        (of_other_probes, "is of another version than the installed checks"),
        (lambda text: to_text({}, ""), "no file here has answers for test_double"),
    ],
    ids=["missing", "empty", "no object", "half", "edited", "too many points", "too old", "of another exercise"],
)
def test_without_answers_there_is_one_sentence_and_no_mark(
    change: Callable | None, said: str, answers: Path, capsys: pytest.CaptureFixture
) -> None:
    if change is None:
        answers.unlink()
    else:
        answers.write_text(change(answers.read_text()))
    with pytest.raises(CheckError, match=said) as caught:
        visible(twice)
    assert "\n" not in str(caught.value)
    assert capsys.readouterr().out == ""
