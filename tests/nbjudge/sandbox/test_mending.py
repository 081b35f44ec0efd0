"""A cell that can't be compiled loses the methods that are at fault, and no others."""

import ast
import textwrap

import pytest

from nbjudge.sandbox.inside.mending import mended

ANSWER = """\
class Answer(object):
    \"\"\"Three methods.\"\"\"

    limit = 3

    def first(self, x):
        result = None
        result = (x + 1) * 2
        return result

    @staticmethod
    def second(x):
        def inner(y):
            return y
        return [inner(x),
                x]

    async def third(self, x):
        if x:
            return 3
        return x


class Other:
    def first(self):
        return "other"


def alone(x):
    return x
"""


def error_of(text: str) -> SyntaxError | None:
    try:
        ast.parse(text)
    except SyntaxError as error:
        return error
    return None


def stopped(text: str) -> dict[str, str]:
    """What each method that was left out raises."""
    found = {}
    for owner in ast.parse(text).body:
        for method in getattr(owner, "body", []):
            if isinstance(method, ast.FunctionDef) and isinstance(method.body[0], ast.Raise):
                found[f"{owner.name}.{method.name}"] = ast.unparse(method.body[0].exc)
    return found


@pytest.mark.parametrize(
    ("right", "wrong", "lost"),
    [
        ("(x + 1) * 2", "((x + 1) * 2", {"Answer.first": "SyntaxError(\"'(' was never closed\")"}),
        ("return result", "return = result", {"Answer.first": "SyntaxError('invalid syntax')"}),
        ("        return result", "     return result", {"Answer.first": ""}),
        ("        return result", "return result", {"Answer.first": ""}),
        ("        return result", "        return result\n\nprint('here')", {"Answer.first": ""}),
        ("                x]", "                x", {"Answer.second": "SyntaxError(\"'[' was never closed\")"}),
        ("        if x:", "        if x", {"Answer.third": "SyntaxError(\"expected ':'\")"}),
        ('return "other"', 'return """other', {"Other.first": ""}),
        ("        result = (x + 1) * 2\n        return result\n", "\n", {}),
    ],
)
def test_the_methods_at_fault_are_left_out(right: str, wrong: str, lost: dict[str, str]) -> None:
    text = ANSWER.replace(right, wrong, 1)
    error = error_of(text)
    if error is None:
        assert not lost
        return
    rest = mended(text, error, error_of)
    assert rest is not None
    assert rest.count("\n") >= text.rstrip().count("\n")
    found = stopped(rest)
    assert found.keys() == lost.keys()
    assert all(lost[name] in found[name] for name in found)


def test_two_at_fault_leave_the_third() -> None:
    text = ANSWER.replace("(x + 1)", "(x + 1", 1).replace("if x:", "if x", 1)
    rest = mended(text, error_of(text), error_of)
    assert stopped(rest).keys() == {"Answer.first", "Answer.third"}


@pytest.mark.parametrize("text", ["class Answer(:\n    def f(self): pass", "x = (", "def f(:\n    return 1"])
def test_what_is_wrong_elsewhere_stays_wrong(text: str) -> None:
    assert mended(text, error_of(text), error_of) is None


def test_a_function_outside_of_a_class_is_no_method() -> None:
    text = "def f():\n    def g():\n        return (\n    return 1"
    assert mended(text, error_of(text), error_of) is None


@pytest.mark.parametrize("end", ["\u2028", "\x0c", "\x85"])
def test_a_comment_stays_one_where_python_goes_on(end: str) -> None:
    text = f"class A:\n    def f(self):\n        return (\n    # a comment{end}    def g(self): return 1\n"
    rest = mended(text, error_of(text), error_of)
    assert rest is not None
    assert "g" not in {each.name for each in ast.walk(ast.parse(rest)) if isinstance(each, ast.FunctionDef)}


def test_in_a_long_cell_only_so_many_methods_are_tried() -> None:
    tried = []

    def compiles(text: str) -> SyntaxError | None:
        tried.append(text)
        return SyntaxError("no")

    text = "class A:\n" + "".join(f"    def f{n}(self): (\n" for n in range(1000))
    assert mended(textwrap.dedent(text), SyntaxError("no"), compiles) is None
    assert len(tried) <= 101
