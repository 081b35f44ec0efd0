"""Which text of a graded notebook a rule is judged by."""

import ast
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nbjudge.judging import oracle, written_rules
from nbjudge.judging.misconception import Misconception
from nbjudge.judging.trouble import OracleError
from nbjudge.judging.written_rules import Written
from nbprobe import cell_trees, runs
from nbprobe.marks import tree_of
from nbprobe.probe import collecting
from nbprobe.rule import Rule
from nbprobe.rules import uses
from nbprobe.wire import decode
from tests.support.small_exercise import ONE, cell, doubling

MODEL = """
class Model:
    def other(self, x):
        return 2 * x

    def forward(self, x):
        return 2 * x
"""
LOOP = MODEL.replace("forward(self, x):\n        return 2 * x", "forward(self, x):\n        return [2 * a for a in x]")
SYNTAX = MODEL.replace("other(self, x):\n        return 2 * x", "other(self, x):\n        return 2 *")


@pytest.fixture
def expected() -> list[dict[str, Any]]:
    names: dict[str, Any] = {}
    exec(MODEL, names)
    names["Model"].forward.__qualname__ = "Model.forward"
    with runs.anew([MODEL], []), collecting() as raws:
        uses(names["Model"].forward, loops=False, points=1)
    return [dict(raw) for raw in raws]


def judged(expected: list[dict[str, Any]], *cells: NotebookNode, below: str = "") -> Any:
    """What is found where these cells stand above the test; or the error."""
    test = cell("test", "uses(...)", 1, solution=False)
    nb = new_notebook(cells=[*cells, new_markdown_cell("def forward"), test, new_code_cell(below)])
    (raw,) = Written(nb).judged(test, expected, [{"name": "no loop", "value": {"kind": "code", "data": []}}])
    return [each.kind for each in decode(raw["value"]).breaks] if "value" in raw else raw["error"]


def test_the_last_text_above_the_test_counts(expected: list) -> None:
    assert judged(expected, cell("a", MODEL)) == []
    assert judged(expected, cell("a", LOOP)) == ["loop"]
    assert judged(expected, cell("a", MODEL), new_code_cell(LOOP)) == ["loop"]
    assert judged(expected, cell("a", LOOP), new_code_cell(MODEL)) == []
    assert judged(expected, cell("a", MODEL), below=LOOP) == []
    assert judged(expected, new_code_cell("x = 3")) == ["unseen"]


def test_what_did_not_run_does_not_count(expected: list) -> None:
    aside = new_code_cell(LOOP, metadata={"tags": ["ungraded"]})
    assert judged(expected, cell("a", MODEL), aside) == []
    aside.execution_count = 3
    assert judged(expected, cell("a", MODEL), aside) == ["loop"]


def test_a_method_that_cannot_be_read_costs_itself_alone(expected: list) -> None:
    assert judged(expected, cell("a", SYNTAX)) == []
    assert judged(expected, cell("a", SYNTAX.replace("2 * x", "[2 * a for a in x]"))) == ["loop"]
    broken = MODEL.replace("forward(self, x):\n        return 2 * x", "forward(self, x):\n        return 2 *")
    assert judged(expected, cell("a", broken)) == "SyntaxError"
    assert judged(expected, cell("a", "def f(:\n" * 3)) == ["unseen"]


RULE = f"from nbprobe.rules import uses\n{ONE}\nuses(f, 'no loop', loops=False, points=1)"


def test_a_solution_that_breaks_its_own_rule_measures_nothing(tmp_path: Path) -> None:
    looped = "def f(x):\n    y = 0\n    for _ in range(2):\n        y += x\n    return y"
    with pytest.raises(OracleError) as caught:
        oracle.answers(doubling(tmp_path / "a.ipynb", test=RULE, points=2, solution=looped), [])
    assert str(caught.value) == (
        "the solution doesn't keep the rule 'no loop' of test_f: It has a loop, `for` in line 3 of its cell; "
        "this is to be done without."
    )
    (trouble,) = caught.value.troubles
    assert (trouble.cell, trouble.line) == ("test_f", 5)


def test_a_way_that_is_right_but_for_the_rule_is_a_misconception(tmp_path: Path) -> None:
    helper = "    return g(x)\n\ndef g(x):\n    return sum([x for _ in range(2)])"
    ways = [Misconception("test_f", "You go through a loop.", {"return 2 * x": helper.strip()})]
    answers = oracle.answers(doubling(tmp_path / "a.ipynb", test=RULE, points=2), ways)
    ((sentence, raws),) = answers.misconceptions["test_f"]
    assert sentence == "You go through a loop."
    assert [each.kind for each in decode(raws[1]["value"]).breaks] == ["loop"]
    assert answers.solution["test_f"][1]["rule"]["of"] == "f"


@pytest.mark.parametrize("number_of_methods", [1, 60])
def test_a_cell_is_mended_without_being_compiled(number_of_methods: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled, a method of 20 lines within each other could take all memory; and a long cell isn't read for each."""
    read: list[str] = []

    def reading(text: str) -> ast.Module:
        read.append(text)
        return tree_of(text)

    monkeypatch.setattr(written_rules, "tree_of", reading)
    nested = "".join(f"{' ' * n}try:\n{' ' * n} pass\n{' ' * n}finally:\n" for n in range(9, 28)) + " " * 28 + "pass\n"
    methods = "".join(f"    def m{n}(self):\n         pass\n{nested}" for n in range(number_of_methods)) * 3
    text = f"class A:\n{methods}    def z(self): x y\n"
    test = new_code_cell("")
    rule = {"name": "a", "rule": Rule("A.m0", loops=False).as_data()}
    found = Written(new_notebook(cells=[cell("a", text), test])).judged(test, [rule], [{"name": "a"}])
    assert [each["name"] for each in found] == ["a"]
    assert 0 < sum(map(len, read)) <= written_rules.MAX_READ


@pytest.mark.parametrize("filling", ["x = 1\n", "x = (\n"], ids=["long", "broken"])
def test_a_cell_is_read_once_however_many_tests_have_rules(filling: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def reading(text: str) -> ast.Module:
        read.append(text)
        return tree_of(text)

    for module in (written_rules, cell_trees):
        monkeypatch.setattr(module, "tree_of", reading)
    tasks = [
        (cell(f"a{n}", f"def f{n}(): return {n}\n{filling * 6000}"), new_code_cell(""), f"f{n}") for n in range(12)
    ]
    written = Written(new_notebook(cells=[each for task, test, _ in tasks for each in (task, test)]))
    for _, test, name in tasks:
        rule = {"name": "a", "rule": Rule(name, loops=False).as_data()}
        for _ in ("hidden", "visible"):
            ((found,),) = [written.judged(test, [rule], [{"name": "a"}])]
            assert [each.kind for each in decode(found["value"]).breaks] == ([] if filling == "x = 1\n" else ["unseen"])
    in_all = sum(len(task.source) for task, _, _ in tasks)
    assert sum(map(len, read)) <= 2 * in_all + written_rules.MAX_READ  # with and without lines for IPython


def test_a_function_is_gone_through_once_however_many_rules_lead_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[ast.AST] = []
    children = ast.iter_child_nodes
    monkeypatch.setattr(ast, "iter_child_nodes", lambda node: looked_at.append(node) or children(node))
    chains = "a.b.c.d();" * 2000

    def num_looked_at(num_rules: int) -> int:
        looked_at.clear()
        own = cell("own", f"class A:\n def g(self): {chains}\ndef h(): {chains}")
        tasks = [(cell(f"a{n}", f"def f{n}(): A(), h()"), new_code_cell("")) for n in range(num_rules)]
        written = Written(new_notebook(cells=[own, *(each for task in tasks for each in task)]))
        for number, (_, test) in enumerate(tasks):
            names = [f"f{number}", "A", "h"]
            right = [{"name": name, "rule": Rule(name, loops=False).as_data()} for name in names]
            found = written.judged(test, right, [{"name": name} for name in names])
            assert [decode(each["value"]).breaks for each in found] == [()] * 3
        return len(looked_at)

    assert num_looked_at(8) < num_looked_at(1) + 1000
