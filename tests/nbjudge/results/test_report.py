"""The page on how an assignment went: its numbers, what it lists, and that nothing on it is alive."""

import base64
import html
import json
import re
import shutil
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from nbgrader.api import Gradebook
from scipy.stats import pearsonr
from sqlalchemy import event
from sqlalchemy.engine import Engine
from typer.testing import CliRunner

from nbjudge.cli import application
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.graded import Repair
from nbjudge.results import likeness, report, similarity, statistics
from nbjudge.results.labels import LEFT_OUT, Labels
from tests.support import ROOT
from tests.support.made_up_class import NAME, MadeUpClass
from tests.support.payloads import HTML

app = application()


HOSTILE = (
    "<img src=x onerror=window.pwned=1>",
    '"><svg onload=window.pwned=1>',
    "{{ 7 * 7 }}<b>",
    "Müller-Lüdenscheidt_" * 6,
    "admin\u202egnp.exe",
    "=cmd|' '!A1",
)


class Page(HTMLParser):
    """What a browser would find on the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.text, self._stack = "", []
        self.feed(text)
        self.text = re.sub(r"\s+", " ", self.text)

    def handle_starttag(self, tag, attributes):
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attributes]
        self._stack.append(tag)

    def handle_endtag(self, tag):
        self._stack.pop()
        self.text += " " if tag in ("td", "th", "p", "b", "span") else ""

    def handle_data(self, data):
        if self._stack[-1:] != ["style"]:
            self.text += data


def course(*arguments: str, monkeypatch) -> str:
    """Run the command in the course folder, and give what it prints."""
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(app, ["report", *arguments], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> MadeUpClass:
    """A class of 95 with broken tasks, in which six have ids that nobody should have."""
    made = MadeUpClass(tmp_path_factory.mktemp("course") / "class", 95, broken=True, people=HOSTILE)
    made.fill()
    return made


@pytest.fixture(scope="module")
def whole(made) -> report.ClassResults:
    whole = report.read_class(Course.here(made.root), "ex04")
    for number, student in enumerate(HOSTILE):
        whole.graded[student].repaired = list(map(Repair, HTML[3 * number : 3 * number + 3]))
    whole.graded[made.students[12]].refused = HTML[0]
    return whole


@pytest.fixture(scope="module")
def text(whole) -> str:
    return report.page(whole)


@pytest.fixture(scope="module")
def page(text) -> Page:
    return Page(text)


# --- numbers


def test_difficulty_and_discrimination_as_worked_out_by_hand() -> None:
    """Two tasks of 2 and 4 points, ten students.

    Means 1.2 and 2; shares 0.6 and 0.5. Deviations of the first: six times 0.8 and four times -1.2; of the second,
    five times 2 and five times -2. Five of the six have 4, and none of the four: the sum of products is
    5 * 1.6 - 1.6 + 4 * 2.4 = 16; the sums of squares are 9.6 and 40; 16 / sqrt(384) = 0.8165.
    """
    points = np.array([[2, 4]] * 5 + [[2, 0]] + [[0, 0]] * 4, dtype=float)
    first, second = statistics.task_numbers(points, [2.0, 4.0])
    assert (first.n, first.mean, first.difficulty) == (10, pytest.approx(1.2), pytest.approx(0.6))
    assert (second.mean, second.difficulty) == (pytest.approx(2), pytest.approx(0.5))
    assert (first.full, first.none, first.counts) == (6, 4, {0.0: 4, 2.0: 6})
    assert first.discrimination == pytest.approx(16 / np.sqrt(384))
    assert second.discrimination == pytest.approx(16 / np.sqrt(384))


def test_discrimination_is_scipys_correlation_with_the_other_tasks() -> None:
    points = np.random.default_rng(4).integers(0, 5, (60, 7)) / 2
    for task, numbers in enumerate(statistics.task_numbers(points, [2.0] * 7)):
        others = [column for column in range(7) if column != task]
        assert numbers.discrimination == pytest.approx(pearsonr(points[:, task], points[:, others].sum(axis=1))[0])


def test_a_missing_score_counts_for_nothing() -> None:
    points = np.array([[1, 1, 0], [0, 0, 1]] * 10, dtype=float)
    holes = np.vstack([points, [[np.nan, 1, 1], [1, np.nan, np.nan]]])
    numbers = statistics.task_numbers(holes, [1.0] * 3)
    assert [each.n for each in numbers] == [21, 21, 21]
    assert numbers[0].mean == pytest.approx(11 / 21)
    whole = statistics.task_numbers(points, [1.0] * 3)
    assert [each.discrimination for each in numbers] == [each.discrimination for each in whole]


@pytest.mark.parametrize(
    ("points", "why"),
    [
        (np.eye(9, 3), "fewer than 10 students"),
        (np.array([[1, n % 2, n % 3] for n in range(12)]), "everyone has the same points"),
        (np.array([[n % 2, 0.1, 0.2] for n in range(12)]), "everyone has the same points elsewhere"),
        (np.array([[n % 2] for n in range(12)]), "there is no other task"),
        (np.empty((0, 3)), "fewer than 10 students"),
    ],
)
def test_where_there_is_no_discrimination_the_reason_is_given(points, why: str) -> None:
    assert statistics.item_rest(points.astype(float), 0) == (None, why)


def test_what_looks_broken() -> None:
    good = np.array([[n % 2, n % 2, n % 2, (n + 1) % 2] for n in range(20)], dtype=float)
    good[:, 1], good[0, 3] = 0, 0
    found = [statistics.trouble(each) for each in statistics.task_numbers(good, [1.0, 1.0, 2.0, 1.0])]
    assert found == ["", "nobody", "never full", "negative"]
    assert [statistics.trouble(each) for each in statistics.task_numbers(good[:4], [1.0, 1.0, 2.0, 1.0])] == [""] * 4


# --- the gradebook


def test_points_and_lateness_are_nbgraders(made) -> None:
    url = f"sqlite:///{made.root / 'gradebook.db'}"
    with Gradebook(url) as book:
        late = book.find_submission("ex04", made.students[7])
        book.grant_extension("ex04", made.students[7], minutes=5)
        book.find_grade("test_bce_forward", NAME, "ex04", made.students[8]).manual_score = 1.25
        book.find_grade("test_bce_forward", NAME, "ex04", made.students[8]).extra_credit = 0.5
        book.find_grade("test_bce_backward", NAME, "ex04", made.students[9]).auto_score = None
        book.db.commit()
        theirs = {
            each.student.id: (each.score, each.total_seconds_late) for each in book.assignment_submissions("ex04")
        }
        assert late.extension == timedelta(minutes=5)
    ours = report.read_class(Course.here(made.root), "ex04")
    assert {
        student: (sum(each.score(task) or 0 for task in ours.tasks), each.seconds_late)
        for student, each in ours.records.items()
    } == theirs
    assert [task.name for task in ours.tasks] == list(made.tests)  # in the notebook's order
    assert ours.records[made.students[9]].score(ours.tasks[1]) is None
    assert ours.records[made.students[8]].score(ours.tasks[0]) == 1.75


def test_a_large_class_needs_no_more_queries_and_nothing_is_written(made) -> None:
    seen: list[str] = []

    def note(connection, cursor, statement, *rest) -> None:
        seen.append(statement)

    course = Course.here(made.root)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        report.read_class(course, "ex04")
        with pytest.raises(CourseError, match="the gradebook knows no assignment ex05"):
            report.read_class(course, "ex05")
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len([each for each in seen if each.lstrip().startswith("SELECT")]) < 20
    assert not [each for each in seen if re.match(r"\s*(INSERT|UPDATE|DELETE|CREATE)", each)]


# --- reasons


def test_reasons_are_counted(made, text) -> None:
    """Against the graded notebooks, read in another way."""
    files = [path.read_text() for path in (made.root / "autograded").glob(f"*/ex04/{NAME}.ipynb")]
    shown = re.findall(r'class="count">(\d+)</td>.*?title="catalogue">●</span> (.+?)(?:<br>.*)?</td>', text)
    assert len(shown) > 20
    for count, sentence in shown:
        line = f"points\\n{html.unescape(sentence)}\\n"
        assert int(count) == sum(each.count(line) for each in files), sentence
    assert "Advice that is free." not in text
    assert "It stops with ValueError." in text
    assert "could not be broadcast" not in text  # with a number of one student's own


def test_which_walls_there_were_is_said_where_it_is_known(whole, text) -> None:
    assert 'id="walls"' not in text
    graded = {student: replace(one, isolation="none") for student, one in whole.graded.items()}
    said = f"{len(graded)} submissions ran without walls"
    assert said in Page(report.page(replace(whole, graded=graded))).text


def test_notebooks_that_version_1_0_graded_leave_points_and_no_reasons(made, tmp_path: Path) -> None:
    root = tmp_path / "old"
    shutil.copytree(made.root, root)
    for path in (root / "autograded").glob(f"*/ex04/{NAME}.ipynb"):
        notebook = json.loads(path.read_text())
        for cell in notebook["cells"]:
            cell["metadata"].pop("nbjudge", None)
        repairs = notebook["metadata"].get("intake", {}).get("repaired", [])
        repairs[:] = [repair["text"] for repair in repairs]
        path.chmod(0o644)
        path.write_text(json.dumps(notebook))
        path.chmod(0o444)
    old = report.read_class(Course.here(root), "ex04")
    page = Page(report.page(old))
    assert old.counted == report.read_class(Course.here(made.root), "ex04").counted
    assert page.text.count("No reason is recorded") == 7
    assert "Something was put right." in page.text
    assert " (1).ipynb" not in page.text


# --- alike solutions


def test_a_copy_with_other_names_is_found_and_common_answers_are_not(made) -> None:
    lot = SimpleNamespace(made=MadeUpClass.__new__(MadeUpClass))
    lot.made.__dict__ |= made.__dict__
    solutions = {f"s{number}": made._work(0.0)[1] for number in range(60)}
    unusual = "def forward(self, y_out, y_truth):\n    q = y_out * y_truth + (1 - y_out) * (1 - y_truth)\n"
    unusual += "    return -np.log(np.maximum(q, 1e-9)).reshape(y_out.shape)\n"
    solutions["first"] = {**solutions["s0"], "bce": unusual}
    solutions["second"] = {
        **solutions["s0"],
        "bce": "# mine\n" + unusual.replace("q", "prob_of_truth").replace(", 1e-9", ",\n        1e-9"),
    }
    del solutions["s0"]
    found = similarity.find_alike(solutions, made.stubs)
    assert found.alike[0].groups == (("first", "second"),)
    assert "bce" in found.alike[0].cells
    assert found.alike[0].likeness == 1
    same = {f"s{number}": solutions["s1"] for number in range(60)}
    assert similarity.find_alike({**solutions, **same}, made.stubs).same_as_many == 60
    listed = [each.groups for each in similarity.find_alike({**solutions, **same}, made.stubs).alike]
    assert not [groups for groups in listed if any("s1" in group for group in groups)]


@pytest.mark.parametrize("labels", [["1", "2", "3", "4"], ["3", "4", "1", "2"]])
def test_pairs_that_share_as_much_are_in_the_order_of_what_they_are_called(labels: list[str]) -> None:
    """The order of ids would tell which pseudonym is whose."""
    texts = {f"other{number}": f"return {number} + x * y - z" for number in range(10)}
    for number, student in enumerate(["ada", "ben", "cem", "dan"]):
        texts[student] = "\n".join(f"x = {40 * (number // 2) + line} + y" for line in range(100, 120))
    graded = {student: SimpleNamespace(answers={("n", "f"): text}, refused="") for student, text in texts.items()}
    of = {**dict.fromkeys(texts, "9"), **dict(zip(["ada", "ben", "cem", "dan"], labels, strict=True))}
    results = SimpleNamespace(tasks=[], graded=graded, stubs={})
    found = likeness.section(results, SimpleNamespace(of=of, text=str))["alike"]  # type: ignore[arg-type]
    assert [row["groups"] for row in found] == [[(["1", "2"], 2)], [(["3", "4"], 2)]]


def test_untouched_broken_and_endless_solutions_can_be_compared(made) -> None:
    texts = ["", "def f(:\n  '''", "x = " + "(" * 500, "\t\x00 'a", "x=1;" * 20_000, "£ = ¿"]
    solutions = {f"s{number}": {"bce": text} for number, text in enumerate(texts)}
    solutions |= {f"t{number}": {"bce": made.stubs["bce"]} for number in range(20)}
    found = similarity.find_alike(solutions, made.stubs)
    assert found.n < 6  # those with the students' version have nothing of their own
    assert found.alike == []


# --- the page


TAGS = """
    html head meta title style body header main nav section h1 h2 h3 p b i br small span code a img div dl dt dd
    table thead tbody tr th td
"""


def test_nothing_on_the_page_is_alive(text, page) -> None:
    assert set(page.tags) <= set(TAGS.split())
    assert not [each for each in page.attributes if each[1].startswith("on")]
    assert all(value.startswith("data:image/svg+xml;base64,") for _, name, value in page.attributes if name == "src")
    assert all(value.startswith("#") for _, name, value in page.attributes if name == "href")
    styles = {value for _, name, value in page.attributes if name == "style"}
    assert all(re.fullmatch(r"width:\d+\.\d%", value) for value in styles)
    policy = next(value for _, name, value in page.attributes if name == "content" and "default-src" in value)
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "\u202e" not in text
    for each in (*HTML[:18], *HOSTILE):  # shown as they are, neither run nor swallowed
        assert re.sub(r"\s+", " ", each.replace("\u202e", "")) in page.text
    for each in re.findall(r"base64,([\w+/=]+)", text):
        assert b"<script" not in base64.b64decode(each)


def test_every_picture_has_a_text(page) -> None:
    texts = [value for tag, name, value in page.attributes if (tag, name) == ("img", "alt")]
    assert len(texts) == page.tags["img"] == 8
    assert all(len(text) > 30 for text in texts)


def test_the_page_says_how_many_are_counted_and_why_others_are_not(whole, page) -> None:
    assert len(whole.counted) == 95 - 4  # two refused; one handed in nothing, one waits for its grade
    assert "91 graded" in page.text
    assert "Not counted: 2 refused (nothing of them ran), 2 without grade" in page.text
    for why in ("nothing was handed in", "not graded yet", "1 h 0 min"):
        assert why in page.text


def test_broken_tasks_come_first(page) -> None:
    first = page.text.index("Look at these tasks first")
    assert re.search(r"3 · From any number to a probability: none of \d+ students has a point", page.text[first:])
    worse = "those who do well elsewhere do worse here"
    assert re.search(rf"6 · One step downhill: {worse} \(discrimination −0\.\d\d", page.text[first:])
    assert first < page.text.index("standard deviation")


def test_pseudonyms_leave_no_name_in_the_file(made, monkeypatch, tmp_path: Path) -> None:
    arguments = ["ex04", "--root", str(made.root), "--to", str(tmp_path / "p.html")]
    said = course(*arguments, "--pseudonyms", monkeypatch=monkeypatch)
    assert str(tmp_path / "p.html") in said
    text = (tmp_path / "p.html").read_text()
    plain = text + Page(text).text
    for number, student in enumerate(made.students):
        assert student not in plain
        assert not re.search(rf"(First|Last){number}(?!\d)", plain)
    assert str(made.root) not in plain
    assert len(set(re.findall(r"Student \d\d(?!\d)", plain))) > 10
    assert "A file was graded as" in plain  # the names of files are often those of students
    course(*arguments, monkeypatch=monkeypatch)  # what the command made, it writes anew
    assert made.students[7] in (tmp_path / "p.html").read_text()


def test_with_pseudonyms_a_sentence_that_names_somebody_is_left_out(whole) -> None:
    student = whole.counted[-1]
    labels = Labels([whole], pseudonyms=True)
    assert labels.text(f"The cell {student.upper()} is missing.") == LEFT_OUT
    assert labels.text("The cell bce is missing.") == "The cell bce is missing."
    assert Labels([whole], pseudonyms=False).text(student) == student


def test_a_student_who_is_called_as_a_sentence_begins_wipes_none_of_the_judges(whole) -> None:
    """They are said in general words, which name nobody."""
    said = {reason for task in report.contents(whole)["tasks"] for reason, *_ in task["reasons"]["shown"]}
    called = replace(whole, names={*whole.names, "The", "values", *" ".join(said).split()})
    again = {
        reason for task in report.contents(called, pseudonyms=True)["tasks"] for reason, *_ in task["reasons"]["shown"]
    }
    assert again == said


def test_an_assignment_without_submissions_has_a_page(made, tmp_path: Path, monkeypatch) -> None:
    with Gradebook(f"sqlite:///{made.root / 'gradebook.db'}") as book:
        book.update_or_create_assignment("ex00")
        book.add_notebook("first", "ex00")
        book.add_grade_cell("test_first", "first", "ex00", max_score=3, cell_type="code")
    course("ex00", "--root", str(made.root), "--to", str(tmp_path / "p.html"), monkeypatch=monkeypatch)
    page = Page((tmp_path / "p.html").read_text())
    assert "Nobody has a score in every task yet." in page.text
    assert page.tags["img"] == 0


def test_mistakes_end_in_one_sentence_and_nothing_is_overwritten(made, monkeypatch, tmp_path: Path) -> None:
    mine = tmp_path / "thesis.html"
    mine.write_text("<h1>mine</h1>")
    (tmp_path / "nothing").mkdir()
    here = ["--root", str(made.root)]
    for arguments, sentence in (
        (["ex04", *here, "--to", str(mine)], "wasn't made by this command"),
        (["ex04", *here, "--to", str(tmp_path)], "is a folder"),
        (["ex04", *here, "--to", str(tmp_path / "no/where.html")], "there is no folder"),
        (["ex05", *here, "--to", str(tmp_path / "p.html")], "knows no assignment ex05"),
        (["../ex04", *here], "can't be the name"),
        (["ex04", "--root", str(tmp_path / "nothing"), "--to", str(tmp_path / "p.html")], "there is no gradebook"),
        (["ex04", "--root", str(tmp_path / "nowhere")], "there is no folder"),
    ):
        with pytest.raises(CourseError, match=re.escape(sentence)):
            course(*arguments, monkeypatch=monkeypatch)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CourseError, match=r"no nbgrader_config\.py here"):
        CliRunner().invoke(app, ["report", "ex04"], catch_exceptions=False)
    assert mine.read_text() == "<h1>mine</h1>"
    assert not list((tmp_path / "nothing").iterdir())
    assert not (tmp_path / "p.html").exists()
