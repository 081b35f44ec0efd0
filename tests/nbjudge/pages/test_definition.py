"""The student's own method is found, also where the rest can't be read."""

import pytest

from nbjudge.pages.definition import definition_of

CODE = '''import numpy as np

class Model:
    """
A text that is indented as nothing else.
    """

    @staticmethod
    def sigmoid(x):
        def inner():
            return 1

        return inner()  # the end

    def forward(self, x):
        return x

class Other:
    def forward(self, x):
        return 2 * x

def double(x):
    return 2 * x
'''
BROKEN = CODE.replace("return x\n", "return (x\n", 1)


@pytest.mark.parametrize("code", [CODE, BROKEN])
@pytest.mark.parametrize(
    ("name", "line", "last"),
    [
        ("Model.forward", 15, "return"),
        ("Other.forward", 19, "        return 2 * x"),
        ("double", 22, "    return 2 * x"),
        ("Other", 18, "        return 2 * x"),
    ],
)
def test_a_method_is_found_by_its_name(code: str, name: str, line: int, last: str) -> None:
    found = definition_of(code, name)
    assert found is not None
    assert found.line == line
    assert last in found.text.split("\n")[-1]
    assert found.text in code


def test_decorators_and_what_is_defined_inside_belong_to_it() -> None:
    found = definition_of(CODE, "Model.sigmoid")
    assert found is not None
    assert found.text.startswith("    @staticmethod\n    def sigmoid(x):")
    assert found.text.endswith("return inner()  # the end")


@pytest.mark.parametrize("code", ["", "x = 1", "class Model:", CODE, BROKEN, "\0", "(" * 10_000, "def" + " " * 10_000])
def test_what_is_not_there_is_not_found(code: str) -> None:
    for name in ("Model.backward", "forward", "Nobody.forward", "inner"):
        assert definition_of(code, name) is None


@pytest.mark.parametrize("head", ["if True:", "try:\n    pass\nfinally:", "with x:", "for _ in x:"])
def test_what_is_defined_under_a_condition_is_found(head: str) -> None:
    found = definition_of(f"{head}\n    class A:\n        def f(self):\n            return 1\n", "A.f")
    assert found is not None
    assert found.text == "        def f(self):\n            return 1"


def test_of_several_the_last_one_counts_as_in_python() -> None:
    found = definition_of("def f():\n    return 1\n\ndef f():\n    return 2\n", "f")
    assert found is not None
    assert found.line == 4
