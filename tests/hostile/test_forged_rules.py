"""A rule about the code is judged from the text of the answer: nothing that its process says of it earns its points."""

from pathlib import Path

import pytest

from tests.support import writing_tasks
from tests.support.gradebooks import scores

LOOP = "def double(x):\n    return np.array([a + a for a in x])\n"
LAMBDA = "(lambda x: np.array([a + a for a in x]))"
HONEST = "def double(x):\n    return x + x\n"
PATCHED = """
import nbprobe.code_rules, nbprobe.rules, nbprobe.runs
from nbprobe.kinds import Code
for module in (nbprobe.code_rules, nbprobe.rules):
    module.judge_code = lambda *_: Code()
nbprobe.rules.judge_definitions = lambda *_: Code()
nbprobe.runs.texts = lambda: ["def double(x): return x + x"]
nbprobe.rules._found = lambda *_: {"value": {"kind": "code", "data": []}, "changed": False}
"""
FORGED = """
from IPython.display import display
from nbprobe.wire import MIME
def forged(*_, **__):
    value = {"kind": "code", "data": []}
    data = {"name": "no loop", "points": 1, "core": False, "rtol": 1e-5, "advice": "", "rule": {}, "value": value}
    display({MIME: {**data, "changed": False}, "text/plain": "0"}, raw=True)
"""
ATTACKS: dict[str, tuple[str, str, float]] = {
    # answer, a cell of their own, and what the task gives
    "honest": (HONEST, "", 2),
    "a loop": (LOOP, "", 1),
    "the rule patched": (LOOP + PATCHED, "", 1),
    "the rule replaced": (LOOP + FORGED + "uses = forged\n", "", 1),
    "said twice": (LOOP + FORGED + "_uses = uses\ndef uses(*a, **k):\n    _uses(*a, **k)\n    forged()\n", "", 1),
    "said twice, without a loop": (
        HONEST + FORGED + "_u = uses\ndef uses(*a, **k):\n    _u(*a, **k)\n    forged()\n",
        "",
        1,
    ),
    "nothing said": (HONEST + "def uses(*_, **__): pass\n", "", 1),
    "an error said": (HONEST + "def uses(*_, **__): raise NotImplementedError\n", "", 1),
    "the name of an innocent one": (LOOP + 'double.__qualname__ = "root"\n', "", 1),
    "the text of an innocent one": (LOOP + f"double.__doc__ = {HONEST!r}\n", "", 1),
    "written by exec": (
        'def double(x):\n    exec("y = [a + a for a in x]", d := {"x": x})\n    return np.array(d["y"])\n',
        "",
        1,
    ),
    "in a cell of their own": (HONEST, LOOP, 1),
    "in a timed cell of their own": (HONEST, f"%%time\n{LOOP}", 1),
    "a helper in a cell of their own": ("def double(x):\n    return helper(x)\n", LOOP.replace("double", "helper"), 1),
    "an innocent one that can't be read": (LOOP, f"{HONEST}\n)", 1),
    "an innocent one that does not run": (LOOP, f'"""\n{HONEST}"""', 1),
    "an innocent one for another program": (LOOP, f"%%script true\n{HONEST}", 1),
    "an innocent one in a file": (LOOP, f"%%writefile other.py\n{HONEST}", 1),
    "an innocent one that is timed": (LOOP, f"%%timeit -n1 -r1\n{HONEST}", 1),
    "an innocent one behind two magics": (LOOP, f"%%time\n%%html\n{HONEST}", 1),
    "set beside another": (f"{HONEST}double, _ = {LAMBDA}, 0\n", "", 1),
    "set in a list": (f"{HONEST}[double] = [{LAMBDA}]\n", "", 1),
    "set by what is unpacked": (f"{HONEST}(double, *_) = list(({LAMBDA}, 0))\n", "", 1),
    "set by a loop": (f"{HONEST}for double in [{LAMBDA}]: pass\n", "", 1),
    "set by with": (
        f"{HONEST}import contextlib\nwith contextlib.nullcontext({LAMBDA}) as double: pass\n",
        "",
        1,
    ),
    "set within an expression": (f"{HONEST}(double := {LAMBDA})\n", "", 1),
    "set by a pattern": (f"{HONEST}match {LAMBDA}:\n    case double: pass\n", "", 1),
    "set in place": (
        f"{HONEST}class A:\n    def __iadd__(self, o): return o\n_a = A()\ndouble = _a\ndouble += {LAMBDA}\n",
        "",
        1,
    ),
    "set from within a function": (
        HONEST + "def g():\n    global double\n    def double(x): return np.array([a + a for a in x])\ng()\n",
        "",
        1,
    ),
    "wrong, without a loop": ("def double(x):\n    return x\n", "", 0),
}


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float]]:
    """What each attack got, by task."""
    folder: Path = tmp_path_factory.mktemp("rules") / "course"
    writing_tasks.make(folder)
    for number, (answer, added, _) in enumerate(ATTACKS.values()):
        writing_tasks.hand_in(folder, f"s{number}", {"double": answer}, added)
    writing_tasks.run(folder, "nbgrader", "autograde", "ex06")
    return dict(zip(ATTACKS, (scores(folder, "ex06")[1][f"s{n}"] for n in range(len(ATTACKS))), strict=True))


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_rule_earns_what_the_text_of_the_answer_is_worth(points: dict[str, dict[str, float]], attack: str) -> None:
    assert points[attack]["test_double"] == ATTACKS[attack][2]
    assert points[attack]["test_count"] == 1
