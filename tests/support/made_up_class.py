"""Fills a course with a class that was never there, so that pages about classes of any size can be tried out.

Nothing is run: points are drawn by lot, and graded notebooks are written as the judge writes them. By hand:

    .venv/bin/python tests/made_up_class.py FOLDER 200 && .venv/bin/course report ex04 --root FOLDER
"""

import json
import math
import os
import random
import re
import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path

from nbgrader.api import Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook

from nbjudge.course.graded import Repair, write_verdict
from nbjudge.course.notebooks import graded_cells, read
from nbjudge.judging.misconception import catalogue
from nbjudge.judging.steps import outputs_of
from nbprobe.reason import Reason
from nbprobe.verdict import VOID, Row, Verdict
from tests.support import ROOT, correct_ways
from tests.support.correct_ways import METHODS, Way

CATALOGUE = catalogue(ROOT / "misconceptions/ex04/__init__.py")

NAME = "1_simple_classifier"
DUE = datetime(2026, 5, 11, 22)
HARDNESS = [-1.6, -0.9, -1.9, -1.2, -0.2, -1.4, 0.1]
"""Of the seven tasks, on the scale of the students' ability, which is about -2 to 2."""


class MadeUpClass:
    """A class of ``n``; with ``broken``, nobody solves task 3, and task 6 rewards the wrong ones.

    ``people`` are ids for the first students, in place of made-up ones.
    """

    def __init__(self, root: Path, n: int, broken: bool = False, people: tuple[str, ...] = ()) -> None:
        self.root, self.lot, self.broken = root, random.Random(n), broken
        self.students = [*people, *(f"ge{self.lot.randrange(10)}{number:04}mun" for number in range(len(people), n))]
        source = ROOT / "source/ex04" / f"{NAME}.ipynb"
        (root / "source/ex04").mkdir(parents=True)
        shutil.copyfile(source, root / "source/ex04" / source.name)
        cells = graded_cells(read(source))
        self.stubs = {name: cell.source for name, cell in graded_cells(read(release())).items() if name in cells}
        self.solutions = {name: cell.source for name, cell in cells.items() if cell.metadata.nbgrader.solution}
        self.tests = {name: cell.metadata.nbgrader.points for name, cell in cells.items() if "test" in name}
        self.bodies = _bodies()

    def fill(self) -> None:
        """Write the gradebook and ``autograded/``. One in fifty never handed in, one in sixty waits for its grade."""
        os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # for nbgrader's alembic
        with Gradebook(f"sqlite:///{self.root / 'gradebook.db'}", course_id="simple_classifier") as book:
            notebook = self._assignment(book)
            graded = {cell.name: cell.id for cell in notebook.grade_cells}
            before: dict[str, str] = {}
            for number, student in enumerate(self.students):
                person = Student(id=student, first_name=f"First{number}", last_name=f"Last{number}")
                book.db.add(person)
                if number % 50 == 49:
                    continue
                if number % 60 == 59:
                    self._submitted(student)
                    continue
                scores, answers, verdicts = self._work(self.lot.gauss(0, 1))
                copied = number % 90 == 31
                answers = _renamed(before) if copied else answers
                before = answers
                about = self._intake(number, student)
                if "refused" in about:
                    scores, answers, verdicts = dict.fromkeys(scores, 0.0), self._blank(), {}
                hours = self.lot.choice([0.2, 1, 30]) if number % 25 == 7 else -self.lot.expovariate(0.05) - 0.1
                submission = SubmittedAssignment(
                    assignment_id=notebook.assignment_id, student=person, timestamp=DUE + timedelta(hours=hours)
                )
                submitted = SubmittedNotebook(notebook_id=notebook.id, assignment=submission)
                for name, points in scores.items():
                    Grade(cell_id=graded[name], notebook=submitted, auto_score=points, needs_manual_grade=False)
                book.db.add(submission)
                self._write(student, answers, verdicts, about)
            book.db.commit()

    def _assignment(self, book: Gradebook):
        book.update_or_create_assignment("ex04", duedate=DUE, course_id="simple_classifier")
        notebook = book.add_notebook(NAME, "ex04")
        for name in reversed(self.tests):  # the gradebook promises no order
            book.add_grade_cell(name, NAME, "ex04", max_score=self.tests[name], cell_type="code")
        for name in self.solutions:
            book.add_solution_cell(name, NAME, "ex04")
            book.add_source_cell(name, NAME, "ex04", source=self.stubs[name], cell_type="code")
        return notebook

    def _work(self, ability: float) -> tuple[dict[str, float], dict[str, str], dict[str, Verdict]]:
        """Points by task, text of the solution cells, and what the judge says."""
        scores, verdicts = {}, {}
        for (name, most), hard in zip(self.tests.items(), HARDNESS, strict=True):
            sign = -1 if self.broken and name == "test_optimizer_step" else 1
            share = self.lot.random() < 1 / (1 + math.exp(-2.2 * (sign * ability - hard)))
            partly = not share and self.lot.random() < 0.25
            scores[name] = float(most) if share else most / 2 if partly else 0.0
            if self.broken and name == "test_sigmoid":
                scores[name] = 0.0
            half = float(most) / 2
            right = [Row(probe, "right", half, half) for probe in ("64 samples", "one sample")]
            is_full = scores[name] == most
            verdicts[name] = Verdict(right, most, most) if is_full else self._verdict(name, scores[name], most)
        bodies = {method: self.lot.choices(texts, _favourites(texts))[0] for method, texts in self.bodies.items()}
        answers = self.solutions | correct_ways.write(self.solutions, bodies)
        return scores, {name: _without_marks(text) for name, text in answers.items()}, verdicts

    def _blank(self) -> dict[str, str]:
        return {name: self.stubs[name] for name in self.solutions}

    def _verdict(self, name: str, score: float, most: float) -> Verdict:
        known = [each.sentence for each in CATALOGUE if each.test == name]
        right, message = self.lot.randrange(60), f"operands of {self.lot.random()} could not be broadcast"
        some = "Some of the values are right, and others wrong."
        reasons = [
            Reason("It is not implemented yet."),
            Reason(f"{right} of 64 values are right.", some),
            Reason(f"It stops with ValueError: {message}.", "It stops with ValueError."),
        ]
        diagnosis = self.lot.choices(["", *known], [2, *(3 / (2 + place) for place in range(len(known)))])[0]
        reason, half = self.lot.choices(reasons, [5, 3, 2])[0], most / 2
        advice = Row("input as it was", "remark", 0, 0, Reason("Advice that is free."))
        many = Row("64 samples", "right", half, half) if score else Row("64 samples", "wrong", 0.0, half, reason)
        one = Row("one sample", "wrong", 0.0, half, reason if score else VOID)
        return Verdict([advice, many, one], score, most, diagnosis)

    def _intake(self, number: int, student: str) -> dict:
        if number % 70 == 12:
            return {"refused": "The file is no notebook: it isn't JSON. Hand in the .ipynb itself.", "repaired": []}
        if number % 15 == 4:
            renamed = f"was graded as {NAME}.ipynb. Please keep the name of the notebook."
            repairs = [
                Repair(f"The file {student} (1).ipynb {renamed}", f"A file {renamed}"),
                Repair("The cell test_sigmoid was changed; the original was run."),
            ]
            return {"repaired": [repair.as_data() for repair in repairs[: 1 + number % 2]]}
        return {}

    def _submitted(self, student: str) -> None:
        (self.root / "submitted" / student / "ex04").mkdir(parents=True)
        (self.root / "submitted" / student / "ex04" / f"{NAME}.ipynb").write_text("{}")

    def _write(self, student: str, answers: dict[str, str], verdicts: dict[str, Verdict], about: dict) -> None:
        cells = [_cell(name, text, solution=True) for name, text in answers.items()]
        numbers = {name: number for number, name in enumerate(self.tests, 1)}
        cells += [_judged(name, verdict, f"Task {numbers[name]}") for name, verdict in verdicts.items()]
        notebook = {"cells": cells, "metadata": {"intake": about} if about else {}, "nbformat": 4, "nbformat_minor": 5}
        path = self.root / "autograded" / student / "ex04" / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook))
        path.chmod(0o444)  # as nbgrader leaves it


def release() -> Path:
    return ROOT / "release/ex04" / f"{NAME}.ipynb"


def _cell(name: str, text: str, solution: bool = False, outputs: list | None = None) -> dict:
    about = {"grade_id": name, "solution": solution, "grade": not solution, "locked": not solution}
    return {
        "cell_type": "code",
        "source": text,
        "outputs": outputs or [],
        "execution_count": None,
        "metadata": {"nbgrader": about},
    }


def _judged(name: str, verdict: Verdict, task: str) -> dict:
    cell = _cell(name, "", outputs=outputs_of(verdict))
    write_verdict(cell, verdict, task)
    return cell


def _bodies() -> dict[str, list[str]]:
    """The ways of writing each method that tests/correct_ways.py knows; the reference's own comes first."""
    known = [each for value in vars(correct_ways).values() if isinstance(value, list) for each in value]
    own = correct_ways.regions({name: cell.source for name, cell in graded_cells(read(source())).items()})
    bodies = {method: [text] for method, text in own.items()}
    for way in known:
        for method, text in way.bodies.items() if isinstance(way, Way) else ():
            bodies[method].append(text)
    return {method: bodies[method] for method in METHODS}


def source() -> Path:
    return ROOT / "source/ex04" / f"{NAME}.ipynb"


def _favourites(texts: list[str]) -> list[float]:
    return [1 / (1 + place) for place in range(len(texts))]


def _without_marks(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if "SOLUTION" not in line)


def _renamed(answers: dict[str, str]) -> dict[str, str]:
    """The same code with other names and comments, as somebody might hope that it isn't seen."""
    return {
        name: re.sub(r"\b(p|loss|gradient|out|dW|weight|e|y)\b", r"my_\1", text) + "\n# all mine\n"
        for name, text in answers.items()
    }


if __name__ == "__main__":
    MadeUpClass(Path(sys.argv[1]), int(sys.argv[2]), broken="broken" in sys.argv).fill()
