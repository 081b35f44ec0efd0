"""The file by which checks judge: what is in it, when it is written anew, and that a release needs it."""

import json
import re
from copy import deepcopy
from pathlib import Path

import pytest

from nbjudge.authoring import answers_file
from nbjudge.course.course import Course
from nbjudge.course.notebooks import read
from nbjudge.judging import oracle
from nbjudge.judging.trouble import OracleError
from nbprobe.answers import from_text, to_text
from nbprobe.wire import decode
from tests.support import ROOT, SOURCE
from tests.support.exercises import course_in
from tests.support.small_exercise import doubling

CHECKED = """
from nbprobe.check import check

@check("test_f", "Task 1", "f")
def visible(f):
    probe("a number", f, {number}, points=1)

visible()
probe("a number", f, 7.125, points=1)
"""
CATALOGUE = """
from nbjudge.judging.misconception import Misconception
CATALOGUE = [Misconception("test_f", "{sentence}", {{"return 2 * x": "return {wrong}"}})]
"""


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "nbgrader_config.py").write_text("import nbjudge\nc = get_config()\nnbjudge.configure(c)\n")
    make(tmp_path)
    return course_in(tmp_path)


def make(folder: Path, number: str = "2.0", sentence: str = "You tripled.", wrong: str = "3 * x") -> None:
    doubling(folder / "source/ex/1.ipynb", test=CHECKED.format(number=number))
    (folder / "misconceptions").mkdir(exist_ok=True)
    (folder / "misconceptions/ex.py").write_text(CATALOGUE.format(sentence=sentence, wrong=wrong))


def write(course: Course) -> Path:
    path = answers_file.write(course, "ex", course.root / "source/ex/1.ipynb")
    assert path is not None
    return path


def test_what_is_in_a_set_keeps_all_of_its_digits(course: Course) -> None:
    """It is found by them: a check would look for others, and two that are close would be one."""
    doubling(course.root / "source/ex/1.ipynb", test=CHECKED.replace("{number}", "2.0").replace(", f, ", ", sets, "))
    document = json.loads((course.root / "source/ex/1.ipynb").read_text())
    first = "sets = lambda _: [{1 / 3, (2 / 3, 'a')}, {1.0, 1.0 + 1e-12}, 1 / 3]"
    document["cells"].insert(0, {"cell_type": "code", "id": "a", "metadata": {}, "source": first, "outputs": []})
    document["cells"][0]["execution_count"] = None
    (course.root / "source/ex/1.ipynb").write_text(json.dumps(document))
    (course.root / "misconceptions/ex.py").unlink()
    (evidence,) = from_text(write(course).read_text())["test_f"].solution
    assert decode(evidence["value"]) == [{1 / 3, (2 / 3, "a")}, {1.0, 1.0 + 1e-12}, 0.333333333]


def test_it_is_written_anew_only_if_the_judge_sees_a_difference(course: Course) -> None:
    path = write(course)
    before = path.read_bytes()
    data = json.loads(before)
    (evidence,) = from_text(path.read_text())["test_f"].solution
    assert evidence["value"] == {"kind": "number", "data": 4.0}
    write(course)
    assert path.read_bytes() == before
    changed = deepcopy(from_text(path.read_text()))
    changed["test_f"].solution[0]["otherwise"] = True
    path.write_text(to_text(changed, data["made_from"]))
    write(course)
    assert path.read_bytes() == before
    make(course.root, sentence="You took it three times.")
    write(course)
    assert b"You took it three times." in path.read_bytes()
    assert json.loads(path.read_text())["made_from"] != data["made_from"]


@pytest.mark.parametrize(
    "changed", [{"number": "3.0"}, {"sentence": "Another."}, {"wrong": "4 * x"}], ids=["probe", "sentence", "mistake"]
)
def test_a_release_is_refused_until_it_is_written_anew(course: Course, changed: dict[str, str]) -> None:
    notebook = course.root / "source/ex/1.ipynb"
    write(course)
    assert answers_file.mistakes(course, "ex", notebook) == []
    make(course.root, **changed)
    (sentence,) = answers_file.mistakes(course, "ex", notebook)
    assert "run course outputs ex." in sentence
    write(course)
    assert answers_file.mistakes(course, "ex", notebook) == []


def test_a_misconception_that_only_the_hidden_probes_see_is_refused(course: Course) -> None:
    make(course.root, wrong="2 * x if x == 2 else 5.0")
    with pytest.raises(OracleError, match="the visible probes of test_f gives the right results"):
        write(course)


def test_it_holds_no_hidden_input_or_result_no_message_and_no_code() -> None:
    course = course_in(ROOT)
    text = answers_file.path_of(SOURCE).read_text()
    assert len(text.encode()) < answers_file.LARGEST
    assert '"message"' not in text
    assert "gufunc" not in text  # of numpy's messages
    hidden = oracle.load(course, "ex04", SOURCE)
    for raws in hidden.solution.values():
        for raw in raws:
            if raw["value"]["kind"] == "array" and len(raw["value"]["data"]) > 40:
                assert raw["value"]["data"] not in text
    seeds = re.findall(r"default_rng\((\d+)\)", "".join(cell.source for cell in read(SOURCE).cells))
    assert len(seeds) == 7
    assert not any(f"default_rng({seed})" in text for seed in seeds)
    assert not any(code in text for code in ("lambda", "def ", "import "))
