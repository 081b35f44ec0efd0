"""Rules about the code: what is found in the text of an answer, however it is written."""

import ast
import json
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nbprobe import code_rules, progress, rules, runs
from nbprobe.answers import SUFFIX, Answers, to_text
from nbprobe.cell_trees import parsed
from nbprobe.check import CheckError, check
from nbprobe.code_rules import judge_code, judge_definitions
from nbprobe.definitions import definitions
from nbprobe.errors import FormError
from nbprobe.judge import judge
from nbprobe.kinds import Break, Code
from nbprobe.probe import collecting, probe
from nbprobe.rule import Rule, sentence_of
from nbprobe.rules import broken, judged_anew, uses
from nbprobe.wire import decode

IMPORTS = "import numpy as np\nimport math"


def found(rule: Rule, *texts: str) -> list[str] | str:
    """What kinds of breaks there are, or the error that stands in place of the answer."""
    code = judge_code(rule, [IMPORTS, *map(dedent, texts)])
    if isinstance(code, str):
        return code
    for each in code.breaks:
        assert sentence_of(each).text
    return [each.kind for each in code.breaks]


NO_LOOP, LOOP = Rule("f", loops=False), Rule("f", loops=True)
HAS_ONE = "def g(x):\n    return [a for a in x]"
CLASSES = "class A:\n    def go(self, x):\n        return [a for a in x]\n\nclass B(A):\n    pass\n"
WITHOUT = {
    "a formula": "def f(x):\n    return 2 * x",
    "a lambda": "f = lambda x: 2 * x",
    "a condition": "def f(x):\n    if x > 0:\n        return x\n    return -x",
    "another function has one": "def g(x):\n    return [a for a in x]\n\ndef f(x):\n    return 2 * x",
    "a name that is only like it": "def g(x):\n    return [a for a in x]\n\ndef f(g):\n    return 2 * g",
    "it had one before": "def f(x):\n    return [2 * a for a in x]\n\ndef f(x):\n    return 2 * x",
    "another one takes its name": "def f(x):\n    return [2 * a for a in x]\n\ndef g(x):\n    return 2 * x\n\nf = g",
    "under a magic": "%%time\ndef f(x):\n    return 2 * x",
    "below a line for IPython": "%matplotlib inline\n!ls\ndef f(x):\n    return 2 * x",
    "made if something": "if True:\n    def f(x):\n        return 2 * x",
    "it gives back what came": "def f(x):\n    return x",
    "beside data": "one = 1\ntable = [one, 2, [3]]\ntable[0] = one\ndef f(x):\n    return table[0] * x",
    "data that were made by a loop": f"{HAS_ONE}\ntable = [g([1]), 2]\ndef f(x):\n    return table[1] * x",
    "an attribute of another one": f"{HAS_ONE}\ndef h(x): pass\nh.g = g\ndef f(x):\n    return h(x)",
}
WITH = {
    "a method that is inherited": f"{CLASSES}\ndef f(x):\n    return B().go(x)",
    "an object that is called": f"{CLASSES.replace('go', '__call__')}\ndef f(x):\n    return B()(x)",
    "a function in a dict": f"{HAS_ONE}\ntable = {{'a': abs, 'g': g}}\ndef f(x):\n    return table['g'](x)",
    "a function put into a dict": f"{HAS_ONE}\ntable = {{}}\ntable['g'] = g\ndef f(x):\n    return table['g'](x)",
    "a lambda in a list": "table = [lambda x: [a for a in x]]\ndef f(x):\n    return table[0](x)",
    "an attribute of a function": f"{HAS_ONE}\ndef f(x):\n    return f.g(x)\nf.g = g",
    "for": "def f(x):\n    for a in x:\n        pass\n    return x",
    "while": "def f(x):\n    while x:\n        x -= 1\n    return x",
    "a list": "def f(x):\n    return [2 * a for a in x]",
    "a dict": "def f(x):\n    return {a: 2 for a in x}",
    "a set": "def f(x):\n    return {a for a in x}",
    "a generator": "def f(x):\n    return sum(a for a in x)",
    "map": "def f(x):\n    return list(map(abs, x))",
    "vectorize": "def f(x):\n    return np.vectorize(abs)(x)",
    "vectorize by another name": "from numpy import vectorize as v\ndef f(x):\n    return v(abs)(x)",
    "vectorize by assignment": "v = np.vectorize\ndef f(x):\n    return v(abs)(x)",
    "vectorize by a local name": "def f(x):\n    v = np.vectorize\n    return v(abs)(x)",
    "vectorize imported within": "def f(x):\n    from numpy import vectorize as v\n    return v(abs)(x)",
    "vectorize, all names imported": "from numpy import *\ndef f(x):\n    return vectorize(abs)(x)",
    "vectorize without an import": "def f(x):\n    return np.apply_along_axis(abs, 0, x)",
    "vectorized afterwards": "def f(x):\n    return 2 * x\n\nf = np.vectorize(f)",
    "decorated": "@np.vectorize\ndef f(x):\n    return 2 * x",
    "reduce": "import functools\ndef f(x):\n    return functools.reduce(max, x)",
    "a lambda": "f = lambda x: [2 * a for a in x]",
    "in a function of its own": "def f(x):\n    def g():\n        while x:\n            x.pop()\n    g()",
    "in a helper": "def g(x):\n    return [2 * a for a in x]\n\ndef f(x):\n    return g(x)",
    "in a helper of a helper": "def h(x): return [a for a in x]\ndef g(x): return h(x)\ndef f(x): return g(x)",
    "in a helper below": "def f(x):\n    return g(x)\n\ndef g(x):\n    return [2 * a for a in x]",
    "in a helper by another name": "def g(x):\n    return [a for a in x]\nh = g\ndef f(x):\n    return h(x)",
    "in a helper's class": "class G:\n    def run(self, x): return [a for a in x]\ndef f(x): return G().run(x)",
    "under a magic": "%%time\ndef f(x):\n    return [2 * a for a in x]",
    "another one takes its name": "def f(x):\n    return 2 * x\n\ndef g(x):\n    return [2 * a for a in x]\n\nf = g",
    "written in place of it": "def f(x):\n    return 2 * x\n\ndef f(x):\n    return [2 * a for a in x]",
}


@pytest.mark.parametrize("way", WITHOUT)
def test_there_is_no_loop(way: str) -> None:
    assert found(NO_LOOP, WITHOUT[way]) == []
    assert found(LOOP, WITHOUT[way]) == ["no loop"]


@pytest.mark.parametrize("way", WITH)
def test_there_is_a_loop(way: str) -> None:
    assert found(NO_LOOP, WITH[way]) == ["loop"]
    assert found(LOOP, WITH[way]) == []


def test_a_helper_in_another_cell_counts_and_the_exercises_own_functions_do_not() -> None:
    helper, text = "def g(x):\n    return [a for a in x]", "def f(x):\n    return g(x)"
    assert found(NO_LOOP, helper, text) == found(NO_LOOP, text, helper) == ["loop"]
    assert found(Rule("f", loops=False, apart=("g",)), helper, text) == []


MODEL = """
    class Model:
        def sigmoid(self, x):
            return [math.exp(a) for a in x]

        def forward(self, X):
            return self.sigmoid(X)
"""
FORWARD = Rule("Model.forward", loops=False)


def test_methods_are_found_and_what_they_call() -> None:
    assert found(FORWARD, MODEL) == ["loop"]
    assert found(Rule("Model.forward", loops=False, apart=("Model.sigmoid",)), MODEL) == []
    assert found(FORWARD, MODEL.replace("self.sigmoid(X)", "Model.sigmoid(self, X)")) == ["loop"]
    assert found(FORWARD, MODEL.replace("self, X", "this, X").replace("self.sigmoid(X)", "this.sigmoid(X)")) == ["loop"]
    assert found(Rule("Model", loops=False), MODEL) == ["loop"]
    assert found(Rule("Model.forward", calls=("self.sigmoid",)), MODEL) == []
    assert found(Rule("Model.forward", calls=("self.sigmoid",)), MODEL.replace("self.sigmoid(X)", "X")) == [
        "not called"
    ]


BASE = """
class Base:
    def grow(self, x):
        return [a for a in x]

    def shrink(self, x):
        raise NotImplementedError
"""
BOX = "class Box({}):\n    def size(self):\n        return 3\n"
OF_A_CLASS = {
    "own": (f"{BOX.format('Base')}    def grow(self, x):\n        return x", []),
    "inherited": (BOX.format("Base"), ["loop"]),
    "by another name": (f"{HAS_ONE}\n{BOX.format('')}    grow = g", ["loop"]),
    "set from outside": (f"{HAS_ONE}\n{BOX.format('')}\nBox.grow = g", ["loop"]),
}


@pytest.mark.parametrize("way", OF_A_CLASS)
def test_a_rule_about_a_class_is_about_all_of_its_methods(way: str) -> None:
    text, breaks = OF_A_CLASS[way]
    assert found(Rule("Box", loops=False), BASE, text) == breaks
    assert found(Rule("Box", loops=False, apart=("Base.grow",)), BASE, text) == (breaks if way != "inherited" else [])


def test_a_class_in_several_cells() -> None:
    base = "class Model:\n    def helper(self, x):\n        return [a for a in x]"
    more = "class Model(Model):\n    def forward(self, x):\n        return self.helper(x)"
    assert found(FORWARD, base, more) == ["loop"]
    set_outside = "def forward(self, x):\n    return self.helper(x)\n\nModel.forward = forward"
    assert found(FORWARD, base, set_outside) == ["loop"]
    derived = "class Base:\n    def forward(self, x):\n        return [a for a in x]"
    assert found(FORWARD, derived, "class Model(Base):\n    pass") == ["loop"]
    through = "class Model(Base):\n    def forward(self, x):\n        return super().forward(x)"
    assert found(FORWARD, derived, through) == ["loop"]
    template = "class Base:\n    def forward(self, x):\n        return self.part(x)"
    part = "class Model(Base):\n    def part(self, x):\n        return [a for a in x]"
    assert found(FORWARD, template, part) == ["loop"]
    anew = "class Model:\n    def forward(self, x):\n        return 2 * x"
    assert found(FORWARD, MODEL, anew) == []
    assert found(Rule("Model.sigmoid", loops=False), MODEL, anew) == ["unseen"]


CALLS = {
    "np.exp": ["np.exp(x)", "1 / (1 + np.exp(-x))", "numpy.exp(x)", "e(x)", "exp(x)", "list(map(np.exp, x))"],
    "sorted": ["sorted(x)", "sorted(x)[0]", "builtins.sorted(x)"],
    "math": ["math.exp(x)", "tan(x)"],
    "list.sort": ["DATA.sort()", "x.sort()", "list(x).sort()", "x.copy().sort()"],
    "np.linalg": ["np.linalg.norm(x)", "norm(x)"],
}
SETUP = """
from math import *
import numpy, builtins
from numpy import exp
from numpy import exp as e
from numpy.linalg import norm
DATA = [3, 1]
"""


@pytest.mark.parametrize(("asked", "call"), [(asked, call) for asked, calls in CALLS.items() for call in calls])
def test_a_call_is_found_by_any_name(asked: str, call: str) -> None:
    text = f"{SETUP}def f(x):\n    y = 1\n    return {call}"
    assert found(Rule("f", calls=(asked,)), text) == []
    assert found(Rule("f", avoids=(asked,)), text) == ["avoided"]
    without = f"{SETUP}def f(x):\n    y = 1\n    return y"
    assert found(Rule("f", calls=(asked,)), without) == ["not called"]
    assert found(Rule("f", avoids=(asked,)), without) == []


def test_what_is_only_named_is_not_called_but_used() -> None:
    text = "def f(x):\n    e = np.exp\n    return x + 1"
    assert found(Rule("f", calls=("np.exp",)), text) == ["not called"]
    assert found(Rule("f", avoids=("np.exp",)), text) == ["avoided"]


def test_a_static_method_has_no_self() -> None:
    text = "class A:\n    @staticmethod\n    def f(x):\n        x.sort()\n        return x"
    assert found(Rule("A.f", avoids=("list.sort",)), text) == ["avoided"]
    same = "class A:\n    def f(self, x):\n        return f(x)\n\ndef f(x):\n    return 2 * x"
    assert found(Rule("A.f", recursion=False), same) == []


def test_names_of_other_things_are_not_meant() -> None:
    assert found(Rule("f", calls=("np.exp",)), "def f(x):\n    return math.exp(x)") == ["not called"]
    assert found(Rule("f", avoids=("np.exp",)), "def f(exp):\n    return exp(exp)") == []
    assert found(Rule("f", avoids=("sorted",)), "def f(x):\n    sorted_x = x\n    return sorted_x") == []
    assert found(Rule("f", avoids=("sum",)), "def f(x):\n    sum = 0\n    return sum + x") == []


RECURSIVE = {
    "itself": "def f(n):\n    return 1 if n < 2 else n * f(n - 1)",
    "by way of another": "def g(n):\n    return f(n - 1)\ndef f(n):\n    return g(n) if n else 1",
    "within": "def f(n):\n    def g(m):\n        return g(m - 1) if m else 1\n    return g(n)",
    "a helper does": "def g(n):\n    return g(n - 1) if n else 1\ndef f(n):\n    return g(n)",
}


@pytest.mark.parametrize("way", RECURSIVE)
def test_recursion(way: str) -> None:
    assert found(Rule("f", recursion=False), RECURSIVE[way]) == ["recursion"]
    assert found(Rule("f", recursion=True), RECURSIVE[way]) == []


def test_no_recursion() -> None:
    text = "def f(n):\n    return math.prod(range(1, n + 1))"
    assert found(Rule("f", recursion=False), text) == []
    assert found(Rule("f", recursion=True), text) == ["no recursion"]
    method = "class A:\n    def f(self, n):\n        return self.f(n - 1) if n else 1"
    assert found(Rule("A.f", recursion=True), method) == []


OPEN = [
    'def f(x):\n    raise NotImplementedError("replace this line by your code")',
    'def f(x):\n    """Doubles."""\n    y = None\n    # TODO\n    raise NotImplementedError("x")\n    return y',
    "def f(x):\n    for a in x:\n        raise NotImplementedError",
    "def f(x):\n    pass",
    "def f(x):\n    ...",
    'def f(x):\n    """Doubles."""',
    "def f(x):\n    result = None\n    return result",
    "def f(x):\n    return None",
]


@pytest.mark.parametrize("text", OPEN)
@pytest.mark.parametrize("rule", [NO_LOOP, LOOP, Rule("f", calls=("np.exp",)), Rule("f", avoids=("np.exp",))])
def test_what_is_not_written_keeps_no_rule(text: str, rule: Rule) -> None:
    assert found(rule, text) == "NotImplementedError"


def test_what_cannot_be_read() -> None:
    assert found(NO_LOOP, "def f(x):\n    return 2 *") == ["unseen"]
    assert found(NO_LOOP, "%%bash\ndef f(x):") == ["unseen"]
    assert found(NO_LOOP, "x = 3") == ["unseen"]
    assert found(NO_LOOP, "def f(*_): raise SyntaxError('no')") == "SyntaxError"
    assert found(NO_LOOP, "def f(x):\n    return x", *["x\n" * 90_000] * 3) == ["unseen"]
    assert found(NO_LOOP, "def f(x):\n    return x", "DATA = [" + "1, " * 300_000 + "]") == []
    assert found(NO_LOOP, "def f(x):\n    raise") == "RuntimeError"
    assert found(NO_LOOP, "(" * 5000 + ")" * 5000) == ["unseen"]


@pytest.mark.parametrize("call", ["exec('for a in x: pass')", "eval('[a for a in x]')", "globals()['g'](x)"])
def test_what_hides_is_told(call: str) -> None:
    assert found(NO_LOOP, f"def f(x):\n    return {call}") == ["unclear"]


def test_a_rule_comes_back_as_it_was_stored() -> None:
    rule = Rule("A.f", False, ("np.exp",), ("sorted",), None, ("A.g",))
    assert Rule.from_data(json.loads(json.dumps(rule.as_data()))) == rule
    for data in (None, {}, {"of": "f"}, {**rule.as_data(), "calls": None}):
        with pytest.raises(FormError):
            Rule.from_data(data)


def test_the_sentences_say_what_and_where() -> None:
    rule = Rule("f", loops=False, avoids=("np.exp",), calls=("sorted",), recursion=False)
    text = "def g(x):\n    return [a for a in x]\n\ndef f(x):\n    f(np.exp(x))\n    return eval('g')(g(x))"
    code = judge_code(rule, [text])
    assert isinstance(code, Code)
    assert [sentence_of(each).text for each in code.breaks] == [
        "`g`, which is called here, has a loop, `[… for …]` in line 2 of its cell; this is to be done without.",
        "It calls itself in line 5 of its cell; this is to be done without.",
        "`sorted` isn't called, and that is asked for.",
        "It uses `np.exp` in line 5 of its cell; this is to be done without.",
        "It uses `eval` in line 6 of its cell, so its text doesn't say what it does.",
    ]
    assert sentence_of(code.breaks[0]).general == "It has a loop; this is to be done without."


@check("test_f", "Task 1", "f")
def visible(f: Any) -> None:
    probe("numbers", f, [1, 4], points=1)
    uses(f, loops=False, points=1, advice="Multiply the array.")


FORMULA, LOOPED = (
    "import numpy as np\ndef f(x):\n    return 2 * np.array(x)",
    "def f(x):\n    return [2 * a for a in x]",
)


def run(text: str) -> Any:
    """A function of that text, in a cell that has run."""
    names: dict[str, Any] = {}
    error = None
    try:
        exec(text, names)
    except SyntaxError as caught:
        error = caught
    runs.remember(SimpleNamespace(info=SimpleNamespace(raw_cell=text), error_before_exec=error, error_in_exec=None))
    return names.get("f")


@pytest.fixture(autouse=True)
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with runs.anew([], ["f"]), collecting(visible=True) as solution:
        visible(run(FORMULA))
    with runs.anew([], ["f"]), collecting(visible=True) as looped:
        visible(run(LOOPED))
    known = [("You went through the numbers one by one.", [dict(raw) for raw in looped])]
    text = to_text({"test_f": Answers(solution, known, [], 2)}, "made from this")
    (tmp_path / f"exercise{SUFFIX}").write_text(text)


def test_a_check_judges_the_cell_that_ran_last(capsys: pytest.CaptureFixture) -> None:
    with runs.anew([], []):
        visible(run(FORMULA))
        assert "✓ no loop" in capsys.readouterr().out
        with pytest.raises(CheckError, match="1 of 2 checks"):
            visible(run(LOOPED))
        said = capsys.readouterr().out
        assert "You went through the numbers one by one." in said
        assert "✗ no loop" in said
        assert "right is" not in said
        run("def f(x):\n    return 2 *")  # nothing new was defined
        with pytest.raises(CheckError):
            visible(run(LOOPED.replace("2 * a", "a + a + 0")))


def test_a_check_says_why_and_what_the_author_says(capsys: pytest.CaptureFixture) -> None:
    with runs.anew([], []), pytest.raises(CheckError):
        visible(run("def f(x):\n    y = [3 * a for a in x]\n    return y"))
    said = capsys.readouterr().out
    assert "It has a loop, `[… for …]` in line 2 of its cell; this is to be done without. Multiply the array." in said


def test_a_task_that_is_not_written_is_open(capsys: pytest.CaptureFixture) -> None:
    with runs.anew([], []):
        visible(run("def f(x):\n    raise NotImplementedError"))
    assert "f is not implemented yet" in capsys.readouterr().out
    assert progress.state_of("test_f") == progress.OPEN


def test_a_decorated_function_is_judged_by_the_solutions_name(capsys: pytest.CaptureFixture) -> None:
    text = "def d(f):\n    def wrapper(x):\n        return f(x)\n    return wrapper\n\n@d\ndef f(x):\n    return [2, 8]"
    with runs.anew([], []):
        visible(run(text))
    assert "✓ no loop" in capsys.readouterr().out


def test_what_was_published_for_a_rule_does_not_count() -> None:
    with runs.anew([FORMULA], []), collecting() as expected:
        visible.__wrapped__(run(FORMULA))
    forged = [dict(raw) for raw in expected]
    got = judged_anew(expected, forged, lambda: definitions([LOOPED]))
    assert got[0] == forged[0]
    verdict = judge(expected, got, 2, [])
    assert [row.points for row in verdict.rows] == [1, 0]
    assert judge(expected, judged_anew(expected, forged, lambda: definitions([FORMULA])), 2, []).score == 2
    assert judge(expected, judged_anew(expected, [forged[1]] * 2, lambda: definitions([FORMULA])), 2, []).score == 0
    assert judge(expected, judged_anew(expected, [], lambda: definitions([FORMULA])), 2, []).score == 0
    assert judge(expected, judged_anew(expected, forged, lambda: definitions([])), 2, []).score == 1
    nonsense = {"name": forged[1]["name"], "error": "NotImplementedError", "value": 3, "points": 99}
    assert (
        judge(expected, judged_anew(expected, [forged[0], nonsense], lambda: definitions([FORMULA])), 2, []).score == 2
    )


def test_a_rule_is_judged_once_however_often_it_was_published(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each judgement reads all code that the function calls, and a cell may publish a thousand times."""
    with runs.anew([FORMULA], []), collecting() as expected:
        visible.__wrapped__(run(FORMULA))
    judged: list[Rule] = []
    judge_it = rules.judge_definitions
    monkeypatch.setattr(rules, "judge_definitions", lambda rule, known: judged.append(rule) or judge_it(rule, known))
    got = judged_anew(expected, [*expected, *[{"name": expected[1]["name"]}] * 900], lambda: definitions([FORMULA]))
    assert len(got) == 902
    assert len(judged) == 1


def test_each_part_of_functions_in_one_another_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    depth, times = 90, 1000
    text = "".join(f"{' ' * n}def f{n or ''}():\n" for n in range(depth)) + " " * depth + "0;" * times
    parsed(text)
    looked_at: list[ast.AST] = []
    children = ast.iter_child_nodes
    monkeypatch.setattr(ast, "iter_child_nodes", lambda node: looked_at.append(node) or children(node))
    assert judge_code(Rule("f", loops=False, recursion=False), [text]) == Code()
    assert len(looked_at) < 20 * times


def test_a_solution_that_breaks_its_own_rule_is_found() -> None:
    with runs.anew([LOOPED], []), collecting() as expected:
        uses(run(LOOPED), loops=False)
    assert broken(expected[0]).startswith("It has a loop")
    with runs.anew([FORMULA], []), collecting() as expected:
        uses(run(FORMULA), loops=False)
    assert broken(expected[0]) == ""
    assert decode(expected[0]["value"]) == Code()


def test_a_rule_must_ask_for_something_and_has_a_name() -> None:
    with pytest.raises(ValueError, match="must ask for something"):
        uses(len)
    with collecting() as got:
        uses(np.vectorize(len), calls=["np.exp"], avoids=["sorted", "list.sort"], recursion=False)
        uses(object(), loops=True)
    assert [raw["name"] for raw in got] == [
        "doesn't call itself; calls np.exp; without sorted, list.sort",
        "a loop",
    ]


LOOPS = "def g(x):\n    return [a for a in x]\n"


@pytest.mark.parametrize(
    "text",
    [
        LOOPS.replace("g(", "f(") + "old = f\ndef f(x):\n    return old(x)",
        LOOPS.replace("g(", "f(") + "import numpy as np\nold = f\nf = np.exp\ndef h(x):\n    return old(x)\nf = h",
        LOOPS + "def f(x):\n    return x\nf = g if True else f",
        LOOPS + "def f(x):\n    return x\nf = f if False else g",
        LOOPS + "f = [g][0]",
        LOOPS + "f = [[g]][0][0]",
        LOOPS + "f = g or 0",
        LOOPS + "f = (h := g)",
        LOOPS + "f = {'a': g}['a']",
    ],
)
def test_a_name_stands_for_what_it_was_set_to_and_may_be(text: str) -> None:
    found = judge_code(Rule("f", loops=False), [text])
    assert isinstance(found, Code)
    assert [each.kind for each in found.breaks] == ["loop"]


@pytest.mark.parametrize("text", ["f = 3", "f = 'f'", "f = x < 3", "f = -f", "for f in [f]: pass", "f, n = f, 1"])
def test_a_name_that_was_set_to_something_else_is_no_function_any_more(text: str) -> None:
    assert judge_code(Rule("f", loops=False), ["def f(x):\n    return x", text]) == Code((Break("unseen", "f"),))


@pytest.mark.parametrize(
    "line", ["np.exp?", "?np.exp", "np.exp??", "files = !ls", "!ls", "%time f(3)", "x = %time f(3)"]
)
def test_a_line_that_only_ipython_understands_hides_nothing(line: str) -> None:
    rule = Rule("f", loops=False)
    for rest in (LOOPS.replace("g(", "f("), "def f(x):\n    return x\n"):
        assert judge_code(rule, [f"{line}\n{rest}{line}"]) == judge_code(rule, [f"pass\n{rest}"])


def test_cells_of_numbers_are_read_however_long_they_are_together() -> None:
    numbers = [f"data{place} = [{', '.join(['0.123456'] * 17_000)}]" for place in range(5)]
    assert judge_code(Rule("f", loops=False), ["def f(x):\n    return x", *numbers]) == Code()


@pytest.mark.parametrize("line", ["self.x.sort()", "y = self.x; y.sort()", "x.sort()", "a.b.sort()", "[3].sort()"])
def test_a_method_of_a_type_is_that_of_anything(line: str) -> None:
    text = f"class A:\n    def f(self, x):\n        {line}"
    (found,) = judge_breaks(Rule("A.f", avoids=("list.sort",)), text)
    assert found.kind == "avoided"
    assert judge_breaks(Rule("A.f", calls=("list.sort",)), text) == ()


@pytest.mark.parametrize("line", ["self.sort()", "np.sort(x)", "sort(x)", "self.x.sorted()"])
def test_a_function_of_that_name_is_no_method_of_the_type(line: str) -> None:
    text = f"class A:\n    def f(self, x):\n        {line}"
    assert judge_breaks(Rule("A.f", avoids=("list.sort",)), text) == ()


def judge_breaks(rule: Rule, text: str) -> tuple[Break, ...]:
    found = judge_code(rule, ["import numpy as np", text])
    assert isinstance(found, Code)
    return found.breaks


AGAIN: dict[str, list[tuple[str, str]]] = {
    "a cell that was changed": [("a", LOOPS), ("a", "def g(x):\n    return x")],
    "a cell to which a loop came": [("a", "def g(x):\n    return x"), ("a", f"np.exp?\n{LOOPS}")],
    "a cell that defines nothing any more": [("a", LOOPS), ("a", "1")],
    "a name that was set otherwise": [("a", LOOPS), ("b", "for g in [g]: pass")],
    "a star, then the module": [
        ("a", "from math import *"),
        ("b", "import math"),
        ("c", "def g(x):\n    return sqrt(x)"),
    ],
    "cells in another order": [("b", "g = len"), ("a", LOOPS), ("b", "g = len")],
}


def test_the_cell_that_runs_counts_as_it_is_now() -> None:
    """An answer and its check may stand in one cell."""
    with runs.anew([], []):
        for cell, text in (("a", "def g(x):\n    return x"), ("b", "1"), ("a", LOOPS)):
            info = SimpleNamespace(raw_cell=text, cell_id=cell)
            runs.begin(info)
            assert runs.texts()[-1] == text
            if text != LOOPS:
                runs.remember(SimpleNamespace(info=info, error_before_exec=None, error_in_exec=None))
        assert runs.texts() == ["1", LOOPS]


def test_cells_that_ran_before_the_first_import_count(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = SimpleNamespace(events=SimpleNamespace(callbacks={"post_run_cell": []}, register=lambda *_: None))
    shell.history_manager = SimpleNamespace(input_hist_raw=["", LOOPS, "2", "import nbprobe"])
    monkeypatch.setattr(runs, "get_ipython", lambda: shell)
    with runs.anew([], []):
        runs.watch()
        assert runs.texts() == [LOOPS, "2"]


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        ("FACTOR = np.array([2.0 for _ in range(1)])", []),
        ("FACTOR = list(map(float, [1]))", []),
        ("FACTOR = np.vectorize(lambda x: [a for a in x])", []),
        ("times = np.vectorize(lambda x: [a for a in x])", ["loop"]),
    ],
)
def test_what_a_call_made_is_followed_where_it_is_called_and_else_data(line: str, kinds: list[str]) -> None:
    text = f"{line}\ndef f(x):\n    return times(x) * FACTOR"
    assert [each.kind for each in judge_breaks(Rule("f", loops=False), text)] == kinds


@pytest.mark.parametrize("name", AGAIN)
def test_a_check_reads_what_the_cells_hold_that_ran_as_a_grading_does(name: str) -> None:
    """In a notebook that was run from its top to its end; a check remembers the order in which cells ran last."""
    last = dict(AGAIN[name])
    order = dict.fromkeys(cell for cell, _ in reversed(AGAIN[name]))
    notebook = [last[cell] for cell in reversed(order)]
    with runs.anew([], []):
        for cell, text in AGAIN[name]:
            info = SimpleNamespace(raw_cell=text, cell_id=cell)
            runs.remember(SimpleNamespace(info=info, error_before_exec=None, error_in_exec=None))
        assert runs.texts() == notebook
        for rule in (Rule("g", loops=False), Rule("g", calls=("math.sqrt",)), Rule("g", avoids=("math",))):
            assert judge_definitions(rule, definitions(runs.texts())) == judge_code(rule, notebook)


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    " + "a" * 301 + " = x\n    return x\n",
        "class A:\n" + "".join(f"    def m{n}(self): A()\n" for n in range(400)) + "def f(x): A()\n",
        "class A:\n"
        + "".join(f"    a{n} = b\n" for n in range(9000))
        + "".join(f"def g{n}(): A()\n" for n in range(10))
        + f"def f(x): {';'.join(f'g{n}()' for n in range(10))}\n",
        "".join(f"class A{n + 1}(A{n}): pass\n" for n in range(60))
        + f"class f(A60):\n    def g(self): {';'.join(f'self.a{n}()' for n in range(2000))}\n",
    ],
    ids=["a name without end", "methods without end", "members without end", "classes without end"],
)
def test_of_code_without_end_nothing_is_known(text: str) -> None:
    """To look through it would take the square of its length."""
    found = judge_code(Rule("f", loops=False), [text])
    assert isinstance(found, Code)
    assert [each.kind for each in found.breaks] == ["unseen"]


def test_all_rules_of_a_notebook_together_look_up_so_many_names() -> None:
    """Each rule would take its time, and an exercise may have dozens of them."""
    num_names = code_rules.MAX_STEPS // 5 * 3
    names = ";".join(f"n{number}" for number in range(num_names))
    known = definitions([f"def f(x): {names}", "def g(x): return x"])
    outcomes = [code_rules.judge_definitions(Rule("f", loops=False), known) for _ in range(12)]
    num_judged = code_rules.MAX_ALL_STEPS // num_names
    assert outcomes[:num_judged] == [Code()] * num_judged
    assert outcomes[num_judged:] == [Code((Break("unseen", "f"),))] * (12 - num_judged)
    assert known.steps <= code_rules.MAX_ALL_STEPS + 1
    assert code_rules.judge_definitions(Rule("g", loops=False), known) == Code((Break("unseen", "g"),))


@pytest.mark.parametrize(("first", "last"), [("math", "numpy"), ("numpy", "math")])
@pytest.mark.parametrize("before", ["", "from {last} import *\n"])
def test_of_modules_of_which_all_is_imported_the_last_one_counts(first: str, last: str, before: str) -> None:
    stars = f"{before}from {{first}} import *\nfrom {{last}} import *\n".format(first=first, last=last)
    text = f"{stars}def f(x): return exp(x)"
    assert broken_by(text, f"{last}.exp")
    assert not broken_by(text, f"{first}.exp")


@pytest.mark.parametrize("before", ["from math import exp", "def exp(x): return 1", "exp = print", "class exp: pass"])
def test_all_that_is_imported_takes_the_place_of_what_had_its_names(before: str) -> None:
    used = "def f(x): return exp(x)"
    assert broken_by(f"{before}\nfrom numpy import *\n{used}", "numpy.exp")
    assert not broken_by(f"from numpy import *\n{before}\n{used}", "numpy.exp")


def broken_by(text: str, avoided: str) -> bool:
    found = judge_code(Rule("f", avoids=(avoided,)), [text])
    return isinstance(found, Code) and bool(found.breaks)
