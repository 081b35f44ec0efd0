"""The check that fits any function."""

from collections.abc import Callable

import pytest

import __main__
from nbprobe import examples
from nbprobe.check import CheckError

CASES = [("two numbers", ([1.0, 4.0],), [2.0, 8.0]), ("one number", (3,), 6)]


def check(monkeypatch: pytest.MonkeyPatch, double: object) -> None:
    monkeypatch.setattr(__main__, "double", double, raising=False)
    examples.check("Task 1", "double", CASES)


def test_a_right_function_passes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    check(monkeypatch, lambda x: 2 * x)
    printed = capsys.readouterr().out
    assert "✓ two numbers" in printed
    assert "✓ one number" in printed


@pytest.mark.parametrize(
    ("double", "said"),
    [
        (lambda x: 3 * x, "Every value is 1.5 times what it should be."),
        (lambda x: [2 * x, 2 * x], "An array came back in place of a single number."),
        (lambda x: None, "The result is None"),
        (lambda x: x.nothing, "AttributeError"),
    ],
    ids=["wrong", "too much", "nothing", "raises"],
)
def test_a_wrong_one_is_told_why(
    double: Callable, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(CheckError, match=r"^Task 1: double is not right yet; \d of \d checks fail"):
        check(monkeypatch, double)
    assert said in capsys.readouterr().out


def not_yet(x: object) -> object:
    raise NotImplementedError


@pytest.mark.parametrize(
    ("double", "said"),
    [(not_yet, "double is not implemented yet"), (None, "there is no function double yet: run the cell")],
    ids=["stub", "missing"],
)
def test_what_is_missing_is_said_in_one_sentence(double: object, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CheckError, match=said):
        check(monkeypatch, double)


def test_while_grading_the_function_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    called = []
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    check(monkeypatch, called.append)
    assert not called
